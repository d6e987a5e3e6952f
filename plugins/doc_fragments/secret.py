# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that all modules which manage one Secret share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - The name of the Secret.
    type: str
    required: true
  namespace:
    description:
      - The namespace of the Secret. If O(namespaces) and O(namespace_selectors) are omitted too, the default is the
        namespace of the context in the kubeconfig.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*). V(*) selects all. An item that begins with V(!) excludes what
        it matches, and must be quoted in YAML.
      - Globs do not match C(kube-*) and C(openshift-*). Use the full names of such namespaces.
      - A name without wildcards must exist if the Secret is to be created there. A glob that matches nothing causes a
        warning. Namespaces that are being deleted are skipped.
      - Up to 8 names are read one by one. For more names, and for globs, the task lists all namespaces and all Secrets
        of this name.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web) or V(tier in (test, staging\)). A namespace is selected if one of them
        matches. V(*) selects all. An empty selector is an error.
      - Together with selectors, O(namespaces) may contain only exclusions (V(!name)).
    type: list
    elements: str
  concurrency:
    description:
      - The number of namespaces to write at the same time, from 1 to 64.
    type: int
    default: 8
  report:
    description:
      - Which namespaces RV(secrets) lists in full.
      - V(failed) lists only the failed namespaces if the task fails, and is the same as V(changed) if it succeeds.
        After a failure, the names of the other namespaces are in RV(created), RV(updated), RV(recreated), RV(deleted)
        and RV(not_tried).
      - V(changed) lists all namespaces except the unchanged ones.
      - V(all) lists every namespace.
    type: str
    choices: [failed, changed, all]
    default: failed
  service_accounts:
    description:
      - ServiceAccounts, in the namespace of the Secret, to link it to. Their other entries stay. Removing a name from
        this list does not unlink it.
      - A pull secret is added to C(imagePullSecrets). New Pods that run as this ServiceAccount and set no
        C(imagePullSecrets) use it; a Pod created in the same instant may not.
      - A Git credential is added to C(secrets). Only the formats V(tekton), V(openshift_build), V(kpack) and V(custom)
        are read there; with any other format, this option is an error.
      - Globs such as V(ci-*) select the ServiceAccounts of each namespace that exist when the task runs, and V(*)
        selects all of them. One that is created later is linked by the next run. An item that begins with V(!) excludes
        what it matches, and must be quoted in YAML. A glob that matches nothing causes a warning.
      - With O(state=absent), the Secret is unlinked before it is deleted. V(*) means all ServiceAccounts in the
        namespace; missing ones are ignored.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Wait for a ServiceAccount that does not exist yet, such as V(default) in a new namespace. Check mode does not
        wait; it warns about missing ones.
    type: bool
    default: true
  wait_timeout:
    description:
      - Total time in seconds, from 0 to 3600, to wait for ServiceAccounts. If one is still missing then, the task fails
        in that namespace before it writes anything there.
    type: int
    default: 30
  in_use:
    description:
      - What to do if a Secret to be deleted or recreated is in use.
      - It is in use if a Pod, a workload, or a ServiceAccount that is not being unlinked references it. Finished Pods
        and Jobs, and ReplicaSets with 0 replicas, are ignored.
      - The custom resources of other programs that can reference such a Secret count too, for example a GitRepository
        of Flux, if they are installed. One request finds out which are. The guide
        R(Permissions,ansible_collections.keyring.kubernetes.docsite.guide_rights) lists all kinds.
      - A label with which Argo CD, Kargo, Jenkins or DevWorkspaces find the Secret does not count.
      - V(refuse) fails and lists the users. It also fails if the identity lacks permission to list one of these kinds,
        and states the missing rules.
      - V(warn) warns and continues. V(ignore) does not look for users.
    type: str
    choices: [refuse, warn, ignore]
    default: refuse
  prune:
    description:
      - After all writes, delete the Secret of this name from every namespace that the task does not select, including
        excluded ones. Only Secrets that this O(owner) created and that nothing else manages are deleted. O(in_use) and
        O(service_accounts) apply.
      - Requires O(owner), and O(namespaces) or O(namespace_selectors).
      - Nothing is pruned if a write failed, if no namespace is selected, or if a glob or selector matches nothing. The
        source of O(credentials_from) is never pruned.
      - With O(namespaces_limit), nothing is pruned, and a warning says so.
      - Use each combination of O(name) and O(owner) in only one task that prunes; otherwise the tasks delete each
        other's Secrets.
    type: bool
    default: false
  prune_limit:
    description:
      - If more namespaces than this would be pruned, the task fails before it writes anything.
    type: int
    default: 10
  labels:
    description:
      - Labels to set. Other labels stay. Set a label to V(null) to remove it.
    type: dict
    default: {}
  annotations:
    description:
      - Annotations to set. Other annotations stay. Set an annotation to V(null) to remove it.
    type: dict
    default: {}
  immutable:
    description:
      - Whether Kubernetes refuses further changes of the data. If omitted, the current setting is kept. The data of an
        immutable Secret can be changed only with O(recreate).
    type: bool
  recreate:
    description:
      - Delete and recreate the Secret if it cannot be changed in place, because it has another type or is immutable.
      - The API server checks the new Secret in a dry run first. If it cannot be created after all, the old one is
        restored.
    type: bool
    default: false
  take_ownership:
    description:
      - Change or delete the Secret even if something else manages it (an owner reference, Helm, Argo CD, Flux, External
        Secrets, Sealed Secrets, OpenShift, another value of C(app.kubernetes.io/managed-by), or another O(owner)), and
        mark it as managed by this collection. That manager may revert the change. The diff names it.
    type: bool
    default: false
  owner:
    description:
      - Name of the team or playbook that manages this Secret, stored in the label C(keyring.kubernetes/owner).
      - The task fails if the Secret has a different owner; use O(take_ownership) to override. A task without O(owner)
        can change Secrets of any owner.
    type: str
notes:
  - A task needs C(get) on C(secrets), and C(create) and C(patch) to write. C(delete) is needed only for
    O(state=absent), O(recreate) and O(prune). C(get) on C(namespaces) is recommended. Without it, the task warns before
    it creates a Secret. Globs, selectors, O(prune) and more than 8 names also need C(list) on C(secrets) and
    C(namespaces). With O(namespaces_limit) and up to 100 selected names, only selectors need C(list), on C(namespaces).
    O(keyring.kubernetes.gitsync_secret#module:ssh.generate) reads the Secrets of all selected namespaces, and needs the
    same permissions as without O(namespaces_limit).
  - O(service_accounts) needs C(get) and C(patch) on C(serviceaccounts), and C(list) if Secrets are listed or for globs
    such as V(*). A deletion needs C(list) on the kinds that can use the Secret, unless O(in_use=ignore).
    The complete Role and ClusterRole are in the guide
    R(Permissions,ansible_collections.keyring.kubernetes.docsite.guide_rights).
  - Requests are retried, with increasing delays, after HTTP 429, 500, 502, 503 or 504, a lost connection, or 40 seconds
    without an answer. The limits are 60 seconds per request and 120 seconds per thread (see O(concurrency)). If the
    server has not answered any request yet, the task fails immediately.
  - If the task runs as an ordinary module, Ansible passes the arguments in a file, which contains the passwords. This
    file stays if E(ANSIBLE_KEEP_REMOTE_FILES) is set, and is printed if E(ANSIBLE_DEBUG) is set.
"""
