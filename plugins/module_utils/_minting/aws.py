# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of Amazon ECR, minted with boto3 and the AWS configuration of the machine."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._credentials.preset_shapes import Minting
from .token import CONNECT_TIMEOUT, READ_TIMEOUT, Hide, NoTokenError, Token, missing_package

# The only region in which the API of ECR Public gives tokens.
_PUBLIC_REGION = "us-east-1"

_SESSION_NAME = "keyring.kubernetes"

_LOG_IN = "Log in again, for example with aws sso login, or renew what gives them to this machine."
_EXPIRED = ("The AWS credentials of this machine have expired.", _LOG_IN)
_UNKNOWN = (
    "AWS does not accept the credentials of this machine.",
    "Check AWS_ACCESS_KEY_ID and its companions, or preset_options.profile.",
)
_CLOCK = ("AWS rejects the time of the request, because the clock of this machine is wrong.", "Set the clock.")
# The answers of AWS by their code.
_AWS_ANSWERS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(
        (
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "AuthFailure",
            "InvalidAccessKeyId",
        ),
        _UNKNOWN,
    ),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired"), _CLOCK),
}


def mint_aws(minting: Minting, _needed_until: datetime, hide: Hide) -> Token:
    """Mint a token for the registries of an account, or for ECR Public.

    Raises NoTokenError without the words of the SDK.
    """
    try:
        import boto3  # noqa: F401
        import botocore.exceptions as errors
    except ImportError:
        raise missing_package("boto3") from None
    try:
        answer = open_client(minting.settings, hide).get_authorization_token()
    except errors.ClientError as error:
        answered = error.response.get("Error", {})
        raise _explain_answer(error.operation_name, answered, public="region" not in minting.settings) from None
    except errors.ProfileNotFound:
        raise NoTokenError(
            "The AWS configuration of this machine has no such profile.",
            "Correct preset_options.profile, or the variable AWS_PROFILE.",
        ) from None
    except errors.UnknownRegionError:
        raise NoTokenError(
            "The boto3 of this machine does not know the partition of the region.",
            "Upgrade boto3, or correct preset_options.region.",
        ) from None
    except (errors.NoCredentialsError, errors.PartialCredentialsError):
        raise NoTokenError(
            "This machine has no complete AWS credentials.",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, give preset_options.profile, or run the task "
            "on a machine with a role.",
        ) from None
    except (errors.UnauthorizedSSOTokenError, errors.SSOTokenLoadError, errors.TokenRetrievalError):
        raise NoTokenError(*_EXPIRED) from None
    except (errors.HTTPClientError, errors.ConnectionError):
        raise NoTokenError(
            "AWS cannot be reached from this machine.",
            "Check the network, the proxy and preset_options.endpoint_url.",
        ) from None
    except (errors.BotoCoreError, ValueError):
        raise NoTokenError(
            "boto3 cannot use the AWS configuration of this machine.",
            "Run aws sts get-caller-identity there to see the reason.",
        ) from None
    data = answer["authorizationData"]
    if isinstance(data, list):
        data = data[0]
    hide(data["authorizationToken"])
    password = base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]
    return Token(password, data["expiresAt"])


def open_client(settings: Mapping[str, Any], hide: Hide) -> Any:
    """Return the client of boto3 for the registries of a region, or for ECR Public. Raises what boto3 raises."""
    import boto3
    from botocore.config import Config

    region = settings.get("region", _PUBLIC_REGION)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"total_max_attempts": 2},
        use_fips_endpoint=settings.get("fips") or None,
    )
    session = boto3.Session(profile_name=settings["profile"] or None, region_name=region)
    if not settings["endpoint_url"]:
        session.get_partition_for_region(region)  # raises for a region whose partition this boto3 does not know
    if settings["role_arn"]:
        role = {"RoleArn": settings["role_arn"], "RoleSessionName": _SESSION_NAME}
        if settings["external_id"]:
            role["ExternalId"] = settings["external_id"]
        assumed = session.client("sts", config=config).assume_role(**role)["Credentials"]
        hide(assumed["SecretAccessKey"], assumed["SessionToken"])
        session = boto3.Session(
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            region_name=region,
        )
    service = "ecr" if "region" in settings else "ecr-public"
    return session.client(service, config=config, endpoint_url=settings["endpoint_url"] or None)


def _explain_answer(operation: str, said: Mapping[str, Any], *, public: bool) -> NoTokenError:
    code = str(said.get("Code", ""))
    if "expired" in str(said.get("Message", "")).lower() and code == "InvalidSignatureException":
        return NoTokenError(*_CLOCK)
    if code in _AWS_ANSWERS:
        return NoTokenError(*_AWS_ANSWERS[code])
    action = "ecr:GetAuthorizationToken"
    if public:
        action = "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken"
    if operation.startswith("AssumeRole"):
        action = f"sts:{operation}"
    if code.startswith("AccessDenied"):
        return NoTokenError(
            "The identity of this machine has no permission for that.",
            f"It needs {action}; a role to assume must also trust it.",
        )
    return NoTokenError(
        f"AWS refuses {operation}.", "Try the same call with the AWS CLI on the machine that runs this task."
    )
