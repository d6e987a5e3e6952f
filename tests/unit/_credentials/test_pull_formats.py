# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of image_pull_secret: where consumers find the credentials, and what they cannot find."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.pull_formats import (
    PULL_FORMATS,
    check_format_options,
    describe_misfit,
    place_format_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import Registry
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_format_names import PULL_FORMAT_CHOICES
from support.samples.secrets import refusal

HUB = "https://index.docker.io/v1/"
ARGOCD, KARGO, CONFIG = PULL_FORMATS["argocd_oci"], PULL_FORMATS["kargo_image"], PULL_FORMATS["config_json"]


def test_every_choice_has_a_row() -> None:
    assert tuple(PULL_FORMATS) == PULL_FORMAT_CHOICES
    assert all(row.source for row in PULL_FORMATS.values())
    assert all(bool(row.config_key) is not bool(row.login) for row in PULL_FORMATS.values())


def place(row_name: str, server: str, given: Mapping[str, Any]) -> str:
    row = PULL_FORMATS[row_name]
    assert row.login
    return row.login.place(server, check_format_options(row, given))


CREDS = {"argocd_secret_type": "repo-creds"}
HELM = {"argocd_type": "helm"}
REGEX = {"kargo_url_is_regex": True}


@pytest.mark.parametrize(
    ("row", "server", "given", "url"),
    [
        ("argocd_oci", "ghcr.io/acme/app", {}, "oci://ghcr.io/acme/app"),
        ("argocd_oci", "https://ghcr.io/v2/acme/app/", {}, "oci://ghcr.io/acme/app"),
        ("argocd_oci", "ghcr.io", CREDS, "oci://ghcr.io/"),
        ("argocd_oci", "ghcr.io/acme/", CREDS, "oci://ghcr.io/acme/"),
        ("argocd_oci", "r.example.com:5000", {**HELM, **CREDS}, "r.example.com:5000/"),
        ("argocd_oci", "ghcr.io", HELM, "ghcr.io"),
        ("argocd_oci", "ghcr.io/acme", HELM, "ghcr.io/acme"),
        ("argocd_oci", HUB, CREDS, "oci://registry-1.docker.io/"),
        ("argocd_oci", HUB, {"argocd_url": "oci://docker.io/acme/app"}, "oci://docker.io/acme/app"),
        ("argocd_oci", HUB, {**HELM, "argocd_url": "registry-1.docker.io/acme"}, "registry-1.docker.io/acme"),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://ghcr.io/acme/app"}, "oci://ghcr.io/acme/app"),
        ("argocd_oci", "ghcr.io", {**CREDS, "argocd_url": "oci://ghcr.io/acme"}, "oci://ghcr.io/acme"),
        ("argocd_oci", "10.0.0.1:5000", CREDS, "oci://10.0.0.1:5000/"),
        ("kargo_image", "ghcr.io/acme/app", {}, "ghcr.io/acme/app"),
        ("kargo_image", "ghcr.io", {"kargo_url": "ghcr.io/acme/app"}, "ghcr.io/acme/app"),
        ("kargo_image", HUB, {"kargo_url": "acme/app"}, "acme/app"),
        ("kargo_image", HUB, {"kargo_url": "nginx"}, "nginx"),
        ("kargo_image", HUB, {"kargo_url": "docker.io/acme/app"}, "docker.io/acme/app"),
        ("kargo_image", "ghcr.io", {**REGEX, "kargo_url": r"^ghcr\.io/acme/"}, r"^ghcr\.io/acme/"),
        ("kargo_image", "ghcr.io", {**REGEX, "kargo_url": r"^ghcr\.io/\pL+\z"}, r"^ghcr\.io/\pL+\z"),
        ("kargo_image", "ghcr.io", {**REGEX, "kargo_url": "^ghcr[.]io/[[:alpha:]]+$"}, "^ghcr[.]io/[[:alpha:]]+$"),
        ("kargo_image", "ghcr.io", {**REGEX, "kargo_url": "^(?i)ghcr[.]io/[a-b]"}, "^(?i)ghcr[.]io/[a-b]"),
    ],
)
def test_the_url_that_a_consumer_looks_up(row: str, server: str, given: Mapping[str, Any], url: str) -> None:
    assert place(row, server, given) == url


URL, KARGO_URL = "format_options.argocd_url", "format_options.kargo_url"
OTHER_HOST = 'is on "quay.io", and the credentials are for "ghcr.io". The password would be sent to another registry.'


