# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gitsync_secret refuses before anything is read from the cluster, and with which words."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import not_a_string
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_options import (
    MAX_KEY,
    parse_custom_type,
    parse_options,
)
from support.samples.git_secrets import (
    ADA,
    HOSTS,
    HTTPS_URL,
    OTHER_HOSTS,
    SCP_URL,
    SSH_URL,
    GitTask,
    context_of,
    params_of,
    written,
)
from support.samples.keys import PASSPHRASE, certificate, key_text, private_key, public_line, weak_rsa_key
from support.samples.secrets import refusal

KEY = key_text("Ed25519 OpenSSH")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
APP_KEY = key_text("RSA PKCS#1")
SSH = {"private_key": KEY}
APP = {"id": "7", "installation_id": "42", "private_key": APP_KEY}
CLIENT = {"client_certificate": certificate("ECDSA"), "client_key": key_text("ECDSA PKCS#8")}
HASHED = f"|1|{base64.b64encode(b'a' * 20).decode()}|{base64.b64encode(b'b' * 20).decode()} {public_line('RSA')}"
TOKEN_INSTEAD = "Give the App as github_app_token: the task then writes a token of the App as user name and password."
CONTROL = "contains a newline or another control character. It would be a part of the credential."
EMPTY = (
    "is empty. An empty value would replace a working credential. "
    "Check the variable behind it, or leave the option out together with update_credentials=when_given."
)


TEKTON: dict[str, Any] = {"format": "tekton", "https": ADA, "url": HTTPS_URL}


def refused(**options: Any) -> str:
    return refusal(GitTask, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "tekton", "url": SSH_URL},
        {"format": "openshift_build"},
        {"format": "kpack", "url": "ssh://git@git.example.com"},
        {"format": "custom", "keys": {"private_key": "id"}},
    ],
    ids=lambda options: options["format"],
)
def test_service_accounts_hand_over_some_formats(options: dict[str, Any]) -> None:
    task = GitTask(**options, ssh={**SSH, "known_hosts": None}, service_accounts=["builder"])
    assert task.task.profile.link_list == "secrets"


def test_other_consumers_have_no_use_for_service_accounts() -> None:
    message = refused(format="flux", url=SSH_URL, ssh={**SSH, "known_hosts": HOSTS}, service_accounts=["builder"])
    assert message == (
        "service_accounts has no effect with format flux. Its consumer finds the Secret by itself; tekton, "
        "openshift_build, kpack look at the secrets of a ServiceAccount. Leave it out."
    )


# --- which credential ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"ssh": SSH, "https": ADA},
            "ssh and https are 2 kinds of credential. A Secret holds one. "
            "Keep one of them, and use another Secret for the other.",
            id="two kinds",
        ),
        pytest.param(
            {},
            "The credential is missing. Give one of ssh, https, cookie_file, github_app_token and credentials_from; "
            "with update_credentials=when_given it may be empty.",
            id="none",
        ),
        pytest.param(
            {"format": "flux_signing"},
            "The credential is missing. Give one of ssh, gpg and credentials_from; "
            "with update_credentials=when_given it may be empty.",
            id="none, for a format that takes no token",
        ),
        *(
            pytest.param(
                {"format": row, kind: given, **({"url": HTTPS_URL} if row in ("kargo", "tekton") else {})},
                f"Format {row} does not know {kind}. {rest}",
                id=f"{kind} for {row}",
            )
            for row, kind, given, rest in (
                ("flux", "cookie_file", "c", "It knows ssh, https and github_app."),
                ("primehub", "https", ADA, "It knows ssh."),
                ("kargo", "ssh", SSH, "Kargo drops SSH in 1.13. It knows https and github_app."),
                (
                    "git_sync",
                    "github_app",
                    APP,
                    "git-sync reads a GitHub App from environment variables: use format git_sync_env. "
                    f"It knows ssh, https and cookie_file. {TOKEN_INSTEAD}",
                ),
                (
                    "git_sync_env",
                    "ssh",
                    SSH,
                    "git-sync reads a key from a file: use format git_sync, and mount the Secret. "
                    "It knows https and github_app.",
                ),
                (
                    "tekton_workspace",
                    "https",
                    ADA,
                    "For the workspace basic-auth, use format git_credentials. It knows ssh.",
                ),
                ("tekton", "github_app", APP, f"It knows ssh and https. {TOKEN_INSTEAD}"),
                ("primehub", "github_app", APP, "It knows ssh."),
                ("vendir", "cookie_file", "c", "It knows ssh and https."),
            )
        ),
        *(
            pytest.param(
                {"format": row, "ssh": {**SSH, "known_hosts": HOSTS}, **more},
                f"ssh.known_hosts is not read by format {row}. {why} It reads {known}.",
                id=f"known_hosts for {row}",
            )
            for row, more, why, known in (
                ("primehub", {}, "PrimeHub does not verify host keys.", "ssh.private_key"),
                ("airflow", {}, "Host keys are a value of the chart: dags.gitSync.knownHosts.", "ssh.private_key"),
                (
                    "airflow_community",
                    {},
                    "Host keys are a value of the chart: dags.gitSync.sshKnownHosts.",
                    "ssh.private_key",
                ),
                *(
                    (
                        row,
                        {"url": SSH_URL},
                        "Argo CD reads host keys from the ConfigMap argocd-ssh-known-hosts-cm; "
                        "argocd cert add-ssh --batch adds them there.",
                        "ssh.private_key",
                    )
                    for row in ("argocd_repository", "argocd_repo_creds")
                ),
            )
        ),
        pytest.param(
            {"format": "jenkins", "ssh": {**SSH, "known_hosts": HOSTS}},
            "ssh.known_hosts is not read by format jenkins. It reads ssh.private_key and ssh.passphrase.",
            id="known_hosts for jenkins",
        ),
        pytest.param(
            {"format": "argocd_repository", "https": {**ADA, "ca_certificate": "x"}, "url": HTTPS_URL},
            "https.ca_certificate is not read by format argocd_repository. "
            "Argo CD reads it from the ConfigMap argocd-tls-certs-cm. It reads https.username, https.password, "
            "https.bearer_token, https.client_certificate and https.client_key.",
            id="ca_certificate for Argo CD",
        ),
        pytest.param(
            {"format": "config_sync", "https": {**ADA, "ca_certificate": "x"}},
            "https.ca_certificate is not read by format config_sync. Config Sync reads it from the Secret that "
            "spec.git.caCertSecretRef names. It reads https.username and https.password.",
            id="ca_certificate for Config Sync",
        ),
        pytest.param(
            {"https": {"bearer_token": "t0ken"}},
            "https.bearer_token is not read by format git_sync. It reads https.username and https.password.",
            id="token for git-sync",
        ),
        pytest.param(
            {"format": "fleet", "github_app": {**APP, "base_url": "https://a"}},
            "github_app.base_url is not read by format fleet. "
            "It reads github_app.id, github_app.installation_id and github_app.private_key.",
            id="base_url for Fleet",
        ),
    ],
)
def test_kinds_and_parts(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


COMPLETE = "Give what is missing; with update_credentials=when_given a stored value is kept."
FLUX_HTTPS = (
    "Format flux needs https.username with https.password, or https.bearer_token, "
    "or https.client_certificate with https.client_key."
)
ARGOCD_HTTPS = (
    "Format argocd_repository needs https.username with https.password, or https.password, or https.bearer_token."
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"ssh": {}}, f"ssh.private_key is missing. Format git_sync needs ssh.private_key. {COMPLETE}", id="no key"
        ),
        pytest.param(
            {"ssh": SSH, "format": "flux"},
            "ssh.known_hosts is missing. Format flux needs ssh.private_key with ssh.known_hosts. " + COMPLETE,
            id="Flux without known_hosts",
        ),
        pytest.param(
            {"https": {}},
            "https.username and https.password are missing. "
            f"Format git_sync needs https.username with https.password. {COMPLETE}",
            id="nothing",
        ),
        pytest.param(
            {"https": {"password": "s3cret"}},
            f"https.username is missing. Format git_sync needs https.username with https.password. {COMPLETE}",
            id="no username",
        ),
        pytest.param(
            {"https": {"username": "ada"}, "format": "argocd_repository", "url": HTTPS_URL},
            f"https.password is missing. {ARGOCD_HTTPS} {COMPLETE}",
            id="username alone for Argo CD",
        ),
        pytest.param(
            {"https": CLIENT, "format": "argocd_repository", "url": HTTPS_URL},
            f"https.username and https.password are missing. {ARGOCD_HTTPS} {COMPLETE}",
            id="client certificate alone for Argo CD",
        ),
        pytest.param(
            {
                "https": {"password": "s3cret", "client_key": CLIENT["client_key"]},
                "format": "argocd_repository",
                "url": HTTPS_URL,
            },
            f"https.client_certificate is missing. {ARGOCD_HTTPS} {COMPLETE}",
            id="half a pair beside a password",
        ),
        pytest.param(
            {"https": {"password": "s3cret"}, "format": "flux"},
            f"https.username is missing. {FLUX_HTTPS} {COMPLETE}",
            id="password alone for Flux",
        ),
        pytest.param(
            {"https": {"client_key": CLIENT["client_key"]}, "format": "flux"},
            f"https.client_certificate is missing. {FLUX_HTTPS} {COMPLETE}",
            id="client key alone",
        ),
        pytest.param(
            {"https": {**ADA, "client_certificate": CLIENT["client_certificate"]}, "format": "flux"},
            f"https.client_key is missing. {FLUX_HTTPS} {COMPLETE}",
            id="half a pair beside user and password",
        ),
        pytest.param(
            {"https": {**CLIENT, "username": "ada"}, "format": "flux"},
            f"https.password is missing. {FLUX_HTTPS} {COMPLETE}",
            id="half a user beside a pair",
        ),
        pytest.param(
            {"https": {"username": "ada"}, "format": "custom", "keys": {"username": "u", "password": "p"}},
            f"https.password is missing. Format custom needs https.password. {COMPLETE}",
            id="username alone for names of one's own",
        ),
        pytest.param(
            {"github_app": {"id": "7", "private_key": APP_KEY}, "format": "flux"},
            "github_app.installation_id is missing. Format flux needs github_app.id with github_app.installation_id "
            f"with github_app.private_key, or github_app.id with github_app.owner with github_app.private_key. "
            f"{COMPLETE}",
            id="App without installation",
        ),
        pytest.param(
            {"github_app": {"private_key": APP_KEY}, "format": "jenkins"},
            f"github_app.id is missing. Format jenkins needs github_app.id with github_app.private_key. {COMPLETE}",
            id="App without id",
        ),
    ],
)
def test_incomplete(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param({"https": {"bearer_token": "t0ken", **ADA}}, ("https.bearer_token", "https.username"), id="user"),
        pytest.param(
            {"https": {"bearer_token": "t0ken", "password": "s3cret"}},
            ("https.bearer_token", "https.password"),
            id="password",
        ),
        pytest.param(
            {"github_app": {**APP, "owner": "acme"}}, ("github_app.installation_id", "github_app.owner"), id="owner"
        ),
        pytest.param(
            {
                "format": "config_sync",
                "github_app": {**APP, "client_id": "Iv1"},
            },
            ("github_app.id", "github_app.client_id"),
            id="two ids",
        ),
    ],
)
def test_two_ways_to_say_the_same(options: dict[str, Any], names: tuple[str, str]) -> None:
    message = f"{names[0]} and {names[1]} exclude each other. Both set the same value. Keep one of them."
    assert refused(**{"format": "flux", **options}) == message


