# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a Secret may be seen in a result and in a diff."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.ownership import Mark
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan, Secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import describe_pull_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import Hidden, view_diff, view_secret
from support.samples.secrets import docker_secret, encode, stored_secret

TYPE = "kubernetes.io/dockerconfigjson"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
HEADER = {"before_header": "Secret web/registry", "after_header": "Secret web/registry"}


def entry(username: str, password: str) -> dict[str, str]:
    return {"username": username, "password": password, "auth": encode(f"{username}:{password}")}


def viewed(registries: dict[str, Any], **fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"type": TYPE, "immutable": False, "labels": {}, "annotations": {}}
    return {**empty, "registries": registries, **fields}


SHOWN = {"username": "ada", "password": "<hidden>", "auth": "<hidden>"}
CHANGED = {"username": "ada", "password": "<hidden, changed>", "auth": "<hidden, changed>"}


def test_hidden_can_not_be_printed() -> None:
    hidden = Hidden("s3cret")
    assert repr(hidden) == str(hidden) == f"{hidden}" == "<hidden>"
    with pytest.raises(TypeError):
        json.dumps(hidden)
    assert not hasattr(hidden, "__dict__")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Hidden("s3cret"), True),
        (Hidden("0ther!"), False),
        (Hidden(None), False),
        ("s3cret", False),
        ("<hidden>", False),
        (None, False),
    ],
)
def test_hidden_same_as(other: object, same: bool) -> None:
    assert Hidden("s3cret").same_as(other) is same


@pytest.mark.parametrize(
    ("secret", "fields"),
    [
        pytest.param(stored_secret({}), {}, id="plain"),
        pytest.param(stored_secret({}, kind="Opaque"), {"type": "Opaque"}, id="another type"),
        pytest.param(stored_secret({}, immutable=True), {"immutable": True}, id="immutable"),
        pytest.param(stored_secret({}, labels={"a": "b"}), {"labels": {"a": "b"}}, id="labels"),
        pytest.param(
            stored_secret(
                {},
                annotations={
                    "note": "x",
                    "foreign": "s3cret",
                    "keyring.kubernetes/origin": "web/registry",
                    LAST_APPLIED: "{}",
                },
            ),
            {"annotations": {"note": "x", "keyring.kubernetes/origin": "web/registry"}},
            id="own annotations only",
        ),
        pytest.param(stored_secret({}, labels=None, annotations=None), {}, id="nulls"),
        pytest.param(
            {"metadata": {"namespace": "web", "name": "registry"}, "type": TYPE},
            {"uid": None, "resource_version": None},
            id="not on the server yet",
        ),
        pytest.param(docker_secret({"auths": {"b.io": entry("ada", "s3cret")}}), {}, id="no data at all"),
    ],
)
def test_view_secret(secret: dict[str, Any], fields: dict[str, Any]) -> None:
    plain = {
        "namespace": "web",
        "name": "registry",
        "type": TYPE,
        "uid": "5d2c",
        "resource_version": "41",
        "immutable": False,
        "labels": {},
        "annotations": {},
    }
    assert view_secret(secret, {"note": "x", LAST_APPLIED: None}) == {**plain, **fields}


ADA = docker_secret({"auths": {"b.io": entry("ada", "s3cret")}})


@pytest.mark.parametrize(
    ("plan", "before", "after"),
    [
        pytest.param(Plan("created", None, ADA), {}, viewed({"b.io": SHOWN}), id="created"),
        pytest.param(Plan("deleted", ADA, None), viewed({"b.io": SHOWN}), {}, id="deleted"),
        pytest.param(Plan("unchanged", ADA, ADA), {}, {}, id="unchanged"),
        pytest.param(
            Plan("updated", ADA, docker_secret({"auths": {"b.io": entry("ada", "0ther!")}})),
            viewed({"b.io": SHOWN}),
            viewed({"b.io": CHANGED}),
            id="another password",
        ),
        pytest.param(
            Plan("updated", ADA, docker_secret({"auths": {"b.io": entry("eve", "s3cret")}})),
            viewed({"b.io": SHOWN}),
            viewed({"b.io": {"username": "eve", "password": "<hidden>", "auth": "<hidden, changed>"}}),
            id="another user",
        ),
        pytest.param(
            Plan("updated", docker_secret({"auths": {"b.io": {"auth": encode("ada:s3cret")}}}), ADA),
            viewed({"b.io": {"username": "ada", "auth": "<hidden>"}}),
            viewed({"b.io": SHOWN}),
            id="fields added",
        ),
        pytest.param(
            Plan(
                "updated",
                ADA,
                docker_secret({"auths": {"a.io": entry("ada", "0ther!"), "b.io": entry("ada", "s3cret")}}),
            ),
            viewed({"b.io": SHOWN}),
            viewed({"a.io": SHOWN, "b.io": SHOWN}),
            id="a registry more",
        ),
        pytest.param(
            Plan(
                "updated",
                docker_secret({"auths": {"b.io": {}}, "x": "s3cret"}, labels={"l": "1"}),
                docker_secret({"auths": {"b.io": {}}, "x": "0ther!"}, labels={"m": "2"}, immutable=True),
            ),
            viewed({"b.io": {}}, labels={"l": "1"}, other_fields={"x": "<hidden>"}),
            viewed({"b.io": {}}, labels={"m": "2"}, other_fields={"x": "<hidden, changed>"}, immutable=True),
            id="labels, immutable, other fields",
        ),
        pytest.param(
            Plan("updated", docker_secret("s3cret"), ADA),
            {
                key: value
                for key, value in viewed({}, data={".dockerconfigjson": "<hidden>"}).items()
                if key != "registries"
            },
            viewed({"b.io": SHOWN}),
            id="a docker config that does not parse",
        ),
        pytest.param(
            Plan("recreated", stored_secret({"x": "eA=="}, kind="Opaque"), ADA),
            {"type": "Opaque", "immutable": False, "labels": {}, "annotations": {}, "data": {"x": "<hidden>"}},
            viewed({"b.io": SHOWN}),
            id="recreated",
        ),
        pytest.param(
            Plan(
                "updated",
                docker_secret(
                    {"auths": {"b.io": {}}}, annotations={"note": "x", "foreign": "s3cret", LAST_APPLIED: "{}"}
                ),
                docker_secret({"auths": {"b.io": {}}}, annotations={"note": "y", "foreign": "0ther!"}),
            ),
            viewed({"b.io": {}}, annotations={"note": "x", "foreign": "<not shown>", LAST_APPLIED: "<not shown>"}),
            viewed({"b.io": {}}, annotations={"note": "y", "foreign": "<not shown>"}),
            id="annotations",
        ),
    ],
)
def test_view_diff(plan: Plan, before: dict[str, Any], after: dict[str, Any]) -> None:
    diff = view_diff(plan, describe_pull_secret, {"note": "y"})
    assert diff == {"before": before, "after": after, **HEADER}
    json.dumps(diff)


