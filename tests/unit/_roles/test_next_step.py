# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What explain_pull advises is data: no name of a Pod, Secret or image adds an option, a template or a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, cast

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.next_step import (
    next_step,
    pods_command,
    write_command,
    write_task,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.printed import printed

MODULE = "keyring.kubernetes.image_pull_secret"
HUB = "https://index.docker.io/v1/"
BASE: Mapping[str, Any] = {
    "namespace": "web", "kind": "Deployment", "name": "shop", "image": "ghcr.io/acme/shop:1", "status": "no_entry",
    "service_account": "app", "secrets": [], "server": None, "secret": None, "controller": None, "cause": None,
    "why": [], "by_node": False,
}  # fmt: skip


class Unsafe(str):
    """A string with the tag that keeps Ansible from evaluating it."""


class Reader(yaml.SafeLoader):
    """As Ansible reads a playbook."""


Reader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(cast("yaml.ScalarNode", node))))


def read(lines: list[str]) -> Any:
    """The task as Ansible reads it, after people have copied it into a list of tasks."""
    (task,) = yaml.load("\n".join(lines), Loader=Reader).items()  # noqa: S506  (a SafeLoader)
    assert task[0] == MODULE
    return task[1]


def secret(name: str, state: str) -> dict[str, Any]:
    return {"name": name, "state": state}


def why(reason: str, server: str | None = None) -> dict[str, Any]:
    return {"id": reason, "server": server, "secret": None, "text": "…"}


ENTRY = {"username": "…", "password": "…"}
TASKS = {
    "no Secret": (
        {},
        {
            "namespace": "web",
            "name": "registry",
            "service_accounts": ["app"],
            "registries": [{"server": "ghcr.io", **ENTRY}],
        },
    ),
    "no entry": (
        {"secrets": [secret("hub", "found")], "image": "nginx"},
        {"namespace": "web", "name": "hub", "registries": [{"server": HUB, **ENTRY}]},
    ),
    "wrong credentials": (
        {"status": "matched", "secret": "hub", "server": "ghcr.io/acme", "cause": {"id": "wrong_credentials"}},
        {"namespace": "web", "name": "hub", "registries": [{"server": "ghcr.io/acme", **ENTRY}]},
    ),
    "malformed entry": (
        {"status": "secret_malformed", "secrets": [secret("hub", "malformed")], "why": [why("x", "quay.io")]},
        {"namespace": "web", "name": "hub", "registries": [{"server": "quay.io", **ENTRY}]},
    ),
    "malformed Secret": (
        {"status": "secret_malformed", "secrets": [secret("hub", "malformed")], "why": [why("x")]},
        {"namespace": "web", "name": "hub", "purge_registries": True, "registries": [{"server": "ghcr.io", **ENTRY}]},
    ),
    "wrong type": (
        {"status": "wrong_type", "secrets": [secret("hub", "wrong_type")]},
        {"namespace": "web", "name": "hub", "recreate": True, "registries": [{"server": "ghcr.io", **ENTRY}]},
    ),
    "missing": (
        {"status": "secret_missing", "secrets": [secret("hub", "missing")]},
        {"namespace": "web", "name": "hub", "registries": [{"server": "ghcr.io", **ENTRY}]},
    ),
}
KUBECTL = "kubectl --namespace web"
COMMANDS = {
    "invalid image": ({"why": [why("invalid_image")]}, f"{KUBECTL} edit deployment shop"),
    "before the link": ({"cause": {"id": "started_before_link"}}, f"{KUBECTL} delete pod shop"),
    "before the link, by a Deployment": (
        {"kind": "Pod", "controller": "Deployment/web", "cause": {"id": "started_before_link"}},
        f"{KUBECTL} rollout restart deployment/web",
    ),
    "before the link, by another controller": (
        {"controller": "Workflow/nightly", "cause": {"id": "started_before_link"}},
        f"{KUBECTL} delete pod shop",
    ),
    "added": ({"cause": {"id": "credentials_added"}}, f"{KUBECTL} delete pod shop"),
    "another cause": ({"cause": {"id": "dns"}}, f"{KUBECTL} describe pod shop"),
    "unknown": ({"status": "unknown"}, f"{KUBECTL} auth can-i list secrets"),
    "a cause that a match does not explain": (
        {"status": "matched", "cause": {"id": "no_entry"}},
        f"{KUBECTL} describe pod shop",
    ),
}


