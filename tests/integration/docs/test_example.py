# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of three clusters, copied as a user does and run by its own program, which is held before each step."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from support.canary import Canary, auth, find_leaks
from support.cluster import Cluster
from support.paths import OBSERVERS, ROOT, cache_directory
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.processes import eventually, processes_in

EXAMPLE = ROOT / "examples" / "clusters"
VAULT: Mapping[str, str] = yaml.safe_load((EXAMPLE / "group_vars" / "clusters" / "vault.yml").read_text())
CLUSTERS = ("dublin", "frankfurt", "ohio")

# The pull secrets of each cluster: namespace, name, registry, user and password.
GHCR = ("ghcr", "ghcr.io", "acme-machine", VAULT["vault_ghcr_token"])
HARBOR = ("harbor", "harbor.eu.example.com", "robot$platform+puller", VAULT["vault_harbor_password"])
ECR = ("ecr", "123456789012.dkr.ecr.us-east-2.amazonaws.com", "AWS", VAULT["vault_ecr_token"])
DOCKER_HUB = ("docker-hub", "https://index.docker.io/v1/", "acme-machine", VAULT["vault_docker_hub_token"])
PULL_SECRETS: Mapping[str, Mapping[str, list[tuple[str, str, str, str]]]] = {
    "dublin": {"team-shop": [GHCR, HARBOR]},
    "frankfurt": {"team-shop": [GHCR, HARBOR], "team-search": [GHCR, HARBOR]},
    "ohio": {"team-shop": [GHCR, ECR], "team-data": [GHCR, ECR], "ci": [DOCKER_HUB]},
}
GIT_URL = "https://git.us.example.com/platform/apps.git"
GIT_LOGIN = {"username": "platform", "password": VAULT["vault_git_token"]}

# It says what is to be run, and runs it when the test has looked.
GATE = f"""#!/bin/sh
echo "$*" > "$TEST_GATE.half" && mv "$TEST_GATE.half" "$TEST_GATE"
while [ -e "$TEST_GATE" ]; do sleep 0.05; done
exec "{ANSIBLE_PLAYBOOK}" "$@"
"""

Secrets = dict[str, tuple[str, dict[str, str]]]


@dataclass
class Trial:
    """A copy of the example, and its program while it runs."""

    directory: Path
    process: subprocess.Popen[str] = field(init=False)
    left: list[Path] = field(init=False)
    """What the program has left of its control planes when it has ended."""

    def __post_init__(self) -> None:
        (self.directory / "bin").mkdir()
        gate = self.directory / "bin" / "ansible-playbook"
        gate.write_text(GATE)
        gate.chmod(0o755)
        (self.directory / "vault-password").write_text("made-up")
        shutil.copytree(EXAMPLE, self.example)

    @property
    def example(self) -> Path:
        return self.directory / "clusters"

    def control_plane(self, name: str) -> Path:
        """Where the control plane of a cluster is while it runs."""
        return self.directory / "ansible" / f"keyring-example-{name}"

    @property
    def environment(self) -> dict[str, str]:
        given = Playbook(self.directory).environment(
            ANSIBLE_HOME=str(self.directory / "ansible"),
            ANSIBLE_VAULT_PASSWORD_FILE=str(self.directory / "vault-password"),
            ANSIBLE_CALLBACK_PLUGINS=str(OBSERVERS / "callback_plugins"),
            ANSIBLE_CALLBACKS_ENABLED="dump_results",
            ANSIBLE_DIFF_ALWAYS="1",
            KEYRING_TEST_RESULTS=str(self.directory / "results"),
            TEST_GATE=str(self.directory / "gate"),
            XDG_CACHE_HOME=str(cache_directory().parent),
        )
        return given | {"PATH": f"{self.directory / 'bin'}:{ANSIBLE_PLAYBOOK.parent}:{given['PATH']}"}

    def run(self, *command: str | Path) -> tuple[int, str]:
        """Run a program in the copy, without a gate: its exit code and what it prints."""
        path = self.environment["PATH"].partition(":")[2]
        done = run_program(list(map(str, command)), cwd=self.example, env=self.environment | {"PATH": path})
        return done.returncode, done.stdout

    @contextmanager
    def started(self) -> Iterator[None]:
        """Let the program of the example run, which ends its control planes itself."""
        with (self.directory / "printed").open("w") as printed:
            command = [sys.executable, str(self.example / "trial" / "run.py")]
            self.process = subprocess.Popen(command, env=self.environment, stdout=printed, stderr=printed, text=True)
        try:
            yield
        finally:
            while self.process.poll() is None:
                self.go_on()
                time.sleep(0.1)
            directories = list(map(self.control_plane, CLUSTERS))
            eventually(lambda: not any(map(processes_in, directories)))
            self.left = [*filter(processes_in, directories), *self.directory.glob("ansible/keyring-*")]
            for directory in self.left:
                shutil.rmtree(directory, ignore_errors=True)  # which ends it

    def next_step(self) -> str:
        """Wait until the program is held before its next step: the arguments of ansible-playbook."""
        gate = self.directory / "gate"
        assert eventually(lambda: gate.exists() or self.process.poll() is not None, seconds=180)
        assert self.process.poll() is None, self.printed
        return gate.read_text().strip()

    def go_on(self) -> None:
        (self.directory / "gate").unlink(missing_ok=True)

    @property
    def printed(self) -> str:
        return (self.directory / "printed").read_text()

    def take_results(self) -> list[dict[str, Any]]:
        """What the collection's writing tasks have returned since this was asked last."""
        path = self.directory / "results"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        results = [json.loads(line[line.index("] {") + 2 :]) for line in lines]
        return [result for result in results if {"cluster", "operation"} <= result.keys()]

    def cluster(self, name: str) -> Cluster:
        return Cluster(self.control_plane(name) / "kubeconfig", self.control_plane(name) / "audit.log")

    def verbs(self, name: str) -> list[str]:
        """What the collection has asked of a cluster so far."""
        events = map(json.loads, (self.control_plane(name) / "audit.log").read_text().splitlines())
        return [event["verb"] for event in events if event.get("userAgent", "").startswith("keyring.kubernetes")]


