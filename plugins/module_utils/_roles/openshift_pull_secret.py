# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the role openshift_pull_secret passes to the module image_pull_secret, and what it refuses.

OpenShift pulls its own images with this Secret, so the role adds entries and changes only those that it added. Items
hold passwords, and nothing here quotes one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .._credentials.registries import Registry, parse_registries
from .._credentials.server import check_server
from .._credentials.strings import not_a_string
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.server_text import public_server
from .._kubelet.url_match import label_matches, match_key, parse_target, read_match_key
from .._secret.openshift import ADDED_REGISTRIES, GLOBAL_SECRET, render_added

_ITEMS_VARIABLE = "openshift_pull_secret_registries"
_OPTIONS_VARIABLE = "openshift_pull_secret_options"

# The options of the module that leave the entries of others alone. Every option of verify does, too.
_ALLOWED_OPTIONS = ("force_mint", "images", "min_validity", "preflight", "update_credentials")
_VERIFY_PREFIX = "verify_"


@dataclass(frozen=True)
class OpenShiftRegistry:
    """A host for which OpenShift has credentials of its own. Nodes pull the images below ``own_path`` to start.

    ``remedy`` is what to write instead of an entry for the whole host.
    """

    host: str
    remedy: str
    own_path: str = ""


def _path_form(host: str) -> str:
    return f'Write the path of your own images, such as "{host}/acme/".'


# The pull secret of console.redhat.com has these four. The releases are quay.io/openshift-release-dev/ocp-release.
_OPENSHIFT_REGISTRIES = (
    OpenShiftRegistry("quay.io", _path_form("quay.io"), "/openshift-release-dev/"),
    OpenShiftRegistry("registry.redhat.io", _path_form("registry.redhat.io")),
    OpenShiftRegistry("registry.connect.redhat.com", _path_form("registry.connect.redhat.com")),
    OpenShiftRegistry(
        "cloud.openshift.com",
        "No image is pulled from it: the entry is the token of the cluster for Red Hat. Leave the item out, or write "
        'the path of your own images, such as "quay.io/acme/".',
    ),
)


@dataclass(frozen=True)
class NodePullSecret:
    """The pull secret of the nodes, as the module openshift_global_pull_secret_info reports it. Servers are match keys.

    ``added`` are the servers that the role added, by match key. ``original`` are those that win over this Secret.
    """

    target: str
    namespace: str
    name: str
    stored: Collection[str]
    added: Mapping[str, str]
    original: Collection[str]

    @classmethod
    def from_result(cls, found: Mapping[str, Any]) -> NodePullSecret:
        """Return the Secret that a result describes."""
        return cls(
            target=str(found["target"]),
            namespace=str(found["namespace"]),
            name=str(found["name"]),
            stored=set(_servers_by_key(found["registries"])),
            added=_servers_by_key(found["added_registries"]),
            original=set(_servers_by_key(found["original_registries"] or ())),
        )

    @property
    def place(self) -> str:
        """Return what messages call the Secret."""
        return f"{self.namespace}/{self.name}"

    @property
    def managed(self) -> dict[str, str]:
        """Return the stored servers that the role added, by match key."""
        return {key: server for key, server in self.added.items() if key in self.stored}


