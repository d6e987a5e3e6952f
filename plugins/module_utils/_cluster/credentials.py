# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials of a request: the user of a kubeconfig, renewed where they expire.

Sources: client-go 0.36, transport/round_trippers.go and transport/token_source.go.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Protocol
from urllib.parse import quote

from .._credentials.secret_values import is_path
from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .client_certificate import ClientCertificate
from .kubeconfig import read_file
from .kubeconfig_entries import Place, UserEntry

# As long as client-go uses what it has read from the file of a token.
_TOKEN_FILE_SECONDS = 50.0

# What a header name may have beside letters and digits; client-go escapes all else, and the percent sign.
_SAFE_IN_HEADER_NAME = "!#$&'*+-.^_`|~"


class Credentials(Protocol):
    """The proof of an identity that a request shows to the API server.

    ``certificate`` is for the TLS connection. ``authorization`` returns the value of the header of that name, or None;
    it may read a file or run a program, and raises KeyringError when that fails. ``secrets`` are all secret strings
    that were met so far.
    """

    @property
    def certificate(self) -> ClientCertificate | None: ...

    def authorization(self) -> str | None: ...

    def secrets(self) -> Collection[str]: ...


@dataclass(frozen=True)
class FixedCredentials:
    """Credentials that stay as they are: a token, a user name with a password, a certificate, or nothing."""

    certificate: ClientCertificate | None = None
    header: str | None = field(default=None, repr=False)

    def authorization(self) -> str | None:
        return self.header

    def secrets(self) -> Collection[str]:
        return [self.header.partition(" ")[2]] if self.header else []


class TokenFile:
    """A token in a file that another program renews, such as the kubelet.

    ``fallback`` is the token to use while the file cannot be read; empty for none.
    """

    def __init__(
        self, user: UserEntry, certificate: ClientCertificate | None, files: Mapping[str, bytes], fallback: str
    ) -> None:
        self.certificate = certificate
        self._user, self._files, self._fallback = user, files, fallback
        self._lock = threading.Lock()
        self._token, self._read_at = "", 0.0
        self._met = {fallback}

    def authorization(self) -> str | None:
        with self._lock:
            if not self._token or time.monotonic() - self._read_at > _TOKEN_FILE_SECONDS:
                self._token, self._read_at = self._read_token(), time.monotonic()
                self._met.add(self._token)
            return bearer(self._token, f"{self._user.place.path}.tokenFile of {self._user.place.source}")

    def secrets(self) -> Collection[str]:
        return [secret for secret in self._met if secret]

    def _read_token(self) -> str:
        place = self._user.place
        path = place.resolve(self._user.token_file)
        try:
            token = read_file(path, self._files).decode(errors="replace").strip()
        except OSError as error:
            if self._fallback or self._token:
                return self._fallback or self._token
            raise unreadable(place, "tokenFile", self._user.token_file, error) from None
        if not token and not self._fallback:
            raise place.error("tokenFile", "names a file that is empty.", failure="unreadable_file")
        return token or self._fallback


def unreadable(place: Place, name: str, path: str, error: OSError) -> KeyringError:
    """Return the error about a file that a field of a kubeconfig names and that cannot be read.

    The path is shown where it is plainly one: the content of the file may be in its place.
    """
    named = f"names {place.resolve(path)}, which" if is_path(path) else "names a file that"
    return place.error(
        name,
        f"{named} cannot be read: {error.strerror}.",
        "",
        "Check the path; a relative one is relative to the folder of the kubeconfig.",
        failure="unreadable_file",
    )


def clean_token(token: str, label: str, *, failure: FailureId = "invalid_kubeconfig", option: str | None = None) -> str:
    """Return a token without whitespace around it: files commonly end with a newline.

    Raises KeyringError, in which ``label`` names it, for what cannot be a token.
    """
    text = token.strip()
    if re.match(r"(?i)(bearer|basic|token)\s", text):
        raise KeyringError(
            f"{label} begins with the name of an authentication scheme.",
            "It is the value of a header, and not a token alone.",
            "Give what is behind the first space.",
            failure=failure,
            option=option,
        )
    if not re.fullmatch(r"[!-~]+", text):
        raise KeyringError(
            f"{label} has whitespace or a character that HTTP cannot carry in a header.",
            "A token consists of printable ASCII characters.",
            "Check the variable or the file behind it.",
            failure=failure,
            option=option,
        )
    return text


def bearer(token: str, label: str, *, failure: FailureId = "invalid_kubeconfig") -> str:
    """Return the header for a token. Raises KeyringError as clean_token does."""
    return f"Bearer {clean_token(token, label, failure=failure)}"


def basic(username: str, password: str) -> str:
    """Return the header for a user name and a password, which are encoded as UTF-8."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode(errors="surrogateescape")).decode()


def find_certificate(user: UserEntry, files: Mapping[str, bytes]) -> ClientCertificate | None:
    """Return the client certificate of a user with its key. Raises KeyringError for a file that cannot be read."""
    if user.certificate:
        return user.certificate
    if not user.client_certificate and not user.client_certificate_data:
        return None
    certificate = user.client_certificate_data or _read_user_file(
        user, "client-certificate", user.client_certificate, files
    )
    key = user.client_key_data or _read_user_file(user, "client-key", user.client_key, files)
    label = f"client-certificate and client-key of {user.place.path}, {user.place.source}"
    return ClientCertificate(certificate, key, label)


def _read_user_file(user: UserEntry, name: str, path: str, files: Mapping[str, bytes]) -> bytes:
    absolute = user.place.resolve(path)
    try:
        return read_file(absolute, files)
    except OSError as error:
        raise unreadable(user.place, name, path, error) from None


def impersonation_headers(user: UserEntry) -> list[tuple[str, str]]:
    """Return the headers that make a request act as another user, as kubectl sends them.

    Raises KeyringError for a value that HTTP cannot carry.
    """
    if not user.impersonate:
        return []
    headers = [("Impersonate-User", user.impersonate)]
    if user.impersonate_uid:
        headers.append(("Impersonate-Uid", user.impersonate_uid))
    headers += [("Impersonate-Group", group) for group in user.impersonate_groups]
    for key, values in user.impersonate_extra.items():
        name = f"Impersonate-Extra-{quote(key, safe=_SAFE_IN_HEADER_NAME)}"
        headers += [(name, value) for value in values]
    if not all(fits_header(value) for _name, value in headers):
        raise user.place.error("as", "has a control character.", "HTTP cannot carry it in a header.")
    # Go sends the bytes of UTF-8; http.client takes a string as Latin-1.
    return [(name, value.encode(errors="surrogateescape").decode("latin-1")) for name, value in headers]


def fits_header(value: str) -> bool:
    """Return whether HTTP can carry a string as the value of a header."""
    return not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)


def known_secrets(user: UserEntry) -> Sequence[str]:
    """Return the secret strings of a user of a kubeconfig.

    The variables of a credential plugin are left out: most are names of profiles and regions, and none is ever shown.
    """
    secrets = [user.token, user.password, user.client_key_data.decode(errors="replace")]
    if user.auth_provider:
        provider = user.auth_provider.config
        secrets += [provider.get(name, "") for name in _SECRET_SETTINGS]
    return [secret for secret in secrets if secret]


_SECRET_SETTINGS = ("id-token", "refresh-token", "access-token", "client-secret")
