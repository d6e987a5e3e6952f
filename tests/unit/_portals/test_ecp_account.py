# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the ECP API are signed as OpenSSL signs them, and a wrong clock is an error of its own."""

from __future__ import annotations

import base64
import subprocess
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import ServerUrl
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_account import (
    EcpAccount,
    EcpLogin,
    sign_date,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.portal_refusal import PortalRefused

DATE = "Sun, 29 Nov 2026 09:34:35 GMT"


@pytest.mark.parametrize("api_key", ["abc", "with $dollar and blank", "ünï-cødé", "k" * 200])
def test_a_signature_is_that_of_openssl(api_key: str) -> None:
    command = ["openssl", "dgst", "-sha1", "-mac", "HMAC", "-macopt", f"hexkey:{api_key.encode().hex()}", "-binary"]
    digest = subprocess.run(command, input=DATE.encode(), capture_output=True, check=True).stdout

    assert sign_date(api_key, DATE) == base64.b64encode(digest).decode()


def make_account(on_behalf_of: str | None = None) -> EcpAccount:
    return EcpAccount(ServerUrl("https", "ecp.example.com", None, ""), "acme", "the-api-key", on_behalf_of)


def test_a_request_holds_its_date_and_the_signature_over_it() -> None:
    hidden: list[str] = []
    headers = dict(EcpLogin(make_account(), hidden.append).headers())

    password = sign_date("the-api-key", headers["Date"])
    basic = base64.b64encode(f"acme:{password}".encode()).decode()
    assert headers == {"Date": headers["Date"], "Authorization": f"Basic {basic}"}
    assert hidden == [password, basic]
    assert abs(parsedate_to_datetime(headers["Date"]) - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_a_reseller_says_for_whom() -> None:
    assert dict(EcpLogin(make_account("customer-7"), print).headers())["On-Behalf-Of"] == "customer-7"


def refuse_at(date: str) -> PortalRefused:
    return PortalRefused(401, "Unauthorized", "", None, date=date)


@pytest.mark.parametrize("minutes", [-600, -10, -2, 2, 10, 600])
def test_a_clock_that_is_off_is_an_error_of_its_own(minutes: int) -> None:
    theirs = datetime.now(timezone.utc) + timedelta(minutes=minutes)
    with pytest.raises(KeyringError) as caught:
        EcpLogin(make_account(), print).renew(refuse_at(format_datetime(theirs, usegmt=True)))

    assert caught.value.failure == "clock_skew"
    assert theirs.strftime("%Y-%m-%d %H:%M:%S UTC") in str(caught.value)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Sun, 29 Foo 2026 09:34:35 GMT",
        "Sun, 29 Nov 99999 9:9:9 GMT",
        "0",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_a_date_that_is_none_is_no_wrong_clock(date: str) -> None:
    assert not EcpLogin(make_account(), print).renew(refuse_at(date))


def test_a_clock_that_is_right_is_not_to_blame() -> None:
    assert not EcpLogin(make_account(), print).renew(
        refuse_at(format_datetime(datetime.now(timezone.utc), usegmt=True))
    )
