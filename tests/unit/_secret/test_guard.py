# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Secret that is used may go, and what is said of it."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.guard import InUse, guard
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import Use
from support.samples.secrets import refusal

PLACE = "Secret web/registry"
POD = Use("web", "Pod", "web-1", "image_pull_secrets", "registry", "next_pull")
POD_AGAIN = Use("web", "Pod", "web-1", "volume", "registry", "restart")
ACCOUNT = Use("web", "ServiceAccount", "default", "image_pull_secrets", "registry", "next_pull")
MANY = [Use("web", "Pod", f"web-{number:02}", "volume", "registry", "restart") for number in range(12)]
UNSEEN = "Cannot list Pods of namespace web: forbidden (403)."
TEN = ", ".join(f"Pod web-{number:02}" for number in range(10))
REMOVE = "Remove these references first."
UNLINK = "With state=absent, service_accounts=['*'] removes those of ServiceAccounts."
DESPITE = "To delete the Secret despite the references, set in_use=warn."
GRANT = "Grant the identity these permissions. To delete the Secret without this check, set in_use=warn."

CASES = [
    pytest.param([POD], [], f"{PLACE} is in use by Pod web-1.", f"{REMOVE} {DESPITE}", id="one"),
    pytest.param(
        [ACCOUNT, POD_AGAIN, POD],
        [],
        f"{PLACE} is in use by Pod web-1, ServiceAccount default.",
        f"{REMOVE} {UNLINK} {DESPITE}",
        id="each once, sorted",
    ),
    pytest.param(MANY[:10], [], f"{PLACE} is in use by {TEN}.", f"{REMOVE} {DESPITE}", id="ten"),
    pytest.param(MANY, [], f"{PLACE} is in use by {TEN} and 2 more.", f"{REMOVE} {DESPITE}", id="twelve"),
    pytest.param(
        [],
        [UNSEEN],
        f"Whether anything uses {PLACE} is not known. {UNSEEN}",
        GRANT,
        id="not seen",
    ),
    pytest.param(
        [POD],
        [UNSEEN],
        f"{PLACE} is in use by Pod web-1. Whether anything else uses {PLACE} is not known. {UNSEEN}",
        f"{REMOVE} {DESPITE}",
        id="used, and not all seen",
    ),
]


@pytest.mark.parametrize(("uses", "unknown", "what", "remedy"), CASES)
def test_what_is_used_is_refused_told_or_ignored(uses: list[Use], unknown: list[str], what: str, remedy: str) -> None:
    assert refusal(guard, PLACE, uses, unknown, "refuse") == f"{what} {remedy}"
    assert guard(PLACE, uses, unknown, "warn") == (what,)
    assert guard(PLACE, uses, unknown, "ignore") == ()


@pytest.mark.parametrize("in_use", ["refuse", "warn", "ignore"])
def test_what_nothing_uses_goes(in_use: InUse) -> None:
    assert guard(PLACE, [], [], in_use) == ()
