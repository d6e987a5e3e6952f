# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images that the node of the tests runs, and how they get into a registry."""

from __future__ import annotations

from support.control_plane import node_images, registries

RunnableImage = registries.Image
digest_of = registries.digest_of
make_image = node_images.make_image
push_image = registries.push_image
write_archive = node_images.write_archive
