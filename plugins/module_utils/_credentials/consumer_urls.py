# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the consumer of a Git credential, and the server, make of its URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .._errors import KeyringError
from .git_hosts import GitHost
from .git_shapes import CredentialKind, Format

if TYPE_CHECKING:
    from .git_url import GitUrl


def advise_url(row: Format, parts: Mapping[str, str], url: GitUrl) -> list[str]:
    """Return warnings about a URL that the consumer takes in another way than people expect."""
    warnings = []
    if url.scheme == "http":
        needed = f" {row.name} sends it only with {row.http_setting}." if row.http_setting else ""
        warnings.append(f"url begins with http://, so the credential travels without encryption.{needed}")
    if url.port_in_path is not None:
        warnings.append(
            f"url has no port: in the form git@host:path, git reads {url.port_in_path} as a folder. If it is the port, "
            f"write {url.ssh_url}."
        )
    if url.scheme != "ssh" and url.user and parts.get("username", url.user_name) != url.user_name:
        warnings.append(
            "url has another user than https.username. git asks for the password of the user in the URL; remove it "
            "there, or write the same one."
        )
    if row.url_prefix and not url.path.endswith("/"):
        end = url.path or url.location
        warnings.append(f"url is compared as a string, so it also covers names that only begin with {end}.")
    if row.url_exact and url.path.endswith("/"):
        warnings.append(f"url ends with a slash; for {row.name}, the URL without it is another repository.")
    if row.url_exact and url.has_default_port:
        warnings.append(f"url has the port {url.port}; for {row.name}, the URL without it is another repository.")
    return warnings


def advise_ssh_user(host: GitHost, url: GitUrl) -> list[str]:
    """Return a warning about a URL without the user that a public Git server needs."""
    if not host.ssh_user or (url.user or "").startswith(host.ssh_user):
        return []
    return [
        f"url has no user that begins with {host.ssh_user}. For SSH, {host.name} needs the ID of {host.ssh_user_is} "
        "there."
    ]


def refuse_other_url(row: Format, kind: CredentialKind, url: GitUrl, option: str) -> None:
    """Raise KeyringError, with ``option``, for a URL that does not fit the kind of credential or the consumer."""
    if (url.scheme == "ssh") != (kind == "ssh"):
        wanted = "ssh://git@host/path or git@host:path" if kind == "ssh" else "https://host/path"
        given = "has the form git@host:path" if url.scp else f"begins with {url.scheme}://"
        raise KeyringError(
            f"{option} {given}, and the credential is {kind}.",
            "One does not work with the other.",
            f"Write the URL like {wanted}, or give another credential.",
            option=option,
        )
    if url.scp and not row.url_scp:
        raise KeyringError(
            f"{option} has the form git@host:path, which format {row.name} refuses.",
            "",
            f"Write it as {url.ssh_url}.",
            option=option,
        )
    if kind == "ssh" and row.url_user and url.user is None:
        raise KeyringError(
            f"{option} has no user, and format {row.name} needs one.",
            "Argo CD takes a URL for one of SSH only if a user is in it, and otherwise does not use the key.",
            f"Write {url.ssh_url}.",
            option=option,
        )
    if url.path.strip("/") and not row.url_path:
        start = "git@" if kind == "ssh" else f"{url.scheme}://"
        raise KeyringError(
            f"{option} has a path, and format {row.name} takes only a host.",
            "The credential serves every repository on it.",
            f"Write {start}{url.location}.",
            option=option,
        )
    if url.scheme == "http" and row.http == "refused":
        raise KeyringError(
            f"{option} begins with http://, and format {row.name} sends passwords only over https.", option=option
        )


def refuse_user(row: Format, given: Mapping[str, str], url: GitUrl) -> None:
    """Raise KeyringError for a user in an HTTPS URL that is a secret of the task, or excluded by its bearer token."""
    if url.scheme == "ssh" or url.user is None:
        return
    if url.user_name in (given.get("password"), given.get("bearer_token")):
        raise KeyringError(
            "url has the password or token of the task before the @.",
            "Everything in a URL is visible wherever the URL is shown.",
            "Remove everything before the @.",
            option="url",
        )
    if "bearer_token" in given and not row.bearer_with_user:
        raise KeyringError(
            "url has a user, and the credential is https.bearer_token.",
            f"Format {row.name} takes the user for that of a password, and refuses both together.",
            "Remove everything before the @.",
            option="url",
        )