HELM = Mark('Helm release "web"', "label app.kubernetes.io/managed-by", "change the release")
FROM_HELM = viewed({"b.io": SHOWN}, managed_by='Helm release "web"')
TO_US = viewed({"b.io": SHOWN}, managed_by="keyring.kubernetes")


@pytest.mark.parametrize(
    ("plan", "before", "after"),
    [
        pytest.param(Plan("updated", ADA, ADA, taken=HELM), FROM_HELM, TO_US, id="changed"),
        pytest.param(Plan("recreated", ADA, ADA, taken=HELM), FROM_HELM, TO_US, id="made anew"),
        pytest.param(Plan("deleted", ADA, None, taken=HELM), FROM_HELM, {}, id="deleted"),
        pytest.param(Plan("unchanged", ADA, ADA), {}, {}, id="unchanged"),
    ],
)
def test_the_diff_says_whose_the_secret_was(plan: Plan, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert view_diff(plan, describe_pull_secret, ()) == {"before": before, "after": after, **HEADER}


def test_a_manager_with_the_name_of_a_password_stays_hidden() -> None:
    plan = Plan("deleted", ADA, None, taken=Mark("s3cret", "label x", "change it there"))
    assert view_diff(plan, describe_pull_secret, ())["before"]["managed_by"] == "<hidden>"


# Stored fields that contradict one another, and their repair.
@pytest.mark.parametrize(
    "stored",
    [
        pytest.param({**entry("ada", "s3cret"), "username": "eve"}, id="username"),
        pytest.param({**entry("ada", "s3cret"), "password": "0ther!"}, id="password"),
        pytest.param({**entry("ada", "s3cret"), "auth": "pants"}, id="auth"),
        pytest.param({**entry("ada", "s3cret"), "email": False}, id="email"),
        pytest.param({"username": "ada", "password": "s3cret"}, id="missing auth"),
    ],
)
def test_a_repair_is_seen_in_the_diff(stored: dict[str, Any]) -> None:
    diff = view_diff(Plan("updated", docker_secret({"auths": {"b.io": stored}}), ADA), describe_pull_secret, ())
    assert diff["before"] != diff["after"]


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_was_the_password_stays_hidden(field: str) -> None:
    """A token in a wrong field, whose password is rotated: the old token may still be good."""
    old, new = ({**entry("ada", password), field: "0ld-token"} for password in ("0ld-token", "new-token"))
    del old["auth"], new["auth"]
    plan = Plan("updated", docker_secret({"auths": {"b.io": old}}), docker_secret({"auths": {"b.io": new}}))
    assert "0ld-token" not in json.dumps(view_diff(plan, describe_pull_secret, ()))


def test_an_empty_password_hides_no_other_empty_text() -> None:
    before, after = (
        docker_secret({"auths": {"b.io": {"password": "", "x": x}}}, labels={"tier": ""}) for x in ("1", "2")
    )
    diff = view_diff(Plan("updated", before, after), describe_pull_secret, ())
    assert diff["after"]["labels"] == {"tier": ""}


def test_a_hidden_anywhere_in_a_description_is_rendered() -> None:
    def describe(secret: Secret) -> dict[str, Any]:
        return {"deep": {"deeper": {"deepest": Hidden(secret["data"])}}}

    plan = Plan("updated", stored_secret({"a": "eA=="}), stored_secret({"a": "eQ=="}))
    diff = view_diff(plan, describe, ())
    assert diff["before"]["deep"] == {"deeper": {"deepest": "<hidden>"}}
    assert diff["after"]["deep"] == {"deeper": {"deepest": "<hidden, changed>"}}
