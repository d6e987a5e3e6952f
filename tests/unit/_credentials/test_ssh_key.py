# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys: what they are found to be, which are refused with which words, and their other forms."""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import dh, dsa, ec, ed448, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import (
    READ_BY_OPENSSH,
    convert_key,
    parse_private_key,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.keys import (
    KINDS,
    PASSPHRASE,
    certificate,
    certificate_request,
    key_text,
    public_line,
    public_pem,
    weak_rsa_key,
)
from support.samples.secrets import encode, refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

OPTION = "ssh.private_key"

needs_ssh_keygen = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")


def ssh_keygen(*arguments: str | Path) -> str:
    run = subprocess.run(["ssh-keygen", *map(str, arguments)], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def write_key(path: Path, text: str) -> Path:
    """The key in a file that ssh-keygen reads: only its owner may."""
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind: str, encrypted: bool) -> None:
    algorithm, form = kind.split()
    text = key_text(kind, encrypted=encrypted)
    key = parse_private_key(text.replace("\n", "\r\n"), OPTION, PASSPHRASE if encrypted else None)
    assert (key.text, key.form, key.algorithm, key.encrypted, key.public_key) == (
        text,
        form,
        algorithm.partition("-")[0],
        encrypted,
        public_line(algorithm),
    )


def test_the_text_is_in_no_repr() -> None:
    key = parse_private_key(key_text("Ed25519 OpenSSH"), OPTION)
    assert key.text.splitlines()[1] not in repr(key)


@needs_ssh_keygen
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["plain", "encrypted"])
@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa"])
def test_keys_of_ssh_keygen_are_read_as_it_reads_them(tmp_path: Path, algorithm: str, passphrase: str) -> None:
    path = tmp_path / "key"
    ssh_keygen("-q", "-t", algorithm, "-N", passphrase, "-C", "ada@example.com", "-f", path)
    text = path.read_text(encoding="utf-8")
    key = parse_private_key(text, OPTION, passphrase or None)
    assert key.text == text
    assert key.form == "OpenSSH"
    assert f"{key.public_key} ada@example.com\n" == path.with_suffix(".pub").read_text(encoding="utf-8")
    assert key.fingerprint == ssh_keygen("-l", "-f", path).split()[1]


# Newer ones read more than the table says, but none reads less.
@needs_ssh_keygen
@pytest.mark.parametrize(
    "kind", [f"{algorithm} {form}" for algorithm, forms in READ_BY_OPENSSH.items() for form in sorted(forms)]
)
def test_ssh_keygen_reads_what_the_table_says(tmp_path: Path, kind: str) -> None:
    assert ssh_keygen("-y", "-f", write_key(tmp_path / "key", key_text(kind))) == public_line(kind.split()[0])


@needs_ssh_keygen
@pytest.mark.parametrize("bits", [512, 768, 1000, 1024, 1536])
def test_short_keys_are_refused_as_by_ssh_keygen(tmp_path: Path, bits: int) -> None:
    text = weak_rsa_key(bits)
    run = subprocess.run(
        ["ssh-keygen", "-y", "-f", write_key(tmp_path / "key", text)], capture_output=True, check=False
    )
    if run.returncode == 0:
        assert parse_private_key(text, OPTION).bits == bits
        return
    assert refusal(parse_private_key, text, OPTION) in (
        f"ssh.private_key is an RSA key of {bits} bits. ssh needs at least 1024. Generate another: ssh-keygen "
        "-t ed25519.",
        DAMAGED,  # some versions of the library open none below their own limit
    )


# --- refusals --------------------------------------------------------------------------------------------------------

