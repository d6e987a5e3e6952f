# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all tasks about one Secret share, as types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from .._dataclasses import dataclass
from .._secret.account_selection import AccountSelection

if TYPE_CHECKING:
    from .._cluster.selection import GivenTargets
    from .._credentials.registries import UpdateCredentials
    from .._secret.guard import InUse

SecretState = Literal["present", "absent"]
ReportDetail = Literal["failed", "changed", "all"]


@dataclass(frozen=True)
class Metadata:
    """The name of a Secret and everything that is written beside its data; None for a label or annotation that goes."""

    name: str
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict)
    owner: str | None = None
    immutable: bool | None = None


@dataclass(frozen=True)
class Linking:
    """The ServiceAccounts that are linked or unlinked, and the seconds to wait for one that does not exist yet."""

    accounts: AccountSelection = AccountSelection()
    wait: bool = True
    wait_timeout: int = 30

    @property
    def seconds(self) -> int:
        """Return the seconds to wait, zero without ``wait``."""
        return self.wait_timeout if self.wait else 0


@dataclass(frozen=True)
class Safety:
    """The limits of a task: what may be deleted, recreated or taken over, and how much of it."""

    in_use: InUse = "refuse"
    recreate: bool = False
    take_ownership: bool = False
    prune: bool = False
    prune_limit: int = 10


@dataclass(frozen=True)
class SecretOptions:
    """The options that all tasks about one Secret share, parsed and checked."""

    metadata: Metadata
    targets: GivenTargets
    state: SecretState = "present"
    linking: Linking = Linking()
    safety: Safety = Safety()
    concurrency: int = 8
    report: ReportDetail = "failed"
    update_credentials: UpdateCredentials = "always"
