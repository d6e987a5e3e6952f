# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check against registries whether entries can pull images, or are accepted."""

from __future__ import annotations

import base64
import dataclasses
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .._cluster.pool import run_all
from .._dataclasses import dataclass
from .._images.audit import ImageFinding
from .._runtime.answer_store import SECONDS_BESIDE, SECONDS_IN_DOUBT, SECONDS_SETTLED
from .._runtime.scrub import Scrubber
from .client import TLS_FAILED, Deadline, NoResponse, RawResponse, RegistryClient, Trust, registry_proxy_secrets
from .logins import PullLogin, list_logins
from .place import RegistryLocation, find_place
from .pull_check import CheckResult, PullCheck, Request, Response, pull_check_flow

if TYPE_CHECKING:
    from .._runtime.answer_store import AnswerStore

CheckT = TypeVar("CheckT")

# Refusals that may be about the image or about the credentials, after which the credentials are not sent again.
_MOST_DOUBTS = 3


@dataclass(frozen=True)
class VerifyOptions:
    """The options for asking registries: which entries, with how much patience, and whom to trust.

    ``timeout`` is in seconds for one image and entry. ``realms`` and ``plain_http`` are hosts with an optional port:
    other token services that may get credentials, and registries without TLS. After ``most_refused`` different
    credentials, a registry gets no others; None is no limit.
    """

    scope: Literal["ours", "all"] = "ours"
    timeout: int = 10
    concurrency: int = 8
    ca_cert: str | None = None
    validate_certs: bool = True
    realms: tuple[str, ...] = ()
    plain_http: tuple[str, ...] = ()
    most_refused: int | None = None


@dataclass(frozen=True)
class Verified:
    """The answer of a registry for an image, and the entry that was sent; None if no entry was."""

    answer: CheckResult
    login: PullLogin | None = None


