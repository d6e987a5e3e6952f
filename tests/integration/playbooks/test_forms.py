# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms for pull secrets: filled in by a person at a terminal, and by variables where there is no one to ask."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import tarball
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import REMEDY, WHY
from support.canary import auth, canary, find_leaks, number_canary, read_below
from support.cluster import Cluster
from support.image_access import link, run_pod, spec
from support.leaks.watch import watch
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.typist import Session, type_into

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

USER, OTHER = "octo", "acme+robot"
CANARIES = {
    "typed": canary("typed password", user=USER),
    "given": canary("password from elsewhere", user=USER),
    "pasted": canary("pasted password", awkward="-", user=OTHER),
    "number": number_canary("password without quotes", user=USER),
}
TYPED, GIVEN, PASTED = (CANARIES[name].text for name in ("typed", "given", "pasted"))
ALL = [*CANARIES.values()]
CONFIG = json.dumps({"auths": {"quay.io": {"username": OTHER, "password": PASTED}}}, indent="\t")
ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
YES, NO = (r"\? Type yes", "yes"), (r"\? Type yes", "no")
DAY = 86_400

Answers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Forms:
    """Fills in forms in one namespace."""

    cluster: Cluster
    namespace: str
    playbook: Playbook

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return self.playbook.environment(K8S_AUTH_KUBECONFIG=str(self.cluster.kubeconfig), TERM="xterm", **more)

    def command(self, name: str, *arguments: str, **variables: Any) -> list[str]:
        """With None, a variable is not set."""
        given = {"target_namespace": self.namespace, **variables}
        given = {name: value for name, value in given.items() if value is not None}
        return [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{name}", "-e", json.dumps(given), *arguments]

    def type(
        self, name: str, *answers: tuple[str, str], environment: Mapping[str, str] | None = None, **variables: Any
    ) -> Session:
        """Run a playbook at a terminal; every question must come, and nothing secret may be seen."""
        session = type_into(
            self.command(name, **variables),
            [(f"{asked}", text if text.endswith((ENTER, CTRL_C, CTRL_D)) else text + ENTER) for asked, text in answers],
            environment=self.environment(environment or {}),
            directory=self.playbook.directory,
        )
        assert not session.left, session.screen
        assert not find_leaks({"screen": unechoed(session, answers)}, ALL), session.screen
        return session

    def run(
        self, name: str, *arguments: str, environment: Mapping[str, str] | None = None, **variables: Any
    ) -> tuple[int, str]:
        """Run a playbook where nobody can be asked."""
        done = run_program(
            self.command(name, *arguments, **variables),
            env=self.environment(environment or {}),
            cwd=self.playbook.directory,
        )
        assert not find_leaks({"output": done.stdout.encode()}, ALL), done.stdout
        return done.returncode, done.stdout

    def secret(self, name: str) -> dict[str, Any]:
        return self.cluster.read_secret(self.namespace, name)

    def auths(self, name: str) -> dict[str, Any]:
        return self.cluster.read_auths(self.namespace, name)

    def names(self) -> set[str]:
        return {item.metadata.name for item in self.cluster.api.list_namespaced_secret(self.namespace).items}

    def file(self, name: str, text: str) -> str:
        path = self.playbook.directory / name
        path.write_text(text)
        return str(path)


def unechoed(session: Session, answers: Answers) -> bytes:
    """What a terminal has got, without what a person has typed for all to see."""
    raw = session.raw
    for asked, text in answers:
        if not re.search("Password|Docker config", asked):
            raw = raw.replace(text.encode(), b"", 1)
    return raw


@pytest.fixture
def forms(cluster: Cluster, namespace: str, playbook: Playbook) -> Forms:
    return Forms(cluster, namespace, playbook)


def printed(screen: str) -> list[str]:
    """The lines of a form after its last answer."""
    form = re.split(r"TASK \[Fill in the form\] \*+\n", screen)[1]
    lines = re.split(r"^(?:ok|changed|fatal|\[ERROR\])", form, flags=re.MULTILINE)[0].splitlines()
    answers = [index for index, line in enumerate(lines) if re.search(r"(^|\^M)> ", line)]
    return [line for line in lines[answers[-1] + 1 if answers else 0 :] if line]


def unwrapped(screen: str) -> str:
    """What a person reads, without the ends of lines."""
    return " ".join(screen.replace("\\n", "\n").split())


def entry(username: str, password: str) -> dict[str, str]:
    return {"username": username, "password": password, "auth": auth(username, password)}


def stored(forms: Forms, name: str = "registry", **more: Any) -> None:
    code, output = forms.run(
        "add_image_pull_secret",
        secret_name=name,
        registry="ghcr.io",
        registry_username=USER,
        environment={"KEYRING_REGISTRY_PASSWORD": GIVEN},
        **more,
    )
    assert code == 0, output


REST = (
    (r"Registry \(", "ghcr.io"),
    (r"Username \(", USER),
    (r"Password \(", TYPED),
    (r"Display name \(", "Company registry"),
    (r"Description \(", 'Pulls for "web"'),
    (r"Owner \(", ""),
    YES,
)
SAME = ((r"Username \(", ""), (r"Password \(", ""), (r"Display name \(", ""), (r"Description \(", ""))


def test_add_and_look(forms: Forms) -> None:
    added = forms.type("add_image_pull_secret", (r"Name \(", "registry"), *REST)
    again = forms.type("add_image_pull_secret", (r"Name \(", "registry"), ("Name, again|Name \\(", CTRL_C))
    _code, listed = forms.run("list_image_pull_secrets", filter="COMPANY")
    _code, filtered = forms.run("list_image_pull_secrets", filter="other")
    _code, viewed = forms.run("view_image_pull_secret", secret_name="registry")

    assert added.returncode == 0, added.screen
    assert printed(added.screen)[:2] == [
        f"Secret {forms.namespace}/registry was created on {forms.cluster.server}.",
        f"  Registry ghcr.io, user {USER}",
    ]
    assert forms.auths("registry") == {"ghcr.io": entry(USER, TYPED)}
    annotations = forms.secret("registry")["metadata"]["annotations"]
    assert annotations["displayName"] == "Company registry"
    assert annotations["kubernetes.io/description"] == 'Pulls for "web"'
    assert again.returncode == 2
    taken = f"Name: the pull secret {forms.namespace}/registry already exists on {forms.cluster.server}."
    assert taken in unwrapped(again.screen)
    assert "ansible-playbook keyring.kubernetes.update_image_pull_secret" in again.screen
    day = forms.secret("registry")["metadata"]["creationTimestamp"][:10]
    one = f"1 pull secret in namespace {forms.namespace} on {forms.cluster.server}."
    assert printed(listed)[-1] == one
    for text in ("registry", "Company registry", "ghcr.io", USER, day, 'Pulls for "web"'):
        assert text in listed
    assert printed(filtered) == [f"No pull secrets in namespace {forms.namespace} on {forms.cluster.server}."]
    fields = [re.split("  +", line.strip(), maxsplit=1) for line in printed(viewed)[1:]]
    assert fields[:6] == [
        ["Name", "registry"],
        ["Namespace", forms.namespace],
        ["Registry", f"ghcr.io, user {USER}"],
        ["Password", "(hidden)"],
        ["Display name", "Company registry"],
        ["Description", 'Pulls for "web"'],
    ]


def test_wrong_answers_are_asked_for_again(forms: Forms) -> None:
    session = forms.type(
        "add_image_pull_secret",
        (r"Namespace \(", "none-such"),
        ("Namespace, again", forms.namespace),
        (r"Name \(", "Registry"),
        ("Name, again", ""),
        ("Name, again", "registry"),
        *REST[:2],
        (r"Password \(", "*****"),
        ("Password, again", TYPED),
        *REST[3:-1],
        (r"\? Type yes", "perhaps"),
        (r"\? Type yes", "username"),
        (r"Username \(", OTHER),
        (r"\? Type yes", "y"),
        target_namespace=None,
    )

    assert session.returncode == 0, session.screen
    screen = unwrapped(session.screen)
    assert "Namespace: this namespace does not exist." in screen
    assert "Name is required." in screen
    assert "Password contains only asterisks, the mask that portals show." in screen
    assert "Answer yes or no, or type one of: Namespace, Name, Registry, Username, Password" in screen
    assert forms.auths("registry") == {"ghcr.io": entry(OTHER, TYPED)}


def test_the_review_begins_with_the_cluster_and_can_be_refused(forms: Forms) -> None:
    session = forms.type("add_image_pull_secret", (r"Name \(", "registry"), *REST[:-1], NO)

    assert session.returncode == 0, session.screen
    assert printed(session.screen) == ["Nothing was changed."]
    assert re.search(rf"New pull secret\n  Cluster +{re.escape(forms.cluster.server)}", session.screen)
    assert "not checked against the registry" in unwrapped(session.screen)
    assert "registry" not in forms.names()


def test_update_keeps_what_is_left_blank(forms: Forms) -> None:
    stored(forms, description="Pulls")
    uid = forms.secret("registry")["metadata"]["uid"]

    nothing = forms.type("update_image_pull_secret", (r"Name \(", "registry"), *SAME)
    masked = forms.type("update_image_pull_secret", SAME[0], (SAME[1][0], "******"), *SAME[2:], secret_name="registry")
    before = forms.auths("registry")
    typed = forms.type("update_image_pull_secret", SAME[0], (SAME[1][0], TYPED), *SAME[2:], YES, secret_name="registry")
    missing = forms.type("update_image_pull_secret", (r"Name \(", "other"), (r"Namespace \(", CTRL_C))
    kept = forms.secret("registry")["metadata"]
    cleared = forms.type("update_image_pull_secret", *SAME[:3], (SAME[3][0], "-"), YES, secret_name="registry")
    alone, output = forms.run("update_image_pull_secret", secret_name="registry")

    assert (nothing.returncode, masked.returncode, typed.returncode) == (0, 0, 0)
    assert "  Registry      ghcr.io, user octo" in nothing.screen[: nothing.screen.index("Username (")]
    assert f"Username (press Enter to keep {USER}):" in nothing.screen
    assert "Description (press Enter to keep Pulls; - clears it):" in nothing.screen
    assert "Registry (" not in nothing.screen, "it cannot be changed, so it is not asked for"
    assert "Used by       nothing found" in nothing.screen
    for session in (nothing, masked):
        assert printed(session.screen) == ["Nothing was changed."]
    assert before == {"ghcr.io": entry(USER, GIVEN)}
    assert forms.auths("registry") == {"ghcr.io": entry(USER, TYPED)}
    assert kept["uid"] == uid == forms.secret("registry")["metadata"]["uid"]
    assert kept["annotations"]["kubernetes.io/description"] == "Pulls"
    assert missing.returncode == 2
    there = f"there is no pull secret {forms.namespace}/other on {forms.cluster.server}. The pull secrets of this"
    assert there in unwrapped(missing.screen)
    assert cleared.returncode == 0, cleared.screen
    assert "kubernetes.io/description" not in forms.secret("registry")["metadata"]["annotations"]
    assert alone == 2
    assert "Set at least one of: registry_username, registry_password, display_name, description." in output


def test_update_shows_who_uses_the_secret(forms: Forms) -> None:
    stored(forms)
    link(forms.cluster, forms.namespace, "app")
    run_pod(forms.cluster, forms.namespace, "web", spec("ghcr.io/acme/app:1", secrets=["registry"]))

    session = forms.type("update_image_pull_secret", (SAME[0][0], OTHER), *SAME[1:], NO, secret_name="registry")

    before = unwrapped(session.screen[: session.screen.index("Username (")])
    assert "Used by Pod web" in before
    assert "The Secret is changed in place, never deleted and created again." in before


def test_who_gives_up_is_asked_no_more(forms: Forms) -> None:
    session = forms.type("add_image_pull_secret", REST[0], (r"Username \(", CTRL_C), secret_name="a")
    pasting = forms.type("import_docker_config", (r"Docker config \(", CTRL_C), secret_name="a")

    assert (session.returncode, pasting.returncode) == (2, 2), session.screen
    assert "Stopped. Nothing was changed." in session.screen
    assert "Password" not in session.screen
    assert "a" not in forms.names()


def test_a_list_is_no_wider_than_it_must_be(forms: Forms) -> None:
    """Neither by columns that are empty nor by a Secret for many registries."""
    many = {f"r{number}.example.com": entry(USER, GIVEN) for number in range(4)}
    code, output = forms.run(
        "import_docker_config", secret_name="many", docker_config_file=forms.file("c", json.dumps({"auths": many}))
    )
    assert code == 0, output

    _code, listed = forms.run("list_image_pull_secrets", filter="")

    lines = printed(listed)
    assert max(map(len, lines)) < 80
    assert "r0.example.com, r1.example.com and 2 more" in unwrapped(listed)
    assert "DESCRIPTION" not in listed.upper()


def test_a_list_leads_to_view_and_view_to_update(forms: Forms) -> None:
    stored(forms)
    stored(forms, "other")

    session = forms.type(
        "list_image_pull_secrets",
        (r"Filter \(", ""),
        ("Show one of them", "view"),
        (r"Secret \(", "othre"),
        ("Secret, again", "other"),
        ("Change or delete it", "update"),
        SAME[0],
        (SAME[1][0], TYPED),
        *SAME[2:],
        YES,
    )

    assert session.returncode == 0, session.screen
    assert "Did you mean other?" in session.screen
    assert forms.auths("other") == {"ghcr.io": entry(USER, TYPED)}
    assert forms.auths("registry") == {"ghcr.io": entry(USER, GIVEN)}


def test_view_leads_to_delete(forms: Forms) -> None:
    stored(forms)

    session = forms.type(
        "view_image_pull_secret", (r"Name \(", "registry"), ("Change or delete it", "delete"), ("Type yes or no", "yes")
    )

    assert session.returncode == 0, session.screen
    assert "registry" not in forms.names()


def test_update_one_registry_of_several(forms: Forms) -> None:
    auths = {"ghcr.io": entry(USER, GIVEN), "quay.io": entry(OTHER, PASTED)}
    config = json.dumps({"auths": auths})
    forms.cluster.create_secret(
        forms.namespace, "both", type="kubernetes.io/dockerconfigjson", string_data={".dockerconfigjson": config}
    )
    rest: dict[str, Any] = {"registry_username": "", "display_name": "", "description": "Both"}

    session = forms.type(
        "update_image_pull_secret",
        (r"Registry \(", "docker.io"),
        ("Registry, again", "quay.io"),
        (r"Password \(", TYPED),
        YES,
        secret_name="both",
        **rest,
    )
    wrong, output = forms.run("update_image_pull_secret", secret_name="both", registry="docker.io", **rest)
    forms.cluster.create_secret(
        forms.namespace,
        "empty",
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": '{"auths": {}}'},
    )
    code, empty = forms.run("update_image_pull_secret", secret_name="empty", **rest)
    stored(forms, "one")
    elsewhere, refused = forms.run(
        "update_image_pull_secret",
        secret_name="one",
        registry="quay.io",
        environment={"KEYRING_REGISTRY_PASSWORD": PASTED},
        **rest,
    )

    assert session.returncode == 0, session.screen
    assert "The Secret has 2 registries: ghcr.io, quay.io." in session.screen
    assert forms.auths("both") == {"ghcr.io": entry(USER, GIVEN), "quay.io": entry(OTHER, TYPED)}
    assert wrong == 2
    assert "registry (Registry): this registry of the Secret does not exist." in output
    assert code == 2
    assert f"{forms.namespace}/empty has no registries that can be read." in empty
    assert elsewhere == 2
    assert "registry (Registry): this registry of the Secret does not exist. Choose one of: ghcr.io." in refused
    assert forms.auths("one") == {"ghcr.io": entry(USER, GIVEN)}


def test_delete(forms: Forms) -> None:
    stored(forms)
    link(forms.cluster, forms.namespace, "app")
    run_pod(forms.cluster, forms.namespace, "web", spec("ghcr.io/acme/app:1", secrets=["registry"]))

    used = forms.type("delete_image_pull_secret", (r"Name \(", "registry"))
    forms.cluster.api.delete_namespaced_pod("web", forms.namespace, grace_period_seconds=0)
    refused = forms.type("delete_image_pull_secret", ("Type yes or no", "perhaps"), NO, secret_name="registry")
    after_no = forms.names()
    deleted = forms.type("delete_image_pull_secret", YES, secret_name="registry")

    assert used.returncode == 2
    assert f"{forms.namespace}/registry is in use by Pod web. Nothing was deleted." in unwrapped(used.screen)
    assert "yes or no" not in used.screen
    assert (refused.returncode, printed(refused.screen)) == (0, ["Nothing was changed."])
    assert "Delete this pull secret" in refused.screen
    assert "Answer yes or no." in refused.screen
    assert "registry" in after_no
    assert printed(deleted.screen) == [f"Secret {forms.namespace}/registry was deleted on {forms.cluster.server}."]
    assert "registry" not in forms.names()


def test_a_secret_whose_users_are_not_known_is_not_deleted(forms: Forms) -> None:
    """The form has no in_use, so the message of the module would lead nowhere."""
    stored(forms)
    identity = forms.cluster.identity(
        forms.namespace, [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "delete"]}]
    )
    kubeconfig = forms.file("kubeconfig", yaml.safe_dump(identity.connection["kubeconfig"]))
    given: dict[str, Any] = {"secret_name": "registry", "kubeconfig": kubeconfig}

    code, deleted = forms.run("delete_image_pull_secret", confirm=True, **given)
    _code, viewed = forms.run("view_image_pull_secret", **given)

    assert code == 2
    assert f"{forms.namespace}/registry is not deleted, because its users are not known." in deleted
    assert "in_use=" not in deleted
    assert "registry" in forms.names()
    assert "Used by       not known (missing permissions)" in viewed


