# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report, as reStructuredText that also reads well on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import MIB, Verdict, judge
from bench.samples import Case, Sample, Samples
from bench.scenarios import SCENARIOS
from bench.sizes import Sizes
from bench.tasks import DESCRIPTIONS

_HEADER = """\
..
  Copyright (c) 2026 The keyring.kubernetes authors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

  Written by make bench; changes by hand are lost.

.. _ansible_collections.keyring.kubernetes.docsite.benchmarks:
"""

_HOW = """\
All of it comes from one run against one API server. The contenders of a scenario ran in turns, one after the other \
and then again. Numbers are medians of the runs; each contender ran once before, so that bytecode and caches were there.

- **process**: the whole process from start to end, with the fastest and the slowest run.
- **clock**: the work by the contender's own account: from the start of the first task to the end of the play, and for \
raw HTTP from the first request to the last answer.
- **CPU**: user and system time of the process and all its children, over SSH also of the server there. That of the \
API server is not in it. The CPU of a task is that of a play of many tasks over that of a play of one.
- **memory**: the peak of the largest single process.

After each run the Secrets were compared with what should be there.
"""


@dataclass(frozen=True)
class Circumstances:
    """What the report says beside the figures. ``failures`` are texts by scenario, ``remarks`` are sentences."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    failures: Mapping[str, str]
    remarks: Sequence[str]


def render_report(samples: Samples, sizes: Sizes, circumstances: Circumstances) -> str:
    """Return the whole page on benchmarks."""
    contenders = dict.fromkeys(case.contender for case in samples.by_case)
    parts = [
        _HEADER,
        _heading("Benchmarks", "="),
        _render_circumstances(circumstances),
        _heading("What must be reached", "-"),
        render_figures(judge(samples, sizes)),
        _heading("What was measured", "-"),
        _code(_HOW),
        _code("".join(f"- *{name}*: {DESCRIPTIONS[name]}.\n" for name in contenders)),
    ]
    for scenario in samples.scenarios():
        parts += [_heading(SCENARIOS[scenario].title, "~"), render_scenario(samples, scenario)]
    parts += [_heading("Run it yourself", "-"), _code(_REPEAT)]
    return "\n".join(parts)


def _heading(text: str, mark: str) -> str:
    return f"{_code(text)}\n{mark * len(_code(text))}\n"


def _code(text: str) -> str:
    """Names and commands, which in sentences stand between single backticks, as reStructuredText marks them."""
    return text.replace("`", "``")


_REPEAT = """\
.. code-block:: console

   $ make bench                        # all of it: about a quarter of an hour
   $ make bench BENCH_ARGS=--quick     # fewer rounds, without 20,000 namespaces: below five minutes, writes no page
   $ make bench BENCH_ARGS=--help

It builds the API server and `kubectl` from their Go modules when they are not in the cache yet, and installs what it \
compares with into `.venv-bench`. Other work on the machine blurs the figures.
"""


def render_figures(verdicts: Sequence[Verdict]) -> str:
    return render_table(
        ["figure", "asked for", "measured", "verdict"], [_cells(verdict) for verdict in verdicts], numbers_from=1
    )


def _cells(verdict: Verdict) -> list[str]:
    figure = verdict.figure
    bound = "at least" if figure.at_least else "at most"
    asked = "" if figure.limit is None else f"{bound} {figure.limit:,.10g} {figure.unit}"
    measured = "n/a" if verdict.value is None else f"{_short(verdict.value)} {figure.unit}"
    words = {True: "reached", False: "**not reached**", None: "" if figure.limit is None else verdict.reason}
    return [figure.what, asked, measured, words[verdict.reached]]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def render_scenario(samples: Samples, scenario: str) -> str:
    """Return the table of a scenario: step by step, in each the contenders in their order."""
    head = ["step", "contender", "process, s", "clock, s", "CPU, s", "memory, MiB", "runs"]
    cases = [case for case in samples.by_case if case.scenario == scenario]
    steps = list(dict.fromkeys(case.step for case in cases))
    cases.sort(key=lambda case: steps.index(case.step))
    return render_table(head, [_row(case, samples.by_case[case]) for case in cases], numbers_from=2)


def _row(case: Case, samples: Sequence[Sample]) -> list[str]:
    walls = [sample.wall for sample in samples]
    clocks = [sample.clock for sample in samples if sample.clock is not None]
    return [
        case.step,
        case.contender,
        f"{median(walls):,.2f} ({min(walls):,.2f}-{max(walls):,.2f})",
        f"{median(clocks):,.3f}" if clocks else "n/a",
        f"{median(sample.cpu for sample in samples):,.2f}",
        f"{median(sample.memory for sample in samples) / MIB:,.0f}",
        str(len(samples)),
    ]


def _render_circumstances(circumstances: Circumstances) -> str:
    facts = {"Date": circumstances.date, **circumstances.machine, "Command": f"`{circumstances.command}`"}
    facts["Versions"] = ", ".join(f"{name} {version}" for name, version in circumstances.versions.items())
    lines = [_code(f"- {name}: {fact}") for name, fact in facts.items()]
    lines += [f"- {remark}" for remark in circumstances.remarks]
    lines += [
        f"- **{scenario} failed:**\n\n  .. code-block:: text\n\n{_indent(text)}\n"
        for scenario, text in circumstances.failures.items()
    ]
    return "\n".join([*lines, ""])


def _indent(text: str) -> str:
    return "\n".join(f"     {line}" for line in text.splitlines())


def render_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int) -> str:
    """Return a table whose columns are aligned in the text as well, those from ``numbers_from`` on to the right.

    No cell of the first column may be empty: that would go on with the row before it.
    """
    lines = [[_code(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in lines) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if column >= numbers_from else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    rule = "  ".join("=" * width for width in widths)
    return "\n".join([rule, line(lines[0]), rule, *map(line, lines[1:]), rule, ""])
