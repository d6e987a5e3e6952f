# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option node_credentials of image_access_info: files of nodes, as text or as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._credentials.docker_config import MAX_READ
from .._credentials.secret_documents import NotYaml, load_yaml
from .._errors import KeyringError
from .._images.node_credentials import NodeCredentials, NodeProvider, parse_mirrors, parse_provider_config
from .._kubelet.keyring import Keyring, build_keyring
from .._secret.pull_secret import pull_secret_texts
from .access_options import parse_docker_configs

_NODE_OPTION = "node_credentials"


def parse_node_credentials(given: Mapping[str, Any]) -> tuple[NodeCredentials, tuple[str, ...]]:
    """Return the credentials of nodes, and the secret texts in them.

    A node may read several files of one kind: each option takes one, or a list. Raises KeyringError with the index of
    an invalid one, and without any of its content.
    """
    providers: list[NodeProvider] = []
    keyrings: list[Keyring] = []
    hosts: set[str] = set()
    secrets: list[str] = []
    for option, item in _list_documents(given, "credential_provider_config"):
        providers += parse_provider_config(_load_node_file(item, option), option)
    if given["docker_configs"] is not None:
        for secret in parse_docker_configs(given["docker_configs"], f"{_NODE_OPTION}.docker_configs"):
            keyrings.append(build_keyring([secret]))
            secrets += pull_secret_texts(secret)
    for option, item in _list_documents(given, "mirrors"):
        registries = parse_mirrors(_load_node_file(item, option), option)
        hosts |= registries.hosts
        secrets += registries.secrets
    return NodeCredentials(tuple(providers), tuple(keyrings), frozenset(hosts)), tuple(secrets)


def _list_documents(given: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    """Return the documents of an option with their full names; one that is not a list stands for itself."""
    source, option = given[name], f"{_NODE_OPTION}.{name}"
    if isinstance(source, list):
        return [(f"{option}[{index}]", item) for index, item in enumerate(source)]
    return [] if source is None else [(option, source)]


def _load_node_file(source: Any, option: str) -> Any:
    """Return the document of a file that is given as text; anything else as it is."""
    if not isinstance(source, str):
        return source
    documents: list[Any] = []
    if len(source) <= MAX_READ:
        try:
            documents = load_yaml(source)
        except NotYaml:
            documents = []
    if len(documents) != 1:
        raise KeyringError(
            f"{option} is neither YAML nor JSON with one document.",
            "",
            "Give the content of the file of the node, or a mapping.",
            option=option,
        )
    return documents[0]
