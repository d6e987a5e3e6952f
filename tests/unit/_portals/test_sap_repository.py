# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git repositories of SAP AI Core: which names, URLs and logins are accepted, and what is the same and settled."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_repository import (
    SETTLING,
    RepositoryStatus,
    SapRepository,
    WantedRepository,
    advise_repository,
    check_repository_login,
    check_repository_name,
    has_status_moved,
    is_same_repository,
    is_settled_status,
    parse_repository,
    parse_repository_url,
    plan_repository,
    view_repository_diff,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.strange_document import StrangeDocument

URL = "https://github.com/team/app"
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ456789"
WANTED = WantedRepository("app", URL, "robot", TOKEN)


@pytest.mark.parametrize("name", ["a", "app", "0", "a-b", "-", "-a-", "a" * 51])
def test_names_that_are_accepted(name: str) -> None:
    """Those of the pattern in the API's document."""
    assert check_repository_name(name) == name


@pytest.mark.parametrize("name", ["", "a" * 52, "A", "a.b", "a_b", "a b", "a\n", "ä", "a/b", "a?b", "..", "a" * 10**6])
def test_names_that_are_refused(name: str) -> None:
    start = time.process_time()
    with pytest.raises(KeyringError) as caught:
        check_repository_name(name)

    assert time.process_time() - start < 1
    assert caught.value.option == "name"
    assert str(caught.value).startswith("name is not a name that a Git repository of SAP AI Core can have.")


REFUSED_URLS = {
    "ssh://git@github.com/team/app": "over SSH",
    "git@github.com:team/app": "over SSH",
    "http://github.com/team/app": "begins with http://",
    "https://octo@github.com/team/app": "has a user before the @",
    f"https://octo:{TOKEN}@github.com/team/app": "must be the URL of a Git repository",
    f"https://{TOKEN}@github.com/team/app": "must be the URL of a Git repository",
    "https://192.0.2.7/team/app": "has an IP address",
    "https://[2001:db8::1]/team/app": "has an IP address",
    "https://github.com": "has no path",
    "https://github.com/": "has no path",
    "https://github.com/team/~app": "has characters in its path",
    "https://github.com/team//app": "has characters in its path",
    "https://github.com/team/äpp": "has characters in its path",
    "https://gitlab.com/team/app": "does not end with .git",
    "https://gitlab.com/team/app/": "does not end with .git",
    "https://github.com/team/app?x": "must be the URL of a Git repository",
    "github.com/team/app": "must be the URL of a Git repository",
    "": "is empty",
}


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse_repository_url(url)

    assert REFUSED_URLS[url] in str(caught.value)
    assert caught.value.option == "url"
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"{URL}/",
        f"{URL}.git",
        "https://gitlab.com/team/app.git",
        "https://gitlab.com/group/sub/app.git/",
        "https://dev.azure.com/org/project/_git/app",
        "https://git.example.com:8443/a%20b/app",
    ],
)
def test_urls_that_are_accepted(url: str) -> None:
    assert parse_repository_url(url).scheme == "https"
    assert advise_repository(parse_repository_url(url), "x-token-1") == []


