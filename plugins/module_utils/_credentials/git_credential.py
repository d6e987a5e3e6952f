# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git credential as a task gives it: each part checked and repaired, and all of them against the consumer's row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .._errors import KeyringError
from .certificates import check_certificates, check_client_pair
from .git_shapes import ALTERNATIVES, CredentialKind, Format, option_of
from .git_url import GitUrl, parse_git_url
from .key_opener import OPENER, KeyOpener
from .key_text import Form, find_key_block, refuse_encrypted
from .known_hosts import KnownHosts, hashed, parse_known_hosts, refuse_uncovered
from .material import check_material
from .ssh_key import READ_BY_OPENSSH, SshKey, convert_key, parse_private_key

Name = Callable[[str], str]

# They are of use together alone, whether they are a credential by themselves or go beside one.
_PAIR = ("client_certificate", "client_key")


@dataclass(frozen=True)
class GitCredential:
    """The parts of a credential, ready to be written; they need not be complete. ``key`` is the private SSH key."""

    kind: CredentialKind
    parts: Mapping[str, str] = field(repr=False)
    key: SshKey | None = None


def check_credential(
    row: Format,
    kind: CredentialKind,
    given: Mapping[str, str],
    url: GitUrl | None,
    *,
    convert: bool = False,
    place: str = "",
    opener: KeyOpener = OPENER,
) -> GitCredential:
    """The given parts, checked, repaired, and converted where that is allowed.

    ``place`` says where they were copied from; without it they are options. Raises KeyringError, naming the option, for
    a part that the consumer does not read, that is not what it should be, or that does not fit another or the URL.
    """

    def name(part: str) -> str:
        return f"The {part} of {place}" if place else option_of(kind, part)

    _refuse_unknown(row, kind, given, name)
    if url:
        _refuse_other_url(row, kind, url)
    _refuse_rivals(given, name)
    parts = {part: _CHECKS[part](text, name(part)) for part, text in given.items()}
    if kind == "ssh":
        return _check_ssh(row, parts, url, convert, name, opener)
    if kind == "https":
        _check_https(row, parts, name, opener)
    if kind == "github_app" and "private_key" in parts:
        parts["private_key"] = _check_app_key(row, parts["private_key"], name("private_key"), opener)
    return GitCredential(kind, parts)


def refuse_incomplete(row: Format, kind: CredentialKind, parts: Iterable[str]) -> None:
    """Raise KeyringError unless one of the ways in which this consumer takes this kind of credential is complete."""
    there = set(parts)
    ways = row.shapes[kind].required_sets
    complete = [way for way in (*ways, _PAIR) if there.issuperset(way)]
    loose = [way for way in (*ways, _PAIR) if there.intersection(way).difference(*complete)]
    if not loose and any(way in complete for way in ways):
        return
    nearest = max(loose or ways, key=lambda way: len(there.intersection(way)))
    missing = [option_of(kind, part) for part in nearest if part not in there]
    needed = ", or ".join(" with ".join(option_of(kind, part) for part in way) for way in ways)
    raise KeyringError(
        f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
        f"Format {row.name} needs {needed}.",
        "Give what is missing; with update_credentials=when_given a stored value is kept.",
        option=missing[0],
    )


def advise(row: Format, kind: CredentialKind, parts: Iterable[str], url: GitUrl | None) -> list[str]:
    """What is allowed and yet seldom meant, as sentences."""
    there = set(parts)
    recommended = row.shapes[kind].recommended
    warnings = [f"{option_of(kind, part)} is missing; {why}." for part, why in recommended.items() if part not in there]
    if url and url.scheme == "http":
        warnings.append("url begins with http://, so the credential travels without encryption.")
    if url and row.url_prefix and not url.path.endswith("/"):
        end = url.path or url.location
        warnings.append(f"url is compared as a text: it also covers names that only begin with {end}.")
    return warnings


def fit_key(
    key: SshKey,
    row: Format,
    option: str,
    *,
    passphrase: str | None,
    convert: bool,
    opener: KeyOpener = OPENER,
) -> SshKey:
    """The key as this consumer can read it: without its passphrase where it can not ask, in another form if allowed.

    Raises KeyringError for a form that it can not read.
    """
    unreadable = _unreadable(key, row)
    if unreadable and not convert:
        by_hand = row.reader == "PEM only" and key.algorithm != "Ed25519"
        raise KeyringError(
            f"{option} is an {key.algorithm} key in the format {key.form}, which format {row.name} does not read.",
            unreadable,
            f"Set ssh.convert=true{', or convert it with ssh-keygen -p -m PEM -f FILE' if by_hand else ''}.",
            option=option,
        )
    if unreadable:
        return convert_key(key, "PEM" if row.reader == "PEM only" else "OpenSSH", passphrase, opener)
    if key.encrypted and "passphrase" not in row.shapes["ssh"].keys:
        return convert_key(key, _family(key.form), passphrase, opener)
    return key


