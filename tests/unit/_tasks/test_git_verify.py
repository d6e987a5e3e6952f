# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of gitsync_secret that begin with verify, and which plans lead to a question."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_opener import OPENER
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Operation, Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_options import parse_options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_verify import (
    GitVerification,
    GitVerifyOptions,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.shared_answers import SharedAnswers
from support.samples.git_secrets import ADA, HOSTS, HTTPS_URL, OTHER_HOSTS, SSH_URL, context_of, params_of
from support.samples.keys import certificate, key_text
from support.samples.secrets import encode, refusal, stored_secret

HOST = "https://git.example.com"
HTTPS: Mapping[str, Any] = {"https": ADA}
SSH: Mapping[str, Any] = {"ssh": {"private_key": key_text("Ed25519 OpenSSH")}}
# Nothing listens there, so git fails at once.
CLOSED = "https://127.0.0.1:1/a.git"


def parsed(files: Any = None, **options: Any) -> GitVerifyOptions:
    found = parse_options(params_of(verify=True, **options), context_of(files=files)).verify
    assert found
    return found


def test_the_repository_is_that_of_url_or_verify_url() -> None:
    other = f"{HOST}/other"
    assert parsed(**HTTPS, url=HTTPS_URL).url == parse_git_url(HTTPS_URL, "url")
    assert parsed(**HTTPS, url=HTTPS_URL, verify_url=other).url == parse_git_url(other, "url")
    assert parsed(**HTTPS, verify_url=other).url == parse_git_url(other, "url")
    assert parsed(format="jenkins", github_app={"id": "7", "private_key": key_text("RSA PKCS#8")}).url is None


def test_without_verify_its_options_have_no_effect() -> None:
    options = parse_options(params_of(**HTTPS, verify_url="x", verify_timeout=0), context_of())
    assert options.verify is None


NEEDS_URL = "Set verify_url to a repository that the credential must be able to read."


@pytest.mark.parametrize(
    ("options", "message", "option"),
    [
        (HTTPS, f"verify needs the URL of a repository. Without one there is nothing to read. {NEEDS_URL}", "url"),
        (
            {**HTTPS, "format": "kpack", "url": HOST},
            f"verify needs the URL of a repository. url is that of a server. {NEEDS_URL}",
            "url",
        ),
        (
            {**HTTPS, "format": "tekton", "url": f"{HOST}/"},
            f"verify needs the URL of a repository. url is that of a server. {NEEDS_URL}",
            "url",
        ),
        (
            {**HTTPS, "format": "argocd_repo_creds", "url": f"{HOST}/team/"},
            f"verify needs the URL of a repository. Without one there is nothing to read. {NEEDS_URL}",
            "url",
        ),
        (
            {**HTTPS, "format": "kargo", "url": "^https://.*", "format_options": {"kargo_url_is_regex": True}},
            f"verify needs the URL of a repository. Without one there is nothing to read. {NEEDS_URL}",
            "url",
        ),
        (
            {**HTTPS, "url": HTTPS_URL, "verify_url": "https://git.example.org/team/app.git"},
            "verify_url has another host than url. The credential would be sent to a server that it is not for. Give a "
            "repository on the host of url.",
            "url",
        ),
        (
            {**HTTPS, "verify_url": SSH_URL},
            "The URL to verify is not one for https. One does not work with the other. Set verify_url like "
            "https://host/path.",
            "url",
        ),
        (
            {**SSH, "verify_url": HTTPS_URL},
            "The URL to verify is not one for ssh. One does not work with the other. Set verify_url like "
            "ssh://git@host/path.",
            "url",
        ),
        (
            {**HTTPS, "url": HTTPS_URL, "verify_timeout": 0},
            "verify_timeout must be between 1 and 600; got 0.",
            "timeout",
        ),
        (
            {**HTTPS, "url": HTTPS_URL, "verify_timeout": 601},
            "verify_timeout must be between 1 and 600; got 601.",
            "timeout",
        ),
    ],
)
def test_options_are_refused(options: Mapping[str, Any], message: str, option: str) -> None:
    with pytest.raises(KeyringError) as error:
        parsed(**options)
    assert (str(error.value), error.value.option) == (message, f"verify_{option}")


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ({"verify_url": "https://ada:s3cret@git.example.com/a"}, "verify_url must be the URL of a Git repository"),
        ({"verify_url": "--upload-pack=x"}, "verify_url must be the URL of a Git repository"),
        ({"verify_url": "ext::sh -c x"}, "verify_url must be the URL of a Git repository"),
        ({"verify_known_hosts": key_text("RSA PKCS#1")}, "verify_known_hosts is a private key."),
        ({"verify_ca_cert": "/ca.crt"}, "verify_ca_cert"),
        ({"verify_ca_cert": "/missing.crt"}, "verify_ca_cert"),
    ],
)
def test_values_are_refused(options: Mapping[str, Any], begin: str) -> None:
    message = refusal(parsed, {"/ca.crt": b"x"}, **HTTPS, url=HTTPS_URL, **options)
    assert message.startswith(begin)
    assert "s3cret" not in message


