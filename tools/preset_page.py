# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the page on registries, made from the rows of the presets; the text around them is written by hand.

Run as a program, as ``make docs`` does, it writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_shapes import (
    LoginRule,
    Preset,
    PresetSetting,
    SettingRule,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "registries.rst"
_BEGIN, _END = ".. The tables: make docs\n", ".. The end of the tables\n"


def render_page(page: str) -> str:
    """The page with the tables as the rows have them."""
    before, _begin, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n{_render_tables(PRESETS.values())}\n{_END}{after}"


def _render_tables(rows: Iterable[Preset]) -> str:
    rows = tuple(rows)
    presets = [(_code(row.name), _servers(row), _username(row), row.password_note) for row in rows]
    lives = [(_code(row.name), _life(row), _mints(row)) for row in rows]
    sources = [f"- {_literal(_code(row.name))}: {row.source}" for row in rows]
    settings = [
        (_code(row.name), _code(name), _value(setting), _default(setting))
        for row in rows
        for name, setting in row.settings.items()
    ]
    rules = [
        (
            _code(row.name),
            _what((*row.refusals, *row.setting_refusals)),
            _what((*row.warnings, *row.setting_warnings)),
        )
        for row in rows
    ]
    rules = [cells for cells in rules if any(cells[1:])]
    return "\n".join(
        (
            *_lines(("`preset`", "Server, such as", "Username", "Password"), presets),
            "How long credentials last\n-------------------------\n",
            *_lines(("`preset`", "Lifetime", "Minted with"), lives),
            "Options of the presets\n----------------------\n",
            *_lines(("`preset`", "Item of `preset_options`", "Value", "Without it"), settings),
            "Checks of the presets\n---------------------\n",
            *_lines(("`preset`", "Fails if", "Warns if"), rules),
            "Sources\n-------\n",
            *sources,
            "",
        )
    )


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield ".. list-table::\n   :header-rows: 1\n"
    for row in (head, *rows):
        yield from (f"   {'  ' if column else '* '}- {_literal(cell)}".rstrip() for column, cell in enumerate(row))
    yield ""


def _literal(text: str) -> str:
    """Return the text in reStructuredText, in which a bare https:// would be a link."""
    return text.replace(" https:// ", " `https://` ").replace("`", "``")


def _code(text: object) -> str:
    return f"`{text}`"


def _servers(row: Preset) -> str:
    values = {
        name: setting.example if setting.default is None else setting.default for name, setting in row.settings.items()
    }
    return ", ".join(map(_code, row.servers(values)))


def _username(row: Preset) -> str:
    if not row.username:
        return row.username_note
    return f"{_code(row.username)}, {'and no other' if row.usernames else 'unless another is given'}"


def _life(row: Preset) -> str:
    lives = [
        f"{seconds // 3600} h" + ("" if row.username else f" as {_code(user)}") for user, seconds in row.life.items()
    ]
    return "; ".join((*lives, row.life_note))


def _mints(row: Preset) -> str:
    packages = {"aws": "boto3", "google": "google-auth[requests]", "azure": "azure-identity", "harbor": "requests"}
    return _code(packages[row.mints]) if row.mints else ""


def _value(setting: PresetSetting) -> str:
    if setting.type == "boolean":
        return "true or false"
    if setting.choices:
        return f"one of {', '.join(map(_code, setting.choices))}"
    return f"a list, each {setting.rule}" if setting.type == "strings" else setting.rule


def _default(setting: PresetSetting) -> str:
    if setting.default is None:
        return "an error"
    shown = ", ".join(setting.default) if setting.type == "strings" else str(setting.default)
    return "none" if shown in ("", "0") else _code(shown.lower())


def _what(rules: Iterable[LoginRule | SettingRule]) -> str:
    return "; ".join(dict.fromkeys(f"{rule.about} {rule.what}" for rule in rules))


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
