# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs: parsed, several as one, what a context selects, and the files that they name.

What kubectl makes of a kubeconfig is tested against kubectl itself, in tests/integration/cluster/test_as_kubectl.py;
here are the messages, and what kubectl has no part in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig import (
    kubeconfig_paths,
    merge_kubeconfigs,
    referenced_paths,
    select_context,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig_fields import parse_kubeconfig
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig_yaml import parse_document
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

CA, CA_DATA = "certificate-authority", "certificate-authority-data"


def clusters(**servers: str) -> dict[str, Any]:
    return {"clusters": [{"name": name, "cluster": {"server": server}} for name, server in servers.items()]}


def with_cluster(**fields: Any) -> dict[str, Any]:
    return {"clusters": [{"name": "a", "cluster": {"server": "https://s", **fields}}]}


def with_user(**fields: Any) -> dict[str, Any]:
    return {"users": [{"name": "a", "user": fields}]}


def complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document, with a cluster, a user and a context that selects them where it has none."""
    context = {"contexts": [{"name": "c", "context": {"cluster": "a", "user": "a"}}], "current-context": "c"}
    return {**with_cluster(), **with_user(), **context, **document}


MERGED: Mapping[str, tuple[Sequence[Mapping[str, Any]], Mapping[str, str], str]] = {
    "nothing": ([], {}, ""),
    "empty-ones": ([{}, {"kind": "Config", "preferences": {}}], {}, ""),
    "sections-without-content": ([{"clusters": None, "users": None, "current-context": None}], {}, ""),
    "one": ([{**clusters(a="1", b="2"), "current-context": "c"}], {"a": "1", "b": "2"}, "c"),
    "entries-add-up": ([clusters(a="1"), clusters(b="2")], {"a": "1", "b": "2"}, ""),
    "the-first-of-a-name": (
        [clusters(a="1"), clusters(a="2", b="3"), clusters(b="4")],
        {"a": "1", "b": "3"},
        "",
    ),
    "the-first-current-context": (
        [{"current-context": ""}, {}, {"current-context": "b"}, {"current-context": "c"}],
        {},
        "b",
    ),
}


@pytest.mark.parametrize(("documents", "servers", "current"), MERGED.values(), ids=MERGED)
def test_several_kubeconfigs_as_one(
    documents: Sequence[Mapping[str, Any]], servers: Mapping[str, str], current: str
) -> None:
    merged = merge_kubeconfigs([parse_kubeconfig(document, "kubeconfig", "/k") for document in documents], "kubeconfig")

    assert {name: cluster.server for name, cluster in merged.clusters.items()} == servers
    assert merged.current_context == current


EXEC = {"apiVersion": "client.authentication.k8s.io/v1", "command": "get-token", "interactiveMode": "Never"}

# What is refused, the message, and the option and id of the failure.
REFUSED: Mapping[str, tuple[Mapping[str, Any], str, str, str]] = {
    "no mapping": ({"users": {}}, "users of kubeconfig must be a list.", "users", "invalid_kubeconfig"),
    "an entry that is no mapping": (
        {"users": ["a"]},
        "users[0] of kubeconfig must be a mapping.",
        "users[0]",
        "invalid_kubeconfig",
    ),
    "fields that are no mapping": (
        {"users": [{"name": "a", "user": "t"}]},
        "users[0].user of kubeconfig must be a mapping.",
        "users[0].user",
        "invalid_kubeconfig",
    ),
    "two of one name": (
        {"users": [{"name": "a"}, {"name": "a"}]},
        'users[1].name of kubeconfig is "a", which an earlier one already has. Rename or remove one of them.',
        "users[1].name",
        "invalid_kubeconfig",
    ),
    "a number for a token": (
        with_user(token=123456),
        "users[0].user.token of kubeconfig must be a string; it is a number. Put it in quotes.",
        "users[0].user.token",
        "not_a_string",
    ),
    "a boolean for a password": (
        with_user(password=False),
        "users[0].user.password of kubeconfig must be a string; it is a boolean. Put it in quotes.",
        "users[0].user.password",
        "not_a_string",
    ),
    "a list for a server": (
        with_cluster(server=["https://s"]),
        "clusters[0].cluster.server of kubeconfig must be a string; it is a list.",
        "clusters[0].cluster.server",
        "invalid_kubeconfig",
    ),
    "a number for a group": (
        with_user(**{"as": "a", "as-groups": ["g", 7]}),
        "users[0].user.as-groups[1] of kubeconfig must be a string; it is a number. Put it in quotes.",
        "users[0].user.as-groups[1]",
        "not_a_string",
    ),
    "a number as a variable": (
        with_user(exec={**EXEC, "env": [{"name": "A", "value": 7}]}),
        "users[0].user.exec.env[0].value of kubeconfig must be a string; it is a number. Put it in quotes.",
        "users[0].user.exec.env[0].value",
        "not_a_string",
    ),
    "data that is no base64": (
        with_cluster(**{CA_DATA: "-----BEGIN"}),
        "clusters[0].cluster.certificate-authority-data of kubeconfig is not base64. "
        "Write the content of the file as base64.",
        "clusters[0].cluster.certificate-authority-data",
        "invalid_kubeconfig",
    ),
    "a string for a boolean": (
        with_cluster(**{"insecure-skip-tls-verify": "yes"}),
        "clusters[0].cluster.insecure-skip-tls-verify of kubeconfig must be true or false, without quotes.",
        "clusters[0].cluster.insecure-skip-tls-verify",
        "invalid_kubeconfig",
    ),
    "an authority twice": (
        with_cluster(**{CA: "/ca", CA_DATA: "AAAA"}),
        "clusters[0].cluster.certificate-authority of kubeconfig and certificate-authority-data exclude each other. "
        "Remove one of them.",
        "clusters[0].cluster.certificate-authority",
        "invalid_kubeconfig",
    ),
    "a certificate without a key": (
        with_user(**{"client-certificate": "/c"}),
        "users[0].user.client-certificate of kubeconfig needs client-key or client-key-data.",
        "users[0].user.client-certificate",
        "invalid_kubeconfig",
    ),
    "a token and a password": (
        with_user(token="t", username="u", password="p"),
        "users[0].user of kubeconfig has a token and a user name or password. "
        "A request can use only one of them. Remove one.",
        "users[0].user",
        "invalid_kubeconfig",
    ),
    "groups alone": (
        with_user(token="t", **{"as-groups": ["g"]}),
        "users[0].user.as of kubeconfig is missing. as-uid, as-groups and as-user-extra need it.",
        "users[0].user.as",
        "invalid_kubeconfig",
    ),
    "an old API version of a plugin": (
        with_user(exec={**EXEC, "apiVersion": "client.authentication.k8s.io/v1alpha1"}),
        "users[0].user.exec.apiVersion of kubeconfig must be client.authentication.k8s.io/v1 or "
        "client.authentication.k8s.io/v1beta1. kubectl accepts no other version. "
        "Update the credential plugin, and let it write the kubeconfig again.",
        "users[0].user.exec.apiVersion",
        "invalid_kubeconfig",
    ),
    "no interactiveMode": (
        with_user(exec={**EXEC, "interactiveMode": None}),
        "users[0].user.exec.interactiveMode of kubeconfig must be one of Never, IfAvailable, Always.",
        "users[0].user.exec.interactiveMode",
        "invalid_kubeconfig",
    ),
    "a plugin without a command": (
        with_user(exec={**EXEC, "command": ""}),
        "users[0].user.exec.command of kubeconfig is missing.",
        "users[0].user.exec.command",
        "invalid_kubeconfig",
    ),
    "a missing cluster": (
        {"contexts": [{"name": "c", "context": {"cluster": "x", "user": "a"}}]},
        'contexts[0].context.cluster of kubeconfig names the cluster "x", which is missing. Its clusters are a. '
        "Correct the name, or add the cluster.",
        "contexts[0].context.cluster",
        "invalid_kubeconfig",
    ),
    "a missing user": (
        {"contexts": [{"name": "c", "context": {"cluster": "a", "user": "x"}}]},
        'contexts[0].context.user of kubeconfig names the user "x", which is missing. Its users are a. '
        "Correct the name, or add the user.",
        "contexts[0].context.user",
        "invalid_kubeconfig",
    ),
}


@pytest.mark.parametrize(("document", "message", "option", "failure"), REFUSED.values(), ids=REFUSED)
def test_refused(document: Mapping[str, Any], message: str, option: str, failure: str) -> None:
    with pytest.raises(KeyringError) as caught:
        select_context(parse_kubeconfig(complete(document), "kubeconfig", "/k"), None)

    assert str(caught.value) == message
    assert (caught.value.option, caught.value.failure) == (f"kubeconfig.{option}", failure)


@pytest.mark.parametrize("document", [7, "text", ["a"], {"kind": "Secret"}, {"kind": "List", "items": []}])
def test_what_is_no_kubeconfig(document: object) -> None:
    with pytest.raises(KeyringError, match=r"^kubeconfig /k is not a kubeconfig\. It must be a mapping of the kind"):
        parse_kubeconfig(document, "kubeconfig /k", "/k")


@pytest.mark.parametrize("text", [b"a: [t0ken", b"\tt0ken: x", b"a: b: t0ken", b"\xff\xfe\x00"])
def test_what_does_not_parse_is_not_quoted(text: bytes) -> None:
    with pytest.raises(KeyringError) as caught:
        parse_document(text, "kubeconfig /k")

    assert str(caught.value).startswith("kubeconfig /k is not a kubeconfig. It is not valid YAML.")
    assert "t0ken" not in str(caught.value)


# Each level has nine of the one before: 9 to the power of 12 values.
BOMB = b"l0: &l0 [x]\n" + b"".join(
    b"l%d: &l%d [%s]\n" % (n, n, b",".join([b"*l%d" % (n - 1)] * 9)) for n in range(1, 13)
)
MERGE_BOMB = b"l0: &l0 {a: b}\n" + b"".join(
    b"l%d: &l%d {<<: [%s]}\n" % (n, n, b",".join([b"*l%d" % (n - 1)] * 9)) for n in range(1, 13)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(BOMB, "Its aliases stand for more than 10000 values.", id="aliases"),
        pytest.param(MERGE_BOMB, "Its aliases stand for more than 10000 values.", id="merged"),
        pytest.param(b"a: &a {b: *a}", "Its aliases stand for more than 10000 values.", id="inside itself"),
        pytest.param(b"[" * 101, "It has more than 100 levels.", id="brackets"),
        pytest.param(b"- " * 50_000, "It has more than 100 levels.", id="dashes"),
        pytest.param(b"[" * 5_000_000, "It has more than 100 levels.", id="many brackets"),
        pytest.param(b"a: " + b"9" * 100_000, "It is not valid YAML.", id="a long number"),
        pytest.param(b"a: 0x" + b"f" * 1_000_000, "It is not valid YAML.", id="a long hexadecimal number"),
    ],
)
def test_a_document_that_is_too_much_is_refused_soon(text: bytes, why: str) -> None:
    begin = time.process_time()

    with pytest.raises(KeyringError) as caught:
        parse_document(text, "kubeconfig /k")

    assert str(caught.value).startswith(f"kubeconfig /k is not a kubeconfig. {why}")
    assert time.process_time() - begin < 5


def test_a_few_aliases_are_usual() -> None:
    text = b"a: &a {server: s}\nb: {<<: *a, c: [*a, *a]}"
    assert parse_document(text, "k") == {
        "a": {"server": "s"},
        "b": {"server": "s", "c": [{"server": "s"}, {"server": "s"}]},
    }


def test_the_representation_of_a_user_has_no_secret() -> None:
    fields = dict.fromkeys(("token", "password"), "t0ken")
    provider = {"name": "oidc", "config": {"id-token": "t0ken"}}
    plugin = {**EXEC, "env": [{"name": "A", "value": "t0ken"}], "args": ["t0ken"]}
    document = with_user(**fields, **{"client-key-data": "dDBrZW4="}, exec=plugin, **{"auth-provider": provider})

    shown = repr(parse_kubeconfig(document, "kubeconfig", "/k"))

    assert "t0ken" not in shown
    assert "dDBrZW4=" not in shown


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"clusters": None, "users": []}, [], id="sections without content"),
        pytest.param(with_cluster(**{CA: "ca.crt"}), ["/k/ca.crt"], id="relative"),
        pytest.param(with_cluster(**{CA: "/ca.crt"}), ["/ca.crt"], id="absolute"),
        pytest.param(with_cluster(**{CA: "", CA_DATA: "AAAA", "server": "s"}), [], id="data"),
        pytest.param(
            with_user(**{"client-key": "key", "client-certificate": "/crt", "tokenFile": "../token", "token": "t"}),
            ["/crt", "/k/key", "/k/../token"],
            id="of a user",
        ),
        pytest.param(with_user(exec={"command": "./get-token"}), [], id="a program is no file to read"),
        pytest.param(
            {"clusters": [{"name": "a", "cluster": {CA: "a"}}, {"name": "b", "cluster": {CA: "b"}}]},
            ["/k/a", "/k/b"],
            id="of every entry",
        ),
    ],
)
def test_the_files_that_a_kubeconfig_names(document: Mapping[str, Any], paths: list[str]) -> None:
    assert referenced_paths(document, "/k") == paths


@pytest.mark.parametrize(
    ("kubeconfig", "paths"),
    [
        ("/a", ["/a"]),
        ("/a:b:/c d", ["/a", "b", "/c d"]),
        (":/a::", ["/a"]),
        ("~/a:/b/~", ["/home/octopus/a", "/b/~"]),
    ],
)
def test_the_files_that_a_path_names(kubeconfig: str, paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/octopus")

    assert kubeconfig_paths(kubeconfig) == paths
