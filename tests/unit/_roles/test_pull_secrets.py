# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role pull_secrets decides: the names of items, what is pruned, and what stops a prune."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.pull_secrets import (
    item_names,
    own_limits,
    plan_prune,
    pull_secret_options,
)


@pytest.mark.parametrize(
    ("items", "names", "nameless"),
    [
        pytest.param([{"name": "a"}, {"name": "b.c-d"}], ["a", "b.c-d"], [], id="names"),
        pytest.param([{"name": 42}], ["42"], [], id="a number, which the module refuses"),
        pytest.param([{"name": "s3cret!"}, {"name": "A"}, {"name": "a\n"}], ["", "", ""], [0, 1, 2], id="no names"),
        pytest.param([{"name": None}, {"name": ["a"]}, {}], ["", "", ""], [0, 1, 2], id="no strings"),
        pytest.param([{"name": "a"}, "s3cret", ["b"]], ["a", "", ""], [1, 2], id="no mappings"),
        pytest.param("ab", ["", ""], [0, 1], id="a string in place of the list"),
        pytest.param([], [], [], id="no items"),
    ],
)
def test_names_of_items(items: Any, names: Sequence[str], nameless: Sequence[int]) -> None:
    assert item_names(items) == {"names": names, "nameless": nameless}


def test_options_of_an_item_take_precedence() -> None:
    assert pull_secret_options(
        {"name": "a", "context": "item"},
        defaults={"context": "defaults", "namespace": "defaults", "report": "changed"},
        connection={"context": "connection", "namespace": "connection", "kubeconfig": "connection"},
        owner="team",
        prune=False,
        verify=True,
    ) == {
        "owner": "team",
        "report": "changed",
        "verify": True,
        "kubeconfig": "connection",
        "namespace": "defaults",
        "name": "a",
        "context": "item",
    }


@pytest.mark.parametrize("limit", [["web"], [], "web,shop", 42])
def test_the_limit_of_the_role_is_that_of_each_item(limit: Any) -> None:
    """The module checks it: an empty list is an error there."""
    options = pull_secret_options(
        {"name": "a"}, defaults={}, connection={}, owner=None, prune=False, verify=False, limit=limit
    )
    assert options["namespaces_limit"] == limit


@pytest.mark.parametrize(
    ("items", "defaults", "places"),
    [
        pytest.param(
            [{"name": "a"}, {"name": "b", "namespaces_limit": None}], {"namespaces_limit": None}, [], id="none"
        ),
        pytest.param([{"name": "a"}, {"namespaces_limit": []}], {}, ["item 1"], id="an item"),
        pytest.param([{"name": "a"}], {"namespaces_limit": ["a"]}, ["the options of all items"], id="the defaults"),
        pytest.param(["no mapping"], "no mapping", [], id="what another check refuses"),
    ],
)
def test_items_have_no_limit_of_their_own(items: Any, defaults: Any, places: Sequence[str]) -> None:
    assert own_limits(items, defaults=defaults) == places


@pytest.mark.parametrize(("prune", "report"), [(True, "all"), (False, "failed")])
def test_a_prune_needs_the_result_of_every_namespace(prune: bool, report: str) -> None:
    options = pull_secret_options({}, defaults={}, connection={}, owner=None, prune=prune, verify=False)
    assert options["report"] == report


@pytest.mark.parametrize(
    ("item", "defaults", "verify", "expected"),
    [
        ({}, {}, True, True),
        ({}, {}, False, False),
        ({}, {"verify": True}, False, True),
        ({"verify": False}, {"verify": True}, True, False),
    ],
)
def test_an_item_may_be_verified_without_the_variable(
    item: dict[str, bool], defaults: dict[str, bool], verify: bool, expected: bool
) -> None:
    options = pull_secret_options(item, defaults=defaults, connection={}, owner=None, prune=False, verify=verify)
    assert options["verify"] is expected


def made(*places: str, ours: bool = True, managed_by: str | None = None) -> list[dict[str, Any]]:
    """Secrets as image_pull_secret_info returns them."""
    secrets = []
    for place in places:
        namespace, name = place.split("/")
        found = {"namespace": namespace, "name": name, "format": "pull_secret"}
        secrets.append({**found, "ours": ours, "managed_by": managed_by})
    return secrets


def one(namespace: str | None) -> dict[str, Any]:
    """The result for one namespace; without a Secret where it is absent."""
    return {"secret": {"namespace": namespace} if namespace else None}


def many(*namespaces: str, unmatched: Sequence[str] = ()) -> dict[str, Any]:
    """The result for many namespaces."""
    return {
        "secrets": [{"namespace": namespace} for namespace in namespaces],
        "summary": {"namespaces": len(namespaces)},
        "unmatched": list(unmatched),
    }


def plan(
    stored: Sequence[Mapping[str, Any]],
    *kept: tuple[Mapping[str, Any], Mapping[str, Any]],
    defaults: Mapping[str, Any] | None = None,
    limit: int | str = 10,
) -> dict[str, Any]:
    """Plan a prune after these items were kept with these results."""
    return plan_prune(
        stored,
        items=[item for item, _result in kept],
        defaults=defaults or {},
        results=[{"pull_secrets_index": index, **result} for index, (_item, result) in enumerate(kept)],
        limit=limit,
    )


