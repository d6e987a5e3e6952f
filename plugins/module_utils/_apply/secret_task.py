# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of a task that manages one Secret. It is the same for every namespace."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from .._cluster.connection import Connection
from .._cluster.selection import OneNamespace, Targets
from .._dataclasses import dataclass
from .._runtime.execute import Runtime
from .._runtime.scrub import Scrubber
from .._secret.links import LinkList
from .._secret.plan import Desired, FindMisfit, PayloadBuilder, Plan, Secret
from .._secret.view import Describe
from .options import SecretOptions
from .related_objects import RelatedObjects

# A pruned Secret goes like an absent one, but only where it is certainly this owner's.
Goal = Literal["present", "absent", "pruned"]


@dataclass(frozen=True)
class SecretProfile:
    """A kind of Secret: its type, the types that its module may delete, and what of it may be shown.

    ``annotations`` are keys of annotations that the collection writes by itself, ``link_list`` is the list of
    ServiceAccounts in which such a Secret belongs. ``find_misfit`` returns why a Secret of this type is another kind.
    """

    type: str
    deletable_types: tuple[str, ...]
    describe: Describe
    fields: Callable[[Secret], Mapping[str, Any]]
    secret_texts: Callable[[Secret], Collection[str]]
    annotations: tuple[str, ...] = ()
    link_list: LinkList = "imagePullSecrets"
    find_misfit: FindMisfit = lambda secret: ""


@dataclass(frozen=True)
class SecretTask:
    """A task about one Secret in one namespace or in many.

    ``survey`` is called with all that is stored in many namespaces before anything is decided there.
    ``check_writes`` is called with the plans of Secrets that would be written, before anything is, and again with each
    plan that is made anew after a conflict. It raises KeyringError if nothing must be written.
    ``rehearsal`` is the payload with placeholders for what cannot be undone once it is made. It is planned first, so
    that nothing is made where the plan is refused.
    """

    options: SecretOptions
    targets: Targets
    runtime: Runtime
    connection: Connection
    profile: SecretProfile
    payload: PayloadBuilder = field(repr=False)
    related: RelatedObjects
    survey: Callable[[Sequence[Secret]], None] | None = None
    check_writes: Callable[[Sequence[Plan]], None] | None = None
    goal: Goal = "present"
    rehearsal: PayloadBuilder | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Return the name of the Secret."""
        return self.options.metadata.name

    @property
    def own_annotations(self) -> frozenset[str]:
        """Return the keys of annotations that may be shown with their values."""
        return frozenset((*self.options.metadata.annotations, *self.profile.annotations))

    @property
    def shows_unchanged(self) -> bool:
        """Return whether a Secret is shown where nothing changes."""
        return isinstance(self.targets, OneNamespace) or self.options.report == "all"

    @property
    def prunes(self) -> bool:
        """Return whether the Secret is removed where it is not selected. With a limit it never is."""
        return _prunes(self.options, self.targets)

    def warn_void_accounts(self) -> list[str]:
        """Return the warnings about globs of ServiceAccounts that match nothing, none with a limit.

        The glob for all may match nothing that is to be unlinked.
        """
        if self.targets.limit is not None:
            return []
        return self.related.accounts.warn_void(ignore_every=self.goal != "present")

    @property
    def reads_first(self) -> bool:
        """Return whether all Secrets are read before anything is decided or written."""
        return self.survey is not None or self.check_writes is not None

    def for_pruning(self) -> SecretTask:
        """Return the task that deletes the Secret where its owner left it behind."""
        return dataclasses.replace(self, check_writes=None, goal="pruned")

    def check_plans(self, plans: Sequence[Plan]) -> None:
        """Raise KeyringError if what would be written must not be, by the check of the task."""
        writes = [plan for plan in plans if plan.operation in ("created", "updated", "recreated")]
        if self.check_writes and writes:
            self.check_writes(writes)

    def desire(self, namespace: str) -> Desired:
        """Return what is wanted in a namespace."""
        metadata, safety = self.options.metadata, self.options.safety
        return Desired(
            namespace=namespace,
            name=metadata.name,
            type=self.profile.type,
            payload=self.payload,
            labels=metadata.labels,
            annotations=metadata.annotations,
            immutable=metadata.immutable,
            owner=metadata.owner,
            recreate=safety.recreate,
            take_ownership=safety.take_ownership,
            find_misfit=self.profile.find_misfit,
        )

    def learn_secrets(self, plan: Plan, scrubber: Scrubber) -> None:
        """Give a scrubber the secret texts of a plan, unless nothing of its Secrets is going to be shown."""
        if plan.operation == "unchanged" and not self.shows_unchanged:
            return
        for secret in (plan.before, plan.after):
            if secret:
                scrubber.add(*self.profile.secret_texts(secret))


def make_task(
    options: SecretOptions,
    targets: Targets,
    runtime: Runtime,
    connection: Connection,
    profile: SecretProfile,
    payload: PayloadBuilder,
    survey: Callable[[Sequence[Secret]], None] | None = None,
    check_writes: Callable[[Sequence[Plan]], None] | None = None,
    rehearsal: PayloadBuilder | None = None,
) -> SecretTask:
    """Return the task; ServiceAccounts and users are read in all namespaces at once where those are listed."""
    everywhere = targets.needs_list or _prunes(options, targets)
    related = RelatedObjects(connection, options.metadata.name, options.linking, everywhere=everywhere)
    return SecretTask(
        options, targets, runtime, connection, profile, payload, related, survey, check_writes, options.state, rehearsal
    )


def _prunes(options: SecretOptions, targets: Targets) -> bool:
    """Return whether the Secret is removed where it is not selected. With a limit it never is."""
    return options.safety.prune and targets.limit is None
