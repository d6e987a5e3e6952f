# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interview that conducts a form: at a real pseudo-terminal with Ansible's own prompt, and without a terminal.

The form of these tests is small and has a question of each kind. Instead of a cluster, it writes to a file.
"""

from __future__ import annotations

import json
import os
import re
import signal
import termios
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsiblePromptNoninteractive
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.parts import FormFailed, fill_and_write
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.primehub import (
    primehub_add_secret,
    primehub_update_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pull_secret_views import list_image_pull_secrets
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pull_secrets import (
    delete_image_pull_secret,
    update_image_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    Ask,
    ClusterPlace,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    Offer,
    Question,
    ReadCluster,
    Review,
    Run,
    Say,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.texts import answer_rows
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_action import (
    TemplatedVariables,
    decode_file,
    read_connection_variable,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_terminal import FormTerminal, Stopped
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.form_variables import VariableSource
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.interview import Interview
from support.processes import eventually, kill_tree, runs
from support.typist import LiveTerminal, open_terminal_for

ENTER, CTRL_C, CTRL_D, CTRL_Z = "\r", "\x03", "\x04", "\x1a"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nQUJD\nREVG\n-----END OPENSSH PRIVATE KEY-----"


def check_short(value: str, label: str) -> None:
    if len(value) > 12:
        raise KeyringError(f"{label} is too long.", "At most 12 characters are allowed.", option=label)


PLACE = FormField("place", "Place", "where it is stored", "edge", identifies=True, aliases=("old_place",))
NAME = FormField("item_name", "Name", "a short name", "my-item", check_short)
SIZE = FormField("size", "Size", "small or large", choices=("small", "large"))
NOTE = FormField("note", "Note", "a note for people")
TOKEN = FormField("token", "Token", "an access token", masked=True)
KEY_FIELD = FormField("private_key", "Private key", "in PEM format", masked=True, lines=True, longest=10240)
NAMED = FormField("secret_name", "Name", "the name of the Secret")
COUNT = FormField("count", "Count", "a number", unquoted=True)

EARLY = (Question(PLACE, default="home"), Question(NAME))
LATE = (
    Question(SIZE, keeps="large", notes=("A size cannot be reduced.",)),
    Question(NOTE, optional=True, clearable=True),
    Question(TOKEN),
    Question(KEY_FIELD),
)
# All prompts of the form in order, and the answers that lead to the next one.
PROMPTS = (
    ("Place", ENTER),
    ("Name", f"first{ENTER}"),
    ("Size", f"small{ENTER}"),
    ("Note", f"for people{ENTER}"),
    ("Token", f"t0ken-secret{ENTER}"),
    ("Private key", KEY + ENTER),
    ("Store it", f"yes{ENTER}"),
    ("View or delete", ENTER),
)


def small_form() -> FormFlow:
    """Store an item, then offer what to do with it."""
    cluster: ClusterPlace = yield ReadCluster()
    early: FormAnswers = yield Ask(EARLY, f"Store an item on {cluster.server}", later=LATE)
    yield Say((f"Items in {early['place']}: none.",))

    def review(answers: FormAnswers) -> Review:
        return Review("New item", answer_rows((*EARLY, *LATE), {**early, **answers}), "Store it")

    def write(answers: FormAnswers) -> Run:
        return Run("store", {**early, **answers}, writes=True)

    written = yield from fill_and_write(LATE, review, write, {"name": "item_name", "text": "note"})
    if isinstance(written, FormOutcome):
        return written
    word = yield Offer("View or delete it?", ("view", "delete"))
    return FormOutcome((f"Stored {early['item_name']}. {word}".strip(),), written)


@dataclass
class Store:
    """What a module writes to, in place of a cluster. It refuses what ``refusals`` has for the value of an option."""

    path: Path
    refusals: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def run(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        for (option, value), refusal in self.refusals.items():
            if options[option] == value:
                return {"failed": True, **refusal}
        self.path.write_text(json.dumps([module, options]))
        return {"changed": True, "operation": "created"}

    @property
    def options(self) -> dict[str, Any] | None:
        """What was written, or None."""
        return json.loads(self.path.read_text())[1] if self.path.exists() else None


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.json")


def read_cluster() -> ClusterPlace:
    return ClusterPlace("https://cluster", "https://cluster (context test)", ("home", "edge"), "home")


def read_text_file(option: str, path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        raise KeyringError(f"{option} cannot be read.", option=option) from None


def source_of(variables: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> VariableSource:
    return VariableSource(variables, environ or {}, read_text_file, os.path.isfile)


def open_form(
    store: Store,
    variables: Mapping[str, Any] | None = None,
    *,
    columns: int = 80,
    rows: int = 40,
    hangup: signal.Handlers = signal.SIG_DFL,
) -> LiveTerminal:
    """Conduct the form in a child at a terminal of its own. At the end, it prints the outcome or how it ended."""

    def conduct() -> None:
        signal.signal(signal.SIGHUP, hangup)
        terminal = FormTerminal(Display(), columns=columns)
        interview = Interview(terminal, source_of(variables or {}), store.run, read_cluster)
        try:
            terminal.say(interview.conduct(small_form).lines)
        except Stopped:
            terminal.say((f"STOPPED {interview.writing}",))
        except KeyringError as error:
            terminal.say((f"FAILED {interview.writing}",))
            terminal.say_wrapped(str(error))

    return open_terminal_for(conduct, columns=columns, rows=rows)


def fill_in(terminal: LiveTerminal, answers: Mapping[str, str] | None = None) -> None:
    """Answer all prompts, some of them differently."""
    for asked, usual in PROMPTS:
        terminal.answer(asked, (answers or {}).get(asked, usual))


def conduct_unattended(
    store: Store, variables: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> FormOutcome:
    terminal = FormTerminal(Display(), may_ask=False)
    return Interview(terminal, source_of(variables, environ), store.run, read_cluster).conduct(small_form)


# At a terminal


def test_a_form_is_filled_in(store: Store) -> None:
    terminal = open_form(store)

    fill_in(terminal)

    assert terminal.end() == 0, terminal.screen
    assert terminal.screen.rstrip().endswith("Stored first.")
    assert store.options == {
        "place": "home",
        "item_name": "first",
        "size": "small",
        "note": "for people",
        "token": "t0ken-secret",
        "private_key": KEY,
    }
    assert "t0ken" not in terminal.screen
    assert "QUJD" not in terminal.screen
    assert terminal.screen.count("Store an item on https://cluster") == 1


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize("number", range(len(PROMPTS)), ids=[asked for asked, _answer in PROMPTS])
def test_ctrl_c_and_ctrl_d_end_the_form_at_every_prompt(store: Store, number: int, key: str) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:number]:
        terminal.answer(asked, answer)

    terminal.answer(PROMPTS[number][0], key)

    assert terminal.end() == 0
    is_written = PROMPTS[number][0] == "View or delete"
    assert f"STOPPED {'done' if is_written else 'none'}" in terminal.screen
    assert (store.options is not None) == is_written
    assert termios.tcgetattr(terminal.master) == terminal.settings


@pytest.mark.parametrize("number", range(len(PROMPTS) - 1), ids=[asked for asked, _answer in PROMPTS[:-1]])
def test_a_terminal_that_closes_ends_the_form_at_every_prompt(store: Store, number: int) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:number]:
        terminal.answer(asked, answer)
    terminal.asked(PROMPTS[number][0])
    processes = terminal.processes

    terminal.close()
    terminal.end_without_terminal()

    assert eventually(lambda: not any(map(runs, processes)))
    assert store.options is None


def test_a_closed_terminal_ends_a_form_that_ignores_the_hangup(store: Store) -> None:
    """As with nohup: the terminal then seems to have an endless input of nothing."""
    terminal = open_form(store, hangup=signal.SIG_IGN)
    terminal.answer("Place", ENTER)
    terminal.asked("Name")

    terminal.close()

    ended = eventually(lambda: not runs(terminal.pid))
    if not ended:
        kill_tree(terminal.pid)
    terminal.end_without_terminal()
    assert ended
    assert store.options is None


# What is typed instead of a name; what the fault says; and nothing of it answers another question.
REFUSED_NAMES = {
    "nothing": (ENTER, "Name is required."),
    "spaces": (f"   {ENTER}", "Name is required."),
    "too long": (f"{'x' * 13}{ENTER}", "Name is too long."),
    "2 KB": (f"{'x' * 2048}{ENTER}", "Name is too long."),
    "an arrow key": (f"ab\x1b[D{ENTER}", "control character"),
    "a clearing of the screen": (f"\x1b[2Jab{ENTER}", "control character"),
    "one character that starts a sequence": (f"\x9bab{ENTER}", "control character"),
    "a NUL": (f"a\x00b{ENTER}", "control character"),
    "Ctrl-Z": (f"ab{CTRL_Z}{ENTER}", "control character"),
    "a Tab": (f"a\tb{ENTER}", "control character"),
    "another encoding": (b"\xe4bc\r", "not valid UTF-8"),
    "half a character": ("ü\x7fx".encode() + b"\r", "not valid UTF-8"),
    "several lines": (f"one\ntwo\nthree{ENTER}", "Name has several lines."),
    "several lines of Windows": ("one\r\ntwo\r\nthree\r\n", "Name has several lines."),
    "a key": (KEY + ENTER, "Name has several lines."),
    "Ctrl-D in a paste": (f"one{CTRL_D}two{ENTER}", "control character"),
}


@pytest.mark.parametrize("typed", REFUSED_NAMES.values(), ids=list(REFUSED_NAMES))
def test_a_wrong_answer_is_asked_for_again(store: Store, typed: tuple[str | bytes, str]) -> None:
    terminal = open_form(store)
    terminal.answer("Place", ENTER)
    terminal.answer("Name", typed[0])

    printed = terminal.answer("Name, again", f"second{ENTER}")
    for asked, answer in PROMPTS[2:]:
        terminal.answer(asked, answer)

    assert terminal.end() == 0
    assert f"Not accepted. {typed[1]}" in printed or typed[1] in printed
    assert store.options is not None
    assert {**store.options, "private_key": ""} == {
        "place": "home",
        "item_name": "second",
        "size": "small",
        "note": "for people",
        "token": "t0ken-secret",
        "private_key": "",
    }


# What is typed for a field, and what is stored.
STORED = {
    "a template": ("Name", f"{{{{ 7*7 }}}}{ENTER}", "item_name", "{{ 7*7 }}"),
    "a statement": ("Note", f"{{% raw %}}{ENTER}", "note", "{% raw %}"),
    "corrected": ("Name", f"firts\x7f\x7fst{ENTER}", "item_name", "first"),
    "corrected with the other key": ("Name", f"firts\b\bst{ENTER}", "item_name", "first"),
    "deleted beyond its beginning": ("Name", f"ab\x7f\x7f\x7f\x7fok{ENTER}", "item_name", "ok"),
    "ended by Ctrl-D": ("Name", f"first{CTRL_D}", "item_name", "first"),
    "with spaces around it": ("Name", f"  first {ENTER}", "item_name", "first"),
    "of other letters": ("Note", f"für Müller 東京{ENTER}", "note", "für Müller 東京"),
    "a kept value": ("Size", ENTER, "size", None),
    "no optional value": ("Note", ENTER, "note", None),
    "cleared": ("Note", f"-{ENTER}", "note", ""),
    "10 KB": ("Private key", f"{'QUJD' * 2560}{ENTER}", "private_key", "QUJD" * 2560),
    "a key with a newline at its end": ("Private key", f"{KEY}\n", "private_key", KEY),
    "a key with lines of Windows": ("Private key", KEY.replace("\n", "\r\n") + ENTER, "private_key", KEY),
    "a key with blank lines and a comment": (
        "Private key",
        f"\n{KEY}\n\n# of the build server\n{CTRL_D}",
        "private_key",
        f"{KEY}\n\n# of the build server",
    ),
    "JSON from between the braces": (
        "Private key",
        f'"auths": {{\n  "ghcr.io": {{}}\n}}{ENTER}',
        "private_key",
        '"auths": {\n  "ghcr.io": {}\n}',
    ),
    "YAML that Ctrl-D ends": (
        "Private key",
        f"apiVersion: v1\nkind: Secret{ENTER}{CTRL_D}",
        "private_key",
        "apiVersion: v1\nkind: Secret",
    ),
    "base64 of several lines": (
        "Private key",
        f"{'QUJD' * 19}\n{'REVG' * 9}{ENTER}",
        "private_key",
        f"{'QUJD' * 19}\n{'REVG' * 9}",
    ),
}


@pytest.mark.parametrize("case", STORED.values(), ids=list(STORED))
def test_what_is_typed_is_stored(store: Store, case: tuple[str, str, str, str | None]) -> None:
    asked, typed, name, expected = case
    terminal = open_form(store)

    fill_in(terminal, {asked: typed})

    assert terminal.end() == 0, terminal.screen
    assert store.options is not None
    assert store.options[name] == expected


def test_a_paste_into_an_unseen_field_of_one_line_is_neither_seen_nor_split(store: Store) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:4]:
        terminal.answer(asked, answer)

    terminal.answer("Token", KEY + ENTER)
    terminal.answer("Token, again", f"t0ken-secret{ENTER}")
    terminal.answer("Private key", KEY + ENTER)
    terminal.answer("Store it", f"no{ENTER}")

    assert terminal.end() == 0
    assert "Token has several lines." in terminal.screen
    assert "QUJD" not in terminal.screen
    assert terminal.screen.rstrip().endswith("Nothing was changed.")
    assert store.options is None


def test_a_paste_in_parts_is_one_answer(store: Store) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:5]:
        terminal.answer(asked, answer)
    lines = KEY.splitlines(keepends=True)

    terminal.asked("Private key")
    for line in lines:
        terminal.type(line)
    terminal.type(ENTER)
    terminal.answer("Store it", f"yes{ENTER}")
    terminal.answer("View or delete", ENTER)

    assert terminal.end() == 0
    assert store.options is not None
    assert store.options["private_key"] == KEY


def test_notes_say_that_a_paste_is_read_and_when_more_must_follow(store: Store) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:5]:
        terminal.answer(asked, answer)

    terminal.answer("Private key", KEY.replace("QUJD", "QUJD" * 200).removesuffix("-----END OPENSSH PRIVATE KEY-----"))
    terminal.answer("Reading the paste", ENTER)
    terminal.answer("Paste more, or press Ctrl-D", f"-----END OPENSSH PRIVATE KEY-----{ENTER}")
    terminal.answer("Store it", CTRL_C)

    assert terminal.end() == 0


def test_a_file_is_read_in_place_of_a_paste(store: Store, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    terminal = open_form(store)
    for asked, answer in PROMPTS[:5]:
        terminal.answer(asked, answer)

    terminal.answer("Private key", f"{tmp_path}/other{ENTER}")
    printed = terminal.answer("Private key, again", f"{tmp_path}/key{ENTER}")
    terminal.answer("Store it", f"y{ENTER}")
    terminal.answer("View or delete", f"view{ENTER}")

    assert terminal.end() == 0
    assert "there is no such file" in " ".join(printed.split())
    assert store.options is not None
    assert store.options["private_key"] == KEY
    assert terminal.screen.rstrip().endswith("Stored first. view")


# What is typed at the review, the field that is then asked for, and whether the form began again for it. Of another
# place, the secret values are asked for again.
CHANGES = {
    "its title": ("Token", "Token", False),
    "its variable": ("item_name", "Name", True),
    "regardless of case": ("NOTE", "Note", False),
    "the beginning of its title": ("priv", "Private key", False),
    "one of an earlier step": ("place", "Place", True),
}


@pytest.mark.parametrize("case", CHANGES.values(), ids=list(CHANGES))
def test_a_field_is_changed_at_the_review(store: Store, case: tuple[str, str, bool]) -> None:
    typed, asked, is_early = case
    terminal = open_form(store)
    for other, answer in PROMPTS[:6]:
        terminal.answer(other, answer)

    terminal.answer("Store it", typed + ENTER)
    printed = terminal.answer(asked, {"Private key": KEY + ENTER}.get(asked, f"edge{ENTER}"))
    if asked == "Place":
        terminal.answer("Token", f"t0ken{ENTER}")
        terminal.answer("Private key", KEY + ENTER)
    terminal.answer("Store it", f"YES{ENTER}")
    terminal.answer("View or delete", ENTER)

    assert terminal.end() == 0
    assert ("Store an item on https://cluster" in printed) == is_early
    assert [name for name, _answer in PROMPTS[:6] if re.search(rf"(^|\^M){name} \(", printed, re.MULTILINE)] == [asked]
    assert store.options is not None
    names = {"Token": "token", "Name": "item_name", "Note": "note", "Place": "place", "Private key": "private_key"}
    assert store.options[names[asked]] == (KEY if asked == "Private key" else "edge")


def test_an_answer_that_is_no_answer_to_a_review_or_an_offer(store: Store) -> None:
    terminal = open_form(store)
    for asked, answer in PROMPTS[:6]:
        terminal.answer(asked, answer)

    terminal.answer("Store it", ENTER)
    first = terminal.answer("Store it", f"p{ENTER}")
    terminal.answer("Store it", f"y{ENTER}")
    terminal.answer("View or delete", f"burn{ENTER}")
    offered = terminal.answer("View or delete", f"Delete{ENTER}")

    assert terminal.end() == 0
    assert "Answer yes or no, or type one of: Place, Name, Size, Note, Token, Private key." in " ".join(first.split())
    assert "Type view or delete, or press Enter to finish." in offered
    assert terminal.screen.rstrip().endswith("Stored first. delete")


@pytest.mark.parametrize("field", ["Place", "Name", "Note", "Token"])
def test_enter_keeps_an_answer_that_was_to_be_changed(store: Store, field: str) -> None:
    terminal = open_form(store)
    terminal.answer("Place", f"work{ENTER}")
    for asked, answer in PROMPTS[1:6]:
        terminal.answer(asked, answer)

    terminal.answer("Store it", f"{field}{ENTER}")
    question = terminal.answer(field, ENTER)
    if field == "Place":  # with another place, the secrets would be for another object
        terminal.answer("Token", f"t0ken-secret{ENTER}")
        terminal.answer("Private key", KEY + ENTER)
    terminal.answer("Store it", f"yes{ENTER}")
    terminal.answer("View or delete", ENTER)

    assert terminal.end() == 0
    assert "press Enter to keep " in " ".join(question.split())
    assert "t0ken-secret" not in terminal.screen
    assert store.options is not None
    kept = {name: store.options[name] for name in ("place", "item_name", "note", "token")}
    assert kept == {"place": "work", "item_name": "first", "note": "for people", "token": "t0ken-secret"}


def test_several_lines_that_everyone_can_see_are_reported(store: Store) -> None:
    terminal = open_form(store)
    terminal.answer("Place", ENTER)

    terminal.answer("Name", KEY + ENTER)
    seen = terminal.answer("Name", CTRL_C)

    terminal.end()
    assert "Name has several lines." in seen
    assert "What you pasted is visible on your screen." in " ".join(seen.split())


def refusal(option: str | None, failure: str = "rejected") -> dict[str, Any]:
    return {"msg": f"{option or 'The server'} is refused.", "failure": {"id": failure, "option": option}}


def test_a_field_that_a_module_blames_is_asked_for_again(store: Store) -> None:
    refused = {("note", "for people"): refusal("text"), ("item_name", "first"): refusal("name")}
    terminal = open_form(Store(store.path, refused))
    for asked, answer in PROMPTS[:7]:
        terminal.answer(asked, answer)

    late = terminal.answer("Note", f"better{ENTER}")
    terminal.answer("Store it", f"yes{ENTER}")
    early = terminal.answer("Name", f"second{ENTER}")
    terminal.answer("Store it", f"yes{ENTER}")
    terminal.answer("View or delete", ENTER)

    assert terminal.end() == 0
    assert "Not accepted. note is refused." in late
    assert "Not accepted. Name is refused." in early, "a person knows fields by their titles"
    assert store.options is not None
    assert (store.options["note"], store.options["item_name"]) == ("better", "second")


@pytest.mark.parametrize(("failure", "ending"), [("rejected", "none"), ("outcome_unknown", "unknown")])
def test_a_failure_without_a_field_leads_to_the_review_again(store: Store, failure: str, ending: str) -> None:
    terminal = open_form(Store(store.path, {("item_name", "first"): refusal(None, failure)}))
    for asked, answer in PROMPTS[:7]:
        terminal.answer(asked, answer)

    printed = terminal.answer("Store it", CTRL_C)

    assert terminal.end() == 0
    assert "\nThe server is refused." in printed.replace("\r", "")
    assert "Not accepted" not in printed
    assert f"STOPPED {ending}" in terminal.screen


def test_variables_are_not_asked_for_and_wrong_ones_are(store: Store) -> None:
    variables = {"old_place": "edge", "item_name": "x" * 13, "size": "huge", "token": 123456, "private_key": KEY}
    terminal = open_form(store, variables)

    terminal.answer("Name", f"first{ENTER}")
    terminal.answer("Size", ENTER)
    terminal.answer("Note", ENTER)
    terminal.answer("Token", f"0123456{ENTER}")
    terminal.answer("Store it", f"yes{ENTER}")
    terminal.answer("View or delete", ENTER)

    assert terminal.end() == 0
    for fault in ("item_name (Name) is too long", "size (Size) must be one of", "token (Token) must be a string"):
        assert fault in " ".join(terminal.screen.split())
    assert store.options is not None
    assert (store.options["place"], store.options["token"]) == ("edge", "0123456")


def test_a_form_that_is_set_completely_asks_nothing(store: Store) -> None:
    terminal = open_form(
        store, {"place": "edge", "item_name": "first", "size": "", "note": "", "token": "t", "private_key": KEY}
    )

    assert terminal.end() == 0
    assert "Store it" not in terminal.screen
    assert store.options is not None


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (30, 30), (200, 100)])
def test_lines_fit_the_window(store: Store, columns: int, widest: int) -> None:
    terminal = open_form(store, columns=columns)
    terminal.answer("Place", ENTER)
    terminal.answer("Name", f"{'x' * 13}{ENTER}")
    terminal.answer("Name, again", f"first{ENTER}")
    for asked, answer in PROMPTS[2:]:
        terminal.answer(asked, answer)

    assert terminal.end() == 0
    # What a person types is in the line as well, and no part of it.
    lines = [line for line in terminal.screen.splitlines() if "^M" not in line and "^J" not in line]
    assert [line for line in lines if len(line) > widest] == []


def test_a_fault_its_question_and_the_review_fit_20_lines(store: Store) -> None:
    terminal = open_form(store, columns=60, rows=20)
    for asked, answer in PROMPTS[:6]:
        terminal.answer(asked, answer)
    review = terminal.answer("Store it", f"nonsense{ENTER}")
    fault = terminal.answer("Store it", f"no{ENTER}")

    assert terminal.end() == 0
    assert len(review.splitlines()) + len(fault.splitlines()) <= 20


def test_keys_that_were_typed_ahead_are_dropped(store: Store) -> None:
    """A person who types while a module runs cannot see what is asked next."""
    terminal = open_form(store)
    terminal.answer("Place", f"edge{ENTER}typed ahead{ENTER}")
    printed = terminal.answer("Place, again", ENTER)
    terminal.answer("Name", CTRL_C)

    assert terminal.end() == 0
    assert "Place has several lines." in printed


# At a terminal that is played by the test


class ScriptedTerminal(FormTerminal):
    """A terminal at which a person answers each prompt as the script says: its beginning, and what is typed."""

    def __init__(self, *script: tuple[str, str]) -> None:
        super().__init__(Display(), columns=80)
        self.script = list(script)
        self.printed: list[str] = []

    def is_interactive(self) -> bool:
        return True

    def say(self, lines: Iterable[str], *, logged: bool = True) -> None:
        self.printed += lines

    def ask(self, prompt: str, *, private: bool = False, lines: bool = False) -> str:
        self.printed.append(prompt)
        asked, answer = self.script.pop(0) if self.script else ("no question", "")
        assert prompt.startswith(asked), f"{prompt} instead of {asked}"
        return answer


@dataclass
class StoredSecrets:
    """The Secrets of a cluster by place, as the info modules report them, and the options of all writes."""

    secrets: Mapping[str, Mapping[str, Any]]
    written: list[Mapping[str, Any]] = field(default_factory=list)

    def run(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        if not module.endswith("_info"):
            self.written.append(options)
            return {"changed": True, "operation": "updated"}
        namespace = options.get("namespace") or options["namespaces"][0]
        found = [
            secret
            for place, secret in self.secrets.items()
            if place.startswith(f"{namespace}/") and options.get("name") in (None, secret["name"])
        ]
        return {"secrets": [] if module.startswith("git") else found, "total": len(found), "changed": False}


def stored_pull_secret(place: str, *servers: str, **more: Any) -> dict[str, Any]:
    namespace, _slash, name = place.partition("/")
    texts = dict.fromkeys(("display_name", "description", "owner", "managed_by", "created", "last_updated"))
    registries = [{"server": server, "username": f"user of {name}"} for server in servers]
    return {
        "namespace": namespace,
        "name": name,
        "registries": registries,
        "used_by": [],
        "problems": [],
        **texts,
        **more,
    }


def cluster_of(**secrets: Sequence[str]) -> StoredSecrets:
    """Return Secrets by ``<namespace>__<name>``, with their registries."""
    places = {name.replace("__", "/").replace("_", "-"): servers for name, servers in secrets.items()}
    return StoredSecrets({place: stored_pull_secret(place, *servers) for place, servers in places.items()})


def conduct_scripted(
    form: Callable[[bool], FormFlow],
    cluster: StoredSecrets,
    *script: tuple[str, str],
    variables: Mapping[str, Any] | None = None,
) -> ScriptedTerminal:
    """Conduct a form of the collection. All of the script must be asked for."""
    terminal = ScriptedTerminal(*script)
    Interview(terminal, source_of(variables or {}), cluster.run, read_cluster).conduct(lambda: form(False))
    assert terminal.script == []
    return terminal


NEW_LOGIN = (("Username", ""), ("Password", "f0r-one"), ("Display name", ""), ("Description", ""))
OTHER_LOGIN = (("Username", ""), ("Password", "f0r-two"))


def test_a_registry_that_the_other_secret_lacks_is_asked_for_again() -> None:
    cluster = cluster_of(home__one=("ghcr.io", "quay.io"), home__two=("ghcr.io", "docker.io"))
    place = (("Namespace", ""), ("Name", "one"), ("Registry", "quay.io"))

    conduct_scripted(
        update_image_pull_secret,
        cluster,
        *(*place, *NEW_LOGIN, ("Change it", "name"), ("Name", "two"), ("Registry", "docker.io")),
        *(*OTHER_LOGIN, ("Change it", "yes")),
    )

    (options,) = cluster.written
    assert (options["name"], options["registries"]) == ("two", [{"server": "docker.io", "password": "f0r-two"}])


@pytest.mark.parametrize("other", ["one", "two"], ids=["the same name", "another name"])
def test_a_listed_secret_of_the_other_namespace_is_asked_for_again(other: str) -> None:
    cluster = cluster_of(home__one=("ghcr.io",), **{f"edge__{other}": ("ghcr.io",)})
    view = ("Show one", "view")

    conduct_scripted(
        list_image_pull_secrets,
        cluster,
        *(("Namespace", "home"), ("Filter", ""), view, ("Secret", "one"), ("Change or delete", "update")),
        *(*NEW_LOGIN, ("Change it", "namespace"), ("Namespace", "edge"), view, ("Secret", other)),
        *(("Change or delete", "update"), *(OTHER_LOGIN if other == "two" else OTHER_LOGIN[1:]), ("Change it", "yes")),
    )

    (options,) = cluster.written
    assert (options["namespace"], options["name"]) == ("edge", other)
    assert options["registries"][0]["password"] == "f0r-two"


def test_a_password_that_was_typed_for_another_secret_is_not_written() -> None:
    cluster = cluster_of(home__image_a=("ghcr.io",), home__image_b=("docker.io",))
    place = (("Namespace", ""), ("Name", "a"))

    conduct_scripted(
        primehub_update_secret,
        cluster,
        *(*place, ("Display name", ""), ("Registry host", ""), *NEW_LOGIN[:2], ("Save it", "name"), ("Name", "b")),
        *(("Display name", ""), ("Registry host", ""), *OTHER_LOGIN, ("Save it", "yes")),
    )

    (options,) = cluster.written
    assert options["name"] == "image-b"
    assert options["registries"][0]["password"] == "f0r-two"


def test_kept_values_of_an_existing_secret_are_not_those_of_a_new_one() -> None:
    cluster = cluster_of(home__image_a=("ghcr.io",))
    place = (("Namespace", ""), ("Name", "a"), ("Type", "image_pull"), ("Do you want to update", "update"))
    new = (("Registry host", "ghcr.io"), ("Username", "octo"), ("Password", "new"), ("Owner", ""))

    conduct_scripted(
        primehub_add_secret,
        cluster,
        *(*place, ("Display name", "A"), ("Registry host", ""), ("Username", ""), ("Password", "")),
        *(("Save it", "namespace"), ("Namespace", "edge"), ("Name", "a"), ("Display name", ""), *new),
        ("Create it", "yes"),
    )

    (options,) = cluster.written
    assert options["namespace"] == "edge"
    assert options["registries"] == [{"server": "ghcr.io", "username": "octo", "password": "new"}]


def test_a_default_follows_the_name() -> None:
    cluster = cluster_of()
    login = (("Registry host", "ghcr.io"), ("Username", "octo"), ("Password", "pass"), ("Owner", ""))

    conduct_scripted(
        primehub_add_secret,
        cluster,
        *(("Namespace", ""), ("Name", "old"), ("Type", "image_pull"), ("Display name", ""), *login),
        *(("Create it", "name"), ("Name", "new"), ("Display name", ""), ("Password", "pass"), ("Create it", "yes")),
    )

    (options,) = cluster.written
    assert (options["name"], options["annotations"]) == ("image-new", {"displayName": "new"})


# The variables beside confirm=yes, and what is typed before the deletion is confirmed.
UNCONFIRMED = {
    "a refused name": ({"target_namespace": "home", "secret_name": "One_"}, [("Name", "one")]),
    "no name": ({"target_namespace": "home"}, [("Name", "one")]),
    "a namespace by Enter": ({"secret_name": "one"}, [("Namespace", "")]),
    "a wrong confirmation": ({"target_namespace": "home", "secret_name": "one", "confirm": "maybe"}, []),
    "a confirmation that is a list": ({"target_namespace": "home", "secret_name": "one", "confirm": ["yes"]}, []),
}


@pytest.mark.parametrize("case", UNCONFIRMED.values(), ids=list(UNCONFIRMED))
def test_a_variable_confirms_nothing_that_a_person_chose(
    case: tuple[Mapping[str, Any], Sequence[tuple[str, str]]],
) -> None:
    variables, typed = case
    cluster = cluster_of(home__one=("ghcr.io",))

    terminal = conduct_scripted(
        delete_image_pull_secret, cluster, *typed, ("Delete it", "no"), variables={"confirm": "yes", **variables}
    )

    assert cluster.written == []
    assert "Delete this pull secret" in terminal.printed


def test_a_variable_does_not_confirm_what_replaces_a_refused_one() -> None:
    cluster = cluster_of(home__one=("ghcr.io",))
    variables = {"target_namespace": "home", "secret_name": "one", "registry_password": 123456, "confirm": "yes"}
    texts = (("Display name", ""), ("Description", ""))

    conduct_scripted(
        update_image_pull_secret,
        cluster,
        *(("Username", ""), ("Password", "0123456"), *texts, ("Change it", "no")),
        variables=variables,
    )

    assert cluster.written == []


def test_a_variable_confirms_what_variables_choose() -> None:
    cluster = cluster_of(home__one=("ghcr.io",))
    variables = {"target_namespace": "home", "secret_name": "one", "confirm": "yes"}

    conduct_scripted(delete_image_pull_secret, cluster, variables=variables)

    assert len(cluster.written) == 1


CHANGED, UNCHANGED = {"changed": True}, {"changed": False}
UNKNOWN, REFUSED = refusal(None, "outcome_unknown"), refusal(None, "forbidden")
# What is known after these results of writes.
KNOWN: Sequence[tuple[str, Sequence[Mapping[str, Any]]]] = (
    ("none", (UNCHANGED, {"failed": True, **REFUSED})),
    ("done", (CHANGED, UNCHANGED)),
    ("done", (CHANGED, {"failed": True, **REFUSED})),
    ("unknown", ({"failed": True, **UNKNOWN}, CHANGED)),
    ("unknown", ({"failed": True, **UNKNOWN}, {"failed": True, **REFUSED})),
    ("unknown", (CHANGED, {"failed": True, **UNKNOWN})),
)


@pytest.mark.parametrize(("known", "results"), KNOWN)
def test_what_is_known_after_several_writes(known: str, results: Sequence[Mapping[str, Any]]) -> None:
    left = list(results)
    interview = Interview(ScriptedTerminal(), source_of({}), lambda module, options: dict(left.pop(0)), read_cluster)

    def write_all() -> FormFlow:
        for _result in results:
            yield Run("store", {}, writes=True)
        return FormOutcome(())

    interview.conduct(write_all)
    assert interview.writing == known


def test_an_error_closes_the_form() -> None:
    ended = []

    def failing() -> FormFlow:
        try:
            yield ReadCluster()
        finally:
            ended.append("closed")
        return FormOutcome(())

    def refuse() -> ClusterPlace:
        raise KeyringError("The cluster cannot be reached.", failure="unreachable")

    interview = Interview(ScriptedTerminal(), source_of({}), lambda module, options: {}, refuse)
    form = failing()
    with pytest.raises(KeyringError, match="cannot be reached"):
        interview.conduct(lambda: form)
    assert ended == ["closed"]


class BrokenDisplay:
    """Ansible's display, of which the prompt fails, also with what it raises for a terminal that was closed."""

    def __init__(self, *, closed: bool) -> None:
        self._closed = closed

    def prompt_until(self, prompt: str, *, private: bool, seconds: int | None = None, **keys: Any) -> bytes:
        if seconds is None:
            raise AnsibleError("(5, 'Input/output error')" if self._closed else "a defect")
        if self._closed:
            raise AnsiblePromptNoninteractive("stdin is not interactive")
        return b""


