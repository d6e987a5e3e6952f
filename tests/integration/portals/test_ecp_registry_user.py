# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry users on the API on loopback: what is asked and written, compared and refused, and what is never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    cdnetworks_ecp_registry_user,
    cdnetworks_ecp_registry_user_info,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.playbook import Playbook, task
from support.portals.ecp import SECRETS, USER, USERS, Ecp, ecp

MODULE = "cdnetworks_ecp_registry_user"
INFO = "cdnetworks_ecp_registry_user_info"
DEFINITIONS = {
    MODULE: cdnetworks_ecp_registry_user.DEFINITION,
    INFO: cdnetworks_ecp_registry_user_info.DEFINITION,
}

PASSWORD = "Of-the-task-7"
OTHER_PASSWORD = "Of-another-task-8"
PUSH = {"project": "myproject1", "access_type": "readwrite"}
PULL = {"project": "myproject2", "access_type": "readonly"}
TEAM: Mapping[str, Any] = {
    "username_prefix": "team-web",
    "email": "team-web@example.com",
    "password": PASSWORD,
    "description": "Builds of web",
    "projects_access": [PULL, PUSH],
}

FIND = ("GET", USERS)
COMPARE = [("GET", SECRETS), ("GET", f"{SECRETS}/<id>")]
POST = ("POST", USERS)
READ = ("GET", f"{USER}/<id>")
PUT = ("PUT", f"{USER}/<id>")
PATCH = ("PATCH", f"{USER}/<id>")
DELETE = ("DELETE", f"{USER}/<id>")


@pytest.fixture
def server() -> Iterator[Ecp]:
    with ecp() as running:
        yield running


def run(server: Ecp, module: str = MODULE, *, check: bool = False, budget: float = 10, **arguments: Any) -> Any:
    """Run a task in this process. A secret of the account or of a stored user in its result fails the test."""
    given = {"account": server.account(), **arguments}
    retry_budget = RetryBudget(per_request=budget, total=budget)
    runtime = Runtime(check_mode=check, environ={}, retry_budget=retry_budget)
    result = run_direct(module, DEFINITIONS[module], given, runtime)
    text = json.dumps(result)
    secrets = [*server.accounts.values(), *(user.password for user in server.own.users.values())]
    assert [secret for secret in (*secrets, PASSWORD, OTHER_PASSWORD) if secret in text] == []
    return result


def asked(server: Ecp) -> list[tuple[str, str]]:
    """The requests since the last call, without IDs."""
    found = []
    for method, path in server.asked:
        folder, _slash, last = path.rpartition("/")
        found.append((method, f"{folder}/<id>" if folder in (SECRETS, USER) and last else path))
    server.forget()
    return found


def create(server: Ecp, **changes: Any) -> Any:
    result = run(server, **{**TEAM, **changes})
    assert result["operation"] == "created", result
    server.forget()
    return result["user"]


# --- Step by step, in both ways of execution ------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A task: what differs from TEAM, what it does, what it asks in check mode, and what it asks besides for real."""

    operation: str
    changes: Mapping[str, Any]
    reads: Sequence[tuple[str, str]]
    writes: Sequence[tuple[str, str]] = ()
    compared: bool = True


ROTATED = {"password": OTHER_PASSWORD}
STEPS = (
    Step("created", {}, [FIND], [POST, READ]),
    Step("unchanged", {}, [FIND, *COMPARE]),
    Step("unchanged", {"projects_access": [PUSH, PULL]}, [FIND, *COMPARE]),
    Step("updated", {"description": "", "projects_access": [PULL]}, [FIND, *COMPARE], [PUT, READ]),
    Step("unchanged", {"description": None, "projects_access": None}, [FIND, *COMPARE]),
    Step("updated", {**ROTATED, "description": None, "projects_access": None}, [FIND, *COMPARE], [PATCH, READ]),
    Step(
        "unchanged",
        {"update_password": "on_create", "description": "", "projects_access": [PULL]},
        [FIND],
        compared=False,
    ),
    Step("updated", {"email": "web@example.com"}, [FIND, *COMPARE], [PUT, PATCH, READ]),
    Step("unchanged", {"state": "absent"}, [FIND], compared=False),
    Step("deleted", {"state": "absent", "email": "web@example.com"}, [FIND], [DELETE], compared=False),
    Step("unchanged", {"state": "absent", "email": "web@example.com"}, [FIND], compared=False),
)


