# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of each registry that has a preset: the words of the table of presets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# Whose SDK mints tokens.
Cloud = Literal["aws", "google", "azure"]


@dataclass(frozen=True)
class Setting:
    """An item of preset_options: the type of its value, how it looks, in words too, and an example of it.

    It is needed unless it has a ``default``. ``known`` are values that there were when the row was written. They are
    for hints, and no value is refused for want of being among them: vendors open regions faster than releases come.
    ``mints`` marks what says how a token is minted, and has no place beside a password; ``secret`` what is never shown;
    ``needs`` are others that must be given with it.
    """

    example: Any
    type: Literal["text", "texts", "flag", "host"] = "text"
    default: Any = None
    choices: tuple[str, ...] = ()
    pattern: re.Pattern[str] = re.compile(".+")
    rule: str = ""
    known: tuple[str, ...] = ()
    mints: bool = False
    secret: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Login:
    """Username and password of a task's registry; None is not given."""

    username: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True)
class LoginRule:
    """Something about a login: which part of it is meant, when it is so, what is so, why that is wrong, what to do."""

    about: Literal["username", "password"]
    applies: Callable[[Login], object]
    what: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Preset:
    """A registry. ``servers`` makes the server strings of the settings; there may be several for one login.

    ``username`` is written where none is given, or what ``guess`` makes of the password; ``usernames`` are the only
    ones that the registry takes. With ``secret_username`` the username is the password. ``life`` has the seconds that
    passwords last, by username; of others only ``life_note`` is known. ``username_note`` and ``password_note`` say what
    to give. ``realm`` is the host that gives tokens for the servers without options, where that is another one.
    ``mints`` is the cloud that is asked for a token where no password is given, which goes with ``minted_username``.
    """

    name: str
    source: str
    servers: Callable[[Mapping[str, Any]], tuple[str, ...]]
    password_note: str
    life_note: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    username: str = ""
    username_note: str = ""
    guess: Callable[[str], str] | None = None
    usernames: tuple[str, ...] = ()
    secret_username: bool = False
    life: Mapping[str, int] = field(default_factory=dict)
    realm: str = ""
    mints: Cloud | None = None
    minted_username: str = ""
    refusals: tuple[LoginRule, ...] = ()
    warnings: tuple[LoginRule, ...] = ()

    def username_for(self, password: str) -> str | None:
        """The username that goes with a password when none is given; None where only the user knows it."""
        if self.secret_username:
            return password
        return self.guess(password) if self.guess else self.username or None

    @property
    def usual_servers(self) -> tuple[str, ...]:
        """The servers without options, for a preset that needs none."""
        return self.servers({name: setting.default for name, setting in self.settings.items()})

    @property
    def supplies_username(self) -> bool:
        return bool(self.username or self.guess or self.secret_username)


@dataclass(frozen=True)
class Minting:
    """A token that is to be minted: for which preset with which settings, where the task says so, and by whom."""

    row: Preset
    settings: Mapping[str, Any] = field(repr=False)
    option: str
    cloud: Cloud

    @property
    def username(self) -> str:
        return self.row.minted_username

    @property
    def life(self) -> int:
        """The seconds that such a token lasts at most."""
        return self.row.life[self.row.minted_username]
