# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of gitsync_secret, from Ansible's parameters to types, before anything is read from the cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._apply.options import SecretOptions
from .._credentials.git_credential import (
    APP_TOKEN,
    GitCredential,
    check_credential,
    check_further_url,
    refuse_incomplete,
    takes_app_token,
)
from .._credentials.git_custom import CUSTOM_PARTS
from .._credentials.git_formats import FORMAT_NAMES, FORMATS, find_format
from .._credentials.git_hosts import find_git_host
from .._credentials.git_settings import (
    Value,
    check_settings,
    find_identity_parts,
    refuse_unknown_settings,
    refuse_wrong_strings,
    rename_keys,
    settings_secrets,
)
from .._credentials.git_shapes import CLOUD_IDENTITY, CUSTOM, KINDS, OPAQUE, PUBLIC_PARTS, CredentialKind, Format
from .._credentials.secret_values import PossiblySecret, check_secret_value, secret_lines
from .._credentials.strings import not_a_string
from .._dataclasses import dataclass
from .._errors import KeyringError, MissingCredential
from .._runtime.execute import Runtime
from .._runtime.options import STRINGS, Options
from .._runtime.shown import CONTENT, REPOSITORY, TEXT, USERNAME
from .._secret.git_stored import read_key
from .secret_options import (
    CREDENTIALS_FROM,
    SECRET_OPTIONS,
    SOURCE,
    CopySource,
    name_sources,
    parse_secret_options,
    parse_source,
)

if TYPE_CHECKING:
    from .._credentials.app_token import AppToken
    from .._credentials.expiry import Renewal
    from .._credentials.git_url import GitUrl
    from .._credentials.ssh_key import Algorithm
    from .._runtime.host import KeyAlgorithm
    from .git_verify import GitVerifyOptions

# More than any private key has.
MAX_KEY = 64 * 1024

_ALGORITHM_OF: Mapping[KeyAlgorithm, Algorithm] = {"ed25519": "Ed25519", "ecdsa": "ECDSA", "rsa": "RSA"}

SSH: Options = {
    "private_key": {"type": "str", "no_log": True},
    "private_key_file": {"type": "path", "no_log": False},
    "generate": {"type": "str", "choices": ["ed25519", "ecdsa", "rsa"]},
    "passphrase": {"type": "str", "no_log": True},
    "known_hosts": {"type": "str", "context": CONTENT},
    "host_key_fingerprints": {"type": "list", "elements": "str", "no_log": False, "context": TEXT},
    "scan_host_keys": {"type": "bool", "default": False, "no_log": False},
    "convert": {"type": "bool", "default": False},
}
HTTPS: Options = {
    "username": {"type": "str", "context": USERNAME},
    "password": {"type": "str", "no_log": True},
    "bearer_token": {"type": "str", "no_log": True},
    "ca_certificate": {"type": "str", "context": CONTENT},
    "client_certificate": {"type": "str", "context": CONTENT},
    "client_key": {"type": "str", "no_log": True},
    "expires_at": {"type": "str", "context": {**TEXT, "accepts": "date"}},
}
GITHUB_APP: Options = {
    "id": {"type": "str", "context": {**TEXT, "accepts": "integer"}},
    "client_id": {"type": "str", "context": TEXT},
    "installation_id": {"type": "str", "context": {**TEXT, "accepts": "integer"}},
    "owner": {"type": "str", "context": TEXT},
    "private_key": {"type": "str", "no_log": True},
    "base_url": {"type": "str", "context": REPOSITORY},
    "ca_certificate": {"type": "str", "context": CONTENT},
}

GPG: Options = {
    "private_key": {"type": "str", "no_log": True},
    "passphrase": {"type": "str", "no_log": True},
}

