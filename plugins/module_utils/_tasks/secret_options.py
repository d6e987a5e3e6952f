# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that image_pull_secret and gitsync_secret share, from Ansible's parameters to types."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .._apply.options import Metadata, Safety, SecretOptions
from .._cluster.connection import Connection
from .._cluster.secrets import read_secret
from .._cluster.selection import OneNamespace, Selection, Targets
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.options import COMMON, LIMITED_NAMESPACES, ONE_OR_MANY, STRINGS_BY_NAME, Options
from .._runtime.shown import NAME, NAME_OR_GLOB, TEXT
from .._secret.names import check_annotations, check_labels, check_namespace, check_owner, check_secret_name
from .._secret.plan import Secret
from .shared_checks import refuse_secrets
from .target_options import parse_concurrency, parse_linking, parse_many_targets, public_targets

SECRET_OPTIONS: Options = {
    "name": {"type": "str", "required": True, "context": NAME},
    **LIMITED_NAMESPACES,
    "service_accounts": {"type": "list", "elements": "str", "default": [], "context": NAME_OR_GLOB},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 30},
    "in_use": {"type": "str", "choices": ["refuse", "warn", "ignore"], "default": "refuse"},
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

# The options of credentials_from, which takes one mapping of them or a list.
SOURCE: Options = {
    "namespace": {"type": "str", "context": NAME},
    "name": {"type": "str", "required": True, "context": NAME},
}
CREDENTIALS_FROM: Mapping[str, Any] = {"type": "list", "elements": "dict", "context": ONE_OR_MANY}


def parse_secret_options(params: Mapping[str, Any]) -> SecretOptions:
    """Parse the options of SECRET_OPTIONS, without those of the connection.

    Raises KeyringError for names, labels, annotations or an owner that Kubernetes would refuse or that are reserved,
    for namespaces and ServiceAccounts that cannot be selected in this way, and for numbers out of range.
    """
    check_secret_name(params["name"], "name")
    targets = parse_many_targets(params)
    check_labels(params["labels"], "labels")
    check_annotations(params["annotations"], "annotations")
    owner: str | None = params["owner"]
    if owner is not None:
        check_owner(owner)
    options = SecretOptions(
        metadata=Metadata(params["name"], params["labels"], params["annotations"], owner, params["immutable"]),
        targets=targets,
        state=params["state"],
        linking=parse_linking(params),
        safety=Safety(
            in_use=params["in_use"],
            recreate=params["recreate"],
            take_ownership=params["take_ownership"],
            prune=params["prune"],
            prune_limit=params["prune_limit"],
        ),
        concurrency=parse_concurrency(params),
        report=params["report"],
        update_credentials=params["update_credentials"],
    )
    if options.safety.prune:
        _check_prune(options)
    return options


def _check_prune(options: SecretOptions) -> None:
    if options.state == "absent":
        raise KeyringError(
            "prune and state=absent exclude each other.",
            "prune removes the Secret from namespaces that the task no longer selects.",
            "Leave out prune.",
            option="prune",
        )
    if not options.metadata.owner:
        raise KeyringError(
            "prune needs owner.",
            "Only Secrets of the same owner are removed.",
            "Give owner, a name that no other team or playbook uses.",
            option="owner",
        )
    if not isinstance(options.targets, Selection):
        raise KeyringError(
            "prune needs namespaces or namespace_selectors.",
            "The Secret would be removed from all namespaces but one.",
            "Use one of them to select the namespaces that must have it.",
            option="namespaces",
        )
    if options.safety.prune_limit < 1:
        raise KeyringError(
            f"prune_limit must be at least 1; it is {options.safety.prune_limit}.",
            "",
            "Leave out prune.",
            option="prune_limit",
        )


