# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others in what the playbooks print."""

from __future__ import annotations

from typing import Any

from .._printable import make_line


def printed(value: Any, *, longest: int = 200) -> str:
    """Return a value as one printable line of at most ``longest`` characters; an empty string for None.

    Runs of whitespace become one space, so that no value looks like two columns. Double quotes become single ones:
    Ansible prints a list of lines as JSON, which escapes double quotes.
    """
    if value is None:
        return ""
    return make_line(" ".join(str(value).split()), longest).replace('"', "'")
