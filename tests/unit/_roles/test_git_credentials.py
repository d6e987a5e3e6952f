# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role git_credentials passes to the module for each consumer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.git_credentials import (
    git_credential_options,
    given_credentials,
    is_unanswered,
)

FLUX = {"name": "flux", "namespace": "web", "format": "flux"}
PRIMEHUB = {"name": "hub", "namespace": "hub", "format": "primehub"}
AIRFLOW = {"name": "airflow", "namespaces": ["a", "b"], "format": "airflow", "keys": {"ssh": "k"}, "state": "absent"}


def test_what_has_no_value_is_not_given() -> None:
    assert given_credentials(
        {
            "ssh": {"private_key": None, "host_key_fingerprints": [], "passphrase": 0, "scan_host_keys": None},
            "https": {"username": "", "password": False},
            "github_app": {"id": None},
        }
    ) == {"ssh": {"passphrase": 0}, "https": {"username": "", "password": False}, "github_app": {}}


def build(
    index: int,
    *consumers: dict[str, Any],
    stored: dict[str, Any] | None = None,
    limit: list[str] | str | None = None,
    **given: Any,
) -> dict[str, Any]:
    return git_credential_options(
        consumers,
        index=index,
        given={"ssh": {}, "https": {}, "github_app": {}, **given},
        common={"state": "present", "owner": "team"},
        options={"labels": {}},
        connection={"context": "c"},
        stored=stored or {},
        limit=limit,
    )


@pytest.mark.parametrize(
    ("limit", "copies"),
    [
        pytest.param(None, False, id="no limit"),
        pytest.param(["web"], False, id="the first consumer is processed"),
        pytest.param("hub, web", False, id="the first consumer is processed, in a string"),
        pytest.param(["hub"], True, id="the first consumer is left out"),
        pytest.param("hub", True, id="the first consumer is left out, in a string"),
    ],
)
def test_a_key_is_generated_only_where_the_first_consumer_is_processed(
    limit: list[str] | str | None, copies: bool
) -> None:
    """Check mode has found no key: one that the limit leaves out must have it, since the run does not make it."""
    options = build(1, FLUX, PRIMEHUB, stored={"secrets": []}, limit=limit, ssh={"generate": "ed25519"})

    assert ("credentials_from" in options, "generate" not in options.get("ssh", {})) == (copies, copies)
    assert options.get("namespaces_limit") == limit


COMMON = {"state": "present", "owner": "team", "labels": {}, "context": "c"}
MADE = {"generate": "ed25519", "passphrase": "p", "known_hosts": "h"}
OF_FLUX = {"credentials_from": {"format": "flux", "name": "flux", "namespace": "web"}}


@pytest.mark.parametrize(
    ("index", "consumers", "given", "stored", "expected"),
    [
        pytest.param(
            0, [FLUX], {"https": {"username": "u"}}, {}, {**COMMON, "https": {"username": "u"}, **FLUX}, id="one kind"
        ),
        pytest.param(
            0,
            [PRIMEHUB],
            {"ssh": {"private_key": "k", "known_hosts": "h", "scan_host_keys": True, "host_key_fingerprints": ["f"]}},
            {},
            {**COMMON, "ssh": {"private_key": "k"}, **PRIMEHUB},
            id="a format without host keys",
        ),
        pytest.param(
            0,
            [{"name": "a"}],
            {"ssh": {"known_hosts": "h"}},
            {},
            {**COMMON, "ssh": {"known_hosts": "h"}, "name": "a"},
            id="git-sync, the default, has host keys",
        ),
        pytest.param(
            0, [PRIMEHUB], {"ssh": {"known_hosts": "h"}}, {}, {**COMMON, **PRIMEHUB}, id="nothing is left of a kind"
        ),
        pytest.param(
            1,
            [FLUX, AIRFLOW],
            {"ssh": {"private_key": "k"}},
            {},
            {**COMMON, "ssh": {"private_key": "k"}, **AIRFLOW},
            id="a given key is not copied",
        ),
        pytest.param(0, [FLUX, AIRFLOW], {"ssh": MADE}, {}, {**COMMON, "ssh": MADE, **FLUX}, id="the first is made"),
        pytest.param(
            1, [FLUX, AIRFLOW], {"ssh": MADE}, {}, {**COMMON, **OF_FLUX, **AIRFLOW}, id="the second is a copy"
        ),
        pytest.param(
            1,
            [{"name": "a", "namespace": "b", "keys": {}}, FLUX],
            {"ssh": MADE},
            {"skipped": True},
            {
                **COMMON,
                "ssh": {"known_hosts": "h"},
                "credentials_from": {"format": "git_sync", "name": "a", "namespace": "b", "keys": {}},
                **FLUX,
            },
            id="of git-sync with other keys",
        ),
        pytest.param(
            1,
            [FLUX, FLUX],
            {"ssh": MADE},
            {"secrets": []},
            {**COMMON, "ssh": MADE, **FLUX},
            id="check mode cannot copy what is not there",
        ),
        pytest.param(
            1,
            [FLUX, FLUX],
            {"ssh": MADE},
            {"secrets": [{}]},
            {**COMMON, "ssh": {"known_hosts": "h"}, **OF_FLUX, **FLUX},
            id="check mode copies what is there",
        ),
    ],
)
def test_options_of_a_consumer(
    index: int, consumers: list[dict[str, Any]], given: dict[str, Any], stored: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert build(index, *consumers, stored=stored, **given) == expected


@pytest.mark.parametrize(
    ("latest", "asks"),
    [
        (None, True),
        ({}, True),
        ({"results": [], "skipped": True}, True),
        ({"verified": []}, True),
        ({"failed": False, "msg": "not there"}, True),
        ({"verified": [{"outcome": "unverifiable"}]}, True),
        ({"verified": [{"outcome": "unreachable"}]}, True),
        ({"verified": [{"outcome": "unverifiable"}, {"outcome": "readable"}]}, False),
        ({"verified": [{"outcome": "readable"}]}, False),
        ({"verified": [{"outcome": "denied"}]}, False),
        ({"verified": [{"outcome": "not_found"}]}, False),
        ({"skipped": True}, False),
    ],
)
def test_one_answer_is_enough_for_all_consumers(latest: dict[str, Any] | None, *, asks: bool) -> None:
    assert is_unanswered(latest) is asks
