# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for showing the value of an option that is a string.

The row of such an option has one of them under ``context``, which Ansible leaves to the collection:
``"server": {"type": "str", "context": ADDRESS}``. invocation.py applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._credentials.secret_values import is_path, public_username
from .._kubelet.server_text import public_server
from .._secret.names import is_name_or_glob, is_secret_name

# Ansible's own text for a value that is not shown.
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# From a value without a private key, and the arguments beside it, to what may be shown.
ShowRule = Callable[[str, Mapping[str, Any]], "str | None"]


def show_text(value: str, _siblings: Mapping[str, Any]) -> str:
    """Return the value as it is."""
    return value


def _show_nothing(_value: str, _siblings: Mapping[str, Any]) -> str:
    return MASK


def _show_name(value: str, _siblings: Mapping[str, Any]) -> str:
    return value if is_secret_name(value) else MASK


def _show_name_or_glob(value: str, _siblings: Mapping[str, Any]) -> str:
    return value if is_name_or_glob(value) else MASK


def show_path(value: str, _siblings: Mapping[str, Any]) -> str:
    """Return a path, and the mask in place of the content of a file."""
    return value if is_path(value) else MASK


def _show_address(value: str, _siblings: Mapping[str, Any]) -> str:
    return public_server(value)


def _show_image(value: str, _siblings: Mapping[str, Any]) -> str:
    from .._images.verdict import public_image

    return public_image(value)


def _show_repository(value: str, _siblings: Mapping[str, Any]) -> str:
    from .._credentials.git_url import public_url

    return public_url(value)


def _show_username(value: str, siblings: Mapping[str, Any]) -> str | None:
    if siblings.get("preset") is not None:
        from .._credentials.presets import PRESETS

        row = PRESETS.get(str(siblings["preset"]))
        if row and row.secret_username:
            return MASK
    return public_username(value, siblings.get("password"))


# A string that holds no secret.
TEXT: Mapping[str, Any] = {"shown": show_text}
# The name of an object; a string that is no valid name may be a password in the wrong place.
NAME: Mapping[str, Any] = {"shown": _show_name}
# The same for an item of a list that selects objects by name or glob.
NAME_OR_GLOB: Mapping[str, Any] = {"shown": _show_name_or_glob}
# The address of a server, without the user in it.
ADDRESS: Mapping[str, Any] = {"shown": _show_address}
# The URL of a Git repository or API, without the user and the query.
REPOSITORY: Mapping[str, Any] = {"shown": _show_repository}
# A container image, without the user of a URL in its place.
IMAGE: Mapping[str, Any] = {"shown": _show_image}
# A user name, which may be a token, the password itself, or secret for a preset.
USERNAME: Mapping[str, Any] = {"shown": _show_username}
# The path of a file, and nothing of a mapping.
PATH: Mapping[str, Any] = {"shown": show_path}
# Public content that may be a private key by mistake.
CONTENT: Mapping[str, Any] = {"shown": _show_nothing}
