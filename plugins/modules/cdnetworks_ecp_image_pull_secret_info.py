# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the image pull secrets of the ECP platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cdnetworks_ecp_image_pull_secret_info
short_description: List image pull secrets of the CDNetworks Edge Computing Platform
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - List the image pull secrets of an account of the Edge Computing Platform (ECP), as the portal's page does.
  - Passwords are not shown in the result, neither as text nor in base64. The API returns them for O(details); they do
    not leave the task.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.cdnetworks_ecp
  - keyring.kubernetes.cdnetworks_ecp
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
      - List only the pull secret with this name.
    type: str
  search:
    description:
      - List only the pull secrets whose name contains this string, regardless of case. An empty string is an error.
    type: str
  details:
    description:
      - Return registry and user name too. The task sends one more C(GET) for each pull secret, up to 8 at a time, and
        the answers contain passwords.
    type: bool
    default: false
notes:
  - Any API account may list pull secrets.
  - The task reads up to 200 pull secrets per request.
seealso:
  - module: keyring.kubernetes.cdnetworks_ecp_image_pull_secret
  - module: keyring.kubernetes.cdnetworks_ecp_registry_user_info
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_cdnetworks_ecp
    description: Manage image pull secrets and registry users of the Edge Computing Platform.
"""

EXAMPLES = r"""
- name: List the pull secrets of the account
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret_info:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
  register: pull_secrets

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ pull_secrets.secrets | map(attribute='name') }}"

- name: Find the pull secrets of a team, with their registries
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret_info:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
    search: shop
    details: true
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
      sample: unauthorized
    option:
      description:
        - The full name of the option that caused the failure, such as C(registry.password). Null if no option, or more
          than one, caused it.
      type: str
      sample: null
    namespace:
      description: Always null.
      type: str
      sample: null
secrets:
  description: The pull secrets, sorted by name, without their passwords.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID.
      type: str
      sample: 32bd86d6312211eaae6398ac35ded775
    name:
      description: The name.
      type: str
      sample: registry
    registry:
      description: The registry, without user information. Null without O(details).
      type: str
      sample: docker.io
    username:
      description:
        - The user name. V(<hidden>) if it is or contains a password, a token or a key. Null without O(details).
      type: str
      sample: acme
    description:
      description: The description, which may be empty.
      type: str
      sample: Pulls the images of the shop
    created:
      description: When it was created. Null if unknown.
      type: str
      sample: "2026-11-21T10:00:00Z"
    last_updated:
      description: When it was last updated. Null if unknown.
      type: str
      sample: "2026-11-21T10:00:00Z"
    managed:
      description: Whether the platform manages it for a registry user.
      type: bool
      sample: false
total:
  description: The number of pull secrets in RV(secrets).
  returned: success
  type: int
  sample: 3
portal:
  description: The API and the account that were used.
  returned: when the options of the account are valid
  type: dict
  contains:
    server:
      description: The URL of the API.
      type: str
      sample: https://ngapi.cdnetworks.com
    account:
      description: The name of the API account.
      type: str
      sample: acme-deploy
    on_behalf_of:
      description: The ID of the customer for whom the requests were made, or null.
      type: str
      sample: null
request_id:
  description: The ID that the platform gave to the refused request.
  returned: when the API refused a request
  type: str
  sample: 0c3e4c52f1de4a31
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.cdnetworks_ecp_image_pull_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