def test_what_is_wrong_is_said_of_all_fields_at_once(forms: Forms) -> None:
    _code, name = forms.run("add_image_pull_secret", secret_name="Registry")
    _code, long = forms.run("add_image_pull_secret", secret_name="a" * 64)
    code, several = forms.run(
        "add_image_pull_secret",
        secret_name="a",
        registry="https://user:x@ghcr.io",
        registry_username="a:b",
        registry_password_file=forms.file("password", "*****"),
    )

    assert "secret_name (Name)" in name
    assert "secret_name (Name) has 64 characters. At most 63 are allowed." in unwrapped(long)
    text = unwrapped(several)
    assert code == 2
    assert "registry (Registry) must be a host with an optional port and path" in text
    assert "registry_username (Username) contains a colon. Registries do not accept one. Remove it." in text
    assert "registry_password (Password) contains only asterisks, the mask that portals show." in text
    assert "a" not in forms.names()


def test_answers_without_quotes_are_refused_and_not_shown(forms: Forms) -> None:
    """In a file of variables, or in JSON, a value without quotes is a number or a boolean."""
    login: dict[str, Any] = {"registry": "ghcr.io", "display_name": "", "description": 1.5}

    first, name = forms.run("add_image_pull_secret", secret_name=42)
    second, password = forms.run(
        "add_image_pull_secret",
        secret_name="a",
        registry_username=False,
        registry_password=int(CANARIES["number"].text),
        **login,
    )

    assert (first, second) == (2, 2)
    assert f"secret_name (Name) must be a string. {WHY} {REMEDY}" in unwrapped(name)
    for field in ("registry_username (Username)", "registry_password (Password)", "description (Description)"):
        assert f"{field} must be a string. {WHY} {REMEDY}" in unwrapped(password)
    assert "a" not in forms.names()


