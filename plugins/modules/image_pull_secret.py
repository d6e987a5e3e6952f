# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pull secret, present or absent, in one namespace or in many."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pull_secret
short_description: Manage image pull secrets in Kubernetes namespaces
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Creates, updates or deletes a Secret of type C(kubernetes.io/dockerconfigjson) with credentials for registries.
  - Registries add up. Registries that the task does not list stay in the Secret, as do other labels, annotations and
    keys.
  - The Secret is read once, and written only if something would change. It is updated in place, so the UID stays.
    Changes that another client makes at the same time are never overwritten.
  - One task can manage the same Secret in many namespaces. It reads all of them at once, and writes only those that
    differ, several at a time. If one fails, the task continues with the others. Run it again to process the remaining
    namespaces.
  - No password, token or C(auth) string, and no base64 of one, appears in results, diffs, warnings, errors or logs.
    This module cannot read a password.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret
options:
  state:
    description:
      - V(present) creates or updates the Secret. V(absent) deletes it.
      - With V(absent), only the options that select the Secret, O(owner), O(take_ownership), O(service_accounts) and
        O(in_use) have an effect.
    type: str
    choices: [present, absent]
    default: present
  registries:
    description:
      - The credentials, one item for each registry. They are combined with O(docker_config), O(docker_config_file) and
        O(credentials_from). The same registry twice is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - The registry as in image names, a host with optional port and path, such as V(ghcr.io) or
            V(registry.example.com:5000/team/). For Docker Hub, use V(https://index.docker.io/v1/).
          - V(*) stands for one part of a host. A path without a final C(/) also serves longer names.
          - Either this option or O(registries[].preset) is required.
        type: str
      preset:
        description:
          - The name of a known registry, in place of O(registries[].server). The preset knows the server, and for some
            registries the user name. A preset with several servers writes an entry for each of them. Credentials that
            the registry is known to refuse are an error.
          - One of V(acr), V(alibaba), V(artifact_registry), V(artifactory), V(digitalocean), V(docker_hub), V(ecr),
            V(ecr_public), V(gcr), V(ghcr), V(gitlab), V(harbor), V(ibm_cloud), V(nexus), V(ngc),
            V(openshift_internal), V(oracle), V(quay), V(red_hat) and V(scaleway).
          - The R(table of presets,ansible_collections.keyring.kubernetes.docsite.registries) lists their servers,
            options, user names and passwords.
        type: str
      preset_options:
        description:
          - The options of O(registries[].preset), such as C(region) and C(account_id) for V(ecr), C(location) for
            V(artifact_registry), C(name) for V(acr), C(host) for V(harbor) or C(regions) for V(ibm_cloud).
          - For V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr), also how to mint a token if
            O(registries[].password) is not set, such as C(role_arn), C(key_file) or C(client_secret). These cannot be
            combined with a password.
        type: dict
      username:
        description:
          - The user name. It cannot contain C(:). Leave it out if O(registries[].preset) knows it.
        type: str
      password:
        description:
          - The password or token. An empty string or a mask such as C(******) is an error.
          - Without a password, the presets V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) mint a token
            on the machine that runs the task, once for all namespaces and never in check mode. This requires the Python
            package C(boto3), C(google-auth[requests]) or C(azure-identity). A stored token that is valid for long
            enough stays, and no request is sent to the cloud. See O(min_validity).
        type: str
      expires_at:
        description:
          - The expiry date of the password, as a date or as a time with its zone, such as V(2027-01-31) or
            V(2027-01-31T12:00:00Z). A date needs no quotes in YAML. It is stored in the annotation
            C(keyring.kubernetes/expires-at) and returned in results. Minted tokens have an expiry date of their own.
          - If the password changes without this option, the expiry date is unknown. An expired password gives a
            warning.
        type: str
      email:
        description:
          - The e-mail address. Kubernetes does not use it. Without this option, a stored address stays.
        type: str
      state:
        description:
          - V(absent) removes this registry from the Secret. Removing the last registry is an error.
        type: str
        choices: [present, absent]
        default: present
  docker_config:
    description:
      - A whole docker config, as a mapping, as JSON or YAML, as base64 of these, as a Secret with C(data) or
        C(stringData), or as the content of its C(data). Downloads from Quay and Red Hat and the output of
        C(kubectl get secret -o yaml) can be used as they are. The older form C(.dockercfg) is accepted, too. In a List
        or in several YAML documents, exactly one must be a Secret with a docker config.
      - Names of fields are read as the kubelet reads them, regardless of case, and written in the usual spelling. Only
        C(auths) is written.
      - Entries without credentials, such as C({}) of a credential helper, are left out with a warning. A config without
        other entries is an error, and so is an entry with only a user name or only a password.
      - Session tokens of C(docker login) are left out with a warning. These are the entries
        C(https://index.docker.io/v1/access-token) and C(https://index.docker.io/v1/refresh-token), and the fields
        C(identitytoken) and C(registrytoken). They give access to the whole account, and the kubelet does not use them.
    type: raw
  docker_config_file:
    description:
      - The path of a file with a docker config of at most 1 MiB, in one of the forms of O(docker_config). It is
        searched for on the controller, first in C(files) of the role, and can be encrypted with Ansible Vault. See
        O(remote_src).
      - Files with a byte-order mark and UTF-16, as written by C(>) in Windows PowerShell, are accepted.
    type: path
  docker_config_servers:
    description:
      - Import only these servers of O(docker_config) or O(docker_config_file). Each must have an entry with credentials
        there. Without this option, all servers are imported.
      - Different spellings of one registry are the same, such as V(ghcr.io) and V(https://ghcr.io/v2/).
    type: list
    elements: str
  credentials_from:
    description:
      - Copy the credentials of another pull secret. They are read inside the task, so Ansible never sees them. Session
        tokens of C(docker login) are not copied.
    type: dict
    suboptions:
      name:
        description:
          - The name of the Secret to copy from.
        type: str
        required: true
      namespace:
        description:
          - The namespace of that Secret. The default is the namespace of the Secret that is written. Required if the
            task writes to many namespaces.
        type: str
  update_credentials:
    description:
      - What to do with credentials that are already stored.
      - V(always) writes the given credentials. Each registry needs a user name and a password.
      - V(when_given) keeps the stored user name or password if it is not given.
      - V(on_create) writes a registry once. Afterwards, another system can rotate it.
      - With V(when_given) and V(on_create), a token is minted only if none is stored, or with V(when_given) and
        O(force_mint).
    type: str
    choices: [always, when_given, on_create]
    default: always
  purge_registries:
    description:
      - Remove the registries that the task does not list. A stored docker config that does not parse is replaced.
    type: bool
    default: false
  min_validity:
    description:
      - Mint a new token if the stored one is valid for less than this number of seconds. The default is a third of the
        lifetime of such tokens, which is 4 hours for V(ecr), 20 minutes for V(artifact_registry) and 1 hour for V(acr).
      - It must be longer than the time between two runs.
    type: int
  force_mint:
    description:
      - Mint tokens even if the stored ones are still valid, for example after a token leaked.
    type: bool
    default: false
  images:
    description:
      - Images that this Secret must serve, such as V(ghcr.io/acme/app:1.2). Before the task writes, it looks up each
        image in the new content of the Secret, by the rules of the kubelet, in each namespace and also in check mode.
        O(preflight) selects what happens if an image finds no credentials.
      - No request is sent to the registry, so the task does not know whether the credentials are valid.
    type: list
    elements: str
  preflight:
    description:
      - What to do if one of O(images) finds no credentials. V(fail) fails before anything is written, and names entries
        that nearly match. V(warn) warns and writes.
    type: str
    choices: [fail, warn]
    default: fail
seealso:
  - module: keyring.kubernetes.image_pull_secret_info
  - module: keyring.kubernetes.image_access_info
  - module: keyring.kubernetes.service_account_secrets
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_first_secret
    description: Create the first Secret, step by step.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_many
    description:
      Manage a Secret in every namespace of every cluster. The role P(keyring.kubernetes.pull_secrets#role) does it from
      data.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Create a pull secret for one registry
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Add a second registry to the same Secret
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: https://index.docker.io/v1/
        username: acme
        password: "{{ docker_hub_token }}"
        email: ops@example.com

- name: Change an e-mail address and keep the stored passwords
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    update_credentials: when_given
    labels:
      team: shop
    registries:
      - server: ghcr.io
      - server: https://index.docker.io/v1/
        email: platform@example.com

- name: Write a docker config, and remove all other registries
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: registry
    docker_config: "{{ machine_docker_config }}"
    purge_registries: true
    owner: team-batch

- name: Copy a Secret that another tool manages
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: shared-registry
    credentials_from:
      namespace: shop
      name: registry

- name: Create the same Secret in many namespaces, except for the sandboxes
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*, '!*-sandbox']
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Copy one Secret to all namespaces with a label
  keyring.kubernetes.image_pull_secret:
    namespace_selectors: [registry=shared]
    name: shared-registry
    credentials_from:
      namespace: batch
      name: shared-registry

- name: Check the Secret against images before it is written
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    images:
      - ghcr.io/acme/app:1.2
      - ghcr.io/acme/worker:1.2

- name: Link the Secret, so that the Pods of the namespace use it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    service_accounts: [default]

- name: Manage a Secret in the namespaces of a team, and delete it where it is no longer selected
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: team-registry
    owner: team-shop
    prune: true
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Use presets, which know their servers and user names
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: cloud-registries
    registries:
      - preset: ecr
        preset_options:
          account_id: "123456789012"
          region: eu-central-1
        password: "{{ ecr_token }}"
      - preset: ngc
        password: "{{ ngc_api_key }}"

- name: Mint a token for ECR if the stored one expires soon
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: ecr
    registries:
      - preset: ecr
        preset_options:
          account_id: "123456789012"
          region: eu-central-1
          role_arn: arn:aws:iam::123456789012:role/pull

- name: Remove one registry
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        state: absent

- name: Unlink the Secret from all ServiceAccounts and delete it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    state: absent
    service_accounts: ['*']
"""

RETURN = r"""
failure:
  description:
    - Why the task failed. Unlike the message, these fields are stable, so a playbook can branch on them.
    - For many namespaces, RV(failure.id) and RV(failure.option) are those of the first failed namespace by name, unless
      one failure stopped the whole task.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The id of the failure. All of them are listed in
          R(Look up and handle failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: in_use
    option:
      description:
        - The full name of the option that causes the failure, such as C(registries[2].password). Null if no option
          or several options cause it.
      type: str
      sample: null
    namespace:
      description:
        - The namespace in which the task failed. Null if several failed, or if the task failed before it used one.
      type: str
      sample: web
operation:
  description:
    - What was done, or in check mode would be done. V(updated) if only a link changed. For many namespaces, V(updated)
      if the changes differ.
  returned: always
  type: str
  sample: updated
  choices: [created, updated, recreated, deleted, unchanged, failed]
secret:
  description: The Secret after the task, without secret data. Null if there is none.
  returned: success, for one namespace
  type: dict
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
    uid:
      description: The UID. Null in check mode for a Secret that would be created.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: The resource version. Null in check mode if it would change.
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
      description: The annotations that the task sets, and those of this collection. Others are not returned.
      type: dict
      sample: {keyring.kubernetes/origin: web/registry}
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
          description: The user name. C(<hidden>) if it is a token or equals the password.
          type: str
          sample: octo
        email:
          description: The e-mail address, or null.
          type: str
          sample: ops@example.com
        expires_at:
          description:
            - The expiry date of the credentials. Null if it is unknown. C(<known after apply>) in check mode for a
              token that would be minted.
          type: str
          sample: "2026-11-21T22:00:00Z"
minted:
  description: The servers for which a token was minted, or would be minted in check mode.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [public.ecr.aws]
next_run_before:
  description:
    - The time at which the first of the credentials expires, in any namespace. The task must run again before that
      time, when less than O(min_validity) remains.
    - Null if no expiry date is known. C(<known after apply>) in check mode if a token would be minted.
  returned: when O(state=present)
  type: str
  sample: "2026-11-21T22:00:00Z"
secrets:
  description:
    - An item for each namespace that changed, sorted by name. O(report) selects more.
    - After a failure, an item for each failed namespace, unless O(report) selects more.
  returned: for many namespaces, also after a failure
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: team-a
    operation:
      description: What was done. V(skipped) for a namespace that is being deleted, or that the task copies from.
      type: str
      sample: created
      choices: [created, updated, recreated, deleted, unchanged, skipped, failed]
    secret:
      description: The Secret, with the fields of RV(secret). Null if there is none.
      type: dict
    msg:
      description: Why the namespace failed or was skipped.
      type: str
      returned: when it failed or was skipped
    failure:
      description: As RV(failure).
      type: dict
      returned: when it failed
    links:
      description: As RV(links).
      type: list
      elements: dict
      returned: when O(service_accounts) is given and it did not fail
    credentials_kept:
      description: As RV(credentials_kept).
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
    next_run_before:
      description: As RV(next_run_before), of this namespace.
      type: str
      returned: when O(state=present) and it did not fail
    unmanaged_registries:
      description: As RV(unmanaged_registries).
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
    images:
      description: As RV(images).
      type: list
      elements: dict
      returned: when O(images) is given, O(state=present) and it did not fail
summary:
  description: The number of selected namespaces, by what was done.
  returned: for many namespaces, also after a failure
  type: dict
  contains:
    namespaces:
      description: The number of selected namespaces.
      type: int
      sample: 500
    created:
      description: The number of namespaces in which the Secret was created.
      type: int
      sample: 2
    updated:
      description: The number of namespaces in which it was changed in place.
      type: int
      sample: 1
    recreated:
      description: The number of namespaces in which it was deleted and recreated.
      type: int
      sample: 0
    deleted:
      description: The number of namespaces in which it was deleted.
      type: int
      sample: 0
    unchanged:
      description: The number of namespaces in which nothing changed.
      type: int
      sample: 496
    skipped:
      description: The number of skipped namespaces.
      type: int
      sample: 1
    failed:
      description: The number of failed namespaces.
      type: int
      sample: 0
    not_tried:
      description: The number of namespaces that were not reached, because a failure stopped the task.
      type: int
      sample: 0
created:
  description: Names of the namespaces in which the Secret was created.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-a]
updated:
  description: Names of the namespaces in which the Secret was changed in place.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-b]
recreated:
  description: Names of the namespaces in which the Secret was deleted and created again.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the namespaces in which the Secret was deleted.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: []
not_tried:
  description: Names of the namespaces that were not reached, because a failure stopped the task or the pruning.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-c]
