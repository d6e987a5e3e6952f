# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that gitsync_secret has written do what they are for: the real git clones with them, as their consumers do.

One playbook writes all of them. Each test reads one back from the API, lays it out as a volume with the mode 0400, and
clones over SSH with StrictHostKeyChecking=yes, or over HTTPS.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.cluster import Cluster
from support.git_proof_cases import (
    ANOTHER_FINGERPRINT,
    ANOTHER_HOST_KEY,
    CASES,
    FILE_CASES,
    HTTPS_CASES,
    IN_CHECK_MODE,
    NOT_CLONED,
    PROTECTED_CASES,
    SSH_CASES,
    WRONG_CA,
    WRONG_PASSWORD,
    Case,
    make_variables,
)
from support.git_world import README, clone_over_https, clone_over_ssh, clone_with_home, clone_with_store, mount_secret
from support.playbook import Playbook, task
from support.servers.git_http import HttpGitServer
from support.servers.git_ssh import SshGitServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sshd is held by its parent as Linux does it")


@dataclass(frozen=True)
class Written:
    """What the playbook has done: the results by case, and where the Secrets are. ``directory`` is for who clones."""

    cluster: Cluster
    namespace: str
    results: Mapping[str, Mapping[str, Any]] = field(repr=False)

    def mount(self, case: Case, directory: Path) -> Path:
        """The Secret of a case as a volume of a Pod, read from the API."""
        stored = self.cluster.read_secret(self.namespace, case.name)["data"]
        data = {key: base64.b64decode(value) for key, value in stored.items()}
        if case.inside:
            fields = json.loads(data[case.inside])
            extra = fields.pop("extra", {})
            data = {key: value.encode() for key, value in {**fields, **extra}.items()}
        return mount_secret(data, directory / "volume")


@pytest.fixture(scope="module")
def written(
    cluster: Cluster,
    ssh_server: SshGitServer,
    https_server: HttpGitServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Written]:
    directory, namespace = tmp_path_factory.mktemp("proof"), cluster.create_namespace()
    inputs = directory / "inputs"
    inputs.mkdir()
    variables = make_variables(ssh_server, https_server)
    (inputs / "ed25519").write_text(variables["ed25519"])
    (inputs / "crlf").write_bytes(variables["ed25519"].replace("\n", "\r\n").encode())
    # As people write it by hand: a safe_dump would keep the lines.
    folded = "".join(f"  {name}: >-\n{textwrap.indent(variables[name], '    ')}" for name in ("ed25519", "rsa_pem"))
    (inputs / "variables.yml").write_text(
        yaml.safe_dump({**variables, "inputs": str(inputs)}, allow_unicode=True) + f"folded:\n{folded}"
    )
    cluster.create_secret(
        namespace, "stored-without-line-end", string_data={"ssh": variables["ed25519"].strip(), "notes": "kept"}
    )
    connection = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace}
    tasks = [
        {
            "name": case.name,
            "check_mode": case is IN_CHECK_MODE,
            **task("gitsync_secret", **connection, name=case.name, **case.given),
        }
        for case in CASES
    ]
    results = Playbook(directory).run(tasks, f"--extra-vars=@{inputs / 'variables.yml'}").results
    yield Written(cluster, namespace, {case.name: result for case, result in zip(CASES, results, strict=True)})
    cluster.api.delete_namespace(namespace)


def by_name(cases: Sequence[Case]) -> list[Any]:
    return [pytest.param(case, id=case.name) for case in cases]


@pytest.mark.parametrize(("kind", "cases"), [("ssh", SSH_CASES), ("https", (*HTTPS_CASES, *FILE_CASES))])
def test_every_format_has_a_case(kind: str, cases: Sequence[Case]) -> None:
    cloned = {case.given.get("format", "git_sync") for case in cases}

    for_git = [name for name, row in FORMATS.items() if row.is_for_git and kind in row.shapes]
    assert set(for_git) - {*NOT_CLONED} <= cloned


def clone_by_key(case: Case, server: SshGitServer, mount: Path, tmp_path: Path, key_file: Path | None = None) -> str:
    """What git complains about; nothing when the clone is what the server has."""
    elsewhere, target = tmp_path / "known_hosts", tmp_path / "clone"
    elsewhere.write_text(server.known_hosts)
    private_key, *known_hosts = case.keys
    done = clone_over_ssh(
        server.url,
        target,
        key_file=key_file or mount / private_key,
        known_hosts_file=mount / known_hosts[0] if known_hosts else elsewhere,
    )
    return complaint(done, target)


def clone_by_password(case: Case, server: HttpGitServer, mount: Path, tmp_path: Path) -> str:
    username, password, *ca = case.keys if len(case.keys) > 1 else ("", *case.keys)
    ca_file, target = tmp_path / "ca.crt", tmp_path / "clone"
    ca_file.write_bytes(server.ca or b"")
    own_username = tmp_path / "username"
    own_username.write_text(server.username)
    done = clone_over_https(
        server.url,
        target,
        username_file=mount / username if username else own_username,
        password_file=mount / password,
        ca_file=mount / ca[0] if ca else ca_file,
    )
    return complaint(done, target)


def complaint(done: subprocess.CompletedProcess[str], target: Path) -> str:
    assert bool(done.returncode) is not target.exists()
    if target.exists():
        assert (target / "README").read_text() == README
    return done.stderr


def succeeded(results: Mapping[str, Mapping[str, Any]], case: Case) -> Mapping[str, Any]:
    result = results[case.name]
    assert not result.get("failed"), result["msg"]
    return result


