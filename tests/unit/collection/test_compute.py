# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of the filter in roles and playbooks: each names a function that there is, with its arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, nodes

from ansible_collections.keyring.kubernetes.plugins.filter._compute import FUNCTIONS
from support.paths import ROOT
from support.roles import strings

FILTER = "keyring.kubernetes._compute"
FOLDERS = ("roles", "playbooks")


def read_texts(path: Path) -> list[str]:
    """Return the texts of a file in which there may be a call: a template as a whole, every string of YAML."""
    text = path.read_text()
    return [text] if path.suffix == ".j2" else list(strings(yaml.safe_load(text)))


def find_calls() -> Iterator[tuple[str, nodes.Filter]]:
    """Yield the file and the call, for every call of the filter."""
    environment = Environment(autoescape=True)
    for folder in FOLDERS:
        for path in sorted([*(ROOT / folder).rglob("*.yml"), *(ROOT / folder).rglob("*.j2")]):
            for text in read_texts(path):
                if FILTER not in text:
                    continue
                template = text if "{" in text else f"{{{{ {text} }}}}"  # a condition has no braces
                for call in environment.parse(template).find_all(nodes.Filter):
                    if call.name == FILTER:
                        yield path.relative_to(ROOT).as_posix(), call


CALLS = list(find_calls())


def function_of(call: nodes.Filter) -> str:
    (name,) = call.args
    assert isinstance(name, nodes.Const)
    return str(name.value)


@pytest.mark.parametrize("call", [pytest.param(call, id=f"{path} {function_of(call)}") for path, call in CALLS])
def test_a_call_gives_what_the_function_takes(call: nodes.Filter) -> None:
    given = [str(argument.key) for argument in call.kwargs]
    inspect.signature(FUNCTIONS[function_of(call)]).bind(None, **dict.fromkeys(given))


def test_every_function_is_called() -> None:
    assert {function_of(call) for _path, call in CALLS} == set(FUNCTIONS)


PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


def find_names(value: Any, wanted: set[str]) -> set[str]:
    """Return those of the names that the strings of some data contain as words."""
    words = {word for text in strings(value) for word in re.findall(r"\w+", text)}
    return words & wanted


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in PLAYBOOKS])
def test_what_reads_all_hosts_is_computed_once(path: Path) -> None:
    """A variable is evaluated at each use, so a task of every host would read the results of all hosts each time."""
    for play in yaml.safe_load(path.read_text()):
        variables = play.get("vars") or {}
        of_all_hosts = {"hostvars"}
        for _depth in variables:
            of_all_hosts |= {name for name in variables if find_names(variables[name], of_all_hosts)}
        computed = {name for name in of_all_hosts if FILTER in str(variables.get(name))}
        for task in play.get("tasks") or ():
            assert task.get("run_once") or not find_names(task, computed), task["name"]


# Up to ansible-core 2.18, Ansible templates a fact again at each use, so text of a cluster in it would run on the
# controller.
FACTS = {
    "cdnetworks_ecp_plan": "names that the role has checked, places in lists, and sentences of the role",
    "cdnetworks_ecp_result": "names that the role has checked, operations and ids of failures",
    "control_plane_kubeconfig": "a path of the role's own",
    "control_plane_registry": "a server, paths and names of the role's own",
    "credential_expiry_counts": "names of hosts and numbers",
    "git_credentials_public_key": "a type and base64, as the module derives it from the private key",
    "image_access_upgrade_check_failing": "names of hosts and numbers",
    "primehub_secrets_result": "names from the variables of the role, and operations",
    "sap_ai_core_plan": "names that the role has checked, places in lists, and sentences of the role",
    "sap_ai_core_result": "names that the role has checked, operations and ids of failures",
}


def find_facts(value: Any) -> Iterator[str]:
    """Yield the names of the facts that data of YAML sets, at any depth."""
    if isinstance(value, dict):
        yield from value.get("ansible.builtin.set_fact") or ()
        for item in value.values():
            yield from find_facts(item)
    elif isinstance(value, list):
        for item in value:
            yield from find_facts(item)


def test_no_fact_holds_text_of_a_cluster() -> None:
    """A new fact is a new row, and only if nobody who writes Secrets can choose a text in it."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.yml")]
    facts = {name for path in files for name in find_facts(yaml.safe_load(path.read_text()))}
    assert facts == set(FACTS)