MISSING: Mapping[str, tuple[Mapping[str, Any], list[str]]] = {
    "add_image_pull_secret": ({}, ["secret_name"]),
    "add_image_pull_secret of a name": ({"secret_name": "new"}, ["registry", "registry_username", "registry_password"]),
    "view_image_pull_secret": ({}, ["secret_name"]),
    "import_docker_config": ({"secret_name": "new"}, ["docker_config"]),
    "cleanup": ({}, ["owner"]),
}


def test_without_terminal_and_value_the_variable_is_named(forms: Forms) -> None:
    for name, (variables, missing) in MISSING.items():
        code, output = forms.run(name.split()[0], **variables)

        assert code == 2, (name, output)
        message = output.replace("\\n", "\n").split("no one can be asked for them.\n")[1].split("Origin:")[0]
        assert re.findall(r"^(\w+) \([\w ]+\): set it", message, re.MULTILINE)[: len(missing)] == missing, name
        for variable in {"registry_password", "docker_config"} & set(missing):
            assert f"{variable}_file" in message
            assert f"KEYRING_{variable.upper()}" in message
            assert f"-e {variable}=VALUE" not in message


def test_without_a_terminal_a_deletion_needs_confirm(forms: Forms) -> None:
    stored(forms)
    before = forms.secret("registry")

    code, output = forms.run("delete_image_pull_secret", secret_name="registry")
    replaced, question = forms.run(
        "import_docker_config", secret_name="registry", docker_config_file=forms.file("c", CONFIG)
    )

    assert (code, replaced) == (2, 2)
    assert "Set it with -e confirm=yes. Nothing was changed." in output
    assert "Set it with -e confirm=yes. Nothing was changed." in question
    assert forms.secret("registry") == before


