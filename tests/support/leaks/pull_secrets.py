# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks with secrets in and around them, as a user writes them: the values are in variables of another file.

What a task is given is written here with the names of the variables. VARIABLES are their values, FILES lie in the
folder ``inputs``, EXISTING are Secrets that are there before; ``connect`` is made by leak_world from the server.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from support.canary import auth, canary, number_canary, web_token_canary
from support.leaks.suite import Case, Suite

PULL_SECRET = "kubernetes.io/dockerconfigjson"
INFO = "image_pull_secret_info"
ACCESS = "image_access_info"
LINKS = "service_account_secrets"

CANARIES = {
    "registry_password": canary("password of a registry", user="octo"),
    "rotated_password": canary("rotated password of a registry", user="octo"),
    "config_password": canary("password in docker_config", user="ada"),
    "auth_password": canary("password in an auth of docker_config", user="ada"),
    "encoded_password": canary("password in docker_config as base64", user="ada"),
    "file_password": canary("password in docker_config_file", user="ada"),
    "identity_token": canary("identitytoken in docker_config"),
    "source_password": canary("password in the Secret of credentials_from", user="ada"),
    "same_password": canary("password that is the username too"),
    "ocean_token": canary("token of DigitalOcean as username and password", awkward="", prefix="dop_v1_"),
    "web_token": web_token_canary("JSON Web Token", user="octo"),
    "expired_web_token": web_token_canary("expired JSON Web Token", user="octo", exp=1700000000),
    "user_token": canary("token of GitHub as username", awkward="", prefix="ghp_"),
    "misplaced_token": canary("token of GitHub in the wrong option", awkward="", prefix="ghp_"),
    "client_secret": canary("client_secret in preset_options"),
    "label_password": canary("password that fits into a label", awkward="-", user="octo"),
    "stored_password": canary("stored password", user="ada"),
    "stored_token": canary("field of a stored entry"),
    "stored_user_token": canary("stored username that is a token", awkward="", prefix="glpat-"),
    "stored_top": canary("field beside the stored auths"),
    "stored_key": canary("another key of the stored data"),
    "stored_annotation": canary("foreign annotation"),
    "stored_last_applied": canary("last-applied-configuration"),
    "stored_server": canary("user information in a stored server", awkward="-"),
    "stored_broken": canary("stored docker config that does not parse"),
    "stored_auth": canary("stored auth that is not base64"),
    "stored_proxy": canary("password of a proxy in a stored Secret of Argo CD", awkward="-"),
    "setting_password": canary("password of a proxy in format_options", awkward="-"),
    "opaque_value": canary("value in a Secret of type Opaque"),
    "url_password": canary("password in a server", awkward="-%3D"),
    "slash_password": canary("password with a slash in a server", awkward="/#?"),
    "colon_password": canary("password behind the colon of a username"),
    "misspelt_password": canary("password under a wrong option"),
    "slashed_password": canary("password under a wrong option, that begins with a slash", prefix="/"),
    "nested_password": canary("password in a nested list"),
    "typed_password": canary("password of a wrong type"),
    "garbage": canary("docker config that is none"),
    "api_key": canary("api_key", awkward="-"),
    "mapping_token": canary("token in a kubeconfig mapping", awkward="-"),
    "text_token": canary("token in a kubeconfig given as text"),
    "broken_token": canary("token in a kubeconfig that does not parse", awkward="-"),
    "basic_password": canary("password of the connection", user="octo"),
    "proxy_password": canary("password of a proxy", awkward="-%C3%BC"),
    "host_password": canary("password in the host", awkward="-"),
    "refresh_token": canary("refresh token of a kubeconfig"),
    "login_secret": canary("client secret of a kubeconfig", awkward="-%"),
    "plugin_stderr": canary("what a credential plugin prints"),
    "plugin_environment": canary("environment of a credential plugin"),
    "mirror_password": canary("password in a registries.yaml", user="ada"),
    "provider_environment": canary("environment of a credential provider of the kubelet"),
    "number": number_canary("secret that is a number", user="octo"),
    "fraction": number_canary("secret that is a number with a point", point="."),
}


def secret(name: str) -> str:
    return CANARIES[name].text


def entry(name: str, **more: Any) -> dict[str, Any]:
    """An entry of a docker config with this canary as password."""
    return {"username": "ada", "password": secret(name), "auth": auth("ada", secret(name)), **more}


def config(auths: Mapping[str, Any], **top: Any) -> str:
    return json.dumps({"auths": auths, **top}, ensure_ascii=False)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def kubeconfig(token: str | int) -> dict[str, Any]:
    return {
        "current-context": "default",
        "contexts": [{"name": "default", "context": {"cluster": "default", "user": "default"}}],
        "clusters": [{"name": "default", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "default", "user": {"token": token}}],
    }


def provider_config(**more: Any) -> dict[str, Any]:
    """A CredentialProviderConfig with a canary in the environment of its program."""
    provider = {
        "name": "provider",
        "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
        "matchImages": ["node.example"],
        "defaultCacheDuration": "0s",
        "env": [{"name": "SECRET", "value": secret("provider_environment")}],
        **more,
    }
    return {
        "apiVersion": "kubelet.config.k8s.io/v1",
        "kind": "CredentialProviderConfig",
        "providers": [provider],
    }


def mirrors(password: str | int) -> dict[str, Any]:
    return {"configs": {"mirror.example": {"auth": {"username": "ada", "password": password}}}}


