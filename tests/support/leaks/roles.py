# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles that are searched for secrets, given what is right and what is mistyped, and the canaries in it.

Ansible checks the variables of a role by its description, and prints what does not fit; what fits no description it
would print as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.canary import Canary, canary, key_canary, number_canary
from support.leaks.suite import Case, Suite
from support.samples.git import HOSTS, KEY, RSA_KEY, SSH_URL, pkcs1, private

CANARIES: Mapping[str, Canary] = {
    "role_token": canary("token of a registry role", user="octo"),
    "list_password": canary("password in pull_secrets_list", user="octo"),
    "default_password": canary("password in pull_secrets_defaults", user="octo"),
    "mistyped": canary("secret of a wrong type, or in a wrong place"),
    "mistyped_pair": canary("secret in pairs in place of a mapping", awkward="-"),
    "role_git_key": key_canary("SSH key of git_credentials", private(KEY)),
    "role_app_key": key_canary("key of a GitHub App", pkcs1(RSA_KEY)),
    "page_password": canary("password in primehub_secrets_list", user="octo"),
    "role_git_password": canary("password of git_credentials", user="octo"),
    "api_key": canary("api_key in keyring_connection", awkward="-"),
    "number": number_canary("secret that is a number", user="octo"),
}

VARIABLES: dict[str, Any] = {
    **{name: known.text for name, known in CANARIES.items()},
    "number": int(CANARIES["number"].text),
    "known_hosts": HOSTS,
    "bad_list": {"name": "registry", "registries": [{"password": CANARIES["mistyped"].text}]},
    "bad_items": [CANARIES["mistyped"].text, [{"name": "registry", "password": CANARIES["mistyped"].text}]],
    "bad_registries": {"ghcr.io": {"password": CANARIES["mistyped"].text}},
    "bad_page": [[{"name": "a", "type": "image_pull", "password": CANARIES["mistyped"].text}]],
    "nested_registries": [[{"server": "ghcr.io", "username": "octo", "password": CANARIES["mistyped"].text}]],
}

_TOKEN, _WRONG, _NUMBER = "{{ role_token }}", "{{ mistyped }}", "{{ number }}"
_AN_INTEGER = "must be a string; it is an integer"

# What each registry role is given beside its namespaces.
REGISTRIES: Mapping[str, Mapping[str, Any]] = {
    "docker_hub": {"username": "acme", "token": _TOKEN},
    "ghcr": {"username": "octo", "token": _TOKEN},
    "gitlab_registry": {"username": "gitlab+deploy-token-7", "token": _TOKEN, "host": "registry.example.com:5050"},
    "quay": {"username": "acme+robot", "token": _TOKEN},
    "ecr": {"account_id": "123456789012", "region": "eu-central-1", "token": _TOKEN},
    "artifact_registry": {"location": "europe-west4", "username": "oauth2accesstoken", "key": _TOKEN},
    "acr": {"name": "acmeregistry", "username": "puller", "password": _TOKEN},
    "harbor": {"host": "harbor.example.com", "username": "robot$web+puller", "password": _TOKEN},
    "artifactory": {"host": "acme.jfrog.io", "username": "puller", "token": _TOKEN},
}

# Of each registry role the variable with its secret.
SECRETS: Mapping[str, str] = {
    role: next(f"{role}_{name}" for name, value in given.items() if value is _TOKEN)
    for role, given in REGISTRIES.items()
}

# Of the role acr, without a password.
_MINTING = {"username": None, "password": None, "tenant_id": "acme.example.com", "client_id": "pull"}

# Of the role harbor, without a password.
_REFRESHING = {"password": None, "refresh_secret": True, "robot_id": 7, "api_username": "rotation"}

_LIST = "pull_secrets_list"
_ENTRY = {"server": "ghcr.io", "username": "octo", "password": "{{ list_password }}"}
_ITEM = {"name": "from-the-list", "namespace": "{{ test_namespace }}", "registries": [_ENTRY]}

_SSH = {"git_credentials_ssh_private_key": "{{ role_git_key }}", "git_credentials_ssh_known_hosts": "{{ known_hosts }}"}
_CONSUMERS = [
    {"name": "role-flux", "namespace": "{{ test_namespace }}", "format": "flux"},
    {"name": "role-argocd", "namespace": "{{ test_namespace }}", "format": "argocd_repository"},
]


def registry(role: str, **changed: Any) -> dict[str, Any]:
    """The variables of a registry role, by their names without its own."""
    given = {"namespaces": ["{{ test_namespace }}"], "service_accounts": ["app"], **REGISTRIES[role], **changed}
    return {f"{role}_{name}": value for name, value in given.items()}


