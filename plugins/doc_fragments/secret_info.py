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
      - Only Secrets of this name.
    type: str
  label_selector:
    description:
      - Only Secrets with these labels, such as V(team=web) or V(tier in (test, staging\)).
    type: str
  owner:
    description:
      - Only Secrets with this label C(keyring.kubernetes/owner).
    type: str
  search:
    description:
      - Only Secrets with this string in their name or display name, regardless of case.
    type: str
  used_by:
    description:
      - Return who uses each Secret. This lists Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs,
        CronJobs and ServiceAccounts. Finished Pods and Jobs do not count, nor ReplicaSets at 0 or of a Deployment.
      - Where PrimeHub is installed, which one further request finds out, it also lists C(images), C(datasets) and
        C(phdeployments) of C(primehub.io).
    type: bool
    default: false
notes:
  - A run needs the verb C(list) on C(secrets), and for globs, selectors and more than 8 names on C(namespaces). With
    O(used_by) it needs C(list) on the kinds named there; those that it may not list are named in a warning. Whether
    PrimeHub is installed, every identity with a login may see unless the ClusterRole C(system:discovery) was changed.
"""

    NAMESPACES = r"""
options:
  namespace:
    description:
      - The namespace to look into. Without O(namespace), O(namespaces) and O(namespace_selectors), that of the
        kubeconfig's context.
    type: str
  namespaces:
    description:
      - Names and globs of namespaces, such as V(team-*); V(*) means all. An item that begins with
        V(!) excludes what it matches, and must be put in quotes in YAML.
      - Namespaces V(kube-*) and V(openshift-*) match only by their literal name.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors, such as V(team=web); a namespace is selected if one of them matches. V(*) means
        all; an empty selector is an error.
      - Beside selectors, O(namespaces) may only exclude.
    type: list
    elements: str
"""
