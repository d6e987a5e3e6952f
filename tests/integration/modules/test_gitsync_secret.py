# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gitsync_secret against a real API server: what it shares with the other modules, and what is its own."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from support.cluster import Cluster
from support.playbook import Playbook
from support.samples.git import (
    HOST,
    HOST_KEY,
    HOSTS,
    HTTPS_URL,
    KEY,
    NEW_KEY,
    RSA_KEY,
    SSH_URL,
    pkcs1,
    pkcs8,
    private,
    ssh,
)
from support.scenarios import Scenario, Step, Subject, chosen, run_scenarios, shared_scenarios

MODULE = "gitsync_secret"
PREFIX = "gitsync-secret-"  # PrimeHub finds its Secrets by that

SUBJECT = Subject(
    module=MODULE,
    type="Opaque",
    given={"ssh": ssh(KEY)},
    rotated={"ssh": ssh(NEW_KEY)},
    kept={"ssh": {}},
    stored={"ssh": private(KEY), "known_hosts": HOSTS},
    changed={"ssh": private(NEW_KEY), "known_hosts": HOSTS},
    linkable={"ssh": ssh(KEY), "format": "tekton", "url": SSH_URL},
    link_list="secrets",
)

BASIC = {"username": "octo", "password": "git-token-1"}
APP = {"id": "12", "installation_id": "34", "private_key": pkcs1(RSA_KEY)}
PUBLIC = {"public_key": KEY.public, "fingerprint": KEY.fingerprint}
FLUX = {"identity": private(KEY), "identity.pub": f"{KEY.public}\n", "known_hosts": HOSTS}


def does(operation: str, told: dict[str, Any] | None = None, **arguments: Any) -> Step:
    return Step(operation, arguments, told=told or {})


def refuses(message: str, **arguments: Any) -> Step:
    return Step("failed", arguments, message)


def makes_key(operation: str, **arguments: Any) -> Step:
    return Step(operation, arguments, makes_key=True)


def holds(kind: str | None, *keys: str, **more: Any) -> dict[str, Any]:
    """What the result tells of a Secret with this kind of credential under these keys."""
    return {"kind": kind, "data_keys": sorted(keys), **more}


def argocd(**options: Any) -> dict[str, Any]:
    return {"format": "argocd_repository", "url": SSH_URL, "format_options": options}


def match(*uris: str) -> dict[str, Any]:
    return {"openshift_match_uris": list(uris)}


