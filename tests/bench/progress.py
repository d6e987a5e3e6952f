# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is being measured, and for how long already: a line a step, on stderr."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field


@dataclass
class Progress:
    _begin: float = field(default_factory=time.monotonic)

    def begin(self, title: str) -> None:
        """Begin the line of a step."""
        _write(f"[{(time.monotonic() - self._begin) / 60:.1f} min] {title} … ")

    def end(self, text: str = "done") -> None:
        """End the line of a step."""
        _write(f"{text}\n")

    def say(self, text: str) -> None:
        """Write a line of its own."""
        _write(f"{text}\n")


def _write(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)