NOT_ONE = "ssh.private_key must be one private key; got {}. {}"
PUBLIC = NOT_ONE.format("a public key", "Give the private key, which is the file without .pub.")
CERTIFICATE = NOT_ONE.format("a certificate", "Give the private key that belongs to it.")
REQUEST = NOT_ONE.format("a certificate request", "Give the private key that belongs to it.")
PUTTY = NOT_ONE.format(
    "a PuTTY key file",
    'Export it: in PuTTYgen "Conversions, Export OpenSSH key", or puttygen key.ppk -O private-openssh -o key.',
)
JSON = NOT_ONE.format("JSON", "Give only the text of the key.")
ENCODED = NOT_ONE.format("base64 of a PEM text", "Give the text itself: the module encodes it for the Secret.")
BODY = NOT_ONE.format(
    "a key without its BEGIN and END lines", "Copy the whole text, with the lines that begin with -----."
)
PATH = NOT_ONE.format(
    "the path of a file", "Give the content of the file, such as with lookup('ansible.builtin.file', path)."
)
ELSE = NOT_ONE.format("something else", "Check the file or the variable behind it.")
MORE = NOT_ONE.format("more than that", "Remove everything before its BEGIN line and after its END line.")
BLOCKS = NOT_ONE.format("2 PEM blocks", "Give only the private key.")
OTHER = NOT_ONE.format("another kind of PEM block", "Check where it comes from.")
DAMAGED = (
    "ssh.private_key is damaged: it cannot be read as a private key. "
    "A part was cut off or replaced. Copy the whole text again."
)
DSA_LABEL = NOT_ONE.format("a DSA key", "SSH servers do not accept it. Generate another: ssh-keygen -t ed25519.")
USELESS = "ssh.private_key is {}. SSH servers do not accept it. Generate another: ssh-keygen -t ed25519."
FIDO = (
    "ssh.private_key is a FIDO key. It works only while a person touches the hardware that holds it. "
    "Generate another: ssh-keygen -t ed25519."
)
EMPTY = (
    "ssh.private_key is empty. An empty value would replace a working credential. "
    "Check the variable behind it, or leave the option out together with update_credentials=when_given."
)
MASKED = (
    "ssh.private_key holds a mask instead of a value. "
    "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
    "Give the real value, or leave the option out together with update_credentials=when_given."
)

ED25519 = key_text("Ed25519 OpenSSH")
PKCS8 = key_text("Ed25519 PKCS#8")
SEC1 = key_text("ECDSA SEC1")


