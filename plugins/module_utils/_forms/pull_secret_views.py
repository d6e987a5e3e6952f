# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that only read pull secrets: view leads to update and delete, and list leads to view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._secret.globs import NAMESPACES_BY_NAME, check_name_or_glob, is_glob
from .fields import FILTER_FIELD, check_known, count_secrets
from .parts import read
from .pull_secrets import delete_stored, update_stored
from .steps import (
    Ask,
    Check,
    ClusterPlace,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    Offer,
    Question,
    ReadCluster,
    Say,
    ShowRows,
    ShowTable,
)
from .stored_pull_secrets import ChosenPullSecret, choose_pull_secret, describe_pull_secret_rows, look_up_pull_secret
from .texts import day_of, one_line


def check_namespace_or_glob(value: str, label: str) -> None:
    """Raise KeyringError unless a namespace can have this name, or match this glob."""
    check_name_or_glob(value, label, NAMESPACES_BY_NAME)


EVERY_NAMESPACE = "*"
NAMESPACES_FIELD = FormField(
    "target_namespace",
    "Namespace",
    "a namespace, or a glob such as team-*; * selects all except kube-* and openshift-*",
    check=check_namespace_or_glob,
    identifies=True,
    aliases=("namespace",),
)
LISTED_NAME_FIELD = FormField("listed_secret", "Secret", "the name of the one to show", identifies=True)
LISTED_PLACE_FIELD = FormField("listed_secret", "Secret", "the one to show, as namespace/name", identifies=True)
_LISTED_TITLES = (
    "NAMESPACE", "NAME", "DISPLAY NAME", "REGISTRY", "USERNAME", "CREATED", "UPDATED", "DESCRIPTION"
)  # fmt: skip
_MOST_REGISTRIES = 2


def view_image_pull_secret(check_mode: bool) -> FormFlow:
    """Show a pull secret, and offer to change or delete it."""
    cluster: ClusterPlace = yield ReadCluster()
    stored = yield from choose_pull_secret(cluster, "View an image pull secret")
    return (yield from view_stored(cluster, stored, check_mode))


def view_stored(cluster: ClusterPlace, stored: ChosenPullSecret, check_mode: bool) -> FormFlow:
    """Show a stored pull secret, and offer to change or delete it."""
    yield Say((f"Pull secret on {cluster.title}",))
    yield ShowRows(describe_pull_secret_rows(stored))
    chosen = yield Offer("Change or delete it?", ("update", "delete"))
    if chosen == "update":
        return (yield from update_stored(cluster, stored, check_mode))
    if chosen == "delete":
        return (yield from delete_stored(cluster, stored, check_mode))
    return FormOutcome((), {"secret": stored.secret})


def list_image_pull_secrets(check_mode: bool) -> FormFlow:
    """List the pull secrets of one or many namespaces, and offer to show one."""
    cluster: ClusterPlace = yield ReadCluster()
    questions = (namespaces_question(cluster), Question(FILTER_FIELD, optional=True))
    answers: FormAnswers = yield Ask(questions, f"List image pull secrets on {cluster.title}")
    found = yield from read(
        "image_pull_secret_info", namespaces=[answers["target_namespace"]], search=answers["filter"]
    )
    secrets: Sequence[Mapping[str, Any]] = found["secrets"]
    namespace = str(answers["target_namespace"])
    where = "" if is_glob(namespace) else f" in namespace {one_line(namespace)}"
    if secrets:
        yield list_table(secrets, with_namespace=is_glob(namespace))
    yield Say((f"{count_secrets(len(secrets), 'pull secret')}{where} on {cluster.server}.",))
    if secrets and (yield Offer("Show one of them?", ("view",))):
        return (yield from _view_one_of(cluster, secrets, check_mode))
    return FormOutcome((), found)


def namespaces_question(cluster: ClusterPlace) -> Question:
    """Return the question for one namespace or a glob; Enter takes all except those of the system."""
    return Question(NAMESPACES_FIELD, default=EVERY_NAMESPACE, check=_check_existing(cluster))


def _check_existing(cluster: ClusterPlace) -> Check:
    """Return the check that a namespace exists, for a glob that is none, and where namespaces may be listed."""

    def check(value: str, label: str) -> None:
        if cluster.namespaces is not None and not is_glob(value):
            check_known(cluster.namespaces, "this namespace")(value, label)

    return check


def list_table(secrets: Sequence[Mapping[str, Any]], *, with_namespace: bool = True) -> ShowTable:
    """Return pull secrets as a table."""
    return ShowTable(_LISTED_TITLES, tuple(_list_row(secret, with_namespace) for secret in secrets))


def _list_row(secret: Mapping[str, Any], with_namespace: bool) -> tuple[str, ...]:
    entries = secret["registries"]
    servers = [one_line(entry["server"], 40) for entry in entries[:_MOST_REGISTRIES]]
    users = [one_line(entry["username"], 40) for entry in entries[:_MOST_REGISTRIES]]
    more = f" and {len(entries) - _MOST_REGISTRIES} more" if len(entries) > _MOST_REGISTRIES else ""
    return (
        secret["namespace"] if with_namespace else "",
        secret["name"],
        secret["display_name"] or "",
        f"{', '.join(servers)}{more}",
        f"{', '.join(users)}{more}",
        day_of(secret["created"]),
        day_of(secret["last_updated"]),
        secret["description"] or "",
    )


def _view_one_of(cluster: ClusterPlace, secrets: Sequence[Mapping[str, Any]], check_mode: bool) -> FormFlow:
    is_one_namespace = len({secret["namespace"] for secret in secrets}) == 1
    places: dict[str, tuple[str, str]] = {}
    for secret in secrets:
        namespace, name = secret["namespace"], secret["name"]
        places[name if is_one_namespace else f"{namespace}/{name}"] = (namespace, name)
    field = LISTED_PLACE_FIELD
    if is_one_namespace:  # the same name in another namespace is another answer
        field = replace(LISTED_NAME_FIELD, about=f"the name of the one in {secrets[0]['namespace']} to show")
    question = Question(field, check=check_known(places, "this Secret"))
    chosen: FormAnswers = yield Ask((question,))
    namespace, name = places[str(chosen["listed_secret"])]
    stored = yield from look_up_pull_secret(namespace, name)
    if stored is None:
        return FormOutcome((f"{one_line(f'{namespace}/{name}')} was deleted in the meantime.",))
    return (yield from view_stored(cluster, stored, check_mode))
