# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage registry users of the ECP platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cdnetworks_ecp_registry_user
short_description: Manage registry users of the CDNetworks Edge Computing Platform
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Create, update or delete a user of the container registry of the Edge Computing Platform (ECP), through the API of
    its portal.
  - For each registry user, the platform creates an image pull secret with the same name, with which your applications
    pull images. It cannot be changed with M(keyring.kubernetes.cdnetworks_ecp_image_pull_secret). It changes and is
    deleted together with the user.
  - The API does not return the password of a registry user. Its image pull secret holds it, so the task compares
    O(password) with that one, in memory.
  - Only what differs is written. A write whose outcome is not known, for example because the answer was lost, is not
    simply repeated. The task reads the user again and decides again.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.cdnetworks_ecp
  - keyring.kubernetes.cdnetworks_ecp
  - keyring.kubernetes.portal
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - Sends only C(GET). The result is that of a real run, except for what only the platform knows, such as the name
        of a new user, or whether an application uses it.
  diff_mode:
    support: full
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - Shows the password as V(<hidden>), or as V(<hidden, changed>) if it is written.
  idempotent:
    support: partial
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - Writes nothing if nothing would change. A password that cannot be compared is written each time, with a warning,
        because the API does not return it. See RV(compared), and O(update_password=on_create).
options:
  username_prefix:
    description:
      - The beginning of the user name, which you choose. It has 1 to 15 lower-case letters, digits, C(-) and C(.), with
        a letter or digit at both ends. It is unique in the account.
      - The platform appends a random string of a fixed length when it creates the user. The prefix V(demouser) becomes,
        for example, V(demouser-5883). A user has this prefix if its name is the prefix, a hyphen, and letters or digits
        without another hyphen. So V(demo-5-1234) has the prefix V(demo-5), and not V(demo).
      - If several users have the prefix, the task uses the one whose address is O(email). If this does not decide, the
        task fails. Then give the complete name as O(username).
      - If one user has the prefix, it is the user of the task. With O(state=present), it gets the address O(email) if
        it has another one; the diff shows both. With O(state=absent), see O(email).
      - Exactly one of O(username_prefix) and O(username) is required.
    type: str
  username:
    description:
      - The complete name of an existing user, such as V(demouser-5883). A user cannot be created with this option.
    type: str
  state:
    description:
      - V(present) creates the user or updates it. V(absent) deletes it, together with its image pull secret.
      - The platform does not delete a user while an application uses its image pull secret (failure V(in_use)).
      - With V(absent), O(password), O(update_password), O(description) and O(projects_access) are checked, and have no
        effect.
    type: str
    choices: [present, absent]
    default: present
  password:
    description:
      - The password, with 8 to 20 characters, among them a lower-case letter, an upper-case letter and a digit.
        Required to create a user. If it is omitted, the password of an existing user does not change.
      - A change also updates the image pull secret of the user. Image pulls may fail for a moment, and
        other copies of the old password stop working.
    type: str
  update_password:
    description:
      - V(always) compares the password with the stored one, and writes it if they differ. If the stored password cannot
        be read, the task writes O(password) in each run, and warns.
      - V(on_create) uses the password only for a new user.
    type: str
    choices: [always, on_create]
    default: always
  email:
    description:
      - The email address, which is unique among registry users. Required to create a user. If it is omitted, the
        address of an existing user does not change.
      - With O(state=absent), only a user with this address is deleted. If the user has another address, nothing
        changes.
      - Addresses that differ only in upper and lower case are the same, because the platform may store them in lower
        case. The task does not change such an address.
    type: str
  description:
    description:
      - A description, with up to 20 characters. If it is omitted, that of an existing user does not change. An empty
        string removes it.
    type: str
  projects_access:
    description:
      - All projects of the registry that the user may use, in any order. The task removes the permissions for other
        projects. An empty list removes all. If it is omitted, those of an existing user do not change.
    type: list
    elements: dict
    suboptions:
      project:
        description:
          - The name of the project. Naming a project twice is an error.
        type: str
        required: true
      access_type:
        description:
          - V(readonly) permits pulling images, V(readwrite) also pushing them.
        type: str
        choices: [readonly, readwrite]
        required: true
notes:
  - Only the C(admin) account of the API may create, change and delete registry users (failure V(forbidden)). Check
    mode, and a run that changes nothing, need an account that may read registry users and image pull secrets.
  - An update sends the email address, the description and all projects together, because the platform may remove what
    is left out. What the task does not manage is sent as it was read.
