# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does in one namespace: foreseen from what is read, then carried out, then told.

Written, then linked; unlinked, then deleted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .._cluster.namespaces import NamespaceState, read_namespace_state, warn_namespace
from .._cluster.secrets import converge, read_secret
from .._cluster.service_accounts import foresee_missing, link_account
from .._errors import KeyringError
from .._runtime.execute import Result
from .._secret.guard import guard
from .._secret.links import LINK_LISTS, Account, Links, linked_names, plan_links
from .._secret.plan import Plan, Secret, plan_absent, plan_present
from .._secret.view import view_diff, view_secret
from .prune import is_prunable
from .related_objects import LinkedAccounts
from .secret_task import SecretProfile, SecretTask


@dataclass(frozen=True)
class Link:
    """What is done to the links of a ServiceAccount; ``plan`` is None for one that does not exist yet."""

    account: str
    plan: Plan | None

    @property
    def changes(self) -> bool:
        return self.plan is None or self.plan.operation != "unchanged"


@dataclass(frozen=True)
class Change:
    """What is to be done in a namespace, or was done: with the Secret, and with the ServiceAccounts that name it."""

    plan: Plan
    links: tuple[Link, ...] = ()
    secret: Secret | None = None

    @property
    def changes(self) -> bool:
        return self.plan.operation != "unchanged" or any(link.changes for link in self.links)

    @property
    def operation(self) -> str:
        """One word for both: a Secret with another link is an updated one."""
        return self.plan.operation if self.plan.operation != "unchanged" or not self.changes else "updated"


def manage_secret(job: SecretTask, namespace: str) -> Result:
    """Make the Secret present or absent in one namespace as the options say, and tell what was done."""

    def read_state() -> NamespaceState:
        return read_namespace_state(job.connection, namespace)

    def note(plan: Plan) -> None:
        job.runtime.scrubber.add(*plan_texts(job.kind, plan))

    work = apply_change(job, namespace, read_and_plan(job, namespace, read_state), read_state, note)
    return {
        "changed": work.changes,
        **describe_work(job, work),
        "cluster": job.connection.describe(),
        "warnings": list(work.plan.warnings),
        "diff": describe_diff(job, namespace, work),
    }


def read_and_plan(job: SecretTask, namespace: str, read_state: Callable[[], NamespaceState]) -> Change:
    """What is to be done in a namespace of which nothing was read before."""
    existing = read_secret(job.connection, namespace, job.params["name"])
    return plan_change(job, namespace, existing, job.neighbours.accounts(namespace), read_state)


def plan_change(
    job: SecretTask,
    namespace: str,
    existing: Secret | None,
    accounts: LinkedAccounts,
    read_state: Callable[[], NamespaceState],
) -> Change:
    """What is to be done in a namespace with this Secret and these ServiceAccounts, and how the Secret will be.

    Raises KeyringError for what is not allowed.
    """
    plan = make_plan(job, namespace, existing, read_state)
    if job.prune and plan.after:
        return Change(plan, (), plan.after)  # somebody else's by now, and so are its links
    known = ((name, account) for name, account in accounts.items() if account is not None or not job.is_absent)
    links = tuple(Link(name, plan_link(job, account) if account else None) for name, account in known)
    missing = [link.account for link in links if link.plan is None]
    if missing and job.runtime.check_mode:
        warnings = (foresee_missing(namespace, name, wait=job.params["wait"]) for name in missing)
        plan = dataclasses.replace(plan, warnings=(*plan.warnings, *warnings))
    return Change(plan, links, plan.after)


def make_plan(
    job: SecretTask,
    namespace: str,
    existing: Secret | None,
    read_state: Callable[[], NamespaceState],
) -> Plan:
    """What is to be done with the Secret of a namespace, whose state is asked for only where one would be made."""
    plan = _plan_secret(job, namespace, existing)
    warnings: tuple[str, ...] = ()
    if plan.operation in ("deleted", "recreated"):
        warnings = _guard(job, namespace)
    if plan.operation == "created":
        warnings = warn_namespace(namespace, read_state(), check_mode=job.runtime.check_mode)
    return dataclasses.replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan


def plan_link(job: SecretTask, account: Account) -> Plan:
    """What makes a ServiceAccount name the Secret, or name it nowhere."""
    name = job.params["name"]
    if job.is_absent:
        return plan_links(account, {field: Links(absent=(name,)) for field in LINK_LISTS.values()})
    return plan_links(account, {job.kind.link_list: Links(present=(name,))})


