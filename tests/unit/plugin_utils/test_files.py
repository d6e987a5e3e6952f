# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that options name: where they are looked for, and what of a path may be told when one is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import Options
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.files import read_files, read_references
from support.samples.secrets import refusal

OPTIONS: Options = {
    "kubeconfig": {"type": "raw"},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_key": {"type": "path"},
    "host": {"type": "str"},
    "ssh": {
        "type": "dict",
        "aliases": ["git_ssh"],
        "options": {
            "private_key_file": {"type": "path", "aliases": ["key_file"]},
            "known_hosts": {"type": "str"},
            "kubeconfig": {"type": "raw"},
            "inner": {"type": "dict", "options": {"file": {"type": "path"}}},
        },
    },
    "keys": {"type": "list", "elements": "dict", "options": {"file": {"type": "path"}, "name": {"type": "str"}}},
    "free": {"type": "dict"},
}

HOW = "Give the path of a file on the controller; with remote_src=true it is one on the machine that runs the task."

VAULT = VaultLib([("default", VaultSecret(b"0pen"))])
OTHER_VAULT = VaultLib([("default", VaultSecret(b"something else"))])

# Path and content of the files in a folder of their own, which is the home as well.
FILES = {
    "role/files/ca.crt": b"role/files",
    "role/ca.crt": b"role",
    "play/files/ca.crt": b"play/files",
    "role/only-role": b"only role",
    "play/files/only-play": b"only play",
    "role/files/deep/a": b"deep",
    "home": b"home",
    "a": b"kubeconfig a",
    "b": b"kubeconfig b",
    "binary": b"\x00\xff",
    "empty": b"",
    "encrypted": VAULT.encrypt(b"\x00pened"),
    "locked": OTHER_VAULT.encrypt(b"locked"),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with FILES."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SOME_FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path / "play")
    return tmp_path


def read(root: Path, **arguments: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    folders = [str(root / "role"), str(root / "play")]
    return read_files(arguments, OPTIONS, folders, VAULT.decrypt)


@pytest.mark.parametrize(
    ("option", "given", "found"),
    [
        pytest.param("ca_cert", "{root}/role/ca.crt", ["role/ca.crt"], id="absolute"),
        pytest.param("ca_cert", "ca.crt", ["role/files/ca.crt"], id="in files before beside it"),
        pytest.param("ca_cert", "only-role", ["role/only-role"], id="beside files"),
        pytest.param("ca_cert", "only-play", ["play/files/only-play"], id="in a later folder"),
        pytest.param("ca_cert", "deep/a", ["role/files/deep/a"], id="in a folder"),
        pytest.param("ca_cert", "files/ca.crt", ["role/files/ca.crt"], id="files named as well"),
        pytest.param("ca_cert", "../a", ["a"], id="out of a folder"),
        pytest.param("ca_cert", "~/home", ["home"], id="the home"),
        pytest.param("ca_cert", "$SOME_FOLDER/home", ["home"], id="a variable"),
        pytest.param("ca_cert", "${{SOME_FOLDER}}/home", ["home"], id="a variable in braces"),
        pytest.param("ssl_ca_cert", "ca.crt", ["role/files/ca.crt"], id="an alias"),
        pytest.param("client_key", "~/binary", ["binary"], id="any bytes"),
        pytest.param("client_key", "~/empty", ["empty"], id="an empty file"),
        pytest.param("kubeconfig", "~/a", ["a"], id="a kubeconfig"),
        pytest.param("kubeconfig", "~/b:~/a", ["b", "a"], id="two kubeconfigs"),
        pytest.param("kubeconfig", "~/missing:~/a::only-play", ["a", "play/files/only-play"], id="one of them missing"),
    ],
)
def test_a_file_is_found_and_read(option: str, given: str, found: Sequence[str], root: Path) -> None:
    given = given.format(root=root)
    paths = [str(root / name) for name in found]

    assert read(root, **{option: given}) == (
        {option: os.pathsep.join(paths)},
        {path: FILES[name] for path, name in zip(paths, found, strict=True)},
    )


SUBOPTIONS = [
    pytest.param({"ssh": {"private_key_file": "~/a"}}, {"ssh": {"private_key_file": "{root}/a"}}, ["a"], id="one"),
    pytest.param({"git_ssh": {"key_file": "~/a"}}, {"git_ssh": {"key_file": "{root}/a"}}, ["a"], id="aliases"),
    pytest.param(
        {"ssh": {"known_hosts": "a", "private_key_file": "only-role", "unknown": "a"}},
        {"ssh": {"known_hosts": "a", "private_key_file": "{root}/role/only-role", "unknown": "a"}},
        ["role/only-role"],
        id="others beside it",
    ),
    pytest.param(
        {"ssh": {"inner": {"file": "~/a"}}}, {"ssh": {"inner": {"file": "{root}/a"}}}, ["a"], id="of a suboption"
    ),
    pytest.param(
        {"ssh": "private_key_file=~/a known_hosts=b"},
        {"ssh": {"private_key_file": "{root}/a", "known_hosts": "b"}},
        ["a"],
        id="a text",
    ),
    pytest.param(
        {"ssh": '{"private_key_file": "~/a"}'}, {"ssh": {"private_key_file": "{root}/a"}}, ["a"], id="a text in JSON"
    ),
    pytest.param(
        {"keys": [{"file": "~/a"}, {"name": "a"}, {"name": "x", "file": "~/b"}]},
        {"keys": [{"file": "{root}/a"}, {"name": "a"}, {"name": "x", "file": "{root}/b"}]},
        ["a", "b"],
        id="a list",
    ),
    pytest.param(
        {"keys": ["file=~/a", '{"file": "~/b"}']},
        {"keys": [{"file": "{root}/a"}, {"file": "{root}/b"}]},
        ["a", "b"],
        id="a list of texts",
    ),
    pytest.param(
        {"keys": "file=~/a,file=~/b"}, {"keys": [{"file": "{root}/a"}, {"file": "{root}/b"}]}, ["a", "b"], id="a row"
    ),
    pytest.param(
        {"ca_cert": "~/b", "ssh": {"private_key_file": "~/a"}},
        {"ca_cert": "{root}/b", "ssh": {"private_key_file": "{root}/a"}},
        ["a", "b"],
        id="beside an option",
    ),
]


@pytest.mark.parametrize(("given", "expected", "found"), SUBOPTIONS)
def test_a_file_of_a_suboption_is_found_and_read(
    given: dict[str, Any], expected: dict[str, Any], found: Sequence[str], root: Path
) -> None:
    before = json.dumps(given)

    resolved, files = read(root, **given)

    assert json.dumps(resolved) == json.dumps(expected).replace("{root}", str(root))
    assert files == {str(root / name): FILES[name] for name in found}
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"ssh": None, "keys": None}, id="no suboptions"),
        pytest.param({"ssh": {}, "keys": []}, id="none of the suboptions"),
        pytest.param({"ssh": {"private_key_file": None}, "keys": [{"file": ""}]}, id="suboptions without a value"),
        pytest.param({"ssh": {"kubeconfig": "~/a"}}, id="a suboption with the name of another option"),
        pytest.param({"free": {"ca_cert": "~/a", "private_key_file": "~/a"}}, id="a free mapping"),
        pytest.param({"ca_cert": None, "kubeconfig": None}, id="not given"),
        pytest.param({"ca_cert": "", "kubeconfig": ""}, id="empty"),
        pytest.param({"host": "ca.crt", "unknown": "ca.crt"}, id="no option for a file"),
        pytest.param({"kubeconfig": {"clusters": []}}, id="a mapping"),
        pytest.param({"kubeconfig": "clusters: []\nusers: []\n"}, id="the text of one in YAML"),
        pytest.param({"kubeconfig": '{"clusters": []}'}, id="the text of one in JSON"),
    ],
)
def test_what_names_no_file_is_left_alone(arguments: Mapping[str, Any], root: Path) -> None:
    assert read(root, **arguments) == (arguments, {})


