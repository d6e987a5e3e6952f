# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input gets a sentence that says what, why and how to go on; nothing is written, and no secret value is quoted."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster import Cluster, writes
from playbook import Playbook, task
from rights import documented_rules

NAME = "registry"
SECRET = "s3cret-token"  # in no message
GHCR = {"server": "ghcr.io", "username": "octo", "password": SECRET}
SERVER_MUST = "must be a host with an optional port and path; got"


def registry(**changes: Any) -> dict[str, Any]:
    """Arguments with one registry that differs from a good one; a change to None leaves the field out."""
    item = {key: value for key, value in {**GHCR, **changes}.items() if value is not None}
    return {"registries": [{"server": "quay.io", "username": "a", "password": "another-token"}, item]}


def many(*names: str) -> dict[str, Any]:
    """Arguments for many namespaces."""
    return {**registry(), "namespace": None, "namespaces": list(names)}


def config(text: str | bytes) -> dict[str, Any]:
    """Arguments with a file of this content as docker config; written by the test."""
    return {"docker_config_file": text}


# What is given, and how the message begins.
REFUSALS: dict[str, tuple[Mapping[str, Any], str]] = {
    "empty-server": (registry(server=""), f'registries[1].server {SERVER_MUST} "". It is empty. Write the host of'),
    "blank-server": (registry(server=" "), f'registries[1].server {SERVER_MUST} " ". It is empty.'),
    "user-in-server": (
        registry(server=f"https://octo:{SECRET}@ghcr.io/v2"),
        f'registries[1].server {SERVER_MUST} "https://…@ghcr.io/v2". A user has no place in a server. '
        'Remove the user and write "ghcr.io".',
    ),
    "colon-in-username": (
        registry(username=f"octo:{SECRET}"),
        'registries[1].username must not contain ":". Readers of a docker config split user and password',
    ),
    "empty-password": (registry(password=""), "registries[1].password is empty. An empty value would replace"),
    "masked-password": (registry(password="******"), "registries[1].password holds a mask instead of a value."),
    "ansible-mask": (
        registry(password="VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"),
        "registries[1].password holds a mask instead of a value.",
    ),
    "no-password": (
        registry(password=None),
        "registries[1].password is missing. With update_credentials=always each registry needs both username and "
        "password. Give it, or set update_credentials=when_given to keep what is stored.",
    ),
    "same-server-twice": (
        registry(server="quay.io"),
        'registries[1] is the same registry as registries[0] ("quay.io").',
    ),
    "same-server-for-the-kubelet": (
        registry(server="https://quay.io"),
        'registries[1] is the same registry as registries[0] ("quay.io"). The kubelet reads both as "quay.io".',
    ),
    "capitals-in-name": ({**registry(), "name": "Registry"}, "name is not a name that a Secret can have."),
    "line-end-in-name": ({**registry(), "name": "registry\n"}, "name is not a name that a Secret can have."),
    "long-name": ({**registry(), "name": "a" * 254}, "name is not a name that a Secret can have."),
    "no-registry": ({}, "No registry would be left in the Secret."),
    "list-as-config": ({"docker_config": [1]}, "docker_config must be a docker config; it is a list."),
    "config-without-auths": ({"docker_config": {"registries": {}}}, 'docker_config has no "auths".'),
    "config-with-a-store-only": (
        {"docker_config": {"auths": {"ghcr.io": {}}, "credsStore": "desktop"}},
        'docker_config.auths["ghcr.io"] has no credentials. They are in a credential store of the machine where',
    ),
    "empty-auths": ({"docker_config": {"auths": {}}}, "docker_config names no registry: its auths are empty."),
    "two-configs": (
        {"docker_config": {"auths": {"ghcr.io": GHCR}}, "docker_config_file": "/tmp/x"},
        "parameters are mutually exclusive: docker_config|docker_config_file",
    ),
    "large-config": (
        config(json.dumps({"auths": {"ghcr.io": {"x": "x" * 1024 * 1024}}})),
        "docker_config_file is larger than 1 MiB.",
    ),
    "latin-1": (config('{"auths": {"ü": {}}}'.encode("latin-1")), "docker_config_file is not UTF-8 text."),
    "byte-order-mark": (config(b'\xef\xbb\xbf{"auths": {}}'), "docker_config_file starts with a byte-order mark."),
    "cut-config": (config('{"auths": {'), "docker_config_file is not valid JSON (line 1, column 12). Check that it is"),
    "noise": (config(f"{SECRET} ~~~"), "docker_config_file is neither JSON nor base64 of JSON."),
    "url-safe-auth": (
        config(json.dumps({"auths": {"ghcr.io": {"auth": base64.urlsafe_b64encode(b"octo:???>>>").decode()}}})),
        'docker_config_file.auths["ghcr.io"].auth can not be read: it is URL-safe base64, and only standard base64',
    ),
    "missing-file": (
        {"docker_config_file": "/does/not/exist"},
        "docker_config_file /does/not/exist does not exist on the controller. Give the path of a file on the",
    ),
    "missing-remote-file": (
        {"docker_config_file": "/does/not/exist", "remote_src": True},
        "docker_config_file /does/not/exist can not be read: No such",
    ),
    "directory": ({"docker_config_file": "/"}, "docker_config_file / can not be read: Is a directory."),
    "missing-source": (
        {"credentials_from": {"name": "nowhere"}},
        "credentials_from (Secret {namespace}/nowhere) does not exist.",
    ),
    "own-source": (
        {"credentials_from": {"name": NAME}},
        "credentials_from (Secret {namespace}/registry) is the Secret",
    ),
    "number-as-label": ({**registry(), "labels": {"tier": 1}}, 'labels["tier"] must be a text of at most 63 letters'),
    "our-label": (
        {**registry(), "labels": {"app.kubernetes.io/managed-by": "me"}},
        'labels["app.kubernetes.io/managed-by"] is kept by this collection and can not be set.',
    ),
    "secret-as-annotation": (
        {**registry(), "annotations": {"example.com/note": f"it is {SECRET}"}},
        "annotations contains a password or token of this task.",
    ),
    "unknown-option": ({**registry(), "registry": "x"}, "Unsupported parameters for"),
    "bad-namespace": ({**registry(), "namespace": "Web"}, "namespace is not a name that a namespace can have."),
    "missing-namespace": (
        {**registry(), "namespace": "does-not-exist"},
        "Cannot read Secret does-not-exist/registry: forbidden (403).",
    ),
    "zero-concurrency": (
        {**many("*"), "concurrency": 0},
        "concurrency must be from 1 to 64; it is 0. It is the number of namespaces that are written at the same time.",
    ),
    "concurrency-in-words": ({**many("*"), "concurrency": "all"}, "argument 'concurrency' is of type"),
    "no-namespaces": (
        many(),
        "namespaces is empty. It would select no namespace. Check the variable behind it; for all",
    ),
    "two-ways": (
        {**registry(), "namespaces": ["web"]},
        "namespace and namespaces select namespaces in different ways.",
    ),
    "names-and-selectors": (
        {**many("web"), "namespace_selectors": ["team=web"]},
        "namespaces and namespace_selectors select namespaces in different ways. Beside namespace_selectors,",
    ),
    "only-exclusions": (
        many("!web"),
        "namespaces only excludes. Nothing is left to exclude from. Name what is meant, such",
    ),
    "empty-selector": (
        {**many(), "namespaces": None, "namespace_selectors": ["a", ""]},
        "namespace_selectors[1] is empty. To Kubernetes an empty selector means every namespace. Write '*' if that is",
    ),
    "listing-forbidden": (
        many("*"),
        "Cannot list namespaces: forbidden (403). The identity {user} needs the verb list on namespaces in all "
        "namespaces. Bind it to a ClusterRole with that rule; the README shows the whole ClusterRole.",
    ),
    "other-server": (
        {**registry(), "expect_server": "*.example.com"},
        'The connection leads to {server}, and expect_server asks for "*.example.com". Nothing was sent.',
    ),
}


