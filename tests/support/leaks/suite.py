# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a search for secrets is made of: tasks, and what has to be there for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.canary import Canary


class Vaulted(str):
    """A text that is encrypted already, and written to a file of variables as a ``!vault`` value."""


class Unsafe(str):
    """A text that is no template, whatever is in it, and written to a file of variables as an ``!unsafe`` value."""


@dataclass(frozen=True)
class Case:
    """A task: the Secret that it is about, what it is given and does, and for a failure a part of its message.

    ``shown`` are texts that its result must have: what is public is not to be hidden.
    """

    name: str
    secret: str
    operation: str
    arguments: Mapping[str, Any]
    message: str = ""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    module: str = ""
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """The cases of one module and those that go with it.

    ``variables`` are what the cases name, ``files`` lie in the folder ``inputs``, ``existing`` are Secrets that are
    there before. ``arriving`` are canaries that are in Secrets afterwards, ``logged`` the cases that the system's log
    is searched for, ``without_diff`` those that run once more without it. ``in_process`` are cases that only run in
    Ansible's own process, as a process of their own makes no difference to them.
    """

    module: str
    canaries: Mapping[str, Canary] = field(repr=False)
    variables: Mapping[str, Any] = field(repr=False)
    files: Mapping[str, str] = field(repr=False)
    existing: Mapping[str, Mapping[str, Any]] = field(repr=False)
    cases: Sequence[Case]
    without_diff: Sequence[Case]
    arriving: Sequence[str]
    logged: Sequence[str]
    in_process: Sequence[Case] = ()
