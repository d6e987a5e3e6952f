# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change that many namespaces share is shown once."""

from __future__ import annotations

from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.diffs import merge_diffs

ORIGIN = "keyring.kubernetes/origin"


def created(namespace: str, server: str = "ghcr.io") -> dict[str, Any]:
    place = f"Secret {namespace}/registry"
    after = {"annotations": {ORIGIN: f"{namespace}/registry"}, "registries": {server: {"password": "<hidden>"}}}
    return {"before": {}, "after": after, "before_header": place, "after_header": place}


def test_nothing_changes() -> None:
    assert merge_diffs({}, "registry") == []


def test_one_change_and_different_changes_stay_as_they_are() -> None:
    diffs = {"a": created("a"), "b": created("b", "quay.io")}
    assert merge_diffs({"a": diffs["a"]}, "registry") == [diffs["a"]]
    assert merge_diffs(diffs, "registry") == [*diffs.values()]


def test_equal_changes_are_shown_once() -> None:
    names = [f"team-{number}" for number in range(300)]
    odd = created("team-7", "quay.io")
    diffs = {name: odd if name == "team-7" else created(name) for name in names}

    common, other = merge_diffs(diffs, "registry")

    assert other == odd
    assert common == {
        "before": {},
        "after": {**created("<namespace>")["after"]},
        "before_header": "Secret registry in 299 namespaces",
        "after_header": f"Secret registry in {', '.join(name for name in names if name != 'team-7')}",
    }


def test_the_secret_of_another_namespace_is_another_change() -> None:
    """A copy that a replicator made has the origin of the first."""
    copy = {**created("b"), "after": created("a")["after"]}
    assert len(merge_diffs({"a": created("a"), "b": copy}, "registry")) == 2
