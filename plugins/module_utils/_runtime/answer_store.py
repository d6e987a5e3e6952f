# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of other servers that several tasks share, so that a wrong password is sent once and not by each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

# For how many seconds an answer counts for other tasks of the same run: one that stays, and one that may change.
SECONDS_SETTLED = 600
SECONDS_IN_DOUBT = 20
# What another task may need beside the time limit of its question.
SECONDS_BESIDE = 5


class AnswerStore(Protocol):
    """A store of answers by question. A question may hold secrets: it is never kept as it is. An answer holds none."""

    def find(self, question: str) -> Mapping[str, Any] | None:
        """Return the answer to a question that was asked before, or None."""

    def claim(self, question: str, seconds: float) -> Mapping[str, Any] | None:
        """Return the answer to a question, or None if the caller has to ask it.

        Wait for at most so many seconds where another task is asking it.
        """

    def put(self, question: str, answer: Mapping[str, Any], seconds: float) -> None:
        """Keep the answer to a question for so many seconds."""
