# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker configs in every form people have, and ``auth`` as the kubelet reads it (pkg/credentialprovider/config.go)."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
    StoredLogin,
    decode_auth,
    doubtful_texts,
    encode_auth,
    parse_docker_config,
    parse_stored_config,
    read_credentials,
    render_docker_config,
    secret_texts,
    usable_credentials,
    write_credentials,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.secret_config import UnreadableAuth
from support.samples.secrets import encode, refusal

ADA = StoredLogin("ada", "s3cret")
ADA_AUTH = "YWRhOnMzY3JldA=="
ADA_ENTRY = {"username": "ada", "password": "s3cret", "auth": ADA_AUTH}

MEBIBYTE = 1024 * 1024

NOT_BASE64 = "it is not base64"
URL_SAFE = "it is URL-safe base64, and only standard base64 is read"
NO_COLON = "its decoded text has no colon between user and password"


@pytest.mark.parametrize(
    ("credentials", "auth"),
    [
        pytest.param(ADA, ADA_AUTH, id="padded"),
        pytest.param(StoredLogin("ping", "pong"), "cGluZzpwb25n", id="no padding needed"),
        pytest.param(StoredLogin("grüße", "a:b:c "), "Z3LDvMOfZTphOmI6YyA=", id="UTF-8, colons and a blank"),
        pytest.param(StoredLogin("<>?", "~~~"), "PD4/On5+fg==", id="the standard alphabet"),
        pytest.param(StoredLogin("a", "\udcfc"), "YTrts7w=", id="a byte that was not UTF-8"),
    ],
)
def test_encode_auth(credentials: StoredLogin, auth: str) -> None:
    assert encode_auth(credentials) == auth


# Each row was also read with Go's encoding/base64 as the kubelet calls it.
@pytest.mark.parametrize(
    ("auth", "username", "password"),
    [
        pytest.param("cGluZzpwb25n", "ping", "pong", id="no padding needed"),
        pytest.param("Zm9vOmJhcg==", "foo", "bar", id="padded"),
        pytest.param("Zm9vOmJhcg", "foo", "bar", id="unpadded"),
        pytest.param("Zm9vOmJhch==", "foo", "bar", id="padded, with spare bits"),
        pytest.param("Zm9vOmJhch", "foo", "bar", id="unpadded, with spare bits"),
        pytest.param("Zm9v\r\nOmJhcg==\n", "foo", "bar", id="line ends inside and after"),
        pytest.param("Zm9vOmJhcg=\n=", "foo", "bar", id="line end within the padding"),
        pytest.param("Zm9vOmJhcg\n", "foo", "bar", id="unpadded, line end after"),
        pytest.param("Zm9vOnDDpHNz", "foo", "päss", id="UTF-8"),
        pytest.param("Zm9vOmE6YjpjCg==", "foo", "a:b:c\n", id="split at the first colon, newline kept"),
        pytest.param("PD4/On5+fg==", "<>?", "~~~", id="the standard alphabet"),
        pytest.param("OnB3", "", "pw", id="no user"),
        pytest.param("dTo=", "u", "", id="no password"),
        pytest.param("Og==", "", "", id="a colon alone"),
    ],
)
def test_decode_auth(auth: str, username: str, password: str) -> None:
    assert decode_auth(auth) == StoredLogin(username, password)


@pytest.mark.parametrize(
    ("auth", "reason"),
    [
        pytest.param("pants", NOT_BASE64, id="a length that none has"),
        pytest.param("ada:s3cret", NOT_BASE64, id="plain text"),
        pytest.param("Zm9vOmJhcg== ", NOT_BASE64, id="blank after the padding"),
        pytest.param("Zm9vOmJhcg ", NOT_BASE64, id="blank at the end"),
        pytest.param("Zm9v OmJhcg==", NOT_BASE64, id="blank inside"),
        pytest.param("Zm9vOmJhcg=", NOT_BASE64, id="half the padding"),
        pytest.param("Zm9vOmJh=", NOT_BASE64, id="padding where none belongs"),
        pytest.param("Zm9vOmJh==", NOT_BASE64, id="two where none belongs"),
        pytest.param("Zm9vOmJhcg==Zm9v", NOT_BASE64, id="more after the padding"),
        pytest.param("====", NOT_BASE64, id="padding alone"),
        pytest.param("Z3LDvMOfZTph*", NOT_BASE64, id="another character"),
        pytest.param("grüße", NOT_BASE64, id="not ASCII"),
        pytest.param("Zm9vOnD_c3M=", URL_SAFE, id="underscore"),
        pytest.param("Zm9vOnD-c3M=", URL_SAFE, id="hyphen"),
        pytest.param("cGFudHM=", NO_COLON, id="no colon"),
        pytest.param("", NO_COLON, id="empty"),
        pytest.param("Zm9vOv8=", "its decoded text is not UTF-8", id="not UTF-8"),
    ],
)
def test_decode_auth_refuses(auth: str, reason: str) -> None:
    with pytest.raises(UnreadableAuth) as caught:
        decode_auth(auth)
    assert str(caught.value) == reason


