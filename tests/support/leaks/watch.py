# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to look for secrets: all that Ansible can write, below one folder."""

from __future__ import annotations

from pathlib import Path

from support.paths import OBSERVERS


def watch(directory: Path) -> dict[str, str]:
    """The environment in which everything that Ansible can write is written below the directory."""
    return {
        "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_REMOTE_TMP": str(directory / "remote"),
        "ANSIBLE_ASYNC_DIR": str(directory / "async"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_CALLBACK_PLUGINS": str(OBSERVERS / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "dump_results",
        "KEYRING_TEST_RESULTS": str(directory / "callback.jsonl"),
        "KEYRING_TEST_ARGUMENTS": str(directory / "arguments.txt"),
    }
