# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The opener of private keys: it opens each key once, and only those that open quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .._errors import KeyringError

if TYPE_CHECKING:
    from .pem import Block

# The reasons why the library did not open a key.
Unopened = Literal["unsupported", "no_bcrypt", "damaged"]

# Milliseconds that a task that reads many Secrets may spend on passphrases and large keys, in one namespace and in all:
# about 75 and 300 keys with the 16 rounds of ssh-keygen's default. So no tenant uses up the time of the others.
READING_SHARE = 10_000
READING_TOTAL = 40_000
# The same for the stored keys of a task that writes, in all of its namespaces. A key left unopened is written again.
WRITING_TOTAL = 60_000

_MAX_REMEMBERED_KEYS = 64


class KeyOpener:
    """An opener that remembers keys: several formats need the same key, and many namespaces have it.

    With a ``total``, it opens no more keys when this many milliseconds are spent on passphrases and large keys. The
    cost counts for the opener ``whole``, too. ``left_unopened`` is the number of refusals because of cost.
    """

    def __init__(self, total: float | None = None, whole: KeyOpener | None = None) -> None:
        self.left_unopened = 0
        self._left = total
        self._whole = whole
        self._known: dict[tuple[str, str | None], object | Unopened] = {}

    def open(self, block: Block, passphrase: str | None, option: str) -> object | Unopened:
        """Return the key as an object of the library, or the reason why there is none.

        Raise KeyringError, with ``option``, if opening it costs too much.
        """
        from .key_cost import check_cost
        from .pem import require_cryptography

        require_cryptography()
        text = block.text
        known = self._known.get((text, passphrase))
        if known is not None:
            return known
        try:
            self._spend(check_cost(block, option), option)
        except KeyringError:
            self.left_unopened += 1
            raise
        made = _load_key(block, text, passphrase)
        if len(self._known) >= _MAX_REMEMBERED_KEYS:
            self._known.clear()
        self._known[text, passphrase] = made
        return made

    def _spend(self, cost: float, option: str) -> None:
        if self._left is None or not cost:
            return
        if cost > self._left:
            raise KeyringError(
                f"{option} is not opened: this task has already used up its time for keys with a passphrase "
                "and for large keys.",
                "",
                "Read this Secret alone, with namespace and name.",
                failure="invalid_secret",
            )
        if self._whole is not None:
            self._whole._spend(cost, option)
        self._left -= cost


class NamespaceOpeners:
    """The openers of the namespaces that a task reads, each with a share of the time of the whole task."""

    def __init__(self) -> None:
        self._whole = KeyOpener(READING_TOTAL)
        self._openers: dict[str, KeyOpener] = {}

    def of(self, namespace: str) -> KeyOpener:
        """Return the opener of a namespace."""
        if namespace not in self._openers:
            self._openers[namespace] = KeyOpener(READING_SHARE, self._whole)
        return self._openers[namespace]


def _load_key(block: Block, text: str, passphrase: str | None) -> object | Unopened:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    from .key_format import FORMS
    from .pem import is_library_fault

    load = load_ssh_private_key if FORMS[block.label] == "OpenSSH" else load_pem_private_key
    secret = None if passphrase is None else passphrase.encode()
    try:
        return load(text.encode(), secret)
    except UnsupportedAlgorithm as error:
        return "no_bcrypt" if "bcrypt" in str(error) else "unsupported"
    except BaseException as error:
        if not is_library_fault(error):
            raise
        return "damaged"


# For the keys in options, each of which has its own bound.
OPENER = KeyOpener()
