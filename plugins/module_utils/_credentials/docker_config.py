# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker configs: parsing in every form in which people have one, the credentials of entries, and rendering.

An entry stays the JSON object that it is, so fields that this collection does not know are preserved. What reads one
takes it from docker_fields.py, in the usual spelling. Credentials are read as by kubernetes
pkg/credentialprovider/config.go and written as by kubectl create secret docker-registry.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.secret_config import UnreadableAuth, split_auth
from .._kubelet.server_text import private_parts, public_server
from .docker_fields import (
    SECRET_FIELDS,
    Entry,
    OddObject,
    config_field,
    entry_field,
    entry_of,
    gather_auths,
    has_helpers,
    is_text,
    members_of,
    spell_entry,
)
from .secret_values import public_username

KEY = ".dockerconfigjson"
TYPE = "kubernetes.io/dockerconfigjson"
# The older form: the content of `auths` alone, under a key of its own.
LEGACY_KEY = ".dockercfg"
LEGACY_TYPE = "kubernetes.io/dockercfg"
# The name of the file that docker and builders read, as a key of a Secret that they mount.
CONFIG_JSON_KEY = "config.json"
OPAQUE_TYPE = "Opaque"

# The size of a Secret, and of a string that may hold one of that size: encoded, indented, or in a Secret.
MAX_BYTES = 1024 * 1024
MAX_READ = 4 * MAX_BYTES

# A docker config has three levels. Python's own limits depend on its version.
_MAX_CONFIG_DEPTH = 100
_MAX_DIGITS = 1000
# A Secret whose value is a Secret again.
_MAX_WRAPPINGS = 2
_BASE64_TEXT = re.compile(r"[A-Za-z0-9+/=\s]+")
# The first key of a JSON object whose braces were not copied.
_MEMBER = re.compile(r'"[^"\\]*"\s*:')


@dataclass(frozen=True)
class StoredLogin:
    """A user name and a password, as an entry stores them."""

    username: str
    password: str = field(repr=False)


def encode_auth(credentials: StoredLogin) -> str:
    """Return the ``auth`` of an entry: padded base64 of ``username:password``, also of half a surrogate pair."""
    return base64.b64encode(f"{credentials.username}:{credentials.password}".encode(errors="surrogatepass")).decode()


def decode_auth(auth: str) -> StoredLogin:
    """Parse an ``auth`` as the kubelet does: standard base64, padded or not, split at the first colon.

    Raise UnreadableAuth where the kubelet fails too, and where the text is not UTF-8.
    """
    username, password = split_auth(auth)
    try:
        return StoredLogin(username.decode(), password.decode())
    except UnicodeDecodeError:
        raise UnreadableAuth("its decoded text is not UTF-8") from None


def read_credentials(entry: Entry) -> StoredLogin | None:
    """Return the credentials of a spelled entry; None without a password.

    An ``auth`` takes precedence over plain fields. Raise UnreadableAuth for one that cannot be parsed.
    """
    auth, username, password = entry.get("auth"), entry.get("username"), entry.get("password")
    if auth is not None and not isinstance(auth, str):
        raise UnreadableAuth("it is not a string")
    if auth:
        return decode_auth(auth)
    if isinstance(username, str) and isinstance(password, str) and username and password:
        return StoredLogin(username, password)
    return None


def write_credentials(entry: Entry, credentials: StoredLogin, email: str | None = None) -> dict[str, Any]:
    """Return the spelled entry with these credentials in all three fields, in kubectl's order for a new one.

    An ``auth`` that means the same, such as an unpadded one, and all other fields stay as they are. A stored ``email``
    of the wrong type, for which the kubelet would refuse the whole Secret, is left out.
    """
    result = {"username": "", "password": "", **entry}
    result["username"], result["password"] = credentials.username, credentials.password
    if email is not None:
        result["email"] = email
    elif not is_text(result.get("email")):
        del result["email"]
    try:
        same = bool(entry.get("auth")) and read_credentials(entry) == credentials
    except UnreadableAuth:
        same = False
    if not same:
        result["auth"] = encode_auth(credentials)
    return result


def render_docker_config(config: Mapping[str, Any]) -> str:
    """Return a docker config as compact JSON, in the order of its keys."""
    text = json.dumps(config, separators=(",", ":"), ensure_ascii=False)
    # Half a surrogate pair, which JSON has and UTF-8 has not, is written as an escape.
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half.group()):04x}", text)


def docker_config_size(config: Mapping[str, Any]) -> int:
    """Return the size of a docker config in bytes, as it would be written."""
    return len(render_docker_config(config).encode())


