# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks for the APIs of portals with secrets in and around them, and portals that repeat what they get.

What a task is given is written here with the names of the variables. VARIABLES are their values, FILES lie in the
folder ``inputs``, and the portals hold secrets of their own.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from support.canary import Canary, auth, canary, find_leaks, key_canary, number_canary
from support.control_plane import pki
from support.leaks.suite import Case, Unsafe, Vaulted
from support.leaks.world import VAULT_PASSWORD_FILE, VariablesDumper, World
from support.portals.ecp import OWN_REGISTRY, PullSecret, RegistryUser
from support.portals.portal import portal_on_loopback
from support.portals.sap import Repository, Wait
from support.portals.talkative import ESCAPES, TalkativeEcp, TalkativeSap
from support.servers.odd_registry import quoting_registry

DOCKER, GIT = "sap_ai_core_docker_registry_secret", "sap_ai_core_git_repository"
PULL, USER = "cdnetworks_ecp_image_pull_secret", "cdnetworks_ecp_registry_user"
_VAULT_PASSWORD = "vault-pass-of-the-test"


def user_canary(name: str) -> Canary:
    """A new canary by the rules for the passwords of registry users."""
    text = secrets.token_hex(8)
    return Canary(name, f"Aa1{text}", (text,))


CANARIES: Mapping[str, Canary] = {
    # logins
    "client_secret": canary("client secret of a service key"),
    "broken_secret": canary("client secret in JSON with a syntax error", awkward="-"),
    "lonely_secret": canary("client secret of a service key that lacks a field"),
    "access_token": canary("access token", awkward="."),
    "api_key": canary("API key", awkward="-$%"),
    "wrong_api_key": canary("API key that is not accepted", awkward="-"),
    "proxy_password": canary("password of a proxy", awkward="-%C3%BC"),
    "url_password": canary("password in a URL", awkward="-"),
    # registries
    "registry_password": canary("password of a registry", user="octo"),
    "rotated_password": canary("rotated password of a registry", user="octo"),
    "awkward_password": canary("password that templates and JSON change", awkward="\\\"' {{ x }} ü\n\t{%", user="octo"),
    "long_password": canary("password of 10 KB", awkward="x" * 10_000, user="octo"),
    "config_password": canary("password in docker_config", user="ada"),
    "auth_password": canary("password in an auth", user="ada"),
    "file_password": canary("password in docker_config_file", user="ada"),
    "identity_token": canary("identitytoken in docker_config"),
    "minting_secret": canary("client_secret in preset_options"),
    "plain_password": canary("password that fits anywhere", awkward="", user="octo"),
    "misspelt": canary("secret under a wrong option"),
    "misplaced": canary("token of GitHub in the wrong option", awkward="", prefix="ghp_"),
    "typed": canary("secret of a wrong type"),
    "number": number_canary("secret that is a number"),
    # Git
    "git_token": canary("token of a Git server", awkward="-", user="octo"),
    "git_awkward": canary("token with quotes", awkward="'\"\\{{ü", user="octo"),
    # registry users
    "user_password": user_canary("password of a registry user"),
    "new_user_password": user_canary("new password of a registry user"),
    # what the portals have
    "stored_password": canary("password that ECP has stored", user="ada"),
    "other_password": canary("password of another stored pull secret", user="ada"),
    "shown_password": canary("password in other fields of a stored pull secret", awkward="-"),
    "stored_user_password": user_canary("stored password of a registry user"),
    "stored_git_password": canary("user information in the URL of a stored repository", awkward="-"),
    # roles for portals
    "role_password": canary("password in the list of a role", user="octo"),
    "role_token": canary("token in the list of a role", awkward="-", user="octo"),
    "role_user_password": user_canary("password of a user in the list of a role"),
}


def secret(name: str) -> str:
    return CANARIES[name].text


def entry(name: str, **more: Any) -> dict[str, Any]:
    """An entry of a docker config with this canary as password."""
    return {"username": "ada", "password": secret(name), "auth": auth("ada", secret(name)), **more}


