# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets that a ServiceAccount references: the wanted links, the plan, and the view for results. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError
from .links import LINK_LISTS, Account, LinkList, Links, is_ending, linked_names, plan_links
from .names import check_secret_name
from .ownership import annotations_of

if TYPE_CHECKING:
    from .plan import Plan

Wanted = Mapping[LinkList, Links]

# The annotation of newer versions of OpenShift for the Secret that they create for a ServiceAccount.
_OPENSHIFT_SECRET = "openshift.io/internal-registry-pull-secret-ref"


@dataclass(frozen=True)
class LinkItem:
    """A Secret in one of the lists of an option, and whether the ServiceAccount references it."""

    name: str
    state: Literal["present", "absent"] = "present"


def parse_links(given: Mapping[str, Sequence[LinkItem]], *, exclusive: bool) -> Wanted:
    """Return the wanted links of the given lists, which have the names of options.

    Raises KeyringError, with the index, for a name that no Secret can have, a Secret that occurs twice in a list, and
    lists that are surely a mistake.
    """
    if not given:
        raise KeyringError(
            f"{' and '.join(LINK_LISTS)} are both null.",
            "Nothing would be done.",
            "Check the variables behind them, or leave out the one that is not needed.",
            option=next(iter(LINK_LISTS)),
        )
    return {LINK_LISTS[option]: _parse_list(option, items, exclusive) for option, items in given.items()}


def adds_any(wanted: Wanted) -> bool:
    """Return whether any Secret is to be referenced, which needs a ServiceAccount."""
    return any(links.present for links in wanted.values())


def new_names(plan: Plan) -> list[str]:
    """Return the names of the Secrets that the ServiceAccount references after the plan and not before, each once."""
    names: dict[str, None] = {}
    for field in LINK_LISTS.values():
        before = linked_names(plan.before or {}, field)
        names |= dict.fromkeys(name for name in linked_names(plan.after or {}, field) if name not in before)
    return list(names)


def warn_missing(namespace: str, account: str, secret: str) -> str:
    """Return the warning about a link to a Secret that does not exist."""
    return (
        f"ServiceAccount {namespace}/{account} now references Secret {secret}, which does not exist. Create it, or "
        "correct the name."
    )


def warn_missing_in(namespace: str, secret: str) -> str:
    """Return the warning about links of any number of ServiceAccounts to a Secret that does not exist."""
    return (
        f"ServiceAccounts of namespace {namespace} now reference Secret {secret}, which does not exist there. Create "
        "it, or correct the name."
    )


def blank_account(namespace: str, name: str) -> Account:
    """Return a new ServiceAccount without references."""
    return {"metadata": {"namespace": namespace, "name": name}}


def plan_account(account: Account, wanted: Wanted) -> Plan:
    """Return the plan for the wanted links. Raise KeyringError for a new link of one that is being deleted."""
    from .plan import Plan

    place = _place(account)
    if is_ending(account):
        if adds_any(wanted):
            raise KeyringError(
                f"{place} is being deleted.",
                "A finalizer still holds it.",
                "Run the task again when it is deleted.",
                failure="being_deleted",
            )
        warning = f"{place} is being deleted already; a finalizer still holds it."
        return Plan("unchanged", account, account, warnings=(warning,))
    generated = list(dict.fromkeys(_removed_by_others(account, wanted)))
    if not generated:
        return plan_links(account, wanted)
    warning = (
        f"exclusive=true removes {', '.join(generated)} from {place}. OpenShift makes such Secrets for its internal "
        "registry, from which Pods cannot pull without them, and may add them again. List them with state=present to "
        "keep them."
    )
    return dataclasses.replace(plan_links(account, wanted), warnings=(warning,))


def view_account(account: Account) -> dict[str, Any]:
    """Return a ServiceAccount for the result; uid and resource version are None if the server has not set them."""
    metadata = account["metadata"]
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata.get("uid"),
        "resource_version": metadata.get("resourceVersion"),
        **_view_lists(account),
    }


def view_account_diff(plan: Plan, namespace: str, name: str) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff; both are empty mappings if nothing changes."""
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}
    if plan.operation != "unchanged":
        before, after = _view_lists(plan.before or {}), _view_lists(plan.after or {})
    place = _place(blank_account(namespace, name))
    return {"before": before, "after": after, "before_header": place, "after_header": place}


def view_link_changes(plans: Mapping[str, Plan], namespace: str) -> dict[str, Any]:
    """Return the diff of the ServiceAccounts of a namespace: by name and list, what is removed and what is added.

    What stays is left out, because it may differ from namespace to namespace where the change is the same.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, plan in plans.items():
        old, new = _view_lists(plan.before or {}), _view_lists(plan.after or {})
        for side, lists in ((before, _without(old, new)), (after, _without(new, old))):
            if lists and plan.operation != "unchanged":
                side[name] = lists
    place = f"ServiceAccounts of namespace {namespace}"
    return {
        "before": {"service_accounts": before} if before else {},
        "after": {"service_accounts": after} if after else {},
        "before_header": place,
        "after_header": place,
    }


def _without(lists: Mapping[str, list[str]], others: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the names in each list that the other side does not have there."""
    rest = {option: [name for name in names if name not in others[option]] for option, names in lists.items()}
    return {option: names for option, names in rest.items() if names}


def _parse_list(option: str, items: Sequence[LinkItem], exclusive: bool) -> Links:
    if exclusive and not items:
        raise KeyringError(
            f"{option} is empty, and exclusive=true would remove every Secret from this list.",
            "",
            "Check the variable behind it, or leave it out; to remove them all, list one of them with state=absent.",
            option=option,
        )
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        check_secret_name(item.name, f"{option}[{index}].name")
        if first.setdefault(item.name, index) != index:
            raise KeyringError(
                f"{option}[{index}] is the same Secret as {option}[{first[item.name]}].",
                "",
                "Keep one of them.",
                option=f"{option}[{index}]",
            )
    present = tuple(item.name for item in items if item.state == "present")
    absent = tuple(item.name for item in items if item.state == "absent")
    return Links(present, absent, exclusive)


def _removed_by_others(account: Account, wanted: Wanted) -> Iterator[str]:
    """Yield the Secrets that OpenShift created for a ServiceAccount and that are removed without being listed.

    Source: openshift/openshift-controller-manager, pkg/internalregistry/controllers/service_account_controller.go.
    """
    prefix, known = f"{account['metadata']['name']}-dockercfg-", annotations_of(account).get(_OPENSHIFT_SECRET)
    for field, links in wanted.items():
        for name in linked_names(account, field):
            if (name.startswith(prefix) or name == known) and not links.is_kept(name) and name not in links.absent:
                yield name


def _view_lists(account: Account) -> dict[str, list[str]]:
    return {option: linked_names(account, field) for option, field in LINK_LISTS.items()}


def _place(account: Account) -> str:
    return f"ServiceAccount {account['metadata']['namespace']}/{account['metadata']['name']}"
