# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminal of a form: lines to print, and answers that a person types or pastes.

Ansible reads keys in its main process with ``Display.prompt_until``, the only way that works from ansible-core 2.16 to
2.22. For each key it asks whether the key is in ``interrupt_input``, then whether it is in ``complete_input``. The
classes of this file are such containers. They see all keys, and so know when a pasted value is complete.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterable, Iterator

from ansible.errors import AnsibleError, AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.utils.display import Display

from ..module_utils._errors import KeyringError
from ..module_utils._forms.pasted import is_complete, normalize_typed
from ..module_utils._forms.texts import wrap
from ..module_utils._printable import make_printable

_CTRL_C = b"\x03"
_CTRL_D = b"\x04"
_NEWLINES = (b"\r", b"\n")
_BACKSPACES = (b"\x7f", b"\x08")

# The seconds in which the next part of a paste arrives, from another machine too. A person types more slowly.
_PASTE_GAP = 0.05

# The bytes of a paste from which a person notices that it takes a while.
_LONG_PASTE = 500

# Lines that are longer are hard to read.
_WIDEST = 100
_USUAL = 80
_NARROWEST = 30


def _measure_window() -> int:
    """Return the columns of the terminal that this process prints to, or 0 if it prints to something else."""
    try:
        return os.get_terminal_size(1).columns
    except OSError:
        return 0


# Ansible imports this file in its main process. The process of a task has no terminal, and Ansible takes each window
# for at least 80 columns wide.
_WINDOW_COLUMNS = _measure_window()


class Stopped(Exception):
    """The person pressed Ctrl-C or Ctrl-D, or the terminal was closed."""


class _Keys:
    """A container that Ansible asks about each key. Iterating over it yields nothing."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


class InterruptKeys(_Keys):
    """The keys that end a form: Ctrl-C, Ctrl-D in place of an answer, and the end of a terminal that was closed."""

    def __init__(self) -> None:
        self._typed = 0

    def __contains__(self, key: bytes) -> bool:
        """Return whether this key, the next one that was typed, ends the form."""
        if key == _CTRL_D:
            return self._typed == 0
        if key in _BACKSPACES:
            self._typed = max(self._typed - 1, 0)
        else:
            self._typed += 1
        return key in (_CTRL_C, b"")


class CompletingKeys(_Keys):
    """The keys that complete an answer: Ctrl-D, and a newline where the value is complete and no more input waits.

    Of a paste of several lines, all are part of one answer. Otherwise its other lines would answer the next questions
    or reach the shell. Keys arrive in lower case. Ansible reads fewer than a thousand of them in a second, so a note
    says that a long paste is being read. Another one says that more must follow. Both are in the line of the answer,
    which Ansible clears at the end.
    """

    def __init__(self, *, lines: bool) -> None:
        """Create the keys for a value of one line, or for one that may have several ``lines``."""
        self._lines = lines
        self._typed = bytearray()
        self._note = ""

    def __contains__(self, key: bytes) -> bool:
        """Return whether this key, the next one that was typed, completes the answer."""
        if key in (_CTRL_D, *_NEWLINES) and not _input_waits():
            text = self._typed.decode(errors="replace").replace("\r", "\n")
            if key == _CTRL_D or not self._lines or is_complete(text):
                return True
            self._show("Paste more, or press Ctrl-D.")
        elif self._lines and len(self._typed) >= _LONG_PASTE:
            self._show("Reading the paste ...")
        if key in _BACKSPACES:
            del self._typed[-1:]
        else:
            self._typed += key
        return False

    def _show(self, note: str) -> None:
        if note != self._note and sys.stdout.isatty():
            self._note = note
            sys.stdout.write(f"\r{note}\x1b[K")
            sys.stdout.flush()


def _input_waits() -> bool:
    """Return whether more input has arrived at the terminal of this process, or arrives at once."""
    stdin = sys.stdin.buffer
    descriptor = stdin.fileno()
    os.set_blocking(descriptor, False)
    try:
        buffered = stdin.peek(1) if hasattr(stdin, "peek") else b""
    except OSError:
        return False
    finally:
        os.set_blocking(descriptor, True)
    return bool(buffered) or bool(select.select([descriptor], [], [], _PASTE_GAP)[0])


class FormTerminal:
    """The terminal at which Ansible runs, if there is one and a person may be asked."""

    def __init__(self, display: Display, *, may_ask: bool = True, columns: int = _WINDOW_COLUMNS) -> None:
        self._display = display
        self._may_ask = may_ask
        self._interactive: bool | None = None
        self.width = min(max(columns or _USUAL, _NARROWEST), _WIDEST)

    def is_interactive(self) -> bool:
        """Return whether there is a terminal; a background process and a job of an automation platform have none."""
        if self._interactive is None:
            self._interactive = self._may_ask and self._has_terminal()
        return self._interactive

    def _has_terminal(self) -> bool:
        try:
            self._display.prompt_until("", private=True, seconds=0)
        except AnsiblePromptNoninteractive:
            return False
        except AnsiblePromptInterrupt:
            raise Stopped from None
        return True

    def _is_closed(self) -> bool:
        """Return whether the terminal was closed, which Ansible reports in many ways."""
        try:
            return not self._has_terminal()
        except AnsibleError:
            return True

    def say(self, lines: Iterable[str], *, logged: bool = True) -> None:
        """Print lines as they are. What repeats answers is not ``logged``: it is for the screen alone."""
        for line in lines:
            self._display.display(make_printable(line), screen_only=not logged)

    def say_wrapped(self, text: str, *, logged: bool = True) -> None:
        """Print a sentence, wrapped at the width of the terminal."""
        for line in text.split("\n"):
            self.say(wrap(line, self.width), logged=logged)

    def ask(self, prompt: str, *, private: bool = False, lines: bool = False) -> str:
        """Return what a person types or pastes, without whitespace around it. Raise Stopped if the person gives up.

        Newlines inside are those of a paste, and half a surrogate pair is a byte that is not UTF-8. Ansible echoes what
        is not ``private``, and removes it afterwards.
        """
        text = "\n".join(wrap(make_printable(prompt), self.width, "  "))
        try:
            typed = self._display.prompt_until(
                text,
                private=private,
                interrupt_input=InterruptKeys(),
                complete_input=CompletingKeys(lines=lines),
            )
        except (AnsiblePromptInterrupt, AnsiblePromptNoninteractive):
            raise Stopped from None
        except AnsibleError as error:
            if self._is_closed():
                raise Stopped from None
            raise KeyringError(
                f"Ansible cannot read from the terminal: {make_printable(str(error))}", failure="internal_error"
            ) from None
        return normalize_typed(typed)
