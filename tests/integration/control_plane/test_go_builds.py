# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build leaves its programs and nothing else, and only a complete one counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.control_plane import FILES, go
from support.paths import cache_directory
from support.processes import eventually, runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PROGRAM = {
    "go.mod": b"module example.com/program\ngo 1.26\nrequire example.com/greeting v1.0.0\n",
    "main.go": b"""package main

import "example.com/greeting"

func main() { println(greeting.Text) }
""",
}
MODULE = {"go.mod": "module example.com/greeting\n", "greeting.go": 'package greeting\n\nconst Text = "hello"\n'}


def write_module(download: Path) -> None:
    """Write a module as Go keeps what it has downloaded."""
    folder = download / "example.com" / "greeting" / "@v"
    folder.mkdir(parents=True)
    (folder / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (folder / "v1.0.0.mod").write_text(MODULE["go.mod"])
    with zipfile.ZipFile(folder / "v1.0.0.zip", "w") as archive:
        for name, text in MODULE.items():
            archive.writestr(f"example.com/greeting@v1.0.0/{name}", text)


def files_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return the files of a folder with their times; without the counters of Go, which every go command keeps."""
    files = [path for path in folder.rglob("*") if path.is_file() and "telemetry" not in path.parts]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_a_build_leaves_the_caches_of_the_user_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user, target = tmp_path / "user", tmp_path / "ours" / "program"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_directory().parent))  # there may be a Go
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("GOPATH", str(user / "go"))
    monkeypatch.setenv("GOMODCACHE", str(user / "modules"))
    monkeypatch.setenv("GOCACHE", str(user / "go-build"))
    monkeypatch.setenv("GOTMPDIR", str(user / "tmp"))
    monkeypatch.setenv("GOPROXY", "off")  # the module comes from the user's cache
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GOOS", "plan9")
    for name in ("go", "go-build", "tmp"):
        (user / name).mkdir(parents=True)
        (user / name / "kept").write_text("by the user")
    write_module(user / "modules" / "cache" / "download")
    before = files_in(user)

    go.build_programs(
        target,
        go.GoPrograms(
            name="a program",
            contents="a program",
            duration="seconds",
            files=PROGRAM,
            packages=(".",),
            version="1.0.0",
        ),
    )

    assert files_in(user) == before
    assert {path.name for path in target.parent.iterdir()} == {"program", "lock"}
    assert [path.name for path in target.iterdir()] == ["program"]
    assert subprocess.run([target / "program"], capture_output=True, text=True, check=True).stderr == "hello\n"


# The endings of a Go that has written one program of several.
FAILS = "echo no room >&2; exit 3"
HANGS = "sleep 60 & echo $! > {pid}; wait"
COMPLETES = 'echo > "$GOBIN/server"'


# On a busy machine Go is at work before the build goes on.
LATE = """\
import subprocess, time

start = subprocess.Popen._execute_child

def start_and_be_late(self, command, *rest):
    start(self, command, *rest)
    if "install" in command:
        time.sleep(1)

subprocess.Popen._execute_child = start_and_be_late
"""


def start_build(folder: Path, ending: str) -> subprocess.Popen[str]:
    """Start a build of the control plane by a Go that ends like this; its cache is ``folder/cache``.

    Python reads ``folder/python/sitecustomize.py`` first.
    """
    program = folder / "bin" / "go"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"""#!/bin/sh
case $1 in
  version) echo go version go1.26.6 linux/amd64 ;;
  env) printf '/nowhere\\nhttps://proxy.example.com\\n' ;;
  list) echo example.com/package ;;
  install) echo half > "$GOBIN/kube-apiserver"; {ending.format(pid=folder / "compiler")} ;;
esac
""")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "KUBEBUILDER_ASSETS": "",
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPATH": str(folder / "python"),
    }
    return subprocess.Popen(
        [sys.executable, str(FILES / "control_plane.py"), "build"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left_in(folder: Path) -> list[str]:
    """Return what is beside the lock where builds are kept."""
    builds = folder / "cache" / "keyring.kubernetes" / "control-plane"
    return [path.name for path in builds.iterdir() if path.name != "lock"]


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    with start_build(tmp_path, FAILS) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.endswith(
        "Cannot build the control plane: go install ended with 3. Check that a Go module proxy (GOPROXY) can be "
        "reached, or set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd. "
        "Its last lines:\nno room\n"
    )
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("startup", ["", LATE], ids=["prompt", "late"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_build_leaves_nothing_and_stops_its_compilers(
    tmp_path: Path, number: signal.Signals, startup: str
) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").write_text(startup)
    with start_build(tmp_path, HANGS) as process:
        compiler = wait_for_compiler(tmp_path)
        os.killpg(process.pid, number)  # as a terminal does
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert left_in(tmp_path) == []
    assert eventually(lambda: not runs(compiler))


def test_what_a_killed_build_leaves_does_not_count_and_is_removed_by_the_next(tmp_path: Path) -> None:
    with start_build(tmp_path, HANGS) as killed:
        compiler = wait_for_compiler(tmp_path)
        killed.kill()
        (left,) = left_in(tmp_path)
        os.kill(compiler, signal.SIGKILL)
    assert left.startswith("building-")

    with start_build(tmp_path, COMPLETES) as process:
        out, _err = process.communicate(timeout=60)

    (built,) = left_in(tmp_path)
    assert (process.returncode, Path(out.strip()).name) == (0, built)
    assert {path.name for path in Path(out.strip()).iterdir()} == {"etcd", "kube-apiserver"}


def wait_for_compiler(folder: Path) -> int:
    """Return the process id of what the hanging Go has started."""
    file = folder / "compiler"
    assert eventually(lambda: file.exists() and file.read_text().strip(), seconds=60)
    return int(file.read_text())
