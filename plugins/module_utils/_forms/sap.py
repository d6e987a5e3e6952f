# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of SAP AI Launchpad's page Docker Registry Secrets, through the API of SAP AI Core."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .._credentials.registries import Registry
from .._errors import KeyringError
from .._portals.sap_docker import check_docker_secret_name
from .._portals.sap_quota import SapQuota, refuse_full_quota
from .fields import DOCKER_CONFIG_FIELD, LONGEST_NAME, registry_text, relabel
from .pasted_config import public_entry, read_pasted_registries
from .portal_parts import (
    ConnectedTenant,
    PortalForms,
    Preparation,
    Submission,
    choose_listed,
    choose_new_name,
    conduct_portal_form,
    count_line,
    list_matching,
)
from .steps import Ask, FormAnswers, FormField, FormFlow, FormOutcome, Offer, Question, Review, Say, ShowTable
from .stored_pull_secrets import title_list
from .texts import one_line

_PLURAL = "Docker registry secrets"

SERVICE_KEY_FIELD = FormField(
    "service_key",
    "Service key",
    "the path of the file with the JSON of the service key of SAP AI Core, or the JSON itself",
    "~/sap-ai-core-key.json",
    masked=True,
    lines=True,
    identifies=True,
)


def _check_sap_name(name: str, label: str) -> None:
    try:
        check_docker_secret_name(name)
    except KeyringError as error:
        raise relabel(error, "name", label) from None


SAP_NAME_FIELD = FormField(
    "secret_name",
    "Name",
    "2 to 63 lower-case letters, digits, - and . with a letter or digit at both ends",
    "registry-credentials",
    _check_sap_name,
    longest=LONGEST_NAME,
    identifies=True,
)


def _check_registry_secret(text: str, label: str) -> None:
    read_pasted_registries(text, label)


REGISTRY_SECRET_FIELD = dataclasses.replace(
    DOCKER_CONFIG_FIELD,
    title="Secret",
    about="what the page takes: the JSON of data, whole or from between the braces, or a .txt or .json file with it of "
    "at most 10 KB",
    check=_check_registry_secret,
)


def _sap_title(portal: Mapping[str, Any]) -> tuple[str, str]:
    server, account = one_line(portal["server"]), portal.get("account")
    return "Tenant", f"{one_line(account)} at {server}" if account else server


_REPLACES_ALL = (
    "An update replaces the whole value. Registries that the new value does not have are removed from the secret."
)
_KEY = (SERVICE_KEY_FIELD.name,)
SAP_FORMS = PortalForms(
    module="sap_ai_core_docker_registry_secret",
    what="Docker registry secret",
    name=SAP_NAME_FIELD,
    connection=(Question(SERVICE_KEY_FIELD),),
    options=lambda answers: {"service_key": answers["service_key"]},
    fields={
        "service_key": SERVICE_KEY_FIELD.name,
        "docker_config": REGISTRY_SECRET_FIELD.name,
        "name": SAP_NAME_FIELD.name,
    },
    login=_KEY,
    address=_KEY,
    title=_sap_title,
    update="keyring.kubernetes.sap_ai_core_update_docker_registry_secret",
    about_update=_REPLACES_ALL,
)

_FROM_THE_INTERNET = "Each registry must be reachable from the internet."
_ONLY_NAMES = "SAP AI Core returns only the names of Docker registry secrets, never what they contain."
_DOCKER_HUB = "For Docker Hub, write https://index.docker.io as the registry."
_USERS_UNKNOWN = (
    "SAP AI Core does not list which executions and deployments use a secret. Make sure that no template needs it. "
    "Without it, they can no longer pull its images."
)
_USE_IT = "Next: name the secret in imagePullSecrets of your template."


def add_sap_docker_registry_secret(check_mode: bool) -> FormFlow:
    """Create a Docker registry secret of a tenant. A name that exists leads to the form that updates it."""
    name_question = Question(SAP_NAME_FIELD, notes=(_ONLY_NAMES,))
    secret_question = Question(REGISTRY_SECRET_FIELD, notes=(_FROM_THE_INTERNET, _DOCKER_HUB))

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_new_name(SAP_FORMS, tenant, name_question, lambda stored: None)
        if name in tenant.secrets:
            return (yield from _update_sap_secret(tenant, check_mode))
        refuse_full_quota(SapQuota(**tenant.listing["quota"]), _PLURAL)
        answers: FormAnswers = yield Ask((secret_question,))
        return _submit(tenant, name, str(answers[REGISTRY_SECRET_FIELD.name]))

    heading = "Add a Docker registry secret of SAP AI Core"
    return conduct_portal_form(SAP_FORMS, heading, (name_question, secret_question), prepare, check_mode=check_mode)


