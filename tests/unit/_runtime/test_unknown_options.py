# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelt options, and options in the wrong place, of every module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.string_options import (
    refuse_values_for_mappings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.unknown_options import explain_unknown
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    cdnetworks_ecp_registry_user,
    cdnetworks_ecp_registry_user_info,
    gitsync_secret,
    gitsync_secret_info,
    image_access_info,
    image_pull_secret,
    image_pull_secret_info,
    openshift_global_pull_secret_info,
    sap_ai_core_docker_registry_secret,
    sap_ai_core_docker_registry_secret_info,
    sap_ai_core_git_repository,
    sap_ai_core_git_repository_info,
    service_account_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct

TASKS: Mapping[str, TaskDefinition] = {
    "cdnetworks_ecp_registry_user": cdnetworks_ecp_registry_user.DEFINITION,
    "cdnetworks_ecp_registry_user_info": cdnetworks_ecp_registry_user_info.DEFINITION,
    "image_pull_secret": image_pull_secret.DEFINITION,
    "image_pull_secret_info": image_pull_secret_info.DEFINITION,
    "gitsync_secret": gitsync_secret.DEFINITION,
    "gitsync_secret_info": gitsync_secret_info.DEFINITION,
    "image_access_info": image_access_info.DEFINITION,
    "openshift_global_pull_secret_info": openshift_global_pull_secret_info.DEFINITION,
    "sap_ai_core_docker_registry_secret": sap_ai_core_docker_registry_secret.DEFINITION,
    "sap_ai_core_docker_registry_secret_info": sap_ai_core_docker_registry_secret_info.DEFINITION,
    "sap_ai_core_git_repository": sap_ai_core_git_repository.DEFINITION,
    "sap_ai_core_git_repository_info": sap_ai_core_git_repository_info.DEFINITION,
    "service_account_secrets": service_account_secrets.DEFINITION,
}

# Module, arguments, the option that the failure names, the question.
MISSPELT = [
    ("cdnetworks_ecp_registry_user", {"project_access": []}, "project_access", "Did you mean projects_access?"),
    ("cdnetworks_ecp_registry_user_info", {"user_name": "x"}, "user_name", "Did you mean username?"),
    ("image_pull_secret", {"registry": []}, "registry", "Did you mean registries?"),
    ("image_pull_secret", {"registries": [{"pasword": "x"}]}, "registries[0].pasword", "Did you mean password?"),
    (
        "image_pull_secret",
        {"registries": [{}, {"user": "x"}]},
        "registries[1].user",
        "Did you mean username or server?",
    ),
    ("image_pull_secret", {"registries": "server=a pasword=x"}, "registries[0].pasword", "Did you mean password?"),
    ("image_pull_secret", {"server": "ghcr.io"}, "server", "Did you mean registries[].server?"),
    ("image_pull_secret", {"credentials_from": {"nam": "x"}}, "credentials_from.nam", "Did you mean name?"),
    ("image_pull_secret", {"credentials_from": [{"nam": "x"}]}, "credentials_from[0].nam", "Did you mean name?"),
    ("image_pull_secret", {"ssl_ca_crt": "x"}, "ssl_ca_crt", "Did you mean ssl_ca_cert?"),
    ("image_pull_secret", {"registries": [{"images": "x"}]}, "registries[0].images", "Did you mean images?"),
    (
        "gitsync_secret",
        {"private_key": "x"},
        "private_key",
        "Did you mean ssh.private_key or github_app.private_key or gpg.private_key or github_app_token.private_key?",
    ),
    ("gitsync_secret", {"ssh": {"privat_key": "x"}}, "ssh.privat_key", "Did you mean private_key?"),
    ("gitsync_secret", {"ssh": '{"privat_key": "x"}'}, "ssh.privat_key", "Did you mean private_key?"),
    ("gitsync_secret", {"formt": "flux"}, "formt", "Did you mean format?"),
    ("image_pull_secret_info", {"hold": "x"}, "hold", "Did you mean holds"),
    ("gitsync_secret_info", {"fingerprnt": "x"}, "fingerprnt", "Did you mean fingerprint?"),
    ("image_access_info", {"image": "x"}, "image", "Did you mean images"),
    ("openshift_global_pull_secret_info", {"targt": "hosted"}, "targt", "Did you mean target?"),
    ("sap_ai_core_docker_registry_secret", {"servicekey": {}}, "servicekey", "Did you mean service_key"),
    ("sap_ai_core_docker_registry_secret", {"registries": [{"usernam": "x"}]}, "registries[0].usernam", "Did you mean"),
    ("sap_ai_core_docker_registry_secret_info", {"nmae": "x"}, "nmae", "Did you mean name?"),
    ("sap_ai_core_git_repository", {"passwrd": "x"}, "passwrd", "Did you mean password?"),
    ("sap_ai_core_git_repository", {"wait_timout": 5}, "wait_timout", "Did you mean wait_timeout?"),
    ("sap_ai_core_git_repository_info", {"nmae": "x"}, "nmae", "Did you mean name?"),
    ("service_account_secrets", {"image_pull_secret": []}, "image_pull_secret", "Did you mean image_pull_secrets?"),
    ("service_account_secrets", {"namespacs": ["a"]}, "namespacs", "Did you mean namespaces or namespace?"),
    ("service_account_secrets", {"secrets": [{"nmae": "x"}]}, "secrets[0].nmae", "Did you mean name?"),
]


