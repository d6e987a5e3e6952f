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
      - Basic. Only Secrets of this name.
    type: str
  label_selector:
    description:
      - Basic. Only Secrets with these labels, such as V(team=web) or V(tier in (test, staging\)).
    type: str
  owner:
    description:
      - Basic. Only Secrets with this label C(keyring.kubernetes/owner).
    type: str
  search:
    description:
      - Basic. Only Secrets with this text in their name or display name, in whichever case.
    type: str
  used_by:
    description:
      - Basic. Tell who uses each Secret. That lists Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs,
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
      - Basic. The namespace to look into. Without O(namespace), O(namespaces) and O(namespace_selectors), that of the
        kubeconfig's context.
    type: str
  namespaces:
    description:
      - Many namespaces. Names and globs of namespaces, such as V(team-*); V(*) means all. An item that begins with
        V(!) excludes what it matches, and must be put in quotes in YAML.
      - Namespaces V(kube-*) and V(openshift-*) match only by their literal name.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Many namespaces. Label selectors, such as V(team=web); a namespace that one of them matches is meant. V(*) means
        all; an empty selector is an error.
      - Beside selectors, O(namespaces) may only exclude.
    type: list
    elements: str
"""
