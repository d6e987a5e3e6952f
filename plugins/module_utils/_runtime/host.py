# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input from the machine that runs a task: files, new keys, and the host keys of servers."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

from .._cluster.local_file import describe_size, read_regular_file
from .._credentials.secret_values import named_path
from .._errors import FailureId, KeyringError

OutcomeT = TypeVar("OutcomeT")

KeyAlgorithm = Literal["ed25519", "ecdsa", "rsa"]

# The default of ssh-keygen.
RSA_BITS = 3072

# The seconds that ssh-keyscan waits for a server, those that it may take altogether, and the bytes that it may print:
# the keys of a server have some KiB.
SCAN_TIMEOUT = 10
SCAN_TOTAL = 60
SCAN_OUTPUT = 64 * 1024


class Lazy(Generic[OutcomeT]):
    """A call that runs once, when it is first needed. Every caller gets its value, or its KeyringError."""

    def __init__(self, call: Callable[[], OutcomeT]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._outcome: tuple[OutcomeT] | KeyringError | None = None

    def __call__(self) -> OutcomeT:
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
    """Return the content of a file; None without a path. ``files`` were read on the controller, by path.

    A byte-order mark is removed, and UTF-16 with one becomes UTF-8. Raises KeyringError for a file that cannot be read,
    or is larger than ``limit``.
    """
    if path is None:
        return None
    from .._credentials.text_encoding import unmarked

    try:
        content = files[path] if path in files else read_regular_file(path, limit)
        reason = f"it is larger than {describe_size(limit)}" if len(content) > limit else ""
    except (OSError, ValueError) as error:  # a path may have the character NUL
        reason = str(error.strerror) if isinstance(error, OSError) else "no path has such characters"
    if reason:
        raise KeyringError(
            f"{named_path(option, path)} cannot be read: {reason}.",
            "",
            "Give the path of a file on the machine that runs this task.",
            failure="unreadable_file",
            option=option,
        )
    return unmarked(content)


def generate_key(algorithm: KeyAlgorithm) -> str:
    """Return a new private key in the OpenSSH format, without a passphrase."""
    from .._credentials.pem import require_cryptography

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
    """Return the host keys that ssh-keyscan gets from a server, as lines of a known_hosts file.

    Nothing proves that these are the right keys. Raises KeyringError if the program is missing or gets no key.
    """
    from .._cluster.bounded_program import OutputTooLarge, run_program

    place = f"{host} port {port}"
    try:
        scan = run_program(
            ["ssh-keyscan", "-T", str(SCAN_TIMEOUT), "-p", str(port), host],
            seconds=SCAN_TOTAL,
            most=SCAN_OUTPUT,
            reads_errors=True,
        )
    except FileNotFoundError:
        raise _not_scanned(
            place,
            "The program ssh-keyscan is missing on the machine that runs this task; OpenSSH's client has it.",
            "missing_library",
        ) from None
    except subprocess.TimeoutExpired:
        raise _not_scanned(place, f"The server gave no answer in {SCAN_TOTAL} seconds.") from None
    except OutputTooLarge:
        raise _not_scanned(place, f"The server sent more than {describe_size(SCAN_OUTPUT)}.") from None
    keys = scan.output.decode(errors="replace")
    if not keys.strip():
        lines = scan.errors.decode(errors="replace").splitlines()
        said = " ".join(line for line in lines if not line.startswith("#"))
        raise _not_scanned(place, f"ssh-keyscan says: {said}" if said else "The server gave no answer.")
    return keys


def _not_scanned(place: str, why: str, failure: FailureId = "unreachable") -> KeyringError:
    return KeyringError(
        f"ssh.scan_host_keys got no host key of {place}.",
        why,
        "Give ssh.known_hosts instead.",
        fatal=True,
        failure=failure,
        option="ssh.scan_host_keys",
    )