@pytest.mark.parametrize(
    ("row", "server", "given", "message"),
    [
        ("argocd_oci", "ghcr.io", {}, f"{URL} is missing; the server of the registry is a host alone. With type oci,"),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://ghcr.io/"}, f'{URL} is the host "ghcr.io" alone.'),
        (
            "argocd_oci",
            "ghcr.io",
            {"argocd_url": "ghcr.io/acme/app"},
            f'{URL} must begin with "oci://". Argo CD reads it so with type oci. Write "oci://ghcr.io/acme/app".',
        ),
        (
            "argocd_oci",
            "ghcr.io",
            {**HELM, "argocd_url": "oci://ghcr.io/acme"},
            f'{URL} must not begin with "oci://". Argo CD reads it so with type helm. Write "ghcr.io/acme".',
        ),
        (
            "argocd_oci",
            "ghcr.io",
            {**HELM, "argocd_url": "https://ghcr.io/a"},
            f'{URL} must not begin with "https://".',
        ),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://quay.io/acme/app"}, f"{URL} {OTHER_HOST}"),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://ghcr.io:444/acme/app"}, f'{URL} is on "ghcr.io:444", and'),
        (
            "argocd_oci",
            "ghcr.io",
            {"argocd_url": "oci://octo:s3cret@ghcr.io/acme/app"},
            f"{URL} contains a user name. Argo CD takes it from username. Remove the part before the @.",
        ),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://ghcr.io/acme/app:1.2"}, f"{URL} has a path that no repository"),
        ("argocd_oci", "ghcr.io", {"argocd_url": "oci://ghcr.io/Acme/app"}, f"{URL} has a path that no repository"),
        (
            "argocd_oci",
            "10.0.0.1:5000",
            HELM,
            f'{URL} begins with the address "10.0.0.1:5000". With type helm, Argo CD cannot read an IP address with',
        ),
        (
            "argocd_oci",
            "ghcr.io",
            {**CREDS, "argocd_name": "x"},
            "format_options.argocd_name has no effect with argocd_secret_type=repo-creds. Argo CD reads it only with "
            "argocd_secret_type=repository. Leave it out.",
        ),
        (
            "argocd_oci",
            "ghcr.io",
            {"argocd_type": "git"},
            "format_options.argocd_type must be one of oci, helm.",
        ),
        ("argocd_oci", "ghcr.io", {"argocd_ulr": "x"}, "format_options.argocd_ulr is not known to format argocd_oci."),
        ("argocd_oci", "ghcr.io", {"argocd_url": 5}, f"{URL} must be a string; it is an integer."),
        ("kargo_image", "ghcr.io", {}, f"{KARGO_URL} is missing; the server of the registry is not one image repo"),
        ("kargo_image", "ghcr.io/acme/", {}, f"{KARGO_URL} is missing; the server of the registry is not one image"),
        ("kargo_image", "ghcr.io", {"kargo_url": "quay.io/acme/app"}, f"{KARGO_URL} {OTHER_HOST}"),
        ("kargo_image", "ghcr.io", {"kargo_url": "acme/app"}, f'{KARGO_URL} is on "docker.io", and the credentials'),
        (
            "kargo_image",
            "ghcr.io",
            {"kargo_url": "oci://ghcr.io/acme/app"},
            f"{KARGO_URL} must be an image repository.",
        ),
        ("kargo_image", "ghcr.io", {"kargo_url": "ghcr.io/acme/app:1.2"}, f"{KARGO_URL} has a path that no image repo"),
        ("kargo_image", "ghcr.io", REGEX, f"{KARGO_URL} is missing. kargo_url_is_regex=true needs the regular"),
        *(
            (
                "kargo_image",
                "ghcr.io",
                {**REGEX, "kargo_url": regex},
                f"{KARGO_URL} is not a regular expression that Kargo",
            )
            for regex in ("^ghcr[.]io/(acme", "^ghcr[.]io/(?!x)", "^ghcr[.]io/(?=x)", r"^(a)\1", "^(?<=x)a", "(?P=n)")
        ),
    ],
)
def test_a_url_that_no_consumer_finds(row: str, server: str, given: Mapping[str, Any], message: str) -> None:
    said = refusal(place, row, server, given)
    assert said.startswith(message)
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("given", "data", "labels"),
    [
        ({}, {"type": "oci", "enableOCI": None}, "repository"),
        (HELM, {"type": "helm", "enableOCI": "true"}, "repository"),
        ({"argocd_insecure": True}, {"type": "oci", "enableOCI": None, "insecure": "true"}, "repository"),
        ({"argocd_insecure": "false"}, {"type": "oci", "enableOCI": None, "insecure": None}, "repository"),
        ({"argocd_type": None, "argocd_name": None}, {"type": "oci", "enableOCI": None, "name": None}, "repository"),
        (CREDS, {"type": "oci", "enableOCI": None}, "repo-creds"),
    ],
)
def test_what_the_settings_of_argo_cd_write(
    given: Mapping[str, Any], data: Mapping[str, str | None], labels: str
) -> None:
    placed = place_format_settings(ARGOCD, check_format_options(ARGOCD, given))
    assert placed == (data, {"argocd.argoproj.io/secret-type": labels})


