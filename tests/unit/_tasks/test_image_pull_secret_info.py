# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What image_pull_secret_info refuses, and which pull secrets it finds by a registry or a token."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.invocation import public_arguments
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import MASK
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT, MANAGED_BY, ORIGIN, US
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import (
    OPTIONS,
    describe_config,
    find_next_end,
    has_registry,
    holds_token,
    run,
)
from support.samples.secrets import docker_secret, encode, refusal, stored_secret
from support.samples.web_tokens import IN_2100, web_token

TOKEN = "s3cret/ü-token"
ADA = {"username": "ada", "password": TOKEN}
AUTH = encode(f"ada:{TOKEN}")
LEGACY_TYPE = "kubernetes.io/dockercfg"


def legacy_secret(auths: object) -> dict[str, Any]:
    return stored_secret({".dockercfg": encode(json.dumps(auths))}, kind=LEGACY_TYPE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"registry": ""}, "registry is empty. Check the variable behind it, or leave it out.", id="none"),
        *(
            pytest.param(
                {"holds": token},
                "holds is empty, or a mask instead of a value. Asterisks and strings such as "
                "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
                "Check the variable behind it, or leave it out.",
                id=title,
            )
            for title, token in (("mask", "***"), ("empty token", " "))
        ),
    ],
)
def test_options_that_match_nothing(options: dict[str, Any], message: str) -> None:
    result = ArgumentSpecValidator(OPTIONS).validate(options)
    assert not result.error_messages
    assert refusal(run, result.validated_parameters, Runtime(check_mode=False, environ={})) == message


@pytest.mark.parametrize(
    ("server", "registry", "expected"),
    [
        pytest.param("ghcr.io", "ghcr.io", True, id="the same"),
        pytest.param("https://ghcr.io/v1/", "ghcr.io", True, id="another spelling"),
        pytest.param("ghcr.io", "https://ghcr.io/v2/", True, id="asked in another spelling"),
        pytest.param("https://index.docker.io/v1/", "index.docker.io", True, id="Docker Hub"),
        pytest.param("ghcr.io/acme", "ghcr.io", False, id="a path"),
        pytest.param("GHCR.io", "ghcr.io", False, id="capitals"),
        pytest.param("ghcr.io:443", "ghcr.io", False, id="a port"),
        pytest.param("quay.io", "ghcr.io", False, id="another"),
    ],
)
def test_a_registry_in_whichever_spelling(server: str, registry: str, expected: bool) -> None:
    assert has_registry(docker_secret({"auths": {"a.io": {}, server: ADA}}), registry) is expected
    assert has_registry(legacy_secret({server: ADA}), registry) is expected


@pytest.mark.parametrize("text", ["", "[]", "{", '{"auths": {"ghcr.io": 1}}'])
def test_no_registry_in_what_does_not_parse(text: str) -> None:
    assert has_registry(docker_secret(text), "ghcr.io") is False


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(docker_secret({"auths": {"a.io": {}, "ghcr.io": ADA}}), id="password"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {"auth": AUTH}}}), id="auth"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {"auth": AUTH.rstrip("=")}}}), id="unpadded auth"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {"Auth": AUTH}}}), id="another spelling that Go reads"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {**ADA, "auth": encode("a:b")}}}), id="beside another auth"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {"username": TOKEN, "password": "x"}}}), id="as user name"),
        pytest.param(docker_secret({"auths": {"ghcr.io": {"identitytoken": TOKEN}}}), id="token of a login"),
        pytest.param(docker_secret({"auths": {}, "HttpHeaders": {"X": f"Bearer {TOKEN}"}}), id="in a header"),
        pytest.param(docker_secret({"auths": {f"https://u:{TOKEN}@ghcr.io": None}}), id="in a server"),
        pytest.param(docker_secret({"auths": {"a.io": {"auth": "!"}, "ghcr.io": ADA}}), id="beside a broken entry"),
        pytest.param(docker_secret({"auths": {"a.io": 1, "ghcr.io": ADA}}, kind="Opaque"), id="of another type"),
        pytest.param(docker_secret(f'{{"auths": {{"ghcr.io": {{"password": "{TOKEN}"'), id="cut"),
        pytest.param(docker_secret(f'{{"auths": {{"ghcr.io": {{"auth": "{AUTH}"'), id="cut behind the auth"),
        pytest.param(docker_secret(f'{{"auths": {{"ghcr.io": {{"auth": "{AUTH}", "auth": ""}}}}}}'), id="given twice"),
        pytest.param(legacy_secret({"ghcr.io": ADA}), id="older form"),
        pytest.param(legacy_secret({"ghcr.io": {"auth": AUTH}}), id="auth in the older form"),
        pytest.param(
            stored_secret({".dockerconfigjson": encode("{}"), "token": encode(f"{TOKEN}\n")}), id="under another key"
        ),
    ],
)
def test_secrets_that_hold_a_token(secret: dict[str, Any]) -> None:
    assert holds_token(secret, TOKEN)
    assert not holds_token(secret, "another-token")


