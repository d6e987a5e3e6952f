# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the Secrets of a Pod and an image to a status."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.verdict import (
    Candidate,
    Reason,
    Verdict,
    is_pattern,
    judge,
    load_pull_secrets,
    public_image,
)
from support.samples.access import APP, DATABASE, GHCR, QUAY, login, pull_secret


def found(secret: dict[str, object], name: str) -> Candidate:
    return Candidate(name, "found", "kubernetes.io/dockerconfigjson", secret)


REGISTRY, ROBOT = found(GHCR, "registry"), found(QUAY, "quay")
GONE = Candidate("gone", "missing")
OPAQUE = Candidate("opaque", "wrong_type", "Opaque")
UNKNOWN = Candidate("hidden", "unknown")
EMPTY = found(pull_secret("empty", {"ghcr.io": {"identitytoken": "session"}}), "empty")
TOKEN = found(pull_secret("token", {"https://octo@ghcr.io/acme": login("ghp_0123456789", "ghp_0123456789")}), "token")
BROKEN = found(pull_secret("broken", {"u:p@quay.io": {"auth": "!!"}}), "broken")
BROKEN_TOO = found(pull_secret("broken-too", {"quay.io": {"email": False}}), "broken-too")

MISSING = Reason("secret_missing", "gone", None, "It does not exist.")
SKIPPED = Reason(
    "secret_type",
    "opaque",
    None,
    'It has the type "Opaque", and is skipped: for pulling images it must be of type kubernetes.io/dockerconfigjson.',
)


@pytest.mark.parametrize(
    ("candidates", "image", "verdict"),
    [
        pytest.param([ROBOT, REGISTRY], APP, Verdict("matched", "registry", "ghcr.io", "octo", 1), id="matched"),
        pytest.param(
            [GONE, OPAQUE, REGISTRY], APP, Verdict("matched", "registry", "ghcr.io", "octo", 1), id="one will do"
        ),
        pytest.param([], APP, Verdict("no_entry"), id="no Secret"),
        pytest.param([ROBOT], APP, Verdict("no_entry"), id="no entry"),
        pytest.param(
            [found(pull_secret("other", {"octo:s3cret@GHCR.io": login("a", "b")}), "other")],
            APP,
            Verdict(
                "no_entry",
                why=(
                    Reason(
                        "host_case",
                        "other",
                        "GHCR.io",
                        'Hosts are compared with case: the entry has "GHCR.io", the image "ghcr.io".',
                    ),
                ),
            ),
            id="nearly",
        ),
        pytest.param([ROBOT, OPAQUE, GONE], APP, Verdict("secret_missing", why=(SKIPPED, MISSING)), id="missing"),
        pytest.param([ROBOT, OPAQUE], APP, Verdict("wrong_type", why=(SKIPPED,)), id="another type"),
        pytest.param([GONE, UNKNOWN], APP, Verdict("unknown", why=(MISSING,)), id="not readable"),
        pytest.param(
            [TOKEN, REGISTRY],
            APP,
            Verdict("matched", "token", "https://ghcr.io/acme", "<hidden>", 2),
            id="the longer key first, its user hidden",
        ),
        pytest.param(
            [EMPTY],
            APP,
            Verdict(
                "no_entry",
                why=(
                    Reason(
                        "login_token",
                        "empty",
                        "ghcr.io",
                        "The entry has only the token of a login session (identitytoken), which no kubelet uses.",
                    ),
                ),
            ),
            id="an entry without credentials",
        ),
        *[
            pytest.param(
                [found(pull_secret("half", {"ghcr.io": entry}), "half")],
                APP,
                Verdict("no_entry", why=(Reason(id_, "half", "ghcr.io", text),)),
                id=id_,
            )
            for entry, id_, text in (
                (
                    {"username": "octo"},
                    "no_password",
                    "The entry has no password. The user name alone is not sent to the registry.",
                ),
                (
                    {"password": "s3cret"},
                    "no_username",
                    "The entry has no user name. The password alone is not sent to the registry.",
                ),
            )
        ],
        pytest.param([EMPTY, REGISTRY], APP, Verdict("matched", "registry", "ghcr.io", "octo", 1), id="and one with"),
        pytest.param(
            [REGISTRY, BROKEN, BROKEN_TOO],
            APP,
            Verdict(
                "secret_malformed",
                why=(
                    Reason("malformed", "broken", "quay.io", "The kubelet cannot read its auth: it is not base64."),
                    Reason(
                        "malformed", "broken-too", "quay.io", "The kubelet cannot read its email: it is not a string."
                    ),
                ),
            ),
            id="what cannot be read refuses every image",
        ),
        pytest.param(
            [found(pull_secret("text", "no JSON"), "text")],
            APP,
            Verdict(
                "secret_malformed",
                why=(Reason("malformed", "text", None, "The kubelet cannot read it: it is not JSON."),),
            ),
            id="no JSON",
        ),
        pytest.param(
            [REGISTRY],
            "GHCR.io/App",
            Verdict(
                "no_entry", why=(Reason("invalid_image", None, None, '"GHCR.io/App" is not the name of an image.'),)
            ),
            id="no image",
        ),
        pytest.param(
            [REGISTRY],
            "https://octo:a/pass word@ghcr.io/app?token=x",
            Verdict(
                "no_entry",
                why=(Reason("invalid_image", None, None, '"https://ghcr.io/app" is not the name of an image.'),),
            ),
            id="a URL with a password",
        ),
    ],
)
def test_status(candidates: Sequence[Candidate], image: str, verdict: Verdict) -> None:
    assert judge(load_pull_secrets(candidates), image) == verdict


