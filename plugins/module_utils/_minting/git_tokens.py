# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token for Git that a task mints: once, when it is first needed, on the machine that runs the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._credentials.app_token import AppToken
from .._credentials.expiry import Renewal, render_time
from .._credentials.secret_values import AFTER_APPLY
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.host import Lazy
from .._secret.git_secret import StoredToken

if TYPE_CHECKING:
    from .._credentials.registries import UpdateCredentials


class GitToken:
    """The installation token of a task, the same one for all of its namespaces."""

    def __init__(self, app: AppToken, renewal: Renewal, update: UpdateCredentials, runtime: Runtime) -> None:
        self._app = app
        self._renewal = renewal
        self._update = update
        self._runtime = runtime
        self._make = Lazy(self._mint)
        self.is_minted = False
        warning = renewal.warn(app)
        self.warnings = [warning] if warning else []

    @property
    def username(self) -> str:
        """Return the user name of the token."""
        return self._app.username

    @property
    def server(self) -> str:
        """Return the Git server that takes the token."""
        return self._app.server

    @property
    def scope(self) -> str:
        """Return what the token is for."""
        return self._app.scope

    def renew(self, stored: StoredToken | None) -> tuple[str, str] | None:
        """Return the token of this task and its expiry time; None if the stored credential stays."""
        if stored and not self._is_due(stored):
            return None
        made = self._make()
        self.is_minted = True
        return made

    def _is_due(self, stored: StoredToken) -> bool:
        """Return whether the stored credential is replaced.

        Without update_credentials=always only force_mint replaces it, and not with on_create.
        """
        if self._update != "always":
            return self._renewal.force and self._update == "when_given"
        return stored.minted_for != self.scope or self._renewal.is_due(self._app, stored, stored.end)

    def _mint(self) -> tuple[str, str]:
        """Return a new token and when it expires; check mode asks for none."""
        if self._runtime.check_mode:
            return AFTER_APPLY, AFTER_APPLY
        from .._registry.client import registry_proxy_secrets
        from .github import mint_installation_token

        add = self._runtime.scrubber.add
        add(*registry_proxy_secrets())
        token = mint_installation_token(self._app, add)
        if token.expires_at <= self._renewal.now:
            raise KeyringError(
                f"{self._app.option} got an expired token.",
                f"It expired at {render_time(token.expires_at)}, and the clock of the machine that runs this task "
                f"shows {render_time(self._renewal.now)}.",
                "Set the clock.",
                fatal=True,
                failure="minting_failed",
                option=self._app.option,
            )
        return token.password, render_time(self._renewal.latest(self._app, token.expires_at))