GITHUB_APP_TOKEN: Options = {
    "client_id": {"type": "str", "context": TEXT},
    "app_id": {"type": "str", "context": {**TEXT, "accepts": "integer"}},
    "owner": {"type": "str", "context": TEXT},
    "installation_id": {"type": "str", "context": {**TEXT, "accepts": "integer"}},
    "private_key": {"type": "str", "no_log": True},
    "private_key_file": {"type": "path", "no_log": False},
    "repositories": {"type": "list", "elements": "str", "required": True, "context": TEXT},
    "permissions": {"type": "dict", "default": {"contents": "read"}, "context": STRINGS},
    "base_url": {"type": "str", "context": REPOSITORY},
}

OPTIONS: Options = {
    **SECRET_OPTIONS,
    "format": {"type": "str", "choices": FORMAT_NAMES, "default": "git_sync"},
    "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
    "format_options": {"type": "dict", "default": {}},
    "url": {"type": "str", "context": REPOSITORY},
    "ssh": {
        "type": "dict",
        "options": SSH,
        "mutually_exclusive": [("private_key", "private_key_file", "generate")],
    },
    "https": {"type": "dict", "options": HTTPS},
    "cookie_file": {"type": "str", "no_log": True},
    "github_app": {"type": "dict", "options": GITHUB_APP},
    "gpg": {"type": "dict", "options": GPG},
    # An option, and not a token, which Ansible would take it for.
    APP_TOKEN: {"type": "dict", "options": GITHUB_APP_TOKEN, "no_log": False},
    "min_validity": {"type": "int"},
    "force_mint": {"type": "bool", "default": False},
    "credentials_from": {
        **CREDENTIALS_FROM,
        "options": {
            **SOURCE,
            "format": {"type": "str", "choices": FORMAT_NAMES},
            "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
        },
    },
    "verify": {"type": "bool", "default": False},
    "verify_require": {"type": "str", "choices": ["not_denied", "pullable"], "default": "not_denied"},
    "verify_timeout": {"type": "int", "default": 10},
    "verify_url": {"type": "str", "context": REPOSITORY},
    "verify_known_hosts": {"type": "str", "context": CONTENT},
    "verify_ca_cert": {"type": "path"},
}


@dataclass(frozen=True)
class SshOptions:
    """The parts that are made, fetched or converted, and the fingerprints of host keys to accept."""

    generate: KeyAlgorithm | None = None
    scan_host_keys: bool = False
    convert: bool = False
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlacedCredential:
    """A credential that was checked, and the particulars of its consumer that are written beside it.

    ``expires_at`` is when its password or token expires, where that is known.
    """

    credential: GitCredential
    settings: Mapping[str, Value] = field(repr=False)
    expires_at: str | None = None


@dataclass(frozen=True)
class GitSource:
    """A Secret that credentials_from names, and for which consumer it was made, where that is said."""

    secret: CopySource
    format: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MintOptions:
    """A token of a GitHub App that is wanted, and when a stored one is replaced."""

    app: AppToken
    renewal: Renewal


@dataclass(frozen=True)
class GitSecretOptions:
    """The options of gitsync_secret.

    ``type`` is the type of Secret that format=custom writes. ``given`` is None where all of the credential is copied
    from another Secret. ``mint`` is the token that the task mints as password, if it does. For an absent Secret nothing
    of its data is parsed.
    """

    secret: SecretOptions
    row: Format
    type: str
    keys: Mapping[str, str] = field(default_factory=dict)
    format_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    url_text: str | None = field(default=None, repr=False)
    url: GitUrl | None = field(default=None, repr=False)
    ssh: SshOptions = SshOptions()
    given: PlacedCredential | None = field(default=None, repr=False)
    sources: tuple[GitSource, ...] = ()
    mint: MintOptions | None = None
    verify: GitVerifyOptions | None = None


