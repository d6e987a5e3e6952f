# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in the lists of SAP AI Core. Other clients may have used characters that this collection does not write."""

from __future__ import annotations

import re

_LISTED_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")


def is_plain_name(name: str) -> bool:
    """Return whether a name can be shown as it is."""
    return bool(_LISTED_NAME.fullmatch(name))


def warn_left_out(number: int, plural: str) -> list[str]:
    """Return a warning about resources that a list leaves out because of their names; none for no such resource."""
    if not number:
        return []
    return [f"The list leaves out {number} {plural}, because this collection cannot show their names."]
