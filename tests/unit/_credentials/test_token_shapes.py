# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens by their shape: as a user name or an e-mail address, in the wrong option, and in what others wrote."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import (
    HIDDEN,
    public_email,
    public_username,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.token_shapes import (
    contains_token,
    find_tokens,
    hide_tokens,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, execute
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.invocation import (
    misplaced_secrets,
    public_arguments,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import ADDRESS, TEXT, USERNAME

# Made of a prefix and the same letters, so that no search for real tokens finds them.
BODY = "0123456789abcdefABCDEF" * 2
TOKENS = (
    *(f"{prefix}{BODY}" for prefix in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")),
    *(f"gl{kind}-{BODY}" for kind in ("pat", "oas", "dt", "rt", "rtr", "cbt", "ptt", "ft", "imt", "agent", "wt")),
    f"acme-glpat-{BODY}",  # with the prefix of an instance
    *(f"{prefix}{BODY}" for prefix in ("dop_v1_", "doo_v1_", "dor_v1_", "dckr_pat_", "dckr_oat_")),
    f"AKCp8{BODY}",
    f"cmVmdGtu{BODY}",
    f"npm_{BODY}",
    f"pypi-AgEIcHlwaS5vcmc{BODY}",
    f"xoxb-{BODY}",
    f"hvs.{BODY}",
    f"sha256~{BODY}",
    f"ya29.{BODY}",
    f"AIza{BODY}",
    f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.{BODY}",
    f"ATATT3{BODY}",
    f"nvapi-{BODY}",
    f"hf_{BODY}",
    f"{BODY}{BODY[:32]}AZDO{BODY[:4]}",
    f"{BODY[:42]}+ACR{BODY[:6]}",
    f"abc8Q~{BODY[:31]}",
)
# People, robots and accounts of registries.
NAMES = (
    "octo", "acme+robot", "robot$ci", "AWS", "_json_key", "oauth2accesstoken", "$oauthtoken",
    "00000000-0000-0000-0000-000000000000",
    "token", "gitlab-ci-token", "gitlab+deploy-token-1", "npm_user", "hf_team", "aghp_1",
    "x-token-auth", "hvs.mueller", "eyJan",
    "sha256", "AIzawa", "ada@example.com", "system:serviceaccount", "AKIAIOSFODNN7EXAMPLE", "Ghp_1", "grünes-glpat",
)  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", " {}", "{}\n", "\t{} ", "octo {}", "octo/{}", "octo={}"])
def test_a_token_is_no_name(token: str, around: str) -> None:
    text = around.format(token)
    assert public_username(text, None) == HIDDEN
    assert public_username(text, "another") == HIDDEN
    assert public_email(text, None) == HIDDEN
    assert token.removeprefix("acme-") in list(find_tokens(text))
    assert hide_tokens(text, "***") == around.format("***") or "acme-" in token


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_token(name: str) -> None:
    assert not contains_token(name)
    assert hide_tokens(name, "***") == name


def test_a_password_is_no_email() -> None:
    assert public_email("same", "same") is None
    assert public_email("ada@example.com", "x") == "ada@example.com"
    assert public_email(None, None) is None


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_in_the_wrong_option(token: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "owner": {"type": "str", "context": TEXT},
        "context": {"type": "str", "context": TEXT},
        "server": {"type": "str", "context": ADDRESS},
        "username": {"type": "str", "context": USERNAME},
        "labels": {"type": "dict"},
        "registries": {"type": "list", "elements": "dict", "options": {"email": {"type": "str", "context": TEXT}}},
    }
    arguments = {
        "owner": token, "context": f"at {token}", "server": f"https://{token}.example/x", "username": token,
        "labels": {"a": token}, "registries": [{"email": token}],
    }  # fmt: skip
    assert token not in str(public_arguments(arguments, options))
    for name, value in arguments.items():
        assert token.removeprefix("acme-") in " ".join(misplaced_secrets({name: value}, options)), name


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_in_what_others_wrote(token: str) -> None:
    result = execute(
        lambda _params, _runtime: {"description": f"use {token}", "secrets": [{"labels": {"a": token}, "name": token}]},
        {},
        Runtime(check_mode=False, environ={}),
    )
    assert token not in str(result["description"])
    assert token not in str(result["secrets"][0]["labels"])
    assert result["secrets"][0]["name"] == token, "a fact stays"


@pytest.mark.parametrize(
    "text", ["ghp_" * 250_000, "A" * 1_000_000, "a+" * 500_000, "eyJ " * 250_000, "AZDO" * 250_000]
)
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    contains_token(text)
    hide_tokens(text, "***")
    assert time.process_time() - start < 5
