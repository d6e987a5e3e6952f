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
  - List the Secrets that hold registry credentials, in one namespace or in many. For each Secret, the module returns
    the registries and user names, what manages it, what uses it, its problems, and whether it holds a given token.
  - Secrets of type C(kubernetes.io/dockerconfigjson) and of the older type C(kubernetes.io/dockercfg) are listed.
    O(formats) selects others.
  - Passwords and tokens are not shown in the result, neither as text nor in base64. The limits are
    in the guide R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret_info
  - keyring.kubernetes.secret_info.namespaces
options:
  registry:
    description:
      - List only the Secrets with an entry for this registry, such as V(ghcr.io), in any spelling.
    type: str
  holds:
    description:
      - A password or token to find, for example one that leaked or will be revoked. RV(secrets[].holds) states for each
        Secret whether it contains the value. The value is not sent to the cluster.
    type: str
  formats:
    description:
      - The formats to list, as in O(keyring.kubernetes.image_pull_secret#module:format).
      - With any other format than V(pull_secret), all Secrets of type C(Opaque) in the selected namespaces are read.
        Only those that belong to a listed format are reported. This needs no other permission.
      - The findings about V(config_json) are those of pull secrets. For V(argocd_oci) and V(kargo_image), only expiry
        dates are checked, and O(registry) compares hosts.
    type: list
    elements: str
    choices: [pull_secret, config_json, argocd_oci, kargo_image]
    default: [pull_secret]
seealso:
  - module: keyring.kubernetes.image_pull_secret
  - module: keyring.kubernetes.image_access_info
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rotation
    description: Find the holders of a token and rotate it.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
  - ref: ansible_collections.keyring.kubernetes.docsite.playbooks
    description: Playbooks that list pull secrets, find a token and delete unused Secrets.
"""

EXAMPLES = r"""
- name: List the pull secrets of a namespace, and what uses them
  keyring.kubernetes.image_pull_secret_info:
    namespace: web
    used_by: true

- name: Find a leaked token in the whole cluster
  keyring.kubernetes.image_pull_secret_info:
    namespaces: ['*']
    holds: "{{ leaked_token }}"
  register: pull_secrets

- name: Show the Secrets that hold it
  ansible.builtin.debug:
    msg: "{{ item.namespace }}/{{ item.name }}"
  loop: "{{ pull_secrets.secrets | selectattr('holds') }}"
  loop_control:
    label: "{{ item.namespace }}/{{ item.name }}"
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
      sample: registry
    type:
      description: The type.
      type: str
      sample: kubernetes.io/dockerconfigjson
    format:
      description: The format, as in O(formats). Null if the Secret cannot be read.
      type: str
      sample: pull_secret
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
      sample: {keyring.kubernetes/origin: web/registry}
    display_name:
      description: The annotation C(displayName), or null.
      type: str
      sample: Company registry
    description:
      description: The description in an annotation, or null.
      type: str
      sample: Pulls for the web team
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
          sample: image_pull_secrets
        takes_effect:
          description:
            - When a change of the Secret takes effect. V(next_pull) is the next pull of an image, V(volume_refresh) is
              within about a minute, V(restart) is after a restart, and V(next_use) is the next time that the consumer
              uses it, such as for a fetch or a build.
          type: str
          sample: next_pull
        blocking:
          description:
            - Whether the use keeps M(keyring.kubernetes.image_pull_secret) from deleting the Secret. False for
              V(how=label).
          type: bool
          sample: true
    registries:
      description: The registries, sorted by server.
      type: list
      elements: dict
      contains:
        server:
          description: The server, without user information.
          type: str
          sample: ghcr.io
        username:
          description: The user name. V(<hidden>) if it looks like a token or equals the password.
          type: str
          sample: octo
        email:
          description: The e-mail address, or null.
          type: str
          sample: ops@example.com
        expires_at:
          description:
            - When the credentials expire, from the annotation C(keyring.kubernetes/expires-at). Without one there, from
              C(exp) if the password is a signed JSON Web Token, also in Secrets that this collection does not manage.
              Nothing else of the token is read. Null if unknown.
          type: str
          sample: "2026-11-21T22:00:00Z"
    problems:
      description: The problems of the Secret, errors first. A Secret that cannot be read does not fail the task.
      type: list
      elements: dict
      contains:
        id:
          description: The ID of the problem.
          type: str
          sample: server_no_final_slash
        severity:
          description: V(error) if an entry or the whole Secret does not work. V(warning) if it probably does not.
          type: str
          sample: error
        server:
          description: The server of the entry, without user information, or null.
          type: str
          sample: https://index.docker.io/v1
        message:
          description: The problem in a sentence, and usually the fix.
          type: str
          sample: It has no password.
    holds:
      description:
        - Whether it contains the password or token in O(holds), in any field. Null if that option is not set. In
          unknown fields, and in data that cannot be parsed, a value that contains it is enough.
      type: bool
      sample: false
ends_next:
  description:
    - The entry whose credentials expire first, or expired first. Null if no expiry date is known.
    - Only the Secrets count that this collection created or took over, or in which it recorded an expiry date. Other
      programs renew their own tokens.
  returned: success
  type: dict
  contains:
    namespace:
      description: The namespace of the Secret.
      type: str
      sample: web
    name:
      description: The name of the Secret.
      type: str
      sample: registry
    server:
      description: The server of the entry, without user information.
      type: str
      sample: public.ecr.aws
    expires_at:
      description: When the credentials expire.
      type: str
      sample: "2026-11-21T22:00:00Z"
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
        from ..module_utils._tasks.image_pull_secret_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