@dataclass(frozen=True)
class _ImageCheck:
    """An image, and the entries to send in turn. Equal checks have the same answer."""

    image: str
    logins: tuple[PullLogin, ...] = field(repr=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what equal checks have in common."""
        return self.image, *((login.secret, login.server, login.username, login.password) for login in self.logins)


def verify(
    found: Sequence[ImageFinding], options: VerifyOptions, ca: bytes | None, known: Scrubber
) -> list[Verified | None]:
    """Return the answers of registries for the images that match an entry; None for the others, in the order of found.

    ``ca`` is the content of the option ``verify_ca_cert`` (PEM), or None.
    Each pair of an image and an entry is sent once, however often it occurs. The credentials that were sent are hidden
    in the sentence that comes back, and so is everything that ``known`` knows; ``known`` itself stays as it is.
    """
    logins = [list_logins(item.pull_secrets, item.image) if item.verdict.status == "matched" else () for item in found]
    checks: list[_ImageCheck] = []
    for item, of_image in zip(found, logins, strict=True):
        in_scope = [login for login in of_image if options.scope == "all" or login.is_ours]
        checks.append(_ImageCheck(item.image, tuple(in_scope)))
    unique = {check.key: check for check in _in_waves(checks) if check.logins}
    answers: dict[Any, Verified] = {}

    def take(outcome: tuple[_ImageCheck, Verified]) -> None:
        answers[outcome[0].key] = outcome[1]

    ask_registries(list(unique.values()), lambda checker, check: checker.check_in_turn(check), take, options, ca, known)
    verified: list[Verified | None] = []
    for check, of_image in zip(checks, logins, strict=True):
        if not of_image:
            verified.append(None)
        elif check.logins:
            verified.append(answers[check.key])
        else:
            verified.append(Verified(_out_of_scope(of_image)))
    return verified


def ask_registries(
    checks: Sequence[CheckT],
    ask: Callable[[RegistryChecker, CheckT], Verified],
    take: Callable[[tuple[CheckT, Verified]], None],
    options: VerifyOptions,
    ca: bytes | None,
    known: Scrubber,
    shared: AnswerStore | None = None,
) -> None:
    """Call ``ask`` with each check on several threads, and ``take`` with the check and its answer.

    What other tasks have asked, by ``shared``, is not asked again. Raise the first error that is not an answer.
    """
    scrubber = Scrubber(known)
    scrubber.add(*registry_proxy_secrets())
    client = RegistryClient(Trust(ca, options.validate_certs))
    try:
        checker = RegistryChecker(client, options, scrubber, SharedChecks(shared, options, ca) if shared else None)
        failure = run_all(lambda check: (check, ask(checker, check)), checks, options.concurrency, take)
    finally:
        client.close()
    if failure:
        raise failure


def _in_waves(checks: Sequence[_ImageCheck]) -> list[_ImageCheck]:
    """Return the checks with one for each registry and credentials first: the others wait for its answer."""
    first: dict[Any, _ImageCheck] = {}
    for check in checks:
        if check.logins:
            login = check.logins[0]
            first.setdefault((find_place(check.image).location, login.username, login.password), check)
    return [*first.values(), *checks]


def _secret_texts(login: PullLogin) -> Iterator[str]:
    """Yield what is sent, in the forms in which a registry may quote it."""
    text = f"{login.username}:{login.password}"
    yield login.password
    yield text
    yield base64.b64encode(text.encode(errors="surrogateescape")).decode()


def _out_of_scope(logins: Sequence[PullLogin]) -> CheckResult:
    names = ", ".join(dict.fromkeys(login.secret for login in logins))
    return CheckResult(
        "unverifiable", f"Not asked: {names} was not created by this collection. verify_scope=all includes it."
    )


def _hide_login(answer: CheckResult, login: PullLogin, base: Scrubber) -> CheckResult:
    """Return the answer with every part of the credentials hidden in the words of the registry, which has seen them."""
    if not answer.quoted:
        return answer
    scrubber = Scrubber(base)
    scrubber.add(*_secret_texts(login))
    said = scrubber.clean_parts(answer.quoted)
    return dataclasses.replace(answer, text=f"{answer.text.removesuffix(answer.quoted)}{said}", quoted=said)


class _Gate:
    """The state of credentials at a registry. Until they are accepted, one check runs at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_open = False
        self.was_tried = False
        self.refusal: CheckResult | None = None
        self._doubts = 0

    def note(self, answer: CheckResult, image: str) -> None:
        """Take note of an answer, and of whether these credentials may be sent again; ``image`` may be empty."""
        if answer.credentials == "accepted":
            self.is_open = True
        elif answer.credentials == "refused":
            text = (
                f"The registry refused these credentials{image and f' for {image}'}. No further attempts are made, so "
                "that the account is not locked."
            )
            self.refusal = CheckResult("denied", text)
        elif answer.credentials == "doubtful" and not self.is_open:
            self._doubts += 1
            if self._doubts >= _MOST_DOUBTS:
                text = f"The registry refused these credentials {self._doubts} times. No further attempts are made."
                self.refusal = CheckResult("unverifiable", text)


class _Brake:
    """The number of different credentials that a registry may refuse, counting those that are being sent."""

    def __init__(self, most: int | None) -> None:
        self._most = math.inf if most is None else most
        self._refused = 0
        self._trying = 0
        self._changed = threading.Condition()

    def may_try(self) -> bool:
        """Return whether credentials that were never sent may be. Wait where the answers to others decide."""
        with self._changed:
            self._changed.wait_for(lambda: self._refused + self._trying < self._most or self._refused >= self._most)
            if self._refused >= self._most:
                return False
            self._trying += 1
            return True

    def note(self, *, refused: bool) -> None:
        """Take note of the answer to credentials for which may_try was true."""
        with self._changed:
            self._trying -= 1
            self._refused += refused
            self._changed.notify_all()


class SharedChecks:
    """The answers to other tasks of the same run of Ansible, such as those of the other hosts of a play.

    An answer counts only for the same question with the same trust. All tasks that share answers run on one machine.
    """

    def __init__(self, store: AnswerStore, options: VerifyOptions, ca: bytes | None) -> None:
        self._store, self._timeout = store, options.timeout
        self._trust = (ca, options.validate_certs, options.realms, options.plain_http)

    def claim(self, check: PullCheck) -> CheckResult | None:
        """Return the answer to a check; None if it is to be asked here."""
        found = self._store.find(self._question(check, of_login=True))
        if found is None:
            found = self._store.claim(self._question(check), self._timeout + SECONDS_BESIDE)
        return None if found is None else CheckResult(**found)

    def release(self, check: PullCheck) -> None:
        """Leave a check to other tasks, which wait for its answer."""
        self._store.put(self._question(check), {}, 0)

    def put(self, check: PullCheck, answer: CheckResult) -> None:
        """Share an answer. Refused credentials are not sent again, also for other images."""
        is_settled = answer.credentials == "refused" or answer.outcome in ("pullable", "authenticated")
        seconds = SECONDS_SETTLED if is_settled else SECONDS_IN_DOUBT
        self._store.put(self._question(check), vars(answer), seconds)
        if answer.credentials == "refused":
            self._store.put(self._question(check, of_login=True), vars(answer), seconds)

    def _question(self, check: PullCheck, *, of_login: bool = False) -> str:
        place = check.place
        image = None if of_login else (place.repository, place.reference)
        return repr((place.location, image, check.username, check.password, self._trust))


class RegistryChecker:
    """A checker of entries, which sends nothing more to a silent registry, nor credentials that were refused."""

    def __init__(
        self,
        client: RegistryClient | _BoundedClient,
        options: VerifyOptions,
        scrubber: Scrubber,
        shared: SharedChecks | None = None,
    ) -> None:
        self._client, self._options, self._scrubber, self._shared = client, options, scrubber, shared
        self._lock = threading.Lock()
        self._gates: dict[tuple[str, str, str], _Gate] = {}
        self._brakes: dict[str, _Brake] = {}
        self._ended: dict[str, CheckResult] = {}

    def check_in_turn(self, check: _ImageCheck) -> Verified:
        """Send each entry until one is not refused, as the kubelet does. Return the first refusal if all are."""
        refused: list[Verified] = []
        for login in check.logins:
            place = find_place(check.image, self._options.plain_http)
            verified = Verified(self.check(place, check.image, login), login)
            if verified.answer.outcome not in ("denied", "unverifiable"):
                return verified
            refused.append(verified)
        return refused[0]

    def check(self, place: RegistryLocation, image: str, login: PullLogin) -> CheckResult:
        """Return whether an entry can pull an image, or is accepted by a registry where ``image`` is empty."""
        with self._lock:
            gate = self._gates.setdefault((place.location, login.username, login.password), _Gate())
            brake = self._brakes.setdefault(place.location, _Brake(self._options.most_refused))
        with nullcontext() if gate.is_open else gate.lock:
            known = gate.refusal or self._ended.get(place.location)
            if known:
                return known
            if gate.was_tried:
                return self._ask(place, image, login, gate)
            return self._ask_first(place, image, login, gate, brake)

    def _ask_first(
        self, place: RegistryLocation, image: str, login: PullLogin, gate: _Gate, brake: _Brake
    ) -> CheckResult:
        """Ask with credentials that were not sent yet, unless the registry has refused too many others."""
        if not brake.may_try():
            text = f"Not asked: the registry refused {self._options.most_refused} other credentials of this task."
            return CheckResult("unverifiable", text)
        is_refused = False
        try:
            ended = self._ended.get(place.location)  # by the answer that may_try has waited for
            if ended:
                return ended
            gate.was_tried = True
            answer = self._ask(place, image, login, gate)
            is_refused = answer.outcome == "denied" and answer.credentials != "accepted"
            return answer
        finally:
            brake.note(refused=is_refused)

    def _ask(self, place: RegistryLocation, image: str, login: PullLogin, gate: _Gate) -> CheckResult:
        check = PullCheck(place, login.username, login.password, login.user, self._options.realms)
        answer = self._shared.claim(check) if self._shared else None
        if answer is None:
            try:
                answer = _hide_login(self._converse(check), login, self._scrubber)
            except BaseException:
                if self._shared:
                    self._shared.release(check)
                raise
            if self._shared:
                self._shared.put(check, answer)
        gate.note(answer, image)
        if answer.ends:
            self._ended[place.location] = answer
        return answer

    def ask_for_everyone(self, image: str) -> CheckResult | None:
        """Return whether the registry serves an image without credentials; None if it must not be asked any more."""
        place = find_place(image, self._options.plain_http)
        if place.location in self._ended:
            return None
        answer = self._converse(PullCheck(place, "", "", "everyone", self._options.realms, anonymous=True))
        if answer.ends:
            self._ended[place.location] = answer
        return answer

    def _converse(self, check: PullCheck) -> CheckResult:
        """Return the result of the requests of a check, also where no whole response comes in time."""
        deadline = Deadline(self._options.timeout)
        flow = pull_check_flow(check)
        sent: list[Request] = []

        def exchange() -> CheckResult:
            try:
                sent.append(next(flow))
                while True:
                    request = sent[-1]
                    response = self._client.send(request.method, request.url, request.headers, deadline)
                    sent.append(flow.send(Response(*response)))
            except StopIteration as end:
                answer: CheckResult = end.value
                return answer

        try:
            return _within(deadline, exchange)
        except NoResponse as failure:
            is_token = bool(sent) and sent[-1].url != check.place.url
            who = "The token service of the registry" if is_token else "The registry"
            if failure.strange:
                return CheckResult("unverifiable", f"{who} does not answer like one: {failure}.", ends=True)
            advice = "; a registry that speaks plain HTTP must be named in verify_plain_http"
            why = f"{failure}{advice if str(failure) == TLS_FAILED else ''}"
            return CheckResult("unreachable", f"{who} gives no answer: {why}.", ends=True)


class _BoundedClient:
    """A sender of at most so many requests."""

    def __init__(self, client: RegistryClient, most: int) -> None:
        self._client = client
        self._left = most
        self.is_spent = False
        self._lock = threading.Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], deadline: Deadline) -> RawResponse:
        """Send one request. Raises NoResponse, also when no more may be sent."""
        with self._lock:
            self.is_spent = self.is_spent or not self._left
            if self.is_spent:
                raise NoResponse("verify_max_requests is reached")
            self._left -= 1
        return self._client.send(method, url, headers, deadline)