def test_step_by_step(server: Ecp, playbook: Playbook) -> None:
    """Each step first in check mode, which sends only GETs and predicts the real run."""
    tasks = []
    for step in STEPS:
        changes = {name: value for name, value in {**TEAM, **step.changes}.items() if value is not None}
        given = {**task(MODULE, account=server.account(), **changes), "diff": True}
        tasks += [{**given, "check_mode": True}, given]

    done = playbook.run(tasks)

    requests = iter(asked(server))
    results = iter(done.results)
    for number, step in enumerate(STEPS):
        check, real = next(results), next(results)
        place = f"step {number}: {step}"
        assert real["operation"] == step.operation, f"{place}: {real}"
        assert real["changed"] is (step.operation != "unchanged"), place
        assert real["compared"] is step.compared, place
        assert (real["request_id"] is None) is (not step.writes), place
        assert predicted(check) == predicted(real, step.operation), place
        expected = [*step.reads, *step.reads, *step.writes]
        assert [next(requests) for _each in expected] == expected, place
        assert real["portal"] == {"server": server.url, "account": "ecp-admin", "on_behalf_of": None}
    assert list(requests) == []
    assert not server.own.users
    assert not server.own.secrets
    for secret in (PASSWORD, OTHER_PASSWORD, *server.accounts.values()):
        assert secret not in done.output
        assert secret not in json.dumps(done.results)


def predicted(result: Mapping[str, Any], operation: str = "unchanged") -> dict[str, Any]:
    """Return what check mode knows of the result of a real run."""
    known = {**result, "request_id": None, "user": dict(result["user"]) if result["user"] else None}
    if operation == "created":
        known.update(name=None, pull_secret=None)
        known["user"].update(dict.fromkeys(("id", "username", "created_by", "created", "last_updated")))
    elif operation == "updated":
        known["user"]["last_updated"] = None
    return known


def test_what_a_result_shows(server: Ecp, playbook: Playbook) -> None:
    given = {"account": server.account(), **TEAM}
    rotated = {**given, **ROTATED, "description": "Web"}
    tasks = [
        task(MODULE, **given),
        {**task(MODULE, **rotated), "diff": True},
        task(INFO, account=server.account()),
        {**task(MODULE, account=server.account(), username_prefix="team-web", state="absent"), "diff": True},
    ]

    created, updated, listed, deleted = playbook.run(tasks).results

    user = created["user"]
    assert user == {
        "id": 2977,
        "username": created["name"],
        "email": "team-web@example.com",
        "description": "Builds of web",
        "projects_access": [PUSH, PULL],
        "created_by": "ecp-admin",
        "created": user["created"],
        "last_updated": user["last_updated"],
    }
    assert created["name"].startswith("team-web-")
    assert created["pull_secret"] == created["name"]
    header = dict.fromkeys(("before_header", "after_header"), f"Registry user {created['name']}")
    view = {name: user[name] for name in ("email", "description", "projects_access")}
    assert updated["diff"] == {
        "before": {**view, "password": "<hidden>"},
        "after": {**view, "description": "Web", "password": "<hidden, changed>"},
        **header,
    }
    assert listed["users"] == [updated["user"]]
    assert listed["total"] == 1
    assert deleted["diff"] == {"before": updated["diff"]["after"] | {"password": "<hidden>"}, "after": {}, **header}
    assert (deleted["name"], deleted["user"], deleted["pull_secret"]) == (created["name"], None, None)


# --- Which user it is ------------------------------------------------------------------------------------------------


def test_a_prefix_that_is_the_beginning_of_another(server: Ecp) -> None:
    longer = create(server, username_prefix="team-5", email="5@example.com")
    assert run(server, **{**TEAM, "username_prefix": "team"})["operation"] == "created"
    assert run(server, username_prefix="team", state="absent")["operation"] == "deleted"
    assert [user.username for user in server.own.users.values()] == [longer["username"]]


