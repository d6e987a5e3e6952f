# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the info modules of Secrets share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._cluster.selection import GivenTargets, parse_targets
from .._cluster.settings import ConnectionOptions
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.open_cluster import parse_connection
from .._runtime.options import COMMON, NAMESPACES, Options
from .._runtime.shown import NAME, TEXT
from .._secret.names import OWNER, check_owner, check_secret_name

INFO_OPTIONS: Options = {
    "name": {"type": "str", "context": NAME},
    **NAMESPACES,
    "label_selector": {"type": "str", "context": TEXT},
    "owner": {"type": "str", "context": TEXT},
    "search": {"type": "str", "context": TEXT},
    "used_by": {"type": "bool", "default": False},
    **COMMON,
}


@dataclass(frozen=True)
class InfoOptions:
    """The options that the info modules of Secrets share, parsed; None stands for an option that was left out."""

    connection: ConnectionOptions
    targets: GivenTargets
    name: str | None = None
    label_selector: str | None = None
    owner: str | None = None
    search: str | None = None
    used_by: bool = False

    @property
    def full_label_selector(self) -> str:
        """Return the label selector for the API server, which includes the owner; empty for every Secret."""
        parts = [self.label_selector] if self.label_selector else []
        if self.owner:
            parts.append(f"{OWNER}={self.owner}")
        return ",".join(parts)


def parse_info_options(params: Mapping[str, Any]) -> InfoOptions:
    """Parse the options of INFO_OPTIONS.

    Raises KeyringError for a name, namespaces, an owner or a search that can match nothing.
    """
    name, owner = params["name"], params["owner"]
    if name is not None:
        check_secret_name(name, "name")
    targets = parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    if owner is not None:
        check_owner(owner)
    return InfoOptions(
        connection=parse_connection(params),
        targets=targets,
        name=name,
        label_selector=parse_search("label_selector", params["label_selector"]),
        owner=owner,
        search=parse_search("search", params["search"]),
        used_by=params["used_by"],
    )


def parse_search(option: str, value: str | None) -> str | None:
    """Return the value of an option that narrows what is found. Raises KeyringError for an empty one."""
    if value is not None and not value.strip():
        raise KeyringError(f"{option} is empty.", "", "Check the variable behind it, or leave it out.", option=option)
    return value
