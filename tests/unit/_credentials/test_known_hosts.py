# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys: which lines are read, which are refused with which words, and which hosts they cover."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import (
    HostKey,
    KnownHosts,
    accept_scanned,
    covers,
    hashed,
    parse_fingerprints,
    parse_known_hosts,
    refuse_uncovered,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.host_keys import DSA, NEW_ALGORITHM, OTHER_LINES, SHORT_RSA, hash_name, packed
from support.samples.keys import key_text, public_line
from support.samples.secrets import encode, refusal

OPTION = "ssh.known_hosts"
ED25519 = public_line("Ed25519")
RSA = public_line("RSA")
ECDSA = public_line("ECDSA")

needs_ssh_keygen = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")


def sha256(line: str) -> str:
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return f"SHA256:{encode(digest).rstrip('=')}"


HASHED = hash_name("secret.example.com")
TEXT = f"""\
# github.com:22 SSH-2.0-babeld
github.com {ED25519}

github.com,192.0.2.1 {RSA} a comment
[git.example.com]:2222 {ECDSA}
@cert-authority *.example.org {ED25519}
@revoked old.example.com {RSA}
{HASHED} {ED25519}
"""
KEYS = (
    HostKey("", "github.com", "ssh-ed25519", sha256(ED25519)),
    HostKey("", "github.com,192.0.2.1", "ssh-rsa", sha256(RSA)),
    HostKey("", "[git.example.com]:2222", "ecdsa-sha2-nistp256", sha256(ECDSA)),
    HostKey("@cert-authority", "*.example.org", "ssh-ed25519", sha256(ED25519)),
    HostKey("@revoked", "old.example.com", "ssh-rsa", sha256(RSA)),
    HostKey("", HASHED, "ssh-ed25519", sha256(ED25519)),
)

