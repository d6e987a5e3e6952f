# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the ECP API 1.0 that is about image pull secrets and registry users, on loopback.

Paths, statuses, bodies and error codes are those of CDNetworks' OpenAPI document.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import itertools
import random
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from support.portals.portal import (
    Portal,
    Refused,
    Route,
    call_route,
    empty_response,
    json_response,
    portal_on_loopback,
    read_object,
)

SECRETS = "/ecp/v1/imagepullsecrets"
USERS = "/ecp/v1/registry/users"
USER = "/ecp/v1/users"

# The registry of ECP itself: secrets for it are made with registry users, and never by hand.
OWN_REGISTRY = "registry.ecp.example.com"

_SECRET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,61}[a-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,13}[a-z0-9])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ACCESS = ("readonly", "readwrite")


# Status and message of each error by its code. InvalidRequestBody and Unauthorized are not in the document.
ERRORS: Mapping[str, tuple[int, str]] = {
    "CredentialsBeingUsed": (400, "Applications use the credentials of this user."),
    "DeleteManagedSecretNotAllowed": (400, "ECP manages this secret; it cannot be deleted."),
    "EmailAddressExists": (409, "Another user has the email address {}."),
    "FieldValueTooLong": (400, "The {} is too long."),
    "InvalidAccessType": (400, "The access type {} is not valid."),
    "InvalidEmailAddress": (400, "The email address is not valid."),
    "InvalidListLimit": (400, "The limit must be an integer from 1 to {}."),
    "InvalidListOffset": (400, "The offset must be a non-negative integer."),
    "InvalidPassword": (400, "The password needs 8 to 20 characters, with both cases and a number."),
    "InvalidRequestBody": (400, "The body is not what the operation takes."),
    "InvalidSecretName": (400, "The name of the secret is not valid."),
    "InvalidUsernamePrefix": (400, "The prefix is not valid."),
    "NotAuthorized": (403, "This account is not allowed to do this."),
    "ProjectNotFound": (400, "The project {} does not exist."),
    "RegistryNotAllowed": (400, "ECP itself makes the secrets for its registry."),
    "RepeatedProjectName": (400, "The project {} is given twice."),
    "RequiredFieldMissing": (400, "The field {} is missing."),
    "SecretBeingUsed": (400, "Applications use this secret."),
    "SecretNameExists": (409, "There is a secret with this name."),
    "SecretNotFound": (404, "There is no secret with this ID."),
    "Unauthorized": (401, "The account, the signature or the date is not valid."),
    "UpdateManagedSecretNotAllowed": (400, "ECP manages this secret; it cannot be updated."),
    "UpdateUsernameNotAllowed": (400, "The username cannot be updated."),
    "UserNotFound": (404, "There is no user with this ID."),
    "UsernamePrefixExists": (409, "Another user has the prefix {}."),
}


def _refusal(code: str, *values: str) -> Refused:
    status, message = ERRORS[code]
    return Refused(status, code, message.format(*values))


@dataclass
class PullSecret:
    """An image pull secret; one with a user is managed."""

    identity: str
    name: str
    registry: str
    username: str
    password: str = field(repr=False)
    description: str = ""
    user: int | None = None
    created: str = ""
    updated: str = ""

    def listed(self) -> dict[str, Any]:
        return {
            "imagepullsecretID": self.identity,
            "name": self.name,
            "description": self.description,
            "creationTime": self.created,
            "lastUpdateTime": self.updated,
        }

    def shown(self) -> dict[str, Any]:
        return {**self.listed(), "registry": self.registry, "username": self.username, "password": self.password}


@dataclass
class RegistryUser:
    """A registry user; ``access`` is project to access type."""

    identity: int
    prefix: str
    username: str
    password: str = field(repr=False)
    email: str
    description: str
    access: dict[str, str]
    created_by: str
    created: str = ""
    updated: str = ""

    def shown(self) -> dict[str, Any]:
        access = [{"project": project, "accessType": kind} for project, kind in self.access.items()]
        return {
            "userID": self.identity,
            "username": self.username,
            "email": self.email,
            "description": self.description,
            "projectsAccess": access,
            "createdBy": self.created_by,
            "creationTime": self.created,
            "lastUpdateTime": self.updated,
        }


@dataclass
class Customer:
    """What one customer has, by ID."""

    secrets: dict[str, PullSecret] = field(default_factory=dict)
    users: dict[int, RegistryUser] = field(default_factory=dict)

    def secret(self, name: str) -> PullSecret:
        """Return the secret with a name."""
        (found,) = [secret for secret in self.secrets.values() if secret.name == name]
        return found

    def user(self, prefix: str) -> RegistryUser:
        """Return the registry user with a prefix."""
        (found,) = [user for user in self.users.values() if user.prefix == prefix]
        return found


