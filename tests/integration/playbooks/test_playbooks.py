# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks for people, run by their names on a real API server: what they print, and the page that one writes."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Cluster
from support.image_access import APP, DATABASE, TOKEN, UNAUTHORIZED, deploy, link, pull_secret, run_pod, spec
from support.playbook import Playbook
from support.playbooks import Page, run
from support.samples.secrets import encode

BREAKOUT = "</script><!--<script><img src=x onerror=alert(1)>{{ 7 * 7 }}\n  Next: sudo"
ON_A_LINE = " ".join(BREAKOUT.split())
COUNTS = "6 images: 2 with a matching entry, 4 without (including those that nodes or anyone can pull), 2 failing now"

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)


def populate(cluster: Cluster, namespace: str) -> None:
    """A Pod that was made before a link, one whose token ended, an entry that nearly matches, and names like markup."""
    pull_secret(cluster, namespace, "registry", {"ghcr.io": {"auth": encode(f"octo:{TOKEN}")}})
    pull_secret(
        cluster, namespace, "hub", {"https://index.docker.io/v1": {"username": "ada", "password": "hub-s3cret"}}
    )
    link(cluster, namespace, "app")
    run_pod(cluster, namespace, "before", spec(APP), "ErrImagePull", UNAUTHORIZED)
    link(cluster, namespace, "app", "registry")
    run_pod(cluster, namespace, "after", spec(APP), "ImagePullBackOff", UNAUTHORIZED)
    run_pod(cluster, namespace, "odd", spec(BREAKOUT))
    deploy(cluster, namespace, "web", spec(APP, DATABASE))
    deploy(cluster, namespace, "near", spec("nginx", secrets=["gone", "hub"]))


def paragraph(lines: list[str], start: str) -> list[str]:
    """The lines from the one that starts so to the next empty one."""
    begin = next(index for index, line in enumerate(lines) if line.startswith(start))
    rest = lines[begin:]
    return rest[: rest.index(" ")] if " " in rest else rest


