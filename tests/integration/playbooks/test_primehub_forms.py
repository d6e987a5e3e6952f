# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of PrimeHub's page on a real API server: at a terminal, and by variables where no one can be asked."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from support import primehub
from support.canary import auth, canary, find_leaks, key_canary, key_text, public_text, read_below
from support.cluster import Cluster
from support.image_access import link, run_pod, spec
from support.leaks.watch import watch
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.samples.secrets import encode
from support.typist import Session, type_into

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

USER = "octo"
TYPED, GIVEN = canary("typed password", user=USER), canary("password from elsewhere", user=USER)
PASSPHRASE, WRONG = canary("passphrase"), canary("wrong passphrase")
_KEY, _LOCKED = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
KEY, LOCKED = key_text(_KEY), key_text(_LOCKED, passphrase=PASSPHRASE.text)
ALL = [
    *(TYPED, GIVEN, PASSPHRASE, WRONG),
    *(key_canary("private key", KEY), key_canary("locked key", LOCKED), key_canary("opened key", key_text(_LOCKED))),
]
ENTER = "\r"
Answers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PrimeHubForms:
    """Fills in the forms in one namespace. Nothing secret may be seen, at the highest verbosity."""

    cluster: Cluster
    namespace: str
    playbook: Playbook

    def type(self, form: str, *answers: tuple[str, str], **variables: Any) -> Session:
        """Fill in a form at a terminal. Every question must come."""
        directory = self.playbook.directory
        session = type_into(
            self._command(form, variables),
            [(asked, text + ENTER) for asked, text in answers],
            environment={**self._environment(), **watch(directory), "ANSIBLE_VERBOSITY": "5"},
            directory=directory,
        )
        assert not session.left, session.screen
        places = {"screen": session.raw, **read_below(directory, leave_out=directory.glob("given*"))}
        assert b"TASK [" in places["ansible.log"]
        assert b"TASK [" in places["callback.jsonl"]
        assert find_leaks(places, ALL) == []
        return session

    def run(self, form: str, *arguments: str, environment: Mapping[str, str] | None = None, **variables: Any) -> str:
        """Fill in a form where no one can be asked, and return what was printed, with the exit code in front."""
        done = run_program(
            [*self._command(form, variables), *arguments],
            env={**self._environment(), **(environment or {})},
            cwd=self.playbook.directory,
        )
        assert not find_leaks({"output": done.stdout.encode()}, ALL), done.stdout
        return f"{done.returncode} {flat(done.stdout)}"

    def _command(self, form: str, variables: Mapping[str, Any]) -> list[str]:
        given = json.dumps({"target_namespace": self.namespace, **variables})
        return [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{form}", "-e", given]

    def _environment(self) -> dict[str, str]:
        return self.playbook.environment(K8S_AUTH_KUBECONFIG=str(self.cluster.kubeconfig), TERM="xterm")

    def secret(self, name: str) -> dict[str, Any]:
        return self.cluster.read_secret(self.namespace, name)

    def names(self) -> set[str]:
        return {item.metadata.name for item in self.cluster.api.list_namespaced_secret(self.namespace).items}

    def file(self, name: str, text: str) -> str:
        path = self.playbook.directory / f"given-{name}"
        path.write_text(text)
        return str(path)

    def store(self, name: str = "models", **more: Any) -> None:
        """Add a Secret of each type, both with this name."""
        git = self.run("add_git_secret", secret_name=name, private_key_file=self.file("key", KEY), **more)
        environment = {"KEYRING_REGISTRY_PASSWORD": GIVEN.text}
        login = {"secret_type": "image_pull", "registry": "ghcr.io", "registry_username": USER}
        pull = self.run("primehub_add_secret", environment=environment, secret_name=name, **login, **more)
        assert (git[0], pull[0]) == ("0", "0"), git + pull


@pytest.fixture
def forms(cluster: Cluster, namespace: str, playbook: Playbook) -> PrimeHubForms:
    return PrimeHubForms(cluster, namespace, playbook)


def flat(screen: str) -> str:
    """What is printed, without its line breaks: errors have them as JSON has them up to ansible-core 2.18."""
    return " ".join(screen.replace("\\n", "\n").split())


def entry(username: str, password: str) -> dict[str, str]:
    return {"username": username, "password": password, "auth": auth(username, password)}


def test_add_both_types_at_a_terminal(forms: PrimeHubForms) -> None:
    pasted = KEY.replace("\n", "\r").rstrip("\r")

    git = forms.type(
        "primehub_add_secret",
        (r"Name \(", "gitsync-secret-models"),
        ("Name, again", "models"),
        (r"Type \(", "Docker"),
        ("Type, again", "Git Sync"),
        (r"Display name \(", ""),
        (r"Private SSH key \(", public_text(_KEY)),
        ("Private SSH key, again", pasted),
        (r"Owner \(", "team-hub"),
        (r"Create it\?", "yes"),
    )
    pull = forms.type(
        "primehub_add_secret",
        (r"Name \(", "registry"),
        (r"Type \(", "Image Pull"),
        (r"Display name \(", "Company"),
        (r"Registry host \(", "ghcr.io"),
        (r"Username \(", USER),
        (r"Password \(", TYPED.text),
        (r"Owner \(", ""),
        (r"Create it\?", "y"),
    )

    assert (git.returncode, pull.returncode) == (0, 0), git.screen + pull.screen
    for fault in (
        "Name begins with gitsync-secret-. PrimeHub adds this prefix to the name in Kubernetes.",
        "Type is not a type of PrimeHub's page. Enter git_sync for a private SSH key, or image_pull",
        "Private SSH key must be one private key; got a public key. Give the private key, which is the file without",
        "PrimeHub runs git-sync with GIT_KNOWN_HOSTS=0: it does not check the host keys of the Git server.",
    ):
        assert fault in flat(git.screen)
    stored = forms.secret("gitsync-secret-models")
    assert (stored["type"], stored["data"]) == ("Opaque", {"ssh": encode(KEY)})
    assert stored["metadata"]["annotations"]["displayName"] == "models"
    assert stored["metadata"]["labels"]["keyring.kubernetes/owner"] == "team-hub"
    assert forms.cluster.read_auths(forms.namespace, "image-registry") == {"ghcr.io": entry(USER, TYPED.text)}
    assert forms.secret("image-registry")["metadata"]["annotations"]["displayName"] == "Company"


def test_a_key_with_a_passphrase(forms: PrimeHubForms) -> None:
    path = forms.file("locked", LOCKED)

    typed = forms.type(
        "add_git_secret",
        (r"Display name \(", ""),
        (r"Private SSH key \(", path),
        (r"Passphrase \(", WRONG.text),
        (r"Passphrase \(", PASSPHRASE.text),
        (r"Owner \(", ""),
        (r"Create it\?", "yes"),
        secret_name="typed",
    )
    missing = forms.run("add_git_secret", secret_name="a", private_key_file=path)
    wrong = forms.run(
        "add_git_secret",
        secret_name="a",
        private_key_file=path,
        private_key_passphrase_file=forms.file("w", WRONG.text),
    )
    environment = {"KEYRING_PRIVATE_KEY_PASSPHRASE": PASSPHRASE.text}
    given = forms.run("add_git_secret", secret_name="given", private_key_file=path, environment=environment)
    plain = forms.run(
        "add_git_secret", secret_name="plain", private_key_file=forms.file("key", KEY), environment=environment
    )

    assert typed.returncode == 0, typed.screen
    assert "Not accepted. Passphrase does not open the private key." in flat(typed.screen)
    assert "It is stored without it, because PrimeHub has no field for a passphrase." in flat(typed.screen)
    for name in ("typed", "given"):
        stored = base64.b64decode(forms.secret(f"gitsync-secret-{name}")["data"]["ssh"])
        opened = load_ssh_private_key(stored, None)
        assert isinstance(opened, ed25519.Ed25519PrivateKey)
        assert public_text(opened) == public_text(_LOCKED)
    assert "private_key_passphrase (Passphrase): set it in a variables file" in missing
    assert "private_key_passphrase (Passphrase) does not open the private key." in wrong
    assert (given[0], plain[0]) == ("0", "0"), given + plain
    assert "gitsync-secret-a" not in forms.names()


def test_an_existing_name_leads_to_an_update(forms: PrimeHubForms) -> None:
    forms.store()
    before = forms.secret("gitsync-secret-models")

    unattended = forms.run("add_git_secret", secret_name="models", private_key_file=forms.file("key", KEY))
    updated = forms.type(
        "primehub_add_secret",
        (r"Name \(", "models"),
        ("Do you want to update this Secret", "update"),
        (r"Display name \(", "Ours"),
        (r"Private SSH key \(", ""),
        (r"Save it\?", "yes"),
        secret_type="git_sync",
    )
    other = forms.type(
        "add_git_secret",
        ("Do you want to update this Secret", ""),
        (r"Name \(", "other"),
        (r"Owner \(", ""),
        (r"Create it\?", "no"),
        secret_name="models",
        display_name="",
        private_key_file=forms.file("key", KEY),
    )

    assert unattended.startswith("2 ")
    taken = f"the Secret models of the type Git Sync already exists ({forms.namespace}/gitsync-secret-models on"
    assert taken in unattended
    assert "ansible-playbook keyring.kubernetes.primehub_update_secret" in unattended
    assert updated.returncode == 0, updated.screen
    after = forms.secret("gitsync-secret-models")
    assert (after["data"], after["metadata"]["uid"]) == (before["data"], before["metadata"]["uid"])
    assert after["metadata"]["annotations"]["displayName"] == "Ours"
    assert "Nothing was changed." in other.screen
    assert "gitsync-secret-other" not in forms.names()


def test_update_keeps_what_is_left_blank(forms: PrimeHubForms) -> None:
    forms.store(display_name="Models")
    primehub.install(forms.cluster)
    primehub.create_objects(forms.cluster, forms.namespace, "image-models")
    kept = {name: forms.secret(name)["data"] for name in ("gitsync-secret-models", "image-models")}

    git = forms.type(
        "primehub_update_secret",
        (r"Name \(", "nodels"),
        (r"Namespace \(", ""),
        (r"Name \(", "models"),
        (r"Type \(", "Git Sync"),
        (r"Display name \(", "-"),
        (r"Private SSH key \(", ""),
        (r"Save it\?", "yes"),
    )
    pull = forms.type(
        "primehub_update_secret",
        (r"Display name \(", "New"),
        (r"Registry host \(", ""),
        (r"Username \(", ""),
        (r"Password \(", "******"),
        (r"Save it\?", "yes"),
        secret_name="models",
        secret_type="image_pull",
    )
    nothing = forms.run("primehub_update_secret", secret_name="models", secret_type="git_sync", private_key="")
    same = {name: forms.secret(name) for name in kept}
    changed = forms.run(
        "primehub_update_secret",
        secret_name="models",
        secret_type="image",
        registry_password_file=forms.file("new", TYPED.text),
    )
    moved = forms.run("primehub_update_secret", secret_name="models", secret_type="image", registry="quay.io")

    assert (git.returncode, pull.returncode, changed[0]) == (0, 0, "0"), git.screen + pull.screen + changed
    assert f"there is no Secret nodels in namespace {forms.namespace}" in flat(git.screen)
    assert f"{forms.namespace} has two Secrets with the name models, one of each type." in flat(git.screen)
    assert "Used by Image primehub, PhDeployment primehub" in flat(pull.screen)
    assert flat(pull.screen).index("Used by Image primehub") < flat(pull.screen).index("Display name (press")
    assert {name: secret["data"] for name, secret in same.items()} == kept
    titles = [secret["metadata"]["annotations"]["displayName"] for secret in same.values()]
    assert titles == ["models", "New"]
    assert "There is nothing to change" in nothing
    assert forms.cluster.read_auths(forms.namespace, "image-models") == {"ghcr.io": entry(USER, TYPED.text)}
    assert "registry_username (Username): set it with -e registry_username=VALUE." in moved


def test_list_and_go_on(forms: PrimeHubForms) -> None:
    forms.store("models", display_name="Zoo")
    forms.store("data")
    forms.cluster.create_secret(forms.namespace, "unrelated", type="Opaque", string_data={"ssh": KEY})

    by_name = forms.run("primehub_list_secrets")
    by_type = forms.run("primehub_list_secrets", sort="type")
    reverse = forms.run("primehub_list_secrets", sort="-name")
    by_title = forms.run("primehub_list_secrets", sort="display_name")
    wrong = forms.run("primehub_list_secrets", sort="age")
    deleted = forms.type(
        "primehub_list_secrets",
        (r"Sort by \(", ""),
        ("Do you want to update or delete one", "delete"),
        (r"Name \(", "data"),
        (r"Type \(", "image"),
        (r"Delete it\?", "yes"),
    )

    assert "NAME DISPLAY NAME TYPE data data Git Sync data data Image Pull models Zoo Git Sync" in by_name
    assert "models Zoo Image Pull" in by_name
    assert "unrelated" not in by_name
    assert f"4 Secrets of PrimeHub in {forms.namespace} on {forms.cluster.server}." in by_name
    assert "data data Git Sync models Zoo Git Sync data data Image Pull models Zoo Image Pull" in by_type
    assert "data data Git Sync data data Image Pull models Zoo Git Sync models Zoo Image Pull" in by_title
    assert "models Zoo Git Sync models Zoo Image Pull data data Git Sync data data Image Pull" in reverse
    assert "sort (Sort by) must be one of: name, -name, display_name, -display_name, type, -type." in wrong
    assert deleted.returncode == 0, deleted.screen
    assert {"image-data", "gitsync-secret-data"} & forms.names() == {"gitsync-secret-data"}


def test_delete(forms: PrimeHubForms) -> None:
    forms.store()
    primehub.install(forms.cluster)
    link(forms.cluster, forms.namespace, "app")
    run_pod(forms.cluster, forms.namespace, "web", spec("ghcr.io/acme/app:1", secrets=["image-models"]))
    identity = forms.cluster.identity(
        forms.namespace, [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "delete"]}]
    )
    kubeconfig = forms.file("kubeconfig", yaml.safe_dump(identity.connection["kubeconfig"]))
    both: dict[str, Any] = {"secret_name": "models"}

    used = forms.type("primehub_delete_secret", (r"Type \(", "Image Pull"), **both)
    unknown = forms.run("primehub_delete_secret", secret_type="git_sync", confirm=True, kubeconfig=kubeconfig, **both)
    missing = forms.run("primehub_delete_secret", secret_type="git_sync", **both)
    kept = forms.type("primehub_delete_secret", (r"Delete it\?", "n"), secret_type="git_sync", **both)
    before = forms.names()
    checked = forms.run("primehub_delete_secret", "--check", secret_type="git_sync", confirm=True, **both)
    assert forms.names() == before
    deleted = forms.run("primehub_delete_secret", secret_type="git_sync", confirm=True, **both)
    left = forms.run("primehub_delete_secret", secret_type="git_sync", confirm=True, **both)

    assert used.returncode == 2
    assert f"{forms.namespace}/image-models is in use by Pod web. Nothing was deleted." in flat(used.screen)
    assert "Delete it?" not in used.screen
    assert "is not deleted, because its users are not known." in unknown
    assert "confirm (Confirm) is missing" in missing
    assert "Nothing was changed." in kept.screen
    assert f"Secret {forms.namespace}/gitsync-secret-models would be deleted on" in checked
    assert deleted.startswith("0 ")
    assert f"Secret {forms.namespace}/gitsync-secret-models was deleted on" in deleted
    assert f"there is no Secret models of the type Git Sync in namespace {forms.namespace}" in left, "not the other"
    assert before - forms.names() == {"gitsync-secret-models"}