def test_the_complete_name_selects_a_user(server: Ecp) -> None:
    user = create(server)
    changed = run(server, username=user["username"], description="Web")
    assert (changed["operation"], changed["user"]["description"]) == ("updated", "Web")
    assert server.own.user("team-web").access == {"myproject1": "readwrite", "myproject2": "readonly"}

    missing = run(server, username="team-web-0", description="Web")
    assert missing["failure"] == {"id": "not_found", "option": "username", "namespace": None}
    assert run(server, username="team-web-0", state="absent")["operation"] == "unchanged"


def test_a_user_is_found_on_a_later_page(server: Ecp) -> None:
    for number in range(101):
        create(server, username_prefix=f"team-web-{number}", email=f"{number}@example.com")
    create(server)

    assert run(server, **TEAM)["operation"] == "unchanged"
    assert asked(server) == [FIND, FIND, *COMPARE]
    assert run(server, INFO, search="TEAM-WEB-1")["total"] == 12
    assert run(server, INFO, username_prefix="team-web")["total"] == 1
    assert run(server, INFO, username=server.own.user("team-web").username)["total"] == 1


def test_a_name_of_another_form_is_never_created_twice(server: Ecp) -> None:
    """The platform knows the prefix of a user whose name is not the prefix, a hyphen and a random string."""
    create(server)
    server.own.user("team-web").username = "team-web_7"

    result = run(server, **TEAM)

    assert result["failure"] == {"id": "conflict", "option": "username_prefix", "namespace": None}
    assert not result["changed"]
    assert asked(server) == [FIND, POST] * 3
    assert "UsernamePrefixExists" in result["msg"]


def test_a_reseller_acts_for_a_customer(server: Ecp) -> None:
    server.children.add("4711")
    account = server.account(on_behalf_of="4711")

    result = run(server, account=account, **TEAM)

    assert result["portal"] == {"server": server.url, "account": "ecp-admin", "on_behalf_of": "4711"}
    assert run(server, account=account, **TEAM)["operation"] == "unchanged"
    assert server.own.users == {}
    assert server.customers["4711"].user("team-web").password == PASSWORD


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "real"])
def test_a_user_with_another_email_is_never_deleted(server: Ecp, check: bool) -> None:
    """The second run finds one user of the prefix, which is not the one of the task."""
    user = create(server)
    gone: Mapping[str, Any] = {"state": "absent", "email": "web@example.com"}
    names: Mapping[str, Any] = {"username_prefix": "team-web", "username": user["username"]}
    for option, name in names.items():
        result = run(server, check=check, **{option: name}, **gone)
        assert (result["operation"], result["changed"]) == ("unchanged", False)
    assert server.own.user("team-web").username == user["username"]
    assert run(server, username_prefix="team-web", **{**gone, "email": "Team-Web@Example.com"})["changed"]


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "real"])
def test_the_only_user_of_a_prefix_gets_the_email(server: Ecp, check: bool) -> None:
    create(server)
    result = run(server, check=check, **{**TEAM, "email": "web@example.com"})
    emails = [result["diff"][side]["email"] for side in ("before", "after")]
    assert (result["operation"], emails) == ("updated", ["team-web@example.com", "web@example.com"])


def test_the_case_of_an_email_is_no_difference(server: Ecp) -> None:
    """The platform may store it in lower case."""
    create(server)
    result = run(server, **{**TEAM, "email": "Team-Web@Example.COM"})
    assert (result["operation"], result["user"]["email"]) == ("unchanged", "team-web@example.com")


@pytest.mark.parametrize("module", [MODULE, INFO])
def test_a_name_with_a_secret_of_the_task_is_never_shown(server: Ecp, module: str) -> None:
    server.accounts["ecp-admin"] = "k3y1n4n4m3"
    create(server)
    server.own.user("team-web").username = "team-web-k3y1n4n4m3"
    result = run(server, module, username_prefix="team-web")
    assert result["failure"]["id"] == "unreachable"
    assert "A name or an ID contains a credential of this task." in result["msg"]


