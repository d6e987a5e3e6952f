# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests without an answer: the reason, and what to do about it. Servers and proxies are never quoted."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Literal, Protocol

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .local_file import describe_size
from .refused import NoAnswer
from .retries import RetryBudget
from .transport import MAX_ANSWER


class Peer(Protocol):
    """A connection as messages describe it: what its server is called, URLs, and whether the server ever answered."""

    retry_budget: RetryBudget
    answered: Event

    @property
    def title(self) -> str: ...

    @property
    def server(self) -> str: ...

    @property
    def proxy(self) -> str | None: ...


@dataclass(frozen=True)
class _Trouble:
    """A reason for which no answer came, as the end of a sentence, and how to go on.

    ``passes`` says whether waiting may help: a server that never answered is more likely misspelt than restarting.
    ``sent`` says whether the request may have reached the server.
    """

    text: str
    remedy: str
    passes: Literal["yes", "once answered", "no"] = "no"
    sent: bool = False
    failure: FailureId = "unreachable"


_CHECK_SERVER = "Check the server of the connection, and whether it runs."
_AGAIN = "Run the task again; check any proxy in between."
_UNKNOWN_TROUBLE = _Trouble("the connection failed", "Check server, proxy and firewall.", "once answered", sent=True)
_TLS = _Trouble(
    "TLS failed",
    "Check that the server speaks TLS, and the client certificate.",
    "once answered",
    sent=True,
    failure="tls_failed",
)
_NO_TLS = _Trouble(
    "it does not speak TLS",
    "Check the port, and the scheme of the URL.",
    "once answered",
    sent=True,
    failure="tls_failed",
)
_REFUSED_CERTIFICATE = _Trouble(
    "it does not accept the client certificate",
    "Check which certificate the connection has, and when it expires.",
    sent=True,
    failure="tls_failed",
)

# The ends of sentences about a connection to any server. By the names of the classes, so that neither urllib3 nor
# PySocks need be imported for a table.
CONNECTION_TEXTS: Mapping[str, str] = {
    "ConnectionRefusedError": "connection refused",
    "gaierror": "its name cannot be resolved",
    "ConnectionResetError": "the connection was reset",
    "BrokenPipeError": "the connection was reset",
    "RemoteDisconnected": "the connection was closed without an answer",
}

_TROUBLES: Mapping[str, _Trouble] = {
    "ConnectionRefusedError": _Trouble(CONNECTION_TEXTS["ConnectionRefusedError"], _CHECK_SERVER, "once answered"),
    "ConnectTimeoutError": _Trouble("no connection within {to_connect} seconds", _CHECK_SERVER, "once answered"),
    "gaierror": _Trouble(
        CONNECTION_TEXTS["gaierror"], "Check the name of the server and the resolver of this machine."
    ),
    "SSLError": _TLS,
    "ConnectionResetError": _Trouble(CONNECTION_TEXTS["ConnectionResetError"], _AGAIN, "yes", sent=True),
    "BrokenPipeError": _Trouble(CONNECTION_TEXTS["BrokenPipeError"], _AGAIN, "yes", sent=True),
    "RemoteDisconnected": _Trouble(CONNECTION_TEXTS["RemoteDisconnected"], _AGAIN, "yes", sent=True),
    "IncompleteRead": _Trouble("the answer was cut off", _AGAIN, "yes", sent=True),
    "ReadTimeoutError": _Trouble("no answer within {to_answer} seconds", "Run the task again later.", "yes", sent=True),
    "AnswerTooSlow": _Trouble(
        "its answer was not complete within {to_complete} seconds", "Run the task again later.", sent=True
    ),
    "AnswerTooLarge": _Trouble(
        f"its answer is larger than {describe_size(MAX_ANSWER)}",
        "Select fewer namespaces, or check any proxy in between.",
        sent=True,
    ),
    "SOCKS5AuthError": _Trouble("it does not accept the user name and the password", "Correct the URL of the proxy."),
    "SOCKS5Error": _Trouble("it cannot reach the server", "Check the server's name and what the proxy allows."),
    "GeneralProxyError": _Trouble("it does not speak SOCKS 5", "Check the scheme and the port of the proxy."),
}

# OpenSSL's words for what is wrong with TLS.
_TLS_REASONS: Mapping[str, _Trouble] = {
    **dict.fromkeys(
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"), _NO_TLS
    ),
    **dict.fromkeys(
        (
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "TLSV13_ALERT_CERTIFICATE_REQUIRED",
            "TLSV1_ALERT_UNKNOWN_CA",
        ),
        _REFUSED_CERTIFICATE,
    ),
}

# Errors that say that the proxy itself is the trouble.
_OF_THE_PROXY = ("ProxyError", "ProxyConnectionError", "SOCKS5AuthError", "SOCKS5Error", "GeneralProxyError")
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def explain_no_answer(connection: Peer, error: Exception) -> NoAnswer:
    """Return why a request that raised this error got no answer."""
    causes = list(find_causes(error))
    what = f"Cannot reach {connection.title} {connection.server}"
    if connection.proxy and _is_of_the_proxy(causes):
        what = f"Cannot reach the proxy {connection.proxy}, which leads to {connection.title} {connection.server}"
    elif connection.proxy:
        what += f" through the proxy {connection.proxy}"
    trouble = _find_trouble(causes)
    retry_budget = connection.retry_budget
    text = trouble.text.replace("{to_connect}", f"{retry_budget.to_connect:.0f}")
    text = text.replace("{to_answer}", f"{retry_budget.to_answer:.0f}")
    text = text.replace("{to_complete}", f"{retry_budget.to_complete:.0f}")
    refusal = KeyringError(f"{what}: {text}.", "", trouble.remedy, fatal=True, failure=trouble.failure)
    passing = trouble.passes == "yes" or (trouble.passes == "once answered" and connection.answered.is_set())
    return NoAnswer(refusal, passing=passing, sent=trouble.sent)


def find_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what lies behind it, the innermost last; urllib3 keeps some of it in the arguments."""
    current: BaseException | None = error
    while current is not None:
        yield current
        behind = (*current.args, current.__cause__, current.__context__)
        current = next((cause for cause in behind if isinstance(cause, BaseException)), None)


def _is_of_the_proxy(causes: Sequence[BaseException]) -> bool:
    return any(type(cause).__name__ in _OF_THE_PROXY for cause in causes) or _tunnel_status(causes) is not None


def _tunnel_status(causes: Sequence[BaseException]) -> int | None:
    """Return the status with which the proxy refused to lead to the server."""
    for cause in causes:
        found = _TUNNEL.match(str(cause)) if isinstance(cause, OSError) else None
        if found:
            return int(found[1])
    return None


def _find_trouble(causes: Sequence[BaseException]) -> _Trouble:
    status = _tunnel_status(causes)
    if status == 407:
        return _Trouble(
            "it asks for a user name and a password (407)", "Write them into its URL: http://user:password@host:port."
        )
    if status is not None:
        return _Trouble(f"it answers {status}", "Check what the proxy allows, and whether it can reach the server.")
    for cause in reversed(causes):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _Trouble(
                describe_certificate_error(cause),
                "Check ca_cert and the server's name, or the certificate of the server.",
                failure="tls_failed",
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in _TLS_REASONS:
            return _TLS_REASONS[cause.reason]
        name = type(cause).__name__
        if name in _TROUBLES:
            return _TROUBLES[name]
    return _UNKNOWN_TROUBLE


def describe_certificate_error(error: ssl.SSLCertVerificationError) -> str:
    """Return the end of a sentence about a certificate that is not accepted."""
    return f"its certificate is not accepted ({error.verify_message})"
