# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module cdnetworks_ecp_registry_user: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._credentials.secret_values import EDGE_BLANK, has_edge_blank
from .._errors import KeyringError
from .._portals.ecp_user import (
    DesiredUser,
    ProjectAccess,
    RegistryUser,
    UserPlan,
    UserProfile,
    compares_password,
    describe_user,
    diff_user,
    plan_user,
    predict_user,
)
from .._portals.ecp_user_requests import UserWrites, compare_stored_password, find_user
from .._portals.ecp_user_rules import (
    check_registry_username,
    check_user_description,
    check_user_email,
    check_user_password,
    check_username_prefix,
    parse_projects,
)
from .._portals.portal_requests import ChangedMeanwhile, PortalApi, decide_until_known
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import NAME, TEXT
from .ecp_options import ECP_OPTIONS, open_ecp, parse_ecp_tenant, refuse_secret_names
from .shared_checks import refuse_secrets

OPTIONS: Options = {
    "username_prefix": {"type": "str", "context": NAME},
    "username": {"type": "str", "context": NAME},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "password": {"type": "str", "no_log": True},
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
    "email": {"type": "str", "context": TEXT},
    "description": {"type": "str", "context": TEXT},
    "projects_access": {
        "type": "list",
        "elements": "dict",
        "options": {
            "project": {"type": "str", "required": True, "context": NAME},
            "access_type": {"type": "str", "choices": ["readonly", "readwrite"], "required": True},
        },
    },
    **ECP_OPTIONS,
}


def parse_options(params: Mapping[str, Any]) -> DesiredUser:
    """Parse the options of the module. Raises KeyringError for what the platform surely refuses."""
    checks = (
        ("username_prefix", check_username_prefix),
        ("username", check_registry_username),
        ("password", check_user_password),
        ("email", check_user_email),
        ("description", check_user_description),
    )
    for option, check in checks:
        if params[option] is not None:
            check(params[option])
    projects = None
    if params["projects_access"] is not None:
        given = [ProjectAccess(item["project"], item["access_type"]) for item in params["projects_access"]]
        projects = parse_projects(given)
    return DesiredUser(
        username=params["username"],
        prefix=params["username_prefix"],
        is_present=params["state"] == "present",
        password=params["password"],
        email=params["email"],
        description=params["description"],
        projects=projects,
        keeps_password=params["update_password"] == "on_create",
    )


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Create, update or delete a registry user. Raises KeyringError before the first request for bad input."""
    desired = parse_options(params)
    tenant = parse_ecp_tenant(params, runtime)
    _refuse_secrets_in_texts(desired, runtime)
    if has_edge_blank(desired.password):
        runtime.warnings.append(f"password: {EDGE_BLANK}")
    with open_ecp(tenant, runtime) as api:
        task = RegistryUserTask(api, runtime, desired)
        result = decide_until_known(api, task.settle)
    return {**result, "portal": tenant.describe()}


def _refuse_secrets_in_texts(desired: DesiredUser, runtime: Runtime) -> None:
    """Raise KeyringError for a secret of this task among the strings that the portal shows."""
    texts = {
        "username_prefix": desired.prefix,
        "username": desired.username,
        "email": desired.email,
        "description": desired.description,
        "projects_access": [access.project for access in desired.projects or ()],
    }
    refuse_secrets({option: value for option, value in texts.items() if value}, runtime, "registry users")


class RegistryUserTask:
    """The management of one registry user, which is decided again where a write does not fit or may be lost."""

    def __init__(self, api: PortalApi, runtime: Runtime, desired: DesiredUser) -> None:
        self._api = api
        self._runtime = runtime
        self._desired = desired
        self._writes = UserWrites(api, desired.place)

    def settle(self) -> Result:
        """Read the user, decide, and write what differs. Raises ChangedMeanwhile, OutcomeUnknown and KeyringError."""
        try:
            return self._settle()
        except KeyringError as error:
            error.changed = error.changed or self._has_written
            raise
        except ChangedMeanwhile as changed:
            changed.error.changed = self._has_written
            raise

    @property
    def _has_written(self) -> bool:
        return self._writes.operation != "unchanged"

    def _settle(self) -> Result:
        desired = self._desired
        stored = find_user(self._api, desired)
        same_password = None
        if stored is not None and compares_password(desired):
            same_password = self._compare_password(stored)
        plan = plan_user(desired, stored, same_password)
        is_compared = same_password is not None
        if self._runtime.check_mode:
            user = predict_user(stored, plan)
            diff = self._diff(stored, plan.profile, new_password=plan.writes_password)
            return self._report(plan.operation, stored, user, diff, is_compared=is_compared)
        return self._write(plan, stored, is_compared=is_compared)

    def _compare_password(self, stored: RegistryUser) -> bool | None:
        """Return whether the stored password is the desired one; None, with a warning, if that is not known."""
        password = self._desired.password or ""
        same, reason = compare_stored_password(self._api, stored.username, password, self._runtime.scrubber.add)
        if same is None:
            self._runtime.warnings.append(
                f"The password of registry user {stored.username} is not compared but written, because its pull secret "
                f"is needed for that, and {reason}."
            )
        return same

    def _write(self, plan: UserPlan, stored: RegistryUser | None, *, is_compared: bool) -> Result:
        writes = self._writes
        after = stored
        if plan.operation == "created":
            after = writes.create(self._desired, plan)
        elif plan.operation == "updated" and stored is not None:
            after = writes.update(self._desired, plan, stored)
        elif plan.operation == "deleted" and stored is not None:
            writes.delete(plan, stored)
            after = None
        before = writes.before if self._has_written else stored
        user = describe_user(after) if after else None
        diff = self._diff(before, after.profile if after else None, new_password=writes.has_new_password)
        return self._report(writes.operation, after or before, user, diff, is_compared=is_compared)

    def _diff(self, before: RegistryUser | None, after: UserProfile | None, *, new_password: bool) -> dict[str, Any]:
        name = before.username if before else self._desired.searched
        password = self._desired.password if new_password else None
        return diff_user(f"Registry user {name}", before.profile if before else None, after, password)

    def _report(
        self,
        operation: str,
        known: RegistryUser | None,
        user: Mapping[str, Any] | None,
        diff: Mapping[str, Any],
        *,
        is_compared: bool,
    ) -> Result:
        name = known.username if known else self._desired.username
        refuse_secret_names(self._api, self._desired.place, [name or ""], self._runtime)
        return {
            "changed": operation != "unchanged",
            "operation": operation,
            "name": name,
            "user": user,
            "pull_secret": name if user else None,
            "compared": is_compared or operation == "created",
            "request_id": self._writes.request_id,
            "diff": diff,
        }


DEFINITION = TaskDefinition(
    run,
    OPTIONS,
    {
        "required_one_of": [("username", "username_prefix")],
        "mutually_exclusive": [("username", "username_prefix")],
    },
)
