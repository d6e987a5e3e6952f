# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles as their files say they are: what is described is what there is, and nine differ only where they must."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, TemplateSyntaxError, nodes

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import REMEDY, WHY
from support.paths import ROOT
from support.roles import REGISTRIES, RENEWAL, ROLES, strings

PORTAL_ROLES = ("sap_ai_core", "cdnetworks_ecp")
DESCRIBED = [*ROLES, "openshift_pull_secret", "primehub_secrets", *PORTAL_ROLES]
CONNECTION = "keyring_connection"

# What a variable is called when it holds material.
SECRET = re.compile(r"_(token|password|passphrase|key|private_key|client_secret)$")
# A mapping with the private key of an App in it.
WITH_A_KEY = "git_credentials_github_app_token"


def folder(role: str) -> Path:
    return ROOT / "roles" / role


def read(role: str, path: str) -> Any:
    return yaml.safe_load((folder(role) / path).read_text())


def options(role: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("role", DESCRIBED)
def test_the_defaults_are_those_that_are_described(role: str) -> None:
    described = {name: option.get("default") for name, option in options(role).items() if name != CONNECTION}

    assert read(role, "defaults/main.yml") == described


@pytest.mark.parametrize("role", DESCRIBED)
def test_every_variable_is_in_the_readme_and_begins_with_the_role(role: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (folder(role) / "README.md").read_text(), re.MULTILINE)

    assert rows == list(options(role))
    shared = [] if role in PORTAL_ROLES else [CONNECTION]
    assert [name for name in rows if not name.startswith(f"{role}_")] == shared


@pytest.mark.parametrize("role", DESCRIBED)
def test_secrets_are_texts_that_are_not_logged(role: str) -> None:
    """Ansible shows a value of a wrong type, and every value can be made a text."""
    secrets = {name: option for name, option in options(role).items() if SECRET.search(name) and name != WITH_A_KEY}

    assert secrets or role in ("pull_secrets", "openshift_pull_secret", "primehub_secrets", *PORTAL_ROLES)
    assert {(option["type"], option["no_log"]) for option in secrets.values()} <= {("str", True)}
    assert [name for name, option in options(role).items() if option.get("no_log") and name not in secrets] == []


def test_a_mapping_with_a_secret_is_never_of_a_wrong_type() -> None:
    assert options("git_credentials")[WITH_A_KEY]["type"] == "raw"


@pytest.mark.parametrize("role", DESCRIBED)
def test_no_description_says_what_is_in_a_list_or_mapping(role: str) -> None:
    """Ansible shows the whole of one that does not fit."""
    assert [name for name, option in options(role).items() if "options" in option] == []


@pytest.mark.parametrize("role", REGISTRIES)
def test_a_registry_role_hands_over_names_of_variables(role: str) -> None:
    preset, secret, own = REGISTRIES[role]
    settings = {name: f"{role}_{name}" for name in own if name not in ("username", *RENEWAL)}
    renewal = {name: f"{role}_{name}" for name in own if name in RENEWAL}
    login = {name: f"{role}_{name}" for name in own if name == "username"} | {"password": f"{role}_{secret}"}
    (task,) = read(role, "tasks/main.yml")

    assert task["ansible.builtin.include_role"] == {
        "name": "keyring.kubernetes.pull_secrets",
        "tasks_from": "registry",
    }
    assert list(task["vars"]) == ["pull_secrets_registry"]
    declared = task["vars"]["pull_secrets_registry"]
    needs = declared.pop("needs")
    assert declared == {
        "role": role,
        "preset": preset,
        "preset_options": settings,
        "login": login,
        **({"renewal": renewal} if PRESETS[preset].mints else {}),
    }
    assert needs in ([], list(login.values()))
    assert set(settings) == set(PRESETS[preset].settings), "all that the preset can be told, and nothing else"


@pytest.mark.parametrize("role", REGISTRIES)
def test_registry_roles_have_the_same_files_and_the_same_further_variables(role: str) -> None:
    _preset, secret, own = REGISTRIES[role]
    mine = {f"{role}_{name}" for name in (*own, secret)}
    files = sorted(str(path.relative_to(folder(role))) for path in folder(role).rglob("*") if path.is_file())

    assert files == [
        "README.md",
        "defaults/main.yml",
        "meta/argument_specs.yml",
        "meta/main.yml",
        "tasks/main.yml",
    ]
    assert list(options(role))[: len(mine)] == [f"{role}_{name}" for name in (*own, secret)]
    assert further(role, mine) == further("docker_hub", {"docker_hub_username", "docker_hub_token"})


def further(role: str, own: set[str]) -> dict[str, Any]:
    """The variables that are no role's own, without its name."""
    shared = yaml.safe_dump({name: option for name, option in options(role).items() if name not in own})
    text = shared.replace(f"{role}_", "").replace(f"default: {role.replace('_', '-')}\n", "default: role\n")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_what_is_not_a_string_is_refused_in_the_words_of_the_modules() -> None:
    variables = yaml.safe_load((ROOT / "roles/control_plane/vars/main.yml").read_text())

    assert variables["control_plane__not_string"] == f"{WHY} {REMEDY}"


# The others pass names of variables to pull_secrets, and no values.
WITH_TEMPLATES = sorted({path.parents[1].name for path in ROOT.glob("roles/*/tasks/main.yml")} - set(REGISTRIES))


def unconverted_names(text: str, names: set[str]) -> set[str]:
    """Return which names a template or condition decides by as they are.

    A template that is only a name passes its value on, to a module or another role.
    """
    if re.fullmatch(r"{{ \w+ }}", text.strip()):
        return set()
    template = text if "{" in text else f"{{{{ {text} }}}}"  # a condition has no braces
    try:
        parsed = Environment(autoescape=True).parse(template)
    except TemplateSyntaxError:  # a sentence
        return set()
    converted = [id(node.node) for node in parsed.find_all(nodes.Filter) if node.name == "bool"]
    return {node.name for node in parsed.find_all(nodes.Name) if node.name in names and id(node) not in converted}


@pytest.mark.parametrize("role", WITH_TEMPLATES)
def test_a_role_converts_its_booleans(role: str) -> None:
    """Without that, a string such as "no" would be true: the argument spec accepts it and does not convert it."""
    booleans = {name for name, option in options(role).items() if option["type"] == "bool"}
    files = [*folder(role).glob("tasks/*.yml"), *folder(role).glob("vars/*.yml")]
    texts = [text for file in files for text in strings(yaml.safe_load(file.read_text()))]

    unconverted = {text: unconverted_names(text, booleans) for text in texts}

    assert {text: names for text, names in unconverted.items() if names} == {}
