# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access tokens of Google Cloud, minted with google-auth from a file or with the default of the machine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._cluster.local_file import read_regular_file
from .._credentials.preset_shapes import Minting
from .token import CONNECT_TIMEOUT, READ_TIMEOUT, Hide, NoTokenError, Token, missing_package

# Enough to pull, and for little else. Source: cloud.google.com/artifact-registry/docs/integrate-compute.
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"


def mint_google(minting: Minting, _needed_until: datetime, hide: Hide) -> Token:
    """Mint an access token that may pull. Raises NoTokenError without the words of the SDK."""
    try:
        import google.auth.exceptions as errors
        import google.auth.transport.requests  # noqa: F401  (needs requests, which google-auth does not bring)
        from google.auth import environment_vars
    except ImportError:
        raise missing_package("google-auth[requests]") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _check_file(minting.settings["key_file"] or os.environ.get(environment_vars.CREDENTIALS))
            credentials = _load_credentials(minting.settings)
            credentials.refresh(_open_request())
    except OSError as error:
        file = "preset_options.key_file" if minting.settings["key_file"] else "The file with the application default"
        raise NoTokenError(
            f"{file} cannot be read: {error.strerror}.",
            "Give the path of a file on the machine that runs this task, which its user may read.",
        ) from None
    except errors.TransportError:
        raise NoTokenError(
            "Google Cloud cannot be reached from this machine.",
            "Check the network, the proxy and preset_options.endpoint_url.",
        ) from None
    except errors.RefreshError:
        raise NoTokenError(
            "Google Cloud does not accept the credentials.",
            "They may be revoked or expired, or the clock of this machine may be wrong. To act as another "
            "service account, they need the role Service Account Token Creator on it.",
        ) from None
    except (errors.GoogleAuthError, ValueError, KeyError, TypeError):
        raise _unusable(minting.settings) from None
    hide(credentials.token)
    return Token(credentials.token, credentials.expiry.replace(tzinfo=timezone.utc))


def _check_file(path: str | None) -> None:
    """Raise OSError for a file that the SDK would wait for, or read without an end."""
    if path:
        read_regular_file(path)


def _load_credentials(settings: Mapping[str, Any]) -> Any:
    import google.auth
    import google.auth.credentials
    from google.auth import impersonated_credentials

    if settings["key_file"]:
        loaded, _project = google.auth.load_credentials_from_file(settings["key_file"])
    else:
        loaded, _project = google.auth.default(request=_open_request())
    target = settings["impersonate"]
    # Those of a person have the scopes that they were made with; to act as another account the SDK changes them.
    credentials = google.auth.credentials.with_scopes_if_required(loaded, [_SCOPE])
    if not target:
        return credentials
    base = settings["endpoint_url"].rstrip("/")
    override = f"{base}/v1/projects/-/serviceAccounts/{target}:generateAccessToken" if base else None
    return impersonated_credentials.Credentials(
        source_credentials=credentials,
        target_principal=target,
        target_scopes=[_SCOPE],
        iam_endpoint_override=override,
    )


def _open_request() -> Any:
    """Return the requests of google-auth with a limit of time; its own is two minutes."""
    import google.auth.transport.requests

    request = google.auth.transport.requests.Request()

    def limited(*args: Any, **given: Any) -> Any:
        return request(*args, **{**given, "timeout": given.get("timeout") or (CONNECT_TIMEOUT, READ_TIMEOUT)})

    return limited


def _unusable(settings: Mapping[str, Any]) -> NoTokenError:
    if settings["key_file"]:
        return NoTokenError(
            "preset_options.key_file is not a file with Google Cloud credentials.",
            "Give a service-account key, or a workload identity configuration.",
        )
    return NoTokenError(
        "This machine has no Google Cloud credentials.",
        "Give preset_options.key_file, set GOOGLE_APPLICATION_CREDENTIALS, or run the task on a machine with "
        "a service account.",
    )
