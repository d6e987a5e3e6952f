# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interview that conducts a form: variables first, then questions at the terminal, and the modules it runs.

Without a terminal, what is missing or wrong is an error that names the variables, before anything is written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Literal, NoReturn

from ..module_utils._errors import KeyringError
from ..module_utils._forms.answers import AnsweredQuestion, parse_answer
from ..module_utils._forms.parts import FormFailed, is_outcome_unknown
from ..module_utils._forms.pasted import check_given, check_typed, is_probably_path
from ..module_utils._forms.steps import (
    Ask,
    ClusterPlace,
    Complain,
    Confirmation,
    FormField,
    FormFlow,
    FormOutcome,
    FormStep,
    Offer,
    Question,
    ReadClock,
    ReadCluster,
    Review,
    Run,
    Say,
    ShowRows,
    ShowTable,
)
from ..module_utils._forms.texts import describe_question, render_answer, render_rows, render_table
from .form_terminal import FormTerminal
from .form_variables import VariableSource, how_to_set, variable_label

_YES = ("yes", "y", "true")
_NO = ("no", "n", "false")
CONFIRM_FIELD = FormField("confirm", "Confirm", "yes or no", "yes", unquoted=True)
_VISIBLE = "What you pasted is visible on your screen. If it is a secret, clear the terminal."

# What is known about the cluster or the portal: no module has changed it, one has, or one may have.
Writing = Literal["none", "done", "unknown"]


class _BeginAgain(Exception):
    """A field has to be asked for again that the form had asked for before its last questions."""


