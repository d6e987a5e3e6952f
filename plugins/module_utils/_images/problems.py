# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems of pull secrets, beside an image that finds no entry."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .._kubelet.keyring import Credential
from .._kubelet.server_text import public_server
from .._secret.consumers import IMAGE_KINDS, find_label_uses
from .._secret.names import Identity
from .._secret.users import BUILT_IN_KINDS, find_uses
from .audit import SECRET_KIND, SERVICE_ACCOUNT, ClusterSnapshot, ImageAudit, ImageFinding
from .pullers import effective_pull_secrets
from .verdict import PullSecrets, public_image


@dataclass(frozen=True, order=True)
class Problem:
    """A problem to fix: an id, the object that it is about, and a sentence."""

    namespace: str
    id: str
    kind: str
    name: str
    text: str


def find_problems(
    found: Sequence[ImageFinding], audit: ImageAudit | None = None, *, of_namespaces: bool = False
) -> list[Problem]:
    """Return the problems of the findings, each once, sorted.

    ``audit`` is the source of the findings; None for docker configs that are read without a cluster. With
    ``of_namespaces``, include the problems of its namespaces that have nothing to do with the findings.
    """
    problems = [*_find_started_before_link(found), *_find_duplicates(found)]
    if audit:
        problems += _find_missing_accounts(audit, found)
    if audit and of_namespaces:
        problems += _find_unused(audit.snapshot)
        problems += _find_missing(audit)
    return sorted(set(problems))


def _find_started_before_link(found: Sequence[ImageFinding]) -> Iterator[Problem]:
    linked = [item for item in found if item.linked]
    for puller, group in itertools.groupby(linked, key=lambda item: item.puller):
        items = list(group)
        secrets = sorted({item.linked for item in items if item.linked})
        shown_secrets = f"Secret{'s' if len(secrets) > 1 else ''} {', '.join(secrets)}"
        shown_images = " and ".join(public_image(item.image) for item in items)
        text = (
            f"Pod {puller.name} was created before {shown_secrets} {'were' if len(secrets) > 1 else 'was'} linked to "
            f"ServiceAccount {puller.account}, so it has no credentials for {shown_images}. Recreate the Pod."
        )
        yield Problem(puller.namespace, "started_before_link", "Pod", puller.name, text)


def _find_unused(snapshot: ClusterSnapshot) -> Iterator[Problem]:
    used: set[Identity] = set(snapshot.used_by_others)
    for secret in snapshot.secrets.values():
        used.update((use.namespace, use.secret) for use in find_label_uses(secret))
    for kind in BUILT_IN_KINDS:
        for item in snapshot.objects.get(kind.kind, ()):
            used.update((use.namespace, use.secret) for use in find_uses(kind, item))
    for namespace, name in snapshot.secrets:
        is_all_known = not any(snapshot.is_unknown(namespace, kind.kind) for kind in IMAGE_KINDS)
        if is_all_known and (namespace, name) not in used:
            text = f"No Pod, workload or ServiceAccount of the namespace references Secret {name}."
            yield Problem(namespace, "unused_secret", SECRET_KIND, name, text)


def _find_missing(audit: ImageAudit) -> Iterator[Problem]:
    """Yield the Secrets that are referenced and do not exist, also where another one serves the image."""
    users: dict[Identity, set[str]] = {}
    for (namespace, account), names in audit.accounts.items():
        for name in filter(None, names):
            users.setdefault((namespace, name), set()).add(f"{SERVICE_ACCOUNT} {account}")
    for puller in audit.pullers:
        if puller.is_pod and puller.controller:  # its list is that of the workload or of the ServiceAccount
            continue
        for name in effective_pull_secrets(puller, {}):
            users.setdefault((puller.namespace, name), set()).add(f"{puller.kind} {puller.name}")
    for (namespace, name), users_of_secret in users.items():
        if audit.find_candidate(namespace, name).state == "missing":
            text = f"Secret {name} does not exist. It is referenced by {_list_first(sorted(users_of_secret))}."
            yield Problem(namespace, "secret_missing", SECRET_KIND, name, text)


def _find_missing_accounts(audit: ImageAudit, found: Iterable[ImageFinding]) -> Iterator[Problem]:
    for item in found:
        puller = item.puller
        identity = (puller.namespace, puller.account)
        if puller.is_pod or identity in audit.accounts or audit.snapshot.is_unknown(puller.namespace, SERVICE_ACCOUNT):
            continue
        if puller.account != "default":  # Kubernetes creates it a moment after the namespace
            text = (
                f"{puller.kind} {puller.name} cannot create Pods, because ServiceAccount {puller.account} does "
                "not exist."
            )
            yield Problem(puller.namespace, "service_account_missing", puller.kind, puller.name, text)


def _find_duplicates(found: Iterable[ImageFinding]) -> Iterator[Problem]:
    lists: dict[tuple[str, tuple[str, ...]], PullSecrets] = {}
    for item in found:
        names = tuple(candidate.name for candidate in item.pull_secrets.candidates)
        lists[item.puller.namespace, names] = item.pull_secrets
    for (namespace, _names), pull_secrets in lists.items():
        for _target, credentials in pull_secrets.keyring.by_key.values():
            yield from _find_duplicate_keys(namespace, pull_secrets, credentials)
            yield from _find_duplicate_registries(namespace, pull_secrets, credentials)


def _find_duplicate_keys(
    namespace: str, pull_secrets: PullSecrets, credentials: Sequence[Credential]
) -> Iterator[Problem]:
    """Yield the entries of one Secret that have the same match key."""
    for position, items in itertools.groupby(credentials, key=lambda item: item.secret):
        servers = sorted({public_server(item.server) for item in items})
        if len(servers) > 1:
            name = pull_secrets.found[position].name
            text = (
                f"Secret {name} has {len(servers)} entries for the same registry: "
                f"{', '.join(servers)}. Which of them is tried first is not defined."
            )
            yield Problem(namespace, "duplicate_key", SECRET_KIND, name, text)


def _find_duplicate_registries(
    namespace: str, pull_secrets: PullSecrets, credentials: Sequence[Credential]
) -> Iterator[Problem]:
    """Yield the Secrets with other credentials for the same match key than the Secret that is tried first."""
    first = credentials[0]
    for other in credentials[1:]:
        if other.secret != first.secret and (other.username, other.password) != (first.username, first.password):
            first_name, other_name = (pull_secrets.found[item.secret].name for item in (first, other))
            text = (
                f"Secrets {first_name} and {other_name} have different credentials for {public_server(first.server)}. "
                f"Those of {first_name} are tried first."
            )
            yield Problem(namespace, "duplicate_registry", SECRET_KIND, other_name, text)


_MAX_LISTED_USERS = 3


def _list_first(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MAX_LISTED_USERS])
    more = len(names) - _MAX_LISTED_USERS
    return f"{shown} and {more} more" if more > 0 else shown
