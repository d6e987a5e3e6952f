# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is being measured, and how far it is: a line a step, on stderr."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field


@dataclass
class Progress:
    total: int = 0
    """How many steps there will be at most; those of the warm-up are not counted."""
    _step: int = 0
    _begin: float = field(default_factory=time.monotonic)

    def begin(self, title: str) -> None:
        """A step begins."""
        count = f"{self._step + 1}/{self.total}, " if self.total else ""
        self._step += bool(self.total)
        self._write(f"[{count}{(time.monotonic() - self._begin) / 60:.1f} min] {title}:")

    def skip(self) -> None:
        """A step that was counted is not needed."""
        self._step += bool(self.total)

    def add(self, text: str) -> None:
        self._write(f" {text};")

    def end(self) -> None:
        self._write("\n")

    def say(self, text: str) -> None:
        """A line of its own."""
        self._write(f"{text}\n")

    @staticmethod
    def _write(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)