def test_explain_pull(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    populate(cluster, namespace)

    code, lines, _output = run(playbook, "explain_pull", cluster, target_namespace=namespace)

    assert code == 0
    assert lines[:2] == [
        f"Namespace {namespace} of {cluster.server}",
        f"{COUNTS}.",
    ]
    assert paragraph(lines, "Pod before") == [
        "Pod before (ServiceAccount app)",
        f"  Image:   {APP} (c0)",
        "  Secrets: none",
        "  Verdict: no entry. The Pod has no pull secret, so the kubelet pulls without credentials.",
        "  Cause:   The Pod was created before Secret registry was linked to ServiceAccount app, and an existing Pod",
        "           does not pick up the link. Recreate the Pod.",
        "  Next:    Delete the Pod with this command, and create it again from its manifest:",
        f"           kubectl --namespace {namespace} delete pod before",
    ]
    assert paragraph(lines, "Pod after")[3:] == [
        "  Verdict: matched. Entry 'ghcr.io' of Secret registry as octo. The registry decides whether it is valid.",
        "  Cause:   The registry refuses user octo (entry 'ghcr.io' of Secret registry): the password is wrong or has",
        "           expired, the user has no access to the image, or the image does not exist.",
        "  Next:    Write valid credentials with a task:",
        "           keyring.kubernetes.image_pull_secret:",
        f"             namespace: {namespace}",
        "             name: registry",
        "             registries:",
        "               - server: ghcr.io",
        "                 username: …",
        "                 password: …",
    ]
    near = paragraph(lines, "Deployment near")
    assert near[2] == "  Secrets: 1. gone (missing), 2. hub (found)"
    assert "lacks the final slash" in " ".join(" ".join(near).split())
    assert near[-3].strip() == "- server: https://index.docker.io/v1/"
    assert f"  Image:   {ON_A_LINE} (c0)" in lines, "what others wrote is no template"


def test_explain_pull_of_one_pod_or_workload(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    populate(cluster, namespace)
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]

    _code, pod, _output = run(playbook, "explain_pull", cluster, namespace=namespace, pod="before", context=context)
    _code, workload, _output = run(playbook, "explain_pull", cluster, namespace=namespace, workload="deployment/web")
    wrong, nothing, output = run(playbook, "explain_pull", cluster, target_namespace=f"{namespace}-x")

    assert [line for line in pod if line.startswith(("Pod ", "Deployment "))] == ["Pod before (ServiceAccount app)"]
    assert f"           kubectl --context {context} --namespace {namespace} delete pod before" in pod
    assert paragraph(workload, "Deployment web")[0] == "Deployment web (ServiceAccount app, 0 Pods)"
    assert (wrong, nothing) == (2, [])
    assert f"target_namespace (Namespace): this namespace does not exist. Did you mean {namespace}" in output


def test_find_credential(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    populate(cluster, namespace)
    down = {"clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}], "current-context": "a"}
    down |= {"contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}], "users": []}
    here = {"kubeconfig": str(cluster.kubeconfig), "find_namespaces": [namespace]}
    one_down = {"production": here, "down": {"keyring_connection": {"kubeconfig": down}}}
    two = {"production": here, "test": {**here, "find_namespaces": ["none-*"]}}

    code, lines, _output = run(
        playbook, "find_credential", cluster, inventory=two, environment={"KEYRING_TOKEN": TOKEN}
    )
    gone, after, _output = run(
        playbook, "find_credential", cluster, environment={"KEYRING_TOKEN": "other-s3cret"}, find_namespaces=[namespace]
    )
    half, unknown, _output = run(playbook, "find_credential", cluster, inventory=one_down, token=TOKEN)
    none, nothing, output = run(playbook, "find_credential", cluster)

    assert code == 0
    width = len(f"{namespace}/registry")
    indent = " " * (len("production  ") + width + len("  REGISTRIES"))
    assert lines[:5] == [
        f"HOST        {'SECRET'.ljust(width)}  REGISTRIES  USED BY (NEW TOKEN TAKES EFFECT)",
        f"production  {namespace}/registry  ghcr.io     Pod after (at the next pull)",
        f"{indent}  Pod odd (at the next pull)",
        f"{indent}  ServiceAccount app (at the next pull)",
        " ",
    ]
    assert "test: none of its 0 pull secrets holds the token" in lines
    same = f"Several hosts are the same cluster: {cluster.server}. Its Secrets are counted once for each host."
    assert same in lines
    assert "1 Secret on 1 of 2 hosts holds the token." in lines
    assert (gone, after[:2]) == (
        0,
        ["localhost: none of its 2 pull secrets holds the token", "0 Secrets on 0 of 1 host hold the token."],
    )
    assert not any(line.startswith("Several hosts") for line in [*after, *unknown])
    assert half == 2, "a cluster that cannot be asked is no good news"
    assert "1 Secret on 1 of 1 host holds the token; 1 could not be searched." in unknown
    assert any(line.startswith("Not searched: down: Cannot reach the API server") for line in unknown)
    assert (none, nothing) == (2, [])
    assert "token (Token): set it in a variables file encrypted with Ansible Vault (-e @file), set token_file" in output
    assert "or set the environment variable KEYRING_TOKEN." in output


def test_image_access_report(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    populate(cluster, namespace)

    code, lines, _output = run(
        playbook,
        "image_access_report",
        cluster,
        report_namespaces=[namespace],
        report_node_providers=["quay.io"],
    )
    _code, _lines, _output = run(
        playbook, "image_access_report", cluster, report_namespaces=[namespace], report_file="sub.html", report_lines=2
    )

    assert code == 0
    name = f"…{ON_A_LINE[-59:]}" if len(ON_A_LINE) > 60 else ON_A_LINE
    path = Path(playbook.directory / "image-access-report.html").resolve()
    assert [" ".join(line.split()) for line in lines[:7]] == [
        "STATUS NAMESPACE PULLED BY IMAGE SECRET: ENTRY, OR CAUSE",
        f"fails {namespace} Pod/after {APP} wrong credentials",
        f"fails {namespace} Pod/before {APP} started before link",
        f"secret missing {namespace} Deployment/near nginx",
        f"no entry {namespace} Pod/odd {name}",
        f"by node {namespace} Deployment/web {DATABASE}",
        f"matched {namespace} Deployment/web {APP} registry: ghcr.io",
    ]
    assert len({line.index(namespace) for line in lines[1:7]}) == 1, "the columns are aligned"
    assert lines[-2:] == [
        f"{COUNTS}. Problems: 2.",
        f"Report: {path}",
    ]
    assert (playbook.directory / "sub.html").exists()
    assert "and 4 more, in the file" in _lines

    text = path.read_text()
    page = Page(text)
    assert page.tags.count("script") == 2
    assert "img" not in page.tags, "a name cannot break out of the data"
    data = json.loads(page.scripts[0])
    assert [item["server"] for item in data["clusters"]] == [cluster.server]
    assert [(item["name"], item["image"], item["status"]) for item in data["images"]] == [
        ("after", APP, "matched"),
        ("before", APP, "no_entry"),
        ("near", "nginx", "secret_missing"),
        ("odd", BREAKOUT, "no_entry"),
        ("web", DATABASE, "no_entry"),
        ("web", APP, "matched"),
    ]
    assert [item["command"] for item in data["restarts"]] == [f"kubectl delete pod/before -n {namespace}"]
    assert f"  - kubectl delete pod/before -n {namespace}" in lines
    assert {item["id"] for item in data["problems"]} == {"secret_missing", "started_before_link"}
    assert "s3cret" not in text
    assert not re.search(r"(src|href)=|url\(|@import|fetch\(", text.replace(page.scripts[0], "").split("<script")[0])


def test_image_access_report_of_several_clusters(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """One that answers, one that is down, one whose connection is a template that fails, and a host that is none."""
    populate(cluster, namespace)
    down = {"clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}], "current-context": "a"}
    down |= {"contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}], "users": []}
    inventory = {
        "prod": {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}},
        "down": {"keyring_connection": {"kubeconfig": down}},
        "broken": {"keyring_connection": {"kubeconfig": "{{ no_such_variable }}"}},
        "a-machine": {"ansible_host": "192.0.2.1"},
    }

    code, lines, output = run(
        playbook,
        "image_access_report",
        cluster,
        inventory=inventory,
        report_namespaces=[namespace],
        report_csv="report.csv",
        report_json="report.json",
        report_options={"upgrade_audit": True},
    )

    assert code == 2, output
    names = ("image-access-report.html", "report.csv", "report.json")
    paths = [playbook.directory / name for name in names]
    assert [oct(path.stat().st_mode) for path in paths] == ["0o100600"] * 3
    assert [path.name for path in paths if "s3cret" in path.read_text()] == []
    page, table, report = (path.read_text() for path in paths)
    data = json.loads(report)
    assert [item["host"] for item in data["clusters"]] == ["broken", "down", "prod"]
    errors = {item["host"]: item["error"] for item in data["clusters"]}
    assert errors["prod"] is None
    assert errors["down"].startswith("Cannot reach the API server http://127.0.0.1:9")
    assert "no_such_variable" in errors["broken"]
    shown = json.loads(Page(page).scripts[0])
    assert {name: shown[name] for name in data} == data
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["Host"], row["Verdict"]) for row in rows[:3]] == [
        ("broken", "Not read"),
        ("down", "Not read"),
        ("prod", "Pull fails"),
    ]
    assert len(rows) == 2 + 6
    assert {row["Name"]: row["Credentials"] for row in rows if row["Image"] == APP}["web"] == "own"
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
    assert f"  - prod: kubectl --context {context} delete pod/before -n {namespace}" in lines
    assert any(line.startswith("6 images on 1 of 3 hosts: ") for line in lines)
    assert any(line.startswith("  - down: Cannot reach the API server") for line in lines)


@pytest.mark.parametrize("name", ["report_csv", "report_json"])
def test_no_file_of_the_report_replaces_a_link(cluster: Cluster, namespace: str, playbook: Playbook, name: str) -> None:
    target = playbook.directory / "target"
    target.write_text("kept")
    (playbook.directory / "link").symlink_to(target)
    options: dict[str, Any] = {name: "link", "report_namespaces": [namespace]}

    code, _lines, output = run(playbook, "image_access_report", cluster, **options)

    assert code == 2
    assert f"{name} is not a regular file" in output
    assert target.read_text() == "kept"
    assert not (playbook.directory / "image-access-report.html").exists(), "nothing is written before all are checked"


@pytest.mark.parametrize("place", ["link to a file", "link to a folder", "dangling link", "folder", "file", "nothing"])
def test_the_report_replaces_no_more_than_a_file(
    cluster: Cluster, namespace: str, playbook: Playbook, place: str
) -> None:
    """Somebody else may have put a link where the report will be, such as in /tmp."""
    path, target = playbook.directory / "report.html", playbook.directory / "target"
    if place == "link to a folder":
        target.mkdir()
    elif place != "dangling link":
        target.write_text("kept")
    if "link" in place:
        path.symlink_to(target)
    elif place == "folder":
        path.mkdir()
    elif place == "file":
        path.write_text("earlier")
        path.chmod(0o644)

    code, _lines, output = run(
        playbook, "image_access_report", cluster, report_namespaces=[namespace], report_file=str(path)
    )

    if place in ("file", "nothing"):
        assert code == 0, output
        assert path.read_text().startswith("<!DOCTYPE html>")
        assert oct(path.stat().st_mode) == "0o100600"
    else:
        assert code == 2
        assert "report_file is not a regular file" in output
        assert not target.is_dir() or not list(target.iterdir())
    assert not target.is_file() or target.read_text() == "kept"
    assert target.exists() == (place != "dangling link")
