# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What git prints, and what it means. test_ask_git_server.py has the messages of the git that is installed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._git.answer import read_answer
from ansible_collections.keyring.kubernetes.plugins.module_utils._git.question import GitAnswer, GitQuestion
from support.samples.git_secrets import HTTPS_URL, SSH_URL

HEAD = f"{'a' * 40}\tHEAD\n"
SHA256_HEAD = f"{'a' * 64}\tHEAD\n"


def read(url: str, status: int, output: str = "", messages: str = "", *, was_sent: bool = True) -> GitAnswer:
    question = GitQuestion(parse_git_url(url, "url"), "secret")
    return read_answer(question, status, output, messages, was_sent=was_sent)


def https(messages: str, **more: Any) -> str:
    return read(HTTPS_URL, 128, messages=messages, **more).outcome


@pytest.mark.parametrize(
    ("url", "output", "was_sent", "outcome"),
    [
        (SSH_URL, HEAD, False, "readable"),
        (SSH_URL, "", False, "readable"),
        (HTTPS_URL, HEAD, True, "readable"),
        (HTTPS_URL, SHA256_HEAD, True, "readable"),
        (HTTPS_URL, HEAD, False, "unverifiable"),
        (HTTPS_URL, "", True, "unverifiable"),
        (HTTPS_URL, f"{'a' * 40}\trefs/remotes/origin/HEAD\n", True, "unverifiable"),
        (HTTPS_URL, "", False, "unverifiable"),
    ],
)
def test_git_succeeds(url: str, output: str, outcome: str, *, was_sent: bool) -> None:
    assert read(url, 0, output, was_sent=was_sent).outcome == outcome


@pytest.mark.parametrize(
    ("messages", "outcome"),
    [
        ("git@git.example.com: Permission denied (publickey).", "denied"),
        ("git@git.example.com: Permission denied (publickey,gssapi-with-mic,password).", "denied"),
        ("Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures", "denied"),
        ("Host key verification failed.", "unverifiable"),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "not_found"),
        (
            "ERROR: The project you were looking for could not be found or you don't have permission to view it.",
            "not_found",
        ),
        ("Gitea: Repository does not exist or you do not have access", "not_found"),
        ("fatal: '/a.git' does not appear to be a git repository", "not_found"),
        ("ssh: Could not resolve hostname git.example.com: Name or service not known", "unreachable"),
        ("ssh: connect to host git.example.com port 22: Connection timed out", "unreachable"),
        ("Connection closed by 192.0.2.1 port 22", "unreachable"),
        ("kex_exchange_identification: read: Connection reset by peer", "unreachable"),
        ("fatal: '/team/does not exist/a.git': odd error", "unverifiable"),
        ("fatal: 'git@git.example.com:team/not found.git': odd error", "unverifiable"),
        ("fatal: 'ssh://git@git.example.com/team/not found': odd error", "unverifiable"),
        ("No user exists for uid 1000", "unverifiable"),
        ("", "unverifiable"),
    ],
)
def test_ssh_fails(messages: str, outcome: str) -> None:
    assert read(SSH_URL, 128, messages=messages).outcome == outcome


@pytest.mark.parametrize(
    ("messages", "outcome"),
    [
        ("remote: Invalid username or password.\nfatal: Authentication failed for 'https://x/'", "denied"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "denied"),
        ("remote: Not Found\nfatal: repository 'https://x/' not found", "not_found"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 302", "unverifiable"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 429", "unreachable"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", "unreachable"),
        ("fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", "unreachable"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "unreachable"),
        ("fatal: unable to access 'https://x/': Failed to connect to x port 443: Connection refused", "unreachable"),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", "unverifiable"),
        ("fatal: unable to access 'https://x/redirect-service/': Could not resolve host: x", "unreachable"),
        ("fatal: unable to access 'https://redirect.x/': Could not resolve host: redirect.x", "unreachable"),
        ("fatal: unable to access 'https://x/TLSproject/': The requested URL returned error: 401", "unverifiable"),
        ("fatal: could not read Username for 'https://ssl.x': terminal prompts disabled", "unverifiable"),
        ("remote: See our SSL page.\nfatal: odd error", "unverifiable"),
        ("warning: redirecting to https://y/\nfatal: odd error", "unverifiable"),
        ("git: 'remote-https' is not a git command. See 'git --help'.", "unverifiable"),
        ("fatal: Out of memory, realloc failed", "unverifiable"),
    ],
)
def test_https_fails(messages: str, outcome: str) -> None:
    assert https(messages) == outcome


@pytest.mark.parametrize(
    ("url", "messages", "is_settled"),
    [
        (HTTPS_URL, "fatal: Authentication failed for 'https://x/'", True),
        (HTTPS_URL, "fatal: unable to access 'https://x/': The requested URL returned error: 403", False),
        (SSH_URL, "git@git.example.com: Permission denied (publickey).", False),
        (SSH_URL, "ERROR: Repository not found.", False),
    ],
)
def test_only_a_wrong_password_stays_wrong(url: str, messages: str, *, is_settled: bool) -> None:
    assert read(url, 128, messages=messages).is_settled is is_settled


@pytest.mark.parametrize("messages", ["fatal: Authentication failed for 'x'", "The requested URL returned error: 403"])
def test_a_password_that_was_not_sent_is_not_denied(messages: str) -> None:
    assert https(messages, was_sent=False) == "unverifiable"


def test_what_the_server_says_is_not_quoted() -> None:
    answer = read(
        HTTPS_URL, 128, messages="remote: your password\ris secret\u2028or so\nfatal: odd \x1b[2Jerror\n" + "x" * 999
    )

    assert answer.text.startswith("The answer of the Git server is not understood. It says: fatal: odd \\x1b[2Jerror x")
    assert not [word for word in ("your password", "is secret", "or so") if word in answer.text]
    assert answer.text.endswith(answer.quoted)
    assert len(answer.quoted) < 350
