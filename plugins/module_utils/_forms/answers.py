# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to questions: what a text means, and whether an earlier answer still holds."""

from __future__ import annotations

from dataclasses import field

from .._dataclasses import dataclass
from .._errors import KeyringError
from .steps import Check, Question

_CLEAR = "-"


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question as it was asked, and its answer."""

    question: Question
    answer: str | None = field(repr=False)

    def answers(self, question: Question) -> bool:
        """Return whether the answer holds for a question for the same field, which may be about another object."""
        if _meaning(self.question) != _meaning(question):
            return False
        try:
            _check(self.answer or "", question, question.field.title)
        except KeyringError:
            return False
        return True


def _meaning(question: Question) -> tuple[object, ...]:
    """Return what decides what an answer means, and whether it may be empty."""
    return question.field, question.default, question.keeps, question.required, question.clearable


def parse_answer(text: str, question: Question, label: str) -> str | None:
    """Return the answer that a text means. Raise KeyringError for one that the field does not accept."""
    asked = question.field
    is_mask = asked.masked and text.strip("*") == ""
    if not text or is_mask:
        if question.default:
            return question.default
        if not question.required:
            return None
        if text:
            raise KeyringError(
                f"{label} contains only asterisks, the mask that portals show.",
                "",
                "Enter the real value.",
                option=asked.name,
            )
        raise KeyringError(f"{label} is required.", "", "Enter a value.", option=asked.name)
    if text == _CLEAR and question.clearable:
        return ""
    if "\n" in text and not asked.lines:
        raise KeyringError(
            f"{label} has several lines.", "It must have one.", "Paste only the value.", option=asked.name
        )
    size, unit = (len(text.encode()), "bytes") if asked.lines else (len(text), "characters")
    if asked.longest and size > asked.longest:
        raise KeyringError(f"{label} has {size} {unit}.", f"At most {asked.longest} are allowed.", option=asked.name)
    if asked.choices and text not in asked.choices:
        raise KeyringError(f"{label} must be one of: {', '.join(asked.choices)}.", option=asked.name)
    _check(text, question, label)
    return text


def _check(text: str, question: Question, label: str) -> None:
    """Raise KeyringError unless both checks of a question accept an answer. An empty one is not checked."""
    checks: tuple[Check, ...] = (question.field.check, question.check) if text else ()
    for check in checks:
        check(text, label)
