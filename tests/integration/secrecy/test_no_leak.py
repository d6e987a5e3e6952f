# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing secret leaves: canaries go through every kind of task, and must then be found nowhere.

Searched are everything printed at -vvvvv, the log file, what callbacks get, registered results, all files that Ansible
keeps, the arguments of every process and the system's log; the directory for temporary files must be empty. The one
exception is the file in which Ansible itself hands a module its arguments, when it is told to keep it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import yaml

from support import cluster as clusters
from support import openshift
from support.admission import admission_webhook
from support.canary import auth, canary, find_leaks
from support.cluster import Cluster
from support.leaks.git_secrets import GIT_SECRETS
from support.leaks.pull_secrets import CANARIES, GHCR, PULL_SECRETS
from support.leaks.roles import OPENSHIFT_ROLE, ROLES
from support.leaks.search import SYSTEM_LOG, SystemLog, differences, written
from support.leaks.suite import Case, Suite
from support.leaks.watch import watch
from support.leaks.world import World, build_world, digests, dump_secrets, items, judge, metadata, stored_keys
from support.playbook import Playbook, Run, role, task
from support.servers.git_ssh import SshGitServer
from support.servers.odd_registry import quoting_registry

MODULE = "image_pull_secret"

USER = "ada"
WRITTEN: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "cut": lambda text: text[: len(text) // 2],
    "cut at the front": lambda text: text[len(text) // 2 :],
    "JSON": json.dumps,
    "JSON with umlauts": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"password": text})),
    "Python": repr,
    "YAML": yaml.safe_dump,
    "shell": shlex.quote,
    "HTML": html.escape,
    "URL": lambda text: quote(text, safe=""),
    "URL of a form": quote_plus,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "URL-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "auth": lambda text: auth(USER, text),
    "base64 from its second octet": lambda text: base64.b64encode(f"-{text}-".encode()).decode(),
    "base64 from its third octet": lambda text: base64.b64encode(f"--{text}-".encode()).decode(),
    "data of a Secret": lambda text: base64.b64encode(json.dumps({"password": text}).encode()).decode(),
    "auth in the data of a Secret": lambda text: base64.b64encode(
        json.dumps({"auth": auth(USER, text)}).encode()
    ).decode(),
    "MD5": lambda text: hashlib.md5(text.encode()).hexdigest(),  # noqa: S324  (somebody may print one)
    "SHA-1": lambda text: hashlib.sha1(text.encode()).hexdigest(),  # noqa: S324
    "SHA-256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "SHA-256 in base64": lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
    "SHA-256 of auth": lambda text: hashlib.sha256(auth(USER, text).encode()).hexdigest(),
    "the beginning of a SHA-256": lambda text: hashlib.sha256(text.encode()).hexdigest()[:12],
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_canary_is_found_in_every_form(form: str) -> None:
    known = canary("a password", user=USER)
    content = f"some text: {WRITTEN[form](known.text)}, and more".encode()

    assert find_leaks({"a place": content}, [known])
    assert not find_leaks({"a place": content}, [canary("another password", user=USER)])


@pytest.fixture(params=[PULL_SECRETS, GIT_SECRETS], ids=lambda suite: suite.module)
def suite(request: pytest.FixtureRequest) -> Suite:
    given: Suite = request.param
    return given


@pytest.fixture
def world(
    cluster: Cluster, namespace: str, playbook: Playbook, suite: Suite, ssh_server: SshGitServer
) -> Iterator[World]:
    if not cluster.client_kubeconfig:
        pytest.skip("only on the embedded API server: needs its certificate authority, and a webhook on loopback")
    with quoting_registry() as registry:
        yield build_world(
            cluster, namespace, playbook.directory / "inputs", suite, ssh_server, registry=registry.location
        )


def render(case: Case, module: str) -> dict[str, Any]:
    """The task of a case; without a connection of its own it has the kubeconfig of the admin, with an inline key."""
    arguments = {**({"name": case.secret} if case.secret else {}), **case.arguments}
    if not {"namespaces", "namespace_selectors", "docker_configs"} & set(arguments):
        arguments["namespace"] = "{{ test_namespace }}"
    if not {"host", "kubeconfig"} & set(arguments):
        arguments["kubeconfig"] = "{{ connect.admin }}"
    keywords = {**case.keywords, **({"vars": {"keyring_direct": "auto"}} if "async" in case.keywords else {})}
    return {"name": case.name, **keywords, **task(case.module or module, **arguments)}


