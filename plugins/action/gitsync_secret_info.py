# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module gitsync_secret_info in Ansible's own process, or prepare it for another one."""

from __future__ import annotations

from ..plugin_utils.bytecode import from_bytecode

with from_bytecode():
    from ..module_utils._credentials import certificates, git_url, key_cost, known_hosts, ssh_key
    from ..module_utils._tasks.gitsync_secret_info import DEFINITION
    from ..plugin_utils.action import KeyringAction


class ActionModule(KeyringAction):
    """An action plugin whose task code is that of the module."""

    definition = DEFINITION
    usual = (certificates, git_url, key_cost, known_hosts, ssh_key)
