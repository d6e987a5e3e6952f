# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns of the table of formats: how each consumer reads a Git credential.

A credential has a kind, and parts named as the options under it: ``ssh`` has private_key, known_hosts, …
A shape lists the keys of the Secret for the parts of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass
from .schema import Setting, SettingType

if TYPE_CHECKING:
    from .git_url import GitUrl
    from .key_format import Form
    from .known_hosts import HostPatterns

CredentialKind = Literal["ssh", "https", "cookie_file", "github_app"]
KINDS: tuple[CredentialKind, ...] = ("ssh", "https", "cookie_file", "github_app")

# The format whose row the task itself gives; the others are in git_formats.py.
CUSTOM = "custom"

OPAQUE = "Opaque"
SSH_AUTH = "kubernetes.io/ssh-auth"
BASIC_AUTH = "kubernetes.io/basic-auth"

# Parts that are public; all others are secret data. A ``username`` may still be a token, and is then hidden.
PUBLIC_PARTS = frozenset(
    ("public_key", "known_hosts", "username", "id", "client_id", "installation_id", "owner", "base_url")
)

# Parts that are numbers, and where GitHub shows them. A client ID is not one, and is often given in their place.
NUMBERS: Mapping[str, str] = {
    "id": "The settings page of the GitHub App shows the App ID.",
    "installation_id": "It is at the end of the URL of the page on which the installation is configured.",
}

# Parts that exclude one another: a credential has parts of only one side of a row.
ALTERNATIVES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset(("bearer_token",)), frozenset(("username", "password"))),
    (frozenset(("id",)), frozenset(("client_id",))),
    (frozenset(("installation_id",)), frozenset(("owner",))),
)

# The program that reads the private key decides which forms this may have.
Reader = Literal["OpenSSH", "Go"]

# The algorithms of host keys that a consumer offers to a server: those of the lines for this server, those of all
# lines, or those of its library in an order of its own. The server answers with the first one that it has, and the
# consumer then needs a line with that key.
HostKeyChoice = Literal["lines of the host", "all lines", "library"]


@dataclass(frozen=True)
class Shape:
    """The Secret from which a consumer reads one kind of credential.

    ``keys`` maps a part to the keys of the Secret that hold it. One of the ``required_sets`` of parts must be complete.
    ``recommended`` maps an optional part to what happens without it. ``labels`` and ``constants`` are always written.
    """

    keys: Mapping[str, tuple[str, ...]]
    required_sets: tuple[tuple[str, ...], ...]
    type: str = OPAQUE
    labels: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    recommended: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FormatSetting(Setting):
    """An item of ``format_options``, and the key, annotation or label that its value is written to.

    One with none of these is for ``annotate`` of the row. ``only`` is the kind of credential that it belongs to.
    ``default`` returns what is written without it.
    """

    type: SettingType = "line"
    key: str = ""
    annotation: str = ""
    label: str = ""
    only: CredentialKind | None = None
    default: Callable[[GitUrl | None], str] | None = None


Annotate = Callable[[CredentialKind, "GitUrl | None", Mapping[str, Any]], Mapping[str, str]]


@dataclass(frozen=True)
class Format:
    """A consumer of Git credentials. ``source`` names the code or the page that its shapes are from.

    ``annotate`` returns annotations whose keys begin with ``annotation``. ``reader`` is the program that reads the
    private key, ``host_patterns`` is how known_hosts is read, ``host_keys`` is which host keys it asks the server for.
    ``documents_pem``: its
    documentation asks for a private key in PEM, although it reads OpenSSH's own form, too. ``app_key_forms`` are the
    forms of the key of a GitHub App, the first one preferred.
    ``url_needed``: the option ``url`` is required; ``url_key`` is the key that stores it. ``url_scp`` and ``url_path``:
    it may have the form git@host:path, and a path. ``url_user``: an SSH URL needs a user. ``url_prefix``: the consumer
    compares it as a prefix. ``url_exact``: it compares it as a string, so that a slash at its end counts.
    ``url_is_regex`` is the setting that makes it a regular expression. ``http`` is what the consumer does with a
    credential and http://, ``http_setting`` is its own setting that allows that. ``bearer_with_user``: it takes a
    bearer token together with a user in the URL.
    ``not_in_username`` are characters that break a file of the consumer. The name of the Secret begins with
    ``name_prefix``. ``refuses_other_keys``: the consumer takes no Secret with further keys.
    ``by_service_account``: it looks for the Secret in the list ``secrets`` of a ServiceAccount.
    ``reasons`` maps a kind, or a part such as ``ssh.known_hosts``, to why the consumer does not read it.
    """

    name: str
    source: str
    shapes: Mapping[CredentialKind, Shape]
    settings: Mapping[str, FormatSetting] = field(default_factory=dict)
    annotate: Annotate = lambda kind, url, settings: {}
    annotation: str = ""
    reader: Reader = "OpenSSH"
    host_keys: HostKeyChoice = "lines of the host"
    host_patterns: HostPatterns = "OpenSSH"
    documents_pem: bool = False
    url_needed: bool = False
    url_key: str = ""
    url_scp: bool = True
    url_path: bool = True
    url_user: bool = False
    url_prefix: bool = False
    url_exact: bool = False
    url_is_regex: str = ""
    bearer_with_user: bool = True
    http: Literal["allowed", "refused"] = "allowed"
    http_setting: str = ""
    not_in_username: str = ""
    app_key_forms: tuple[Form, ...] = ("PKCS#1", "PKCS#8")
    name_prefix: str = ""
    refuses_other_keys: bool = False
    by_service_account: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types of Secret that this consumer reads, each once."""
        return tuple(dict.fromkeys(shape.type for shape in self.shapes.values()))

    def setting_keys(self, kind: CredentialKind | None = None) -> frozenset[str]:
        """Return the keys of a Secret for the URL and for settings, of one kind of credential or of all."""
        keys = {self.url_key}
        for setting in self.settings.values():
            if kind is None or setting.only in (None, kind):
                keys.add(setting.key)
        return frozenset(keys - {""})

    def is_label(self, key: str) -> bool:
        """Return whether this consumer looks at a label."""
        if any(key in shape.labels for shape in self.shapes.values()):
            return True
        return any(key == setting.label for setting in self.settings.values())

    def is_annotation(self, key: str) -> bool:
        """Return whether this consumer looks at an annotation; one with text for people does not count."""
        return bool(self.annotation) and key.startswith(self.annotation)

    def all_keys(self) -> frozenset[str]:
        """Return every key of a Secret that this consumer reads."""
        return self.setting_keys().union(*map(shape_keys, self.shapes.values()))


def shape_keys(shape: Shape) -> frozenset[str]:
    """Return the keys of a Secret for the parts and constants of a shape."""
    return frozenset(shape.constants).union(*shape.keys.values())


def option_of(kind: CredentialKind, part: str) -> str:
    """Return the full name of the option for a part, such as ``ssh.private_key``."""
    return part if part == kind else f"{kind}.{part}"
