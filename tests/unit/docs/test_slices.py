# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the example cuts an inventory into slices, what it shows of them, and how it ends a worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from support.example import run, slices
from support.processes import descendants, eventually, runs

INVENTORY: dict[str, Any] = {
    "_meta": {"hostvars": {"bern": {"number": 1}, "oslo": {"number": 2}, "rome": {"number": 3}}},
    "all": {"children": ["ungrouped", "north", "south"]},
    "north": {"hosts": ["oslo"]},
    "south": {"hosts": ["bern", "rome"]},
}


@pytest.mark.parametrize(
    ("names", "count", "expected"),
    [
        ([], 3, []),
        (["oslo"], 1, [["oslo"]]),
        (["oslo"], 3, [["oslo"]]),
        (["rome", "oslo", "bern"], 1, [["bern", "oslo", "rome"]]),
        (["rome", "oslo", "bern"], 2, [["bern", "rome"], ["oslo"]]),
        (["rome", "oslo", "bern"], 3, [["bern"], ["oslo"], ["rome"]]),
        (["rome", "oslo", "bern"], 4, [["bern"], ["oslo"], ["rome"]]),
        (["c10", "c9", "c1", "C2"], 2, [["C2", "c10"], ["c1", "c9"]]),
        (list("fedcba"), 3, [["a", "d"], ["b", "e"], ["c", "f"]]),
    ],
)
def test_deals_clusters_by_name(names: list[str], count: int, expected: list[list[str]]) -> None:
    assert slices.deal(names, count) == expected


def test_a_slice_has_no_variable_of_another_cluster() -> None:
    assert slices.cut(INVENTORY, ["bern", "oslo"]) == {
        "_meta": {"hostvars": {"bern": {"number": 1}, "oslo": {"number": 2}}},
        "all": {"children": ["ungrouped", "north", "south"]},
        "north": {"hosts": ["oslo"]},
        "south": {"hosts": ["bern"]},
    }
    assert INVENTORY["south"]["hosts"] == ["bern", "rome"]


@pytest.mark.parametrize(
    ("kind", "result", "expected"),
    [
        ("runner_on_ok", {"changed": True}, "bern: Write"),
        ("runner_on_ok", {"changed": False}, ""),
        ("runner_on_ok", {"changed": True, "results": []}, ""),
        ("runner_item_on_ok", {"changed": True, "_ansible_item_label": "ghcr"}, "bern: Write (ghcr)"),
        ("runner_on_failed", {"msg": "Refused."}, "bern: Write failed: Refused."),
        ("runner_item_on_failed", {"msg": "Refused."}, "bern: Write failed: Refused."),
        ("runner_on_unreachable", {"msg": "No route."}, "bern: Write failed: No route."),
        ("runner_on_failed", {}, "bern: Write failed: see the artifacts"),
        ("runner_on_start", {}, ""),
    ],
)
def test_shows_changes_and_failures(kind: str, result: dict[str, Any], expected: str) -> None:
    assert slices.describe(kind, {"host": "bern", "task": "Write", "res": result}) == expected


def test_shows_no_failure_that_is_ignored() -> None:
    data = {"host": "bern", "task": "Write", "res": {"msg": "Refused."}, "ignore_errors": True}

    assert slices.describe("runner_on_failed", data) == ""


def job(number: int, status: str, **changed: int) -> Any:
    """Make a slice that has ended; its worker is not looked at."""
    part = slices.Slice(number, list(changed), Path())
    return slices.Job(part, None, False, status, "Made up.", changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("jobs", "killed", "number"),
    [
        ([job(1, "successful"), job(2, "successful")], 0, None),
        ([job(1, "successful"), job(2, "error")], 2, None),
        ([job(1, "failed"), job(2, "failed")], 0, 1),
        ([job(1, "successful"), job(2, "error")], 0, 2),
        ([job(1, "error"), job(2, "error")], 1, 2),
        ([job(1, "successful"), job(2, "successful")], 2, 2),
        ([job(1, "successful"), job(2, "failed")], 2, 2),
        ([job(1, "unstarted")], 0, 1),
    ],
)
def test_every_slice_must_end_as_expected(jobs: list[Any], killed: int, number: int | None) -> None:
    if number is None:
        slices.check(jobs, killed)
        return
    with pytest.raises(slices.SliceError, match=rf"^Slice {number} \(") as raised:
        slices.check(jobs, killed)
    assert raised.value.number == number


