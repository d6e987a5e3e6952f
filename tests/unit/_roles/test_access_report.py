# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the report: the verdict and the next step of each image, several clusters, and its files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.access_report import (
    CSV_COLUMNS,
    VERDICTS,
    access_report,
    access_report_csv,
    access_report_json,
    access_report_lines,
    access_report_page,
)
from support.samples.access_report import FIX, RESTART, UNREACHABLE, image, large, result

NONE: Mapping[str, Any] = {"status": "no_entry", "secret": None, "server": None, "username": None}
DENIED = {"outcome": "denied", "text": "…"}
PULLABLE = {"outcome": "pullable", "text": "…"}
FAILS = {"cause": {"id": "wrong_credentials", "text": "…"}}
# What differs from an image that an entry matches, and the verdict on it.
VERDICT_CASES: Sequence[tuple[Mapping[str, Any], str]] = (
    ({}, "matched"),
    ({"verified": PULLABLE}, "matched"),
    ({"verified": DENIED}, "denied"),
    ({**FAILS, "verified": DENIED}, "fails"),
    ({**NONE}, "no_entry"),
    ({**NONE, **FAILS, "credentials": "public"}, "fails"),
    ({**NONE, "by_node": True}, "by_node"),
    ({**NONE, "verified": PULLABLE}, "public"),
    ({**NONE, "credentials": "public"}, "public"),
    ({**NONE, "credentials": "node"}, "by_node"),
    ({**NONE, "credentials": "borrowed", "by_node": True}, "borrowed"),
    ({**NONE, "credentials": "missing"}, "missing"),
    ({**NONE, "credentials": "unknown"}, "no_entry"),
    ({**NONE, "status": "secret_missing"}, "secret_missing"),
    ({**NONE, "status": "secret_missing", "credentials": "public"}, "public"),
    ({**NONE, "status": "secret_missing", "credentials": "borrowed"}, "secret_missing"),
    ({**NONE, "status": "wrong_type", "credentials": "node"}, "by_node"),
    ({**NONE, "status": "secret_malformed", "credentials": "public"}, "secret_malformed"),
    ({**NONE, "status": "unknown"}, "unknown"),
)
# Verdicts that say that something is to be done, by their colour in the page.
BAD = ("fails", "bad", "open")


def only(item: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """The one row of a report."""
    (row,) = access_report({"prod": result(dict(item))}, **options)["images"]
    return dict(row)


@pytest.mark.parametrize(("more", "verdict"), VERDICT_CASES)
def test_verdict(more: Mapping[str, Any], verdict: str) -> None:
    assert only(image(**more))["verdict"] == verdict


def test_images_that_need_no_credentials_are_not_bad() -> None:
    tones = {item["id"]: item["tone"] for item in VERDICTS}
    fine = [name for name, tone in tones.items() if tone not in BAD]
    assert sorted(fine) == ["by_node", "matched", "no_entry", "public", "unknown"]
    assert [only(image(case=case))["step"] for case in ("matched", "public", "node")] == [{"text": "", "lines": []}] * 3


@pytest.mark.parametrize(
    ("upgrade", "text"),
    [
        (None, ""),
        ({"outcome": "ok", "when": None}, ""),
        ({"outcome": "unknown", "when": None}, "not known"),
        ({"outcome": "fails", "when": "now"}, "fails now"),
        ({"outcome": "fails", "when": "new_node_or_tag"}, "fails with a new node or tag"),
        ({"outcome": "fails", "when": "node_upgrade"}, "fails when the nodes are upgraded"),
        ({"outcome": "fails", "when": "later"}, "fails"),
    ],
)
def test_after_an_upgrade(upgrade: Any, text: str) -> None:
    assert only(image(upgrade=upgrade))["after_upgrade"] == text


def test_the_fix_of_the_audit_is_the_next_step() -> None:
    step = only(image(case="borrowed"), show_borrowed=True)["step"]
    assert step["text"] == FIX["text"]
    assert yaml.safe_load("\n".join(step["lines"])) == FIX["task"]


# What differs from an image that borrows: a pull that fails has a fix, and no lender.
LENT_CASES: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("borrowed", {}),
    ("missing", {"cause": {"id": "no_entry", "text": "…"}, "borrowed_from": []}),
    ("missing", {"status": "secret_missing", "borrowed_from": []}),
    ("missing", {"cause": {"id": "secret_missing", "text": "…"}, "status": "secret_missing", "borrowed_from": []}),
)


@pytest.mark.parametrize(("credentials", "more"), LENT_CASES)
def test_secrets_of_other_namespaces_are_named_on_request_only(credentials: str, more: Mapping[str, Any]) -> None:
    item = image(case="borrowed", credentials=credentials, **more)
    refusal = {"namespace": "team-00", "id": "kubelet_will_refuse", "kind": "Deployment", "name": "web-000"}
    results = {"prod": result(item, problems=[{**refusal, "text": "… Secret platform/registry …"}])}
    writers = (access_report_csv, access_report_json, access_report_lines, access_report_page)
    hidden = [json.dumps(write(results)) for write in writers]
    shown = only(item, show_borrowed=True)
    row = only(item)

    assert [text for text in hidden if "platform" in text or "acme+robot" in text] == []
    assert shown["fix"] == FIX
    assert "platform/registry" in shown["upgrade"]["text"]
    assert (row["credentials"], row["running"], row["upgrade"]["nodes"]) == (
        credentials, True, {"v1.34.6": 12, "v1.35.2": 3},
    )  # fmt: skip


