# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape in which image_pull_secret writes registries. pull_format_options.py makes that of other formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from .._apply.secret_task import SecretProfile
from .._credentials.docker_config import TYPE
from .._dataclasses import dataclass
from .._secret.pull_secret import (
    TYPES,
    describe_pull_secret,
    list_registries,
    merge_pull_secret,
    pull_secret_texts,
    read_docker_config,
)

if TYPE_CHECKING:
    from .._credentials.registries import Registry, Renew, UpdateCredentials
    from .._secret.plan import Payload, Secret
    from .._secret.pull_secret import ReadConfig


class MergeRegistries(Protocol):
    """A function that merges the registries of a task into a stored Secret."""

    def __call__(
        self,
        existing: Secret | None,
        registries: Sequence[Registry],
        /,
        *,
        purge: bool,
        update: UpdateCredentials,
        renew: Renew | None = None,
    ) -> Payload:
        """Return the data of the Secret. Raises KeyringError when what is stored does not parse."""


@dataclass(frozen=True)
class PullShape:
    """The registries of a task and how they are written, with warnings about that.

    ``read`` returns the docker config in a Secret. ``metadata`` are values that the Secret shows, by option.
    """

    profile: SecretProfile
    registries: Sequence[Registry]
    merge: MergeRegistries = merge_pull_secret
    read: ReadConfig = read_docker_config
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, list[str]] = field(default_factory=dict, repr=False)


PULL_SECRET_PROFILE = SecretProfile(
    type=TYPE,
    deletable_types=TYPES,
    describe=describe_pull_secret,
    fields=lambda secret: {"registries": list_registries(secret)},
    secret_texts=pull_secret_texts,
)
