# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The numbers of rounds, tasks, namespaces and so on of one run.

    ``many`` is 0 where that is left out. ``kubectl_again`` says whether kubectl also gets the task with nothing to do,
    which takes it a minute.
    """

    rounds: int
    pairs: int
    direct_tasks: int
    module_tasks: int
    clusters: int
    namespaces: int
    many: int
    pods_in_a_namespace: int
    entries: int
    kubectl_again: bool


FULL = Sizes(
    rounds=5,
    pairs=20,
    direct_tasks=30,
    module_tasks=8,
    clusters=50,
    namespaces=500,
    many=20_000,
    pods_in_a_namespace=10,
    entries=19_000,
    kubectl_again=True,
)
QUICK = Sizes(
    rounds=2,
    pairs=5,
    direct_tasks=20,
    module_tasks=4,
    clusters=50,
    namespaces=500,
    many=0,
    pods_in_a_namespace=10,
    entries=19_000,
    kubectl_again=False,
)
