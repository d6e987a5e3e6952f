# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers and clients with which Git credentials are proved: they let in who should be let in, and nobody else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.control_plane import pki
from support.git_world import (
    README,
    SshKey,
    clone,
    clone_over_https,
    clone_over_ssh,
    git_environment,
    make_ssh_key,
    mount_secret,
)
from support.servers.git_http import HttpGitServer, http_git_server
from support.servers.git_ssh import SshGitServer, ssh_git_server
from support.servers.sshd_program import find_nss_wrapper, find_sshd, package_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sshd is held by its parent as Linux does it")

BAD_KEY = re.compile(r"Load key \"[^\"]*\": (error in libcrypto|invalid format)")


@pytest.fixture(scope="module")
def http_server() -> Iterator[HttpGitServer]:
    with http_git_server(tls=False) as server:
        yield server


def mount_and_clone_over_ssh(
    server: SshGitServer, directory: Path, private_key: bytes, known_hosts: str | None = None
) -> str:
    """What git complains about; nothing when the clone is what the server has."""
    hosts = server.known_hosts if known_hosts is None else known_hosts
    mount = mount_secret({"ssh": private_key, "known_hosts": hosts.encode()}, directory / "git-secret")
    target = directory / "clone"
    done = clone_over_ssh(server.url, target, key_file=mount / "ssh", known_hosts_file=mount / "known_hosts")
    return complaint(done, target)


def complaint(done: subprocess.CompletedProcess[str], target: Path) -> str:
    if done.returncode:
        assert done.stderr
        assert not target.exists()
        return done.stderr
    assert (target / "README").read_text() == README
    return ""


# Over SSH


@pytest.mark.parametrize("key", [make_ssh_key("ed25519"), make_ssh_key("rsa")], ids=["ed25519", "rsa"])
def test_an_authorised_key_clones(ssh_server: SshGitServer, tmp_path: Path, key: SshKey) -> None:
    ssh_server.authorise(make_ssh_key().public, key.public)

    assert mount_and_clone_over_ssh(ssh_server, tmp_path, key.private) == ""
    assert key.fingerprint in ssh_server.log.read_text()


def test_another_key_does_not(ssh_server: SshGitServer, tmp_path: Path) -> None:
    ssh_server.authorise(make_ssh_key().public)

    said = mount_and_clone_over_ssh(ssh_server, tmp_path, make_ssh_key().private)

    assert "Permission denied (publickey)." in said
    assert not BAD_KEY.search(said)


def test_a_key_is_let_in_no_longer(ssh_server: SshGitServer, tmp_path: Path) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    assert mount_and_clone_over_ssh(ssh_server, tmp_path / "before", key.private) == ""
    ssh_server.authorise()

    assert "Permission denied (publickey)." in mount_and_clone_over_ssh(ssh_server, tmp_path / "after", key.private)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda key: key.removesuffix(b"\n"), id="no newline at the end"),
        pytest.param(lambda key: key.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda key: key.replace(b"\n", b"\\n"), id="newlines as two characters"),
        pytest.param(lambda key: key.replace(b"\n", b" "), id="folded by YAML"),
    ],
)
def test_ssh_does_not_take_a_spoiled_key(
    ssh_server: SshGitServer, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)

    said = mount_and_clone_over_ssh(ssh_server, tmp_path, spoil(key.private))

    assert BAD_KEY.search(said)
    assert "Permission denied (publickey)." in said


@pytest.mark.parametrize(
    ("known_hosts", "said"),
    [
        pytest.param("", "No ED25519 host key is known for [127.0.0.1]:{port}", id="unknown host"),
        pytest.param(
            "127.0.0.1 {other}\n", "No ED25519 host key is known for [127.0.0.1]:{port}", id="another key without port"
        ),
        pytest.param("[127.0.0.1]:{port} {other}\n", "REMOTE HOST IDENTIFICATION HAS CHANGED", id="another host key"),
    ],
)
def test_the_host_key_must_be_the_known_one(
    ssh_server: SshGitServer, tmp_path: Path, known_hosts: str, said: str
) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    known_hosts = known_hosts.format(port=ssh_server.port, other=make_ssh_key().public)

    answer = mount_and_clone_over_ssh(ssh_server, tmp_path, key.private, known_hosts)

    assert said.format(port=ssh_server.port) in answer
    assert "Host key verification failed." in answer


