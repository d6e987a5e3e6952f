# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be asked of service_account_secrets, what it decides about one ServiceAccount, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.account_links import (
    Wanted,
    blank_account,
    new_names,
    plan_account,
    view_account,
    view_account_diff,
    view_link_changes,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.links import Links, plan_links
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.service_account_secrets import (
    OPTIONS,
    parse_options,
)
from support.samples.secrets import refusal

GENERATED = "default-dockercfg-x7k2p"
OF_ANOTHER = "builder-dockercfg-q2w3e"
ONLY_A = Links(("a",), exclusive=True)


def params(**given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in OPTIONS.items()}
    return {**defaults, "service_account": "default", **given}


def links(*names: str, absent: tuple[str, ...] = ()) -> list[dict[str, str]]:
    states = {**dict.fromkeys(absent, "absent"), **dict.fromkeys(names, "present")}
    return [{"name": name, "state": states[name]} for name in (*names, *absent)]


def account(*pull_secrets: str, secrets: tuple[str, ...] = (), **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "web", "name": "default", "uid": "5d2c", "resourceVersion": "41", **metadata},
        "imagePullSecrets": [{"name": name} for name in pull_secrets],
        "secrets": [{"name": name} for name in secrets],
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"secrets": links("a")}, {"secrets": Links(("a",))}),
        (
            {"image_pull_secrets": links("b", "a", absent=("c",)), "secrets": []},
            {"imagePullSecrets": Links(("b", "a"), ("c",)), "secrets": Links()},
        ),
        ({"image_pull_secrets": links("a"), "exclusive": True}, {"imagePullSecrets": ONLY_A}),
        (
            {"secrets": links("a"), "image_pull_secrets": links("a")},
            {"imagePullSecrets": Links(("a",)), "secrets": Links(("a",))},
        ),
    ],
)
def test_what_is_asked(given: Mapping[str, Any], expected: Mapping[str, Links]) -> None:
    assert parse_options(params(**given)).wanted == expected


SECRET_NAME = (
    "is not a name that a Secret can have. Allowed are at most 253 lower-case letters, digits, - and ., with a letter "
    "or digit at both ends and around each dot; this one has"
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"image_pull_secrets": links("a", "S3cret")},
            f"image_pull_secrets[1].name {SECRET_NAME} capital letters. Write it like registry-credentials.",
        ),
        ({"secrets": links("")}, f"secrets[0].name {SECRET_NAME} no character. Write it like registry-credentials."),
        (
            {"secrets": [*links("b", "a"), *links(absent=("a",))]},
            "secrets[2] is the same Secret as secrets[1]. Keep one of them.",
        ),
        (
            {"secrets": links("a"), "image_pull_secrets": [], "exclusive": True},
            "image_pull_secrets is empty, and exclusive=true would remove every Secret from this list. Check the "
            "variable behind it, or leave it out; to remove them all, list one of them with state=absent.",
        ),
        (
            {},
            "image_pull_secrets and secrets are both null. Nothing would be done. Check the variables behind "
            "them, or leave out the one that is not needed.",
        ),
        (
            {"secrets": links("a"), "service_account": "ci-*"},
            "service_account is not a name that a ServiceAccount can have. It selects one ServiceAccount by its name. "
            "For several names or a glob, use service_accounts: ['default', 'ci-*'].",
        ),
        (
            {"secrets": links("a"), "service_account": None, "service_accounts": []},
            "service_accounts is empty. It would select no ServiceAccount. Check the variable behind it; for all "
            "ServiceAccounts write service_accounts: ['*'].",
        ),
        (
            {"secrets": links("a"), "service_account": None, "service_accounts": ["default", "CI-*"]},
            "service_accounts[1] is not a glob that a ServiceAccount can match. Names of ServiceAccounts have "
            "lower-case letters, digits, - and .; *, ? and [a-z] stand for some of them. Write it like ci-*.",
        ),
        (
            {"secrets": links("a"), "namespaces": ["web", "Web"]},
            "namespaces[1] is not a name that a namespace can have. Allowed are at most 63 lower-case letters, digits "
            "and -, with a letter or digit at both ends; this one has capital letters.",
        ),
        (
            {"secrets": links("a"), "namespaces": ["*"], "concurrency": 0},
            "concurrency must be from 1 to 64; it is 0. It is the number of namespaces that are written at the same "
            "time. Leave it out for 8.",
        ),
        (
            {"secrets": links("a"), "wait_timeout": -1},
            "wait_timeout must be from 0 to 3600 seconds; it is -1.",
        ),
        (
            {"secrets": links("a"), "wait_timeout": 3601},
            "wait_timeout must be from 0 to 3600 seconds; it is 3601.",
        ),
        (
            {"secrets": links("a"), "namespace": "a.b"},
            "namespace is not a name that a namespace can have. Allowed are at most 63 lower-case letters, digits and "
            "-, with a letter or digit at both ends; this one has other characters, or another one at an end.",
        ),
        (
            {"secrets": links("a"), "service_account": "default\n"},
            "service_account is not a name that a ServiceAccount can have. Allowed are at most 253 lower-case letters, "
            "digits, - and ., with a letter or digit at both ends and around each dot; this one has "
            "whitespace or a newline at one end. Write it like default.",
        ),
    ],
)
def test_what_can_not_be_asked(given: Mapping[str, Any], message: str) -> None:
    assert refusal(parse_options, params(**given)) == message


@pytest.mark.parametrize("seconds", [0, 30, 3600])
def test_how_long_it_may_wait(seconds: int) -> None:
    assert parse_options(params(secrets=links("a"), wait_timeout=seconds)).linking.wait_timeout == seconds


