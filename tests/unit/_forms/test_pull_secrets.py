# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for pull secrets, step by step: what they ask, show, refuse and write."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.import_docker_config import import_docker_config
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.parts import FormFailed
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pull_secret_views import (
    list_image_pull_secrets,
    view_image_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pull_secrets import (
    NOT_CHECKED,
    OLD_PASSWORD,
    ONE_NAMESPACE,
    RESERVED_NAMES,
    USED_IN_PLACE,
    add_image_pull_secret,
    delete_image_pull_secret,
    update_image_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    NOTHING_CHANGED,
    Ask,
    Complain,
    FormFlow,
    FormStep,
    Offer,
    Review,
    Run,
    Say,
    ShowRows,
    ShowTable,
)
from support.form_person import FormPerson, is_refused, rows_of, values_of

POD = {"kind": "Pod", "name": "web", "blocking": True}
LABELLED = {"kind": "DevWorkspace", "name": "a-label", "blocking": False}
PLACE = {"target_namespace": ["edge"], "secret_name": ["registry"]}
Edit = Mapping[str, Any]


def stored_secret(**changes: Any) -> dict[str, Any]:
    return {
        "namespace": "edge",
        "name": "registry",
        "registries": [{"server": "ghcr.io", "username": "octo"}],
        "display_name": "Company",
        "description": "Pulls",
        "created": "2026-01-01T00:00:00Z",
        "last_updated": "2026-01-02T00:00:00Z",
        "owner": None,
        "managed_by": None,
        "used_by": [],
        "problems": [],
        **changes,
    }


class Modules:
    """The modules behind a form: Secrets that can be read, and the results of writes in turn.

    ``later`` are the Secrets from the second read of a Secret on.
    """

    def __init__(
        self,
        *secrets: Mapping[str, Any],
        writes: tuple[Mapping[str, Any], ...] = (),
        later: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self._secrets: Sequence[Mapping[str, Any]] = secrets
        self._writes = list(writes)
        self._later = later

    def __call__(self, run: Run) -> Mapping[str, Any]:
        if run.writes:
            return self._writes.pop(0) if self._writes else {"operation": "updated", "changed": True, "secret": {}}
        name = run.options.get("name")
        found = [secret for secret in self._secrets if name in (None, secret["name"])]
        if name and self._later is not None:
            self._secrets = self._later
        return {"changed": False, "secrets": found, "total": len(found), "cluster": {"server": "https://a"}}


def fill_in(
    form: Callable[[bool], FormFlow],
    *secrets: Mapping[str, Any],
    answers: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> FormPerson:
    answers = PLACE if answers is None else answers
    modules = Modules(*secrets, writes=more.pop("writes", ()), later=more.pop("later", None))
    person = FormPerson(modules, {name: list(texts) for name, texts in answers.items()}, **more)
    person.fill_in(form(False))
    return person


def test_add_says_what_the_portal_says() -> None:
    login = {"registry": ["ghcr.io"], "registry_username": ["octo"], "registry_password": ["pass"], "owner": ["web"]}

    person = fill_in(add_image_pull_secret, answers={**PLACE, **login})

    (options,) = person.written()
    assert options["registries"] == [{"server": "ghcr.io", "username": "octo", "password": "pass"}]
    assert options["annotations"] == {}
    assert options["owner"] == "web"
    (review,) = person.of(Review)
    assert review.notes == (*ONE_NAMESPACE, *NOT_CHECKED)
    assert rows_of(review)["Password"] == "(hidden)"
    assert person.questions()["secret_name"].notes == RESERVED_NAMES


def test_add_asks_for_another_name() -> None:
    login = {"registry": ["ghcr.io"], "registry_username": ["octo"], "registry_password": ["pass"]}
    answers = {**login, "target_namespace": ["edge"], "secret_name": ["registry", "second"]}

    person = fill_in(add_image_pull_secret, stored_secret(), answers=answers)

    (complaint,) = person.of(Complain)
    assert complaint.fields == ("secret_name",)
    assert person.written()[0]["name"] == "second"


UPDATES: Mapping[str, tuple[Mapping[str, list[str]], Edit, Edit]] = {
    "the password": ({"registry_password": ["new"]}, {"password": "new"}, {}),
    "the user name": ({"registry_username": ["bot"]}, {"username": "bot"}, {}),
    "a description": ({"description": ["x"]}, {}, {"kubernetes.io/description": "x"}),
    "a display name": ({"display_name": ["x"]}, {}, {"displayName": "x"}),
    "no display name": ({"display_name": ["-"]}, {}, {"displayName": None}),
    "no description": (
        {"description": ["-"]},
        {},
        {"kubernetes.io/description": None, "description": None, "jenkins.io/credentials-description": None},
    ),
}


@pytest.mark.parametrize("case", UPDATES)
def test_update_writes_only_what_was_entered(case: str) -> None:
    answers, login, annotations = UPDATES[case]

    person = fill_in(update_image_pull_secret, stored_secret(), answers={**PLACE, **answers})

    (options,) = person.written()
    assert options["registries"] == [{"server": "ghcr.io", **login}]
    assert options["annotations"] == annotations
    assert options["update_credentials"] == "when_given"


@pytest.mark.parametrize(
    ("answers", "is_asked"),
    [
        ({"registry_username": ["other"]}, True),
        ({"registry_username": ["other"], "registry_password": ["new"]}, False),
        ({"registry_password": ["new"]}, False),
    ],
)
def test_update_asks_whether_another_user_has_the_stored_password(answers: Edit, is_asked: bool) -> None:
    person = fill_in(update_image_pull_secret, stored_secret(), answers={**PLACE, **answers})

    (review,) = person.of(Review)
    assert set(OLD_PASSWORD).issubset(review.notes) is is_asked


def test_update_with_nothing_entered_writes_nothing() -> None:
    person = FormPerson(Modules(stored_secret()), PLACE)

    assert person.fill_in(update_image_pull_secret(False)) == NOTHING_CHANGED
    assert person.written() == []
    assert person.of(Ask)[-1].needs_one


def test_update_can_clear_only_what_is_stored() -> None:
    questions = fill_in(update_image_pull_secret, stored_secret(description=None)).questions()

    assert questions["display_name"].clearable
    assert questions["display_name"].keeps == "Company"
    assert not questions["description"].clearable
    assert questions["description"].optional


USERS: Mapping[str, tuple[list[Edit] | None, list[str], bool]] = {
    "none": ([], ["nothing found"], False),
    "a Pod": ([POD], ["Pod web"], True),
    "not known": (None, ["not known (missing permissions)"], True),
}


@pytest.mark.parametrize("case", USERS)
def test_update_shows_who_uses_the_secret(case: str) -> None:
    users, shown, warned = USERS[case]

    person = fill_in(update_image_pull_secret, stored_secret(used_by=users))

    assert values_of(person.of(ShowRows)[0].rows, "Used by") == shown
    assert ((USED_IN_PLACE,) in [say.lines for say in person.of(Say)]) is warned


def test_update_asks_which_of_several_registries() -> None:
    entries = [{"server": "ghcr.io", "username": "octo"}, {"server": "quay.io", "username": None}]
    answers = {**PLACE, "registry": ["quay.io"], "registry_password": ["new"]}

    person = fill_in(update_image_pull_secret, stored_secret(registries=entries), answers=answers)

    question = person.questions()["registry"]
    assert question.notes == ("The Secret has 2 registries: ghcr.io, quay.io.",)
    assert is_refused(question, "quay.op").endswith("Did you mean quay.io?")
    assert person.written()[0]["registries"] == [{"server": "quay.io", "password": "new"}]


def test_update_of_one_registry_refuses_another_one() -> None:
    """Its password would be written to the only one."""
    person = FormPerson(Modules(stored_secret()), {**PLACE, "registry": ["quay.io"], "registry_password": ["new"]})

    with pytest.raises(KeyringError, match="this registry of the Secret does not exist"):
        person.fill_in(update_image_pull_secret(False))

    assert not person.questions()["registry"].asked
    assert person.written() == []


LOGIN_ANSWERS = {"registry": ["ghcr.io"], "registry_username": ["octo"], "registry_password": ["pass"]}


def test_add_does_not_overwrite_what_was_created_during_the_review() -> None:
    answers = {**LOGIN_ANSWERS, "target_namespace": ["edge"], "secret_name": ["registry", "second"]}

    person = fill_in(add_image_pull_secret, answers=answers, later=[stored_secret()])

    assert len(person.of(Review)) == 2
    assert "already exists" in person.of(Complain)[0].message
    assert [options["name"] for options in person.written()] == ["second"]


OLD, NEW = stored_secret(resource_version="1"), stored_secret(resource_version="2", display_name="New")
UPDATE = {**PLACE, "registry_password": ["new"]}
# The form, what was stored and is stored at the write, and the sentence about it.
MEANWHILE: Mapping[str, tuple[Callable[[bool], FormFlow], list[Edit], list[Edit], str, list[str]]] = {
    "update, changed": (update_image_pull_secret, [OLD], [NEW], "changed", ["Changed pull secret"] * 2),
    "update, the same": (update_image_pull_secret, [OLD], [{**OLD, "used_by": [POD]}], "", ["Changed pull secret"]),
    "import, created": (
        import_docker_config,
        [],
        [OLD],
        "created",
        ["New pull secret", "Replace a pull secret that exists"],
    ),
    "import, changed": (import_docker_config, [OLD], [NEW], "changed", ["Replace a pull secret that exists"] * 2),
    "import, deleted": (
        import_docker_config,
        [OLD],
        [],
        "deleted",
        ["Replace a pull secret that exists", "New pull secret"],
    ),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_changed_during_the_review_is_reviewed_again(case: str) -> None:
    form, before, now, operation, reviews = MEANWHILE[case]

    person = fill_in(form, *before, answers={**UPDATE, "docker_config": [CONFIG]}, later=now)

    sentences = [f"edge/registry was {operation} in the meantime. It was not written."] if operation else []
    assert [complaint.message for complaint in person.of(Complain)] == sentences
    assert [review.title for review in person.of(Review)] == reviews
    assert len(person.written()) == 1


def test_update_does_not_create_again_what_was_deleted_during_the_review() -> None:
    person = FormPerson(Modules(OLD, later=[]), UPDATE)

    with pytest.raises(KeyringError, match="edge/registry was deleted in the meantime") as gone:
        person.fill_in(update_image_pull_secret(False))

    assert gone.value.failure == "not_found"
    assert person.written() == []


REFUSED_SECRETS: Mapping[str, tuple[Callable[[bool], FormFlow], Edit, str, str]] = {
    "update without registries": (
        update_image_pull_secret,
        {"registries": []},
        "invalid_secret",
        "edge/registry has no registries that can be read.",
    ),
    "delete in use": (delete_image_pull_secret, {"used_by": [POD]}, "in_use", "is in use by Pod web."),
    "delete with unknown users": (
        delete_image_pull_secret,
        {"used_by": None},
        "in_use_unknown",
        "edge/registry is not deleted, because its users are not known.",
    ),
}


@pytest.mark.parametrize("case", REFUSED_SECRETS)
def test_what_is_refused_before_a_question(case: str) -> None:
    form, changes, failure, sentence = REFUSED_SECRETS[case]
    person = FormPerson(Modules(stored_secret(**changes)), PLACE)

    with pytest.raises(KeyringError, match=sentence) as refused:
        person.fill_in(form(False))

    assert refused.value.failure == failure
    assert person.of(Review) == []
    assert person.written() == []


@pytest.mark.parametrize(("verdict", "written"), [("yes", ["absent"]), ("no", [])])
def test_delete_asks_first(verdict: str, written: list[str]) -> None:
    person = fill_in(delete_image_pull_secret, stored_secret(used_by=[LABELLED]), verdicts=[verdict])

    (review,) = person.of(Review)
    assert review.confirm
    assert not review.changeable
    assert rows_of(review)["Used by"] == "DevWorkspace a-label"
    assert [options["state"] for options in person.written()] == written


def test_deletion_of_what_was_deleted_meanwhile() -> None:
    person = FormPerson(Modules(stored_secret(), writes=({"operation": "unchanged", "changed": False},)), PLACE)

    assert person.fill_in(delete_image_pull_secret(False)).lines == ("Secret edge/registry no longer exists.",)


@pytest.mark.parametrize(
    "form", [update_image_pull_secret, view_image_pull_secret, delete_image_pull_secret], ids=lambda form: form.__name__
)
def test_a_secret_that_does_not_exist_is_asked_for_again(form: Callable[[bool], FormFlow]) -> None:
    answers = {"target_namespace": ["edge"], "secret_name": ["other", "registry"]}

    person = fill_in(form, stored_secret(), answers=answers)

    (complaint,) = person.of(Complain)
    assert "there is no pull secret edge/other on https://api.example.com." in complaint.message
    assert "The pull secrets of this namespace are: registry." in complaint.message
    assert complaint.failure == {"id": "not_found", "option": "secret_name", "namespace": "edge"}


VIEW_LEADS_TO: Mapping[str, tuple[list[str], type[FormStep] | None, str]] = {
    "nothing": ([], None, ""),
    "update": (["update"], Ask, "registry_password"),
    "delete": (["delete"], Review, ""),
}


@pytest.mark.parametrize("case", VIEW_LEADS_TO)
def test_view_leads_to_update_and_delete(case: str) -> None:
    choices, step, question = VIEW_LEADS_TO[case]

    person = fill_in(view_image_pull_secret, stored_secret(problems=PROBLEMS), choices=choices)

    shown = person.of(ShowRows)[0].rows
    assert values_of(shown, "Registry") == ["ghcr.io, user octo"]
    assert values_of(shown, "Password") == ["(hidden)"]
    assert values_of(shown, "Problem") == ["ghcr.io: Its password is empty."]
    assert values_of(shown, "Used by") == ["nothing found"]
    assert person.of(Offer)[0].words == ("update", "delete")
    assert len(person.of(ShowRows)) == 1
    after = person.steps[person.steps.index(person.of(Offer)[0]) + 1 :]
    assert (step in [type(found) for found in after]) if step else after == []
    assert not question or question in person.questions()


PROBLEMS = [{"id": "x", "severity": "error", "server": "ghcr.io", "message": "Its password is empty."}]


def test_list_leads_to_view() -> None:
    secrets = [stored_secret(), stored_secret(namespace="hub", name="other", registries=[])]
    answers = {"target_namespace": [], "filter": ["o"], "listed_secret": ["hub/other"]}

    person = fill_in(list_image_pull_secrets, *secrets, answers=answers, choices=["view"])

    first = person.of(Run)[0].options
    assert (first["namespaces"], first["search"]) == (["*"], "o")
    (table,) = person.of(ShowTable)
    assert [row[:2] for row in table.rows] == [("edge", "registry"), ("hub", "other")]
    assert person.of(Say)[0].lines == ("2 pull secrets on https://api.example.com.",)
    assert dict(person.of(ShowRows)[0].rows)["Name"] == "other"


def test_list_of_one_namespace_needs_only_the_name() -> None:
    answers = {"target_namespace": ["edge"], "listed_secret": ["registry"]}

    person = fill_in(list_image_pull_secrets, stored_secret(), answers=answers, choices=["view"])

    assert dict(person.of(ShowRows)[0].rows)["Name"] == "registry"
    assert person.of(ShowTable)[0].rows[0][:2] == ("", "registry")
    assert person.of(Say)[0].lines == ("1 pull secret in namespace edge on https://api.example.com.",)


def test_list_of_nothing_offers_nothing() -> None:
    person = fill_in(list_image_pull_secrets, answers={})

    assert person.of(Say)[0].lines == ("No pull secrets on https://api.example.com.",)
    assert person.of(Offer) == person.of(ShowTable) == []


NAMESPACES: Mapping[str, str] = {
    "*": "",
    "team-*": "",
    "edge": "",
    "edgy": "Namespace: this namespace does not exist. Did you mean edge?",
    "Edge": "Namespace",
}


@pytest.mark.parametrize("text", NAMESPACES)
def test_namespaces_to_list(text: str) -> None:
    question = fill_in(list_image_pull_secrets, answers={}).questions()["target_namespace"]

    assert is_refused(question, text).startswith(NAMESPACES[text])
    assert bool(is_refused(question, text)) is bool(NAMESPACES[text])


def config(**entries: Any) -> str:
    return json.dumps({"auths": {server.replace("_", "."): entry for server, entry in entries.items()}})


LOGIN = {"username": "z", "password": "s3cr3t-value"}
CONFIG = config(quay_io=LOGIN)
ENCODED = base64.b64encode(CONFIG.encode()).decode()
# Every form in which people paste one, those of SAP AI Launchpad among them.
ACCEPTED: Mapping[str, str] = {
    "docker config": CONFIG,
    "indented": json.dumps(json.loads(CONFIG), indent=2),
    "without braces": CONFIG[1:-1],
    "whole data of SAP": json.dumps({".dockerconfigjson": CONFIG}),
    "data of SAP without braces": json.dumps({".dockerconfigjson": CONFIG})[1:-1],
    "data of SAP in base64": json.dumps({".dockerconfigjson": ENCODED}),
    "base64": ENCODED,
    "Secret in YAML": f"kind: Secret\ndata:\n  .dockerconfigjson: {ENCODED}\n",
    "Secret in JSON": json.dumps({"kind": "Secret", "stringData": {".dockerconfigjson": CONFIG}}),
}
REFUSED: Mapping[str, tuple[str, str]] = {
    "half of it": (CONFIG[:-5], "Docker config is not valid JSON"),
    "no auths": ("{}", 'Docker config has no "auths".'),
    "no password": (config(quay_io={"username": "z", "password": ""}), 'Docker config.auths["quay.io"] has no cred'),
    "nothing usable": (config(quay_io={}), 'Docker config.auths["quay.io"] has no credentials.'),
    "no registries": ('{"auths": {}}', "Docker config names no registry"),
    "a registry twice": (config(**{"quay_io": LOGIN, "https://quay_io": LOGIN}), "is the same registry as"),
    "a word": ("hello there", "Docker config is neither JSON, YAML nor base64 of these."),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_docker_config_is_accepted(case: str) -> None:
    person = fill_in(import_docker_config, answers={**PLACE, "docker_config": [ACCEPTED[case]]})

    (review,) = person.of(Review)
    assert rows_of(review)["Registry"] == "quay.io, user z"
    assert LOGIN["password"] not in str(review.rows)
    assert not review.confirm


@pytest.mark.parametrize("case", REFUSED)
def test_a_docker_config_is_refused_at_its_question(case: str) -> None:
    text, sentence = REFUSED[case]
    question = fill_in(import_docker_config, answers={**PLACE, "docker_config": [CONFIG]}).questions()["docker_config"]

    refusal = is_refused(question, text)

    assert sentence in refusal
    assert refusal.startswith("Docker config")
    assert "under registries" not in refusal
    assert "write registries" not in refusal


def test_import_shows_what_would_be_removed() -> None:
    entries = [{"server": "ghcr.io", "username": "octo"}, {"server": "https://quay.io/v2/", "username": "a"}]
    old = stored_secret(registries=entries, used_by=[POD], owner="web")

    person = fill_in(import_docker_config, old, answers={**PLACE, "docker_config": [CONFIG]}, verdicts=["no"])

    (review,) = person.of(Review)
    assert review.confirm
    assert rows_of(review)["Removed"] == "ghcr.io"
    assert rows_of(review)["Used by"] == "Pod web"
    assert USED_IN_PLACE in review.notes
    assert person.questions()["owner"].keeps == "web"
    assert person.written() == []


def test_import_says_what_is_left_out() -> None:
    session = config(quay_io=LOGIN, ghcr_io={"username": "octo", "identitytoken": "tok"})

    person = fill_in(import_docker_config, answers={**PLACE, "docker_config": [session]})

    (review,) = person.of(Review)
    assert rows_of(review)["Registry"] == "quay.io, user z"
    assert "ghcr.io" in review.notes[0]


def test_a_failed_write_is_asked_for_again() -> None:
    login = {"registry": ["ghcr.io", "quay.io"], "registry_username": ["octo"], "registry_password": ["pass"]}
    failed = {
        "failed": True,
        "msg": "registries[0].server cannot be used.",
        "failure": {"id": "invalid_option", "option": "registries[0].server"},
    }

    person = fill_in(add_image_pull_secret, answers={**PLACE, **login}, writes=(failed,))

    assert person.of(Complain)[0].message == "registry cannot be used."
    assert [options["registries"][0]["server"] for options in person.written()] == ["ghcr.io", "quay.io"]


def test_a_failed_write_advises_what_the_form_can_do() -> None:
    advice = "Set take_ownership=true to change it here, or change it there."
    message = f"Secret edge/registry is managed by Argo CD. {advice}"
    failed = {"failed": True, "msg": message, "failure": {"id": "managed_elsewhere", "option": None}}

    person = fill_in(add_image_pull_secret, answers={**PLACE, **LOGIN_ANSWERS}, writes=(failed,))
    with pytest.raises(FormFailed, match=r"by Argo CD\. Instead, change it there\.") as refused:
        fill_in(delete_image_pull_secret, stored_secret(), writes=(failed,))

    sentence = "Secret edge/registry is managed by Argo CD. Instead, change it there."
    assert person.of(Complain)[0].message == refused.value.result["msg"] == sentence