def apply_change(
    job: SecretTask,
    namespace: str,
    work: Change,
    read_state: Callable[[], NamespaceState],
    note: Callable[[Plan], None],
) -> Change:
    """Do what was foreseen, with a new decision where somebody else wrote in between; in check mode do nothing.

    ``note`` is told every plan before anything of it can be seen. Raises KeyringError; ``changed`` of it says whether
    anything was written before.
    """

    def decide(existing: Secret | None) -> Plan:
        plan = make_plan(job, namespace, existing, read_state)
        note(plan)
        return plan

    note(work.plan)
    if job.runtime.check_mode or not work.changes:
        return work
    links = [_await(job, namespace, link) for link in work.links]
    done: list[Plan] = []
    try:
        if job.is_absent:
            links = _link(job, links, done)
        plan, secret = work.plan, work.secret
        if plan.operation != "unchanged":
            plan, secret = converge(job.connection, namespace, job.params["name"], decide, plan)
            done.append(plan)
        if not job.is_absent:
            links = _link(job, links, done)
    except KeyringError as error:
        error.changed = error.changed or any(plan.operation != "unchanged" for plan in done)
        raise
    return Change(plan, tuple(links), secret)


def plan_texts(kind: SecretProfile, plan: Plan) -> list[str]:
    """Every secret text in the Secrets of a plan."""
    return [text for secret in (plan.before, plan.after) if secret for text in kind.secret_texts(secret)]


def describe_work(job: SecretTask, work: Change) -> dict[str, Any]:
    """The fields of a result that tell of one Secret."""
    foreseen = work.plan.operation != "unchanged" and job.runtime.check_mode
    view = None
    if work.secret is not None:
        view = {**view_secret(work.secret, job.own_annotations), **job.kind.fields(work.secret)}
        view = {**view, "resource_version": None} if foreseen else view
    links = {"links": [_describe_link(job, link) for link in work.links]} if job.params["service_accounts"] else {}
    return {"operation": work.operation, "secret": view, **links, **work.plan.notes}


def describe_diff(job: SecretTask, namespace: str, work: Change) -> dict[str, Any]:
    """The diff of one Secret and its links; an empty mapping where there was none and is none."""
    plan, name = work.plan, job.params["name"]
    place = f"Secret {namespace}/{name}"
    if plan.before or plan.after:
        diff = view_diff(plan, job.kind.describe, job.own_annotations)
    else:
        diff = {"before": {}, "after": {}, "before_header": place, "after_header": place}
    if not any(link.changes for link in work.links):
        return diff if plan.before or plan.after else {}
    for side in ("before", "after"):
        named = {link.account: names for link in work.links if (names := _naming_lists(job, link, side))}
        diff[side] = {**diff[side], **({"service_accounts": named} if named else {})}
    return diff


def _naming_lists(job: SecretTask, link: Link, side: Literal["before", "after"]) -> list[str]:
    """The lists of a ServiceAccount that name the Secret before or after."""
    if link.plan is None:
        return [job.kind.link_list] if side == "after" else []
    account = (link.plan.before if side == "before" else link.plan.after) or {}
    return [field for field in LINK_LISTS.values() if job.params["name"] in linked_names(account, field)]


def _plan_secret(job: SecretTask, namespace: str, existing: Secret | None) -> Plan:
    desired = job.desired(namespace)
    if not job.is_absent:
        return plan_present(existing, desired)
    if job.prune and existing and not is_prunable(existing, job.params["owner"], job.kind.deletable_types):
        return Plan("unchanged", existing, existing)
    return plan_absent(existing, desired, job.kind.deletable_types)


def _guard(job: SecretTask, namespace: str) -> tuple[str, ...]:
    """The warnings with which a Secret is deleted, or made anew; ServiceAccounts that let go of it before are none."""
    in_use = job.params["in_use"]
    if in_use == "ignore":
        return ()
    uses, unknown = job.neighbours.users(namespace)
    counted = [
        use
        for use in uses
        if not (job.is_absent and use.kind == "ServiceAccount" and job.neighbours.is_being_unlinked(use.name))
    ]
    return guard(f"Secret {namespace}/{job.params['name']}", counted, unknown, in_use)


def _await(job: SecretTask, namespace: str, link: Link) -> Link:
    """The link of a ServiceAccount that exists; one that does not is waited for."""
    if link.plan:
        return link
    return Link(link.account, plan_link(job, job.neighbours.await_account(namespace, link.account)))


def _link(job: SecretTask, links: Iterable[Link], done: list[Plan]) -> list[Link]:
    """Carry out what changes; each plan that held is added to ``done`` at once, for a failure of the next."""
    linked = []
    for link in links:
        plan = link.plan
        if plan and link.changes:
            plan = link_account(job.connection, lambda account: plan_link(job, account), plan)
            done.append(plan)
        linked.append(Link(link.account, plan))
    return linked


def _describe_link(job: SecretTask, link: Link) -> dict[str, str]:
    done = "unlinked" if job.is_absent else "linked"
    return {"service_account": link.account, "operation": done if link.changes else "unchanged"}
