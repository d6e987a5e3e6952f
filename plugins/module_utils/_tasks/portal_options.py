# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options with which tasks reach the API of a portal, and the life of such a connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from .._cluster.proxies import find_proxy_secrets
from .._cluster.server_url import ServerUrl
from .._portals.connection import PortalAccess, PortalConnection, check_expected_portal
from .._runtime.execute import Runtime, facts_on_failure
from .._runtime.host import read_option_file
from .._runtime.options import Options
from .._runtime.shown import ADDRESS, TEXT

# Documented in doc_fragments/portal.py.
PORTAL_ACCESS: Options = {
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "validate_certs": {"type": "bool", "default": True, "aliases": ["verify_ssl"]},
    "proxy": {"type": "str", "context": ADDRESS},
    "no_proxy": {"type": "str", "context": TEXT},
    "expect_server": {"type": "str", "context": ADDRESS},
    "remote_src": {"type": "bool", "default": False},
}

_MAX_PORTAL_CA = 1024 * 1024


def parse_access(params: Mapping[str, Any], runtime: Runtime) -> PortalAccess:
    """Parse the options of PORTAL_ACCESS, and hide the passwords of proxies.

    Raises KeyringError for a file that cannot be read.
    """
    runtime.scrubber.add(*find_proxy_secrets([params["proxy"] or ""], runtime.environ))
    return PortalAccess(
        ca=read_option_file("ca_cert", params["ca_cert"], runtime.files, _MAX_PORTAL_CA),
        validate_certs=params["validate_certs"],
        proxy=params["proxy"],
        no_proxy=params["no_proxy"],
        expect_server=params["expect_server"],
        environ=runtime.environ,
    )


@contextmanager
def open_portal(
    url: ServerUrl, access: PortalAccess, runtime: Runtime, portal: Mapping[str, str | None]
) -> Iterator[PortalConnection]:
    """Yield a connection to a portal, and close it. No request is sent before the first of the caller.

    ``portal`` describes it in the result of a task that fails inside. Raises KeyringError for an unexpected server.
    """
    with facts_on_failure(portal=dict(portal)):
        check_expected_portal(url, access.expect_server)
        with closing(PortalConnection(url, access, runtime.retry_budget)) as connection:
            yield connection
