# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that list and delete the Secrets of PrimeHub's page "Secret Management"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._roles.primehub import GIT_SYNC, IMAGE_PULL
from .parts import refuse_users, review_and_delete
from .primehub import update_page_secret
from .primehub_page import (
    PageSecret,
    choose_page_secret,
    page_secret_rows,
    primehub_namespace_question,
    read_page_secrets,
)
from .steps import (
    Ask,
    ClusterPlace,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    Offer,
    Question,
    ReadCluster,
    Review,
    Run,
    ShowTable,
)

SORT_FIELD = FormField(
    "sort",
    "Sort by",
    "the column that decides the order, with - in front for the reverse order",
    choices=("name", "-name", "display_name", "-display_name", "type", "-type"),
)


def primehub_list_secrets(check_mode: bool) -> FormFlow:
    """List the Secrets of both types in one table, and go on to change or delete one."""
    cluster: ClusterPlace = yield ReadCluster()
    questions = (primehub_namespace_question(cluster), Question(SORT_FIELD, default="name"))
    chosen: FormAnswers = yield Ask(questions, f"List the Secrets of PrimeHub on {cluster.title}")
    namespace = str(chosen["target_namespace"])
    secrets: list[PageSecret] = []
    for page_type in (GIT_SYNC, IMAGE_PULL):
        secrets += yield from read_page_secrets(namespace, page_type)
    _sort_page_secrets(secrets, chosen["sort"] or "name")
    count = (
        f"{len(secrets)} {'Secret' if len(secrets) == 1 else 'Secrets'} of PrimeHub in {namespace} on {cluster.server}."
    )
    outcome = FormOutcome((count,), _list_result(secrets))
    if not secrets:
        return outcome
    rows = [(secret.name, secret.display_name, secret.page_type.title) for secret in secrets]
    yield ShowTable(("NAME", "DISPLAY NAME", "TYPE"), tuple(rows))
    way = yield Offer("Do you want to update or delete one?", ("update", "delete"))
    if way == "update":
        stored = yield from choose_page_secret(cluster, "Update a Secret")
        return (yield from update_page_secret(cluster, stored, check_mode))
    if way == "delete":
        return (yield from _delete_page_secret(cluster, check_mode))
    return outcome


def _sort_page_secrets(secrets: list[PageSecret], column: str) -> None:
    """Sort by a column, with ``-`` in front in reverse. Those with the same value stay in the order of their names."""
    secrets.sort(key=lambda secret: (secret.name, secret.page_type.title))
    keys: Mapping[str, Callable[[PageSecret], str]] = {
        "name": lambda secret: secret.name,
        "display_name": lambda secret: secret.display_name.casefold(),
        "type": lambda secret: secret.page_type.title,
    }
    secrets.sort(key=keys[column.removeprefix("-")], reverse=column.startswith("-"))


def _list_result(secrets: list[PageSecret]) -> dict[str, Any]:
    listed = [
        {
            "name": secret.name,
            "display_name": secret.display_name,
            "type": secret.page_type.name,
            "secret": secret.page_type.prefix + secret.name,
            "namespace": secret.namespace,
        }
        for secret in secrets
    ]
    return {"changed": False, "secrets": listed, "total": len(listed)}


def primehub_delete_secret(check_mode: bool) -> FormFlow:
    """Delete a Secret after a confirmation. One that is in use, or whose users are not known, is refused."""
    cluster: ClusterPlace = yield ReadCluster()
    return (yield from _delete_page_secret(cluster, check_mode))


def _delete_page_secret(cluster: ClusterPlace, check_mode: bool) -> FormFlow:
    while True:
        stored = yield from choose_page_secret(cluster, f"Delete a Secret of PrimeHub on {cluster.title}")
        refuse_users(stored.place, stored.namespace, stored.entry.get("used_by"))
        rows = [("Cluster", cluster.title), *page_secret_rows(stored)]
        notes = ("A deleted Secret cannot be restored.",)
        review = Review("Secret to delete", rows, "Delete it", confirm=True, notes=notes)
        name = stored.page_type.prefix + stored.name
        consumer = "primehub" if stored.page_type is GIT_SYNC else None
        options = {"namespace": stored.namespace, "name": name, "format": consumer, "state": "absent"}
        delete = Run(stored.page_type.module, options, writes=True)
        outcome = yield from review_and_delete(review, delete, stored.place, check_mode=check_mode)
        if outcome:
            return outcome
