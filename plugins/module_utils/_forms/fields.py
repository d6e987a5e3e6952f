# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of the forms, and the rules of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._credentials.server import check_server
from .._credentials.suggestions import find_near
from .._errors import KeyringError
from .._secret.names import check_namespace, check_owner, is_secret_name
from .steps import Check, FormField
from .texts import join_names, one_line

# The maximum length of a name on the pages of the portals, and of an uploaded file.
LONGEST_NAME = 63
LONGEST_UPLOAD = 10240


def check_portal_name(name: str, label: str) -> None:
    """Raise KeyringError unless a name is valid on the pages of the portals. The field has the maximum length."""
    if not is_secret_name(name):
        raise KeyringError(
            f"{label} is not valid.",
            f"Allowed are at most {LONGEST_NAME} lower-case letters, digits, - and ., with a letter or digit at both "
            "ends and around each dot.",
            "Write it like registry-credentials.",
            option=label,
        )


def check_user_name(name: str, label: str) -> None:
    """Raise KeyringError for a user name with a colon, which would end it in an Authorization header (RFC 7617)."""
    if ":" in name:
        raise KeyringError(f"{label} contains a colon.", "Registries do not accept one.", "Remove it.", option=label)


def check_whole_number(lowest: int) -> Check:
    """Return the check of a whole number that is not less than ``lowest``."""

    def check(value: str, label: str) -> None:
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) < lowest:
            raise KeyringError(f"{label} must be a whole number, at least {lowest}.", option=label)

    return check


def check_known(known: Iterable[str], what: str) -> Check:
    """Return the check that a value is one of those that exist, with those that are like it in the message."""
    names = sorted(known)

    def check(value: str, label: str) -> None:
        if value in names:
            return
        near = find_near(value, names)
        remedy = f"Did you mean {join_names(near)}?" if near else f"Choose one of: {join_names(names)}."
        raise KeyringError(f"{label}: {what} does not exist.", "", remedy, option=label)

    return check


def relabel(error: KeyringError, word: str, label: str) -> KeyringError:
    """Return the error about an option as one about a field. ``word`` is how the message calls the option."""
    return KeyringError(str(error).replace(word, label, 1), option=label)


def registry_text(entry: Mapping[str, Any]) -> str:
    """Return a registry with its user name as one line."""
    user = f"user {one_line(entry['username'])}" if entry.get("username") else "no user name"
    return f"{one_line(entry['server'])}, {user}"


def count_secrets(count: int, what: str) -> str:
    """Return a number of things as a phrase that begins a sentence, such as ``2 pull secrets``."""
    return f"{count or 'No'} {what}{'' if count == 1 else 's'}"


def check_owner_name(owner: str, label: str) -> None:
    """Raise KeyringError unless an owner can be the value of a label."""
    try:
        check_owner(owner)
    except KeyringError as error:
        raise relabel(error, "owner", label) from None


NAMESPACE_FIELD = FormField(
    "target_namespace",
    "Namespace",
    "where the Secret is stored",
    "team-shop",
    check_namespace,
    identifies=True,
    aliases=("namespace",),
)
SECRET_NAME_FIELD = FormField(
    "secret_name",
    "Name",
    "lower-case letters, digits, - and . with a letter or digit at both ends",
    "my-secret",
    check_portal_name,
    longest=LONGEST_NAME,
    identifies=True,
)
REGISTRY_FIELD = FormField("registry", "Registry", "the registry as in image names", "ghcr.io", check_server)
USERNAME_FIELD = FormField(
    "registry_username", "Username", "the user name at the registry", "acme-bot", check_user_name
)
PASSWORD_FIELD = FormField("registry_password", "Password", "a password or an access token", masked=True)
DISPLAY_NAME_FIELD = FormField("display_name", "Display name", "a title for people", "Company registry")
DESCRIPTION_FIELD = FormField("description", "Description", "a note for people", "Pulls for the shop")
PRIVATE_KEY_FIELD = FormField("private_key", "Private SSH key", "in OpenSSH or PEM format", masked=True, lines=True)
PASSPHRASE_FIELD = FormField("private_key_passphrase", "Passphrase", "the passphrase of the private key", masked=True)
DOCKER_CONFIG_FIELD = FormField(
    "docker_config",
    "Docker config",
    "the content of ~/.docker/config.json, of a Secret, or of the field on the page",
    masked=True,
    lines=True,
    longest=LONGEST_UPLOAD,
)
FILTER_FIELD = FormField("filter", "Filter", "a part of the name or display name, regardless of case", "company")
OWNER_FIELD = FormField(
    "owner", "Owner", "the team or playbook that manages the Secret; cleanup asks for it", "team-shop", check_owner_name
)
