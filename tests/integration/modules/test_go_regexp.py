# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A regular expression is refused exactly if Go does not compile it. Nothing here needs a cluster."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.go_regexp import check_go_regexp
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.go_regexp.program import find_go_regexp
from support.samples.go_regexps import COMPILED, PIECES, REFUSED


def go_compiles(expressions: Sequence[str]) -> list[bool]:
    done = subprocess.run([find_go_regexp()], input=json.dumps(expressions), capture_output=True, text=True, check=True)
    return [not error for error in json.loads(done.stdout)]


def we_accept(expression: str) -> bool:
    try:
        check_go_regexp(expression, "url", "kargo")
    except KeyringError:
        return False
    return True


def test_go_compiles_the_examples_as_the_module_says() -> None:
    assert go_compiles(COMPILED) == [True] * len(COMPILED)
    assert go_compiles(list(REFUSED)) == [False] * len(REFUSED)


@pytest.mark.parametrize("seed", [1, 2])
def test_go_compiles_random_expressions_as_the_module_says(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    expressions = ["".join(dice.choices(PIECES, k=dice.randint(1, 12))) for _number in range(20_000)]
    verdicts = list(zip(expressions, go_compiles(expressions), map(we_accept, expressions), strict=True))
    assert [expression for expression, theirs, ours in verdicts if theirs != ours] == []
    assert sum(theirs for _expression, theirs, _ours in verdicts) > 1_000
