# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the forms for the own APIs of portals: connect, choose a Secret, write, and explain what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Mapping
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .fields import check_known, count_secrets
from .parts import FormFailed, ModuleResult, is_outcome_unknown, operation_phrase
from .steps import (
    NOTHING_CHANGED,
    Ask,
    Complain,
    Confirmation,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    FormStep,
    Offer,
    Question,
    Review,
    Run,
)
from .texts import complain, complain_about, one_line

PORTAL_FILTER_FIELD = FormField("filter", "Filter", "a part of the name, regardless of case", "shop")

# Failures of a write that may have been made all the same.
_UNSURE = ("outcome_unknown", "server_error", "unreachable")
# Failures after which the same request may succeed, so that a person can try again with the same answers.
_PASSING = ("conflict", *_UNSURE)
# Failures of the login, and those that a wrong address has. An address that has answered is not blamed any more.
_OF_LOGINS = ("unauthorized", "forbidden")
_OF_ADDRESSES = ("unreachable", "tls_failed", "not_found")


@dataclass(frozen=True)
class PortalForms:
    """What the forms of one portal share.

    ``module`` manages the Secrets, and ``<module>_info`` lists them. ``what`` is their kind in sentences. ``options``
    makes the module's connection options of the answers to ``connection``. ``fields`` are fields by options. Of
    failures that name no option, ``login`` are the fields of a login that is refused, and ``address`` those of an
    address that cannot be reached. ``title`` describes the account or tenant of a result. ``update`` is the playbook
    that updates a Secret, and ``about_update`` says what an update does.
    """

    module: str
    what: str
    name: FormField
    connection: tuple[Question, ...]
    options: Callable[[FormAnswers], Mapping[str, Any]]
    fields: Mapping[str, str]
    login: tuple[str, ...]
    address: tuple[str, ...]
    title: Callable[[Mapping[str, Any]], tuple[str, str]]
    update: str
    about_update: str


@dataclass(frozen=True)
class ConnectedTenant:
    """An account or tenant that accepted the login. ``row`` is for reviews, and ``secrets`` are the listed ones.

    ``unsure`` is the name of a Secret that the form has tried to create without an answer that says so.
    """

    options: Mapping[str, Any] = field(repr=False)
    row: tuple[str, str]
    secrets: Mapping[str, Mapping[str, Any]]
    listing: ModuleResult
    unsure: str = ""


@dataclass(frozen=True)
class Submission:
    """What is shown before a write, and the options of the module beside those of the connection.

    ``exists`` is whether the Secret exists according to the review. A deletion is of one that exists.
    """

    name: str
    review: Review
    options: Mapping[str, Any] = field(repr=False)
    exists: bool
    next_steps: tuple[str, ...] = ()

    @property
    def is_delete(self) -> bool:
        """Return whether the Secret will be deleted."""
        return self.options.get("state") == "absent"


Preparation = Generator[FormStep, Any, "Submission | FormOutcome"]


def connect(
    portal: PortalForms, heading: str, later: tuple[Question, ...] = ()
) -> Generator[FormStep, Any, ConnectedTenant]:
    """Ask how to connect until the portal accepts it, and list the Secrets. ``later`` are the questions that follow."""
    while True:
        answers: FormAnswers = yield Ask(portal.connection, heading, later)
        options = portal.options(answers)
        listing: ModuleResult = yield Run(f"{portal.module}_info", options)
        if not listing.get("failed"):
            return _connected(portal, options, listing)
        yield from _explain_failed_read(portal, listing, connecting=True)
        heading = ""


def _connected(portal: PortalForms, options: Mapping[str, Any], listing: ModuleResult) -> ConnectedTenant:
    secrets = {secret["name"]: secret for secret in listing["secrets"]}
    return ConnectedTenant(options, portal.title(listing["portal"]), secrets, listing)


def list_again(portal: PortalForms, tenant: ConnectedTenant, **options: Any) -> Generator[FormStep, Any, ModuleResult]:
    """Return what the portal lists after it has accepted the login."""
    while True:
        result: ModuleResult = yield Run(f"{portal.module}_info", {**tenant.options, **options})
        if not result.get("failed"):
            return result
        yield from _explain_failed_read(portal, result)


def _explain_failed_read(
    portal: PortalForms, result: ModuleResult, *, connecting: bool = False
) -> Generator[FormStep, Any, None]:
    """Say why a portal cannot be read, and return if a person wants to try again. Raise FormFailed otherwise.

    The login is asked for again if it was refused. After one that was accepted, the interview begins the form again for
    that, with the other answers.
    """
    complaint = _complain_about_portal(portal, result, connecting=connecting)
    if _failure_id(result) in _PASSING:
        yield dataclasses.replace(complaint, fields=())
        words = ("again", "change") if complaint.fields else ("again",)
        chosen = yield Offer("Try again with the same answers?", words, "stop")
        if chosen == "again":
            return
        if not chosen:
            raise FormFailed({**result, "msg": "Stopped."})
        complaint = dataclasses.replace(complaint, message="Answer again.")
    if not complaint.fields:
        raise FormFailed({**result, "msg": complaint.message})
    yield complaint


def _failure_id(result: ModuleResult) -> str:
    return str((result.get("failure") or {}).get("id"))


def choose_listed(
    portal: PortalForms, tenant: ConnectedTenant, refuse: Callable[[Mapping[str, Any]], KeyringError | None]
) -> Generator[FormStep, Any, str]:
    """Ask for the name of a listed Secret until there is one that ``refuse`` returns no error for."""
    if not tenant.secrets:
        place = f"{tenant.row[0]} {tenant.row[1]}"
        raise KeyringError(f"{place} has no {portal.what}s.", failure="not_found")
    while True:
        answers: FormAnswers = yield Ask((Question(portal.name),))
        name = str(answers[portal.name.name])
        error = _refuse_unlisted(portal, tenant, name) or refuse(tenant.secrets.get(name, {}))
        if error is None:
            return name
        yield complain(error, portal.name.name)


