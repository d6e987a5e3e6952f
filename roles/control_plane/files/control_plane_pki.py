# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and kubeconfigs of a control plane that lives for minutes or days."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONTEXT = "control-plane"
_YEAR = timedelta(days=365)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str) -> None:
        """Write `name`.crt and `name`.key."""
        (directory / f"{name}.crt").write_bytes(self.certificate)
        (directory / f"{name}.key").write_bytes(self.key)

    @classmethod
    def read(cls, directory: Path, name: str) -> Pair:
        """Read what `write` wrote."""
        return cls((directory / f"{name}.crt").read_bytes(), (directory / f"{name}.key").read_bytes())


def make_key() -> ec.EllipticCurvePrivateKey:
    """A new key. P-256, because RSA would take a good part of the start."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as SEC 1: kube-apiserver takes no EC public key from PKCS #8 (client-go keyutil)."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def make_authority(name: str) -> Pair:
    """A new certificate authority, valid for a year."""
    key = make_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _certificate(subject, subject, key.public_key(), key.public_key(), valid_for=_YEAR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
    return _signed(builder, key, key)


def issue_server(authority: Pair, *more: str) -> Pair:
    """Return a serving certificate for 127.0.0.1, localhost and more DNS names or IPv6 addresses, valid for a year."""
    loopback = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
    others = [x509.IPAddress(ipaddress.IPv6Address(name)) if ":" in name else x509.DNSName(name) for name in more]
    names = x509.SubjectAlternativeName([loopback, x509.DNSName("localhost"), *others])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
    return _issue(authority, subject, ExtendedKeyUsageOID.SERVER_AUTH, names, valid_for=_YEAR)


def issue_client(authority: Pair, user: str, *, groups: Iterable[str] = (), valid_for: timedelta = _YEAR) -> Pair:
    """A client certificate; Kubernetes reads the user from CN and the groups from O.

    A negative `valid_for` gives one that expired that long ago.
    """
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    subject = x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, user)])
    return _issue(authority, subject, ExtendedKeyUsageOID.CLIENT_AUTH, None, valid_for=valid_for)


def render_kubeconfig(server: str, ca: bytes, client: Pair, *, user: str, namespace: str) -> dict[str, Any]:
    """A kubeconfig with one context, everything inline."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": _base64(ca)}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user, "namespace": namespace}}],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _base64(client.certificate),
                    "client-key-data": _base64(client.key),
                },
            }
        ],
    }


def _issue(
    authority: Pair,
    subject: x509.Name,
    purpose: x509.ObjectIdentifier,
    names: x509.SubjectAlternativeName | None,
    *,
    valid_for: timedelta,
) -> Pair:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = cast("ec.EllipticCurvePrivateKey", serialization.load_pem_private_key(authority.key, None))
    key = make_key()
    builder = _certificate(subject, issuer.subject, key.public_key(), signer.public_key(), valid_for=valid_for)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage("digital_signature"), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if names:
        builder = builder.add_extension(names, critical=False)
    return _signed(builder, signer, key)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    *,
    valid_for: timedelta,
) -> x509.CertificateBuilder:
    """What all certificates have. Python 3.13 verifies strictly: both key identifiers must be there."""
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + valid_for) - timedelta(minutes=5))
        .not_valid_after(now + valid_for)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _key_usage(*used: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in used for usage in _USAGES})


def _signed(
    builder: x509.CertificateBuilder, signer: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey
) -> Pair:
    certificate = builder.sign(signer, hashes.SHA256())
    return Pair(certificate.public_bytes(serialization.Encoding.PEM), key_pem(key))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
