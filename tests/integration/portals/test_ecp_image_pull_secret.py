# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cdnetworks_ecp_image_pull_secret and its info module against the API on loopback."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    cdnetworks_ecp_image_pull_secret,
    cdnetworks_ecp_image_pull_secret_info,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.playbook import Playbook, task
from support.portals.ecp import OWN_REGISTRY, SECRETS, Ecp, PullSecret, ecp
from support.portals.portal import json_response
from support.servers.odd_registry import Asked, OddRegistry, asks_basic, manifest, odd_registry, reply

MODULE = "cdnetworks_ecp_image_pull_secret"
INFO = f"{MODULE}_info"
DEFINITIONS: Mapping[str, TaskDefinition] = {
    MODULE: cdnetworks_ecp_image_pull_secret.DEFINITION,
    INFO: cdnetworks_ecp_image_pull_secret_info.DEFINITION,
}
NAME = "docker-hub"
PASSWORD, NEW_PASSWORD = "s3cret-first-token", "s3cret-second-token"
HUB = {"server": "docker.io", "username": "acme", "password": PASSWORD}
READS = [("GET", SECRETS), ("GET", f"{SECRETS}/<id>")]


@pytest.fixture
def portal() -> Iterator[Ecp]:
    with ecp() as server:
        yield server


def store(portal: Ecp, name: str = NAME, **fields: Any) -> PullSecret:
    """Put a pull secret into the platform, as the portal's page does."""
    values = {"registry": "docker.io", "username": "acme", "password": PASSWORD, "description": "", **fields}
    number = len(portal.own.secrets)
    secret = PullSecret(f"id-{number}", name, **values, created=TIME, updated=TIME)
    portal.own.secrets[secret.identity] = secret
    return secret


TIME = "2026-10-02T15:00:00Z"


def run(
    portal: Ecp,
    module: str = MODULE,
    *,
    check_mode: bool = False,
    budget: RetryBudget | None = None,
    on_behalf_of: str | None = None,
    **arguments: Any,
) -> dict[str, Any]:
    """The result in this process, without the seconds that a playbook takes. Nothing secret is in it."""
    given: dict[str, Any] = {"account": portal.account(on_behalf_of=on_behalf_of), **arguments}
    if module == MODULE:
        given = {"name": NAME, **given}
        if given.get("state") != "absent":
            given = {"registry": HUB, **given}
    budget = budget or RetryBudget(per_request=3, total=6)
    runtime = Runtime(check_mode=check_mode, environ={}, retry_budget=budget)
    result = run_direct(module, DEFINITIONS[module], given, runtime)
    check_no_secret(portal, json.dumps(result))
    result.pop("invocation", None)
    return result


def check_no_secret(portal: Ecp, text: str) -> None:
    secrets = {PASSWORD, NEW_PASSWORD, *portal.accounts.values()}
    secrets |= {secret.password for secret in portal.own.secrets.values() if len(secret.password) > 5}
    for secret in secrets:
        encoded = base64.b64encode(f"acme:{secret}".encode()).decode()
        assert secret not in text
        assert encoded not in text


def asked(portal: Ecp) -> list[tuple[str, str]]:
    """The requests up to now, with <id> in place of an ID."""
    found = []
    for method, path in portal.asked:
        shown = f"{SECRETS}/<id>" if path.startswith(f"{SECRETS}/") else path
        found.append((method, shown))
    portal.forget()
    return found


