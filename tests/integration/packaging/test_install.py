# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as users get it: installed into a home that was empty, and used by its full names.

With the oldest ansible-core that is supported, the newest, and the last whose templates give strings, each with nothing
but the packages that requirements.txt names. `make matrix` does it with every one.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matrix import Cell, to_install
from support.cluster import Cluster
from support.home import Home
from support.paths import ROOT, copy_to
from support.typist import open_terminal
from support.value_cases import ENVIRONMENT, ROWS, has_native_setting, read_outcomes, write_play
from tarball import build

# What is imported of an installed collection: every Python file that Ansible or another file of it may load.
IMPORT_ALL = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
files = sorted((root / "ansible_collections" / "keyring" / "kubernetes" / "plugins").rglob("*.py"))
for file in files:
    importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
print(len(files))
"""


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tarball"))


@pytest.fixture(scope="module", params=to_install(), ids=str)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tarball: Path) -> Home:
    """A home with the collection, installed from its tarball."""
    cell: Cell = request.param
    user = Home(tmp_path_factory.mktemp("home"), cell.binaries(tests=False), cell.core)
    assert list(user.directory.iterdir()) == []
    user.run("ansible-galaxy", "collection", "install", tarball)
    return user


def files_of(tarball: Path) -> set[str]:
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive.getmembers() if member.isfile()}


def names(folder: str, pattern: str = "*") -> set[str]:
    return {path.stem for path in (ROOT / folder).glob(pattern)}


def recap(output: str) -> Mapping[str, int]:
    """The numbers of the last line of a play by their names, such as ok, changed and failed."""
    line = next(line for line in output.splitlines() if line.startswith("localhost  "))
    return {name: int(number) for name, _equals, number in (word.partition("=") for word in line.split()[2:])}


def everyday(namespace: str, connection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A play with every module but those that need OpenShift or the account of a portal, and a role."""
    modules: Sequence[tuple[str, Mapping[str, Any]]] = (
        ("service_account_secrets", {"service_account": "default", "image_pull_secrets": [{"name": "ghcr"}]}),
        ("gitsync_secret", {"name": "git", "https": {"username": "octo", "password": "git-token"}}),
        ("image_pull_secret", {"name": "ghcr", "images": ["ghcr.io/acme/app:1"], "update_credentials": "when_given"}),
        ("image_pull_secret_info", {"used_by": True}),
        ("gitsync_secret_info", {}),
        ("image_access_info", {}),
    )
    elsewhere = {"openshift_global_pull_secret_info"}
    for prefix in ("sap_ai_core", "cdnetworks_ecp"):
        elsewhere |= names("plugins/modules", f"{prefix}_*.py")
    assert {name for name, _arguments in modules} | elsewhere == names("plugins/modules", "*.py")
    login = {"ghcr_username": "octo", "ghcr_token": "ghcr-token", "ghcr_namespaces": [namespace], "ghcr_name": "ghcr"}
    role = {"ansible.builtin.include_role": {"name": "keyring.kubernetes.ghcr"}, "vars": login}
    tasks = [
        role,
        *({f"keyring.kubernetes.{name}": {"namespace": namespace, **arguments}} for name, arguments in modules),
    ]
    defaults = {"group/keyring.kubernetes.k8s": connection}
    common = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    return [{**common, "vars": {"keyring_connection": connection}, "module_defaults": defaults, "tasks": tasks}]


def test_everything_is_there(home: Home, tarball: Path) -> None:
    assert home.files() == files_of(tarball)
    assert int(home.run("python", "-c", IMPORT_ALL, home.collections).split()[-1]) == len(
        list((ROOT / "plugins").rglob("*.py"))
    )
    for kind, expected in (("module", names("plugins/modules", "*.py")), ("role", names("roles"))):
        listed = json.loads(home.run("ansible-doc", "--json", "--list", "--type", kind, "keyring.kubernetes"))
        assert {name.rpartition(".")[2] for name in listed} == expected


@pytest.mark.parametrize("direct", ["always", "never"])
def test_a_playbook_by_full_names(home: Home, cluster: Cluster, namespace: str, direct: str) -> None:
    cluster.create_account(namespace, "default")
    path = home.write("everyday.yml", everyday(namespace, {"kubeconfig": str(cluster.kubeconfig)}))
    command = ("ansible-playbook", path, "--extra-vars", f"keyring_direct={direct}")

    first, second = recap(home.run(*command)), recap(home.run(*command))

    assert (first["failed"], second["failed"], second["changed"]) == (0, 0, 0)
    assert first["changed"] >= 2
    assert cluster.read_auths(namespace, "ghcr")["ghcr.io"]["password"] == "ghcr-token"


