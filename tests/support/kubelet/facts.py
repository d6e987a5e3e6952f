# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about the kubelet's choice of credentials, told twice: to the keyring, and to the kubelet's own code."""

from __future__ import annotations

import base64
import json
from typing import Any

TYPE, KEY = "kubernetes.io/dockerconfigjson", ".dockerconfigjson"
LEGACY_TYPE, LEGACY_KEY = "kubernetes.io/dockercfg", ".dockercfg"
ADA, GRACE = {"username": "ada", "password": "lace"}, {"username": "grace", "password": "hop"}


def secret(text: str | bytes, kind: str = TYPE, key: str = KEY) -> dict[str, Any]:
    """A Secret as the API returns it."""
    data = text.encode() if isinstance(text, str) else text
    return {"type": kind, "data": {key: base64.b64encode(data).decode()}}


def pull_secret(**entries: Any) -> dict[str, Any]:
    """A Secret with these entries."""
    return secret(json.dumps({"auths": entries}))


# Server, image, whether the image gets its credentials.
MATCHES: list[tuple[str, str, bool]] = [
    # Docker Hub.
    *(
        (server, image, True)
        for server in (
            "https://index.docker.io/v1/",
            "index.docker.io/v1/",
            "index.docker.io",
            "index.docker.io/",
            "https://index.docker.io",
            "https://index.docker.io/v2/",
            "docker.io",
            "https://docker.io",
            "docker.io/",
            "docker.io/v1/",
            "docker.io/library",
        )
        for image in ("nginx", "docker.io/library/nginx", "index.docker.io/nginx")
    ),
    *(
        (server, "nginx", False)
        for server in (
            "https://index.docker.io/v1",
            "https://index.docker.io/v2",
            "registry-1.docker.io",
            "hub.docker.com",
            "https://registry.hub.docker.com/",
            "docker.io/myorg",
            "index.docker.io/library",
        )
    ),
    # What has neither dot nor colon is on Docker Hub to the kubelet, where nothing else matches.
    ("index.docker.io", "localhost/app", True),
    ("index.docker.io", "Team/app", True),
    ("docker.io", "localhost/app", False),
    ("index.docker.io", "localhost:5000/app", False),
    ("index.docker.io", "Docker.io/nginx", False),
    # Patterns stand for one part of a host.
    ("*.kubernetes.io", "prefix.kubernetes.io/a", True),
    ("prefix.*.io", "prefix.kubernetes.io/a", True),
    ("prefix.kubernetes.*", "prefix.kubernetes.io/a", True),
    ("*-good.kubernetes.io", "prefix-good.kubernetes.io/a", True),
    ("*.kubernetes.io/blah", "prefix.kubernetes.io/blah", True),
    ("prefix.*.io/foo", "prefix.kubernetes.io/foo/bar", True),
    ("*.kubernetes.io:1111/foo", "prefix.kubernetes.io:1111/foo/bar", True),
    ("*.kubernetes.io", "kubernetes.io/a", False),
    ("*.*.kubernetes.io", "prefix.kubernetes.io/a", False),
    ("kubernetes.io", "kubernetes.com/a", False),
    ("k*.io", "quay.io/a", False),
    ("*.io", "a.b.io/c", False),
    ("g*c*.io", "ghcr.io/a", True),
    ("*.dkr.ecr.*.amazonaws.com", "012345678901.dkr.ecr.eu-west-1.amazonaws.com/a", True),
    ("*.amazonaws.com", "012345678901.dkr.ecr.eu-west-1.amazonaws.com/a", False),
    ("gh?r.io", "ghcr.io/a", False),
    ("gh[a-z]r.io", "ghcr.io/a", False),
    ("{ghcr,quay}.io", "ghcr.io/a", False),
    ("ghcr.i\\o", "ghcr.io/a", False),
    # An IPv6 address without a port is a pattern for one letter.
    ("[::1]", "[::1]/a", False),
    ("[::1]:5000", "[::1]:5000/a", True),
    ("[a::F]", "F/a", True),
    ("[::1%2525A-Z]", "Q/a", True),
    # Ports.
    ("kubernetes.io:1234", "kubernetes.io:1111/a", False),
    ("kubernetes.io", "kubernetes.io:443/a", False),
    ("kubernetes.io:443", "kubernetes.io/a", False),
    ("kubernetes.io:", "kubernetes.io/a", True),
    ("kubernetes.io:*", "kubernetes.io:1111/a", False),
    ("a:b:c", "ghcr.io/a", False),
    # Paths begin the image's path, as text.
    ("https://quay.io/v1/", "quay.io/foo", True),
    ("https://quay.io/v1/", "quay.io/foo/bar", True),
    ("r:5000/team", "r:5000/team-a/app", True),
    ("r:5000/team-a/", "r:5000/team-a/app", True),
    ("r:5000/team-a/app/", "r:5000/team-a/app", False),
    ("r:5000/team-a/app:1", "r:5000/team-a/app:1", False),
    ("r:5000/Team-A", "r:5000/team-a/app", False),
    ("http://r:5000/v2/", "r:5000/team-a/app", True),
    ("https://r:5000/v2/team-a", "r:5000/team-a/app", True),
    ("r:5000/v1", "r:5000/team-a/app", False),
    ("https://r:5000/v2", "r:5000/team-a/app", False),
    ("r:5000/v1", "r:5000/v1/app", True),
    ("r:5000/v1/", "r:5000/v1/app", True),
    ("r:5000/v1/app", "r:5000/v1/app", False),
    ("r:5000/*/app", "r:5000/team-a/app", False),
    # Escapes are decoded twice: by the key, and when it is compared.
    ("r:5000/te%61m", "r:5000/team/app", True),
    ("r:5000/te%2561m", "r:5000/team/app", True),
    ("r:5000/te%252561m", "r:5000/team/app", False),
    ("r:5000%2Fteam", "r:5000/team/app", False),
    ("r:5000/team%3Fx", "r:5000/team/app", True),
    ("r:5000/team%zz", "r:5000/team/app", False),
    # The rest of a URL is lost, or makes it unreadable.
    ("user@r:5000", "r:5000/app", True),
    ("https://a@b:c@r:5000", "r:5000/app", True),
    ("u ser@r:5000", "r:5000/app", False),
    ("r:5000?x=1", "r:5000/app", True),
    ("r:5000#x\n", "r:5000/app", True),
    ("r:5000?x\n", "r:5000/app", False),
    ("r:5000#%zz", "r:5000/app", False),
    (" ghcr.io", "ghcr.io/a", False),
    ("ghcr.io\n", "ghcr.io/a", False),
    ("ghcr.io/ ", "ghcr.io/a", False),
    ("oci://ghcr.io", "ghcr.io/a", False),
    ("docker://ghcr.io", "ghcr.io/a", False),
    ("HTTPS://ghcr.io", "ghcr.io/a", False),
    ("//ghcr.io", "ghcr.io/a", False),
    ("GHCR.io", "ghcr.io/a", False),
    ("", "ghcr.io/a", False),
]

