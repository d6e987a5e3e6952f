# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page in a real browser: a script that runs in it, and what the script returns."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--virtual-time-budget=5000", "--dump-dom",
)  # fmt: skip
# The script may wait. What it throws is the answer as well.
_HARNESS = """<script>
(async () => {
  const pause = (time = 300) => new Promise((done) => setTimeout(done, time));
  let answer;
  try { answer = await (async () => { %s })(); } catch (error) { answer = `${error.stack}`; }
  const place = document.createElement('pre');
  place.id = 'answer-of-the-test';
  place.textContent = JSON.stringify(answer ?? null);
  document.body.append(place);
})();
</script></body>"""


def find_browser() -> str | None:
    """Return the path of a browser, or None if none is installed."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    return None


def run_in_page(page: Path, script: str, directory: Path, *, width: int = 1400) -> Any:
    """Return what a script returns that runs at the end of a page, in a window of this width."""
    browser = find_browser()
    assert browser
    copy = directory / "page-with-script.html"
    copy.write_text(page.read_text().replace("</body>", _HARNESS % script))
    command = [browser, *_ARGUMENTS, f"--user-data-dir={directory / 'browser'}", f"--window-size={width},1200"]
    done = subprocess.run(
        [*command, copy.as_uri()], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120
    )
    found = re.search('<pre id="answer-of-the-test">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr
    return json.loads(html.unescape(found[1]))
