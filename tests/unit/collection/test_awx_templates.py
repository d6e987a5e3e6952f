# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job templates for AWX: current, complete, and as AWX and the forms want them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

import awx_templates as tool
from support.paths import ROOT
from support.servers.awx import Refused, check_survey, start_job

TEMPLATES: list[dict[str, Any]] = yaml.safe_load(tool.DATA.read_text())["keyring_job_templates"]
BY_PLAYBOOK = {template["playbook"].removesuffix(".yml"): template for template in TEMPLATES}
SCHEMA = json.loads((tool.AWX / "job_templates.schema.json").read_text())
ROWS = {row.playbook: row for row in (*tool.FORMS, *tool.REPORTS)}


def questions(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {question["variable"]: question for question in template.get("survey", {}).get("spec", [])}


def all_questions() -> Iterator[tuple[str, dict[str, Any]]]:
    for template in TEMPLATES:
        for question in questions(template).values():
            yield template["playbook"], question


def under_one_name(variables: set[str]) -> set[str]:
    """Return variables without the alias that a form takes as well."""
    return {"target_namespace" if name == "namespace" else name for name in variables}


def test_the_files_are_those_of_the_rows() -> None:
    files = tool.render_files()
    assert {path: path.read_text() for path in files if path.exists()} == files, "make docs writes them"
    assert set(tool.PROJECT.glob("*.yml")) == files.keys() - {tool.DATA}


def test_the_data_fit_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate({"keyring_job_templates": TEMPLATES})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "password", "default": "s3cret"}, "should not be valid"),
        ({"type": "integer", "default": "7"}, "is not of type 'integer'"),
        ({"type": "multiplechoice"}, "'choices' is a required property"),
        ({"variable": "Not a variable"}, "does not match"),
        ({"max": None}, "is not of type 'integer'"),
        ({"hint": "none"}, "Additional properties"),
    ],
    ids=str,
)
def test_the_schema_refuses(change: dict[str, Any], message: str) -> None:
    question = {**questions(BY_PLAYBOOK["add_image_pull_secret"])["registry"], **change}
    template = {**BY_PLAYBOOK["add_image_pull_secret"], "survey": {"name": "", "description": "", "spec": [question]}}
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.Draft202012Validator(SCHEMA).validate({"keyring_job_templates": [template]})


def test_every_playbook_and_role_has_a_template() -> None:
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} - tool.WITHOUT_TEMPLATE
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()} - tool.WITHOUT_TEMPLATE
    assert BY_PLAYBOOK.keys() == playbooks | {f"role_{role}" for role in roles}
    assert len({template["name"] for template in TEMPLATES}) == len(TEMPLATES) == len(BY_PLAYBOOK)


@pytest.mark.parametrize("playbook", [row.playbook for row in tool.FORMS])
def test_a_survey_asks_for_the_variables_in_the_comment_of_a_form(playbook: str) -> None:
    head = tool.read_head(ROOT / "playbooks" / f"{playbook}.yml")
    described = under_one_name(set(head.variables - tool.NOT_ASKED))
    row = ROWS[playbook]
    # A form may ask for confirmation without a need for it in a job.
    unneeded = {"confirm"} if not row.confirm else set()
    assert under_one_name(set(questions(BY_PLAYBOOK[playbook]))) == described - unneeded


@pytest.mark.parametrize("playbook", [row.playbook for row in tool.REPORTS])
def test_a_survey_asks_for_variables_of_a_report(playbook: str) -> None:
    head = tool.read_head(ROOT / "playbooks" / f"{playbook}.yml")
    unknown = under_one_name(set(questions(BY_PLAYBOOK[playbook]))) - under_one_name(set(head.variables))
    assert unknown == set()
    assert not ROWS[playbook].writes


@pytest.mark.parametrize("playbook", [row.playbook for row in tool.EVENTS])
def test_a_rulebook_can_launch_the_template(playbook: str) -> None:
    """AWX ignores variables and limits that a template does not ask for."""
    template = BY_PLAYBOOK[playbook]
    assert (template["prompts"], template.get("limits"), "survey" in template) == (True, True, False)
    rulebook = (ROOT / "extensions" / "eda" / "rulebooks" / f"{playbook}_job_template.yml").read_text()
    assert f"job_template | default('Keyring: {template['name']}')" in rulebook


@pytest.mark.parametrize("role", tool.roles())
def test_a_survey_asks_for_every_variable_of_a_role_that_it_can(role: str) -> None:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    asked = questions(BY_PLAYBOOK[f"role_{role}"])
    lists = [name for name, option in options.items() if option["type"] == "list" and option.get("elements") == "str"]
    connection = {"keyring_connection", "cdnetworks_ecp_connection", "sap_ai_core_connection"}
    scalars = {name: option for name, option in options.items() if option["type"] in ("str", "int", "bool")}
    assert asked.keys() == {f"survey_{name.removeprefix(f'{role}_')}" for name in lists} | scalars.keys() - connection
    for name, option in scalars.items():
        default = option.get("default")
        assert asked[name].get("default", "") == (
            str(default).lower() if option["type"] == "bool" and default is not None else default or ""
        )
        assert (asked[name]["type"] == "password") == bool(option.get("no_log"))
        if "choices" in option:
            assert asked[name]["choices"] == option["choices"]