DAMAGES: dict[str, Callable[[str], str]] = {
    "none": str,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "written line ends": lambda text: text.replace("\n", r"\n"),
    "indented": lambda text: "".join(f"  {line}" for line in text.splitlines(keepends=True)),
    "blanks around": lambda text: f"\n {text}\n\n",
    "without the last line end": lambda text: text.rstrip("\n"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_lines_are_read_and_repaired(damage: Callable[[str], str]) -> None:
    assert parse_known_hosts(damage(TEXT), OPTION) == KnownHosts(TEXT, KEYS)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ecdsa-sha2-nistp384", public_line("ECDSA-384").split()[1]),
        ("ecdsa-sha2-nistp521", public_line("ECDSA-521").split()[1]),
        ("sk-ssh-ed25519@openssh.com", packed(b"sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:")),
        (
            "sk-ecdsa-sha2-nistp256@openssh.com",
            packed(b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\4" + b"k" * 64, b"ssh:"),
        ),
    ],
)
def test_other_algorithms_are_read(algorithm: str, key: str) -> None:
    assert parse_known_hosts(f"a {algorithm} {key}", OPTION).keys[0].algorithm == algorithm


EMPTY = (
    "ssh.known_hosts is empty. An empty value would replace a working credential. "
    "Check the variable behind it, or leave the option out together with update_credentials=when_given."
)
MASKED = (
    "ssh.known_hosts holds a mask instead of a value. "
    "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
    "Give the real value, or leave the option out together with update_credentials=when_given."
)
PRIVATE = (
    "ssh.known_hosts is a private key. Only the public keys of servers belong here, and anyone may read them. "
    "Give the lines that ssh-keyscan prints, and the key as ssh.private_key."
)
NO_KEY = (
    "ssh.known_hosts has no host key. "
    "All its lines are comments; where YAML joins lines, a comment hides those after it. "
    "Add what ssh-keyscan prints, in YAML behind | and not behind >-."
)
LINE = "ssh.known_hosts, line {}: {}"
FOLDED = "it holds several keys. Give each its own line; in YAML write | in place of >-."
NO_HOST = "it has no host before the key. Begin it with the name of the host."
PATH = "it is the path of a file. Give the content of the file, such as with lookup('ansible.builtin.file', path)."
SHORT = "it lacks a host, an algorithm or a key. Write it as ssh-keyscan prints it."
UNKNOWN = "its second word is not an algorithm that ssh supports. Write it as ssh-keyscan prints it."
DAMAGED = "its key is damaged. Copy the whole line again."
HASH = "its hashed name is damaged. Copy the whole line again."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", EMPTY, id="empty"),
        pytest.param("***", MASKED, id="mask"),
        pytest.param(key_text("Ed25519 OpenSSH"), PRIVATE, id="private key"),
        pytest.param(f"github.com {ED25519}\n{key_text('ECDSA SEC1')}", PRIVATE, id="private key below"),
        pytest.param("PuTTY-User-Key-File-3: ssh-rsa", PRIVATE, id="PuTTY key"),
        pytest.param("# nothing\n", NO_KEY, id="comments"),
        pytest.param(f"# github.com:22 github.com {ED25519}", NO_KEY, id="folded behind a comment"),
        pytest.param(f"a {ED25519} b {RSA}", LINE.format(1, FOLDED), id="folded"),
        pytest.param(f"# b\n\na {RSA}\nb {ED25519} c {ECDSA}", LINE.format(4, FOLDED), id="folded in part"),
        pytest.param(ED25519, LINE.format(1, NO_HOST), id="no host"),
        pytest.param(f"{ED25519} ada@example.com", LINE.format(1, NO_HOST), id="no host, a comment"),
        pytest.param(f"@revoked {ED25519}", LINE.format(1, NO_HOST), id="no host, a marker"),
        pytest.param(f"a {RSA}\nb ssh-rsa", LINE.format(2, SHORT), id="two words"),
        pytest.param("github.com", LINE.format(1, SHORT), id="one word"),
        pytest.param("@revoked", LINE.format(1, SHORT), id="marker alone"),
        pytest.param("~/.ssh/known_hosts", LINE.format(1, PATH), id="path"),
        pytest.param(
            "@trusted a " + RSA,
            LINE.format(
                1, "it begins with a marker that ssh does not know. The markers are @cert-authority and @revoked."
            ),
            id="another marker",
        ),
        pytest.param("a rsa AAAA", LINE.format(1, UNKNOWN), id="unknown algorithm"),
        pytest.param("a ssh-ed25519-cert-v01@openssh.com AAAA", LINE.format(1, UNKNOWN), id="certificate"),
        pytest.param("a 2048 35 123456789", LINE.format(1, UNKNOWN), id="SSH 1"),
        pytest.param(
            "a ssh-dss AAAAB3NzaC1kc3M=", LINE.format(1, "DSA keys are no longer in use. Remove it."), id="DSA"
        ),
        pytest.param("a ssh-rsa AAA", LINE.format(1, DAMAGED), id="no base64"),
        pytest.param("a ssh-rsa …", LINE.format(1, DAMAGED), id="an ellipsis"),
        pytest.param(f"a {RSA[:-8]}", LINE.format(1, DAMAGED), id="cut"),
        pytest.param(f"a ssh-ed25519 {packed(b'ssh-ed25519')}", LINE.format(1, DAMAGED), id="a name alone"),
        pytest.param(
            f"a ssh-rsa {ED25519.split()[1]}",
            LINE.format(1, "its key has another algorithm than the line states. Copy the whole line again."),
            id="another algorithm",
        ),
        pytest.param(f"|1|abc|def {RSA}", LINE.format(1, HASH), id="damaged hash"),
        pytest.param(f"{HASHED},github.com {RSA}", LINE.format(1, HASH), id="hash and name"),
    ],
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    assert refusal(parse_known_hosts, text, OPTION) == message


@given(text=st.text(max_size=100) | st.lists(st.sampled_from(["a", "@revoked", *RSA.split(), "\n"])).map(" ".join))
def test_no_text_is_an_accident(text: str) -> None:
    try:
        known = parse_known_hosts(text, OPTION)
    except KeyringError:
        return
    assert parse_known_hosts(known.text, OPTION) == known