# --- the URL ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    ["argocd_repository", "argocd_repo_creds", "tekton", "kargo", "kpack", "git_credentials", "devworkspace_git"],
)
def test_a_format_that_needs_the_url(row: str) -> None:
    message = (
        f"url is missing; format {row} needs it. It is how the consumer knows what the credential is for. "
        "Give the URL of the repository."
    )
    assert refused(format=row, https=ADA) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"ssh": SSH, "url": HTTPS_URL},
            "url begins with https://, and the credential is ssh. One does not work with the other. "
            "Write the URL like ssh://git@host/path or git@host:path, or give another credential.",
            id="https with ssh",
        ),
        *(
            pytest.param(
                {kind: given, "url": SSH_URL, "format": row},
                f"url begins with ssh://, and the credential is {kind}. One does not work with the other. "
                "Write the URL like https://host/path, or give another credential.",
                id=f"ssh with {kind}",
            )
            for kind, given, row in (
                ("https", ADA, "flux"),
                ("cookie_file", "c", "git_sync"),
                ("github_app", APP, "flux"),
            )
        ),
        pytest.param(
            {"https": ADA, "url": SCP_URL},
            "url has the form git@host:path, and the credential is https. One does not work with the other. "
            "Write the URL like https://host/path, or give another credential.",
            id="scp form with https",
        ),
        pytest.param(
            {"ssh": {**SSH, "known_hosts": HOSTS}, "url": SCP_URL, "format": "flux"},
            "url has the form git@host:path, which format flux refuses. "
            "Write it as ssh://git@git.example.com/team/app.git.",
            id="scp form for Flux",
        ),
        pytest.param(
            {**TEKTON, "format_options": {"tekton_urls": ["https://git.example.com/other"]}},
            "format_options.tekton_urls[0] gives the same annotation as url. Tekton fails if one URL is in two "
            "annotations. Remove it, or set tekton_path=true if the repositories differ.",
            id="one server twice for Tekton",
        ),
        pytest.param(
            {
                **TEKTON,
                "format_options": {"tekton_path": True, "tekton_urls": ["https://a.example/x/", "https://a.example/x"]},
            },
            "format_options.tekton_urls[1] gives the same annotation as format_options.tekton_urls[0]. Tekton fails if "
            "one URL is in two annotations. Remove it, or set tekton_path=true if the repositories differ.",
            id="one repository twice for Tekton",
        ),
        pytest.param(
            {**TEKTON, "format_options": {"tekton_urls": ["git@git.example.com:a"]}},
            "format_options.tekton_urls[0] has the form git@host:path, and the credential is https. One does not work "
            "with the other. Write the URL like https://host/path, or give another credential.",
            id="a further URL for another kind",
        ),
        pytest.param(
            {
                "format": "tekton",
                "ssh": {**SSH, "known_hosts": HOSTS},
                "url": SSH_URL,
                "format_options": {"tekton_urls": ["ssh://git@git.example.org/a"]},
            },
            'ssh.known_hosts has no key for "git.example.org". It has keys for "git.example.com". Add what ssh-keyscan '
            "git.example.org prints, after you have compared its fingerprints with a trusted source.",
            id="a further URL without a host key",
        ),
        pytest.param(
            {**TEKTON, "url": "https://git.example.com/a=b", "format_options": {"tekton_path": True}},
            'url has a "=" in its path. Tekton reads the annotation as name=value, and fails with a second one. '
            "Set tekton_path=false.",
            id="= in a path for Tekton",
        ),
        pytest.param(
            {
                "format": "tekton",
                "ssh": SSH,
                "url": "ada@git.example.com:team/app.git",
                "format_options": {"tekton_path": True},
            },
            "url has another user than git. With a path in the annotation, Tekton finds the key only for clone URLs "
            "that begin with git@. Set tekton_path=false.",
            id="another user with a path for Tekton",
        ),
        *(
            pytest.param(
                {**TEKTON, "annotations": {name: value}, "format_options": {"tekton_index": 3}},
                message,
                id=f"{name} in annotations",
            )
            for name, value, message in (
                (
                    "tekton.dev/git-3",
                    "https://git.example.org",
                    'annotations["tekton.dev/git-3"] is set by format tekton. Leave it out, or use format_options.',
                ),
                (
                    "tekton.dev/git-0",
                    "https://git.example.com",
                    'annotations["tekton.dev/git-0"] has a URL that the task already writes. tekton fails if one URL '
                    "is in two annotations. Leave it out.",
                ),
            )
        ),
        *(
            pytest.param(
                {"format": "flux_proxy", "https": ADA, "url": url},
                "url must be the URL of a proxy, without user and path. "
                'Write it like "http://proxy.example.com:3128" or "socks5://proxy.example.com:1080".',
                id=f"{url} as a proxy",
            )
            for url in ("ssh://git@proxy:22", "http://ada@proxy:1", "socks5://proxy:1/a")
        ),
        *(
            pytest.param(
                {**options, "format": "kpack"},
                "url has a path, and format kpack takes only a host. "
                f"The credential serves every repository on it. Write {right}.",
                id=f"path for kpack: {right}",
            )
            for options, right in (
                ({"https": ADA, "url": HTTPS_URL}, "https://git.example.com"),
                ({"ssh": SSH, "url": SSH_URL}, "git@git.example.com"),
                ({"ssh": SSH, "url": SCP_URL}, "git@git.example.com"),
            )
        ),
        pytest.param(
            {"ssh": SSH, "url": "git@git.example.com:2222/app", "format": "flux"},
            "url has the form git@host:path, which format flux refuses. Write it as ssh://git@git.example.com:2222/app.",
            id="scp form with a port for Flux",
        ),
        pytest.param(
            {
                "ssh": {"private_key": KEY, "known_hosts": HOSTS.replace("git.example.com", "[git.example.com]:2222")},
                "url": "git@git.example.com:2222/app",
            },
            "url has no port, and ssh.known_hosts has a key for port 2222. In the form git@host:path, git reads 2222 "
            "as a folder. Write ssh://git@git.example.com:2222/app.",
            id="scp form with a port, and host keys for it",
        ),
        *(
            pytest.param(
                {"ssh": {"private_key": KEY}, "url": url, "format": row},
                f"url has no user, and format {row} needs one. Argo CD takes a URL for one of SSH only if a user is in "
                f"it, and otherwise does not use the key. Write {right}.",
                id=f"{url} without a user for {row}",
            )
            for row in ("argocd_repository", "argocd_repo_creds")
            for url, right in (
                ("ssh://git.example.com/app", "ssh://git@git.example.com/app"),
                ("ssh://git.example.com:2222/", "ssh://git@git.example.com:2222/"),
            )
        ),
        pytest.param(
            {"https": {"bearer_token": "t0ken"}, "url": "https://acme@git.example.com/a", "format": "flux"},
            "url has a user, and the credential is https.bearer_token. Format flux takes the user for that of a "
            "password, and refuses both together. Remove everything before the @.",
            id="user and bearer token for Flux",
        ),
        *(
            pytest.param(
                {"https": given, "url": f"https://{user}@git.example.com/a", "format": "argocd_repository"},
                "url has the password or token of the task before the @. Everything in a URL is visible "
                "wherever the URL is shown. Remove everything before the @.",
                id=f"the {name} as user: {user}",
            )
            for user in ("s3cret", "s3%63ret")
            for name, given in (
                ("password", {"username": "ada", "password": "s3cret"}),
                ("token", {"bearer_token": "s3cret"}),
            )
        ),
        pytest.param(
            {"https": ADA, "url": "http://git.example.com/a", "format": "vendir"},
            "url begins with http://, and format vendir sends passwords only over https.",
            id="http for vendir",
        ),
        pytest.param(
            {"https": ADA, "url": "https://ada:s3cret@git.example.com/a"},
            "url must be the URL of a Git repository over ssh or https. "
            "A password or token in the URL is visible wherever the URL is shown. Remove everything before "
            "the @, and give it "
            "as username and password; write an @ in a path as %40.",
            id="password in the URL",
        ),
        pytest.param({"https": ADA, "url": ""}, f"url {EMPTY}", id="empty URL"),
        pytest.param(
            {"https": ADA, "url": " ", "format": "kargo", "format_options": {"kargo_url_is_regex": True}},
            f"url {EMPTY}",
            id="empty pattern",
        ),
        pytest.param(
            {"https": ADA, "url": "^a$", "format": "kargo", "format_options": {"kargo_url_is_regex": "false"}},
            "url must be the URL of a Git repository over ssh or https. It has no scheme, and no user as in "
            'git@github.com. Write it like "https://git.example.com/team/app" or "git@git.example.com:team/app".',
            id="a pattern that is none",
        ),
    ],
)
def test_urls_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