@pytest.mark.parametrize("native", [False, True], ids=["default", "jinja2_native"])
def test_what_becomes_of_a_value(home: Home, cluster: Cluster, namespace: str, native: bool) -> None:
    if native and not has_native_setting(home.core):
        pytest.skip("templates give native values anyway")
    command = write_play(home.directory, namespace, cluster.kubeconfig, ROWS, direct="always", native=native)

    home.run(*command, environment=ENVIRONMENT)

    outcomes = read_outcomes(home.directory, cluster, namespace, ROWS)
    (home.directory / "ansible.cfg").unlink()
    assert outcomes == {row.name: row.outcome(home.core, native=native) for row in ROWS}


def test_a_role_takes_dates_and_vaulted_values(home: Home, cluster: Cluster, namespace: str) -> None:
    """Up to ansible-core 2.18 no template becomes a mapping in which there is a date."""
    write_play(home.directory, namespace, cluster.kubeconfig, (), direct="always")
    entry = {"server": "ghcr.io", "username": "octo", "password": "{{ vaulted }}"}
    item = {"name": "dated", "namespace": namespace, "registries": [{**entry, "expires_at": date(2099, 1, 31)}]}
    variables = {"pull_secrets_list": [item], "keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}}
    role = {"ansible.builtin.include_role": {"name": "keyring.kubernetes.pull_secrets"}, "vars": variables}
    common = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars_files": ["values.yml"]}
    path = home.write("dated.yml", [{**common, "tasks": [role]}])

    home.run("ansible-playbook", *("--vault-password-file", "vault-password"), path)

    secret = cluster.read_secret(namespace, "dated")
    assert secret["metadata"]["annotations"]["keyring.kubernetes/expires-at"] == '{"ghcr.io":"2099-01-31T00:00:00Z"}'
    assert cluster.read_auths(namespace, "dated")["ghcr.io"]["password"] == "0123456"


def test_the_playbooks_that_come_with_it(home: Home, cluster: Cluster, namespace: str) -> None:
    playbooks = [f"keyring.kubernetes.{name}" for name in sorted(names("playbooks", "*.yml"))]
    home.run("ansible-playbook", "--syntax-check", *playbooks)

    demo = home.run(
        "ansible-playbook",
        "keyring.kubernetes.demo",
        *("--extra-vars", f"demo_kubeconfig={cluster.kubeconfig} demo_namespace={namespace}"),
    )
    assert recap(demo)["failed"] == 0
    assert "created with ghcr.io" in demo


def test_a_form_at_a_terminal(home: Home, cluster: Cluster, namespace: str) -> None:
    """Ansible pickles what a form gives it to read keys with, and how it does so differs between versions."""
    terminal = open_terminal(
        [str(home.binaries / "ansible-playbook"), "keyring.kubernetes.add_image_pull_secret"],
        environment=home.environment(TERM="xterm", K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig)),
        directory=home.directory,
    )
    for asked, answer in (
        (r"Namespace \(", namespace),
        (r"Name \(", "Registry"),
        ("Name, again", "one\ntwo"),
        ("Name, again", "registry"),
        (r"Registry \(", "ghcr.io"),
        (r"Username \(", "octo"),
        (r"Password \(", "typed-{{ 7 * 7 }}"),
        (r"Display name \(", ""),
        (r"Description \(", ""),
        (r"Owner \(", ""),
        (r"Create it\?", "username"),
        (r"Username \(", "ada"),
        (r"Create it\?", "yes"),
    ):
        terminal.answer(asked, f"{answer}\r")

    assert terminal.end() == 0, terminal.screen
    assert "typed-" not in terminal.screen
    entry = cluster.read_auths(namespace, "registry")["ghcr.io"]
    assert (entry["username"], entry["password"]) == ("ada", "typed-{{ 7 * 7 }}")


def test_a_requirement_on_the_repository(home: Home, tarball: Path, tmp_path: Path) -> None:
    repository = copy_to(tmp_path / "source")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.com")
    for command in (("init", "--quiet", "--initial-branch=main"), ("add", "."), (*identity, "commit", "-qm", "All")):
        subprocess.run(["git", *command], cwd=repository, check=True)
    (tmp_path / "home").mkdir()
    user = Home(tmp_path / "home", home.binaries, home.core)
    requirements = [{"name": f"git+file://{repository}", "type": "git", "version": "main"}]
    path = user.write("requirements.yml", {"collections": requirements})

    user.run("ansible-galaxy", "collection", "install", "--requirements-file", path)

    assert user.files() == files_of(tarball)
