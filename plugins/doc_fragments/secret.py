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
      - Name of the Secret.
    type: str
    required: true
  namespace:
    description:
      - Namespace of the Secret. Without O(namespace), O(namespaces) and O(namespace_selectors), that of the
        kubeconfig's context.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*); V(*) means all. An item that begins with
        V(!) excludes what it matches, and must be put in quotes in YAML.
      - Namespaces V(kube-*) and V(openshift-*) match only by their literal name. A literal name must exist; a glob that
        matches nothing is a warning. Namespaces that are being deleted are skipped.
      - Up to 8 literal names are read one by one. For more, and for globs, the task lists all namespaces and all
        Secrets of this name.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web) or V(tier in (test, staging\)); a namespace that one of
        them matches is selected. V(*) means all; an empty selector is an error.
      - Beside selectors, O(namespaces) may only exclude.
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
      - V(failed) lists after a failure only the failed namespaces; the others are in RV(created), RV(updated),
        RV(recreated), RV(deleted) and RV(not_tried), by name. When the task succeeds it is the same as V(changed).
      - V(changed) leaves out those where nothing was to be done, V(all) none.
    type: str
    choices: [failed, changed, all]
    default: failed
  service_accounts:
    description:
      - ServiceAccounts to link the Secret to, each in the namespace of the Secret. What they name besides
        stays. They are linked after the Secret was written. Removing a name from this list unlinks nothing.
      - A pull secret is added to their C(imagePullSecrets), and new Pods that name none themselves get it; not yet one
        that is made within the same moment. A Git credential is added to their C(secrets), where only Tekton, builds of
        OpenShift and kpack look, and perhaps a consumer of your own; with other formats it is an error.
      - With O(state=absent) they stop to name it, in C(imagePullSecrets) and in C(secrets), before it is deleted;
        V(*) means all of the namespace. A ServiceAccount that does not exist is then left out.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Wait for a ServiceAccount that does not exist yet, as C(default) in a namespace that was just made. In
        check mode nothing is waited for; a warning says what is missing.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds the task waits for ServiceAccounts in all, from 0 to 3600. What does not exist then is
        an error, before anything is written in that namespace.
    type: int
    default: 30
  in_use:
    description:
      - What happens when a Secret is to be deleted or recreated while something uses it. These count Pods,
        Deployments, StatefulSets, DaemonSets, ReplicaSets without owner, Jobs, CronJobs, ServiceAccounts that are not
        being unlinked, and PrimeHub's Images, Datasets and PhDeployments where there are any. Finished Pods and Jobs
        and ReplicaSets at 0 do not.
      - V(refuse) fails with a list of them, also where not everything may be listed. V(warn) goes on with a warning.
        V(ignore) does not look.
    type: str
    choices: [refuse, warn, ignore]
    default: refuse
  prune:
    description:
      - After everything was written, delete the Secret of this name from all other namespaces where
        this O(owner) has made it and nothing else manages it, as O(state=absent) would; also from those that are
        excluded. O(in_use) and O(service_accounts) apply.
      - Nothing is pruned when something could not be written, when no namespace is selected, or when a glob or selector
        matches nothing. The Secret that O(credentials_from) names always stays.
      - One task says where this Secret of an owner belongs. Two tasks with the same name and owner, each for namespaces
        of its own, would remove what the other has made.
    type: bool
    default: false
  prune_limit:
    description:
      - More namespaces than this to prune are an error, before anything is written.
    type: int
    default: 10
  labels:
    description:
      - Labels to set; others stay. V(null) removes one.
    type: dict
    default: {}
  annotations:
    description:
      - Annotations to set; others stay. V(null) removes one.
    type: dict
    default: {}
  immutable:
    description:
      - Whether Kubernetes refuses further changes of the data. Without it, that stays as it is.
    type: bool
  recreate:
    description:
      - Delete the Secret and recreate it where a change in place is not possible, because it has another type
        or is immutable. A dry run checks the new one first; if it cannot be created, the old one is restored.
    type: bool
    default: false
  take_ownership:
    description:
      - Change or delete the Secret although something else manages it (an owner reference, Helm, Argo CD, Flux,
        External Secrets, Sealed Secrets, OpenShift, another owner), and mark it as made by this collection. What still
        manages it may write it back. The diff says from what it is taken.
    type: bool
    default: false
  owner:
    description:
      - Name of the team or playbook whose declaration this Secret is, written as the label
        C(keyring.kubernetes/owner). A Secret with another owner is refused; a task without O(owner) may change a Secret
        of any owner.
    type: str
notes:
  - A run needs the verb C(get) on C(secrets) and on C(namespaces), and for changes C(create), C(patch) and C(delete) on
    C(secrets). For globs, selectors, more than 8 names and O(prune) it needs C(list) on both as well.
  - O(service_accounts) needs C(get) and C(patch) on C(serviceaccounts), and C(list) where Secrets are listed or for
    V(*). Unless O(in_use=ignore), a delete needs C(list) on what may use the Secret. The guide to
    permissions has the whole Role and ClusterRole.
  - An answer 429, 500, 502, 503 or 504, a lost connection or no answer within 40 seconds is tried again with growing
    pauses, for at most 60 seconds for one request and 120 seconds in all for each of the O(concurrency) threads.
    A server that never answered is not waited for.
  - When the module runs in a Python process of its own, Ansible hands it the arguments in a file. With
    E(ANSIBLE_KEEP_REMOTE_FILES) set that file stays, and with E(ANSIBLE_DEBUG) set its content is printed; both hold
    the passwords.
"""
