# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of the images that a pull secret is for, before it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    UpdateCredentials,
    parse_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.preflight import (
    Preflight,
    check_images,
    check_served,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Payload
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import merge_pull_secret
from support.samples.secrets import docker_secret, encode, refusal, stored_secret

ADA = {"username": "ada", "password": "s3cret"}
EVE = {"username": "eve", "password": "0ther!"}
STORED = docker_secret({"auths": {"quay.io": EVE}})
REMEDY = (
    "Correct the registry or the image; leave out images that need no credentials. "
    "With preflight=warn this is a warning."
)


def payload_of(
    existing: dict[str, Any] | None,
    items: Sequence[dict[str, Any]],
    images: Sequence[str],
    preflight: Preflight = "fail",
    *,
    purge: bool = False,
    update: UpdateCredentials = "always",
) -> Payload:
    made = merge_pull_secret(existing, parse_registries(items, update), purge=purge, update=update)
    return check_served(existing, made, images, preflight)


def served(image: str, server: str | None, username: str | None) -> dict[str, str | None]:
    return {"image": image, "server": server, "username": username}


@pytest.mark.parametrize(
    ("existing", "items", "expected"),
    [
        pytest.param(None, [{"server": "ghcr.io", **ADA}], [("ghcr.io/acme/app:1", "ghcr.io", "ada")], id="new"),
        pytest.param(
            STORED,
            [{"server": "https://index.docker.io/v1/", **ADA}],
            [("nginx", "https://index.docker.io/v1/", "ada"), ("quay.io/acme/db@sha256:" + "0" * 64, "quay.io", "eve")],
            id="given and carried over",
        ),
        pytest.param(
            docker_secret({"auths": {"ghcr.io": {**ADA, "auth": encode("ada:s3cret")}}}),
            [{"server": "ghcr.io", **ADA}],
            [("ghcr.io/a", "ghcr.io", "ada")],
            id="nothing to write",
        ),
        pytest.param(
            stored_secret({".dockercfg": encode(json.dumps({"quay.io": EVE}))}, kind="kubernetes.io/dockercfg"),
            [{"server": "ghcr.io", **ADA}],
            [("quay.io/a", "quay.io", "eve")],
            id="of the older form",
        ),
        pytest.param(
            docker_secret({"auths": {"quay.io": EVE}}, kind="Opaque"),
            [{"server": "ghcr.io", **ADA}],
            [("quay.io/a", "quay.io", "eve")],
            id="of a type that the kubelet skips until it is made anew",
        ),
        pytest.param(
            None,
            [{"server": "ghcr.io", **ADA}, {"server": "ghcr.io/acme/", **EVE}],
            [("ghcr.io/acme/app", "ghcr.io/acme/", "eve"), ("ghcr.io/other", "ghcr.io", "ada")],
            id="the longer first",
        ),
        pytest.param(
            None,
            [{"server": "ghcr.io", "username": "ghp_0123456789", "password": "s3cret"}],
            [("ghcr.io/a", "ghcr.io", "<hidden>")],
            id="a token as user",
        ),
    ],
)
def test_images_that_are_served(
    existing: dict[str, Any] | None, items: list[dict[str, Any]], expected: list[tuple[str, str, str]]
) -> None:
    made = payload_of(existing, items, [image for image, _server, _username in expected])
    assert made.notes["images"] == [served(*item) for item in expected]
    assert made.warnings == ()
    assert "unmanaged_registries" in made.notes


def test_a_user_in_a_stored_server_is_not_shown() -> None:
    stored = docker_secret({"auths": {"https://u:pw@quay.io": EVE}})
    made = payload_of(stored, [{"server": "ghcr.io", **ADA}], ["quay.io/a"])
    assert made.notes["images"] == [served("quay.io/a", "https://quay.io", "eve")]
    assert "pw" not in repr(made)


BAD_AUTH = docker_secret({"auths": {"bad.io": {"auth": "pants"}}})


@pytest.mark.parametrize(
    ("existing", "server", "images", "told"),
    [
        pytest.param(
            None,
            "ghcr.io/acme",
            ["ghcr.io/acme/app", "ghcr.io/other/app:1"],
            [
                'images[1] ("ghcr.io/other/app:1") has no matching credentials in the Secret. '
                '"ghcr.io/acme" serves only "ghcr.io/acme…", and the image is "ghcr.io/other/app".'
            ],
            id="another path",
        ),
        pytest.param(
            None,
            "ghcr.io",
            ["nginx:1.27"],
            [
                'images[0] ("nginx:1.27") has no matching credentials in the Secret. '
                'The image names no registry, so it is looked up as "docker.io/library/nginx". It has "ghcr.io".'
            ],
            id="no registry in the name",
        ),
        pytest.param(
            None,
            "r.io:5000",
            ["r.io/a", "quay.io/a"],
            [
                'images[0] ("r.io/a") has no matching credentials in the Secret. Entry "r.io:5000": The entry is for '
                "port 5000, and the image names no port; not even 443 is the same as none.",
                'images[1] ("quay.io/a") has no matching credentials in the Secret. It has "r.io:5000".',
            ],
            id="a port, and nothing near",
        ),
        pytest.param(
            docker_secret({"auths": {"r.io": {"identitytoken": "x"}}}),
            "ghcr.io",
            ["r.io/a"],
            [
                'images[0] ("r.io/a") has no matching credentials in the Secret. Entry "r.io": The entry has only '
                "the token of a login session (identitytoken), which no kubelet uses."
            ],
            id="an entry without credentials",
        ),
        pytest.param(
            BAD_AUTH,
            "ghcr.io",
            ["ghcr.io/a", "ghcr.io/b"],
            [
                'images[0] ("ghcr.io/a") has no matching credentials in the Secret. Entry "bad.io": The kubelet '
                "cannot read its auth: it is not base64.",
                'images[1] ("ghcr.io/b") has no matching credentials in the Secret.',
            ],
            id="an entry that spoils the others",
        ),
        pytest.param(
            None,
            "ghcr.io",
            [f"quay.io/{letter}" for letter in "abcdefg"],
            [
                'images[0] ("quay.io/a") has no matching credentials in the Secret. It has "ghcr.io".',
                *(
                    f'images[{index}] ("quay.io/{letter}") has no matching credentials in the Secret.'
                    for index, letter in enumerate("bcde", 1)
                ),
                "7 of 7 images have no matching credentials.",
            ],
            id="many",
        ),
    ],
)
def test_images_that_are_not_served(
    existing: dict[str, Any] | None, server: str, images: list[str], told: list[str]
) -> None:
    items = [{"server": server, **ADA}]
    assert refusal(payload_of, existing, items, images) == f"{' '.join(told)} {REMEDY}"
    warned = payload_of(existing, items, images, "warn")
    assert list(warned.warnings[-len(told) :]) == told
    assert [item["image"] for item in warned.notes["images"]] == images
    assert warned.notes["images"][-1] == served(images[-1], None, None)


def test_what_goes_serves_nothing() -> None:
    items = [{"server": "ghcr.io", **ADA}]
    gone = f'images[0] ("quay.io/a") has no matching credentials in the Secret. It has "ghcr.io". {REMEDY}'
    assert refusal(payload_of, STORED, items, ["quay.io/a"], purge=True) == gone
    assert refusal(payload_of, STORED, [*items, {"server": "quay.io", "state": "absent"}], ["quay.io/a"]) == gone


@pytest.mark.parametrize(
    ("servers", "image", "listed"),
    [
        pytest.param(
            ["docker.io", "quay.io", "registry.gitlab.io"],
            "registry.gitlab.com/acme/app",
            '"registry.gitlab.io", "quay.io", "docker.io"',
            id="another end",
        ),
        pytest.param(["ghcr.io", "qay.io"], "quay.io/a", '"qay.io", "ghcr.io"', id="a letter is missing"),
        pytest.param(
            ["ghcr.io", "acme.azurecr.io"], "acme.azurecr.cn/a", '"acme.azurecr.io", "ghcr.io"', id="another cloud"
        ),
        pytest.param(
            ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com"],
            "123456789012.dkr.ecr.us-east-2.amazonaws.com/a",
            '"123456789012.dkr.ecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"',
            id="another region",
        ),
        pytest.param(
            [*(f"a{number}.io" for number in range(500)), "registry.gitlab.io"],
            "registry.gitlab.com/a",
            '"registry.gitlab.io", "a0.io", "a1.io", "a2.io", "a10.io" and 496 more',
            id="hundreds",
        ),
        pytest.param(["harbor.example.com"], "nginx-b.c/d", '"harbor.example.com"', id="nothing like it"),
        pytest.param(
            [f"r{number}.io" for number in range(8)],
            "r7.com/a",
            '"r7.io", "r0.io", "r1.io", "r2.io", "r3.io" and 3 more',
            id="many",
        ),
    ],
)
def test_what_the_secret_has_is_listed_with_the_nearest_first(servers: list[str], image: str, listed: str) -> None:
    items = [{"server": server, **ADA} for server in servers]
    message = refusal(payload_of, None, items, [image])
    assert message == f'images[0] ("{image}") has no matching credentials in the Secret. It has {listed}. {REMEDY}'


@pytest.mark.parametrize(
    ("images", "message"),
    [
        pytest.param([], "images is empty. Check the variable behind it, or leave it out.", id="none"),
        pytest.param(
            ["nginx", "https://u:pw@ghcr.io/acme"],
            'images[1] is not the name of an image; got "https://ghcr.io/acme". It has a registry, a path in lower '
            "case and a tag or a digest, and neither whitespace nor https://. Write it like ghcr.io/acme/app:1.2.",
            id="a URL",
        ),
        pytest.param(
            ["ghcr.io/Acme/App"],
            'images[0] is not the name of an image; got "ghcr.io/Acme/App". It has a registry, a path in lower '
            "case and a tag or a digest, and neither whitespace nor https://. Write it like ghcr.io/acme/app:1.2.",
            id="capitals",
        ),
    ],
)
def test_what_is_no_image(images: list[str], message: str) -> None:
    assert refusal(check_images, images) == message