def test_form_and_role_write_the_same_secret(forms: PrimeHubForms) -> None:
    other_namespace = forms.cluster.create_namespace("role")
    items = [
        {"name": "models", "type": "git_sync", "secret": KEY, "display_name": "Models"},
        {
            "name": "models",
            "type": "image_pull",
            "registry_host": "ghcr.io",
            "username": USER,
            "password": GIVEN.text,
            "display_name": "Models",
        },
    ]
    given = forms.file("items.json", json.dumps({"given": items}))
    role = {
        "ansible.builtin.include_role": {"name": "keyring.kubernetes.primehub_secrets"},
        "vars": {
            "primehub_secrets_list": "{{ given }}",
            "primehub_secrets_namespace": other_namespace,
            "primehub_secrets_owner": "team-hub",
        },
    }
    defaults = {"group/keyring.kubernetes.k8s": {"kubeconfig": str(forms.cluster.kubeconfig)}}

    forms.store(display_name="Models", owner="team-hub")
    done = forms.playbook.run([role], "-e", f"@{given}", keywords={"module_defaults": defaults})

    assert done.returncode == 0, done.output
    for name in ("gitsync-secret-models", "image-models"):
        by_form, by_role = forms.secret(name), forms.cluster.read_secret(other_namespace, name)
        assert comparable(by_form) == comparable(by_role)


def comparable(secret: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a Secret that do not depend on its namespace and the time."""
    metadata = secret["metadata"]
    annotations = {**metadata["annotations"]}
    annotations.pop("keyring.kubernetes/origin")
    return {key: secret[key] for key in ("type", "data")} | {"labels": metadata["labels"], "annotations": annotations}


def test_what_is_missing_is_named_by_its_variable(forms: PrimeHubForms) -> None:
    place = forms.run("primehub_add_secret")
    key = forms.run("primehub_add_secret", secret_name="a", secret_type="git_sync")
    login = forms.run("primehub_add_secret", secret_name="a", secret_type="image_pull")
    cut = forms.run("add_git_secret", secret_name="a", private_key_file=forms.file("cut", KEY[:120] + KEY[180:]))

    assert "secret_name (Name): set it with -e secret_name=VALUE. secret_type (Type): set it with" in place
    assert "private_key (Private SSH key): set it in a variables file encrypted with Ansible Vault" in key
    for name in ("registry (Registry host)", "registry_username (Username)", "registry_password (Password)"):
        assert f"{name}: set it" in login
    assert "private_key (Private SSH key) is damaged: " in cut
    assert not {name for name in forms.names() if name.startswith(("gitsync", "image"))}
