# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of settings: what each type takes, what it makes of it, and what it refuses with which message."""

from __future__ import annotations

import re
import textwrap
from typing import Any, get_args

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.login_list import (
    read_passwords,
    write_logins,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.schema import (
    Setting,
    SettingType,
    check_value,
    secret_strings,
    unknown_setting,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import not_a_string
from support.samples.secrets import encode, refusal

ZONE = Setting(pattern=re.compile("[a-z]+[0-9]"), rule="a zone such as eu1", known=("eu1", "us1"))
HOST = Setting(type="host", rule="a host")
TAG = Setting(type="line", choices=("a", "b"))
ZONES = Setting(type="strings", pattern=re.compile("[a-z]+[0-9]"), rule="a zone such as eu1")
LINES = Setting(type="lines", pattern=re.compile("[a-zä ]+"), rule="letters")
NAMES = Setting(type="names", pattern=re.compile("[a-z]+"), rule="letters")
PROXY = Setting(type="line", secret=True)
TOKENS = Setting(type="passwords", secret=True)
TOKEN = Setting(type="password", rule="a token", secret=True)
SWITCH = Setting(type="boolean")
COUNT = Setting(type="number")
FILE = Setting(type="text", pattern=re.compile(r"\[http\]"), rule="a file with [http]", secret=True)
LOGINS = Setting(type="logins", secret=True)
LOGIN = {"url": "https://git.example.com/lib", "username": "ada", "password": "t0ken"}
ACCOUNT = Setting(type="google_key", secret=True)
ACCOUNT_KEY = '{"type": "service_account", "client_email": "a@p.iam", "private_key": "s3cret"}'
NO_ACCOUNT = "x must be the key of a Google service account. "
DOWNLOAD = "Give the content of the JSON file that Google Cloud offered for download."

ACCEPTED: tuple[tuple[Setting, object, object], ...] = (
    (ZONE, "eu1", "eu1"),
    (ZONE, "xx9", "xx9"),
    (HOST, "ghcr.io", "ghcr.io"),
    (TAG, "b", "b"),
    (LINES, ["a", "ä b"], ["a", "ä b"]),
    (ZONES, ["eu1", "us2"], ["eu1", "us2"]),
    (NAMES, {"a": "b", "c-1.d": "e"}, {"a": "b", "c-1.d": "e"}),
    (TOKENS, {"a": "t0ken", "b": "two\nlines\n", "c": None}, {"a": "t0ken", "b": "two\nlines\n", "c": None}),
    (TOKEN, "t0ken", "t0ken"),
    (SWITCH, True, True),
    (SWITCH, "False", False),
    (COUNT, 7, 7),
    (COUNT, "007", 7),
    (FILE, "[http]\r\n\tsslVerify = true", "[http]\n\tsslVerify = true\n"),
    (LOGINS, [LOGIN], [LOGIN]),
    (ACCOUNT, f"{ACCOUNT_KEY}\n", ACCOUNT_KEY),
    (ACCOUNT, encode(ACCOUNT_KEY), ACCOUNT_KEY),
    (ACCOUNT, "\n".join(textwrap.wrap(encode(ACCOUNT_KEY), 40)), ACCOUNT_KEY),
)
LOGIN_KEYS = "a mapping with url, username and password, and nothing else"

EMPTY = "x is empty. An empty value would replace a working credential. "
NO_MAPPINGS: tuple[object, ...] = ({}, ["a"], "a", None, 7)
MAPPING = "x must be a mapping that is not empty."
NAMED = "x must be a mapping whose names have up to 100 letters, digits, dots, - and _."
MASK = "x holds a mask instead of a value. "
REFUSED: tuple[tuple[Setting, object, str], ...] = (
    (ZONE, "eu", "x must be a zone such as eu1. Did you mean eu1?"),
    (ZONE, "", "x must be a zone such as eu1. Choose from: eu1, us1."),
    (ZONE, 1, str(not_a_string(1, "x"))),
    (HOST, "https://", 'x must be a host with an optional port and path; got "https://". '),
    (TAG, "c", "x must be one of a, b."),
    (TAG, " ", "x must be a string of one line that is not empty."),
    (TAG, "a\n", "x must be a string of one line that is not empty."),
    (TAG, None, str(not_a_string(None, "x"))),
    (LINES, "a", "x must be a list of strings that is not empty."),
    (LINES, ["a", "b\n"], "x[1] must be a string of one line that is not empty."),
    (LINES, ["a", "1"], "x[1] must be letters."),
    (LINES, ["1", " "], "x[1] must be a string of one line that is not empty."),
    (LINES, ["a", 2], str(not_a_string(2, "x[1]"))),
    (ZONES, [], "x must be a list that is not empty."),
    (ZONES, ["eu1", "eu"], "x[1] must be a zone such as eu1."),
    *((kind, value, MAPPING) for kind in (NAMES, TOKENS) for value in NO_MAPPINGS),
    *((kind, {name: "a"}, NAMED) for kind in (NAMES, TOKENS) for name in ("", "a b", "ä", "a\n", 7, "x" * 101)),
    (NAMES, {"a": "b", "c": "1"}, "x.c must be letters."),
    (NAMES, {"a": ""}, "x.a must be a string of one line that is not empty."),
    (NAMES, {"a": 7}, str(not_a_string(7, "x.a"))),
    (NAMES, {"a": None}, str(not_a_string(None, "x.a"))),
    (TOKENS, {"a": "t0ken", "b": " "}, EMPTY.replace("x ", "x.b ", 1)),
    (TOKENS, {"a": "****"}, MASK.replace("x ", "x.a ", 1)),
    (TOKENS, {"a": 7}, str(not_a_string(7, "x.a"))),
    (TOKENS, {"a": ["t0ken"]}, str(not_a_string(["t0ken"], "x.a"))),
    (TOKEN, " ", EMPTY),
    (TOKEN, "****", MASK),
    (TOKEN, "t0\nken", "x must be a token."),
    (TOKEN, False, str(not_a_string(False, "x"))),
    (SWITCH, "yes", "x must be true or false."),
    (SWITCH, 1, "x must be true or false."),
    (COUNT, -1, "x must be a whole number from 0 to 999999999."),
    (COUNT, True, "x must be a whole number from 0 to 999999999."),
    (COUNT, "1.5", "x must be a whole number from 0 to 999999999."),
    (FILE, "sslVerify = true", "x must be a file with [http]."),
    (FILE, "", EMPTY),
    (FILE, 1, str(not_a_string(1, "x"))),
    (LOGINS, [], "x must be a list of mappings with url, username and password."),
    (LOGINS, LOGIN, "x must be a list of mappings with url, username and password."),
    (LOGINS, ["t0ken"], f"x[0] must be {LOGIN_KEYS}."),
    (LOGINS, [LOGIN, {"url": "https://a"}], f"x[1] must be {LOGIN_KEYS}."),
    (LOGINS, [{**LOGIN, "realm": "a"}], f"x[0] must be {LOGIN_KEYS}."),
    (LOGINS, [{**LOGIN, "password": 12}], str(not_a_string(12, "x[0].password"))),
    (LOGINS, [{**LOGIN, "password": ""}], "x[0].password is empty. "),
    (LOGINS, [{**LOGIN, "username": "a\nb"}], "x[0].username must be a string of one line."),
    (LOGINS, [{**LOGIN, "url": "git@git.example.com:a"}], "x[0].url must be an https:// URL without a user."),
    (LOGINS, [{**LOGIN, "url": "https://ada@git.example.com"}], "x[0].url must be an https:// URL without a user."),
    (ACCOUNT, "ya29.t0ken", f"{NO_ACCOUNT}It is neither JSON nor base64 of it. {DOWNLOAD}"),
    (
        ACCOUNT,
        ACCOUNT_KEY[:-1],
        f"{NO_ACCOUNT}It begins like JSON and is not JSON, so it may have been cut. {DOWNLOAD}",
    ),
    (
        ACCOUNT,
        encode('{"type": "authorized_user"}'),
        f'{NO_ACCOUNT}It is JSON without "type": "service_account", private_key and client_email. {DOWNLOAD}',
    ),
    (ACCOUNT, " ", EMPTY),
    (ACCOUNT, 7, str(not_a_string(7, "x"))),
)


@pytest.mark.parametrize(("setting", "value", "checked"), ACCEPTED)
def test_returns_the_value_of_its_type(setting: Setting, value: object, checked: object) -> None:
    result: Any = check_value(value, setting, "x")
    assert result == checked
    assert type(result) is type(checked)


@pytest.mark.parametrize(("setting", "value", "message"), REFUSED)
def test_refuses_another_value(setting: Setting, value: object, message: str) -> None:
    told = refusal(check_value, value, setting, "x")
    assert told.startswith(message)
    if not message.endswith(" "):
        assert told == message


def test_every_type_has_a_value_that_it_takes_and_one_that_it_refuses() -> None:
    types = set(get_args(SettingType))
    assert {setting.type for setting, _value, _checked in ACCEPTED} == types
    assert {setting.type for setting, _value, _message in REFUSED} == types


@pytest.mark.parametrize(
    ("setting", "value", "secrets"),
    [
        pytest.param(TOKEN, "t0ken", ["t0ken"], id="a token"),
        pytest.param(TAG, "t0ken", [], id="not secret"),
        pytest.param(PROXY, "http://ada:t0ken@proxy:1", ["t0ken"], id="the password in a URL"),
        pytest.param(PROXY, "http://proxy:1/a:b@c", [], id="a URL without a password"),
        pytest.param(TOKEN, "t0://ken", ["t0://ken"], id="a password like a URL"),
        pytest.param(PROXY, "http://ada:t0@ken@proxy:1", ["t0@ken"], id="a password with an @ in a URL"),
        pytest.param(
            FILE,
            '[url "https://ada:t0ken@a/"]\n',
            ['[url "https://ada:t0ken@a/"]\n', "t0ken"],
            id="a file, and a password in a URL in it",
        ),
        pytest.param(ACCOUNT, '{"token_uri": "https://a"}', ['{"token_uri": "https://a"}'], id="a key with a URL"),
        pytest.param(TOKENS, {"a": "t0ken", "b": None, "c": 7, "d": "e://f"}, ["t0ken", "e://f"], id="passwords"),
        pytest.param(TOKENS, ["t0ken"], [], id="a list in place of passwords"),
        pytest.param(TOKEN, 7, [], id="a number"),
        pytest.param(LOGINS, [LOGIN, {"password": 12}, "x"], ["t0ken", "12"], id="logins, also wrong ones"),
        pytest.param(LOGINS, "x", ["x"], id="a string in their place"),
    ],
)
def test_secret_strings(setting: Setting, value: object, secrets: list[str]) -> None:
    assert list(secret_strings(setting, value)) == secrets


@pytest.mark.parametrize(
    ("text", "passwords"),
    [
        pytest.param(write_logins([LOGIN, {**LOGIN, "password": "o"}]), ["t0ken", "o"], id="as they are written"),
        pytest.param('{"url": "https://a", "password": "t0ken"}', ["t0ken"], id="one mapping"),
        pytest.param('[{"password-file": "/a"}, 3]', [], id="none"),
        pytest.param("t0ken", [], id="not JSON"),
    ],
)
def test_read_passwords(text: str, passwords: list[str]) -> None:
    assert read_passwords(text) == passwords


def test_never_quotes_a_secret() -> None:
    assert "t0" not in refusal(check_value, "t0\nken", TOKEN, "x")


def test_suggests_the_names_of_known_settings() -> None:
    error = unknown_setting("regoin", ("region", "vpc"), "preset alibaba", "registries[0].preset_options.regoin")
    assert str(error) == ("registries[0].preset_options.regoin is not known to preset alibaba. Did you mean region?")
    assert error.option == "registries[0].preset_options.regoin"
