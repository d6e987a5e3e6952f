# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a list or a change adds to the namespaces that are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.known import (
    KnownNamespaces,
    NamespaceChange,
    NamespaceList,
    SeenNamespace,
    parse_seen,
)


def seen(text: str) -> SeenNamespace:
    """``name/uid``, or ``name/uid/terminating``."""
    name, uid, *terminating = text.split("/")
    return SeenNamespace(name, uid, bool(terminating))


def listed(*texts: str, selector: str = "*") -> NamespaceList:
    return NamespaceList(selector, tuple(map(seen, texts)))


def changed(text: str, selector: str = "*") -> NamespaceChange:
    return NamespaceChange(selector, seen(text))


def removed(text: str, selector: str = "*") -> NamespaceChange:
    return NamespaceChange(selector, seen(text), removed=True)


def names(namespaces: Iterable[SeenNamespace]) -> list[str]:
    return [f"{namespace.name}/{namespace.uid}" for namespace in namespaces]


Step = tuple[NamespaceList | NamespaceChange, list[str], list[str]]

# Each step: the news, who appears, who vanishes.
STORIES: dict[str, Sequence[Step]] = {
    "a list announces all, and the same list again nothing": [
        (listed("a/1", "b/2"), ["a/1", "b/2"], []),
        (listed("a/1", "b/2"), [], []),
    ],
    "a list after a gap is compared": [
        (listed("a/1", "b/2", "c/3"), ["a/1", "b/2", "c/3"], []),
        (listed("a/1", "b/9", "d/4"), ["b/9", "d/4"], ["b/2", "c/3"]),
    ],
    "a change of what is known is none": [(changed("a/1"), ["a/1"], []), (changed("a/1"), [], [])],
    "deleted and recreated": [
        (changed("a/1"), ["a/1"], []),
        (removed("a/1"), [], ["a/1"]),
        (changed("a/2"), ["a/2"], []),
    ],
    "terminating when first seen": [
        (listed("a/1/terminating"), [], []),
        (changed("a/1/terminating"), [], []),
        (removed("a/1"), [], []),
    ],
    "terminating later": [
        (changed("a/1"), ["a/1"], []),
        (changed("a/1/terminating"), [], ["a/1"]),
        (removed("a/1"), [], []),
    ],
    "two selectors announce once": [
        (listed("a/1", "b/2", selector="team"), ["a/1", "b/2"], []),
        (listed("a/1", "c/3", selector="tier=gold"), ["c/3"], []),
    ],
    "no longer matching one of two": [
        (changed("a/1", "team"), ["a/1"], []),
        (changed("a/1", "tier=gold"), [], []),
        (removed("a/1", "team"), [], []),
        (removed("a/1", "tier=gold"), [], ["a/1"]),
        (changed("a/1", "team"), ["a/1"], []),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_news_make_a_difference(story: str) -> None:
    known = KnownNamespaces()
    for news, appeared, vanished in STORIES[story]:
        difference = known.merge(news)
        assert (names(difference.appeared), names(difference.vanished)) == (appeared, vanished)


def test_a_namespace_is_parsed_from_its_metadata() -> None:
    metadata = {"name": "a", "uid": "1"}
    assert parse_seen({"metadata": metadata}) == SeenNamespace("a", "1")
    assert parse_seen({"metadata": {**metadata, "deletionTimestamp": "2026-01-01T00:00:00Z"}}).terminating


@pytest.mark.parametrize("field", ["name", "uid"])
@pytest.mark.parametrize("value", [None, "", 1, ["a"]])
def test_a_namespace_without_name_or_uid_is_refused(field: str, value: object) -> None:
    with pytest.raises(TypeError):
        parse_seen({"metadata": {"name": "a", "uid": "1", field: value}})
