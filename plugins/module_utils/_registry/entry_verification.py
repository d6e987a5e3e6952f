# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check against registries whether the credentials that a task would write work."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .._credentials.secret_values import AFTER_APPLY, public_username
from .._kubelet.server_text import public_server
from .._runtime.scrub import Scrubber
from .logins import PullLogin
from .place import RegistryLocation, find_place, find_registry
from .pull_check import CheckResult
from .verification import RegistryChecker, Verified, VerifyOptions, ask_registries
from .written_entries import WrittenEntry

if TYPE_CHECKING:
    from .._runtime.answer_store import AnswerStore

# Different credentials that a registry may refuse in one task: more would lock an account, or an address.
MOST_REFUSED = 5


def verify_entries(
    entries: Sequence[WrittenEntry],
    options: VerifyOptions,
    ca: bytes | None,
    known: Scrubber,
    shared: AnswerStore | None = None,
) -> Mapping[WrittenEntry, CheckResult]:
    """Return the answers of the registries, in the order of the entries.

    ``ca`` is the content of the option ``verify_ca_cert`` (PEM), or None. ``known`` has the secrets to hide in the
    sentences that come back. What other tasks have asked, by ``shared``, is not asked again.
    """
    options = dataclasses.replace(options, most_refused=MOST_REFUSED)
    answers: dict[WrittenEntry, CheckResult] = {}
    asked: list[tuple[WrittenEntry, RegistryLocation]] = []
    for entry in entries:
        place = _find_place(entry, options)
        if isinstance(place, RegistryLocation):
            asked.append((entry, place))
        else:
            answers[entry] = place

    def ask(checker: RegistryChecker, check: tuple[WrittenEntry, RegistryLocation]) -> Verified:
        entry, place = check
        return Verified(checker.check(place, entry.image, _login_of(entry)))

    def take(outcome: tuple[tuple[WrittenEntry, RegistryLocation], Verified]) -> None:
        (entry, _place), verified = outcome
        answers[entry] = verified.answer

    if asked:
        ask_registries(asked, ask, take, options, ca, known, shared)
    return {entry: answers[entry] for entry in entries}


def _find_place(entry: WrittenEntry, options: VerifyOptions) -> RegistryLocation | CheckResult:
    """Return where to ask about an entry, or the answer if nothing can be asked."""
    if entry.password == AFTER_APPLY:
        return CheckResult("unverifiable", "Not asked: the task mints this token, which is not known in check mode.")
    if entry.is_minted:
        return CheckResult("unverifiable", "Not asked: the task minted this token.")
    if entry.image:
        return find_place(entry.image, options.plain_http)
    place = find_registry(entry.server, options.plain_http)
    if place is None:
        return CheckResult("unverifiable", "Not asked: the server is a pattern, and images has no image for it.")
    return place


def _login_of(entry: WrittenEntry) -> PullLogin:
    return PullLogin(
        secret="",
        server=public_server(entry.server),
        shown=public_username(entry.username, entry.password) or None,
        is_ours=True,
        username=entry.username,
        password=entry.password,
    )