@pytest.mark.parametrize(("changes", "arguments"), TASKS.values(), ids=TASKS)
def test_a_task_to_copy(changes: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    assert read(next_step({**BASE, **changes})["lines"]) == arguments


@pytest.mark.parametrize(("changes", "command"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_to_copy(changes: Mapping[str, Any], command: str) -> None:
    step = next_step({**BASE, **changes})
    assert step["text"].endswith(":")
    assert step["lines"] == [command]


@pytest.mark.parametrize("changes", [{"status": "matched"}, {"by_node": True}])
def test_nothing_left_to_do(changes: Mapping[str, Any]) -> None:
    assert next_step({**BASE, **changes}) == {"text": "", "lines": []}


HOSTILE = (
    "x, host: evil, validate_certs: false}]",
    "x\n  host: evil",
    "x\r  host: evil",
    "x\u2028  host: evil",
    "x # comment",
    "x: y",
    "&a *b !c",
    "'; host: evil #",
    '"\n, host: evil',
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}",
    "{# a comment",
    "yes",
    "0123",
    "null",
    "$(id)",
    "`id`; rm -rf ~",
    "' && id '",
    "--kubeconfig=/tmp/x",
    "\x1b]52;c;aWQ=\x07",
    "\x00",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_task_has_what_it_was_given_and_nothing_else(text: str) -> None:
    arguments = {"namespace": text, "name": text, "registries": [{"server": text, **ENTRY}], "recreate": True}
    found = read(write_task(MODULE, arguments))
    assert found == arguments
    for value in (found["namespace"], found["name"], found["registries"][0]["server"]):
        assert isinstance(value, Unsafe) or not any(mark in value for mark in ("{{", "{%", "{#"))


@pytest.mark.parametrize("text", ["web", "{{ x }}", "yes"])
def test_a_string_of_a_type_of_its_own(text: str) -> None:
    """As Ansible has them, up to 2.18 for what is not to be evaluated, and since then with tags."""
    assert read(write_task(MODULE, {"name": Unsafe(text)})) == {"name": text}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_command_has_the_arguments_that_it_was_given(text: str) -> None:
    command = write_command(["kubectl", "get", text])
    assert len(command.splitlines()) == 1
    assert command.isprintable()
    assert shlex.split(command)[:2] == ["kubectl", "get"]
    assert len(shlex.split(command)) == 3
    assert len(shlex.split(pods_command(text))) == 5


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("status", ["secret_malformed", "secret_missing", "wrong_type", "no_entry", "matched"])
def test_hostile_names_do_not_get_into_the_advice(text: str, status: str) -> None:
    """In every name that comes from a Pod; nothing checks the name of a Secret in imagePullSecrets."""
    states = {"secret_malformed": "malformed", "secret_missing": "missing", "wrong_type": "wrong_type"}
    item = {**BASE, "status": status, "image": text, "server": text, "secret": "hub", "why": [why("x", text)]}
    item["cause"] = {"id": "wrong_credentials"} if status == "matched" else None
    if status in states:
        item["secrets"] = [secret(text, states[status])]
    for line in (lines := next_step(item)["lines"]):
        assert line.isprintable()
    if lines[0].startswith("kubectl"):
        assert lines == ["kubectl --namespace web edit deployment shop"]
        return
    allowed = {"namespace", "name", "service_accounts", "recreate", "purge_registries", "registries"}
    arguments = read(lines)
    assert arguments.keys() <= allowed
    assert [entry["server"] for entry in arguments["registries"]] in ([HUB], [text])
    assert arguments["registries"][0].keys() == {"server", "username", "password"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("one\n\n  two\tthree\xa0 four", "one two three four"),
        ('say "yes"', "say 'yes'"),
        ("\x1b[2J", "\\x1b[2J"),
        ("x" * 300, "x" * 200 + "… (100 more characters)"),
        (None, ""),
        (5, "5"),
    ],
)
def test_a_value_in_what_is_printed(value: Any, shown: str) -> None:
    assert printed(value) == shown
