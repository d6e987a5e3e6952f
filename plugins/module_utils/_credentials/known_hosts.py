# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys: the lines of a known_hosts file, the hosts that they cover, and the scanned keys that are trusted.

Facts: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5), "PATTERNS"; ssh-keygen -F of OpenSSH 9.2; for consumers
written in Go, golang.org/x/crypto/ssh/knownhosts. OpenSSH skips a line that it cannot use; Go then refuses all lines.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Literal

from .._dataclasses import dataclass
from .._errors import KeyringError
from .git_hosts import WITHDRAWN_KEYS, WithdrawnKey
from .key_format import fingerprint, read_string
from .pem import PATH_GIVEN, decode_base64, looks_like_path, straighten

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
# The index of the field with the point on the curve, and the number of its bytes.
_POINTS = {
    "ssh-ed25519": (1, 32),
    "sk-ssh-ed25519@openssh.com": (1, 32),
    "ecdsa-sha2-nistp256": (2, 65),
    "ecdsa-sha2-nistp384": (2, 97),
    "ecdsa-sha2-nistp521": (2, 133),
    "sk-ecdsa-sha2-nistp256@openssh.com": (2, 65),
}
# The names of signatures, which OpenSSH takes for the key that makes them and Go's reader does not (RFC 8332).
_SIGNATURES = {"rsa-sha2-256": "ssh-rsa", "rsa-sha2-512": "ssh-rsa"}
# RequiredRSASize in ssh_config(5).
_MIN_RSA_BITS = 1024
# What a pattern of hosts matches: to Go's reader, the port is not part of the pattern and 22 without one. That of
# go-git (github.com/skeema/knownhosts) then looks on port 22 for a line with an asterisk and no port behind it.
HostPatterns = Literal["OpenSSH", "Go", "go-git"]
_MARKERS = ("@cert-authority", "@revoked")
_BLANKS = " \t"
_BEFORE_KEY = re.compile(r"((?:@\S+[ \t]+)?\S+[ \t]+)(\S+)")
_PATTERN = re.compile(r"!?(\[[^\[\]]+\]:[^:\[\]]+|[^!\[].*)")
# No name of an algorithm is longer than RFC 4250 allows: without that, "ssh-ssh-ssh-…" takes quadratic time.
_PACKED_KEY = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64}\s+AAAA")
_HASHED = re.compile(r"\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MD5 = re.compile(r"(MD5:)?[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15}")
_ANY_PORT = re.compile(r"[^*]*\*(?!.*\]:).*")
_BRACKETS = re.compile(r"\[([^\]]*)\]:([^:]*)")
_HOST_AND_PORT = re.compile(r"([^:\[\]]*):([^:]*)")
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
    """A known_hosts text with repaired newlines, and its keys in the order of the lines.

    ``warnings`` are about lines that were left out of the text, and about keys that are not to be trusted.
    """

    text: str = field(repr=False)
    keys: tuple[HostKey, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a line. ``hosts`` is its first field, empty if that is not certain.

    ``unused``: the line is whole, and no current ssh uses it, such as one with a DSA key.
    """

    what: str
    remedy: str
    hosts: str = ""
    unused: bool = False


@dataclass(frozen=True)
class _Lookup:
    """A host as it is looked up, with the patterns of a reader."""

    host: str
    port: int | None
    patterns: HostPatterns = "OpenSSH"

    @property
    def name(self) -> str:
        """Return the name under which ssh looks up the host."""
        return self.host.lower() if self.port in (None, _SSH_PORT) else f"[{self.host.lower()}]:{self.port}"


def parse_known_hosts(text: str, option: str, host: str | None = None, port: int | None = None) -> KnownHosts:
    """Parse the lines of a known_hosts file. Keep comments and empty lines in its text.

    Leave out lines that no ssh uses, and damaged ones of other hosts than ``host``. Raise KeyringError, with ``option``
    and the line, for another line that ssh would skip or misread.
    """
    text = straighten(text, option).strip()
    if "PRIVATE KEY--" in text or text.startswith("PuTTY-User-Key-File-"):
        raise KeyringError(
            f"{option} is a private key.",
            "Only the public keys of servers belong here, and anyone may read them.",
            "Give the lines that ssh-keyscan prints, and the key as ssh.private_key.",
            option=option,
        )
    lines: list[str] = []
    keys: list[HostKey] = []
    left_out: dict[int, _Fault] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip(_BLANKS)
        if not line or line.startswith("#"):
            lines.append(line)
            continue
        key = _read_line(line)
        if isinstance(key, HostKey):
            keys.append(key)
            lines.append(_spell_algorithm(line))
            continue
        if not key.unused and not _is_of_other_host(key, host, port):
            raise _line_error(option, number, key)
        left_out[number] = key
    if left_out and not keys:
        first = min(left_out)
        raise _line_error(option, first, left_out[first])
    if not keys:
        raise KeyringError(
            f"{option} has no host key.",
            "All its lines are comments; where YAML joins lines, a comment hides those after it.",
            "Add what ssh-keyscan prints, in YAML behind | and not behind >-.",
            option=option,
        )
    warnings = (*_warn_unused_lines(left_out, option), *_warn_withdrawn(keys, option))
    return KnownHosts("\n".join(lines).strip("\n") + "\n", tuple(keys), warnings)


def covers(known: KnownHosts, host: str, port: int | None, *, patterns: HostPatterns = "OpenSSH") -> bool:
    """Return whether there is a key for this host and port that is neither revoked nor withdrawn.

    As in Go's reader and ``ssh-keygen -F``, a name without a port only covers port 22. The ssh program itself also
    tries it for other ports.
    """
    usable = _usable_keys(known, _Lookup(host, port, patterns))
    return any(key.fingerprint not in WITHDRAWN_KEYS for key in usable)


def host_key_algorithms(
    known: KnownHosts, host: str, port: int | None, *, patterns: HostPatterns = "OpenSSH"
) -> set[str]:
    """Return the algorithms of the keys for this host and port."""
    return {key.algorithm for key in _usable_keys(known, _Lookup(host, port, patterns))}


def _usable_keys(known: KnownHosts, lookup: _Lookup) -> list[HostKey]:
    """Return the keys for a host that are not revoked. Go's reader takes a revoked key as that of every host."""
    matching = [key for key in known.keys if _covers_name(key.hosts, lookup)]
    revoking = matching if lookup.patterns == "OpenSSH" else known.keys
    revoked = {key.fingerprint for key in revoking if key.marker == "@revoked"}
    return [key for key in matching if key.fingerprint not in revoked]


def hashed(known: KnownHosts) -> bool:
    """Return whether a line has a hashed name in place of a host."""
    return any(key.hosts.startswith("|") for key in known.keys)


def refuse_uncovered(
    known: KnownHosts, host: str, port: int | None, option: str, *, patterns: HostPatterns = "OpenSSH"
) -> None:
    """Raise KeyringError, with the host as it must be written, if no key covers it, or only withdrawn ones do."""
    if covers(known, host, port, patterns=patterns):
        return
    lookup = _Lookup(host, port, patterns)
    name = lookup.name
    scan = f"ssh-keyscan -p {port} {host}" if name.startswith("[") else f"ssh-keyscan {host}"
    remedy = f"Add what {scan} prints, after you have compared its fingerprints with a trusted source."
    for key in _usable_keys(known, lookup):
        withdrawn = WITHDRAWN_KEYS[key.fingerprint]
        raise KeyringError(
            f'{option} has for "{name}" only {_name_withdrawn(withdrawn)}.',
            "The server no longer has this key, and another machine that has it could pose as the server.",
            remedy,
            option=option,
        )
    rule = 'A port other than 22 is a part of the name, as in "[host]:port". ' if name.startswith("[") else ""
    if patterns != "OpenSSH" and covers(known, host, port):
        rule = "The consumer is written in Go, whose patterns match no port. "
    raise KeyringError(
        f'{option} has no key for "{name}".', f"{rule}It has keys for {_list_names(known)}.", remedy, option=option
    )


def parse_fingerprints(items: Sequence[str], option: str) -> tuple[str, ...]:
    """Return the fingerprints of host keys. Raise KeyringError, with the index, for an item that is not SHA256:…."""
    for index, item in enumerate(items):
        if item in WITHDRAWN_KEYS:
            raise KeyringError(
                f"{option}[{index}] is the fingerprint of {_name_withdrawn(WITHDRAWN_KEYS[item])}.",
                "",
                "Replace it with those on the page of the Git server.",
                option=f"{option}[{index}]",
            )
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
    scanned: list[tuple[str, HostKey]] = []
    for line in sorted({" ".join(line.split()[:3]) for line in text.splitlines()}):
        key = _read_line(line) if line and not line.startswith("#") else None
        if isinstance(key, HostKey):
            scanned.append((line, key))
    for _line, key in scanned:
        if key.fingerprint in WITHDRAWN_KEYS:
            raise KeyringError(
                f"The server showed {_name_withdrawn(WITHDRAWN_KEYS[key.fingerprint])}.",
                "The server no longer has this key, so another machine answered.",
                "Check the name of the server and the network.",
                failure="unexpected_server",
                option="ssh.scan_host_keys",
            )
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


def _read_line(line: str) -> HostKey | _Fault:
    """Return the key of a line that is not a comment, or what is wrong with the line."""
    fields = re.split(f"[{_BLANKS}]+", line)
    marker = fields.pop(0) if line.startswith("@") else ""
    if len(_PACKED_KEY.findall(line)) > 1:
        return _Fault("it holds several keys.", "Give each its own line; in YAML write | in place of >-.")
    if fields and _PACKED_KEY.match(" ".join(fields)):
        return _Fault("it has no host before the key.", "Begin it with the name of the host.")
    hosts = fields[0] if fields else ""
    if marker and marker not in _MARKERS:
        known = f"The markers are {' and '.join(_MARKERS)}."
        return _Fault("it begins with a marker that ssh does not know.", known, hosts)
    if looks_like_path(line):
        return _Fault(f"it is {PATH_GIVEN[0]}.", PATH_GIVEN[1], hosts)
    if len(fields) < 3:
        return _Fault("it lacks a host, an algorithm or a key.", "Write it as ssh-keyscan prints it.", hosts)
    if hosts.startswith("|") and not _HASHED.fullmatch(hosts):
        return _Fault("its hashed name is damaged.", "Copy the whole line again.")
    if not hosts.startswith("|") and not all(map(_is_pattern, hosts.split(","))):
        return _Fault("its hosts are not names as ssh writes them.", "Write a port as [host]:port.", hosts)
    return _read_packed_key(marker, hosts, fields[1], fields[2])


def _read_packed_key(marker: str, hosts: str, word: str, text: str) -> HostKey | _Fault:
    """Return the key of a line, or a fault if it is cut, of another algorithm than its line says, or not in use."""
    blob = decode_base64(text) or b""
    parts = _split_packed(blob)
    algorithm = _SIGNATURES.get(word, word)
    if algorithm == "ssh-dss":
        return _Fault("DSA keys are no longer in use.", "Remove it.", hosts, unused=True)
    if algorithm not in _ALGORITHMS:
        is_whole = bool(parts) and parts[0] == word.encode()
        is_ssh_1 = word.isdecimal() and text.isdecimal()
        what = "its second word is not an algorithm that ssh supports."
        return _Fault(what, "Write it as ssh-keyscan prints it.", hosts, unused=is_whole or is_ssh_1)
    if parts and parts[0] != algorithm.encode():
        return _Fault("its key has another algorithm than the line states.", "Copy the whole line again.", hosts)
    if len(parts) != _ALGORITHMS[algorithm] or not _has_whole_point(parts, algorithm):
        return _Fault("its key is damaged.", "Copy the whole line again.", hosts)
    if algorithm == "ssh-rsa" and int.from_bytes(parts[2], "big").bit_length() < _MIN_RSA_BITS:
        what = f"ssh refuses an RSA key of less than {_MIN_RSA_BITS} bits."
        return _Fault(what, "Give another key of the server.", hosts, unused=True)
    return HostKey(marker, hosts, algorithm, fingerprint(blob))


def _has_whole_point(parts: Sequence[bytes], algorithm: str) -> bool:
    if algorithm not in _POINTS:
        return True
    index, size = _POINTS[algorithm]
    return len(parts[index]) == size


def _split_packed(blob: bytes) -> list[bytes]:
    """Return the fields of a packed key, none if it is cut."""
    parts: list[bytes] = []
    rest = blob
    try:
        while rest:
            part, rest = read_string(rest)
            parts.append(part)
    except ValueError:
        return []
    return parts


def _is_pattern(pattern: str) -> bool:
    """Return whether a pattern of hosts is one that every reader takes. An empty one is skipped."""
    return not pattern or bool(_PATTERN.fullmatch(pattern))


def _spell_algorithm(line: str) -> str:
    """Return the line with the name of its key in place of the name of a signature, which not every reader knows."""
    found = _BEFORE_KEY.match(line)
    if not found or found[2] not in _SIGNATURES:
        return line
    return found[1] + _SIGNATURES[found[2]] + line[found.end() :]


def _is_of_other_host(fault: _Fault, host: str | None, port: int | None) -> bool:
    """Return whether a line is certainly not for this host."""
    if not fault.hosts or host is None or host.lower() in fault.hosts.lower():
        return False
    return not _covers_name(fault.hosts, _Lookup(host, port)) and not _covers_name(fault.hosts, _Lookup(host, None))


def _line_error(option: str, number: int, fault: _Fault) -> KeyringError:
    return KeyringError(f"{option}, line {number}: {fault.what}", "", fault.remedy, option=option)


def _warn_unused_lines(left_out: Mapping[int, _Fault], option: str) -> list[str]:
    """Return a warning for each reason why lines are left out."""
    lines: dict[str, list[int]] = {}
    for number, fault in left_out.items():
        lines.setdefault(fault.what, []).append(number)
    warnings = []
    for what, numbers in lines.items():
        shown = ", ".join(map(str, numbers[:_MAX_LISTED_NAMES]))
        more = f" and {len(numbers) - _MAX_LISTED_NAMES} more" if len(numbers) > _MAX_LISTED_NAMES else ""
        word = "line" if len(numbers) == 1 else "lines"
        warnings.append(f"{option}, {word} {shown}{more}: left out, because {what}")
    return warnings


def _warn_withdrawn(keys: Iterable[HostKey], option: str) -> list[str]:
    """Return a warning for each withdrawn key that is still trusted."""
    trusted = dict.fromkeys(key.fingerprint for key in keys if key.marker != "@revoked")
    return [
        f"{option} trusts {_name_withdrawn(WITHDRAWN_KEYS[found])}; remove its lines."
        for found in trusted
        if found in WITHDRAWN_KEYS
    ]


def _name_withdrawn(key: WithdrawnKey) -> str:
    return f"the RSA host key that {key.owner} replaced on {key.date}"


def _covers_name(hosts: str, lookup: _Lookup) -> bool:
    if hosts.startswith("|"):
        if not _HASHED.fullmatch(hosts):
            return False
        salt, digest = (decode_base64(part) or b"" for part in hosts.split("|")[2:])
        return hmac.compare_digest(hmac.new(salt, lookup.name.encode(), "sha1").digest(), digest)
    is_covered = False
    for pattern in hosts.lower().split(","):
        if _matches(pattern.removeprefix("!"), lookup):
            if pattern.startswith("!"):
                return False
            is_covered = True
    if not is_covered and lookup.patterns == "go-git" and _ANY_PORT.fullmatch(hosts):
        return _covers_name(hosts, _Lookup(lookup.host, _SSH_PORT, "Go"))
    return is_covered


def _matches(pattern: str, lookup: _Lookup) -> bool:
    name = lookup.name
    if lookup.patterns != "OpenSSH":
        host, port = _split_go_port(pattern)
        if port != str(lookup.port or _SSH_PORT):
            return False
        pattern, name = host, lookup.host.lower()
    # A longer one cannot match, and would take a second to translate.
    if len(pattern) - pattern.count("*") > len(name):
        return False
    pattern = re.sub(r"\*+", "*", pattern)
    # In a pattern of ssh a bracket has no special meaning.
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def _split_go_port(pattern: str) -> tuple[str, str]:
    """Return host and port of a pattern as Go's reader does: an address with several colons has no port."""
    found = _BRACKETS.fullmatch(pattern) or _HOST_AND_PORT.fullmatch(pattern)
    return (found[1], found[2]) if found else (pattern, str(_SSH_PORT))


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
