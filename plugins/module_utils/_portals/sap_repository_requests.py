# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests about Git repositories of SAP AI Core. Source: AI Core API 2.42, /admin/repositories."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from .._cluster.refused import Intent
from .._errors import KeyringError
from .portal_lists import list_portal
from .portal_refusal import PortalRefused, explain_portal_refusal
from .portal_requests import ChangedMeanwhile, PortalApi, read_portal, strange_answer, write_portal
from .sap_lists import SAP_LIST
from .sap_repository import SapRepository, WantedRepository, parse_repository
from .strange_document import StrangeDocument

_REPOSITORIES = "/v2/admin/repositories"
LIST_REPOSITORIES = Intent("list", "", "Git repositories", None)
_name_of = attrgetter("name")


def read_repository(api: PortalApi, name: str) -> SapRepository | None:
    """Return a repository, None if there is none of this name.

    Raises KeyringError for a refusal, and for an answer that is not a repository of this name.
    """
    intent = _intend_repository("get", name)
    answer = read_portal(api, intent, f"{_REPOSITORIES}/{name}", missing=True)
    if answer is None:
        return None
    try:
        found = parse_repository(answer.document)
    except StrangeDocument as error:
        raise strange_answer(api, intent, str(error)) from None
    if found.name != name:
        raise strange_answer(api, intent, "It gives another Git repository.")
    return found


def list_repositories(api: PortalApi) -> list[SapRepository]:
    """Return all repositories of the tenant, sorted by name.

    Raises KeyringError for a refusal, and for an answer that is not a list of repositories.
    """
    found = list_portal(api, LIST_REPOSITORIES, _REPOSITORIES, SAP_LIST, parse_repository, _name_of)
    return sorted(found, key=_name_of)


def create_repository(api: PortalApi, wanted: WantedRepository) -> str | None:
    """Create a repository and return the ID of the request.

    Raises ChangedMeanwhile if it exists by now, OutcomeUnknown, and KeyringError for any other refusal, which includes
    another repository with the same URL.
    """
    body = {"name": wanted.name, "url": wanted.url, **wanted.credentials}
    try:
        return _write_repository(api, _intend_repository("create", wanted.name), "POST", _REPOSITORIES, body)
    except PortalRefused as refused:
        error = _explain_repository_refusal(refused, _intend_repository("create", wanted.name), api)
        if refused.status != 409:
            raise error from None
    if read_repository(api, wanted.name) is not None:
        raise ChangedMeanwhile(error)
    raise _explain_refused_url(wanted, error)


def update_repository(api: PortalApi, wanted: WantedRepository) -> str | None:
    """Replace the user name and the password of a repository, and return the ID of the request.

    Raises ChangedMeanwhile if it does not exist any more, OutcomeUnknown, and KeyringError for any other refusal.
    """
    intent = _intend_repository("update", wanted.name)
    return _write_existing(api, intent, "PATCH", wanted.name, wanted.credentials)


def delete_repository(api: PortalApi, name: str) -> str | None:
    """Delete a repository and return the ID of the request.

    Raises ChangedMeanwhile if it does not exist any more, OutcomeUnknown, and KeyringError for any other refusal.
    """
    return _write_existing(api, _intend_repository("delete", name), "DELETE", name, None)


def _write_existing(api: PortalApi, intent: Intent, method: str, name: str, body: Any) -> str | None:
    try:
        return _write_repository(api, intent, method, f"{_REPOSITORIES}/{name}", body)
    except PortalRefused as refused:
        error = _explain_repository_refusal(refused, intent, api)
        if refused.status == 404:
            raise ChangedMeanwhile(error) from None
        raise error from None


def _write_repository(api: PortalApi, intent: Intent, method: str, path: str, body: Any) -> str | None:
    return write_portal(api, intent, method, path, body).request_id


def _explain_repository_refusal(refused: PortalRefused, intent: Intent, api: PortalApi) -> KeyringError:
    return explain_portal_refusal(refused, intent, api.connection.server, api.texts)


def _explain_refused_url(wanted: WantedRepository, refusal: KeyringError) -> KeyringError:
    """Return the error for a create that is refused although no repository has the name."""
    error = KeyringError(
        f"SAP AI Core refuses to create Git repository {wanted.name}, because it exists (409).",
        " ".join(part for part in (refusal.quoted, "Another one may have its URL, perhaps in another form.") if part),
        "Use the name of that repository, or delete it first.",
        failure="conflict",
        option="url",
        quoted=refusal.quoted,
    )
    error.facts.update(refusal.facts)
    return error


def _intend_repository(verb: str, name: str) -> Intent:
    return Intent(verb, "", f"Git repository {name}", None)
