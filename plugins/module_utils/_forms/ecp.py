# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of the Edge Computing Platform's page ImagePullSecret, through the API of the platform."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from .._errors import KeyringError
from .._kubelet.url_match import match_key
from .._portals.ecp_address import ECP_URL
from .._portals.ecp_pull_secret import check_description, check_pull_secret_name
from .fields import DESCRIPTION_FIELD, LONGEST_NAME, PASSWORD_FIELD, REGISTRY_FIELD, USERNAME_FIELD, relabel
from .portal_parts import (
    ConnectedTenant,
    PortalForms,
    Preparation,
    Submission,
    choose_listed,
    choose_new_name,
    conduct_portal_form,
    connect,
    count_line,
    list_again,
    list_matching,
)
from .steps import (
    HIDDEN_ANSWER,
    NOTHING_CHANGED,
    Ask,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    FormStep,
    Offer,
    Question,
    Review,
    Say,
    ShowRows,
    ShowTable,
)
from .texts import answer_rows, complain, day_of, one_line

ACCOUNT_USER_FIELD = FormField(
    "account_user", "Account user", "the name of the API account", "acme-deploy", identifies=True
)
ACCOUNT_API_KEY_FIELD = FormField("account_api_key", "API key", "the key of the API account", masked=True)
ACCOUNT_URL_FIELD = FormField("account_url", "API URL", "the address of the API", ECP_URL)
ON_BEHALF_OF_FIELD = FormField(
    "on_behalf_of", "On behalf of", "the ID of the customer for whom a reseller acts", "10456", identifies=True
)


def _check_ecp_description(description: str, label: str) -> None:
    try:
        check_description(description)
    except KeyringError as error:
        raise relabel(error, "description", label) from None


ECP_NAME_FIELD = FormField(
    "secret_name",
    "Name",
    "lower-case letters, digits, - and . with a letter or digit at both ends",
    "docker-hub",
    check_pull_secret_name,
    longest=LONGEST_NAME,
    identifies=True,
)


def _connection_options(answers: FormAnswers) -> Mapping[str, Any]:
    account = {
        "user": answers["account_user"],
        "api_key": answers["account_api_key"],
        "url": answers["account_url"],
        "on_behalf_of": answers["on_behalf_of"],
    }
    return {"account": {name: value for name, value in account.items() if value is not None}}


def _ecp_title(portal: Mapping[str, Any]) -> tuple[str, str]:
    customer = portal.get("on_behalf_of")
    behalf = f" on behalf of {one_line(customer)}" if customer else ""
    return "Account", f"{one_line(portal['account'])} at {one_line(portal['server'])}{behalf}"


ECP_FORMS = PortalForms(
    module="cdnetworks_ecp_image_pull_secret",
    what="image pull secret",
    name=ECP_NAME_FIELD,
    connection=(
        Question(ACCOUNT_USER_FIELD),
        Question(ACCOUNT_API_KEY_FIELD),
        Question(ACCOUNT_URL_FIELD, default=ECP_URL),
        Question(ON_BEHALF_OF_FIELD, optional=True),
    ),
    options=_connection_options,
    fields={
        "account.user": ACCOUNT_USER_FIELD.name,
        "account.api_key": ACCOUNT_API_KEY_FIELD.name,
        "account.url": ACCOUNT_URL_FIELD.name,
        "account.on_behalf_of": ON_BEHALF_OF_FIELD.name,
        "registry.server": REGISTRY_FIELD.name,
        "registry.username": USERNAME_FIELD.name,
        "registry.password": PASSWORD_FIELD.name,
        "description": DESCRIPTION_FIELD.name,
        "name": ECP_NAME_FIELD.name,
    },
    login=(ACCOUNT_USER_FIELD.name, ACCOUNT_API_KEY_FIELD.name, ON_BEHALF_OF_FIELD.name),
    address=(ACCOUNT_URL_FIELD.name,),
    title=_ecp_title,
    update="keyring.kubernetes.cdnetworks_ecp_update_image_pull_secret",
    about_update="An update changes its user name, password or description.",
)

_ONE_FOR_ALL = "One image pull secret serves all clusters in which the applications of the account run."
_OF_REGISTRY_USERS = (
    "The platform makes the image pull secret of a registry user itself, with the name of the user. It cannot be "
    "created, changed or deleted by hand. Change the registry user instead."
)
_NOT_CHECKED = "The platform does not check the user name and password at the registry."
_PULLS_MAY_FAIL = (
    "The image pull secret is changed in place. If applications use it, their pulls can fail for a moment. The "
    "platform does not report which applications use it."
)
_ONLY_UNUSED = (
    "The platform refuses to delete an image pull secret that applications use. A deleted password cannot be read back."
)