def test_the_survey_of_a_role() -> None:
    asked = questions(BY_PLAYBOOK["role_primehub_secrets"])
    assert {name: question["type"] for name, question in asked.items()} == {
        "primehub_secrets_namespace": "text",
        "primehub_secrets_keep_blank": "multiplechoice",
        "primehub_secrets_in_use": "multiplechoice",
        "primehub_secrets_owner": "text",
    }
    assert {"survey_namespaces", "survey_service_accounts"} <= questions(BY_PLAYBOOK["role_ghcr"]).keys()


MASKED = {
    *("registry_password", "private_key", "private_key_passphrase", "docker_config", "service_key"),
    *("account_api_key", "token"),
}


def test_what_is_masked_is_masked_and_has_no_default() -> None:
    asked = set()
    for playbook, question in all_questions():
        is_form = playbook.removesuffix(".yml") in ROWS
        if is_form and question["type"] == "password":
            asked.add(question["variable"])
        if question["variable"] in MASKED:
            assert question["type"] == "password", playbook
        if question["type"] == "password":
            assert "default" not in question, playbook
    assert asked == MASKED


@pytest.mark.parametrize(
    ("playbook", "titles"),
    [
        ("add_image_pull_secret", {"registry": "Registry", "secret_name": "Name", "owner": "Owner"}),
        ("import_docker_config", {"docker_config": "Docker config"}),
        ("primehub_add_secret", {"registry": "Registry host", "secret_type": "Type", "private_key": "Private SSH key"}),
        ("primehub_update_secret", {"registry": "Registry host"}),
        ("sap_ai_core_add_docker_registry_secret", {"docker_config": "Secret", "service_key": "Service key"}),
        ("sap_ai_core_update_docker_registry_secret", {"docker_config": "Secret"}),
        ("cdnetworks_ecp_add_image_pull_secret", {"registry": "Registry", "account_url": "API URL"}),
    ],
)
def test_questions_have_the_titles_of_their_form(playbook: str, titles: Mapping[str, str]) -> None:
    asked = questions(BY_PLAYBOOK[playbook])
    assert {name: asked[name]["question_name"] for name in titles} == titles


def test_the_type_of_a_secret_is_a_choice() -> None:
    added = questions(BY_PLAYBOOK["primehub_add_secret"])["secret_type"]
    assert (added["type"], added["choices"]) == ("multiplechoice", ["git_sync", "image_pull"])
    for playbook, question in all_questions():
        assert not question["question_description"].startswith("Git_sync"), playbook


# For an optional question that is left empty, the pages of a controller send the empty string.


def test_a_namespace_is_never_sent_as_the_empty_string() -> None:
    named = [
        (playbook, question)
        for playbook, question in all_questions()
        if question["variable"].endswith(("namespace", "namespaces")) and not question["variable"].startswith("survey_")
    ]
    assert [playbook for playbook, question in named if not question["required"] or question["min"] < 1] == []
    defaults = {playbook: question["default"] for playbook, question in named if "default" in question}
    assert defaults == {
        **dict.fromkeys(("list_image_pull_secrets.yml", "image_access_report.yml", "find_credential.yml"), "*"),
        **dict.fromkeys(("image_access_upgrade_check.yml", "credential_expiry.yml"), "*"),
        **dict.fromkeys(("add_git_secret.yml", "primehub_add_secret.yml", "primehub_update_secret.yml"), "hub"),
        **dict.fromkeys(("primehub_list_secrets.yml", "primehub_delete_secret.yml"), "hub"),
        "role_primehub_secrets.yml": "hub",
    }, "not cleanup, which deletes"
    survey = BY_PLAYBOOK["cleanup"]["survey"]
    with pytest.raises(Refused, match="'target_namespace' is too small"):
        start_job(survey, {"target_namespace": "", "owner": "team-shop"})


def test_a_form_and_a_report_get_an_answer_to_each_choice() -> None:
    empty = [
        f"{playbook}: {question['variable']}"
        for playbook, question in all_questions()
        if "choices" in question and not question["required"] and "default" not in question
    ]
    assert [place for place in empty if not place.startswith("role_")] == []


def test_a_form_that_needs_an_answer_asks_for_it() -> None:
    confirmed = {playbook for playbook, question in all_questions() if question["variable"] == "confirm"}
    assert confirmed == {f"{row.playbook}.yml" for row in tool.FORMS if row.confirm}
    for playbook in confirmed:
        question = questions(BY_PLAYBOOK[playbook.removesuffix(".yml")])["confirm"]
        assert (question["type"], question["choices"], question["default"]) == ("multiplechoice", ["no", "yes"], "no")


def test_the_controller_takes_every_survey() -> None:
    for template in TEMPLATES:
        if "survey" in template:
            check_survey(template["survey"])
    with_required = BY_PLAYBOOK["delete_image_pull_secret"]["survey"]
    with pytest.raises(Refused, match="'secret_name' value missing"):
        start_job(with_required, {"target_namespace": "edge"})
    assert "!unsafe 'confirm': !unsafe 'no'" in start_job(
        with_required, {"target_namespace": "edge", "secret_name": "registry"}
    )