diff:
  description:
    - What changed, or in check mode would change. Secret data is C(<hidden>), or C(<hidden, changed>) where it changes.
    - For many namespaces a list. A change that several namespaces share is one item, which has only the parts that
      change; C(<namespace>) in it stands for the name of each namespace.
  returned: with C(--diff)
  type: dict
  contains:
    before:
      description: The Secret before the task; empty if there was none.
      type: dict
    after:
      description: The Secret after the task; empty if it was deleted.
      type: dict
    before_header:
      description: The Secret, and in how many namespaces it changes.
      type: str
      sample: Secret registry in 300 namespaces
    after_header:
      description: The Secret, and the names of the first ten namespaces.
      type: str
      sample: Secret registry in team-a, team-b
    namespaces:
      description: The names of all namespaces that share the change.
      returned: for many namespaces
      type: list
      elements: str
      sample: [team-a, team-b]
unmatched:
  description: The globs and label selectors that match no namespace. If there are any, O(prune) deletes nothing.
  returned: for many namespaces, also after a failure
  type: list
  elements: str
  sample: ['namespaces: "team-*"']
links:
  description:
    - What was done to each of O(service_accounts), in the given order. With O(state=absent), a ServiceAccount that does
      not exist is left out.
  returned: when O(service_accounts) is given, for one namespace
  type: list
  elements: dict
  contains:
    service_account:
      description: The name.
      type: str
      sample: default
    operation:
      description: What was done, or in check mode would be done.
      type: str
      sample: linked
      choices: [linked, unlinked, unchanged]
credentials_kept:
  description: The servers whose stored credentials were kept because of O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ghcr.io]
unmanaged_registries:
  description: The servers in the Secret that the task does not list.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [quay.io]
images:
  description: The entry of the Secret that serves each of O(images), in the given order.
  returned: when O(images) is given and O(state=present), for one namespace
  type: list
  elements: dict
  contains:
    image:
      description: The image, as given.
      type: str
      sample: ghcr.io/acme/app:1.2
    server:
      description: The entry whose credentials are tried first. Null if there is none.
      type: str
      sample: ghcr.io
    username:
      description: The user name of that entry, as in RV(secret). Null if there is none.
      type: str
      sample: octo
cluster:
  description: The API server that the task used, and how it was chosen.
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
      description: The source of the choice, one of V(arguments), V(environment), V(kubeconfig), V(in_cluster).
      type: str
      sample: arguments
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.image_pull_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