def test_credentials_do_not_print_the_password() -> None:
    assert repr(ADA) == "StoredLogin(username='ada')"


@pytest.mark.parametrize(
    ("entry", "credentials"),
    [
        pytest.param({"username": "ada", "password": "s3cret"}, ADA, id="two fields"),
        pytest.param({"auth": ADA_AUTH}, ADA, id="auth alone"),
        pytest.param({"username": "x", "password": "y", "auth": ADA_AUTH}, ADA, id="auth wins"),
        pytest.param({"username": "ada", "password": "s3cret", "auth": ""}, ADA, id="empty auth does not"),
        pytest.param({"username": "ada", "password": "s3cret", "auth": None}, ADA, id="nor does null"),
        pytest.param({"username": "ada"}, None, id="no password"),
        pytest.param({"username": "ada", "password": ""}, None, id="empty password"),
        pytest.param({"password": "s3cret"}, None, id="no username"),
        pytest.param({"username": 7, "password": "s3cret"}, None, id="a number as username"),
        pytest.param({"username": "ada", "password": 7}, None, id="a number as password"),
        pytest.param({"username": "", "password": "s3cret"}, None, id="empty username"),
        pytest.param({"identitytoken": "s3cret"}, None, id="identity token"),
        pytest.param({}, None, id="empty"),
    ],
)
def test_read_credentials(entry: dict[str, Any], credentials: StoredLogin | None) -> None:
    assert read_credentials(entry) == credentials


# The kubelet refuses a Secret in which one of these is not a text.
@pytest.mark.parametrize("auth", [7, 0, True, False, [], {}, ["YWRhOnMzY3JldA=="]])
def test_read_credentials_refuses_an_auth_that_is_no_text(auth: object) -> None:
    with pytest.raises(UnreadableAuth) as caught:
        read_credentials({"username": "ada", "password": "s3cret", "auth": auth})
    assert str(caught.value) == "it is not a string"


@pytest.mark.parametrize(
    ("entry", "email", "written"),
    [
        pytest.param({}, None, ADA_ENTRY, id="new"),
        pytest.param({}, "a@example.com", {**ADA_ENTRY, "email": "a@example.com"}, id="new with e-mail"),
        pytest.param(ADA_ENTRY, None, ADA_ENTRY, id="the same"),
        pytest.param({"auth": ADA_AUTH}, None, ADA_ENTRY, id="only auth is completed"),
        pytest.param({"username": "ada", "password": "s3cret"}, None, ADA_ENTRY, id="missing auth is added"),
        pytest.param({**ADA_ENTRY, "auth": ""}, None, ADA_ENTRY, id="empty auth is filled"),
        pytest.param({**ADA_ENTRY, "username": "eve"}, None, ADA_ENTRY, id="contradicting username is repaired"),
        pytest.param({**ADA_ENTRY, "password": "old"}, None, ADA_ENTRY, id="contradicting password is repaired"),
        pytest.param({**ADA_ENTRY, "auth": encode("ada:old")}, None, ADA_ENTRY, id="other credentials are replaced"),
        pytest.param({**ADA_ENTRY, "auth": "pants"}, None, ADA_ENTRY, id="unreadable auth is replaced"),
        pytest.param({**ADA_ENTRY, "auth": 7}, None, ADA_ENTRY, id="an auth of another type is replaced"),
        pytest.param(
            {**ADA_ENTRY, "auth": "YWRhOnMzY3JldA"}, None, {**ADA_ENTRY, "auth": "YWRhOnMzY3JldA"}, id="unpadded stays"
        ),
        pytest.param(
            {**ADA_ENTRY, "email": "old@example.com"},
            None,
            {**ADA_ENTRY, "email": "old@example.com"},
            id="stored e-mail stays",
        ),
        pytest.param(
            {**ADA_ENTRY, "email": "old@example.com"},
            "new@example.com",
            {**ADA_ENTRY, "email": "new@example.com"},
            id="given e-mail wins",
        ),
        pytest.param(
            {**ADA_ENTRY, "email": False}, None, ADA_ENTRY, id="an e-mail that the kubelet refuses is left out"
        ),
        pytest.param(
            {**ADA_ENTRY, "email": None}, None, {**ADA_ENTRY, "email": None}, id="a null e-mail, which it takes, stays"
        ),
        pytest.param(
            {"identitytoken": "t", "x": [1, None]},
            None,
            {**ADA_ENTRY, "identitytoken": "t", "x": [1, None]},
            id="unknown fields stay",
        ),
    ],
)
def test_write_credentials(entry: dict[str, Any], email: str | None, written: dict[str, Any]) -> None:
    given = json.dumps(entry)
    assert write_credentials(entry, ADA, email) == written
    assert json.dumps(entry) == given, "the entry that was given has changed"


