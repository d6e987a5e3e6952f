# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that tasks about one Secret share: ServiceAccounts, the time to wait for them, prune."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.options import (
    Linking,
    Metadata,
    Safety,
    SecretOptions,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import OneNamespace, Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.account_selection import AccountSelection
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.secret_options import (
    SECRET_OPTIONS,
    CopySource,
    locate_sources,
    parse_secret_options,
    parse_source,
)
from support.samples.secrets import refusal

DEFAULTS = {name: option.get("default") for name, option in SECRET_OPTIONS.items()}
PARAMS = {**DEFAULTS, "name": "registry"}

NOT_A_NAME = (
    "service_accounts[{}] is not a name that a ServiceAccount can have. Allowed are at most 253 lower-case letters, "
    "digits, - and ., with a letter or digit at both ends and around each dot; this one has {}. Write it like default."
)
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an empty name": ({"service_accounts": ["default", ""]}, NOT_A_NAME.format(1, "no character")),
    "capitals": ({"service_accounts": ["Default"]}, NOT_A_NAME.format(0, "capital letters")),
    "a glob with capitals": (
        {"service_accounts": ["default", "Build-*"]},
        "service_accounts[1] is not a glob that a ServiceAccount can match. Names of ServiceAccounts have lower-case "
        "letters, digits, - and .; *, ? and [a-z] stand for some of them. Write it like ci-*.",
    ),
    "exclusions alone": (
        {"service_accounts": ["!default"]},
        "service_accounts has only exclusions. They need a selection to exclude from. Add the ServiceAccounts to "
        "select, such as '*', before the exclusions.",
    ),
    "a time below nothing": ({"wait_timeout": -1}, "wait_timeout must be from 0 to 3600 seconds; it is -1."),
    "a time too long": ({"wait_timeout": 3601}, "wait_timeout must be from 0 to 3600 seconds; it is 3601."),
}
ALLOWED: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "some": {"service_accounts": ["default", "builder.v2"]},
    "one twice": {"service_accounts": ["default", "default"]},
    "all of them": {"service_accounts": ["*"]},
    "all of them, to be unlinked": {"service_accounts": ["*"], "state": "absent"},
    "names, globs and exclusions": {"service_accounts": ["default", "ci-*", "app.v?", "!ci-old"]},
    "no time": {"wait_timeout": 0},
    "an hour": {"wait_timeout": 3600},
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_meant(changes: Mapping[str, Any], message: str) -> None:
    assert refusal(parse_secret_options, {**PARAMS, **changes}) == message


@pytest.mark.parametrize("changes", ALLOWED.values(), ids=ALLOWED)
def test_what_can_be_meant(changes: Mapping[str, Any]) -> None:
    parse_secret_options({**PARAMS, **changes})


PRUNE = {**DEFAULTS, "name": "registry", "namespaces": ["web-*"], "owner": "team-a", "prune": True}

REFUSED_PRUNE: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "absent": (
        {"state": "absent"},
        "prune and state=absent exclude each other. prune removes the Secret from namespaces that the task "
        "no longer selects. "
        "Leave out prune.",
    ),
    "no owner": (
        {"owner": None},
        "prune needs owner. Only Secrets of the same owner are removed. Give owner, a name that no other team or "
        "playbook uses.",
    ),
    "an empty owner": (
        {"owner": ""},
        "owner cannot be written as a label. Allowed are at most 63 letters, digits, -, _ and ., with a letter or "
        "digit at both ends. Write it like team-web.",
    ),
    "one namespace": (
        {"namespaces": None, "namespace": "web"},
        "prune needs namespaces or namespace_selectors. The Secret would be removed from all namespaces but "
        "one. Use one of them to select the namespaces that must have it.",
    ),
    "the namespace of the context": (
        {"namespaces": None},
        "prune needs namespaces or namespace_selectors. The Secret would be removed from all namespaces but "
        "one. Use one of them to select the namespaces that must have it.",
    ),
    "no namespaces": (
        {"namespaces": []},
        "namespaces is empty. It would select no namespace. Check the variable behind it; for all namespaces write "
        "namespaces: ['*'].",
    ),
    "an empty selector": (
        {"namespaces": None, "namespace_selectors": [""]},
        "namespace_selectors[0] is empty. To Kubernetes an empty selector means every namespace. Check the "
        "variable behind it; to select every namespace, write '*'.",
    ),
    "a limit of nothing": ({"prune_limit": 0}, "prune_limit must be at least 1; it is 0. Leave out prune."),
    "a limit below nothing": ({"prune_limit": -1}, "prune_limit must be at least 1; it is -1. Leave out prune."),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED_PRUNE.values(), ids=REFUSED_PRUNE)
