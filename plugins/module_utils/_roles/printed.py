# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others in what the playbooks print and ask."""

from __future__ import annotations

import re
from typing import Any

from .._printable import make_line

# What a task writes in place of a character, a secret or half a surrogate pair, in the text of others.
_REPLACED = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})|\*{8}|<hidden|\ufffd")


def is_as_stored(value: str | None) -> bool:
    """Return whether a string in a result is exactly the stored one, so that it can be written again."""
    return not _REPLACED.search(value or "")


def printed(value: Any, *, longest: int = 200) -> str:
    """Return a value as one printable line of at most ``longest`` characters; an empty string for None.

    Runs of whitespace become one space, so that no value looks like two columns. Double quotes become single ones:
    Ansible prints a list of lines as JSON, which escapes double quotes.
    """
    if value is None:
        return ""
    return make_line(" ".join(str(value).split()), longest).replace('"', "'")
