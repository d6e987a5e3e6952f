# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A form in ansible-playbook at a real terminal: what ends it, what is kept secret, and where it does not ask.

The forms have tests of their own. Here, one of them stands for all.
"""

from __future__ import annotations

import json
import os
import subprocess
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.canary import canary, find_leaks, key_canary, read_below
from support.cluster import Cluster
from support.leaks.watch import watch
from support.playbook import ANSIBLE_PLAYBOOK, Playbook
from support.processes import eventually, runs
from support.typist import LiveTerminal, open_terminal

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
USER = "octo"
TYPED = canary("typed password", user=USER)
MISTYPED = canary("password that was typed first", user=USER)
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nQUJDQUJDQUJDQUJD\n-----END OPENSSH PRIVATE KEY-----"
ALL = [TYPED, MISTYPED, key_canary("key in a field of one line", KEY)]

# The prompts of the form after its namespace, which is the default, and their answers.
PROMPTS = (
    ("Namespace", None),
    ("Name", f"registry{ENTER}"),
    ("Registry", f"ghcr.io{ENTER}"),
    ("Username", f"{USER}{ENTER}"),
    ("Password", TYPED.text + ENTER),
    ("Display name", f"Company{ENTER}"),
    ("Description", ENTER),
    ("Owner", ENTER),
    ("Create it", f"yes{ENTER}"),
)
VARIABLES: Mapping[str, Any] = {
    "secret_name": "registry",
    "registry": "ghcr.io",
    "registry_username": USER,
    "registry_password": "given",
}


@dataclass(frozen=True)
class Form:
    """The form add_image_pull_secret, filled in for one namespace."""

    cluster: Cluster
    namespace: str
    playbook: Playbook

    def command(self, *arguments: str, **variables: Any) -> list[str]:
        given = ["-e", json.dumps(variables)] if variables else []
        return [str(ANSIBLE_PLAYBOOK), "keyring.kubernetes.add_image_pull_secret", *arguments, *given]

    def environment(self, **more: str) -> dict[str, str]:
        kubeconfig = str(self.cluster.kubeconfig)
        quiet = {"ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0"}
        return self.playbook.environment(**{"K8S_AUTH_KUBECONFIG": kubeconfig, "TERM": "xterm", **quiet, **more})

    def open(self, *arguments: str, columns: int = 90, rows: int = 40, **variables: Any) -> LiveTerminal:
        return self.open_command(self.command(*arguments, **variables), columns=columns, rows=rows)

    def open_command(
        self, command: list[str], *, columns: int = 90, rows: int = 40, environment: Mapping[str, str] | None = None
    ) -> LiveTerminal:
        return open_terminal(
            command,
            environment=self.environment(**(environment or {})),
            directory=self.playbook.directory,
            columns=columns,
            rows=rows,
        )

    def fill_in(self, terminal: LiveTerminal, until: str = "") -> None:
        """Answer the prompts up to the one that begins with ``until``, which is not answered."""
        for asked, answer in PROMPTS:
            if asked == until:
                terminal.asked(asked)
                return
            terminal.answer(f"{asked}.*[(?]", answer or f"{self.namespace}{ENTER}")

    @property
    def names(self) -> set[str]:
        return {item.metadata.name for item in self.cluster.api.list_namespaced_secret(self.namespace).items}


@pytest.fixture
def form(cluster: Cluster, namespace: str, playbook: Playbook) -> Form:
    return Form(cluster, namespace, playbook)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize("asked", ["Namespace", "Password", "Create it"])
def test_a_person_gives_up(form: Form, asked: str, key: str) -> None:
    terminal = form.open()
    form.fill_in(terminal, asked)
    processes = terminal.processes

    terminal.type(key)

    assert terminal.end() == 2
    assert "Stopped. Nothing was changed." in terminal.unread
    assert termios.tcgetattr(terminal.master) == terminal.settings
    assert not any(map(runs, processes))
    assert form.names == set()


@pytest.mark.parametrize("typed", ["", "-----BEGIN OPENSSH PRIVATE KEY-----\nQUJD"], ids=["waiting", "in a paste"])
def test_a_terminal_that_is_closed(form: Form, typed: str) -> None:
    terminal = form.open()
    form.fill_in(terminal, "Password")
    processes = terminal.processes
    terminal.type(typed)

    terminal.close()
    terminal.end_without_terminal()

    assert eventually(lambda: not any(map(runs, processes)))
    assert form.names == set()


def test_a_killed_ansible_leaves_no_process(form: Form) -> None:
    terminal = form.open()
    form.fill_in(terminal, "Create it")
    processes = terminal.processes
    assert len(processes) > 1

    os.kill(terminal.pid, 9)

    terminal.end()
    assert eventually(lambda: not any(map(runs, processes)))
    assert form.names == set()


def test_answers_are_no_templates(form: Form) -> None:
    literal, password = "{{ 7 * 7 }}{% if %}{# no comment #}", "{{ lookup('pipe', 'id') }}"
    terminal = form.open(target_namespace=form.namespace, secret_name="registry", registry="ghcr.io")
    for asked in ("Username", "Password", "Display name", "Description"):
        terminal.answer(asked, (password if asked == "Password" else literal) + ENTER)
    terminal.answer("Owner", ENTER)
    terminal.answer("Create it", f"y{ENTER}")

    assert terminal.end() == 0, terminal.screen
    entry = form.cluster.read_auths(form.namespace, "registry")["ghcr.io"]
    assert (entry["username"], entry["password"]) == (literal, password)
    annotations = form.cluster.read_secret(form.namespace, "registry")["metadata"]["annotations"]
    assert annotations["displayName"] == annotations["kubernetes.io/description"] == literal


def test_nothing_of_a_paste_reaches_the_next_question_or_the_shell(form: Form) -> None:
    command = " ".join(form.command())
    terminal = form.open_command(["bash", "-c", f'{command}; read -t 1 -r left; echo "LEFT=[$left]"'])
    terminal.answer("Namespace", f"{form.namespace}{ENTER}")
    terminal.answer("Name ", f"one\ntwo\r\nthree\n{ENTER}")
    terminal.answer("Name, again", f"registry{ENTER}")
    terminal.answer("Registry", f"ghcr.io{ENTER}")
    terminal.answer("Username", f"{USER}{ENTER}")
    terminal.answer("Password", f"{KEY}\n")
    terminal.answer("Password, again", TYPED.text + ENTER)
    terminal.answer("Display name", ENTER)
    terminal.answer("Description", ENTER)
    terminal.answer("Owner", ENTER)
    terminal.answer("Create it", f"no\nls\nrm\n{ENTER}")
    terminal.answer("Create it", f"no{ENTER}")

    assert terminal.end() == 0
    assert "LEFT=[]" in terminal.screen
    assert terminal.screen.count("has several lines") == 2
    assert not find_leaks({"screen": terminal.raw}, ALL)
    assert form.names == set()


@pytest.mark.parametrize("arguments", [("-v",), ("-vvvvv",), ("--check", "--diff", "-vvv")], ids=" ".join)
def test_no_secret_leaves_a_form(form: Form, arguments: tuple[str, ...]) -> None:
    terminal = form.open_command(form.command(*arguments), environment=watch(form.playbook.directory))
    form.fill_in(terminal, "Password")
    terminal.type(MISTYPED.text + ENTER)
    for asked in ("Display name", "Description", "Owner"):
        terminal.answer(f"{asked}.*[(]", ENTER)
    terminal.answer("Create it", f"password{ENTER}")
    terminal.answer("Password", TYPED.text + ENTER)
    terminal.answer("Create it", f"yes{ENTER}")

    assert terminal.end() == 0, terminal.screen
    is_check = "--check" in arguments
    assert f"registry {'would be' if is_check else 'was'} created on https://" in terminal.screen
    if is_check:
        assert terminal.screen.count('+            "password": "<hidden>"') == 1
    assert form.names == (set() if is_check else {"registry"})
    if not is_check:
        assert form.cluster.read_auths(form.namespace, "registry")["ghcr.io"]["password"] == TYPED.text
    assert not find_leaks({"screen": terminal.raw, **read_below(form.playbook.directory)}, ALL)


def test_everything_fits_a_window_of_60_columns_and_20_lines(form: Form) -> None:
    terminal = form.open(columns=60, rows=20)
    form.fill_in(terminal, "Username")
    fault = terminal.answer("Username", f"a:b{ENTER}")
    terminal.answer("Username, again", f"{USER}{ENTER}")
    for asked, answer in PROMPTS[4:8]:
        terminal.answer(f"{asked}.*[(]", answer or ENTER)
    review = terminal.answer("Create it", f"nonsense{ENTER}")
    again = terminal.answer("Create it", f"yes{ENTER}")

    assert terminal.end() == 0
    ours = terminal.screen[terminal.screen.index("Add an image pull secret on") : terminal.screen.index("PLAY RECAP")]
    too_long = [line for line in ours.splitlines() if len(line) > 60 and "^M" not in line]
    assert [line for line in too_long if "https://" not in line] == []
    assert len(review.splitlines()) <= 20
    assert len(fault.splitlines()) <= 5
    assert len(again.splitlines()) <= 5


# What another client has created meanwhile, and what the person reads. The module would change the second one, because
# it is a pull secret as well.
TAKEN = {
    "Opaque": (
        {"key": "of another client"},
        "{place} has the type Opaque, and kubernetes.io/dockerconfigjson is needed.",
    ),
    "kubernetes.io/dockerconfigjson": (
        {".dockerconfigjson": '{"auths": {"quay.io": {"auth": "b3RoZXI6Y2xpZW50"}}}'},
        "Name: the pull secret {place} already exists on",
    ),
}


@pytest.mark.parametrize("secret_type", TAKEN)
def test_a_name_that_was_taken_meanwhile_is_asked_for_again(form: Form, secret_type: str) -> None:
    content, sentence = TAKEN[secret_type]
    terminal = form.open()
    form.fill_in(terminal, "Create it")
    before = form.cluster.create_secret(form.namespace, "registry", type=secret_type, string_data=content)

    terminal.type(f"yes{ENTER}")
    if secret_type == "Opaque":  # the module refuses it, and the review is shown again
        printed = terminal.answer("Create it", f"name{ENTER}")
        terminal.answer("Name .press Enter to keep registry", f"other{ENTER}")
    else:
        printed = terminal.answer("Name .required", f"other{ENTER}")
    terminal.answer("Password", TYPED.text + ENTER)
    terminal.answer("Create it", f"yes{ENTER}")

    assert terminal.end() == 0, terminal.screen
    assert sentence.format(place=f"{form.namespace}/registry") in " ".join(printed.split())
    assert form.cluster.read_secret(form.namespace, "registry") == before
    assert form.cluster.read_auths(form.namespace, "other")["ghcr.io"]["password"] == TYPED.text
    assert "fatal" not in terminal.screen


def test_a_refusal_of_the_server_leads_to_the_review_and_is_printed_once(form: Form) -> None:
    rules = [{"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["get", "list"]}]
    robot = form.cluster.cluster_identity(form.namespace, rules)
    path = form.playbook.directory / "robot.kubeconfig"
    path.write_text(yaml.safe_dump(robot.connection["kubeconfig"]))
    terminal = form.open(kubeconfig=str(path))
    form.fill_in(terminal, "Create it")

    terminal.type(f"yes{ENTER}")
    printed = terminal.answer("Create it", f"no{ENTER}")

    assert terminal.end() == 0, terminal.screen
    assert " ".join(printed.split()).count("needs the verb create on secrets in namespace") == 1
    assert " ".join(terminal.screen.split()).count("needs the verb create") == 1
    assert terminal.screen.count("Nothing was changed.") == 1
    assert "fatal" not in terminal.screen


def test_an_error_that_ends_the_form_is_printed_once(form: Form) -> None:
    terminal = form.open(kubeconfig="/nowhere/kubeconfig")

    assert terminal.end() == 2
    assert " ".join(terminal.screen.split()).count("/nowhere/kubeconfig does not exist") == 1
    assert "The form ended with this error. Nothing was changed." in terminal.screen


# Where there is a terminal, but no one who could answer.
SILENT = {"form_ask": {"form_ask": False}, "AWX": {"awx_job_id": 7}, "Tower": {"tower_job_id": "7"}}


@pytest.mark.parametrize("variables", SILENT.values(), ids=list(SILENT))
def test_a_form_that_may_not_ask_does_not_ask(form: Form, variables: Mapping[str, Any]) -> None:
    terminal = form.open(**variables)
    assert terminal.end() == 2
    for field in VARIABLES:
        assert f"{field} (" in terminal.screen

    terminal = form.open(target_namespace=form.namespace, **VARIABLES, **variables)
    assert terminal.end() == 0, terminal.screen
    assert "Create it" not in terminal.screen
    assert form.names == {"registry"}


def test_form_ask_brings_the_questions_back(form: Form) -> None:
    terminal = form.open(awx_job_id=7, form_ask=True)
    terminal.answer("Namespace", CTRL_C)

    assert terminal.end() == 2


@pytest.mark.parametrize("stdin", ["closed", "empty", "background"])
def test_a_form_without_a_terminal_names_all_fields(form: Form, stdin: str) -> None:
    command = form.command()
    if stdin == "closed":
        command = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
    if stdin == "background":
        command = ["setsid", "--wait", *command]
    done = subprocess.run(
        command,
        env=form.environment(),
        cwd=form.playbook.directory,
        stdin=None if stdin == "background" else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    output = done.stdout + done.stderr
    for field in VARIABLES:
        assert f"{field} (" in output
    assert "KEYRING_REGISTRY_PASSWORD" in output
    assert "target_namespace" not in output or "default" not in output
    assert form.names == set()


# A line of a vars file, and what the error says.
REFUSED_VALUES = {
    "a number": ("registry_password: 0123456", "registry_password (Password) must be a string"),
    "a boolean": ("registry_username: no", "registry_username (Username) must be a string"),
    "a date": ("display_name: 2026-12-01", "display_name (Display name) must be a string"),
    "null": ("secret_name:", "secret_name (Name) is required"),
    "a template": ('owner: "{{ nowhere }}"', "The variable owner cannot be read: 'nowhere' is undefined"),
    "a vaulted value": (
        "registry_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132",
        "The variable registry_password cannot be read",
    ),
}


def test_values_of_variables_that_are_refused(form: Form) -> None:
    for name, (line, message) in REFUSED_VALUES.items():
        path = Path(form.playbook.directory, "values.yml")
        path.write_text(f"{line}\n")
        given = {key: value for key, value in VARIABLES.items() if not line.startswith(key)}
        code, output = form_result(form, "-e", f"@{path}", **given)
        assert (name, code) == (name, 2)
        assert message in output, output
    assert form.names == set()


def form_result(form: Form, *arguments: str, **variables: Any) -> tuple[int, str]:
    """Run the form without a terminal."""
    done = subprocess.run(
        form.command(*arguments, target_namespace=form.namespace, **variables),
        env=form.environment(),
        cwd=form.playbook.directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