def ask_for_everyone(
    images: Sequence[str], options: VerifyOptions, ca: bytes | None, most: int
) -> dict[str, CheckResult]:
    """Return whether registries serve images to everyone, by image. At most so many requests are sent.

    The first image of each registry is asked for alone, so that a registry that gives no answer, or answers 429, gets
    no other request. An image that was not asked for has no answer.
    """
    answers: dict[str, CheckResult] = {}
    firsts: dict[str, str] = {}
    for image in images:
        firsts.setdefault(find_place(image).location, image)
    first_images = frozenset(firsts.values())
    client = RegistryClient(Trust(ca, options.validate_certs))
    bounded = _BoundedClient(client, most)

    def take(outcome: tuple[str, CheckResult | None]) -> None:
        image, answer = outcome
        if answer and not (bounded.is_spent and answer.outcome == "unreachable"):
            answers[image] = answer

    try:
        checker = RegistryChecker(bounded, options, Scrubber())
        for wave in (list(firsts.values()), [image for image in images if image not in first_images]):
            failure = run_all(
                lambda image: (image, checker.ask_for_everyone(image)),
                wave,
                options.concurrency,
                take,
            )
            if failure:
                raise failure
    finally:
        client.close()
    return answers


def _within(deadline: Deadline, work: Callable[[], CheckResult]) -> CheckResult:
    """Return the value of ``work``. Raise NoResponse when it is not there in time.

    A server may send a byte now and then for ever, which no time limit of a socket ends: then the thread is left alone,
    and sends nothing more.
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
    """Return the answer of a registry for the result."""
    if verified is None:
        return None
    login = verified.login
    entry = dict.fromkeys(("secret", "server", "username"))
    if login:
        entry = {"secret": login.secret, "server": login.server, "username": login.shown}
    return {
        "outcome": verified.answer.outcome,
        "text": re.sub(r"\s+", " ", verified.answer.text),
        **entry,
    }
