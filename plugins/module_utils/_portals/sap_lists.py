# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lists of SAP AI Core come in pages. Source: AI Core API 2.42, $top, $skip and $count."""

from __future__ import annotations

from .portal_lists import PagedList

# Without $count, an answer counts only its own items.
SAP_LIST = PagedList("$skip", "$top", 100, "resources", "count", {"$count": "true"})