def add_ecp_image_pull_secret(check_mode: bool) -> FormFlow:
    """Create an image pull secret of the platform. A name that exists leads to the form that updates it."""
    name_question = Question(ECP_NAME_FIELD, notes=(_ONE_FOR_ALL, _OF_REGISTRY_USERS))
    questions = (
        Question(REGISTRY_FIELD, notes=("The registry cannot change later.",)),
        Question(USERNAME_FIELD),
        Question(PASSWORD_FIELD, notes=(_NOT_CHECKED,)),
        Question(DESCRIPTION_FIELD, optional=True, check=_check_ecp_description),
    )

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_new_name(ECP_FORMS, tenant, name_question, _refuse_managed_name)
        if name in tenant.secrets:
            return (yield from _update_ecp_secret(tenant, {}, check_mode))
        answers: FormAnswers = yield Ask(questions)
        rows = [tenant.row, *answer_rows((name_question, *questions), {ECP_NAME_FIELD.name: name, **answers})]
        review = Review("New image pull secret", rows, "Create it", notes=(_ONE_FOR_ALL, _NOT_CHECKED))
        registry = {
            "server": answers["registry"],
            "username": answers["registry_username"],
            "password": answers["registry_password"],
        }
        options = {"name": name, "registry": registry, "description": answers["description"]}
        return Submission(name, review, options, exists=False)

    heading = "Add an image pull secret of the Edge Computing Platform"
    return conduct_portal_form(ECP_FORMS, heading, (name_question, *questions), prepare, check_mode=check_mode)


def _refuse_managed_name(stored: Mapping[str, Any]) -> KeyringError | None:
    """Return the error about an image pull secret that the platform manages, or None."""
    if not stored.get("managed"):
        return None
    return KeyringError(
        f"The image pull secret {one_line(stored['name'])} belongs to a registry user.",
        "Only the platform creates, changes and deletes it.",
        "Change the registry user instead, or choose another name.",
        failure="managed_elsewhere",
        option=ECP_NAME_FIELD.name,
    )


def update_ecp_image_pull_secret(check_mode: bool) -> FormFlow:
    """Change user name, password or description of an image pull secret in place."""
    return _update_ecp_secret(None, {}, check_mode)


def _update_ecp_secret(
    tenant: ConnectedTenant | None, shown: Mapping[str, Mapping[str, Any]], check_mode: bool
) -> FormFlow:
    """Change an image pull secret of an account, which is asked for unless an earlier form has connected to it.

    ``shown`` are those that the person has seen, by name.
    """
    seen = dict(shown)

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_listed(ECP_FORMS, tenant, _refuse_managed_name)
        if name not in seen:
            seen[name] = yield from _read_ecp_secret(tenant, name)
            yield ShowRows(_stored_rows(seen[name]))
        stored = seen[name]
        yield from _refuse_new_registry(stored)
        questions = _update_questions(stored)
        answers: FormAnswers = yield Ask(questions, needs_one=True)
        if all(answer is None for answer in answers.values()):
            return NOTHING_CHANGED
        fixed = [("Name", name), ("Registry", one_line(stored["registry"]))]
        review = Review(
            "Changed image pull secret",
            [tenant.row, *fixed, *answer_rows(questions, answers)],
            "Update it",
            notes=(_PULLS_MAY_FAIL, _NOT_CHECKED),
        )
        given = {"username": answers["registry_username"], "password": answers["registry_password"]}
        registry = {
            "server": stored["registry"],
            **{option: value for option, value in given.items() if value is not None},
        }
        options = {
            "name": name,
            "registry": registry,
            "description": answers["description"],
            "update_credentials": "when_given",
        }
        return Submission(name, review, options, exists=True)

    heading = "Update an image pull secret of the Edge Computing Platform"
    later = (Question(ECP_NAME_FIELD), *_update_questions({}))
    return conduct_portal_form(ECP_FORMS, heading, later, prepare, check_mode=check_mode, tenant=tenant)


def _refuse_new_registry(stored: Mapping[str, Any]) -> Generator[FormStep, Any, None]:
    """Refuse a variable or an earlier answer for another registry, so that no password is stored for the wrong one."""
    answers: FormAnswers = yield Ask((Question(REGISTRY_FIELD, optional=True, asked=False),))
    wanted = answers[REGISTRY_FIELD.name]
    if wanted is None or match_key(wanted) == match_key(stored["registry"]):
        return
    error = KeyringError(
        f"The registry of {one_line(stored['name'])} is {one_line(stored['registry'])}, not {one_line(wanted)}.",
        "It cannot change.",
        "Choose another image pull secret, or leave the registry out.",
        option=REGISTRY_FIELD.name,
    )
    yield complain(error, ECP_NAME_FIELD.name, REGISTRY_FIELD.name, USERNAME_FIELD.name, PASSWORD_FIELD.name)


