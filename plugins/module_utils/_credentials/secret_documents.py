# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests of a pull secret, such as the downloads of Quay and Red Hat and the output of kubectl.

A manifest is YAML or JSON: a Secret, a List, several documents in a file, or only the ``data`` of a Secret.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._kubelet.secret_config import KEY_OF_TYPE

# The keys of a docker config, the one of the usual type first.
_KEYS = tuple(KEY_OF_TYPE.values())
# The API lets ``stringData`` replace ``data``.
_PARTS = ("stringData", "data")
# A List among several documents.
_MAX_LISTS = 2
# A docker config in a Secret in a List has seven levels.
_MAX_YAML_LEVELS = 50
# A docker config of 1 MiB has fewer.
_MAX_YAML_EVENTS = 300_000


class NotYaml(ValueError):
    """The error for a string that is not YAML, or whose YAML is too deep or too long, has aliases or repeats a key."""


@dataclass(frozen=True)
class StoredValue:
    """The value of a docker config in a manifest, under its key of a Secret's data."""

    key: str
    value: Any = field(repr=False)


def find_stored_values(document: object) -> list[StoredValue]:
    """Return the docker configs in a manifest: one for each pull secret in it."""
    return list(_find_values(document, 0))


def _find_values(document: object, depth: int) -> Iterator[StoredValue]:
    if not isinstance(document, Mapping) or depth > _MAX_LISTS:
        return
    if isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _find_values(item, depth + 1)
        return
    keys = sorted(_KEYS, key=lambda key: key != KEY_OF_TYPE.get(str(document.get("type"))))
    parts = [document.get(name) for name in _PARTS]
    for part in (*parts, document):
        if isinstance(part, Mapping):
            for key in keys:
                if key in part:
                    yield StoredValue(key, part[key])
                    return


def load_yaml(text: str) -> list[Any]:
    """Return the documents of a YAML text that are not empty. Raise NotYaml, without any of its content."""
    import yaml

    loader = _manifest_loader()
    try:
        _check_events(yaml.parse(text, Loader=loader))
        documents = list(yaml.load_all(text, Loader=loader))
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotYaml from None
    return [document for document in documents if document is not None]


def _check_events(events: Any) -> None:
    """Raise NotYaml for an alias, which can make a small text endless, for too many levels and too many events."""
    import yaml

    depth = 0
    for number, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent) or number > _MAX_YAML_EVENTS:
            raise NotYaml
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_YAML_LEVELS:
            raise NotYaml


@functools.lru_cache(maxsize=1)
def _manifest_loader() -> Any:
    """Return a safe loader that refuses a key that occurs twice, in C where PyYAML has it."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(self: Any, node: Any, deep: bool = False) -> Any:
        found = base.construct_mapping(self, node, deep=deep)
        if len(found) < len(node.value):
            raise NotYaml
        return found

    return type("ManifestLoader", (base,), {"construct_mapping": construct_mapping})
