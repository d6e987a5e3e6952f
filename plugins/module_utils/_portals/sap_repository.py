# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git repositories of SAP AI Core: what one may be called, where it may be, and what a task does with it.

Sources: AI Core API 2.42, BckndArgoCDRepositoryData and BckndArgoCDRepositoryDetails; SAP AI Core documentation, "Add a
Git Repository". Reads return the name, the URL and a status, and never the user name and the password.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from .._credentials.git_url import parse_git_url, public_url
from .._credentials.secret_values import EDGE_BLANK, check_secret_value, has_edge_blank, public_username
from .._credentials.token_shapes import find_maker
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.view import Hidden, render_views
from .sap_names import is_plain_name
from .strange_document import StrangeDocument

if TYPE_CHECKING:
    from .._credentials.git_url import GitUrl

RepositoryStatus = Literal["ERROR", "IN-PROGRESS", "COMPLETED"]
RepositoryOperation = Literal["created", "updated", "recreated", "kept", "deleted", "unchanged"]
RepositoryUpdate = Literal["always", "on_create"]

_REPOSITORY_STATUSES: tuple[RepositoryStatus, ...] = get_args(RepositoryStatus)
_FINAL_STATUSES = ("ERROR", "COMPLETED")
_SAP_REPOSITORY_NAME = re.compile(r"[a-z0-9-]{1,51}")
# The characters that SAP's documentation allows in a URL, in the names of a path.
_SAP_REPOSITORY_PATH = re.compile(r"(?:/[A-Za-z0-9._%-]+)+/?")

_NOT_SHOWN_BY_SAP = "<not returned>"

# The seconds after which the status of an updated repository counts, although it was never seen to change.
SETTLING = 5.0

# Public Git servers, and who makes their tokens.
_MAKERS_OF_HOST: Mapping[str, tuple[str, ...]] = {
    "github.com": ("GitHub",),
    "gitlab.com": ("GitLab",),
    "bitbucket.org": ("Atlassian",),
    "codeberg.org": (),
    "dev.azure.com": (),
}
_GIT_MAKERS = ("GitHub", "GitLab", "Atlassian")


@dataclass(frozen=True)
class SapRepository:
    """A repository as the API shows it. ``status`` is None for one that this collection does not know."""

    name: str
    url: str = field(repr=False)
    status: RepositoryStatus | None

    def describe(self) -> dict[str, str | None]:
        """Return the repository as results show it."""
        return {"name": self.name, "url": public_url(self.url), "status": self.status}


@dataclass(frozen=True)
class WantedRepository:
    """A repository as the options of a task describe it."""

    name: str
    url: str
    username: str
    password: str = field(repr=False)

    @property
    def credentials(self) -> dict[str, str]:
        """Return the part that can be updated, as the API takes it."""
        return {"username": self.username, "password": self.password}


def check_repository_name(name: str) -> str:
    """Return the name of a repository. Raise KeyringError for one that SAP AI Core does not accept."""
    if not _SAP_REPOSITORY_NAME.fullmatch(name):
        raise KeyringError(
            "name is not a name that a Git repository of SAP AI Core can have.",
            "It has 1 to 51 characters, which are lower-case letters, digits and hyphens.",
            "Correct the name.",
            option="name",
        )
    return name


@dataclass(frozen=True)
class _UrlRule:
    """A URL that SAP AI Core does not take: the condition, what is wrong, why, and how to fix it."""

    applies: Callable[[GitUrl], object]
    what: str
    why: str
    remedy: str


