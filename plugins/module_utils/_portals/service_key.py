# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service keys of SAP AI Core, as the SAP BTP cockpit and its programs hand them out.

Sources: the service key's own fields; SAP AI Core documentation, "Use a Service Key" and "X.509 service keys".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._cluster.client_certificate import ClientCertificate
from .._cluster.server_url import ServerUrl
from .._credentials.secret_values import check_encodable, is_path, secret_lines
from .._dataclasses import dataclass
from .._errors import KeyringError
from .connection import parse_portal_url

# The fields whose values are secret.
_SECRET_KEY_FIELDS = ("clientsecret", "key")
_API = "AI_API_URL"
# The path of the token service below its URL.
TOKEN_PATH = "/oauth/token"
_PLACEHOLDER = re.compile(r"<[^<>]*>")
_COPY_AGAIN = "Copy the whole JSON of the service key from the SAP BTP cockpit again."


@dataclass(frozen=True)
class ServiceKey:
    """A service key: where the API and its tokens are, and how the client proves who it is.

    It has either ``client_secret`` or ``certificate``. ``zone`` is the name of the subaccount's identity zone, where
    the key has it.
    """

    api: ServerUrl
    tokens: ServerUrl
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = field(default=None, repr=False)
    zone: str | None = None


def find_key_secrets(given: object) -> list[str]:
    """Return the secret strings of what may be a service key, a mapping or JSON, at any depth."""
    document = _load(given)
    found: list[str] = []
    if isinstance(document, Mapping):
        for name, value in document.items():
            if name in _SECRET_KEY_FIELDS and isinstance(value, str):
                found += [value, *secret_lines(_with_newlines(value))]
            elif isinstance(value, Mapping):
                found += find_key_secrets(value)
    return found


def parse_service_key(given: object, option: str) -> ServiceKey:
    """Parse a service key: a mapping, or its JSON as a string or bytes.

    ``option`` is the option that it is from. Raises KeyringError that names the field that is missing or wrong.
    """
    document = _load(given)
    if not isinstance(document, Mapping):
        raise _explain_no_key(given, option)
    place = option
    if "clientid" not in document and isinstance(document.get("credentials"), Mapping):
        document, place = document["credentials"], f"{option}.credentials"  # as the Cloud Foundry CLI prints it
    urls = document.get("serviceurls")
    if not isinstance(urls, Mapping) or _API not in urls:
        raise KeyringError(
            f"{place} has no serviceurls.{_API}, the URL of the API.",
            "It may be the service key of another service than SAP AI Core.",
            "Give the service key of a service instance of SAP AI Core.",
            option=f"{place}.serviceurls",
        )
    api = _parse_key_url(urls, _API, f"{place}.serviceurls", "/v2")
    client_id = _get_text(document, "clientid", place)
    zone = document.get("identityzone")
    shown_zone = zone if isinstance(zone, str) and zone else None
    if "certificate" in document or "certurl" in document:
        certificate = ClientCertificate(
            _get_pem(document, "certificate", place),
            _get_pem(document, "key", place),
            f"certificate and key of {place}",
            failure="invalid_option",
            option=f"{place}.certificate",
            key_option=f"{place}.key",
            remedy=_COPY_AGAIN,
        )
        tokens = _parse_key_url(document, "certurl", place, TOKEN_PATH)
        return ServiceKey(api, tokens, client_id, certificate=certificate, zone=shown_zone)
    tokens = _parse_key_url(document, "url", place, TOKEN_PATH)
    secret = _get_text(document, "clientsecret", place)
    return ServiceKey(api, tokens, client_id, client_secret=secret, zone=shown_zone)


def _load(given: object) -> object:
    """Return a service key as it was given, parsed where it is JSON; None for what is not JSON."""
    if not isinstance(given, (str, bytes)):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None


def _parse_key_url(document: Mapping[str, Any], name: str, place: str, path: str) -> ServerUrl:
    """Parse the URL in a field, without a path that is appended to it anyway: the SDK's files have it already."""
    text = _get_text(document, name, place)
    return parse_portal_url(text.rstrip("/").removesuffix(path), f"{place}.{name}")


def _get_pem(document: Mapping[str, Any], name: str, place: str) -> bytes:
    """Return PEM in a field."""
    return _with_newlines(_get_text(document, name, place)).encode()


def _with_newlines(text: str) -> str:
    r"""Return PEM with its newlines, for which an environment variable often has ``\n``."""
    return text.replace("\\n", "\n")


def _get_text(document: Mapping[str, Any], name: str, place: str) -> str:
    text = document.get(name)
    if text is None or text == "":
        raise KeyringError(f"{place} has no {name}.", "", _COPY_AGAIN, option=f"{place}.{name}")
    if not isinstance(text, str):
        raise KeyringError(
            f"{place}.{name} must be a string.", "", _COPY_AGAIN, failure="not_a_string", option=f"{place}.{name}"
        )
    check_encodable(text, f"{place}.{name}")
    if name in ("clientid", "clientsecret") and (text != text.strip() or _PLACEHOLDER.fullmatch(text)):
        raise KeyringError(
            f"{place}.{name} has whitespace at one end, or is a placeholder.",
            "SAP would not accept it.",
            _COPY_AGAIN,
            option=f"{place}.{name}",
        )
    return text


def _explain_no_key(given: object, option: str) -> KeyringError:
    """Return the error about a value that is no service key, without quoting it."""
    what, remedy = f"{option} is not a JSON object.", _COPY_AGAIN
    if isinstance(given, (str, bytes)):
        text = given.decode(errors="replace") if isinstance(given, bytes) else given
        if not text.strip():
            what = f"{option} is empty."
        elif option == "service_key" and is_path(text):
            what, remedy = f"{option} is a path.", "Give it as service_key_file."
        else:
            try:
                json.loads(text)
            except json.JSONDecodeError as error:
                what = f"{option} is not valid JSON (line {error.lineno}, column {error.colno})."
            except (ValueError, RecursionError):
                what = f"{option} is not valid JSON."
    return KeyringError(what, "A service key is a JSON object.", remedy, option=option)
