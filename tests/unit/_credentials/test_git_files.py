# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files for git and ssh that formats write: what the real programs read in them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import Composition
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from support.git_world import git_environment
from support.samples.git_secrets import HOSTS, SSH_URL, written
from support.samples.keys import key_text

FILE = FORMATS["git_credentials"].shapes["https"].composed[".git-credentials"]
LINE = FORMATS["devworkspace_git"].shapes["https"].composed["credentials"]

# What an option for a user name or a password may have: no control characters, and no colon in a user name.
TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"), include_characters=" "),
    min_size=1,
    max_size=20,
).filter(str.strip)


def read_by_git(text: str, path: Path, url: str) -> dict[str, str]:
    """What git-credential-store finds in a file for a URL."""
    path.write_text(text)
    scheme, _separator, rest = url.partition("://")
    done = subprocess.run(
        ["git", "credential-store", "--file", str(path), "get"],
        env=git_environment(),
        input=f"protocol={scheme}\nhost={rest.partition('/')[0]}\n\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    username=TEXT.filter(lambda text: ":" not in text),
    password=TEXT,
    url=st.sampled_from(
        (
            "https://git.example.com/a.git",
            "https://[2001:db8::1]:8443/a",
            "http://git.svc:3000",
            "https://ada@h.example/",
        )
    ),
)
def test_git_reads_what_was_given(tmp_path: Path, username: str, password: str, url: str) -> None:
    parts = {"username": username, "password": password}
    parsed = parse_git_url(url, "url")
    asked = f"{parsed.scheme}://{parsed.location}"
    for composer in (FILE, LINE):
        text = composer.write(Composition(parts, url))
        assert read_by_git(text, tmp_path / "store", asked) == parts
        assert composer.read(text) == parts
        assert composer.problem(text) == ""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param("https://ada:s3c@ret@git.example.com", {}, id="an at sign"),
        pytest.param("https://ada:s3c/ret@git.example.com", {}, id="a slash"),
        pytest.param("https://ada:s3c%40ret@git.example.com", {"username": "ada", "password": "s3c@ret"}, id="encoded"),
        pytest.param("https://ada:s:c!ret@git.example.com", {"username": "ada", "password": "s:c!ret"}, id="others"),
    ],
)
def test_a_problem_is_what_git_does_not_find(tmp_path: Path, line: str, found: dict[str, str]) -> None:
    assert read_by_git(f"{line}\n", tmp_path / "store", "https://git.example.com") == found
    assert bool(LINE.problem(line)) is not bool(found)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("https://a:b@h.example\nhttps://a:b@i.example", id="two servers"),
        pytest.param("# comment\nhttps://a:b@h.example", id="a comment"),
        pytest.param("ssh://a:b@h.example", id="ssh"),
        pytest.param("https://a@h.example", id="no password"),
        pytest.param("https://h.example", id="no user"),
    ],
)
def test_another_file_is_not_read(text: str) -> None:
    assert LINE.read(text) == {}


@pytest.mark.parametrize(("hosts", "checking"), [(HOSTS, "true"), (None, "accept-new")], ids=["host keys", "none"])
def test_ssh_reads_the_configuration_of_devworkspaces(tmp_path: Path, hosts: str | None, checking: str) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("no ssh")
    ssh: dict[str, Any] = {"private_key": key_text("Ed25519 OpenSSH"), "known_hosts": hosts}
    path = tmp_path / "ssh_config"
    path.write_text(written(format="devworkspace_ssh", url=SSH_URL, ssh=ssh)["data"]["ssh_config"])
    done = subprocess.run(
        ["ssh", "-G", "-F", str(path), "git.example.com"], capture_output=True, text=True, timeout=60, check=True
    )
    lines = done.stdout.splitlines()
    assert "identityfile /etc/ssh/dwo_ssh_key" in lines
    assert f"stricthostkeychecking {checking}" in lines
    assert any(line.startswith("globalknownhostsfile /etc/ssh/ssh_known_hosts") for line in lines)
