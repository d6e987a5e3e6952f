# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of Ansible, and what is added to them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.refusals import explain_refusal

CHOICES = ["git_sync", "flux", "flux_proxy", "argocd_repository", "argocd_repo_creds", "config_json"]
OPTIONS: dict[str, Any] = {
    "format": {"type": "str", "choices": CHOICES},
    "source": {"type": "list", "elements": "dict", "options": {"format": {"type": "str", "choices": CHOICES}}},
    "name": {"type": "str", "required": True},
}


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        pytest.param({"format": "argocd"}, ". Did you mean argocd_repository or argocd_repo_creds?", id="a beginning"),
        pytest.param({"format": "configjson"}, ". Did you mean config_json?", id="a slip"),
        pytest.param({"format": "Flux-Proxy"}, ". Did you mean flux_proxy?", id="a hyphen"),
        pytest.param({"source": [{"format": "gitsync"}]}, ". Did you mean git_sync?", id="in an item of a list"),
        pytest.param({"format": "zzz"}, "", id="nothing like it"),
        pytest.param({"source": ["flux"]}, "", id="another refusal"),
    ],
)
def test_suggests_a_choice(arguments: dict[str, Any], suggestion: str) -> None:
    given = {"name": "a", **arguments}
    errors = ArgumentSpecValidator(OPTIONS).validate(given).errors
    refusal = explain_refusal("a_task", given, OPTIONS, errors, str(errors[0]))
    assert refusal["msg"] == f"{errors[0]}{suggestion}"
