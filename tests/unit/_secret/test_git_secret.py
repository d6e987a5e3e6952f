# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git credential over time: what a task makes of a Secret that is there already, and what it keeps."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_credential import check_credential
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import parse_known_hosts
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import AFTER_APPLY
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import (
    KEY_TO_COME,
    SshKey,
    parse_private_key,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import SCRUBBED
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_secret import GitPayload, WantedCredential
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import (
    find_credentials,
    read_key,
    stored_parts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Payload
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_marks import other_metadata
from support.samples.git_secrets import (
    ADA,
    HOSTS,
    HTTPS_URL,
    OTHER_HOSTS,
    SSH_URL,
    GitTask,
    data_of,
    git_secret,
    plain,
    plan_of,
    written,
)
from support.samples.keys import PASSPHRASE, certificate, key_text, public_line
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, encode, refusal, stored_secret

KEY = key_text("Ed25519 OpenSSH")
OTHER_KEY = key_text("ECDSA OpenSSH")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
PUBLIC = public_line("Ed25519")
SSH = {"private_key": KEY, "known_hosts": HOSTS}
FLUX_SSH = {"identity": KEY, "identity.pub": f"{PUBLIC}\n", "known_hosts": HOSTS}
APP_KEY = key_text("RSA PKCS#1")
CLIENT = {"tls.crt": certificate("ECDSA"), "tls.key": key_text("ECDSA PKCS#8")}
SSH_AUTH = "kubernetes.io/ssh-auth"
OURS: dict[str, Any] = {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}


# --- another kind, another format ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [{}, OURS], ids=["somebody's", "ours"])
@pytest.mark.parametrize(
    ("options", "stored", "after"),
    [
        pytest.param({"format": "flux", "https": ADA}, FLUX_SSH, ADA, id="ssh to https"),
        pytest.param({"format": "flux", "ssh": SSH}, {**ADA, "ca.crt": "x", **CLIENT}, FLUX_SSH, id="https to ssh"),
        pytest.param({"format": "flux", "https": {"bearer_token": "t"}}, ADA, {"bearerToken": "t"}, id="to a token"),
        pytest.param({"format": "flux", "https": ADA}, {**ADA, "ca.crt": "x"}, ADA, id="without CA"),
        pytest.param(
            {"format": "flux", "ssh": SSH}, {**FLUX_SSH, "password": PASSPHRASE}, FLUX_SSH, id="without passphrase"
        ),
        pytest.param({"https": ADA}, {"ssh": KEY, "known_hosts": HOSTS, "cookie_file": "c"}, ADA, id="git-sync"),
        pytest.param(
            {"format": "jenkins", "https": ADA},
            {"username": "git", "privateKey": KEY, "passphrase": "x"},
            ADA,
            id="Jenkins, whose user name has two meanings",
        ),
        pytest.param(
            {"format": "vendir", "https": ADA}, {"ssh-privatekey": KEY, "ssh-knownhosts": HOSTS}, ADA, id="vendir"
        ),
        pytest.param(
            {"format": "custom", "keys": {"password": "pw", "private_key": "key"}, "https": {"password": "s3cret"}},
            {"key": KEY},
            {"pw": "s3cret"},
            id="names of one's own",
        ),
    ],
)
def test_another_kind_removes_the_keys_of_the_old_one(
    options: dict[str, Any], stored: dict[str, str], after: dict[str, str], mark: dict[str, Any]
) -> None:
    others = {} if options.get("format") == "vendir" else {"other": "x"}
    plan = plan_of(git_secret({**stored, **others}, **mark), **options)
    assert data_of(plan) == {**after, **others}
    assert plan.notes == {"credentials_kept": [], "unmanaged_keys": [*others], "next_run_before": None}


@pytest.mark.parametrize(
    ("stored", "unmanaged"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"note": "x", "a": "y"}, ["a", "note"], id="foreign keys"),
        pytest.param({"identity": KEY}, ["identity"], id="a key of another format"),
    ],
)
def test_foreign_keys_stay(stored: dict[str, str], unmanaged: list[str]) -> None:
    plan = plan_of(git_secret(stored), https=ADA)
    assert data_of(plan) == {**stored, **ADA}
    assert plan.notes["unmanaged_keys"] == unmanaged


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        pytest.param(OURS, [], id="ours"),
        pytest.param({}, ["identity", "identity.pub"], id="somebody's"),
        pytest.param(
            {"labels": OUR_LABELS, "annotations": {"keyring.kubernetes/origin": "ops/registry"}},
            ["identity", "identity.pub"],
            id="a replicator's copy of ours",
        ),
    ],
)
def test_another_format_removes_the_keys_of_the_old_one(metadata: dict[str, Any], kept: list[str]) -> None:
    plan = plan_of(git_secret({**FLUX_SSH, "note": "x"}, **metadata), ssh=SSH)
    assert data_of(plan) == {"ssh": KEY, "known_hosts": HOSTS, "note": "x", **{key: FLUX_SSH[key] for key in kept}}
    assert plan.notes["unmanaged_keys"] == [*kept, "note"]


ARGOCD: dict[str, Any] = {"format": "argocd_repository", "https": ADA, "url": HTTPS_URL, "labels": {"team": "web"}}


def test_another_format_removes_the_marks_of_the_old_one() -> None:
    """Else Argo CD would go on to read what is now for somebody else."""
    stored = plan_of(**ARGOCD, annotations={"note": "x"}).after
    assert written(stored, https=ADA) == {
        "type": "Opaque",
        "data": ADA,
        "labels": {"team": "web"},
        "annotations": {"note": "x"},
    }


JENKINS = "jenkins.io/credentials-type"
BINDING = "jenkins.io/credentials-keybinding-"
DEVFILE = "controller.devfile.io/"


