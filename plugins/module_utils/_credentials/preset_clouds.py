# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of presets whose tokens are minted: servers by region, the settings of minting, and rules about them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from .._dataclasses import dataclass
from .google_logins import GOOGLE_REFUSALS, GOOGLE_USERS, guess_username
from .preset_shapes import PresetSetting, SettingRule
from .preset_tokens import AWS_REFUSALS, GOOGLE_TOKEN_REFUSALS

HOUR = 3600
ENTRA_USER = "00000000-0000-0000-0000-000000000000"
OFF_BY_DEFAULT = PresetSetting(type="boolean", example=True, default=False)

_ENDPOINT = PresetSetting(
    example="https://api.ecr.eu-central-1.amazonaws.com",
    default="",
    pattern=re.compile(r"https?://[^\s@/?#]+(/[^\s?#]*)?"),
    rule="a URL, such as that of a private endpoint, with https:// and without user",
    mints=True,
)


@dataclass(frozen=True)
class AwsPartition:
    """A partition of AWS: how the names of its regions begin, and the domains of its private registries.

    ``dual_stack`` is the domain of the registries that are also served by IPv6, where there are such.
    """

    regions: str
    domain: str
    dual_stack: str = ""


# The first row that fits counts. Sources: amazon-ecr-credential-helper ecr-login/api/client.go and cloud-provider-aws
# cmd/ecr-credential-provider (the hosts); botocore endpoints.json (which regions are in which partition).
_AWS_PARTITIONS = (
    AwsPartition("cn-", "amazonaws.com.cn", "on.amazonwebservices.com.cn"),
    AwsPartition("eusc-", "amazonaws.eu"),
    AwsPartition("us-iso-", "c2s.ic.gov"),
    AwsPartition("us-isob-", "sc2s.sgov.gov"),
    AwsPartition("us-isof-", "csp.hci.ic.gov"),
    AwsPartition("eu-isoe-", "cloud.adc-e.uk"),
    AwsPartition("", "amazonaws.com", "on.aws"),
)


def _partition_of(values: Mapping[str, Any]) -> AwsPartition:
    region = values["region"]
    for partition in _AWS_PARTITIONS:
        if region.startswith(partition.regions):
            return partition
    raise AssertionError("the last row fits every region")


def ecr_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the server of the private registries of an account in a region."""
    partition = _partition_of(values)
    fips = "-fips" if values["fips"] else ""
    if values["dual_stack"]:
        return (f"{values['account_id']}.dkr-ecr{fips}.{values['region']}.{partition.dual_stack}",)
    return (f"{values['account_id']}.dkr.ecr{fips}.{values['region']}.{partition.domain}",)


def _lacks_dual_stack(values: Mapping[str, Any]) -> bool:
    return bool(values["dual_stack"]) and not _partition_of(values).dual_stack


def _is_fips_elsewhere(values: Mapping[str, Any]) -> bool:
    return bool(values["fips"]) and not re.match("us-(?!iso)", values["region"])


ECR_REFUSALS = (
    SettingRule(
        "dual_stack",
        _lacks_dual_stack,
        "cannot be true in this region",
        "AWS documents no dual-stack host of registries for its partition.",
        "Leave it out.",
    ),
)
# AWS General Reference, Amazon ECR endpoints.
ECR_WARNINGS = (
    SettingRule(
        "fips",
        _is_fips_elsewhere,
        "is true in a region for which AWS documents no such host",
        "Registries have FIPS hosts in the regions of the United States.",
        "Check that the host exists.",
    ),
)


def artifact_registry_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the server of the repositories in a location."""
    location = values["location"]
    if location in S3NS_LOCATIONS:
        return ("docker.s3nsregistry.fr",)
    if values["regional_endpoint"]:
        return (f"docker.{location}.rep.pkg.dev",)
    return (f"{location}-docker.pkg.dev",)


# Cloud de Confiance by S3NS, Artifact Registry in Cloud de Confiance versus Google Cloud, and
# GoogleCloudPlatform/buildpacks (the host of the location).
S3NS_LOCATIONS = ("u-france-east1",)


def _lacks_regional_endpoint(values: Mapping[str, Any]) -> bool:
    is_region = re.search("[0-9]$", values["location"]) and values["location"] not in S3NS_LOCATIONS
    return bool(values["regional_endpoint"]) and not is_region


ARTIFACT_REGISTRY_REFUSALS = (
    SettingRule(
        "regional_endpoint",
        _lacks_regional_endpoint,
        "cannot be true in this location",
        "Only regions of Google Cloud have regional endpoints.",
        "Leave it out, or give a region such as europe-west4.",
    ),
)


