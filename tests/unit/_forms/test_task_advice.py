# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advice of tasks in messages of modules: forms replace all that names an option which they do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.task_advice import (
    INSTEAD_OF_ADVICE,
    without_option,
    without_task_advice,
)
from support.messages import strings_of
from support.paths import ROOT

# The files whose messages forms print: those of the modules that they run, with the options that they give.
READ = ("_secret/", "_credentials/", "_portals/ecp_pull", "_portals/portal_", "_tasks/sap_ai_core_docker", "files.py")
OPTION = re.compile(
    r"\b(take_ownership|recreate|in_use|remote_src|update_credentials|purge_registries|service_accounts|wait_timeout)="
    r"|under registries|write registries"
)
# Options that a form does not give, or for a state that a form has checked before.
NEVER_PRINTED = (
    "Set purge_registries=true to replace it.",
    "update_credentials=when_given is not possible.",
)


def test_a_sentence_of_a_message_becomes_one_of_a_form() -> None:
    message = "a/b is managed by Argo CD. Set take_ownership=true to change it here, or change the source. Go on."
    assert without_task_advice(message) == "a/b is managed by Argo CD. Instead, change the source. Go on."


def messages() -> Iterator[str]:
    """Yield the strings of the sources whose messages forms print."""
    for path in (ROOT / "plugins").rglob("*.py"):
        if "_forms" not in path.parts and any(part in str(path) for part in READ):
            yield from strings_of(path)


def test_nothing_advises_what_a_form_does_not_have() -> None:
    advice = {text for text in messages() if OPTION.search(text) and "\n" not in text}
    assert advice >= set(NEVER_PRINTED)
    assert {text for text in advice if OPTION.search(without_task_advice(text))} == set(NEVER_PRINTED)


@pytest.mark.parametrize(
    ("warning", "shown"),
    [
        ("registries[0]: the username changes.", "The username changes."),
        ("ssh.private_key: it has comments.", "It has comments."),
        ("docker_config: a session is left out.", "A session is left out."),
        ("The image is public: no Secret is needed.", "The image is public: no Secret is needed."),
    ],
)
def test_a_warning_begins_with_no_option(warning: str, shown: str) -> None:
    assert without_option(warning) == shown


@pytest.mark.parametrize("advice", INSTEAD_OF_ADVICE)
def test_each_advice_is_given(advice: str) -> None:
    assert any(advice in text for text in messages())