@pytest.mark.parametrize(
    ("options", "label", "value", "format_"),
    [
        pytest.param({"format": "flux", "https": ADA}, JENKINS, "secretText", "jenkins", id="Jenkins"),
        pytest.param(
            {"format": "devworkspace_ssh", "ssh": SSH},
            f"{DEVFILE}git-credential",
            "true",
            "devworkspace_git",
            id="DevWorkspace",
        ),
        pytest.param(
            {"format": "jenkins", "https": ADA},
            f"{DEVFILE}git-credential",
            "true",
            "devworkspace_git",
            id="two programs",
        ),
    ],
)
def test_the_label_of_another_program_is_refused(options: dict[str, Any], label: str, value: str, format_: str) -> None:
    assert refusal(GitTask, **options, labels={label: value}) == (
        f'labels["{label}"] marks the Secret for {format_}, which finds no credential in it. It has the keys of format '
        f"{options['format']}, and a Secret serves one format. "
        "Leave it out, and write a second Secret for the second consumer."
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {
                "format": "custom",
                "keys": {"username": "user", "password": "credentials"},
                "labels": {f"{DEVFILE}git-credential": "true"},
            },
            id="names of one's own",
        ),
        pytest.param(
            {"labels": {f"{DEVFILE}mount-to-devworkspace": "true", f"{DEVFILE}watch-secret": "true"}},
            id="mounted whatever it has",
        ),
        pytest.param({"format": "jenkins", "labels": {"jenkins.io/credentials-scope": "global"}}, id="its own"),
    ],
)
def test_labels_for_the_same_program_or_for_any_secret_are_written(options: dict[str, Any]) -> None:
    labels = written(https=ADA, **options)["labels"]
    assert labels.items() >= options["labels"].items()
    theirs = git_secret(ADA, labels={"argocd.argoproj.io/secret-type": "repository"})
    assert written(theirs, https=ADA)["labels"] == {"argocd.argoproj.io/secret-type": "repository"}


@pytest.mark.parametrize(
    ("first", "second", "annotations"),
    [
        pytest.param(
            {"format": "tekton", "url": HTTPS_URL},
            {"format": "kpack", "url": "https://git.example.com"},
            {"kpack.io/git": "https://git.example.com"},
            id="Tekton to kpack",
        ),
        pytest.param({"format": "kpack", "url": "https://git.example.com"}, {"format": "fleet"}, {}, id="to Fleet"),
        pytest.param(
            {"format": "tekton", "url": HTTPS_URL},
            {"format": "tekton", "url": HTTPS_URL, "format_options": {"tekton_index": 1}},
            {"tekton.dev/git-1": "https://git.example.com"},
            id="another index: Tekton fails if one URL is in two annotations",
        ),
    ],
)
def test_annotations_of_the_old_format_go(
    first: dict[str, Any], second: dict[str, Any], annotations: dict[str, str]
) -> None:
    assert written(plan_of(**first, https=ADA).after, **second, https=ADA)["annotations"] == annotations


def test_a_shorter_list_of_patterns_takes_the_rest_away() -> None:
    task: dict[str, Any] = {"format": "openshift_build", "https": ADA}
    first, second = "https://git.example.com/*", "https://git.example.org/*"
    stored = plan_of(**task, format_options={"openshift_match_uris": [first, second]}).after
    one = "build.openshift.io/source-secret-match-uri-1"
    two = "build.openshift.io/source-secret-match-uri-2"
    assert written(stored, **task, format_options={"openshift_match_uris": [second]})["annotations"] == {one: second}
    assert written(stored, **task, format_options={"openshift_match_uris": None})["annotations"] == {}
    assert written(stored, **task)["annotations"] == {one: first, two: second}


def test_jenkins_keeps_what_another_kind_does_not_change() -> None:
    first = plan_of(format="jenkins", https=ADA, format_options={"jenkins_scope": "system"}).after
    assert written(first, format="jenkins", ssh={"private_key": KEY}) == {
        "type": "Opaque",
        "data": {"username": "git", "privateKey": KEY},
        "labels": {
            "jenkins.io/credentials-type": "basicSSHUserPrivateKey",
            "jenkins.io/credentials-scope": "system",
        },
        "annotations": {},
    }


@pytest.mark.parametrize(
    ("stored", "metadata", "names"),
    [
        pytest.param({"known_hosts": HOSTS}, {}, "known_hosts", id="a name that is another's"),
        pytest.param({"b": "x", "a": "x"}, OURS, "a, b", id="foreign keys in ours"),
    ],
)
def test_vendir_refuses_other_keys(stored: dict[str, str], metadata: dict[str, Any], names: str) -> None:
    task = GitTask(format="vendir", https=ADA)
    assert refusal(task.plan, git_secret(stored, **metadata)) == (
        f"The Secret has the keys {names}, which format vendir does not know and refuses. "
        "They were written by something else. Remove them, or use another name."
    )
    ours = git_secret({"known_hosts": HOSTS}, **OURS)
    assert data_of(task.plan(ours)) == ADA


def test_another_type_needs_recreate() -> None:
    task = GitTask(format="fleet", https=ADA)
    assert refusal(task.plan, git_secret(ADA)) == (
        "Secret web/registry has the type Opaque, and kubernetes.io/basic-auth is needed. "
        "Kubernetes does not allow that change in place. "
        "Set recreate=true to delete and recreate it, or use another name."
    )


# --- repairs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(KEY.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(KEY.rstrip("\n"), id="no line end"),
        pytest.param(KEY.replace("\n", r"\n"), id="written line ends"),
        pytest.param(KEY.strip().replace("\n", " "), id="folded"),
    ],
)
def test_a_repaired_key_is_no_change(given: str) -> None:
    stored = plan_of(ssh=SSH).after
    assert plan_of(stored, ssh={"private_key": given, "known_hosts": HOSTS.replace("\n", "\r\n")}).operation == (
        "unchanged"
    )


def test_a_damaged_stored_key_is_repaired() -> None:
    stored = git_secret({"ssh": KEY.rstrip("\n"), "known_hosts": HOSTS})
    plan = plan_of(stored, ssh=SSH)
    assert plan.operation == "updated"
    assert data_of(plan)["ssh"] == KEY


@pytest.mark.parametrize(
    ("stored", "after"),
    [
        pytest.param(key_text("Ed25519 PKCS#8"), None, id="the same key in the wanted form"),
        pytest.param(key_text("ECDSA PKCS#8"), "Ed25519", id="another key"),
        pytest.param(KEY, "Ed25519", id="the same key in another form"),
        pytest.param("s3cret", "Ed25519", id="no key"),
    ],
)
def test_a_converted_key_changes_nothing_twice(stored: str, after: str | None) -> None:
    task = GitTask(format="fleet", ssh={**SSH, "convert": True})
    plan = task.plan(git_secret({"ssh-privatekey": stored, "known_hosts": HOSTS}, kind=SSH_AUTH))
    key = parse_private_key(data_of(plan)["ssh-privatekey"], "key")
    assert plan.operation == ("updated" if after else "unchanged")
    assert (key.form, key.public_key) == ("PKCS#8", PUBLIC)