def parse_docker_config(source: object, option: str) -> dict[str, Any]:
    """Parse a docker config in any of the forms in which people have one. Its ``auths`` map servers to objects.

    Forms: a mapping; JSON or YAML as a string or bytes, also JSON without its outer braces; base64 of that; a Secret
    (``data`` or ``stringData``), alone or in a List or among other documents; the content of its ``data``; each of them
    also with the older ``.dockercfg``.
    Raise KeyringError naming ``option`` for anything else; no message quotes any of the content.
    """
    config = gather_auths(_unwrap(source, option, depth=0))
    auths = config.get("auths")
    if auths is None:
        raise _no_auths(config, option)
    try:
        _check_keys(auths, option)
        size = docker_config_size(config)
    except RecursionError:
        raise _too_deep(option) from None
    except TypeError:
        raise KeyringError(
            f"{option} has a value that JSON does not have.", "", "Give it as a string.", option=option
        ) from None
    _check_auths(auths, option)
    if size > MAX_BYTES:
        raise _too_large(option)
    return config


def _no_auths(config: Mapping[str, Any], option: str) -> KeyringError:
    why = "A docker config keeps its registries there."
    if "dockerconfigjson" in config:
        return KeyringError(f"{option} has no .dockerconfigjson.", "Its name begins with a dot.", "", option=option)
    if has_helpers(config):
        why += " This one only names programs that hold the credentials."
    return KeyringError(
        f'{option} has no "auths".',
        why,
        'Give {"auths": {"ghcr.io": {"username": …, "password": …}}}, or write registries.',
        option=option,
    )


def parse_stored_config(text: bytes, option: str, *, legacy: bool, keys_twice: bool = True) -> dict[str, Any]:
    """Parse the docker config of a Secret, as strictly as the kubelet does. The ``auths`` of the result may be empty.

    With ``legacy`` the text is of the older form, a bare mapping of server to entry. A key that occurs twice is read as
    the kubelet reads it; without ``keys_twice`` it is refused. Raise KeyringError naming ``option`` unless the text is
    JSON of that shape.
    """
    stored: object = {}
    if text.strip():
        stored = _load_json(_decode_utf8(text, option), option, keys_twice=keys_twice)
    if stored is None:
        stored = {}
    if not isinstance(stored, dict):
        raise KeyringError(f"{option} must be a mapping; it is {_json_type(stored)}.", option=option)
    config = {"auths": stored} if legacy else gather_auths(stored)
    if config.get("auths") is None:
        config["auths"] = {}
    _check_auths(config["auths"], option)
    return config


def usable_credentials(config: Mapping[str, Any], server: str, option: str) -> StoredLogin:
    """Return the credentials of an entry of an imported docker config. Raise KeyringError if it has none to read."""
    entry = entry_of(config, server)
    try:
        credentials = read_credentials(entry)
    except UnreadableAuth as error:
        raise KeyringError(
            f"{option}.auth cannot be read: {error}.",
            "The kubelet would refuse every Pod that uses the Secret.",
            "Write username and password instead, or encode username:password as standard base64.",
            option=f"{option}.auth",
        ) from None
    if credentials is None or not credentials.password:
        raise KeyringError(
            f"{option} has no credentials.",
            _missing_reason(config, entry, credentials),
            "Give username and password there, or write the registry under registries.",
            option=option,
        )
    return credentials


def is_stub(config: Mapping[str, Any], server: str) -> bool:
    """Return whether an entry stands for credentials that are elsewhere: it has no value that could be one of them.

    Next to a credential helper it may have a user name.
    """
    names = ("password", "auth") if has_helpers(config) else ("username", "password", "auth")
    entry = entry_of(config, server)
    return all(entry.get(name) in (None, "") for name in names)


def secret_texts(config: Mapping[str, Any]) -> set[str]:
    """Return the strings in secret fields of a docker config, with the passwords and ``auth`` that follow from them.

    Those that a later value replaces are among them.
    """
    texts: set[str] = set()
    for _server, entry in members_of(config["auths"]):
        for name, value in members_of(entry or {}):
            if entry_field(name) in SECRET_FIELDS and isinstance(value, str):
                texts.add(value)
                texts |= _login_texts({"auth": value})
        texts |= _login_texts(spell_entry(entry))
    return texts


def _login_texts(entry: Entry) -> set[str]:
    """Return the password of a spelled entry, and its ``auth`` as this collection writes it."""
    try:
        credentials = read_credentials(entry)
    except UnreadableAuth:
        return set()
    return {credentials.password, encode_auth(credentials)} if credentials else set()


