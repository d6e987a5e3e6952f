# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the API server of another Kubernetes, and print the folder for KUBEBUILDER_ASSETS.

Takes the version, such as 1.35.4. What that version requires is asked of the Go proxy; the programs that are not of
Kubernetes are those of the embedded control plane.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from checkout import cache_directory
from control_plane_binaries import find_binaries, pinned_files
from control_plane_go import ControlPlaneError, GoPrograms, build_programs

OURS = ("kube-apiserver", "kube-controller-manager")
OTHERS = ("etcd", "registry")


def requirements(version: str) -> str:
    """A go.mod that asks for this version alone, with the parts of Kubernetes that are modules of their own."""
    pins = pinned_files()["go.mod"].decode()
    parts = sorted(set(re.findall(r"(?m)^\s*(k8s\.io/[\w./-]+) => ", pins)))
    part_version = f"v0.{version.partition('.')[2]}"
    lines = [
        "module keyring.kubernetes/another",
        "go 1.24.0",
        f"require k8s.io/kubernetes v{version}",
        *(f"replace {part} => {part} {part_version}" for part in parts),
    ]
    return "\n".join(lines) + "\n"


def another(version: str, others: Path) -> GoPrograms:
    """Compile what is of Kubernetes, and add the rest from the folder ``others``."""

    def add_others(programs: Path) -> None:
        for name in OTHERS:
            shutil.copy2(others / name, programs)

    return GoPrograms(
        name=f"Kubernetes {version}",
        contents=f"Kubernetes {version}",
        duration="five to ten minutes on two cores",
        files={"go.mod": requirements(version).encode()},
        packages=[f"k8s.io/kubernetes/cmd/{name}" for name in OURS],
        version=version,
        finish=add_others,
    )


def main() -> str | None:
    """Return what is wrong with the argument, for sys.exit."""
    (version,) = sys.argv[1:] or [""]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return "Name a version of Kubernetes, such as 1.35.4: make another-kubernetes KUBERNETES=1.35.4"
    folder = cache_directory() / "control-plane" / f"kubernetes-{version}"
    try:
        if not folder.is_dir():
            build_programs(folder, another(version, find_binaries(*OTHERS)))
    except ControlPlaneError as error:
        return str(error)
    print(folder)
    return None


if __name__ == "__main__":
    sys.exit(main())
