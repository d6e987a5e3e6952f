# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms of the portals: filled in by a person at a terminal, and by variables where there is nobody to ask."""

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
from cryptography.hazmat.primitives.asymmetric import ed25519

import tarball
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import REMEDY, WHY
from support.canary import auth, canary, find_leaks, key_canary, key_text, number_canary, read_below
from support.cluster import Cluster
from support.image_access import link, run_pod, spec
from support.leaks.watch import watch
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.samples.secrets import encode
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
KEY = key_text(ed25519.Ed25519PrivateKey.generate())
ALL = [*CANARIES.values(), key_canary("private key", KEY)]
CONFIG = json.dumps({"auths": {"quay.io": {"username": OTHER, "password": PASTED}}}, indent="\t")
ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
YES, NO = ("yes or no", f"yes{ENTER}"), ("yes or no", f"no{ENTER}")

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
        given = json.dumps({"namespace": self.namespace, **variables})
        return [str(ANSIBLE_PLAYBOOK), f"keyring.kubernetes.{name}", "-e", given, *arguments]

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
        if not re.search("Password|not shown", asked):
            raw = raw.replace(text.encode(), b"", 1)
    return raw


@pytest.fixture
def forms(cluster: Cluster, namespace: str, playbook: Playbook) -> Forms:
    return Forms(cluster, namespace, playbook)


def printed(screen: str) -> list[str]:
    """The lines of the last message."""
    lines: list[str] = json.loads(re.findall(r'"msg": (\[\n.*?^    \])', screen, re.DOTALL | re.MULTILINE)[-1])
    return lines


def unescaped(output: str) -> str:
    """Errors have their ends of lines as JSON has them where Ansible shows nothing else: up to ansible-core 2.18."""
    return output.replace("\\n", "\n")


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
    ("Registry,", "ghcr.io"),
    ("Username,", USER),
    (r"Password, .* \(required\) \(output is hidden\):", TYPED),
    ("Display name, .*:", "Company registry"),
    ("Description, .*:", 'Pulls for "web"'),
)


def test_add_and_look(forms: Forms) -> None:
    added = forms.type("add_image_pull_secret", ("Name,", "registry"), *REST)
    again = forms.type("add_image_pull_secret", ("Name,", "registry"))
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
    taken = f"secret_name (Name): the pull secret {forms.namespace}/registry already exists on {forms.cluster.server}."
    assert taken in again.screen
    assert "ansible-playbook keyring.kubernetes.update_image_pull_secret" in again.screen
    table = printed(listed)
    day = forms.secret("registry")["metadata"]["creationTimestamp"][:10]
    titles = ["NAMESPACE", "NAME", "DISPLAY NAME", "REGISTRY", "USERNAME", "CREATED", "LAST UPDATED", "DESCRIPTION"]
    cells = [forms.namespace, "registry", "Company registry", "ghcr.io", USER, day, day, "Pulls for 'web'"]
    assert [re.split(r"  +", line) for line in table] == [titles, cells, [f"1 pull secret on {forms.cluster.server}."]]
    assert table[0].index("DISPLAY NAME") == table[1].index("Company registry")
    assert table[0].index("DESCRIPTION") == table[1].index("Pulls")
    assert printed(filtered) == [f"No pull secrets on {forms.cluster.server}."]
    assert printed(viewed)[:6] == [
        "Name:          registry",
        f"Namespace:     {forms.namespace}",
        "Registry:      ghcr.io",
        f"Username:      {USER}",
        "Display name:  Company registry",
        "Description:   Pulls for 'web'",
    ]


def test_update_keeps_what_is_left_blank(forms: Forms) -> None:
    stored(forms, description="Pulls")
    uid = forms.secret("registry")["metadata"]["uid"]
    same = [("Username", ""), ("Password", ""), ("Display name", ""), ("Description", "")]

    nothing = forms.type("update_image_pull_secret", ("Name,", "registry"), *same)
    before = forms.auths("registry")
    masked = forms.type(
        "update_image_pull_secret", *same[:1], ("Password", "******"), *same[2:], secret_name="registry"
    )
    typed = forms.type("update_image_pull_secret", *same[:1], ("Password", TYPED), *same[2:], secret_name="registry")
    missing = forms.type("update_image_pull_secret", ("Name,", "other"))

    assert (nothing.returncode, masked.returncode, typed.returncode) == (0, 0, 0)
    shown = ["Name:          registry", f"Namespace:     {forms.namespace}", "Registry:      ghcr.io", "Username: "]
    assert "\n".join(shown) in nothing.screen[: nothing.screen.index("Username, ")]
    assert f"Username, for example acme-bot (press Enter to keep {USER}):" in nothing.screen
    assert "Description, for example Pulls for the shop (press Enter to keep Pulls):" in nothing.screen
    assert "Registry, " not in nothing.screen, "it cannot be changed, so it is not asked for"
    for session in (nothing, masked):
        assert printed(session.screen)[0].endswith(f"registry is unchanged on {forms.cluster.server}.")
    assert before == {"ghcr.io": entry(USER, GIVEN)}
    assert forms.auths("registry") == {"ghcr.io": entry(USER, TYPED)}
    assert forms.secret("registry")["metadata"]["uid"] == uid
    assert forms.secret("registry")["metadata"]["annotations"]["kubernetes.io/description"] == "Pulls"
    assert missing.returncode == 2
    assert f"There is no pull secret {forms.namespace}/other on {forms.cluster.server}." in missing.screen


