# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of options that modules share although they share no table of options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._errors import KeyringError, MissingCredential
from .._runtime.execute import Runtime


@contextmanager
def hinting_at_api_login(params: Mapping[str, Any], option: str) -> Iterator[None]:
    """Add to a missing credential that the login of the task is for the API server, and belongs under ``option``."""
    try:
        yield
    except MissingCredential as error:
        given = [name for name in ("username", "password") if params[name] is not None]
        if given:
            names = f"{' and '.join(given)} of the task {'are' if len(given) > 1 else 'is'}"
            error.args = (f"{error} {names} for the API server; move what is for another server to {option}.",)
        raise


def refuse_secrets(options: Mapping[str, Any], runtime: Runtime, kind: str) -> None:
    """Raise KeyringError if a secret of this task is in options that end up in objects of this kind."""
    for option, value in options.items():
        if runtime.scrubber.clean(str(value)) != str(value):
            raise KeyringError(
                f"{option} contains a password or token of this task.",
                f"Anyone who may list {kind} can read it there.",
                "Check which variable is used where.",
                option=option,
            )
