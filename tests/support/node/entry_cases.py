# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of entries that a Secret may have, each with the user whose password pulls an image with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.samples.secrets import encode
from support.servers.registries import PASSWORD, USER

CONFIG, LEGACY = "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"


@dataclass(frozen=True)
class Places:
    """Where the registries are: two that ask for a password, and one that sends to a token service."""

    private: str
    second: str
    token: str


@dataclass(frozen=True)
class Stored:
    """A Secret as another tool writes it."""

    document: object
    type: str = CONFIG

    def fields(self) -> dict[str, Any]:
        """Return its type and data for the API."""
        key = ".dockercfg" if self.type == LEGACY else ".dockerconfigjson"
        return {"type": self.type, "string_data": {key: json.dumps(self.document)}}


# The options of image_pull_secret, or a Secret that it did not write.
Written = Mapping[str, Any] | Stored


@dataclass(frozen=True)
class Case:
    """The pull secrets of a Pod in order, its image, and the user whose password pulls it; None if it is refused.

    ``status`` and ``outcome`` are what image_access_info states beside that. ``tried`` are the users whose passwords
    the registry gets, in order; None for the user alone. A token service is asked before the registry.
    """

    secrets: tuple[Written, ...]
    user: str | None = "ada"
    image: str = ""
    status: str = "matched"
    outcome: str | None = "pullable"
    account: str = "default"
    tried: tuple[str, ...] | None = None
    by_account: bool = False


# Passwords of users of the same name. bcrypt looks at 72 bytes.
ODD: Mapping[str, str] = {
    "colons": "a:b::c:",
    "spaces": "two  words and more",
    "padded": "  at its ends\t ",
    "newline": "from a file\n",
    "scripts": "pässwörd-密码-🔑",
    "quotes": 'it\'s "quoted" `so`',
    "dollars": "$HOME${x}$(id)$$",
    "percent": "100%25%s%n%%",
    "backslashes": "back\\slash\\n\\\\",
    "markup": "<a&b>\u2028</a>",
    "JSON": '{"auth": "x"}',
    "YAML": "- &a *b !c # d: |",
    "digits": "0123456",
    "base64": "YWRhOnB3",
    "control": "\x01\x7f\x1b[0m",
}
LONG = "0123456789" * 20
ROBOT = "robot$team+puller"
LOGINS: Mapping[str, str] = {
    USER: PASSWORD,
    "grace": "grace-s3cret",
    "hedy": "hedy-s3cret",
    ROBOT: "robot-s3cret",
    **ODD,
}


def login(server: str, user: str = USER, password: str | None = None) -> dict[str, Any]:
    return {"server": server, "username": user, "password": LOGINS[user] if password is None else password}


def entries(*logins: Mapping[str, Any]) -> dict[str, Any]:
    return {"registries": list(logins)}


def auth(user: str = USER, password: str | None = None) -> str:
    return encode(f"{user}:{LOGINS[user] if password is None else password}")


def no_entry(*secrets: Written, status: str = "no_entry", **more: Any) -> Case:
    return Case(secrets, None, status=status, outcome=None, **more)


