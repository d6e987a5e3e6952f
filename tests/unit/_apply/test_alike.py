# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is equal apart from the name of a namespace itself, whatever that name is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.alike import (
    EACH,
    group_alike,
    list_names,
    replace_own_name,
)


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("web", EACH),
        ("web/registry", f"{EACH}/registry"),
        ("Secret web/registry is immutable.", f"Secret {EACH}/registry is immutable."),
        ("web.example.com:5000/web", f"{EACH}.example.com:5000/{EACH}"),
        ("robot$web", f"robot${EACH}"),
        ("web_app", f"{EACH}_app"),
        ("", ""),
        ("web-2", "web-2"),
        ("my-web", "my-web"),
        ("website, Web and webs", "website, Web and webs"),
        ({"web": ["web", 1, None, True, {"x": "web"}]}, {EACH: [EACH, 1, None, True, {"x": EACH}]}),
    ],
)
def test_only_the_whole_name_is_replaced(text: Any, replaced: Any) -> None:
    assert replace_own_name(text, "web") == replaced


@pytest.mark.parametrize("namespace", ["n", "u00e9", "true", "null", "1", "registry", "x" * 63])
def test_no_name_changes_what_is_no_name(namespace: str) -> None:
    """Names that are escapes, words and numbers of JSON."""
    value = {"a": "line\n next \u00e9 \\", "registries": [True, None, 1, 1.5], "b": {"c": []}}
    others = [("other", value), (namespace, value)]

    assert replace_own_name(value, namespace) == value
    assert [(group.value, group.namespaces) for group in group_alike(others)] == [(value, ["other", namespace])]


def test_the_order_of_keys_and_namespaces() -> None:
    values = [("b", {"x": "b", "y": 1}), ("c", {"x": 2}), ("a", {"y": 1, "x": "a"}), ("b", {"y": 1, "x": "b"})]

    groups = [(group.value, group.namespaces) for group in group_alike(values)]

    assert groups == [({"x": "b", "y": 1}, ["b", "a"]), ({"x": 2}, ["c"])]
    assert json.dumps(groups[0][0]) == '{"x": "b", "y": 1}'


@pytest.mark.parametrize(
    ("number", "listed"),
    [
        (1, "0"),
        (3, "0, 1, 2"),
        (10, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (11, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1 more"),
        (300, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 290 more"),
    ],
)
def test_names_in_a_sentence(number: int, listed: str) -> None:
    assert list_names([str(index) for index in range(number)]) == listed