@pytest.mark.parametrize("source", ["file", "environment", "vault"])
def test_secrets_without_a_terminal(forms: Forms, source: str) -> None:
    rest: dict[str, Any] = {"secret_name": "registry", "registry": "ghcr.io", "registry_username": USER}
    arguments: list[str] = []
    environment: dict[str, str] = {}
    if source == "file":
        rest["registry_password_file"] = forms.file("password.txt", f"{GIVEN}\n")
    elif source == "environment":
        environment["KEYRING_REGISTRY_PASSWORD"] = GIVEN
    else:
        variables = forms.file("vaulted.yml", yaml.safe_dump({"registry_password": GIVEN}, allow_unicode=True))
        key = ["--vault-password-file", forms.file("vault.key", "open sesame")]
        vault = str(ANSIBLE_PLAYBOOK.with_name("ansible-vault"))
        subprocess.run([vault, "encrypt", *key, variables], env=forms.environment({}), check=True, capture_output=True)
        arguments = [*key, "-e", f"@{variables}"]

    code, output = forms.run("add_image_pull_secret", *arguments, environment=environment, **rest)

    assert code == 0, output
    assert forms.auths("registry") == {"ghcr.io": entry(USER, GIVEN)}


def test_import_docker_config(forms: Forms) -> None:
    asked = r"Docker config \("
    paste = (asked, CONFIG.replace("\n", "\r\n") + ENTER)
    path = forms.file("config.json", json.dumps({".dockerconfigjson": CONFIG}))
    big = forms.file("big.json", CONFIG.replace("{", "{" + " " * 10_240, 1))
    stored(forms, owner="web")

    pasted = forms.type("import_docker_config", (r"Name \(", "registry2"), paste, (r"Owner \(", ""), YES)
    replaced = forms.type(
        "import_docker_config", (asked, "config.json"), (r"Owner \(", ""), YES, secret_name="registry"
    )
    kept = forms.type("import_docker_config", NO, secret_name="registry2", docker_config_file=path, owner="web")
    code, too_big = forms.run("import_docker_config", secret_name="big", docker_config_file=big)
    _code, nowhere = forms.run("import_docker_config", secret_name="big", docker_config_file="/none.json")
    _code, not_owned = forms.run(
        "import_docker_config", secret_name="registry", docker_config_file=path, owner="ops", confirm=True
    )

    assert pasted.returncode == 0, pasted.screen
    assert re.search(rf"Registry +quay.io, user {re.escape(OTHER)}", pasted.screen)
    assert forms.auths("registry2") == {"quay.io": entry(OTHER, PASTED)}
    assert replaced.returncode == 0, replaced.screen
    assert re.search("Removed +ghcr.io", replaced.screen)
    assert "All registries of the stored Secret are replaced." in unwrapped(replaced.screen)
    assert forms.auths("registry") == {"quay.io": entry(OTHER, PASTED)}
    assert printed(kept.screen) == ["Nothing was changed."]
    assert code == 2
    assert re.search(r"docker_config \(Docker config\) has 1\d{4} bytes\. At most 10240 are allowed\.", too_big)
    assert "/none.json" in nowhere
    assert "Give the path of a file on the controller." in nowhere
    assert 'is managed by the owner "web"' in unwrapped(not_owned).replace("\\", "")
    assert "Instead, change it where that owner declares it." in unwrapped(not_owned)
    assert "big" not in forms.names()


