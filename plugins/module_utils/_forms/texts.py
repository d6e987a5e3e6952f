# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of forms: rows, tables and sentences that fit the terminal. What others wrote is made printable."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import KeyringError
from .._printable import make_line
from .steps import HIDDEN_ANSWER, Complain, FormAnswers, Question, Rows
from .task_advice import without_task_advice

# Lists are cut after this number of items, with a note of how many are left.
MOST_LISTED = 20
_NOT_GIVEN = "(none)"
_GAP = "  "


def one_line(value: object, longest: int = 200) -> str:
    """Return a value as one printable line; ``(none)`` for None and for an empty string."""
    if value is None or value == "":
        return _NOT_GIVEN
    return make_line(" ".join(str(value).split()), longest)


def day_of(time: str | None) -> str:
    """Return the day of a time as servers write it, or an empty string for an unknown one."""
    return (time or "").partition("T")[0]


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return a sentence in lines of at most ``width`` characters. Words that are longer, such as URLs, stay whole."""
    return textwrap.wrap(
        text, max(width, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]


def render_rows(rows: Rows, width: int) -> list[str]:
    """Return rows as lines: titles in one column, and values beside them, or below where they are too long."""
    column = max((len(title) for title, _value in rows), default=0) + len(_GAP)
    lines = []
    for title, value in rows:
        text = f"{_GAP}{title.ljust(column)}{value}"
        lines += wrap(text, width, " " * (column + len(_GAP)))
    return lines


def render_table(titles: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a table without empty columns; where it is wider than the terminal, each item as rows of its own."""
    columns = [index for index in range(len(titles)) if any(row[index] for row in rows)]
    kept = [[one_line(row[index], 60) if row[index] else "" for index in columns] for row in rows]
    heads = [titles[index] for index in columns]
    widths = [max(len(line[index]) for line in [heads, *kept]) for index in range(len(columns))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        return [_GAP.join(_pad(line, widths)).rstrip() for line in [heads, *kept]]
    lines: list[str] = []
    for row in kept:
        named = [(head.capitalize(), value) for head, value in zip(heads, row, strict=True) if value]
        lines += [*([""] if lines else []), *render_rows(named, width)]
    return lines


def _pad(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    return (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def join_names(names: Sequence[str], most: int = MOST_LISTED) -> str:
    """Return names as a phrase of at most ``most`` names and a note of how many more there are."""
    shown = ", ".join(one_line(name, 100) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def answer_rows(questions: Iterable[Question], answers: FormAnswers) -> list[tuple[str, str]]:
    """Return the answers as rows for a review. Masked ones are hidden."""
    return [(question.field.title, render_answer(question, answers.get(question.field.name))) for question in questions]


def render_answer(question: Question, answer: str | None) -> str:
    """Return an answer as one line. One that is masked is hidden."""
    if answer is None:
        return f"{question.keeps} (kept)" if question.keeps else _NOT_GIVEN
    if question.field.masked:
        return HIDDEN_ANSWER
    return one_line(answer) if answer else "(cleared)"


def describe_question(question: Question) -> str:
    """Return a question as one sentence: title, what an empty answer means, description and example."""
    field = question.field
    marks = []
    if question.default:
        marks.append(f"press Enter for {one_line(question.default, 100)}")
    elif question.keeps:
        marks.append(f"press Enter to keep {one_line(question.keeps, 100)}")
    elif question.optional:
        marks.append("optional")
    else:
        marks.append("required")
    if question.clearable:
        marks.append("- clears it")
    example = f", for example {field.example}" if field.example else ""
    return f"{field.title} ({'; '.join(marks)}): {field.about}{example}"


def complain_about(
    result: Mapping[str, Any], fields: Mapping[str, str], blamed_fields: tuple[str, ...] = ()
) -> Complain:
    """Return the complaint about a module that failed.

    ``fields`` are the fields of the form by the options of the module, such as ``registries[0].server``. Messages name
    the field instead of the option. ``blamed_fields`` are those of a failure without an option.
    """
    failure = result.get("failure") or {}
    message = without_task_advice(str(result.get("msg", "The module failed without a message.")))
    blamed = failure.get("option")
    field = _field_of(str(blamed or ""), fields)
    for option, name in fields.items():
        if not option.isalpha():
            message = re.sub(rf"(?<![\w.\]]){re.escape(option)}(?![\w\[])", name, message)
        elif option == blamed:  # elsewhere it may be a word of the sentence, such as "name"
            message = re.sub(rf"\A{option}\b", name, message)
    facts = {key: result[key] for key in ("cluster", "portal", "request_id") if key in result}
    return Complain(message, (field,) if field else blamed_fields, {**failure, "option": field or blamed}, facts)


def _field_of(option: str, fields: Mapping[str, str]) -> str | None:
    """Return the field of an option, or of an option that contains it, such as ``service_key`` of its ``clientid``."""
    around = (name for path, name in fields.items() if option.startswith((f"{path}.", f"{path}[")))
    return fields.get(option) or next(around, None)


def complain(error: KeyringError, *fields: str) -> Complain:
    """Return the complaint about answers to these fields."""
    return Complain(str(error), fields, dict(error.describe()))
