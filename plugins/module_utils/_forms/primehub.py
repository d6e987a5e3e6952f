# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for the Secrets of PrimeHub's page "Secret Management"."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from .._errors import KeyringError
from .._roles.primehub import GIT_SYNC, IMAGE_PULL, PageType, find_page_type
from .fields import DISPLAY_NAME_FIELD, OWNER_FIELD, PASSWORD_FIELD, PRIVATE_KEY_FIELD, USERNAME_FIELD
from .parts import ModuleResult, ask_and_write, describe_write, find_change
from .primehub_page import (
    HOST_KEYS_NOTE,
    PAGE_NAME_FIELD,
    PAGE_TYPE_FIELD,
    PRIMEHUB_FIELDS,
    REGISTRY_HOST_FIELD,
    PageSecret,
    ask_private_key,
    check_new_page_name,
    check_page_key,
    choose_page_secret,
    describe_page_users,
    page_secret_rows,
    primehub_namespace_question,
    read_page_secrets,
    write_page_secret,
)
from .steps import (
    Ask,
    ClusterPlace,
    Complain,
    FormAnswers,
    FormFlow,
    FormOutcome,
    FormStep,
    Offer,
    Question,
    ReadCluster,
    Review,
    Run,
    ShowRows,
)
from .texts import answer_rows, join_names, one_line

# Add


def primehub_add_secret(check_mode: bool) -> FormFlow:
    """Create a Secret of either type. A name that exists leads to the form that changes it."""
    cluster: ClusterPlace = yield ReadCluster()
    return (yield from _add_page_secret(cluster, None, check_mode))


def add_git_secret(check_mode: bool) -> FormFlow:
    """Create a Secret of the type Git Sync."""
    cluster: ClusterPlace = yield ReadCluster()
    return (yield from _add_page_secret(cluster, GIT_SYNC, check_mode))


def _add_page_secret(cluster: ClusterPlace, fixed_type: PageType | None, check_mode: bool) -> FormFlow:
    place: tuple[Question, ...] = (
        primehub_namespace_question(cluster),
        Question(PAGE_NAME_FIELD, check=check_new_page_name),
    )
    if fixed_type is None:
        place = (*place, Question(PAGE_TYPE_FIELD))
    what = f"{fixed_type.title} Secret" if fixed_type else "Secret"
    later = _new_questions(fixed_type) if fixed_type else ()
    while True:
        chosen: FormAnswers = yield Ask(place, f"Add a {what} of PrimeHub on {cluster.title}", later)
        page_type = fixed_type or find_page_type(chosen["secret_type"] or "") or GIT_SYNC
        namespace, name = str(chosen["target_namespace"]), str(chosen["secret_name"])
        stored = yield from read_page_secrets(namespace, page_type, name, used_by=True)
        if not stored:
            break
        yield _refuse_existing(stored[0], cluster)
        if (yield Offer("Do you want to update this Secret?", ("update",), "choose another name")):
            return (yield from update_page_secret(cluster, stored[0], check_mode))
    new = PageSecret(namespace, name, page_type, {})
    questions = _new_questions(page_type, name)

    def ask() -> Generator[FormStep, Any, FormAnswers]:
        if page_type is GIT_SYNC:
            return (yield from ask_private_key(questions[:1], questions[1], questions[2:]))
        answers: FormAnswers = yield Ask(questions)
        return answers

    def review(answers: FormAnswers) -> Review:
        rows = [*_place_rows(cluster, new), *answer_rows(questions, answers)]
        notes = (HOST_KEYS_NOTE,) if page_type is GIT_SYNC else ()
        return Review("New Secret of PrimeHub", rows, "Create it", notes=notes)

    def write(answers: FormAnswers) -> Run:
        return write_page_secret(namespace, page_type, {"secret_name": name, **answers}, keeps_blank=False)

    def begin_again() -> Generator[FormStep, Any, FormOutcome | None]:
        stored = yield from read_page_secrets(namespace, page_type, name)
        return (yield from _add_page_secret(cluster, fixed_type, check_mode)) if stored else None

    written = yield from ask_and_write(ask, review, write, PRIMEHUB_FIELDS, begin_again=begin_again)
    return _describe_page_write(written, new, check_mode=check_mode)


def _new_questions(page_type: PageType, name: str = "") -> tuple[Question, ...]:
    """Return the questions for a new Secret of a type. Its display name is the name unless another one is given."""
    display_name = Question(DISPLAY_NAME_FIELD, default=name, optional=True)
    owner = Question(OWNER_FIELD, optional=True)
    if page_type is GIT_SYNC:
        return display_name, Question(PRIVATE_KEY_FIELD, check=check_page_key), owner
    login = (REGISTRY_HOST_FIELD, USERNAME_FIELD, PASSWORD_FIELD)
    return display_name, *(Question(field) for field in login), owner


def _refuse_existing(stored: PageSecret, cluster: ClusterPlace) -> Complain:
    return Complain(
        f"{PAGE_NAME_FIELD.title}: the Secret {stored.name} of the type {stored.page_type.title} already exists "
        f"({stored.place} on {cluster.server}). Choose another name, or change this Secret with: ansible-playbook "
        "keyring.kubernetes.primehub_update_secret",
        (PAGE_NAME_FIELD.name,),
        {"id": "invalid_option", "option": PAGE_NAME_FIELD.name, "namespace": stored.namespace},
    )


def _place_rows(cluster: ClusterPlace, secret: PageSecret) -> list[tuple[str, str]]:
    return [
        ("Cluster", cluster.title),
        ("Namespace", secret.namespace),
        ("Name", one_line(secret.name)),
        ("Type", secret.page_type.title),
    ]