_SUFFIX = "Add .git to the end of the path."
_URL_RULES = (
    _UrlRule(
        lambda url: url.scheme == "ssh",
        "is the URL of a repository over SSH",
        "SAP AI Core takes a user name and a personal access token, and no SSH key.",
        'Write the URL like "https://github.com/team/app".',
    ),
    _UrlRule(
        lambda url: url.scheme == "http",
        "begins with http://",
        "SAP AI Core would send the personal access token without encryption.",
        "Write https:// in its place.",
    ),
    _UrlRule(
        lambda url: url.user is not None,
        "has a user before the @",
        "The user name is an option of its own, and SAP AI Core shows the URL to everyone who may read it.",
        "Remove everything before the @, and give it as username.",
    ),
    _UrlRule(
        lambda url: _is_address(url.host),
        "has an IP address in place of a host name",
        "SAP AI Core accepts only host names.",
        "Write the name of the Git server.",
    ),
    _UrlRule(
        lambda url: not url.path.strip("/"),
        "has no path",
        "SAP AI Core reads one repository, not all of a server.",
        "Write the URL of the repository.",
    ),
    _UrlRule(
        lambda url: not _SAP_REPOSITORY_PATH.fullmatch(url.path),
        "has characters in its path that SAP AI Core does not accept",
        'It accepts ASCII letters, digits, ".", "-", "_" and "%".',
        "Encode other characters with %.",
    ),
    _UrlRule(
        lambda url: url.host == "gitlab.com" and not _has_git_suffix(url),
        "does not end with .git",
        "SAP AI Core does not find a repository of GitLab without it.",
        _SUFFIX,
    ),
)


def parse_repository_url(text: str) -> GitUrl:
    """Parse the option url. Raises KeyringError for a URL that SAP AI Core cannot use."""
    url = parse_git_url(text, "url")
    for rule in _URL_RULES:
        if rule.applies(url):
            raise KeyringError(f"url {rule.what}.", rule.why, rule.remedy, option="url")
    return url


def check_repository_login(username: str, password: str) -> None:
    """Raise KeyringError for a user name or a password that no Git server can accept."""
    for option, text in (("username", username), ("password", password)):
        check_secret_value(text, option, optional=False)
        if not text.isprintable():
            raise KeyringError(
                f"{option} contains a newline or another control character.",
                "It would be a part of the credential.",
                "Remove it; the filter trim removes one at the end.",
                option=option,
            )
    if ":" in username:
        raise KeyringError(
            'username must not contain ":".',
            "HTTP splits user and password at the first colon (RFC 7617).",
            "Write the part before the colon, and the rest as password.",
            option="username",
        )


def advise_repository(url: GitUrl, password: str) -> list[str]:
    """Return warnings about a repository that is allowed and rarely intended."""
    warnings: list[str] = []
    if "." not in url.host:
        warnings.append("url has a host without a domain. SAP AI Core reaches only Git servers on the internet.")
    if url.host != "gitlab.com" and "gitlab" in url.host and not _has_git_suffix(url):
        warnings.append(
            f"url does not end with .git. If its server is GitLab, SAP AI Core does not find the repository. {_SUFFIX}"
        )
    maker = find_maker(password)
    if maker and maker not in _MAKERS_OF_HOST.get(url.host, _GIT_MAKERS):
        warnings.append(
            f"password is a token of {maker}. The server of url does not know it. Check which variable is behind it."
        )
    if has_edge_blank(password):
        warnings.append(f"password: {EDGE_BLANK}")
    return warnings


def parse_repository(document: Any) -> SapRepository:
    """Return a repository of an answer, whose name may be any text. Raises StrangeDocument for another value."""
    if not isinstance(document, Mapping):
        raise StrangeDocument("A Git repository is not a JSON object.")
    name, url, status = (document.get(key) for key in ("name", "url", "status"))
    if not isinstance(name, str) or not isinstance(url, str):
        raise StrangeDocument("A Git repository has no name or no URL.")
    return SapRepository(name, url, status if status in _REPOSITORY_STATUSES else None)


def is_same_repository(url: str, other: str) -> bool:
    """Return whether two URLs surely are those of one repository.

    Scheme and host count regardless of case, and neither the default port nor a slash at the end counts. Everything
    else does, so a URL with user information is another one.
    """
    return url == other or _comparable_url(url) == _comparable_url(other)


