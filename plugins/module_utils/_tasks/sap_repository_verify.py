# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of a token with git before SAP AI Core gets it. It is imported only for a task that verifies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._credentials.certificates import check_certificates
from .._errors import KeyringError
from .._git.question import GitAnswer, make_question
from .._runtime.execute import Runtime
from .._runtime.host import read_option_file
from .git_verify import MAX_CA_FILE, ask_shared, describe_answer, explain_denied, warn_unverified
from .verify_options import MAX_VERIFY_TIMEOUT

if TYPE_CHECKING:
    from .._credentials.git_url import GitUrl


class RepositoryVerification:
    """The question whether a token reads a repository, which is asked once.

    ``answer`` is that of the Git server for the result, None before it was asked. A warning goes to the runtime.
    """

    def __init__(self, url: GitUrl, login: Mapping[str, str], ca: str, timeout: int, runtime: Runtime) -> None:
        self._url, self._login, self._ca, self._timeout = url, login, ca, timeout
        self._runtime = runtime
        self.answer: dict[str, Any] | None = None

    def check(self) -> None:
        """Ask the Git server unless it was asked before. Raises KeyringError if it denies the token."""
        if self.answer is not None:
            return
        asked = make_question("https", self._login, self._url, ca_certificates=self._ca)
        answer = asked if isinstance(asked, GitAnswer) else ask_shared(asked, self._timeout, self._runtime)
        self.answer = describe_answer(self._url, answer)
        self._runtime.warnings.extend(warn_unverified(self._url, answer))
        if answer.outcome == "denied":
            error = explain_denied(self._url, answer)
            error.facts["verified"] = [self.answer]
            raise error


def parse_verification(params: Mapping[str, Any], url: GitUrl, runtime: Runtime) -> RepositoryVerification:
    """Parse the options that begin with verify; a file is read. Raises KeyringError, with the option."""
    timeout: int = params["verify_timeout"]
    if not 0 < timeout <= MAX_VERIFY_TIMEOUT:
        raise KeyringError(
            f"verify_timeout must be between 1 and {MAX_VERIFY_TIMEOUT}; got {timeout}.", option="verify_timeout"
        )
    ca = read_option_file("verify_ca_cert", params["verify_ca_cert"], runtime.files, MAX_CA_FILE)
    certificates = check_certificates(ca.decode(errors="replace"), "verify_ca_cert") if ca else ""
    login = {"username": params["username"], "password": params["password"]}
    return RepositoryVerification(url, login, certificates, timeout, runtime)