@pytest.mark.parametrize("text", ["", " ", "\ud800"])
def test_a_search_for_nothing_is_refused(server: Ecp, text: str) -> None:
    assert run(server, INFO, search=text)["failure"]["option"] == "search"
    assert server.asked == []


# --- The comparison of the password ----------------------------------------------------------------------------------


def without_secret(server: Ecp) -> None:
    server.own.secrets.clear()


def of_another_user(server: Ecp) -> None:
    next(iter(server.own.secrets.values())).username = "octo"


def without_password(server: Ecp) -> None:
    next(iter(server.own.secrets.values())).password = ""


def forbidden(server: Ecp) -> None:
    body = json.dumps({"error": "NotAuthorized", "message": "no"})
    server.fail_next(403, 100, only=f"GET {SECRETS}", body=body)


UNKNOWN: Mapping[str, tuple[Callable[[Ecp], None], str]] = {
    "it does not exist": (without_secret, "it does not exist"),
    "it is one of another user": (of_another_user, "it does not hold the password of this user"),
    "it has no password": (without_password, "it does not hold the password of this user"),
    "it may not be read": (forbidden, "the account may not read it"),
}


@pytest.mark.parametrize(("prepare", "reason"), UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("check", [True, False], ids=["check mode", "real"])
def test_a_password_that_cannot_be_compared(
    server: Ecp, prepare: Callable[[Ecp], None], reason: str, check: bool
) -> None:
    user = create(server)
    prepare(server)
    if prepare is without_secret:  # the fake updates it together with the user
        server.fail_next(200, 1, only=f"PATCH {USER}", body="")

    result = run(server, check=check, **TEAM)

    assert (result["operation"], result["compared"]) == ("updated", False)
    assert result["warnings"] == [
        f"The password of registry user {user['username']} is not compared but written, because its pull secret is "
        f"needed for that, and {reason}."
    ]
    assert ([method for method, _path in asked(server) if method != "GET"]) == ([] if check else ["PATCH"])


def test_whitespace_at_the_end_of_a_password_warns(server: Ecp) -> None:
    result = run(server, **{**TEAM, "password": f"{PASSWORD} "})
    assert result["warnings"] == [
        "password: the password begins or ends with whitespace or a newline, which remains part of it."
    ]


def test_a_password_that_is_not_compared_is_not_read(server: Ecp) -> None:
    create(server)
    for changes in ({"update_password": "on_create"}, {"password": None}):
        result = run(server, **{**TEAM, **changes})
        assert (result["operation"], result["compared"]) == ("unchanged", False)
        assert asked(server) == [FIND]


# --- Faults ----------------------------------------------------------------------------------------------------------

# The writes of a task by its operation, each of which may get lost.
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "created": TEAM,
    "updated": {**TEAM, "description": "Web"},
    "updated password": {**TEAM, **ROTATED},
    "updated both": {**TEAM, **ROTATED, "description": "Web"},
    "deleted": {"username_prefix": "team-web", "state": "absent"},
}


def prepare(server: Ecp, operation: str) -> None:
    if operation != "created":
        create(server)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("knob", ["lose", "drop"])
def test_a_lost_answer_is_decided_again(server: Ecp, operation: str, knob: str) -> None:
    prepare(server, operation)
    setattr(server, knob, 1)

    result = run(server, **OPERATIONS[operation])

    assert result["operation"] == operation.split()[0], result
    assert result["changed"]
    after = {"created": "Builds of web", "updated": "Web", "updated both": "Web"}.get(operation)
    assert after is None or result["user"]["description"] == after
    assert len(server.own.users) == (operation != "deleted")
    before = result["diff"]["before"].get("description")
    assert before == (None if operation == "created" else "Builds of web")
    if "password" in OPERATIONS[operation]:
        assert server.own.user("team-web").password == OPERATIONS[operation]["password"]
        assert result["diff"]["after"]["password"] == (
            "<hidden, changed>" if operation in ("updated password", "updated both") else "<hidden>"
        )
    assert run(server, **OPERATIONS[operation])["operation"] == "unchanged"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_troubles_that_pass(server: Ecp, operation: str, status: int) -> None:
    prepare(server, operation)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        server.fail_next(status, 1, only=f"{method} /")
    assert run(server, **OPERATIONS[operation])["operation"] == operation.split()[0]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_outcome_that_stays_unknown(server: Ecp, operation: str) -> None:
    prepare(server, operation)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        server.fail_next(502, 9, only=f"{method} /")

    result = run(server, **OPERATIONS[operation])

    assert result["failure"]["id"] == "outcome_unknown"
    assert result["changed"]
    assert len([method for method, _path in asked(server) if method != "GET"]) == 3


