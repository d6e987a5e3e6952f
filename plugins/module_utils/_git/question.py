# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The question to a Git server whether a credential reads a repository: what is asked, and how git and ssh ask it.

Facts: git-config(1), git(1) "ENVIRONMENT VARIABLES", gitcredentials(7), ssh_config(5). The secrets of a question are
in no argument and no variable: the password waits in a pipe, the private key is in an agent.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from .._credentials.git_shapes import CredentialKind
from .._credentials.git_url import GitUrl, public_url
from .._credentials.key_opener import OPENER, KeyOpener
from .._credentials.secret_values import AFTER_APPLY
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.git_stored import read_key

GitOutcome = Literal["readable", "denied", "not_found", "unreachable", "unverifiable"]

# Bytes of a secret that wait in a pipe, which takes at least this much without a reader.
MAX_SENT = 16 * 1024

# The files in the private folder of a question.
KNOWN_HOSTS_FILE = "known_hosts"
CA_FILE = "ca.crt"
AGENT_SOCKET = "agent"

# KiB of memory for git and for each program that it starts: a server decides how much git keeps.
_MEMORY = 512 * 1024

_NULL = "/dev/null"

# Variables that a program needs to find its libraries' certificates and the proxy. All others are left out.
_PASSED = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")

# git asks its credential helper for a user name and a password. This one answers for one server alone, with the content
# of a pipe, which can be read once. It runs without arguments, variables or files that hold a secret.
_HELPER = (
    "!f() { "
    'test "$1" = get || return 0; protocol=; host=; '
    'while IFS= read -r line && test "$line"; do case "$line" in '
    'protocol=*) protocol="${line#*=}";; host=*) host="${line#*=}";; esac; done; '
    "test \"$protocol://$host\" = '%s' && cat /dev/fd/%d; }; f"
)

# Nothing of the user's own ssh: neither configuration nor keys, agent, known hosts or shared connections.
_SSH_OPTIONS: Mapping[str, str] = {
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "GlobalKnownHostsFile": _NULL,
    "UpdateHostKeys": "no",
    "VerifyHostKeyDNS": "no",
    "CanonicalizeHostname": "no",
    "PreferredAuthentications": "publickey",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "GSSAPIAuthentication": "no",
    "HostbasedAuthentication": "no",
    "IdentityFile": "none",
    "AddKeysToAgent": "no",
    "ControlMaster": "no",
    "ControlPath": "none",
    "ForwardAgent": "no",
    "ClearAllForwardings": "yes",
    "PermitLocalCommand": "no",
    "ProxyCommand": "none",
    "ConnectionAttempts": "1",
    "ServerAliveCountMax": "1",
    "LogLevel": "ERROR",
}


@dataclass(frozen=True)
class GitAnswer:
    """The answer about a credential. ``quoted`` is the part of ``text`` that git or the server wrote.

    ``is_settled`` is whether the answer stays the same for a while. A server may refuse a right key, and answer 403,
    until somebody gives access.
    """

    outcome: GitOutcome
    text: str
    quoted: str = field(default="", repr=False)
    is_settled: bool = False


@dataclass(frozen=True)
class GitQuestion:
    """A question that can be asked. ``secret`` is the private key, or what git reads as user name and password.

    ``texts`` are all secrets of the credential, which must not be shown.
    """

    url: GitUrl
    secret: str = field(repr=False)
    texts: tuple[str, ...] = field(default=(), repr=False)
    known_hosts: str = field(default="", repr=False)
    ca_certificates: str = field(default="", repr=False)

    @property
    def is_ssh(self) -> bool:
        """Return whether the server is asked over SSH."""
        return self.url.scheme == "ssh"


def repository_url(url: GitUrl) -> str:
    """Return the URL that git gets: with the user that ssh needs, and without one over https, which has its own."""
    if url.scp:
        return f"{url.user}@{url.location}:{url.path}"
    user = f"{url.user or 'git'}@" if url.scheme == "ssh" else ""
    return f"{url.scheme}://{user}{url.location}{url.path}"


def shown_repository(url: GitUrl | None) -> str | None:
    """Return a URL as it may be shown."""
    return public_url(repository_url(url)) if url else None


def make_question(
    kind: CredentialKind,
    parts: Mapping[str, str],
    url: GitUrl | None,
    *,
    known_hosts: str = "",
    ca_certificates: str = "",
    opener: KeyOpener = OPENER,
) -> GitQuestion | GitAnswer:
    """Return the question whether a credential reads a repository, or why it cannot be asked.

    ``known_hosts`` and ``ca_certificates`` are used where the credential has none of its own.
    """
    try:
        "".join((*parts.values(), known_hosts, ca_certificates)).encode()
    except UnicodeEncodeError:
        return GitAnswer("unverifiable", "Not asked: the credential has text that cannot be written as UTF-8.")
    if kind == "ssh" and url:
        return _ask_with_key(parts, url, parts.get("known_hosts") or known_hosts, opener)
    if kind == "https" and url:
        return _ask_with_password(parts, url, parts.get("ca_certificate") or ca_certificates)
    return GitAnswer("unverifiable", f"Not asked: {_NOT_SENT.get(kind, 'no repository is given.')}")


