# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on consumers has every format, and states what the tests in tests/oracles/ do."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.pull_formats import PULL_FORMATS
from consumer_page import COMPARED, GIT, NOT_READ, PAGE, PULL_SECRETS, READ_ONCE, TESTED, Reading, render_page
from environments import REQUIREMENTS
from support.git_proof_cases import NOT_CLONED
from support.oracles.airflow.program import PINS
from support.oracles.programs import PROGRAMS, pinned_version
from support.paths import ROOT

ORACLES = ROOT / "tests" / "oracles"


def test_the_page_is_current() -> None:
    page = PAGE.read_text()
    assert page == render_page(page), "make docs writes the page"


def test_every_format_has_one_row() -> None:
    """A new format fails here: write an oracle for it, or say in tools/consumer_page.py why there is none."""
    rows = [name for reading in (*TESTED, *READ_ONCE, *NOT_READ, *COMPARED) for name in reading.formats]
    assert sorted(rows) == sorted([*FORMATS, "custom"])
    assert {name for reading in PULL_SECRETS for name in reading.formats} == {*PULL_FORMATS}


BY_ORACLES = [reading for reading in (*TESTED, *PULL_SECRETS) if reading.oracle]


@pytest.mark.parametrize("reading", BY_ORACLES, ids=lambda reading: ", ".join(reading.formats))
def test_an_oracle_reads_the_formats_of_its_row(reading: Reading) -> None:
    test = (ORACLES / f"test_{reading.oracle}.py").read_text()
    assert [name for name in reading.formats if f'"{name}"' not in test] == []


@pytest.mark.parametrize("reading", BY_ORACLES, ids=lambda reading: ", ".join(reading.formats))
def test_the_page_names_the_version_that_is_built(reading: Reading) -> None:
    if reading.oracle in PROGRAMS:
        assert reading.version == pinned_version(reading.oracle, reading.pin)
    else:
        assert f"{reading.pin}=={reading.version} " in (REQUIREMENTS / PINS).read_text()


def test_git_clones_with_the_formats_of_its_rows() -> None:
    """tests/integration/modules/test_git_proof.py clones with every format that is not in NOT_CLONED."""
    assert {reading.reader for reading in NOT_READ} == {GIT}
    rows = {name for reading in NOT_READ for name in reading.formats}
    assert rows & {*NOT_CLONED} == set()
    assert {name for name in rows - {"custom"} if not FORMATS[name].is_for_git} == set()


def test_every_program_and_every_test_has_a_row() -> None:
    tests = {path.stem.removeprefix("test_") for path in ORACLES.glob("test_*.py")}
    assert tests == {*PROGRAMS, "airflow"} == {reading.oracle for reading in BY_ORACLES}