@dataclass(frozen=True)
class Seen:
    """What a whole run of the example has done, step by step."""

    steps: list[str]
    servers: Mapping[str, str]
    results: list[list[dict[str, Any]]]
    secrets: Sequence[Mapping[str, Secrets]]
    links: Mapping[str, Mapping[str, tuple[list[str], list[str]]]]
    verbs: Mapping[str, list[str]]
    """Those of check mode."""
    mixed_up: str
    asked_when_mixed_up: Mapping[str, int]
    second_program: tuple[int, str]
    printed: str
    returncode: int
    left: list[Path]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The vault is encrypted first, as the README of the example says."""
    trial = Trial(tmp_path_factory.mktemp("example"))
    code, said = trial.run(
        ANSIBLE_PLAYBOOK.with_name("ansible-vault"), "encrypt", trial.example / "group_vars" / "clusters" / "vault.yml"
    )
    assert code == 0, said
    steps, results, secrets = [], [], []
    with trial.started():
        steps.append(trial.next_step())
        trial.go_on()
        for step in ("check mode", "apply", "run again"):
            steps.append(trial.next_step())
            if step == "apply":
                verbs = {name: trial.verbs(name) for name in CLUSTERS}
            trial.take_results()
            trial.go_on()
            next_step = trial.next_step()
            results.append(trial.take_results())
            secrets.append({name: secrets_of(trial.cluster(name)) for name in CLUSTERS})
        steps.append(next_step)
        servers = {name: trial.cluster(name).server for name in CLUSTERS}
        links = {name: links_of(trial.cluster(name)) for name in CLUSTERS}
        asked = {name: len(trial.verbs(name)) for name in CLUSTERS}
        mixed_up = run_mixed_up(trial)
        asked_then = {name: len(trial.verbs(name)) - asked[name] for name in CLUSTERS}
        second_program = trial.run(sys.executable, "trial/run.py")
        assert all(processes_in(trial.control_plane(name)) for name in CLUSTERS), "or their end could not be seen"
    return Seen(
        steps,
        servers,
        results,
        secrets,
        links,
        verbs,
        mixed_up,
        asked_then,
        second_program,
        trial.printed,
        trial.process.returncode,
        trial.left,
    )


def run_mixed_up(trial: Trial) -> str:
    """Run the playbook with the kubeconfigs of Dublin and Frankfurt exchanged; what it prints."""
    other = "{{ {'dublin': 'frankfurt', 'frankfurt': 'dublin'}[inventory_hostname] | default(inventory_hostname) }}"
    connection: Mapping[str, str] = yaml.safe_load((trial.example / "trial" / "inventory.yml").read_text())["clusters"][
        "vars"
    ]["keyring_connection"]
    exchanged = {**connection, "kubeconfig": str(trial.control_plane(other) / "kubeconfig")}
    variables = trial.directory / "mixed-up.yml"
    variables.write_text(yaml.safe_dump({"keyring_connection": exchanged}))
    return trial.run(ANSIBLE_PLAYBOOK, "-i", "trial/inventory.yml", "site.yml", "-e", f"@{variables}")[1]


def secrets_of(cluster: Cluster) -> Secrets:
    """All Secrets of a cluster, decoded."""
    listed = json.loads(cluster.api.list_secret_for_all_namespaces(_preload_content=False).data)["items"]
    return {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}": (
            each["type"],
            {key: base64.b64decode(value).decode() for key, value in each["data"].items()},
        )
        for each in listed
    }


def links_of(cluster: Cluster) -> dict[str, tuple[list[str], list[str]]]:
    """Of each namespace what its ServiceAccount `default` names, for images and otherwise; without those of none."""
    listed = json.loads(cluster.api.list_service_account_for_all_namespaces(_preload_content=False).data)["items"]
    found = {
        each["metadata"]["namespace"]: (
            [reference["name"] for reference in each.get("imagePullSecrets", [])],
            [reference["name"] for reference in each.get("secrets", [])],
        )
        for each in listed
        if each["metadata"]["name"] == "default"
    }
    return {namespace: names for namespace, names in found.items() if any(names)}


def foreseeable(results: list[dict[str, Any]]) -> list[str]:
    """Results without what check mode cannot know, in an order of their own.

    A change is told to callbacks twice: what became of it, and its diff.
    """
    return sorted({json.dumps(_foreseeable(result), sort_keys=True) for result in results})


def _foreseeable(value: Any) -> Any:
    if isinstance(value, dict):
        unknown = {"uid", "resource_version", "identity.pub", "public_key", "fingerprint"}
        return {key: _foreseeable(each) for key, each in value.items() if key not in unknown}
    if isinstance(value, list):
        return list(map(_foreseeable, value))
    return value


@pytest.mark.slow
def test_its_program_does_what_the_readme_says(seen: Seen) -> None:
    told = re.findall(r"^\$ ansible-playbook (-i trial.*)$", (EXAMPLE / "README.md").read_text(), re.MULTILINE)
    assert seen.steps == told
    assert seen.returncode == 0, seen.printed
    assert seen.left == []
    for step, changes in (("check mode", 2), ("apply     ", 2), ("run again ", 0)):
        changed = ", ".join(f"{name} {changes}" for name in CLUSTERS)
        assert re.search(rf"^  {step} +\d+\.\d s   changed: {changed}$", seen.printed, re.MULTILINE), seen.printed


@pytest.mark.slow
def test_check_mode_foresees_what_is_changed(seen: Seen) -> None:
    foreseen, made, again = seen.results
    assert foreseeable(foreseen) == foreseeable(made)
    assert (
        len(foreseeable(made)) == 11
    )  # a pull secret in each list of namespaces, and a Git credential for each consumer
    assert {result["operation"] for result in made} == {"created"}
    assert {result["operation"] for result in again} == {"unchanged"}
    assert {verb for verbs in seen.verbs.values() for verb in verbs} == {"get", "list"}
    after_check_mode, applied, after_another = seen.secrets
    assert after_check_mode == {name: {} for name in CLUSTERS}
    assert after_another == applied


@pytest.mark.slow
@pytest.mark.parametrize("name", CLUSTERS)
def test_each_cluster_holds_what_its_data_says(seen: Seen, name: str) -> None:
    held = dict(seen.secrets[1][name])
    keys = {}
    if name == "ohio":
        repository = {"type": "git", "url": GIT_URL, **GIT_LOGIN}
        assert held.pop("argocd/apps-git") == ("Opaque", repository)
        assert held.pop("ci/apps-git") == ("kubernetes.io/basic-auth", GIT_LOGIN)
        keys = {"ci": ["apps-git"]}
    else:
        kind, data = held.pop("flux-system/apps-git")
        public = load_ssh_private_key(data["identity"].encode(), None).public_key()
        text = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        assert (kind, data["identity.pub"].split()[:2]) == ("Opaque", text.split()[:2])
        assert data["known_hosts"].startswith("git.eu.example.com ssh-ed25519 AAAA")
        assert f"ok: [{name}] => \n    git_credentials_public_key: {text}" in seen.printed
    found = {place: (kind, json.loads(data[".dockerconfigjson"])["auths"]) for place, (kind, data) in held.items()}
    assert found == {
        f"{namespace}/{secret}": (
            "kubernetes.io/dockerconfigjson",
            {server: {"username": user, "password": password, "auth": auth(user, password)}},
        )
        for namespace, secrets in PULL_SECRETS[name].items()
        for secret, server, user, password in secrets
    }
    assert seen.links[name] == {
        namespace: ([secret[0] for secret in secrets], keys.get(namespace, []))
        for namespace, secrets in PULL_SECRETS[name].items()
    }


@pytest.mark.slow
def test_clusters_that_are_mixed_up_are_an_error(seen: Seen) -> None:
    said = " ".join(seen.mixed_up.split())
    for ours, other in (("dublin", "frankfurt"), ("frankfurt", "dublin")):
        leads, expected = seen.servers[other], seen.servers[ours]
        assert f'The connection leads to {leads}, but expect_server is "{expected}". Nothing was sent.' in said
        assert re.search(rf"{ours} : ok=\d+ changed=0 unreachable=0 failed=1 ", said)
        assert seen.asked_when_mixed_up[ours] == 0
    assert re.search(r"ohio : ok=\d+ changed=0 unreachable=0 failed=0 ", said)
    assert seen.asked_when_mixed_up["ohio"] > 0


@pytest.mark.slow
def test_a_second_program_leaves_the_control_planes_of_the_first_alone(seen: Seen) -> None:
    code, said = seen.second_program
    assert code == 1
    assert re.match(r"\S+/keyring-example-dublin exists: another trial runs, or was killed\.", said), said


@pytest.mark.slow
def test_it_prints_no_secret(seen: Seen) -> None:
    canaries = [Canary(name, text, (text,)) for name, text in VAULT.items()]
    assert find_leaks({"printed": seen.printed.encode(), "when mixed up": seen.mixed_up.encode()}, canaries) == []


@pytest.mark.slow
def test_its_program_ends_the_control_planes_when_a_step_fails(tmp_path: Path) -> None:
    """On one cluster, whose control plane runs already when the playbook fails."""
    trial = Trial(tmp_path)
    inventory = trial.example / "trial" / "inventory.yml"
    clusters = yaml.safe_load(inventory.read_text())
    clusters["clusters"]["vars"]["control_plane_controller_manager"] = False
    clusters["clusters"]["children"] = {"europe": {"hosts": {"dublin": {}}}}
    inventory.write_text(yaml.safe_dump(clusters))
    tasks = [{"ansible.builtin.fail": {"msg": "Made up."}}]
    (trial.example / "site.yml").write_text(yaml.safe_dump([{"hosts": "clusters", "tasks": tasks}]))

    with trial.started():
        assert trial.next_step().endswith("trial/start.yml")
        trial.go_on()
        assert trial.next_step().endswith("site.yml --check --diff")
        trial.go_on()
        assert trial.next_step().endswith("trial/stop.yml")
        assert processes_in(trial.control_plane("dublin"))

    assert trial.process.returncode == 1
    assert "Made up." in trial.printed
    assert trial.printed.endswith("\nsite.yml ended with 2; what it printed says why.\n")
    assert trial.left == []


@pytest.mark.parametrize(
    ("program", "inventories", "taken"),
    [
        ("run.py", "-i trial/inventory.yml", "frankfurt"),
        ("slices.py", "-i trial/inventory.yml -i trial/more.yml", "toronto"),
    ],
)
def test_it_does_not_touch_what_it_did_not_start(tmp_path: Path, program: str, inventories: str, taken: str) -> None:
    trial = Trial(tmp_path)
    kubeconfig = trial.control_plane(taken) / "kubeconfig"
    kubeconfig.parent.mkdir(parents=True)
    kubeconfig.touch()

    code, said = trial.run(sys.executable, f"trial/{program}")

    assert (code, said) == (
        1,
        f"{kubeconfig.parent} exists: another trial runs, or was killed. Nothing was started or stopped. Wait for its "
        f'end, or run "ansible-playbook {inventories} trial/stop.yml" in {trial.example}. If the directory is still '
        "there, remove it.\n",
    )
    assert [path for path in tmp_path.glob("ansible/keyring-example-*/**/*") if path.is_file()] == [kubeconfig]
    assert list(tmp_path.glob("ansible/keyring-example-*")) == [kubeconfig.parent]


def test_its_program_says_what_it_takes() -> None:
    command = [sys.executable, str(EXAMPLE / "trial" / "run.py")]
    done = subprocess.run([*command, "--frist"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("run.py: error: unrecognized arguments: --frist\n")


def test_both_inventories_have_the_same_clusters() -> None:
    ours, trial = (
        yaml.safe_load((EXAMPLE / folder / "inventory.yml").read_text())["clusters"]["children"]
        for folder in (".", "trial")
    )
    assert {region: set(group["hosts"]) for region, group in ours.items()} == {
        region: set(group["hosts"]) for region, group in trial.items()
    }
    connections = [host["keyring_connection"] for group in ours.values() for host in group["hosts"].values()]
    assert len({connection["kubeconfig"] for connection in connections}) == len(CLUSTERS)
    assert len({connection["expect_server"] for connection in connections}) == len(CLUSTERS)
