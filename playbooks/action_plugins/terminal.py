# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prompts of the forms. Unlike ``pause``, they detect a missing terminal and read values of several lines."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail, AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.keyring.kubernetes.plugins.module_utils._printable import make_printable

display = Display()

CTRL_D = b"\x04"


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action that prints ``text`` and returns whether there is a terminal; a background process has none.

    Without a terminal it fails with ``otherwise``, if that is set. With ``paste`` it reads the input up to Ctrl-D as
    ``user_input``, without whitespace and newlines around it. Without ``paste`` it reads nothing.
    """

    BYPASS_HOST_LOOP = True

    def run(self, tmp: object = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "text": {"type": "str", "required": True},
                "otherwise": {"type": "str", "default": ""},
                "paste": {"type": "bool", "default": False},
            }
        )
        until: dict[str, Any] = {"complete_input": (CTRL_D,)} if arguments["paste"] else {"seconds": 0}
        try:
            typed: bytes = display.prompt_until(make_printable(arguments["text"]), private=True, **until)
        except AnsiblePromptNoninteractive:
            if arguments["otherwise"]:
                raise AnsibleActionFail(make_printable(arguments["otherwise"])) from None
            return {**result, "terminal": False}
        except AnsiblePromptInterrupt:
            raise AnsibleActionFail("Interrupted. Nothing was changed.") from None
        return {**result, "terminal": True, "user_input": typed.decode(errors="replace").strip()}
