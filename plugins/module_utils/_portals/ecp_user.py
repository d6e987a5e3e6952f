# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry users of the ECP platform: what a task wants, what the API returns, and what must be written.

Source: ECP API Specification 1.0, "Registry Users".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.view import Hidden, render_views
from .ecp_document import read_moment, read_text, read_typed_field
from .strange_document import StrangeDocument

UserOperation = Literal["created", "updated", "deleted", "unchanged"]

# The name of a user is also that of its pull secret, which Kubernetes limits to these characters. A label has 63.
_USERNAME = re.compile(r"[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?")
LONGEST_USERNAME = 63
# Between the prefix of a new user and the random string that the platform appends.
_SEPARATOR = "-"
_RANDOM_STRING = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class ProjectAccess:
    """The permission of a registry user for one project: ``readonly`` or ``readwrite``."""

    project: str
    access_type: str


@dataclass(frozen=True)
class UserProfile:
    """The part of a registry user that one request replaces. The projects are sorted."""

    email: str
    description: str
    projects: tuple[ProjectAccess, ...]


@dataclass(frozen=True)
class RegistryUser:
    """A registry user as the API returns it, which is without the password. Times are in UTC."""

    id: int
    username: str
    profile: UserProfile
    created_by: str | None
    created: str | None
    last_updated: str | None


@dataclass(frozen=True)
class DesiredUser:
    """A registry user as a task wants it. None stands for what the task does not manage.

    Either ``username`` or ``prefix`` selects the user. ``projects`` are all of them, sorted. ``keeps_password`` is
    whether the password counts only for a new user.
    """

    username: str | None
    prefix: str | None
    is_present: bool
    password: str | None = field(repr=False)
    email: str | None
    description: str | None
    projects: tuple[ProjectAccess, ...] | None
    keeps_password: bool

    @property
    def place(self) -> str:
        """Return what messages call the user before it is found."""
        return f"registry user {self.username or self.prefix}"

    @property
    def searched(self) -> str:
        """Return the string that the user name contains."""
        return self.username or self.prefix or ""


@dataclass(frozen=True)
class UserPlan:
    """The writes that are necessary. ``profile`` is what the user has afterwards, None if it does not exist then."""

    operation: UserOperation
    profile: UserProfile | None
    writes_profile: bool = False
    writes_password: bool = False


def sort_projects(projects: Iterable[ProjectAccess]) -> tuple[ProjectAccess, ...]:
    """Return the projects in the order in which they are compared and shown."""
    return tuple(sorted(projects, key=lambda access: (access.project, access.access_type)))


def parse_user(document: object) -> RegistryUser:
    """Parse a registry user of the API. Raises StrangeDocument."""
    identity = read_typed_field(document, "userID", int)
    username = read_typed_field(document, "username", str)
    if identity is None or not username:
        raise StrangeDocument("A registry user has no ID or no name.")
    projects = [
        ProjectAccess(read_text(item, "project"), read_text(item, "accessType"))
        for item in read_typed_field(document, "projectsAccess", list) or ()
    ]
    profile = UserProfile(
        read_text(document, "email"),
        read_text(document, "description"),
        sort_projects(projects),
    )
    return RegistryUser(
        identity,
        username,
        profile,
        read_typed_field(document, "createdBy", str),
        read_moment(document, "creationTime"),
        read_moment(document, "lastUpdateTime"),
    )


def is_registry_username(text: str) -> bool:
    """Return whether a registry user can have this name."""
    return len(text) <= LONGEST_USERNAME and bool(_USERNAME.fullmatch(text))


def has_prefix(username: str, prefix: str) -> bool:
    """Return whether the platform made this user name of this prefix.

    The random string has no hyphen, so that ``demo-5-1234`` belongs to the prefix ``demo-5`` and not to ``demo``.
    """
    before, _separator, random_string = username.rpartition(_SEPARATOR)
    return before == prefix and bool(_RANDOM_STRING.fullmatch(random_string))


def choose_user(users: Iterable[RegistryUser], desired: DesiredUser) -> RegistryUser | None:
    """Return the user of a task, None if it does not exist.

    If several have the prefix, the one with the email of the task is chosen. A user with another email is never chosen
    to be deleted. Raises KeyringError if that does not decide. A user that is listed twice counts once.
    """
    found = {user.id: user for user in users if _is_desired(user.username, desired)}
    if desired.email is not None and (len(found) > 1 or not desired.is_present):
        with_email = {user.id: user for user in found.values() if is_same_email(user.profile.email, desired.email)}
        if with_email or not desired.is_present:
            found = with_email
    if len(found) > 1:
        names = ", ".join(sorted({user.username for user in found.values()}))
        option = "username_prefix" if desired.username is None else "username"
        raise KeyringError(
            f"{option} selects {len(found)} registry users: {names}.",
            "It is not known which of them the task manages.",
            "Write the complete name of one as username, or correct its email.",
            option=option,
        )
    return next(iter(found.values()), None)


