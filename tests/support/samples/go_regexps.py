# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions that Go compiles, and that it does not."""

from __future__ import annotations

from collections.abc import Mapping

COMPILED = (
    "^https://github\\.com/acme/",
    "^https://github.com/(acme|umbrella)/[a-z0-9-]+(\\.git)?$",
    "(?i)^HTTPS://",
    "^(?:https?://)?(?P<host>git\\.example\\.com)/(?<path>.*)$",
    "^https://[[:alpha:]]+\\.example\\.com/\\pL+\\p{Greek}*\\z",
    "\\Qhttps://git.example.com/?\\E",
    "a{2,3}?b{,3}c{x}",
    "[]a-]|[^]]",
    "(a{10}){100}",
    "\\x41\\x{1F600}\\101\\/\\ \\-",
    "(?)(?P<a>b)(?<a>c)",
    "",
)

# The expression, and what it has.
REFUSED: Mapping[str, str] = {
    "^https://(?!evil)": "a group that begins with (?",
    "(?=a)": "a group that begins with (?",
    "(?<=a)b": "a group that begins with (?",
    "(?>a)": "a group that begins with (?",
    "(?#a)": "a group that begins with (?",
    "(?P<a>b)(?P=a)": "a group that begins with (?",
    "(?x)a": "a group that begins with (?",
    "(a)\\1": "a backslash before a character",
    "a\\Z": "a backslash before a character",
    "a\\": "a backslash at its end",
    "a*+": "a repetition of a repetition",
    "a{2}{3}": "a repetition of a repetition",
    "*.example.com": "a repetition with nothing before it",
    "a|+": "a repetition with nothing before it",
    "(a{100}){11}": "repetitions that amount to more than 1000",
    "a{1001}": "a repetition with a number above 1000",
    "a{3,2}": "a repetition with a number above 1000",
    "(a": "a group that is not closed",
    "a)": "a closing parenthesis",
    "[a": "a square bracket that is not closed",
    "[b-a]": "a range of characters",
    "[[:letter:]]": "an unknown name",
    "\\x{110000}": "a character beyond",
}

# Pieces of which the test makes others.
PIECES = (
    *"abz0179-^$.*+?{}()[]|\\/é",
    *("{2}", "{2,}", "{1,3}", "{0}", "{1000}", "{1001}", "{500}", "{01}", "{,3}", "{3,1}"),
    *(
        "(?:",
        "(?i)",
        "(?i:",
        "(?-s)",
        "(?P<n>",
        "(?P<n>",
        "(?<m>",
        "(?=",
        "(?!",
        "(?<=",
        "(?P=n)",
        "(?#",
        "(?>",
        "(?",
        "(?)",
    ),
    *("[^", "[a-z]", "[z-a]", "[[:alpha:]]", "[:alpha:]", "[[:foo:]]", "[:", "[[:^digit:]]"),
    *("\\d", "\\W", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\Q", "\\E", "\\1", "\\12", "\\0", "\\8", "\\C", "\\K", "\\h"),
    *("\\x41", "\\x{41}", "\\x{110000}", "\\x4", "\\pL", "\\p{L}", "\\n", "\\a", "\\c", "\\-", "\\]", "\\.", "\\ "),
    *("++", "*+", "??", "{2}{3}", "{2}?", "\n", " ", "https://"),
)
