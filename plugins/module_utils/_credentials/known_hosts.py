# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys: the lines of a known_hosts file, which hosts they cover, and which of scanned keys are trusted.

Facts: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5), "PATTERNS"; ssh-keygen -F of OpenSSH 9.2.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .._errors import KeyringError
from .pem import decode_base64, straighten
from .ssh_wire import fingerprint, read_string

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
_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s+AAAA")
_HASHED = re.compile(r"\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MD5 = re.compile(r"(MD5:)?[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15}")
_SSH_PORT = 22
_MOST_NAMES = 10


@dataclass(frozen=True)
class HostKey:
    """One line. ``marker`` begins with an at sign or is empty, ``hosts`` is as it stands there, hashed or not."""

    marker: str
    hosts: str
    algorithm: str
    fingerprint: str


@dataclass(frozen=True)
class KnownHosts:
    """A known_hosts text with repaired line ends, and its keys in the order of the lines."""

    text: str = field(repr=False)
    keys: tuple[HostKey, ...]


def parse_known_hosts(text: str, option: str) -> KnownHosts:
    """The host keys behind a text. Comments and empty lines stay in its text.

    Raises KeyringError, naming ``option`` and the line, when ssh would skip a line or read another thing than is meant.
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
    """Whether a key is there for this host and port that is not revoked.

    As Go's reader has it, and ``ssh-keygen -F``: a name without port does not stand for another port than 22. The ssh
    program itself would try that too.
    """
    name = _written(host, port)
    matching = [key for key in known.keys if _matches(key.hosts, name)]
    revoked = {key.fingerprint for key in matching if key.marker == "@revoked"}
    return any(key.fingerprint not in revoked for key in matching)


def hashed(known: KnownHosts) -> bool:
    """Whether a line has a hashed name in place of a host."""
    return any(key.hosts.startswith("|") for key in known.keys)


def refuse_uncovered(known: KnownHosts, host: str, port: int | None, option: str) -> None:
    """Raise KeyringError, naming the host as it must be written, when no key covers it."""
    if covers(known, host, port):
        return
    name = _written(host, port)
    rule = 'A port other than 22 is a part of the name, as in "[host]:port". ' if name.startswith("[") else ""
    scan = f"ssh-keyscan -p {port} {host}" if name.startswith("[") else f"ssh-keyscan {host}"
    raise KeyringError(
        f'{option} has no key for "{name}".',
        f"{rule}It has keys for {_names(known)}.",
        f"Add what {scan} prints, after a look at its fingerprints.",
        option=option,
    )


def parse_fingerprints(items: Sequence[str], option: str) -> tuple[str, ...]:
    """The fingerprints of host keys. Raises KeyringError, with the index, for whatever is not SHA256:… ."""
    for index, item in enumerate(items):
        if _MD5.fullmatch(item):
            why = "It is an MD5 fingerprint, which no longer proves anything."
        elif _FINGERPRINT.fullmatch(item):
            continue
        else:
            why = ""
        raise KeyringError(
            f'{option}[{index}] must be "SHA256:" and 43 characters of base64.',
            why,
            "Copy it from the page of the Git server, or from ssh-keygen -l -E sha256 -f key.pub on the server.",
            option=f"{option}[{index}]",
        )
    return tuple(items)


def accept_scanned(text: str, fingerprints: Sequence[str], option: str) -> KnownHosts:
    """Of what ssh-keyscan printed, the keys whose fingerprint is listed, or all without a list; sorted, no comments.

    Raises KeyringError, naming ``option`` of the fingerprints, when none is. Algorithms not known here are left out.
    """
    lines = [" ".join(line.split()[:3]) for number, line in _key_lines(text.splitlines())]
    known = sorted({line for line in lines if len(line.split()) == 3 and line.split()[1] in _ALGORITHMS})
    scanned = [(line, _parse_line(line, "The answer of ssh-keyscan")) for line in known]
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
    """The lines that are neither empty nor a comment, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _parse_line(line: str, place: str) -> HostKey:
    fields = line.split()
    marker = fields.pop(0) if line.startswith("@") else ""
    if marker and marker not in _MARKERS:
        raise _wrong(place, "it begins with a marker that ssh does not know.", f"Known are {' and '.join(_MARKERS)}.")
    if len(_KEY.findall(line)) > 1:
        raise _wrong(place, "it holds several keys.", "Give each its own line; in YAML write | in place of >-.")
    if fields and _KEY.match(" ".join(fields)):
        raise _wrong(place, "it has no host before the key.", "Begin it with the name of the host.")
    if len(fields) < 3:
        raise _wrong(place, "it has less than host, algorithm and key.", "Write it as ssh-keyscan prints it.")
    hosts, algorithm, key = fields[:3]
    if hosts.startswith("|") and not _HASHED.fullmatch(hosts):
        raise _wrong(place, "its hashed name is damaged.", "Copy the whole line again.")
    if algorithm not in _ALGORITHMS:
        gone = algorithm == "ssh-dss"
        what = "DSA keys are no longer in use." if gone else "its second word is no algorithm that ssh knows."
        raise _wrong(place, what, "Remove it." if gone else "Write it as ssh-keyscan prints it.")
    return HostKey(marker, hosts, algorithm, _check_key(key, algorithm, place))


def _check_key(text: str, algorithm: str, place: str) -> str:
    """The fingerprint of a packed key, after a look whether it is whole and of the algorithm of its line."""
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


def _written(host: str, port: int | None) -> str:
    """The name under which ssh looks a host up."""
    return host.lower() if port in (None, _SSH_PORT) else f"[{host.lower()}]:{port}"


def _matches(hosts: str, name: str) -> bool:
    if hosts.startswith("|"):
        salt, digest = (decode_base64(part) or b"" for part in hosts.split("|")[2:])
        return hmac.compare_digest(hmac.new(salt, name.encode(), "sha1").digest(), digest)
    # In a pattern of ssh a bracket is a bracket.
    patterns = [pattern.replace("[", "[[]") for pattern in hosts.lower().split(",")]
    if any(fnmatchcase(name, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _names(known: KnownHosts) -> str:
    """The names that the text has keys for, as a list for a message."""
    usable = [key.hosts for key in known.keys if key.marker != "@revoked"]
    secret = {hosts for hosts in usable if hosts.startswith("|")}
    names = [f'"{hosts}"' for hosts in dict.fromkeys(usable) if hosts not in secret]
    rest = len(names) - _MOST_NAMES
    shown = [*names[:_MOST_NAMES], *([f"{rest} more"] if rest > 0 else [])]
    if secret:
        shown.append(f"{len(secret)} hashed name{'s' if len(secret) > 1 else ''}")
    return ", ".join(shown) or "no host, only revoked ones"
