# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of image_pull_secret that no kubelet reads: their options, and what they change of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .._apply.secret_task import SecretProfile
from .._credentials.docker_config import LEGACY_KEY
from .._credentials.pull_formats import (
    PULL_FORMATS,
    PULL_SECRET_FORMAT,
    FormatSettings,
    PullFormat,
    check_format_options,
)
from .._credentials.schema import secret_strings
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._secret.plain_login import PlacedLogin, PlainLoginView, find_misfit
from .._secret.pull_secret import by_data, describe_pull_secret, list_registries, merge_pull_secret, pull_secret_texts
from .pull_shape import PullShape

if TYPE_CHECKING:
    from .._credentials.registries import Registry
    from .._secret.plan import Payload, Secret


@dataclass(frozen=True)
class FormatOptions:
    """The format of a task, and its settings; without settings for an absent Secret."""

    row: PullFormat
    settings: FormatSettings = field(default_factory=dict, repr=False)


def parse_format(params: Mapping[str, Any], runtime: Runtime) -> FormatOptions:
    """Parse ``format`` and ``format_options``. Raises KeyringError for what has no meaning with the format."""
    row = PULL_FORMATS[params["format"]]
    if params["state"] == "absent":
        return FormatOptions(row)
    given = params["format_options"]
    for name, value in given.items():
        setting = row.settings.get(name)
        if setting:
            runtime.scrubber.add(*secret_strings(setting, value))
    settings = check_format_options(row, given)
    _refuse_kubelet_options(row, params)
    if row.login:
        _refuse_email(row, params["registries"])
    for label in row.labels:
        if label in params["labels"]:
            option = f'labels["{label}"]'
            raise KeyringError(
                f"{option} is set by format {row.name}.", "", "Leave it out, or use format_options.", option=option
            )
    return FormatOptions(row, settings)


_KUBELET_OPTIONS = {
    "images": "The kubelet pulls no image with such a Secret; {reader} looks credentials up by other rules.",
    "service_accounts": "A ServiceAccount lends its Secrets to the kubelet; {reader} does not look there.",
}


def _refuse_kubelet_options(row: PullFormat, params: Mapping[str, Any]) -> None:
    for option, why in _KUBELET_OPTIONS.items():
        if params[option]:
            raise KeyringError(
                f"{option} has no effect with format {row.name}.",
                why.format(reader=row.reader),
                "Leave it out, or use a second task with format=pull_secret.",
                option=option,
            )


def _refuse_email(row: PullFormat, items: Sequence[Mapping[str, Any]]) -> None:
    for index, item in enumerate(items):
        if item.get("email") is not None:
            option = f"registries[{index}].email"
            raise KeyringError(
                f"{option} has no effect with format {row.name}.",
                f"{row.reader} reads no e-mail address.",
                "Leave it out.",
                option=option,
            )


def make_profile(row: PullFormat) -> SecretProfile:
    """Return what a task must know about Secrets of this format."""
    misfit = partial(find_misfit, row=row)
    if row.login is None:
        return SecretProfile(
            type=row.type,
            deletable_types=(row.type,),
            describe=describe_pull_secret,
            fields=lambda secret: {"registries": list_registries(secret)},
            secret_texts=pull_secret_texts,
            find_misfit=misfit,
        )
    view = PlainLoginView(row, row.login)
    list_one = by_data(view.list_registries)
    return SecretProfile(
        type=row.type,
        deletable_types=(row.type,),
        describe=view.describe,
        fields=lambda secret: {"registries": list_one(secret)},
        secret_texts=view.secret_texts,
        find_misfit=misfit,
    )


def make_shape(options: FormatOptions, registries: Sequence[Registry]) -> PullShape:
    """Return how the registries are written. Raises KeyringError for those that the consumer cannot find."""
    row = options.row
    checked, warnings = row.check(registries)
    if row.login is None:
        merge = partial(merge_pull_secret, key=row.config_key)
        return PullShape(make_profile(row), checked, merge, warnings=tuple(warnings))
    url = row.login.place(checked[0].server, options.settings)
    placed = PlacedLogin(row, row.login, checked[0], url, options.settings)
    return PullShape(
        make_profile(row),
        checked,
        placed.merge,
        placed.read,
        (*warnings, *row.login.warn(options.settings)),
        {"format_options": [url]},
    )


def remove_other_formats(payload: Payload, existing: Secret, options: FormatOptions | None) -> Payload:
    """Return the data of a Secret of ours that gets another type, without the credentials of its old format."""
    row = options.row if options else PULL_SECRET_FORMAT
    known = {LEGACY_KEY}
    for other in PULL_FORMATS.values():
        known |= other.all_keys()
    stale = (existing.get("data") or {}).keys() & (known - row.all_keys())
    return replace(payload, data={**dict.fromkeys(sorted(stale)), **payload.data})
