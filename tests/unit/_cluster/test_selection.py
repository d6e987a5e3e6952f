# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options about namespaces, and the namespaces that there are, to those that a task works on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import (
    MAX_LIMITED_READS,
    MAX_SINGLE_READS,
    Chosen,
    ContextNamespace,
    GivenTargets,
    Listed,
    NamespaceState,
    OneNamespace,
    Selection,
    choose,
    choose_by_name,
    parse_targets,
    resolve_targets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.secrets import refusal

CLUSTER = (
    Listed("team-a", selectors=frozenset({"team"})),
    Listed("team-b", selectors=frozenset({"team", "tier=b"})),
    Listed("team-gone", terminating=True, selectors=frozenset({"team"})),
    Listed("kube-system", selectors=frozenset({"team", "system"})),
    Listed("openshift-config"),
    Listed("default"),
)


# The state that the cluster has for a name; without an entry there is no such namespace.
STATES: Mapping[str, NamespaceState] = {
    "team-a": "active",
    "team-b": "active",
    "team-gone": "terminating",
    "team-unknown": "unknown",
}


def parse(**options: Any) -> GivenTargets:
    return parse_targets(**{"namespace": None, "namespaces": None, "namespace_selectors": None, **options})


def test_one_namespace() -> None:
    assert parse(namespace="web") == OneNamespace("web")
    assert parse() == ContextNamespace()


def test_the_context_names_the_namespace_that_no_option_names() -> None:
    assert resolve_targets(ContextNamespace(), "shop") == OneNamespace("shop")
    assert resolve_targets(OneNamespace("web"), "shop") == OneNamespace("web")
    assert resolve_targets(Selection(literals=("web",)), None) == Selection(literals=("web",))


@pytest.mark.parametrize("context_namespace", [None, ""])
def test_no_namespace_at_all(context_namespace: str | None) -> None:
    assert refusal(resolve_targets, ContextNamespace(), context_namespace) == (
        "namespace is missing. The context of the kubeconfig names none either. Give namespace, namespaces or "
        "namespace_selectors."
    )


PARSED: Mapping[str, tuple[Mapping[str, Any], Selection]] = {
    "names": ({"namespaces": ["b", "a", "b"]}, Selection(literals=("b", "a"))),
    "globs": ({"namespaces": ["team-*", "a?", "[xy]-1"]}, Selection(globs=("team-*", "a?", "[xy]-1"))),
    "everything-but": ({"namespaces": ["*", "!a", "!b-*"]}, Selection(globs=("*",), exclusions=("a", "b-*"))),
    "selectors": ({"namespace_selectors": ["a=b", "!c", "a=b"]}, Selection(selectors=("a=b", "!c"))),
    "narrowed": (
        {"namespaces": ["!x"], "namespace_selectors": ["a"]},
        Selection(exclusions=("x",), selectors=("a",)),
    ),
}


