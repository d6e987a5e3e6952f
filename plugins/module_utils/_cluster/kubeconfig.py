# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs: parsed, merged and checked as kubectl does it.

Sources: client-go 0.36, tools/clientcmd (loader.go, validation.go, api/v1/types.go). The parser of YAML quotes the
file in its messages, tokens included: none of them is passed on.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import functools
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._credentials.material import named_path
from .._errors import FailureId, KeyringError
from .client_certificate import ClientCertificate

DEFAULT_KUBECONFIG = "~/.kube/config"

# More than any kubeconfig, certificate or token has, and not the whole of a device.
MAX_FILE = 16 * 1024 * 1024

# The extension of a cluster whose content is handed to credential plugins.
_EXEC_EXTENSION = "client.authentication.k8s.io/exec"


@dataclass(frozen=True)
class Place:
    """Where an entry of a kubeconfig is: ``path`` is that of the fields, such as users[1].user.

    ``source`` is how messages call the kubeconfig, ``folder`` what its relative paths are relative to.
    """

    source: str
    path: str
    folder: str

    def error(
        self, name: str, problem: str, why: str = "", remedy: str = "", *, failure: FailureId = "invalid_kubeconfig"
    ) -> KeyringError:
        """Return the error about one field."""
        field_path = f"{self.path}.{name}" if name else self.path
        return KeyringError(
            f"{field_path} of {self.source} {problem}", why, remedy, failure=failure, option=f"kubeconfig.{field_path}"
        )

    def resolve(self, path: str) -> str:
        """Return the absolute form of a path in the kubeconfig."""
        return os.path.join(self.folder, path)


@dataclass(frozen=True)
class ClusterEntry:
    """A cluster of a kubeconfig: how the API server is reached. ``extensions`` are by name."""

    place: Place
    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: bytes = b""
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def exec_config(self) -> Any:
        """Return what the cluster has for credential plugins, or None."""
        return self.extensions.get(_EXEC_EXTENSION)


@dataclass(frozen=True)
class ExecEntry:
    """A credential plugin of a user. ``env`` are variables beside those of the process."""

    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


@dataclass(frozen=True)
class AuthProviderEntry:
    """The older form of a credential plugin, which is part of the client."""

    name: str = ""
    config: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class UserEntry:
    """A user of a kubeconfig: how a request proves who sends it, and as whom it acts.

    ``certificate`` is that of the options, which take the place of the fields of the kubeconfig.
    """

    place: Place
    name: str = ""
    client_certificate: str = ""
    client_certificate_data: bytes = b""
    client_key: str = ""
    client_key_data: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    username: str = ""
    password: str = field(default="", repr=False)
    exec_plugin: ExecEntry | None = None
    auth_provider: AuthProviderEntry | None = None
    certificate: ClientCertificate | None = None


@dataclass(frozen=True)
class ContextEntry:
    """A context of a kubeconfig: names of a cluster and a user, and a namespace."""

    place: Place
    cluster: str = ""
    user: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class Kubeconfig:
    """Kubeconfigs as one. ``source`` is how messages call it."""

    source: str
    clusters: Mapping[str, ClusterEntry] = field(default_factory=dict)
    users: Mapping[str, UserEntry] = field(default_factory=dict)
    contexts: Mapping[str, ContextEntry] = field(default_factory=dict)
    current_context: str = ""


@dataclass(frozen=True)
class Selected:
    """The cluster, the user and the namespace that a context selects."""

    context: str
    cluster: ClusterEntry
    user: UserEntry
    namespace: str | None


def kubeconfig_paths(kubeconfig: str) -> list[str]:
    """Return the files that a path names; several are separated as in PATH, and empty elements do not count."""
    paths = [os.path.expanduser(path) for path in kubeconfig.split(os.pathsep) if path]
    return list(dict.fromkeys(paths))


