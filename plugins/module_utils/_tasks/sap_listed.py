# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in a list of SAP AI Core, as a result shows them: in any case, also where it hides other strings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from .._cluster.refused import Intent
from .._portals.portal_requests import PortalApi, strange_answer
from .._portals.sap_names import is_plain_name, warn_left_out
from .._runtime.execute import Runtime

ItemT = TypeVar("ItemT")


def choose_shown(
    api: PortalApi, intent: Intent, items: Sequence[ItemT], name_of: Callable[[ItemT], str], runtime: Runtime
) -> list[ItemT]:
    """Return the items of a list whose names can be shown, and warn of others.

    Raises KeyringError for a name with a secret, such as a token that the server has got from this task.
    """
    names = [name_of(item) for item in items]
    if runtime.scrubber.clean(names) != names:
        raise strange_answer(api, intent, "The list of names contains a credential of this task.")
    shown = [item for item in items if is_plain_name(name_of(item))]
    runtime.warnings.extend(warn_left_out(len(items) - len(shown), intent.place))
    return shown
