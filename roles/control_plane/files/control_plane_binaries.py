# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the programs of the control plane, or build them from the Go modules that go.mod pins."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from pathlib import Path

from control_plane_go import ControlPlaneError, GoPrograms, build_if_missing, cache_directory

PINS = Path(__file__).resolve().parent
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def find_binaries(*names: str) -> Path:
    """The directory that holds these programs; builds them when no other is there (minutes, once)."""
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        missing = [name for name in names if not os.access(Path(assets, name), os.X_OK)]
        if missing:
            raise ControlPlaneError(
                f"KUBEBUILDER_ASSETS is {assets}, which holds no {' and no '.join(missing)}. "
                "Let it name a directory that does, or unset it to build them."
            )
        return Path(assets).resolve()
    return build_if_missing(build_directory(), _control_plane())


def binaries_are_there() -> bool:
    """Whether `find_binaries` has nothing to build."""
    return bool(os.environ.get("KUBEBUILDER_ASSETS")) or build_directory().is_dir()


def build_directory() -> Path:
    """Where a build of the pinned versions for this machine lies; it exists only complete."""
    pins = hashlib.sha256(b"".join(pinned_files().values())).hexdigest()
    machine = platform.machine()
    name = f"{pins[:16]}-{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
    return cache_directory() / "control-plane" / name


def pinned_files() -> dict[str, bytes]:
    """Return go.mod and go.sum, by name."""
    return {name: (PINS / name).read_bytes() for name in ("go.mod", "go.sum")}


def pinned_version() -> str:
    """Return the version of Kubernetes, such as 1.36.3."""
    versions: list[str] = re.findall(r"k8s\.io/kubernetes v(\S+)", (PINS / "go.mod").read_text())
    return versions[0]


def _control_plane() -> GoPrograms:
    return GoPrograms(
        name="the control plane",
        contents="kube-apiserver, kube-controller-manager, etcd and registry",
        duration="five to ten minutes on two cores",
        files=pinned_files(),
        packages=("tool",),
        version=pinned_version(),
        finish=_name_etcd,
    )


def _name_etcd(programs: Path) -> None:
    # Go names a program after the last part of its path that is not a major version.
    (programs / "server").rename(programs / "etcd")