VARIABLES: dict[str, Any] = {
    **{name: known.text for name, known in CANARIES.items()},
    "awkward_password": Unsafe(secret("awkward_password")),
    "git_awkward": Unsafe(secret("git_awkward")),
    "number": int(secret("number")),
    "config_mapping": {"auths": {"config.example": entry("config_password", identitytoken=secret("identity_token"))}},
    "config_json": json.dumps({"auths": {"auth.example": {"auth": auth("ada", secret("auth_password"))}}}),
    "config_cut": json.dumps({"auths": {"cut.example": entry("config_password")}})[:-2],
}
FILES: Mapping[str, str] = {"config.json": json.dumps({"auths": {"file.example": entry("file_password")}})}


# The portals


@dataclass(frozen=True)
class TalkativePortals:
    """The portals: a tenant with a client secret, one with a certificate, one whose token service refuses, and ECP.

    ``registry`` is the location of a registry that quotes passwords.
    """

    sap: TalkativeSap
    certified: TalkativeSap
    refusing: TalkativeSap
    ecp: TalkativeEcp
    registry: str

    def canaries(self) -> list[Canary]:
        """Return the secrets that came up while tasks ran."""
        return self.ecp.signatures()

    def arrived(self) -> bytes:
        """Return all that the portals got, and what they have stored."""
        bodies = [body for portal in (self.sap, self.certified, self.refusing, self.ecp) for body in portal.bodies]
        return b"\n".join(bodies)


@contextmanager
def talkative_portals(directory: Path) -> Iterator[TalkativePortals]:
    """Serve the portals, with what they have stored."""
    token, client_secret = secret("access_token"), secret("client_secret")
    with ExitStack() as stack:
        sap, refusing = (
            stack.enter_context(
                portal_on_loopback(
                    TalkativeSap(token=token, client_secret=client_secret, login_says=login_says), "sap", None
                )
            )
            for login_says in (False, True)
        )
        # Its certificate is not asked for: whoever has the key of the service key gets a token.
        certified = stack.enter_context(
            portal_on_loopback(TalkativeSap(token=token, is_open=True), "certified", directory)
        )
        certified.client_pair = pki.issue_client(pki.make_authority("clients"), certified.client_id)
        certified.cert_url = certified.url
        ecp = TalkativeEcp(accounts={"ecp-admin": secret("api_key")}, admins={"ecp-admin"}, children={"4711"})
        stack.enter_context(portal_on_loopback(ecp, "ecp", None))
        _store(sap, ecp)
        registry = stack.enter_context(quoting_registry())
        yield TalkativePortals(sap, certified, refusing, ecp, registry.location)


def _store(sap: TalkativeSap, ecp: TalkativeEcp) -> None:
    """Put into the portals what others have stored there."""
    done = Wait(0, 0)
    managed = f"Auto created for ECP registry user {secret('other_password')}"
    url = f"https://octo:{secret('stored_git_password')}@git.example.com/team/app.git"
    odd = f"https://git.example.com/{ESCAPES}{quote(secret('client_secret'))}/{secret('access_token')}.git"
    sap.repositories["stored"] = Repository(url, "octo", "x", "COMPLETED", done, "COMPLETED")
    sap.repositories["odd-url"] = Repository(odd, "octo", "x", "COMPLETED", done, f"ERROR {secret('access_token')}")
    sap.secrets["stored"] = "{}"
    shown = secret("shown_password")
    stored = {
        "foreign": {"password": secret("stored_password")},
        "rotated": {"password": secret("other_password")},
        "talks": {
            "password": shown,
            "registry": f"https://ada:{shown}@registry.example.com",
            "description": f"{ESCAPES}the password is {shown} {base64.b64encode(shown.encode()).decode()}",
        },
        "named": {"password": shown, "username": shown},
        "managed": {"password": secret("other_password"), "description": managed},
    }
    for number, (name, fields) in enumerate(stored.items()):
        values: dict[str, Any] = {"registry": "registry.example.com", "username": "ada", "description": "", **fields}
        ecp.own.secrets[f"id-{number}"] = PullSecret(f"id-{number}", name, **values)
    password, username = secret("stored_user_password"), "stored-0001"
    access = {"myproject1": "readonly"}
    ecp.own.users[1] = RegistryUser(
        1, "stored", username, password, "ada@example.com", ESCAPES[:14], access, "ecp-admin"
    )
    description = f"Auto created for ECP registry user {username}"
    ecp.own.secrets["id-user"] = PullSecret(
        "id-user", username, OWN_REGISTRY, username, password, description=description, user=1
    )