# --- HTTPS, cookies, Apps ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "https", "message"),
    [
        *(
            pytest.param(
                "tekton",
                {**ADA, part: f"value{character}"},
                f"https.{part} {CONTROL} Remove it; the filter trim removes one at the end.",
                id=f"{part}, {character!r}",
            )
            for part in ("username", "password")
            for character in ("\n", "\r", "\0", "\t")
        ),
        pytest.param(
            "flux",
            {"bearer_token": "t0ken\n"},
            f"https.bearer_token {CONTROL} Remove it; the filter trim removes one at the end.",
            id="line end in a token",
        ),
        pytest.param(
            "tekton",
            {**ADA, "username": 'a"da'},
            'https.username has a character that breaks the file which tekton writes. It must not contain ".',
            id="quote for Tekton",
        ),
        pytest.param(
            "git_sync",
            {**ADA, "username": "ada:s3cret"},
            'https.username must not contain ":". HTTP splits user and password at the first colon (RFC 7617). '
            "Write the part before the colon, and the rest as https.password.",
            id="colon",
        ),
        pytest.param("git_sync", {**ADA, "password": ""}, f"https.password {EMPTY}", id="empty password"),
        pytest.param("git_sync", {**ADA, "username": " "}, f"https.username {EMPTY}", id="blank username"),
        pytest.param(
            "git_sync",
            {**ADA, "password": "********"},
            "https.password holds a mask instead of a value. Asterisks and strings such as "
            "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. Give the real value, or "
            "leave "
            "the option out together with update_credentials=when_given.",
            id="mask",
        ),
        pytest.param(
            "flux",
            {**ADA, "ca_certificate": "s3cret"},
            "https.ca_certificate must be one or more certificates in PEM form; got something else. "
            "Check the file or the variable behind it.",
            id="garbage CA",
        ),
        pytest.param(
            "openshift_build",
            {**ADA, "ca_certificate": "-----BEGIN CERTIFICATE-----\nczNjcmV0\n-----END CERTIFICATE-----\n"},
            "https.ca_certificate is damaged: it cannot be read as a certificate. "
            "A part was cut off or replaced. Copy the whole text again.",
            id="damaged CA",
        ),
        pytest.param(
            "flux",
            {**CLIENT, "client_key": key_text("RSA PKCS#8")},
            "https.client_key does not belong to https.client_certificate. The certificate was made for another key. "
            "Give a matching pair. With several certificates, put the one for the key first.",
            id="another's client key",
        ),
    ],
)
def test_https(row: str, https: dict[str, str], message: str) -> None:
    url = {"url": HTTPS_URL} if row == "tekton" else {}
    assert refused(format=row, https=https, **url) == message


def test_a_quote_breaks_only_tekton() -> None:
    assert GitTask(https={**ADA, "username": 'a"da'}).credential.parts["username"] == 'a"da'


COOKIE = "git.example.com\tFALSE\t/\tTRUE\t2147483647\to\tgit-ada=1//abc"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param(COOKIE, f"{COOKIE}\n", id="no line end"),
        pytest.param(
            f"# Netscape HTTP Cookie File\r\n\r\n{COOKIE}\r\n", f"# Netscape HTTP Cookie File\n\n{COOKIE}\n", id="CRLF"
        ),
        pytest.param(f"\n#HttpOnly_{COOKIE}\n\n", f"#HttpOnly_{COOKIE}\n", id="HttpOnly"),
        pytest.param("Set-Cookie: o=1; Path=/\n", "Set-Cookie: o=1; Path=/\n", id="header"),
    ],
)
def test_cookie_files(text: str, written: str) -> None:
    assert GitTask(cookie_file=text).credential.parts == {"cookie_file": written}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("~/.gitcookies", id="path"),
        pytest.param("# Netscape HTTP Cookie File\n", id="comment"),
        pytest.param(COOKIE.replace("\t", " "), id="blanks for tabs"),
        pytest.param(f"{COOKIE}\t1", id="eight fields"),
        pytest.param(f"{COOKIE}\no=git-ada=1//abc", id="one line of two"),
        pytest.param(f"#HttpOnly_\n{COOKIE}", id="HttpOnly without fields"),
    ],
)
def test_other_texts_are_no_cookie_file(text: str) -> None:
    assert refused(cookie_file=text) == (
        "cookie_file is not the content of a cookie file. Each line has seven fields with tabs between them; a path is "
        "not followed, and YAML may fold tabs. Read the file, such as with lookup('file', '~/.gitcookies')."
    )


def test_an_empty_cookie_file() -> None:
    assert refused(cookie_file="") == f"cookie_file {EMPTY}"


PAGE = "The settings page of the GitHub App shows it."
APP_ID_PAGE = "The settings page of the GitHub App shows the App ID."
INSTALLATION_PAGE = "The installation ID is at the end of the URL of the installation's page."
A_CLIENT_ID = "A client ID, which begins with Iv, is another value."
GITHUB_KEY = "GitHub makes RSA keys for its Apps. Give the file that GitHub offered for download."