def test_a_second_write_that_is_refused_follows_a_change(server: Ecp) -> None:
    create(server)
    server.fail_next(400, 1, only="PATCH /", body=json.dumps({"error": "InvalidPassword", "message": "no"}))
    result = run(server, **OPERATIONS["updated both"])
    assert result["failure"] == {"id": "invalid_option", "option": "password", "namespace": None}
    assert result["changed"]
    assert server.own.user("team-web").description == "Web"


def test_a_second_write_that_never_fits_follows_a_change(server: Ecp) -> None:
    create(server)
    server.fail_next(404, 3, only="PATCH /", body=json.dumps({"error": "UserNotFound", "message": "gone"}))
    result = run(server, **OPERATIONS["updated both"])
    assert (result["failure"]["id"], result["changed"]) == ("conflict", True)


def test_a_user_that_another_client_deletes_meanwhile(server: Ecp) -> None:
    create(server)
    missing = json.dumps({"error": "UserNotFound", "message": "gone"})
    for method in ("PUT", "DELETE"):
        server.fail_next(404, 1, only=f"{method} /", body=missing)
    assert run(server, **OPERATIONS["updated"])["operation"] == "updated"
    assert run(server, **OPERATIONS["deleted"])["operation"] == "deleted"
    create(server)
    server.fail_next(404, 3, only="PUT /", body=missing)
    result = run(server, **OPERATIONS["updated"])
    assert (result["failure"]["id"], result["changed"]) == ("conflict", False)


def test_a_location_that_does_not_help(server: Ecp) -> None:
    """The new user is then looked up by its prefix."""
    server.fail_next(404, 1, only=f"GET {USER}/", body=json.dumps({"error": "UserNotFound", "message": "gone"}))
    assert create(server)["username"].startswith("team-web-")


def test_a_user_that_is_created_and_not_listed(server: Ecp) -> None:
    server.fail_next(201, 1, only="POST /", body="")
    result = run(server, **TEAM)
    assert (result["failure"]["id"], result["changed"]) == ("outcome_unknown", True)
    assert result["msg"] == (
        "The ECP API reports that it created registry user team-web, and does not list it. Its name is therefore not "
        "known. Run the task again."
    )


@pytest.mark.parametrize("offset", [600, -600])
def test_a_clock_that_is_wrong(server: Ecp, offset: float) -> None:
    server.clock_offset = offset
    result = run(server, **TEAM)
    assert result["failure"]["id"] == "clock_skew"
    assert server.asked == [FIND]


# --- Refusals --------------------------------------------------------------------------------------------------------

# Of each error of the document: the request that it answers, its status, and the failure with its option.
CODES: Mapping[str, tuple[str, int, str, str | None]] = {
    "InvalidUsernamePrefix": ("created", 400, "invalid_option", "username_prefix"),
    "InvalidPassword": ("created", 400, "invalid_option", "password"),
    "InvalidEmailAddress": ("created", 400, "invalid_option", "email"),
    "FieldValueTooLong": ("created", 400, "invalid_option", None),
    "InvalidAccessType": ("created", 400, "invalid_option", "projects_access"),
    "ProjectNotFound": ("created", 400, "not_found", "projects_access"),
    "RequiredFieldMissing": ("created", 400, "invalid_option", None),
    "RepeatedProjectName": ("created", 400, "invalid_option", "projects_access"),
    "NotAuthorized": ("created", 403, "forbidden", None),
    "UsernamePrefixExists": ("created", 409, "conflict", "username_prefix"),
    "EmailAddressExists": ("created", 409, "conflict", "email"),
    "UpdateUsernameNotAllowed": ("updated", 400, "immutable", "username"),
    "UserNotFound": ("updated", 404, "conflict", None),
    "CredentialsBeingUsed": ("deleted", 400, "in_use", None),
}
METHODS = {"created": "POST", "updated": "PUT", "deleted": "DELETE"}


