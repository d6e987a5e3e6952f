# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of Git repositories: their parts, and which are refused with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import (
    GitUrl,
    compared_url,
    parse_git_url,
    public_url,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.secrets import refusal

OPTION = "repository"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://github.com", GitUrl("https", None, "github.com", None, "")),
        ("https://github.com/", GitUrl("https", None, "github.com", None, "/")),
        ("https://GitHub.com/Org/App.git", GitUrl("https", None, "github.com", None, "/Org/App.git")),
        ("https://git.example.com:8443/a/b", GitUrl("https", None, "git.example.com", 8443, "/a/b")),
        ("https://git.example.com:443", GitUrl("https", None, "git.example.com", 443, "")),
        ("https://dev.azure.com/o/p/_git/r%20s", GitUrl("https", None, "dev.azure.com", None, "/o/p/_git/r%20s")),
        ("http://gitea:3000/a/b", GitUrl("http", None, "gitea", 3000, "/a/b")),
        ("https://[2001:DB8::1]:8443/a", GitUrl("https", None, "2001:db8::1", 8443, "/a")),
        ("https://192.0.2.1/a", GitUrl("https", None, "192.0.2.1", None, "/a")),
        ("ssh://git@github.com/org/app.git", GitUrl("ssh", "git", "github.com", None, "/org/app.git")),
        ("ssh://github.com/org/app", GitUrl("ssh", None, "github.com", None, "/org/app")),
        ("ssh://git@git.example.com:2222/~ada/app", GitUrl("ssh", "git", "git.example.com", 2222, "/~ada/app")),
        ("ssh://git@[::1]:2222/a", GitUrl("ssh", "git", "::1", 2222, "/a")),
        ("ssh://git@[::1]/a:b", GitUrl("ssh", "git", "::1", None, "/a:b")),
        ("ssh://git@github.com", GitUrl("ssh", "git", "github.com", None, "")),
        ("git@github.com:org/app.git", GitUrl("ssh", "git", "github.com", None, "org/app.git", scp=True)),
        ("git@GitHub.com:/srv/app", GitUrl("ssh", "git", "github.com", None, "/srv/app", scp=True)),
        ("org-1234@github.com:org/app", GitUrl("ssh", "org-1234", "github.com", None, "org/app", scp=True)),
        ("git@[::1]:org/app", GitUrl("ssh", "git", "::1", None, "org/app", scp=True)),
        ("git@git.example.com:2222/app", GitUrl("ssh", "git", "git.example.com", None, "2222/app", scp=True)),
        ("git@github.com:", GitUrl("ssh", "git", "github.com", None, "", scp=True)),
        ("git@github.com", GitUrl("ssh", "git", "github.com", None, "", scp=True)),
        *(
            (f"https://{user}@h/a", GitUrl("https", user, "h", None, "/a"))
            for user in (
                "acme",
                "git",
                "oauth2",
                "x-token-auth",
                "x-access-token",
                "gitlab-ci-token",
                "gitlab+deploy-token-1234567",
                "ada%40example.com",
                "ada.lovelace-1815",
                "Contoso",
                "a-very-long-organization-name-2026",
                "Ada-at-123456789012",
                "DeveloperOfTheApp-at-123456789012",
            )
        ),
    ],
)
def test_parse(text: str, url: GitUrl) -> None:
    assert parse_git_url(text, OPTION) == url


@pytest.mark.parametrize(
    ("text", "port", "location"),
    [
        ("https://github.com/a", 443, "github.com"),
        ("http://github.com", 80, "github.com"),
        ("git@github.com:a", 22, "github.com"),
        ("ssh://git@github.com:2222/a", 2222, "github.com:2222"),
        ("https://github.com:443/a", 443, "github.com:443"),
        ("https://[::1]/a", 443, "[::1]"),
        ("https://[::1]:8443/a", 8443, "[::1]:8443"),
    ],
)
def test_port_and_location(text: str, port: int, location: str) -> None:
    url = parse_git_url(text, OPTION)
    assert (url.effective_port, url.location) == (port, location)


