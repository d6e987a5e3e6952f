# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Airflow 3 reads from a connection, with the hook of its Git provider, and what git gets from the hook."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.oracles.airflow.program import ask_airflow
from support.oracles.samples import Sample, make_sample, samples_of
from support.samples.secrets import decode

AIRFLOW = FORMATS["airflow_connection"]
DEFAULT_USER = "user"


SAMPLES: list[Sample] = [parameter.values[0] for parameter in samples_of("airflow_connection")]


def name_of(sample: Sample) -> str:
    return f"{sample.kind}: {', '.join(sample.parts)}"


def environment_of(sample: Sample) -> dict[str, str]:
    """The environment of a container with envFrom of the Secret."""
    return {key: decode(text) for key, text in sample.secret["data"].items()}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """What Airflow reads from each sample. It takes a second to start, so it is asked once."""
    return dict(zip(map(name_of, SAMPLES), ask_airflow(*map(environment_of, SAMPLES)), strict=True))


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_airflow_reads_every_part(answers: dict[str, dict[str, Any]], sample: Sample) -> None:
    answer = answers[name_of(sample)]
    assert (answer["error"], answer["url"]) == ("", sample.url)

    expected = dict(sample.parts)
    if "client_id" in expected:  # Airflow passes either to the same library
        expected["id"] = expected.pop("client_id")
    if sample.kind == "https":
        expected.setdefault("username", DEFAULT_USER)
    read = {part: text for part, text in answer["read"].items() if part != "strict_host_key_checking"}
    assert read == expected


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.kind != "github_app"], ids=name_of)
def test_git_gets_what_airflow_read(answers: dict[str, dict[str, Any]], sample: Sample) -> None:
    default = {"username": DEFAULT_USER} if sample.kind == "https" else {}
    got = {part: text.removesuffix("\n") for part, text in answers[name_of(sample)]["git"].items()}
    assert got == {part: text.removesuffix("\n") for part, text in {**default, **sample.parts}.items()}


def test_airflow_reads_the_settings_of_ssh() -> None:
    settings = {"airflow_known_hosts_file": "/opt/airflow/known_hosts", "airflow_strict_host_key_checking": "yes"}
    sample = make_sample(AIRFLOW, "ssh", ("private_key",), format_options=settings)
    (answer,) = ask_airflow(environment_of(sample))

    assert answer["read"]["known_hosts_file"] == "/opt/airflow/known_hosts"
    assert answer["read"]["strict_host_key_checking"] == "yes"


def test_airflow_needs_the_name_of_the_variable() -> None:
    (answer,) = ask_airflow({"AIRFLOW_CONN_GIT": "{}"})
    assert "git_default" in answer["error"]
