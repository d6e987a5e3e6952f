# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles for portals: when a tenant is not tried any more, and what they report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.portal_outcome import (
    explain_portal_failures,
    may_try_tenant,
    portal_result,
)

ROLE = "sap_ai_core"
TENANTS = ("acme", "globex", "initech")


def step(tenant: str, name: str = "web", *, is_first: bool = False) -> dict[str, Any]:
    known = {"tenant": tenant, "tenant_index": TENANTS.index(tenant.partition("/")[0])}
    return {**known, "type": "docker_registry_secrets", "name": name, "is_first": is_first}


def failed(failure: str, option: str | None = None, **more: Any) -> dict[str, Any]:
    return {"failed": True, "msg": "It failed.", "failure": {"id": failure, "option": option}, **more}


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        (None, True),
        ({"results": [], "failed": True}, True),  # of an earlier run of the role
        ({"changed": True}, True),
        (failed("quota"), True),
        (failed("invalid_option", "registries[0].password"), True),
        ({"failed": True, "msg": "Unsupported parameters"}, True),
        (failed("unauthorized"), False),
        (failed("unreachable"), False),
        (failed("unexpected_server"), False),
        (failed("clock_skew"), False),
        (failed("invalid_option", "service_key.clientid"), False),
        (failed("not_a_string", "account.api_key"), False),
        ({"skipped": True, "changed": False}, False),
    ],
)
def test_when_a_tenant_is_not_tried_any_more(latest: Mapping[str, Any] | None, expected: bool) -> None:
    assert may_try_tenant(latest, step=step("acme")) is expected


def test_the_first_step_of_a_tenant_looks_at_the_earlier_loop() -> None:
    earlier = [failed("unauthorized"), {"changed": True}]
    earlier_steps = [step("acme"), step("globex")]

    tried = [
        may_try_tenant(
            failed("unreachable"), step=step(tenant, is_first=True), earlier=earlier, earlier_steps=earlier_steps
        )
        for tenant in ("acme", "acme/1001", "globex", "initech")
    ]

    assert tried == [False, False, True, True], "customers of an account share its login"


RESULTS: Sequence[Mapping[str, Any]] = [
    {"changed": True, "operation": "created"},
    failed("unauthorized", msg="Cannot log in."),
    {"skipped": True},
    {"failed": True, "msg": "Unsupported parameters"},
]
STEPS = [step("acme"), step("globex"), step("globex", "batch"), step("acme", "batch")]


def test_the_result_has_a_row_for_each_step() -> None:
    assert [tuple(row.values()) for row in portal_result(RESULTS, steps=STEPS, role=ROLE)] == [
        ("acme", "docker_registry_secrets", "web", "created", None),
        ("globex", "docker_registry_secrets", "web", "failed", "unauthorized"),
        ("globex", "docker_registry_secrets", "batch", "not_tried", None),
        ("acme", "docker_registry_secrets", "batch", "failed", None),
    ]
    assert list(portal_result(RESULTS, steps=STEPS, role=ROLE)[0]) == ["tenant", "type", "name", "operation", "failure"]


def test_all_failures_are_in_one_message() -> None:
    assert explain_portal_failures(RESULTS, steps=STEPS, role=ROLE) == (
        "Failed: 2, not tried: 1, of 4.\n"
        "globex, Docker registry secret web: Cannot log in.\n"
        "acme, Docker registry secret batch: Unsupported parameters\n"
        "Not tried, because an earlier one of the same tenant failed: globex, Docker registry secret batch."
    )


def test_no_failure_is_no_message() -> None:
    assert explain_portal_failures(RESULTS[:1], steps=STEPS[:1], role=ROLE) == ""


def test_a_failure_without_others_that_are_not_tried_is_counted_alone() -> None:
    assert explain_portal_failures(RESULTS[:2], steps=STEPS[:2], role=ROLE) == (
        "Failed: 1 of 2.\nglobex, Docker registry secret web: Cannot log in."
    )


def test_a_service_key_of_the_playbook_is_explained() -> None:
    two = failed("invalid_option", msg="parameters are mutually exclusive: service_key|service_key_file")

    assert explain_portal_failures([two], steps=STEPS[:1], role=ROLE).endswith(
        "service_key|service_key_file. The tenant sets one of them, so the other one is in module_defaults of the "
        "playbook. Remove it there, because a role cannot."
    )


def test_a_message_is_bounded() -> None:
    steps = [step(f"acme/{number}") for number in range(22)]

    lines = explain_portal_failures([failed("quota")] * 22, steps=steps, role=ROLE).splitlines()

    assert len(lines) == 22
    assert lines[-1] == "Also failed: acme/20, Docker registry secret web; acme/21, Docker registry secret web."
