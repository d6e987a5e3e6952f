# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server strings: which are refused, with which words, and what may be shown of them."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.server import (
    check_server,
    check_stored_server,
    warn_server,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.server_text import (
    Server,
    private_parts,
    public_server,
)
from support.samples.secrets import refusal

OPTION = "registries[2].server"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("ghcr.io", Server("", "", "ghcr.io", "", "")),
        ("https://ghcr.io/", Server("https://", "", "ghcr.io", "", "/")),
        ("registry:5000/team/app", Server("", "", "registry", ":5000", "/team/app")),
        ("http://u:p@registry:5000/v2/", Server("http://", "u:p", "registry", ":5000", "/v2/")),
        ("a@b@ghcr.io", Server("", "a@b", "ghcr.io", "", "")),
        ("[::1]:5000", Server("", "", "[::1]", ":5000", "")),
        ("[::1]", Server("", "", "[::1]", "", "")),
        ("ghcr.io?a=/b", Server("", "", "ghcr.io", "", "")),
        ("ghcr.io/x#y?z", Server("", "", "ghcr.io", "", "/x")),
        ("oci://ghcr.io", Server("oci://", "", "ghcr.io", "", "")),
        (":5000", Server("", "", "", ":5000", "")),
        ("", Server("", "", "", "", "")),
    ],
)
def test_split(text: str, server: Server) -> None:
    assert Server.split(text) == server


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://index.docker.io/v1/", "https://index.docker.io/v1/"),
        ("https://ada:s3cret@registry:5000/v2/", "https://registry:5000/v2/"),
        ("ada:s3cret@ghcr.io", "ghcr.io"),
        ("https://ghcr.io/?token=s3cret", "https://ghcr.io/"),
        ("https://ghcr.io/a#s3cret", "https://ghcr.io/a"),
        ("[::1]:5000/a", "[::1]:5000/a"),
        ("any text", "any text"),
    ],
)
def test_public_server(text: str, shown: str) -> None:
    assert public_server(text) == shown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://ghcr.io/a", []),
        ("https://ada:s3cret@ghcr.io", ["ada:s3cret"]),
        ("ada:s3/c?r#et@ghcr.io/a?b=c#d", ["ada:s3/c?r#et", "b=c#d"]),
        ("ghcr.io#d", ["", "d"]),
        ("r:5000/a@sha256:0f", [""]),
    ],
)
def test_private_parts(text: str, parts: list[str]) -> None:
    assert private_parts(text) == parts


# People paste what they have, and a password is not always percent-encoded.
@pytest.mark.parametrize("scheme", ["", "https://"])
@pytest.mark.parametrize("password", ["s3cret", "s3/cret", "s3?cret", "s3#cret", "s3@cret", "s3:cret"])
def test_no_part_of_a_password_is_shown(scheme: str, password: str) -> None:
    text = f"{scheme}ada:{password}@ghcr.io"
    for shown in (public_server(text), refusal(check_server, text, OPTION)):
        assert "s3" not in shown
        assert "cret" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "ghcr.io",
        "ghcr.io/",
        "GHCR.io",
        "localhost",
        "registry:5000",
        "https://registry.example.com:5000",
        "http://10.0.0.1:5000",
        "[::1]:5000",
        "https://index.docker.io/v1/",
        "https://index.docker.io/v2/",
        "index.docker.io",
        "docker.io",
        "registry:5000/v2/",
        "ghcr.io/org",
        "ghcr.io/org/team-a/a.b_c/",
        "ghcr.io/v1/org",
        "quay.io/org/v2",
        "*.dkr.ecr.*.amazonaws.com",
        "*-good.example.com",
        "*",
        "my_registry.example.com",
        "xn--grn-1na.example.com",
        "ghcr.io:1",
        "ghcr.io:65535",
        "https://localhost/team/",
        "harbor:5000/team",
        "image-registry.openshift-image-registry.svc:5000",
    ],
)
def test_check_server_takes(text: str) -> None:
    check_server(text, OPTION)


EMPTY = 'It is empty. Write the host of the registry, such as "ghcr.io"; for Docker Hub "https://index.docker.io/v1/".'
BLANK = "It has whitespace, a newline or a byte-order mark, so it never matches an image. Remove it."
A_USER = 'A server must not contain a user name. Remove the user and write "{}".'
AN_IMAGE = 'It looks like an image: a server has no tag and no digest. Write "{}".'
A_QUERY = 'It has a query or a fragment, which the kubelet drops. Write "{}".'
MALFORMED = 'The host or the port is not valid. Write it as "registry.example.com" or "registry.example.com:5000".'
A_PATH = 'No repository has such a path. Write the path as the images have it, or only "{}".'
NO_SLASH = 'Without a final slash "{}" is a path to the kubelet, and no image matches it. Write "{}/".'
A_NAME = (
    'A host without dot and port is a name on Docker Hub, so no image is looked up under "{}". '
    'Write "https://index.docker.io/v1/" for Docker Hub, or the whole host, such as "registry.example.com".'
)
DEAD_END = 'No image of Docker Hub is looked up under that name. Write "https://index.docker.io/v1/".'


