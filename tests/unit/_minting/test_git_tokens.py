# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token for Git over time: when a task mints one, and what it writes about its expiry.

In check mode, so that the token of the task is a placeholder, and nothing is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.app_token import TOKEN_USERNAME
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import AFTER_APPLY
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_secret import StoredToken
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT, MINTED_FOR
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret import make_git_token
from support.samples.git_secrets import ADA, HTTPS_URL, GitTask, data_of, git_secret, plain, plan_of
from support.samples.keys import certificate, key_text
from support.samples.secrets import refusal

APP = {
    "client_id": "Iv23liAbCdEf",
    "owner": "acme",
    "private_key": key_text("RSA PKCS#1"),
    "repositories": ["app"],
}
SCOPE = (
    '{"api":"https://api.github.com","app":"Iv23liAbCdEf","installation":"acme","permissions":{"contents":"read"},'
    '"repositories":["app"]}'
)
STORED = {"username": TOKEN_USERNAME, "password": "ghs_stored"}
MINTED = {"username": TOKEN_USERNAME, "password": AFTER_APPLY}
BEARER = {"bearerToken": "t"}


def ends_in(minutes: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def minting(*, minutes: float | None = 50, scope: str | None = SCOPE, **stored: str) -> dict[str, Any]:
    """A stored Secret with a token that lasts so many minutes."""
    annotations = {}
    if minutes is not None:
        annotations[EXPIRES_AT] = json.dumps({"password": ends_in(minutes)})
    if scope is not None:
        annotations[MINTED_FOR] = scope
    return git_secret({**STORED, **stored}, annotations=annotations)


OTHER_SCOPE = SCOPE.replace('"read"', '"write"')
KEPT: Mapping[str, Any] = {"update_credentials": "when_given"}
ON_CREATE: Mapping[str, Any] = {"update_credentials": "on_create"}
FORCED: Mapping[str, Any] = {"force_mint": True}


@pytest.mark.parametrize(
    ("stored", "options", "is_minted"),
    [
        pytest.param(None, {}, True, id="nothing stored"),
        pytest.param(minting(), {}, False, id="still valid"),
        pytest.param(minting(minutes=29), {}, False, id="more than a third of its life"),
        pytest.param(minting(minutes=19), {}, True, id="less than a third of its life"),
        pytest.param(minting(minutes=19), {"min_validity": 600}, False, id="lasts as long as is asked for"),
        pytest.param(minting(minutes=9), {"min_validity": 600}, True, id="does not last so long"),
        pytest.param(minting(minutes=-1), {}, True, id="expired"),
        pytest.param(minting(minutes=90), {}, True, id="further ahead than a token can last"),
        pytest.param(minting(minutes=None), {}, True, id="without a date"),
        pytest.param(minting(scope=None), {}, True, id="of unknown scope"),
        pytest.param(minting(scope=OTHER_SCOPE), {}, True, id="with other permissions"),
        pytest.param(minting(username="octo"), {}, True, id="another user"),
        pytest.param(minting(), FORCED, True, id="forced"),
        pytest.param(minting(minutes=-1), KEPT, False, id="kept when not given"),
        pytest.param(minting(username="octo"), KEPT, False, id="another credential kept when not given"),
        pytest.param(minting(), {**KEPT, **FORCED}, True, id="forced when not given"),
        pytest.param(None, KEPT, True, id="nothing to keep"),
        pytest.param(git_secret({"username": "octo"}), KEPT, True, id="half a credential"),
        pytest.param(minting(minutes=-1), {**ON_CREATE, **FORCED}, False, id="rotated elsewhere"),
        pytest.param(None, ON_CREATE, True, id="created"),
        pytest.param(git_secret(ADA), {}, True, id="a password"),
        pytest.param(git_secret(ADA), ON_CREATE, False, id="a password that is rotated elsewhere"),
    ],
)
def test_mints_when_the_stored_token_is_due(
    stored: dict[str, Any] | None, options: Mapping[str, Any], is_minted: bool
) -> None:
    plan = plan_of(stored, github_app_token=APP, check_mode=True, **options)

    if is_minted:
        assert data_of(plan) == MINTED
        after = plain(plan)["annotations"]
        assert after == {EXPIRES_AT: json.dumps({"password": AFTER_APPLY}, separators=(",", ":")), MINTED_FOR: SCOPE}
        assert plan.notes["next_run_before"] == AFTER_APPLY
    else:
        assert (plan.operation, plan.after) == ("unchanged", stored)
    is_kept = not is_minted and options.get("update_credentials")
    assert plan.notes["credentials_kept"] == (["https.password", "https.username"] if is_kept else [])


@pytest.mark.parametrize(("update", "is_minted"), [("always", True), ("when_given", True), ("on_create", False)])
def test_force_mint_asks_for_no_token_that_is_not_written(update: str, is_minted: bool) -> None:
    task = GitTask(github_app_token=APP, check_mode=True, force_mint=True, update_credentials=update)
    token = make_git_token(task.options, task.context)
    assert token
    assert (token.renew(StoredToken(TOKEN_USERNAME, ends_in(50), SCOPE)) is not None) is is_minted
    assert token.is_minted is is_minted


def test_a_bearer_token_gives_way() -> None:
    given = {"format": "flux", "url": "https://github.com/acme/app", "github_app_token": APP, "check_mode": True}
    assert data_of(plan_of(git_secret(BEARER), **given)) == MINTED
    assert data_of(plan_of(git_secret(BEARER), **given, **KEPT)) == BEARER
    assert data_of(plan_of(git_secret(BEARER), **given, **KEPT, **FORCED)) == MINTED


@pytest.mark.parametrize(
    ("options", "data"),
    [
        ({"format": "config_sync"}, {"username": TOKEN_USERNAME, "token": AFTER_APPLY}),
        ({"format": "custom", "keys": {"password": "pw"}}, {"pw": AFTER_APPLY}),
        (
            {"format": "airflow"},
            {
                "GIT_SYNC_USERNAME": TOKEN_USERNAME,
                "GITSYNC_USERNAME": TOKEN_USERNAME,
                "GIT_SYNC_PASSWORD": AFTER_APPLY,
                "GITSYNC_PASSWORD": AFTER_APPLY,
            },
        ),
    ],
    ids=lambda value: value.get("format"),
)
def test_writes_what_the_consumer_reads(options: dict[str, Any], data: dict[str, str]) -> None:
    assert data_of(plan_of(github_app_token=APP, check_mode=True, **options)) == data


def test_keeps_a_token_under_a_name_of_ones_own() -> None:
    stored = git_secret(
        {"pw": "ghs_stored"}, annotations={EXPIRES_AT: json.dumps({"password": ends_in(50)}), MINTED_FOR: SCOPE}
    )
    given = {"format": "custom", "keys": {"password": "pw"}, "github_app_token": APP, "check_mode": True}
    assert plan_of(stored, **given).operation == "unchanged"


# --- the expiry time of a given credential ----------------------------------------------------------------------------

END = "2099-01-31T00:00:00Z"
OTHER_END = "2098-01-31T00:00:00Z"
DATED = {EXPIRES_AT: f'{{"password":"{END}"}}'}
OTHER_DATE = {EXPIRES_AT: f'{{"password":"{OTHER_END}"}}'}
BOTH = {**OTHER_DATE, MINTED_FOR: SCOPE}
DATED_ADA = {**ADA, "expires_at": "2099-01-31"}


@pytest.mark.parametrize(
    ("stored", "options", "annotations"),
    [
        pytest.param(None, {"https": DATED_ADA}, DATED, id="created"),
        pytest.param(git_secret(ADA), {"https": DATED_ADA}, DATED, id="added"),
        pytest.param(git_secret(ADA, annotations=OTHER_DATE), {"https": DATED_ADA}, DATED, id="changed"),
        pytest.param(git_secret(ADA, annotations=OTHER_DATE), {"https": ADA}, OTHER_DATE, id="the same password"),
        pytest.param(
            git_secret({**ADA, "password": "old"}, annotations=BOTH), {"https": ADA}, {}, id="another password"
        ),
        pytest.param(
            git_secret({**ADA, "password": "old"}, annotations=BOTH), {"https": DATED_ADA}, DATED, id="and another date"
        ),
        pytest.param(
            git_secret(ADA, annotations=OTHER_DATE), {"https": {"expires_at": END}, **KEPT}, DATED, id="a date alone"
        ),
        pytest.param(git_secret(ADA, annotations=OTHER_DATE), {"https": {}, **KEPT}, OTHER_DATE, id="nothing given"),
        pytest.param(
            git_secret({**ADA, "password": "old"}, annotations=OTHER_DATE),
            {"https": DATED_ADA, **ON_CREATE},
            OTHER_DATE,
            id="rotated elsewhere",
        ),
        pytest.param(
            git_secret(ADA, annotations=BOTH),
            {"ssh": {"private_key": key_text("Ed25519 OpenSSH")}},
            {},
            id="another kind",
        ),
        pytest.param(
            git_secret(ADA, annotations={EXPIRES_AT: "no JSON"}), {"https": ADA}, {}, id="an annotation that is none"
        ),
        pytest.param(
            None,
            {"format": "flux", "https": {"bearer_token": "t", "expires_at": END}},
            {EXPIRES_AT: f'{{"bearer_token":"{END}"}}'},
            id="a bearer token",
        ),
    ],
)
def test_records_when_a_password_expires(
    stored: dict[str, Any] | None, options: dict[str, Any], annotations: dict[str, str]
) -> None:
    plan = plan_of(stored, **options)
    assert plain(plan)["annotations"] == annotations
    end = json.loads(annotations[EXPIRES_AT]) if annotations else {}
    assert plan.notes["next_run_before"] == next(iter(end.values()), None)


def test_copies_the_date_with_the_password() -> None:
    source = git_secret(ADA, annotations=DATED)
    assert plain(GitTask(source).plan())["annotations"] == DATED
    given = {"https": {"password": "new"}, **KEPT}
    assert plain(GitTask(source, **given).plan())["annotations"] == {}
    dated = {"https": {"expires_at": OTHER_END}, **KEPT}
    assert plain(GitTask(source, **dated).plan())["annotations"] == OTHER_DATE


def test_refuses_a_date_that_is_none() -> None:
    assert refusal(GitTask, https={**ADA, "expires_at": "s3cret"}, url=HTTPS_URL) == (
        "https.expires_at is not a valid date and time. It states when the password expires, as a date or a time with "
        "its zone. Write it like 2027-01-31 or 2027-01-31T12:00:00Z."
    )


def test_refuses_a_date_for_a_certificate() -> None:
    pair = {"client_certificate": certificate("ECDSA"), "client_key": key_text("ECDSA PKCS#8"), "expires_at": END}
    assert refusal(plan_of, format="flux", https=pair) == (
        "https.expires_at is given without a password or token. It states when one expires. Leave it out."
    )
