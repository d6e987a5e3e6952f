# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git credentials for tests, made when they are imported: no key lies in the repository."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from support.git_world import SshKey, make_ssh_key

KEY, NEW_KEY, RSA_KEY = make_ssh_key(), make_ssh_key(), make_ssh_key("rsa")
PASSPHRASE = "correct horse"

HOST = "git.example.com"
SSH_URL = f"ssh://git@{HOST}/team/app.git"
HTTPS_URL = f"https://{HOST}/team/app.git"
HOST_KEY = make_ssh_key()
HOSTS = f"{HOST} {HOST_KEY.public}\n"


def private(key: SshKey) -> str:
    """The private key as ssh-keygen writes it."""
    return key.private.decode()


def pkcs8(key: SshKey) -> str:
    """The private key as PEM of PKCS#8, which OpenSSH reads for RSA and ECDSA only."""
    loaded = load_ssh_private_key(key.private, None)
    return loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def pkcs1(key: SshKey) -> str:
    """An RSA key in the form in which GitHub gives those of Apps."""
    loaded = load_ssh_private_key(key.private, None)
    return loaded.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def locked(key: SshKey) -> str:
    """The private key, protected by PASSPHRASE."""
    loaded = load_ssh_private_key(key.private, None)
    how = BestAvailableEncryption(PASSPHRASE.encode())
    return loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


def ssh(key: SshKey = KEY, **more: object) -> dict[str, object]:
    """The option ``ssh`` with this key and the host keys of HOST."""
    return {"private_key": private(key), "known_hosts": HOSTS, **more}
