# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of gitsync_secret, and what they say before anything is read from the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._apply.secret_task import CREDENTIALS_FROM, SECRET_OPTIONS
from .._credentials.git_credential import GitCredential, check_credential, refuse_incomplete
from .._credentials.git_custom import CUSTOM, CUSTOM_PARTS
from .._credentials.git_formats import FORMATS, find_format
from .._credentials.git_settings import check_settings, place_settings, refuse_wrong_strings
from .._credentials.git_shapes import KINDS, OPAQUE, PUBLIC_PARTS, CredentialKind, Format
from .._credentials.git_url import GitUrl, parse_git_url
from .._credentials.known_hosts import parse_fingerprints
from .._credentials.secret_values import check_secret_value, secret_lines
from .._credentials.strings import not_a_string
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.host import read_option_file
from .._runtime.options import STRINGS, Options
from .._secret.git_secret import read_key

# More than any private key has.
MAX_KEY = 64 * 1024

FORMAT_NAMES = [*FORMATS, CUSTOM]

SSH: Options = {
    "private_key": {"type": "str", "no_log": True},
    "private_key_file": {"type": "path", "no_log": False},
    "generate": {"type": "str", "choices": ["ed25519", "ecdsa", "rsa"]},
    "passphrase": {"type": "str", "no_log": True},
    "known_hosts": {"type": "str"},
    "host_key_fingerprints": {"type": "list", "elements": "str", "no_log": False},
    "scan_host_keys": {"type": "bool", "default": False, "no_log": False},
    "convert": {"type": "bool", "default": False},
}
HTTPS: Options = {
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "bearer_token": {"type": "str", "no_log": True},
    "ca_certificate": {"type": "str"},
    "client_certificate": {"type": "str"},
    "client_key": {"type": "str", "no_log": True},
}
GITHUB_APP: Options = {
    "id": {"type": "str", "context": {"accepts": "integer"}},
    "client_id": {"type": "str"},
    "installation_id": {"type": "str", "context": {"accepts": "integer"}},
    "owner": {"type": "str"},
    "private_key": {"type": "str", "no_log": True},
    "base_url": {"type": "str"},
}

OPTIONS: Options = {
    **SECRET_OPTIONS,
    "format": {"type": "str", "choices": FORMAT_NAMES, "default": "git_sync"},
    "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
    "format_options": {"type": "dict", "default": {}},
    "url": {"type": "str"},
    "ssh": {
        "type": "dict",
        "options": SSH,
        "mutually_exclusive": [("private_key", "private_key_file", "generate")],
    },
    "https": {"type": "dict", "options": HTTPS},
    "cookie_file": {"type": "str", "no_log": True},
    "github_app": {"type": "dict", "options": GITHUB_APP},
    "credentials_from": {
        "type": "dict",
        "options": {
            **CREDENTIALS_FROM,
            "format": {"type": "str", "choices": FORMAT_NAMES},
            "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
        },
    },
}


@dataclass(frozen=True)
class Order:
    """What the options want of a credential. ``credential`` is None where all of it is copied from another Secret."""

    row: Format
    credential: GitCredential | None
    url: GitUrl | None
    params: Mapping[str, Any] = field(repr=False)
    fingerprints: tuple[str, ...] = ()

    @property
    def ssh(self) -> Mapping[str, Any]:
        """The option ``ssh``, with what is true of it when it is not given."""
        return self.params["ssh"] or {"generate": None, "scan_host_keys": False, "convert": False}


def read_order(params: Mapping[str, Any], runtime: Runtime) -> Order:
    """The options of a task that makes a Secret. Raises KeyringError for whatever can be known to be wrong by now."""
    row = find_format(params["format"], params["keys"], custom_type(params))
    refuse_wrong_strings(row, params["format_options"])
    _check_name(row, params["name"])
    _check_service_accounts(row, params["service_accounts"])
    kind = _find_kind(params)
    parts = _given_parts(params, kind, runtime) if kind else {}
    hide(runtime, parts)
    url = _parse_url(row, params)
    order = Order(row, None, url, params, _check_ssh_options(params, row, url))
    if not kind:
        return order
    credential = check_credential(row, kind, parts, url, convert=order.ssh["convert"])
    hide(runtime, credential.parts)
    if params["update_credentials"] == "always" and not params["credentials_from"]:
        to_come = {"generate": "private_key", "scan_host_keys": "known_hosts"}
        made = [part for option, part in to_come.items() if order.ssh[option]]
        refuse_incomplete(row, kind, [*credential.parts, *made])
    check_settings(row, kind, params["format_options"], url)
    return Order(row, credential, url, params, order.fingerprints)


def hide(runtime: Runtime, parts: Mapping[str, str]) -> None:
    """Keep the material among the parts of a credential out of all output.

    Whole lines of a private key may be its public half, which the result has.
    """
    key = read_key(parts)
    public = {"private_key": key.public_key if key else ""}
    runtime.scrubber.add(
        *(
            line
            for part in parts.keys() - PUBLIC_PARTS
            for line in secret_lines(parts[part])
            if line not in public.get(part, "")
        )
    )


def metadata_of(order: Order, kind: CredentialKind) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """The labels and annotations by which the consumer finds the Secret.

    Raises KeyringError when the task's own labels or annotations name one of them.
    """
    settings = check_settings(order.row, kind, order.params["format_options"], order.url)
    labels = {**order.row.shapes[kind].labels, **place_settings(order.row, settings, "label")}
    annotations = {
        **order.row.annotate(kind, order.url, settings),
        **place_settings(order.row, settings, "annotation"),
    }
    for option, own in (("labels", labels), ("annotations", annotations)):
        for key in own.keys() & order.params[option].keys():
            raise KeyringError(
                f'{option}["{key}"] is set by format {order.row.name}.',
                "",
                "Leave it out, or use format_options.",
                option=f'{option}["{key}"]',
            )
    return {**labels, **order.params["labels"]}, {**annotations, **order.params["annotations"]}


