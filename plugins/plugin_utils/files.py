# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that options name, read on the controller; those of Ansible Vault are decrypted in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import check_type_dict, check_type_list
from ansible.parsing.vault import is_encrypted

from ..module_utils._cluster.kubeconfig import kubeconfig_paths, referenced_paths
from ..module_utils._cluster.kubeconfig_yaml import parse_document
from ..module_utils._cluster.local_file import read_regular_file
from ..module_utils._credentials.secret_values import named_path
from ..module_utils._errors import KeyringError
from ..module_utils._runtime.options import Options
from ..module_utils._runtime.string_options import is_one_mapping

_HOW = "Give the path of a file on the controller; with remote_src=true it is one on the machine that runs the task."

Decrypt = Callable[[bytes], bytes]
# From the full name of an option and its path to the absolute path.
Resolve = Callable[[str, str], str]


def read_files(
    arguments: Mapping[str, Any], options: Options, folders: Sequence[str], decrypt: Decrypt
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the arguments with absolute paths, and the content of all files that they name, by path.

    Suboptions may name files too. The arguments have passed Ansible's validation. A relative path is searched in each
    of ``folders``, in its ``files`` first. Raises KeyringError with the option for a file that does not exist, cannot
    be read or cannot be decrypted.
    """
    files: dict[str, bytes] = {}

    def resolve(option: str, value: str) -> str:
        paths = _find_all(option, value, folders)
        files.update({path: read_named_file(option, path, decrypt) for path in paths})
        return os.pathsep.join(paths)

    return _resolve_all(arguments, options, resolve), files


def read_references(kubeconfigs: Mapping[str, bytes], decrypt: Decrypt) -> dict[str, bytes]:
    """Return the files that kubeconfigs name in turn, for a task that runs on another machine.

    Files that cannot be read are left out. They may belong to an unused context; if not, the task reports them.
    """
    files = {}
    for path, content in kubeconfigs.items():
        with suppress(KeyringError):
            for found in referenced_paths(parse_document(content, "kubeconfig"), os.path.dirname(path)):
                with suppress(KeyringError):
                    files[found] = read_named_file("kubeconfig", found, decrypt)
    return files


def _resolve_all(
    arguments: Mapping[str, Any], options: Options, resolve: Resolve, *, parent: str = ""
) -> dict[str, Any]:
    """Return arguments with the paths in them resolved; ``parent`` is the full name of their option and a dot."""
    resolved = {}
    for name, value in arguments.items():
        option = _canonical(name, options)
        resolved[name] = _resolve(f"{parent}{option}", value, options.get(option, {}), resolve)
    return resolved


def _resolve(option: str, value: Any, spec: Mapping[str, Any], resolve: Resolve) -> Any:
    """Return a value with the paths in it resolved, at any depth; ``option`` is its full name."""
    if isinstance(value, str) and value and _names_files(option, value, spec):
        return resolve(option, value)
    if value is None or "options" not in spec:
        return value
    # Ansible accepts strings for mappings and lists too.
    if is_one_mapping(value, spec):
        return _resolve_all(check_type_dict(value), spec["options"], resolve, parent=f"{option}.")
    resolved = []
    for index, item in enumerate(check_type_list(value)):
        parent = f"{option}[{index}]."
        resolved.append(_resolve_all(check_type_dict(item), spec["options"], resolve, parent=parent))
    return resolved


def _canonical(name: str, options: Options) -> str:
    """Return the option of an alias; every other name is returned as it is."""
    for option, spec in options.items():
        if name in spec.get("aliases", ()):
            return option
    return name


def _names_files(option: str, value: str, spec: Mapping[str, Any]) -> bool:
    if option == "kubeconfig":
        return "\n" not in value and "{" not in value  # else it is the content of a file, which the task refuses
    return spec.get("type") == "path"


def _find_all(option: str, value: str, folders: Sequence[str]) -> list[str]:
    """Return the absolute paths. Some of several kubeconfigs may be missing, as for kubectl."""
    paths = kubeconfig_paths(value) if option == "kubeconfig" else [value]
    found = []
    for path in paths:
        place = _find_path(os.path.expandvars(os.path.expanduser(path)), folders)
        if place:
            found.append(place)
    if not found:
        raise KeyringError(
            f"{named_path(option, value)} does not exist on the controller.",
            "",
            _HOW,
            failure="unreadable_file",
            option=option,
        )
    return found


def _find_path(path: str, folders: Sequence[str]) -> str | None:
    """Return the first place where a path exists.

    Ansible's own search would print the path, which may be a key by mistake.
    """
    for folder in folders:
        for place in (os.path.join(folder, "files", path), os.path.join(folder, path)):
            if os.path.lexists(place):
                return os.path.abspath(place)
    return None


def read_named_file(option: str, path: str, decrypt: Decrypt) -> bytes:
    """Return the content of a file, decrypted. Raise KeyringError with the option if that is impossible."""
    try:
        content = read_regular_file(path)
        return decrypt(content) if is_encrypted(content) else content
    except OSError as error:
        raise KeyringError(
            f"{named_path(option, path)} cannot be read: {error.strerror}.",
            "",
            _HOW,
            failure="unreadable_file",
            option=option,
        ) from None
    except AnsibleError:
        raise KeyringError(
            f"{named_path(option, path)} is encrypted with Ansible Vault, and no vault secret of this run opens it.",
            "",
            "Give the secret with --vault-password-file or --ask-vault-pass.",
            failure="unreadable_file",
            option=option,
        ) from None