def _submit(tenant: ConnectedTenant, name: str, text: str) -> Submission:
    """Return the submission of a value, with the registries and user names in it, and what is left out of it."""
    registries, left_out = read_pasted_registries(text, REGISTRY_SECRET_FIELD.title)
    exists = name in tenant.secrets
    rows = [
        tenant.row,
        ("Name", name),
        *title_list("Registry", [registry_text(public_entry(registry)) for registry in registries]),
        ("Quota", _describe_quota(tenant)),
    ]
    notes = [*([_REPLACES_ALL] if exists else []), *left_out, _FROM_THE_INTERNET, _ONLY_NAMES]
    if any(_is_odd_docker_hub(registry) for registry in registries):
        notes.append(_DOCKER_HUB)
    title = "New value of the Docker registry secret" if exists else "New Docker registry secret"
    review = Review(title, rows, "Replace it" if exists else "Create it", confirm=exists, notes=tuple(notes))
    return Submission(name, review, {"name": name, "docker_config": text}, exists, (_USE_IT,))


def _is_odd_docker_hub(registry: Registry) -> bool:
    """Return whether a registry is Docker Hub in the spelling of image names, and not in that of SAP AI Core."""
    host = registry.server.partition("://")[2] or registry.server
    return host.partition("/")[0] == "docker.io"


def _describe_quota(tenant: ConnectedTenant) -> str:
    quota = SapQuota(**tenant.listing["quota"])
    used = len(tenant.secrets) if quota.used is None else quota.used
    return f"{used} used" if quota.maximum is None else f"{used} of {quota.maximum} used"


def update_sap_docker_registry_secret(check_mode: bool) -> FormFlow:
    """Replace the whole value of a Docker registry secret, after a confirmation."""
    return _update_sap_secret(None, check_mode)


def _update_sap_secret(tenant: ConnectedTenant | None, check_mode: bool) -> FormFlow:
    """Replace a value in a tenant, which is asked for unless an earlier form has connected to it."""
    secret_question = Question(REGISTRY_SECRET_FIELD, notes=(_REPLACES_ALL, _FROM_THE_INTERNET, _DOCKER_HUB))

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_listed(SAP_FORMS, tenant, lambda stored: None)
        answers: FormAnswers = yield Ask((secret_question,))
        return _submit(tenant, name, str(answers[REGISTRY_SECRET_FIELD.name]))

    heading = "Update a Docker registry secret of SAP AI Core"
    later = (Question(SAP_NAME_FIELD), secret_question)
    return conduct_portal_form(SAP_FORMS, heading, later, prepare, check_mode=check_mode, tenant=tenant)


def delete_sap_docker_registry_secret(check_mode: bool) -> FormFlow:
    """Delete a Docker registry secret after a confirmation. Its users cannot be listed."""
    return _delete_sap_secret(None, check_mode)


def _delete_sap_secret(tenant: ConnectedTenant | None, check_mode: bool) -> FormFlow:
    """Delete a secret of a tenant, which is asked for unless an earlier form has connected to it."""

    def prepare(tenant: ConnectedTenant) -> Preparation:
        name = yield from choose_listed(SAP_FORMS, tenant, lambda stored: None)
        rows = [tenant.row, ("Name", name), ("Quota", _describe_quota(tenant))]
        review = Review(
            "Docker registry secret to delete", rows, "Delete it", confirm=True, notes=(_USERS_UNKNOWN, _ONLY_NAMES)
        )
        return Submission(name, review, {"name": name, "state": "absent", "in_use": "ignore"}, exists=True)

    heading = "Delete a Docker registry secret of SAP AI Core"
    later = (Question(SAP_NAME_FIELD),)
    return conduct_portal_form(SAP_FORMS, heading, later, prepare, check_mode=check_mode, tenant=tenant)


def list_sap_docker_registry_secrets(check_mode: bool) -> FormFlow:
    """List the names of the Docker registry secrets of a tenant and its quota, and lead to one of them."""
    tenant, found = yield from list_matching(SAP_FORMS, "List the Docker registry secrets of SAP AI Core")
    lines = (count_line(SAP_FORMS, tenant, len(found)), f"Quota: {_describe_quota(tenant)}.", _ONLY_NAMES)
    result = {**tenant.listing, "secrets": found}
    if not found:
        return FormOutcome(lines, result)
    yield ShowTable(("NAME",), tuple((secret["name"],) for secret in found))
    yield Say(("", *lines))
    chosen = yield Offer("Replace or delete one of them?", ("update", "delete"))
    if chosen == "update":
        return (yield from _update_sap_secret(tenant, check_mode))
    if chosen == "delete":
        return (yield from _delete_sap_secret(tenant, check_mode))
    return FormOutcome((), result)
