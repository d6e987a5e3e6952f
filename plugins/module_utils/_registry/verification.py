# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking registries whether the entries that match images do pull them."""

from __future__ import annotations

import base64
import dataclasses
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from .._cluster.pool import run_all
from .._errors import KeyringError
from .._images.audit import ImageFinding
from .._runtime.host import read_option_file
from .._runtime.options import Options
from .._runtime.scrub import Scrubber
from .client import Deadline, NoResponse, RegistryClient, Trust, registry_proxy_secrets
from .logins import PullLogin, list_logins
from .place import find_place, is_location
from .pull_check import CheckResult, PullCheck, Request, Response, pull_check_flow

VERIFY_OPTIONS: Options = {
    "verify": {"type": "bool", "default": False},
    "verify_scope": {"type": "str", "choices": ["ours", "all"], "default": "ours"},
    "verify_timeout": {"type": "int", "default": 10},
    "verify_concurrency": {"type": "int", "default": 8},
    "verify_ca_cert": {"type": "path"},
    "verify_validate_certs": {"type": "bool", "default": True},
    "verify_realms": {"type": "list", "elements": "str", "default": []},
    "verify_plain_http": {"type": "list", "elements": "str", "default": []},
}

_LONGEST_TIMEOUT = 600
_MOST_AT_ONCE = 64
_LARGEST_FILE = 1024 * 1024

# Refusals that may be about the image or about the credentials, after which the credentials are not sent again.
_MOST_DOUBTS = 3


@dataclass(frozen=True)
class Terms:
    """How registries are asked."""

    every_secret: bool
    seconds: int
    concurrency: int
    trust: Trust
    realms: tuple[str, ...]
    plain: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What a registry answers for an image, and the entry that was asked with; None where no entry was."""

    answer: CheckResult
    login: PullLogin | None = None


@dataclass(frozen=True)
class _Item:
    """An image, and the entries to ask with in turn."""

    image: str
    logins: tuple[PullLogin, ...] = field(repr=False)


def parse_terms(params: Mapping[str, Any], files: Mapping[str, bytes]) -> Terms | None:
    """How registries are to be asked; None when they are not. Raises KeyringError for options that can not be."""
    if not params["verify"]:
        return None
    for option, most in (("verify_timeout", _LONGEST_TIMEOUT), ("verify_concurrency", _MOST_AT_ONCE)):
        if not 0 < params[option] <= most:
            raise KeyringError(f"{option} must be between 1 and {most}; got {params[option]}.", option=option)
    for option in ("verify_realms", "verify_plain_http"):
        for index, text in enumerate(params[option]):
            if not is_location(text):
                raise KeyringError(
                    f"{option}[{index}] is not a host with an optional port.",
                    "",
                    'Write it like "auth.example.com".',
                    option=f"{option}[{index}]",
                )
    ca = read_option_file("verify_ca_cert", params["verify_ca_cert"], files, _LARGEST_FILE)
    return Terms(
        every_secret=params["verify_scope"] == "all",
        seconds=params["verify_timeout"],
        concurrency=params["verify_concurrency"],
        trust=Trust(ca, params["verify_validate_certs"]),
        realms=tuple(params["verify_realms"]),
        plain=tuple(params["verify_plain_http"]),
    )


def verify(found: Sequence[ImageFinding], terms: Terms, known: Scrubber) -> list[Verified | None]:
    """What registries answer for each image that finds an entry; None for the others, in the order of ``found``.

    Each pair of an image and an entry is asked for once, however often it is found. ``known`` is told nothing; what was
    sent is hidden in the sentence that comes back, and nothing else than that and what ``known`` knows.
    """
    logins = [list_logins(item.pull_secrets, item.image) if item.verdict.status == "matched" else () for item in found]
    items = [
        _Item(item.image, tuple(login for login in of_image if terms.every_secret or login.is_ours))
        for item, of_image in zip(found, logins, strict=True)
    ]
    scrubber = Scrubber(known)
    scrubber.add(*registry_proxy_secrets())
    answers = _ask_all([item for item in _in_waves(items) if item.logins], terms, scrubber)
    return [
        (answers[_key(item)] if item.logins else Verified(_out_of_scope(of_image))) if of_image else None
        for item, of_image in zip(items, logins, strict=True)
    ]


def _ask_all(items: Sequence[_Item], terms: Terms, scrubber: Scrubber) -> dict[Any, Verified]:
    answers: dict[Any, Verified] = {}
    unique = list({_key(item): item for item in items}.values())

    def take(outcome: tuple[Any, Verified]) -> None:
        answers[outcome[0]] = outcome[1]

    client = RegistryClient(terms.trust)
    try:
        asker = _Asker(client, terms, scrubber)
        failure = run_all(lambda item: (_key(item), asker.ask_in_turn(item)), unique, terms.concurrency, take)
    finally:
        client.close()
    if failure:
        raise failure
    return answers


def _key(item: _Item) -> tuple[Any, ...]:
    return item.image, *((login.secret, login.server, login.username, login.password) for login in item.logins)


def _in_waves(items: Sequence[_Item]) -> list[_Item]:
    """First one image for each registry and credentials: the others have to wait for what becomes of them."""
    first: dict[Any, _Item] = {}
    for item in items:
        if item.logins:
            login = item.logins[0]
            first.setdefault((find_place(item.image).location, login.username, login.password), item)
    return [*first.values(), *items]


def _secret_texts(login: PullLogin) -> Iterator[str]:
    """What is sent, as a registry may quote it."""
    text = f"{login.username}:{login.password}"
    yield login.password
    yield text
    yield base64.b64encode(text.encode(errors="surrogateescape")).decode()


def _out_of_scope(logins: Sequence[PullLogin]) -> CheckResult:
    names = ", ".join(dict.fromkeys(login.secret for login in logins))
    return CheckResult(
        "unverifiable", f"Not asked: {names} was not made by this collection. verify_scope=all asks with it too."
    )


def _hide_login(answer: CheckResult, login: PullLogin, base: Scrubber) -> CheckResult:
    """Return the answer with every part of the credentials hidden in what the registry wrote, which has seen them."""
    if not answer.quoted:
        return answer
    scrubber = Scrubber(base)
    scrubber.add(*_secret_texts(login))
    said = scrubber.clean_parts(answer.quoted)
    return dataclasses.replace(answer, text=f"{answer.text.removesuffix(answer.quoted)}{said}", quoted=said)


class _Gate:
    """What is known of credentials at a registry. Until they were accepted, one question is asked at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_open = False
        self.refusal: CheckResult | None = None
        self._doubts = 0

    def note(self, answer: CheckResult, image: str) -> None:
        if answer.credentials == "accepted":
            self.is_open = True
        elif answer.credentials == "refused":
            text = (
                f"The registry refused these credentials for {image}; lest it locks the account, it is not asked again."
            )
            self.refusal = CheckResult("denied", text)
        elif answer.credentials == "doubtful" and not self.is_open:
            self._doubts += 1
            if self._doubts >= _MOST_DOUBTS:
                text = f"The registry refused these credentials {self._doubts} times, and is not asked again."
                self.refusal = CheckResult("unverifiable", text)


