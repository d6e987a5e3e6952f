# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of known_hosts as people have them, for a server with an Ed25519 and an RSA key."""

from __future__ import annotations

import base64
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from support.git_world import make_ssh_key
from support.samples.keys import public_line


def packed(*parts: bytes) -> str:
    """A public key with these fields, as base64."""
    return base64.b64encode(b"".join(struct.pack(">I", len(part)) + part for part in parts)).decode()


def line_of(algorithm: str, *parts: bytes) -> str:
    """Algorithm and key of a line, whose key has these fields after its name."""
    return f"{algorithm} {packed(algorithm.encode(), *parts)}"


def hash_name(name: str, salt: bytes = b"s" * 20) -> str:
    """A host in the form that ssh-keygen -H gives to it."""
    parts = (salt, hmac.new(salt, name.encode(), "sha1").digest())
    return "".join(f"|{part}" for part in ("1", *(base64.b64encode(part).decode() for part in parts)))


DSA = line_of("ssh-dss", b"\0" + b"\x99" * 128, b"\0" + b"\x99" * 20, b"\x11" * 128, b"\x22" * 128)
NEW_ALGORITHM = line_of("ssh-mldsa-44@openssh.com", b"k" * 1312)
SHORT_RSA = line_of("ssh-rsa", b"\1\0\1", b"\0" + b"\x99" * 96)
CUT = public_line("RSA")[:-8]


@dataclass(frozen=True)
class Server:
    """A server as its clients look it up, and the public halves of its keys, each as algorithm and base64."""

    name: str
    ed25519: str
    rsa: str


# What is skipped for another host. Each is a line of its own.
OTHER_LINES: Mapping[str, str] = {
    "DSA": f"old.example.com {DSA}",
    "DSA, revoked": f"@revoked old.example.com {DSA}",
    "an algorithm to come": f"new.example.com {NEW_ALGORITHM}",
    "Ed448": f"old.example.com {line_of('ssh-ed448', b'k' * 57)}",
    "the key of a web page": "a "
    + line_of("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\4" + b"k" * 64, b"ssh:"),
    "a certificate": f"old.example.com {line_of('ssh-ed25519-cert-v01@openssh.com', b'n', b'k' * 32)}",
    "SSH 1": "old.example.com 2048 35 123456789012345678901234567890",
    "a short RSA key": f"old.example.com {SHORT_RSA}",
    "cut": f"old.example.com {CUT}",
    "cut, hashed": f"{hash_name('old.example.com')} {CUT}",
    "two words": "old.example.com ssh-rsa",
    "one word": "old.example.com",
    "an ellipsis": "old.example.com ssh-rsa …",
    "another algorithm than it says": f"old.example.com ssh-rsa {public_line('Ed25519').split()[1]}",
    "an unknown marker": f"@trusted old.example.com {public_line('RSA')}",
    "brackets without a port": f"[old.example.com] {public_line('RSA')}",
    "a negation of nothing": f"!,old.example.com {public_line('RSA')}",
    "a short Ed25519 key": f"old.example.com {line_of('ssh-ed25519', b'k')}",
    "a mask": "old.example.com ********",
}


def texts_for(server: Server) -> dict[str, str]:
    """Texts by what is in them. Those of OTHER_LINES stand below a good line."""
    name, ed25519, rsa = server.name, server.ed25519, server.rsa
    host, port = name.strip("[").split("]:")
    wrong, both = make_ssh_key().public, f"{name} {ed25519}\n{name} {rsa}\n"
    texts = {
        "both keys": both,
        "Ed25519 alone": f"{name} {ed25519}\n",
        "RSA alone": f"{name} {rsa}\n",
        "RSA as rsa-sha2-256": f"{name} rsa-sha2-256 {rsa.split()[1]}\n{name} {ed25519}\n",
        "RSA as rsa-sha2-512": f"{name} rsa-sha2-512 {rsa.split()[1]} a comment\n",
        "RSA under the name of a certificate": f"{name} rsa-sha2-512-cert-v01@openssh.com {rsa.split()[1]}\n",
        "RSA in capitals": f"{name} RSA {rsa.split()[1]}\n",
        "Ed25519 under the name of RSA": f"{name} ssh-rsa {ed25519.split()[1]}\n",
        "DSA alone": f"{name} {DSA}\n",
        "DSA beside": f"{both}{name} {DSA}\n",
        "an algorithm to come before": f"{name} {NEW_ALGORITHM}\n{both}",
        "an algorithm to come alone": f"{name} {NEW_ALGORITHM}\n",
        "another key": f"{name} {wrong}\n",
        "another host": f"git.example.com {ed25519}\n",
        "a name without the port": f"{host} {ed25519}\n",
        "another port": f"[{host}]:22 {ed25519}\n",
        "several names": f"a.example.com,{name} {ed25519}\nb.example.com,{name} {rsa}\n",
        "several names with blanks": f"a.example.com, {name} {ed25519}\n",
        "a negation": f"[{host[:-1]}*]:{port},!{name} {ed25519}\n",
        "a negation of another": f"[{host[:-1]}*]:{port},![{host[:-1]}9]:{port} {rsa}\n",
        "a pattern of hosts": f"[{host[:-1]}?]:{port} {rsa}\n",
        "a pattern of ports": f"[{host}]:* {rsa}\n",
        "a pattern of everything": f"* {rsa}\n",
        "hashed": f"{hash_name(name)} {rsa}\n{hash_name(name, b't' * 20)} {ed25519}\n",
        "hashed without the port": f"{hash_name(host)} {rsa}\n",
        "revoked": f"{both}@revoked * {ed25519}\n@revoked {name} {rsa}\n",
        "another key revoked": f"{both}@revoked {name} {wrong}\n",
        "CRLF": both.replace("\n", "\r\n"),
        "tabs": both.replace(" ", "\t"),
        "blanks": f"  {both}".replace(" ", "  "),
        "comments": f"# a\n\n{name} {rsa} # b c\n  # d\n",
        "without the last line end": both.strip(),
        "a byte order mark": f"\ufeff{both}",
        "folded behind a comment": f"# {both}".replace("\n", " "),
        "the whole file of a user": both + "".join(f"{line}\n" for line in OTHER_LINES.values()),
        "other hosts with other algorithms": f"{name} {rsa}\nb.example.com {public_line('ECDSA')}\n",
        "other hosts with the same algorithm": f"{both}b.example.com {wrong}\n",
    }
    return texts | {f"below: {what}": f"{both}{line}\n" for what, line in OTHER_LINES.items()}
