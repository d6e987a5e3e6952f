# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs: several as one, and the files that they name."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig import (
    kubeconfig_paths,
    merge_kubeconfigs,
    referenced_paths,
    settle_references,
)
from ansible_collections.keyring.kubernetes.tests.unit.samples import encode

EMPTY: Mapping[str, Any] = {"clusters": [], "users": [], "contexts": [], "current-context": ""}


def clusters(**servers: str) -> list[dict[str, Any]]:
    return [{"name": name, "cluster": {"server": server}} for name, server in servers.items()]


MERGED: Mapping[str, tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]] = {
    "nothing": ([], {}),
    "empty-ones": ([{}, {"kind": "Config", "preferences": {}}], {}),
    "sections-without-content": ([{"clusters": None, "users": None, "contexts": None, "current-context": None}], {}),
    "one": (
        [{"clusters": clusters(a="1", b="2"), "current-context": "c"}],
        {"clusters": clusters(a="1", b="2"), "current-context": "c"},
    ),
    "entries-add-up": (
        [{"clusters": clusters(a="1")}, {"clusters": clusters(b="2")}],
        {"clusters": clusters(a="1", b="2")},
    ),
    "the-first-of-a-name": (
        [{"clusters": clusters(a="1")}, {"clusters": clusters(a="2", b="3")}, {"clusters": clusters(b="4")}],
        {"clusters": clusters(a="1", b="3")},
    ),
    "a-name-counts-within-its-section": (
        [
            {"users": [{"name": "a", "user": {"token": "1"}}]},
            {"contexts": [{"name": "a", "context": {}}], "users": [{"name": "a", "user": {"token": "2"}}]},
        ],
        {"users": [{"name": "a", "user": {"token": "1"}}], "contexts": [{"name": "a", "context": {}}]},
    ),
    "the-first-current-context": (
        [{"current-context": ""}, {}, {"current-context": "b"}, {"current-context": "c"}],
        {"current-context": "b"},
    ),
}


@pytest.mark.parametrize(("documents", "merged"), MERGED.values(), ids=MERGED)
def test_several_kubeconfigs_as_one(documents: Sequence[Mapping[str, Any]], merged: Mapping[str, Any]) -> None:
    assert merge_kubeconfigs(documents) == {**EMPTY, **merged}


def with_cluster(**fields: Any) -> dict[str, Any]:
    return {"clusters": [{"name": "a", "cluster": fields}]}


def with_user(**fields: Any) -> dict[str, Any]:
    return {"users": [{"name": "a", "user": fields}]}


CA, CA_DATA = "certificate-authority", "certificate-authority-data"
FILES = {"/k/ca.crt": b"the ca", "/else/key": b"\xff\x00", "/k/token": b"t0ken\n", "/k/get-token": b"#!"}

SETTLED: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "nothing": ({}, {}),
    "sections-without-content": ({"clusters": None, "users": None}, {"clusters": None, "users": None}),
    "nothing-named": (with_cluster(server="s"), with_cluster(server="s")),
    "relative": (with_cluster(**{CA: "b/ca.crt"}), with_cluster(**{CA: "/k/b/ca.crt"})),
    "absolute": (with_cluster(**{CA: "/b/ca.crt"}), with_cluster(**{CA: "/b/ca.crt"})),
    "empty": (with_cluster(**{CA: ""}), with_cluster(**{CA: ""})),
    "content": (with_cluster(**{CA: "ca.crt"}), with_cluster(**{CA_DATA: encode("the ca")})),
    "content-of-an-absolute-path": (
        with_user(**{"client-key": "/else/key", "client-certificate": "crt"}),
        with_user(**{"client-key-data": encode(b"\xff\x00"), "client-certificate": "/k/crt"}),
    ),
    "data-stays-beside-a-path": (
        with_cluster(**{CA: "b", CA_DATA: "AAAA"}),
        with_cluster(**{CA: "/k/b", CA_DATA: "AAAA"}),
    ),
    "data-stays-before-content": (with_cluster(**{CA: "ca.crt", CA_DATA: "AAAA"}), with_cluster(**{CA_DATA: "AAAA"})),
    "token-file": (with_user(tokenFile="b/token"), with_user(tokenFile="/k/b/token")),
    "content-of-a-token-file": (with_user(tokenFile="token"), with_user(token="t0ken")),
    "token-stays-before-content": (with_user(tokenFile="token", token="t"), with_user(token="t")),
    "a-field-of-another-section": (with_cluster(tokenFile="token"), with_cluster(tokenFile="token")),
    "command-on-the-path": (
        with_user(exec={"command": "get-token", "args": ["./a"]}),
        with_user(exec={"command": "get-token", "args": ["./a"]}),
    ),
    "command-beside-the-kubeconfig": (
        with_user(exec={"command": "./bin/get-token"}),
        with_user(exec={"command": "/k/./bin/get-token"}),
    ),
    "command-by-its-absolute-path": (
        with_user(exec={"command": "/bin/get-token"}),
        with_user(exec={"command": "/bin/get-token"}),
    ),
    "no-command": (with_user(exec=None), with_user(exec=None)),
    "every-entry": (
        {"users": [{"name": "a", "user": {"tokenFile": "a"}}, {"name": "b", "user": {"tokenFile": "b"}}]},
        {"users": [{"name": "a", "user": {"tokenFile": "/k/a"}}, {"name": "b", "user": {"tokenFile": "/k/b"}}]},
    ),
}


@pytest.mark.parametrize(("document", "settled"), SETTLED.values(), ids=SETTLED)
def test_a_kubeconfig_that_means_the_same_elsewhere(document: Mapping[str, Any], settled: Mapping[str, Any]) -> None:
    before = copy.deepcopy(document)

    assert settle_references(document, "/k", FILES) == settled
    assert document == before


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
            {"clusters": [*with_cluster(**{CA: "a"})["clusters"], *with_cluster(**{CA: "b"})["clusters"]]},
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
