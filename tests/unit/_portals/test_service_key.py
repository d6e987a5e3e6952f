# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service keys of SAP AI Core are read in both kinds, and a field that is missing or wrong is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.service_key import (
    find_key_secrets,
    parse_service_key,
)

SECRET = "s3cret$of-the+key"
PEM_KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"


def make_key(**changes: Any) -> dict[str, Any]:
    """Return a service key with a secret; None removes a field."""
    key = {
        "clientid": "sb-1!b2|aicore!b3",
        "clientsecret": SECRET,
        "url": "https://acme.authentication.eu10.hana.ondemand.com",
        "identityzone": "acme",
        "identityzoneid": "0a1b",
        "appname": "aicore!b3",
        "serviceurls": {"AI_API_URL": "https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com"},
        **changes,
    }
    return {name: value for name, value in key.items() if value is not None}


def make_x509_key(**changes: Any) -> dict[str, Any]:
    """Return a service key with a certificate."""
    given = {
        "clientsecret": None,
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
        "key": PEM_KEY,
        "certurl": "https://acme.authentication.cert.eu10.hana.ondemand.com",
        **changes,
    }
    return make_key(**given)


FORMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "mapping": lambda key: key,
    "JSON": json.dumps,
    "bytes of a file": lambda key: json.dumps(key, indent=2).encode(),
    "as the Cloud Foundry CLI prints it": lambda key: {"credentials": key},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_with_a_secret(form: str) -> None:
    key = parse_service_key(FORMS[form](make_key()), "service_key")

    assert str(key.api) == "https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com"
    assert str(key.tokens) == "https://acme.authentication.eu10.hana.ondemand.com"
    assert (key.client_id, key.client_secret, key.certificate) == ("sb-1!b2|aicore!b3", SECRET, None)
    assert key.zone == "acme"
    assert SECRET not in repr(key)


@pytest.mark.parametrize("form", FORMS)
def test_a_key_with_a_certificate(form: str) -> None:
    key = parse_service_key(FORMS[form](make_x509_key()), "service_key")

    assert str(key.tokens) == "https://acme.authentication.cert.eu10.hana.ondemand.com"
    assert key.client_secret is None
    assert key.certificate is not None
    assert key.certificate.key == PEM_KEY.encode()
    assert "MIIEvQ" not in repr(key)


@pytest.mark.parametrize("form", FORMS)
def test_its_secrets_are_found(form: str) -> None:
    assert SECRET in find_key_secrets(FORMS[form](make_key()))
    assert PEM_KEY in find_key_secrets(FORMS[form](make_x509_key()))
    assert "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" in find_key_secrets(FORMS[form](make_x509_key()))


def test_newlines_as_in_an_environment_variable() -> None:
    given = make_x509_key(key=PEM_KEY.replace("\n", "\\n"))
    key = parse_service_key(given, "service_key")

    assert key.certificate is not None
    assert key.certificate.key == PEM_KEY.encode()
    assert "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" in find_key_secrets(given)


def test_urls_with_the_path_that_the_sdk_appends() -> None:
    given = make_key(
        url="https://acme.example.com/oauth/token/", serviceurls={"AI_API_URL": "https://api.example.com/v2/"}
    )
    key = parse_service_key(given, "service_key")

    assert (str(key.tokens), str(key.api)) == ("https://acme.example.com", "https://api.example.com")


WRONG: dict[str, tuple[object, str, str]] = {
    "no JSON": ("{clientid", "k", "invalid_option"),
    "a list": ([make_key()], "k", "invalid_option"),
    "a number": (7, "k", "invalid_option"),
    "nothing": ("", "k", "invalid_option"),
    "JSON that nests too deeply": ("[" * 100_000, "k", "invalid_option"),
    "no clientid": (make_key(clientid=None), "k.clientid", "invalid_option"),
    "an empty clientid": (make_key(clientid=""), "k.clientid", "invalid_option"),
    "a clientid that is a number": (make_key(clientid=7), "k.clientid", "not_a_string"),
    "no secret": (make_key(clientsecret=None), "k.clientsecret", "invalid_option"),
    "a secret that is a number": (make_key(clientsecret=7), "k.clientsecret", "not_a_string"),
    "no url": (make_key(url=None), "k.url", "invalid_option"),
    "no service URLs": (make_key(serviceurls=None), "k.serviceurls", "invalid_option"),
    "service URLs of another service": (make_key(serviceurls={}), "k.serviceurls", "invalid_option"),
    "a URL that is not encrypted": (make_key(url="http://acme.example.com"), "k.url", "invalid_option"),
    "an API that is not encrypted": (
        make_key(serviceurls={"AI_API_URL": "http://api.example.com"}),
        "k.serviceurls.AI_API_URL",
        "invalid_option",
    ),
    "a URL with a password": (make_key(url="https://user:pw@acme.example.com"), "k.url", "invalid_option"),
    "a secret that is not UTF-8": (make_key(clientsecret="a\ud800"), "k.clientsecret", "invalid_option"),
    "a secret with a newline": (make_key(clientsecret="abc\n"), "k.clientsecret", "invalid_option"),
    "a client ID with a blank": (make_key(clientid=" abc"), "k.clientid", "invalid_option"),
    "a placeholder": (make_key(clientsecret="<client secret>"), "k.clientsecret", "invalid_option"),
    "no URL at all": (make_key(url="acme"), "k.url", "invalid_option"),
    "no certificate": (make_x509_key(certificate=None), "k.certificate", "invalid_option"),
    "no key": (make_x509_key(key=None), "k.key", "invalid_option"),
    "no certurl": (make_x509_key(certurl=None), "k.certurl", "invalid_option"),
    "a field inside of credentials": ({"credentials": make_key(url=None)}, "k.credentials.url", "invalid_option"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_missing_or_wrong_is_named(case: str) -> None:
    given, option, failure = WRONG[case]
    with pytest.raises(KeyringError) as caught:
        parse_service_key(given, "k")

    assert caught.value.describe() == {"id": failure, "option": option, "namespace": None}
    assert SECRET not in str(caught.value)


NO_KEYS = {
    "cut off": (json.dumps(make_key())[:-1], "service_key is not valid JSON (line 1, column "),
    "without its first brace": (json.dumps(make_key())[1:], "service_key is not valid JSON (line 1, column 11)."),
    "a newline alone": ("\n", "service_key is empty."),
    "an empty file": (b"", "service_key is empty."),
    "a path": ("/keys/sap.json", "service_key is a path. A service key is a JSON object. Give it as service_key_file."),
    "a list": ([], "service_key is not a JSON object."),
    "a list in JSON": ("[]", "service_key is not a JSON object."),
    "of another service": (
        make_key(serviceurls=None),
        "service_key has no serviceurls.AI_API_URL, the URL of the API.",
    ),
    "without a field": (make_key(clientid=None), "service_key has no clientid. Copy the whole JSON"),
}


@pytest.mark.parametrize("case", NO_KEYS)
def test_a_message_states_what_is_wrong(case: str) -> None:
    given, message = NO_KEYS[case]
    with pytest.raises(KeyringError) as caught:
        parse_service_key(given, "service_key")

    assert str(caught.value).startswith(message)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:1", "127.8.9.1", "[::1]:1"])
def test_a_server_on_this_machine_need_not_be_encrypted(host: str) -> None:
    assert str(parse_service_key(make_key(url=f"http://{host}"), "k").tokens) == f"http://{host}"