def test_an_exact_name_switches_the_expression_of_kargo_off() -> None:
    assert place_format_settings(KARGO, check_format_options(KARGO, {}))[0] == {"repoURLIsRegex": None}
    assert place_format_settings(KARGO, check_format_options(KARGO, REGEX))[0] == {"repoURLIsRegex": "true"}


def registry(server: str, index: int = 0, **more: Any) -> Registry:
    return Registry(server, f"registries[{index}]", username="octo", password="s3cret", **more)


@pytest.mark.parametrize(
    ("server", "written", "warnings"),
    [
        ("ghcr.io", "ghcr.io", []),
        ("index.docker.io", HUB, []),
        ("docker.io", HUB, []),
        (HUB, HUB, []),
        ("https://ghcr.io/v2/", "https://ghcr.io/v2/", []),
        (
            "ghcr.io/acme/",
            "ghcr.io/acme/",
            [
                'registries[0]: kaniko and BuildKit use these credentials for all of "ghcr.io", not only for '
                '"ghcr.io/acme".'
            ],
        ),
    ],
)
def test_builders_look_hosts_up(server: str, written: str, warnings: list[str]) -> None:
    checked, said = CONFIG.check([registry(server)])
    assert [item.server for item in checked] == [written]
    assert said == warnings


@pytest.mark.parametrize(
    ("row", "registries", "message"),
    [
        (
            "config_json",
            [registry("*.example.com")],
            'registries[0] ("*.example.com") has a wildcard. Only the kubelet knows wildcards; a build with kaniko or '
            "BuildKit would never find this registry. Give one item for each host.",
        ),
        (
            "config_json",
            [registry("ghcr.io/a"), registry("https://ghcr.io/b", 1)],
            'registries[1] and registries[0] are the same host to kaniko and BuildKit ("ghcr.io"). They compare only',
        ),
        (
            "argocd_oci",
            [registry("ghcr.io"), registry("quay.io", 1)],
            'Format argocd_oci holds the credentials of one registry; the task names "ghcr.io", "quay.io". Argo CD',
        ),
        ("kargo_image", [], "Format kargo_image holds the credentials of one registry; the task names none. Kargo"),
        (
            "kargo_image",
            [registry("ghcr.io", absent=True)],
            "registries[0].state=absent has no effect with format kargo_image.",
        ),
        ("argocd_oci", [registry("*.example.com")], 'registries[0] ("*.example.com") has a wildcard. Only the kubelet'),
    ],
)
def test_registries_that_no_consumer_finds(row: str, registries: list[Registry], message: str) -> None:
    assert refusal(PULL_FORMATS[row].check, registries).startswith(message)


def test_a_wildcard_can_be_removed() -> None:
    absent = dataclasses.replace(registry("*.example.com"), absent=True)
    assert CONFIG.check([absent]) == ([absent], [])


@pytest.mark.parametrize(
    ("row", "settings", "warned"),
    [
        ("argocd_oci", {**CREDS, "argocd_url": "oci://ghcr.io/acme"}, True),
        ("argocd_oci", {**CREDS, "argocd_url": "oci://ghcr.io/acme/"}, False),
        ("argocd_oci", {"argocd_url": "oci://ghcr.io/acme/app"}, False),
        ("kargo_image", {**REGEX, "kargo_url": r"ghcr\.io/acme/"}, True),
        ("kargo_image", {**REGEX, "kargo_url": r"^ghcr\.io/acme/"}, False),
        ("kargo_image", {"kargo_url": "ghcr.io/acme/app"}, False),
    ],
)
def test_a_url_that_covers_more_than_it_says(row: str, settings: Mapping[str, Any], warned: bool) -> None:
    login = PULL_FORMATS[row].login
    assert login
    assert bool(login.warn(check_format_options(PULL_FORMATS[row], settings))) is warned


@pytest.mark.parametrize(
    ("row", "labels", "values", "fits"),
    [
        ("config_json", {}, {"config.json": "{}"}, True),
        ("config_json", {}, {".dockerconfigjson": "{}"}, False),
        ("argocd_oci", {"argocd.argoproj.io/secret-type": "repo-creds"}, {"type": "helm"}, True),
        ("argocd_oci", {"argocd.argoproj.io/secret-type": "cluster"}, {"type": "oci"}, False),
        ("argocd_oci", {"argocd.argoproj.io/secret-type": "repository"}, {"type": "git"}, False),
        ("argocd_oci", {}, {"type": "oci"}, False),
        ("kargo_image", {"kargo.akuity.io/cred-type": "image"}, {}, True),
        ("kargo_image", {"kargo.akuity.io/cred-type": "git"}, {}, False),
    ],
)
def test_which_secrets_belong_to_a_format(
    row: str, labels: Mapping[str, str], values: Mapping[str, str], fits: bool
) -> None:
    assert (describe_misfit(PULL_FORMATS[row], labels, values) == "") is fits
