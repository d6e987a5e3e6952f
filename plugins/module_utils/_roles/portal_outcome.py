# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide after each step of the roles sap_ai_core and cdnetworks_ecp whether to go on, and what they report at the end.

Messages of modules are printable and hold no secret. What is set as a fact has only names, operations and ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .portal_fanout import PORTAL_ROLES

# Failures that every other declaration for the tenant would have, too.
_FAILURES_OF_TENANTS = ("clock_skew", "unauthorized", "unexpected_server", "unreachable")
_OPTIONS_OF_TENANTS = ("account", "service_key", "expect_server", "ca_cert", "proxy")

# How many failures are reported in full.
_MOST_FAILURES = 20


# A tenant has only one of them, so the other one is from outside of the role.
_TWO_SERVICE_KEYS = "mutually exclusive: service_key|service_key_file"

StepResult = Mapping[str, Any]
PortalStep = Mapping[str, Any]


def may_try_tenant(
    latest: StepResult | None,
    *,
    step: PortalStep,
    earlier: Sequence[StepResult] = (),
    earlier_steps: Sequence[PortalStep] = (),
) -> bool:
    """Return whether a step may ask its portal: not after one with the same login that was refused or not answered.

    ``latest`` is the latest result of the loop, in which the steps with the same login follow one another. ``earlier``
    are the results of the loop before it, one for each of ``earlier_steps``.
    """
    if step["is_first"] or latest is None or "results" in latest:
        for result, done in zip(earlier, earlier_steps, strict=True):
            if done["tenant_index"] == step["tenant_index"] and _ends_tenant(result):
                return False
        return True
    return not _ends_tenant(latest)


def portal_result(results: Sequence[StepResult], *, steps: Sequence[PortalStep], role: str) -> list[dict[str, Any]]:
    """Return what was done for each tenant and declaration. ``results`` are those of all loops over ``steps``."""
    shown = []
    for result, step in zip(results, steps, strict=True):
        failure = (result.get("failure") or {}).get("id")
        shown.append(
            {
                PORTAL_ROLES[role].noun: step["tenant"],
                "type": step["type"],
                "name": step["name"],
                "operation": _operation(result),
                "failure": failure if _has_failed(result) else None,
            }
        )
    return shown


def explain_portal_failures(results: Sequence[StepResult], *, steps: Sequence[PortalStep], role: str) -> str:
    """Return one message with every failure, by tenant and declaration; an empty string if nothing failed."""
    failed, messages, skipped = [], [], []
    for result, step in zip(results, steps, strict=True):
        if _has_failed(result):
            failed.append(step)
            messages.append(f"{_describe_step(step, role)}: {_explain_failure(result)}")
        elif result.get("skipped"):
            skipped.append(step)
    if not failed:
        return ""
    head = f"Failed: {len(failed)} of {len(results)}."
    if skipped:
        head = f"Failed: {len(failed)}, not tried: {len(skipped)}, of {len(results)}."
    lines = [head, *messages[:_MOST_FAILURES]]
    if failed[_MOST_FAILURES:]:
        lines.append(f"Also failed: {_list_steps(failed[_MOST_FAILURES:], role)}.")
    if skipped:
        lines.append(
            f"Not tried, because an earlier one of the same {PORTAL_ROLES[role].noun} failed: "
            f"{_list_steps(skipped, role)}."
        )
    return "\n".join(lines)


def _explain_failure(result: StepResult) -> str:
    message = str(result.get("msg", ""))
    if _TWO_SERVICE_KEYS not in message:
        return message
    return (
        f"{message}. The tenant sets one of them, so the other one is in module_defaults of the playbook. Remove it "
        "there, because a role cannot."
    )


def _describe_step(step: PortalStep, role: str) -> str:
    return f"{step['tenant']}, {PORTAL_ROLES[role].types[step['type']].noun} {step['name']}"


def _list_steps(steps: Iterable[PortalStep], role: str) -> str:
    return "; ".join(_describe_step(step, role) for step in steps)


def _operation(result: StepResult) -> str:
    """Return the operation of a module, or what became of a step without one."""
    if result.get("skipped"):
        return "not_tried"
    return "failed" if _has_failed(result) else str(result["operation"])


def _has_failed(result: StepResult) -> bool:
    return bool(result.get("failed"))


def _ends_tenant(result: StepResult) -> bool:
    """Return whether a result makes it pointless to try the other declarations of the tenant."""
    if result.get("skipped"):
        return True
    if not _has_failed(result):
        return False
    failure = result.get("failure") or {}
    option = str(failure.get("option") or "")
    return failure.get("id") in _FAILURES_OF_TENANTS or option.startswith(_OPTIONS_OF_TENANTS)
