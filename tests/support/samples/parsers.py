# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parser of text that others wrote: how it is called, usual texts for it, and its worst cases.

A worst case is as large as the parser ever gets: a Secret holds 1 MiB, an option or a file what its limit says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.denial import find_denial
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig_entries import (
    AuthProviderEntry,
    Place,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig_fields import parse_kubeconfig
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig_yaml import parse_document
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.oidc import OidcProvider
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.proxies import is_direct, parse_proxy
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import (
    Listed,
    Selection,
    choose,
    parse_targets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import parse_server
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.certificates import check_certificates
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    parse_docker_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.expiry import (
    check_expires_at,
    find_token_expiry,
    parse_expiries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url, public_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import (
    accept_scanned,
    covers,
    parse_known_hosts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.server import (
    check_server,
    check_stored_server,
    find_warnings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.token_shapes import (
    contains_token,
    find_tokens,
    hide_tokens,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.causes import PullContext, find_cause
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import Waiting
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.verdict import judge, load_pull_secrets
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.images import normalise_image
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.near_misses import differences
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.secret_config import inspect_config
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import (
    matches,
    parse_target,
    read_match_key,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._printable import make_line, make_printable
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.challenge import parse_challenges
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.place import RealmRefused, find_place
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.pull_check import (
    PullCheck,
    Response,
    pull_check_flow,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import (
    check_annotations,
    check_labels,
    check_namespace,
    check_owner,
    check_secret_name,
    check_service_account,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    describe_pull_secret,
    pull_secret_texts,
)
from support.samples.git_secrets import HOSTS, HTTPS_URL, SCP_URL, SSH_URL
from support.samples.hostile_keys import TOO_COSTLY, certificate_of_version, pem
from support.samples.keys import certificate, key_text

KIB, MIB = 1024, 1024 * 1024

IMAGE = "ghcr.io/acme/app:1"


@dataclass(frozen=True)
class Parser:
    """A parser. ``run`` calls it on a text; ``usual`` are texts that fuzzing begins with.

    ``worst`` are the worst cases by name: how large they get, and a function from that size to the text.
    """

    run: Callable[[str], object]
    usual: Sequence[str]
    worst: Mapping[str, tuple[int, Callable[[int], str]]] = field(default_factory=dict)


def refused(function: Callable[..., object], *arguments: object) -> object:
    """Call a parser, which may refuse its input."""
    try:
        return function(*arguments)
    except KeyringError as error:
        return str(error)


def encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape") if _fits(text) else text.encode(errors="replace")


def _fits(text: str) -> bool:
    return not any("\ud800" <= char <= "\udc7f" or "\udd00" <= char <= "\udfff" for char in text)


def repeat(part: str, end: str = "") -> Callable[[int], str]:
    """Return a function that repeats a part up to a size, and ends it."""
    return lambda size: part * ((size - len(end)) // len(part)) + end


def framed(begin: str, part: str, end: str) -> Callable[[int], str]:
    return lambda size: begin + repeat(part)(size - len(begin) - len(end)) + end


def token(claims: bytes) -> str:
    """A JSON Web Token with these claims."""
    return f"e30.{base64.b64encode(claims).decode()}.x"


def run_docker_config(text: str) -> None:
    refused(parse_docker_config, text, "docker_config")
    refused(parse_docker_config, encoded(text), "docker_config_file")
    inspect_config(KEY, encoded(text))
    data = {KEY: base64.b64encode(encoded(text)).decode()}
    secret = {"metadata": {"name": "a", "namespace": "b"}, "type": "kubernetes.io/dockerconfigjson", "data": data}
    refused(describe_pull_secret, secret)
    refused(pull_secret_texts, secret)


def run_kubeconfig(text: str) -> None:
    refused(lambda: parse_kubeconfig(parse_document(encoded(text), "kubeconfig"), "kubeconfig", "/"))


def run_known_hosts(text: str) -> None:
    known = refused(parse_known_hosts, text, "ssh.known_hosts")
    if not isinstance(known, str):
        covers(known, "git.example.com", 22)  # type: ignore[arg-type]
    refused(accept_scanned, text, ["SHA256:x"], "ssh.fingerprints")


def run_git_url(text: str) -> None:
    refused(parse_git_url, text, "url")
    public_url(text)


def run_server(text: str) -> None:
    refused(check_server, text, "server")
    refused(check_stored_server, text, "server")
    find_warnings(text)
    list(differences(text, normalise_image(IMAGE) or ""))
    key = read_match_key(text)
    target, image = key and parse_target(key), parse_target(b"https://ghcr.io/acme/app")
    if target and image:
        matches(target, image)


def run_image(text: str) -> None:
    name = normalise_image(text)
    if name:
        list(differences("https://ghcr.io/v1/", name))
        find_place(name)


def run_token(text: str) -> None:
    config = {"idp-issuer-url": "https://127.0.0.1", "client-id": "a", "id-token": text}
    place = Place("kubeconfig", "users[0].user", "/")
    refused(OidcProvider(AuthProviderEntry("oidc", config), place, None, {}, {}, print).authorization)


def run_registry(text: str) -> None:
    """A registry that sends the text as a challenge, as a token, and as an error."""
    check = PullCheck(find_place(IMAGE), "octo", "s3cret")
    parse_challenges([text])
    asks = Response(401, [("www-authenticate", 'Bearer realm="https://ghcr.io/token",service="a"')])
    header = [("www-authenticate", text), ("content-type", text), ("docker-distribution-api-version", text)]
    for responses in (
        [Response(401, header), Response(200, (), encoded(text)), Response(200, header)],
        [asks, Response(200, (), encoded(text)), Response(401, header)],
        [asks, Response(403, (), encoded(text))],
    ):
        flow = pull_check_flow(check)
        try:
            next(flow)
            for response in responses:
                flow.send(response)
        except (StopIteration, RealmRefused):
            continue


def run_expiry(text: str) -> None:
    refused(check_expires_at, text, "expires_at")
    refused(parse_expiries, text)
    refused(find_token_expiry, text)


def run_names(text: str) -> None:
    for check in (check_secret_name, check_service_account, check_namespace):
        refused(check, text, "name")
    refused(check_owner, text)
    refused(check_labels, {text: text, "a": text}, "labels")
    refused(check_annotations, {text: text}, "annotations")


def run_selection(text: str) -> None:
    selection = refused(parse_targets, None, [text, "!kube-*"], [text])
    selection = selection if isinstance(selection, Selection) else refused(parse_targets, None, [text], None)
    if isinstance(selection, Selection):
        refused(choose, selection, [Listed("a" * 63), Listed("ab" * 31), Listed("default")])


def run_message(text: str) -> None:
    """A message of the kubelet, and one of the API server."""
    none = load_pull_secrets([])
    find_cause(Waiting(IMAGE, "ErrImagePull", text), PullContext("default", none, judge(none, IMAGE)))
    find_cause(Waiting(text, text, IMAGE), PullContext("default", none, judge(none, IMAGE)))
    for status in (400, 403, 500):
        find_denial(status, text)


def run_printable(text: str) -> None:
    make_line(text)
    make_printable(text)
    contains_token(text)
    hide_tokens(text, "********")
    list(find_tokens(text))


def run_address(text: str) -> None:
    server = refused(lambda: parse_server(text, "host", failure="invalid_option", option="host"))
    refused(lambda: parse_proxy(text, "proxy", failure="invalid_option", option="proxy"))
    if not isinstance(server, str):
        is_direct(server, text, loopback=True)  # type: ignore[arg-type]
    urlsplit("http://localhost")


CONFIG = json.dumps({"auths": {"ghcr.io": {"username": "octo", "password": "p", "auth": "b2N0bzpw"}}})
KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: 'https://a', certificate-authority-data: YQ==}}]
users:
- name: a
  user: &u {token: t0ken, exec: {command: c, args: [a], env: [{name: A, value: b}]}}
- {name: b, user: *u}
contexts: [{name: a, context: {cluster: a, user: a, namespace: n}}]
current-context: a
"""
ED25519, RSA = key_text("Ed25519 OpenSSH"), key_text("RSA PKCS#1")

PARSERS: Mapping[str, Parser] = {
    "docker config": Parser(
        run_docker_config,
        (CONFIG, base64.b64encode(CONFIG.encode()).decode(), '{"data": {".dockerconfigjson": "e30="}}', "[1e999, NaN]"),
        {
            "nested lists": (MIB, repeat("[")),
            "nested objects": (MIB, repeat('{"auths":')),
            "many entries": (MIB, framed('{"auths":{', '"a.io":{"auth":"b2N0bzpw"},', '"b":{}}}')),
            "one long auth": (MIB, framed('{"auths":{"a.io":{"auth":"', "b2N0bzpw", '"}}}')),
            "a number of digits": (MIB, framed('{"auths":{"a.io":{"x":', "9", "}}}")),
            "escapes": (MIB, framed('{"auths":{"', "\\ud800", '":{}}}')),
            "a string without an end": (MIB, framed('{"', "\\\\", "")),
            "a server of stars": (MIB, framed('{"auths":{"', "*.", '":{}}}')),
            "base64 of nothing": (4 * MIB, repeat("AAAA")),
            "spaces": (4 * MIB, repeat(" ", "x")),
        },
    ),
    "kubeconfig": Parser(
        run_kubeconfig,
        (KUBECONFIG, json.dumps({"clusters": []}), "a: 0o17\nb: 1_000\nc: 2026-01-01\nd: !!binary YQ=="),
        {
            "nested lists": (MIB, repeat("[")),
            "nested dashes": (MIB, repeat("- ")),
            "indented lines": (64 * KIB, lambda size: "".join(f"{' ' * n}a:\n" for n in range(int((2 * size) ** 0.5)))),
            "aliases": (64 * KIB, framed("a: &a [x, x, x, x]\nb: [", "*a,", "]")),
            "merged aliases": (64 * KIB, framed("a: &a {x: y}\nb: {<<: [", "*a,", "]}")),
            "many anchors": (MIB, repeat("- &a x\n")),
            "many users": (MIB, framed("users:\n", "- {name: a, user: {token: t}}\n", "")),
            "a long number": (MIB, framed("a: ", "9", "")),
            "a long hexadecimal number": (MIB, framed("a: 0x", "f", "")),
            "underscores": (MIB, framed("a: 1", "_", "x")),
            "JSON that does not end": (MIB, framed('{"a":[', '{"a":1},', "")),
        },
    ),
    "known hosts": Parser(
        run_known_hosts,
        (
            HOSTS,
            f"@revoked {HOSTS}",
            f"# x\n|1|{'A' * 27}=|{'B' * 27}= ssh-ed25519 AAAA",
            f"[git.example.com]:22,*.a {HOSTS}",
        ),
        {
            "beginnings of algorithms": (64 * KIB, framed("a ", "ssh-", "")),
            "words of algorithms": (64 * KIB, framed("a ", "ssh-rsa ", "")),
            "many keys in a line": (64 * KIB, repeat("ssh-rsa AAAA ")),
            "spaces": (64 * KIB, framed("a ssh-rsa", " ", "x")),
            "patterns of stars": (64 * KIB, lambda size: f"{'*a' * (size // 2 - 60)} {HOSTS.split(' ', 1)[1]}"),
            "many patterns": (64 * KIB, lambda size: f"{'!a*,' * (size // 4 - 60)} {HOSTS.split(' ', 1)[1]}"),
            "a key of empty parts": (
                64 * KIB,
                lambda size: f"a ssh-rsa {base64.b64encode(bytes(size * 3 // 4 - 60)).decode()}",
            ),
            "many lines": (64 * KIB, repeat(HOSTS)),
        },
    ),
    "Git URL": Parser(
        run_git_url,
        (HTTPS_URL, SSH_URL, SCP_URL, "https://a:b@h:1/p?q#f", "file:///a"),
        {
            "colons": (MIB, framed("ssh://", ":", "")),
            "at signs": (MIB, framed("https://", "a@", "h/p")),
            "labels": (MIB, framed("https://", "a.", "-/p")),
            "dashes": (MIB, framed("git@a", "-", ":p")),
            "letters of a scheme": (MIB, repeat("a+")),
            "brackets": (MIB, framed("ssh://", "[", "")),
            "slashes": (MIB, framed("https://h", "/..", "")),
        },
    ),
    "server": Parser(
        run_server,
        (
            "ghcr.io",
            "https://index.docker.io/v1/",
            "*.ghcr.io",
            "ghcr.io:443/acme",
            "https://a:b@[::1]:5/x?y",
            "http://%41",
        ),
        {
            "stars": (MIB, repeat("*")),
            "stars and letters": (MIB, framed("", "*a", ".io")),
            "labels": (MIB, repeat("a.")),
            "dashes": (MIB, framed("a", "-", "")),
            "escapes": (MIB, framed("https://a/", "%41", "")),
            "brackets": (MIB, repeat("[")),
            "at signs": (MIB, framed("https://", "a@", "")),
            "sessions": (MIB, framed("https://a", "/", "v1/access-token")),
        },
    ),
    "image reference": Parser(
        run_image,
        (IMAGE, "nginx", "localhost:5000/a/b@sha256:" + "a" * 64, "[::1]:5/a", "a__b--c.d/e"),
        {
            "components": (MIB, repeat("a/")),
            "dashes": (MIB, framed("a.io/a", "-", "")),
            "separators": (MIB, framed("a.io/", "a__", "!")),
            "labels": (MIB, framed("", "a.", "/x!")),
            "letters": (MIB, framed("a.io/", "a", "!")),
            "digits of a port": (MIB, framed("a.io:", "1", "/x!")),
        },
    ),
    "private key": Parser(
        lambda text: refused(parse_private_key, text, "ssh.private_key"),
        (ED25519, RSA, *(text for text, _passphrase, _what in TOO_COSTLY.values())),
        {
            "boundaries": (64 * KIB, repeat("-----BEGIN PRIVATE KEY-----")),
            "spaces before a header": (
                64 * KIB,
                framed("-----BEGIN RSA PRIVATE KEY-----\n", " ", "-----END RSA PRIVATE KEY-----"),
            ),
            "written newlines": (64 * KIB, repeat("\\r\\n", "x")),
            "algorithms": (64 * KIB, repeat("ssh-a ")),
            "DER of sequences": (48 * KIB, lambda size: pem("PRIVATE KEY", b"\x30\x80" * (size * 3 // 8))),
            "DER of integers": (
                48 * KIB,
                lambda size: pem("PRIVATE KEY", b"\x30\x84\x00\x00\x80\x00" + b"\x02\x01\x01" * 10922),
            ),
            "dashes": (64 * KIB, repeat("-")),
        },
    ),
    "certificate": Parser(
        lambda text: refused(check_certificates, text, "ca"),
        (certificate("RSA"), certificate("Ed25519") * 3, certificate_of_version(7)),
        {
            "many certificates": (64 * KIB, repeat(certificate("Ed25519"))),
            "boundaries": (64 * KIB, repeat("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")),
            "DER of sequences": (48 * KIB, lambda size: pem("CERTIFICATE", b"\x30\x80" * (size * 3 // 8))),
        },
    ),
    "registry": Parser(
        run_registry,
        (
            'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="a"',
            'Basic realm="x", Negotiate',
            '{"token": "abc", "expires_in": 300}',
            '{"errors": [{"code": "DENIED", "message": "no"}]}',
        ),
        {
            "quotes": (256 * KIB, repeat('a="')),
            "escaped quotes": (8 * KIB, framed('a="', '\\"', "")),
            "commas": (8 * KIB, repeat(", ", "=")),
            "a realm of labels": (8 * KIB, framed('Bearer realm="https://', "a.", '"')),
            "nested JSON": (256 * KIB, repeat("[")),
            "a long message": (256 * KIB, framed('{"message": "', "//", '"}')),
            "a number of digits": (256 * KIB, framed('{"token": ', "9", "}")),
        },
    ),
    "JSON Web Token": Parser(
        run_token,
        ("e30.eyJleHAiOiA5OTk5OTk5OTk5fQ.x", "e30.eyJleHAiOiAxZTk5OX0.x", "e30.W10.x", "a.b"),
        {
            "dots": (MIB, repeat(".")),
            "nested JSON": (MIB, lambda size: token(b"[" * (size * 3 // 4))),
            "a number of digits": (MIB, lambda size: token(b'{"exp":' + b"9" * (size * 3 // 4) + b"}")),
        },
    ),
    "expiry times": Parser(
        run_expiry,
        (
            "2026-12-01T00:00:00Z",
            "2026-12-01",
            '{"ghcr.io": "2026-12-01T00:00:00.123+01:00"}',
            "9999-12-31T23:59:59-23:59",
            "eyJhbGciOiAibm9uZSJ9.eyJleHAiOiA5OTk5OTk5OTk5fQ.x",
        ),
        {
            "dots": (64 * KIB, repeat("a.")),
            "a part": (64 * KIB, framed("a.", "a", "!")),
            "nested claims": (64 * KIB, lambda size: f"eyJhbGciOiAibm9uZSJ9.{'W1tb' * (size // 4 - 6)}.x"),
            "digits of a second": (256 * KIB, framed("2026-12-01T00:00:00.", "1", "x")),
            "nested JSON": (256 * KIB, repeat("[")),
            "many servers": (256 * KIB, framed("{", '"a":"2026-12-01T00:00:00Z",', '"b":1}')),
        },
    ),
    "names, labels, owner": Parser(
        run_names,
        ("ghcr", "a.b-c", "example.com/a", "A_b"),
        {
            "dashes": (MIB, framed("a", "-", "")),
            "labels": (MIB, repeat("a.")),
            "slashes": (MIB, repeat("/")),
        },
    ),
    "namespaces and selectors": Parser(
        run_selection,
        ("team-*", "team-[a-c]?", "!kube-*", "a=b,c!=d", "env in (a, b)"),
        {
            "stars": (64 * KIB, repeat("*")),
            "stars and letters": (64 * KIB, repeat("*a", "b")),
            "brackets": (64 * KIB, repeat("[a")),
            "classes": (64 * KIB, repeat("[a-b]*")),
            "question marks": (64 * KIB, repeat("?")),
        },
    ),
    "messages of kubelet and API server": Parser(
        run_message,
        (
            'failed to pull image "ghcr.io/acme/app:1": unexpected status: 401 Unauthorized',
            "invalid character '<' looking for beginning of value",
            'admission webhook "a.b" denied the request: no',
            'secrets "a" is forbidden: exceeded quota: q, requested: secrets=1',
        ),
        {
            "beginnings of a sentence": (MIB, repeat("invalid character ")),
            "beginnings of URLs": (MIB, repeat("https://")),
            "digests": (MIB, repeat("sha1")),
            "slashes": (MIB, repeat("//a")),
            "beginnings of denials": (MIB, repeat('admission webhook "a" ')),
            "words before a denial": (MIB, framed("a.", "a", ' "x" is forbidden')),
            "the image": (MIB, repeat(IMAGE)),
        },
    ),
    "text made printable": Parser(
        run_printable,
        ("a\u202eb", "a  \n b\tc", "ghp_" + "a" * 36, "eyJhbGciOiJIUzI1NiJ9.e30.x"),
        {
            "spaces": (MIB, repeat(" ", "x")),
            "newlines": (MIB, repeat(" \n\t", "x")),
            "characters to escape": (MIB, repeat("\u202e")),
            "beginnings of tokens": (MIB, repeat("ghp_ ")),
            "a token": (MIB, repeat("npm_")),
            "letters": (MIB, repeat("AZDO")),
            "dashes": (MIB, repeat("-a")),
        },
    ),
    "addresses of servers and proxies": Parser(
        run_address,
        ("https://a.example.com:6443/k8s/c-1", "[::1]", "http://u:p@proxy:3128", "10.0.0.0/8,.example.com"),
        {
            "colons": (MIB, repeat(":")),
            "labels": (MIB, framed("https://", "a.", "")),
            "commas": (MIB, framed("https://a", ",", "")),
            "at signs": (MIB, framed("http://", "a:b@", "h")),
            "brackets": (MIB, framed("http://", "[", "]")),
            "digits of a port": (MIB, framed("https://a:", "1", "")),
        },
    ),
}
