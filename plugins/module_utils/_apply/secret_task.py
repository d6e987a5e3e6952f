# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tasks about one Secret share: their options and the checks of these, and the job that comes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._cluster.connection import Connection
from .._cluster.secrets import read_secret
from .._cluster.selection import OneNamespace, Targets, parse_targets, resolve_namespace, resolve_targets
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.options import COMMON, NAMESPACES, STRINGS_BY_NAME, Options
from .._runtime.shown import NAME, TEXT
from .._secret.links import LinkList
from .._secret.names import check_annotations, check_labels, check_namespace, check_owner, check_secret_name
from .._secret.plan import Desired, Payload, Secret
from .._secret.view import Describe
from .related_objects import NEIGHBOUR_OPTIONS, RelatedObjects, check_neighbour_options

SECRET_OPTIONS: Options = {
    "name": {"type": "str", "required": True, "context": NAME},
    **NAMESPACES,
    **NEIGHBOUR_OPTIONS,
    "prune": {"type": "bool", "default": False},
    "prune_limit": {"type": "int", "default": 10},
    "concurrency": {"type": "int", "default": 8},
    "report": {"type": "str", "choices": ["failed", "changed", "all"], "default": "failed"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "update_credentials": {"type": "str", "choices": ["always", "when_given", "on_create"], "default": "always"},
    "labels": {"type": "dict", "default": {}, "context": STRINGS_BY_NAME},
    "annotations": {"type": "dict", "default": {}, "context": STRINGS_BY_NAME},
    "immutable": {"type": "bool"},
    "owner": {"type": "str", "context": TEXT},
    "recreate": {"type": "bool", "default": False},
    "take_ownership": {"type": "bool", "default": False},
    **COMMON,
}


CREDENTIALS_FROM: Options = {
    "namespace": {"type": "str", "context": NAME},
    "name": {"type": "str", "required": True, "context": NAME},
}

# More than an API server gives one client to itself.
MAX_CONCURRENCY = 64


@dataclass(frozen=True)
class SecretProfile:
    """One kind of Secret: its type, the types that its module may delete, and what of it may be seen or not.

    ``annotations`` are keys of annotations that the kind writes by itself, ``link_list`` is the list of ServiceAccounts
    in which it belongs.
    """

    type: str
    deletable_types: tuple[str, ...]
    describe: Describe
    fields: Callable[[Secret], Mapping[str, Any]]
    secret_texts: Callable[[Secret], Collection[str]]
    annotations: tuple[str, ...] = ()
    link_list: LinkList = "imagePullSecrets"


def check_secret_options(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for names, labels, annotations or an owner that Kubernetes would refuse or that are reserved,
    for namespaces that can not be selected in this way, and for a concurrency out of range."""
    check_secret_name(params["name"], "name")
    parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    if not 1 <= params["concurrency"] <= MAX_CONCURRENCY:
        raise KeyringError(
            f"concurrency must be from 1 to {MAX_CONCURRENCY}; it is {params['concurrency']}.",
            "It is the number of namespaces that are written at the same time.",
            "Leave it out for 8.",
            option="concurrency",
        )
    check_labels(params["labels"], "labels")
    check_annotations(params["annotations"], "annotations")
    if params["owner"] is not None:
        check_owner(params["owner"])
    check_neighbour_options(params)
    if params["prune"]:
        _check_prune(params)


def _check_prune(params: Mapping[str, Any]) -> None:
    if params["state"] == "absent":
        raise KeyringError(
            "prune and state=absent exclude each other.",
            "prune removes the Secret where the task does not mean it any more.",
            "Leave out prune.",
            option="prune",
        )
    if not params["owner"]:
        raise KeyringError(
            "prune needs owner.",
            "Only what the same owner has made is removed.",
            "Give owner, a name that no other team or playbook uses.",
            option="owner",
        )
    if params["namespaces"] is None and params["namespace_selectors"] is None:
        raise KeyringError(
            "prune needs namespaces or namespace_selectors.",
            "The Secret would be removed from all namespaces but one.",
            "Say with these which namespaces shall have it.",
            option="namespaces",
        )
    if params["prune_limit"] < 1:
        raise KeyringError(
            f"prune_limit must be at least 1; it is {params['prune_limit']}.",
            "",
            "Leave out prune.",
            option="prune_limit",
        )


_METADATA = (
    "name",
    "namespace",
    "namespaces",
    "namespace_selectors",
    "service_accounts",
    "labels",
    "annotations",
    "owner",
)


def refuse_secrets_in_metadata(
    params: Mapping[str, Any], runtime: Runtime, more: Mapping[str, Sequence[Any]] | None = None
) -> None:
    """Raise KeyringError when a secret text of this task stands in what everybody may read of the Secret.

    ``more`` is what other options bring there.
    """
    refuse_secrets({**{option: params[option] for option in _METADATA}, **(more or {})}, runtime, "Secrets")


def refuse_secrets(options: Mapping[str, Any], runtime: Runtime, kind: str) -> None:
    """Raise KeyringError when a secret text of this task stands in options that end up in objects of this kind."""
    for option, value in options.items():
        if runtime.scrubber.clean(str(value)) != str(value):
            raise KeyringError(
                f"{option} contains a password or token of this task.",
                f"Everybody who may list {kind} can read it there.",
                "Check which variable is used where.",
                option=option,
            )


def choose_targets(params: Mapping[str, Any], connection: Connection) -> Targets:
    """The namespaces that the options select, or one: the option ``namespace``, else that of the kubeconfig's context.

    Raises KeyringError when nothing names one.
    """
    given = parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    return resolve_targets(given, connection.namespace)


def choose_namespace(params: Mapping[str, Any], connection: Connection, remedy: str) -> str:
    """The option ``namespace``, else the namespace of the kubeconfig's context. Raises KeyringError without either."""
    return resolve_namespace(params["namespace"], connection.namespace, remedy)


def find_source(params: Mapping[str, Any], targets: Targets) -> tuple[str, str] | None:
    """Namespace and name of the Secret that credentials_from names; its namespace may be left out for one target.

    Raises KeyringError for a Secret that the task itself writes.
    """
    if not params["credentials_from"] or params["state"] == "absent":
        return None
    source = params["credentials_from"]["namespace"] or (targets.name if isinstance(targets, OneNamespace) else None)
    if not source:
        raise KeyringError(
            "credentials_from.namespace is missing.",
            "With many namespaces it can not be that of the Secret that is written.",
            "Give it.",
            option="credentials_from.namespace",
        )
    check_secret_name(params["credentials_from"]["name"], "credentials_from.name")
    check_namespace(source, "credentials_from.namespace")
    if OneNamespace(source) == targets and params["credentials_from"]["name"] == params["name"]:
        what = f"credentials_from (Secret {source}/{params['name']}) is the Secret that this task writes."
        raise KeyringError(what, "", "Name another one.", option="credentials_from.name")
    return source, params["credentials_from"]["name"]


def read_source(connection: Connection, source: tuple[str, str], types: Collection[str]) -> tuple[Secret, str]:
    """The Secret that credentials_from names, and how messages call it. Raises KeyringError when it is no such one."""
    place = f"credentials_from (Secret {'/'.join(source)})"
    secret = read_secret(connection, *source)
    if secret is None:
        raise KeyringError(
            f"{place} does not exist.",
            "",
            "Create it first, or correct the name.",
            failure="not_found",
            option="credentials_from.name",
        )
    if secret.get("type") not in types:
        raise KeyringError(
            f"{place} has the type {secret.get('type')}.",
            f"It must be one of {', '.join(types)}.",
            failure="wrong_type",
            option="credentials_from.name",
        )
    return secret, place


def find_neighbours(params: Mapping[str, Any], connection: Connection, targets: Targets) -> RelatedObjects:
    """What stands around the Secrets of a task: read in each namespace by itself, or in all where those are listed."""
    everywhere = targets.needs_list or params["prune"]
    return RelatedObjects(connection, params, everywhere=everywhere)


@dataclass(frozen=True)
class SecretTask:
    """What a task wants of a Secret, in whichever namespace that is.

    ``survey`` is shown all that is stored in many namespaces before anything is decided there. ``prune``: the Secret
    goes, and only where it surely is this owner's.
    """

    params: Mapping[str, Any] = field(repr=False)
    runtime: Runtime
    connection: Connection
    kind: SecretProfile
    neighbours: RelatedObjects
    payload: Callable[[Secret | None], Payload] = field(repr=False)
    survey: Callable[[Sequence[Secret]], None] | None = None
    prune: bool = False

    @property
    def is_absent(self) -> bool:
        return self.prune or self.params["state"] == "absent"

    @property
    def own_annotations(self) -> frozenset[str]:
        return frozenset((*self.params["annotations"], *self.kind.annotations))

    def desired(self, namespace: str) -> Desired:
        own = ("name", "labels", "annotations", "immutable", "owner", "recreate", "take_ownership")
        wanted = {name: self.params[name] for name in own}
        return Desired(namespace=namespace, type=self.kind.type, payload=self.payload, **wanted)
