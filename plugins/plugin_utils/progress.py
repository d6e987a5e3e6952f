# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live progress of a long task, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible import constants as C
from ansible.utils.display import Display

# Read when this file is imported, before Ansible forks: the output of a worker goes nowhere.
_ON_A_TERMINAL = sys.stdout.isatty()

# The seconds between two lines.
_LINE_INTERVAL = 0.1

_CLEAR_LINE = "\x1b[2K"


@contextmanager
def show_progress(display: Display, variables: Mapping[str, Any]) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with the numbers of finished and of all namespaces; clear its line after the block.

    The function writes nothing without a terminal, with another callback for the output, and with several hosts, which
    would write into one line.
    """
    default_callback = C.config.get_config_value("DEFAULT_STDOUT_CALLBACK") == "default"
    hosts = variables.get("ansible_play_batch", ())
    if not _ON_A_TERMINAL or not default_callback or len(hosts) > 1:
        yield lambda done, total: None
        return
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_INTERVAL:
            last = time.monotonic()
            _write(display, f"{_CLEAR_LINE}  {done}/{total} namespaces\r")

    try:
        yield show
    finally:
        if last:
            _write(display, f"{_CLEAR_LINE}\r")


def _write(display: Display, text: str) -> None:
    display.display(text, newline=False, screen_only=True)
