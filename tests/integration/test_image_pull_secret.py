# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a real API server: each step first in check mode with read-only rights, then for real.

The check must foresee the real run, and send nothing but reads; the real run gets the rights that the README documents,
and writes only what its operation needs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cluster import Cluster, verbs, writes
from playbook import Playbook, task
from rights import READ_ONLY, documented_rules

NAME = "registry"
PULL_SECRET = "kubernetes.io/dockerconfigjson"

# The requests that write, for each operation.
WRITES = {
    "created": ["create"],
    "updated": ["patch"],
    "recreated": ["create?dryRun", "delete", "create"],
    "deleted": ["delete"],
    "unchanged": [],
    "failed": [],
}

GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}
GHCR_ROTATED = {**GHCR, "password": "ghcr-token-2"}
QUAY = {"server": "quay.io", "username": "acme+robot", "password": "quay-token-1", "email": "ops@example.com"}
HUB = {"server": "https://index.docker.io/v1/", "username": "acme", "password": "hub-token-1"}


def entry(registry: Mapping[str, str]) -> dict[str, str]:
    """What a registry of a task becomes under ``auths``."""
    auth = base64.b64encode(f"{registry['username']}:{registry['password']}".encode()).decode()
    return {**{key: value for key, value in registry.items() if key != "server"}, "auth": auth}