# An image and its name when it is looked up, None where the kubelet refuses it.
NAMES: list[tuple[str, str | None]] = [
    ("nginx", "docker.io/library/nginx"),
    ("org/app", "docker.io/org/app"),
    ("docker.io/nginx", "docker.io/library/nginx"),
    ("index.docker.io/org/app", "docker.io/org/app"),
    ("Docker.io/nginx", "Docker.io/nginx"),
    ("localhost/app", "localhost/app"),
    ("Org/app", "Org/app"),
    ("nginx:5000/app", "nginx:5000/app"),
    ("ghcr.io/a/b:1.2", "ghcr.io/a/b"),
    (f"ghcr.io/a@sha256:{'0a' * 32}", "ghcr.io/a"),
    (f"ghcr.io/a:1@sha512:{'0a' * 64}", "ghcr.io/a"),
    ("[::1]:5000/a", "[::1]:5000/a"),
    ("a__b.io/c", "a__b.io/c"),
    (f"ghcr.io/{'a' * 255}", f"ghcr.io/{'a' * 255}"),
    (f"ghcr.io/{'a' * 256}", None),
    ("a" * 248, None),
    ("0" * 64, None),
    (f"ghcr.io/a@sha256:{'0A' * 32}", None),
    ("ghcr.io/a@sha256:0a", None),
    (f"ghcr.io/a@md5:{'0' * 32}", None),
    ("", None),
    ("Nginx", None),
    ("ghcr.io/Org/app", None),
    (" nginx", None),
    ("nginx\n", None),
    ("ghcr.io/a:", None),
    ("ghcr.io//a", None),
    ("https://ghcr.io/a", None),
    ("ghcr.io/a:" + "t" * 129, None),
    ("ghcr.io/grüße", None),
]