@pytest.mark.parametrize(
    ("entry", "email", "order"),
    [
        pytest.param({}, "a@example.com", ["username", "password", "email", "auth"], id="new, in kubectl's"),
        pytest.param({"auth": ADA_AUTH}, None, ["username", "password", "auth"], id="completed"),
        pytest.param({"email": "a", "x": 1}, None, ["username", "password", "email", "x", "auth"], id="other fields"),
    ],
)
def test_the_order_of_fields(entry: dict[str, Any], email: str | None, order: list[str]) -> None:
    assert list(write_credentials(entry, ADA, email)) == order


def test_render_docker_config() -> None:
    config = {"auths": {"b.io": {"username": "grüße"}, "a.io": None}, "n": 1.5}
    assert render_docker_config(config) == '{"auths":{"b.io":{"username":"grüße"},"a.io":null},"n":1.5}'


CONFIG: dict[str, Any] = {"auths": {"ghcr.io": {"auth": ADA_AUTH, "x": 1}}, "credsStore": "pass"}
TEXT = json.dumps(CONFIG)
MANIFEST = (
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: acme-puller\n"
    f"data:\n  {KEY}: {encode(TEXT)}\ntype: kubernetes.io/dockerconfigjson\n"
)
LIST = "kind: List\nitems:\n- kind: Namespace\n- " + MANIFEST.replace("\n", "\n  ")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(CONFIG, id="mapping"),
        pytest.param(TEXT, id="JSON text"),
        pytest.param(f"\n  {json.dumps(CONFIG, indent=4)}\r\n", id="indented text with line ends"),
        pytest.param(TEXT.encode(), id="bytes"),
        pytest.param(encode(TEXT), id="base64"),
        pytest.param(encode(TEXT).encode(), id="base64 as bytes"),
        pytest.param("\n".join(encode(TEXT)[i : i + 20] for i in range(0, 200, 20)), id="base64 in lines"),
        pytest.param({KEY: encode(TEXT)}, id="inside of data"),
        pytest.param({"data": {KEY: encode(TEXT)}}, id="Secret with data"),
        pytest.param({"kind": "Secret", "stringData": {KEY: TEXT}}, id="Secret with stringData"),
        pytest.param(json.dumps({"data": {KEY: encode(TEXT)}}), id="Secret as JSON text"),
        pytest.param(encode(json.dumps({"data": {KEY: encode(TEXT)}})), id="Secret as base64"),
        pytest.param({KEY: CONFIG}, id="inside of data, not encoded"),
        pytest.param({"data": {KEY: encode(json.dumps({KEY: CONFIG}))}}, id="inside of data twice"),
        pytest.param(MANIFEST, id="the download of Quay"),
        pytest.param(MANIFEST.encode(), id="it as bytes"),
        pytest.param(encode(MANIFEST), id="it as base64"),
        pytest.param(f"\ufeff# Red Hat\n---\n{MANIFEST}---\n", id="it with a mark, a comment and separators"),
        pytest.param(MANIFEST.replace("\n", "\r\n"), id="it with the newlines of Windows"),
        pytest.param(f"kind: Namespace\n---\n{MANIFEST}---\nkind: ServiceAccount\n", id="one of several documents"),
        pytest.param(LIST, id="one of a List"),
        pytest.param(f"kind: Namespace\n---\n{LIST}", id="one of a List among documents"),
        pytest.param(
            json.dumps({"items": [{"kind": "Secret", "data": {"x": "y"}}, {"data": {KEY: encode(TEXT)}}]}),
            id="one of a List as JSON",
        ),
        pytest.param(f"kind: Secret\nstringData:\n  {KEY}: |\n    {TEXT}\n", id="stringData of a manifest"),
        pytest.param(
            {"data": {KEY: encode('{"auths": {"old.io": {"auth": "YTpi"}}}')}, "stringData": {KEY: TEXT}},
            id="stringData replaces data",
        ),
        *(
            pytest.param(source, id=f"byte-order mark: {name}")
            for name, source in {
                "a text": "\ufeff" + TEXT,
                "UTF-8": b"\xef\xbb\xbf" + TEXT.encode(),
                "base64": encode("\ufeff" + TEXT),
                "UTF-16 of PowerShell": b"\xff\xfe" + TEXT.encode("utf-16-le"),
                "the other UTF-16": b"\xfe\xff" + TEXT.encode("utf-16-be"),
                "UTF-32": b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"),
                "the other UTF-32": b"\0\0\xfe\xff" + TEXT.encode("utf-32-be"),
                "UTF-16 that Ansible read": (b"\xff\xfe" + TEXT.encode("utf-16-le")).decode(errors="surrogateescape"),
                "a manifest": b"\xff\xfe" + MANIFEST.encode("utf-16-le"),
                "base64 of UTF-16": encode(b"\xff\xfe" + TEXT.encode("utf-16-le")),
            }.items()
        ),
    ],
)
def test_parse_docker_config(source: object) -> None:
    assert parse_docker_config(source, "docker_config") == CONFIG


