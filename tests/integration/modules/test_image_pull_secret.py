# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""image_pull_secret against a real API server: what it shares with the other modules, and what is its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.cluster import Cluster
from support.playbook import Playbook, task
from support.scenarios import Scenario, Step, Subject, chosen, run_scenarios, shared_scenarios

MODULE = "image_pull_secret"
PULL_SECRET = "kubernetes.io/dockerconfigjson"

GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}
GHCR_ROTATED = {**GHCR, "password": "ghcr-token-2"}
QUAY = {"server": "quay.io", "username": "acme+robot", "password": "quay-token-1", "email": "ops@example.com"}
HUB = {"server": "https://index.docker.io/v1/", "username": "acme", "password": "hub-token-1"}

ECR = {"server": "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "username": "AWS", "password": "ecr-token-1"}
ECR_BY_NAME = {
    "preset": "ecr",
    "preset_options": {"account_id": "123456789012", "region": "eu-central-1"},
    "password": "ecr-token-1",
}
RED_HAT_BY_NAME = {"preset": "red_hat", "username": "12345678|web", "password": "red-hat-token-1"}


def entry(registry: Mapping[str, str]) -> dict[str, str]:
    """What a registry of a task becomes under ``auths``."""
    auth = base64.b64encode(f"{registry['username']}:{registry['password']}".encode()).decode()
    return {**{key: value for key, value in registry.items() if key != "server"}, "auth": auth}


def stored(auths: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    """A pull secret that somebody else made."""
    return {"type": PULL_SECRET, "string_data": {".dockerconfigjson": json.dumps({"auths": auths, **top})}}


def does(operation: str, *registries: Mapping[str, Any], **arguments: Any) -> Step:
    return Step(operation, {**({"registries": list(registries)} if registries else {}), **arguments})


def refuses(message: str, *registries: Mapping[str, Any], **arguments: Any) -> Step:
    return Step("failed", does("", *registries, **arguments).arguments, message)


def serves(operation: str, served: Mapping[str, Any], *registries: Mapping[str, Any], **arguments: Any) -> Step:
    """A step with images that tells which registry serves each, or that none does."""
    told = [
        {"image": image, **{name: registry and registry[name] for name in ("server", "username")}}
        for image, registry in served.items()
    ]
    return Step(
        operation, {**does("", *registries, **arguments).arguments, "images": list(served)}, told={"images": told}
    )


def config(registry: Mapping[str, str]) -> dict[str, str]:
    """The data of a pull secret with one registry, as the module writes it."""
    return {".dockerconfigjson": json.dumps({"auths": {registry["server"]: entry(registry)}}, separators=(",", ":"))}


SUBJECT = Subject(
    module=MODULE,
    type=PULL_SECRET,
    given={"registries": [GHCR]},
    rotated={"registries": [GHCR_ROTATED]},
    kept={"registries": [{"server": "ghcr.io"}]},
    stored=config(GHCR),
    changed=config(GHCR_ROTATED),
    linkable={"registries": [GHCR]},
    link_list="imagePullSecrets",
)

SCENARIOS = {
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
        left={"auths": {HUB["server"]: entry(HUB)}},
    ),
    "another-spelling-is-the-same-registry": Scenario(
        (does("updated", QUAY), does("unchanged", QUAY)),
        existing=stored({"https://quay.io/v1/": entry(QUAY)}),
        left={"auths": {"quay.io": entry(QUAY)}},
    ),
    "only-a-missing-part-is-repaired": Scenario(
        (does("updated", GHCR), does("unchanged", GHCR)),
        existing=stored(
            {"ghcr.io": {"auth": entry(GHCR)["auth"].rstrip("=")}, "foreign.io": {"x": [1, None]}}, credsStore="x"
        ),
        left={
            "auths": {
                "ghcr.io": {**entry(GHCR), "auth": entry(GHCR)["auth"].rstrip("=")},
                "foreign.io": {"x": [1, None]},
            }
        },
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
    "credentials-are-kept-by-registry": Scenario(
        (
            does("created", GHCR),
            does("unchanged", {"server": "ghcr.io"}, update_credentials="when_given"),
            does("updated", {"server": "ghcr.io", "email": "ops@example.com"}, update_credentials="when_given"),
            does("updated", {"server": "ghcr.io", "username": "another"}, update_credentials="when_given"),
            refuses(
                "registries[0].username is missing. "
                'The Secret has no readable credentials for "quay.io" that could be kept. Give username and password.',
                {"server": "quay.io"},
                update_credentials="when_given",
            ),
        )
    ),
    "each-registry-is-written-once": Scenario(
        (
            does("created", GHCR, update_credentials="on_create"),
            does("unchanged", GHCR_ROTATED, update_credentials="on_create"),
            does("updated", GHCR_ROTATED, QUAY, update_credentials="on_create"),
        ),
        left={"auths": {"ghcr.io": entry(GHCR), "quay.io": entry(QUAY)}},
    ),
    "registries-by-name": Scenario(
        (
            does("created", GHCR, ECR_BY_NAME, RED_HAT_BY_NAME),
            does("unchanged", GHCR, ECR_BY_NAME, RED_HAT_BY_NAME),
            does("unchanged", {**ECR_BY_NAME, "password": None}, update_credentials="when_given"),
            does("unchanged", ECR),
            does("updated", {"preset": "ghcr", "username": "octo", "password": "ghcr-token-2"}),
            does("updated", {"preset": "red_hat", "state": "absent"}),
            does("unchanged", {"preset": "red_hat", "state": "absent"}),
            refuses(
                'registries[1] is the same registry as registries[0] ("ghcr.io").',
                GHCR,
                {"preset": "ghcr", "username": "octo", "password": "ghcr-token-1"},
            ),
        ),
        left={"auths": {"ghcr.io": entry(GHCR_ROTATED), ECR["server"]: entry(ECR)}},
        both_ways=True,
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
        ),
        both_ways=True,
    ),
    "another-type-with-a-docker-config": Scenario(
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
        left={"auths": {"quay.io": entry(QUAY), "ghcr.io": entry(GHCR)}},
    ),
    "the-older-form": Scenario(
        (does("recreated", GHCR, recreate=True), does("unchanged", GHCR), does("deleted", state="absent")),
        existing={
            "type": "kubernetes.io/dockercfg",
            "string_data": {".dockercfg": json.dumps({"quay.io": entry(QUAY)})},
        },
    ),
    "a-stored-docker-config-that-does-not-parse": Scenario(
        (
            refuses(
                "must be a mapping; it is a string. Nothing can be merged into it. Set purge_registries=true", GHCR
            ),
            does("updated", GHCR, purge_registries=True),
        ),
        existing={"type": PULL_SECRET, "string_data": {".dockerconfigjson": '{"auths": {"ghcr.io": "text"}}'}},
        left={"auths": {"ghcr.io": entry(GHCR)}},
    ),
    "a-stored-docker-config-in-odd-spellings": Scenario(
        (
            does("updated", GHCR),
            does("unchanged", GHCR),
            does("updated", GHCR, {"server": "quay.io", "state": "absent"}),
        ),
        existing={
            "type": PULL_SECRET,
            "string_data": {
                ".dockerconfigjson": json.dumps(
                    {
                        "Auths": {
                            "ghcr.io": {"Username": "old", "PASSWORD": GHCR["password"], "password": "older"},
                            "quay.io": {"Auth": entry(QUAY)["auth"]},
                        }
                    }
                )
            },
        },
        left={"auths": {"ghcr.io": entry(GHCR)}},
    ),
    "images-that-it-must-serve": Scenario(
        (
            refuses(
                'images[1] ("ghcr.io/other/app") has no matching credentials in the Secret. "ghcr.io/acme" serves only '
                '"ghcr.io/acme…", and the image is "ghcr.io/other/app". Correct the registry or the image; leave out',
                {**GHCR, "server": "ghcr.io/acme"},
                images=["ghcr.io/acme/app:1", "ghcr.io/other/app"],
            ),
            serves("created", {"ghcr.io/acme/app:1": GHCR}, GHCR),
            serves(
                "updated",
                {"quay.io/acme/db": QUAY, "ghcr.io/acme/app:1": GHCR},
                QUAY,
            ),
            serves("unchanged", {"quay.io/acme/db": QUAY}, QUAY),
            refuses(
                'images[0] ("ghcr.io/acme/app:1") has no matching credentials in the Secret. It has "quay.io". Correct',
                QUAY,
                images=["ghcr.io/acme/app:1"],
                purge_registries=True,
            ),
            serves(
                "updated",
                {"nginx": None, "quay.io/acme/db": QUAY},
                QUAY,
                purge_registries=True,
                preflight="warn",
            ),
            does("deleted", state="absent", images=["No Image"]),
        ),
        both_ways=True,
    ),
    "images-and-entries-that-spoil-them": Scenario(
        (
            refuses(
                'images[0] ("ghcr.io/acme/app:1") has no matching credentials in the Secret. Entry "bad.io": The '
                "kubelet cannot read its auth: it is not base64.",
                GHCR,
                images=["ghcr.io/acme/app:1"],
            ),
            serves("updated", {"ghcr.io/acme/app:1": None}, GHCR, preflight="warn"),
            serves(
                "updated",
                {"ghcr.io/acme/app:1": GHCR},
                GHCR,
                purge_registries=True,
            ),
        ),
        existing=stored({"bad.io": {"auth": "pants"}, "odd.io": {"EMAIL": 1}}),
        left={"auths": {"ghcr.io": entry(GHCR)}},
    ),
}


SHARED = shared_scenarios(SUBJECT)


def test_what_all_modules_share(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(SHARED, both_ways=True))


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_all_modules_decide(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(SHARED, both_ways=False))


def test_what_is_its_own(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    told = run_scenarios(cluster, namespace, playbook, MODULE, chosen(SCENARIOS, both_ways=True))

    assert told["images-that-it-must-serve"][5]["warnings"] == [
        'images[0] ("nginx") has no matching credentials in the Secret. The image names no registry, so it is looked '
        'up as "docker.io/library/nginx". It has "quay.io".'
    ]


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_it_decides(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    told = run_scenarios(cluster, namespace, playbook, MODULE, chosen(SCENARIOS, both_ways=False))

    spoilt = told["images-and-entries-that-spoil-them"][1]
    assert spoilt["warnings"] == [
        'Stored entry "bad.io": Its auth cannot be read (it is not base64); the kubelet refuses every Pod that uses '
        "this Secret.",
        'Stored entry "odd.io": Its email cannot be read (it is not a string); the kubelet refuses every Pod that uses '
        "this Secret.",
        'images[0] ("ghcr.io/acme/app:1") has no matching credentials in the Secret. Entry "bad.io": The kubelet '
        "cannot read its auth: it is not base64.",
    ]


BROWSER_LOGIN = {
    f"{HUB['server']}access-token": {"auth": base64.b64encode(b"acme:access-session-1").decode()},
    f"{HUB['server']}refresh-token": {"auth": base64.b64encode(b"acme:refresh-session-1..client").decode()},
}
SESSION_KEYS = ", ".join(f'"{server}"' for server in BROWSER_LOGIN)


def test_session_tokens_of_docker_login_are_never_imported(
    cluster: Cluster, namespace: str, playbook: Playbook
) -> None:
    """A config.json after a login in a browser, in every form, and a Secret that another client made of it."""
    whole = {"auths": {HUB["server"]: entry(HUB), **BROWSER_LOGIN}}
    only = {"auths": BROWSER_LOGIN}
    cluster.create_secret(namespace, "whole", **stored(whole["auths"]))
    cluster.create_secret(namespace, "only", **stored(BROWSER_LOGIN))
    forms: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "mapping": lambda config: {"docker_config": config},
        "string": lambda config: {"docker_config": json.dumps(config)},
        "base64": lambda config: {"docker_config": base64.b64encode(json.dumps(config).encode()).decode()},
        "secret": lambda config: {"docker_config": stored_as_data(config)},
        "file": lambda config: {"docker_config_file": str(write_config(playbook, config))},
        "copy": lambda config: {"credentials_from": {"name": "whole" if config is whole else "only"}},
    }
    common = {"namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    tasks = []
    for name, form in forms.items():
        tasks.append(task(MODULE, name=f"from-{name}", **form(whole), **common))
        tasks.append(task(MODULE, name=f"none-{name}", **form(only), **common))
    run = playbook.run(tasks, "-vvv")
    for number, name in enumerate(forms):
        done, refused = run.results[2 * number : 2 * number + 2]
        assert done["operation"] == "created", done
        assert any(f"left out {SESSION_KEYS}" in warning for warning in done["warnings"])
        assert list(cluster.read_auths(namespace, f"from-{name}")) == [HUB["server"]]
        assert f"only tokens of login sessions: {SESSION_KEYS}" in refused["msg"]
        assert refused["failure"]["id"] == ("invalid_secret" if name == "copy" else "invalid_option")
        assert refused["failure"]["option"] is not None
    assert "session-1" not in run.output
    assert not any(entry["auth"] in run.output for entry in BROWSER_LOGIN.values())


def test_stored_session_tokens_are_reported_and_removed_by_name(
    cluster: Cluster, namespace: str, playbook: Playbook
) -> None:
    cluster.create_secret(namespace, "registry", **stored({HUB["server"]: entry(HUB), **BROWSER_LOGIN}))
    common = {"namespace": namespace, "name": "registry", "kubeconfig": str(cluster.kubeconfig)}
    absent = [{"server": server, "state": "absent"} for server in BROWSER_LOGIN]
    looked, merged, removed = playbook.run(
        [
            task("image_pull_secret_info", **common),
            task(MODULE, registries=[GHCR], **common),
            task(MODULE, registries=absent, **common),
        ]
    ).results
    problems = {(found["id"], found["severity"], found["server"]) for found in looked["secrets"][0]["problems"]}
    assert {("server_session_token", "error", server) for server in BROWSER_LOGIN} <= problems
    assert merged["unmanaged_registries"] == sorted([HUB["server"], *BROWSER_LOGIN])
    assert sum("stores its session token" in warning for warning in merged["warnings"]) == len(BROWSER_LOGIN)
    assert removed["changed"]
    assert sorted(cluster.read_auths(namespace, "registry")) == sorted([HUB["server"], "ghcr.io"])


def stored_as_data(config: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret as kubectl prints it."""
    data = base64.b64encode(json.dumps(config).encode()).decode()
    return {"kind": "Secret", "type": PULL_SECRET, "data": {".dockerconfigjson": data}}


def write_config(playbook: Playbook, config: Mapping[str, Any]) -> Path:
    """Write a file of its own for each config."""
    path = playbook.directory / f"config-{len(config['auths'])}.json"
    path.write_text(json.dumps(config))
    return path