def _refuse_unlisted(portal: PortalForms, tenant: ConnectedTenant, name: str) -> KeyringError | None:
    """Return the error about a name that is not listed, or None."""
    try:
        check_known(tenant.secrets, f"this {portal.what}")(name, portal.name.title)
    except KeyringError as error:
        return KeyringError(str(error), failure="not_found", option=portal.name.name)
    return None


def choose_new_name(
    portal: PortalForms,
    tenant: ConnectedTenant,
    question: Question,
    refuse: Callable[[Mapping[str, Any]], KeyringError | None],
) -> Generator[FormStep, Any, str]:
    """Ask for a name until it is free, or until the person wants to update the Secret that has it.

    ``refuse`` returns the error about a Secret that cannot be updated, or None.
    """
    while True:
        answers: FormAnswers = yield Ask((question,))
        name = str(answers[portal.name.name])
        stored = tenant.secrets.get(name)
        if stored is None:
            return name
        error = refuse(stored)
        if error is None:
            exists = f"The {portal.what} {one_line(name)} already exists."
            if name == tenant.unsure:
                exists = f"The {portal.what} {one_line(name)} exists now. This form may have created it."
            chosen = yield Offer(f"{exists} {portal.about_update}", ("update",), "choose another name")
            if chosen:
                return name
            remedy = f"Choose another name, or update it with: ansible-playbook {portal.update}"
            error = KeyringError(exists, portal.about_update, remedy, option=portal.name.name)
        yield complain(error, portal.name.name)
        question = Question(portal.name)


def list_matching(
    portal: PortalForms, heading: str
) -> Generator[FormStep, Any, tuple[ConnectedTenant, list[Mapping[str, Any]]]]:
    """Connect, and return the Secrets whose names contain what is asked for."""
    question = Question(PORTAL_FILTER_FIELD, optional=True)
    tenant = yield from connect(portal, heading, (question,))
    answers: FormAnswers = yield Ask((question,))
    wanted = (answers[PORTAL_FILTER_FIELD.name] or "").casefold()
    return tenant, [secret for name, secret in tenant.secrets.items() if wanted in name.casefold()]


def count_line(portal: PortalForms, tenant: ConnectedTenant, count: int) -> str:
    """Return a number of Secrets as a sentence with the account or tenant."""
    return f"{count_secrets(count, portal.what)} ({tenant.row[0].lower()} {tenant.row[1]})."


def conduct_portal_form(
    portal: PortalForms,
    heading: str,
    later: tuple[Question, ...],
    prepare: Callable[[ConnectedTenant], Preparation],
    *,
    check_mode: bool,
    tenant: ConnectedTenant | None = None,
) -> FormFlow:
    """Connect, ask, review and write until the write succeeds or the person says no.

    After a failure or a change, the person is asked only for the answers that were dropped. Before a write, the Secrets
    are listed again: if another client, or this form, has created or deleted the Secret meanwhile, ``prepare`` is asked
    again. ``tenant`` is one that an earlier form has connected to.
    """
    if tenant is None:
        tenant = yield from connect(portal, heading, later)
    unsure = ""
    while True:
        submission = yield from prepare(tenant)
        if isinstance(submission, FormOutcome):
            return _NOT_KNOWN if unsure and submission == NOTHING_CHANGED else submission
        verdict: Confirmation = yield submission.review
        if verdict == "no":
            return _NOT_KNOWN if unsure else NOTHING_CHANGED
        if verdict == "change":
            continue
        if not submission.is_delete:
            listing = yield from list_again(portal, tenant)
            tenant = dataclasses.replace(_connected(portal, tenant.options, listing), unsure=unsure)
            if (submission.name in tenant.secrets) is not submission.exists:
                continue
        result: ModuleResult = yield Run(portal.module, {**tenant.options, **submission.options}, writes=True)
        if not result.get("failed"):
            return _describe_portal_write(portal, submission, tenant, result, check_mode=check_mode)
        complaint = _complain_about_portal(portal, result)
        if submission.is_delete and not complaint.fields and _failure_id(result) not in _PASSING:
            raise FormFailed({**result, "msg": complaint.message})
        yield complaint
        if is_outcome_unknown(result) or _failure_id(result) in _UNSURE:
            unsure = submission.name


_NOT_KNOWN = FormOutcome(("It is not known whether the last change was made.",))


def _complain_about_portal(portal: PortalForms, result: ModuleResult, *, connecting: bool = False) -> Complain:
    """Return the complaint about a module that failed. An address is blamed only while ``connecting``."""
    failure = _failure_id(result)
    blamed = portal.login if failure in _OF_LOGINS else ()
    if connecting and failure in _OF_ADDRESSES:
        blamed = portal.address
    return complain_about(result, portal.fields, blamed)


def _describe_portal_write(
    portal: PortalForms, submission: Submission, tenant: ConnectedTenant, result: ModuleResult, *, check_mode: bool
) -> FormOutcome:
    """Return the outcome of a write."""
    operation = str(result.get("operation"))
    done = operation_phrase(operation, is_delete=submission.is_delete, check_mode=check_mode)
    what = f"{portal.what[:1].upper()}{portal.what[1:]}"
    line = f"{what} {one_line(submission.name)} {done} ({tenant.row[0].lower()} {tenant.row[1]})."
    has_next = operation in ("created", "updated") and not check_mode
    return FormOutcome((line, *(submission.next_steps if has_next else ())), result)
