# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers what the Git provider of Airflow 3 reads from a connection: one JSON object a line, in and out.

It is run with the Python of an environment that has Airflow. A question has the environment variables of the container,
an answer what the hook read, and what git gets from it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

# Airflow writes its log to standard output, which is for the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from airflow.providers.git.hooks.git import GitHook  # noqa: E402 - its log goes elsewhere


def reply(question: dict[str, Any]) -> dict[str, Any]:
    os.environ.update(question["environment"])
    try:
        hook = GitHook()
        answer = {"error": "", "read": read_parts(hook), "url": hook.repo_url, "git": {}}
        if not hook.uses_github_app_auth:  # it asks GitHub for a token
            answer["git"] = ask_git(hook)
        return answer
    except Exception as error:  # noqa: BLE001 - whatever Airflow says
        return {"error": str(error), "read": {}, "url": "", "git": {}}
    finally:
        for name in question["environment"]:
            del os.environ[name]


def read_parts(hook: Any) -> dict[str, str]:
    """The parts of the credential, by the names of the options of gitsync_secret."""
    parts = {
        "username": hook.user_name if hook.auth_token else None,
        "password": hook.auth_token,
        "private_key": hook.private_key,
        "passphrase": hook.private_key_passphrase,
        "id": hook.github_app_id,
        "installation_id": hook.github_installation_id,
        "known_hosts_file": hook.known_hosts_file,
        "strict_host_key_checking": hook.strict_host_key_checking,
    }
    return {name: str(text) for name, text in parts.items() if text is not None}


def ask_git(hook: Any) -> dict[str, str]:
    """What git and ssh would use: the answer of git's credential helper, or the key file and options of ssh."""
    with hook.configure_hook_env():
        environment = {**os.environ, **hook.env}
        if hook.private_key:
            command = shlex.split(hook.env["GIT_SSH_COMMAND"])
            askpass = environment.get("SSH_ASKPASS")
            answer = {"private_key": Path(command[command.index("-i") + 1]).read_text(encoding="utf-8")}
            if askpass:
                answer["passphrase"] = subprocess.run([askpass], capture_output=True, text=True, check=True).stdout
            return answer
        scheme, host = re.match(r"(\w+)://([^/]+)", hook.repo_url).groups()  # type: ignore[union-attr]
        asked = f"protocol={scheme}\nhost={host}\n\n"
        done = subprocess.run(
            ["git", "credential", "fill"], input=asked, env=environment, capture_output=True, text=True, check=True
        )
        found = dict(line.split("=", 1) for line in done.stdout.splitlines())
        return {"username": found["username"], "password": found["password"]}


warnings.simplefilter("ignore")
for line in sys.stdin:
    print(json.dumps(reply(json.loads(line))), file=ANSWERS, flush=True)