@pytest.mark.parametrize(
    ("text", "got", "why"),
    [
        pytest.param("", "", EMPTY, id="empty"),
        pytest.param("  ", "  ", EMPTY, id="blank"),
        pytest.param("\n", "\n", EMPTY, id="line end alone"),
        pytest.param("ghcr.io\n", "ghcr.io\n", BLANK, id="line end"),
        pytest.param(" ghcr.io", " ghcr.io", BLANK, id="blank before"),
        pytest.param("\ufeffghcr.io", "\ufeffghcr.io", BLANK, id="byte-order mark"),
        pytest.param("ghcr.io /org", "ghcr.io /org", BLANK, id="blank inside"),
        pytest.param(
            "oci://ghcr.io/org",
            "oci://ghcr.io/org",
            'A server that starts with "oci://" never matches an image. Write "ghcr.io".',
            id="another scheme",
        ),
        pytest.param(
            "docker://registry:5000",
            "docker://registry:5000",
            'A server that starts with "docker://" never matches an image. Write "registry:5000".',
            id="another scheme, port",
        ),
        pytest.param(
            "HTTPS://ghcr.io",
            "HTTPS://ghcr.io",
            'A server that starts with "HTTPS://" never matches an image. Write "ghcr.io".',
            id="scheme in capitals",
        ),
        pytest.param(
            "oci://ada:s3cret@ghcr.io",
            "oci://…@ghcr.io",
            'A server that starts with "oci://" never matches an image. Write "ghcr.io".',
            id="another scheme and a user",
        ),
        pytest.param("https://user@ghcr.io/v2", "https://…@ghcr.io/v2", A_USER.format("ghcr.io"), id="user"),
        pytest.param("https://u:s3cret@ghcr.io:1", "https://…@ghcr.io:1", A_USER.format("ghcr.io:1"), id="password"),
        pytest.param("ada@ghcr.io", "…@ghcr.io", A_USER.format("ghcr.io"), id="user without scheme"),
        pytest.param("ada:s3cret@ghcr.io", "…@ghcr.io", A_USER.format("ghcr.io"), id="password without scheme"),
        pytest.param("ghcr.io/a/b:1.2", "ghcr.io/a/b:1.2", AN_IMAGE.format("ghcr.io"), id="tag"),
        pytest.param("r:5000/a@sha256:0f", "r:5000/a@sha256:0f", AN_IMAGE.format("r:5000"), id="digest"),
        pytest.param("ghcr.io/a:1@sha256:0f", "ghcr.io/a:1@sha256:0f", AN_IMAGE.format("ghcr.io"), id="tag and digest"),
        pytest.param("ghcr.io?a=1", "ghcr.io", A_QUERY.format("ghcr.io"), id="query"),
        pytest.param("https://r:5000/a#b", "https://r:5000/a", A_QUERY.format("r:5000/a"), id="fragment"),
        pytest.param("https://", "https://", MALFORMED, id="scheme alone"),
        pytest.param("https:///v2/", "https:///v2/", MALFORMED, id="no host"),
        pytest.param("/org", "/org", MALFORMED, id="path alone"),
        pytest.param(":5000", ":5000", MALFORMED, id="port alone"),
        pytest.param("ghcr.io:", "ghcr.io:", MALFORMED, id="colon without port"),
        pytest.param("nginx", "nginx", A_NAME.format("nginx"), id="one word"),
        pytest.param("http://harbor/", "http://harbor/", A_NAME.format("harbor"), id="one word, scheme"),
        pytest.param("my-org/app", "my-org/app", A_NAME.format("my-org"), id="one word, path"),
        pytest.param("docker://nginx", "docker://nginx", A_NAME.format("nginx"), id="one word, another scheme"),
        pytest.param("ada@harbor", "…@harbor", A_NAME.format("harbor"), id="one word, user"),
        pytest.param("nginx:latest", "nginx:latest", A_NAME.format("nginx"), id="image without registry"),
        pytest.param("nginx@sha256:0f", "nginx@sha256:0f", A_NAME.format("nginx"), id="with digest"),
        pytest.param("nginx:1.2@sha256:0f", "nginx:1.2@sha256:0f", A_NAME.format("nginx"), id="with tag and digest"),
        pytest.param("ghcr.io:123456", "ghcr.io:123456", MALFORMED, id="long port"),
        pytest.param("ghcr.io:65536", "ghcr.io:65536", MALFORMED, id="large port"),
        pytest.param("registry:0", "registry:0", MALFORMED, id="port 0"),
        pytest.param("-", "-", MALFORMED, id="hyphen alone"),
        pytest.param("-ghcr.io", "-ghcr.io", MALFORMED, id="hyphen before"),
        pytest.param("ghcr-.io:5000", "ghcr-.io:5000", MALFORMED, id="hyphen before a dot"),
        pytest.param("ghcr..io", "ghcr..io", MALFORMED, id="two dots"),
        pytest.param(".ghcr.io", ".ghcr.io", MALFORMED, id="dot before"),
        pytest.param("ghcr.io.", "ghcr.io.", MALFORMED, id="dot after"),
        pytest.param("grüße.de", "grüße.de", MALFORMED, id="umlaut"),
        pytest.param("r[0-9].io", "r[0-9].io", MALFORMED, id="another pattern than *"),
        pytest.param("https://http://ghcr.io", "https://http://ghcr.io", MALFORMED, id="two schemes"),
        pytest.param("::1", "::1", MALFORMED, id="IPv6 without brackets"),
        pytest.param("{ghcr.io}", "{ghcr.io}", MALFORMED, id="braces"),
        pytest.param("ghcr.io//org", "ghcr.io//org", A_PATH.format("ghcr.io"), id="two slashes"),
        pytest.param("r:5000/a%20b", "r:5000/a%20b", A_PATH.format("r:5000"), id="percent"),
        pytest.param("ghcr.io/*/app", "ghcr.io/*/app", A_PATH.format("ghcr.io"), id="pattern in the path"),
        pytest.param(
            "https://index.docker.io/v1",
            "https://index.docker.io/v1",
            NO_SLASH.format("/v1", "https://index.docker.io/v1"),
            id="v1",
        ),
        pytest.param("r:5000/v2", "r:5000/v2", NO_SLASH.format("/v2", "r:5000/v2"), id="v2"),
        pytest.param("registry-1.docker.io", "registry-1.docker.io", DEAD_END, id="registry-1.docker.io"),
        pytest.param("hub.docker.com", "hub.docker.com", DEAD_END, id="hub.docker.com"),
        pytest.param("https://Hub.Docker.com/", "https://Hub.Docker.com/", DEAD_END, id="capitals"),
        pytest.param(
            "registry.hub.docker.com/a/", "registry.hub.docker.com/a/", DEAD_END, id="registry.hub.docker.com"
        ),
    ],
)
def test_check_server_refuses(text: str, got: str, why: str) -> None:
    what = f'registries[2].server must be a host with an optional port and path; got "{got}".'
    assert refusal(check_server, text, OPTION) == f"{what} {why}"