def test_arguments_are_not_changed_and_others_stay(root: Path) -> None:
    arguments = {"ca_cert": "ca.crt", "host": "h"}

    assert read(root, **arguments)[0] == {"ca_cert": str(root / "role/files/ca.crt"), "host": "h"}
    assert read_files(arguments, OPTIONS, [str(root / "role")], VAULT.decrypt)[0] is not arguments
    assert arguments == {"ca_cert": "ca.crt", "host": "h"}


def test_a_file_of_ansible_vault_is_decrypted(root: Path) -> None:
    assert read(root, client_key="~/encrypted")[1] == {str(root / "encrypted"): b"\x00pened"}
    assert read(root, ssh={"private_key_file": "~/encrypted"})[1] == {str(root / "encrypted"): b"\x00pened"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"ca_cert": "/no/such/file"}, f"ca_cert /no/such/file does not exist on the controller. {HOW}", id="missing"
        ),
        pytest.param(
            {"ca_cert": "./missing"}, f"ca_cert ./missing does not exist on the controller. {HOW}", id="relative"
        ),
        pytest.param(
            {"ca_cert": "~/missing"}, f"ca_cert ~/missing does not exist on the controller. {HOW}", id="as it is given"
        ),
        pytest.param({"ca_cert": "s3cret"}, f"ca_cert does not exist on the controller. {HOW}", id="maybe no path"),
        pytest.param(
            {"client_key": "/-----BEGIN\ns3cret"},
            f"client_key does not exist on the controller. {HOW}",
            id="surely no path",
        ),
        pytest.param({"client_key": "\0"}, f"client_key does not exist on the controller. {HOW}", id="no path at all"),
        pytest.param(
            {"client_key": "x" * 10_000},
            f"client_key does not exist on the controller. {HOW}",
            id="too long for a path",
        ),
        pytest.param(
            {"ssl_ca_cert": "/missing"}, f"ca_cert /missing does not exist on the controller. {HOW}", id="an alias"
        ),
        pytest.param(
            {"ca_cert": "/missing:{root}/a"},
            f"ca_cert /missing:{{root}}/a does not exist on the controller. {HOW}",
            id="only kubeconfigs may be several",
        ),
        pytest.param(
            {"kubeconfig": "/no/a:/no/b"},
            f"kubeconfig /no/a:/no/b does not exist on the controller. {HOW}",
            id="all kubeconfigs missing",
        ),
        pytest.param(
            {"kubeconfig": ":"}, f"kubeconfig does not exist on the controller. {HOW}", id="only the sign between them"
        ),
        pytest.param(
            {"ca_cert": "{root}/role"}, f"ca_cert {{root}}/role cannot be read: Is a directory. {HOW}", id="a folder"
        ),
        pytest.param(
            {"kubeconfig": "~/a:~/role"},
            f"kubeconfig {{root}}/role cannot be read: Is a directory. {HOW}",
            id="a folder of several",
        ),
        pytest.param(
            {"ssh": {"private_key_file": "/missing"}},
            f"ssh.private_key_file /missing does not exist on the controller. {HOW}",
            id="a suboption",
        ),
        pytest.param(
            {"git_ssh": {"key_file": "-----BEGIN\ns3cret"}},
            f"ssh.private_key_file does not exist on the controller. {HOW}",
            id="a suboption that is no path",
        ),
        pytest.param(
            {"ssh": {"private_key_file": "~/role"}},
            f"ssh.private_key_file {{root}}/role cannot be read: Is a directory. {HOW}",
            id="a folder in a suboption",
        ),
        pytest.param(
            {"keys": [{"name": "x"}, {"file": "/missing"}]},
            f"keys[1].file /missing does not exist on the controller. {HOW}",
            id="an item of a list",
        ),
        pytest.param(
            {"client_key": "~/locked"},
            "client_key {root}/locked is encrypted with Ansible Vault, and no vault secret of this run opens it. "
            "Give the secret with --vault-password-file or --ask-vault-pass.",
            id="locked",
        ),
    ],
)
def test_a_file_that_can_not_be_read(arguments: Mapping[str, Any], message: str, root: Path) -> None:
    given = json.loads(json.dumps(arguments).replace("{root}", str(root)))

    assert refusal(read, root, **given) == message.replace("{root}", str(root))


