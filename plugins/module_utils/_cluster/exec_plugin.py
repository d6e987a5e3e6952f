# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential plugins: programs that print credentials for an API server.

Source: client-go 0.36, plugin/pkg/client/auth/exec/exec.go, and the API group client.authentication.k8s.io. What a
plugin prints is never shown, as it may hold a secret; its exit status and the kubeconfig's installHint are.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any

from .._errors import KeyringError
from .._printable import make_line
from .bounded_program import OutputTooLarge, run_program
from .client_certificate import ClientCertificate
from .credentials import bearer
from .kubeconfig_entries import ExecEntry, Place
from .kubeconfig_yaml import parse_document
from .local_file import describe_size
from .target import Target

# Seconds that a plugin may take: it may ask a cloud, and no one answers its questions.
PLUGIN_TIMEOUT = 120
# Bytes that it may print: a token and a certificate have some KiB.
MAX_OUTPUT = 1024 * 1024


class ExecPlugin:
    """Credentials that a plugin prints, asked for when they are first needed and again when they have expired."""

    def __init__(self, plugin: ExecEntry, place: Place, info: str, environ: Mapping[str, str]) -> None:
        self._plugin, self._info, self._environ = plugin, info, environ
        self._label = f"{place.path} of {place.source}"
        self._lock = threading.Lock()
        self._status: dict[str, Any] | None = None
        self._asked_at = 0.0
        self._secrets: set[str] = set()

    @property
    def certificate(self) -> ClientCertificate | None:
        status = self._current()
        certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
        if not certificate or not key:
            return None
        return ClientCertificate(certificate.encode(), key.encode(), f"the credential plugin of {self._label}")

    def authorization(self) -> str | None:
        token = self._current().get("token")
        label = f"The token of the credential plugin of {self._label}"
        return bearer(token, label, failure="credential_plugin_failed") if token else None

    def secrets(self) -> Collection[str]:
        return tuple(self._secrets)

    def _current(self) -> dict[str, Any]:
        with self._lock:
            if self._status is None or self._has_expired(self._status):
                self._status, self._asked_at = self._ask(), time.monotonic()
                self._secrets |= {self._status[name] for name in _SECRET_STATUS_FIELDS if self._status.get(name)}
            return self._status

    def _has_expired(self, status: Mapping[str, Any]) -> bool:
        """Return whether the credentials have expired; new ones are not looked at again at once."""
        if time.monotonic() - self._asked_at < _LEAST_SECONDS:
            return False
        expires = status["expires"]
        return expires is not None and datetime.now(timezone.utc) > expires

    def _ask(self) -> dict[str, Any]:
        plugin = self._plugin
        if plugin.interactive_mode == "Always":
            raise self._error(
                "needs a terminal.", "Its interactiveMode is Always, and an Ansible task has no terminal."
            )
        # As in Go, the program is looked for on the PATH of this process, and not on one that env has.
        program = shutil.which(plugin.command, path=self._environ.get("PATH"))
        if program is None:
            hint = f"Its installHint says: {make_line(plugin.install_hint)}" if plugin.install_hint else ""
            # A command with arguments in it may hold a secret.
            named = f"The command {plugin.command}" if _COMMAND.fullmatch(plugin.command) else "Its command"
            raise self._error("is not installed.", f"{named} was not found.", hint)
        environment = {**self._environ, **dict(plugin.env), "KUBERNETES_EXEC_INFO": self._info}
        try:
            done = run_program(
                [program, *plugin.args], seconds=PLUGIN_TIMEOUT, most=MAX_OUTPUT, environment=environment
            )
        except subprocess.TimeoutExpired:
            raise self._error(
                f"did not end within {PLUGIN_TIMEOUT} seconds.",
                "It may be waiting for input at a terminal.",
                _RUN_BY_HAND,
            ) from None
        except OutputTooLarge:
            raise self._error(f"printed more than {describe_size(MAX_OUTPUT)}.", _NOT_SHOWN, _RUN_BY_HAND) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "an argument or a variable has a NUL byte"
            raise self._error(f"cannot be started: {reason}.", "", "Check users[].user.exec.") from None
        if done.status != 0:
            how = "was ended by signal" if done.status < 0 else "exited with status"
            raise self._error(f"{how} {abs(done.status)}.", _NOT_SHOWN, _RUN_BY_HAND)
        return self._parse(done.output)

    def _parse(self, output: bytes) -> dict[str, Any]:
        try:
            document = parse_document(output, "its output")
        except KeyringError:
            raise self._error("printed neither JSON nor YAML.", _NOT_SHOWN, _RUN_BY_HAND) from None
        if not isinstance(document, dict) or document.get("kind") not in (None, "ExecCredential"):
            raise self._error("printed no ExecCredential.", _NOT_SHOWN, _RUN_BY_HAND)
        version = document.get("apiVersion")
        if version != self._plugin.api_version:
            known = version if isinstance(version, str) and re.fullmatch(r"[a-z0-9./]{1,60}", version) else "another"
            raise self._error(
                f"answered in the API version {known}.",
                f"The kubeconfig asks for {self._plugin.api_version}.",
                "Update the plugin, or correct users[].user.exec.apiVersion.",
            )
        status = document.get("status")
        if not isinstance(status, dict):
            raise self._error("printed no status.", "The credentials belong there.", _RUN_BY_HAND)
        found = {name: status.get(name) or "" for name in (*_SECRET_STATUS_FIELDS, "clientCertificateData")}
        if not all(isinstance(value, str) for value in found.values()):
            raise self._error("printed credentials that are not strings.", _NOT_SHOWN, _RUN_BY_HAND)
        if bool(found["clientCertificateData"]) != bool(found["clientKeyData"]):
            raise self._error("printed only one of certificate and key.", "", _RUN_BY_HAND)
        if not found["token"] and not found["clientKeyData"]:
            raise self._error("printed neither a token nor a certificate.", "", _RUN_BY_HAND)
        return {**found, "expires": self._parse_time(status.get("expirationTimestamp"))}

    def _parse_time(self, given: Any) -> datetime | None:
        if given is None:
            return None
        try:
            # Before Python 3.11 fromisoformat takes neither Z nor other than three or six digits of a second.
            expires = datetime.fromisoformat(re.sub(r"\.[0-9]+", "", given).replace("Z", "+00:00"))
        except (TypeError, ValueError):
            expires = None
        if expires is None or expires.tzinfo is None:
            raise self._error("printed an expirationTimestamp that is not a valid time.", "", _RUN_BY_HAND)
        return expires

    def _error(self, problem: str, why: str = "", remedy: str = "") -> KeyringError:
        return KeyringError(
            f"The credential plugin of {self._label} {problem}",
            why,
            remedy,
            failure="credential_plugin_failed",
            option="kubeconfig",
            fatal=True,
        )


