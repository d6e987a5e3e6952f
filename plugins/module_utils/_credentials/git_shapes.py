# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of each consumer of a Git credential: the words of the table of formats.

A credential has a kind, and parts named as the options under it: ``ssh`` has private_key, known_hosts, …
A shape says for one kind under which keys of the Secret the parts stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .git_url import GitUrl
from .key_text import Form
from .schema import Setting, SettingType

CredentialKind = Literal["ssh", "https", "cookie_file", "github_app"]
KINDS: tuple[CredentialKind, ...] = ("ssh", "https", "cookie_file", "github_app")

OPAQUE = "Opaque"
SSH_AUTH = "kubernetes.io/ssh-auth"
BASIC_AUTH = "kubernetes.io/basic-auth"

# Parts that everybody may see; all others are material. ``username`` may still be a token, and is shown as such.
PUBLIC_PARTS = frozenset(
    ("public_key", "known_hosts", "username", "id", "client_id", "installation_id", "owner", "base_url")
)

# Parts that say the same in different ways, so that a credential has only one side of a row.
ALTERNATIVES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset(("bearer_token",)), frozenset(("username", "password"))),
    (frozenset(("id",)), frozenset(("client_id",))),
    (frozenset(("installation_id",)), frozenset(("owner",))),
)

# Which program reads the private key, which decides on the forms that it may have.
Reader = Literal["OpenSSH", "Go", "PEM only"]


@dataclass(frozen=True)
class Shape:
    """How a consumer reads one kind of credential.

    ``keys`` are the keys of the Secret by part, ``ways`` the sets of parts of which one must be complete.
    ``recommended`` says what happens without a part that may be left out.
    """

    keys: Mapping[str, tuple[str, ...]]
    ways: tuple[tuple[str, ...], ...]
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
    """A consumer. ``url_key`` is where it reads the URL; ``reasons`` says why it has no use for a part or kind.

    ``url_is_regex`` is the setting by which the URL is a pattern, ``annotation`` how the keys of ``annotate`` begin.
    ``by_service_account``: it looks for the Secret in the list ``secrets`` of a ServiceAccount.
    """

    name: str
    source: str
    shapes: Mapping[CredentialKind, Shape]
    settings: Mapping[str, FormatSetting] = field(default_factory=dict)
    annotate: Annotate = lambda kind, url, settings: {}
    annotation: str = ""
    reader: Reader = "OpenSSH"
    url_needed: bool = False
    url_key: str = ""
    url_scp: bool = True
    url_path: bool = True
    url_prefix: bool = False
    url_is_regex: str = ""
    https_only: bool = False
    not_in_username: str = ""
    app_key_forms: tuple[Form, ...] = ("PKCS#1", "PKCS#8")
    name_prefix: str = ""
    refuses_other_keys: bool = False
    by_service_account: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """The types of Secret that this consumer reads, each once."""
        return tuple(dict.fromkeys(shape.type for shape in self.shapes.values()))

    def setting_keys(self, kind: CredentialKind | None = None) -> frozenset[str]:
        """The keys of a Secret that hold no part of a credential of this kind: the URL and what format_options set."""
        settings = (setting for setting in self.settings.values() if kind is None or setting.only in (None, kind))
        return frozenset((self.url_key, *(setting.key for setting in settings))) - {""}

    def is_label(self, key: str) -> bool:
        """Whether this consumer looks at a label."""
        return any(key in shape.labels for shape in self.shapes.values()) or any(
            key == setting.label for setting in self.settings.values()
        )

    def is_annotation(self, key: str) -> bool:
        """Whether this consumer looks at an annotation; one that says what a Secret is called is for everybody."""
        return bool(self.annotation) and key.startswith(self.annotation)

    def all_keys(self) -> frozenset[str]:
        """Every key of a Secret that means something to this consumer."""
        return self.setting_keys().union(*map(shape_keys, self.shapes.values()))


def shape_keys(shape: Shape) -> frozenset[str]:
    """The keys of a Secret that a shape fills."""
    return frozenset(key for keys in shape.keys.values() for key in keys) | frozenset(shape.constants)


def option_of(kind: CredentialKind, part: str) -> str:
    """The option that gives a part, as users write it."""
    return part if part == kind else f"{kind}.{part}"
