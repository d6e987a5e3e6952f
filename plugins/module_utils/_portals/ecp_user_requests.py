# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests about registry users of the ECP platform."""

from __future__ import annotations

import re
from typing import Any

from .._cluster.refused import Intent, OutcomeUnknown
from .._errors import KeyringError
from .ecp_user import (
    DesiredUser,
    StoredUser,
    UserOperation,
    UserPlan,
    build_new_user,
    build_profile,
    choose_user,
    has_prefix,
    parse_user,
)
from .portal_refusal import PortalRefused, explain_portal_refusal
from .portal_requests import ChangedMeanwhile, PortalAnswer, PortalApi, read_portal, write_portal

_USERS = "/ecp/v1/registry/users"
_USER = "/ecp/v1/users"
# The most that the API returns at once.
_PAGE = 100

# The last part of the path of a user, which is its ID.
_ID_AT_END = re.compile(r"/([0-9]{1,18})/?\Z")

# Refusals that mean that the user is not as it was when it was read.
_STALE_CODES = ("UserNotFound", "UsernamePrefixExists")


class UserWrites:
    """The writes of one task, also those whose outcome is unknown: the next reading shows what became of them.

    ``operation`` and ``before`` are those of the first write, and ``request_id`` is that of the last answer.
    """

    def __init__(self, api: PortalApi, place: str) -> None:
        self.operation: UserOperation = "unchanged"
        self.before: StoredUser | None = None
        self.has_new_password = False
        self.request_id: str | None = None
        self._api = api
        self._place = place

    def create(self, desired: DesiredUser, plan: UserPlan) -> StoredUser:
        """Create a user, and return it with the name that the platform made."""
        intent = Intent("create", "", self._place, None)
        answer = self._send(intent, "POST", _USERS, build_new_user(desired), plan, None)
        self.has_new_password = True
        created = self._find_created(desired, answer)
        if created is None:
            raise KeyringError(
                f"The ECP API reports that it created {self._place}, and does not list it.",
                "Its name is therefore not known.",
                "Run the task again.",
                failure="outcome_unknown",
            )
        return created

    def update(self, desired: DesiredUser, plan: UserPlan, stored: StoredUser) -> StoredUser:
        """Write what differs, and return the user as it is afterwards."""
        path = f"{_USER}/{stored.id}"
        if plan.writes_profile and plan.profile is not None:
            intent = Intent("update", "", self._place, None)
            self._send(intent, "PUT", path, build_profile(plan.profile), plan, stored)
        if plan.writes_password:
            intent = Intent("update", "", f"the password of {self._place}", None)
            self._send(intent, "PATCH", path, {"password": desired.password}, plan, stored)
            self.has_new_password = True
        updated = read_user(self._api, stored.id, self._place)
        if updated is None:
            raise ChangedMeanwhile(self._gone())
        return updated

    def delete(self, plan: UserPlan, stored: StoredUser) -> None:
        """Delete a user, with which the platform deletes its pull secret."""
        self._send(Intent("delete", "", self._place, None), "DELETE", f"{_USER}/{stored.id}", None, plan, stored)

    def _send(
        self, intent: Intent, method: str, path: str, body: Any, plan: UserPlan, before: StoredUser | None
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

    def _note(self, plan: UserPlan, before: StoredUser | None) -> None:
        if self.operation == "unchanged":
            self.operation, self.before = plan.operation, before

    def _find_created(self, desired: DesiredUser, answer: PortalAnswer) -> StoredUser | None:
        """Return the new user by the ID in the answer; where this has none, the user of the list."""
        found = _ID_AT_END.search(answer.headers.get("Location") or "")
        if found:
            user = read_user(self._api, int(found[1]), self._place)
            if user is not None and user.username.startswith(desired.prefix or ""):
                return user
        return choose_user(list_users(self._api, desired.searched, self._place), desired)

    def _gone(self) -> KeyringError:
        return KeyringError(
            f"{self._place[0].upper()}{self._place[1:]} was deleted while the task changed it.",
            "",
            "Run the task again.",
            failure="conflict",
        )