@pytest.mark.parametrize(("options", "selection"), PARSED.values(), ids=PARSED)
def test_options_become_a_selection(options: Mapping[str, Any], selection: Selection) -> None:
    assert parse(**options) == selection


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no-names": ({"namespaces": []}, "namespaces is empty. It would select no namespace."),
    "no-selectors": ({"namespace_selectors": []}, "namespace_selectors is empty."),
    "empty-name": ({"namespaces": ["a", ""]}, "namespaces[1] is not a name that a namespace can have."),
    "capitals": ({"namespaces": ["Web"]}, "namespaces[0] is not a name that a namespace can have."),
    "line-end": ({"namespaces": ["web\n"]}, "namespaces[0] is not a name that a namespace can have."),
    "capitals-in-a-glob": ({"namespaces": ["Web-*"]}, "namespaces[0] is not a glob that a namespace can match."),
    "a-glob-that-is-too-long": ({"namespaces": ["[a" * 129]}, "namespaces[0] is longer than 256 characters."),
    "dots-in-a-glob": ({"namespaces": ["!web.*"]}, "namespaces[0] is not a glob that a namespace can match."),
    "lonely-mark": ({"namespaces": ["*", "!"]}, "namespaces[1] is not a name that a namespace can have."),
    "only-exclusions": (
        {"namespaces": ["!a"]},
        "namespaces has only exclusions. They need a selection to exclude from.",
    ),
    "empty-selector": ({"namespace_selectors": ["a", " "]}, "namespace_selectors[1] is empty. To Kubernetes an empty"),
    "one-and-many": ({"namespace": "a", "namespaces": ["b"]}, "namespace and namespaces select namespaces in"),
    "one-and-selectors": ({"namespace": "a", "namespace_selectors": ["b"]}, "namespace and namespace_selectors"),
    "one-and-exclusions": ({"namespace": "a", "namespaces": ["!b"]}, "namespace and namespaces select"),
    "all-three": (
        {"namespace": "a", "namespaces": ["!b"], "namespace_selectors": ["c"]},
        "namespace and namespaces and namespace_selectors select",
    ),
    "names-and-selectors": (
        {"namespaces": ["a", "!b"], "namespace_selectors": ["c"]},
        "namespaces and namespace_selectors select namespaces in different ways. With namespace_selectors,",
    ),
    "empty-limit": (
        {"namespaces": ["*"], "namespaces_limit": []},
        "namespaces_limit is empty. It would leave out every namespace. Check the variable behind it;",
    ),
    "empty-name-in-the-limit": (
        {"namespaces_limit": ["a", ""]},
        "namespaces_limit[1] is not a name that a namespace can have.",
    ),
    "capitals-in-the-limit": (
        {"namespace": "a", "namespaces_limit": ["Web"]},
        "namespaces_limit[0] is not a name that a namespace can have.",
    ),
    "glob-in-the-limit": (
        {"namespaces": ["*"], "namespaces_limit": ["a", "b", "team-*"]},
        "namespaces_limit[2] is not a name that a namespace can have. The limit takes names, without globs and",
    ),
    "exclusion-in-the-limit": (
        {"namespaces": ["*"], "namespaces_limit": ["!a"]},
        "namespaces_limit[0] is not a name that a namespace can have. The limit takes names, without globs and",
    ),
    "names-in-one-item-of-the-limit": (
        {"namespaces": ["*"], "namespaces_limit": ["a,b"]},
        "namespaces_limit[0] is not a name that a namespace can have. The limit takes names, without globs and",
    ),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_selects_nothing_or_twice_is_refused(options: Mapping[str, Any], message: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse(**options)

    assert str(caught.value).startswith(message)


SYSTEM = "Namespaces kube-* and openshift-* match only by their literal name."
TIER_C, SYSTEM_SELECTOR = 'namespace_selectors: "tier=c"', 'namespace_selectors: "system"'
CHOSEN: Mapping[str, tuple[Selection, Chosen]] = {
    "names": (Selection(literals=("team-b", "team-a")), Chosen(("team-a", "team-b"))),
    "a-name-that-is-not-there": (Selection(literals=("team-a", "typo")), Chosen(("team-a",), missing=("typo",))),
    "an-excluded-name-that-is-not-there": (
        Selection(literals=("team-a", "typo"), exclusions=("typ?",)),
        Chosen(("team-a",), warnings=('namespaces: "!typ?" matches no namespace, so it excludes nothing.',)),
    ),
    "a-system-name": (Selection(literals=("kube-system",)), Chosen(("kube-system",))),
    "everything": (Selection(globs=("*",)), Chosen(("default", "team-a", "team-b"), ("team-gone",))),
    "everything-but": (
        Selection(globs=("*",), exclusions=("team-[ag]*",)),
        Chosen(("default", "team-b")),
    ),
    "a-glob-and-a-system-name": (
        Selection(literals=("kube-system",), globs=("def*",)),
        Chosen(("default", "kube-system")),
    ),
    "a-glob-that-matches-nothing": (
        Selection(globs=("prod-*",)),
        Chosen((), warnings=('namespaces: "prod-*" matches no namespace.',), void=('namespaces: "prod-*"',)),
    ),
    "a-glob-that-matches-system-namespaces": (
        Selection(globs=("kube-*",)),
        Chosen((), warnings=(f'namespaces: "kube-*" matches no namespace. {SYSTEM}',), void=('namespaces: "kube-*"',)),
    ),
    "a-selector": (Selection(selectors=("team",)), Chosen(("team-a", "team-b"), ("team-gone",))),
    "selectors-add-up": (Selection(selectors=("tier=b", "team")), Chosen(("team-a", "team-b"), ("team-gone",))),
    "a-narrowed-selector": (Selection(selectors=("team",), exclusions=("*-[bg]*",)), Chosen(("team-a",))),
    "a-selector-that-matches-nothing": (
        Selection(selectors=("tier=c",)),
        Chosen(
            (),
            warnings=('namespace_selectors: "tier=c" matches no namespace.',),
            void=('namespace_selectors: "tier=c"',),
        ),
    ),
    "a-selector-of-system-namespaces": (
        Selection(selectors=("system",)),
        Chosen(
            (),
            warnings=(f'namespace_selectors: "system" matches no namespace. {SYSTEM}',),
            void=('namespace_selectors: "system"',),
        ),
    ),
    "a-name-that-is-being-deleted": (Selection(literals=("team-gone",)), Chosen((), ("team-gone",))),
}


@pytest.mark.parametrize(("selection", "chosen"), CHOSEN.values(), ids=CHOSEN)
def test_a_selection_against_the_namespaces_that_there_are(selection: Selection, chosen: Chosen) -> None:
    assert choose(selection, CLUSTER) == chosen


def test_few_names_need_no_list() -> None:
    few = tuple(f"team-{number}" for number in range(MAX_SINGLE_READS))

    assert not Selection(literals=few).needs_list
    assert not OneNamespace("team-0").needs_list
    assert Selection(literals=(*few, "one-more")).needs_list
    assert Selection(globs=("*",)).needs_list
    assert Selection(selectors=("a",)).needs_list
    assert choose_by_name(OneNamespace("team-0"), {}) == Chosen(("team-0",), unread=frozenset({"team-0"}))
    chosen = Chosen(("a", "b"), unread=frozenset({"a", "b"}))
    assert choose_by_name(Selection(literals=("b", "a", "c"), exclusions=("c",)), {}) == chosen


@pytest.mark.parametrize("number", [MAX_LIMITED_READS, MAX_LIMITED_READS + 1])
@pytest.mark.parametrize(
    ("selection", "may_list"),
    [
        (Selection(globs=("team-*",)), True),
        (Selection(selectors=("team",)), True),
        (Selection(literals=tuple(f"team-{index}" for index in range(200))), True),
        (Selection(literals=("team-1", "team-2")), False),
        (Selection(globs=("team-1", "prod-*")), False),
        (Selection(globs=("*",), exclusions=("*1",)), False),
    ],
    ids=["globs", "selectors", "names", "few-names", "globs-for-few", "exclusions"],
)
def test_a_long_limit_is_listed(number: int, selection: Selection, may_list: bool) -> None:
    """Names of the limit that are not selected do not count: nothing is read for them."""
    limited = dataclasses.replace(selection, limit=frozenset(f"team-{index}" for index in range(number)))

    assert limited.needs_list == (may_list and number > MAX_LIMITED_READS)


LIMIT = frozenset({"team-a", "team-gone", "team-none", "team-unknown", "kube-system", "default"})


def test_a_limit_is_kept_with_what_it_limits() -> None:
    limit = frozenset({"web"})

    assert parse(namespaces_limit=["web", "web"]) == ContextNamespace(limit)
    assert parse(namespace="shop", namespaces_limit=["web"]) == OneNamespace("shop", limit)
    assert parse(namespaces=["*"], namespaces_limit=["web"]) == Selection(globs=("*",), limit=limit)
    assert resolve_targets(ContextNamespace(limit), "shop") == OneNamespace("shop", limit)


@dataclass(frozen=True)
class Limited:
    """What a limit leaves of a selection: names of the task, what a glob or selector may select, and the result."""

    literals: tuple[str, ...]
    candidates: tuple[str, ...]
    chosen: Chosen


LIMITED: Mapping[str, tuple[Selection, Limited]] = {
    "names": (
        Selection(literals=("team-b", "team-none", "team-a")),
        Limited(
            ("team-none", "team-a"),
            (),
            Chosen(("team-a", "team-none"), unread=frozenset({"team-a", "team-none"})),
        ),
    ),
    "an-excluded-name": (
        Selection(literals=("team-none", "team-a"), exclusions=("*-a",)),
        Limited(("team-none",), (), Chosen(("team-none",), unread=frozenset({"team-none"}))),
    ),
    "a-glob": (
        Selection(globs=("team-*",)),
        Limited(
            (),
            ("team-a", "team-gone", "team-none", "team-unknown"),
            Chosen(("team-a", "team-unknown"), ("team-gone",), unread=frozenset({"team-unknown"})),
        ),
    ),
    "a-glob-and-exclusions": (
        Selection(globs=("team-*",), exclusions=("team-g*", "team-[nu]*")),
        Limited((), ("team-a",), Chosen(("team-a",))),
    ),
    "a-glob-that-matches-nothing-in-the-limit": (Selection(globs=("prod-*", "team-b")), Limited((), (), Chosen(()))),
    "a-glob-never-selects-system-namespaces": (
        Selection(globs=("kube-*", "*e*t")),
        Limited((), ("default",), Chosen(())),
    ),
    "a-system-name": (
        Selection(literals=("kube-system",), globs=("team-a*",)),
        Limited(("kube-system",), ("team-a",), Chosen(("kube-system", "team-a"), unread=frozenset({"kube-system"}))),
    ),
    "a-name-that-a-glob-matches": (
        Selection(literals=("team-gone",), globs=("team-[ag]*",)),
        Limited(("team-gone",), ("team-a",), Chosen(("team-a", "team-gone"), unread=frozenset({"team-gone"}))),
    ),
    "a-selector": (
        Selection(selectors=("team",), exclusions=("team-[gnu]*",)),
        Limited((), ("default", "team-a"), Chosen(("team-a",))),
    ),
    "a-selector-of-nothing-in-the-limit": (
        Selection(selectors=("team",), exclusions=("team-*", "default")),
        Limited((), (), Chosen(())),
    ),
}


@pytest.mark.parametrize(("selection", "expected"), LIMITED.values(), ids=LIMITED)
def test_a_limit_cuts_a_selection(selection: Selection, expected: Limited) -> None:
    limited = dataclasses.replace(selection, limit=LIMIT)
    candidates = limited.limited_candidates()
    states = {name: STATES[name] for name in candidates if name in STATES}

    assert (limited.limited_literals(), candidates) == (expected.literals, expected.candidates)
    assert choose_by_name(limited, states) == expected.chosen
    assert limited.is_skipped == (not expected.literals and not expected.candidates)
    assert not limited.needs_list
    assert not selection.is_skipped


LISTED: Mapping[str, tuple[Selection, Chosen]] = {
    "globs": (Selection(globs=("*", "prod-*"), exclusions=("nothing",)), Chosen(("default", "team-a"), ("team-gone",))),
    "names": (
        Selection(literals=("team-a", "team-b", "team-none", "typo")),
        Chosen(("team-a",), missing=("team-none",)),
    ),
    "a-selector": (Selection(selectors=("team", "tier=c")), Chosen(("team-a",), ("team-gone",))),
}


@pytest.mark.parametrize(("selection", "chosen"), LISTED.values(), ids=LISTED)
def test_a_limit_cuts_what_is_listed(selection: Selection, chosen: Chosen) -> None:
    """Parts that match nothing in the limit may match elsewhere: no warning names them."""
    assert choose(dataclasses.replace(selection, limit=LIMIT), CLUSTER) == chosen


@pytest.mark.parametrize(("name", "is_skipped"), [("team-a", False), ("team-b", True), ("kube-system", False)])
def test_a_limit_leaves_out_one_namespace(name: str, is_skipped: bool) -> None:
    assert OneNamespace(name, LIMIT).is_skipped == is_skipped
    assert not OneNamespace(name).is_skipped
    assert choose_by_name(OneNamespace(name, LIMIT), {}).names == (() if is_skipped else (name,))
