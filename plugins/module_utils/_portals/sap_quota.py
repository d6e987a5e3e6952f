# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas of a tenant of SAP AI Core. Source: AI Core API 2.42, BckndCommonResourceQuotaResponse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError


@dataclass(frozen=True)
class SapQuota:
    """A number of resources, and how many a tenant may have. What is None is not known."""

    used: int | None = None
    maximum: int | None = None

    def describe(self) -> dict[str, int | None]:
        """Return the quota as results show it."""
        return {"used": self.used, "maximum": self.maximum}


def parse_sap_quota(document: Any) -> SapQuota:
    """Parse the answer about a quota, which may be anything. Parts that are not numbers are not known."""
    return SapQuota(_get_number(document, "usage", "count"), _get_number(document, "quota", "maxCount"))


def refuse_full_quota(quota: SapQuota, resources: str) -> None:
    """Raise KeyringError if the tenant can have no more of these resources, which is a plural such as repositories."""
    if quota.maximum == 0:
        raise KeyringError(
            f"The tenant can have no {resources}: their quota is 0.",
            "SAP AI Core disables them in this way.",
            "Use the service key of another tenant, or another service plan.",
            failure="quota",
        )
    if quota.maximum is not None and quota.used is not None and quota.used >= quota.maximum:
        raise KeyringError(
            f"The tenant has {quota.used} {resources}, and its quota is {quota.maximum}.",
            "SAP AI Core would not create another one.",
            "Delete one that is no longer needed, or ask SAP for a higher quota.",
            failure="quota",
        )


def _get_number(document: Any, part: str, name: str) -> int | None:
    found = document.get(part) if isinstance(document, Mapping) else None
    number = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        return None
    return number
