# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exception of this collection: a refusal in sentences, with an id that playbooks can rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, get_args

# The ids that a playbook may branch on. Messages may change; an id, once released, keeps its meaning.
FailureId = Literal[
    "admission_denied",
    "being_deleted",
    "clock_skew",
    "conflict",
    "credential_plugin_failed",
    "denied_by_git_server",
    "denied_by_registry",
    "forbidden",
    "image_not_served",
    "immutable",
    "in_use",
    "in_use_unknown",
    "internal_error",
    "invalid_kubeconfig",
    "invalid_option",
    "invalid_secret",
    "managed_elsewhere",
    "minting_failed",
    "missing_library",
    "not_a_string",
    "not_found",
    "not_synchronized",
    "not_verified",
    "outcome_unknown",
    "prune_limit",
    "quota",
    "rejected",
    "server_error",
    "tls_failed",
    "unauthorized",
    "unexpected_server",
    "unreachable",
    "unreadable_file",
    "wrong_owner",
    "wrong_type",
]
FAILURE_IDS: tuple[FailureId, ...] = get_args(FailureId)

# The full name of an option at the beginning of a place: messages add a line or a file to it.
_OPTION = re.compile(r"""[a-z]\w*(?:\[\d+\]|\["[^"]*"\]|\.[\w-]+)*""")


class KeyringError(Exception):
    """A refusal: what is wrong, why, and how to go on. Each is a full sentence without the value of a secret option.

    ``what`` is kept for those who give other reasons. ``failure`` is the stable id of the failure; it is left out only
    for options. ``option`` is the full name of the option that causes it, such as ``registries[2].password``, and
    ``namespace`` the namespace in which it happened, where there is one.
    ``changed`` is true when the cluster was written before the failure. ``quoted`` is the part of the sentences that
    another program wrote, such as a server; parts of a secret in it are hidden before it is shown. ``fatal`` is true
    when nothing else that the task might try on this cluster can succeed. ``facts`` are more fields for the result of
    the failed task, such as the cluster.
    """

    def __init__(
        self,
        what: str,
        why: str = "",
        remedy: str = "",
        *,
        failure: FailureId = "invalid_option",
        option: str | None = None,
        namespace: str | None = None,
        changed: bool = False,
        quoted: str = "",
        fatal: bool = False,
    ) -> None:
        super().__init__(" ".join(part for part in (what, why, remedy) if part))
        self.what = what
        self.failure = failure
        named = _OPTION.match(option or "")
        self.option = named[0] if named else None
        self.namespace = namespace
        self.changed = changed
        self.quoted = quoted
        self.fatal = fatal
        self.facts: dict[str, Any] = {}

    def describe(self) -> Mapping[str, str | None]:
        """Return the failure as results show it, with the keys ``id``, ``option`` and ``namespace``."""
        return describe_failure(self.failure, self.option, self.namespace)


class MissingCredential(KeyringError):
    """The error for options that lack the user name, the password or another part of a credential, or have it empty."""


@contextmanager
def failing_in(namespace: str) -> Iterator[None]:
    """Add the namespace to a failure inside the block that has none yet."""
    try:
        yield
    except KeyringError as error:
        error.namespace = error.namespace or namespace
        raise


@contextmanager
def blaming_secret(option: str | None = None) -> Iterator[None]:
    """Report what is wrong with an option inside the block as a fault of a stored Secret, which ``option`` names."""
    try:
        yield
    except KeyringError as error:
        if error.failure == "invalid_option":
            error.failure, error.option = "invalid_secret", option
        raise


def describe_failure(failure: FailureId, option: str | None = None, namespace: str | None = None) -> dict[str, Any]:
    """Return a failure as results show it."""
    return {"id": failure, "option": option, "namespace": namespace}
