# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a server that does not accept the client certificate, by the alert that OpenSSL makes of it.

Other requests without an answer are in tests/integration/cluster/test_no_answer.py.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.client_certificate import ClientCertificate
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.no_answer import explain_no_answer
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.tls import Authority, build_tls_context
from support.control_plane import pki

CLIENTS, OTHERS = pki.make_authority("clients"), pki.make_authority("others")
SERVERS = pki.make_authority("servers")

REFUSED: Mapping[str, pki.Pair | None] = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": None,
    "TLSV1_ALERT_UNKNOWN_CA": pki.issue_client(OTHERS, "ada"),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": pki.issue_client(CLIENTS, "ada", valid_for=timedelta(days=-1)),
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": pki.issue_server(CLIENTS),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_says_that_the_client_certificate_is_not_accepted(reason: str, tmp_path: Path) -> None:
    pair = REFUSED[reason]
    certificate = None if pair is None else ClientCertificate(pair.certificate, pair.key, "client")
    authority = Authority(SERVERS.certificate, "ca")
    client = build_tls_context(authority, host="localhost", verify=True, certificate=certificate)
    error = handshake(client, server_context(tmp_path))

    assert error.reason == reason
    with closing(
        open_connection(resolve_settings(ConnectionOptions(host="https://localhost", api_key="t0ken"), {}))
    ) as connection:
        answer = explain_no_answer(connection, error)
    assert str(answer.error) == (
        "Cannot reach the API server https://localhost: it does not accept the client certificate. "
        "Check which certificate the connection has, and when it expires."
    )
    assert (answer.error.failure, answer.passing) == ("tls_failed", False)


def server_context(folder: Path) -> ssl.SSLContext:
    """A server that asks for a certificate of its clients."""
    pair = pki.issue_server(SERVERS)
    (folder / "crt").write_bytes(pair.certificate)
    (folder / "key").write_bytes(pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    context.load_verify_locations(cadata=CLIENTS.certificate.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def handshake(client_context: ssl.SSLContext, server_context: ssl.SSLContext) -> ssl.SSLError:
    """Let the two talk in memory, and return the error that the client gets."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for step in (client.do_handshake, server.do_handshake, client.do_handshake):
        with suppress(ssl.SSLWantReadError):
            step()
    with suppress(ssl.SSLError):
        server.do_handshake()
    with pytest.raises(ssl.SSLError) as error:
        client.read()
    return error.value
