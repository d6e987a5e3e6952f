# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write of a planned change in one namespace: create, then link; unlink, then delete."""

from __future__ import annotations

from .._cluster.secrets import converge
from .._errors import KeyringError
from .._runtime.scrub import Scrubber
from .._secret.links import Account
from .._secret.plan import Plan, Secret
from .change import Change, Link
from .linking import await_links, write_links
from .observed import TargetNamespace
from .plan_change import plan_link, plan_secret
from .secret_task import SecretTask


def apply_change(task: SecretTask, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
    """Do what was planned, and return what was done. In check mode nothing is done.

    If another client writes in between, the change is planned again. The scrubber learns the secrets of every plan
    before anything of it can be seen. Raises KeyringError; ``changed`` of it says whether anything was written before.
    """
    if task.runtime.check_mode or not change.changes:
        return change
    accounts = task.related.accounts
    written: list[Plan] = []

    def decide(account: Account) -> Plan:
        return plan_link(task, account)

    def write(links: list[Link]) -> list[Link]:
        return write_links(task.connection, links, decide, accounts.selection.names, written)

    links = await_links(accounts, target.namespace, change.links, decide)
    try:
        if task.goal == "present":
            plan, secret = _write_secret(task, target, change, scrubber, written)
            links = write(links)
        else:
            links = write(links)
            plan, secret = _write_secret(task, target, change, scrubber, written)
    except KeyringError as error:
        error.changed = error.changed or any(plan.operation != "unchanged" for plan in written)
        raise
    return Change(plan, tuple(links), secret)


def _write_secret(
    task: SecretTask, target: TargetNamespace, change: Change, scrubber: Scrubber, written: list[Plan]
) -> tuple[Plan, Secret | None]:
    """Write the Secret where it changes, and return the plan that held and the Secret as it is now."""

    def decide(existing: Secret | None) -> Plan:
        plan = plan_secret(task, target, existing)
        task.learn_secrets(plan, scrubber)
        task.check_plans([plan])
        return plan

    if change.plan.operation == "unchanged":
        return change.plan, change.secret
    plan, secret = converge(task.connection, target.namespace, task.name, decide, change.plan)
    written.append(plan)
    return plan, secret
