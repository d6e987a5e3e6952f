# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as secret material, and the checks that catch a variable that was empty or masked."""

from __future__ import annotations

import re

from .._errors import KeyringError

HIDDEN = "<hidden>"
HIDDEN_CHANGED = "<hidden, changed>"

# Stands in check mode for material that only the real run makes or fetches.
AFTER_APPLY = "<known after apply>"

# Texts that Ansible, AWX and this collection print in place of a value; as a value they come from a copied output.
_MASK_TEXTS = frozenset(
    (
        "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "NOT_LOGGING_PARAMETER",
        "NOT_LOGGING_PASSWORD",
        "$encrypted$",
        AFTER_APPLY,
        HIDDEN,
        HIDDEN_CHANGED,
    )
)
# A shorter line of a key or a cookie file is the end of a base64 text or a comment.
_LONG_LINE = 16
# What tells a private key wherever it stands: lines around it, OpenSSH's and PKCS#8's first octets in base64, the
# base64 of a whole PEM text, or a body in one line.
_KEY_SIGNS = re.compile(
    r"PRIVATE KEY-|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdjE|MC4CAQAwBQYDK2Vw|LS0tLS1CRUdJTi|[A-Za-z0-9+/]{120}"
)
# What Ansible puts in place of `omit` where nothing removes it, as in an item of a list.
_OMIT = re.compile(r"__omit_place_holder__[0-9a-f]+")

# Beginnings that vendors give to their tokens: GitHub, GitLab, DigitalOcean, Docker Hub, npm-like registries.
_TOKEN_PREFIXES = (
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

EDGE_BLANK = "the password begins or ends with a blank or a line end, which stays part of it."


class PossiblySecret(str):
    """A stored text of unknown meaning: hidden where a server quotes it, and left in results, which do not show it.

    It may be a secret or a common word, such as the name of a registry.
    """


def check_material(value: str, option: str) -> None:
    """Raise KeyringError when ``value`` can not be a real password, token or user name.

    Blank texts, asterisks only and mask texts are what an empty or already printed variable leaves behind.
    The message names ``option`` and never quotes the value.
    """
    if not value.strip():
        raise KeyringError(
            f"{option} is empty.",
            "An empty value would replace a working credential.",
            "Check the variable behind it, or leave the option out together with update_credentials=when_given.",
            option=option,
        )
    text = value.strip()
    if not text.strip("*") or text in _MASK_TEXTS or _OMIT.fullmatch(text):
        raise KeyringError(
            f"{option} holds a mask instead of a value.",
            "Asterisks and texts such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER stand for a secret in printed output.",
            "Give the real value, or leave the option out together with update_credentials=when_given.",
            option=option,
        )
    if re.search("[\ud800-\udfff]", value):
        raise KeyringError(
            f"{option} is not text that can be written as UTF-8.",
            "",
            "Check the encoding of the file that it comes from.",
            option=option,
        )


def check_username(value: str, option: str) -> None:
    """Raise KeyringError when ``value`` can not be a user name: as check_material, and for a colon."""
    check_material(value, option)
    if ":" in value:
        raise KeyringError(
            f'{option} must not contain ":".',
            "Readers of a docker config split user and password at the first colon.",
            "Write the part before the colon, and the rest as password.",
            option=option,
        )


def check_email(value: str, option: str) -> None:
    """Raise KeyringError when ``value`` can not be an e-mail address: empty, or as check_material."""
    if not value.strip():
        raise KeyringError(
            f"{option} is empty.",
            "An empty text is no e-mail address.",
            "Check the variable behind it, or leave the option out.",
            option=option,
        )
    check_material(value, option)


def public_username(username: str | None, password: str | None) -> str | None:
    """The user name as it may be shown: hidden where it is the password, holds one, or is plainly a token or a key."""
    if username and (
        username == password or ":" in username or username.startswith(_TOKEN_PREFIXES) or holds_key(username)
    ):
        return HIDDEN
    return username


def holds_key(text: str) -> bool:
    """Whether a text that should be a name or a URL is a private key, or has one in it."""
    return bool(_KEY_SIGNS.search(text))


def is_path(text: str) -> bool:
    """Whether a text is plainly a path, and not the content of a file in its place."""
    return text.startswith(("/", "~", "./", "../")) and not re.search(r"[\n{]", text)


def named_path(option: str, path: str) -> str:
    """The option with its path, for a message; the option alone where the value may be something secret."""
    return f"{option} {path}" if is_path(path) else option


def secret_lines(text: str) -> list[str]:
    """A text and each of its longer lines, which a message may quote alone; headers of keys are no secret."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        text,
        *(line for line in lines if len(line) >= _LONG_LINE and not line.startswith("-----") and line != text),
    ]
