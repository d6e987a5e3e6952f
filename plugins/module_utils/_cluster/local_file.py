# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that options and kubeconfigs name, read without waiting and without reading more than a file of its sort has.

A path may lead to a FIFO, on which reading waits for a writer, or to a device, which has no end.
"""

from __future__ import annotations

import errno
import os
import stat

# More than any kubeconfig, certificate or token has.
MAX_FILE = 16 * 1024 * 1024

_IS_DIRECTORY = (errno.EISDIR, os.strerror(errno.EISDIR))
# What is not a regular file, with the error about it.
_OTHER_TYPES = {
    stat.S_IFDIR: _IS_DIRECTORY,
    stat.S_IFIFO: (errno.EINVAL, "it is a FIFO and not a regular file"),
    stat.S_IFSOCK: (errno.EINVAL, "it is a socket and not a regular file"),
    stat.S_IFCHR: (errno.EINVAL, "it is a device and not a regular file"),
    stat.S_IFBLK: (errno.EINVAL, "it is a device and not a regular file"),
}


def read_regular_file(path: str, most: int = MAX_FILE) -> bytes:
    """Return the content of a file.

    Raise OSError, with the reason in ``strerror``, for what is not a regular file, for one of more than ``most`` bytes,
    and for one that cannot be read.
    """
    _check_type(os.stat(path))
    # Without O_NONBLOCK, open would wait for the writer of a FIFO that has just taken the place of a file.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        _check_type(os.fstat(descriptor))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {describe_size(most)}")
    return content


def _check_type(status: os.stat_result) -> None:
    other = _OTHER_TYPES.get(stat.S_IFMT(status.st_mode))
    if other:
        raise OSError(*other)


def describe_size(size: int) -> str:
    """Return a number of bytes in the largest unit that divides it."""
    for unit, name in ((1024 * 1024, "MiB"), (1024, "KiB")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"
