# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A limit: what a task does in the namespaces of the limit, and that it leaves all others as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import MAX_LIMITED_READS
from support.cluster import Cluster, Identity, verbs, writes
from support.many_namespaces import GHCR, GHCR_ROTATED, NAME, PULL, QUAY, about, foreseeable, keep, make, summary, told
from support.playbook import Playbook, task
from support.rbac import documented_link_rules, documented_rules
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import Rule, refuse

RULES = [
    *documented_rules(NAME, "ClusterRole"),
    # Another name than that of the documents, and all permissions to link.
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "create", "patch", "delete"]},
    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get", "list", "patch"]},
]
GIT = {"name": "git", "format": "flux", "https": {"username": "octo", "password": "git-token-1"}}
PRUNE_IS_OFF = "Nothing is pruned, because namespaces_limit is set."
EXCLUSIVE_IS_OFF = "exclusive has no effect, because namespaces_limit is set. Entries that are not listed stay."

State = Mapping[tuple[str, str, str], tuple[str, str]]


@pytest.fixture
def group(namespace: str) -> str:
    """What the names of this test's namespaces begin with, and the owner of their Secrets."""
    return namespace


def read_state(cluster: Cluster, group: str, limit: Iterable[str]) -> State:
    """Return UID and resource version of all Secrets and ServiceAccounts outside of the limit.

    On a cluster of our own they are those of all namespaces; on another, which others use as well, of the group.
    """
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    kinds = {
        "Secret": cluster.api.list_secret_for_all_namespaces,
        "ServiceAccount": cluster.api.list_service_account_for_all_namespaces,
    }
    for kind, list_all in kinds.items():
        for item in list_all().items:
            place = item.metadata.namespace
            if place not in limit and (cluster.audit_log or place.startswith(group)):
                found[kind, place, item.metadata.name] = (item.metadata.uid, item.metadata.resource_version)
    return found


def find_requests_elsewhere(events: Sequence[Mapping[str, Any]], limit: Iterable[str]) -> list[tuple[str, str]]:
    """Return verb and URI of the requests that are not about one namespace of the limit alone."""
    elsewhere = []
    for event in events:
        reference = event.get("objectRef")
        if reference is None:
            continue  # what the server offers, such as /apis
        place = reference.get("name") if reference["resource"] == "namespaces" else reference.get("namespace")
        if place not in limit:
            elsewhere.append((event["verb"], event["requestURI"]))
    return elsewhere


def link(identity: Identity, **arguments: Any) -> dict[str, Any]:
    return task("service_account_secrets", image_pull_secrets=[{"name": "shared"}], **arguments, **identity.connection)


def in_check_mode(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "check_mode": True, "diff": True}


def predictable(real: Mapping[str, Any]) -> dict[str, Any]:
    """Return what check mode can know of the result of a real run, of a Secret or of links."""
    if "secrets" in real:
        return foreseeable(real)
    if "namespaces" not in real:
        return dict(real)
    entries = []
    for entry in real["namespaces"]:
        accounts = [{**account, "resource_version": None} for account in entry["service_accounts"]]
        entries.append({**entry, "service_accounts": accounts})
    return {**real, "namespaces": entries}


def links_of(cluster: Cluster, namespace: str) -> list[str]:
    return [item["name"] for item in cluster.read_account(namespace, "default").get("imagePullSecrets", ())]


