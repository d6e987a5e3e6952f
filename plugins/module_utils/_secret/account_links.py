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
from .links import LINK_LISTS, Account, LinkList, Links, linked_names, plan_links
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
            "Check the variables behind them, or leave out the one that is not meant.",
            option=next(iter(LINK_LISTS)),
        )
    return {LINK_LISTS[option]: _parse_list(option, items, exclusive) for option, items in given.items()}


def adds_any(wanted: Wanted) -> bool:
    """Return whether any Secret is to be referenced, which needs a ServiceAccount."""
    return any(links.present for links in wanted.values())


def blank_account(namespace: str, name: str) -> Account:
    """Return a new ServiceAccount without references."""
    return {"metadata": {"namespace": namespace, "name": name}}


def plan_account(account: Account, wanted: Wanted) -> Plan:
    """Return the plan for the wanted links. Raise KeyringError for a new link of one that is being deleted."""
    from .plan import Plan

    place = _place(account)
    if account["metadata"].get("deletionTimestamp"):
        if adds_any(wanted):
            raise KeyringError(
                f"{place} is being deleted.",
                "A finalizer still holds it.",
                "Run the task again when it is gone.",
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
