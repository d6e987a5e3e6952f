# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever somebody writes into a Secret, the tasks that read all Secrets describe it, and soon.

Thousands of Secrets with random damage go through the functions behind the three tasks that only read. Time is measured
by counting calls, so that a loaded machine changes nothing; a watchdog ends the process where one call never returns.
"""

from __future__ import annotations

import base64
import faulthandler
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from types import FrameType
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS, FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_opener import READING_TOTAL, KeyOpener
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import (
    ClusterSnapshot,
    ImageAudit,
    named_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.problems import (
    find_problems as find_image_problems,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.edge import make_result_printable
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import TYPES, pull_secret_texts
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret_info import describe_credential
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import (
    describe_config,
    has_registry,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import describe_secret, is_searched
from support.samples.access import APP, made, spec, waiting
from support.samples.git_secrets import HOSTS
from support.samples.hostile_keys import TOO_COSTLY, certificate_of_version
from support.samples.keys import KINDS, PASSPHRASE, certificate, key_text

NOW = datetime(2026, 11, 28, tzinfo=timezone.utc)
PARTS, SECRETS_OF_A_PART = 10, 150

# Every reader of JSON makes some calls for each token, and a Secret is read by several.
CALLS_ALLOWED, CALLS_PER_BYTE = 200_000, 60
# Counting makes all calls slower, so it is done for one Secret of so many.
COUNTED = 15

CONFIG = json.dumps({
    "auths": {
        "ghcr.io": {"username": "octo", "password": "pass-word-1", "auth": "b2N0bzpwYXNzLXdvcmQtMQ=="},
        "https://index.docker.io/v1/access-token": {"auth": "YWRhOnRva2VuLTE="},
        "quay.io": {"identitytoken": "t", "x": [1, {"y": None}]},
    },
    "credsStore": "desktop",
})  # fmt: skip
# JSON that readers stumble over.
ODD_JSON = (
    '{"auths": ' * 50_000,
    '{"auths": {"r.io": {"x": ' + "[" * 5000 + "]" * 5000 + "}}}",
    '{"auths": {"r.io": {"x": ' + "[" * 900 + "]" * 900 + "}}}",
    '{"auths": {"r.io": {"x": ' + "9" * 5000 + "}}}",
    '{"auths": {"r.io": {"x": 1e999, "username": "\\ud800", "password": "\\udfff\\u0000"}}}',
    '{"auths": {"\\ud800.io": {"auth": "b2N0bzpw"}, "\\u0000": {"auth": "b2N0bzpw"}}}',
    '{"auths": {"r.io": {"auth": "' + "A" * 40_000 + '"}}}',
    '{"auths": {"' + "*" * 5000 + '.io": {"auth": "b2N0bzpw"}, "[a-": {}, "r.io:99999999999": null}}',
    '{"auths": {"a": 1, "a": {}, "a": null}, "AUTHS": {"b": {"AUTH": "!"}}, "auths": []}',
    "{" + ",".join(f'"auths": {{"r{number}.io": {{"auth": "b2N0bzpw"}}}}' for number in range(500)) + "}",
    "[]", "null", "NaN", '"', "\ufeff{}", "", " ", "\x00", "{}",
)  # fmt: skip
CONNECTION = json.dumps({
    "conn_type": "git",
    "host": "https://git.example.com/a",
    "login": "octo",
    "password": "pass-word-1",
    "extra": {"private_key": "pass-word-2", "github_app_id": 7, "github_installation_id": "42"},
})  # fmt: skip
ODD_CONNECTIONS = (
    CONNECTION,
    '{"conn_type": "git", "login": "\\ud800", "password": "\\udfff", "extra": "{"}',
    '{"conn_type": "git", "password": ["x"], "extra": "[]"}',
    '{"conn_type": "git", "extra": {"github_app_id": true, "private_key": {}}}',
    '[{"url": "https://a", "password": "\\ud800"}, {"password": "pass-word-3"}, null, 7]',
)
ODD_HOSTS = (
    HOSTS * 300,
    "|1|" + "A" * 27 + "=|" + "B" * 27 + "= ssh-ed25519 AAAA",
    "*" * 2000 + " ssh-rsa AAAA",
    "ssh-rsa AAAA " * 2000,
    "@revoked " + HOSTS,
    "git.example.com ssh-ed25519 " + base64.b64encode(b"\x00" * 30_000).decode(),
)
ODD_ANNOTATIONS = (
    "{",
    "[" * 9000,
    '{"r.io": 1}',
    '{"r.io": "9999-99-99"}',
    '{"r.io": "9999-12-31T23:59:59-23:59"}',
    '{"r.io": "0001-01-01T00:00:00+23:59"}',
    '{"\\ud800": "2026-01-01"}',
    "9" * 5000,
    "\x00",
)


def samples() -> list[str]:
    """Texts of every sort that a reader of Secrets knows."""
    keys = [key_text(kind, encrypted=encrypted) for kind in KINDS for encrypted in (False, True) if "RSA" not in kind]
    return [
        CONFIG,
        *ODD_JSON,
        *ODD_CONNECTIONS,
        *ODD_HOSTS,
        HOSTS,
        *keys,
        key_text("RSA PKCS#1"),
        *(text for text, _passphrase, _what in TOO_COSTLY.values()),
        certificate("RSA"),
        certificate("Ed25519") * 60,
        certificate_of_version(7),
        PASSPHRASE,
        "https://git.example.com/team/app.git",
        "ssh://git@[::1/app",
        "octo",
        "x" * 70_000,
        "-----BEGIN " * 3000,
    ]


def damage(text: str, dice: random.Random) -> bytes:
    """The text with up to three accidents, or without any."""
    data = text.encode(errors="surrogatepass")
    for _accident in range(dice.choice((0, 0, 0, 1, 2, 3))):
        place = dice.randrange(len(data) + 1)
        choice = dice.randrange(5)
        if choice == 0:
            data = data[:place]
        elif choice == 1:
            data = data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :]
        elif choice == 2:
            data = data[:place] + data[place // 2 : place] + data[place:]
        elif choice == 3:
            data = (
                data[:place]
                + dice.choice((b"\x00", b"\xff", b"\xed\xa0\x80", b"\r\n", b'"', b"{", b"="))
                + data[place:]
            )
        else:
            data = data[place:]
    return data[: dice.choice((2_000, 20_000, 100_000))]


KEYS = sorted(frozenset(key for row in FORMAT_ROWS for key in row.all_keys()))
SECRET_TYPES = sorted({type_ for row in FORMAT_ROWS for type_ in row.types})
LABELS = [shape.labels for row in FORMAT_ROWS for shape in row.shapes.values()]


def random_secret(dice: random.Random, name: str, texts: Sequence[str]) -> dict[str, Any]:
    """A Secret as an API server may return it, and sometimes as none would."""
    is_pull_secret = dice.random() < 0.5
    kind = dice.choice([*TYPES, "Opaque"] if is_pull_secret else [*SECRET_TYPES, "", None])
    keys: tuple[str, ...] = dice.choice(
        ((".dockerconfigjson",), (".dockercfg",), (".dockerconfigjson", ".dockercfg", "x"))
    )
    if not is_pull_secret:
        row = dice.choice(FORMAT_ROWS)
        keys = tuple({*dice.sample(sorted(row.all_keys()), dice.randint(1, len(row.all_keys()))), dice.choice(KEYS)})
    data: dict[str, Any] = {key: base64.b64encode(damage(dice.choice(texts), dice)).decode() for key in keys}
    if dice.random() < 0.05:
        data[dice.choice(list(data))] = dice.choice(("A", "=", "\ud800", "é", None, 1))
    annotations = {
        key: dice.choice(ODD_ANNOTATIONS) for key in (EXPIRES_AT, "displayName", "description") if dice.random() < 0.3
    }
    metadata = {
        "namespace": "web",
        "name": name,
        "labels": dict(dice.choice(LABELS)) if dice.random() < 0.5 else None,
        "annotations": annotations or None,
        "creationTimestamp": dice.choice(("2026-01-01T00:00:00Z", None)),
    }
    return {"metadata": metadata, "type": kind, "data": data if dice.random() < 0.98 else None}


def read_as_git_secret(secret: Mapping[str, Any], opener: KeyOpener) -> Any:
    found = find_credentials(secret)
    rows = {item.row.name: item.row for item in found} or {"primehub": FORMATS["primehub"]}
    return [dict(describe_credential(secret, row, found, opener, NOW).fields) for row in rows.values()]


def read_as_pull_secret(secret: Mapping[str, Any]) -> Any:
    has_registry(secret, "ghcr.io")
    scrubber = Scrubber()
    scrubber.add(*pull_secret_texts(secret))
    return scrubber.clean(describe_config(secret, "some-token-1", NOW))


def read_images(secrets: Sequence[Mapping[str, Any]]) -> Any:
    """What image_access_info makes of a namespace with a Pod for each Secret."""
    pods = [
        made(
            f"pod-{secret['metadata']['name']}",
            spec(APP, "ubuntu", secrets=[secret["metadata"]["name"]]),
            status=waiting("ErrImagePull", "401 Unauthorized"),
        )
        for secret in secrets
    ]
    objects = {"Pod": pods}
    named_secrets(objects)
    survey = ImageAudit(ClusterSnapshot(objects, {("web", secret["metadata"]["name"]): secret for secret in secrets}))
    found = survey.find_images()
    problems = find_image_problems(found, survey, of_namespaces=True)
    return [[item.verdict.status, [vars(why) for why in item.verdict.why]] for item in found], [
        vars(p) for p in problems
    ]


class TooMuchWorkError(AssertionError):
    """More calls than a Secret of its size is worth."""


def with_counted_calls(work: Callable[[], Any], left: int) -> Any:
    """The result of a function, which fails as soon as it has made too many calls."""

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal left
        left -= event in ("call", "c_call")
        if left < 0:
            raise TooMuchWorkError

    sys.setprofile(count)
    try:
        return work()
    finally:
        sys.setprofile(None)


@pytest.fixture
def watchdog() -> Iterator[None]:
    """Ends the process with a traceback where something never comes back."""
    faulthandler.dump_traceback_later(300, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.usefixtures("watchdog")
@pytest.mark.parametrize("seed", range(PARTS))
def test_any_secret_is_described(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  (the same cases again, not secrecy)
    texts = samples()
    opener = KeyOpener(READING_TOTAL / 100)
    secrets = [random_secret(dice, f"s{number}", texts) for number in range(SECRETS_OF_A_PART)]
    for number, secret in enumerate(secrets):

        def read(secret: dict[str, Any] = secret) -> Any:
            is_searched(secret, "x")
            parts = (read_as_git_secret(secret, opener), read_as_pull_secret(secret), read_images([secret]))
            return parts, describe_secret(secret, None)

        try:
            allowed = CALLS_ALLOWED + CALLS_PER_BYTE * len(str(secret["data"]))
            result = read() if number % COUNTED else with_counted_calls(read, allowed)
            json.dumps(make_result_printable(result), ensure_ascii=False).encode()
        except Exception as error:  # noqa: BLE001  (says which Secret it is)
            pytest.fail(f"seed {seed}, Secret {number}: {type(error).__name__} {error!s:.200}: {str(secret)[:1000]}")
    read_images([secret for secret in secrets if secret["type"] in TYPES])
