# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a namespace to whose credentials pull its images, and to what makes each pullable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import ImageAudit
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.lenders import MAX_LENDERS, LenderIndex
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.node_credentials import NodeCredentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade import KubeletPolicy, NodeVersions
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade_answers import read_answers
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade_audit import (
    Answers,
    NodeFacts,
    UpgradeAudit,
    UpgradeFinding,
    find_refusals,
    read_nodes,
)
from support.samples.access import (
    APP,
    DATABASE,
    GHCR,
    Object,
    account,
    login,
    made,
    pull_secret,
    spec,
    template,
    waiting,
    world,
)

REFUSED = "failed to authorize: failed to fetch anonymous token: 401 Unauthorized"
NODES = NodeFacts(NodeVersions({"v1.36.0": 1}))
ALL_DENIED = {"ghcr.io/acme/app": "denied", "quay.io/acme/db": "denied"}
LENT = pull_secret("registry", {"ghcr.io": login("octo", "ghcr-token")}, namespace="demo")


def audit_all(
    objects: Mapping[str, Sequence[Object]],
    *secrets: Object,
    answers: Mapping[str, str] | None = None,
    own: Sequence[str | None] = (),
    nodes: NodeFacts = NODES,
    is_complete: bool = True,
    **more: Any,
) -> list[UpgradeFinding]:
    """The results for a snapshot with these Secrets, which may be of other namespaces."""
    here = [item for item in secrets if item["metadata"]["namespace"] == "web"]
    everywhere = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in secrets}
    audit = ImageAudit(world(objects, *here), more.pop("node_providers", ()), more.pop("node_credentials", None))
    found = audit.find_images()
    upgrade = UpgradeAudit(audit, found, everywhere if is_complete else None, nodes, KubeletPolicy(), **more)
    return upgrade.judge_all(Answers(read_answers(ALL_DENIED if answers is None else answers), own))


def pod(*images: str, secrets: Sequence[str] = (), **more: Any) -> Mapping[str, Sequence[Object]]:
    return {"Pod": [made("x", spec(*images, secrets=secrets), **more)]}


def told(item: UpgradeFinding) -> tuple[str, str, str | None]:
    return item.credentials, item.upgrade.outcome, item.upgrade.when


FAILING = waiting("ErrImagePull", REFUSED)
MIRROR = NodeCredentials(hosts=frozenset(("ghcr.io",)))


@pytest.mark.parametrize(
    ("objects", "secrets", "more", "expected"),
    [
        pytest.param(pod(APP, secrets=["registry"]), [GHCR], {}, ("own", "ok", None), id="own"),
        pytest.param(
            pod(APP, secrets=["registry"]),
            [GHCR],
            {"own": ["denied"]},
            ("own", "fails", "new_node_or_tag"),
            id="own, and refused by the registry",
        ),
        pytest.param(
            pod(APP, secrets=["registry"]),
            [GHCR],
            {"own": ["denied"], "node_credentials": MIRROR},
            ("node", "ok", None),
            id="own, and refused by the registry, but not those of the node",
        ),
        pytest.param(
            pod(APP), [LENT], {"answers": {"ghcr.io/acme/app": "pullable"}}, ("public", "ok", None), id="public"
        ),
        pytest.param(pod("registry.k8s.io/pause:3"), [], {"answers": {}}, ("public", "ok", None), id="known public"),
        pytest.param(pod(APP), [LENT], {"node_providers": ["ghcr.io"]}, ("node", "ok", None), id="provider"),
        pytest.param(pod(APP), [LENT], {"node_credentials": MIRROR}, ("node", "ok", None), id="mirror"),
        pytest.param(pod(APP), [LENT], {}, ("borrowed", "fails", "new_node_or_tag"), id="borrowed"),
        pytest.param(pod(APP), [GHCR], {}, ("borrowed", "fails", "new_node_or_tag"), id="borrowed in the namespace"),
        pytest.param(pod(APP), [], {}, ("missing", "fails", "new_node_or_tag"), id="missing"),
        pytest.param(pod(APP), [], {"is_complete": False}, ("unknown", "unknown", None), id="Secrets not listed"),
        pytest.param(pod(APP), [LENT], {"answers": {}}, ("unknown", "unknown", None), id="not asked"),
        pytest.param(
            pod(APP, status=FAILING), [LENT], {"answers": {}}, ("missing", "fails", "now"), id="refused without"
        ),
        pytest.param(
            pod(APP, secrets=["registry"], status=waiting("ErrImagePull", "401 Unauthorized")),
            [GHCR],
            {},
            ("own", "fails", "now"),
            id="own, and refused now",
        ),
        pytest.param(
            pod(APP, secrets=["broken"]),
            [pull_secret("broken", {"x": {"auth": "!!"}})],
            {"answers": {"ghcr.io/acme/app": "pullable"}},
            ("missing", "fails", "new_node_or_tag"),
            id="a Secret that cannot be read",
        ),
        pytest.param(
            pod(APP, status=waiting("ErrImagePull", "no such host")),
            [LENT],
            {},
            ("borrowed", "fails", "new_node_or_tag"),
            id="it fails for another reason",
        ),
        pytest.param(
            pod("bitnami/redis:7"),
            [],
            {"answers": {"bitnami/redis:7": "not_found"}},
            ("unknown", "fails", "new_node_or_tag"),
            id="retired",
        ),
        pytest.param(
            pod("bitnami/redis:7", status=waiting("ErrImagePull", "not found")),
            [],
            {"answers": {}},
            ("unknown", "fails", "now"),
            id="retired, and fails now",
        ),
        pytest.param(pod("Not:an:image"), [], {}, ("unknown", "unknown", None), id="no image"),
    ],
)
def test_whose_credentials(
    objects: Any, secrets: Sequence[Object], more: Mapping[str, Any], expected: tuple[str, str, str | None]
) -> None:
    (item,) = audit_all(objects, *secrets, **more)
    assert told(item) == expected
    assert bool(item.reason) <= (item.credentials == "unknown")
    assert item.fix is None if item.upgrade.outcome == "ok" else True


