# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error about an answer of a portal that is JSON, and not what the documentation of its API says."""

from __future__ import annotations


class StrangeDocument(ValueError):
    """A document of another form than documented. The text is a sentence about it, for a message."""