class Interview:
    """Conducts one form."""

    def __init__(
        self,
        terminal: FormTerminal,
        source: VariableSource,
        run_module: Callable[[str, Mapping[str, Any]], dict[str, Any]],
        read_cluster: Callable[[], ClusterPlace],
    ) -> None:
        self._terminal = terminal
        self._source = source
        self._run_module = run_module
        self._read_cluster = read_cluster
        self._answers: dict[str, AnsweredQuestion] = {}
        # Fields whose variable was refused, or that a person wants to change: now only the person can answer.
        self._refused: set[str] = set()
        # The answers that a person is changing, and keeps with Enter.
        self._former: dict[str, str] = {}
        # In the order in which they were first asked for.
        self._fields: dict[str, FormField] = {}
        self._heading = ""
        self._asked_last: set[str] = set()
        self.has_asked = False
        self.writing: Writing = "none"

    def conduct(self, begin: Callable[[], FormFlow]) -> FormOutcome:
        """Return the outcome of a form. Raise KeyringError if it fails, and Stopped if the person gives up.

        ``begin`` begins the form again when a field has to be asked for that the form had asked for earlier. The other
        answers stay.
        """
        while True:
            with closing(begin()) as form:
                try:
                    return self._conduct_once(form)
                except _BeginAgain:
                    continue

    def _conduct_once(self, form: FormFlow) -> FormOutcome:
        answer: Any = None
        while True:
            try:
                step = form.send(answer)
            except StopIteration as end:
                outcome: FormOutcome = end.value
                return outcome
            answer = self._perform(step)

    def _perform(self, step: FormStep) -> Any:
        if isinstance(step, Ask):
            return self._ask_all(step)
        if isinstance(step, Run):
            return self._run(step)
        if isinstance(step, ReadCluster):
            return self._read_cluster()
        if isinstance(step, Say):
            for line in step.lines:
                self._terminal.say_wrapped(line)
            return None
        if isinstance(step, ShowRows):
            self._show(render_rows(step.rows, self._terminal.width))
            return None
        if isinstance(step, ShowTable):
            self._show(render_table(step.titles, step.rows, self._terminal.width))
            return None
        if isinstance(step, ReadClock):
            return time.time()
        if isinstance(step, Review):
            return self._review(step)
        if isinstance(step, Offer):
            return self._offer(step)
        return self._complain(step)

    def _show(self, lines: Iterable[str]) -> None:
        """Print stored values, apart from the questions before them."""
        self._terminal.say([*([""] if self.has_asked else []), *lines])

    def _run(self, step: Run) -> dict[str, Any]:
        if not step.writes:
            return self._run_module(step.module, step.options)
        before = self.writing
        self.writing = "unknown"  # while the module runs, and after one that may have written
        result = self._run_module(step.module, step.options)
        if before != "unknown" and not is_outcome_unknown(result):
            self.writing = "done" if result.get("changed") else before
        return result

    # Questions

    def _ask_all(self, step: Ask) -> dict[str, str | None]:
        self._heading = step.heading or self._heading
        self._asked_last = {question.field.name for question in step.questions}
        self._drop_answers_to_others(step.questions)
        faults, missing = self._take_variables(step.questions)
        if (faults or missing) and not self._terminal.is_interactive():
            if faults or any(question.required for question in missing):
                later_faults, later_missing = self._take_variables(step.later)
                _fail_unattended([*faults, *later_faults], [*missing, *later_missing])
            for question in missing:
                self._keep_answer(question, question.default or None)
        elif faults or missing:
            for fault in faults:
                self._say_fault(str(fault))
                self._refused.add(CONFIRM_FIELD.name)
            for question in step.questions:
                name = question.field.name
                if name not in self._answers and (question.asked or name in self._refused):
                    self._keep_answer(question, self._ask_one(question))
                    if question.field.identifies:  # the variable confirms something else
                        self._refused.add(CONFIRM_FIELD.name)
        answers: dict[str, str | None] = {}
        for question in step.questions:
            given = self._answers.get(question.field.name)
            answers[question.field.name] = given.answer if given else None
        is_empty = all(answer is None for answer in answers.values())
        if step.needs_one and is_empty and not self._terminal.is_interactive():
            raise _nothing_set(answers)
        return answers

    def _keep_answer(self, question: Question, answer: str | None) -> None:
        self._answers[question.field.name] = AnsweredQuestion(question, answer)

    def _drop_answers_to_others(self, questions: Iterable[Question]) -> None:
        """Drop earlier answers that were given to other questions for the same fields."""
        for question in questions:
            given = self._answers.get(question.field.name)
            if given and not given.answers(question):
                del self._answers[question.field.name]

    def _take_variables(self, questions: Sequence[Question]) -> tuple[list[KeyringError], list[Question]]:
        """Answer questions with their variables. Return the faults of variables, and the questions without one."""
        faults: list[KeyringError] = []
        missing: list[Question] = []
        for question in questions:
            field = question.field
            self._fields[field.name] = field
            if field.name in self._answers:
                continue
            try:
                is_answered = self._take_variable(question)
            except KeyringError as error:
                faults.append(error)
                self._refused.add(field.name)
                continue
            if not is_answered and question.asked:
                missing.append(question)
        return faults, missing

    def _take_variable(self, question: Question) -> bool:
        """Answer a question with its variable, and return whether it has one."""
        field = question.field
        if field.name in self._refused:
            return False
        text = self._source.find(field)
        if text is None:
            return False
        label = variable_label(field)
        if not text and field.identifies and question.default:
            raise KeyringError(
                f"{label} is empty.",
                "",
                f"Set a value, or do not set it: then it is {question.default}.",
                option=field.name,
            )
        check_given(text, label, field.name, lines=field.lines)
        if field.lines:
            text = self._read_path(text, field, label)
        self._keep_answer(question, parse_answer(text, question, label))
        return True

    def _ask_one(self, question: Question) -> str | None:
        """Ask until the answer is valid, saying each time what is wrong."""
        field = question.field
        former = self._former.pop(field.name, "")
        self._say_heading()
        for note in question.notes:
            self._terminal.say_wrapped(note)
        prompt = describe_question(keep_former(question, former) if former else question)
        if field.choices:
            prompt += f". Type one of: {', '.join(field.choices)}"
        if field.lines:
            prompt += ". Paste it, or type the path of a file. It is not shown"
        elif field.masked:
            prompt += ". It is not shown"
        while True:
            text = self._terminal.ask(prompt, private=field.masked, lines=field.lines)
            self.has_asked = True
            try:
                check_typed(text, field.title, lines=field.lines)
                if field.lines:
                    text = self._read_path(text, field, field.title)
                answer = former if former and not text else parse_answer(text, question, field.title)
            except KeyringError as error:
                self._say_fault(str(error))
                if "\n" in text and not field.masked:
                    self._terminal.say_wrapped(_VISIBLE)
                prompt = f"{field.title}, again:"
                continue
            self._say_answer(question, answer)
            return answer

    def _read_path(self, text: str, field: FormField, label: str) -> str:
        """Return the content of a file if ``text`` is its path, else ``text``."""
        if "\n" in text or not text or not is_probably_path(text):
            return text
        if self._source.is_file(text):
            return self._source.read_file(label, text).strip()
        raise KeyringError(
            f"{label} looks like the path of a file, but there is no such file.",
            "",
            "Give an absolute path, a path that begins with ~/, or one relative to the current directory. If you "
            "pasted the value, it is incomplete: paste all lines.",
            option=field.name,
        )

    def _say_heading(self) -> None:
        if self._heading:
            if self.has_asked:
                self._terminal.say(("",))
            self._terminal.say_wrapped(self._heading)
            self._heading = ""

    def _say_answer(self, question: Question, answer: str | None) -> None:
        """Repeat an answer, which Ansible has removed from the screen."""
        self._terminal.say_wrapped(f"> {render_answer(question, answer)}", logged=False)

    def _say_fault(self, fault: str) -> None:
        self._terminal.say_wrapped(f"Not accepted. {fault}")

    # Confirmation

    def _review(self, step: Review) -> Confirmation:
        confirmation = self._find_confirmation()
        if confirmation:
            return confirmation
        if not self.has_asked and not step.confirm:
            return "yes"
        if not self._terminal.is_interactive():
            raise KeyringError(
                f"{step.question}? confirm ({CONFIRM_FIELD.title}) is missing, and no one can be asked for it.",
                "",
                "Set it with -e confirm=yes. Nothing was changed.",
                option="confirm",
            )
        self._terminal.say(("", step.title))
        self._terminal.say(render_rows(step.rows, self._terminal.width), logged=False)
        for note in step.notes:
            self._terminal.say_wrapped(note)
        return self._ask_verdict(step)

    def _find_confirmation(self) -> Confirmation | None:
        """Return what the variable confirm says, or None. A person who may be asked is, for a wrong one."""
        if CONFIRM_FIELD.name in self._refused:
            return None
        try:
            given = self._source.find(CONFIRM_FIELD)
            return _parse_confirmation(given) if given else None
        except KeyringError as error:
            if not self._terminal.is_interactive():
                raise
            self._refused.add(CONFIRM_FIELD.name)
            self.has_asked = True
            self._say_fault(str(error))
            return None

    def _ask_verdict(self, step: Review) -> Confirmation:
        changeable = {name: field for name, field in self._fields.items() if step.changeable and name in self._answers}
        how = "Type yes, no, or the name of a field to change it." if changeable else "Type yes or no."
        while True:
            typed = self._terminal.ask(f"{step.question}? {how}").casefold()
            self.has_asked = True
            if typed in _YES or typed in _NO:
                self._terminal.say((f"> {typed}",))
                return "yes" if typed in _YES else "no"
            name = _find_field(typed, changeable)
            if name:
                self._remember(name)
                self._drop(name)
                if name not in self._asked_last:
                    raise _BeginAgain
                return "change"
            titles = ", ".join(field.title for field in changeable.values())
            self._say_fault(f"Answer yes or no, or type one of: {titles}." if titles else "Answer yes or no.")

    def _offer(self, step: Offer) -> str:
        if not self.has_asked:
            return ""
        words = {word: word for word in step.words}
        if len(words) == 1:
            words.update(dict.fromkeys(_YES, step.words[0]))
        while True:
            typed = self._terminal.ask(
                f"{step.question} Type {', '.join(step.words)}, or press Enter to {step.otherwise}."
            )
            if not typed or typed.casefold() in words:
                return words.get(typed.casefold(), "")
            self._say_fault(f"Type {' or '.join(step.words)}, or press Enter to {step.otherwise}.")

    # Faults

    def _complain(self, step: Complain) -> None:
        """Print what is wrong; without a person who was asked anything, fail with it."""
        for name in step.fields[:-1]:
            self._remember(name)
        for name in step.fields:
            self._drop(name)
        if not self._terminal.is_interactive():
            raise FormFailed({"msg": step.message, "failure": step.failure, **step.facts})
        self.has_asked = True
        self._refused.add(CONFIRM_FIELD.name)
        message = self._name_fields(step.message)
        if step.fields:
            self._say_fault(message)
        else:
            self._terminal.say_wrapped(message)
        if not self._asked_last.issuperset(step.fields):
            raise _BeginAgain

    def _name_fields(self, message: str) -> str:
        """Return a message with the titles of fields in place of the names of their variables."""
        for name in sorted(self._fields, key=len, reverse=True):
            if "_" in name:
                message = re.sub(rf"\b{name}\b(?: \(.*?\))?", self._fields[name].title, message)
        return message

    def _remember(self, name: str) -> None:
        """Let a person keep the present answer with Enter when the field is asked for again."""
        given = self._answers.get(name)
        if given and given.answer:
            self._former[name] = given.answer

    def _drop(self, name: str) -> None:
        """Drop an answer. With one that identifies an object, drop the secret answers that were given for the object.

        Variables stay.
        """
        self._answers.pop(name, None)
        self._refused.add(name)
        names = list(self._fields)
        if name in self._fields and self._fields[name].identifies:
            for later in names[names.index(name) + 1 :]:
                if self._fields[later].masked:
                    self._answers.pop(later, None)


