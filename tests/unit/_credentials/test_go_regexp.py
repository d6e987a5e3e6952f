# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions as Go compiles them; tests/integration/modules/test_go_regexp.py asks Go."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.go_regexp import (
    begins_at_start,
    check_go_regexp,
)
from support.samples.go_regexps import COMPILED, REFUSED
from support.samples.secrets import refusal


@pytest.mark.parametrize("expression", COMPILED)
def test_what_go_compiles_is_accepted(expression: str) -> None:
    check_go_regexp(expression, "url", "kargo")


@pytest.mark.parametrize(("expression", "what"), REFUSED.items())
def test_what_go_does_not_compile_is_refused(expression: str, what: str) -> None:
    message = refusal(check_go_regexp, expression, "url", "kargo")
    assert message.startswith(f"url is not a regular expression that kargo can compile. It has {what}")


def test_the_whole_message() -> None:
    assert refusal(check_go_regexp, "a\\1", "url", "kargo") == (
        "url is not a regular expression that kargo can compile. It has a backslash before a character that has no "
        "meaning there. RE2 has no lookaround, backreference, atomic group or possessive repetition. kargo reads the "
        "syntax RE2 of Go, and ignores a Secret with any other. Correct it, as https://pkg.go.dev/regexp/syntax "
        "describes."
    )


def test_deep_nesting_is_refused_and_does_not_overflow() -> None:
    assert "too many nested groups" in refusal(check_go_regexp, "(" * 100_000, "url", "kargo")


@pytest.mark.parametrize(
    ("expression", "is_anchored"),
    [
        ("^https://a", True),
        ("\\Ahttps://a", True),
        ("(?i)^https://a", True),
        ("(^https://a|^https://b)", True),
        ("(?:(?P<host>^a))", True),
        ("https://a", False),
        ("https://[^/]+/a", False),
        ("[^/]+", False),
        ("https://a|^https://b", False),
        ("\\^a", False),
        ("", False),
    ],
)
def test_whether_an_expression_begins_at_the_start(expression: str, is_anchored: bool) -> None:
    assert begins_at_start(expression) is is_anchored