@pytest.mark.parametrize(("task", "arguments", "option", "question"), MISSPELT)
def test_asks_for_the_option_that_was_intended(
    task: str, arguments: Mapping[str, Any], option: str, question: str
) -> None:
    result = run_direct(f"keyring.kubernetes.{task}", TASKS[task], arguments, Runtime(check_mode=True, environ={}))

    assert result["msg"].startswith(f"{option} is not an option of keyring.kubernetes.{task}. {question}")
    assert result["failure"] == {"id": "invalid_option", "option": option, "namespace": None}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("drop", [0, 3, -1])
def test_finds_each_option_by_a_typing_error(task: str, drop: int) -> None:
    """A letter is missing in each name of an option in turn."""
    options = TASKS[task].options
    for name in options:
        misspelt = name[:drop] + name[drop:][1:] if drop >= 0 else name[:-1]
        if misspelt and misspelt not in options:
            error = explain_unknown(task, {misspelt: 1}, options)
            assert error is not None
            question = str(error).partition("Did you mean ")[2].rstrip("?").split(" or ")
            assert name in question, misspelt


def test_shows_no_name_that_may_be_a_value() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"
    options = TASKS["gitsync_secret"].options

    assert str(explain_unknown("x", {"ssh": {key: 1}}, options)) == (
        "ssh has a name that no option can have. Check the indentation and the variables."
    )
    assert "abc" not in str(explain_unknown("x", {key: 1}, options))


def test_lists_the_options_where_none_is_like_the_name() -> None:
    options = TASKS["service_account_secrets"].options
    error = explain_unknown("x", {"secrets": [{"name": "a", "zzzz": 1}], "y1": 1, "y2": 1, "y3": 1}, options)

    assert str(error).startswith("secrets[0].zzzz is not an option of x. Valid options are: name, state. ")
    assert str(error).endswith("1 more names are not options either.")


def test_knows_aliases_and_the_arguments_of_ansible() -> None:
    options = TASKS["image_pull_secret"].options

    assert explain_unknown("x", {"verify_ssl": True, "_ansible_check_mode": True, "name": "a"}, options) is None


# Module, option, value, the place that is wrong, what is wrong.
NOT_MAPPINGS = [
    (
        "service_account_secrets",
        {"image_pull_secrets": ["registry"]},
        "image_pull_secrets[0] must be a mapping of its options; it is a string. Write each item with keys, for "
        'example "- name: …".',
    ),
    (
        "service_account_secrets",
        {"secrets": "registry"},
        'secrets must be a list of mappings; it is a string. Write each item with keys, for example "- name: …".',
    ),
    (
        "image_pull_secret",
        {"registries": [{"server": "a"}, "ghcr.io"]},
        "registries[1] must be a mapping of its options; it is a string. Write each item with keys, for example "
        '"- server: …".',
    ),
    (
        "image_pull_secret",
        {"registries": [7]},
        "registries[0] must be a mapping of its options; it is an integer. Check the variable behind it, or leave the "
        "option out.",
    ),
    (
        "image_pull_secret",
        {"credentials_from": "registry"},
        'credentials_from must be a mapping of its options; it is a string. Write it with keys, for example "name: …".',
    ),
    (
        "image_pull_secret",
        {"credentials_from": ["registry"]},
        "credentials_from[0] must be a mapping of its options; it is a string. Write it with keys, for example "
        '"name: …".',
    ),
    (
        "gitsync_secret",
        {"ssh": "-----BEGIN OPENSSH PRIVATE KEY-----"},
        'ssh must be a mapping of its options; it is a string. Write it with keys, for example "private_key: …".',
    ),
    (
        "gitsync_secret",
        {"labels": "team"},
        'labels must be a mapping; it is a string. Write it with keys, for example "key: …".',
    ),
    (
        "image_pull_secret",
        {"annotations": ["team"]},
        "annotations must be a mapping; it is a list. Check the variable behind it, or leave the option out.",
    ),
]


