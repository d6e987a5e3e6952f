# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the playbook explain_pull advises for an image: a sentence, and a task or a command to copy.

Names in it come from Pods and Secrets, so anyone may have chosen them. A task is data that a YAML dumper writes, and a
command is a list of arguments that is quoted for a shell. Neither is put together from text.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from .._credentials.server import DOCKER_HUB, find_refusal
from .._images.restarts import ADVICE, ROLLOUT_KINDS
from .._kubelet.images import HUB, normalise_image
from .._printable import make_line
from .._secret.names import is_secret_name

Item = Mapping[str, Any]
Step = dict[str, Any]

# The placeholder for values that users fill in.
_TO_FILL_IN = "…"
# The beginnings of a template, which Ansible would evaluate in a task.
_JINJA = re.compile(r"\{\{|\{%|\{#")
# The states of a Secret that a Pod references, in which the Secret itself must change.
_BROKEN = ("malformed", "missing", "wrong_type")
# The causes that the status of the image explains as well.
_EXPLAINED = ("no_entry", "secret_malformed", "secret_missing", "wrong_type")
_WAIT = "Wait: the kubelet tries again within five minutes. To try now, delete the Pod with this command{}:"
_FOR_THE_NODE = (
    "See on which node the Pod runs and what the kubelet reports. If the image and its tag are right, give both to the "
    "administrator of the node:"
)
_INVALID_NAME = (
    "The Pod references a Secret whose name is not valid. Correct it in the Pod template or the ServiceAccount, then "
    "recreate the Pod:"
)


def write_task(module: str, arguments: Mapping[str, Any]) -> list[str]:
    """Return the lines of a task in YAML, in which no string is a template."""
    return list(_dump_task(json.dumps({module: arguments})))


# A report asks for the same task for many images.
@functools.lru_cache(maxsize=10_000)
def _dump_task(task: str) -> tuple[str, ...]:
    """Return the lines of a task in YAML from its JSON."""
    # Ansible has PyYAML; the sanity tests import this file without it.
    import yaml

    class TaskDumper(yaml.SafeDumper):
        """A writer that repeats equal values and indents lists, as a person writes a task."""

        def ignore_aliases(self, data: Any) -> bool:
            """Return true: an alias is hard to read."""
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            """Indent lists below their key, as ansible-lint wants it."""
            super().increase_indent(flow, False)

    def write_string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        if _JINJA.search(value):
            return dumper.represent_scalar("!unsafe", value, style="'")
        return dumper.represent_scalar("tag:yaml.org,2002:str", value)

    TaskDumper.add_representer(str, write_string)
    written: str = yaml.dump(
        json.loads(task), Dumper=TaskDumper, allow_unicode=True, sort_keys=False, width=float("inf")
    )
    return tuple(written.splitlines())


def write_command(arguments: Sequence[str]) -> str:
    """Return a command in one line, quoted for a shell."""
    return shlex.join(make_line(argument) for argument in arguments)


