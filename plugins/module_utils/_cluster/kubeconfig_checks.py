# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of a kubeconfig that kubectl refuses, because their fields exclude one another or one is missing.

Source: client-go 0.36, tools/clientcmd/validation.go.
"""

from __future__ import annotations

from .._errors import KeyringError
from .kubeconfig_entries import EXEC_API_GROUP, ClusterEntry, ExecEntry, Place, UserEntry


def check_cluster(cluster: ClusterEntry) -> None:
    """Raise KeyringError for a cluster that kubectl refuses."""
    if cluster.certificate_authority and cluster.certificate_authority_data:
        raise _twice(cluster.place, "certificate-authority")


def check_trust(cluster: ClusterEntry) -> None:
    """Raise KeyringError for a cluster whose certificate is to be checked and not to be checked."""
    if cluster.insecure_skip_tls_verify and (cluster.certificate_authority or cluster.certificate_authority_data):
        raise cluster.place.error(
            "insecure-skip-tls-verify",
            "is true, and there is a certificate authority.",
            "The authority would not be used; kubectl refuses both together.",
            "Remove one of them.",
        )


def check_user(user: UserEntry) -> None:
    """Raise KeyringError for a user that kubectl refuses."""
    if user.client_certificate or user.client_certificate_data:
        if user.client_certificate and user.client_certificate_data:
            raise _twice(user.place, "client-certificate")
        if user.client_key and user.client_key_data:
            raise _twice(user.place, "client-key")
        if not user.client_key and not user.client_key_data:
            raise user.place.error("client-certificate", "needs client-key or client-key-data.")
    if (user.token or user.token_file) and (user.username or user.password):
        raise user.place.error(
            "", "has a token and a user name or password.", "A request can use only one of them.", "Remove one."
        )
    if user.exec_plugin is not None:
        if user.auth_provider is not None:
            raise user.place.error("exec", "and auth-provider exclude each other.", "", "Remove auth-provider.")
        _check_exec(user.exec_plugin, user.place)
    if not user.impersonate and (user.impersonate_uid or user.impersonate_groups or user.impersonate_extra):
        raise user.place.error("as", "is missing.", "as-uid, as-groups and as-user-extra need it.")


EXEC_API_VERSIONS = (f"{EXEC_API_GROUP}/v1", f"{EXEC_API_GROUP}/v1beta1")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def _check_exec(plugin: ExecEntry, place: Place) -> None:
    if not plugin.command:
        raise place.error("exec.command", "is missing.")
    if plugin.api_version not in EXEC_API_VERSIONS:
        raise place.error(
            "exec.apiVersion",
            f"must be {' or '.join(EXEC_API_VERSIONS)}.",
            "kubectl accepts no other version.",
            "Update the credential plugin, and let it write the kubeconfig again.",
        )
    if any(not name for name, _value in plugin.env):
        raise place.error("exec.env", "has a variable without a name.")
    if plugin.interactive_mode not in _INTERACTIVE_MODES:
        raise place.error("exec.interactiveMode", f"must be one of {', '.join(_INTERACTIVE_MODES)}.")


def _twice(place: Place, name: str) -> KeyringError:
    return place.error(name, f"and {name}-data exclude each other.", "", "Remove one of them.")
