# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of PrimeHub's page: a person answers their steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.primehub import (
    add_git_secret,
    primehub_add_secret,
    primehub_update_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.primehub_list import (
    primehub_delete_secret,
    primehub_list_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.primehub_page import (
    PAGE_NAME_FIELD,
    PAGE_TYPE_FIELD,
    STORED_DECRYPTED,
    check_page_key,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    NOTHING_CHANGED,
    Ask,
    Complain,
    FormFlow,
    Question,
    Review,
    Run,
    ShowRows,
    ShowTable,
)
from support.form_person import CLUSTER, FormPerson, is_refused, rows_of


def key_of(passphrase: str = "") -> str:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption).decode()


KEY, LOCKED = key_of(), key_of("sesame")
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@example.com"

POD = {"kind": "Pod", "name": "web", "blocking": True}
IMAGE = {"kind": "Image", "name": "pytorch", "blocking": True}


def git(name: str, display_name: str | None = None, **more: Any) -> dict[str, Any]:
    special = {"kind": "ssh", "fingerprint": "SHA256:abc", "problems": [], "used_by": []}
    return {"name": f"gitsync-secret-{name}", "display_name": display_name, **special, **more}


def pull(name: str, *servers: str, display_name: str | None = None, **more: Any) -> dict[str, Any]:
    registries = [{"server": server, "username": "octo"} for server in servers or ("ghcr.io",)]
    special = {"registries": registries, "problems": [], "used_by": []}
    return {"name": f"image-{name}", "display_name": display_name, **special, **more}


class Cluster:
    """The Secrets of one namespace, as the info modules report them, and the results of the modules that write."""

    def __init__(self, *entries: Mapping[str, Any], results: Sequence[Mapping[str, Any]] = ()) -> None:
        self._entries = entries
        self._results = list(results)

    def __call__(self, run: Run) -> Mapping[str, Any]:
        if run.writes:
            return self._results.pop(0) if self._results else {"operation": "updated", "changed": True}
        prefix = {"gitsync_secret_info": "gitsync-secret-", "image_pull_secret_info": "image-"}[run.module]
        name = run.options.get("name")
        found = [entry for entry in self._entries if entry["name"].startswith(prefix)]
        found = [entry for entry in found if name in (None, entry["name"])]
        return {"secrets": found, "total": len(found)}


def person(*entries: Mapping[str, Any], **answers: str | Sequence[str]) -> FormPerson:
    given = {name: [texts] if isinstance(texts, str) else texts for name, texts in answers.items()}
    return FormPerson(Cluster(*entries), given)


# Add


@pytest.mark.parametrize("typed", ["git_sync", "Git Sync", "git sync", "GIT-SYNC", "git", "Git Dataset", "opaque"])
def test_adds_a_git_credential(typed: str) -> None:
    me = person(secret_name="models", secret_type=typed, private_key=KEY, owner="team-hub")

    outcome = me.fill_in(primehub_add_secret(False))

    assert me.written() == [
        {
            "namespace": "hub",
            "name": "gitsync-secret-models",
            "update_credentials": "always",
            "owner": "team-hub",
            "format": "primehub",
            "ssh": {"private_key": KEY},
            "format_options": {"primehub_display_name": "models"},
        }
    ]
    assert outcome.lines[-1] == "On PrimeHub's page Secret Management, its name is models."
    review = me.of(Review)[0]
    assert rows_of(review)["Type"] == "Git Sync"
    assert "GIT_KNOWN_HOSTS=0" in " ".join(review.notes)
    assert KEY not in str(review.rows)


@pytest.mark.parametrize("typed", ["image_pull", "Image Pull", "image", "dockerconfigjson"])
def test_adds_a_pull_secret(typed: str) -> None:
    me = person(
        secret_name="registry",
        secret_type=typed,
        display_name="Company",
        registry="ghcr.io",
        registry_username="octo",
        registry_password="pw",
    )

    me.fill_in(primehub_add_secret(False))

    assert me.written() == [
        {
            "namespace": "hub",
            "name": "image-registry",
            "update_credentials": "always",
            "owner": None,
            "registries": [{"server": "ghcr.io", "username": "octo", "password": "pw"}],
            "purge_registries": True,
            "annotations": {"displayName": "Company"},
        }
    ]
    assert "private_key" not in me.questions()