def test_files_and_host_keys_are_read() -> None:
    ca = certificate("RSA")
    found = parsed({"/ca.crt": ca.encode()}, **HTTPS, url=HTTPS_URL, verify_ca_cert="/ca.crt", verify_known_hosts=HOSTS)
    assert (found.ca_certificates, found.known_hosts) == (ca, HOSTS)


def verification(*, check_mode: bool = False, answers: SharedAnswers | None = None, **options: Any) -> GitVerification:
    row = FORMATS["kargo"]
    given = GitVerifyOptions(**{"url": parse_git_url(CLOSED, "url"), "timeout": 5, **options})
    runtime = Runtime(check_mode=check_mode, environ=os.environ, answers=answers)
    return GitVerification(given, row, "https", runtime, opener=OPENER)


def plan(operation: Operation, before: Mapping[str, str] | None, after: Mapping[str, str], **more: Any) -> Plan:
    """A plan for a Secret of Kargo with this data."""
    stored = [data and stored_secret({key: encode(text) for key, text in data.items()}) for data in (before, after)]
    return Plan(operation, stored[0] or None, stored[1] or None, **more)


DATA = {"username": "ada", "password": "s3cret", "repoURL": CLOSED}


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (plan("created", None, DATA), True),
        (plan("recreated", DATA, DATA), True),
        (plan("updated", DATA, {**DATA, "password": "other-s3cret"}), True),
        (plan("updated", DATA, {**DATA, "username": "bob"}), True),
        (plan("updated", DATA, {**DATA, "repoURL": "https://127.0.0.1:1/b.git"}), True),
        (plan("updated", DATA, {**DATA, "notes": "x"}), False),
        (plan("updated", DATA, DATA), False),
    ],
)
def test_only_a_credential_that_is_written_is_asked_about(found: Plan, *, asked: bool) -> None:
    check = verification()
    check.check_writes([found, found])
    assert len(check.items) == int(asked)
    assert len(check.warnings) == int(asked)


def test_a_task_asks_about_five_credentials_at_most() -> None:
    check = verification()
    plans = [plan("created", None, {**DATA, "password": f"s3cret-{number}"}) for number in range(7)]
    check.check_writes(plans)
    assert [item["outcome"] for item in check.items] == ["unreachable"] * 5 + ["unverifiable"] * 2
    assert check.items[6]["text"] == "Not asked: 5 different credentials were sent already."


def test_what_must_be_readable_is_not_written_without_a_proof() -> None:
    check = verification(require="pullable")
    with pytest.raises(KeyringError) as error:
        check.check_writes([plan("created", None, DATA)])
    assert (error.value.failure, error.value.option, error.value.fatal) == ("not_verified", "verify_require", True)
    assert check.describe()["verified"][0]["outcome"] == "unreachable"
    with pytest.raises(KeyringError):
        check.check_writes([plan("created", None, DATA)])
    assert len(check.items) == 1, "the server is asked once"


def test_a_task_that_cannot_ask_leaves_the_question_to_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    answers = SharedAnswers()
    begin = time.monotonic()
    for _number in range(2):
        with pytest.raises(FileNotFoundError):
            verification(answers=answers).check_writes([plan("created", None, DATA)])
    assert time.monotonic() - begin < 5, "nobody waits for a task that has failed"


def test_host_keys_of_another_server_are_refused() -> None:
    message = refusal(parsed, None, **SSH, url=SSH_URL, verify_known_hosts=OTHER_HOSTS)
    assert message.startswith('verify_known_hosts has no key for "git.example.com".')
