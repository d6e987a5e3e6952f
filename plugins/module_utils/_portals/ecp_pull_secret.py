# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image pull secrets of the ECP platform: what is stored, what a task wants, and the difference.

Source: ECP API Specification 1.0, imagePullSecrets.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

from .._credentials.docker_config import StoredLogin, encode_auth
from .._credentials.expiry import find_token_expiry
from .._credentials.registries import Registry, Renew, UpdateCredentials
from .._credentials.secret_values import HIDDEN, public_username
from .._dataclasses import dataclass
from .._errors import KeyringError, MissingCredential
from .._kubelet.server_text import public_server
from .._kubelet.url_match import match_key
from .._secret.view import Hidden, render_views
from .ecp_document import read_moment, read_text, read_typed_field
from .strange_document import StrangeDocument

# How the platform describes the pull secret of a registry user, which it makes and manages itself.
MANAGED_DESCRIPTION = "Auto created for ECP registry user"

EcpOperation = Literal["created", "updated", "recreated", "deleted", "unchanged"]

_LONGEST_PORTAL_NAME = 63
_PORTAL_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
# What is put into a path: neither a slash nor a step up.
_SECRET_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
# The fields of an answer that are not secret by themselves.
_PUBLIC = frozenset(
    ("imagepullsecretID", "name", "description", "registry", "username", "creationTime", "lastUpdateTime")
)


@dataclass(frozen=True)
class ListedPullSecret:
    """A pull secret as the list of the platform has it. Times are in UTC, None where they are unknown."""

    identity: str
    name: str
    description: str
    created: str | None
    last_updated: str | None

    @property
    def is_managed(self) -> bool:
        """Return whether the platform manages it, for a registry user."""
        return self.description.startswith(MANAGED_DESCRIPTION)

    def describe(self) -> dict[str, Any]:
        """Return the fields of a result. The list has neither registry nor user name."""
        return {
            "id": self.identity,
            "name": self.name,
            "registry": None,
            "username": None,
            "description": self.description,
            "created": self.created,
            "last_updated": self.last_updated,
            "managed": self.is_managed,
        }


@dataclass(frozen=True)
class PullSecretContent:
    """What a pull secret holds, or is to hold. ``expires_at`` is when the password expires, None if unknown."""

    description: str
    registry: str
    username: str = field(repr=False)
    password: Hidden
    expires_at: str | None = None

    @property
    def shown_username(self) -> str | None:
        """Return the user name as it may be shown."""
        password = next(self.password.texts(), None)
        return public_username(self.username, password) or None

    def describe(self) -> dict[str, Any]:
        """Return the fields of a result, without the password."""
        return {
            "registry": public_server(self.registry),
            "username": self.shown_username,
            "description": self.description,
        }

    def view(self) -> dict[str, Any]:
        """Return the fields of a diff: public values and Hidden."""
        shown = self.describe()
        if shown["username"] == HIDDEN:
            shown["username"] = Hidden(self.username)
        return {**shown, "password": self.password}


@dataclass(frozen=True)
class StoredPullSecret:
    """A pull secret that exists, with its registry and credentials."""

    listed: ListedPullSecret
    content: PullSecretContent

    def describe(self) -> dict[str, Any]:
        """Return the fields of a result, without the password."""
        return {**self.listed.describe(), **self.content.describe()}


@dataclass(frozen=True)
class DesiredPullSecret:
    """The desired state of a pull secret. ``description`` is None where it is not managed."""

    name: str
    registry: Registry
    description: str | None = None
    update: UpdateCredentials = "always"
    recreate: bool = False


@dataclass(frozen=True)
class EcpPlan:
    """An operation on a pull secret, from its state before to the one after; None where there is none.

    ``listed`` is how the list has it afterwards, as far as that is known; None for one without a known ID. ``body`` is
    what is sent: the fields of a new pull secret, or those that change. ``login`` are the credentials that are written,
    None if they stay.
    """

    operation: EcpOperation
    before: StoredPullSecret | None
    after: PullSecretContent | None
    listed: ListedPullSecret | None = None
    body: Mapping[str, str] = field(default_factory=dict, repr=False)
    login: StoredLogin | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


