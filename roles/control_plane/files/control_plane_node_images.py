# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images for containerd: one layer with a program and the name, made here and pushed or imported."""

from __future__ import annotations

import io
import json
import platform
import tarfile
from pathlib import Path

from control_plane_registry import MANIFEST, Image, describe_blob, digest_of

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def make_image(program: Path, name: str) -> Image:
    """Return an image with a static program. Another name gives other digests."""
    layer = _write_tar({"run": (program.read_bytes(), 0o755), "name": (name.encode(), 0o644)})
    config = json.dumps(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": ["/run"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": describe_blob(_CONFIG, config),
            "layers": [describe_blob(_LAYER, layer)],
        }
    ).encode()
    return Image((layer, config), manifest)


def write_archive(path: Path, name: str, image: Image) -> None:
    """Write an image as the OCI layout that ``ctr images import`` reads."""
    entry = {**describe_blob(MANIFEST, image.manifest), "annotations": {"io.containerd.image.name": name}}
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
    }
    for blob in (*image.blobs, image.manifest):
        files[f"blobs/sha256/{digest_of(blob).removeprefix('sha256:')}"] = blob
    path.write_bytes(_write_tar({file: (content, 0o644) for file, content in files.items()}))


def _write_tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Return a tar archive; ``files`` are content and mode by path."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, (content, mode) in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