def test_a_key_without_its_passphrase_changes_nothing_twice() -> None:
    """OpenSSH's form has random bytes in it, so the stored one stays."""
    options: dict[str, Any] = {"ssh": {**SSH, "private_key": LOCKED, "passphrase": PASSPHRASE}}
    stored = plan_of(**options).after
    assert plan_of(stored, **options).operation == "unchanged"


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        pytest.param(KEY, LOCKED, id="a passphrase is new"),
        pytest.param(LOCKED, KEY, id="a passphrase is gone"),
    ],
)
def test_a_key_and_its_passphrase_go_together(stored: str, given: str) -> None:
    """Go opens no unencrypted key with a passphrase."""
    passphrase = {"passphrase": PASSPHRASE} if given == LOCKED else {}
    before = git_secret({**FLUX_SSH, "identity": stored, **({"password": PASSPHRASE} if stored == LOCKED else {})})
    plan = plan_of(before, format="flux", ssh={**SSH, "private_key": given, **passphrase})
    assert data_of(plan) == {**FLUX_SSH, "identity": given, **({"password": PASSPHRASE} if passphrase else {})}


# --- update_credentials ----------------------------------------------------------------------------------------------

BOB = {"username": "bob", "password": "n3w"}
KEPT = "https.username changes, and the stored password is kept."


@pytest.mark.parametrize(
    ("update", "stored", "given", "after", "kept", "warnings"),
    [
        pytest.param("always", ADA, BOB, BOB, [], (), id="always"),
        pytest.param("when_given", ADA, BOB, BOB, [], (), id="when_given, all given"),
        pytest.param(
            "when_given",
            ADA,
            {"password": "n3w"},
            {**ADA, "password": "n3w"},
            ["https.username"],
            (),
            id="when_given, a password",
        ),
        pytest.param(
            "when_given",
            ADA,
            {"username": "bob"},
            {**ADA, "username": "bob"},
            ["https.password"],
            (KEPT,),
            id="when_given, another user",
        ),
        pytest.param(
            "when_given", ADA, {"username": "ada"}, ADA, ["https.password"], (), id="when_given, the same user"
        ),
        pytest.param("when_given", ADA, {}, ADA, ["https.password", "https.username"], (), id="when_given, nothing"),
        pytest.param("when_given", None, BOB, BOB, [], (), id="when_given, nothing stored"),
        pytest.param(
            "when_given",
            {**ADA, "ca.crt": "x"},
            {"bearer_token": "t"},
            {"bearerToken": "t", "ca.crt": "x"},
            ["https.ca_certificate"],
            (),
            id="when_given, a token in place of a user",
        ),
        pytest.param(
            "when_given",
            {"bearerToken": "t"},
            ADA,
            ADA,
            [],
            (),
            id="when_given, a user in place of a token",
        ),
        pytest.param(
            "when_given",
            {**ADA, **CLIENT},
            BOB,
            {**BOB, **CLIENT},
            ["https.client_certificate", "https.client_key"],
            (),
            id="when_given, a client certificate stays",
        ),
        pytest.param("on_create", None, BOB, BOB, [], (), id="on_create, nothing stored"),
        pytest.param("on_create", {"username": "ada"}, BOB, BOB, [], (), id="on_create, half of it stored"),
        pytest.param("on_create", ADA, BOB, ADA, ["https.password", "https.username"], (), id="on_create, stored"),
        pytest.param("on_create", ADA, {}, ADA, ["https.password", "https.username"], (), id="on_create, not given"),
        pytest.param(
            "on_create",
            ADA,
            {"bearer_token": "t"},
            ADA,
            ["https.password", "https.username"],
            (),
            id="on_create, a token beside a stored user",
        ),
        pytest.param(
            "on_create",
            {"bearerToken": "t"},
            ADA,
            {"bearerToken": "t"},
            ["https.bearer_token"],
            (),
            id="on_create, a user beside a stored token",
        ),
        pytest.param(
            "on_create",
            ADA,
            {**BOB, "ca_certificate": certificate("RSA")},
            {**ADA, "ca.crt": certificate("RSA")},
            ["https.password", "https.username"],
            (),
            id="on_create, a CA is added",
        ),
    ],
)
def test_update_credentials(
    update: str,
    stored: dict[str, str] | None,
    given: dict[str, str],
    after: dict[str, str],
    kept: list[str],
    warnings: tuple[str, ...],
) -> None:
    existing = None if stored is None else git_secret(stored)
    plan = plan_of(existing, format="flux", https=given, update_credentials=update)
    assert (data_of(plan), plan.notes["credentials_kept"], plan.warnings) == (after, kept, warnings)


def test_an_argocd_password_alone_keeps_the_user() -> None:
    """A password is a credential there also without user, and is still that of the stored one."""
    stored = plan_of(**ARGOCD).after
    plan = plan_of(stored, **{**ARGOCD, "https": {"password": "n3w"}}, update_credentials="when_given")
    assert plain(plan)["data"] == {"type": "git", "url": HTTPS_URL, "username": "ada", "password": "n3w"}


@pytest.mark.parametrize(
    ("update", "given", "after"),
    [
        pytest.param("when_given", {}, {"identity": LOCKED, "password": PASSPHRASE}, id="when_given, nothing"),
        pytest.param(
            "when_given", {"private_key": OTHER_KEY}, {"identity": OTHER_KEY}, id="when_given, a key without passphrase"
        ),
        pytest.param(
            "on_create", {"private_key": OTHER_KEY}, {"identity": LOCKED, "password": PASSPHRASE}, id="on_create"
        ),
    ],
)
def test_a_stored_passphrase_is_that_of_the_stored_key(
    update: str, given: dict[str, str], after: dict[str, str]
) -> None:
    stored = git_secret({**FLUX_SSH, "identity": LOCKED, "password": PASSPHRASE})
    data = data_of(plan_of(stored, format="flux", ssh=given, update_credentials=update))
    public = public_line("ECDSA") if after["identity"] == OTHER_KEY else PUBLIC
    assert data == {"known_hosts": HOSTS, "identity.pub": f"{public}\n", **after}