def test_who_gives_up_is_asked_no_more(forms: Forms) -> None:
    session = forms.type(
        "add_image_pull_secret", ("Registry,", "ghcr.io"), ("Username,", CTRL_C), ("to abort", "A"), secret_name="a"
    )
    pasting = forms.type("import_docker_config", ("not shown", CTRL_C), secret_name="a")

    assert (session.returncode, pasting.returncode) == (2, 2), session.screen
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

    titles, row, _count = (re.split(r"  +", line) for line in printed(listed))
    assert titles == ["NAMESPACE", "NAME", "REGISTRY", "USERNAME", "CREATED", "LAST UPDATED"]
    assert row[2:4] == ["r0.example.com, r1.example.com and 2 more", f"{USER}, {USER} and 2 more"]


def test_update_one_registry_of_several(forms: Forms) -> None:
    auths = {"ghcr.io": entry(USER, GIVEN), "quay.io": entry(OTHER, PASTED)}
    config = json.dumps({"auths": auths})
    forms.cluster.create_secret(
        forms.namespace, "both", type="kubernetes.io/dockerconfigjson", string_data={".dockerconfigjson": config}
    )
    rest: dict[str, Any] = {"registry_username": "", "display_name": "", "description": "Both"}

    session = forms.type(
        "update_image_pull_secret", ("Registry,", "quay.io"), ("Password", TYPED), secret_name="both", **rest
    )
    wrong = forms.type("update_image_pull_secret", ("Registry,", "docker.io"), secret_name="both", **rest)
    forms.cluster.create_secret(
        forms.namespace,
        "empty",
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": '{"auths": {}}'},
    )
    code, empty = forms.run("update_image_pull_secret", secret_name="empty", **rest)

    assert session.returncode == 0, session.screen
    assert forms.auths("both") == {"ghcr.io": entry(USER, GIVEN), "quay.io": entry(OTHER, TYPED)}
    assert wrong.returncode == 2
    assert "registry (Registry) is not in the Secret. Choose one of its registries: ghcr.io, quay.io." in wrong.screen
    assert "both has several registries. Type the one to change exactly as listed: ghcr.io, quay.io" in wrong.screen
    assert code == 2
    assert f"{forms.namespace}/empty has no registries. Replace it with:" in empty


def test_delete(forms: Forms) -> None:
    stored(forms)
    link(forms.cluster, forms.namespace, "app")
    run_pod(forms.cluster, forms.namespace, "web", spec("ghcr.io/acme/app:1", secrets=["registry"]))

    used = forms.type("delete_image_pull_secret", ("Name,", "registry"))
    forms.cluster.api.delete_namespaced_pod("web", forms.namespace, grace_period_seconds=0)
    refused = forms.type("delete_image_pull_secret", NO, secret_name="registry")
    unclear = forms.type("delete_image_pull_secret", ("yes or no", "perhaps"), secret_name="registry")
    after_no = forms.names()
    deleted = forms.type("delete_image_pull_secret", YES, secret_name="registry")

    assert used.returncode == 2
    assert f"{forms.namespace}/registry is in use by Pod web. Nothing was deleted." in used.screen
    assert "yes or no" not in used.screen
    assert (refused.returncode, printed(refused.screen)) == (0, ["Nothing was changed."])
    assert "Delete this pull secret?" in refused.screen
    assert unclear.returncode == 2
    assert "confirm (Continue) is not valid. Answer yes or no." in unclear.screen
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
    _code, unused = forms.run("view_image_pull_secret", secret_name="registry")

    assert code == 2
    assert f"Nothing was deleted. It is not known what uses {forms.namespace}/registry, because this" in deleted
    assert "in_use" not in deleted
    assert "registry" in forms.names()
    assert "Used by:       not known (missing permissions)" in printed(viewed)
    assert "Used by:       nothing found" in printed(unused)


