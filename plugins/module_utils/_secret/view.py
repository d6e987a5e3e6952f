# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The public view of a Secret: the only way from a Secret to a result or a diff.

Secret data are wrapped in Hidden while two views are compared, and leave this file only as ``<hidden>`` or
``<hidden, changed>``; a Hidden that slipped through cannot be turned into JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._credentials.secret_values import HIDDEN, HIDDEN_CHANGED
from .names import LAST_APPLIED, PREFIX, US
from .ownership import annotations_of, labels_of

if TYPE_CHECKING:
    from .plan import Plan, Secret

NOT_SHOWN = "<not shown>"


class Hidden:
    """Secret data that take part in a comparison and cannot be printed."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def same_as(self, other: object) -> bool:
        """Return whether two are Hidden and hide the same value."""
        return isinstance(other, Hidden) and self._value == other._value

    def texts(self) -> Iterator[str]:
        """Yield the hidden value if it is a string: for comparisons with it, and never to be shown."""
        if isinstance(self._value, str):
            yield self._value

    def __repr__(self) -> str:
        return HIDDEN


# The data of a Secret as a tree of public values and Hidden; one function for each kind of Secret.
Describe = Callable[["Secret"], Mapping[str, Any]]


def view_diff(plan: Plan, describe: Describe, own_annotations: Collection[str]) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff, without secret data; both empty mappings if nothing changes.

    If the Secret is taken from another manager, ``managed_by`` shows both.
    """
    metadata = (plan.before or plan.after or {})["metadata"]
    place = f"Secret {metadata['namespace']}/{metadata['name']}"
    if plan.operation == "unchanged":
        return render_views({}, {}, place)
    before = _view(plan.before, describe, own_annotations)
    after = _view(plan.after, describe, own_annotations)
    if plan.taken:
        before = {**before, "managed_by": plan.taken.manager}
        if after:
            after = {**after, "managed_by": US}
    return render_views(before, after, place)


def render_views(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return two views as ``before`` and ``after`` of Ansible's diff; ``place`` is the object in its headers."""
    hidden_texts = frozenset((*_find_hidden_texts(before), *_find_hidden_texts(after)))
    return {
        "before": _render_view(before, before, hidden_texts),
        "after": _render_view(after, before, hidden_texts),
        "before_header": place,
        "after_header": place,
    }


def view_secret(secret: Secret, own_annotations: Collection[str]) -> dict[str, Any]:
    """Return the metadata of a Secret for the result; uid and resource version are null before the server sets them."""
    metadata = secret["metadata"]
    annotations = annotations_of(secret)
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "type": secret.get("type"),
        "uid": metadata.get("uid"),
        "resource_version": metadata.get("resourceVersion"),
        "immutable": bool(secret.get("immutable")),
        "labels": dict(labels_of(secret)),
        "annotations": {key: annotations[key] for key in annotations if _is_own(key, own_annotations)},
    }


def _view(secret: Secret | None, describe: Describe, own_annotations: Collection[str]) -> dict[str, Any]:
    if secret is None:
        return {}
    annotations = annotations_of(secret)
    shown = {key: annotations[key] if _is_own(key, own_annotations) else NOT_SHOWN for key in annotations}
    return {
        "type": secret.get("type"),
        "immutable": bool(secret.get("immutable")),
        "labels": dict(labels_of(secret)),
        "annotations": shown,
        **describe(secret),
    }


def _is_own(key: str, own_annotations: Collection[str]) -> bool:
    return key != LAST_APPLIED and (key in own_annotations or key.startswith(PREFIX))


def _find_hidden_texts(view: Any) -> Iterator[str]:
    if isinstance(view, Hidden):
        yield from view.texts()
    elif isinstance(view, Mapping):
        for item in view.values():
            yield from _find_hidden_texts(item)


# What cannot be secret, also where a password is equal to it: the type, and the public half of a key.
_FACTS = ("type", "key")


def _render_view(view: Mapping[str, Any], before: Mapping[str, Any], hidden_texts: Collection[str]) -> dict[str, Any]:
    """Return the view as plain JSON, as _render makes it; what cannot be secret is shown in any case."""
    return {
        name: value if name in _FACTS else _render(value, before.get(name), hidden_texts)
        for name, value in view.items()
    }


def _render(view: Any, before: Any, hidden_texts: Collection[str]) -> Any:
    """Return the view as plain JSON: each Hidden as a string that says whether it differs from the one before.

    A string that is secret somewhere in the two views, such as a password as user name, is hidden, too.
    """
    if isinstance(view, Hidden):
        has_changed = isinstance(before, Hidden) and not view.same_as(before)
        return HIDDEN_CHANGED if has_changed else HIDDEN
    if isinstance(view, Mapping):
        earlier = before if isinstance(before, Mapping) else {}
        return {key: _render(value, earlier.get(key), hidden_texts) for key, value in view.items()}
    if isinstance(view, str) and view and view in hidden_texts:
        return HIDDEN
    return view
