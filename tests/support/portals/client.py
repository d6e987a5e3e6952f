# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the portals for their own tests, written apart from that of the modules."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import urllib3

from support.portals.ecp import Ecp
from support.portals.portal import Portal
from support.portals.sap import SapAiCore


@dataclass
class Client:
    """A client that sends the same headers with every request."""

    portal: Portal
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """Send a request with a JSON body, and return the answer. Raise HTTPError without one."""
        pool = urllib3.PoolManager(retries=False, ca_certs=self.portal.ca_cert)
        return pool.request(
            method,
            f"{self.portal.address or self.portal.url}{path}",
            body=None if body is None else json.dumps(body),
            headers={"Content-Type": "application/json", **self.headers, **headers},
            timeout=60,
        )


def sign(server: Ecp, user: str = "ecp-admin", *, off: float = 0) -> Client:
    """Return a client whose requests are signed now, by a clock that is off by so many seconds."""
    date = formatdate(time.time() + off, usegmt=True)
    digest = hmac.new(server.accounts[user].encode(), date.encode(), hashlib.sha1).digest()
    login = urllib3.make_headers(basic_auth=f"{user}:{base64.b64encode(digest).decode()}")
    return Client(server, {"Date": date, "Authorization": login["authorization"]})


def log_in(server: SapAiCore) -> Client:
    """Return a client with a token."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    }
    pool = urllib3.PoolManager(retries=False, ca_certs=server.ca_cert)
    answer = pool.request("POST", server.token_url, fields=fields, encode_multipart=False)
    return Client(server, {"Authorization": f"Bearer {answer.json()['access_token']}"})
