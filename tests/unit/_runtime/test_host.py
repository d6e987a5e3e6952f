# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task takes from its machine: one call for all threads, files, new keys, host keys."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.host import (
    KeyAlgorithm,
    Lazy,
    generate_key,
    read_option_file,
    scan_host_keys,
)
from support.samples.keys import public_line
from support.samples.secrets import refusal

HOST_LINE = f"git.example.com {public_line('Ed25519')}\n"


# --- once ------------------------------------------------------------------------------------------------------------


def test_it_is_called_once_under_threads() -> None:
    calls: list[int] = []

    def call() -> int:
        calls.append(1)
        time.sleep(0.05)  # long enough for the others to arrive
        return len(calls)

    once = Lazy(call)
    values: list[int] = []
    threads = [threading.Thread(target=lambda: values.append(once())) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (values, calls) == ([1] * 8, [1])


@pytest.mark.parametrize("value", [None, 0, "", ()], ids=repr)
def test_an_empty_value_counts(value: object) -> None:
    calls: list[int] = []

    def call() -> object:
        calls.append(1)
        return value

    once = Lazy(call)
    assert (once(), once(), calls) == (value, value, [1])


def test_a_refusal_is_remembered() -> None:
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        raise KeyringError("No.", "Because.")

    once = Lazy(call)
    assert [refusal(once), refusal(once)] == ["No. Because."] * 2
    assert calls == [1]


def test_another_error_is_not() -> None:
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return "value"

    once = Lazy(call)
    with pytest.raises(ZeroDivisionError):
        once()
    assert once() == "value"


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"0123456789")
    too_large = (
        f"o {path} cannot be read: it is larger than 4 bytes. "
        "Give the path of a file on the machine that runs this task."
    )
    assert read_option_file("o", str(path), {}, 10) == b"0123456789"
    assert read_option_file("o", str(path), {str(path): b"read before"}, 11) == b"read before"
    assert read_option_file("o", None, {}, 4) is None
    assert refusal(read_option_file, "o", str(path), {}, 4) == too_large
    assert refusal(read_option_file, "o", str(path), {str(path): b"read before"}, 4) == too_large


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("", "Is a directory", id="directory"),
        pytest.param("missing", "No such file or directory", id="missing"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, why: str) -> None:
    path = str(tmp_path / name)
    assert refusal(read_option_file, "ssh.private_key_file", path, {}, 10) == (
        f"ssh.private_key_file {path} cannot be read: {why}. "
        "Give the path of a file on the machine that runs this task."
    )


def test_a_key_in_place_of_its_path_is_not_quoted() -> None:
    assert refusal(read_option_file, "ssh.private_key_file", "s3cret", {}, 10) == (
        "ssh.private_key_file cannot be read: No such file or directory. "
        "Give the path of a file on the machine that runs this task."
    )


# --- new keys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "name", "begin"),
    [
        ("ed25519", "Ed25519", "ssh-ed25519 "),
        ("ecdsa", "ECDSA", "ecdsa-sha2-nistp256 "),
        ("rsa", "RSA", "ssh-rsa "),
    ],
)
def test_generate_key(algorithm: KeyAlgorithm, name: str, begin: str) -> None:
    text = generate_key(algorithm)
    key = parse_private_key(text, "key")
    assert (key.text, key.form, key.algorithm, key.encrypted) == (text, "OpenSSH", name, False)
    assert key.public_key.startswith(begin)


def test_an_rsa_key_is_long_enough() -> None:
    """The packed modulus of 3072 bits alone is 512 characters of base64."""
    assert len(parse_private_key(generate_key("rsa"), "key").public_key) > 512


def test_keys_differ() -> None:
    assert generate_key("ed25519") != generate_key("ed25519")


# --- ssh-keyscan, in whose place a script stands ----------------------------------------------------------------------

NOT_SCANNED = "ssh.scan_host_keys got no host key of git.example.com port 2222. {} Give ssh.known_hosts instead."


def put_keyscan(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "ssh-keyscan"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_the_output_of_ssh_keyscan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_keyscan(tmp_path, 'echo "$@"', monkeypatch)
    assert scan_host_keys("git.example.com", 2222) == "-T 10 -p 2222 git.example.com\n"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param("exit 1", "The server gave no answer.", id="silent"),
        pytest.param("echo '# git.example.com:2222 SSH-2.0' >&2", "The server gave no answer.", id="a banner alone"),
        pytest.param(
            "echo '# banner' >&2; echo 'getaddrinfo: Name or service not known' >&2; exit 1",
            "ssh-keyscan says: getaddrinfo: Name or service not known",
            id="an error",
        ),
    ],
)
def test_a_server_without_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str) -> None:
    put_keyscan(tmp_path, script, monkeypatch)
    assert refusal(scan_host_keys, "git.example.com", 2222) == NOT_SCANNED.format(why)


def test_without_ssh_keyscan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(scan_host_keys, "git.example.com", 2222) == NOT_SCANNED.format(
        "The program ssh-keyscan is missing on the machine that runs this task; OpenSSH's client has it."
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_files_with_a_byte_order_mark_become_utf_8(encoding: str, tmp_path: Path) -> None:
    """So do those of Windows PowerShell, on the machine of the task and on the controller."""
    content = "-----BEGIN ü-----\r\n".encode(encoding)
    path = tmp_path / "file"
    path.write_bytes(content)
    for files in ({}, {str(path): content}):
        assert read_option_file("x", str(path), files, 100) == "-----BEGIN ü-----\r\n".encode()


@pytest.mark.parametrize("content", [b"", b"x", b"0\x82\xff\xfe", b"\xff\xfe\x00", "x".encode("utf-16-le")])
def test_other_files_stay_as_they_are(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert read_option_file("x", str(path), {}, 100) == content
