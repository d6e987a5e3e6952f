# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials with which nodes pull images by themselves, as far as they are given to a task.

A pull with them, or through a mirror, is recorded as usable by all Pods of the node.
Sources: kubernetes pkg/credentialprovider/plugin/config.go (the checks of a CredentialProviderConfig) and plugin.go
(which provider is asked), KEP-4412 (tokens of ServiceAccounts); docs.k3s.io/installation/private-registry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.images import HUB, LEGACY_HUB, normalise_image
from .._kubelet.keyring import Keyring
from .._kubelet.url_match import UrlTarget, matches, parse_target
from .verdict import is_pattern

_CONFIG_VERSIONS = tuple(f"kubelet.config.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
_PROVIDER_VERSIONS = tuple(f"credentialprovider.kubelet.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
_CONFIG_FIELDS = ("apiVersion", "kind", "providers")
_PROVIDER_FIELDS = ("name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env", "tokenAttributes")
_TOKEN_FIELDS = (
    "serviceAccountTokenAudience",
    "cacheType",
    "requireServiceAccount",
    "requiredServiceAccountAnnotationKeys",
    "optionalServiceAccountAnnotationKeys",
)
_CACHE_TYPES = ("ServiceAccount", "Token")
# As Go's time.ParseDuration reads it, without a sign.
_GO_DURATION = re.compile(
    r"0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))*"
)
_MIRROR_FIELDS = ("mirrors", "configs", "auths")
_LOGIN_FIELDS = ("username", "password", "auth", "identity_token")
# The names under which a registries.yaml has Docker Hub.
_HUB_NAMES = frozenset((HUB, LEGACY_HUB, "registry-1.docker.io"))


@dataclass(frozen=True)
class NodeProvider:
    """A credential provider of a node: the images for which it is asked, and the annotations that it needs.

    ``annotations`` are keys of annotations without which the ServiceAccount of a Pod gets no credentials.
    """

    patterns: tuple[UrlTarget, ...]
    annotations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NodeCredentials:
    """The given credentials of nodes: credential providers, docker configs, and registries with a mirror or a login.

    ``hosts`` are registries as a registries.yaml names them; ``*`` stands for all.
    """

    providers: tuple[NodeProvider, ...] = ()
    keyrings: tuple[Keyring, ...] = field(default=(), repr=False)
    hosts: frozenset[str] = frozenset()

    def covers(self, image: str, annotations: Collection[str]) -> bool:
        """Return whether nodes pull an image by themselves, for a ServiceAccount with these annotations."""
        name = normalise_image(image)
        if name is None:
            return False
        host = name.partition("/")[0]
        names = _HUB_NAMES if host == HUB else frozenset((host,))
        if "*" in self.hosts or not names.isdisjoint(self.hosts):
            return True
        wanted = parse_target(name.encode())
        for provider in self.providers:
            is_asked = wanted is not None and any(matches(pattern, wanted) for pattern in provider.patterns)
            if is_asked and provider.annotations <= frozenset(annotations):
                return True
        return any(_has_login(keyring, image) for keyring in self.keyrings)


def _has_login(keyring: Keyring, image: str) -> bool:
    return any(found.is_sent for found in keyring.lookup(image).credentials)


def parse_provider_config(document: Any, option: str) -> tuple[NodeProvider, ...]:
    """Return the providers of a CredentialProviderConfig. Raise KeyringError for what the kubelet refuses.

    No message has a value of it: ``env`` and ``args`` may hold secrets.
    """
    config = _check_mapping(document, option, "a CredentialProviderConfig of the kubelet")
    if config.get("kind") != "CredentialProviderConfig":
        raise _refuse(
            f"{option}.kind",
            "is not CredentialProviderConfig",
            remedy="Give the file of the kubelet's option --image-credential-provider-config.",
        )
    if config.get("apiVersion") not in _CONFIG_VERSIONS:
        raise _refuse(f"{option}.apiVersion", "is not known", remedy=f"Use one of {', '.join(_CONFIG_VERSIONS)}.")
    _check_fields(config, _CONFIG_FIELDS, option)
    providers = _check_list(config.get("providers"), f"{option}.providers")
    names: set[str] = set()
    parsed = []
    for index, item in enumerate(providers):
        place = f"{option}.providers[{index}]"
        provider = _check_mapping(item, place, "a credential provider")
        name = provider.get("name")
        if not isinstance(name, str) or not name or "/" in name or " " in name or name in (".", ".."):
            raise _refuse(f"{place}.name", "is not the name of a program", remedy="Write it without / and spaces.")
        if name in names:
            raise _refuse(f"{place}.name", "is used twice", "The kubelet finds a provider by its name.")
        names.add(name)
        parsed.append(_parse_provider(provider, place))
    return tuple(parsed)


def _parse_provider(provider: Mapping[str, Any], place: str) -> NodeProvider:
    _check_fields(provider, _PROVIDER_FIELDS, place)
    if provider.get("apiVersion") not in _PROVIDER_VERSIONS:
        remedy = f"Use one of {', '.join(_PROVIDER_VERSIONS)}."
        raise _refuse(f"{place}.apiVersion", "is not known", remedy=remedy)
    patterns = []
    for index, pattern in enumerate(_check_list(provider.get("matchImages"), f"{place}.matchImages")):
        target = parse_target(pattern.encode()) if isinstance(pattern, str) and is_pattern(pattern) else None
        if target is None or "://" in pattern:
            raise _refuse(
                f"{place}.matchImages[{index}]",
                "is not a pattern for images",
                "It is compared with the registry and the path of an image.",
                "Write it without https://, like *.dkr.ecr.*.amazonaws.com.",
            )
        patterns.append(target)
    duration = provider.get("defaultCacheDuration")
    if not isinstance(duration, str) or not _GO_DURATION.fullmatch(duration):
        raise _refuse(
            f"{place}.defaultCacheDuration", "is not a duration", "The kubelet requires it.", "Write it like 12h or 0s."
        )
    annotations: frozenset[str] = frozenset()
    if provider.get("tokenAttributes") is not None:
        annotations = _parse_token_attributes(provider, f"{place}.tokenAttributes")
    return NodeProvider(tuple(patterns), annotations)


def _parse_token_attributes(provider: Mapping[str, Any], place: str) -> frozenset[str]:
    """Return the annotations that a ServiceAccount needs, from the tokenAttributes of a provider."""
    attributes = _check_mapping(provider["tokenAttributes"], place, "a mapping of attributes")
    _check_fields(attributes, _TOKEN_FIELDS, place)
    if provider["apiVersion"] != _PROVIDER_VERSIONS[0]:
        remedy = f"Use {_PROVIDER_VERSIONS[0]}."
        raise _refuse(place, "needs another apiVersion of the provider", "Older versions have no tokens.", remedy)
    audience = attributes.get("serviceAccountTokenAudience")
    if not isinstance(audience, str) or not audience:
        raise _refuse(f"{place}.serviceAccountTokenAudience", "is missing", "A token is made for one audience.")
    if attributes.get("cacheType") not in _CACHE_TYPES:
        is_given = attributes.get("cacheType") is not None
        raise _refuse(
            f"{place}.cacheType",
            "is not known" if is_given else "is missing",
            "From 1.34 on, the kubelet does not start without it.",
            "Write ServiceAccount if the credentials are the same for all Pods of a ServiceAccount, otherwise Token.",
        )
    is_required = attributes.get("requireServiceAccount")
    if not isinstance(is_required, bool):
        raise _refuse(f"{place}.requireServiceAccount", "is neither true nor false", "The kubelet requires it.")
    required = _parse_keys(attributes, "requiredServiceAccountAnnotationKeys", place)
    optional = _parse_keys(attributes, "optionalServiceAccountAnnotationKeys", place)
    if required and not is_required:
        raise _refuse(
            f"{place}.requiredServiceAccountAnnotationKeys",
            "needs requireServiceAccount: true",
            "A Pod without a ServiceAccount has no annotations.",
        )
    if required & optional:
        raise _refuse(
            f"{place}.optionalServiceAccountAnnotationKeys", "has a key that is also required", "A key is one of both."
        )
    return required


def _parse_keys(attributes: Mapping[str, Any], name: str, place: str) -> frozenset[str]:
    keys = attributes.get(name) or []
    if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
        raise _refuse(f"{place}.{name}", "is not a list of annotation keys")
    if len(set(keys)) < len(keys):
        raise _refuse(f"{place}.{name}", "has a key twice")
    return frozenset(keys)


@dataclass(frozen=True)
class MirroredRegistries:
    """The registries of a registries.yaml with a mirror or a login, and the secret texts in it."""

    hosts: frozenset[str]
    secrets: tuple[str, ...] = field(default=(), repr=False)


def parse_mirrors(document: Any, option: str) -> MirroredRegistries:
    """Return the registries of a registries.yaml of RKE2 or K3s. Raise KeyringError for what these ignore or refuse."""
    config = _check_mapping(document, option, "the content of a registries.yaml")
    if not any(config.get(name) for name in _MIRROR_FIELDS):
        raise _refuse(option, "has neither mirrors nor configs", remedy="Give the content of registries.yaml.")
    _check_fields(config, _MIRROR_FIELDS, option)
    hosts: set[str] = set()
    secrets: list[str] = []
    for host, mirror in _check_section(config, "mirrors", option):
        place = f'{option}.mirrors["{_name_host(host)}"]'
        entry = _check_mapping(mirror or {}, place, "a mirror")
        if "endpoints" in entry:
            raise _refuse(f"{place}.endpoints", "is not a field of a mirror", "It is ignored.", "Write endpoint.")
        endpoints = entry.get("endpoint") or []
        if not isinstance(endpoints, list) or not all(isinstance(item, str) and item for item in endpoints):
            raise _refuse(
                f"{place}.endpoint", "is not a list of URLs", remedy="Write it like [https://mirror.example.com]."
            )
        if endpoints:  # without one, the registry is only shared among the nodes
            hosts.add(host)
    for name in ("configs", "auths"):
        for host, entry in _check_section(config, name, option):
            place = f'{option}.{name}["{_name_host(host)}"]'
            registry = _check_mapping(entry or {}, place, "the settings of a registry")
            login = registry if name == "auths" else registry.get("auth")
            values = _read_login(login, f"{place}.auth" if name == "configs" else place)
            if values:
                hosts.add(host)
                secrets += values
    return MirroredRegistries(frozenset(hosts), tuple(secrets))


def _read_login(login: Any, place: str) -> list[str]:
    """Return the secret texts of a login; none if it has no credentials."""
    fields = _check_mapping(login or {}, place, "a login")
    texts = []
    for name in _LOGIN_FIELDS:
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise _refuse(f"{place}.{name}", "is not a string", remedy="Quote it.")
        if value and name != "username":
            texts.append(value)
    if fields.get("username") and fields.get("password"):
        texts.append(f"{fields['username']}:{fields['password']}")
    return texts


def _name_host(host: str) -> str:
    """Return the name of a registry for a message; anything else may be a URL with a password."""
    return host if re.fullmatch(r"\*|[A-Za-z0-9.:\[\]-]{1,255}", host) else "…"


def _check_section(config: Mapping[str, Any], name: str, option: str) -> list[tuple[str, Any]]:
    section = _check_mapping(config.get(name) or {}, f"{option}.{name}", "a mapping of registries")
    for host in section:
        if any(part in str(host) for part in ("://", "@", "/")):
            raise _refuse(
                f"{option}.{name}", "has a key that is not a registry", "", "Write a host with an optional port, or *."
            )
    return [(str(host), value) for host, value in section.items()]


def _check_mapping(value: Any, place: str, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refuse(place, f"is not {what}", remedy="Give a mapping.")
    return value


def _check_list(value: Any, place: str) -> Sequence[Any]:
    if not isinstance(value, list) or not value:
        raise _refuse(place, "is not a list with at least one item", "The kubelet requires one.")
    return value


def _check_fields(value: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    """Raise KeyringError for a field that does not exist, which may be a misspelt one."""
    for name in value:
        if name not in known:
            raise _refuse(place, "has a field that does not exist", "", f"Its fields are {', '.join(known)}.")


def _refuse(place: str, fault: str, why: str = "", remedy: str = "") -> KeyringError:
    return KeyringError(f"{place} {fault}.", why, remedy, option=place)