def test_a_link_to_nothing_is_not_passed_over(root: Path) -> None:
    (root / "role/files/only-play").symlink_to("nothing")

    assert refusal(read, root, ca_cert="only-play") == (
        f"ca_cert {root}/role/files/only-play cannot be read: No such file or directory. {HOW}"
    )


def kubeconfig(**user: str) -> bytes:
    fields = ", ".join(f"{name}: {value}" for name, value in user.items())
    return f"users: [{{name: a, user: {{{fields}}}}}]".encode()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(kubeconfig(tokenFile="a"), ["a"], id="beside it"),
        pytest.param(kubeconfig(tokenFile="role/ca.crt"), ["role/ca.crt"], id="below it"),
        pytest.param(kubeconfig(**{"client-key": "binary", "client-certificate": "b"}), ["b", "binary"], id="two"),
        pytest.param(kubeconfig(tokenFile="encrypted"), ["encrypted"], id="of Ansible Vault"),
        pytest.param(kubeconfig(token="t"), [], id="none"),
        pytest.param(b"", [], id="empty"),
        pytest.param(b"users: [", [], id="no YAML"),
        pytest.param(b"\xff\xfe\xff", [], id="no text"),
        pytest.param(b"users: s3cret", [], id="of wrong shape"),
        pytest.param(b"users: [{name: a}]", [], id="a user without anything"),
        pytest.param(b"[]", [], id="a list"),
    ],
)
def test_the_files_of_a_kubeconfig(content: bytes, found: Sequence[str], root: Path) -> None:
    contents = {**FILES, "encrypted": b"\x00pened"}

    assert read_references({str(root / "config"): content}, VAULT.decrypt) == {
        str(root / name): contents[name] for name in found
    }


def test_the_files_of_several_kubeconfigs(root: Path) -> None:
    contents = {
        str(root / "role/config"): kubeconfig(tokenFile="ca.crt"),
        str(root / "bad"): b"users: [",
        str(root / "play/config"): kubeconfig(tokenFile=str(root / "a")),
    }

    assert read_references(contents, VAULT.decrypt) == {
        str(root / "role/ca.crt"): b"role",
        str(root / "a"): b"kubeconfig a",
    }


def test_a_file_of_a_kubeconfig_that_can_not_be_read_is_left_to_the_task(root: Path) -> None:
    content = kubeconfig(**{"client-key": "missing", "client-certificate": "b"})

    assert read_references({str(root / "config"): content}, VAULT.decrypt).keys() == {str(root / "b")}
