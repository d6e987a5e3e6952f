# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of presets: a row for each registry that is known by name, with its servers, settings and usernames."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import KeyringError
from .google_logins import GOOGLE_REFUSALS, GOOGLE_USERS, guess_username
from .preset_shapes import LoginRule, Preset, PresetSetting
from .server import DOCKER_HUB
from .suggestions import suggest_words

_HOUR = 3600
_NGC_USER = "$oauthtoken"
_ENTRA_USER = "00000000-0000-0000-0000-000000000000"


def _fixed(*templates: str) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    """Return a function that fills the values of the settings into the templates of servers."""
    return lambda values: tuple(template.format(**values) for template in templates)


def _ecr_servers(values: Mapping[str, Any]) -> tuple[str, ...]:
    account_id, region = values["account_id"], values["region"]
    is_china = region.startswith("cn-")
    if values["dual_stack"]:
        domain = "on.amazonwebservices.com.cn" if is_china else "on.aws"
        return (f"{account_id}.dkr-ecr.{region}.{domain}",)
    domain = "amazonaws.com.cn" if is_china else "amazonaws.com"
    return (f"{account_id}.dkr.ecr.{region}.{domain}",)


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


def _is_undecoded(_username: str | None, password: str | None) -> bool:
    """Return whether the password is what GetAuthorizationToken returns: base64 of username and password."""
    try:
        return base64.b64decode(password or "", validate=True).startswith(b"AWS:")
    except (binascii.Error, ValueError):
        return False


_GOOGLE: dict[str, Any] = {
    "guess": guess_username,
    "usernames": GOOGLE_USERS,
    "username_note": "by the password: `_json_key`, `_json_key_base64` or `oauth2accesstoken`",
    "password_note": "service-account key as JSON or base64 of it, or access token",
    "life": {"oauth2accesstoken": _HOUR},
    "mints": "google",
    "minted_username": "oauth2accesstoken",
    "life_note": "a key until it is revoked",
    "refusals": GOOGLE_REFUSALS,
}
_AWS: dict[str, Any] = {
    "username": "AWS",
    "usernames": ("AWS",),
    "password_note": "what `aws ecr get-login-password` prints",
    "life": {"AWS": 12 * _HOUR},
    "mints": "aws",
    "minted_username": "AWS",
    "life_note": "expires with the credentials that it was minted with, if these expire earlier",
    "refusals": (
        LoginRule(
            "password",
            _is_undecoded,
            "is an authorizationToken as the API returns it",
            "That is base64 of AWS:, followed by the password.",
            "Decode it, and give what follows the colon.",
        ),
    ),
}
_OFF_BY_DEFAULT = PresetSetting(type="boolean", example=True, default=False)
_ENDPOINT = PresetSetting(
    example="https://api.ecr.eu-central-1.amazonaws.com",
    default="",
    pattern=re.compile(r"https?://[^\s@/?#]+(/[^\s?#]*)?"),
    rule="a URL, such as that of a private endpoint, with https:// and without user",
    mints=True,
)
_GOOGLE_MINTING = {
    "key_file": PresetSetting(
        example="/etc/pull/google.json",
        default="",
        pattern=re.compile("/.+"),
        rule="the absolute path, on the machine that runs the task, of a service-account key or a workload identity "
        "configuration",
        mints=True,
    ),
    "impersonate": PresetSetting(
        example="pull@acme.iam.gserviceaccount.com",
        default="",
        pattern=re.compile(r"[^@\s/:]+@[^@\s/:]+"),
        rule="the e-mail address of a service account to act as",
        mints=True,
    ),
    "endpoint_url": dataclasses.replace(_ENDPOINT, example="https://iamcredentials.example.com"),
}
_AZURE_MINTING = {
    "tenant_id": PresetSetting(
        example="72f988bf-0000-0000-0000-2d7cd011db47",
        default="",
        pattern=re.compile(r"[A-Za-z0-9.-]+"),
        rule="the ID or a domain of the tenant of a service principal",
        mints=True,
        needs=("client_id", "client_secret"),
    ),
    "client_id": PresetSetting(
        example="11111111-0000-0000-0000-222222222222",
        default="",
        pattern=re.compile(r"[A-Za-z0-9-]+"),
        rule="the application ID of a service principal or of a managed identity",
        mints=True,
    ),
    "client_secret": PresetSetting(
        type="password",
        example="a-secret",
        default="",
        rule="a secret of the service principal",
        mints=True,
        secret=True,
        needs=("client_id", "tenant_id"),
    ),
    "managed_identity": PresetSetting(type="boolean", example=True, default=False, mints=True),
    "endpoint_url": dataclasses.replace(_ENDPOINT, example="https://acmeregistry.privatelink.azurecr.io"),
}
_AWS_MINTING = {
    "profile": PresetSetting(example="pull", default="", rule="a profile of the AWS configuration", mints=True),
    "role_arn": PresetSetting(
        example="arn:aws:iam::123456789012:role/pull",
        default="",
        pattern=re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+"),
        rule="the ARN of a role to assume, such as arn:aws:iam::123456789012:role/pull",
        mints=True,
    ),
    "external_id": PresetSetting(
        example="acme-7", default="", rule="the external ID that the role asks for", mints=True, needs=("role_arn",)
    ),
    "endpoint_url": _ENDPOINT,
}


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
    *("cn-north-1", "cn-northwest-1", "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1"),
    *("il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-east-1", "sa-west-1"),
    *("us-east-1", "us-gov-east-1", "us-gov-west-1", "us-west-1"),
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

