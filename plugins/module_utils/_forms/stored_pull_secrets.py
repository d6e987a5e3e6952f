# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored pull secrets in forms: choose one, and show what it is and who uses it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from .._dataclasses import dataclass
from .fields import NAMESPACE_FIELD, SECRET_NAME_FIELD, registry_text
from .parts import namespace_question, read, user_names
from .steps import HIDDEN_ANSWER, Ask, ClusterPlace, Complain, FormAnswers, FormStep, Question, Run
from .task_advice import without_task_advice
from .texts import MOST_LISTED, join_names, one_line

NOT_KNOWN = "not known (missing permissions)"
NOTHING_FOUND = "nothing found"


@dataclass(frozen=True)
class ChosenPullSecret:
    """A pull secret as image_pull_secret_info reports it, with its users."""

    namespace: str
    name: str
    secret: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Return the namespace and the name for a sentence."""
        return one_line(f"{self.namespace}/{self.name}")

    @property
    def users(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the objects that use the Secret; None if they are not known."""
        users: Sequence[Mapping[str, Any]] | None = self.secret["used_by"]
        return users

    @property
    def servers(self) -> tuple[str, ...]:
        """Return the registries of the Secret."""
        return tuple(entry["server"] for entry in self.secret["registries"])


def choose_pull_secret(cluster: ClusterPlace, heading: str) -> Generator[FormStep, Any, ChosenPullSecret]:
    """Ask for an existing pull secret until there is one, and return it with its users."""
    place = (namespace_question(cluster), Question(SECRET_NAME_FIELD))
    while True:
        chosen: FormAnswers = yield Ask(place, f"{heading} on {cluster.title}")
        namespace, name = str(chosen["target_namespace"]), str(chosen["secret_name"])
        stored = yield from look_up_pull_secret(namespace, name)
        if stored:
            return stored
        there = yield from _describe_known_secrets(namespace)
        yield Complain(
            f"{SECRET_NAME_FIELD.title}: there is no pull secret {namespace}/{name} on {cluster.server}.{there} To see "
            "the pull secrets of all namespaces, run: ansible-playbook keyring.kubernetes.list_image_pull_secrets",
            (NAMESPACE_FIELD.name, SECRET_NAME_FIELD.name),
            {"id": "not_found", "option": SECRET_NAME_FIELD.name, "namespace": namespace},
        )


def look_up_pull_secret(namespace: str, name: str) -> Generator[FormStep, Any, ChosenPullSecret | None]:
    """Return a pull secret with its users; None if it does not exist."""
    result = yield from read("image_pull_secret_info", namespace=namespace, name=name, used_by=True)
    return ChosenPullSecret(namespace, name, result["secrets"][0]) if result["total"] else None


def _describe_known_secrets(namespace: str) -> Generator[FormStep, Any, str]:
    """Return a sentence about the pull secrets of a namespace, after a space; empty if they may not be listed."""
    result = yield Run("image_pull_secret_info", {"namespace": namespace})
    if result.get("failed"):
        return ""
    names = join_names([secret["name"] for secret in result["secrets"]])
    return f" The pull secrets of this namespace are: {names}." if names else " This namespace has no pull secrets."


def title_list(title: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """Return values as rows of which only the first has the title, with a note of how many are not shown."""
    shown = list(values[:MOST_LISTED])
    if len(values) > MOST_LISTED:
        shown.append(f"and {len(values) - MOST_LISTED} more")
    return [(title if index == 0 else "", value) for index, value in enumerate(shown)]


def describe_pull_secret_rows(stored: ChosenPullSecret) -> list[tuple[str, str]]:
    """Return a pull secret as rows, with its users and problems, and without its passwords."""
    secret = stored.secret
    rows = [
        ("Name", one_line(stored.name)),
        ("Namespace", one_line(stored.namespace)),
        *title_list("Registry", [registry_text(entry) for entry in secret["registries"]] or ["(none)"]),
        *([("Password", HIDDEN_ANSWER)] if secret["registries"] else []),
        ("Display name", one_line(secret["display_name"])),
        ("Description", one_line(secret["description"])),
        ("Created", one_line(secret["created"])),
        ("Last updated", one_line(secret["last_updated"])),
    ]
    for title, key in (("Owner", "owner"), ("Managed by", "managed_by")):
        if secret[key]:
            rows.append((title, one_line(secret[key])))
    rows += users_rows(stored)
    return rows + title_list("Problem", [_problem_text(problem) for problem in secret["problems"]])


def users_rows(stored: ChosenPullSecret) -> list[tuple[str, str]]:
    """Return the users of a pull secret as rows."""
    if stored.users is None:
        return [("Used by", NOT_KNOWN)]
    return title_list("Used by", user_names(stored.users) or [NOTHING_FOUND])


def _problem_text(problem: Mapping[str, Any]) -> str:
    server = f"{problem['server']}: " if problem["server"] else ""
    return one_line(f"{server}{without_task_advice(problem['message'])}", 1000)
