# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report, as reStructuredText that also reads well on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.contenders import DEBUG, KEYRING, Contender
from bench.figures import MIB, Figure, judge
from bench.summary import Summaries, Summary
from bench.work import Operation, Scenario, Shape

_HEADER = """\
..
  Copyright (c) 2026 The keyring.kubernetes authors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

  Written by make bench; changes by hand are lost.

.. _ansible_collections.keyring.kubernetes.docsite.benchmarks:
"""

_HOW = """\
All of it comes from one run against one API server, round by round: each contender once, then each again. \
Numbers are medians of the runs. Everybody ran once before, so that bytecode and caches were there.

- **process**: the whole process from start to end, with the fastest and the slowest run.
- **itself**: what the job took over an empty play of the same shape, which is the same play with `debug` in its \
place. `kubectl` is counted whole, and raw HTTP from its first request to its last answer.
- **by clock**: the same by Ansible's own account, from the start of the first task to the end of the play. What \
Ansible loads before, once for each play, is not in it: plugins and the Kubernetes client that they import. \
Verdicts on the time of a task are by this clock; the value by *itself*, which has it, stands beside.
- **CPU**: user and system time of the process and all its children. That of the API server is not in it.
- **memory**: the peak of the largest single process among them, not their sum.
- **requests**: what the API server's audit log has from this contender, by verb.
- **x keyring**: the time by clock, as a multiple of this collection's; for programs without that clock, *itself*.

*change one*: somebody else has changed one of the Secrets before. *check*: all Secrets would change, in check mode \
(`kubectl`: a dry run on the server; raw HTTP: the two lists). After each run the Secrets were compared with \
what should be there. A contender that needs very long for a round was measured once, and `kubernetes.core.k8s` in \
many namespaces only with the operations that figures need: it takes the same time for each.
"""


@dataclass(frozen=True)
class Circumstances:
    """What the report says beside the figures. ``remarks`` are sentences."""

    date: str
    command: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    rounds: int
    threads: int
    contenders: Sequence[Contender]
    failures: Mapping[tuple[str, Shape], str]
    remarks: Sequence[str]


def render_report(summaries: Summaries, circumstances: Circumstances) -> str:
    """The whole of the page on benchmarks."""
    parts = [
        _HEADER,
        _heading("Benchmarks", "="),
        _render_circumstances(circumstances),
        _heading("What must be reached", "-"),
        render_figures(judge(summaries)),
        _heading("What was measured", "-"),
        _code(_HOW),
        _code("".join(f"- `{each.name}`: {each.describe}.\n" for each in circumstances.contenders)),
    ]
    for scenario in summaries.scenarios():
        parts += [_heading(scenario.title, "~"), render_scenario(summaries, scenario)]
    parts += [_heading("Run it yourself", "-"), _code(_REPEAT)]
    return "\n".join(parts)


def _heading(text: str, mark: str) -> str:
    return f"{_code(text)}\n{mark * len(_code(text))}\n"


def _code(text: str) -> str:
    """Names and commands, which in sentences stand between single backticks, as reStructuredText marks them."""
    return text.replace("`", "``")


_REPEAT = """\
.. code-block:: console

   $ make bench                                      # all of it; hours on a small machine
   $ make bench BENCH_ARGS=--quick                   # 5 tasks, 5 and 50 namespaces; minutes, writes no report
   $ make bench BENCH_ARGS='--only loop --only keyring --only debug'
   $ make bench BENCH_ARGS=--help

It builds the API server and `kubectl` from their Go modules when they are not in the cache yet, and installs what it \
compares with into `.venv-bench`. Other work on the machine blurs the figures.
"""


def render_figures(figures: Sequence[Figure]) -> str:
    verdicts = {True: "reached", False: "**not reached**", None: "not measured"}
    rows = [[figure.what, figure.asked, figure.measured or "n/a", verdicts[figure.reached]] for figure in figures]
    return render_table(["figure", "asked for", "measured", "verdict"], rows, numbers_from=1)


def render_scenario(summaries: Summaries, scenario: Scenario) -> str:
    head = [
        *("operation", "contender", "process, s", "itself, s", "by clock, s"),
        *("CPU, s", "memory, MiB", "requests", "x keyring", "runs"),
    ]
    rows = [
        [operation, contender, *_cells(summary), _ratio(summaries, scenario, operation, contender), str(summary.runs)]
        for operation, contender, summary in summaries.rows(scenario)
    ]
    return render_table(head, rows, numbers_from=2)


def _cells(summary: Summary) -> list[str]:
    requests = ", ".join(f"{count:,} {verb}" for verb, count in summary.requests.items())
    return [
        f"{summary.wall:,.2f} ({summary.fastest:,.2f}-{summary.slowest:,.2f})",
        _seconds(summary.itself),
        _seconds(summary.clock),
        f"{summary.cpu:,.2f}",
        f"{summary.memory / MIB:,.0f}",
        requests or "0",
    ]


def _seconds(value: float | None) -> str:
    # + 0.0: no minus before a zero.
    return "n/a" if value is None else f"{round(value, 3) + 0.0:,.3f}"


def _ratio(summaries: Summaries, scenario: Scenario, operation: Operation, contender: str) -> str:
    if contender == DEBUG:
        return "n/a"
    try:
        theirs, ours = (summaries.by_clock(scenario, operation, each) for each in (contender, KEYRING))
    except KeyError:
        return "n/a"
    ratio = theirs / ours
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"


def _render_circumstances(circumstances: Circumstances) -> str:
    facts = {"Date": circumstances.date, **circumstances.machine, "Command": f"`{circumstances.command}`"}
    versions = ", ".join(f"{name} {version}" for name, version in circumstances.versions.items())
    facts["Versions"] = versions
    facts["Rounds"] = str(circumstances.rounds)
    facts["Concurrency"] = f"{circumstances.threads} requests at a time, for this collection and for raw HTTP"
    lines = [_code(f"- {name}: {fact}") for name, fact in facts.items()]
    lines += [_code(f"- {remark}") for remark in circumstances.remarks]
    failures = [
        f"- **{name} failed** and was left out of {_NAMES[shape]} from there on.\n\n"
        f"  .. code-block:: text\n\n{_indent(text)}\n"
        for (name, shape), text in circumstances.failures.items()
    ]
    return "\n".join([*lines, *failures, ""])


_NAMES: Mapping[Shape, str] = {
    "one task": "single tasks",
    "tasks": "plays of many tasks",
    "loop": "loops",
    "fan-out": "the fan-out",
    "foreign": "the fan-out among foreign Secrets",
}


def _indent(text: str) -> str:
    return "\n".join(f"     {line}" for line in text.splitlines())


def render_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int) -> str:
    """A table whose columns are aligned in the text as well, those from ``numbers_from`` on to the right.

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
