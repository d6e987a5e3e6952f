# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a ServiceAccount names after a task, and what of it stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.links import (
    LinkList,
    Links,
    linked_names,
    names_secret,
    plan_links,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import merge_patch

FOREIGN = {"name": "default-dockercfg-x7k2p"}
TOKEN = {"name": "builder-token", "kind": "Secret", "fieldPath": "x"}


def account(**lists: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": "web", "name": "default", "resourceVersion": "7"}, **lists}


@pytest.mark.parametrize(
    ("stored", "links", "expected"),
    [
        pytest.param(None, Links(("a",)), ["a"], id="first"),
        pytest.param([], Links(("a",)), ["a"], id="empty list"),
        pytest.param([FOREIGN], Links(("a",)), [FOREIGN["name"], "a"], id="at the end"),
        pytest.param([{"name": "a"}, FOREIGN], Links(("a",)), ["a", FOREIGN["name"]], id="there already, order stays"),
        pytest.param([FOREIGN], Links(("b", "a", "b")), [FOREIGN["name"], "b", "a"], id="each once, in their order"),
        pytest.param([FOREIGN, {"name": "a"}], Links(absent=("a",)), [FOREIGN["name"]], id="gone"),
        pytest.param([{"name": "a"}, FOREIGN, {"name": "a"}], Links(absent=("a",)), [FOREIGN["name"]], id="every time"),
        pytest.param([FOREIGN], Links(absent=("a",)), [FOREIGN["name"]], id="not there"),
        pytest.param(None, Links(absent=("a",)), [], id="no list"),
        pytest.param([{"name": "a"}], Links(absent=("a",)), [], id="the last one"),
        pytest.param([{"name": "a"}], Links(("b",), ("a",)), ["b"], id="one for another"),
        pytest.param([FOREIGN, {"name": "a"}], Links(("a", "b"), exclusive=True), ["a", "b"], id="no others"),
        pytest.param([{}], Links(("a",)), ["", "a"], id="an entry without name"),
    ],
)
@pytest.mark.parametrize("field", ["imagePullSecrets", "secrets"])
def test_what_is_named(field: LinkList, stored: Any, links: Links, expected: list[str]) -> None:
    before = account(**({} if stored is None else {field: stored}))

    plan = plan_links(before, {field: links})

    assert plan.before == before
    assert plan.after is not None
    assert linked_names(plan.after, field) == expected
    changed = expected != linked_names(before, field)
    assert plan.operation == ("updated" if changed else "unchanged")
    assert bool(merge_patch(before, plan.after)) == changed
    again = plan_links(plan.after, {field: links})
    assert again.operation == "unchanged"


def test_fields_of_other_entries_stay() -> None:
    plan = plan_links(account(secrets=[TOKEN, {"name": "a"}]), {"secrets": Links(("b",), ("a",))})

    assert merge_patch(plan.before or {}, plan.after or {}) == {"secrets": [TOKEN, {"name": "b"}]}


def test_an_emptied_list_is_removed() -> None:
    plan = plan_links(account(secrets=[{"name": "a"}]), {"secrets": Links(absent=("a",))})

    assert merge_patch(plan.before or {}, plan.after or {}) == {"secrets": None}


def test_a_list_of_which_nothing_is_said_stays() -> None:
    before = account(secrets=[TOKEN], imagePullSecrets=[FOREIGN], automountServiceAccountToken=False)

    plan = plan_links(before, {"secrets": Links(("a",))})

    assert merge_patch(before, plan.after or {}) == {"secrets": [TOKEN, {"name": "a"}]}


@pytest.mark.parametrize(
    ("lists", "expected"),
    [({}, False), ({"secrets": [{"name": "a"}]}, True), ({"imagePullSecrets": [FOREIGN, {"name": "a"}]}, True)],
)
def test_whether_a_secret_is_named(lists: Any, expected: bool) -> None:
    assert names_secret(account(**lists), "a") is expected