def _ghcr(name: str, message: str, **changed: Any) -> Case:
    connection = {"keyring_connection": changed.pop("keyring_connection")} if "keyring_connection" in changed else {}
    return Case(name, "", "failed", {**registry("ghcr", **changed), **connection}, message, module="ghcr")


def _pull_secrets(name: str, message: str, items: Any, **more: Any) -> Case:
    return Case(name, "", "failed" if message else "", {_LIST: items, **more}, message, module="pull_secrets")


def _git(name: str, message: str, **variables: Any) -> Case:
    given = {"git_credentials_url": SSH_URL, "git_credentials_consumers": _CONSUMERS, **variables}
    return Case(name, "", "failed" if message else "", given, message, module="git_credentials")


def _page(name: str, message: str, items: Any, **more: Any) -> Case:
    given = {"primehub_secrets_list": items, "primehub_secrets_namespace": "{{ test_namespace }}", **more}
    return Case(name, "", "failed" if message else "", given, message, module="primehub_secrets")


_PULL = {"name": "page", "type": "image_pull", "registry_host": "ghcr.io", "username": "octo"}
_NO_LIST = "Each item of pull_secrets_list must be a mapping"
_VALIDATION = "Validation of arguments failed"

ROLES = Suite(
    module="image_pull_secret",
    canaries=CANARIES,
    variables=VARIABLES,
    files={},
    existing={},
    cases=(
        *(Case(f"role {role}", "", "", registry(role), module=role) for role in REGISTRIES),
        *(
            Case(
                f"role {role} with a list in place of its secret",
                "",
                "failed",
                {**registry(role, secret_name="typed"), variable: ["{{ mistyped }}"]},
                variable,
                module=role,
            )
            for role, variable in SECRETS.items()
        ),
        Case(
            "role acr with a list in place of the secret to mint with",
            "",
            "failed",
            registry("acr", **_MINTING, client_secret=["{{ mistyped }}"]),
            "preset_options.client_secret must be",
            module="acr",
        ),
        Case(
            "role acr with a secret to mint with and a mistyped tenant",
            "",
            "failed",
            registry("acr", **{**_MINTING, "tenant_id": _WRONG, "client_secret": _WRONG}),
            "preset_options.tenant_id must be",
            module="acr",
        ),
        Case(
            "role harbor with a list in place of the password to refresh with",
            "",
            "failed",
            registry("harbor", **_REFRESHING, api_password=["{{ mistyped }}"]),
            "preset_options.api_password must be",
            module="harbor",
        ),
        Case(
            "role harbor with a password to refresh with and a mistyped ID",
            "",
            "failed",
            registry("harbor", **{**_REFRESHING, "refresh_days": 0, "api_password": _WRONG}),
            "preset_options.refresh_days must be at least 1",
            module="harbor",
        ),
        Case(
            "role harbor that cannot reach Harbor",
            "",
            "failed",
            registry("harbor", **_REFRESHING, api_password=_WRONG, endpoint_url="http://127.0.0.1:1"),
            "Harbor cannot be reached from this machine.",
            module="harbor",
        ),
        _ghcr("a mapping in place of the token", "ghcr_token must be set", token={"a": _WRONG}),
        _ghcr("a number as token", f"registries[0].password {_AN_INTEGER}", token=_NUMBER),
        _ghcr("a number in the connection", f"api_key {_AN_INTEGER}", keyring_connection={"api_key": _NUMBER}),
        _pull_secrets(
            "a number as password",
            f"registries[0].password {_AN_INTEGER}",
            [{**_ITEM, "name": "number", "registries": [{**_ENTRY, "password": _NUMBER}]}],
        ),
        _git("a number as passphrase", f"ssh.passphrase {_AN_INTEGER}", **_SSH, git_credentials_ssh_passphrase=_NUMBER),
        _page("a number on the page", "password must be a string.", [{**_PULL, "password": _NUMBER}]),
        _ghcr("an unknown key beside the password", "is not an option of", options={"passwrod": _WRONG}),
        _ghcr("a password among the options", "ghcr_token must be set", options={"registries": [_ENTRY]}, token=""),
        _ghcr("a text in place of the options", _VALIDATION, options=_WRONG),
        _ghcr("pairs in place of the options", "must be mappings", options="password={{ mistyped_pair }}"),
        _ghcr("a list in place of the options", _VALIDATION, options=["{{ mistyped }}"]),
        _ghcr("namespaces that are a mapping", _VALIDATION, namespaces={"a": _WRONG}),
        _ghcr("a name that is none", _NO_LIST, secret_name=_WRONG),
        _ghcr("a connection that is a text", _VALIDATION, keyring_connection=_WRONG),
        _ghcr("a connection that is pairs", "must be mappings", keyring_connection="api_key={{ mistyped_pair }}"),
        _ghcr(
            "a connection with an unknown key", "is not an option of", keyring_connection={"api_kye": "{{ api_key }}"}
        ),
        _ghcr(
            "a connection without rights",
            "401",
            keyring_connection={
                "host": "{{ connect.server }}",
                "api_key": "{{ api_key }}",
                "ca_cert": "{{ connect.ca_cert }}",
            },
        ),
        _pull_secrets("a list", "", [_ITEM, {**_ITEM, "name": "another"}], pull_secrets_owner="roles"),
        _pull_secrets(
            "defaults with a password",
            "",
            [{"name": "by-default"}],
            pull_secrets_defaults={
                "namespace": "{{ test_namespace }}",
                "registries": [{**_ENTRY, "password": "{{ default_password }}"}],
            },
        ),
        _pull_secrets(
            "a registry that quotes a password",
            "The registry gives user octo no token (401)",
            [{**_ITEM, "name": "quoted", "registries": [{**_ENTRY, "server": "{{ quoting_registry }}"}]}],
            pull_secrets_verify=True,
            pull_secrets_defaults={"verify_plain_http": ["{{ quoting_registry }}"]},
        ),
        _pull_secrets("a list that is pruned", "", [_ITEM], pull_secrets_owner="roles", pull_secrets_prune=True),
        _pull_secrets("a mapping in place of the list", _VALIDATION, "{{ bad_list }}"),
        _pull_secrets("a text in place of the list", _NO_LIST, _WRONG),
        _pull_secrets("items of a wrong type", _NO_LIST, "{{ bad_items }}"),
        _pull_secrets("a secret as name", _NO_LIST, [{**_ITEM, "name": _WRONG}]),
        _pull_secrets("a list as name", _NO_LIST, [{**_ITEM, "name": [_WRONG]}]),
        _pull_secrets("an item without name", _NO_LIST, [{"registries": [_ENTRY]}]),
        _pull_secrets(
            "a password of a wrong type",
            "registries[0].password must be a string; it is a list",
            [{**_ITEM, "name": "typed", "registries": [{**_ENTRY, "password": ["{{ mistyped }}"]}]}],
        ),
        _pull_secrets("registries that are a mapping", "registries", [{**_ITEM, "registries": "{{ bad_registries }}"}]),
        _pull_secrets("registries in a list", "registries", [{**_ITEM, "registries": "{{ nested_registries }}"}]),
        _pull_secrets("registries that are a text", "must be a list of mappings", [{**_ITEM, "registries": _WRONG}]),
        _pull_secrets(
            "an unknown key in a registry",
            "is not an option of",
            [{**_ITEM, "registries": [{**_ENTRY, "passwrod": _WRONG}]}],
        ),
        _pull_secrets("an unknown key in an item", "is not an option of", [{**_ITEM, "password_of_ghcr": _WRONG}]),
        _pull_secrets("defaults that are a list", _VALIDATION, [_ITEM], pull_secrets_defaults=["{{ mistyped }}"]),
        _git("an SSH key for two consumers", "", **_SSH),
        _git(
            "a password for HTTPS",
            "",
            git_credentials_url="https://git.example.com/team/app.git",
            git_credentials_https_username="octo",
            git_credentials_https_password="{{ role_git_password }}",
            git_credentials_consumers=[{**item, "name": f"https-{item['name']}"} for item in _CONSUMERS],
        ),
        _git(
            "a key that is made",
            "",
            git_credentials_ssh_generate="ed25519",
            git_credentials_ssh_known_hosts="{{ known_hosts }}",
            git_credentials_consumers=[{**item, "name": f"made-{item['name']}"} for item in _CONSUMERS],
        ),
        _git(
            "an App whose server gives no answer",
            "gives no answer",
            git_credentials_url=None,
            git_credentials_github_app_token={
                "client_id": "Iv23liAbCdEf",
                "owner": "acme",
                "private_key": "{{ role_app_key }}",
                "repositories": ["*"],
                "base_url": "http://127.0.0.1:1/api/v3",
            },
            git_credentials_consumers=[{**_CONSUMERS[0], "name": "minted"}],
        ),
        _git("a list in place of the key", "ssh.private_key", git_credentials_ssh_private_key=["{{ mistyped }}"]),
        _git("a mapping in place of the key", "ssh.private_key", git_credentials_ssh_private_key={"a": _WRONG}),
        _git(
            "a key in place of its file", "private_key_file", git_credentials_ssh_private_key_file="{{ role_git_key }}"
        ),
        _git(
            "a key in place of its kind", "value of generate must be", git_credentials_ssh_generate="{{ role_git_key }}"
        ),
        _git(
            "consumers that are texts",
            "git_credentials_consumers must be",
            git_credentials_consumers=["{{ mistyped }}"],
        ),
        _git(
            "a consumer with an unknown key",
            "is not an option of",
            **_SSH,
            git_credentials_consumers=[{**_CONSUMERS[0], "private_key": _WRONG}],
        ),
        _page("the page", "", [{**_PULL, "password": "{{ page_password }}"}]),
        _page("a list in a list of the page", "must be a mapping", "{{ bad_page }}"),
        _page("a text in place of the page", "must be a mapping", _WRONG),
        _page("a mapping in place of the page", _VALIDATION, {"password": _WRONG}),
        _page("a secret as type", "type must be one of", [{**_PULL, "type": _WRONG}]),
        _page("a secret as state", "state must be", [{**_PULL, "password": "x", "state": _WRONG}]),
        _page("a secret as name on the page", "cannot be a name", [{**_PULL, "name": _WRONG}]),
        _page("an unknown field of the page", "has a field that", [{**_PULL, "passwrod": _WRONG}]),
        _page("a mapping as key", "ssh.private_key", [{"name": "k", "type": "git_sync", "secret": {"a": _WRONG}}]),
        _git("two kinds", "https", **_SSH, git_credentials_https_password="{{ role_git_password }}"),
    ),
    without_diff=(),
    arriving=("role_token", "list_password", "default_password", "role_git_key", "role_git_password", "page_password"),
    logged=(),
)

