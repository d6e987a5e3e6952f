# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module image_pull_secret in Ansible's own process, or prepare it for another one."""

from __future__ import annotations

from ..plugin_utils.bytecode import from_bytecode

with from_bytecode():
    from ..module_utils._credentials import imported, lint, preset_checks, presets, secret_documents, text_encoding
    from ..module_utils._images import preflight
    from ..module_utils._kubelet import near_misses
    from ..module_utils._tasks.image_pull_secret import DEFINITION
    from ..plugin_utils.action import KeyringAction
    from ..plugin_utils.shared_answers import ANSWERS


class ActionModule(KeyringAction):
    """An action plugin whose task code is that of the module."""

    definition = DEFINITION
    answers = ANSWERS
    usual = (imported, lint, preset_checks, presets, secret_documents, text_encoding, preflight, near_misses)