@pytest.mark.parametrize(("task", "arguments", "message"), NOT_MAPPINGS)
def test_shows_how_to_write_a_mapping(task: str, arguments: Mapping[str, Any], message: str) -> None:
    with pytest.raises(KeyringError) as refused:
        refuse_values_for_mappings(arguments, TASKS[task].options)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        ("service_account_secrets", {"secrets": ['{"name": "a"}']}),
        ("service_account_secrets", {"secrets": "name=a"}),
        ("service_account_secrets", {"secrets": None}),
        ("image_pull_secret", {"labels": "a=b"}),
        ("image_pull_secret", {"labels": {}}),
        ("image_pull_secret", {"credentials_from": '{"name": "a"}'}),
        ("image_pull_secret", {"credentials_from": [{"name": "a"}, '{"name": "b"}']}),
    ],
)
def test_accepts_what_ansible_reads_as_a_mapping(task: str, arguments: Mapping[str, Any]) -> None:
    refuse_values_for_mappings(arguments, TASKS[task].options)


# Module, arguments, the message.
SENT_THE_WRONG_WAY = [
    (
        "image_pull_secret",
        {"name": "a", "namespace": ["web", "team-a"]},
        "namespace must be a string; it is a list. For several, use namespaces.",
    ),
    (
        "gitsync_secret_info",
        {"namespace": ["web"]},
        "namespace must be a string; it is a list. For several, use namespaces.",
    ),
    (
        "service_account_secrets",
        {"service_account": "a", "secrets": [], "namespace": ["web"]},
        "namespace must be a string; it is a list. For several, use namespaces.",
    ),
    (
        "service_account_secrets",
        {"service_account": ["a", "b"], "secrets": []},
        "service_account must be a string; it is a list. For several, use service_accounts.",
    ),
    (
        "service_account_secrets",
        {"service_account": "ci-*", "secrets": []},
        "service_account is not a name that a ServiceAccount can have. It selects one ServiceAccount by its name. "
        "For several names or a glob, use service_accounts: ['default', 'ci-*'].",
    ),
    *(
        (
            task,
            {**given, "namespace": namespace},
            "namespace is not a name that a namespace can have. It selects one namespace by its name. "
            "For several names or a glob, use namespaces: ['team-a', 'web-*'].",
        )
        for task, given in (
            ("image_pull_secret", {"name": "a"}),
            ("image_pull_secret_info", {}),
            ("gitsync_secret", {"name": "a", "format": "flux"}),
            ("gitsync_secret_info", {}),
            ("image_access_info", {}),
            ("service_account_secrets", {"service_account": "a", "secrets": []}),
        )
        for namespace in ("team-*", "!web", "web,team-a", "team-?", "[a-z]*")
    ),
    (
        "image_pull_secret",
        {"name": "a", "username": "octo", "password": "s3cret", "registries": [{"server": "ghcr.io"}]},
        "registries[0].username is missing. With update_credentials=always each registry needs both username and "
        "password. Give it, or set update_credentials=when_given to keep what is stored. username and password of the "
        "task are for the API server; move what is for another server to registries.",
    ),
    (
        "image_pull_secret",
        {"name": "a", "password": "s3cret", "registries": [{"server": "ghcr.io", "username": "octo"}]},
        "registries[0].password is missing. With update_credentials=always each registry needs both username and "
        "password. Give it, or set update_credentials=when_given to keep what is stored. password of the task is for "
        "the API server; move what is for another server to registries.",
    ),
    (
        "gitsync_secret",
        {"name": "a", "format": "flux", "url": "https://git.example.com/a", "username": "octo", "password": "s3cret"},
        "The credential is missing. Give one of ssh, https, github_app, github_app_token and "
        "credentials_from; with update_credentials=when_given it may be empty. username and password of the task are "
        "for the API server; move what is for another server to https.",
    ),
    (
        "gitsync_secret",
        {"name": "a", "format": "flux", "https": {"username": "octo"}, "password": "s3cret"},
        "https.password is missing. Format flux needs https.username with https.password, or https.bearer_token, or "
        "https.client_certificate with https.client_key. Give what is missing; with "
        "update_credentials=when_given a stored value is kept. password of the task is for the "
        "API server; move what is for another server to https.",
    ),
]


@pytest.mark.parametrize(("task", "arguments", "message"), SENT_THE_WRONG_WAY)
def test_names_the_option_that_helps(task: str, arguments: Mapping[str, Any], message: str) -> None:
    server = {"host": "https://127.0.0.1:1", "kubeconfig": None}
    result = run_direct(
        f"keyring.kubernetes.{task}", TASKS[task], {**server, **arguments}, Runtime(check_mode=True, environ={})
    )

    assert result["msg"] == message
    assert "s3cret" not in str(result)
