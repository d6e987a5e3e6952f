# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry users of the ECP platform: which one is selected, what is written, and what is shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_user import (
    DesiredUser,
    ProjectAccess,
    RegistryUser,
    UserProfile,
    build_new_user,
    build_profile,
    choose_user,
    describe_user,
    diff_user,
    has_prefix,
    parse_user,
    plan_user,
    predict_user,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.strange_document import StrangeDocument
from support.samples.secrets import refusal

PASSWORD = "Pull-secret-7"
# The example of the document.
DOCUMENT: Mapping[str, Any] = {
    "username": "demouser-5883",
    "email": "abcde@123.com",
    "description": "This is a demo user",
    "createdBy": "ecp-demo",
    "creationTime": "2021-01-19T06:28:55Z",
    "lastUpdateTime": "2021-01-19T07:48:22Z",
    "projectsAccess": [{"accessType": "readwrite", "project": "myproject1", "projectID": 22}],
    "userID": 2977,
}
PULL, PUSH = ProjectAccess("myproject2", "readonly"), ProjectAccess("myproject1", "readwrite")
PROFILE = UserProfile("abcde@123.com", "This is a demo user", (PUSH,))
STORED = RegistryUser(2977, "demouser-5883", PROFILE, "ecp-demo", "2021-01-19T06:28:55Z", "2021-01-19T07:48:22Z")
NOTHING = DesiredUser(
    username=None,
    prefix="demouser",
    is_present=True,
    password=None,
    email=None,
    description=None,
    projects=None,
    keeps_password=False,
)
SAME = dataclasses.replace(NOTHING, password=PASSWORD, email=PROFILE.email)


def stored(identity: int, username: str, email: str = "") -> RegistryUser:
    return dataclasses.replace(STORED, id=identity, username=username, profile=UserProfile(email, "", ()))


@pytest.mark.parametrize(
    ("username", "prefix", "expected"),
    [
        pytest.param("demouser-5883", "demouser", True, id="the example of the document"),
        pytest.param("demo-5-1234", "demo-5", True, id="a prefix with a hyphen"),
        pytest.param("demo-5-1234", "demo", False, id="the beginning of another prefix"),
        pytest.param("demo-5.1-x2", "demo-5.1", True, id="dots and letters"),
        pytest.param("demouser", "demouser", False, id="no random string"),
        pytest.param("demouser-", "demouser", False, id="an empty random string"),
        pytest.param("demouser5883", "demouser", False, id="no hyphen"),
        pytest.param("demouser.5883", "demouser", False, id="a dot"),
        pytest.param("demouser-5.3", "demouser", False, id="a dot in the random string"),
        pytest.param("demouser-5883\n", "demouser", False, id="a newline"),
        pytest.param("my-demouser-5883", "demouser", False, id="the end of another prefix"),
        pytest.param("Demouser-5883", "demouser", False, id="capitals"),
        pytest.param("-5883", "", True, id="no prefix"),
    ],
)
def test_the_prefix_of_a_user_name(username: str, prefix: str, expected: bool) -> None:
    assert has_prefix(username, prefix) is expected


TWO = (stored(1, "demo-1", "a@x.io"), stored(2, "demo-2", "b@x.io"))
CHOSEN: Mapping[str, tuple[tuple[RegistryUser, ...], Mapping[str, Any], int | None]] = {
    "none": ((), {}, None),
    "another prefix": ((stored(1, "demo-5-1234"),), {}, None),
    "the only one": ((stored(1, "demo-5-1234"), stored(2, "demo-1234")), {}, 2),
    "listed twice": ((stored(1, "demo-1"), stored(1, "demo-1")), {}, 1),
    "the email decides": (TWO, {"email": "b@x.io"}, 2),
    "the email of one alone does not matter": ((stored(1, "demo-1", "a@x.io"),), {"email": "b@x.io"}, 1),
    "the email in capitals decides": (TWO, {"email": "B@X.io"}, 2),
    "another email is not deleted": ((stored(1, "demo-1", "a@x.io"),), {"email": "b@x.io", "is_present": False}, None),
    "other emails are not deleted": (TWO, {"email": "c@x.io", "is_present": False}, None),
    "the email is deleted": (TWO, {"email": "B@x.io", "is_present": False}, 2),
    "the only one is deleted": ((stored(1, "demo-1", "a@x.io"),), {"is_present": False}, 1),
    "another email of a complete name is not deleted": (
        TWO,
        {"username": "demo-2", "prefix": None, "email": "a@x.io", "is_present": False},
        None,
    ),
    "a complete name": (TWO, {"username": "demo-2", "prefix": None}, 2),
    "a part of a name": (TWO, {"username": "demo", "prefix": None}, None),
}


@pytest.mark.parametrize(("users", "options", "identity"), CHOSEN.values(), ids=CHOSEN)
def test_chooses_the_user(users: tuple[RegistryUser, ...], options: Mapping[str, Any], identity: int | None) -> None:
    desired = dataclasses.replace(NOTHING, **{"prefix": "demo", **options})
    found = choose_user(users, desired)
    assert (found and found.id) == identity


