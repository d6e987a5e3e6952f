# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meaning of what git prints after it has asked a server.

git has one exit status for all failures, so its messages decide. They are those of git 2.31 to 2.51, OpenSSH and curl
in the locale C, and what the usual servers write for a repository that they do not show.
"""

from __future__ import annotations

import dataclasses
import re

from .._dataclasses import dataclass
from .._printable import make_line
from .question import GitAnswer, GitOutcome, GitQuestion

# Characters of a message that are quoted.
_LONGEST_QUOTE = 300


@dataclass(frozen=True)
class _Meaning:
    """A message, its outcome, and the sentence for it. With ``quotes`` the message follows the sentence."""

    pattern: str
    outcome: GitOutcome
    text: str
    quotes: bool = False
    is_settled: bool = False


_HIDDEN_REPOSITORY = "The server has no such repository, or hides it from this credential."
_NOT_REACHED = "The Git server cannot be reached."

_OVER_SSH = (
    _Meaning(
        r"No \S+ host key is known for", "unverifiable", "The server has a host key that is not among the given ones."
    ),
    _Meaning(r"Host key verification failed", "unverifiable", "The server has another host key, so no key was sent."),
    _Meaning(r"Permission denied \(|Too many authentication failures", "denied", "The server refuses the key."),
    _Meaning(
        r"(?i)not found|does not exist|could not be found|cannot find|no such (repository|project)"
        r"|does not appear to be a git repository",
        "not_found",
        _HIDDEN_REPOSITORY,
    ),
    _Meaning(
        r"Could not resolve hostname|connect to (host|address)|Connection (refused|timed out|reset|closed)"
        r"|No route to host|Network is unreachable|kex_exchange_identification|Timeout, server",
        "unreachable",
        _NOT_REACHED,
        quotes=True,
    ),
)
_OVER_HTTPS = (
    _Meaning(
        r"Authentication failed for",
        "denied",
        "The server refuses the user name and the password.",
        is_settled=True,
    ),
    _Meaning(r"returned error: 403", "denied", "The server refuses to show the repository to this user (403)."),
    _Meaning(r"repository '.*' not found|returned error: (404|410)", "not_found", _HIDDEN_REPOSITORY),
    _Meaning(
        r"returned error: 30\d|warning: redirecting to|from redirection:",
        "unverifiable",
        "The server redirects to another URL, to which no credential is sent. Set verify_url to that URL.",
    ),
    _Meaning(r"Out of memory", "unverifiable", "The server sends more than git may keep."),
    _Meaning(r"returned error: 429", "unreachable", "The server answers no more requests for now (429)."),
    _Meaning(
        r"(?i)certificate|SSL|TLS|Could ?n[o']t resolve|Failed to connect|Could ?n[o']t connect|Connection refused"
        r"|timed out|too slow|Empty reply|Recv failure|Connection reset|returned error: 5\d\d",
        "unreachable",
        _NOT_REACHED,
        quotes=True,
    ),
    _Meaning(
        r"could not read (Username|Password)",
        "unverifiable",
        "The server asks for a credential in a way for which git has no answer.",
    ),
)


# What git prints of a repository with a branch: the commit of HEAD.
_HEAD_LINE = re.compile(r"^[0-9a-f]{40,64}\tHEAD$", re.M)

# What git quotes of the question: a URL, one like that of scp, or a path. Its words are no message.
_QUOTED_URL = re.compile(r"'([a-z]+://|[^'\s]+@[^'\s]+:|/)[^'\n]*'")
# What the server says over https, where git has a message of its own for each failure. Over SSH only the server knows.
_REMOTE_LINE = re.compile(r"^remote:.*$", re.M)


def read_answer(question: GitQuestion, status: int, output: str, messages: str, *, was_sent: bool) -> GitAnswer:
    """Return the outcome of a question. ``was_sent`` is whether git has taken the password.

    A password that the server did not ask for is not proven by an answer. Over https, git takes any page for a
    repository without branches.
    """
    is_proven = question.is_ssh or was_sent
    if status == 0 and not question.is_ssh and not _HEAD_LINE.search(output):
        return GitAnswer("unverifiable", "The server shows no repository with a commit at this URL.")
    if status == 0 and not is_proven:
        return GitAnswer(
            "unverifiable", "The server shows the repository to everyone, and did not ask for the password."
        )
    if status == 0:
        return GitAnswer("readable", "The repository can be read.", is_settled=True)
    said = _QUOTED_URL.sub("''", messages if question.is_ssh else _REMOTE_LINE.sub("", messages))
    for meaning in _OVER_SSH if question.is_ssh else _OVER_HTTPS:
        if re.search(meaning.pattern, said):
            if meaning.outcome == "denied" and not is_proven:
                return GitAnswer("unverifiable", "The server refuses without asking for the password.")
            answer = _with_quote(meaning.outcome, meaning.text, messages if meaning.quotes else "")
            return dataclasses.replace(answer, is_settled=meaning.is_settled)
    return _with_quote("unverifiable", "The answer of the Git server is not understood.", messages)


def _with_quote(outcome: GitOutcome, text: str, messages: str) -> GitAnswer:
    """Return an answer with git's own lines; those of the server, which may have seen the password, are left out."""
    lines = [line for line in messages.split("\n") if line.strip() and not line.startswith("remote:")]
    quoted = make_line(" ".join(lines), _LONGEST_QUOTE)
    if not quoted:
        return GitAnswer(outcome, text)
    if not quoted.endswith("."):
        quoted += "."
    return GitAnswer(outcome, f"{text} It says: {quoted}", quoted)
