# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of image_pull_secret: in which shape each consumer reads credentials for registries.

A row has either a key with a docker config, which holds many registries, or the login of one registry beside the URL
that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.server_text import Server, public_server
from .._kubelet.url_match import match_key
from .docker_config import CONFIG_JSON_KEY, KEY, OPAQUE_TYPE, TYPE
from .schema import Setting, SettingType, check_value, unknown_setting
from .server import DOCKER_HUB, quote_servers

if TYPE_CHECKING:
    from .registries import Registry

# The settings of a task after their check, with the defaults. None removes what is stored.
FormatSettings = Mapping[str, "str | None"]


@dataclass(frozen=True, kw_only=True)
class PullFormatSetting(Setting):
    """An item of ``format_options``, and the key or label that its value is written to.

    ``default`` is written without it; with ``is_removed``, a stored value is removed. ``also`` are further keys of the
    Secret for each of its ``choices``. ``only`` is another setting, and the value of it with which the consumer reads
    this one.
    """

    type: SettingType = "line"
    key: str = ""
    label: str = ""
    default: str | None = None
    is_removed: bool = False
    also: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    only: tuple[str, str] | None = None


@dataclass(frozen=True)
class PlainLogin:
    """A login of one registry, stored as user name and password beside a URL.

    ``url_key`` is the key of the URL. ``place`` returns it for a server: the given one after its check, or the default.
    ``find_host`` returns the registry of a stored URL; empty for one that has none. ``warn`` returns warnings.
    """

    url_key: str
    place: Callable[[str, FormatSettings], str]
    find_host: Callable[[str], str]
    warn: Callable[[FormatSettings], list[str]]
    username_key: str = "username"
    password_key: str = "password"


# Returns the registries as the consumer looks them up, with warnings. Raises KeyringError for one that it cannot find.
CheckRegistries = Callable[["Sequence[Registry]"], "tuple[list[Registry], list[str]]"]


@dataclass(frozen=True)
class PullFormat:
    """A consumer of credentials for registries. ``source`` names the code or the page that the row is from.

    ``reader`` is what messages call the consumer. ``config_key`` holds a docker config; empty for a format with a
    ``login``. A Secret belongs to the format if it has the ``config_key``, or ``labels`` of which one of the values is
    present, and one of ``values`` under each of these keys.
    """

    name: str
    source: str
    reader: str
    type: str = OPAQUE_TYPE
    config_key: str = ""
    login: PlainLogin | None = None
    check: CheckRegistries = lambda registries: (list(registries), [])
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, PullFormatSetting] = field(default_factory=dict)

    @property
    def is_read_by_kubelet(self) -> bool:
        """Return whether Pods pull images with such a Secret."""
        return self.type == TYPE

    def setting_keys(self) -> dict[str, PullFormatSetting]:
        """Return the keys of a Secret that settings write, each with its setting."""
        keys: dict[str, PullFormatSetting] = {}
        for setting in self.settings.values():
            if setting.key:
                keys[setting.key] = setting
            for more in setting.also.values():
                keys.update(dict.fromkeys(more, setting))
        return keys

    def all_keys(self) -> frozenset[str]:
        """Return every key of a Secret that the format writes."""
        keys = {*self.setting_keys(), self.config_key}
        if self.login:
            keys |= {self.login.url_key, self.login.username_key, self.login.password_key}
        return frozenset(keys - {""})