REFUSED_LOGINS = {
    "an empty user": ("", "x", "username", "is empty"),
    "a mask": ("octo", "******", "password", "holds a mask"),
    "an empty password": ("octo", " ", "password", "is empty"),
    "a colon": ("octo:cat", "x", "username", 'must not contain ":"'),
    "a newline": ("octo", f"{TOKEN}\n", "password", "newline"),
    "a control character": ("octo\x00", "x", "username", "control character"),
    "half a pair": ("octo", "x\ud800", "password", "UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED_LOGINS)
def test_logins_that_are_refused(case: str) -> None:
    username, password, option, why = REFUSED_LOGINS[case]
    with pytest.raises(KeyringError) as caught:
        check_repository_login(username, password)

    assert caught.value.option == option
    assert why in str(caught.value)
    assert "when_given" not in str(caught.value), "it is refused here"
    assert TOKEN not in str(caught.value)


def test_a_long_password_is_accepted() -> None:
    check_repository_login("octo", "x" * 10_240)


ADVISED: dict[str, tuple[str, str, str | None]] = {
    "a token of GitHub at GitHub": (URL, TOKEN, None),
    "a token of GitLab at GitHub": (URL, "glpat-0123456789abcdefghij", "token of GitLab"),
    "a token of GitHub at GitLab": ("https://gitlab.com/team/app.git", TOKEN, "token of GitHub"),
    "a token of GitHub at Azure": ("https://dev.azure.com/o/p/_git/a", TOKEN, "token of GitHub"),
    "a token of GitHub at a server of one's own": ("https://git.example.com/team/app", TOKEN, None),
    "a token of Docker Hub anywhere": (
        "https://git.example.com/team/app",
        "dckr_pat_0123456789abcdefghij",
        "token of Docker Hub",
    ),
    "perhaps GitLab": ("https://gitlab.example.com/team/app", "x-token-1", "does not end with .git"),
    "no domain": ("https://git/team/app", "x-token-1", "host without a domain"),
    "a space": (URL, f"{TOKEN} ", "begins or ends with whitespace"),
}


@pytest.mark.parametrize("case", ADVISED)
def test_what_is_rarely_intended_is_a_warning(case: str) -> None:
    url, password, expected = ADVISED[case]
    warnings = advise_repository(parse_repository_url(url), password)

    assert bool(warnings) == (expected is not None)
    assert all(expected in warning for warning in warnings if expected)
    assert password not in "".join(warnings)


SAME = [URL, f"{URL}/", "https://GITHUB.com/team/app", "HTTPS://github.com/team/app", "https://github.com:443/team/app"]
OTHER = [
    f"{URL}.git",
    "https://github.com/Team/app",
    "https://github.com:8443/team/app",
    "https://octo@github.com/team/app",
    "http://github.com/team/app",
    f"{URL}?x",
    f"{URL}#x",
    "https://github.com/team",
    "https://github.com:x/team/app",
    "https://[::1/team/app",
    "",
]


@pytest.mark.parametrize("other", SAME)
def test_the_same_repository(other: str) -> None:
    assert is_same_repository(URL, other)
    assert is_same_repository(other, URL)


@pytest.mark.parametrize("other", OTHER)
def test_another_repository(other: str) -> None:
    assert not is_same_repository(URL, other)
    assert is_same_repository(other, other)


PLANS = [
    (None, "always", False, False, "created"),
    (None, "on_create", True, False, "created"),
    (URL, "always", False, False, "updated"),
    (URL, "on_create", False, False, "kept"),
    (URL, "on_create", True, False, "kept"),
    (URL, "on_create", False, True, "updated"),
    (f"{URL}.git", "on_create", True, False, "recreated"),
    (f"{URL}.git", "always", True, True, "recreated"),
]


@pytest.mark.parametrize(("stored", "update", "recreate", "is_unsure", "operation"), PLANS)
def test_plans(stored: str | None, update: Any, recreate: bool, is_unsure: bool, operation: str) -> None:
    found = SapRepository("app", stored, "COMPLETED") if stored else None
    assert plan_repository(WANTED, found, update, recreate=recreate, is_unsure=is_unsure) == operation


@pytest.mark.parametrize("stored", [f"{URL}.git", f"https://octo:{TOKEN}@github.com/team/app"])
def test_another_url_is_refused(stored: str) -> None:
    with pytest.raises(KeyringError) as caught:
        plan_repository(WANTED, SapRepository("app", stored, "COMPLETED"), "always", recreate=False)

    assert caught.value.failure == "immutable"
    assert TOKEN not in str(caught.value)
    assert ("not shown" in str(caught.value)) == ("@" in stored)


# The statuses before the write and since, and whether the last is surely of what was written.
MOVED: dict[tuple[RepositoryStatus | None, ...], bool] = {
    ("COMPLETED",): False,
    ("COMPLETED", "COMPLETED"): False,
    ("COMPLETED", "ERROR"): True,
    ("ERROR", "COMPLETED"): True,
    ("COMPLETED", "IN-PROGRESS", "COMPLETED"): True,
    ("IN-PROGRESS", "COMPLETED"): False,
    ("IN-PROGRESS", "IN-PROGRESS", "ERROR"): False,
    ("IN-PROGRESS", "COMPLETED", "ERROR"): True,
    ("IN-PROGRESS", "COMPLETED", "IN-PROGRESS", "COMPLETED"): True,
    (None, "COMPLETED"): False,
    ("COMPLETED", None, "COMPLETED"): False,
    (None, "IN-PROGRESS", "COMPLETED"): True,
}


@pytest.mark.parametrize("seen", MOVED)
def test_a_status_moves(seen: tuple[RepositoryStatus | None, ...]) -> None:
    assert has_status_moved(seen) is MOVED[seen]


# Status, whether it was seen to move, whether it was waited long, whether it counts.
SETTLED: list[tuple[RepositoryStatus | None, bool, bool, bool]] = [
    ("IN-PROGRESS", True, True, False),
    (None, True, True, False),
    ("COMPLETED", False, False, False),
    ("COMPLETED", False, True, True),
    ("COMPLETED", True, False, True),
    ("ERROR", False, True, False),
    ("ERROR", True, False, True),
]


@pytest.mark.parametrize(("status", "has_moved", "is_late", "counts"), SETTLED)
def test_a_status_counts(status: RepositoryStatus | None, has_moved: bool, is_late: bool, counts: bool) -> None:
    waited = SETTLING if is_late else SETTLING - 1
    assert is_settled_status(status, has_moved=has_moved, waited=waited) is counts


@pytest.mark.parametrize("document", [None, 5, [], {}, {"name": "a"}, {"name": 5, "url": "x"}])
def test_what_is_no_repository(document: Any) -> None:
    with pytest.raises(StrangeDocument):
        parse_repository(document)


@pytest.mark.parametrize("status", ["DONE", "completed", 5, None, ["ERROR"], {}])
def test_an_unknown_status(status: Any) -> None:
    found = parse_repository({"name": "app", "url": URL, "status": status, "more": 1})
    assert found == SapRepository("app", URL, None)


def test_a_repository_is_shown_without_user_information() -> None:
    found = parse_repository({"name": "app", "url": f"https://u:{TOKEN}@github.com/team/app", "status": "ERROR"})
    assert found.describe() == {"name": "app", "url": URL, "status": "ERROR"}
    assert TOKEN not in repr(found)
    assert TOKEN not in repr(WANTED)


def test_diffs_hold_no_secret() -> None:
    stored = SapRepository("app", f"https://u:{TOKEN}@github.com/team/old", "COMPLETED")
    created = view_repository_diff("app", WANTED, None, "created")
    recreated = view_repository_diff("app", WANTED, stored, "recreated")
    deleted = view_repository_diff("app", None, stored, "deleted")
    kept = view_repository_diff("app", WANTED, stored, "kept")
    odd = view_repository_diff("app", WantedRepository("app", URL, TOKEN, TOKEN), None, "created")

    assert created["after"] == {"url": URL, "username": "robot", "password": "<hidden>"}
    assert recreated["before"] == {
        "url": "https://github.com/team/old",
        "username": "<not returned>",
        "password": "<not returned>",
    }
    assert recreated["after"] == {"url": URL, "username": "robot", "password": "<hidden>"}
    assert (deleted["before"], deleted["after"]) == (recreated["before"], {})
    assert (kept["before"], kept["after"]) == ({}, {})
    assert odd["after"]["username"] == "<hidden>"
    assert TOKEN not in json.dumps([created, recreated, deleted, kept, odd])
