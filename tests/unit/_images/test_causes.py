# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the words of the kubelet to the cause of a failed pull."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.causes import Cause, PullContext, find_cause
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import Waiting
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.retired import RETIRED
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.verdict import (
    Candidate,
    judge,
    load_pull_secrets,
)
from support.samples.access import APP, GHCR, QUAY, Object, login, pull_secret


def situation(*secrets: Object | Candidate, linked: str | None = None, patterns: Sequence[str] = ()) -> PullContext:
    candidates = [
        item if isinstance(item, Candidate) else Candidate(item["metadata"]["name"], "found", item["type"], item)
        for item in secrets
    ]
    play = load_pull_secrets(candidates)
    return PullContext("robot", play, judge(play, APP, patterns), linked)


BARE, MATCHED, OTHER = situation(), situation(GHCR), situation(QUAY)
BROKEN = situation(GHCR, pull_secret("broken", {"quay.io": {"auth": "!!"}}))
GONE = situation(QUAY, Candidate("gone", "missing"))

REFUSED = (
    f'Back-off pulling image "{APP}": ErrImagePull: failed to pull and unpack image "{APP}": failed to resolve '
    f'reference "{APP}": '
)
NO_CREDENTIALS = f"{REFUSED}pull access denied, authorization failed: no basic auth credentials"
ANONYMOUS = (
    f"{REFUSED}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
    "https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull: 401 Unauthorized"
)
UNAUTHORIZED = (
    f"{REFUSED}unexpected status from HEAD request to https://ghcr.io/v2/acme/app/manifests/1: 401 Unauthorized"
)
HUB = f"{REFUSED}pull access denied, repository does not exist or may require authorization: server message: \
insufficient_scope: authorization failed"
CRI_O = "initializing source docker://x: unable to retrieve auth token: invalid username/password: unauthorized"

WRONG = (
    'The registry refuses user octo (entry "ghcr.io" of Secret registry): the password is wrong or has expired, the '
    "user has no access to the image, or the image does not exist."
)
NO_ACCESS = (
    'The registry gives user octo (entry "ghcr.io" of Secret registry) no access to the image, or the image does not '
    "exist. If the entry was written after the last attempt, the next attempt will use it."
)


@pytest.mark.parametrize(
    ("message", "known", "cause", "text"),
    [
        pytest.param(UNAUTHORIZED, MATCHED, "wrong_credentials", WRONG, id="401 after an entry matched"),
        pytest.param(HUB, MATCHED, "wrong_credentials", NO_ACCESS, id="denied on Docker Hub"),
        pytest.param(f"[{UNAUTHORIZED}, {HUB}]", MATCHED, "wrong_credentials", WRONG, id="one of two logins denied"),
        pytest.param(CRI_O, MATCHED, "wrong_credentials", WRONG, id="CRI-O"),
        pytest.param(f"{REFUSED}unexpected status: 403 Forbidden", MATCHED, "wrong_credentials", WRONG, id="403"),
        pytest.param(
            UNAUTHORIZED,
            situation(GHCR, pull_secret("other", {"ghcr.io": login("ada", "x")})),
            "wrong_credentials",
            WRONG.replace(":", ", and those of 1 more:", 1),
            id="401 after two entries matched",
        ),
        pytest.param(
            ANONYMOUS,
            MATCHED,
            "credentials_added",
            'The kubelet had no credentials at its last attempt. Now entry "ghcr.io" of Secret registry matches, and '
            "the next attempt will use it.",
            id="added since",
        ),
        pytest.param(
            NO_CREDENTIALS,
            BARE,
            "no_entry",
            "The registry asks for credentials, and the Pod has no pull secret.",
            id="no Secret",
        ),
        pytest.param(
            NO_CREDENTIALS,
            OTHER,
            "no_entry",
            "The registry asks for credentials, and no entry in Secret quay matches.",
            id="no entry",
        ),
        pytest.param(
            ANONYMOUS,
            situation(pull_secret("session", {"ghcr.io": {"identitytoken": "x"}}), QUAY),
            "no_entry",
            "The registry asks for credentials, and no entry of the Pod's pull secrets matches. "
            'Secret session, entry "ghcr.io": The entry has only the token of a login session '
            "(identitytoken), which no kubelet uses.",
            id="an entry without credentials",
        ),
        pytest.param(
            ANONYMOUS,
            GONE,
            "secret_missing",
            "The Pod references Secret gone, which does not exist.",
            id=("Secret missing"),
        ),
        pytest.param(
            ANONYMOUS,
            situation(Candidate("a", "wrong_type", "Opaque"), Candidate("b", "wrong_type", None)),
            "wrong_type",
            "The Pod references Secrets a, b, which are not pull secrets (wrong type).",
            id="another type",
        ),
        pytest.param(
            NO_CREDENTIALS,
            situation(linked="registry"),
            "started_before_link",
            "The Pod was created before Secret registry was linked to ServiceAccount robot, and an existing Pod does "
            "not pick up the link. Recreate the Pod.",
            id="started before the link",
        ),
        pytest.param(
            ANONYMOUS,
            situation(QUAY, patterns=["ghcr.io"]),
            "node_credentials",
            "The node pulls the image with its own credentials, and the registry refuses them.",
            id="the node's own",
        ),
        pytest.param(
            ANONYMOUS,
            situation(Candidate("a", "unknown")),
            "unknown",
            "The registry asks for credentials. Which ones the Pod has is not known, because they could not be read.",
            id="Secrets not readable",
        ),
    ],
)
def test_what_a_registry_refuses(message: str, known: PullContext, cause: str, text: str) -> None:
    assert find_cause(Waiting(APP, "ImagePullBackOff", message), known) == Cause(cause, text)