def parse_options(params: Mapping[str, Any], runtime: Runtime) -> GitSecretOptions:
    """Parse the options of the task.

    The secrets among them go to the scrubber as soon as they are known; the file that an option names is read. Raises
    KeyringError, with the full name of the option, for everything that can be known to be wrong by now.
    """
    secret = parse_secret_options(params)
    type_ = parse_custom_type(params["format"], params["format_options"])
    if secret.state == "absent":
        return GitSecretOptions(secret, FORMATS.get(params["format"], Format(params["format"], "", {})), type_)
    row = find_format(params["format"], params["keys"], type_, params["format_options"])
    for text in settings_secrets(row, params["format_options"]):
        lines = [text] if isinstance(text, PossiblySecret) else secret_lines(text)
        runtime.scrubber.add(*lines)
    refuse_unknown_settings(row, params["format_options"])
    refuse_wrong_strings(row, params["format_options"])
    row = rename_keys(row, params["format_options"])
    _check_name_prefix(row, secret.metadata.name)
    _check_service_accounts(row, secret.linking.accounts.items)
    kind = _find_kind(params, row)
    parts = _given_parts(params, row, kind, runtime) if kind and params[APP_TOKEN] is None else {}
    hide(runtime, parts, row.public_parts)
    url = _parse_url(row, params["url"], params["format_options"])
    options = GitSecretOptions(
        secret=secret,
        row=row,
        type=type_,
        keys=params["keys"],
        format_options=params["format_options"],
        url_text=params["url"],
        url=url,
        ssh=_parse_ssh(params["ssh"], row, url, copies=params["credentials_from"] is not None),
        sources=_parse_git_sources(params["credentials_from"]),
        mint=_parse_mint(params, row, url, runtime),
        verify=_parse_verify(params, row, url, kind, runtime),
    )
    if not kind:
        return options
    credential = check_credential(row, kind, parts, url, convert=options.ssh.convert)
    hide(runtime, credential.parts, row.public_parts)
    if secret.update_credentials == "always" and not options.sources and not options.mint:
        made = []
        if options.ssh.generate:
            made.append("private_key")
        if options.ssh.scan_host_keys:
            made.append("known_hosts")
        refuse_incomplete(row, kind, [*credential.parts, *made])
    settings = check_settings(row, kind, options.format_options, url)
    check_further_urls(row, credential, settings, options.mint.app if options.mint else None)
    placed = PlacedCredential(credential, settings, _parse_password_end(params["https"]))
    return dataclasses.replace(options, given=placed)


def check_further_urls(
    row: Format, credential: GitCredential, settings: Mapping[str, Any], app: AppToken | None = None
) -> None:
    """Raise KeyringError for a URL among the settings that the credential, or a token of the App, does not serve."""
    from .._credentials.git_url import parse_git_url

    for name, setting in row.settings.items():
        if setting.is_urls:
            for index, text in enumerate(settings.get(name) or ()):
                option = f"format_options.{name}[{index}]"
                url = parse_git_url(text, option)
                check_further_url(row, credential, url, option)
                if app:
                    from .._credentials.app_token import refuse_other_server

                    refuse_other_server(app, url, option)


def hide(runtime: Runtime, parts: Mapping[str, str], public_parts: frozenset[str] = PUBLIC_PARTS) -> None:
    """Keep the secret data among the parts of a credential out of all output.

    Whole lines of a private key may be its public half, which the result has.
    """
    key = read_key(parts)
    for part in parts.keys() - public_parts:
        public = key.public_key if key and part == "private_key" else ""
        runtime.scrubber.add(*(line for line in secret_lines(parts[part]) if line not in public))


def parse_custom_type(format_: str, format_options: Mapping[str, Any]) -> str:
    """Return the type of Secret that format=custom writes; Opaque for every other format."""
    given = format_options.get("custom_type", OPAQUE) if format_ == CUSTOM else OPAQUE
    if given is not None and not isinstance(given, str):
        raise not_a_string(given, "format_options.custom_type")
    if not given or not given.strip():
        raise KeyringError(
            "format_options.custom_type must be a type of Secret.",
            "",
            f"Leave it out for {OPAQUE}.",
            option="format_options.custom_type",
        )
    return given


def _parse_git_sources(given: object) -> tuple[GitSource, ...]:
    """Parse the option ``credentials_from``, one Secret or several."""
    named = name_sources(given)
    return tuple(GitSource(parse_source(item, option), item["format"], item["keys"]) for option, item in named)


