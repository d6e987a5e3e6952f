# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts that several forms share: choose the Secret, fill in the remaining fields, review and write."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from .._errors import KeyringError
from .fields import NAMESPACE_FIELD, check_known, registry_text
from .steps import (
    NOTHING_CHANGED,
    Ask,
    ClusterPlace,
    Complain,
    Confirmation,
    FormAnswers,
    FormField,
    FormOutcome,
    FormStep,
    Question,
    Review,
    Run,
)
from .task_advice import without_task_advice
from .texts import MOST_LISTED, complain_about, join_names, one_line

ModuleResult = Mapping[str, Any]
# Reads a Secret again. Returns None if it is as it was reviewed, else the outcome of the form, which begins again.
BeginAgain = Callable[[], Generator[FormStep, Any, "FormOutcome | None"]]


def read(module: str, **options: Any) -> Generator[FormStep, Any, ModuleResult]:
    """Run a module that reads, and return its result. A failure ends the form."""
    result: ModuleResult = yield Run(module, options)
    if result.get("failed"):
        raise FormFailed(result)
    return result


class FormFailed(KeyringError):
    """The failure of a module that ends a form. ``result`` is the module's result."""

    def __init__(self, result: ModuleResult) -> None:
        message = without_task_advice(str(result.get("msg", "The module failed without a message.")))
        super().__init__(message)
        self.result = {**result, "msg": message}


def is_outcome_unknown(result: ModuleResult) -> bool:
    """Return whether a module failed without a reason that rules out that it has written."""
    failure = result.get("failure") or {}
    return bool(result.get("failed")) and failure.get("id") in (None, "outcome_unknown", "internal_error")


def namespace_question(cluster: ClusterPlace, default: str = "", field: FormField = NAMESPACE_FIELD) -> Question:
    """Return the question for an existing namespace; Enter takes ``default``, or the namespace of the context."""
    known = cluster.namespaces
    default = default or cluster.namespace or ""
    if known is None:
        return Question(field, default=default)
    return Question(
        field,
        default=default if default in known else "",
        check=check_known(known, "this namespace"),
    )


def fill_and_write(
    questions: tuple[Question, ...],
    review: Callable[[FormAnswers], Review],
    write: Callable[[FormAnswers], Run],
    fields: Mapping[str, str],
    heading: str = "",
    *,
    needs_one: bool = False,
    begin_again: BeginAgain | None = None,
) -> Generator[FormStep, Any, ModuleResult | FormOutcome]:
    """Ask these questions, review and write as ``ask_and_write`` does."""

    def ask() -> Generator[FormStep, Any, FormAnswers]:
        answers: FormAnswers = yield Ask(questions, heading, needs_one=needs_one)
        return answers

    return ask_and_write(ask, review, write, fields, needs_one=needs_one, begin_again=begin_again)


def ask_and_write(
    ask: Callable[[], Generator[FormStep, Any, FormAnswers]],
    review: Callable[[FormAnswers], Review],
    write: Callable[[FormAnswers], Run],
    fields: Mapping[str, str],
    *,
    needs_one: bool = False,
    begin_again: BeginAgain | None = None,
) -> Generator[FormStep, Any, ModuleResult | FormOutcome]:
    """Ask, review and write until the write succeeds. Return the module's result, or how the form ended without it.

    ``ask`` is a part of the form in which questions depend on answers. ``fields`` are the fields by the options of the
    module, as in ``complain_about``. After a failure, the person is asked for the field that caused it, and sees the
    review again; the other answers stay. With ``needs_one``, nothing is written where all questions were left without
    an answer. ``begin_again`` is called right before the write.
    """
    while True:
        answers = yield from ask()
        if needs_one and all(answer is None for answer in answers.values()):
            return NOTHING_CHANGED
        verdict: Confirmation = yield review(answers)
        if verdict == "no":
            return NOTHING_CHANGED
        if verdict == "change":
            continue
        other = (yield from begin_again()) if begin_again else None
        if other is not None:
            return other
        result: ModuleResult = yield write(answers)
        if not result.get("failed"):
            return result
        yield complain_about(result, fields)


def find_change(
    place: str, namespace: str, reviewed: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> Complain | None:
    """Return the complaint about a Secret that is no longer as it was reviewed. None is one that does not exist."""
    if reviewed == now or (reviewed and now and reviewed.get("resource_version") == now.get("resource_version")):
        return None
    operation = "changed" if reviewed and now else "created" if now else "deleted"
    sentence = f"{place} was {operation} in the meantime. It was not written."
    return Complain(sentence, (), {"id": "conflict", "option": None, "namespace": namespace})


def refuse_users(place: str, namespace: str, users: Sequence[Mapping[str, Any]] | None) -> None:
    """Raise KeyringError for a Secret that is in use, or whose users are not known."""
    if users is None:
        raise KeyringError(
            f"{place} is not deleted, because its users are not known.",
            "This identity may not list some objects.",
            'Get the permissions of the ClusterRole secrets-reader (guide "Permissions"), then run the playbook again.',
            failure="in_use_unknown",
            namespace=namespace,
        )
    blocking = user_names([user for user in users if user["blocking"]])
    if blocking:
        raise KeyringError(
            f"{place} is in use by {join_names(blocking)}.",
            "Nothing was deleted.",
            "Remove these references first.",
            failure="in_use",
            namespace=namespace,
        )


def user_names(users: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return users of a Secret as names with their kinds."""
    return list(dict.fromkeys(one_line(f"{user['kind']} {user['name']}") for user in users))


def review_and_delete(
    review: Review, delete: Run, place: str, *, check_mode: bool
) -> Generator[FormStep, Any, FormOutcome | None]:
    """Ask, delete, and return the outcome; None if the person changes an answer. A failure ends the form."""
    verdict: Confirmation = yield review
    if verdict == "change":
        return None
    if verdict == "no":
        return NOTHING_CHANGED
    result: ModuleResult = yield delete
    if result.get("failed"):
        raise FormFailed(result)
    return describe_write(result, "Secret", place, is_delete=True, check_mode=check_mode)


def describe_write(
    result: ModuleResult,
    what: str,
    place: str,
    *,
    is_delete: bool = False,
    check_mode: bool = False,
    next_steps: tuple[str, ...] = (),
) -> FormOutcome:
    """Return the outcome of a module that wrote ``place``, such as ``edge/registry``; ``what`` is its kind."""
    done = operation_phrase(str(result.get("operation")), is_delete=is_delete, check_mode=check_mode)
    server = (result.get("cluster") or {}).get("server")
    lines = [f"{what} {one_line(place)} {done}{f' on {one_line(server)}' if server else ''}."]
    secret = result.get("secret")
    registries = secret.get("registries") or () if isinstance(secret, Mapping) else ()
    lines += [f"  Registry {registry_text(entry)}" for entry in registries[:MOST_LISTED]]
    kept = result.get("credentials_kept") or ()
    lines += [f"  The stored password for {one_line(registry)} is kept." for registry in kept]
    return FormOutcome((*lines, *(() if check_mode else next_steps)), result)


def operation_phrase(operation: str, *, is_delete: bool, check_mode: bool) -> str:
    """Return the operation of a write as the end of a sentence, such as ``was created``."""
    if operation == "unchanged":
        return "no longer exists" if is_delete else "is unchanged"
    return f"would be {operation}" if check_mode else f"was {operation}"
