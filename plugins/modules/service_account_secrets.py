# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Link Secrets to a ServiceAccount, or unlink them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_account_secrets
short_description: Link Secrets to a Kubernetes ServiceAccount, or unlink them
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Add references to Secrets to a ServiceAccount, or remove them. Other entries stay, in their order.
  - The Secrets themselves are not changed. They can be managed by another tool, and need not exist yet.
  - The ServiceAccount is read once, and written only if something changes. A change that another client makes in the
    meantime is not overwritten. The task reads again and decides again.
  - A Pod gets the pull secrets of its ServiceAccount when it is created. Existing Pods do not change.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
options:
  service_account:
    description:
      - The name of the ServiceAccount. Pods that name none run as V(default).
    type: str
    required: true
  namespace:
    description:
      - The namespace of the ServiceAccount. The default is the namespace of the context in the kubeconfig.
    type: str
  image_pull_secrets:
    description:
      - The pull secrets to add to C(imagePullSecrets), or to remove from it. New entries are added at the end.
      - At least one of O(image_pull_secrets) and O(secrets) is required. A list that is omitted does not change.
    type: list
    elements: dict
    suboptions: &links
      name:
        description:
          - The name of the Secret. Naming a Secret twice is an error.
        type: str
        required: true
      state:
        description:
          - V(present) adds the Secret if it is missing. V(absent) removes it from the list.
        type: str
        choices: [present, absent]
        default: present
  secrets:
    description:
      - The Secrets to add to C(secrets), or to remove from it. Tekton, kpack and builds of OpenShift look for
        credentials there. The kubelet does not use them to pull images.
    type: list
    elements: dict
    suboptions: *links
  exclusive:
    description:
      - Remove all entries from the given lists that the task does not list with V(present). An empty list is then an
        error.
      - On OpenShift, this also removes the Secret that Pods need to pull from the internal registry, unless it is
        listed. The task then warns.
    type: bool
    default: false
  wait:
    description:
      - Wait for a ServiceAccount that does not exist yet, such as V(default) in a new namespace. Check mode does not
        wait; it warns about a missing one.
      - If no entry is V(present), a ServiceAccount that does not exist is not an error.
    type: bool
    default: true
  wait_timeout:
    description:
      - Time in seconds, from 0 to 3600, to wait for the ServiceAccount. If it is still missing then, the task fails
        before it writes anything.
    type: int
    default: 30
notes:
  - A task needs C(get) and C(patch) on C(serviceaccounts). Check mode, and a run that changes nothing, need only
    C(get). With C(get) on C(namespaces), the task reports at once that a namespace does not exist, and does not wait
    for a ServiceAccount there. With C(get) on C(secrets), it warns about a new link to a Secret that does not exist.
seealso:
  - module: keyring.kubernetes.image_pull_secret
    description: Its option C(service_accounts) links the Secret that it manages, also in many namespaces.
  - module: keyring.kubernetes.gitsync_secret
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_linking
    description: Link and remove Secrets.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Link a pull secret that another tool manages
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: registry

- name: Link a Git credential for Tekton, and replace a pull secret
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: builder
    secrets:
      - name: git-credential
    image_pull_secrets:
      - name: registry
      - name: old-registry
        state: absent

- name: Link one pull secret and unlink all others
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: shared-registry
    exclusive: true

- name: Wait longer in a new namespace on a slow cluster
  keyring.kubernetes.service_account_secrets:
    namespace: batch
    service_account: default
    image_pull_secrets:
      - name: registry
    wait_timeout: 120
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
        - The namespace in which the task failed. Null if several failed, or if the task failed before it used one.
      type: str
      sample: web
operation:
  description: What was done, or would be done in check mode.
  returned: always
  type: str
  sample: updated
  choices: [updated, unchanged, failed]
service_account:
  description: The ServiceAccount after the task. Null if it does not exist and is not needed.
  returned: success
  type: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web
    name:
      description: The name.
      type: str
      sample: default
    uid:
      description: The UID. Null in check mode for a ServiceAccount that does not exist yet.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: The resource version. Null in check mode if it would change.
      type: str
      sample: "1234"
    image_pull_secrets:
      description: The names of its pull secrets, in order.
      type: list
      elements: str
      sample: [registry]
    secrets:
      description: The names in C(secrets), in order.
      type: list
      elements: str
      sample: [git-credential]
cluster:
  description: The API server that was chosen, and how.
  returned: when the connection could be set up
  type: dict
  contains:
    server:
      description: The URL of the API server, without user information.
      type: str
      sample: https://cluster.example.com:6443
    context:
      description: The context of the kubeconfig, or null.
      type: str
      sample: production
    source:
      description: How it was chosen, one of V(arguments), V(environment), V(kubeconfig), V(in_cluster).
      type: str
      sample: arguments
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.service_account_secrets import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
