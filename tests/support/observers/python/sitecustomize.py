# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run by every Python process that has this folder on PYTHONPATH: notes its arguments, and those of what it starts.

They are appended to the file KEYRING_TEST_ARGUMENTS, one process a line.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_STARTERS = {"subprocess.Popen": 1, "os.exec": 1, "os.posix_spawn": 1, "os.spawn": 2, "os.system": 0, "pty.spawn": 0}
_LOG = os.environ.get("KEYRING_TEST_ARGUMENTS")


def _note(arguments: object) -> None:
    if _LOG:
        descriptor = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{arguments!r}\n".encode(errors="surrogateescape"))
        os.close(descriptor)


def _hook(event: str, details: tuple[Any, ...]) -> None:
    if event in _STARTERS:
        _note(details[_STARTERS[event]])


_note(sys.orig_argv)
sys.addaudithook(_hook)