@pytest.mark.parametrize("diff", [True, False], ids=["everything-with-diff", "successes-without-diff"])
def test_nothing_secret_leaves(
    cluster: Cluster, namespace: str, playbook: Playbook, suite: Suite, world: World, diff: bool
) -> None:
    cases, arguments = (suite.cases, ["--diff"]) if diff else (suite.without_diff, [])
    before = dump_secrets(cluster, namespace)
    with admission_webhook(cluster, namespace, world.inputs, judge(cluster, namespace, suite)):
        tasks = [render(case, suite.module) for case in cases]
        run = playbook.run(tasks, *world.variables, "-vvvvv", *arguments, environment=watch(playbook.directory))
    after = dump_secrets(cluster, namespace)

    assert [name for name in suite.arriving if not find_leaks({"": after}, [suite.canaries[name]])] == []
    check(cases, playbook, run, world, [before, after])


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nothing_secret_leaves_what_is_refused(
    cluster: Cluster, namespace: str, playbook: Playbook, suite: Suite, world: World
) -> None:
    before = dump_secrets(cluster, namespace)
    tasks = [render(case, suite.module) for case in suite.in_process]

    run = playbook.run(tasks, *world.variables, "-vvvvv", "--diff", environment=watch(playbook.directory))

    assert items(dump_secrets(cluster, namespace)) == items(before)
    check(suite.in_process, playbook, run, world, [before])


def check(cases: Sequence[Case], playbook: Playbook, run: Run, world: World, dumps: Sequence[bytes]) -> None:
    """Search everywhere for what the tasks were given and for what was stored before and after them."""
    in_background = sum("async" in case.keywords for case in cases)
    given = metadata(dumps[0])  # what nobody has touched is as the test has made it
    touched = {name: text for name, text in metadata(dumps[-1]).items() if text != given.get(name)}
    places = {**written(playbook, run, world, in_background=in_background), **touched}
    leaks = find_leaks(places, [*world.canaries, *digests(*dumps), *stored_keys(*dumps)])
    assert not leaks, "\n".join(leaks)
    wrong = list(differences(cases, run.results))
    assert not wrong, "\n".join(wrong)
    assert list((playbook.directory / "tmp").iterdir()) == []


def render_role(case: Case) -> dict[str, Any]:
    """The role of a case, with the kubeconfig of the admin unless it has a connection of its own."""
    variables = {"keyring_connection": {"kubeconfig": "{{ connect.admin }}"}, **case.arguments}
    result = {"git_credentials": "git_credentials_result", "primehub_secrets": "primehub_secrets_pull"}.get(
        case.module, "pull_secrets_result"
    )
    return {"name": case.name, **role(case.module, variables, result=result)}


@pytest.mark.parametrize("suite", [ROLES], indirect=True, ids=["roles"])
def test_nothing_secret_leaves_roles(
    cluster: Cluster, namespace: str, playbook: Playbook, suite: Suite, world: World
) -> None:
    tasks = [render_role(case) for case in suite.cases]

    check_failures(suite, run_roles(cluster, namespace, playbook, suite, world, tasks))


def check_failures(suite: Suite, run: Run) -> None:
    """Compare how the roles ended with what the cases say."""
    failures = [result["msg"].get("failure", "") for result in run.results]
    assert [
        f"{case.name}: {failure!r}; expected {case.message!r}"
        for case, failure in zip(suite.cases, failures, strict=True)
        if case.message not in failure or bool(failure) != bool(case.message)
    ] == []


@pytest.mark.parametrize("suite", [OPENSHIFT_ROLE], indirect=True, ids=["openshift"])
def test_nothing_secret_leaves_the_role_of_openshift(
    playbook: Playbook, suite: Suite, ssh_server: SshGitServer
) -> None:
    """On a cluster of its own, whose pull secret has secrets that the role is not given."""
    given = suite.canaries
    auths = {
        "quay.io": {"auth": auth("openshift", given["openshift_stored"].text)},
        "other.example.com": {"username": "ada", "password": given["openshift_other"].text},
    }
    with contextmanager(clusters.start)(None) as cluster, quoting_registry() as registry:
        openshift.install(cluster)
        openshift.become(cluster, "HighlyAvailable", auths=auths, paused=["worker"])
        inputs, namespace = playbook.directory / "inputs", openshift.GLOBAL[0]
        world = build_world(cluster, namespace, inputs, suite, ssh_server, registry=registry.location)
        run = run_roles(cluster, namespace, playbook, suite, world, [render_role(case) for case in suite.cases])
    check_failures(suite, run)


@pytest.mark.parametrize("suite", [ROLES], indirect=True, ids=["roles"])
@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nothing_secret_leaves_roles_of_a_play(
    cluster: Cluster, namespace: str, playbook: Playbook, suite: Suite, world: World
) -> None:
    """Ansible checks their variables in another way. A failure does not end the role, so all its tasks run."""
    roles = [
        {
            "role": f"keyring.kubernetes.{case.module}",
            "vars": render_role(case)["block"][0]["vars"],
            "ignore_errors": True,
        }
        for case in suite.cases
    ]

    run_roles(cluster, namespace, playbook, suite, world, [], keywords={"roles": roles})


