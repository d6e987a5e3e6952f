# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that all modules which list Secrets share, and those that select namespaces to read."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description:
      - List only the Secrets with this name.
    type: str
  label_selector:
    description:
      - List only the Secrets with these labels, such as V(team=web) or V(tier in (test, staging\)).
    type: str
  owner:
    description:
      - List only the Secrets of this owner, according to the label C(keyring.kubernetes/owner).
    type: str
  search:
    description:
      - List only the Secrets whose name or display name contains this string, regardless of case.
    type: str
  used_by:
    description:
      - Return what uses each Secret. The task lists Pods, workloads and ServiceAccounts. Finished Pods and Jobs, and
        ReplicaSets with 0 replicas, are ignored.
      - The task also lists the custom resources of other programs that can reference such a Secret, for example a
        GitRepository of Flux, if they are installed. One request finds out which are. The guide
        R(Permissions,ansible_collections.keyring.kubernetes.docsite.guide_rights) lists all kinds.
      - Argo CD, Kargo, Jenkins and DevWorkspaces find Secrets by a label. A Secret with such a label counts as used.
    type: bool
    default: false
notes:
  - A task needs C(list) on C(secrets), and on C(namespaces) for globs, selectors and more than 8 names. With
    O(used_by), it also needs C(list) on the kinds listed there. A warning names the kinds that it cannot list, and the
    missing rules. Every identity can see which custom resources are installed, unless the ClusterRole
    C(system:discovery) was changed.
"""

    NAMESPACES = r"""
options:
  namespace:
    description:
      - The namespace to read. If O(namespaces) and O(namespace_selectors) are omitted too, the default is the namespace
        of the context in the kubeconfig.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*). V(*) selects all. An item that begins with V(!) excludes what
        it matches, and must be quoted in YAML.
      - Globs do not match C(kube-*) and C(openshift-*). Use the full names of such namespaces.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web). A namespace is selected if one of them matches. V(*) selects all. An empty
        selector is an error.
      - Together with selectors, O(namespaces) may contain only exclusions (V(!name)).
    type: list
    elements: str
"""