def doubtful_texts(config: Mapping[str, Any]) -> set[str]:
    """Return the other values in a docker config that results do not show: of unknown fields, and parts of names."""
    texts = set(_leaves({**config, "auths": None}))
    for server, entry in members_of(config["auths"]):
        texts.update(private_parts(server))
        for name, value in members_of(entry or {}):
            usual = entry_field(name)
            if not isinstance(value, str) or usual is None:
                texts.update(_leaves(value))
            elif usual == "username" and public_username(value, None) != value:
                texts.add(value)
    return texts


def _leaves(value: object) -> Iterator[str]:
    """Yield all strings and numbers in a JSON value as strings, at any depth, without keys."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            yield item
        elif item is not None and not isinstance(item, bool):
            yield json.dumps(item)


def _missing_reason(config: Mapping[str, Any], entry: Entry, credentials: StoredLogin | None) -> str:
    """Return why a spelled entry has no credentials; ``credentials`` are those of its ``auth``, without a password."""
    if entry.get("identitytoken") or entry.get("registrytoken"):
        return "It has only a token of a login session (identitytoken), which no kubelet uses."
    if credentials is not None:
        return "Its password is empty." if credentials.username else "Its username and password are empty."
    for name in ("username", "password"):
        if not is_text(entry.get(name)):
            return f"Its {name} is {_json_type(entry[name])}, not a string."
    if has_helpers(config):
        return "They are in a credential store of the machine where the login was made (credsStore, credHelpers)."
    if entry.get("username"):
        return "Its password is empty." if "password" in entry else "It has a username and no password."
    if entry.get("password"):
        return "Its username is empty." if "username" in entry else "It has a password and no username."
    return "It has neither auth nor username and password."


def _check_keys(value: object, option: str) -> None:
    """Raise KeyringError for a key that is not a string: a mapping may come from YAML, as may 5000, 1.10 and yes."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise KeyringError(
                    f"{option}.auths has a key that is {_json_type(key)}.",
                    "Every key of a docker config is a string.",
                    "Quote it.",
                    option=option,
                )
            _check_keys(item, option)
    elif isinstance(value, list):
        for item in value:
            _check_keys(item, option)


def _check_auths(auths: object, option: str) -> None:
    if not isinstance(auths, dict):
        raise KeyringError(
            f"{option}.auths must be a mapping of server to entry; it is {_json_type(auths)}.", option=option
        )
    for server, entry in auths.items():
        if entry is not None and not isinstance(entry, dict):
            place = f'{option}.auths["{public_server(server)}"]'
            raise KeyringError(f"{place} must be a mapping; it is {_json_type(entry)}.", option=place)


def _unwrap(source: object, option: str, depth: int) -> dict[str, Any]:
    from .secret_documents import find_stored_values

    document: Any = source
    if isinstance(source, (str, bytes)):
        document = _load_text(source, option)
    if not isinstance(document, dict):
        raise KeyringError(
            f"{option} must be a docker config; it is {_json_type(document)}.",
            'A docker config is a mapping with "auths".',
            "Give it as a mapping, as JSON text, or as base64 of that.",
            option=option,
        )
    if _has_auths(document) or depth == _MAX_WRAPPINGS:
        return document
    values = find_stored_values(document)
    if len(values) > 1:
        raise KeyringError(
            f"{option} has {len(values)} Secrets with a docker config.",
            "Only one is imported.",
            "Keep the one whose registries are needed.",
            option=option,
        )
    if values:
        inside = _unwrap(values[0].value, option, depth + 1)
        return {"auths": inside} if values[0].key == LEGACY_KEY and not _has_auths(inside) else inside
    return {"auths": document} if _is_older_form(document) else document


def _has_auths(document: Mapping[str, Any]) -> bool:
    return any(config_field(name) == "auths" for name in document)


def _is_older_form(document: Mapping[str, Any]) -> bool:
    """Return whether a mapping without ``auths`` is of the older form: it maps servers to entries."""
    if any(config_field(name) for name in document):
        return False
    if not all(entry is None or isinstance(entry, dict) for entry in document.values()):
        return False
    return any(map(_has_entry_field, document.values()))


def _has_entry_field(entry: Entry | None) -> bool:
    return any(entry_field(name) for name in entry or ())


def _load_text(source: str | bytes, option: str) -> object:
    text = _read_text(source, option)
    if not _BASE64_TEXT.fullmatch(text):
        return _load_document(text, option)
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True)
        inside = _read_text(decoded, option)
    except (binascii.Error, ValueError, KeyringError):
        raise _not_readable(option) from None
    return _load_document(inside, option)