def test_bad_input_is_refused_with_a_sentence(
    cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path
) -> None:
    source = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["nowhere"], "verbs": ["get"]}
    writer = cluster.identity(namespace, [*documented_rules(NAME), source])
    tasks = []
    for name, (arguments, _message) in REFUSALS.items():
        given = {"name": NAME, "namespace": namespace, **writer.connection, **arguments}
        content = given.get("docker_config_file")
        if isinstance(content, bytes) or (isinstance(content, str) and not content.startswith("/")):
            path = tmp_path / f"{name}.json"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            given["docker_config_file"] = str(path)
        tasks.append(task("image_pull_secret", **given))

    run = playbook.run(tasks)

    wrong = {}
    for (name, (_arguments, message)), result in zip(REFUSALS.items(), run.results, strict=True):
        expected = (
            message.replace("{namespace}", namespace).replace("{user}", writer.user).replace("{server}", cluster.server)
        )
        if result["changed"] or SECRET in json.dumps(result) or not result["msg"].startswith(expected):
            wrong[name] = (expected, result)
    assert not wrong
    if cluster.audit_log:
        assert writes(cluster.audit(writer)) == []


def test_a_missing_namespace_is_an_error_and_in_check_mode_a_warning(cluster: Cluster, playbook: Playbook) -> None:
    arguments = {"name": NAME, "namespace": "not-made-yet", "kubeconfig": str(cluster.kubeconfig), "registries": [GHCR]}
    check, real = playbook.run(
        [{**task("image_pull_secret", **arguments), "check_mode": True}, task("image_pull_secret", **arguments)]
    ).results

    assert (check["operation"], check["warnings"]) == (
        "created",
        ["Namespace not-made-yet does not exist yet; without it the real run fails."],
    )
    assert real["msg"] == "Namespace not-made-yet does not exist. Create it first, or correct namespace."


def test_a_selector_that_is_none(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    writer = cluster.cluster_identity(namespace, documented_rules(NAME, "ClusterRole"))
    arguments = {**many(), "namespaces": None, "name": NAME, "namespace_selectors": ["team=web", "team in web"]}

    (result,) = playbook.run([task("image_pull_secret", **arguments, **writer.connection)]).results

    assert result["msg"].startswith('namespace_selectors: "team in web" is not a label selector. The server says: ')
    assert result["msg"].endswith("Write it like team=web, 'tier in (a, b)' or !temporary.")
    if cluster.audit_log:
        assert writes(cluster.audit(writer)) == []
