# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for the API of SAP AI Core, driven without a terminal and without a tenant."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.answers import parse_answer
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pasted_config import read_pasted_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.sap import (
    REGISTRY_SECRET_FIELD,
    SAP_NAME_FIELD,
    add_sap_docker_registry_secret,
    delete_sap_docker_registry_secret,
    list_sap_docker_registry_secrets,
    update_sap_docker_registry_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    NOTHING_CHANGED,
    Ask,
    Complain,
    Offer,
    Question,
    Review,
    Run,
)
from support.portal_person import PortalPerson

PORTAL = {"server": "https://api.example.com", "account": "acme"}
TENANT = ("Tenant", "acme at https://api.example.com")
CONFIG = json.dumps({"auths": {"ghcr.io": {"username": "octo", "password": "s3cret"}}})
WHOLE = json.dumps({".dockerconfigjson": CONFIG})
KEY = '{"clientid": "a"}'


def failed(failure: str) -> dict[str, Any]:
    return {"failed": True, "msg": "No answer.", "failure": {"id": failure, "option": None, "namespace": None}}


def person(
    answers: Mapping[str, list[Any]],
    verdicts: tuple[str, ...] = (),
    choices: tuple[str, ...] = (),
    *results: Any,
    used: int | None = 2,
) -> PortalPerson:
    """Return a person whose tenant has two secrets. ``results`` are those of the first modules, None for its own."""
    left: list[Mapping[str, Any] | None] = list(results)

    def answer_module(run: Run) -> Mapping[str, Any]:
        result = left.pop(0) if left else None
        if result is not None:
            return result
        if run.writes:
            operation = "deleted" if run.options.get("state") == "absent" else "created"
            return {"changed": True, "operation": operation, "portal": PORTAL}
        secrets = [{"name": "training"}, {"name": "web"}]
        return {"secrets": secrets, "quota": {"used": used, "maximum": 50}, "portal": PORTAL}

    given = {name: list(texts) for name, texts in {"service_key": [KEY], **answers}.items()}
    return PortalPerson(answer_module, given, list(verdicts), list(choices))


def test_adds_a_secret_as_the_page_does() -> None:
    sap = person({"secret_name": ["images"], "docker_config": [WHOLE]}, ("yes",))

    outcome = sap.fill_in(add_sap_docker_registry_secret)

    assert sap.written() == [{"service_key": KEY, "name": "images", "docker_config": WHOLE}]
    (review,) = sap.steps_of(Review)
    assert review.rows == [TENANT, ("Name", "images"), ("Registry", "ghcr.io, user octo"), ("Quota", "2 of 50 used")]
    assert not review.confirm
    notes = " ".join(review.notes)
    assert "reachable from the internet" in notes
    assert "returns only the names" in notes
    assert "index.docker.io" not in notes
    assert outcome.lines == (
        "Docker registry secret images was created (tenant acme at https://api.example.com).",
        "Next: name the secret in imagePullSecrets of your template.",
    )
    assert {question.field.name for question in sap.steps_of(Ask)[0].later} == {"secret_name", "docker_config"}


@pytest.mark.parametrize(
    "text",
    [
        CONFIG,
        WHOLE,
        WHOLE[1:-1],
        CONFIG[1:-1],
        base64.b64encode(CONFIG.encode()).decode(),
        json.dumps({"name": "images", "data": {".dockerconfigjson": CONFIG}}),
    ],
)
def test_takes_all_that_the_page_takes(text: str) -> None:
    assert [registry.server for registry in read_pasted_registries(text, "Secret")[0]] == ["ghcr.io"]


@pytest.mark.parametrize(
    "text", ["{}", '{"auths": {}}', '{"auths": {"ghcr.io": {"username": "octo"}}}', "[1]", '"auths": {"a', "text"]
)
def test_refuses_what_has_no_credentials_at_the_field(text: str) -> None:
    with pytest.raises(KeyringError, match="Secret") as refused:
        REGISTRY_SECRET_FIELD.check(text, "Secret")
    assert "octo" not in str(refused.value)