@pytest.mark.parametrize(
    ("jobs", "killed", "message"),
    [
        ([job(1, "successful", bern=0), job(2, "successful", oslo=1, rome=0)], 2, None),
        ([job(1, "successful", bern=0), job(2, "successful", oslo=0, rome=0)], 0, None),
        ([job(1, "successful", bern=1), job(2, "successful", oslo=1)], 2, "has changed something in slice 1"),
        ([job(1, "successful", bern=0), job(2, "successful", oslo=0)], 2, "slice 2 was killed too late"),
    ],
)
def test_the_second_run_must_change_the_slice_of_the_killed_worker_alone(
    jobs: list[Any], killed: int, message: str | None
) -> None:
    with nullcontext() if message is None else pytest.raises(run.TrialError, match=message):
        slices.check_changes(jobs, killed)


def test_shows_a_table() -> None:
    assert slices.table([job(1, "successful", bern=0, rome=2), job(10, "error")]).splitlines() == [
        "slice  clusters    status      seconds  changed tasks",
        "1      bern, rome  successful  0.0      bern 0, rome 2",
        "10                 error       0.0      unknown",
    ]


def test_ends_descendants_in_sessions_of_their_own(tmp_path: Path) -> None:
    child = "import os, time; os.fork() or os.setsid(); time.sleep(60)"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        assert eventually(lambda: len(descendants(process.pid)) == 2)
        family = [process.pid, *descendants(process.pid)]

        slices.end(process.pid)

        assert process.wait(10) < 0
        assert eventually(lambda: not any(map(runs, family)))
    finally:
        process.kill()
        process.wait()


@contextmanager
def sleeping(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process with these arguments, which does nothing."""
    command = [sys.executable, "-c", "import time; time.sleep(60)", *arguments]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_ends_what_a_worker_has_left_and_nothing_else(tmp_path: Path) -> None:
    machine, other = tmp_path / "machine-1", tmp_path / "machine-10"
    (machine / "job").mkdir(parents=True)
    inventory = f"{machine}/job/inventory"
    with (
        sleeping(inventory, TMPDIR=f"{machine}/tmp") as playbook,
        sleeping(inventory) as reader,
        sleeping(inventory, TMPDIR=f"{other}/tmp") as neighbour,
        sleeping(TMPDIR=f"{machine}/tmp") as unrelated,
    ):
        slices.clear(machine)

        assert playbook.wait(10) < 0
        assert all(runs(process.pid) for process in (reader, neighbour, unrelated))
    assert not machine.exists()


@pytest.mark.parametrize(
    ("name", "content", "mode", "message"),
    [
        ("password", "s3cret\n", 0o600, None),
        ("password", "#!/bin/sh\necho s3cret\n", 0o700, r"/password, which is executable: Ansible would run it\. "),
        ("missing", None, 0, r"/missing, which cannot be read: No such file or directory\.$"),
        (".", None, 0, r"which cannot be read: Is a directory\.$"),
        ("password", "\udcff", 0o600, r"/password, which cannot be read: it is not text in UTF-8\.$"),
    ],
)
def test_reads_the_vault_password_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | None, mode: int, message: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", f"~/{name}")
    if content is not None:
        (tmp_path / name).write_text(content, errors="surrogateescape")
        (tmp_path / name).chmod(mode)

    if message is None:
        assert list(slices.vault_password()["passwords"].values()) == ["s3cret"]
        return
    with pytest.raises(run.TrialError, match=message):
        slices.vault_password()


def test_needs_no_vault_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_VAULT_PASSWORD_FILE", raising=False)

    assert slices.vault_password() == {}
