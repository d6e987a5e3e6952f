# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the Docker registry secrets of a tenant of SAP AI Core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sap_ai_core_docker_registry_secret_info
short_description: List the Docker registry secrets of SAP AI Core
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - List the names of the Docker registry secrets of a tenant, or look for one of them, and return the quota of the
    tenant. The task uses the API of SAP AI Core with a service key, and needs no kubeconfig.
  - SAP AI Core returns only the names. The registries, user names and passwords in a secret cannot be read.
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
      - List only the secret of this name. The default is to list all of them.
    type: str
notes:
  - The task leaves out secrets whose names have other characters than ASCII letters, digits, V(.), V(_) and V(-), and
    warns how many there are.
  - The documentation of SAP names the role C(aicore_admin_dockerregistrysecret_viewer) for people who use SAP AI
    Launchpad. A task uses a service key instead, whose permissions come from its service instance. SAP does not
    document a narrower permission for it. If it may not read the quota, the task warns, and the parts of RV(quota) are
    null.
seealso:
  - module: keyring.kubernetes.sap_ai_core_docker_registry_secret
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_sap_ai_core
    description: Manage registry secrets and Git repositories of SAP AI Core.
"""

EXAMPLES = r"""
- name: List the Docker registry secrets of a tenant
  keyring.kubernetes.sap_ai_core_docker_registry_secret_info:
    service_key_file: sap-ai-core-key.json
  register: tenant

- name: Show how many more the tenant may have
  ansible.builtin.debug:
    msg: "{{ tenant.quota.maximum - tenant.quota.used }}"
"""

RETURN = r"""
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
      description:
        - The full name of the option that caused the failure, such as C(registries[2].password). Null if no option, or
          more than one, caused it.
      type: str
      sample: null
    namespace:
      description:
        - Always null. SAP AI Core has no namespaces.
      type: str
      sample: null
secrets:
  description: The Docker registry secrets, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
      sample: registry-credentials
quota:
  description: How many Docker registry secrets the tenant has and may have.
  returned: success
  type: dict
  contains:
    used:
      description: The number of Docker registry secrets. Null if unknown.
      type: int
      sample: 3
    maximum:
      description: The number of Docker registry secrets that the tenant may have. Null if unknown.
      type: int
      sample: 50
portal:
  description: The tenant that was chosen.
  returned: when the options are valid, also after a failure
  type: dict
  contains:
    server:
      description: The URL of the API, from the service key.
      type: str
      sample: https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com
    account:
      description: The name of the tenant (C(identityzone) of the service key), or null if the key has none.
      type: str
      sample: acme-production
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.sap_ai_core_docker_registry_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