def test_a_rotated_key_gets_no_passphrase_from_on_create() -> None:
    ssh = {**SSH, "private_key": LOCKED, "passphrase": PASSPHRASE}
    stored = git_secret(FLUX_SSH)
    assert plan_of(stored, format="flux", ssh=ssh, update_credentials="on_create").operation == "unchanged"


@pytest.mark.parametrize(
    ("update", "stored"),
    [
        pytest.param("when_given", None, id="nothing stored"),
        pytest.param("when_given", stored_secret({"username": encode("ada")}, kind="Opaque"), id="half of it stored"),
        pytest.param(
            "when_given",
            stored_secret({"username": encode("ada"), "password": encode(b"\xff")}, kind="Opaque"),
            id="no text stored",
        ),
        pytest.param("on_create", None, id="on_create"),
    ],
)
def test_what_is_kept_must_be_complete(update: str, stored: dict[str, Any] | None) -> None:
    task = GitTask(https={"username": "ada"}, update_credentials=update)
    assert refusal(task.plan, stored) == (
        "https.password is missing. Format git_sync needs https.username with https.password. "
        "Give what is missing; with update_credentials=when_given a stored value is kept."
    )


@pytest.mark.parametrize(
    ("url", "given", "option"),
    [
        pytest.param("https://git.example.org/team/app.git", {}, "https.password", id="another host"),
        pytest.param("https://GIT.example.com/other/app.git", {}, None, id="another path"),
        pytest.param("https://git.example.com:8443/team/app.git", {}, None, id="another port"),
        pytest.param("https://git.example.org/team/app.git", BOB, None, id="a new password"),
    ],
)
def test_a_kept_password_is_sent_to_another_server(url: str, given: dict[str, str], option: str | None) -> None:
    stored = plan_of(format="argocd_repository", https=ADA, url="https://git.example.com/team/app.git").after
    plan = plan_of(
        stored, format="argocd_repository", url=url, https={"username": "ada", **given}, update_credentials="when_given"
    )
    found = [warning for warning in plan.warnings if warning.startswith("url changes")]
    assert found == (
        [
            (
                f"url changes from git.example.com to git.example.org, and the stored {option} stays, so that "
                "argocd_repository sends it to the new server. If it belongs to the old one, give a new one."
            )
        ]
        if option
        else []
    )


def test_half_a_client_certificate_is_completed_by_what_is_stored() -> None:
    given = {"client_key": CLIENT["tls.key"]}
    options: dict[str, Any] = {"format": "flux", "https": given, "update_credentials": "when_given"}
    assert data_of(plan_of(git_secret(CLIENT), **options)) == CLIENT
    assert refusal(GitTask(**options).plan, git_secret(ADA)).startswith("https.client_certificate is missing.")


# --- keys that are made ----------------------------------------------------------------------------------------------

NEW_KEY = parse_private_key(OTHER_KEY, "key")


def wanted(*, row: str = "git_sync", calls: list[str] | None = None, **fields: Any) -> WantedCredential:
    """A wish for a new key; how often one is made is told to ``calls``."""

    def make() -> SshKey:
        if calls is not None:
            calls.append("key")
        return NEW_KEY

    url = parse_git_url(SSH_URL, "url")
    given = {"known_hosts": HOSTS} if "scan" not in fields else {}
    credential = check_credential(FORMATS[row], "ssh", given, url)
    return WantedCredential(FORMATS[row], credential, url, new_key=make, **fields)


def texts(payload: Payload) -> dict[str, str | None]:
    secret = stored_secret({key: value for key, value in payload.data.items() if value is not None})
    return stored_parts(secret, FORMATS["git_sync"].shapes["ssh"])  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("stored", "key", "calls"),
    [
        pytest.param(None, OTHER_KEY, ["key"], id="no Secret"),
        pytest.param({}, OTHER_KEY, ["key"], id="no key"),
        pytest.param({"username": "ada"}, OTHER_KEY, ["key"], id="another credential"),
        pytest.param({"ssh": KEY}, KEY, [], id="a key"),
        pytest.param({"ssh": key_text("RSA PKCS#1")}, key_text("RSA PKCS#1"), [], id="a key of another kind"),
        pytest.param({"ssh": KEY.replace("\n", "\r\n")}, KEY, [], id="a key that needs repair"),
    ],
)
def test_a_stored_key_is_kept(stored: dict[str, str] | None, key: str, calls: list[str]) -> None:
    seen: list[str] = []
    payload = GitPayload(wanted(calls=seen)).build(None if stored is None else git_secret(stored))
    assert texts(payload) == {"private_key": key, "known_hosts": HOSTS}
    assert seen == calls


@pytest.mark.parametrize("update", ["always", "when_given", "on_create"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(encode("s3cret"), id="no key"),
        pytest.param(encode(LOCKED), id="a key with a passphrase"),
        pytest.param(encode(b"\x30\xff\xfe"), id="no text"),
        pytest.param("", id="empty"),
    ],
)
def test_an_unreadable_stored_key_is_not_replaced(value: str, update: Any) -> None:
    payload = GitPayload(wanted(update=update))
    assert refusal(payload.build, stored_secret({"ssh": value}, kind="Opaque")) == (
        "ssh.generate would keep the stored private key, and that cannot be read. "
        "It was written by something else. Give ssh.private_key, or delete the Secret."
    )


def test_a_kept_key_that_the_consumer_does_not_read() -> None:
    stored = git_secret({"ssh-privatekey": key_text("Ed25519 PKCS#8"), "known_hosts": HOSTS}, kind=SSH_AUTH)
    assert refusal(GitPayload(wanted(row="tekton")).build, stored) == (
        "The stored private key is an Ed25519 key in the format PKCS#8, which format tekton does not read. "
        "The consumer passes the key to OpenSSH, and many versions of it do not read that format. Set ssh.convert=true."
    )
    converted = GitPayload(wanted(row="tekton", convert=True)).build(stored).data["ssh-privatekey"]
    assert converted != stored["data"]["ssh-privatekey"]


FLEET_PEM = (
    "ssh.private_key is in the format OpenSSH, and the documentation of fleet asks for PEM. "
    "Its Git library reads both; ssh.convert=true writes PEM."
)


def test_a_kept_key_that_the_consumer_documents_in_another_form() -> None:
    stored = git_secret({"ssh-privatekey": KEY, "known_hosts": HOSTS}, kind=SSH_AUTH)
    kept = GitPayload(wanted(row="fleet")).build(stored)
    assert kept.data["ssh-privatekey"] == stored["data"]["ssh-privatekey"]
    assert FLEET_PEM in kept.warnings
    converted = GitPayload(wanted(row="fleet", convert=True)).build(stored).data["ssh-privatekey"]
    assert converted != stored["data"]["ssh-privatekey"]