def _read_text(source: str | bytes, option: str) -> str:
    from .text_encoding import decode_text, to_bytes

    if len(to_bytes(source)) > MAX_READ:
        raise _too_large(option)
    text = decode_text(source, option).strip()
    if not text:
        raise KeyringError(f"{option} is empty.", "", "Check the variable or the file behind it.", option=option)
    return text


def _load_document(text: str, option: str) -> object:
    """Return the value of JSON, or of YAML: the only document, or those that are mappings as the items of a List."""
    from .secret_documents import NotYaml, load_yaml

    if _MEMBER.match(text):
        return _load_json(f"{{{text.rstrip(',')}}}", option)
    if text.startswith(("{", "[", '"')):
        return _load_json(text, option)
    try:
        documents = load_yaml(text)
    except NotYaml:
        raise _not_readable(option) from None
    mappings = [document for document in documents if isinstance(document, dict)]
    if not mappings:
        raise _not_readable(option)
    return mappings[0] if len(mappings) == 1 else {"items": mappings}


def _not_readable(option: str) -> KeyringError:
    return KeyringError(
        f"{option} is neither JSON, YAML nor base64 of these.",
        "",
        "Give the content of a docker config (config.json), a Secret, or the content of its data.",
        option=option,
    )


def _load_json(text: str, option: str, *, keys_twice: bool = False) -> object:
    try:
        document: object = json.loads(
            text,
            parse_constant=_refuse_nan,
            parse_float=_parse_float,
            parse_int=_parse_int,
            object_pairs_hook=_keep_keys_twice if keys_twice else _refuse_keys_twice,
        )
    except RecursionError:
        raise _too_deep(option) from None
    except _LargeNumberError:
        raise KeyringError(
            f"{option} has a number that is too large.",
            "It could not be written as it is.",
            "Remove it.",
            option=option,
        ) from None
    except _KeyTwiceError:
        raise KeyringError(
            f"{option} has one key twice in one object.",
            "Readers keep only one of the two.",
            "Remove one of them.",
            option=option,
        ) from None
    except ValueError as error:
        where = ""
        if isinstance(error, json.JSONDecodeError):
            where = f" (line {error.lineno}, column {error.colno})"
        raise KeyringError(
            f"{option} is not valid JSON{where}.", "", "Check that it is complete.", option=option
        ) from None
    if _is_too_deep(document):
        raise _too_deep(option)
    return document


def _is_too_deep(document: object) -> bool:
    """Return whether a JSON value is so deep that a recursive function may fail on it."""
    level = [document]
    for _depth in range(_MAX_CONFIG_DEPTH):
        inside: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inside += item.values()
            elif isinstance(item, list):
                inside += item
        level = inside
    return bool(level)


def _decode_utf8(data: bytes, option: str) -> str:
    """Return the text of a stored value. Raise KeyringError for what the kubelet cannot read either."""
    if len(data) > MAX_READ:
        raise _too_large(option)
    if data.startswith(b"\xef\xbb\xbf"):
        raise KeyringError(
            f"{option} starts with a byte-order mark.",
            "Kubernetes refuses it.",
            "Save it as UTF-8 without one.",
            option=option,
        )
    try:
        return data.decode()
    except UnicodeDecodeError:
        from .text_encoding import not_utf8

        raise not_utf8(option) from None


def _too_deep(option: str) -> KeyringError:
    return KeyringError(f"{option} is nested too deeply to be a docker config.", option=option)


def _too_large(option: str) -> KeyringError:
    return KeyringError(
        f"{option} is larger than 1 MiB.",
        "A Secret cannot hold more.",
        "Keep only the registries that are needed.",
        option=option,
    )


def _parse_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _LargeNumberError
    return number


def _parse_int(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise _LargeNumberError
    return int(text)


def _refuse_nan(_text: str) -> float:
    raise ValueError("not JSON")


def _refuse_keys_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _KeyTwiceError
    return document


def _keep_keys_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else OddObject(pairs)


class _LargeNumberError(ValueError):
    """A number that Python reads as infinity, or does not read at all."""


class _KeyTwiceError(ValueError):
    """A key that occurs twice in one JSON object, so that one of its two values would be lost."""


def _json_type(value: object) -> str:
    names = {list: "a list", dict: "a mapping", str: "a string", bool: "a boolean", type(None): "empty"}
    return names.get(type(value), "a number")