VARIABLES: dict[str, Any] = {
    **{name: known.text for name, known in CANARIES.items()},
    "number": int(secret("number")),
    "fraction": float(secret("fraction")),
    "config_mapping": {"auths": {"config.example": entry("config_password", identitytoken=secret("identity_token"))}},
    "config_json": config({"auth.example": {"auth": auth("ada", secret("auth_password"))}}),
    "config_base64": encoded(config({"base64.example": entry("encoded_password")})),
    "config_of_secret": {"data": {".dockerconfigjson": encoded(config({"base64.example": entry("encoded_password")}))}},
    "config_server_with_user": {"auths": {f"https://octo:{secret('url_password')}@ghcr.io": entry("config_password")}},
    "config_identity_only": {"auths": {"ghcr.io": {"identitytoken": secret("identity_token")}}},
    "config_bad_auth": {"auths": {"ghcr.io": {"auth": secret("garbage")}}},
    "config_url_safe_auth": config({"ghcr.io": {"auth": f"-{auth('ada', secret('garbage'))}_"}}),
    "config_text_entry": {"auths": {"ghcr.io": secret("garbage")}},
    "config_with_a_list": {"auths": {"ghcr.io": {"username": "ada", "password": [secret("typed_password")]}}},
    "config_with_a_number": {"auths": {"ghcr.io": {"username": "octo", "password": int(secret("number"))}}},
    "kubeconfig_with_a_number": kubeconfig(int(secret("number"))),
    "number_nested": [[{"server": "ghcr.io", "username": "octo", "password": int(secret("number"))}]],
    "number_in_items": [int(secret("number"))],
    "node_provider": provider_config(),
    "node_provider_cut": json.dumps(provider_config())[:-2],
    "node_provider_without_cache": provider_config(tokenAttributes={"serviceAccountTokenAudience": "a"}),
    "node_mirrors": yaml.safe_dump(mirrors(secret("mirror_password"))),
    "node_mirrors_with_a_number": mirrors(int(secret("number"))),
    "node_mirrors_with_a_user": {"mirrors": {f"https://u:{secret('mirror_password')}@ghcr.io": {}}},
    "config_list": [{"ghcr.io": entry("garbage")}],
    "config_cut": config({"ghcr.io": entry("garbage")})[:-2],
    "config_base64_list": encoded(json.dumps([secret("garbage")])),
    "config_one_line": config({"ghcr.io": entry("file_password")}),
    "label_config": {"auths": {"ghcr.io": {"username": "ada", "password": secret("label_password")}}},
    "label_auth": auth("octo", secret("label_password")),
    "config_auth": auth("ada", secret("label_password")),
    "registry_auth": auth("octo", secret("registry_password")),
    "nested_registries": [[{"server": "ghcr.io", "username": "octo", "password": secret("nested_password")}]],
    "items_with_a_token_as_option": [{"server": "ghcr.io", secret("misplaced_token"): "x"}],
    "mapping_with_a_token_as_option": {"name": "source", secret("misplaced_token"): "x"},
    "registry_mapping": {"ghcr.io": {"username": "octo", "password": secret("nested_password")}},
    "labels_with_a_key": {f"x-{secret('label_password')}!": "x"},
    "kubeconfig_json": json.dumps(kubeconfig(secret("text_token"))),
    "kubeconfig_yaml": yaml.safe_dump(kubeconfig(secret("text_token"))),
    "kubeconfig_base64": encoded(json.dumps(kubeconfig(secret("text_token")))),
}

FILES = {
    "config.json": config({"file.example": entry("file_password")}),
    "garbage": secret("garbage"),
    "cut.json": config({"ghcr.io": entry("garbage")})[:-2],
    "broken-kubeconfig": f"users:\n- user: {{token: {secret('broken_token')}\n  - :",
    # YAML takes it for a reference, and the parser's message names it.
    "kubeconfig-with-alias": f"users:\n- user: {{token: *{secret('broken_token')}}}",
    "kubeconfig-of-wrong-shape": f"users: {json.dumps(secret('broken_token'))}\nclusters: []\ncontexts: []\n",
    "plugin-stderr": secret("plugin_stderr"),
}

EXISTING: Mapping[str, Mapping[str, Any]] = {
    "source": {
        "type": PULL_SECRET,
        "string_data": {".dockerconfigjson": config({"copied.example": entry("source_password")})},
    },
    "source-with-user": {
        "type": PULL_SECRET,
        "string_data": {
            ".dockerconfigjson": config(
                {f"https://octo:{secret('stored_server')}@copied.example": entry("source_password")}
            )
        },
    },
    "foreign": {
        "type": PULL_SECRET,
        "string_data": {
            ".dockerconfigjson": config(
                {
                    "stored.example": entry("stored_password", token=secret("stored_token")),
                    "token.example": {"auth": auth(secret("stored_user_token"), "x-oauth-basic")},
                    f"https://octo:{secret('stored_server')}@ghcr.io": entry("stored_password"),
                    "unreadable.example": {"auth": secret("stored_auth")},
                    "labelled.example": entry("label_password"),
                },
                HttpHeaders={"Authorization": secret("stored_top")},
            ),
            "extra": secret("stored_key"),
        },
        "metadata": {
            "labels": {"copy": secret("label_password")},
            "annotations": {
                "example.com/note": secret("stored_annotation"),
                "kubectl.kubernetes.io/last-applied-configuration": json.dumps(
                    {"stringData": {"password": secret("stored_last_applied")}}
                ),
            },
        },
    },
    "frozen": {
        "type": PULL_SECRET,
        "immutable": True,
        "string_data": {".dockerconfigjson": config({"stored.example": entry("stored_password")})},
    },
    "opaque": {"type": "Opaque", "string_data": {"value": secret("opaque_value")}},
    "stored-argocd": {
        "type": "Opaque",
        "string_data": {
            "type": "oci",
            "url": f"oci://octo:{secret('stored_server')}@ghcr.io/acme/app",
            "username": secret("stored_user_token"),
            "password": secret("stored_password"),
            "proxy": f"http://octo:{secret('stored_proxy')}@proxy.example",
            "name": secret("stored_password"),
            "extra": secret("stored_key"),
        },
        "metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}},
    },
    "stored-builder": {
        "type": "Opaque",
        "string_data": {
            "config.json": config({"stored.example": entry("stored_password", token=secret("stored_token"))}),
            "extra": secret("stored_key"),
        },
    },
    "helm": {
        "type": PULL_SECRET,
        "string_data": {".dockerconfigjson": config({"stored.example": entry("stored_password")})},
        "metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}},
    },
    "broken": {
        "type": PULL_SECRET,
        "string_data": {".dockerconfigjson": config({"stored.example": secret("stored_broken")})},
    },
    "race-update": {
        "type": PULL_SECRET,
        "string_data": {".dockerconfigjson": config({"stored.example": entry("stored_password")})},
    },
    "server-says-what-is-stored": {
        "type": PULL_SECRET,
        "string_data": {
            ".dockerconfigjson": config(
                {
                    "stored.example": entry("stored_password", token=secret("stored_token")),
                    "token.example": {"username": secret("stored_user_token"), "password": "x-oauth-basic"},
                    f"https://octo:{secret('stored_server')}@ghcr.io": entry("stored_password"),
                },
                HttpHeaders={"Authorization": secret("stored_top")},
            )
        },
    },
}


def does(name: str, operation: str, *registries: Any, secret: str = "", foreseen: bool = False, **given: Any) -> Case:
    """A task that succeeds, or is foreseen in check mode; without another ``secret`` on one of its own name."""
    arguments = {**({"registries": list(registries)} if registries else {}), **given}
    return Case(name, secret or name, operation, arguments, keywords={"check_mode": foreseen})


def dated(name: str, *registries: Any) -> Case:
    """A task that writes a password with an expiry time, which its result has."""
    return dataclasses.replace(does(name, "created", *registries), shown=('"expires_at": "2',))


