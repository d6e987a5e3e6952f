# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One pull secret, present or absent."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pull_secret
short_description: Keep a Kubernetes pull secret as it should be
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Makes a Secret of type C(kubernetes.io/dockerconfigjson) present, with the credentials for the named registries, or
    absent.
  - Registries add up. Those that the task does not name stay in the Secret, as do foreign labels, annotations and keys.
  - The Secret is read once and written only when something would change. It is updated in place, so its UID survives,
    and a write by somebody else in between is never overwritten.
  - No password, token, C(auth) text or base64 of them appears in results, diffs, warnings, errors or logs. There is no
    way to read a password with this module.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.connection
options:
  name:
    description:
      - Basic. Name of the Secret.
    type: str
    required: true
  namespace:
    description:
      - Basic. Namespace of the Secret. Without it, that of the kubeconfig's context.
    type: str
  state:
    description:
      - Basic. V(present) makes and updates the Secret, V(absent) deletes it.
      - With V(absent) only the options that name the Secret, its O(owner) and O(take_ownership) count.
    type: str
    choices: [present, absent]
    default: present
  registries:
    description:
      - Basic. Credentials, a registry an item. United with O(docker_config), O(docker_config_file) and
        O(credentials_from); the same registry twice is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - The registry as it stands in image names, a host with optional port and path, such as V(ghcr.io) or
            V(registry.example.com:5000/team/). For Docker Hub V(https://index.docker.io/v1/).
          - V(*) stands for one part of a host. A path without final C(/) also serves longer names.
        type: str
        required: true
      username:
        description:
          - User name; it can not contain C(:).
        type: str
      password:
        description:
          - Password or token. An empty text or a mask such as C(******) is an error.
        type: str
      email:
        description:
          - E-mail address. Kubernetes does not use it; without it, a stored one stays.
        type: str
      state:
        description:
          - V(absent) removes this registry from the Secret. Removing the last one is an error.
        type: str
        choices: [present, absent]
        default: present
  docker_config:
    description:
      - Basic. A whole docker config. It may be a mapping, JSON text, base64 of that, a Secret with C(data), or the
        content of its C(data).
      - Each entry needs credentials of its own; one whose credentials are in a credential store is an error. Of the
        config only C(auths) is written.
    type: raw
  docker_config_file:
    description:
      - Basic. Path of a file with a docker config, on the machine that runs the task; at most 1 MiB.
    type: path
  credentials_from:
    description:
      - Basic. Copy the credentials of another pull secret. It is read inside the task, so Ansible never sees them.
    type: dict
    suboptions:
      name:
        description:
          - Name of the Secret to copy from.
        type: str
        required: true
      namespace:
        description:
          - Its namespace. Without it, that of the Secret that is written.
        type: str
  labels:
    description:
      - Basic. Labels to set; others stay. V(null) removes one.
    type: dict
    default: {}
  annotations:
    description:
      - Basic. Annotations to set; others stay. V(null) removes one.
    type: dict
    default: {}
  update_credentials:
    description:
      - Safety. What happens to credentials that are stored already.
      - V(always) writes the given ones, and needs username and password for each registry.
      - V(when_given) keeps what is stored where username or password is left out.
      - V(on_create) writes a registry once, and leaves it to a rotation elsewhere afterwards.
    type: str
    choices: [always, when_given, on_create]
    default: always
  purge_registries:
    description:
      - Safety. Remove the registries that the task does not name. Also replaces a stored docker config that does not
        parse.
    type: bool
    default: false
  immutable:
    description:
      - Safety. Whether Kubernetes refuses further changes of the data. Without it, that stays as it is.
    type: bool
  recreate:
    description:
      - Safety. Delete the Secret and make it anew where a change in place is not possible, because it has another type
        or is immutable. The new one is proved by a dry run first; if it then can not be made, the old one is put back.
    type: bool
    default: false
  take_ownership:
    description:
      - Safety. Change or delete the Secret although something else manages it (an owner reference, Helm, Argo CD, Flux,
        External Secrets, Sealed Secrets, OpenShift, another owner), and mark it as made by this collection. What still
        manages it may write it back.
    type: bool
    default: false
  owner:
    description:
      - Safety. Name of the team or playbook whose declaration this Secret is, written as the label
        C(keyring.kubernetes/owner). A Secret with another owner is refused; a task without O(owner) may change a Secret
        of any owner.
    type: str
notes:
  - A run needs the verb C(get) on C(secrets) and on C(namespaces), and for changes C(create), C(patch) and C(delete) on
    C(secrets). The README has the whole Role.
  - When the module runs in a Python process of its own, Ansible hands it the arguments in a file. With
    E(ANSIBLE_KEEP_REMOTE_FILES) set that file stays, and with E(ANSIBLE_DEBUG) set its content is printed; both hold
    the passwords.
"""

EXAMPLES = r"""
- name: One registry
  keyring.kubernetes.image_pull_secret:
    namespace: web
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: A second registry in the same Secret, the first one stays
  keyring.kubernetes.image_pull_secret:
    namespace: web
    name: registry
    registries:
      - server: https://index.docker.io/v1/
        username: acme
        password: "{{ docker_hub_token }}"
        email: ops@example.com

- name: Change the user and keep the stored password of another
  keyring.kubernetes.image_pull_secret:
    namespace: web
    name: registry
    update_credentials: when_given
    labels:
      team: web
    registries:
      - server: ghcr.io
      - server: https://index.docker.io/v1/
        email: platform@example.com

- name: The docker config of a machine user, exactly this and nothing else
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: registry
    docker_config: "{{ machine_docker_config }}"
    purge_registries: true
    owner: team-batch

- name: Copy what somebody else keeps, without Ansible seeing it
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: shared-registry
    credentials_from:
      namespace: web
      name: registry

- name: Remove one registry
  keyring.kubernetes.image_pull_secret:
    namespace: web
    name: registry
    registries:
      - server: ghcr.io
        state: absent

- name: Delete the Secret
  keyring.kubernetes.image_pull_secret:
    namespace: web
    name: registry
    state: absent
"""

RETURN = r"""
operation:
  description: What was done, or in check mode would be done.
  returned: always
  type: str
  sample: updated
  choices: [created, updated, recreated, deleted, unchanged, failed]
secret:
  description: The Secret as it is afterwards, without material; null where there is none.
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
      sample: registry
    type:
      description: Its type.
      type: str
      sample: kubernetes.io/dockerconfigjson
    uid:
      description: Its UID; null in check mode for a Secret that would be made.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: Its resource version; null in check mode where it would change.
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
      description: Those annotations that the task sets or that are this collection's own.
      type: dict
      sample: {keyring.kubernetes/origin: web/registry}
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
credentials_kept:
  description: Servers whose stored credentials were kept, by O(update_credentials).
  returned: when O(state=present)
  type: list
  elements: str
  sample: [ghcr.io]
unmanaged_registries:
  description: Servers in the Secret that the task does not name.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [quay.io]
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

from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import CODE
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.module import run_module


def main() -> None:
    run_module(CODE)


if __name__ == "__main__":
    main()
