# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When credentials end: what is a time, what an annotation says, when a token is replaced, and what a merge keeps."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import StoredLogin
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.expiry import (
    Renewal,
    check_expires_at,
    find_first,
    find_token_expiry,
    parse_expiries,
    parse_time,
    render_expiries,
    render_time,
    warn_expires_at,
    warn_password,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    UpdateCredentials,
    parse_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    list_registries,
    merge_pull_secret,
)
from support.samples.secrets import docker_secret, encode, refusal
from support.samples.web_tokens import IN_2100, SIGNATURE, encode_part, web_token

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone.utc)
ECR = {"preset": "ecr", "preset_options": {"account_id": "123456789012", "region": "eu-central-1"}}
(REGISTRY,) = parse_registries([ECR], "always")
MINTING = REGISTRY.minting
assert MINTING


def ends_in(**left: float) -> str:
    return render_time(NOW + timedelta(**left))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2027-01-31", "2027-01-31T00:00:00Z"),
        ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"),
        ("2027-01-31t12:00:00z", "2027-01-31T12:00:00Z"),
        ("2027-01-31 12:00:00+01:00", "2027-01-31T11:00:00Z"),
        ("2027-01-31T12:00:00.123456789-05:30", "2027-01-31T17:30:00Z"),
        (" 2027-01-31\n", "2027-01-31T00:00:00Z"),
    ],
)
def test_times(text: str, end: str) -> None:
    assert check_expires_at(text, "x") == end


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2027-02-30", "2027-01-31T12:00:00", "31.01.2027", "1700000000", "2027-01-31T25:00:00Z"),
        *("0001-01-01T00:00:00+23:00", "2027-01-31T12:00:00+99:00", "٢٠٢٧-01-31", "ghp_secret"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert refusal(check_expires_at, text, "registries[0].expires_at") == (
        "registries[0].expires_at is not a valid date and time. It states when the password expires, as a "
        "date or a time with its zone. "
        "Write it like 2027-01-31 or 2027-01-31T12:00:00Z."
    )


def test_a_password_that_is_over_gives_a_warning() -> None:
    assert warn_expires_at(ends_in(seconds=1), NOW, "x") is None
    over = "x is in the past: the password expired at 2026-11-21T10:00:00Z. Give a new password, with its date."
    assert warn_expires_at(ends_in(), NOW, "x") == over


@pytest.mark.parametrize(
    ("token", "end"),
    [
        pytest.param(web_token(IN_2100), "2100-01-01T00:00:00Z", id="a time"),
        pytest.param(web_token(IN_2100 + 0.9), "2100-01-01T00:00:00Z", id="with a fraction"),
        pytest.param(web_token(1e9), "2001-09-09T01:46:40Z", id="the first one"),
        pytest.param(web_token(10**10 - 1), "2286-11-20T17:46:39Z", id="the last one"),
        pytest.param(web_token(IN_2100, header=' { "alg": "none" }'), "2100-01-01T00:00:00Z", id="spaces"),
        pytest.param(web_token(10**9 - 1), None, id="before the first one"),
        pytest.param(web_token(10**10), None, id="after the last one"),
        pytest.param(web_token(IN_2100 * 1000), None, id="milliseconds"),
        pytest.param(web_token(-IN_2100), None, id="negative"),
        pytest.param(web_token(float("nan")), None, id="not a number"),
        pytest.param(web_token(float("inf")), None, id="infinity"),
        pytest.param(web_token(True), None, id="a boolean"),
        pytest.param(web_token(str(IN_2100)), None, id="a string"),
        pytest.param(web_token([IN_2100]), None, id="a list"),
        pytest.param(web_token(None), None, id="null"),
        pytest.param(web_token(IN_2100, header={"typ": "JWT"}), None, id="no alg"),
        pytest.param(web_token(IN_2100, header={"alg": 1}), None, id="alg is a number"),
        pytest.param(web_token(IN_2100, header=["alg"]), None, id="the header is a list"),
        pytest.param(web_token(IN_2100, header="alg"), None, id="the header is not JSON"),
        pytest.param(web_token(IN_2100, signature=""), None, id="no signature"),
        pytest.param(f"{web_token(IN_2100)}.{SIGNATURE}", None, id="four parts"),
        pytest.param(f"{web_token(IN_2100)}\n", None, id="a newline at the end"),
        pytest.param(f"Bearer {web_token(IN_2100)}", None, id="with its scheme"),
        pytest.param(web_token(IN_2100).replace(".", "=."), None, id="padding"),
        pytest.param(web_token("x" * 64 * 1024), None, id="too long"),
        pytest.param(f"{encode_part({'alg': 'x'})}.{encode_part('[' * 10_000)}.x", None, id="nested"),
        pytest.param(f"{encode_part({'alg': 'x'})}.{encode_part('9' * 10_000)}.x", None, id="many digits"),
        pytest.param(f"{encode_part({'alg': 'x'})}.a.x", None, id="not base64"),
        pytest.param(f"{encode_part({'alg': 'x'})}._w.x", None, id="not UTF-8"),
        pytest.param("ghp_0123456789", None, id="another token"),
        pytest.param("a.b.c", None, id="a password with dots"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="no password"),
    ],
)
def test_the_expiry_time_in_a_token(token: str | None, end: str | None) -> None:
    assert find_token_expiry(token) == end


EXPIRED = web_token(1700000000)


@pytest.mark.parametrize(
    ("password", "expires_at", "warning"),
    [
        pytest.param(web_token(IN_2100), None, None, id="valid"),
        pytest.param(web_token(IN_2100), "2099-12-31T00:00:00Z", None, id="an earlier date"),
        pytest.param(web_token(IN_2100), "2100-01-01T00:00:00Z", None, id="the same date"),
        pytest.param(
            web_token(IN_2100),
            "2100-01-02T00:00:00Z",
            "registries[0].expires_at is later than the expiry time in the token, 2100-01-01T00:00:00Z. "
            "Correct expires_at, or leave it out.",
            id="a later date",
        ),
        pytest.param(
            EXPIRED,
            None,
            "registries[0].password is a token that expired at 2023-11-14T22:13:20Z. Give a new one.",
            id="expired",
        ),
        pytest.param(
            EXPIRED,
            "2023-01-01T00:00:00Z",
            "registries[0].expires_at is in the past: the password expired at 2023-01-01T00:00:00Z. Give a new "
            "password, with its date.",
            id="expired, with a date",
        ),
        pytest.param("s3cret", None, None, id="another password"),
        pytest.param(None, None, None, id="no password"),
    ],
)
def test_warnings_about_a_given_password(password: str | None, expires_at: str | None, warning: str | None) -> None:
    assert warn_password(password, expires_at, NOW, "registries[0]") == warning


@pytest.mark.parametrize(
    ("recorded", "end"),
    [
        pytest.param({}, "2100-01-01T00:00:00Z", id="only in the token"),
        pytest.param({"expires_at": "2027-01-31"}, "2027-01-31T00:00:00Z", id="a given date wins"),
        pytest.param({"expires_at": "2101-01-31"}, "2101-01-31T00:00:00Z", id="a later one wins, too"),
    ],
)
def test_a_task_and_a_reader_agree_on_the_time_in_a_token(recorded: dict[str, str], end: str) -> None:
    item = {"server": "a.io", "username": "ada", "password": web_token(IN_2100), **recorded}
    payload = merge_pull_secret(None, parse_registries([item], "always"), purge=False, update="always")
    assert payload.annotations == ({EXPIRES_AT: f'{{"a.io":"{end}"}}'} if recorded else {}), "not stored twice"
    assert payload.notes["next_run_before"] == end
    text = payload.data[".dockerconfigjson"]
    stored = {**docker_secret({}, annotations=payload.annotations), "data": {".dockerconfigjson": text}}
    assert [row["expires_at"] for row in list_registries(stored)] == [end]


def test_the_time_of_an_unmanaged_entry_is_not_that_of_the_task() -> None:
    stored = docker_secret({"auths": {"b.io": {"username": "ada", "password": EXPIRED}}})
    payload = merge_pull_secret(stored, parse_registries([ADA], "always"), purge=False, update="always")
    assert payload.notes["next_run_before"] is None


@pytest.mark.parametrize(
    ("annotation", "ends"),
    [
        (None, {}),
        ("", {}),
        ("{", {}),
        ("[" * 100_000, {}),
        ("[1]", {}),
        ('"x"', {}),
        ('{"a.io":"2027-01-31T00:00:00Z","b.io":"soon","c.io":1,"d.io":null}', {"a.io": "2027-01-31T00:00:00Z"}),
    ],
)
def test_what_an_annotation_says(annotation: str | None, ends: dict[str, str]) -> None:
    assert parse_expiries(annotation) == ends


def test_an_annotation_is_sorted_and_compact() -> None:
    ends = {"b.io": ends_in(), "a.io": ends_in(hours=1)}
    text = render_expiries(ends)
    assert text == '{"a.io":"2026-11-21T11:00:00Z","b.io":"2026-11-21T10:00:00Z"}'
    assert parse_expiries(text) == ends
    assert render_expiries({}) is None


def test_what_ends_first() -> None:
    assert find_first([]) is None
    assert find_first([ends_in(hours=2), ends_in(hours=1)]) == ends_in(hours=1)
    assert find_first([ends_in(hours=2), "<known after apply>"]) == "<known after apply>"


@pytest.mark.parametrize(
    ("username", "end", "min_validity", "force", "due"),
    [
        pytest.param("AWS", ends_in(hours=12), None, False, False, id="new"),
        pytest.param("AWS", ends_in(hours=4, seconds=1), None, False, False, id="more than a third is left"),
        pytest.param("AWS", ends_in(hours=4), None, False, True, id="a third is left"),
        pytest.param("AWS", ends_in(hours=-1), None, False, True, id="over"),
        pytest.param("AWS", ends_in(hours=12, minutes=5), None, False, False, id="another clock"),
        pytest.param("AWS", ends_in(hours=12, minutes=5, seconds=1), None, False, True, id="a clock far off"),
        pytest.param("AWS", "9999-12-31T23:59:59Z", None, False, True, id="written by hand"),
        pytest.param("AWS", None, None, False, True, id="no end"),
        pytest.param("AWS", "soon", None, False, True, id="no time"),
        pytest.param("ada", ends_in(hours=12), None, False, True, id="another user"),
        pytest.param("AWS", ends_in(hours=12), None, True, True, id="forced"),
        pytest.param("AWS", ends_in(minutes=1), 0, False, False, id="no validity is asked for"),
        pytest.param("AWS", ends_in(hours=11), 40000, False, True, id="more validity than is left"),
    ],
)
def test_when_a_token_is_replaced(
    username: str, end: str | None, min_validity: int | None, force: bool, due: bool
) -> None:
    assert MINTING
    renewal = Renewal(NOW, min_validity, force)
    assert renewal.is_due(MINTING, StoredLogin(username, "x"), end) is due


def test_a_validity_that_no_token_has() -> None:
    assert MINTING
    assert Renewal(NOW, 43199).warn(MINTING) is None
    assert Renewal(NOW, 43200).warn(MINTING) == (
        "min_validity is 43200 s, and the token of registries[0] lasts at most 43200 s, so each run mints a "
        "new one. Use a smaller value."
    )
    assert Renewal(NOW).latest(MINTING, NOW + timedelta(days=1)) == NOW + timedelta(hours=12)


END, NEW = ends_in(hours=6), "2099-01-01T00:00:00Z"
ENTRY = {"username": "ada", "password": "one", "auth": encode("ada:one")}
ADA = {"server": "a.io", "username": "ada", "password": "one"}


@pytest.mark.parametrize(
    ("items", "update", "purge", "ends"),
    [
        pytest.param([ADA], "always", False, {"a.io": END, "b.io": END}, id="the same password"),
        pytest.param([{**ADA, "password": "two"}], "always", False, {"b.io": END}, id="another password"),
        pytest.param([{**ADA, "expires_at": NEW}], "always", False, {"a.io": NEW, "b.io": END}, id="a new end"),
        pytest.param(
            [{**ADA, "password": "two", "expires_at": NEW}], "always", False, {"a.io": NEW, "b.io": END}, id="both"
        ),
        pytest.param([ADA], "always", True, {"a.io": END}, id="the others are purged"),
        pytest.param([{"server": "a.io", "state": "absent"}], "always", False, {"b.io": END}, id="removed"),
        pytest.param([{**ADA, "server": "https://a.io/v1/"}], "always", True, {"https://a.io/v1/": END}, id="spelling"),
        pytest.param([{"server": "a.io"}], "when_given", False, {"a.io": END, "b.io": END}, id="kept"),
        pytest.param(
            [{"server": "a.io", "expires_at": NEW}], "when_given", False, {"a.io": NEW, "b.io": END}, id="only an end"
        ),
        pytest.param(
            [{"server": "a.io", "username": "eve"}], "when_given", False, {"a.io": END, "b.io": END}, id="another user"
        ),
        pytest.param(
            [{**ADA, "password": "two", "expires_at": NEW}],
            "on_create",
            False,
            {"a.io": END, "b.io": END},
            id="left to a rotation elsewhere",
        ),
        pytest.param(
            [{**ADA, "server": "c.io", "expires_at": NEW}],
            "on_create",
            False,
            {"a.io": END, "b.io": END, "c.io": NEW},
            id="made once",
        ),
    ],
)
def test_what_a_merge_keeps(
    items: list[dict[str, Any]], update: UpdateCredentials, purge: bool, ends: dict[str, str]
) -> None:
    stored = docker_secret(
        {"auths": {"a.io": ENTRY, "b.io": ENTRY}},
        annotations={EXPIRES_AT: json.dumps({"a.io": END, "b.io": END, "gone.io": END}, indent=1)},
    )
    payload = merge_pull_secret(stored, parse_registries(items, update), purge=purge, update=update)
    assert payload.annotations == {EXPIRES_AT: render_expiries(ends)}
    after = {**stored, "metadata": {**stored["metadata"], "annotations": payload.annotations}}
    after["data"] = {**stored["data"], **{key: text for key, text in payload.data.items() if text}}
    assert {row["server"]: row["expires_at"] for row in list_registries(after) if row["expires_at"]} == ends
    again = merge_pull_secret(after, parse_registries(items, update), purge=purge, update=update)
    assert (again.data, again.annotations) == ({}, {})


def test_no_end_removes_the_annotation() -> None:
    stored = docker_secret({"auths": {"a.io": ENTRY}}, annotations={EXPIRES_AT: json.dumps({"a.io": END})})
    registries = parse_registries([{**ADA, "password": "two"}], "always")
    payload = merge_pull_secret(stored, registries, purge=False, update="always")
    assert payload.annotations == {EXPIRES_AT: None}


SECRET = {"tenant_id": "acme.example.com", "client_id": "1111", "client_secret": "s3cret-of-acme"}
ACR: dict[str, Any] = {"preset": "acr", "preset_options": {"name": "acmeregistry", **SECRET}}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(
            {**ACR, "password": "x-password", "username": "1111"},
            "registries[0].password and registries[0].preset_options.tenant_id exclude each other. tenant_id is for a "
            "token that is minted where no password is given. Keep one of them.",
            id="a password beside it",
        ),
        pytest.param(
            {**ACR, "preset_options": {"name": "acmeregistry", "client_secret": "x"}},
            "registries[0].preset_options.client_secret is given without registries[0].preset_options.client_id. "
            "Give both, or neither.",
            id="half a service principal",
        ),
        pytest.param(
            {**ACR, "preset_options": {**ACR["preset_options"], "client_secret": "*****"}},
            "registries[0].preset_options.client_secret holds a mask instead of a value. Asterisks and "
            "strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. Give the "
            "real value, or leave "
            "the option out together with update_credentials=when_given.",
            id="a mask",
        ),
        pytest.param(
            {**ACR, "username": "pull-token"},
            "registries[0].username is given without password. Preset acr then mints a token, which needs the user "
            "00000000-0000-0000-0000-000000000000. Give both, or neither.",
            id="another user",
        ),
        pytest.param(
            {**ECR, "expires_at": NEW},
            "registries[0].expires_at is given without password. Preset ecr then mints a token, and knows "
            "when it expires. Give both, or neither.",
            id="an end",
        ),
    ],
)
def test_what_does_not_go_with_a_minted_token(item: dict[str, Any], message: str) -> None:
    assert refusal(parse_registries, [item], "always") == message


def test_secrets_are_in_no_representation() -> None:
    (registry,) = parse_registries([ACR], "always")
    assert "s3cret-of-acme" not in repr(registry)
    assert parse_time(END)
