# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Git server is asked, and what git and ssh are started with. No program runs here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import AFTER_APPLY
from ansible_collections.keyring.kubernetes.plugins.module_utils._git.question import (
    MAX_SENT,
    GitAnswer,
    GitQuestion,
    git_command,
    git_variables,
    make_question,
    repository_url,
)
from support.samples.git_secrets import ADA, HOSTS, HTTPS_URL, SSH_URL
from support.samples.keys import PASSPHRASE, certificate, key_text

KEY = key_text("Ed25519 OpenSSH")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
FOLDER = "/private/keyring-verify-x"


def made(kind: Any, parts: Mapping[str, str], url: str | None, **more: Any) -> GitQuestion | GitAnswer:
    return make_question(kind, parts, parse_git_url(url, "url") if url else None, **more)


def asked(kind: Any, parts: Mapping[str, str], url: str, **more: str) -> GitQuestion:
    question = made(kind, parts, url, **more)
    assert isinstance(question, GitQuestion)
    return question


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("git@git.example.com:team/app.git", "git@git.example.com:team/app.git"),
        ("ssh://git@git.example.com/team/app.git", "ssh://git@git.example.com/team/app.git"),
        ("ssh://git.example.com:2222/team/app.git", "ssh://git@git.example.com:2222/team/app.git"),
        ("ssh://ada@[::1]:2222/app", "ssh://ada@[::1]:2222/app"),
        ("https://git.example.com/team/app", "https://git.example.com/team/app"),
        ("https://ada@git.example.com:8443/team/app", "https://git.example.com:8443/team/app"),
    ],
)
def test_the_url_for_git(url: str, expected: str) -> None:
    assert repository_url(parse_git_url(url, "url")) == expected


@pytest.mark.parametrize(
    ("kind", "parts", "url", "text"),
    [
        ("cookie_file", {"cookie_file": "x"}, HTTPS_URL, "git reads a cookie file only from a file"),
        ("github_app", {"private_key": "x"}, HTTPS_URL, "the consumer makes tokens from the key"),
        ("github_app", {"private_key": "x"}, None, "the consumer makes tokens from the key"),
        ("gpg", {"private_key": "x"}, HTTPS_URL, "a key that signs commits is sent to no server"),
        ("cloud_identity", {"kargo_aws_region": "eu-central-1"}, HTTPS_URL, "the consumer gets tokens from a cloud"),
        ("https", {"bearer_token": "x"}, HTTPS_URL, "git takes a bearer token only from"),
        ("https", {**ADA, "client_certificate": "x", "client_key": "x"}, HTTPS_URL, "git takes a client key only from"),
        ("https", {"username": "ada"}, HTTPS_URL, "there is no password"),
        ("https", {"username": "ada", "password": "a\nhost=x"}, HTTPS_URL, "has a newline"),
        ("https", {"username": "ada\nhost=x", "password": "a"}, HTTPS_URL, "has a newline"),
        ("https", {"username": "ada", "password": "x" * MAX_SENT}, HTTPS_URL, "the password is too long"),
        ("https", {**ADA, "password": "pw\ud800x"}, HTTPS_URL, "cannot be written as UTF-8"),
        ("https", {**ADA, "username": "ada\ud800"}, HTTPS_URL, "cannot be written as UTF-8"),
        ("https", {**ADA, "ca_certificate": "\ud800"}, HTTPS_URL, "cannot be written as UTF-8"),
        ("ssh", {"private_key": KEY, "known_hosts": f"{HOSTS}\ud800"}, SSH_URL, "cannot be written as UTF-8"),
        ("ssh", {"private_key": KEY}, SSH_URL, "without host keys any server could answer"),
        ("ssh", {"private_key": AFTER_APPLY, "known_hosts": HOSTS}, SSH_URL, "the key does not exist yet"),
        ("ssh", {"private_key": KEY, "known_hosts": AFTER_APPLY}, SSH_URL, "Not known in check mode"),
        ("ssh", {"private_key": "x", "known_hosts": HOSTS}, SSH_URL, "the private key cannot be read"),
        ("ssh", {"private_key": LOCKED, "known_hosts": HOSTS}, SSH_URL, "the private key cannot be read"),
        ("ssh", {"known_hosts": HOSTS}, SSH_URL, "the private key cannot be read"),
        ("ssh", {"private_key": KEY, "known_hosts": HOSTS}, None, "no repository is given"),
    ],
)
def test_what_cannot_be_asked(kind: str, parts: Mapping[str, str], url: str | None, text: str) -> None:
    answer = made(kind, parts, url)
    assert isinstance(answer, GitAnswer)
    assert answer.outcome == "unverifiable"
    assert text in answer.text


