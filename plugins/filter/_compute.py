# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter with which roles and playbooks of this collection decide what they pass to its modules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.plugins.filter.core import to_json
from ansible.release import __version__
from ansible.utils.display import Display

from ..plugin_utils.bytecode import from_bytecode

with from_bytecode():
    from ..module_utils._roles.access_report import (
        access_report_csv,
        access_report_json,
        access_report_lines,
        access_report_page,
    )
    from ..module_utils._roles.credential_expiry import expiring_credentials, expiry_faults
    from ..module_utils._roles.git_credentials import git_credential_options, given_credentials, is_unanswered
    from ..module_utils._roles.next_step import next_step, pods_command
    from ..module_utils._roles.openshift_pull_secret import openshift_rollout, plan_openshift_pull_secret
    from ..module_utils._roles.portal_fanout import plan_portal_fanout, portal_options
    from ..module_utils._roles.portal_outcome import explain_portal_failures, may_try_tenant, portal_result
    from ..module_utils._roles.primehub import plan_primehub, primehub_object, primehub_result
    from ..module_utils._roles.printed import printed
    from ..module_utils._roles.pull_secrets import item_names, own_limits, plan_prune, pull_secret_options
    from ..module_utils._roles.registry import registry_item, registry_variables
    from ..module_utils._roles.upgrade_check import count_failing, images_to_ask, upgrade_groups, upgrade_rows
    from ..module_utils._roles.variables import unknown_variables

DOCUMENTATION = """
name: _compute
short_description: "[INTERNAL] Compute what a role of this collection passes to its modules"
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - B(This is an internal tool of the roles and playbooks of this collection.) It can change or disappear in any
    release. Do not use it.
options:
  _input:
    description:
      - The data to begin with.
    type: raw
    required: true
  function:
    description:
      - The name of the function.
    type: str
    required: true
positional: function
"""

EXAMPLES = """
- name: Use the role, which calls the filter
  ansible.builtin.include_role:
    name: keyring.kubernetes.pull_secrets
"""

RETURN = """
_value:
  description: What the function returns.
  type: raw
"""


def warn_unknown_variables(
    names: Sequence[str], *, role: str, known: Sequence[str] = (), lists: Mapping[str, object] | None = None
) -> bool:
    """Show a warning for each variable with the prefix of a role that the role does not know. Return True."""
    for warning in unknown_variables(names, role=role, known=known, lists=lists):
        Display().warning(warning)
    return True


def warn_limited_prune(prune: bool, *, role: str) -> bool:
    """Show a warning if a role was to prune, which it does not do with a limit. Return True."""
    if prune:
        Display().warning(f"{role}_prune has no effect, because {role}_namespaces_limit is set.")
    return True


def warn_openshift_rollout(result: Mapping[str, Any], *, found: Mapping[str, Any]) -> bool:
    """Show a warning for each thing that the nodes of OpenShift make of a change to their pull secret. Return True."""
    for warning in openshift_rollout(result, found=found):
        Display().warning(warning)
    return True


# By its name, each function that a role or a playbook calls.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        access_report_csv,
        access_report_json,
        access_report_lines,
        access_report_page,
        count_failing,
        expiring_credentials,
        expiry_faults,
        explain_portal_failures,
        git_credential_options,
        given_credentials,
        images_to_ask,
        is_unanswered,
        item_names,
        may_try_tenant,
        next_step,
        own_limits,
        plan_openshift_pull_secret,
        plan_portal_fanout,
        plan_primehub,
        plan_prune,
        portal_options,
        portal_result,
        primehub_object,
        primehub_result,
        printed,
        pods_command,
        pull_secret_options,
        registry_item,
        registry_variables,
        upgrade_groups,
        upgrade_rows,
        warn_limited_prune,
        warn_openshift_rollout,
        warn_unknown_variables,
    )
}

# Up to ansible-core 2.18 the result of a template becomes a string, and data again only without dates in it.
_RESULTS_ARE_STRINGS = tuple(map(int, __version__.split(".")[:2])) < (2, 19)


def compute(value: Any, function: str, **arguments: Any) -> Any:
    """Return what a function of this collection makes of the value."""
    result = FUNCTIONS[function](value, **arguments)
    return json.loads(to_json(result)) if _RESULTS_ARE_STRINGS else result


class FilterModule:
    """The filters of this file by their names."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by their names."""
        return {"_compute": compute}
