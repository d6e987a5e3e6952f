# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a Git credential, each checked and repaired for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .._dataclasses import dataclass
from .._errors import KeyringError
from .git_shapes import NUMBERS
from .key_opener import OPENER, KeyOpener
from .secret_values import check_secret_value
from .text_encoding import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from .ssh_key import SshKey


def check_part(part: str, text: str, option: str) -> str:
    """Return a part of a credential, checked by itself. Raise KeyringError, with the option, if it is invalid."""
    return PART_CHECKS[part](text, option)


def parse_app_key(text: str, option: str, opener: KeyOpener = OPENER) -> SshKey:
    """Return the private key of a GitHub App. Raise KeyringError, with the option, for one that no App has."""
    from .key_format import find_key_block, refuse_encrypted
    from .ssh_key import parse_private_key

    refuse_encrypted(find_key_block(text, option), option)
    key = parse_private_key(text, option, opener=opener)
    if key.algorithm != "RSA":
        raise KeyringError(
            f"{option} is an {key.algorithm} key.",
            "GitHub makes RSA keys for its Apps.",
            "Give the file that GitHub offered for download.",
            option=option,
        )
    return key


def _check_line(text: str, option: str) -> str:
    """Return a string of one line. A newline in it would be sent along, or break the file that a consumer writes."""
    check_secret_value(text, option)
    if not text.isprintable():
        raise KeyringError(
            f"{option} contains a newline or another control character.",
            "It would be a part of the credential.",
            "Remove it; the filter trim removes one at the end.",
            option=option,
        )
    return text


def _check_username(text: str, option: str) -> str:
    if ":" in text:
        raise KeyringError(
            f'{option} must not contain ":".',
            "HTTP splits user and password at the first colon (RFC 7617).",
            "Write the part before the colon, and the rest as https.password.",
            option=option,
        )
    return _check_line(text, option)


@dataclass(frozen=True)
class _AppSetting:
    """A check of a setting of a GitHub App. ``number_is`` says what a number in its place is."""

    pattern: str
    rule: str
    remedy: str
    number_is: str = ""

    def __call__(self, text: str, option: str) -> str:
        """Return the text. Raise KeyringError if it does not match the pattern."""
        check_secret_value(text, option)
        if not re.fullmatch(self.pattern, text):
            why = self.number_is if text.isdecimal() else ""
            raise KeyringError(f"{option} must be {self.rule}.", why, self.remedy, option=option)
        return text


@dataclass(frozen=True)
class _AppNumber:
    """A check of a number of a GitHub App; ``where`` is where GitHub shows it."""

    where: str

    def __call__(self, text: str, option: str) -> str:
        """Return the text. Raise KeyringError if it is not a number."""
        check_secret_value(text, option)
        if not re.fullmatch("[0-9]{1,20}", text):
            why = "A client ID, which begins with Iv, is another value." if text.startswith("Iv") else ""
            raise KeyringError(f"{option} must be a number.", why, self.where, option=option)
        return text


def _check_base_url(text: str, option: str) -> str:
    from .git_url import parse_git_url

    url = parse_git_url(text, option)
    if url.scheme == "ssh":
        raise KeyringError(
            f"{option} must begin with https://.",
            "",
            "Write it like https://github.example.com/api/v3.",
            option=option,
        )
    if url.user is not None:
        raise KeyringError(f"{option} must not have a user.", "", "Remove everything before the @.", option=option)
    return text


def _check_cookies(text: str, option: str) -> str:
    """Return the content of a cookie file with repaired newlines.

    curl and Git read Netscape's format, and lines as in an HTTP header.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    check_secret_value(text, option)
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    cookies = [line for line in lines if line.strip() and (line.startswith("#HttpOnly_") or not line.startswith("#"))]
    wrong = [line for line in cookies if line.count("\t") != 6 and not line.lower().startswith("set-cookie:")]
    if not cookies or wrong:
        raise KeyringError(
            f"{option} is not the content of a cookie file.",
            "Each line has seven fields with tabs between them; a path is not followed, and YAML may fold tabs.",
            "Read the file, such as with lookup('file', '~/.gitcookies').",
            option=option,
        )
    return "\n".join(lines) + "\n"


def _check_certificates(text: str, option: str) -> str:
    from .certificates import check_certificates

    return check_certificates(text, option)


def _unchecked(text: str, _option: str) -> str:
    return text


# The check of each part by itself. Keys are checked together with the parts that belong to them.
PART_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "private_key": _unchecked,
    "known_hosts": _unchecked,
    "client_key": _unchecked,
    "passphrase": _check_line,
    "username": _check_username,
    "password": _check_line,
    "bearer_token": _check_line,
    "ca_certificate": _check_certificates,
    "client_certificate": _check_certificates,
    "cookie_file": _check_cookies,
    **{part: _AppNumber(where) for part, where in NUMBERS.items()},
    "client_id": _AppSetting(
        r"(?![0-9]+$)[A-Za-z0-9._-]{1,100}",
        "a string such as Iv23abc",
        "The settings page of the GitHub App shows it.",
        "A number is the App ID.",
    ),
    "owner": _AppSetting(
        r"[A-Za-z0-9_-]{1,100}", "the name of an organization or user", "Leave out the URL and the repository."
    ),
    "base_url": _check_base_url,
}
