# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secret values: the checks that catch an empty or masked variable, and the rules for what may be shown."""

from __future__ import annotations

import re

from .._errors import KeyringError, MissingCredential
from .text_encoding import BYTE_ORDER_MARK
from .token_shapes import contains_token

HIDDEN = "<hidden>"
HIDDEN_CHANGED = "<hidden, changed>"

# In check mode, the placeholder for secret data that only the real run creates or fetches.
AFTER_APPLY = "<known after apply>"

# Strings that Ansible, AWX and this collection print in place of a value. As a value they are copied from output.
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
# Signs of a private key inside any string: its BEGIN line, the first octets of OpenSSH's format and of PKCS#8 in
# base64, the base64 of a whole PEM text, or a body in one line.
_KEY_SIGNS = re.compile(
    r"PRIVATE KEY-|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdjE|MC4CAQAwBQYDK2Vw|LS0tLS1CRUdJTi|[A-Za-z0-9+/]{120}"
)
# The placeholder of Ansible for `omit` where nothing removes it, as in an item of a list.
_OMIT = re.compile(r"__omit_place_holder__[0-9a-f]+")

EDGE_BLANK = "the password begins or ends with whitespace or a newline, which remains part of it."


def has_edge_blank(password: str | None) -> bool:
    """Return whether whitespace at an end of a password may be a mistake that matters.

    It does not around a JSON object: the key of a Google service account, which ends with a newline in its file.
    """
    text = (password or "").strip()
    return text != (password or "") and not (text.startswith("{") and text.endswith("}"))


class PossiblySecret(str):
    """A stored string of unknown meaning: hidden where a server quotes it, but not in the results of a module.

    It may be a secret or a common word, such as the name of a registry.
    """


def check_secret_value(value: str, option: str, *, optional: bool = True) -> None:
    """Raise KeyringError if ``value`` cannot be a real password, token or user name.

    An empty string, a string of asterisks and a mask come from an empty variable or from printed output. The message
    contains ``option`` and never the value. ``optional`` is whether the stored value can be kept in its place.
    """
    otherwise = ", or leave the option out together with update_credentials=when_given" if optional else ""
    if not value.strip():
        raise MissingCredential(
            f"{option} is empty.",
            "An empty value would replace a working credential.",
            f"Check the variable behind it{otherwise}.",
            option=option,
        )
    text = value.strip()
    if not text.strip("*") or text in _MASK_TEXTS or _OMIT.fullmatch(text):
        raise MissingCredential(
            f"{option} holds a mask instead of a value.",
            "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output.",
            f"Give the real value{otherwise}.",
            option=option,
        )
    if value.startswith(BYTE_ORDER_MARK):
        raise KeyringError(
            f"{option} begins with a byte-order mark.",
            "Windows programs write this invisible character at the beginning of a file.",
            "Save the file as UTF-8 without it, or remove the first character.",
            option=option,
        )
    check_encodable(value, option)


def check_encodable(value: str, option: str) -> None:
    """Raise KeyringError if ``value`` has half a surrogate pair, which Python makes of a byte that is not UTF-8."""
    if re.search("[\ud800-\udfff]", value):
        raise KeyringError(
            f"{option} is not text that can be written as UTF-8.",
            "",
            "Check the encoding of the file that it comes from.",
            option=option,
        )


def check_username(value: str, option: str) -> None:
    """Raise KeyringError if ``value`` cannot be a user name: as check_secret_value, and for a colon."""
    check_secret_value(value, option)
    if ":" in value:
        raise KeyringError(
            f'{option} must not contain ":".',
            "Readers of a docker config split user and password at the first colon.",
            "Write the part before the colon, and the rest as password.",
            option=option,
        )


def check_email(value: str, option: str) -> None:
    """Raise KeyringError if ``value`` cannot be an e-mail address: if it is empty, or as check_secret_value."""
    if not value.strip():
        raise KeyringError(
            f"{option} is empty.",
            "An empty string is not an e-mail address.",
            "Check the variable behind it, or leave the option out.",
            option=option,
        )
    check_secret_value(value, option)


def public_username(username: str | None, password: str | None) -> str | None:
    """Return the user name as it may be shown: hidden if it is or contains a password, a token or a key."""
    if not username:
        return username
    has_password = username == password or ":" in username
    if has_password or contains_token(username) or holds_key(username):
        return HIDDEN
    return username


def public_email(email: str | None, password: str | None) -> str | None:
    """Return the e-mail address as it may be shown: none if it is the password, hidden if it holds a token or a key."""
    if not email or email == password:
        return None if email else email
    return HIDDEN if contains_token(email) or holds_key(email) else email


def holds_key(text: str) -> bool:
    """Return whether a string that should be a name or a URL contains a private key."""
    return bool(_KEY_SIGNS.search(text))


def is_path(text: str) -> bool:
    """Return whether a string is clearly a path, and not the content of a file in its place."""
    return text.startswith(("/", "~", "./", "../")) and not re.search(r"[\n{]", text)


def named_path(option: str, path: str) -> str:
    """Return the option with its path, for a message, or the option alone if the value may be secret."""
    return f"{option} {path}" if is_path(path) else option


def secret_lines(text: str) -> list[str]:
    """Return a string and each of its longer lines, which a message may quote alone, without the headers of keys."""
    found = [text]
    for line in text.splitlines():
        line = line.strip()
        if len(line) >= _LONG_LINE and not line.startswith("-----") and line != text:
            found.append(line)
    return found
