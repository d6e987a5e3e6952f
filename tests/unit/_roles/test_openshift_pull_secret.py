# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role openshift_pull_secret passes to the module, and the entries that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.openshift_pull_secret import (
    openshift_rollout,
    plan_openshift_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.openshift import ADDED_REGISTRIES

PASSWORD = "s3cret-of-an-item"
OPENSHIFT = ["cloud.openshift.com", "quay.io", "registry.connect.redhat.com", "registry.redhat.io"]


def item(server: Any = "registry.example.com", **changes: Any) -> dict[str, Any]:
    return {"server": server, "username": "puller", "password": PASSWORD, **changes}


def listed(*servers: str) -> list[dict[str, str]]:
    return [{"server": server} for server in servers]


def found(*more: str, added: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """What the module reports of a cluster with its own control plane and these entries beside those of OpenShift."""
    return {
        "target": "cluster",
        "namespace": "openshift-config",
        "name": "pull-secret",
        "registries": listed(*OPENSHIFT, *more),
        "added_registries": listed(*added),
        "original_registries": None,
        "paused_pools": [],
        **changes,
    }


def hosted(*stored: str, added: tuple[str, ...] = (), original: tuple[str, ...] = ()) -> dict[str, Any]:
    return found(
        added=added,
        target="hosted",
        namespace="kube-system",
        name="additional-pull-secret",
        registries=listed(*stored),
        original_registries=listed(*OPENSHIFT, *original),
    )


def plan(items: Any, described: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    result = plan_openshift_pull_secret(items, found=found() if described is None else described, options=options)
    assert PASSWORD not in result["refusal"]
    return result


def refusal(items: Any, described: dict[str, Any] | None = None, **options: Any) -> str:
    result = plan(items, described, **options)
    assert (result["item"], result["options"]) == ({}, {})
    return str(result["refusal"])


# Spellings of a host of OpenShift, each with the host.
WHOLE_HOSTS = {
    "quay.io": "quay.io",
    "quay.io/": "quay.io",
    "https://quay.io": "quay.io",
    "http://quay.io/": "quay.io",
    "https://quay.io/v1/": "quay.io",
    "quay.io/v1/": "quay.io",
    "quay.io/v2/": "quay.io",
    "https://quay.io/v2/": "quay.io",
    "QUAY.IO": "quay.io",
    "https://Quay.io/v2/": "quay.io",
    "quay.io:443": "quay.io",
    "https://quay.io:443/v2/": "quay.io",
    "quay.io:5000": "quay.io",
    "*.io": "quay.io",
    "*.IO/": "quay.io",
    "q*.io": "quay.io",
    "quay.*": "quay.io",
    "*.*": "quay.io",
    "https://*.io/v2/": "quay.io",
    "*.*:443": "quay.io",
    "registry.redhat.io": "registry.redhat.io",
    "Registry.RedHat.io/v2/": "registry.redhat.io",
    "*.redhat.io": "registry.redhat.io",
    "*.*.io": "registry.redhat.io",
    "registry.*.io": "registry.redhat.io",
    "*.*.*": "registry.redhat.io",
    "registry.connect.redhat.com": "registry.connect.redhat.com",
    "https://registry.connect.redhat.com/v1/": "registry.connect.redhat.com",
    "*.connect.redhat.com": "registry.connect.redhat.com",
    "registry.*.redhat.com": "registry.connect.redhat.com",
    "*.*.*.*": "registry.connect.redhat.com",
    "cloud.openshift.com": "cloud.openshift.com",
    "https://cloud.openshift.com/": "cloud.openshift.com",
    "*.openshift.com": "cloud.openshift.com",
    "*.*.com": "cloud.openshift.com",
}


@pytest.mark.parametrize("described", [found(), hosted()], ids=["cluster", "hosted"])
@pytest.mark.parametrize("server", WHOLE_HOSTS)
def test_refuses_an_entry_for_a_host_of_openshift(server: str, described: dict[str, Any]) -> None:
    host = WHOLE_HOSTS[server]
    message = refusal([item(), item(server)], described)

    assert message.startswith(
        f"openshift_pull_secret_registries[1] would take the place of the credentials of OpenShift for {host}; got "
    )
    assert "path of your own images, such as" in message


@pytest.mark.parametrize("server", WHOLE_HOSTS)
def test_refuses_to_remove_an_entry_for_a_host_of_openshift(server: str) -> None:
    """Also one that the annotation has, and one that is not stored."""
    message = refusal([{"server": server, "state": "absent"}], found(server, added=(server,)))

    assert "would remove the credentials of OpenShift for" in message
    assert message == refusal([{"server": server, "state": "absent"}])


@pytest.mark.parametrize(
    "server",
    [
        "quay.io/o",
        "quay.io/openshift-release-dev",
        "quay.io/openshift-release-dev/",
        "https://quay.io/v2/openshift-release-dev/",
        "quay.io/openshift-release-dev/ocp-release",
        "*.io/openshift-release-dev/",
        "quay.io:443/openshift-release-dev/",
    ],
)
def test_refuses_a_path_with_the_images_of_openshift(server: str) -> None:
    assert " serves the images of OpenShift below quay.io/openshift-release-dev/; got " in refusal([item(server)])


@pytest.mark.parametrize(
    "server",
    [
        "quay.io/acme/",
        "quay.io/acme",
        "https://quay.io/v2/acme/",
        "quay.io/openshift-release-dev-of-acme/",
        "registry.redhat.io/acme/",
        "registry.connect.redhat.com/acme/",
        "quay.example.com",
        "registry.example.com:5000",
        "*.example.com",
        "*.quay.io",
        "redhat.io",
        "io",
    ],
)
def test_accepts_what_leaves_the_hosts_of_openshift_alone(server: str) -> None:
    if server == "io":
        assert "must be a host" in refusal([item(server)])
        return
    assert plan([item(server)]) == {
        "refusal": "",
        "item": {
            "namespace": "openshift-config",
            "name": "pull-secret",
            "registries": [item(server)],
            "annotations": {ADDED_REGISTRIES: server},
        },
        "options": {},
    }


@pytest.mark.parametrize(
    ("preset", "message"),
    [
        ({"preset": "quay"}, "would take the place of the credentials of OpenShift for quay.io"),
        ({"preset": "quay", "preset_options": {"host": "Quay.io"}}, "credentials of OpenShift for quay.io"),
        ({"preset": "nothing"}, "openshift_pull_secret_registries[0].preset"),
        ({"preset": "ghcr", "server": "ghcr.io"}, "openshift_pull_secret_registries[0].server and "),
        ({"preset": "quay", "preset_options": "host=quay.io"}, "[0].preset_options must be a mapping."),
    ],
)
def test_looks_behind_presets(preset: dict[str, Any], message: str) -> None:
    assert message in refusal([{**preset, "username": "a", "password": PASSWORD}])


def test_records_the_servers_of_a_preset() -> None:
    planned = plan([{"preset": "quay", "preset_options": {"host": "quay.example.com"}, "password": PASSWORD}])
    assert planned["item"]["annotations"] == {ADDED_REGISTRIES: "quay.example.com"}


ADDED = "registry.example.com"
KEPT = f'If it is yours, add "{ADDED}" to the annotation {ADDED_REGISTRIES} of the Secret; then the role manages it.'


@pytest.mark.parametrize("spelling", [ADDED, f"https://{ADDED}", f"{ADDED}/v2/"])
def test_manages_only_what_it_added(spelling: str) -> None:
    """An entry of another client is neither replaced nor removed, in any spelling of the same registry."""
    assert refusal([item(spelling)], found(ADDED)) == (
        f'openshift_pull_secret_registries[0] would replace the entry "{spelling}" of openshift-config/pull-secret, '
        "which this role did not add. The nodes may need it to pull other images. Write the path of your own images, "
        f'such as "{spelling.rstrip("/")}/acme/". {KEPT.replace(ADDED, spelling, 1)}'
    )
    assert refusal([{"server": spelling, "state": "absent"}], found(ADDED)) == (
        f'openshift_pull_secret_registries[0] would remove the entry "{spelling}" of openshift-config/pull-secret, '
        "which this role did not add. The nodes may need it to pull the images of OpenShift. Leave the item out. "
        f"{KEPT.replace(ADDED, spelling, 1)}"
    )
    ours = found(ADDED, added=(ADDED,))
    assert plan([item(spelling)], ours)["item"] == {
        "namespace": "openshift-config",
        "name": "pull-secret",
        "registries": [item(spelling)],
    }
    removal = plan([{"server": spelling, "state": "absent"}], ours)["item"]
    assert removal["annotations"] == {ADDED_REGISTRIES: None}


def test_an_entry_that_is_only_in_the_annotation_was_not_added() -> None:
    """Another client has removed it, so it is the role's again only when the role adds it."""
    assert plan([item("a.example.com")], found(added=("a.example.com", "gone.example.com")))["item"]["annotations"] == {
        ADDED_REGISTRIES: "a.example.com"
    }


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert plan([{"server": "gone.example.com", "state": "absent"}])["item"] == {
        "namespace": "openshift-config",
        "name": "pull-secret",
        "registries": [{"server": "gone.example.com", "state": "absent"}],
    }


def test_refuses_what_a_hosted_control_plane_ignores() -> None:
    message = refusal([item("https://mirror.example.com")], hosted(original=("mirror.example.com",)))

    assert message == (
        "openshift_pull_secret_registries[0] has no effect: openshift-config/pull-secret has an entry for "
        '"https://mirror.example.com", too. In a hosted control plane that entry wins over the one in '
        "kube-system/additional-pull-secret. Write the path of your own images, such as "
        '"https://mirror.example.com/acme/".'
    )


@pytest.mark.parametrize("stored", [(), (ADDED,)])
def test_deletes_the_secret_of_a_hosted_control_plane_with_its_last_entry(stored: tuple[str, ...]) -> None:
    """Its operator refuses one without entries."""
    assert plan([{"server": ADDED, "state": "absent"}], hosted(*stored, added=stored), images=["x"]) == {
        "refusal": "",
        "item": {
            "namespace": "kube-system",
            "name": "additional-pull-secret",
            "state": "absent",
            "in_use": "ignore",
        },
        "options": {"images": ["x"]},
    }
    assert "state" not in plan([{"server": ADDED, "state": "absent"}], hosted("other.example.com"))["item"]


def test_never_deletes_the_secret_of_a_cluster() -> None:
    last = found(registries=listed(ADDED), added=(ADDED,))
    assert refusal([{"server": ADDED, "state": "absent"}], last).startswith(
        "No entry would be left in openshift-config"
    )


@pytest.mark.parametrize(
    "name",
    ["purge_registries", "recreate", "take_ownership", "state", "namespace", "registries", "docker_config", "prune"],
)
def test_refuses_options_that_change_more_than_entries(name: str) -> None:
    forbidden: dict[str, Any] = {name: True}
    message = refusal([item()], **forbidden)
    assert message.startswith(f"openshift_pull_secret_options must not have this option: {name}.")


def test_passes_on_the_other_options() -> None:
    options: dict[str, Any] = {
        "verify_require": "pullable",
        "images": [f"{ADDED}/app:1"],
        "update_credentials": "when_given",
    }
    assert plan([item()], **options)["options"] == options


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "openshift_pull_secret_registries must be a list with at least one item."),
        (None, "openshift_pull_secret_registries must be a list with at least one item."),
        (PASSWORD, "openshift_pull_secret_registries must be a list with at least one item."),
        (item(), "openshift_pull_secret_registries must be a list with at least one item."),
        ([PASSWORD], "openshift_pull_secret_registries[0] must be a mapping."),
        ([item(), [item()]], "openshift_pull_secret_registries[1] must be a mapping."),
        ([{"password": PASSWORD}], "openshift_pull_secret_registries[0] names no registry."),
        ([item(server=[PASSWORD])], "openshift_pull_secret_registries[0].server must be a string; it is a list."),
        ([item(server=42)], "openshift_pull_secret_registries[0].server must be a string; it is an integer."),
        ([item(server="")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server=f"puller:{PASSWORD}@quay.io")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="oci://quay.io")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="quay.io/v2")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="quay%2Eio")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="[q]uay.io")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="quay.io.")], "openshift_pull_secret_registries[0].server must be a host"),
        ([item(server="quay.io?x=1")], "openshift_pull_secret_registries[0].server must be a host"),
    ],
)
def test_refuses_items_without_a_known_server(items: Any, message: str) -> None:
    assert message in refusal(items)


