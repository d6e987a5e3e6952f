# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several of the unit tests build: Secrets as the API returns them, and the message of a refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import MANAGED_BY, ORIGIN, US
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Payload

OUR_LABELS = {MANAGED_BY: US}
OUR_ANNOTATIONS = {ORIGIN: "web/registry"}


def encode(text: str | bytes) -> str:
    """The text as base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def decode(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def stored_secret(
    data: Mapping[str, str], *, kind: str = TYPE, immutable: bool = False, **metadata: Any
) -> dict[str, Any]:
    """The Secret web/registry as the API returns it. ``data`` is base64, ``kind`` the type."""
    known = {"namespace": "web", "name": "registry", "uid": "5d2c", "resourceVersion": "41"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {**known, **metadata}, "type": kind, "data": dict(data)}
    return {**secret, "immutable": True} if immutable else secret


def docker_secret(config: object, **fields: Any) -> dict[str, Any]:
    """The Secret web/registry with a docker config: a JSON value, or the text as it is stored."""
    text = config if isinstance(config, (str, bytes)) else json.dumps(config)
    return stored_secret({KEY: encode(text)}, **fields)


def refusal(function: Callable[..., object], *args: object, **options: object) -> str:
    """The message with which ``function`` refuses these arguments."""
    with pytest.raises(KeyringError) as caught:
        function(*args, **options)
    return str(caught.value)


class FixedPayload:
    """A payload builder that gives the same data for every Secret, or what a function makes of it."""

    def __init__(self, made: Payload | Callable[[Any], Payload]) -> None:
        self._made = made

    def build(self, existing: Any) -> Payload:
        return self._made if isinstance(self._made, Payload) else self._made(existing)
