# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark itself works: small, in this environment, so without what only its own has."""

from __future__ import annotations

import re

import pytest

from bench.__main__ import bench
from bench.samples import NOT_MEASURED
from bench.scenarios import SCENARIOS
from bench.sizes import Sizes

SMALL = Sizes(
    rounds=1,
    pairs=1,
    direct_tasks=2,
    module_tasks=2,
    clusters=2,
    namespaces=2,
    many=3,
    pods_in_a_namespace=1,
    entries=3,
    kubectl_again=True,
)


# The others are measured by the same functions with other tasks.
MEASURED = ("ssh", "clusters", "namespaces", "large", "images", "many")
# Parts of the figures that need more than that: the other scenarios, and what only the environment of `make bench` has.
WITHOUT = ("direct task", "start of a play", "ordinary module: CPU", "`kubernetes.core.k8s`")


def test_it_measures_and_reports(capfd: pytest.CaptureFixture[str]) -> None:
    code = bench(SMALL, MEASURED, None)
    report, progress = capfd.readouterr()
    assert code == 0, progress
    titles = re.findall(r"^(.+)\n~+$", report, re.MULTILINE)
    assert titles == [SCENARIOS[name].title for name in MEASURED]
    figures = report.partition("What must be reached")[2].partition("What was measured")[0]
    missing = [line for line in figures.splitlines() if NOT_MEASURED in line]
    assert [line for line in missing if not any(part in line for part in WITHOUT)] == []
    assert "at least 1 lines" in figures
