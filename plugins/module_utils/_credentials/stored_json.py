# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON in a Secret, which any program may have written."""

from __future__ import annotations

import json
import re
from typing import Any


def read_stored_json(text: str) -> Any:
    """Return the value of a JSON text; None if it is not JSON, or too deep to read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def is_writable_text(value: object) -> bool:
    """Return whether a value is a string that can be written as UTF-8. JSON may hold half a surrogate pair."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)