# --- lines that are left out -----------------------------------------------------------------------------------------

GOOD = f"git.example.com {ED25519}\n"
NOT_USED = "its second word is not an algorithm that ssh supports."
NO_NAMES = "its hosts are not names as ssh writes them."
BROKEN = "its key is damaged."
# Why a line of OTHER_LINES is left out, and whether it is also where the host of the URL is not known.
REASONS = {
    "DSA": ("DSA keys are no longer in use.", True),
    "DSA, revoked": ("DSA keys are no longer in use.", True),
    "an algorithm to come": (NOT_USED, True),
    "Ed448": (NOT_USED, True),
    "the key of a web page": (NOT_USED, True),
    "a certificate": (NOT_USED, True),
    "SSH 1": (NOT_USED, True),
    "a short RSA key": ("ssh refuses an RSA key of less than 1024 bits.", True),
    "cut": (BROKEN, False),
    "cut, hashed": (BROKEN, False),
    "two words": ("it lacks a host, an algorithm or a key.", False),
    "one word": ("it lacks a host, an algorithm or a key.", False),
    "an ellipsis": (BROKEN, False),
    "another algorithm than it says": ("its key has another algorithm than the line states.", False),
    "an unknown marker": ("it begins with a marker that ssh does not know.", False),
    "brackets without a port": (NO_NAMES, False),
    "a negation of nothing": (NO_NAMES, False),
    "a short Ed25519 key": (BROKEN, False),
    "a mask": ("it lacks a host, an algorithm or a key.", False),
}


def test_every_other_line_has_a_reason() -> None:
    assert REASONS.keys() == OTHER_LINES.keys()


@pytest.mark.parametrize("what", REASONS)
def test_lines_of_other_hosts_are_left_out(what: str) -> None:
    known = parse_known_hosts(f"{GOOD}{OTHER_LINES[what]}\n", OPTION, "git.example.com")
    assert known.text == GOOD
    assert known.warnings == (f"ssh.known_hosts, line 2: left out, because {REASONS[what][0]}",)


@pytest.mark.parametrize("what", REASONS)
def test_damaged_lines_are_refused_where_they_may_be_those_of_the_host(what: str) -> None:
    reason, is_unused = REASONS[what]
    text = f"{GOOD}{OTHER_LINES[what]}\n".replace("old.example.com", "git.example.com")
    if is_unused:
        assert parse_known_hosts(text, OPTION).text == parse_known_hosts(text, OPTION, "git.example.com").text == GOOD
        return
    assert refusal(parse_known_hosts, text, OPTION).startswith(f"ssh.known_hosts, line 2: {reason} ")
    if "hashed" not in what:
        assert refusal(parse_known_hosts, text, OPTION, "git.example.com") == refusal(parse_known_hosts, text, OPTION)


def test_a_damaged_line_of_the_host_on_another_port_is_refused() -> None:
    text = f"[git.example.com]:2222 {ED25519}\ngit.example.com ssh-rsa AAA\n"
    assert refusal(parse_known_hosts, text, OPTION, "git.example.com", 2222) == LINE.format(2, DAMAGED)


def test_a_text_without_any_other_line_is_refused() -> None:
    text = f"# none\nold.example.com {DSA}\nold.example.com {SHORT_RSA}\n"
    assert refusal(parse_known_hosts, text, OPTION, "git.example.com") == LINE.format(
        2, "DSA keys are no longer in use. Remove it."
    )


def test_many_lines_are_left_out_with_one_warning_for_each_reason() -> None:
    text = GOOD + f"a {DSA}\nb {NEW_ALGORITHM}\n" * 12
    assert parse_known_hosts(text, OPTION).warnings == (
        "ssh.known_hosts, lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 2 more: left out, because DSA keys are no "
        "longer in use.",
        f"ssh.known_hosts, lines 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 and 2 more: left out, because {NOT_USED}",
    )


