# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find kubectl, or build it from the Go modules that pin the API server."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from support.control_plane import binaries
from support.paths import cache_directory

_PINS = Path(binaries.__file__).resolve().parent
# go.mod names all modules of kubectl, as it names k8s.io/kubernetes; go.sum lacks the sums of those that only
# kubectl needs.
_MORE_SUMS = Path(__file__).resolve().with_name("kubectl.sum")


def find_kubectl() -> Path:
    """The program; builds it when there is none (minutes, once). Raises ControlPlaneError."""
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        given = Path(assets, "kubectl")
        if os.access(given, os.X_OK):
            return given.resolve()
    pins = b"".join(path.read_bytes() for path in (_PINS / "go.mod", _PINS / "go.sum", _MORE_SUMS))
    name = f"{hashlib.sha256(pins).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    target = cache_directory() / "kubectl" / name
    if not target.is_dir():
        _build(target)
    return target / "kubectl"


def _build(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with binaries._locked(target.parent / "lock"):
        if target.is_dir():
            return
        binaries._say("Building kubectl from Go modules: one to five minutes on two cores, once.")
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as work:
            _compile(Path(work)).rename(target)


def _compile(work: Path) -> Path:
    go = binaries._find_go(work)
    shutil.copyfile(_PINS / "go.mod", work / "go.mod")
    more = [line for line in _MORE_SUMS.read_text().splitlines(keepends=True) if line.strip() and line[0] != "#"]
    (work / "go.sum").write_text((_PINS / "go.sum").read_text() + "".join(more))
    version = re.findall(r"k8s\.io/kubernetes (v\S+)", (_PINS / "go.mod").read_text())[0]
    flags = f"-ldflags=-s -w -X k8s.io/component-base/version.gitVersion={version}"
    program = "k8s.io/kubernetes/cmd/kubectl"
    packages = binaries._go(go, work, ["list", "-deps", program], binaries._Progress("Downloading: {} modules"))
    progress = binaries._Progress(f"Compiling: {{}} of {len(packages)} packages")
    binaries._go(go, work, ["install", "-v", flags, program], progress)
    return work / "bin"
