# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""credentials_from: the credential of one Secret for another consumer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from support.samples.git_secrets import ADA, HOSTS, HTTPS_URL, OTHER_HOSTS, SSH_URL, GitTask, data_of, git_secret
from support.samples.keys import PASSPHRASE, key_text, public_line
from support.samples.secrets import refusal

KEY = key_text("Ed25519 OpenSSH")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
APP_KEY = key_text("RSA PKCS#1")
GIT_SYNC = git_secret({"ssh": KEY, "known_hosts": HOSTS})
FLUX = git_secret({"identity": LOCKED, "identity.pub": "x", "password": PASSPHRASE, "known_hosts": HOSTS})
GIT_CREDENTIAL = "controller.devfile.io/git-credential"
JENKINS, BINDING = "jenkins.io/credentials-type", "jenkins.io/credentials-keybinding-"
PLACE = "credentials_from (Secret ops/source)"


@pytest.mark.parametrize(
    ("source", "options", "data", "warnings"),
    [
        pytest.param(
            GIT_SYNC,
            {"format": "flux"},
            {"identity": KEY, "identity.pub": f"{public_line('Ed25519')}\n", "known_hosts": HOSTS},
            [],
            id="git-sync to Flux",
        ),
        pytest.param(
            GIT_SYNC,
            {"format": "primehub"},
            {"ssh": KEY},
            [
                f"ssh.known_hosts of {PLACE} was not copied, because format primehub does not read it. "
                "PrimeHub does not verify host keys."
            ],
            id="without what the format does not read",
        ),
        pytest.param(
            GIT_SYNC,
            {"ssh": {"known_hosts": HOSTS + OTHER_HOSTS}, "url": SSH_URL},
            {"ssh": KEY, "known_hosts": HOSTS + OTHER_HOSTS},
            [],
            id="what is given beside it comes first",
        ),
        pytest.param(
            FLUX,
            {"format": "flux", "ssh": {"private_key": KEY}},
            {"identity": KEY, "identity.pub": f"{public_line('Ed25519')}\n", "known_hosts": HOSTS},
            [],
            id="the passphrase of another key stays behind",
        ),
        pytest.param(
            git_secret({"bearerToken": "t0ken"}),
            {"format": "argocd_repository", "https": ADA, "url": HTTPS_URL},
            {"type": "git", "url": HTTPS_URL, **ADA},
            [],
            id="a user in place of the token",
        ),
        pytest.param(
            git_secret(ADA), {"format": "config_sync"}, {"username": "ada", "token": "s3cret"}, [], id="https"
        ),
        pytest.param(
            git_secret({"githubAppID": "7", "githubAppInstallationID": "42", "githubAppPrivateKey": APP_KEY}),
            {"format": "fleet"},
            {"github_app_id": "7", "github_app_installation_id": "42", "github_app_private_key": APP_KEY},
            [],
            id="GitHub App",
        ),
        pytest.param(
            git_secret({"id": KEY, "hosts": HOSTS}, kind="example.com/git"),
            {"credentials_from": {"format": "custom", "keys": {"private_key": "id", "known_hosts": "hosts"}}},
            {"ssh": KEY, "known_hosts": HOSTS},
            [],
            id="names of one's own",
        ),
        pytest.param(
            git_secret({".git-credentials": "https://ada%40acme:s3c%2Fret@git.example.com\n", ".gitconfig": "x"}),
            {"format": "flux"},
            {"username": "ada@acme", "password": "s3c/ret"},
            [],
            id="a file of git",
        ),
        pytest.param(
            git_secret({"credentials": "https://ada:s3c%40ret@git.example.com"}, labels={GIT_CREDENTIAL: "true"}),
            {"format": "git_credentials", "url": HTTPS_URL},
            {
                ".git-credentials": "https://ada:s3c%40ret@git.example.com\n",
                ".gitconfig": '[credential "https://git.example.com"]\n\thelper = store\n',
            },
            [],
            id="from DevWorkspaces to a file",
        ),
        pytest.param(
            git_secret(ADA),
            {"format": "devworkspace_git", "url": "https://git.example.com:8443/a"},
            {"credentials": "https://ada:s3cret@git.example.com:8443"},
            [],
            id="to DevWorkspaces",
        ),
        pytest.param(
            git_secret({"github_app_id": "7", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
            {"format": "config_sync"},
            {
                "github-app-application-id": "7",
                "github-app-installation-id": "42",
                "github-app-private-key": APP_KEY,
            },
            [],
            id="an App of runners",
        ),
        pytest.param(
            git_secret({"github_app_id": "Iv1", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
            {"format": "config_sync", "credentials_from": {"format": "actions_runner_controller"}},
            {"github-app-client-id": "Iv1", "github-app-installation-id": "42", "github-app-private-key": APP_KEY},
            [],
            id="an App of runners by client ID",
        ),
        pytest.param(
            git_secret({"text": "s3cret"}, labels={JENKINS: "secretText"}),
            {"format": "actions_runner_controller"},
            {"github_token": "s3cret"},
            [],
            id="a text of Jenkins",
        ),
        pytest.param(
            git_secret(
                {"user": "ada", "token": "s3cret"},
                labels={JENKINS: "usernamePassword"},
                annotations={f"{BINDING}username": "user", f"{BINDING}password": "token"},
            ),
            {},
            ADA,
            [],
            id="other names of keys",
        ),
        pytest.param(
            git_secret({"appID": "7", "privateKey": APP_KEY}, labels={JENKINS: "githubApp"}),
            {"format": "pipelines_as_code", "format_options": {"pipelines_as_code_webhook_secret": "h00k-s3cret"}},
            {"github-application-id": "7", "github-private-key": APP_KEY, "webhook.secret": "h00k-s3cret"},
            [],
            id="an App that Jenkins does not read",
        ),
        pytest.param(
            git_secret({"ssh": KEY.replace("\n", "\r\n")}),
            {},
            {"ssh": KEY},
            [],
            id="a stored key is repaired",
        ),
    ],
)
def test_copies(source: dict[str, Any], options: dict[str, Any], data: dict[str, str], warnings: list[str]) -> None:
    task = GitTask(source, **options)
    assert data_of(task.plan()) == data
    assert task.copy_warnings == warnings


def test_a_copied_key_is_opened_and_converted() -> None:
    data = data_of(GitTask(FLUX, format="fleet", ssh={"convert": True}).plan())
    key = parse_private_key(data["ssh-privatekey"], "key")
    assert (key.form, key.encrypted, key.public_key) == ("PKCS#8", False, public_line("Ed25519"))


def test_copied_material_is_known_to_the_scrubber() -> None:
    clean = GitTask(FLUX).context.scrubber.clean
    assert clean(f"{LOCKED.splitlines()[3]} {PASSPHRASE}") == "******** ********"


def test_a_copied_password_is_hidden_in_every_form_in_which_it_is_written() -> None:
    line = "https://ada:s3c%40ret-v1@git.example.com"
    task = GitTask(git_secret({".git-credentials": f"{line}\n"}), format="devworkspace_git", url=HTTPS_URL)
    assert data_of(task.plan())["credentials"] == line
    clean = task.context.scrubber.clean
    assert clean("s3c@ret-v1 s3c%40ret-v1") == "******** ********"


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        pytest.param(
            git_secret({".git-credentials": "https://a:b@a.example\nhttps://a:b@b.example\n"}),
            {"format": "flux"},
            f"{PLACE} holds no Git credential. "
            "Check the name; credentials_from.format says for which consumer it was made.",
            id="a file with several servers",
        ),
        pytest.param(
            git_secret({"identity": LOCKED, "password": PASSPHRASE, "known_hosts": HOSTS}),
            {"format": "jenkins", "format_options": {"jenkins_type": "secretText"}},
            "Format jenkins does not know ssh. format_options.jenkins_type is secretText, which is for another kind of "
            "credential. It knows https.",
            id="another type of Jenkins",
        ),
        pytest.param(
            git_secret({"x": "y"}),
            {},
            f"{PLACE} holds no Git credential. "
            "Check the name; credentials_from.format says for which consumer it was made.",
            id="none",
        ),
        pytest.param(
            GIT_SYNC,
            {"credentials_from": {"format": "flux"}},
            f"{PLACE} holds no Git credential as flux reads it. "
            "Check the name; credentials_from.format says for which consumer it was made.",
            id="none of the format",
        ),
        pytest.param(
            GIT_SYNC,
            {"credentials_from": {"keys": {"private_key": "ssh"}}},
            "keys cannot be used without format. Only format=custom takes key names of your own. Leave it out.",
            id="names without format",
        ),
        pytest.param(
            git_secret({**ADA, "ssh": KEY, "known_hosts": HOSTS}),
            {},
            f"{PLACE} can be read in different ways. "
            "It may be for airflow_community, argocd_image_updater, config_sync, fleet_helm, flux, git_sync, vendir. "
            "Say which with credentials_from.format.",
            id="two kinds",
        ),
        pytest.param(
            git_secret(ADA),
            {"ssh": {"private_key": KEY}},
            f"{PLACE} holds a credential of the kind https, and the task gives ssh as well. "
            "A Secret holds one kind. Leave out ssh.",
            id="another kind beside it",
        ),
        pytest.param(
            git_secret(ADA),
            {
                "format": "argocd_repository",
                "url": HTTPS_URL,
                "format_options": {"argocd_use_azure_workload_identity": True},
            },
            f"{PLACE} holds a credential of the kind https, and the task gives cloud_identity as well. "
            "A Secret holds one kind. Leave out format_options.argocd_use_azure_workload_identity.",
            id="a cloud identity beside it",
        ),
        pytest.param(
            git_secret({"cookie_file": "c"}),
            {"format": "flux"},
            "Format flux does not know cookie_file. It knows ssh, https and github_app.",
            id="a kind that the format does not know",
        ),
        pytest.param(
            git_secret({"identity": key_text("Ed25519 PKCS#8"), "known_hosts": HOSTS}),
            {"format": "git_sync"},
            f"The private_key of {PLACE} is an Ed25519 key in the format PKCS#8, which format git_sync does not read. "
            "The consumer passes the key to OpenSSH, and many versions of it do not read that format. "
            "Set ssh.convert=true.",
            id="a form that the format does not read",
        ),
        pytest.param(
            GIT_SYNC,
            {"url": "ssh://git@git.example.org/a"},
            f'The known_hosts of {PLACE} has no key for "git.example.org". It has keys for "git.example.com". '
            "Add what ssh-keyscan git.example.org prints, after you have compared its fingerprints with a "
            "trusted source.",
            id="host keys of another server",
        ),
        pytest.param(
            git_secret({"githubAppID": "7", "githubAppInstallationID": "42"}),
            {"format": "flux"},
            f"{PLACE} holds no Git credential. "
            "Check the name; credentials_from.format says for which consumer it was made.",
            id="an App without key",
        ),
        pytest.param(
            git_secret({**ADA, "bearerToken": "t"}),
            {"format": "flux"},
            f"The bearer_token of {PLACE} and The username of {PLACE} exclude each other. "
            "Both set the same value. Keep one of them.",
            id="two credentials in one",
        ),
        pytest.param(
            git_secret({"username": "a:b", "password": "s3cret"}),
            {},
            f'The username of {PLACE} must not contain ":". HTTP splits user and password at the first colon '
            "(RFC 7617). Write the part before the colon, and the rest as https.password.",
            id="a user name that does not work",
        ),
    ],
)
def test_other_copies_are_refused(source: dict[str, Any], options: dict[str, Any], message: str) -> None:
    assert refusal(GitTask, source, **options) == message


def test_a_copied_key_with_a_passphrase_needs_the_name_that_devworkspaces_look_at() -> None:
    assert refusal(GitTask, FLUX, format="devworkspace_ssh") == (
        "name must be git-ssh-key for a key with a passphrase. The consumer of format devworkspace_ssh opens only the "
        "key in the Secret of that name. Change the name, or give a key without a passphrase."
    )
    assert GitTask(FLUX, format="devworkspace_ssh", name="git-ssh-key").plan().operation == "created"


FIRST, SECOND = "credentials_from[0] (Secret ops/one)", "credentials_from[1] (Secret ops/two)"


def copy_both(one: dict[str, Any], two: dict[str, Any], *, keys: Any = (), **options: Any) -> GitTask:
    """A task that copies two Secrets; ``keys`` are the names in each, where they are given."""
    names = [{"name": "one", "namespace": "ops"}, {"name": "two", "namespace": "ops"}]
    for item, custom in zip(names, keys, strict=False):
        item.update({"format": "custom", "keys": custom})
    return GitTask([one, two], credentials_from=names, **options)


@pytest.mark.parametrize(
    ("one", "two", "options", "data", "warnings"),
    [
        pytest.param(
            git_secret({"ssh": KEY}),
            git_secret({"known_hosts": HOSTS}),
            {"format": "flux"},
            {"identity": KEY, "identity.pub": f"{public_line('Ed25519')}\n", "known_hosts": HOSTS},
            [],
            id="a key and host keys",
        ),
        pytest.param(
            git_secret({"known_hosts": HOSTS}),
            git_secret({"ssh": KEY}),
            {"format": "primehub"},
            {"ssh": KEY},
            [
                f"ssh.known_hosts of {FIRST} was not copied, because format primehub does not read it. "
                "PrimeHub does not verify host keys."
            ],
            id="a part that is not read is named with its place",
        ),
        pytest.param(
            git_secret({"id": KEY, "hosts": OTHER_HOSTS}),
            git_secret({"x": "y", "hosts": HOSTS}),
            {"keys": ({"private_key": "id"}, {"known_hosts": "hosts"})},
            {"ssh": KEY, "known_hosts": HOSTS},
            [],
            id="a part of each, by names of their own",
        ),
        pytest.param(
            git_secret({"user": "ada"}),
            git_secret({"token": "s3cret"}),
            {"keys": ({"username": "user"}, {"password": "token"})},
            ADA,
            [],
            id="a user name and a password",
        ),
        pytest.param(
            git_secret({"username": "ada"}), git_secret({"password": "s3cret"}), {}, ADA, [], id="which may open a key"
        ),
        pytest.param(
            git_secret({"password": "s3cret"}), git_secret({"username": "ada"}), {}, ADA, [], id="in the other order"
        ),
        pytest.param(
            git_secret({"password": PASSPHRASE}),
            git_secret({"ssh": LOCKED, "known_hosts": HOSTS}),
            {"format": "flux"},
            {
                "identity": LOCKED,
                "identity.pub": f"{public_line('Ed25519')}\n",
                "password": PASSPHRASE,
                "known_hosts": HOSTS,
            },
            [],
            id="a passphrase and its key",
        ),
    ],
)
def test_the_parts_of_several_secrets_add_up(
    one: dict[str, Any], two: dict[str, Any], options: dict[str, Any], data: dict[str, str], warnings: list[str]
) -> None:
    task = copy_both(one, two, **options)
    assert data_of(task.plan()) == data
    assert task.copy_warnings == warnings


@pytest.mark.parametrize(
    ("one", "two", "message"),
    [
        pytest.param(
            GIT_SYNC,
            git_secret({"known_hosts": OTHER_HOSTS}),
            f"{SECOND} and {FIRST} both hold ssh.known_hosts. Which of the two is to be written is not known. "
            "Keep one of them, or remove the part from one of the Secrets.",
            id="a part in both",
        ),
        pytest.param(
            GIT_SYNC,
            git_secret(ADA),
            f"{SECOND} holds a credential of the kind https, and {FIRST} one of the kind ssh. A Secret holds one kind. "
            "Keep one of them.",
            id="two kinds",
        ),
        pytest.param(
            git_secret({"username": "git", "password": "s3cret"}),
            git_secret({"bearerToken": "t0ken"}),
            f"{SECOND} holds https.bearer_token, and {FIRST} holds https.password. A credential has only one of these. "
            "Keep one of the Secrets, or remove the part from one of them.",
            id="a token and a password",
        ),
        pytest.param(
            GIT_SYNC,
            git_secret({"x": "y"}),
            f"{SECOND} holds no Git credential. Check the name; credentials_from[1].format says for which consumer it "
            "was made.",
            id="none in one of them",
        ),
    ],
)
def test_secrets_that_do_not_add_up(one: dict[str, Any], two: dict[str, Any], message: str) -> None:
    assert refusal(copy_both, one, two) == message


def test_all_copied_material_is_known_to_the_scrubber() -> None:
    given = {"private_key": APP_KEY, "known_hosts": HOSTS}
    task = copy_both(git_secret({"known_hosts": OTHER_HOSTS}), git_secret({"ssh": KEY}), ssh=given)
    assert task.context.scrubber.clean(KEY.splitlines()[2]) == "********"


def test_an_incomplete_copy_is_refused() -> None:
    task = GitTask(git_secret({"ssh": KEY}), format="flux")
    assert refusal(task.plan) == (
        "ssh.known_hosts is missing. Format flux needs ssh.private_key with ssh.known_hosts. "
        "Give what is missing; with update_credentials=when_given a stored value is kept."
    )