def test_a_kept_key_with_a_passphrase_stays_so_for_flux() -> None:
    stored = git_secret({"identity": LOCKED, "password": PASSPHRASE, "known_hosts": HOSTS})
    data = GitPayload(wanted(row="flux")).build(stored).data
    assert (data["identity"], data["password"]) == (encode(LOCKED), encode(PASSPHRASE))
    assert data["identity.pub"] == encode(f"{PUBLIC}\n")


def test_a_kept_key_that_is_converted_needs_no_passphrase() -> None:
    locked = key_text("RSA PKCS#8", encrypted=True)
    stored = git_secret({"identity": locked, "password": PASSPHRASE, "known_hosts": HOSTS})
    assert refusal(GitPayload(wanted(row="flux")).build, stored).startswith("The stored private key is an RSA key")
    data = GitPayload(wanted(row="flux", convert=True)).build(stored).data
    assert data["password"] is None


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize(("row", "forms"), [("flux", ("OpenSSH",)), ("fleet", ("PKCS#8", "SEC1", "PKCS#1"))])
def test_a_new_key(algorithm: str, row: str, forms: tuple[str, ...]) -> None:
    task = GitTask(format=row, ssh={"generate": algorithm, "known_hosts": HOSTS})
    plan = task.plan()
    data = data_of(plan)
    key = parse_private_key(data["identity" if row == "flux" else "ssh-privatekey"], "key")
    assert key.algorithm.lower() == algorithm
    assert key.form in forms
    assert task.shared.public_half({}) == {"public_key": key.public_key, "fingerprint": key.fingerprint}
    assert task.context.scrubber.clean(f"<{key.text}>") == "<********>"
    again = GitTask(format=row, ssh={"generate": "rsa", "known_hosts": HOSTS})
    assert again.plan(plan.after).operation == "unchanged"


def test_all_namespaces_get_one_key() -> None:
    task = GitTask(ssh={"generate": "ed25519", "known_hosts": HOSTS})
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(data_of(task.plan())["ssh"])) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(keys), len(set(keys))) == (8, 1)


@pytest.mark.parametrize(
    ("stored", "key", "warnings"),
    [
        pytest.param([{}, {"ssh": KEY}, {"ssh": KEY}], KEY, 0, id="one key"),
        pytest.param([{"ssh": KEY}, {"ssh": OTHER_KEY}], KEY, 1, id="two keys"),
        pytest.param([{"ssh": "s3cret"}, {"ssh": OTHER_KEY}], OTHER_KEY, 0, id="one that cannot be read"),
    ],
)
def test_a_namespace_without_key_gets_that_of_the_others(stored: list[dict[str, str]], key: str, warnings: int) -> None:
    task = GitTask(ssh={"generate": "ed25519", "known_hosts": HOSTS}, namespaces=["web"])
    assert task.task.survey
    task.task.survey([git_secret(data) for data in stored])
    assert data_of(task.plan())["ssh"] == key
    fingerprint = parse_private_key(key, "key").fingerprint
    assert (
        task.shared.warnings
        == [
            "2 different private keys are stored in these namespaces, and each stays where it is; where there is none, "
            f"the one with the fingerprint {fingerprint} is written."
        ][:warnings]
    )
    assert task.shared.public_half({})["fingerprint"] == (None if warnings else fingerprint)


def test_a_stored_key_with_a_passphrase_is_not_passed_on() -> None:
    task = GitTask(format="flux", ssh={"generate": "ed25519", "known_hosts": HOSTS}, namespaces=["web"])
    assert task.task.survey
    task.task.survey([git_secret({**FLUX_SSH, "identity": LOCKED, "password": PASSPHRASE})])
    assert data_of(task.plan())["identity.pub"] != f"{PUBLIC}\n"


def test_the_public_half_is_that_of_the_one_secret() -> None:
    task = GitTask(ssh=SSH)
    told = {"public_key": "ssh-ed25519 AAAA", "fingerprint": "SHA256:x"}
    assert task.shared.public_half({"secret": {**told, "name": "a"}}) == told
    assert task.shared.public_half({"secret": None})["public_key"] == PUBLIC
    assert GitTask(https=ADA).shared.public_half({}) == {"public_key": None, "fingerprint": None}


def test_check_mode_makes_nothing() -> None:
    options: dict[str, Any] = {
        "format": "flux",
        "ssh": {"generate": "rsa", "scan_host_keys": True},
        "url": SSH_URL,
        "check_mode": True,
    }
    task = GitTask(**options)
    plan = task.plan()
    assert data_of(plan) == dict.fromkeys(("identity", "identity.pub", "known_hosts"), AFTER_APPLY)
    assert task.shared.public_half({}) == {"public_key": AFTER_APPLY, "fingerprint": AFTER_APPLY}
    assert task.task.profile.fields(plan.after or {}) == {
        "format": "flux",
        "kind": "ssh",
        "data_keys": ["identity", "identity.pub", "known_hosts"],
        "url": None,
        "username": None,
        "known_hosts": AFTER_APPLY,
        "public_key": AFTER_APPLY,
        "fingerprint": AFTER_APPLY,
        "expires_at": None,
    }
    assert plan_of(git_secret(FLUX_SSH), **options).operation == "unchanged"


def test_the_key_to_come_is_read_from_its_placeholder() -> None:
    assert read_key({"private_key": AFTER_APPLY}) is KEY_TO_COME
    assert read_key({}) is None
    assert read_key({"private_key": "s3cret"}) is None


# --- host keys that are fetched ---------------------------------------------------------------------------------------

GOOD = parse_known_hosts(HOSTS, "known_hosts").keys[0].fingerprint
OTHER = f"SHA256:{'A' * 43}"
SCANNED = f"git.example.com {public_line('RSA')}\n"