def is_same_email(first: str, second: str) -> bool:
    """Return whether two addresses are one. The platform may store them in lower case."""
    return first.lower() == second.lower()


def _is_desired(username: str, desired: DesiredUser) -> bool:
    if desired.username is not None:
        return username == desired.username
    return has_prefix(username, desired.prefix or "")


def plan_user(desired: DesiredUser, stored: RegistryUser | None, same_password: bool | None) -> UserPlan:
    """Return the writes that make the stored user the desired one.

    ``same_password`` is whether the stored password is the desired one, None if that is not known. Raises KeyringError
    for a user that cannot be created.
    """
    if not desired.is_present:
        return UserPlan("unchanged" if stored is None else "deleted", None)
    if stored is None:
        _check_can_create(desired)
        profile = UserProfile(desired.email or "", desired.description or "", desired.projects or ())
        return UserPlan("created", profile, writes_profile=True, writes_password=True)
    profile = merge_profile(desired, stored.profile)
    writes_profile = profile != stored.profile
    writes_password = compares_password(desired) and same_password is not True
    operation: UserOperation = "updated" if writes_profile or writes_password else "unchanged"
    return UserPlan(operation, profile, writes_profile, writes_password)


def compares_password(desired: DesiredUser) -> bool:
    """Return whether the password of an existing user counts."""
    return desired.is_present and desired.password is not None and not desired.keeps_password


def merge_profile(desired: DesiredUser, stored: UserProfile) -> UserProfile:
    """Return what a user has afterwards: what the task manages, and what is stored of the rest."""
    email = desired.email
    if email is None or is_same_email(stored.email, email):
        email = stored.email
    return UserProfile(
        email,
        stored.description if desired.description is None else desired.description,
        stored.projects if desired.projects is None else desired.projects,
    )


def _check_can_create(desired: DesiredUser) -> None:
    if desired.prefix is None:
        raise KeyringError(
            f"Registry user {desired.username} does not exist.",
            "The platform makes the end of a new user name itself, so that it cannot be created with this name.",
            "Correct username, or write username_prefix in its place to create a user.",
            failure="not_found",
            option="username",
        )
    for option, value in (("email", desired.email), ("password", desired.password)):
        if value is None:
            raise KeyringError(
                f"{option} is missing.",
                f"No registry user has the prefix {desired.prefix}, and a new one needs it.",
                f"Add {option}, or correct username_prefix.",
                option=option,
            )


def build_new_user(desired: DesiredUser) -> dict[str, Any]:
    """Return the body of the request that creates a user."""
    body: dict[str, Any] = {
        "usernamePrefix": desired.prefix,
        "password": desired.password,
        "email": desired.email,
    }
    if desired.description:
        body["description"] = desired.description
    if desired.projects:
        body["projectsAccess"] = _build_projects(desired.projects)
    return body


def build_profile(profile: UserProfile) -> dict[str, Any]:
    """Return the body of the request that replaces what a user has.

    It is complete: the API is not documented to keep what is left out.
    """
    return {
        "email": profile.email,
        "description": profile.description,
        "projectsAccess": _build_projects(profile.projects),
    }


def _build_projects(projects: Sequence[ProjectAccess]) -> list[dict[str, str]]:
    return [{"project": access.project, "accessType": access.access_type} for access in projects]


def describe_user(user: RegistryUser) -> dict[str, Any]:
    """Return a user for a result."""
    return {
        "id": user.id,
        "username": user.username,
        **_describe_profile(user.profile),
        "created_by": user.created_by,
        "created": user.created,
        "last_updated": user.last_updated,
    }


def predict_user(stored: RegistryUser | None, plan: UserPlan) -> dict[str, Any] | None:
    """Return the user that a real run would leave, with null in place of what only the platform knows."""
    if plan.profile is None:
        return None
    if stored is None:
        unknown = dict.fromkeys(("id", "username", "created_by", "created", "last_updated"))
        return {**unknown, **_describe_profile(plan.profile)}
    predicted = {**describe_user(stored), **_describe_profile(plan.profile)}
    if plan.operation != "unchanged":
        predicted["last_updated"] = None
    return predicted


def _describe_profile(profile: UserProfile) -> dict[str, Any]:
    return {
        "email": profile.email,
        "description": profile.description,
        "projects_access": [
            {"project": access.project, "access_type": access.access_type} for access in profile.projects
        ],
    }


def diff_user(
    place: str, before: UserProfile | None, after: UserProfile | None, new_password: str | None
) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff; both empty if nothing changes.

    ``new_password`` is the password that is written, None if none is.
    """
    if before == after and new_password is None:
        return render_views({}, {}, place)
    stored_password = Hidden(None)
    written_password = stored_password if new_password is None else Hidden(new_password)
    before_view = {**_describe_profile(before), "password": stored_password} if before else {}
    after_view = {**_describe_profile(after), "password": written_password} if after else {}
    return render_views(before_view, after_view, place)