OLDER = CONFIG["auths"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(OLDER, id="mapping"),
        pytest.param(json.dumps(OLDER), id="JSON text"),
        pytest.param(encode(json.dumps(OLDER)), id="base64"),
        pytest.param({LEGACY_KEY: encode(json.dumps(OLDER))}, id="inside of data"),
        pytest.param({"type": LEGACY_TYPE, "data": {LEGACY_KEY: encode(json.dumps(OLDER))}}, id="Secret"),
        pytest.param({"stringData": {LEGACY_KEY: json.dumps(OLDER)}}, id="stringData"),
        pytest.param(MANIFEST.replace(KEY, LEGACY_KEY).replace(encode(TEXT), encode(json.dumps(OLDER))), id="manifest"),
        pytest.param("ghcr.io:\n  auth: YWRhOnMzY3JldA==\n  x: 1\n", id="YAML"),
        pytest.param(
            {
                "type": LEGACY_TYPE,
                "data": {KEY: encode('{"auths": {"old.io": {}}}'), LEGACY_KEY: encode(json.dumps(OLDER))},
            },
            id="under the key of the type",
        ),
        pytest.param({LEGACY_KEY: encode(json.dumps({"auths": OLDER}))}, id="the newer content under the older key"),
    ],
)
def test_parse_docker_config_of_the_older_form(source: object) -> None:
    assert parse_docker_config(source, "docker_config") == {"auths": OLDER}


@pytest.mark.parametrize("field", [{KEY: "x"}, {"data": {}}, {"data": "x"}, {"stringData": {"x": "y"}}])
def test_a_docker_config_may_have_fields_like_those_of_a_secret(field: dict[str, Any]) -> None:
    assert parse_docker_config({**CONFIG, **field}, "docker_config") == {**CONFIG, **field}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('{"auths": {}}', id="no registry, which is told later"),
        pytest.param('{"auths": {"ghcr.io": null}}', id="null entry"),
        pytest.param('{"auths": {"ghcr.io": {"n": 1e3, "big": 12345678901234567890123}}}', id="numbers"),
        pytest.param('{"auths": {"ghcr.io": {"a": "\\u00fc\\n"}}}', id="escapes"),
    ],
)
def test_parse_docker_config_keeps_the_json_value(source: str) -> None:
    assert parse_docker_config(source, "docker_config") == json.loads(source)


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _level in range(depth):
        document = {"x": document}
    return document


def of_size(size: int) -> dict[str, Any]:
    """A docker config of so many bytes as it is written."""
    empty = len('{"auths":{"ghcr.io":{"x":""}}}')
    return {"auths": {"ghcr.io": {"x": "x" * (size - empty)}}}


