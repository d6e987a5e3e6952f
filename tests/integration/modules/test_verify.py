# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries are asked whether they agree: real ones with passwords and with tokens, and servers that misbehave."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import DEFINITION
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.cluster import Cluster
from support.image_access import MODULE, RULES, ask, deploy, pull_secret, spec
from support.playbook import Playbook, task
from support.samples.secrets import encode
from support.servers.odd_registry import (
    Asked,
    Behaviour,
    OddRegistry,
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

WRONG = "wrong-s3cret"


def config(*locations: str, username: str = USER, password: str = PASSWORD) -> dict[str, Any]:
    return {"auths": {location: {"username": username, "password": password} for location in locations}}


def verify(docker_config: object, *images: str, **more: Any) -> dict[str, Any]:
    return task(MODULE, **{"docker_configs": [docker_config], "images": list(images), "verify": True, **more})


def answer(docker_config: object, *images: str, **more: Any) -> dict[str, Any]:
    """The result in Ansible's own process, without the seconds that a playbook takes. Nothing secret is in it."""
    given: Mapping[str, Any] = verify(docker_config, *images, **more)[f"keyring.kubernetes.{MODULE}"]
    result = run_direct(MODULE, DEFINITION, given, Runtime(check_mode=False, environ={}))
    assert no_secret(json.dumps(result))
    assert no_secret(json.dumps(result), WRONG)
    return result


def outcomes(result: Mapping[str, Any]) -> list[str]:
    return [item["verified"]["outcome"] for item in result["images"]]


def texts(result: Mapping[str, Any]) -> list[str]:
    return [item["verified"]["text"] for item in result["images"]]


def no_secret(output: str, password: str = PASSWORD) -> bool:
    """Whether neither a password nor what is made of one is printed."""
    return not re.search(f"s3cret|{encode(f'{USER}:{password}')}|eyJ", output)


def test_a_registry_with_passwords(with_password: Registry, playbook: Playbook) -> None:
    place = with_password.location
    image = f"{place}/team/app:1"
    (playbook.directory / "files").mkdir()
    (playbook.directory / "files" / "registry-ca.crt").write_bytes(with_password.ca or b"")
    (playbook.directory / "no-ca.crt").write_text("x")
    trusted = {"verify_ca_cert": "registry-ca.crt"}
    right, wrong = config(place), config(place, password=WRONG)
    run = playbook.run(
        [
            verify(right, image, f"{place}/team/app:2", f"{place}/other", "127.0.0.1:1/app", **trusted),
            {**verify(right, image, **trusted), "check_mode": True},
            verify(wrong, image, f"{place}/team/app:2", **trusted),
            verify(right, image),
            verify(right, image, verify_validate_certs=False),
            task(MODULE, docker_configs=[wrong, right], images=[image], verify=True, **trusted),
            task(MODULE, docker_configs=[right], images=[image]),
            verify(right, image, verify_ca_cert="no-ca.crt"),
            verify(right, image, verify_ca_cert="missing.crt"),
            verify(right, image, verify_timeout=0),
            verify(right, image, verify_realms=["https://auth.example.com"]),
            verify(right, image, verify_plain_http=[place], **trusted),
            verify(config("127.0.0.1:1"), "127.0.0.1:1/app", "nginx"),
        ],
        "-vvv",
    )

    several, check, refused, untrusted, unchecked, in_turn, unasked, *bad, plain, nobody = run.results

    assert [
        (item["image"].partition("/")[2], item["verified"] and item["verified"]["outcome"])
        for item in several["images"]
    ] == [
        ("app", None),
        ("other", "not_found"),
        ("team/app:1", "pullable"),
        ("team/app:2", "not_found"),
    ]
    assert several["images"][2]["verified"] == {
        "outcome": "pullable",
        "text": "The registry lets user ada pull it.",
        "secret": "docker_configs[0]",
        "server": place,
        "username": "ada",
    }
    assert (several["summary"]["pullable"], several["summary"]["not_found"], several["summary"]["denied"]) == (1, 2, 0)
    assert several["changed"] is False
    assert outcomes(check) == ["pullable"]
    assert texts(refused) == [
        "The registry refuses user ada (401): the password is wrong or has expired.",
        (
            f"The registry refused these credentials for {image}. No further attempts are made, so that the "
            "account is not locked."
        ),
    ]
    assert outcomes(refused) == ["denied", "denied"]
    assert outcomes(untrusted) == ["unreachable"]
    assert texts(untrusted)[0].startswith("The registry gives no answer: its certificate is not accepted (")
    assert outcomes(unchecked) == ["pullable"]
    assert (outcomes(in_turn), in_turn["images"][0]["verified"]["secret"]) == (["pullable"], "docker_configs[1]")
    assert unasked["images"][0]["verified"] is None
    assert "pullable" not in unasked["summary"]
    assert [result["msg"].partition(".")[0] for result in bad] == [
        "verify_ca_cert has no certificate that can be used",
        "verify_ca_cert does not exist on the controller",
        "verify_timeout must be between 1 and 600; got 0",
        "verify_realms[0] is not a host with an optional port",
    ]
    assert outcomes(plain) == ["unverifiable"]
    assert nobody["images"][0]["verified"]["text"] == "The registry gives no answer: connection refused."
    assert nobody["images"][1]["verified"] is None
    assert no_secret(run.output)
    assert no_secret(run.output, WRONG)


def test_a_registry_with_tokens(with_tokens: tuple[Registry, TokenService], playbook: Playbook) -> None:
    registry, service = with_tokens
    here, name = registry.location, f"localhost:{registry.port}"
    plain = {"verify_plain_http": [here, name]}
    service.asked.clear()
    run = playbook.run(
        [
            verify(config(name), *(f"{name}/team/{image}" for image in ("app:1", "app:2", "secret:1")), **plain),
            verify(config(name, password=WRONG), *(f"{name}/team/app:{number}" for number in range(5)), **plain),
        ],
        "-vvv",
    )
    asked = list(service.asked)
    service.asked.clear()
    foreign = answer(config(here), f"{here}/team/app:1", **plain)
    nothing = list(service.asked)
    named = answer(config(here), f"{here}/team/app:1", verify_realms=["localhost"], **plain)

    several, refused = run.results
    assert outcomes(several) == ["pullable", "not_found", "denied"]
    assert texts(several)[2] == "The registry refuses user ada (401): it may not pull the image."
    assert outcomes(refused) == ["denied"] * 5
    assert texts(refused)[0] == (
        "The registry gives user ada no token (401): the password is wrong or has expired. "
        "It says: not let in: Basic ********"
    )
    assert sorted(query["scope"][0] for query in asked) == sorted(
        [*["repository:team/app:pull"] * 3, "repository:team/secret:pull"]
    ), "one attempt with the wrong password"
    assert nothing == [], "no credentials for another host"
    assert outcomes(foreign) == ["unverifiable"]
    assert texts(foreign)[0].endswith("which is not its own host; credentials go there only when verify_realms has it.")
    assert outcomes(named) == ["pullable"]
    assert no_secret(run.output)
    assert no_secret(run.output, WRONG)


def ask_odd(behaviours: Mapping[str, Behaviour], **more: Any) -> tuple[dict[str, OddRegistry], dict[str, Any]]:
    """Ask a server for each behaviour for one image; the servers and the answers."""
    with odd_registries(*behaviours.values()) as started:
        servers = dict(zip(behaviours, started, strict=True))
        places = {name: server.location for name, server in servers.items()}
        images = [f"{place}/app:1" for place in places.values()]
        result = answer(config(*places.values()), *images, verify_plain_http=list(places.values()), **more)
        answers = {item["image"]: item["verified"] for item in result["images"]}
        return servers, {name: answers[f"{place}/app:1"] for name, place in places.items()}


def test_servers_that_misbehave() -> None:
    with odd_registry(manifest) as elsewhere:
        there = f"http://localhost:{elsewhere.server_address[1]}/token?password={PASSWORD}"
        moved = reply(
            "307 Temporary Redirect", f"Location: http://{elsewhere.location}/v2/app/manifests/1?x={PASSWORD}"
        )
        servers, answers = ask_odd(
            {
                "moved": lambda asked: moved,
                "moved with a password": asks_basic(lambda asked: moved),
                "foreign realm": asks_token(there, manifest),
                "nonsense": lambda asked: [b"\x00\xff" * 100 + b"\r\n\r\n"],
                "silence": lambda asked: [],
                "endless header": lambda asked: [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000],
                "many headers": lambda asked: [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000],
                "web page": lambda asked: reply("200 OK", "Content-Type: text/html"),
                "missing web page": lambda asked: reply("404 Not Found", "Content-Type: text/html"),
                "busy": lambda asked: reply("429 Too Many Requests", "Retry-After: 3600"),
                "broken": asks_basic(lambda asked: reply("500 Oops")),
                "public": manifest,
                "no realm": asks_token("", manifest),
            },
        )
        assert elsewhere.asked == [], "nothing is followed"
    assert {name: item["outcome"] for name, item in answers.items()} == {
        **dict.fromkeys(servers, "unverifiable"),
        "silence": "unreachable",
        "public": "pullable",
    }
    assert answers["moved"]["text"] == "The registry answers with a redirect (307), which is not followed."
    assert answers["nonsense"]["text"] == "The registry does not answer like one: its answer is not HTTP."
    assert servers["moved"].sent == servers["foreign realm"].sent == servers["no realm"].sent == []
    assert servers["broken"].sent == [basic(USER, PASSWORD)]


def test_token_services_that_misbehave() -> None:
    echo = f"{basic(USER, PASSWORD)} {PASSWORD} {PASSWORD[3:]} \x1b[2J"
    services: dict[str, Behaviour] = {
        "web page": lambda asked: reply("200 OK", body=b"<html>"),
        "odd token": lambda asked: reply("200 OK", body=json.dumps({"token": "a\r\nX-Odd: b"}).encode()),
        "echo": lambda asked: reply("401 No", body=json.dumps({"details": echo}).encode()),
        "moved": lambda asked: reply("302 Found", "Location: http://localhost/"),
        "busy": lambda asked: reply("429 Busy"),
        "endless": sends_on,
    }
    with ExitStack() as stack:
        servers = {name: stack.enter_context(odd_registry(service)) for name, service in services.items()}
        behaviours = {name: asks_token(f"http://{server.location}/token", manifest) for name, server in servers.items()}
        _servers, answers = ask_odd(behaviours)
    assert {name: item["outcome"] for name, item in answers.items()} == {
        **dict.fromkeys(services, "unverifiable"),
        "echo": "denied",
    }
    assert answers["echo"]["text"] == (
        "The registry gives user ada no token (401): the password is wrong or has expired. "
        "It says: Basic ******** ******** ******** [2J"
    )
    assert answers["busy"]["text"] == (
        "The token service of the registry has received too many requests (429), so no more are sent."
    )


def test_time_limits() -> None:
    """One second for a registry that hangs, and none for its other images."""
    begin = time.monotonic()
    with odd_registry(hangs) as silent, odd_registry(hangs) as server:
        behaviours = {
            "hangs": hangs,
            "drips": drips,
            "hangs with a password": asks_basic(hangs),
            "its token service hangs": asks_token(f"http://{silent.location}/token", manifest),
        }
        _servers, answers = ask_odd(behaviours, verify_timeout=1)
        place = server.location
        images = [f"{place}/app:{number}" for number in range(50)]
        result = answer(config(place), *images, verify_timeout=1, verify_plain_http=[place])
    assert {item["outcome"] for item in answers.values()} == {"unreachable"}
    assert answers["drips"]["text"] == "The registry gives no answer: no whole answer within 1 seconds."
    assert answers["its token service hangs"]["text"].startswith("The token service of the registry gives no answer")
    assert outcomes(result) == ["unreachable"] * 50
    assert len(server.asked) == 1
    assert time.monotonic() - begin < 40


def test_credentials_are_tried_once() -> None:
    """Whatever the number of images and of threads: not so often that an account is locked."""
    refuses = asks_basic(lambda asked: reply("401 No", 'WWW-Authenticate: Basic realm="odd"'))
    with odd_registries(refuses, refuses, manifest) as (first, second, third):
        refuses_token = odd_registry(lambda asked: reply("403 No"))
        with refuses_token as service:
            third.behaviour = asks_token(f"http://{service.location}/token", manifest)
            places = [server.location for server in (first, second, third)]
            images = [f"{place}/app:{number}" for place in places for number in range(20)]
            tried = answer(config(*places), *images, verify_plain_http=places, verify_concurrency=16)
            two = [config(*places), config(*places, password=WRONG)]
            again = answer(two[0], *images[:20], verify_plain_http=places, docker_configs=two)
    assert outcomes(tried) == ["denied"] * 40 + outcomes(tried)[40:]
    assert sorted(outcomes(tried)[40:]) == ["denied"] * 3 + ["unverifiable"] * 17
    assert outcomes(again) == ["denied"] * 20
    right, wrong = basic(USER, PASSWORD), basic(USER, WRONG)
    assert first.sent == [right, right, wrong], "once in the first task, and once each in the second"
    assert second.sent == [right]
    assert service.sent == [right] * 3, "a 403 may be about the image"


def test_concurrency_is_bounded() -> None:
    def slowly(asked: Asked) -> list[bytes]:
        time.sleep(0.05)
        return manifest(asked)

    with odd_registry(asks_basic(slowly)) as server:
        place = server.location
        images = [f"{place}/app:{number}" for number in range(30)]
        result = answer(config(place), *images, verify_plain_http=[place], verify_concurrency=3)
    assert outcomes(result) == ["pullable"] * 30
    assert server.most in (2, 3)


def test_tls_is_not_left() -> None:
    """Neither for a token, nor because the server of an entry begins with http://."""
    with odd_registry(manifest) as service, odd_registry(manifest) as plain:
        behaviour = asks_token(f"http://{service.location}/token", manifest)
        with odd_registry(behaviour, tls=True) as server:
            odd = answer(config(server.location), f"{server.location}/app:1", verify_validate_certs=False)
        scheme = answer(config(f"http://{plain.location}"), f"{plain.location}/app:1")
    assert texts(odd) == [
        f"The registry requires a token. It gives tokens at {service.location} without TLS, and credentials do not go "
        "there."
    ]
    assert texts(scheme) == [
        "The registry gives no answer: TLS failed; a registry that speaks plain HTTP must be named in "
        "verify_plain_http."
    ]
    assert (service.asked, plain.asked) == ([], [])


def test_proxies_of_the_environment(playbook: Playbook) -> None:
    """The registry's name is known to nobody but the proxy."""
    place = "registry.invalid:5000"
    asked = verify(config(place), f"{place}/app:1", verify_plain_http=[place])
    with odd_registry(asks_basic(manifest)) as proxy, odd_registry(manifest) as direct:
        address = f"http://user:proxy-s3cret@{proxy.location}"
        local = verify(config(direct.location), f"{direct.location}/app:1", verify_plain_http=[direct.location])
        run = playbook.run(
            [
                {**asked, "environment": {"http_proxy": address}},
                {**local, "environment": {"http_proxy": address, "no_proxy": "127.0.0.1"}},
                {**asked, "environment": {"http_proxy": "socks5://127.0.0.1:1"}},
                {**asked, "environment": {"http_proxy": "http://127.0.0.1:1"}},
            ],
            "-vvv",
        )
    through, past, unusable, dead = run.results
    assert outcomes(through) == outcomes(past) == ["pullable"]
    assert [asked.target for asked in proxy.asked] == [f"http://{place}/v2/app/manifests/1"] * 2
    assert {asked.headers["proxy-authorization"] for asked in proxy.asked} == {basic("user", "proxy-s3cret")}
    assert [asked.target for asked in direct.asked] == ["/v2/app/manifests/1"]
    assert unusable["msg"].startswith("A proxy of the environment cannot be used.")
    assert outcomes(dead) == ["unreachable"]
    # Ansible itself prints the environment of a task.
    assert no_secret(json.dumps(run.results))


def test_a_proxy_that_is_asked_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """It learns the name of the registry, and nothing of what goes there."""
    with odd_registry(lambda asked: reply("407 No", "Proxy-Authenticate: Basic")) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:proxy-s3cret@{proxy.location}")
        monkeypatch.delenv("no_proxy", raising=False)
        result = answer(config("registry.invalid"), "registry.invalid/app:1")
    assert outcomes(result) == ["unreachable"]
    assert texts(result) == ["The registry gives no answer: the proxy cannot reach it."]
    assert [(asked.method, asked.target) for asked in proxy.asked] == [("CONNECT", "registry.invalid:443")]
    assert proxy.sent == []


def test_only_secrets_made_here_are_tried(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    with odd_registries(asks_basic(manifest), asks_basic(manifest)) as (ours, theirs):
        mine, foreign = f"{ours.location}/app:1", f"{theirs.location}/app:1"
        pull_secret(cluster, namespace, "theirs", config(theirs.location)["auths"])
        deploy(cluster, namespace, "web", spec(mine, foreign, secrets=["ours", "theirs"]))
        reader = cluster.identity(namespace, RULES)
        entry = {"server": ours.location, "username": USER, "password": PASSWORD}
        admin = {"kubeconfig": str(cluster.kubeconfig)}
        plain = {"verify": True, "verify_plain_http": [ours.location, theirs.location]}
        _made, default, check, every = playbook.run(
            [
                task("image_pull_secret", name="ours", namespace=namespace, registries=[entry], **admin),
                ask(reader, namespace=namespace, **plain),
                {**ask(reader, namespace=namespace, **plain), "check_mode": True},
                ask(reader, namespace=namespace, verify_scope="all", **plain),
            ]
        ).results
    answers = {item["image"]: item["verified"] for item in default["images"]}
    assert answers[mine]["outcome"] == "pullable"
    assert answers[foreign] == {
        "outcome": "unverifiable",
        "text": "Not asked: theirs was not created by this collection. verify_scope=all includes it.",
        "secret": None,
        "server": None,
        "username": None,
    }
    assert check["images"] == default["images"]
    assert outcomes(every) == ["pullable", "pullable"]
    assert len(theirs.sent) == 1
