# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to describe a connection, each for kubectl and for this collection: a row each."""

from __future__ import annotations

import base64
import functools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.control_plane import pki
from support.servers.recorder import DOMAIN, Recorder

EXEC_GROUP = "client.authentication.k8s.io"


@dataclass(frozen=True)
class Variant:
    """A connection: for kubectl by ``flags`` and ``environment``, for the collection by ``options`` and the same."""

    options: Mapping[str, Any] = field(default_factory=dict)
    flags: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """What variants are made of. ``token`` is that of an identity which may impersonate anyone."""

    recorder: Recorder
    clients: pki.Pair
    token: str
    folder: Path
    ports: Mapping[str, int]

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.recorder.https}"

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def config(
        self, user: Mapping[str, Any] | None = None, cluster: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A kubeconfig with one context. A field of None is left out; the user has a token unless it is given."""
        entry: dict[str, Any] = {
            "server": self.server,
            "certificate-authority-data": text64(self.recorder.authority.certificate),
        }
        entry |= dict(cluster or {})
        given = {"token": self.token} if user is None else dict(user)
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {k: v for k, v in entry.items() if v is not None}}],
            "users": [{"name": "u", "user": given}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
            **more,
        }

    def by(self, config: Mapping[str, Any] | str, *flags: str, **environment: str) -> Variant:
        """A variant by a file with this kubeconfig, for both."""
        text = config if isinstance(config, str) else yaml.safe_dump(dict(config), sort_keys=False)
        path = self.file("config", text)
        return Variant({"kubeconfig": path}, ("--kubeconfig", path, *flags), environment)

    def cluster(self, **fields: Any) -> Variant:
        return self.by(self.config(None, {name.replace("_", "-"): value for name, value in fields.items()}))

    def user(self, **fields: Any) -> Variant:
        return self.by(self.config({name.replace("_", "-"): value for name, value in fields.items()}))

    def far(self, scheme: str = "https", **environment: str) -> Variant:
        """A server whose name only the proxies know."""
        return self.by(self.config(None, {"server": f"{scheme}://api.{DOMAIN}:6443"}), **environment)

    def plugin(self, code: str, cluster: Mapping[str, Any] | None = None, **fields: Any) -> Variant:
        """A user whose credentials come from a program, written in Python."""
        path = self.file("plugin", f"#!{sys.executable}\n{code}\n")
        Path(path).chmod(0o755)
        entry = {"apiVersion": f"{EXEC_GROUP}/v1", "command": path, "interactiveMode": "Never", **fields}
        user = {"exec": {name: value for name, value in entry.items() if value is not None}}
        return self.by(self.config(user, cluster))

    def client(self, name: str, *groups: str) -> pki.Pair:
        return pki.issue_client(self.clients, name, groups=groups)

    def proxy(self, kind: str, login: str = "") -> str:
        user = f"{login}@" if login else ""
        host = "127.0.0.2" if kind == "https-elsewhere" else "127.0.0.1"
        return f"{kind.partition('-')[0]}://{user}{host}:{self.ports[f'{kind}-login' if login else kind]}"


def text64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def prints(version: str = "v1", **status: Any) -> str:
    """The program of a plugin that prints credentials."""
    document = {"apiVersion": f"{EXEC_GROUP}/{version}", "kind": "ExecCredential", "status": status}
    return f"print({json.dumps(document)!r})"


def tells(token: str, what: str) -> str:
    """The program of a plugin whose token has in it what it was given: an expression over the dictionary ``spec``."""
    return (
        "import hashlib, json, os, sys\n"
        "spec = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']\n"
        f"seen = hashlib.sha256(json.dumps({what}, sort_keys=True).encode()).hexdigest()\n"
        f"print(json.dumps({{'apiVersion': '{EXEC_GROUP}/v1', 'kind': 'ExecCredential',"
        f" 'status': {{'token': {token!r} + seen}}}}))"
    )


def certificate_data(pair: pki.Pair) -> dict[str, Any]:
    return {"client-certificate-data": text64(pair.certificate), "client-key-data": text64(pair.key)}


def certificate_files(w: World, pair: pki.Pair) -> tuple[str, str]:
    return w.file("keys/client.crt", pair.certificate), w.file("keys/client.key", pair.key)


def two_files(w: World, separator: str = ":") -> Variant:
    one = w.file("one/config", yaml.safe_dump({**w.config(), "users": []}))
    two = w.file("two/config", yaml.safe_dump({**w.config(), "clusters": [], "contexts": [], "current-context": "z"}))
    path = f"{one}{separator}/not/there{separator}{two}"
    return Variant({"kubeconfig": path}, (), {"KUBECONFIG": path})


def first_counts(w: World) -> Variant:
    other = w.config({"token": "of-the-second"}, {"server": "https://127.0.0.1:1"})
    other["contexts"][0]["context"]["namespace"] = "other"
    path = f"{w.file('one/config', yaml.safe_dump(w.config()))}:{w.file('two/config', yaml.safe_dump(other))}"
    return Variant({}, (), {"KUBECONFIG": path})


def relative(w: World) -> Variant:
    certificate_files(w, w.client("ada"))
    w.file("keys/ca.crt", w.recorder.authority.certificate)
    return w.by(
        w.config(
            {"client-certificate": "keys/client.crt", "client-key": "./keys/client.key"},
            {"certificate-authority-data": None, "certificate-authority": "keys/../keys/ca.crt"},
        )
    )


def relative_plugin(w: World) -> Variant:
    w.plugin(prints(token=w.token))
    entry = {"apiVersion": f"{EXEC_GROUP}/v1", "command": "./plugin", "interactiveMode": "Never"}
    return w.by(w.config({"exec": entry}))


def other_context(w: World) -> Variant:
    config = w.config(None, None, **{"current-context": "elsewhere"})
    variant = w.by(config, "--context", "x")
    return Variant({**variant.options, "context": "x"}, variant.flags)


def named_variables(w: World) -> Variant:
    code = (
        "import os\n"
        + prints(token="TOKEN").replace("print(", "print((")[:-1]
        + ").replace('TOKEN', os.environ['A'] + os.environ['B']))"
    )
    variant = w.plugin(code, env=[{"name": "A", "value": "from-"}, {"name": "B", "value": "env"}])
    return Variant(variant.options, variant.flags, {"A": "overwritten"})


def with_token(text: str, w: World) -> Variant:
    """A token in plain YAML, without quotes."""
    return w.by(yaml.safe_dump(w.config({"token": "TOKEN"})).replace("TOKEN", text))


def at_address(rule: str, w: World) -> Variant:
    """A server by an address that leads here and that Go does not count as loopback, so proxies are asked for it."""
    config = w.config(None, {"server": f"https://0.0.0.0:{w.recorder.https}", "tls-server-name": DOMAIN})
    return w.by(config, HTTPS_PROXY=w.proxy("http"), NO_PROXY=rule.format(port=w.recorder.https))


def without_proxy(rule: str, w: World) -> Variant:
    return w.far(HTTPS_PROXY=w.proxy("http"), NO_PROXY=rule)


CA_BUNDLE = "\n# comment, ü\n"

VARIANTS: Mapping[str, Callable[[World], Variant]] = {
    # Where requests go.
    "plain": lambda w: w.cluster(),
    "final slash": lambda w: w.cluster(server=f"{w.server}/"),
    "path": lambda w: w.cluster(server=f"{w.server}/k8s/clusters/c-abc"),
    "path with a final slash": lambda w: w.cluster(server=f"{w.server}/k8s/clusters/c-abc/"),
    "path with two slashes": lambda w: w.cluster(server=f"{w.server}//k8s//clusters/c-abc//"),
    "path with dots": lambda w: w.cluster(server=f"{w.server}/k8s/./clusters/../clusters/c-abc"),
    "path with escapes": lambda w: w.cluster(server=f"{w.server}/a%20b/c%2Fd/e:f+g@h"),
    "path with other characters": lambda w: w.cluster(server=f"{w.server}/a(b)!*'c;d,e=f&g$h~i"),
    "query and fragment": lambda w: w.cluster(server=f"{w.server}/k8s?a=b#c"),
    "query without a path": lambda w: w.cluster(server=f"{w.server}?a=b"),
    "scheme in capitals": lambda w: w.cluster(server=w.server.replace("https", "HTTPS")),
    "localhost": lambda w: w.cluster(server=f"https://localhost:{w.recorder.https}"),
    "host in capitals": lambda w: w.cluster(server=f"https://LOCALHOST:{w.recorder.https}"),
    "IPv6": lambda w: w.cluster(server=f"https://[::1]:{w.recorder.https6}"),
    "IPv6 with a path": lambda w: w.cluster(server=f"https://[::1]:{w.recorder.https6}/k8s/clusters/c-abc"),
    "IPv6 without brackets": lambda w: w.cluster(server=f"https://::1:{w.recorder.https6}"),
    "a port that is no number": lambda w: w.cluster(server="https://127.0.0.1:https"),
    "another scheme": lambda w: w.cluster(server=w.server.replace("https", "ftp")),
    "a blank in the server": lambda w: w.cluster(server=f"{w.server}/a b"),
    "no server": lambda w: w.cluster(server=""),
    # Plain HTTP: no credentials.
    "http": lambda w: w.cluster(server=f"http://127.0.0.1:{w.recorder.http}"),
    "http with a path": lambda w: w.cluster(server=f"http://127.0.0.1:{w.recorder.http}/k8s/"),
    "http with a user": lambda w: w.by(
        w.config({"username": "a", "password": "b"}, {"server": f"http://127.0.0.1:{w.recorder.http}"})
    ),
    "http with impersonation": lambda w: w.by(
        w.config({"token": w.token, "as": "ada"}, {"server": f"http://127.0.0.1:{w.recorder.http}"})
    ),
    "http with an authority and insecure": lambda w: w.cluster(
        server=f"http://127.0.0.1:{w.recorder.http}", insecure_skip_tls_verify=True
    ),
    "http with a certificate that is missing": lambda w: w.by(
        w.config(
            {"client-certificate": "/not/there", "client-key": "/not/there"},
            {"server": f"http://127.0.0.1:{w.recorder.http}"},
        )
    ),
    "no scheme": lambda w: w.cluster(server=f"127.0.0.1:{w.recorder.http}"),
    "no scheme, no authority": lambda w: w.cluster(
        server=f"localhost:{w.recorder.http}", certificate_authority_data=None
    ),
    "no scheme and a path": lambda w: w.cluster(server=f"127.0.0.1:{w.recorder.http}/k8s"),
    # TLS.
    "tls-server-name": lambda w: w.cluster(tls_server_name=f"another.{DOMAIN}"),
    "a wrong tls-server-name": lambda w: w.cluster(tls_server_name="wrong.example.com"),
    "tls-server-name is an address": lambda w: w.cluster(
        server=f"https://localhost:{w.recorder.https}", tls_server_name="127.0.0.1"
    ),
    "insecure": lambda w: w.cluster(insecure_skip_tls_verify=True, certificate_authority_data=None),
    "insecure and an authority": lambda w: w.cluster(insecure_skip_tls_verify=True),
    "insecure with tls-server-name": lambda w: w.cluster(
        insecure_skip_tls_verify=True, certificate_authority_data=None, tls_server_name="anything.example.com"
    ),
    "another authority": lambda w: w.cluster(
        certificate_authority_data=text64(pki.make_authority("other").certificate)
    ),
    "no authority": lambda w: w.cluster(certificate_authority_data=None),
    "authority as a file": lambda w: w.cluster(
        certificate_authority_data=None, certificate_authority=w.file("ca.crt", w.recorder.authority.certificate)
    ),
    "authority as a file and data": lambda w: w.cluster(
        certificate_authority=w.file("ca.crt", w.recorder.authority.certificate)
    ),
    "authority as a file that is missing": lambda w: w.cluster(
        certificate_authority_data=None, certificate_authority="/not/there"
    ),
    "bundle of authorities": lambda w: w.cluster(
        certificate_authority_data=text64(
            pki.make_authority("other").certificate + CA_BUNDLE.encode() + w.recorder.authority.certificate
        )
    ),
    "bundle with a key in it": lambda w: w.cluster(
        certificate_authority_data=text64(w.client("ada").key + w.recorder.authority.certificate)
    ),
    "authority that is no PEM": lambda w: w.cluster(certificate_authority_data=text64(b"no PEM")),
    "authority that is no base64": lambda w: w.cluster(certificate_authority_data="no base64!"),
    "the server's own certificate as authority": lambda w: w.cluster(
        certificate_authority_data=text64((w.folder.parent / "recorder.crt").read_bytes())
    ),
    # Who sends the request.
    "anonymous": lambda w: w.user(),
    "token": lambda w: w.user(token=w.token),
    "token with a newline": lambda w: w.user(token=f"{w.token}\n"),
    "tokenFile": lambda w: w.user(tokenFile=w.file("token", w.token)),
    "tokenFile with a newline": lambda w: w.user(tokenFile=w.file("token", f"{w.token}\n")),
    "tokenFile wins over token": lambda w: w.user(token="x", tokenFile=w.file("token", w.token)),
    "tokenFile that is missing": lambda w: w.user(tokenFile="/not/there"),
    "tokenFile that is missing, and token": lambda w: w.user(token=w.token, tokenFile="/not/there"),
    "tokenFile that is empty": lambda w: w.user(tokenFile=w.file("token", "")),
    "basic": lambda w: w.user(username="ada", password="pass word"),
    "basic beyond ASCII": lambda w: w.user(username="ädä", password="日本:x"),
    "user name alone": lambda w: w.user(username="ada"),
    "password alone": lambda w: w.user(password="x"),
    "token and user": lambda w: w.user(token=w.token, username="ada", password="x"),
    "tokenFile and user": lambda w: w.user(tokenFile=w.file("token", w.token), username="ada", password="x"),
    "client certificate as data": lambda w: w.by(w.config(certificate_data(w.client("ada", "team-a", "team-b")))),
    "client certificate as files": lambda w: w.user(
        **dict(zip(("client_certificate", "client_key"), certificate_files(w, w.client("ada")), strict=True))
    ),
    "client certificate and token": lambda w: w.by(w.config({**certificate_data(w.client("ada")), "token": w.token})),
    "client certificate without a key": lambda w: w.user(client_certificate_data=text64(w.client("a").certificate)),
    "client key without a certificate": lambda w: w.user(client_key_data=text64(w.client("a").key), token=w.token),
    "client certificate with another key": lambda w: w.user(
        client_certificate_data=text64(w.client("a").certificate), client_key_data=text64(w.client("b").key)
    ),
    "client certificate that is missing": lambda w: w.user(client_certificate="/not/there", client_key="/not/there"),
    "client certificate as data and a file": lambda w: w.by(
        w.config({**certificate_data(w.client("a")), "client-certificate": w.file("x", b"x")})
    ),
    "relative paths": relative,
    # As whom it acts.
    "as": lambda w: w.user(token=w.token, **{"as": "viewer"}),
    "as-groups": lambda w: w.user(token=w.token, **{"as": "viewer", "as-groups": ["a", "b", "c d"]}),
    "as-uid": lambda w: w.user(token=w.token, **{"as": "viewer", "as-uid": "42-7"}),
    "as-user-extra": lambda w: w.user(
        token=w.token, **{"as": "viewer", "as-user-extra": {"reason": ["one", "two"], "acme.example/p r%": ["ü"]}}
    ),
    "as in all fields": lambda w: w.user(
        token=w.token,
        **{"as": "system:serviceaccount:a:b", "as-uid": "1", "as-groups": ["g"], "as-user-extra": {"Scopes": ["s"]}},
    ),
    "as-groups without as": lambda w: w.user(token=w.token, **{"as-groups": ["a"]}),
    "as-uid without as": lambda w: w.user(token=w.token, **{"as-uid": "1"}),
    "as with a client certificate": lambda w: w.by(w.config({**certificate_data(w.client("ada")), "as": "viewer"})),
    "as that is a number": lambda w: w.user(token=w.token, **{"as": 42}),
    "as-groups through a proxy for http": lambda w: w.by(
        w.config(
            {"as": "viewer", "as-groups": ["a", "b"], "as-user-extra": {"x": ["1", "2"]}},
            {"server": f"http://127.0.0.1:{w.recorder.http}", "proxy-url": w.proxy("http", "ada:p%40ss")},
        )
    ),
    # Credential plugins.
    "exec v1": lambda w: w.plugin(prints(token=w.token)),
    "exec v1beta1": lambda w: w.plugin(prints("v1beta1", token=w.token), apiVersion=f"{EXEC_GROUP}/v1beta1"),
    "exec v1beta1 without interactiveMode": lambda w: w.plugin(
        prints("v1beta1", token=w.token), apiVersion=f"{EXEC_GROUP}/v1beta1", interactiveMode=None
    ),
    "exec v1 without interactiveMode": lambda w: w.plugin(prints(token=w.token), interactiveMode=None),
    "exec v1alpha1": lambda w: w.plugin(
        prints("v1alpha1", token=w.token), apiVersion=f"{EXEC_GROUP}/v1alpha1", interactiveMode=None
    ),
    "exec without apiVersion": lambda w: w.plugin(prints(token=w.token), apiVersion=None),
    "exec IfAvailable": lambda w: w.plugin(prints(token=w.token), interactiveMode="IfAvailable"),
    "exec Always": lambda w: w.plugin(prints(token=w.token), interactiveMode="Always"),
    "exec with another interactiveMode": lambda w: w.plugin(prints(token=w.token), interactiveMode="Sometimes"),
    "exec answers in another version": lambda w: w.plugin(prints("v1beta1", token=w.token)),
    "exec without cluster information": lambda w: w.plugin(tells("t", "spec")),
    "exec with cluster information": lambda w: w.plugin(tells("t", "spec"), provideClusterInfo=True),
    "exec with all cluster information": lambda w: w.plugin(
        tells("t", "spec"),
        {
            "server": f"{w.server}/k8s/",
            "tls-server-name": DOMAIN,
            "disable-compression": True,
            "extensions": [{"name": f"{EXEC_GROUP}/exec", "extension": {"audience": "x", "size": 1}}],
        },
        provideClusterInfo=True,
    ),
    "exec insecure with cluster information": lambda w: w.plugin(
        tells("t", "spec"),
        {"insecure-skip-tls-verify": True, "certificate-authority-data": None},
        provideClusterInfo=True,
    ),
    "exec with arguments": lambda w: w.plugin(tells("t", "sys.argv[1:]"), args=["get-token", "--x", "a b"]),
    "exec with variables": named_variables,
    "exec with a relative command": relative_plugin,
    "exec gives a certificate": lambda w: w.plugin(
        prints(
            clientCertificateData=(pair := w.client("from-plugin")).certificate.decode(),
            clientKeyData=pair.key.decode(),
        )
    ),
    "exec gives both": lambda w: w.plugin(
        prints(
            token=w.token,
            clientCertificateData=(pair := w.client("from-plugin")).certificate.decode(),
            clientKeyData=pair.key.decode(),
        )
    ),
    "exec gives a certificate alone": lambda w: w.plugin(
        prints(clientCertificateData=w.client("a").certificate.decode())
    ),
    "exec gives an empty status": lambda w: w.plugin(prints()),
    "exec prints YAML": lambda w: w.plugin(
        f"print('kind: ExecCredential')\nprint('apiVersion: {EXEC_GROUP}/v1')\nprint('status: {{token: {w.token}}}')"
    ),
    "exec prints no kind": lambda w: w.plugin(prints(token=w.token).replace('"kind": "ExecCredential", ', "")),
    "exec prints another kind": lambda w: w.plugin(prints(token=w.token).replace('"ExecCredential"', '"Secret"')),
    "exec gives a time that is none": lambda w: w.plugin(prints(token=w.token, expirationTimestamp="tomorrow")),
    "exec gives an expired token": lambda w: w.plugin(
        prints(token=w.token, expirationTimestamp="2020-01-01T00:00:00Z")
    ),
    "exec fails": lambda w: w.plugin("import sys; sys.exit(3)"),
    "exec prints no JSON": lambda w: w.plugin("print('hello')"),
    "exec is not installed": lambda w: w.user(
        exec={"apiVersion": f"{EXEC_GROUP}/v1", "command": "no-such-plugin", "interactiveMode": "Never"}
    ),
    "exec and token": lambda w: w.by(
        w.config(
            {
                "token": w.token,
                "exec": {"apiVersion": f"{EXEC_GROUP}/v1", "command": "/bin/false", "interactiveMode": "Never"},
            }
        )
    ),
    "exec v1alpha1 and token": lambda w: w.by(
        w.config({"token": w.token, "exec": {"apiVersion": f"{EXEC_GROUP}/v1alpha1", "command": "/bin/false"}})
    ),
    "exec and auth-provider": lambda w: w.user(
        exec={"apiVersion": f"{EXEC_GROUP}/v1", "command": "/bin/true", "interactiveMode": "Never"},
        auth_provider={"name": "oidc", "config": {}},
    ),
    "auth-provider gcp": lambda w: w.user(auth_provider={"name": "gcp", "config": {"access-token": w.token}}),
    "auth-provider azure": lambda w: w.user(auth_provider={"name": "azure", "config": {"access-token": w.token}}),
    "auth-provider gcp and token": lambda w: w.user(token=w.token, auth_provider={"name": "gcp"}),
    "auth-provider oidc without issuer, and token": lambda w: w.user(
        token=w.token, auth_provider={"name": "oidc", "config": {"client-id": "c"}}
    ),
    "auth-provider that is unknown": lambda w: w.user(auth_provider={"name": "acme"}),
    "auth-provider oidc": lambda w: w.user(
        auth_provider={
            "name": "oidc",
            "config": {"idp-issuer-url": "https://i.invalid", "client-id": "c", "id-token": jwt(4102444800)},
        }
    ),
    "auth-provider oidc, expired": lambda w: w.user(
        auth_provider={
            "name": "oidc",
            "config": {"idp-issuer-url": "https://i.invalid", "client-id": "c", "id-token": jwt(946684800)},
        }
    ),
    "auth-provider oidc, refreshed": lambda w: w.user(auth_provider=refreshable(w)),
    "auth-provider oidc, another authority": lambda w: w.user(
        auth_provider=refreshable(w, authority=pki.make_authority("other").certificate)
    ),
    "auth-provider oidc, refused": lambda w: w.user(auth_provider=refreshable(w, token="refresh-0")),
    "auth-provider oidc without issuer": lambda w: w.user(
        auth_provider={"name": "oidc", "config": {"client-id": "c", "id-token": jwt(4102444800)}}
    ),
    # Which file, which entry.
    "KUBECONFIG": lambda w: Variant({}, (), {"KUBECONFIG": w.file("config", yaml.safe_dump(w.config()))}),
    "several files": two_files,
    "empty elements": lambda w: Variant({}, (), {"KUBECONFIG": f"::{w.file('config', yaml.safe_dump(w.config()))}:"}),
    "the first file counts": first_counts,
    "home": lambda w: Variant(
        {}, (), {"HOME": str(Path(w.file("h/.kube/config", yaml.safe_dump(w.config()))).parents[1])}
    ),
    "another context": other_context,
    "a context that is missing": lambda w: Variant(
        {**(variant := w.by(w.config())).options, "context": "none"}, (*variant.flags, "--context", "none")
    ),
    "unknown fields": lambda w: w.by(
        {
            **w.config({"token": w.token, "colour": "red"}, {"colour": 7}),
            "preferences": {"colors": True},
            "extensions": [{"name": "a", "extension": {}}],
            "x": [1],
        }
    ),
    "fields in other cases": lambda w: w.by(w.config({"Token": w.token, "tokenfile": "/x"})),
    "JSON": lambda w: w.by(json.dumps(w.config())),
    "JSON with tabs": lambda w: w.by(json.dumps(w.config(), indent="\t")),
    "a date as token": lambda w: w.by(yaml.safe_dump(w.config({"token": "DATE"})).replace("DATE", "2026-12-01")),
    **{
        f"token: {text}": functools.partial(with_token, text)
        for text in ("12:34:56", "190:20", "1e3", "0o17", "08", "0x1A", "1_000", "y", "Off", "=", "~", "1.2.3", "+.5")
    },
    "an unknown tag": lambda w: w.by(yaml.safe_dump(w.config()) + "zz: !vault abc\n"),
    "another apiVersion": lambda w: w.by({**w.config(), "apiVersion": "v2"}),
    "insecure: y": lambda w: w.by(
        yaml.safe_dump(w.config(None, {"certificate-authority-data": None, "insecure-skip-tls-verify": "YES"})).replace(
            "'YES'", "y"
        )
    ),
    "a number as token": lambda w: w.user(token=123456),
    "a number as server": lambda w: w.cluster(server=6443),
    "a boolean as text": lambda w: w.cluster(insecure_skip_tls_verify="true", certificate_authority_data=None),
    "null fields": lambda w: w.by(w.config({"token": w.token, "exec": None, "as": None, "as-groups": None})),
    "two users of one name": lambda w: w.by(
        {**w.config(), "users": [{"name": "u", "user": {"token": "1"}}, {"name": "u", "user": {"token": "2"}}]}
    ),
    "another kind": lambda w: w.by({**w.config(), "kind": "Secret"}),
    "no kind": lambda w: w.by({key: value for key, value in w.config().items() if key not in ("kind", "apiVersion")}),
    "not YAML": lambda w: w.by("a: [b"),
    "a cluster that is missing": lambda w: w.by({**w.config(), "clusters": []}),
    "a user that is missing": lambda w: w.by({**w.config(), "users": []}),
    "no current context": lambda w: w.by(w.config(None, None, **{"current-context": ""})),
    "an empty file": lambda w: w.by(""),
    # Proxies. Go reaches loopback addresses directly, so these servers have names that only the proxies know.
    "HTTPS_PROXY": lambda w: w.far(HTTPS_PROXY=w.proxy("http")),
    "https_proxy": lambda w: w.far(https_proxy=w.proxy("http")),
    "HTTPS_PROXY before https_proxy": lambda w: w.far(HTTPS_PROXY=w.proxy("http"), https_proxy="http://127.0.0.1:1"),
    "HTTPS_PROXY without a scheme": lambda w: w.far(HTTPS_PROXY=w.proxy("http").removeprefix("http://")),
    "HTTP_PROXY for https": lambda w: w.far(HTTP_PROXY=w.proxy("http")),
    "HTTP_PROXY for http": lambda w: w.far("http", HTTP_PROXY=w.proxy("http")),
    "ALL_PROXY": lambda w: w.far(ALL_PROXY=w.proxy("http")),
    "HTTPS_PROXY with a user": lambda w: w.far(HTTPS_PROXY=w.proxy("http", "ada:p%40ss")),
    "an HTTPS proxy": lambda w: w.far(HTTPS_PROXY=w.proxy("https")),
    "a SOCKS proxy": lambda w: w.far(HTTPS_PROXY=w.proxy("socks5")),
    "a SOCKS proxy with a user": lambda w: w.far(HTTPS_PROXY=w.proxy("socks5", "ada:p%40ss")),
    "HTTPS_PROXY and loopback": lambda w: w.by(w.config(), HTTPS_PROXY="http://127.0.0.1:1"),
    "HTTPS_PROXY and localhost": lambda w: w.by(
        w.config(None, {"server": f"https://localhost:{w.recorder.https}"}), HTTPS_PROXY="http://127.0.0.1:1"
    ),
    "HTTPS_PROXY and IPv6 loopback": lambda w: w.by(
        w.config(None, {"server": f"https://[::1]:{w.recorder.https6}"}), HTTPS_PROXY="http://127.0.0.1:1"
    ),
    **{
        f"NO_PROXY={rule}": functools.partial(without_proxy, rule)
        for rule in (
            DOMAIN,
            f".{DOMAIN}",
            f"*.{DOMAIN}",
            f"api.{DOMAIN}",
            f"API.{DOMAIN.upper()}",
            f" other , api.{DOMAIN} ",
            f"api.{DOMAIN}:6443",
            f"api.{DOMAIN}:443",
            f".api.{DOMAIN}",
            f"pi.{DOMAIN}",
            "invalid",
            "*",
            "10.0.0.0/8",
        )
    },
    **{
        f"NO_PROXY={rule} for an address": functools.partial(at_address, rule)
        for rule in (
            "0.0.0.0",  # noqa: S104 - where a client goes, and nothing is bound to it
            "0.0.0.0:{port}",
            "0.0.0.0:443",
            "0.0.0.0/28",
            "0.0.0.0/255.255.255.0",
            "::ffff:0.0.0.0",
            "[0.0.0.0]",
            "[0.0.0.0]:{port}",
            "0.0.0",
        )
    },
    f"NO_PROXY={DOMAIN}:": functools.partial(without_proxy, f"{DOMAIN}:"),
    f"NO_PROXY={DOMAIN}:https": functools.partial(without_proxy, f"{DOMAIN}:https"),
    "no_proxy in lower case": lambda w: w.far(HTTPS_PROXY=w.proxy("http"), no_proxy=DOMAIN),
    "NO_PROXY with another network": lambda w: w.by(
        w.config(None, {"server": "https://192.0.2.77:6443", "tls-server-name": DOMAIN}),
        HTTPS_PROXY=w.proxy("http"),
        NO_PROXY="192.0.2.0/28",
    ),
    "proxy-url": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("http")})),
    "proxy-url for http": lambda w: w.by(
        w.config(None, {"proxy-url": w.proxy("http"), "server": f"http://127.0.0.1:{w.recorder.http}/k8s"})
    ),
    "proxy-url with a user": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("http", "ada:p%40ss")})),
    "proxy-url with a wrong password": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("http", "ada:wrong")})),
    "proxy-url over TLS": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("https")})),
    "proxy-url with SOCKS": lambda w: w.by(
        w.config(None, {"proxy-url": w.proxy("socks5"), "server": f"https://api.{DOMAIN}:6443"})
    ),
    "proxy-url with SOCKS and a user alone": lambda w: w.by(
        w.config(None, {"proxy-url": w.proxy("socks5", "ada"), "server": f"https://api.{DOMAIN}:6443"})
    ),
    "proxy-url over TLS, with another name": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("https-elsewhere")})),
    "proxy-url with SOCKS and an address": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("socks5")})),
    "proxy-url and NO_PROXY": lambda w: w.by(w.config(None, {"proxy-url": w.proxy("http")}), NO_PROXY="*"),
    "proxy-url before HTTPS_PROXY": lambda w: w.by(
        w.config(None, {"proxy-url": w.proxy("http"), "server": f"https://api.{DOMAIN}:6443"}),
        HTTPS_PROXY="http://127.0.0.1:1",
    ),
    "proxy-url with tls-server-name": lambda w: w.by(
        w.config(None, {"proxy-url": w.proxy("http"), "tls-server-name": f"x.{DOMAIN}"})
    ),
    "proxy-url with another scheme": lambda w: w.by(w.config(None, {"proxy-url": "ftp://127.0.0.1:1"})),
    "proxy-url without a scheme": lambda w: w.by(w.config(None, {"proxy-url": "127.0.0.1:3128"})),
    "proxy-url that refuses": lambda w: w.by(w.config(None, {"proxy-url": "http://127.0.0.1:1"})),
    # Options over a kubeconfig, as kubectl's flags are.
    "host over a kubeconfig": lambda w: over(w, {"host": f"{w.server}/a"}, "--server", f"{w.server}/a"),
    "host over a cluster without a server": lambda w: over(
        w, {"host": w.server}, "--server", w.server, cluster={"server": None}
    ),
    "host over tls-server-name": lambda w: over(
        w, {"host": w.server}, "--server", w.server, cluster={"tls-server-name": "wrong.example.com"}
    ),
    "api_key over a kubeconfig": lambda w: over(w, {"api_key": "other"}, "--token", "other"),
    "api_key over a plugin": lambda w: over(
        w, {"api_key": w.token}, "--token", w.token, user=w_exec(w, "import sys; sys.exit(1)")
    ),
    "ca_cert over a kubeconfig": lambda w: over(
        w,
        {"ca_cert": (path := w.file("other-ca", w.recorder.authority.certificate))},
        "--certificate-authority",
        path,
        cluster={"certificate-authority-data": text64(pki.make_authority("other").certificate)},
    ),
    "ca_cert over insecure": lambda w: over(
        w,
        {"ca_cert": (path := w.file("other-ca", pki.make_authority("other").certificate))},
        "--certificate-authority",
        path,
        cluster={"certificate-authority-data": None, "insecure-skip-tls-verify": True},
    ),
    "validate_certs over an authority": lambda w: over(
        w,
        {"validate_certs": False},
        "--insecure-skip-tls-verify",
        cluster={"certificate-authority-data": text64(pki.make_authority("other").certificate)},
    ),
    "client_cert over a kubeconfig": lambda w: over(
        w,
        dict(zip(("client_cert", "client_key"), (paths := certificate_files(w, w.client("bea"))), strict=True)),
        "--client-certificate",
        paths[0],
        "--client-key",
        paths[1],
        user=certificate_data(w.client("ada")),
    ),
    "impersonate_user over as": lambda w: over(
        w, {"impersonate_user": "bea"}, "--as", "bea", user={"token": w.token, "as": "ada", "as-groups": ["g"]}
    ),
    "impersonate_groups over as-groups": lambda w: over(
        w,
        {"impersonate_user": "bea", "impersonate_groups": ["x", "y"]},
        "--as",
        "bea",
        "--as-group",
        "x",
        "--as-group",
        "y",
        user={"token": w.token, "as": "ada", "as-groups": ["g"], "as-uid": "7"},
    ),
    "impersonate_groups alone": lambda w: over(w, {"impersonate_groups": ["x"]}, "--as-group", "x"),
}


def jwt(expires: int) -> str:
    """A JSON Web Token as far as clients read it."""

    def part(document: Mapping[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': expires})}.c2ln"


def refreshable(w: World, *, authority: bytes = b"", token: str = "refresh-1") -> dict[str, Any]:
    """A user of the identity provider at the recorder, whose token has expired."""
    return {
        "name": "oidc",
        "config": {
            "idp-issuer-url": f"{w.server}/issuer/",
            "idp-certificate-authority-data": text64(authority or w.recorder.authority.certificate),
            "client-id": "client",
            "client-secret": "cl%ent+secret",
            "id-token": jwt(946684800),
            "refresh-token": token,
        },
    }


def w_exec(w: World, code: str) -> dict[str, Any]:
    path = w.file("plugin", f"#!{sys.executable}\n{code}\n")
    Path(path).chmod(0o755)
    return {"exec": {"apiVersion": f"{EXEC_GROUP}/v1", "command": path, "interactiveMode": "Never"}}


def over(
    w: World,
    options: Mapping[str, Any],
    *flags: str,
    user: Mapping[str, Any] | None = None,
    cluster: Mapping[str, Any] | None = None,
) -> Variant:
    """A kubeconfig, and something put over it."""
    variant = w.by(w.config(user, cluster), *flags)
    return Variant({**variant.options, **options}, variant.flags)