# Why a kind or a part of a credential is not sent, as the end of a sentence.
_NOT_SENT: Mapping[str, str] = {
    "cookie_file": "git reads a cookie file only from a file, and no secret is written to a file for this.",
    "github_app": "the consumer makes tokens from the key of a GitHub App, and the task makes none.",
    "cloud_identity": "the consumer gets tokens from a cloud, and the task gets none.",
    "gpg": "a key that signs commits is sent to no server.",
    "bearer_token": "git takes a bearer token only from a file or an argument, and no secret is put there for this.",
    "client_key": "git takes a client key only from a file, and no secret is written to a file for this.",
}


def _ask_with_key(
    parts: Mapping[str, str], url: GitUrl, known_hosts: str, opener: KeyOpener
) -> GitQuestion | GitAnswer:
    if parts.get("private_key") == AFTER_APPLY:
        return GitAnswer("unverifiable", "Not known: the key does not exist yet.")
    if known_hosts == AFTER_APPLY:
        return GitAnswer("unverifiable", "Not known in check mode: the host keys are fetched when the task writes.")
    if not known_hosts.strip():
        return GitAnswer(
            "unverifiable", "Not asked: without host keys any server could answer. Set verify_known_hosts."
        )
    from .._credentials.ssh_key import convert_key

    key = read_key(parts, opener)
    if key is None:
        return GitAnswer("unverifiable", "Not asked: the private key cannot be read.")
    try:
        opened = convert_key(key, "OpenSSH", parts.get("passphrase"), opener)
    except KeyringError:
        return GitAnswer("unverifiable", "Not asked: the private key cannot be opened.")
    if len(opened.text.encode()) > MAX_SENT:
        return GitAnswer("unverifiable", "Not asked: the private key is too long.")
    texts = (opened.text, parts["private_key"], parts.get("passphrase", ""))
    return GitQuestion(url, opened.text, tuple(filter(None, texts)), known_hosts=known_hosts)


def _ask_with_password(parts: Mapping[str, str], url: GitUrl, ca_certificates: str) -> GitQuestion | GitAnswer:
    for part in ("bearer_token", "client_key"):
        if part in parts:
            return GitAnswer("unverifiable", f"Not asked: {_NOT_SENT[part]}")
    password = parts.get("password")
    if not password:
        return GitAnswer("unverifiable", "Not asked: there is no password.")
    username = parts.get("username") or url.user_name or "git"
    if any(character in username + password for character in "\n\r\0"):
        return GitAnswer("unverifiable", "Not asked: the user name or the password has a newline.")
    secret = f"username={username}\npassword={password}\n"
    if len(secret.encode()) > MAX_SENT:
        return GitAnswer("unverifiable", "Not asked: the password is too long.")
    return GitQuestion(url, secret, (password, f"{username}:{password}"), ca_certificates=ca_certificates)


def git_command(git: str, question: GitQuestion, folder: str, pipe: int, seconds: int) -> list[str]:
    """Return the command that asks: git with a limit for memory, and with every setting that decides whom it trusts.

    ``pipe`` is the file descriptor with the password.
    """
    server = f"{question.url.scheme}://{question.url.location}"
    settings = {"credential.helper": [""]}
    if not question.is_ssh:
        settings["credential.helper"].append(_HELPER % (server, pipe))
        settings["http.followRedirects"] = ["false"]
        settings["http.emptyAuth"] = ["false"]
        settings["http.lowSpeedLimit"] = ["1"]
        settings["http.lowSpeedTime"] = [str(seconds)]
    if question.ca_certificates:
        settings["http.sslCAInfo"] = [f"{folder}/{CA_FILE}"]
    arguments: list[str] = []
    for name, values in settings.items():
        for value in values:
            arguments += ["-c", f"{name}={value}"]
    limit = f'ulimit -v {_MEMORY} 2>/dev/null; exec "$@"'
    repository = repository_url(question.url)
    return ["/bin/sh", "-c", limit, "sh", git, *arguments, "ls-remote", "--", repository, "HEAD"]


def git_variables(
    question: GitQuestion, folder: str, environ: Mapping[str, str], ssh: str, seconds: int
) -> dict[str, str]:
    """Return the variables of git: those that it needs of ``environ``, and those with which it reads nothing else."""
    variables = {
        **base_variables(folder, environ),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": _NULL,
        "GIT_CONFIG_GLOBAL": _NULL,
        "GIT_CEILING_DIRECTORIES": folder.rpartition("/")[0] or "/",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": question.url.scheme,
        "KRB5CCNAME": f"FILE:{_NULL}",  # else curl could log in as the user of this machine
    }
    if question.is_ssh:
        variables["GIT_SSH_VARIANT"] = "ssh"
        variables["GIT_SSH_COMMAND"] = shlex.join(_ssh_command(ssh, folder, seconds))
        return variables
    for name in _PROXIES:
        if "@" not in environ.get(name, "@"):  # a password in it would be in the variables of every program
            variables[name] = environ[name]
    return variables


def base_variables(folder: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that every program of a question has. Its home is the private folder, which is empty."""
    passed = {name: environ[name] for name in _PASSED if name in environ}
    return {**passed, "HOME": folder, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}


def _ssh_command(ssh: str, folder: str, seconds: int) -> list[str]:
    options = {
        **_SSH_OPTIONS,
        "UserKnownHostsFile": f'"{folder}/{KNOWN_HOSTS_FILE}"',
        "IdentityAgent": f'"{folder}/{AGENT_SOCKET}"',
        "ConnectTimeout": str(seconds),
        "ServerAliveInterval": str(seconds),
    }
    return [ssh, "-F", _NULL, *(f"-o{name}={value}" for name, value in options.items())]