def build_portal_world(portals: TalkativePortals, inputs: Path) -> World:
    """Write what the tasks are given. Fails when a canary is nowhere, because a search for it would prove nothing."""
    inputs.mkdir()
    key = portals.sap.service_key()
    x509 = portals.certified.x509_service_key()
    broken = json.dumps({**key, "clientsecret": secret("broken_secret")})
    lonely = {name: value for name, value in key.items() if name != "serviceurls"}
    vault = VaultLib([("default", VaultSecret(_VAULT_PASSWORD.encode()))])
    files = {
        **FILES,
        "key.json": json.dumps(key),
        "key.vault": vault.encrypt(json.dumps(key)).decode(),
        "broken.json": f"{broken[:-1]},",
        VAULT_PASSWORD_FILE: _VAULT_PASSWORD,
    }
    for name, text in files.items():
        (inputs / name).write_text(text)
    account = portals.ecp.account()
    variables = {
        **VARIABLES,
        "inputs": str(inputs),
        "quoting_registry": portals.registry,
        "sap_key": key,
        "sap_key_json": json.dumps(key),
        "sap_key_vaulted": Vaulted(vault.encrypt(json.dumps(key)).decode()),
        "sap_key_wrapped": {"credentials": key},
        "sap_key_x509": x509,
        "sap_key_x509_lines": {**x509, "key": x509["key"].replace("\n", "\\n")},
        "sap_ca": portals.certified.ca_cert,
        "sap_key_refused": portals.refusing.service_key(),
        "sap_key_broken": f"{broken[:-1]},",
        "sap_key_lonely": {**lonely, "clientsecret": secret("lonely_secret")},
        "sap_key_list": {**key, "clientsecret": [secret("lonely_secret")]},
        "sap_key_number": {**key, "clientsecret": int(secret("number"))},
        "sap_key_with_user": {**key, "url": f"https://octo:{secret('url_password')}@sap.example.com"},
        "sap_key_with_secret_url": {**key, "serviceurls": {"AI_API_URL": secret("client_secret")}},
        "ecp_account": account,
        "ecp_account_wrong": {**account, "api_key": secret("wrong_api_key")},
        "ecp_account_user": {**account, "user": secret("api_key")},
        "ecp_account_customer": {**account, "on_behalf_of": secret("api_key")},
        "ecp_account_url": {**account, "url": f"https://octo:{secret('url_password')}@ecp.example.com"},
        "ecp_account_text": f"user=ecp-admin api_kye={secret('misspelt')}",
        "ecp_account_number": {**account, "api_key": int(secret("number"))},
    }
    (inputs / "variables.yml").write_text(
        yaml.dump(variables, Dumper=VariablesDumper, allow_unicode=True, width=10_000)
    )
    canaries = [*CANARIES.values(), key_canary("key of an X.509 service key", x509["key"])]
    there = {path.name: path.read_bytes() for path in inputs.iterdir()}
    there["portals"] = repr(
        [portals.sap.repositories, [vars(each) for each in portals.ecp.own.secrets.values()]]
    ).encode()
    missing = [known.name for known in canaries if not find_leaks(there, [known])]
    assert not missing, missing
    return World(DOCKER, inputs, {}, canaries)


# The cases


def render_portal_case(case: Case) -> dict[str, Any]:
    """The arguments of a case, with its name and a login where it has none of its own."""
    is_sap = case.module.startswith("sap_ai_core")
    login = {"service_key": "{{ sap_key }}"} if is_sap else {"account": "{{ ecp_account }}"}
    if {"service_key", "service_key_file", "account"} & set(case.arguments):
        login = {}
    name = {"username_prefix" if case.module == USER else "name": case.secret} if case.secret else {}
    return {**login, **name, **case.arguments}


