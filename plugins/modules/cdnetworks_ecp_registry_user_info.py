# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List registry users of the ECP platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cdnetworks_ecp_registry_user_info
short_description: List registry users of the CDNetworks Edge Computing Platform
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - List users of the container registry of the Edge Computing Platform (ECP), through the API of its portal. Passwords
    are not read.
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
  username:
    description:
      - List only the user with this complete name, such as V(demouser-5883).
      - At most one of O(username), O(username_prefix) and O(search) can be given. Without them, all users are listed.
    type: str
  username_prefix:
    description:
      - List only the users whose names are this prefix, a hyphen, and letters or digits without another hyphen.
    type: str
  search:
    description:
      - List only the users whose names contain this string, regardless of case. An empty string is an error.
    type: str
notes:
  - A task needs an account that may read registry users.
seealso:
  - module: keyring.kubernetes.cdnetworks_ecp_registry_user
  - module: keyring.kubernetes.cdnetworks_ecp_image_pull_secret_info
    description: The image pull secrets, with those that the platform manages for registry users.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_cdnetworks_ecp
    description: Manage image pull secrets and registry users of the Edge Computing Platform.
"""

EXAMPLES = r"""
- name: List all registry users
  keyring.kubernetes.cdnetworks_ecp_registry_user_info:
    account:
      user: admin
      api_key: "{{ vault_ecp_api_key }}"
  register: registry_users

- name: Show the users that may push images
  ansible.builtin.debug:
    msg: "{{ item.username }}"
  loop: "{{ registry_users.users }}"
  loop_control:
    label: "{{ item.username }}"
  when: "'readwrite' in item.projects_access | map(attribute='access_type')"

- name: Look up the complete name of a user
  keyring.kubernetes.cdnetworks_ecp_registry_user_info:
    account:
      user: admin
      api_key: "{{ vault_ecp_api_key }}"
    username_prefix: team-web
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
        - The full name of the option that caused the failure, such as C(projects_access[1].project). Null if no option,
          or more than one, caused it.
      type: str
      sample: null
    namespace:
      description:
        - Always null, because the platform has no namespaces.
      type: str
      sample: null
users:
  description: The registry users, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID.
      type: int
      sample: 2977
    username:
      description: The complete name.
      type: str
      sample: demouser-5883
    email:
      description: The email address.
      type: str
      sample: team-web@example.com
    description:
      description: The description.
      type: str
      sample: Builds of team web
    projects_access:
      description: The projects that the user may use, sorted by name.
      type: list
      elements: dict
      contains:
        project:
          description: The name of the project.
          type: str
          sample: myproject1
        access_type:
          description: V(readonly) permits pulling images, V(readwrite) also pushing them.
          type: str
          sample: readonly
    created_by:
      description: The account that created the user, or null.
      type: str
      sample: ecp-demo
    created:
      description: When the user was created, in UTC.
      type: str
      sample: '2021-01-19T06:28:55Z'
    last_updated:
      description: When the user was last updated, in UTC.
      type: str
      sample: '2021-01-19T07:48:22Z'
total:
  description: Number of listed users.
  returned: success
  type: int
  sample: 1
request_id:
  description: What identifies the refused request in the logs of the platform (C(Qtl-Request-Id)), or null.
  returned: when the platform refuses a request
  type: str
  sample: 3f0b52c1d7a94f0c8c4e
portal:
  description: The API and the account that the task used.
  returned: when the options are valid
  type: dict
  contains:
    server:
      description: The URL of the API.
      type: str
      sample: https://ngapi.cdnetworks.com
    account:
      description: The name of the API account.
      type: str
      sample: admin
    on_behalf_of:
      description: The ID of the customer for whom a reseller acts, or null.
      type: str
      sample: null
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.cdnetworks_ecp_registry_user_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
