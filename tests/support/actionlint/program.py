# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""actionlint, which decides whether the workflows of GitHub are right, built from the Go modules that go.mod pins."""

from __future__ import annotations

from pathlib import Path

from support.control_plane import binaries, go

_PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
_HERE = Path(__file__).resolve().parent


def find_actionlint() -> Path:
    """Return the program. Build it when there is none (half a minute, once). Raise ControlPlaneError if that fails."""
    files = {name: (_HERE / name).read_bytes() for name in ("go.mod", "go.sum")}
    programs = go.GoPrograms(
        name="actionlint",
        contents="actionlint",
        duration="half a minute on two cores",
        files=files,
        packages=(_PACKAGE,),
        version=binaries.pinned_version(),
    )
    return go.find_built("actionlint", b"".join(files.values()), programs) / "actionlint"
