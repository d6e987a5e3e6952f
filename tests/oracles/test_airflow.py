# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Airflow 3 reads from a connection, with the hook of its Git provider, and what git gets from the hook."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.oracles.airflow.program import ask_airflow
from support.oracles.samples import Sample, make_sample, samples_of
from support.samples.secrets import decode

AIRFLOW = FORMATS["airflow_connection"]
DEFAULT_USER = "user"


def environment_of(sample: Sample) -> dict[str, str]:
    """The environment of a container with envFrom of the Secret."""
    return {key: decode(text) for key, text in sample.secret["data"].items()}


@pytest.mark.parametrize("sample", samples_of("airflow_connection"))
def test_airflow_reads_every_part(sample: Sample) -> None:
    (answer,) = ask_airflow(environment_of(sample))
    assert (answer["error"], answer["url"]) == ("", sample.url)

    expected = dict(sample.parts)
    if "client_id" in expected:  # Airflow passes either to the same library
        expected["id"] = expected.pop("client_id")
    if sample.kind == "https":
        expected.setdefault("username", DEFAULT_USER)
    answer["read"].pop("strict_host_key_checking")
    assert answer["read"] == expected


@pytest.mark.parametrize("sample", samples_of("airflow_connection", kinds=("ssh", "https")))
def test_git_gets_what_airflow_read(sample: Sample) -> None:
    (answer,) = ask_airflow(environment_of(sample))
    expected = {"username": DEFAULT_USER, **sample.parts} if sample.kind == "https" else dict(sample.parts)
    if "passphrase" in answer["git"]:
        answer["git"]["passphrase"] = answer["git"]["passphrase"].removesuffix("\n")
    assert answer["git"] == expected


def test_airflow_reads_the_settings_of_ssh() -> None:
    settings = {"airflow_known_hosts_file": "/opt/airflow/known_hosts", "airflow_strict_host_key_checking": "yes"}
    sample = make_sample(AIRFLOW, "ssh", ("private_key",), format_options=settings)
    (answer,) = ask_airflow(environment_of(sample))

    assert answer["read"]["known_hosts_file"] == "/opt/airflow/known_hosts"
    assert answer["read"]["strict_host_key_checking"] == "yes"


def test_airflow_needs_the_name_of_the_variable() -> None:
    (answer,) = ask_airflow({"AIRFLOW_CONN_GIT": "{}"})
    assert "git_default" in answer["error"]