def _parse_verify(
    params: Mapping[str, Any], row: Format, url: GitUrl | None, kind: CredentialKind | None, runtime: Runtime
) -> GitVerifyOptions | None:
    if not params["verify"]:
        return None
    from .git_verify import check_repository, parse_git_verify, refuse_proof_of_minted

    if not row.is_for_git:
        raise KeyringError(
            f"verify asks a Git server, and format {row.name_of_variant} is not for one.",
            "",
            "Leave it out.",
            option="verify",
        )
    options = parse_git_verify(params, row, url, runtime)
    if params[APP_TOKEN] is not None:
        refuse_proof_of_minted(options)
    elif kind:
        check_repository(options, kind)
    return options


def _check_name_prefix(row: Format, name: str) -> None:
    if not name.startswith(row.name_prefix):
        raise KeyringError(
            f"name must begin with {row.name_prefix}.",
            f"Format {row.name} finds its Secrets by that.",
            f"Write {row.name_prefix}{name}.",
            option="name",
        )


def check_passphrase_name(row: Format, credential: GitCredential, name: str) -> None:
    """Raise KeyringError for a key with a passphrase in a Secret whose passphrase the consumer does not look at."""
    if row.passphrase_name not in ("", name) and "passphrase" in credential.parts:
        raise KeyringError(
            f"name must be {row.passphrase_name} for a key with a passphrase.",
            f"The consumer of format {row.name} opens only the key in the Secret of that name.",
            "Change the name, or give a key without a passphrase.",
            option="name",
        )


def _check_service_accounts(row: Format, names: Sequence[str]) -> None:
    if names and not row.by_service_account:
        known = [other.name for other in FORMATS.values() if other.by_service_account]
        raise KeyringError(
            f"service_accounts has no effect with format {row.name}.",
            f"Its consumer finds the Secret by itself; {', '.join(known)} look at the secrets of a ServiceAccount.",
            "Leave it out.",
            option="service_accounts",
        )


def no_credential(row: Format) -> KeyringError:
    """Return the error for a task that gives no credential."""
    kinds: list[str] = [kind for kind in KINDS if kind in row.shapes]
    if takes_app_token(row):
        kinds.append(APP_TOKEN)
    why = ""
    if CLOUD_IDENTITY in row.shapes:
        ways = row.shapes[CLOUD_IDENTITY].required_sets
        identities = [" with ".join(way) for way in ways]
        why = f"Format {row.name_of_variant} also takes a cloud identity in format_options: {', or '.join(identities)}."
    return MissingCredential(
        "The credential is missing.",
        why,
        f"Give one of {', '.join(kinds)} and credentials_from; with update_credentials=when_given it may be empty.",
        option="credentials_from",
    )


def _find_kind(params: Mapping[str, Any], row: Format) -> CredentialKind | None:
    """Return the kind of the credential; a token that the task mints is a password for HTTPS."""
    kinds = [kind for kind in KINDS if params[kind] is not None]
    identity = find_identity_parts(row, params["format_options"])
    if params[APP_TOKEN] is not None:
        others = [*kinds, *(f"format_options.{name}" for name in identity)]
        _refuse_beside_app_token(others, params["credentials_from"])
        return "https"
    if identity and kinds:
        name = next(iter(identity))
        raise KeyringError(
            f"{kinds[0]} and format_options.{name} are two credentials.",
            "The consumer would use only one of them.",
            "Keep one.",
            option=f"format_options.{name}",
        )
    if identity:
        return CLOUD_IDENTITY
    if len(kinds) > 1:
        raise KeyringError(
            f"{' and '.join(kinds)} are {len(kinds)} kinds of credential.",
            "A Secret holds one.",
            "Keep one of them, and use another Secret for the other.",
            option=kinds[1],
        )
    if not kinds and not params["credentials_from"]:
        raise no_credential(row)
    return kinds[0] if kinds else None


def _refuse_beside_app_token(given: Sequence[str], source: object) -> None:
    others = [*given, *(["credentials_from"] if source is not None else [])]
    if others:
        raise KeyringError(
            f"{APP_TOKEN} and {others[0]} exclude each other.",
            "The task mints the whole credential.",
            "Keep one of them.",
            option=others[0],
        )