# The fields of an entry, and user and password that are read from it.
AUTHS: list[tuple[str, tuple[str, str]]] = [
    ('{"username": "ada", "password": "x", "auth": "cGluZzpwb25n"}', ("ping", "pong")),
    ('{"auth": "Zm9vOmJhcg"}', ("foo", "bar")),
    ('{"auth": "Zm9vOmJhcg=="}', ("foo", "bar")),
    ('{"auth": "Zm9v\\r\\nOmJh\\ncg=\\n=\\n"}', ("foo", "bar")),
    ('{"auth": "", "username": "ada", "password": "x"}', ("ada", "x")),
    ('{"auth": null, "username": "ada", "password": "x"}', ("ada", "x")),
    ('{"auth": "YTpiOmMK"}', ("a", "b:c\n")),
    ('{"auth": "Og=="}', ("", "")),
    ('{"auth": "/zr+"}', ("\udcff", "\udcfe")),
    ("null", ("", "")),
    ("{}", ("", "")),
    ('{"identitytoken": "x", "registrytoken": 1}', ("", "")),
    ('{"USERNAME": "ada", "pa\\u017f\\u017fword": "x"}', ("ada", "x")),
    ('{"username": "ada", "Username": "bob", "username": null}', ("bob", "")),
    ('{"username": "\\ud800a", "password": "\\ud83d\\ude00"}', ("\ufffda", "\U0001f600")),
]

# The text of a docker config, and why the Pod is refused: reason, entry, field.
REFUSED: list[tuple[str | bytes, tuple[str, str | None, str | None]]] = [
    *(
        (text, ("not_json", None, None))
        for text in (
            " ",
            "{",
            "{}}",
            "\ufeff{}",
            '{"a": NaN}',
            '{"a": 01}',
            "{'a': 1}",
            '{"a": "\n"}',
            '{"a": 1,}',
            '{"a": [1}',
            '[{"a": 1]]',
        )
    ),
    ('{"a": ' + "[" * 10000 + "]" * 10000 + "}", ("not_json", None, None)),
    *((text, ("wrong_type", None, None)) for text in ("[]", '"x"', "1", "true")),
    *((f'{{"auths": {value}}}', ("wrong_type", None, "auths")) for value in ("[]", '"x"', "1", "false")),
    ('{"AUTHS": []}', ("wrong_type", None, "AUTHS")),
    ('{"HttpHeaders": {"a": 1}}', ("wrong_type", None, "HttpHeaders")),
    ('{"HttpHeaders": 1, "auths": {"a": 1}}', ("wrong_type", "a", None)),
    ('{"auths": {"a": [], "b": 1}}', ("wrong_type", "a", None)),
    ('{"auths": {"a": {}, "b": {"email": false}}}', ("wrong_type", "b", "email")),
    ('{"auths": {"a": {"auth": "!", "username": 1e999}}}', ("wrong_type", "a", "username")),
    ('{"auths": {"a": 1, "a": {}}}', ("wrong_type", "a", None)),
    ('{"auths": {"a": 1}, "auths": null}', ("wrong_type", "a", None)),
    *(
        (f'{{"auths": {{"a": {{"auth": "{auth}"}}}}}}', ("not_base64", "a", "auth"))
        for auth in ("pants", "Zm9vOmJhcg== ", "Zm9v OmJhcg==", "Zm9vOmJhcg=", "Zm9vOmJhcg===", "_zr-", "=", "é")
    ),
    *(
        (f'{{"auths": {{"a": {{"auth": "{auth}"}}}}}}', ("no_colon", "a", "auth"))
        for auth in ("cGFudHM=", "\\n", "Zm9v")
    ),
]

