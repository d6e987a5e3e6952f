# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns of the table of formats: how each consumer reads a Git credential.

A credential has a kind, and parts named as the options under it: ``ssh`` has private_key, known_hosts, …
A shape lists the keys of the Secret for the parts of one kind.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass
from .schema import Setting, SettingType

if TYPE_CHECKING:
    from .git_url import GitUrl
    from .key_format import Form
    from .known_hosts import HostPatterns

CredentialKind = Literal["ssh", "https", "cookie_file", "github_app", "gpg", "cloud_identity"]
# The kinds that have an option of their own.
KINDS: tuple[CredentialKind, ...] = ("ssh", "https", "cookie_file", "github_app", "gpg")
# The kind whose parts are items of ``format_options``: the consumer gets tokens from a cloud.
CLOUD_IDENTITY: CredentialKind = "cloud_identity"

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
    "installation_id": "The installation ID is at the end of the URL of the installation's page.",
}

_AZURE_PRINCIPAL = frozenset(
    (
        "argocd_azure_service_principal_client_id",
        "argocd_azure_service_principal_tenant_id",
        "argocd_azure_service_principal_client_secret",
        "argocd_azure_active_directory_endpoint",
    )
)
_AZURE_WORKLOAD = frozenset(("argocd_use_azure_workload_identity",))
_EXCLUSIVE_IDENTITIES = (
    (_AZURE_PRINCIPAL, _AZURE_WORKLOAD),
    (frozenset(("argocd_gcp_service_account_key",)), _AZURE_PRINCIPAL | _AZURE_WORKLOAD),
    (
        frozenset(("kargo_gcp_service_account_key",)),
        frozenset(("kargo_aws_region", "kargo_aws_access_key_id", "kargo_aws_secret_access_key")),
    ),
)

# Parts that exclude one another: a credential has parts of only one side of a row.
ALTERNATIVES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset(("bearer_token",)), frozenset(("username", "password"))),
    (frozenset(("id",)), frozenset(("client_id",))),
    (frozenset(("installation_id",)), frozenset(("owner",))),
    *_EXCLUSIVE_IDENTITIES,
)

# The program that reads the private key decides which forms this may have. The last one reads that form alone.
Reader = Literal["OpenSSH", "Go", "OpenSSH form"]

# The schemes of the URLs that a consumer of a Git repository reads; "" is a URL without one, as of an image.
UrlScheme = Literal["ssh", "https", "http", "oci", ""]
GIT_SCHEMES: tuple[UrlScheme, ...] = ("ssh", "https", "http")

# The algorithms of host keys that a consumer offers to a server: those of the lines for this server, those of all
# lines, or those of its library in an order of its own. The server answers with the first one that it has, and the
# consumer then needs a line with that key.
HostKeyChoice = Literal["lines of the host", "all lines", "library"]


