# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet would use after a task is what the task said, for any docker config that was stored before.

The kubelet's own code reads the Secret before and after. WRITE_CASES says how many cases are made, WRITE_SEED which.
"""

from __future__ import annotations

import base64
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    Registry,
    parse_registries,
    refuse_duplicates,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.secret_config import (
    KEY_OF_TYPE,
    inspect_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import match_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Payload
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    merge_pull_secret,
    read_docker_config,
)
from support.kubelet.program import find_kubelet_keyring
from support.kubelet.writes import WriteGenerator
from support.questions import ask

CASES = int(os.environ.get("WRITE_CASES", "5000"))
BATCH = 2000

Case = dict[str, Any]
# User name, password and e-mail address, as bytes.
Row = tuple[bytes, bytes, bytes]

# The messages with which a task is refused before anything is written.
NOT_READ = "Nothing can be merged into it."
NONE_LEFT = "No registry would be left in the Secret."
NOT_STORED = "The Secret has no readable credentials for"


@pytest.fixture(scope="session")
def program() -> Path:
    return find_kubelet_keyring()


def test_the_kubelet_uses_what_the_task_said(program: Path) -> None:
    seed = os.environ.get("WRITE_SEED") or str(random.SystemRandom().randrange(10**9))
    outcomes: Counter[str] = Counter()
    for begin in range(0, CASES, BATCH):
        seeds = [f"{seed}/{number}" for number in range(begin, min(begin + BATCH, CASES))]
        cases = [make_case(each) for each in seeds]
        before = ask(program, [question(case["secret"]) for case in cases])
        written = [write(case) for case in cases]
        after = ask(program, [question(found[0]) if found[0] else question({}) for found in written])
        for each, case, one, (secret, payload, error), two in zip(seeds, cases, before, written, after, strict=True):
            outcome, wrong = judge(case, one, secret, payload, error, two)
            outcomes[outcome] += 1
            assert not wrong, f"case {each} of WRITE_SEED={seed}: {describe(case, secret)}\n{wrong}"
    print(f"seed {seed}: {CASES} cases, {dict(outcomes)}")
    # Else the grammar makes too much of what says nothing.
    assert outcomes["written"] > CASES / 3
    assert outcomes["unchanged"] > 0


def make_case(seed: str) -> Case:
    """The case of a seed, with a task that the option parser takes."""
    generator = WriteGenerator(random.Random(seed))  # noqa: S311 - repeatable on purpose
    while True:
        case = generator.case()
        try:
            case["registries"] = parse_registries(case["registries"], case["update"])
            refuse_duplicates(case["registries"])
        except KeyringError:
            generator.servers = []
            continue
        return case


def question(secret: dict[str, Any]) -> dict[str, Any]:
    data = {key: value for key, value in secret.get("data", {}).items() if value is not None}
    return {"secrets": [{"type": secret.get("type", ""), "data": data}], "images": []}


def write(case: Case) -> tuple[dict[str, Any] | None, Payload | None, str]:
    """The Secret after the task, of the type that it gets, and the payload; or the error."""
    try:
        payload = merge_pull_secret(case["secret"], case["registries"], purge=case["purge"], update=case["update"])
    except KeyringError as error:
        return None, None, str(error)
    data = {**case["secret"]["data"], **payload.data}
    kept = {key: value for key, value in data.items() if value is not None}
    return {**case["secret"], "type": TYPE, "data": kept}, payload, ""


def judge(
    case: Case,
    before: dict[str, Any],
    secret: dict[str, Any] | None,
    payload: Payload | None,
    error: str,
    after: dict[str, Any],
) -> tuple[str, str]:
    """The kind of outcome, and what is wrong with it."""
    stored = their_rows(before) if not before["refusal"] else port_rows(case["secret"])
    named = {match_key(registry.server) for registry in case["registries"]}
    unmanaged = {} if case["purge"] else {name: row for name, row in stored.items() if match_key(name) not in named}
    if secret is None or payload is None:
        return "refused", judge_refusal(case, before, unmanaged, error)
    again = write({**case, "secret": secret})
    if again[1] is None or again[1].data:
        return "written", f"the second run changes it again, or is refused: {again[2]}"
    if after["refusal"]:
        # What the task does not name may still be refused by the kubelet, and the task says so.
        warned = any("refuses every Pod" in warning for warning in payload.warnings)
        faulty = before["refusal"] and not case["purge"]
        return "still refused", "" if warned and faulty else f"the kubelet refuses it: {after['refusal']}"
    if not is_read(case["secret"]):
        stored = {}
    found = their_rows(after)
    wrong: dict[str, object] = {name: row for name, row in unmanaged.items() if found.get(name) != row}
    for registry in case["registries"]:
        if not registry.absent:
            row = found.pop(registry.server, None)
            allowed = said(registry, stored, case["update"])
            # The kubelet does not say what is in an entry for which it refused the Secret: only what is given counts.
            if before["refusal"] and row:
                fits = case["update"] != "always" or row[:2] == allowed[0][:2]
            else:
                fits = row in allowed
            if not fits:
                wrong[registry.server] = allowed
    if set(found) != set(unmanaged) or wrong:
        return "wrong", f"expected {unmanaged} and {wrong}\nkubelet  {their_rows(after)}"
    return "written" if payload.data else "unchanged", ""


def is_read(secret: dict[str, Any]) -> bool:
    """Whether the collection reads a stored docker config at all; a purge takes nothing of one that it does not."""
    try:
        read_docker_config(secret)
    except KeyringError:
        return False
    return True


def said(registry: Registry, stored: dict[str, Row], update: str) -> list[Row]:
    """What the task says about a registry: its values, and those that the kubelet read before where it gives none.

    With on_create the stored ones stay, if they have a user and a password that can be written.
    """
    same = sorted(name for name in stored if match_key(name) == match_key(registry.server))
    username = password = email = b""
    if same:
        username, password, email = stored[registry.server if registry.server in same else same[0]]
    if registry.email is not None:
        email = registry.email.encode()
    given = (
        username if registry.username is None else registry.username.encode(),
        password if registry.password is None else registry.password.encode(),
        email,
    )
    if update != "on_create" or not password or not is_writable(username + password):
        return [given]
    return [(username, password, email)] if username else [given, (username, password, email)]


def is_writable(text: bytes) -> bool:
    """Whether a text that the kubelet read can be written: it is UTF-8, and had no half of a surrogate pair."""
    try:
        return "\ufffd" not in text.decode()
    except UnicodeDecodeError:
        return False


def judge_refusal(case: Case, before: dict[str, Any], unmanaged: dict[str, Row], error: str) -> str:
    if NONE_LEFT in error:
        left = unmanaged or [registry for registry in case["registries"] if not registry.absent]
        return f"there would be {left}" if left else ""
    if NOT_STORED in error:
        return "" if case["update"] != "always" else error
    if NOT_READ not in error or case["purge"]:
        return error
    # Stricter than the kubelet on purpose.
    strict = ("is nested too deeply", "is not UTF-8 text", "a number that is too large", "is larger than")
    return "" if before["refusal"] or any(text in error for text in strict) else error


def their_rows(answer: dict[str, Any]) -> dict[str, Row]:
    return {
        base64.b64decode(server).decode(): (
            base64.b64decode(entry["username"]),
            base64.b64decode(entry["password"]),
            base64.b64decode(entry["email"]),
        )
        for server, entry in answer["entries"][0].items()
    }


def port_rows(secret: dict[str, Any]) -> dict[str, Row]:
    """What can be read of a Secret that the kubelet refuses, which its code does not say."""
    key = KEY_OF_TYPE[secret["type"]]
    config, _faults = inspect_config(key, base64.b64decode(secret["data"].get(key) or ""))
    return {
        server: (raw(entry.username), raw(entry.password), raw(entry.email)) for server, entry in config.entries.items()
    }


def raw(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def describe(case: Case, secret: dict[str, Any] | None) -> str:
    shown = [
        (item.server, item.username, item.password, item.email, "absent" if item.absent else "present")
        for item in case["registries"]
    ]
    before = {key: base64.b64decode(value) for key, value in case["secret"]["data"].items()}
    after = base64.b64decode(secret["data"].get(KEY, "")) if secret else None
    return f"\nbefore {before}\ntask   {shown} purge={case['purge']} update={case['update']}\nafter  {after!r}"
