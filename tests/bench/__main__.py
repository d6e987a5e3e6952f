# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure this collection beside the least that Ansible allows and beside what else does its work.

See docs/docsite/rst/benchmarks.rst.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from bench.api_server import ApiServer
from bench.costs import RunFailed
from bench.machine import describe_machine, describe_versions
from bench.progress import Progress
from bench.raw_http import Refused
from bench.report import Circumstances, render_report
from bench.runner import Runner
from bench.scenarios import SCENARIOS
from bench.sizes import FULL, QUICK, Sizes
from support.control_plane import ControlPlane, ControlPlaneError
from support.paths import ROOT

_REPORT = ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"


def main() -> int:
    options = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    page = None if options.quick or options.only else _REPORT
    try:
        return bench(QUICK if options.quick else FULL, options.only or list(SCENARIOS), page)
    except ControlPlaneError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def bench(sizes: Sizes, scenarios: Sequence[str], page: Path | None) -> int:
    """Measure, print the report and write it to the page. Return the exit code."""
    progress = Progress()
    load = f"{os.getloadavg()[0]:.1f}"
    with (
        ControlPlane() as control_plane,
        # Short, and not below another: Ansible makes sockets in it, whose path may have 108 bytes.
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        api_server = ApiServer(control_plane, folder / "identity")
        versions = describe_versions(api_server.version())
        runner = Runner(api_server, folder, sizes, progress)
        failures, interrupted = _measure(runner, scenarios)
        changed = describe_versions(api_server.version()) != versions
    remarks = [f"Load of the machine before the run: {load}, at its end: {os.getloadavg()[0]:.1f}"]
    if changed:
        remarks.append("**The checkout changed during the run**, so that the figures are not those of one version.")
    if interrupted:
        remarks.append("**The run was interrupted.**")
    circumstances = Circumstances(
        date=datetime.now(timezone.utc).date().isoformat(),
        command=_command(),
        machine=describe_machine(),
        versions=versions,
        failures=failures,
        remarks=remarks,
    )
    report = render_report(runner.samples, sizes, circumstances)
    print(report, flush=True)
    if interrupted:
        return 130
    if page:
        page.write_text(report, encoding="utf-8")
        progress.say(f"Written: {page}")
    return 1 if failures else 0


def _measure(runner: Runner, scenarios: Sequence[str]) -> tuple[dict[str, str], bool]:
    """Return why scenarios failed, by name, and whether the run was interrupted; what was measured is not lost."""
    failures: dict[str, str] = {}
    for name in scenarios:
        try:
            SCENARIOS[name].measure(runner)
        except (RunFailed, Refused, OSError) as error:
            failures[name] = str(error)
            runner.progress.end(f"FAILED: {error}")
        except KeyboardInterrupt:
            return failures, True
    return failures, False


def _command() -> str:
    arguments = shlex.join(sys.argv[1:])
    return f"make bench BENCH_ARGS={shlex.quote(arguments)}" if arguments else "make bench"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer rounds, and without 20,000 namespaces: below five minutes; writes no page",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=list(SCENARIOS),
        metavar="SCENARIO",
        help=f"measure this alone ({', '.join(SCENARIOS)}) and write no page; may be repeated",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
