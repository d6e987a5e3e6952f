# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registries that the tests of verification ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.servers.registries import Registry, TokenService, htpasswd_registry, token_registry


@pytest.fixture(scope="module")
def with_password() -> Iterator[Registry]:
    """A registry that asks for a password by itself."""
    with htpasswd_registry("team/app:1") as found:
        yield found


@pytest.fixture(scope="module")
def with_tokens() -> Iterator[tuple[Registry, TokenService]]:
    """A registry with a token service. Its user may pull team/app, and not team/secret."""
    with token_registry(["team/app"], "team/app:1", "team/secret:1") as found:
        yield found