@pytest.mark.parametrize(
    ("stored", "wanted", "removed"),
    [
        pytest.param(account("a", GENERATED), {"imagePullSecrets": ONLY_A}, GENERATED, id="pull secret"),
        pytest.param(
            account(GENERATED, secrets=(GENERATED, "default-dockercfg-b")),
            {"imagePullSecrets": ONLY_A, "secrets": ONLY_A},
            f"{GENERATED}, default-dockercfg-b",
            id="both lists, each once",
        ),
        pytest.param(
            account("cut-1a2b", annotations={"openshift.io/internal-registry-pull-secret-ref": "cut-1a2b"}),
            {"imagePullSecrets": ONLY_A},
            "cut-1a2b",
            id="known by the annotation",
        ),
        pytest.param(account("a", GENERATED), {"imagePullSecrets": Links(("b",))}, "", id="not exclusive"),
        pytest.param(account("a", GENERATED), {"secrets": ONLY_A}, "", id="another list"),
        pytest.param(account(OF_ANOTHER), {"imagePullSecrets": ONLY_A}, "", id="of another ServiceAccount"),
        pytest.param(
            account(GENERATED), {"imagePullSecrets": Links((GENERATED,), exclusive=True)}, "", id="kept by name"
        ),
        pytest.param(
            account(GENERATED), {"imagePullSecrets": Links(("a",), (GENERATED,), exclusive=True)}, "", id="by name"
        ),
    ],
)
def test_a_warning_about_what_openshift_has_made(stored: Any, wanted: Any, removed: str) -> None:
    expected = (
        f"exclusive=true removes {removed} from ServiceAccount web/default. OpenShift makes such Secrets for its "
        "internal registry, from which Pods cannot pull without them, and may add them again. List them with "
        "state=present to keep them."
    )

    plan = plan_account(stored, wanted)

    assert plan.warnings == ((expected,) if removed else ())
    again = plan_account(plan.after or {}, wanted)
    assert (again.operation, again.warnings) == ("unchanged", ())


DELETED = account("a", deletionTimestamp="2026-01-01T00:00:00Z")


def test_one_that_is_being_deleted_gets_nothing() -> None:
    assert refusal(plan_account, DELETED, {"imagePullSecrets": Links(("a",))}) == (
        "ServiceAccount web/default is being deleted. A finalizer still holds it. Run the task again when it "
        "is deleted."
    )


def test_one_that_is_being_deleted_need_not_lose_anything() -> None:
    plan = plan_account(DELETED, {"imagePullSecrets": Links(absent=("a",))})

    assert (plan.operation, plan.before, plan.after) == ("unchanged", DELETED, DELETED)
    assert plan.warnings == ("ServiceAccount web/default is being deleted already; a finalizer still holds it.",)


HEADERS = {"before_header": "ServiceAccount web/default", "after_header": "ServiceAccount web/default"}


def test_what_is_told() -> None:
    stored = account("b", secrets=("t",))

    plan = plan_account(stored, {"imagePullSecrets": Links(("a",))})

    assert view_account(plan.after or {}) == {
        "namespace": "web",
        "name": "default",
        "uid": "5d2c",
        "resource_version": "41",
        "image_pull_secrets": ["b", "a"],
        "secrets": ["t"],
    }
    assert view_account_diff(plan, "web", "default") == {
        "before": {"image_pull_secrets": ["b"], "secrets": ["t"]},
        "after": {"image_pull_secrets": ["b", "a"], "secrets": ["t"]},
        **HEADERS,
    }


def test_what_is_told_of_one_that_does_not_exist_yet() -> None:
    plan = plan_account(blank_account("web", "default"), {"secrets": Links(("a",))})

    assert view_account(plan.after or {}) == {
        "namespace": "web",
        "name": "default",
        "uid": None,
        "resource_version": None,
        "image_pull_secrets": [],
        "secrets": ["a"],
    }
    assert view_account_diff(plan, "web", "default") == {
        "before": {"image_pull_secrets": [], "secrets": []},
        "after": {"image_pull_secrets": [], "secrets": ["a"]},
        **HEADERS,
    }


def test_no_change_has_no_diff() -> None:
    plan = plan_account(account("a"), {"imagePullSecrets": Links(("a",))})

    assert view_account_diff(plan, "web", "default") == {"before": {}, "after": {}, **HEADERS}


def test_lists_the_new_names_of_a_plan_once() -> None:
    wanted: Wanted = {"imagePullSecrets": Links(("a", "b", "c")), "secrets": Links(("c", "d"), ("e",))}

    assert new_names(plan_account(account("a", secrets=("e",)), wanted)) == ["b", "c", "d"]
    assert new_names(plan_account(account("a"), {"imagePullSecrets": Links(("a",))})) == []
    assert new_names(Plan("unchanged", None, None)) == []


def test_the_diff_of_many_has_only_what_changes() -> None:
    """So that the same change is equal in namespaces with different other links."""
    unlink: Wanted = {"imagePullSecrets": Links(("b",), ("a",)), "secrets": Links(("b",))}
    plans = {"app": plan_links(account("a", GENERATED), unlink), "done": plan_links(account("b"), {})}

    diff = view_link_changes(plans, "web")

    place = "ServiceAccounts of namespace web"
    assert diff == {
        "before": {"service_accounts": {"app": {"image_pull_secrets": ["a"]}}},
        "after": {"service_accounts": {"app": {"image_pull_secrets": ["b"], "secrets": ["b"]}}},
        "before_header": place,
        "after_header": place,
    }
    assert view_link_changes({"done": plans["done"]}, "web") == {
        "before": {},
        "after": {},
        "before_header": place,
        "after_header": place,
    }
