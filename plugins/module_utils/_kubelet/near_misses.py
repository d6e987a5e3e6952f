# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries that nearly serve an image, and why they do not: for the person whose image is not pulled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Any

from .._dataclasses import dataclass
from .images import HUB, LEGACY_HUB, names_registry, normalise_image
from .keyring import Keyring, build_keyring
from .secret_config import KEY_OF_TYPE, Config, KubeletEntry, find_config, has_store, read_config, why_no_login
from .server_text import HUB_DEAD_ENDS, Server
from .url_match import parse_target, read_match_key


@dataclass(frozen=True)
class _Pair:
    """A server and an image that it does not serve, in comparable parts.

    ``path`` is without ``/v1`` or ``/v2``. ``text`` and ``location`` (up to the path) are as they are written, and must
    not be shown.
    """

    text: str
    location: str
    shown: str
    scheme: str
    host: str
    port: str
    path: str
    name: str
    image_host: str
    image_port: str
    image_path: str


# Id, condition, sentence.
_DifferenceRow = tuple[str, Callable[[_Pair], object], str]

# The host of an entry: the first row that applies. If none does, the entry is for another registry.
_HOSTS: tuple[_DifferenceRow, ...] = (
    (
        "hub_name",
        lambda pair: pair.image_host == HUB and pair.host.lower() in HUB_DEAD_ENDS,
        'No image of Docker Hub is looked up under "{host}". Write "https://index.docker.io/v1/".',
    ),
    (
        "hub_alias",
        lambda pair: pair.image_host == LEGACY_HUB and pair.path not in ("", "/", "/v1", "/v2"),
        'Images of Docker Hub are looked up as "docker.io/…", and this server is no key for them. '
        'Write "https://index.docker.io/v1/".',
    ),
    ("host", lambda pair: _fits(pair.host, pair.image_host), ""),
    (
        "host_case",
        lambda pair: _fits(pair.host.lower(), pair.image_host.lower()),
        'Hosts are compared with case: the entry has "{host}", the image "{image_host}".',
    ),
    (
        "host_star",
        lambda pair: "*" in pair.host and _spans(pair.host.lower(), pair.image_host.lower()),
        'A "*" stands for one part of a host: "{host}" has not as many parts as "{image_host}".',
    ),
    (
        "host_pattern",
        lambda pair: re.search(r"[?\[{\\]", pair.location) and _fits_shell(pair.image_host, pair.location),
        'Of patterns only "*" is usable in a host: "?" begins a query, and with a bracket, a brace or a backslash the '
        "kubelet cannot read the server.",
    ),
    (
        "host_parts",
        lambda pair: "." in pair.host and pair.image_host.lower().endswith("." + pair.host.lower()),
        'An entry serves no subdomains: the entry is for "{host}", the image is in "{image_host}".',
    ),
    (
        "hub_path",
        lambda pair: pair.image_host == HUB and not pair.port and pair.image_path.startswith(f"/{pair.host}/"),
        'The first part of a server is a host, and "{host}" is a name on Docker Hub. '
        'Write "https://index.docker.io/v1/", or "docker.io/{host}/" for that name alone.',
    ),
)
# The other differences: every row that applies.
_DIFFERENCES: tuple[_DifferenceRow, ...] = (
    (
        "blank",
        lambda pair: re.search(r"\s", pair.text),
        "The server has whitespace or a newline, so it never matches an image.",
    ),
    (
        "scheme",
        lambda pair: pair.scheme not in ("", "http://", "https://"),
        'A server that starts with "{scheme}" never matches an image.',
    ),
    (
        "port_pattern",
        lambda pair: "*" in pair.port,
        'A port is compared as it is: ":{port}" is no pattern, and the entry is ignored.',
    ),
    (
        "port_missing",
        lambda pair: not pair.port and pair.image_port,
        'Port {image_port} is missing: the entry is for "{host}", the image is in "{image_host}:{image_port}".',
    ),
    (
        "port_extra",
        lambda pair: pair.port and "*" not in pair.port and not pair.image_port,
        "The entry is for port {port}, and the image names no port; not even 443 is the same as none.",
    ),
    (
        "port_other",
        lambda pair: pair.port and "*" not in pair.port and pair.image_port and pair.port != pair.image_port,
        "The entry is for port {port}, the image is at port {image_port}.",
    ),
    (
        "ipv6",
        lambda pair: pair.host.startswith("[") and not pair.port and not pair.image_port,
        'Without a port "{host}" is read as a pattern for one letter, and no image at that address matches it.',
    ),
    (
        "final_slash",
        lambda pair: pair.path in ("/v1", "/v2") and not pair.image_path.startswith(pair.path),
        'It lacks the final slash, so no image matches it. Write "{shown}/".',
    ),
    (
        "path_pattern",
        lambda pair: "*" in pair.path,
        'A path is compared as it is: "*" in "{path}" is no pattern.',
    ),
    (
        "path_image",
        lambda pair: ":" in pair.path,
        'A server has no tag: no image has "{path}" in its name.',
    ),
    (
        "path_case",
        lambda pair: _path_differs(pair) and pair.image_path.startswith(pair.path.lower()),
        'Paths are compared with case: the entry has "{path}", the image "{image_path}".',
    ),
    (
        "path_end",
        lambda pair: pair.path == pair.image_path + "/",
        'The final slash makes "{path}" serve only what lies below it, and the image is "{image_path}" itself.',
    ),
    (
        "path_other",
        lambda pair: (
            _path_differs(pair)
            and not re.search(r"[*:]", pair.path)
            and pair.path not in ("/v1", "/v2", pair.image_path + "/")
            and not pair.image_path.startswith(pair.path.lower())
        ),
        '"{location}{path}" serves only "{location}{path}…", and the image is "{name}".',
    ),
)
_NOT_READABLE: _DifferenceRow = (
    "unreadable",
    lambda pair: True,
    'The kubelet cannot read "{shown}" as a URL, and ignores the entry.',
)
# Rows about the host that make all other differences irrelevant.
_ENOUGH = ("host_pattern", "hub_name", "hub_alias", "hub_path")
_LONG = 300
_MAKE_UNREADABLE = ("blank", "port_pattern")