A_CONFIG = 'A docker config is a mapping with "auths". Give it as a mapping, as JSON text, or as base64 of that.'
NO_AUTHS = 'docker_config has no "auths". A docker config keeps its registries there.'
AN_EXAMPLE = 'Give {"auths": {"ghcr.io": {"username": …, "password": …}}}, or write registries.'
HELPERS = "This one only names programs that hold the credentials."
EMPTY = "docker_config is empty. Check the variable or the file behind it."
ONE_KEY_TWICE = "docker_config has one key twice in one object. Readers keep only one of the two. Remove one of them."
NEITHER = (
    "docker_config is neither JSON, YAML nor base64 of these. "
    "Give the content of a docker config (config.json), a Secret, or the content of its data."
)
UTF_16 = "docker_config is not UTF-8 text. It looks like UTF-16. Save it as UTF-8."
TOO_LARGE = "docker_config is larger than 1 MiB. A Secret cannot hold more. Keep only the registries that are needed."


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param([CONFIG], f"docker_config must be a docker config; it is a list. {A_CONFIG}", id="list"),
        pytest.param("[]", f"docker_config must be a docker config; it is a list. {A_CONFIG}", id="list as JSON"),
        pytest.param("W10=", f"docker_config must be a docker config; it is a list. {A_CONFIG}", id="list as base64"),
        pytest.param('"x"', f"docker_config must be a docker config; it is a string. {A_CONFIG}", id="text in JSON"),
        pytest.param(7, f"docker_config must be a docker config; it is a number. {A_CONFIG}", id="number"),
        pytest.param(True, f"docker_config must be a docker config; it is a boolean. {A_CONFIG}", id="boolean"),
        pytest.param(None, f"docker_config must be a docker config; it is empty. {A_CONFIG}", id="null"),
        pytest.param(
            {"data": {KEY: None}}, f"docker_config must be a docker config; it is empty. {A_CONFIG}", id="empty data"
        ),
        pytest.param({}, f"{NO_AUTHS} {AN_EXAMPLE}", id="no auths"),
        pytest.param({"auths": None}, f"{NO_AUTHS} {AN_EXAMPLE}", id="null auths"),
        pytest.param({KEY: {KEY: {KEY: CONFIG}}}, f"{NO_AUTHS} {AN_EXAMPLE}", id="wrapped three times"),
        pytest.param({"credsStore": "pass"}, f"{NO_AUTHS} {HELPERS} {AN_EXAMPLE}", id="only credsStore"),
        pytest.param({"credHelpers": {"a": "b"}}, f"{NO_AUTHS} {HELPERS} {AN_EXAMPLE}", id="only credHelpers"),
        pytest.param({"credHelpers": {}}, f"{NO_AUTHS} {AN_EXAMPLE}", id="empty credHelpers"),
        pytest.param(
            {"auths": [{"ghcr.io": {}}]},
            "docker_config.auths must be a mapping of server to entry; it is a list.",
            id="auths is a list",
        ),
        pytest.param(
            {"auths": {"u:s3cret@ghcr.io": "s3cret"}},
            'docker_config.auths["ghcr.io"] must be a mapping; it is a string.',
            id="entry is a text",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"x": datetime.date(2026, 1, 1)}}},
            "docker_config has a value that JSON does not have. Give it as a string.",
            id="a date of YAML",
        ),
        pytest.param("", EMPTY, id="empty"),
        pytest.param(b" \n", EMPTY, id="blank"),
        pytest.param("s3cret!", NEITHER, id="neither JSON nor base64"),
        pytest.param("grüße", NEITHER, id="not ASCII either"),
        *(pytest.param(word, NEITHER, id=f"the word {word}") for word in ("None", "null", "true", "docker_config")),
        *(
            pytest.param(f"auths:\n  ghcr.io: {entry}\n", NEITHER, id=f"YAML with {name}")
            for name, entry in {
                "an alias": "&a {auth: x}\n  quay.io: *a",
                "a key twice": "{auth: x}\n  ghcr.io: {auth: y}",
                "too many levels": "[" * 60 + "]" * 60,
                "too many parts": f"{{x: [{'y,' * 300_000}]}}",
                "a tag": "!!python/object:os.system {}",
                "a mistake": "{auth: x",
            }.items()
        ),
        pytest.param("kind: Namespace\n---\nkind: Secret\n", f"{NO_AUTHS} {AN_EXAMPLE}", id="YAML without a config"),
        pytest.param(
            f"stringData: {{{KEY}: '{TEXT}'}}\n---\n" * 2,
            "docker_config has 2 Secrets with a docker config. Only one is imported. Keep the one whose registries are "
            "needed.",
            id="two Secrets",
        ),
        pytest.param({"credHelpers": {"auth": "x"}, "x": {}}, f"{NO_AUTHS} {HELPERS} {AN_EXAMPLE}", id="no older form"),
        pytest.param({"ghcr.io": {"auth": "x"}, "quay.io": "y"}, f"{NO_AUTHS} {AN_EXAMPLE}", id="nor this"),
        pytest.param({"ghcr.io": {"x": "y"}}, f"{NO_AUTHS} {AN_EXAMPLE}", id="nor one without fields of an entry"),
        pytest.param(encode(TEXT).replace("=", "").replace("e", "_"), NEITHER, id="URL-safe base64"),
        pytest.param(
            '{"auths": {"ghcr.io": {"auth": "s3cret"}',
            "docker_config is not valid JSON (line 1, column 41). Check that it is complete.",
            id="cut off",
        ),
        pytest.param(
            encode('{"auths":\n{s3cret}}'),
            "docker_config is not valid JSON (line 2, column 2). Check that it is complete.",
            id="base64 of something else",
        ),
        pytest.param(
            '{"auths": {"ghcr.io": {"n": NaN}}}',
            "docker_config is not valid JSON. Check that it is complete.",
            id="NaN, which is not JSON",
        ),
        *(
            pytest.param(
                f'{{"auths": {{"ghcr.io": {{"n": {number}}}}}}}',
                "docker_config has a number that is too large. It could not be written as it is. Remove it.",
                id=name,
            )
            for name, number in {
                "which would become infinite": "1e999",
                "which would become minus infinity": "-1e999",
                "more digits than Python reads": "9" * 5000,
            }.items()
        ),
        pytest.param(
            '{"auths": {}, "x": ' + "[" * 100 + "]" * 100 + "}",
            "docker_config is nested too deeply to be a docker config.",
            id="deeper than functions that call themselves may go",
        ),
        pytest.param(
            '{"auths":' * 100_000, "docker_config is nested too deeply to be a docker config.", id="nested too deeply"
        ),
        pytest.param(
            {"auths": {"ghcr.io": nested(100_000)}},
            "docker_config is nested too deeply to be a docker config.",
            id="a mapping that is nested too deeply",
        ),
        pytest.param(TEXT.encode("utf-16-le"), UTF_16, id="UTF-16 without a byte-order mark"),
        pytest.param(TEXT.encode("utf-16-be"), UTF_16, id="UTF-16, the other way round"),
        pytest.param(
            '{"auths": {"ghcr.io": {"email": "grüße"}}}'.encode("latin-1"),
            "docker_config is not UTF-8 text. Save it as UTF-8.",
            id="Latin-1",
        ),
        pytest.param(
            '{"auths": "\udcfc"}', "docker_config is not UTF-8 text. Save it as UTF-8.", id="a byte that was not UTF-8"
        ),
        pytest.param("{" + " " * (4 * MEBIBYTE) + "}", TOO_LARGE, id="more text than is read"),
        pytest.param(b"{" + b" " * (4 * MEBIBYTE) + b"}", TOO_LARGE, id="more bytes than are read"),
        pytest.param("{" + "ü" * (2 * MEBIBYTE) + "}", TOO_LARGE, id="read in bytes"),
        pytest.param(of_size(MEBIBYTE + 1), TOO_LARGE, id="a mapping of more than 1 MiB"),
        pytest.param(json.dumps(of_size(MEBIBYTE + 1)), TOO_LARGE, id="text of it"),
        pytest.param(encode(json.dumps(of_size(MEBIBYTE + 1))), TOO_LARGE, id="base64 of it"),
        pytest.param({"auths": {"ghcr.io": {"email": "ü" * (MEBIBYTE // 2)}}}, TOO_LARGE, id="counted in bytes"),
        *(
            pytest.param(
                {"auths": auths},
                f"docker_config.auths has a key that is {kind}. Every key of a docker config is a string. Quote it.",
                id=f"a key that is {kind}, {place}",
            )
            for key, kind in ((5000, "a number"), (1.1, "a number"), (True, "a boolean"), (None, "empty"))
            for place, auths in (
                ("as server", {"ghcr.io": {}, key: ADA_ENTRY}),
                ("as server of a text", {key: "s3cret"}),
                ("in an entry", {"ghcr.io": {key: "s3cret"}}),
                ("deep", {"ghcr.io": {"x": [{"y": {key: "s3cret"}}]}}),
            )
        ),
    ],
)
def test_parse_docker_config_refuses(source: object, message: str) -> None:
    assert refusal(parse_docker_config, source, "docker_config") == message


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(of_size(MEBIBYTE), id="mapping"),
        pytest.param(json.dumps(of_size(MEBIBYTE), indent=8), id="indented text"),
        pytest.param(encode(json.dumps(of_size(MEBIBYTE))), id="base64"),
        pytest.param(json.dumps({"data": {KEY: encode(json.dumps(of_size(MEBIBYTE)))}}), id="Secret"),
    ],
)
def test_a_docker_config_of_1_mib_is_taken_in_every_form(source: object) -> None:
    assert parse_docker_config(source, "docker_config") == of_size(MEBIBYTE)


TWICE = '{"auths": {"quay.io": {"auth": "pants"}, "quay.io": {"auth": "YWRhOnMzY3JldA=="}}}'


@pytest.mark.parametrize("source", [TWICE, encode(TWICE), {KEY: encode(TWICE)}, '{"auths": {}, "auths": {}}'])
def test_one_registry_twice_in_a_docker_config_is_refused(source: object) -> None:
    assert refusal(parse_docker_config, source, "docker_config") == ONE_KEY_TWICE


def test_one_registry_twice_in_a_stored_docker_config_is_read_as_the_kubelet_does() -> None:
    config = parse_stored_config(TWICE.encode(), "It", legacy=False)
    assert config == {"auths": {"quay.io": {"auth": "YWRhOnMzY3JldA=="}}}


@pytest.mark.parametrize(
    ("text", "legacy", "config"),
    [
        pytest.param(TEXT, False, CONFIG, id="docker config"),
        pytest.param('{"ghcr.io": {"auth": "x"}}', True, {"auths": {"ghcr.io": {"auth": "x"}}}, id="legacy"),
        pytest.param("", False, {"auths": {}}, id="empty"),
        pytest.param(" \n", True, {"auths": {}}, id="blank legacy"),
        pytest.param("{}", False, {"auths": {}}, id="no auths"),
        pytest.param('{"auths": null, "x": 1}', False, {"auths": {}, "x": 1}, id="null auths"),
        pytest.param('{"auths": {"a.io": null}}', False, {"auths": {"a.io": None}}, id="null entry"),
        pytest.param('{"auths": {"a.io": {"auth": "?"}}}', False, {"auths": {"a.io": {"auth": "?"}}}, id="bad auth"),
    ],
)
def test_parse_stored_config(text: str, legacy: bool, config: dict[str, Any]) -> None:
    assert parse_stored_config(text.encode(), "It", legacy=legacy) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"[]", "It must be a mapping; it is a list.", id="list"),
        pytest.param(b'"s3cret"', "It must be a mapping; it is a string.", id="text"),
        pytest.param(
            encode(TEXT).encode(), "It is not valid JSON (line 1, column 1). Check that it is complete.", id="b64"
        ),
        pytest.param(
            b'{"auths": [1]}', "It.auths must be a mapping of server to entry; it is a list.", id="auths list"
        ),
        pytest.param(b'{"auths": []}', "It.auths must be a mapping of server to entry; it is a list.", id="empty list"),
        pytest.param(
            b'{"auths": false}', "It.auths must be a mapping of server to entry; it is a boolean.", id="auths false"
        ),
        pytest.param(
            b'{"auths": ""}', "It.auths must be a mapping of server to entry; it is a string.", id=("auths text")
        ),
        pytest.param(b'{"auths": {"a.io": 5}}', 'It.auths["a.io"] must be a mapping; it is a number.', id="entry"),
        pytest.param(b"\xff", "It is not UTF-8 text. Save it as UTF-8.", id="not UTF-8"),
    ],
)
def test_parse_stored_config_refuses(text: bytes, message: str) -> None:
    assert refusal(parse_stored_config, text, "It", legacy=False) == message


