# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What consumers of a Git credential do with its Secret: mount it, and clone with the real git and ssh.

The servers that they clone from are in servers/git_ssh.py and servers/git_http.py.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

# What a clone of a repository of ours contains.
README = "hello\n"

_FIRST_COMMIT = f"""\
commit refs/heads/main
committer Somebody <somebody@localhost> 0 +0000
data 5
First
M 644 inline README
data {len(README)}
{README}
"""
# Gives git what is in the files byte by byte: a newline too many is not forgiven.
_CREDENTIAL_HELPER = """!f() {
  printf username=; cat "$USERNAME_FILE"; echo
  printf password=; cat "$PASSWORD_FILE"; echo
}; f"""


@dataclass(frozen=True)
class SshKey:
    """A key pair as ssh-keygen writes it; the private key is in OpenSSH's format and has no passphrase."""

    private: bytes = field(repr=False)
    public: str

    @property
    def fingerprint(self) -> str:
        """As ssh and its server print it."""
        digest = hashlib.sha256(base64.b64decode(self.public.split()[1])).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def make_ssh_key(kind: Literal["ed25519", "rsa"] = "ed25519") -> SshKey:
    """A new key pair."""
    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return SshKey(private, public.decode())


def make_repository(directory: Path) -> Path:
    """A bare repository with one commit on main."""
    path = directory / "repo.git"
    for command, given in (
        (["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], ""),
        (["git", "-C", str(path), "fast-import", "--quiet"], _FIRST_COMMIT),
    ):
        subprocess.run(command, env=git_environment(), input=given, text=True, check=True)
    return path


def mount_secret(data: Mapping[str, bytes], directory: Path, *, mode: int = 0o400) -> Path:
    """Lay the data of a Secret out as the kubelet does in a volume; the directory, which is made for it.

    Source: kubernetes pkg/volume/util/atomic_writer.go.
    """
    directory.mkdir(parents=True)
    version = Path(tempfile.mkdtemp(prefix=f"..{datetime.now(timezone.utc):%Y_%m_%d_%H_%M_%S}.", dir=directory))
    version.chmod(0o755)
    (directory / "..data").symlink_to(version.name)
    for key, content in data.items():
        (version / key).write_bytes(content)
        (version / key).chmod(mode)
        (directory / key).symlink_to(Path("..data", key))
    return directory


def git_environment(**more: str) -> dict[str, str]:
    """Variables for a git that reads no configuration but that of a repository, and asks nobody."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **more,
    }


def clone(url: str, target: Path, *, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run git clone with these variables alone; what it said is in ``stderr``."""
    return subprocess.run(
        ["git", "clone", "--quiet", url, str(target)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def clone_over_ssh(
    url: str, target: Path, *, key_file: Path, known_hosts_file: Path | None
) -> subprocess.CompletedProcess[str]:
    """Clone with this key and no other. Without ``known_hosts_file`` any host is trusted."""
    options = {
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes" if known_hosts_file else "no",
        "UserKnownHostsFile": f'"{known_hosts_file or os.devnull}"',
        "GlobalKnownHostsFile": os.devnull,
    }
    command = ["ssh", "-F", "none", "-i", str(key_file), *(f"-o{name}={value}" for name, value in options.items())]
    return clone(url, target, environment=git_environment(GIT_SSH_COMMAND=shlex.join(command)))


def clone_over_https(
    url: str, target: Path, *, username_file: Path, password_file: Path, ca_file: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Clone with what is in these files; ``ca_file`` is needed for https."""
    environment = git_environment(
        USERNAME_FILE=str(username_file),
        PASSWORD_FILE=str(password_file),
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="credential.helper",
        GIT_CONFIG_VALUE_0=_CREDENTIAL_HELPER,
        **({"GIT_SSL_CAINFO": str(ca_file)} if ca_file else {}),
    )
    return clone(url, target, environment=environment)


def clone_with_store(url: str, target: Path, *, store: Path, ca_file: Path) -> subprocess.CompletedProcess[str]:
    """Clone with a file for git-credential-store, which DevWorkspaces read in this way."""
    helper = f'!f() {{ test "$1" = get && git credential-store --file {shlex.quote(str(store))} "$@"; }}; f'
    environment = git_environment(
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="credential.helper",
        GIT_CONFIG_VALUE_0=helper,
        GIT_SSL_CAINFO=str(ca_file),
    )
    return clone(url, target, environment=environment)


def clone_with_home(url: str, target: Path, *, home: Path, ca_file: Path) -> subprocess.CompletedProcess[str]:
    """Clone with the configuration in this home folder alone."""
    return clone(url, target, environment=git_environment(HOME=str(home), GIT_SSL_CAINFO=str(ca_file)))
