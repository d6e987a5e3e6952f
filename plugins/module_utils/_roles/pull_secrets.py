# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the role pull_secrets passes to its modules, and which Secrets it prunes.

Items of the list hold passwords. Nothing here quotes one: messages have names, namespaces and indices.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._dataclasses import dataclass

# The option of the modules to which the variables of the roles belong.
NAMESPACES_LIMIT = "namespaces_limit"

_SECRET_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def item_names(items: Iterable[object]) -> dict[str, Any]:
    """Return the names of items for messages, and the indices of the items without a valid name.

    A name that is not valid may be a secret in the wrong place. It is returned as an empty string.
    """
    names = []
    for item in items:
        name = str(item.get("name", "")) if isinstance(item, Mapping) else ""
        names.append(name if _SECRET_NAME.fullmatch(name) else "")
    return {"names": names, "nameless": [index for index, name in enumerate(names) if not name]}


def pull_secret_options(
    item: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any],
    connection: Mapping[str, Any],
    owner: str | None,
    prune: bool,
    verify: bool,
    limit: Sequence[str] | str | None = None,
) -> dict[str, Any]:
    """Return the options of the module image_pull_secret for an item; its own options take precedence.

    ``limit`` are the namespaces to which the role is limited, None for all.
    """
    report = "all" if prune else "failed"
    options = {"owner": owner, "report": report, "verify": verify, **connection, **defaults, **item}
    return options if limit is None else {**options, NAMESPACES_LIMIT: limit}


def own_limits(items: Iterable[object], *, defaults: object) -> list[str]:
    """Return where ``namespaces_limit`` is set other than by the variable of the role: in the defaults, or at an index.

    A limit of some items would leave the role without knowledge of what they declare elsewhere, which it may prune.
    """
    places = []
    if isinstance(defaults, Mapping) and defaults.get(NAMESPACES_LIMIT) is not None:
        places.append("the options of all items")
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get(NAMESPACES_LIMIT) is not None:
            places.append(f"item {index}")
    return places


@dataclass(frozen=True)
class SecretPlace:
    """The namespace and the name of a Secret."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class KeptItem:
    """An item of the list with its options, and the result of the module for it."""

    index: int
    name: str
    options: Mapping[str, Any]
    result: Mapping[str, Any]


def plan_prune(
    made: Iterable[Mapping[str, Any]],
    *,
    items: Sequence[Mapping[str, Any]],
    defaults: Mapping[str, Any],
    results: Iterable[Mapping[str, Any]],
    limit: int | str,
) -> dict[str, Any]:
    """Return the Secrets to delete, by namespace/name, or why nothing is pruned.

    ``made`` are the Secrets of the owner before the list was kept, ``results`` those of the loop over ``items``.
    """
    names = item_names(items)["names"]
    kept = []
    for result in results:
        index = result["pull_secrets_index"]
        kept.append(KeptItem(index, names[index], {**defaults, **items[index]}, result))

    declared: set[SecretPlace] = set()
    for item in kept:
        declared |= _declared_places(item)
    formats = _prunable_formats(made)
    left = sorted(formats.keys() - declared, key=str)

    refusal = _explain_unknown(kept) or _explain_limit(left, int(limit))
    if refusal:
        return {"refusal": f"Nothing is pruned. {refusal}", "delete": {}}
    delete = {}
    for place in left:
        delete[str(place)] = {"namespace": place.namespace, "name": place.name, "format": formats[place]}
    return {"refusal": "", "delete": delete}


def _prunable_formats(made: Iterable[Mapping[str, Any]]) -> dict[SecretPlace, str]:
    """Return the Secrets that this collection has made and that no other tool manages, each with its format.

    One that cannot be read has no format, and is deleted as a pull secret, or not at all.
    """
    formats = {}
    for secret in made:
        if secret["ours"] and not secret["managed_by"]:
            formats[SecretPlace(secret["namespace"], secret["name"])] = secret.get("format") or "pull_secret"
    return formats


def _declared_places(item: KeptItem) -> set[SecretPlace]:
    """Return where an item is kept, and the Secrets that it is copied from: one as a mapping, or a list of them."""
    if "secrets" in item.result:
        kept = item.result["secrets"]
    elif item.result.get("secret"):
        kept = [item.result["secret"]]
    else:
        kept = [item.options]  # a Secret that is absent is not in the result
    places = {SecretPlace(str(secret["namespace"]), item.name) for secret in kept if secret.get("namespace")}

    sources = item.options.get("credentials_from") or []
    for source in [sources] if isinstance(sources, Mapping) else sources:
        namespace = source.get("namespace") or item.options.get("namespace") or ""
        places.add(SecretPlace(str(namespace), str(source["name"])))
    return places


def _explain_unknown(kept: Sequence[KeptItem]) -> str:
    """Return why it is not known what an item declares, or an empty string."""
    failed = [item.name for item in kept if item.result.get("failed")]
    if failed:
        return f"{', '.join(failed)} could not be applied, so the Secrets that it declares are not known."

    # As in the module: also when only one glob of several matches nothing.
    many = [item for item in kept if "summary" in item.result]
    empty = [item for item in many if item.result["summary"]["namespaces"] == 0]
    partly = [item for item in many if item.result["unmatched"] and item not in empty]
    if not empty and not partly:
        return ""
    unmatched: list[str] = []
    for item in many:
        unmatched += item.result["unmatched"]
    void = ", ".join(item.name for item in (*empty, *partly))
    parts = f" ({', '.join(unmatched)})" if unmatched else ""
    return f"{void} selects no namespace, or in part none{parts}, so what it selected before would be deleted."


def _explain_limit(left: Sequence[SecretPlace], limit: int) -> str:
    """Return which Secrets would be deleted if they are more than the limit, or an empty string."""
    if len(left) <= limit:
        return ""
    return (
        f"This would delete {len(left)} Secrets: {', '.join(map(str, left))}. "
        "Set pull_secrets_prune_limit to that number to delete them."
    )
