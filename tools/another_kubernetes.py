# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the API server of another Kubernetes, and print the folder for KUBEBUILDER_ASSETS.

Takes the version, such as 1.35.4. What that version requires is asked of the Go proxy; the programs that are not of
Kubernetes are those of the embedded control plane.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checkout import ROOT, cache_directory
from control_plane_binaries import find_binaries

PINS = ROOT / "roles" / "control_plane" / "files" / "go.mod"
OURS = ("kube-apiserver", "kube-controller-manager")
OTHERS = ("etcd", "registry")


def requirements(version: str) -> str:
    """A go.mod that asks for this version alone, with the parts of Kubernetes that are modules of their own."""
    parts = sorted(set(re.findall(r"(?m)^\s*(k8s\.io/[\w./-]+) => ", PINS.read_text(encoding="utf-8"))))
    part_version = f"v0.{version.partition('.')[2]}"
    lines = [
        "module keyring.kubernetes/another",
        "go 1.24.0",
        f"require k8s.io/kubernetes v{version}",
        *(f"replace {part} => {part} {part_version}" for part in parts),
    ]
    return "\n".join(lines) + "\n"


def build(version: str, folder: Path) -> None:
    """Compile what is of Kubernetes, and add the rest; the folder exists only complete."""
    others = find_binaries(*OTHERS)
    major, minor, _patch = version.split(".")
    stamps = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamps.items())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="another-", dir=folder.parent) as temporary:
        work = Path(temporary)
        (work / "go.mod").write_text(requirements(version), encoding="utf-8")
        (work / "bin").mkdir()
        programs = [f"k8s.io/kubernetes/cmd/{name}" for name in OURS]
        command = ["go", "build", "-mod=mod", "-o", "bin/", f"-ldflags=-s -w {flags}", *programs]
        subprocess.run(command, cwd=work, env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": ""}, check=True)
        for name in OTHERS:
            shutil.copy2(others / name, work / "bin")
        (work / "bin").rename(folder)


def main() -> str | None:
    """Return what is wrong with the argument, for sys.exit."""
    (version,) = sys.argv[1:] or [""]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return "Name a version of Kubernetes, such as 1.35.4: make another-kubernetes KUBERNETES=1.35.4"
    folder = cache_directory() / "control-plane" / f"kubernetes-{version}"
    if not folder.is_dir():
        print(f"Building Kubernetes {version}: five to ten minutes on two cores, once.", file=sys.stderr)
        build(version, folder)
    print(folder)
    return None


if __name__ == "__main__":
    sys.exit(main())
