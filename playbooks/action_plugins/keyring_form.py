# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action behind the playbooks that are forms."""

from __future__ import annotations

from ansible_collections.keyring.kubernetes.plugins.plugin_utils.bytecode import from_bytecode

with from_bytecode():
    from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_action import FormAction


class ActionModule(FormAction):
    """An action that fills in and submits the form of its playbook."""
