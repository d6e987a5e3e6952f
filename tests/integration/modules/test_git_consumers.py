# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gitsync_secret accepts, the consumers' own code can use: OpenSSH, git, and the Git code of Flux, Argo CD, Fleet.

Each test gives the consumer what would be written, and what was refused as it was given. Nothing here needs a cluster.
"""

from __future__ import annotations

import itertools
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_credential import (
    GitCredential,
    advise,
    check_credential,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import CredentialKind
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import compared_url, parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.git_consumers.program import find_git_consumers
from support.git_world import clone_over_ssh, git_environment, make_ssh_key
from support.questions import ask
from support.samples.host_keys import Server, texts_for
from support.samples.keys import KINDS, PASSPHRASE, key_text, public_line
from support.servers.git_http import HttpGitServer, http_git_server
from support.servers.git_ssh import SshGitServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sshd is held by its parent as Linux does it")

# The format of each consumer, and its keys of a Secret by part.
CONSUMERS: Mapping[str, str] = {"flux": "flux", "fleet": "fleet", "argocd": "argocd_repository"}


@dataclass(frozen=True)
class Verdict:
    """What the module says of a task: the parts that it would write, or None, and its warnings."""

    parts: Mapping[str, str] | None = field(repr=False)
    warnings: tuple[str, ...] = ()


def judge(row: str, kind: CredentialKind, parts: Mapping[str, str], url: str) -> Verdict:
    try:
        parsed = parse_git_url(url, "url")
        credential: GitCredential = check_credential(FORMATS[row], kind, parts, parsed)
    except KeyringError:
        return Verdict(None)
    advice = advise(FORMATS[row], kind, credential.parts, parsed, credential.key)
    return Verdict(credential.parts, (*credential.warnings, *advice))


def data_for(row: str, kind: CredentialKind, parts: Mapping[str, str]) -> dict[str, str]:
    """The data of a Secret with these parts."""
    keys = FORMATS[row].shapes[kind].keys
    return {key: text for part, text in parts.items() for key in keys.get(part, ())}


@pytest.fixture(scope="session")
def program() -> Path:
    return find_git_consumers()


@pytest.fixture(scope="session")
def http_server() -> Iterator[HttpGitServer]:
    with http_git_server("robot", "s3cret", tls=False) as server:
        yield server


# --- host keys -------------------------------------------------------------------------------------------------------


def texts_of(server: SshGitServer) -> dict[str, str]:
    keys = {line.split()[1]: line.split(maxsplit=1)[1] for line in server.known_hosts.splitlines()}
    return texts_for(Server(f"[{server.host}]:{server.port}", keys["ssh-ed25519"], keys["ssh-rsa"]))


NO_SERVER = Server("[127.0.0.1]:22022", public_line("Ed25519"), public_line("RSA"))


@pytest.mark.parametrize("case", texts_for(NO_SERVER))
def test_openssh_takes_host_keys_as_the_module_says(ssh_server: SshGitServer, tmp_path: Path, case: str) -> None:
    key, text = make_ssh_key(), texts_of(ssh_server)[case]
    ssh_server.authorise(key.public)
    verdict = judge("git_sync", "ssh", {"private_key": key.private.decode(), "known_hosts": text}, ssh_server.url)
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_bytes(key.private)
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_bytes((verdict.parts["known_hosts"] if verdict.parts else text).encode())

    done = clone_over_ssh(ssh_server.url, tmp_path / "c", key_file=tmp_path / "key", known_hosts_file=known_hosts)

    accepts = done.returncode == 0
    if "without the port" in case:  # ssh tries this name, too, but neither ssh-keygen -F nor Go does
        assert verdict.parts is None
    elif case == "another key":  # which keys a server has is seen only when it is asked
        assert verdict.parts
        assert not accepts
    else:
        assert (verdict.parts is not None) is accepts, done.stderr


@pytest.mark.parametrize("consumer", ["flux", "fleet"])
def test_go_takes_host_keys_as_the_module_says(ssh_server: SshGitServer, program: Path, consumer: str) -> None:
    key, texts, row = make_ssh_key(), texts_of(ssh_server), CONSUMERS[consumer]
    ssh_server.authorise(key.public)
    given = {name: {"private_key": key.private.decode(), "known_hosts": text} for name, text in texts.items()}
    verdicts = {name: judge(row, "ssh", parts, ssh_server.url) for name, parts in given.items()}
    questions = [
        {"consumer": consumer, "url": ssh_server.url, "data": data_for(row, "ssh", verdicts[name].parts or given[name])}
        for name in texts
    ]
    answers = dict(zip(texts, ask(program, questions), strict=True))

    # Flux reads the name of the algorithm from the key alone. OpenSSH and other programs written in Go do not.
    undecided = {name for name in texts if consumer == "flux" and ("under the name" in name or "capitals" in name)}
    wrong = {}
    for name, verdict in verdicts.items():
        # A warning that the consumer may be refused is as good as a refusal; those about other lines are not.
        doubts = [text for text in verdict.warnings if "refuses it without" in text or "refuse it without" in text]
        is_expected = verdict.parts is not None and not doubts and name != "another key"
        if name not in undecided and is_expected != (answers[name]["error"] == ""):
            wrong[name] = (verdict, answers[name]["error"])
    assert wrong == {}


def test_go_refuses_all_lines_for_one_that_openssh_skips(ssh_server: SshGitServer, program: Path) -> None:
    """That is why such a line is left out, and not written as it is."""
    key, texts = make_ssh_key(), texts_of(ssh_server)
    ssh_server.authorise(key.public)
    skipped = [text for name, text in texts.items() if name.startswith("below: ")]
    answers = ask(
        program,
        [
            {"consumer": "fleet", "url": ssh_server.url, "data": {"ssh-privatekey": key.private.decode(), **known}}
            for known in ({"known_hosts": text} for text in (*skipped, texts["the whole file of a user"]))
        ],
    )
    assert answers[-1]["error"]
    assert sum(bool(answer["error"]) for answer in answers) > len(skipped) // 2


# --- private keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("consumer", CONSUMERS)
def test_go_reads_keys_as_the_module_says(
    ssh_server: SshGitServer, program: Path, consumer: str, encrypted: bool
) -> None:
    """Only Flux can ask for a passphrase; to the others the key is written without."""
    row, known_hosts = CONSUMERS[consumer], ssh_server.known_hosts
    ssh_server.authorise(*(public_line(kind.split()[0]) for kind in KINDS))
    questions, verdicts = [], {}
    for kind in KINDS:
        parts = {"private_key": key_text(kind, encrypted=encrypted)}
        if encrypted:
            parts["passphrase"] = PASSPHRASE
        if "known_hosts" in FORMATS[row].shapes["ssh"].keys:
            parts["known_hosts"] = known_hosts
        verdicts[kind] = judge(row, "ssh", parts, ssh_server.url)
        data = data_for(row, "ssh", verdicts[kind].parts or parts)
        questions.append({"consumer": consumer, "url": ssh_server.url, "data": data, "known_hosts": known_hosts})
    answers = [answer["error"] for answer in ask(program, questions)]

    assert {kind: verdict.parts is not None for kind, verdict in verdicts.items()} == {
        kind: not error for kind, error in zip(KINDS, answers, strict=True)
    }, answers


# --- URLs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "data"),
    [
        pytest.param("", {"username": "robot", "password": "s3cret"}, id="password"),
        pytest.param("robot@", {"username": "robot", "password": "s3cret"}, id="the same user"),
        pytest.param("eve@", {"username": "robot", "password": "s3cret"}, id="another user"),
        pytest.param("robot@", {"bearer_token": "t0ken"}, id="token and user"),
    ],
)
def test_flux_reads_over_http_as_the_module_says(
    http_server: HttpGitServer, program: Path, user: str, data: dict[str, str]
) -> None:
    url = http_server.url.replace("http://", f"http://{user}")
    verdict = judge("flux", "https", data, url)
    (answer,) = ask(program, [{"consumer": "flux", "url": url, "data": data_for("flux", "https", data)}])

    assert (verdict.parts is not None) is (answer["error"] == ""), answer


@pytest.mark.parametrize("user", ["", "robot@", "eve@"])
@pytest.mark.parametrize("helper", ["store", "askpass"])
def test_git_asks_for_the_user_in_the_url(http_server: HttpGitServer, tmp_path: Path, user: str, helper: str) -> None:
    url, (stored, asked) = http_server.url.replace("http://", f"http://{user}"), (tmp_path / "s", tmp_path / "ask")
    stored.write_text(f"http://robot:s3cret@{http_server.host}:{http_server.port}\n")
    asked.write_text('#!/bin/sh\ncase "$1" in Username*) echo robot;; *) echo s3cret;; esac\n')
    asked.chmod(0o755)
    environment = git_environment(GIT_ASKPASS=str(asked)) if helper == "askpass" else git_environment()
    option = ["-c", f"credential.helper=store --file {stored}"] if helper == "store" else []
    done = subprocess.run(["git", *option, "ls-remote", url], env=environment, capture_output=True, check=False)
    verdict = judge("git_sync", "https", {"username": "robot", "password": "s3cret"}, url)

    assert verdict.parts
    assert any("another user" in text for text in verdict.warnings) is (done.returncode != 0)


ARGOCD_URLS = (
    "ssh://git.example.com/team/app",
    "ssh://git.example.com:2222/team/app",
    "ssh://git@git.example.com/team/app",
    "ssh://git@git.example.com:22/team/app",
    "ssh://git@git.example.com:2222/team/app.git",
    "git@git.example.com:team/app",
    "git@git.example.com:team/app/",
    "ssh://git@[::1]:2222/app",
    "ssh://ada@git.example.com/~ada/app",
)


@pytest.mark.parametrize("url", ARGOCD_URLS)
def test_argocd_takes_urls_for_ssh_as_the_module_says(program: Path, url: str) -> None:
    (answer,) = ask(program, [{"consumer": "argocd", "url": url}])
    verdict = judge("argocd_repository", "ssh", {"private_key": key_text("Ed25519 OpenSSH")}, url)

    assert (verdict.parts is not None) is answer["ssh"]


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://git.example.com/team/app/", "https://git.example.com/team/app"),
        ("https://git.example.com/team/app.git/", "https://git.example.com/team/app.git"),
        ("https://git.example.com/team/app.git", "https://git.example.com/team/app"),
        ("https://git.example.com:443/team/app", "https://git.example.com/team/app"),
        ("https://git.example.com:8443/team/app", "https://git.example.com:8443/team/app"),
        ("https://GIT.example.com/Team/app", "https://git.example.com/team/app"),
        ("https://acme@dev.azure.com/acme/p/_git/r", "https://acme@dev.azure.com/acme/p/_git/r"),
        ("https://acme@dev.azure.com/acme/p/_git/r/", "https://acme@dev.azure.com/acme/p/_git/r"),
    ],
)
def test_argocd_compares_urls_as_the_module_says(program: Path, url: str, other: str) -> None:
    (answer,) = ask(program, [{"consumer": "argocd", "url": url, "other": other}])
    verdict = judge("argocd_repository", "https", {"password": "s3cret"}, url)

    assert verdict.parts
    assert any("is another repository" in text for text in verdict.warnings) is not answer["same"]


COMPARED = (
    "https://git.example.com/team/app",
    "https://git.example.com/team/app.git",
    "https://GIT.example.com/Team/app",
    "https://git.example.com/team/app/",
    "https://git.example.com:443/team/app",
    "https://ada@git.example.com/team/app",
    "git@git.example.com:team/app.git",
    "ssh://git@git.example.com/team/app",
    "ssh://git@git.example.com:22/team/app",
    "registry.example.com/charts",
    "registry.example.com:5000/charts",
    "oci://registry.example.com/charts",
)


def test_argocd_finds_secrets_of_one_url_as_the_module_says(program: Path) -> None:
    pairs = list(itertools.product(COMPARED, repeat=2))
    answers = ask(program, [{"consumer": "argocd", "url": one, "other": other} for one, other in pairs])
    theirs = [pair for pair, answer in zip(pairs, answers, strict=True) if answer["same"]]
    assert [pair for pair in pairs if compared_url(pair[0]) == compared_url(pair[1])] == theirs


def test_argocd_tells_urls_apart_by_their_user(program: Path) -> None:
    """So the user in a clone URL of Azure DevOps has to be written as it is."""
    urls = ("https://acme@dev.azure.com/acme/p/_git/r", "https://dev.azure.com/acme/p/_git/r")
    (answer,) = ask(program, [{"consumer": "argocd", "url": urls[0], "other": urls[1]}])
    assert not answer["same"]


def ssh_arguments(url: str, directory: Path) -> list[str]:
    """What git calls ssh with for a URL; the last argument is the command with the path."""
    program, said = directory / "ssh", directory / "said"
    program.write_text(f'#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done > {shlex.quote(str(said))}\nexit 1\n')
    program.chmod(0o755)
    environment = git_environment(GIT_SSH=str(program), GIT_SSH_VARIANT="ssh")
    subprocess.run(["git", "ls-remote", url], env=environment, capture_output=True, check=False)
    return said.read_text().splitlines()


@pytest.mark.parametrize(
    "url",
    [
        "git@git.example.com:2222/team/app.git",
        "git@git.example.com:22/app",
        "git@git.example.com:2222",
        "git@git.example.com:2222:team/app",
        "git@git.example.com:123456/app",
        "git@git.example.com:2222app/x",
        "git@git.example.com:team/2222",
    ],
)
def test_git_reads_a_port_behind_ssh_alone(tmp_path: Path, url: str) -> None:
    parsed = parse_git_url(url, "url")
    command = ssh_arguments(url, tmp_path)[-1]
    assert "-p" not in ssh_arguments(url, tmp_path)
    assert command == f"git-upload-pack '{parsed.path}'"

    if parsed.port_in_path is None:
        assert "-p" not in ssh_arguments(parsed.ssh_url, tmp_path)
    elif parsed.ssh_url.endswith("/"):  # a host alone is no repository
        assert parsed.path == str(parsed.port_in_path)
    else:
        arguments = ssh_arguments(parsed.ssh_url, tmp_path)
        assert arguments[arguments.index("-p") + 1] == str(parsed.port_in_path)


def test_git_reads_an_encoded_blank_behind_a_scheme_alone(tmp_path: Path) -> None:
    assert ssh_arguments("ssh://git@git.example.com/my%20project/app", tmp_path)[-1] == (
        "git-upload-pack '/my project/app'"
    )
    assert ssh_arguments("git@git.example.com:my%20project/app", tmp_path)[-1] == "git-upload-pack 'my%20project/app'"
