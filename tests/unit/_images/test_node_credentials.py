# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of nodes: which images they cover, and what the kubelet or RKE2 would refuse or ignore in them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.node_credentials import (
    NodeCredentials,
    parse_mirrors,
    parse_provider_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.keyring import build_keyring
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.node_options import parse_node_credentials
from support.samples.access import APP, login, pull_secret
from support.samples.secrets import refusal

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
PROVIDER: dict[str, Any] = {
    "name": "ecr-credential-provider",
    "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
    "matchImages": ["*.dkr.ecr.*.amazonaws.com"],
    "defaultCacheDuration": "12h",
}
TOKEN: dict[str, Any] = {
    "serviceAccountTokenAudience": "sts.example.com",
    "cacheType": "ServiceAccount",
    "requireServiceAccount": True,
}


def config(*providers: Any, **more: Any) -> dict[str, Any]:
    base = {"apiVersion": "kubelet.config.k8s.io/v1", "kind": "CredentialProviderConfig"}
    return {**base, "providers": list(providers), **more}


def test_images_that_are_covered() -> None:
    needs = {**TOKEN, "requiredServiceAccountAnnotationKeys": ["example.com/role"]}
    with_token = {**PROVIDER, "name": "b", "matchImages": ["registry.example.com/team"], "tokenAttributes": needs}
    keyring = build_keyring([pull_secret("x", {"ghcr.io/acme": login("u", "p"), "empty.example": {}})])
    found = NodeCredentials(
        parse_provider_config(config(PROVIDER, with_token), "c"), (keyring,), frozenset(("docker.io", "r.example:5000"))
    )
    for image, keys, covers in (
        (ECR, (), True),
        ("registry.example.com/team/app", (), False),
        ("registry.example.com/team/app", ("example.com/role", "other"), True),
        ("registry.example.com/other", ("example.com/role",), False),
        (APP, (), True),
        ("ghcr.io/other/app", (), False),
        ("empty.example/app", (), False),
        ("nginx", (), True),
        ("r.example:5000/app", (), True),
        ("r.example/app", (), False),
        ("Not An Image", (), False),
    ):
        assert found.covers(image, keys) is covers, image
    assert NodeCredentials(hosts=frozenset("*")).covers("any.example/app", ())


def without(name: str, of: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in of.items() if key != name}


def with_token(**attributes: Any) -> dict[str, Any]:
    return config({**PROVIDER, "tokenAttributes": {**TOKEN, **attributes}})


ATTRIBUTES = "providers[0].tokenAttributes"