def _case(module: str, given: Mapping[str, Any], name: str, operation: str, more: Mapping[str, Any]) -> Case:
    options = dict(more)
    fields = {field: options.pop(field) for field in ("message", "shown") if field in options}
    foreseen = options.pop("foreseen", False)
    resource = options.pop("resource", name)
    absent = {} if "state" in options else given
    arguments = {**absent, **options}
    return Case(name, resource, operation, arguments, keywords={"check_mode": foreseen}, module=module, **fields)


GHCR = {"server": "ghcr.io", "username": "octo", "password": "{{ registry_password }}"}
REPOSITORY: Mapping[str, Any] = {
    "url": "https://git.example.com/team/app.git",
    "username": "octo",
    "password": "{{ git_token }}",
}
ACCESS = [{"project": "myproject1", "access_type": "readonly"}]
USER_OPTIONS: Mapping[str, Any] = {
    "password": "{{ user_password }}",
    "email": "web@example.com",
    "projects_access": ACCESS,
}
SAME_USER: Mapping[str, Any] = {"password": "{{ stored_user_password }}", "email": None, "projects_access": None}
SAP_GONE: Mapping[str, Any] = {"state": "absent", "in_use": "ignore"}


def docker(case: str, operation: str = "failed", /, **more: Any) -> Case:
    return _case(DOCKER, {} if "docker_config" in more else {"registries": [GHCR]}, case, operation, more)


def git(case: str, operation: str = "failed", /, **more: Any) -> Case:
    url = f"https://git.example.com/team/{more.get('resource', case)}.git"
    return _case(GIT, {**REPOSITORY, "url": url}, case, operation, more)


def pull(case: str, operation: str = "failed", /, **more: Any) -> Case:
    return _case(PULL, {"registry": GHCR}, case, operation, more)


def user(case: str, operation: str = "failed", /, **more: Any) -> Case:
    return _case(USER, USER_OPTIONS, case, operation, more)


def registry(**changed: Any) -> dict[str, Any]:
    return {"registry": {**GHCR, **changed}}


def info(module: str, case: str, operation: str = "read", /, **more: Any) -> Case:
    return _case(f"{module}_info", {}, case, operation, {"resource": "", **more})


_OWN = {"resource": "own"}
VERIFY: Mapping[str, Any] = {"verify": True, "verify_plain_http": ["{{ quoting_registry }}"]}
PROXY = "http://octo:{{ proxy_password }}@127.0.0.1:1"
_ACR = {"name": "acme", "tenant_id": "", "client_id": "b", "client_secret": "{{ minting_secret }}"}

# In both ways of execution: each operation of each module, and what Ansible itself refuses.
BOTH_WAYS: Sequence[Case] = (
    docker("docker-create-foreseen", "created", foreseen=True, **_OWN),
    docker("docker-create", "created", shown=('"account": "acme-tenant"', "http://127.0.0.1:", "octo"), **_OWN),
    docker(
        "docker-update",
        "updated",
        registries=[{**GHCR, "password": "{{ awkward_password }}"}],
        docker_config="{{ config_mapping }}",
        service_key="{{ sap_key_vaulted }}",
        **_OWN,
    ),
    docker("docker-delete", "deleted", service_key_file="{{ inputs }}/key.vault", **SAP_GONE, **_OWN),
    docker("docker-says-values", resource="says-values", message="answers 400"),
    docker("docker-misspelt", message="is not an option of", pasword="{{ misspelt }}"),
    docker("docker-typed", message="must be a string", registries=[{**GHCR, "password": ["{{ typed }}"]}]),
    docker("docker-broken-key", message="service_key", service_key="{{ sap_key_broken }}"),
    info(DOCKER, "docker-list", shown=('"stored"',)),
    git("git-create", "created", shown=("https://git.example.com/team/own.git",), **_OWN),
    git("git-update", "updated", password="{{ git_awkward }}", **_OWN),
    git("git-says-login", resource="says-login", message="answers 400"),
    info(GIT, "git-list", shown=("git.example.com/team/app.git",)),
    pull("pull-create-foreseen", "created", foreseen=True, **_OWN),
    pull("pull-create", "created", shown=('"account": "ecp-admin"', "ghcr.io"), **_OWN),
    pull("pull-update", "updated", resource="rotated", registry={**GHCR, "server": "registry.example.com"}),
    pull("pull-says-values", resource="says-values", message="answers 400"),
    pull("pull-misspelt", message="is not an option of", account={"user": "a", "api_kye": "{{ misspelt }}"}),
    info(PULL, "pull-details", details=True, shown=('"foreign"', "registry.example.com")),
    user("user-create", "created", resource="web", shown=("web@example.com",)),
    user(
        "user-password", "updated", username="stored-0001", resource="", email="ada@example.com", shown=("stored-0001",)
    ),
    user("user-says-values", resource="says-values", message="answers 400"),
    user("user-typed", message="must be a string", password=["{{ typed }}"]),
    info(USER, "user-list", shown=("stored-0001",)),
)

