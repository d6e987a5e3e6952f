# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Go programs of the tests, each built once for each set of its pins and kept in the user's cache."""

from __future__ import annotations

from support.control_plane import go

find_built = go.find_built
