# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SAP AI Core in messages: its errors, and what they mean. Source: AI Core API 2.42, BckndErrorResponse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .portal_refusal import PortalTexts, RefusalMeaning


def _find_sap_error(document: Any) -> Mapping[str, Any]:
    error = document.get("error") if isinstance(document, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def _read_sap_error(document: Any) -> tuple[str, str]:
    error = _find_sap_error(document)
    return str(error.get("code") or ""), str(error.get("message") or "")


SAP_TEXTS = PortalTexts(
    title="SAP AI Core",
    codes={},
    statuses={
        401: RefusalMeaning(
            "unauthorized", "The API does not accept the access token of the service key.", "Create a new service key."
        ),
        403: RefusalMeaning(
            "forbidden",
            "The service key has no permission for that, or a quota of the tenant is reached.",
            "Use the key of a service instance whose plan allows it, and look at the quota with the _info module.",
        ),
    },
    read_error=_read_sap_error,
    request_id_header="X-Request-Id",
    request_id_of=lambda document: _find_sap_error(document).get("requestId"),
)
