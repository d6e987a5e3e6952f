# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing secret leaves the tasks for the APIs of portals, which repeat in their answers what they get and have.

Searched are the same places as in test_no_leak.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

from support.canary import find_leaks
from support.leaks.portals import (
    ARRIVING,
    ARRIVING_IN_PROCESS,
    BOTH_WAYS,
    CANARIES,
    IN_PROCESS,
    LOGGED,
    TalkativePortals,
    build_portal_world,
    render_portal_case,
    talkative_portals,
)
from support.leaks.search import SYSTEM_LOG, SystemLog, differences, written
from support.leaks.suite import Case
from support.leaks.watch import watch
from support.leaks.world import World
from support.playbook import Playbook, Run, task


@pytest.fixture
def portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkativePortals]:
    with talkative_portals(tmp_path_factory.mktemp("portals")) as served:
        yield served


@pytest.fixture
def world(portals: TalkativePortals, playbook: Playbook) -> World:
    return build_portal_world(portals, playbook.directory / "inputs")


def run_cases(playbook: Playbook, world: World, cases: Sequence[Case], *arguments: str) -> Run:
    tasks = [{"name": case.name, **case.keywords, **task(case.module, **render_portal_case(case))} for case in cases]
    return playbook.run(tasks, *world.variables, *arguments, environment=watch(playbook.directory))


def check(
    cases: Sequence[Case],
    playbook: Playbook,
    run: Run,
    world: World,
    portals: TalkativePortals,
    arriving: Sequence[str],
) -> None:
    """Search everywhere for the secrets of the tasks and of the portals. What arrived shows that there were some."""
    leaks = find_leaks(written(playbook, run, world), [*world.canaries, *portals.canaries()])
    assert not leaks, "\n".join(leaks)
    wrong = list(differences(cases, run.results))
    assert not wrong, "\n".join(wrong)
    assert "\x1b" not in run.output
    assert list((playbook.directory / "tmp").iterdir()) == []
    got = portals.arrived()
    assert [name for name in arriving if not find_leaks({"": got}, [CANARIES[name]])] == []


def test_nothing_secret_leaves(playbook: Playbook, world: World, portals: TalkativePortals) -> None:
    run = run_cases(playbook, world, BOTH_WAYS, "-vvvvv", "--diff")

    check(BOTH_WAYS, playbook, run, world, portals, ARRIVING)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize("diff", [True, False], ids=["with-diff", "without-diff"])
def test_nothing_secret_leaves_whatever_a_portal_says(
    playbook: Playbook, world: World, portals: TalkativePortals, diff: bool
) -> None:
    cases = IN_PROCESS if diff else BOTH_WAYS
    run = run_cases(playbook, world, cases, "-vvvvv", *(["--diff"] if diff else []))

    check(cases, playbook, run, world, portals, ARRIVING_IN_PROCESS if diff else ARRIVING)


@pytest.fixture
def system_log() -> Iterator[SystemLog]:
    if os.geteuid() != 0 or SYSTEM_LOG.exists():
        pytest.skip(f"needs root on a machine without {SYSTEM_LOG}, such as a container, to take its place")
    log = SystemLog()
    yield log
    log.close()


@pytest.mark.parametrize("playbook", ["never"], indirect=True)
def test_the_system_log_gets_nothing(
    playbook: Playbook, world: World, portals: TalkativePortals, system_log: SystemLog
) -> None:
    cases = [case for case in BOTH_WAYS if case.name in LOGGED]
    assert len(cases) == len(LOGGED)

    run = run_cases(playbook, world, cases)

    assert list(differences(cases, run.results)) == []
    playbook.run([{"ansible.builtin.ping": {}}])
    assert b"Invoked with" in system_log.content(), "a module of Ansible is logged"
    leaks = find_leaks({"system log": system_log.content()}, [*world.canaries, *portals.canaries()])
    assert not leaks, "\n".join(leaks)
