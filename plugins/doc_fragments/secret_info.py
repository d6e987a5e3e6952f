# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that all modules which look at Secrets share, and where all that only look may look."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - Only Secrets with this name.
    type: str
  label_selector:
    description:
      - Only Secrets with these labels, such as V(team=web) or V(tier in (test, staging\)).
    type: str
  owner:
    description:
      - Only Secrets of this owner, according to the label C(keyring.kubernetes/owner).
    type: str
  search:
    description:
      - Only Secrets whose name or display name contains this string, regardless of case.
    type: str
  used_by:
    description:
      - Return what uses each Secret. The task lists Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs,
        CronJobs and ServiceAccounts. Finished Pods and Jobs do not count. ReplicaSets with 0 replicas or of a
        Deployment do not count either.
      - If PrimeHub is installed, the task also lists its C(images), C(datasets) and C(phdeployments). One more request
        finds out whether it is installed.
    type: bool
    default: false
notes:
  - The identity needs C(list) on C(secrets), and on C(namespaces) for globs, selectors and more than 8 names. With
    O(used_by), it also needs C(list) on the kinds listed there. A warning names the kinds that it cannot list. Every
    identity can see whether PrimeHub is installed, unless the ClusterRole C(system:discovery) was changed.
"""

    NAMESPACES = r"""
options:
  namespace:
    description:
      - The namespace to read. Without O(namespace), O(namespaces) and O(namespace_selectors), the namespace of the
        context in the kubeconfig.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*). V(*) selects all. An item that begins with V(!) excludes what
        it matches, and needs quotes in YAML.
      - Globs do not match C(kube-*) and C(openshift-*). Write the names of such namespaces in full.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web). A namespace is selected if one of them matches. V(*) selects all. An empty
        selector is an error.
      - In combination with selectors, O(namespaces) can only exclude.
    type: list
    elements: str
"""