def _describe_page_write(written: ModuleResult | FormOutcome, secret: PageSecret, *, check_mode: bool) -> FormOutcome:
    if isinstance(written, FormOutcome):
        return written
    lines = [f"On PrimeHub's page Secret Management, its name is {secret.name}."]
    if written.get("credentials_kept"):
        kept = "private SSH key" if secret.page_type is GIT_SYNC else "password"
        lines.insert(0, f"The stored {kept} was kept.")
    shown = {**written, "credentials_kept": []}
    outcome = describe_write(shown, "Secret", secret.place, check_mode=check_mode, next_steps=tuple(lines))
    return replace(outcome, result=written)


# Update


def primehub_update_secret(check_mode: bool) -> FormFlow:
    """Change a Secret in place. Its name and type are fixed, and an empty answer keeps a stored value."""
    cluster: ClusterPlace = yield ReadCluster()
    stored = yield from choose_page_secret(cluster, f"Update a Secret of PrimeHub on {cluster.title}")
    return (yield from update_page_secret(cluster, stored, check_mode))


def update_page_secret(cluster: ClusterPlace, stored: PageSecret, check_mode: bool) -> FormFlow:
    """Show a stored Secret and its users, and change it."""
    yield ShowRows(page_secret_rows(stored))
    heading = f"Change {stored.page_type.title} Secret {stored.name}. The name and the type are fixed."

    def ask() -> Generator[FormStep, Any, FormAnswers]:
        if stored.page_type is IMAGE_PULL:
            return (yield from _ask_login(stored, heading))
        display_name, key = _page_update_questions(stored, None)
        return (yield from ask_private_key((display_name,), key, heading=heading, needs_one=True))

    def review(answers: FormAnswers) -> Review:
        rows = [
            *_place_rows(cluster, stored),
            *answer_rows(_page_update_questions(stored, answers.get("registry")), answers),
            ("Used by", describe_page_users(stored)),
        ]
        return Review("Changed Secret of PrimeHub", rows, "Save it", notes=_update_notes(stored, answers))

    def write(answers: FormAnswers) -> Run:
        kept = {"secret_name": stored.name, **answers}
        if stored.page_type is IMAGE_PULL:
            kept["registry"] = answers["registry"] or stored.server
        return write_page_secret(stored.namespace, stored.page_type, kept, keeps_blank=True)

    def begin_again() -> Generator[FormStep, Any, FormOutcome | None]:
        now = yield from read_page_secrets(stored.namespace, stored.page_type, stored.name, used_by=True)
        change = find_change(stored.place, stored.namespace, stored.entry, now[0].entry if now else None)
        if change is None:
            return None
        if not now:
            raise KeyringError(change.message, failure="not_found", namespace=stored.namespace)
        yield change
        return (yield from update_page_secret(cluster, now[0], check_mode))

    written = yield from ask_and_write(ask, review, write, PRIMEHUB_FIELDS, needs_one=True, begin_again=begin_again)
    return _describe_page_write(written, stored, check_mode=check_mode)


def _page_update_questions(stored: PageSecret, registry: str | None) -> tuple[Question, ...]:
    """Return the questions for a stored Secret: the display name, and then the key or the registry and its login.

    The stored login is kept only for the registry that it belongs to; ``registry`` is the answer, None to keep it.
    """
    display_name = Question(DISPLAY_NAME_FIELD, keeps=one_line(stored.display_name), clearable=True)
    if stored.page_type is GIT_SYNC:
        key = Question(PRIVATE_KEY_FIELD, keeps="the stored key" if stored.has_key else "", check=check_page_key)
        return display_name, key
    server = stored.server
    is_same = registry in (None, server)
    notes = (f"The stored user name and password are for {one_line(server)}.",) if server and not is_same else ()
    user = str(stored.registries[0].get("username") or "the stored user name") if stored.registries else ""
    return (
        display_name,
        Question(REGISTRY_HOST_FIELD, keeps=one_line(server) if server else ""),
        Question(USERNAME_FIELD, keeps=user if is_same else "", notes=notes),
        Question(PASSWORD_FIELD, keeps="the stored password" if is_same else ""),
    )


def _ask_login(stored: PageSecret, heading: str) -> Generator[FormStep, Any, FormAnswers]:
    """Ask for the registry, and then for the login, which depends on it."""
    named: FormAnswers = yield Ask(_page_update_questions(stored, None)[:2], heading)
    registry = named["registry"]
    questions = _page_update_questions(stored, registry)
    while True:
        answers: FormAnswers = yield Ask(questions, needs_one=True)
        blank = tuple(name for name in (USERNAME_FIELD.name, PASSWORD_FIELD.name) if answers[name] is None)
        if registry in (None, stored.server) or not blank:
            return answers
        # The host was changed in the review, after these answers.
        yield Complain(
            f"{join_names(blank)}: the stored value is for {one_line(stored.server)}. "
            f"Enter the one for {one_line(registry)}.",
            blank,
            {"id": "invalid_option", "option": blank[0], "namespace": stored.namespace},
        )


def _update_notes(stored: PageSecret, answers: FormAnswers) -> tuple[str, ...]:
    """Return the sentences that a person should read before the Secret is changed."""
    notes = []
    others = [str(entry["server"]) for entry in stored.registries[1:] if entry["server"] != answers.get("registry")]
    if others:
        notes.append(f"PrimeHub reads only the first registry of a Secret. Others are removed: {join_names(others)}.")
    if answers.get("private_key"):
        notes.append(HOST_KEYS_NOTE)
    if answers.get("private_key") or answers.get("registry_password"):
        replaced = "key" if stored.page_type is GIT_SYNC else "password"
        notes.append(f"The stored {replaced} is replaced and cannot be restored.")
    return tuple(notes)
