# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Link Secrets to ServiceAccounts, or unlink them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_account_secrets
short_description: Link Secrets to Kubernetes ServiceAccounts, or unlink them
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Add references to Secrets to ServiceAccounts, or remove them, in one namespace or in many. Other entries stay, in
    their order.
  - The Secrets themselves are not changed. They can be managed by another tool, and need not exist yet.
  - Each ServiceAccount is read once, and written only if something changes. A change that another client makes in the
    meantime is not overwritten. The task reads again and decides again.
  - A Pod gets the pull secrets of its ServiceAccount when it is created. Existing Pods do not change.
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.namespaces_limit
options:
  service_account:
    description:
      - The name of one ServiceAccount. Pods that name none run as V(default).
      - Exactly one of O(service_account) and O(service_accounts) is required.
    type: str
  service_accounts:
    description:
      - Names and globs of ServiceAccounts, such as V(default) and V(ci-*). V(*) selects all ServiceAccounts of each
        namespace. An item that begins with V(!) excludes what it matches, and must be quoted in YAML.
      - A name must exist in every selected namespace if a Secret is to be linked. A glob selects the ServiceAccounts
        that exist when the task runs. A later ServiceAccount is linked by the next run.
      - A glob that matches no ServiceAccount in any selected namespace causes a warning.
    type: list
    elements: str
  namespace:
    description:
      - The namespace of the ServiceAccounts. If O(namespaces) and O(namespace_selectors) are omitted too, the default
        is the namespace of the context in the kubeconfig.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*). V(*) selects all except C(kube-*) and C(openshift-*), which
        globs do not match. Use the full names of such namespaces. An item that begins with V(!) excludes what it
        matches, and must be quoted in YAML.
      - A name without wildcards must exist if a Secret is to be linked there. A glob that matches nothing causes a
        warning. Namespaces that are being deleted are skipped.
      - Up to 8 names are read one by one. For more names, and for globs, the task lists all namespaces, and the
        ServiceAccounts of all namespaces. It sends one list request for each name in O(service_accounts), or a single
        one if that has a glob.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web) or V(tier in (test, staging\)). A namespace is selected if one of them
        matches. V(*) selects all. An empty selector is an error. Selectors do not select C(kube-*) and C(openshift-*).
      - Together with selectors, O(namespaces) may contain only exclusions (V(!name)).
    type: list
    elements: str
  image_pull_secrets:
    description:
      - The pull secrets to add to C(imagePullSecrets), or to remove from it. New entries are added at the end.
      - At least one of O(image_pull_secrets) and O(secrets) is required. A list that is omitted does not change.
    type: list
    elements: dict
    suboptions: &links
      name:
        description:
          - The name of the Secret. Naming a Secret twice is an error.
        type: str
        required: true
      state:
        description:
          - V(present) adds the Secret if it is missing. V(absent) removes it from the list.
        type: str
        choices: [present, absent]
        default: present
  secrets:
    description:
      - The Secrets to add to C(secrets), or to remove from it. Tekton, kpack and builds of OpenShift look for
        credentials there. The kubelet does not use them to pull images.
    type: list
    elements: dict
    suboptions: *links
  exclusive:
    description:
      - Remove all entries from the given lists that the task does not list with V(present). An empty list is then an
        error.
      - On OpenShift, this also removes the Secret that Pods need to pull from the internal registry, unless it is
        listed. The task then warns.
      - With O(namespaces_limit), this option has no effect, and a warning says so.
    type: bool
    default: false
  wait:
    description:
      - Wait for a named ServiceAccount that does not exist yet, such as V(default) in a new namespace. Check mode does
        not wait; it warns about missing ones.
      - If no entry is V(present), a ServiceAccount that does not exist is not an error.
    type: bool
    default: true
  wait_timeout:
    description:
      - Total time in seconds, from 0 to 3600, to wait for ServiceAccounts. If one is still missing then, the task fails
        in that namespace before it writes anything there.
    type: int
    default: 30
  concurrency:
    description:
      - The number of namespaces to write at the same time, from 1 to 64.
    type: int
    default: 8
  report:
    description:
      - Which namespaces RV(namespaces) lists.
      - V(failed) lists only the failed namespaces if the task fails, and is the same as V(changed) if it succeeds.
        After a failure, the names of the other namespaces are in RV(updated) and RV(not_tried).
      - V(changed) lists all namespaces except the unchanged ones, each with the ServiceAccounts that changed.
      - V(all) lists every namespace with all selected ServiceAccounts.
    type: str
    choices: [failed, changed, all]
    default: failed
notes:
  - A task needs C(get) and C(patch) on C(serviceaccounts). Check mode, and a run that changes nothing, need only
    C(get). Globs in O(service_accounts) need C(list) on C(serviceaccounts). Globs and selectors of namespaces, and more
    than 8 names, need C(list) on C(serviceaccounts) and C(namespaces). With O(namespaces_limit) and up to 100
    selected names, only selectors need C(list) on C(namespaces), and globs of namespaces need C(get).
  - With C(get) on C(namespaces), the task reports at once that a namespace does not exist, and does not wait for a
    ServiceAccount there. With C(get) on C(secrets), it warns about a new link to a Secret that does not exist; if the
    namespaces are listed, this warning needs C(list) on C(secrets). No secret data is read.
