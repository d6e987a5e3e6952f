# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pull secrets of ECP: names, answers with a password in clear, plans, and what a diff shows of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import StoredLogin
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import Registry
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_pull_secret import (
    DesiredPullSecret,
    EcpPlan,
    check_pull_secret_name,
    continue_plan,
    describe_pull_secret_after,
    find_secret_id,
    parse_listed,
    parse_stored,
    plan_absent_pull_secret,
    plan_pull_secret,
    view_pull_secret_diff,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.strange_document import StrangeDocument

PASSWORD, NEW_PASSWORD = "s3cret-first-token", "s3cret-second-token"
ANSWER = {
    "imagepullsecretID": "32bd86d6312211eaae6398ac35ded775",
    "name": "web",
    "description": "Shop",
    "registry": "docker.io",
    "username": "acme",
    "password": PASSWORD,
    "creationTime": "2020-10-02T15:00:00Z",
    "lastUpdateTime": "2020-10-02T17:05:00+02:00",
}
HUB = Registry("docker.io", "registry", username="acme", password=PASSWORD)


def keep(registry: Registry, _stored: StoredLogin | None, _end: str | None) -> Registry:
    """Mint nothing."""
    return registry


def stored(**fields: Any) -> Any:
    return parse_stored({**ANSWER, **fields}, lambda text: None)


GOOD_NAMES = ("a", "0", "web", "a.b", "a-b", "a--b", "a..b", "a.-b", "a" * 63)
BAD_NAMES = ("", "-a", "a-", ".a", "a.", "A", "a_b", "a b", "a/b", "a\n", "\u00e4", "a" * 64, "..", "a" * 62 + "-")


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_accepts_a_name(name: str) -> None:
    check_pull_secret_name(name, "name")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_refuses_a_name(name: str) -> None:
    with pytest.raises(KeyringError) as caught:
        check_pull_secret_name(name, "name")
    assert str(caught.value) == (
        "name is not a name that a pull secret of the platform can have. Allowed are at most 63 lower-case letters, "
        "digits, - and ., with a letter or digit at both ends. Write it like registry-credentials."
    )


@pytest.mark.parametrize("name", ["a" * 62 + "!", "a-" * 31 + "!", "a" * 10_000_000 + "!", ".-" * 1_000_000])
def test_a_name_is_refused_in_linear_time(name: str) -> None:
    begin = time.process_time()
    with pytest.raises(KeyringError):
        check_pull_secret_name(name, "name")
    assert time.process_time() - begin < 0.5


def test_an_answer_is_read_and_its_password_is_hidden() -> None:
    hidden: list[str] = []
    secret = parse_stored(ANSWER, hidden.append)
    assert hidden == [PASSWORD, base64.b64encode(f"acme:{PASSWORD}".encode()).decode()]
    assert PASSWORD not in repr(secret)
    assert secret.describe() == {
        "id": "32bd86d6312211eaae6398ac35ded775",
        "name": "web",
        "registry": "docker.io",
        "username": "acme",
        "description": "Shop",
        "created": "2020-10-02T15:00:00Z",
        "last_updated": "2020-10-02T15:05:00Z",
        "managed": False,
    }


# What else an answer may have, and what of it is hidden.
HIDDEN_TEXTS: Mapping[str, tuple[Any, set[str]]] = {
    "another field": ({**ANSWER, "token": NEW_PASSWORD}, {NEW_PASSWORD}),
    "a nested field": ({**ANSWER, "more": {"name": NEW_PASSWORD}}, {NEW_PASSWORD}),
    "a field that is public as a string": ({**ANSWER, "description": {"x": NEW_PASSWORD}}, {NEW_PASSWORD}),
    "a list": ([ANSWER], {PASSWORD}),
    "a string": (PASSWORD, {PASSWORD}),
    "a list as password": ({**ANSWER, "password": [PASSWORD]}, {PASSWORD}),
    "the password as user name": ({**ANSWER, "username": PASSWORD}, {PASSWORD}),
    "a token as user name": ({**ANSWER, "username": "ghp_" + "a1B2c3" * 6}, {"ghp_" + "a1B2c3" * 6}),
}


@pytest.mark.parametrize(("answer", "texts"), HIDDEN_TEXTS.values(), ids=HIDDEN_TEXTS)
def test_what_may_be_secret_is_hidden_before_anything_else(answer: Any, texts: set[str]) -> None:
    hidden: list[str] = []
    try:
        shown = json.dumps(parse_stored(answer, hidden.append).describe())
    except StrangeDocument as error:
        shown = str(error)
    assert texts <= set(hidden)
    assert PASSWORD not in shown
    assert NEW_PASSWORD not in shown


def test_a_deep_answer_is_hidden_without_recursion() -> None:
    answer: Any = PASSWORD
    for _number in range(100_000):
        answer = [answer]
    hidden: list[str] = []
    with pytest.raises(StrangeDocument):
        parse_stored(answer, hidden.append)
    assert hidden == [PASSWORD]
    while isinstance(answer, list):  # Python itself frees a deep list by recursion
        answer = answer.pop()


@pytest.mark.parametrize("given", [None, "", 7, True, "..", ".", "a/b", "a?b", "a b", "a\n", "a%2fb", "x" * 201, ["a"]])
def test_an_id_that_fits_into_no_path_is_refused(given: object) -> None:
    with pytest.raises(StrangeDocument, match=r"A pull secret has no usable ID\."):
        parse_listed({**ANSWER, "imagepullsecretID": given})


LOCATIONS: Mapping[str | None, str | None] = {
    "https://ngapi.cdnetworks.com/ecp/v1/imagepullsecrets/123456": "123456",
    "/ecp/v1/imagepullsecrets/123456/": "123456",
    "/ecp/v1/imagepullsecrets/123456?x=/y": "123456",
    "123456": "123456",
    "/ecp/v1/..": None,
    "": None,
    None: None,
    "/a b": None,
}


@pytest.mark.parametrize("location", LOCATIONS)
def test_finds_the_id_in_a_location(location: str | None) -> None:
    assert find_secret_id(location) == LOCATIONS[location]


@pytest.mark.parametrize("text", ["yesterday", "", 5, None, PASSWORD, "2020-13-01T00:00:00Z"])
def test_a_time_that_is_none_is_unknown(text: object) -> None:
    assert parse_listed({**ANSWER, "creationTime": text}).created is None


def test_the_id_is_not_planned() -> None:
    plan = plan_pull_secret(None, DesiredPullSecret("web", HUB), keep)
    assert plan.operation == "created"
    assert plan.after
    assert plan.listed is None
    assert describe_pull_secret_after(plan, "web") == {
        "id": None,
        "name": "web",
        "registry": "docker.io",
        "username": "acme",
        "description": "",
        "created": None,
        "last_updated": None,
        "managed": False,
    }
    assert plan.body == {"name": "web", "registry": "docker.io", "username": "acme", "password": PASSWORD}
    assert PASSWORD not in repr(plan)


REGISTRIES: Mapping[str, tuple[str, str, bool]] = {
    "the same": ("docker.io", "docker.io", True),
    "a scheme": ("https://ghcr.io", "ghcr.io", True),
    "an API version": ("ghcr.io", "https://ghcr.io/v2/", True),
    "two names of Docker Hub": ("docker.io", "https://index.docker.io/v1/", False),
    "capital letters": ("GHCR.io", "ghcr.io", False),
    "a path": ("ghcr.io", "ghcr.io/team/", False),
    "a port": ("r.example.com", "r.example.com:443", False),
    "none": ("", "ghcr.io", False),
}


@pytest.mark.parametrize(("ours", "theirs", "is_same"), REGISTRIES.values(), ids=REGISTRIES)
def test_registries_are_compared_as_the_kubelet_does(ours: str, theirs: str, is_same: bool) -> None:
    desired = DesiredPullSecret("web", Registry(theirs, "registry", "acme", PASSWORD))
    if is_same:
        assert plan_pull_secret(stored(registry=ours), desired, keep).operation == "unchanged"
    else:
        with pytest.raises(KeyringError, match="cannot change the registry"):
            plan_pull_secret(stored(registry=ours), desired, keep)


def test_a_refused_change_mints_nothing() -> None:
    def mint(registry: Registry, _stored: StoredLogin | None, _end: str | None) -> Registry:
        raise AssertionError("a token is minted")

    for fields in ({"registry": "ghcr.io"}, {"description": "Auto created for ECP registry user a"}):
        with pytest.raises(KeyringError):
            plan_pull_secret(stored(**fields), DesiredPullSecret("web", HUB), mint)
    kept = plan_pull_secret(stored(), DesiredPullSecret("web", HUB, update="on_create"), mint)
    assert kept.operation == "unchanged"


def test_a_stored_token_is_known_to_the_one_that_renews_it() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1_900_000_000}).encode()).decode().rstrip("=")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256"}).encode()).decode().rstrip("=")
    token = f"{header}.{claims}.c2lnbmF0dXJl"
    seen: list[tuple[StoredLogin | None, str | None]] = []

    def renew(registry: Registry, login: StoredLogin | None, end: str | None) -> Registry:
        seen.append((login, end))
        return registry

    registry = Registry("docker.io", "registry")
    plan = plan_pull_secret(stored(password=token), DesiredPullSecret("web", registry, update="when_given"), renew)
    assert plan.operation == "unchanged"
    assert seen == [(StoredLogin("acme", token), "2030-03-17T17:46:40Z")]


