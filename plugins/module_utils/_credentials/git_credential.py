# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git credential of a task, checked against the consumer's row as a whole; its parts are checked in git_parts.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError, MissingCredential
from .consumer_urls import advise_ssh_user, advise_url, refuse_other_url, refuse_user
from .git_hosts import NO_BEARER, NO_BEARER_SOURCE, GitHost, find_git_host
from .git_parts import PART_CHECKS, parse_app_key
from .git_shapes import ALTERNATIVES, CLOUD_IDENTITY, CredentialKind, Format, option_of
from .key_opener import OPENER, KeyOpener

if TYPE_CHECKING:
    from .git_url import GitUrl
    from .key_format import Form
    from .known_hosts import KnownHosts
    from .ssh_key import SshKey

# An option with a GitHub App of which the task itself makes user name and password.
APP_TOKEN = "github_app_token"

# They are only useful together, as a credential of their own or next to another one.
_PAIR = ("client_certificate", "client_key")


@dataclass(frozen=True)
class GitCredential:
    """The parts of a credential, ready to be written, perhaps incomplete. ``key`` is the private SSH key.

    ``warnings`` are about its host keys.
    """

    kind: CredentialKind
    parts: Mapping[str, str] = field(repr=False)
    key: SshKey | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _PartNames:
    """The names of the parts in messages: options, or parts of the credential at ``place``."""

    kind: CredentialKind
    place: str

    def of(self, part: str) -> str:
        """Return the name of a part."""
        return f"The {part} of {self.place}" if self.place else option_of(self.kind, part)


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
    """Return the given parts, checked, repaired, and converted where ``convert`` allows it.

    ``place`` is the Secret that they were copied from; without it they are options. Raise KeyringError, with the
    option, for a part that the consumer does not read, that is invalid, or that does not match another part or the URL.
    """
    names = _PartNames(kind, place)
    _refuse_unknown(row, kind, given, names)
    if url and kind != "gpg" and not row.url_is_proxy:
        refuse_other_url(row, kind, url, "url")
        refuse_user(row, given, url)
    _refuse_alternatives(given, names)
    if kind == CLOUD_IDENTITY:
        return GitCredential(kind, _check_identity(row, given, url, names))
    parts = {part: PART_CHECKS[part](text, names.of(part)) for part, text in given.items()}
    if kind == "ssh":
        return _check_ssh(row, parts, url, convert, names, opener)
    if kind == "https":
        _check_https(row, parts, names, opener)
    if kind == "gpg" and "private_key" in parts:
        parts["private_key"] = _check_gpg_key(parts, names)
    if kind == "github_app" and "private_key" in parts:
        parts["private_key"] = _check_app_key(row, parts["private_key"], names.of("private_key"), opener)
    return GitCredential(kind, parts)


def takes_app_token(row: Format) -> bool:
    """Return whether a consumer reads a password, which may be a token of a GitHub App."""
    return row.is_for_git and "https" in row.shapes and "password" in row.shapes["https"].keys


def check_further_url(row: Format, credential: GitCredential, url: GitUrl, option: str) -> None:
    """Raise KeyringError, with ``option``, for a further URL that the credential does not serve."""
    from .known_hosts import parse_known_hosts, refuse_uncovered

    refuse_other_url(row, credential.kind, url, option)
    known_hosts = credential.parts.get("known_hosts")
    if known_hosts is not None:
        hosts_option = option_of(credential.kind, "known_hosts")
        hosts = parse_known_hosts(known_hosts, hosts_option)
        refuse_uncovered(hosts, url.host, url.port, hosts_option, patterns=row.host_patterns)


def refuse_incomplete(row: Format, kind: CredentialKind, parts: Iterable[str]) -> None:
    """Raise KeyringError unless one of the sets of parts that this consumer requires is complete."""
    there = set(parts)
    ways = row.shapes[kind].required_sets
    complete = [way for way in (*ways, _PAIR) if there.issuperset(way)]
    loose = [way for way in (*ways, _PAIR) if there.intersection(way).difference(*complete)]
    if not loose and any(way in complete for way in ways):
        return
    nearest = max(loose or ways, key=lambda way: len(there.intersection(way)))
    missing = [option_of(kind, part) for part in nearest if part not in there]
    alternatives = [" with ".join(option_of(kind, part) for part in way) for way in ways if way]
    raise MissingCredential(
        f"{_join_words(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
        f"Format {row.name_of_variant} needs {', or '.join(alternatives)}.",
        "Give what is missing; with update_credentials=when_given a stored value is kept.",
        option=missing[0],
    )


