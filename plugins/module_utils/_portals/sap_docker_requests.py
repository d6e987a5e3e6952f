# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests about Docker registry secrets of SAP AI Core."""

from __future__ import annotations

from .._cluster.refused import Intent
from .._credentials.docker_config import KEY
from .._errors import KeyringError
from .portal_lists import list_portal
from .portal_refusal import PortalRefused, explain_portal_refusal
from .portal_requests import PortalAnswer, PortalApi, read_portal, strange_answer, write_portal
from .sap_docker import is_docker_secret, parse_docker_secret_name
from .sap_lists import SAP_LIST
from .sap_quota import SapQuota
from .sap_quota_requests import read_sap_quota

_DOCKER_SECRETS = "/v2/admin/dockerRegistrySecrets"
LIST_DOCKER_SECRETS = Intent("list", "", "Docker registry secrets", None)
_MERGE_PATCH_TYPE = "application/merge-patch+json"


def has_docker_secret(api: PortalApi, name: str) -> bool:
    """Return whether a secret of this name exists. Raises KeyringError for an answer that does not say so."""
    intent = _intend_docker("get", name)
    answer = read_portal(api, intent, f"{_DOCKER_SECRETS}/{name}", missing=True)
    if answer is not None and not is_docker_secret(answer.document, name):
        raise strange_answer(api, intent, "The answer does not describe the secret.")
    return answer is not None


def list_docker_secrets(api: PortalApi) -> list[str]:
    """Return the names of all secrets, sorted. Raises KeyringError for a refusal and for an answer of another form."""
    return sorted(list_portal(api, LIST_DOCKER_SECRETS, _DOCKER_SECRETS, SAP_LIST, parse_docker_secret_name, str))


def read_docker_secret_quota(api: PortalApi) -> tuple[SapQuota, list[str]]:
    """Return the quota of the tenant, and a warning if it is not known.

    Raises KeyringError when there is no answer. A service key that may not read the quota may still write.
    """
    return read_sap_quota(api, "dockerRegistrySecrets", "Docker registry secrets")


def create_docker_secret(api: PortalApi, name: str, text: str) -> PortalAnswer:
    """Create a secret, which appears later. Raises PortalRefused, OutcomeUnknown and KeyringError."""
    body = {"name": name, "data": {KEY: text}}
    return write_portal(api, _intend_docker("create", name), "POST", _DOCKER_SECRETS, body)


def update_docker_secret(api: PortalApi, name: str, text: str) -> PortalAnswer:
    """Replace the value of a secret. Raises PortalRefused, OutcomeUnknown and KeyringError."""
    body = {"data": {KEY: text}}
    return write_portal(
        api, _intend_docker("update", name), "PATCH", f"{_DOCKER_SECRETS}/{name}", body, content_type=_MERGE_PATCH_TYPE
    )


def delete_docker_secret(api: PortalApi, name: str) -> PortalAnswer:
    """Delete a secret, which disappears later. Raises PortalRefused, OutcomeUnknown and KeyringError."""
    return write_portal(api, _intend_docker("delete", name), "DELETE", f"{_DOCKER_SECRETS}/{name}")


def explain_docker_refusal(api: PortalApi, refused: PortalRefused, verb: str, name: str) -> KeyringError:
    """Return the error about a refused write."""
    return explain_portal_refusal(refused, _intend_docker(verb, name), api.connection.server, api.texts)


def _intend_docker(verb: str, name: str) -> Intent:
    return Intent(verb, "", f"Docker registry secret {name}", None)