@dataclass(frozen=True)
class Composition:
    """What a composed value is made of: the parts of a credential, the URL of the task, and checked settings.

    ``stored`` is the value as it is stored, whose unknown fields stay.
    """

    parts: Mapping[str, str] = field(repr=False)
    url: str = field(default="", repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stored: str = field(default="", repr=False)


@dataclass(frozen=True)
class Composer:
    """A value of a Secret that holds several parts of a credential, such as a JSON object.

    ``write`` returns the value, the stored one if it means the same. ``read`` returns the parts in a value, none if it
    is not one of this form. ``problem`` returns what is wrong with a value that it can read, or rarely intended, as a
    sentence. ``replaces_all``: nothing of the stored value stays, so one that it cannot read must not be replaced.
    """

    write: Callable[[Composition], str]
    read: Callable[[str], Mapping[str, str]] = lambda text: {}
    problem: Callable[[str], str] = lambda text: ""
    replaces_all: bool = False


@dataclass(frozen=True)
class Shape:
    """The Secret from which a consumer reads one kind of credential.

    ``keys`` maps a part to the keys of the Secret that hold it. One of the ``required_sets`` of parts must be complete.
    ``composed`` are the keys whose value holds all parts that ``keys`` maps to them.
    ``recommended`` maps an optional part to what happens without it. ``labels``, ``annotations`` and ``constants`` are
    always written. ``for_any_keys``: these labels may be on Secrets with other keys, too.
    ``watch_labels`` are written too: a Secret is recognized without them, but its consumer does not see it.
    ``wrong_keys`` maps a key that the consumer does not read to the part that people store there by mistake.
    ``is_general``: the consumer stores other secrets in the same way, so such a Secret may be for anything.
    """

    keys: Mapping[str, tuple[str, ...]]
    required_sets: tuple[tuple[str, ...], ...]
    type: str = OPAQUE
    labels: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    recommended: Mapping[str, str] = field(default_factory=dict)
    composed: Mapping[str, Composer] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    for_any_keys: bool = False
    watch_labels: Mapping[str, str] = field(default_factory=dict)
    wrong_keys: Mapping[str, str] = field(default_factory=dict)
    is_general: bool = False


@dataclass(frozen=True, kw_only=True)
class FormatSetting(Setting):
    """An item of ``format_options``, and the key, annotation or label that its value is written to.

    One with none of these is for ``annotate`` or ``further_data`` of the row, selects the row, or is a part of a
    credential. ``only`` is the kind of credential that it belongs to. Those of cloud_identity are its parts; their keys
    are in the shape. ``default`` returns what is written without it, None to write nothing; ``required``: there is no
    default. ``in_base64``: its value is encoded before it is written. ``url_pattern`` is what host and path of the URL
    must begin with, because the consumer otherwise ignores it, and ``url_rule`` describes that. ``is_urls``: its items
    are URLs that the credential serves, too. ``recommended`` maps a kind of credential to what happens without it.
    """

    type: SettingType = "line"
    key: str = ""
    annotation: str = ""
    label: str = ""
    only: CredentialKind | None = None
    is_urls: bool = False
    default: Callable[[GitUrl | None], str | None] | None = None
    required: bool = False
    in_base64: bool = False
    url_pattern: re.Pattern[str] | None = None
    url_rule: str = ""
    recommended: Mapping[CredentialKind, str] = field(default_factory=dict)


Annotate = Callable[[CredentialKind, "GitUrl | None", Mapping[str, Any]], Mapping[str, str]]
Advise = Callable[[CredentialKind, "GitUrl | None", Mapping[str, Any]], Sequence[str]]


@dataclass(frozen=True)
class Format:
    """A consumer of Git credentials. ``source`` names the code or the page that its shapes are from.

    ``annotate`` returns annotations whose keys begin with ``annotation``; with ``unique_annotations`` the consumer
    fails if two of them have one value. ``advise`` returns warnings about its settings. ``reader`` is the program that
    reads the private key, ``host_patterns`` is how known_hosts is read, ``host_keys`` is which host keys it asks the
    server for.
    ``documents_pem``: its documentation asks for a private key in PEM, although it reads OpenSSH's own form, too.
    ``rsa_bits`` is the smallest RSA key that it reads. ``app_key_forms`` are the forms of the key of a GitHub App, the
    first one preferred.
    ``variant``: the consumer reads several types of Secret, each of which has a row with the same name. The item
    ``variant_setting`` of format_options selects the row with this value; the first one is the default.
    ``url_needed``: the option ``url`` is required; ``url_key`` is the key that stores it. ``url_schemes`` are those
    that it may have; none for a credential that is for no repository. ``url_scp`` and ``url_path``: it may have the
    form git@host:path, and a path. ``url_repository``: it must have a path. ``url_plain_setting`` is the boolean
    that is true for a URL without a scheme, and only for it. ``url_user``: an SSH URL needs a user. ``url_prefix``:
    the consumer compares it as a prefix. ``url_exact``: it compares it as a string, so that a slash at its end
    counts. ``url_is_proxy``: it is the URL of a proxy. ``same_url`` is what it does with several Secrets of one
    URL, in whose key ``same_url_key`` is the same, too.
    ``url_is_regex`` is the setting that makes the URL a regular expression. ``http`` is what the consumer does with a
    credential and http://, ``http_setting`` is its own setting that allows that. ``bearer_with_user``: it takes a
    bearer token together with a user in the URL.
    ``not_in_username`` are characters that break a file of the consumer. The name of the Secret begins with
    ``name_prefix``. ``refuses_other_keys``: the consumer takes no Secret with further keys.
    ``by_service_account``: it looks for the Secret in the list ``secrets`` of a ServiceAccount.
    ``passphrase_name`` is the name of the only Secret whose passphrase the consumer uses.
    ``reasons`` maps a kind, or a part such as ``ssh.known_hosts``, to why the consumer does not read it.
    ``renaming_setting`` is the setting for other names of keys, which are in the annotations of the row.
    ``further_data`` returns keys of the Secret that settings contain.
    """

    name: str
    source: str
    shapes: Mapping[CredentialKind, Shape]
    variant: str = ""
    variant_setting: str = ""
    settings: Mapping[str, FormatSetting] = field(default_factory=dict)
    annotate: Annotate = lambda kind, url, settings: {}
    annotation: str = ""
    unique_annotations: bool = False
    advise: Advise = lambda kind, url, settings: ()
    reader: Reader = "OpenSSH"
    host_keys: HostKeyChoice = "lines of the host"
    host_patterns: HostPatterns = "OpenSSH"
    documents_pem: bool = False
    rsa_bits: int = 0
    url_needed: bool = False
    url_key: str = ""
    url_schemes: tuple[UrlScheme, ...] = GIT_SCHEMES
    url_scp: bool = True
    url_path: bool = True
    url_is_proxy: bool = False
    url_repository: bool = False
    url_plain_setting: str = ""
    url_user: bool = False
    url_prefix: bool = False
    url_exact: bool = False
    same_url: str = ""
    same_url_key: str = ""
    url_is_regex: str = ""
    bearer_with_user: bool = True
    http: Literal["allowed", "refused"] = "allowed"
    http_setting: str = ""
    not_in_username: str = ""
    app_key_forms: tuple[Form, ...] = ("PKCS#1", "PKCS#8")
    name_prefix: str = ""
    refuses_other_keys: bool = False
    by_service_account: bool = False
    passphrase_name: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    renaming_setting: str = ""
    further_data: Callable[[Mapping[str, Any]], Mapping[str, str | None]] = lambda settings: {}

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types of Secret that this consumer reads, each once."""
        return tuple(dict.fromkeys(shape.type for shape in self.shapes.values()))

    @property
    def renaming(self) -> str:
        """Return how the annotations begin that give keys other names; empty if there are none."""
        return self.annotation if self.renaming_setting else ""

    @property
    def name_of_variant(self) -> str:
        """Return what messages call the format, with the setting that selects its row."""
        has_setting = self.variant and not self.is_for_git
        return f"{self.name} with {self.variant_setting}={self.variant}" if has_setting else self.name

    @property
    def is_for_git(self) -> bool:
        """Return whether the credential is for a Git repository."""
        return self.url_schemes == GIT_SCHEMES

    @property
    def public_parts(self) -> frozenset[str]:
        """Return the parts of its credentials that are no secret data."""
        return PUBLIC_PARTS.union(name for name, setting in self.settings.items() if not setting.secret)

    def setting_keys(self, kind: CredentialKind | None = None) -> frozenset[str]:
        """Return the keys of a Secret for the URL and for settings, of one kind of credential or of all."""
        keys = {self.url_key}
        for setting in self.settings.values():
            if kind is None or setting.only in (None, kind):
                keys.add(setting.key)
        return frozenset(keys - {""})

    def file_keys(self) -> frozenset[str]:
        """Return the keys of a Secret whose value is a whole file, which is not secret from end to end."""
        keys = {setting.key for setting in self.settings.values() if setting.type == "text"}
        for shape in self.shapes.values():
            keys.update(shape.composed.keys() - set().union(*shape.keys.values()))  # made of no part of the credential
        return frozenset(keys)

    def secrets_inside(self, key: str, text: str) -> list[str]:
        """Return the secret strings in the value of a key that holds more than one string."""
        found: dict[str, None] = {}
        for shape in self.shapes.values():
            if key in shape.composed:
                parts = shape.composed[key].read(text)
                found.update(dict.fromkeys(parts[part] for part in parts if part not in PUBLIC_PARTS))
        for setting in self.settings.values():
            if setting.key == key and setting.type == "logins":
                from .login_list import read_passwords

                found.update(dict.fromkeys(read_passwords(text)))
        return list(found)

    def is_label(self, key: str) -> bool:
        """Return whether this consumer looks at a label."""
        if any(key in shape.labels or key in shape.watch_labels for shape in self.shapes.values()):
            return True
        return any(key == setting.label for setting in self.settings.values())

    def is_annotation(self, key: str) -> bool:
        """Return whether this consumer looks at an annotation; one with text for people does not count."""
        if any(key in shape.annotations for shape in self.shapes.values()):
            return True
        return bool(self.annotation) and key.startswith(self.annotation)

    def all_keys(self) -> frozenset[str]:
        """Return every key of a Secret that this consumer reads."""
        return self.setting_keys().union(*map(shape_keys, self.shapes.values()))

    def rename(self, names: Mapping[str, str]) -> Format:
        """Return the row with other names for keys of the Secret."""
        if not names:
            return self
        shapes: dict[CredentialKind, Shape] = {}
        for kind, shape in self.shapes.items():
            keys = {part: tuple(names.get(key, key) for key in own) for part, own in shape.keys.items()}
            shapes[kind] = dataclasses.replace(shape, keys=keys)
        settings = {
            name: dataclasses.replace(setting, key=names.get(setting.key, setting.key))
            for name, setting in self.settings.items()
        }
        return dataclasses.replace(self, shapes=shapes, settings=settings)


def shape_keys(shape: Shape) -> frozenset[str]:
    """Return the keys of a Secret for the parts and constants of a shape."""
    return frozenset((*shape.constants, *shape.composed)).union(*shape.keys.values())


def can_read(shape: Shape, keys: frozenset[str]) -> bool:
    """Return whether a Secret with these keys may have a complete credential of this shape."""
    return any(all(keys.issuperset(shape.keys[part]) for part in parts) for parts in shape.required_sets)


def option_of(kind: CredentialKind, part: str) -> str:
    """Return the full name of the option for a part, such as ``ssh.private_key``."""
    if kind == CLOUD_IDENTITY:
        return f"format_options.{part}"
    return part if part == kind else f"{kind}.{part}"