def other_metadata(order: Order) -> dict[str, list[Any]]:
    """What other options than labels and annotations bring into what everybody may read, by option."""
    settings = order.row.settings
    return {
        "keys": list(order.params["keys"].values()),
        "url": [order.url.location] if order.url else [],
        "format_options": [
            value
            for name, value in order.params["format_options"].items()
            if name in settings and not settings[name].key
        ],
    }


def data_of(order: Order, kind: CredentialKind) -> dict[str, str | None]:
    """The data beside the credential: constants, the URL, and what format_options says."""
    row = order.row
    settings = check_settings(row, kind, order.params["format_options"], order.url)
    data: dict[str, str | None] = {**row.shapes[kind].constants, **place_settings(row, settings, "key")}
    if row.url_key:
        data[row.url_key] = order.params["url"]
    return data


def custom_type(params: Mapping[str, Any]) -> str:
    """The type of Secret that format=custom writes; Opaque for every other format."""
    given = params["format_options"].get("custom_type", OPAQUE) if params["format"] == CUSTOM else OPAQUE
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


def _check_name(row: Format, name: str) -> None:
    if not name.startswith(row.name_prefix) or name == row.name_prefix:
        raise KeyringError(
            f"name must begin with {row.name_prefix}.",
            f"Format {row.name} finds its Secrets by that.",
            f"Write {row.name_prefix}{name if name != row.name_prefix else 'NAME'}.",
            option="name",
        )


def _check_service_accounts(row: Format, names: Sequence[str]) -> None:
    if names and not row.by_service_account:
        known = [other.name for other in FORMATS.values() if other.by_service_account]
        raise KeyringError(
            f"service_accounts has no use with format {row.name}.",
            f"Its consumer finds the Secret by itself; {', '.join(known)} look at the secrets of a ServiceAccount.",
            "Leave it out.",
            option="service_accounts",
        )


def no_credential() -> KeyringError:
    """The error for a task that gives no credential."""
    return KeyringError(
        "The credential is missing.",
        "",
        f"Give one of {', '.join(KINDS)} and credentials_from; with update_credentials=when_given it may be empty.",
        option="credentials_from",
    )


def _find_kind(params: Mapping[str, Any]) -> CredentialKind | None:
    kinds = [kind for kind in KINDS if params[kind] is not None]
    if len(kinds) > 1:
        raise KeyringError(
            f"{' and '.join(kinds)} are {len(kinds)} kinds of credential.",
            "A Secret holds one.",
            "Keep one of them, and use another Secret for the other.",
            option=kinds[1],
        )
    if not kinds and not params["credentials_from"]:
        raise no_credential()
    return kinds[0] if kinds else None


def _given_parts(params: Mapping[str, Any], kind: CredentialKind, runtime: Runtime) -> dict[str, str]:
    """The parts that are given, as they are given; a file is read."""
    if kind == "cookie_file":
        return {"cookie_file": params["cookie_file"]}
    options = params[kind]
    known = CUSTOM_PARTS[kind][0]
    parts = {part: options[part] for part in known if options.get(part) is not None}
    path = options.get("private_key_file")
    if path is not None:
        content = read_option_file("ssh.private_key_file", path, runtime.files, MAX_KEY) or b""
        parts["private_key"] = content.decode("utf-8", errors="replace")
    return parts


def _parse_url(row: Format, params: Mapping[str, Any]) -> GitUrl | None:
    if params["url"] is None:
        if row.url_needed:
            raise KeyringError(
                f"url is missing; format {row.name} needs it.",
                "It is how the consumer knows what the credential is for.",
                "Give the URL of the repository.",
                option="url",
            )
        return None
    if row.url_is_regex and str(params["format_options"].get(row.url_is_regex)).lower() == "true":
        check_secret_value(params["url"], "url")
        return None
    return parse_git_url(params["url"], "url")


def _check_ssh_options(params: Mapping[str, Any], row: Format, url: GitUrl | None) -> tuple[str, ...]:
    """What belongs together under ``ssh``; the fingerprints of host keys that may be accepted."""
    ssh = params["ssh"]
    if not ssh:
        return ()
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
    if ssh["generate"] and params["credentials_from"]:
        raise KeyringError(
            "ssh.generate and credentials_from exclude each other.",
            "Both say where the key comes from.",
            "Keep one.",
            option="ssh.generate",
        )
    if ssh["host_key_fingerprints"] is not None and not ssh["scan_host_keys"]:
        raise KeyringError(
            "ssh.host_key_fingerprints is given without ssh.scan_host_keys.",
            "It says which of the scanned host keys are accepted.",
            "Set ssh.scan_host_keys=true, or leave it out.",
            option="ssh.host_key_fingerprints",
        )
    if not ssh["scan_host_keys"]:
        return ()
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
            f"ssh.scan_host_keys is of no use to format {row.name}.", why, "Leave it out.", option="ssh.scan_host_keys"
        )
    if ssh["host_key_fingerprints"] == []:
        raise KeyringError(
            "ssh.host_key_fingerprints is empty.",
            "Without fingerprints whichever server answers would be trusted.",
            "Check the variable behind it, or leave it out.",
            option="ssh.host_key_fingerprints",
        )
    return parse_fingerprints(ssh["host_key_fingerprints"] or (), "ssh.host_key_fingerprints")
