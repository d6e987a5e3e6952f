# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job templates for AWX, from the installed tarball: loaded by awx.awx, and their playbooks as jobs run them.

A job has a pseudo-terminal and no one to answer, and the extra variables of a survey that was filled in.
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.awx_collection import find_awx_collection, read_argument_spec
from support.canary import canary, find_leaks
from support.cluster import Cluster
from support.home import Home
from support.samples.keys import key_text
from support.servers.awx import Awx, awx_server, start_job
from support.typist import Session, type_into
from tarball import build

PREFIX = "Keyring: "
# The templates that are really loaded, as each takes seconds. test_awx_templates.py checks the surveys of all.
LOADED = (
    "add_image_pull_secret.yml",
    "delete_image_pull_secret.yml",
    "credential_expiry.yml",
    "new_namespaces.yml",
    "role_ghcr.yml",
    "role_sap_ai_core.yml",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the collection, installed from its tarball, and a copy of its folder extensions/awx."""
    tarball = build(tmp_path_factory.mktemp("tarball"))
    user = Home(tmp_path_factory.mktemp("home"), Path(sys.executable).parent)
    user.run("ansible-galaxy", "collection", "install", tarball)
    shutil.copytree(user.collection / "extensions" / "awx", user.directory / "awx")
    return user


def read_templates(home: Home) -> list[dict[str, Any]]:
    data = yaml.safe_load((home.directory / "awx" / "job_templates.yml").read_text())
    found: list[dict[str, Any]] = data["keyring_job_templates"]
    return found


@pytest.fixture
def templates(home: Home) -> list[dict[str, Any]]:
    return read_templates(home)


@pytest.fixture
def controller(home: Home) -> Iterator[tuple[Awx, dict[str, str]]]:
    """A controller whose projects have the playbooks of a team that has copied the folder."""
    names = [path.name for path in (home.directory / "awx" / "project").glob("*.yml")]
    collections = os.pathsep.join((str(home.collections), str(find_awx_collection())))
    with awx_server([*names, *(f"keyring/{name}" for name in names)]) as (awx, environment):
        yield awx, {**environment, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_PIPELINING": "true"}


def load(
    home: Home, environment: Mapping[str, str], *arguments: str, playbooks: Sequence[str] = LOADED, code: int = 0
) -> str:
    playbook = home.directory / "awx" / "load.yml"
    some = home.write(
        "some.yml", {"keyring_job_templates": [t for t in read_templates(home) if t["playbook"] in playbooks]}
    )
    return home.run("ansible-playbook", playbook, "-e", f"@{some}", *arguments, code=code, environment=environment)


def changed(output: str) -> int:
    recap = next(line for line in output.splitlines() if line.startswith("localhost  "))
    return int(recap.partition("changed=")[2].split()[0])


def installed(home: Home) -> dict[str, str]:
    """The environment in which only the home's collections are there."""
    return {"ANSIBLE_COLLECTIONS_PATH": str(home.collections)}


def test_its_tasks_have_arguments_that_awx_has(home: Home) -> None:
    collections = find_awx_collection()
    tasks = yaml.safe_load((home.directory / "awx" / "tasks" / "load.yml").read_text())
    used = {}
    for task in tasks:
        ((module, arguments),) = ((name, value) for name, value in task.items() if name.startswith("awx.awx."))
        spec = read_argument_spec(collections, module.removeprefix("awx.awx."))
        assert arguments.keys() <= spec.keys(), module
        assert {name for name, option in spec.items() if option.get("required")} <= arguments.keys(), module
        for name, value in arguments.items():
            choices = spec[name].get("choices")
            assert choices is None or "{{" in value or value in choices, f"{module}: {name}"
        used[module] = arguments["name"]
    assert set(used) == {"awx.awx.project", "awx.awx.job_template"}


def test_it_loads_the_templates_and_changes_nothing_the_second_time(
    home: Home, controller: tuple[Awx, dict[str, str]], templates: list[dict[str, Any]]
) -> None:
    awx, environment = controller
    arguments = (
        *("-e", "awx_inventory=clusters", "-e", "awx_organization=Shop", "-e", "awx_folder=keyring"),
        *("-e", "awx_scm_url=https://git.example.com/keyring.git", "-e", "awx_scm_branch=main"),
        *("-e", "awx_scm_credential=Git", "-e", "awx_execution_environment=keyring"),
        *("-e", '{"awx_credentials": ["Cluster lisbon"]}'),
    )
    templates = [template for template in templates if template["playbook"] in LOADED]
    checks = [template for template in templates if template["writes"]]
    assert (len(templates), len(checks)) == (len(LOADED), len(LOADED) - 1)

    first = load(home, environment, *arguments)
    before = list(awx.asked)
    second = load(home, environment, *arguments)

    assert (changed(first) > 0, changed(second)) == (True, 0), second
    assert {method for method, _path in awx.asked[len(before) :]} == {"GET"}
    assert len(awx.items["job_templates"]) == len(templates) + len(checks)
    assert [project["name"] for project in awx.items["projects"]] == ["Keyring"]
    for template in templates:
        name = f"{PREFIX}{template['name']}"
        loaded = awx.template(name)
        assert (loaded["job_type"], loaded["playbook"]) == ("run", f"keyring/{template['playbook']}")
        assert loaded["survey_enabled"] == ("survey" in template)
        assert loaded["ask_variables_on_launch"] == template["prompts"]
        assert loaded["ask_limit_on_launch"] == template.get("limits", False)
        assert loaded["allow_simultaneous"] == template.get("limits", False)
        assert awx.survey_of(name) == template.get("survey")
        assert len(awx.credentials[loaded["id"]]) == 1
    for template in checks:
        twin = awx.template(f"{PREFIX}{template['name']} (check)")
        assert (twin["job_type"], twin["diff_mode"]) == ("check", True)
        survey = template.get("survey")
        spec = [question for question in survey["spec"] if question["variable"] != "confirm"] if survey else []
        assert awx.survey_of(twin["name"]) == (survey and {**survey, "spec": spec})
    confirmed = [item["name"] for item in awx.items["job_templates"] if item.get("extra_vars") == '{"confirm": "yes"}']
    assert confirmed == [f"{PREFIX}Delete an image pull secret (check)"]


def test_it_updates_what_was_changed_and_needs_an_existing_project_without_a_url(
    home: Home, controller: tuple[Awx, dict[str, str]]
) -> None:
    awx, environment = controller
    arguments = ("-e", "awx_inventory=clusters", "-e", "awx_context=lisbon", "-e", '{"awx_kinds": ["report"]}')

    refused = load(home, environment, *arguments, code=2)
    assert "The project Keyring in organization Default was not found" in refused

    (default,) = (item for item in awx.items["organizations"] if item["name"] == "Default")
    awx.create("projects", {"name": "Keyring", "organization": default["id"]})
    load(home, environment, *arguments)
    name = f"{PREFIX}List the credentials that expire soon"
    survey = awx.survey_of(name)
    awx.template(name)["playbook"] = "cleanup.yml"
    awx.surveys[awx.template(name)["id"]] = {"name": "", "description": "", "spec": []}

    assert changed(load(home, environment, *arguments)) == 1
    assert awx.template(name)["playbook"] == "credential_expiry.yml"
    assert awx.survey_of(name) == survey
    assert {item["job_type"] for item in awx.items["job_templates"]} == {"run"}
    assert {item["extra_vars"] for item in awx.items["job_templates"]} == {'{"context": "lisbon"}'}


def test_it_says_what_is_missing(home: Home) -> None:
    without = load(home, installed(home), "-e", "awx_inventory=clusters", code=2)
    assert "The collection awx.awx is missing." in without
    assert "ansible-galaxy collection install awx.awx" in without
    assert "awx_inventory is missing." in load(home, installed(home), code=2)


def test_the_playbooks_of_the_templates_are_valid(home: Home, templates: list[dict[str, Any]]) -> None:
    project = home.directory / "awx" / "project"
    playbooks = [project / template["playbook"] for template in templates]
    home.run("ansible-playbook", "--syntax-check", *playbooks, environment=installed(home))


# Jobs


def run_job(
    home: Home, cluster: Cluster, templates: list[dict[str, Any]], playbook: str, answers: Mapping[str, Any], *more: str
) -> Session:
    """Run a playbook as a job does: at a pseudo-terminal, with an inventory of clusters and the survey's answers."""
    (template,) = (template for template in templates if template["playbook"] == playbook)
    variables = home.directory / "extravars"
    variables.write_text(start_job(template["survey"], answers, prompts=template["prompts"]))
    inventory = home.write("hosts.yml", {"all": {"hosts": {"lisbon": {"ansible_connection": "local"}}}})
    command = [str(home.binaries / "ansible-playbook"), "-i", str(inventory), "-e", f"@{variables}", *more, playbook]
    environment = {
        **installed(home),
        "PATH": os.pathsep.join((str(home.binaries), os.environ["PATH"])),
        "HOME": str(home.directory),
        "ANSIBLE_HOME": str(home.directory / ".ansible"),
        "ANSIBLE_REMOTE_TMP": str(home.directory / ".ansible" / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
        "K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig),
    }
    session = type_into(command, [], environment=environment, directory=home.directory / "awx" / "project")
    variables.unlink()
    return session


def test_a_form_as_a_job(home: Home, cluster: Cluster, namespace: str, templates: list[dict[str, Any]]) -> None:
    password = canary("password of a survey", user="octo")
    answers = {
        "target_namespace": namespace,
        "secret_name": "surveyed",
        "registry": "ghcr.io",
        "registry_username": "octo",
        "registry_password": password.text,
        "display_name": "{{ 7 * 7 }}",
        "description": "",
    }

    checked = run_job(home, cluster, templates, "add_image_pull_secret.yml", answers, "--check", "--diff")
    assert (checked.returncode, "would be created" in checked.screen) == (0, True), checked.screen
    assert cluster.api.list_namespaced_secret(namespace).items == []

    done = run_job(home, cluster, templates, "add_image_pull_secret.yml", answers)
    again = run_job(home, cluster, templates, "add_image_pull_secret.yml", answers)

    assert (done.returncode, "was created" in done.screen) == (0, True), done.screen
    assert cluster.read_auths(namespace, "surveyed")["ghcr.io"]["password"] == password.text
    assert cluster.read_secret(namespace, "surveyed")["metadata"]["annotations"]["displayName"] == "{{ 7 * 7 }}"
    assert (again.returncode, "already exists" in again.screen) == (2, True), again.screen
    assert find_leaks({"screens": checked.raw + done.raw + again.raw}, [password]) == []


def test_a_check_job_shows_a_deletion_without_a_confirmation(
    home: Home, cluster: Cluster, namespace: str, controller: tuple[Awx, dict[str, str]]
) -> None:
    awx, environment = controller
    arguments = ("-e", "awx_inventory=clusters", "-e", "awx_scm_url=https://git.example.com/keyring.git")
    load(home, environment, *arguments, playbooks=["delete_image_pull_secret.yml"])
    twin = awx.template(f"{PREFIX}Delete an image pull secret (check)")
    loaded = [{"playbook": "delete_image_pull_secret.yml", "survey": awx.survey_of(twin["name"]), "prompts": False}]
    answers = {"target_namespace": namespace, "secret_name": "registry"}
    content = {".dockerconfigjson": '{"auths": {"ghcr.io": {"username": "octo", "password": "p"}}}'}
    cluster.create_secret(namespace, "registry", type="kubernetes.io/dockerconfigjson", string_data=content)

    more = ("--check", "--diff", "-e", twin["extra_vars"])
    checked = run_job(home, cluster, loaded, "delete_image_pull_secret.yml", answers, *more)

    assert (checked.returncode, "would be deleted" in checked.screen) == (0, True), checked.screen
    assert [item.metadata.name for item in cluster.api.list_namespaced_secret(namespace).items] == ["registry"]


def test_a_form_as_a_job_never_asks(
    home: Home, cluster: Cluster, namespace: str, templates: list[dict[str, Any]]
) -> None:
    answers = {
        "target_namespace": namespace,
        "secret_name": "Not_A_Name",
        "registry": "ghcr.io",
        "registry_username": "",
        "registry_password": "s3cret-of-a-survey",
    }
    survey = next(t for t in templates if t["playbook"] == "add_image_pull_secret.yml")["survey"]
    for question in survey["spec"]:
        question["min"] = 0  # another client of the controller than its pages

    session = run_job(home, cluster, templates, "add_image_pull_secret.yml", answers)

    assert session.returncode == 2
    assert "secret_name (Name)" in session.screen


def test_a_report_as_a_job(home: Home, cluster: Cluster, namespace: str, templates: list[dict[str, Any]]) -> None:
    answers = {"expiry_within": "8w", "expiry_namespaces": f"{namespace},other-*"}

    session = run_job(home, cluster, templates, "credential_expiry.yml", answers)

    assert session.returncode == 0, session.screen
    assert "lisbon" in session.screen


def test_a_role_as_a_job(home: Home, cluster: Cluster, namespace: str, templates: list[dict[str, Any]]) -> None:
    cluster.create_account(namespace, "default")
    answers = {
        "ghcr_username": "octo",
        "ghcr_token": "a-token-of-a-survey",
        "ghcr_host": "",
        "ghcr_owner": "",
        "survey_namespaces": f" {namespace}\n\n{namespace[:-1]}[{namespace[-1]}]\n",
        "survey_namespace_selectors": "",
    }

    first = run_job(home, cluster, templates, "role_ghcr.yml", answers)
    second = run_job(home, cluster, templates, "role_ghcr.yml", answers)

    assert first.returncode == second.returncode == 0, first.screen + second.screen
    assert cluster.read_auths(namespace, "ghcr")["ghcr.io"]["password"] == "a-token-of-a-survey"
    assert "a-token-of-a-survey" not in first.screen + second.screen


def test_a_role_with_a_key_in_one_line(
    home: Home, cluster: Cluster, namespace: str, templates: list[dict[str, Any]]
) -> None:
    """A question of the type password has one line, and a browser joins the lines that are pasted into it."""
    key = key_text("Ed25519 OpenSSH")
    answers = {
        "git_credentials_ssh_private_key": key.replace("\n", ""),
        "git_credentials_ssh_scan_host_keys": "false",
        "survey_ssh_host_key_fingerprints": "",
        "git_credentials_consumers": [{"format": "primehub", "name": "gitsync-secret-models", "namespace": namespace}],
    }

    session = run_job(home, cluster, templates, "role_git_credentials.yml", answers)

    assert session.returncode == 0, session.screen
    (stored,) = cluster.read_secret(namespace, "gitsync-secret-models")["data"].values()
    assert base64.b64decode(stored).decode() == key