@pytest.mark.parametrize("name", ["a", "Web", "web-", "a b", "w" * 64])
def test_refuses_other_names(name: str) -> None:
    with pytest.raises(KeyringError, match="Name is not a name"):
        SAP_NAME_FIELD.check(name, "Name")


@pytest.mark.parametrize("server", ["docker.io", "https://docker.io/v1/"])
def test_odd_names_of_docker_hub_are_noted(server: str) -> None:
    config = json.dumps({"auths": {server: {"username": "octo", "password": "s3cret"}}})
    sap = person({"secret_name": ["images"], "docker_config": [config]}, ("no",))

    assert sap.fill_in(add_sap_docker_registry_secret) == NOTHING_CHANGED
    assert any("https://index.docker.io" in note for note in sap.steps_of(Review)[0].notes)


def test_user_names_that_are_tokens_are_hidden() -> None:
    config = json.dumps({"auths": {"ghcr.io": {"username": "s3cret", "password": "s3cret"}}})
    sap = person({"secret_name": ["images"], "docker_config": [config]}, ("no",))

    sap.fill_in(add_sap_docker_registry_secret)

    assert "s3cret" not in str(sap.steps_of(Review)[0].rows)


def test_an_existing_name_leads_to_its_update() -> None:
    sap = person({"secret_name": ["web"], "docker_config": [CONFIG]}, ("yes",), ("update",))

    sap.fill_in(add_sap_docker_registry_secret)

    (offer,) = sap.steps_of(Offer)
    assert "already exists. An update replaces the whole value." in offer.question
    (review,) = sap.steps_of(Review)
    assert review.confirm
    assert "replaces the whole value" in review.notes[0]
    assert sap.written() == [{"service_key": KEY, "name": "web", "docker_config": CONFIG}]


def test_or_to_another_name() -> None:
    sap = person({"secret_name": ["web", "images"], "docker_config": [CONFIG]}, ("yes",), ("",))

    sap.fill_in(add_sap_docker_registry_secret)

    (complaint,) = sap.steps_of(Complain)
    assert complaint.fields == ("secret_name",)
    assert "sap_ai_core_update_docker_registry_secret" in complaint.message
    assert sap.written()[0]["name"] == "images"


def listing(*names: str) -> Mapping[str, Any]:
    """Return the result of a list."""
    secrets = [{"name": name} for name in names]
    return {"secrets": secrets, "quota": {"used": len(names), "maximum": 50}, "portal": PORTAL}


@pytest.mark.parametrize("choice", ["update", ""])
def test_one_that_was_created_without_an_answer(choice: str) -> None:
    lost = failed("outcome_unknown")
    answers: dict[str, list[Any]] = {"secret_name": ["images", "images2"], "docker_config": [CONFIG] * 2}
    results = (None, None, lost, *[listing("images", "web")] * 2)
    sap = person(answers, ("yes", "yes", "yes"), (choice,), *results)

    sap.fill_in(add_sap_docker_registry_secret)

    (offer,) = sap.steps_of(Offer)
    assert "images exists now. This form may have created it." in offer.question
    assert [options["name"] for options in sap.written()] == ["images", "images" if choice else "images2"]
    assert sap.steps_of(Review)[-1].confirm is bool(choice)


@pytest.mark.parametrize("failure", ["server_error", "unreachable", "outcome_unknown"])
def test_an_outage_during_the_write_does_not_ask_for_the_key_again(failure: str) -> None:
    down = failed(failure)
    answers: dict[str, list[Any]] = {"secret_name": ["images"], "docker_config": [CONFIG]}
    sap = person(answers, ("yes", "yes"), ("again",), None, None, down, down)

    sap.fill_in(add_sap_docker_registry_secret)

    assert len(sap.written()) == 2
    assert sap.prompted == ["service_key", "secret_name", "docker_config"]


def test_an_outage_at_the_beginning_does_not_ask_for_the_key_again() -> None:
    answers: dict[str, list[Any]] = {"secret_name": ["images"], "docker_config": [CONFIG]}
    sap = person(answers, ("yes",), ("again",), failed("unreachable"))

    sap.fill_in(add_sap_docker_registry_secret)

    assert sap.steps_of(Offer)[0].words == ("again", "change")
    assert sap.prompted == ["service_key", "secret_name", "docker_config"]