@pytest.mark.parametrize(
    ("users", "options", "message"),
    [
        (TWO, {"prefix": "demo"}, "username_prefix selects 2 registry users: demo-1, demo-2."),
        (TWO, {"prefix": "demo", "email": "c@x.io"}, "username_prefix selects 2 registry users: demo-1, demo-2."),
        (
            (stored(1, "demo-1", "a@x.io"), stored(2, "demo-2", "a@x.io"), stored(3, "demo-3")),
            {"prefix": "demo", "email": "a@x.io"},
            "username_prefix selects 2 registry users: demo-1, demo-2.",
        ),
        (
            (stored(1, "demo-1"), stored(2, "demo-1")),
            {"username": "demo-1", "prefix": None},
            "username selects 2 registry users: demo-1.",
        ),
    ],
    ids=["no email", "another email", "one email twice", "one name twice"],
)
def test_several_users_are_not_guessed(
    users: tuple[RegistryUser, ...], options: Mapping[str, Any], message: str
) -> None:
    found = refusal(choose_user, users, dataclasses.replace(NOTHING, **options))
    assert found == (
        f"{message} It is not known which of them the task manages. Write the complete name of one as username, or "
        "correct its email."
    )


def test_parses_the_example_of_the_document() -> None:
    assert parse_user(DOCUMENT) == STORED


def test_parses_what_is_missing_as_empty() -> None:
    assert parse_user({"userID": 1, "username": "a-1", "description": None}) == RegistryUser(
        1, "a-1", UserProfile("", "", ()), None, None, None
    )
    for moment in ("yesterday", 5):
        assert parse_user({**DOCUMENT, "creationTime": moment}).created is None
    assert parse_user({**DOCUMENT, "projectsAccess": [{}]}).profile.projects == (ProjectAccess("", ""),)


STRANGE: Mapping[str, object] = {
    "a list": [DOCUMENT],
    "null": None,
    "a string": "demouser-5883",
    "no ID": {**DOCUMENT, "userID": None},
    "a string as ID": {**DOCUMENT, "userID": "2977"},
    "a boolean as ID": {**DOCUMENT, "userID": True},
    "no name": {**DOCUMENT, "username": ""},
    "a number as name": {**DOCUMENT, "username": 5},
    "a list as email": {**DOCUMENT, "email": ["a@b.c"]},
    "a mapping as description": {**DOCUMENT, "description": {}},
    "a mapping of projects": {**DOCUMENT, "projectsAccess": {"myproject1": "readonly"}},
    "strings as projects": {**DOCUMENT, "projectsAccess": ["myproject1"]},
    "a number as project": {**DOCUMENT, "projectsAccess": [{"project": 5}]},
    "a list as access": {**DOCUMENT, "projectsAccess": [{"project": "a", "accessType": []}]},
}


@pytest.mark.parametrize("document", STRANGE.values(), ids=STRANGE)
def test_refuses_other_documents(document: object) -> None:
    with pytest.raises(StrangeDocument):
        parse_user(document)


# Options of the task, whether the password is the same, and: the operation, whether the profile and the password are
# written.
PLANS: Mapping[str, tuple[Mapping[str, Any], bool | None, tuple[str, bool, bool]]] = {
    "nothing given": ({}, None, ("unchanged", False, False)),
    "all the same": (
        {"email": PROFILE.email, "description": PROFILE.description, "projects": (PUSH,), "password": PASSWORD},
        True,
        ("unchanged", False, False),
    ),
    "another password": ({"password": PASSWORD}, False, ("updated", False, True)),
    "an unknown password": ({"password": PASSWORD}, None, ("updated", False, True)),
    "a password for new users": ({"password": PASSWORD, "keeps_password": True}, None, ("unchanged", False, False)),
    "an email in capitals": ({"email": "ABCDE@123.com"}, None, ("unchanged", False, False)),
    "another email": ({"email": "new@123.com"}, None, ("updated", True, False)),
    "no description": ({"description": ""}, None, ("updated", True, False)),
    "another project": ({"projects": (PULL,)}, None, ("updated", True, False)),
    "one more project": ({"projects": (PUSH, PULL)}, None, ("updated", True, False)),
    "no projects": ({"projects": ()}, None, ("updated", True, False)),
    "another permission": ({"projects": (ProjectAccess("myproject1", "readonly"),)}, None, ("updated", True, False)),
    "both": ({"email": "new@123.com", "password": PASSWORD}, False, ("updated", True, True)),
    "absent": ({"is_present": False, "password": PASSWORD, "email": "x@y.z"}, None, ("deleted", False, False)),
}


@pytest.mark.parametrize(("options", "same", "expected"), PLANS.values(), ids=PLANS)
def test_plans_only_what_differs(
    options: Mapping[str, Any], same: bool | None, expected: tuple[str, bool, bool]
) -> None:
    plan = plan_user(dataclasses.replace(NOTHING, **options), STORED, same)
    assert (plan.operation, plan.writes_profile, plan.writes_password) == expected


