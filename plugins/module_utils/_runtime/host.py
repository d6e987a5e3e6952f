# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task takes from the machine that it runs on: files, new keys, and the host keys that a server shows."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

from .._credentials.pem import require_cryptography
from .._credentials.secret_values import named_path
from .._errors import FailureId, KeyringError

T = TypeVar("T")

KeyAlgorithm = Literal["ed25519", "ecdsa", "rsa"]

# As ssh-keygen makes them by default.
RSA_BITS = 3072

# Seconds that ssh-keyscan waits for a server, and that it may take altogether.
SCAN_TIMEOUT = 10
SCAN_TOTAL = 60


class Lazy(Generic[T]):
    """A call that is carried out once, when it is first needed; every caller gets its value, or its refusal."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._outcome: tuple[T] | KeyringError | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._outcome is None:
                try:
                    self._outcome = (self._call(),)
                except KeyringError as error:
                    self._outcome = error
        if isinstance(self._outcome, KeyringError):
            raise self._outcome
        return self._outcome[0]


def read_option_file(option: str, path: str | None, files: Mapping[str, bytes], limit: int) -> bytes | None:
    """The start of the file, one byte more than ``limit``, so that a larger one is seen; None without a path."""
    if path is None or path in files:
        return files[path] if path else None
    try:
        with open(path, "rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise KeyringError(
            f"{named_path(option, path)} can not be read: {error.strerror}.",
            "",
            "Give the path of a file on the machine that runs this task.",
            failure="unreadable_file",
            option=option,
        ) from None


def generate_key(algorithm: KeyAlgorithm) -> str:
    """A new private key in the OpenSSH form, without passphrase."""
    require_cryptography()
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    makers: Mapping[
        KeyAlgorithm,
        Callable[[], ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey],
    ] = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
        "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS),
    }
    return makers[algorithm]().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def scan_host_keys(host: str, port: int) -> str:
    """The host keys that the server shows, as lines of a known_hosts file, from ssh-keyscan.

    Raises KeyringError when that program is missing or gets no key. Nothing says that the keys are the right ones.
    """
    place = f"{host} port {port}"
    try:
        # There is no module whose run_command could be called, when Ansible's own process runs this.
        scan = subprocess.run(  # pylint: disable=ansible-bad-function
            ["ssh-keyscan", "-T", str(SCAN_TIMEOUT), "-p", str(port), host],
            capture_output=True,
            timeout=SCAN_TOTAL,
            check=False,
            text=True,
        )
    except FileNotFoundError:
        raise _not_scanned(
            place,
            "The program ssh-keyscan is missing on the machine that runs this task; OpenSSH's client has it.",
            "missing_library",
        ) from None
    except subprocess.TimeoutExpired:
        raise _not_scanned(place, f"The server gave no answer in {SCAN_TOTAL} seconds.") from None
    if not scan.stdout.strip():
        said = " ".join(line for line in scan.stderr.splitlines() if not line.startswith("#"))
        raise _not_scanned(place, f"ssh-keyscan says: {said}" if said else "The server gave no answer.")
    return scan.stdout


def _not_scanned(place: str, why: str, failure: FailureId = "unreachable") -> KeyringError:
    return KeyringError(
        f"ssh.scan_host_keys got no host key of {place}.",
        why,
        "Give ssh.known_hosts instead.",
        fatal=True,
        failure=failure,
        option="ssh.scan_host_keys",
    )