def test_what_could_not_be_read_is_unknown() -> None:
    audit = ImageAudit(world(pod(APP, secrets=["registry"]), unknown=[("web", "Secret")]))
    found = audit.find_images()
    (item,) = UpgradeAudit(audit, found, {}, NODES, KubeletPolicy()).judge_all(Answers(read_answers(ALL_DENIED)))
    assert (told(item), item.reason) == (("unknown", "unknown", None), "unreadable")


@pytest.mark.parametrize(
    ("asked", "answer", "reasons"),
    [
        (APP, "not_found", ["not_found", "not_asked"]),
        (APP, "denied", [None, None]),
        (APP, "pullable", [None, None]),
        (APP, "unverifiable", ["no_answer", "no_answer"]),
        ("bitnami/redis:7", "not_found", ["retired", "not_asked"]),
        ("bitnami/redis:7", "denied", ["retired", "retired"]),
    ],
)
def test_a_tag_that_does_not_exist_says_nothing_of_others(asked: str, answer: str, reasons: list[str | None]) -> None:
    other = f"{asked.rpartition(':')[0]}:9"
    results = audit_all(pod(asked, other), LENT, answers={asked: answer})
    assert [item.reason for item in results] == reasons


ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"


@pytest.mark.parametrize(
    ("image", "node", "is_cloud"),
    [
        (ECR, {"spec": {"providerID": "aws:///a/i-0"}}, True),
        (ECR, {"status": {"nodeInfo": {"kubeletVersion": "v1.34.1-eks-0"}}}, True),
        ("123456789012.dkr-ecr.us-east-1.on.aws/app:1", {"spec": {"providerID": "aws:///a/i-0"}}, True),
        (ECR, {"spec": {"providerID": "gce://x"}}, False),
        (APP, {"spec": {"providerID": "aws:///a/i-0"}}, False),
        ("europe-docker.pkg.dev/p/r/app:1", {"status": {"nodeInfo": {"kubeletVersion": "v1.34.1-gke.1"}}}, True),
        ("eu.gcr.io/p/app:1", {"spec": {"providerID": "gce://p/z/n"}}, True),
        ("acme.azurecr.io/app:1", {"spec": {"providerID": "azure:///x"}}, True),
        ("acme.azurecr.io/app:1", {}, False),
    ],
)
def test_nodes_of_a_cloud_are_no_false_alarm(image: str, node: Object, is_cloud: bool) -> None:
    answers = {image.partition(":")[0]: "denied"}
    (item,) = audit_all(pod(image), nodes=read_nodes([node]), answers=answers)
    (given,) = audit_all(pod(image), nodes=read_nodes([node]), answers=answers, are_nodes_given=True)
    assert (item.reason == "node_credentials") is is_cloud
    assert item.fix is None if is_cloud else item.fix is not None
    assert given.credentials == "missing"


