# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option that names a file, and every field of a kubeconfig that does, with what is not a file.

Reading a FIFO waits for a writer, and reading a device has no end: none of them is read.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.local_file import MAX_FILE, read_regular_file
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.host import read_option_file
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret import DEFINITION as GIT
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import DEFINITION as ACCESS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import DEFINITION as PULL
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.files import read_files

SECONDS = 10
HOST = "https://127.0.0.1:1"

# A file that is none, with the reason in messages.
NOT_FILES: Mapping[str, str] = {
    "fifo": "it is a FIFO and not a regular file",
    "device": "it is a device and not a regular file",
    "directory": "Is a directory",
    "socket": "it is a socket and not a regular file",
    "large": "it is larger than 16 MiB",
}


@pytest.fixture(autouse=True)
def never_waits() -> Iterator[None]:
    """End a test that waits for a FIFO, or reads on and on."""

    def stop(_signal: int, _frame: object) -> None:
        raise AssertionError(f"still at it after {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=sorted(NOT_FILES))
def not_a_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The path of something that is no file, and what messages say about it."""
    path = tmp_path / "given"
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    if request.param == "fifo":
        os.mkfifo(path)
    elif request.param == "device":
        path.symlink_to("/dev/zero")
    elif request.param == "directory":
        path.mkdir()
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("given")
    else:
        with path.open("wb") as file:
            file.truncate(MAX_FILE + 1)
    return str(path), NOT_FILES[request.param]


def connect(**options: Any) -> object:
    settings = resolve_settings(ConnectionOptions(**options), {"PATH": os.environ["PATH"]})
    return open_connection(settings).authorization()


def with_kubeconfig(user: Mapping[str, Any], **cluster: str) -> object:
    return connect(
        kubeconfig={
            "clusters": [{"name": "a", "cluster": {"server": HOST, **cluster}}],
            "users": [{"name": "a", "user": user}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        }
    )


def with_expired_token(path: str) -> object:
    """The connection of a user whose token must be refreshed, with the CA certificates of the identity provider."""
    provider = {"idp-issuer-url": HOST, "client-id": "a", "refresh-token": "r", "idp-certificate-authority": path}
    return with_kubeconfig({"auth-provider": {"name": "oidc", "config": provider}})


# What names a file, by the option of the error, and how it is read.
INPUTS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "kubeconfig": ("kubeconfig", lambda path: connect(kubeconfig=path)),
    "K8S_AUTH_KUBECONFIG": (
        "kubeconfig",
        lambda path: open_connection(resolve_settings(ConnectionOptions(), {"K8S_AUTH_KUBECONFIG": path})),
    ),
    "ca_cert": ("ca_cert", lambda path: connect(host=HOST, api_key="t", ca_cert=path)),
    "client_cert": ("client_cert", lambda path: connect(host=HOST, client_cert=path, client_key=__file__)),
    "client_key": ("client_key", lambda path: connect(host=HOST, client_cert=__file__, client_key=path)),
    "certificate-authority": (
        "kubeconfig.clusters[0].cluster.certificate-authority",
        lambda path: with_kubeconfig({}, **{"certificate-authority": path}),
    ),
    "client-certificate": (
        "kubeconfig.users[0].user.client-certificate",
        lambda path: with_kubeconfig({"client-certificate": path, "client-key": __file__}),
    ),
    "client-key": (
        "kubeconfig.users[0].user.client-key",
        lambda path: with_kubeconfig({"client-certificate": __file__, "client-key": path}),
    ),
    "tokenFile": ("kubeconfig.users[0].user.tokenFile", lambda path: with_kubeconfig({"tokenFile": path})),
    "idp-certificate-authority": (
        "kubeconfig.users[0].user.auth-provider.config.idp-certificate-authority",
        with_expired_token,
    ),
    "docker_config_file": (
        "docker_config_file",
        lambda path: read_option_file("docker_config_file", path, {}, MAX_FILE),
    ),
    "verify_ca_cert": ("verify_ca_cert", lambda path: read_option_file("verify_ca_cert", path, {}, MAX_FILE)),
    **{
        option: (option, partial(read_option_file, option, files={}, limit=MAX_FILE))
        for option in ("ssh.private_key_file", "github_app_token.private_key_file")
    },
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_not_a_file_is_not_read(name: str, not_a_file: tuple[str, str]) -> None:
    path, reason = not_a_file
    option, read = INPUTS[name]

    with pytest.raises(KeyringError) as caught:
        read(path)

    assert (caught.value.failure, caught.value.option) == ("unreadable_file", option)
    assert reason in str(caught.value)


@pytest.mark.parametrize("option", ["kubeconfig", "ca_cert", "client_cert", "client_key", "docker_config_file"])
def test_the_controller_does_not_read_it_either(option: str, not_a_file: tuple[str, str]) -> None:
    path, reason = not_a_file

    with pytest.raises(KeyringError) as caught:
        read_files({option: path}, PULL.options, ["/"], lambda content: content)

    assert caught.value.option == option
    assert str(caught.value).startswith(f"{option} {path} cannot be read: {reason}.")


def test_a_plugin_that_is_not_a_program_is_not_started(not_a_file: tuple[str, str]) -> None:
    path, _reason = not_a_file
    if not os.path.islink(path):  # the device keeps its permissions
        os.chmod(path, 0o700)
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": path, "interactiveMode": "Never"}

    with pytest.raises(KeyringError) as caught:
        with_kubeconfig({"exec": plugin})

    assert caught.value.failure == "credential_plugin_failed"


def test_a_file_may_be_as_large_as_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_regular_file(str(path), 10) == b"x" * 10


def path_options(options: Options, parent: str = "") -> Iterator[str]:
    for name, row in options.items():
        if row.get("type") == "path":
            yield f"{parent}{name}"
        yield from path_options(row.get("options", {}), f"{parent}{name}.")


def test_all_options_that_name_a_file_are_here() -> None:
    found = {name for definition in (PULL, GIT, ACCESS) for name in path_options(definition.options)}
    assert found - INPUTS.keys() == set()
