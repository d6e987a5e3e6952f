# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is observed in a namespace to the change that is to be made there.

The cluster is asked for more only where the answer decides: who uses a Secret that would be deleted, and whether there
is a namespace for one that would be created.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from .._cluster.service_accounts import warn_missing_account
from .._secret.links import LINK_LISTS, Account, Links, is_ending, plan_links
from .._secret.plan import Plan, Secret, plan_absent, plan_present
from .change import Change, Link, NotThereYet
from .observed import Observed, TargetNamespace, find_state
from .secret_task import SecretTask


def plan_change(task: SecretTask, target: TargetNamespace, seen: Observed) -> Change:
    """Return what is to be done in a namespace. Raises KeyringError for what is not allowed."""
    plan = plan_secret(task, target, seen.secret)
    if task.goal == "pruned" and plan.after:
        return Change(plan, (), plan.after)  # managed by another client by now, and so are its links
    links: list[Link] = []
    warnings: list[str] = []
    named = task.related.accounts.selection.names
    for name, account in seen.accounts.items():
        if account is not None:
            link = Link(name, plan_link(task, account))
            if name in named or _is_worth_reporting(task, account, link):
                links.append(link)
        elif task.goal == "present":
            links.append(Link(name, NotThereYet()))
            if task.runtime.check_mode:
                warnings.append(warn_missing_account(target.namespace, name, wait=task.options.linking.wait))
    return Change(_add_warnings(plan, warnings), tuple(links), plan.after)


def plan_secret(task: SecretTask, target: TargetNamespace, existing: Secret | None) -> Plan:
    """Return what is to be done with the Secret of a namespace. Raises KeyringError for what is not allowed."""
    if task.goal == "present" and task.rehearsal:
        plan_secret(dataclasses.replace(task, payload=task.rehearsal, rehearsal=None), target, existing)
    desired = task.desire(target.namespace)
    if task.goal == "present":
        plan = plan_present(existing, desired)
    elif task.goal == "pruned" and existing and not _is_prunable(task, existing):
        return Plan("unchanged", existing, existing)
    else:
        plan = plan_absent(existing, desired, task.profile.deletable_types)
    if plan.operation in ("deleted", "recreated") and task.options.safety.in_use != "ignore":
        return _add_warnings(plan, _guard_users(task, target.namespace, existing))
    if plan.operation == "created":
        from .._cluster.namespaces import warn_namespace

        state = find_state(task.connection, target)
        return _add_warnings(plan, warn_namespace(target.namespace, state, check_mode=task.runtime.check_mode))
    return plan


def plan_link(task: SecretTask, account: Account) -> Plan:
    """Return what makes a ServiceAccount name the Secret, or name it nowhere."""
    if task.goal == "present":
        return plan_links(account, {task.profile.link_list: Links(present=(task.name,))})
    return plan_links(account, {field: Links(absent=(task.name,)) for field in LINK_LISTS.values()})


def _is_worth_reporting(task: SecretTask, account: Account, link: Link) -> bool:
    """Return whether a ServiceAccount that a glob selects has a part in the task."""
    if task.goal == "present":
        return not is_ending(account)
    return link.changes


def _is_prunable(task: SecretTask, existing: Secret) -> bool:
    from .prune import is_prunable

    owner = task.options.metadata.owner or ""
    return is_prunable(existing, owner, task.profile.deletable_types) and not task.profile.find_misfit(existing)


def _guard_users(task: SecretTask, namespace: str, existing: Secret | None) -> tuple[str, ...]:
    """Return the warnings with which a Secret is deleted or recreated; raise KeyringError where it is in use.

    ServiceAccounts that no longer name it by then do not count as users.
    """
    from .._secret.guard import guard

    secret_type = (existing or {}).get("type") or "Opaque"
    uses, unknown = task.related.read_users(namespace, secret_type)
    if task.goal != "present":
        uses = [use for use in uses if use.kind != "ServiceAccount" or not task.related.is_being_unlinked(use.name)]
    return guard(f"Secret {namespace}/{task.name}", uses, unknown, task.options.safety.in_use)


def _add_warnings(plan: Plan, warnings: Sequence[str]) -> Plan:
    return dataclasses.replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan
