# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins of Google Cloud: the username for a service-account key, for base64 of one, and for a token.

Source: cloud.google.com/artifact-registry/docs/docker/authentication.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Literal

from .._errors import KeyringError
from .preset_shapes import LoginRule

# ``spoilt``: begins like JSON and is not JSON. ``other key``: JSON, plain or in base64, of another kind of credential.
PasswordForm = Literal["JSON", "base64", "spoilt", "other key", "token"]

_USERS: Mapping[PasswordForm, str] = {
    "JSON": "_json_key",
    "base64": "_json_key_base64",
    "token": "oauth2accesstoken",
}
GOOGLE_USERS = tuple(_USERS.values())


def guess_username(password: str) -> str:
    """Return the username for a password; ``_json_key`` for one that GOOGLE_REFUSALS refuses."""
    return _USERS.get(_password_form(password), "_json_key")


def _password_form(password: str) -> PasswordForm:
    text = password.strip()
    if text.startswith("{"):
        return _key_form(text, "JSON")
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return "token"
    if decoded.startswith("{"):
        return _key_form(decoded, "base64")
    return "token"


def read_service_account_key(text: str, option: str) -> str:
    """Return the key of a service account as JSON, from JSON or base64 of it. Raise KeyringError for anything else."""
    form = _password_form(text)
    if form == "JSON":
        return text.strip()
    if form == "base64":
        return base64.b64decode("".join(text.split())).decode().strip()
    raise KeyringError(
        f"{option} must be the key of a Google service account.",
        _NOT_A_KEY.get(form, "It is neither JSON nor base64 of it."),
        "Give the content of the JSON file that Google Cloud offered for download.",
        option=option,
    )


_NOT_A_KEY: Mapping[PasswordForm, str] = {
    "spoilt": "It begins like JSON and is not JSON, so it may have been cut.",
    "other key": 'It is JSON without "type": "service_account", private_key and client_email.',
}


def _key_form(text: str, form: PasswordForm) -> PasswordForm:
    """Return ``form`` for the JSON of a service-account key, else what the text is instead."""
    try:
        key = json.loads(text)
    except (ValueError, RecursionError):
        return "spoilt"
    is_complete = isinstance(key.get("private_key"), str) and isinstance(key.get("client_email"), str)
    if key.get("type") == "service_account" and is_complete:
        return form
    return "other key"


def _form_rule(form: PasswordForm, user: str, what: str, why: str, remedy: str) -> LoginRule:
    """Return the rule that refuses passwords of one form, for one user or, with an empty ``user``, for all."""

    def applies(username: str | None, password: str | None) -> bool:
        return bool(password) and user in ("", username) and _password_form(password or "") == form

    return LoginRule("password", applies, what, why, remedy)


_TEXT_REMEDY = (
    "If it comes from a template, end the template with | string, or give base64 of the key with | b64encode. "
    "Before ansible-core 2.19 a string that looks like a mapping becomes one."
)
# A user, the password that belongs to it, and the passwords of other forms that it is given instead.
_LOGINS: tuple[tuple[str, str, Mapping[PasswordForm, str]], ...] = (
    (
        "_json_key",
        "a service-account key as JSON",
        {"base64": "is base64 of a key, and not the key", "token": "is not a service-account key"},
    ),
    (
        "_json_key_base64",
        "base64 of a service-account key",
        {"JSON": "is a key as JSON, and not base64 of it", "token": "is not a service-account key"},
    ),
    (
        "oauth2accesstoken",
        "an access token",
        {"JSON": "is a key, and not an access token", "base64": "is a key, and not an access token"},
    ),
)


def _refusals() -> Iterator[LoginRule]:
    yield _form_rule("spoilt", "", "begins like a JSON key and is not JSON", "It may have been cut.", _TEXT_REMEDY)
    yield _form_rule(
        "other key",
        "",
        "is JSON, and not a service-account key",
        'Only a key with "type": "service_account", private_key and client_email is a password.',
        "Create a key of a service account that may read the repositories.",
    )
    for user, has, wrong_forms in _LOGINS:
        for form, what in wrong_forms.items():
            yield _form_rule(form, user, what, f"The user {user} has {has}.", "Leave username out, or give that.")


GOOGLE_REFUSALS = tuple(_refusals())
