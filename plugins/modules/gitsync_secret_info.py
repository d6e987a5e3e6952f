# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the Git credentials of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gitsync_secret_info
short_description: List the Git credentials in Kubernetes Secrets
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Lists the Secrets that hold a Git credential, in one namespace or in many, with the consumers that could read each,
    the public half of its SSH key, its host keys, and what is wrong with it.
  - A Secret counts as a Git credential where its type, keys and labels suit a consumer. An unmarked Secret with no more
    than user name and password may be for anything; it is listed only when O(name) or O(format) asks for it.
  - No private key, password or token, and no base64 of them, appears in the result.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret_info
  - keyring.kubernetes.secret_info.namespaces
requirements:
  - cryptography >= 38 on the machine that runs the task
options:
  format:
    description:
      - Only Secrets that this consumer could read.
    type: str
    choices:
      - git_sync
      - primehub
      - airflow
      - airflow_community
      - config_sync
      - flux
      - argocd_repository
      - argocd_repo_creds
      - tekton
      - fleet
      - openshift_build
      - jenkins
      - kargo
      - kpack
      - vendir
      - custom
  keys:
    description:
      - For O(format=custom), under which key of the Secret each part of the credential stands.
    type: dict
    default: {}
  fingerprint:
    description:
      - Only Secrets whose SSH key has this fingerprint, such as V(SHA256:…), to see where a deploy key is used.
    type: str
"""

EXAMPLES = r"""
- name: All Git credentials of a namespace
  keyring.kubernetes.gitsync_secret_info:
    namespace: web
  register: credentials

- name: What is wrong with them
  ansible.builtin.debug:
    msg: "{{ credentials.secrets | selectattr('problems') | items2dict(key_name='name', value_name='problems') }}"

- name: Where a deploy key is used, in the whole cluster
  keyring.kubernetes.gitsync_secret_info:
    namespaces: ['*']
    fingerprint: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
      sample: git-credential
    type:
      description: Its type.
      type: str
      sample: Opaque
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
      sample: {keyring.kubernetes/origin: web/git-credential}
    display_name:
      description: Its annotation C(displayName), or null.
      type: str
      sample: Models
    description:
      description: What an annotation says that it is for, or null.
      type: str
      sample: Read access to the models
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
          sample: volume
        takes_effect:
          description:
            - When a change of the Secret gets there, at the V(next_pull) of an image, with V(volume_refresh) within
              about a minute, or only after a V(restart).
          type: str
          sample: volume_refresh
    formats:
      description: The formats whose consumers could read it.
      type: list
      elements: str
      sample: [flux]
    kind:
      description:
        - Which kind of credential it holds, V(ssh), V(https), V(cookie_file) or V(github_app); null where its consumer
          would find none.
      type: str
      sample: ssh
    data_keys:
      description: The names of all keys of its data.
      type: list
      elements: str
      sample: [identity, identity.pub, known_hosts]
    url:
      description: The URL that is stored in it, without user information; null where the format stores none.
      type: str
      sample: https://git.example.com/team/app.git
    username:
      description: The user name; C(<hidden>) where it is a token. Null where it has none.
      type: str
      sample: octo
    known_hosts:
      description: The host keys, each with its hosts, its algorithm and its fingerprint; null where it has none.
      type: list
      elements: str
      sample: ["git.example.com ssh-ed25519 SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY"]
    public_key:
      description: The public half of the private SSH key, or null.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
    fingerprint:
      description: Its fingerprint, or null.
      type: str
      sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
    problems:
      description:
        - What is wrong with the credential, as sentences. A Secret that cannot be read is described here, and never
          fails the task.
        - A private key that takes too long to open is left unopened, and this says so. One task spends at most 20
          seconds on keys with a passphrase and on large keys; name a Secret with O(namespace) and O(name) to see it
          alone.
      type: list
      elements: str
      sample: []
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
        from ..module_utils._tasks.gitsync_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