def test_a_docker_config_is_checked_before_the_question(forms: Forms) -> None:
    """SAP's text, as copied from between the braces of the field, is one of the accepted forms."""
    stored(forms)
    bad = json.dumps({"auths": {"quay.io": {"username": OTHER, "password": ""}}})
    sap = json.dumps({".dockerconfigjson": CONFIG})[1:-1]

    session = forms.type(
        "import_docker_config",
        (r"Docker config \(", bad),
        ("Docker config, again", sap),
        (r"Owner \(", ""),
        YES,
        secret_name="registry",
    )

    assert session.returncode == 0, session.screen
    screen = unwrapped(session.screen)
    assert 'Docker config.auths["quay.io"] has no credentials. Its password is empty.' in screen
    assert screen.index("has no credentials") < screen.index("Replace a pull secret that exists")
    assert forms.auths("registry") == {"quay.io": entry(OTHER, PASTED)}


def test_cleanup(forms: Forms) -> None:
    for name, owner in {"old": "web", "used": "web", "theirs": "ops", "image-old": "web"}.items():
        stored(forms, name, owner=owner)
    stored(forms, "no-owner")
    forms.cluster.create_secret(
        forms.namespace,
        "copy",  # as a replicator makes it
        type="kubernetes.io/dockerconfigjson",
        metadata={key: forms.secret("old")["metadata"][key] for key in ("labels", "annotations")},
        string_data={".dockerconfigjson": CONFIG},
    )
    link(forms.cluster, forms.namespace, "app")
    run_pod(forms.cluster, forms.namespace, "web", spec("ghcr.io/acme/app:1", secrets=["used"]))
    all_of_them = forms.names()
    later = {"KEYRING_TEST_SECONDS_AHEAD": str(31 * DAY)}

    young = forms.type("cleanup", (r"Owner \(", "web"), (r"Days \(", ""))
    few, too_few = forms.run("cleanup", owner="web", days=29, confirm=True)
    unconfirmed, output = forms.run("cleanup", owner="web", environment=later)
    refused = forms.type("cleanup", NO, owner="web", days=30, environment=later)
    _code, checked = forms.run("cleanup", "--check", owner="web", confirm=True, environment=later)
    assert forms.names() == all_of_them
    done = forms.type("cleanup", (r"Owner \(", "web"), (r"Days \(", "30"), YES, environment=later)

    assert "4 pull secrets with owner web, none to delete." in young.screen
    assert "yes or no" not in young.screen
    assert few == 2
    assert "days (Days) must be a whole number, at least 30." in unwrapped(too_few)
    assert unconfirmed == 2
    assert "Set it with -e confirm=yes. Nothing was changed." in output
    assert "Nothing was changed." in refused.screen
    assert f"1 pull secret would be deleted on {forms.cluster.server}, of 4 with owner web." in unwrapped(checked)
    assert f"1 pull secret deleted on {forms.cluster.server}, of 4 with owner web." in unwrapped(done.screen)
    assert done.screen.index("1 pull secret to delete, of 4") < done.screen.index("Delete them?")
    assert all_of_them - forms.names() == {"old"}