@pytest.mark.parametrize(
    ("app", "message"),
    [
        pytest.param({"id": "Iv1"}, f"github_app.id must be a number. {A_CLIENT_ID} {APP_ID_PAGE}", id="id"),
        pytest.param({"id": "7\n"}, f"github_app.id must be a number. {APP_ID_PAGE}", id="id with a line end"),
        pytest.param({"id": "\u0667"}, f"github_app.id must be a number. {APP_ID_PAGE}", id="another script"),
        pytest.param({"id": ""}, f"github_app.id {EMPTY}", id="empty id"),
        pytest.param(
            {"id": None, "client_id": "Iv 1"},
            f"github_app.client_id must be a string such as Iv23abc. {PAGE}",
            id="client id",
        ),
        pytest.param(
            {"id": None, "client_id": "12345"},
            f"github_app.client_id must be a string such as Iv23abc. A number is the App ID. {PAGE}",
            id="App ID as client id",
        ),
        pytest.param(
            {"installation_id": "acme"},
            f"github_app.installation_id must be a number. {INSTALLATION_PAGE}",
            id="installation",
        ),
        *(
            pytest.param(
                {"installation_id": text},
                f"github_app.installation_id must be a number. {A_CLIENT_ID} {INSTALLATION_PAGE}",
                id=f"client id {text} as installation",
            )
            for text in ("Iv1.8a61f9b3a7aba766", "Iv23liAbCdEfGhIjKlMn")
        ),
        pytest.param(
            {"installation_id": None, "owner": "acme/app"},
            "github_app.owner must be the name of an organization or user. Leave out the URL and the repository.",
            id="owner",
        ),
        pytest.param(
            {"base_url": "ssh://git@ghe.example.com/a"},
            "github_app.base_url must begin with https://. Write it like https://github.example.com/api/v3.",
            id="base_url over ssh",
        ),
        pytest.param(
            {"base_url": "https://s3cret@ghe.example.com"},
            "github_app.base_url must not have a user. Remove everything before the @.",
            id="base_url with a user",
        ),
        pytest.param(
            {"base_url": "https://ghp_s3cret@ghe.example.com"},
            "github_app.base_url must be the URL of a Git repository over ssh or https. "
            "A password or token in the URL is visible wherever the URL is shown. Remove everything before "
            "the @, and give it "
            "as username and password; write an @ in a path as %40.",
            id="base_url with a token",
        ),
        pytest.param({"private_key": KEY}, f"github_app.private_key is an Ed25519 key. {GITHUB_KEY}", id="Ed25519"),
        pytest.param(
            {"private_key": key_text("ECDSA SEC1")}, f"github_app.private_key is an ECDSA key. {GITHUB_KEY}", id="ECDSA"
        ),
        pytest.param(
            {"private_key": key_text("RSA PKCS#1", encrypted=True)},
            "github_app.private_key is protected by a passphrase. A task cannot ask for it. "
            "Remove it: openssl pkey -in key -out key.pem.",
            id="encrypted",
        ),
        pytest.param(
            {"private_key": "s3cret"},
            "github_app.private_key must be one private key; got something else. "
            "Check the file or the variable behind it.",
            id="no key",
        ),
        *(
            pytest.param(
                {"private_key": f"{start}s3cret"},
                "github_app.private_key must be one private key; got a GitHub token. "
                "Give the file with the private key; a token is a password.",
                id=f"token {start}",
            )
            for start in ("github_pat_", "ghp_", "ghs_")
        ),
        pytest.param(
            {"private_key": "0123456789abcdef0123456789abcdef01234567"},
            "github_app.private_key must be one private key; got 40 hexadecimal digits, as a client secret has. "
            "Give the file with the private key.",
            id="client secret",
        ),
    ],
)
def test_github_app(app: dict[str, str | None], message: str) -> None:
    row = "config_sync" if "client_id" in app else "flux"
    assert refused(format=row, github_app={**APP, **app}) == message


# --- SSH -------------------------------------------------------------------------------------------------------------

AZURE_SOURCE = "https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate"
AWS_SOURCE = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html"
BY_OPENSSH = (
    "which format git_sync does not read. The consumer passes the key to OpenSSH, and many versions of it do not "
    "read that format. Set ssh.convert=true."
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(
            pytest.param(
                {"ssh": {"generate": generate, "known_hosts": f"* {public_line('RSA')}"}, "url": url},
                f"ssh.generate={generate} makes a key that {name} does not accept. It accepts only RSA keys, "
                f"according to {source}. Set ssh.generate=rsa.",
                id=f"{generate} for {name}",
            )
            for generate in ("ed25519", "ecdsa")
            for url, name, source in (
                ("git@ssh.dev.azure.com:v3/acme/p/r", "Azure DevOps", AZURE_SOURCE),
                ("ssh://acme@acme.vs-ssh.visualstudio.com:22/p/_git/r", "Azure DevOps", AZURE_SOURCE),
                ("ssh://APKA@git-codecommit.eu-west-1.amazonaws.com/v1/repos/r", "AWS CodeCommit", AWS_SOURCE),
            )
        ),
        pytest.param(
            {"ssh": {"private_key": key_text("Ed25519 PKCS#8")}},
            f"ssh.private_key is an Ed25519 key in the format PKCS#8, {BY_OPENSSH}",
            id="Ed25519 in PKCS#8 for OpenSSH",
        ),
        *(
            pytest.param(
                {"ssh": {"private_key": key_text(kind)}, "format": "flux_signing"},
                f"ssh.private_key is an {kind.split()[0]} key in the format {kind.split()[1]}, which format "
                "flux_signing does not read. Its consumer reads only the format of OpenSSH. Set ssh.convert=true.",
                id=f"{kind} to sign with",
            )
            for kind in ("RSA PKCS#1", "RSA PKCS#8", "ECDSA SEC1", "Ed25519 PKCS#8")
        ),
        pytest.param(
            {"ssh": {"private_key": weak_rsa_key(1024), "convert": True}, "format": "flux_signing"},
            "ssh.private_key is an RSA key of 1024 bits. Format flux_signing needs at least 2048. "
            "Give a longer key, or one of another algorithm.",
            id="a short key to sign with",
        ),
        pytest.param(
            {
                "ssh": {
                    "private_key": key_text("RSA PKCS#8", encrypted=True),
                    "passphrase": PASSPHRASE,
                    "known_hosts": HOSTS,
                },
                "format": "flux",
            },
            "ssh.private_key is an RSA key in the format PKCS#8, which format flux does not read. "
            "Go's SSH library opens a passphrase only in the other formats. Set ssh.convert=true.",
            id="encrypted PKCS#8 for Flux",
        ),
        pytest.param(
            {"ssh": {"private_key": LOCKED, "passphrase": "s3cret"}},
            "ssh.passphrase does not open ssh.private_key. The passphrase is not that of this key, or the key is "
            "damaged. Try them: ssh-keygen -y -f key.",
            id="wrong passphrase",
        ),
        pytest.param(
            {"ssh": {"private_key": LOCKED}},
            "ssh.private_key is protected by a passphrase. Without it the key cannot be checked. Give ssh.passphrase.",
            id="missing passphrase",
        ),
        pytest.param(
            {"ssh": {**SSH, "passphrase": "s3cret"}},
            "ssh.passphrase is given, but ssh.private_key has no passphrase. "
            "It may be the wrong key. Check the key, or leave out ssh.passphrase.",
            id="passphrase for nothing",
        ),
        pytest.param(
            {"ssh": {"passphrase": "s3cret"}, "update_credentials": "when_given"},
            "ssh.passphrase is given without ssh.private_key. It belongs to a key that is given. Leave it out.",
            id="passphrase without key",
        ),
        pytest.param(
            {"ssh": {"private_key": LOCKED, "passphrase": f"{PASSPHRASE}\n"}},
            f"ssh.passphrase {CONTROL} Remove it; the filter trim removes one at the end.",
            id="line end behind the passphrase",
        ),
        pytest.param(
            {"ssh": {"generate": "rsa", "passphrase": "s3cret"}},
            "ssh.passphrase belongs to a key that is given; ssh.generate makes one without.",
            id="passphrase of a new key",
        ),
        pytest.param(
            {"ssh": {"private_key": public_line("RSA")}},
            "ssh.private_key must be one private key; got a public key. "
            "Give the private key, which is the file without .pub.",
            id="public key",
        ),
        pytest.param(
            {"ssh": {"private_key": "s3cret!" * 1170}},
            "ssh.private_key must be one private key; got something else. Check the file or the variable behind it.",
            id="8 KiB of noise",
        ),
        pytest.param(
            {"ssh": {"generate": "rsa"}, "credentials_from": {"name": "a"}},
            "ssh.generate and credentials_from exclude each other. Both say where the key comes from. Keep one.",
            id="a new and a copied key",
        ),
    ],
)
def test_ssh_keys(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


SCAN = {**SSH, "scan_host_keys": True}
GOOD = f"SHA256:{'A' * 43}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"ssh": {**SSH, "known_hosts": OTHER_HOSTS}, "url": SSH_URL},
            'ssh.known_hosts has no key for "git.example.com". It has keys for "git.example.org". '
            "Add what ssh-keyscan git.example.com prints, after you have compared its fingerprints with a "
            "trusted source.",
            id="another host",
        ),
        pytest.param(
            {"ssh": {**SSH, "known_hosts": HOSTS}, "url": "ssh://git@git.example.com:2222/a"},
            'ssh.known_hosts has no key for "[git.example.com]:2222". A port other than 22 is a part of the name, as '
            'in "[host]:port". It has keys for "git.example.com". '
            "Add what ssh-keyscan -p 2222 git.example.com prints, after you have compared its fingerprints "
            "with a trusted source.",
            id="another port",
        ),
        pytest.param(
            {"ssh": {**SSH, "known_hosts": HASHED}},
            "ssh.known_hosts has hashed lines, whose hosts cannot be read. Without url, it cannot be checked "
            "whether they cover the repository. Give url, or lines with the host's name, as ssh-keyscan "
            "prints them.",
            id="hashed, without URL",
        ),
        pytest.param(
            {"ssh": {**SSH, "known_hosts": HASHED}, "url": SSH_URL},
            'ssh.known_hosts has no key for "git.example.com". It has keys for 1 hashed name. '
            "Add what ssh-keyscan git.example.com prints, after you have compared its fingerprints with a "
            "trusted source.",
            id="hashed, another host",
        ),
        pytest.param(
            {"ssh": {**SSH, "known_hosts": "git.example.com rsa AAAA"}},
            "ssh.known_hosts, line 1: its second word is not an algorithm that ssh supports. "
            "Write it as ssh-keyscan prints it.",
            id="unknown algorithm",
        ),
        pytest.param(
            {"ssh": {**SCAN, "known_hosts": HOSTS}, "url": SSH_URL},
            "ssh.known_hosts and ssh.scan_host_keys exclude each other. Both say which host keys are trusted. "
            "Keep one of them.",
            id="given and scanned",
        ),
        pytest.param(
            {"ssh": SCAN},
            "ssh.scan_host_keys needs url. The host keys of its server are fetched. Give url.",
            id="nothing to scan",
        ),
        pytest.param(
            {"ssh": {**SSH, "host_key_fingerprints": [GOOD]}, "url": SSH_URL},
            "ssh.host_key_fingerprints is given without ssh.scan_host_keys. It lists which of the scanned "
            "host keys are accepted. Set ssh.scan_host_keys=true, or leave it out.",
            id="fingerprints for nothing",
        ),
        pytest.param(
            {"ssh": {**SCAN, "host_key_fingerprints": []}, "url": SSH_URL},
            "ssh.host_key_fingerprints is empty. Without fingerprints, any server that answers would be trusted. "
            "Check the variable behind it, or leave it out.",
            id="no fingerprint",
        ),
        pytest.param(
            {"ssh": {**SCAN, "host_key_fingerprints": [GOOD, "SHA256:abc"]}, "url": SSH_URL},
            'ssh.host_key_fingerprints[1] must be "SHA256:" and 43 characters of base64. '
            "Copy it from the page of the Git server, or from ssh-keygen -l -E sha256 -f key.pub on the server.",
            id="no such fingerprint",
        ),
        pytest.param(
            {"ssh": SCAN, "url": SSH_URL, "format": "argocd_repository"},
            "ssh.scan_host_keys has no effect with format argocd_repository. "
            "Argo CD reads host keys from the ConfigMap argocd-ssh-known-hosts-cm; argocd cert add-ssh --batch adds "
            "them there. Leave it out.",
            id="scanned for Argo CD",
        ),
        pytest.param(
            {"ssh": SCAN, "url": SSH_URL, "format": "jenkins"},
            "ssh.scan_host_keys has no effect with format jenkins. Leave it out.",
            id="scanned for Jenkins",
        ),
    ],
)
def test_host_keys(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


def test_hashed_host_keys_that_cover_the_url() -> None:
    salt = b"s" * 20
    digest = hmac.new(salt, b"git.example.com", hashlib.sha1).digest()
    line = f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()} {public_line('RSA')}\n"
    task = GitTask(ssh={**SSH, "known_hosts": line}, url=SSH_URL)
    assert task.credential.parts["known_hosts"] == line