def advise(
    row: Format,
    kind: CredentialKind,
    parts: Mapping[str, str],
    url: GitUrl | None,
    key: SshKey | None = None,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> list[str]:
    """Return warnings about a credential that is allowed but rarely intended. ``key`` is its private SSH key."""
    there = set(parts)
    recommended = row.shapes[kind].recommended
    warnings = [f"{option_of(kind, part)} is missing; {why}." for part, why in recommended.items() if part not in there]
    if key and row.documents_pem and key.form == "OpenSSH":
        warnings.append(
            f"{option_of(kind, 'private_key')} is in the format OpenSSH, and the documentation of {row.name} asks for "
            "PEM. Its Git library reads both; ssh.convert=true writes PEM."
        )
    warnings += row.advise(kind, url, settings)
    if url and not row.url_is_proxy:
        warnings += advise_url(row, parts, url)
        host = find_git_host(url.host)
        if host and key:
            warnings += _advise_key(key, host, option_of(kind, "private_key"))
        if host and kind == "ssh":
            warnings += advise_ssh_user(host, url)
        if "bearer_token" in parts and url.host in NO_BEARER:
            warnings.append(
                f"{NO_BEARER[url.host]} refuses {option_of(kind, 'bearer_token')} for Git, according to "
                f"{NO_BEARER_SOURCE}. Give the token as https.password, with an https.username."
            )
    return warnings


def _advise_key(key: SshKey, host: GitHost, option: str) -> list[str]:
    """Return a warning about a key that a public Git server does not accept, as far as its documentation says."""
    if key.algorithm not in host.algorithms:
        known = _join_words(host.algorithms)
        return [
            f"{option} is an {key.algorithm} key. {host.name} accepts only {known} keys, according to {host.source}."
        ]
    if key.algorithm == "RSA" and key.bits < host.rsa_bits:
        return [
            (f"{option} has {key.bits} bits. {host.name} accepts {host.rsa_bits} or more, according to {host.source}.")
        ]
    return []


def fit_key(
    key: SshKey,
    row: Format,
    option: str,
    *,
    passphrase: str | None,
    convert: bool,
    opener: KeyOpener = OPENER,
) -> SshKey:
    """Return the key in a form that this consumer reads, without a passphrase if it takes none.

    Raise KeyringError for a form that it cannot read, unless ``convert`` allows another one.
    """
    from .ssh_key import convert_key

    unreadable = _explain_unreadable(key, row)
    if unreadable and not convert:
        raise KeyringError(
            f"{option} is an {key.algorithm} key in the format {key.form}, which format {row.name} does not read.",
            unreadable,
            "Set ssh.convert=true.",
            option=option,
        )
    if convert and row.documents_pem and key.form == "OpenSSH":
        return convert_key(key, "PEM", passphrase, opener)
    if unreadable:
        return convert_key(key, "OpenSSH", passphrase, opener)
    if key.encrypted and "passphrase" not in row.shapes["ssh"].keys:
        return convert_key(key, _form_to_convert_to(key.form), passphrase, opener)
    return key


def _form_to_convert_to(form: Form) -> Literal["PEM", "OpenSSH", "PKCS#8"]:
    """Return the name that convert_key has for a form."""
    return "PEM" if form == "PKCS#1" or form == "SEC1" else form


def _explain_unreadable(key: SshKey, row: Format) -> str | None:
    """Return why the consumer cannot read a key in this form, as a sentence, or None if it can."""
    from .ssh_key import READ_BY_OPENSSH

    if row.reader == "OpenSSH form" and key.form != "OpenSSH":
        return "Its consumer reads only the format of OpenSSH."
    if row.reader == "OpenSSH" and key.form not in READ_BY_OPENSSH[key.algorithm]:
        return "The consumer passes the key to OpenSSH, and many versions of it do not read that format."
    keeps_passphrase = key.encrypted and "passphrase" in row.shapes["ssh"].keys
    if row.reader == "Go" and keeps_passphrase and key.form == "PKCS#8":
        return "Go's SSH library opens a passphrase only in the other formats."
    return None


def _check_identity(row: Format, given: Mapping[str, str], url: GitUrl | None, names: _PartNames) -> dict[str, str]:
    """Return the parts of a cloud identity as they are written. Raise KeyringError for one that the URL excludes."""
    from .git_settings import check_identity_part

    parts: dict[str, str] = {}
    for part, text in given.items():
        setting = row.settings[part]
        parts[part] = check_identity_part(setting, text, names.of(part))
        if url and setting.url_pattern and not setting.url_pattern.match(f"{url.location}/{url.path.lstrip('/')}"):
            raise KeyringError(
                f"url does not match {names.of(part)}.",
                f"Format {row.name} uses it only for {setting.url_rule}.",
                "Correct the URL, or give a user name and password.",
                option="url",
            )
    return parts


def _check_ssh(
    row: Format, parts: dict[str, str], url: GitUrl | None, convert: bool, names: _PartNames, opener: KeyOpener
) -> GitCredential:
    from .known_hosts import parse_known_hosts
    from .ssh_key import parse_private_key

    passphrase = parts.get("passphrase")
    key, warnings = None, tuple[str, ...]()
    if "private_key" in parts:
        key = parse_private_key(parts["private_key"], names.of("private_key"), passphrase, opener)
        key = fit_key(key, row, names.of("private_key"), passphrase=passphrase, convert=convert, opener=opener)
        _refuse_short(key, row, names.of("private_key"))
        parts["private_key"] = key.text
    if "passphrase" in parts and not (key and key.encrypted):
        del parts["passphrase"]  # it has opened the key, which is written without it
    if "known_hosts" in parts:
        option = names.of("known_hosts")
        host, port = (url.host, url.port) if url else (None, None)
        hosts = parse_known_hosts(parts["known_hosts"], option, host, port)
        _check_hosts(row, hosts, url, option)
        parts["known_hosts"] = hosts.text
        warnings = (*hosts.warnings, *_warn_algorithms(row, hosts, url, option))
    return GitCredential("ssh", parts, key, warnings)


def _refuse_short(key: SshKey, row: Format, option: str) -> None:
    if key.algorithm == "RSA" and key.bits < row.rsa_bits:
        raise KeyringError(
            f"{option} is an RSA key of {key.bits} bits.",
            f"Format {row.name} needs at least {row.rsa_bits}.",
            "Give a longer key, or one of another algorithm.",
            option=option,
        )


def _check_hosts(row: Format, hosts: KnownHosts, url: GitUrl | None, option: str) -> None:
    from .known_hosts import covers, hashed, refuse_uncovered

    patterns = row.host_patterns
    if url:
        port = url.port_in_path
        if (
            port
            and not covers(hosts, url.host, url.port, patterns=patterns)
            and covers(hosts, url.host, port, patterns=patterns)
        ):
            raise KeyringError(
                f"url has no port, and {option} has a key for port {port}.",
                f"In the form git@host:path, git reads {port} as a folder.",
                f"Write {url.ssh_url}.",
                option="url",
            )
        refuse_uncovered(hosts, url.host, url.port, option, patterns=patterns)
    elif hashed(hosts):
        raise KeyringError(
            f"{option} has hashed lines, whose hosts cannot be read.",
            "Without url, it cannot be checked whether they cover the repository.",
            "Give url, or lines with the host's name, as ssh-keyscan prints them.",
            option=option,
        )


def _warn_algorithms(row: Format, hosts: KnownHosts, url: GitUrl | None, option: str) -> list[str]:
    """Return a warning if the consumer may ask the server for a host key of which there is no line."""
    if url is None:
        return []
    from .known_hosts import host_key_algorithms

    own = host_key_algorithms(hosts, url.host, url.port, patterns=row.host_patterns)
    # With other algorithms beside it, the name ssh-rsa stands for signatures that servers no longer make.
    others = {key.algorithm for key in hosts.keys if key.marker != "@revoked"} - own - {"ssh-rsa"}
    if row.host_keys == "all lines" and others:
        return [
            f"{option} has lines of other hosts with keys of {_join_words(sorted(others))}. Format {row.name} asks the "
            f"server of url for such a key too, and refuses it without a line for {url.host}. Remove these lines."
        ]
    if row.host_keys == "library" and own == {"ssh-ed25519"}:
        return [
            f"{option} has only an Ed25519 key for {url.host}. Current releases of {row.name} ask the server for an "
            "ECDSA or RSA key first, and refuse it without a line. Add all lines that ssh-keyscan prints."
        ]
    return []


def _refuse_unknown(row: Format, kind: CredentialKind, given: Iterable[str], names: _PartNames) -> None:
    if kind not in row.shapes:
        why, known = row.reasons.get(kind, ""), _join_words(row.shapes)
        remedy = f"It knows {known}."
        if kind == "github_app" and takes_app_token(row):
            remedy += (
                f" Give the App as {APP_TOKEN}: the task then writes a token of the App as user name and password."
            )
        option = None if kind == CLOUD_IDENTITY else kind
        raise KeyringError(f"Format {row.name_of_variant} does not know {kind}.", why, remedy, option=option)
    known_parts = row.shapes[kind].keys
    for part in given:
        if part not in known_parts and part != "passphrase":
            why = row.reasons.get(f"{kind}.{part}", "")
            known = _join_words([option_of(kind, known) for known in known_parts if known != "public_key"])
            raise KeyringError(
                f"{names.of(part)} is not read by format {row.name_of_variant}.",
                why,
                f"It reads {known}.",
                option=names.of(part),
            )


def replaced_by(parts: Iterable[str]) -> set[str]:
    """Return the parts of an earlier credential that these replace: alternatives, and the passphrase of its key."""
    there = set(parts)
    replaced: set[str] = set()
    for one, other in ALTERNATIVES:
        if there & one:
            replaced |= other
        if there & other:
            replaced |= one
    if "private_key" in there:
        replaced.add("passphrase")
    return replaced - there


def _refuse_alternatives(parts: Mapping[str, str], names: _PartNames) -> None:
    for one, other in ALTERNATIVES:
        of_one = [part for part in parts if part in one]
        of_other = [part for part in parts if part in other]
        if of_one and of_other:
            raise KeyringError(
                f"{names.of(of_one[0])} and {names.of(of_other[0])} exclude each other.",
                "Both set the same value.",
                "Keep one of them.",
                option=names.of(of_one[0]),
            )


def _check_https(row: Format, parts: dict[str, str], names: _PartNames, opener: KeyOpener) -> None:
    """Raise KeyringError for a user name that breaks the consumer's file, and for a key of another certificate."""
    if "username" in parts and any(character in parts["username"] for character in row.not_in_username):
        raise KeyringError(
            f"{names.of('username')} has a character that breaks the file which {row.name} writes.",
            f"It must not contain {' '.join(row.not_in_username)}.",
            option=names.of("username"),
        )
    certificate, key = _PAIR
    if certificate in parts and key in parts:
        from .certificates import check_client_pair

        parts[certificate], parts[key] = check_client_pair(
            parts[certificate], parts[key], names.of(certificate), names.of(key), opener
        )


def _check_gpg_key(parts: Mapping[str, str], names: _PartNames) -> str:
    from .openpgp import check_openpgp_key

    option, passphrase_option = names.of("private_key"), names.of("passphrase")
    return check_openpgp_key(parts["private_key"], option, parts.get("passphrase"), passphrase_option)


def _check_app_key(row: Format, text: str, option: str, opener: KeyOpener) -> str:
    from .ssh_key import convert_key

    key = parse_app_key(text, option, opener)
    if key.form in row.app_key_forms:
        return key.text
    return convert_key(key, _form_to_convert_to(row.app_key_forms[0]), None, opener).text


def _join_words(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