@pytest.mark.parametrize(
    ("stored", "fingerprints", "after"),
    [
        pytest.param(None, (), SCANNED, id="nothing stored"),
        pytest.param(HOSTS, (), HOSTS, id="stored"),
        pytest.param(HOSTS, (GOOD,), HOSTS, id="stored and accepted"),
        pytest.param(HOSTS, (OTHER, GOOD), HOSTS, id="stored and one of the accepted"),
        pytest.param(HOSTS, (OTHER,), SCANNED, id="stored and no longer accepted"),
        pytest.param(HOSTS + SCANNED, (GOOD,), SCANNED, id="one of two stored is not accepted"),
        pytest.param(OTHER_HOSTS, (), SCANNED, id="another host"),
        pytest.param("s3cret", (), SCANNED, id="no host keys"),
        pytest.param("", (), SCANNED, id="empty"),
    ],
)
def test_good_stored_host_keys_are_kept(stored: str | None, fingerprints: tuple[str, ...], after: str) -> None:
    existing = None if stored is None else git_secret({"ssh": KEY, "known_hosts": stored})
    payload = GitPayload(wanted(scan=lambda: SCANNED, fingerprints=fingerprints)).build(existing)
    assert texts(payload)["known_hosts"] == after


# --- which credential is stored ---------------------------------------------------------------------------------------

BASIC_READERS = {
    (row, "https") for row in ("git_sync", "airflow_community", "flux", "vendir", "fleet_helm", "argocd_image_updater")
}
AIRFLOW = '{"conn_type": "git", "host": "https://git.example.com/a", "login": "ada", "password": "s3cret"}'


@pytest.mark.parametrize(
    ("secret", "found"),
    [
        pytest.param(git_secret({}), set(), id="empty"),
        pytest.param(git_secret({"x": "y"}), set(), id="foreign"),
        pytest.param(
            git_secret({"ssh": KEY}), {("git_sync", "ssh"), ("primehub", "ssh"), ("config_sync", "ssh")}, id="ssh"
        ),
        pytest.param(
            git_secret({"ssh": KEY, "known_hosts": HOSTS}),
            {("git_sync", "ssh"), ("config_sync", "ssh")},
            id="those that make the most of the keys",
        ),
        pytest.param(git_secret(FLUX_SSH), {("flux", "ssh")}, id="Flux"),
        pytest.param(
            git_secret({"identity": KEY}), {("flux_signing", "ssh")}, id="Flux without host keys: only to sign with"
        ),
        pytest.param(
            git_secret({**ADA, "address": "http://proxy:1"}), BASIC_READERS | {("flux_proxy", "https")}, id="proxy"
        ),
        pytest.param(
            git_secret({"token": "t0ken"}), {("tekton_resolver", "https"), ("flux_receiver", "https")}, id="a token"
        ),
        pytest.param(
            git_secret({"AIRFLOW_CONN_GIT_DEFAULT": AIRFLOW}), {("airflow_connection", "https")}, id="a composed value"
        ),
        pytest.param(
            git_secret({"AIRFLOW_CONN_GIT_DEFAULT": AIRFLOW.replace("git", "ssh", 1)}), set(), id="of another program"
        ),
        pytest.param(
            git_secret({"ssh-privatekey": KEY}, kind=SSH_AUTH),
            {("tekton", "ssh"), ("fleet", "ssh"), ("openshift_build", "ssh"), ("kpack", "ssh")},
            id="the type of a Secret counts",
        ),
        pytest.param(git_secret({"ssh-privatekey": KEY}), {("vendir", "ssh")}, id="and without it"),
        pytest.param(
            git_secret(ADA, labels={"kargo.akuity.io/cred-type": "git"}),
            BASIC_READERS | {("kargo", "https")},
            id="a label that only one asks for",
        ),
        pytest.param(
            git_secret({"github_app_id": "7", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
            {("fleet", "github_app"), ("actions_runner_controller", "github_app")},
            id="the same keys of two consumers",
        ),
        pytest.param(
            git_secret({"github_app_id": "Iv1", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
            {("fleet", "github_app"), ("actions_runner_controller", "github_app")},
            id="a client ID",
        ),
        pytest.param(git_secret({"text": "s3cret"}, labels={JENKINS: "secretText"}), {("jenkins", "https")}, id="text"),
        pytest.param(
            git_secret({"filename": "f", "data": "d"}, labels={JENKINS: "secretFile"}),
            {("jenkins", "cookie_file")},
            id="file",
        ),
        pytest.param(
            git_secret({"appId": "7", "privateKey": APP_KEY}, labels={JENKINS: "githubApp"}),
            {("jenkins", "github_app")},
            id="the older plugin of Jenkins",
        ),
        pytest.param(
            git_secret(
                {"user": "ada", "token": "s3cret"},
                labels={JENKINS: "usernamePassword"},
                annotations={f"{BINDING}username": "user", f"{BINDING}password": "token"},
            ),
            {("jenkins", "https")},
            id="other names of keys",
        ),
        pytest.param(
            git_secret({".git-credentials": "https://ada:s3cret@git.example.com\n"}),
            {("git_credentials", "https")},
            id="a file of git",
        ),
        pytest.param(
            git_secret({".git-credentials": "https://ada:s3cret@a.example\nhttps://ada:s3cret@b.example\n"}),
            set(),
            id="a file with several servers",
        ),
        pytest.param(
            git_secret({"credentials": "https://ada:s3cret@a.example"}, labels={f"{DEVFILE}git-credential": "true"}),
            {("devworkspace_git", "https")},
            id="DevWorkspaces, without the label for its watch",
        ),
        pytest.param(git_secret({"credentials": "https://ada:s3cret@a.example"}), set(), id="and without its own"),
        pytest.param(git_secret({"provider.token": "s3cret"}), {("pipelines_as_code", "https")}, id="Pipelines"),
        pytest.param(stored_secret({"ssh": encode(b"\xff")}, kind="Opaque"), set(), id="no text"),
        pytest.param({**git_secret({}), "data": None}, set(), id="null"),
    ],
)
def test_find_credentials(secret: dict[str, Any], found: set[tuple[str, str]]) -> None:
    assert {(item.row.name, item.kind) for item in find_credentials(secret)} == found


# --- values of several parts, and names of keys -----------------------------------------------------------------------

FILE: dict[str, Any] = {"format": "git_credentials", "https": ADA, "url": HTTPS_URL}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param({"https": {"username": "eve"}}, "https://eve:s3c%40ret@git.example.com\n", id="another user"),
        pytest.param({"https": {"password": "n%w"}}, "https://ada:n%25w@git.example.com\n", id="another password"),
        pytest.param({"https": {}}, "https://ada:s3c%40ret@git.example.com\n", id="nothing"),
    ],
)
def test_stored_parts_of_a_composed_value_are_kept(given: dict[str, Any], line: str) -> None:
    stored = plan_of(**{**FILE, "https": {"username": "ada", "password": "s3c@ret"}}).after
    plan = plan_of(stored, **{**FILE, **given}, update_credentials="when_given")
    assert data_of(plan)[".git-credentials"] == line


def test_a_composed_value_is_not_changed_by_how_it_is_updated() -> None:
    stored = plan_of(**FILE).after
    for update in ("always", "when_given", "on_create"):
        assert plan_of(stored, **FILE, update_credentials=update).operation == "unchanged"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://a:b@a.example\nhttps://a:b@b.example\n", id="several servers"),
        pytest.param("# to come\n", id="no credential"),
    ],
)
def test_what_others_stored_in_a_file_is_not_lost(text: str) -> None:
    task = GitTask(**FILE)
    assert refusal(task.plan, git_secret({".git-credentials": text})) == (
        "The stored .git-credentials is not what format git_credentials writes. It may have credentials for other "
        "hosts, which would be lost. Use another name, or delete the Secret."
    )
    ours = git_secret({".git-credentials": text}, **OURS)
    assert data_of(task.plan(ours))[".git-credentials"] == "https://ada:s3cret@git.example.com\n"
    empty = git_secret({".git-credentials": ""})
    assert data_of(task.plan(empty))[".git-credentials"] == "https://ada:s3cret@git.example.com\n"


