# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that select an account of the ECP platform."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  account:
    description:
      - The account of the API, which the platform's support assigns to your organization.
    type: dict
    required: true
    suboptions:
      url:
        description: The URL of the API.
        type: str
        default: https://ngapi.cdnetworks.com
      user:
        description: The name of the API account. It cannot contain C(:).
        type: str
        required: true
      api_key:
        description:
          - The API key. It is never sent. Each request is signed with it and with the time, so the clock of the machine
            that runs the task must be right (failure V(clock_skew)).
        type: str
        required: true
      on_behalf_of:
        description:
          - The ID of the customer for whom a reseller makes the requests, sent as the header C(On-Behalf-Of).
        type: str
"""
