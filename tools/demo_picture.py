# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the demo in the README, drawn from what the demo prints.

Run as a program, as ``make demo-picture`` does, it reads the coloured output of the demo and writes the file.
"""

from __future__ import annotations

import re
import sys
from io import StringIO

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from checkout import ROOT

PICTURE = ROOT / "docs" / "docsite" / "rst" / "images" / "demo.svg"

# The tasks in the picture, by the beginning of their names: all of them would be longer than a screen.
_TASKS = ("4.", "5.", "10.", "What happened")
_WIDTH = 100

# Rich fills in the braces. No fonts are named that a browser would have to fetch.
_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!--
Copyright (c) 2026 The keyring.kubernetes authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<title>The demo: rotate a pull secret, merge a second registry, refuse a wrong password</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="100%" height="100%" rx="8" fill="#0c0c0c"/>
<g transform="translate(16, 16)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def render_picture(printed: str) -> str:
    """Return the picture, as SVG, of what the demo has printed in colour."""
    tasks = re.split(r"^(?=TASK \[|PLAY )", printed, flags=re.MULTILINE)
    shown = [task for task in tasks if task.startswith(tuple(f"TASK [{name}" for name in _TASKS))]
    # Each run has other ports.
    shown = [re.sub(r"(https://127\.0\.0\.1):\d+", r"\1:6443", task) for task in shown]
    text = re.sub(r"(?<!//)(127\.0\.0\.1):\d+", r"\1:5000", "$ make demo\n\n" + "".join(shown).rstrip())
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r" \*+$", "", text, flags=re.MULTILINE))
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(text))
    return console.export_svg(theme=MONOKAI, code_format=_SVG, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(render_picture(sys.stdin.read()))
    print(PICTURE)