seealso:
  - module: keyring.kubernetes.cdnetworks_ecp_registry_user_info
  - module: keyring.kubernetes.cdnetworks_ecp_image_pull_secret
    description: Image pull secrets for other registries.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_cdnetworks_ecp
    description: Manage image pull secrets and registry users of the Edge Computing Platform.
"""

EXAMPLES = r"""
- name: Create a registry user that pulls images of one project
  keyring.kubernetes.cdnetworks_ecp_registry_user:
    account:
      user: admin
      api_key: "{{ vault_ecp_api_key }}"
    username_prefix: team-web
    email: team-web@example.com
    password: "{{ vault_ecp_registry_password }}"
    description: Builds of team web
    projects_access:
      - project: myproject1
        access_type: readonly
  register: registry_user

- name: Show the image pull secret to name in the applications
  ansible.builtin.debug:
    msg: "{{ registry_user.pull_secret }}"

- name: Permit an existing user to push, and leave its password and address alone
  keyring.kubernetes.cdnetworks_ecp_registry_user:
    account:
      user: admin
      api_key: "{{ vault_ecp_api_key }}"
    username: demouser-5883
    projects_access:
      - project: myproject1
        access_type: readwrite

- name: Delete a registry user of a customer, as a reseller
  keyring.kubernetes.cdnetworks_ecp_registry_user:
    account:
      user: admin
      api_key: "{{ vault_ecp_api_key }}"
      on_behalf_of: "4711"
    username_prefix: team-web
    state: absent
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
      sample: conflict
    option:
      description:
        - The full name of the option that caused the failure, such as C(projects_access[1].project). Null if no option,
          or more than one, caused it.
      type: str
      sample: email
    namespace:
      description:
        - Always null, because the platform has no namespaces.
      type: str
      sample: null
operation:
  description: What was done, or would be done in check mode.
  returned: always
  type: str
  sample: created
  choices: [created, updated, deleted, unchanged, failed]
name:
  description:
    - The complete name of the user. Null if there is no user with O(username_prefix), and in check mode for a new one.
  returned: success
  type: str
  sample: demouser-5883
user:
  description: The registry user after the task. Null if it does not exist then.
  returned: success
  type: dict
  contains:
    id:
      description: The ID. Null in check mode for a new user.
      type: int
      sample: 2977
    username:
      description: The complete name. Null in check mode for a new user.
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
      description: The account that created the user, or null. Null in check mode for a new user.
      type: str
      sample: ecp-demo
    created:
      description: When the user was created, in UTC. Null in check mode for a new user.
      type: str
      sample: '2021-01-19T06:28:55Z'
    last_updated:
      description: When the user was last updated, in UTC. Null in check mode if it would change.
      type: str
      sample: '2021-01-19T07:48:22Z'
pull_secret:
  description:
    - The name of the image pull secret that the platform manages for the user. It is the name of the user. Null if the
      user does not exist after the task, and in check mode for a new one.
  returned: success
  type: str
  sample: demouser-5883
compared:
  description:
    - V(true) if O(password) was compared with the stored password, or if the user is new. RV(operation) then also
      covers the password.
    - V(false) if the password was not compared, because the task has none, with O(update_password=on_create), with
      O(state=absent), or because the image pull secret of the user does not exist or cannot be read. In the last case
      the task writes the password, and warns.
  returned: success
  type: bool
  sample: true
request_id:
  description:
    - What identifies the last write in the logs of the platform (C(Qtl-Request-Id)). After a failure, it is that of the
      refused request. Null if nothing was written, or if the answer was lost.
  returned: success, and when the platform refuses a request
  type: str
  sample: 3f0b52c1d7a94f0c8c4e
diff:
  description:
    - What changes, without the password.
  returned: success
  type: dict
  contains:
    before:
      description: The user before the task. Empty if nothing changes, or if the user did not exist.
      type: dict
      sample: {}
    after:
      description: The user after the task. Empty if nothing changes, or if the user does not exist then.
      type: dict
      sample: {}
    before_header:
      description: The user.
      type: str
      sample: Registry user demouser-5883
    after_header:
      description: The user.
      type: str
      sample: Registry user demouser-5883
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
        from ..module_utils._tasks.cdnetworks_ecp_registry_user import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
