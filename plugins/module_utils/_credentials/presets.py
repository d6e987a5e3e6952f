# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of presets: a row for each registry that is known by name, with its servers, settings and usernames."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import KeyringError
from .preset_clouds import (
    ACR_REFUSALS,
    ARTIFACT_REGISTRY_REFUSALS,
    AWS,
    AWS_MINTING,
    AZURE_MINTING,
    ECR_REFUSALS,
    ECR_WARNINGS,
    ENTRA_USER,
    GOOGLE,
    GOOGLE_MINTING,
    HARBOR_MINTING,
    HARBOR_REFUSALS,
    HOUR,
    OFF_BY_DEFAULT,
    S3NS_LOCATIONS,
    acr_servers,
    artifact_registry_servers,
    ecr_servers,
)
from .preset_shapes import LoginRule, Preset, PresetSetting, SettingRule
from .preset_tokens import (
    AZURE_WARNINGS,
    GITHUB_REFUSALS,
    GITHUB_WARNINGS,
    GITLAB_REFUSALS,
    GITLAB_WARNINGS,
    QUAY_WARNINGS,
)
from .server import DOCKER_HUB
from .suggestions import ask_for, suggest_words

_NGC_USER = "$oauthtoken"


def _fixed(*templates: str) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    """Return a function that fills the values of the settings into the templates of servers."""
    return lambda values: tuple(template.format(**values) for template in templates)


def _oracle_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    region, domain = values["region"], values["domain"]
    if domain == "ocir.io":
        return (f"{region}.ocir.io",)
    return (f"ocir.{region}.{domain}",)


def _ibm_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    servers = []
    for region in values["regions"]:
        server = "icr.io" if region == "global" else f"{region}.icr.io"
        servers.append(f"private.{server}" if values["private"] else server)
    return tuple(servers)


def _alibaba_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    instance, region = values["instance"], values["region"]
    vpc = "-vpc" if values["vpc"] else ""
    if not instance:
        return (f"registry{vpc}.{region}.aliyuncs.com",)
    if instance.startswith("crpi-"):
        return (f"{instance}{vpc}.{region}.personal.cr.aliyuncs.com",)
    return (f"{instance}-registry{vpc}.{region}.cr.aliyuncs.com",)


_YANDEX_USERS = ("json_key", "iam", "oauth")


def _guess_yandex_user(password: str) -> str:
    text = password.strip()
    if text.startswith("{"):
        return "json_key"
    return "iam" if text.startswith("t1.") else "oauth"


def _host(example: str, default: str | None = None) -> PresetSetting:
    return PresetSetting(
        type="host",
        example=example,
        default=default,
        pattern=re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#]+)(:[0-9]+)?"),
        rule=f"a host with an optional port, such as {example}, without https:// and path",
    )


_AWS_REGIONS = (
    *("af-south-1", "ap-east-1", "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ca-central-1", "ca-west-1"),
    *("cn-north-1", "cn-northwest-1", "eu-central-1", "eu-isoe-west-1", "eu-north-1", "eu-south-1", "eu-west-1"),
    *("eusc-de-east-1", "il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1"),
    *("sa-east-1", "sa-west-1", "us-east-1", "us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-iso-west-1"),
    *("us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1", "us-west-1"),
)
_GOOGLE_LOCATIONS = (
    *("africa-south1", "asia", "asia-east1", "asia-northeast1", "asia-south1", "asia-southeast1"),
    *("australia-southeast1", "europe", "europe-central2", "europe-north1", "europe-southwest1", "europe-west1"),
    *("me-central1", "me-west1", "northamerica-northeast1", "northamerica-south1", "southamerica-east1"),
    *("southamerica-west1", "us", "us-central1", "us-east1", "us-south1", "us-west1"),
)
_ALIBABA_REGIONS = (
    *("ap-northeast-1", "ap-south-1", "ap-southeast-1", "cn-beijing", "cn-chengdu", "cn-guangzhou", "cn-hangzhou"),
    *("cn-heyuan", "cn-hongkong", "cn-huhehaote", "cn-qingdao", "cn-shanghai", "cn-shenzhen", "cn-wulanchabu"),
    *("cn-zhangjiakou", "eu-central-1", "eu-west-1", "me-central-1", "me-east-1", "us-east-1", "us-west-1"),
)

