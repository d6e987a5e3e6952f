# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ServiceAccounts that a task selects in each of its namespaces: names, globs and exclusions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .._dataclasses import dataclass
from .._errors import KeyringError
from .globs import ACCOUNTS_BY_NAME, EVERY, check_name_or_glob, is_glob, matches_any
from .links import Account

# The selected ServiceAccounts of a namespace, by name; None for one that is named and does not exist.
SelectedAccounts = Mapping[str, "Account | None"]


@dataclass(frozen=True)
class AccountSelection:
    """The items of an option. Names must exist; globs select what exists, and exclusions take out what they match."""

    names: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items as they may be written in the option."""
        return (*self.names, *self.globs, *(f"!{glob}" for glob in self.exclusions))

    def includes(self, name: str) -> bool:
        """Return whether a ServiceAccount of this name is selected."""
        return (name in self.names or matches_any(name, self.globs)) and not matches_any(name, self.exclusions)

    def choose(self, existing: Mapping[str, Account]) -> SelectedAccounts:
        """Return the selected ones among the ServiceAccounts of a namespace: first those named, then by name."""
        chosen: dict[str, Account | None] = {}
        for name in self.names:
            if self.includes(name):
                chosen[name] = existing.get(name)
        for name in sorted(existing):
            if self.includes(name):
                chosen.setdefault(name, existing[name])
        return chosen

    def find_matching(self, existing: Iterable[str]) -> set[str]:
        """Return the globs and exclusions that match one of these ServiceAccounts."""
        names = list(existing)
        return {glob for glob in (*self.globs, *self.exclusions) if any(matches_any(name, [glob]) for name in names)}


def parse_accounts(items: Sequence[str], option: str) -> AccountSelection:
    """Parse an option with names, globs and exclusions of ServiceAccounts.

    Raises KeyringError, with the index, for what no ServiceAccount can match, and for exclusions alone.
    """
    for index, item in enumerate(items):
        check_name_or_glob(item, f"{option}[{index}]", ACCOUNTS_BY_NAME)
    exclusions = tuple(item[1:] for item in items if item.startswith("!"))
    included = dict.fromkeys(item for item in items if not item.startswith("!"))
    if exclusions and not included:
        raise KeyringError(
            f"{option} has only exclusions.",
            "They need a selection to exclude from.",
            f"Add the ServiceAccounts to select, such as '{EVERY}', before the exclusions.",
            option=option,
        )
    return AccountSelection(
        names=tuple(item for item in included if not is_glob(item)),
        globs=tuple(item for item in included if is_glob(item)),
        exclusions=exclusions,
    )


def warn_unmatched(part: str, *, excludes: bool) -> str:
    """Return the warning about a part of an option that matches no ServiceAccount."""
    effect = ", so it excludes nothing" if excludes else ""
    return f"{part} matches no ServiceAccount in the selected namespaces{effect}."
