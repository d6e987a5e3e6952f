# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portals as a reader of the documents has them: tenants of SAP AI Core with service keys, and an account of ECP.

ECP is behind its real host name, as the examples have it. A proxy on loopback leads this name to the server here, and
the certificate of that server is from an authority in SSL_CERT_FILE. No other host is reached.
"""

from __future__ import annotations

import json
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from support.control_plane import pki
from support.portals.ecp import OWN_REGISTRY, Customer, Ecp, PullSecret, RegistryUser, ecp
from support.portals.portal import DatedHandler
from support.portals.sap import SapAiCore, sap_ai_core
from support.servers.wsgi import serving

ECP_HOST = "ngapi.cdnetworks.com"
TENANTS = ("acme", "globex", "initech")

# The accounts and the customers of a reseller in the examples, all with one API key.
_ACCOUNTS = ("admin", "acme-deploy")
_CUSTOMERS = ("1001", "1002", "4711", "10456")
# The files with the service key of the first tenant, and with a docker config.
_KEY_FILES = ("sap-ai-core-key.json", "sap-service-key.json")
_DOCKER_CONFIG = {"auths": {"ghcr.io": {"username": "octo", "password": "ghcr-token"}}}


@dataclass(frozen=True)
class Portals:
    """Tenants of SAP AI Core by name, ECP with a reseller's account, and the variables that lead clients to it."""

    tenants: Mapping[str, SapAiCore]
    ecp: Ecp
    environment: Mapping[str, str]

    def variables(self) -> dict[str, Any]:
        """Return the variables that examples leave to the reader."""
        keys = {f"vault_{name}_service_key": tenant.service_key() for name, tenant in self.tenants.items()}
        first = next(iter(keys.values()))
        return {
            **keys,
            **dict.fromkeys(("sap_ai_core_key", "vault_sap_service_key"), first),
            **dict.fromkeys(("ecp_api_key", "vault_ecp_api_key"), self.ecp.accounts["admin"]),
            **dict.fromkeys(("vault_git_token", "vault_github_token", "vault_gitlab_token"), "git-token"),
            **dict.fromkeys(("vault_ecp_registry_password", "vault_ecp_user_password"), "Registry-s3cret"),
        }

    def write_files(self, directory: Path) -> None:
        """Write the files that examples leave to the reader."""
        first, *_others = self.tenants.values()
        for name in _KEY_FILES:
            (directory / name).write_text(json.dumps(first.service_key()))
        for name, tenant in self.tenants.items():
            (directory / f"{name}-service-key.json").write_text(json.dumps(tenant.service_key()))
        (directory / "registry-credentials.json").write_text(json.dumps(_DOCKER_CONFIG))
        account = {"user": "admin", "api_key": self.ecp.accounts["admin"]}
        (directory / "ecp.yml").write_text(yaml.safe_dump({"ecp_account": account}))


@contextmanager
def portals(directory: Path, tenants: Sequence[str] = TENANTS) -> Iterator[Portals]:
    """Serve both portals on loopback; the certificates are in the directory."""
    authority = pki.make_authority("portals")
    (directory / "portals-ca.crt").write_bytes(authority.certificate)
    pki.issue_server(authority, ECP_HOST).write(directory, "portals")
    certificate = (str(directory / "portals.crt"), str(directory / "portals.key"))
    with ExitStack() as stack:
        server = stack.enter_context(ecp())
        _fill(server)
        encrypted = stack.enter_context(serving(server, ssl_context=certificate, request_handler=DatedHandler))
        proxy = stack.enter_context(_leading_proxy({ECP_HOST: encrypted}))
        yield Portals(
            {name: stack.enter_context(sap_ai_core()) for name in tenants},
            server,
            {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(directory / "portals-ca.crt")},
        )


def _fill(server: Ecp) -> None:
    """Create the accounts, the customers, and what the examples expect to exist."""
    server.accounts.update(dict.fromkeys(_ACCOUNTS, server.accounts["ecp-admin"]))
    server.admins.update(_ACCOUNTS)
    server.children.update(_CUSTOMERS)
    name, password, time = "demouser-5883", "Registry-s3cret", "2026-11-21T10:00:00Z"
    user = RegistryUser(1, "demouser", name, password, "demo@example.com", "", {}, "admin", time, time)
    managed = f"Auto created for ECP registry user {name}"
    server.own.users[1] = user
    server.own.secrets["a"] = PullSecret("a", name, OWN_REGISTRY, name, password, managed, 1, time, time)
    stored = PullSecret("b", "docker-hub", "docker.io", "acme", "docker-hub-token", "", None, time, time)
    server.customers["10456"] = Customer({"b": stored})


class _LeadingProxy(socketserver.ThreadingTCPServer):
    """A proxy that leads some host names to servers on loopback, and refuses all others."""

    daemon_threads = True
    places: Mapping[str, int]


class _Tunnel(socketserver.StreamRequestHandler):
    """One connection of a client through the proxy."""

    server: _LeadingProxy

    def handle(self) -> None:
        method, target, _version = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        port = self.server.places.get(target.rpartition(":")[0])
        if method != "CONNECT" or port is None:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(server, self.connection), daemon=True)
            back.start()
            _pass_on(self.connection, server)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on all bytes of one direction, and its end."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # the other side has closed the connection
        return


@contextmanager
def _leading_proxy(urls: Mapping[str, str]) -> Iterator[str]:
    """Run a proxy that leads host names to the servers of these URLs, and yield its URL."""
    with _LeadingProxy(("127.0.0.1", 0), _Tunnel) as proxy:
        proxy.places = {host: urlsplit(url).port or 443 for host, url in urls.items()}
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()


def main() -> None:
    """Serve the portals for a shell, for as long as this process lives.

    The files of a reader are written to the current folder, and the variables that lead to ECP are printed.
    """
    with tempfile.TemporaryDirectory() as folder, portals(Path(folder)) as served:
        served.write_files(Path.cwd())
        for variable, text in served.environment.items():
            print(f"export {variable}={text}")
        print("# END", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
