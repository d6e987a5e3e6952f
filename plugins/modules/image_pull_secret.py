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
  - Makes a Secret of type C(kubernetes.io/dockerconfigjson) present, with the credentials for the named registries, or
    absent.
  - Registries add up. Those that the task does not name stay in the Secret, as do other labels, annotations and keys.
  - The Secret is read once and written only when something would change. It is updated in place, so its UID survives,
    and a write of another client in between is never overwritten.
  - One task can keep the same Secret in many namespaces. All of them are read at once, and only those that differ are
    written, several at a time. Where one fails the others go on, and running the task again finishes the rest.
  - No password, token, C(auth) text or base64 of them appears in results, diffs, warnings, errors or logs. There is no
    way to read a password with this module.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret
options:
  state:
    description:
      - V(present) makes and updates the Secret, V(absent) deletes it.
      - With V(absent) only the options that name the Secret, its O(owner) and O(take_ownership) count.
    type: str
    choices: [present, absent]
    default: present
  registries:
    description:
      - Credentials, a registry an item. United with O(docker_config), O(docker_config_file) and
        O(credentials_from); the same registry twice is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - The registry as in image names, a host with optional port and path, such as V(ghcr.io) or
            V(registry.example.com:5000/team/). For Docker Hub V(https://index.docker.io/v1/).
          - V(*) stands for one part of a host. A path without final C(/) also serves longer names.
          - Either this or O(registries[].preset) is needed.
        type: str
      preset:
        description:
          - A registry by name, in place of O(registries[].server). It knows what its server is called, and for some
            registries who logs in there; a preset with several servers makes an entry for each. What the registry is
            known to refuse is an error here.
          - One of V(acr), V(alibaba), V(artifact_registry), V(artifactory), V(digitalocean), V(docker_hub), V(ecr),
            V(ecr_public), V(gcr), V(ghcr), V(gitlab), V(harbor), V(ibm_cloud), V(nexus), V(ngc),
            V(openshift_internal), V(oracle), V(quay), V(red_hat) and V(scaleway).
          - Their servers, options, usernames and passwords are in the
            R(table of presets,ansible_collections.keyring.kubernetes.docsite.registries).
        type: str
      preset_options:
        description:
          - What O(registries[].preset) needs to know, such as the C(region) and C(account_id) of V(ecr), the
            C(location) of V(artifact_registry), the C(name) of V(acr), the C(host) of V(harbor) or the C(regions) of
            V(ibm_cloud).
          - For V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) also how a token is minted where
            O(registries[].password) is left out, such as C(role_arn), C(key_file) or C(client_secret). These have no
            place beside a password.
        type: dict
      username:
        description:
          - User name; it cannot contain C(:). With a O(registries[].preset) that knows it, it may be left out.
        type: str
      password:
        description:
          - Password or token. An empty text or a mask such as C(******) is an error.
          - Without it the presets V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) mint a token on the
            machine that runs the task, once for all namespaces and never in check mode. That needs the Python package
            C(boto3), C(google-auth[requests]) or C(azure-identity) there. A stored token that lasts stays, and the
            cloud is not asked; see O(min_validity).
        type: str
      expires_at:
        description:
          - When the password ends, as a date or a time with its zone, such as V(2027-01-31) or
            V(2027-01-31T12:00:00Z). It is kept in the annotation C(keyring.kubernetes/expires-at) of the Secret and
            returned in results. A minted token has its own. It may be a date without quotes, as YAML has it.
          - A password that changes without it has no known expiry date. One that has expired gives a warning.
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
      - A whole docker config. It may be a mapping, JSON or YAML text, base64 of that, a Secret with C(data) or
        C(stringData), or the content of its C(data). So the downloads of Quay and Red Hat and the output of
        C(kubectl get secret -o yaml) can be given as they are. Of a List, or of several YAML documents, exactly one
        must be a Secret with a docker config. The older form C(.dockercfg) is read too.
      - The names of fields are read as the kubelet reads them, regardless of case, and written in the usual spelling.
        Of the config only C(auths) is written.
      - Entries without credentials are left out with a warning, such as C({}) of a credential helper. A config that has
        nothing else is an error, and so is an entry with only one half of its credentials.
      - The session tokens of C(docker login) are left out with a warning, such as the entries
        C(https://index.docker.io/v1/access-token) and C(https://index.docker.io/v1/refresh-token), and the fields
        C(identitytoken) and C(registrytoken). They open the whole account, and no kubelet uses them. A config that has
        nothing else is an error.
    type: raw
  docker_config_file:
    description:
      - Path of a file with a docker config, at most 1 MiB, in one of the forms of O(docker_config). It is looked
        for on the controller, in a role's C(files) first, and may be encrypted with Ansible Vault; see O(remote_src).
      - A byte-order mark is skipped, and UTF-16 with one is read, as written by C(>) of Windows PowerShell.
    type: path
  docker_config_servers:
    description:
      - Import only these servers of O(docker_config) or O(docker_config_file). Each must have an entry there with
        credentials; the other entries are ignored. Without it, all are imported.
      - Two spellings of one registry are the same, such as V(ghcr.io) and V(https://ghcr.io/v2/).
    type: list
    elements: str
  credentials_from:
    description:
      - Copy the credentials of another pull secret. It is read inside the task, so Ansible never sees them.
        Session tokens of C(docker login) are not copied.
    type: dict
    suboptions:
      name:
        description:
          - Name of the Secret to copy from.
        type: str
        required: true
      namespace:
        description:
          - Its namespace. Without it, that of the Secret that is written; needed where that is in many namespaces.
        type: str
  update_credentials:
    description:
      - What happens to credentials that are stored already.
      - V(always) writes the given ones, and needs username and password for each registry.
      - V(when_given) keeps what is stored where username or password is left out.
      - V(on_create) writes a registry once, and leaves it to a rotation elsewhere afterwards.
      - With these two a token is minted only where nothing is stored, or with V(when_given) and O(force_mint).
    type: str
    choices: [always, when_given, on_create]
    default: always
  purge_registries:
    description:
      - Remove the registries that the task does not name. Also replaces a stored docker config that does not
        parse.
    type: bool
    default: false
  min_validity:
    description:
      - For how many seconds a stored minted token must still last to stay. Without it, a third of what such
        tokens last, which is 4 hours for V(ecr), 20 minutes for V(artifact_registry) and an hour for V(acr).
      - It has to be more than the time between two runs.
    type: int
  force_mint:
    description:
      - Mint tokens also where the stored ones last, such as after one leaked.
    type: bool
    default: false
  images:
    description:
      - Images that this Secret must serve, such as V(ghcr.io/acme/app:1.2). With the Secret as it would be, also
        in check mode and in each namespace, each of them must find credentials in it in the way in which the kubelet
        looks for them; else see O(preflight). No registry is asked, so whether the credentials are good is not known.
    type: list
    elements: str
  preflight:
    description:
      - What happens when one of O(images) finds no credentials. V(fail) refuses before anything is written, and
        says what nearly serves the image. V(warn) writes, and says it in a warning.
    type: str
    choices: [fail, warn]
    default: fail
"""

EXAMPLES = r"""
- name: One registry
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: A second registry in the same Secret, the first one stays
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: https://index.docker.io/v1/
        username: acme
        password: "{{ docker_hub_token }}"
        email: ops@example.com

- name: Change the user and keep the stored password of another
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

- name: The docker config of a machine user, exactly this and nothing else
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: registry
    docker_config: "{{ machine_docker_config }}"
    purge_registries: true
    owner: team-batch

- name: Copy a Secret that another program manages, without Ansible seeing it
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: shared-registry
    credentials_from:
      namespace: shop
      name: registry

- name: The same Secret in every namespace of the teams, except for the sandboxes
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*, '!*-sandbox']
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: A copy of one Secret in all namespaces with a label
  keyring.kubernetes.image_pull_secret:
    namespace_selectors: [registry=shared]
    name: shared-registry
    credentials_from:
      namespace: batch
      name: shared-registry

- name: A Secret that must serve what is deployed with it
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

- name: A Secret that the Pods of the namespace use without naming it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    service_accounts: [default]

- name: One Secret for the namespaces of a team, and gone from those that no longer are
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: team-registry
    owner: team-shop
    prune: true
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Two registries by name, which know their servers and users
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

- name: A token of ECR, minted with a role when the stored one does not last
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

- name: Delete the Secret, unless something but the ServiceAccounts uses it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    state: absent
    service_accounts: ['*']
"""

RETURN = r"""
failure:
  description:
    - Why the task failed. Unlike the message, these fields are stable, so that a playbook can branch on them.
    - For many namespaces, RV(failure.id) and RV(failure.option) are those of the first failed namespace in the order of
      names, unless one failure stopped the whole task.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The id of the failure. All of them are listed in
          R(Branch on failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: in_use
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
  description:
    - What was done, or in check mode would be done; V(updated) also where only a link changed. For many namespaces
      V(updated) where it was not the same in all that changed.
  returned: always
  type: str
  sample: updated
  choices: [created, updated, recreated, deleted, unchanged, failed]
secret:
  description: The Secret after the task, without secret data; null if there is none.
  returned: success, for one namespace
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
        expires_at:
          description: When the credentials end, where that is known, or null; C(<known after apply>) in check mode
            for one that would be minted.
          type: str
          sample: "2026-11-21T22:00:00Z"
minted:
  description: Servers for which a token was minted, or in check mode would be.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [public.ecr.aws]
next_run_before:
  description:
    - When the first of the task's credentials expires, in any namespace; null where no expiry date is known,
      and C(<known after apply>) in check mode where one would be minted. The task must run again before that, when less
      than O(min_validity) is left.
  returned: when O(state=present)
  type: str
  sample: "2026-11-21T22:00:00Z"
secrets:
  description:
    - An item for each namespace, sorted by name, except for those where nothing was to be done; see O(report).
    - After a failure an item for each failed namespace, unless O(report) asks for more.
  returned: for many namespaces, also after a failure
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: team-a
    operation:
      description: What was done there; V(skipped) for a namespace that is being deleted or that is copied from.
      type: str
      sample: created
      choices: [created, updated, recreated, deleted, unchanged, skipped, failed]
    secret:
      description: The Secret there, with the fields of RV(secret); null where there is none.
      type: dict
    msg:
      description: Why it failed or was skipped.
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
  description: How many namespaces were meant, and how many of them came to which end.
  returned: for many namespaces, also after a failure
  type: dict
  contains:
    namespaces:
      description: How many namespaces were meant.
      type: int
      sample: 500
    created:
      description: Where the Secret was made.
      type: int
      sample: 2
    updated:
      description: Where it was changed in place.
      type: int
      sample: 1
    recreated:
      description: Where it was deleted and recreated.
      type: int
      sample: 0
    deleted:
      description: Where it was deleted.
      type: int
      sample: 0
    unchanged:
      description: Where nothing was to be done.
      type: int
      sample: 496
    skipped:
      description: Which were left alone.
      type: int
      sample: 1
    failed:
      description: Which failed.
      type: int
      sample: 0
    not_tried:
      description: Which were not reached, because the API server no longer answered or accepted the credentials.
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
  description: The globs and label selectors that match no namespace; O(prune) then deletes nothing.
  returned: for many namespaces, also after a failure
  type: list
  elements: str
  sample: ['namespaces: "team-*"']
links:
  description: What was done to each of O(service_accounts), in their order; one that does not exist is left out with
    O(state=absent).
  returned: when O(service_accounts) is given, for one namespace
  type: list
  elements: dict
  contains:
    service_account:
      description: Its name.
      type: str
      sample: default
    operation:
      description: What was done, or in check mode would be done.
      type: str
      sample: linked
      choices: [linked, unlinked, unchanged]
credentials_kept:
  description: Servers whose stored credentials were kept, by O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ghcr.io]
unmanaged_registries:
  description: Servers in the Secret that the task does not name.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [quay.io]
images:
  description: Which entry of the Secret serves each of O(images), in their order.
  returned: when O(images) is given and O(state=present), for one namespace
  type: list
  elements: dict
  contains:
    image:
      description: The image, as it was given.
      type: str
      sample: ghcr.io/acme/app:1.2
    server:
      description: The entry whose credentials are tried first; null where there is none.
      type: str
      sample: ghcr.io
    username:
      description: Its user name, as in RV(secret); null where there is none.
      type: str
      sample: octo
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
        from ..module_utils._tasks.image_pull_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
