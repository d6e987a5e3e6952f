# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins of Google Cloud: which username goes with a service-account key, with base64 of one, or with a token.

Source: cloud.google.com/artifact-registry/docs/docker/authentication.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Literal

from .preset_shapes import Login, LoginRule

# ``spoilt``: begins like JSON and is none. ``other key``: JSON, plain or in base64, of another kind of credential.
PasswordForm = Literal["JSON", "base64", "spoilt", "other key", "token"]

_USERS: Mapping[PasswordForm, str] = {
    "JSON": "_json_key",
    "base64": "_json_key_base64",
    "token": "oauth2accesstoken",
}
GOOGLE_USERS = tuple(_USERS.values())


def guess_username(password: str) -> str:
    """The username that goes with a password; any for one that GOOGLE_REFUSALS refuses."""
    return _USERS.get(_password_form(password), "_json_key")


def _password_form(password: str) -> PasswordForm:
    """What a password is, by its text alone."""
    text = password.strip()
    if text.startswith("{"):
        return _key_form(text, "JSON", "spoilt")
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return "token"
    return _key_form(decoded, "base64", "spoilt") if decoded.startswith("{") else "token"


def _key_form(text: str, good: PasswordForm, bad: PasswordForm) -> PasswordForm:
    try:
        key = json.loads(text)
    except (ValueError, RecursionError):
        return bad
    has_key = all(isinstance(key.get(name), str) for name in ("private_key", "client_email"))
    return good if key.get("type") == "service_account" and has_key else "other key"


def _rule(form: PasswordForm, user: str, what: str, why: str, remedy: str) -> LoginRule:
    """A password of one form that goes with no username, or not with this one."""

    def applies(login: Login) -> bool:
        return bool(login.password) and user in ("", login.username) and _password_form(login.password or "") == form

    return LoginRule("password", applies, what, why, remedy)


_TEXT_REMEDY = (
    "Where a template gives it, end the template with | string, or give base64 of the key with | b64encode: before "
    "ansible-core 2.19 a text that looks like a mapping becomes one."
)
# For each user the password that belongs to it, and others by their form.
_LOGINS: tuple[tuple[str, str, Mapping[PasswordForm, str]], ...] = (
    (
        "_json_key",
        "a service-account key as JSON",
        {"base64": "is base64 of a key, and not the key", "token": "is no service-account key"},
    ),
    (
        "_json_key_base64",
        "base64 of a service-account key",
        {"JSON": "is a key as JSON, and not base64 of it", "token": "is no service-account key"},
    ),
    (
        "oauth2accesstoken",
        "an access token",
        {"JSON": "is a key, and not an access token", "base64": "is a key, and not an access token"},
    ),
)
GOOGLE_REFUSALS = (
    _rule("spoilt", "", "begins like a JSON key and is not JSON", "It may have been cut.", _TEXT_REMEDY),
    _rule(
        "other key",
        "",
        "is JSON, and not a service-account key",
        'Only a key with "type": "service_account", private_key and client_email is a password.',
        "Create a key of a service account that may read the repositories.",
    ),
    *(
        _rule(form, user, what, f"The user {user} has {has}.", "Leave username out, or give that.")
        for user, has, wrong in _LOGINS
        for form, what in wrong.items()
    ),
)