def armour(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{encode(data)}\n-----END {label}-----\n"


def body(text: str) -> str:
    return "".join(text.splitlines()[1:-1])


def openssh(algorithm: bytes) -> str:
    """The frame of a key in OpenSSH's own form, with nothing useful in it."""
    strings = [struct.pack(">I", len(part)) + part for part in (b"none", b"none", b"")]
    public = struct.pack(">I", len(algorithm)) + algorithm
    inner = [struct.pack(">I", len(part)) + part for part in (public, b"private")]
    return armour(
        "OPENSSH PRIVATE KEY", b"openssh-key-v1\0" + b"".join(strings) + struct.pack(">I", 1) + b"".join(inner)
    )


def pkcs8(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


REFUSALS = {
    "empty": (" \n", EMPTY),
    "mask": ("********", MASKED),
    "public key": (f"{public_line('Ed25519')} ada@example.com\n", PUBLIC),
    "public RSA key": (public_line("RSA"), PUBLIC),
    "public ECDSA key": (public_line("ECDSA"), PUBLIC),
    "line of known_hosts": (f"github.com {public_line('Ed25519')}\n", PUBLIC),
    "public FIDO key": ("sk-ssh-ed25519@openssh.com AAAAGnNr key", PUBLIC),
    "PEM public key": (public_pem("RSA"), PUBLIC),
    "PKCS#1 public key": (armour("RSA PUBLIC KEY", b"0\0"), PUBLIC),
    "SSH2 public key": ('---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\nAAAA\n---- END SSH2 PUBLIC KEY ----\n', PUBLIC),
    "SSH certificate": ("ssh-ed25519-cert-v01@openssh.com AAAAIHNz key", CERTIFICATE),
    "TLS certificate": (certificate("Ed25519"), CERTIFICATE),
    "certificate request": (certificate_request("ECDSA"), REQUEST),
    "PuTTY": ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n", PUTTY),
    "docker config": ('{"auths": {"ghcr.io": {"auth": "YTpi"}}}', JSON),
    "JSON with a key": ('{"private_key": "' + PKCS8.replace("\n", r"\n") + '"}', JSON),
    "list": ('["a"]', JSON),
    "base64": (encode(ED25519), ENCODED),
    "base64 in lines": (base64.encodebytes(SEC1.encode()).decode(), ENCODED),
    "body alone": (body(ED25519), BODY),
    "body of PKCS#8 alone": (body(PKCS8), BODY),
    "noise": ("a1B2" * 2048, ELSE),
    "binary noise": ("\0\1\2" * 2730, ELSE),
    "path": ("/home/ada/.ssh/id_ed25519", PATH),
    "path in the home folder": ("~/.ssh/id_ed25519", PATH),
    "path from here": ("./keys/my key", PATH),
    "name of a file": ("app.2026.pem", PATH),
    "a word": ("s3cret.", ELSE),
    "an unfinished path": ("/", ELSE),
    "two paths": ("/a\n/b", ELSE),
    "a path that is too long": ("/a" * 128, ELSE),
    "two keys": (ED25519 + SEC1, BLOCKS),
    "the same key twice": (ED25519 * 2, BLOCKS),
    "key and certificate": (SEC1 + certificate("ECDSA"), BLOCKS),
    "comment before": (f"my key\n{ED25519}", MORE),
    "public key after": (f"{ED25519}{public_line('Ed25519')}\n", MORE),
    "in quotes": (f'"{ED25519}"', MORE),
    "curve alone": (armour("EC PARAMETERS", b"\x06\x00"), OTHER),
    "PGP": (armour("PGP MESSAGE", b"abc"), OTHER),
    "DSA in PEM": (armour("DSA PRIVATE KEY", b"0\0"), DSA_LABEL),
    "half a body": (armour("OPENSSH PRIVATE KEY", base64.b64decode(body(ED25519))[:90]), DAMAGED),
    "the frame cut": (armour("OPENSSH PRIVATE KEY", base64.b64decode(body(ED25519))[:30]), DAMAGED),
    "half a PKCS#8 body": (armour("PRIVATE KEY", base64.b64decode(body(PKCS8))[:-9]), DAMAGED),
    "half an encrypted body": (
        armour("ENCRYPTED PRIVATE KEY", base64.b64decode(body(key_text("ECDSA PKCS#8", encrypted=True)))[:-9]),
        DAMAGED,
    ),
    "no key inside": (armour("PRIVATE KEY", b"0\0"), DAMAGED),
    "OpenSSH's name on PKCS#8": (armour("OPENSSH PRIVATE KEY", base64.b64decode(body(PKCS8))), DAMAGED),
    "PKCS#1's name on SEC1": (armour("RSA PRIVATE KEY", base64.b64decode(body(SEC1))), DAMAGED),
    "FIDO Ed25519": (openssh(b"sk-ssh-ed25519@openssh.com"), FIDO),
    "FIDO ECDSA": (openssh(b"sk-ecdsa-sha2-nistp256@openssh.com"), FIDO),
    "DSA": (openssh(b"ssh-dss"), USELESS.format("a DSA key")),
    "unknown": (
        openssh(b"ssh-new"),
        "ssh.private_key has an algorithm that SSH does not use. Give an RSA, ECDSA or Ed25519 key.",
    ),
    "X25519": (pkcs8(x25519.X25519PrivateKey.generate()), USELESS.format("an X25519 key")),
    "X448": (pkcs8(x448.X448PrivateKey.generate()), USELESS.format("an X448 key")),
    "Ed448": (pkcs8(ed448.Ed448PrivateKey.generate()), USELESS.format("an Ed448 key")),
    "another curve": (
        pkcs8(ec.generate_private_key(ec.SECP256K1())),
        USELESS.format("an ECDSA key on another curve than nistp256, nistp384 and nistp521"),
    ),
    "DSA in PKCS#8": (pkcs8(dsa.generate_private_key(1024)), USELESS.format("a DSA key")),  # noqa: S505
}


@pytest.mark.parametrize(("text", "message"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_no_usable_key_is_refused(text: str, message: str) -> None:
    assert refusal(parse_private_key, text, OPTION) == message


def test_the_name_of_a_curve_before_the_key_is_dropped() -> None:
    """As ``openssl ecparam -genkey`` prints it. OpenSSH skips it; Go's parser stops there."""
    assert parse_private_key(armour("EC PARAMETERS", b"\x06\x00") + SEC1, OPTION).text == SEC1


ENCRYPTED_KINDS = ("RSA PKCS#1", "ECDSA SEC1", "ECDSA PKCS#8", "Ed25519 OpenSSH")


@pytest.mark.parametrize("kind", ENCRYPTED_KINDS)
def test_a_missing_passphrase_is_asked_for(kind: str) -> None:
    assert refusal(parse_private_key, key_text(kind, encrypted=True), OPTION) == (
        "ssh.private_key is protected by a passphrase. Without it the key cannot be checked. Give ssh.passphrase."
    )


@pytest.mark.parametrize("kind", ENCRYPTED_KINDS)
def test_a_wrong_passphrase_is_refused(kind: str) -> None:
    assert refusal(parse_private_key, key_text(kind, encrypted=True), OPTION, "wrong") == (
        "ssh.passphrase does not open ssh.private_key. The passphrase is not that of this key, or the key is damaged. "
        "Try them: ssh-keygen -y -f key."
    )


@pytest.mark.parametrize("kind", ENCRYPTED_KINDS)
def test_a_passphrase_without_need_is_refused(kind: str) -> None:
    assert refusal(parse_private_key, key_text(kind), OPTION, PASSPHRASE) == (
        "ssh.passphrase is given, but ssh.private_key has no passphrase. "
        "It may be the wrong key. Check the key, or leave out ssh.passphrase."
    )


def test_an_empty_passphrase_is_refused() -> None:
    message = refusal(parse_private_key, key_text("ECDSA SEC1", encrypted=True), OPTION, "")
    assert message == EMPTY.replace("private_key", "passphrase")


def test_diffie_hellman_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        key = dh.generate_parameters(2, 512).generate_private_key()
        assert refusal(parse_private_key, pkcs8(key), OPTION) == USELESS.format("a Diffie-Hellman key")


def test_a_cipher_that_the_library_does_not_know_is_refused() -> None:
    data = base64.b64decode(body(key_text("Ed25519 OpenSSH", encrypted=True)))
    text = armour("OPENSSH PRIVATE KEY", data.replace(b"aes256-ctr", b"rot256-ctr"))
    assert refusal(parse_private_key, text, OPTION, PASSPHRASE) == (
        "ssh.private_key is encrypted in a way that cannot be read here. "
        "Encrypt it again in the usual way: ssh-keygen -p -f key."
    )


def test_without_cryptography_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert refusal(parse_private_key, ED25519, OPTION) == (
        "The Python package cryptography is missing on the machine that runs this task. "
        "It is needed to read keys and certificates. Install it there: pip install cryptography."
    )


WITHOUT_BCRYPT = f"""
import sys
sys.modules["bcrypt"] = None
from {parse_private_key.__module__} import parse_private_key
try:
    parse_private_key(sys.stdin.read(), "ssh.private_key", "correct horse")
except Exception as error:
    print(error)
"""


def test_without_bcrypt_the_message_says_so() -> None:
    """In a process of its own, because cryptography looks for bcrypt once."""
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_BCRYPT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        input=key_text("Ed25519 OpenSSH", encrypted=True),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == (
        "The Python package bcrypt is missing on the machine that runs this task. It is needed to open "
        "ssh.private_key, which has a passphrase and the form of OpenSSH. Install it there: pip install bcrypt."
    )


@given(data=st.data(), kind=st.sampled_from([kind for kind in KINDS if "RSA" not in kind]))
def test_a_changed_character_is_no_accident_and_is_not_quoted(data: st.DataObject, kind: str) -> None:
    text = key_text(kind)
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.sampled_from("A+=-\n x")) + text[place + 1 :]
    message = ""
    try:
        parse_private_key(changed, OPTION)
    except KeyringError as error:
        message = str(error)
    assert not any(line[:20] in message for line in text.splitlines()[1:-1])


# --- other forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("form", ["PEM", "OpenSSH", "PKCS#8"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_every_form(kind: str, form: Literal["PEM", "OpenSSH", "PKCS#8"], encrypted: bool) -> None:
    passphrase = PASSPHRASE if encrypted else None
    key = parse_private_key(key_text(kind, encrypted=encrypted), OPTION, passphrase)
    converted = convert_key(key, form, passphrase)
    pem = {"RSA": "PKCS#1", "ECDSA": "SEC1", "Ed25519": "PKCS#8"}[key.algorithm]
    assert (converted.form, converted.encrypted) == (pem if form == "PEM" else form, False)
    assert (converted.public_key, converted.fingerprint) == (key.public_key, key.fingerprint)


def test_a_key_that_is_so_already_comes_back_as_it_is() -> None:
    key = parse_private_key(ED25519, OPTION)
    assert convert_key(key, "OpenSSH", None) is key
