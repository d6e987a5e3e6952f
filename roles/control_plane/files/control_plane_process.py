# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the programs of a control plane end with the process that started them, and what removes their files."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# The lock on this file is that of the process that uses a folder, and the kernel ends it with that process.
_LOCK = "in-use.lock"
_LIBC = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, however (PR_SET_PDEATHSIG is 1 in linux/prctl.h)."""
    if sys.platform == "linux":
        _LIBC.prctl(1, signal.SIGKILL)


def remove_folder(folder: Path, seconds: float = 10) -> None:
    """Remove a folder and all that is in it, also where programs that were killed a moment ago still write."""
    deadline = time.monotonic() + seconds
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        if folder.exists():
            time.sleep(0.05)


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Mark a new folder as in use for as long as the context lasts."""
    with (folder / "new.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Its name comes after its lock: no one finds the file without it.
        (folder / "new.lock").rename(folder / _LOCK)
        yield


def remove_unlocked_folders(parent: Path, prefix: str) -> None:
    """Remove what killed processes of this user left: folders with this prefix and a lock file that no one holds.

    Other users' folders, links and folders without a lock file stay.
    """
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # in use, without a lock file, or removed meanwhile
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            with open(os.open(folder / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_folder(folder)