def _update_questions(stored: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions for what can change of a stored image pull secret."""
    return (
        Question(USERNAME_FIELD, keeps=one_line(stored.get("username"))),
        Question(PASSWORD_FIELD, keeps="the stored one"),
        Question(
            DESCRIPTION_FIELD,
            keeps=one_line(stored.get("description")),
            clearable=True,
            check=_check_ecp_description,
        ),
    )


def _read_ecp_secret(tenant: ConnectedTenant, name: str) -> Generator[FormStep, Any, Mapping[str, Any]]:
    """Return an image pull secret with its registry and user name."""
    result = yield from list_again(ECP_FORMS, tenant, name=name, details=True)
    if not result["secrets"]:
        raise KeyringError(
            f"The image pull secret {one_line(name)} no longer exists.",
            "Another client has deleted it meanwhile.",
            failure="not_found",
        )
    stored: Mapping[str, Any] = result["secrets"][0]
    return stored


def _stored_rows(stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Name", one_line(stored["name"])),
        ("Registry", one_line(stored["registry"])),
        ("Username", one_line(stored["username"])),
        ("Password", HIDDEN_ANSWER),
        ("Description", one_line(stored["description"])),
        ("Created", one_line(stored["created"])),
        ("Last updated", one_line(stored["last_updated"])),
    ]


def delete_ecp_image_pull_secret(check_mode: bool) -> FormFlow:
    """Delete an image pull secret after a confirmation."""
    return _delete_ecp_secret(None, check_mode)


def _delete_ecp_secret(tenant: ConnectedTenant | None, check_mode: bool) -> FormFlow:
    """Delete an image pull secret of an account, which is asked for unless an earlier form has connected to it."""

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_listed(ECP_FORMS, tenant, _refuse_managed_name)
        stored = yield from _read_ecp_secret(tenant, name)
        rows = [tenant.row, *_stored_rows(stored)]
        review = Review("Image pull secret to delete", rows, "Delete it", confirm=True, notes=(_ONLY_UNUSED,))
        return Submission(name, review, {"name": name, "state": "absent"}, exists=True)

    heading = "Delete an image pull secret of the Edge Computing Platform"
    later = (Question(ECP_NAME_FIELD),)
    return conduct_portal_form(ECP_FORMS, heading, later, prepare, check_mode=check_mode, tenant=tenant)


def list_ecp_image_pull_secrets(check_mode: bool) -> FormFlow:
    """List image pull secrets by a part of their name, and lead to one of them."""
    tenant, found = yield from list_matching(ECP_FORMS, "List image pull secrets of the Edge Computing Platform")
    rows = tuple(
        (secret["name"], secret["description"], day_of(secret["created"]), day_of(secret["last_updated"]))
        for secret in found
    )
    count = (count_line(ECP_FORMS, tenant, len(found)),)
    result = {**tenant.listing, "secrets": found, "total": len(found)}
    if not found:
        return FormOutcome(count, result)
    yield ShowTable(("NAME", "DESCRIPTION", "CREATED", "LAST UPDATED"), rows)
    yield Say(("", *count))
    if (yield Offer("View one of them?", ("view",))):
        return (yield from _view_ecp_secret(tenant, check_mode))
    return FormOutcome((), result)


def view_ecp_image_pull_secret(check_mode: bool) -> FormFlow:
    """Show an image pull secret without its password, and lead to the forms that update and delete it."""
    heading = "View an image pull secret of the Edge Computing Platform"
    tenant = yield from connect(ECP_FORMS, heading, (Question(ECP_NAME_FIELD),))
    return (yield from _view_ecp_secret(tenant, check_mode))


def _view_ecp_secret(tenant: ConnectedTenant, check_mode: bool) -> FormFlow:
    name = yield from choose_listed(ECP_FORMS, tenant, lambda stored: None)
    stored = yield from _read_ecp_secret(tenant, name)
    yield ShowRows([tenant.row, *_stored_rows(stored)])
    result = {**tenant.listing, "secrets": [stored], "total": 1}
    if stored["managed"]:
        return FormOutcome((_OF_REGISTRY_USERS,), result)
    chosen = yield Offer("Change or delete it?", ("update", "delete"))
    if chosen == "update":
        return (yield from _update_ecp_secret(tenant, {name: stored}, check_mode))
    if chosen == "delete":
        return (yield from _delete_ecp_secret(tenant, check_mode))
    return FormOutcome((), result)