@dataclass
class Ecp(Portal):
    """ECP with API accounts of one customer, which may be a reseller.

    ``accounts`` are user to API key, and those of ``admins`` may change registry users. ``children`` are the customers
    that may be named in On-Behalf-Of; ``customers`` is what each customer has, and ``own`` what the accounts' own has.
    ``clock_offset`` is how far the server's clock is ahead, ``tolerance`` how far a request's may be off, in seconds.
    ``in_use`` are names of secrets and users that applications use, ``projects`` those of the registry with their IDs.
    """

    accounts: dict[str, str] = field(default_factory=dict, repr=False)
    admins: set[str] = field(default_factory=set)
    children: set[str] = field(default_factory=set)
    customers: dict[str, Customer] = field(default_factory=dict)
    own: Customer = field(default_factory=Customer)
    clock_offset: float = 0
    tolerance: float = 300
    in_use: set[str] = field(default_factory=set)
    projects: dict[str, int] = field(default_factory=lambda: {"myproject1": 22, "myproject2": 23})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._user_ids = itertools.count(2977)
        self._digits = random.Random(22)  # noqa: S311 - only names

    def account(self, user: str = "ecp-admin", on_behalf_of: str | None = None) -> dict[str, str]:
        """Return the option ``account`` of the modules."""
        known = {"url": self.address or self.url, "user": user, "api_key": self.accounts[user]}
        return known if on_behalf_of is None else {**known, "on_behalf_of": on_behalf_of}

    def now(self) -> float:
        """Return the time by the server's clock, in seconds since 1970."""
        return time.time() + self.clock_offset

    def serve(self, request: Request) -> Response:
        self._check_account(request)
        routes: Sequence[Route] = [
            ("POST", SECRETS, self._create_secret),
            ("GET", SECRETS, self._list_secrets),
            ("GET", f"{SECRETS}/([^/]+)", self._get_secret),
            ("PATCH", f"{SECRETS}/([^/]+)", self._update_secret),
            ("DELETE", f"{SECRETS}/([^/]+)", self._delete_secret),
            ("GET", USERS, self._list_users),
            ("POST", USERS, self._create_user),
            ("GET", f"{USER}/([^/]+)", self._get_user),
            ("PUT", f"{USER}/([^/]+)", self._update_user),
            ("PATCH", f"{USER}/([^/]+)", self._change_password),
            ("DELETE", f"{USER}/([^/]+)", self._delete_user),
        ]
        return call_route(routes, request)

    def refuse(self, request: Request, refused: Refused, identity: str) -> Response:
        return json_response({"error": refused.code, "message": refused.message}, refused.status, refused.headers)

    def mark(self, answer: Response, identity: str) -> None:
        answer.headers["Qtl-Request-Id"] = identity
        answer.headers["Date"] = formatdate(self.now(), usegmt=True)

    # Who asks, and for whom

    def _check_account(self, request: Request) -> None:
        login = request.authorization
        date = request.headers.get("Date", "")
        known = self.accounts.get(str(login.username)) if login and login.type == "basic" else None
        if login is None or known is None or not self._is_recent(date):
            raise _refusal("Unauthorized")
        digest = hmac.new(known.encode(), date.encode(), hashlib.sha1).digest()
        if not hmac.compare_digest(base64.b64encode(digest), str(login.password).encode()):
            raise _refusal("Unauthorized")
        child = request.headers.get("On-Behalf-Of")
        if child is not None and child not in self.children:
            raise _refusal("NotAuthorized")

    def _is_recent(self, date: str) -> bool:
        try:
            sent = parsedate_to_datetime(date)
            moment = sent.replace(tzinfo=sent.tzinfo or timezone.utc).timestamp()
        except (ValueError, OverflowError):
            return False
        return abs(moment - self.now()) <= self.tolerance

    def _check_admin(self, request: Request) -> str:
        user = str(request.authorization.username) if request.authorization else ""
        if user not in self.admins:
            raise _refusal("NotAuthorized")
        return user

    def _customer(self, request: Request) -> Customer:
        child = request.headers.get("On-Behalf-Of")
        return self.own if child is None else self.customers.setdefault(child, Customer())

    def _timestamp(self) -> str:
        return datetime.fromtimestamp(self.now(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    # Image pull secrets

    def _create_secret(self, request: Request) -> Response:
        customer = self._customer(request)
        body = _read_texts(request, "name", "description", "registry", "username", "password")
        _require(body, "name", "registry", "username", "password")
        if not _SECRET_NAME.fullmatch(body["name"]):
            raise _refusal("InvalidSecretName")
        if body["registry"] == OWN_REGISTRY:
            raise _refusal("RegistryNotAllowed")
        if any(secret.name == body["name"] for secret in customer.secrets.values()):
            raise _refusal("SecretNameExists")
        secret = self._add_secret(customer, PullSecret(str(uuid.uuid4()), **body, user=None))
        return empty_response(201, {"Location": f"{self.url}{SECRETS}/{secret.identity}"})

    def _add_secret(self, customer: Customer, secret: PullSecret) -> PullSecret:
        secret.created = secret.updated = self._timestamp()
        customer.secrets[secret.identity] = secret
        return secret

    def _list_secrets(self, request: Request) -> Response:
        wanted = request.args.get("searchString", "")
        found = [secret for secret in self._customer(request).secrets.values() if wanted in secret.name]
        page = _page(request, found, default=100, maximum=200)
        return json_response({"ImagePullSecrets": [secret.listed() for secret in page], "totalCount": len(found)})

    def _get_secret(self, request: Request, identity: str) -> Response:
        return json_response(self._find_secret(request, identity).shown())

    def _update_secret(self, request: Request, identity: str) -> Response:
        secret = self._find_secret(request, identity)
        body = _read_texts(request, "description", "username", "password")  # name and registry are ignored
        if secret.user is not None:
            raise _refusal("UpdateManagedSecretNotAllowed")
        for name, value in body.items():
            setattr(secret, name, value)
        secret.updated = self._timestamp()
        return json_response(secret.shown())

    def _delete_secret(self, request: Request, identity: str) -> Response:
        secret = self._find_secret(request, identity)
        if secret.user is not None:
            raise _refusal("DeleteManagedSecretNotAllowed")
        if secret.name in self.in_use:
            raise _refusal("SecretBeingUsed")
        del self._customer(request).secrets[identity]
        return empty_response(204)

    def _find_secret(self, request: Request, identity: str) -> PullSecret:
        secret = self._customer(request).secrets.get(identity)
        if secret is None:
            raise _refusal("SecretNotFound")
        return secret

    # Registry users, each with a managed secret of the same name

    def _list_users(self, request: Request) -> Response:
        wanted = request.args.get("searchString", "")
        found = [user for user in self._customer(request).users.values() if wanted in user.username]
        page = _page(request, found, default=10, maximum=100)
        return json_response({"users": [user.shown() for user in page], "totalCount": len(found)})

    def _create_user(self, request: Request) -> Response:
        admin = self._check_admin(request)
        customer = self._customer(request)
        body = read_object(request, "InvalidRequestBody")
        texts = _texts(body, "usernamePrefix", "password", "email", "description")
        _require(texts, "usernamePrefix", "password", "email")
        prefix, email = texts["usernamePrefix"], texts["email"]
        if not _PREFIX.fullmatch(prefix):
            raise _refusal("InvalidUsernamePrefix")
        _check_password(texts["password"])
        _check_user_texts(texts)
        access = self._read_access(body)
        if any(user.prefix == prefix for user in customer.users.values()):
            raise _refusal("UsernamePrefixExists", prefix)
        _check_email_is_free(customer, email, None)
        username = f"{prefix}-{self._digits.randrange(10_000):04}"
        identity = next(self._user_ids)
        user = RegistryUser(
            identity, prefix, username, texts["password"], email, texts.get("description", ""), access, admin
        )
        user.created = user.updated = self._timestamp()
        customer.users[identity] = user
        description = f"Auto created for ECP registry user {username}"
        managed = PullSecret(str(uuid.uuid4()), username, OWN_REGISTRY, username, user.password, description, identity)
        self._add_secret(customer, managed)
        return empty_response(201, {"Location": f"{self.url}{USER}/{identity}"})

    def _get_user(self, request: Request, identity: str) -> Response:
        shown = self._find_user(request, identity).shown()
        for access in shown["projectsAccess"]:
            access["projectID"] = self.projects[access["project"]]
        return json_response(shown)

    def _update_user(self, request: Request, identity: str) -> Response:
        """Replace what a user has, as PUT does: a description or projects that are not given are removed."""
        self._check_admin(request)
        user = self._find_user(request, identity)
        body = read_object(request, "InvalidRequestBody")
        if "username" in body or "usernamePrefix" in body:
            raise _refusal("UpdateUsernameNotAllowed")
        texts = _texts(body, "email", "description")
        _check_user_texts(texts)
        access = self._read_access(body)
        _check_email_is_free(self._customer(request), texts.get("email", user.email), user.identity)
        user.email = texts.get("email", user.email)
        user.description = texts.get("description", "")
        user.access = access
        user.updated = self._timestamp()
        return json_response(user.shown())

    def _change_password(self, request: Request, identity: str) -> Response:
        self._check_admin(request)
        user = self._find_user(request, identity)
        texts = _read_texts(request, "password")
        _check_password(texts.get("password", ""))
        secret = self._customer(request).secret(user.username)
        user.password = secret.password = texts["password"]
        user.updated = secret.updated = self._timestamp()
        return empty_response(204)

    def _delete_user(self, request: Request, identity: str) -> Response:
        self._check_admin(request)
        user = self._find_user(request, identity)
        customer = self._customer(request)
        if user.username in self.in_use:
            raise _refusal("CredentialsBeingUsed")
        del customer.secrets[customer.secret(user.username).identity]
        del customer.users[user.identity]
        return empty_response(204)

    def _find_user(self, request: Request, identity: str) -> RegistryUser:
        number = int(identity) if re.fullmatch("[0-9]{1,18}", identity) else -1
        user = self._customer(request).users.get(number)
        if user is None:
            raise _refusal("UserNotFound")
        return user

    def _read_access(self, body: dict[str, Any]) -> dict[str, str]:
        items = body.get("projectsAccess", [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise _refusal("InvalidRequestBody")
        access: dict[str, str] = {}
        for item in items:
            texts = _texts(item, "project", "accessType")
            _require(texts, "project", "accessType")
            project, kind = texts["project"], texts["accessType"]
            if kind not in _ACCESS:
                raise _refusal("InvalidAccessType", kind)
            if project not in self.projects:
                raise _refusal("ProjectNotFound", project)
            if project in access:
                raise _refusal("RepeatedProjectName", project)
            access[project] = kind
        return access


def _read_texts(request: Request, *names: str) -> dict[str, str]:
    return _texts(read_object(request, "InvalidRequestBody"), *names)


def _texts(body: dict[str, Any], *names: str) -> dict[str, str]:
    """Return the fields that a body has; what else it has is ignored."""
    given = {name: body[name] for name in names if name in body}
    for value in given.values():
        if not isinstance(value, str):
            raise _refusal("InvalidRequestBody")
    return given


def _require(body: dict[str, str], *names: str) -> None:
    for name in names:
        if not body.get(name):
            raise _refusal("RequiredFieldMissing", name)


def _check_password(password: str) -> None:
    has_all = all(re.search(shape, password) for shape in ("[a-z]", "[A-Z]", "[0-9]"))
    if not 8 <= len(password) <= 20 or not has_all:
        raise _refusal("InvalidPassword")


def _check_user_texts(texts: dict[str, str]) -> None:
    if "email" in texts and not _EMAIL.fullmatch(texts["email"]):
        raise _refusal("InvalidEmailAddress")
    if len(texts.get("description", "")) > 20:
        raise _refusal("FieldValueTooLong", "description")


def _check_email_is_free(customer: Customer, email: str, identity: int | None) -> None:
    for user in customer.users.values():
        if user.email == email and user.identity != identity:
            raise _refusal("EmailAddressExists", email)


def _page(request: Request, found: Sequence[Any], *, default: int, maximum: int) -> Sequence[Any]:
    offset = request.args.get("offset", "0")
    limit = request.args.get("limit", str(default))
    if not re.fullmatch("[0-9]{1,18}", offset):
        raise _refusal("InvalidListOffset")
    if not re.fullmatch("[0-9]{1,18}", limit) or not 1 <= int(limit) <= maximum:
        raise _refusal("InvalidListLimit", str(maximum))
    return found[int(offset) : int(offset) + int(limit)]


@contextlib.contextmanager
def ecp(directory: Path | None = None) -> Iterator[Ecp]:
    """ECP on loopback, with an admin and another account; with a directory by TLS, its authority in ``ecp-ca.crt``."""
    server = Ecp()
    server.accounts.update({name: f"{name}-{uuid.uuid4().hex}$" for name in ("ecp-admin", "ecp-other")})
    server.admins.add("ecp-admin")
    with portal_on_loopback(server, "ecp", directory):
        yield server