def test_only_a_closed_terminal_is_a_person_who_stops() -> None:
    with pytest.raises(Stopped):
        FormTerminal(BrokenDisplay(closed=True), columns=80).ask("Name")  # type: ignore[arg-type]
    with pytest.raises(KeyringError, match="cannot read from the terminal: a defect"):
        FormTerminal(BrokenDisplay(closed=False), columns=80).ask("Name")  # type: ignore[arg-type]


# Without a terminal


COMPLETE = {"place": "edge", "item_name": "first", "token": "t0ken", "private_key": KEY}


def test_optional_fields_need_not_be_set(store: Store) -> None:
    outcome = conduct_unattended(store, COMPLETE)

    assert outcome.lines == ("Stored first.",)
    assert store.options == {**COMPLETE, "size": None, "note": None}


def test_all_that_is_missing_or_wrong_is_one_error(store: Store) -> None:
    with pytest.raises(KeyringError) as raised:
        conduct_unattended(store, {"item_name": "x" * 13, "size": "huge"})

    message = str(raised.value)
    assert "item_name (Name) is too long." in message
    assert "size (Size) must be one of: small, large." in message
    assert "token (Token): set it in a variables file encrypted with Ansible Vault" in message
    assert "private_key (Private key): " in message
    assert "place" not in message  # it has a default
    assert store.options is None


