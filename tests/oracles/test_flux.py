# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Flux reads from the Secrets of its format, with the code of source-controller."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.oracles.programs import ask_oracle
from support.oracles.samples import DERIVED, Sample, make_sample, samples_of
from support.samples.keys import public_line

FLUX = FORMATS["flux"]


def read(sample: Sample, kind: str) -> dict[str, Any]:
    (answer,) = ask_oracle("flux", {"secret": sample.secret, "as": kind, "url": sample.url})
    return answer


def parts_of(answer: dict[str, Any]) -> dict[str, str]:
    assert answer["error"] == ""
    return {part: text for part, text in answer["read"].items() if part not in DERIVED}


@pytest.mark.parametrize("sample", samples_of("flux", kinds=("ssh", "https")))
def test_flux_reads_every_part(sample: Sample) -> None:
    assert parts_of(read(sample, "git")) == sample.parts


@pytest.mark.parametrize("sample", samples_of("flux", kinds=("github_app",)))
def test_flux_reads_the_key_and_the_numbers_of_a_github_app(sample: Sample) -> None:
    expected = dict(sample.parts)
    if expected.pop("ca_certificate", ""):
        expected["tls"] = "configured"  # and not as a client with a certificate
    assert parts_of(read(sample, "github_app")) == expected


@pytest.mark.parametrize("sample", samples_of("flux_proxy"))
def test_flux_reads_the_login_at_a_proxy(sample: Sample) -> None:
    proxy = urlsplit(parts_of(read(sample, "proxy"))["proxy"])
    login = {"username": unquote(proxy.username or ""), "password": unquote(proxy.password or "")}
    assert {part: text for part, text in login.items() if text} == sample.parts
    assert f"{proxy.scheme}://{proxy.hostname}:{proxy.port}" == sample.url


def test_flux_reads_the_public_key_that_the_module_adds() -> None:
    answer = read(make_sample(FLUX, "ssh", ("private_key", "known_hosts")), "git")
    assert answer["read"]["public_key"] == f"{public_line('Ed25519')}\n"


def test_flux_needs_the_host_keys() -> None:
    sample = make_sample(FLUX, "ssh", ("private_key", "known_hosts"))
    secret: Any = {**sample.secret, "data": {**sample.secret["data"]}}
    secret["data"]["knownhosts"] = secret["data"].pop("known_hosts")

    (answer,) = ask_oracle("flux", {"secret": secret, "as": "git", "url": sample.url})
    assert "'known_hosts' is required" in answer["error"]
