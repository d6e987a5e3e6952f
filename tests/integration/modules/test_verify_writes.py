# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries are asked about credentials before these are written: real ones, and servers that misbehave."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.entry_verification import verify_entries
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.verification import VerifyOptions
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.written_entries import WrittenEntry
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import DEFINITION
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.shared_answers import SharedAnswers
from support.cluster import Cluster, Identity, writes
from support.many_namespaces import RULES as RULES_OF_MANY
from support.many_namespaces import make
from support.playbook import Playbook, task
from support.samples.secrets import encode
from support.servers.odd_registry import (
    Behaviour,
    asks_basic,
    asks_token,
    drips,
    hangs,
    manifest,
    odd_registries,
    odd_registry,
    reply,
    sends_on,
)
from support.servers.registries import PASSWORD, USER, Registry, TokenService, basic

MODULE = "image_pull_secret"
NAME = "registry"
RULES = RULES_OF_MANY
WRONG = "wrong-s3cret"


def entry(server: str, password: str = PASSWORD, username: str = USER) -> dict[str, Any]:
    return {"server": server, "username": username, "password": password}


def write(identity: Identity, namespace: str | None, *registries: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    given = {"name": NAME, "namespace": namespace, "registries": list(registries), "verify": True, **more}
    given = {option: value for option, value in given.items() if value is not None}
    return task(MODULE, **given, **identity.connection)


def run(given: Mapping[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    """The result in this process, without the seconds that a playbook takes. Nothing secret is in it."""
    arguments = given[f"keyring.kubernetes.{MODULE}"]
    result = run_direct(MODULE, DEFINITION, arguments, Runtime(check_mode=check_mode, environ={}))
    result.pop("invocation", None)
    assert no_secret(json.dumps(result))
    return result


def no_secret(output: str) -> bool:
    forms = ("s3cret", *(encode(f"{USER}:{password}") for password in (PASSWORD, WRONG)), "eyJ")
    return not any(form in output for form in forms)


def outcomes(result: Mapping[str, Any]) -> list[str]:
    return [item["outcome"] for item in result["verified"]]


def holds(cluster: Cluster, namespace: str) -> bool:
    return any(secret.metadata.name == NAME for secret in cluster.api.list_namespaced_secret(namespace).items)


def test_a_registry_with_passwords(
    cluster: Cluster, writer: Identity, reader: Identity, namespace: str, with_password: Registry, playbook: Playbook
) -> None:
    """One Secret from the first login to a rotation; check mode decides the same with the same requests."""
    place = with_password.location
    image, missing = f"{place}/team/app:1", f"{place}/team/app:2"
    (playbook.directory / "registry-ca.crt").write_bytes(with_password.ca or b"")
    trusted = {"verify_ca_cert": "registry-ca.crt"}

    def both(*registries: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
        given = {**trusted, **more}
        return [
            {**write(reader, namespace, *registries, **given), "check_mode": True},
            write(writer, namespace, *registries, **given),
        ]

    steps = {
        "wrong": both(entry(place, WRONG)),
        "wrong image": both(entry(place, WRONG), images=[image]),
        "not trusted": both(entry(place), images=[image], verify_ca_cert=None, verify_require="pullable"),
        "missing": both(entry(place), images=[missing], verify_require="pullable"),
        "right": both(entry(place), images=[image, missing]),
        "again": both(entry(place), images=[image]),
        "label": both(entry(place), images=[image], labels={"team": "a"}),
        "wrong rotation": both(entry(place, WRONG)),
        "second": both(entry(place), entry("127.0.0.1:1")),
        "without images": both(entry(place), entry("127.0.0.1:2"), verify_require="pullable"),
    }
    tasks: list[dict[str, Any]] = []
    for pair in steps.values():
        tasks += pair
    ran = playbook.run(tasks, "-vvv", "--diff")
    results = iter(ran.results)
    found = {name: (next(results), next(results)) for name in steps}

    assert {name: outcomes(real) for name, (_check, real) in found.items() if "verified" in real} == {
        "wrong": ["denied"],
        "wrong image": ["denied"],
        "not trusted": ["unreachable"],
        "missing": ["not_found"],
        "right": ["pullable", "not_found"],
        "again": [],
        "label": [],
        "wrong rotation": ["denied"],
        "second": ["unreachable"],
    }
    assert {name: real["failure"]["id"] for name, (_check, real) in found.items() if real.get("failed")} == {
        "wrong": "denied_by_registry",
        "wrong image": "denied_by_registry",
        "not trusted": "not_verified",
        "missing": "not_verified",
        "wrong rotation": "denied_by_registry",
        "without images": "invalid_option",
    }
    for name, (check, real) in found.items():
        for field in ("failed", "msg", "failure", "changed", "operation", "verified", "warnings", "diff"):
            assert check.get(field) == real.get(field), (name, field)
    _check, right = found["right"]
    assert right["verified"][0] == {
        "option": "registries[0]",
        "server": place,
        "username": USER,
        "image": image,
        "outcome": "pullable",
        "text": f"The registry lets user {USER} pull it.",
        "asked_from": platform.node(),
    }
    assert right["warnings"] == [
        f'registries[0] ("{place}" for {missing}): The registry has no such image or tag (404), or hides it from user '
        f"{USER}."
    ]
    _check, wrong = found["wrong"]
    assert wrong["msg"] == (
        f'registries[0] ("{place}"): The registry refuses user {USER} (401): the password is wrong or has expired. '
        "The credentials were not written. Correct the credentials before you run the task again: after several failed "
        "logins, registries lock accounts."
    )
    assert wrong["failure"] == {"id": "denied_by_registry", "option": "registries[0]", "namespace": namespace}
    assert cluster.read_auths(namespace, NAME)[place]["password"] == PASSWORD
    assert no_secret(ran.output)
    if cluster.audit_log:
        assert writes(cluster.audit(reader)) == []
        assert writes(cluster.audit(writer)) == ["create", "patch", "patch"]


def test_a_registry_with_tokens(
    writer: Identity, namespace: str, with_tokens: tuple[Registry, TokenService], playbook: Playbook
) -> None:
    """A login without an image asks for a token that opens nothing; a refusal quotes no part of a password."""
    registry, service = with_tokens
    name = f"localhost:{registry.port}"
    service.asked.clear()
    plain = {"verify_plain_http": [name]}
    ran = playbook.run(
        [
            write(writer, namespace, entry(name, WRONG), **plain),
            write(writer, namespace, entry(name), images=[f"{name}/team/secret:1"], **plain),
            write(writer, namespace, entry(name), **plain),
            write(writer, namespace, entry(name), images=[f"{name}/team/app:1"], **plain),
        ],
        "-vvv",
    )
    wrong, foreign, right, again = ran.results
    assert [outcomes(result) for result in ran.results] == [["denied"], ["denied"], ["authenticated"], []]
    assert wrong["verified"][0]["text"].endswith("It says: not let in: Basic ********")
    assert foreign["failure"]["id"] == "denied_by_registry"
    assert right["verified"][0]["text"] == (
        f"The registry accepts user {USER}. Whether an image can be pulled was not asked."
    )
    assert right.get("warnings", []) == []
    assert again["changed"] is False
    assert [query.get("scope") for query in service.asked] == [None, ["repository:team/secret:pull"], None]
    assert no_secret(ran.output)


DENIES = reply("401 No", 'WWW-Authenticate: Basic realm="odd"')

# What a registry does, and what follows for a login without an image and for an image.
BEHAVIOURS: Mapping[str, tuple[Behaviour, str, str]] = {
    "accepts": (asks_basic(manifest), "authenticated", "pullable"),
    "refuses": (asks_basic(lambda asked: DENIES), "denied", "denied"),
    "forbids": (asks_basic(lambda asked: reply("403 No")), "denied", "denied"),
    "has nothing": (
        asks_basic(lambda asked: reply("404 No", "Content-Type: application/json")),
        "unverifiable",
        "not_found",
    ),
    "is public": (manifest, "unverifiable", "pullable"),
    "web page": (lambda asked: reply("404 No", "Content-Type: text/html"), "unverifiable", "unverifiable"),
    "redirects": (lambda asked: reply("307 No", "Location: http://localhost/"), "unverifiable", "unverifiable"),
    "redirects a login": (
        asks_basic(lambda asked: reply("307 No", "Location: http://localhost/")),
        "unverifiable",
        "unverifiable",
    ),
    "foreign realm": (asks_token("http://localhost:1/token", manifest), "unverifiable", "unverifiable"),
    "busy": (lambda asked: reply("429 Busy"), "unverifiable", "unverifiable"),
    "busy for a login": (asks_basic(lambda asked: reply("429 Busy")), "unverifiable", "unverifiable"),
    "breaks": (asks_basic(lambda asked: reply("500 No")), "unverifiable", "unverifiable"),
    "ten megabytes": (
        asks_basic(lambda asked: reply("200 OK", body=b"x" * 10_000_000)),
        "authenticated",
        "unverifiable",
    ),
    "endless": (asks_basic(sends_on), "authenticated", "unverifiable"),
    "nonsense": (lambda asked: [b"\x00\xff" * 100], "unverifiable", "unverifiable"),
    "silence": (lambda asked: [], "unreachable", "unreachable"),
    "hangs": (hangs, "unreachable", "unreachable"),
    "hangs at a login": (asks_basic(hangs), "unreachable", "unreachable"),
    "drips": (drips, "unreachable", "unreachable"),
}


def test_outcomes_of_registries_that_misbehave(writer: Identity, namespace: str) -> None:
    """Each is bounded, refuses or warns as its outcome says, and never gets a password that it did not ask for."""
    begin = time.monotonic()
    with odd_registries(*(behaviour for behaviour, _login, _image in BEHAVIOURS.values())) as servers:
        places = [server.location for server in servers]
        options = {"verify_plain_http": places, "verify_timeout": 1, "verify_concurrency": 32}
        registries = [entry(place) for place in places]
        images = [f"{place}/app:1" for place in places]
        login = run(write(writer, namespace, *registries, **options))
        image = run(write(writer, namespace, *registries, images=images, **options))
        sent = {name: server.sent for name, server in zip(BEHAVIOURS, servers, strict=True)}
    assert dict(zip(BEHAVIOURS, outcomes(login), strict=True)) == {
        name: outcome for name, (_behaviour, outcome, _image) in BEHAVIOURS.items()
    }
    assert dict(zip(BEHAVIOURS, outcomes(image), strict=True)) == {
        name: outcome for name, (_behaviour, _login, outcome) in BEHAVIOURS.items()
    }
    assert login["failure"] == {"id": "denied_by_registry", "option": None, "namespace": namespace}
    unasked = ("is public", "web page", "redirects", "foreign realm", "busy", "nonsense", "silence", "hangs", "drips")
    assert {name for name, proofs in sent.items() if not proofs} == set(unasked)
    assert max(map(len, sent.values())) == 2, "one for the login, and one for the image"
    assert time.monotonic() - begin < 60


def test_token_services_that_misbehave(writer: Identity, namespace: str) -> None:
    echo = f"{basic(USER, PASSWORD)} {PASSWORD} {PASSWORD[3:]}"
    services: dict[str, tuple[Behaviour, str]] = {
        "no token": (lambda asked: reply("200 OK", body=b"<html>"), "unverifiable"),
        "echoes": (lambda asked: reply("401 No", body=json.dumps({"details": echo}).encode()), "denied"),
        "moved": (lambda asked: reply("302 Found", "Location: http://localhost/"), "unverifiable"),
        "busy": (lambda asked: reply("429 Busy"), "unverifiable"),
        "endless": (sends_on, "unverifiable"),
        "hangs": (hangs, "unreachable"),
        "gives": (lambda asked: reply("200 OK", body=b'{"token": "abc"}'), "authenticated"),
    }
    with ExitStack() as stack:
        realms = [stack.enter_context(odd_registry(behaviour)) for behaviour, _outcome in services.values()]
        asking = [asks_token(f"http://{realm.location}/token", manifest) for realm in realms]
        places = [server.location for server in stack.enter_context(odd_registries(*asking))]
        registries = [entry(place) for place in places]
        result = run(write(writer, namespace, *registries, verify_plain_http=places, verify_timeout=1))
    assert dict(zip(services, outcomes(result), strict=True)) == {
        name: outcome for name, (_behaviour, outcome) in services.items()
    }
    assert (
        result["msg"]
        .partition(" The credentials were not written.")[0]
        .endswith("It says: Basic ******** ******** ********")
    )


@pytest.mark.parametrize("require", ["not_denied", "pullable"])
@pytest.mark.parametrize("name", ["accepts", "refuses", "has nothing", "silence", "breaks"])
def test_what_may_be_written(name: str, require: str, cluster: Cluster, writer: Identity, namespace: str) -> None:
    behaviour, _login, outcome = BEHAVIOURS[name]
    expected = {"denied": "denied_by_registry", "pullable": None}.get(
        outcome, "not_verified" if require == "pullable" else None
    )
    with odd_registry(behaviour) as server:
        place = server.location
        given = write(
            writer,
            namespace,
            entry(place),
            images=[f"{place}/app:1"],
            verify_plain_http=[place],
            verify_require=require,
        )
        check = run(given, check_mode=True)
        real = run(given)
    assert (real.get("failure") or {}).get("id") == (check.get("failure") or {}).get("id") == expected
    assert outcomes(check) == outcomes(real) == [outcome]
    assert holds(cluster, namespace) is (expected is None)
    assert real["changed"] is (expected is None)
    warned = [warning for warning in real["warnings"] if place in warning]
    assert bool(warned) is (expected is None and outcome != "pullable")


def test_only_written_credentials_are_asked_about(cluster: Cluster, writer: Identity, namespace: str) -> None:
    with odd_registries(*[asks_basic(manifest)] * 3) as servers:
        first, second, third = (server.location for server in servers)
        plain = {"verify_plain_http": [first, second, third], "verify": True}
        run(write(writer, namespace, entry(first), entry(second), **{**plain, "verify": False}))
        assert [server.sent for server in servers] == [[], [], []]
        added = run(write(writer, namespace, entry(first), entry(second), entry(third), **plain))
        rotated = run(write(writer, namespace, entry(f"http://{first}/v2/"), entry(second, "new-s3cret"), **plain))
        kept = run(write(writer, namespace, entry(first, WRONG), update_credentials="on_create", **plain))
        removed = run(write(writer, namespace, {"server": third, "state": "absent"}, **plain))
        absent = run(write(writer, namespace, state="absent", registries=None, **plain))
    assert [item["server"] for item in added["verified"]] == [third]
    assert [item["server"] for item in rotated["verified"]] == [second]
    assert (kept["verified"], removed["verified"], "verified" in absent) == ([], [], False)
    assert [len(server.sent) for server in servers] == [0, 1, 1]
    assert not holds(cluster, namespace)


def test_an_image_is_asked_about_with_the_entry_that_the_kubelet_tries_first(writer: Identity, namespace: str) -> None:
    with odd_registry(asks_basic(manifest)) as server:
        place = server.location
        result = run(
            write(
                writer,
                namespace,
                entry(f"{place}/team/", "team-s3cret"),
                entry(place),
                images=[f"{place}/team/app:1", f"{place}/other:1"],
                verify_plain_http=[place],
            )
        )
        tried = {(asked.target, asked.authorization) for asked in server.asked if asked.authorization}
    assert outcomes(result) == ["pullable", "pullable"]
    assert tried == {
        ("/v2/team/app/manifests/1", basic(USER, "team-s3cret")),
        ("/v2/other/manifests/1", basic(USER, PASSWORD)),
    }


def test_what_cannot_be_asked(writer: Identity, namespace: str) -> None:
    """A pattern, and a token that is minted; both modes decide the same, and check mode mints nothing."""
    ecr = {"preset": "ecr", "preset_options": {"account_id": "123456789012", "region": "eu-central-1"}}
    check = run(write(writer, namespace, ecr, entry("*.example.com")), check_mode=True)
    strict = run(
        write(
            writer,
            namespace,
            ecr,
            images=["123456789012.dkr.ecr.eu-central-1.amazonaws.com/app"],
            verify_require="pullable",
        ),
        check_mode=True,
    )
    assert [(item["outcome"], item["text"]) for item in check["verified"]] == [
        ("unverifiable", "Not asked: the task mints this token, which is not known in check mode."),
        ("unverifiable", "Not asked: the server is a pattern, and images has no image for it."),
    ]
    assert check["changed"] is True
    assert strict["failure"]["id"] == "not_verified"


def test_a_task_that_cannot_ask_leaves_the_question_to_the_others() -> None:
    answers = SharedAnswers()
    with odd_registry(asks_basic(manifest)) as server:
        entry_that_fails = WrittenEntry("registries[0]", server.location, "", USER, f"{PASSWORD}\ud800")
        options = VerifyOptions(plain_http=(server.location,))
        begin = time.monotonic()
        for _number in range(2):
            with pytest.raises(UnicodeEncodeError):
                verify_entries([entry_that_fails], options, None, Scrubber(), answers)
    assert time.monotonic() - begin < options.timeout, "nobody waits for a task that has failed"


def test_five_refused_credentials_are_enough(writer: Identity, namespace: str) -> None:
    """Of one registry and task; credentials for another registry are still asked about."""
    with odd_registries(asks_basic(lambda asked: DENIES), asks_basic(manifest)) as (refusing, good):
        place = refusing.location
        registries = [entry(f"{place}/team-{number}/", f"{number}-s3cret") for number in range(30)]
        plain = {"verify_plain_http": [place, good.location], "verify_concurrency": 16}
        result = run(write(writer, namespace, *registries, entry(good.location), **plain))
    assert len(set(refusing.sent)) == len(refusing.sent) == 5
    assert sorted(outcomes(result)) == ["authenticated", *["denied"] * 5, *["unverifiable"] * 25]
    assert good.sent == [basic(USER, PASSWORD)]
    assert result["msg"].count("The registry refuses") == 5


def test_many_namespaces(
    cluster: Cluster, writer: Identity, reader: Identity, namespace: str, playbook: Playbook
) -> None:
    """One question for all, before the first write; a refusal leaves all of them as they are."""
    names = make(cluster, f"{namespace}-v", *map(str, range(12)))
    with odd_registries(asks_basic(manifest), asks_basic(lambda asked: DENIES)) as (good, bad):
        plain = {"verify_plain_http": [good.location, bad.location]}
        both = [entry(good.location), entry(bad.location)]
        few, many = {"namespaces": names[:3]}, {"namespaces": [f"{namespace}-v-*"]}
        given = [(few, both), (many, both), (many, both[:1]), (many, both[:1])]
        tasks: list[dict[str, Any]] = []
        for selected, registries in given:
            options = {**selected, **plain}
            tasks.append({**write(reader, None, *registries, **options), "check_mode": True})
            tasks.append(write(writer, None, *registries, **options))
        ran = playbook.run(tasks)
        results = ran.results
    checks, reals = results[0::2], results[1::2]
    for check, real in zip(checks, reals, strict=True):
        for field in (
            "failed",
            "msg",
            "failure",
            "changed",
            "operation",
            "verified",
            "warnings",
            "summary",
            "not_tried",
        ):
            assert check.get(field) == real.get(field), field
    refused_few, refused_many, made, again = reals
    assert [result["failure"] for result in (refused_few, refused_many)] == [
        {"id": "denied_by_registry", "option": "registries[1]", "namespace": None}
    ] * 2
    assert (refused_few["not_tried"], refused_many["not_tried"]) == (names[:3], sorted(names))
    assert (made["summary"]["created"], outcomes(made)) == (12, ["authenticated"])
    assert (again["changed"], again["verified"]) == (False, [])
    assert len(bad.sent) == (1 if playbook.direct == "always" else 4), "by each task, unless they share the answer"
    assert no_secret(ran.output)
    if cluster.audit_log:
        assert writes(cluster.audit(reader)) == []
        assert writes(cluster.audit(writer)) == ["create"] * 12