def test_a_token_is_asked_for_only_if_nothing_sets_it(forms: Forms) -> None:
    stored(forms)
    clusters: dict[str, Any] = {"all": {"hosts": {"one": {}, "two": {}}}}
    more: dict[str, Any] = {"find_namespaces": [forms.namespace], "kubeconfig": str(forms.cluster.kubeconfig)}
    inventory = ["-i", forms.file("clusters.yml", yaml.safe_dump(clusters))]
    command = [*forms.command("find_credential", **more), *inventory]
    directory = forms.playbook.directory

    session = type_into(
        command, [(r"Token \(", GIVEN + ENTER)], environment=forms.environment(watch(directory)), directory=directory
    )
    path = forms.file("token", GIVEN)
    code, given = forms.run("find_credential", *inventory, token_file=path, **more)
    Path(path).unlink()

    assert session.returncode == 0, session.screen
    assert session.screen.count("Token (") == 1
    for output in (unwrapped(session.screen), unwrapped(given)):
        assert "2 Secrets on 2 of 2 hosts hold the token." in output
    assert code == 0
    assert find_leaks({"screen": session.raw, **read_below(directory)}, ALL) == []


def test_explain_pull_asks_for_its_namespace(forms: Forms) -> None:
    session = forms.type("explain_pull", (r"Namespace \(", forms.namespace), target_namespace=None)

    assert session.returncode == 0, session.screen
    assert f"Namespace {forms.namespace} of {forms.cluster.server}" in session.screen


