# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the options of gitsync_secret go in the Secret beside the credential: labels, annotations and further data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._apply.options import Metadata
from .._credentials.git_formats import FORMAT_ROWS
from .._credentials.git_settings import place_further, place_settings
from .._credentials.git_shapes import CLOUD_IDENTITY, CredentialKind, Format, can_read, shape_keys
from .._errors import KeyringError

if TYPE_CHECKING:
    from .git_options import GitSecretOptions, PlacedCredential


def place_metadata(options: GitSecretOptions, placed: PlacedCredential) -> Metadata:
    """Return the metadata of the Secret with the labels and annotations by which the consumer finds it.

    Raises KeyringError when the task's own labels or annotations name one of them.
    """
    row, kind, metadata = options.row, placed.credential.kind, options.secret.metadata
    shape = row.shapes[kind]
    labels = {**shape.labels, **shape.watch_labels, **place_settings(row, placed.settings, "label")}
    annotations = {
        **shape.annotations,
        **row.annotate(kind, options.url, placed.settings),
        **place_settings(row, placed.settings, "annotation"),
    }
    _refuse_set_twice(row, "labels", labels, metadata.labels)
    _refuse_set_twice(row, "annotations", annotations, metadata.annotations)
    if row.unique_annotations:
        _refuse_same_value(row, annotations, metadata.annotations)
    _refuse_other_consumers(row, kind, metadata.labels)
    return dataclasses.replace(
        metadata, labels={**labels, **metadata.labels}, annotations={**annotations, **metadata.annotations}
    )


def _refuse_set_twice(row: Format, option: str, by_format: Mapping[str, Any], by_task: Mapping[str, Any]) -> None:
    for key in by_format.keys() & by_task.keys():
        raise KeyringError(
            f'{option}["{key}"] is set by format {row.name}.',
            "",
            "Leave it out, or use format_options.",
            option=f'{option}["{key}"]',
        )


def _refuse_same_value(row: Format, by_format: Mapping[str, Any], by_task: Mapping[str, Any]) -> None:
    """Raise KeyringError for an annotation of the task with a value that the format writes under another key."""
    for key, value in by_task.items():
        if key.startswith(row.annotation) and value in by_format.values():
            raise KeyringError(
                f'annotations["{key}"] has a URL that the task already writes.',
                f"{row.name} fails if one URL is in two annotations.",
                "Leave it out.",
                option=f'annotations["{key}"]',
            )


def _refuse_other_consumers(row: Format, kind: CredentialKind, labels: Mapping[str, Any]) -> None:
    """Raise KeyringError for a label by which another consumer finds the Secret, but no credential in it."""
    keys = shape_keys(row.shapes[kind]) | row.setting_keys(kind)
    marked: dict[str, str] = {}
    served: set[str] = set()
    for other in FORMAT_ROWS:
        for shape in other.shapes.values():
            if not shape.labels or shape.for_any_keys or not shape.labels.items() <= labels.items():
                continue
            label = next(iter(shape.labels))
            marked[label] = other.name
            if (not other.url_key or other.url_key in keys) and can_read(shape, keys):
                served.add(label)
    for label in marked.keys() - served:
        raise KeyringError(
            f'labels["{label}"] marks the Secret for {marked[label]}, which finds no credential in it.',
            f"It has the keys of format {row.name_of_variant}, and a Secret serves one format.",
            "Leave it out, and write a second Secret for the second consumer.",
            option=f'labels["{label}"]',
        )


def other_metadata(options: GitSecretOptions) -> dict[str, list[Any]]:
    """Return what other options than labels and annotations bring into what everybody may read, by option."""
    values = []
    for name, setting in options.row.settings.items():
        if name not in options.format_options:
            continue
        if setting.type == "passwords":
            values.append(list(options.format_options[name] or ()))  # its names are those of keys
        elif not setting.key and setting.only != CLOUD_IDENTITY:
            values.append(options.format_options[name])
    return {
        "keys": list(options.keys.values()),
        "url": [options.url.location, options.url.path if options.row.annotation else ""] if options.url else [],
        "format_options": values,
    }


def place_data(options: GitSecretOptions, placed: PlacedCredential) -> dict[str, str | None]:
    """Return the data beside the credential: constants, the URL, and what format_options says."""
    row, kind = options.row, placed.credential.kind
    data: dict[str, str | None] = {**row.shapes[kind].constants, **place_settings(row, placed.settings, "key")}
    data.update(place_further(row, kind, placed.settings))
    if row.url_key:
        data[row.url_key] = options.url_text
    return data
