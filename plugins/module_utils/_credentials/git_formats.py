# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of formats: a row for each consumer of Git credentials, with the Secret that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from .._errors import KeyringError
from .formats_argo import ARGO_FORMATS
from .formats_build import BUILD_FORMATS
from .formats_sync import SYNC_FORMATS
from .formats_tools import TOOL_FORMATS
from .git_shapes import CUSTOM, OPAQUE, Format

# The rows of all formats. Those of one consumer that reads several types of Secret have the same name.
FORMAT_ROWS: tuple[Format, ...] = (*SYNC_FORMATS, *ARGO_FORMATS, *BUILD_FORMATS, *TOOL_FORMATS)


def _first_rows() -> dict[str, Format]:
    rows: dict[str, Format] = {}
    for row in FORMAT_ROWS:
        rows.setdefault(row.name, row)
    return rows


# The first row of each name.
FORMATS: Mapping[str, Format] = _first_rows()

FORMAT_NAMES = [*FORMATS, CUSTOM]


@cache
def keys_of_formats() -> frozenset[str]:
    """Return every key of a Secret that a format reads."""
    return frozenset[str]().union(*(row.all_keys() for row in FORMAT_ROWS))


@cache
def secret_keys_of_formats() -> frozenset[str]:
    """Return the keys that a format reads, without those of whole files, whose words may be common ones."""
    return frozenset[str]().union(*(row.all_keys() - row.file_keys() for row in FORMAT_ROWS))


def find_format(
    name: str, keys: Mapping[str, str], custom_type: str = OPAQUE, format_options: Mapping[str, Any] | None = None
) -> Format:
    """Return the row of a format, among several of this name the one that ``format_options`` selects.

    The row of ``custom`` is made from the option ``keys``. Raise KeyringError for ``keys`` with another format, for a
    variant that the consumer does not have, and as custom_format does.
    """
    rows = find_formats(name, keys, custom_type)
    setting = rows[0].variant_setting
    given = (format_options or {}).get(setting) if setting else None
    if given is None:
        return rows[0]
    from .schema import check_value

    variant = check_value(given, rows[0].settings[setting], f"format_options.{setting}")
    return next(row for row in rows if row.variant == variant)


def find_formats(
    name: str, keys: Mapping[str, str], custom_type: str = OPAQUE, *, in_part: bool = False
) -> tuple[Format, ...]:
    """Return all rows of a format; that of ``custom`` is made from the option ``keys``.

    With ``in_part`` this may name a part of a credential. Raise KeyringError for ``keys`` with another format, and as
    custom_format does.
    """
    if name == CUSTOM:
        from .git_custom import custom_format

        return (custom_format(keys, custom_type, in_part=in_part),)
    if keys:
        where = f"with format={name}" if name else "without format"
        raise KeyringError(
            f"keys cannot be used {where}.",
            f"Only format={CUSTOM} takes key names of your own.",
            "Leave it out.",
            option="keys",
        )
    return tuple(row for row in FORMAT_ROWS if row.name == name)