def test_what_is_wrong_is_said_of_all_fields_at_once(forms: Forms) -> None:
    _code, name = forms.run("add_image_pull_secret", secret_name="Registry")
    _code, long = forms.run("add_image_pull_secret", secret_name="a" * 64)
    blank = forms.type(
        "add_image_pull_secret",
        ("Username", "a:b"),
        ("Password", "*****"),
        secret_name="a",
        registry="",
        display_name="",
        description="",
    )
    code, server = forms.run(
        "add_image_pull_secret",
        secret_name="a",
        registry="https://user:x@ghcr.io",
        registry_username=USER,
        registry_password_file=forms.file("password", GIVEN),
    )

    assert "secret_name (Name) is not valid. Use lower-case letters, digits, - and ." in name
    assert "secret_name (Name) has 64 characters. At most 63 are allowed." in long
    together = (
        "\nregistry_username (Username) is not valid. Remove the colon. Registries do not accept one."
        "\nregistry_password (Password) contains only asterisks, the mask that portals show. Enter the real value."
    )
    assert "registry (Registry) is missing. Run the playbook again and type it." in blank.screen
    assert "Without a terminal, set it with -e registry=VALUE." in blank.screen
    assert together in unescaped(blank.screen)
    assert code == 2
    assert "registry must be a host with an optional port and path" in server
    assert "registries[0]" not in server.split("Origin:")[0]
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
    assert f"secret_name (Name) must be a string. {WHY} {REMEDY}" in unescaped(name)
    for field in ("registry_username (Username)", "registry_password (Password)", "description (Description)"):
        assert f"{field} must be a string. {WHY} {REMEDY}" in unescaped(password)
    assert "a" not in forms.names()


MISSING: Mapping[str, tuple[Mapping[str, Any], list[str]]] = {
    "add_image_pull_secret": ({}, ["secret_name"]),
    "add_image_pull_secret of a name": ({"secret_name": "new"}, ["registry", "registry_username", "registry_password"]),
    "update_image_pull_secret": ({"secret_name": "registry"}, ["registry_username", "registry_password"]),
    "delete_image_pull_secret": ({"secret_name": "registry"}, ["confirm"]),
    "view_image_pull_secret": ({}, ["secret_name"]),
    "import_docker_config": ({"secret_name": "new"}, ["docker_config"]),
    "add_git_secret": ({"secret_name": "new"}, ["private_key"]),
    "cleanup": ({}, ["owner", "days"]),
}


def test_without_terminal_and_value_the_variable_is_named(forms: Forms) -> None:
    stored(forms)
    before = forms.secret("registry")

    for name, (variables, missing) in MISSING.items():
        code, output = forms.run(name.split()[0], **variables)

        assert code == 2, (name, output)
        message = (
            unescaped(output)
            .split("These fields are missing, and there is no terminal to ask for them.\n")[1]
            .split("Origin:")[0]
        )
        assert re.findall(r"^(\w+) \([\w ]+\): set it", message, re.MULTILINE) == missing, name
        for variable in {"registry_password", "docker_config", "private_key"} & set(missing):
            assert f"{variable}_file" in message
            assert f"KEYRING_{variable.upper()}" in message
            assert f"-e {variable}=VALUE" not in message
        kept = {"registry_username", "registry_password"} if name.startswith("update") else set()
        assert set(re.findall(r"To keep .*, use -e (\w+)= \(an empty value\)\.", message)) == kept, name
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
    paste = ("not shown", CONFIG.replace("\n", "\r\n") + ENTER + CTRL_D)
    path = forms.file("config.json", json.dumps({".dockerconfigjson": CONFIG}))
    big = forms.file("big.json", CONFIG.replace("{", "{" + " " * 10_240, 1))
    stored(forms)

    pasted = forms.type("import_docker_config", ("Name,", "registry2"), paste)
    replaced = forms.type(
        "import_docker_config", ("not shown", f"config.json{ENTER}{CTRL_D}"), YES, secret_name="registry"
    )
    kept = forms.type("import_docker_config", NO, secret_name="registry2", docker_config_file=path)
    code, too_big = forms.run("import_docker_config", secret_name="big", docker_config_file=big)
    _code, nowhere = forms.run("import_docker_config", secret_name="big", docker_config_file="/none.json")

    assert pasted.returncode == 0, pasted.screen
    assert forms.auths("registry2") == {"quay.io": entry(OTHER, PASTED)}
    assert replaced.returncode == 0, replaced.screen
    assert (
        "Overwrite this pull secret? Registries that are not in the new docker config are removed." in replaced.screen
    )
    assert forms.auths("registry") == {"quay.io": entry(OTHER, PASTED)}
    assert printed(kept.screen) == ["Nothing was changed."]
    assert code == 2
    assert re.search(r"docker_config \(Docker config\) has 1\d{4} characters\. At most 10240 are allowed\.", too_big)
    assert "docker_config (Docker config) looks like the path of a file, but there is no such file." in nowhere
    assert "If you pasted the value" not in nowhere
    assert "big" not in forms.names()