@pytest.mark.parametrize(
    ("text", "port", "url"),
    [
        ("git@h:2222/team/app", 2222, "ssh://git@h:2222/team/app"),
        ("git@h:2222:team/app", 2222, "ssh://git@h:2222/team/app"),
        ("git@h:22", 22, "ssh://git@h:22/"),
        ("ada@[::1]:65535/app", 65535, "ssh://ada@[::1]:65535/app"),
        ("ghp_s3cret@h:22/app", 22, "ssh://git@h:22/app"),
        ("git@h:65536/app", None, "ssh://git@h/65536/app"),
        ("git@h:0/app", None, "ssh://git@h/0/app"),
        ("git@h:2222app", None, "ssh://git@h/2222app"),
        ("git@h:team/2222", None, "ssh://git@h/team/2222"),
        ("git@h:/2222/app", None, "ssh://git@h/2222/app"),
        ("ssh://git@h/2222/app", None, "ssh://git@h/2222/app"),
        ("ssh://h:2222/app", None, "ssh://git@h:2222/app"),
    ],
)
def test_a_port_in_the_path(text: str, port: int | None, url: str) -> None:
    parsed = parse_git_url(text, OPTION)
    assert (parsed.port_in_path, parsed.ssh_url) == (port, url)


BLANK = "It has whitespace or a newline. Remove it."
ENCODE = "It has a space. Write %20 in its place."
SCP_BLANK = (
    "It has a space, and programs disagree on how to write one in the form git@host:path. "
    "Begin it with ssh://, and write %20 in place of the space."
)
SCHEME = (
    "Its scheme must be ssh, https or http. "
    'Write it like "https://git.example.com/team/app" or "ssh://git@git.example.com/team/app".'
)
OLD = "{}:// is an old spelling that many programs refuse. Write ssh:// in its place."
CAPITALS = "Git knows schemes in lower case only. Write it in lower case."
NO_CREDENTIAL = (
    "No credential is used over {}://. Write the ssh:// or https:// URL of the repository, or leave out the Secret."
)
IN_URL = (
    "A password or token in the URL is visible wherever the URL is shown. "
    "Remove everything before the @, and give it as username and password; write an @ in a path as %40."
)
PASSWORD = (
    "There is more than a user name before the @, perhaps a password, and ssh takes no password from a URL. "
    "Write only the user there, as in git@github.com."
)
NO_SCHEME = (
    "It has no scheme, and no user as in git@github.com. "
    'Write it like "https://git.example.com/team/app" or "git@git.example.com:team/app".'
)
NO_USER = "There is nothing before the @. Write the user, which is git at most servers."
QUERY = "It has a query or a fragment. Remove what begins with ? or #."
NO_HOST = "It has no host. Write the name of the Git server."
SLASH = 'Without ssh:// at the beginning, a colon separates host and path. Write "git@{}".'
COLON = (
    "After ssh:// and the host, a colon is followed by a port, not by a path. "
    'Write it like "ssh://git@git.example.com/team/app" or "git@git.example.com:team/app".'
)
PORT = "Its port is not a number from 1 to 65535. Correct it, or leave it out together with the colon."
HOST = "Its host is neither a name nor an address. An IPv6 address must be in brackets. Correct it."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://git hub.com/a", BLANK),
        ("https://github.com/a\tb", BLANK),
        ("https://github.com/a\u00a0b", BLANK),
        ("https://github.com/a ", BLANK),
        ("https://github.com/a b", ENCODE),
        ("https://dev.azure.com/acme/my project/_git/app", ENCODE),
        ("ssh://git@git.example.com/my project/app", ENCODE),
        ("git@ssh.dev.azure.com:v3/acme/my project/app", ENCODE),
        ("git@git.example.com:my project/app", SCP_BLANK),
        (" https://github.com/a", BLANK),
        ("https://github.com/a\n", BLANK),
        ("https://github.com/a\0", BLANK),
        ("git://github.com/a", NO_CREDENTIAL.format("git")),
        ("file:///srv/a", NO_CREDENTIAL.format("file")),
        ("git+ssh://git@github.com/a", OLD.format("git+ssh")),
        ("ssh+git://git@github.com/a", OLD.format("ssh+git")),
        ("HTTPS://github.com/a", CAPITALS),
        ("Ssh://git@github.com/a", CAPITALS),
        ("ftp://github.com/a", SCHEME),
        ("oci://ghcr.io/a", SCHEME),
        ("https://ada:s3cret@github.com/a", IN_URL),
        ("https://:s3cret@github.com/a", IN_URL),
        ("http://ada:@github.com/a", IN_URL),
        ("https://ada%3As3cret@github.com/a", IN_URL),
        ("https://ghp_s3cret@github.com/a", IN_URL),
        ("https://glpat-s3cret@gitlab.com/a", IN_URL),
        ("https://github%5Fpat_s3cret@github.com/a", IN_URL),
        ("https://s3cretabcdefghij0123456789@dev.azure.com/acme/p/_git/r", IN_URL),
        ("https://ATBBs3cret-Abcdefghij_9=@bitbucket.org/a/b", IN_URL),
        ("https://s30123456789abcdef0123456789abcdef0123456@gitea.example.com/a", IN_URL),
        ("https://ada:s3/cret@github.com/a", IN_URL),
        ("https://@github.com/a", IN_URL),
        ("https://github.com/@a/b", IN_URL),
        ("ssh://git:s3cret@github.com/a", PASSWORD),
        ("ssh://git:s3/cret@github.com/a", PASSWORD),
        ("ssh://git:s3@cret@github.com/a", PASSWORD),
        ("git:s3cret@github.com:a", PASSWORD),
        ("ada@example.com:s3cret@github.com:a", PASSWORD),
        ("github.com", NO_SCHEME),
        ("github.com/org/app", NO_SCHEME),
        ("github.com:org/app", NO_SCHEME),
        ("/srv/git/app", NO_SCHEME),
        ("org/app", NO_SCHEME),
        ("ada:s3cret", NO_SCHEME),
        ("@github.com:a", NO_USER),
        ("ssh://@github.com/a", NO_USER),
        ("https://github.com/a?token=s3cret", QUERY),
        ("ssh://git@github.com/a#main", QUERY),
        ("https://", NO_HOST),
        ("https:///a", NO_HOST),
        ("https://:8443/a", NO_HOST),
        ("ssh://git@/a", NO_HOST),
        ("git@:a", NO_HOST),
        ("git@", NO_HOST),
        ("https://[::1/a", NO_HOST),
        ("git@github.com/org/app", SLASH.format("github.com:org/app")),
        ("s3cret@GitHub.com/org", SLASH.format("GitHub.com:org")),
        ("ssh://git@github.com:org/app", COLON),
        ("ssh://ada:s3cret", COLON),
        ("https://github.com:org/app", PORT),
        ("https://ada:s3cret", PORT),
        ("https://github.com:/a", PORT),
        ("https://github.com:0/a", PORT),
        ("https://github.com:65536/a", PORT),
        ("ssh://git@github.com:655360/a", PORT),
        ("https://github.com:٣/a", PORT),
        ("https://::1/a", NO_HOST),
        ("https://2001:db8::1/a", PORT),
        ("https://[::g]/a", HOST),
        ("https://[]/a", HOST),
        ("https://[::1]a/b", HOST),
        ("https://-github.com/a", HOST),
        ("https://github..com/a", HOST),
        ("https://github.com./a", HOST),
        ("https://grüße.de/a", HOST),
        ("https://*.example.com/a", HOST),
        ("git@[::1]x:a", HOST),
        ("git@git\\hub.com:a", HOST),
    ],
)
def test_other_texts_are_refused(text: str, why: str) -> None:
    message = refusal(parse_git_url, text, OPTION)
    assert message == f"repository must be the URL of a Git repository over ssh or https. {why}"
    assert "s3" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "repository is empty. An empty value would replace a working credential. "
            "Check the variable behind it, or leave the option out together with update_credentials=when_given.",
        ),
        (
            "********",
            "repository holds a mask instead of a value. "
            "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
            "Give the real value, or leave the option out together with update_credentials=when_given.",
        ),
    ],
)
def test_empty_texts_and_masks_are_refused(text: str, message: str) -> None:
    assert refusal(parse_git_url, text, OPTION) == message