def test_the_credential_of_the_secret_comes_first() -> None:
    own, other = certificate("RSA"), certificate("ECDSA")
    assert asked("https", {**ADA, "ca_certificate": own}, HTTPS_URL, ca_certificates=other).ca_certificates == own
    assert asked("https", ADA, HTTPS_URL, ca_certificates=other).ca_certificates == other
    assert asked("ssh", {"private_key": KEY, "known_hosts": HOSTS}, SSH_URL, known_hosts="x").known_hosts == HOSTS
    assert asked("ssh", {"private_key": KEY}, SSH_URL, known_hosts=HOSTS).known_hosts == HOSTS


def test_the_user_name_without_one() -> None:
    url = HTTPS_URL.replace("://", "://octo%40x@")
    assert asked("https", {"password": "p"}, url).secret == "username=octo@x\npassword=p\n"
    assert asked("https", {"password": "p"}, HTTPS_URL).secret == "username=git\npassword=p\n"


def test_a_key_with_a_passphrase_is_opened() -> None:
    parts = {"private_key": LOCKED, "known_hosts": HOSTS, "passphrase": PASSPHRASE}
    question = asked("ssh", parts, SSH_URL)
    assert "ENCRYPTED" not in question.secret
    assert question.secret not in (LOCKED, "")
    assert set(question.texts) == {question.secret, LOCKED, PASSPHRASE}


@pytest.mark.parametrize("kind", ["https", "ssh"])
def test_no_secret_is_in_a_command_or_a_variable(kind: str) -> None:
    parts = {**ADA, "private_key": KEY, "known_hosts": HOSTS}
    question = asked(kind, parts, SSH_URL if kind == "ssh" else HTTPS_URL)
    variables = git_variables(question, FOLDER, {"PATH": "/bin"}, "/bin/ssh", 10)
    everything = "\n".join([*git_command("/bin/git", question, FOLDER, 9, 10), *variables.values()])

    assert not [text for text in question.texts if text in everything]
    assert KEY.splitlines()[2] not in everything
    assert "s3cret" not in everything


def test_variables_are_from_a_list() -> None:
    """Of a variable that is not on it, neither the name nor the value gets to git."""
    names = (
        *("HOME", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_CONFIG_COUNT", "GIT_SSL_NO_VERIFY", "GIT_TRACE", "NETRC"),
        *("SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_SSH", "GIT_EXEC_PATH", "LD_PRELOAD", "KRB5_CONFIG", "BASH_ENV", "ENV"),
    )
    environ = {**dict.fromkeys(names, "/evil"), "PATH": "/bin", "https_proxy": "http://proxy:3128", "no_proxy": "x"}
    environ["all_proxy"] = "http://ada:s3cret@proxy:3128"
    given = {"PATH": "/bin", "HOME": FOLDER, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
    git = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CEILING_DIRECTORIES": "/private",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "KRB5CCNAME": "FILE:/dev/null",
    }
    over_https = git_variables(asked("https", ADA, HTTPS_URL), FOLDER, environ, "", 10)
    over_ssh = git_variables(
        asked("ssh", {"private_key": KEY, "known_hosts": HOSTS}, SSH_URL), FOLDER, environ, "ssh", 7
    )

    assert over_https == {
        **given,
        **git,
        "GIT_ALLOW_PROTOCOL": "https",
        "https_proxy": "http://proxy:3128",
        "no_proxy": "x",
    }
    command = over_ssh.pop("GIT_SSH_COMMAND")
    assert over_ssh == {**given, **git, "GIT_ALLOW_PROTOCOL": "ssh", "GIT_SSH_VARIANT": "ssh"}
    for option in (
        *(
            "-F /dev/null",
            "-oBatchMode=yes",
            "-oStrictHostKeyChecking=yes",
            "-oControlPath=none",
            "-oIdentityFile=none",
        ),
        *("-oProxyCommand=none", "-oGlobalKnownHostsFile=/dev/null", "-oConnectTimeout=7"),
        f"'-oUserKnownHostsFile=\"{FOLDER}/known_hosts\"'",
        f"'-oIdentityAgent=\"{FOLDER}/agent\"'",
    ):
        assert option in command


def test_the_helper_names_its_server() -> None:
    command = git_command("/bin/git", asked("https", ADA, "https://GIT.example.com:8443/a"), FOLDER, 9, 10)
    settings = [command[index + 1] for index, word in enumerate(command) if word == "-c" and index > 1]

    assert settings[0] == "credential.helper="
    assert "'https://git.example.com:8443' && cat /dev/fd/9" in settings[1]
    assert settings[2:] == [
        "http.followRedirects=false",
        "http.emptyAuth=false",
        "http.lowSpeedLimit=1",
        "http.lowSpeedTime=10",
    ]
    assert command[-4:] == ["ls-remote", "--", "https://git.example.com:8443/a", "HEAD"]
