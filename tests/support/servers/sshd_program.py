# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find sshd, or unpack the one of Debian: nothing is installed and no service is started."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from support.paths import cache_directory

_PLACES = ("/usr/sbin", "/usr/local/sbin")
_PACKAGES = ("openssh-server", "libnss-wrapper")
# sshd-session and sshd-auth are parts of it from OpenSSH 9.8 and 10.0 on.
_NEEDED = ("usr/sbin/sshd", "usr/lib/openssh/sshd-*", "**/lib*.so*")


def find_sshd() -> Path:
    """The sshd of this machine, else one of Debian, unpacked once into the user's cache.

    One that was unpacked has the libraries that this machine lacks beside it. Raises RuntimeError with what to do.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_PLACES])
    installed = shutil.which("sshd", path=path)
    return Path(installed) if installed else _unpacked("Install the OpenSSH server.") / "sshd"


def find_nss_wrapper() -> Path:
    """The library with which a program sees other users than the machine has. Raises RuntimeError with what to do."""
    return _unpacked("Run the tests as another user than root.") / "libnss_wrapper.so"


def _unpacked(remedy: str) -> Path:
    """The folder with the programs and libraries of the packages; it exists only complete."""
    release = platform.freedesktop_os_release()
    cache = cache_directory()
    target = cache / f"sshd-{release['ID']}-{release.get('VERSION_ID', 'testing')}-{platform.machine()}"
    if target.is_dir():
        return target
    missing = [name for name in ("apt-get", "dpkg") if not shutil.which(name)]
    if missing:
        raise RuntimeError(f"Debian's {' and '.join(_PACKAGES)} cannot be unpacked without {missing[0]}. {remedy}")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unpacking-", dir=cache) as work:
        folder = _collect(Path(work), remedy)
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():  # else another process was the first
                raise
    return target


def _collect(work: Path, remedy: str) -> Path:
    """A folder with everything that the packages need and this machine does not have."""
    folder, wanted, had = work / "programs", set(_PACKAGES), set[str]()
    folder.mkdir()
    while wanted - had:
        for archive in _download(work / f"{len(had)}", sorted(wanted - had), remedy):
            subprocess.run(["dpkg", "--extract", archive, work / "root"], check=True)
        for path in (path for pattern in _NEEDED for path in (work / "root").glob(pattern)):
            shutil.copy(path, folder)
        had |= wanted
        lacking = _lacking_libraries(folder)
        wanted = set(map(package_of, lacking))
    if lacking:
        raise RuntimeError(f"Debian's sshd lacks {', '.join(lacking)} on this machine. {remedy}")
    return folder


def _download(folder: Path, packages: Sequence[str], remedy: str) -> Iterable[Path]:
    folder.mkdir()
    lists, cache = folder / "lists", folder / "cache"
    apt_get = ["apt-get", "--quiet", "--option=APT::Sandbox::User=root"]
    runs = [_run([*apt_get, "download", *packages], folder)]
    if runs[-1].returncode:
        # The machine's lists of packages are missing or old. Own ones need no rights, and leave the machine as it is.
        (lists / "partial").mkdir(parents=True)
        apt_get += [f"--option=Dir::State::Lists={lists}", f"--option=Dir::Cache={cache}"]
        runs += [
            _run([*apt_get, command, *names], folder) for command, names in (("update", ()), ("download", packages))
        ]
    if runs[-1].returncode:
        said = "".join(run.stderr for run in runs)
        raise RuntimeError(f"apt-get cannot download {' and '.join(packages)}. {remedy} It said:\n{said}")
    return folder.glob("*.deb")


def _lacking_libraries(folder: Path) -> list[str]:
    """The libraries that the dynamic linker does not find for sshd."""
    said = _run(["ldd", str(folder / "sshd")], folder, LD_LIBRARY_PATH=str(folder)).stdout
    return re.findall(r"(?m)^\s*(\S+) => not found", said)


def package_of(library: str) -> str:
    """The name of the package of a shared library (Debian Policy 8.1)."""
    name, _so, version = library.partition(".so.")
    return f"{name.replace('_', '-')}{'-' if name[-1].isdigit() else ''}{version}"


def _run(command: Sequence[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
