# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of which keyring_cases.py makes questions."""

from __future__ import annotations

# fmt: off
# Hosts as keys and images have them.
NAMES = (
    "ghcr.io", "GHCR.io", "quay.io", "docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com",
    "localhost", "localhost:5000", "A", "F", "Team", "registry:5000", "registry.example.com",
    "registry.example.com:443", "registry.example.com:", "10.0.0.1", "10.0.0.1:5000", "a.b.c", "[::1]", "[::1]:5000",
    "[fe80::1]:80", "[2001:db8::1]:5000", "[1:2:3:4:5:6:7:8]:1", "x--y.io", "a_b.io", "a__b.io",
    "prefix.kubernetes.io", ":5000", "012345678901.dkr.ecr.eu-west-1.amazonaws.com", "bar.example.com", "docker.com",
    "kubernetes.io", "kubernetes.com:1111", "ghcr.io.",
)
# Hosts that only keys have, among them IPv6 addresses of which little is read.
PATTERNS = (
    "*.io", "*.example.com", "*.*.com", "*", "*:5000", "*.dkr.ecr.*.amazonaws.com", "prefix.*.io",
    "*-good.kubernetes.io", "g*r.io", "*h*r*.i*", "**.io", "gh[a-z]r.io", "ghcr.{io,com}", "gh?r.io",
    "*.amazonaws.com", "ghcr.*:", "*.docker.io", "index.docker.*", "doc*er.io", "[::*]:5000", "ghcr.i\\o", "[A::]",
    "[a::F]", "[::1%2525A-Z]", "[::1%2525*]", "[::%25252A]", "[::1%25en0]", "[fe80::1%25en0]:80",
    "[fe80::1%2525a]:80", "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:5000", "[::1.2.3.04]", "[::1%25]", "[::1%]", "[::g]",
    "[:::]", "[::1", "::1", "[::1]]", "[[::1]]", "x[::1]", "[::1]x", "[::1]:x", "[::1%25%20x]", "[1::2::3]",
    "[::%31]", "[fe80::1%25%41]:80", "[12345::]", "[1:2:3:4:5:6:7::]", "[::1%25%5B]:5000", "[::1%2525%255B]:5000",
    "[]", "a]b", "[a.b]", "[A::%2525]", "[A::%2525%250A]", "[A::%2525%2520]", "[A::%2525]]", "[A::%25%25]", "[A::]:",
    "[::a%2525B-]", "[::a%2525-A]", "[A::%2525%255B]",
)
# Paths of keys, which images may have too.
PATHS = (
    "/", "//", "/v1/", "/v2/", "/v1", "/v2", "/v1/v2/", "/v3/", "/V2/", "/org", "/org/", "/org/app", "/org/app/",
    "/o", "/library", "/library/", "/library/nginx", "/foo/bar", "/foo/bar/", "/v1/org", "/v2/org/", "/org//app",
    "/org/app:1", "/org/*", "/*", "/ORG", "/%6Frg", "/%2561pp", "/org%2Fapp", "/org%3F", "/org%23x", "/%zz", "/%",
    "/%2", "/org%00", "/org%0A", "/org%25", "/org/%C3%A9", "/org/%FF", "/./org", "/../org", "/org.git", "/v2%2Forg",
    "/%762/org", "/org/a__b", "/bar/pong", "/ping",
)
# Before a host.
SCHEMES = (
    "https://", "http://", "HTTPS://", "Http://", "oci://", "docker://", "//", "https:", "https://https://", "ftp://",
)
USERS = (
    "user@", "u:p@", "a@b@", "@", "%41@", "%zz@", "u s@", "é@", "u/p@", "u?p@", "u#p@", ":@", "u%2@", "[@",
)
# Behind a path.
TAILS = (
    "?x=1", "#y", "?", "#", "#%zz", "#%41", "?%zz", "#\n", "?\n", "?\x7f", ":443", ":", ":5000", ":0", "\n", " ",
    "\t", "\x7f",
)
# Put anywhere.
ODD = (
    *"%[]:/?#@*\\{}<>\"'^`|~!$&()+,;=._- \t\n\r\x00\x7f0aAzZ", "%25", "%2F", "%61", "%2561", "%c3%a9", "%ff", "é",
    '\u2028', "�", "🔑", '\u017f', '\u212a', "//", "..", "::", "[::1]", "/v1/", "/v2/", "https://", "%5B", "%5D",
    "%3a",
)
# Images, many of which are none.
IMAGES = (
    "nginx", "nginx:1.2", "library/nginx", "org/app", "docker.io/nginx", "docker.io/library/nginx",
    "index.docker.io/nginx", "index.docker.io/org/app", "Docker.io/nginx", "nginx:5000/app", "Nginx", "Org/app",
    "org/App", "localhost/app", "localhost:5000/app", "A/app", "F/app", "Team/app", "[::1]/app", "[::1]:5000/app",
    "[:::]:1/app", "[fe80::1]:80/x", "a/b/c/d", "ghcr.io/org/app", "ghcr.io/Org/app", "ghcr.io/org/app/deep",
    "ghcr.io/v1/org", "ghcr.io/v2/org/app", "ghcr.io", "ghcr.io:443/org/app", "a__b.io/foo", "a_b.io/x",
    "x--y.io/foo", "-a.io/foo", "a-.io/foo", "a..b/foo", "ghcr.io/a..b", "ghcr.io/a___b", "ghcr.io/a--b",
    "ghcr.io/a/", "/ghcr.io/a", "ghcr.io//a", "https://ghcr.io/a", "docker.io", "docker.io/", "ubuntu:", ":tag",
    "a@b", "prefix.kubernetes.io/blah", "prefix.kubernetes.io/foo/bar", "kubernetes.com:1111/foo",
    "bar.example.com/pong", "bar.example.com/pongz", "bar.example.com/pong/pang", "bar.example.com/ping", "localhost",
    "sha256", "registry/app", "registry:5000/team-a/app", "ghcr.io./a", ":5000/a", "", " nginx", "nginx ", "nginx\n",
    "é/app", "ghcr.io/é", "É.io/app", "ß/app", '\u212a/app', "a" * 64, "0" * 64, "ghcr.io/" + "a" * 255,
    "ghcr.io/" + "a" * 256, "a" * 247, "a" * 248, "a_b.io/" + "a" * 250, "nginx:" + "t" * 129,
)
# Images that find their entry more often.
USUAL_IMAGES = (
    "nginx", "org/app", "docker.io/library/nginx", "localhost/app", "A/app", "registry:5000/team-a/app",
    "ghcr.io/org/app", "ghcr.io/v2/org/app", "a.b.c/org/app", "prefix.kubernetes.io/foo/bar", "[::1]:5000/app",
    "10.0.0.1:5000/org", "bar.example.com/pong", "quay.io/foo/bar",
    "012345678901.dkr.ecr.eu-west-1.amazonaws.com/org/app",
)
# Tags and digests.
SUFFIXES = (
    "", "", "", ":1.2", ":latest", ":", ":-x", ":a/b", "@sha256:" + "0a" * 32, ":1@sha256:" + "0a" * 32, "@sha256:0a",
    "@sha384:" + "a" * 96, "@sha512:" + "0" * 128, "@sha256:" + "0A" * 32, "@SHA256:" + "0a" * 32, "@md5:" + "0" * 32,
)
# JSON values where others are expected.
JUNK = (
    "1", "-0", "1e400", "9" * 5000, "true", "false", "[]", "{}", '"x"', "[1,{}]", '{"a":"b"}', '{"a":1}', '"\\ud800"',
    "null",
)
# What looks like JSON to somebody.
NOT_JSON = (
    "01", "-", "+1", ".5", "1.", "NaN", "Infinity", "'x'", "nul", "tru", '"\\x"', '"\n"', '"', "{", "[1,]",
    '{"a":1,}', "{,}", "[,]", '{"a"}', "{1:2}", "", '\ufeff1', "1 2", "\x0b1", '\xa01', '"\\u12g4"', "//x", "1e",
    "1e+",
)
# The fields of an entry that the kubelet uses.
USED = (
    "username", "password", "email", "auth",
)
# Other fields, or another spelling.
UNUSED = (
    "identitytoken", "registrytoken", "Auth2", "x", "", "auths",
)
# Members of a docker config beside its entries.
TOP = (
    "HttpHeaders", "httpheaders", "credsStore", "credHelpers", "proxies", "auth", "x",
)
# fmt: on
