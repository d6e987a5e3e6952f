# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of several clusters, completed with the answers of registries that were asked once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.upgrade_check import (
    count_failing,
    images_to_ask,
    upgrade_groups,
    upgrade_rows,
)

APP = "ghcr.io/acme/app:1"
LENDER = {"namespace": "demo", "name": "registry", "server": "ghcr.io", "username": "octo"}
FIX = {"text": "If the registry does not serve it to everyone: Copy it.", "task": {"module": {"name": "x"}}}


def image(name: str = APP, reason: str | None = "not_asked", **more: Any) -> dict[str, Any]:
    """An image as the module returns it, of which it is not known whether it is public."""
    upgrade = {"outcome": "unknown", "when": None, "nodes": {"v1.35.0": 1}, "text": "Not known."}
    facts = dict.fromkeys(("namespace", "kind", "name", "controller", "service_account", "containers"), "x")
    return {
        **facts,
        "pods": 0,
        "image": name,
        "pull_policy": "IfNotPresent",
        "credentials": "unknown",
        "unknown_because": reason,
        "borrowed_from": [LENDER],
        "running": True,
        "upgrade": upgrade,
        "fix": FIX,
        **more,
    }


def answered(credentials: str, reason: str | None = None, name: str = "ghcr.io/acme/app:2") -> dict[str, Any]:
    return {"images": [image(name, reason, credentials=credentials)]}


def rows(
    *items: dict[str, Any], answers: Any = (), policy: str = "", allowlist: Any = (), unknown: Any = ()
) -> list[dict[str, Any]]:
    result = {"images": list(items), "unknown": list(unknown)}
    return upgrade_rows([result], hosts=["one"], policies=[policy], allowlists=[allowlist], answers=answers or {})


def test_each_name_is_asked_for_once() -> None:
    results: list[dict[str, Any]] = [
        {"images": [image(), image("ghcr.io/acme/app:2"), image("quay.io/x", "node_credentials")]},
        {"images": [image("ghcr.io/acme/app:3"), image("nginx"), image("docker.io/library/nginx:1")]},
        {"failed": True, "msg": "x"},
        {},
    ]
    assert images_to_ask(results) == [APP, "nginx"]


NO_SECRETS = [{"namespace": None, "kind": "Secret", "text": "x"}]
NO_NODES = [{"namespace": None, "kind": "Node", "text": "x"}]


@pytest.mark.parametrize(
    ("item", "answers", "policy", "unknown", "expected"),
    [
        (image(), answered("public"), "", (), ("public", None, "ok", None)),
        (image(), answered("missing"), "", (), ("borrowed", None, "fails", "new_node_or_tag")),
        (image(), answered("missing"), "AlwaysVerify", (), ("borrowed", None, "fails", "now")),
        (image(), answered("missing"), "NeverVerify", (), ("borrowed", None, "ok", None)),
        (image(), answered("missing"), "", NO_NODES, ("borrowed", None, "unknown", None)),
        (image(borrowed_from=[]), answered("missing"), "", (), ("missing", None, "fails", "new_node_or_tag")),
        (image(borrowed_from=[]), answered("missing"), "", NO_SECRETS, ("unknown", "unreadable", "unknown", None)),
        (image(pull_policy="Always"), answered("missing"), "", (), ("borrowed", None, "fails", "now")),
        (image(), answered("unknown", "no_answer"), "", (), ("unknown", "no_answer", "unknown", None)),
        (image(), answered("unknown", "not_found", APP), "", (), ("unknown", "not_found", "unknown", None)),
        (image(), answered("unknown", "not_found"), "", (), ("unknown", "not_asked", "unknown", None)),
        (image(), answered("unknown", "not_asked"), "", (), ("unknown", "not_asked", "unknown", None)),
        (image(), {}, "", (), ("unknown", "not_asked", "unknown", None)),
        (
            image("bitnami/redis:7"),
            answered("unknown", "retired", "bitnami/redis:7"),
            "",
            (),
            ("unknown", "retired", "fails", "new_node_or_tag"),
        ),
        (
            image("bitnami/redis:7"),
            answered("unknown", "retired", "docker.io/bitnami/redis:8"),
            "",
            (),
            ("unknown", "not_asked", "unknown", None),
        ),
    ],
)
def test_answers(item: Any, answers: Any, policy: str, unknown: Any, expected: tuple[Any, ...]) -> None:
    (row,) = rows(item, answers=answers, policy=policy, unknown=unknown)
    assert (row["credentials"], row["unknown_because"], row["upgrade"]["outcome"], row["upgrade"]["when"]) == expected
    assert row["upgrade"]["nodes"] == {"v1.35.0": 1}
    assert bool(row["borrowed_from"]) <= (row["credentials"] in ("borrowed", "unknown"))


@pytest.mark.parametrize(
    ("allowlist", "outcome"),
    [
        (["ghcr.io/acme/*"], "ok"),
        ("quay.io/x,ghcr.io/acme/*", "ok"),
        ("quay.io/x, ghcr.io/acme/*", "ok"),
        (["quay.io/x"], "fails"),
        ("quay.io/x", "fails"),
        ("", "fails"),
    ],
)
def test_an_allowlist_is_a_list_or_a_string_with_commas(allowlist: Any, outcome: str) -> None:
    policy = "NeverVerifyAllowlistedImages"
    (row,) = rows(image(running=True), answers=answered("missing"), policy=policy, allowlist=allowlist)
    assert row["upgrade"]["outcome"] == outcome


def test_the_fix_loses_its_condition() -> None:
    (public,) = rows(image(), answers=answered("public"))
    (borrowed,) = rows(image(), answers=answered("missing"))
    (missing,) = rows(image(borrowed_from=[], fix=None), answers=answered("missing"))
    assert public["fix"] is None
    assert borrowed["fix"] == {"text": "Copy it.", "task": FIX["task"]}
    assert missing["fix"] == {
        "text": "Add credentials for ghcr.io: no pull secret of the cluster has them.",
        "task": None,
    }


def test_what_is_known_stays() -> None:
    own = image(reason=None, credentials="own", borrowed_from=[], fix=None)
    (row,) = rows(own, answers=answered("missing"))
    assert row["credentials"] == "own"


def test_the_most_urgent_first_and_in_groups() -> None:
    def of(outcome: str, when: str | None, credentials: str, name: str, reason: str | None = None) -> dict[str, Any]:
        upgrade: dict[str, Any] = {"outcome": outcome, "when": when, "nodes": {}, "text": "x"}
        return image(name, reason, credentials=credentials, upgrade=upgrade)

    found = rows(
        of("ok", None, "own", "a.example/x"),
        of("unknown", None, "unknown", "b.example/x", "no_answer"),
        of("fails", "node_upgrade", "borrowed", "c.example/x"),
        of("fails", "now", "missing", "d.example/x"),
        of("fails", "now", "missing", "d.example/y"),
        of("fails", "new_node_or_tag", "borrowed", "c.example/x"),
    )
    groups = upgrade_groups(found)
    assert [(group["registry"], group["cause"], group["when"], group["images"]) for group in groups] == [
        ("d.example", "missing", "now", 2),
        ("c.example", "borrowed", "new_node_or_tag", 1),
        ("c.example", "borrowed", "node_upgrade", 1),
        ("b.example", "no_answer", "", 1),
    ]
    assert groups[0]["hosts"] == ["one"]
    assert (count_failing(found), count_failing([])) == ({"one": 4}, {})
    assert upgrade_groups([]) == []