SCENARIOS = {
    "another-kind-removes-the-keys-of-the-old-one": Scenario(
        (
            does("created", holds("ssh", *FLUX, **PUBLIC), format="flux", url=SSH_URL, ssh=ssh()),
            does("updated", holds("https", *BASIC, public_key=None, username="octo"), format="flux", https=BASIC),
            does("updated", holds("https", "bearerToken"), format="flux", https={"bearer_token": "git-token-2"}),
            does(
                "updated",
                holds("github_app", "githubAppID", "githubAppInstallationID", "githubAppPrivateKey"),
                format="flux",
                github_app=APP,
            ),
            refuses("Format flux does not know cookie_file.", format="flux", cookie_file="x"),
            does("updated", holds("cookie_file", "cookie_file"), cookie_file=f"{HOST}\tFALSE\t/\tTRUE\t1\to\tvalue\n"),
        ),
        left={"data": {"cookie_file": f"{HOST}\tFALSE\t/\tTRUE\t1\to\tvalue\n"}},
    ),
    "another-format": Scenario(
        (
            does("created", holds("ssh", "ssh", "known_hosts"), ssh=ssh()),
            does("updated", holds("ssh", *FLUX), format="flux", ssh=ssh()),
            does(
                "updated",
                holds("ssh", "sshPrivateKey", "type", "url", "project", url=SSH_URL),
                **argocd(argocd_project="web"),
                ssh={"private_key": private(KEY)},
            ),
            refuses(
                "has the type Opaque, and kubernetes.io/ssh-auth is needed", format="tekton", url=SSH_URL, ssh=ssh()
            ),
            does(
                "recreated",
                holds("ssh", "ssh-privatekey", "known_hosts"),
                format="tekton",
                url=SSH_URL,
                ssh=ssh(),
                recreate=True,
            ),
        ),
        left={
            "type": "kubernetes.io/ssh-auth",
            "data": {"ssh-privatekey": private(KEY), "known_hosts": HOSTS},
            "labels": {},  # that of Argo CD is gone
            "annotations": {"tekton.dev/git-0": HOST},
        },
    ),
    "a-repaired-key-is-no-change": Scenario(
        (
            does("updated", PUBLIC, ssh=ssh()),
            does("unchanged", PUBLIC, ssh=ssh(private_key=private(KEY).replace("\n", "\r\n"))),
            does("unchanged", PUBLIC, ssh=ssh(private_key=private(KEY).rstrip())),
            does("unchanged", PUBLIC, ssh=ssh(private_key=private(KEY).replace("\n", "\\n"))),
            does(
                "unchanged", PUBLIC, ssh=ssh(private_key=" ".join(private(KEY).split("\n")), known_hosts=HOSTS.strip())
            ),
        ),
        existing={"type": "Opaque", "string_data": {"ssh": private(KEY).rstrip(), "known_hosts": HOSTS}},
        left={"data": {"ssh": private(KEY), "known_hosts": HOSTS}},
        both_ways=True,
    ),
    "a-key-is-made-once-and-kept": Scenario(
        (
            makes_key("created", format="flux", ssh={"generate": "ed25519", "known_hosts": HOSTS}),
            does("unchanged", format="flux", ssh={"generate": "ed25519", "known_hosts": HOSTS}),
            does("unchanged", format="flux", ssh={"generate": "rsa", "known_hosts": HOSTS}),
            does("updated", PUBLIC, format="flux", ssh=ssh()),
            does("unchanged", PUBLIC, format="flux", ssh={"generate": "ed25519", "known_hosts": HOSTS}),
        ),
        left={"data": FLUX},
        both_ways=True,
    ),
    "a-new-key-of-each-kind-is-told-whole": Scenario(
        (
            makes_key("created", ssh={"generate": "ecdsa", "known_hosts": HOSTS}),
            does("deleted", state="absent"),
            makes_key("created", ssh={"generate": "rsa", "known_hosts": HOSTS}),
            does("deleted", state="absent"),
        ),
        both_ways=True,
    ),
    "the-same-key-in-another-format": Scenario(
        (
            does("created", holds("ssh", "sshPrivateKey", "type", "url", **PUBLIC), **argocd(), credentials_from={}),
            does("unchanged", PUBLIC, **argocd(), credentials_from={}),
            does("updated", holds("ssh", "ssh", "known_hosts"), credentials_from={"format": "flux"}),
            refuses("holds no Git credential as tekton reads it.", credentials_from={"format": "tekton"}),
        ),
        source={"type": "Opaque", "string_data": FLUX},
        left={"data": {"ssh": private(KEY), "known_hosts": HOSTS}},
    ),
    "a-converted-key-is-no-change": Scenario(
        (
            does("created", PUBLIC, format="fleet", ssh=ssh(convert=True)),
            does("unchanged", PUBLIC, format="fleet", ssh=ssh(convert=True)),
            does("unchanged", PUBLIC, format="fleet", ssh=ssh(private_key=pkcs8(KEY))),
        ),
        left={"type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": pkcs8(KEY), "known_hosts": HOSTS}},
    ),
    "a-conversion-with-random-bytes-is-no-change": Scenario(
        (
            does("created", PUBLIC, ssh=ssh(private_key=pkcs8(KEY), convert=True)),
            does("unchanged", PUBLIC, ssh=ssh(private_key=pkcs8(KEY), convert=True)),
        ),
    ),
    "options-of-argo-cd": Scenario(
        (
            does("created", **argocd(argocd_project="web", argocd_insecure=False), ssh={"private_key": private(KEY)}),
            does("unchanged", **argocd(), ssh={"private_key": private(KEY)}),
            does("updated", **argocd(argocd_project=None, argocd_depth=1), ssh={"private_key": private(KEY)}),
            does("unchanged", **argocd(argocd_project=None), ssh={"private_key": private(KEY)}),
        ),
        left={
            "data": {
                "type": "git",
                "url": SSH_URL,
                "sshPrivateKey": private(KEY),
                "insecure": "false",
                "depth": "1",
            },
            "labels": {"argocd.argoproj.io/secret-type": "repository"},
        },
        both_ways=True,
    ),
    "names-of-ones-own": Scenario(
        (
            does(
                "created",
                holds("ssh", "id", "hosts", **PUBLIC),
                format="custom",
                keys={"private_key": "id", "known_hosts": "hosts"},
                format_options={"custom_type": "example.com/git"},
                ssh=ssh(),
            ),
            does(
                "unchanged",
                format="custom",
                keys={"private_key": "id", "known_hosts": "hosts"},
                format_options={"custom_type": "example.com/git"},
                ssh={},
                update_credentials="when_given",
            ),
            does("deleted", state="absent", format="custom", format_options={"custom_type": "example.com/git"}),
        ),
    ),
    "annotations-of-tekton": Scenario(
        (
            does("created", format="tekton", url=HTTPS_URL, https=BASIC),
            does("unchanged", format="tekton", url=HTTPS_URL, https=BASIC),
            does(
                "updated",
                format="tekton",
                url="https://git.example.com:8443",
                https=BASIC,
                format_options={"tekton_index": None},
            ),
        ),
        left={
            "type": "kubernetes.io/basic-auth",
            "data": BASIC,
            "annotations": {"tekton.dev/git-0": "https://git.example.com:8443"},
        },
    ),
    "annotations-of-openshift": Scenario(
        (
            does("created", format="openshift_build", https=BASIC, format_options=match("ssh://a/*", "https://b/*")),
            does("updated", format="openshift_build", https=BASIC, format_options=match("https://b/*")),
            does("unchanged", format="openshift_build", https=BASIC),
        ),
        left={
            "data": BASIC,
            "annotations": {"build.openshift.io/source-secret-match-uri-1": "https://b/*"},
        },
    ),
    "jenkins": Scenario(
        (
            does("created", {"username": "<hidden>"}, format="jenkins", https={**BASIC, "username": "ghp_012345678"}),
            does(
                "updated",
                holds("ssh", "privateKey", "username"),
                format="jenkins",
                url="ssh://robot@git.example.com/app.git",
                ssh={"private_key": private(KEY)},
                format_options={"jenkins_description": "Models", "jenkins_scope": "system"},
            ),
        ),
        left={
            "data": {"privateKey": private(KEY), "username": "robot"},
            "labels": {
                "jenkins.io/credentials-type": "basicSSHUserPrivateKey",
                "jenkins.io/credentials-scope": "system",
            },
            "annotations": {"jenkins.io/credentials-description": "Models"},
        },
        both_ways=True,
    ),
    "primehub": Scenario(
        (
            does("created", format="primehub", ssh={"private_key": private(KEY)}),
            does(
                "updated",
                format="primehub",
                ssh={},
                update_credentials="when_given",
                format_options={"primehub_display_name": "Models"},
            ),
            does("unchanged", format="primehub", ssh={"private_key": private(KEY)}),
            refuses(
                "ssh.known_hosts is not read by format primehub. PrimeHub does not verify", format="primehub", ssh=ssh()
            ),
        ),
        left={"data": {"ssh": private(KEY)}, "annotations": {"displayName": "Models"}},
    ),
    "vendir-takes-no-other-key": Scenario(
        (
            refuses(
                "The Secret has the keys notes, which format vendir does not know and refuses. They were written by "
                "something else. Remove them, or use another name.",
                format="vendir",
                ssh=ssh(),
            ),
            does("updated", {"unmanaged_keys": ["notes"]}, https=BASIC),
        ),
        existing={"type": "Opaque", "string_data": {"notes": "foreign"}},
        left={"data": {"notes": "foreign", **BASIC}},
    ),
    "a-kept-password": Scenario(
        (
            does("created", https=BASIC),
            does(
                "updated",
                {
                    "credentials_kept": ["https.password"],
                    "warnings": ["https.username changes, and the stored password is kept."],
                },
                https={"username": "another"},
                update_credentials="when_given",
            ),
            refuses("https.password is missing.", https={"username": "octo"}),
        ),
        left={"data": {"username": "another", "password": BASIC["password"]}},
        both_ways=True,
    ),
}