_PRESET_ROWS = (
    Preset(
        name="docker_hub",
        source="Docker documentation, Personal access tokens; Organization access tokens",
        servers=_fixed(DOCKER_HUB),
        username_note="Docker ID; for an organization access token the name of the organization",
        password_note="access token",
        life_note="until it is revoked",
        realm="auth.docker.io",
        warnings=(
            LoginRule(
                "username",
                lambda username, _password: re.fullmatch(r"[^@\s]+@[^@\s]+", username or ""),
                "is an e-mail address",
                "Access tokens of Docker Hub need the Docker ID.",
                "Give that.",
            ),
        ),
    ),
    Preset(
        name="ghcr",
        source="GitHub documentation, Working with the Container registry",
        servers=_fixed("ghcr.io"),
        username_note="GitHub login",
        password_note="personal access token (classic) with `read:packages`",
        life_note="chosen with the token",
        refusals=(
            LoginRule(
                "password",
                lambda _username, password: (password or "").strip().startswith("github_pat_"),
                "is a fine-grained token",
                "GitHub Packages takes only personal access tokens (classic).",
                "Create one with the scope read:packages.",
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
        warnings=(
            LoginRule(
                "password",
                lambda username, password: username == "gitlab-ci-token" or (password or "").startswith("glcbt-"),
                "is a job token",
                "It expires with the job, and no Pod can pull with it afterwards.",
                "Give a deploy token.",
            ),
        ),
    ),
    Preset(
        name="quay",
        source="Red Hat Quay documentation, robot accounts; quay/quay auth/credential_consts.py",
        servers=_fixed("{host}"),
        settings={"host": _host("quay.example.com", "quay.io")},
        username_note="robot account `organization+robot`; `$oauthtoken` for an OAuth token, `$app` for an app token",
        password_note="token of the robot account",
        life_note="until it is revoked",
    ),
    Preset(
        name="ecr",
        source="Amazon ECR User Guide, private registry authentication; awslabs/amazon-ecr-credential-helper",
        servers=_ecr_servers,
        settings={
            "account_id": PresetSetting(
                example="123456789012", pattern=re.compile("[0-9]{12}"), rule="12 digits in quotes"
            ),
            "region": PresetSetting(
                example="eu-central-1",
                # Without the partitions whose registries have domains of their own.
                pattern=re.compile("(?!us-iso|eu-iso|eusc-)[a-z]+(-[a-z]+)+-[0-9]+"),
                rule="a region such as eu-central-1",
                known=_AWS_REGIONS,
            ),
            "dual_stack": _OFF_BY_DEFAULT,
            **_AWS_MINTING,
        },
        **_AWS,
    ),
    Preset(
        name="ecr_public",
        source="Amazon ECR Public User Guide, public registry authentication",
        servers=_fixed("public.ecr.aws"),
        settings=_AWS_MINTING,
        **{**_AWS, "password_note": "what `aws ecr-public get-login-password --region us-east-1` prints"},
    ),
    Preset(
        name="artifact_registry",
        source="Artifact Registry documentation, Configure authentication to Artifact Registry for Docker",
        servers=_fixed("{location}-docker.pkg.dev"),
        settings={
            "location": PresetSetting(
                example="europe-west4",
                pattern=re.compile("asia|europe|us|[a-z]+-[a-z]+[0-9]+"),
                rule="a location such as europe-west4 or europe",
                known=_GOOGLE_LOCATIONS,
            ),
            **_GOOGLE_MINTING,
        },
        **_GOOGLE,
    ),
    Preset(
        name="gcr",
        source="Artifact Registry documentation, gcr.io repositories",
        servers=_fixed("{host}"),
        settings={
            "host": PresetSetting(
                example="eu.gcr.io", default="gcr.io", choices=("gcr.io", "us.gcr.io", "eu.gcr.io", "asia.gcr.io")
            ),
            **_GOOGLE_MINTING,
        },
        **_GOOGLE,
    ),
    Preset(
        name="acr",
        source="Azure Container Registry documentation, Registry authentication",
        servers=_fixed("{name}.{domain}"),
        settings={
            "name": PresetSetting(
                example="acmeregistry",
                pattern=re.compile("[a-z0-9]{5,50}(-[a-z0-9]+)?"),
                rule="the name of the registry alone, in lower case, such as acmeregistry",
            ),
            "domain": PresetSetting(
                example="azurecr.cn", default="azurecr.io", choices=("azurecr.io", "azurecr.cn", "azurecr.us")
            ),
            **_AZURE_MINTING,
        },
        mints="azure",
        minted_username=_ENTRA_USER,
        username_note=f"application ID of a service principal, name of a repository token, or `{_ENTRA_USER}`",
        password_note="its secret or password; for the last an Entra access token",
        life={_ENTRA_USER: 3 * _HOUR},
        life_note="the secret of a service principal 1 year by default",
        refusals=(
            LoginRule(
                "password",
                lambda username, password: username == _ENTRA_USER and password is not None and not password.strip(),
                "is empty",
                f"The user {_ENTRA_USER} has an access token as password.",
                "Give what az acr login --expose-token prints as accessToken.",
            ),
        ),
    ),
    Preset(
        name="harbor",
        source="Harbor documentation, Create Project Robot Accounts; Create System Robot Accounts",
        servers=_fixed("{host}"),
        settings={"host": _host("harbor.example.com")},
        username_note="robot account, by default `robot$name` or `robot$project+name`",
        password_note="secret of the robot account",
        life_note="30 days by default",
        warnings=(
            LoginRule(
                "username",
                lambda username, _password: re.fullmatch(r"robot(\+.*)?", username or ""),
                "has no $",
                "Robot accounts are called robot$name by default, and a shell takes $name for a variable.",
                "Check that the name still has its $ and what follows.",
            ),
        ),
    ),
    Preset(
        name="artifactory",
        source="JFrog documentation, Get Started with Docker; access tokens",
        servers=_fixed("{host}"),
        settings={"host": _host("acme.jfrog.io")},
        username_note="login",
        password_note="identity token or reference token",
        life_note="chosen with the token",
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
            "private": _OFF_BY_DEFAULT,
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
            "vpc": _OFF_BY_DEFAULT,
        },
        username_note="login; `cr_temp_user` for a temporary password",
        password_note="password of the registry",
        life={"cr_temp_user": _HOUR},
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
    ),
    Preset(
        name="ngc",
        source="NVIDIA NGC documentation, generating an API key",
        servers=_fixed("nvcr.io"),
        username=_NGC_USER,
        usernames=(_NGC_USER,),
        password_note="API key",
        life_note="that of the key",
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
)

PRESETS: Mapping[str, Preset] = {row.name: row for row in _PRESET_ROWS}


def _secret_settings() -> Iterator[str]:
    for row in _PRESET_ROWS:
        yield from (name for name, setting in row.settings.items() if setting.secret)


# The settings of all presets that are never shown.
SECRET_SETTINGS = frozenset(_secret_settings())


def find_preset(name: str, option: str) -> Preset:
    """Return the row of a preset. Raise KeyringError, with similar names, if there is none of this name."""
    if name not in PRESETS:
        raise KeyringError(f"{option} is not the name of a preset.", "", suggest_words(name, PRESETS), option=option)
    return PRESETS[name]