@pytest.mark.parametrize(
    ("namespaces", "context", "default"),
    [(("edge", "hub"), "edge", "hub"), (("edge",), "edge", "edge"), (None, "edge", "edge"), (None, None, "")],
)
def test_default_namespace(namespaces: tuple[str, ...] | None, context: str | None, default: str) -> None:
    me = person(target_namespace="edge", secret_name="a", private_key=KEY)
    me.cluster = replace(CLUSTER, namespaces=namespaces, namespace=context)

    me.fill_in(add_git_secret(False))

    assert me.questions()["target_namespace"].default == default
    assert "secret_type" not in me.questions()


def test_an_existing_name_leads_to_an_update() -> None:
    me = person(git("models"), secret_name="models", secret_type="git", private_key=KEY)
    me.choices = ["update"]

    me.fill_in(primehub_add_secret(False))

    assert "already exists (hub/gitsync-secret-models on" in me.of(Complain)[0].message
    assert me.written()[0]["update_credentials"] == "when_given"


def test_an_existing_name_is_asked_for_again() -> None:
    me = person(git("models"), secret_name=["models", "other"], secret_type="git", private_key=KEY)

    me.fill_in(primehub_add_secret(False))

    assert me.written()[0]["name"] == "gitsync-secret-other"
    assert me.of(Complain)[0].fields == ("secret_name",)


def test_the_same_name_of_the_other_type_is_free() -> None:
    me = person(pull("models"), secret_name="models", secret_type="git", private_key=KEY)

    me.fill_in(primehub_add_secret(False))

    assert me.written()[0]["name"] == "gitsync-secret-models"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("gitsync-secret-a", "Name begins with gitsync-secret-. PrimeHub adds this prefix to the name in Kubernetes."),
        ("image-a", "Name begins with image-. PrimeHub adds this prefix to the name in Kubernetes."),
        ("Models", "Name is not valid."),
        ("a.-b", "Name is not valid."),
        ("a.b-c", ""),
    ],
)
def test_new_names(name: str, fault: str) -> None:
    me = person(secret_name="a", private_key=KEY)
    me.fill_in(add_git_secret(False))

    refused = is_refused(me.questions()["secret_name"], name)

    assert refused.startswith(fault) if fault else not refused


@pytest.mark.parametrize("name", ["image-a", "gitsync-secret-a"])
@pytest.mark.parametrize("entry", [git, pull])
def test_a_name_with_a_prefix_can_be_updated_and_deleted(entry: Callable[..., Mapping[str, Any]], name: str) -> None:
    """PrimeHub's page takes such a name, and stores it as image-image-a."""
    stored = entry(name)
    updated, deleted = person(stored, secret_name=name, display_name="New"), person(stored, secret_name=name)

    updated.fill_in(primehub_update_secret(False))
    deleted.fill_in(primehub_delete_secret(False))

    assert [options["name"] for me in (updated, deleted) for options in me.written()] == [stored["name"]] * 2


def test_a_name_of_kubernetes_is_explained() -> None:
    me = person(git("a"), secret_name=["gitsync-secret-a", "a"], display_name="New")

    me.fill_in(primehub_update_secret(False))

    assert "PrimeHub's page shows the name without gitsync-secret-. To list" in me.of(Complain)[0].message


def test_a_name_has_at_most_63_characters() -> None:
    assert PAGE_NAME_FIELD.longest == 63


