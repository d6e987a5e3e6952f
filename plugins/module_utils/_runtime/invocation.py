# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The given arguments of a task, as its result shows them under ``invocation``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._credentials.secret_values import holds_key, secret_lines
from .._credentials.token_shapes import find_tokens
from .options import Options
from .shown import MASK, ShowRule, show_path, show_text
from .string_options import with_aliases


def public_arguments(arguments: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return the arguments as they may be shown. Those that are no options are masked together with their names.

    The row of an option decides: ``no_log`` masks it, ``shown`` under ``context`` is the rule for its strings, and
    without a rule its type decides. Suboptions are shown by their own rows, paths as paths, choices, numbers and
    booleans as they are; strings, mappings and raw values are masked.
    """
    known = with_aliases(options)
    shown: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in known:
            shown[name] = _show_value(value, known[name], arguments)
        else:
            shown[MASK] = MASK
    return shown


def _show_value(value: Any, row: Mapping[str, Any], siblings: Mapping[str, Any]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if row.get("no_log"):
        return MASK
    if "options" in row:
        return _show_suboptions(value, row["options"])
    if isinstance(value, (int, float)) and row.get("type") not in ("raw", "dict", "path"):
        return value
    if any(_secrets_in(value)):
        return MASK
    rule = _find_rule(row)
    if rule is None:
        return MASK
    if isinstance(value, list) and row.get("elements") == "str":
        return [_show_item(item, rule, siblings) for item in value]
    if isinstance(value, str):
        return rule(value, siblings)
    return MASK


def _find_rule(row: Mapping[str, Any]) -> ShowRule | None:
    """Return the rule for the strings of an option; None for one whose strings are masked."""
    if row.get("type") == "path":
        return show_path
    if "choices" in row:
        return show_text
    rule: ShowRule | None = row.get("context", {}).get("shown")
    return rule


def _show_suboptions(value: Any, options: Options) -> Any:
    """Return a mapping of suboptions or a list of these; what is neither is masked."""
    if isinstance(value, Mapping):
        return public_arguments(value, options)
    if isinstance(value, list):
        return [public_arguments(item, options) if isinstance(item, Mapping) else MASK for item in value]
    return MASK


def _show_item(item: Any, rule: ShowRule, siblings: Mapping[str, Any]) -> Any:
    """Return an item of a list of strings; Ansible may have refused one that is something else."""
    if isinstance(item, str):
        return rule(item, siblings)
    if item is None or isinstance(item, (int, float)):
        return item
    return MASK


def misplaced_secrets(arguments: Mapping[str, Any], options: Options) -> Iterator[str]:
    """Yield the tokens, and the private keys with their lines, among arguments that are not secret by themselves.

    A message may quote them.
    """
    for name, value in arguments.items():
        option = options.get(str(name), {})
        yield from _secrets_in(str(name))
        if "options" in option and isinstance(value, Mapping):
            yield from misplaced_secrets(value, option["options"])
        elif not option.get("no_log") and option.get("type") != "raw":
            yield from _secrets_in(value)


def _secrets_in(value: Any) -> Iterator[str]:
    """Yield the tokens and the private keys at any depth of a value, and the lines of keys."""
    if isinstance(value, str):
        if holds_key(value):
            yield from secret_lines(value)
        yield from find_tokens(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets_in(key)
            yield from _secrets_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _secrets_in(item)
