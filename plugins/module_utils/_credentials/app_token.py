# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option github_app_token: a GitHub App, and what the token that the task mints may do.

Facts: docs.github.com, "Generating an installation access token for a GitHub App", and the REST API of Apps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .git_credential import APP_TOKEN
from .git_hosts import NOT_GITHUB
from .git_parts import check_part, parse_app_key
from .git_url import GitUrl, parse_git_url

if TYPE_CHECKING:
    from .git_shapes import Format
    from .ssh_key import SshKey

# The user name that GitHub expects with such a token, and the seconds that one lasts.
TOKEN_USERNAME = "x-access-token"
TOKEN_LIFE = 3600

GITHUB_API = "https://api.github.com"

# The item of ``repositories`` for all of the installation, and how many others a request may have.
EVERY_REPOSITORY = "*"
MAX_REPOSITORIES = 500

# Each level includes those before it.
LEVELS = ("read", "write", "admin")

# GitHub adds this one to every token.
IMPLIED_PERMISSIONS: Mapping[str, str] = {"metadata": "read"}

_REPOSITORY_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PERMISSION_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

# Options of which exactly one is needed.
_CHOICES = (("client_id", "app_id"), ("owner", "installation_id"), ("private_key", "private_key_file"))


@dataclass(frozen=True)
class AppToken:
    """An installation token to be minted. ``issuer`` is the client ID or the ID of the App.

    One of ``installation_id`` and ``owner`` is not empty. Without ``repositories`` the token is for all of the
    installation. ``api`` is the URL of GitHub's API, without a slash at its end.
    """

    issuer: str
    key: SshKey = field(repr=False)
    installation_id: str
    owner: str
    repositories: tuple[str, ...]
    permissions: Mapping[str, str]
    api: str

    @property
    def option(self) -> str:
        """Return the name of the option."""
        return APP_TOKEN

    @property
    def username(self) -> str:
        """Return the user name of the token."""
        return TOKEN_USERNAME

    @property
    def life(self) -> int:
        """Return the seconds that the token lasts at most."""
        return TOKEN_LIFE

    @property
    def server(self) -> str:
        """Return the Git server that takes the token, with its port if the API has one."""
        return git_server(parse_git_url(self.api, f"{APP_TOKEN}.base_url"))

    @property
    def scope(self) -> str:
        """Return what the token is for, as JSON. A stored token for something else is replaced."""
        asked = {
            "api": self.api,
            "app": self.issuer,
            "installation": self.installation_id or self.owner.lower(),
            "permissions": self.permissions,
            "repositories": [name.lower() for name in self.repositories] or [EVERY_REPOSITORY],
        }
        return json.dumps(asked, sort_keys=True, separators=(",", ":"))


def git_server(api: GitUrl) -> str:
    """Return the Git server of an API: github.com of api.github.com, and that of an Enterprise Server itself."""
    return api.location.removeprefix("api.")


def parse_app_token(given: Mapping[str, Any], private_key: str) -> AppToken:
    """Parse the option; the key has been read from its file.

    Raise KeyringError, with the full name of the option, for what GitHub would refuse, and for a value in the place of
    another.
    """
    check_choices(given)
    parts: dict[str, str] = {}
    for name, part in (
        ("client_id", "client_id"),
        ("app_id", "id"),
        ("installation_id", "installation_id"),
        ("owner", "owner"),
        ("base_url", "base_url"),
    ):
        if given[name] is not None:
            parts[name] = check_part(part, given[name], f"{APP_TOKEN}.{name}")
    return AppToken(
        issuer=parts.get("client_id") or parts["app_id"],
        key=parse_app_key(private_key, f"{APP_TOKEN}.private_key"),
        installation_id=parts.get("installation_id", ""),
        owner=parts.get("owner", ""),
        repositories=_parse_repositories(given["repositories"]),
        permissions=_parse_permissions(given["permissions"]),
        api=_parse_api(parts["base_url"]) if "base_url" in parts else GITHUB_API,
    )


def check_choices(given: Mapping[str, Any]) -> None:
    """Raise KeyringError unless exactly one of the options that stand for each other is given."""
    for one, other in _CHOICES:
        if given[one] is not None and given[other] is not None:
            raise KeyringError(
                f"{APP_TOKEN}.{one} and {APP_TOKEN}.{other} exclude each other.",
                "Both set the same value.",
                "Keep one of them.",
                option=f"{APP_TOKEN}.{other}",
            )
        if given[one] is None and given[other] is None:
            raise KeyringError(
                f"{APP_TOKEN}.{one} is missing.",
                "Without it, GitHub gives no token.",
                f"Give it, or {APP_TOKEN}.{other}.",
                option=f"{APP_TOKEN}.{one}",
            )


def refuse_other_server(token: AppToken, url: GitUrl | None, option: str = "url") -> None:
    """Raise KeyringError if the repository in ``option`` is on another server than the one that takes the token."""
    if url is None:
        return
    api = parse_git_url(token.api, f"{APP_TOKEN}.base_url")
    if url.host in (api.host, api.host.removeprefix("api.")):
        return
    is_elsewhere = url.host in NOT_GITHUB
    if is_elsewhere:
        remedy = f"Give a token of that server as https.password, or correct {option}."
    else:
        example = f"https://{url.host}/api/v3"
        remedy = f"Set {APP_TOKEN}.base_url to the API of the server, such as {example}, or correct {option}."
    raise KeyringError(
        f"{option} is on {url.host}, and {APP_TOKEN} mints a token for {token.server}.",
        f"The server of {option} does not know that token.",
        remedy,
        option=option if is_elsewhere else f"{APP_TOKEN}.base_url",
    )


