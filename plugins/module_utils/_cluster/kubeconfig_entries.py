# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a kubeconfig as typed values, and the place of each for errors.

Source: client-go 0.36, tools/clientcmd/api/v1/types.go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .client_certificate import ClientCertificate

# The group of the API between kubectl and credential plugins.
EXEC_API_GROUP = "client.authentication.k8s.io"

# The extension of a cluster whose content is handed to credential plugins.
_EXEC_EXTENSION = f"{EXEC_API_GROUP}/exec"


@dataclass(frozen=True)
class Place:
    """The place of an entry in a kubeconfig: ``path`` is that of its fields, such as users[1].user.

    ``source`` is what messages call the kubeconfig, ``folder`` what its relative paths are relative to.
    """

    source: str
    path: str
    folder: str

    def error(
        self, name: str, problem: str, why: str = "", remedy: str = "", *, failure: FailureId = "invalid_kubeconfig"
    ) -> KeyringError:
        """Return the error about one field."""
        field_path = f"{self.path}.{name}" if name else self.path
        return KeyringError(
            f"{field_path} of {self.source} {problem}", why, remedy, failure=failure, option=f"kubeconfig.{field_path}"
        )

    def resolve(self, path: str) -> str:
        """Return the absolute form of a path in the kubeconfig."""
        return os.path.join(self.folder, path)


@dataclass(frozen=True)
class ClusterEntry:
    """A cluster of a kubeconfig: how the API server is reached. ``extensions`` are by name."""

    place: Place
    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: bytes = b""
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def exec_config(self) -> Any:
        """Return what the cluster has for credential plugins, or None."""
        return self.extensions.get(_EXEC_EXTENSION)


@dataclass(frozen=True)
class ExecEntry:
    """A credential plugin of a user. ``env`` are variables beside those of the process."""

    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


@dataclass(frozen=True)
class AuthProviderEntry:
    """The older form of a credential plugin, which is part of the client."""

    name: str = ""
    config: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class UserEntry:
    """A user of a kubeconfig: how a request proves who sends it, and as whom it acts.

    ``certificate`` is that of the options, which take the place of the fields of the kubeconfig.
    """

    place: Place
    name: str = ""
    client_certificate: str = ""
    client_certificate_data: bytes = b""
    client_key: str = ""
    client_key_data: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    username: str = ""
    password: str = field(default="", repr=False)
    exec_plugin: ExecEntry | None = None
    auth_provider: AuthProviderEntry | None = None
    certificate: ClientCertificate | None = None


@dataclass(frozen=True)
class ContextEntry:
    """A context of a kubeconfig: names of a cluster and a user, and a namespace."""

    place: Place
    cluster: str = ""
    user: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class Kubeconfig:
    """A kubeconfig, or several as one. ``source`` is what messages call it."""

    source: str
    clusters: Mapping[str, ClusterEntry] = field(default_factory=dict)
    users: Mapping[str, UserEntry] = field(default_factory=dict)
    contexts: Mapping[str, ContextEntry] = field(default_factory=dict)
    current_context: str = ""
