# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options about namespaces, and the namespaces that there are, to those that a task works on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import (
    MAX_SINGLE_READS,
    Chosen,
    ContextNamespace,
    GivenTargets,
    Listed,
    OneNamespace,
    Selection,
    choose,
    choose_literals,
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
    assert choose_literals(OneNamespace("team-0")) == Chosen(("team-0",))
    assert choose_literals(Selection(literals=("b", "a", "c"), exclusions=("c",))) == Chosen(("b", "a"))
