# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that the registry of a preset does not take, or not for long: refused or warned about, by their shape."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_shapes import Preset
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    parse_registries,
    warn_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

# Made of a prefix and the same letters, so that no search for real tokens finds them.
BODY = "0123456789abcdefABCDEF" * 2
ENTRA = "00000000-0000-0000-0000-000000000000"


def web_token(**claims: Any) -> str:
    parts = ({"alg": "RS256"}, claims)
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"]
    )


# For each preset a login that raises no question: the settings that it needs, and a username where it needs one.
LOGINS: dict[str, tuple[dict[str, Any], str | None]] = {
    "ecr": ({"account_id": "123456789012", "region": "eu-central-1"}, None),
    "artifact_registry": ({"location": "us"}, None),
    "acr": ({"name": "acme5"}, "pull"),
    "oracle": ({"region": "fra"}, "ns/ada"),
    "scaleway": ({"region": "fr-par"}, None),
    "alibaba": ({"region": "cn-hangzhou"}, "ada"),
    "huawei": ({"region": "ap-southeast-3"}, "ap-southeast-3@ACCESSKEY"),
    "red_hat": ({}, "12345678|web"),
    **{
        name: ({"host": f"{name}.example.com"}, "ada")
        for name in ("harbor", "artifactory", "nexus", "gitea", "forgejo")
    },
}


def judge(preset: str, password: str, username: str | None = None) -> tuple[str, list[str]]:
    """Return the refusal of a login and the warnings about it."""
    options, usual = LOGINS.get(preset, ({}, None if PRESETS[preset].supplies_username else "ada"))
    given = {"preset": preset, "preset_options": options, "username": username or usual, "password": password}
    try:
        return "", warn_registries(parse_registries([given], "always"))
    except KeyringError as error:
        return str(error), []


# Preset, username, password, and what is wrong with it. The words are those of the table "Checks of the presets".
REFUSED: tuple[tuple[str, str | None, str, str], ...] = (
    ("ghcr", None, f"github_pat_{BODY}", "is a fine-grained token"),
    ("ghcr", None, f"ghr_{BODY}", "is a refresh token of a GitHub App"),
    ("gitlab", None, f"glptt-{BODY}", "is a pipeline trigger token"),
    ("gitlab", None, f"acme-glptt-{BODY}", "is a pipeline trigger token"),
    ("gitlab", None, f"glrt-{BODY}", "is a runner token"),
    ("gitlab", None, f"glrtr-{BODY}", "is a runner token"),
    ("gitlab", None, f"my-acme_1-glrt-{BODY}", "is a runner token"),
    ("gitlab", None, f"glft-{BODY}", "is a feed token"),
    ("gitlab", None, f"glimt-{BODY}", "is a token for incoming mail"),
    ("gitlab", None, f"glagent-{BODY}", "is a token of an agent for Kubernetes"),
    ("gitlab", None, f"glsoat-{BODY}", "is a SCIM token"),
    ("gitlab", None, f"glffct-{BODY}", "is a token for feature flags"),
    ("gitlab", None, f"gloas-{BODY}", "is the secret of an OAuth application"),
    ("ecr", None, "AKIA" + "ABCDEFGH23456723", "is an access key of AWS"),
    ("ecr_public", None, "ASIA" + "ABCDEFGH23456723", "is an access key of AWS"),
    ("ecr", None, (BODY + "/+")[-40:], "is an access key of AWS"),
    ("gcr", None, f"AIza{BODY}", "is an API key or a client secret of Google"),
    ("artifact_registry", "oauth2accesstoken", f"GOCSPX-{BODY}", "is an API key or a client secret of Google"),
)
WARNED: tuple[tuple[str, str | None, str, str], ...] = (
    ("ghcr", None, f"ghs_{BODY}", "is an installation token of a GitHub App"),
    ("ghcr", None, f"gho_{BODY}", "is a token of a login session"),
    ("ghcr", None, f"ghu_{BODY}", "is a token of a login session"),
    ("gitlab", None, f"glcbt-64_{BODY}", "is a job token"),
    ("gitlab", None, f"acme-glcbt-64_{BODY}", "is a job token"),
    ("gitlab", "gitlab-ci-token", BODY, "is a job token"),
    ("quay", "acme+robot", web_token(sub="acme+robot", exp=4_000_000_000), "is a token of a federated robot account"),
    *(
        ("acr", ENTRA, web_token(aud=f"https://{host}", exp=4_000_000_000), "is a token for Azure Resource Manager")
        for host in (
            "management.azure.com/",
            "management.core.windows.net/",
            "management.chinacloudapi.cn",
            "management.usgovcloudapi.net",
        )
    ),
)
ACCEPTED: tuple[tuple[str, str | None, str], ...] = (
    ("ghcr", None, f"ghp_{BODY}"),
    ("gitlab", None, f"gldt-{BODY}"),
    ("gitlab", None, f"glpat-{BODY}"),
    ("gitlab", None, f"acme-gldt-{BODY}"),
    ("gitlab", None, f"gldt-{BODY}-glrt-{BODY}"),
    ("docker_hub", None, f"dckr_pat_{BODY}"),
    ("docker_hub", None, f"dckr_oat_{BODY}"),
    ("docker_hardened_images", None, f"dckr_oat_{BODY}"),
    ("quay", "acme+robot", BODY.upper()),
    ("acr", ENTRA, web_token(aud="https://containerregistry.azure.net", exp=4_000_000_000)),
    ("ecr", None, BODY),
    ("gcr", None, f"ya29.{BODY}"),
    ("digitalocean", None, f"dop_v1_{BODY}"),
    ("artifactory", None, f"cmVmdGtu{BODY}"),
    ("openshift_internal", None, f"sha256~{BODY}"),
    ("ngc", None, f"nvapi-{BODY}"),
    ("yandex", None, f"t1.{BODY}"),
    ("chainguard", None, web_token(sub="acme", exp=4_000_000_000)),
)


