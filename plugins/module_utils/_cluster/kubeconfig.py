# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs: read, merged and selected from as kubectl does it.

Source: client-go 0.36, tools/clientcmd/loader.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .._credentials.secret_values import named_path
from .._dataclasses import dataclass
from .._errors import KeyringError
from .kubeconfig_checks import check_cluster, check_user
from .kubeconfig_entries import ClusterEntry, ContextEntry, Kubeconfig, UserEntry
from .kubeconfig_fields import parse_kubeconfig
from .kubeconfig_yaml import parse_document
from .local_file import read_regular_file

DEFAULT_KUBECONFIG = "~/.kube/config"


@dataclass(frozen=True)
class Selected:
    """The cluster, the user and the namespace that a context selects."""

    context: str
    cluster: ClusterEntry
    user: UserEntry
    namespace: str | None


def kubeconfig_paths(kubeconfig: str) -> list[str]:
    """Return the files that a path names; several are separated as in PATH, and empty elements do not count."""
    paths = [os.path.expanduser(path) for path in kubeconfig.split(os.pathsep) if path]
    return list(dict.fromkeys(paths))


def load_kubeconfig(kubeconfig: str | Mapping[str, Any], files: Mapping[str, bytes]) -> Kubeconfig:
    """Read a kubeconfig: a mapping, or a path that may name several files, of which some may be missing.

    ``files`` is the content of files by absolute path, for those that need not be read from the disk. Raises
    KeyringError when none exists, or one cannot be read, does not parse, or has a field of another type.
    """
    if not isinstance(kubeconfig, str):
        return parse_kubeconfig(kubeconfig, "kubeconfig", os.getcwd())
    source = named_path("kubeconfig", kubeconfig)
    paths = [path for path in kubeconfig_paths(kubeconfig) if path in files or os.path.exists(path)]
    if not paths:
        raise KeyringError(
            f"{source} does not exist on the machine that runs this task.",
            "",
            "Give kubeconfig, or host with api_key, or the variable K8S_AUTH_KUBECONFIG or KUBECONFIG.",
            failure="unreadable_file",
            option="kubeconfig",
        )
    return merge_kubeconfigs([_load_file(path, files) for path in paths], source)


def _load_file(path: str, files: Mapping[str, bytes]) -> Kubeconfig:
    source = named_path("kubeconfig", path)
    try:
        content = read_file(path, files)
    except OSError as error:
        raise KeyringError(
            f"{source} cannot be read: {error.strerror}.", failure="unreadable_file", option="kubeconfig"
        ) from None
    return parse_kubeconfig(parse_document(content, source), source, os.path.dirname(os.path.abspath(path)))


def read_file(path: str, files: Mapping[str, bytes]) -> bytes:
    """Return the content of a file, from ``files`` where it is there. Raises OSError."""
    if path in files:
        return files[path]
    return read_regular_file(path)


def merge_kubeconfigs(kubeconfigs: Sequence[Kubeconfig], source: str) -> Kubeconfig:
    """Return several kubeconfigs as one: of two entries of one name the first counts, as for kubectl."""
    clusters: dict[str, ClusterEntry] = {}
    users: dict[str, UserEntry] = {}
    contexts: dict[str, ContextEntry] = {}
    current = ""
    for kubeconfig in reversed(kubeconfigs):
        clusters.update(kubeconfig.clusters)
        users.update(kubeconfig.users)
        contexts.update(kubeconfig.contexts)
        current = kubeconfig.current_context or current
    return Kubeconfig(source, clusters, users, contexts, current)


def select_context(kubeconfig: Kubeconfig, context: str | None) -> Selected:
    """Return what a context selects; None means the current one.

    Raises KeyringError for a context, a cluster or a user that is missing, and for fields that exclude each other.
    """
    name = context or kubeconfig.current_context
    entry = kubeconfig.contexts.get(name)
    if entry is None:
        raise _no_context(kubeconfig, context)
    cluster = kubeconfig.clusters.get(entry.cluster)
    if cluster is None:
        raise entry.place.error(
            "cluster",
            f'names the cluster "{entry.cluster}", which is missing.',
            _list_known("Its clusters are", kubeconfig.clusters),
            "Correct the name, or add the cluster.",
        )
    user = kubeconfig.users.get(entry.user)
    if user is None and entry.user:
        raise entry.place.error(
            "user",
            f'names the user "{entry.user}", which is missing.',
            _list_known("Its users are", kubeconfig.users),
            "Correct the name, or add the user.",
        )
    if user is None:
        user = UserEntry(entry.place)
    check_cluster(cluster)
    check_user(user)
    return Selected(name, cluster, user, entry.namespace or None)


def _no_context(kubeconfig: Kubeconfig, context: str | None) -> KeyringError:
    known = _list_known("Its contexts are", kubeconfig.contexts) or "It has no contexts."
    if context:
        what, remedy, option = f'{kubeconfig.source} has no context "{context}".', "", "context"
    else:
        what, remedy, option = f"{kubeconfig.source} has no usable current context.", "Give context.", "kubeconfig"
    return KeyringError(what, known, remedy, failure="invalid_kubeconfig", option=option)


def _list_known(sentence: str, names: Mapping[str, Any]) -> str:
    return f"{sentence} {', '.join(sorted(names))}." if names else ""


def referenced_paths(document: Any, folder: str) -> list[str]:
    """Return the files that a kubeconfig in ``folder`` names, by absolute path. Raises KeyringError."""
    kubeconfig = parse_kubeconfig(document, "kubeconfig", folder)
    paths = [(cluster.place, cluster.certificate_authority) for cluster in kubeconfig.clusters.values()]
    for user in kubeconfig.users.values():
        paths += [(user.place, path) for path in (user.client_certificate, user.client_key, user.token_file)]
        if user.auth_provider:
            paths.append((user.place, user.auth_provider.config.get("idp-certificate-authority", "")))
    return [place.resolve(path) for place, path in paths if path]
