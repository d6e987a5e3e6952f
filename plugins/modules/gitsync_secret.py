# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git credential for one consumer, present or absent, in one namespace or in many."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gitsync_secret
short_description: Manage Git credentials in the Secrets that their consumers read
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Creates, updates or deletes a Secret with one Git credential, with the type, keys, labels and annotations that its
    consumer reads.
  - The credential is checked before anything is written. Unambiguous damage to a private key, such as CRLF or a missing
    newline, is fixed. A credential that the consumer cannot use is an error.
  - A change from one kind of credential to another removes the keys of the old one. A change of O(format) also removes
    the keys, labels and annotations of the old consumer, if this collection created the Secret. Keys that no format
    knows stay, as do other labels and annotations.
  - The Secret is read once, and written only if something would change. It is updated in place, so the UID stays.
    Changes that another client makes at the same time are never overwritten.
  - One task can manage the same Secret in many namespaces. It reads all of them at once, and writes only those that
    differ, several at a time. If one fails, the task continues with the others. Run it again to process the remaining
    namespaces.
  - No private key, password or token, and no base64 of one, appears in results, diffs, warnings, errors or logs. This
    module cannot read one. For an SSH key, it returns the public part.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret
requirements:
  - cryptography >= 38 on the machine that runs the task
options:
  state:
    description:
      - V(present) creates or updates the Secret. V(absent) deletes it.
      - With V(absent), only the options that select the Secret, O(owner), O(take_ownership), O(service_accounts) and
        O(in_use) have an effect, and C(custom_type) in O(format_options). Without C(custom_type), a Secret of that type
        is not deleted.
    type: str
    choices: [present, absent]
    default: present
  format:
    description:
      - The consumer that reads the Secret. Use one Secret for each format.
      - V(git_sync) - git-sync. SSH, HTTPS or cookie file.
      - V(primehub) - PrimeHub. SSH; O(name) begins with C(gitsync-secret-).
      - V(airflow) - The official Helm chart of Apache Airflow. SSH or HTTPS.
      - V(airflow_community) - The community's Helm chart of Apache Airflow. SSH or HTTPS.
      - V(config_sync) - Config Sync. SSH, HTTPS, cookie file or GitHub App.
      - V(flux) - A GitRepository of Flux. SSH with host keys, HTTPS or GitHub App.
      - V(argocd_repository) - A repository of Argo CD. SSH, HTTPS or GitHub App; needs O(url).
      - V(argocd_repo_creds) - A credential template of Argo CD, as for V(argocd_repository). O(url) is a prefix.
      - V(tekton) - Tekton Pipelines. SSH or HTTPS; needs O(url).
      - V(fleet) - A GitRepo of Fleet. SSH, HTTPS or GitHub App.
      - V(openshift_build) - A build of OpenShift. SSH or HTTPS.
      - V(jenkins) - The Kubernetes Credentials Provider of Jenkins. SSH, HTTPS or GitHub App.
      - V(kargo) - Kargo. HTTPS or GitHub App; needs O(url).
      - V(kpack) - kpack. SSH or HTTPS; needs O(url), with a host and without a path.
      - V(vendir) - vendir of Carvel. SSH or HTTPS. It refuses unknown keys, so other keys in the Secret are an error.
      - V(custom) - Any other consumer, with the names of its keys in O(keys).
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
    default: git_sync
  keys:
    description:
      - For O(format=custom), the key of the Secret for each part of the credential. The parts have the names of the
        options, such as V(private_key), V(known_hosts), V(username), V(password), V(cookie_file) or V(url).
      - For such a Secret, the result contains only host keys and public keys, because any key could be declared as
        V(username).
    type: dict
    default: {}
  format_options:
    description:
      - Options of the consumer. V(null) removes a value that an earlier task wrote.
      - For V(primehub) C(primehub_display_name). The default is the name without C(gitsync-secret-).
      - For V(argocd_repository) C(argocd_name), C(argocd_project), C(argocd_insecure), C(argocd_enable_lfs),
        C(argocd_depth). For this format and V(argocd_repo_creds) C(argocd_force_http_basic_auth), C(argocd_proxy),
        C(argocd_no_proxy).
      - For V(tekton) C(tekton_index), the number in the annotation C(tekton.dev/git-0).
      - For V(openshift_build) C(openshift_match_uris), a list of patterns such as C(ssh://git.example.com/*).
      - For V(jenkins) C(jenkins_description), C(jenkins_scope) (V(global) or V(system)), and with O(ssh)
        C(jenkins_username). The default is the user in O(url), or C(git).
      - For V(kargo) C(kargo_url_is_regex). For V(custom) C(custom_type), the type of the Secret.
    type: dict
    default: {}
  url:
    description:
      - The URL of the repository, such as V(ssh://git@github.com/acme/app.git), V(git@github.com:acme/app.git) or
        V(https://github.com/acme/app.git), without a password.
      - A user name before the host, as in the clone URLs of Azure DevOps and Bitbucket, is kept and never shown. A
        password or token there is an error.
      - The URL is written to the Secret if the consumer reads it there. The credential and its host keys must match the
        URL.
    type: str
  ssh:
    description:
      - An SSH key. Exactly one of O(ssh), O(https), O(cookie_file) and O(github_app) is required, unless
        O(credentials_from) is set.
    type: dict
    suboptions:
      private_key:
        description:
          - The private key (RSA, ECDSA or Ed25519), in the OpenSSH format or as PEM.
          - A key that takes too long to open is an error. At most 512 rounds of bcrypt (C(ssh-keygen -a)), 2,000,000
            iterations of another key derivation function, and 8192 bits are accepted.
        type: str
      private_key_file:
        description:
          - The path of a file with the private key. It is searched for on the controller, first in C(files) of the
            role, and can be encrypted with Ansible Vault. See O(remote_src).
        type: path
      generate:
        description:
          - Generate a key of this type once, on the machine that runs the task. A stored key is kept, regardless of its
            type. All namespaces of the task get the same key. RV(public_key) is its public part.
          - A type that the server in O(url) does not accept is an error. Azure DevOps and AWS CodeCommit accept only
            RSA keys.
        type: str
        choices: [ed25519, ecdsa, rsa]
      passphrase:
        description:
          - The passphrase of the private key. It is written to the Secret for Flux and Jenkins. Other consumers cannot
            use a passphrase, so the key is written without it.
        type: str
      known_hosts:
        description:
          - The host keys, as lines of a C(known_hosts) file. They must contain the host and port of O(url).
          - Lines that no SSH client uses, such as those with a DSA key, and damaged lines for other hosts than that of
            O(url), are left out with a warning. Consumers written in Go would otherwise refuse all lines.
          - A host key that its owner has replaced, such as the RSA key that GitHub used until 2023, is not accepted.
        type: str
      scan_host_keys:
        description:
          - Fetch the host keys of the server in O(url) with C(ssh-keyscan) if no matching ones are stored. Without
            O(ssh.host_key_fingerprints), any server that answers is trusted, with a warning.
        type: bool
        default: false
      host_key_fingerprints:
        description:
          - The fingerprints of the host keys that O(ssh.scan_host_keys) accepts, such as C(SHA256:…). Take them from
            the documentation of the provider.
        type: list
        elements: str
      convert:
        description:
          - Convert the key if the consumer cannot read its format. For Fleet, the key is always converted to PEM, as
            its documentation requires.
        type: bool
        default: false
  https:
    description:
      - A credential for HTTPS.
    type: dict
    suboptions:
      username:
        description:
          - The user name. It cannot contain C(:).
        type: str
      password:
        description:
          - The password or token.
        type: str
      bearer_token:
        description:
          - A token to send in place of user name and password.
        type: str
      ca_certificate:
        description:
          - The CA certificates that verify the server, as PEM.
        type: str
      client_certificate:
        description:
          - A client certificate, as PEM. Requires O(https.client_key).
        type: str
      client_key:
        description:
          - The key of the client certificate, as PEM and without a passphrase.
        type: str
  cookie_file:
    description:
      - The content of a cookie file as git reads it, such as C(.gitcookies).
    type: str
  github_app:
    description:
      - A GitHub App.
    type: dict
    suboptions:
      id:
        description:
          - The ID of the App, a number. One of O(github_app.id) and O(github_app.client_id) is required.
        type: str
      client_id:
        description:
          - The client ID of the App.
        type: str
      installation_id:
        description:
          - The ID of the installation, a number. One of O(github_app.installation_id) and O(github_app.owner) is
            required.
        type: str
      owner:
        description:
          - The organization or user that has installed the App.
        type: str
      private_key:
        description:
          - The private key of the App, as downloaded from GitHub.
        type: str
      base_url:
        description:
          - The URL of the API of a GitHub Enterprise server.
        type: str
  credentials_from:
    description:
      - Copy the credential of another Secret, also from another format. It is read inside the task, so Ansible never
        sees it. Values in O(ssh), O(https) and O(github_app) take precedence.
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
      format:
        description:
          - The format of that Secret. By default, it is derived from the type, keys and labels.
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
          - Like O(keys), for a Secret with other keys.
        type: dict
        default: {}
  update_credentials:
    description:
      - What to do with a credential that is already stored.
      - V(always) writes the whole given credential. Parts that are not given are removed.
      - V(when_given) keeps stored parts that are not given. C({}) keeps all of them.
      - V(on_create) writes the credential once. Afterwards, another system can rotate it.
    type: str
    choices: [always, when_given, on_create]
    default: always
seealso:
  - module: keyring.kubernetes.gitsync_secret_info
  - module: keyring.kubernetes.service_account_secrets
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_git
    description:
      Provide Git credentials for Flux, Argo CD, Tekton and others. The role P(keyring.kubernetes.git_credentials#role)
      provides one credential to several of them.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Write an SSH key for git-sync, with the host keys of the server
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-credential
    url: ssh://git@git.example.com/team/app.git
    ssh:
      private_key: "{{ deploy_key }}"
      known_hosts: "{{ git_host_keys }}"

- name: Generate a deploy key for Flux
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: flux-app
    format: flux
    url: ssh://git@git.example.com/team/app.git
    ssh:
      generate: ed25519
      known_hosts: "{{ git_host_keys }}"
  register: deploy_key_made

- name: Show the public key, to register it at the Git provider
  ansible.builtin.debug:
    var: deploy_key_made.public_key

- name: Copy the key for Argo CD
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: argocd-app
    format: argocd_repository
    url: ssh://git@git.example.com/team/app.git
    credentials_from:
      name: flux-app
    format_options:
      argocd_project: web

- name: Write a token for Tekton to many namespaces
  keyring.kubernetes.gitsync_secret:
    namespaces: [team-*, '!*-sandbox']
    name: tekton-git
    format: tekton
    url: https://git.example.com
    https:
      username: octo
      password: "{{ git_token }}"

- name: Write a key for PrimeHub from a file that is encrypted with Ansible Vault
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: gitsync-secret-models
    format: primehub
    ssh:
      private_key_file: "{{ deploy_key_file }}"
    format_options:
      primehub_display_name: Models

- name: Use other keys in the Secret
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: build-git
    format: custom
    keys: {private_key: id_ed25519, known_hosts: hosts}
    ssh:
      private_key: "{{ deploy_key }}"
      known_hosts: "{{ git_host_keys }}"

- name: Delete the Secret
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-credential
    state: absent
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
      sample: git-credential
    type:
      description: The type.
      type: str
      sample: Opaque
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
      sample: {keyring.kubernetes/origin: web/git-credential}
    format:
      description: The format, as in O(format).
      type: str
      sample: flux
    kind:
      description:
        - The kind of credential, V(ssh), V(https), V(cookie_file) or V(github_app). Null if its consumer would find
          none.
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
      description: The user name. C(<hidden>) if it is a token. Null if there is none.
      type: str
      sample: octo
    known_hosts:
      description: The host keys, each with hosts, algorithm and fingerprint. Null if there are none.
      type: list
      elements: str
      sample: ["git.example.com ssh-ed25519 SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY"]
    public_key:
      description: The public part of the private SSH key, or null.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
    fingerprint:
      description: The fingerprint of the key, or null.
      type: str
      sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
    unmanaged_keys:
      description: As RV(unmanaged_keys).
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
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
public_key:
  description:
    - The public part of the private SSH key, to register it as a deploy key. Null without a key, and if namespaces have
      different keys. In check mode, C(<known after apply>) for a key that would be generated.
  returned: when O(state=present) and the task succeeded
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
fingerprint:
  description: The fingerprint of the key, as printed by C(ssh-keygen -l).
  returned: when O(state=present) and the task succeeded
  type: str
  sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
  description: The parts of the credential that were kept because of O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ssh.private_key]
unmanaged_keys:
  description: The keys in the data that no format knows. They stay.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [notes]
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
        from ..module_utils._tasks.gitsync_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