@pytest.mark.parametrize("text", ["nginx@sha256:0f", "nginx:1.2@sha256:0f", "registry:5000@sha256:0f"])
def test_the_digest_of_an_image_is_not_proposed_as_a_server(text: str) -> None:
    assert 'rite "sha256' not in refusal(check_server, text, OPTION)


# Such a key never matches an image, and may be stored all the same.
@pytest.mark.parametrize(
    "text", ["hub.docker.com", "https://index.docker.io/v1", "nginx", "oci://ghcr.io", "ghcr.io ", "u:p@ghcr.io", "*?"]
)
def test_any_key_may_be_named_to_remove_it(text: str) -> None:
    refusal(check_server, text, OPTION)
    check_stored_server(text, OPTION)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_but_not_an_empty_one(text: str) -> None:
    assert refusal(check_stored_server, text, OPTION) == refusal(check_server, text, OPTION)


def test_a_user_is_refused_even_when_it_is_empty() -> None:
    assert refusal(check_server, "@ghcr.io", OPTION).endswith('Remove the user and write "ghcr.io".')


MEGABYTE = 1_000_000


# There is no clock in this test: a pattern that backtracks would never come to an end on one of these.
@pytest.mark.parametrize(
    "piece", ["a", "-", "*", ".", "a.", "a-", "a.-", "/", "a/", "//", "@", "a@", ":", "a:", "a://", "?", "1"]
)
def test_long_hostile_texts_are_refused_in_linear_time(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece)) + "!"
    refusal(check_server, text, OPTION)
    warn_server(text, OPTION)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        pytest.param("ghcr.io", [], id="host"),
        pytest.param("ghcr.io/", [], id="host with slash"),
        pytest.param("https://index.docker.io/v1/", [], id="Docker Hub"),
        pytest.param("ghcr.io/org/", [], id="path with slash"),
        pytest.param(
            "GHCR.io",
            ['registries[2].server: hosts are compared with case; "GHCR.io" serves no image of "ghcr.io".'],
            id="capitals",
        ),
        pytest.param(
            "https://registry:5000/o",
            [
                'registries[2].server: without a final "/" the credentials for "registry:5000/o" are also offered to '
                '"registry:5000/o-other". Write "registry:5000/o/" to serve only what lies below it.'
            ],
            id="path",
        ),
    ],
)
def test_warn_server(text: str, warnings: list[str]) -> None:
    assert warn_server(text, OPTION) == warnings