# The value of a variable, the id of the failure, and what the message says.
REFUSED_VALUES = {
    "a number": (123456, "not_a_string", "must be a string"),
    "a boolean": (True, "not_a_string", "must be a string"),
    "a date": (date(2026, 12, 1), "not_a_string", "must be a string"),
    "a mapping": ({"a": 1}, "not_a_string", "not a mapping or a list"),
    "a list": (["a"], "not_a_string", "not a mapping or a list"),
    "null": (None, "invalid_option", "is required"),
    "an empty string": (" ", "invalid_option", "is required"),
    "a mask": ("******", "invalid_option", "asterisks"),
    "several lines": ("a\nb", "invalid_option", "several lines"),
    "a control character": ("a\x1b[D", "invalid_option", "a control character. Remove it"),
    "bytes that are not UTF-8": ("a\udce4", "invalid_option", "not valid UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED_VALUES.values(), ids=list(REFUSED_VALUES))
def test_values_of_variables_that_are_refused(store: Store, case: tuple[Any, str, str]) -> None:
    value, failure, words = case
    with pytest.raises(KeyringError, match=words) as raised:
        conduct_unattended(store, {**COMPLETE, "token": value})

    described = raised.value.describe()
    assert (described["id"], described["option"]) == (failure, "token")
    assert str(value) == " " or not isinstance(value, str) or value not in str(raised.value)
    assert store.options is None


@pytest.mark.parametrize("value", ["", " ", None])
def test_an_empty_variable_selects_nothing(store: Store, value: str | None) -> None:
    with pytest.raises(KeyringError, match=r"place \(Place\) is empty\. .* then it is home\.") as raised:
        conduct_unattended(store, {**COMPLETE, "place": value})

    assert raised.value.option == "place"
    assert store.options is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["Unix", "Windows"])
def test_a_value_of_several_lines_comes_from_a_variable(store: Store, newline: str) -> None:
    key = KEY.replace("\n", newline)

    conduct_unattended(store, {**COMPLETE, "private_key": key})

    assert store.options is not None
    assert store.options["private_key"] == key


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    assert decode_file("private_key_file", "key", "für".encode()) == "für"
    with pytest.raises(KeyringError, match=r"private_key_file /tmp/key is not valid UTF-8\.") as raised:
        decode_file("private_key_file", "/tmp/key", b"pass\xe4word")
    assert raised.value.option == "private_key_file"
    assert "pass" not in str(raised.value)


@pytest.mark.parametrize("value", ["~/.kube/config", ["kubeconfig"], 7])
def test_a_connection_that_is_not_a_mapping_is_refused(value: object) -> None:
    assert read_connection_variable({"keyring_connection": {"context": "test"}}, "keyring_connection") == {
        "context": "test"
    }
    assert read_connection_variable({"keyring_connection": None}, "keyring_connection") == {}
    with pytest.raises(KeyringError, match="keyring_connection must be a mapping") as raised:
        read_connection_variable({"keyring_connection": value}, "keyring_connection")
    assert raised.value.option == "keyring_connection"


def test_a_variable_is_templated_once_and_only_if_it_is_read() -> None:
    class CountingTemplar(Templar):
        templated: tuple[object, ...] = ()

        def template(self, variable: object, *arguments: Any, **options: Any) -> Any:
            self.templated += (variable,)
            return super().template(variable, *arguments, **options)

    given = {"secret_name": "one", "other": "two"}
    templar = CountingTemplar(DataLoader(), given)

    assert source_of(TemplatedVariables(given, templar)).find(NAMED) == "one"
    assert templar.templated == ("one",)


def test_secret_values_come_from_files_and_the_environment(store: Store, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    place = {"place": "edge", "item_name": "first", "private_key_file": str(tmp_path / "key")}

    conduct_unattended(store, place, {"KEYRING_TOKEN": "fr0m-environment", "KEYRING_PLACE": "ignored"})

    assert store.options is not None
    assert (store.options["token"], store.options["private_key"]) == ("fr0m-environment", KEY)
    assert store.options["place"] == "edge"


@pytest.mark.parametrize(("given", "is_written"), [("yes", True), (True, True), ("no", False), (False, False)])
def test_a_confirmation_by_a_variable(store: Store, given: object, is_written: bool) -> None:
    conduct_unattended(store, {**COMPLETE, "confirm": given})

    assert (store.options is not None) == is_written


def test_a_confirmation_that_is_neither_yes_nor_no(store: Store) -> None:
    with pytest.raises(KeyringError, match=r"confirm .* must be yes or no"):
        conduct_unattended(store, {**COMPLETE, "confirm": "maybe"})


def test_a_failure_of_a_module_ends_the_form(store: Store) -> None:
    refusing = Store(store.path, {("item_name", "first"): refusal("name")})
    with pytest.raises(FormFailed) as raised:
        conduct_unattended(refusing, COMPLETE)

    assert raised.value.result["msg"] == "item_name is refused."
    assert raised.value.result["failure"] == {"id": "rejected", "option": "item_name"}