@pytest.mark.parametrize(
    ("secret", "token"),
    [
        pytest.param(docker_secret({"auths": {"ghcr.io": ADA}}), "token", id="a part of a password"),
        pytest.param(docker_secret({"auths": {"ghcr.io": ADA}}), "ghcr.io", id="a server"),
        pytest.param(docker_secret({"auths": {"ghcr.io": ADA}}), "password", id="the name of a field"),
        pytest.param(stored_secret({}), TOKEN, id="no data"),
        pytest.param({**stored_secret({}), "data": None}, TOKEN, id="null data"),
    ],
)
def test_secrets_that_do_not(secret: dict[str, Any], token: str) -> None:
    assert not holds_token(secret, token)


def test_arguments_that_are_not_shown() -> None:
    arguments = {"registry": f"https://u:{TOKEN}@ghcr.io/v2/", "holds": TOKEN, "search": "web"}
    shown = {"registry": "https://ghcr.io/v2/", "holds": MASK, "search": "web"}
    assert public_arguments(arguments, OPTIONS) == shown


def with_end(name: str, *ends: str | None) -> dict[str, Any]:
    """A Secret as the result has it, with entries that end then."""
    registries = [{"server": f"{number}.example", "expires_at": end} for number, end in enumerate(ends)]
    return {"namespace": "web", "name": name, "ours": True, "annotations": {}, "registries": registries}


def unmanaged(name: str, end: str, *annotations: str) -> dict[str, Any]:
    """A Secret that this collection did not create."""
    return {**with_end(name, end), "ours": False, "annotations": dict.fromkeys(annotations, "{}")}


@pytest.mark.parametrize(
    ("secrets", "first"),
    [
        pytest.param([], None, id="no Secret"),
        pytest.param([with_end("a", None, "********", "<known after apply>")], None, id="no time"),
        pytest.param([with_end("a", "2027-01-01T00:00:00Z"), with_end("b", "2026-01-01")], "b", id="a date"),
        pytest.param(
            [with_end("a", "2027-01-01T01:00:00Z"), with_end("b", "2027-01-01T02:00:00+02:00")], "b", id="another zone"
        ),
        pytest.param([unmanaged("a", "2026-01-01"), with_end("b", "2027-01-01")], "b", id="a token of another program"),
        pytest.param(
            [unmanaged("a", "2026-01-01", EXPIRES_AT), with_end("b", "2027-01-01")], "a", id="a recorded time"
        ),
        pytest.param([with_end("b", "2027-01-01"), with_end("a", "2027-01-01T00:00:00Z")], "b", id="the same time"),
    ],
)
def test_the_first_end_is_that_of_the_earliest_time(secrets: list[dict[str, Any]], first: str | None) -> None:
    end = find_next_end(secrets)
    assert (end and end["name"]) == first


YEARS_BEFORE = datetime(2026, 11, 21, tzinfo=timezone.utc)
ONE_HOUR_BEFORE = datetime(2099, 12, 31, 23, tzinfo=timezone.utc)
AFTERWARDS = datetime(2100, 1, 1, tzinfo=timezone.utc)
OURS = {"labels": {MANAGED_BY: US}, "annotations": {ORIGIN: "web/registry"}}
RECORDED = {"annotations": {EXPIRES_AT: "{}"}}


@pytest.mark.parametrize(
    ("marks", "now", "problems"),
    [
        pytest.param(OURS, YEARS_BEFORE, [], id="valid for years"),
        pytest.param(OURS, ONE_HOUR_BEFORE, [("token_ends", "It expires at 2100-01-01T00:00:00Z.")], id="expires soon"),
        pytest.param(RECORDED, ONE_HOUR_BEFORE, [("token_ends", "It expires at 2100-01-01T00:00:00Z.")], id="recorded"),
        pytest.param({}, ONE_HOUR_BEFORE, [], id="another program may renew it"),
        pytest.param(
            {},
            AFTERWARDS,
            [("token_over", "It expired at 2100-01-01T00:00:00Z. No image can be pulled with it.")],
            id="nothing renewed it",
        ),
    ],
)
def test_problems_of_a_token_with_an_expiry_time(
    marks: dict[str, Any], now: datetime, problems: list[tuple[str, str]]
) -> None:
    secret = docker_secret({"auths": {"ghcr.io": {"auth": encode(f"ada:{web_token(IN_2100)}")}}}, **marks)
    described = describe_config(secret, None, now)
    assert [entry["expires_at"] for entry in described["registries"]] == ["2100-01-01T00:00:00Z"]
    assert [(problem["id"], problem["message"]) for problem in described["problems"]] == problems
