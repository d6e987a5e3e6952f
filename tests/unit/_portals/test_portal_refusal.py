# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refusal of a portal becomes a sentence with its code, its words and its ID of the request, and a stable id."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.refused import Intent
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_texts import ECP_TEXTS, choose_ecp_texts
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.portal_refusal import (
    PortalRefused,
    PortalTexts,
    explain_portal_refusal,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_texts import SAP_TEXTS

INTENT = Intent("delete", "", "image pull secret web", None)


def explain(refused: PortalRefused, texts: PortalTexts = ECP_TEXTS) -> Any:
    return explain_portal_refusal(refused, INTENT, "https://api.example.com", texts)


STATUSES = {
    400: "rejected",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    418: "rejected",
    429: "server_error",
    500: "server_error",
    503: "server_error",
    302: "unreachable",
}


@pytest.mark.parametrize("texts", [ECP_TEXTS, SAP_TEXTS], ids=["ECP", "SAP"])
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_failure(status: int, texts: PortalTexts) -> None:
    error = explain(PortalRefused(status, "", "", None), texts)

    assert error.failure == STATUSES[status]
    assert str(error).startswith("Cannot delete image pull secret web: ")
    assert str(status) in str(error)


def test_the_words_of_the_portal_are_quoted() -> None:
    error = explain(PortalRefused(400, "SecretBeingUsed", "The secret is being used by applications.", "r-7"))

    assert error.failure == "in_use"
    assert error.quoted == "It reports SecretBeingUsed: The secret is being used by applications (request r-7)."
    assert error.quoted in str(error)
    assert error.facts == {"request_id": "r-7"}


QUOTED = {
    "nothing": (("", "", None), ""),
    "a request": (("", "", "r-7"), "Its ID of the request is r-7."),
    "a code": (("Busy", "", None), "It reports Busy."),
    "a sentence": (("", "Try later.", None), "It reports Try later."),
    "a code that is a sentence": (("Try later", "", None), ""),
    "a long message": (("Busy", "x" * 501, None), "It reports Busy: a message of 501 characters."),
}


@pytest.mark.parametrize("case", QUOTED)
def test_what_is_quoted(case: str) -> None:
    (code, message, request), quoted = QUOTED[case]
    assert explain(PortalRefused(400, code, message, request)).quoted == quoted


DOCUMENTS = {
    "SAP": (SAP_TEXTS, {"error": {"code": "07", "message": "no", "requestId": "r-1"}}, ("07", "no"), "r-1"),
    "SAP without an ID": (SAP_TEXTS, {"error": {"code": "07", "message": "no"}}, ("07", "no"), None),
    "SAP with an odd ID": (
        SAP_TEXTS,
        {"error": {"code": 7, "message": ["no"], "requestId": "a b"}},
        ("7", "['no']"),
        None,
    ),
    "SAP with a string": (SAP_TEXTS, {"error": "unauthorized"}, ("", ""), None),
    "ECP": (ECP_TEXTS, {"error": "SecretNotFound", "message": "gone"}, ("SecretNotFound", "gone"), None),
    "a list": (ECP_TEXTS, [1], ("", ""), None),
    "no JSON": (SAP_TEXTS, None, ("", ""), None),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_errors_are_read(case: str) -> None:
    texts, document, read, request_id = DOCUMENTS[case]
    assert texts.read_error(document) == read
    assert texts.find_request_id({}, document) == request_id


def test_a_reseller_and_an_account_get_their_own_reason() -> None:
    refused = PortalRefused(403, "NotAuthorized", "", None)
    assert "customer 4711" in str(explain(refused, choose_ecp_texts("4711")))
    assert "customer" not in str(explain(refused, choose_ecp_texts(None)))


def test_the_header_of_a_portal_identifies_the_request() -> None:
    assert ECP_TEXTS.find_request_id({"Qtl-Request-Id": "q-1"}, None) == "q-1"
    assert ECP_TEXTS.find_request_id({"Qtl-Request-Id": "q\x1b[2J"}, None) is None