@pytest.mark.parametrize(
    ("document", "place", "fault"),
    [
        (["a"], "", " is not a CredentialProviderConfig of the kubelet."),
        (config(PROVIDER, kind="Secret"), "kind", " is not CredentialProviderConfig."),
        (config(PROVIDER, apiVersion="kubelet.config.k8s.io/v2"), "apiVersion", " is not known."),
        (config(PROVIDER, provider=[]), "", " has a field that does not exist."),
        (config(), "providers", " is not a list with at least one item."),
        (config("x"), "providers[0]", " is not a credential provider."),
        (config(without("name", PROVIDER)), "providers[0].name", " is not the name of a program."),
        (config({**PROVIDER, "name": "a/b"}), "providers[0].name", " is not the name of a program."),
        (config(PROVIDER, PROVIDER), "providers[1].name", " is used twice."),
        (config({**PROVIDER, "apiVersion": "v1"}), "providers[0].apiVersion", " is not known."),
        (config({**PROVIDER, "matchImage": ["a"]}), "providers[0]", " has a field that does not exist."),
        (
            config(without("matchImages", PROVIDER)),
            "providers[0].matchImages",
            " is not a list with at least one item.",
        ),
        (
            config({**PROVIDER, "matchImages": ["a.example", "a b"]}),
            "providers[0].matchImages[1]",
            " is not a pattern for images.",
        ),
        (
            config({**PROVIDER, "matchImages": ["https://a.example"]}),
            "providers[0].matchImages[0]",
            " is not a pattern for images.",
        ),
        (
            config({**PROVIDER, "matchImages": ["\ud800"]}),
            "providers[0].matchImages[0]",
            " is not a pattern for images.",
        ),
        (config({**PROVIDER, "matchImages": [1]}), "providers[0].matchImages[0]", " is not a pattern for images."),
        (
            config(without("defaultCacheDuration", PROVIDER)),
            "providers[0].defaultCacheDuration",
            " is not a duration.",
        ),
        (
            config({**PROVIDER, "defaultCacheDuration": "12"}),
            "providers[0].defaultCacheDuration",
            " is not a duration.",
        ),
        (with_token(cacheType=None), f"{ATTRIBUTES}.cacheType", " is missing."),
        (with_token(cacheType="Pod"), f"{ATTRIBUTES}.cacheType", " is not known."),
        (with_token(serviceAccountTokenAudience=""), f"{ATTRIBUTES}.serviceAccountTokenAudience", " is missing."),
        (with_token(requireServiceAccount="yes"), f"{ATTRIBUTES}.requireServiceAccount", " is neither true nor false."),
        (
            with_token(requireServiceAccount=False, requiredServiceAccountAnnotationKeys=["a"]),
            f"{ATTRIBUTES}.requiredServiceAccountAnnotationKeys",
            " needs requireServiceAccount: true.",
        ),
        (
            with_token(requiredServiceAccountAnnotationKeys=["a"], optionalServiceAccountAnnotationKeys=["a"]),
            f"{ATTRIBUTES}.optionalServiceAccountAnnotationKeys",
            " has a key that is also required.",
        ),
        (
            with_token(optionalServiceAccountAnnotationKeys=["a", "a"]),
            f"{ATTRIBUTES}.optionalServiceAccountAnnotationKeys",
            " has a key twice.",
        ),
        (with_token(cache="Token"), ATTRIBUTES, " has a field that does not exist."),
        (
            config({**PROVIDER, "apiVersion": "credentialprovider.kubelet.k8s.io/v1beta1", "tokenAttributes": TOKEN}),
            ATTRIBUTES,
            " needs another apiVersion of the provider.",
        ),
    ],
)
def test_provider_configs_that_the_kubelet_refuses(document: Any, place: str, fault: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse_provider_config(document, "c")
    option = f"c.{place}" if place else "c"
    assert str(caught.value).startswith(f"{option}{fault}")
    assert caught.value.option == option


@pytest.mark.parametrize("duration", ["0s", "0", "12h", "1h30m", "1.5h", "500ms"])
def test_durations_that_go_reads(duration: str) -> None:
    assert parse_provider_config(config({**PROVIDER, "defaultCacheDuration": duration}), "c")


def test_mirrors() -> None:
    found = parse_mirrors(
        {
            "mirrors": {
                "docker.io": {"endpoint": ["https://mirror.example"], "rewrite": {"^a": "b"}},
                "shared.example": {},
                "none.example": None,
            },
            "configs": {
                "login.example:5000": {"auth": {"username": "u", "password": "p-s3cret"}},
                "token.example": {"auth": {"identity_token": "t-s3cret"}},
                "tls.example": {"tls": {"insecure_skip_verify": True}},
            },
        },
        "m",
    )
    assert found.hosts == {"docker.io", "login.example:5000", "token.example"}
    assert set(found.secrets) == {"p-s3cret", "u:p-s3cret", "t-s3cret"}
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("x", "m is not the content of a registries.yaml. Give a mapping."),
        ({}, "m has neither mirrors nor configs. Give the content of registries.yaml."),
        (
            {"mirror": {}, "mirrors": {"a": {}}},
            "m has a field that does not exist. Its fields are mirrors, configs, auths.",
        ),
        ({"mirrors": ["a"]}, "m.mirrors is not a mapping of registries. Give a mapping."),
        (
            {"mirrors": {"https://u:s3cret@a": {}}},
            "m.mirrors has a key that is not a registry. Write a host with an optional port, or *.",
        ),
        (
            {"mirrors": {"a": {"endpoints": []}}},
            'm.mirrors["a"].endpoints is not a field of a mirror. It is ignored. Write endpoint.',
        ),
        (
            {"mirrors": {"a": {"endpoint": "https://b"}}},
            'm.mirrors["a"].endpoint is not a list of URLs. Write it like [https://mirror.example.com].',
        ),
        ({"configs": {"a": {"auth": {"password": 1}}}}, 'm.configs["a"].auth.password is not a string. Quote it.'),
        ({"configs": {"a": {"auth": ["x"]}}}, 'm.configs["a"].auth is not a login. Give a mapping.'),
    ],
)
def test_mirrors_that_are_none(document: Any, message: str) -> None:
    assert refusal(parse_mirrors, document, "m") == message


def given(**options: Any) -> dict[str, Any]:
    return {"credential_provider_config": None, "docker_configs": None, "mirrors": None, **options}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"credential_provider_config": ["a: [", config(PROVIDER)]},
            "node_credentials.credential_provider_config[0] is neither YAML nor JSON with one document. Give the "
            "content of the file of the node, or a mapping.",
        ),
        (
            {"mirrors": "mirrors: {}\n---\nmirrors: {}"},
            "node_credentials.mirrors is neither YAML nor JSON with one document. Give the content of the file of the "
            "node, or a mapping.",
        ),
        (
            {"docker_configs": [{"auths": {}}, "s3cret"]},
            "node_credentials.docker_configs[1] is neither JSON, YAML nor base64 of these. Give the content of a "
            "docker config (config.json), a Secret, or the content of its data.",
        ),
    ],
)
def test_files_that_are_none(options: dict[str, Any], message: str) -> None:
    assert refusal(parse_node_credentials, given(**options)) == message


def test_files_as_text() -> None:
    text = "kind: CredentialProviderConfig\napiVersion: kubelet.config.k8s.io/v1\nproviders: [{name: a, apiVersion: "
    text += "credentialprovider.kubelet.k8s.io/v1, matchImages: [a.example], defaultCacheDuration: 0s}]"
    found, secrets = parse_node_credentials(
        given(
            credential_provider_config=text,
            docker_configs={"auths": {"b.example": login("u", "p-s3cret")}},
            mirrors=['{"mirrors": {"c.example": {"endpoint": ["https://d"]}}}'],
        )
    )
    assert [found.covers(f"{host}.example/app", ()) for host in "abcd"] == [True, True, True, False]
    assert "p-s3cret" in secrets