# The role openshift_pull_secret has a cluster of its own, in whose pull secret ``stored`` is.
OPENSHIFT_CANARIES: Mapping[str, Canary] = {
    "openshift_password": canary("password in openshift_pull_secret_registries", user="cluster"),
    "openshift_stored": canary("password of OpenShift in its pull secret", user="openshift"),
    "openshift_other": canary("password that another client stored", user="ada"),
    "mistyped": CANARIES["mistyped"],
    "number": CANARIES["number"],
}
_NODES = {"server": "registry.example.com", "username": "cluster", "password": "{{ openshift_password }}"}
_OTHERS = {**_NODES, "server": "other.example.com"}


def _openshift(name: str, message: str, items: Any, **more: Any) -> Case:
    given = {"openshift_pull_secret_registries": items, **more}
    return Case(name, "", "failed" if message else "", given, message, module="openshift_pull_secret")


OPENSHIFT_ROLE = Suite(
    module="image_pull_secret",
    canaries=OPENSHIFT_CANARIES,
    variables={
        **{name: known.text for name, known in OPENSHIFT_CANARIES.items()},
        "number": int(OPENSHIFT_CANARIES["number"].text),
    },
    files={},
    existing={},
    cases=(
        _openshift("the nodes", "", [_NODES]),
        _openshift("the nodes again", "", [_NODES]),
        _openshift("a host of OpenShift", "of OpenShift for quay.io", [{**_NODES, "server": "quay.io"}]),
        _openshift("an entry of another client", "would replace the entry", [_OTHERS]),
        _openshift("to remove it", "would remove the entry", [{**_OTHERS, "state": "absent"}]),
        _openshift("a text in place of the list", "must be a list with at least one item", _WRONG),
        _openshift("a mapping in place of the list", _VALIDATION, {"password": _WRONG}),
        _openshift("an item that is a text", "[1] must be a mapping", [_NODES, _WRONG]),
        _openshift("an item that is a list", "[0] must be a mapping", [[_NODES, _WRONG]]),
        _openshift("a server with a password", "must be a host", [{**_NODES, "server": "cluster:{{ mistyped }}@a.b"}]),
        _openshift("a list as server", "server must be a string", [{**_NODES, "server": [_WRONG]}]),
        _openshift("a list as password", "password must be a string", [{**_NODES, "password": [_WRONG]}]),
        _openshift("a number as password", f"password {_AN_INTEGER}", [{**_NODES, "password": _NUMBER}]),
        _openshift(
            "a text as options of a preset", "must be a mapping", [{"preset": "quay", "preset_options": _WRONG}]
        ),
        _openshift("an unknown key", "is not an option of", [{**_NODES, "passwrod": _WRONG}]),
        _openshift("options that are a text", _VALIDATION, [_NODES], openshift_pull_secret_options=_WRONG),
        _openshift(
            "an option that is not allowed",
            "must not have this option: docker_config",
            [_NODES],
            openshift_pull_secret_options={"docker_config": {"auths": {"a.example.com": {"auth": _WRONG}}}},
        ),
        _openshift("to remove its own", "", [{**_NODES, "state": "absent"}, {**_NODES, "server": "last.example.com"}]),
    ),
    without_diff=(),
    arriving=("openshift_password", "openshift_stored", "openshift_other"),
    logged=(),
)