@pytest.mark.parametrize("code", CODES)
def test_every_error_of_the_document(server: Ecp, code: str) -> None:
    operation, status, failure, option = CODES[code]
    prepare(server, operation)
    body = json.dumps({"error": code, "message": f"About {code}."})
    server.fail_next(status, 9, only=f"{METHODS[operation]} /", body=body)

    result = run(server, **OPERATIONS[operation])

    assert result["failure"] == {"id": failure, "option": option, "namespace": None}
    assert f"{code}: About {code} (request {result['request_id']})" in result["msg"]
    assert result["portal"]["account"] == "ecp-admin"
    assert not result["changed"]


def test_what_the_platform_itself_refuses(server: Ecp) -> None:
    create(server)
    other = {**TEAM, "username_prefix": "other"}
    server.in_use.add(server.own.user("team-web").username)
    found = {
        "email": run(server, **other),
        "project": run(server, **{**other, "email": "b@c.de", "projects_access": [{**PUSH, "project": "none"}]}),
        "account": run(server, **{**other, "email": "b@c.de", "account": server.account("ecp-other")}),
        "in use": run(server, **OPERATIONS["deleted"]),
        "in use, in check mode": run(server, check=True, **OPERATIONS["deleted"]),
        "read by another account": run(server, **{**TEAM, "account": server.account("ecp-other")}),
    }
    assert {title: result.get("failure", {}).get("id", result["operation"]) for title, result in found.items()} == {
        "email": "conflict",
        "project": "not_found",
        "account": "forbidden",
        "in use": "in_use",
        "in use, in check mode": "deleted",
        "read by another account": "unchanged",
    }
    assert "Only the admin account of the API may change registry users" in found["account"]["msg"]
    assert len(server.own.users) == 1


def test_errors_that_quote_the_request_show_no_secret(server: Ecp) -> None:
    server.echo_secrets = True
    for status in (400, 403, 409, 502):
        server.fail_next(status, 3, only="POST /")
        assert run(server, budget=3, **TEAM)["failed"]


INVALID: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "prefix": ({"username_prefix": "Team"}, "username_prefix"),
    "password": ({"password": "too-simple"}, "password"),
    "email": ({"email": "team"}, "email"),
    "description": ({"description": "x" * 21}, "description"),
    "project": ({"projects_access": [PUSH, {**PULL, "project": "A B"}]}, "projects_access[1].project"),
    "repeated project": ({"projects_access": [PUSH, PUSH]}, "projects_access[1].project"),
    "password as description": ({"description": f"is {PASSWORD}"}, "description"),
    "password in the email": ({"email": f"{PASSWORD}@example.com"}, "email"),
}


@pytest.mark.parametrize("title", INVALID)
def test_nothing_is_asked_with_invalid_options(server: Ecp, title: str) -> None:
    changes, option = INVALID[title]
    result = run(server, **{**TEAM, **changes})
    assert result["failure"] == {"id": "invalid_option", "option": option, "namespace": None}
    assert server.asked == []


# --- Answers that are not those of the document ----------------------------------------------------------------------

ITEM: Mapping[str, Any] = {"userID": 1, "username": "team-web-1", "email": TEAM["email"]}


def listing(*items: object, total: object = None) -> str:
    return json.dumps({"users": list(items), "totalCount": len(items) if total is None else total})


