# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and mappings where a text belongs: Ansible makes a text of them, as Python spells them, and says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_dict, check_type_list

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.options import Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.scrub import Scrubber, leaves


def refuse_structures(arguments: Mapping[str, Any], options: Options, scrubber: Scrubber) -> None:
    """Raise KeyringError for the first text among these options that is given as a list or a mapping.

    ``arguments`` are as they were given. What is in all of them, and what Ansible has made of them, goes to the
    scrubber: the latter is among the arguments that are shown.
    """
    found = list(_structures(arguments, options, ""))
    for _place, value in found:
        scrubber.add(str(value), *leaves(value))
    for place, value in found:
        if isinstance(value, list):
            raise KeyringError(
                f"{place} must be a text; it is a list.",
                "",
                "Give the one item that is meant, without brackets.",
                failure="not_a_string",
                option=place,
            )
        raise KeyringError(
            f"{place} must be a text; it is a mapping.",
            "A template in which there is JSON alone makes a mapping of it in some versions of Ansible.",
            "Check the variable behind it; for JSON let the template end with | string.",
            failure="not_a_string",
            option=place,
        )


def _structures(arguments: Mapping[str, Any], options: Options, prefix: str) -> Iterator[tuple[str, Any]]:
    known = {name: option for key, option in options.items() for name in (key, *option.get("aliases", ()))}
    for name, value in arguments.items():
        option = known.get(name, {})
        if option.get("type") == "str" and isinstance(value, (list, dict)):
            yield f"{prefix}{name}", value
        elif "options" in option and option["type"] == "dict":
            yield from _structures(_as(check_type_dict, value, {}), option["options"], f"{prefix}{name}.")
        elif "options" in option:
            for index, item in enumerate(_as(check_type_list, value, [])):
                yield from _structures(_as(check_type_dict, item, {}), option["options"], f"{prefix}{name}[{index}].")


def _as(convert: Callable[[Any], Any], value: Any, otherwise: Any) -> Any:
    """What Ansible makes of a value, such as a mapping of JSON; what it refuses it names itself."""
    try:
        return convert(value)
    except TypeError:
        return otherwise
