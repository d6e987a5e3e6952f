# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pull secret of OpenShift's nodes: which cluster has which, and the annotation with what a role added."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.openshift import (
    choose_target,
    parse_added,
    render_added,
    warn_release,
)

OWN_CONTROL_PLANES = ("HighlyAvailable", "HighlyAvailableArbiter", "DualReplica", "SingleReplica")


@pytest.mark.parametrize(
    ("given", "topology", "target"),
    [
        *(("auto", topology, "cluster") for topology in OWN_CONTROL_PLANES),
        *(("cluster", topology, "cluster") for topology in OWN_CONTROL_PLANES),
        ("auto", "External", "hosted"),
        ("hosted", "External", "hosted"),
        ("cluster", None, "cluster"),
        ("hosted", None, "hosted"),
    ],
)
def test_the_topology_says_which_secret(given: str, topology: str | None, target: str) -> None:
    assert choose_target(given, topology) == target


@pytest.mark.parametrize(
    ("given", "topology", "option"),
    [
        ("hosted", "HighlyAvailable", "target"),
        ("hosted", "SingleReplica", "target"),
        ("cluster", "External", "target"),
        ("auto", None, None),
        ("auto", "", None),
    ],
)
def test_refuses_to_guess(given: str, topology: str | None, option: str | None) -> None:
    with pytest.raises(KeyringError) as caught:
        choose_target(given, topology)
    assert caught.value.option == option


@pytest.mark.parametrize(
    ("release", "warns"),
    [
        ("4.19.7", True),
        ("4.9.0", True),
        ("3.11", True),
        ("4.20.0", False),
        ("4.21.0-rc.1", False),
        ("5.0.0", False),
        (None, False),
        ("nightly", False),
    ],
)
def test_warns_about_releases_that_ignore_the_secret(release: str | None, warns: bool) -> None:
    assert bool(warn_release(release)) == warns


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        (None, []),
        ("", []),
        ("registry.example.com", ["registry.example.com"]),
        (
            "quay.io/acme/, a.example.com:5000,*.b.example.com",
            ["*.b.example.com", "a.example.com:5000", "quay.io/acme/"],
        ),
        ("https://[::1]:5000/v2/\nb", ["b", "https://[::1]:5000/v2/"]),
        ("{{ lookup('pipe', 'id') }} a.example.com {%x%}", ["a.example.com"]),
        ("a" * 513, []),
    ],
)
def test_reads_the_annotation(text: str | None, servers: list[str]) -> None:
    assert parse_added(text) == servers
    assert parse_added(render_added(servers)) == servers