@pytest.mark.parametrize("line", [0, 1], ids=["ed25519", "rsa"])
def test_one_host_key_is_enough(ssh_server: SshGitServer, tmp_path: Path, line: int) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    known_hosts = ssh_server.known_hosts.splitlines(keepends=True)[line]

    assert mount_and_clone_over_ssh(ssh_server, tmp_path, key.private, known_hosts) == ""


@pytest.mark.parametrize(("line", "accepted"), [(0, True), (1, False)], ids=["ed25519", "rsa"])
def test_a_line_without_the_port_does_only_for_the_kind_of_key_that_ssh_asks_for_first(
    ssh_server: SshGitServer, tmp_path: Path, line: int, accepted: bool
) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    known_hosts = ssh_server.known_hosts.replace(f"[127.0.0.1]:{ssh_server.port}", "127.0.0.1").splitlines()[line]

    answer = mount_and_clone_over_ssh(ssh_server, tmp_path, key.private, f"{known_hosts}\n")

    assert ("Host key verification failed." not in answer) is accepted


def test_without_known_hosts_any_host_is_trusted(ssh_server: SshGitServer, tmp_path: Path) -> None:
    key, target = make_ssh_key(), tmp_path / "clone"
    ssh_server.authorise(key.public)
    mount = mount_secret({"ssh": key.private}, tmp_path / "git-secret")

    done = clone_over_ssh(ssh_server.url, target, key_file=mount / "ssh", known_hosts_file=None)

    assert complaint(done, target) == ""


def test_ssh_keyscan_gives_the_keys_of_the_server(ssh_server: SshGitServer) -> None:
    command = ["ssh-keyscan", "-p", str(ssh_server.port), ssh_server.host]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    fingerprints = subprocess.run(
        ["ssh-keygen", "-l", "-f", "-"], input=said, capture_output=True, text=True, check=True
    ).stdout

    # OpenSSH 10 writes its comments to stdout.
    assert {line for line in said.splitlines() if line[0] != "#"} == set(ssh_server.known_hosts.splitlines())
    assert {line.split()[1] for line in fingerprints.splitlines()} == set(ssh_server.fingerprints.values())
    assert set(ssh_server.fingerprints) == {"ssh-ed25519", "ssh-rsa"}