def test_types_that_the_page_does_not_have() -> None:
    refused = is_refused(Question(PAGE_TYPE_FIELD), "docker")

    assert refused.startswith("Type is not a type of PrimeHub's page. Enter git_sync for a private SSH key")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (KEY, ""),
        (LOCKED, ""),
        (KEY[:120] + KEY[180:], "Private SSH key is damaged"),
        (PUBLIC, "Private SSH key must be one private key; got a public key."),
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "Private SSH key must be one private key; got",
        ),
        ("{}", "Private SSH key must be one private key; got JSON."),
    ],
)
def test_keys(text: str, fault: str) -> None:
    question = Question(replace(PAGE_NAME_FIELD, title="Private SSH key", check=check_page_key))

    refused = is_refused(question, text)

    assert refused.startswith(fault) if fault else not refused
    assert text.strip() not in refused


def test_a_passphrase_is_asked_for_until_it_opens_the_key() -> None:
    me = person(secret_name="a", private_key=LOCKED, private_key_passphrase=["wrong", "sesame"])

    me.fill_in(add_git_secret(False))

    (complaint,) = me.of(Complain)
    assert complaint.fields == ("private_key_passphrase",)
    assert complaint.message.startswith("private_key_passphrase (Passphrase) does not open the private key.")
    assert "wrong" not in complaint.message
    assert me.written()[0]["ssh"] == {"private_key": LOCKED, "passphrase": "sesame"}
    asked = [ask.questions[-1].notes for ask in me.of(Ask) if ask.questions[-1].field.title == "Passphrase"]
    assert asked == [(STORED_DECRYPTED,), ()], "what is said once is not said again"


def test_a_key_without_a_passphrase_needs_none() -> None:
    me = person(secret_name="a", private_key=KEY, private_key_passphrase="left over")

    me.fill_in(add_git_secret(False))

    assert "private_key_passphrase" not in me.questions()
    assert me.written()[0]["ssh"] == {"private_key": KEY}


def test_a_refused_login_is_asked_for_again() -> None:
    me = person(
        secret_name="r", secret_type="image", registry=["a.io", "b.io"], registry_username="octo", registry_password="p"
    )
    failure = {"id": "invalid_option", "option": "registries[0].server"}
    failed = {"failed": True, "msg": "registries[0].server is not served.", "failure": failure}
    me.modules = Cluster(results=[failed])

    me.fill_in(primehub_add_secret(False))

    assert me.of(Complain)[0].message == "registry is not served."
    assert [options["registries"][0]["server"] for options in me.written()] == ["a.io", "b.io"]


def test_nothing_is_written_after_no() -> None:
    me = person(secret_name="a", private_key=KEY)
    me.verdicts = ["no"]

    assert me.fill_in(add_git_secret(False)) == NOTHING_CHANGED
    assert me.written() == []


# Update


def test_update_keeps_a_key_and_changes_the_title() -> None:
    me = person(git("models", "Models", used_by=[POD]), secret_name="models", display_name="New")

    outcome = me.fill_in(primehub_update_secret(False))

    (options,) = me.written()
    assert options["ssh"] == {}, "an empty key never replaces a stored one"
    assert options["update_credentials"] == "when_given"
    assert options["format_options"] == {"primehub_display_name": "New"}
    assert dict(me.of(ShowRows)[0].rows)["Used by"] == "Pod web"
    assert rows_of(me.of(Review)[0])["Private SSH key"] == "the stored key (kept)"
    assert not {"secret_type", "registry"} & {name for name, asked in me.questions().items() if asked.asked}
    assert outcome.lines[0].startswith("Secret hub/gitsync-secret-models was updated")


def test_update_of_nothing_writes_nothing() -> None:
    for entry in (git("models"), pull("models")):
        me = person(entry, secret_name="models")

        assert me.fill_in(primehub_update_secret(False)) == NOTHING_CHANGED
        assert me.written() == []


def test_update_leaves_a_title_that_is_kept_to_the_module() -> None:
    """A result may not show the stored title exactly."""
    me = person(git("models", "Models"), secret_name="models", private_key=KEY)

    me.fill_in(primehub_update_secret(False))

    assert me.written()[0]["format_options"] is None
    assert "The stored key is replaced and cannot be restored." in me.of(Review)[0].notes


def test_update_clears_a_title() -> None:
    me = person(pull("registry", display_name="Company"), secret_name="registry", display_name="-")

    me.fill_in(primehub_update_secret(False))

    assert me.written()[0]["annotations"] == {"displayName": "registry"}