@pytest.mark.parametrize("word", ["rsa-sha2-256", "rsa-sha2-512"])
@pytest.mark.parametrize("before", ["a ", "a\t", "@cert-authority  a   "])
def test_the_name_of_a_signature_becomes_that_of_its_key(word: str, before: str) -> None:
    """OpenSSH takes both, and readers written in Go only that of the key."""
    key = RSA.split()[1]
    known = parse_known_hosts(f"{before}{word} {key} {word} a comment", OPTION)
    assert known.text == f"{before}ssh-rsa {key} {word} a comment\n"
    assert (known.keys[0].algorithm, known.warnings) == ("ssh-rsa", ())


# --- withdrawn keys --------------------------------------------------------------------------------------------------

# As the owners published them.
WITHDRAWN = {
    "github.com": (
        "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGmdnm9tUDbO9IDSwBK6TbQa+PXYPCPy6rbTrTtw7PHkccKrpp0yVhp5HdEIcKr6pLlVD"
        "BfOLX9QUsyCOV0wzfjIJNlGEYsdlLJizHhbn2mUjvSAHQqZETYP81eFzLQNnPHt4EVVUh7VfDESU84KezmD5QlWpXLmvU31/yMf+Se8xhHTvKS"
        "CZIFImWwoG6mbUoWf9nzpIoaSjB+weqqUUmpaaasXVal72J+UX2B+2RPW3RcT0eOzQgqlJL3RKrTJvdsjE3JEAvGq3lGHSZXy28G3skua2SmVi"
        "/w4yCE6gbODqnTWlg7+wC604ydGXA8VJiS5ap43JXiUFFAaQ==",
        "the RSA host key that GitHub replaced on 2023-03-24",
    ),
    "bitbucket.org": (
        "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAubiN81eDcafrgMeLzaFPsw2kNvEcqTKl/VqLat/MaB33pZy0y3rJZtnqwR2qOOvbwKZYKiEO1O"
        "6VqNEBxKvJJelCq0dTXWT5pbO2gDXC6h6QDXCaHo6pOHGPUy+YBaGQRGuSusMEASYiWunYN0vCAI8QaXnWMXNMdFP3jHAJH0eDsoiGnLPBlBp4"
        "TNm6rYI74nMzgz3B9IikW4WVK+dc8KZJZWYjAuORU3jc1c/NPskD2ASinf8v3xnfXeukU0sJ5N6m5E8VLjObPEO+mN2t/FZTMZLiFqPWc/ALSq"
        "nMnnhwrNi2rbfg/rd/IpL8Le3pSBne8+seeFVBoGqzHM9yXw==",
        "the RSA host key that Bitbucket replaced on 2023-06-20",
    ),
}


@pytest.mark.parametrize("host", WITHDRAWN)
@pytest.mark.parametrize("form", ["{host}", "{host},192.0.2.1", "*", "{hashed}", "ssh.{host}"])
def test_a_withdrawn_key_covers_nothing(host: str, form: str) -> None:
    key, name = WITHDRAWN[host]
    line = f"{form.format(host=host, hashed=hash_name(host))} {key}\n"
    lookup = f"ssh.{host}" if form.startswith("ssh.") else host
    alone, beside = (parse_known_hosts(text, OPTION) for text in (line, f"{line}{lookup} {ED25519}\n"))
    assert not covers(alone, lookup, None)
    assert covers(beside, lookup, None)
    assert alone.warnings == beside.warnings == (f"ssh.known_hosts trusts {name}; remove its lines.",)
    assert refusal(refuse_uncovered, alone, lookup, None, OPTION) == (
        f'ssh.known_hosts has for "{lookup}" only {name}. The server no longer has this key, and another machine that '
        f"has it could pose as the server. Add what ssh-keyscan {lookup} prints, after you have compared its "
        "fingerprints with a trusted source."
    )
    assert parse_known_hosts(f"{line}@revoked * {key}\n", OPTION).warnings == alone.warnings
    assert parse_known_hosts(f"@revoked {line}{lookup} {ED25519}\n", OPTION).warnings == ()


