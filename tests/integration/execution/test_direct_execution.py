# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible does around a task is done in either way of execution, and which way is taken is said with its reason.

The fixture compares the results of both ways; see conftest.py.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from support.cluster import Cluster
from support.connections import Parts, look, plugin, token_plugin
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, task
from support.samples.git import KEY, NEW_KEY, private

MODULE = "image_pull_secret"
FQCN = f"keyring.kubernetes.{MODULE}"
VAULT_PASSWORD = "vault-pass-1"
PASSWORD = "quay-token-1"
QUAY = {"server": "quay.io", "username": "octo", "password": PASSWORD}
AUTHS = {"quay.io": {key: value for key, value in QUAY.items() if key != "server"}}


class Vaulted(str):
    """A text that is written to a playbook as an inline ``!vault`` value."""


def vaulted(text: str) -> str:
    encrypted: bytes = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))]).encrypt(text)
    return encrypted.decode()


yaml.SafeDumper.add_representer(
    Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", vaulted(str(text)), style="|")
)


@pytest.fixture
def admin(cluster: Cluster) -> dict[str, Any]:
    """The kubeconfig of somebody who may do everything."""
    kubeconfig: dict[str, Any] = yaml.safe_load(cluster.kubeconfig.read_text())
    return kubeconfig


@pytest.fixture
def parts(cluster: Cluster, namespace: str, playbook: Playbook) -> Parts:
    """An identity without any right, whose name is in the messages."""
    kubeconfig = cluster.identity(namespace, ()).connection["kubeconfig"]
    return Parts(kubeconfig, cluster.server, kubeconfig["users"][0]["user"]["token"], playbook.directory)


@pytest.fixture
def vault(playbook: Playbook) -> Iterator[Sequence[str]]:
    """The arguments that open vaults. Whatever a test does with them, nothing decrypted is left behind."""
    (playbook.directory / "vault-password").write_text(VAULT_PASSWORD)
    yield "--vault-password-file", "vault-password"
    assert list((playbook.directory / "tmp").iterdir()) == []


def make(namespace: str, **arguments: Any) -> dict[str, Any]:
    return task(MODULE, **{"name": "registry", "namespace": namespace, **arguments})