def in_twins(name: str, operation: str, *registries: Any, **given: Any) -> Case:
    """A task that does the same in two namespaces; its diff is one."""
    return dataclasses.replace(does(name, operation, *registries, **TWINS, **given), shown=("in 2 namespaces",))


# In place of the text of a webhook.
WITHHELD = "It says: (not quoted here, because it contains a secret of this request)."


def fails(name: str, message: str, *registries: Any, secret: str = "", **given: Any) -> Case:
    case = does(name, "failed", *registries, secret=secret, **given)
    return dataclasses.replace(case, message=message)


def reads(name: str, secret: str = "", **given: Any) -> Case:
    """A task that looks at Secrets; of one name, or of all."""
    return dataclasses.replace(does(name, "read", **given), secret=secret, module=INFO)


def reading_fails(name: str, message: str, **given: Any) -> Case:
    return dataclasses.replace(reads(name, **given), operation="failed", message=message)


def looks_up(name: str, **given: Any) -> Case:
    """A task that looks images up, in the namespace of the test or in docker configs."""
    return dataclasses.replace(reads(name, **given), module=ACCESS)


def looking_up_fails(name: str, message: str, **given: Any) -> Case:
    return dataclasses.replace(looks_up(name, **given), operation="failed", message=message)


def linking_fails(name: str, message: str, *items: Mapping[str, Any], **given: Any) -> Case:
    """A task that would link Secrets to a ServiceAccount."""
    arguments = {"service_account": "app", "image_pull_secrets": list(items), **given}
    return dataclasses.replace(reading_fails(name, message, **arguments), module=LINKS)


def links(name: str, **given: Any) -> Case:
    """A task that links a Secret that does not exist to ServiceAccounts, with a warning."""
    arguments = {"service_accounts": ["*", "!robot-*"], "image_pull_secrets": [{"name": "never-made"}], **given}
    return dataclasses.replace(does(name, "updated", **arguments), secret="", module=LINKS)


GHCR = {"server": "ghcr.io", "username": "octo", "password": "{{ registry_password }}"}
BY_NAME = {"preset": "digitalocean", "password": "{{ ocean_token }}"}
LABELLED = {**GHCR, "password": "{{ label_password }}"}
ROTATED = {**GHCR, "password": "{{ rotated_password }}"}
ABSENT = {"server": "ghcr.io", "state": "absent"}
OWN: Mapping[str, Any] = {"secret": "own"}
MANY: Mapping[str, Any] = {"namespaces": ["{{ test_namespace }}*"], "report": "all"}
VERIFIED: Mapping[str, Any] = {"verify": True, "verify_plain_http": ["{{ quoting_registry }}"]}
TWINS: Mapping[str, Any] = {"namespaces": ["twin-{{ test_namespace }}-*"]}
BUILDER: Mapping[str, Any] = {"format": "config_json"}
ARGOCD: Mapping[str, Any] = {
    "format": "argocd_oci",
    "format_options": {
        "argocd_url": "oci://ghcr.io/acme/app",
        "argocd_proxy": "http://octo:{{ setting_password }}@proxy.example",
    },
}
KARGO: Mapping[str, Any] = {"format": "kargo_image", "format_options": {"kargo_url": "ghcr.io/acme/app"}}
ALL_FORMATS: Mapping[str, Any] = {"formats": ["pull_secret", "config_json", "argocd_oci", "kargo_image"]}


def acr(**options: Any) -> dict[str, Any]:
    """A registry for which a token is minted."""
    return {"preset": "acr", "preset_options": {"name": "acmeregistry", **options}}


CLIENT_SECRET_LIST: Mapping[str, Any] = {"tenant_id": "a", "client_id": "b", "client_secret": ["{{ typed_password }}"]}

# Of each stored entry one, and one that none serves.
FOREIGN_IMAGES: Mapping[str, Any] = {
    "images": ["stored.example/a", "token.example/a", "ghcr.io/a", "labelled.example/a", "ghcr.example/a"],
    "preflight": "warn",
}

