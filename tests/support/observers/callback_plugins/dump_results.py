# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Appends what every callback is given to the file KEYRING_TEST_RESULTS, as JSON: ansible-core has no such callback."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: dump_results
type: aggregate
short_description: Write every result to a file
description:
  - Writes what callbacks such as those of log collectors get to see.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "dump_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_on_any(self, *args: Any, **kwargs: Any) -> None:
        with open(os.environ["KEYRING_TEST_RESULTS"], "a", encoding="utf-8") as file:
            for value in (*args, *kwargs.values()):
                # The property is of ansible-core 2.19, the attribute of those before.
                result = getattr(value, "result", None) or getattr(value, "_result", None)
                if result is not None:
                    text = json.dumps(dict(result), default=repr, ensure_ascii=False)
                    file.write(f"TASK [{value.task_name}] {text}\n")