def test_update_keeps_a_login() -> None:
    me = person(pull("registry", used_by=[IMAGE, IMAGE]), secret_name="registry", registry_password="new")

    me.fill_in(primehub_update_secret(False))

    assert me.written() == [
        {
            "namespace": "hub",
            "name": "image-registry",
            "update_credentials": "when_given",
            "owner": None,
            "registries": [{"server": "ghcr.io", "password": "new"}],
            "purge_registries": True,
            "annotations": None,
        }
    ]
    assert me.questions()["registry_username"].keeps == "octo"
    assert rows_of(me.of(Review)[0])["Used by"] == "Image pytorch", "which references it in two fields"


def test_update_of_the_registry_needs_a_login() -> None:
    me = person(
        pull("registry"),
        secret_name="registry",
        registry="quay.io",
        registry_username="acme",
        registry_password="new",
    )

    me.fill_in(primehub_update_secret(False))

    username = me.questions()["registry_username"]
    assert username.required
    assert username.notes == ("The stored user name and password are for ghcr.io.",)
    assert me.written()[0]["registries"] == [{"server": "quay.io", "username": "acme", "password": "new"}]


def test_a_registry_that_is_changed_in_the_review_needs_a_login() -> None:
    me = person(
        pull("registry"),
        secret_name="registry",
        display_name="New",
        registry=["", "quay.io"],
        registry_username=["", "acme"],
        registry_password=["", "new"],
    )
    me.verdicts = ["registry"]

    me.fill_in(primehub_update_secret(False))

    assert me.of(Complain)[0].fields == ("registry_username", "registry_password")
    assert me.written()[0]["registries"] == [{"server": "quay.io", "username": "acme", "password": "new"}]


def test_update_says_which_registries_are_removed() -> None:
    me = person(pull("registry", "ghcr.io", "quay.io"), secret_name="registry", display_name="New")

    me.fill_in(primehub_update_secret(False))

    assert "Others are removed: quay.io." in me.of(Review)[0].notes[0]


def test_a_key_that_is_not_stored_is_required() -> None:
    me = person(git("models", kind=None, fingerprint=None), secret_name="models", private_key=KEY)

    me.fill_in(primehub_update_secret(False))

    assert me.questions()["private_key"].required


@pytest.mark.parametrize(("typed", "name"), [("git", "gitsync-secret-a"), ("Image Pull", "image-a")])
def test_the_type_is_asked_for_if_there_are_both(typed: str, name: str) -> None:
    me = person(git("a"), pull("a"), secret_name="a", secret_type=typed, display_name="New")

    me.fill_in(primehub_update_secret(False))

    assert me.questions()["secret_type"].asked
    assert me.written()[0]["name"] == name


def test_a_name_that_does_not_exist_is_asked_for_again() -> None:
    me = person(git("a"), secret_name=["b", "a"], display_name="New")

    me.fill_in(primehub_update_secret(False))

    assert me.of(Complain)[0].message.startswith("Name: there is no Secret b in namespace hub on")
    assert me.written()[0]["name"] == "gitsync-secret-a"


def test_a_type_that_is_set_is_never_ignored() -> None:
    me = person(pull("a"), git("b"), secret_name=["a", "b"], secret_type="git")
    me.verdicts = ["yes"]

    me.fill_in(primehub_delete_secret(False))

    assert "there is no Secret a of the type Git Sync" in me.of(Complain)[0].message
    assert [options["name"] for options in me.written()] == ["gitsync-secret-b"]


# List and delete

