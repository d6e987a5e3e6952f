# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of formats: a row for each consumer of Git credentials, with the Secret that it reads."""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import KeyringError
from .formats_argo import ARGO_FORMATS
from .formats_build import BUILD_FORMATS
from .formats_sync import SYNC_FORMATS
from .git_shapes import CUSTOM, OPAQUE, Format

FORMATS: Mapping[str, Format] = {row.name: row for row in (*SYNC_FORMATS, *ARGO_FORMATS, *BUILD_FORMATS)}


FORMAT_NAMES = [*FORMATS, CUSTOM]


def find_format(name: str, keys: Mapping[str, str], custom_type: str = OPAQUE, *, in_part: bool = False) -> Format:
    """Return the row of a format; that of ``custom`` is made from the option ``keys``.

    With ``in_part`` this may name a part of a credential. Raise KeyringError for ``keys`` with another format, and as
    custom_format does.
    """
    if name == CUSTOM:
        from .git_custom import custom_format

        return custom_format(keys, custom_type, in_part=in_part)
    if keys:
        where = f"with format={name}" if name else "without format"
        raise KeyringError(
            f"keys cannot be used {where}.",
            f"Only format={CUSTOM} takes key names of your own.",
            "Leave it out.",
            option="keys",
        )
    return FORMATS[name]