# The text of a docker config that is no error, and the servers that are read from it.
READ: list[tuple[str | bytes, list[str]]] = [
    ("null", []),
    ("{}", []),
    ('{"auths": null}', []),
    ('{"a.io": {}}', []),
    ('{"auths": {"a.io": {}}, "HttpHeaders": null, "credsStore": 1}', ["a.io"]),
    ('{"auths": {"a.io": {}}, "Auths": {"b.io": {}}}', ["b.io", "a.io"]),
    ('{"auths": {"a.io": {}}, "auths": null, "auths": {"b.io": {}}}', ["b.io"]),
    ('{"auth\\u017f": {"a.io": {}}}', ["a.io"]),
    ('{"a": ' + "[" * 9999 + "]" * 9999 + ', "auths": {"a.io": {}}}', ["a.io"]),
    ('{"a": ' + "9" * 5000 + ', "auths": {"a.io": {}}}', ["a.io"]),
    (b'{"a": "\xff\xed\xa0\x80", "auths": {"a.io": {}}}', ["a.io"]),
]

# The Secrets of a Pod, an image, and the users that are tried.
ORDERS: list[tuple[list[dict[str, Any]], str, list[str]]] = [
    *(
        ([pull_secret(**{"bar.example.com": ADA, "bar.example.com/pong": GRACE})], f"{image}", users)
        for image, users in (
            ("bar.example.com/pong", ["grace", "ada"]),
            ("bar.example.com/ping", ["ada"]),
            ("bar.example.com/pongz", ["grace", "ada"]),
            ("bar.example.com/pong/pang", ["grace", "ada"]),
            ("foo.example.com/pong", []),
        )
    ),
    # Over all Secrets: first the key, then the position of the Secret.
    ([pull_secret(**{"a.io": ADA}), pull_secret(**{"a.io/b": GRACE})], "a.io/b", ["grace", "ada"]),
    ([pull_secret(**{"a.io": ADA}), pull_secret(**{"https://a.io/v1/": GRACE})], "a.io/b", ["ada", "grace"]),
    ([pull_secret(**{"*.io": ADA, "a.*": GRACE})], "a.io/b", ["grace", "ada"]),
    ([pull_secret(**{"*.io/b/c": ADA, "a.io": GRACE})], "a.io/b/c", ["grace", "ada"]),
    # A key of Docker Hub's own name hides the older one.
    ([pull_secret(**{"index.docker.io": ADA, "docker.io": GRACE})], "nginx", ["grace"]),
    ([pull_secret(**{"index.docker.io": ADA}), pull_secret(**{"index.docker.io/v1/": GRACE})], "a", ["ada", "grace"]),
    # Type and key.
    ([secret(json.dumps({"a.io": ADA}), LEGACY_TYPE, LEGACY_KEY)], "a.io/b", ["ada"]),
    ([secret(json.dumps({"auths": {"a.io": ADA}}), LEGACY_TYPE, LEGACY_KEY)], "a.io/b", []),
    ([secret(json.dumps({"auths": {"a.io": ADA}}), "Opaque", KEY)], "a.io/b", []),
    ([secret(json.dumps({"a.io": ADA}), TYPE, LEGACY_KEY)], "a.io/b", []),
    ([secret("", TYPE, KEY), secret("not JSON", "Opaque", KEY)], "a.io/b", []),
    ([{"type": TYPE, "data": None}, {"type": TYPE}, {}], "a.io/b", []),
    ([], "a.io/b", []),
]

QUESTIONS: list[dict[str, Any]] = [
    *({"secrets": [pull_secret(**{server: ADA})], "images": [image]} for server, image, _matched in MATCHES),
    {"secrets": [], "images": [image for image, _name in NAMES]},
    *({"secrets": [secret(f'{{"auths": {{"a.io": {entry}}}}}')], "images": ["a.io/b"]} for entry, _expected in AUTHS),
    *({"secrets": [secret(text)], "images": ["a.io/b"]} for text, _expected in REFUSED),
    *({"secrets": [secret(text)], "images": ["a.io/x", "b.io/x"]} for text, _servers in READ),
    *({"secrets": secrets, "images": [image]} for secrets, image, _users in ORDERS),
]
