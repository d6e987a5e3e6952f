# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A validating admission webhook on loopback, for what an API server answers only when others take part in a write."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kubernetes import client
from kubernetes.client.exceptions import ApiException

from support.cluster import Cluster
from support.control_plane import pki

Request = Mapping[str, Any]
# The Status to refuse a request with, or None to let it pass.
Judge = Callable[[Request], "Mapping[str, Any] | None"]

_PROBE = "webhook-probe"


@contextmanager
def admission_webhook(cluster: Cluster, namespace: str, directory: Path, judge: Judge) -> Iterator[None]:
    """Ask ``judge`` about each write of a Secret in the namespace, from the moment that the block begins.

    It gets the ``request`` of an AdmissionReview. It may write Secrets itself; those are not judged.
    """
    authority = pki.make_authority("webhook")
    asked = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(judge, asked))
    server.socket = _tls(pki.issue_server(authority), directory).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Typed by the client as taking model objects; it takes plain mappings as well.
    api: Any = client.AdmissionregistrationV1Api(cluster.api.api_client)
    url = f"https://127.0.0.1:{server.server_address[1]}/"
    api.create_validating_webhook_configuration(_configuration(namespace, url, authority.certificate))
    try:
        _wait_until_asked(cluster, namespace, asked)
        yield
    finally:
        api.delete_validating_webhook_configuration(namespace)
        server.shutdown()
        server.server_close()


def _handler(judge: Judge, asked: threading.Event) -> type[BaseHTTPRequestHandler]:
    own_writes = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            status = None
            if request["name"] == _PROBE:
                asked.set()
            elif own_writes.acquire(blocking=False):  # else the judge is at work, and this is its own write
                try:
                    status = judge(request)
                finally:
                    own_writes.release()
            response = {"uid": request["uid"], "allowed": status is None, **({"status": status} if status else {})}
            review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
            body = json.dumps(review).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
            pass

    return Handler


def _tls(pair: pki.Pair, directory: Path) -> ssl.SSLContext:
    pair.write(directory, "webhook")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "webhook.crt", directory / "webhook.key")
    return context


def _configuration(namespace: str, url: str, ca: bytes) -> dict[str, Any]:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"]}
    return {
        "metadata": {"name": namespace},
        "webhooks": [
            {
                "name": "judge.keyring.test",
                "clientConfig": {"url": url, "caBundle": base64.b64encode(ca).decode()},
                "rules": [{**rule, "operations": ["CREATE", "UPDATE", "DELETE"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }


def _wait_until_asked(cluster: Cluster, namespace: str, asked: threading.Event) -> None:
    """The API server takes up a new webhook a little later."""
    deadline = time.monotonic() + 30
    while not asked.is_set():
        assert time.monotonic() < deadline, "the API server does not call the webhook"
        cluster.api.create_namespaced_secret(namespace, {"metadata": {"name": _PROBE}}, dry_run="All")
        time.sleep(0.1)


def admit(cluster: Cluster, namespace: str, expression: str) -> None:
    """Let the API server refuse new Secrets in a namespace unless the expression holds; returns when it does."""
    api: Any = client.AdmissionregistrationV1Api(cluster.api.api_client)
    name = f"test-{uuid.uuid4().hex[:8]}"
    resource = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}
    scope = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    # The name "probe" is always refused: it shows when the rule is in force.
    validations = [{"expression": f"object.metadata.name != 'probe' && ({expression})", "message": "not here"}]
    policy = {
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [resource], "namespaceSelector": scope},
            "validations": validations,
        },
    }
    binding = {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}
    api.create_validating_admission_policy(policy)
    api.create_validating_admission_policy_binding(binding)
    deadline = time.monotonic() + 30
    while not refused(cluster, namespace):
        assert time.monotonic() < deadline, "the admission rule does not come into force"
        time.sleep(0.2)


def refused(cluster: Cluster, namespace: str) -> bool:
    try:
        cluster.api.create_namespaced_secret(namespace, {"metadata": {"name": "probe"}}, dry_run="All")
    except ApiException as error:
        return bool(error.status == 422)
    return False
