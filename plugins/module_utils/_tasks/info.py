# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks that only look at Secrets share: their options, which Secrets they read, what they tell of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.namespaces import find_namespaces
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import find_secrets
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import (
    OWNER,
    check_namespace,
    check_owner,
    check_secret_name,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.ownership import (
    annotations_of,
    foreign_mark,
    is_ours,
    labels_of,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.selection import Selection, parse_selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import view_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.options import COMMON, Options

INFO_OPTIONS: Options = {
    "name": {"type": "str"},
    "namespace": {"type": "str"},
    "namespaces": {"type": "list", "elements": "str"},
    "namespace_selectors": {"type": "list", "elements": "str"},
    "label_selector": {"type": "str"},
    "owner": {"type": "str"},
    "search": {"type": "str"},
    **COMMON,
}

# Where people and portals write what a Secret is called and for.
DISPLAY_NAME = "displayName"
DESCRIPTIONS = ("kubernetes.io/description", "description", "jenkins.io/credentials-description")


def check_info_options(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for names, an owner or a search that can match nothing."""
    if params["name"] is not None:
        check_secret_name(params["name"], "name")
    if params["namespace"] is not None:
        check_namespace(params["namespace"], "namespace")
    parse_selection(params)
    if params["owner"] is not None:
        check_owner(params["owner"])
    for option in ("label_selector", "search"):
        if params[option] is not None and not params[option].strip():
            raise KeyringError(f"{option} is empty.", "", "Check the variable behind it, or leave it out.")


def read_secrets(
    params: Mapping[str, Any], connection: Connection, targets: str | Selection, types: Collection[str]
) -> tuple[list[Secret], list[str]]:
    """The Secrets of these types that the options mean, sorted, and warnings about namespaces.

    One LIST a type for a namespace or for the whole cluster, and one for each of a few literal namespaces.
    """
    selectors = [params["label_selector"], params["owner"] and f"{OWNER}={params['owner']}"]
    label_selector = ",".join(filter(None, selectors))
    if isinstance(targets, str):
        places: list[str | None] = [targets]
        wanted, warnings = {targets}, list[str]()
    else:
        chosen = find_namespaces(connection, targets)
        wanted = {*chosen.names, *chosen.terminating}
        places = [None] if targets.needs_list else [*sorted(wanted)]
        warnings = [*chosen.warnings, *(f"Namespace {name} does not exist." for name in chosen.missing)]
    found = [
        secret
        for place in (places if wanted else ())
        for type_ in ([None] if params["name"] else types)
        for secret in find_secrets(connection, place, params["name"], type_, label_selector)
        if secret["metadata"]["namespace"] in wanted
        and secret.get("type") in types
        and is_searched(secret, params["search"])
    ]
    return sorted(found, key=lambda s: (s["metadata"]["namespace"], s["metadata"]["name"])), warnings


def describe_secret(secret: Secret) -> dict[str, Any]:
    """What is told of a Secret of whatever kind, without material."""
    metadata = secret["metadata"]
    annotations = annotations_of(secret)
    mark = foreign_mark(secret, None)
    times = [field["time"] for field in metadata.get("managedFields") or () if field.get("time")]
    return {
        **view_secret(secret, ()),
        "display_name": annotations.get(DISPLAY_NAME),
        "description": next((annotations[key] for key in DESCRIPTIONS if key in annotations), None),
        "created": metadata.get("creationTimestamp"),
        "last_updated": max(times, default=metadata.get("creationTimestamp")),
        "ours": is_ours(secret),
        "owner": labels_of(secret).get(OWNER),
        "managed_by": mark.manager if mark else None,
    }


def is_searched(secret: Secret, text: str | None) -> bool:
    """Whether the text stands in the name or the display name, in whichever case."""
    names = (secret["metadata"]["name"], annotations_of(secret).get(DISPLAY_NAME, ""))
    return text is None or any(text.casefold() in name.casefold() for name in names)
