# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages of tests and tools are installed by their digests, and the files that list them are up to date."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pins import PinFile, pin_files
from support.paths import ROOT

PIN_FILES = tuple(pin_files())

_PIN = re.compile(r"([a-z0-9-]+)==(\S+) .*--hash=sha256:[0-9a-f]{64}")
_WRITTEN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)

# The files that call pip, and how they begin its command. ansible-test has pins of its own, in tools/sanity.py.
INSTALLERS = {
    "Makefile": "-m pip install",
    "tools/environments.py": '"-m", "pip", "install"',
    "roles/control_plane/files/control_plane_go.py": '"-m", "pip"',
    "tests/support/awx_collection.py": '"-m", "pip", "download"',
}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(file: PinFile) -> str:
    return str(file.path.relative_to(ROOT))


def requirements_of(file: PinFile) -> list[str]:
    """The requirements in a file of pins, each in one line."""
    lines = text_of(file.path).replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("file", PIN_FILES, ids=name_of)
def test_every_package_has_its_digests(file: PinFile) -> None:
    requirements = requirements_of(file)

    assert requirements
    assert [line for line in requirements if not _PIN.match(line)] == []
    assert "://" not in text_of(file.path).replace("https://www.gnu.org/", "")


@pytest.mark.parametrize("file", PIN_FILES, ids=name_of)
def test_what_people_pinned_is_pinned(file: PinFile) -> None:
    """When this fails: make pins."""
    written = "\n".join(file.lines) or text_of(file.written)
    pinned = {line.partition(" ")[0] for line in requirements_of(file)}

    for name, version in _WRITTEN.findall(written):
        assert f"{name.lower()}=={version}" in pinned


@pytest.mark.parametrize(("name", "command"), INSTALLERS.items())
def test_pip_asks_for_digests(name: str, command: str) -> None:
    text = text_of(ROOT / name)
    assert text.count(command) == text.count("--require-hashes") > 0


def test_pip_is_called_nowhere_else() -> None:
    calls = re.compile(r'-m pip install|"-m", "pip"')
    folders = ("tools", "tests", "roles", "examples", "extensions", "playbooks", ".ci")
    files = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".yml", ".sh", ""}
    ]
    callers = {str(path.relative_to(ROOT)) for path in files if path.is_file() and calls.search(text_of(path))}
    assert callers - {"tests/unit/collection/test_pins.py"} == {*INSTALLERS} - {"Makefile"} | {"tools/sanity.py"}


def test_every_list_of_packages_is_a_file_of_pins() -> None:
    listed = {
        *ROOT.glob("requirements*.txt"),
        *(ROOT / "tools").rglob("*.txt"),
        *(ROOT / "tests").rglob("requirements*.txt"),
    }
    assert listed - {file.path for file in PIN_FILES} == {ROOT / "requirements.txt"}


def test_every_package_of_prism_has_its_digest() -> None:
    """When this fails: CONTRIBUTING.md, "The APIs of the portals"."""
    folder = ROOT / "tests" / "support" / "prism"
    written, locked = (json.loads(text_of(folder / name)) for name in ("package.json", "package-lock.json"))
    itself = locked["packages"].pop("")
    versions = {name: locked["packages"][f"node_modules/{name}"]["version"] for name in written["dependencies"]}

    assert itself["dependencies"] == written["dependencies"] == versions
    assert len(locked["packages"]) > 100
    for name, package in locked["packages"].items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, "the host of a registry"
        assert not package.get("hasInstallScript"), name
