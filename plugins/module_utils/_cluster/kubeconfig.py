# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filling the client's configuration from a kubeconfig or from the Pod, with sentences for what goes wrong.

The messages of the client and of its YAML parser quote the file, tokens included: none of them is passed on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
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
    configuration: Configuration, kubeconfig: str | dict[str, Any], context: str | None, directory: str
) -> Active:
    """Use a kubeconfig: a mapping, or a path that may name several files. Inline certificates go to ``directory``.

    Raises KeyringError when it is missing, does not parse, lacks the context, or its credential plugin fails.
    """
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import ConfigNode, KubeConfigLoader

    place = "kubeconfig" if isinstance(kubeconfig, dict) else named_path("kubeconfig", kubeconfig)
    config = ConfigNode("kubeconfig", kubeconfig) if isinstance(kubeconfig, dict) else _read_files(kubeconfig, place)
    try:
        loader = KubeConfigLoader(config_dict=config, active_context=context, temp_file_path=directory)
        with _logged_errors() as errors:
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


def _read_files(kubeconfig: str, place: str) -> Any:
    import yaml
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import KubeConfigMerger

    paths = [os.path.expanduser(path) for path in kubeconfig.split(os.pathsep) if path]
    if not any(os.path.exists(path) for path in paths):
        raise KeyringError(
            f"{place} does not exist on the machine that runs this task.",
            "",
            "Give kubeconfig, or host with api_key, or the variable K8S_AUTH_KUBECONFIG or KUBECONFIG.",
        )
    try:
        return KubeConfigMerger(os.pathsep.join(paths)).config
    except OSError as error:
        raise KeyringError(f"{place} can not be read: {error.strerror}.") from None
    except (yaml.YAMLError, ConfigException, KeyError, TypeError, AttributeError, ValueError):
        raise KeyringError(f"{place} is not a kubeconfig.", "It does not parse, or lacks what one must have.") from None


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