def test_usable_credentials() -> None:
    assert usable_credentials({"auths": {"ghcr.io": {"auth": ADA_AUTH}}}, "ghcr.io", "x") == ADA


PLACE = 'docker_config.auths["ghcr.io"]'
LOGIN_TOKEN = "It has only a token of a login session (identitytoken), which no kubelet uses."
LOGIN_REMEDY = "Give username and password there, or write the registry under registries."
UNREADABLE = (
    "The kubelet would refuse every Pod that uses the Secret. "
    "Write username and password instead, or encode username:password as standard base64."
)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(
            {"auths": {"ghcr.io": {"auth": "Zm9vOnD_c3M="}}},
            f"{PLACE}.auth cannot be read: {URL_SAFE}. {UNREADABLE}",
            id="URL-safe base64",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": "cGFudHM="}}},
            f"{PLACE}.auth cannot be read: {NO_COLON}. {UNREADABLE}",
            id="no colon",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": 7}}},
            f"{PLACE}.auth cannot be read: it is not a string. {UNREADABLE}",
            id="number",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"identitytoken": "s3cret"}}},
            f"{PLACE} has no credentials. {LOGIN_TOKEN} {LOGIN_REMEDY}",
            id="identitytoken only",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"registrytoken": "s3cret"}}},
            f"{PLACE} has no credentials. {LOGIN_TOKEN} {LOGIN_REMEDY}",
            id="registrytoken only",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {}}, "credsStore": "desktop"},
            f"{PLACE} has no credentials. They are in a credential store of the machine where the login was made "
            f"(credsStore, credHelpers). {LOGIN_REMEDY}",
            id="credsStore",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {}}},
            f"{PLACE} has no credentials. It has neither auth nor username and password. {LOGIN_REMEDY}",
            id="empty entry",
        ),
        pytest.param(
            {"auths": {"ghcr.io": None}},
            f"{PLACE} has no credentials. It has neither auth nor username and password. {LOGIN_REMEDY}",
            id="null entry",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": encode("ada:")}}},
            f"{PLACE} has no credentials. Its password is empty. {LOGIN_REMEDY}",
            id="empty password in auth",
        ),
        *(
            pytest.param(
                {"auths": {"ghcr.io": entry}}, f"{PLACE} has no credentials. {why} {LOGIN_REMEDY}", id=f"half: {entry}"
            )
            for entry, why in (
                ({"username": "ada", "auth": encode("ada:")}, "Its password is empty."),
                ({"username": "ada", "password": "x", "auth": encode("ada:")}, "Its password is empty."),
                ({"username": "ada", "password": ""}, "Its password is empty."),
                ({"username": "ada", "password": None}, "Its password is empty."),
                ({"Username": "ada", "PASSWORD": "", "auth": ""}, "Its password is empty."),
                ({"username": "ada"}, "It has a username and no password."),
                ({"username": "", "password": "s3cret"}, "Its username is empty."),
                ({"password": "s3cret"}, "It has a password and no username."),
                ({"auth": encode(":")}, "Its username and password are empty."),
                ({"auth": None, "email": "a@example.com"}, "It has neither auth nor username and password."),
            )
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"username": "ada", "password": ["s3cret"]}}},
            f"{PLACE} has no credentials. Its password is a list, not a string. {LOGIN_REMEDY}",
            id="password in a list",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"username": {"a": "ada"}, "password": "s3cret"}}},
            f"{PLACE} has no credentials. Its username is a mapping, not a string. {LOGIN_REMEDY}",
            id="username in a mapping",
        ),
    ],
)
def test_usable_credentials_refuses(config: dict[str, Any], message: str) -> None:
    assert refusal(usable_credentials, config, "ghcr.io", PLACE) == message