def operations(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return [": ".join(result[key] for key in ("operation", "msg") if key in result) for result in results]


NO_KUBECONFIG = "failed: kubeconfig ~/.kube/config does not exist on the machine that runs this task."


def test_environment_lasts_for_its_task(
    cluster: Cluster, namespace: str, playbook: Playbook, admin: dict[str, Any]
) -> None:
    path = {"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)}
    wrong = {"K8S_AUTH_KUBECONFIG": "/nowhere/config"}
    by_parts = {"K8S_AUTH_HOST": cluster.server, "K8S_AUTH_VERIFY_SSL": False, "K8S_AUTH_API_KEY": "none"}
    tasks = [
        {"environment": path, **look({}, namespace)},
        look({}, namespace),
        {"environment": "{{ item }}", "loop": [path, {}, wrong, path], **look({}, namespace)},
        {"environment": [wrong, {"K8S_AUTH_KUBECONFIG": "{{ path }}"}], "vars": {"path": path["K8S_AUTH_KUBECONFIG"]}}
        | look({}, namespace),
        {"environment": by_parts, **look({}, namespace)},
    ]
    given, without, loop, last_counts, not_a_text = playbook.run(tasks).results

    assert given["cluster"]["source"] == "environment"
    assert operations([given, last_counts]) == ["unchanged", "unchanged"]
    assert without["msg"].startswith(NO_KUBECONFIG.partition(": ")[2])
    first, second, third, fourth = operations(loop["results"])
    assert [first, fourth] == ["unchanged", "unchanged"]
    assert second.startswith(NO_KUBECONFIG)
    assert third.startswith("failed: kubeconfig /nowhere/config does not exist")
    assert "not authenticated (401)" in not_a_text["msg"]


def test_environment_of_the_play(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    environment = {"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)}
    tasks = [look({}, namespace), {"environment": {"K8S_AUTH_KUBECONFIG": "/nowhere/config"}, **look({}, namespace)}]

    of_play, of_task = playbook.run(tasks, keywords={"environment": environment}).results

    assert of_play["cluster"]["source"] == "environment"
    assert of_task["msg"].startswith("kubeconfig /nowhere/config does not exist")


@pytest.mark.parametrize("key", [FQCN, "group/keyring.kubernetes.k8s"])
def test_module_defaults(cluster: Cluster, namespace: str, playbook: Playbook, key: str) -> None:
    defaults = {key: {"kubeconfig": str(cluster.kubeconfig), "context": "no-such"}}
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
    tasks = [look({}, namespace), look({"context": context}, namespace)]

    default, own = playbook.run(tasks, keywords={"module_defaults": defaults}).results

    assert 'has no context "no-such"' in default["msg"]
    assert own["cluster"] == {"server": cluster.server, "context": context, "source": "arguments"}


def test_no_log(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    marked = {"annotations": {"example.com/note": "marker-1"}, "kubeconfig": admin, "registries": [QUAY]}
    tasks = [
        {"no_log": True, "diff": True, **make(namespace, **marked)},
        {"no_log": True, **make(namespace, **marked, credentials_from={"name": "marker-2"})},
        {"no_log": True, **make(namespace, **marked, marker_3=1)},
        {"no_log": True, "loop": ["marker-4"], **make("{{ item }}", **marked)},
    ]
    run = playbook.run(tasks, "-vvv")

    created, failed, unsupported, loop = run.results
    assert operations([created]) == ["created"]
    assert "marker-2" in failed["msg"]
    assert "marker_3" in unsupported["msg"]
    assert "marker-4" in loop["results"][0]["msg"]
    assert "output has been hidden" in run.output
    shown = re.sub(r"^\[ERROR\]: .*", "", run.output, flags=re.MULTILINE)  # Ansible's, with the message, despite no_log
    assert re.findall(r"marker.\d", shown) == []


def test_a_loop_over_connections(cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts) -> None:
    """Each item has its own identity, and nothing is left of it for the next one."""
    if not cluster.client_kubeconfig:
        pytest.skip("only the embedded API server has a certificate authority that the tests may use")
    certificate = {name: cluster.client_kubeconfig(name) for name in ("ada", "bob")}
    robots = [cluster.identity(namespace, ()) for _number in range(2)]
    folders = [playbook.directory / name for name in ("one", "two")]
    asking: list[dict[str, Any]] = []
    for robot, folder in zip(robots, folders, strict=True):
        folder.mkdir()
        kubeconfig = robot.connection["kubeconfig"]
        token = kubeconfig["users"][0]["user"]["token"]
        asking.append(plugin(Parts(kubeconfig, cluster.server, token, folder), token_plugin(token)))
    kubeconfigs = [certificate["ada"], asking[0], certificate["bob"], asking[1], certificate["ada"]]
    users = ["ada", robots[0].user, "bob", robots[1].user, "ada"]
    loop = {"loop": list(range(len(users))), "vars": {"kubeconfigs": kubeconfigs}}

    (result,) = playbook.run([{**loop, **look({"kubeconfig": "{{ kubeconfigs[item] }}"}, namespace)}]).results

    messages = [re.findall(r"The identity (\S+) needs", item["msg"]) for item in result["results"]]
    assert messages == [[user] for user in users]
    assert list((playbook.directory / "tmp").iterdir()) == []


def run_hosts(
    playbook: Playbook,
    hosts: Mapping[str, Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]],
    **keywords: Any,
) -> dict[str, list[dict[str, Any]]]:
    """The results of a play on several hosts with these variables, by host."""
    directory = playbook.directory
    names = [f"result_{number}" for number in range(len(tasks))]
    keep = {
        "ansible.builtin.copy": {
            "dest": f"{directory}/results-{{{{ inventory_hostname }}}}.json",
            "content": "{{ [" + ", ".join(names) + "] | to_json }}",
            "mode": "0600",
        },
        "delegate_to": "localhost",
    }
    registered = [{**given, "register": name} for given, name in zip(tasks, names, strict=True)]
    play = {"hosts": "all", "gather_facts": False, **keywords, "tasks": [*registered, keep]}
    (directory / "hosts.yml").write_text(yaml.safe_dump([play], width=10_000))
    common = {"keyring_direct": playbook.direct, "ansible_python_interpreter": sys.executable}
    inventory = {name: {**common, **variables} for name, variables in hosts.items()}
    (directory / "hosts-inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": inventory}}))
    done = subprocess.run(
        [str(ANSIBLE_PLAYBOOK), "-i", "hosts-inventory.yml", "hosts.yml"],
        env=playbook.environment(),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    files = {name: directory / f"results-{name}.json" for name in hosts}
    assert all(path.exists() for path in files.values()), done.stdout + done.stderr
    results: dict[str, list[dict[str, Any]]] = {name: json.loads(path.read_text()) for name, path in files.items()}
    playbook.results.extend(results.values())
    return results


def test_delegation(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    """Where the task is delegated to counts, not the host that it is for."""
    remote = {"ansible_connection": "ssh", "ansible_host": "host.invalid", "ansible_python_interpreter": "/nowhere"}
    tasks = [{"delegate_to": "localhost", **look({"kubeconfig": "{{ its_cluster }}"}, namespace)}]

    results = run_hosts(playbook, {"edge-17": {**remote, "its_cluster": admin}}, tasks)

    assert operations(results["edge-17"]) == ["unchanged"]


def test_the_free_strategy(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    names = ("edge-1", "edge-2")
    tasks = [make(namespace, name="{{ inventory_hostname }}", registries=[QUAY], kubeconfig=admin)] * 2

    results = run_hosts(
        playbook, {name: {"ansible_connection": "local"} for name in names}, tasks, strategy="ansible.builtin.free"
    )

    for name in names:
        assert operations(results[name]) == ["created", "unchanged"]
        assert results[name][0]["secret"]["name"] == name


def test_templates_and_vaults_in_variables(
    cluster: Cluster, namespace: str, playbook: Playbook, admin: dict[str, Any], vault: Sequence[str]
) -> None:
    config = {"auths": {"{{ server }}": {"username": "{{ user }}", "password": Vaulted(PASSWORD)}}}
    variables = {
        "server": "quay.io",
        "user": "oc{{ 'to' }}",
        "token": Vaulted(PASSWORD),
        "config": config,
        "flag": "no",
    }
    by_option = {"server": "{{ server }}", "username": "{{ user }}", "password": "{{ token }}"}
    vaulted_kubeconfig = {**admin, "current-context": Vaulted(admin["current-context"])}
    given: list[dict[str, Any]] = [
        {"registries": [by_option]},
        {"registries": [{**QUAY, "password": Vaulted(PASSWORD)}]},
        {"registries": "{{ [by_option] }}"},
        {"docker_config": {"auths": AUTHS}},
        {"docker_config": {"auths": {"quay.io": {"username": "octo", "password": Vaulted(PASSWORD)}}}},
        {"docker_config": {"auths": {"quay.io": {"username": "octo", "password": "{{ token }}"}}}},
        {"docker_config": "{{ {'auths': {server: {'username': user, 'password': token}}} }}"},
        {"docker_config": Vaulted(json.dumps({"auths": AUTHS}))},
        {"registries": [QUAY], "purge_registries": "{{ flag }}", "kubeconfig": vaulted_kubeconfig},
    ]
    tasks = [
        {"vars": {**variables, "by_option": by_option}, **make(namespace, **{"kubeconfig": admin} | arguments)}
        for arguments in given
    ]

    run = playbook.run(tasks, *vault)

    assert operations(run.results) == ["created"] + ["unchanged"] * (len(given) - 1)
    auths = cluster.read_auths(namespace, "registry")
    assert (list(auths), auths["quay.io"]["username"], auths["quay.io"]["password"]) == (["quay.io"], "octo", PASSWORD)
    assert PASSWORD not in run.output


def test_a_vault_value_without_its_secret(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    given = {"kubeconfig": admin, "docker_config": {"auths": {"quay.io": {"password": Vaulted(PASSWORD)}}}}

    (result,) = playbook.run([make(namespace, **given)]).results

    assert result["failed"]
    assert "vault" in result["msg"]


def test_what_ansible_does_around_a_task(
    cluster: Cluster, namespace: str, playbook: Playbook, admin: dict[str, Any]
) -> None:
    common = {"kubeconfig": admin, "registries": [QUAY]}
    again = {"retries": 3, "delay": 0, "until": "result_1.operation == 'unchanged'"}
    label = "{{ result_1.secret.uid }}"
    tasks = [
        {"check_mode": True, **make(namespace, **common)},
        {**again, **make(namespace, **common)},
        {"diff": True, "when": "result_0 is changed", **make(namespace, **common, labels={"first": label})},
        {"failed_when": "result_3.operation == 'unchanged'", **make(namespace, **common)},
        {"changed_when": True, **make(namespace, **common)},
    ]
    run = playbook.run(tasks)

    checked, retried, labelled, refused, claimed = run.results
    assert operations([checked, retried, labelled]) == ["created", "unchanged", "updated"]
    assert retried["attempts"] == 2
    assert refused["failed"]
    assert claimed["changed"]
    uid = cluster.read_secret(namespace, "registry")["metadata"]["uid"]
    assert re.search(rf"^\+.*first.*{uid}", run.output, re.MULTILINE), run.output


def write_role(directory: Path, tasks: Sequence[Mapping[str, Any]], files: Mapping[str, str]) -> None:
    """The role ``registry``, with these files in its ``files/``."""
    for path, content in {"tasks/main.yml": yaml.safe_dump(list(tasks), width=10_000), **files}.items():
        place = directory / "roles" / "registry" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)


def docker_config(user: str) -> str:
    return json.dumps({"auths": {"quay.io": {"username": user, "password": PASSWORD}}})


def test_files_of_a_role_and_beside_the_playbook(
    namespace: str, playbook: Playbook, admin: dict[str, Any], vault: Sequence[str]
) -> None:
    """A role's own file comes first; all are decrypted, a kubeconfig as well."""
    common = {"kubeconfig": "config", "purge_registries": True}
    in_role = {**make(namespace, name="in-role", **common, docker_config_file="docker.json"), "register": "in_role"}
    write_role(
        playbook.directory,
        [in_role],
        {"files/docker.json": vaulted(docker_config("role")), "files/config": vaulted(yaml.safe_dump(admin))},
    )
    folder = playbook.directory / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "config").write_text(vaulted(yaml.safe_dump(admin)))
    (folder / "docker.json").write_text(vaulted(docker_config("playbook")))
    (folder / "sub" / "docker.json").write_text(docker_config("below"))
    (playbook.directory / "docker.json").write_text("not this one")
    (playbook.directory / "plain.json").write_text(docker_config("beside"))
    files = {"playbook": "docker.json", "below": "sub/docker.json", "beside": "plain.json"}
    tasks = [
        {"ansible.builtin.include_role": {"name": "registry"}},
        {"ansible.builtin.debug": {"msg": "{{ in_role }}"}},
        *(make(namespace, name=f"from-{name}", **common, docker_config_file=path) for name, path in files.items()),
    ]
    run = playbook.run(tasks, *vault)

    results = [run.results[1]["msg"], *run.results[2:]]
    assert operations(results) == ["created"] * len(results), run.output
    users = [result["secret"]["registries"][0]["username"] for result in results]
    assert users == ["role", "playbook", "below", "beside"]
    assert PASSWORD not in run.output


def test_a_kubeconfig_with_files_beside_it(
    cluster: Cluster, namespace: str, playbook: Playbook, vault: Sequence[str]
) -> None:
    """They are found from the folder of the kubeconfig, whether it is encrypted or not."""
    if not cluster.client_kubeconfig:
        pytest.skip("only the embedded API server has a certificate authority that the tests may use")
    kubeconfig = cluster.client_kubeconfig("ada", groups=["system:masters"])
    folder = playbook.directory / "files" / "kube"
    (folder / "pki").mkdir(parents=True)
    for entry in (kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]):
        for key in [name for name in entry if name.endswith("-data")]:
            (folder / "pki" / key).write_bytes(base64.b64decode(entry.pop(key)))
            entry[key.removesuffix("-data")] = f"pki/{key}"
    (folder / "plain").write_text(yaml.safe_dump(kubeconfig))
    (folder / "encrypted").write_text(vaulted(yaml.safe_dump(kubeconfig)))

    results = playbook.run([look({"kubeconfig": f"kube/{name}"}, namespace) for name in ("plain", "encrypted")], *vault)

    assert len(list((folder / "pki").iterdir())) == 3
    assert operations(results.results) == ["unchanged", "unchanged"]


def test_vaults_that_nothing_opens(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    path = playbook.directory / "encrypted"
    path.write_text(vaulted(docker_config("octo")))
    why = "is encrypted with Ansible Vault, and no vault secret of this run opens it."
    how = "Give the secret with --vault-password-file or --ask-vault-pass."

    config, kubeconfig = playbook.run(
        [
            make(namespace, kubeconfig=admin, docker_config_file=str(path)),
            look({"kubeconfig": str(path)}, namespace),
        ]
    ).results

    assert config["msg"] == f"docker_config_file {path} {why} {how}"
    assert kubeconfig["msg"] == f"kubeconfig {path} {why} {how}"


def test_remote_src_leaves_paths_alone(
    namespace: str, playbook: Playbook, admin: dict[str, Any], vault: Sequence[str]
) -> None:
    """The controller neither looks for the file nor decrypts it; an absolute path is read where the task runs."""
    folder = playbook.directory / "files"
    folder.mkdir()
    (folder / "docker.json").write_text(docker_config("octo"))
    (folder / "encrypted").write_text(vaulted(docker_config("octo")))
    common = {"kubeconfig": admin, "remote_src": True}

    absolute, relative, encrypted = playbook.run(
        [
            make(namespace, **common, docker_config_file=str(folder / "docker.json")),
            make(namespace, **common, docker_config_file="docker.json"),
            make(namespace, **common, docker_config_file=str(folder / "encrypted")),
        ],
        *vault,
    ).results

    assert operations([absolute]) == ["created"]
    assert relative["msg"].startswith("docker_config_file cannot be read: No such file or directory.")
    assert encrypted["msg"].startswith("docker_config_file is neither JSON, YAML nor base64 of these.")


def test_files_with_a_private_key(
    namespace: str, playbook: Playbook, admin: dict[str, Any], vault: Sequence[str]
) -> None:
    """A file that a suboption names is found, decrypted and with remote_src left alone like any other."""

    def keep(name: str, path: str, **arguments: Any) -> dict[str, Any]:
        given = {"name": name, "namespace": namespace, "kubeconfig": admin, "ssh": {"private_key_file": path}}
        return task("gitsync_secret", **given, **arguments)

    in_role = {**keep("in-role", "deploy-key"), "register": "in_role"}
    write_role(playbook.directory, [in_role], {"files/deploy-key": vaulted(private(KEY))})
    folder = playbook.directory / "files"
    (folder / "folder").mkdir(parents=True)
    (folder / "deploy-key").write_text(private(NEW_KEY).rstrip().replace("\n", "\r\n"))
    (folder / "encrypted").write_text(vaulted(private(KEY)))
    far = {"remote_src": True}
    tasks = [
        {"ansible.builtin.include_role": {"name": "registry"}},
        {"ansible.builtin.debug": {"msg": "{{ in_role }}"}},
        keep("beside", "deploy-key"),
        keep("far", str(folder / "deploy-key"), **far),
        keep("folder", "folder"),
        keep("far-relative", "deploy-key", **far),
        keep("far-encrypted", str(folder / "encrypted"), **far),
    ]
    run = playbook.run(tasks, *vault)

    found = [run.results[1]["msg"], *run.results[2:4]]
    assert operations(found) == ["created"] * 3, run.output
    assert [result["fingerprint"] for result in found] == [KEY.fingerprint, NEW_KEY.fingerprint, NEW_KEY.fingerprint]
    assert [result["msg"].partition(". ")[0] for result in run.results[4:]] == [
        f"ssh.private_key_file {folder / 'folder'} cannot be read: Is a directory",
        "ssh.private_key_file cannot be read: No such file or directory",
        "ssh.private_key must be one private key; got something else",
    ]
    assert not [line for line in private(KEY).splitlines()[1:-1] if line in run.output]


def other_path(directory: Path) -> str:
    """Another path of the Python that runs this."""
    link = directory / "other"
    if not link.exists():
        link.symlink_to(Path(sys.executable).parent.parent)
    return str(link / "bin" / Path(sys.executable).name)


def sudo(directory: Path) -> str:
    """A program that stands in for sudo, and stays who it is."""
    path = directory / "sudo"
    path.write_text('#!/bin/sh\nwhile [ "$1" != /bin/sh ]; do shift; done\nexec "$@"\n')
    path.chmod(0o700)
    return str(path)


def ways(directory: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """Keywords of tasks that need a process of their own, and the reason."""
    other = other_path(directory)
    return {
        "become": ({"become": True, "vars": {"ansible_become_exe": sudo(directory)}}, "become is set"),
        "async": ({"async": 30, "poll": 1}, "async is set"),
        "interpreter": ({"vars": {"ansible_python_interpreter": other}}, f"the interpreter is {other}"),
        "template": ({"vars": {"ansible_python_interpreter": "{{ it }}", "it": other}}, f"the interpreter is {other}"),
        "environment": ({"environment": {"FOO": "bar", "BAR": "1", "KUBE_X": "1"}}, "environment has BAR, FOO"),
    }


# Keywords that leave a task in Ansible's own process.
DIRECT: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    "auto": {"vars": {"ansible_python_interpreter": "auto_silent"}},
    "neighbour": {"vars": {"ansible_python_interpreter": str(Path(sys.executable).with_name("python3"))}},
    "of-ansible": {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
    "proxy": {"environment": {"no_proxy": "127.0.0.1", "HTTPS_PROXY": "", "K8S_AUTH_CONTEXT": "no-such"}},
    "become-is-no": {"become": False},
}


def merged(keywords: Mapping[str, Any], **variables: Any) -> dict[str, Any]:
    return {**keywords, "vars": {**keywords.get("vars", {}), **variables}}


def reasons(run: Any) -> list[str | None]:
    """Why each task ran as an ordinary module; None for those that did not."""
    sections = re.split(r"^TASK \[", run.output, flags=re.MULTILINE)[1:]
    found = [re.search(r"^(\S+) runs as an ordinary module: (.*)$", text, re.MULTILINE) for text in sections]
    assert {match[1] for match in found if match} <= {FQCN}
    return [match and match[2] for match in found][: len(run.results)]


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_way_and_its_reason(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    ordinary = ways(playbook.directory)
    given = [
        *DIRECT.values(),
        *(keywords for keywords, _reason in ordinary.values()),
        merged({}, keyring_direct="never"),
    ]
    options = {"kubeconfig": admin, "context": admin["current-context"]}

    run = playbook.run(
        [{**keywords, **look(options, namespace)} for keywords in given],
        "-v",
        environment={"ANSIBLE_ASYNC_DIR": str(playbook.directory / "async")},
    )

    assert operations(run.results) == ["unchanged"] * len(given), run.output
    expected = [reason for _keywords, reason in ordinary.values()]
    assert reasons(run) == [*[None] * len(DIRECT), *expected, "keyring_direct is never"]


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_direct_execution_or_an_error(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    ordinary = {
        **ways(playbook.directory),
        "connection": ({"vars": {"ansible_connection": "ssh"}}, "the connection is ssh"),
    }
    always = [merged(keywords, keyring_direct="always") for keywords, _reason in ordinary.values()]
    wrong = merged({}, keyring_direct="{{ 'some' ~ 'times' }}")

    run = playbook.run([{**keywords, **look({"kubeconfig": admin}, namespace)} for keywords in [*always, wrong]], "-v")

    assert [result["msg"] for result in run.results] == [
        *(
            f"This task cannot run in Ansible's own process: {reason}. The variable keyring_direct is always. "
            "Set it to auto to run it as an ordinary module."
            for _keywords, reason in ordinary.values()
        ),
        "keyring_direct must be one of auto, always, never. It says whether tasks of this collection run in Ansible's "
        "own process. Correct the variable, or leave it out for auto.",
    ]
    assert reasons(run) == [None] * len(run.results)


def started_processes(playbook: Playbook, given: Mapping[str, Any]) -> list[str]:
    """The arguments of every Python process of a run with one task, without what is random in them."""
    log = playbook.directory / "arguments.txt"
    log.unlink(missing_ok=True)
    playbook.run([given], environment={"KEYRING_TEST_ARGUMENTS": str(log)})
    return [re.sub(r"[\d.]{4,}(-[\d]+)*|/tmp\w+|\.\w{8}\b", "<random>", line) for line in log.read_text().splitlines()]


def test_a_direct_task_starts_no_process(namespace: str, playbook: Playbook, admin: dict[str, Any]) -> None:
    """It starts what ``debug`` starts: nothing."""
    nothing = started_processes(playbook, {"ansible.builtin.debug": {"msg": "nothing"}})
    ours = started_processes(playbook, make(namespace, kubeconfig=admin, registries=[QUAY]))

    assert nothing, "the observer sees at least Ansible itself"
    more = len(ours) - len(nothing)
    assert more == 0 if playbook.direct == "always" else more > 0
    assert any(f"AnsiballZ_{MODULE}" in line for line in ours) == (playbook.direct == "never")