def test_a_key_file_is_read() -> None:
    params = params_of(ssh={"private_key_file": "/k/id"})
    options = parse_options(params, context_of(files={"/k/id": KEY.replace("\n", "\r\n").encode()}))
    assert options.given
    assert options.given.credential.parts == SSH


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"\xff" * (MAX_KEY + 1),
            "ssh.private_key_file /k/id cannot be read: it is larger than 64 KiB. Give the path of a file on the "
            "machine that runs this task.",
            id="too long",
        ),
        pytest.param(
            b"\x00\xff\xfe",
            "ssh.private_key must be one private key; got something else. Check the file or the variable behind it.",
            id="binary",
        ),
        pytest.param(b"", f"ssh.private_key {EMPTY}", id="empty"),
    ],
)
def test_other_key_files(content: bytes, message: str) -> None:
    params = params_of(ssh={"private_key_file": "/k/id"})
    assert refusal(parse_options, params, context_of(files={"/k/id": content})) == message


def test_a_passphrase_in_another_encoding_does_not_open_the_key() -> None:
    data = private_key("RSA").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"\xe4"))
    assert refused(ssh={"private_key": data.decode(), "passphrase": "ä"}).startswith(
        "ssh.passphrase does not open ssh.private_key."
    )


# --- names -----------------------------------------------------------------------------------------------------------

NAMES = (
    "Such a name has up to 253 letters, digits, dots, - and _, and does not begin with two dots. "
    "Write it like id_ed25519."
)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            {},
            "keys is missing or empty; format=custom needs it. It states under which key of the Secret each "
            "part of the credential is stored. Write it like keys: {private_key: id_ed25519, known_hosts: "
            "known_hosts}.",
            id="none",
        ),
        pytest.param(
            {"private_keys": "a"},
            'keys has "private_keys", which is not a part of a credential. Did you mean private_key?',
            id="nearly a part",
        ),
        pytest.param(
            {"private-key": "id"},
            'keys has "private-key", which is not a part of a credential. Did you mean private_key?',
            id="nearly a part, and a key with the name of one",
        ),
        pytest.param(
            {"github_token": "password"},
            'keys has "github_token", which is not a part of a credential. Write the part first: '
            "keys: {password: github_token}.",
            id="the wrong way round",
        ),
        pytest.param(
            {7: "a"},
            'keys has "7", which is not a part of a credential. Choose from: base_url, bearer_token, ca_certificate, '
            "client_certificate, client_id, client_key, cookie_file, id, installation_id, known_hosts, owner, "
            "passphrase, password, private_key, public_key, url, username.",
            id="a number",
        ),
        *(
            pytest.param(
                {"private_key": key}, f"keys.private_key must be the name of a key in a Secret. {NAMES}", id=name
            )
            for key, name in (
                ("", "empty"),
                ("a b", "blank"),
                ("a/b", "slash"),
                ("ä", "umlaut"),
                ("a\n", "line end"),
                (".", "dot"),
                ("..", "two dots"),
                ("..a", "begins with two dots"),
                ("a" * 254, "too long"),
                (7, "a number as key"),
                (None, "null"),
                (["a"], "list"),
            )
        ),
        pytest.param(
            {"private_key": "key", "known_hosts": "key"},
            "keys.private_key and keys.known_hosts are both key. One would overwrite the other. "
            "Give each a name of its own.",
            id="one key for two parts",
        ),
        pytest.param(
            {"private_key": "key", "url": "key"},
            "keys.private_key and keys.url are both key. One would overwrite the other. Give each a name of its own.",
            id="one key for a part and the URL",
        ),
        pytest.param(
            {"known_hosts": "a", "username": "b"},
            "keys names no complete credential; it has known_hosts, username. "
            "Add what holds the credential: private_key, password, bearer_token or cookie_file.",
            id="no credential",
        ),
        pytest.param(
            {"password": "a"},
            "Format custom does not know ssh. For that, keys must name private_key. It knows https.",
            id="another kind",
        ),
    ],
)
def test_names_of_ones_own(keys: dict[Any, Any], message: str) -> None:
    assert refused(format="custom", keys=keys, ssh=SSH) == message


def test_a_part_without_name() -> None:
    message = "ssh.known_hosts is not read by format custom. It reads ssh.private_key."
    assert refused(format="custom", keys={"private_key": "a"}, ssh={**SSH, "known_hosts": HOSTS}) == message


def test_names_for_another_format() -> None:
    assert refused(format="flux", keys={"private_key": "a"}, ssh=SSH) == (
        "keys cannot be used with format=flux. Only format=custom takes key names of your own. Leave it out."
    )


def test_the_type_of_secret_is_that_of_custom_alone() -> None:
    """Also for state=absent, which deletes a Secret of this type."""
    given = {"custom_type": "example.com/git"}
    assert parse_custom_type("custom", given) == "example.com/git"
    assert parse_custom_type("custom", {}) == "Opaque"
    assert parse_custom_type("flux", given) == "Opaque"


@pytest.mark.parametrize("given", [7, False, ["a"]])
def test_a_type_of_secret_that_is_no_string(given: Any) -> None:
    options = {"format": "custom", "keys": {"password": "a"}, "https": ADA}
    assert refused(**options, format_options={"custom_type": given}) == str(
        not_a_string(given, "format_options.custom_type")
    )


