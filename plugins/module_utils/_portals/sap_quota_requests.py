# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request for a quota of a tenant of SAP AI Core."""

from __future__ import annotations

from .._cluster.refused import Intent
from .._errors import KeyringError
from .portal_requests import PortalApi, read_portal
from .sap_quota import SapQuota, parse_sap_quota

_QUOTAS = "/v2/admin/resourceQuota"


def read_sap_quota(api: PortalApi, resource: str, plural: str) -> tuple[SapQuota, list[str]]:
    """Return the quota of a tenant, and a warning if it is not known. ``plural`` is what messages call the resources.

    Raises KeyringError when there is no answer. A service key that may not read the quota may still write.
    """
    intent = Intent("get", "", f"the quota of {plural}", None)
    why = "the answer has no numbers"
    quota = SapQuota()
    try:
        answer = read_portal(api, intent, f"{_QUOTAS}/{resource}", missing=True)
        quota = parse_sap_quota(answer.document) if answer else quota
        why = why if answer else "not found (404)"
    except KeyringError as error:
        if error.failure != "forbidden":
            raise
        why = "forbidden (403)"
    if quota.used is not None and quota.maximum is not None:
        return quota, []
    return quota, [f"The quota of {plural} is not known: {why}."]