@pytest.mark.parametrize(
    ("entry", "texts"),
    [
        pytest.param({"auth": ADA_AUTH}, {ADA_AUTH, "s3cret"}, id="the password within auth"),
        pytest.param({**ADA_ENTRY, "email": "a@example.com"}, {ADA_AUTH, "s3cret"}, id="not user and e-mail"),
        pytest.param({"identitytoken": "t0ken", "registrytoken": "0ther"}, {"t0ken", "0ther"}, id="tokens"),
        pytest.param({"registry": "ghcr.io", "note": "created", "x": {"password": "y"}}, set(), id="unknown fields"),
        pytest.param(
            {"username": "ada", "password": "s3cret"}, {"s3cret", ADA_AUTH}, id="the auth that is written of them"
        ),
        pytest.param({"auth": "YWRhOnMzY3JldA"}, {"YWRhOnMzY3JldA", "s3cret", ADA_AUTH}, id="auth in another spelling"),
        pytest.param(
            {"username": "ada", "password": "s3\ud800"}, {"s3\ud800", "YWRhOnMz7aCA"}, id="half a surrogate pair"
        ),
        pytest.param({"password": 7, "auth": None}, set(), id="other types"),
        pytest.param({"auth": "pants", "n": 7}, {"pants"}, id="unreadable auth"),
        pytest.param(None, set(), id="null"),
    ],
)
def test_secret_texts(entry: dict[str, Any] | None, texts: set[str]) -> None:
    assert secret_texts({"auths": {"ghcr.io": entry}}) == texts


