# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors as they may be shown: without secrets, and those of a bug by their place in the code."""

from __future__ import annotations

import traceback

from .._errors import KeyringError
from .scrub import Scrubber

# Written in place of the text of a webhook or policy.
_NOT_QUOTED = "(not quoted here, because it contains a secret of this request)"


def unexpected_error(error: BaseException) -> KeyringError:
    """Return the refusal for an unexpected error: its place in the code, without its text, which may quote a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('/')[2]}, line {frame.lineno}, in {frame.name}"
    return KeyringError(
        f"Unexpected {type(error).__name__} in {place}.",
        "This is a bug in the collection. Please report it.",
        failure="internal_error",
    )


def public_message(error: KeyringError, scrubber: Scrubber) -> str:
    """Return the sentences of an error as they may be shown.

    Parts of secrets in quoted text are masked. The text of a webhook or policy is left out as a whole if there are any,
    because it may contain others.
    """
    quoted = scrubber.clean_parts(error.quoted)
    if error.failure == "admission_denied" and quoted != error.quoted:
        quoted = _NOT_QUOTED
    return scrubber.clean(str(error).replace(error.quoted, quoted))
