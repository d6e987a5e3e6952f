# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share: the checkout is importable as ``ansible_collections.keyring.kubernetes``."""

from __future__ import annotations

import os
import sys

import pytest

pytest.register_assert_rewrite("support")

from support.paths import collections_path  # noqa: E402 - its asserts are to be rewritten

COLLECTIONS = str(collections_path())

sys.path.insert(0, COLLECTIONS)
os.environ["ANSIBLE_COLLECTIONS_PATH"] = COLLECTIONS
