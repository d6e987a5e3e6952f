# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing secret leaves the roles for portals: neither what their loops are over, nor variables that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from support.canary import find_leaks
from support.leaks.portal_roles import ARRIVING_OF_ROLES, ROLE_CASES, ROLE_CASES_BOTH_WAYS
from support.leaks.portals import CANARIES, TalkativePortals, build_portal_world, talkative_portals
from support.leaks.search import written
from support.leaks.suite import Case
from support.leaks.watch import watch
from support.leaks.world import World
from support.playbook import Playbook, role


@pytest.fixture
def portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkativePortals]:
    with talkative_portals(tmp_path_factory.mktemp("portals")) as served:
        yield served


@pytest.fixture
def world(portals: TalkativePortals, playbook: Playbook) -> World:
    return build_portal_world(portals, playbook.directory / "inputs")


def run_roles(playbook: Playbook, world: World, portals: TalkativePortals, cases: Sequence[Case]) -> None:
    results = {"sap_ai_core": "sap_ai_core_docker", "cdnetworks_ecp": "cdnetworks_ecp_secret"}
    tasks = [{"name": case.name, **role(case.module, case.arguments, result=results[case.module])} for case in cases]

    run = playbook.run(tasks, *world.variables, "-vvvvv", "--diff", environment=watch(playbook.directory))

    leaks = find_leaks(written(playbook, run, world), [*world.canaries, *portals.canaries()])
    assert not leaks, "\n".join(leaks)
    failures = [result["msg"].get("failure", "") for result in run.results]
    assert [
        f"{case.name}: {failure!r}; expected {case.message!r}"
        for case, failure in zip(cases, failures, strict=True)
        if case.message not in failure
    ] == []
    assert [case.name for case, failure in zip(cases, failures, strict=True) if failure and not case.message] == []
    got = portals.arrived()
    assert [name for name in ARRIVING_OF_ROLES if not find_leaks({"": got}, [CANARIES[name]])] == []


def test_nothing_secret_leaves_roles(playbook: Playbook, world: World, portals: TalkativePortals) -> None:
    run_roles(playbook, world, portals, ROLE_CASES_BOTH_WAYS)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nothing_secret_leaves_mistyped_roles(playbook: Playbook, world: World, portals: TalkativePortals) -> None:
    run_roles(playbook, world, portals, ROLE_CASES)
