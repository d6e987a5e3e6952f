# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filling the client's configuration from a kubeconfig or from the Pod, with sentences for what goes wrong.

The messages of the client and of its YAML parser quote the file, tokens included: none of them is passed on.
"""

from __future__ import annotations

import base64
import copy
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.material import named_path
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

DEFAULT_KUBECONFIG = "~/.kube/config"
_POD_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

# Name of the context, and the namespace that belongs to it.
Active = tuple["str | None", "str | None"]


def load_in_cluster(configuration: Configuration) -> Active:
    """Use the ServiceAccount of the Pod in which the task runs."""
    from kubernetes.config import ConfigException, load_incluster_config

    try:
        load_incluster_config(client_configuration=configuration)
        with open(_POD_NAMESPACE, encoding="utf-8") as file:
            return None, file.read().strip()
    except (ConfigException, OSError):
        raise KeyringError(
            "The Pod's own ServiceAccount can not be used.",
            "KUBERNETES_SERVICE_HOST is set, but the token or the certificate of the ServiceAccount is missing.",
            "Mount the ServiceAccount's token, or give kubeconfig or host.",
        ) from None


def load_kubeconfig(
    configuration: Configuration,
    kubeconfig: str | dict[str, Any],
    context: str | None,
    directory: str,
    files: Mapping[str, bytes],
) -> Active:
    """Use a kubeconfig: a mapping, or a path that may name several files. Inline certificates go to ``directory``.

    ``files`` is the content of files by absolute path, for those that need not be read from the disk. Raises
    KeyringError when it is missing, does not parse, lacks the context, or its credential plugin fails.
    """
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import ConfigNode, KubeConfigLoader

    place = "kubeconfig" if isinstance(kubeconfig, dict) else named_path("kubeconfig", kubeconfig)
    document = kubeconfig if isinstance(kubeconfig, dict) else _read_files(kubeconfig, place, files)
    config = ConfigNode("kubeconfig", document)
    try:
        loader = KubeConfigLoader(config_dict=config, active_context=context, temp_file_path=directory)
        with _own_temporary_files(), _logged_errors() as errors:
            loader.load_and_set(configuration)
        active = loader.current_context
        name, user, namespace = active["name"], active["context"].get("user"), active["context"].get("namespace")
    except (ConfigException, KeyError, TypeError, AttributeError):
        raise _unusable(config, context, place) from None
    except (OSError, ValueError):
        raise KeyringError(
            f"A certificate or key that {place} names or holds can not be read.", "", "Check the files and their data."
        ) from None
    if user and user not in _names(config, "users"):
        raise _unusable(config, context, place)  # the client would go on without credentials
    if errors:
        raise KeyringError(
            f'The credential plugin of context "{name}" in {place} gave no credentials.',
            "Its own message is not shown, for it may hold a secret.",
            "Run the command under users[].user.exec by hand, as the same user on the same machine.",
        )
    return name, namespace


def kubeconfig_paths(kubeconfig: str) -> list[str]:
    """The files that a path names; several are separated as in PATH."""
    return [os.path.expanduser(path) for path in kubeconfig.split(os.pathsep) if path]


def _read_files(kubeconfig: str, place: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    import yaml

    paths = [path for path in kubeconfig_paths(kubeconfig) if path in files or os.path.exists(path)]
    if not paths:
        raise KeyringError(
            f"{place} does not exist on the machine that runs this task.",
            "",
            "Give kubeconfig, or host with api_key, or the variable K8S_AUTH_KUBECONFIG or KUBECONFIG.",
        )
    try:
        documents = [(_parse(read_file(path, files)), os.path.dirname(os.path.abspath(path))) for path in paths]
        return merge_kubeconfigs([settle_references(document, folder, files) for document, folder in documents])
    except OSError as error:
        raise KeyringError(f"{place} can not be read: {error.strerror}.") from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError):
        raise KeyringError(f"{place} is not a kubeconfig.", "It does not parse, or lacks what one must have.") from None


def _parse(content: bytes) -> Any:
    """The document in a YAML text, by the parser in C where PyYAML has it: it takes a tenth of the time."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(content, Loader=loader)  # noqa: S506  (both are safe)


