# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a form: what it asks, reads, shows and writes, as data.

A form is a generator. It yields steps, and gets the answer of each from the interview that conducts it, which alone
touches the terminal and runs modules. So a form can be read from top to bottom, and be tested by answering it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal, TypeAlias

from .._dataclasses import dataclass

# Raises KeyringError unless a value is valid; the second argument is the name of the field in the message.
Check = Callable[[str, str], None]

# The answers by the names of the fields: None where nothing was entered, and "" where the stored value is cleared.
FormAnswers = Mapping[str, "str | None"]

# Titles and values, to be printed one below the other.
Rows = Sequence[tuple[str, str]]

# The title of a masked value in rows.
HIDDEN_ANSWER = "(hidden)"


def accept(value: str, label: str) -> None:
    """Accept every value."""


@dataclass(frozen=True)
class FormField:
    """A field of a form. ``name`` is the variable that sets it without a question.

    ``about`` is a phrase for the question, and ``example`` a value. A ``masked`` field is typed unseen, and may also
    come from the file that the variable ``<name>_file`` names, or from the environment variable ``KEYRING_<NAME>``. A
    field of several ``lines`` is masked as well, and takes the path of a file. ``longest`` is the maximum number of
    characters, or of bytes where it has several lines. ``choices`` are the only values. ``unquoted`` fields may be set
    to a number or boolean. A field that ``identifies`` selects the object that the form reads or writes. If it changes,
    secret answers after it are dropped.
    """

    name: str
    title: str
    about: str
    example: str = ""
    check: Check = accept
    masked: bool = False
    lines: bool = False
    longest: int = 0
    choices: tuple[str, ...] = ()
    unquoted: bool = False
    identifies: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A field, and what an empty answer means: the ``default``, or what it ``keeps``, or nothing where ``optional``.

    A question with none of these is required. ``keeps`` describes the stored value, for example ``acme``. With
    ``clearable``, the answer ``-`` clears the stored value. ``check`` is for this question alone, and follows that of
    the field. ``notes`` are full sentences to print before the question. One that is not ``asked`` is answered by its
    variable alone.
    """

    field: FormField
    default: str = ""
    keeps: str = ""
    optional: bool = False
    clearable: bool = False
    check: Check = accept
    notes: tuple[str, ...] = ()
    asked: bool = True

    @property
    def required(self) -> bool:
        """Return whether an empty answer is refused."""
        return not (self.default or self.keeps or self.optional)


@dataclass(frozen=True)
class Ask:
    """Ask these questions, except those that have been answered. The answer is a mapping of FormAnswers.

    ``heading`` is printed above the first question that is really asked. ``later`` are questions of a later step: where
    no one can be asked and these fail, what is missing or wrong of those is in the same error. With ``needs_one``, an
    error says there that at least one of the fields must be set.
    """

    questions: tuple[Question, ...]
    heading: str = ""
    later: tuple[Question, ...] = ()
    needs_one: bool = False


@dataclass(frozen=True)
class Run:
    """Run a module of this collection. The answer is its result, with ``failed`` if it failed.

    ``writes`` is false for a module that only reads. Options that are None are left out.
    """

    module: str
    options: Mapping[str, Any] = field(repr=False)
    writes: bool = False


@dataclass(frozen=True)
class ReadCluster:
    """Read the cluster: its address, its namespaces and that of the context. The answer is a ClusterPlace."""


@dataclass(frozen=True)
class ClusterPlace:
    """A cluster: its server, the title for a review, its namespaces or None if this identity may not list them."""

    server: str
    title: str
    namespaces: tuple[str, ...] | None
    namespace: str | None


@dataclass(frozen=True)
class Say:
    """Print these lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class ShowRows:
    """Print stored values with their titles, in the width of the terminal."""

    rows: Rows


@dataclass(frozen=True)
class ShowTable:
    """Print stored items as a table, or, where the terminal is too narrow, as rows."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ReadClock:
    """Read the clock. The answer is the number of seconds since 1970."""


@dataclass(frozen=True)
class Review:
    """Show what will be written, and ask whether to go on. The answer is a Confirmation.

    ``confirm`` is whether this is needed even if no question was asked: for what cannot be undone. ``question`` is an
    imperative, for example ``Create it``. With ``changeable``, a person may name a field instead, and is then asked for
    it again.
    """

    title: str
    rows: Rows = field(repr=False)
    question: str
    confirm: bool = False
    notes: tuple[str, ...] = ()
    changeable: bool = True


Confirmation = Literal["yes", "no", "change"]


@dataclass(frozen=True)
class Complain:
    """Say what is wrong, and drop the answers to these fields, so that the next Ask asks for them again.

    The last field is the wrong one. A person can keep the answers to those before it with Enter.
    Without a terminal, the form ends with this message. ``failure`` is the failure of a module, as in its result.
    """

    message: str
    fields: tuple[str, ...] = ()
    failure: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """Offer to go on with one of several things. The answer is the chosen word, or "" for none.

    It is offered only to a person who has answered a question. ``otherwise`` is what Enter does.
    """

    question: str
    words: tuple[str, ...]
    otherwise: str = "finish"


@dataclass(frozen=True)
class FormOutcome:
    """The end of a form: lines to print, and the result of the module that wrote, if any."""

    lines: tuple[str, ...]
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)


FormStep: TypeAlias = "Ask | Run | ReadCluster | ReadClock | Say | ShowRows | ShowTable | Review | Complain | Offer"
FormFlow = Generator[FormStep, Any, FormOutcome]

NOTHING_CHANGED = FormOutcome(("Nothing was changed.",))
