# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of image_access_report in a real browser: 200 workloads with 60 images each, and three clusters."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.browser import find_browser, run_in_page
from support.paths import ROOT
from support.playbook import ANSIBLE_PLAYBOOK, Playbook
from support.samples.access_report import CASES, NIGHTLY, RESTART, UNREACHABLE, image, large, result

TEMPLATES = ROOT / "playbooks" / "templates"
KINDS = ("html", "csv", "json")

needs_browser = pytest.mark.skipif(find_browser() is None, reason="no Chromium is installed")


@dataclass(frozen=True)
class Report:
    """The files of a report, and a folder for the browser."""

    directory: Path

    @property
    def page(self) -> Path:
        return self.directory / "report.html"

    def run(self, script: str, width: int = 1400) -> Any:
        return run_in_page(self.page, script, self.directory, width=width)


def write_report(directory: Path, results: dict[str, Any]) -> Report:
    """Write the three files with the templates of the playbook."""
    hosts = {host: {"image_access_report_access": found} for host, found in results.items()}
    options = {"made": "2026-11-29 02:00 UTC", "show_borrowed": True, "context": ""}
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "image_access_report_hosts": list(results),
        "image_access_report_options": options,
    }
    inventory = directory / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
    source = f"{TEMPLATES}/image_access_report.{{{{ item }}}}.j2"
    task = {"src": source, "dest": f"{directory}/report.{{{{ item }}}}", "mode": "0600"}
    tasks = [{"ansible.builtin.template": task, "loop": list(KINDS), "run_once": True}]
    path = directory / "render.yml"
    path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        [str(ANSIBLE_PLAYBOOK), "-i", str(inventory), str(path)],
        env=Playbook(directory).environment(), cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Report(directory)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One image of each kind in one cluster, and another cluster that cannot be read."""
    images = [image(number, case) for number, case in enumerate(CASES)]
    images.append(image(0, name='=evil"', image="ghcr.io/acme/<b>app</b>"))
    prod = result(*images, restarts=[RESTART, NIGHTLY])
    return write_report(tmp_path_factory.mktemp("small"), {"prod": prod, "edge": UNREACHABLE})


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Report:
    results = {"prod": large(), "test": large(20, 20, "https://test.example.com:6443"), "edge": UNREACHABLE}
    return write_report(tmp_path_factory.mktemp("big"), results)


def test_the_page_needs_no_network(small: Report) -> None:
    text = small.page.read_text()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.split("; ")[0] == "default-src 'none'"
    assert not re.search(r"\b(src|href|action)=|url\(|@import|fetch\(|XMLHttpRequest|WebSocket|innerHTML", text)


@needs_browser
def test_the_policy_blocks_requests(small: Report) -> None:
    script = """
        const blocked = [];
        document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
        document.body.append(make('img', {src: 'http://127.0.0.1:9/x.png'}), make('iframe', {src: 'http://127.0.0.1:9/'}));
        await fetch('http://127.0.0.1:9/').catch(() => 0);
        await pause();
        return blocked.sort();
    """
    assert small.run(script) == ["connect-src", "frame-src", "img-src"]


@needs_browser
def test_each_row_has_its_verdict_and_the_next_step(small: Report) -> None:
    script = """
        return [...document.querySelectorAll('#images tr.item')].map((row) => [
          row.querySelector('.verdict').innerText, row.querySelector('.step').firstChild?.textContent ?? '',
          row.querySelector('.step pre')?.textContent ?? '']);
    """
    rows = {verdict: (step, lines) for verdict, step, lines in small.run(script)}
    assert list(rows) == [
        "started before link", "wrong credentials", "Secret missing", "Borrowed", "No entry", "Public", "By the node",
        "Matched",
    ]  # fmt: skip
    assert rows["started before link"][1] == "kubectl --context prod rollout restart deployment/web-000 -n team-00"
    assert rows["Borrowed"][0] == "Copy Secret registry of namespace platform with a task:"
    assert [rows[verdict] for verdict in ("Public", "By the node", "Matched")] == [("", "")] * 3


@needs_browser
def test_a_cluster_that_was_not_read_and_the_restarts(small: Report) -> None:
    script = """
        return [document.getElementById('unread').innerText, document.getElementById('clusters').innerText,
          document.querySelector('#restarts pre').textContent, document.querySelector('#restarts li').innerText,
          document.querySelectorAll('#legend dt').length];
    """
    unread, clusters, command, other, legend = small.run(script)
    assert f"edge: {UNREACHABLE['msg']}" in unread
    assert "Not read" in clusters
    assert command == "kubectl --context prod rollout restart deployment/web-000 -n team-00"
    assert other.startswith("team-01: 1 Pod of Job nightly")
    assert legend == 13


@needs_browser
def test_sort(small: Report) -> None:
    script = """
        const answers = [];
        document.getElementById('group').value = 'none';
        document.getElementById('group').dispatchEvent(new Event('change'));
        const images = () => [...document.querySelectorAll('#images td.image')].map((cell) => cell.innerText);
        for (let times = 0; times < 2; times += 1) {
          document.querySelector('[data-sort="image"]').click();
          answers.push([document.querySelector('[data-sort="image"]').parentNode.getAttribute('aria-sort'), images(),
            document.activeElement.dataset.sort]);
        }
        return answers;
    """
    up, down = small.run(script)
    assert (up[0], down[0]) == ("ascending", "descending")
    assert up[1] == sorted(up[1])
    assert down[1] == up[1][::-1]
    assert len(up[1]) == len(CASES) + 1
    assert up[2] == "image", "the focus stays on the heading"


@needs_browser
def test_filter_and_clear(small: Report) -> None:
    script = """
        const rows = () => document.querySelectorAll('#images tr.item').length;
        const clear = document.getElementById('clear');
        const search = document.getElementById('search');
        const answers = [[rows(), clear.disabled]];
        const step = async (action) => {
          action();
          await pause();
          answers.push([rows(), clear.disabled]);
          clear.click();
          await pause();
          answers.push([rows(), clear.disabled, search.value, document.activeElement.id]);
        };
        const choose = (id, value) => {
          document.getElementById(id).value = value;
          document.getElementById(id).dispatchEvent(new Event('change'));
        };
        const type = (text) => { search.value = text; search.dispatchEvent(new Event('input')); };
        await step(() => document.querySelector('#counts button').click());
        await step(() => [...document.querySelectorAll('#counts button')].at(-1).click());
        await step(() => type('quay.io'));
        await step(() => type('nothing like it'));
        await step(() => choose('registry', 'quay.io'));
        await step(() => choose('host', 'prod'));
        await step(() => document.querySelector('#matrix td button').click());
        return answers;
    """
    total = len(CASES) + 1
    first, *answers = small.run(script)
    assert first == [total, True]
    filtered, cleared = answers[::2], answers[1::2]
    # failing, fails after an upgrade, text (also in whom it borrows from), nothing, registry, cluster, a cell
    assert [count for count, _disabled in filtered] == [2, 1, 2, 0, 1, total, 1]
    assert [disabled for _count, disabled in filtered] == [False] * 7
    assert cleared == [[total, True, "", "search"]] * 7


@needs_browser
def test_groups(small: Report) -> None:
    script = """
        const names = () => [...document.querySelectorAll('#images th.group button')].map((button) => button.innerText);
        const before = names();
        document.querySelector('#images th.group button').click();
        const closed = [names()[0], document.querySelectorAll('#images tr.item').length];
        const group = document.getElementById('group');
        group.value = 'registry';
        group.dispatchEvent(new Event('change'));
        return [before, closed, names()];
    """
    before, closed, registries = small.run(script)
    assert before[:3] == ["▾ Pull fails: started before link (1)", "▾ Pull fails: wrong credentials (1)",
                          "▾ Secret missing (1)"]  # fmt: skip
    assert closed == ["▸ Pull fails: started before link (1)", len(CASES)]
    assert "▾ quay.io (1)" in registries


@needs_browser
def test_exports_equal_the_files(small: Report) -> None:
    exported_csv, exported_json = small.run("return [exportCsv(shownRows()), exportJson(shownRows())];")
    written = (small.directory / "report.csv").read_text()
    assert list(csv.reader(io.StringIO(exported_csv))) == list(csv.reader(io.StringIO(written)))
    assert json.loads(exported_json) == json.loads((small.directory / "report.json").read_text())
    assert ',"\'=evil""",' in exported_csv.replace('\'=evil""', '\'=evil""') or "'=evil" in exported_csv
    saved = """
        let saved;
        URL.createObjectURL = (blob) => { saved = blob; return 'about:blank#'; };
        HTMLAnchorElement.prototype.click = () => 0;
        document.getElementById('csv').click();
        return [saved.type, (await saved.text()).length];
    """
    assert small.run(saved) == ["text/csv", len(exported_csv)]