LEAKS: Mapping[str, tuple[Mapping[str, Any], Answers]] = {
    "add_image_pull_secret": ({"secret_name": "new"}, REST),
    "add_image_pull_secret of what is refused": (
        {"secret_name": "new", "description": ""},
        [(r"Registry \(", f"https://{USER}:{PASTED}@ghcr.io"), ("Registry, again", CTRL_C)],
    ),
    "update_image_pull_secret": ({"secret_name": "registry"}, [SAME[0], (SAME[1][0], TYPED), *SAME[2:], YES]),
    "delete_image_pull_secret": ({"secret_name": "registry"}, [YES]),
    "list_image_pull_secrets": ({}, [(r"Filter \(", ""), ("Show one of them", "")]),
    "view_image_pull_secret": ({"secret_name": "registry"}, []),
    "import_docker_config": (
        {"secret_name": "registry"},
        [(r"Docker config \(", CONFIG), (r"Owner \(", ""), YES],
    ),
    "import_docker_config of what is none": (
        {"secret_name": "new"},
        [(r"Docker config \(", CONFIG[1:] + CTRL_D), ("Docker config, again", CTRL_C)],
    ),
    "import_docker_config of a path that is none": (
        {"secret_name": "new"},
        [(r"Docker config \(", PASTED + CTRL_D), ("Docker config, again", CTRL_C)],
    ),
    "cleanup": ({"owner": "web", "days": 30}, [YES]),
}