def test_what_is_not_managed_is_written_as_it_is_stored() -> None:
    plan = plan_user(dataclasses.replace(NOTHING, description=""), STORED, None)
    assert plan.profile
    assert build_profile(plan.profile) == {
        "email": "abcde@123.com",
        "description": "",
        "projectsAccess": [{"project": "myproject1", "accessType": "readwrite"}],
    }


def test_a_new_user() -> None:
    desired = dataclasses.replace(SAME, description="x", projects=(PULL,))
    plan = plan_user(desired, None, None)
    assert (plan.operation, plan.profile) == ("created", UserProfile("abcde@123.com", "x", (PULL,)))
    assert build_new_user(desired) == {
        "usernamePrefix": "demouser",
        "password": PASSWORD,
        "email": "abcde@123.com",
        "description": "x",
        "projectsAccess": [{"project": "myproject2", "accessType": "readonly"}],
    }
    assert build_new_user(SAME) == {"usernamePrefix": "demouser", "password": PASSWORD, "email": "abcde@123.com"}


def test_an_absent_user_that_does_not_exist() -> None:
    assert plan_user(dataclasses.replace(NOTHING, is_present=False), None, None).operation == "unchanged"


@pytest.mark.parametrize(
    ("changes", "option", "failure", "message"),
    [
        (
            {"email": None},
            "email",
            "invalid_option",
            "email is missing. No registry user has the prefix demouser, and a new one needs it. "
            "Add email, or correct username_prefix.",
        ),
        (
            {"password": None},
            "password",
            "invalid_option",
            "password is missing. No registry user has the prefix demouser, and a new one needs it. "
            "Add password, or correct username_prefix.",
        ),
        (
            {"username": "demouser-1", "prefix": None},
            "username",
            "not_found",
            "Registry user demouser-1 does not exist. The platform makes the end of a new user name itself, so that it "
            "cannot be created with this name. Correct username, or write username_prefix in its place to create a "
            "user.",
        ),
    ],
    ids=["email", "password", "username"],
)
def test_a_user_that_cannot_be_created(changes: Mapping[str, Any], option: str, failure: str, message: str) -> None:
    with pytest.raises(KeyringError) as caught:
        plan_user(dataclasses.replace(SAME, **changes), None, None)
    assert (str(caught.value), caught.value.option, caught.value.failure) == (message, option, failure)


DESCRIBED = {
    "id": 2977,
    "username": "demouser-5883",
    "email": "abcde@123.com",
    "description": "This is a demo user",
    "projects_access": [{"project": "myproject1", "access_type": "readwrite"}],
    "created_by": "ecp-demo",
    "created": "2021-01-19T06:28:55Z",
    "last_updated": "2021-01-19T07:48:22Z",
}


def test_what_a_result_shows() -> None:
    assert describe_user(STORED) == DESCRIBED
    assert predict_user(STORED, plan_user(NOTHING, STORED, None)) == DESCRIBED
    changed = plan_user(dataclasses.replace(NOTHING, description=""), STORED, None)
    assert predict_user(STORED, changed) == {**DESCRIBED, "description": "", "last_updated": None}
    deleted = plan_user(dataclasses.replace(NOTHING, is_present=False), STORED, None)
    assert predict_user(STORED, deleted) is None
    assert predict_user(None, plan_user(SAME, None, None)) == {
        **dict.fromkeys(("id", "username", "created_by", "created", "last_updated")),
        "email": "abcde@123.com",
        "description": "",
        "projects_access": [],
    }


VIEW = {name: DESCRIBED[name] for name in ("email", "description", "projects_access")}
DIFFS: Mapping[str, tuple[UserProfile | None, UserProfile | None, str | None, Any, Any]] = {
    "unchanged": (PROFILE, PROFILE, None, {}, {}),
    "created": (None, PROFILE, PASSWORD, {}, {**VIEW, "password": "<hidden>"}),
    "deleted": (PROFILE, None, None, {**VIEW, "password": "<hidden>"}, {}),
    "another password": (
        PROFILE,
        PROFILE,
        PASSWORD,
        {**VIEW, "password": "<hidden>"},
        {**VIEW, "password": "<hidden, changed>"},
    ),
    "no description": (
        PROFILE,
        dataclasses.replace(PROFILE, description=""),
        None,
        {**VIEW, "password": "<hidden>"},
        {**VIEW, "description": "", "password": "<hidden>"},
    ),
    "the password as description": (
        None,
        UserProfile("a@b.c", PASSWORD, ()),
        PASSWORD,
        {},
        {"email": "a@b.c", "description": "<hidden>", "projects_access": [], "password": "<hidden>"},
    ),
}


@pytest.mark.parametrize(("before", "after", "password", "shown_before", "shown_after"), DIFFS.values(), ids=DIFFS)
def test_the_diff_hides_the_password(
    before: UserProfile | None, after: UserProfile | None, password: str | None, shown_before: Any, shown_after: Any
) -> None:
    header = {"before_header": "Registry user x", "after_header": "Registry user x"}
    diff = diff_user("Registry user x", before, after, password)
    assert diff == {"before": shown_before, "after": shown_after, **header}
    assert PASSWORD not in json.dumps(diff)


def test_a_password_is_not_printed() -> None:
    assert PASSWORD not in repr(SAME)
