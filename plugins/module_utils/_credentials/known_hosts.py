# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys: the lines of a known_hosts file, the hosts that they cover, and the scanned keys that are trusted.

Facts: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5), "PATTERNS"; ssh-keygen -F of OpenSSH 9.2.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .._errors import KeyringError
from .key_format import fingerprint, read_string
from .pem import decode_base64, straighten

# Each algorithm with the number of fields in its packed key: RFC 4253, RFC 5656, RFC 8709, OpenSSH's PROTOCOL.u2f.
_ALGORITHMS = {
    "ssh-ed25519": 2,
    "ssh-rsa": 3,
    "ecdsa-sha2-nistp256": 3,
    "ecdsa-sha2-nistp384": 3,
    "ecdsa-sha2-nistp521": 3,
    "sk-ssh-ed25519@openssh.com": 3,
    "sk-ecdsa-sha2-nistp256@openssh.com": 4,
}
_MARKERS = ("@cert-authority", "@revoked")
# Bounded, or a long line of beginnings would take quadratic time.
_PACKED_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64}\s+AAAA")
_HASHED = re.compile(r"\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MD5 = re.compile(r"(MD5:)?[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15}")
_SSH_PORT = 22
_MAX_LISTED_NAMES = 10


@dataclass(frozen=True)
class HostKey:
    """A line. ``marker`` begins with an at sign or is empty, ``hosts`` is the first field, hashed or not."""

    marker: str
    hosts: str
    algorithm: str
    fingerprint: str


@dataclass(frozen=True)
class KnownHosts:
    """A known_hosts text with repaired newlines, and its keys in the order of the lines."""

    text: str = field(repr=False)
    keys: tuple[HostKey, ...]


def parse_known_hosts(text: str, option: str) -> KnownHosts:
    """Parse the lines of a known_hosts file. Keep comments and empty lines in its text.

    Raise KeyringError, with ``option`` and the line, for a line that ssh would skip or misread.
    """
    text = straighten(text, option).strip()
    if "PRIVATE KEY--" in text or text.startswith("PuTTY-User-Key-File-"):
        raise KeyringError(
            f"{option} is a private key.",
            "Only the public keys of servers belong here, and everybody may read them.",
            "Give the lines that ssh-keyscan prints, and the key as ssh.private_key.",
            option=option,
        )
    lines = [line.strip() for line in text.split("\n")]
    keys = [_parse_line(line, f"{option}, line {number}") for number, line in _key_lines(lines)]
    if not keys:
        raise KeyringError(
            f"{option} has no host key.",
            "All its lines are comments; where YAML joins lines, a comment hides those after it.",
            "Add what ssh-keyscan prints, in YAML behind | and not behind >-.",
            option=option,
        )
    return KnownHosts("\n".join(lines) + "\n", tuple(keys))


def covers(known: KnownHosts, host: str, port: int | None) -> bool:
    """Return whether there is a key for this host and port that is not revoked.

    As in Go's reader and ``ssh-keygen -F``, a name without a port only covers port 22. The ssh program itself also
    tries it for other ports.
    """
    name = _lookup_name(host, port)
    matching = [key for key in known.keys if _covers_name(key.hosts, name)]
    revoked = {key.fingerprint for key in matching if key.marker == "@revoked"}
    return any(key.fingerprint not in revoked for key in matching)


def hashed(known: KnownHosts) -> bool:
    """Return whether a line has a hashed name in place of a host."""
    return any(key.hosts.startswith("|") for key in known.keys)


def refuse_uncovered(known: KnownHosts, host: str, port: int | None, option: str) -> None:
    """Raise KeyringError, with the host as it must be written, if no key covers it."""
    if covers(known, host, port):
        return
    name = _lookup_name(host, port)
    rule = 'A port other than 22 is a part of the name, as in "[host]:port". ' if name.startswith("[") else ""
    scan = f"ssh-keyscan -p {port} {host}" if name.startswith("[") else f"ssh-keyscan {host}"
    raise KeyringError(
        f'{option} has no key for "{name}".',
        f"{rule}It has keys for {_list_names(known)}.",
        f"Add what {scan} prints, after a look at its fingerprints.",
        option=option,
    )


def parse_fingerprints(items: Sequence[str], option: str) -> tuple[str, ...]:
    """Return the fingerprints of host keys. Raise KeyringError, with the index, for an item that is not SHA256:…."""
    for index, item in enumerate(items):
        if _FINGERPRINT.fullmatch(item):
            continue
        why = "It is an MD5 fingerprint, which no longer proves anything." if _MD5.fullmatch(item) else ""
        raise KeyringError(
            f'{option}[{index}] must be "SHA256:" and 43 characters of base64.',
            why,
            "Copy it from the page of the Git server, or from ssh-keygen -l -E sha256 -f key.pub on the server.",
            option=f"{option}[{index}]",
        )
    return tuple(items)


def accept_scanned(text: str, fingerprints: Sequence[str], option: str) -> KnownHosts:
    """Return the keys in the output of ssh-keyscan whose fingerprint is listed, or all without a list.

    They are sorted and without comments and unknown algorithms. Raise KeyringError, with ``option`` of the
    fingerprints, if no key is left.
    """
    known: set[str] = set()
    for _number, line in _key_lines(text.splitlines()):
        fields = line.split()[:3]
        if len(fields) == 3 and fields[1] in _ALGORITHMS:
            known.add(" ".join(fields))
    scanned = [(line, _parse_line(line, "The answer of ssh-keyscan")) for line in sorted(known)]
    accepted = [(line, key) for line, key in scanned if not fingerprints or key.fingerprint in fingerprints]
    if accepted:
        return KnownHosts("".join(f"{line}\n" for line, key in accepted), tuple(key for line, key in accepted))
    if not scanned:
        raise KeyringError(
            "The server showed no host key.",
            "",
            "Check its name and port.",
            failure="unreachable",
            option="ssh.scan_host_keys",
        )
    shown = ", ".join(f"{key.fingerprint} ({key.algorithm})" for line, key in scanned)
    raise KeyringError(
        f"{option} has none of the server's keys.",
        f"The server has {shown}.",
        "Compare with the page of the Git server; if they differ, another machine answered.",
        failure="unexpected_server",
        option=option,
    )


def _key_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither empty nor a comment, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _parse_line(line: str, place: str) -> HostKey:
    fields = line.split()
    marker = fields.pop(0) if line.startswith("@") else ""
    if marker and marker not in _MARKERS:
        raise _wrong(place, "it begins with a marker that ssh does not know.", f"Known are {' and '.join(_MARKERS)}.")
    if len(_PACKED_KEY.findall(line)) > 1:
        raise _wrong(place, "it holds several keys.", "Give each its own line; in YAML write | in place of >-.")
    if fields and _PACKED_KEY.match(" ".join(fields)):
        raise _wrong(place, "it has no host before the key.", "Begin it with the name of the host.")
    if len(fields) < 3:
        raise _wrong(place, "it has less than host, algorithm and key.", "Write it as ssh-keyscan prints it.")
    hosts, algorithm, key = fields[:3]
    if hosts.startswith("|") and not _HASHED.fullmatch(hosts):
        raise _wrong(place, "its hashed name is damaged.", "Copy the whole line again.")
    if algorithm not in _ALGORITHMS:
        if algorithm == "ssh-dss":
            raise _wrong(place, "DSA keys are no longer in use.", "Remove it.")
        what = "its second word is no algorithm that ssh knows."
        raise _wrong(place, what, "Write it as ssh-keyscan prints it.")
    return HostKey(marker, hosts, algorithm, _check_key(key, algorithm, place))


def _check_key(text: str, algorithm: str, place: str) -> str:
    """Return the fingerprint of a packed key. Raise KeyringError if it is cut or of another algorithm than its line."""
    blob = rest = decode_base64(text) or b""
    parts = []
    try:
        while rest:
            part, rest = read_string(rest)
            parts.append(part)
    except ValueError:
        parts = []
    if not parts:
        raise _wrong(place, "its key is damaged.", "Copy the whole line again.")
    if parts[0] != algorithm.encode():
        raise _wrong(place, "its key is of another algorithm than it says.", "Copy the whole line again.")
    if len(parts) != _ALGORITHMS[algorithm]:
        raise _wrong(place, "its key is damaged.", "Copy the whole line again.")
    return fingerprint(blob)


def _wrong(place: str, what: str, remedy: str) -> KeyringError:
    return KeyringError(f"{place}: {what}", "", remedy, option=place)


def _lookup_name(host: str, port: int | None) -> str:
    """Return the name under which ssh looks up a host."""
    return host.lower() if port in (None, _SSH_PORT) else f"[{host.lower()}]:{port}"


def _covers_name(hosts: str, name: str) -> bool:
    if hosts.startswith("|"):
        salt, digest = (decode_base64(part) or b"" for part in hosts.split("|")[2:])
        return hmac.compare_digest(hmac.new(salt, name.encode(), "sha1").digest(), digest)
    # In a pattern of ssh a bracket has no special meaning.
    patterns = [pattern.replace("[", "[[]") for pattern in hosts.lower().split(",")]
    if any(fnmatchcase(name, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _list_names(known: KnownHosts) -> str:
    """Return the names that the text has keys for, as a list for a message."""
    usable = dict.fromkeys(key.hosts for key in known.keys if key.marker != "@revoked")
    hashed_names = [hosts for hosts in usable if hosts.startswith("|")]
    names = [f'"{hosts}"' for hosts in usable if not hosts.startswith("|")]
    shown = names[:_MAX_LISTED_NAMES]
    if len(names) > _MAX_LISTED_NAMES:
        shown.append(f"{len(names) - _MAX_LISTED_NAMES} more")
    if hashed_names:
        shown.append(f"{len(hashed_names)} hashed name{'s' if len(hashed_names) > 1 else ''}")
    return ", ".join(shown) or "no host, only revoked ones"