SUCCESSES: Sequence[Case] = (
    dated("web-token", {**GHCR, "password": "{{ web_token }}"}),
    dated("web-token-with-a-late-date", {**GHCR, "password": "{{ web_token }}", "expires_at": "2101-01-01"}),
    dated("web-token-that-expired", {**GHCR, "password": "{{ expired_web_token }}"}),
    dataclasses.replace(reads("read-the-web-token", "web-token"), shown=("2100-01-01T00:00:00Z",)),
    does("no-registry-answers", "created", {**GHCR, "server": "127.0.0.1:1"}, **VERIFIED),
    reads("read-all", used_by=True),
    reads("read-the-broken", "broken", holds="{{ stored_broken }}"),
    reads("read-what-holds-a-password", holds="{{ stored_password }}", search="e"),
    reads("read-what-holds-it-in-many", namespaces=["{{ test_namespace }}*"], holds="{{ config_password }}"),
    reads("read-a-registry-with-a-user", registry="https://octo:{{ url_password }}@ghcr.io"),
    does("create-foreseen", "created", GHCR, foreseen=True, **OWN),
    does("create", "created", GHCR, labels={"team": "web"}, annotations={"example.com/mine": "shown"}, **OWN),
    does("again", "unchanged", GHCR, **OWN),
    does("rotate-foreseen", "updated", ROTATED, foreseen=True, **OWN),
    does("rotate", "updated", ROTATED, **OWN),
    does("keep", "unchanged", {"server": "ghcr.io"}, update_credentials="when_given", **OWN),
    does("merge-a-mapping", "updated", docker_config="{{ config_mapping }}", **OWN),
    does("merge-json", "updated", docker_config="{{ config_json }}", **OWN),
    does("merge-base64", "updated", docker_config="{{ config_base64 }}", **OWN),
    does("merge-a-secret", "unchanged", docker_config="{{ config_of_secret }}", **OWN),
    does("merge-a-file", "updated", docker_config_file="{{ inputs }}/config.json", **OWN),
    does("copy", "updated", credentials_from={"name": "source"}, **OWN),
    does("remove", "updated", ABSENT, **OWN),
    does(
        "user-is-the-password",
        "updated",
        {"server": "same.example", "username": "{{ same_password }}", "password": "{{ same_password }}"},
        {"server": "ocean.example", "username": "{{ ocean_token }}", "password": "{{ ocean_token }}"},
        {"server": "user.example", "username": "{{ user_token }}", "password": "x-oauth-basic"},
        **OWN,
    ),
    does(
        "user-of-a-preset-is-the-token",
        "updated",
        BY_NAME,
        {"server": "ocean.example", "state": "absent"},
        **OWN,
    ),
    does(
        "keep-a-token-as-user",
        "unchanged",
        {"server": "user.example", "username": "{{ user_token }}"},
        update_credentials="when_given",
        **OWN,
    ),
    does(
        "serve-an-image",
        "updated",
        GHCR,
        images=["ghcr.io/a", "config.example/a", "registry.digitalocean.com/a/b"],
        **OWN,
    ),
    does("serve-images-of-the-foreign", "updated", GHCR, foreseen=True, **FOREIGN_IMAGES, secret="foreign"),
    does("change-the-foreign-foreseen", "updated", GHCR, foreseen=True, secret="foreign"),
    does("change-the-foreign", "updated", GHCR, secret="foreign"),
    does("again-the-foreign", "unchanged", GHCR, secret="foreign"),
    does("again-the-foreign-in-many", "unchanged", GHCR, **MANY, secret="foreign"),
    does("own-the-foreign", "updated", GHCR, take_ownership=True, owner="team-web", secret="foreign"),
    # With the entry goes what tells that the label is its password.
    does("purge-the-foreign", "updated", GHCR, purge_registries=True, labels={"copy": None}, secret="foreign"),
    does("delete-the-foreign-foreseen", "deleted", state="absent", foreseen=True, secret="foreign"),
    does("delete-the-foreign", "deleted", state="absent", secret="foreign"),
    does("recreate-the-frozen", "recreated", GHCR, recreate=True, secret="frozen"),
    does("recreate-the-opaque", "recreated", GHCR, recreate=True, secret="opaque"),
    does("own-the-managed", "updated", GHCR, take_ownership=True, secret="helm"),
    does("replace-the-broken", "updated", GHCR, purge_registries=True, secret="broken"),
    does("link-foreseen", "created", GHCR, service_accounts=["app", "none"], foreseen=True, secret="linked"),
    does("link", "created", GHCR, service_accounts=["app"], secret="linked"),
    fails(
        "a-registry-quotes-the-password",
        "The registry gives user octo no token (401)",
        {**GHCR, "server": "{{ quoting_registry }}"},
        {**ROTATED, "server": "{{ quoting_registry }}/team/"},
        **VERIFIED,
    ),
    fails(
        "a-registry-quotes-it-in-twins",
        "namespaces were not tried",
        {**GHCR, "server": "{{ quoting_registry }}"},
        images=["{{ quoting_registry }}/app:1"],
        **VERIFIED,
        **TWINS,
    ),
    fails("delete-what-is-linked", "is in use by ServiceAccount app", state="absent", secret="linked"),
    does("unlink-and-delete", "deleted", state="absent", service_accounts=["*"], secret="linked"),
    dataclasses.replace(does("in-the-background", "created", GHCR), keywords={"async": 60, "poll": 1}),
    does("race-update", "updated", GHCR),
    does("race-create", "updated", GHCR),
    does("create-in-many-foreseen", "created", GHCR, **MANY, foreseen=True, secret="many"),
    does("create-in-many", "created", GHCR, **MANY, secret="many"),
    does("merge-in-many", "updated", docker_config="{{ config_mapping }}", **MANY, secret="many"),
    does(
        "copy-in-many",
        "updated",
        credentials_from={"name": "source", "namespace": "{{ test_namespace }}"},
        **MANY,
        secret="many",
    ),
)

# Other shapes: their results, diffs and listings have fields of their own.
SHAPES: Sequence[Case] = (
    does("builder-foreseen", "created", GHCR, **BUILDER, foreseen=True, secret="builder"),
    does("builder", "created", GHCR, **BUILDER),
    does("builder-rotate", "updated", ROTATED, **BUILDER, secret="builder"),
    does("builder-merge", "updated", GHCR, **BUILDER, secret="stored-builder"),
    does("argocd-foreseen", "created", GHCR, **ARGOCD, foreseen=True, secret="argocd"),
    does("argocd", "created", GHCR, **ARGOCD),
    does("argocd-rotate", "updated", ROTATED, **ARGOCD, secret="argocd"),
    does("argocd-user-is-a-token", "updated", {**GHCR, "username": "{{ user_token }}"}, **ARGOCD, secret="argocd"),
    does(
        "argocd-user-is-the-password",
        "updated",
        {"server": "ghcr.io", "username": "{{ same_password }}", "password": "{{ same_password }}"},
        **ARGOCD,
        secret="argocd",
    ),
    reads("read-the-argocd-of-others", "stored-argocd", **ALL_FORMATS),
    does("argocd-of-others", "updated", GHCR, **ARGOCD, secret="stored-argocd"),
    does("kargo", "created", GHCR, **KARGO),
    does("kargo-rotate", "updated", ROTATED, **KARGO, secret="kargo"),
    does(
        "kargo-verified",
        "updated",
        {**GHCR, "server": "127.0.0.1:1"},
        **VERIFIED,
        secret="kargo",
        format="kargo_image",
        format_options={"kargo_url": "127.0.0.1:1/acme/app"},
    ),
    does("argocd-in-many", "created", GHCR, **ARGOCD, **MANY),
    reads("read-all-formats", used_by=True, holds="{{ registry_password }}", **ALL_FORMATS),
    does("copy-of-several", "created", credentials_from=[{"name": "source"}, {"name": "frozen"}]),
    does("kargo-delete", "deleted", state="absent", format="kargo_image", secret="kargo"),
)

# What two namespaces share is shown once.
IN_TWINS: Sequence[Case] = (
    in_twins("change-the-twins-foreseen", "updated", ROTATED, foreseen=True, secret="foreign"),
    in_twins("change-the-twins", "updated", ROTATED, secret="foreign"),
    in_twins("own-the-twins", "updated", GHCR, take_ownership=True, secret="helm"),
    in_twins("recreate-the-twins", "recreated", GHCR, recreate=True, secret="opaque"),
    in_twins("delete-the-twins", "deleted", state="absent", secret="foreign"),
    fails("merge-into-the-broken-twins", "The same in twin-", GHCR, **TWINS, secret="broken"),
    fails("keep-the-frozen-twins", "The same in twin-", GHCR, **TWINS, secret="frozen"),
)

