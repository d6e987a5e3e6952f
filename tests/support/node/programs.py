# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of the node of the tests, and whether it can run on this machine."""

from __future__ import annotations

from support.control_plane import node_machine, node_programs

find_kubelet = node_programs.find_kubelet
find_runtime = node_programs.find_runtime
why_no_node = node_machine.why_no_node