SHARED = shared_scenarios(SUBJECT)


def test_what_all_modules_share(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(SHARED, both_ways=True))


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_all_modules_decide(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(SHARED, both_ways=False))


def test_what_is_its_own(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    own = chosen(SCENARIOS, both_ways=True)

    results = run_scenarios(cluster, namespace, playbook, MODULE, own, prefix=PREFIX)

    for result in results["a-new-key-of-each-kind-is-told-whole"][::2]:
        digest = hashlib.sha256(base64.b64decode(result["public_key"].split()[1], validate=True)).digest()
        assert result["fingerprint"] == f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
    made, *kept = results["a-key-is-made-once-and-kept"][:3]
    assert made["public_key"].startswith("ssh-ed25519 AAAA")
    assert {(result["public_key"], result["fingerprint"]) for result in kept} == {
        (made["public_key"], made["fingerprint"])
    }


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_it_decides(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    own = chosen(SCENARIOS, both_ways=False)

    results = run_scenarios(cluster, namespace, playbook, MODULE, own, prefix=PREFIX)

    title = "the-same-key-in-another-format"
    assert results[title][0]["warnings"] == [
        f"ssh.known_hosts of credentials_from (Secret {namespace}/{PREFIX}{title}-source) was not copied, because "
        "format argocd_repository does not read it. Argo CD reads host keys from the ConfigMap "
        "argocd-ssh-known-hosts-cm; argocd cert add-ssh --batch adds them there."
    ]
    host_keys = results["another-format"][0]["secret"]["known_hosts"]
    assert host_keys == [f"{HOST} ssh-ed25519 {HOST_KEY.fingerprint}"]
