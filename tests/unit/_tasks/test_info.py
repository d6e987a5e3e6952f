# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the info modules refuse, and what they tell of any Secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import Use
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret_info import (
    OPTIONS,
    is_common,
    run,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import Uses, describe_secret, is_searched
from support.samples.git_secrets import ADA, HOSTS, git_secret
from support.samples.keys import key_text
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, refusal

OURS: dict[str, Any] = {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}
KEY = key_text("Ed25519 OpenSSH")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"label_selector": " "},
            "label_selector is empty. Check the variable behind it, or leave it out.",
            id="label",
        ),
        pytest.param({"search": ""}, "search is empty. Check the variable behind it, or leave it out.", id="search"),
        pytest.param(
            {"fingerprint": "SHA256:abc"},
            'fingerprint[0] must be "SHA256:" and 43 characters of base64. '
            "Copy it from the page of the Git server, or from ssh-keygen -l -E sha256 -f key.pub on the server.",
            id="fingerprint",
        ),
        pytest.param(
            {"format": "custom"},
            "keys is missing or empty; format=custom needs it. It states under which key of the Secret each "
            "part of the credential is stored. Write it like keys: {private_key: id_ed25519, known_hosts: "
            "known_hosts}.",
            id="custom without names",
        ),
        pytest.param(
            {"keys": {"password": "a"}},
            "keys cannot be used without format. Only format=custom takes key names of your own. Leave it out.",
            id="names without format",
        ),
    ],
)
def test_options_that_match_nothing(options: dict[str, Any], message: str) -> None:
    result = ArgumentSpecValidator(OPTIONS).validate(options)
    assert not result.error_messages
    assert refusal(run, result.validated_parameters, Runtime(check_mode=False, environ={})) == message


JENKINS = "jenkins.io/credentials-type"
HELM = {"app.kubernetes.io/managed-by": "Helm"}


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param({}, {}, id="bare"),
        pytest.param(OURS, {"ours": True}, id="ours"),
        pytest.param(
            {"labels": {**OUR_LABELS, "keyring.kubernetes/owner": "web"}, "annotations": OUR_ANNOTATIONS},
            {"ours": True, "owner": "web"},
            id="an owner",
        ),
        pytest.param({"labels": HELM}, {"managed_by": "Helm"}, id="Helm"),
        pytest.param(
            {"annotations": {"displayName": "App", "description": "b", "kubernetes.io/description": "a"}},
            {"display_name": "App", "description": "a"},
            id="names",
        ),
        pytest.param(
            {"annotations": {"jenkins.io/credentials-description": "c"}}, {"description": "c"}, id="of Jenkins"
        ),
        pytest.param(
            {"creationTimestamp": "2026-01-01T00:00:00Z"},
            {"created": "2026-01-01T00:00:00Z", "last_updated": "2026-01-01T00:00:00Z"},
            id="never updated",
        ),
        pytest.param(
            {
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "managedFields": [
                    {"time": "2026-03-01T00:00:00Z"},
                    {"time": "2026-02-01T00:00:00Z"},
                    {"manager": "x"},
                ],
            },
            {"created": "2026-01-01T00:00:00Z", "last_updated": "2026-03-01T00:00:00Z"},
            id="updated",
        ),
    ],
)
def test_describe_secret(metadata: dict[str, Any], told: dict[str, Any]) -> None:
    secret = git_secret(ADA, **metadata)
    nothing = dict.fromkeys(("display_name", "description", "created", "last_updated", "owner", "managed_by"))
    described = describe_secret(secret, None)
    assert {name: described[name] for name in (*nothing, "ours")} == {**nothing, "ours": False, **told}
    assert "s3cret" not in str(described)


USE = Use("web", "Pod", "web-1", "volume", "used", "restart", "v1")
SHOWN = {
    "api_version": "v1",
    "kind": "Pod",
    "namespace": "web",
    "name": "web-1",
    "how": "volume",
    "takes_effect": "restart",
    "blocking": True,
}
BY_LABEL = {
    "api_version": None,
    "kind": "Argo CD",
    "namespace": "app",
    "name": "argocd.argoproj.io/secret-type",
    "how": "label",
    "takes_effect": "next_use",
    "blocking": False,
}


def secret_at(namespace: str, name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name, "labels": labels}}


@pytest.mark.parametrize(
    ("unknown", "places"),
    [
        pytest.param([], {("web", "used"): [SHOWN], ("web", "free"): [], ("app", "free"): []}, id="all is seen"),
        pytest.param(["web"], {("web", "used"): [SHOWN], ("web", "free"): None, ("app", "free"): []}, id="a namespace"),
        pytest.param(
            [None], {("web", "used"): [SHOWN], ("web", "free"): None, ("app", "free"): None}, id="the cluster"
        ),
    ],
)
def test_nobody_is_told_only_where_everything_was_seen(
    unknown: list[str | None], places: dict[tuple[str, str], list[dict[str, Any]] | None]
) -> None:
    uses = Uses({("web", "used"): [USE]}, frozenset(unknown))
    assert {place: uses.of(secret_at(*place)) for place in places} == places
    labelled = secret_at("app", "free", **{"argocd.argoproj.io/secret-type": "repository"})
    assert uses.of(labelled) == [BY_LABEL], "a label is a use, whatever is not known"


@pytest.mark.parametrize(
    ("text", "searched"),
    [(None, True), ("REG", True), ("my a", True), ("web", False), ("other", False)],
)
def test_is_searched(text: str | None, searched: bool) -> None:
    secret = git_secret(ADA, annotations={"displayName": "My App"})
    assert is_searched(secret, text) is searched


@pytest.mark.parametrize(
    ("secret", "common"),
    [
        pytest.param(git_secret(ADA), True, id="a user and a password may open anything"),
        pytest.param(git_secret(ADA, **OURS), False, id="ours"),
        pytest.param(git_secret(ADA, kind="kubernetes.io/basic-auth"), False, id="of a type"),
        pytest.param(git_secret({"ssh": KEY, "known_hosts": HOSTS}), False, id="an SSH key"),
        pytest.param(git_secret({"text": "s3cret"}, labels={JENKINS: "secretText"}), True, id="a text of Jenkins"),
        pytest.param(
            git_secret({"filename": "kubeconfig", "data": "x"}, labels={JENKINS: "secretFile"}),
            True,
            id="a file of Jenkins",
        ),
        pytest.param(
            git_secret(
                {"text": "s3cret"},
                labels={JENKINS: "secretText", **OUR_LABELS},
                annotations=OUR_ANNOTATIONS,
            ),
            False,
            id="a text of Jenkins, ours",
        ),
        *(
            pytest.param(git_secret({key: value}), False, id=key)
            for key, value in (
                ("github_token", "s3cret"),
                ("provider.token", "s3cret"),
                (".git-credentials", "https://ada:s3cret@git.example.com"),
            )
        ),
        pytest.param(
            git_secret(
                {"type": "git", "url": "https://git.example.com", **ADA},
                labels={"argocd.argoproj.io/secret-type": "repository"},
            ),
            False,
            id="labelled",
        ),
    ],
)
def test_what_may_be_for_anything(secret: dict[str, Any], common: bool) -> None:
    assert is_common(secret, find_credentials(secret)) is common
