# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the event source ``watch``, checked before anything is read or sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

from .._cluster.selection import Selection, parse_targets
from .._credentials.suggestions import ask_for, find_near
from .._dataclasses import dataclass
from .._errors import KeyringError

_SOURCE = "keyring.kubernetes.watch"
_LONGEST_SETTLE = 3600
_MOST_EVENTS = 60
_DEFAULT_SETTLE = 10
_DEFAULT_EVENTS = 6

_ARGUMENTS = ("clusters", "namespaces", "namespace_selectors", "settle", "max_events_per_minute")
_REQUIRED = "name"
# A name that can be shown. Any other may be a value that came to the wrong place.
_OPTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

# Connection options that hold a secret or go with one, with the variables that may be used instead.
_SECRET_OPTIONS: Mapping[str, str] = {
    "api_key": "K8S_AUTH_API_KEY",
    "username": "K8S_AUTH_USERNAME",
    "password": "K8S_AUTH_PASSWORD",
    "client_cert": "K8S_AUTH_CLIENT_CERT",
    "cert_file": "K8S_AUTH_CLIENT_CERT",
    "client_key": "K8S_AUTH_CLIENT_KEY",
    "key_file": "K8S_AUTH_CLIENT_KEY",
    "token": "K8S_AUTH_API_KEY",
}
_LOGGED = "ansible-rulebook logs the arguments of event sources at -vv."


@dataclass(frozen=True)
class WatchedCluster:
    """An item of ``clusters``: its name in events, its place in messages, and its connection options."""

    name: str
    place: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class WatchOptions:
    """The arguments of the event source.

    ``settle`` is in seconds. ``most_events`` is the number of events in a minute for each cluster.
    """

    clusters: tuple[WatchedCluster, ...]
    selection: Selection
    settle: float
    most_events: int


def parse_watch_options(arguments: Mapping[str, Any]) -> WatchOptions:
    """Return the arguments of the source. Raises KeyringError for the first one that is not valid."""
    for name in arguments:
        _check_option_name(name, _SOURCE)
        _refuse_secret(name, name)
        if name not in _ARGUMENTS:
            raise _unknown_argument(name)
    return WatchOptions(
        clusters=_parse_clusters(arguments.get("clusters")),
        selection=_parse_selection(arguments),
        settle=_parse_number(arguments, "settle", _DEFAULT_SETTLE, least=0, most=_LONGEST_SETTLE),
        most_events=_parse_number(arguments, "max_events_per_minute", _DEFAULT_EVENTS, least=1, most=_MOST_EVENTS),
    )


def _unknown_argument(name: str) -> KeyringError:
    if name in _PARSERS:
        remedy = "It is an option of each item of clusters."
    else:
        remedy = ask_for(find_near(name, _ARGUMENTS)) or f"It has {', '.join(_ARGUMENTS)}."
    return KeyringError(f"{name} is not an argument of {_SOURCE}.", "", remedy, option=name)


def _check_option_name(name: Any, place: str) -> None:
    if not isinstance(name, str) or not _OPTION_NAME.fullmatch(name):
        raise KeyringError(f"{place} has a name that no option can have.", "", "Check the indentation.", option=place)


def _refuse_secret(name: str, option: str) -> None:
    if name in _SECRET_OPTIONS:
        raise KeyringError(
            f"{option} is not accepted, because it could show a secret.",
            _LOGGED,
            f"Use a kubeconfig file, or set {_SECRET_OPTIONS[name]} in the environment of ansible-rulebook.",
            option=option,
        )


