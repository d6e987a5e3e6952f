# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures and warnings of many namespaces are bounded, and each kind of them is among the first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.sentences import list_failures, list_warnings

NAMES = [f"team-{number:03}" for number in range(300)]
ELEVEN_TO_300 = ", ".join(NAMES[1:11]) + " and 289 more"
KINDS = [(name, f"Kind {number}.") for number, name in enumerate(NAMES)]


def immutable(namespace: str) -> tuple[str, str]:
    return namespace, f"Secret {namespace}/registry is immutable."


def quota(namespace: str) -> tuple[str, str]:
    return namespace, "The quota is exceeded."


@pytest.mark.parametrize(
    ("failures", "listed"),
    [
        pytest.param([], "", id="none"),
        pytest.param([immutable("a")], "a: Secret a/registry is immutable.", id="one"),
        pytest.param(
            [quota("b"), immutable("a")],
            "b: The quota is exceeded. a: Secret a/registry is immutable.",
            id="two kinds in their order",
        ),
        pytest.param(
            [immutable("a"), quota("b"), immutable("c"), quota("d"), quota("e")],
            "a: Secret a/registry is immutable. The same in c. b: The quota is exceeded. The same in d, e.",
            id="two kinds in several namespaces",
        ),
        pytest.param(
            [*map(immutable, NAMES[:-1]), quota(NAMES[-1])],
            f"team-000: Secret team-000/registry is immutable. The same in {ELEVEN_TO_300.replace('289', '288')}. "
            "team-299: The quota is exceeded.",
            id="one that differs behind 299 of a kind",
        ),
        pytest.param(KINDS[:10], " ".join(f"{name}: {text}" for name, text in KINDS[:10]), id="ten kinds"),
        pytest.param(
            [*KINDS[:12], ("x", "Kind 11."), ("y", "Kind 0.")],
            " ".join(
                [
                    "team-000: Kind 0. The same in y.",
                    *(f"{name}: {text}" for name, text in KINDS[1:10]),
                    "Failures not listed here: 3. The result lists them under secrets.",
                ]
            ),
            id="more than ten kinds, and all their namespaces are counted",
        ),
    ],
)
def test_failures(failures: Sequence[tuple[str, str]], listed: str) -> None:
    assert list_failures(failures, "secrets") == listed


@pytest.mark.parametrize(
    ("warnings", "listed"),
    [
        pytest.param([], [], id="none"),
        pytest.param(
            [quota("b"), immutable("a"), quota("a")],
            ["The quota is exceeded.", "Secret a/registry is immutable."],
            id="in their order, and each once",
        ),
        pytest.param(
            [immutable("a"), immutable("b"), immutable("b")],
            ["Secret a/registry is immutable. The same in b."],
            id="with the other namespaces where the namespace is named",
        ),
        pytest.param(
            [immutable(name) for name in NAMES],
            [f"Secret team-000/registry is immutable. The same in {ELEVEN_TO_300}."],
            id="many of a kind",
        ),
        pytest.param(KINDS[:10], [text for _name, text in KINDS[:10]], id="ten kinds"),
        pytest.param(
            [*KINDS[:12], ("x", "Kind 11.")],
            [*(text for _name, text in KINDS[:10]), "Warnings not listed here: 2."],
            id="more than ten kinds",
        ),
    ],
)
def test_warnings(warnings: Sequence[tuple[str, str]], listed: list[str]) -> None:
    assert list_warnings(warnings) == listed
