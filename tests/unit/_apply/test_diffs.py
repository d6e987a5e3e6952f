# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change that many namespaces share is shown once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.diffs import merge_diffs

NAME = "registry"
TYPE = "kubernetes.io/dockerconfigjson"
GHCR = {"ghcr.io": {"username": "octo", "password": "<hidden>"}}
ROTATED = {"ghcr.io": {"username": "octo", "password": "<hidden, changed>"}}
TEN = ", ".join(f"team-{number:03}" for number in range(10))

View = dict[str, Any]
Views = tuple[View, View]


def secret(namespace: str, registries: Mapping[str, Any], **fields: Any) -> View:
    annotations = {"keyring.kubernetes/origin": f"{namespace}/{NAME}"}
    return {"type": TYPE, "labels": {}, "annotations": annotations, "registries": dict(registries), **fields}


def created(namespace: str) -> Views:
    return {}, secret(namespace, GHCR)


def deleted(namespace: str) -> Views:
    own = {"username": f"robot${namespace}", "password": "<hidden>"}
    return secret(namespace, {f"{namespace}.example": own}, labels={"team": namespace}), {}


def rotated(namespace: str) -> Views:
    """Each has labels and an entry of its own, which stay as they are."""
    labels, own = {"app": f"{namespace}-app"}, {f"{namespace}-x.example": {"password": "<hidden>"}}
    return (
        secret(namespace, {**GHCR, **own}, labels=labels),
        secret(namespace, {**ROTATED, **own}, labels=labels),
    )


def added(namespace: str) -> Views:
    own = {f"{namespace}-x.example": {"password": "<hidden>"}}
    return secret(namespace, own), secret(namespace, {**own, **GHCR})


def first_label(namespace: str) -> Views:
    return secret(namespace, GHCR), secret(namespace, GHCR, labels={"tier": "web"})


def taken(namespace: str) -> Views:
    managers = f'Helm release "{namespace}"', "keyring.kubernetes"
    before, after = (secret(namespace, GHCR, managed_by=manager) for manager in managers)
    return before, after


def linked(namespace: str) -> Views:
    return {}, {"service_accounts": {"default": ["imagePullSecrets"]}}


def diff(namespace: str, views: Views) -> View:
    place = f"Secret {namespace}/{NAME}"
    before, after = views
    return {"before": before, "after": after, "before_header": place, "after_header": place}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        pytest.param(created, *created("<namespace>"), id="created, each with its origin"),
        pytest.param(deleted, *deleted("<namespace>"), id="deleted, each with its own name in labels and entries"),
        pytest.param(
            rotated,
            {"type": TYPE, "registries": GHCR},
            {"type": TYPE, "registries": ROTATED},
            id="rotated beside what each has of its own",
        ),
        pytest.param(added, {"type": TYPE}, {"type": TYPE, "registries": GHCR}, id="an entry is added to others"),
        pytest.param(first_label, {"type": TYPE}, {"type": TYPE, "labels": {"tier": "web"}}, id="the first label"),
        pytest.param(
            taken,
            {"type": TYPE, "managed_by": 'Helm release "<namespace>"'},
            {"type": TYPE, "managed_by": "keyring.kubernetes"},
            id="taken from each one's manager",
        ),
        pytest.param(linked, {}, {"service_accounts": {"default": ["imagePullSecrets"]}}, id="only linked"),
    ],
)
def test_equal_changes_are_shown_once(change: Callable[[str], Views], before: View, after: View) -> None:
    names = [f"team-{number:03}" for number in range(300)]

    (shown,) = merge_diffs({name: diff(name, change(name)) for name in names}, f"Secret {NAME}")

    assert shown == {
        "before": before,
        "after": after,
        "before_header": "Secret registry in 300 namespaces",
        "after_header": f"Secret registry in {TEN} and 290 more",
        "namespaces": names,
    }


def test_different_changes_are_shown_by_group() -> None:
    kinds = (created, rotated, added)
    names = [f"team-{number:03}" for number in range(300)]
    diffs = {name: diff(name, kinds[number % 3](name)) for number, name in enumerate(names)}

    shown = merge_diffs(diffs, f"Secret {NAME}")

    assert [group["namespaces"] for group in shown] == [names[0::3], names[1::3], names[2::3]]
    assert merge_diffs({**diffs}, f"Secret {NAME}") == shown


def test_nothing_changes() -> None:
    assert merge_diffs({}, f"Secret {NAME}") == []


@pytest.mark.parametrize("change", [created, deleted, rotated, added, linked])
def test_the_change_of_one_namespace_is_its_diff(change: Callable[[str], Views]) -> None:
    others = {name: diff(name, taken(name)) for name in ("a", "c")}
    alone = diff("b", change("b"))

    shown = merge_diffs({"a": others["a"], "b": alone, "c": others["c"]}, f"Secret {NAME}")

    assert [group["namespaces"] for group in shown] == [["a", "c"], ["b"]]
    assert shown[1] == {**alone, "namespaces": ["b"]}
    assert shown[0]["after_header"] == "Secret registry in a, c"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(created("a"), ({}, created("a")[1]), id="the origin of another namespace, made by a replicator"),
        pytest.param(created("a"), ({}, secret("b", {"quay.io": GHCR["ghcr.io"]})), id="another registry"),
        pytest.param(rotated("a"), added("b"), id="another operation"),
        pytest.param(
            ({}, secret("a", {"ghcr.io": {"username": "a"}})),
            ({}, secret("b", {"ghcr.io": {"username": "<namespace>"}})),
            id="a user name like the sign for the namespace",
        ),
    ],
)
def test_different_changes_stay_apart(first: Views, second: Views) -> None:
    diffs = {"a": diff("a", first), "b": diff("b", second)}

    assert merge_diffs(diffs, f"Secret {NAME}") == [{**diffs[name], "namespaces": [name]} for name in ("a", "b")]