seealso:
  - module: keyring.kubernetes.image_pull_secret
    description: Its option C(service_accounts) links the Secret that it manages.
  - module: keyring.kubernetes.gitsync_secret
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_linking
    description: Link and remove Secrets.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Link a pull secret that another tool manages
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: registry

- name: Link a Git credential for Tekton, and replace a pull secret
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: builder
    secrets:
      - name: git-credential
    image_pull_secrets:
      - name: registry
      - name: old-registry
        state: absent

- name: Link one pull secret and unlink all others
  keyring.kubernetes.service_account_secrets:
    namespace: builds
    service_account: default
    image_pull_secrets:
      - name: shared-registry
    exclusive: true

- name: Link a pull secret to all ServiceAccounts of the namespaces of a team
  keyring.kubernetes.service_account_secrets:
    namespaces: [web-*]
    service_accounts: ['*']
    image_pull_secrets:
      - name: shared-registry

- name: Unlink an old pull secret from the ServiceAccounts of CI in all namespaces except builds
  keyring.kubernetes.service_account_secrets:
    namespaces: ['*', '!builds']
    service_accounts: [ci-*]
    image_pull_secrets:
      - name: old-registry
        state: absent

- name: Wait longer in a new namespace on a slow cluster
  keyring.kubernetes.service_account_secrets:
    namespace: batch
    service_account: default
    image_pull_secrets:
      - name: registry
    wait_timeout: 120
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
operation:
  description:
    - What was done, or would be done in check mode. With many namespaces, V(updated) if one of them changed.
    - V(skipped) if O(namespaces_limit) does not contain the namespace of a task with O(service_account) and one
      namespace.
  returned: always
  type: str
  sample: updated
  choices: [updated, unchanged, skipped, failed]
service_account:
  description:
    - The ServiceAccount after the task. Null if it does not exist and is not needed, or if the namespace was skipped.
  returned: success, with O(service_account), and without O(namespaces) and O(namespace_selectors)
  type: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web
    name:
      description: The name.
      type: str
      sample: default
    uid:
      description: The UID. Null in check mode for a ServiceAccount that does not exist yet.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: The resource version. Null in check mode if it would change.
      type: str
      sample: "1234"
    image_pull_secrets:
      description: The names of its pull secrets, in order.
      type: list
      elements: str
      sample: [registry]
    secrets:
      description: The names in C(secrets), in order.
      type: list
      elements: str
      sample: [git-credential]
namespaces:
  description:
    - What was done in each namespace, sorted by name. O(report) controls which are listed.
  returned: with O(service_accounts), O(namespaces) or O(namespace_selectors), also after a failure
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web-shop
    operation:
      description: What was done in this namespace.
      type: str
      sample: updated
      choices: [updated, unchanged, skipped, failed]
    service_accounts:
      description:
        - The ServiceAccounts that were changed, after the task; all selected ones with O(report=all). Empty if the
          namespace failed or was skipped.
      type: list
      elements: dict
      contains:
        name:
          description: The name.
          type: str
          sample: default
        operation:
          description: What was done.
          type: str
          sample: updated
          choices: [updated, unchanged]
        uid:
          description: The UID. Null in check mode for a ServiceAccount that does not exist yet.
          type: str
          sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
        resource_version:
          description: The resource version. Null in check mode if it would change.
          type: str
          sample: "1234"
        image_pull_secrets:
          description: The names of its pull secrets, in order.
          type: list
          elements: str
          sample: [registry]
        secrets:
          description: The names in C(secrets), in order.
          type: list
          elements: str
          sample: []
    msg:
      description: Why the namespace failed or was skipped.
      returned: when it failed or was skipped
      type: str
      sample: Namespace web-old is being deleted.
    failure:
      description: The fields of RV(failure), for this namespace.
      returned: when it failed
      type: dict
summary:
  description:
    - Number of selected namespaces, and of those with each outcome.
  returned: with O(service_accounts), O(namespaces) or O(namespace_selectors), also after a failure
  type: dict
  contains:
    namespaces:
      description: Number of selected namespaces. With O(namespaces_limit), of those in the list.
      type: int
      sample: 300
    updated:
      description: Number of namespaces in which a ServiceAccount changed.
      type: int
      sample: 2
    unchanged:
      description: Number of namespaces in which nothing changed.
      type: int
      sample: 298
    skipped:
      description: Number of namespaces that are being deleted.
      type: int
      sample: 0
    failed:
      description: Number of namespaces that failed.
      type: int
      sample: 0
    not_tried:
      description: Number of namespaces that were not reached, because a failure stopped the task.
      type: int
      sample: 0
unmatched:
  description:
    - The globs and selectors of namespaces and ServiceAccounts that match nothing. Empty with O(namespaces_limit).
  returned: with O(service_accounts), O(namespaces) or O(namespace_selectors), also after a failure
  type: list
  elements: str
  sample: ['namespaces: "prod-*"', 'service_accounts: "ci-*"']
updated:
  description: Names of the namespaces in which a ServiceAccount changed.
  returned: with O(service_accounts), O(namespaces) or O(namespace_selectors), after a failure
  type: list
  elements: str
  sample: [web-shop]
not_tried:
  description: Names of the namespaces that were not reached, because a failure stopped the task.
  returned: with O(service_accounts), O(namespaces) or O(namespace_selectors), after a failure
  type: list
  elements: str
  sample: []
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
        from ..module_utils._tasks.service_account_secrets import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