def test_keys_with_other_names_go_with_their_annotations() -> None:
    """Else Jenkins would go on to read the old password under the old name."""
    names = {"username": "user", "password": "token"}
    stored = plan_of(format="jenkins", https=ADA, format_options={"jenkins_keys": names}).after
    assert written(stored, format="jenkins", https=ADA) == {
        "type": "Opaque",
        "data": ADA,
        "labels": {JENKINS: "usernamePassword"},
        "annotations": {},
    }
    other = written(stored, format="jenkins", https=ADA, format_options={"jenkins_keys": {"password": "secret"}})
    assert other["data"] == {"username": "ada", "secret": "s3cret"}
    assert other["annotations"] == {f"{BINDING}password": "secret"}
    assert written(stored, https=ADA)["data"] == ADA
    assert written(stored, https=ADA)["annotations"] == {}


def test_another_type_for_jenkins_removes_the_keys_of_the_old_one() -> None:
    text: dict[str, Any] = {
        "format": "jenkins",
        "https": {"password": "s3cret"},
        "format_options": {"jenkins_type": "secretText"},
    }
    stored = plan_of(**text).after
    assert written(stored, format="jenkins", https=ADA) == {
        "type": "Opaque",
        "data": ADA,
        "labels": {JENKINS: "usernamePassword"},
        "annotations": {},
    }
    assert written(plan_of(format="jenkins", https=ADA).after, **text)["data"] == {"text": "s3cret"}


def test_from_a_key_to_a_password_in_devworkspaces() -> None:
    stored = plan_of(format="devworkspace_ssh", ssh=SSH).after
    password: dict[str, Any] = {"format": "devworkspace_git", "https": ADA, "url": HTTPS_URL}
    assert written(stored, **password) == written(**password)
    assert written(plan_of(**password).after, format="devworkspace_ssh", ssh=SSH) == written(
        format="devworkspace_ssh", ssh=SSH
    )


def test_custom_secrets_are_removed_by_null() -> None:
    task: dict[str, Any] = {"format": "custom", "https": {"password": "s3cret"}, "keys": {"password": "token"}}
    stored = plan_of(**task, format_options={"custom_secrets": {"hook": "h00k", "other": "x"}}).after
    assert written(stored, **task)["data"] == {"token": "s3cret", "hook": "h00k", "other": "x"}
    assert written(stored, **task, format_options={"custom_secrets": {"hook": None}})["data"] == {
        "token": "s3cret",
        "other": "x",
    }


WITHOUT_HOOK = (
    "format_options.pipelines_as_code_webhook_secret is missing; without it Pipelines-as-Code refuses every webhook of "
    "GitHub."
)


def test_a_setting_that_a_consumer_needs_is_missing() -> None:
    app: dict[str, Any] = {"format": "pipelines_as_code", "github_app": {"id": "7", "private_key": APP_KEY}}
    hook = {"format_options": {"pipelines_as_code_webhook_secret": "h00k-s3cret"}}
    assert plan_of(**app).warnings == (WITHOUT_HOOK,)
    assert plan_of(**app, **hook).warnings == ()
    stored = plan_of(**app, **hook).after
    assert plan_of(stored, **app).warnings == ()
    null = {"format_options": {"pipelines_as_code_webhook_secret": None}}
    assert plan_of(stored, **app, **null).warnings == (WITHOUT_HOOK,)
    assert plan_of(format="pipelines_as_code", https={"password": "s3cret"}).warnings == ()


# --- types of Secret and cloud identities ----------------------------------------------------------------------------

SECRET_TYPE, CRED_TYPE = "argocd.argoproj.io/secret-type", "kargo.akuity.io/cred-type"
PRINCIPAL = "argocd_azure_service_principal"
AZURE = {
    f"{PRINCIPAL}_client_id": "12345678-1234-1234-1234-123456789abc",
    f"{PRINCIPAL}_tenant_id": "12345678-1234-1234-1234-123456789def",
    f"{PRINCIPAL}_client_secret": "s3cret",
}
WORKLOAD = {"argocd_use_azure_workload_identity": True}
REPOSITORY: dict[str, Any] = {"format": "argocd_repository", "url": HTTPS_URL}
HELM: dict[str, Any] = {
    "format": "argocd_repository",
    "https": ADA,
    "url": "registry.example.com/charts",
    "format_options": {"argocd_type": "helm", "argocd_name": "charts"},
}


