# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long the tasks of a play took, without the start of ansible-playbook, to KEYRING_BENCH_CLOCK."""

from __future__ import annotations

import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_clock
type: aggregate
short_description: Measure the tasks of a play
description:
  - Writes the seconds from the start of the first task to the end of the last one to a file.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_clock"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._begin: float | None = None

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        if self._begin is None:
            self._begin = time.perf_counter()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        seconds = time.perf_counter() - (self._begin or time.perf_counter())
        with open(os.environ["KEYRING_BENCH_CLOCK"], "w", encoding="utf-8") as file:
            file.write(str(seconds))
