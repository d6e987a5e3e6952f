# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles: what they are called, and what is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from support.paths import ROOT

# When a token is minted; in the roles whose preset mints.
RENEWAL = ("min_validity", "force_mint")
_AWS = ("profile", "role_arn", "external_id", "endpoint_url", *RENEWAL)
_GOOGLE = ("key_file", "impersonate", "endpoint_url", *RENEWAL)
_HARBOR = (
    *("refresh_secret", "robot_id", "api_username", "api_password", "refresh_days", "ca_file", "endpoint_url"),
    *RENEWAL,
)
_AZURE = ("tenant_id", "client_id", "client_secret", "managed_identity", "endpoint_url", *RENEWAL)

# Each registry role: its preset, the variable with the secret, and what is its own besides.
REGISTRIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "docker_hub": ("docker_hub", "token", ("username",)),
    "ghcr": ("ghcr", "token", ("host", "username")),
    "gitlab_registry": ("gitlab", "token", ("host", "username")),
    "quay": ("quay", "token", ("host", "username")),
    "ecr": ("ecr", "token", ("account_id", "region", "dual_stack", "fips", *_AWS)),
    "artifact_registry": ("artifact_registry", "key", ("location", "regional_endpoint", *_GOOGLE, "username")),
    "acr": ("acr", "password", ("name", "domain", "region", *_AZURE, "username")),
    "harbor": ("harbor", "password", ("host", *_HARBOR, "username")),
    "artifactory": ("artifactory", "token", ("host", "username")),
}
ROLES = [*REGISTRIES, "pull_secrets", "git_credentials"]


def example(name: str, number: int = 0) -> dict[str, Any]:
    """The first play in the README of a role, or another one."""
    readme = (ROOT / "roles" / name / "README.md").read_text()
    (play,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)[number])
    found: dict[str, Any] = play
    return found


def strings(value: Any) -> Iterator[str]:
    """Yield every string in data that YAML has, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