def test_the_server_gives_nothing_but_git(ssh_server: SshGitServer, tmp_path: Path) -> None:
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(key.private)
    user = ssh_server.url.removeprefix("ssh://").partition("@")[0]
    options = ["-F", "none", "-i", str(tmp_path / "key"), "-p", str(ssh_server.port), "-o", "StrictHostKeyChecking=no"]
    options += ["-o", f"UserKnownHostsFile={os.devnull}", "-o", "IdentitiesOnly=yes"]

    done = subprocess.run(["ssh", *options, f"{user}@127.0.0.1", "id"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (128, "")
    assert "fatal: unrecognized command 'id'" in done.stderr


# How it ends


def test_nothing_of_a_server_is_left() -> None:
    with ssh_git_server() as server:
        directory = server.log.parent
        assert listens(server.port)
    assert not listens(server.port)
    assert not directory.exists()


def test_two_servers_are_strangers_to_each_other(ssh_server: SshGitServer) -> None:
    with ssh_git_server() as other:
        assert other.port != ssh_server.port
        assert not set(other.fingerprints.values()) & set(ssh_server.fingerprints.values())
    assert listens(ssh_server.port)


def test_a_killed_parent_leaves_no_sshd() -> None:
    code = """
import time
from support.servers.git_ssh import ssh_git_server
with ssh_git_server() as server:
    print(server.port, server.log.parent, flush=True)
    time.sleep(60)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        port, directory = parent.stdout.readline().split()
        assert listens(int(port))
        parent.kill()
    shutil.rmtree(directory)
    deadline = time.monotonic() + 5
    while listens(int(port)):
        assert time.monotonic() < deadline, "sshd outlives who started it"
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether something listens on this port of loopback; 0A is TCP_LISTEN in the kernel's include/net/tcp_states.h."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return any(fields[1] == f"0100007F:{port:04X}" and fields[3] == "0A" for fields in lines)


def test_sshd_is_found_again() -> None:
    assert find_sshd() == find_sshd()
    assert os.access(find_sshd(), os.X_OK)


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        pytest.param(
            {},
            "Debian's openssh-server and libnss-wrapper cannot be unpacked without apt-get. "
            "Run the tests as another user than root.",
            id="another system",
        ),
        pytest.param(
            {"apt-get": "#!/bin/sh\necho E: no $3 >&2; exit 100", "dpkg": "#!/bin/sh"},
            "apt-get cannot download libnss-wrapper and openssh-server. Run the tests as another user than root. "
            "It said:\nE: no download\nE: no --option=Dir::State::Lists=",
            id="no network",
        ),
    ],
)
def test_no_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Mapping[str, str], message: str
) -> None:
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(RuntimeError) as caught:
        find_nss_wrapper()

    assert str(caught.value).startswith(message)
    assert not list((tmp_path / "cache").glob("*/*"))


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libwrap.so.0", "libwrap0"),
        ("libkrb5.so.3", "libkrb5-3"),
        ("libcom_err.so.2", "libcom-err2"),
        ("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
    ],
)
def test_the_package_of_a_library(library: str, package: str) -> None:
    assert package_of(library) == package


# Over HTTPS


def mount_and_clone_over_https(
    server: HttpGitServer, directory: Path, *, username: str, password: str, ca: bytes | None
) -> str:
    data = {"username": username.encode(), "password": password.encode(), "ca.crt": ca or b""}
    mount, target = mount_secret(data, directory / "git-secret"), directory / "clone"
    done = clone_over_https(
        server.url,
        target,
        username_file=mount / "username",
        password_file=mount / "password",
        ca_file=mount / "ca.crt" if ca else None,
    )
    return complaint(done, target)


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        pytest.param("{username}", "{password}", "", id="right"),
        pytest.param("{username}", "{password}x", "fatal: Authentication failed for '{url}", id="wrong password"),
        pytest.param("{username}", "", "fatal: Authentication failed for '{url}", id="no password"),
        pytest.param("{username}\n", "{password}", "fatal: could not read Password", id="user and a newline"),
        pytest.param("x{username}", "{password}", "fatal: Authentication failed for '{url}", id="wrong user"),
    ],
)
@pytest.mark.parametrize("tls", [True, False], ids=["https", "http"])
def test_a_password(
    https_server: HttpGitServer,
    http_server: HttpGitServer,
    tmp_path: Path,
    username: str,
    password: str,
    said: str,
    tls: bool,
) -> None:
    server = https_server if tls else http_server
    given = {"username": server.username, "password": server.password}

    answer = mount_and_clone_over_https(
        server, tmp_path, username=username.format(**given), password=password.format(**given), ca=server.ca
    )

    assert (said.format(url=server.url) in answer) if said else not answer


def test_the_server_asks_for_a_password(http_server: HttpGitServer, tmp_path: Path) -> None:
    done = clone(http_server.url, tmp_path / "clone", environment=git_environment())

    assert "fatal: could not read Username" in complaint(done, tmp_path / "clone")


@pytest.mark.parametrize("ca", [None, pki.make_authority("somebody else").certificate], ids=["none", "another"])
def test_the_certificate_must_be_trusted(https_server: HttpGitServer, tmp_path: Path, ca: bytes | None) -> None:
    said = mount_and_clone_over_https(
        https_server, tmp_path, username=https_server.username, password=https_server.password, ca=ca
    )

    assert "fatal: unable to access" in said
    assert re.search(r"\b[Cc]ert(ificate)?\b", said)


# A Secret in a volume


def test_a_mounted_secret_looks_as_in_a_pod(tmp_path: Path) -> None:
    data = {"ssh": b"\x00key\n", "known_hosts": b""}

    mount = mount_secret(data, tmp_path / "git-secret")

    assert {path.name for path in mount.iterdir() if not path.name.startswith("..2")} == {"..data", *data}
    assert {str((mount / key).readlink()) for key in data} == {f"..data/{key}" for key in data}
    assert {key: (mount / key).read_bytes() for key in data} == data
    assert {oct((mount / key).stat().st_mode) for key in data} == {"0o100400"}
    assert re.fullmatch(r"\.\.\d{4}(_\d\d){5}\.\w+", str((mount / "..data").readlink()))