@pytest.mark.parametrize("case", LEAKS)
def test_nothing_secret_leaves_a_form(forms: Forms, case: str) -> None:
    """Neither the screen at the highest verbosity nor the log, what callbacks get, nor any file."""
    stored(forms, owner="web")
    variables, answers = LEAKS[case]
    directory = forms.playbook.directory
    environment = {**watch(directory), "ANSIBLE_VERBOSITY": "5"}
    if case == "cleanup":
        environment["KEYRING_TEST_SECONDS_AHEAD"] = str(31 * DAY)

    session = forms.type(case.split()[0], *answers, environment=environment, **variables)

    places = {"screen": unechoed(session, answers), **read_below(directory)}
    assert b"TASK [" in places["ansible.log"]
    assert b"TASK [" in places["callback.jsonl"]
    assert find_leaks(places, ALL) == []
    assert (session.returncode == 0) == (" of " not in case), session.screen


def test_forms_are_found_in_the_installed_collection(forms: Forms, tmp_path: Path) -> None:
    galaxy = str(ANSIBLE_PLAYBOOK.with_name("ansible-galaxy"))
    (tmp_path / "build").mkdir()
    archive = tarball.build(tmp_path / "build")
    install = [
        galaxy,
        "collection",
        "install",
        "--offline",
        "--no-deps",
        "-p",
        str(tmp_path / "installed"),
        str(archive),
    ]
    installed = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "installed")}
    subprocess.run(install, env=forms.environment(installed), check=True, capture_output=True)

    added = forms.type("add_image_pull_secret", *REST, environment=installed, secret_name="registry")
    viewed, output = forms.run("view_image_pull_secret", environment=installed, secret_name="registry")

    assert (added.returncode, viewed) == (0, 0), added.screen + output
    assert "registry" in forms.names()
