# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verification of the credentials that image_pull_secret would write, before it writes anything."""

from __future__ import annotations

import platform
import re
import threading
from collections.abc import Sequence
from typing import Any, Literal

from .._credentials.registries import Registry
from .._credentials.secret_values import public_username
from .._errors import KeyringError
from .._kubelet.server_text import public_server
from .._registry.entry_verification import verify_entries
from .._registry.pull_check import CheckResult
from .._registry.verification import VerifyOptions
from .._registry.written_entries import WrittenEntry, find_written_entries
from .._runtime.execute import Runtime
from .._secret.plan import Plan
from .._secret.pull_secret import ReadConfig, read_docker_config

Require = Literal["not_denied", "pullable"]

# The sentences about different answers in one message, and the images in each.
MAX_LISTED_ANSWERS = 5
MAX_LISTED_IMAGES_OF_ENTRY = 3

_MAX_REMEMBERED_PLANS = 64

_WITHOUT_PROOF = ("not_found", "unreachable", "unverifiable")


class WrittenCredentials:
    """The credentials that a task would write, each asked about once, regardless of the number of namespaces."""

    def __init__(
        self,
        registries: Sequence[Registry],
        images: Sequence[str],
        options: VerifyOptions,
        require: Require,
        ca: bytes | None,
        runtime: Runtime,
        read: ReadConfig = read_docker_config,
    ) -> None:
        self._read = read
        self._registries, self._images = registries, images
        self._options, self._require, self._ca, self._runtime = options, require, ca, runtime
        self._answers: dict[WrittenEntry, CheckResult] = {}
        self._found: dict[tuple[Any, ...], Sequence[WrittenEntry]] = {}
        self._lock = threading.Lock()

    def check(self, plans: Sequence[Plan]) -> None:
        """Ask the registries about what these plans would write. Raise KeyringError if it must not be written."""
        entries: dict[WrittenEntry, None] = {}
        for plan in plans:
            entries.update(dict.fromkeys(self._find_entries(plan)))
        with self._lock:
            unknown = [entry for entry in entries if entry not in self._answers]
            if unknown:
                scrubber, shared = self._runtime.scrubber, self._runtime.answers
                self._answers.update(verify_entries(unknown, self._options, self._ca, scrubber, shared))
        self._refuse([(entry, self._answers[entry]) for entry in entries])

    def _find_entries(self, plan: Plan) -> Sequence[WrittenEntry]:
        """Return the credentials that a plan would write. Most namespaces have the same data."""
        if plan.after is None:
            return ()
        before = None if plan.before is None else tuple((plan.before.get("data") or {}).items())
        data = (before, tuple((plan.after.get("data") or {}).items()))
        found = self._found.get(data)
        if found is None:
            found = find_written_entries(plan.before, plan.after, self._registries, self._images, self._read)
            if len(self._found) >= _MAX_REMEMBERED_PLANS:
                self._found.clear()
            self._found[data] = found
        return found

    def describe(self) -> dict[str, Any]:
        """Return the field of the result of the task."""
        return {"verified": [_describe_answer(entry, answer) for entry, answer in self._answers.items()]}

    def warnings(self) -> list[str]:
        """Return a sentence for each answer that neither proves that credentials work nor refuses them."""
        answers = [item for item in self._answers.items() if item[1].outcome in _WITHOUT_PROOF]
        return _explain(answers)

    def _refuse(self, answers: Sequence[tuple[WrittenEntry, CheckResult]]) -> None:
        denied = [item for item in answers if item[1].outcome == "denied"]
        if denied:
            raise KeyringError(
                " ".join(_explain(denied)),
                "The credentials were not written.",
                "Correct the credentials before you run the task again: after several failed logins, registries lock "
                "accounts.",
                failure="denied_by_registry",
                option=_common_option(denied),
                fatal=True,
            )
        unproven = [item for item in answers if item[1].outcome != "pullable"]
        if self._require == "pullable" and unproven:
            raise KeyringError(
                " ".join(_explain(unproven)),
                "verify_require=pullable needs a registry that lets each new entry pull an image.",
                "The credentials were not written. Name an image for each entry in images, or set "
                "verify_require=not_denied.",
                failure="not_verified",
                option=_common_option(unproven),
                fatal=True,
            )


def _describe_answer(entry: WrittenEntry, answer: CheckResult) -> dict[str, str | None]:
    return {
        "option": entry.option,
        "server": public_server(entry.server),
        "username": public_username(entry.username, entry.password) or None,
        "image": entry.image or None,
        "outcome": answer.outcome,
        "text": _one_line(answer),
        "asked_from": platform.node(),
    }


def _explain(answers: Sequence[tuple[WrittenEntry, CheckResult]]) -> list[str]:
    """Return a sentence for each of the first different answers, with their entries and images."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for entry, answer in answers:
        alike.setdefault((entry.option, public_server(entry.server), _one_line(answer)), []).append(entry.image)
    sentences: list[str] = []
    for (option, server, text), images in alike.items():
        listed = ", ".join(images[:MAX_LISTED_IMAGES_OF_ENTRY])
        more = len(images) - MAX_LISTED_IMAGES_OF_ENTRY
        about = f"{listed} and {more} more" if more > 0 else listed
        sentences.append(f'{option} ("{server}"{about and f" for {about}"}): {text}')
    if len(sentences) > MAX_LISTED_ANSWERS:
        hidden = len(sentences) - MAX_LISTED_ANSWERS
        return [*sentences[:MAX_LISTED_ANSWERS], f"{hidden} more are in the field verified of the result."]
    return sentences


def _common_option(answers: Sequence[tuple[WrittenEntry, CheckResult]]) -> str | None:
    """Return the option behind all of these answers; None if there are several."""
    options = {entry.option for entry, _answer in answers}
    return options.pop() if len(options) == 1 else None


def _one_line(answer: CheckResult) -> str:
    return re.sub(r"\s+", " ", answer.text)
