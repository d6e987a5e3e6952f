# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of charts and images, of each consumer: which it reads, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import GitUrl
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registry_url import parse_registry_url
from support.samples.secrets import refusal

SCHEMES = {(row.name, row.variant): row.url_schemes for row in FORMAT_ROWS if row.variant}
HELM = SCHEMES["argocd_repository", "helm"]
OCI = SCHEMES["argocd_repository", "oci"]
IMAGE = SCHEMES["kargo", "image"]
CHART = SCHEMES["kargo", "helm"]

HELM_EXAMPLES = 'Write it like "https://charts.example.com" or "registry.example.com/team/app".'
OCI_EXAMPLES = 'Write it like "oci://registry.example.com/team/charts".'
IMAGE_EXAMPLES = 'Write it like "registry.example.com/team/app".'


@pytest.mark.parametrize(
    ("schemes", "text", "url"),
    [
        (HELM, "https://charts.example.com/stable", GitUrl("https", None, "charts.example.com", None, "/stable")),
        (HELM, "http://charts.svc:8080", GitUrl("http", None, "charts.svc", 8080, "")),
        (HELM, "registry.example.com/charts", GitUrl("", None, "registry.example.com", None, "/charts")),
        (HELM, "localhost:5000/a/b", GitUrl("", None, "localhost", 5000, "/a/b")),
        (OCI, "oci://Registry.example.com:5000/a", GitUrl("oci", None, "registry.example.com", 5000, "/a")),
        (IMAGE, "ghcr.io/acme/app", GitUrl("", None, "ghcr.io", None, "/acme/app")),
        (IMAGE, "nginx", GitUrl("", None, "nginx", None, "")),
        (IMAGE, "ghcr.io/acme/my_app.x--y:1.2", GitUrl("", None, "ghcr.io", None, "/acme/my_app.x--y")),
        (CHART, "oci://ghcr.io/acme/charts", GitUrl("oci", None, "ghcr.io", None, "/acme/charts")),
        (CHART, "ghcr.io/acme/charts", GitUrl("", None, "ghcr.io", None, "/acme/charts")),
    ],
)
def test_urls_that_are_read(schemes: Any, text: str, url: GitUrl) -> None:
    assert parse_registry_url(text, "url", schemes) == url


NOT_READ = "url is not a URL that this format reads."


@pytest.mark.parametrize(
    ("schemes", "text", "message"),
    [
        (HELM, "oci://ghcr.io/a", f'{NOT_READ} It begins with "oci://". {HELM_EXAMPLES}'),
        (
            HELM,
            "ssh://git@git.example.com/a",
            f"url has an @. {'A user, a password or a digest has no place in this URL.'} {HELM_EXAMPLES}",
        ),
        (HELM, "registry.example.com/a/", f"{NOT_READ} {HELM_EXAMPLES}"),
        (HELM, "registry.example.com/a b", f"{NOT_READ} {HELM_EXAMPLES}"),
        (OCI, "ghcr.io/a", f"{NOT_READ} {OCI_EXAMPLES}"),
        (OCI, "https://ghcr.io/a", f'{NOT_READ} It begins with "https://". {OCI_EXAMPLES}'),
        (OCI, "oci://ghcr.io/a:1.0", "url has a tag. It is for all versions. Leave out the tag."),
        (
            OCI,
            "oci://u:s3cret@ghcr.io/a",
            f"url has an @. A user, a password or a digest has no place in this URL. {OCI_EXAMPLES}",
        ),
        (IMAGE, "https://ghcr.io/a", f'{NOT_READ} It begins with "https://". {IMAGE_EXAMPLES}'),
        (IMAGE, "docker://ghcr.io/a", f'{NOT_READ} It begins with "docker://". {IMAGE_EXAMPLES}'),
        (
            IMAGE,
            "ghcr.io/a@sha256:0",
            f"url has an @. A user, a password or a digest has no place in this URL. {IMAGE_EXAMPLES}",
        ),
        (IMAGE, "S3cret!://ghcr.io/a", f"{NOT_READ} {IMAGE_EXAMPLES}"),
    ],
)
def test_urls_that_are_refused(schemes: Any, text: str, message: str) -> None:
    assert refusal(parse_registry_url, text, "url", schemes) == message


def test_a_prefix_may_end_with_a_slash() -> None:
    url = parse_registry_url("oci://ghcr.io/acme/", "url", OCI, is_prefix=True)
    assert url == GitUrl("oci", None, "ghcr.io", None, "/acme/")


def test_a_repository_needs_a_path() -> None:
    assert refusal(parse_registry_url, "oci://ghcr.io", "url", OCI, is_repository=True) == (
        f"url has no path. Argo CD needs the repository in the registry, not only its host. {OCI_EXAMPLES}"
    )
