# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a Git credential may be seen, and what is told of one that is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS, FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import Format
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import parse_known_hosts
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import (
    AFTER_APPLY,
    HIDDEN,
    PossiblySecret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_view import (
    describe_git_secret,
    find_git_problems,
    git_fields,
    git_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import view_diff
from support.samples.git_secrets import ADA, HOSTS, git_secret
from support.samples.host_keys import DSA
from support.samples.keys import PASSPHRASE, key_text, public_line
from support.samples.secrets import encode, stored_secret
from support.samples.web_tokens import IN_2100, web_token

KEY = key_text("Ed25519 OpenSSH")
PUBLIC = public_line("Ed25519")
FINGERPRINT = parse_private_key(KEY, "key").fingerprint
HOST_LINE = f"git.example.com ssh-ed25519 {parse_known_hosts(HOSTS, 'known_hosts').keys[0].fingerprint}"
TOKENS = ("ghp_0123456789", "github_pat_0123456789", "glpat-0123456789", "dop_v1_0123456789")
SSH_AUTH = "kubernetes.io/ssh-auth"
AIRFLOW = "AIRFLOW_CONN_GIT_DEFAULT"
# As GitHub published it; it was replaced in 2023.
GITHUB_2023 = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGmdnm9tUDbO9IDSwBK6TbQa+PXYPCPy6rbTrTtw7PHkccKrpp0yVhp5HdEIcKr6pLlVDBfOL"
    "X9QUsyCOV0wzfjIJNlGEYsdlLJizHhbn2mUjvSAHQqZETYP81eFzLQNnPHt4EVVUh7VfDESU84KezmD5QlWpXLmvU31/yMf+Se8xhHTvKSCZIFImWw"
    "oG6mbUoWf9nzpIoaSjB+weqqUUmpaaasXVal72J+UX2B+2RPW3RcT0eOzQgqlJL3RKrTJvdsjE3JEAvGq3lGHSZXy28G3skua2SmVi/w4yCE6gbODq"
    "nTWlg7+wC604ydGXA8VJiS5ap43JXiUFFAaQ=="
)


def rendered(secret: dict[str, Any], row: Format) -> dict[str, Any]:
    """The data and the key of a Secret as a diff shows them."""
    shown = view_diff(Plan("created", None, secret), lambda stored: describe_git_secret(stored, row), ())["after"]
    return {name: shown[name] for name in ("data", "key") if name in shown}


@pytest.mark.parametrize(
    ("row", "stored", "data", "fields"),
    [
        pytest.param(
            "flux",
            {"identity": KEY, "identity.pub": f"{PUBLIC} ada@laptop\n", "known_hosts": HOSTS, "note": "x"},
            {"identity": HIDDEN, "identity.pub": PUBLIC, "known_hosts": [HOST_LINE], "note": HIDDEN},
            {"kind": "ssh", "known_hosts": [HOST_LINE], "public_key": PUBLIC, "fingerprint": FINGERPRINT},
            id="an SSH key",
        ),
        pytest.param(
            "git_sync",
            {"ssh": KEY, "known_hosts": "s3cret"},
            {"ssh": HIDDEN, "known_hosts": HIDDEN},
            {"kind": "ssh", "public_key": PUBLIC, "fingerprint": FINGERPRINT},
            id="host keys that are none",
        ),
        pytest.param(
            "flux",
            {"identity": "s3cret", "identity.pub": KEY, "known_hosts": HOSTS},
            {"identity": HIDDEN, "identity.pub": HIDDEN, "known_hosts": [HOST_LINE]},
            {"kind": "ssh", "known_hosts": [HOST_LINE]},
            id="a private key in place of the public one",
        ),
        pytest.param(
            "git_sync",
            ADA,
            {"username": "ada", "password": HIDDEN},
            {"kind": "https", "username": "ada"},
            id="a user",
        ),
        pytest.param(
            "git_sync",
            {"username": "s3cret", "password": "s3cret"},
            {"username": HIDDEN, "password": HIDDEN},
            {"kind": "https", "username": HIDDEN},
            id="a user name that is the password",
        ),
        *(
            pytest.param(
                row,
                {"username": token, "password": "x-oauth-basic"},
                {"username": HIDDEN, "password": HIDDEN},
                {"kind": "https", "username": HIDDEN},
                id=f"a user name that is a token: {token}, {row}",
            )
            for token in TOKENS
            for row in ("git_sync", "flux")
        ),
        pytest.param(
            "argocd_repository",
            {
                "type": "git",
                "url": "https://ada:s3cret@git.example.com/a?token=t0ken#x",
                "project": "web",
                "proxy": "http://ada:s3cret@proxy:1",
                "username": "ada",
                "password": "s3cret",
            },
            {
                "type": "git",
                "url": "https://git.example.com/a",
                "project": "web",
                "proxy": HIDDEN,
                "username": "ada",
                "password": HIDDEN,
            },
            {"url": "https://git.example.com/a", "kind": "https", "username": "ada"},
            id="a URL with a password",
        ),
        pytest.param(
            "kargo",
            {"repoURL": "ssh://glpat-0123456789@git.example.com/a", "repoURLIsRegex": "false", **ADA},
            {
                "repoURL": "ssh://git.example.com/a",
                "repoURLIsRegex": "false",
                "username": "ada",
                "password": HIDDEN,
            },
            {"url": "ssh://git.example.com/a", "kind": "https", "username": "ada"},
            id="a URL with a token as user",
        ),
        pytest.param(
            "flux",
            {
                "githubAppID": "7",
                "githubAppInstallationOwner": "acme",
                "githubAppPrivateKey": key_text("RSA PKCS#1"),
                "githubAppBaseURL": "https://s3cret@ghe.example.com/api/v3",
            },
            {
                "githubAppID": "7",
                "githubAppInstallationOwner": "acme",
                "githubAppPrivateKey": HIDDEN,
                "githubAppBaseURL": "https://ghe.example.com/api/v3",
            },
            {
                "kind": "github_app",
                "public_key": public_line("RSA"),
                "fingerprint": parse_private_key(key_text("RSA PKCS#1"), "key").fingerprint,
            },
            id="a GitHub App",
        ),
        pytest.param(
            "flux",
            {"bearerToken": web_token(IN_2100)},
            {"bearerToken": HIDDEN},
            {"kind": "https", "expires_at": "2100-01-01T00:00:00Z"},
            id="a token with an expiry time",
        ),
        pytest.param(
            "kargo",
            {"repoURL": "https://h/a", "username": "a", "password": web_token(IN_2100)},
            {"repoURL": "https://h/a", "username": "a", "password": HIDDEN},
            {"kind": "https", "url": "https://h/a", "username": "a", "expires_at": "2100-01-01T00:00:00Z"},
            id="a password with an expiry time",
        ),
        pytest.param(
            "git_credentials",
            {".git-credentials": "https://ada%40acme:s3c%40ret@git.example.com\n", ".gitconfig": "x"},
            {".git-credentials": HIDDEN, ".gitconfig": HIDDEN},
            {"kind": "https", "username": "ada@acme"},
            id="a file of git",
        ),
        *(
            pytest.param(
                "git_credentials",
                {".git-credentials": f"https://{user}:s3cret@git.example.com\n"},
                {".git-credentials": HIDDEN},
                {"kind": "https", "username": HIDDEN},
                id=f"a file of git with the user {user}",
            )
            for user in ("s3cret", *TOKENS)
        ),
        pytest.param(
            "airflow_connection",
            {AIRFLOW: json.dumps({"conn_type": "git", "login": "ada", "password": web_token(IN_2100)})},
            {AIRFLOW: HIDDEN},
            {"kind": "https", "username": "ada", "expires_at": "2100-01-01T00:00:00Z"},
            id="a composed value",
        ),
        pytest.param(
            "airflow_connection",
            {AIRFLOW: json.dumps({"conn_type": "git", "login": "s3cret", "password": "s3cret"})},
            {AIRFLOW: HIDDEN},
            {"kind": "https", "username": HIDDEN},
            id="a user name that is the password in a composed value",
        ),
        pytest.param(
            "airflow_connection",
            {AIRFLOW: json.dumps({"conn_type": "git", "login": "glpat-0123456789abcdefghij", "password": "x"})},
            {AIRFLOW: HIDDEN},
            {"kind": "https", "username": HIDDEN},
            id="a user name that is a token in a composed value",
        ),
        pytest.param(
            "airflow_connection",
            {AIRFLOW: json.dumps({"conn_type": "git", "extra": {"private_key": KEY}})},
            {AIRFLOW: HIDDEN},
            {"kind": "ssh", "public_key": PUBLIC, "fingerprint": FINGERPRINT},
            id="a key in a composed value",
        ),
        pytest.param(
            "actions_runner_controller",
            {"github_app_id": "1234567", "github_app_installation_id": "42", "github_app_private_key": KEY},
            {"github_app_id": "1234567", "github_app_installation_id": "42", "github_app_private_key": HIDDEN},
            {"kind": "github_app", "public_key": PUBLIC, "fingerprint": FINGERPRINT},
            id="a composed value of public parts",
        ),
        pytest.param(
            "git_sync_env",
            {"GITSYNC_USERNAME": "ada", "GITSYNC_PASSWORD": "x", "GITSYNC_CREDENTIAL": '[{"password": "t0ken"}]'},
            {"GITSYNC_USERNAME": "ada", "GITSYNC_PASSWORD": HIDDEN, "GITSYNC_CREDENTIAL": HIDDEN},
            {"kind": "https", "username": "ada"},
            id="logins",
        ),
        pytest.param(
            "flux_proxy",
            {"address": "http://ada:s3cret@proxy:1", **ADA},
            {"address": "http://proxy:1", "username": "ada", "password": HIDDEN},
            {"kind": "https", "url": "http://proxy:1", "username": "ada"},
            id="a proxy",
        ),
        pytest.param(
            "tekton_workspace",
            {"id_rsa": KEY, "known_hosts": HOSTS, "config": "Host a\n  ProxyCommand x s3cret\n"},
            {"id_rsa": HIDDEN, "known_hosts": [HOST_LINE], "config": HIDDEN},
            {"kind": "ssh", "known_hosts": [HOST_LINE], "public_key": PUBLIC, "fingerprint": FINGERPRINT},
            id="a file of settings",
        ),
        pytest.param("git_sync", {}, {}, {}, id="nothing"),
        pytest.param("git_sync", {"identity": KEY}, {"identity": HIDDEN}, {}, id="a key of another format"),
    ],
)
def test_what_is_shown(row: str, stored: dict[str, str], data: dict[str, Any], fields: dict[str, Any]) -> None:
    labels = {"argocd.argoproj.io/secret-type": "repository", "kargo.akuity.io/cred-type": "git"}
    secret = git_secret(stored, labels=labels)
    nothing = dict.fromkeys(("kind", "url", "username", "known_hosts", "expires_at", "public_key", "fingerprint"))
    assert git_fields(secret, FORMATS[row]) == {"format": row, "data_keys": sorted(stored), **nothing, **fields}
    key = {name: fields[name] for name in ("public_key", "fingerprint") if name in fields}
    assert rendered(secret, FORMATS[row]) == {"data": data, **({"key": key} if key else {})}


@pytest.mark.parametrize("token", TOKENS)
def test_the_user_of_jenkins_may_be_a_token(token: str) -> None:
    """The same key holds the login of an SSH key, which is public."""
    labels = {"jenkins.io/credentials-type": "usernamePassword"}
    secret = git_secret({"username": token, "password": "x"}, labels=labels)
    assert rendered(secret, FORMATS["jenkins"])["data"]["username"] == HIDDEN
    assert git_fields(secret, FORMATS["jenkins"])["username"] == HIDDEN


def test_an_app_key_of_the_stored_kind_is_shown_by_its_public_half_alone() -> None:
    secret = git_secret({"appID": "7", "privateKey": KEY}, labels={"jenkins.io/credentials-type": "gitHubApp"})
    assert KEY not in json.dumps(rendered(secret, FORMATS["jenkins"]))


def test_a_value_that_is_no_text_is_hidden() -> None:
    secret = stored_secret({"username": encode(b"\xff"), "password": encode("s3cret")}, kind="Opaque")
    assert rendered(secret, FORMATS["git_sync"])["data"] == {"username": HIDDEN, "password": HIDDEN}
    assert rendered({**secret, "data": None}, FORMATS["git_sync"]) == {"data": {}}


def test_a_changed_key_is_seen_by_its_fingerprint() -> None:
    before, after = git_secret({"ssh": KEY}), git_secret({"ssh": key_text("ECDSA OpenSSH")})
    diff = view_diff(Plan("updated", before, after), lambda s: describe_git_secret(s, FORMATS["git_sync"]), ())
    assert diff["before"]["key"] == {"public_key": PUBLIC, "fingerprint": FINGERPRINT}
    assert diff["after"]["key"]["public_key"] == public_line("ECDSA")
    assert (diff["before"]["data"], diff["after"]["data"]) == ({"ssh": HIDDEN}, {"ssh": "<hidden, changed>"})


@pytest.mark.parametrize(
    ("stored", "secrets", "possible"),
    [
        pytest.param(
            {AIRFLOW: json.dumps({"conn_type": "git", "login": "ada-of-web", "password": 's"cret-1'})},
            {'s"cret-1'},
            set(),
            id="a password in a composed value",
        ),
        pytest.param(
            {AIRFLOW: json.dumps({"conn_type": "git", "extra": {"private_key": KEY, "github_app_id": "1234567"}})},
            {KEY, *(line for line in KEY.splitlines()[1:-1] if len(line) > 15 and line not in PUBLIC)},
            set(),
            id="a key in a composed value",
        ),
        pytest.param({AIRFLOW: "git://ada:s3cret@h"}, {"git://ada:s3cret@h"}, set(), id="one of another form"),
        pytest.param({"GITSYNC_CREDENTIAL": '[{"password": "t0ken-1"}]'}, {"t0ken-1"}, set(), id="logins"),
        pytest.param({".gitconfig": "[http]\n\tproxy = a\n"}, set(), {"[http]\n\tproxy = a\n"}, id="a file"),
    ],
)
def test_the_secret_strings_in_a_value(stored: dict[str, str], secrets: set[str], possible: set[str]) -> None:
    """Words around a password are not secret: they would be cut out of every message."""
    found = git_texts(git_secret(stored), FORMATS["git_sync"])
    values = {encode(value) for value in stored.values()}
    assert {str(text) for text in found if not isinstance(text, PossiblySecret)} - values == secrets
    assert {str(text) for text in found if isinstance(text, PossiblySecret)} - values == possible


# --- nothing hidden is shown ------------------------------------------------------------------------------------------

# Letters that stand in no name of a key, format or part, so that what is found is the value itself.
MATERIAL = st.text(alphabet="0123456789QXZ", min_size=8, max_size=24)


@pytest.mark.parametrize("row", FORMAT_ROWS, ids=[f"{row.name} {row.variant}".strip() for row in FORMAT_ROWS])
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_nothing_hidden_is_shown(row: Format, data: st.DataObject) -> None:
    """Whatever stands in whichever key: the text of a hidden part, as it is or as base64, is in no view."""
    kind, shape = data.draw(st.sampled_from(list(row.shapes.items())))
    hidden = {key for part in shape.keys.keys() - row.public_parts for key in shape.keys[part]} | {"foreign"}
    values = data.draw(st.fixed_dictionaries(dict.fromkeys(hidden, MATERIAL)))
    public = {key: "ada" for part in shape.keys.keys() & row.public_parts for key in shape.keys[part]}
    password, line = "", "x"
    for key, composer in shape.composed.items():
        if composer.replaces_all:
            password = data.draw(MATERIAL)
            user = data.draw(st.sampled_from(("ada", password, "ghp_0123456789")))
            line = f"https://{user}:{password}@git.example.com"
            values[key] = line
    # What is material in one place may stand where everybody looks: as it is, or in a URL.
    leaked = data.draw(st.sampled_from(sorted(values.values())))
    for key in data.draw(st.sets(st.sampled_from(sorted(public)))) if public else ():
        public[key] = leaked
    if row.url_key:
        public[row.url_key] = data.draw(
            st.sampled_from(
                (
                    leaked,
                    f"https://{leaked}@git.example.com/a",
                    f"https://ada:{leaked}@git.example.com/a",
                    f"https://git.example.com/a?private_token={leaked}",
                    f"ssh://git:{leaked}@git.example.com/a",
                )
            )
        )
    secret = git_secret({**shape.constants, **public, **values}, kind=shape.type, labels=dict(shape.labels))
    views = json.dumps(
        [rendered(secret, row), git_fields(secret, row), find_git_problems(find_credentials(secret, [row]))]
    )
    for text in values.values():
        assert text not in views, kind
        assert encode(text) not in views, kind
    texts = git_texts(secret, row)
    assert {*values.values(), *map(encode, values.values())} - {line} <= set(texts)
    if password:
        assert password not in views
        assert password in texts


@pytest.mark.parametrize("row", FORMAT_ROWS, ids=[f"{row.name} {row.variant}".strip() for row in FORMAT_ROWS])
def test_no_private_key_is_shown(row: Format) -> None:
    for shape in row.shapes.values():
        data = {key: KEY for keys in shape.keys.values() for key in keys}
        secret = git_secret(data, kind=shape.type, labels=dict(shape.labels))
        views = json.dumps([rendered(secret, row), git_fields(secret, row)])
        assert not any(line in views for line in KEY.splitlines() if line not in PUBLIC)


# --- what the scrubber is told ----------------------------------------------------------------------------------------


def test_the_texts_of_a_secret() -> None:
    secret = git_secret({"username": "ada", "password": "s3cret", "note": "common", "known_hosts": HOSTS})
    texts = git_texts(secret, FORMATS["git_sync"])
    assert texts == [encode("s3cret"), "s3cret", encode("common"), "common"]
    assert [isinstance(text, PossiblySecret) for text in texts] == [False, False, True, True]


def test_the_lines_of_a_key_count_one_by_one() -> None:
    texts = git_texts(git_secret({"ssh": KEY}), FORMATS["git_sync"])
    lines = [line for line in KEY.splitlines() if len(line) >= 16 and not line.startswith("-----")]
    assert texts == [encode(KEY), KEY, *lines]


def test_a_key_of_another_format_is_material_for_certain() -> None:
    (value, text) = git_texts(git_secret({"bearerToken": "t0ken!"}), FORMATS["git_sync"])
    assert not isinstance(value, PossiblySecret)
    assert (value, text) == (encode("t0ken!"), "t0ken!")


def test_the_password_in_a_line_is_secret_by_itself_and_as_it_is_written() -> None:
    line = "https://ada:s3c%40ret-v1@git.example.com"
    texts = git_texts(git_secret({".git-credentials": line}), FORMATS["flux"])
    assert texts == [encode(line), "s3c@ret-v1"]
    scrubber = Scrubber()
    scrubber.add(*texts)
    assert scrubber.clean(f"s3c@ret-v1 s3c%40ret-v1 <{line}>") == (
        "******** ******** <https://ada:********@git.example.com>"
    )


def test_a_key_with_another_name_is_secret_for_certain() -> None:
    secret = git_secret({"own": "s3cret"}, annotations={"jenkins.io/credentials-keybinding-text": "own"})
    assert [isinstance(text, PossiblySecret) for text in git_texts(secret, FORMATS["flux"])] == [False, False]


def test_a_placeholder_is_no_secret() -> None:
    assert git_texts(git_secret({"ssh": AFTER_APPLY}), FORMATS["git_sync"]) == []


# --- problems ---------------------------------------------------------------------------------------------------------

HASHED = f"|1|{'A' * 27}=|{'A' * 27}= {PUBLIC}\n"


@pytest.mark.parametrize(
    ("stored", "kind", "problems"),
    [
        pytest.param({"ssh": KEY, "known_hosts": HOSTS}, "Opaque", [], id="none"),
        pytest.param({"x": "y"}, "Opaque", [], id="no credential"),
        pytest.param({"ssh": KEY, "known_hosts": HASHED}, "Opaque", [], id="hashed host keys"),
        pytest.param({"ssh": KEY}, "Opaque", [], id="PrimeHub reads no host keys"),
        pytest.param(
            {"ssh": KEY.rstrip("\n"), "known_hosts": HOSTS},
            "Opaque",
            ["The private_key of the Secret has damaged line endings; writing it again fixes it."],
            id="line ends",
        ),
        pytest.param(
            {"ssh": KEY, "known_hosts": HOSTS.replace("\n", "\r\n")},
            "Opaque",
            ["The known_hosts of the Secret has damaged line endings; writing it again fixes it."],
            id="line ends of host keys",
        ),
        pytest.param(
            {"identity": PUBLIC, "known_hosts": HOSTS},
            "Opaque",
            [
                "The private_key of the Secret must be one private key; got a public key. "
                "Give the private key, which is the file without .pub."
            ],
            id="a public key",
        ),
        pytest.param(
            {"identity": key_text("Ed25519 OpenSSH", encrypted=True), "known_hosts": HOSTS},
            "Opaque",
            [
                "The private_key of the Secret is protected by a passphrase. "
                "Without it the key cannot be checked. Give passphrase."
            ],
            id="no passphrase",
        ),
        pytest.param(
            {
                "identity": key_text("Ed25519 OpenSSH", encrypted=True),
                "known_hosts": HOSTS,
                "password": PASSPHRASE,
            },
            "Opaque",
            [],
            id="a passphrase",
        ),
        pytest.param(
            {"ssh-privatekey": KEY},
            "Opaque",
            ["ssh.known_hosts is missing; without it any host is trusted, even one that intercepts the connection."],
            id="no host keys",
        ),
        pytest.param({"ssh-privatekey": KEY}, SSH_AUTH, [], id="one of several consumers has no trouble"),
        pytest.param(
            {"username": "ada", "password": "s3cret", "bearerToken": "t0ken"},
            "Opaque",
            [
                "The bearer_token of the Secret and The username of the Secret exclude each other. "
                "Both set the same value. Keep one of them."
            ],
            id="two credentials",
        ),
        pytest.param(
            {"username": "ada", "password": "s3cret\n"},
            "Opaque",
            [
                "The password of the Secret contains a newline or another control character. It would be a part of "
                "the credential. Remove it; the filter trim removes one at the end."
            ],
            id="line end behind a password",
        ),
    ],
)
def test_problems(stored: dict[str, str], kind: str, problems: list[str]) -> None:
    assert find_git_problems(find_credentials(git_secret(stored, kind=kind))) == problems


JENKINS, DEVFILE = "jenkins.io/credentials-type", "controller.devfile.io/"
NOT_WATCHED = (
    "The label controller.devfile.io/watch-secret=true is missing, without which the consumer does not see the Secret."
)
NOT_ENCODED = "The user name or the password in the URL is not percent-encoded, so git reads another one."
APP_KEY_8 = key_text("RSA PKCS#8")


@pytest.mark.parametrize(
    ("stored", "labels", "problems"),
    [
        pytest.param(
            {"credentials": "https://ada:s3cret@git.example.com"},
            {f"{DEVFILE}git-credential": "true", f"{DEVFILE}watch-secret": "true"},
            [],
            id="DevWorkspaces",
        ),
        pytest.param(
            {"credentials": "https://ada:s3cret@git.example.com"},
            {f"{DEVFILE}git-credential": "true"},
            [NOT_WATCHED],
            id="DevWorkspaces without the label for its watch",
        ),
        pytest.param(
            {"dwo_ssh_key": KEY, "ssh_known_hosts": HOSTS},
            {f"{DEVFILE}mount-to-devworkspace": "true", f"{DEVFILE}watch-secret": "yes"},
            [NOT_WATCHED],
            id="a key of DevWorkspaces with another value of the label",
        ),
        *(
            pytest.param(
                {".git-credentials": f"https://ada:{password}@git.example.com"}, {}, [NOT_ENCODED], id=password
            )
            for password in ("s3c@ret", "s3c/ret", "s3c?ret", "s3c#ret", "s3c%ret")
        ),
        *(
            pytest.param({".git-credentials": f"https://ada:{text}\n"}, {}, [], id=text)
            for text in ("s3c%40ret@git.example.com", "s!c:ret@git.example.com", "s3cret@git.example.com:8443/a.git")
        ),
        *(
            pytest.param({key: "7", "privateKey": APP_KEY_8}, {JENKINS: type_}, problems, id=f"{key} for {type_}")
            for key, type_, problems in (
                ("appID", "gitHubApp", []),
                ("appId", "githubApp", []),
                (
                    "appId",
                    "gitHubApp",
                    [
                        "The key appId is not read by format jenkins with the label "
                        "jenkins.io/credentials-type=gitHubApp, which reads appID."
                    ],
                ),
                (
                    "appID",
                    "githubApp",
                    [
                        "The key appID is not read by format jenkins with the label "
                        "jenkins.io/credentials-type=githubApp, which reads appId."
                    ],
                ),
            )
        ),
        pytest.param(
            {"github_app_id": "7", "github_app_installation_id": "Iv23lix", "github_app_private_key": APP_KEY_8},
            {},
            [
                "The installation_id of the Secret must be a number. A client ID, which begins with Iv, is another "
                "value. The installation ID is at the end of the URL of the installation's page."
            ],
            id="a client ID as installation ID",
        ),
    ],
)
def test_how_a_credential_is_stored(stored: dict[str, str], labels: dict[str, str], problems: list[str]) -> None:
    assert find_git_problems(find_credentials(git_secret(stored, labels=labels))) == problems


def test_a_change_of_the_hidden_user_of_a_url_is_in_the_diff() -> None:
    """The URL is shown without it."""
    row = FORMATS["argocd_repository"]
    before, after = (
        git_secret({"type": "git", "url": f"https://{user}dev.azure.com/a", "password": "p"}) for user in ("", "acme@")
    )
    shown = view_diff(Plan("updated", before, after), lambda stored: describe_git_secret(stored, row), ())
    assert shown["before"]["data"]["url"] == shown["after"]["data"]["url"] == "https://dev.azure.com/a"
    assert "hidden_in_url" not in shown["before"]
    assert shown["after"]["hidden_in_url"] == HIDDEN
    other = git_secret({"type": "git", "url": "https://eve@dev.azure.com/a", "password": "p"})
    shown = view_diff(Plan("updated", after, other), lambda stored: describe_git_secret(stored, row), ())
    assert shown["after"]["hidden_in_url"] == "<hidden, changed>"


@pytest.mark.parametrize(
    ("known_hosts", "problems"),
    [
        pytest.param(HOSTS, [], id="nothing"),
        pytest.param(
            f"{HOSTS}old.example.com {DSA}\n",
            [
                "The known_hosts of the Secret has lines that some programs do not read, which can make them refuse "
                "the others; writing it again fixes it.",
                "The known_hosts of the Secret, line 2: left out, because DSA keys are no longer in use.",
            ],
            id="a line that is not used",
        ),
        pytest.param(
            f"{HOSTS}old.example.com ssh-rsa AAAA\n",
            ["The stored known_hosts, line 2: its key is damaged. Copy the whole line again."],
            id="a damaged line",
        ),
        pytest.param(
            f"github.com {GITHUB_2023}\n",
            [
                "The known_hosts of the Secret trusts the RSA host key that GitHub replaced on 2023-03-24; "
                "remove its lines."
            ],
            id="a withdrawn key",
        ),
        pytest.param(
            HOSTS.replace("\n", "\r\n"),
            ["The known_hosts of the Secret has damaged line endings; writing it again fixes it."],
            id="CRLF",
        ),
    ],
)
def test_problems_of_stored_host_keys(known_hosts: str, problems: list[str]) -> None:
    secret = git_secret({"identity": KEY, "identity.pub": PUBLIC, "known_hosts": known_hosts})
    assert find_git_problems(find_credentials(secret)) == problems