def refuse_secrets_in_metadata(
    options: SecretOptions, runtime: Runtime, more: Mapping[str, Sequence[Any]] | None = None
) -> None:
    """Raise KeyringError if a secret of this task is in what everybody may read of the Secret.

    ``more`` is what other options bring there.
    """
    metadata = options.metadata
    public: dict[str, object] = {
        "name": metadata.name,
        **public_targets(options.targets),
        "service_accounts": options.linking.accounts.items,
        "labels": metadata.labels,
        "annotations": metadata.annotations,
        "owner": metadata.owner,
        **(more or {}),
    }
    refuse_secrets({option: value for option, value in public.items() if value}, runtime, "Secrets")


@dataclass(frozen=True)
class CopySource:
    """A Secret that credentials_from names; without a namespace it is beside the one Secret that is written.

    ``option`` is the option that names it, with its index in a list.
    """

    name: str
    namespace: str | None = None
    option: str = "credentials_from"


def name_sources(given: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the items of the option ``credentials_from``, each with its full name: a mapping is one item.

    Raises KeyringError for an empty list.
    """
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [("credentials_from", given)]
    if not given:
        raise KeyringError(
            "credentials_from is empty.",
            "No Secret would be copied.",
            "Check the variable behind it, or leave it out.",
            option="credentials_from",
        )
    return [(f"credentials_from[{index}]", item) for index, item in enumerate(given)]


def parse_source(given: Mapping[str, Any], option: str = "credentials_from") -> CopySource:
    """Parse an item of ``credentials_from``. Raises KeyringError for names that no Secret or namespace can have."""
    check_secret_name(given["name"], f"{option}.name")
    if given["namespace"]:
        check_namespace(given["namespace"], f"{option}.namespace")
    return CopySource(given["name"], given["namespace"] or None, option)


def locate_sources(sources: Sequence[CopySource], targets: Targets, name: str) -> list[tuple[str, str]]:
    """Return namespace and name of each Secret that is copied.

    Raises KeyringError when a namespace is not known, for the Secret that the task itself writes, and for one that is
    named twice.
    """
    places: dict[tuple[str, str], str] = {}
    for source in sources:
        place = _locate_source(source, targets, name)
        if place in places:
            raise KeyringError(
                f"{source.option} and {places[place]} are the same Secret ({'/'.join(place)}).",
                "",
                "Keep one of them.",
                option=f"{source.option}.name",
            )
        places[place] = source.option
    return list(places)


def _locate_source(source: CopySource, targets: Targets, name: str) -> tuple[str, str]:
    namespace, option = source.namespace, source.option
    if namespace is None and isinstance(targets, OneNamespace):
        namespace = targets.name
        check_namespace(namespace, f"{option}.namespace")  # a kubeconfig may name any text
    if namespace is None:
        raise KeyringError(
            f"{option}.namespace is missing.",
            "With many namespaces it cannot be that of the Secret that is written.",
            "Give it.",
            option=f"{option}.namespace",
        )
    if isinstance(targets, OneNamespace) and (namespace, source.name) == (targets.name, name):
        what = f"{option} (Secret {namespace}/{name}) is the Secret that this task writes."
        raise KeyringError(what, "", "Name another one.", option=f"{option}.name")
    return namespace, source.name


def read_source(
    connection: Connection, source: tuple[str, str], types: Collection[str], option: str = "credentials_from"
) -> tuple[Secret, str]:
    """Return a Secret that is copied, and how messages call it. Raises KeyringError when it cannot be copied."""
    place = f"{option} (Secret {'/'.join(source)})"
    secret = read_secret(connection, *source)
    if secret is None:
        raise KeyringError(
            f"{place} does not exist.",
            "",
            "Create it first, or correct the name.",
            failure="not_found",
            option=f"{option}.name",
        )
    if secret.get("type") not in types:
        raise KeyringError(
            f"{place} has the type {secret.get('type')}.",
            f"It must be one of {', '.join(types)}.",
            failure="wrong_type",
            option=f"{option}.name",
        )
    return secret, place
