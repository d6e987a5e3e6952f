# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of Azure Container Registry, minted with azure-identity and exchanged at the registry.

Source: azure.github.io/acr/AAD-OAuth.html.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from .._credentials.preset_shapes import Minting
from .token import CONNECT_TIMEOUT, READ_TIMEOUT, Hide, NoTokenError, Token, missing_package

# By the domain of the registry: the host that gives Entra tokens, and their scope.
_AZURE_CLOUDS: Mapping[str, tuple[str, str]] = {
    "azurecr.io": ("login.microsoftonline.com", "https://containerregistry.azure.net/.default"),
    "azurecr.cn": ("login.chinacloudapi.cn", "https://management.chinacloudapi.cn/.default"),
    "azurecr.us": ("login.microsoftonline.us", "https://management.usgovcloudapi.net/.default"),
}
# The clouds in which the tokens are only for registries, and not for Azure Resource Manager.
_OWN_SCOPE = ("azurecr.io",)
_LIMITS: Mapping[str, Any] = {"connection_timeout": CONNECT_TIMEOUT, "read_timeout": READ_TIMEOUT, "retry_total": 1}

# Answers of Entra by their number (learn.microsoft.com/entra/identity-platform/reference-error-codes).
_ENTRA_ANSWERS: Mapping[str, tuple[str, str]] = {
    "7000222": (
        "The secret of the service principal has expired.",
        "Create a new one for preset_options.client_secret.",
    ),
    "7000215": ("The secret of the service principal is wrong.", "Give its value, and not the ID of the secret."),
    "700016": ("The tenant has no such service principal.", "Check preset_options.client_id and tenant_id."),
    "90002": ("There is no such tenant.", "Check preset_options.tenant_id."),
    "700024": ("Entra rejects the time of the request, because the clock of this machine is wrong.", "Set the clock."),
}


def mint_azure(minting: Minting, _needed_until: datetime, hide: Hide) -> Token:
    """Mint a refresh token of the registry, which accepts it as password.

    Raises NoTokenError without the words of the SDK.
    """
    try:
        import azure.core.exceptions as errors
        import azure.identity
        import requests
    except ImportError:
        raise missing_package("azure-identity") from None
    settings = minting.settings
    try:
        with _open_credential(settings) as credential:
            entra = credential.get_token(_AZURE_CLOUDS[settings["domain"]][1]).token
        hide(entra)
        password = _exchange(settings, entra)
    except azure.identity.CredentialUnavailableError:
        raise _no_credentials(settings) from None
    except errors.ClientAuthenticationError as error:
        found = re.search(r"AADSTS([0-9]+)", str(error))
        if found and found[1] in _ENTRA_ANSWERS:
            raise NoTokenError(*_ENTRA_ANSWERS[found[1]]) from None
        if not found:
            raise _no_credentials(settings) from None
        raise NoTokenError(
            f"Entra does not accept the credentials (AADSTS{found[1]}).",
            "Look that number up at login.microsoftonline.com/error.",
        ) from None
    except (errors.AzureError, requests.RequestException):
        raise NoTokenError(
            "Entra or the registry cannot be reached from this machine.",
            "Check the network, the proxy, the certificate authorities and preset_options.endpoint_url.",
        ) from None
    except ValueError:
        raise NoTokenError(
            "azure-identity cannot use the given settings.", "Check preset_options and the AZURE_* variables."
        ) from None
    return Token(password, _end_of(password))


def _open_credential(settings: Mapping[str, Any]) -> Any:
    import azure.identity

    authority = os.environ.get("AZURE_AUTHORITY_HOST") or _AZURE_CLOUDS[settings["domain"]][0]
    host = urlsplit(authority if "://" in authority else f"https://{authority}").hostname
    known = host in {login for login, _scope in _AZURE_CLOUDS.values()}
    common = {"authority": authority, "disable_instance_discovery": not known, **_LIMITS}
    if settings["client_secret"]:
        principal = (settings["tenant_id"], settings["client_id"], settings["client_secret"])
        return azure.identity.ClientSecretCredential(*principal, **common)
    if settings["managed_identity"]:
        return azure.identity.ManagedIdentityCredential(client_id=settings["client_id"] or None, **_LIMITS)
    if settings["client_id"]:
        common["managed_identity_client_id"] = settings["client_id"]
    return azure.identity.DefaultAzureCredential(**common, process_timeout=READ_TIMEOUT)


def _exchange(settings: Mapping[str, Any], entra: str) -> str:
    """Exchange an Entra token for a refresh token of the registry. Raises NoTokenError if it gives none."""
    import requests

    service = f"{settings['name']}.{settings['domain']}"
    answer = requests.post(
        f"{(settings['endpoint_url'] or f'https://{service}').rstrip('/')}/oauth2/exchange",
        data={"grant_type": "access_token", "service": service, "access_token": entra},
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        allow_redirects=False,
    )
    if answer.status_code != 200:
        role = (
            "It needs a role that may pull: AcrPull, or Container Registry Repository Reader for a registry with ABAC."
        )
        if settings["domain"] not in _OWN_SCOPE:
            role += " The registry must also accept tokens for Azure Resource Manager (authentication-as-arm)."
        raise NoTokenError(f"The registry {service} gives no token for the identity ({answer.status_code}).", role)
    return str(answer.json()["refresh_token"])


def _end_of(token: str) -> datetime:
    """Return the expiry time of a token by its own claims. Raises NoTokenError if it has none."""
    try:
        claims = token.split(".")[1]
        end = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return datetime.fromtimestamp(end, timezone.utc)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        raise NoTokenError(
            "The registry gave a token of an unknown form.", "Check that preset_options.endpoint_url is a registry."
        ) from None


def _no_credentials(settings: Mapping[str, Any]) -> NoTokenError:
    if settings["managed_identity"]:
        return NoTokenError(
            "This machine has no such managed identity.",
            "Assign one to it, and name it with preset_options.client_id where there are several.",
        )
    return NoTokenError(
        "This machine has no Azure credentials.",
        "Give preset_options.client_secret with client_id and tenant_id, or run the task on a machine with a "
        "managed identity.",
    )
