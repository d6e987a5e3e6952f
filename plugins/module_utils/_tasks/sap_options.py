# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all tasks for SAP AI Core share, and the API that they select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._portals.connection import PortalAccess
from .._portals.portal_requests import PortalApi
from .._portals.sap_login import SapLogin
from .._portals.sap_texts import SAP_TEXTS
from .._portals.service_key import ServiceKey, find_key_secrets, parse_service_key
from .._runtime.execute import Runtime
from .._runtime.host import read_option_file
from .._runtime.options import Options
from .portal_options import PORTAL_ACCESS, open_portal, parse_access

# Documented in doc_fragments/sap_ai_core.py.
SAP_OPTIONS: Options = {
    # Not no_log: Ansible would then hide every text in it, URLs and the name of the tenant included.
    "service_key": {
        "type": "raw",
        "no_log": False,
        "context": {
            "strings": (
                "clientid",
                "clientsecret",
                "url",
                "certurl",
                "certificate",
                "key",
                "identityzone",
                "ai_api_url",
            )
        },
    },
    "service_key_file": {"type": "path"},
    **PORTAL_ACCESS,
}
SAP_CONSTRAINTS: Mapping[str, Any] = {
    "required_one_of": [("service_key", "service_key_file")],
    "mutually_exclusive": [("service_key", "service_key_file")],
}

# A service key with a chain of certificates has about 10 KiB.
_MAX_SERVICE_KEY = 256 * 1024
# The seconds that a task may wait for what SAP AI Core does later.
_MOST_WAIT_SECONDS = 3600


@dataclass(frozen=True)
class SapTenant:
    """A tenant of SAP AI Core: the service key, and how its API is reached."""

    key: ServiceKey
    access: PortalAccess

    def describe(self) -> dict[str, str | None]:
        """Return the portal as results show it."""
        return {"server": str(self.key.api), "account": self.key.zone}


def parse_tenant(params: Mapping[str, Any], runtime: Runtime) -> SapTenant:
    """Parse the options of SAP_OPTIONS, and hide their secrets.

    Raises KeyringError for a file that cannot be read, and for a service key that lacks a field.
    """
    option, given = "service_key", params["service_key"]
    if given is None:
        option = "service_key_file"
        given = read_option_file(option, params[option], runtime.files, _MAX_SERVICE_KEY)
    runtime.scrubber.add(*find_key_secrets(given))
    return SapTenant(parse_service_key(given, option), parse_access(params, runtime))


@contextmanager
def open_sap(tenant: SapTenant, runtime: Runtime) -> Iterator[PortalApi]:
    """Yield the API of a tenant. A task that fails inside names the portal. The paths of requests begin with /v2.

    Raises KeyringError if it is not the expected one. The first request gets a token.
    """
    login = SapLogin(tenant.key, tenant.access, runtime.retry_budget, runtime.scrubber.add)
    with open_portal(tenant.key.api, tenant.access, runtime, tenant.describe()) as connection:
        yield PortalApi(connection, login, SAP_TEXTS)


def parse_wait(params: Mapping[str, Any]) -> int:
    """Return the seconds of wait_timeout. Raises KeyringError for a number out of range."""
    seconds: int = params["wait_timeout"]
    if not 0 < seconds <= _MOST_WAIT_SECONDS:
        raise KeyringError(
            f"wait_timeout must be between 1 and {_MOST_WAIT_SECONDS}; got {seconds}.",
            "",
            "To wait for nothing, set wait=false.",
            option="wait_timeout",
        )
    return seconds


def require_in_use_ignored(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for a deletion that does not say that users are not looked for."""
    if params["state"] == "absent" and params["in_use"] != "ignore":
        raise KeyringError(
            "state=absent needs in_use=ignore.",
            "SAP AI Core does not list who uses it, so it counts as in use.",
            "Make sure that no executable or deployment needs it any more, and set in_use=ignore.",
            failure="in_use_unknown",
            option="in_use",
        )
