# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result about images whose publisher has removed them, and what the report makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import ImageAudit
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.pull_check import CheckResult, Outcome
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.verification import Verified
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.access_report import access_report
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import NamespaceScrubbers, Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import describe_access
from support.samples.access import APP, made, spec, waiting, world

RETIRED = "bitnami/redis:7"
RUNNING = {"containerStatuses": [{"name": "c0", "state": {"running": {}}}]}
GONE = waiting("ErrImagePull", "not found")


@pytest.mark.parametrize(
    ("image", "status", "outcome", "cause"),
    [
        pytest.param(RETIRED, {}, "not_found", "retired", id="it does not run"),
        pytest.param(RETIRED, {"status": RUNNING}, "not_found", None, id="it runs"),
        pytest.param(RETIRED, {"status": GONE}, "not_found", "retired", id="its pull fails"),
        pytest.param(RETIRED, {}, "pullable", None, id="the registry has it"),
        pytest.param(APP, {}, "not_found", None, id="it is not retired"),
    ],
)
def test_a_running_image_does_not_fail_now(image: str, status: Any, outcome: Outcome, cause: str | None) -> None:
    found = ImageAudit(world({"Pod": [made("x", spec(image), **status)]})).find_images()
    verified = [Verified(CheckResult(outcome, ""))]
    described = describe_access(found, [], verified, NamespaceScrubbers(Scrubber()))
    (item,) = described["images"]
    report = access_report({"prod": {**described, "unknown": [], "cluster": None}})
    assert (item["cause"] or {}).get("id") == cause
    assert described["summary"]["failing"] == (0 if cause is None else 1)
    assert (report["images"][0]["verdict"] == "fails") is (cause is not None)
    assert report["clusters"][0]["failing"] == described["summary"]["failing"]