def split_requests(requests: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The requests of each task; a task begins with the list."""
    tasks: list[list[tuple[str, str]]] = []
    for request in requests:
        if request == READS[0]:
            tasks.append([])
        tasks[-1].append(request)
    return tasks


def body_of(portal: Ecp, method: str) -> dict[str, Any]:
    (body,) = [body for (sent, _path), body in zip(portal.asked, portal.bodies, strict=True) if sent == method]
    found: dict[str, Any] = json.loads(body)
    return found


def test_the_life_of_a_pull_secret(portal: Ecp, playbook: Playbook) -> None:
    """Each step in check mode and for real, and each twice: the same result, and the fewest requests."""
    changed = {**HUB, "password": NEW_PASSWORD}
    steps: Mapping[str, Mapping[str, Any]] = {
        "create": {"registry": HUB, "description": "Shop"},
        "again": {"registry": HUB, "description": "Shop"},
        "modify": {"registry": changed, "description": "Shop"},
        "modify again": {"registry": changed, "description": "Shop"},
        "delete": {"state": "absent"},
        "delete again": {"state": "absent"},
    }
    tasks: list[dict[str, Any]] = []
    for arguments in steps.values():
        given = task(MODULE, account=portal.account(), name=NAME, **arguments)
        tasks += [{**given, "check_mode": True}, given]
    ran = playbook.run(tasks, "-vvv", "--diff")
    check_no_secret(portal, ran.output)
    results = iter(ran.results)
    found = {step: (next(results), next(results)) for step in steps}
    sent = iter(split_requests(asked(portal)))
    requests = {step: (next(sent), next(sent)) for step in steps}
    assert not list(sent)

    operations = {step: [result["operation"] for result in results] for step, results in found.items()}
    assert operations == {
        "create": ["created", "created"],
        "again": ["unchanged", "unchanged"],
        "modify": ["updated", "updated"],
        "modify again": ["unchanged", "unchanged"],
        "delete": ["deleted", "deleted"],
        "delete again": ["unchanged", "unchanged"],
    }
    listed, one = READS[:1], f"{SECRETS}/<id>"
    assert requests == {
        "create": (listed, [*listed, ("POST", SECRETS)]),
        "again": (READS, READS),
        "modify": (READS, [*READS, ("PATCH", one)]),
        "modify again": (READS, READS),
        "delete": (READS, [*READS, ("DELETE", one)]),
        "delete again": (listed, listed),
    }
    for step, (check, real) in found.items():
        assert check["changed"] is real["changed"] is ("again" not in step)
        assert check.get("diff") == real.get("diff")
        assert not check.get("warnings")
        assert not real.get("warnings")
        assert check["request_id"] is None
        assert (real["request_id"] is None) is ("again" in step)
    assert found["modify"][1]["diff"] == {
        "before": {
            "description": "Shop",
            "registry": "docker.io",
            "username": "acme",
            "password": "<hidden>",
        },
        "after": {
            "description": "Shop",
            "registry": "docker.io",
            "username": "acme",
            "password": "<hidden, changed>",
        },
        "before_header": f"Pull secret {NAME}",
        "after_header": f"Pull secret {NAME}",
    }
    created, again = found["create"][1]["secret"], found["again"][1]["secret"]
    assert {**created, "created": again["created"], "last_updated": again["last_updated"]} == again
    assert again["id"]
    assert again["created"]
    assert found["create"][0]["secret"] == {**created, "id": None}
    assert again == {
        "id": again["id"],
        "name": NAME,
        "registry": "docker.io",
        "username": "acme",
        "description": "Shop",
        "created": again["created"],
        "last_updated": again["last_updated"],
        "managed": False,
    }
    assert found["delete"][1]["secret"] is None
    assert found["create"][1]["portal"] == {
        "server": portal.url,
        "account": "ecp-admin",
        "on_behalf_of": None,
    }


# What is stored, what the task says, and the body of the PATCH; None for no write.
UPDATES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, str] | None]] = {
    "a password": ({}, {"registry": {**HUB, "password": NEW_PASSWORD}}, {"password": NEW_PASSWORD}),
    "a user name": ({"username": "old"}, {}, {"username": "acme"}),
    "a description": ({"description": "Old"}, {"description": "New"}, {"description": "New"}),
    "no description": ({"description": "Old"}, {"description": ""}, {"description": ""}),
    "a description that is not managed": ({"description": "Old"}, {}, None),
    "all": (
        {"username": "old", "password": "0ld-s3cret", "description": "Old"},
        {"description": "New"},
        {"description": "New", "username": "acme", "password": PASSWORD},
    ),
    "another spelling of the registry": (
        {"registry": "https://ghcr.io/v2/"},
        {"registry": {**HUB, "server": "ghcr.io"}},
        None,
    ),
    "what is not given": (
        {"username": "kept", "password": "kept-s3cret"},
        {"registry": {"server": "docker.io"}, "update_credentials": "when_given"},
        None,
    ),
    "a password alone": (
        {"username": "kept"},
        {"registry": {"server": "docker.io", "password": NEW_PASSWORD}, "update_credentials": "when_given"},
        {"password": NEW_PASSWORD},
    ),
    "a user name alone": (
        {"username": "old"},
        {"registry": {"server": "docker.io", "username": "acme"}, "update_credentials": "when_given"},
        {"username": "acme"},
    ),
    "only on create": (
        {"username": "kept", "password": "kept-s3cret", "description": "Old"},
        {"update_credentials": "on_create", "description": "New"},
        {"description": "New"},
    ),
    "a preset": (
        {"registry": "ghcr.io"},
        {"registry": {"preset": "ghcr", "username": "acme", "password": PASSWORD}},
        None,
    ),
    "capital letters of the password": ({"password": PASSWORD.upper()}, {}, {"password": PASSWORD}),
    "a newline after the password": ({"password": f"{PASSWORD}\n"}, {}, {"password": PASSWORD}),
}


@pytest.mark.parametrize(("stored", "given", "patch"), UPDATES.values(), ids=UPDATES)
def test_only_what_differs_is_sent(
    portal: Ecp, stored: Mapping[str, Any], given: Mapping[str, Any], patch: Mapping[str, str] | None
) -> None:
    store(portal, **stored)
    check = run(portal, check_mode=True, **given)
    assert asked(portal) == READS
    real = run(portal, **given)
    assert check["operation"] == real["operation"] == ("unchanged" if patch is None else "updated")
    assert check.get("diff") == real.get("diff")
    if patch is not None:
        assert body_of(portal, "PATCH") == patch
        assert run(portal, **given)["operation"] == "unchanged"


def test_a_user_name_that_changes_alone_causes_a_warning(portal: Ecp) -> None:
    store(portal, username="old")
    result = run(portal, registry={"server": "docker.io", "username": "acme"}, update_credentials="when_given")
    assert result["warnings"] == [
        "registry: the username changes and the stored password is kept; check that they belong together."
    ]


def test_another_registry_is_created_again_only_on_request(portal: Ecp) -> None:
    before = store(portal, registry="ghcr.io", description="Shop")
    refused = run(portal)
    assert refused["failure"] == {"id": "immutable", "option": "registry.server", "namespace": None}
    assert refused["msg"] == (
        'Pull secret docker-hub is for "ghcr.io", and the task names "docker.io". The platform cannot change the '
        "registry of a pull secret, and ignores such a change without an error. Use another name, or set recreate=true "
        "to delete the pull secret and create it again."
    )
    assert asked(portal) == READS
    assert run(portal, recreate=True, check_mode=True)["operation"] == "recreated"
    assert asked(portal) == READS

    result = run(portal, recreate=True)
    assert (result["operation"], result["changed"]) == ("recreated", True)
    assert asked(portal) == [*READS, ("DELETE", f"{SECRETS}/<id>"), ("POST", SECRETS)]
    after = portal.own.secret(NAME)
    assert (after.registry, after.password, after.description) == ("docker.io", PASSWORD, "Shop")
    assert after.identity != before.identity == "id-0"
    assert result["secret"]["id"] == after.identity
    assert run(portal, recreate=True)["operation"] == "unchanged"


def test_stored_credentials_are_not_given_to_another_registry(portal: Ecp) -> None:
    store(portal, registry="ghcr.io")
    for update in ("when_given", "on_create"):
        result = run(portal, registry={"server": "docker.io"}, update_credentials=update, recreate=True)
        assert result["failure"]["option"] == "registry.username"
    assert portal.own.secret(NAME).registry == "ghcr.io"


def test_a_pull_secret_in_use_is_not_deleted(portal: Ecp) -> None:
    store(portal, registry="ghcr.io")
    portal.in_use.add(NAME)
    tasks: Sequence[Mapping[str, Any]] = [{"state": "absent"}, {"recreate": True}]
    for arguments in tasks:
        result = run(portal, **arguments)
        assert result["failure"] == {"id": "in_use", "option": None, "namespace": None}
        assert result["changed"] is False
        assert result["request_id"]
        assert result["request_id"] in result["msg"]
        assert "Remove it from the applications first." in result["msg"]
    assert portal.own.secret(NAME).registry == "ghcr.io"


def test_a_pull_secret_of_a_registry_user_is_not_touched(portal: Ecp) -> None:
    secret = store(portal, description="Auto created for ECP registry user web-1234", user=1)
    tasks: Sequence[Mapping[str, Any]] = [{}, {"state": "absent"}, {"recreate": True}, {"description": "Mine"}]
    for arguments in tasks:
        result = run(portal, **arguments)
        assert result["failure"] == {"id": "managed_elsewhere", "option": "name", "namespace": None}
        assert "cdnetworks_ecp_registry_user" in result["msg"]
    assert asked(portal) == READS * len(tasks)

    secret.description = "Disguised"
    more: Sequence[Mapping[str, Any]] = [{"registry": {**HUB, "password": NEW_PASSWORD}}, {"state": "absent"}]
    for arguments in more:
        result = run(portal, **arguments)
        assert result["failure"]["id"] == "managed_elsewhere"
        assert "cdnetworks_ecp_registry_user" in result["msg"]
    own = run(portal, name="own", registry={**HUB, "server": OWN_REGISTRY})
    assert own["failure"] == {"id": "managed_elsewhere", "option": "registry.server", "namespace": None}


# Options, the option that the failure names, and the beginning of the message. No request is sent.
REFUSALS: Mapping[str, tuple[Mapping[str, Any], str | None, str]] = {
    "a name with a capital": ({"name": "Web"}, "name", "name is not a name that a pull secret"),
    "a long name": ({"name": "a" * 64}, "name", "name is not a name that a pull secret"),
    "an empty name": ({"name": ""}, "name", "name is not a name that a pull secret"),
    "a name with a dash at the end": ({"name": "web-"}, "name", "name is not a name that a pull secret"),
    "a name with a newline": ({"name": "web\n"}, "name", "name is not a name that a pull secret"),
    "a name for the vendor's pattern": ({"name": "a" * 60 + "!"}, "name", "name is not a name that a pull secret"),
    "a name of a megabyte": ({"name": "a-" * 500_000 + "!"}, "name", "name is not a name that a pull secret"),
    "no registry": ({"registry": None}, "registry.server", "registry names no registry."),
    "no server": ({"registry": {"username": "a"}}, "registry.server", "registry names no registry."),
    "no user name": (
        {"registry": {"server": "docker.io", "password": PASSWORD}},
        "registry.username",
        "registry.username is missing.",
    ),
    "no password": (
        {"registry": {"server": "docker.io", "username": "acme"}},
        "registry.password",
        "registry.password is missing.",
    ),
    "a mask": ({"registry": {**HUB, "password": "******"}}, "registry.password", "registry.password holds a mask"),
    "an empty password": ({"registry": {**HUB, "password": ""}}, "registry.password", "registry.password is empty."),
    "a number": ({"registry": {**HUB, "password": 12345678}}, "registry.password", "registry.password"),
    "a colon in the user name": (
        {"registry": {**HUB, "username": "a:b"}},
        "registry.username",
        "registry.username must",
    ),
    "an image": ({"registry": {**HUB, "server": "ghcr.io/a:1"}}, "registry.server", "registry.server must be a host"),
    "a server and a preset": ({"registry": {**HUB, "preset": "ghcr"}}, "registry.preset", "registry.server and"),
    "an unknown preset": (
        {"registry": {"preset": "nope", "password": PASSWORD}},
        "registry.preset",
        "registry.preset",
    ),
    "a preset with several servers": (
        {"registry": {"preset": "ibm_cloud", "password": PASSWORD, "preset_options": {"regions": ["de", "uk"]}}},
        "registry.preset",
        "registry.preset stands for 2 servers.",
    ),
    "a preset that replaces a password": (
        {
            "registry": {
                "preset": "harbor",
                "username": "robot$shop",
                "preset_options": {
                    "host": "harbor.example.com",
                    "refresh_secret": True,
                    "robot_id": 1,
                    "api_username": "a",
                    "api_password": NEW_PASSWORD,
                },
            }
        },
        "registry.preset_options.refresh_secret",
        "registry.preset_options.refresh_secret cannot be used",
    ),
    "the description of a managed secret": (
        {"description": "Auto created for ECP registry user x"},
        "description",
        "description must not begin with",
    ),
    "a password in the description": (
        {"description": f"x {PASSWORD}"},
        "description",
        "description contains a password",
    ),
    "images without verify": ({"images": ["ghcr.io/a:1"]}, "images", "images is given without verify."),
    "pullable without images": (
        {"verify": True, "verify_require": "pullable"},
        "verify_require",
        "verify_require=pullable needs images.",
    ),
    "an image that is none": ({"verify": True, "images": ["https://x"]}, "images[0]", "images[0] is not the name"),
    "a file that is missing": ({"ca_cert": "/missing/ca.crt"}, "ca_cert", "ca_cert /missing/ca.crt"),
    "another server": ({"expect_server": "ngapi.cdnetworks.com"}, "expect_server", ""),
}


@pytest.mark.parametrize(("given", "option", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refuses_bad_input_without_a_request(
    portal: Ecp, given: Mapping[str, Any], option: str | None, message: str
) -> None:
    begin = time.process_time()
    result = run(portal, **given)
    assert result["failed"]
    assert result["failure"]["option"] == option
    assert result["msg"].startswith(message)
    assert portal.asked == []
    assert time.process_time() - begin < 5


ODD_ACCOUNTS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a colon": ({"user": "a:b"}, "account.user"),
    "no user": ({"user": ""}, "account.user"),
    "a newline in the customer": ({"on_behalf_of": "a\nb"}, "account.on_behalf_of"),
    "no key": ({"api_key": ""}, "account.api_key"),
    "a mask as key": ({"api_key": "********"}, "account.api_key"),
    "plain HTTP": ({"url": "http://ngapi.cdnetworks.com"}, "account.url"),
    "no URL": ({"url": "ngapi.cdnetworks.com:x"}, "account.url"),
}


@pytest.mark.parametrize(("given", "option"), ODD_ACCOUNTS.values(), ids=ODD_ACCOUNTS)
@pytest.mark.parametrize("module", [MODULE, INFO])
def test_refuses_an_account_that_is_none(portal: Ecp, module: str, given: Mapping[str, Any], option: str) -> None:
    result = run(portal, module, account={**portal.account(), **given})
    assert result["failure"]["option"] == option
    assert portal.asked == []


def test_a_reseller_works_for_a_customer(portal: Ecp) -> None:
    portal.children.add("10456")
    assert run(portal, on_behalf_of="10456")["portal"]["on_behalf_of"] == "10456"
    assert portal.customers["10456"].secret(NAME).password == PASSWORD
    assert portal.own.secrets == {}
    listed = run(portal, INFO, on_behalf_of="10456")
    assert [secret["name"] for secret in listed["secrets"]] == [NAME]
    assert run(portal, on_behalf_of="10457")["failure"]["id"] == "forbidden"


@pytest.mark.parametrize("module", [MODULE, INFO])
@pytest.mark.parametrize("offset", [600, -600])
def test_a_clock_that_is_wrong_is_an_error_of_its_own(portal: Ecp, module: str, offset: float) -> None:
    portal.clock_offset = offset
    result = run(portal, module)
    assert result["failure"]["id"] == "clock_skew"
    assert "Set the clock of the machine." in result["msg"]


@pytest.mark.parametrize("module", [MODULE, INFO])
def test_another_key_is_refused(portal: Ecp, module: str) -> None:
    result = run(portal, module, account={**portal.account(), "api_key": "s3cret-but-wrong"})
    assert result["failure"]["id"] == "unauthorized"
    assert len(portal.asked) == 1


def test_a_name_is_compared_exactly(portal: Ecp) -> None:
    store(portal, f"{NAME}-2")
    store(portal, f"my-{NAME}")
    assert run(portal, state="absent")["operation"] == "unchanged"
    assert run(portal)["operation"] == "created"
    assert len(portal.own.secrets) == 3


def test_a_pull_secret_is_found_on_a_later_page(portal: Ecp) -> None:
    for number in range(450):
        store(portal, f"{NAME}-{number}")
    store(portal)
    assert run(portal)["operation"] == "unchanged"
    assert asked(portal) == [READS[0]] * 3 + [READS[1]]
    result = run(portal, INFO)
    assert result["total"] == 451
    assert len(portal.asked) == 3


@pytest.mark.parametrize("password", ["x" * 10_240, 'a"\\\u00e9\u4e2d\U0001f511', "s3cret with spaces ", "12345"])
def test_any_password_is_stored_and_compared(portal: Ecp, password: str) -> None:
    arguments: Mapping[str, Any] = {"registry": {**HUB, "password": password}}
    assert run(portal, **arguments)["operation"] == "created"
    assert portal.own.secret(NAME).password == password
    assert run(portal, **arguments)["operation"] == "unchanged"


# What goes wrong before or with the write; what then the task does, and what was sent.
def test_a_lost_answer_is_looked_up(portal: Ecp) -> None:
    """A write whose answer is lost counts, and is not repeated."""
    portal.lose = 1
    result = run(portal)
    assert (result["operation"], result["changed"], result["request_id"]) == ("created", True, None)
    assert asked(portal) == [READS[0], ("POST", SECRETS), *READS]
    assert result["secret"]["id"] == portal.own.secret(NAME).identity
    assert result["diff"]["before"] == {}

    portal.lose = 1
    result = run(portal, description="New")
    assert (result["operation"], result["changed"]) == ("updated", True)
    assert result["diff"]["before"]["description"] == ""
    assert asked(portal) == [*READS, ("PATCH", f"{SECRETS}/<id>"), *READS]

    portal.lose = 1
    result = run(portal, registry={**HUB, "server": "ghcr.io"}, recreate=True)
    assert (result["operation"], portal.own.secret(NAME).registry) == ("recreated", "ghcr.io")
    assert result["diff"]["before"]["registry"] == "docker.io"

    portal.lose = 1
    result = run(portal, state="absent")
    assert (result["operation"], result["changed"], result["secret"]) == ("deleted", True, None)


def test_a_write_that_does_not_arrive_is_sent_again(portal: Ecp) -> None:
    portal.drop = 2
    result = run(portal)
    assert result["operation"] == "created"
    assert result["request_id"]
    assert [method for method, _path in asked(portal)].count("POST") == 3


def test_a_write_that_never_arrives_is_reported(portal: Ecp) -> None:
    portal.drop = 100
    result = run(portal)
    assert (result["failure"]["id"], result["changed"]) == ("outcome_unknown", True)
    assert portal.own.secrets == {}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("only", ["GET /", f"GET {SECRETS}/", "PATCH /"])
def test_a_passing_error_is_waited_out(portal: Ecp, status: int, only: str) -> None:
    store(portal, username="old")
    portal.fail_next(status, 2, only=only)
    result = run(portal)
    assert (result["operation"], portal.own.secret(NAME).username) == ("updated", "acme")


def test_an_error_that_does_not_pass_is_reported(portal: Ecp) -> None:
    portal.fail_next(503, 1000)
    begin = time.monotonic()
    result = run(portal, budget=RetryBudget(per_request=1, total=2))
    assert result["failure"]["id"] == "server_error"
    assert result["request_id"] in result["msg"]
    assert time.monotonic() - begin < 10


def test_a_pull_secret_that_is_created_meanwhile_is_compared(portal: Ecp) -> None:
    """The list does not show it yet; the API says that the name is taken."""
    store(portal, username="old")
    portal.fail_next(200, 1, only=f"GET {SECRETS}", body=json.dumps({"ImagePullSecrets": [], "totalCount": 0}))
    result = run(portal)
    assert (result["operation"], portal.own.secret(NAME).username) == ("updated", "acme")
    assert asked(portal) == [READS[0], ("POST", SECRETS), *READS, ("PATCH", f"{SECRETS}/<id>")]


def test_a_name_that_is_always_taken_is_reported(portal: Ecp) -> None:
    store(portal)
    portal.fail_next(200, 9, only=f"GET {SECRETS}", body=json.dumps({"ImagePullSecrets": [], "totalCount": 0}))
    result = run(portal)
    assert (result["failure"]["id"], result["changed"]) == ("conflict", False)
    assert [method for method, _path in portal.asked].count("POST") == 3


def error_body(code: str) -> str:
    return json.dumps({"error": code, "message": "no"})


def test_a_pull_secret_that_is_deleted_meanwhile(portal: Ecp) -> None:
    store(portal, username="old")
    portal.fail_next(404, 1, only="PATCH", body=error_body("SecretNotFound"))
    assert run(portal)["operation"] == "updated"
    portal.fail_next(404, 1, only="DELETE", body=error_body("SecretNotFound"))
    assert run(portal, state="absent")["operation"] == "deleted"
    portal.fail_next(404, 1, only=f"GET {SECRETS}/", body=error_body("SecretNotFound"))
    assert run(portal, state="absent")["operation"] == "unchanged"


def test_a_pull_secret_that_another_client_has_deleted_is_not_deleted_by_the_task(
    portal: Ecp, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(portal)
    serve = portal.serve

    def delete_first(request: Request) -> Response:
        if request.method == "DELETE":
            portal.own.secrets.clear()
        return serve(request)

    monkeypatch.setattr(portal, "serve", delete_first)
    result = run(portal, state="absent")
    assert (result["operation"], result["changed"], result["request_id"]) == ("unchanged", False, None)


AGAIN = "The previous pull secret was created again."
GONE = "The previous pull secret was deleted, and creating it again failed too."
# What the platform answers to a pull secret that is deleted to be created for another registry: status, how often, to
# what; then the failure, the end of the message, and the registry of the pull secret that is left.
IN_VAIN: Mapping[str, tuple[tuple[int, int, str], str, str, str | None]] = {
    "refused": ((400, 1, "POST"), "rejected", AGAIN, "ghcr.io"),
    "forbidden": ((403, 1, "POST"), "forbidden", AGAIN, "ghcr.io"),
    "unknown": ((502, 3, "POST"), "outcome_unknown", AGAIN, "ghcr.io"),
    "unknown, also the one before": ((502, 4, "POST"), "outcome_unknown", AGAIN, "ghcr.io"),
    "always refused": ((400, 9, "POST"), "rejected", GONE, None),
    "always unknown": ((502, 9, "POST"), "outcome_unknown", GONE, None),
    "a deletion that is unknown": ((502, 9, "DELETE"), "outcome_unknown", "took effect.", "ghcr.io"),
}


@pytest.mark.parametrize("title", IN_VAIN)
def test_a_pull_secret_that_is_deleted_in_vain_is_created_again(portal: Ecp, title: str) -> None:
    (status, times, only), failure, end, registry = IN_VAIN[title]
    before = store(portal, registry="ghcr.io", username="octo", password=NEW_PASSWORD, description="Shop")
    portal.fail_next(status, times, only=only)

    result = run(portal, recreate=True)

    assert (result["failure"]["id"], result["changed"], result["name"]) == (failure, True, NAME)
    assert result["msg"].endswith(end)
    if registry is None:
        assert portal.own.secrets == {}
        return
    after = portal.own.secret(NAME)
    fields = ("registry", "username", "password", "description")
    assert [getattr(after, name) for name in fields] == [getattr(before, name) for name in fields]


def test_a_lost_answer_to_the_pull_secret_that_is_created_again(portal: Ecp, monkeypatch: pytest.MonkeyPatch) -> None:
    store(portal, registry="ghcr.io")
    create = portal._create_secret

    def lose_the_second(request: Request) -> Response:
        portal.lose = int(json.loads(request.get_data())["registry"] == "ghcr.io")
        return create(request)

    monkeypatch.setattr(portal, "_create_secret", lose_the_second)
    result = run(portal, registry={**HUB, "server": OWN_REGISTRY}, recreate=True)
    assert result["msg"].endswith(AGAIN)
    assert portal.own.secret(NAME).password == PASSWORD


def test_the_description_is_kept_if_the_answer_to_the_deletion_or_creation_is_lost(portal: Ecp) -> None:
    for method in ("POST", "DELETE"):
        portal.own.secrets.clear()
        store(portal, registry="ghcr.io", description="Shop")
        portal.fail_next(502, 1, only=method)
        result = run(portal, recreate=True)
        assert (result["operation"], result["secret"]["description"]) == ("recreated", "Shop")
        assert portal.own.secret(NAME).description == "Shop"


def test_a_failure_after_the_write_is_a_change(portal: Ecp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a new pull secret has no ID, and the list cannot be read any more."""
    create = portal._create_secret

    def answer_without_location(request: Request) -> Response:
        answer = create(request)
        answer.headers.pop("Location")
        portal.fail_next(403, 9, only="GET")
        return answer

    monkeypatch.setattr(portal, "_create_secret", answer_without_location)
    result = run(portal)
    assert (result["failure"]["id"], result["changed"]) == ("forbidden", True)
    assert list(portal.own.secrets)


def test_warnings_are_shown_with_a_failure(portal: Ecp) -> None:
    portal.fail_next(400, 2, only="POST")
    given: Mapping[str, Any] = {"registry": {**HUB, "password": f"{PASSWORD} "}}
    assert any("whitespace" in warning for warning in run(portal, **given)["warnings"])
    store(portal, username="old")
    portal.fail_next(400, 1, only="PATCH")
    result = run(portal, registry={"server": "docker.io", "username": "acme"}, update_credentials="when_given")
    assert result["warnings"] == [
        "registry: the username changes and the stored password is kept; check that they belong together."
    ]


API_KEY = "key-in-a-name"


@pytest.mark.parametrize("field", ["name", "imagepullsecretID"])
@pytest.mark.parametrize("details", [False, True])
def test_a_name_with_a_secret_of_the_task_is_never_shown(portal: Ecp, field: str, details: bool) -> None:
    portal.accounts["ecp-admin"] = API_KEY
    body = listing({**item(), field: f"x-{API_KEY}"})
    portal.fail_next(200, 9, only="GET", body=body)
    result = run(portal, INFO, details=details)
    assert result["failure"]["id"] == "unreachable"
    assert "A name or an ID contains a credential of this task." in result["msg"]
    if field == "imagepullsecretID":
        store(portal)
        portal.fail_next(200, 9, only="GET", body=listing({**item(), field: f"x-{API_KEY}"}))
        assert run(portal)["failure"]["id"] == "unreachable"


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_that_is_a_secret_of_the_task_is_refused(portal: Ecp, state: str) -> None:
    portal.accounts["ecp-admin"] = API_KEY
    result = run(portal, name=API_KEY, state=state)
    assert result["failure"] == {"id": "invalid_option", "option": "name", "namespace": None}
    assert portal.asked == []


CODES: Mapping[str, tuple[int, str]] = {
    "InvalidSecretName": (400, "invalid_option"),
    "RequiredFieldMissing": (400, "invalid_option"),
    "RegistryNotAllowed": (400, "managed_elsewhere"),
    "UpdateManagedSecretNotAllowed": (400, "managed_elsewhere"),
    "NotAuthorized": (403, "forbidden"),
    "FieldValueTooLong": (400, "invalid_option"),
    "Unheard": (418, "rejected"),
}


@pytest.mark.parametrize("code", CODES)
def test_an_error_of_the_api_is_quoted(portal: Ecp, code: str) -> None:
    status, failure = CODES[code]
    portal.fail_next(status, 1, only="POST", body=error_body(code))
    result = run(portal)
    assert (result["failure"]["id"], result["changed"]) == (failure, False)
    assert result["msg"].startswith(f"Cannot create pull secret {NAME}: the ECP API answers {status}.")
    assert f"It reports {code}: no" in result["msg"]
    assert result["request_id"] in result["msg"]


def test_an_error_that_quotes_the_request_shows_no_secret(portal: Ecp) -> None:
    """run() looks for the secrets."""
    portal.echo_secrets = True
    assert run(portal, registry={**HUB, "server": OWN_REGISTRY})["failed"]
    store(portal, password="st0red-s3cret", user=1)
    result = run(portal, description="New")
    assert result["failure"]["id"] == "managed_elsewhere"


def test_what_the_description_repeats_is_hidden(portal: Ecp) -> None:
    store(portal, password="st0red-s3cret", description="The password is st0red-s3cret")
    listed = run(portal, INFO, details=True)
    assert listed["secrets"][0]["description"] == "The password is ********"
    result = run(portal, registry={"server": "docker.io"}, update_credentials="when_given", description="Shop")
    assert result["diff"]["before"]["description"] == "The password is ********"


def item(**fields: Any) -> dict[str, Any]:
    return {"imagepullsecretID": "id-0", "name": NAME, "description": "", **fields}


def listing(*items: Any, total: object = None) -> str:
    return json.dumps({"ImagePullSecrets": list(items), "totalCount": len(items) if total is None else total})


ONE = f"GET {SECRETS}/"
# Answers to the list, or to the question about one pull secret.
HOSTILE: Mapping[str, tuple[str, str]] = {
    "no JSON": ("GET", "<html>"),
    "nothing": ("GET", ""),
    "an array": ("GET", "[]"),
    "a number": ("GET", "1"),
    "no list": ("GET", "{}"),
    "a mapping as list": ("GET", '{"ImagePullSecrets": {}}'),
    "null as list": ("GET", '{"ImagePullSecrets": null}'),
    "items that are strings": ("GET", listing("x")),
    "an item without ID": ("GET", listing({"name": NAME})),
    "an ID that leads elsewhere": ("GET", listing(item(imagepullsecretID="../registry/users"))),
    "an ID that is a step up": ("GET", listing(item(imagepullsecretID=".."))),
    "an ID that is a number": ("GET", listing(item(imagepullsecretID=7))),
    "an item without name": ("GET", listing({"imagepullsecretID": "id-0"})),
    "a name that is a list": ("GET", listing(item(name=[NAME]))),
    "a description that is a number": ("GET", listing(item(description=1))),
    "deep JSON": ("GET", "[" * 100_000),
    "one: no JSON": (ONE, "<html>"),
    "one: a string": (ONE, f'"{NEW_PASSWORD}"'),
    "one: a list": (ONE, json.dumps([{"password": NEW_PASSWORD}])),
    "one: nested": (ONE, '{"a":' * 900 + f'"{NEW_PASSWORD}"' + "}" * 900),
    "one: a password that is a number": (ONE, json.dumps(item(password=12345678))),
    "one: a password that is a list": (ONE, json.dumps(item(password=[NEW_PASSWORD]))),
    "one: a registry that is a number": (ONE, json.dumps(item(registry=1, password=NEW_PASSWORD))),
    "one: another name": (ONE, json.dumps(item(name="other", password=NEW_PASSWORD))),
    "one: another ID": (ONE, json.dumps(item(imagepullsecretID="other", password=NEW_PASSWORD))),
}


@pytest.mark.parametrize(("only", "body"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("module", [MODULE, INFO])
def test_an_answer_that_is_none_is_refused(portal: Ecp, module: str, only: str, body: str) -> None:
    store(portal)
    portal.fail_next(200, 1, only=only, body=body)
    arguments: Mapping[str, Any] = {"details": True} if module == INFO else {}
    result = run(portal, module, **arguments)
    assert result["failure"]["id"] == "unreachable"
    assert "did not answer like the ECP API" in result["msg"]
    assert {method for method, _path in portal.asked} == {"GET"}


def test_two_pull_secrets_of_one_name_are_refused(portal: Ecp) -> None:
    store(portal)
    store(portal)
    tasks: Sequence[Mapping[str, Any]] = [{}, {"state": "absent"}]
    for arguments in tasks:
        result = run(portal, **arguments)
        assert result["failure"] == {"id": "conflict", "option": "name", "namespace": None}
    assert asked(portal) == [READS[0]] * 2
    assert run(portal, INFO, name=NAME)["total"] == 2


def replace_list(portal: Ecp, monkeypatch: pytest.MonkeyPatch, answer: Callable[[int], Any]) -> None:
    """Answer the list with what a function makes of its offset."""
    serve = portal.serve

    def serve_otherwise(request: Request) -> Response:
        if (request.method, request.path) == READS[0]:
            return json_response(answer(int(request.args["offset"])))
        return serve(request)

    monkeypatch.setattr(portal, "serve", serve_otherwise)


def page(*names: str, total: object) -> dict[str, Any]:
    items = [item(name=name, imagepullsecretID=name) for name in names]
    return {"ImagePullSecrets": items, "totalCount": total}


LIES: Mapping[str, tuple[Callable[[int], Any], int, int]] = {
    "fewer than there are": (lambda offset: page("a", "b", total=1), 1, 2),
    "fewer than fill a page": (
        lambda offset: page(*(f"s{number}" for number in range(offset, 201)[:200]), total=1),
        2,
        201,
    ),
    "pages that are shorter": (lambda offset: page(f"s{offset}", total=3), 3, 3),
    "no number": (lambda offset: page(*["a"][offset:], total="many"), 2, 1),
    "a negative number": (lambda offset: page("a", total=-1), 1, 1),
    "null in place of an empty list": (lambda offset: {"ImagePullSecrets": None, "totalCount": 0}, 1, 0),
    "no total": (lambda offset: {"ImagePullSecrets": []}, 1, 0),
    "the same again, after one was created": (
        lambda offset: page(*(f"s{number}" for number in range(offset - (1 if offset else 0), 250)[:200]), total=250),
        2,
        250,
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_total_that_is_wrong_leaves_nothing_out(portal: Ecp, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, requests, total = LIES[name]
    replace_list(portal, monkeypatch, answer)
    result = run(portal, INFO)
    assert (len(portal.asked), result["total"]) == (requests, total)


def test_a_list_that_lacks_items_is_refused(portal: Ecp, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_list(portal, monkeypatch, lambda offset: page(*["a"][offset:], total=500))
    result = run(portal, INFO)
    assert (result["failure"]["id"], len(portal.asked)) == ("unreachable", 2)


def test_a_list_that_never_ends_is_refused(portal: Ecp, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"s{number}" for number in range(200)]
    replace_list(portal, monkeypatch, lambda offset: page(*names, total=10**9))
    result = run(portal, INFO)
    assert (result["failure"]["id"], len(portal.asked)) == ("unreachable", 2)
    portal.forget()
    replace_list(portal, monkeypatch, lambda offset: page(f"s{offset}", total=10**9))
    result = run(portal, INFO)
    assert (result["failure"]["id"], len(portal.asked)) == ("unreachable", 100)


def test_an_id_that_the_answer_does_not_have_is_looked_up(portal: Ecp, monkeypatch: pytest.MonkeyPatch) -> None:
    serve = portal.serve

    def serve_without_location(request: Request) -> Response:
        answer = serve(request)
        answer.headers.pop("Location", None)
        return answer

    monkeypatch.setattr(portal, "serve", serve_without_location)
    result = run(portal)
    assert result["secret"]["id"] == portal.own.secret(NAME).identity
    assert asked(portal) == [READS[0], ("POST", SECRETS), READS[0]]


def test_a_patch_whose_answer_is_odd_is_a_change(portal: Ecp) -> None:
    store(portal, username="old")
    portal.fail_next(200, 1, only="PATCH", body="<html>")
    result = run(portal)
    assert (result["operation"], result["secret"]["last_updated"]) == ("updated", None)


def refuses(_asked: Asked) -> list[bytes]:
    return reply("401 No", 'WWW-Authenticate: Basic realm="odd"')


def verify(registry: OddRegistry, **more: Any) -> dict[str, Any]:
    place = registry.location
    return {"registry": {**HUB, "server": place}, "verify": True, "verify_plain_http": [place], **more}


def test_the_registry_is_asked_before_a_write(portal: Ecp) -> None:
    with odd_registry(asks_basic(manifest)) as registry, odd_registry(refuses) as strict:
        denied = run(portal, **verify(strict))
        assert denied["failure"] == {"id": "denied_by_registry", "option": "registry", "namespace": None}
        assert [answer["outcome"] for answer in denied["verified"]] == ["denied"]
        assert asked(portal) == [READS[0]]

        image = f"{registry.location}/team/app:1"
        given = verify(registry, images=[image], verify_require="pullable")
        for check_mode in (True, False):
            result = run(portal, check_mode=check_mode, **given)
            assert result["operation"] == "created"
            assert [(answer["image"], answer["outcome"]) for answer in result["verified"]] == [(image, "pullable")]
        count = len(registry.asked)
        for more in ({}, {"description": "New"}, {"update_credentials": "on_create"}):
            assert run(portal, **{**given, **more})["verified"] == []
        assert len(registry.asked) == count

        portal.own.secret(NAME).username = "old"
        given = {**given, "registry": {"server": registry.location, "username": "acme"}}
        result = run(portal, update_credentials="when_given", **given)
        assert [answer["outcome"] for answer in result["verified"]] == ["pullable"]
        assert len(registry.asked) > count


def test_a_token_is_minted_if_none_is_stored(portal: Ecp) -> None:
    """Check mode mints nothing, and says what it would do."""
    server = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    ecr = {"preset": "ecr", "preset_options": {"account_id": "123456789012", "region": "eu-central-1"}}
    result = run(portal, check_mode=True, registry=ecr)
    assert (result["operation"], result["minted"]) == ("created", [server])
    assert (result["secret"]["username"], result["next_run_before"]) == ("AWS", "<known after apply>")
    store(portal, registry=server, username="AWS")
    result = run(portal, check_mode=True, registry=ecr)
    assert (result["operation"], result["minted"]) == ("updated", [server])
    for update in ("when_given", "on_create"):
        result = run(portal, check_mode=True, registry=ecr, update_credentials=update)
        assert (result["operation"], result["minted"]) == ("unchanged", [])


def test_info_lists_what_the_page_shows(portal: Ecp, playbook: Playbook) -> None:
    store(portal, "web", description="Shop", username="octo", registry="ghcr.io")
    store(portal, "auto", description="Auto created for ECP registry user auto-1", user=1, registry=OWN_REGISTRY)
    store(portal, "token", username="ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8")
    account = portal.account()
    ran = playbook.run(
        [
            task(INFO, account=account),
            task(INFO, account=account, search="WEB", details=True),
            task(INFO, account=account, name="web"),
            task(INFO, account=account, name="we"),
            task(INFO, account=account, details=True),
            task(INFO, account=account, name="web", search="web"),
            task(INFO, account=account, search=" "),
        ],
        "-vvv",
    )
    check_no_secret(portal, ran.output)
    everything, searched, named, not_named, details, both, empty = ran.results
    web = {
        "id": "id-0",
        "name": "web",
        "registry": None,
        "username": None,
        "description": "Shop",
        "created": TIME,
        "last_updated": TIME,
        "managed": False,
    }
    full = {**web, "registry": "ghcr.io", "username": "octo"}
    assert [secret["name"] for secret in everything["secrets"]] == ["auto", "token", "web"]
    assert [secret["managed"] for secret in everything["secrets"]] == [True, False, False]
    assert (everything["changed"], everything["total"]) == (False, 3)
    assert everything["portal"]["account"] == "ecp-admin"
    assert searched["secrets"] == [full]
    assert named["secrets"] == [web]
    assert not_named["secrets"] == []
    assert details["secrets"][1]["username"] == "<hidden>"
    assert details["secrets"][2] == full
    assert both["failure"]["id"] == empty["failure"]["id"] == "invalid_option"
    assert empty["failure"]["option"] == "search"
    assert len(portal.asked) == 1 + 2 + 1 + 1 + 4


def test_info_reads_many_details_at_once(portal: Ecp) -> None:
    for number in range(60):
        store(portal, f"s{number:02}", password=f"st0red-s3cret-{number}")
    result = run(portal, INFO, details=True)
    assert [secret["name"] for secret in result["secrets"]] == [f"s{number:02}" for number in range(60)]
    assert all(secret["registry"] == "docker.io" for secret in result["secrets"])
    portal.fail_next(404, 1, only=ONE, body=error_body("SecretNotFound"))
    assert run(portal, INFO, details=True)["total"] == 59
    portal.fail_next(403, 1, only=ONE)
    assert run(portal, INFO, details=True)["failure"]["id"] == "forbidden"