def test_add_git_secret(forms: Forms) -> None:
    paste = ("not shown", KEY.replace("\n", "\r") + CTRL_D)

    added = forms.type("add_git_secret", ("Name,", "models"), ("Display name", "My models"), paste)
    first = forms.secret("gitsync-secret-models")
    kept = forms.type(
        "add_git_secret", ("Display name", "Ours"), ("keep the stored key", CTRL_D), YES, secret_name="models"
    )
    left = forms.type("add_git_secret", NO, secret_name="models", display_name="x", private_key="")
    code, prefix = forms.run("add_git_secret", secret_name="gitsync-secret-a", private_key_file=forms.file("key", KEY))
    second = forms.secret("gitsync-secret-models")

    assert added.returncode == 0, added.screen
    assert first["type"] == "Opaque"
    assert first["data"] == {"ssh": encode(KEY)}
    assert first["metadata"]["annotations"]["displayName"] == "My models"
    assert kept.returncode == 0, kept.screen
    assert "Display name, for example Company registry (press Enter to use My models):" in kept.screen
    assert second["data"] == first["data"]
    assert second["metadata"]["annotations"]["displayName"] == "Ours"
    assert printed(left.screen) == ["Nothing was changed."]
    assert code == 2
    assert "begins with gitsync-secret- or image- already" in prefix


def test_cleanup(forms: Forms) -> None:
    for name, owner in {"old": "web", "used": "web", "theirs": "ops"}.items():
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

    young = forms.type("cleanup", ("Owner,", "web"), ("Days", "1"))
    refused = forms.type("cleanup", NO, owner="web", days=0)
    _code, checked = forms.run("cleanup", "--check", owner="web", days=0, confirm=True)
    assert forms.names() == all_of_them
    done = forms.type("cleanup", ("Owner,", "web"), ("Days", "0"), YES)

    assert f"No unused pull secrets on {forms.cluster.server}." in young.screen
    assert "Pull secrets deleted: 0 of 3 with owner web. Kept are those that are or may be in use" in young.screen
    assert "yes or no" not in young.screen
    assert "Pull secrets deleted: 0 of 3 with owner web." in refused.screen
    assert "Pull secrets to delete: 1 of 3 with owner web." in checked
    lines = printed(done.screen)
    assert [line.split()[1] for line in lines[:-1]] == ["NAME", "old"]
    assert done.screen.index("CREATED") < done.screen.index("yes or no")
    assert all_of_them - forms.names() == {"old"}


LEAKS: Mapping[str, tuple[Mapping[str, Any], Answers]] = {
    "add_image_pull_secret": ({"secret_name": "new"}, REST),
    "add_image_pull_secret of what is refused": (
        {"secret_name": "new", "description": ""},
        [("Registry", f"https://{USER}:{PASTED}@ghcr.io"), ("Username", TYPED), ("Password", TYPED), ("Display", "")],
    ),
    "update_image_pull_secret": (
        {"secret_name": "registry"},
        [("Username", ""), ("Password", TYPED), ("Display", ""), ("Description", "")],
    ),
    "delete_image_pull_secret": ({"secret_name": "registry"}, [YES]),
    "list_image_pull_secrets": ({}, [("Filter", "")]),
    "view_image_pull_secret": ({"secret_name": "registry"}, []),
    "import_docker_config": (
        {"secret_name": "registry"},
        [("not shown", CONFIG + CTRL_D), YES],
    ),
    "import_docker_config of what is none": (
        {"secret_name": "new"},
        [("not shown", CONFIG[1:] + CTRL_D)],
    ),
    "import_docker_config of a path that is none": ({"secret_name": "new"}, [("not shown", PASTED + CTRL_D)]),
    "add_git_secret": ({"secret_name": "new"}, [("Display", ""), ("not shown", KEY + CTRL_D)]),
    "add_git_secret of half a key": (
        {"secret_name": "new"},
        [("Display", ""), ("not shown", KEY[:200] + CTRL_D)],
    ),
    "cleanup": ({"owner": "web", "days": 0}, [YES]),
}


@pytest.mark.parametrize("case", LEAKS)
def test_nothing_secret_leaves_a_form(forms: Forms, case: str) -> None:
    """Neither the screen at the highest verbosity nor the log, what callbacks get, nor any file."""
    stored(forms, owner="web")
    variables, answers = LEAKS[case]
    directory = forms.playbook.directory

    session = forms.type(
        case.split()[0], *answers, environment={**watch(directory), "ANSIBLE_VERBOSITY": "5"}, **variables
    )

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
    git = forms.type(
        "add_git_secret",
        environment=installed,
        secret_name="a",
        display_name="",
        private_key_file=forms.file("key", KEY),
    )

    assert (added.returncode, git.returncode) == (0, 0), added.screen + git.screen
    assert {"registry", "gitsync-secret-a"} <= forms.names()
