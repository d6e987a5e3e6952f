# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credential of Google Cloud a password is: a service-account key, as JSON or as base64 of it, or a token.

Source: cloud.google.com/artifact-registry/docs/docker/authentication.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Literal

# ``spoilt``: begins like JSON and is none. ``other key``: JSON, plain or in base64, of another kind of credential.
PasswordForm = Literal["JSON", "base64", "spoilt", "other key", "token"]


def password_form(password: str) -> PasswordForm:
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