UNREADABLE = (
    'Secret broken, entry "quay.io": The kubelet cannot read its auth: it is not base64. The kubelet therefore '
    "refuses every image of the Pod."
)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("illegal base64 data at input byte 0", ""),
        ("unable to parse auth field, must be formatted as base64(username:password)", ""),
        ("ErrImagePull", "illegal base64 data at input byte 4"),
        ("json: cannot unmarshal string into Go value of type map[string]interface {}", ""),
        ("invalid character 'o' in literal null (expecting 'u')", ""),
    ],
)
def test_a_secret_that_can_not_be_read(reason: str, message: str) -> None:
    assert find_cause(Waiting(APP, reason, message), BROKEN) == Cause("secret_malformed", UNREADABLE)
    mended = find_cause(Waiting(APP, reason, message), MATCHED)
    assert mended
    assert mended.text == (
        "The kubelet could not read one of the Secrets at its last attempt. Now all of them can be read, and the next "
        "attempt may succeed."
    )


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("InvalidImageName", 'couldn\'t parse image name "A:b": invalid reference format', "invalid_image"),
        ("ErrImageNeverPull", f'Container image "{APP}" is not present with pull policy of Never', "never_pulled"),
        ("SignatureValidationFailed", "image pull failed because the signature validation failed", "signature"),
        ("ErrImagePull", f"{REFUSED}unexpected status: 429 Too Many Requests - toomanyrequests: limit", "rate_limit"),
        (
            "ErrImagePull",
            f'{REFUSED}failed to do request: Head "https://ghcr.io/v2/x": tls: failed to verify certificate: x509: '
            "certificate signed by unknown authority",
            "certificate",
        ),
        ("ErrImagePull", f"{REFUSED}http: server gave HTTP response to HTTPS client", "plain_http"),
        ("ErrImagePull", "dial tcp: lookup ghcr.io on 10.0.0.10:53: no such host", "dns"),
        ("ErrImagePull", "dial tcp: lookup ghcr.io on 10.0.0.10:53: read udp 10.1.1.1:1: i/o timeout", "dns"),
        ("ErrImagePull", "proxyconnect tcp: 407 Proxy Authentication Required", "proxy"),
        ("ErrImagePull", "dial tcp 10.1.2.3:443: connect: connection refused", "unreachable"),
        ("ErrImagePull", "dial tcp 10.1.2.3:443: i/o timeout", "unreachable"),
        ("ErrImagePull", f"{REFUSED}no match for platform in manifest: not found", "platform"),
        ("ErrImagePull", "no matching manifest for linux/arm64 in the manifest list entries", "platform"),
        ("ErrImagePull", "choosing image instance: no image found in manifest list for architecture arm64", "platform"),
        ("ErrImagePull", "write /var/lib/x: no space left on device", "disk_full"),
        ("ErrImagePull", f"{REFUSED}unexpected status from HEAD request: 503 Service Unavailable", "registry_error"),
        (
            "ErrImagePull",
            f"{REFUSED}unexpected status from HEAD request to https://ghcr.io/x: 520 Odd",
            "registry_error",
        ),
        ("ImagePullBackOff", f'Back-off pulling image "{APP}": ErrImagePull: pull QPS exceeded', "pull_qps"),
        ("ErrImagePull", f'{REFUSED}failed to do request: Head "https://ghcr.io/v2/x": Forbidden', "proxy"),
        ("ErrImagePull", f'{REFUSED}failed to do request: Head "https://ghcr.io/v2/x": Bad Gateway', "proxy"),
        ("ErrImagePull", f'{REFUSED}failed to do request: Head "https://ghcr.io/v2/x": EOF', "unreachable"),
        (
            "ErrImagePull",
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{APP}": failed to unpack image on '
            "snapshotter overlayfs: unexpected media type text/html for sha256:7e5: not found",
            "not_a_registry",
        ),
        (
            "ErrImagePull",
            f"{REFUSED}failed to authorize: failed to fetch oauth token: unable to decode token response: invalid "
            "character '<' looking for beginning of value",
            "not_a_registry",
        ),
        (
            "ErrImagePull",
            'not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer '
            "supported since containerd v2.1, please rebuild the image",
            "image_format",
        ),
        (
            "ErrImagePull",
            f"image verifier bindir blocked pull of {APP} with digest sha256:0 for reason: unauthorized signer",
            "signature",
        ),
        (
            "ErrImagePull",
            f"[{UNAUTHORIZED}, rpc error: code = NotFound desc = {REFUSED}{APP}: not found]",
            "not_found",
        ),
        ("ErrImagePull", f"{REFUSED}{APP}: not found", "not_found"),
        ("ErrImagePull", "reading manifest 1 in ghcr.io/acme/app: manifest unknown", "not_found"),
    ],
)
def test_what_is_no_matter_of_credentials(reason: str, message: str, cause: str) -> None:
    for known in (BARE, MATCHED, GONE):
        told = find_cause(Waiting(APP, reason, message), known)
        assert told
        assert (told.id, told.quoted) == (cause, "")
        assert told.text.endswith(".")


