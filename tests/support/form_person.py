# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person who fills in a form: gives the answers of a test to its steps, without a terminal and without a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    Ask,
    ClusterPlace,
    Complain,
    FormFlow,
    FormOutcome,
    FormStep,
    Offer,
    Question,
    ReadClock,
    ReadCluster,
    Review,
    Run,
)

CLUSTER = ClusterPlace("https://api.example.com", "https://api.example.com (context prod)", ("edge", "hub"), "edge")
Modules = Callable[[Run], Mapping[str, Any]]


@dataclass
class FormPerson:
    """Answers the steps of one form, and remembers them.

    ``answers`` has for each field the answers in turn: what is left over was never asked for. A field without one is
    left empty. ``verdicts`` are what the person says to each review, and ``choices`` to each offer.
    """

    modules: Modules
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    cluster: ClusterPlace = CLUSTER
    now: float = 0
    steps: list[FormStep] = field(default_factory=list)
    known: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._left = {name: list(texts) for name, texts in self.answers.items()}

    def fill_in(self, form: FormFlow) -> FormOutcome:
        answer: Any = None
        while True:
            try:
                step = form.send(answer)
            except StopIteration as end:
                outcome: FormOutcome = end.value
                return outcome
            self.steps.append(step)
            answer = self._answer(step)

    def of(self, kind: type) -> list[Any]:
        """The steps of a kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    def written(self) -> list[Mapping[str, Any]]:
        """The options of all modules that wrote."""
        return [run.options for run in self.of(Run) if run.writes]

    def questions(self) -> dict[str, Question]:
        """The questions by the names of their fields."""
        return {question.field.name: question for ask in self.of(Ask) for question in ask.questions}

    def _answer(self, step: FormStep) -> Any:
        if isinstance(step, Ask):
            names = [question.field.name for question in step.questions]
            for question in step.questions:
                name = question.field.name
                if name not in self.known and (question.asked or self._left.get(name)):
                    self.known[name] = self._reply(question)
            return {name: self.known.get(name) for name in names}
        if isinstance(step, Run):
            return self.modules(step)
        if isinstance(step, ReadCluster):
            return self.cluster
        if isinstance(step, ReadClock):
            return self.now
        if isinstance(step, Review):
            return self._judge()
        if isinstance(step, Offer):
            return self.choices.pop(0) if self.choices else ""
        if isinstance(step, Complain):
            for name in step.fields:
                self.known.pop(name, None)
        return None

    def _reply(self, question: Question) -> str | None:
        """Answer as the interview does: empty means the default or nothing, and - clears."""
        given = self._left.get(question.field.name, [])
        text = given.pop(0) if given else ""
        if not text:
            assert not question.required, f"{question.field.name} is required"
            return question.default or None
        if text == "-" and question.clearable:
            return ""
        question.field.check(text, question.field.title)
        question.check(text, question.field.title)
        return text

    def _judge(self) -> str:
        verdict = self.verdicts.pop(0) if self.verdicts else "yes"
        if verdict in ("yes", "no"):
            return verdict
        del self.known[verdict]
        return "change"


def is_refused(question: Question, text: str) -> str:
    """Return why a question refuses an answer; empty if it does not."""
    try:
        question.field.check(text, question.field.title)
        question.check(text, question.field.title)
    except KeyringError as error:
        return str(error)
    return ""


def rows_of(review: Review) -> dict[str, str]:
    """The rows of a review, those without a title joined to the one above."""
    shown: dict[str, str] = {}
    title = ""
    for row_title, value in review.rows:
        title = row_title or title
        shown[title] = f"{shown[title]}; {value}" if not row_title else value
    return shown


def values_of(rows: Sequence[tuple[str, str]], title: str) -> list[str]:
    """The values of the rows with this title."""
    return [value for name, value in rows if name == title]
