# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard before the deletion of a Secret that is in use, or may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .._errors import KeyringError
from .users import Use

InUse = Literal["refuse", "warn", "ignore"]

# How many users are listed by name.
MAX_LISTED_USERS = 10

_REMOVE = "Remove these references first."
_DESPITE = "To delete the Secret despite the references, set in_use=warn."
_GRANT = "Grant the identity these permissions. To delete the Secret without this check, set in_use=warn."


def guard(place: str, uses: Sequence[Use], unknown: Sequence[str], in_use: InUse) -> tuple[str, ...]:
    """Return the warnings with which a Secret, called ``place``, is deleted; ``unknown`` is what could not be listed.

    Raises KeyringError for ``refuse`` if something uses the Secret, or if not everything could be listed.
    """
    if in_use == "ignore" or not (uses or unknown):
        return ()
    what = []
    if uses:
        what.append(f"{place} is in use by {_name_users(uses)}.")
    if unknown:
        anything = "anything else" if uses else "anything"
        what += [f"Whether {anything} uses {place} is not known.", *unknown]
    if in_use == "warn":
        return (" ".join(what),)
    if not uses:
        raise KeyringError(" ".join(what), "", _GRANT, failure="in_use_unknown")
    raise KeyringError(" ".join(what), "", f"{_advise_removal(uses)} {_DESPITE}", failure="in_use")


def _advise_removal(uses: Sequence[Use]) -> str:
    if any(use.kind == "ServiceAccount" for use in uses):
        return f"{_REMOVE} With state=absent, service_accounts=['*'] removes those of ServiceAccounts."
    return _REMOVE


def _name_users(uses: Sequence[Use]) -> str:
    names = list(dict.fromkeys(f"{use.kind} {use.name}" for use in sorted(uses)))
    more = len(names) - MAX_LISTED_USERS
    listed = ", ".join(names[:MAX_LISTED_USERS])
    return f"{listed} and {more} more" if more > 0 else listed
