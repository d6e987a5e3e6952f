# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run by every Python process that has this folder on PYTHONPATH.

With KEYRING_TEST_ARGUMENTS it notes its arguments, and those of what it starts, in that file, one process a line.

With KEYRING_TEST_BYTECODE it keeps what it has compiled from a zip file in that folder, by the text that was compiled.
Ansible sends each ordinary module as a new zip file, from which Python would compile the same 140 files anew: half the
time of such a task.

With KEYRING_TEST_MODULES it keeps below that folder the zip files that Ansible makes of ordinary modules, by the path
of collections, and gives each new process of Ansible those that are there. Ansible itself keeps them no longer than a
playbook runs; finding the files of a module again is half of what its controller does for such a task.

With KEYRING_TEST_SECONDS_AHEAD its clock is ahead: no API server creates a Secret that is already old.
"""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import os
import shutil
import sys
import tempfile
import time
import zipimport
from pathlib import Path
from types import CodeType
from typing import Any

_STARTERS = {"subprocess.Popen": 1, "os.exec": 1, "os.posix_spawn": 1, "os.spawn": 2, "os.system": 0, "pty.spawn": 0}
_ANSIBLES_CACHE = "ansiballz_cache"
_LOG = os.environ.get("KEYRING_TEST_ARGUMENTS")
_BYTECODE = os.environ.get("KEYRING_TEST_BYTECODE")
_MODULES = os.environ.get("KEYRING_TEST_MODULES")
_AHEAD = float(os.environ.get("KEYRING_TEST_SECONDS_AHEAD", "0"))


def _note(arguments: object) -> None:
    if _LOG:
        descriptor = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{arguments!r}\n".encode(errors="surrogateescape"))
        os.close(descriptor)


def _hook(event: str, details: tuple[Any, ...]) -> None:
    if event in _STARTERS:
        _note(details[_STARTERS[event]])


def _keep_bytecode(folder: str) -> None:
    """Do for zip files what __pycache__ does for folders. Nothing is kept where Python has other names inside."""
    compile_source = getattr(zipimport, "_compile_source", None)
    set_filename = getattr(sys.modules["_imp"], "_fix_co_filename", None)
    if compile_source is None or set_filename is None:
        return

    def load_or_compile(pathname: str, source: bytes) -> CodeType:
        kept = os.path.join(folder, f"{sys.implementation.cache_tag}-{importlib.util.source_hash(source).hex()}")
        try:
            with open(kept, "rb") as file:
                code: CodeType = marshal.loads(file.read())  # noqa: S302 - written by this program
        except FileNotFoundError:
            code = compile_source(pathname, source)
            own = f"{kept}.{os.getpid()}"
            with open(own, "wb") as file:
                file.write(marshal.dumps(code))
            os.replace(own, kept)
        set_filename(code, pathname)
        return code

    zipimport._compile_source = load_or_compile  # type: ignore[attr-defined]


def _keep_modules(folder: Path) -> None:
    """Fill Ansible's own cache of modules when its directory is made, and link to the folder what it adds later.

    Ansible writes a file of another name and renames it. What is kept is therefore complete, whoever else writes.
    """
    folder.mkdir(exist_ok=True)
    make_directory, rename = tempfile.mkdtemp, os.rename

    def make_and_fill(*arguments: Any, **keywords: Any) -> Any:
        made = make_directory(*arguments, **keywords)
        directory = Path(os.fsdecode(made))
        if directory.name.startswith("ansible-local-"):
            shutil.copytree(folder, directory / _ANSIBLES_CACHE, copy_function=os.link)
        return made

    def rename_and_keep(source: Any, target: Any, **keywords: Any) -> None:
        rename(source, target, **keywords)
        renamed = Path(os.fsdecode(target))
        if renamed.parent.name == _ANSIBLES_CACHE:
            with contextlib.suppress(FileExistsError):
                os.link(renamed, folder / renamed.name)

    tempfile.mkdtemp = make_and_fill
    os.rename = rename_and_keep  # type: ignore[assignment]


def _set_clock_ahead(seconds: float) -> None:
    read_clock = time.time
    time.time = lambda: read_clock() + seconds


_note(sys.orig_argv)
if _AHEAD:
    _set_clock_ahead(_AHEAD)
if _LOG:
    sys.addaudithook(_hook)
if _BYTECODE:
    _keep_bytecode(_BYTECODE)
if _MODULES:
    _keep_modules(Path(_MODULES, importlib.util.source_hash(os.environb.get(b"ANSIBLE_COLLECTIONS_PATH", b"")).hex()))
