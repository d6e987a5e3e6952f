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
  - Makes a Secret with one Git credential present, in the type and under the keys, labels and annotations that its
    consumer reads, or absent.
  - The credential is checked before anything is written. Damage to a private key that can be undone for certain, such
    as CRLF or a lost newline, is fixed; what the consumer could not use is refused, with a sentence on how to go
    on.
  - A change from one kind of credential to another removes the keys of the old one. In a Secret that this collection
    made, a change of O(format) removes what the old consumer read, its labels and annotations too. Keys that no format
    knows stay, as do other labels and annotations.
  - The Secret is read once and written only when something would change. It is updated in place, so its UID survives,
    and a write of another client in between is never overwritten.
  - One task can keep the same Secret in many namespaces. All of them are read at once, and only those that differ are
    written, several at a time. Where one fails the others go on, and running the task again finishes the rest.
  - No private key, password or token, and no base64 of them, appears in results, diffs, warnings, errors or logs. There
    is no way to read one with this module; of an SSH key the public half is returned.
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
      - V(present) makes and updates the Secret, V(absent) deletes it.
      - With V(absent) only the options that name the Secret, its O(owner) and O(take_ownership) count, and the
        C(custom_type) in O(format_options), without which a Secret of that type is not deleted.
    type: str
    choices: [present, absent]
    default: present
  format:
    description:
      - The consumer that reads the Secret. A Secret is for one format; that of another is another Secret.
      - V(git_sync) - git-sync. SSH, HTTPS or cookie file.
      - V(primehub) - PrimeHub. SSH; O(name) begins with C(gitsync-secret-).
      - V(airflow) - The official Helm chart of Apache Airflow. SSH or HTTPS.
      - V(airflow_community) - The community's Helm chart of Apache Airflow. SSH or HTTPS.
      - V(config_sync) - Config Sync. SSH, HTTPS, cookie file or GitHub App.
      - V(flux) - A GitRepository of Flux. SSH with host keys, HTTPS or GitHub App.
      - V(argocd_repository) - A repository of Argo CD. SSH, HTTPS or GitHub App; needs O(url).
      - V(argocd_repo_creds) - A credential template of Argo CD. As V(argocd_repository); O(url) is a prefix of URLs.
      - V(tekton) - Tekton Pipelines. SSH or HTTPS; needs O(url).
      - V(fleet) - A GitRepo of Fleet. SSH, HTTPS or GitHub App.
      - V(openshift_build) - A build of OpenShift. SSH or HTTPS.
      - V(jenkins) - The Kubernetes Credentials Provider of Jenkins. SSH, HTTPS or GitHub App.
      - V(kargo) - Kargo. HTTPS or GitHub App; needs O(url).
      - V(kpack) - kpack. SSH or HTTPS; needs O(url), of a host without path.
      - V(vendir) - vendir of Carvel. SSH or HTTPS. It refuses keys that it does not know, so other keys are an error.
      - V(custom) - Names of your own, in O(keys).
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
      - For O(format=custom), under which key of the Secret each part of the credential stands. The parts are
        named as the options, such as V(private_key), V(known_hosts), V(username), V(password), V(cookie_file) or
        V(url).
      - Of such a Secret the result shows only host keys and public keys, for every key might be named V(username).
    type: dict
    default: {}
  format_options:
    description:
      - Particulars of the consumer. A value of V(null) takes away what an earlier task wrote.
      - For V(primehub) C(primehub_display_name), by default the name without its beginning.
      - For V(argocd_repository) C(argocd_name), C(argocd_project), C(argocd_insecure), C(argocd_enable_lfs),
        C(argocd_depth); for it and V(argocd_repo_creds) C(argocd_force_http_basic_auth), C(argocd_proxy),
        C(argocd_no_proxy).
      - For V(tekton) C(tekton_index), the number in the annotation C(tekton.dev/git-0).
      - For V(openshift_build) C(openshift_match_uris), a list of patterns such as C(ssh://git.example.com/*).
      - For V(jenkins) C(jenkins_description), C(jenkins_scope) (V(global) or V(system)), and with O(ssh)
        C(jenkins_username), by default the user in O(url), or C(git).
      - For V(kargo) C(kargo_url_is_regex). For V(custom) C(custom_type), the type of the Secret.
    type: dict
    default: {}
  url:
    description:
      - URL of the repository, such as V(ssh://git@github.com/acme/app.git), V(git@github.com:acme/app.git) or
        V(https://github.com/acme/app.git), without password.
      - A user name before the host, as in the clone URLs of Azure DevOps and Bitbucket, is kept and never shown. A
        password or token there is refused.
      - Written to the Secret where the consumer reads it there. Where given, the credential and its host keys must fit
        it.
    type: str
  ssh:
    description:
      - An SSH key. Exactly one of O(ssh), O(https), O(cookie_file) and O(github_app) is given, or
        O(credentials_from).
    type: dict
    suboptions:
      private_key:
        description:
          - The private key, RSA, ECDSA or Ed25519, in the OpenSSH form or as PEM.
          - A key that takes too long to open is refused, because nothing could end the task meanwhile. At most 512
            rounds of bcrypt (C(ssh-keygen -a)), 2,000,000 iterations of another key derivation, and 8192 bits are
            accepted.
        type: str
      private_key_file:
        description:
          - Path of a file with the private key. It is looked for on the controller, in a role's C(files) first, and may
            be encrypted with Ansible Vault; see O(remote_src).
        type: path
      generate:
        description:
          - Make a key of this kind, once, on the machine that runs the task. A stored key is kept, whatever its kind.
            All namespaces of the task get the same one. The result has the public half in RV(public_key).
          - A kind that the server in O(url) does not accept is refused. Azure DevOps and AWS CodeCommit accept only RSA
            keys.
        type: str
        choices: [ed25519, ecdsa, rsa]
      passphrase:
        description:
          - The passphrase of the private key. Flux and Jenkins get both; for all others, which cannot ask for it, the
            key is written without.
        type: str
      known_hosts:
        description:
          - Host keys, as lines of a C(known_hosts) file. With O(url) they must cover its host and port.
          - Lines that no ssh uses, such as those with a DSA key, and damaged lines of other hosts than that in O(url),
            are left out with a warning. A consumer written in Go would otherwise refuse all lines.
          - A host key that its owner has replaced, such as the RSA key of GitHub until 2023, covers no host.
        type: str
      scan_host_keys:
        description:
          - Fetch the host keys of the server in O(url) with C(ssh-keyscan), where none that fit are stored. Without
            O(ssh.host_key_fingerprints) this trusts any server that answers, with a warning.
        type: bool
        default: false
      host_key_fingerprints:
        description:
          - Fingerprints of the host keys that O(ssh.scan_host_keys) may accept, such as C(SHA256:…), from the pages of
            the provider.
        type: list
        elements: str
      convert:
        description:
          - Write the key in a form that the consumer reads, where it is in another, and in PEM for Fleet, whose
            documentation asks for it.
        type: bool
        default: false
  https:
    description:
      - A credential for HTTPS.
    type: dict
    suboptions:
      username:
        description:
          - User name; it cannot contain C(:).
        type: str
      password:
        description:
          - Password or token.
        type: str
      bearer_token:
        description:
          - A token that is sent by itself, in place of user name and password.
        type: str
      ca_certificate:
        description:
          - CA certificates that the server is checked against, as PEM.
        type: str
      client_certificate:
        description:
          - A client certificate as PEM; together with O(https.client_key).
        type: str
      client_key:
        description:
          - The key of the client certificate as PEM, without passphrase.
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
          - The ID of the App, a number. One of O(github_app.id) and O(github_app.client_id) is given.
        type: str
      client_id:
        description:
          - The client ID of the App.
        type: str
      installation_id:
        description:
          - The ID of its installation, a number. One of this and O(github_app.owner) is given.
        type: str
      owner:
        description:
          - The organisation or user where it is installed.
        type: str
      private_key:
        description:
          - The private key of the App as GitHub offered it for download.
        type: str
      base_url:
        description:
          - The API of a GitHub Enterprise server.
        type: str
  credentials_from:
    description:
      - Copy the credential of another Secret, also of another format. It is read inside the task, so Ansible
        never sees it. What O(ssh), O(https) or O(github_app) give beside it takes precedence.
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
      format:
        description:
          - The format of that Secret. Without it, it is derived from type, keys and labels.
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
          - As O(keys), where that Secret has key names of your own.
        type: dict
        default: {}
  update_credentials:
    description:
      - What happens to a credential that is stored already.
      - V(always) writes the given one, all of it; parts that are not given go.
      - V(when_given) keeps what is stored where a part is left out; C({}) keeps all of it.
      - V(on_create) writes the credential once, and leaves it to a rotation elsewhere afterwards.
    type: str
    choices: [always, when_given, on_create]
    default: always
"""

EXAMPLES = r"""
- name: An SSH key for git-sync, with the host keys of the server
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-credential
    url: ssh://git@git.example.com/team/app.git
    ssh:
      private_key: "{{ deploy_key }}"
      known_hosts: "{{ git_host_keys }}"

- name: A deploy key that is made once and never leaves the cluster
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: flux-app
    format: flux
    url: ssh://git@git.example.com/team/app.git
    ssh:
      generate: ed25519
      known_hosts: "{{ git_host_keys }}"
  register: deploy_key_made

- name: The public half, to be registered at the Git provider
  ansible.builtin.debug:
    var: deploy_key_made.public_key

- name: The same key for Argo CD
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: argocd-app
    format: argocd_repository
    url: ssh://git@git.example.com/team/app.git
    credentials_from:
      name: flux-app
    format_options:
      argocd_project: web

- name: A token for Tekton, in every namespace of the teams
  keyring.kubernetes.gitsync_secret:
    namespaces: [team-*, '!*-sandbox']
    name: tekton-git
    format: tekton
    url: https://git.example.com
    https:
      username: octo
      password: "{{ git_token }}"

- name: A key that is kept in a file of the role, encrypted with Ansible Vault, for PrimeHub
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: gitsync-secret-models
    format: primehub
    ssh:
      private_key_file: "{{ deploy_key_file }}"
    format_options:
      primehub_display_name: Models

- name: Keys under names of your own
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
      sample: git-credential
    type:
      description: Its type.
      type: str
      sample: Opaque
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
      sample: {keyring.kubernetes/origin: web/git-credential}
    format:
      description: The option O(format).
      type: str
      sample: flux
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
    unmanaged_keys:
      description: As RV(unmanaged_keys).
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
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
public_key:
  description:
    - The public half of the private SSH key, to be registered as a deploy key. Null without one, and where many
      namespaces keep keys of their own. In check mode C(<known after apply>) for a key that is not made yet.
  returned: when O(state=present) and the task succeeded
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
fingerprint:
  description: Its fingerprint as C(ssh-keygen -l) prints it.
  returned: when O(state=present) and the task succeeded
  type: str
  sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
  description: Parts of the credential that were kept as they are stored, by O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ssh.private_key]
unmanaged_keys:
  description: Keys of the data that no format knows; they stay.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [notes]
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
        from ..module_utils._tasks.gitsync_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
