# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms that only ask, for playbooks that do the rest in tasks of their own. The result has the answer."""

from __future__ import annotations

from .._secret.names import check_namespace
from .parts import namespace_question
from .steps import Ask, ClusterPlace, FormAnswers, FormField, FormFlow, FormOutcome, Question, ReadCluster

POD_NAMESPACE_FIELD = FormField(
    "target_namespace",
    "Namespace",
    "the namespace of the Pods",
    "team-shop",
    check_namespace,
    identifies=True,
    aliases=("namespace",),
)
TOKEN_FIELD = FormField("token", "Token", "the password or token to search for", masked=True)


def choose_namespace(check_mode: bool) -> FormFlow:
    """Ask for the namespace of Pods. The result has it as ``target_namespace``."""
    cluster: ClusterPlace = yield ReadCluster()
    question = namespace_question(cluster, field=POD_NAMESPACE_FIELD)
    answers: FormAnswers = yield Ask((question,), f"Explain image pulls on {cluster.title}")
    return FormOutcome((), {"target_namespace": answers["target_namespace"]})


def ask_token(check_mode: bool) -> FormFlow:
    """Ask for a token. The result has it as ``token``, so the task of this form needs no_log."""
    answers: FormAnswers = yield Ask((Question(TOKEN_FIELD),), "Find the pull secrets that hold a token")
    return FormOutcome((), {"token": answers["token"]})