def read_file(path: str, files: Mapping[str, bytes]) -> bytes:
    """The content of a file, from ``files`` where it is there. Raises OSError."""
    if path in files:
        return files[path]
    with open(path, "rb") as file:
        return file.read()


# In which section a file is named by which field, and the field for its content: as base64, that of a token as it is.
_REFERENCES = (
    ("clusters", "cluster", "certificate-authority", "certificate-authority-data"),
    ("users", "user", "client-certificate", "client-certificate-data"),
    ("users", "user", "client-key", "client-key-data"),
    ("users", "user", "tokenFile", "token"),
)


def referenced_paths(document: Mapping[str, Any], folder: str) -> list[str]:
    """The files that a kubeconfig in ``folder`` names, by absolute path."""
    named = [
        entry[inside].get(name) for section, inside, name, _data in _REFERENCES for entry in document.get(section) or ()
    ]
    return [os.path.join(folder, path) for path in named if path]


def settle_references(document: Mapping[str, Any], folder: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """A kubeconfig of ``folder`` that means the same elsewhere: its files by absolute path or by content."""
    settled = copy.deepcopy(dict(document))
    for section, inside, name, data in _REFERENCES:
        for entry in settled.get(section) or ():
            if not entry[inside].get(name):
                continue
            path = os.path.join(folder, entry[inside].pop(name))
            if path in files:
                content = files[path] if data == "token" else base64.b64encode(files[path])
                entry[inside].setdefault(data, content.decode().strip())
            else:
                entry[inside][name] = path
    for entry in settled.get("users") or ():
        plugin = entry["user"].get("exec")
        if plugin and os.sep in plugin["command"]:
            plugin["command"] = os.path.join(folder, plugin["command"])
    return settled


def merge_kubeconfigs(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Several kubeconfigs as one, as kubectl does it: of two entries of one name the first counts."""
    merged: dict[str, Any] = {}
    for section in ("clusters", "users", "contexts"):
        entries = [entry for document in documents for entry in document.get(section) or ()]
        merged[section] = list({entry["name"]: entry for entry in reversed(entries)}.values())[::-1]
    merged["current-context"] = next(filter(None, (document.get("current-context") for document in documents)), "")
    return merged


def _unusable(config: Any, context: str | None, place: str) -> KeyringError:
    contexts = _names(config, "contexts")
    known = "It has no contexts." if not contexts else f"Its contexts are {', '.join(sorted(contexts))}."
    if context and context not in contexts:
        return KeyringError(f'{place} has no context "{context}".', known)
    if not context and config.value.get("current-context") not in contexts:
        return KeyringError(f"{place} has no usable current context.", known, "Give context.")
    return KeyringError(
        f"{place} can not be used.", "Its context names a cluster or a user that is missing or incomplete."
    )


def _names(config: Any, section: str) -> list[str]:
    return [str(item["name"]) for item in config.value.get(section) or () if "name" in item]


@contextmanager
def _own_temporary_files() -> Iterator[None]:
    """Have the client write the files that it needs anew.

    It remembers them for the whole process: those of an earlier task are gone, and those of others are not ours.
    """
    from kubernetes.config import kube_config

    known, kube_config._temp_files = kube_config._temp_files, {}
    try:
        yield
    finally:
        kube_config._temp_files = known


@contextmanager
def _logged_errors() -> Iterator[list[logging.LogRecord]]:
    """Collect what the client logs: it goes on without credentials when a plugin fails, and only logs that."""
    records: list[logging.LogRecord] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    root = logging.getLogger()
    previous, root.handlers = root.handlers, [Collect(logging.ERROR)]
    try:
        yield records
    finally:
        root.handlers = previous
