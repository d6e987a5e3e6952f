# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options for asking registries whether entries pull images, or are accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .._runtime.options import Options
from .._runtime.shown import ADDRESS

if TYPE_CHECKING:
    from .._registry.verification import VerifyOptions

_REGISTRIES: Options = {
    "verify_timeout": {"type": "int", "default": 10},
    "verify_concurrency": {"type": "int", "default": 8},
    "verify_ca_cert": {"type": "path"},
    "verify_validate_certs": {"type": "bool", "default": True},
    "verify_realms": {"type": "list", "elements": "str", "default": [], "context": ADDRESS},
    "verify_plain_http": {"type": "list", "elements": "str", "default": [], "context": ADDRESS},
}
# Of a module that reads, and of one that writes.
VERIFY_OPTIONS: Options = {
    "verify": {"type": "bool", "default": False},
    "verify_scope": {"type": "str", "choices": ["ours", "all"], "default": "ours"},
    **_REGISTRIES,
}
VERIFY_WRITES: Options = {
    "verify": {"type": "bool", "default": False},
    "verify_require": {"type": "str", "choices": ["not_denied", "pullable"], "default": "not_denied"},
    **_REGISTRIES,
}

MAX_VERIFY_TIMEOUT = 600
MAX_VERIFY_CONCURRENCY = 64
_MAX_CERTIFICATES = 1024 * 1024


def parse_verify_options(params: Mapping[str, Any]) -> VerifyOptions | None:
    """Parse the options of VERIFY_OPTIONS or VERIFY_WRITES; return None if no registry is to be asked.

    Raises KeyringError for a number out of range, and for a host that is none, with its index.
    """
    if not params["verify"]:
        return None
    from .._registry.verification import VerifyOptions

    _check_range("verify_timeout", params["verify_timeout"], MAX_VERIFY_TIMEOUT)
    _check_range("verify_concurrency", params["verify_concurrency"], MAX_VERIFY_CONCURRENCY)
    return VerifyOptions(
        scope=params.get("verify_scope", "all"),
        timeout=params["verify_timeout"],
        concurrency=params["verify_concurrency"],
        ca_cert=params["verify_ca_cert"],
        validate_certs=params["verify_validate_certs"],
        realms=_parse_hosts("verify_realms", params["verify_realms"]),
        plain_http=_parse_hosts("verify_plain_http", params["verify_plain_http"]),
    )


def parse_verify_writes(params: Mapping[str, Any]) -> VerifyOptions | None:
    """Parse the options of VERIFY_WRITES, and check the option images; return None if no registry is to be asked.

    Raises KeyringError for an image that is none, and if images are needed.
    """
    if params["images"] is not None:
        from .._images.preflight import check_images

        check_images(params["images"])
    verification = parse_verify_options(params)
    check_required_images(params)
    return verification


def check_required_images(params: Mapping[str, Any]) -> None:
    """Raise KeyringError if registries must let the entries pull images, and the option ``images`` names none."""
    if params["verify"] and params["verify_require"] == "pullable" and not params["images"]:
        raise KeyringError(
            "verify_require=pullable needs images.",
            "Without an image, a registry can only accept or refuse a login.",
            "Name an image for each registry in images, or set verify_require=not_denied.",
            option="verify_require",
        )


def read_certificates(options: VerifyOptions | None, files: Mapping[str, bytes]) -> bytes | None:
    """Return the content of verify_ca_cert, None without it; ``files`` were read on the controller, by path.

    Raises KeyringError for a file that cannot be read.
    """
    if options is None:
        return None
    from .._runtime.host import read_option_file

    return read_option_file("verify_ca_cert", options.ca_cert, files, _MAX_CERTIFICATES)


def _check_range(option: str, value: int, most: int) -> None:
    if not 0 < value <= most:
        raise KeyringError(f"{option} must be between 1 and {most}; got {value}.", option=option)


def _parse_hosts(option: str, hosts: Sequence[str]) -> tuple[str, ...]:
    from .._registry.place import is_location

    for index, host in enumerate(hosts):
        if not is_location(host):
            raise KeyringError(
                f"{option}[{index}] is not a host with an optional port.",
                "",
                'Write it like "auth.example.com".',
                option=f"{option}[{index}]",
            )
    return tuple(hosts)
