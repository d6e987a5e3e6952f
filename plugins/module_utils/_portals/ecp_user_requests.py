# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests about registry users of the ECP platform."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from .._cluster.refused import Intent, OutcomeUnknown
from .._errors import KeyringError
from .._secret.view import Hidden
from .ecp_pull_secret_requests import find_pull_secret
from .ecp_user import (
    DesiredUser,
    RegistryUser,
    UserOperation,
    UserPlan,
    build_new_user,
    build_profile,
    choose_user,
    is_registry_username,
    parse_user,
)
from .portal_lists import PagedList, list_portal
from .portal_refusal import PortalRefused, explain_portal_refusal
from .portal_requests import ChangedMeanwhile, PortalAnswer, PortalApi, read_portal, strange_answer, write_portal
from .strange_document import StrangeDocument

_USERS_PATH = "/ecp/v1/registry/users"
_USER_PATH = "/ecp/v1/users"
_USER_LIST = PagedList("offset", "limit", 100, "users", "totalCount")

# The last part of the path of a user, which is its ID.
_ID_AT_END = re.compile(r"/([0-9]{1,18})/?\Z")

# Refusals that mean that the user is not as it was when it was read.
_STALE_CODES = ("UserNotFound", "UsernamePrefixExists")


def list_registry_users(api: PortalApi, search: str | None = None) -> list[RegistryUser]:
    """Return the registry users of the account whose names contain a string, or all."""
    intent = Intent("list", "", "the registry users of the account", None)
    query = {} if search is None else {"searchString": search}
    return list_portal(api, intent, _USERS_PATH, _USER_LIST, parse_user, attrgetter("id"), query)


def find_user(api: PortalApi, desired: DesiredUser) -> RegistryUser | None:
    """Return the user of a task, None if it does not exist. Raises KeyringError if several may be the one."""
    return choose_user(list_registry_users(api, desired.searched), desired)


def compare_stored_password(
    api: PortalApi, username: str, password: str, hide: Callable[[str], None]
) -> tuple[bool | None, str]:
    """Return whether a user has this password, by its pull secret; None if that is not known, and the reason.

    The stored password goes to ``hide`` at once, and does not leave this function.
    """
    try:
        stored = find_pull_secret(api, username, hide)
    except KeyringError as error:
        if error.failure != "forbidden":
            raise
        return None, "the account may not read it"
    if stored is None:
        return None, "it does not exist"
    content = stored.content
    if content.username != username or not any(content.password.texts()):
        return None, "it does not hold the password of this user"
    return content.password.same_as(Hidden(password)), ""


class UserWrites:
    """The writes of one task, also those whose outcome is unknown: the next reading shows what became of them.

    ``operation`` and ``before`` are those of the first write, and ``request_id`` is that of the last answer.
    ``has_new_password`` is whether a password is among what they write.
    """

    def __init__(self, api: PortalApi, place: str) -> None:
        self.operation: UserOperation = "unchanged"
        self.before: RegistryUser | None = None
        self.has_new_password = False
        self.request_id: str | None = None
        self._api = api
        self._place = place

    def create(self, desired: DesiredUser, plan: UserPlan) -> RegistryUser:
        """Create a user, and return it with the name that the platform made."""
        intent = Intent("create", "", self._place, None)
        answer = self._send(intent, "POST", _USERS_PATH, build_new_user(desired), plan, None)
        created = self._find_created(desired, answer)
        if created is None:
            raise KeyringError(
                f"The ECP API reports that it created {self._place}, and does not list it.",
                "Its name is therefore not known.",
                "Run the task again.",
                failure="outcome_unknown",
            )
        return created

    def update(self, desired: DesiredUser, plan: UserPlan, stored: RegistryUser) -> RegistryUser:
        """Write what differs, and return the user as it is afterwards."""
        path = f"{_USER_PATH}/{stored.id}"
        if plan.writes_profile and plan.profile is not None:
            intent = Intent("update", "", self._place, None)
            self._send(intent, "PUT", path, build_profile(plan.profile), plan, stored)
        if plan.writes_password:
            intent = Intent("update", "", f"the password of {self._place}", None)
            self._send(intent, "PATCH", path, {"password": desired.password}, plan, stored)
        updated = _read_user(self._api, stored.id, self._place)
        if updated is None:
            raise ChangedMeanwhile(self._gone())
        return updated

    def delete(self, plan: UserPlan, stored: RegistryUser) -> None:
        """Delete a user, with which the platform deletes its pull secret."""
        self._send(Intent("delete", "", self._place, None), "DELETE", f"{_USER_PATH}/{stored.id}", None, plan, stored)

    def _send(
        self, intent: Intent, method: str, path: str, body: Any, plan: UserPlan, before: RegistryUser | None
    ) -> PortalAnswer:
        """Send a write. Raises ChangedMeanwhile, OutcomeUnknown, and KeyringError for a refusal."""
        try:
            answer = write_portal(self._api, intent, method, path, body)
        except OutcomeUnknown:
            self._note(plan, before)
            raise
        except PortalRefused as refused:
            error = explain_portal_refusal(refused, intent, self._api.connection.server, self._api.texts)
            if refused.code in _STALE_CODES:
                raise ChangedMeanwhile(error) from None
            raise error from None
        self._note(plan, before)
        self.request_id = answer.request_id
        return answer

    def _note(self, plan: UserPlan, before: RegistryUser | None) -> None:
        if self.operation == "unchanged":
            self.operation, self.before = plan.operation, before
        self.has_new_password = self.has_new_password or plan.writes_password

    def _find_created(self, desired: DesiredUser, answer: PortalAnswer) -> RegistryUser | None:
        """Return the new user by the ID in the answer; where this has none, the user of the list."""
        found = _ID_AT_END.search(answer.headers.get("Location") or "")
        if found:
            user = _read_user(self._api, int(found[1]), self._place)
            if user and user.username.startswith(desired.searched):
                return user
        return find_user(self._api, desired)

    def _gone(self) -> KeyringError:
        return KeyringError(
            f"The {self._place} was deleted while the task changed it.",
            "",
            "Run the task again.",
            failure="conflict",
        )


def _read_user(api: PortalApi, identity: int, place: str) -> RegistryUser | None:
    """Return a user by its ID, None if it does not exist. Raises KeyringError for another user."""
    intent = Intent("read", "", place, None)
    answer = read_portal(api, intent, f"{_USER_PATH}/{identity}", missing=True)
    if answer is None:
        return None
    try:
        user = parse_user(answer.document)
    except StrangeDocument as error:
        raise strange_answer(api, intent, str(error)) from None
    if user.id != identity or not is_registry_username(user.username):
        raise strange_answer(api, intent, "It gives another registry user.")
    return user