def test_the_review_says_what_is_left_out_without_advice_for_tasks() -> None:
    tokens = {"auths": {"ghcr.io": {"username": "octo", "password": "s3cret"}, "quay.io": {}}}
    sap = person({"secret_name": ["images"], "docker_config": [json.dumps(tokens)]}, ("no",))

    sap.fill_in(add_sap_docker_registry_secret)

    notes = " ".join(sap.steps_of(Review)[0].notes)
    assert "quay.io" in notes
    assert "under registries" not in notes


def test_a_refused_value_has_no_advice_for_tasks() -> None:
    with pytest.raises(KeyringError) as refused:
        REGISTRY_SECRET_FIELD.check('{"auths": {"ghcr.io": {"username": "octo"}}}', "Secret")
    assert "registries" not in str(refused.value).replace("no registries", "")


def test_a_full_quota_is_said_before_the_secret_is_pasted() -> None:
    sap = person({"secret_name": ["images"]}, used=50)

    with pytest.raises(KeyringError, match="The tenant has 50 Docker registry secrets") as refused:
        sap.fill_in(add_sap_docker_registry_secret)
    assert refused.value.failure == "quota"
    assert "docker_config" not in sap.asked()


def test_a_wrong_key_is_asked_for_again() -> None:
    refused = {"failed": True, "msg": "service_key has no clientid.", "failure": {"option": "service_key.clientid"}}
    sap = person(
        {"service_key": ["{}", KEY], "secret_name": ["images"], "docker_config": [CONFIG]}, ("yes",), (), refused
    )

    sap.fill_in(add_sap_docker_registry_secret)

    (complaint,) = sap.steps_of(Complain)
    assert complaint.fields == ("service_key",)
    assert sap.written()[0]["service_key"] == KEY


def test_delete_says_that_users_are_unknown() -> None:
    sap = person({"secret_name": ["web"]}, ("yes",))

    sap.fill_in(delete_sap_docker_registry_secret)

    (review,) = sap.steps_of(Review)
    assert review.confirm
    assert "does not list which executions and deployments use a secret" in review.notes[0]
    assert sap.written() == [{"service_key": KEY, "name": "web", "state": "absent", "in_use": "ignore"}]


def test_a_secret_that_is_gone_is_not_called_unchanged() -> None:
    gone = {"changed": False, "operation": "unchanged", "portal": PORTAL}
    sap = person({"secret_name": ["web"]}, ("yes",), (), None, gone)

    outcome = sap.fill_in(delete_sap_docker_registry_secret)

    assert outcome.lines == ("Docker registry secret web no longer exists (tenant acme at https://api.example.com).",)


@pytest.mark.parametrize(("used", "quota"), [(2, "2 of 50 used"), (None, "2 of 50 used")])
def test_lists_names_and_the_quota(used: int | None, quota: str) -> None:
    sap = person({"filter": ["WEB"]}, (), ("",), used=used)

    outcome = sap.fill_in(list_sap_docker_registry_secrets)

    lines = sap.said().splitlines()
    assert lines[:2] == ["NAME", "web"]
    assert f"Quota: {quota}." in lines
    assert outcome.result["secrets"] == [{"name": "web"}]


@pytest.mark.parametrize("choice", ["update", "delete"])
def test_the_list_leads_to_the_other_forms(choice: str) -> None:
    sap = person({"secret_name": ["web"], "docker_config": [CONFIG]}, ("yes",), (choice,))

    sap.fill_in(list_sap_docker_registry_secrets)

    assert ("state" in sap.written()[0]) is (choice == "delete")


def test_update_needs_a_name_that_exists() -> None:
    sap = person({"secret_name": ["wbe", "web"], "docker_config": [CONFIG]}, ("yes",))

    sap.fill_in(update_sap_docker_registry_secret)

    assert "Did you mean web?" in sap.steps_of(Complain)[0].message


def test_the_limit_of_an_upload_is_in_bytes() -> None:
    with pytest.raises(KeyringError, match=r"Secret has 12000 bytes\. At most 10240 are allowed\."):
        parse_answer("ü" * 6000, Question(REGISTRY_SECRET_FIELD), "Secret")