def _parse_clusters(value: Any) -> tuple[WatchedCluster, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise KeyringError(
            "clusters must be a list of mappings with at least one item.",
            "It says which clusters are watched.",
            "Write clusters: [{name: prod, kubeconfig: /path/to/kubeconfig}].",
            option="clusters",
        )
    clusters: list[WatchedCluster] = []
    places: dict[str, str] = {}
    for index, item in enumerate(value):
        cluster = _parse_cluster(item, f"clusters[{index}]")
        if cluster.name in places:
            raise KeyringError(
                f'{cluster.place}.name is "{cluster.name}", which is the name of {places[cluster.name]} as well.',
                "Events name their cluster by it.",
                "Give each cluster a name of its own.",
                option=f"{cluster.place}.name",
            )
        places[cluster.name] = cluster.place
        clusters.append(cluster)
    return tuple(clusters)


def _parse_cluster(item: Any, place: str) -> WatchedCluster:
    if not isinstance(item, Mapping):
        raise KeyringError(
            f"{place} must be a mapping.", "", "Write {name: prod, kubeconfig: /path/to/kubeconfig}.", option=place
        )
    options: dict[str, Any] = {}
    for name, value in item.items():
        _check_option_name(name, place)
        option = f"{place}.{name}"
        _refuse_secret(name, option)
        if name == _REQUIRED or value is None:
            continue
        if name not in _PARSERS:
            known = (_REQUIRED, *_PARSERS)
            remedy = ask_for(find_near(name, known)) or f"There are {', '.join(known)}."
            raise KeyringError(f"{option} is not an option of a cluster.", "", remedy, option=option)
        options[name] = _PARSERS[name](value, option)
    return WatchedCluster(_parse_name(item.get(_REQUIRED), f"{place}.name"), place, options)


def _parse_name(value: Any, option: str) -> str:
    if value is None:
        raise KeyringError(
            f"{option} is missing.",
            "Events name their cluster by it.",
            "Use the name of the inventory host.",
            option=option,
        )
    name = _parse_string(value, option)
    if not name.isprintable() or name != name.strip():
        raise KeyringError(
            f"{option} has whitespace around it, or a character that is not printable.",
            "",
            "Use the name of the inventory host.",
            option=option,
        )
    return name


def _parse_string(value: Any, option: str) -> str:
    if not isinstance(value, str):
        raise KeyringError(f"{option} must be a string.", "", "Put it in quotes.", option=option)
    if not value:
        raise KeyringError(
            f"{option} is empty.", "", "Check the variable behind it, or leave the option out.", option=option
        )
    return value


def _parse_strings(value: Any, option: str) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise KeyringError(f"{option} must be a list of strings.", "", "Write ['…'].", option=option)
    return [_parse_string(item, f"{option}[{index}]") for index, item in enumerate(value)]


def _parse_boolean(value: Any, option: str) -> bool:
    # Templates of a rulebook give strings and numbers. These are the words that Ansible takes in modules.
    words = {
        **dict.fromkeys(("true", "yes", "on", "y", "t", "1"), True),
        **dict.fromkeys(("false", "no", "off", "n", "f", "0"), False),
    }
    found = words.get(str(value).lower())
    if found is None:
        raise KeyringError(f"{option} must be true or false.", option=option)
    return found


def _parse_kubeconfig(value: Any, option: str) -> str:
    is_content = "\n" in value or "{" in value if isinstance(value, str) else isinstance(value, Mapping)
    if not is_content:
        return _parse_string(value, option)
    raise KeyringError(
        f"{option} must be the path of a file.",
        f"The content of a kubeconfig holds secrets, and {_LOGGED}",
        "Write the kubeconfig into a file that only ansible-rulebook can read, or set K8S_AUTH_KUBECONFIG.",
        option=option,
    )


def _parse_public_url(value: Any, option: str) -> str:
    """Return a URL. Raises KeyringError for one with a user name or a password, which is not quoted."""
    text = _parse_string(value, option)
    try:
        place = urlsplit(text if "://" in text else f"//{text}").netloc
    except ValueError:
        place = ""
    if "@" in place or ("@" in text and not place):
        raise KeyringError(
            f"{option} must not contain a user name or password.",
            _LOGGED,
            f"Remove them. {_URL_REMEDIES[option.rpartition('.')[2]]}",
            option=option,
        )
    return text


_URL_REMEDIES = {
    "host": "Credentials belong into a kubeconfig file.",
    "proxy": "Set K8S_AUTH_PROXY in the environment of ansible-rulebook, or proxy-url in a kubeconfig file.",
    "expect_server": "Write the URL of the server, such as https://api.example.com:6443.",
}

# The connection options of an item of clusters. None of them holds a secret.
_PARSERS: Mapping[str, Callable[[Any, str], Any]] = {
    "kubeconfig": _parse_kubeconfig,
    "context": _parse_string,
    "host": _parse_public_url,
    "expect_server": _parse_public_url,
    "ca_cert": _parse_string,
    "validate_certs": _parse_boolean,
    "proxy": _parse_public_url,
    "no_proxy": _parse_string,
    "impersonate_user": _parse_string,
    "impersonate_groups": _parse_strings,
}


def _parse_selection(arguments: Mapping[str, Any]) -> Selection:
    given: dict[str, Sequence[str] | None] = {}
    for option in ("namespaces", "namespace_selectors"):
        value = arguments.get(option)
        given[option] = None if value is None else _parse_strings(value, option)
    targets = parse_targets(None, given["namespaces"], given["namespace_selectors"])
    if not isinstance(targets, Selection):
        raise KeyringError(
            "namespaces or namespace_selectors is missing.",
            "It says which namespaces are announced.",
            "Use the selection of the playbook; for all namespaces write namespaces: ['*'].",
            option="namespaces",
        )
    return targets


def _parse_number(arguments: Mapping[str, Any], option: str, default: int, *, least: int, most: int) -> int:
    value = arguments.get(option)
    if value is None:
        return default
    # Templates of a rulebook give strings.
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise KeyringError(f"{option} must be a whole number from {least} to {most}.", option=option)
    return number