@given(text=st.text(st.sampled_from("aZ0.:/@[]-?#% ") | st.characters(), max_size=30).map("ssh://".__add__) | st.text())
def test_no_text_is_an_accident(text: str) -> None:
    try:
        url = parse_git_url(text, OPTION)
    except KeyringError:
        return
    assert url.host == url.host.lower()
    assert url.location in text.lower()


# There is no clock in this test: a pattern that backtracks would never come to an end on one of these.
@pytest.mark.parametrize("piece", ["a", "-", ".", "a.", "a-", ":", "/", "@", "[", "]", "a+", "1"])
def test_long_hostile_texts_end(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + "!"
    refusal(parse_git_url, text, OPTION)
    refusal(parse_git_url, f"ssh://git@{text}", OPTION)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("https://git.example.com/team/app.git", "https://git.example.com/team/app.git", id="https"),
        pytest.param("http://git.example.com:8080/", "http://git.example.com:8080/", id="port"),
        pytest.param("ssh://git@git.example.com:22/a", "ssh://git@git.example.com:22/a", id="user of ssh"),
        pytest.param("git@git.example.com:team/app", "git@git.example.com:team/app", id="scp form"),
        pytest.param("git@git.example.com", "git@git.example.com", id="host alone"),
        pytest.param("https://s3cret@git.example.com/a", "https://git.example.com/a", id="user of https"),
        pytest.param("https://ada:s3cret@git.example.com/a", "https://git.example.com/a", id="password"),
        pytest.param("https://ada:s3c@ret@git.example.com/a", "https://git.example.com/a", id="password with @"),
        pytest.param("https://ada:s3c/ret@git.example.com/a", "https://git.example.com/a", id="password with a slash"),
        pytest.param("ssh://git:s3cret@git.example.com/a", "ssh://git.example.com/a", id="password of ssh"),
        pytest.param("ssh://ghp_s3cret@git.example.com/a", "ssh://git.example.com/a", id="token of ssh"),
        pytest.param("glpat-s3cret@git.example.com:a", "git.example.com:a", id="token in scp form"),
        pytest.param("ftp://ada@git.example.com/a", "ftp://git.example.com/a", id="another scheme"),
        pytest.param("https://git.example.com/a?token=s3cret", "https://git.example.com/a", id="query"),
        pytest.param("https://git.example.com/a#s3cret", "https://git.example.com/a", id="fragment"),
        pytest.param("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a", id="IPv6"),
        pytest.param("", "", id="empty"),
    ],
)
def test_public_url(text: str, shown: str) -> None:
    assert public_url(text) == shown


@given(
    secret=st.text(min_size=1).filter(lambda text: not {*text} & set("?#")),
    scheme=st.sampled_from(["https://", "http://", "ssh://", "ftp://", ""]),
)
def test_no_password_is_shown(secret: str, scheme: str) -> None:
    assert public_url(f"{scheme}ada:{secret}@h/a") == f"{scheme}h/a"


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("https://GIT.example.com/Team/app.git", "https://git.example.com/team/app"),
        (" https://git.example.com/app ", "https://git.example.com/app"),
        ("https://acme@dev.azure.com/a", "https://acme@dev.azure.com/a"),
        ("https://git.example.com/app/", "https://git.example.com/app/"),
        ("git@git.example.com:team/app.git", "git@git.example.com/team/app"),
        ("ssh://git@git.example.com/team/app", "git@git.example.com/team/app"),
        ("ssh://git@git.example.com:2222/app", "git@git.example.com:2222/app"),
        ("registry.example.com:5000/charts", "registry.example.com:5000/charts"),
    ],
)
def test_a_url_as_argo_cd_compares_it(text: str, compared: str) -> None:
    assert compared_url(text) == compared
