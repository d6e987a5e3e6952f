# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that options name, read on the controller: a role's own first, those of Ansible Vault decrypted in memory."""

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
from ..module_utils._credentials.secret_values import named_path
from ..module_utils._errors import KeyringError
from ..module_utils._runtime.options import Options

# Enough for every file that an option may name, and not the whole of a device.
_MOST = 16 * 1024 * 1024

_HOW = "Give the path of a file on the controller; with remote_src=true it is one on the machine that runs the task."

Decrypt = Callable[[bytes], bytes]
# From the full name of an option and the path that it has to the absolute path.
Resolve = Callable[[str, str], str]


def read_files(
    arguments: Mapping[str, Any], options: Options, folders: Sequence[str], decrypt: Decrypt
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The arguments with absolute paths, and the content of all files that they name, by path.

    Suboptions may name files too. The arguments have passed Ansible's validation.
    A relative path is looked for in each of ``folders``, in its ``files`` first. Raises KeyringError, naming the
    option, for a file that is not there, can not be read or can not be decrypted.
    """
    files: dict[str, bytes] = {}

    def resolve(option: str, value: str) -> str:
        paths = _find_all(option, value, folders)
        files.update({path: _read(option, path, decrypt) for path in paths})
        return os.pathsep.join(paths)

    return _resolve_all(arguments, options, resolve), files


def read_references(kubeconfigs: Mapping[str, bytes], decrypt: Decrypt) -> dict[str, bytes]:
    """The files that kubeconfigs name in turn, for a task that runs where they are not.

    Left out is what can not be read: it may belong to a context that is not used, and if not, the task will say it.
    """
    files = {}
    for path, content in kubeconfigs.items():
        with suppress(KeyringError):
            for found in referenced_paths(parse_document(content, "kubeconfig"), os.path.dirname(path)):
                with suppress(KeyringError):
                    files[found] = _read("kubeconfig", found, decrypt)
    return files


def _resolve_all(
    arguments: Mapping[str, Any], options: Options, resolve: Resolve, *, parent: str = ""
) -> dict[str, Any]:
    resolved = {}
    for name, value in arguments.items():
        option = _canonical(name, options)
        resolved[name] = _resolve(f"{parent}{option}", value, options.get(option, {}), resolve)
    return resolved


def _resolve(option: str, value: Any, spec: Mapping[str, Any], resolve: Resolve) -> Any:
    """A value with the names of files in it resolved, at any depth; ``option`` is its full name."""
    if isinstance(value, str) and value and _names_files(option, value, spec):
        return resolve(option, value)
    if value is None or "options" not in spec:
        return value
    # Ansible takes texts for mappings and for lists as well.
    if spec["type"] == "dict":
        return _resolve_all(check_type_dict(value), spec["options"], resolve, parent=f"{option}.")
    items = map(check_type_dict, check_type_list(value))
    return [
        _resolve_all(item, spec["options"], resolve, parent=f"{option}[{number}].") for number, item in enumerate(items)
    ]


def _canonical(name: str, options: Options) -> str:
    return next((option for option, spec in options.items() if name in spec.get("aliases", ())), name)


def _names_files(option: str, value: str, spec: Mapping[str, Any]) -> bool:
    if option == "kubeconfig":
        return not any(sign in value for sign in "\n{")  # else it is the text of one, and will be refused
    return spec.get("type") == "path"


def _find_all(option: str, value: str, folders: Sequence[str]) -> list[str]:
    """The absolute paths. Of several kubeconfigs some may be missing, as for kubectl."""
    paths = kubeconfig_paths(value) if option == "kubeconfig" else [value]
    found = [place for path in paths if (place := _find(os.path.expandvars(os.path.expanduser(path)), folders))]
    if not found:
        raise KeyringError(
            f"{named_path(option, value)} does not exist on the controller.",
            "",
            _HOW,
            failure="unreadable_file",
            option=option,
        )
    return found


def _find(path: str, folders: Sequence[str]) -> str | None:
    """The first place where a path is. Ansible's own search prints what it looks for, which may be a key by mistake."""
    places = [os.path.join(folder, *below, path) for folder in folders for below in (("files",), ())]
    return next((os.path.abspath(place) for place in places if os.path.lexists(place)), None)


def _read(option: str, path: str, decrypt: Decrypt) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST)
        return decrypt(content) if is_encrypted(content) else content
    except OSError as error:
        raise KeyringError(
            f"{named_path(option, path)} can not be read: {error.strerror}.",
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
