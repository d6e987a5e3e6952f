# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about public Git servers: which SSH keys they accept, and which of their host keys they have withdrawn.

A row names the page that it is from. Vendors change what they accept, so a row that refuses a key is only a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from .._dataclasses import dataclass

ALL_ALGORITHMS = ("RSA", "ECDSA", "Ed25519")


@dataclass(frozen=True)
class GitHost:
    """A public Git server. ``hosts`` are patterns of its names, ``algorithms`` those of the user keys that it accepts.

    ``rsa_bits`` is the smallest RSA key that it accepts, 0 if it documents none. The user of an SSH URL begins with
    ``ssh_user``, which is an ID of ``ssh_user_is``.
    """

    name: str
    hosts: tuple[str, ...]
    source: str
    algorithms: tuple[str, ...] = ALL_ALGORITHMS
    rsa_bits: int = 0
    ssh_user: str = ""
    ssh_user_is: str = ""


GIT_HOSTS = (
    GitHost(
        name="Azure DevOps",
        hosts=("ssh.dev.azure.com", "vs-ssh.visualstudio.com", "*.vs-ssh.visualstudio.com"),
        source="https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate",
        algorithms=("RSA",),
    ),
    GitHost(
        name="AWS CodeCommit",
        hosts=("git-codecommit.*.amazonaws.com", "git-codecommit.*.amazonaws.com.cn", "git-codecommit-fips.*"),
        source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html",
        algorithms=("RSA",),
        rsa_bits=2048,
        ssh_user="APKA",
        ssh_user_is="the public key in IAM",
    ),
    GitHost(
        name="Bitbucket",
        hosts=("bitbucket.org", "altssh.bitbucket.org"),
        source="https://support.atlassian.com/bitbucket-cloud/docs/supported-ssh-key-formats/",
        rsa_bits=2048,
    ),
)


# Public servers that take a token for Git only as a password. The note "Bearer token authentication" of this page:
NO_BEARER_SOURCE = "https://fluxcd.io/flux/components/source/gitrepositories/"
NO_BEARER: Mapping[str, str] = {"github.com": "GitHub", "gitlab.com": "GitLab", "bitbucket.org": "Bitbucket"}

# Public servers that have no GitHub Apps.
NOT_GITHUB = ("bitbucket.org", "codeberg.org", "dev.azure.com", "gitlab.com")


def find_git_host(host: str) -> GitHost | None:
    """Return the row of a public Git server, by a name in lower case. Return None for any other server."""
    for row in GIT_HOSTS:
        if any(fnmatchcase(host, pattern) for pattern in row.hosts):
            return row
    return None


@dataclass(frozen=True)
class WithdrawnKey:
    """A host key that its owner has replaced. Someone else may have its private half."""

    owner: str
    date: str
    source: str


# By fingerprint. The host does not count: a key that is known to others is not to be trusted under any name.
WITHDRAWN_KEYS: Mapping[str, WithdrawnKey] = {
    "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8": WithdrawnKey(
        "GitHub", "2023-03-24", "https://github.blog/news-insights/company-news/we-updated-our-rsa-ssh-host-key/"
    ),
    "SHA256:zzXQOXSRBEiUtuE8AikJYKwbHaxvSc0ojez9YXaGp1A": WithdrawnKey(
        "Bitbucket", "2023-06-20", "https://bitbucket.org/blog/ssh-host-key-changes"
    ),
}