def test_leaves_credentials_to_the_module() -> None:
    """It explains what a number is, and where a value is missing."""
    items = [item(password=42, state="gone")]
    assert plan(items)["item"]["registries"] == items


MCO = (
    "The Machine Config Operator copies openshift-config/pull-secret to all nodes, pool by pool. Since OpenShift 4.7 "
    "the nodes are neither drained nor restarted for it."
)
PAUSED = (
    "Paused MachineConfigPools: infra, worker. Their nodes do not get a change of openshift-config/pull-secret until "
    "the pools are resumed."
)


@pytest.mark.parametrize(
    ("changed", "described", "warnings"),
    [
        (False, found(), []),
        (True, found(), [MCO]),
        (True, found(paused_pools=["infra", "worker"]), [MCO, PAUSED]),
        (False, found(paused_pools=["infra", "worker"]), [PAUSED]),
        (True, found(paused_pools=None), [MCO]),
        (False, hosted(), []),
        (
            True,
            hosted(),
            [
                "The operator of the hosted control plane copies kube-system/additional-pull-secret to the nodes and "
                "restarts their kubelet. Nodes of a NodePool with the upgrade type InPlace do not get it."
            ],
        ),
    ],
)
def test_warns_about_the_rollout(changed: bool, described: dict[str, Any], warnings: list[str]) -> None:
    assert openshift_rollout({"changed": changed}, found=described) == warnings
