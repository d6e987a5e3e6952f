# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker registry secrets of SAP AI Core without requests: names, the plan, quotas, pages of names and the diff."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_docker import (
    FORM_LIMIT,
    check_docker_secret_name,
    get_docker_secret_text,
    is_docker_secret,
    parse_docker_secret_name,
    plan_docker_secret,
    view_docker_secret_diff,
    warn_docker_secret_size,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_quota import (
    SapQuota,
    parse_sap_quota,
    refuse_full_quota,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.strange_document import StrangeDocument
from support.samples.secrets import encode

NAMES = ["ab", "a1", "web", "a.b-c", "a..b", "a--b", "0a", "a" * 63]
NO_NAMES = ["", "a", "A", "Web", "-ab", "ab-", ".ab", "ab.", "a_b", "a b", "ab\n", "\nab", "ä1", "a/b", "a" * 64, "٣a"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name(name: str) -> None:
    check_docker_secret_name(name)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(KeyringError) as caught:
        check_docker_secret_name(name)
    assert caught.value.describe() == {"id": "invalid_option", "option": "name", "namespace": None}
    assert len(name) < 3 or name not in str(caught.value)


def test_a_name_is_checked_in_linear_time() -> None:
    """The pattern of the API's document takes minutes for 40 characters."""
    start = time.process_time()
    for length in (62, 40, 100_000):
        with pytest.raises(KeyringError):
            check_docker_secret_name("a" * length + "_")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("exists", "state", "update", "operation"),
    [
        (False, "present", "always", "created"),
        (False, "present", "on_create", "created"),
        (True, "present", "always", "updated"),
        (True, "present", "on_create", "kept"),
        (True, "absent", "always", "deleted"),
        (False, "absent", "always", "unchanged"),
    ],
)
def test_the_plan(exists: bool, state: Any, update: Any, operation: str) -> None:
    assert plan_docker_secret(exists, state, update) == operation


QUOTAS = {
    "as documented": ({"usage": {"count": 3}, "quota": {"maxCount": 50}}, (3, 50)),
    "without the usage": ({"quota": {"maxCount": 50}}, (None, 50)),
    "disabled": ({"usage": {"count": 0}, "quota": {"maxCount": 0}}, (0, 0)),
    "strings": ({"usage": {"count": "3"}, "quota": {"maxCount": "50"}}, (None, None)),
    "booleans": ({"usage": {"count": True}, "quota": {"maxCount": False}}, (None, None)),
    "negative": ({"usage": {"count": -1}, "quota": {"maxCount": -1}}, (None, None)),
    "fractions": ({"usage": {"count": 1.5}, "quota": {"maxCount": float("nan")}}, (None, None)),
    "lists": ({"usage": [3], "quota": [50]}, (None, None)),
    "nothing": ({}, (None, None)),
    "null": (None, (None, None)),
    "a list": ([], (None, None)),
    "text": ("50", (None, None)),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_a_quota(case: str) -> None:
    document, expected = QUOTAS[case]
    quota = parse_sap_quota(document)
    assert (quota.used, quota.maximum) == expected
    assert quota.describe() == {"used": expected[0], "maximum": expected[1]}


@pytest.mark.parametrize(
    ("used", "maximum", "is_full"),
    [
        (49, 50, False),
        (50, 50, True),
        (51, 50, True),
        (0, 0, True),
        (None, 0, True),
        (None, 50, False),
        (5, None, False),
    ],
)
def test_a_full_quota_is_refused(used: int | None, maximum: int | None, is_full: bool) -> None:
    quota = SapQuota(used, maximum)
    if not is_full:
        refuse_full_quota(quota, "repositories")
        return
    with pytest.raises(KeyringError, match="repositories") as caught:
        refuse_full_quota(quota, "repositories")
    assert caught.value.describe() == {"id": "quota", "option": None, "namespace": None}


LISTED: dict[str, tuple[Any, str | None]] = {
    "as documented": ({"name": "b"}, "b"),
    "all characters": ({"name": "a_c.d-e"}, "a_c.d-e"),
    "more fields": ({"name": "b", "createdAt": "x"}, "b"),
    "null": (None, None),
    "a list": ([{"name": "a"}], None),
    "a string": ("a", None),
    "without a name": ({}, None),
    "a name that is a number": ({"name": 5}, None),
    "a name with a newline, which is not shown": ({"name": "a\n"}, "a\n"),
}


@pytest.mark.parametrize("case", LISTED)
def test_a_name_in_a_list(case: str) -> None:
    resource, expected = LISTED[case]
    if expected is None:
        with pytest.raises(StrangeDocument):
            parse_docker_secret_name(resource)
    else:
        assert parse_docker_secret_name(resource) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [({"name": "web"}, True), ({"name": "web", "x": 1}, True), ({"name": "other"}, False), ({}, False), ([], False),
     ("web", False), ({"name": ["web"]}, False)],
)  # fmt: skip
def test_an_answer_about_one_secret(document: Any, expected: bool) -> None:
    assert is_docker_secret(document, "web") is expected


def pull_secret(password: str = "s3cret-pw") -> dict[str, Any]:
    auth = encode(f"octo:{password}")
    config = {"auths": {"ghcr.io": {"username": "octo", "password": password, "auth": auth}}}
    return {"type": TYPE, "metadata": {"namespace": "", "name": "web"}, "data": {KEY: encode(json.dumps(config))}}


@pytest.mark.parametrize(("size", "warns"), [(FORM_LIMIT, False), (FORM_LIMIT + 1, True)])
def test_a_value_that_the_form_would_not_take(size: int, warns: bool) -> None:
    assert bool(warn_docker_secret_size("x" * size)) is warns


def test_a_value_that_no_secret_can_hold() -> None:
    assert json.loads(get_docker_secret_text(pull_secret()))["auths"]["ghcr.io"]["username"] == "octo"
    with pytest.raises(KeyringError, match="larger than 1 MiB"):
        get_docker_secret_text(pull_secret("x" * 1024 * 1024))


WRITTEN = {"registries": {"ghcr.io": {"username": "octo", "password": "<hidden>", "auth": "<hidden>"}}}
UNKNOWN = {"registries": "<not returned>"}
DIFFS: dict[str, tuple[Any, Any]] = {
    "created": ({}, WRITTEN),
    "updated": (UNKNOWN, WRITTEN),
    "deleted": (UNKNOWN, {}),
    "kept": ({}, {}),
    "unchanged": ({}, {}),
}


@pytest.mark.parametrize("operation", DIFFS)
def test_a_diff_has_no_secret_and_claims_nothing_about_before(operation: Any) -> None:
    before, after = DIFFS[operation]
    diff = view_docker_secret_diff("web", operation, pull_secret() if after else None)

    assert (diff["before"], diff["after"]) == (before, after)
    assert diff["after_header"] == "Docker registry secret web"
    assert ("does not return" in diff["before_header"]) is (before == UNKNOWN)
    assert "s3cret-pw" not in json.dumps(diff)