def test_settings_that_are_no_strings_are_refused_before_the_source_is_read() -> None:
    """The kind of the credential is known only when that is read."""
    options = {"format": "jenkins", "credentials_from": {"name": "a"}}
    assert refused(**options, format_options={"jenkins_description": 7}) == str(
        not_a_string(7, "format_options.jenkins_description")
    )
    match = {"openshift_match_uris": ["ssh://a/*", True]}
    assert refused(**{**options, "format": "openshift_build"}, format_options=match) == str(
        not_a_string(True, "format_options.openshift_match_uris[1]")
    )


@pytest.mark.parametrize("given", ["", " ", None])
def test_other_types_of_secret(given: Any) -> None:
    options = {"format": "custom", "keys": {"password": "a"}, "https": ADA}
    assert refused(**options, format_options={"custom_type": given}) == (
        "format_options.custom_type must be a type of Secret. Leave it out for Opaque."
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "app",
            "name must begin with gitsync-secret-. Format primehub finds its Secrets by that. Write "
            "gitsync-secret-app.",
            id="without beginning",
        ),
        pytest.param(
            "gitsync-secret-", "name is not a name that a Secret can have. Allowed are", id="nothing but the beginning"
        ),
    ],
)
def test_the_name_for_primehub(name: str, message: str) -> None:
    assert refused(format="primehub", ssh=SSH, name=name).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"labels": {"jenkins.io/credentials-type": "x"}},
            'labels["jenkins.io/credentials-type"] is set by format jenkins. Leave it out, or use format_options.',
            id="label",
        ),
        pytest.param(
            {
                "annotations": {"jenkins.io/credentials-description": "x"},
                "format_options": {"jenkins_description": "y"},
            },
            'annotations["jenkins.io/credentials-description"] is set by format jenkins. '
            "Leave it out, or use format_options.",
            id="annotation",
        ),
    ],
)
def test_marks_of_the_format_can_not_be_set_twice(options: dict[str, Any], message: str) -> None:
    assert refused(format="jenkins", https=ADA, **options) == message


def test_other_labels_and_annotations_stay() -> None:
    metadata = GitTask(format="jenkins", https=ADA, labels={"a": "b"}, annotations={"c": "d"}).task.options.metadata
    assert metadata.labels == {"jenkins.io/credentials-type": "usernamePassword", "a": "b"}
    assert metadata.annotations == {"c": "d"}


@pytest.mark.parametrize("part", ["username", "password", "bearer_token", "ca_certificate", "client_certificate"])
@pytest.mark.parametrize("value", ["S3cret\n", "S3cret:x\n"])
def test_no_refusal_quotes_material(part: str, value: str) -> None:
    assert "S3cret" not in refused(format="flux", https={part: value})


# --- what a consumer cannot read -------------------------------------------------------------------------------------

JENKINS: dict[str, Any] = {"format": "jenkins", "https": ADA}
NAMES_OF_KEYS = {"jenkins_keys": {"username": "user"}}
CUSTOM: dict[str, Any] = {"format": "custom", "keys": {"password": "token"}, "https": {"password": "s3cret"}}
RUNNER: dict[str, Any] = {"format": "actions_runner_controller"}
PIPELINES: dict[str, Any] = {"format": "pipelines_as_code"}
A_NUMBER = (
    "must be a number. A client ID, which begins with Iv, is another value. The installation ID is at the end of the "
    "URL of the installation's page."
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {**RUNNER, "github_app": {"client_id": "Iv23lix", "installation_id": "Iv23lix", "private_key": APP_KEY}},
            f"github_app.installation_id {A_NUMBER}",
            id="a client ID as installation ID",
        ),
        pytest.param(
            {**RUNNER, "github_app": {"id": "7", "private_key": APP_KEY}},
            "github_app.installation_id is missing. Format actions_runner_controller needs github_app.id with "
            "github_app.installation_id with github_app.private_key, or github_app.client_id with "
            f"github_app.installation_id with github_app.private_key. {COMPLETE}",
            id="an App of runners without installation",
        ),
        pytest.param(
            {**RUNNER, "github_app": {**APP, "client_id": "Iv1"}},
            "github_app.id and github_app.client_id exclude each other. Both set the same value. Keep one of them.",
            id="two IDs of one key",
        ),
        pytest.param(
            {**RUNNER, "github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"}},
            "github_app.base_url is not read by format actions_runner_controller. The controller derives it from "
            "githubConfigUrl of its Helm chart. It reads github_app.id, github_app.client_id, "
            "github_app.installation_id and github_app.private_key.",
            id="the server of runners",
        ),
        pytest.param(
            {**RUNNER, "https": ADA},
            "https.username is not read by format actions_runner_controller. The controller sends the token alone. "
            "It reads https.password.",
            id="the user of runners",
        ),
        pytest.param(
            {**PIPELINES, "github_app": {"client_id": "Iv1", "private_key": APP_KEY}},
            "github_app.client_id is not read by format pipelines_as_code. Pipelines-as-Code reads the ID as a number. "
            "It reads github_app.id and github_app.private_key.",
            id="the client ID of Pipelines-as-Code",
        ),
        pytest.param(
            {**PIPELINES, "github_app": APP},
            "github_app.installation_id is not read by format pipelines_as_code. Pipelines-as-Code takes it from each "
            "webhook. It reads github_app.id and github_app.private_key.",
            id="the installation of Pipelines-as-Code",
        ),
        pytest.param(
            {
                **PIPELINES,
                "https": {"password": "s3cret"},
                "format_options": {"pipelines_as_code_webhook_secret": " "},
            },
            f"format_options.pipelines_as_code_webhook_secret {EMPTY}",
            id="an empty secret of a webhook",
        ),
        pytest.param(
            {**PIPELINES, "https": {"password": "s3cret"}, "format_options": {"pipelines_as_code_webhook_secret": 7}},
            str(not_a_string(7, "format_options.pipelines_as_code_webhook_secret")),
            id="a number as secret of a webhook",
        ),
        pytest.param(
            {"format": "devworkspace_git", "ssh": SSH, "url": SSH_URL},
            "Format devworkspace_git does not know ssh. For an SSH key, use format devworkspace_ssh. It knows https.",
            id="an SSH key for devworkspace_git",
        ),
        pytest.param(
            {"format": "devworkspace_ssh", "ssh": {"private_key": LOCKED, "passphrase": PASSPHRASE}},
            "name must be git-ssh-key for a key with a passphrase. The consumer of format devworkspace_ssh opens only "
            "the key in the Secret of that name. Change the name, or give a key without a passphrase.",
            id="a passphrase under another name",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_type": "gitHubApp"}},
            "format_options.jenkins_type must be one of githubApp, secretFile, secretText.",
            id="a type that is the default",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_type": "githubApp"}},
            "Format jenkins does not know https. format_options.jenkins_type is githubApp, which is for another kind "
            "of credential. It knows github_app.",
            id="a type of another kind",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_type": "secretText"}},
            "https.username is not read by format jenkins. It reads https.password.",
            id="a user for a text",
        ),
        pytest.param(
            {"format": "jenkins", "cookie_file": "c"},
            "Format jenkins does not know cookie_file. A file needs format_options.jenkins_type=secretFile. "
            "It knows ssh, https and github_app.",
            id="a file without its type",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_filename": "f"}},
            "format_options.jenkins_filename is not known to format jenkins. Set jenkins_type=secretFile, or leave it "
            "out.",
            id="a file name for a password",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_keys": {"user": "username"}}},
            "format_options.jenkins_keys.user is not a key that format jenkins reads. Did you mean username?",
            id="a key that Jenkins does not read",
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_keys": {"username": "a b"}}},
            "format_options.jenkins_keys.username must be the name of a key in a Secret. Such a name has up to 253 "
            "letters, digits, dots, - and _, and does not begin with two dots. Write it like id_ed25519.",
            id="a name that no key has",
        ),
        *(
            pytest.param(
                {**JENKINS, "format_options": {"jenkins_keys": names}},
                "format_options.jenkins_keys.username is the name of another key. One would overwrite the other. "
                "Give each a name of its own.",
                id=f"a name in use: {names}",
            )
            for names in ({"username": "password"}, {"username": "x", "password": "x"})
        ),
        pytest.param(
            {**JENKINS, "format_options": {"jenkins_keys": ["user"]}},
            "format_options.jenkins_keys must be a mapping that is not empty.",
            id="a list of names",
        ),
        pytest.param(
            {**CUSTOM, "format_options": {"custom_secrets": {"token": "other"}}},
            "format_options has the key token, which the credential has, too. One would overwrite the other. "
            "Give each a name of its own.",
            id="a secret under the key of the credential",
        ),
        pytest.param(
            {**CUSTOM, "format_options": {"custom_secrets": {"a": "x"}, "custom_empty_keys": ["b", "a"]}},
            "format_options.custom_empty_keys[1] is a key that format_options.custom_secrets has, too. One would "
            "overwrite the other. Give each a name of its own.",
            id="an empty key with a secret",
        ),
        pytest.param(
            {**CUSTOM, "format_options": {"custom_empty_keys": ["a/b"]}},
            "format_options.custom_empty_keys[0] must be the name of a key in a Secret. Such a name has up to 253 "
            "letters, digits, dots, - and _, and does not begin with two dots. Write it like id_ed25519.",
            id="an empty key with a slash",
        ),
        pytest.param(
            {**CUSTOM, "format_options": {"custom_secrets": {"a": ""}}},
            f"format_options.custom_secrets.a {EMPTY}",
            id="an empty secret",
        ),
        pytest.param(
            {**CUSTOM, "format_options": {"custom_secrets": {"a": 7}}},
            str(not_a_string(7, "format_options.custom_secrets.a")),
            id="a secret that is a number",
        ),
        pytest.param(
            {
                **JENKINS,
                "annotations": {"jenkins.io/credentials-keybinding-username": "x"},
                "format_options": NAMES_OF_KEYS,
            },
            'annotations["jenkins.io/credentials-keybinding-username"] is set by format jenkins. '
            "Leave it out, or use format_options.",
            id="a name that is given twice",
        ),
    ],
)
def test_what_the_consumer_cannot_read(options: dict[str, Any], message: str) -> None:
    assert refused(**options) == message


