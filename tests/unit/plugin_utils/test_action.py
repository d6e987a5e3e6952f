# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a task runs in Ansible's own process, and whose cluster it means."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.plugin_utils.action import is_own_interpreter, warn_shared_cluster

FOLDER, NAME = os.path.split(sys.executable)


@pytest.mark.parametrize(
    ("interpreter", "is_own"),
    [
        ("auto", True),
        ("auto_silent", True),
        ("auto_legacy", True),
        ("", True),
        (sys.executable, True),
        (f"{FOLDER}/no-such-python", False),
        (f"{FOLDER}/../{os.path.basename(FOLDER)}/{NAME}", False),
        (NAME, False),
        ("python3", False),
        ("/usr/bin/env", False),
        ("/no/such/folder/python3", False),
    ],
)
def test_the_interpreter_of_a_task(interpreter: str, is_own: bool) -> None:
    assert is_own_interpreter(interpreter) is is_own


def test_a_link_is_the_same_interpreter_only_within_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link in another folder may be the Python of another virtual environment, with other packages."""
    for folder in ("here", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "python").symlink_to(os.path.realpath(sys.executable))
    (tmp_path / "here/python3").symlink_to("python")
    (tmp_path / "here/other").symlink_to("/bin/sh")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "here/python"))

    assert is_own_interpreter(str(tmp_path / "here/python3"))
    assert not is_own_interpreter(str(tmp_path / "here/other"))
    assert not is_own_interpreter(str(tmp_path / "elsewhere/python"))


def cluster(source: str) -> Mapping[str, str]:
    return {"server": "https://k8s.example.com", "context": "c", "source": source}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("environment", "the environment"),
        ("kubeconfig", "the current context of the kubeconfig in the home directory"),
        ("in_cluster", "the Pod in which the task runs"),
    ],
)
def test_a_cluster_that_all_hosts_share_is_told(source: str, told: str) -> None:
    assert warn_shared_cluster("web-1", cluster(source)) == (
        f"Host web-1 does not say which cluster it means; https://k8s.example.com was chosen by {told}, "
        "so every other such host means the same one. Set kubeconfig, context or host for each host."
    )


@pytest.mark.parametrize(
    ("host", "chosen"),
    [
        pytest.param("localhost", cluster("environment"), id="localhost"),
        pytest.param("127.0.0.1", cluster("kubeconfig"), id="its address"),
        pytest.param("::1", cluster("in_cluster"), id="its newer address"),
        pytest.param("web-1", cluster("options"), id="the task says it"),
        pytest.param("web-1", None, id="no cluster"),
        pytest.param("web-1", {}, id="nothing known of it"),
    ],
)
def test_any_other_cluster_is_not(host: str, chosen: Mapping[str, str] | None) -> None:
    assert warn_shared_cluster(host, chosen) is None