def test_nothing_elsewhere_is_touched(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    """Each way to select, to delete and to replace: other namespaces are as they were, and no request is about them."""
    old, new, ending = make(cluster, group, "old", "new", "ending")
    others = make(cluster, group, *(f"other{number}" for number in range(9)), "left")
    for name in (old, new, *others):
        cluster.create_account(name, "default", imagePullSecrets=[{"name": "foreign"}])
    everywhere = {"namespaces": [f"{group}-*"], "owner": group}
    playbook.run([keep(cluster_admin(cluster), GHCR, **{**everywhere, "namespaces": [old, *others]})])
    cluster.api.delete_namespace(ending)
    limit = [new, old, ending, f"{group}-gone", f"not-{group}", new, "kube-system"]
    limited = {"namespaces_limit": limit}
    inside = {*limit}
    before = read_state(cluster, group, {old, new})
    accounts = {"service_accounts": ["*", "nothing-*", "!unknown"]}
    tasks = {
        "globs": keep(writer, QUAY, **everywhere, **accounts, prune=True, purge_registries=True, **limited),
        "more-than-8-names": keep(
            writer, GHCR, namespaces=[old, *others], owner=group, prune=True, namespaces_limit=[old, "kube-system"]
        ),
        "excluded": keep(writer, QUAY, namespaces=[f"{group}-*", f"!{old}"], **limited),
        "no-name": keep(writer, QUAY, namespaces=others, prune=True, owner=group, **limited),
        "one": keep(writer, QUAY, namespace=old, service_accounts=["default"], **limited),
        "one-left-out": keep(writer, QUAY, namespace=others[0], service_accounts=["default"], **limited),
        "links": link(writer, namespaces=[f"{group}-*"], **accounts, exclusive=True, **limited),
        "links-of-one": link(writer, namespace=others[0], service_account="default", exclusive=True, **limited),
        "links-of-one-and-all": link(writer, namespace=others[0], service_accounts=["*"], **limited),
        "git": task("gitsync_secret", **GIT, **everywhere, prune=True, **limited, **writer.connection),
        "git-one": task("gitsync_secret", **GIT, namespace=old, **limited, **writer.connection),
        "git-left-out": task("gitsync_secret", **GIT, namespace=others[0], **limited, **writer.connection),
        "absent": keep(writer, **everywhere, **accounts, state="absent", namespaces_limit=[new, ending]),
        "absent-left-out": keep(writer, namespace=others[0], state="absent", **limited),
    }
    order = []
    for given in tasks.values():
        checked = in_check_mode(given)
        module = next(name for name in given if name.startswith("keyring"))
        checked[module] = {**given[module], **reader.connection}
        order += [checked, {**given, "diff": True}]

    run = playbook.run(order)

    assert read_state(cluster, group, {old, new}) == before
    real = dict(zip(tasks, run.results[1::2], strict=True))
    for name, checked_result in zip(tasks, run.results[::2], strict=True):
        assert checked_result == predictable(real[name]), name
    assert told(real["globs"]) == {old: "updated", new: "created", ending: "skipped"}
    assert real["globs"]["summary"] == summary(3, created=1, updated=1, skipped=1)
    assert (real["globs"]["unmatched"], real["globs"]["warnings"]) == ([], [PRUNE_IS_OFF])
    assert (told(real["more-than-8-names"]), real["more-than-8-names"]["summary"]["namespaces"]) == (
        {old: "updated"},
        1,
    )
    assert told(real["excluded"]) == {ending: "skipped"}
    assert (real["no-name"]["operation"], real["no-name"]["summary"]) == ("unchanged", summary(0))
    assert (real["no-name"]["warnings"], real["no-name"]["secrets"]) == ([PRUNE_IS_OFF], [])
    assert (real["one"]["operation"], real["one"]["secret"]["namespace"]) == ("unchanged", old)
    assert set(real["one-left-out"]) == set(real["one"])
    assert real["one-left-out"] == LEFT_OUT | {
        "cluster": real["one"]["cluster"],
        "credentials_kept": [],
        "links": [],
        "minted": [],
        "next_run_before": None,
        "secret": None,
        "unmanaged_registries": [],
    }
    assert {entry["namespace"]: entry["operation"] for entry in real["links"]["namespaces"]} == {
        old: "updated",
        new: "updated",
        ending: "skipped",
    }
    exclusive_is_off, missing = real["links"]["warnings"]
    assert (real["links"]["unmatched"], exclusive_is_off) == ([], EXCLUSIVE_IS_OFF)
    assert "now reference Secret shared, which does not exist there" in missing
    assert real["links-of-one"] == LEFT_OUT | {
        "cluster": real["one"]["cluster"],
        "service_account": None,
        "warnings": [EXCLUSIVE_IS_OFF],
    }
    assert real["links-of-one-and-all"]["summary"]["namespaces"] == 0
    assert told(real["git"]) == {old: "created", new: "created", ending: "skipped"}
    assert real["git-left-out"] == LEFT_OUT | {
        "cluster": real["one"]["cluster"],
        "credentials_kept": [],
        "fingerprint": None,
        "minted": [],
        "next_run_before": None,
        "public_key": None,
        "secret": None,
        "unmanaged_keys": [],
    }
    assert set(real["git-left-out"]) == set(real["git-one"])
    assert told(real["absent"]) == {new: "deleted", ending: "skipped"}
    assert real["absent-left-out"]["operation"] == "skipped"
    assert links_of(cluster, old) == ["foreign", NAME, "shared"]  # exclusive is off
    assert links_of(cluster, new) == ["foreign", "shared"]
    assert links_of(cluster, others[0]) == ["foreign"]
    if cluster.audit_log:
        for identity in (reader, writer):
            assert find_requests_elsewhere(cluster.audit(identity), inside) == []
        assert set(verbs(cluster.audit(reader))) <= {"get", "list"}


# The result of a task for one namespace that the limit leaves out, in part.
LEFT_OUT = {"changed": False, "failed": False, "operation": "skipped", "diff": {}}


def cluster_admin(cluster: Cluster) -> Identity:
    return Identity("", {"kubeconfig": str(cluster.kubeconfig)})


def test_only_the_server_knows_what_a_selector_selects(
    cluster: Cluster, group: str, playbook: Playbook, writer: Identity
) -> None:
    new, other, excluded = make(cluster, group, "new", "other", "excluded")
    unlabelled = cluster.create_namespace("-unlabelled")
    cluster.create_account(new, "default")
    limit = [new, excluded, unlabelled, f"{group}-gone"]
    given = {
        "namespace_selectors": [f"group={group}", "team=unknown"],
        "namespaces": [f"!{excluded}"],
        "namespaces_limit": limit,
    }
    before = read_state(cluster, group, {new})

    kept, linked, nothing = playbook.run(
        [
            keep(writer, GHCR, **given, owner=group, prune=True),
            link(writer, **given, service_accounts=["*"]),
            keep(writer, GHCR, **{**given, "namespaces_limit": [excluded, "kube-system"]}),
        ]
    ).results

    assert (told(kept), kept["summary"]) == ({new: "created"}, summary(1, created=1))
    assert (kept["unmatched"], kept["warnings"]) == ([], [PRUNE_IS_OFF])
    assert [entry["namespace"] for entry in linked["namespaces"]] == [new]
    assert nothing["summary"] == summary(0)
    assert read_state(cluster, group, {new}) == before
    assert not cluster.api.list_namespaced_secret(other).items
    if cluster.audit_log:
        elsewhere = find_requests_elsewhere(cluster.audit(writer), {new})
        # Two selectors each time, and none where the exclusion and the names leave nothing to ask about.
        assert [verb for verb, _uri in elsewhere] == ["list"] * 4
        assert all(uri.startswith("/api/v1/namespaces?labelSelector=") for _verb, uri in elsewhere)


def test_permissions_in_the_new_namespace_are_enough(cluster: Cluster, group: str, playbook: Playbook) -> None:
    """No request can be about another namespace, for the identity has no permission there."""
    (new,) = make(cluster, group, "new")
    make(cluster, group, "other")
    cluster.create_account(new, "default")
    identity = cluster.identity(new, documented_rules(NAME))
    given = {"namespaces": [f"{group}-*"], "service_accounts": ["default"], "namespaces_limit": [new]}

    made, again, gone = playbook.run(
        [
            keep(identity, GHCR, **given),
            keep(identity, GHCR, **given),
            keep(identity, state="absent", **given),
        ]
    ).results

    assert (told(made), told(again), told(gone)) == ({new: "created"}, {}, {new: "deleted"})


def test_namespaces_that_do_not_exist_any_more(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    """One that a glob selects is passed over, and one that the task names is a failure, as without a limit."""
    (new,) = make(cluster, group, "new")
    gone = f"{group}-gone"
    limited = {"namespaces_limit": [gone, new]}
    blind = cluster.cluster_identity(
        group, [rule for rule in documented_rules(NAME, "ClusterRole") if "namespaces" not in rule["resources"]]
    )

    check, named, globs, unknown, absent = playbook.run(
        [
            in_check_mode(keep(reader, GHCR, namespaces=[gone, f"{group}-*"], **limited)),
            keep(writer, GHCR, namespaces=[gone, f"{group}-*"], **limited),
            keep(writer, GHCR_ROTATED, namespaces=[f"{group}-*"], **limited),
            keep(blind, GHCR, namespaces=[f"{group}-*"], **limited),
            keep(writer, state="absent", namespaces=[gone, f"{group}-*"], **limited),
        ]
    ).results

    assert told(check) == {gone: "created", new: "created"}
    missing = f"Namespace {gone} does not exist yet; without it the real run fails."
    assert missing in check["warnings"]
    assert told(named) == {gone: "failed", new: "created"}
    assert named["failure"] == {"id": "not_found", "option": None, "namespace": gone}
    assert (told(globs), globs["summary"]) == ({new: "updated"}, summary(1, updated=1))
    # Without the permission to read namespaces, it is not known which ones exist: the server says so on the write.
    assert told(unknown) == {gone: "failed", new: "updated"}
    assert (told(absent), absent["summary"]) == ({new: "deleted"}, summary(2, deleted=1, unchanged=1))


def test_a_namespace_that_cannot_be_read_fails_alone(
    cluster: Cluster, group: str, playbook: Playbook, writer: Identity
) -> None:
    fine, refused, kept = make(cluster, group, "fine", "refused", "kept")
    playbook.run([keep(writer, GHCR, namespaces=[kept])])
    rules = [Rule(refuse(422), methods=("GET",), path=f"^/api/v1/namespaces/{name}$") for name in (refused, kept)]
    given = {"namespaces": [f"{group}-*"], "namespaces_limit": [fine, refused, kept]}

    with in_front_of(cluster, writer, *rules) as proxy:
        (result,) = playbook.run([keep(Identity("", through(proxy, writer)), GHCR_ROTATED, **given)]).results

    # A namespace in which nothing is created need not be known.
    assert told(result) == {fine: "created", refused: "failed", kept: "updated"}
    assert result["failure"]["namespace"] == refused


@pytest.mark.parametrize("way", ["globs", "selectors"])
def test_a_long_limit_is_listed_and_cut(cluster: Cluster, group: str, playbook: Playbook, way: str) -> None:
    """As many requests as without a limit, with the permissions for that, and nothing is written elsewhere."""
    old, new, ending, *others = make(cluster, group, "old", "new", "ending", *(f"other{number}" for number in range(9)))
    for name in (old, new, *others):
        cluster.create_account(name, "default")
    playbook.run([keep(cluster_admin(cluster), GHCR, namespaces=[old, *others], owner=group)])
    cluster.api.delete_namespace(ending)
    gone = [f"{group}-gone{number}" for number in range(MAX_LIMITED_READS)]
    which: Mapping[str, Any] = {
        "globs": {"namespaces": [f"{group}-*", "nothing-*"]},
        "selectors": {"namespace_selectors": [f"group={group}"]},
    }[way]
    limited = {**which, "namespaces_limit": [old, new, ending, *gone]}
    rules = [*documented_rules(NAME, "ClusterRole"), *documented_link_rules("ClusterRole")]
    identity = cluster.cluster_identity(group, rules)
    before = read_state(cluster, group, {old, new})

    kept, linked, absent = playbook.run(
        [
            keep(identity, GHCR_ROTATED, **limited, owner=group, prune=True, service_accounts=["default"]),
            link(identity, **limited, service_accounts=["default", "no-*"]),
            keep(identity, **limited, state="absent", service_accounts=["default"]),
        ]
    ).results

    assert told(kept) == {old: "updated", new: "created", ending: "skipped"}
    assert kept["summary"] == summary(3, created=1, updated=1, skipped=1)
    assert (kept["unmatched"], kept["warnings"]) == ([], [PRUNE_IS_OFF])
    assert {entry["namespace"]: entry["operation"] for entry in linked["namespaces"]} == {
        old: "updated",
        new: "updated",
        ending: "skipped",
    }
    assert linked["unmatched"] == []
    assert links_of(cluster, new) == ["shared"]
    assert told(absent) == {old: "deleted", new: "deleted", ending: "skipped"}
    assert read_state(cluster, group, {old, new}) == before
    if cluster.audit_log:
        elsewhere = find_requests_elsewhere(cluster.audit(identity), {old, new, ending})
        assert {verb for verb, _uri in elsewhere} == {"list"}
        assert len(about(cluster.audit(identity), {"namespaces"})) == 3


def test_many_new_namespaces_are_read_by_their_names(
    cluster: Cluster, group: str, playbook: Playbook, writer: Identity
) -> None:
    names = make(cluster, group, *(f"{number:02}" for number in range(40)))
    new = names[5:]
    limit = {"namespaces": [f"{group}-*"], "namespaces_limit": [*reversed(new), *new]}

    made, again = playbook.run([keep(writer, GHCR, **limit), keep(writer, GHCR, **limit)]).results

    assert (made["summary"], told(made)) == (summary(35, created=35), dict.fromkeys(new, "created"))
    assert again["summary"] == summary(35, unchanged=35)
    if cluster.audit_log:
        events = cluster.audit(writer)
        assert find_requests_elsewhere(events, new) == []
        assert verbs(about(events, {"namespaces"})) == ["get"] * 70
        assert writes(events) == ["create"] * 35


def test_what_is_copied_is_only_read(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    """The source is spared also where it is selected and in the limit; where nothing is to be done, it is not read."""
    source, new = make(cluster, group, "source", "new")
    outside, _other = make(cluster, group, "outside", "z")
    playbook.run([keep(cluster_admin(cluster), GHCR, namespaces=[source, outside])])
    before = read_state(cluster, group, {new})
    everywhere = {"namespaces": [f"{group}-*"]}

    of_inside, of_outside, nothing, unread = playbook.run(
        [
            keep(writer, **everywhere, credentials_from={"namespace": source, "name": NAME}, namespaces_limit=[source]),
            keep(writer, **everywhere, credentials_from={"namespace": outside, "name": NAME}, namespaces_limit=[new]),
            keep(writer, namespace=new, credentials_from={"namespace": group, "name": "no"}, namespaces_limit=[source]),
            keep(writer, namespaces=[new], credentials_from={"name": "x", "namespace": "y"}, namespaces_limit=[source]),
        ]
    ).results

    assert told(of_inside) == {source: "skipped"}
    assert told(of_outside) == {new: "created"}
    assert (nothing["failed"], nothing["operation"]) == (False, "skipped")
    assert (unread["failed"], unread["summary"]) == (False, summary(0))
    assert read_state(cluster, group, {new}) == before
    if cluster.audit_log:
        elsewhere = find_requests_elsewhere(cluster.audit(writer), {new})
        sources = [f"/api/v1/namespaces/{name}/secrets/{NAME}" for name in (source, outside)]
        assert elsewhere == [("get", sources[0]), ("get", f"/api/v1/namespaces/{source}"), ("get", sources[1])]


@pytest.mark.parametrize("way", ["names", "globs"])
def test_a_new_namespace_gets_the_generated_key_of_the_others(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity, way: str
) -> None:
    """A key of its own would not be registered at the Git server. The shared one is looked for elsewhere, too."""
    old, new = make(cluster, group, "old", "new")
    which = {"namespaces": {"names": [new, old], "globs": [f"{group}-*"]}[way]}
    given = {"name": "key", "format": "flux", "ssh": {"generate": "ed25519", "known_hosts": HOST_KEYS}, **which}
    playbook.run([task("gitsync_secret", **{**given, "namespaces": [old]}, **writer.connection)])
    before = read_state(cluster, group, {new})
    limited = {**given, "namespaces_limit": [new]}

    check, real = playbook.run(
        [
            in_check_mode(task("gitsync_secret", **limited, **reader.connection)),
            task("gitsync_secret", **limited, **writer.connection),
        ]
    ).results

    stored = cluster.read_secret(old, "key")["data"]
    assert told(check) == told(real) == {new: "created"}
    assert check["public_key"] == real["public_key"]
    assert cluster.read_secret(new, "key")["data"]["identity"] == stored["identity"]
    assert read_state(cluster, group, {new}) == before


@pytest.mark.parametrize("way", ["names", "globs"])
def test_a_key_that_cannot_be_looked_for_is_not_generated(
    cluster: Cluster, group: str, playbook: Playbook, way: str
) -> None:
    """An identity of the new namespaces alone does not know whether another one has the shared key."""
    old, new = make(cluster, group, "old", "new")
    identity = cluster.identity(new, documented_rules("key"))
    which = {"namespaces": {"names": [new, old], "globs": [f"{group}-*"]}[way], "namespaces_limit": [new]}
    given = {"name": "key", "format": "flux", "ssh": {"generate": "ed25519", "known_hosts": HOST_KEYS}, **which}

    check, real = playbook.run(
        [
            in_check_mode(task("gitsync_secret", **given, **identity.connection)),
            task("gitsync_secret", **given, **identity.connection),
        ]
    ).results

    place = {"names": old, "globs": None}[way]
    for result in (check, real):
        assert result["failure"] == {"id": "forbidden", "option": None, "namespace": place}
        assert not result["changed"]
    assert ("it may contain the key that the namespaces share" in real["msg"]) == (way == "names")
    assert not cluster.api.list_namespaced_secret(new).items


HOST_KEYS = "git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


def test_a_secret_in_use_stays_in_the_limit(cluster: Cluster, group: str, playbook: Playbook, writer: Identity) -> None:
    """Users are looked for in each namespace of the limit, and in no other."""
    free, used, other = make(cluster, group, "free", "used", "other")
    for name in (used, other):
        cluster.create_account(name, "builder", **PULL)
    playbook.run([keep(cluster_admin(cluster), GHCR, namespaces=[free, used, other])])
    before = read_state(cluster, group, {free})

    (result,) = playbook.run(
        [keep(writer, namespaces=[f"{group}-*"], state="absent", namespaces_limit=[free, used])]
    ).results

    assert told(result) == {free: "deleted", used: "failed"}
    assert result["failure"]["id"] == "in_use"
    assert read_state(cluster, group, {free}) == before
    if cluster.audit_log:
        assert find_requests_elsewhere(cluster.audit(writer), {free, used}) == []