_DOCKER_EMAIL = LoginRule(
    "username",
    lambda username, _password: re.fullmatch(r"[^@\s]+@[^@\s]+", username or ""),
    "is an e-mail address",
    "Access tokens of Docker Hub need the Docker ID.",
    "Give that.",
)
_ROBOT_WITHOUT_DOLLAR = LoginRule(
    "username",
    lambda username, _password: re.fullmatch(r"robot(\+.*)?", username or ""),
    "has no $",
    "Robot accounts are called robot$name by default, and a shell takes $name for a variable.",
    "Check that the name still has its $ and what follows.",
)
_GITEA: Mapping[str, Any] = {
    "servers": _fixed("{host}"),
    "username_note": "login",
    "password_note": "access token with `read:package`",
    "life_note": "until it is revoked",
}

_PRESET_ROWS = (
    Preset(
        name="docker_hub",
        source="Docker documentation, Personal access tokens; Organization access tokens",
        servers=_fixed(DOCKER_HUB),
        username_note="Docker ID; for an organization access token the name of the organization",
        password_note="access token",
        life_note="until it is revoked",
        realm="auth.docker.io",
        makers=("Docker Hub",),
        warnings=(_DOCKER_EMAIL,),
    ),
    Preset(
        name="ghcr",
        source="GitHub documentation, Working with the Container registry; Feature overview for GitHub Enterprise "
        "Cloud with data residency",
        servers=_fixed("{host}"),
        settings={"host": _host("containers.github.example.com", "ghcr.io")},
        username_note="GitHub login",
        password_note="personal access token (classic) with `read:packages`",
        life_note="chosen with the token",
        makers=("GitHub",),
        refusals=GITHUB_REFUSALS,
        warnings=GITHUB_WARNINGS,
        setting_refusals=(
            SettingRule(
                "host",
                lambda values: re.fullmatch(r"(github\.com|(?!containers\.)[^.]+\.ghe\.com)", values["host"]),
                "is not the host of the container registry",
                "GitHub.com has it at ghcr.io, and GitHub Enterprise at its own host with the prefix containers.",
                "Give that, such as containers.acme.ghe.com.",
            ),
        ),
        setting_warnings=(
            SettingRule(
                "host",
                lambda values: values["host"] != "ghcr.io" and not values["host"].startswith("containers."),
                "does not have the prefix containers",
                "GitHub Enterprise has its container registry at its own host with this prefix.",
                "Check the host in the names of your images.",
            ),
        ),
    ),
    Preset(
        name="gitlab",
        source="GitLab documentation, Authenticate with the container registry; Deploy tokens",
        servers=_fixed("{host}"),
        settings={"host": _host("registry.example.com:5050", "registry.gitlab.com")},
        username_note="of a deploy token its username, such as `gitlab+deploy-token-7`; else the login",
        password_note="deploy token or personal access token with `read_registry`",
        life_note="until midnight UTC of its date, if it has one",
        realm="gitlab.com",
        makers=("GitLab",),
        refusals=GITLAB_REFUSALS,
        warnings=GITLAB_WARNINGS,
    ),
    Preset(
        name="quay",
        source="Red Hat Quay documentation, robot accounts; quay/quay auth/credential_consts.py",
        servers=_fixed("{host}"),
        settings={"host": _host("quay.example.com", "quay.io")},
        username_note="robot account `organization+robot`; `$oauthtoken` for an OAuth token, `$app` for an app token",
        password_note="token of the robot account",
        life_note="until it is revoked; a token of a federated robot account 1 hour",
        warnings=QUAY_WARNINGS,
    ),
    Preset(
        name="ecr",
        source="Amazon ECR User Guide, private registry authentication; awslabs/amazon-ecr-credential-helper",
        servers=ecr_servers,
        settings={
            "account_id": PresetSetting(
                example="123456789012", pattern=re.compile("[0-9]{12}"), rule="12 digits in quotes"
            ),
            "region": PresetSetting(
                example="eu-central-1",
                pattern=re.compile("[a-z]+(-[a-z]+)+-[0-9]+"),
                rule="a region such as eu-central-1",
                known=_AWS_REGIONS,
            ),
            "dual_stack": OFF_BY_DEFAULT,
            "fips": OFF_BY_DEFAULT,
            **AWS_MINTING,
        },
        setting_refusals=ECR_REFUSALS,
        setting_warnings=ECR_WARNINGS,
        **AWS,
    ),
    Preset(
        name="ecr_public",
        source="Amazon ECR Public User Guide, public registry authentication; Making requests to Amazon ECR Public",
        servers=lambda values: ("ecr-public.aws.com" if values["dual_stack"] else "public.ecr.aws",),
        settings={"dual_stack": OFF_BY_DEFAULT, **AWS_MINTING},
        **{**AWS, "password_note": "what `aws ecr-public get-login-password --region us-east-1` prints"},
    ),
    Preset(
        name="artifact_registry",
        source="Artifact Registry documentation, Configure authentication to Artifact Registry for Docker; "
        "GoogleCloudPlatform/docker-credential-gcr config/const.go",
        servers=artifact_registry_servers,
        settings={
            "location": PresetSetting(
                example="europe-west4",
                pattern=re.compile("asia|europe|us|(u-)?[a-z]+-[a-z]+[0-9]+"),
                rule="a location such as europe-west4 or europe",
                known=(*_GOOGLE_LOCATIONS, *S3NS_LOCATIONS),
            ),
            "regional_endpoint": OFF_BY_DEFAULT,
            **GOOGLE_MINTING,
        },
        setting_refusals=ARTIFACT_REGISTRY_REFUSALS,
        **GOOGLE,
    ),
    Preset(
        name="gcr",
        source="Artifact Registry documentation, gcr.io repositories",
        servers=_fixed("{host}"),
        settings={
            "host": PresetSetting(
                example="eu.gcr.io",
                default="gcr.io",
                choices=("gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io", "marketplace.gcr.io"),
            ),
            **GOOGLE_MINTING,
        },
        **GOOGLE,
    ),
    Preset(
        name="acr",
        source="Azure Container Registry documentation, Registry authentication; endpoint reference",
        servers=acr_servers,
        settings={
            "name": PresetSetting(
                example="acmeregistry",
                pattern=re.compile("[a-z0-9]{5,50}(-[a-z0-9]+)?"),
                rule="the name of the registry alone, in lower case, such as acmeregistry",
            ),
            "domain": PresetSetting(
                example="azurecr.io", default="azurecr.io", choices=("azurecr.io", "azurecr.cn", "azurecr.us")
            ),
            "region": PresetSetting(
                example="westeurope",
                default="",
                pattern=re.compile("[a-z0-9]+"),
                rule="the region of a replica, such as westeurope for acmeregistry.westeurope.geo.azurecr.io",
            ),
            **AZURE_MINTING,
        },
        setting_refusals=ACR_REFUSALS,
        mints="azure",
        minted_username=ENTRA_USER,
        username_note=f"application ID of a service principal, name of a repository token, or `{ENTRA_USER}`",
        password_note="its secret or password; for the last an Entra access token",
        life={ENTRA_USER: 3 * HOUR},
        life_note="the secret of a service principal 1 year by default",
        refusals=(
            LoginRule(
                "password",
                lambda username, password: username == ENTRA_USER and password is not None and not password.strip(),
                "is empty",
                f"The user {ENTRA_USER} has an access token as password.",
                "Give what az acr login --expose-token prints as accessToken.",
            ),
        ),
        warnings=AZURE_WARNINGS,
    ),
    Preset(
        name="harbor",
        source="Harbor documentation, Create Project Robot Accounts; Create System Robot Accounts; goharbor/harbor "
        "api/v2.0/swagger.yaml, RefreshSec",
        servers=_fixed("{host}"),
        settings={"host": _host("harbor.example.com"), **HARBOR_MINTING},
        username_note="robot account, by default `robot$name` or `robot$project+name`",
        password_note="secret of the robot account",
        life_note="30 days by default",
        mints="harbor",
        mints_if="refresh_secret",
        mints_days="refresh_days",
        warnings=(_ROBOT_WITHOUT_DOLLAR,),
        setting_refusals=HARBOR_REFUSALS,
    ),
    Preset(
        name="artifactory",
        source="JFrog documentation, Get Started with Docker; access tokens",
        servers=_fixed("{host}"),
        settings={"host": _host("acme.jfrog.io")},
        username_note="login",
        password_note="identity token or reference token",
        life_note="chosen with the token",
        makers=("Artifactory",),
    ),
    Preset(
        name="nexus",
        source="Sonatype documentation, Docker authentication; SSL and repository connector configuration",
        servers=_fixed("{host}"),
        settings={"host": _host("nexus.example.com:8082")},
        username_note="login, or name code of a user token",
        password_note="password, or pass code of the user token",
        life_note="as configured",
    ),
    Preset(
        name="digitalocean",
        source="DigitalOcean API reference, Get Docker Credentials for Container Registry",
        servers=_fixed("registry.digitalocean.com"),
        secret_username=True,
        username_note="the token again, written for you and hidden",
        password_note="API token",
        life_note="until it is revoked, or as chosen with the token",
        realm="api.digitalocean.com",
        makers=("DigitalOcean",),
    ),
    Preset(
        name="ibm_cloud",
        source="IBM Cloud documentation, Container Registry: regions; Accessing Container Registry",
        servers=_ibm_servers,
        settings={
            "regions": PresetSetting(
                type="strings",
                example=["global", "de"],
                default=["global"],
                pattern=re.compile("global|[a-z]{2}[0-9]?"),
                rule="a region as in its domain, such as de for de.icr.io, or global for icr.io",
                known=("global", "au", "br", "ca", "ca2", "de", "es", "in", "in2", "jp", "jp2", "uk", "us"),
            ),
            "private": OFF_BY_DEFAULT,
        },
        username="iamapikey",
        password_note="API key",
        life_note="until it is revoked",
    ),
    Preset(
        name="oracle",
        source="Oracle Cloud documentation, Preparing for Container Registry; Pushing images",
        servers=_oracle_servers,
        settings={
            "region": PresetSetting(
                example="fra",
                pattern=re.compile("[a-z]{3}|[a-z]+(-[a-z]+)+-[0-9]+"),
                rule="a region key such as fra, or a region such as eu-frankfurt-1: that which the images have",
            ),
            "domain": PresetSetting(
                example="oci.oraclecloud.com", default="ocir.io", choices=("ocir.io", "oci.oraclecloud.com")
            ),
        },
        username_note="`namespace/user` or `namespace/domain/user`",
        password_note="auth token",
        life_note="until it is deleted",
        refusals=(
            LoginRule(
                "username",
                lambda username, _password: username is not None and not re.fullmatch("[^/]+(/[^/]+)+", username),
                "has no tenancy namespace",
                "Oracle's registry knows a user as namespace/user or namespace/domain/user.",
                "Put the tenancy's object storage namespace and a slash in front.",
            ),
        ),
    ),
    Preset(
        name="scaleway",
        source="Scaleway documentation, Container Registry Quickstart",
        servers=_fixed("rg.{region}.scw.cloud"),
        settings={
            "region": PresetSetting(
                example="fr-par",
                pattern=re.compile("[a-z]{2}-[a-z]{3}"),
                rule="a region such as fr-par",
                known=("fr-par", "nl-ams", "pl-waw"),
            )
        },
        username="nologin",
        password_note="secret key of an API key",
        life_note="that of the API key",
    ),
    Preset(
        name="alibaba",
        source="Alibaba Cloud documentation, Container Registry: Configure access credentials; GetAuthorizationToken",
        servers=_alibaba_servers,
        settings={
            "region": PresetSetting(
                example="cn-hangzhou",
                pattern=re.compile("[a-z]+(-[a-z]+)+(-[0-9]+)?"),
                rule="a region such as cn-hangzhou",
                known=_ALIBABA_REGIONS,
            ),
            "instance": PresetSetting(
                example="acme",
                default="",
                pattern=re.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?"),
                rule="the name of an instance, such as acme for acme-registry.cn-hangzhou.cr.aliyuncs.com",
            ),
            "vpc": OFF_BY_DEFAULT,
        },
        username_note="login; `cr_temp_user` for a temporary password",
        password_note="password of the registry",
        life={"cr_temp_user": HOUR},
        life_note="a fixed password until it is changed",
    ),
    Preset(
        name="red_hat",
        source="Red Hat, Container Registry Authentication",
        servers=_fixed("registry.redhat.io", "registry.connect.redhat.com"),
        username_note="registry service account, such as `12345678|name`",
        password_note="its token",
        life_note="not stated",
        warnings=(
            LoginRule(
                "username",
                lambda username, _password: username is not None and "|" not in username,
                "is not that of a registry service account",
                "Those look like 12345678|name; a person's login is not meant for clusters.",
                "Create a registry service account.",
            ),
        ),
    ),
    Preset(
        name="openshift_internal",
        source="OpenShift documentation, Accessing the registry",
        servers=_fixed("image-registry.openshift-image-registry.svc:5000"),
        username="serviceaccount",
        password_note="token of a ServiceAccount or a user",
        life_note="that of the token",
        makers=("OpenShift",),
    ),
    Preset(
        name="ngc",
        source="NVIDIA NGC documentation, generating an API key",
        servers=_fixed("nvcr.io"),
        username=_NGC_USER,
        usernames=(_NGC_USER,),
        password_note="API key",
        life_note="that of the key",
        makers=("NVIDIA NGC",),
        refusals=(
            LoginRule(
                "username",
                lambda username, _password: username is not None and username.strip() in ("", "oauthtoken"),
                f"is not {_NGC_USER}",
                "A shell takes that for a variable, which is empty.",
                "Leave username out: the preset writes it as it is.",
            ),
        ),
    ),
    Preset(
        name="docker_hardened_images",
        source="Docker documentation, Use a Docker Hardened Image; Mirror a Docker Hardened Image repository",
        servers=_fixed("dhi.io"),
        username_note="Docker ID; for an organization access token the name of the organization",
        password_note="access token of Docker Hub, also for free images",
        life_note="until it is revoked",
        makers=("Docker Hub",),
        warnings=(_DOCKER_EMAIL,),
    ),
    Preset(
        name="chainguard",
        source="Chainguard documentation, Authenticating to the Chainguard Registry",
        servers=_fixed("cgr.dev"),
        username_note="that of a pull token",
        password_note="pull token, as `chainctl auth pull-token` prints it",
        life_note="30 days by default, at most 365 days",
    ),
    Preset(
        name="upbound",
        source="Upbound documentation, Pull secrets; Marketplace authentication",
        servers=_fixed("xpkg.upbound.io"),
        username_note="access ID of the token of a robot",
        password_note="token of the robot",
        life_note="until it is deleted",
    ),
    Preset(
        name="cloudsmith",
        source="Cloudsmith documentation, Docker registry; cloudsmith-io/cloudsmith-cli print-token",
        servers=_fixed("docker.cloudsmith.io"),
        username="token",
        password_note="API key of a user or service account, or a token by OIDC",
        life_note="until it is revoked; a token by OIDC 2 hours",
    ),
    Preset(
        name="huawei",
        source="Huawei Cloud documentation, SoftWare Repository for Container: Obtaining a Long-Term Login Command",
        servers=_fixed("swr.{region}.myhuaweicloud.com"),
        settings={
            "region": PresetSetting(
                example="ap-southeast-3",
                pattern=re.compile("[a-z]+(-[a-z]+)+-[0-9]+"),
                rule="a region such as ap-southeast-3",
            )
        },
        username_note="`region@access-key-id`, as in the login command",
        password_note="login key of the login command, which is not the secret access key",
        life_note="that of the access key; from a temporary login command 6 hours",
        refusals=(
            LoginRule(
                "username",
                lambda username, _password: username is not None and not re.fullmatch("[^@]+@[^@]+", username),
                "has no region",
                "The registry knows a user as region@access-key-id.",
                "Copy the user of the login command that the console of SWR shows.",
            ),
        ),
    ),
    Preset(
        name="yandex",
        source="Yandex Cloud documentation, Authentication in Container Registry; Authentication in Cloud Registry",
        servers=_fixed("{host}"),
        settings={
            "host": PresetSetting(
                example="registry.yandexcloud.net",
                default="cr.yandex",
                choices=("cr.yandex", "registry.yandexcloud.net"),
            )
        },
        guess=_guess_yandex_user,
        usernames=_YANDEX_USERS,
        username_note="by the password: `json_key`, `iam` or `oauth`",
        password_note="authorized key of a service account as JSON, IAM token or OAuth token",
        life={"iam": 12 * HOUR},
        life_note="an OAuth token 1 year; a key until it is deleted",
        makers=("Yandex",),
    ),
    Preset(
        name="gitea",
        source="Gitea documentation, Container Registry; Access token scopes",
        settings={"host": _host("gitea.example.com")},
        **_GITEA,
    ),
    Preset(
        name="forgejo",
        source="Forgejo documentation, Container Registry; Access token scope",
        settings={"host": _host("forgejo.example.com")},
        **_GITEA,
    ),
    Preset(
        name="suse_application_collection",
        source="SUSE Application Collection documentation, Authentication",
        servers=_fixed("dp.apps.rancher.io"),
        username_note="service account, or a person's login",
        password_note="secret of the service account, or access token of the person",
        life_note="until it is deleted",
    ),
    Preset(
        name="replicated",
        source="Replicated documentation, Replicated Registry Security; Connect to a Public Registry through the Proxy "
        "Registry",
        servers=_fixed("proxy.replicated.com", "registry.replicated.com"),
        username_note="e-mail address of the customer",
        password_note="license ID, or token of a service account of the enterprise portal",
        life_note="until the license expires",
    ),
    Preset(
        name="iron_bank",
        source="Iron Bank documentation, Frequently Asked Questions; Big Bang documentation, image pull secrets",
        servers=_fixed("registry1.dso.mil"),
        username_note="login of Registry1, or a robot account such as `robot$name`",
        password_note="CLI secret of the user profile in Registry1, or secret of the robot account",
        life_note="until it is replaced",
        warnings=(_ROBOT_WITHOUT_DOLLAR,),
    ),
)

