# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents of discovery, which an aggregated API server writes as it likes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.discovery import find_versions

AGGREGATED = {"kind": "APIGroupDiscoveryList"}
FLUX = {"metadata": {"name": "fluxcd.io"}, "versions": [{"version": "v1", "resources": [{"resource": "gitrepos"}]}]}
FLUX_VERSION = ("fluxcd.io", "v1", {"gitrepos"})

DOCUMENTS: Mapping[str, tuple[Any, list[Any]]] = {
    "aggregated": ({**AGGREGATED, "items": [FLUX]}, [FLUX_VERSION]),
    "a stale version": (
        {**AGGREGATED, "items": [{**FLUX, "versions": [{"version": "v1", "freshness": "Stale"}]}]},
        [("fluxcd.io", "v1", None)],
    ),
    "of an older server": (
        {"kind": "APIGroupList", "groups": [{"name": "fluxcd.io", "versions": [{"version": "v1"}]}]},
        [("fluxcd.io", "v1", None)],
    ),
    "a group that is text beside a good one": ({**AGGREGATED, "items": ["x", FLUX]}, [FLUX_VERSION]),
    "groups that are text": ({**AGGREGATED, "items": "x"}, []),
    "a group without a name": ({**AGGREGATED, "items": [{**FLUX, "metadata": None}]}, [("None", "v1", {"gitrepos"})]),
    "versions that are text": ({**AGGREGATED, "items": [{**FLUX, "versions": ["v1"]}, FLUX]}, [FLUX_VERSION]),
    "a resource without a name": (
        {**AGGREGATED, "items": [{**FLUX, "versions": [{"version": "v1", "resources": [{}, "x"]}]}]},
        [("fluxcd.io", "v1", {"None"})],
    ),
    "nothing": ({}, []),
}


@pytest.mark.parametrize(("document", "versions"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_finds_versions_in_any_document(document: Mapping[str, Any], versions: list[Any]) -> None:
    assert list(find_versions(document)) == versions