def _family(form: Form) -> Literal["PEM", "OpenSSH", "PKCS#8"]:
    """The name of a form for convert_key."""
    return "PEM" if form == "PKCS#1" or form == "SEC1" else form


def _unreadable(key: SshKey, row: Format) -> str | None:
    """Why the consumer can not read a key in this form, as a sentence; None where it can."""
    if row.reader == "PEM only" and key.form == "OpenSSH":
        return "It reads PEM only (PKCS#1, SEC1 or PKCS#8)."
    if row.reader == "OpenSSH" and key.form not in READ_BY_OPENSSH[key.algorithm]:
        return "The consumer hands the key to OpenSSH, of which many versions do not read that form."
    if key.encrypted and key.form == "PKCS#8" and "passphrase" in row.shapes["ssh"].keys and row.reader == "Go":
        return "Go's SSH library opens a passphrase only in the other formats."
    return None


def _check_ssh(
    row: Format, parts: dict[str, str], url: GitUrl | None, convert: bool, name: Name, opener: KeyOpener
) -> GitCredential:
    passphrase = parts.get("passphrase")
    key = None
    if "private_key" in parts:
        key = parse_private_key(parts["private_key"], name("private_key"), passphrase, opener)
        key = fit_key(key, row, name("private_key"), passphrase=passphrase, convert=convert, opener=opener)
        parts["private_key"] = key.text
    if "passphrase" in parts and not (key and key.encrypted):
        del parts["passphrase"]  # it has opened the key, and nothing is left to open
    if "known_hosts" in parts:
        hosts = parse_known_hosts(parts["known_hosts"], name("known_hosts"))
        _check_hosts(hosts, url, name("known_hosts"))
        parts["known_hosts"] = hosts.text
    return GitCredential("ssh", parts, key)


def _check_hosts(hosts: KnownHosts, url: GitUrl | None, option: str) -> None:
    if url:
        refuse_uncovered(hosts, url.host, url.port, option)
    elif hashed(hosts):
        raise KeyringError(
            f"{option} has hashed lines, of which nobody can tell the host.",
            "Whether they cover the repository can be seen only for a known URL.",
            "Give url, or lines with the host's name, as ssh-keyscan prints them.",
            option=option,
        )


def _refuse_unknown(row: Format, kind: CredentialKind, given: Iterable[str], name: Name) -> None:
    if kind not in row.shapes:
        why, known = row.reasons.get(kind, ""), _listed(row.shapes)
        raise KeyringError(f"Format {row.name} does not know {kind}.", why, f"It knows {known}.", option=kind)
    known_parts = row.shapes[kind].keys
    for part in given:
        if part not in known_parts and part != "passphrase":
            why = row.reasons.get(f"{kind}.{part}", "")
            known = _listed([option_of(kind, known) for known in known_parts if known != "public_key"])
            raise KeyringError(
                f"{name(part)} is not read by format {row.name}.", why, f"It reads {known}.", option=name(part)
            )


def _refuse_other_url(row: Format, kind: CredentialKind, url: GitUrl) -> None:
    if (url.scheme == "ssh") != (kind == "ssh"):
        wanted = "ssh://git@host/path or git@host:path" if kind == "ssh" else "https://host/path"
        raise KeyringError(
            f"url begins with {url.scheme}://, and the credential is {kind}."
            if not url.scp
            else f"url has the form git@host:path, and the credential is {kind}.",
            "One does not work with the other.",
            f"Write the URL like {wanted}, or give another credential.",
            option="url",
        )
    if url.scp and not row.url_scp:
        raise KeyringError(
            f"url has the form git@host:path, which format {row.name} refuses.",
            "",
            f"Write it as ssh://{url.user or 'git'}@{url.host}/{url.path.lstrip('/')}.",
            option="url",
        )
    if url.path.strip("/") and not row.url_path:
        raise KeyringError(
            f"url has a path, and format {row.name} takes only a host.",
            "The credential serves every repository on it.",
            f"Write {'git@' if kind == 'ssh' else url.scheme + '://'}{url.location}.",
            option="url",
        )
    if url.scheme == "http" and row.https_only:
        raise KeyringError(
            f"url begins with http://, and format {row.name} sends passwords only over https.", option="url"
        )