@pytest.mark.parametrize("host", WITHDRAWN)
def test_a_scanned_server_with_a_withdrawn_key_is_another_one(host: str) -> None:
    key, name = WITHDRAWN[host]
    assert refusal(accept_scanned, f"{host} {key}\n{host} {ED25519}\n", [], "ssh.host_key_fingerprints") == (
        f"The server showed {name}. The server no longer has this key, so another machine answered. "
        "Check the name of the server and the network."
    )
    assert refusal(parse_fingerprints, [sha256(ED25519), sha256(key)], OPTION) == (
        f"ssh.known_hosts[1] is the fingerprint of {name}. Replace it with those on the page of the Git server."
    )


# --- which hosts are covered -----------------------------------------------------------------------------------------

PATTERNS = f"""\
github.com,*.example.com,!bad.example.com,192.0.2.1 {ED25519}
[git.Example.org]:2222 {ED25519}
@cert-authority *.ca.example {ED25519}
2001:db8::1 {ED25519}
[10.0.?.1]:* {ED25519}
a[bc].example.net {ED25519}
{hash_name("secret.example.net")} {ED25519}
{hash_name("[secret.example.net]:2222")} {ED25519}
!only.example.net {ED25519}
"""
COVERED = [
    ("github.com", None, True),
    ("github.com", 22, True),
    ("GitHub.com", None, True),
    ("github.com", 2222, False),
    ("xgithub.com", None, False),
    ("github.com.evil.example", None, False),
    ("a.example.com", None, True),
    ("a.b.example.com", None, True),
    ("example.com", None, False),
    ("bad.example.com", None, False),
    ("BAD.example.com", None, False),
    ("192.0.2.1", None, True),
    ("git.example.org", 2222, True),
    ("GIT.example.org", 2222, True),
    ("git.example.org", None, False),
    ("git.example.org", 22, False),
    ("git.example.org", 222, False),
    ("a.ca.example", None, True),
    ("2001:db8::1", None, True),
    ("2001:db8::1", 2222, False),
    ("10.0.3.1", 2222, True),
    ("10.0.33.1", 2222, False),
    ("10.0.3.1", None, False),
    ("ab.example.net", None, False),
    ("a[bc].example.net", None, True),
    ("secret.example.net", None, True),
    ("SECRET.example.net", None, True),
    ("secret.example.net", 2222, True),
    ("secret.example.net", 2223, False),
    ("only.example.net", None, False),
    ("other.example.net", None, False),
]


@pytest.mark.parametrize(("host", "port", "covered"), COVERED)
def test_covers(host: str, port: int | None, covered: bool) -> None:
    assert covers(parse_known_hosts(PATTERNS, OPTION), host, port) is covered


@pytest.mark.parametrize(
    ("hosts", "go", "go_git"),
    [
        ("a.example.com", False, False),
        ("[a.example.com]:2222", True, True),
        ("a.example.com:2222", True, True),
        ("[a.example.com]:*", False, False),
        ("[a.*]:2222", True, True),
        ("[a.*]:22", False, False),
        ("*", False, True),
        ("a.*", False, True),
        ("a?example.com", False, False),
        ("*,!a.example.com", False, False),
        ("[*]:2222,![a.example.com]:2222", False, False),
        ("[*]:2222,!a.example.com", True, True),
        (hash_name("[a.example.com]:2222"), True, True),
        (hash_name("a.example.com"), False, False),
    ],
)
def test_patterns_of_go(hosts: str, go: bool, go_git: bool) -> None:
    known = parse_known_hosts(f"{hosts} {ED25519}", OPTION)
    assert covers(known, "a.example.com", 2222, patterns="Go") is go
    assert covers(known, "a.example.com", 2222, patterns="go-git") is go_git


def test_go_takes_a_revoked_key_for_that_of_every_host() -> None:
    known = parse_known_hosts(f"a {ED25519}\n@revoked b {ED25519}\n", OPTION)
    assert covers(known, "a", None)
    assert not covers(known, "a", None, patterns="Go")


