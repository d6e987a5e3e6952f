# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of repositories of charts and images, as the consumers of Git credentials compare them.

A chart is in a Helm repository (``https://charts.example.com``) or in a registry (``oci://registry.example.com/charts``,
or without the scheme); an image is in a registry, and its URL has no scheme. A URL is never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, cast

from .._errors import KeyringError
from .git_url import GitUrl, parse_git_url
from .secret_values import check_secret_value

if TYPE_CHECKING:
    from .git_shapes import UrlScheme

_REGISTRY_URL_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY_URL_HOST = rf"{_REGISTRY_URL_LABEL}(\.{_REGISTRY_URL_LABEL})*|\[[0-9A-Fa-f:.]+\]"
_REGISTRY_URL_PATH = r"[A-Za-z0-9]+([._-]+[A-Za-z0-9]+)*"
_REGISTRY_URL = re.compile(
    rf"(?P<host>{_REGISTRY_URL_HOST})(?P<port>:[0-9]{{1,5}})?(?P<path>(/{_REGISTRY_URL_PATH})*)(?P<tag>:[A-Za-z0-9._-]+)?(?P<end>/?)"
)

# How a URL with each scheme is written.
_URL_EXAMPLES: Mapping[UrlScheme, str] = {
    "https": "https://charts.example.com",
    "oci": "oci://registry.example.com/team/charts",
    "": "registry.example.com/team/app",
}


def parse_registry_url(
    text: str, option: str, schemes: Collection[UrlScheme], *, is_prefix: bool = False, is_repository: bool = False
) -> GitUrl:
    """Parse the URL of a repository of charts or images, whose scheme is one of ``schemes``.

    One that ``is_prefix`` may end with a slash, and one that ``is_repository`` needs a path. Raise KeyringError, with
    ``option``, for any other.
    """
    check_secret_value(text, option)
    examples = " or ".join(f'"{example}"' for scheme, example in _URL_EXAMPLES.items() if scheme in schemes)
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme = ""
    if scheme in ("http", "https") and scheme in schemes:
        return parse_git_url(text, option)
    if "@" in text:
        raise KeyringError(
            f"{option} has an @.",
            "A user, a password or a digest has no place in this URL.",
            f"Write it like {examples}.",
            option=option,
        )
    found = _REGISTRY_URL.fullmatch(rest)
    is_known = scheme in schemes
    if found is None or not is_known or (found["end"] and not is_prefix):
        raise KeyringError(
            f"{option} is not a URL that this format reads.",
            f'It begins with "{scheme}://".' if re.fullmatch("[a-z+]{1,10}", scheme) and not is_known else "",
            f"Write it like {examples}.",
            option=option,
        )
    if found["tag"] and scheme == "oci":
        raise KeyringError(f"{option} has a tag.", "It is for all versions.", "Leave out the tag.", option=option)
    if is_repository and not found["path"]:
        raise KeyringError(
            f"{option} has no path.",
            "Argo CD needs the repository in the registry, not only its host.",
            f"Write it like {examples}.",
            option=option,
        )
    port = int(found["port"][1:]) if found["port"] else None
    host = found["host"].strip("[]").lower()
    return GitUrl(cast("UrlScheme", scheme), None, host, port, f"{found['path']}{found['end']}")
