# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Fleet reads from the Secrets of its format, with its own code.

This is Fleet 0.12, the newest that is a Go module here; GitHub Apps came with 0.13.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.oracles.programs import ask_oracle
from support.oracles.samples import Sample, make_sample, samples_of
from support.samples.git_secrets import HTTPS_URL
from support.samples.keys import public_line

FLEET = FORMATS["fleet"]


def read(sample: Sample, host_key: str = "Ed25519", host: str = "git.example.com") -> dict[str, Any]:
    question = {"secret": sample.secret, "url": sample.url, "host": host, "host_key": public_line(host_key)}
    (answer,) = ask_oracle("fleet", question)
    return answer


@pytest.mark.parametrize("sample", samples_of("fleet", kinds=("https",)))
def test_fleet_reads_user_and_password(sample: Sample) -> None:
    answer = read(sample)
    assert answer["error"] == ""
    assert answer["read"] == {"username": "", **sample.parts}


@pytest.mark.parametrize("sample", samples_of("fleet", kinds=("ssh",)))
def test_fleet_reads_the_private_key(sample: Sample) -> None:
    answer = read(sample)
    assert answer["error"] == ""
    assert answer["read"] == {"user": "git", "public_key": public_line("RSA")}


def test_fleet_reads_the_host_keys() -> None:
    sample = make_sample(FLEET, "ssh", ("private_key", "known_hosts"))

    assert read(sample)["host_error"] == ""
    assert "key mismatch" in read(sample, host_key="RSA")["host_error"]
    assert "key is unknown" in read(sample, host="git.example.org")["host_error"]


def test_fleet_needs_the_type() -> None:
    sample = make_sample(FLEET, "https", ("username", "password"))
    secret = {**sample.secret, "type": "Opaque"}

    (answer,) = ask_oracle("fleet", {"secret": secret, "url": HTTPS_URL})
    assert answer["error"] == 'no credentials in a Secret of the type "Opaque"'