def differences(server: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield id and sentence of each difference between a server and a normalised image name.

    Yield nothing if the server is another registry. The sentences show only the public parts of the server.
    """
    pair = _split_pair(server, name)
    location = f"{pair.host}:{pair.port}" if pair.port else pair.host
    words = {**vars(pair), "location": location}
    host = next((row for row in _HOSTS if row[1](pair)), None)
    if host is None:
        return
    rows = [host] if host[2] else []
    if host[0] not in _ENOUGH:
        rows += [row for row in _DIFFERENCES if row[1](pair)]
        if not _is_readable(server) and not any(row[0] in _MAKE_UNREADABLE for row in rows):
            rows = [_NOT_READABLE]
    for row, _applies, sentence in rows:
        yield row, sentence.format(**words)


def _is_readable(server: str) -> bool:
    """Return whether the kubelet can read a server as a URL, and its match key once more."""
    key = read_match_key(server)
    return key is not None and parse_target(key) is not None


def _split_pair(server: str, name: str) -> _Pair:
    parts = Server.split(server)
    path = parts.path.strip()
    location, _slash, image_path = name.partition("/")
    image = Server.split(location)
    # An entry with the older name of Docker Hub serves its images only without a path.
    legacy = image.host == HUB and parts.host.strip().lower() == LEGACY_HUB
    return _Pair(
        text=server,
        location=server[len(parts.scheme) :].rpartition("@")[2].partition("/")[0],
        shown=parts.public(),
        scheme=parts.scheme,
        host=parts.host.strip(),
        port=parts.port.strip()[1:],
        path=path[3:] if path.startswith(("/v1/", "/v2/")) else path,
        name=name,
        image_host=LEGACY_HUB if legacy else image.host,
        image_port=image.port[1:],
        image_path=f"/{image_path}",
    )


def _path_differs(pair: _Pair) -> bool:
    return not pair.image_path.startswith(pair.path) and pair.path != "/"


def _fits_shell(host: str, pattern: str) -> bool:
    """Return whether a host matches a shell pattern. Ignore patterns longer than any host, which take too long."""
    return len(pattern) < _LONG and fnmatchcase(host, pattern)


def _fits(pattern: str, host: str) -> bool:
    """Return whether a host matches a pattern in which a star stands for part of one label, as in the kubelet."""
    parts, labels = pattern.split("."), host.split(".")
    return len(parts) == len(labels) and all(map(_spans, parts, labels))


def _spans(pattern: str, text: str) -> bool:
    """Return whether a string matches a pattern in which a star stands for anything, in linear time."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    place = len(first)
    for other in others[:-1]:
        found = text.find(other, place)
        if found < 0:
            return False
        place = found + len(other)
    return text.startswith(first) and text.endswith(others[-1]) and place + len(others[-1]) <= len(text)


@dataclass(frozen=True)
class NearMiss:
    """A reason why an image is not served: the Secret at position ``secret``, its entry ``server``, or the image.

    ``id`` is a row of a table in this file. ``sentence`` shows only the public parts of a server. ``server`` is as
    stored: it may contain a password, and needs public_server to be shown.
    """

    id: str
    sentence: str
    secret: int | None = None
    server: str | None = None


_WITHOUT: dict[str, str] = {
    "login_token": "The entry has only the token of a login session (identitytoken), which no kubelet uses.",
    "credential_store": "Its credentials are in a credential store of the machine where the login was made "
    "(credsStore, credHelpers).",
    "no_username": "The entry has no user name. The password alone is not sent to the registry.",
    "no_password": "The entry has no password. The user name alone is not sent to the registry.",
    "no_credentials": "The entry has neither auth nor username and password.",
}
_NO_ENTRIES = 'The docker config has no entries under "auths".'


def near_misses(secrets: Sequence[Mapping[str, Any]], image: str) -> list[NearMiss]:
    """Return the near misses for one image of a Pod with these Secrets, as NearMissFinder.find."""
    return NearMissFinder(secrets, build_keyring(secrets)).find(image)


@dataclass(frozen=True)
class _StoredEntry:
    """An entry of the Secret at position ``secret``, with the config that it is in."""

    secret: int
    server: str
    entry: KubeletEntry = field(repr=False)
    config: Config = field(repr=False)


class NearMissFinder:
    """The entries of a Pod's Secrets by host, so that an image is compared only with those that may nearly serve it.

    ``keyring`` is that of the same Secrets.
    """

    def __init__(self, secrets: Sequence[Mapping[str, Any]], keyring: Keyring) -> None:
        self._keyring = keyring
        # In the order of the Secrets and their entries; an empty Secret is a near miss of every image.
        self._found: list[_StoredEntry | NearMiss] = []
        self._for_every_image: list[int] = []
        self._by_host: dict[str, list[int]] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        if not keyring.refusal:
            for position, secret in enumerate(secrets):
                self._add_secret(position, secret)

    def find(self, image: str) -> list[NearMiss]:
        """Return the entries that nearly serve an image, or serve it without credentials.

        They are in the order of the Secrets and their entries. Return nothing if it is not an image, or if a Secret
        cannot be read.
        """
        name = normalise_image(image)
        if name is None or self._keyring.refusal:
            return []
        credentials = self._keyring.lookup(image).credentials
        used = {self._numbers[credential.secret, credential.server] for credential in credentials}
        numbers = {*used, *self._for_every_image}
        for host in _similar_hosts(name):
            numbers.update(self._by_host.get(host, ()))
        misses: list[NearMiss] = []
        for number in sorted(numbers):
            misses += _explain_miss(self._found[number], name, is_used=number in used)
        if not used and not names_registry(image) and not any(miss.server for miss in misses):
            misses.append(NearMiss("image_registry", f'The image names no registry, so it is looked up as "{name}".'))
        return misses

    def _add_secret(self, position: int, secret: Mapping[str, Any]) -> None:
        found = find_config(secret)
        if found is None:
            row, sentence = _explain_skipped(secret)
            self._add_for_every_image(NearMiss(row, sentence, position))
            return
        config = read_config(*found)
        for server, entry in config.entries.items():
            number = len(self._found)
            self._numbers[position, server] = number
            if _PATTERN_MARK.search(server):
                self._add_for_every_image(_StoredEntry(position, server, entry, config))
            else:
                host = Server.split(server).host.strip().lower()
                self._by_host.setdefault(host, []).append(number)
                self._found.append(_StoredEntry(position, server, entry, config))
        if not config.entries and has_store(config):
            self._add_for_every_image(NearMiss("credential_store", _WITHOUT["credential_store"], position))
        elif not config.entries:
            self._add_for_every_image(NearMiss("no_entries", _NO_ENTRIES, position))

    def _add_for_every_image(self, found: _StoredEntry | NearMiss) -> None:
        self._for_every_image.append(len(self._found))
        self._found.append(found)


# A server with one of these may stand for any host.
_PATTERN_MARK = re.compile(r"[*?\[{\\]")


def _similar_hosts(name: str) -> Iterator[str]:
    """Yield the hosts, in lower case, for which a row of _HOSTS may apply to a normalised image name."""
    yield from (LEGACY_HUB, *HUB_DEAD_ENDS)
    location, _slash, path = name.partition("/")
    yield path.partition("/")[0]
    host = Server.split(location).host.lower()
    while host:
        yield host
        host = host.partition(".")[2]


def _explain_miss(found: _StoredEntry | NearMiss, name: str, *, is_used: bool) -> Iterator[NearMiss]:
    """Yield the near misses of one entry. ``is_used``: it serves the image, perhaps without credentials."""
    if isinstance(found, NearMiss):
        yield found
    elif not is_used:
        for row, sentence in differences(found.server, name):
            yield NearMiss(row, sentence, found.secret, found.server)
    elif why := why_no_login(found.entry, found.config):
        yield NearMiss(why, _WITHOUT[why], found.secret, found.server)


def _explain_skipped(secret: Mapping[str, Any]) -> tuple[str, str]:
    """Return the id and sentence for a Secret that the kubelet skips."""
    type_ = secret.get("type") or "Opaque"
    key = KEY_OF_TYPE.get(type_)
    if key is None:
        return "secret_type", (
            f'The Secret has the type "{type_}", and is skipped: for pulling images it must be of type '
            "kubernetes.io/dockerconfigjson."
        )
    if key not in (secret.get("data") or {}):
        return "secret_key", f'The Secret has no "{key}", the key of its type "{type_}", and is skipped.'
    return "secret_empty", f'The "{key}" of the Secret is empty, and it is skipped.'
