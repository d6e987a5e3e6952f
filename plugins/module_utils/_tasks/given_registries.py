# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options with which tasks get registry credentials: registries, and a docker config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._credentials.docker_config import MAX_READ, parse_docker_config, secret_texts
from .._credentials.expiry import warn_password
from .._credentials.registries import (
    Registry,
    UpdateCredentials,
    auth_of,
    find_given_secrets,
    parse_registries,
    refuse_duplicates,
    warn_imported,
    warn_registries,
)
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.host import read_option_file
from .._runtime.options import DOCKER_CONFIG, Options
from .._runtime.shown import ADDRESS, TEXT, USERNAME

if TYPE_CHECKING:
    from .._credentials.imported import ImportSource

# An item of the option registries, without what depends on where the credentials are stored.
REGISTRY_OPTIONS: Options = {
    "server": {"type": "str", "context": ADDRESS},
    "preset": {"type": "str", "context": TEXT},
    "preset_options": {"type": "dict"},
    "username": {"type": "str", "context": USERNAME},
    "password": {"type": "str", "no_log": True},
    "email": {"type": "str", "context": TEXT},
}
DOCKER_CONFIG_OPTIONS: Options = {
    # Not no_log: Ansible would then hide every text in it, user names included, from all output.
    "docker_config": {"type": "raw", "context": DOCKER_CONFIG},
    "docker_config_file": {"type": "path"},
    "docker_config_servers": {"type": "list", "elements": "str", "context": ADDRESS},
}
# The options that exclude each other.
DOCKER_CONFIG_SOURCES = ("docker_config", "docker_config_file")


def parse_given_registries(
    params: Mapping[str, Any], update: UpdateCredentials, runtime: Runtime, now: datetime
) -> tuple[list[Registry], list[str]]:
    """Return the registries of the options, with warnings about them. Their secrets go to the scrubber at once.

    Raises KeyringError, with the full name of the option.
    """
    for item in params["registries"]:
        runtime.scrubber.add(*find_given_secrets(item))
    registries = parse_registries(params["registries"], update)
    warnings = warn_registries(registries)
    option, source = "docker_config", params["docker_config"]
    if source is None:
        option = "docker_config_file"
        source = read_option_file(option, params["docker_config_file"], runtime.files, MAX_READ)
    if source is not None:
        from .._credentials.imported import import_registries

        config = parse_docker_config(source, option)
        runtime.scrubber.add(*secret_texts(config))
        imported, more = import_registries(config, _import_source(option, params["docker_config_servers"]))
        registries += imported
        warnings += [*more, *warn_imported(imported)]
    elif params["docker_config_servers"] is not None:
        raise KeyringError(
            "docker_config_servers is given without a docker config.",
            "It chooses entries of docker_config or docker_config_file.",
            "Give one of them, or leave it out.",
            option="docker_config_servers",
        )
    refuse_duplicates(registries)
    ended: list[str] = []
    for registry in registries:
        runtime.scrubber.add(auth_of(registry) or "")
        ended.append(warn_password(registry.password, registry.expires_at, now, registry.option) or "")
    return registries, [*warnings, *dict.fromkeys(filter(None, ended))]


def no_servers(option: str) -> KeyringError:
    """Return the error about an empty list of servers to import."""
    return KeyringError(
        f"{option} is empty.",
        "No registry would be imported.",
        "Check the variable behind it, or leave it out for all.",
        option=option,
    )


def _import_source(option: str, servers: Sequence[str] | None) -> ImportSource:
    """Return the source of a docker config in an option. Raises KeyringError for an empty choice of servers."""
    from .._credentials.imported import ImportSource

    if servers == []:
        raise no_servers("docker_config_servers")
    return ImportSource(option, option, servers=servers, servers_option="docker_config_servers")
