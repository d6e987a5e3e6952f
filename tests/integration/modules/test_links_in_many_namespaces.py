# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links in many namespaces: which ServiceAccounts are selected, what is sent, what is reported, what fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.cluster import Cluster, Identity, verbs
from support.many_namespaces import GHCR, NAME, about, keep, make
from support.playbook import Playbook, task
from support.rbac import documented_link_rules, documented_rules, reading

RULES = documented_rules(NAME, "ClusterRole")
LINK_RULES = documented_link_rules("ClusterRole")
SECRET_LIST = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
NUMBER = 300
ACCOUNTS = ("app", "ci-build", "default")


@pytest.fixture
def linker(cluster: Cluster, namespace: str) -> Identity:
    """An identity with the documented permissions to link, in all namespaces."""
    return cluster.cluster_identity(namespace, LINK_RULES)


@pytest.fixture
def looker(cluster: Cluster, namespace: str) -> Identity:
    """An identity with those of the documented permissions to link that check mode needs."""
    return cluster.cluster_identity(namespace, reading(LINK_RULES))


def link(identity: Identity, *pull_secrets: str, absent: Sequence[str] = (), **arguments: Any) -> dict[str, Any]:
    items = [*({"name": name} for name in pull_secrets), *({"name": name, "state": "absent"} for name in absent)]
    return task("service_account_secrets", image_pull_secrets=items, **arguments, **identity.connection)


def create(cluster: Cluster, namespaces: Sequence[str], accounts: Sequence[str] = ACCOUNTS, **fields: Any) -> None:
    """Make these ServiceAccounts in each of the namespaces."""
    pairs = [(namespace, account) for namespace in namespaces for account in accounts]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: cluster.create_account(*pair, **fields), pairs))


def links_of(cluster: Cluster, namespace: str) -> dict[str, list[str]]:
    """The pull secrets of the ServiceAccounts of a namespace that have any."""
    found = cluster.api.list_namespaced_service_account(namespace).items
    lists = {account.metadata.name: [item.name for item in account.image_pull_secrets or ()] for account in found}
    return {name: names for name, names in lists.items() if names}


