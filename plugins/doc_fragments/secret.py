# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that all modules which keep one Secret share."""

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
      - The namespace of the Secret. Without O(namespace), O(namespaces) and O(namespace_selectors), the namespace of
        the context in the kubeconfig.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*). V(*) selects all. An item that begins with V(!) excludes what
        it matches, and needs quotes in YAML.
      - Globs do not match C(kube-*) and C(openshift-*). Write the names of such namespaces in full. A name without a
        wildcard must exist. A glob that matches nothing gives a warning. Namespaces that are being deleted are skipped.
      - Up to 8 names are read one by one. For more names, and for globs, the task lists all namespaces and all Secrets
        of this name.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web) or V(tier in (test, staging\)). A namespace is selected if one of them
        matches. V(*) selects all. An empty selector is an error.
      - In combination with selectors, O(namespaces) can only exclude.
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
      - With V(failed), only the failed namespaces after a failure. The others are in RV(created), RV(updated),
        RV(recreated), RV(deleted) and RV(not_tried), by name. If the task succeeds, V(failed) is the same as
        V(changed).
      - With V(changed), all but those that are unchanged. With V(all), all.
    type: str
    choices: [failed, changed, all]
    default: failed
  service_accounts:
    description:
      - The ServiceAccounts to link the Secret to, in the namespace of the Secret. Their other entries stay. They are
        linked after the Secret is written. Removing a name from this option unlinks nothing.
      - A pull secret is added to C(imagePullSecrets). New Pods without C(imagePullSecrets) of their own get it, except
        for a Pod that is created at the same moment.
      - A Git credential is added to C(secrets), where only Tekton, builds of OpenShift and kpack look. With other
        formats, except for V(custom), this option is an error.
      - With O(state=absent), the Secret is removed from C(imagePullSecrets) and C(secrets) before it is deleted. V(*)
        then selects all ServiceAccounts of the namespace, and a ServiceAccount that does not exist is skipped.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Wait for a ServiceAccount that does not exist yet, such as C(default) in a new namespace. Check mode does not
        wait, and warns about what is missing.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds the task waits for ServiceAccounts in total, from 0 to 3600. If one still does not exist,
        the task fails before it writes anything in that namespace.
    type: int
    default: 30
  in_use:
    description:
      - What to do if something uses a Secret that would be deleted or recreated.
      - Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets without owner, Jobs, CronJobs, ServiceAccounts that are
        not being unlinked, and Images, Datasets and PhDeployments of PrimeHub count as users. Finished Pods and Jobs,
        and ReplicaSets with 0 replicas, do not count.
      - V(refuse) fails and lists the users. It also fails if the identity cannot list all of these kinds. V(warn)
        warns and continues. V(ignore) does not look for users.
    type: str
    choices: [refuse, warn, ignore]
    default: refuse
  prune:
    description:
      - Delete the Secret of this name from all namespaces that are not selected, also from excluded ones, if this
        O(owner) created it there and nothing else manages it. This happens after everything is written.
        O(in_use) and O(service_accounts) apply as for O(state=absent).
      - Nothing is pruned if a write failed, if no namespace is selected, or if a glob or selector matches nothing. The
        Secret that O(credentials_from) references is never deleted.
      - Use one task for each combination of name and owner. Two tasks with the same name and owner, each for different
        namespaces, would delete what the other one created.
    type: bool
    default: false
  prune_limit:
    description:
      - The maximum number of namespaces to prune. If there are more, the task fails before it writes anything.
    type: int
    default: 10
  labels:
    description:
      - The labels to set. Other labels stay. V(null) removes a label.
    type: dict
    default: {}
  annotations:
    description:
      - The annotations to set. Other annotations stay. V(null) removes an annotation.
    type: dict
    default: {}
  immutable:
    description:
      - Whether Kubernetes refuses further changes of the data. Without this option, the current value stays.
    type: bool
  recreate:
    description:
      - Delete and recreate the Secret if it cannot be changed in place, because it has another type or is immutable. A
        dry run checks the new Secret first. If it cannot be created, the old one is restored.
    type: bool
    default: false
  take_ownership:
    description:
      - Change or delete the Secret even if something else manages it (an owner reference, Helm, Argo CD, Flux, External
        Secrets, Sealed Secrets, OpenShift or another owner), and mark it as managed by this collection. The other
        manager may write it back. The diff names it.
    type: bool
    default: false
  owner:
    description:
      - The name of the team or playbook that declares this Secret, stored in the label C(keyring.kubernetes/owner).
        The task fails for a Secret of another owner. A task without O(owner) can change Secrets of any owner.
    type: str
notes:
  - The identity needs C(get) on C(secrets) and C(namespaces), and for changes C(create), C(patch) and C(delete) on
    C(secrets). For globs, selectors, more than 8 names and O(prune), it also needs C(list) on both.
  - O(service_accounts) needs C(get) and C(patch) on C(serviceaccounts), and C(list) if Secrets are listed or for V(*).
    A deletion needs C(list) on the kinds that can use the Secret, unless O(in_use=ignore).
    R(Permissions,ansible_collections.keyring.kubernetes.docsite.guide_rights) has the complete Role and ClusterRole.
  - A request is repeated after an answer 429, 500, 502, 503 or 504, after a lost connection, and if there is no answer
    within 40 seconds. The pauses grow. The limits are 60 seconds for one request, and 120 seconds in total for each of
    the O(concurrency) threads. A server that has never answered is not tried again.
  - If the task runs as an ordinary module, Ansible passes the arguments in a file, which contains the passwords. This
    file stays if E(ANSIBLE_KEEP_REMOTE_FILES) is set, and is printed if E(ANSIBLE_DEBUG) is set.
"""