LISTED = (git("zeta", "alpha"), git("beta"), pull("delta", display_name="Gamma"), {**git("x"), "name": "unrelated"})


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["beta", "delta", "zeta"]),
        ("display_name", ["zeta", "beta", "delta"]),
        ("type", ["beta", "zeta", "delta"]),
        ("-name", ["zeta", "delta", "beta"]),
        ("-display_name", ["delta", "beta", "zeta"]),
        ("-type", ["delta", "beta", "zeta"]),
    ],
)
def test_lists_both_types_in_one_table(sort: str, names: list[str]) -> None:
    me = person(*LISTED, sort=sort)

    outcome = me.fill_in(primehub_list_secrets(False))

    assert sort in ("", *me.questions()["sort"].field.choices)
    (table,) = me.of(ShowTable)
    assert table.titles == ("NAME", "DISPLAY NAME", "TYPE")
    assert [row[0] for row in table.rows] == names
    assert ("delta", "Gamma", "Image Pull") in table.rows
    assert ("beta", "beta", "Git Sync") in table.rows
    assert [entry["name"] for entry in outcome.result["secrets"]] == names


def test_an_empty_list() -> None:
    me = person()

    outcome = me.fill_in(primehub_list_secrets(False))

    assert outcome.lines == (f"0 Secrets of PrimeHub in hub on {CLUSTER.server}.",)


@pytest.mark.parametrize(("word", "written"), [("update", "updated"), ("delete", "absent")])
def test_a_list_leads_on(word: str, written: str) -> None:
    me = person(*LISTED, secret_name="beta", display_name="New")
    me.choices = [word]

    me.fill_in(primehub_list_secrets(False))

    (options,) = me.written()
    assert options["name"] == "gitsync-secret-beta"
    assert ("state" in options) == (written == "absent")


def test_deletes_after_a_confirmation() -> None:
    me = person(pull("a", used_by=[{**POD, "blocking": False}]), secret_name="a")

    me.fill_in(primehub_delete_secret(False))

    (review,) = me.of(Review)
    assert review.confirm
    assert rows_of(review)["Used by"] == "Pod web"
    assert me.written() == [{"namespace": "hub", "name": "image-a", "format": None, "state": "absent"}]


@pytest.mark.parametrize(
    ("users", "failure", "message"),
    [
        ([IMAGE, POD, {**POD, "name": "done", "blocking": False}], "in_use", "is in use by Image pytorch, Pod web."),
        (None, "in_use_unknown", "is not deleted, because its users are not known."),
    ],
)
def test_a_secret_in_use_is_not_deleted(users: Any, failure: str, message: str) -> None:
    me = person(git("a", used_by=users), secret_name="a")

    with pytest.raises(KeyringError) as refused:
        me.fill_in(primehub_delete_secret(False))

    assert refused.value.failure == failure
    assert f"hub/gitsync-secret-a {message}" in str(refused.value)
    assert me.of(Review) == []
    assert me.written() == []


# What changes during the review


def fill_in_while_it_changes(me: FormPerson, form: FormFlow, *now: Mapping[str, Any]) -> None:
    """Fill in a form. From the first review on, these Secrets are stored."""
    before, after = me.modules, Cluster(*now)
    me.modules = lambda run: after(run) if me.of(Review) else before(run)
    me.fill_in(form)


def test_add_does_not_overwrite_what_was_created_during_the_review() -> None:
    me = person(secret_name=["models", "second"], secret_type="git_sync", private_key=KEY)

    fill_in_while_it_changes(me, primehub_add_secret(False), git("models"))

    assert "already exists" in me.of(Complain)[0].message
    assert [options["name"] for options in me.written()] == ["gitsync-secret-second"]


def test_update_shows_again_what_was_changed_during_the_review() -> None:
    me = person(git("models", resource_version="1"), secret_name="models", private_key=KEY)

    fill_in_while_it_changes(me, primehub_update_secret(False), git("models", "New", resource_version="2"))

    assert [complaint.message for complaint in me.of(Complain)] == [
        "hub/gitsync-secret-models was changed in the meantime. It was not written."
    ]
    assert len(me.of(ShowRows)) == len(me.of(Review)) == 2
    assert len(me.written()) == 1


def test_update_does_not_create_again_what_was_deleted_during_the_review() -> None:
    me = person(git("models"), secret_name="models", private_key=KEY)

    with pytest.raises(KeyringError, match="hub/gitsync-secret-models was deleted in the meantime"):
        fill_in_while_it_changes(me, primehub_update_secret(False))

    assert me.written() == []