def load_kubeconfig(kubeconfig: str | Mapping[str, Any], files: Mapping[str, bytes]) -> Kubeconfig:
    """Read a kubeconfig: a mapping, or a path that may name several files, of which some may be missing.

    ``files`` is the content of files by absolute path, for those that need not be read from the disk. Raises
    KeyringError when none exists, or one cannot be read, does not parse, or has a field of another type.
    """
    if not isinstance(kubeconfig, str):
        return parse_kubeconfig(kubeconfig, "kubeconfig", os.getcwd())
    source = named_path("kubeconfig", kubeconfig)
    paths = [path for path in kubeconfig_paths(kubeconfig) if path in files or os.path.exists(path)]
    if not paths:
        raise KeyringError(
            f"{source} does not exist on the machine that runs this task.",
            "",
            "Give kubeconfig, or host with api_key, or the variable K8S_AUTH_KUBECONFIG or KUBECONFIG.",
            failure="unreadable_file",
            option="kubeconfig",
        )
    return merge_kubeconfigs([_load_file(path, files) for path in paths], source)


def _load_file(path: str, files: Mapping[str, bytes]) -> Kubeconfig:
    source = named_path("kubeconfig", path)
    try:
        content = read_file(path, files)
    except OSError as error:
        raise KeyringError(
            f"{source} cannot be read: {error.strerror}.", failure="unreadable_file", option="kubeconfig"
        ) from None
    return parse_kubeconfig(parse_document(content, source), source, os.path.dirname(os.path.abspath(path)))


def read_file(path: str, files: Mapping[str, bytes]) -> bytes:
    """Return the content of a file, from ``files`` where it is there. Raises OSError."""
    if path in files:
        return files[path]
    with open(path, "rb") as file:
        return file.read(MAX_FILE)


def parse_document(content: bytes, source: str) -> Any:
    """Parse the YAML or JSON of a kubeconfig. Raises KeyringError without a word of it."""
    import yaml

    try:
        if content.lstrip()[:1] == b"{":
            return json.loads(content)
    except (ValueError, RecursionError):
        pass  # flow style of YAML begins like JSON
    try:
        _check_depth(content)
        return _loader()(content).get_data()
    except (yaml.YAMLError, ValueError, RecursionError):
        raise KeyringError(
            f"{source} is not a kubeconfig.",
            "It is not valid YAML.",
            "Check it with: kubectl config view --kubeconfig <path>.",
            failure="invalid_kubeconfig",
            option="kubeconfig",
        ) from None


# No kubeconfig has so many levels. From some ten thousand on PyYAML's parser in C ends the process.
_MAX_DEPTH = 100


def _check_depth(content: bytes) -> None:
    """Raise ValueError for YAML that is nested too deeply.

    A level begins with a bracket, with a dash or a question mark, or on a line of its own. Where there are fewer of
    these than levels allowed, nothing more is counted.
    """
    import yaml

    if sum(map(content.count, (b"[", b"{", b"- ", b"? ", b"\n"))) <= _MAX_DEPTH:
        return
    depth = 0
    for event in yaml.parse(content, Loader=_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise ValueError


@functools.lru_cache(maxsize=1)
def _loader() -> Any:
    """Return the loader for YAML, in C where PyYAML has it: that takes a tenth of the time.

    What is a boolean, a number or null is what kubectl takes for one: dates and times of day are strings, ``y`` is a
    boolean, ``1e3`` a number. Unknown tags do not count. Source: resolve.go in sigs.k8s.io/yaml/goyaml.v2.
    """
    import yaml

    loader: Any = type("Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
    loader.yaml_implicit_resolvers = {}
    for tag, pattern, firsts in _SCALARS:
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(firsts))
    loader.add_constructor("tag:yaml.org,2002:bool", lambda _loader, node: node.value.lower() in _TRUE)
    loader.add_constructor("tag:yaml.org,2002:int", lambda _loader, node: _integer(node.value))
    loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: float(node.value.replace("_", "")))
    loader.add_constructor(None, _untagged)
    return loader


