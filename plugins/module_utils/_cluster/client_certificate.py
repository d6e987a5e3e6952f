# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client certificate of a connection, and the errors about one that TLS cannot use."""

from __future__ import annotations

from dataclasses import field

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate and its key, both as PEM. ``label`` is what messages call them.

    ``failure``, ``option`` and ``key_option`` are the id and the options of the errors: ``option`` is to blame for the
    pair, ``key_option`` for the key alone. Both are None where the certificate is not from options. ``remedy`` is how
    to go on where TLS makes nothing of the two.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    label: str
    failure: FailureId = "tls_failed"
    option: str | None = None
    key_option: str | None = None
    remedy: str = "Check both files, or the data in the kubeconfig."

    def unusable(self) -> KeyringError:
        """Return the error about a certificate and a key of which TLS makes nothing."""
        return KeyringError(
            f"The client certificate cannot be used: {self.label}.",
            "One of them is not PEM, or the certificate and the key do not belong together.",
            self.remedy,
            failure=self.failure,
            option=self.option,
        )

    def locked(self) -> KeyringError:
        """Return the error about a key that is encrypted with a passphrase."""
        return KeyringError(
            "The client key has a passphrase.",
            "A task cannot ask for it.",
            "Use a key without one.",
            failure=self.failure,
            option=self.key_option,
        )
