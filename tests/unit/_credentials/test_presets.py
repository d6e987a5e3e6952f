# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Presets: what each makes of its options and of the credentials, what it refuses, and what it finds doubtful."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_checks import check_preset_options
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.preset_shapes import Preset
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    Registry,
    UpdateCredentials,
    parse_registries,
    warn_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import (
    HIDDEN,
    public_username,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.server import check_server, find_warnings
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import not_a_string
from support.samples.secrets import encode, refusal

PASSWORD = "t0ken-of-some-length"
ADA = {"username": "ada", "password": PASSWORD}
ECR = {"account_id": "123456789012", "region": "eu-central-1"}
KEY = json.dumps({"type": "service_account", "private_key": "-----BEGIN…", "client_email": "a@b.iam"}, indent=2)
USER_KEY = json.dumps({"type": "authorized_user", "refresh_token": "1//0"})
ENTRA = "00000000-0000-0000-0000-000000000000"


def item(preset: str, options: dict[str, Any] | None = None, /, **login: str | None) -> dict[str, Any]:
    return {"preset": preset, "preset_options": options, **login}


def read(given: dict[str, Any], update: UpdateCredentials = "always") -> list[Registry]:
    return parse_registries([given], update)


# Preset, its options, the username that is given, the servers, the username that is written.
CASES: tuple[tuple[str, dict[str, Any], str | None, tuple[str, ...], str], ...] = (
    ("docker_hub", {}, "acme", ("https://index.docker.io/v1/",), "acme"),
    ("ghcr", {}, "octo", ("ghcr.io",), "octo"),
    ("ghcr", {"host": "containers.acme.ghe.com"}, "octo", ("containers.acme.ghe.com",), "octo"),
    ("gitlab", {}, "gitlab+deploy-token-7", ("registry.gitlab.com",), "gitlab+deploy-token-7"),
    ("gitlab", {"host": "registry.example.com:5050"}, "ada", ("registry.example.com:5050",), "ada"),
    ("quay", {}, "acme+robot", ("quay.io",), "acme+robot"),
    ("quay", {"host": "quay.example.com"}, "$oauthtoken", ("quay.example.com",), "$oauthtoken"),
    ("ecr", ECR, None, ("123456789012.dkr.ecr.eu-central-1.amazonaws.com",), "AWS"),
    ("ecr", {**ECR, "dual_stack": True}, None, ("123456789012.dkr-ecr.eu-central-1.on.aws",), "AWS"),
    ("ecr", {**ECR, "region": "cn-north-1"}, None, ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",), "AWS"),
    (
        "ecr",
        {**ECR, "region": "cn-north-1", "dual_stack": "true"},
        None,
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",),
        "AWS",
    ),
    ("ecr", {**ECR, "region": "us-gov-west-1"}, None, ("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",), "AWS"),
    ("ecr_public", {}, None, ("public.ecr.aws",), "AWS"),
    ("ecr_public", {"dual_stack": True}, None, ("ecr-public.aws.com",), "AWS"),
    ("artifact_registry", {"location": "europe-west4"}, None, ("europe-west4-docker.pkg.dev",), "oauth2accesstoken"),
    ("artifact_registry", {"location": "us"}, None, ("us-docker.pkg.dev",), "oauth2accesstoken"),
    (
        "artifact_registry",
        {"location": "europe-west4", "regional_endpoint": True},
        None,
        ("docker.europe-west4.rep.pkg.dev",),
        "oauth2accesstoken",
    ),
    ("artifact_registry", {"location": "u-france-east1"}, None, ("docker.s3nsregistry.fr",), "oauth2accesstoken"),
    ("gcr", {}, "oauth2accesstoken", ("gcr.io",), "oauth2accesstoken"),
    ("gcr", {"host": "eu.gcr.io"}, None, ("eu.gcr.io",), "oauth2accesstoken"),
    ("acr", {"name": "acme5"}, ENTRA, ("acme5.azurecr.io",), ENTRA),
    ("acr", {"name": "acme5", "region": "westeurope"}, ENTRA, ("acme5.westeurope.geo.azurecr.io",), ENTRA),
    ("acr", {"name": "acmereg-h4sh", "domain": "azurecr.cn"}, "pull", ("acmereg-h4sh.azurecr.cn",), "pull"),
    ("harbor", {"host": "harbor.example.com"}, "robot$web+pull", ("harbor.example.com",), "robot$web+pull"),
    ("artifactory", {"host": "acme.jfrog.io"}, "ada", ("acme.jfrog.io",), "ada"),
    ("nexus", {"host": "nexus.example.com:8082"}, "ada", ("nexus.example.com:8082",), "ada"),
    ("digitalocean", {}, None, ("registry.digitalocean.com",), PASSWORD),
    ("digitalocean", {}, PASSWORD, ("registry.digitalocean.com",), PASSWORD),
    ("ibm_cloud", {}, None, ("icr.io",), "iamapikey"),
    ("ibm_cloud", {"regions": ["global", "de", "de"], "private": False}, None, ("icr.io", "de.icr.io"), "iamapikey"),
    (
        "ibm_cloud",
        {"regions": ["global", "jp2"], "private": True},
        "iamapikey",
        ("private.icr.io", "private.jp2.icr.io"),
        "iamapikey",
    ),
    ("oracle", {"region": "fra"}, "ns/ada", ("fra.ocir.io",), "ns/ada"),
    ("oracle", {"region": "eu-frankfurt-1"}, "ns/d/a@b.c", ("eu-frankfurt-1.ocir.io",), "ns/d/a@b.c"),
    (
        "oracle",
        {"region": "eu-frankfurt-1", "domain": "oci.oraclecloud.com"},
        "ns/ada",
        ("ocir.eu-frankfurt-1.oci.oraclecloud.com",),
        "ns/ada",
    ),
    ("scaleway", {"region": "fr-par"}, None, ("rg.fr-par.scw.cloud",), "nologin"),
    ("scaleway", {"region": "nl-ams"}, "anybody", ("rg.nl-ams.scw.cloud",), "anybody"),
    ("alibaba", {"region": "cn-hangzhou"}, "ada", ("registry.cn-hangzhou.aliyuncs.com",), "ada"),
    ("alibaba", {"region": "cn-hangzhou", "vpc": True}, "ada", ("registry-vpc.cn-hangzhou.aliyuncs.com",), "ada"),
    (
        "alibaba",
        {"region": "eu-central-1", "instance": "acme"},
        "cr_temp_user",
        ("acme-registry.eu-central-1.cr.aliyuncs.com",),
        "cr_temp_user",
    ),
    (
        "alibaba",
        {"region": "cn-beijing", "instance": "acme", "vpc": True},
        "ada",
        ("acme-registry-vpc.cn-beijing.cr.aliyuncs.com",),
        "ada",
    ),
    (
        "alibaba",
        {"region": "cn-beijing", "instance": "crpi-0123", "vpc": True},
        "ada",
        ("crpi-0123-vpc.cn-beijing.personal.cr.aliyuncs.com",),
        "ada",
    ),
    ("red_hat", {}, "12345678|web", ("registry.redhat.io", "registry.connect.redhat.com"), "12345678|web"),
    ("openshift_internal", {}, None, ("image-registry.openshift-image-registry.svc:5000",), "serviceaccount"),
    ("ngc", {}, None, ("nvcr.io",), "$oauthtoken"),
    ("docker_hardened_images", {}, "acme", ("dhi.io",), "acme"),
    ("chainguard", {}, "0a1b/2c3d", ("cgr.dev",), "0a1b/2c3d"),
    ("upbound", {}, "0a1b-2c3d", ("xpkg.upbound.io",), "0a1b-2c3d"),
    ("cloudsmith", {}, None, ("docker.cloudsmith.io",), "token"),
    ("cloudsmith", {}, "ada", ("docker.cloudsmith.io",), "ada"),
    (
        "huawei",
        {"region": "ap-southeast-3"},
        "ap-southeast-3@ACCESSKEY",
        ("swr.ap-southeast-3.myhuaweicloud.com",),
        "ap-southeast-3@ACCESSKEY",
    ),
    ("yandex", {}, None, ("cr.yandex",), "oauth"),
    ("yandex", {"host": "registry.yandexcloud.net"}, "iam", ("registry.yandexcloud.net",), "iam"),
    ("gitea", {"host": "gitea.example.com"}, "ada", ("gitea.example.com",), "ada"),
    ("forgejo", {"host": "forgejo.example.com:3000"}, "ada", ("forgejo.example.com:3000",), "ada"),
    ("suse_application_collection", {}, "acme-sa", ("dp.apps.rancher.io",), "acme-sa"),
    (
        "replicated",
        {},
        "ops@example.com",
        ("proxy.replicated.com", "registry.replicated.com"),
        "ops@example.com",
    ),
    ("iron_bank", {}, "ada", ("registry1.dso.mil",), "ada"),
)

# Region, options, and the host of the account's registries there. The credential helper of Amazon ECR (ecr-login/api,
# ExtractRegistry) and the credential provider of AWS for the kubelet accept all of them.
ECR_HOSTS: tuple[tuple[str, dict[str, bool], str], ...] = (
    ("us-east-1", {}, "dkr.ecr.us-east-1.amazonaws.com"),
    ("us-east-1", {"dual_stack": True}, "dkr-ecr.us-east-1.on.aws"),
    ("us-east-1", {"fips": True}, "dkr.ecr-fips.us-east-1.amazonaws.com"),
    ("us-east-1", {"fips": True, "dual_stack": True}, "dkr-ecr-fips.us-east-1.on.aws"),
    ("us-gov-west-1", {"fips": True}, "dkr.ecr-fips.us-gov-west-1.amazonaws.com"),
    ("us-gov-east-1", {"fips": True, "dual_stack": True}, "dkr-ecr-fips.us-gov-east-1.on.aws"),
    ("cn-north-1", {}, "dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ("cn-north-1", {"dual_stack": True}, "dkr-ecr.cn-north-1.on.amazonwebservices.com.cn"),
    ("eusc-de-east-1", {}, "dkr.ecr.eusc-de-east-1.amazonaws.eu"),
    ("us-iso-east-1", {}, "dkr.ecr.us-iso-east-1.c2s.ic.gov"),
    ("us-isob-east-1", {}, "dkr.ecr.us-isob-east-1.sc2s.sgov.gov"),
    ("us-isof-south-1", {}, "dkr.ecr.us-isof-south-1.csp.hci.ic.gov"),
    ("eu-isoe-west-1", {}, "dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk"),
)


@pytest.mark.parametrize(("region", "options", "host"), ECR_HOSTS)
def test_hosts_of_ecr(region: str, options: dict[str, bool], host: str) -> None:
    given = {"account_id": "123456789012", "region": region, **options}
    (registry,) = read(item("ecr", given, password=PASSWORD))
    assert registry.server == f"123456789012.{host}"
    assert warn_registries([registry]) == []


@pytest.mark.parametrize(("preset", "options", "given", "servers", "username"), CASES)
def test_servers_and_username(
    preset: str, options: dict[str, Any], given: str | None, servers: tuple[str, ...], username: str
) -> None:
    registries = read(item(preset, options, username=given, password=PASSWORD))
    assert registries == [Registry(server, "registries[0]", username, PASSWORD) for server in servers]
    assert warn_registries(registries) == []


def case_of(preset: str) -> tuple[Any, ...]:
    """Return the first case of a preset."""
    cases = [case for case in CASES if case[0] == preset]
    assert cases, f"preset {preset} needs a line in CASES"
    return cases[0]


def test_every_preset_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_an_absent_item_needs_no_credentials(preset: str) -> None:
    _preset, options, _given, servers, _username = case_of(preset)
    given = item(preset, options, username="", password="github_pat_x")
    assert read({**given, "state": "absent"}) == [Registry(name, "registries[0]", absent=True) for name in servers]


def examples(row: Preset, *, defaults: bool) -> dict[str, Any]:
    """The options of a preset: all, or those that it needs."""
    return {
        name: setting.example
        for name, setting in row.settings.items()
        if not (defaults and setting.default is not None)
    }


@pytest.mark.parametrize("defaults", [True, False])
@pytest.mark.parametrize("row", PRESETS.values(), ids=list(PRESETS))
def test_the_examples_make_good_servers(row: Preset, defaults: bool) -> None:
    values = check_preset_options(row, examples(row, defaults=defaults), "preset_options")
    assert values.keys() == row.settings.keys()
    servers = row.servers(values)
    assert servers
    for server in servers:
        check_server(server, "server")
        assert find_warnings(server) == []


@pytest.mark.parametrize("row", PRESETS.values(), ids=list(PRESETS))
def test_defaults_are_values_that_could_be_given(row: Preset) -> None:
    defaults = {name: setting.default for name, setting in row.settings.items() if setting.default not in (None, "")}
    values = check_preset_options(row, {**examples(row, defaults=True), **defaults}, "preset_options")
    assert {name: values[name] for name in defaults} == defaults
    for setting in row.settings.values():
        assert all(setting.pattern.fullmatch(text) for text in (*setting.known, *setting.choices))


@pytest.mark.parametrize("row", PRESETS.values(), ids=list(PRESETS))
def test_a_row_says_what_to_give(row: Preset) -> None:
    assert row.source
    assert row.password_note
    assert row.username or row.username_note
    assert not row.username or not row.usernames or row.username in row.usernames
    assert all(setting.choices or setting.rule for setting in row.settings.values() if setting.type != "boolean")
    assert not row.realm or not examples(row, defaults=True)


@pytest.mark.parametrize(
    ("password", "username"),
    [
        pytest.param(KEY, "_json_key", id="JSON"),
        pytest.param(f"{KEY}\n", "_json_key", id="JSON with a line end"),
        pytest.param(encode(KEY), "_json_key_base64", id="base64"),
        pytest.param("\n".join((encode(KEY)[:76], encode(KEY)[76:])), "_json_key_base64", id="base64 in lines"),
        pytest.param("ya29.a0Af", "oauth2accesstoken", id="token"),
        pytest.param("YWJj", "oauth2accesstoken", id="token that could be base64"),
        pytest.param("/w==", "oauth2accesstoken", id="base64 of no text"),
    ],
)
@pytest.mark.parametrize("preset", ["artifact_registry", "gcr"])
def test_the_username_of_google_follows_from_the_password(preset: str, password: str, username: str) -> None:
    options = {"location": "us"} if preset == "artifact_registry" else {}
    for given in (None, username):
        (registry,) = read(item(preset, options, username=given, password=password))
        assert (registry.username, registry.password) == (username, password)


def test_the_username_of_digitalocean_is_hidden() -> None:
    (registry,) = read(item("digitalocean", password=PASSWORD))
    assert public_username(registry.username, registry.password) == HIDDEN


@pytest.mark.parametrize("preset", [row.name for row in PRESETS.values() if row.supplies_username])
@pytest.mark.parametrize("update", ["when_given", "on_create"])
def test_what_is_stored_is_kept_without_a_password(preset: str, update: UpdateCredentials) -> None:
    options = case_of(preset)[1]
    for registry in read(item(preset, options), update):
        assert (registry.username, registry.password, registry.email) == (None, None, None)


@pytest.mark.parametrize("username", PRESETS["gcr"].usernames)
def test_a_username_alone_can_be_changed(username: str) -> None:
    (registry,) = read(item("gcr", username=username), "when_given")
    assert (registry.username, registry.password) == (username, None)


@pytest.mark.parametrize("preset", ["ghcr", "acr", "oracle", "harbor"])
def test_a_password_alone_can_be_changed(preset: str) -> None:
    options = case_of(preset)[1]
    (registry,) = read(item(preset, options, password=PASSWORD), "when_given")
    assert (registry.username, registry.password) == (None, PASSWORD)


NO_SUCH_USER = "With update_credentials=always each registry needs both username and password. "
KEEP = "Give it, or set update_credentials=when_given to keep what is stored."
GIVE_THAT = "Leave username out, or give that."
SPOILT = (
    "registries[0].password begins like a JSON key and is not JSON. It may have been cut. If it comes from a "
    "template, end the template with | string, or give base64 of the key with | b64encode. Before ansible-core "
    "2.19 a string that looks like a mapping becomes one."
)
OTHER_KEY = (
    'registries[0].password is JSON, and not a service-account key. Only a key with "type": "service_account", '
    "private_key and client_email is a password. Create a key of a service account that may read the repositories."
)
HOST = "must be a host with an optional port, such as harbor.example.com, without https:// and path."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            item("ghrc", **ADA),
            "registries[0].preset is not the name of a preset. Did you mean ghcr?",
            id="a slip in the preset",
        ),
        *(
            pytest.param(
                item(name, **ADA),
                f"registries[0].preset is not the name of a preset. Did you mean {presets}?",
                id=f"what people call it: {name}",
            )
            for name, presets in (
                ("github", "ghcr"),
                ("AWS", "ecr or ecr_public"),
                ("google", "artifact_registry or gcr"),
            )
        ),
        pytest.param(
            item("", **ADA),
            f"registries[0].preset is not the name of a preset. Choose from: {', '.join(sorted(PRESETS))}.",
            id="an empty preset",
        ),
        pytest.param(
            item("ecr", {**ECR, "account": "123456789012"}, password=PASSWORD),
            "registries[0].preset_options.account is not known to preset ecr. Did you mean account_id?",
            id="an unknown option",
        ),
        pytest.param(
            item("docker_hub", {"host": "docker.io"}, **ADA),
            "registries[0].preset_options.host is not known to preset docker_hub. It has none. Leave it out.",
            id="a preset without options",
        ),
        pytest.param(
            item("ecr", {"region": "eu-central-1"}, password=PASSWORD),
            "registries[0].preset_options.account_id is missing; preset ecr needs it. Give 12 digits in quotes.",
            id="a missing option",
        ),
        pytest.param(
            item("ecr", password=PASSWORD),
            "registries[0].preset_options.account_id is missing; preset ecr needs it. Give 12 digits in quotes.",
            id="no options",
        ),
        pytest.param(
            item("scaleway", {"region": None}, password=PASSWORD),
            "registries[0].preset_options.region is missing; preset scaleway needs it. Give a region such as fr-par.",
            id="a null option",
        ),
        *(
            pytest.param(
                item("ecr", {**ECR, "account_id": value}, password=PASSWORD),
                "registries[0].preset_options.account_id must be 12 digits in quotes.",
                id=f"account {value!r}",
            )
            for value in ("12345678901", "1234567890123", "12345678901\n", "")
        ),
        *(
            pytest.param(
                item("ecr", {**ECR, "account_id": value}, password=PASSWORD),
                str(not_a_string(value, "registries[0].preset_options.account_id")),
                id=f"account {value!r}",
            )
            for value in (123456789012, True, 1.5, ["1"])
        ),
        pytest.param(
            item("ecr", {**ECR, "region": "Frankfurt"}, password=PASSWORD),
            "registries[0].preset_options.region must be a region such as eu-central-1. "
            f"Choose from: {', '.join(sorted(PRESETS['ecr'].settings['region'].known))}.",
            id="a city as region",
        ),
        pytest.param(
            item("ecr", {**ECR, "region": "eucentral1"}, password=PASSWORD),
            "registries[0].preset_options.region must be a region such as eu-central-1. "
            "Did you mean eu-central-1 or me-central-1?",
            id="a region without hyphens",
        ),
        *(
            pytest.param(
                item("ecr", {**ECR, "region": region, "dual_stack": True}, password=PASSWORD),
                "registries[0].preset_options.dual_stack cannot be true in this region. AWS documents no dual-stack "
                "host of registries for its partition. Leave it out.",
                id=f"a dual-stack host in {region}",
            )
            for region in ("eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "us-isof-east-1", "eu-isoe-west-1")
        ),
        *(
            pytest.param(
                item("artifact_registry", {"location": location, "regional_endpoint": True}, password=PASSWORD),
                "registries[0].preset_options.regional_endpoint cannot be true in this location. Only regions of "
                "Google Cloud have regional endpoints. Leave it out, or give a region such as europe-west4.",
                id=f"a regional endpoint in {location}",
            )
            for location in ("europe", "u-france-east1")
        ),
        pytest.param(
            item("acr", {"name": "acme5", "domain": "azurecr.cn", "region": "chinaeast"}, **ADA),
            "registries[0].preset_options.region cannot be given in this cloud. Azure documents regional endpoints "
            "only for azurecr.io. Leave it out.",
            id="a regional endpoint in China",
        ),
        *(
            pytest.param(
                item("ghcr", {"host": host}, **ADA),
                "registries[0].preset_options.host is not the host of the container registry. GitHub.com has it at "
                "ghcr.io, and GitHub Enterprise at its own host with the prefix containers. Give that, such as "
                "containers.acme.ghe.com.",
                id=f"ghcr: {host}",
            )
            for host in ("github.com", "acme.ghe.com")
        ),
        pytest.param(
            item("artifact_registry", {"location": "europe-west-4"}, password=PASSWORD),
            "registries[0].preset_options.location must be a location such as europe-west4 or europe. "
            "Did you mean europe-west1?",
            id="a location as another vendor has it",
        ),
        pytest.param(
            item("gcr", {"host": "gcr.com"}, password=PASSWORD),
            "registries[0].preset_options.host must be one of gcr.io, us.gcr.io, eu.gcr.io, asia.gcr.io, "
            "marketplace.gcr.io.",
            id="no choice",
        ),
        pytest.param(
            item("acr", {"name": "acme.azurecr.io"}, **ADA),
            "registries[0].preset_options.name must be the name of the registry alone, in lower case, "
            "such as acmeregistry.",
            id="the server as name",
        ),
        *(
            pytest.param(
                item("ibm_cloud", {"regions": value}, password=PASSWORD),
                "registries[0].preset_options.regions must be a list that is not empty.",
                id=f"list {value!r}",
            )
            for value in ("de", list[str](), {"de": 1})
        ),
        pytest.param(
            item("ibm_cloud", {"regions": ["de", "eu-de"]}, password=PASSWORD),
            "registries[0].preset_options.regions[1] must be a region as in its domain, such as de for de.icr.io, or "
            "global for icr.io. Did you mean de?",
            id="a wrong item of a list",
        ),
        pytest.param(
            item("ibm_cloud", {"private": "yes"}, password=PASSWORD),
            "registries[0].preset_options.private must be true or false.",
            id="no flag",
        ),
        pytest.param(
            item("harbor", {"host": 1.5}, **ADA),
            str(not_a_string(1.5, "registries[0].preset_options.host")),
            id="a number as host",
        ),
        *(
            pytest.param(
                item("harbor", {"host": value}, **ADA),
                f"registries[0].preset_options.host {HOST}",
                id=f"host {value!r}",
            )
            for value in (
                "https://harbor.example.com",
                "harbor.example.com/team",
                "a:s3cret@harbor",
                "",
                "a b.com",
            )
        ),
        pytest.param(
            item("harbor", {"host": "harbor"}, **ADA),
            'registries[0].preset_options.host must be a host with an optional port and path; got "harbor". '
            'A host without dot and port is a name on Docker Hub, so no image is looked up under "harbor". '
            'Write "https://index.docker.io/v1/" for Docker Hub, or the whole host, such as "registry.example.com".',
            id="a host that no image can have",
        ),
        pytest.param(
            item("ghcr", username="octo", password="github_pat_11AAA"),
            "registries[0].password is a fine-grained token. GitHub Packages takes only personal access tokens "
            "(classic). Create one with the scope read:packages.",
            id="ghcr: a fine-grained token",
        ),
        pytest.param(
            item("gcr", username="_json_key_base64", password=KEY),
            "registries[0].password is a key as JSON, and not base64 of it. "
            "The user _json_key_base64 has base64 of a service-account key. "
            f"{GIVE_THAT}",
            id="google: JSON for base64",
        ),
        pytest.param(
            item("gcr", username="_json_key", password=encode(KEY)),
            "registries[0].password is base64 of a key, and not the key. "
            "The user _json_key has a service-account key as JSON. "
            f"{GIVE_THAT}",
            id="google: base64 for JSON",
        ),
        *(
            pytest.param(
                item("gcr", username="oauth2accesstoken", password=password),
                f"registries[0].password is a key, and not an access token. "
                f"The user oauth2accesstoken has an access token. {GIVE_THAT}",
                id=f"google: a key as token, {name}",
            )
            for name, password in (("JSON", KEY), ("base64", encode(KEY)))
        ),
        *(
            pytest.param(
                item("gcr", username=user, password="ya29.a0Af"),
                f"registries[0].password is not a service-account key. The user {user} has {what}. {GIVE_THAT}",
                id=f"google: a token as {what}",
            )
            for user, what in (
                ("_json_key", "a service-account key as JSON"),
                ("_json_key_base64", "base64 of a service-account key"),
            )
        ),
        *(
            pytest.param(item("gcr", username=user, password=password), OTHER_KEY, id=f"google: {name}, {user}")
            for user in (None, "_json_key", "_json_key_base64")
            for name, password in (
                ("another key", USER_KEY),
                ("base64 of another key", encode(USER_KEY)),
                ("a key without its parts", '{"type": "service_account", "private_key": 1}'),
                ("an empty object", "{}"),
                ("a key of another type", KEY.replace("service_account", "gdch_service_account")),
            )
        ),
        *(
            pytest.param(item("gcr", username=user, password=password), SPOILT, id=f"google: {name}, {user}")
            for user in (None, "_json_key")
            for name, password in (
                ("a cut key", KEY[:-9]),
                ("a mapping of Python", str(json.loads(KEY))),
                ("base64 of a cut key", encode(KEY[:-9])),
                ("very deep", '{"a":' + "[" * 100000),
            )
        ),
        pytest.param(
            item("gcr", username="ada", password=KEY),
            "registries[0].username must be _json_key or _json_key_base64 or oauth2accesstoken for preset gcr. "
            "Leave it out.",
            id="google: another username",
        ),
        pytest.param(
            item("ecr", ECR, username="ada", password=PASSWORD),
            "registries[0].username must be AWS for preset ecr. Leave it out.",
            id="ecr: another username",
        ),
        *(
            pytest.param(
                item(preset, options, password=encode(f"AWS:{PASSWORD}")),
                "registries[0].password is an authorizationToken as the API returns it. That is base64 of AWS:, "
                "followed by the password. Decode it, and give what follows the colon.",
                id=f"{preset}: a token that is not decoded",
            )
            for preset, options in (("ecr", ECR), ("ecr_public", {}))
        ),
        *(
            pytest.param(
                item("acr", {"name": "acmeregistry"}, username=ENTRA, password=password),
                f"registries[0].password is empty. The user {ENTRA} has an access token as password. "
                "Give what az acr login --expose-token prints as accessToken.",
                id=f"acr: the Entra user with {password!r}",
            )
            for password in ("", " ")
        ),
        pytest.param(
            item("digitalocean", username="ada", password=PASSWORD),
            "registries[0].username cannot be used with preset digitalocean. The preset uses the token as the "
            "user name, and hides it. Leave it out.",
            id="digitalocean: another username",
        ),
        *(
            pytest.param(
                item("oracle", {"region": "fra"}, username=username, password=PASSWORD),
                "registries[0].username has no tenancy namespace. Oracle's registry knows a user as namespace/user or "
                "namespace/domain/user. Put the tenancy's object storage namespace and a slash in front.",
                id=f"oracle: {username!r}",
            )
            for username in ("ada@example.com", "/ada", "ns/")
        ),
        *(
            pytest.param(
                item("ngc", username=username, password=PASSWORD),
                "registries[0].username is not $oauthtoken. A shell takes that for a variable, which is empty. "
                "Leave username out: the preset writes it as it is.",
                id=f"ngc: {username!r}",
            )
            for username in ("", " ", "oauthtoken")
        ),
        pytest.param(
            item("ngc", username="ada", password=PASSWORD),
            "registries[0].username must be $oauthtoken for preset ngc. Leave it out.",
            id="ngc: another username",
        ),
        pytest.param(
            item("ngc"),
            f"registries[0].password is missing. {NO_SUCH_USER}{KEEP}",
            id="no password, where the preset has the username",
        ),
        pytest.param(
            item("ghcr", password=PASSWORD),
            f"registries[0].username is missing. {NO_SUCH_USER}{KEEP}",
            id="no username, where it is the user's own",
        ),
        pytest.param(
            item("gcr", password=""),
            "registries[0].password is empty. An empty value would replace a working credential. "
            "Check the variable behind it, or leave the option out together with update_credentials=when_given.",
            id="an empty password",
        ),
    ],
)
def test_refusals(given: dict[str, Any], message: str) -> None:
    assert refusal(read, given) == message


@pytest.mark.parametrize(
    ("given", "warnings"),
    [
        pytest.param(
            item("docker_hub", username="ada@example.com", password=PASSWORD),
            ["registries[0].username is an e-mail address. Access tokens of Docker Hub need the Docker ID. Give that."],
            id="docker_hub: an e-mail address",
        ),
        *(
            pytest.param(
                item("gitlab", username=username, password=password),
                [
                    (
                        "registries[0].password is a job token. It expires with the job, and no Pod can pull "
                        "with it afterwards. Give a deploy token."
                    )
                ],
                id=f"gitlab: {name}",
            )
            for name, username, password in (
                ("the user of jobs", "gitlab-ci-token", PASSWORD),
                ("a job token", "ada", "glcbt-64_x"),
            )
        ),
        *(
            pytest.param(
                item("harbor", {"host": "harbor.example.com"}, username=username, password=PASSWORD),
                [
                    "registries[0].username has no $. Robot accounts are called robot$name by default, and a shell "
                    "takes $name for a variable. Check that the name still has its $ and what follows."
                ],
                id=f"harbor: {username}",
            )
            for username in ("robot", "robot+pull")
        ),
        pytest.param(
            item("red_hat", username="ada", password=PASSWORD),
            [
                "registries[0].username is not that of a registry service account. Those look like 12345678|name; a "
                "person's login is not meant for clusters. Create a registry service account."
            ],
            id="red_hat: a person, once for both servers",
        ),
        pytest.param(
            item("red_hat", username="1|a", password="s3cret "),
            [
                "registries[0]: the password begins or ends with whitespace or a newline, which remains part of it.",
            ],
            id="red_hat: a blank, once for both servers",
        ),
        pytest.param(
            item("ecr", {**ECR, "region": "eu-cental-1"}, password=PASSWORD),
            [
                "registries[0].preset_options.region is not a known value, and is used as it is. "
                "Did you mean eu-central-1 or me-central-1?"
            ],
            id="a slip in a region",
        ),
        pytest.param(
            item("ecr", {**ECR, "region": "eu-central-9"}, password=PASSWORD), [], id="a region with another number"
        ),
        pytest.param(
            item("artifact_registry", {"location": "europe-wets4"}, password=PASSWORD),
            [
                "registries[0].preset_options.location is not a known value, and is used as it is. "
                "Did you mean europe-west1?"
            ],
            id="a slip in a location",
        ),
        pytest.param(
            item("ibm_cloud", {"regions": ["de", "kr"]}, password=PASSWORD),
            ["registries[0].preset_options.regions is not a known value, and is used as it is. Did you mean uk or br?"],
            id="an unknown region in a list",
        ),
        pytest.param(
            item("gitlab", {"host": "Registry.example.com"}, **ADA),
            [
                'registries[0]: hosts are compared with case; "Registry.example.com" serves no image of '
                '"registry.example.com".'
            ],
            id="what is said of every server",
        ),
    ],
)
def test_warnings(given: dict[str, Any], warnings: list[str]) -> None:
    assert warn_registries(read(given)) == warnings


def test_an_absent_item_warns_of_nothing() -> None:
    given = item("ecr", {**ECR, "region": "eu-cental-1"}, state="absent")
    assert warn_registries(read(given)) == []