def refuse_taken_url(wanted: WantedRepository, existing: Sequence[SapRepository]) -> None:
    """Raise KeyringError if a repository of another name has the wanted URL."""
    for other in existing:
        if other.name == wanted.name or not is_same_repository(wanted.url, other.url):
            continue
        owner = f"Git repository {other.name}" if is_plain_name(other.name) else "a Git repository with another name"
        raise KeyringError(
            f"The URL of Git repository {wanted.name} belongs to {owner} already.",
            "SAP AI Core has no two repositories with the same URL. Nothing was changed.",
            "Use the name of that repository, or delete it first.",
            failure="conflict",
            option="url",
        )


def plan_repository(
    wanted: WantedRepository,
    found: SapRepository | None,
    update: RepositoryUpdate,
    *,
    recreate: bool,
    is_unsure: bool = False,
) -> RepositoryOperation:
    """Return what makes a repository present.

    ``is_unsure`` is true if this task has sent the repository before, and does not know whether it was stored. Raises
    KeyringError for one that has another URL and must not be recreated.
    """
    if found is None:
        return "created"
    if not is_same_repository(wanted.url, found.url):
        if recreate:
            return "recreated"
        raise _explain_other_url(wanted, found)
    return "updated" if update == "always" or is_unsure else "kept"


def view_repository_diff(
    name: str, wanted: WantedRepository | None, before: SapRepository | None, operation: RepositoryOperation
) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff, without secret data; both empty if nothing is written.

    ``wanted`` is None for a repository that must be absent. The stored credential is not known.
    """
    place = f"Git repository {name}"
    if operation in ("kept", "unchanged"):
        return render_views({}, {}, place)
    old: dict[str, Any] = {}
    if before:
        old = {"url": public_url(before.url), "username": _NOT_SHOWN_BY_SAP, "password": _NOT_SHOWN_BY_SAP}
    new: dict[str, Any] = {}
    if wanted:
        url = public_url(before.url) if before and operation == "updated" else wanted.url
        username = public_username(wanted.username, wanted.password)
        new = {"url": url, "username": username, "password": Hidden(wanted.password)}
    return render_views(old, new, place)


def has_status_moved(seen: Sequence[RepositoryStatus | None]) -> bool:
    """Return whether SAP AI Core has begun to try a credential, by the statuses before and since it was written.

    The answers have no time and no version. The end of IN-PROGRESS may be that of an earlier attempt.
    """
    for before, status in itertools.pairwise(seen):
        if status == "IN-PROGRESS" != before:
            return True
        if status in _FINAL_STATUSES and before in _FINAL_STATUSES and status != before:
            return True
    return False


def is_settled_status(status: RepositoryStatus | None, *, has_moved: bool, waited: float) -> bool:
    """Return whether a status is that of what was written, as far as that can be known.

    If it was not seen to move, it may be the earlier one. COMPLETED then counts after some seconds; ERROR, which would
    fail the task, does not.
    """
    if status not in _FINAL_STATUSES:
        return False
    return has_moved or (status == "COMPLETED" and waited >= SETTLING)


def _explain_other_url(wanted: WantedRepository, found: SapRepository) -> KeyringError:
    ours, theirs = public_url(wanted.url), public_url(found.url)
    has = f"has the URL {theirs}, not {ours}"
    if ours == theirs:
        has = f"has the URL {theirs} with parts that are not shown, such as a user"
    return KeyringError(
        f"Git repository {wanted.name} {has}.",
        "SAP AI Core cannot change the URL of a repository.",
        "Correct url, use another name, or set recreate=true and in_use=ignore to delete and create it.",
        failure="immutable",
        option="url",
    )


def _comparable_url(text: str) -> tuple[str, ...]:
    """Return the parts of a URL that decide whether two are the same."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return (text,)
    if parts.scheme != "https" or "@" in parts.netloc or parts.query or parts.fragment:
        return (text,)
    return (parts.hostname or "", str(port or 443), parts.path.rstrip("/"))


def _has_git_suffix(url: GitUrl) -> bool:
    return url.path.rstrip("/").endswith(".git")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