AN_INTEGER = "must be a string; it is an integer"
HOST: Mapping[str, Any] = {"host": "{{ connect.server }}", "ca_cert": "{{ connect.ca_cert }}"}
SERVER_MUST = "must be a host with an optional port and path"
BAD_INPUT: Sequence[Case] = (
    fails("user-in-server", SERVER_MUST, {**GHCR, "server": "https://octo:{{ url_password }}@ghcr.io"}),
    fails("user-in-server-without-scheme", SERVER_MUST, {**GHCR, "server": "octo:{{ url_password }}@ghcr.io"}),
    fails("user-in-server-of-another-kind", SERVER_MUST, {**GHCR, "server": "ftp://octo:{{ url_password }}@ghcr.io"}),
    fails("user-with-slash-in-server", SERVER_MUST, {**GHCR, "server": "https://octo:{{ slash_password }}@ghcr.io"}),
    fails(
        "user-in-absent-server",
        "No registry would be left",
        {**ABSENT, "server": "https://octo:{{ url_password }}@ghcr.io"},
    ),
    fails("user-in-server-of-config", SERVER_MUST, docker_config="{{ config_server_with_user }}"),
    fails("user-in-server-of-source", SERVER_MUST, credentials_from={"name": "source-with-user"}),
    fails(
        "user-in-server-of-sources", SERVER_MUST, credentials_from=[{"name": "source"}, {"name": "source-with-user"}]
    ),
    fails(
        "source-that-differs",
        "is the same registry as",
        {**GHCR, "server": "stored.example"},
        credentials_from=[{"name": "source"}, {"name": "frozen"}],
    ),
    fails("source-is-the-password", "", LABELLED, credentials_from=[{"name": "{{ label_password }}"}]),
    fails("shape-of-another-kind", "is another kind of Secret", GHCR, **BUILDER, secret="opaque"),
    fails("delete-another-kind", "is another kind of Secret", state="absent", **BUILDER, secret="opaque"),
    fails(
        "user-in-url-of-argocd",
        "contains a user name",
        GHCR,
        format="argocd_oci",
        format_options={"argocd_url": "oci://octo:{{ url_password }}@ghcr.io/acme/app"},
    ),
    fails(
        "user-in-url-of-kargo",
        "must be an image repository",
        GHCR,
        format="kargo_image",
        format_options={"kargo_url": "octo:{{ url_password }}@ghcr.io/acme/app"},
    ),
    fails(
        "url-of-argocd-is-the-token",
        "",
        GHCR,
        format="argocd_oci",
        format_options={"argocd_url": "{{ misplaced_token }}"},
    ),
    fails(
        "url-has-the-password",
        "format_options contains",
        LABELLED,
        format="kargo_image",
        format_options={"kargo_url": "ghcr.io/{{ label_password }}"},
    ),
    fails(
        "setting-is-the-password",
        "is not known to format",
        LABELLED,
        format="kargo_image",
        format_options={"{{ label_password }}": "x"},
    ),
    fails("link-to-a-password", "service_accounts", LABELLED, service_accounts=["{{ label_password }}"]),
    fails("colon-in-username", 'must not contain ":"', {**GHCR, "username": "octo:{{ colon_password }}"}),
    fails("user-in-image", "is not the name of an image", GHCR, images=["https://octo:{{ url_password }}@ghcr.io/a"]),
    fails("image-is-the-password", "images[0]", LABELLED, images=["ghcr.example/{{ label_password }}"]),
    fails(
        "image-that-none-serves", "has no matching credentials", GHCR, images=["stored.example:1/a"], secret="foreign"
    ),
    fails("image-that-none-serves-in-many", "no matching", GHCR, images=["r.example/a"], **MANY, secret="foreign"),
    reading_fails(
        "selector-is-the-token",
        "is not a label selector",
        holds="{{ registry_password }}",
        label_selector="a in {{ registry_password }}",
    ),
    reading_fails("token-is-a-mask", "holds is empty, or a mask", holds="******"),
    reading_fails("registry-is-misspelt", "is not an option of", hold="{{ misspelt_password }}"),
    fails("client-secret-misspelt", "is not known to preset acr", acr(client_secrt="{{ client_secret }}")),
    fails("client-secret-alone", "is given without", acr(client_secret="{{ client_secret }}")),
    fails(
        "client-secret-beside-a-password",
        "exclude each other",
        {**acr(tenant_id="a", client_id="b", client_secret="{{ client_secret }}"), "password": "{{ label_password }}"},
    ),
    fails(
        "label-is-the-client-secret",
        "annotations contains",
        acr(tenant_id="a", client_id="b", client_secret="{{ client_secret }}"),
        annotations={"x": "{{ client_secret }}"},
    ),
    fails("mask", "holds a mask", GHCR, {**GHCR, "server": "quay.io", "password": "******"}),
    fails("empty-password", "is empty", GHCR, {**GHCR, "server": "quay.io", "password": ""}),
    fails("twice", "is the same registry as", GHCR, {**GHCR, "server": "https://ghcr.io"}),
    fails("misspelt", "is not an option of", {"server": "ghcr.io", "pasword": "{{ misspelt_password }}"}),
    fails("misspelt-with-slash", "is not an option of", {"server": "ghcr.io", "pasword": "{{ slashed_password }}"}),
    fails("misspelt-on-top", "is not an option of", GHCR, pasword="{{ misspelt_password }}"),
    fails("misspelt-on-top-with-slash", "is not an option of", GHCR, pasword="{{ slashed_password }}"),
    fails("misspelt-config", "is not an option of", docker_confg="{{ config_mapping }}"),
    fails("missing-server", "registries[0] names no", {"username": "octo", "password": "{{ registry_password }}"}),
    fails("token-as-username", "username cannot be used", {**BY_NAME, "username": "{{ registry_password }}"}),
    fails(
        "secret-in-preset-options",
        "registries[0].preset_options.region must be",
        {
            "preset": "scaleway",
            "preset_options": {"region": "{{ nested_password }}"},
            "password": "{{ nested_password }}",
        },
    ),
    fails(
        "password-among-preset-options",
        "registries[0].preset_options.password is not known",
        {**BY_NAME, "preset_options": {"password": "{{ registry_password }}"}},
    ),
    fails("wrong-choice", "value of state must be one of", {**GHCR, "state": "there"}),
    fails("nested-list", "registries", registries="{{ nested_registries }}"),
    fails("registry-is-a-text", "", "{{ nested_password }}"),
    fails("registries-is-a-text", "", registries="{{ nested_password }}"),
    fails("registries-is-a-mapping", "", registries="{{ registry_mapping }}"),
    fails("key-value-pairs", "is not an option of", "server=ghcr.io pasword={{ label_password }}"),
    fails(
        "password-is-a-mapping",
        "registries[1].password must be a string; it is a mapping",
        GHCR,
        {**GHCR, "password": {"value": "{{ typed_password }}"}},
    ),
    fails(
        "password-is-a-list",
        "registries[1].password must be a string; it is a list",
        GHCR,
        {**GHCR, "password": ["{{ typed_password }}"]},
    ),
    fails(
        "username-is-a-list",
        "registries[0].username must be a string; it is a list",
        {**GHCR, "username": ["{{ typed_password }}"]},
    ),
    fails("api-key-is-a-list", "api_key must be a string; it is a list", GHCR, api_key=["{{ typed_password }}"]),
    fails("client-secret-is-a-list", "preset_options.client_secret must be", acr(**CLIENT_SECRET_LIST)),
    fails("number-as-password", f"registries[1].password {AN_INTEGER}", GHCR, {**GHCR, "password": "{{ number }}"}),
    fails(
        "number-with-a-point",
        "registries[0].password must be a string; it is a floating-point number",
        {**GHCR, "password": "{{ fraction }}"},
    ),
    fails("number-as-api-key", f"api_key {AN_INTEGER}", GHCR, **HOST, api_key="{{ number }}"),
    fails(
        "number-as-client-secret",
        f"registries[0].preset_options.client_secret {AN_INTEGER}",
        acr(tenant_id="a", client_id="b", client_secret="{{ number }}"),
    ),
    fails("number-among-preset-options", "is not known to preset acr", acr(client_secrt="{{ number }}")),
    fails("number-in-a-config", f'auths["ghcr.io"].password {AN_INTEGER}', docker_config="{{ config_with_a_number }}"),
    fails("number-in-a-kubeconfig", f"user.token {AN_INTEGER}", GHCR, kubeconfig="{{ kubeconfig_with_a_number }}"),
    fails("number-in-a-label", f'labels["x"] {AN_INTEGER}', GHCR, labels={"x": "{{ number }}"}),
    fails("number-misspelt", "is not an option of", {"server": "ghcr.io", "pasword": "{{ number }}"}),
    fails("number-misspelt-on-top", "is not an option of", GHCR, pasword="{{ number }}"),
    fails("number-nested", "registries", registries="{{ number_nested }}"),
    fails("number-as-registry", "registries", registries="{{ number_in_items }}"),
    fails("number-as-registries", "registries", registries="{{ number }}"),
    fails("number-as-selector", f"namespace_selectors[0] {AN_INTEGER}", GHCR, namespace_selectors=["{{ number }}"]),
    reading_fails("number-that-is-looked-for", f"holds {AN_INTEGER}", holds="{{ number }}"),
    fails("config-has-a-list", "docker_config", docker_config="{{ config_with_a_list }}"),
    fails("config-is-a-list", "must be a docker config; it is a list", docker_config="{{ config_list }}"),
    fails("config-is-garbage", "neither JSON, YAML nor base64", docker_config="{{ garbage }}"),
    fails("config-is-cut", "is not valid JSON", docker_config="{{ config_cut }}"),
    fails("config-is-another-base64", "must be a docker config", docker_config="{{ config_base64_list }}"),
    fails("config-has-a-text", "must be a mapping; it is a string", docker_config="{{ config_text_entry }}"),
    fails("config-has-a-bad-auth", ".auth cannot be read", docker_config="{{ config_bad_auth }}"),
    fails("config-has-a-url-safe-auth", ".auth cannot be read", docker_config="{{ config_url_safe_auth }}"),
    fails("config-has-an-identity-only", "has no registry credentials", docker_config="{{ config_identity_only }}"),
    fails("both-configs", "mutually exclusive", docker_config="{{ config_mapping }}", docker_config_file="/x"),
    fails("file-is-garbage", "neither JSON, YAML nor base64", docker_config_file="{{ inputs }}/garbage"),
    fails("file-is-cut", "is not valid JSON", docker_config_file="{{ inputs }}/cut.json"),
    fails("file-is-its-content", "docker_config_file", docker_config_file="{{ config_one_line }}"),
    fails("file-is-its-content-in-base64", "docker_config_file", docker_config_file="{{ config_base64 }}"),
    fails("owner-is-a-token", "owner contains a password or token", GHCR, owner="{{ misplaced_token }}"),
    fails(
        "ca-is-the-password",
        "ca_cert",
        {**GHCR, "password": "{{ slashed_password }}"},
        ca_cert="{{ slashed_password }}",
    ),
    fails("label-is-a-token", "labels contains a password or token", GHCR, labels={"x": "{{ misplaced_token }}"}),
    fails("option-in-a-list-is-a-token", "is not an option of", registries="{{ items_with_a_token_as_option }}"),
    fails(
        "option-in-a-mapping-is-a-token",
        "is not an option of",
        GHCR,
        credentials_from="{{ mapping_with_a_token_as_option }}",
    ),
    fails("context-is-a-token", "", GHCR, context="{{ misplaced_token }}"),
    fails("config-path-is-a-token", "", docker_config_file="/tmp/{{ misplaced_token }}"),
    fails("server-is-a-token", "", {**GHCR, "server": "{{ misplaced_token }}"}),
    fails("namespace-is-a-token", "", GHCR, namespaces=["{{ misplaced_token }}"]),
    fails("limit-is-a-token", "", GHCR, namespaces_limit=["{{ misplaced_token }}"]),
    fails("expected-server-is-a-token", "", GHCR, expect_server="{{ misplaced_token }}"),
    fails("label-is-the-password", "labels contains a password", LABELLED, labels={"x": "{{ label_password }}"}),
    fails(
        "label-is-in-the-config",
        "labels contains",
        docker_config="{{ label_config }}",
        labels={"x": "{{ label_password }}"},
    ),
    fails("label-key-is-the-password", "is not a key", LABELLED, labels="{{ labels_with_a_key }}"),
    fails("label-key-is-in-the-config", "", docker_config="{{ label_config }}", labels="{{ labels_with_a_key }}"),
    fails("annotation-is-the-password", "annotations contains", GHCR, annotations={"x": "at {{ registry_password }}!"}),
    fails(
        "annotation-is-the-auth-in-the-config",
        "annotations contains",
        docker_config="{{ label_config }}",
        annotations={"x": "{{ config_auth }}"},
    ),
    fails("annotation-is-the-auth", "annotations contains", GHCR, annotations={"x": "{{ registry_auth }}"}),
    fails(
        "annotation-is-in-the-config",
        "annotations contains",
        docker_config="{{ config_mapping }}",
        annotations={"x": "{{ config_password }}"},
    ),
    fails("owner-is-the-password", "owner contains a password", LABELLED, owner="{{ label_password }}"),
    fails("name-is-the-password", "name contains a password", LABELLED, secret="{{ label_password }}"),
    fails(
        "name-is-in-the-config",
        "name contains a password",
        docker_config="{{ label_config }}",
        secret="{{ label_password }}",
    ),
    fails("change-the-frozen", "is immutable", GHCR, secret="frozen"),
    fails("change-the-opaque", "has the type Opaque", GHCR, secret="opaque"),
    fails("change-the-managed", "is managed by Helm", GHCR, secret="helm"),
    fails("merge-into-the-broken", "Nothing can be merged into it", GHCR, secret="broken"),
    fails("merge-into-the-broken-in-many", "Nothing can be merged into it", GHCR, **MANY, secret="broken"),
    fails("namespace-is-the-password", "namespaces", LABELLED, namespaces=["{{ label_password }}"]),
    fails(
        "limit-is-the-password",
        "namespaces_limit contains a password",
        LABELLED,
        **MANY,
        namespaces_limit=["{{ label_password }}"],
    ),
    fails("glob-is-the-password", "namespaces", GHCR, namespaces=["{{ registry_password }}*"]),
    fails("selector-is-the-password", "selectors contains", LABELLED, namespace_selectors=["x={{ label_password }}"]),
)