def test_how_it_can_not_be_asked_for(changes: Mapping[str, Any], message: str) -> None:
    assert refusal(parse_secret_options, {**PRUNE, **changes}) == message


@pytest.mark.parametrize(
    "changes",
    [{}, {"namespaces": None, "namespace_selectors": ["*"]}, {"namespaces": ["!a"], "namespace_selectors": ["b"]}],
)
def test_how_it_can_be_asked_for(changes: Mapping[str, Any]) -> None:
    parse_secret_options({**PRUNE, **changes})


@pytest.mark.parametrize("changes", [{"owner": None}, {"state": "absent"}, {"prune_limit": 0}])
def test_what_only_prune_needs(changes: Mapping[str, Any]) -> None:
    parse_secret_options({**PRUNE, "prune": False, **changes})


def test_every_option_has_its_place() -> None:
    given = {
        "name": "registry",
        "namespaces": ["web", "!shop"],
        "state": "present",
        "labels": {"team": "web"},
        "annotations": {"note": None},
        "owner": "team-a",
        "immutable": True,
        "service_accounts": ["default", "builder"],
        "wait": False,
        "wait_timeout": 7,
        "in_use": "warn",
        "recreate": True,
        "take_ownership": True,
        "prune": True,
        "prune_limit": 3,
        "concurrency": 5,
        "report": "all",
        "update_credentials": "when_given",
    }
    options = parse_secret_options({**PARAMS, **given})
    assert options == SecretOptions(
        Metadata("registry", {"team": "web"}, {"note": None}, "team-a", immutable=True),
        Selection(literals=("web",), exclusions=("shop",)),
        "present",
        Linking(AccountSelection(("default", "builder")), wait=False, wait_timeout=7),
        Safety("warn", recreate=True, take_ownership=True, prune=True, prune_limit=3),
        concurrency=5,
        report="all",
        update_credentials="when_given",
    )
    assert options.linking.seconds == 0
    assert Linking(AccountSelection(("default",)), wait_timeout=7).seconds == 7


ONE, MANY = OneNamespace("web"), Selection(literals=("web", "shop"))


@pytest.mark.parametrize(
    ("source", "targets", "found"),
    [
        pytest.param(CopySource("source", "ops"), ONE, ("ops", "source"), id="one"),
        pytest.param(CopySource("source"), ONE, ("web", "source"), id="beside the one"),
        pytest.param(CopySource("source", "ops"), MANY, ("ops", "source"), id="many"),
        pytest.param(CopySource("registry", "web"), MANY, ("web", "registry"), id="one of the many"),
    ],
)
def test_where_a_copy_comes_from(source: CopySource, targets: OneNamespace | Selection, found: tuple[str, str]) -> None:
    assert locate_sources([source], targets, "registry") == [found]


@pytest.mark.parametrize(
    ("source", "targets", "message"),
    [
        pytest.param(
            CopySource("source"), MANY, "credentials_from.namespace is missing. With many ", id="from nowhere"
        ),
        pytest.param(CopySource("registry"), ONE, "credentials_from (Secret web/registry) is the Secret", id="itself"),
        pytest.param(CopySource("registry", "web"), ONE, "credentials_from (Secret web/registry) is the", id="by name"),
        pytest.param(CopySource("source"), OneNamespace("W"), "credentials_from.namespace is not a name", id="context"),
    ],
)
def test_where_no_copy_comes_from(source: CopySource, targets: OneNamespace | Selection, message: str) -> None:
    assert refusal(locate_sources, [source], targets, "registry").startswith(message)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "A", "namespace": None}, "credentials_from.name is not a name that a Secret can have."),
        ({"name": "a", "namespace": "B"}, "credentials_from.namespace is not a name that a namespace can have."),
    ],
)
def test_names_that_no_source_has(given: Mapping[str, Any], message: str) -> None:
    assert refusal(parse_source, given).startswith(message)
