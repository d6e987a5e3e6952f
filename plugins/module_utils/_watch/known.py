# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespaces of one cluster that are known, and what a list or a change adds to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._dataclasses import dataclass


@dataclass(frozen=True)
class SeenNamespace:
    """A namespace as a list or a watch shows it. One that is deleted and recreated has another ``uid``."""

    name: str
    uid: str
    terminating: bool = False


@dataclass(frozen=True)
class NamespaceList:
    """All selected namespaces that match a label selector, read at once."""

    selector: str
    namespaces: tuple[SeenNamespace, ...]


@dataclass(frozen=True)
class NamespaceChange:
    """A selected namespace that is new among those of a label selector, was changed, or is no longer among them."""

    selector: str
    namespace: SeenNamespace
    removed: bool = False


@dataclass(frozen=True)
class Difference:
    """The namespaces to announce, and those that must not be announced any more."""

    appeared: tuple[SeenNamespace, ...] = ()
    vanished: tuple[SeenNamespace, ...] = ()


class KnownNamespaces:
    """The selected namespaces of one cluster, by the label selectors that they match.

    A namespace appears with the first selector that it matches, and is forgotten with the last one. Namespaces that are
    being deleted never appear.
    """

    def __init__(self) -> None:
        self._by_selector: dict[str, dict[str, SeenNamespace]] = {}

    def merge(self, news: NamespaceList | NamespaceChange) -> Difference:
        """Take note of a list or a change, and return the difference that it makes."""
        known = self._by_selector.setdefault(news.selector, {})
        if isinstance(news, NamespaceList):
            listed = {namespace.uid: namespace for namespace in news.namespaces}
            gone = [namespace for uid, namespace in known.items() if uid not in listed]
            return self._update(known, listed.values(), gone)
        if news.removed:
            return self._update(known, (), [news.namespace])
        return self._update(known, [news.namespace], ())

    def _update(
        self,
        known: dict[str, SeenNamespace],
        present: Iterable[SeenNamespace],
        gone: Iterable[SeenNamespace],
    ) -> Difference:
        vanished = [
            namespace for namespace in gone if known.pop(namespace.uid, None) and not self._is_known(namespace.uid)
        ]
        appeared: list[SeenNamespace] = []
        for namespace in present:
            if namespace.terminating:
                if known.pop(namespace.uid, None):
                    vanished.append(namespace)
                continue
            if not self._is_known(namespace.uid):
                appeared.append(namespace)
            known[namespace.uid] = namespace
        return Difference(tuple(appeared), tuple(vanished))

    def _is_known(self, uid: str) -> bool:
        return any(uid in known for known in self._by_selector.values())


def parse_seen(item: Mapping[str, Any]) -> SeenNamespace:
    """Return a namespace from its metadata in an answer. Raises KeyError and TypeError for anything else."""
    metadata = item["metadata"]
    name, uid = parse_text(metadata["name"]), parse_text(metadata["uid"])
    return SeenNamespace(name, uid, bool(metadata.get("deletionTimestamp")))


def parse_text(value: object) -> str:
    """Return a field of metadata that must be a string with characters. Raises TypeError for anything else."""
    if not isinstance(value, str) or not value:
        raise TypeError("not a string with characters")
    return value
