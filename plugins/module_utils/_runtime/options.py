# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option tables that modules share, and what of the given arguments may be shown again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._credentials.git_url import public_url
from .._credentials.presets import PRESETS
from .._credentials.secret_values import holds_key, is_path, public_username, secret_lines
from .._images.verdict import public_image
from .._kubelet.server_text import public_server
from .._secret.names import is_secret_name

Options = Mapping[str, Mapping[str, Any]]

# What an option table has under ``context``, which Ansible leaves to the collection; texts.py reads it.
#
# A mapping of strings, whose keys users choose; of Kubernetes labels an unquoted true is the usual mistake.
STRINGS_BY_NAME: Mapping[str, Any] = {"others": (), "named_by_users": True}
STRINGS: Mapping[str, Any] = {"others": ()}
# What an entry of a docker config has: DockerConfigEntry in k8s.io/kubernetes, and what Docker adds to it.
DOCKER_CONFIG: Mapping[str, Any] = {
    "strings": ("username", "password", "auth", "email", "identitytoken", "registrytoken")
}
# All fields of a kubeconfig but these: Config in k8s.io/client-go/tools/clientcmd/api/v1.
_KUBECONFIG: Mapping[str, Any] = {
    "others": ("insecure-skip-tls-verify", "disable-compression", "provideClusterInfo", "preferences", "extensions")
}

# Documented in doc_fragments/connection.py. The variables are read in _cluster/settings.py, which tells them from
# options; a fallback here could not.
CONNECTION: Options = {
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    # Not no_log: Ansible would then hide every text in it, names of contexts included, from all output.
    "kubeconfig": {"type": "raw", "context": _KUBECONFIG},
    "context": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "expect_server": {"type": "str"},
}
# Where a task works or looks: in one namespace or in many. Checked by _cluster/selection.py.
NAMESPACES: Options = {
    "namespace": {"type": "str"},
    "namespaces": {"type": "list", "elements": "str"},
    "namespace_selectors": {"type": "list", "elements": "str"},
}
# What every task has beside its own options.
COMMON: Options = {**CONNECTION, "remote_src": {"type": "bool", "default": False}}

# What the controller hands to a module beside its options: the content of files by absolute path, as base64.
FILES = "_files"

# Ansible's own text for a value that is not shown.
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def public_arguments(arguments: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """The arguments of a task as they may be shown: secret, free-form and unknown ones are masked by their place."""
    return {
        name: _public(name, value, options.get(name, {"type": "raw"}), arguments) for name, value in arguments.items()
    }


def misplaced_keys(arguments: Mapping[str, Any], options: Options) -> Iterator[str]:
    """The private keys among arguments that are no secret by themselves, and their lines: a message may quote them."""
    for name, value in arguments.items():
        option = options.get(str(name), {})
        yield from _keys_in(str(name))
        if "options" in option and isinstance(value, Mapping):
            yield from misplaced_keys(value, option["options"])
        elif not option.get("no_log") and option.get("type") != "raw":
            yield from _keys_in(value)


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and holds_key(value):
        yield from secret_lines(value)
    elif isinstance(value, (list, tuple, Mapping)):
        for item in (*value, *(value.values() if isinstance(value, Mapping) else ())):
            yield from _keys_in(item)


def _public(name: str, value: Any, option: Mapping[str, Any], siblings: Mapping[str, Any]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and name in _SHOWN and not option.get("no_log"):
        return MASK if holds_key(value) else _SHOWN[name](value, siblings)
    if isinstance(value, list) and name in _SHOWN and option.get("elements") == "str":
        return [_public(name, item, {}, siblings) for item in value]
    if (
        option.get("no_log")
        or option.get("type") == "raw"
        or (option.get("type") == "dict" and "options" not in option)
    ):
        return MASK
    if option.get("type") == "path":
        return _path(str(value), siblings)
    if "options" in option and isinstance(value, list):
        return [public_arguments(item, option["options"]) if isinstance(item, Mapping) else MASK for item in value]
    if "options" in option:
        return public_arguments(value, option["options"]) if isinstance(value, Mapping) else MASK
    return MASK if any(_keys_in(value)) else value


def _address(value: str, _siblings: Mapping[str, Any]) -> str:
    return public_server(value)


def _image(value: str, _siblings: Mapping[str, Any]) -> str:
    return public_image(value)


def _username(value: str, siblings: Mapping[str, Any]) -> str | None:
    row = PRESETS.get(str(siblings.get("preset")))
    if row and row.secret_username:
        return MASK
    return public_username(value, siblings.get("password"))


def _repository(value: str, _siblings: Mapping[str, Any]) -> str:
    return public_url(value)


def _masked(_value: str, _siblings: Mapping[str, Any]) -> str:
    """For what is public by itself, and may be a private key by mistake."""
    return MASK


def _name(value: str, _siblings: Mapping[str, Any]) -> str:
    """A text that can be no name may be a password in the wrong place."""
    return value if is_secret_name(value) else MASK


def _path(value: str, _siblings: Mapping[str, Any]) -> str:
    return value if is_path(value) else MASK


# Options of which only a part may be shown, by name: how, given the value and the arguments beside it.
_SHOWN: Mapping[str, Callable[[str, Mapping[str, Any]], str | None]] = {
    "server": _address,
    "host": _address,
    "proxy": _address,
    "expect_server": _address,
    "registry": _address,
    "images": _image,
    "verify_realms": _address,
    "verify_plain_http": _address,
    "url": _repository,
    "base_url": _repository,
    "known_hosts": _masked,
    "ca_certificate": _masked,
    "client_certificate": _masked,
    "username": _username,
    "kubeconfig": _path,
    "name": _name,
    "namespace": _name,
    "service_account": _name,
}
