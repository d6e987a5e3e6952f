# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A docker config that a person pastes: its registries, and what is left out of it."""

from __future__ import annotations

from .._credentials.docker_config import parse_docker_config
from .._credentials.imported import ImportSource, import_registries
from .._credentials.registries import Registry, refuse_duplicates
from .._credentials.secret_values import public_username
from .._errors import KeyringError
from .._kubelet.server_text import public_server
from .fields import DOCKER_CONFIG_FIELD
from .task_advice import without_task_advice


def read_pasted_registries(text: str, label: str) -> tuple[list[Registry], list[str]]:
    """Return the registries of a docker config, each with a password, and warnings about what is left out.

    ``label`` is the name of the field. Raise KeyringError if the text cannot be used.
    """
    try:
        registries, warnings = import_registries(parse_docker_config(text, label), ImportSource(label, label))
        refuse_duplicates(registries)
    except KeyringError as error:
        raise KeyringError(
            without_task_advice(str(error)), failure=error.failure, option=DOCKER_CONFIG_FIELD.name
        ) from None
    return registries, [without_task_advice(warning) for warning in warnings]


def public_entry(registry: Registry) -> dict[str, str | None]:
    """Return the server and the user name of a registry, without its password."""
    return {
        "server": public_server(registry.server),
        "username": public_username(registry.username, registry.password),
    }