def check_pull_secret_name(name: str, option: str) -> None:
    """Raise KeyringError unless the platform takes this name. The check takes linear time."""
    if len(name) > _LONGEST_PORTAL_NAME or not _PORTAL_NAME.fullmatch(name):
        raise KeyringError(
            f"{option} is not a name that a pull secret of the platform can have.",
            f"Allowed are at most {_LONGEST_PORTAL_NAME} lower-case letters, digits, - and ., with a letter or digit "
            "at both ends.",
            "Write it like registry-credentials.",
            option=option,
        )


def check_description(description: str | None) -> None:
    """Raise KeyringError for a description that would make a pull secret look like that of a registry user."""
    if description is not None and description.startswith(MANAGED_DESCRIPTION):
        raise KeyringError(
            f'description must not begin with "{MANAGED_DESCRIPTION}".',
            "The platform describes the pull secrets that it manages itself in this way.",
            "Write another description.",
            option="description",
        )


def parse_listed(item: Any) -> ListedPullSecret:
    """Return an item of the list. Raises StrangeDocument."""
    name = read_text(item, "name")
    if not name:
        raise StrangeDocument("A pull secret has no name.")
    return ListedPullSecret(
        parse_secret_id(item.get("imagepullsecretID")),
        name,
        read_text(item, "description"),
        read_moment(item, "creationTime"),
        read_moment(item, "lastUpdateTime"),
    )


def parse_stored(answer: Any, hide: Callable[[str], None]) -> StoredPullSecret:
    """Return a pull secret from the answer about it, which has the password in clear.

    All of its strings that are not public by themselves go to ``hide``, before anything is said about it. Raises
    StrangeDocument.
    """
    for text in _find_secret_texts(answer):
        hide(text)
    listed = parse_listed(answer)
    username, password = read_text(answer, "username"), read_typed_field(answer, "password", str)
    if password:
        hide(encode_auth(StoredLogin(username, password)))
    if public_username(username, password) == HIDDEN:
        hide(username)
    content = PullSecretContent(
        listed.description,
        read_text(answer, "registry"),
        username,
        Hidden(password),
        find_token_expiry(password),
    )
    return StoredPullSecret(listed, content)


def parse_secret_id(given: object) -> str:
    """Return an ID that can be put into a path. Raises StrangeDocument."""
    if not isinstance(given, str) or not _SECRET_ID.fullmatch(given):
        raise StrangeDocument("A pull secret has no usable ID.")
    return given


def find_secret_id(location: str | None) -> str | None:
    """Return the ID at the end of the header Location; None if there is none."""
    last = (location or "").partition("?")[0].rstrip("/").rpartition("/")[2]
    return last if _SECRET_ID.fullmatch(last) else None


def _find_secret_texts(answer: Any) -> list[str]:
    """Return the strings at any depth of an answer that may be secret."""
    todo = [answer]
    if isinstance(answer, Mapping):
        todo = [value for name, value in answer.items() if name not in _PUBLIC or not isinstance(value, str)]
    found: list[str] = []
    while todo:
        value = todo.pop()
        if isinstance(value, str) and value:
            found.append(value)
        elif isinstance(value, Mapping):
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return found


def plan_absent_pull_secret(stored: StoredPullSecret | None) -> EcpPlan:
    """Plan the deletion of a pull secret. Raises KeyringError for one that the platform manages."""
    if stored is None:
        return EcpPlan("unchanged", None, None)
    _refuse_managed(stored)
    return EcpPlan("deleted", stored, None)


def plan_pull_secret(stored: StoredPullSecret | None, desired: DesiredPullSecret, renew: Renew) -> EcpPlan:
    """Plan how a pull secret gets the desired state. ``renew`` returns the registry with a new token where it is due.

    Raises KeyringError for a change that the platform cannot make, and if credentials are neither given nor stored.
    """
    if stored is None:
        return _plan_new(None, desired, renew)
    _refuse_managed(stored)
    if match_key(stored.content.registry) != match_key(desired.registry.server):
        if not desired.recreate:
            raise _other_registry(stored, desired)
        return _plan_new(stored, desired, renew)
    return _plan_update(stored, desired, renew)


