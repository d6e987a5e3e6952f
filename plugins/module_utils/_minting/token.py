# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of clouds, and the error about one that is not given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from .._dataclasses import dataclass
from .._errors import FailureId

# Seconds to reach a token service, and to wait for its answer.
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 20

# Takes secret strings that were met on the way.
Hide = Callable[..., None]


@dataclass(frozen=True)
class Token:
    """A password for a registry, and its expiry time."""

    password: str = field(repr=False)
    expires_at: datetime


class NoTokenError(Exception):
    """A token that is not given: why, and how to go on, in sentences of our own. An SDK may quote what was sent."""

    def __init__(self, why: str, remedy: str, failure: FailureId = "minting_failed") -> None:
        super().__init__(f"{why} {remedy}")
        self.why = why
        self.remedy = remedy
        self.failure: FailureId = failure


def missing_package(package: str) -> NoTokenError:
    """Return the error about an SDK that is not installed; ``package`` is its name for pip."""
    return NoTokenError(
        f"The Python package {package} is missing on the machine that runs this task.",
        f"Install it there: pip install {package}. Or give password.",
        "missing_library",
    )