CONNECTIONS: Sequence[Case] = (
    does("token-in-api-key", "created", GHCR, **HOST, api_key="{{ connect.token }}"),
    does("token-in-a-mapping", "created", GHCR, kubeconfig="{{ connect.with_token }}"),
    does("token-in-a-file", "created", GHCR, kubeconfig="{{ inputs }}/kubeconfig"),
    does("token-of-a-plugin", "created", GHCR, kubeconfig="{{ connect.with_plugin }}"),
    does("certificate-of-a-plugin", "created", GHCR, kubeconfig="{{ connect.with_certificate_plugin }}"),
    does(
        "certificate-in-files", "created", GHCR, **HOST, client_cert="{{ inputs }}/crt", client_key="{{ inputs }}/key"
    ),
    does(
        "proxy-not-used",
        "created",
        GHCR,
        kubeconfig="{{ connect.admin }}",
        proxy="http://octo:{{ proxy_password }}@127.0.0.1:1",
        no_proxy="127.0.0.1",
    ),
    fails("proxy", "Cannot reach", GHCR, proxy="http://octo:{{ proxy_password }}@127.0.0.1:1"),
    fails("proxy-of-the-kubeconfig", "Cannot reach", GHCR, kubeconfig="{{ connect.with_proxy }}"),
    fails("proxy-without-scheme", "", GHCR, proxy="octo:{{ proxy_password }}@127.0.0.1:1"),
    fails(
        "user-in-host",
        "host must not contain a user name",
        GHCR,
        host="https://octo:{{ host_password }}@127.0.0.1:1",
        api_key="{{ api_key }}",
    ),
    fails(
        "user-in-host-without-scheme", "", GHCR, host="octo:{{ host_password }}@127.0.0.1:1", api_key="{{ api_key }}"
    ),
    fails(
        "user-in-expected-server",
        "but expect_server is",
        GHCR,
        expect_server="https://octo:{{ host_password }}@127.0.0.1:1",
    ),
    fails("closed-port", "connection refused", GHCR, host="https://127.0.0.1:1", api_key="{{ api_key }}"),
    fails("another-authority", "certificate is not accepted", GHCR, kubeconfig="{{ connect.other_authority }}"),
    fails("expired-certificate", "not authenticated (401)", GHCR, kubeconfig="{{ connect.expired }}"),
    fails("wrong-api-key", "not authenticated (401)", GHCR, **HOST, api_key="{{ api_key }}"),
    fails("api-key-with-its-scheme", "authentication scheme", GHCR, **HOST, api_key="Bearer {{ api_key }}"),
    fails("api-key-over-http", "Cannot reach", GHCR, host="http://127.0.0.1:1", api_key="{{ api_key }}"),
    fails("expired-login", "cannot be reached", GHCR, kubeconfig="{{ connect.with_expired_login }}"),
    fails("token-and-password", "has a token and a user name", GHCR, kubeconfig="{{ connect.with_two_logins }}"),
    fails("api-key-with-line-end", "", GHCR, **HOST, api_key="{{ api_key }}\n"),
    fails("api-key-beyond-latin-1", "", GHCR, **HOST, api_key="{{ api_key }}→"),
    fails("password-beyond-latin-1", "", GHCR, **HOST, username="octo", password="{{ basic_password }}→"),
    fails("wrong-token", "not authenticated (401)", GHCR, kubeconfig="{{ connect.with_wrong_token }}"),
    fails("wrong-password", "not authenticated (401)", GHCR, **HOST, username="octo", password="{{ basic_password }}"),
    fails("no-rights", "needs the verb get on secrets", GHCR, kubeconfig="{{ connect.without_rights }}"),
    fails("no-right-to-write", "needs the verb create on secrets", GHCR, kubeconfig="{{ connect.read_only }}"),
    fails("plugin-fails", "exited with status 1", GHCR, kubeconfig="{{ connect.with_failing_plugin }}"),
    fails("plugin-prints-garbage", "printed no ExecCredential", GHCR, kubeconfig="{{ connect.with_garbage_plugin }}"),
    fails("broken-kubeconfig", "is not a kubeconfig", GHCR, kubeconfig="{{ inputs }}/broken-kubeconfig"),
    fails(
        "kubeconfig-with-alias",
        "is not a kubeconfig",
        GHCR,
        kubeconfig="{{ inputs }}/kubeconfig-with-alias",
    ),
    fails("kubeconfig-of-wrong-shape", "", GHCR, kubeconfig="{{ inputs }}/kubeconfig-of-wrong-shape"),
    fails("kubeconfig-as-json", "", GHCR, kubeconfig="{{ kubeconfig_json }}"),
    fails("kubeconfig-as-text", "the text of a file", GHCR, kubeconfig="{{ kubeconfig_yaml }}"),
    fails("kubeconfig-as-base64", "", GHCR, kubeconfig="{{ kubeconfig_base64 }}"),
    fails("key-as-text", "", GHCR, **HOST, client_cert="{{ inputs }}/crt", client_key="{{ connect.client_key }}"),
    fails(
        "annotation-is-the-api-key",
        "annotations contains",
        GHCR,
        **HOST,
        api_key="{{ connect.token }}",
        annotations={"x": "{{ connect.token }}"},
    ),
    fails(
        "annotation-is-the-token",
        "annotations contains",
        GHCR,
        kubeconfig="{{ connect.with_token }}",
        annotations={"x": "{{ connect.token }}"},
    ),
    fails("server-says-the-object", WITHHELD, GHCR),
    fails("server-says-the-config", WITHHELD, GHCR, docker_config="{{ config_mapping }}"),
    fails("server-says-a-part", WITHHELD, GHCR),
    fails("server-says-the-object-in-many", WITHHELD, GHCR, **MANY, secret="server-says-the-object"),
    fails("server-says-conflict", WITHHELD, GHCR),
    fails("server-says-what-is-stored", WITHHELD, state="absent"),
)