def acr_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the login server of a registry, or of its replica in a region."""
    region = f"{values['region']}.geo." if values["region"] else ""
    return (f"{values['name']}.{region}{values['domain']}",)


ACR_REFUSALS = (
    SettingRule(
        "region",
        lambda values: values["region"] and values["domain"] != "azurecr.io",
        "cannot be given in this cloud",
        "Azure documents regional endpoints only for azurecr.io.",
        "Leave it out.",
    ),
)

GOOGLE: Mapping[str, Any] = {
    "guess": guess_username,
    "usernames": GOOGLE_USERS,
    "username_note": "by the password: `_json_key`, `_json_key_base64` or `oauth2accesstoken`",
    "password_note": "service-account key as JSON or base64 of it, or access token",
    "life": {"oauth2accesstoken": HOUR},
    "mints": "google",
    "minted_username": "oauth2accesstoken",
    "life_note": "a key until it is revoked",
    "makers": ("Google",),
    "refusals": (*GOOGLE_TOKEN_REFUSALS, *GOOGLE_REFUSALS),
}
AWS: Mapping[str, Any] = {
    "username": "AWS",
    "usernames": ("AWS",),
    "password_note": "what `aws ecr get-login-password` prints",
    "life": {"AWS": 12 * HOUR},
    "mints": "aws",
    "minted_username": "AWS",
    "life_note": "expires with the credentials that it was minted with, if these expire earlier",
    "refusals": AWS_REFUSALS,
}
GOOGLE_MINTING = {
    "key_file": PresetSetting(
        example="/etc/pull/google.json",
        default="",
        pattern=re.compile("/.+"),
        rule="the absolute path, on the machine that runs the task, of a service-account key or a workload identity "
        "configuration",
        mints=True,
    ),
    "impersonate": PresetSetting(
        example="pull@acme.iam.gserviceaccount.com",
        default="",
        pattern=re.compile(r"[^@\s/:]+@[^@\s/:]+"),
        rule="the e-mail address of a service account to act as",
        mints=True,
    ),
    "endpoint_url": dataclasses.replace(_ENDPOINT, example="https://iamcredentials.example.com"),
}
AZURE_MINTING = {
    "tenant_id": PresetSetting(
        example="72f988bf-0000-0000-0000-2d7cd011db47",
        default="",
        pattern=re.compile(r"[A-Za-z0-9.-]+"),
        rule="the ID or a domain of the tenant of a service principal",
        mints=True,
        needs=("client_id", "client_secret"),
    ),
    "client_id": PresetSetting(
        example="11111111-0000-0000-0000-222222222222",
        default="",
        pattern=re.compile(r"[A-Za-z0-9-]+"),
        rule="the application ID of a service principal or of a managed identity",
        mints=True,
    ),
    "client_secret": PresetSetting(
        type="password",
        example="a-secret",
        default="",
        rule="a secret of the service principal",
        mints=True,
        secret=True,
        needs=("client_id", "tenant_id"),
    ),
    "managed_identity": PresetSetting(type="boolean", example=True, default=False, mints=True),
    "endpoint_url": dataclasses.replace(_ENDPOINT, example="https://acmeregistry.privatelink.azurecr.io"),
}
AWS_MINTING = {
    "profile": PresetSetting(example="pull", default="", rule="a profile of the AWS configuration", mints=True),
    "role_arn": PresetSetting(
        example="arn:aws:iam::123456789012:role/pull",
        default="",
        pattern=re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+"),
        rule="the ARN of a role to assume, such as arn:aws:iam::123456789012:role/pull",
        mints=True,
    ),
    "external_id": PresetSetting(
        example="acme-7", default="", rule="the external ID that the role asks for", mints=True, needs=("role_arn",)
    ),
    "endpoint_url": _ENDPOINT,
}
HARBOR_MINTING = {
    "refresh_secret": PresetSetting(type="boolean", example=True, default=False, mints=True),
    "robot_id": PresetSetting(
        type="number",
        example=7,
        default=0,
        rule="the ID of the robot account, as the API of Harbor returns it",
        mints=True,
        needs=("refresh_secret",),
    ),
    "api_username": PresetSetting(
        type="line",
        example="robot$rotation",
        default="",
        rule="a user or robot account that may update the robot account",
        mints=True,
        needs=("refresh_secret", "api_password"),
    ),
    "api_password": PresetSetting(
        type="password",
        example="a-secret",
        default="",
        rule="the password of api_username",
        mints=True,
        secret=True,
        needs=("refresh_secret", "api_username"),
    ),
    "refresh_days": PresetSetting(
        type="number",
        example=30,
        default=30,
        rule="the number of days after which a secret counts as expired",
        mints=True,
        needs=("refresh_secret",),
    ),
    "ca_file": PresetSetting(
        example="/etc/ssl/harbor-ca.pem",
        default="",
        pattern=re.compile("/.+"),
        rule="the absolute path, on the machine that runs the task, of the certificate authority of Harbor",
        mints=True,
        needs=("refresh_secret",),
    ),
    "endpoint_url": dataclasses.replace(
        _ENDPOINT, example="https://harbor-core.example.com", needs=("refresh_secret",)
    ),
}


def _lacks_refresh_part(values: Mapping[str, Any]) -> bool:
    parts = ("robot_id", "api_username", "api_password")
    return bool(values["refresh_secret"]) and not all(values[name] for name in parts)


HARBOR_REFUSALS = (
    SettingRule(
        "refresh_secret",
        _lacks_refresh_part,
        "is true without robot_id, api_username and api_password",
        "These select the robot account, and the account that may update it.",
        "Give all of them.",
    ),
    SettingRule(
        "refresh_days",
        lambda values: values["refresh_days"] < 1,
        "must be at least 1",
        "The secret would be refreshed by each run.",
        "Leave it out for 30 days.",
    ),
)
