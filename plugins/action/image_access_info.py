# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module image_access_info in Ansible's own process, or prepare it for another one."""

from __future__ import annotations

from ..plugin_utils.bytecode import from_bytecode

with from_bytecode():
    from ..module_utils._images import causes
    from ..module_utils._kubelet import near_misses
    from ..module_utils._tasks.image_access_info import DEFINITION
    from ..plugin_utils.action import KeyringAction


class ActionModule(KeyringAction):
    """An action plugin whose task code is that of the module."""

    definition = DEFINITION
    usual = (causes, near_misses)