def _parse_mint(params: Mapping[str, Any], row: Format, url: GitUrl | None, runtime: Runtime) -> MintOptions | None:
    """Return the token that is to be minted; None without the option. A file is read."""
    given = params[APP_TOKEN]
    if given is None:
        return None
    from .._credentials.app_token import check_choices, parse_app_token, refuse_other_server
    from .._credentials.expiry import choose_renewal

    if not takes_app_token(row):
        why = "Its consumer reads no password." if row.is_for_git else "Its credential is not for a Git repository."
        raise KeyringError(
            f"Format {row.name_of_variant} does not take a token of {APP_TOKEN}.",
            why,
            "Give another credential, or use another format.",
            option=APP_TOKEN,
        )
    check_choices(given)
    text = given["private_key"]
    if text is None:
        text = _read_key_file(f"{APP_TOKEN}.private_key_file", given["private_key_file"], runtime)
    hide(runtime, {"private_key": text})
    app = parse_app_token(given, text)
    hide(runtime, {"private_key": app.key.text})
    refuse_other_server(app, url)
    renewal = choose_renewal(datetime.now(timezone.utc), params["min_validity"], params["force_mint"])
    return MintOptions(app, renewal)


def _parse_password_end(https: Mapping[str, Any] | None) -> str | None:
    if https is None or https["expires_at"] is None:
        return None
    from .._credentials.expiry import check_expires_at

    return check_expires_at(https["expires_at"], "https.expires_at")


def _read_key_file(option: str, path: str, runtime: Runtime) -> str:
    from .._runtime.host import read_option_file

    content = read_option_file(option, path, runtime.files, MAX_KEY) or b""
    return content.decode("utf-8", errors="replace")


def _given_parts(params: Mapping[str, Any], row: Format, kind: CredentialKind, runtime: Runtime) -> dict[str, str]:
    """Return the parts of the credential, as they are given; a file is read."""
    if kind == CLOUD_IDENTITY:
        return find_identity_parts(row, params["format_options"])
    given = params[kind]
    if kind == "cookie_file":
        return {"cookie_file": given}
    parts = {part: given[part] for part in CUSTOM_PARTS[kind][0] if given.get(part) is not None}
    path = given.get("private_key_file")
    if path is not None:
        parts["private_key"] = _read_key_file("ssh.private_key_file", path, runtime)
    return parts


def _parse_url(row: Format, url: str | None, format_options: Mapping[str, Any]) -> GitUrl | None:
    from .._credentials.git_url import parse_git_url, parse_proxy_url

    if url is None:
        if row.url_needed:
            raise KeyringError(
                f"url is missing; format {row.name_of_variant} needs it.",
                "It is how the consumer knows what the credential is for.",
                "Give the URL of the repository.",
                option="url",
            )
        return None
    if row.url_is_proxy:
        return parse_proxy_url(url, "url")
    if row.url_is_regex and str(format_options.get(row.url_is_regex)).lower() == "true":
        from .._credentials.go_regexp import check_go_regexp

        check_secret_value(url, "url")
        check_go_regexp(url, "url", row.name)
        return None
    _refuse_url_of_variant(url, row)
    if row.is_for_git or not row.url_schemes:
        return parse_git_url(url, "url")
    from .._credentials.registry_url import parse_registry_url

    return parse_registry_url(url, "url", row.url_schemes, is_prefix=row.url_prefix, is_repository=row.url_repository)


def _refuse_url_of_variant(url: str, row: Format) -> None:
    """Raise KeyringError for a URL whose scheme another type of the format reads, and this one does not."""
    scheme, separator, _rest = url.partition("://")
    if not separator or not row.variant or not row.url_schemes or scheme in row.url_schemes:
        return
    from .._credentials.git_formats import find_formats

    others = [other.variant for other in find_formats(row.name, {}) if scheme in other.url_schemes]
    if not others:
        return
    type_ = f"{row.variant_setting}={row.variant}"
    raise KeyringError(
        f'url begins with "{scheme}://", and format_options has {type_}.',
        f"Format {row.name} does not read such a URL with this type.",
        f"Set {row.variant_setting}={' or '.join(others)}, or correct url.",
        option="url",
    )


