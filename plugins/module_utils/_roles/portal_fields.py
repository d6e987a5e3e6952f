# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields that the variables of the roles for portals may have, and what is said about any other field.

A mistyped field is refused once, before the first request. A module would refuse it for each tenant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .._credentials.suggestions import ask_for, find_near

# A field that can be shown. Any other may be a value that came to the wrong place.
_SHOWN_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

# Without expect_server, which is of one tenant.
CONNECTION_FIELDS = ("ca_cert", "ssl_ca_cert", "validate_certs", "verify_ssl", "proxy", "no_proxy", "remote_src")

_SURELY_MEANT = 0.9

# What selects tenants, and what is written for it.
_SELECTIONS = ("tenants", "accounts", "customers")

# The options of an option, empty for one without. Those that tenants set are left out.
Fields = Mapping[str, tuple[str, ...]]


def _plain(*names: str) -> Fields:
    return dict.fromkeys((*names, *CONNECTION_FIELDS), ())


_VERIFY_FIELDS = (
    *("verify", "verify_require", "verify_timeout", "verify_concurrency"),
    *("verify_ca_cert", "verify_validate_certs", "verify_realms", "verify_plain_http"),
)
_REGISTRY_FIELDS = ("server", "preset", "preset_options", "username", "password")

# By variable with declarations, without the prefix of the role.
DECLARATION_FIELDS: Mapping[str, Fields] = {
    "docker_registry_secrets": {
        "registries": (*_REGISTRY_FIELDS, "email", "state"),
        **_plain(
            *("name", "state", "docker_config", "docker_config_file", "docker_config_servers", "update_credentials"),
            *("purge_registries", "images", "preflight", "in_use", "wait", "wait_timeout", *_VERIFY_FIELDS),
        ),
    },
    "git_repositories": _plain(
        *("name", "state", "url", "username", "password", "update_credentials", "recreate", "in_use"),
        *("wait", "wait_timeout", "verify", "verify_timeout", "verify_ca_cert"),
    ),
    "image_pull_secrets": {
        "registry": _REGISTRY_FIELDS,
        **_plain("name", "state", "description", "update_credentials", "recreate", "images", *_VERIFY_FIELDS),
    },
    "registry_users": {
        "projects_access": ("project", "access_type"),
        **_plain("username_prefix", "username", "state", "password", "update_password", "email", "description"),
    },
}


def find_unknown_fields(given: Mapping[Any, Any], known: Collection[str], what: str, place: str = "") -> Iterator[str]:
    """Yield what is wrong with each field that is not known, to be read after the place of the mapping.

    ``what`` says what a known field is, such as "a field of a tenant". ``place`` is where the mapping is in an item.
    """
    for name in given:
        if name in known:
            continue
        if not isinstance(name, str) or not _SHOWN_FIELD.fullmatch(name):
            yield f"{place} has a field with a name that no field can have. Check the indentation and the variables."
            continue
        hint = ask_for(_find_intended(name, known)) or f"Allowed are {', '.join(known)}."
        yield f"{place}.{name} is not {what}. {hint}"


def _find_intended(name: str, known: Collection[str]) -> list[str]:
    """Return the fields that are probably meant."""
    if name in _SELECTIONS:
        selections = [field for field in known if field in _SELECTIONS]
        if selections:
            return selections
    return find_near(name, known, _SURELY_MEANT) or find_near(name, known)


def find_unknown_options(item: Mapping[Any, Any], variable: str, selection: str, module: str) -> Iterator[str]:
    """Yield what is wrong with the fields of a declaration. ``selection`` is the field that selects tenants."""
    what = f"an option of {module}"
    known = DECLARATION_FIELDS[variable]
    yield from find_unknown_fields(item, (*known, selection), what)
    for option, fields in known.items():
        if not fields or option not in item:
            continue
        value = item[option]
        if isinstance(value, Mapping):
            yield from find_unknown_fields(value, fields, what, f".{option}")
        elif isinstance(value, (list, tuple)):
            for index, entry in enumerate(value):
                if isinstance(entry, Mapping):
                    yield from find_unknown_fields(entry, fields, what, f".{option}[{index}]")
