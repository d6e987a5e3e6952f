# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The package ``cryptography``, which reads keys and certificates: it may be missing, and is imported late."""

from __future__ import annotations

from .._errors import KeyringError


def require_cryptography() -> None:
    """Raise KeyringError where the package is missing; call it before a function imports from it."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise KeyringError(
            "The Python package cryptography is missing on the machine that runs this task.",
            "It is needed to read keys and certificates.",
            "Install it there: pip install cryptography.",
            failure="missing_library",
        ) from None


def is_library_fault(error: BaseException) -> bool:
    """Return whether an exception comes from the library's work on data of others, whatever it calls it.

    Its part in Rust raises PanicException where it stumbles, which derives from BaseException, as do the exceptions
    that end a task: those of a signal and of a timeout.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
