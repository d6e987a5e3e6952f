# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all tasks for the ECP platform share, and the API that they select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .._cluster.refused import Intent
from .._credentials.secret_values import check_secret_value
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._portals.connection import PortalAccess, parse_portal_url
from .._portals.ecp_account import EcpAccount, EcpLogin
from .._portals.ecp_address import ECP_URL
from .._portals.ecp_texts import choose_ecp_texts
from .._portals.portal_requests import PortalApi, strange_answer
from .._runtime.execute import Runtime
from .._runtime.options import Options
from .._runtime.shown import ADDRESS, TEXT
from .portal_options import PORTAL_ACCESS, open_portal, parse_access

# Documented in doc_fragments/cdnetworks_ecp.py.
ECP_OPTIONS: Options = {
    "account": {
        "type": "dict",
        "required": True,
        "options": {
            "url": {"type": "str", "default": ECP_URL, "context": ADDRESS},
            "user": {"type": "str", "required": True, "context": TEXT},
            "api_key": {"type": "str", "required": True, "no_log": True},
            "on_behalf_of": {"type": "str", "context": TEXT},
        },
    },
    **PORTAL_ACCESS,
}


@dataclass(frozen=True)
class EcpTenant:
    """An account of the ECP platform, and how its API is reached."""

    account: EcpAccount
    access: PortalAccess

    def describe(self) -> dict[str, str | None]:
        """Return the portal as results show it."""
        account = self.account
        return {"server": str(account.url), "account": account.user, "on_behalf_of": account.on_behalf_of}


def parse_ecp_tenant(params: Mapping[str, Any], runtime: Runtime) -> EcpTenant:
    """Parse the options of ECP_OPTIONS, and hide the API key.

    Raises KeyringError for a URL that is none, and for a user or customer that cannot be sent in a header.
    """
    given = params["account"]
    runtime.scrubber.add(given["api_key"])
    for name in ("user", "on_behalf_of"):
        _check_header_text(given[name], f"account.{name}", without=":" if name == "user" else "")
    _check_api_key(given["api_key"])
    account = EcpAccount(
        parse_portal_url(given["url"], "account.url"), given["user"], given["api_key"], given["on_behalf_of"]
    )
    return EcpTenant(account, parse_access(params, runtime))


@contextmanager
def open_ecp(tenant: EcpTenant, runtime: Runtime) -> Iterator[PortalApi]:
    """Yield the API of an account. A task that fails inside names the portal. The paths of requests begin with /ecp/v1.

    Raises KeyringError if it is not the expected one.
    """
    login = EcpLogin(tenant.account, runtime.scrubber.add)
    with open_portal(tenant.account.url, tenant.access, runtime, tenant.describe()) as connection:
        yield PortalApi(connection, login, choose_ecp_texts(tenant.account.on_behalf_of))


def refuse_secret_names(api: PortalApi, kind: str, names: Sequence[str], runtime: Runtime) -> None:
    """Raise KeyringError if a secret of this task is in names and IDs that the platform lists; results show these."""
    if runtime.scrubber.clean(names) != names:
        intent = Intent("list", "", kind, None)
        raise strange_answer(api, intent, "A name or an ID contains a credential of this task.")


def _check_api_key(api_key: str) -> None:
    check_secret_value(api_key, "account.api_key", optional=False)
    if api_key != api_key.strip():
        raise KeyringError(
            "account.api_key has whitespace at one end.",
            "It would be a part of the key, and the API would not accept the signature.",
            "Remove it; the filter trim removes whitespace at both ends.",
            option="account.api_key",
        )


def _check_header_text(text: str | None, option: str, *, without: str) -> None:
    """Raise KeyringError for a text that is empty or that a header cannot hold; None is not given."""
    if text is None:
        return
    fits = text == text.strip() and text.isascii() and text.isprintable()
    if not text or not fits or (without and without in text):
        raise KeyringError(
            f"{option} is empty, or has characters that it cannot have.",
            "It is sent in a header of each request.",
            "Check the variable behind it.",
            option=option,
        )