def run_roles(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    suite: Suite,
    world: World,
    tasks: Sequence[Mapping[str, Any]],
    keywords: Mapping[str, Any] | None = None,
) -> Run:
    """Run them, and search everywhere for what they were given and for what is stored before and after them."""
    before = dump_secrets(cluster, namespace)
    run = playbook.run(
        tasks, *world.variables, "-vvvvv", "--diff", environment=watch(playbook.directory), keywords=keywords
    )
    after = dump_secrets(cluster, namespace)
    known = [*world.canaries, *digests(before, after), *stored_keys(before, after)]
    leaks = find_leaks(written(playbook, run, world), known)
    assert not leaks, "\n".join(leaks)
    assert [name for name in suite.arriving if not find_leaks({"": after}, [suite.canaries[name]])] == []
    return run


@pytest.mark.parametrize("suite", [PULL_SECRETS], indirect=True, ids=[MODULE])
def test_the_environment_stays_secret(cluster: Cluster, namespace: str, playbook: Playbook, world: World) -> None:
    proxy_password = CANARIES["proxy_password"].text
    environment = {
        "K8S_AUTH_HOST": world.connect["server"],
        "K8S_AUTH_API_KEY": world.connect["token"],
        "K8S_AUTH_CA_CERT": world.connect["ca_cert"],
        "K8S_AUTH_PROXY": f"http://octo:{proxy_password}@127.0.0.1:1",
        "K8S_AUTH_NO_PROXY": "127.0.0.1",
    }
    good = {"name": "by-environment", "namespace": "{{ test_namespace }}", "registries": [GHCR]}
    tasks = [task(MODULE, **good), task(MODULE, **good, annotations={"x": "{{ connect.token }}"})]

    run = playbook.run(
        tasks, *world.variables, "-vvvvv", "--diff", environment={**watch(playbook.directory), **environment}
    )

    assert [result["operation"] for result in run.results] == ["created", "failed"], run.output
    assert run.results[0]["cluster"]["server"] == world.connect["server"]
    leaks = find_leaks(written(playbook, run, world), world.canaries)
    assert not leaks, "\n".join(leaks)


@pytest.fixture
def system_log() -> Iterator[SystemLog]:
    if os.geteuid() != 0 or SYSTEM_LOG.exists():
        pytest.skip(f"needs root on a machine without {SYSTEM_LOG}, such as a container, to take its place")
    log = SystemLog()
    yield log
    log.close()


def test_the_system_log_gets_nothing(world: World, playbook: Playbook, suite: Suite, system_log: SystemLog) -> None:
    cases = [case for case in suite.cases if case.name in suite.logged]

    run = playbook.run(
        [render(case, suite.module) for case in cases], *world.variables, environment=watch(playbook.directory)
    )

    wrong = list(differences(cases, run.results))
    assert not wrong, "\n".join(wrong)
    playbook.run([{"ansible.builtin.ping": {}}])
    assert b"Invoked with" in system_log.content(), "a module of Ansible is logged"
    leaks = find_leaks({"system log": system_log.content()}, world.canaries)
    assert not leaks, "\n".join(leaks)


def test_short_secrets_are_not_cut_out_of_everything(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """A password of one digit would otherwise take that digit out of each port, version and time."""
    robot = cluster.identity(namespace, [{"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["*"]}])
    kubeconfig = json.loads(json.dumps(robot.connection["kubeconfig"]).replace('"test"', '"default"'))
    common = {"name": "short", "namespace": namespace, "kubeconfig": kubeconfig}
    ada = {"username": "ada", "password": "1"}
    given: list[dict[str, Any]] = [
        {"registries": [{"server": "one.example", **ada}]},
        {"docker_config": {"auths": {"two.example": ada}}},
        {"docker_config": json.dumps({"auths": {"two.example": ada}})},
    ]

    results = playbook.run([task(MODULE, **common, **arguments) for arguments in given]).results

    assert [result["operation"] for result in results] == ["created", "updated", "unchanged"]
    stored = cluster.read_secret(namespace, "short")["metadata"]
    assert results[-1]["secret"]["resource_version"] == stored["resourceVersion"]
    assert results[-1]["secret"]["registries"] == [
        {"server": server, "username": "ada", "email": None, "expires_at": None}
        for server in ("one.example", "two.example")
    ]
    for result in results:
        assert result["cluster"] == {"server": cluster.server, "context": "default", "source": "arguments"}
        assert result["secret"]["namespace"] == namespace
        assert result["secret"]["uid"] == stored["uid"]
        assert "**" not in json.dumps(result)
