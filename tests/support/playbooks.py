# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of the collection, run by their names, and the page that one writes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import yaml

from support.cluster import Cluster
from support.image_access import TOKEN
from support.playbook import ANSIBLE_PLAYBOOK, Playbook
from support.samples.secrets import encode


def run(
    playbook: Playbook,
    name: str,
    cluster: Cluster,
    *,
    inventory: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    **variables: Any,
) -> tuple[int, list[str], str]:
    """Run a playbook of the collection in the test's directory: its exit code, the lines it prints, all its output."""
    command = [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{name}", "-e", json.dumps(variables), "-vvv"]
    if inventory:
        path = playbook.directory / "clusters.yml"
        path.write_text(yaml.safe_dump({"all": {"hosts": inventory}}))
        command += ["-i", str(path)]
    done = subprocess.run(
        command,
        env=playbook.environment(K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig), **(environment or {})),
        cwd=playbook.directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    printed = re.findall(r'^    "msg": (\[\n.*?^    \])', done.stdout, re.DOTALL | re.MULTILINE)
    lines: list[str] = json.loads(printed[-1]) if printed else form_lines(done.stdout)
    output = done.stdout + done.stderr
    assert not re.search("s3cret|" + encode(f"octo:{TOKEN}"), output)
    return done.returncode, lines, output


def form_lines(output: str) -> list[str]:
    """The lines that a form prints, among those of Ansible."""
    found = re.search(
        r"^TASK \[Fill in the form\] \*+\n(.*?)^(?:ok|changed|fatal|\[ERROR\])", output, re.DOTALL | re.MULTILINE
    )
    lines = found[1].splitlines() if found else []
    return [line for line in lines if line and not line.startswith("task path:")]


class Page(HTMLParser):
    """The tags of a page, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            self.scripts[-1] += data
