# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Public Git servers: their names, the keys that they accept, and where each fact is from."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_hosts import (
    GIT_HOSTS,
    NO_BEARER_SOURCE,
    WITHDRAWN_KEYS,
    find_git_host,
)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("ssh.dev.azure.com", "Azure DevOps"),
        ("vs-ssh.visualstudio.com", "Azure DevOps"),
        ("acme.vs-ssh.visualstudio.com", "Azure DevOps"),
        ("git-codecommit.us-east-1.amazonaws.com", "AWS CodeCommit"),
        ("git-codecommit.cn-north-1.amazonaws.com.cn", "AWS CodeCommit"),
        ("git-codecommit-fips.us-gov-west-1.amazonaws.com", "AWS CodeCommit"),
        ("bitbucket.org", "Bitbucket"),
        ("altssh.bitbucket.org", "Bitbucket"),
        ("dev.azure.com", None),
        ("github.com", None),
        ("gitlab.com", None),
        ("ssh.dev.azure.com.example.org", None),
        ("xbitbucket.org", None),
        ("codecommit.us-east-1.amazonaws.com", None),
    ],
)
def test_find_git_host(host: str, name: str | None) -> None:
    found = find_git_host(host)
    assert (found and found.name) == name


def test_every_fact_has_a_source() -> None:
    sources = [row.source for row in GIT_HOSTS] + [key.source for key in WITHDRAWN_KEYS.values()]
    sources.append(NO_BEARER_SOURCE)
    assert all(source.startswith("https://") for source in sources)
