# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where boto3 asks for tokens of Amazon ECR, in each partition of AWS."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_checks import check_preset_options
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_shapes import Minting
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting.aws import mint_aws, open_client
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting.token import NoTokenError

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a machine with an access key, and without files of AWS."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-s3cret-of-somebody")


def settings_of(preset: str, **options: Any) -> dict[str, Any]:
    account = {"account_id": "123456789012"} if preset == "ecr" else {}
    return check_preset_options(PRESETS[preset], {**account, **options}, "preset_options")


@pytest.mark.parametrize(
    ("region", "fips", "endpoint"),
    [
        ("eu-central-1", False, "api.ecr.eu-central-1.amazonaws.com"),
        ("us-east-1", True, "ecr-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", False, "api.ecr.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", True, "ecr-fips.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", False, "api.ecr.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", False, "api.ecr.eusc-de-east-1.amazonaws.eu"),
        ("us-iso-east-1", False, "api.ecr.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", False, "api.ecr.us-isob-east-1.sc2s.sgov.gov"),
        ("us-isof-south-1", False, "api.ecr.us-isof-south-1.csp.hci.ic.gov"),
        ("eu-isoe-west-1", False, "api.ecr.eu-isoe-west-1.cloud.adc-e.uk"),
    ],
)
def test_tokens_are_asked_for_in_the_partition_of_the_region(region: str, fips: bool, endpoint: str) -> None:
    client = open_client(settings_of("ecr", region=region, fips=fips), lambda *_secrets: None)
    assert client.meta.endpoint_url == f"https://{endpoint}"


@pytest.mark.parametrize("dual_stack", [False, True])
def test_tokens_of_ecr_public_come_from_one_region(dual_stack: bool) -> None:
    client = open_client(settings_of("ecr_public", dual_stack=dual_stack), lambda *_secrets: None)
    assert client.meta.endpoint_url == "https://api.ecr-public.us-east-1.amazonaws.com"


def test_a_private_endpoint_is_used_as_it_is() -> None:
    given = settings_of("ecr", region="eusc-fr-west-1", endpoint_url="https://vpce-1.example.com")
    assert open_client(given, lambda *_secrets: None).meta.endpoint_url == "https://vpce-1.example.com"


def test_a_partition_that_boto3_does_not_know() -> None:
    """As an older boto3 does not know that of eusc-de-east-1, and would ask a host that does not exist."""
    minting = Minting(PRESETS["ecr"], settings_of("ecr", region="eusc-fr-west-1"), "registries[0]", "aws", "AWS", 3600)
    with pytest.raises(NoTokenError) as refused:
        mint_aws(minting, NOW, lambda *_secrets: None)
    assert (refused.value.why, refused.value.remedy) == (
        "The boto3 of this machine does not know the partition of the region.",
        "Upgrade boto3, or correct preset_options.region.",
    )
