# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What opening a key may cost is read before a library opens it, and bounded.

Milliseconds of the most that is accepted, on one core of the machine where the bounds were chosen (bcrypt 5.0.0,
cryptography 50.0.2), and of what people have:

====================  ==========  =========  ================================  ============
cost                  accepted    there      what people have                  there
====================  ==========  =========  ================================  ============
rounds of bcrypt      512         3,700      16 to 24, ssh-keygen's default    115 to 171
                                             100, of hardening guides          703
iterations            2,000,000   2,400      2,048, of openssl; 1,000,000      1; 553
scrypt N*r*p          2,097,152   900        131,072, of openssl               60
RSA bits              8,192       3,300      2,048; 4,096                      31; 212
====================  ==========  =========  ================================  ============

Without the bounds: 2^32-1 rounds of bcrypt take a year, and an RSA key of 65,536 bits 94 s. So the worst single key
takes 7 s (rounds and bits together). For all keys that have a passphrase or are large, reading takes at most
READING_SHARE, 10 s, in a namespace and READING_TOTAL, 40 s, in a cluster.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cryptography.hazmat.primitives.serialization as library
import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials import key_cost, key_opener
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.certificates import check_client_pair
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.der import read_elements, read_sequence
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_cost import check_cost
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_format import find_key_block
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_opener import (
    READING_SHARE,
    KeyOpener,
    NamespaceOpeners,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_view import (
    find_git_problems,
    git_fields,
    git_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import gitsync_secret
from support.samples.git_secrets import HOSTS, data_of, git_secret, plan_of
from support.samples.hostile_keys import (
    TOO_COSTLY,
    certificate_of_version,
    encrypted_pkcs8,
    pbkdf2,
    pem,
    rsa_key,
    scrypt,
    with_rounds,
)
from support.samples.keys import KINDS, PASSPHRASE, certificate, key_text, public_line
from support.samples.secrets import encode, stored_secret

OPTION = "ssh.private_key"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first lines of the keys that reach the library, each of which is really opened."""
    seen: list[str] = []

    def watch(load: Callable[..., Any]) -> Callable[..., Any]:
        def watched(data: bytes, *arguments: Any) -> Any:
            seen.append(data.decode().splitlines()[0])
            return load(data, *arguments)

        return watched

    for name in ("load_pem_private_key", "load_ssh_private_key"):
        monkeypatch.setattr(library, name, watch(getattr(library, name)))
    return seen


@pytest.mark.parametrize("name", TOO_COSTLY)
def test_what_costs_too_much_is_never_opened(name: str, opened: list[str]) -> None:
    text, passphrase, what = TOO_COSTLY[name]
    with pytest.raises(KeyringError) as raised:
        parse_private_key(text, OPTION, passphrase)
    assert opened == []
    assert str(raised.value).startswith(f"{OPTION} is not opened: it has ")
    assert what in str(raised.value)
    assert (raised.value.failure, raised.value.option) == ("invalid_option", OPTION)


@pytest.mark.parametrize("name", TOO_COSTLY)
def test_a_stored_one_is_a_finding(name: str, opened: list[str]) -> None:
    text, passphrase, what = TOO_COSTLY[name]
    data = {"sshPrivateKey": text, "identity": text, "ssh-privatekey": text, "url": "ssh://git@git.example.com/a"}
    secret = stored_secret(
        {key: encode(value) for key, value in {**data, **({"password": passphrase} if passphrase else {})}.items()},
        kind="Opaque",
    )
    opener = KeyOpener(READING_SHARE)
    for row in FORMAT_ROWS:
        found = find_credentials(secret, [row])
        fields = git_fields(secret, row, opener)
        git_texts(secret, row, opener)
        assert (fields["public_key"], fields["fingerprint"]) == (None, None)
        if passphrase is None or any("passphrase" in item.parts for item in found):
            problems = find_git_problems(found, opener)
            assert not found or any("is not opened" in problem and what in problem for problem in problems), problems
    assert opened == []


def test_a_client_key_is_bounded_too(opened: list[str]) -> None:
    text = pem("RSA PRIVATE KEY", rsa_key(65_536))
    with pytest.raises(KeyringError, match=r"^https.client_key is not opened: it has 65536 bits"):
        check_client_pair(certificate("RSA"), text, "https.client_certificate", "https.client_key")
    assert opened == []


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("kind", KINDS)
def test_usual_keys_cost_little(kind: str, encrypted: bool) -> None:
    cost = check_cost(find_key_block(key_text(kind, encrypted=encrypted), OPTION), OPTION)
    assert bool(cost) == encrypted
    assert cost < 250


def test_the_most_that_is_accepted() -> None:
    texts = [
        with_rounds(512),
        encrypted_pkcs8(pbkdf2(2_000_000)),
        encrypted_pkcs8(pbkdf2(2_000_000, 32)),
        encrypted_pkcs8(scrypt(2**15, 8, 8)),
        pem("RSA PRIVATE KEY", rsa_key(8192)),
    ]
    for text in texts:
        assert 0 < check_cost(find_key_block(text, OPTION), OPTION) < READING_SHARE / 1.25


@pytest.mark.parametrize("start", range(256))
def test_a_scalar_that_looks_like_a_structure_is_none(start: int) -> None:
    """One of 256 keys on a curve begins with the octet of a sequence."""
    scalar = bytes([start]) + b"\x01" * 31
    curve = b"\xa0\x0a\x06\x08" + bytes.fromhex("2a8648ce3d030107")
    text = pem("EC PRIVATE KEY", b"\x30" + bytes([5 + 32 + 12]) + b"\x02\x01\x01\x04\x20" + scalar + curve)
    assert check_cost(find_key_block(text, OPTION), OPTION) == 0


def test_a_key_is_opened_once(opened: list[str]) -> None:
    text = key_text("Ed25519 OpenSSH", encrypted=True)
    opener = KeyOpener(READING_SHARE)
    for _again in range(3):
        assert parse_private_key(text, OPTION, PASSPHRASE, opener).encrypted
        with pytest.raises(KeyringError, match=r"^ssh\.passphrase does not open"):
            parse_private_key(text, OPTION, "wrong horse", opener)
    assert len(opened) == 2


def test_a_reading_spends_only_so_much(opened: list[str]) -> None:
    """Each key alone is within the bounds, and together they would take minutes."""
    opener = KeyOpener(1000)
    messages = []
    for number in range(40):
        text = key_text("Ed25519 OpenSSH", encrypted=True)
        try:
            parse_private_key(text, "The private_key of the Secret", f"wrong horse {number}", opener)
        except KeyringError as error:
            messages.append(str(error))
    assert sum("does not open" in message for message in messages) == len(opened) == 8  # 16 rounds of 7.2 ms each
    assert opener.left_unopened == 32
    assert messages[-1] == (
        "The private_key of the Secret is not opened: this task has already used up its time for keys with a "
        "passphrase and for large keys. Read this Secret alone, with namespace and name."
    )
    parse_private_key(key_text("RSA OpenSSH"), OPTION, None, opener)  # what costs little is opened all the same


def test_a_share_is_spent_by_two_of_the_most_costly_keys() -> None:
    assert READING_SHARE // check_cost(find_key_block(with_rounds(512), OPTION), OPTION) == 2


def test_a_namespace_does_not_use_up_the_time_of_another(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller share of smaller keys, so that opening them does not take 8 s."""
    monkeypatch.setattr(key_opener, "READING_SHARE", READING_SHARE * 16 / 512)
    openers = NamespaceOpeners()
    text = with_rounds(16)
    for number in range(5):
        with pytest.raises(KeyringError):
            parse_private_key(text, OPTION, f"wrong horse {number}", openers.of("hostile"))
    assert (len(opened), openers.of("hostile").left_unopened) == (2, 3)

    assert parse_private_key(
        key_text("Ed25519 OpenSSH", encrypted=True), OPTION, PASSPHRASE, openers.of("web")
    ).encrypted
    assert openers.of("web").left_unopened == 0


def test_a_certificate_of_an_unknown_version_is_damaged() -> None:
    with pytest.raises(KeyringError, match=r"^https.client_certificate is damaged"):
        check_client_pair(certificate_of_version(7), key_text("Ed25519 PKCS#8"), "https.client_certificate", "x")


class Interruption(BaseException):
    """What a signal or a timeout raises inside the library."""


@pytest.mark.parametrize(
    ("raised", "caught"),
    [
        (ValueError, True),
        (RecursionError, True),
        (MemoryError, True),
        (Interruption, False),
        (KeyboardInterrupt, False),
    ],
)
def test_what_ends_a_task_passes(raised: type[BaseException], caught: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_arguments: Any) -> Any:
        raise raised

    monkeypatch.setattr(library, "load_pem_private_key", load)
    block = find_key_block(key_text("RSA PKCS#1"), OPTION)
    if caught:
        assert KeyOpener().open(block, None, OPTION) == "damaged"
    else:
        with pytest.raises(raised):
            KeyOpener().open(block, None, OPTION)


def test_a_panic_of_the_library_is_a_damaged_key(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def load(*_arguments: Any) -> Any:
        raise panic

    monkeypatch.setattr(library, "load_pem_private_key", load)
    assert KeyOpener().open(find_key_block(key_text("RSA PKCS#1"), OPTION), None, OPTION) == "damaged"


def test_what_is_remembered_is_bounded() -> None:
    opener = KeyOpener()
    block = find_key_block(key_text("RSA PKCS#1"), OPTION)
    for number in range(200):
        opener.open(block, str(number), OPTION)
    assert len(opener._known) <= key_opener._MAX_REMEMBERED_KEYS


@pytest.mark.parametrize(
    "data",
    [b"\x30", b"\x30\x05\x01", b"\x30\x80", b"\x30\x85\x00\x00\x00\x00\x00", b"\x1f\x81\x01\x00", b"\x05\x00" * 201],
)
def test_what_is_no_der(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut|length|elements"):
        read_elements(data)


@pytest.mark.parametrize("data", [b"", b"\x02\x01\x01", b"\x30\x00\x30\x00"])
def test_what_is_no_sequence(data: bytes) -> None:
    with pytest.raises(ValueError, match="not one sequence"):
        read_sequence(data)


def test_random_bytes_between_the_lines_are_damaged() -> None:
    with pytest.raises(KeyringError, match="is damaged"):
        parse_private_key(pem("RSA PRIVATE KEY", b"\x30\x03" + b"\xff" * 3), OPTION)


def test_stored_keys_never_keep_a_task_from_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no time is left for the stored keys, the given one is written as ever, and the same one is no change."""
    monkeypatch.setattr(gitsync_secret, "WRITING_TOTAL", 0)
    monkeypatch.setattr(key_cost, "_SMALL", -1)
    key = key_text("Ed25519 OpenSSH")
    options: dict[str, Any] = {"format": "flux", "ssh": {"private_key": key, "known_hosts": HOSTS}}
    stored = {"identity": key_text("RSA OpenSSH"), "known_hosts": HOSTS}
    plan = plan_of(git_secret(stored), **options)
    assert data_of(plan) == {"identity": key, "identity.pub": f"{public_line('Ed25519')}\n", "known_hosts": HOSTS}
    assert plan_of(plan.after, **options).operation == "unchanged"
    with pytest.raises(KeyringError, match="would keep the stored private key, and that cannot be read"):
        plan_of(git_secret(stored), format="flux", ssh={"generate": "ed25519", "known_hosts": HOSTS})