def test_nodes() -> None:
    infos = ["v1.35.0", "v1.34.1", "v1.35.0", "\x1b[2J", None]
    nodes = [{"status": {"nodeInfo": {"kubeletVersion": info}}} for info in infos]
    nodes.append({"metadata": {"labels": {"node.openshift.io/os_id": "rhcos"}}})
    facts = read_nodes(nodes)
    assert facts.versions.counts == {"unknown": 3, "v1.34.1": 1, "v1.35.0": 2}
    assert facts.is_openshift


def link_of(name: str) -> dict[str, Any]:
    link = {"namespace": "web", "service_account": "default", "image_pull_secrets": [{"name": name}]}
    return {"keyring.kubernetes.service_account_secrets": link}


def copy_to(name: str, source: Mapping[str, str], **more: Any) -> dict[str, Any]:
    copy = {"namespace": "web", "name": name, "credentials_from": dict(source), **more}
    return {"keyring.kubernetes.image_pull_secret": copy}


DEMO = {"namespace": "demo", "name": "registry"}
DEPLOYED = {"Deployment": [made("shop", template(spec(APP)))]}
OTHER = pull_secret("registry", {"quay.io": login("u", "p")})
LINKED = {"service_accounts": ["default"]}


@pytest.mark.parametrize(
    ("objects", "secrets", "text", "task"),
    [
        pytest.param(
            DEPLOYED,
            [LENT],
            "Copy Secret demo/registry, if its owner agrees, and link it to ServiceAccount default. Then recreate the "
            "existing Pods.",
            copy_to("registry", DEMO, **LINKED),
            id="of another namespace",
        ),
        pytest.param(
            DEPLOYED,
            [LENT, OTHER],
            "Copy Secret demo/registry, if its owner agrees, and link it to ServiceAccount default. Then recreate the "
            "existing Pods.",
            copy_to("registry-demo", DEMO, **LINKED),
            id="the name is taken",
        ),
        pytest.param(
            DEPLOYED,
            [GHCR, LENT],
            "Link Secret registry to ServiceAccount default. Then recreate the existing Pods.",
            link_of("registry"),
            id="in the namespace",
        ),
        pytest.param(
            {"Deployment": [made("shop", template(spec(APP, secrets=["gone"])))]},
            [LENT],
            "Create the missing Secret gone from Secret demo/registry.",
            copy_to("gone", DEMO),
            id="a Secret that does not exist",
        ),
        pytest.param(
            {"Deployment": [made("shop", template(spec(APP, secrets=["registry"])))]},
            [LENT, OTHER],
            "Copy Secret demo/registry to Secret registry-demo, if its owner agrees, and add it to imagePullSecrets of "
            "Deployment shop.",
            copy_to("registry-demo", DEMO),
            id="a list of its own",
        ),
        pytest.param(
            {"Deployment": [made("shop", template(spec(APP, secrets=["registry"])))]},
            [OTHER, pull_secret("near", {"ghcr.io": login("u", "p")})],
            "Secret near has an entry for the image: add it to imagePullSecrets of Deployment shop.",
            None,
            id="a list of its own, and a Secret of the namespace",
        ),
        pytest.param(
            DEPLOYED,
            [],
            "Add credentials for ghcr.io: no pull secret of the cluster has them.",
            None,
            id="no Secret anywhere",
        ),
        pytest.param(
            {**pod(APP), "ServiceAccount": [account("default", "registry")]},
            [GHCR],
            "Recreate the Pod: its ServiceAccount has referenced Secret registry since the Pod was created.",
            None,
            id="a link that the Pod does not have",
        ),
        pytest.param(
            pod(APP, secrets=["broken"]),
            [LENT, pull_secret("broken", {"x": {"auth": "!!"}})],
            "Write Secret broken again, which the kubelet cannot read.",
            None,
            id="a Secret that cannot be read",
        ),
    ],
)
def test_fixes(objects: Any, secrets: Sequence[Object], text: str, task: Mapping[str, Any] | None) -> None:
    (item,) = audit_all(objects, *secrets)
    assert item.fix
    assert (item.fix.text, item.fix.task) == (text, task)
    (unasked,) = audit_all(objects, *secrets, answers={})
    if unasked.credentials == "unknown" and task:
        assert unasked.fix
        assert (unasked.fix.text, unasked.fix.task) == (
            f"If the registry does not serve it to everyone: {text}",
            task,
        )


def test_the_secret_of_openshift_is_no_lender() -> None:
    (item,) = audit_all(pod(APP), pull_secret("pull-secret", {"ghcr.io": login("u", "p")}, "openshift-config"))
    assert item.credentials == "missing"