def check_format_options(row: PullFormat, given: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the settings as they are written, with the defaults. A null value is the default.

    Raise KeyringError, with similar names, for a setting that the format does not have, for a value of another type,
    and for a setting that the consumer does not read together with another one.
    """
    values: dict[str, str | None] = {}
    for name, setting in row.settings.items():
        if setting.default is not None or setting.is_removed:
            values[name] = setting.default
    for name, value in given.items():
        option = f"format_options.{name}"
        if name not in row.settings:
            raise unknown_setting(name, row.settings, f"format {row.name}", option)
        if value is None:
            values.setdefault(name, None)
        else:
            values[name] = _render_setting(check_value(value, row.settings[name], option))
    for name in given:
        only = row.settings[name].only
        if only and values[name] is not None and values[only[0]] != only[1]:
            raise KeyringError(
                f"format_options.{name} has no effect with {only[0]}={values[only[0]]}.",
                f"{row.reader} reads it only with {only[0]}={only[1]}.",
                "Leave it out.",
                option=f"format_options.{name}",
            )
    return values


def _render_setting(value: Any) -> str | None:
    """Return a boolean as Go's strconv.ParseBool reads it. What is not there counts as false."""
    if isinstance(value, bool):
        return "true" if value else None
    return str(value)


def place_format_settings(
    row: PullFormat, values: FormatSettings
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return the keys and the labels of a Secret that settings write; None for one that is removed."""
    data: dict[str, str | None] = {}
    labels: dict[str, str | None] = {}
    for name, value in values.items():
        setting = row.settings[name]
        if setting.key:
            data[setting.key] = value
        if setting.label:
            labels[setting.label] = value
        data.update(setting.also.get(value or "", {}))
    return data, labels


def describe_misfit(row: PullFormat, labels: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Return why a Secret with these labels and values does not belong to the format; empty if it does.

    The sentence goes on after "It".
    """
    if row.config_key:
        return "" if row.config_key in values else f"has no key {row.config_key}"
    for label, known in row.labels.items():
        if labels.get(label) not in known:
            return f"does not have the label {label}: {' or '.join(known)}"
    for key, known in row.values.items():
        if values.get(key) not in known:
            return f"is not of the type {' or '.join(known)} under the key {key}"
    return ""


# The names of Docker Hub that images of it are looked up under.
_HUB_HOSTS = ("index.docker.io", "docker.io", "registry-1.docker.io")


def _place_of(server: str) -> Server:
    """Return the parts of the string that the kubelet compares with images, without a slash at the end."""
    parts = Server.split(match_key(server))
    host = "docker.io" if parts.host in _HUB_HOSTS else parts.host
    return parts._replace(host=host, path=parts.path.rstrip("/"))


def registry_host(server: str) -> str:
    """Return the host of a server with its port; one name for Docker Hub."""
    return _place_of(server).location


def _refuse_wildcard(registry: Registry, reader: str) -> None:
    if "*" in _place_of(registry.server).host:
        raise KeyringError(
            f'{registry.option} ("{public_server(registry.server)}") has a wildcard.',
            f"Only the kubelet knows wildcards; {reader} would never find this registry.",
            "Give one item for each host.",
            option=registry.option,
        )


def _check_builder_registries(registries: Sequence[Registry]) -> tuple[list[Registry], list[str]]:
    """Return the registries under the names that Docker's own library looks up.

    It finds an entry by its exact name, else by the host in it: docker/cli cli/config/credentials/file_store.go. Docker
    Hub has one name: google/go-containerregistry pkg/authn/keychain.go, moby/buildkit session/auth/authprovider.
    """
    reader = "a build with kaniko or BuildKit"
    checked: list[Registry] = []
    warnings: list[str] = []
    seen: dict[str, Registry] = {}
    for registry in registries:
        place = _place_of(registry.server)
        if not registry.absent:
            _refuse_wildcard(registry, reader)
            first = seen.setdefault(place.location, registry)
            if first is not registry:
                raise KeyringError(
                    f"{registry.option} and {first.option} are the same host to kaniko and BuildKit "
                    f'("{place.location}").',
                    "They compare only the host of an entry, and which of the two they use is not defined.",
                    "Keep one of them.",
                    option=registry.option,
                )
            if place.path:
                warnings.append(
                    f'{registry.option}: kaniko and BuildKit use these credentials for all of "{place.location}", '
                    f'not only for "{place.location}{place.path}".'
                )
        is_hub = place.host == "docker.io" and not place.path
        checked.append(replace(registry, server=DOCKER_HUB) if is_hub else registry)
    return checked, warnings


def _check_one_registry(row_name: str, reader: str) -> CheckRegistries:
    def check(registries: Sequence[Registry]) -> tuple[list[Registry], list[str]]:
        for registry in registries:
            if registry.absent:
                raise KeyringError(
                    f"{registry.option}.state=absent has no effect with format {row_name}.",
                    "Such a Secret holds the credentials of one registry.",
                    "Use state=absent of the task to delete it.",
                    option=f"{registry.option}.state",
                )
        if len(registries) != 1:
            named = quote_servers(registry.server for registry in registries)
            raise KeyringError(
                f"Format {row_name} holds the credentials of one registry; the task names {named or 'none'}.",
                f"{reader} reads one user name and one password from a Secret.",
                "Name one in registries, or choose one with docker_config_servers or credentials_from.servers.",
                option="registries",
            )
        registry = registries[0]
        _refuse_wildcard(registry, reader)
        return [replace(registry, email=None, other_fields={})], []

    return check


def _refuse_url(setting: str, what: str, why: str, remedy: str) -> KeyringError:
    option = f"format_options.{setting}"
    return KeyringError(f"{option} {what}", why, remedy, option=option)


def _refuse_other_registry(setting: str, url: str, found: str, server: str) -> None:
    """Raise KeyringError for a URL of another registry, which would get the password."""
    host = _place_of(server).location
    if found != host:
        raise _refuse_url(
            setting,
            f'is on "{found}", and the credentials are for "{host}".',
            "The password would be sent to another registry.",
            "Correct the URL, or the registry.",
        )


# The name of a repository: opencontainers/distribution-spec spec.md.
_REPOSITORY_PATHS = re.compile(r"(/[a-z0-9]+([._-]+[a-z0-9]+)*)+")
_OCI = "oci://"


def _place_for_argocd(server: str, settings: FormatSettings) -> str:
    """Return the URL of a repository of Argo CD, or the prefix of several.

    With type oci it begins with oci://, and with helm it has no scheme: util/oci/client.go and util/helm/client.go. An
    application has the URL of a repository, which Argo CD compares as a whole: util/db/repository_secrets.go.
    """
    is_oci = settings["argocd_type"] == "oci"
    is_prefix = settings["argocd_secret_type"] == "repo-creds"
    scheme = _OCI if is_oci else ""
    url = settings.get("argocd_url")
    if url is None:
        place = _place_of(server)
        host = "registry-1.docker.io" if place.host == "docker.io" else place.location
        url = f"{scheme}{host}{place.path}"
        if is_prefix:
            url += "/"  # Argo CD compares text, and would take the credentials to hosts that only begin alike
    _check_argocd_url(url, scheme, server)
    if is_oci and not is_prefix and not Server.split(url).path.strip("/"):
        raise _refuse_url(
            "argocd_url",
            f'is the host "{Server.split(url).location}" alone.'
            if settings.get("argocd_url")
            else "is missing; the server of the registry is a host alone.",
            "With type oci, Argo CD compares the whole URL of a repository.",
            f'Write it like "{_OCI}ghcr.io/acme/app", or set argocd_secret_type=repo-creds for all of the host.',
        )
    return url


def _check_argocd_url(url: str, scheme: str, server: str) -> None:
    parts = Server.split(url)
    if parts.user:
        raise _refuse_url(
            "argocd_url", "contains a user name.", "Argo CD takes it from username.", "Remove the part before the @."
        )
    if parts.scheme != scheme:
        begin = f'must begin with "{_OCI}".' if scheme else f'must not begin with "{parts.scheme}".'
        kind = "oci" if scheme else "helm"
        raise _refuse_url(
            "argocd_url",
            begin,
            f"Argo CD reads it so with type {kind}.",
            f'Write "{scheme}{parts.location}{parts.path}".',
        )
    _refuse_other_registry("argocd_url", url, _place_of(f"{parts.location}/").location, server)
    path = parts.path.rstrip("/")
    if path and not _REPOSITORY_PATHS.fullmatch(path):
        raise _refuse_url(
            "argocd_url",
            "has a path that no repository has.",
            "It is in lower case, without a tag and without whitespace.",
            'Write it like "ghcr.io/acme/app".',
        )
    if not scheme and parts.port and not parts.host[:1].isalpha():
        raise _refuse_url(
            "argocd_url",
            f'begins with the address "{parts.location}".',
            "With type helm, Argo CD cannot read an IP address with a port.",
            "Use a host name, or argocd_type=oci.",
        )


def _warn_argocd(settings: FormatSettings) -> list[str]:
    url = settings.get("argocd_url")
    if url and settings["argocd_secret_type"] == "repo-creds" and not url.endswith("/"):
        return [
            "format_options.argocd_url is compared as a string, so it also covers names that only begin with "
            f'"{public_server(url)}".'
        ]
    return []


def _find_argocd_host(url: str) -> str:
    return _place_of(Server.split(url.removeprefix(_OCI)).location).location


def _place_for_kargo(server: str, settings: FormatSettings) -> str:
    """Return the image repository of Kargo, or a regular expression for several.

    Kargo compares it as a whole, after go-containerregistry has normalised both: pkg/credentials/kubernetes/database.go
    and pkg/urls/image.go.
    """
    url = settings.get("kargo_url")
    if settings.get("kargo_url_is_regex"):
        _check_regex(url)
        return url or ""
    place = _place_of(server)
    if url is None:
        if not place.path or server.endswith("/"):
            raise _refuse_url(
                "kargo_url",
                "is missing; the server of the registry is not one image repository.",
                "Kargo compares the name of an image repository as a whole.",
                f'Write it like "{place.location}/acme/app", or set kargo_url_is_regex=true and a regular expression.',
            )
        return f"{place.location}{place.path}"
    if "://" in url or "@" in url:
        raise _refuse_url(
            "kargo_url",
            "must be an image repository.",
            "It has neither a scheme nor a user nor a digest.",
            'Write it like "ghcr.io/acme/app".',
        )
    _refuse_other_registry("kargo_url", url, _find_kargo_host(url), server)
    path = url if _find_first(url) is None else url.partition("/")[2]
    if not _REPOSITORY_PATHS.fullmatch(f"/{path}"):
        raise _refuse_url(
            "kargo_url",
            "has a path that no image repository has.",
            "It is in lower case, without a tag and without whitespace.",
            'Write it like "ghcr.io/acme/app".',
        )
    return url


def _check_regex(url: str | None) -> None:
    from .go_regexp import check_go_regexp

    if url is None:
        raise _refuse_url(
            "kargo_url",
            "is missing.",
            "kargo_url_is_regex=true needs the regular expression.",
            r'Write it like "^ghcr\.io/acme/".',
        )
    check_go_regexp(url, "format_options.kargo_url", "Kargo")


def _warn_kargo(settings: FormatSettings) -> list[str]:
    from .go_regexp import begins_at_start

    if settings.get("kargo_url_is_regex") and not begins_at_start(settings.get("kargo_url") or ""):
        return [
            "format_options.kargo_url has no ^ at its beginning, so it also matches in the middle of the names of "
            "other registries, which would get the password."
        ]
    return []


def _find_first(url: str) -> str | None:
    """Return the host of an image name, as go-containerregistry finds it; None for a name on Docker Hub."""
    first, slash, _path = url.partition("/")
    return first if slash and (re.search("[.:]", first) or first == "localhost") else None


def _find_kargo_host(url: str) -> str:
    """Return the host of an image repository; empty for what is none, such as a regular expression."""
    if not re.fullmatch(r"[A-Za-z0-9._:/-]+", url):
        return ""
    return _place_of(_find_first(url) or "docker.io").location


# What Argo CD reads in a repository, and not in credentials for several.
_REPOSITORY_ONLY = ("argocd_secret_type", "repository")

ARGOCD_OCI = PullFormat(
    name="argocd_oci",
    source="argoproj/argo-cd util/db/repository_secrets.go, util/oci/client.go",
    reader="Argo CD",
    login=PlainLogin("url", _place_for_argocd, _find_argocd_host, _warn_argocd),
    check=_check_one_registry("argocd_oci", "Argo CD"),
    labels={"argocd.argoproj.io/secret-type": ("repository", "repo-creds")},
    values={"type": ("oci", "helm")},
    settings={
        "argocd_type": PullFormatSetting(
            type="string",
            choices=("oci", "helm"),
            key="type",
            default="oci",
            also={"oci": {"enableOCI": None}, "helm": {"enableOCI": "true"}},
        ),
        "argocd_secret_type": PullFormatSetting(
            type="string",
            choices=("repository", "repo-creds"),
            label="argocd.argoproj.io/secret-type",
            default="repository",
        ),
        "argocd_url": PullFormatSetting(),
        "argocd_name": PullFormatSetting(key="name", only=_REPOSITORY_ONLY),
        "argocd_project": PullFormatSetting(key="project", only=_REPOSITORY_ONLY),
        "argocd_insecure": PullFormatSetting(type="boolean", key="insecure", only=_REPOSITORY_ONLY),
        "argocd_insecure_oci_force_http": PullFormatSetting(type="boolean", key="insecureOCIForceHttp"),
        "argocd_proxy": PullFormatSetting(key="proxy", secret=True),
        "argocd_no_proxy": PullFormatSetting(key="noProxy"),
    },
)

KARGO_IMAGE = PullFormat(
    name="kargo_image",
    source="akuity/kargo pkg/credentials/kubernetes/database.go, pkg/credentials/basic",
    reader="Kargo",
    login=PlainLogin("repoURL", _place_for_kargo, _find_kargo_host, _warn_kargo),
    check=_check_one_registry("kargo_image", "Kargo"),
    labels={"kargo.akuity.io/cred-type": ("image",)},
    settings={
        "kargo_url": PullFormatSetting(),
        "kargo_url_is_regex": PullFormatSetting(type="boolean", key="repoURLIsRegex", is_removed=True),
    },
)

PULL_SECRET_FORMAT = PullFormat(
    name="pull_secret",
    source="kubernetes pkg/credentialprovider/secrets/secrets.go",
    reader="the kubelet",
    type=TYPE,
    config_key=KEY,
)

CONFIG_JSON = PullFormat(
    name="config_json",
    source="docker/cli cli/config, GoogleContainerTools/kaniko README.md, moby/buildkit session/auth/authprovider",
    reader="a build with kaniko or BuildKit",
    config_key=CONFIG_JSON_KEY,
    check=_check_builder_registries,
)

_ROWS = (PULL_SECRET_FORMAT, CONFIG_JSON, ARGOCD_OCI, KARGO_IMAGE)
PULL_FORMATS: Mapping[str, PullFormat] = {row.name: row for row in _ROWS}
