# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenPGP keys: what is repaired, what is refused, and which are seen to be encrypted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.openpgp import check_openpgp_key
from support.samples.keys import key_text
from support.samples.openpgp import GPG_KEY, MATERIAL, armor, key_packet, old_packet
from support.samples.secrets import refusal

NAMES = ("gpg.private_key", "gpg.passphrase")
NEEDS_PASSPHRASE = (
    "gpg.private_key has a passphrase, and gpg.passphrase is missing. "
    "Its consumer cannot ask for one. Give gpg.passphrase."
)
EXPORT = "Export it with: gpg --armor --export-secret-keys KEY-ID."


def check(text: str, passphrase: str | None = None) -> str:
    return check_openpgp_key(text, NAMES[0], passphrase, NAMES[1])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GPG_KEY, id="as it is"),
        pytest.param(GPG_KEY.strip(), id="without its last newline"),
        pytest.param(GPG_KEY.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(GPG_KEY.replace("\n", "\\n"), id="written newlines"),
        pytest.param("\ufeff" + GPG_KEY, id="a byte-order mark"),
    ],
)
def test_a_key_is_repaired(text: str) -> None:
    assert check(text) == GPG_KEY


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(armor([key_packet()], headers="Version: GnuPG v2\nComment: a\n"), id="headers"),
        pytest.param(armor([old_packet(key_packet())]), id="old form of packets"),
        pytest.param(armor([key_packet(), key_packet(tag=7)]), id="with a subkey"),
        pytest.param(armor([key_packet(), b"\xcd\x01a", key_packet(tag=7, encrypted=True)]), id="with a user"),
    ],
)
def test_a_key_stays_as_it_is(text: str) -> None:
    assert check(text) == text


@pytest.mark.parametrize("algorithm", MATERIAL)
@pytest.mark.parametrize("version", [4, 6])
def test_an_encrypted_key_needs_a_passphrase(algorithm: int, version: int) -> None:
    plain = armor([key_packet(algorithm, version=version)])
    locked = armor([key_packet(algorithm, version=version, encrypted=True)])
    assert check(plain) == plain
    assert refusal(check, locked) == NEEDS_PASSPHRASE
    assert check(locked, "x") == locked


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(armor([key_packet(tag=6)], "PUBLIC KEY BLOCK"), "a public key", id="public"),
        pytest.param(armor([key_packet()], "MESSAGE"), "more or something else", id="a message"),
        pytest.param(GPG_KEY * 2, "more or something else", id="two blocks"),
        pytest.param(f"sec  {GPG_KEY}", "more or something else", id="text before it"),
        pytest.param(GPG_KEY[:-20], "a string that is cut or has lost its newlines", id="cut"),
        pytest.param(GPG_KEY.replace("\n", " "), "a string that is cut or has lost its newlines", id="folded"),
        pytest.param(key_text("Ed25519 OpenSSH"), "a key of SSH or TLS", id="SSH"),
        pytest.param("0x1234", "something else", id="a number"),
        pytest.param(armor([key_packet(), key_packet()]), "2 keys", id="two keys in a block"),
    ],
)
def test_what_is_not_one_private_key_is_refused(text: str, what: str) -> None:
    message = f"gpg.private_key must be one OpenPGP private key in ASCII armor; got {what}. {EXPORT}"
    assert refusal(check, text) == message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(armor([key_packet(tag=6)]), id="a public key in the armor of a private one"),
        pytest.param(armor([key_packet()[:-1]]), id="a cut packet"),
        pytest.param(armor([b"\x00"]), id="no packet"),
        pytest.param(armor([key_packet()], checksum="=AAAA"), id="another checksum"),
        pytest.param(GPG_KEY.replace("\n\n", "\n", 1), id="no empty line"),
        pytest.param(GPG_KEY.replace("\n\n", "\n\n!", 1), id="not base64"),
        pytest.param(armor([b"\xc5\xff"]), id="no size"),
        pytest.param(armor([b"\x97"]), id="a size that no key has"),
    ],
)
def test_a_damaged_key_is_refused(text: str) -> None:
    message = f"gpg.private_key is damaged. Its lines are not those of a private key. {EXPORT}"
    assert refusal(check, text) == message


def test_an_unknown_algorithm_is_left_to_the_consumer() -> None:
    packet = bytearray(key_packet(27, encrypted=True))
    packet[7] = 99
    text = armor([bytes(packet)])
    assert check(text) == text


@pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
@pytest.mark.parametrize("algorithm", ["ed25519", "rsa2048", "nistp256"])
def test_keys_of_gnupg(tmp_path: Path, algorithm: str) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    def gpg(*arguments: str) -> str:
        command = ["gpg", "--homedir", str(home), "--quiet", "--batch", "--pinentry-mode", "loopback", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    for name, passphrase in (("plain", ""), ("locked", "s3cret-pass")):
        gpg("--passphrase", passphrase, "--quick-generate-key", f"{name}@example.com", algorithm, "sign", "0")
    plain = gpg("--armor", "--export-secret-keys", "plain@example.com")
    locked = gpg("--passphrase", "s3cret-pass", "--armor", "--export-secret-keys", "locked@example.com")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)

    assert check(plain) == plain
    assert refusal(check, locked) == NEEDS_PASSPHRASE
    assert check(locked, "s3cret-pass") == locked
