# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error has the id of its failure or the option that causes it, and every id is raised and on the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.denial import find_denial
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import (
    FAILURE_IDS,
    FailureId,
    KeyringError,
    blaming_secret,
    failing_in,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.public_errors import public_message
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from failure_page import ENTRIES, PAGE, render_page
from support.paths import ROOT

PLUGINS = ROOT / "plugins"


def find_errors() -> Iterator[tuple[str, ast.Call]]:
    """Yield the place and the call of every KeyringError that is made."""
    for path in sorted(PLUGINS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "KeyringError":
                yield f"{path.relative_to(PLUGINS)}:{node.lineno}", node


def test_every_error_has_an_id_or_an_option() -> None:
    bare = [
        place
        for place, call in find_errors()
        if not {"failure", "option"}.intersection(keyword.arg or "" for keyword in call.keywords)
    ]
    assert bare == []


def test_every_id_is_raised() -> None:
    texts = {
        node.value
        for path in PLUGINS.rglob("*.py")
        if path.name != "_errors.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {name for name in FAILURE_IDS if name not in texts} <= {"invalid_option"}


def test_the_ids_are_sorted_and_on_the_page() -> None:
    assert list(FAILURE_IDS) == sorted(FAILURE_IDS)
    assert set(ENTRIES) == set(FAILURE_IDS)
    page = PAGE.read_text()
    assert page == render_page(page), "make docs writes the entries"


def list_texts() -> set[str]:
    """Return every string of the plugins, with … in place of each value that an f-string inserts."""
    texts = set()
    for path in PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                texts.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(re.sub(r"\{\w*\}", "…", node.value))
    return texts


def test_an_id_of_portals_is_explained_for_them() -> None:
    files = [*PLUGINS.glob("module_utils/_portals/*.py"), *PLUGINS.glob("module_utils/_tasks/sap_*.py")]
    texts = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # These mean the same in a cluster, or exist only at portals.
    same = {"clock_skew", "invalid_option", "not_a_string", "not_synchronized"}

    assert {name for name in FAILURE_IDS if name in texts and not ENTRIES[name].portals} <= same


def test_every_entry_has_a_message_of_the_code() -> None:
    texts = list_texts()
    unknown = {
        name: entry.message for name, entry in ENTRIES.items() if not any(entry.message in text for text in texts)
    }
    without = {name for name, entry in ENTRIES.items() if not entry.message}

    assert unknown == {}, "No code prints this. Write what it prints into tools/failure_page.py."
    assert without == {"internal_error", "invalid_option"}


@pytest.mark.parametrize("name", FAILURE_IDS)
def test_every_entry_has_a_cause_and_a_fix(name: FailureId) -> None:
    entry = ENTRIES[name]
    assert all(text.endswith(".") for text in (entry.meaning, entry.cause, entry.fix, entry.portals or "."))
    assert len({entry.meaning, entry.cause, entry.fix}) == 3


@pytest.mark.parametrize(
    ("place", "option"),
    [
        (None, None),
        ("registries[2].password", "registries[2].password"),
        ('docker_config.auths["ghcr.io/team a"].auth', 'docker_config.auths["ghcr.io/team a"].auth'),
        ("format_options.argocd-x", "format_options.argocd-x"),
        ("ssh.known_hosts, line 3", "ssh.known_hosts"),
        ('credentials_from (Secret web/registry).auths["ghcr.io"]', "credentials_from"),
        ("The private_key of credentials_from (Secret web/registry)", None),
        ("Secret web/registry", None),
    ],
)
def test_the_option_of_a_place(place: str | None, option: str | None) -> None:
    assert KeyringError("x", option=place).option == option


def test_what_a_failure_is_given_on_its_way() -> None:
    with pytest.raises(KeyringError) as known, failing_in("web"):
        raise KeyringError("x", failure="forbidden", namespace="other")
    with pytest.raises(KeyringError) as unknown, failing_in("web"):
        raise KeyringError("x", failure="forbidden")
    with pytest.raises(KeyringError) as stored, blaming_secret("credentials_from.name"):
        raise KeyringError("x", option="ssh.private_key")
    with pytest.raises(KeyringError) as missing, blaming_secret("credentials_from.name"):
        raise KeyringError("x", failure="missing_library")

    assert [dict(error.value.describe()) for error in (known, unknown, stored, missing)] == [
        {"id": "forbidden", "option": None, "namespace": "other"},
        {"id": "forbidden", "option": None, "namespace": "web"},
        {"id": "invalid_secret", "option": "credentials_from.name", "namespace": None},
        {"id": "missing_library", "option": None, "namespace": None},
    ]


# The status and the message of an API server; id, name and text of what refused, or None where nothing did.
DENIALS: Mapping[str, tuple[int, str, tuple[str, str, str] | None]] = {
    "webhook": (
        400,
        'admission webhook "a.example.com" denied the request: not here',
        ("admission_denied", 'admission webhook "a.example.com"', "not here"),
    ),
    "webhook without a reason": (
        500,
        'admission webhook "a.example.com" denied the request without explanation',
        ("admission_denied", 'admission webhook "a.example.com"', ""),
    ),
    "webhook that speaks of quota and users": (
        403,
        'admission webhook "a" denied the request: secrets "x" is forbidden: User "a": exceeded quota: b, c\nd',
        ("admission_denied", 'admission webhook "a"', 'secrets "x" is forbidden: User "a": exceeded quota: b, c\nd'),
    ),
    "policy": (
        422,
        "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        ("admission_denied", 'ValidatingAdmissionPolicy "p"', "no"),
    ),
    "policy without a binding": (
        403,
        "ValidatingAdmissionPolicy 'p' denied request: no",
        ("admission_denied", 'ValidatingAdmissionPolicy "p"', "no"),
    ),
    "quota": (
        403,
        'secrets "x" is forbidden: exceeded quota: small, requested: secrets=1, used: secrets=1, limited: secrets=1',
        (
            "quota",
            'ResourceQuota "small"',
            "exceeded quota: small, requested: secrets=1, used: secrets=1, limited: secrets=1",
        ),
    ),
    "quota not counted yet": (
        403,
        'secrets "x" is forbidden: status unknown for quota: small, resources: secrets',
        ("quota", 'ResourceQuota "small"', "status unknown for quota: small, resources: secrets"),
    ),
    "quota that must exist": (
        403,
        'secrets "x" is forbidden: insufficient quota to consume: secrets',
        ("quota", "the quota of the cluster", "insufficient quota to consume: secrets"),
    ),
    "Pod security": (
        403,
        'pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged',
        (
            "admission_denied",
            "an admission plugin of the API server",
            'violates PodSecurity "restricted:latest": privileged',
        ),
    ),
    "permission": (
        403,
        'secrets is forbidden: User "ada" cannot list resource "secrets" in API group "" at the cluster scope',
        None,
    ),
    "permission with a reason": (
        403,
        'secrets "x" is forbidden: User "ada" cannot get resource "secrets": exceeded quota: small, x',
        None,
    ),
    "namespace that ends": (
        403,
        'secrets "x" is forbidden: unable to create new content in namespace web because it is being terminated',
        None,
    ),
    "webhook that cannot be called": (500, 'Internal error occurred: failed calling webhook "a": refused', None),
    "proxy": (403, "", None),
    "conflict": (409, 'Operation cannot be fulfilled on secrets "x": the object has been modified', None),
}


@pytest.mark.parametrize("name", DENIALS)
def test_what_refused_a_request(name: str) -> None:
    status, message, expected = DENIALS[name]
    denial = find_denial(status, message)
    assert (denial and (denial.failure, denial.by, denial.text)) == expected


def test_the_text_of_a_webhook_is_not_quoted_when_it_contains_a_secret() -> None:
    scrubber = Scrubber()
    scrubber.add("s3cret-token")

    def shown(text: str) -> str:
        error = KeyringError("Refused.", f"It says: {text}.", failure="admission_denied", quoted=text)
        return public_message(error, scrubber)

    assert shown("no labels") == "Refused. It says: no labels."
    withheld = "Refused. It says: (not quoted here, because it contains a secret of this request)."
    assert shown("bad password s3cret-token") == withheld
    assert shown("it ends in t-token") == withheld


OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "name": {"type": "str", "required": True},
    "size": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"]},
    "numbers": {"type": "list", "elements": "int"},
    "a": {"type": "str"},
    "b": {"type": "str"},
    "items": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "size": {"type": "int"},
            "state": {"type": "str", "choices": ["present", "absent"]},
            "numbers": {"type": "list", "elements": "int"},
            "deep": {"type": "dict", "options": {"size": {"type": "int"}}},
        },
    },
}
DEFINITION = TaskDefinition(lambda params, context: {}, OPTIONS, {"mutually_exclusive": [("a", "b")]})
REFUSED: Mapping[str, tuple[Mapping[str, Any], str | None]] = {
    "missing": ({}, "name"),
    "misspelt, so that it is missing": ({"nmae": "x"}, "nmae"),
    "unsupported": ({"name": "x", "nmae": "x"}, "nmae"),
    "two unsupported": ({"name": "x", "nmae": "x", "y": "x"}, "nmae"),
    "exclusive": ({"name": "x", "a": "1", "b": "2"}, None),
    "type": ({"name": "x", "size": "found in 'a'. and we were unable to"}, "size"),
    "choice": ({"name": "x", "state": "gone"}, "state"),
    "element": ({"name": "x", "numbers": ["x"]}, "numbers"),
    "no mapping": ({"name": "x", "items": ["x"]}, "items[0]"),
    "missing in an item": ({"name": "x", "items": [{"size": 1}]}, "items.name"),
    "unsupported in an item": ({"name": "x", "items": [{"name": "x", "nmae": "x"}]}, "items[0].nmae"),
    "type in an item": ({"name": "x", "items": [{"name": "x", "size": "x"}]}, "items.size"),
    "choice in an item": ({"name": "x", "items": [{"name": "x", "state": "gone"}]}, "items.state"),
    "element in an item": ({"name": "x", "items": [{"name": "x", "numbers": ["x"]}]}, "items.numbers"),
    "deep": ({"name": "x", "items": [{"name": "x", "deep": {"size": "x"}}]}, "items.deep.size"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_option_that_ansible_refuses(name: str) -> None:
    arguments, option = REFUSED[name]
    expected = {"id": "invalid_option", "option": option, "namespace": None}
    context = Runtime(check_mode=False, environ={})
    assert run_direct("test", DEFINITION, arguments, context)["failure"] == expected
