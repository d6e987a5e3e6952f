# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that select a tenant of SAP AI Core."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  service_key:
    description:
      - The service key of the tenant, as the SAP BTP cockpit shows it, as a mapping or its JSON as a string. Both kinds
        are accepted, with C(clientsecret) and with an X.509 certificate (C(certificate), C(key) and C(certurl)).
      - The task uses it to request an access token, which is kept in memory and ends with the task.
      - One of O(service_key) and O(service_key_file) is required.
    type: raw
  service_key_file:
    description:
      - The path of a file with the service key. See O(remote_src) for where it is searched.
    type: path
"""
