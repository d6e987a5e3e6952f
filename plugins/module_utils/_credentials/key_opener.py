# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening private keys with the library: each once, and only where that ends soon."""

from __future__ import annotations

from typing import Literal

from .._errors import KeyringError
from .crypto import is_library_fault, require_cryptography
from .key_cost import check_cost
from .key_text import FORMS
from .pem import Block

# Why the library did not open a key.
Unopened = Literal["unsupported", "no_bcrypt", "damaged"]

# Milliseconds that reading many Secrets may spend on passphrases and on large keys, in one namespace and in all: some
# 75 and some 300 keys with the 16 rounds that ssh-keygen has by default. So no tenant uses up what the others need.
READING_SHARE = 10_000
READING_TOTAL = 40_000
# The same for the stored keys of a task that writes, in all of its namespaces. One that is left is written again.
WRITING_TOTAL = 60_000

_REMEMBERED = 64


class KeyOpener:
    """Opens private keys and remembers them: the same key is looked at by several formats, and is in many namespaces.

    With a ``total``, keys are left unopened as soon as so many milliseconds are spent on passphrases and large keys.
    What is spent counts for the opener ``whole``, too. ``left_unopened`` counts the refusals because of cost.
    """

    def __init__(self, total: float | None = None, whole: KeyOpener | None = None) -> None:
        self.left_unopened = 0
        self._left = total
        self._whole = whole
        self._known: dict[tuple[str, str | None], object | Unopened] = {}

    def open(self, block: Block, passphrase: str | None, option: str) -> object | Unopened:
        """Return the key as an object of the library, or why there is none.

        Raises KeyringError, naming ``option``, when opening it costs too much.
        """
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
        made = _load(block, text, passphrase)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[text, passphrase] = made
        return made

    def _spend(self, cost: float, option: str) -> None:
        if self._left is None or not cost:
            return
        if cost > self._left:
            raise KeyringError(
                f"{option} is not opened: this task has already spent the time that it has for keys with a passphrase "
                "and for large keys.",
                "",
                "Read this Secret alone, with namespace and name.",
                failure="invalid_secret",
            )
        if self._whole is not None:
            self._whole._spend(cost, option)
        self._left -= cost


class NamespaceOpeners:
    """An opener for each namespace that a task reads, with a share of the time that the whole task has."""

    def __init__(self) -> None:
        self._whole = KeyOpener(READING_TOTAL)
        self._openers: dict[str, KeyOpener] = {}

    def of(self, namespace: str) -> KeyOpener:
        """Return the opener of a namespace."""
        if namespace not in self._openers:
            self._openers[namespace] = KeyOpener(READING_SHARE, self._whole)
        return self._openers[namespace]


def _load(block: Block, text: str, passphrase: str | None) -> object | Unopened:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if FORMS[block.label] == "OpenSSH" else load_pem_private_key
    try:
        return load(text.encode(), None if passphrase is None else passphrase.encode())
    except UnsupportedAlgorithm as error:
        return "no_bcrypt" if "bcrypt" in str(error) else "unsupported"
    except BaseException as error:
        if not is_library_fault(error):
            raise
        return "damaged"


# For keys that the caller gives, each of which is bounded by itself.
OPENER = KeyOpener()