def warn_better_choice(row: Format) -> list[str]:
    """Return a warning if the consumer takes the App itself, and so needs no task that renews a token."""
    if "github_app" not in row.shapes:
        return []
    return [
        (
            f"Format {row.name} takes a GitHub App itself: with github_app, the consumer makes its own tokens. "
            f"The token of {APP_TOKEN} expires after an hour, and only another run of this task renews it."
        )
    ]


def _parse_repositories(given: Sequence[str]) -> tuple[str, ...]:
    """Return the names without double ones, sorted; none for all repositories of the installation."""
    option = f"{APP_TOKEN}.repositories"
    if not given:
        raise KeyringError(
            f"{option} is empty.",
            "Without names, GitHub gives a token for all repositories of the installation.",
            "List the repositories, or write ['*'] for all of them.",
            option=option,
        )
    if list(given) == [EVERY_REPOSITORY]:
        return ()
    for index, name in enumerate(given):
        _check_repository(name, f"{option}[{index}]")
    names = sorted({name.lower(): name for name in given}.values(), key=str.lower)
    if len(names) > MAX_REPOSITORIES:
        raise KeyringError(
            f"{option} has {len(names)} names.",
            f"GitHub takes at most {MAX_REPOSITORIES}.",
            "List fewer, or write ['*'] for all repositories of the installation.",
            option=option,
        )
    return tuple(names)


def _check_repository(name: str, option: str) -> None:
    if _REPOSITORY_NAME.fullmatch(name):
        return
    remedy = "Write it like app; ['*'] alone stands for all repositories of the installation."
    if "/" in name:
        remedy = "Write only what follows the last slash. The owner is that of the installation."
    raise KeyringError(f"{option} is not the name of a repository.", "", remedy, option=option)


def _parse_permissions(given: Mapping[str, str]) -> Mapping[str, str]:
    option = f"{APP_TOKEN}.permissions"
    if not given:
        raise KeyringError(
            f"{option} is empty.",
            "Without permissions, GitHub gives a token with all those of the App.",
            "List them, or leave the option out for contents: read.",
            option=option,
        )
    for name, level in given.items():
        if not _PERMISSION_NAME.fullmatch(str(name)):
            raise KeyringError(
                f"{option} has a name that no permission of a GitHub App has.",
                "",
                "Write it like contents or pull_requests.",
                option=option,
            )
        if level not in LEVELS:
            raise KeyringError(
                f"{option}.{name} must be one of {', '.join(LEVELS)}.",
                "",
                "A permission that is not listed is not given.",
                option=f"{option}.{name}",
            )
    return dict(sorted(given.items()))


def _parse_api(text: str) -> str:
    """Return the URL of the API. Raise KeyringError for one that is not encrypted, and for that of the website."""
    option = f"{APP_TOKEN}.base_url"
    url = parse_git_url(text, option)
    if url.scheme != "https" and url.host not in _LOOPBACK:
        raise KeyringError(
            f"{option} must begin with https://.",
            "Without encryption, the token could be read on its way.",
            f"Write it like https://{url.host}/api/v3.",
            option=option,
        )
    path = url.path.rstrip("/")
    if path.endswith("/api/v3") or (url.host.startswith("api.") and not path):
        return f"{url.scheme}://{url.location}{path}"
    remedy = f"Write https://{url.location}/api/v3."
    if url.host in ("github.com", "www.github.com"):
        remedy = "Leave it out for github.com."
    elif url.host.endswith(".ghe.com"):
        remedy = f"Write https://api.{url.host}."
    raise KeyringError(
        f"{option} is not the URL of an API of GitHub.",
        "That of an Enterprise Server ends with /api/v3, and that on ghe.com begins with api.",
        remedy,
        option=option,
    )


def find_excess(asked: AppToken, permissions: Mapping[str, Any], repositories: Iterable[str] | None) -> list[str]:
    """Return what a token has beyond what was asked for, in words.

    ``repositories`` are the names of those that it is for, None for all of the installation.
    """
    excess: list[str] = []
    others = 0
    for name, level in sorted(permissions.items()):
        allowed = asked.permissions.get(name, IMPLIED_PERMISSIONS.get(name))
        if level in LEVELS and allowed in LEVELS and LEVELS.index(level) <= LEVELS.index(allowed):
            continue
        if _PERMISSION_NAME.fullmatch(name) and level in LEVELS:
            excess.append(f"{name}: {level}")
        else:
            others += 1
    if others:
        excess.append(f"{others} unknown permissions")
    if asked.repositories and repositories is None:
        excess.append("all repositories of the installation")
    elif asked.repositories and repositories is not None:
        more = {name.lower() for name in repositories} - {name.lower() for name in asked.repositories}
        if more:
            excess.append(f"{len(more)} other repositories")
    return excess