def stored(auths: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    """A pull secret that somebody else made."""
    return {"type": PULL_SECRET, "string_data": {".dockerconfigjson": json.dumps({"auths": auths, **top})}}


@dataclass(frozen=True)
class Step:
    """One task: its arguments, what it does, and for a refusal what its message says."""

    operation: str
    arguments: Mapping[str, Any]
    message: str = ""


def does(operation: str, *registries: Mapping[str, Any], **arguments: Any) -> Step:
    return Step(operation, {**({"registries": list(registries)} if registries else {}), **arguments})


def refuses(message: str, *registries: Mapping[str, Any], **arguments: Any) -> Step:
    return Step("failed", does("", *registries, **arguments).arguments, message)


@dataclass(frozen=True)
class Scenario:
    """Steps on one Secret, the Secret that is there before, and what is under ``auths`` at the end."""

    steps: tuple[Step, ...]
    existing: Mapping[str, Any] | None = None
    auths: Mapping[str, Any] | None = field(default=None)


SCENARIOS = {
    "twelve-steps": Scenario(
        (
            does("created", GHCR, labels={"team": "web"}),
            does("unchanged", GHCR, labels={"team": "web"}),
            does("updated", GHCR_ROTATED, labels={"team": None}, annotations={"example.com/note": "rotated"}),
            does("unchanged", GHCR_ROTATED, labels={"team": None}, annotations={"example.com/note": "rotated"}),
            does("deleted", state="absent"),
            does("unchanged", state="absent"),
        )
    ),
    "registries-add-up": Scenario(
        (
            does("created", GHCR),
            does("updated", QUAY),
            does("unchanged", QUAY),
            does("updated", HUB, {"server": "ghcr.io", "state": "absent"}),
            does("unchanged", HUB, {"server": "ghcr.io", "state": "absent"}),
            does("updated", HUB, purge_registries=True),
            refuses("No registry would be left in the Secret.", {"server": HUB["server"], "state": "absent"}),
        ),
        auths={HUB["server"]: entry(HUB)},
    ),
    "another-spelling-is-the-same-registry": Scenario(
        (does("updated", QUAY), does("unchanged", QUAY)),
        existing=stored({"https://quay.io/v1/": entry(QUAY)}),
        auths={"quay.io": entry(QUAY)},
    ),
    "only-a-missing-part-is-repaired": Scenario(
        (does("updated", GHCR), does("unchanged", GHCR)),
        existing=stored(
            {"ghcr.io": {"auth": entry(GHCR)["auth"].rstrip("=")}, "foreign.io": {"x": [1, None]}}, credsStore="x"
        ),
        auths={"ghcr.io": {**entry(GHCR), "auth": entry(GHCR)["auth"].rstrip("=")}, "foreign.io": {"x": [1, None]}},
    ),
    "spacing-and-order-are-no-change": Scenario(
        (does("unchanged", GHCR),),
        existing={
            "type": PULL_SECRET,
            "string_data": {
                ".dockerconfigjson": json.dumps({"auths": {"ghcr.io": dict(sorted(entry(GHCR).items()))}}, indent=4)
            },
        },
    ),
    "credentials-are-kept-when-not-given": Scenario(
        (
            does("created", GHCR),
            does("unchanged", {"server": "ghcr.io"}, update_credentials="when_given"),
            does("updated", {"server": "ghcr.io", "email": "ops@example.com"}, update_credentials="when_given"),
            does("updated", {"server": "ghcr.io", "username": "another"}, update_credentials="when_given"),
            refuses(
                "registries[0].username is missing. "
                'No readable credentials for "quay.io" are stored that could be kept. Give username and password.',
                {"server": "quay.io"},
                update_credentials="when_given",
            ),
        )
    ),
    "written-once-and-left-alone": Scenario(
        (
            does("created", GHCR, update_credentials="on_create"),
            does("unchanged", GHCR_ROTATED, update_credentials="on_create"),
            does("updated", GHCR_ROTATED, QUAY, update_credentials="on_create"),
        ),
        auths={"ghcr.io": entry(GHCR), "quay.io": entry(QUAY)},
    ),
    "docker-config-in-its-forms": Scenario(
        (
            does("created", docker_config={"auths": {"ghcr.io": entry(GHCR)}}),
            does("unchanged", docker_config=json.dumps({"auths": {"ghcr.io": {"auth": entry(GHCR)["auth"]}}})),
            does(
                "unchanged",
                docker_config=base64.b64encode(json.dumps({"auths": {"ghcr.io": entry(GHCR)}}).encode()).decode(),
            ),
            does(
                "unchanged",
                docker_config={"data": {".dockerconfigjson": json.dumps({"auths": {"ghcr.io": entry(GHCR)}})}},
            ),
            does("updated", QUAY, docker_config={"auths": {"ghcr.io": entry(GHCR)}}),
            refuses(
                'docker_config.auths["https://ghcr.io"] is the same registry as registries[0] ("ghcr.io"). The kubelet',
                GHCR,
                docker_config={"auths": {"https://ghcr.io": entry(GHCR)}},
            ),
        )
    ),
    "immutable": Scenario(
        (
            does("created", GHCR, immutable=True),
            does("unchanged", GHCR, immutable=True),
            does("updated", GHCR, labels={"team": "web"}),
            refuses("is immutable, and its data would change. Kubernetes does not allow", GHCR_ROTATED),
            refuses("is immutable, and immutable=false is asked for.", GHCR, immutable=False),
            does("recreated", GHCR_ROTATED, recreate=True),
            does("recreated", GHCR_ROTATED, recreate=True, immutable=False),
            does("unchanged", GHCR_ROTATED, recreate=True, immutable=False),
        ),
        auths={"ghcr.io": entry(GHCR_ROTATED)},
    ),
    "another-type": Scenario(
        (
            refuses("has the type Opaque, and kubernetes.io/dockerconfigjson is needed.", GHCR),
            refuses("has the type Opaque. This task deletes only", state="absent"),
            does("recreated", GHCR, recreate=True),
            does("unchanged", GHCR),
        ),
        existing={
            "type": "Opaque",
            "string_data": {".dockerconfigjson": json.dumps({"auths": {"quay.io": entry(QUAY)}})},
        },
        auths={"quay.io": entry(QUAY), "ghcr.io": entry(GHCR)},
    ),
    "the-older-form": Scenario(
        (does("recreated", GHCR, recreate=True), does("unchanged", GHCR), does("deleted", state="absent")),
        existing={
            "type": "kubernetes.io/dockercfg",
            "string_data": {".dockercfg": json.dumps({"quay.io": entry(QUAY)})},
        },
    ),
    "managed-by-helm": Scenario(
        (
            refuses(
                'is managed by Helm release "web" (label app.kubernetes.io/managed-by). Set take_ownership=true', GHCR
            ),
            does("unchanged", QUAY),
            refuses('is managed by Helm release "web"', state="absent"),
            does("updated", GHCR, take_ownership=True),
        ),
        existing={
            **stored({"quay.io": entry(QUAY)}),
            "metadata": {
                "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "web"},
            },
        },
    ),
    "somebody-elses-with-a-copy": Scenario(
        (does("updated", QUAY), does("unchanged", QUAY), does("updated", QUAY, take_ownership=True, owner="team-web")),
        existing={
            **stored({"quay.io": entry(QUAY)}),
            "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data": "old-secret"}'}},
        },
    ),
    "owners": Scenario(
        (
            does("created", GHCR, owner="team-web"),
            does("unchanged", GHCR),
            refuses('is managed by the owner "team-web"', QUAY, owner="team-batch"),
            does("updated", GHCR, owner="team-batch", take_ownership=True),
        )
    ),
    "a-stored-docker-config-that-does-not-parse": Scenario(
        (
            refuses("must be a mapping; it is a text. It can not be merged into. Set purge_registries=true", GHCR),
            does("updated", GHCR, purge_registries=True),
        ),
        existing={"type": PULL_SECRET, "string_data": {".dockerconfigjson": '{"auths": {"ghcr.io": "text"}}'}},
        auths={"ghcr.io": entry(GHCR)},
    ),
    "foreign-keys-stay": Scenario(
        (does("updated", GHCR_ROTATED), does("unchanged", GHCR_ROTATED)),
        existing={
            **stored({"ghcr.io": entry(GHCR)}),
            "string_data": {".dockerconfigjson": json.dumps({"auths": {"ghcr.io": entry(GHCR)}}), "extra": "kept"},
            "metadata": {"labels": {"foreign": "kept"}, "annotations": {"foreign.io/a": "kept"}},
        },
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_check_mode_foresees_the_real_run_and_writes_nothing(
    cluster: Cluster, namespace: str, playbook: Playbook, scenario: Scenario
) -> None:
    if scenario.existing:
        cluster.create_secret(namespace, NAME, **scenario.existing)
    reader = cluster.identity(namespace, READ_ONLY)
    writer = cluster.identity(namespace, documented_rules(NAME))
    common = {"name": NAME, "namespace": namespace}
    tasks = []
    for step in scenario.steps:
        arguments = {**common, **step.arguments}
        tasks.append({**task("image_pull_secret", **arguments, **reader.connection), "check_mode": True})
        tasks.append(task("image_pull_secret", **arguments, **writer.connection))

    results = playbook.run(tasks).results

    for step, check, real in zip(scenario.steps, results[::2], results[1::2], strict=True):
        assert real["operation"] == step.operation, real
        assert real["changed"] == bool(WRITES[step.operation])
        assert step.message in real.get("msg", "")
        assert check == foreseeable(real)
    if cluster.audit_log:
        assert set(verbs(cluster.audit(reader))) <= {"get", "list"}
        expected = [verb for step in scenario.steps for verb in WRITES[step.operation]]
        assert writes(cluster.audit(writer)) == expected
    if scenario.auths is not None:
        assert cluster.read_auths(namespace, NAME) == scenario.auths


def foreseeable(real: Mapping[str, Any]) -> dict[str, Any]:
    """What check mode can know of the result of a real run: all but what the server makes up."""
    result = json.loads(json.dumps(real))
    if result["changed"] and result.get("secret"):
        result["secret"]["resource_version"] = None
        if result["operation"] in ("created", "recreated"):
            result["secret"]["uid"] = None
    return dict(result)
