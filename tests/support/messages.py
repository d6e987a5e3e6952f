# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The strings of the sources, among which are all messages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def strings_of(path: Path) -> Iterator[str]:
    """Yield the strings of a Python file, those of f-strings in parts."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
