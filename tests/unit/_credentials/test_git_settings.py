# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""format_options: which a format has, of which type, and where they are written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_settings import (
    check_settings,
    place_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import CredentialKind
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_url import parse_git_url
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import not_a_string
from support.samples.secrets import refusal


@pytest.mark.parametrize(
    ("row", "given", "checked"),
    [
        pytest.param("git_sync", {}, {}, id="nothing"),
        pytest.param("argocd_repository", {"argocd_insecure": True}, {"argocd_insecure": "true"}, id="boolean"),
        pytest.param("argocd_repository", {"argocd_insecure": "False"}, {"argocd_insecure": "false"}, id="its text"),
        pytest.param("argocd_repository", {"argocd_depth": 0}, {"argocd_depth": "0"}, id="number"),
        pytest.param("tekton", {"tekton_index": "007"}, {"tekton_index": "7"}, id="number as text"),
        pytest.param("tekton", {"tekton_index": None}, {"tekton_index": None}, id="null"),
        pytest.param("jenkins", {"jenkins_scope": "system"}, {"jenkins_scope": "system"}, id="choice"),
        pytest.param("primehub", {"primehub_display_name": "Ä b"}, {"primehub_display_name": "Ä b"}, id="text"),
        pytest.param(
            "openshift_build",
            {"openshift_match_uris": ["*://*/*", "https://*.example.com:8443/a/*", "git://a/"]},
            {"openshift_match_uris": ["*://*/*", "https://*.example.com:8443/a/*", "git://a/"]},
            id="patterns",
        ),
    ],
)
def test_check_settings(row: str, given: dict[str, Any], checked: dict[str, Any]) -> None:
    assert check_settings(FORMATS[row], "https", given, None) == checked


@pytest.mark.parametrize(
    ("kind", "url", "given", "checked"),
    [
        pytest.param("ssh", None, {}, {"jenkins_username": "git"}, id="no URL"),
        pytest.param("ssh", "ssh://git.example.com/a", {}, {"jenkins_username": "git"}, id="no user"),
        pytest.param("ssh", "ada@git.example.com:a", {}, {"jenkins_username": "ada"}, id="its user"),
        pytest.param(
            "ssh", "ada@git.example.com:a", {"jenkins_username": "eve"}, {"jenkins_username": "eve"}, id="given"
        ),
        pytest.param("ssh", None, {"jenkins_username": None}, {"jenkins_username": "git"}, id="null"),
        pytest.param("https", None, {}, {}, id="another kind"),
    ],
)
def test_what_is_written_without_it(
    kind: CredentialKind, url: str | None, given: dict[str, Any], checked: dict[str, Any]
) -> None:
    parsed = parse_git_url(url, "url") if url else None
    assert check_settings(FORMATS["jenkins"], kind, given, parsed) == checked


LINE = "a string of one line that is not empty"
WHOLE = "a whole number from 0 to 999999999"


@pytest.mark.parametrize(
    ("row", "given", "message"),
    [
        pytest.param(
            "argocd_repository",
            {"project": "web"},
            "format_options.project is not known to format argocd_repository. Did you mean argocd_project?",
            id="without its beginning",
        ),
        pytest.param(
            "argocd_repository",
            {"argocd_enable_lsf": True},
            "format_options.argocd_enable_lsf is not known to format argocd_repository. "
            "Did you mean argocd_enable_lfs?",
            id="a slip",
        ),
        pytest.param(
            "argocd_repo_creds",
            {"argocd_depth": 1},
            "format_options.argocd_depth is not known to format argocd_repo_creds. "
            "Did you mean argocd_type or argocd_proxy?",
            id="of another format",
        ),
        pytest.param(
            "git_sync",
            {"tekton_index": 1},
            "format_options.tekton_index is not known to format git_sync. It has none. Leave it out.",
            id="a format without any",
        ),
        pytest.param(
            "jenkins",
            {3: "x"},
            "format_options.3 is not known to format jenkins. "
            "Choose from: jenkins_description, jenkins_keys, jenkins_scope, jenkins_type, "
            "jenkins_username.",
            id="a number",
        ),
        pytest.param(
            "jenkins",
            {"jenkins_username": "ada"},
            "format_options.jenkins_username belongs to ssh, and the credential is https. Leave it out.",
            id="of another kind",
        ),
        pytest.param(
            "jenkins",
            {"jenkins_username": None},
            "format_options.jenkins_username belongs to ssh, and the credential is https. Leave it out.",
            id="of another kind, null",
        ),
        pytest.param(
            "jenkins",
            {"jenkins_scope": "user"},
            "format_options.jenkins_scope must be one of global, system.",
            id="no choice",
        ),
        *(
            pytest.param(
                "jenkins",
                {"jenkins_description": value},
                f"format_options.jenkins_description must be {LINE}.",
                id=f"text: {value!r}",
            )
            for value in ("", " ", "a\nb")
        ),
        *(
            pytest.param(
                "jenkins",
                {"jenkins_description": value},
                str(not_a_string(value, "format_options.jenkins_description")),
                id=f"no string: {value!r}",
            )
            for value in (7, True, ["a"])
        ),
        *(
            pytest.param(
                "argocd_repository",
                {"argocd_insecure": value},
                "format_options.argocd_insecure must be true or false.",
                id=f"flag: {value!r}",
            )
            for value in ("yes", "on", 1, "", ["true"])
        ),
        *(
            pytest.param(
                "tekton", {"tekton_index": value}, f"format_options.tekton_index must be {WHOLE}.", id=f"number: {name}"
            )
            for value, name in (
                (-1, "negative"),
                (1.5, "fraction"),
                (True, "boolean"),
                ("", "empty"),
                ("1 ", "blank"),
                ("1\n", "line end"),
                ("\u0667", "another script"),
                ("9" * 5000, "thousands of digits"),
            )
        ),
        *(
            pytest.param(
                "openshift_build",
                {"openshift_match_uris": value},
                "format_options.openshift_match_uris must be a list of strings that is not empty.",
                id=f"list: {value!r}",
            )
            for value in (list[str](), "ssh://a/*", {"a": "b"})
        ),
        *(
            pytest.param(
                "openshift_build",
                {"openshift_match_uris": ["ssh://a/*", value]},
                "format_options.openshift_match_uris[1] must be like ssh://git.example.com/team/*.",
                id=f"pattern: {value}",
            )
            for value in ("git.example.com", "ssh://a", "ftp://a/*", "https://u:p@a/*", "https://a*/x")
        ),
        pytest.param(
            "openshift_build",
            {"openshift_match_uris": [7]},
            str(not_a_string(7, "format_options.openshift_match_uris[0]")),
            id="a number in a list",
        ),
    ],
)
def test_other_settings_are_refused(row: str, given: dict[Any, Any], message: str) -> None:
    assert refusal(check_settings, FORMATS[row], "https", given, None) == message


def test_where_settings_are_written() -> None:
    values = {"jenkins_description": "a", "jenkins_scope": None, "jenkins_username": "ada"}
    places = {place: place_settings(FORMATS["jenkins"], values, place) for place in ("key", "annotation", "label")}
    assert places == {
        "key": {"username": "ada"},
        "annotation": {"jenkins.io/credentials-description": "a"},
        "label": {"jenkins.io/credentials-scope": None},
    }
