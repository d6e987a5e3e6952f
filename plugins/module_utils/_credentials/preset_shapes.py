# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns of the table of presets: servers, settings, username and password of a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

from .._dataclasses import dataclass
from .schema import Setting

# The service that mints tokens: a cloud by its SDK, or Harbor by its API.
Cloud = Literal["aws", "google", "azure", "harbor"]


@dataclass(frozen=True, kw_only=True)
class PresetSetting(Setting):
    """An item of ``preset_options``, with an example. It is required unless it has a ``default``.

    One that ``mints`` says how a token is minted, and cannot be given with a password. ``needs`` are the settings that
    must be given with it.
    """

    example: Any
    default: Any = None
    mints: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoginRule:
    """A rule about username and password, each None where it is not given: ``applies`` returns whether it is broken.

    ``about`` is the option that messages name. ``what``, ``why`` and ``remedy`` are the sentences of the message;
    ``what`` follows the name of the option.
    """

    about: Literal["username", "password"]
    applies: Callable[[str | None, str | None], object]
    what: str
    why: str
    remedy: str


@dataclass(frozen=True)
class SettingRule:
    """A rule about the values of all settings: ``applies`` returns whether it is broken.

    ``about`` is the setting that messages name. The other columns are those of LoginRule.
    """

    about: str
    applies: Callable[[Mapping[str, Any]], object]
    what: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Preset:
    """A registry that is known by name. ``servers`` returns its servers for the values of all settings.

    The username, where none is given: ``username``, or what ``guess`` makes of the password, or with
    ``secret_username`` the password itself. ``usernames`` are the only ones that the registry takes.
    ``life`` maps a username to the seconds that its password lasts; ``life_note`` describes the others.
    ``username_note`` and ``password_note`` describe what to give. ``realm`` is the host that issues tokens for the
    servers without options, where it is another one. ``mints`` is the service that mints a token for
    ``minted_username`` where no password is given; without ``minted_username`` the token is for the given username.
    It mints only if the setting ``mints_if`` is true, where there is one, and such a token lasts for the days in the
    setting ``mints_days``, where no ``life`` is known. ``makers`` are those of token_shapes.py whose tokens are
    passwords here. ``source`` names the page that these facts are from.
    """

    name: str
    source: str
    servers: Callable[[Mapping[str, Any]], tuple[str, ...]]
    password_note: str
    life_note: str
    settings: Mapping[str, PresetSetting] = field(default_factory=dict)
    username: str = ""
    username_note: str = ""
    guess: Callable[[str], str] | None = None
    usernames: tuple[str, ...] = ()
    secret_username: bool = False
    life: Mapping[str, int] = field(default_factory=dict)
    realm: str = ""
    mints: Cloud | None = None
    minted_username: str = ""
    mints_if: str = ""
    mints_days: str = ""
    makers: tuple[str, ...] = ()
    refusals: tuple[LoginRule, ...] = ()
    warnings: tuple[LoginRule, ...] = ()
    setting_refusals: tuple[SettingRule, ...] = ()
    setting_warnings: tuple[SettingRule, ...] = ()

    def username_for(self, password: str) -> str | None:
        """Return the username for a password that is given without one; None where only the user knows it."""
        if self.secret_username:
            return password
        if self.guess:
            return self.guess(password)
        return self.username or None

    @property
    def usual_servers(self) -> tuple[str, ...]:
        """Return the servers without options, for a preset that needs none."""
        return self.servers({name: setting.default for name, setting in self.settings.items()})

    def can_mint(self, settings: Mapping[str, Any]) -> bool:
        """Return whether a token is minted where no password is given."""
        return bool(self.mints) and (not self.mints_if or bool(settings[self.mints_if]))

    def minting(self, username: str | None, settings: Mapping[str, Any], option: str) -> Minting | None:
        """Return the token to be minted for a given username; None if that is missing, and is the user's own."""
        minted_for = self.minted_username or username
        if self.mints is None or not minted_for:
            return None
        life = settings[self.mints_days] * 86400 if self.mints_days else self.life[minted_for]
        return Minting(self, settings, option, self.mints, minted_for, life)

    @property
    def supplies_username(self) -> bool:
        """Return whether a password alone is enough."""
        return bool(self.username or self.guess or self.secret_username)


@dataclass(frozen=True)
class Minting:
    """A token to be minted for ``username``: for a preset with these settings, by this service.

    ``option`` is the registry in messages. The token lasts at most ``life`` seconds.
    """

    row: Preset
    settings: Mapping[str, Any] = field(repr=False)
    option: str
    cloud: Cloud
    username: str
    life: int
