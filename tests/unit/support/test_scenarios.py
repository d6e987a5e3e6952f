# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios run in both ways of execution, or in the direct one alone."""

from __future__ import annotations

from support.scenarios import WRITES, Scenario, Step, Subject, chosen, shared_scenarios

SUBJECT = Subject(
    module="image_pull_secret",
    type="kubernetes.io/dockerconfigjson",
    given={},
    rotated={},
    kept={},
    stored={},
    changed={},
    linkable={},
    link_list="imagePullSecrets",
)


def test_each_operation_runs_in_both_ways() -> None:
    """A module ends in one of them, and each has a result of its own form."""
    both = chosen(shared_scenarios(SUBJECT), both_ways=True)

    assert {step.operation for scenario in both.values() for step in scenario.steps} == set(WRITES)


def test_each_scenario_runs() -> None:
    scenarios = {"a": Scenario((Step("created", {}),), both_ways=True), "b": Scenario((Step("created", {}),))}

    assert [list(chosen(scenarios, both_ways=both)) for both in (True, False)] == [["a"], ["b"]]
