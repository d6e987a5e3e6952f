# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for the API of the Edge Computing Platform, driven without a terminal and without the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.ecp import (
    ECP_FORMS,
    add_ecp_image_pull_secret,
    delete_ecp_image_pull_secret,
    list_ecp_image_pull_secrets,
    update_ecp_image_pull_secret,
    view_ecp_image_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.parts import FormFailed
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    NOTHING_CHANGED,
    Ask,
    Complain,
    Offer,
    Review,
    Run,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.texts import complain_about
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_address import ECP_URL
from support.portal_person import PortalPerson

MODULE = "cdnetworks_ecp_image_pull_secret"
PORTAL = {"server": ECP_URL, "account": "acme-deploy", "on_behalf_of": None}
TIMES = {"created": "2026-10-02T15:00:00Z", "last_updated": "2026-11-02T15:00:00Z"}
HUB = {"name": "docker-hub", "registry": "docker.io", "username": "acme", "description": "Shop", "managed": False}
USER = {"name": "demo-5883", "registry": "own", "username": "demo-5883", "description": "Auto", "managed": True}
LOGIN: Mapping[str, list[str | None]] = {"account_user": ["acme-deploy"], "account_api_key": ["the key"]}
ACCOUNT = {"user": "acme-deploy", "api_key": "the key", "url": ECP_URL}
NEW = {
    "secret_name": ["quay"],
    "registry": ["quay.io"],
    "registry_username": ["octo"],
    "registry_password": ["s3cret"],
    "description": ["Blog"],
}
# Secret answers are for one object. With another name, they are asked for again.
TYPED_AGAIN = {"registry_password": ["s3cret"] * 2}
UNAUTHORIZED = {
    "failed": True,
    "msg": "It answers 401. Check account.user, account.api_key and account.on_behalf_of.",
    "failure": {"id": "unauthorized", "option": None, "namespace": None},
    "request_id": "r-1",
}


def failed(failure: str, msg: str = "It does not work.", option: str | None = None) -> dict[str, Any]:
    return {"failed": True, "msg": msg, "failure": {"id": failure, "option": option, "namespace": None}}


def person(
    answers: Mapping[str, list[Any]], verdicts: tuple[str, ...] = (), choices: tuple[str, ...] = (), *results: Any
) -> PortalPerson:
    """Return a person whose platform has HUB and USER. ``results`` are those of the first modules, None for its own."""
    left: list[Mapping[str, Any] | None] = list(results)

    def answer_module(run: Run) -> Mapping[str, Any]:
        result = left.pop(0) if left else None
        if result is not None:
            return result
        if run.writes:
            operation = "deleted" if run.options.get("state") == "absent" else "created"
            return {"changed": True, "operation": operation, "portal": PORTAL, "name": run.options["name"]}
        name = run.options.get("name")
        found = [{**secret, **TIMES} for secret in (USER, HUB) if name in (None, secret["name"])]
        return {"secrets": found, "total": len(found), "portal": PORTAL}

    given = {name: list(texts) for name, texts in {**LOGIN, **answers}.items()}
    return PortalPerson(answer_module, given, list(verdicts), list(choices))


def unattended(*results: Any, **variables: Any) -> PortalPerson:
    """Return variables that fill in a form where no one can be asked."""
    ecp = person({}, (), (), *results)
    ecp.variables = {"account_user": "acme-deploy", "account_api_key": "the key", **variables}
    ecp.interactive = False
    return ecp


