# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with pull secrets beside an image that finds no entry."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .._kubelet.keyring import Credential
from .._kubelet.server_text import public_server
from .._secret.users import BUILT_IN_KINDS, Identity, find_uses
from .pullers import secrets_in_play
from .survey import SECRET_KIND, SERVICE_ACCOUNT, ClusterSnapshot, ImageAudit, ImageFinding
from .verdict import PullSecrets, public_image


@dataclass(frozen=True, order=True)
class Problem:
    """Something to mend: an id, the object that it is about, and a sentence."""

    namespace: str
    id: str
    kind: str
    name: str
    text: str


def find_problems(
    found: Sequence[ImageFinding], survey: ImageAudit | None = None, *, of_namespaces: bool = False
) -> list[Problem]:
    """The problems of what was found, sorted.

    ``survey`` is where it was found, unless in docker configs at hand; ``of_namespaces`` asks also for problems that
    have nothing to do with it.
    """
    problems = [*_started_before_link(found), *_duplicates(found)]
    if survey:
        problems += _missing_accounts(survey, found)
    if survey and of_namespaces:
        problems += [*_unused(survey.world), *_missing(survey)]
    return sorted(set(problems))


def _started_before_link(found: Sequence[ImageFinding]) -> Iterator[Problem]:
    waiting = [item for item in found if item.linked]
    for puller, items in itertools.groupby(waiting, key=lambda item: item.puller):
        images, names = zip(*((item.image, item.linked) for item in items), strict=True)
        shown = " and ".join(map(public_image, images))
        text = (
            f"Pod {puller.name} was made before ServiceAccount {puller.account} named {_listed('Secret', names)}, "
            f"so it has no credentials for {shown}. Delete the Pod, so that it is made anew."
        )
        yield Problem(puller.namespace, "started_before_link", "Pod", puller.name, text)


def _unused(world: ClusterSnapshot) -> Iterator[Problem]:
    used = {
        (use.namespace, use.secret)
        for kind in BUILT_IN_KINDS
        for item in world.objects.get(kind.kind, ())
        for use in find_uses(kind, item)
    }
    for namespace, name in world.secrets:
        if (namespace, name) not in used and not any(world.is_unknown(namespace, kind.kind) for kind in BUILT_IN_KINDS):
            text = f"No Pod, workload or ServiceAccount of the namespace names Secret {name}."
            yield Problem(namespace, "unused_secret", SECRET_KIND, name, text)


def _missing(survey: ImageAudit) -> Iterator[Problem]:
    """Secrets that are named and not there, also where another one serves the image."""
    named: dict[Identity, list[str]] = {}
    for (namespace, account), names in survey.accounts.items():
        for name in filter(None, names):
            named.setdefault((namespace, name), []).append(f"{SERVICE_ACCOUNT} {account}")
    for puller in survey.pullers:
        own = secrets_in_play(puller, {}) if not (puller.is_pod and puller.controller) else ()
        for name in own:
            named.setdefault((puller.namespace, name), []).append(f"{puller.kind} {puller.name}")
    for (namespace, name), namers in named.items():
        if survey.pull_secrets_of(namespace, (name,)).names("missing"):
            text = f"Secret {name} is not there. It is named by {_and_more(sorted(set(namers)))}."
            yield Problem(namespace, "secret_missing", SECRET_KIND, name, text)


def _missing_accounts(survey: ImageAudit, found: Iterable[ImageFinding]) -> Iterator[Problem]:
    for puller in {(item.puller.namespace, item.puller.kind, item.puller.name): item.puller for item in found}.values():
        known = (puller.namespace, puller.account) in survey.accounts
        if known or puller.is_pod or survey.world.is_unknown(puller.namespace, SERVICE_ACCOUNT):
            continue
        if puller.account != "default":  # a namespace gets that one a moment after it was made
            text = f"{puller.kind} {puller.name} can make no Pods: ServiceAccount {puller.account} is not there."
            yield Problem(puller.namespace, "service_account_missing", puller.kind, puller.name, text)


def _duplicates(found: Iterable[ImageFinding]) -> Iterator[Problem]:
    plays = {(item.puller.namespace, tuple(c.name for c in item.play.candidates)): item.play for item in found}
    for (namespace, _names), play in plays.items():
        for _target, credentials in play.keyring.by_key.values():
            yield from _duplicate_keys(namespace, play, credentials)
            yield from _duplicate_registries(namespace, play, credentials)


def _duplicate_keys(namespace: str, play: PullSecrets, credentials: Sequence[Credential]) -> Iterator[Problem]:
    for position, items in itertools.groupby(credentials, key=lambda item: item.secret):
        servers = sorted({public_server(item.server) for item in items})
        if len(servers) > 1:
            name = play.found[position].name
            text = (
                f"Secret {name} has {len(servers)} entries that mean the same: "
                f"{', '.join(servers)}. Which of them is tried first is not defined."
            )
            yield Problem(namespace, "duplicate_key", SECRET_KIND, name, text)


def _duplicate_registries(namespace: str, play: PullSecrets, credentials: Sequence[Credential]) -> Iterator[Problem]:
    first = credentials[0]
    for other in credentials[1:]:
        if other.secret != first.secret and (other.username, other.password) != (first.username, first.password):
            names = [play.found[item.secret].name for item in (first, other)]
            text = (
                f"Secrets {names[0]} and {names[1]} have different credentials for {public_server(first.server)}; "
                f"those of {names[0]} are tried first."
            )
            yield Problem(namespace, "duplicate_registry", SECRET_KIND, names[1], text)


_MOST_NAMED = 3


def _and_more(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else shown


def _listed(noun: str, names: Iterable[str]) -> str:
    different = sorted(set(names))
    return f"{noun}{'s' if len(different) > 1 else ''} {', '.join(different)}"