NODES = {
    "credential_provider_config": "{{ node_provider }}",
    "docker_configs": ["{{ config_mapping }}"],
    "mirrors": "{{ node_mirrors }}",
}
CONFIGS = ["{{ config_mapping }}", "{{ config_json }}", "{{ config_base64 }}"]
LOOKUPS: Sequence[Case] = (
    looks_up("look-up-in-a-namespace"),
    looks_up("look-up-in-many", namespaces=MANY["namespaces"]),
    looks_up(
        "look-up-in-configs", docker_configs=CONFIGS, images=["config.example/a", "auth.example/a", "none.example/a"]
    ),
    looks_up("look-up-in-a-bad-config", docker_configs=["{{ config_bad_auth }}"], images=["ghcr.io/a"]),
    looking_up_fails(
        "look-up-in-a-cut-config", "docker_configs[1]", docker_configs=[CONFIGS[0], "{{ config_cut }}"], images=["a"]
    ),
    looks_up("look-up-for-an-upgrade", upgrade_audit=True, node_credentials=NODES),
    looks_up("look-up-for-an-upgrade-in-many", namespaces=MANY["namespaces"], upgrade_audit=True),
    looks_up(
        "look-up-in-configs-for-an-upgrade",
        docker_configs=CONFIGS,
        images=["config.example/a", "node.example/a", "mirror.example/a", "none.example/a"],
        upgrade_audit=True,
        node_credentials=NODES,
    ),
    *(
        looking_up_fails(f"look-up-with-{name}", message, upgrade_audit=True, node_credentials=given)
        for name, message, given in (
            ("a-cut-provider", "one document", {"credential_provider_config": "{{ node_provider_cut }}"}),
            ("no-cache-type", "cacheType", {"credential_provider_config": "{{ node_provider_without_cache }}"}),
            ("a-number-for-a-mirror", "", {"mirrors": "{{ node_mirrors_with_a_number }}"}),
            ("a-user-in-a-mirror", "not a registry", {"mirrors": "{{ node_mirrors_with_a_user }}"}),
            ("a-cut-node-config", "docker_configs[0]", {"docker_configs": ["{{ config_cut }}"]}),
        )
    ),
    looking_up_fails(
        "look-up-a-user",
        "is not the name of an image",
        docker_configs=CONFIGS,
        images=["https://octo:{{ url_password }}@ghcr.io/a"],
    ),
)