def replaced_by(parts: Iterable[str]) -> set[str]:
    """The parts of an earlier credential that do not go with these: what says the same, the passphrase of a key."""
    there = set(parts)
    sides = [pair for row in ALTERNATIVES for pair in (row, row[::-1])]
    replaced = {part for side, other in sides if there & side for part in other - there}
    return replaced | ({"passphrase"} - there if "private_key" in there else set())


def _refuse_rivals(parts: Mapping[str, str], name: Name) -> None:
    for one, other in ALTERNATIVES:
        both = [next((part for part in parts if part in side), None) for side in (one, other)]
        if both[0] and both[1]:
            raise KeyringError(
                f"{name(both[0])} and {name(both[1])} exclude each other.",
                "They are two ways to say the same.",
                "Keep one of them.",
                option=name(both[0]),
            )


def _check_https(row: Format, parts: dict[str, str], name: Name, opener: KeyOpener) -> None:
    """Refuse what breaks a file that the consumer writes, and a client certificate with another's key."""
    if "username" in parts and any(character in parts["username"] for character in row.not_in_username):
        raise KeyringError(
            f"{name('username')} has a character that breaks the file which {row.name} writes.",
            f"It must not contain {' '.join(row.not_in_username)}.",
            option=name("username"),
        )
    if all(part in parts for part in _PAIR):
        certificate, key = _PAIR
        texts = check_client_pair(parts[certificate], parts[key], name(certificate), name(key), opener)
        parts.update(zip(_PAIR, texts, strict=True))


def _check_app_key(row: Format, text: str, option: str, opener: KeyOpener) -> str:
    refuse_encrypted(find_key_block(text, option), option)
    key = parse_private_key(text, option, opener=opener)
    if key.algorithm != "RSA":
        raise KeyringError(
            f"{option} is an {key.algorithm} key.",
            "GitHub makes RSA keys for its Apps.",
            "Give the file that GitHub offered for download.",
            option=option,
        )
    if key.form in row.app_key_forms:
        return key.text
    return convert_key(key, _family(row.app_key_forms[0]), None, opener).text


def _check_line(text: str, option: str) -> str:
    """A text of one line; a line end in it would be sent along, or break the file that a consumer writes."""
    check_material(text, option)
    if not text.isprintable():
        raise KeyringError(
            f"{option} has a line end or another control character in it.",
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


def _check_pattern(pattern: re.Pattern[str], rule: str) -> Callable[[str, str], str]:
    def check(text: str, option: str) -> str:
        check_material(text, option)
        if not pattern.fullmatch(text):
            raise KeyringError(
                f"{option} must be {rule}.", "", "The settings page of the GitHub App shows it.", option=option
            )
        return text

    return check


def _check_base_url(text: str, option: str) -> str:
    url = parse_git_url(text, option)
    if url.scheme == "ssh":
        raise KeyringError(
            f"{option} must begin with https://.",
            "",
            "Write it like https://github.example.com/api/v3.",
            option=option,
        )
    return text


def _check_cookies(text: str, option: str) -> str:
    """The content of a cookie file as curl and git read it: Netscape's format, or lines as in an HTTP header."""
    check_material(text, option)
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    cookies = [line for line in lines if line.strip() and (line.startswith("#HttpOnly_") or not line.startswith("#"))]
    if not cookies or any(line.count("\t") != 6 and not line.lower().startswith("set-cookie:") for line in cookies):
        raise KeyringError(
            f"{option} is not the content of a cookie file.",
            "Each line has seven fields with tabs between them; a path is not followed, and YAML may fold tabs.",
            "Read the file, such as with lookup('file', '~/.gitcookies').",
            option=option,
        )
    return "\n".join(lines) + "\n"


def _unchecked(text: str, _option: str) -> str:
    return text


# A part to what checks it by itself. Keys are checked together with what belongs to them.
_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "private_key": _unchecked,
    "known_hosts": _unchecked,
    "client_key": _unchecked,
    "passphrase": _check_line,
    "username": _check_username,
    "password": _check_line,
    "bearer_token": _check_line,
    "ca_certificate": check_certificates,
    "client_certificate": check_certificates,
    "cookie_file": _check_cookies,
    "id": _check_pattern(re.compile(r"[0-9]{1,20}"), "a number"),
    "client_id": _check_pattern(re.compile(r"[A-Za-z0-9._-]{1,100}"), "a text such as Iv23abc"),
    "installation_id": _check_pattern(re.compile(r"[0-9]{1,20}"), "a number"),
    "owner": _check_pattern(re.compile(r"[A-Za-z0-9_-]{1,100}"), "the name of an organisation or user"),
    "base_url": _check_base_url,
}


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
