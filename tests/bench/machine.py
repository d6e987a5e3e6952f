# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what was measured."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import yaml

from support.paths import ROOT

NOT_INSTALLED = "not installed"


def describe_machine() -> dict[str, str]:
    model = _first("/proc/cpuinfo", r"model name\s*: (.+)") or platform.machine()
    system = _first("/etc/os-release", r'PRETTY_NAME="?([^"\n]+)') or platform.system()
    return {
        "CPU": f"{_cores()} cores, {model}",
        "Memory": f"{int(_first('/proc/meminfo', r'MemTotal: +([0-9]+) kB') or 0) / 2**20:.0f} GiB",
        "System": f"{system}, kernel {platform.release()}",
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def describe_versions(api_server: str) -> dict[str, str]:
    versions = {"keyring.kubernetes": _version_of_checkout(), "Python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in ("ansible-core", "kubernetes", "urllib3")}
    versions["kubernetes.core"] = version_of_collection("kubernetes/core")
    versions["API server"] = api_server
    return versions


def _version_of_checkout() -> str:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return f"{version} ({done.stdout.strip()})" if done.returncode == 0 else str(version)


def version_of_collection(name: str) -> str:
    """Return the version of a collection that this Python finds, or NOT_INSTALLED."""
    for folder in sys.path:
        manifest = Path(folder, "ansible_collections", name, "MANIFEST.json")
        if manifest.exists():
            return str(json.loads(manifest.read_text())["collection_info"]["version"])
    return NOT_INSTALLED


def _first(path: str, pattern: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text())
    except OSError:
        return ""
    return found.group(1) if found else ""
