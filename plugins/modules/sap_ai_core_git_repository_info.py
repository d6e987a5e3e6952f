# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List Git repositories of SAP AI Core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sap_ai_core_git_repository_info
short_description: List Git repositories of SAP AI Core
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - List the Git repositories of a tenant of SAP AI Core with their status, and the quota.
  - The task uses the API of SAP AI Core with a service key. It needs no kubeconfig.
  - SAP AI Core does not return the user names and the passwords of repositories.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.sap_ai_core
  - keyring.kubernetes.sap_ai_core
  - keyring.kubernetes.portal
attributes:
  idempotent:
    support: full
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - This module changes nothing.
options:
  name:
    description:
      - The name of a repository. The result then has only this one, and is empty if it does not exist.
      - The default is all repositories.
    type: str
notes:
  - The task leaves out repositories whose names have other characters than ASCII letters, digits, V(.), V(_) and V(-),
    and warns how many there are.
  - The documentation of SAP names the role C(aicore_admin_repositories_viewer) for people who use SAP AI Launchpad. A
    task uses a service key instead, whose permissions come from its service instance. SAP does not document a narrower
    permission for it.
seealso:
  - module: keyring.kubernetes.sap_ai_core_git_repository
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_sap_ai_core
    description: Manage registry secrets and Git repositories of SAP AI Core.
"""

EXAMPLES = r"""
- name: List the Git repositories
  keyring.kubernetes.sap_ai_core_git_repository_info:
    service_key_file: sap-service-key.json
  register: git

- name: Stop if SAP AI Core cannot use one of them
  ansible.builtin.assert:
    that: git.repositories | selectattr('status', 'eq', 'ERROR') | length == 0

- name: Look up one of them
  keyring.kubernetes.sap_ai_core_git_repository_info:
    service_key_file: sap-service-key.json
    name: pipelines
"""

RETURN = r"""
repositories:
  description: The repositories, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
      sample: pipelines
    url:
      description: The URL, without user information.
      type: str
      sample: https://github.com/example/pipelines
    status:
      description: The status, one of V(ERROR), V(IN-PROGRESS) and V(COMPLETED). Null for any other.
      type: str
      sample: COMPLETED
quota:
  description: How many repositories the tenant has and may have.
  returned: success
  type: dict
  contains:
    used:
      description: The number of repositories. Null if SAP AI Core does not report it.
      type: int
      sample: 3
    maximum:
      description: The largest number of repositories. Null if SAP AI Core does not report it.
      type: int
      sample: 20
portal:
  description: The tenant that was selected.
  returned: when the service key is valid
  type: dict
  contains:
    server:
      description: The URL of the API.
      type: str
      sample: https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com
    account:
      description: The identity zone in the service key, which is the subdomain of the subaccount. Null without one.
      type: str
      sample: example-tenant
failure:
  description:
    - Why the task failed. Unlike the message, these fields are stable, so a playbook can branch on them.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The ID of the failure. All of them are in the guide
          R(Look up and handle failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: forbidden
    option:
      description: The full name of the option that caused the failure. Null if no option, or more than one, caused it.
      type: str
      sample: null
    namespace:
      description: Always null, because a tenant of SAP AI Core has no namespaces.
      type: str
      sample: null
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.sap_ai_core_git_repository_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