def listing(*secrets: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the result of a list."""
    return {"secrets": [{**secret, **TIMES} for secret in secrets], "total": len(secrets), "portal": PORTAL}


def test_adds_what_the_page_asks_for() -> None:
    ecp = person(NEW, ("yes",))

    outcome = ecp.fill_in(add_ecp_image_pull_secret)

    registry = {"server": "quay.io", "username": "octo", "password": "s3cret"}
    assert ecp.written() == [{"account": ACCOUNT, "name": "quay", "registry": registry, "description": "Blog"}]
    (review,) = ecp.steps_of(Review)
    assert review.rows == [
        ("Account", f"acme-deploy at {ECP_URL}"),
        ("Name", "quay"),
        ("Registry", "quay.io"),
        ("Username", "octo"),
        ("Password", "(hidden)"),
        ("Description", "Blog"),
    ]
    assert any("does not check the user name and password" in note for note in review.notes)
    assert outcome.lines == (f"Image pull secret quay was created (account acme-deploy at {ECP_URL}).",)
    first = ecp.steps_of(Ask)[0]
    assert {question.field.name for question in first.later} == set(NEW), "an error lists all that is missing"
    notes = " ".join(note for question in first.later for note in question.notes)
    for sentence in ("serves all clusters", "of a registry user", "does not check", "cannot change later"):
        assert sentence in notes


def test_check_mode_says_what_would_be_done() -> None:
    outcome = person(NEW, ("yes",)).fill_in(add_ecp_image_pull_secret, check_mode=True)

    assert outcome.lines[0].startswith("Image pull secret quay would be created")


def test_names_that_cannot_be_added_are_asked_for_again() -> None:
    ecp = person({**NEW, "secret_name": ["docker-hub", "demo-5883", "quay"]}, ("yes",), ("",))

    ecp.fill_in(add_ecp_image_pull_secret)

    exists, managed = ecp.steps_of(Complain)
    assert exists.message.startswith("The image pull secret docker-hub already exists.")
    assert "cdnetworks_ecp_update_image_pull_secret" in exists.message
    assert managed.message.startswith("The image pull secret demo-5883 belongs to a registry user.")
    assert managed.failure == {"id": "managed_elsewhere", "option": "secret_name", "namespace": None}
    assert exists.fields == managed.fields == ("secret_name",)
    complained = ecp.steps.index(managed)
    assert not any(
        isinstance(step, Ask) and "registry" in str(step.questions[0].field.name) for step in ecp.steps[:complained]
    ), "nothing else was asked before"


def test_a_wrong_key_drops_the_login_alone() -> None:
    keys = {"account_user": ["acme-deploy", "acme-deploy"], "account_api_key": ["wrong", "the key"]}
    ecp = person({**NEW, **keys}, ("yes",), (), UNAUTHORIZED)

    ecp.fill_in(add_ecp_image_pull_secret)

    (complaint,) = ecp.steps_of(Complain)
    assert complaint.message == "It answers 401. Check account_user, account_api_key and on_behalf_of."
    assert complaint.fields == ("account_user", "account_api_key", "on_behalf_of")
    assert complaint.facts == {"request_id": "r-1"}
    assert ecp.written()[0]["account"] == ACCOUNT


def test_a_key_that_stops_working_loses_only_secret_answers() -> None:
    keys = {"account_user": ["acme-deploy", "acme-deploy"], "account_api_key": ["old", "the key"]}
    ecp = person({**NEW, **keys, **TYPED_AGAIN}, ("yes", "yes"), (), None, None, UNAUTHORIZED)

    ecp.fill_in(add_ecp_image_pull_secret)

    assert [options["account"]["api_key"] for options in ecp.written()] == ["old", "the key"]
    assert ecp.written()[1]["registry"]["password"] == "s3cret"
    twice = {name for name in ecp.prompted if ecp.prompted.count(name) > 1}
    assert twice == {"account_user", "account_api_key", "on_behalf_of", "registry_password"}


@pytest.mark.parametrize("failure", ["server_error", "unreachable", "outcome_unknown"])
def test_an_outage_during_the_write_keeps_all_answers(failure: str) -> None:
    ecp = person(NEW, ("yes", "yes"), (), None, None, failed(failure, "No answer."))

    ecp.fill_in(add_ecp_image_pull_secret)

    (complaint,) = ecp.steps_of(Complain)
    assert (complaint.message, complaint.fields) == ("No answer.", ())
    assert len(ecp.written()) == 2
    assert len(ecp.prompted) == len(set(ecp.prompted)), "no field is asked for twice"


def test_an_outage_that_lasts_keeps_all_answers() -> None:
    down = failed("unreachable", "Cannot reach it.")
    ecp = person(NEW, ("yes", "yes"), ("again", "again"), None, None, down, down, down)

    ecp.fill_in(add_ecp_image_pull_secret)

    assert [complaint.fields for complaint in ecp.steps_of(Complain)] == [(), (), ()]
    assert ecp.steps_of(Offer)[0].words == ("again",), "the address has answered before"
    assert len(ecp.written()) == 2
    assert len(ecp.prompted) == len(set(ecp.prompted))


def test_a_change_during_an_outage_keeps_the_answers() -> None:
    answers = {**NEW, **TYPED_AGAIN, "secret_name": ["quay", "quay2"]}
    ecp = person(answers, ("secret_name", "yes"), ("again",), None, failed("server_error", "It answers 503."))

    ecp.fill_in(add_ecp_image_pull_secret)

    assert ecp.written()[0]["name"] == "quay2"
    assert ecp.written()[0]["description"] == "Blog"


def test_a_person_can_stop_during_an_outage() -> None:
    down = failed("unreachable", "Cannot reach it.")
    with pytest.raises(FormFailed, match=r"^Stopped\.$"):
        person({}, (), ("",), down).fill_in(add_ecp_image_pull_secret)


def test_an_address_that_never_answered_can_be_changed() -> None:
    urls = {"account_url": ["https://x.example.com", ECP_URL]}
    ecp = person({**NEW, **urls}, ("yes",), ("change",), failed("unreachable", "Cannot reach it."))

    ecp.fill_in(add_ecp_image_pull_secret)

    said, dropped = ecp.steps_of(Complain)
    assert (said.message, said.fields, dropped.fields) == ("Cannot reach it.", (), ("account_url",))
    assert ecp.written()[0]["account"] == ACCOUNT


def test_an_outage_without_a_terminal_ends_the_form() -> None:
    ecp = unattended(failed("server_error", "The API answers 503."), secret_name="docker-hub")

    with pytest.raises(FormFailed, match=r"^The API answers 503\.$"):
        ecp.fill_in(view_ecp_image_pull_secret)


def test_one_that_was_created_without_an_answer_can_be_updated() -> None:
    created = {"name": "quay", "registry": "quay.io", "username": "octo", "description": "Blog", "managed": False}
    lost = failed("outcome_unknown", "The answer was lost.")
    again: dict[str, list[Any]] = {
        "registry_username": ["octo", None],
        "registry_password": ["s3cret"] * 2,
        "description": ["Blog", None],
    }
    results = (None, None, lost, *[listing(created)] * 3)
    ecp = person({**NEW, **again}, ("yes", "yes", "yes"), ("update",), *results)

    ecp.fill_in(add_ecp_image_pull_secret)

    (offer,) = ecp.steps_of(Offer)
    assert offer.question.startswith("The image pull secret quay exists now. This form may have created it.")
    assert [options.get("update_credentials") for options in ecp.written()] == [None, "when_given"]
    assert ecp.written()[1]["registry"]["server"] == "quay.io"


def test_a_person_who_stops_after_a_lost_answer_reads_that_the_outcome_is_unknown() -> None:
    ecp = person(NEW, ("yes", "no"), (), None, None, failed("outcome_unknown", "The answer was lost."))

    outcome = ecp.fill_in(add_ecp_image_pull_secret)

    assert outcome.lines == ("It is not known whether the last change was made.",)


def test_one_that_another_client_created_during_the_review_is_not_overwritten() -> None:
    other = {"name": "quay", "registry": "quay.io", "username": "other", "description": "", "managed": False}
    answers = {**NEW, **TYPED_AGAIN, "secret_name": ["quay", "quay2"]}
    ecp = person(answers, ("yes", "yes"), ("",), None, listing(other))

    ecp.fill_in(add_ecp_image_pull_secret)

    assert [options["name"] for options in ecp.written()] == ["quay2"]
    (offer,) = ecp.steps_of(Offer)
    assert offer.question.startswith("The image pull secret quay already exists.")


def test_one_that_was_deleted_during_the_review_is_not_created_again() -> None:
    quay = {"name": "quay", "registry": "quay.io", "username": "octo", "description": "", "managed": False}
    answers: dict[str, list[Any]] = {"secret_name": ["docker-hub", "quay"], "registry_password": ["s3cret"] * 2}
    results = (None, None, listing(quay), listing(quay))
    ecp = person(answers, ("yes", "no"), (), *results)

    assert ecp.fill_in(update_ecp_image_pull_secret) == NOTHING_CHANGED
    assert ecp.written() == []
    assert "this image pull secret does not exist" in ecp.steps_of(Complain)[0].message


def test_a_change_asks_for_the_field_alone() -> None:
    ecp = person({**NEW, **TYPED_AGAIN, "secret_name": ["quay", "quay2"]}, ("secret_name", "no"))

    assert ecp.fill_in(add_ecp_image_pull_secret) == NOTHING_CHANGED
    assert [dict(review.rows)["Name"] for review in ecp.steps_of(Review)] == ["quay", "quay2"]
    assert ecp.written() == []


def test_update_keeps_what_is_left_empty_and_clears_on_request() -> None:
    ecp = person({"secret_name": ["docker-hub"], "registry_password": ["s3cret"], "description": ["-"]}, ("yes",))

    ecp.fill_in(update_ecp_image_pull_secret)

    assert ecp.written() == [
        {
            "account": ACCOUNT,
            "name": "docker-hub",
            "registry": {"server": "docker.io", "password": "s3cret"},
            "description": "",
            "update_credentials": "when_given",
        }
    ]
    (review,) = ecp.steps_of(Review)
    assert dict(review.rows) == {
        "Account": f"acme-deploy at {ECP_URL}",
        "Name": "docker-hub",
        "Registry": "docker.io",
        "Username": "acme (kept)",
        "Password": "(hidden)",
        "Description": "(cleared)",
    }
    assert any("pulls can fail for a moment" in note for note in review.notes)
    assert "registry" not in ecp.asked(), "it cannot change"
    assert "docker.io" in ecp.said()
    questions = {question.field.name: question for question in ecp.steps_of(Ask)[-1].questions}
    assert (questions["description"].keeps, questions["description"].clearable) == ("Shop", True)


def test_an_update_of_nothing_writes_nothing() -> None:
    ecp = person({"secret_name": ["docker-hub"]})

    assert ecp.fill_in(update_ecp_image_pull_secret) == NOTHING_CHANGED
    assert ecp.steps_of(Review) == []
    with pytest.raises(KeyringError, match="Set at least one of: registry_username, registry_password, description"):
        unattended(secret_name="docker-hub").fill_in(update_ecp_image_pull_secret)


def test_an_update_for_another_registry_is_refused() -> None:
    given = {"secret_name": "docker-hub", "registry_password": "s3cret"}
    other = unattended(**given, registry="ghcr.io")
    with pytest.raises(FormFailed, match=r"The registry of docker-hub is docker\.io, not ghcr\.io\. It cannot change"):
        other.fill_in(update_ecp_image_pull_secret)
    assert other.written() == []

    same = unattended(**given, registry="https://docker.io")
    same.fill_in(update_ecp_image_pull_secret)
    assert same.written()[0]["registry"] == {"server": "docker.io", "password": "s3cret"}


@pytest.mark.parametrize("form", [update_ecp_image_pull_secret, delete_ecp_image_pull_secret])
def test_managed_and_unknown_names_are_refused_first(form: Any) -> None:
    ecp = person({"secret_name": ["dokcer-hub", "demo-5883", "docker-hub"]}, ("no",))

    assert ecp.fill_in(form) == NOTHING_CHANGED
    unknown, managed = ecp.steps_of(Complain)
    assert "this image pull secret does not exist. Did you mean docker-hub?" in unknown.message
    assert unknown.failure["id"] == "not_found" if unknown.failure else False
    assert managed.failure["id"] == "managed_elsewhere" if managed.failure else False


def test_delete_needs_a_confirmation() -> None:
    ecp = person({"secret_name": ["docker-hub"]}, ("yes",))

    outcome = ecp.fill_in(delete_ecp_image_pull_secret)

    (review,) = ecp.steps_of(Review)
    assert review.confirm
    assert ecp.written() == [{"account": ACCOUNT, "name": "docker-hub", "state": "absent"}]
    assert outcome.lines == (f"Image pull secret docker-hub was deleted (account acme-deploy at {ECP_URL}).",)


def test_a_secret_in_use_ends_the_form() -> None:
    in_use = failed("in_use", "It reports SecretBeingUsed.")
    with pytest.raises(FormFailed, match="SecretBeingUsed"):
        person({"secret_name": ["docker-hub"]}, ("yes",), (), None, None, in_use).fill_in(delete_ecp_image_pull_secret)


@pytest.mark.parametrize(
    ("wanted", "names", "end"),
    [("HUB", ["docker-hub"], "1 image pull secret ("), (None, ["demo-5883", "docker-hub"], "2 image pull secrets (")],
)
def test_lists_by_a_part_of_the_name(wanted: str | None, names: list[str], end: str) -> None:
    ecp = person({"filter": [wanted]}, (), ("",))

    outcome = ecp.fill_in(list_ecp_image_pull_secrets)

    assert [secret["name"] for secret in outcome.result["secrets"]] == names
    assert end in ecp.said()
    assert max(map(len, ecp.said().splitlines()[:-1])) <= 60
    assert ecp.steps_of(Offer)[0].words == ("view",)


def test_an_empty_list_leads_nowhere() -> None:
    outcome = person({"filter": ["none"]}).fill_in(list_ecp_image_pull_secrets)

    assert outcome.lines == (f"No image pull secrets (account acme-deploy at {ECP_URL}).",)


def test_the_list_leads_to_a_view_and_to_the_other_forms() -> None:
    ecp = person({"secret_name": ["docker-hub"]}, ("yes",), ("view", "delete"))

    ecp.fill_in(list_ecp_image_pull_secrets)

    assert "Password      (hidden)" in ecp.said()
    assert ecp.written()[0]["state"] == "absent"


def test_a_view_leads_to_an_update_without_reading_again() -> None:
    ecp = person({"secret_name": ["docker-hub"], "registry_password": ["s3cret"]}, ("yes",), ("update",))

    ecp.fill_in(view_ecp_image_pull_secret)

    reads = [dict(run.options).get("name") for run in ecp.steps_of(Run) if not run.writes]
    assert reads == [None, "docker-hub", None], "a list, the details, and a list before the write"
    assert ecp.said().count("Last updated") == 1
    assert ecp.written()[0]["registry"]["password"] == "s3cret"


def test_a_view_of_a_managed_one_offers_nothing() -> None:
    ecp = person({"secret_name": ["demo-5883"]})

    outcome = ecp.fill_in(view_ecp_image_pull_secret)

    assert "Change the registry user instead" in outcome.lines[-1]
    assert ecp.steps_of(Offer) == []


def test_an_account_without_pull_secrets_is_an_error() -> None:
    empty = {"secrets": [], "total": 0, "portal": {**PORTAL, "on_behalf_of": "1001"}}
    with pytest.raises(KeyringError, match=r"Account acme-deploy at .* on behalf of 1001 has no image pull secrets"):
        person({}, (), (), empty).fill_in(view_ecp_image_pull_secret)


@pytest.mark.parametrize(
    ("option", "message", "name", "shown"),
    [
        ("account.url", "account.url is not a URL.", "account_url", "account_url is not a URL."),
        ("name", "name is not valid. A user name is.", "secret_name", "secret_name is not valid. A user name is."),
        ("registry.server", "No registry.server of a name.", "registry", "No registry of a name."),
        ("registry", "The registry is wrong.", None, "The registry is wrong."),
        (None, "The name is taken.", None, "The name is taken."),
    ],
)
def test_messages_name_fields_instead_of_options(
    option: str | None, message: str, name: str | None, shown: str
) -> None:
    complaint = complain_about(failed("invalid_option", message, option), ECP_FORMS.fields)

    assert complaint.message == shown
    assert complaint.fields == ((name,) if name else ())