def _servers_by_key(listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the servers of a list in a result, by match key."""
    servers = [str(row["server"]) for row in listed]
    return {match_key(server): server for server in servers}


def plan_openshift_pull_secret(items: Any, *, found: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of pull_secrets_list with its further options, or why the role does nothing.

    ``found`` is the result of the module openshift_global_pull_secret_info. ``options`` are further options of the
    module image_pull_secret.
    """
    secret = NodePullSecret.from_result(found)
    try:
        _check_options(options)
        registries = _parse_items(items)
        for registry in registries:
            _check_registry(registry, secret)
        item = _build_item(items, registries, secret)
    except KeyringError as error:
        return {"refusal": str(error), "item": {}, "options": {}}
    return {"refusal": "", "item": item, "options": dict(options)}


def openshift_rollout(result: Mapping[str, Any], *, found: Mapping[str, Any]) -> list[str]:
    """Return warnings about what the nodes get of the Secret; ``result`` is that of the loop over one item."""
    secret = NodePullSecret.from_result(found)
    warnings: list[str] = []
    if result.get("changed") and secret.target == "cluster":
        warnings.append(
            f"The Machine Config Operator copies {secret.place} to all nodes, pool by pool. Since OpenShift 4.7 the "
            "nodes are neither drained nor restarted for it."
        )
    if result.get("changed") and secret.target == "hosted":
        warnings.append(
            f"The operator of the hosted control plane copies {secret.place} to the nodes and restarts their kubelet. "
            "Nodes of a NodePool with the upgrade type InPlace do not get it."
        )
    paused = [str(name) for name in found["paused_pools"] or ()]
    if paused:
        warnings.append(
            f"Paused MachineConfigPools: {', '.join(paused)}. Their nodes do not get a change of {secret.place} until "
            "the pools are resumed."
        )
    return warnings


def _check_options(options: Mapping[str, Any]) -> None:
    """Raise KeyringError for an option of the module that could change what the role did not add."""
    for name in options:
        if name in _ALLOWED_OPTIONS or str(name).startswith(_VERIFY_PREFIX):
            continue
        raise KeyringError(
            f"{_OPTIONS_VARIABLE} must not have this option: {name}.",
            "The role adds entries, and changes nothing else of the Secret.",
            f"Use only {', '.join(_ALLOWED_OPTIONS)} and the options that begin with {_VERIFY_PREFIX}.",
            option=_OPTIONS_VARIABLE,
        )


def _parse_items(items: Any) -> list[Registry]:
    """Return the servers of the items, without credentials. The module checks these.

    Raises KeyringError for an item whose servers are not known.
    """
    if not isinstance(items, Sequence) or isinstance(items, (str, bytes)) or not items:
        raise KeyringError(
            f"{_ITEMS_VARIABLE} must be a list with at least one item.",
            "Without an item, the role has nothing to do.",
            "Check the variable behind it.",
            option=_ITEMS_VARIABLE,
        )
    servers = [_select_server(item, f"{_ITEMS_VARIABLE}[{index}]") for index, item in enumerate(items)]
    try:
        registries = parse_registries(servers, "always")
    except KeyringError as error:
        # The names of the module's options begin with registries.
        message = str(error).replace("registries[", f"{_ITEMS_VARIABLE}[")
        raise KeyringError(message, option=_ITEMS_VARIABLE) from None
    found: list[Registry] = []
    for registry in registries:
        index = int(registry.option.partition("[")[2].partition("]")[0])
        option = f"{_ITEMS_VARIABLE}[{index}]"
        absent = items[index].get("state") == "absent"
        if not absent:
            check_server(registry.server, f"{option}.server")
        found.append(Registry(registry.server, option, absent=absent))
    return found


def _select_server(item: Any, option: str) -> dict[str, Any]:
    """Return the part of an item that says which servers it is for, as an item that needs no credentials."""
    if not isinstance(item, Mapping):
        raise KeyringError(
            f"{option} must be a mapping.",
            "It describes one registry, as an item of the option registries of image_pull_secret.",
            "Write it with server or preset, username and password.",
            option=option,
        )
    selected: dict[str, Any] = {"state": "absent"}
    for name in ("server", "preset"):
        value = item.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise not_a_string(value, f"{option}.{name}")
        selected[name] = value
    settings = item.get("preset_options")
    if settings is not None:
        if not isinstance(settings, Mapping):
            place = f"{option}.preset_options"
            raise KeyringError(f"{place} must be a mapping.", "", "Write it as option: value.", option=place)
        selected["preset_options"] = settings
    return selected


def _check_registry(registry: Registry, secret: NodePullSecret) -> None:
    """Raise KeyringError if the entry would change, hide or remove one that the role did not add."""
    _refuse_openshift_host(registry)
    key = match_key(registry.server)
    shown = public_server(registry.server)
    if registry.absent:
        if key in secret.stored and key not in secret.managed:
            raise KeyringError(
                f'{registry.option} would remove the entry "{shown}" of {secret.place}, which this role did not add.',
                "The nodes may need it to pull the images of OpenShift.",
                f"Leave the item out. {_adoption(shown)}",
                option=registry.option,
            )
        return
    if key in secret.original:
        raise KeyringError(
            f'{registry.option} has no effect: {"/".join(GLOBAL_SECRET)} has an entry for "{shown}", too.',
            f"In a hosted control plane that entry wins over the one in {secret.place}.",
            f'Write the path of your own images, such as "{shown.rstrip("/")}/acme/".',
            option=registry.option,
        )
    if key in secret.stored and key not in secret.managed:
        raise KeyringError(
            f'{registry.option} would replace the entry "{shown}" of {secret.place}, which this role did not add.',
            "The nodes may need it to pull other images.",
            f'Write the path of your own images, such as "{shown.rstrip("/")}/acme/". {_adoption(shown)}',
            option=registry.option,
        )


def _adoption(shown: str) -> str:
    return (
        f'If it is yours, add "{shown}" to the annotation {ADDED_REGISTRIES} of the Secret; then the role manages it.'
    )


def _refuse_openshift_host(registry: Registry) -> None:
    """Raise KeyringError for an entry that serves what OpenShift pulls with credentials of its own.

    The kubelet tries every entry that matches. Other programs of a node, which pull the release, use only the longest.
    """
    shown = public_server(registry.server)
    for row in _OPENSHIFT_REGISTRIES:
        path = _path_for_host(registry.server, row.host)
        if path is None:
            continue
        if not path:
            action = "remove" if registry.absent else "take the place of"
            raise KeyringError(
                f'{registry.option} would {action} the credentials of OpenShift for {row.host}; got "{shown}".',
                "The nodes need them to pull the images of OpenShift and to update.",
                "Leave the item out." if registry.absent else row.remedy,
                option=registry.option,
            )
        if registry.absent or not row.own_path:
            continue
        if row.own_path.startswith(path) or path.startswith(row.own_path):
            raise KeyringError(
                f'{registry.option} serves the images of OpenShift below {row.host}{row.own_path}; got "{shown}".',
                "The nodes need the credentials of Red Hat to pull them.",
                row.remedy,
                option=registry.option,
            )


def _path_for_host(server: str, host: str) -> str | None:
    """Return the path of a server if it is for this host, empty for the whole host; None for another host.

    Case and port are ignored: the kubelet finds such an entry for no image, or for one of another spelling of the host.
    """
    key = read_match_key(server)
    target = None if key is None else parse_target(key)
    if target is None:
        return None
    labels = host.encode().split(b".")
    if len(labels) != len(target.labels):
        return None
    for pattern, label in zip(target.labels, labels, strict=True):
        if not label_matches(pattern.lower(), label):
            return None
    return target.path.decode(errors="replace")


def _build_item(
    items: Sequence[Mapping[str, Any]], registries: Sequence[Registry], secret: NodePullSecret
) -> dict[str, Any]:
    """Return the options of the module: the items, and the servers that the role has added with them."""
    absent: set[str] = set()
    present: dict[str, str] = {}
    for registry in registries:
        key = match_key(registry.server)
        if registry.absent:
            absent.add(key)
        else:
            present[key] = public_server(registry.server)
    place: dict[str, Any] = {"namespace": secret.namespace, "name": secret.name}
    if not present and set(secret.stored) <= absent:
        if secret.target == "cluster":
            raise KeyringError(
                f"No entry would be left in {secret.place}.",
                "Every OpenShift cluster needs this Secret.",
                "Keep an entry.",
                option=_ITEMS_VARIABLE,
            )
        # Nothing references this Secret: the operator of the hosted control plane reads it by its name.
        return {**place, "state": "absent", "in_use": "ignore"}

    added = {key: server for key, server in secret.managed.items() if key not in absent}
    added.update(present)
    item: dict[str, Any] = {**place, "registries": list(items)}
    if set(added) != set(secret.added):
        item["annotations"] = {ADDED_REGISTRIES: render_added(added.values())}
    return item