def next_step(item: Item, *, context: str = "") -> Step:
    """Return the next step for an image: ``text``, and ``lines`` to copy. Both are empty if there is nothing to do.

    ``item`` is an image in the result of image_access_info, and ``context`` one that kubectl needs.
    """
    cause = item["cause"]["id"] if item.get("cause") else None
    reasons = [why["id"] for why in item["why"]]
    broken = [secret["name"] for secret in item["secrets"] if secret["state"] in _BROKEN]
    kubectl = _kubectl(item["namespace"], context)
    edit = [write_command([*kubectl, "edit", item["kind"].lower(), item["name"]])]
    delete = [write_command([*kubectl, "delete", "pod", item["name"]])]
    describe = [write_command([*kubectl, "describe", "pod", item["name"]])]
    again = ". Its controller recreates it" if item["controller"] else ", and create it again from its manifest"
    fix = item.get("fix")
    if fix and (cause is None or (fix["task"] and cause in _EXPLAINED)):
        return _describe_fix(fix)
    if "invalid_image" in reasons:
        return _step("Correct the image name, for example ghcr.io/acme/app:1.2, in this object:", edit)
    if cause == "started_before_link":
        kind, _slash, name = (item["controller"] or "").partition("/")
        if kind in ROLLOUT_KINDS:
            restart = write_command([*kubectl, "rollout", "restart", f"{kind.lower()}/{name}"])
            return _step(f"Restart the {kind}, so that its Pods get the Secret:", [restart])
        if kind in ADVICE:
            return _step(ADVICE[kind], [])
        return _step(f"Delete the Pod with this command{again}:", delete)
    if cause == "credentials_added":
        return _step(_WAIT.format(again), delete)
    if cause == "wrong_credentials":
        return _step("Write valid credentials with a task:", _write_entry(item, item["secret"]))
    if cause and cause not in _EXPLAINED:
        return _step(_FOR_THE_NODE, describe)
    if item["status"] in ("secret_malformed", "secret_missing", "wrong_type") and broken:
        if not is_secret_name(broken[0]):
            return _step(_INVALID_NAME, edit)
        return _fix_secret(item, broken[0])
    if item["status"] == "unknown":
        listing = [write_command([*kubectl, "auth", "can-i", "list", "secrets"])]
        return _step("Get permission to list what is under Not known, then run this playbook again:", listing)
    if item["status"] == "no_entry" and (cause or not item["by_node"]):
        return _add_entry(item, "To fix it, " if cause else "Nothing if the image is public. Otherwise, ")
    if cause:
        return _step(_FOR_THE_NODE, describe)
    return _step("", [])


def pods_command(namespace: str) -> str:
    """Return the command that lists the Pods of a namespace."""
    return write_command([*_kubectl(namespace, ""), "get", "pods"])


def _describe_fix(fix: Mapping[str, Any]) -> Step:
    """Return the step that the upgrade audit proposes."""
    lines: list[str] = []
    for module, arguments in (fix["task"] or {}).items():
        lines += write_task(module, to_plain(arguments))
    return _step(fix["text"], lines)


def to_plain(value: Any) -> Any:
    """Return data without Ansible's own types of mappings and lists, which evaluate at each access."""
    if isinstance(value, Mapping):
        return {str(name): to_plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def _kubectl(namespace: str, context: str) -> list[str]:
    chosen = ["--context", context] if context else []
    return ["kubectl", *chosen, "--namespace", namespace]


def _step(text: str, lines: Sequence[str]) -> Step:
    return {"text": text, "lines": list(lines)}


def _fix_secret(item: Item, name: str) -> Step:
    """Return what to do about a Secret that the Pod references and cannot use."""
    if item["status"] == "secret_missing":
        return _step("Create the Secret with a task:", _write_entry(item, name))
    if item["status"] == "wrong_type":
        return _step("Recreate the Secret as a pull secret with a task:", _write_entry(item, name, recreate=True))
    server = item["why"][0]["server"] if item["why"] else None
    if server and not find_refusal(server):
        return _step("Write the entry again with a task:", _write_entry({**item, "server": server}, name))
    return _step("Replace the content of the Secret with a task:", _write_entry(item, name, purge_registries=True))


def _add_entry(item: Item, lead: str) -> Step:
    if item["secrets"]:
        return _step(
            f"{lead}add an entry for its registry with a task:", _write_entry(item, item["secrets"][0]["name"])
        )
    text = f"{lead}create a Secret and link it with a task. Then recreate the existing Pods:"
    return _step(text, _write_entry(item, "registry", service_accounts=[item["service_account"]]))


def _write_entry(item: Item, name: str, **options: Any) -> list[str]:
    """Return the task that writes an entry for an image into a Secret."""
    server = item["server"]
    if not server or find_refusal(server):
        server = _registry_of(item["image"])
    entry = {"server": server, "username": _TO_FILL_IN, "password": _TO_FILL_IN}
    arguments = {"namespace": item["namespace"], "name": name, **options, "registries": [entry]}
    return write_task("keyring.kubernetes.image_pull_secret", arguments)


def _registry_of(image: str) -> str:
    """Return the server of an image, as it is written in a docker config."""
    host = (normalise_image(image) or HUB).split("/")[0]
    return DOCKER_HUB if host == HUB else host
