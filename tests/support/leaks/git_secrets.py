# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks with Git credentials in and around them, as leak_cases has them for pull secrets."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from ansible.parsing.vault import VaultLib, VaultSecret
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from support.canary import (
    Canary,
    PrivateKey,
    canary,
    key_canary,
    key_text,
    number_canary,
    public_text,
    web_token_canary,
)
from support.git_world import make_ssh_key
from support.leaks.suite import Case, Suite, Vaulted
from support.leaks.world import VAULT_PASSWORD_FILE
from support.samples.openpgp import armor, key_packet

OPENSSH, PEM, PKCS8 = PrivateFormat.OpenSSH, PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8
NAME, INFO = "gitsync_secret", "gitsync_secret_info"

_RSA_1, _RSA_2 = (rsa.generate_private_key(65537, 2048) for _number in range(2))
_PASSPHRASE = canary("passphrase")


def _new(name: str, form: PrivateFormat = OPENSSH, passphrase: str | None = None) -> tuple[str, PrivateKey, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    return name, key, key_text(key, form, passphrase)


# By the name of its variable: what each key is, the key, and its text.
KEYS: Mapping[str, tuple[str, PrivateKey, str]] = {
    "private_key": _new("private key"),
    "rotated_key": ("rotated private key", _RSA_1, key_text(_RSA_1, PKCS8)),
    "pkcs8_key": _new("private key to be converted", PKCS8),
    "protected_key": _new("private key with a passphrase", passphrase=_PASSPHRASE.text),
    "file_key": _new("private key in a file"),
    "vault_key": _new("private key in an encrypted file"),
    "inline_key": _new("private key in an encrypted variable"),
    "source_key": _new("private key in the Secret of credentials_from"),
    "stored_key": _new("stored private key"),
    "broken_key": _new("stored private key that is cut"),
    "stray_key": _new("stored private key in place of something public"),
    "pasted_key": _new("private key in place of another option"),
    "one_line_key": _new("private key in one line in place of another option"),
    "typed_key": _new("private key of a wrong type"),
    "misspelt_key": _new("private key under a wrong option"),
    "refused_key": _new("private key that is refused", PKCS8),
    "cut_key": ("private key that is cut", _RSA_1, key_text(_RSA_1, PEM)),
    "app_key": ("private key of a GitHub App", _RSA_2, key_text(_RSA_2, PEM)),
    "google_key": _new("private key of a Google service account", PKCS8),
    "client_key": (
        "key of a client certificate",
        (_CLIENT := ec.generate_private_key(ec.SECP256R1())),
        key_text(_CLIENT, PEM),
    ),
}
PUBLIC = {name: public_text(key) for name, (_what, key, _text) in KEYS.items()}

AN_INTEGER = "must be a string; it is an integer"

CANARIES: Mapping[str, Canary] = {
    "number": number_canary("secret that is a number", user="octo"),
    **{name: key_canary(what, text) for name, (what, _key, text) in KEYS.items()},
    "gpg_key": key_canary("OpenPGP key", armor([key_packet(encrypted=True, numbers=os.urandom(140))])),
    "passphrase": _PASSPHRASE,
    "wrong_passphrase": canary("passphrase of another key"),
    "https_password": canary("password for HTTPS", user="octo"),
    "rotated_password": canary("rotated password for HTTPS", user="octo"),
    "same_password": canary("password that is the username too"),
    "bearer_token": canary("bearer token"),
    "cookie": canary("value of a cookie", awkward="-"),
    "web_token": web_token_canary("JSON Web Token"),
    "expired_web_token": web_token_canary("expired JSON Web Token", exp=1700000000),
    "user_token": canary("token of GitHub as username", awkward="", prefix="ghp_"),
    "webhook_secret": canary("secret of a webhook"),
    "custom_secret": canary("secret under a key of the user's own"),
    "stored_file_password": canary("password in a stored file of git", user="octo"),
    "argocd_proxy_password": canary("password in argocd_proxy", awkward="-%3D"),
    "sync_proxy_password": canary("password in config_sync_https_proxy", awkward="-%3D"),
    "submodule_password": canary("password in git_sync_credentials"),
    "header_token": canary("token in openshift_gitconfig", awkward="-"),
    "connection_password": canary("password in a stored connection", user="octo"),
    "azure_secret": canary("secret of an Azure service principal"),
    "aws_secret": canary("secret access key of AWS", awkward="/"),
    "url_password": canary("password in a URL", awkward="-%3D"),
    "slash_password": canary("password with a slash in a URL", awkward="/"),
    "query_token": canary("token in the query of a URL", awkward="-"),
    "colon_password": canary("password behind the colon of a username"),
    "label_password": canary("password that fits into a label", awkward="-", user="octo"),
    "misspelt_password": canary("password under a wrong option"),
    "typed_password": canary("password of a wrong type"),
    "stored_password": canary("stored password", user="octo"),
    "stored_user_token": canary("stored username that is a token", awkward="", prefix="glpat-"),
    "stored_value": canary("another key of the stored data"),
    "stored_annotation": canary("foreign annotation"),
    "stored_last_applied": canary("last-applied-configuration"),
    "stored_url_password": canary("user information in a stored URL", awkward="-"),
    "stored_proxy_password": canary("user information in a stored proxy", awkward="-"),
    "vault_password": canary("password of the vault", awkward="-"),
}


def secret(name: str) -> str:
    return CANARIES[name].text


def without_middle(text: str) -> str:
    """A key that lost a part of its body."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:-2], lines[-1]])


def one_line(text: str) -> str:
    return " ".join(text.split("\n")).strip()


def vaulted(text: str) -> str:
    encrypted: bytes = VaultLib([("default", VaultSecret(secret("vault_password").encode()))]).encrypt(text)
    return encrypted.decode()


def _client_certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(
        name, name, _CLIENT.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    return builder.sign(_CLIENT, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


URL = "ssh://git@git.example.com/team/app.git"
WEB = "https://git.example.com/team/app.git"
HOSTS = f"git.example.com {make_ssh_key().public}\n"

GOOGLE_KEY = {"type": "service_account", "client_email": "a@p.iam", "private_key": secret("google_key")}

VARIABLES: dict[str, Any] = {
    **{name: known.text for name, known in CANARIES.items() if name != "vault_password"},
    "number": int(secret("number")),
    "known_hosts": HOSTS,
    "closed_hosts": f"[127.0.0.1]:1 {make_ssh_key().public}\n",
    "encrypted_key": Vaulted(vaulted(secret("inline_key"))),
    "client_certificate": _client_certificate(),
    "one_line": one_line(secret("one_line_key")),
    "body": "".join(secret("pasted_key").splitlines()[1:-1]),
    "cut": secret("cut_key")[:1000],
    "cut_inside": without_middle(secret("cut_key")),
    "body_alone": secret("cut_key").split("-----")[2].strip(),
    "twice": secret("refused_key") * 2,
    "key_line": secret("private_key").splitlines()[-2],
    "cookies": f"git.example.com\tFALSE\t/\tTRUE\t2147483647\to\t{secret('cookie')}\n",
    "hosts_and_key": HOSTS + secret("pasted_key"),
    "ssh_text": f"private_key={one_line(secret('misspelt_key'))}",
    "mapping_with_a_token_as_option": {"username": "octo", secret("user_token"): "x"},
    "mapping_with_the_password_as_key": {secret("label_password"): "x"},
    "ssh_json": json.dumps({"privat_key": secret("misspelt_key")}),
    "google_json": json.dumps(GOOGLE_KEY, indent=2),
    "google_mapping": GOOGLE_KEY,
    "google_base64": base64.b64encode(json.dumps(GOOGLE_KEY).encode()).decode(),
    "google_cut": json.dumps(GOOGLE_KEY, indent=2)[:-4],
}

FILES = {
    "ssh-key": secret("file_key").replace("\n", "\r\n"),
    "cut-key": secret("cut_key")[:1000],
    "vaulted-key": vaulted(secret("vault_key")),
    "vaulted-cut-key": vaulted(secret("cut_key")[:1000]),
    VAULT_PASSWORD_FILE: secret("vault_password"),
}

LAST_APPLIED = {
    "kubectl.kubernetes.io/last-applied-configuration": json.dumps(
        {"stringData": {"ssh": secret("stored_key"), "password": secret("stored_last_applied")}}
    )
}
ARGOCD = {"labels": {"argocd.argoproj.io/secret-type": "repository"}}
STORED = {"ssh": secret("stored_key"), "known_hosts": HOSTS}
STORED_LINE = f"https://octo:{quote(secret('stored_file_password'), safe='')}@git.example.com\n"

EXISTING: Mapping[str, Mapping[str, Any]] = {
    "source": {"string_data": {"identity": secret("source_key"), "known_hosts": HOSTS}},
    "foreign": {
        "string_data": {**STORED, "notes": secret("stored_value")},
        "metadata": {"annotations": {"example.com/note": secret("stored_annotation"), **LAST_APPLIED}},
    },
    "foreign-https": {
        "string_data": {"username": secret("stored_user_token"), "password": secret("stored_password")},
        "metadata": {"labels": {"copy": "x"}},
    },
    "frozen": {"string_data": STORED, "immutable": True},
    "helm": {"string_data": STORED, "metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}},
    "broken": {"string_data": {"ssh": without_middle(secret("broken_key")), "known_hosts": HOSTS}},
    "broken-line": {"string_data": {"ssh": one_line(secret("stored_key")), "known_hosts": HOSTS}},
    "url-with-user": {
        "string_data": {
            "type": "git",
            "url": f"https://octo:{secret('stored_url_password')}@git.example.com/team/app.git",
            "proxy": f"http://octo:{secret('stored_proxy_password')}@127.0.0.1:1",
            "noProxy": "git.example.com",
            "username": "octo",
            "password": secret("stored_password"),
        },
        "metadata": ARGOCD,
    },
    # Everything that is shown of a Secret, with a private key there by mistake.
    "key-for-public-key": {
        "string_data": {
            "identity": secret("stored_key"),
            "identity.pub": secret("stray_key"),
            "known_hosts": secret("stray_key"),
        }
    },
    "key-for-url": {
        "string_data": {
            "type": secret("stray_key"),
            "url": secret("stray_key"),
            "name": one_line(secret("stray_key")),
            "project": "".join(secret("stray_key").splitlines()[1:-1]),
            "sshPrivateKey": secret("stored_key"),
        },
        "metadata": ARGOCD,
    },
    "key-for-username": {"string_data": {"username": secret("stray_key"), "password": secret("stored_password")}},
    "key-for-app": {
        "string_data": {
            "githubAppID": secret("stray_key"),
            "githubAppInstallationID": one_line(secret("stray_key")),
            "githubAppBaseURL": one_line(secret("stray_key")),
            "githubAppPrivateKey": secret("app_key"),
        }
    },
    "stored-file": {"string_data": {".git-credentials": STORED_LINE}},
    "stored-lines": {"string_data": {".git-credentials": STORED_LINE + STORED_LINE.replace("git.", "lab.")}},
    "connection": {
        "string_data": {
            "AIRFLOW_CONN_GIT_DEFAULT": json.dumps(
                {
                    "conn_type": "git",
                    "login": "octo",
                    "password": secret("connection_password"),
                    "extra": json.dumps(
                        {"private_key": secret("stored_key"), "host_proxy_cmd": secret("stored_value")}
                    ),
                }
            )
        }
    },
    "race-update": {"string_data": STORED},
    "server-says-what-it-has": {"string_data": {**STORED, "notes": secret("stored_value")}},
}


def does(name: str, operation: str, secret: str = "", **given: Any) -> Case:
    """A task that succeeds, or is ``foreseen`` in check mode; without another ``secret`` on one of its own name."""
    keywords, shown = {"check_mode": given.pop("foreseen", False)}, tuple(given.pop("shown", ()))
    return Case(name, secret or name, operation, given, keywords=keywords, shown=shown)


# In place of the text of a webhook.
WITHHELD = "It says: (not quoted here, because it contains a secret of this request)."


def fails(name: str, message: str, secret: str = "", **given: Any) -> Case:
    return dataclasses.replace(does(name, "failed", secret, **given), message=message)


def reads(name: str, secret: str = "", **given: Any) -> Case:
    """A task that looks at Secrets."""
    return dataclasses.replace(does(name, "read", **given), secret=secret, module=INFO)


def reading_fails(name: str, message: str, **given: Any) -> Case:
    return dataclasses.replace(reads(name, **given), operation="failed", message=message)


def key(variable: str = "private_key", **more: Any) -> dict[str, Any]:
    """The option ``ssh`` with the key in this variable."""
    return {"private_key": f"{{{{ {variable} }}}}", "known_hosts": "{{ known_hosts }}", **more}


AZURE = {
    "argocd_azure_service_principal_client_id": "12345678-1234-1234-1234-123456789abc",
    "argocd_azure_service_principal_tenant_id": "12345678-1234-1234-1234-123456789def",
}
AZURE_SECRET = {"argocd_azure_service_principal_client_secret": "{{ azure_secret }}"}


def google(variable: str) -> dict[str, Any]:
    """A Google service account key for Argo CD."""
    return {"argocd_gcp_service_account_key": f"{{{{ {variable} }}}}"}


def login(password: str = "https_password", **more: Any) -> dict[str, Any]:
    return {"username": "octo", "password": f"{{{{ {password} }}}}", **more}


SSH: Mapping[str, Any] = {"url": URL, "ssh": key()}
ALONE: Mapping[str, Any] = {"url": URL, "ssh": {"private_key": "{{ private_key }}"}}
HTTPS: Mapping[str, Any] = {"url": WEB, "https": login()}
APP: Mapping[str, Any] = {"id": "12345", "installation_id": "67890", "private_key": "{{ app_key }}"}
APP_TOKEN: Mapping[str, Any] = {
    "client_id": "Iv23liAbCdEf",
    "installation_id": "67890",
    "private_key": "{{ app_key }}",
    "repositories": ["app"],
}
FLUX: Mapping[str, Any] = {"format": "flux"}
ARGO: Mapping[str, Any] = {"format": "argocd_repository"}
STORE: Mapping[str, Any] = {"format": "git_credentials"}
HOOK: Mapping[str, Any] = {
    "format": "pipelines_as_code",
    "format_options": {"pipelines_as_code_webhook_secret": "{{ webhook_secret }}"},
}
AIRFLOW: Mapping[str, Any] = {"format": "airflow_connection"}
SUBMODULE: Mapping[str, Any] = {
    "url": "https://git.example.org",
    "username": "octo",
    "password": "{{ submodule_password }}",
}
MANY: Mapping[str, Any] = {"namespaces": ["{{ test_namespace }}*"], "report": "all"}
# A Git server that quotes what it gets, and one that is closed.
QUOTED: Mapping[str, Any] = {"url": "http://{{ quoting_registry }}/a.git", "verify": True}
CLOSED: Mapping[str, Any] = {"verify": True, "verify_timeout": 20, "verify_url": "ssh://git@127.0.0.1:1/a.git"}
TWINS: Mapping[str, Any] = {"namespaces": ["twin-{{ test_namespace }}-*"]}
ONE_DIFF: Mapping[str, Any] = {**TWINS, "shown": ["in 2 namespaces"]}
SHOWN: Mapping[str, Any] = {"shown": [PUBLIC["private_key"]]}

SUCCESSES: Sequence[Case] = (
    does("create-foreseen", "created", "own", **SSH, **SHOWN, foreseen=True),
    does("create", "created", "own", **SSH, **SHOWN, labels={"team": "web"}, annotations={"example.com/mine": "x"}),
    does("again", "unchanged", "own", **SSH, **SHOWN),
    does("keep", "unchanged", "own", **{**SSH, "ssh": {}}, **SHOWN, update_credentials="when_given"),
    does("rotate-foreseen", "updated", "own", **{**SSH, "ssh": key("rotated_key")}, foreseen=True),
    does("rotate", "updated", "own", **{**SSH, "ssh": key("rotated_key")}, shown=[PUBLIC["rotated_key"]]),
    does("copy", "updated", "own", url=URL, credentials_from={"name": "source"}, shown=[PUBLIC["source_key"]]),
    does("to-https", "updated", "own", **HTTPS),
    does("rotate-https", "updated", "own", **{**HTTPS, "https": login("rotated_password")}),
    does("and-back", "updated", "own", **SSH, **SHOWN),
    does("file", "created", ssh={"private_key_file": "{{ inputs }}/ssh-key"}, shown=[PUBLIC["file_key"]]),
    does("vaulted-file", "created", ssh={"private_key_file": "{{ inputs }}/vaulted-key"}, shown=[PUBLIC["vault_key"]]),
    does("vaulted-variable", "created", ssh=key("encrypted_key"), shown=[PUBLIC["inline_key"]]),
    does("converted", "created", ssh=key("pkcs8_key", convert=True), shown=[PUBLIC["pkcs8_key"]]),
    does(
        "opened",
        "created",
        ssh=key("protected_key", passphrase="{{ passphrase }}"),
        shown=[PUBLIC["protected_key"]],
    ),
    does("protected", "created", **FLUX, ssh=key("protected_key", passphrase="{{ passphrase }}")),
    does("generate-foreseen", "created", "generated", ssh={"generate": "ed25519"}, foreseen=True),
    does("generate", "created", "generated", ssh={"generate": "ed25519"}),
    does("generate-again", "unchanged", "generated", ssh={"generate": "ed25519"}),
    does("generate-ecdsa", "created", format="fleet", ssh={"generate": "ecdsa"}),
    does("generate-rsa", "created", ssh={"generate": "rsa"}),
    does("copy-the-generated", "created", format="tekton", url=URL, credentials_from={"name": "generated"}),
    does(
        "scan",
        "created",
        url="{{ git_server.url }}",
        ssh={
            "private_key": "{{ private_key }}",
            "scan_host_keys": True,
            "host_key_fingerprints": "{{ git_server.fingerprints }}",
        },
        **SHOWN,
    ),
    does(
        "an-agent-has-the-key",
        "created",
        **CLOSED,
        **FLUX,
        ssh=key("protected_key", passphrase="{{ passphrase }}", known_hosts="{{ closed_hosts }}"),
    ),
    does("a-git-server-quotes-the-password", "created", **QUOTED, https=login()),
    does("a-git-server-quotes-it-in-check-mode", "created", "quoted", **QUOTED, https=login(), foreseen=True),
    fails(
        "a-git-server-quotes-what-is-required",
        "Nothing proves that the credential reads",
        **QUOTED,
        https=login("rotated_password"),
        verify_require="pullable",
    ),
    fails(
        "a-git-server-quotes-it-in-twins",
        "namespaces were not tried",
        **QUOTED,
        **TWINS,
        https=login("rotated_password"),
        verify_require="pullable",
    ),
    does("user-is-the-password", "created", https=login("same_password", username="{{ same_password }}")),
    does("user-is-a-token", "created", https={"username": "{{ user_token }}", "password": "x-oauth-basic"}),
    does("keep-a-token-as-user", "unchanged", "user-is-a-token", https={}, update_credentials="when_given"),
    does("web-token", "created", **FLUX, https={"bearer_token": "{{ web_token }}"}, shown=["2100-01-01T00:00:00Z"]),
    does("web-token-that-expired", "created", https=login("expired_web_token"), shown=["2023-11-14T22:13:20Z"]),
    reads("read-the-web-token", "web-token", **FLUX, shown=["2100-01-01T00:00:00Z"]),
    does("bearer", "created", **FLUX, https={"bearer_token": "{{ bearer_token }}"}),
    does(
        "client-certificate",
        "created",
        **FLUX,
        https={"client_certificate": "{{ client_certificate }}", "client_key": "{{ client_key }}"},
    ),
    does("cookies", "created", cookie_file="{{ cookies }}"),
    does("app", "created", **FLUX, github_app=APP),
    does("app-token-foreseen", "created", "app-token", github_app_token=APP_TOKEN, foreseen=True),
    does("app-for-jenkins", "created", format="jenkins", github_app={"id": "12345", "private_key": "{{ app_key }}"}),
    does(
        "proxy-in-data",
        "created",
        **ARGO,
        **HTTPS,
        format_options={"argocd_proxy": "http://octo:{{ argocd_proxy_password }}@127.0.0.1:1", "argocd_name": "app"},
    ),
    does("key-in-a-connection-foreseen", "created", **AIRFLOW, **ALONE, **SHOWN, foreseen=True),
    does("key-in-a-connection", "created", **AIRFLOW, **ALONE, **SHOWN),
    does("keep-the-connection", "unchanged", "key-in-a-connection", **AIRFLOW, **ALONE, **SHOWN),
    does("password-in-a-connection", "updated", "key-in-a-connection", **AIRFLOW, **HTTPS),
    does("generate-for-a-connection-foreseen", "created", **AIRFLOW, url=URL, ssh={"generate": "rsa"}, foreseen=True),
    does("copy-from-a-connection", "created", "copied", **FLUX, url=WEB, credentials_from={"name": "connection"}),
    does("change-the-connection", "updated", "connection", **AIRFLOW, **ALONE),
    does(
        "submodules",
        "created",
        format="git_sync_env",
        https=login(),
        format_options={"git_sync_credentials": [SUBMODULE]},
    ),
    does(
        "git-config",
        "created",
        format="openshift_build",
        https=login(),
        format_options={"openshift_gitconfig": "[http]\n\textraHeader = X-Token: {{ header_token }}\n"},
    ),
    does(
        "sync-proxy",
        "created",
        format="config_sync",
        https=login(),
        format_options={"config_sync_https_proxy": "http://octo:{{ sync_proxy_password }}@127.0.0.1:1"},
    ),
    does("proxy", "created", format="flux_proxy", url="http://127.0.0.1:1", https=login()),
    does("webhook-token", "created", format="flux_receiver", https={"password": "{{ https_password }}"}),
    does(
        "gpg-key-foreseen",
        "created",
        format="flux_signing",
        gpg={"private_key": "{{ gpg_key }}", "passphrase": "{{ passphrase }}"},
        foreseen=True,
    ),
    does(
        "gpg-key",
        "created",
        format="flux_signing",
        gpg={"private_key": "{{ gpg_key }}", "passphrase": "{{ passphrase }}"},
    ),
    does("signing-key", "created", format="flux_signing", ssh={"private_key": "{{ private_key }}"}, **SHOWN),
    does("azure-identity", "created", **ARGO, url=WEB, format_options={**AZURE, **AZURE_SECRET}),
    does(
        "azure-identity-again", "unchanged", "azure-identity", **ARGO, url=WEB, format_options={**AZURE, **AZURE_SECRET}
    ),
    does("google-as-a-mapping", "created", **ARGO, url=WEB, format_options=google("google_mapping")),
    does(
        "google-to-azure", "updated", "google-as-a-mapping", **ARGO, url=WEB, format_options={**AZURE, **AZURE_SECRET}
    ),
    does("azure-to-google", "updated", "google-as-a-mapping", **ARGO, url=WEB, format_options=google("google_json")),
    does(
        "google-for-kargo",
        "created",
        format="kargo",
        url="europe-west3-docker.pkg.dev/project/images/app",
        format_options={"kargo_type": "image", "kargo_gcp_service_account_key": "{{ google_base64 }}"},
    ),
    does(
        "aws-for-kargo",
        "created",
        format="kargo",
        url="123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app",
        format_options={
            "kargo_type": "image",
            "kargo_aws_region": "eu-central-1",
            "kargo_aws_access_key_id": "AKIAEXAMPLEEXAMPLE12",
            "kargo_aws_secret_access_key": "{{ aws_secret }}",
        },
    ),
    reads("read-the-cloud-identities", used_by=True),
    does(
        "custom",
        "created",
        format="custom",
        keys={"private_key": "id", "passphrase": "phrase"},
        ssh={"private_key": "{{ protected_key }}", "passphrase": "{{ passphrase }}"},
    ),
    does(
        "custom-secrets",
        "created",
        format="custom",
        keys={"password": "token"},
        https={"password": "{{ https_password }}"},
        format_options={"custom_secrets": {"hook": "{{ custom_secret }}"}, "custom_empty_keys": ["none"]},
    ),
    does("store-foreseen", "created", "store", **STORE, **HTTPS, foreseen=True),
    does("store", "created", **STORE, **HTTPS, shown=["octo"]),
    does("store-again", "unchanged", "store", **STORE, url=WEB, https={}, update_credentials="when_given"),
    does("rotate-the-store", "updated", "store", **STORE, url=WEB, https=login("rotated_password")),
    does("copy-the-store", "created", format="devworkspace_git", url=WEB, credentials_from={"name": "store"}),
    does("copy-the-stored-file", "created", **FLUX, credentials_from={"name": "stored-file"}),
    does("replace-the-stored-file", "updated", "stored-file", **STORE, **HTTPS),
    does("webhook", "created", **HOOK, github_app={"id": "12345", "private_key": "{{ app_key }}"}),
    does("webhook-to-token", "updated", "webhook", **HOOK, https={"password": "{{ https_password }}"}),
    does("runner-token", "created", format="actions_runner_controller", https={"password": "{{ https_password }}"}),
    does(
        "jenkins-text",
        "created",
        format="jenkins",
        https={"password": "{{ https_password }}"},
        format_options={"jenkins_type": "secretText", "jenkins_keys": {"text": "token"}},
    ),
    does("change-the-foreign-foreseen", "updated", "foreign", **SSH, **SHOWN, foreseen=True),
    does("change-the-foreign", "updated", "foreign", **SSH, **SHOWN),
    does("again-the-foreign-in-many", "unchanged", "foreign", **SSH, **MANY),
    does("own-the-foreign", "updated", "foreign", **SSH, take_ownership=True, owner="team-web"),
    does("foreign-to-ssh", "updated", "foreign-https", **SSH),
    does("replace-the-broken", "updated", "broken", **SSH),
    does("repair-the-line", "updated", "broken-line", ssh=key("stored_key"), shown=[PUBLIC["stored_key"]]),
    does("change-the-url", "updated", "url-with-user", **ARGO, **HTTPS),
    does("replace-the-public-key", "updated", "key-for-public-key", **FLUX, **SSH),
    does("replace-all-that-is-shown", "updated", "key-for-url", **ARGO, **ALONE),
    does("replace-the-username", "updated", "key-for-username", **HTTPS),
    does("replace-the-app", "updated", "key-for-app", **FLUX, github_app=APP),
    does("recreate-the-frozen", "recreated", "frozen", **SSH, recreate=True),
    does("own-the-managed", "updated", "helm", **SSH, take_ownership=True),
    dataclasses.replace(does("in-the-background", "created", **SSH), keywords={"async": 60, "poll": 1}),
    does("race-update", "updated", **SSH),
    does("race-create", "updated", **SSH),
    does("create-in-many-foreseen", "created", "many", **SSH, **MANY, foreseen=True),
    does("create-in-many", "created", "many", **SSH, **MANY, **SHOWN),
    does(
        "copy-in-many",
        "updated",
        "many",
        url=URL,
        credentials_from={"name": "source", "namespace": "{{ test_namespace }}"},
        **MANY,
    ),
    does("generate-in-many", "created", "many-generated", ssh={"generate": "ed25519"}, **MANY),
    reads("read-all-afterwards"),
    does("delete-the-foreign-foreseen", "deleted", "foreign", state="absent", foreseen=True),
    does("delete-the-foreign", "deleted", "foreign", state="absent"),
)

# What two namespaces share is shown once.
IN_TWINS: Sequence[Case] = (
    does("change-the-twins-foreseen", "updated", "foreign", **SSH, **ONE_DIFF, foreseen=True),
    does("change-the-twins", "updated", "foreign", **SSH, **ONE_DIFF),
    does("change-the-url-of-twins", "updated", "url-with-user", **ARGO, **HTTPS, **ONE_DIFF),
    does("replace-the-public-key-of-twins", "updated", "key-for-public-key", **FLUX, **SSH, **ONE_DIFF),
    does("replace-what-is-shown-of-twins", "updated", "key-for-url", **ARGO, **ALONE, **ONE_DIFF),
    does("own-the-twins", "updated", "helm", **SSH, **ONE_DIFF, take_ownership=True),
    does("delete-the-twins", "deleted", "foreign", **ONE_DIFF, state="absent"),
    fails("keep-the-frozen-twins", "The same in twin-", "frozen", **SSH, **TWINS),
)

# Before the tasks above change what is stored.
READS: Sequence[Case] = (
    reads("read-all", shown=[PUBLIC["stored_key"], PUBLIC["source_key"]]),
    reads("read-one", "foreign", shown=[PUBLIC["stored_key"]]),
    reads("read-in-many", namespaces=["{{ test_namespace }}*"]),
    reads("read-a-format", **FLUX),
    reads("read-an-app", "key-for-app", **FLUX),
    reads("read-a-username", "key-for-username"),
    reads("read-a-connection", "connection", shown=["octo"]),
    reads("read-a-url", "url-with-user", shown=[WEB]),
    reads("read-the-broken", "broken"),
    reads(
        "read-names-of-our-own", "foreign-https", format="custom", keys={"username": "password", "password": "username"}
    ),
    reading_fails("search-for-a-key", "", secret="{{ pasted_key }}"),
    reading_fails("fingerprint-is-a-key", "fingerprint[0] must be", fingerprint="{{ pasted_key }}"),
    reading_fails("search-is-a-key", "", search="{{ pasted_key }}", namespaces=["{{ pasted_key }}"]),
    reading_fails("selector-is-a-key", "", label_selector="{{ pasted_key }}"),
    reading_fails("part-is-a-key", "", format="custom", keys={"{{ pasted_key }}": "x"}),
)

URL_MUST = "url must be the URL of a Git repository"
BAD_INPUT: Sequence[Case] = (
    fails("user-in-url", URL_MUST, **{**HTTPS, "url": "https://octo:{{ url_password }}@git.example.com/a.git"}),
    fails("user-in-ssh-url", URL_MUST, **{**SSH, "url": "ssh://git:{{ url_password }}@git.example.com/a.git"}),
    fails("user-in-scp-url", URL_MUST, **{**SSH, "url": "git:{{ url_password }}@git.example.com:a.git"}),
    fails("user-in-url-of-another-kind", URL_MUST, **{**HTTPS, "url": "ftp://octo:{{ url_password }}@git.example.com"}),
    fails("slash-in-user-in-url", URL_MUST, **{**HTTPS, "url": "https://octo:{{ slash_password }}@git.example.com/a"}),
    fails("query-in-url", URL_MUST, **{**HTTPS, "url": f"{WEB}?private_token={{{{ query_token }}}}"}),
    fails("fragment-in-url", URL_MUST, **{**HTTPS, "url": f"{WEB}#{{{{ query_token }}}}"}),
    fails(
        "user-in-base-url",
        "base_url",
        **FLUX,
        github_app={**APP, "base_url": "https://octo:{{ url_password }}@git.example.com/api"},
    ),
    fails(
        "app-token-that-a-server-quotes",
        "github_app_token got no token.",
        github_app_token={**APP_TOKEN, "base_url": "http://{{ quoting_registry }}/api/v3"},
    ),
    fails(
        "app-token-without-answer",
        "gives no answer",
        github_app_token={**APP_TOKEN, "base_url": "http://127.0.0.1:1/api/v3"},
    ),
    fails(
        "app-token-misspelt", "is not an option of", github_app_token={**APP_TOKEN, "privat_key": "{{ misspelt_key }}"}
    ),
    fails("app-token-is-a-key", "", github_app_token="{{ typed_key }}"),
    fails("colon-in-username", 'must not contain ":"', https=login(username="octo:{{ colon_password }}")),
    fails("line-end-in-password", "contains a newline", https={**login(), "password": "{{ https_password }}\n"}),
    fails("bearer-and-password", "exclude each other", **FLUX, https=login(bearer_token="{{ bearer_token }}")),
    fails("two-kinds", "2 kinds of credential", **{**SSH, **HTTPS, "url": URL}),
    fails("wrong-passphrase", "does not open", ssh=key("protected_key", passphrase="{{ wrong_passphrase }}")),
    fails("passphrase-is-missing", "is protected by a passphrase", ssh=key("protected_key")),
    fails("passphrase-is-too-much", "has no passphrase", ssh=key(passphrase="{{ wrong_passphrase }}")),
    fails("cut-key", "is cut", ssh=key("cut")),
    fails("cut-key-inside", "is damaged", ssh=key("cut_inside")),
    fails("cut-key-in-a-file", "is cut", ssh={"private_key_file": "{{ inputs }}/cut-key"}),
    fails("cut-key-in-a-vaulted-file", "is cut", ssh={"private_key_file": "{{ inputs }}/vaulted-cut-key"}),
    fails("body-of-a-key", "must be one private key", ssh=key("body_alone")),
    fails("two-keys", "2 PEM blocks", ssh=key("twice")),
    fails("key-in-base64", "base64 of a PEM text", ssh={"private_key": "{{ refused_key | b64encode }}"}),
    fails("key-in-another-form", "does not read", ssh=key("refused_key")),
    fails("key-is-a-list", "", ssh={**key(), "private_key": ["{{ typed_key }}"]}),
    fails("key-is-a-mapping", "", ssh={**key(), "private_key": {"text": "{{ typed_key }}"}}),
    fails("hosts-are-a-list", "", ssh={**key(), "known_hosts": ["{{ typed_key }}"]}),
    fails("ssh-is-a-key", "", ssh="{{ typed_key }}"),
    fails("ssh-is-a-list", "", ssh=["{{ typed_key }}"]),
    fails("ssh-is-pairs", "", ssh="{{ ssh_text }}"),
    fails("ssh-is-json", "is not an option of", ssh="{{ ssh_json }}"),
    fails("https-is-a-password", "", https="{{ typed_password }}"),
    fails("password-is-a-mapping", "", https={"username": "a:b", "password": {"value": "{{ typed_password }}"}}),
    fails("number-as-password", f"https.password {AN_INTEGER}", https={"username": "o", "password": "{{ number }}"}),
    fails("number-as-bearer-token", f"https.bearer_token {AN_INTEGER}", **FLUX, https={"bearer_token": "{{ number }}"}),
    fails("number-as-passphrase", f"ssh.passphrase {AN_INTEGER}", ssh={**key(), "passphrase": "{{ number }}"}),
    fails("number-as-cookies", f"cookie_file {AN_INTEGER}", cookie_file="{{ number }}"),
    fails("number-misspelt", "is not an option of", https={"username": "octo", "pasword": "{{ number }}"}),
    fails("cookies-are-a-list", "", cookie_file=["{{ typed_key }}"]),
    fails("misspelt", "is not an option of", ssh={"privat_key": "{{ misspelt_key }}"}),
    fails("misspelt-password", "is not an option of", https={"username": "octo", "pasword": "{{ misspelt_password }}"}),
    fails("misspelt-on-top", "is not an option of", private_key="{{ misspelt_key }}"),
    fails("option-is-a-key", "has a name that no option can have", ssh={"{{ misspelt_key }}": "x"}),
    fails("option-is-a-token", "is not an option of", https="{{ mapping_with_a_token_as_option }}"),
    fails("scan-is-a-key", "", ssh={**key(), "scan_host_keys": "{{ pasted_key }}"}),
    fails("generate-is-a-key", "generate must be one of", ssh={"generate": "{{ pasted_key }}"}),
    fails("format-is-a-key", "format must be one of", **SSH, format="{{ pasted_key }}"),
    fails("format-is-a-line", "format must be one of", **SSH, format="{{ one_line }}"),
    *(
        fails(f"{where}-is-{what}", "", **given)
        for what in ("pasted_key", "one_line", "body")
        for where, given in {
            "url": {**SSH, "url": f"{{{{ {what} }}}}"},
            "ssh-url": {**SSH, "url": f"ssh://{{{{ {what} }}}}"},
            "known-hosts": {"ssh": {**key(), "known_hosts": f"{{{{ {what} }}}}"}},
            "file": {"ssh": {"private_key_file": f"{{{{ {what} }}}}"}},
            "fingerprints": {
                "url": URL,
                "ssh": {
                    "private_key": "{{ private_key }}",
                    "scan_host_keys": True,
                    "host_key_fingerprints": [f"{{{{ {what} }}}}"],
                },
            },
            "ca": {**FLUX, **HTTPS, "https": login(ca_certificate=f"{{{{ {what} }}}}")},
            "client-certificate": {
                **FLUX,
                "https": {"client_certificate": f"{{{{ {what} }}}}", "client_key": "{{ client_key }}"},
            },
            "app-id": {**FLUX, "github_app": {**APP, "id": f"{{{{ {what} }}}}"}},
            "app-owner": {
                **FLUX,
                "github_app": {"id": "1", "owner": f"{{{{ {what} }}}}", "private_key": "{{ app_key }}"},
            },
            **{
                f"app-token-{option}": {"github_app_token": {**APP_TOKEN, option: f"{{{{ {what} }}}}"}}
                for option in ("client_id", "installation_id", "private_key_file", "base_url", "permissions")
            },
            "app-token-repository": {"github_app_token": {**APP_TOKEN, "repositories": [f"{{{{ {what} }}}}"]}},
            "app-token-permission": {
                "github_app_token": {**APP_TOKEN, "permissions": {"contents": f"{{{{ {what} }}}}"}}
            },
            "base-url": {**FLUX, "github_app": {**APP, "base_url": f"{{{{ {what} }}}}"}},
            "label": {**SSH, "labels": {"x": f"{{{{ {what} }}}}"}},
            "owner": {**SSH, "owner": f"{{{{ {what} }}}}"},
            "namespace": {**SSH, "namespaces": [f"{{{{ {what} }}}}"]},
            "name": {**SSH, "secret": f"{{{{ {what} }}}}"},
            "source": {"url": URL, "credentials_from": {"name": f"{{{{ {what} }}}}"}},
            "data-key": {"format": "custom", "keys": {"private_key": f"{{{{ {what} }}}}"}, "ssh": key()},
            "setting": {**SSH, "format_options": {f"{{{{ {what} }}}}": "x"}},
        }.items()
    ),
    fails("username-is-a-key", "contains a newline", https=login(username="{{ pasted_key }}")),
    fails("hosts-with-a-key", "is a private key", ssh={**key(), "known_hosts": "{{ hosts_and_key }}"}),
    fails(
        "label-is-the-password",
        "labels contains a password",
        https=login("label_password"),
        labels={"x": "{{ label_password }}"},
    ),
    fails("annotation-is-the-password", "annotations contains", **HTTPS, annotations={"x": "at {{ https_password }}!"}),
    fails("annotation-is-a-line-of-the-key", "annotations contains", **SSH, annotations={"x": "{{ key_line }}"}),
    fails("annotation-is-the-key", "annotations contains", **SSH, annotations={"x": "{{ private_key }}"}),
    fails(
        "annotation-is-the-key-in-base64",
        "annotations contains",
        **SSH,
        annotations={"x": "{{ private_key | b64encode }}"},
    ),
    fails("owner-is-the-password", "owner contains", https=login("label_password"), owner="{{ label_password }}"),
    fails("name-is-the-password", "name contains", "{{ label_password }}", https=login("label_password")),
    fails(
        "description-is-the-password",
        "contains a password",
        format="jenkins",
        https=login(),
        format_options={"jenkins_description": "at {{ https_password }}!"},
    ),
    fails(
        "uri-is-the-password",
        "contains a password",
        format="openshift_build",
        https=login("label_password"),
        format_options={"openshift_match_uris": ["https://octo-{{ label_password }}.example/*"]},
    ),
    fails(
        "gpg-key-without-its-passphrase",
        "has a passphrase",
        format="flux_signing",
        gpg={"private_key": "{{ gpg_key }}"},
    ),
    fails(
        "gpg-key-for-ssh",
        "must be one private key",
        format="flux_signing",
        ssh={"private_key": "{{ gpg_key }}"},
    ),
    fails(
        "ssh-key-for-gpg",
        "must be one OpenPGP private key",
        format="flux_signing",
        gpg={"private_key": "{{ refused_key }}"},
    ),
    fails(
        "submodules-are-a-password",
        "must be a list of mappings",
        format="git_sync_env",
        https=login(),
        format_options={"git_sync_credentials": "{{ submodule_password }}"},
    ),
    fails(
        "submodule-with-a-wrong-key",
        "and nothing else",
        format="git_sync_env",
        https=login(),
        format_options={"git_sync_credentials": [{**SUBMODULE, "pasword": "{{ submodule_password }}"}]},
    ),
    fails(
        "submodule-with-a-password-in-its-url",
        "must be the URL of a Git repository",
        format="git_sync_env",
        https=login(),
        format_options={"git_sync_credentials": [{**SUBMODULE, "url": "https://octo:{{ url_password }}@a.example"}]},
    ),
    fails(
        "git-config-is-a-token",
        "must be the content of a Git configuration file",
        format="openshift_build",
        https=login(),
        format_options={"openshift_gitconfig": "{{ header_token }}"},
    ),
    fails(
        "sync-proxy-is-a-password",
        "must be the URL of a proxy",
        format="config_sync",
        https=login(),
        format_options={"config_sync_https_proxy": "{{ sync_proxy_password }}"},
    ),
    fails(
        "second-url-with-a-password",
        "must be the URL of a Git repository",
        format="tekton",
        **HTTPS,
        format_options={"tekton_urls": ["https://octo:{{ url_password }}@git.example.org"]},
    ),
    fails(
        "path-is-the-password",
        "contains a password",
        format="tekton",
        url="https://git.example.com/{{ label_password }}",
        https=login("label_password"),
        format_options={"tekton_path": True},
    ),
    fails(
        "type-is-the-password",
        "contains a password",
        format="custom",
        keys={"password": "p"},
        https={"password": "{{ label_password }}"},
        format_options={"custom_type": "{{ label_password }}"},
    ),
    fails(
        "data-key-is-the-password",
        "contains a password",
        format="custom",
        keys={"password": "{{ label_password }}"},
        https={"password": "{{ label_password }}"},
    ),
    fails(
        "url-is-the-password",
        "contains a password",
        format="tekton",
        url="https://{{ label_password }}.example",
        https=login("label_password"),
    ),
    fails(
        "custom-key-is-the-password",
        "contains a password",
        format="custom",
        keys={"password": "p"},
        https={"password": "{{ label_password }}"},
        format_options={"custom_secrets": "{{ mapping_with_the_password_as_key }}"},
    ),
    fails(
        "empty-key-is-the-password",
        "contains a password",
        format="custom",
        keys={"password": "p"},
        https={"password": "{{ label_password }}"},
        format_options={"custom_empty_keys": ["{{ label_password }}"]},
    ),
    fails(
        "jenkins-key-is-the-password",
        "contains a password",
        format="jenkins",
        https=login("label_password"),
        format_options={"jenkins_keys": {"password": "{{ label_password }}"}},
    ),
    fails(
        "label-is-the-webhook-secret",
        "annotations contains",
        **HOOK,
        https={"password": "{{ https_password }}"},
        annotations={"x": "{{ webhook_secret }}"},
    ),
    fails(
        "number-as-webhook-secret",
        AN_INTEGER,
        format="pipelines_as_code",
        https={"password": "{{ https_password }}"},
        format_options={"pipelines_as_code_webhook_secret": "{{ number }}"},
    ),
    fails(
        "number-as-custom-secret",
        AN_INTEGER,
        format="custom",
        keys={"password": "p"},
        https={"password": "{{ https_password }}"},
        format_options={"custom_secrets": {"a": "{{ number }}"}},
    ),
    *(
        fails(
            f"custom-{where}-is-{what}",
            "",
            format="custom",
            keys={"password": "p"},
            https={"password": "{{ https_password }}"},
            format_options=given,
        )
        for what in ("pasted_key", "one_line", "body")
        for where, given in {
            "secrets": {"custom_secrets": f"{{{{ {what} }}}}"},
            "empty-key": {"custom_empty_keys": [f"{{{{ {what} }}}}"]},
        }.items()
    ),
    fails("keep-the-stored-lines", "is not what format git_credentials writes", "stored-lines", **STORE, **HTTPS),
    fails("copy-the-stored-lines", "holds no Git credential", **FLUX, credentials_from={"name": "stored-lines"}),
    fails("change-the-frozen", "is immutable", "frozen", **SSH),
    fails("change-the-managed", "is managed by Helm", "helm", **SSH),
    fails("change-the-type", "has the type Opaque", "foreign", format="tekton", **SSH),
    fails("keep-the-broken", "cannot be read", "broken", ssh={"generate": "ed25519"}),
    fails("copy-the-broken", "", url=URL, credentials_from={"name": "broken"}),
    fails("copy-what-has-a-key-for-hosts", "", **FLUX, url=URL, credentials_from={"name": "key-for-public-key"}),
    fails("copy-what-has-a-key-for-an-id", "", **FLUX, credentials_from={"name": "key-for-app"}),
    fails("copy-what-has-a-key-for-a-user", "", credentials_from={"name": "key-for-username"}),
    fails("foreign-keys-for-vendir", "does not know and refuses", "foreign", format="vendir", **SSH),
    fails(
        "nobody-to-scan",
        "got no host key",
        url="ssh://git@127.0.0.1:1/a.git",
        ssh={"private_key": "{{ private_key }}", "scan_host_keys": True},
    ),
    fails(
        "other-fingerprints",
        "has none of the server's keys",
        url="{{ git_server.url }}",
        ssh={
            "private_key": "{{ private_key }}",
            "scan_host_keys": True,
            "host_key_fingerprints": ["SHA256:" + "A" * 43],
        },
    ),
    fails(
        "google-key-is-cut",
        "format_options.argocd_gcp_service_account_key must be the key of a Google service account.",
        **ARGO,
        url=WEB,
        format_options=google("google_cut"),
    ),
    fails(
        "client-id-is-the-secret",
        "format_options.argocd_azure_service_principal_client_id must be an ID",
        **ARGO,
        url=WEB,
        format_options={
            **AZURE,
            **AZURE_SECRET,
            "argocd_azure_service_principal_client_id": "{{ azure_secret }}",
        },
    ),
    fails("server-says-the-object", WITHHELD, **SSH),
    fails("server-says-the-config", WITHHELD, **FLUX, ssh=key("protected_key", passphrase="{{ passphrase }}")),
    fails("server-says-a-part", WITHHELD, **SSH),
    fails("server-says-a-line", WITHHELD, **SSH),
    fails("server-says-the-generated", WITHHELD, "server-says-the-object", ssh={"generate": "ed25519"}),
    fails("server-says-the-cookies", WITHHELD, "server-says-a-part", cookie_file="{{ cookies }}"),
    fails("server-says-the-store", WITHHELD, "server-says-the-config", **STORE, **HTTPS),
    fails("server-says-a-part-of-the-store", WITHHELD, "server-says-a-part", **STORE, **HTTPS),
    fails(
        "server-says-the-webhook-secret",
        WITHHELD,
        "server-says-the-config",
        **HOOK,
        https={"password": "{{ https_password }}"},
    ),
    fails(
        "server-says-the-proxy",
        WITHHELD,
        "server-says-the-config",
        **ARGO,
        **HTTPS,
        format_options={"argocd_proxy": "http://octo:{{ argocd_proxy_password }}@127.0.0.1:1"},
    ),
    fails("server-says-the-connection", WITHHELD, "server-says-the-object", **AIRFLOW, **ALONE),
    fails("server-says-the-connection-with-a-password", WITHHELD, "server-says-the-object", **AIRFLOW, **HTTPS),
    fails(
        "server-says-the-submodules",
        WITHHELD,
        "server-says-the-config",
        format="git_sync_env",
        https=login(),
        format_options={"git_sync_credentials": [SUBMODULE]},
    ),
    fails("server-says-the-object-in-many", WITHHELD, "server-says-the-object", **SSH, **MANY),
    fails("server-says-what-it-has", WITHHELD, state="absent"),
)

# Of what is refused, that which is told by Ansible and by the API server: there the two ways of execution differ.
BOTH_WAYS = re.compile(
    "^number-|misspelt|user-in-url|colon-in|wrong-passphrase|cut-key-in|key-is-a|ssh-is|is-a-password|is-a-mapping|option-is"
    "|scan-is|generate-is|format-is|(url|fingerprints|app-id|name|namespace|owner|data-key|setting)-is-pasted"
    "|submodule|annotation-is-the-key$|description-is|keep-the-broken|other-fingerprints|server-says"
)
BRIEFLY = re.compile(
    "create$|file|webhook$|custom-secrets|vaulted|opened|protected|generate$|scan|user-is|bearer|client-c|cookies|web-token|app$|proxy-in|copy-the-g"
    "|key-in-a-c|submodules|git-config|sync-proxy|gpg-key$|azure-identity$|aws-for"
)
CASES = (*(case for case in BAD_INPUT if BOTH_WAYS.search(case.name)), *READS, *SUCCESSES, *IN_TWINS)

GIT_SECRETS = Suite(
    module=NAME,
    canaries=CANARIES,
    variables=VARIABLES,
    files=FILES,
    existing=EXISTING,
    cases=CASES,
    in_process=[case for case in BAD_INPUT if not BOTH_WAYS.search(case.name)],
    without_diff=[case for case in SUCCESSES if BRIEFLY.match(case.name)],
    arriving=(
        "private_key",
        "file_key",
        "vault_key",
        "inline_key",
        "protected_key",
        "passphrase",
        "source_key",
        "app_key",
        "client_key",
        "gpg_key",
        "bearer_token",
        "cookie",
        "same_password",
        "user_token",
        "web_token",
        "expired_web_token",
        "argocd_proxy_password",
        "webhook_secret",
        "custom_secret",
        "sync_proxy_password",
        "submodule_password",
        "header_token",
        "azure_secret",
        "aws_secret",
    ),
    logged=("create", "misspelt", "key-is-a-list", "ssh-is-a-key", "proxy-in-data", "cut-key", "read-all", "app"),
)
