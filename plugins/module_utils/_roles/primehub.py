# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets of PrimeHub's page: their types, their names, and what the role primehub_secrets makes of its items.

No fault of an item quotes a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .._credentials.strings import REMEDY, WHY
from .._dataclasses import dataclass
from .._secret.names import is_secret_name


@dataclass(frozen=True)
class PageType:
    """A type of PrimeHub's page: its title there, its module, how the names of its Secrets begin, and its fields."""

    name: str
    title: str
    module: str
    prefix: str
    fields: tuple[str, ...]


GIT_SYNC = PageType("git_sync", "Git Sync", "gitsync_secret", "gitsync-secret-", ("secret",))
IMAGE_PULL = PageType(
    "image_pull", "Image Pull", "image_pull_secret", "image-", ("registry_host", "username", "password")
)

# By the names of the page and their older ones.
_PAGE_TYPES: Mapping[str, PageType] = {
    "git_sync": GIT_SYNC,
    "git_dataset": GIT_SYNC,
    "opaque": GIT_SYNC,
    "image_pull": IMAGE_PULL,
    "dockerconfigjson": IMAGE_PULL,
}
LONGEST_PAGE_NAME = 63
_COMMON_FIELDS = ("name", "display_name", "type", "state")


def find_page_type(text: str) -> PageType | None:
    """Return the type that a person means, such as ``Git Sync`` or ``git_sync``; None if there is none."""
    words = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    return {**_PAGE_TYPES, "git": GIT_SYNC, "image": IMAGE_PULL}.get(words)


def find_page_prefix(name: str) -> str:
    """Return the prefix of names in Kubernetes with which a name begins; empty for a name of PrimeHub's page."""
    for page_type in (GIT_SYNC, IMAGE_PULL):
        if name.startswith(page_type.prefix):
            return page_type.prefix
    return ""


def plan_primehub(items: Iterable[Any] | str, *, keep_blank: bool) -> dict[str, Any]:
    """Return the faults of the items, a line for each, and the indices of the items for each module.

    There are no indices where an item has a fault: with ignore_errors the role goes on.
    """
    listed: list[Any] = [items] if isinstance(items, str) else list(items)
    faults: list[str] = []
    indices: dict[str, list[int]] = {IMAGE_PULL.module: [], GIT_SYNC.module: []}
    for index, item in enumerate(listed):
        place = f"primehub_secrets_list[{index}]"
        faults += [f"{place}{fault}" for fault in _find_primehub_faults(item, keep_blank=keep_blank)]
        if not faults:
            indices[_PAGE_TYPES[item["type"]].module].append(index)
    if faults:
        indices = {module: [] for module in indices}
    return {"faults": "\n".join(faults), **indices}


def primehub_object(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Secret of an item without faults. Fields that are blank are left out, and then kept as stored."""
    page_type = _PAGE_TYPES[item["type"]]
    registry = {"server": item.get("registry_host"), "username": item.get("username"), "password": item.get("password")}
    return {
        "name": page_type.prefix + item["name"],
        "display_name": item.get("display_name") or item["name"],
        "state": item.get("state", "present"),
        "registries": [_without_blank(registry)],
        "ssh": _without_blank({"private_key": item.get("secret")}),
    }


def primehub_result(
    items: Sequence[Mapping[str, Any]], *, namespace: str, results: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return under which name each item is kept and what was done, in the order of the items."""
    kept = []
    for result in sorted(results, key=lambda result: int(result["primehub_secrets_number"])):
        item = items[result["primehub_secrets_number"]]
        kept.append(
            {
                "name": item["name"],
                "secret": _PAGE_TYPES[item["type"]].prefix + item["name"],
                "type": item["type"],
                "namespace": namespace,
                "operation": result["operation"],
            }
        )
    return kept


def _find_primehub_faults(item: Any, *, keep_blank: bool) -> Iterator[str]:
    """Yield what is wrong with an item, each to be read after the place of the item."""
    if not isinstance(item, Mapping):
        yield " must be a mapping with the fields of PrimeHub's page."
        return
    page_type = _PAGE_TYPES.get(str(item.get("type", "")))
    if page_type is None:
        yield f".type must be one of {', '.join(_PAGE_TYPES)}."
        return

    fields = (*_COMMON_FIELDS, *page_type.fields)
    unquoted = [field for field in fields if isinstance(item.get(field), (bool, int, float, date))]
    for field in unquoted:
        yield f".{field} must be a string. {WHY} {REMEDY}"
    if set(item) - set(fields):
        yield f" has a field that this type does not have. Its fields are {', '.join(fields)}."

    state = str(item.get("state", "present"))
    if state not in ("present", "absent"):
        yield ".state must be present or absent."
    yield from _find_name_fault(str(item.get("name") or ""))
    if state != "present":
        return
    for field in page_type.fields:
        may_be_blank = keep_blank and field != "registry_host"
        if field in unquoted or may_be_blank or not _is_blank(item.get(field)):
            continue
        fault = f".{field} is blank, or a mask of asterisks. Give the real value"
        if field != "registry_host":
            fault += "; primehub_secrets_keep_blank=true keeps what is stored"
        yield f"{fault}."


def _find_name_fault(name: str) -> Iterator[str]:
    """Yield what is wrong with the name of an item."""
    if find_page_prefix(name):
        yield (
            ".name begins with gitsync-secret- or image- already. Write the name of PrimeHub's page, which has "
            "neither; the role adds it."
        )
    elif len(name) > LONGEST_PAGE_NAME or not is_secret_name(name):
        yield (
            ".name cannot be a name on PrimeHub's page. Allowed are at most 63 lower-case letters, digits, - and ., "
            "with a letter or digit at both ends and around each dot."
        )


def _is_blank(value: Any) -> bool:
    """Return whether a field of a form is empty, or has only the stars in place of a stored password."""
    return not value or not str(value).strip().strip("*")


def _without_blank(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not _is_blank(value)}