STRANGE: Mapping[str, tuple[str, str]] = {
    "no JSON": ("<html>", "unreachable"),
    "nothing": ("", "unreachable"),
    "null": ("null", "unreachable"),
    "a list": (json.dumps([ITEM]), "unreachable"),
    "no list": ("{}", "unreachable"),
    "a mapping of users": (json.dumps({"users": {"1": ITEM}}), "unreachable"),
    "a number as user": (listing(5), "unreachable"),
    "no ID": (listing({"username": "team-web-1"}), "unreachable"),
    "a path as ID": (listing({**ITEM, "userID": "../1"}), "unreachable"),
    "two users": (listing(ITEM, {**ITEM, "userID": 2, "username": "team-web-2"}), "invalid_option"),
    "deep nesting": ("[" * 100_000, "unreachable"),
}


@pytest.mark.parametrize("title", STRANGE)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_strange_list(server: Ecp, title: str, state: str) -> None:
    body, failure = STRANGE[title]
    server.fail_next(200, 99, only=f"GET {USERS}", body=body)
    result = run(server, **{**TEAM, "state": state})
    assert result["failure"]["id"] == failure, result
    assert {method for method, _path in server.asked} == {"GET"}


@pytest.mark.parametrize("total", [0, -1, 10**9, "many", None, True])
def test_a_total_that_is_wrong(server: Ecp, total: object) -> None:
    """A total that is too large costs one more request, and none at all is needed."""
    server.fail_next(200, 1, only=f"GET {USERS}", body=json.dumps({"users": [ITEM], "totalCount": total}))
    server.fail_next(200, 1, only=f"GET {USERS}", body=listing())
    assert run(server, INFO)["total"] == 1


def test_a_list_that_does_not_end(server: Ecp) -> None:
    page = [{**ITEM, "userID": number, "username": f"team-web-{number}"} for number in range(100)]
    server.fail_next(200, 99, only=f"GET {USERS}", body=listing(*page, total=10**9))
    result = run(server, **TEAM)
    assert result["failure"]["id"] == "unreachable"
    assert len(server.asked) < 10


def test_a_user_that_is_on_two_pages(server: Ecp) -> None:
    """A user that is created meanwhile shifts the pages. The list is sorted by name."""
    page = [{**ITEM, "userID": number, "username": f"team-web-{900 - number}"} for number in range(100)]
    server.fail_next(200, 1, only=f"GET {USERS}", body=listing(*page, total=101))
    server.fail_next(200, 1, only=f"GET {USERS}", body=listing(page[-1], total=101))
    result = run(server, INFO)
    assert [user["id"] for user in result["users"]] == list(range(99, -1, -1))


@pytest.mark.parametrize("title", ["no JSON", "nothing", "null", "a list", "no list"])
def test_a_strange_answer_after_a_write(server: Ecp, title: str) -> None:
    server.fail_next(200, 9, only=f"GET {USER}/", body=STRANGE[title][0])
    result = run(server, **TEAM)
    assert (result["failure"]["id"], result["changed"]) == ("unreachable", True)


@pytest.mark.parametrize("changes", [{"userID": 5}, {"userID": 2977, "username": "Team web"}], ids=["ID", "name"])
def test_another_user_after_a_write(server: Ecp, changes: Mapping[str, Any]) -> None:
    server.fail_next(200, 9, only=f"GET {USER}/", body=json.dumps({**ITEM, **changes}))
    assert run(server, **TEAM)["failure"]["id"] == "unreachable"


@pytest.mark.parametrize("body", ["<html>", "null", "[]", '{"ImagePullSecrets": 5}', '{"ImagePullSecrets": [5]}'])
def test_a_strange_list_of_pull_secrets(server: Ecp, body: str) -> None:
    create(server)
    server.fail_next(200, 9, only=f"GET {SECRETS}", body=body)
    assert run(server, **TEAM)["failure"]["id"] == "unreachable"
    assert {method for method, _path in server.asked} == {"GET"}


def test_a_stored_password_is_hidden_in_what_the_platform_says(server: Ecp) -> None:
    create(server)
    stored = server.own.user("team-web")
    stored.description = f"is {stored.password}"
    result = run(server, **{**TEAM, **ROTATED, "description": None})
    assert result["operation"] == "updated"
    assert result["user"]["description"] == "is ********"