class _Asker:
    """Asks registries. A registry that gives no answer, and credentials that are refused, are not tried again."""

    def __init__(self, client: RegistryClient, terms: Terms, scrubber: Scrubber) -> None:
        self._client, self._terms, self._scrubber = client, terms, scrubber
        self._lock = threading.Lock()
        self._gates: dict[tuple[str, str, str], _Gate] = {}
        self._ended: dict[str, CheckResult] = {}

    def ask_in_turn(self, item: _Item) -> Verified:
        """Ask with each entry until one is not refused, as the kubelet does. If all are, the first one is told."""
        refused: list[Verified] = []
        for login in item.logins:
            verified = Verified(self._ask(item.image, login), login)
            if verified.answer.outcome not in ("denied", "unverifiable"):
                return verified
            refused.append(verified)
        return refused[0]

    def _ask(self, image: str, login: PullLogin) -> CheckResult:
        place = find_place(image, self._terms.plain)
        with self._lock:
            gate = self._gates.setdefault((place.location, login.username, login.password), _Gate())
        with nullcontext() if gate.is_open else gate.lock:
            known = gate.refusal or self._ended.get(place.location)
            if known:
                return known
            question = PullCheck(place, login.username, login.password, login.user, self._terms.realms)
            answer = _hide_login(self._converse(question), login, self._scrubber)
            gate.note(answer, image)
            if answer.ends:
                self._ended[place.location] = answer
            return answer

    def _converse(self, question: PullCheck) -> CheckResult:
        deadline = Deadline(self._terms.seconds)
        conversation = pull_check_flow(question)
        asked: list[Request] = []

        def work() -> CheckResult:
            try:
                asked.append(next(conversation))
                while True:
                    request = asked[-1]
                    reply = self._client.send(request.method, request.url, request.headers, deadline)
                    asked.append(conversation.send(Response(*reply)))
            except StopIteration as end:
                answer: CheckResult = end.value
                return answer

        try:
            return _within(deadline, work)
        except NoResponse as failure:
            is_token = bool(asked) and asked[-1].url != question.place.manifest_url
            who = "The token service of the registry" if is_token else "The registry"
            if failure.strange:
                return CheckResult("unverifiable", f"{who} does not answer like one: {failure}.", ends=True)
            return CheckResult("unreachable", f"{who} gives no answer: {failure}.", ends=True)


def _within(deadline: Deadline, work: Callable[[], CheckResult]) -> CheckResult:
    """The value of ``work``, or NoAnswer in time.

    A server may send a byte now and then for ever, which no time limit of a socket ends: then the thread is left to
    itself, and sends nothing any more.
    """
    outcome: list[CheckResult | BaseException] = []

    def serve() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001  (carried to the caller)
            outcome.append(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not outcome:
        raise NoResponse(f"no whole answer within {deadline.seconds:g} seconds")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def describe_verified(verified: Verified | None) -> dict[str, Any] | None:
    """What a registry answers, for the result."""
    if verified is None:
        return None
    login = verified.login
    return {
        "outcome": verified.answer.outcome,
        "text": re.sub(r"\s+", " ", verified.answer.text),
        "secret": login.secret if login else None,
        "server": login.server if login else None,
        "username": login.shown if login else None,
    }