@pytest.mark.parametrize(("preset", "username", "password", "what"), REFUSED)
def test_a_token_that_never_works_is_refused(preset: str, username: str | None, password: str, what: str) -> None:
    refusal, warnings = judge(preset, password, username)
    assert refusal.startswith(f"registries[0].password {what}. ")
    assert warnings == []
    assert password not in refusal


@pytest.mark.parametrize(("preset", "username", "password", "what"), WARNED)
def test_a_token_that_works_badly_is_warned_about(preset: str, username: str | None, password: str, what: str) -> None:
    refusal, warnings = judge(preset, password, username)
    assert refusal == ""
    (warning,) = warnings
    assert warning.startswith(f"registries[0].password {what}. ")
    assert password not in warning


@pytest.mark.parametrize(("preset", "username", "password"), ACCEPTED)
def test_the_tokens_of_a_registry_raise_no_question(preset: str, username: str | None, password: str) -> None:
    assert judge(preset, password, username) == ("", [])


FOREIGN = {
    "GitHub": f"ghp_{BODY}",
    "GitLab": f"glpat-{BODY}",
    "Docker Hub": f"dckr_pat_{BODY}",
    "DigitalOcean": f"dop_v1_{BODY}",
    "Artifactory": f"AKCp8{BODY}",
    "HashiCorp Vault": f"hvs.{BODY}",
    "OpenShift": f"sha256~{BODY}",
    "Google": f"ya29.{BODY}",
    "NVIDIA NGC": f"nvapi-{BODY}",
    "Atlassian": f"ATATT3{BODY}",
    "Yandex": f"y0_{BODY}",
}


@pytest.mark.parametrize("maker", FOREIGN)
@pytest.mark.parametrize("row", PRESETS.values(), ids=list(PRESETS))
def test_a_token_of_another_vendor_is_warned_about(row: Preset, maker: str) -> None:
    refusal, warnings = judge(row.name, f"{FOREIGN[maker]}\n")
    assert refusal == ""
    expected = (
        f"registries[0].password is a token of {maker}. The registry of preset {row.name} does not know it. "
        "Check which variable is behind it."
    )
    assert (expected in warnings) == (maker not in row.makers)


def test_every_maker_of_a_preset_makes_tokens() -> None:
    makers = {maker for row in PRESETS.values() for maker in row.makers}
    assert makers <= set(FOREIGN)
