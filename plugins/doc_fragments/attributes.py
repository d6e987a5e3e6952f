# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes that all modules of this collection share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - Sends only C(get) and C(list). The result is that of a real run, except for what only the server knows, such as
        missing write permissions, quotas and admission webhooks.
  diff_mode:
    support: full
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - Shows secret data as V(<hidden>), or as V(<hidden, changed>) if it changes.
"""

    SHARED = r"""
options: {}
attributes:
  idempotent:
    support: full
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - Writes nothing if nothing would change.
  action_group:
    support: full
    description:
      - Use C(group/keyring.kubernetes.k8s) in C(module_defaults) to set defaults for this module.
    membership:
      - keyring.kubernetes.k8s
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - This module changes nothing.
  diff_mode:
    support: N/A
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - This module changes nothing.
"""

    SAP_AI_CORE = r"""
options: {}
attributes:
  action_group:
    support: full
    description:
      - Use C(group/keyring.kubernetes.sap_ai_core) in C(module_defaults) to set defaults for this module.
    membership:
      - keyring.kubernetes.sap_ai_core
"""

    CDNETWORKS_ECP = r"""
options: {}
attributes:
  action_group:
    support: full
    description:
      - Use C(group/keyring.kubernetes.cdnetworks_ecp) in C(module_defaults) to set defaults for this module.
    membership:
      - keyring.kubernetes.cdnetworks_ecp
"""