def test_a_missing_password_is_not_that_of_the_task() -> None:
    plan = plan_pull_secret(stored(password=None), DesiredPullSecret("web", HUB), keep)
    assert plan.body == {"password": PASSWORD}
    kept = DesiredPullSecret("web", Registry("docker.io", "registry"), "Shop", "when_given")
    assert plan_pull_secret(stored(password=None), kept, keep).operation == "unchanged"


def test_only_what_is_not_managed_is_deleted() -> None:
    assert plan_absent_pull_secret(None).operation == "unchanged"
    assert plan_absent_pull_secret(stored()).operation == "deleted"
    with pytest.raises(KeyringError) as caught:
        plan_absent_pull_secret(stored(description="Auto created for ECP registry user web-1"))
    assert caught.value.failure == "managed_elsewhere"


def test_a_diff_hides_what_is_secret() -> None:
    token = "ghp_" + "a1B2c3" * 6
    registry = Registry("docker.io", "registry", username=token, password=NEW_PASSWORD)
    plan = plan_pull_secret(stored(username="ghp_" + "z9Y8x7" * 6), DesiredPullSecret("web", registry), keep)
    assert view_pull_secret_diff(plan, "web") == {
        "before": {"description": "Shop", "registry": "docker.io", "username": "<hidden>", "password": "<hidden>"},
        "after": {
            "description": "Shop",
            "registry": "docker.io",
            "username": "<hidden, changed>",
            "password": "<hidden, changed>",
        },
        "before_header": "Pull secret web",
        "after_header": "Pull secret web",
    }
    created = plan_pull_secret(None, DesiredPullSecret("web", HUB), keep)
    assert view_pull_secret_diff(created, "web")["after"]["password"] == "<hidden>"
    assert view_pull_secret_diff(plan_absent_pull_secret(stored()), "web")["after"] == {}


def test_what_was_begun_is_reported() -> None:
    before = stored()
    begun = EcpPlan("recreated", before, None)
    done = EcpPlan("created", None, stored(registry="ghcr.io").content)
    total = continue_plan(begun, done)
    assert (total.operation, total.before, total.after) == ("recreated", before, done.after)
    assert continue_plan(None, done) is done