def reported(result: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The operations by namespace and ServiceAccount."""
    return {
        entry["namespace"]: {account["name"]: account["operation"] for account in entry["service_accounts"]}
        for entry in result["namespaces"]
    }


def summary(namespaces: int, **counts: int) -> dict[str, int]:
    operations = ("updated", "unchanged", "skipped", "failed", "not_tried")
    return {"namespaces": namespaces, **dict.fromkeys(operations, 0), **counts}


def predictable(real: Mapping[str, Any]) -> dict[str, Any]:
    """What check mode can know of the result of a real run."""
    entries = []
    for entry in real["namespaces"]:
        accounts = [{**account, "resource_version": None} for account in entry["service_accounts"]]
        entries.append({**entry, "service_accounts": accounts})
    return {**real, "namespaces": entries}


def test_300_namespaces(
    cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity, looker: Identity
) -> None:
    names = make(cluster, namespace, *(f"{number:03}" for number in range(NUMBER)))
    create(cluster, names)
    which = {"namespaces": [f"{namespace}-*"], "service_accounts": list(ACCOUNTS)}
    wanted = link(linker, "registry", **which)

    run = playbook.run([{**link(looker, "registry", **which), "check_mode": True}, wanted, wanted], "--diff")

    check, real, again = run.results
    assert check == predictable(real)
    assert (real["operation"], real["summary"]) == ("updated", summary(NUMBER, updated=NUMBER))
    assert reported(real) == dict.fromkeys(names, dict.fromkeys(ACCOUNTS, "updated"))
    assert (again["changed"], again["namespaces"], again["diff"]) == (False, [], [])
    assert again["summary"] == summary(NUMBER, unchanged=NUMBER)
    (diff,) = real["diff"]
    assert diff["namespaces"] == names
    assert (diff["before"], diff["after"]) == (
        {},
        {"service_accounts": {account: {"image_pull_secrets": ["registry"]} for account in ACCOUNTS}},
    )
    assert diff["before_header"] == "ServiceAccounts in 300 namespaces"
    assert run.output.count("+++ after: ") == 2
    expected = {account: ["registry"] for account in ACCOUNTS}
    assert links_of(cluster, names[0]) == links_of(cluster, names[-1]) == expected
    if cluster.audit_log:
        events = cluster.audit(linker)
        assert Counter(verbs(about(events, {"namespaces"}))) == {"list": 2}
        # A list for each name and run; the second run writes nothing and asks for no Secret.
        assert Counter(verbs(about(events, {"serviceaccounts"}))) == {"list": 2 * 3, "patch": 3 * NUMBER}
        assert Counter(verbs(about(events, {"secrets"}))) == {"list": 1}
        assert set(verbs(cluster.audit(looker))) == {"list"}


# The option, the ServiceAccounts that it selects of app, ci-build, ci-old and default, and the requests to find them.
WAYS: Mapping[str, tuple[Sequence[str], Sequence[str], int]] = {
    "names": (["default", "app"], ["default", "app"], 2),
    "all": (["*"], ["app", "ci-build", "ci-old", "default"], 1),
    "a-glob": (["ci-*"], ["ci-build", "ci-old"], 1),
    "a-name-and-a-glob": (["default", "ci-*"], ["default", "ci-build", "ci-old"], 1),
    "all-but-some": (["*", "!ci-o*", "!default"], ["app", "ci-build"], 1),
}


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "by name"])
@pytest.mark.parametrize("way", WAYS)
def test_service_accounts_are_selected(
    cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity, looker: Identity, way: str, listed: bool
) -> None:
    items, selected, lists = WAYS[way]
    names = make(cluster, namespace, "a", "b")
    create(cluster, names, ["app", "ci-build", "ci-old", "default"])
    cluster.api.patch_namespaced_service_account("default", names[1], {"imagePullSecrets": [{"name": "x"}]})
    which = {"namespaces": [f"{namespace}-?"] if listed else names, "service_accounts": list(items)}
    steps = [{"pull_secrets": ["x"]}, {"pull_secrets": ["x"]}, {"absent": ["x"]}, {"absent": ["x"]}]
    tasks = []
    for step in steps:
        given = {**which, "absent": step.get("absent", ())}
        tasks.append({**link(looker, *step.get("pull_secrets", ()), **given), "check_mode": True, "diff": True})
        tasks.append({**link(linker, *step.get("pull_secrets", ()), **given), "diff": True})

    results = playbook.run(tasks).results

    for check, real, operation in zip(
        results[::2], results[1::2], ["updated", "unchanged", "updated", "unchanged"], strict=True
    ):
        assert check == predictable(real)
        assert (real["operation"], real["changed"]) == (operation, operation == "updated")
        assert not real.get("warnings")
    linked, _again, unlinked, _gone = results[1::2]
    before = [name for name in selected if name != "default"]
    expected = {names[0]: dict.fromkeys(selected, "updated"), names[1]: dict.fromkeys(before, "updated")}
    assert reported(linked) == {name: accounts for name, accounts in expected.items() if accounts}
    assert [list(accounts) for accounts in reported(linked).values()] == [list(each) for each in (selected, before)]
    assert reported(unlinked) == dict.fromkeys(names, dict.fromkeys(selected, "updated"))
    left = {} if "default" in selected else {"default": ["x"]}
    assert (links_of(cluster, names[0]), links_of(cluster, names[1])) == ({}, left)
    if cluster.audit_log:
        asked = Counter(verbs(about(cluster.audit(linker), {"serviceaccounts"})))
        single = "get" if way == "names" else "list"
        reads = {"list": lists * 4} if listed else {single: lists * 2 * 4}
        assert asked == Counter({**reads, "patch": len(selected) * 4 - (1 if "default" in selected else 0)})


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_one_namespace_is_a_selection_of_one(
    cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity
) -> None:
    (web,) = make(cluster, namespace, "web")
    create(cluster, [web])
    first, everything, single = playbook.run(
        [
            link(linker, "x", namespace=web, service_accounts=["*"]),
            link(linker, "x", namespace=web, service_accounts=["*"], report="all"),
            link(linker, "x", namespaces=[web], service_account="app", report="all"),
        ]
    ).results

    assert reported(first) == {web: dict.fromkeys(ACCOUNTS, "updated")}
    assert (everything["operation"], reported(everything)) == ("unchanged", {web: dict.fromkeys(ACCOUNTS, "unchanged")})
    stored = cluster.read_account(web, "app")["metadata"]
    assert single["namespaces"] == [
        {
            "namespace": web,
            "operation": "unchanged",
            "service_accounts": [
                {
                    "name": "app",
                    "operation": "unchanged",
                    "uid": stored["uid"],
                    "resource_version": stored["resourceVersion"],
                    "image_pull_secrets": ["x"],
                    "secrets": [],
                }
            ],
        }
    ]
    assert "service_account" not in single


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_matches_nothing_is_a_warning(
    cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity
) -> None:
    a, b = make(cluster, namespace, "a", "b")
    create(cluster, [a], ["app"])
    which = {"namespaces": [f"{namespace}-?", "prod-*"], "service_accounts": ["app*", "ci-*", "!old-*"]}

    many, few, pull, unlinked = playbook.run(
        [
            link(linker, "x", **which),
            link(linker, absent=["x"], namespaces=[a, b], service_accounts=["ci-*"]),
            link(linker, "x", namespace=b, service_accounts=["*"]),
            link(linker, absent=["x"], namespace=b, service_accounts=["gone"]),
        ]
    ).results

    void = 'service_accounts: "{}" matches no ServiceAccount in the selected namespaces'
    assert many["warnings"] == [
        'namespaces: "prod-*" matches no namespace.',
        f"{void.format('ci-*')}.",
        f"{void.format('!old-*')}, so it excludes nothing.",
    ]
    assert many["unmatched"] == ['namespaces: "prod-*"', 'service_accounts: "ci-*"']
    assert (many["summary"], reported(many)) == (summary(2, updated=1, unchanged=1), {a: {"app": "updated"}})
    assert few["warnings"] == [f"{void.format('ci-*')}."]
    unknown = f"Whether namespace {b} exists is not known: this identity may not get namespaces."
    assert pull["warnings"] == [f"{void.format('*')}.", unknown]
    assert (unlinked["operation"], unlinked.get("warnings")) == ("unchanged", None)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_a_name_that_does_not_exist(
    cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity, looker: Identity
) -> None:
    """In one namespace, in none, and in a namespace that does not exist; nothing is written where one is missing."""
    may_get = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}
    getter = cluster.cluster_identity(namespace, [*LINK_RULES, may_get])
    a, b = make(cluster, namespace, "a", "b")
    create(cluster, [a], ["app", "gone"])
    create(cluster, [b], ["app"])
    which = {"namespaces": [f"{namespace}-?"], "wait_timeout": 1}
    nowhere = f"{namespace}-nowhere"
    given: dict[str, Any] = {**which, "service_accounts": ["gone", "app"]}

    check, some, none, missing, unknown = playbook.run(
        [
            {**link(looker, "x", **given), "check_mode": True},
            link(linker, "x", **given),
            link(linker, "x", **{**given, "service_accounts": ["misspelt", "app"]}),
            link(getter, "x", namespaces=[nowhere, a], service_accounts=["*"], report="all"),
            link(linker, "x", namespaces=[nowhere, a], service_accounts=["*"]),
        ]
    ).results

    why = "does not exist. None appeared within 1 seconds. Create it first, or correct the name."
    assert check["summary"] == summary(2, updated=2)
    assert check["warnings"] == [
        f"ServiceAccount {b}/gone does not exist yet; the real run waits for it, and fails without it."
    ]
    assert some["msg"] == f"1 of 2 namespaces failed. {b}: ServiceAccount {b}/gone {why}"
    assert some["failure"] == {"id": "not_found", "option": None, "namespace": b}
    assert (some["updated"], some["not_tried"], some["summary"]) == ([a], [], summary(2, updated=1, failed=1))
    assert some["namespaces"] == [
        {
            "namespace": b,
            "operation": "failed",
            "service_accounts": [],
            "msg": f"ServiceAccount {b}/gone {why}",
            "failure": some["failure"],
        }
    ]
    assert links_of(cluster, b) == {}
    assert none["msg"] == f"2 of 2 namespaces failed. {a}: ServiceAccount {a}/misspelt {why} The same in {b}."
    assert (none["changed"], none["updated"]) == (False, [])
    assert missing["msg"].startswith(f"1 of 2 namespaces failed. {nowhere}: Namespace {nowhere} does not exist.")
    assert unknown["warnings"] == [
        f"Whether namespace {nowhere} exists is not known: this identity may not get namespaces."
    ]


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_a_failure_stops_no_other(cluster: Cluster, namespace: str, playbook: Playbook, linker: Identity) -> None:
    """Neither in other namespaces nor of other ServiceAccounts; another run finishes."""
    a, b, c, ending = make(cluster, namespace, "a", "b", "c", "ending")
    create(cluster, [a, b, c])
    cluster.api.patch_namespace(ending, {"metadata": {"finalizers": ["example.com/held"]}})
    cluster.api.delete_namespace(ending)
    robot = cluster.cluster_identity(namespace, reading(LINK_RULES))
    patch = {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["patch"]}
    cluster.grant(a, robot.user.rpartition(":")[2], namespace, [patch])
    some = {**patch, "resourceNames": ["default"]}
    cluster.grant(b, robot.user.rpartition(":")[2], namespace, [some])
    which = {"namespaces": [f"{namespace}-*"], "service_accounts": ["*"]}

    failed, rest = playbook.run([link(robot, "x", **which), link(linker, "x", **which)]).results

    message = (
        "{0}: Cannot patch ServiceAccount {0}/app: forbidden (403). The identity {1} needs the verb patch on "
        "serviceaccounts in namespace {0}. Bind it to a Role with that rule; the guide to permissions shows the whole "
        "Role."
    )
    one, two = "Another ServiceAccount", "2 other ServiceAccounts"
    assert failed["msg"] == (
        f"2 of 4 namespaces failed. {message.format(b, robot.user)} {one} of this namespace failed, too. "
        f"{message.format(c, robot.user)} {two} of this namespace failed, too."
    )
    assert failed["failure"] == {"id": "forbidden", "option": None, "namespace": None}
    assert (failed["changed"], failed["updated"]) == (True, [a])
    assert failed["summary"] == summary(4, updated=1, skipped=1, failed=2)
    assert reported(rest) == {
        b: dict.fromkeys(("app", "ci-build"), "updated"),
        c: dict.fromkeys(ACCOUNTS, "updated"),
        ending: {},
    }
    assert rest["summary"] == summary(4, updated=2, unchanged=1, skipped=1)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_lists_that_are_not_permitted(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    (web,) = make(cluster, namespace, "web")
    create(cluster, [web])
    rules = [rule for rule in LINK_RULES if "namespaces" in rule["resources"]]
    nobody = cluster.cluster_identity(namespace, rules)
    every, named, here = playbook.run(
        [
            link(nobody, "x", namespaces=[f"{namespace}-*"], service_accounts=["*"]),
            link(nobody, "x", namespaces=[f"{namespace}-*"], service_accounts=["app"]),
            link(nobody, "x", namespace=web, service_accounts=["*"]),
        ]
    ).results

    for result in (every, named, here):
        assert "needs the verb list on serviceaccounts" in result["msg"], result
        assert result["failure"]["id"] == "forbidden"
        assert result["changed"] is False
    assert "Cannot list ServiceAccounts of all namespaces: forbidden (403)." in every["msg"]
    assert "Cannot list ServiceAccounts app of all namespaces: forbidden (403)." in named["msg"]
    assert f"Cannot list ServiceAccounts of namespace {web}: forbidden (403)." in here["msg"]
    assert links_of(cluster, web) == {}


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_missing_secrets_are_one_warning(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """Grouped over ServiceAccounts and namespaces, only with the permission, only for new links."""
    names = make(cluster, namespace, *(f"{number:03}" for number in range(12)))
    create(cluster, names)
    cluster.create_secret(names[0], "registry", string_data={"password": "s3cret-token"})
    may_list = cluster.cluster_identity(namespace, [*LINK_RULES, SECRET_LIST])
    may_not = cluster.cluster_identity(namespace, [rule for rule in LINK_RULES if "secrets" not in rule["resources"]])
    which: dict[str, Any] = {"namespaces": [f"{namespace}-*"], "service_accounts": ["*"]}
    few: dict[str, Any] = {"namespaces": names[:3], "service_accounts": ["*"]}

    run = playbook.run(
        [
            {**link(may_list, "registry", **which), "check_mode": True},
            link(may_list, "registry", **which),
            link(may_list, "registry", **which),
            link(may_list, "other", **few),
            link(may_not, "unknown", **which),
        ]
    )

    check, real, again, direct, unknown = run.results
    warning = (
        "ServiceAccounts of namespace {} now reference Secret {}, which does not exist there. Create it, or correct "
        "the name."
    )
    others = ", ".join(names[2:])
    assert check["warnings"] == real["warnings"] == [f"{warning.format(names[1], 'registry')} The same in {others}."]
    assert direct["warnings"] == [f"{warning.format(names[0], 'other')} The same in {names[1]}, {names[2]}."]
    assert (again["operation"], unknown["operation"]) == ("unchanged", "updated")
    assert not again.get("warnings")
    assert not unknown.get("warnings")
    assert "s3cret-token" not in run.output


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_bad_input_is_refused_before_anything_is_asked(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    linker = cluster.cluster_identity(namespace, LINK_RULES)
    good: dict[str, Any] = {"namespaces": ["*"], "service_accounts": ["*"]}
    refusals: list[tuple[dict[str, Any], str, str | None]] = [
        ({"service_accounts": []}, "service_accounts is empty. It would select no ServiceAccount.", "service_accounts"),
        ({"service_accounts": ["a", "B"]}, "service_accounts[1] is not a name that", "service_accounts[1]"),
        ({"service_accounts": ["a", "B*"]}, "service_accounts[1] is not a glob that", "service_accounts[1]"),
        ({"service_accounts": ["a", ""]}, "service_accounts[1] is not a name that", "service_accounts[1]"),
        ({"service_accounts": ["!a"]}, "service_accounts has only exclusions.", "service_accounts"),
        ({"namespaces": ["*", "A"]}, "namespaces[1] is not a name that a namespace can have.", "namespaces[1]"),
        ({"namespaces": []}, "namespaces is empty.", "namespaces"),
        (
            {"namespace_selectors": [""], "namespaces": None},
            "namespace_selectors[0] is empty.",
            "namespace_selectors[0]",
        ),
        ({"namespace": "web"}, "namespace and namespaces select namespaces in different ways.", "namespaces"),
        ({"concurrency": 65}, "concurrency must be from 1 to 64; it is 65.", "concurrency"),
        ({"expect_server": "*.example.com"}, "The connection leads to", "expect_server"),
    ]
    both = link(linker, "x", **good, service_account="default")
    neither = link(linker, "x", namespaces=["*"])

    *results, two, none = playbook.run(
        [*(link(linker, "x", **{**good, **given}) for given, _message, _option in refusals), both, neither]
    ).results

    for (given, message, option), result in zip(refusals, results, strict=True):
        assert result["msg"].startswith(message), (given, result["msg"])
        assert result["failure"]["option"] == option
    assert two["msg"] == "parameters are mutually exclusive: service_account|service_accounts"
    assert none["msg"] == "one of the following is required: service_account, service_accounts"
    if cluster.audit_log:
        assert cluster.audit(linker) == []


EVERYWHERE: Mapping[str, Mapping[str, Any]] = {
    "one": {"namespace": "{}-a"},
    "few": {"namespaces": ["{}-a", "{}-b"]},
    "many": {"namespaces": ["{}-?"]},
}


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_pull_secret_for_all_service_accounts(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity, reader: Identity, where: str
) -> None:
    """Of each namespace at that time: a later one is linked by the next run, and one that is being deleted never."""
    names = make(cluster, namespace, "a", "b")[: 1 if where == "one" else 2]
    create(cluster, names)
    held = {"finalizers": ["example.com/held"]}
    create(cluster, names, ["ending"], metadata=held)
    for name in names:
        cluster.api.delete_namespaced_service_account("ending", name)
    places = EVERYWHERE[where]
    which: dict[str, Any] = {
        option: value.format(namespace) if isinstance(value, str) else [item.format(namespace) for item in value]
        for option, value in places.items()
    }
    present = {**which, "service_accounts": ["*", "!ci-*"]}

    check, first, again = playbook.run(
        [
            {**keep(reader, GHCR, **present), "check_mode": True},
            keep(writer, GHCR, **present),
            keep(writer, GHCR, **present),
        ]
    ).results
    create(cluster, names, ["late"])
    later, gone = playbook.run(
        [keep(writer, GHCR, **present), keep(writer, **which, service_accounts=["*"], state="absent")]
    ).results

    def operations(result: Mapping[str, Any]) -> list[dict[str, str]]:
        entries = [result] if where == "one" else result["secrets"]
        return [{each["service_account"]: each["operation"] for each in entry["links"]} for entry in entries]

    assert (check["operation"], operations(check)) == ("created", operations(first))
    for linked in operations(first):
        assert {name: linked[name] for name in ("app", "default")} == {"app": "linked", "default": "linked"}
        assert not {"ci-build", "ending"} & linked.keys()
    assert again["operation"] == "unchanged"
    assert not again.get("warnings")
    assert (later["operation"], [each["late"] for each in operations(later)]) == ("updated", ["linked"] * len(names))
    assert gone["operation"] == "deleted"
    for linked in operations(gone):
        assert {name: linked[name] for name in ("app", "default", "late")} == dict.fromkeys(
            ("app", "default", "late"), "unlinked"
        )
    assert all(links_of(cluster, name) == {} for name in names)
    for name in names:
        cluster.api.patch_namespaced_service_account("ending", name, {"metadata": {"finalizers": None}})


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_a_pull_secret_and_a_glob_for_nothing(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    (web,) = make(cluster, namespace, "web")
    void = 'service_accounts: "{}" matches no ServiceAccount in the selected namespaces.'

    one, many, absent = playbook.run(
        [
            keep(writer, GHCR, namespace=web, service_accounts=["ci-*"]),
            keep(writer, GHCR, namespaces=[f"{namespace}-?eb"], service_accounts=["*"]),
            keep(writer, namespace=web, service_accounts=["*"], state="absent"),
        ]
    ).results

    assert one["warnings"] == [void.format("ci-*")]
    assert (many["warnings"], many["unmatched"]) == ([void.format("*")], [])
    assert (absent["operation"], absent.get("warnings")) == ("deleted", None)
    assert NAME not in str(links_of(cluster, web))
