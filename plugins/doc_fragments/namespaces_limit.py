# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option ``namespaces_limit`` of the modules that write in many namespaces."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  namespaces_limit:
    description:
      - Process only those selected namespaces that are in this list, for example the ones that were created since the
        last run. The task writes nothing in other namespaces.
      - A list of names without wildcards. An empty list is an error; null is the same as no list. A name that the task
        does not select is ignored.
      - Up to 100 selected names of the list are read one by one. The task lists the namespaces only for
        O(namespace_selectors). With more names, it lists the same as without the list and needs the same permissions.
      - O(keyring.kubernetes.gitsync_secret#module:ssh.generate) reads the Secrets of all selected namespaces, and needs
        the same permissions as without O(namespaces_limit).
      - A namespace that no longer exists is skipped, unless O(namespace) or O(namespaces) contains its name. Wildcards
        and selectors that match nothing cause no warning.
      - If none of the namespaces is selected, the task changes nothing and succeeds. For one namespace, RV(operation)
        is then V(skipped).
    type: list
    elements: str
"""
