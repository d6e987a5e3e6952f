# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of the ECP API. Source: ECP API Specification 1.0, servers."""

from __future__ import annotations

ECP_URL = "https://ngapi.cdnetworks.com"
