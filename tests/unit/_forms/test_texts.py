# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of forms: it fits the window, hides what is masked, and prints what others wrote as one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import FormField, Question
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.texts import (
    answer_rows,
    complain,
    complain_about,
    describe_question,
    join_names,
    one_line,
    render_rows,
    render_table,
    wrap,
)

NAME = FormField("item_name", "Name", "a short name", "my-item")
TOKEN = FormField("token", "Token", "an access token", masked=True)
KEY = FormField("private_key", "Private key", "in PEM format", lines=True, masked=True)

QUESTIONS = {
    "Name (required): a short name, for example my-item": Question(NAME),
    "Name (optional): a short name, for example my-item": Question(NAME, optional=True),
    "Name (press Enter for web): a short name, for example my-item": Question(NAME, default="web"),
    "Name (press Enter to keep web; - clears it): a short name, for example my-item": Question(
        NAME, keeps="web", clearable=True
    ),
    "Name (press Enter to keep \\x1b[2J): a short name, for example my-item": Question(NAME, keeps="\x1b[2J"),
    "Token (required): an access token": Question(TOKEN),
}


def test_questions() -> None:
    assert {describe_question(question): question for question in QUESTIONS.values()} == QUESTIONS


# The question, the answer, and what a review shows.
SHOWN = (
    (Question(NAME), "web", "web"),
    (Question(NAME, optional=True), None, "(none)"),
    (Question(NAME, keeps="old"), None, "old (kept)"),
    (Question(NAME, clearable=True, keeps="old"), "", "(cleared)"),
    (Question(NAME), "two  \x1b[31m words", "two \\x1b[31m words"),
    (Question(TOKEN), "s3cret", "(hidden)"),
    (Question(TOKEN, keeps="the stored one"), None, "the stored one (kept)"),
    (Question(KEY), "a\nb", "(hidden)"),
)


@pytest.mark.parametrize(("question", "answer", "shown"), SHOWN)
def test_answers_in_a_review(question: Question, answer: str | None, shown: str) -> None:
    assert answer_rows([question], {question.field.name: answer}) == [(question.field.title, shown)]


def test_what_others_wrote_is_one_printable_line() -> None:
    assert one_line(None) == one_line("") == "(none)"
    assert one_line("a\nb\x1b[2J\u202e") == "a b\\x1b[2J\\u202e"
    assert one_line("x" * 300).startswith("x" * 200 + "…")


@given(
    st.lists(st.tuples(st.text("abc ", max_size=20), st.text("abc xyz", max_size=200)), max_size=6),
    st.integers(30, 100),
)
def test_rows_fit_every_width(rows: list[tuple[str, str]], width: int) -> None:
    longest = max((len(word) for row in rows for word in row[1].split()), default=0)
    indent = max((len(title) for title, _value in rows), default=0) + 4

    for line in render_rows(rows, width):
        assert len(line) <= max(width, indent + longest)


TABLE = [["web", "ghcr.io", ""], ["a-longer-name", "quay.io", ""]]


def test_a_table_without_its_empty_columns() -> None:
    assert render_table(["NAME", "REGISTRY", "NOTE"], TABLE, 60) == [
        "NAME           REGISTRY",
        "web            ghcr.io",
        "a-longer-name  quay.io",
    ]


def test_a_table_that_does_not_fit_becomes_rows() -> None:
    assert render_table(["NAME", "REGISTRY", "NOTE"], TABLE, 20) == [
        "  Name      web",
        "  Registry  ghcr.io",
        "",
        "  Name",
        "            a-longer-name",
        "  Registry  quay.io",
    ]


def test_sentences_are_wrapped_and_urls_stay_whole() -> None:
    url = "https://example.com/" + "a" * 40
    assert wrap(f"See {url} for it.", 30, "  ") == ["See", f"  {url}", "  for it."]
    assert wrap("", 30) == [""]


def test_long_lists_are_cut() -> None:
    assert join_names([f"n{number}" for number in range(25)], 3) == "n0, n1, n2 and 22 more"
    assert join_names(["a\n", "b"]) == "a, b"


FIELDS = {"registries[0].username": "registry_username", "name": "secret_name"}


def test_a_failure_names_the_field_in_place_of_the_option() -> None:
    result = {
        "failed": True,
        "msg": "registries[0].username has a colon.",
        "failure": {"id": "invalid_option", "option": "registries[0].username", "namespace": "edge"},
        "cluster": {"server": "https://cluster"},
    }

    complaint = complain_about(result, FIELDS)

    assert complaint.message == "registry_username has a colon."
    assert complaint.fields == ("registry_username",)
    assert complaint.failure == {"id": "invalid_option", "option": "registry_username", "namespace": "edge"}
    assert complaint.facts == {"cluster": {"server": "https://cluster"}}


# Names of options are also words, and parts of words.
WORDS = {
    "The user name is not a name in this namespace.": "The user name is not a name in this namespace.",
    "name is not valid. The namespace is.": "secret_name is not valid. The namespace is.",
    "The server refuses it; name stays.": "The server refuses it; name stays.",
}


@pytest.mark.parametrize("message", WORDS)
def test_words_of_a_message_stay(message: str) -> None:
    assert complain_about({"msg": message, "failure": {"option": "name"}}, FIELDS).message == WORDS[message]


def test_a_failure_without_a_field() -> None:
    complaint = complain_about({"msg": "The server does not answer."}, FIELDS)

    assert (complaint.message, complaint.fields) == ("The server does not answer.", ())


def test_a_complaint_about_answers() -> None:
    complaint = complain(KeyringError("Name is taken.", option="name"), "item_name", "place")

    assert (complaint.message, complaint.fields) == ("Name is taken.", ("item_name", "place"))
