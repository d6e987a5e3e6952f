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
  - List the Secrets that hold a Git credential, in one namespace or in many. For each Secret, the module returns the
    consumers that can read it, the SSH public key, the host keys, and any problems.
  - A Secret is listed if its type, keys and labels match those that a consumer reads. A Secret that has only a user
    name and a password, and nothing that identifies a consumer, is listed only if O(name) or O(format) is set. The same
    applies to a credential of Jenkins of the type C(secretText) or C(secretFile), which may be for anything.
  - Private keys, passwords and tokens are not shown in the result, neither as text nor in base64. The limits are
    in the guide R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
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
      - List only the Secrets that this consumer can read.
    type: str
    choices:
      - git_sync
      - git_sync_env
      - primehub
      - airflow
      - airflow_community
      - airflow_connection
      - config_sync
      - flux
      - flux_proxy
      - flux_signing
      - flux_receiver
      - argocd_repository
      - argocd_repo_creds
      - argocd_repository_write
      - argocd_repo_creds_write
      - argocd_scm_creds
      - argocd_image_updater
      - tekton
      - tekton_workspace
      - tekton_resolver
      - fleet
      - fleet_helm
      - openshift_build
      - jenkins
      - kargo
      - kpack
      - vendir
      - actions_runner_controller
      - git_credentials
      - devworkspace_git
      - devworkspace_ssh
      - pipelines_as_code
      - custom
  keys:
    description:
      - >-
        For O(format=custom). Maps each part of the credential to a key of the Secret, such as
        V({private_key: id_ed25519}).
    type: dict
    default: {}
  fingerprint:
    description:
      - List only the Secrets whose SSH key has this fingerprint, such as V(SHA256:…). Use it to find all copies of a
        deploy key.
    type: str
seealso:
  - module: keyring.kubernetes.gitsync_secret
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_git
    description: Provide Git credentials for Flux, Argo CD, Tekton and others.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: List the Git credentials of a namespace
  keyring.kubernetes.gitsync_secret_info:
    namespace: web
  register: credentials

- name: Show the problems of these credentials
  ansible.builtin.debug:
    msg: "{{ damaged | items2dict(key_name='name', value_name='problems') }}"
  vars:
    damaged: "{{ credentials.secrets | selectattr('problems') }}"

- name: Find a deploy key in the whole cluster
  keyring.kubernetes.gitsync_secret_info:
    namespaces: ['*']
    fingerprint: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
secrets:
  description: The Secrets, sorted by namespace and name.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web
    name:
      description: The name.
      type: str
      sample: git-credential
    type:
      description: The type.
      type: str
      sample: Opaque
    uid:
      description: The UID.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: The resource version.
      type: str
      sample: "1234"
    immutable:
      description: Whether the data is immutable.
      type: bool
      sample: false
    labels:
      description: All labels.
      type: dict
      sample: {app.kubernetes.io/managed-by: keyring.kubernetes}
    annotations:
      description: The annotations of this collection. Others are not returned.
      type: dict
      sample: {keyring.kubernetes/origin: web/git-credential}
    display_name:
      description: The annotation C(displayName), or null.
      type: str
      sample: Models
    description:
      description: The description in an annotation, or null.
      type: str
      sample: Read access to the models
    created:
      description: When it was created.
      type: str
      sample: "2026-11-21T10:00:00Z"
    last_updated:
      description: When it was last changed.
      type: str
      sample: "2026-11-21T10:00:00Z"
    ours:
      description: Whether this collection created it or took it over.
      type: bool
      sample: true
    owner:
      description: The owner that a task set, or null.
      type: str
      sample: team-web
    managed_by:
      description: The other tool that manages it, or null.
      type: str
      sample: Helm release "web"
    used_by:
      description:
        - What uses it. Null if O(used_by) is not set, or if no user was found but some kinds could not be listed.
      type: list
      elements: dict
      contains:
        api_version:
          description: The API group and version of the object. Null for V(how=label).
          type: str
          sample: apps/v1
        kind:
          description:
            - The kind of the object, such as V(Deployment), V(ServiceAccount) or V(GitRepository). For V(how=label),
              the program that finds the Secret by its label. One of V(Argo CD), V(Kargo), V(Jenkins) and
              V(DevWorkspace).
          type: str
          sample: Deployment
        namespace:
          description: The namespace of the object. Null for an object without a namespace.
          type: str
          sample: web
        name:
          description: The name. For V(how=label), the label.
          type: str
          sample: web
        how:
          description:
            - How the Secret is used. V(image_pull_secrets), V(volume) and V(environment) are places in Pods, V(secrets)
              is a list of a ServiceAccount, V(reference) is another field of a custom resource, and V(label) is a label
              of the Secret. For PrimeHub, how its Pods reference the Secret.
          type: str
          sample: volume
        takes_effect:
          description:
            - When a change of the Secret takes effect. V(next_pull) is the next pull of an image, V(volume_refresh) is
              within about a minute, V(restart) is after a restart, and V(next_use) is the next time that the consumer
              uses it, such as for a fetch or a build.
          type: str
          sample: volume_refresh
        blocking:
          description:
            - Whether the use keeps M(keyring.kubernetes.gitsync_secret) from deleting the Secret. False for
              V(how=label).
          type: bool
          sample: true
    formats:
      description: The formats whose consumers can read it.
      type: list
      elements: str
      sample: [flux]
    kind:
      description:
        - The kind of credential, V(ssh), V(https), V(cookie_file), V(github_app), V(gpg) or V(cloud_identity). Null if
          its consumer would find none.
      type: str
      sample: ssh
    data_keys:
      description: The names of all keys in the data.
      type: list
      elements: str
      sample: [identity, identity.pub, known_hosts]
    url:
      description: The stored URL, without user information. Null if the format stores none.
      type: str
      sample: https://git.example.com/team/app.git
    username:
      description: The user name. V(<hidden>) if it looks like a token. Null if there is none.
      type: str
      sample: octo
    known_hosts:
      description: The host keys, each with hosts, algorithm and fingerprint. Null if there are none.
      type: list
      elements: str
      sample: ["git.example.com ssh-ed25519 SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY"]
    expires_at:
      description:
        - When the password or bearer token expires, from the annotation C(keyring.kubernetes/expires-at). Without one,
          from C(exp) if it is a signed JSON Web Token. Nothing else of the token is read. Null if unknown.
      type: str
      sample: "2026-11-21T22:00:00Z"
    public_key:
      description: The SSH public key, or null.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
    fingerprint:
      description: Fingerprint of the SSH public key, or null.
      type: str
      sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
    problems:
      description:
        - The problems of the credential, in sentences. A Secret that cannot be read is described here, and does not
          fail the task.
        - One task spends at most 10 seconds in a namespace, and 40 seconds in all, on keys with a passphrase and on
          large keys. A key that was not opened for this reason is listed here. Select its Secret with O(namespace) and
          O(name) to check it alone.
      type: list
      elements: str
      sample: []
total:
  description: The number of Secrets.
  returned: success
  type: int
  sample: 1
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
        from ..module_utils._tasks.gitsync_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