@needs_browser
def test_the_matrix_with_the_keyboard(big: Report) -> None:
    script = """
        const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
        const cells = document.querySelectorAll('#matrix td button');
        cells[0].focus();
        const places = [];
        for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowUp']) {
          press(key);
          places.push(document.activeElement.place);
        }
        return [places, [...cells].filter((cell) => cell.tabIndex === 0).length, cells[0].getAttribute('aria-label')];
    """
    places, stops, label = big.run(script)
    assert places == [[0, 1], [1, 1], [1, 0], [0, 0], [0, 0]]
    assert stops == 1
    assert re.fullmatch(r"prod / team-\d\d, \S+: \d+ of 30 images: Pull fails", label)


@needs_browser
@pytest.mark.parametrize("width", [1400, 1000, 400])
def test_a_large_report_fits_the_window(big: Report, width: int) -> None:
    # A headless browser has no window below 500 pixels. The body is as narrow as on a phone.
    script = (
        f"document.body.style.width = '{width}px';"
        """
        const wide = [...document.querySelectorAll('#images td, #images .chip, .tools label, #matrix tbody th')]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth);
        return [document.body.scrollWidth, document.querySelectorAll('#images tr.item').length,
          document.querySelectorAll('#matrix tbody tr').length, document.getElementById('shown').textContent,
          wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)),
          getComputedStyle(document.querySelector('#images tr.item')).display];
    """
    )
    page, rows, namespaces, shown, wide, display = big.run(script, width)
    assert page == width, "nothing beside the window"
    assert wide == []
    assert 100 < rows <= 9 * 25
    assert namespaces == 60
    assert shown == "12400 images"
    assert display == ("table-row" if width > 1000 else "block"), "cards in a small window"


def luminance(colour: str) -> float:
    """The relative luminance of a colour, by WCAG 2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_contrast(mode: int) -> None:
    """Text on each background that it has, at least 4.5 to 1 (WCAG 2, AA)."""
    css = (TEMPLATES / "image_access_report.css").read_text()
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", css.split(":root {")[mode + 1].split("}")[0]))
    chips = ("good", "node", "open", "neutral", "unsure", "bad", "fails")
    pairs = [("on", chip) for chip in chips]
    pairs += [(text, back) for text in ("text", "faint", "accent") for back in ("back", "raised")]
    low = []
    for text, back in pairs:
        dark, bright = sorted((luminance(colours[text]), luminance(colours[back])))
        if (bright + 0.05) / (dark + 0.05) < 4.5:
            low.append((text, back))
    assert low == []