def keep_former(question: Question, former: str) -> Question:
    """Return a question that keeps a former answer with Enter."""
    shown = "what you typed" if question.field.masked else former
    return replace(question, default="", keeps=shown)


def _fail_unattended(faults: Sequence[KeyringError], missing: Sequence[Question]) -> NoReturn:
    """Raise KeyringError for all faults and for what is required and missing."""
    needed = [question for question in missing if question.required]
    if len(faults) == 1 and not needed:
        raise faults[0]
    sentences = [str(fault) for fault in faults]
    if needed:
        sentences.append("These fields are missing, and no one can be asked for them.")
        sentences += [f"{variable_label(question.field)}: {how_to_set(question.field)}." for question in needed]
    raise KeyringError("\n".join(sentences), option=needed[0].field.name if needed and not faults else None)


def _find_field(typed: str, fields: Mapping[str, FormField]) -> str | None:
    """Return the name of the field that was typed: its name, its title, or the beginning of only one title."""
    titles = {name: field.title.casefold() for name, field in fields.items()}
    exact = [name for name, title in titles.items() if typed in (name.casefold(), title)]
    begun = [name for name, title in titles.items() if typed and title.startswith(typed)]
    if exact:
        return exact[0]
    return begun[0] if len(begun) == 1 else None


def _nothing_set(fields: Iterable[str]) -> KeyringError:
    return KeyringError(
        "There is nothing to change, and no one can be asked.",
        "",
        f"Set at least one of: {', '.join(fields)}.",
        option=next(iter(fields)),
    )


def _parse_confirmation(text: str) -> Confirmation:
    if text.casefold() in _YES:
        return "yes"
    if text.casefold() in _NO:
        return "no"
    raise KeyringError("confirm (Confirm) must be yes or no.", option="confirm")
