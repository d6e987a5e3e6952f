# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person who fills in a form of a portal: types into the real interview, without a terminal and a portal."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ansible.utils.display import Display

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    Ask,
    ClusterPlace,
    FormFlow,
    FormOutcome,
    FormStep,
    Question,
    Review,
    Run,
    Say,
    ShowRows,
    ShowTable,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.texts import render_rows, render_table
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_terminal import FormTerminal
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_variables import VariableSource
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.interview import Interview

StepType = TypeVar("StepType")


class ScriptedTerminal(FormTerminal):
    """A terminal at which ``reply`` answers prompts. What is printed is dropped: tests look at the steps."""

    def __init__(self, reply: Callable[[str], str], *, interactive: bool) -> None:
        super().__init__(Display(), may_ask=interactive, columns=60)
        self._reply = reply

    def _has_terminal(self) -> bool:
        return True

    def say(self, lines: Iterable[str], *, logged: bool = True) -> None:
        """Drop what is printed."""

    def ask(self, prompt: str, *, private: bool = False, lines: bool = False) -> str:
        """Return the reply to a prompt."""
        return self._reply(prompt)


@dataclass
class PortalPerson:
    """Fills in forms, and remembers their steps.

    ``answers`` has what is typed for each field in turn, None for Enter alone, ``verdicts`` what is typed at reviews,
    of which one may be a field to change, and ``choices`` those at offers. ``variables`` are set before. Without
    ``interactive``, no one can be asked. ``answer_module`` returns the result of a module.
    """

    answer_module: Callable[[Run], Mapping[str, Any]]
    answers: Mapping[str, list[str | None]]
    verdicts: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    variables: Mapping[str, Any] = field(default_factory=dict)
    interactive: bool = True
    steps: list[FormStep] = field(default_factory=list)
    prompted: list[str] = field(default_factory=list)

    def fill_in(self, form: Callable[[bool], FormFlow], *, check_mode: bool = False) -> FormOutcome:
        """Return the outcome of a form. Raise KeyringError if it ends with an error."""
        terminal = ScriptedTerminal(self._type, interactive=self.interactive)
        source = VariableSource(self.variables, {}, _read_no_file, lambda path: False)
        interview = Interview(terminal, source, self._run_module, _read_no_cluster)
        return interview.conduct(lambda: self._record(form(check_mode)))

    def steps_of(self, kind: type[StepType]) -> list[StepType]:
        """Return the steps of one kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    def asked(self) -> list[str]:
        """Return the names of all fields that were asked for."""
        return list(dict.fromkeys(self.prompted))

    def written(self) -> list[dict[str, Any]]:
        """Return the options of all modules that wrote."""
        return [dict(run.options) for run in self.steps_of(Run) if run.writes]

    def said(self) -> str:
        """Return all printed lines, as on a terminal of 60 columns."""
        lines: list[str] = []
        for step in self.steps:
            if isinstance(step, Say):
                lines += step.lines
            elif isinstance(step, ShowRows):
                lines += render_rows(step.rows, 60)
            elif isinstance(step, ShowTable):
                lines += render_table(step.titles, step.rows, 60)
        return "\n".join(lines)

    def _record(self, form: FormFlow) -> Generator[FormStep, Any, FormOutcome]:
        answer: Any = None
        while True:
            try:
                step = form.send(answer)
            except StopIteration as end:
                outcome: FormOutcome = end.value
                return outcome
            self.steps.append(step)
            answer = yield step

    def _run_module(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        step = self.steps[-1]
        assert isinstance(step, Run)
        return dict(self.answer_module(step))

    def _type(self, prompt: str) -> str:
        step = self.steps[-1]
        if isinstance(step, Review):
            return self.verdicts.pop(0)
        if not isinstance(step, Ask):
            return self.choices.pop(0)
        question = _question_of(prompt, step.questions)
        name = question.field.name
        self.prompted.append(name)
        given = self.answers.get(name)
        assert given or not question.required, f"{name} is required, and there is no answer left"
        return (given.pop(0) if given else None) or ""


def _question_of(prompt: str, questions: Iterable[Question]) -> Question:
    """Return the question of a prompt, which begins with the title of the field."""
    found = [question for question in questions if prompt.startswith(question.field.title)]
    return max(found, key=lambda question: len(question.field.title))


def _read_no_file(option: str, path: str) -> str:
    raise KeyringError(f"{option}: there is no file {path}.")


def _read_no_cluster() -> ClusterPlace:
    raise AssertionError("a portal has no cluster")