def test_lenders_are_described() -> None:
    assert only(image(case="borrowed"), show_borrowed=True)["borrowed"] == "platform/registry: quay.io as acme+robot"
    assert only(image(case="borrowed"))["label"] == "Borrowed"
    task = {"module": {"credentials_from": {"namespace": "team-00", "name": "a"}}}
    own = image(case="borrowed", fix={"text": "…", "task": task})
    own["borrowed_from"] = [{"namespace": "team-00", "name": "a", "server": "quay.io"}]
    assert (only(own)["borrowed"], only(own)["fix"]) == ("team-00/a: quay.io", own["fix"])


def test_a_host_that_was_not_read_is_in_every_output() -> None:
    results: dict[str, Any] = {"prod": result(image()), "edge": UNREACHABLE, "gone": {}}
    report = access_report(results)
    errors = [UNREACHABLE["msg"], "The task did not run on this host. See the output of the playbook."]

    assert [cluster["error"] for cluster in report["clusters"]] == [None, *errors]
    assert [cluster["images"] for cluster in report["clusters"]] == [1, None, None]
    rows = list(csv.DictReader(io.StringIO(access_report_csv(results))))
    assert [(row["Host"], row["Verdict"], row["Cause"]) for row in rows] == [
        ("edge", "Not read", errors[0]),
        ("gone", "Not read", errors[1]),
        ("prod", "Matched", ""),
    ]
    lines = access_report_lines(results)
    assert lines[lines.index("Not read") + 1] == f"  - edge: {errors[0]}"
    assert lines[-1].startswith("1 image on 1 of 3 hosts: 1 with a matching entry, ")
    assert json.loads(access_report_json(results)) == report


def test_commands_name_the_context_where_there_are_several_clusters() -> None:
    old, other = image(case="old"), image(case="old", controller=None, name="stray")
    one = result(old, other, restarts=[RESTART])
    several = access_report({"prod": one, "test": {**one, "cluster": {"server": "https://test", "context": None}}})
    command = "kubectl rollout restart deployment/web-000 -n team-00"

    assert [item["command"] for item in access_report({"prod": one})["restarts"]] == [command]
    assert [item["command"] for item in several["restarts"]] == [
        command.replace("kubectl", "kubectl --context prod"), command,
    ]  # fmt: skip
    steps = {(row["host"], row["name"]): row["step"] for row in several["images"]}
    assert steps["test", "web-000"] == {"text": RESTART["text"], "lines": [command]}
    assert steps["prod", "stray"]["lines"] == ["kubectl --context prod --namespace team-00 delete pod stray"]
    assert access_report({"prod": one}, context="x")["restarts"][0]["command"].startswith("kubectl --context prod ")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\r-", "\n@"])
def test_no_cell_is_a_formula(start: str) -> None:
    text = f'{start}cmd|"/c calc"!A1\nnext, line'
    item = image(image=text, name=text, username=text)
    results = {text: result(item), "edge": {"msg": text}}
    rows = list(csv.reader(io.StringIO(access_report_csv(results))))
    cells = [cell for row in rows for cell in row]

    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * 3
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert [cell for cell in cells if "\n" in cell or "\r" in cell] == []
    assert sum(cell.startswith(f"'{start.strip()}cmd|") for cell in cells) == 5


def test_hostile_text_stays_data() -> None:
    evil = "</script><img src=x>\u202e\u2028{{ 7 * 7 }}\x1b[2J"
    results = {evil: result(image(name=evil, image=evil)), "edge": {"msg": evil}}
    assert access_report_json(results).isascii()
    assert json.loads(access_report_json(results))["images"][0]["name"] == evil
    for text in (access_report_csv(results), "\n".join(access_report_lines(results))):
        assert not set(text) & {"\u202e", "\u2028", "\x1b"}


def test_rows_are_in_order_of_urgency() -> None:
    rows = access_report({"prod": large(20, 20), "test": large(2, 2)})["images"]
    ranks = {item["id"]: rank for rank, item in enumerate(VERDICTS)}
    order = [(ranks[row["verdict"]], row["host"]) for row in rows]
    assert order == sorted(order)
    assert {row["verdict"] for row in rows} > {"fails", "borrowed", "public", "matched"}


def test_lines_for_the_terminal() -> None:
    long_image = f"ghcr.io/acme/{'x' * 80}@sha256:{'0' * 64}"
    items = [image(image=long_image), image(case="fails"), image(case="node", image='quay.io/"a"  b')]
    lines = access_report_lines({"localhost": result(*items)}, most=2)
    assert lines[0].split()[:3] == ["STATUS", "NAMESPACE", "PULLED"], "no column for the only host"
    assert lines[1].startswith("fails")
    assert lines[1].endswith("wrong credentials")
    assert "quay.io/'a' b" in lines[2]
    assert lines[3] == "and 1 more, in the file"
    (long_line,) = [line for line in access_report_lines({"localhost": result(items[0])}) if "…" in line]
    assert "xxx@sha256:00000000…" in long_line
    assert access_report_lines({"localhost": result()})[-1].startswith("0 images: 0 with a matching entry")
