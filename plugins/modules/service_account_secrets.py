# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Secrets a ServiceAccount names."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_account_secrets
short_description: Link Secrets to a Kubernetes ServiceAccount, or unlink them
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Makes a ServiceAccount name Secrets, or name them no more, one by one. Entries that the task does not name stay, in
    their order.
  - The Secrets themselves are neither read nor written, so it does not matter who keeps them, or whether they exist
    yet.
  - The ServiceAccount is read once and written only when something would change. A write of another client in between
    is never overwritten; then it is read and decided again.
  - Kubernetes gives pull secrets to a Pod when the Pod is made. Those that run already keep what they have.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
options:
  service_account:
    description:
      - Name of the ServiceAccount. Without another, Pods run as V(default).
    type: str
    required: true
  namespace:
    description:
      - Its namespace. Without it, that of the kubeconfig's context.
    type: str
  image_pull_secrets:
    description:
      - Pull secrets that the ServiceAccount should list, or not list, in C(imagePullSecrets). New ones are
        added at the end.
      - One of O(image_pull_secrets) and O(secrets) must be given; a list that is left out stays as it is.
    type: list
    elements: dict
    suboptions: &links
      name:
        description:
          - Name of the Secret. The same one twice is an error.
        type: str
        required: true
      state:
        description:
          - V(present) adds it where it is missing, V(absent) removes it.
        type: str
        choices: [present, absent]
        default: present
  secrets:
    description:
      - The same for C(secrets), where Tekton, kpack and builds of OpenShift look for credentials. The kubelet
        does not pull with them.
    type: list
    elements: dict
    suboptions: *links
  exclusive:
    description:
      - Remove all others from the lists that are given, so that they name only what is V(present). An empty
        list is then an error.
      - On OpenShift that takes away what Pods need to pull from the internal registry, unless it is listed; a warning
        says so.
    type: bool
    default: false
  wait:
    description:
      - Wait for a ServiceAccount that does not exist yet, such as V(default) in a new namespace. Check mode
        warns and does not wait.
      - If nothing should be V(present), a ServiceAccount that does not exist is not an error.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds, from 0 to 3600.
    type: int
    default: 30
notes:
  - A run needs the verbs C(get) and C(patch) on C(serviceaccounts); check mode and a run that changes nothing need only
    C(get). With C(get) on C(namespaces) a task says at once that a namespace does not exist, and does not wait for a
    ServiceAccount in it. With C(get) on C(secrets) it warns about a new link to a Secret that does not exist.
"""

EXAMPLES = r"""
- name: Let Pods pull with a Secret that another program manages
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: registry

- name: Tekton finds a Git credential, and pulls with a new Secret in place of an old one
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: builder
    secrets:
      - name: git-credential
    image_pull_secrets:
      - name: registry
      - name: old-registry
        state: absent

- name: These pull secrets and no others; the list of secrets stays as it is
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: shared-registry
    exclusive: true

- name: A namespace that was made a moment ago, on a slow cluster
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
    - Why the task failed. Unlike the message, these fields are stable, so that a playbook can branch on them.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The id of the failure. All of them are listed in
          R(Branch on failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: forbidden
    option:
      description:
        - The full name of the option that causes the failure, such as C(registries[2].password). Null where no option
          causes it, and where several do.
      type: str
      sample: null
    namespace:
      description:
        - The namespace in which the task failed. Null before a namespace is known, and where several failed.
      type: str
      sample: web
operation:
  description: What was done, or in check mode would be done.
  returned: always
  type: str
  sample: updated
  choices: [updated, unchanged, failed]
service_account:
  description: The ServiceAccount as it is afterwards; null where there is none, and none is needed.
  returned: success
  type: dict
  contains:
    namespace:
      description: Its namespace.
      type: str
      sample: web
    name:
      description: Its name.
      type: str
      sample: default
    uid:
      description: Its UID; null in check mode for one that does not exist yet.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: Its resource version; null in check mode where it would change.
      type: str
      sample: "1234"
    image_pull_secrets:
      description: Names of the pull secrets that it gives to new Pods, in their order.
      type: list
      elements: str
      sample: [registry]
    secrets:
      description: Names of its other Secrets, in their order.
      type: list
      elements: str
      sample: [git-credential]
cluster:
  description: Which API server was meant, and how it was chosen.
  returned: when the connection could be set up
  type: dict
  contains:
    server:
      description: URL of the API server, without user information.
      type: str
      sample: https://cluster.example.com:6443
    context:
      description: Context of the kubeconfig, or null.
      type: str
      sample: production
    source:
      description: Where the choice came from; one of V(arguments), V(environment), V(kubeconfig), V(in_cluster).
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
