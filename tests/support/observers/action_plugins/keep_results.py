# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a text to a file in Ansible's own process; ansible.builtin.copy starts two more, half of the cost of a run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The action of ``keep_results: {dest: …, content: …}``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the content; before ansible-core 2.19 a template of JSON is a list already."""
        content = self._task.args["content"]
        text = content if isinstance(content, str) else json.dumps(content)
        path = Path(self._task.args["dest"])
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        return {"changed": True}
