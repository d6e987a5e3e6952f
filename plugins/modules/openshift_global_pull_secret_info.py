# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the registries in the pull secret of the nodes of OpenShift."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_global_pull_secret_info
short_description: List the registries in the pull secret of OpenShift nodes
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Find the Secret with which the nodes of an OpenShift cluster pull images in all namespaces, and list its registries.
    The role P(keyring.kubernetes.openshift_pull_secret#role) decides with this result what it may change.
  - In a cluster with its own control plane, this is the Secret C(pull-secret) in C(openshift-config). In a hosted
    control plane, it is the Secret C(additional-pull-secret) in C(kube-system).
  - The module fails if a docker config that it reads does not parse.
  - Passwords and tokens are not shown in the result, neither as text nor in base64.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
options:
  target:
    description:
      - V(cluster) is the Secret of a cluster with its own control plane, V(hosted) that of a hosted control plane.
      - V(auto) reads from the Infrastructure C(cluster) which of them the cluster has. The other values fail if it can
        be read and says the opposite.
    type: str
    choices: [auto, cluster, hosted]
    default: auto
notes:
  - A task needs C(get) on the Secret C(pull-secret) in C(openshift-config), and for a hosted control plane also on the
    Secret C(additional-pull-secret) in C(kube-system). O(target=auto) needs C(get) on the Infrastructure C(cluster) of
    C(config.openshift.io).
  - With C(list) on C(machineconfigpools) of C(machineconfiguration.openshift.io), the task finds the paused ones.
    Without it, it warns. With C(get) on the ClusterVersion C(version) of C(config.openshift.io), it warns about a
    hosted control plane that is too old to read the Secret.
seealso:
  - module: keyring.kubernetes.image_pull_secret
  - module: keyring.kubernetes.image_access_info
    description: Its option C(upgrade_audit) reads the same Secrets.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_openshift
    description: Pull secrets on OpenShift.
"""

EXAMPLES = r"""
- name: Look up the pull secret of the nodes
  keyring.kubernetes.openshift_global_pull_secret_info:
  register: nodes

- name: Show the registries that the role openshift_pull_secret added
  ansible.builtin.debug:
    msg: "{{ nodes.added_registries | map(attribute='server') }}"
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
target:
  description: The kind of the control plane.
  returned: success
  type: str
  sample: cluster
  choices: [cluster, hosted]
topology:
  description:
    - The topology of the control plane as the Infrastructure states it. V(External) is a hosted control plane. Null if
      it could not be read.
  returned: success
  type: str
  sample: HighlyAvailable
namespace:
  description: The namespace of the Secret.
  returned: success
  type: str
  sample: openshift-config
name:
  description: The name of the Secret.
  returned: success
  type: str
  sample: pull-secret
exists:
  description: Whether the Secret exists.
  returned: success
  type: bool
  sample: true
registries:
  description: The registries in the Secret, sorted.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server.
      type: str
      sample: registry.example.com
added_registries:
  description:
    - The registries that the role added, from the annotation C(openshift.keyring.kubernetes/added-registries).
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server.
      type: str
      sample: registry.example.com
original_registries:
  description:
    - In a hosted control plane, the registries in the Secret C(pull-secret) in C(openshift-config). They win over
      those in RV(registries). Otherwise null.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server.
      type: str
      sample: quay.io
paused_pools:
  description:
    - The paused MachineConfigPools, whose nodes do not get a change of the Secret. Null if they could not be listed.
      Empty in a hosted control plane.
  returned: success
  type: list
  elements: str
  sample: [worker]
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
        from ..module_utils._tasks.openshift_global_pull_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
