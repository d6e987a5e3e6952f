# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that read a Secret with the code of a consumer: one folder each, with what go.mod in it pins.

Each is a module of its own, because the consumers need different versions of the same modules. A program reads one
question a line and prints one answer a line; its main.go says what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from support.control_plane import go
from support.questions import ask

_FILES = ("go.mod", "go.sum", "main.go")

# What all of them have in common: questions in, answers out.
_SERVE = "serve.go"

# The folder of each program, and whose code is in it.
PROGRAMS: Mapping[str, str] = {
    "argocd": "Argo CD",
    "fleet": "Fleet",
    "flux": "Flux",
    "registries": "the clients of registries",
}


def ask_oracle(name: str, *questions: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the answers of a program, in order. Build it when there is none. Raise ControlPlaneError if that fails."""
    return ask(find_oracle(name), questions)


@cache
def find_oracle(name: str) -> Path:
    """Return a program. Build it when there is none (minutes, once). Raise ControlPlaneError if that fails."""
    files = {file: (_folder(name) / file).read_bytes() for file in _FILES}
    files[_SERVE] = _folder(_SERVE).read_bytes()
    programs = go.GoPrograms(
        name=f"the oracle {name}",
        contents=f"the code of {PROGRAMS[name]}",
        duration="up to five minutes on two cores",
        files=files,
        packages=(".",),
        version="1.0.0",
    )
    # Go names a program after the module that it is in.
    return go.find_built(f"oracles/{name}", b"".join(files.values()), programs) / f"oracle-{name}"


def pinned_version(name: str, module: str) -> str:
    """Return the version of a module that a program is built from."""
    return pinned_versions((_folder(name) / "go.mod").read_text())[module]


def pinned_versions(go_mod: str) -> dict[str, str]:
    """Return the version of each module that a go.mod requires."""
    lines: Iterable[tuple[str, str]] = re.findall(r"^(?:require |\t)(\S+) (v\S+)", go_mod, re.MULTILINE)
    return dict(lines)


def _folder(name: str) -> Path:
    return Path(__file__).resolve().with_name(name)
