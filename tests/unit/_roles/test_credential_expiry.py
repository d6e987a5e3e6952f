# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials the playbook credential_expiry lists, in which order, and which variables it refuses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.credential_expiry import (
    expiring_credentials,
    expiry_faults,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT

NOW = datetime(2026, 11, 29, 12, tzinfo=timezone.utc)
CLUSTER = {"server": "https://c:6443", "context": None, "source": "kubeconfig"}


def ends_in(**left: float) -> str:
    return (NOW + timedelta(**left)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pull_secret(end: str | None, namespace: str = "web", **fields: Any) -> dict[str, Any]:
    entry = {"server": "ghcr.io", "username": "octo", "email": None, "expires_at": end}
    secret = {"namespace": namespace, "name": "registry", "ours": True, "annotations": {}, "registries": [entry]}
    return {**secret, **fields}


def git_secret(end: str | None, **fields: Any) -> dict[str, Any]:
    secret = {"namespace": "web", "name": "git", "ours": True, "annotations": {}, "kind": "https", "url": None}
    return {**secret, "username": "octo", "expires_at": end, **fields}


def result(*secrets: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"secrets": list(secrets), "cluster": CLUSTER, **fields}


def find(pull: list[dict[str, Any]], git: list[dict[str, Any]], within: str = "30d") -> dict[str, Any]:
    return expiring_credentials([("prod", result(*pull), result(*git))], within=within, now=NOW.timestamp())


@pytest.mark.parametrize(
    ("end", "within", "left"),
    [
        pytest.param(ends_in(days=-400), "1h", "expired", id="long ago"),
        pytest.param(ends_in(), "1h", "expired", id="now"),
        pytest.param(ends_in(minutes=59), "1h", "0 h", id="in less than an hour"),
        pytest.param(ends_in(hours=1), "1h", "1 h", id="at the very end"),
        pytest.param(ends_in(hours=1, seconds=1), "1h", None, id="a second later"),
        pytest.param(ends_in(hours=47), "2d", "47 h", id="hours"),
        pytest.param(ends_in(days=2), "2d", "2 d", id="days"),
        pytest.param(ends_in(days=56), "8w", "56 d", id="weeks"),
        pytest.param("2026-11-30", "30d", "12 h", id="a date"),
        pytest.param("2026-11-29T14:00:00+01:00", "30d", "1 h", id="another zone"),
        pytest.param("<known after apply>", "30d", None, id="no time"),
        pytest.param("********", "30d", None, id="a hidden time"),
        pytest.param(None, "30d", None, id="not known"),
    ],
)
def test_what_expires_within_a_time(end: str | None, within: str, left: str | None) -> None:
    for found in (find([pull_secret(end)], [], within), find([], [git_secret(end)], within)):
        assert [item["left"] for item in found["findings"]] == ([left] if left else [])
        assert found["hosts"]["prod"]["findings"] == len(found["findings"])
        assert found["undated"] == (end in (None, "<known after apply>", "********"))


@pytest.mark.parametrize(
    ("pull", "git", "listed"),
    [
        pytest.param([pull_secret(ends_in(), ours=False)], [], False, id="unmanaged"),
        pytest.param([pull_secret(ends_in(), ours=False, annotations={EXPIRES_AT: ""})], [], True, id="recorded"),
        pytest.param([], [git_secret(ends_in(), ours=False)], False, id="unmanaged Git credential"),
        pytest.param([], [git_secret(None, kind="ssh")], False, id="SSH key"),
    ],
)
def test_which_secrets_count(pull: list[dict[str, Any]], git: list[dict[str, Any]], listed: bool) -> None:
    found = find(pull, git)
    assert (len(found["findings"]), found["undated"]) == (int(listed), 0)


def test_the_earliest_first_and_equal_ones_together() -> None:
    many = [pull_secret(ends_in(days=3), namespace) for namespace in ("a", "b", "c")]
    other = pull_secret(ends_in(days=3), "d", name="other")
    results = [
        ("test", result(*many), result()),
        ("prod", result(*many, other), result(git_secret(ends_in(days=-1), url="https://h/a"))),
    ]
    found = expiring_credentials(results, within="30d", now=NOW.timestamp())
    assert [(item["host"], item["kind"], item["secret"], item["namespaces"]) for item in found["findings"]] == [
        ("prod", "Git", "git", ["web"]),
        ("prod", "pull secret", "other", ["d"]),
        ("prod", "pull secret", "registry", ["a", "b", "c"]),
        ("test", "pull secret", "registry", ["a", "b", "c"]),
    ]
    assert found["findings"][0] == {
        "expires_at": ends_in(days=-1),
        "expired": True,
        "left": "expired",
        "host": "prod",
        "kind": "Git",
        "namespaces": ["web"],
        "secret": "git",
        "server": "https://h/a",
        "username": "octo",
    }


FAILED = {"failed": True, "msg": "No connection."}


@pytest.mark.parametrize(
    ("pull", "git", "not_read"),
    [
        pytest.param(result(), result(), [], id="read"),
        pytest.param(FAILED, FAILED, ["No connection."], id="the same reason twice"),
        pytest.param(FAILED, result(), ["pull secrets: No connection."], id="only Git"),
        pytest.param(
            FAILED,
            {"msg": "Forbidden."},
            ["pull secrets: No connection.", "Git secrets: Forbidden."],
            id="two reasons",
        ),
        pytest.param({}, {}, ["The task did not run."], id="nothing"),
    ],
)
def test_clusters_that_were_not_read(pull: dict[str, Any], git: dict[str, Any], not_read: list[str]) -> None:
    found = expiring_credentials([("prod", pull, git)], within="30d", now=NOW.timestamp())
    assert found["hosts"]["prod"]["not_read"] == not_read


def test_a_warning_is_listed_once() -> None:
    both = result(warnings=["Namespace a does not exist."])
    found = expiring_credentials([("prod", both, both)], within="30d", now=NOW.timestamp())
    assert found["hosts"]["prod"]["warnings"] == ["Namespace a does not exist."]


GOOD = {"within": "30d", "fail": False, "file": ""}


@pytest.mark.parametrize(
    ("variables", "faults"),
    [
        pytest.param({}, [], id="defaults"),
        pytest.param({"within": "12h", "fail": "yes", "file": "/a/b.json"}, [], id="all"),
        *(
            pytest.param(
                {"within": within},
                ["expiry_within must be a number of hours, days or weeks, such as 12h, 30d or 8w."],
                id=f"within {within}",
            )
            for within in (30, "30", "30 d", "d", "-1d", "1m", "99999d", "٣d", "", None)
        ),
        *(
            pytest.param({"fail": fail}, ["expiry_fail must be true or false."], id=f"fail {fail}")
            for fail in ("maybe", "", None, ["true"])
        ),
        pytest.param(
            {"file": "a.csv"}, ["expiry_file must be the path of a JSON file. Let it end with .json."], id="file"
        ),
    ],
)
def test_variables(variables: dict[str, Any], faults: list[str]) -> None:
    assert expiry_faults({**GOOD, **variables}) == faults
