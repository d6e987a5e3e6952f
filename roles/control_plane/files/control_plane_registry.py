# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry on loopback, and the requests that push an image to it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import secrets
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import control_plane_pki as pki
from control_plane_go import ControlPlaneError
from control_plane_process import die_with_parent

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
USER = "keyring"
PASSWORD_FILE = "password"
CA_FILE = "ca.crt"
PRIVATE_IMAGE = "team/app:1"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_SECONDS_TO_START = 20


@dataclass(frozen=True)
class Registry:
    """A registry on loopback. ``ca`` is the certificate to trust, in PEM; None for plain HTTP."""

    port: int
    ca: bytes | None = field(repr=False)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def location(self) -> str:
        """Return the host with the port, as an image names them."""
        return f"127.0.0.1:{self.port}"

    def has_ended(self) -> bool:
        """Return whether its process has ended."""
        return self.process is not None and self.process.poll() is not None


@dataclass(frozen=True)
class Image:
    """The blobs of an image, and the manifest that names them."""

    blobs: tuple[bytes, ...]
    manifest: bytes


@contextlib.contextmanager
def running_registry(
    binaries: Path, directory: Path, auth: Mapping[str, Any], *, tls: bool = False
) -> Iterator[Registry]:
    """Run the registry for as long as the context lasts. It keeps its images in memory, its files in the directory.

    ``auth`` is the section of that name in its configuration. Raises ControlPlaneError if it does not start.
    """
    authority = pki.make_authority("registry") if tls else None
    http: dict[str, Any] = {"addr": "127.0.0.1:0", "secret": secrets.token_hex(16)}
    if authority:
        pki.issue_server(authority).write(directory, "server")
        http["tls"] = {"certificate": f"{directory}/server.crt", "key": f"{directory}/server.key"}
    config = {"version": "0.1", "storage": {"inmemory": {}}, "http": http, "auth": auth}
    (directory / "config.json").write_text(json.dumps(config))
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binaries / "registry", "serve", directory / "config.json"],
            env={},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
    try:
        yield Registry(_wait_for_port(process, log), authority.certificate if authority else None, process)
    finally:
        process.kill()
        process.wait()


def _wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port that the registry reports in its log."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while not (found := re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())):
        if process.poll() is not None or time.monotonic() > deadline:
            lines = "\n".join(log.read_text().splitlines()[-8:])
            raise ControlPlaneError(f"The registry does not listen. Its last lines:\n{lines}")
        time.sleep(0.02)
    return int(found[1])


@contextlib.contextmanager
def private_registry(binaries: Path, directory: Path, image: Image) -> Iterator[Registry]:
    """Run a registry with TLS, a new password and one image, PRIVATE_IMAGE.

    The password and the certificate to trust are files in the directory. Raises ControlPlaneError if it does not start.
    why_no_private_registry must have returned None.
    """
    directory.mkdir()
    password = secrets.token_urlsafe(18)
    (directory / "htpasswd").write_text(f"{USER}:{_hash_password(password)}\n")
    (directory / PASSWORD_FILE).write_text(password)
    auth = {"htpasswd": {"realm": "registry", "path": f"{directory}/htpasswd"}}
    with running_registry(binaries, directory, auth, tls=True) as found:
        (directory / CA_FILE).write_bytes(found.ca or b"")
        push_image(found, PRIVATE_IMAGE, image, basic_authorization(USER, password))
        yield found


def describe_registry(directory: Path, registry: Registry) -> dict[str, str]:
    """Return what a user of a private registry needs to know. The password is in a file."""
    return {
        "server": registry.location,
        "username": USER,
        "password_file": str(directory / PASSWORD_FILE),
        "ca_cert": str(directory / CA_FILE),
        "image": f"{registry.location}/{PRIVATE_IMAGE}",
    }


def why_no_private_registry() -> str | None:
    """Return why this Python cannot run the private registry, and how to go on; None if it can."""
    try:
        import bcrypt  # noqa: F401 - only whether it is there
    except ImportError:
        return (
            "The private registry needs the Python package bcrypt. Install it for the Python that runs Ansible "
            "(pip install bcrypt, or the package python3-bcrypt), or start the control plane without the registry."
        )
    return None


def _hash_password(password: str) -> str:
    """Return the hash, of the only kind that the registry reads."""
    import bcrypt

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def basic_authorization(username: str, password: str) -> str:
    """Return the value of the header Authorization."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def make_empty_image() -> Image:
    """Return an image that can be pulled and holds nothing."""
    blob = b"{}"
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": describe_blob(_CONFIG, blob), "layers": []}
    return Image((blob,), json.dumps(manifest).encode())


def push_image(target: Registry, name: str, image: Image, authorization: str = "") -> None:
    """Push an image under a name such as ``team/app:1``."""
    repository = name.partition(":")[0]
    for blob in image.blobs:
        _push_blob(target, repository, blob, authorization)
    _push_manifest(target, name, image.manifest, authorization)


def describe_blob(media_type: str, blob: bytes) -> dict[str, object]:
    """Return the descriptor by which a manifest names a blob."""
    return {"mediaType": media_type, "digest": digest_of(blob), "size": len(blob)}


def digest_of(blob: bytes) -> str:
    """Return the digest as a manifest names it."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _push_blob(target: Registry, repository: str, blob: bytes, authorization: str) -> None:
    """Push a blob, by the requests of the OCI distribution specification."""
    upload = _send(target, "POST", f"{_repository_url(target, repository)}/blobs/uploads/", authorization)
    url = f"{upload}&digest={digest_of(blob)}"
    _send(target, "PUT", url, authorization, blob, "application/octet-stream")


def _push_manifest(target: Registry, image: str, manifest: bytes, authorization: str) -> None:
    """Push a manifest, whose blobs are there, under the tag of an image."""
    repository, _colon, tag = image.partition(":")
    _send(target, "PUT", f"{_repository_url(target, repository)}/manifests/{tag}", authorization, manifest, MANIFEST)


def _repository_url(target: Registry, repository: str) -> str:
    return f"{'https' if target.ca else 'http'}://{target.location}/v2/{repository}"


def _send(target: Registry, method: str, url: str, authorization: str, body: bytes = b"", type_: str = "") -> str:
    """Return the Location in the answer."""
    headers = {"Authorization": authorization, **({"Content-Type": type_} if type_ else {})}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  (our own server)
    context = ssl.create_default_context(cadata=target.ca.decode()) if target.ca else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=10) as answer:
        return str(answer.headers["Location"])