def _plan_new(stored: StoredPullSecret | None, desired: DesiredPullSecret, renew: Renew) -> EcpPlan:
    """Plan a new pull secret, in place of the stored one. Credentials for another registry are not carried over."""
    registry = renew(desired.registry, None, None)
    username, password = registry.username, registry.password
    if username is None or password is None:
        missing = "username" if username is None else "password"
        raise MissingCredential(
            f"{registry.option}.{missing} is missing.",
            f'Nothing is stored for "{public_server(registry.server)}" that could be kept.',
            "Give username and password.",
            option=f"{registry.option}.{missing}",
        )
    description = desired.description
    if description is None:
        description = stored.content.description if stored else ""
    expires_at = registry.expires_at or find_token_expiry(password)
    after = PullSecretContent(description, registry.server, username, Hidden(password), expires_at)
    body, login = build_new_pull_secret(desired.name, after), StoredLogin(username, password)
    return EcpPlan("recreated" if stored else "created", stored, after, None, body, login)


def build_new_pull_secret(name: str, content: PullSecretContent) -> dict[str, str]:
    """Return the body of the request that creates a pull secret, with its password in clear."""
    body = {
        "name": name,
        "registry": content.registry,
        "username": content.username,
        "password": next(content.password.texts(), ""),
    }
    if content.description:
        body["description"] = content.description
    return body


def _plan_update(before: StoredPullSecret, desired: DesiredPullSecret, renew: Renew) -> EcpPlan:
    """Plan the change of a stored pull secret in place. What the task does not give stays."""
    stored = before.content
    description = stored.description if desired.description is None else desired.description
    username, password, expires_at = stored.username, stored.password, stored.expires_at
    warnings: tuple[str, ...] = ()
    if desired.update != "on_create":
        known = next(stored.password.texts(), "")
        login = StoredLogin(stored.username, known) if known else None
        registry = renew(desired.registry, login, stored.expires_at)
        if registry.username is not None:
            username = registry.username
        if registry.password is not None:
            password = Hidden(registry.password)
            expires_at = registry.expires_at or find_token_expiry(registry.password)
        elif username != stored.username:
            warnings = (
                f"{registry.option}: the username changes and the stored password is kept; check that they belong "
                "together.",
            )
    body: dict[str, str] = {}
    if description != stored.description:
        body["description"] = description
    if username != stored.username:
        body["username"] = username
    if not password.same_as(stored.password):
        body["password"] = next(password.texts())
    if not body:
        return EcpPlan("unchanged", before, stored, before.listed)
    login = StoredLogin(username, next(password.texts(), "")) if {"username", "password"} & body.keys() else None
    after = PullSecretContent(description, stored.registry, username, password, expires_at)
    listed = dataclasses.replace(before.listed, last_updated=None)
    return EcpPlan("updated", before, after, listed, body, login, warnings)


def continue_plan(begun: EcpPlan | None, plan: EcpPlan) -> EcpPlan:
    """Return what a task has done in all, whose earlier plan may have been applied in whole or in part."""
    if begun is None:
        return plan
    return dataclasses.replace(plan, operation=begun.operation, before=begun.before)


def _refuse_managed(stored: StoredPullSecret) -> None:
    if stored.listed.is_managed:
        raise KeyringError(
            f"Pull secret {stored.listed.name} belongs to a registry user.",
            f'Its description begins with "{MANAGED_DESCRIPTION}". The platform makes, changes and deletes it together '
            "with the user.",
            "Change the registry user with cdnetworks_ecp_registry_user, or use another name.",
            failure="managed_elsewhere",
            option="name",
        )


def _other_registry(stored: StoredPullSecret, desired: DesiredPullSecret) -> KeyringError:
    return KeyringError(
        f'Pull secret {stored.listed.name} is for "{public_server(stored.content.registry)}", and the task names '
        f'"{public_server(desired.registry.server)}".',
        "The platform cannot change the registry of a pull secret, and ignores such a change without an error.",
        "Use another name, or set recreate=true to delete the pull secret and create it again.",
        failure="immutable",
        option=f"{desired.registry.option}.server",
    )


def describe_pull_secret_after(plan: EcpPlan, name: str) -> dict[str, Any] | None:
    """Return the pull secret as the task leaves it, for a result; null is what only the platform knows."""
    if plan.after is None:
        return None
    unknown = {"id": None, "name": name, "created": None, "last_updated": None, "managed": False}
    return {**(plan.listed.describe() if plan.listed else unknown), **plan.after.describe()}


def view_pull_secret_diff(plan: EcpPlan, name: str) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff, without secret data."""
    before = plan.before.content.view() if plan.before else {}
    after = plan.after.view() if plan.after else {}
    return render_views(before, after, f"Pull secret {name}")
