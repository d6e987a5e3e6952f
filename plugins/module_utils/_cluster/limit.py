# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option ``namespaces_limit``: the only namespaces that a task may process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from .._errors import KeyringError
from .._secret.globs import means_many
from .._secret.names import check_namespace

# Names without repetition; None for no limit.
Limit: TypeAlias = "frozenset[str] | None"


def parse_limit(given: Sequence[str] | None) -> Limit:
    """Parse the option ``namespaces_limit``; None where it is not given. A name that is given twice counts once.

    Raises KeyringError for an empty list, and with the index for what no namespace can have as its name.
    """
    if given is None:
        return None
    if not given:
        raise KeyringError(
            "namespaces_limit is empty.",
            "It would leave out every namespace.",
            "Check the variable behind it; to process all selected namespaces, leave it out.",
            option="namespaces_limit",
        )
    for index, name in enumerate(given):
        option = f"namespaces_limit[{index}]"
        if means_many(name):
            raise KeyringError(
                f"{option} is not a name that a namespace can have.",
                "The limit takes names, without globs and exclusions.",
                "Write globs and exclusions in namespaces, and the name of each namespace in namespaces_limit.",
                option=option,
            )
        check_namespace(name, option)
    return frozenset(given)


def cut(names: Iterable[str], limit: Limit) -> tuple[str, ...]:
    """Return the names in the limit, in their order; all of them without a limit."""
    if limit is None:
        return tuple(names)
    return tuple(name for name in names if name in limit)