_NOT_SHOWN = "Its output is not shown, because it may hold a secret."
_RUN_BY_HAND = "Run the command under exec by hand, as the same user on the same machine."
_SECRET_STATUS_FIELDS = ("token", "clientKeyData")
_COMMAND = re.compile(r"[A-Za-z0-9_./+-]{1,200}")
# Seconds for which credentials are used in any case: a plugin whose credentials have always expired would be asked
# several times for each request.
_LEAST_SECONDS = 1.0


def exec_info(plugin: ExecEntry, target: Target) -> str:
    """Return the JSON that a plugin finds in KUBERNETES_EXEC_INFO; it has the cluster where the kubeconfig says so."""
    spec: dict[str, Any] = {"interactive": False}
    if plugin.provide_cluster_info:
        cluster, authority = target.cluster, target.authority
        # As in Go, query and fragment are cut off where there is a path.
        server = re.split(r"[?#]", cluster.server)[0] if target.server.prefix else cluster.server
        described = {
            "tls-server-name": cluster.tls_server_name,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": base64.b64encode(authority.certificates if authority else b"").decode(),
            "proxy-url": cluster.proxy_url,
            "disable-compression": cluster.disable_compression,
        }
        given = {name: value for name, value in described.items() if value}
        spec["cluster"] = {"server": server, **given, "config": cluster.exec_config}
    try:
        return json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec})
    except (TypeError, ValueError, RecursionError):
        raise target.cluster.place.error(
            "extensions", "cannot be written as JSON.", "The credential plugin gets them in this form."
        ) from None
