# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task for many namespaces: which ones it means, what it sends, and what it tells when some of them fail."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import PAGE
from support.admission import admit
from support.cluster import Cluster, Identity, verbs
from support.git_world import SshKey
from support.many_namespaces import GHCR, NAME, NAMED, QUAY, about, foreseeable, keep, labelled, make, summary, told
from support.playbook import Playbook, task
from support.rbac import documented_rules
from support.samples.git import HOSTS, NEW_KEY, SSH_URL, private
from support.uses import BUILT_IN, OFFERS

RULES = documented_rules(NAME, "ClusterRole")

SYSTEM = "Namespaces kube-* and openshift-* match only by their literal name."


@pytest.fixture
def group(cluster: Cluster, namespace: str) -> str:
    """What the names of this test's namespaces begin with, and a label of theirs."""
    return namespace


LINKED = {"service_accounts": ["default", "builder"]}


def test_links_in_many_namespaces(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    names = make(cluster, group, "a", "b", "c")
    for name in names:
        for account in LINKED["service_accounts"]:
            cluster.api.create_namespaced_service_account(name, {"metadata": {"name": account}})
    cluster.api.patch_namespaced_service_account("builder", names[1], {"imagePullSecrets": [{"name": NAME}]})
    which = {"namespaces": [f"{group}-?"], **LINKED}
    steps = [keep(writer, GHCR, **which), keep(writer, GHCR, **which), keep(writer, **which, state="absent")]
    foreseen = [
        {**keep(reader, GHCR, **which), "check_mode": True},
        {**keep(reader, **which, state="absent"), "check_mode": True},
    ]

    check, first, second, check_absent, absent = playbook.run([foreseen[0], *steps[:2], foreseen[1], steps[2]]).results

    assert told(first) == dict.fromkeys(names, "created")
    links = {
        entry["namespace"]: {link["service_account"]: link["operation"] for link in entry["links"]}
        for entry in first["secrets"]
    }
    assert links == {
        names[0]: {"default": "linked", "builder": "linked"},
        names[1]: {"default": "linked", "builder": "unchanged"},
        names[2]: {"default": "linked", "builder": "linked"},
    }
    assert check == foreseeable(first)
    assert (second["operation"], second["secrets"]) == ("unchanged", [])
    assert told(absent) == dict.fromkeys(names, "deleted")
    assert check_absent == foreseeable(absent)
    for name in names:
        assert not any(
            account.image_pull_secrets for account in cluster.api.list_namespaced_service_account(name).items
        )
    if cluster.audit_log:
        events = cluster.audit(writer)
        accounts = Counter(verbs(about(events, {"serviceaccounts"})))
        # A list for each name and run, and one of all before the delete.
        assert accounts == Counter({"list": 2 * 3 + 1, "patch": 5 + 6})
        order = [
            (event["objectRef"]["resource"], event["verb"])
            for event in about(events, {"secrets", "serviceaccounts"})
            if event["objectRef"].get("namespace") == names[0]
        ]
        assert order == [
            ("secrets", "create"),
            *[("serviceaccounts", "patch")] * 4,
            ("secrets", "delete"),
        ]


# How a group of four namespaces a, b, c and d is meant, and the requests that it takes to find nothing to do.
WAYS: Mapping[str, tuple[Mapping[str, Any], Sequence[str], Sequence[str]]] = {
    "names": ({"namespaces": ["{group}-a", "{group}-b"]}, ("a", "b"), ["get", "get"]),
    "a-glob": ({"namespaces": ["{group}-?"]}, ("a", "b", "c", "d"), ["list", "list"]),
    "a-glob-and-exclusions": ({"namespaces": ["{group}-?", "!*-[bc]"]}, ("a", "d"), ["list", "list"]),
    "a-selector": ({"namespace_selectors": ["group={group}"]}, ("a", "b", "c", "d"), ["list", "list"]),
    "a-narrowed-selector": (
        {"namespace_selectors": ["group in ({group}, x)"], "namespaces": ["!{group}-a"]},
        ("b", "c", "d"),
        ["list", "list"],
    ),
    "two-selectors": (
        {"namespace_selectors": ["kubernetes.io/metadata.name={group}-a", "kubernetes.io/metadata.name={group}-d"]},
        ("a", "d"),
        ["list", "list", "list"],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_namespaces_are_meant_read_and_written(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity, way: str
) -> None:
    options, suffixes, requests = WAYS[way]
    make(cluster, group, "a", "b", "c", "d")
    which = {name: [text.replace("{group}", group) for text in texts] for name, texts in options.items()}
    meant = [f"{group}-{suffix}" for suffix in suffixes]
    steps = [("created", (GHCR,)), ("unchanged", (GHCR,)), ("updated", (QUAY,)), ("deleted", ())]
    tasks = []
    for operation, registries in steps:
        absent = {"state": "absent"} if operation == "deleted" else {}
        tasks.append({**keep(reader, *registries, **which, **absent), "check_mode": True, "diff": True})
        tasks.append({**keep(writer, *registries, **which, **absent), "diff": True})

    results = playbook.run(tasks).results

    for (operation, _registries), check, real in zip(steps, results[::2], results[1::2], strict=True):
        assert real["operation"] == operation, real
        assert real["summary"] == summary(len(meant), **{operation: len(meant)})
        assert told(real) == ({} if operation == "unchanged" else dict.fromkeys(meant, operation))
        assert [diff["after_header"] for diff in real["diff"]] == (
            [] if operation == "unchanged" else [f"Secret {NAME} in {', '.join(meant)}"]
        )
        assert check == foreseeable(real)
    if cluster.audit_log:
        assert set(verbs(cluster.audit(reader))) <= {"get", "list"}
        number = len(meant)
        room = [] if "list" in requests else ["get"]
        each = [*room, "create", "patch", "delete"]
        events = cluster.audit(writer)
        assert Counter(verbs(about(events, {"secrets", "namespaces"}))) == Counter(
            [*list(requests) * 4, *each * number]
        )
        # Who uses the Secret is asked for once before it is deleted, or once in each of a few namespaces.
        lists = len(BUILT_IN) * (number if room else 1)
        assert Counter(verbs(about(events, BUILT_IN))) == Counter({"list": lists})
        assert [event["requestURI"] for event in events].count(OFFERS) == 1
        listed = [unquote(event["requestURI"]) for event in cluster.audit(writer) if event["verb"] == "list"]
        assert all(f"fieldSelector=metadata.name={NAME}&" in uri for uri in listed if "/secrets" in uri)


def test_only_what_differs_is_written(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    a, b, c = make(cluster, group, "a", "b", "c")
    which = {"namespaces": [f"{group}-?"]}
    playbook.run([keep(writer, GHCR, **which)])
    cluster.api.delete_namespaced_secret(NAME, b)
    before = cluster.read_secret(a, NAME)

    changed, everything = playbook.run([keep(writer, GHCR, **which), keep(writer, GHCR, **which, report="all")]).results

    assert told(changed) == {b: "created"}
    assert changed["summary"] == summary(3, created=1, unchanged=2)
    assert "diff" not in changed or changed["diff"] == []
    assert told(everything) == dict.fromkeys((a, b, c), "unchanged")
    assert cluster.read_secret(a, NAME) == before


def test_a_failure_stops_nobody_else(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    a, b, c, gone = make(cluster, group, "a", "b", "c", "gone")
    cluster.api.delete_namespace(gone)
    admit(cluster, b, "false")
    which = {"namespaces": [a, b, c, gone, f"{group}-missing", *(f"{group}-{number}" for number in range(4))]}
    make(cluster, group, "0", "1", "2", "3")

    check, real = playbook.run(
        [{**keep(writer, GHCR, **which), "check_mode": True}, keep(writer, GHCR, **which)]
    ).results

    created = [a, c, *(f"{group}-{number}" for number in range(4))]
    assert check["summary"] == summary(9, created=8, skipped=1)
    assert check["warnings"] == [f"Namespace {group}-missing does not exist yet; without it the real run fails."]
    assert real["summary"] == summary(9, created=6, skipped=1, failed=2)
    assert told(real) == {
        **dict.fromkeys(created, "created"),
        b: "failed",
        f"{group}-missing": "failed",
    }
    assert [(entry["namespace"], entry["failure"]) for entry in real["secrets"]] == [
        (b, {"id": "admission_denied", "option": None, "namespace": b}),
        (f"{group}-missing", {"id": "not_found", "option": None, "namespace": f"{group}-missing"}),
    ]
    assert real["failure"] == {"id": "admission_denied", "option": None, "namespace": None}
    assert [real[operation] for operation in (*NAMED, "not_tried")] == [sorted(created), [], [], [], []]
    assert (real["failed"], real["changed"]) == (True, True)
    assert re.fullmatch(
        rf"2 of 9 namespaces failed\. {b}: Cannot create Secret {b}/{NAME}: .* "
        rf"{group}-missing: Namespace {group}-missing does not exist\. Create it first, or correct namespace\.",
        real["msg"],
    )
    cluster.api.create_namespace(labelled(f"{group}-missing", group))

    (again,) = playbook.run([keep(writer, GHCR, **which)]).results

    assert again["summary"] == summary(9, created=1, unchanged=6, skipped=1, failed=1)
    assert again["failure"] == {"id": "admission_denied", "option": None, "namespace": b}
    assert again["created"] == [f"{group}-missing"]


def test_each_namespace_must_serve_the_images(
    cluster: Cluster, group: str, playbook: Playbook, writer: Identity, reader: Identity
) -> None:
    new, other, spoilt = make(cluster, group, "new", "other", "spoilt")
    for name, auths in ((other, {"quay.io": {"auth": "YTpi"}}), (spoilt, {"bad.io": {"auth": "pants"}})):
        config = {".dockerconfigjson": json.dumps({"auths": auths})}
        cluster.create_secret(name, NAME, type="kubernetes.io/dockerconfigjson", string_data=config)
    given: dict[str, Any] = {"namespaces": [f"{group}-*"], "images": ["ghcr.io/acme/app:1", "quay.io/acme/db"]}

    foreseen, refused, warned = playbook.run(
        [
            {**keep(reader, GHCR, **given), "check_mode": True},
            keep(writer, GHCR, **given, report="changed"),
            keep(writer, GHCR, **given, preflight="warn"),
        ]
    ).results

    assert told(foreseen) == told(refused) == {new: "failed", other: "updated", spoilt: "failed"}
    assert foreseen["msg"] == refused["msg"]
    assert (
        f'2 of 3 namespaces failed. {new}: images[1] ("quay.io/acme/db") has no matching credentials' in refused["msg"]
    )
    assert (
        f'{spoilt}: images[0] ("ghcr.io/acme/app:1") has no matching credentials in the Secret. Entry' in refused["msg"]
    )
    entries = {entry["namespace"]: entry for entry in refused["secrets"]}
    assert entries[other]["images"] == [
        {"image": "ghcr.io/acme/app:1", "server": "ghcr.io", "username": "octo"},
        {"image": "quay.io/acme/db", "server": "quay.io", "username": "a"},
    ]
    assert told(warned) == {new: "created", spoilt: "updated"}
    assert {image["server"] for entry in warned["secrets"] for image in entry["images"]} == {"ghcr.io", None}
    if cluster.audit_log:
        assert Counter(verbs(cluster.audit(writer))) == {"list": 4, "patch": 2, "create": 1}
        assert Counter(verbs(cluster.audit(reader))) == {"list": 2}


def test_what_matches_nothing_is_a_warning(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    (a,) = make(cluster, group, "a")
    globs, selectors = playbook.run(
        [
            keep(writer, GHCR, namespaces=[f"{group}-*", "prod-*", "kube-*", "!stage-*"]),
            keep(writer, GHCR, namespace_selectors=["tier=gold"]),
        ]
    ).results

    assert told(globs) == {a: "created"}
    assert globs["warnings"] == [
        'namespaces: "prod-*" matches no namespace.',
        f'namespaces: "kube-*" matches no namespace. {SYSTEM}',
        'namespaces: "!stage-*" matches no namespace, so it excludes nothing.',
    ]
    assert (selectors["operation"], selectors["summary"]) == ("unchanged", summary(0))
    assert selectors["warnings"] == ['namespace_selectors: "tier=gold" matches no namespace.']


def test_a_copy_of_one_secret_everywhere(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    a, b, source = make(cluster, group, "a", "b", "source")
    which = {"namespaces": [f"{group}-*"]}
    made, copied, again, nowhere = playbook.run(
        [
            keep(writer, GHCR, namespace=source),
            keep(writer, **which, credentials_from={"namespace": source, "name": NAME}),
            keep(writer, **which, credentials_from={"namespace": source, "name": NAME}),
            keep(writer, **which, credentials_from={"name": NAME}),
        ]
    ).results

    assert made["operation"] == "created"
    assert told(copied) == {a: "created", b: "created", source: "skipped"}
    assert told(again) == {source: "skipped"}
    assert cluster.read_auths(b, NAME) == cluster.read_auths(source, NAME)
    assert nowhere["msg"].startswith("credentials_from.namespace is missing. With many namespaces")


def test_lists_of_several_pages(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    names = make(cluster, group, *(f"{number:04}" for number in range(PAGE + 10)))
    which = {"namespaces": [f"{group}-*"]}

    created, again = playbook.run([keep(writer, GHCR, **which), keep(writer, GHCR, **which)]).results

    assert told(created) == dict.fromkeys(names, "created")
    assert again["summary"] == summary(PAGE + 10, unchanged=PAGE + 10)
    assert cluster.read_auths(names[-1], NAME).keys() == {"ghcr.io"}


def test_two_playbooks_that_write_the_same_namespaces(
    cluster: Cluster, group: str, writer: Identity, tmp_path: Path
) -> None:
    names = make(cluster, group, *(f"{number:02}" for number in range(40)))
    which = {"namespaces": [f"{group}-*"], "concurrency": 16}

    def run(registry: Mapping[str, str]) -> dict[str, Any]:
        directory = tmp_path / registry["server"]
        directory.mkdir()
        (result,) = Playbook(directory).run([keep(writer, registry, **which)]).results
        return result

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, (GHCR, QUAY)))

    assert [result["summary"]["failed"] for result in results] == [0, 0]
    assert [name for name in names if set(cluster.read_auths(name, NAME)) != {"ghcr.io", "quay.io"}] == []


HOST_KEYS = {"known_hosts": HOSTS}
FORBIDDEN = (
    "Cannot read Secret {namespace}/registry: forbidden (403). The identity {user} needs the verb get on secrets"
)


def generate(identity: Identity, **arguments: Any) -> dict[str, Any]:
    given = {"format": "flux", "ssh": {"generate": "ed25519", **HOST_KEYS}, **arguments}
    return task("gitsync_secret", name=NAME, **given, **identity.connection)


def key_in(cluster: Cluster, namespace: str, key: str = "identity") -> str:
    """The private key that is stored in a namespace."""
    return base64.b64decode(cluster.read_secret(namespace, NAME)["data"][key]).decode()


def replace_key(cluster: Cluster, namespace: str, key: SshKey) -> None:
    data = {"identity": base64.b64encode(key.private).decode(), "identity.pub": None}
    cluster.api.patch_namespaced_secret(NAME, namespace, {"data": data})


def test_one_key_is_made_for_all_namespaces(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    a, b, c = make(cluster, group, "a", "b", "c")
    which = {"namespace_selectors": [f"group={group}"]}
    check, made, again = playbook.run(
        [
            {**generate(reader, **which), "check_mode": True},
            generate(writer, **which),
            generate(writer, **which, report="all"),
        ]
    ).results

    public = {name: made[name] for name in ("public_key", "fingerprint")}
    assert told(made) == dict.fromkeys((a, b, c), "created")
    assert len({key_in(cluster, name) for name in (a, b, c)}) == 1
    foreseen = json.dumps(foreseeable(made))
    for text in public.values():
        foreseen = foreseen.replace(text, "<known after apply>")
    assert check == json.loads(foreseen)
    assert (again["operation"], again["summary"]) == ("unchanged", summary(3, unchanged=3))
    assert public.items() <= again.items()
    assert all(public.items() <= entry["secret"].items() for entry in again["secrets"])

    (d,) = make(cluster, group, "d")
    (later,) = playbook.run([generate(writer, **which)]).results

    assert told(later) == {d: "created"}
    assert public.items() <= later.items()
    assert key_in(cluster, d) == key_in(cluster, a)

    replace_key(cluster, b, NEW_KEY)
    (e,) = make(cluster, group, "e")
    (different,) = playbook.run([generate(writer, **which)]).results

    assert told(different) == {b: "updated", e: "created"}  # b gets its public half
    assert key_in(cluster, b) == private(NEW_KEY)
    assert key_in(cluster, e) == key_in(cluster, a)
    assert different["warnings"] == [
        "2 different private keys are stored in these namespaces, and each stays where it is; where there is none, the "
        f"one with the fingerprint {public['fingerprint']} is written."
    ]
    assert (different["public_key"], different["fingerprint"]) == (None, None)
    if cluster.audit_log:
        assert set(verbs(cluster.audit(reader))) == {"list"}
        assert Counter(verbs(cluster.audit(writer))) == Counter({"list": 4 * 2, "create": 5, "patch": 1})


def test_one_key_is_made_for_a_few_names(cluster: Cluster, group: str, playbook: Playbook) -> None:
    """The one that is forbidden fails alone; when it is allowed, it gets the key of the others."""
    a, b, c = make(cluster, group, "a", "b", "c")
    robot = cluster.identity(a, documented_rules(NAME))
    account = robot.user.rpartition(":")[2]
    cluster.grant(b, account, a, documented_rules(NAME))
    names = {"namespaces": [a, b, c]}

    (made,) = playbook.run([generate(robot, **names, report="changed")]).results
    requests = verbs(cluster.audit(robot)) if cluster.audit_log else []
    cluster.grant(c, account, a, documented_rules(NAME))
    rest, again = playbook.run([generate(robot, **names), generate(robot, **names)]).results

    assert made["summary"] == summary(3, created=2, failed=1)
    assert told(made) == {a: "created", b: "created", c: "failed"}
    assert made["failure"] == {"id": "forbidden", "option": None, "namespace": c}
    assert made["secrets"][2]["msg"].startswith(FORBIDDEN.format(namespace=c, user=robot.user))
    assert told(rest) == {c: "created"}
    assert len({key_in(cluster, name) for name in (a, b, c)}) == 1
    assert again["summary"] == summary(3, unchanged=3)
    assert rest["public_key"] == again["public_key"] == made["secrets"][0]["secret"]["public_key"]
    if cluster.audit_log:
        assert sorted(requests) == ["create"] * 2 + ["get"] * 5
        assert Counter(verbs(cluster.audit(robot))) == Counter({"get": 5 + 4 + 3, "create": 2 + 1})


def test_one_key_is_copied_into_all_namespaces(
    cluster: Cluster, group: str, playbook: Playbook, writer: Identity
) -> None:
    a, b, source = make(cluster, group, "a", "b", "source")
    copy = {
        "namespaces": [f"{group}-*"],
        "credentials_from": {"namespace": source, "name": NAME},
        "format": "argocd_repository",
        "ssh": None,
        "url": SSH_URL,
    }
    made, copied, again = playbook.run(
        [generate(writer, namespace=source), generate(writer, **copy), generate(writer, **copy)]
    ).results

    assert told(copied) == {a: "created", b: "created", source: "skipped"}
    assert told(again) == {source: "skipped"}
    assert copied["public_key"] == again["public_key"] == made["public_key"]
    assert key_in(cluster, a, "sshPrivateKey") == key_in(cluster, b, "sshPrivateKey") == key_in(cluster, source)
    if cluster.audit_log:
        one, each = ["get", "get", "create"], ["get", "list", "list"]
        assert Counter(verbs(cluster.audit(writer))) == Counter([*one, *each, *each, "create", "create"])