def test_a_pattern_that_go_reads_in_another_way() -> None:
    known = parse_known_hosts(f"* {ED25519}", OPTION)
    assert refusal(refuse_uncovered, known, "a", 2222, OPTION, patterns="Go") == (
        'ssh.known_hosts has no key for "[a]:2222". The consumer is written in Go, whose patterns match no port. '
        'It has keys for "*". Add what ssh-keyscan -p 2222 a prints, after you have compared its '
        "fingerprints with a trusted source."
    )


@needs_ssh_keygen
@pytest.mark.parametrize(("host", "port", "covered"), COVERED)
def test_ssh_keygen_finds_the_same(tmp_path: Path, host: str, port: int | None, covered: bool) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(PATTERNS, encoding="utf-8")
    # Unlike ssh, it leaves capitals as they are when it looks for a hashed name.
    name = host.lower() if port in (None, 22) else f"[{host.lower()}]:{port}"
    run = subprocess.run(["ssh-keygen", "-F", name, "-f", file], capture_output=True, check=False)
    assert (run.returncode == 0) is covered


@pytest.mark.parametrize(
    ("lines", "covered"),
    [
        ([f"@revoked a {RSA}"], False),
        ([f"@revoked a {RSA}", f"a {RSA}"], False),
        ([f"a {RSA}", f"@revoked * {RSA}"], False),
        ([f"a {RSA}", f"@revoked a {ED25519}"], True),
        ([f"a {RSA}", f"@revoked b {RSA}"], True),
    ],
)
def test_a_revoked_key_covers_nothing(lines: list[str], covered: bool) -> None:
    assert covers(parse_known_hosts("\n".join(lines), OPTION), "a", None) is covered


def test_hashed() -> None:
    assert hashed(parse_known_hosts(TEXT, OPTION))
    assert not hashed(parse_known_hosts(f"github.com {RSA}", OPTION))


PORT_RULE = 'A port other than 22 is a part of the name, as in "[host]:port". '
MANY = "\n".join(f"h{number} {RSA}" for number in range(12))


@pytest.mark.parametrize(
    ("text", "host", "port", "message"),
    [
        (
            f"github.com {RSA}\ngithub.com {ED25519}",
            "GitLab.com",
            None,
            'ssh.known_hosts has no key for "gitlab.com". It has keys for "github.com". '
            "Add what ssh-keyscan GitLab.com prints, after you have compared its fingerprints with a trusted source.",
        ),
        (
            TEXT,
            "github.com",
            2222,
            f'ssh.known_hosts has no key for "[github.com]:2222". {PORT_RULE}It has keys for "github.com", '
            '"github.com,192.0.2.1", "[git.example.com]:2222", "*.example.org", 1 hashed name. '
            "Add what ssh-keyscan -p 2222 github.com prints, after you have compared its fingerprints with a "
            "trusted source.",
        ),
        (
            f"{HASHED} {RSA}\n{hash_name('b')} {RSA}",
            "a",
            22,
            'ssh.known_hosts has no key for "a". It has keys for 2 hashed names. '
            "Add what ssh-keyscan a prints, after you have compared its fingerprints with a trusted source.",
        ),
        (
            f"@revoked a {RSA}",
            "a",
            22,
            'ssh.known_hosts has no key for "a". It has keys for no host, only revoked ones. '
            "Add what ssh-keyscan a prints, after you have compared its fingerprints with a trusted source.",
        ),
        (
            MANY,
            "a",
            22,
            'ssh.known_hosts has no key for "a". It has keys for "h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", '
            '"h9", 2 more. Add what ssh-keyscan a prints, after you have compared its fingerprints with a '
            "trusted source.",
        ),
    ],
)
def test_refuse_uncovered(text: str, host: str, port: int | None, message: str) -> None:
    assert refusal(refuse_uncovered, parse_known_hosts(text, OPTION), host, port, OPTION) == message


def test_a_covered_host_is_not_refused() -> None:
    refuse_uncovered(parse_known_hosts(TEXT, OPTION), "git.example.com", 2222, OPTION)


