# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker registry secrets of SAP AI Core: their names, what is written, the plan, and what may be seen of it.

The whole value is replaced, and no answer has it, so it cannot be compared with the wanted one.
Sources: AI Core API 2.42, /admin/dockerRegistrySecrets; SAP AI Launchpad, "Add a Secret".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from .._credentials.docker_config import KEY, MAX_BYTES
from .._errors import KeyringError
from .._kubelet.secret_config import decode_value
from .._secret.plan import Secret
from .._secret.pull_secret import describe_pull_secret
from .._secret.view import render_views
from .strange_document import StrangeDocument

DockerSecretState = Literal["present", "absent"]
DockerSecretUpdate = Literal["always", "on_create"]
DockerSecretOperation = Literal["created", "updated", "deleted", "kept", "unchanged"]

# The API's own pattern allows no single character, and takes exponential time in Python.
_DOCKER_SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,61}[a-z0-9]")

# The size up to which the form of SAP AI Launchpad takes a value.
FORM_LIMIT = 10 * 1024

_NOT_RETURNED = "<not returned>"


def check_docker_secret_name(name: str) -> None:
    """Raise KeyringError for a name that a Docker registry secret cannot have, without quoting it."""
    if not _DOCKER_SECRET_NAME.fullmatch(name):
        raise KeyringError(
            "name is not a name that a Docker registry secret can have.",
            "Allowed are 2 to 63 lower-case letters, digits, - and ., with a letter or digit at both ends.",
            "Write it like registry-credentials.",
            option="name",
        )


def plan_docker_secret(exists: bool, state: DockerSecretState, update: DockerSecretUpdate) -> DockerSecretOperation:
    """Return what is to be done. An existing secret is never called unchanged if it is to be present."""
    if state == "absent":
        return "deleted" if exists else "unchanged"
    if not exists:
        return "created"
    return "updated" if update == "always" else "kept"


def get_docker_secret_text(secret: Secret) -> str:
    """Return the docker config of a pull secret as SAP AI Core takes it. Raises KeyringError for one of over 1 MiB."""
    text = decode_value(secret["data"][KEY]).decode()
    if len(text.encode()) > MAX_BYTES:
        raise KeyringError(
            "The docker config is larger than 1 MiB.",
            "A Secret of Kubernetes, in which SAP AI Core stores it, cannot hold more.",
            "List fewer registries.",
            option="registries",
        )
    return text


def warn_docker_secret_size(text: str) -> list[str]:
    """Return a warning about a value that the form of SAP AI Launchpad would not take."""
    size = len(text.encode())
    if size <= FORM_LIMIT:
        return []
    return [
        f"The docker config has {size} bytes. The form of SAP AI Launchpad takes at most 10 KB, so SAP AI Core may "
        "refuse it. List fewer registries, or use several secrets."
    ]


def view_docker_secret_diff(name: str, operation: DockerSecretOperation, secret: Secret | None) -> dict[str, Any]:
    """Return ``before`` and ``after`` for Ansible's diff, without secret data; both empty if nothing is written.

    ``secret`` is the pull secret that is written, None for none. What was stored before is not known.
    """
    place = f"Docker registry secret {name}"
    if operation in ("kept", "unchanged"):
        return render_views({}, {}, place)
    after = {} if secret is None else describe_pull_secret(secret)
    if operation == "created":
        return render_views({}, after, place)
    unknown = {"registries": _NOT_RETURNED}
    header = f"{place} (SAP AI Core does not return what is stored)"
    return {**render_views(unknown, after, place), "before_header": header}


def is_docker_secret(document: Any, name: str) -> bool:
    """Return whether an answer, which may be anything, describes the secret of this name."""
    return isinstance(document, Mapping) and document.get("name") == name


def parse_docker_secret_name(resource: Any) -> str:
    """Return the name of a secret in a list, which may be any text. Raises StrangeDocument for another value."""
    name = resource.get("name") if isinstance(resource, Mapping) else None
    if not isinstance(name, str):
        raise StrangeDocument("The list has something else than names of Docker registry secrets.")
    return name