@pytest.mark.parametrize("case", by_name(SSH_CASES))
def test_the_key_clones(written: Written, ssh_server: SshGitServer, tmp_path: Path, case: Case) -> None:
    result = succeeded(written.results, case)
    ssh_server.authorise(result["public_key"])

    assert clone_by_key(case, ssh_server, written.mount(case, tmp_path), tmp_path) == ""
    assert result["fingerprint"] in ssh_server.log.read_text()


@pytest.mark.parametrize("name", PROTECTED_CASES)
def test_the_key_clones_once_it_is_opened(
    written: Written, ssh_server: SshGitServer, tmp_path: Path, name: str
) -> None:
    case, passphrase_key = PROTECTED_CASES[name]
    ssh_server.authorise(succeeded(written.results, case)["public_key"])
    mount, opened = written.mount(case, tmp_path), tmp_path / "opened"
    shutil.copy(mount / case.keys[0], opened)
    passphrase = (mount / passphrase_key).read_text()

    said = clone_by_key(case, ssh_server, mount, tmp_path)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", passphrase, "-N", "", "-f", opened], check=True)

    assert "Permission denied (publickey)." in said
    assert clone_by_key(case, ssh_server, mount, tmp_path, opened) == ""


def test_another_host_key_is_refused(written: Written, ssh_server: SshGitServer, tmp_path: Path) -> None:
    ssh_server.authorise(succeeded(written.results, ANOTHER_HOST_KEY)["public_key"])

    said = clone_by_key(ANOTHER_HOST_KEY, ssh_server, written.mount(ANOTHER_HOST_KEY, tmp_path), tmp_path)

    assert "Host key verification failed." in said


def test_a_new_key_is_let_in_only_when_it_is_authorised(
    written: Written, ssh_server: SshGitServer, tmp_path: Path
) -> None:
    case = next(case for case in SSH_CASES if case.name == "generated-ed25519")
    ssh_server.authorise(succeeded(written.results, SSH_CASES[0])["public_key"])

    said = clone_by_key(case, ssh_server, written.mount(case, tmp_path), tmp_path)

    assert "Permission denied (publickey)." in said


def test_scanned_host_keys_are_those_with_the_fingerprints(written: Written, ssh_server: SshGitServer) -> None:
    fingerprints = list(ssh_server.fingerprints.values())
    hosts = {
        name: {line.split()[-1] for line in written.results[name]["secret"]["known_hosts"]}
        for name in ("scanned", "scanned-one-of-two", "scanned-on-trust")
    }

    assert hosts == {
        "scanned": set(fingerprints),
        "scanned-one-of-two": set(fingerprints[:1]),
        "scanned-on-trust": set(fingerprints),
    }
    assert [name for name in hosts if any("trusts any server" in text for text in warnings_of(written, name))] == [
        "scanned-on-trust"
    ]


def warnings_of(written: Written, name: str) -> Sequence[str]:
    return [str(text) for text in written.results[name].get("warnings", ())]


def test_host_keys_with_other_fingerprints_are_not_written(written: Written, ssh_server: SshGitServer) -> None:
    message = written.results[ANOTHER_FINGERPRINT.name]["msg"]

    assert message.startswith("ssh.host_key_fingerprints has none of the server's keys. The server has SHA256:")
    assert all(fingerprint in message for fingerprint in ssh_server.fingerprints.values())
    assert ANOTHER_FINGERPRINT.name not in stored_names(written)


def test_check_mode_makes_no_key(written: Written) -> None:
    assert written.results[IN_CHECK_MODE.name]["public_key"] == "<known after apply>"
    assert IN_CHECK_MODE.name not in stored_names(written)


def stored_names(written: Written) -> set[str]:
    return {secret.metadata.name for secret in written.cluster.api.list_namespaced_secret(written.namespace).items}


def test_every_other_case_is_stored(written: Written) -> None:
    assert {case.name for case in CASES} - stored_names(written) == {ANOTHER_FINGERPRINT.name, IN_CHECK_MODE.name}


@pytest.mark.parametrize("case", by_name(HTTPS_CASES))
def test_the_password_clones(written: Written, https_server: HttpGitServer, tmp_path: Path, case: Case) -> None:
    succeeded(written.results, case)

    assert clone_by_password(case, https_server, written.mount(case, tmp_path), tmp_path) == ""


@pytest.mark.parametrize("case", by_name(FILE_CASES))
def test_the_file_clones(written: Written, https_server: HttpGitServer, tmp_path: Path, case: Case) -> None:
    """The password has characters at which a URL splits, so git finds it only percent-encoded."""
    assert succeeded(written.results, case)["secret"]["username"] == https_server.username
    store, configuration = case.keys
    mount, target, ca_file = written.mount(case, tmp_path), tmp_path / "clone", tmp_path / "ca.crt"
    ca_file.write_bytes(https_server.ca or b"")
    if configuration:
        done = clone_with_home(https_server.url, target, home=mount, ca_file=ca_file)
    else:
        done = clone_with_store(https_server.url, target, store=mount / store, ca_file=ca_file)

    assert complaint(done, target) == ""


@pytest.mark.parametrize(
    ("case", "said"),
    [
        pytest.param(WRONG_PASSWORD, "Authentication failed", id="password"),
        pytest.param(WRONG_CA, "certificate", id="certificate"),
    ],
)
def test_what_is_wrong_does_not_clone(
    written: Written, https_server: HttpGitServer, tmp_path: Path, case: Case, said: str
) -> None:
    succeeded(written.results, case)

    assert said in clone_by_password(case, https_server, written.mount(case, tmp_path), tmp_path)
