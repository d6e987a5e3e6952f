# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure this collection against what else does its work, on one API server. See docs/docsite/rst/benchmarks.rst."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import util
from pathlib import Path

from bench.api_server import FOREIGN_BYTES, ApiServer
from bench.contenders import KUBECTL, KUBERNETES_CORE, Contender, contenders
from bench.machine import available_memory, describe_machine, describe_versions
from bench.progress import Progress
from bench.raw_http import Refused
from bench.report import Circumstances, render_report
from bench.rounds import Rounds
from bench.summary import Summaries
from bench.work import CYCLE, Scenario
from support.control_plane import ControlPlane, ControlPlaneError
from support.kubectl import find_kubectl
from support.paths import ROOT

_REPORT = ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"
_SIZES, _QUICK_SIZES = (50, 500, 5000), (5, 50)
_TASKS, _QUICK_TASKS = 50, 5
# How many namespaces kubernetes.core and kubectl are given: they take up to half a second for each.
_LARGEST, _QUICK_LARGEST = 500, 5
_SHAPES = ("one-task", "tasks", "loop", "fan-out", "foreign")
# etcd refuses writes from 2 GiB on (--quota-backend-bytes), and keeps more than what is stored now.
_ETCD_BYTES = 2**30
# The API server holds what it serves in its caches, decoded and encoded, beside what etcd maps.
_BYTES_FOR_A_BYTE = 8


class UsageError(Exception):
    """Says in a sentence why nothing can be measured."""


def main() -> int:
    options = parse()
    progress = Progress()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return _bench(options, progress)
    except (ControlPlaneError, UsageError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _bench(options: argparse.Namespace, progress: Progress) -> int:
    names = {name for name in options.only if name not in _SHAPES}
    kubectl = find_kubectl() if not names or names & set(KUBECTL) else None
    chosen = _choose(contenders(kubectl or Path("kubectl"), _QUICK_LARGEST if options.quick else _LARGEST), names)
    scenarios, remarks = _scenarios(options)
    with (
        ControlPlane() as control_plane,
        # Short, and not below another: Ansible makes sockets in it, whose path may have 108 bytes.
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as directory,
    ):
        api_server = ApiServer(control_plane, Path(directory))
        versions = describe_versions(api_server.version(), kubectl)
        rounds = Rounds(api_server, chosen, options.rounds, options.concurrency, options.retry_budget, progress)
        code, problem = _measure(rounds, scenarios)
    circumstances = Circumstances(
        date=datetime.now(timezone.utc).date().isoformat(),
        command=_command(),
        machine=describe_machine(),
        versions=versions,
        rounds=options.rounds,
        threads=options.concurrency,
        contenders=chosen,
        failures=rounds.failures,
        remarks=[*remarks, problem] if problem else remarks,
    )
    report = render_report(Summaries(rounds.samples), circumstances)
    progress.say("")
    print(report, flush=True)
    if problem:
        progress.say(problem)
    elif options.write:
        options.write.parent.mkdir(exist_ok=True)
        options.write.write_text(report, encoding="utf-8")
        progress.say(f"Written: {options.write}")
    return code


def _measure(rounds: Rounds, scenarios: Sequence[Scenario]) -> tuple[int, str]:
    """The exit code, and why not everything was measured; what was is not lost."""
    try:
        if any(scenario.many for scenario in scenarios):
            rounds.warm_up()
        rounds.progress.total = sum(map(rounds.steps, scenarios))
        for scenario in scenarios:
            if scenario.foreign:
                rounds.progress.say(f"Making {scenario.foreign:,} foreign Secrets")
                rounds.api_server.grow(scenario.size)
                rounds.api_server.add_foreign(scenario.foreign)
            rounds.run(scenario)
    except KeyboardInterrupt:
        return 130, "The run was interrupted."
    except (Refused, OSError) as error:
        return 1, f"The run ended early: {error}"
    return (1 if rounds.failures else 0), ""


def _choose(known: Sequence[Contender], names: set[str]) -> list[Contender]:
    """Those that are named, else all; each needs to be there."""
    unknown = names - {each.name for each in known}
    if unknown:
        every = ", ".join([*_SHAPES, *(each.name for each in known)])
        raise UsageError(f"There is no {' and no '.join(sorted(unknown))} to measure. There are: {every}.")
    chosen = [each for each in known if not names or each.name in names]
    if KUBERNETES_CORE in {each.name for each in chosen} and not util.find_spec("ansible_collections.kubernetes.core"):
        raise UsageError("There is no collection kubernetes.core for this Python. Run it as: make bench")
    return chosen


def _scenarios(options: argparse.Namespace) -> tuple[list[Scenario], list[str]]:
    """What to measure, and what there is to say about it."""
    remarks: list[str] = []
    sizes, many = options.sizes, options.tasks
    if many != _TASKS or not {500, 5000}.issubset(sizes):
        remarks.append("**Other sizes than those of the figures:** their verdicts are a hint, no more.")
    found = [
        Scenario("tasks", many, ("no-op",)),
        Scenario("loop", many, ("no-op",)),
        Scenario("one task", 1, ("no-op",)),
        *(Scenario("fan-out", size, CYCLE) for size in sorted(sizes)),
    ]
    if options.foreign:
        fit = min(_ETCD_BYTES, available_memory() // _BYTES_FOR_A_BYTE) // FOREIGN_BYTES
        if fit < options.foreign:
            remarks.append(
                f"{fit:,} foreign Secrets instead of {options.foreign:,}: more do not fit into this machine."
            )
        found.append(Scenario("foreign", max(sizes), ("no-op", "change one"), foreign=min(fit, options.foreign)))
    shapes = {name.replace("one-task", "one task") for name in options.only if name in _SHAPES}
    chosen = [scenario for scenario in found if not shapes or scenario.shape in shapes]
    if not chosen:
        raise UsageError("There is nothing to measure: foreign needs --foreign N as well.")
    return chosen, remarks


def _command() -> str:
    arguments = shlex.join(sys.argv[1:])
    return f"make bench BENCH_ARGS={shlex.quote(arguments)}" if arguments else "make bench"


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="5 tasks, 5 and 50 namespaces, 2 rounds, no report: minutes"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help=f"measure this scenario ({', '.join(_SHAPES)}) or contender alone; may be repeated",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="how often to measure each contender (5)")
    parser.add_argument("--sizes", type=_sizes, metavar="N,N", help="numbers of namespaces (50,500,5000)")
    parser.add_argument("--tasks", type=int, metavar="N", help="tasks of a play and items of a loop (50)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="requests at a time (8)")
    parser.add_argument(
        "--foreign",
        type=int,
        default=0,
        metavar="N",
        help="also measure among N foreign Secrets of 100 KB (0); 5000 want 4 GB of memory",
    )
    parser.add_argument(
        "--retry_budget",
        type=float,
        metavar="S",
        help="measure a contender once in a scenario where a round of it takes longer than S seconds (200; quick: 10)",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"the report ({_REPORT.relative_to(ROOT)})")
    return parser


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, with the defaults that depend on one another."""
    options = _parser().parse_args(arguments)
    options.sizes = options.sizes or (_QUICK_SIZES if options.quick else _SIZES)
    options.tasks = options.tasks or (_QUICK_TASKS if options.quick else _TASKS)
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.retry_budget = options.retry_budget or (10 if options.quick else 200)
    options.write = options.write or (None if options.quick or options.only else _REPORT)
    return options


if __name__ == "__main__":
    sys.exit(main())
