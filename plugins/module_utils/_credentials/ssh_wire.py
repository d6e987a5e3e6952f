# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How SSH packs keys into bytes (RFC 4251 section 5), and the fingerprints of public keys."""

from __future__ import annotations

import base64
import hashlib
import struct


def read_string(data: bytes) -> tuple[bytes, bytes]:
    """The first string in ``data``, and what follows it. Raises ValueError when ``data`` is too short."""
    if len(data) < 4:
        raise ValueError("cut")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut")
    return data[4 : 4 + length], data[4 + length :]


def fingerprint(blob: bytes) -> str:
    """The fingerprint of a packed public key as ``ssh-keygen -lf`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
