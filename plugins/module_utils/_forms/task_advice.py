# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Advice in messages of modules that a form cannot follow, because it names options of a task."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .._errors import KeyringError

_OPTION_AT_START = re.compile(r"\A[a-z_]+(?:\[\d+\])?(?:\.[a-z_]+)*: (\w)")

# What a form says instead, by what the messages say. Longer texts stand before their parts.
INSTEAD_OF_ADVICE: Mapping[str, str] = {
    # Of every Secret
    "Set take_ownership=true to change it here, or ": "Instead, ",
    "; set take_ownership=true to take it over.": ".",
    "Set recreate=true to delete and recreate it, or use": "Delete it and create it again, or use",
    "To delete the Secret despite the references, set in_use=warn.": "",
    "To delete the Secret without this check, set in_use=warn.": "",
    " With state=absent, service_accounts=['*'] removes those of ServiceAccounts.": "",
    # Of credentials
    ", or leave the option out together with update_credentials=when_given": "",
    "With update_credentials=always each registry needs": "Each registry needs",
    "Give it, or set update_credentials=when_given to keep what is stored.": "Enter it.",
    "Give what is missing; with update_credentials=when_given a stored value is kept.": "Enter what is missing.",
    "Set ssh.convert=true.": "Convert the key with: ssh-keygen -p -f FILE",
    "No task of this collection can merge into it; purge_registries=true replaces it.": "Replace its content with: "
    "ansible-playbook keyring.kubernetes.import_docker_config",
    # Of a docker config
    ", or write registries": "",
    ", or write the registry under registries": "",
    " Give them under registries if they are needed.": "",
    "and give it under registries or log in with it": "and log in with it",
    # Of portals
    "or set recreate=true to delete the pull secret and create it again": "or delete the pull secret and create it "
    "again",
    "with cdnetworks_ecp_registry_user": "on the platform",
    ", or increase wait_timeout": "",
    "Check the values of the task.": "Check the values.",
    # Of files and other runs
    "; with remote_src=true it is one on the machine that runs the task": "",
    "Run the task again": "Try again",
}


def without_task_advice(message: str) -> str:
    """Return a message without advice that a form cannot follow."""
    for advice, instead in INSTEAD_OF_ADVICE.items():
        message = message.replace(advice, instead)
    return message.strip()


def without_option(warning: str) -> str:
    """Return a warning without the option of the task at its beginning, such as ``registries[0]:``."""
    return _OPTION_AT_START.sub(lambda found: found[1].upper(), without_task_advice(warning))


def advise_form(error: KeyringError) -> KeyringError:
    """Return an error without advice that a form cannot follow."""
    return KeyringError(without_task_advice(str(error)), failure=error.failure, option=error.option)
