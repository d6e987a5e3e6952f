# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of a Git credential before it is written: its options, what is asked, and what the answer allows.

It is imported only for a task that verifies.
"""

from __future__ import annotations

import dataclasses
import platform
import threading
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from .._credentials.git_shapes import CredentialKind, Format, shape_keys
from .._credentials.key_opener import KeyOpener
from .._credentials.secret_values import AFTER_APPLY
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.answer_store import SECONDS_BESIDE, SECONDS_IN_DOUBT, SECONDS_SETTLED
from .._runtime.execute import Runtime
from .._runtime.host import read_option_file
from .._runtime.scrub import Scrubber
from .._secret.git_stored import stored_parts
from .._secret.plan import Plan, Secret
from .verify_options import MAX_VERIFY_TIMEOUT

if TYPE_CHECKING:
    from .._credentials.git_url import GitUrl
    from .._git.question import GitAnswer, GitQuestion

MAX_CA_FILE = 1024 * 1024

# Different credentials that one task sends: with update_credentials=when_given each namespace may keep another part.
_MOST_ASKED = 5


@dataclass(frozen=True)
class GitVerifyOptions:
    """The options for asking a Git server. ``timeout`` is in seconds for one credential.

    ``url`` is the repository, None if the options name none. ``known_hosts`` and ``ca_certificates`` are used where the
    credential has none.
    """

    require: Literal["not_denied", "pullable"] = "not_denied"
    timeout: int = 10
    url: GitUrl | None = None
    known_hosts: str = field(default="", repr=False)
    ca_certificates: str = field(default="", repr=False)


def parse_git_verify(params: Mapping[str, Any], row: Format, url: GitUrl | None, runtime: Runtime) -> GitVerifyOptions:
    """Parse the options that begin with verify; a file is read.

    ``url`` is the option of the same name. Raises KeyringError, with the option, for what cannot be used.
    """
    from .._credentials.certificates import check_certificates
    from .._credentials.git_url import parse_git_url

    timeout: int = params["verify_timeout"]
    if not 0 < timeout <= MAX_VERIFY_TIMEOUT:
        raise KeyringError(
            f"verify_timeout must be between 1 and {MAX_VERIFY_TIMEOUT}; got {timeout}.", option="verify_timeout"
        )
    repository = None
    if params["verify_url"] is not None:
        repository = parse_git_url(params["verify_url"], "verify_url")
        _refuse_other_host(repository, url)
    elif url and not row.url_prefix:
        repository = url
    known_hosts = ""
    if params["verify_known_hosts"] is not None:
        known_hosts = _parse_host_keys(params["verify_known_hosts"], repository)
    ca = read_option_file("verify_ca_cert", params["verify_ca_cert"], runtime.files, MAX_CA_FILE)
    certificates = ca.decode(errors="replace") if ca else ""
    return GitVerifyOptions(
        require=params["verify_require"],
        timeout=timeout,
        url=repository,
        known_hosts=known_hosts,
        ca_certificates=check_certificates(certificates, "verify_ca_cert") if certificates else "",
    )


def _parse_host_keys(text: str, repository: GitUrl | None) -> str:
    from .._credentials.known_hosts import parse_known_hosts, refuse_uncovered

    option = "verify_known_hosts"
    if repository is None:
        return parse_known_hosts(text, option).text
    known = parse_known_hosts(text, option, repository.host, repository.port)
    refuse_uncovered(known, repository.host, repository.port, option)
    return known.text


def _refuse_other_host(repository: GitUrl, url: GitUrl | None) -> None:
    if url and repository.host != url.host:
        raise KeyringError(
            "verify_url has another host than url.",
            "The credential would be sent to a server that it is not for.",
            "Give a repository on the host of url.",
            option="verify_url",
        )


def check_repository(options: GitVerifyOptions, kind: CredentialKind) -> None:
    """Raise KeyringError if there is no repository to read with this kind of credential, or its URL does not fit."""
    if kind not in ("ssh", "https"):
        return
    url = options.url
    if url is None or not url.path.strip("/"):
        raise KeyringError(
            "verify needs the URL of a repository.",
            "Without one there is nothing to read." if url is None else "url is that of a server.",
            "Set verify_url to a repository that the credential must be able to read.",
            option="verify_url",
        )
    if (url.scheme == "ssh") != (kind == "ssh"):
        raise KeyringError(
            f"The URL to verify is not one for {kind}.",
            "One does not work with the other.",
            f"Set verify_url like {'ssh://git@host/path' if kind == 'ssh' else 'https://host/path'}.",
            option="verify_url",
        )


def refuse_proof_of_minted(options: GitVerifyOptions) -> None:
    """Raise KeyringError if a proof is required for a token that is not asked about, because the task mints it."""
    if options.require == "pullable":
        raise KeyringError(
            "verify_require=pullable cannot be met with github_app_token.",
            "The task mints the token, and does not ask the Git server about it.",
            "Set verify_require=not_denied.",
            option="verify_require",
        )


class GitVerification:
    """The check of what a task would write. Each different credential is sent once, however many namespaces get it.

    ``items`` are the answers for the result, ``warnings`` those that allow the write and are worth a look.
    """

    def __init__(
        self,
        options: GitVerifyOptions,
        row: Format,
        kind: CredentialKind,
        runtime: Runtime,
        *,
        opener: KeyOpener,
        is_generated: bool = False,
        is_minted: bool = False,
    ) -> None:
        if not is_minted:
            check_repository(options, kind)
        self._options, self._row, self._kind = options, row, kind
        self._runtime, self._opener = runtime, opener
        self._is_generated = is_generated
        self._is_minted = is_minted
        self._lock = threading.Lock()
        self._answers: dict[tuple[tuple[str, str], ...], GitAnswer] = {}
        self.items: list[dict[str, Any]] = []
        self.warnings: list[str] = []

    def check_writes(self, plans: Sequence[Plan]) -> None:
        """Ask the server about the credentials of plans that write one. Raise KeyringError if one must not be written.

        May be called by several threads.
        """
        for plan in plans:
            if plan.after and self._writes_credential(plan):
                self._check(stored_parts(plan.after, self._row.shapes[self._kind]))

    def describe(self) -> dict[str, Any]:
        """Return the fields of the result."""
        return {"verified": self.items}

    def _writes_credential(self, plan: Plan) -> bool:
        """Return whether a plan changes a part of the credential or the URL that is stored with it."""
        if plan.before is None or plan.operation == "recreated":
            return True
        keys = {*shape_keys(self._row.shapes[self._kind]), self._row.url_key} - {""}
        before, after = _data_of(plan.before), _data_of(plan.after or {})
        return any(before.get(key) != after.get(key) for key in keys)

    def _check(self, parts: Mapping[str, str]) -> None:
        key = tuple(sorted(parts.items()))
        with self._lock:
            if key not in self._answers:
                self._answers[key] = self._ask(parts)
                self._note(self._answers[key])
            answer = self._answers[key]
        refused = answer.outcome == "denied" or (self._options.require == "pullable" and answer.outcome != "readable")
        if refused and not self._is_unknown_by_now(parts):
            raise self._refusal(answer)

    def _ask(self, parts: Mapping[str, str]) -> GitAnswer:
        from .._git.question import GitAnswer, make_question

        if self._is_generated:
            return GitAnswer(
                "unverifiable", "Not asked: the task generates the key, so the server may not know it yet."
            )
        if self._is_minted:
            return GitAnswer("unverifiable", "Not asked: the task mints the token.")
        if len(self._answers) >= _MOST_ASKED:
            text = f"Not asked: {_MOST_ASKED} different credentials were sent already."
            return GitAnswer("unverifiable", text)
        options = self._options
        question = make_question(
            self._kind,
            parts,
            options.url,
            known_hosts=options.known_hosts,
            ca_certificates=options.ca_certificates,
            opener=self._opener,
        )
        if isinstance(question, GitAnswer):
            return question
        return ask_shared(question, options.timeout, self._runtime)

    def _note(self, answer: GitAnswer) -> None:
        self.items.append(describe_answer(self._options.url, answer))
        self.warnings += warn_unverified(self._options.url, answer)

    def _is_unknown_by_now(self, parts: Mapping[str, str]) -> bool:
        """Return whether only the task itself will know what the server has to be asked with."""
        return self._runtime.check_mode and parts.get("known_hosts") == AFTER_APPLY and not self._is_generated

    def _refusal(self, answer: GitAnswer) -> KeyringError:
        from .._git.question import shown_repository

        if answer.outcome == "denied":
            return explain_denied(self._options.url, answer)
        place = shown_repository(self._options.url)
        return KeyringError(
            f"Nothing proves that the credential reads {place or 'a repository'} ({answer.outcome}).",
            answer.text,
            "Set verify_require=not_denied to write it all the same.",
            failure="not_verified",
            option="verify_require",
            quoted=answer.quoted,
            fatal=True,
        )


def ask_shared(question: GitQuestion, timeout: int, runtime: Runtime) -> GitAnswer:
    """Return the answer to another task of the same run, such as that of another host; else ask and share it."""
    from .._git.question import GitAnswer

    store = runtime.answers
    if store is None:
        return _send_question(question, timeout, runtime)
    key = repr((vars(question.url), question.secret, question.known_hosts, question.ca_certificates))
    found = store.claim(key, timeout + SECONDS_BESIDE)
    if found is not None:
        return GitAnswer(**found)
    try:
        answer = _send_question(question, timeout, runtime)
    except BaseException:
        store.put(key, {}, 0)  # no other task waits for it
        raise
    store.put(key, vars(answer), SECONDS_SETTLED if answer.is_settled else SECONDS_IN_DOUBT)
    return answer


def _send_question(question: GitQuestion, timeout: int, runtime: Runtime) -> GitAnswer:
    """Return the answer of the server, in which nothing of the credential is quoted."""
    from .._git.ls_remote import ask_git_server

    scrubber = Scrubber(runtime.scrubber)
    scrubber.add(*question.texts)
    answer = ask_git_server(question, timeout, runtime.environ)
    quoted = scrubber.clean_parts(answer.quoted)
    return dataclasses.replace(answer, text=answer.text.removesuffix(answer.quoted) + quoted, quoted=quoted)


def describe_answer(url: GitUrl | None, answer: GitAnswer) -> dict[str, Any]:
    """Return an answer as results show it."""
    from .._git.question import shown_repository

    return {
        "url": shown_repository(url),
        "outcome": answer.outcome,
        "text": answer.text,
        "asked_from": platform.node(),
    }


def warn_unverified(url: GitUrl | None, answer: GitAnswer) -> list[str]:
    """Return a warning for an answer that neither proves nor refuses a credential."""
    if answer.outcome in ("readable", "denied"):
        return []
    from .._git.question import shown_repository

    shown = shown_repository(url)
    place = f" for {shown}" if shown else ""
    return [f"The credential{place} was not verified ({answer.outcome}). {answer.text}"]


def explain_denied(url: GitUrl | None, answer: GitAnswer) -> KeyringError:
    """Return the error about a credential that a Git server denies."""
    from .._git.question import shown_repository

    return KeyringError(
        f"The Git server denies the credential for {shown_repository(url)}.",
        answer.text,
        "Correct the credential. Do not run the task again before that, because some servers lock the account.",
        failure="denied_by_git_server",
        quoted=answer.quoted,
        fatal=True,
    )


def _data_of(secret: Secret) -> Mapping[str, Any]:
    data: Mapping[str, Any] = secret.get("data") or {}
    return data
