# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files that pin the Python packages of tests and tools, each with its version and its digests.

A file is made of requirements that people write: of a file ``.in`` beside it, of a row of the matrix, or of a constant.
Packages that they need in turn are pinned too, for every Python from the oldest on that installs the file. Pins that
still fit are kept; with ``--upgrade`` those that no one wrote become the newest.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkout import ROOT
from environments import REQUIREMENTS, environment
from matrix import NEWEST, PYTHONS, core_file, oldest_packages

sys.path.insert(0, str(ROOT / "roles" / "control_plane" / "files"))

from control_plane_go import GO_BIN, GO_BIN_PINS

HEADER = """\
# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by `make pins` from {source}.
"""

# The oldest Python of .venv, and of what is started with it.
DEVELOPER = "3.11"


@dataclass(frozen=True)
class PinFile:
    """A file of pins, what it is made of, and the oldest Python that installs it.

    ``lines`` are requirements that are not in a file ``.in``. ``without`` are packages that another file pins.
    """

    path: Path
    python: str
    source: str
    lines: Sequence[str] = ()
    without: Sequence[str] = ()

    @property
    def written(self) -> Path:
        """The file that people write."""
        return self.path.with_suffix(".in")


def pin_files() -> Iterator[PinFile]:
    """Yield all files of pins. Later ones depend on earlier ones."""
    for path in (ROOT / "requirements-dev.txt", REQUIREMENTS / "pins.txt", REQUIREMENTS / "builder.txt"):
        yield _beside(path)
    yield _beside(REQUIREMENTS / "importer.txt")
    yield _beside(REQUIREMENTS / "airflow.txt")
    yield _beside(REQUIREMENTS / "portals.txt")
    yield _beside(REQUIREMENTS / "rulebook.txt")
    yield _beside(ROOT / "tests" / "bench" / "requirements.txt")
    for core in PYTHONS:
        yield PinFile(REQUIREMENTS / core_file(core), PYTHONS[core][0], "tools/matrix.py", core_requirements(core))
    # Installed beside each of the files above.
    with_core = sorted({name for core in PYTHONS for name in pinned_names(REQUIREMENTS / core_file(core))})
    yield _beside(REQUIREMENTS / "tests.txt", "3.10", with_core)
    yield PinFile(GO_BIN_PINS, "3.8", "control_plane_go.py", (f"go-bin=={GO_BIN}",))


def _beside(path: Path, python: str = DEVELOPER, without: Sequence[str] = ()) -> PinFile:
    return PinFile(path, python, f"{path.stem}.in", without=without)


def core_requirements(core: str) -> list[str]:
    """Return an ansible-core with the packages of the collection: on its oldest Python the oldest, else the newest."""
    oldest = PYTHONS[core][0]
    lines = [f"ansible-core=={core}"]
    for name, version in NEWEST.items():
        lines.append(f"{name}=={version}; python_version > '{oldest}'")
    for name, version in oldest_packages().items():
        lines.append(f"{name}=={version}; python_version == '{oldest}'")
    return lines


def pinned_names(path: Path) -> list[str]:
    """Return the names of the packages in a file of pins."""
    return re.findall(r"^([a-z0-9-]+)==", path.read_text(encoding="utf-8"), re.MULTILINE)


def write(file: PinFile, uv: Path, arguments: Sequence[str]) -> None:
    """Resolve the requirements of a file, and write it. Pins of the file itself are preferred."""
    options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    for name in file.without:
        options += ["--no-emit-package", name]
    source = "-" if file.lines else str(file.written)
    command = [str(uv), "pip", "compile", *options, f"--python-version={file.python}", *arguments]
    subprocess.run(
        [*command, f"--output-file={file.path}", source],
        input="\n".join(file.lines),
        text=True,
        stdout=subprocess.DEVNULL,
        cwd=file.path.parent,
        check=True,
    )
    pins = file.path.read_text(encoding="utf-8")
    file.path.write_text(HEADER.format(source=file.source) + pins, encoding="utf-8")


def main() -> None:
    """Write all files."""
    uv = environment("uv", sys.executable, "pins.txt") / "uv"
    for file in pin_files():
        print(file.path.relative_to(ROOT), flush=True)
        write(file, uv, sys.argv[1:])


if __name__ == "__main__":
    main()