def test_problems_are_images_that_do_not_fail_yet() -> None:
    objects = {"Pod": [made("runs", spec(APP)), made("fails", spec(DATABASE), status=FAILING)]}
    audit = ImageAudit(world(objects))
    found = audit.find_images()
    audited = UpgradeAudit(audit, found, {}, NODES, KubeletPolicy()).judge_all(Answers(read_answers(ALL_DENIED)))
    (problem,) = find_refusals(found, audited)
    assert (problem.id, problem.name) == ("kubelet_will_refuse", "runs")
    assert problem.text.startswith(f"{APP}: The Pod has no credentials of its own")


def test_running_pods_are_counted_for_their_workload() -> None:
    running = {"containerStatuses": [{"name": "c0", "state": {"running": {}}}]}
    objects = {
        "Deployment": [made("web", template(spec(APP)))],
        "Pod": [made("web-a", spec(APP), owner="Deployment/web", status=running)],
    }
    (item,) = audit_all(objects, LENT)
    assert item.running


def test_one_question_for_each_image_name() -> None:
    images = (APP, "ghcr.io/acme/app:2", DATABASE, "registry.k8s.io/pause:3", "nginx", "docker.io/library/nginx:1")
    audit = ImageAudit(world(pod(*images)))
    upgrade = UpgradeAudit(audit, audit.find_images(), {}, NODES, KubeletPolicy())
    assert sorted(upgrade.find_unsettled()) == ["docker.io/library/nginx", "ghcr.io/acme/app", "quay.io/acme/db"]


def secrets_of(*names: tuple[str, str], server: str = "ghcr.io") -> dict[tuple[str, str], Object]:
    return {
        (namespace, name): pull_secret(name, {server: login("octo", f"t-{namespace}")}, namespace)
        for namespace, name in names
    }


def test_lenders() -> None:
    secrets = {
        **secrets_of(*((f"n{number}", "r") for number in range(9)), ("web", "near")),
        **secrets_of(("z", "used"), server="*.io"),
        **secrets_of(("hub", "hub"), server="https://index.docker.io/v1/"),
        ("bad", "bad"): pull_secret("bad", {"ghcr.io": {"auth": "!!"}}, "bad"),
        ("port", "port"): pull_secret("port", {"ghcr.io:443": login("u", "p")}, "port"),
    }
    index = LenderIndex(secrets, {"ghcr.io/acme/app": [("z", "used")]})
    found = index.find(APP, "web")
    assert [str(lender) for lender in found.listed] == ["web/near", "z/used", "n0/r", "n1/r", "n2/r"]
    assert len(found.listed) == MAX_LENDERS
    assert (found.first and found.first.server, found.first and found.first.username) == ("ghcr.io", "octo")
    assert [str(lender) for lender in index.find("nginx", "web").listed] == ["z/used", "hub/hub"]
    assert index.find("quay.io/x", "z").near[0].name == "used"
    assert index.find("a.b.example/x", "web").listed == ()
    assert index.find("Not An Image", "web").listed == ()


def test_lenders_are_the_same_in_every_run() -> None:
    names = [f"n{number:02}" for number in range(30)]
    secrets = {**secrets_of(*((name, "used") for name in names)), **secrets_of(*((name, "a") for name in names))}
    pods = [made("x", spec(APP))]
    for name in names:
        user = made("x", spec(APP, secrets=["used"]))
        user["metadata"]["namespace"] = name
        pods.append(user)
    audit = ImageAudit(world({"Pod": pods}, *secrets.values()))
    results = UpgradeAudit(audit, audit.find_images(), secrets, NODES, KubeletPolicy()).judge_all(
        Answers(read_answers(ALL_DENIED))
    )
    (borrowed,) = [item for item in results if item.credentials == "borrowed"]
    assert [str(lender) for lender in borrowed.lenders] == [f"{name}/used" for name in names[:MAX_LENDERS]]


def test_the_lenders_of_an_image_are_counted_once() -> None:
    class Counted(list[tuple[str, str]]):
        reads = 0

        def __iter__(self) -> Iterator[tuple[str, str]]:
            self.reads += 1
            return super().__iter__()

    secrets = secrets_of(*((f"n{number}", "r") for number in range(50)))
    used = Counted(secrets)
    index = LenderIndex(secrets, {"ghcr.io/acme/app": used})
    for namespace, _name in secrets:
        assert len(index.find(APP, namespace).far) == MAX_LENDERS
    assert used.reads == 1


def test_a_token_as_user_of_a_lender_is_hidden() -> None:
    token = "ghp_" + "a" * 36
    index = LenderIndex({("x", "x"): pull_secret("x", {"ghcr.io": login(token, "p")}, "x")}, {})
    first = index.find(APP, "web").first
    assert first
    assert first.username == "<hidden>"
