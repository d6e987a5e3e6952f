# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of the formats of image_pull_secret. Their rows are only imported by tasks that use them."""

from __future__ import annotations

KUBELET_FORMAT = "pull_secret"
PULL_FORMAT_CHOICES = (KUBELET_FORMAT, "config_json", "argocd_oci", "kargo_image")