A_WEB = ({"name": "a", "namespace": "web"}, one("web"))
SOURCE = {"credentials_from": {"namespace": "vault", "name": "source"}}
SOURCE_HERE = {"credentials_from": {"name": "source"}}


@pytest.mark.parametrize(
    ("stored", "kept", "defaults", "deleted"),
    [
        pytest.param(made("web/a", "web/b"), [A_WEB], {}, ["web/b"], id="no longer in the list"),
        pytest.param(made("web/a", "db/a"), [A_WEB], {}, ["db/a"], id="of the same name elsewhere"),
        pytest.param(
            made("a/x", "b/x", "c/x"), [({"name": "x"}, many("a", "b"))], {}, ["c/x"], id="in many namespaces"
        ),
        pytest.param(
            made("web/a", "db/a", "db/b"), [A_WEB, ({"name": "a"}, many("db"))], {}, ["db/b"], id="a name twice"
        ),
        pytest.param(made("web/a"), [({**A_WEB[0], "state": "absent"}, one(None))], {}, [], id="one that is absent"),
        pytest.param(
            made("web/a"), [({"name": "a", "state": "absent"}, one(None))], {"namespace": "web"}, [], id="by default"
        ),
        pytest.param(made("vault/source"), [({**A_WEB[0], **SOURCE}, one("web"))], {}, [], id="one that is copied"),
        pytest.param(made("vault/source"), [A_WEB], SOURCE, [], id="one that is copied by default"),
        pytest.param(
            made("vault/source", "web/source"),
            [({**A_WEB[0], "credentials_from": [SOURCE["credentials_from"], {"name": "source"}]}, one("web"))],
            {},
            [],
            id="several that are copied",
        ),
        pytest.param(
            made("web/source", "db/source"), [A_WEB], SOURCE_HERE, ["db/source"], id="one copied in its namespace"
        ),
        pytest.param(made("web/b", ours=False), [A_WEB], {}, [], id="one that is not ours"),
        pytest.param(made("web/b", managed_by="Helm"), [A_WEB], {}, [], id="one that Helm manages"),
        pytest.param(
            made("team/x", "team-a/x", "team/b"), [A_WEB], {}, ["team-a/x", "team/b", "team/x"], id="sorted as text"
        ),
    ],
)
def test_what_is_pruned(
    stored: Sequence[Mapping[str, Any]],
    kept: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    defaults: Mapping[str, Any],
    deleted: Sequence[str],
) -> None:
    planned = plan(stored, *kept, defaults=defaults)

    assert planned["refusal"] == ""
    assert list(planned["delete"]) == deleted
    assert made(*deleted) == [{**place, "ours": True, "managed_by": None} for place in planned["delete"].values()]


def test_each_secret_is_pruned_in_its_format() -> None:
    stored = [
        {**secret, "format": form} for secret, form in zip(made("web/b", "web/c"), ["config_json", None], strict=True)
    ]
    planned = plan(stored, A_WEB)["delete"]
    assert {place: item["format"] for place, item in planned.items()} == {
        "web/b": "config_json",
        "web/c": "pull_secret",
    }


STAYS = ", so what it selected before would be deleted."
B, C = {"name": "b"}, {"name": "c"}


@pytest.mark.parametrize(
    ("kept", "limit", "refusal"),
    [
        pytest.param(
            [A_WEB],
            1,
            "This would delete 2 Secrets: db/x, db/y. Set pull_secrets_prune_limit to that number to delete them.",
            id="more than the limit",
        ),
        pytest.param(
            [A_WEB],
            "0",
            "This would delete 2 Secrets: db/x, db/y. Set pull_secrets_prune_limit to that number to delete them.",
            id="a limit that is a string",
        ),
        pytest.param([A_WEB, (B, many())], 10, f"b selects no namespace, or in part none{STAYS}", id="no namespace"),
        pytest.param(
            [(B, many("web", unmatched=['namespaces: "x-*"'])), (C, many())],
            10,
            f'c, b selects no namespace, or in part none (namespaces: "x-*"){STAYS}',
            id="one empty, one in part",
        ),
        pytest.param(
            [(B, many(unmatched=['namespaces: "x-*"', 'namespaces: "y-*"']))],
            0,
            f'b selects no namespace, or in part none (namespaces: "x-*", namespaces: "y-*"){STAYS}',
            id="both, and the limit",
        ),
        pytest.param(
            [A_WEB, (B, {"failed": True, "msg": "forbidden"}), (C, {"failed": True, **many("web")})],
            10,
            "b, c could not be applied, so the Secrets that it declares are not known.",
            id="one that failed, where the play ignores errors",
        ),
    ],
)
def test_what_stops_a_prune(
    kept: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], limit: int | str, refusal: str
) -> None:
    assert plan(made("db/y", "db/x"), *kept, limit=limit) == {"refusal": f"Nothing is pruned. {refusal}", "delete": {}}


def test_as_many_as_the_limit_are_pruned() -> None:
    assert list(plan(made("db/y", "db/x"), A_WEB, limit=2)["delete"]) == ["db/x", "db/y"]