PRESETS: Mapping[str, Preset] = {row.name: row for row in _PRESET_ROWS}


def _secret_settings() -> Iterator[str]:
    for row in _PRESET_ROWS:
        yield from (name for name, setting in row.settings.items() if setting.secret)


# The settings of all presets that are never shown.
SECRET_SETTINGS = frozenset(_secret_settings())


# What people call a registry that has a preset with another name.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "amazon": ("ecr", "ecr_public"),
    "aws": ("ecr", "ecr_public"),
    "azure": ("acr",),
    "docker": ("docker_hub",),
    "docker.io": ("docker_hub",),
    "gar": ("artifact_registry",),
    "gcp": ("artifact_registry", "gcr"),
    "github": ("ghcr",),
    "google": ("artifact_registry", "gcr"),
    "ibm": ("ibm_cloud",),
    "jfrog": ("artifactory",),
    "microsoft": ("acr",),
    "nvidia": ("ngc",),
    "ocir": ("oracle",),
    "openshift": ("openshift_internal", "red_hat"),
    "suse": ("suse_application_collection",),
}


def find_preset(name: str, option: str) -> Preset:
    """Return the row of a preset. Raise KeyringError, with similar names, if there is none of this name."""
    if name not in PRESETS:
        other_names = _OTHER_NAMES.get(name.lower(), ())
        remedy = ask_for(other_names) or suggest_words(name, PRESETS)
        raise KeyringError(f"{option} is not the name of a preset.", "", remedy, option=option)
    return PRESETS[name]