@pytest.mark.parametrize(
    ("config", "texts"),
    [
        pytest.param({"auths": {"ghcr.io": {**ADA_ENTRY, "email": "a@b.io", "identitytoken": "t"}}}, set(), id="none"),
        pytest.param(
            {"auths": {"ghcr.io": {"registry": "ghcr.io", "x": {"y": ["a", 1, None, True, {"z": 2.5}]}}}},
            {"ghcr.io", "a", "1", "2.5"},
            id="unknown fields",
        ),
        pytest.param({"auths": {}, "a": "x", "b": {"c": "y"}}, {"x", "y"}, id="beside the auths"),
        pytest.param(
            {"auths": {"ghcr.io": {"password": 12, "username": ["u"], "email": False, "auth": 7}}},
            {"12", "u", "7"},
            id="fields of another type",
        ),
        pytest.param(
            {"auths": {"a.io": {"username": "ghp_1"}, "b.io": {"username": "ada:s3cret"}, "c.io": None}},
            {"ghp_1", "ada:s3cret"},
            id="user names that are not shown",
        ),
        pytest.param({"auths": {"https://ada:s3@ghcr.io/a?t=1#x": {}}}, {"ada:s3", "t=1#x"}, id="parts of a server"),
    ],
)
def test_doubtful_texts(config: dict[str, Any], texts: set[str]) -> None:
    assert doubtful_texts(config) - {""} == texts
