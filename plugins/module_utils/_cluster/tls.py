# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS as in Go: the certificates that are trusted, and the one that is shown."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .client_certificate import ClientCertificate

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


@dataclass(frozen=True)
class Authority:
    """The CA certificates that a server is checked against, as PEM.

    ``label``, ``failure`` and ``option`` are those of the error about certificates that cannot be read.
    """

    certificates: bytes = field(repr=False)
    label: str
    failure: FailureId = "invalid_kubeconfig"
    option: str | None = None


class _Context(ssl.SSLContext):
    """TLS settings that check the name of the server also where urllib3 does not say it.

    urllib3 1.26 leaves out the names of servers that are IP addresses.
    """

    host = ""

    def wrap_socket(self, sock: Any, *arguments: Any, **keywords: Any) -> ssl.SSLSocket:
        keywords["server_hostname"] = keywords.get("server_hostname") or self.host
        return super().wrap_socket(sock, *arguments, **keywords)

    def wrap_bio(self, incoming: Any, outgoing: Any, *arguments: Any, **keywords: Any) -> ssl.SSLObject:
        keywords["server_hostname"] = keywords.get("server_hostname") or self.host
        return super().wrap_bio(incoming, outgoing, *arguments, **keywords)


def build_tls_context(
    authority: Authority | None,
    *,
    host: str,
    verify: bool,
    certificate: ClientCertificate | None = None,
    also_machine: bool = False,
) -> ssl.SSLContext:
    """Return the TLS settings for one server. ``host`` is its name or address, without brackets.

    Without an ``authority`` the CA certificates of the machine are trusted, with ``also_machine`` both. Raises
    KeyringError for what cannot be used.
    """
    from urllib3 import disable_warnings
    from urllib3.exceptions import InsecureRequestWarning

    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.host = host
    # As in Go, a name outside of subjectAltName does not count.
    context.hostname_checks_common_name = False
    context.check_hostname = verify
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    # Python 3.13 asks more of a CA certificate than Go, and than what clusters make for themselves.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    # Go takes any certificate that it is given as the end of a chain, also one that is not a root.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not verify:
        disable_warnings(InsecureRequestWarning)  # asked for by the kubeconfig or by validate_certs
    else:
        if authority and not trust_certificates(context, authority.certificates):
            raise _unreadable_authority(authority)
        if also_machine or not authority:
            context.load_default_certs()
    if certificate:
        _show(context, certificate)
    return context


def trust_certificates(context: ssl.SSLContext, certificates: bytes) -> bool:
    """Trust CA certificates, given as PEM; return whether there is one that can be read.

    As in Go, text between them is left out, and what is not a certificate.
    """
    found = False
    for pem in _CERTIFICATE.findall(certificates):
        try:
            context.load_verify_locations(cadata=pem.decode("ascii"))
            found = True
        except (ssl.SSLError, ValueError):
            continue
    return found


def _unreadable_authority(authority: Authority) -> KeyringError:
    return KeyringError(
        f"{authority.label} has no certificate that can be read.",
        "It must hold one or more certificates as PEM.",
        "Check the file or the data; a PEM certificate begins with -----BEGIN CERTIFICATE-----.",
        failure=authority.failure,
        option=authority.option,
    )


def _show(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    """Load the client certificate. Python's ssl takes it from files only."""

    def ask_passphrase() -> str:
        raise certificate.locked()

    with _as_file(certificate.certificate) as chain, _as_file(certificate.key) as key:
        try:
            context.load_cert_chain(chain, key, password=ask_passphrase)
        except (ssl.SSLError, ValueError):
            raise certificate.unusable() from None


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """Yield the path of a file with this content: in memory on Linux, elsewhere one that is removed at once."""
    if hasattr(os, "memfd_create"):
        with open(os.memfd_create("keyring"), "wb") as memory:
            memory.write(content)
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
        return
    with tempfile.NamedTemporaryFile(prefix="keyring-") as file:  # its mode is 0600
        file.write(content)
        file.flush()
        yield file.name