_SAYING = (
    "login", "body", "values", "halves", "json", "repr", "html", "url", "base64", "base64-of-body", "sha256",
    "reversed", "upper", "much", "escapes",
)  # fmt: skip


def _talking() -> Iterator[Case]:
    """Yield a case for each thing that a portal may say, by each module that writes."""
    for what in _SAYING:
        refusal = {"resource": f"says-{what}", "message": "answers 400"}
        yield docker(f"docker-says-{what}", **refusal)
        yield git(f"git-says-{what}", **refusal)
        yield pull(f"pull-says-{what}", **refusal)
        if len(what) < 11:
            yield user(f"user-says-{what}", **refusal)


# In Ansible's own process alone, as a process of their own makes no difference to them.
IN_PROCESS: Sequence[Case] = (
    *_talking(),
    # The rest of what a docker config may come from
    docker("docker-json", "created", docker_config="{{ config_json }}", docker_config_servers=["auth.example"]),
    docker("docker-file", "created", docker_config_file="{{ inputs }}/config.json"),
    docker("docker-cut", message="docker_config", docker_config="{{ config_cut }}"),
    docker("docker-long", "created", registries=[{**GHCR, "password": "{{ long_password }}"}]),
    docker("docker-says-much-of-it", resource="says-values", registries=[{**GHCR, "password": "{{ long_password }}"}]),
    docker("docker-says-awkward", resource="says-body", registries=[{**GHCR, "password": "{{ awkward_password }}"}]),
    docker(
        "docker-base64-awkward", resource="says-base64", registries=[{**GHCR, "password": "{{ awkward_password }}"}]
    ),
    docker(
        "docker-user-is-the-password",
        "created",
        registries=[{**GHCR, "username": "{{ plain_password }}", "password": "{{ plain_password }}"}],
    ),
    docker("docker-unminted", registries=[{"preset": "acr", "preset_options": _ACR}], message="preset_options"),
    docker("docker-when-given", message="when_given", update_credentials="when_given"),
    docker("docker-purge", message="purge_registries", purge_registries=True),
    docker("docker-absent-registry", message="state=absent", registries=[{**GHCR, "state": "absent"}]),
    docker("docker-kept", "kept", resource="stored", update_credentials="on_create"),
    docker("docker-sends", "created", resource="sends-login"),
    docker("docker-leads", resource="leads-values", message="redirect"),
    docker("docker-reads", resource="reads-login", message="answers 400"),
    docker(
        "docker-verify", registries=[{**GHCR, "server": "{{ quoting_registry }}"}], message="no token (401)", **VERIFY
    ),
    pull("pull-verify", message="no token (401)", **registry(server="{{ quoting_registry }}"), **VERIFY),
    git(
        "git-verify", "created", url="https://localhost:1/a.git", verify=True, verify_timeout=2, shown=("unreachable",)
    ),
    docker("docker-name", resource="{{ plain_password }}", registries=[{**GHCR, "password": "{{ plain_password }}"}]),
    docker("docker-odd-name", resource="{{ registry_password }}", message="name"),
    docker(
        "docker-image",
        images=["{{ plain_password }}/a"],
        registries=[{**GHCR, "password": "{{ plain_password }}"}],
        message="images",
    ),
    docker("docker-server", registries=[{**GHCR, "server": "https://octo:{{ url_password }}@ghcr.io"}]),
    # Service keys
    docker("key-json", "created", service_key="{{ sap_key_json }}"),
    docker("key-wrapped", "created", service_key="{{ sap_key_wrapped }}"),
    docker("key-file", "created", service_key_file="{{ inputs }}/key.json"),
    docker("key-broken-file", message="service_key_file", service_key_file="{{ inputs }}/broken.json"),
    docker("key-in-place-of-its-file", service_key_file="{{ sap_key_json }}", message="service_key_file"),
    docker("key-lonely", service_key="{{ sap_key_lonely }}", message="has no serviceurls.AI_API_URL"),
    docker("key-list", service_key="{{ sap_key_list }}", message="clientsecret must be a string"),
    docker("key-number", service_key="{{ sap_key_number }}", message="clientsecret must be a string"),
    docker("key-with-user", service_key="{{ sap_key_with_user }}"),
    docker("key-with-secret-url", service_key="{{ sap_key_with_secret_url }}"),
    docker("key-refused", service_key="{{ sap_key_refused }}", message="does not accept the service key (401)"),
    docker("key-secret-alone", service_key="{{ client_secret }}", message="service_key"),
    docker("key-in-docker-config", docker_config="{{ sap_key }}", message="docker_config"),
    docker("key-x509", "created", service_key="{{ sap_key_x509 }}", ca_cert="{{ sap_ca }}"),
    docker("key-x509-lines", "created", service_key="{{ sap_key_x509_lines }}", ca_cert="{{ sap_ca }}"),
    docker("key-x509-says", resource="says-login", service_key="{{ sap_key_x509 }}", ca_cert="{{ sap_ca }}"),
    docker("key-x509-unknown-ca", service_key="{{ sap_key_x509 }}", message="ertificate"),
    docker("key-as-ca", ca_cert="{{ client_secret }}", message="ca_cert"),
    docker("other-server", expect_server="https://octo:{{ url_password }}@sap.example.com"),
    docker("docker-proxy", proxy=PROXY, message="Cannot reach the proxy"),
    pull("pull-proxy", proxy=PROXY, message="Cannot reach the proxy"),
    docker("docker-odd-proxy", proxy="octo:{{ proxy_password }}@127.0.0.1:1"),
    docker("docker-no-proxy", "created", proxy=PROXY, no_proxy="127.0.0.1"),
    # Git repositories
    git("git-stored", resource="stored", message="has the URL"),
    git("git-other-url", resource="odd-url", password="{{ plain_password }}", message="has the URL"),
    git("git-delete", "deleted", resource="stored", **SAP_GONE),
    git("git-url-with-user", url="https://octo:{{ git_token }}@git.example.com/a", message="url"),
    git("git-url-with-token", url="https://git.example.com/{{ git_token }}/a", message="url contains a"),
    git("git-name", resource="{{ plain_password }}", password="{{ plain_password }}", message="name contains a"),
    git("git-user-is-the-password", "created", username="{{ git_token }}"),
    git("git-token-of-elsewhere", "created", password="{{ misplaced }}", message=""),
    git("git-token-as-user", "created", username="{{ misplaced }}", message=""),
    git("git-long", "created", password="{{ long_password }}"),
    git("git-lines", password="{{ awkward_password }}", message="password"),
    git("git-sends", "created", resource="sends-login"),
    git("git-leads", resource="leads-values", message="redirect"),
    git("git-reads", resource="reads-login", message="answers 400"),
    git("git-colon", username="octo:{{ git_token }}", message="username"),
    info(GIT, "git-name-is-a-key", "failed", name="{{ client_secret }}", message="name"),
    info(DOCKER, "docker-name-is-a-key", "failed", name="{{ client_secret }}"),
    info(DOCKER, "docker-refused", "failed", service_key="{{ sap_key_refused }}"),
    # Pull secrets of ECP
    info(PULL, "pull-one", name="talks", details=True, shown=("registry.example.com", "the password is ********")),
    pull(
        "pull-again",
        "unchanged",
        resource="foreign",
        registry={"server": "registry.example.com"},
        update_credentials="when_given",
    ),
    pull(
        "pull-user",
        "updated",
        resource="foreign",
        registry={"server": "registry.example.com", "username": "octo"},
        update_credentials="when_given",
    ),
    pull("pull-other-registry", resource="foreign", message="is for"),
    pull("pull-recreate", "recreated", resource="foreign", recreate=True),
    pull("pull-talks", "updated", resource="talks", registry={**GHCR, "server": "registry.example.com"}),
    pull("pull-named", "updated", resource="named", registry={**GHCR, "server": "registry.example.com"}),
    pull("pull-managed", resource="managed", message="belongs to a registry user"),
    pull("pull-delete", "deleted", resource="named", state="absent"),
    pull("pull-description", description="mine is {{ registry_password }}", message="description"),
    pull("pull-description-of-key", description="{{ api_key }}", message="description"),
    pull(
        "pull-name",
        resource="{{ plain_password }}",
        registry={**GHCR, "password": "{{ plain_password }}"},
        message="name",
    ),
    pull("pull-misspelt-registry", registry={**GHCR, "passwrod": "{{ misspelt }}"}, message="is not an option of"),
    pull("pull-text", registry="{{ typed }}", message="registry"),
    pull("pull-long", "created", registry={**GHCR, "password": "{{ long_password }}"}),
    pull("pull-awkward", "created", registry={**GHCR, "password": "{{ awkward_password }}"}, message=""),
    pull("pull-says-awkward", resource="says-json", registry={**GHCR, "password": "{{ awkward_password }}"}),
    pull("pull-sends", "created", resource="sends-login"),
    pull("pull-sends-its-id", "created", resource="sends-values", **registry(password="{{ plain_password }}")),
    pull("pull-leads", resource="leads-login", message="redirect"),
    pull("pull-reads", resource="reads-login", message="answers 400"),
    pull("pull-wrong-key", account="{{ ecp_account_wrong }}", message="401"),
    pull("pull-key-as-user", account="{{ ecp_account_user }}"),
    pull("pull-key-as-customer", account="{{ ecp_account_customer }}"),
    pull("pull-url", account="{{ ecp_account_url }}"),
    pull("pull-account-text", account="{{ ecp_account_text }}"),
    pull("pull-account-number", account="{{ ecp_account_number }}", message="must be a string"),
    pull("pull-token", "created", registry={**GHCR, "username": "{{ misplaced }}"}, message=""),
    info(PULL, "pull-list", search="foreign", shown=('"foreign"',)),
    info(PULL, "pull-search-of-key", search="{{ api_key }}"),
    info(PULL, "pull-reads-login", "failed", name="reads-login", message="answers 400"),
    info(PULL, "pull-name-is-a-key", "failed", name="{{ api_key }}", message="name"),
    # Registry users of ECP
    user("user-again", "unchanged", username="stored-0001", resource="", **SAME_USER),
    user("user-new-password", "updated", username="stored-0001", resource="", password="{{ new_user_password }}"),
    user("user-prefix", resource="{{ user_password }}", message="username_prefix"),
    user("user-text", description="{{ user_password }}", message="description"),
    user("user-email", email="{{ user_password }}@example.com", message="email"),
    user(
        "user-project",
        projects_access=[{"project": "{{ user_password }}", "access_type": "readonly"}],
        message="project",
    ),
    user(
        "user-access", projects_access=[{"project": "a", "access_type": "{{ plain_password }}"}], message="access_type"
    ),
    user("user-weak", password="{{ registry_password }}", message="password is not one"),
    user("user-wrong-key", account="{{ ecp_account_wrong }}", message="401"),
    user("user-sends", "created", resource="sends-login", email="sends@example.com"),
    user("user-leads", resource="leads-values", message="redirect"),
    user("user-reads", resource="reads-login", message="answers 400"),
    user("user-delete", "deleted", username="stored-0001", resource="", state="absent"),
    info(USER, "user-search-of-key", search="{{ api_key }}"),
    info(USER, "user-name-is-a-key", "failed", username="{{ api_key }}", message="username"),
)

# Canaries that the portals get.
ARRIVING = (
    *("client_secret", "registry_password", "awkward_password", "config_password", "git_token", "git_awkward"),
    *("user_password",),
)
ARRIVING_IN_PROCESS = ("long_password", "auth_password", "file_password", "new_user_password", "plain_password")
LOGGED = (
    *("docker-create", "docker-says-values", "docker-misspelt", "docker-broken-key", "git-create"),
    *("pull-create", "pull-details", "user-create", "user-typed"),
)
