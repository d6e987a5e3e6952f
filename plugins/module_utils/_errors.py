# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception of this collection: a refusal, told in sentences to the person who runs the task."""

from __future__ import annotations

from typing import Any


class KeyringError(Exception):
    """What went wrong, why, and how to go on; each a full sentence, none with the value of a secret option.

    ``changed`` is true when the cluster was written before the failure. ``quoted`` is that part of the sentences which
    somebody else wrote, such as a server; parts of a secret in it are hidden before it is shown. ``fatal`` is true when
    nothing else that the task might try on this cluster can succeed. ``facts`` are fields for the result of the failed
    task, such as the cluster, added on the way out by whoever knows them.
    """

    def __init__(
        self,
        what: str,
        why: str = "",
        remedy: str = "",
        *,
        changed: bool = False,
        quoted: str = "",
        fatal: bool = False,
    ) -> None:
        super().__init__(" ".join(part for part in (what, why, remedy) if part))
        self.changed = changed
        self.quoted = quoted
        self.fatal = fatal
        self.facts: dict[str, Any] = {}
