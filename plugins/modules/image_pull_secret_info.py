# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the pull secrets of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pull_secret_info
short_description: List the pull secrets of a Kubernetes cluster
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Lists the Secrets that hold credentials for registries, in one namespace or in many, with their registries and
    users, who keeps them, who uses them, what is wrong with them, and whether they hold a given token.
  - Both types count, C(kubernetes.io/dockerconfigjson) and the older C(kubernetes.io/dockercfg).
  - No password or token, and no base64 of them, appears in the result.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret_info
  - keyring.kubernetes.secret_info.namespaces
options:
  registry:
    description:
      - Only Secrets with an entry for this registry, such as V(ghcr.io), in any spelling.
    type: str
  holds:
    description:
      - A password or token that leaked, or is about to be revoked. The result says of each Secret whether it
        holds it. It is compared in memory.
    type: str
"""

EXAMPLES = r"""
- name: All pull secrets of a namespace, and who uses them
  keyring.kubernetes.image_pull_secret_info:
    namespace: web
    used_by: true

- name: Where a token that leaked is still in use, in the whole cluster
  keyring.kubernetes.image_pull_secret_info:
    namespaces: ['*']
    holds: "{{ leaked_token }}"
  register: pull_secrets

- name: The Secrets to change
  ansible.builtin.debug:
    msg: "{{ item.namespace }}/{{ item.name }}"
  loop: "{{ pull_secrets.secrets | selectattr('holds') }}"
  loop_control:
    label: "{{ item.namespace }}/{{ item.name }}"
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
secrets:
  description: The Secrets, sorted by namespace and name.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: Its namespace.
      type: str
      sample: web
    name:
      description: Its name.
      type: str
      sample: registry
    type:
      description: Its type.
      type: str
      sample: kubernetes.io/dockerconfigjson
    uid:
      description: Its UID.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: Its resource version.
      type: str
      sample: "1234"
    immutable:
      description: Whether its data is immutable.
      type: bool
      sample: false
    labels:
      description: All its labels.
      type: dict
      sample: {app.kubernetes.io/managed-by: keyring.kubernetes}
    annotations:
      description: Those annotations that are this collection's own.
      type: dict
      sample: {keyring.kubernetes/origin: web/registry}
    display_name:
      description: Its annotation C(displayName), or null.
      type: str
      sample: Company registry
    description:
      description: What an annotation says that it is for, or null.
      type: str
      sample: Pulls for the web team
    created:
      description: When it was made.
      type: str
      sample: "2026-11-21T10:00:00Z"
    last_updated:
      description: When it was last changed.
      type: str
      sample: "2026-11-21T10:00:00Z"
    ours:
      description: Whether this collection made it.
      type: bool
      sample: true
    owner:
      description: The owner that a task gave it, or null.
      type: str
      sample: team-web
    managed_by:
      description: What else manages it, or null.
      type: str
      sample: Helm release "web"
    used_by:
      description:
        - Who uses it; null without O(used_by), and where no user was found but not everything may be listed.
      type: list
      elements: dict
      contains:
        kind:
          description:
            - The kind of object, V(Pod), V(Deployment), V(StatefulSet), V(DaemonSet), V(ReplicaSet), V(Job),
              V(CronJob), V(ServiceAccount), or V(Image), V(Dataset) and V(PhDeployment) of PrimeHub.
          type: str
          sample: Deployment
        name:
          description: Its name.
          type: str
          sample: web
        how:
          description:
            - V(image_pull_secrets), V(volume), V(environment), or V(secrets) of a ServiceAccount. For PrimeHub it is
              how the Pods that it makes name the Secret.
          type: str
          sample: image_pull_secrets
        takes_effect:
          description:
            - When a change of the Secret gets there, at the V(next_pull) of an image, with V(volume_refresh) within
              about a minute, or only after a V(restart).
          type: str
          sample: next_pull
    registries:
      description: Its registries, sorted by server.
      type: list
      elements: dict
      contains:
        server:
          description: The server, without user information.
          type: str
          sample: ghcr.io
        username:
          description: The user name; C(<hidden>) where it is a token or equals the password.
          type: str
          sample: octo
        email:
          description: The e-mail address, or null.
          type: str
          sample: ops@example.com
        expires_at:
          description: When the credentials end, where that is known, or null.
          type: str
          sample: "2026-11-21T22:00:00Z"
    problems:
      description: What is wrong or doubtful in it, errors first. A Secret that cannot be read never fails the task.
      type: list
      elements: dict
      contains:
        id:
          description: Which kind of problem it is.
          type: str
          sample: server_no_final_slash
        severity:
          description: V(error) for what does not work, or spoils the whole Secret; V(warning) for what is doubtful.
          type: str
          sample: error
        server:
          description: The entry that it is about, without user information, or null.
          type: str
          sample: https://index.docker.io/v1
        message:
          description: What it is, and mostly what to do.
          type: str
          sample: It has no password.
    holds:
      description:
        - Whether it holds the password or token O(holds), in any field; null without it. In what does not parse,
          and in unknown fields, a part of the value is enough.
      type: bool
      sample: false
ends_next:
  description: The entry whose credentials end first, or have ended, of those with a known end; null without any.
  returned: success
  type: dict
  contains:
    namespace:
      description: Namespace of its Secret.
      type: str
      sample: web
    name:
      description: Name of its Secret.
      type: str
      sample: registry
    server:
      description: Its server, without user information.
      type: str
      sample: public.ecr.aws
    expires_at:
      description: When its credentials end.
      type: str
      sample: "2026-11-21T22:00:00Z"
total:
  description: How many they are.
  returned: success
  type: int
  sample: 1
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
        from ..module_utils._tasks.image_pull_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
