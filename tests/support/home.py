# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user with an ansible-core of their own, whose home was empty."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.paths import COLLECTION
from support.playbook import run_program


@dataclass(frozen=True)
class Home:
    """A user with an ansible-core, whose home was empty."""

    directory: Path
    binaries: Path
    core: str = ""

    @property
    def collections(self) -> Path:
        return self.directory / ".ansible" / "collections"

    @property
    def collection(self) -> Path:
        return self.collections / COLLECTION

    def run(self, *command: str | Path, code: int = 0, environment: Mapping[str, str] | None = None) -> str:
        """What a program printed. It sees nothing of this checkout, and no other home."""
        done = run_program(
            [self.binaries / command[0], *command[1:]], cwd=self.directory, env=self.environment(**(environment or {}))
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.pathsep.join((str(self.binaries), os.environ["PATH"])),
            "HOME": str(self.directory),
            "ANSIBLE_HOME": str(self.directory / ".ansible"),
            "ANSIBLE_REMOTE_TMP": str(self.directory / ".ansible" / "tmp"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def files(self) -> set[str]:
        """The files of the installed collection."""
        paths = (path.relative_to(self.collection) for path in self.collection.rglob("*") if path.is_file())
        return {str(path) for path in paths if "__pycache__" not in path.parts}

    def write(self, name: str, content: Any) -> Path:
        path = self.directory / name
        path.write_text(yaml.safe_dump(content))
        return path
