# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be a real credential, and which user names are shown."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import (
    check_secret_value,
    check_username,
    is_path,
    named_path,
    public_username,
    secret_lines,
)
from support.samples.secrets import refusal

OPTION = "registries[2].password"
EMPTY = (
    "registries[2].password is empty. An empty value would replace a working credential. "
    "Check the variable behind it, or leave the option out together with update_credentials=when_given."
)
MASKED = (
    "registries[2].password holds a mask instead of a value. "
    "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
    "Give the real value, or leave the option out together with update_credentials=when_given."
)


MARKED = (
    "registries[2].password begins with a byte-order mark. Windows programs write this invisible character at the "
    "beginning of a file. Save the file as UTF-8 without it, or remove the first character."
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("\ufeffs3cret", MARKED),
        ("\ufeff", MARKED),
        ("", EMPTY),
        (" ", EMPTY),
        ("\n", EMPTY),
        ("\t \r\n", EMPTY),
        ("\u00a0", EMPTY),
        ("*", MASKED),
        ("******", MASKED),
        ("********\n", MASKED),
        ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", MASKED),
        ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER\n", MASKED),
        ("NOT_LOGGING_PARAMETER", MASKED),
        ("NOT_LOGGING_PASSWORD", MASKED),
        ("$encrypted$", MASKED),
        ("<known after apply>", MASKED),
        ("<hidden>", MASKED),
        ("<hidden, changed>", MASKED),
        ("__omit_place_holder__8b2f6f3c2a1d4e5f", MASKED),
    ],
)
def test_check_material_refuses(value: str, message: str) -> None:
    assert refusal(check_secret_value, value, OPTION) == message


def test_text_that_can_not_be_written_as_utf_8_is_refused() -> None:
    """So Python hands on bytes of a file or variable that were not UTF-8."""
    assert refusal(check_secret_value, "p\udcfcss", OPTION) == (
        "registries[2].password is not text that can be written as UTF-8. "
        "Check the encoding of the file that it comes from."
    )


@pytest.mark.parametrize(
    "value",
    [
        "x",
        " x ",
        "***x***",
        "* *",
        "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER2",
        "__omit_place_holder__",
        "hidden",
        "äöü \"'%&<",
        "0",
        "null",
    ],
)
def test_check_material_takes(value: str) -> None:
    check_secret_value(value, OPTION)


@pytest.mark.parametrize("value", ["ada", "ada@example.com", "robot$team+ci", "1234|ci", "$oauthtoken", "a b"])
def test_check_username_takes(value: str) -> None:
    check_username(value, "registries[2].username")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "a:b",
            'registries[2].password must not contain ":". '
            "Readers of a docker config split user and password at the first colon. "
            "Write the part before the colon, and the rest as password.",
        ),
        ("", EMPTY),
        (" ", EMPTY),
        ("***", MASKED),
    ],
)
def test_check_username_refuses(value: str, message: str) -> None:
    assert refusal(check_username, value, OPTION) == message


@pytest.mark.parametrize(
    ("username", "password", "shown"),
    [
        pytest.param("ada", "s3cret", "ada", id="a name"),
        pytest.param("ada", None, "ada", id="no password"),
        pytest.param(None, "s3cret", None, id="no name"),
        pytest.param("", "", "", id="empty"),
        pytest.param("s3cret", "s3cret", "<hidden>", id="the password"),
        pytest.param("ada:s3cret", None, "<hidden>", id="a password behind a colon"),
        pytest.param("ghp", "x", "ghp", id="shorter than a prefix"),
        pytest.param("aghp_1", "x", "aghp_1", id="prefix elsewhere"),
        *(
            pytest.param(f"{prefix}1", password, "<hidden>", id=f"{prefix} with {password}")
            for prefix in (
                "ghp_",
                "gho_",
                "ghu_",
                "ghs_",
                "ghr_",
                "github_pat_",
                "glpat-",
                "gldt-",
                "glcbt-",
                "dop_v1_",
                "dckr_pat_",
                "dckr_oat_",
            )
            for password in ("x-oauth-basic", None)
        ),
    ],
)
def test_public_username(username: str | None, password: str | None, shown: str | None) -> None:
    assert public_username(username, password) == shown


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/etc/config.json", True),
        ("~/.docker/config.json", True),
        ("./config.json", True),
        ("../config.json", True),
        ("/a:/b", True),
        ("files/config.json", False),
        ("s3cret", False),
        (".s3cret", False),
        ("", False),
        ("/a\ntoken: s3cret", False),
        ('/{"auths": "s3cret"}', False),
    ],
)
def test_is_path(text: str, path: bool) -> None:
    assert is_path(text) is path
    assert named_path("docker_config_file", text) == (f"docker_config_file {text}" if path else "docker_config_file")


LONG = "0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("s3cret", ["s3cret"], id="one short line"),
        pytest.param(LONG, [LONG], id="one long line is there once"),
        pytest.param(f"{LONG}\n", [f"{LONG}\n", LONG], id="its line end is no part of it"),
        pytest.param(f"a\n{LONG}\n{LONG[1:]}", [f"a\n{LONG}\n{LONG[1:]}", LONG], id="shorter lines are left out"),
        pytest.param(f"  {LONG}  \r\nb", [f"  {LONG}  \r\nb", LONG], id="blanks around"),
        pytest.param(
            f"-----BEGIN PRIVATE KEY-----\n{LONG}",
            [f"-----BEGIN PRIVATE KEY-----\n{LONG}", LONG],
            id="headers are no secret",
        ),
        pytest.param("", [""], id="empty"),
    ],
)
def test_secret_lines(text: str, lines: list[str]) -> None:
    assert secret_lines(text) == lines
