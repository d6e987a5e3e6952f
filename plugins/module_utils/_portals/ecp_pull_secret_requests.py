# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests about image pull secrets of the ECP platform. Source: ECP API Specification 1.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from urllib.parse import quote

from .._cluster.refused import Intent
from .._dataclasses import dataclass
from .._errors import KeyringError
from .ecp_document import read_moment
from .ecp_pull_secret import ListedPullSecret, StoredPullSecret, find_secret_id, parse_listed, parse_stored
from .portal_lists import PagedList, list_portal
from .portal_refusal import PortalRefused, explain_portal_refusal
from .portal_requests import ChangedMeanwhile, PortalAnswer, PortalApi, read_portal, strange_answer, write_portal
from .strange_document import StrangeDocument

PULL_SECRETS = "/ecp/v1/imagepullsecrets"

_PULL_SECRET_LIST = PagedList("offset", "limit", 200, "ImagePullSecrets", "totalCount")


@dataclass(frozen=True)
class WrittenPullSecret:
    """What the API says about a write. ``identity`` and ``last_updated`` are None where it does not say."""

    request_id: str | None
    identity: str | None = None
    last_updated: str | None = None


def list_account_pull_secrets(api: PortalApi, search: str | None = None) -> list[ListedPullSecret]:
    """Return the pull secrets of the account whose names contain a string, or all, as the list has them."""
    intent = Intent("list", "", "the pull secrets of the account", None)
    query = {} if search is None else {"searchString": search}
    return list_portal(api, intent, PULL_SECRETS, _PULL_SECRET_LIST, parse_listed, attrgetter("identity"), query)


def find_pull_secret(api: PortalApi, name: str, hide: Callable[[str], None]) -> StoredPullSecret | None:
    """Return the pull secret with this very name, None if there is none. Its password goes to ``hide`` at once.

    Raises KeyringError if there are several.
    """
    listed = find_listed_pull_secret(api, name)
    return read_pull_secret(api, listed, hide) if listed else None


def find_listed_pull_secret(api: PortalApi, name: str) -> ListedPullSecret | None:
    """Return the pull secret with this very name as the list has it, None if there is none.

    The API looks for a substring. Raises KeyringError if there are several.
    """
    found = [listed for listed in list_account_pull_secrets(api, name) if listed.name == name]
    if len(found) > 1:
        raise KeyringError(
            f"The account has {len(found)} pull secrets with the name {name}.",
            "Which of them is in use is not known.",
            "Delete the others on the portal's page.",
            failure="conflict",
            option="name",
        )
    return found[0] if found else None


def read_pull_secret(api: PortalApi, listed: ListedPullSecret, hide: Callable[[str], None]) -> StoredPullSecret | None:
    """Return a pull secret with registry and credentials, None if it no longer exists.

    The answer has the password in clear, which goes to ``hide`` at once. Raises KeyringError for another pull secret.
    """
    intent = Intent("read", "", f"pull secret {listed.name}", None)
    answer = read_portal(api, intent, _path_of(listed), missing=True)
    if answer is None:
        return None
    try:
        stored = parse_stored(answer.document, hide)
    except StrangeDocument as error:
        raise strange_answer(api, intent, str(error)) from None
    if (stored.listed.identity, stored.listed.name) != (listed.identity, listed.name):
        raise strange_answer(api, intent, "It gives another pull secret.")
    return stored


def create_pull_secret(api: PortalApi, name: str, body: Mapping[str, str]) -> WrittenPullSecret:
    """Create a pull secret. Raises ChangedMeanwhile if there is one with this name."""
    answer = _send_pull_secret(api, Intent("create", "", f"pull secret {name}", None), "POST", PULL_SECRETS, body)
    return WrittenPullSecret(answer.request_id, find_secret_id(answer.headers.get("Location")))


def update_pull_secret(api: PortalApi, listed: ListedPullSecret, body: Mapping[str, str]) -> WrittenPullSecret:
    """Change fields of a pull secret in place. Raises ChangedMeanwhile if it no longer exists."""
    intent = Intent("update", "", f"pull secret {listed.name}", None)
    answer = _send_pull_secret(api, intent, "PATCH", _path_of(listed), body)
    return WrittenPullSecret(answer.request_id, last_updated=read_moment(answer.document, "lastUpdateTime"))


def delete_pull_secret(api: PortalApi, listed: ListedPullSecret) -> WrittenPullSecret:
    """Delete a pull secret. Raises ChangedMeanwhile if it no longer exists, KeyringError while applications use it."""
    intent = Intent("delete", "", f"pull secret {listed.name}", None)
    answer = _send_pull_secret(api, intent, "DELETE", _path_of(listed), None)
    return WrittenPullSecret(answer.request_id)


def _send_pull_secret(
    api: PortalApi, intent: Intent, method: str, path: str, body: Mapping[str, str] | None
) -> PortalAnswer:
    try:
        return write_portal(api, intent, method, path, body)
    except PortalRefused as refused:
        error = explain_portal_refusal(refused, intent, api.connection.server, api.texts)
        if refused.code in ("SecretNameExists", "SecretNotFound"):
            raise ChangedMeanwhile(error) from None
        raise error from None


def _path_of(listed: ListedPullSecret) -> str:
    return f"{PULL_SECRETS}/{quote(listed.identity, safe='')}"