def test_hostile_patterns_end() -> None:
    text = ",".join(["*a" * 500 + "b"] * 20) + f" {RSA}"
    assert not covers(parse_known_hosts(text, OPTION), "a" * 250, None)


# --- scanned keys ----------------------------------------------------------------------------------------------------

FINGERPRINTS = "ssh.host_key_fingerprints"
SCANNED = f"""\
# git.example.com:22 SSH-2.0-OpenSSH_9.2
git.example.com {RSA}
# git.example.com:22 SSH-2.0-OpenSSH_9.2
git.example.com {ED25519}
git.example.com ssh-new-algorithm AAAA
git.example.com {ECDSA}
"""


@pytest.mark.parametrize("text", [SCANNED, "".join(reversed(SCANNED.splitlines(keepends=True))), SCANNED * 2])
def test_listed_keys_are_accepted_in_one_order(text: str) -> None:
    assert accept_scanned(text, [sha256(RSA), sha256(ED25519), f"SHA256:{'A' * 43}"], FINGERPRINTS) == KnownHosts(
        f"git.example.com {ED25519}\ngit.example.com {RSA}\n",
        (
            HostKey("", "git.example.com", "ssh-ed25519", sha256(ED25519)),
            HostKey("", "git.example.com", "ssh-rsa", sha256(RSA)),
        ),
    )


def test_all_keys_are_accepted_without_a_list() -> None:
    known = accept_scanned(SCANNED, [], FINGERPRINTS)
    assert known.text == (f"git.example.com {ECDSA}\ngit.example.com {ED25519}\ngit.example.com {RSA}\n")
    assert [key.algorithm for key in known.keys] == ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"]


def test_a_server_without_keys_is_refused_without_a_list() -> None:
    assert refusal(accept_scanned, "# nothing", [], FINGERPRINTS) == (
        "The server showed no host key. Check its name and port."
    )


def test_a_server_with_other_keys_is_refused() -> None:
    text = f"git.example.com {RSA}\ngit.example.com {ED25519}\n"
    assert refusal(accept_scanned, text, [sha256(ECDSA)], FINGERPRINTS) == (
        "ssh.host_key_fingerprints has none of the server's keys. "
        f"The server has {sha256(ED25519)} (ssh-ed25519), {sha256(RSA)} (ssh-rsa). "
        "Compare with the page of the Git server; if they differ, another machine answered."
    )


@pytest.mark.parametrize("text", ["", "# git.example.com:22 SSH-2.0\n", "git.example.com ssh-new AAAA\n"])
def test_a_server_without_keys_is_refused(text: str) -> None:
    message = "The server showed no host key. Check its name and port."
    assert refusal(accept_scanned, text, [sha256(ECDSA)], FINGERPRINTS) == message


def test_fingerprints_are_read() -> None:
    assert parse_fingerprints([sha256(RSA), sha256(ED25519)], FINGERPRINTS) == (sha256(RSA), sha256(ED25519))


COPY = "Copy it from the page of the Git server, or from ssh-keygen -l -E sha256 -f key.pub on the server."
MD5 = "It is an MD5 fingerprint, which no longer proves anything. "


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", ""),
        (f"{sha256(RSA)}=", ""),
        (f"{sha256(RSA)}\n", ""),
        (sha256(RSA).removeprefix("SHA256:"), ""),
        (sha256(RSA).lower(), ""),
        (":".join(["0f"] * 16), MD5),
        ("MD5:" + ":".join(["0F"] * 16), MD5),
        (RSA, ""),
    ],
    ids=["empty", "padding", "newline", "no algorithm", "lower case", "MD5", "MD5 with its name", "a public key"],
)
def test_other_fingerprints_are_refused(text: str, why: str) -> None:
    assert refusal(parse_fingerprints, [sha256(RSA), text], FINGERPRINTS) == (
        f'ssh.host_key_fingerprints[1] must be "SHA256:" and 43 characters of base64. {why}{COPY}'
    )