def make_cases(places: Places) -> dict[str, Case]:
    a, b = places.private, places.second
    host, _colon, port = a.partition(":")
    wrong = entries(login(a, "grace", "wrong"))
    fields = {"username": USER, "password": PASSWORD}
    hub = "docker.io/acme/{}:1"
    return {
        # How a server may be written. The repository of a case is cases/<number>.
        "host and port": Case((entries(login(a)),)),
        "https": Case((entries(login(f"https://{a}")),)),
        "https and a slash": Case((entries(login(f"https://{a}/")),)),
        "http and v2": Case((entries(login(f"http://{a}/v2/")),)),
        "https and v1": Case((entries(login(f"https://{a}/v1/")),)),
        "https, v2 and a path": Case((entries(login(f"https://{a}/v2/cases/")),)),
        "a path": Case((entries(login(f"{a}/cases/")),)),
        "https and a path": Case((entries(login(f"https://{a}/cases/")),)),
        "a part of a path": Case((entries(login(f"{a}/ca")),)),
        "another path": no_entry(entries(login(f"{a}/others/"))),
        "a path in capitals": no_entry(entries(login(f"{a}/Cases/"))),
        "no port": no_entry(entries(login(host))),
        "another port": no_entry(entries(login(f"{host}:1"))),
        "a wildcard at the start": Case((entries(login(f"*.0.0.1:{port}")),)),
        "a wildcard in a part": Case((entries(login(f"12*.0.0.1:{port}")),)),
        "wildcards and a path": Case((entries(login(f"127.*.*.1:{port}/cases/")),)),
        "a wildcard for two parts": no_entry(entries(login(f"*.0.1:{port}"))),
        "a wildcard without a port": no_entry(entries(login("*.0.0.1"))),
        # Docker Hub, which is a mirror here. It is not asked: it is not on this machine.
        "Docker Hub": Case((entries({"preset": "docker_hub", **fields}),), "ada", hub, outcome=None),
        "Docker Hub in full": Case((entries(login("https://index.docker.io/v1/")),), "ada", hub, outcome=None),
        "Docker Hub and a short image": Case((entries(login("docker.io")),), "ada", "acme/{}:1", outcome=None),
        "Docker Hub and a path": Case((entries(login("docker.io/acme/")),), "ada", "acme/{}:1", outcome=None),
        # Several registries in one Secret.
        "the second of two registries": Case(
            (entries(login(a, "grace", "wrong"), login(b, "hedy")),), "hedy", f"{b}/{{}}:1"
        ),
        "the first of two registries": Case((entries(login(a), login(b, "hedy", "wrong")),)),
        "the longer of two paths": Case((entries(login(a, "grace", "wrong"), login(f"{a}/cases/", "hedy")),), "hedy"),
        "the shorter of two paths": Case(
            (entries(login(a, "grace"), login(f"{a}/cases/", "hedy", "wrong")),), "grace", tried=("hedy", "grace")
        ),
        # How credentials are given and stored.
        "docker_config with auth": Case(({"docker_config": {"auths": {a: {"auth": auth()}}}},)),
        "docker_config with user and password": Case(({"docker_config": {"auths": {a: fields}}},)),
        "docker_config with both": Case(({"docker_config": {"auths": {a: {**fields, "auth": auth()}}}},)),
        "docker_config in the older form": Case(({"docker_config": json.dumps({a: {"auth": auth(), "email": ""}})},)),
        "docker_config in base64": Case(({"docker_config": encode(json.dumps({"auths": {a: {"auth": auth()}}}))},)),
        "a Secret with auth": Case((Stored({"auths": {a: {"auth": auth()}}}),)),
        "a Secret with auth without padding": Case((Stored({"auths": {a: {"auth": auth().rstrip("=")}}}),)),
        "a Secret with user and password": Case((Stored({"auths": {a: fields}}),)),
        "a Secret with fields in capitals": Case((Stored({"AUTHS": {a: {"Username": USER, "PASSWORD": PASSWORD}}}),)),
        "a Secret in which auth wins": Case((Stored({"auths": {a: {**fields, "auth": auth("grace")}}}),), "grace"),
        "a Secret in which auth wins and is wrong": Case(
            (Stored({"auths": {a: {**fields, "auth": auth("grace", "wrong")}}}),),
            None,
            outcome="denied",
            tried=("grace",),
        ),
        "a Secret with an empty auth": Case((Stored({"auths": {a: {**fields, "auth": ""}}}),)),
        "the older type": Case((Stored({a: {"auth": auth()}}, LEGACY),)),
        "the older type with https": Case((Stored({f"https://{a}/v1/": {**fields, "email": "a@b"}}, LEGACY),)),
        "the older type with auths in it": no_entry(Stored({"auths": {a: {"auth": auth()}}}, LEGACY)),
        "a user with signs": Case((entries(login(a, ROBOT)),), ROBOT),
        # Several Secrets.
        "a wrong Secret before": Case((wrong, entries(login(a))), tried=("grace", "ada")),
        "a wrong Secret after": Case((entries(login(a)), wrong)),
        "two wrong Secrets": Case(
            (wrong, entries(login(a, "hedy", "wrong"))), None, outcome="denied", tried=("grace", "hedy")
        ),
        "the longer path in the second Secret": Case(
            (entries(login(a, "grace")), entries(login(f"{a}/cases/", "hedy"))), "hedy"
        ),
        "another registry before": Case((entries(login(b)), entries(login(a)))),
        "a Secret of another type before": Case((Stored({"auths": {}}, "Opaque"), entries(login(a)))),
        # The ServiceAccount.
        "a link": Case(({**entries(login(a)), "service_accounts": ["linked"]},), account="linked", by_account=True),
        "a link by itself": Case((entries(login(a)),), account="linked-by-itself", by_account=True),
        # The token service.
        "a token": Case((entries(login(places.token)),), image=f"{places.token}/{{}}:1"),
        "a token for a long password": Case(
            (entries(login(places.token, "long", LONG)),), "long", f"{places.token}/{{}}:1"
        ),
        "a token for a password with one character less": Case(
            (entries(login(places.token, "long", LONG[:-1])),),
            None,
            f"{places.token}/{{}}:1",
            outcome="denied",
            tried=(),
        ),
        "a token for a wildcard": Case(
            (entries(login(f"127.0.0.*:{places.token.rpartition(':')[2]}")),), image=f"{places.token}/{{}}:1"
        ),
        # Passwords.
        **{f"a password of {what}": Case((entries(login(a, what)),), what) for what in ODD},
    }


NAMES = list(make_cases(Places("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3")))


def name_of(case: str) -> str:
    """Return the name of the Pod of a case, which is the last part of its repository as well."""
    return f"case-{NAMES.index(case)}"