_DIGITS = "+-0123456789"
# The scalars that are not strings: tag, form, and the characters that they begin with.
_SCALARS = (
    ("bool", r"(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$", "yYtToOnNfF"),
    ("null", r"(~|null|Null|NULL|)$", ("~", "n", "N", "")),
    ("int", r"[-+]?(0x[0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]*|[1-9][0-9_]*)$", _DIGITS),
    ("float", r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$", f"{_DIGITS}."),
    ("merge", r"<<$", "<"),
)
_TRUE = ("y", "yes", "true", "on")


def _integer(text: str) -> int:
    digits = text.replace("_", "").replace("0o", "0")
    return int(digits, 8) if re.match(r"[-+]?0[0-7]", digits) else int(digits, 0)


def _untagged(loader: Any, node: Any) -> Any:
    """Return the value of a node with an unknown tag, as if it had none."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


# The fields of each entry: their names in a kubeconfig, the names here, and their types.
_FIELDS: Mapping[type, Mapping[str, tuple[str, str]]] = {
    ClusterEntry: {
        "server": ("server", "string"),
        "tls-server-name": ("tls_server_name", "string"),
        "insecure-skip-tls-verify": ("insecure_skip_tls_verify", "boolean"),
        "certificate-authority": ("certificate_authority", "string"),
        "certificate-authority-data": ("certificate_authority_data", "base64"),
        "proxy-url": ("proxy_url", "string"),
        "disable-compression": ("disable_compression", "boolean"),
        "extensions": ("extensions", "extensions"),
    },
    UserEntry: {
        "client-certificate": ("client_certificate", "string"),
        "client-certificate-data": ("client_certificate_data", "base64"),
        "client-key": ("client_key", "string"),
        "client-key-data": ("client_key_data", "base64"),
        "token": ("token", "string"),
        "tokenFile": ("token_file", "string"),
        "as": ("impersonate", "string"),
        "as-uid": ("impersonate_uid", "string"),
        "as-groups": ("impersonate_groups", "strings"),
        "as-user-extra": ("impersonate_extra", "mapping of lists"),
        "username": ("username", "string"),
        "password": ("password", "string"),
        "exec": ("exec_plugin", "exec"),
        "auth-provider": ("auth_provider", "auth-provider"),
    },
    ContextEntry: {
        "cluster": ("cluster", "string"),
        "user": ("user", "string"),
        "namespace": ("namespace", "string"),
    },
    ExecEntry: {
        "command": ("command", "string"),
        "args": ("args", "strings"),
        "env": ("env", "variables"),
        "apiVersion": ("api_version", "string"),
        "installHint": ("install_hint", "string"),
        "provideClusterInfo": ("provide_cluster_info", "boolean"),
        "interactiveMode": ("interactive_mode", "string"),
    },
    AuthProviderEntry: {
        "name": ("name", "string"),
        "config": ("config", "mapping of strings"),
    },
}


def parse_kubeconfig(document: Any, source: str, folder: str) -> Kubeconfig:
    """Check the content of a kubeconfig and give it types.

    Unknown fields are left out. Relative paths are relative to ``folder``. Raises KeyringError, naming the field, for a
    value of another type and for two entries of one name.
    """
    if document is None:
        return Kubeconfig(source)
    whole = Place(source, "kubeconfig", folder)
    if not isinstance(document, Mapping) or not _is_config(document):
        raise KeyringError(
            f"{source} is not a kubeconfig.",
            "It must be a mapping of the kind Config and the apiVersion v1.",
            "Check which file or variable is given.",
            failure="invalid_kubeconfig",
            option="kubeconfig",
        )
    contexts: dict[str, ContextEntry] = {}
    for name, place, fields in _entries(document, "contexts", "context", whole):
        contexts[name] = ContextEntry(place, **_read_fields(ContextEntry, fields, place))
    clusters: dict[str, ClusterEntry] = {}
    for name, place, fields in _entries(document, "clusters", "cluster", whole):
        clusters[name] = ClusterEntry(place, **_read_fields(ClusterEntry, fields, place))
    users: dict[str, UserEntry] = {}
    for name, place, fields in _entries(document, "users", "user", whole):
        users[name] = UserEntry(place, name, **_read_fields(UserEntry, fields, place))
    current = _string(document.get("current-context"), "current-context", whole)
    return Kubeconfig(source, clusters, users, contexts, current)


def _is_config(document: Mapping[Any, Any]) -> bool:
    return document.get("kind") in (None, "", "Config") and document.get("apiVersion") in (None, "", "v1")


def merge_kubeconfigs(kubeconfigs: Sequence[Kubeconfig], source: str) -> Kubeconfig:
    """Return several kubeconfigs as one: of two entries of one name the first counts, as for kubectl."""
    clusters: dict[str, ClusterEntry] = {}
    users: dict[str, UserEntry] = {}
    contexts: dict[str, ContextEntry] = {}
    current = ""
    for kubeconfig in reversed(kubeconfigs):
        clusters.update(kubeconfig.clusters)
        users.update(kubeconfig.users)
        contexts.update(kubeconfig.contexts)
        current = kubeconfig.current_context or current
    return Kubeconfig(source, clusters, users, contexts, current)


def select_context(kubeconfig: Kubeconfig, context: str | None) -> Selected:
    """Return what a context selects; None means the current one.

    Raises KeyringError for a context, a cluster or a user that is missing, and for fields that exclude each other.
    """
    name = context or kubeconfig.current_context
    entry = kubeconfig.contexts.get(name)
    if entry is None:
        raise _no_context(kubeconfig, context)
    cluster = kubeconfig.clusters.get(entry.cluster)
    if cluster is None:
        raise entry.place.error(
            "cluster",
            f'names the cluster "{entry.cluster}", which is missing.',
            _list_known("Its clusters are", kubeconfig.clusters),
            "Correct the name, or add the cluster.",
        )
    user = kubeconfig.users.get(entry.user)
    if user is None and entry.user:
        raise entry.place.error(
            "user",
            f'names the user "{entry.user}", which is missing.',
            _list_known("Its users are", kubeconfig.users),
            "Correct the name, or add the user.",
        )
    if user is None:
        user = UserEntry(entry.place)
    check_cluster(cluster)
    check_user(user)
    return Selected(name, cluster, user, entry.namespace or None)


def _no_context(kubeconfig: Kubeconfig, context: str | None) -> KeyringError:
    known = _list_known("Its contexts are", kubeconfig.contexts) or "It has no contexts."
    if context:
        what, remedy, option = f'{kubeconfig.source} has no context "{context}".', "", "context"
    else:
        what, remedy, option = f"{kubeconfig.source} has no usable current context.", "Give context.", "kubeconfig"
    return KeyringError(what, known, remedy, failure="invalid_kubeconfig", option=option)


def _list_known(sentence: str, names: Mapping[str, Any]) -> str:
    return f"{sentence} {', '.join(sorted(names))}." if names else ""


def check_cluster(cluster: ClusterEntry) -> None:
    """Raise KeyringError for a cluster that kubectl refuses."""
    if cluster.certificate_authority and cluster.certificate_authority_data:
        raise _twice(cluster.place, "certificate-authority")


def check_trust(cluster: ClusterEntry) -> None:
    """Raise KeyringError for a cluster whose certificate is to be checked and not to be checked."""
    if cluster.insecure_skip_tls_verify and (cluster.certificate_authority or cluster.certificate_authority_data):
        raise cluster.place.error(
            "insecure-skip-tls-verify",
            "is true, and there is a certificate authority.",
            "The authority would not be used; kubectl refuses both together.",
            "Remove one of them.",
        )


def check_user(user: UserEntry) -> None:
    """Raise KeyringError for a user that kubectl refuses."""
    if user.client_certificate or user.client_certificate_data:
        if user.client_certificate and user.client_certificate_data:
            raise _twice(user.place, "client-certificate")
        if user.client_key and user.client_key_data:
            raise _twice(user.place, "client-key")
        if not user.client_key and not user.client_key_data:
            raise user.place.error("client-certificate", "needs client-key or client-key-data.")
    if (user.token or user.token_file) and (user.username or user.password):
        raise user.place.error(
            "", "has a token and a user name or password.", "A request can carry only one of them.", "Remove one."
        )
    if user.exec_plugin is not None:
        if user.auth_provider is not None:
            raise user.place.error("exec", "and auth-provider exclude each other.", "", "Remove auth-provider.")
        _check_exec(user.exec_plugin, user.place)
    if not user.impersonate and (user.impersonate_uid or user.impersonate_groups or user.impersonate_extra):
        raise user.place.error("as", "is missing.", "as-uid, as-groups and as-user-extra need it.")


_API_GROUP = "client.authentication.k8s.io"
EXEC_API_VERSIONS = (f"{_API_GROUP}/v1", f"{_API_GROUP}/v1beta1")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def _check_exec(plugin: ExecEntry, place: Place) -> None:
    if not plugin.command:
        raise place.error("exec.command", "is missing.")
    if plugin.api_version not in EXEC_API_VERSIONS:
        raise place.error(
            "exec.apiVersion",
            f"must be {' or '.join(EXEC_API_VERSIONS)}.",
            "kubectl accepts no other version.",
            "Update the credential plugin, and let it write the kubeconfig again.",
        )
    if any(not name for name, _value in plugin.env):
        raise place.error("exec.env", "has a variable without a name.")
    if plugin.interactive_mode not in _INTERACTIVE_MODES:
        raise place.error("exec.interactiveMode", f"must be one of {', '.join(_INTERACTIVE_MODES)}.")


def _twice(place: Place, name: str) -> KeyringError:
    return place.error(name, f"and {name}-data exclude each other.", "", "Remove one of them.")


def referenced_paths(document: Any, folder: str) -> list[str]:
    """Return the files that a kubeconfig in ``folder`` names, by absolute path. Raises KeyringError."""
    kubeconfig = parse_kubeconfig(document, "kubeconfig", folder)
    paths = [(cluster.place, cluster.certificate_authority) for cluster in kubeconfig.clusters.values()]
    for user in kubeconfig.users.values():
        paths += [(user.place, path) for path in (user.client_certificate, user.client_key, user.token_file)]
        if user.auth_provider:
            paths.append((user.place, user.auth_provider.config.get("idp-certificate-authority", "")))
    return [place.resolve(path) for place, path in paths if path]


def _entries(document: Mapping[Any, Any], section: str, inside: str, whole: Place) -> Iterator[tuple[str, Place, Any]]:
    """Yield name, place and fields of each entry of a section."""
    entries = document.get(section)
    if entries is None:
        return
    if not isinstance(entries, list):
        raise KeyringError(
            f"{section} of {whole.source} must be a list.",
            failure="invalid_kubeconfig",
            option=f"kubeconfig.{section}",
        )
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place = Place(whole.source, f"{section}[{index}]", whole.folder)
        if entry is None:
            entry = {}
        if not isinstance(entry, Mapping):
            raise place.error("", "must be a mapping.")
        name = _string(entry.get("name"), "name", place)
        if name in seen:
            raise place.error("name", f'is "{name}", as an earlier one.', "", "Rename or remove one of them.")
        seen.add(name)
        fields = entry.get(inside)
        inner = Place(whole.source, f"{section}[{index}].{inside}", whole.folder)
        if fields is not None and not isinstance(fields, Mapping):
            raise inner.error("", "must be a mapping.")
        yield name, inner, fields or {}


def _read_fields(entry: type, fields: Mapping[Any, Any], place: Place) -> dict[str, Any]:
    """Return the fields of an entry by their names here; what is null or not given is left out."""
    found = {}
    for name, (attribute, kind) in _FIELDS[entry].items():
        value = fields.get(name)
        if value is not None:
            found[attribute] = _READERS[kind](value, name, place)
    return found


def _string(value: Any, name: str, place: Place) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _not_a_string(value, name, place)
    return value


def _not_a_string(value: Any, name: str, place: Place) -> KeyringError:
    failure: FailureId = "invalid_kubeconfig" if isinstance(value, (list, Mapping)) else "not_a_string"
    return place.error(
        name,
        f"must be a string; it is a {_type_name(value)}.",
        "",
        "Put it in quotes." if failure == "not_a_string" else "",
        failure=failure,
    )


def _type_name(value: Any) -> str:
    for kind, name in ((bool, "boolean"), ((int, float), "number"), (list, "list"), (Mapping, "mapping")):
        if isinstance(value, kind):
            return name
    return "value of another type"


def _boolean(value: Any, name: str, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(name, "must be true or false, without quotes.")
    return value


def _base64(value: Any, name: str, place: Place) -> bytes:
    text = _string(value, name, place)
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise place.error(name, "is not base64.", "", "Write the content of the file as base64.") from None


def _strings(value: Any, name: str, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list of strings.")
    return tuple(_string(item, f"{name}[{index}]", place) for index, item in enumerate(value))


def _mapping(value: Any, name: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.error(name, "must be a mapping.")
    return {str(key): item for key, item in value.items()}


# What stands in a mapping is not named in messages: whoever wrote the kubeconfig has chosen the keys.
def _mapping_of_strings(value: Any, name: str, place: Place) -> Mapping[str, str]:
    return {key: _string(item, name, place) for key, item in _mapping(value, name, place).items()}


def _mapping_of_lists(value: Any, name: str, place: Place) -> Mapping[str, Sequence[str]]:
    return {key: _strings(item or [], name, place) for key, item in _mapping(value, name, place).items()}


def _variables(value: Any, name: str, place: Place) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list of mappings with name and value.")
    variables = []
    for index, item in enumerate(value):
        fields = _mapping(item or {}, f"{name}[{index}]", place)
        variable = _string(fields.get("name"), f"{name}[{index}].name", place)
        variables.append((variable, _string(fields.get("value"), f"{name}[{index}].value", place)))
    return tuple(variables)


def _extensions(value: Any, name: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list.")
    extensions = {}
    for index, item in enumerate(value):
        fields = _mapping(item or {}, f"{name}[{index}]", place)
        extensions[_string(fields.get("name"), f"{name}[{index}].name", place)] = fields.get("extension")
    return extensions


def _exec(value: Any, name: str, place: Place) -> ExecEntry:
    inner = Place(place.source, f"{place.path}.{name}", place.folder)
    plugin = ExecEntry(**_read_fields(ExecEntry, _mapping(value, name, place), inner))
    if os.sep in plugin.command:
        plugin = dataclasses.replace(plugin, command=place.resolve(plugin.command))
    if not plugin.interactive_mode and plugin.api_version != f"{_API_GROUP}/v1":
        plugin = dataclasses.replace(plugin, interactive_mode="IfAvailable")
    return plugin


def _auth_provider(value: Any, name: str, place: Place) -> AuthProviderEntry:
    inner = Place(place.source, f"{place.path}.{name}", place.folder)
    return AuthProviderEntry(**_read_fields(AuthProviderEntry, _mapping(value, name, place), inner))


_READERS: Mapping[str, Any] = {
    "string": _string,
    "boolean": _boolean,
    "base64": _base64,
    "strings": _strings,
    "mapping of strings": _mapping_of_strings,
    "mapping of lists": _mapping_of_lists,
    "variables": _variables,
    "extensions": _extensions,
    "exec": _exec,
    "auth-provider": _auth_provider,
}
