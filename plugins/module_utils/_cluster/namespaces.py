# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Namespaces: their state, and those of a selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .api import get_json, list_objects
from .connection import Connection
from .refused import Intent, Refused, explain

if TYPE_CHECKING:
    from .selection import Chosen, Listed, NamespaceState, Selection, Targets

_NAMESPACES_PATH = "/api/v1/namespaces"


class NamespaceEnding(KeyringError):
    """A namespace that is being deleted, and takes no new objects."""

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"Namespace {namespace} is being deleted.",
            "Nothing can be created in it.",
            "Use another one.",
            failure="being_deleted",
            namespace=namespace,
        )


def missing_namespace(namespace: str) -> KeyringError:
    """Return the error about a namespace that does not exist."""
    return KeyringError(
        f"Namespace {namespace} does not exist.",
        "",
        "Create it first, or correct namespace.",
        failure="not_found",
        namespace=namespace,
    )


def warn_namespace(namespace: str, state: NamespaceState, *, check_mode: bool) -> tuple[str, ...]:
    """Return the warnings with which an object is created in a namespace.

    In check mode the namespace may still be missing. Raises KeyringError where no object can be created.
    """
    if state == "terminating":
        raise NamespaceEnding(namespace)
    if state == "missing" and not check_mode:
        raise missing_namespace(namespace)
    warning = {
        "missing": f"Namespace {namespace} does not exist yet; without it the real run fails.",
        "unknown": f"Whether namespace {namespace} exists is not known: this identity may not get namespaces.",
    }.get(state)
    return (warning,) if warning else ()


def read_namespace_state(connection: Connection, namespace: str) -> NamespaceState:
    """Read the state of a namespace; ``unknown`` without the permission to get namespaces."""
    try:
        found = get_json(connection, f"{_NAMESPACES_PATH}/{namespace}")
    except Refused as refused:
        if refused.status in (403, 404):
            return "unknown" if refused.status == 403 else "missing"
        raise explain(refused, Intent("read", "namespaces", f"namespace {namespace}", namespace), connection) from None
    return "terminating" if _is_terminating(found) else "active"


def find_namespaces(connection: Connection, targets: Targets, concurrency: int = 1) -> Chosen:
    """Return the selected namespaces; the cluster is asked only where names alone do not decide.

    With a limit, namespaces are read by their names, ``concurrency`` at the same time, unless there are label selectors
    or very many names. Raises KeyringError if namespaces cannot be listed, for a selector that the server does not
    understand, and if the server cannot be reached.
    """
    from .selection import OneNamespace, choose, choose_by_name

    if isinstance(targets, OneNamespace):
        return choose_by_name(targets, {})
    if (targets.needs_list or targets.selectors) and not targets.is_skipped:
        return choose(targets, _list_namespaces(connection, targets))
    candidates = targets.limited_candidates()
    return choose_by_name(targets, _read_states(connection, candidates, concurrency) if candidates else {})


def _read_states(connection: Connection, names: Sequence[str], concurrency: int) -> dict[str, NamespaceState]:
    """Read the states of namespaces by their names. A failed read leaves a state unknown: others may succeed.

    Raises KeyringError for what makes every other request fail as well.
    """
    from .pool import run_all

    states: dict[str, NamespaceState] = {}

    def read(name: str) -> tuple[str, NamespaceState]:
        try:
            return name, read_namespace_state(connection, name)
        except KeyringError as error:
            if error.fatal:
                raise
            return name, "unknown"

    failure = run_all(read, names, concurrency, lambda found: states.update([found]))
    if failure is not None:
        raise failure
    return states


def _list_namespaces(connection: Connection, selection: Selection) -> Iterator[Listed]:
    """Yield all namespaces, or those of each selector: only the server knows what a selector matches."""
    from .._secret.globs import EVERY
    from .selection import Listed

    selectors: dict[str, set[str]] = {}
    terminating: dict[str, bool] = {}
    for index, selector in enumerate(selection.selectors or (EVERY,)):
        for found in _list_matching(connection, selector, f"namespace_selectors[{index}]"):
            name = found["metadata"]["name"]
            terminating[name] = _is_terminating(found)
            selectors.setdefault(name, set()).add(selector)
    for name, matched in selectors.items():
        yield Listed(name, terminating[name], frozenset(matched))


def _list_matching(connection: Connection, selector: str, option: str) -> list[dict[str, Any]]:
    from .._secret.globs import EVERY

    try:
        return list_objects(connection, _NAMESPACES_PATH, {} if selector == EVERY else {"labelSelector": selector})
    except Refused as refused:
        if refused.is_bad_request:
            from .refusal_texts import bad_selector

            raise bad_selector(selector, refused, option) from None
        intent = Intent("list", "namespaces", "namespaces", None)
        raise explain(refused, intent, connection) from None


def _is_terminating(namespace: Mapping[str, Any]) -> bool:
    return bool(namespace["metadata"].get("deletionTimestamp"))