def test_ids_that_are_numbers_are_written_as_strings() -> None:
    app = {"id": 7, "installation_id": 42, "private_key": APP_KEY}
    assert written(**RUNNER, github_app=app)["data"] == {
        "github_app_id": "7",
        "github_app_installation_id": "42",
        "github_app_private_key": APP_KEY,
    }


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {
                **PIPELINES,
                "https": {"password": "s3cret"},
                "format_options": {"pipelines_as_code_webhook_secret": "h00k@s3cret"},
            },
            id="the secret of a webhook",
        ),
        pytest.param({**CUSTOM, "format_options": {"custom_secrets": {"hook": "h00k@s3cret"}}}, id="custom"),
    ],
)
def test_secrets_among_the_settings_are_known_to_the_scrubber(options: dict[str, Any]) -> None:
    clean = GitTask(**options).context.scrubber.clean
    assert clean("at h00k@s3cret and h00k%40s3cret") == "at ******** and ********"


# --- types of Secret and cloud identities ----------------------------------------------------------------------------

GOOGLE_KEY = '{"type": "service_account", "client_email": "a@p.iam", "private_key": "s3cret"}'
CLIENT_ID, TENANT_ID = (f"12345678-1234-1234-1234-123456789ab{end}" for end in "cd")
PRINCIPAL = "argocd_azure_service_principal"
AZURE = {
    f"{PRINCIPAL}_client_id": CLIENT_ID,
    f"{PRINCIPAL}_tenant_id": TENANT_ID,
    f"{PRINCIPAL}_client_secret": "s3cret",
}
AWS = {
    "kargo_aws_region": "eu-central-1",
    "kargo_aws_access_key_id": "AKIAEXAMPLEEXAMPLE12",
    "kargo_aws_secret_access_key": "s3cret",
}
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app"
WAYS = (
    f"format_options.{PRINCIPAL}_client_id with format_options.{PRINCIPAL}_tenant_id with "
    f"format_options.{PRINCIPAL}_client_secret, or format_options.argocd_use_azure_workload_identity, or "
    "format_options.argocd_gcp_service_account_key"
)
GIVE = "Give what is missing; with update_credentials=when_given a stored value is kept."
ARGOCD = {"format": "argocd_repository", "url": HTTPS_URL}
HELM = {"format": "argocd_repository", "https": ADA}
IMAGE = {"format": "kargo", "url": ECR}