def test_secrets_that_nobody_could_tell() -> None:
    assert judge(load_pull_secrets([], is_known=False), APP) == Verdict("unknown")


def test_the_secrets_that_can_not_be_read_are_marked() -> None:
    play = load_pull_secrets([REGISTRY, BROKEN, GONE, BROKEN_TOO])
    states = [candidate.state for candidate in play.candidates]
    assert states == ["found", "malformed", "missing", "malformed"]


ECR = "123.dkr.ecr.eu-west-1.amazonaws.com/app:1"


@pytest.mark.parametrize(
    ("image", "patterns", "by_node"),
    [
        (ECR, ["*.azurecr.io", "*.dkr.ecr.*.amazonaws.com"], True),
        (ECR, ["*.amazonaws.com"], False),
        (DATABASE, ["quay.io/acme"], True),
        (DATABASE, ["quay.io/other"], False),
        ("nginx", ["docker.io"], True),
        (DATABASE, [], False),
    ],
)
def test_nodes_with_credentials_of_their_own(image: str, patterns: Sequence[str], by_node: bool) -> None:
    verdict = judge(load_pull_secrets([]), image, patterns)
    assert (verdict.status, verdict.by_node) == ("no_entry", by_node)
    assert judge(load_pull_secrets([ROBOT]), DATABASE, ["quay.io"]).by_node


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("nginx:1.2", "nginx:1.2"),
        (f"ghcr.io:443/acme/app:1@sha256:{'0' * 64}", f"ghcr.io:443/acme/app:1@sha256:{'0' * 64}"),
        ("Nginx:1", "Nginx:1"),
        ("https://octo:s3cret@ghcr.io/acme/app:1", "https://ghcr.io/acme/app:1"),
    ],
)
def test_an_image_as_it_may_be_shown(image: str, shown: str) -> None:
    assert public_image(image) == shown


@pytest.mark.parametrize(
    ("text", "good"), [("*.dkr.ecr.*.amazonaws.com", True), ("", False), ("a b", False), ("\ud800", False)]
)
def test_patterns(text: str, good: bool) -> None:
    assert is_pattern(text) is good