@pytest.mark.parametrize(
    ("before", "after", "data"),
    [
        pytest.param(
            {**REPOSITORY, "https": ADA, "format_options": {"argocd_project": "web"}},
            {**REPOSITORY, "format_options": WORKLOAD},
            {"type": "git", "url": HTTPS_URL, "project": "web", "useAzureWorkloadIdentity": "true"},
            id="from a password to an identity",
        ),
        pytest.param(
            {**REPOSITORY, "format_options": AZURE},
            {**REPOSITORY, "format_options": WORKLOAD},
            {"type": "git", "url": HTTPS_URL, "useAzureWorkloadIdentity": "true"},
            id="from one identity to another",
        ),
        pytest.param(
            {**REPOSITORY, "format_options": WORKLOAD},
            {**REPOSITORY, "https": ADA},
            {"type": "git", "url": HTTPS_URL, **ADA},
            id="from an identity to a password",
        ),
        pytest.param(
            {**REPOSITORY, "format_options": AZURE},
            {
                **REPOSITORY,
                "format_options": {f"{PRINCIPAL}_client_secret": "n3w"},
                "update_credentials": "when_given",
            },
            {
                "type": "git",
                "url": HTTPS_URL,
                "azureServicePrincipalClientId": "12345678-1234-1234-1234-123456789abc",
                "azureServicePrincipalTenantId": "12345678-1234-1234-1234-123456789def",
                "azureServicePrincipalClientSecret": "n3w",
            },
            id="a new secret of a service principal",
        ),
        pytest.param(
            {**REPOSITORY, "format_options": AZURE},
            {**REPOSITORY, "format": "argocd_repo_creds", "url": f"{HTTPS_URL}/", "format_options": AZURE},
            {
                "type": "git",
                "url": f"{HTTPS_URL}/",
                "azureServicePrincipalClientID": "12345678-1234-1234-1234-123456789abc",
                "azureServicePrincipalTenantID": "12345678-1234-1234-1234-123456789def",
                "azureServicePrincipalClientSecret": "s3cret",
            },
            id="from a repository to a template",
        ),
        pytest.param(
            {**REPOSITORY, "ssh": {"private_key": KEY}, "url": SSH_URL, "format_options": {"argocd_depth": 1}},
            HELM,
            {"type": "helm", "url": "registry.example.com/charts", "name": "charts", "enableOCI": "true", **ADA},
            id="from Git to a chart",
        ),
        pytest.param(
            HELM,
            {**HELM, "url": "https://charts.example.com"},
            {"type": "helm", "url": "https://charts.example.com", "name": "charts", **ADA},
            id="from a registry to a Helm repository",
        ),
    ],
)
def test_another_credential_of_the_same_consumer(
    before: dict[str, Any], after: dict[str, Any], data: dict[str, str]
) -> None:
    plan = plan_of(plan_of(**before).after, **after)
    assert data_of(plan) == data
    assert plan_of(plan.after, **after).operation == "unchanged"


@pytest.mark.parametrize(
    ("stored", "options", "message"),
    [
        pytest.param(
            {"server": "https://cluster.example.com"},
            {**REPOSITORY, "https": ADA, "labels": {}},
            f"The Secret has the label {SECRET_TYPE}=cluster, and format argocd_repository needs "
            f"{SECRET_TYPE}=repository. These exclude each other: the Secret serves something else, and was written by "
            "something else. Use another name, or delete the Secret.",
            id="a cluster of Argo CD",
        ),
        pytest.param(
            {"repoURL": HTTPS_URL, **ADA},
            {
                "format": "kargo",
                "https": ADA,
                "url": "ghcr.io/acme/app",
                "format_options": {"kargo_type": "image"},
            },
            f"The Secret has the label {CRED_TYPE}=git, and format kargo with kargo_type=image needs "
            f"{CRED_TYPE}=image. These exclude each other: the Secret serves something else, and was written by "
            "something else. Use another name, or delete the Secret.",
            id="a repository of Kargo",
        ),
    ],
)
def test_a_secret_with_a_label_that_excludes_that_of_the_format(
    stored: dict[str, str], options: dict[str, Any], message: str
) -> None:
    labels = {SECRET_TYPE: "cluster"} if "server" in stored else {CRED_TYPE: "git"}
    with pytest.raises(KeyringError) as caught:
        plan_of(git_secret(stored, labels=labels), **options)
    assert (str(caught.value), caught.value.failure) == (message, "invalid_secret")


def test_a_secret_of_ours_may_change_its_label() -> None:
    before = plan_of(**REPOSITORY, https=ADA).after
    after = plan_of(before, format="argocd_repository_write", url=HTTPS_URL, https=ADA).after
    assert after
    assert after["metadata"]["labels"][SECRET_TYPE] == "repository-write"


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("https://github.com/acme", True),
        ("https://[^/]+/acme/", True),
        ("(?i)^https://github.com/acme", False),
        ("^https://github.com/acme", False),
        ("\\Ahttps://github.com", False),
    ],
)
def test_an_expression_that_matches_anywhere(url: str, warned: bool) -> None:
    plan = plan_of(format="kargo", https=ADA, url=url, format_options={"kargo_url_is_regex": True})
    text = (
        "url is a regular expression without ^ at its beginning, so it also matches a URL of another host that "
        "contains it. Begin it with ^."
    )
    assert plan.warnings == ((text,) if warned else ())


@pytest.mark.parametrize(
    ("type_", "variants"),
    [("helm", {"helm"}), ("oci", {"oci"}), ("git", {"git"}), (None, {"git"}), ("tar", set())],
)
def test_the_stored_type_selects_the_row(type_: str | None, variants: set[str]) -> None:
    stored = {**ADA, **({"type": type_} if type_ else {})}
    found = find_credentials(git_secret(stored, labels={SECRET_TYPE: "repository"}))
    assert {item.row.variant for item in found if item.row.name == "argocd_repository"} == variants


def test_a_cloud_identity_is_copied() -> None:
    source = plan_of(**REPOSITORY, format_options=AZURE).after
    task = GitTask(source, format="argocd_repo_creds", url="https://git.example.com/")
    assert data_of(task.plan())["azureServicePrincipalClientID"] == "12345678-1234-1234-1234-123456789abc"
    assert task.context.scrubber.clean("it is s3cret") != "it is s3cret"


def test_an_identity_is_no_text_of_labels_and_annotations() -> None:
    task = GitTask(**REPOSITORY, format_options={**AZURE, "argocd_project": "web", "argocd_type": "git"})
    assert other_metadata(task.options)["format_options"] == ["git"]


def test_only_the_secrets_of_an_identity_are_hidden() -> None:
    task = GitTask(**REPOSITORY, format_options={**AZURE, f"{PRINCIPAL}_client_secret": "v3ry-s3cret"})
    text = "12345678-1234-1234-1234-123456789abc true v3ry-s3cret"
    assert task.context.scrubber.clean(text) == text.replace("v3ry-s3cret", SCRUBBED)
