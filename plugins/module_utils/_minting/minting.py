# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that a task mints: each once, when it is first needed, on the machine that runs the task."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from .._cluster.selection import Selection
from .._credentials.docker_config import StoredLogin, encode_auth
from .._credentials.expiry import Renewal, find_first, render_time
from .._credentials.registries import Registry, UpdateCredentials
from .._credentials.secret_values import AFTER_APPLY
from .._errors import KeyringError
from .._kubelet.server_text import public_server
from .._runtime.execute import Runtime
from .._runtime.host import Lazy

if TYPE_CHECKING:
    from .._cluster.selection import Targets
    from .._credentials.preset_shapes import Cloud, Minting

# The services that replace a password: the old one, wherever it is stored, is invalid at once.
_REPLACING: frozenset[Cloud] = frozenset(("harbor",))


class Tokens:
    """The minted tokens of a task, one for each of its registries that has no password and needs a new one."""

    def __init__(
        self, registries: Sequence[Registry], renewal: Renewal, update: UpdateCredentials, runtime: Runtime
    ) -> None:
        self._renewal = renewal
        self._update = update
        self._runtime = runtime
        self._minted: set[str] = set()
        self._ends: set[str] = set()
        self._make: dict[str, Lazy[tuple[str, str]]] = {}
        warnings: dict[str, None] = {}
        for registry in registries:
            if registry.minting:
                self._make[registry.option] = Lazy(partial(self._mint, registry.minting))
                warnings[renewal.warn(registry.minting) or ""] = None
        self.warnings = [text for text in warnings if text]

    def renew(self, registry: Registry, stored: StoredLogin | None, end: str | None) -> Registry:
        """Return the registry, with the token of this task unless the stored credentials are kept."""
        minting = registry.minting
        if not minting or (stored and not self._is_due(minting, stored, end)):
            return registry
        password, expires_at = self._make[registry.option]()
        self._minted.add(public_server(registry.server))
        return dataclasses.replace(registry, username=minting.username, password=password, expires_at=expires_at)

    def note(self, end: str | None) -> None:
        """Note the first expiry time in one of the Secrets of the task."""
        if end:
            self._ends.add(end)

    def describe(self) -> dict[str, str | list[str] | None]:
        """Return the fields of the result of the task."""
        return {"minted": sorted(self._minted), "next_run_before": find_first(self._ends)}

    def _is_due(self, minting: Minting, stored: StoredLogin, end: str | None) -> bool:
        """Return whether the stored credentials are replaced.

        Without update_credentials=always only force_mint replaces them, and not with on_create.
        """
        if self._update == "always":
            return self._renewal.is_due(minting, stored, end)
        return self._renewal.force and self._update == "when_given"

    def _mint(self, minting: Minting) -> tuple[str, str]:
        """Return a new token and when it ends; check mode asks no cloud.

        Raises KeyringError, naming the registry, when the cloud gives no token.
        """
        if self._runtime.check_mode:
            return AFTER_APPLY, AFTER_APPLY
        from .clouds import CLOUDS
        from .token import NoTokenError

        add = self._runtime.scrubber.add
        try:
            with _silence():
                token = CLOUDS[minting.cloud](minting, self._renewal.needed_until(minting), add)
        except NoTokenError as error:
            raise KeyringError(
                f"{minting.option} (preset {minting.row.name}) got no token.",
                error.why,
                error.remedy,
                fatal=True,
                failure=error.failure,
                option=minting.option,
            ) from None
        add(token.password, encode_auth(StoredLogin(minting.username, token.password)))
        if token.expires_at <= self._renewal.now:
            raise KeyringError(
                f"{minting.option} (preset {minting.row.name}) got an expired token.",
                f"It expired at {render_time(token.expires_at)}, and the clock of the machine that runs this "
                "task shows "
                f"{render_time(self._renewal.now)}.",
                "Set the clock.",
                fatal=True,
                failure="minting_failed",
                option=minting.option,
            )
        return token.password, render_time(self._renewal.latest(minting, token.expires_at))


def replaces_a_password(registries: Sequence[Registry]) -> bool:
    """Return whether a token for one of the registries makes the stored password invalid."""
    return any(map(_is_replaced, registries))


def replacing_last(registries: Sequence[Registry]) -> list[Registry]:
    """Return the registries in an order in which no stored password is invalid when another token is refused."""
    return sorted(registries, key=_is_replaced)


def _is_replaced(registry: Registry) -> bool:
    return registry.minting is not None and registry.minting.cloud in _REPLACING


def refuse_replacing_in_many(registries: Sequence[Registry], targets: Targets) -> None:
    """Raise KeyringError if a task would replace a password that it stores in several namespaces.

    A namespace whose stored password is not due would keep an invalid one.
    """
    if not isinstance(targets, Selection):
        return
    if len(targets.literals) == 1 and not (targets.globs or targets.selectors):
        return
    for registry in registries:
        if _is_replaced(registry):
            raise KeyringError(
                f"{registry.option}.preset_options.refresh_secret needs a task for one namespace.",
                "The old secret of the robot account is invalid at once, also where it is stored elsewhere.",
                "Select one namespace, and copy its Secret to the others with credentials_from in a second task.",
                option=f"{registry.option}.preset_options.refresh_secret",
            )


@contextmanager
def _silence() -> Iterator[None]:
    """Keep libraries from logging inside the block.

    At the level of debugging they log what they send and get, and some of them a digest in place of a token.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