OWN_LINK = {"name": "own"}
MANY_ACCOUNTS: Mapping[str, Any] = {"service_account": "{{ omit }}", **MANY}
MANY_LINKS: Sequence[Case] = (
    links("link-in-a-namespace"),
    links("unlink-in-many", **MANY, image_pull_secrets=[{"name": "never-made", "state": "absent"}]),
    links("link-in-many", **MANY),
)
BAD_LINKS: Sequence[Case] = (
    linking_fails(
        "link-accounts-with-a-password",
        "service_accounts[1] is not",
        OWN_LINK,
        **MANY_ACCOUNTS,
        service_accounts=["app", "{{ basic_password }}"],
    ),
    linking_fails("link-in-a-password", "namespaces[0] is not", OWN_LINK, namespaces=["{{ basic_password }}"]),
    linking_fails(
        "link-the-api-key-to-many",
        "service_accounts contains a password",
        OWN_LINK,
        **MANY_ACCOUNTS,
        service_accounts=["{{ label_password }}"],
        **HOST,
        api_key="{{ label_password }}",
    ),
    linking_fails(
        "link-to-no-account",
        "namespaces failed",
        OWN_LINK,
        **MANY_ACCOUNTS,
        service_accounts=["missing"],
        wait=False,
    ),
    linking_fails(
        "link-a-password", "image_pull_secrets[1].name is not", OWN_LINK, {"name": "{{ registry_password }}"}
    ),
    linking_fails(
        "link-an-account-that-is-a-password", "service_account is not", service_account="{{ basic_password }}"
    ),
    linking_fails(
        "link-the-api-key",
        "image_pull_secrets contains a password",
        {"name": "{{ label_password }}"},
        **HOST,
        api_key="{{ label_password }}",
    ),
    linking_fails("link-misspelt", "is not an option of", {"name": "own", "pasword": "{{ misspelt_password }}"}),
    linking_fails("link-a-text", "", secrets="{{ nested_password }}"),
    linking_fails("link-with-a-wrong-token", "not authenticated (401)", OWN_LINK, **HOST, api_key="{{ api_key }}"),
)

# Of what is refused, that which is told by Ansible and by the API server: there the two ways of execution differ.
BOTH_WAYS = re.compile(
    "^number-|user-in-server$|colon-in|misspelt|missing|wrong-choice|nested|is-a-(text|mapping|list)|key-value|both|file-is"
    "|-is-a-token|(ca|label|name|namespace|owner|selector)-is-the-password|annotation-is-in|bad-auth|frozen|the-broken$"
)
BRIEFLY = re.compile(
    "create$|create-in-many$|rotate$|keep|merge-|copy$|user-|serve-|replace|link$|in-the-background|web-token"
)
CASES = (
    *(case for case in BAD_INPUT if BOTH_WAYS.search(case.name)),
    *CONNECTIONS,
    *SUCCESSES,
    *SHAPES,
    *IN_TWINS,
    *LOOKUPS,
    *MANY_LINKS,
    *BAD_LINKS,
)

# Canaries that are in Secrets after the successes.
ARRIVING = (
    "registry_password",
    "config_password",
    "auth_password",
    "encoded_password",
    "file_password",
    "source_password",
    "same_password",
    "ocean_token",
    "user_token",
    "web_token",
    "expired_web_token",
)

# What Ansible would write to the system's log if it were let.
LOGGED = (
    "annotation-is-in-the-config",
    "misspelt",
    "config-has-a-bad-auth",
    "kubeconfig-as-text",
    "certificate-in-files",
    "proxy-not-used",
    "wrong-api-key",
    "create",
    "merge-a-mapping",
    "merge-json",
    "user-is-the-password",
)

PULL_SECRETS = Suite(
    module="image_pull_secret",
    canaries=CANARIES,
    variables=VARIABLES,
    files=FILES,
    existing=EXISTING,
    cases=CASES,
    in_process=[case for case in BAD_INPUT if not BOTH_WAYS.search(case.name)],
    without_diff=[case for case in SUCCESSES if BRIEFLY.match(case.name)],
    arriving=ARRIVING,
    logged=LOGGED,
)