def _parse_ssh(ssh: Mapping[str, Any] | None, row: Format, url: GitUrl | None, *, copies: bool) -> SshOptions:
    """Parse the option ``ssh`` but for its credential. Raises KeyringError for what does not belong together."""
    from .._credentials.known_hosts import parse_fingerprints

    if not ssh:
        return SshOptions()
    if ssh["generate"] and ssh["passphrase"] is not None:
        raise KeyringError(
            "ssh.passphrase belongs to a key that is given; ssh.generate makes one without.", option="ssh.passphrase"
        )
    if ssh["passphrase"] is not None and ssh["private_key"] is None and ssh["private_key_file"] is None:
        raise KeyringError(
            "ssh.passphrase is given without ssh.private_key.",
            "It belongs to a key that is given.",
            "Leave it out.",
            option="ssh.passphrase",
        )
    if ssh["generate"] and copies:
        raise KeyringError(
            "ssh.generate and credentials_from exclude each other.",
            "Both say where the key comes from.",
            "Keep one.",
            option="ssh.generate",
        )
    if ssh["generate"] and url:
        _check_generated(ssh["generate"], url)
    if ssh["host_key_fingerprints"] is not None and not ssh["scan_host_keys"]:
        raise KeyringError(
            "ssh.host_key_fingerprints is given without ssh.scan_host_keys.",
            "It lists which of the scanned host keys are accepted.",
            "Set ssh.scan_host_keys=true, or leave it out.",
            option="ssh.host_key_fingerprints",
        )
    if ssh["scan_host_keys"]:
        _check_scan(ssh, row, url)
    fingerprints = parse_fingerprints(ssh["host_key_fingerprints"] or (), "ssh.host_key_fingerprints")
    return SshOptions(ssh["generate"], ssh["scan_host_keys"], ssh["convert"], fingerprints)


def _check_generated(algorithm: KeyAlgorithm, url: GitUrl) -> None:
    """Raise KeyringError for a kind of key that a public Git server does not accept."""
    host = find_git_host(url.host)
    if host and _ALGORITHM_OF[algorithm] not in host.algorithms:
        known = [name for name, key_type in _ALGORITHM_OF.items() if key_type in host.algorithms]
        raise KeyringError(
            f"ssh.generate={algorithm} makes a key that {host.name} does not accept.",
            f"It accepts only {' and '.join(host.algorithms)} keys, according to {host.source}.",
            f"Set ssh.generate={known[0]}.",
            option="ssh.generate",
        )


def _check_scan(ssh: Mapping[str, Any], row: Format, url: GitUrl | None) -> None:
    """Raise KeyringError where host keys cannot be fetched."""
    if ssh["known_hosts"] is not None:
        raise KeyringError(
            "ssh.known_hosts and ssh.scan_host_keys exclude each other.",
            "Both say which host keys are trusted.",
            "Keep one of them.",
            option="ssh.scan_host_keys",
        )
    if url is None:
        raise KeyringError(
            "ssh.scan_host_keys needs url.", "The host keys of its server are fetched.", "Give url.", option="url"
        )
    if "ssh" in row.shapes and "known_hosts" not in row.shapes["ssh"].keys:
        why = row.reasons.get("ssh.known_hosts", "")
        raise KeyringError(
            f"ssh.scan_host_keys has no effect with format {row.name}.",
            why,
            "Leave it out.",
            option="ssh.scan_host_keys",
        )
    if ssh["host_key_fingerprints"] == []:
        raise KeyringError(
            "ssh.host_key_fingerprints is empty.",
            "Without fingerprints, any server that answers would be trusted.",
            "Check the variable behind it, or leave it out.",
            option="ssh.host_key_fingerprints",
        )