@pytest.mark.parametrize(
    ("options", "settings", "message"),
    [
        pytest.param(
            ARGOCD,
            {f"{PRINCIPAL}_client_id": CLIENT_ID},
            f"format_options.{PRINCIPAL}_tenant_id and format_options.{PRINCIPAL}_client_secret are missing. "
            f"Format argocd_repository needs {WAYS}. {GIVE}",
            id="a part of a service principal",
        ),
        pytest.param(
            ARGOCD,
            {"argocd_azure_active_directory_endpoint": "https://login.microsoftonline.us"},
            f"format_options.{PRINCIPAL}_client_id, format_options.{PRINCIPAL}_tenant_id and "
            f"format_options.{PRINCIPAL}_client_secret are missing. Format argocd_repository needs {WAYS}. {GIVE}",
            id="an endpoint alone",
        ),
        pytest.param(
            ARGOCD,
            {**AZURE, "argocd_use_azure_workload_identity": True},
            f"format_options.{PRINCIPAL}_client_id and format_options.argocd_use_azure_workload_identity exclude each "
            "other. Both set the same value. Keep one of them.",
            id="two identities of Azure",
        ),
        pytest.param(
            {**ARGOCD, "https": ADA},
            AZURE,
            f"https and format_options.{PRINCIPAL}_client_id are two credentials. The consumer would use only one of "
            "them. Keep one.",
            id="an identity beside a password",
        ),
        pytest.param(
            ARGOCD,
            {**AZURE, f"{PRINCIPAL}_client_id": "acme"},
            f"format_options.{PRINCIPAL}_client_id must be an ID such as 12345678-1234-1234-1234-123456789012.",
            id="a name in place of an ID",
        ),
        pytest.param(
            ARGOCD,
            {**AZURE, f"{PRINCIPAL}_client_secret": " "},
            f"format_options.{PRINCIPAL}_client_secret {EMPTY}",
            id="an empty secret",
        ),
        pytest.param(
            ARGOCD,
            {**AZURE, f"{PRINCIPAL}_client_secret": 7},
            str(not_a_string(7, f"format_options.{PRINCIPAL}_client_secret")),
            id="a number as secret",
        ),
        pytest.param(
            ARGOCD,
            {"argocd_use_azure_workload_identity": "yes"},
            "format_options.argocd_use_azure_workload_identity must be true or false.",
            id="a word that Go does not read",
        ),
        pytest.param(
            {**ARGOCD, "url": SSH_URL},
            AZURE,
            "url begins with ssh://, and the credential is cloud_identity. One does not work with the other. "
            "Write the URL like https://host/path, or give another credential.",
            id="an identity for SSH",
        ),
        pytest.param(
            ARGOCD,
            {"argocd_use_azure_workload_identity": False},
            "The credential is missing. Format argocd_repository also takes a cloud identity in format_options: "
            f"{WAYS.replace('format_options.', '')}. Give one of ssh, https, github_app, github_app_token "
            "and credentials_from; with update_credentials=when_given it may be empty.",
            id="an identity that is not used",
        ),
        pytest.param(
            {"format": "argocd_image_updater"},
            {"argocd_use_azure_workload_identity": True},
            "format_options.argocd_use_azure_workload_identity is not known to format argocd_image_updater. "
            "Choose from: argocd_insecure, argocd_proxy.",
            id="an identity that the consumer does not read",
        ),
        pytest.param(
            {"format": "argocd_image_updater", "https": ADA},
            {"argocd_proxy": "http://proxy.example.com:3128"},
            "format_options.argocd_proxy belongs to github_app, and the credential is https. Leave it out.",
            id="a proxy that Image Updater reads for a GitHub App only",
        ),
        pytest.param(
            {**ARGOCD, "https": ADA},
            {"argocd_type": "chart"},
            "format_options.argocd_type must be one of git, helm, oci.",
            id="another type",
        ),
        pytest.param(
            {**HELM, "url": "https://charts.example.com"},
            {"argocd_type": "helm"},
            "format_options.argocd_name is missing; format argocd_repository with argocd_type=helm needs it.",
            id="a chart without name",
        ),
        pytest.param(
            {**HELM, "url": "https://charts.example.com"},
            {"argocd_type": "helm", "argocd_name": "a", "argocd_enable_oci": True},
            "format_options.argocd_enable_oci is true, and url begins with https://. A chart in a registry has a URL "
            "without a scheme, and one in a Helm repository begins with https://. Leave out argocd_enable_oci, or "
            "correct the URL.",
            id="OCI with https",
        ),
        pytest.param(
            {**HELM, "url": "registry.example.com/charts"},
            {"argocd_type": "helm", "argocd_name": "a", "argocd_enable_oci": False},
            "format_options.argocd_enable_oci is false, and url has no scheme. A chart in a registry has a URL "
            "without a scheme, and one in a Helm repository begins with https://. Leave out argocd_enable_oci, or "
            "correct the URL.",
            id="no OCI without scheme",
        ),
        pytest.param(
            {"format": "argocd_repository", "url": "https://charts.example.com", "ssh": SSH},
            {"argocd_type": "helm", "argocd_name": "a"},
            "Format argocd_repository with argocd_type=helm does not know ssh. It knows https and cloud_identity.",
            id="a chart by SSH",
        ),
        pytest.param(
            {"format": "argocd_repository", "url": "oci://ghcr.io/acme/app", "https": {"bearer_token": "t"}},
            {"argocd_type": "oci"},
            "https.bearer_token is not read by format argocd_repository with argocd_type=oci. It reads "
            "https.username, https.password, https.client_certificate and https.client_key.",
            id="a bearer token for a registry",
        ),
        pytest.param(
            {**HELM, "url": "https://charts.example.com", "verify": True},
            {"argocd_type": "helm", "argocd_name": "a"},
            "verify asks a Git server, and format argocd_repository with argocd_type=helm is not for one. "
            "Leave it out.",
            id="verify of a chart",
        ),
        *(
            pytest.param(
                {**given, "verify": True, "verify_url": "https://git.example.com/a"},
                {},
                f"verify asks a Git server, and format {given['format']} is not for one. Leave it out.",
                id=f"verify of {given['format']}",
            )
            for given in (
                {"format": "flux_receiver", "https": {"password": "t0ken"}},
                {"format": "flux_proxy", "https": ADA, "url": "http://git.example.com:3128"},
                {"format": "flux_signing", "ssh": SSH},
                {"format": "fleet_helm", "https": ADA},
            )
        ),
        pytest.param(
            {"format": "argocd_scm_creds", "https": ADA},
            {},
            "https.username is not read by format argocd_scm_creds. A tokenRef of an ApplicationSet names one key. "
            "It reads https.password.",
            id="a user for a tokenRef",
        ),
        pytest.param(
            {"format": "argocd_image_updater", "github_app": {"id": "7", "private_key": APP_KEY}},
            {},
            "github_app.installation_id is missing. Format argocd_image_updater needs github_app.id with "
            f"github_app.installation_id with github_app.private_key. {GIVE}",
            id="Image Updater needs the installation",
        ),
        pytest.param(
            {"format": "argocd_image_updater", "https": ADA, "url": "http://git.example.com/a"},
            {},
            "url begins with http://, and format argocd_image_updater sends passwords only over https.",
            id="http for Image Updater",
        ),
        pytest.param(
            {"format": "kargo", "https": ADA, "url": "https://ghcr.io/acme/app"},
            {"kargo_type": "image"},
            'url begins with "https://", and format_options has kargo_type=image. Format kargo does not read such a '
            "URL with this type. Set kargo_type=git or helm, or correct url.",
            id="an image with a scheme",
        ),
        pytest.param(
            {"format": "argocd_repository", "https": ADA, "url": "oci://ghcr.io/acme/charts"},
            {"argocd_type": "helm", "argocd_name": "charts"},
            'url begins with "oci://", and format_options has argocd_type=helm. Format argocd_repository does not read '
            "such a URL with this type. Set argocd_type=oci, or correct url.",
            id="a chart with the scheme of OCI",
        ),
        pytest.param(
            {"format": "argocd_repository", "https": ADA, "url": "oci://ghcr.io/acme/charts"},
            {},
            'url begins with "oci://", and format_options has argocd_type=git. Format argocd_repository does not read '
            "such a URL with this type. Set argocd_type=oci, or correct url.",
            id="a Git repository with the scheme of OCI",
        ),
        pytest.param(
            {"format": "kargo", "https": ADA, "url": "ftp://ghcr.io/acme/app"},
            {"kargo_type": "image"},
            'url is not a URL that this format reads. It begins with "ftp://". '
            'Write it like "registry.example.com/team/app".',
            id="a scheme of no type",
        ),
        pytest.param(
            {**IMAGE, "url": "ghcr.io/acme/app"},
            {"kargo_type": "image", **AWS},
            "url does not match format_options.kargo_aws_region. Format kargo uses it only for a repository on Amazon "
            "ECR, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app. "
            "Correct the URL, or give a user name and password.",
            id="keys of AWS for another registry",
        ),
        pytest.param(
            IMAGE,
            {"kargo_type": "image", "kargo_gcp_service_account_key": GOOGLE_KEY},
            "url does not match format_options.kargo_gcp_service_account_key. Format kargo uses it only for a "
            "repository on Google Artifact Registry, such as europe-west3-docker.pkg.dev/project/images/app. "
            "Correct the URL, or give a user name and password.",
            id="a key of Google for another registry",
        ),
        pytest.param(
            IMAGE,
            {"kargo_type": "image", **AWS, "kargo_aws_access_key_id": "ASIAEXAMPLEEXAMPLE12"},
            "format_options.kargo_aws_access_key_id must be the ID of a long-term access key, which begins with AKIA.",
            id="a temporary key of AWS",
        ),
        pytest.param(
            IMAGE,
            {"kargo_type": "image", **AWS, "kargo_gcp_service_account_key": GOOGLE_KEY},
            "format_options.kargo_gcp_service_account_key and format_options.kargo_aws_region exclude each other. "
            "Both set the same value. Keep one of them.",
            id="two clouds",
        ),
        pytest.param(
            {"format": "kargo", "url": HTTPS_URL},
            AWS,
            "format_options.kargo_aws_region is not known to format kargo. "
            "Set kargo_type=image or helm, or leave it out.",
            id="an identity for Git",
        ),
        pytest.param(
            {"format": "argocd_repository", "https": ADA, "url": "oci://ghcr.io/acme/app"},
            {"argocd_type": "oci", "argocd_depth": 1},
            "format_options.argocd_depth is not known to format argocd_repository with argocd_type=oci. "
            "Set argocd_type=git, or leave it out.",
            id="depth of an artifact",
        ),
        pytest.param(
            {"format": "kargo", "https": ADA, "url": "^https://(?!evil)"},
            {"kargo_url_is_regex": True},
            "url is not a regular expression that kargo can compile. It has a group that begins with (? and is none of "
            "(?:, (?flags), (?flags: and (?P<name>. RE2 has no lookaround, backreference, atomic group or possessive "
            "repetition. kargo reads the syntax RE2 of Go, and ignores a Secret with any other. Correct it, as "
            "https://pkg.go.dev/regexp/syntax describes.",
            id="lookahead for Go",
        ),
    ],
)
def test_types_and_cloud_identities(options: dict[str, Any], settings: dict[str, Any], message: str) -> None:
    assert refused(**options, format_options=settings) == message


@pytest.mark.parametrize(
    ("options", "labels", "message"),
    [
        pytest.param(
            {"format": "argocd_repository", "url": SSH_URL, "ssh": SSH},
            {"jenkins.io/credentials-type": "usernamePassword"},
            'labels["jenkins.io/credentials-type"] marks the Secret for jenkins, which finds no credential in it. '
            "It has the keys of format argocd_repository, and a Secret serves one format. "
            "Leave it out, and write a second Secret for the second consumer.",
            id="other keys",
        ),
        pytest.param(
            {"format": "git_sync", "https": ADA},
            {"kargo.akuity.io/cred-type": "image"},
            'labels["kargo.akuity.io/cred-type"] marks the Secret for kargo, which finds no credential in it. '
            "It has the keys of format git_sync, and a Secret serves one format. "
            "Leave it out, and write a second Secret for the second consumer.",
            id="without the URL",
        ),
        pytest.param(
            {"format": "kargo", "url": HTTPS_URL, "https": ADA},
            {"argocd.argoproj.io/secret-type": "repository"},
            'labels["argocd.argoproj.io/secret-type"] marks the Secret for argocd_repository, which finds no '
            "credential in it. It has the keys of format kargo, and a Secret serves one format. "
            "Leave it out, and write a second Secret for the second consumer.",
            id="the URL under another key",
        ),
        pytest.param(
            {"format": "argocd_repository", "url": HTTPS_URL, "https": ADA},
            {"argocd.argoproj.io/secret-type": "repository-write"},
            'labels["argocd.argoproj.io/secret-type"] is set by format argocd_repository. '
            "Leave it out, or use format_options.",
            id="the same label",
        ),
    ],
)
def test_labels_that_exclude_each_other(options: dict[str, Any], labels: dict[str, str], message: str) -> None:
    assert refused(**options, labels=labels) == message


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        pytest.param(
            {"format": "git_sync", "https": ADA}, {"jenkins.io/credentials-type": "usernamePassword"}, id="both read it"
        ),
        pytest.param({"format": "git_sync", "https": ADA}, {"kargo.akuity.io/cred-type": "generic"}, id="any keys"),
        pytest.param(
            {"format": "git_sync", "https": ADA}, {"jenkins.io/credentials-type": "other"}, id="no known value"
        ),
    ],
)
def test_labels_of_another_consumer_that_reads_the_keys(options: dict[str, Any], labels: dict[str, str]) -> None:
    assert labels.items() <= dict(GitTask(**options, labels=labels).task.options.metadata.labels).items()
