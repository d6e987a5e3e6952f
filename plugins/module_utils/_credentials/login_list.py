# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of logins in a setting, each with a URL, a user name and a password, and their JSON in a Secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from .._errors import KeyringError
from .git_url import parse_git_url
from .secret_values import check_secret_value
from .stored_json import is_writable_text, read_stored_json
from .strings import not_a_string

_LOGIN_KEYS = ("url", "username", "password")


def check_logins(items: Sequence[object], option: str) -> list[dict[str, str]]:
    """Return the logins. Raise KeyringError, with the index, for an item that is not a complete login for HTTPS."""
    return [_check_login(item, f"{option}[{index}]") for index, item in enumerate(items)]


def _check_login(item: object, option: str) -> dict[str, str]:
    if not isinstance(item, Mapping) or set(item) != set(_LOGIN_KEYS):
        raise KeyringError(
            f"{option} must be a mapping with url, username and password, and nothing else.", option=option
        )
    for key in _LOGIN_KEYS:
        name = f"{option}.{key}"
        if not isinstance(item[key], str):
            raise not_a_string(item[key], name)
        check_secret_value(item[key], name)
        if not item[key].isprintable():
            raise KeyringError(f"{name} must be a string of one line.", option=name)
    url = parse_git_url(item["url"], f"{option}.url")
    if url.scheme == "ssh" or url.user is not None:
        raise KeyringError(f"{option}.url must be an https:// URL without a user.", option=f"{option}.url")
    return {key: item[key] for key in _LOGIN_KEYS}


def write_logins(items: Sequence[Mapping[str, str]]) -> str:
    """Return checked logins as JSON."""
    return json.dumps(items)


def read_passwords(text: str) -> list[str]:
    """Return the passwords in logins as they are stored; none if the text is not such JSON."""
    found = read_stored_json(text)
    items = found if isinstance(found, list) else [found]
    return [item["password"] for item in items if isinstance(item, dict) and is_writable_text(item.get("password"))]