def test_names_of_images_and_addresses_are_no_sign() -> None:
    image = "registry.example.com:5000/x509/unauthorized:429"
    message = f'failed to resolve reference "{image}": Get "https://registry.example.com:5000/v2/503/401": strange'
    told = find_cause(Waiting(image, "ErrImagePull", message), BARE)
    assert told
    assert told.id == "unknown"


def test_a_file_that_the_node_may_not_write_is_no_refusal_of_the_registry() -> None:
    told = find_cause(Waiting(APP, "ErrImagePull", "mkdir /var/lib/x: permission denied"), MATCHED)
    assert told
    assert told.id == "unknown"


def test_an_unknown_message_is_quoted_without_users_of_addresses() -> None:
    told = find_cause(Waiting(APP, "ErrImagePull", 'odd answer of "https://octo:s3cret@mirror/v2/"'), MATCHED)
    said = 'ErrImagePull: odd answer of "https://mirror/v2/"'
    assert told == Cause("unknown", f"Not known. The kubelet reports: {said}", said)
    bad = "https://octo:a/pass word@ghcr.io/app"
    told = find_cause(Waiting(bad, "ErrImagePull", f'odd answer for "{bad}"'), MATCHED)
    assert told
    assert told.quoted == 'ErrImagePull: odd answer for "https://ghcr.io/app"'
    assert find_cause(Waiting("", "ErrImagePull", "odd"), MATCHED) == Cause(
        "unknown", "Not known. The kubelet reports: ErrImagePull: odd", "ErrImagePull: odd"
    )
    bare = find_cause(Waiting(APP, "ImagePullBackOff", ""), MATCHED)
    assert bare == Cause("unknown", "Not known. The kubelet reports: ImagePullBackOff", "ImagePullBackOff")
    long = find_cause(Waiting(APP, "ErrImagePull", "x" * 900), MATCHED)
    assert long
    assert len(long.quoted) == 501


def test_an_error_in_place_of_a_reason() -> None:
    waiting = Waiting(APP, "some newer words of the kubelet", "")
    assert find_cause(waiting, BROKEN) == Cause("secret_malformed", UNREADABLE)
    assert find_cause(waiting, MATCHED) is None


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing", "CrashLoopBackOff"])
def test_other_reasons_to_wait(reason: str) -> None:
    assert find_cause(Waiting(APP, reason, "secret not found"), BARE) is None


BITNAMI = "docker.io/bitnami/redis:7"
GONE_HUB = "pull access denied, repository does not exist or may require authorization: server message: \
insufficient_scope: authorization failed"


@pytest.mark.parametrize(
    ("image", "message", "known", "cause"),
    [
        (BITNAMI, "docker.io/bitnami/redis:7: not found", BARE, "retired"),
        ("bitnami/redis:7", GONE_HUB, BARE, "retired"),
        (BITNAMI, GONE_HUB, MATCHED, "retired"),
        (BITNAMI, "401 Unauthorized: incorrect username or password", MATCHED, "wrong_credentials"),
        (BITNAMI, "429 Too Many Requests", BARE, "rate_limit"),
        (BITNAMI, "dial tcp: lookup registry-1.docker.io: no such host", BARE, "dns"),
        ("docker.io/bitnamilegacy/redis:9", "manifest unknown", BARE, "retired"),
        ("k8s.gcr.io/pause:9", "404 Not Found", BARE, "retired"),
        ("gcr.io/google-containers/pause:9", "404 Not Found", BARE, "retired"),
        ("docker.io/bitnamisecure/redis:7", "not found", BARE, "not_found"),
        ("docker.io/acme/bitnami:7", "not found", BARE, "not_found"),
        ("ghcr.io/bitnami/redis:7", "not found", BARE, "not_found"),
    ],
)
def test_retired_images(image: str, message: str, known: PullContext, cause: str) -> None:
    found = find_cause(Waiting(image, "ErrImagePull", message), known)
    assert found is not None
    assert found.id == cause


def test_a_retired_image_names_its_successor() -> None:
    found = find_cause(Waiting("k8s.gcr.io/pause:9", "ErrImagePull", "not found"), BARE)
    assert found == Cause(
        "retired",
        "The image was retired. The Kubernetes project no longer publishes images there (frozen since April 2023). Use "
        "the same path under registry.k8s.io.",
    )


def test_each_retired_image_has_a_source() -> None:
    assert all(row.source and row.what and row.remedy for row in RETIRED)
    assert all(row.prefix.endswith("/") for row in RETIRED)
