# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module sap_ai_core_git_repository: options in, result out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._cluster.refused import OutcomeUnknown
from .._credentials.git_url import public_url
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._portals.portal_looks import look_until
from .._portals.portal_requests import PortalApi, decide_until_known
from .._portals.sap_quota import SapQuota, refuse_full_quota
from .._portals.sap_quota_requests import read_sap_quota
from .._portals.sap_repository import (
    RepositoryOperation,
    RepositoryStatus,
    RepositoryUpdate,
    SapRepository,
    WantedRepository,
    advise_repository,
    check_repository_login,
    check_repository_name,
    has_status_moved,
    is_settled_status,
    parse_repository_url,
    plan_repository,
    refuse_taken_url,
    view_repository_diff,
)
from .._portals.sap_repository_requests import (
    create_repository,
    delete_repository,
    list_repositories,
    read_repository,
    update_repository,
)
from .._runtime.execute import Result, Runtime, TaskDefinition, facts_on_failure
from .._runtime.options import Options
from .._runtime.shown import NAME, REPOSITORY, USERNAME
from .sap_options import (
    SAP_CONSTRAINTS,
    SAP_OPTIONS,
    SapTenant,
    open_sap,
    parse_tenant,
    parse_wait,
    require_in_use_ignored,
)
from .shared_checks import refuse_secrets

if TYPE_CHECKING:
    from .sap_repository_verify import RepositoryVerification

OPTIONS: Options = {
    "name": {"type": "str", "required": True, "context": NAME},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "url": {"type": "str", "context": REPOSITORY},
    "username": {"type": "str", "context": USERNAME},
    "password": {"type": "str", "no_log": True},
    "update_credentials": {"type": "str", "choices": ["always", "when_given", "on_create"], "default": "always"},
    "recreate": {"type": "bool", "default": False},
    "in_use": {"type": "str", "choices": ["refuse", "warn", "ignore"], "default": "refuse"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 120},
    "verify": {"type": "bool", "default": False},
    "verify_timeout": {"type": "int", "default": 10},
    "verify_ca_cert": {"type": "path"},
    **SAP_OPTIONS,
}
_CONSTRAINTS: Mapping[str, Any] = {
    **SAP_CONSTRAINTS,
    "required_if": [("state", "present", ("url", "username", "password"))],
}


@dataclass(frozen=True)
class GitRepositoryOptions:
    """The options of the task. ``wanted`` is None for a repository that must be absent."""

    tenant: SapTenant
    name: str
    wanted: WantedRepository | None = None
    update: RepositoryUpdate = "always"
    recreate: bool = False
    wait: bool = True
    wait_timeout: int = 120
    verification: RepositoryVerification | None = field(default=None, repr=False)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one Git repository of a tenant present or absent. Raises KeyringError before any request for bad input."""
    options = parse_options(params, runtime)
    with open_sap(options.tenant, runtime) as api, facts_on_failure(name=options.name):
        return _RepositoryTask(api, options, runtime).run()


def parse_options(params: Mapping[str, Any], runtime: Runtime) -> GitRepositoryOptions:
    """Parse the options of the task, and hide their secrets. Raises KeyringError with the name of the option."""
    if params["password"] is not None:
        runtime.scrubber.add(params["password"])
    tenant = parse_tenant(params, runtime)
    name = check_repository_name(params["name"])
    require_in_use_ignored(params)
    refuse_secrets({"name": name, "url": params["url"] or ""}, runtime, "Git repositories")
    wait, wait_timeout = params["wait"], parse_wait(params)
    _refuse_kept_part(params)
    if params["state"] == "absent":
        return GitRepositoryOptions(tenant, name, wait=wait, wait_timeout=wait_timeout)
    _require_recreate_allowed(params)
    url = parse_repository_url(params["url"])
    check_repository_login(params["username"], params["password"])
    runtime.warnings.extend(advise_repository(url, params["password"]))
    verification = None
    if params["verify"]:
        from .sap_repository_verify import parse_verification

        verification = parse_verification(params, url, runtime)
    return GitRepositoryOptions(
        tenant,
        name,
        WantedRepository(name, params["url"], params["username"], params["password"]),
        update=params["update_credentials"],
        recreate=params["recreate"],
        wait=wait,
        wait_timeout=wait_timeout,
        verification=verification,
    )


def _refuse_kept_part(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for an update that keeps a part of the credential."""
    if params["update_credentials"] == "when_given":
        raise KeyringError(
            "update_credentials=when_given is not possible for a Git repository of SAP AI Core.",
            "An update replaces the user name and the password together, and neither can be read.",
            "Set update_credentials to always or on_create.",
            option="update_credentials",
        )


def _require_recreate_allowed(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for recreate=true without in_use=ignore."""
    if params["recreate"] and params["in_use"] != "ignore":
        raise KeyringError(
            "recreate=true needs in_use=ignore.",
            "The repository is deleted in between, and SAP AI Core does not list the applications that use it.",
            "Make sure that none needs it in the meantime, and set in_use=ignore.",
            failure="in_use_unknown",
            option="in_use",
        )


class _RepositoryTask:
    """One run of the task: what it read, what it has written, and what it has to report.

    ``_seen`` are the statuses that it read, from the last one before its first write. ``_is_gone`` is true while the
    repository that is recreated does not exist. ``_has_written`` is true from the first write that may have been
    applied. The operation is then decided, whatever the next reading shows, for that may be the effect of the write.
    """

    def __init__(self, api: PortalApi, options: GitRepositoryOptions, runtime: Runtime) -> None:
        self._api, self._options, self._runtime = api, options, runtime
        self._operation: RepositoryOperation = "unchanged"
        self._before: SapRepository | None = None
        self._found: SapRepository | None = None
        self._seen: list[RepositoryStatus | None] = []
        self._quota: SapQuota | None = None
        self._request_id: str | None = None
        self._is_gone = False
        self._has_written = False
        self._status: RepositoryStatus | None = None
        self._is_confirmed: bool | None = None

    def run(self) -> Result:
        """Apply the options and return the result."""
        with self._reporting_writes():
            decide_until_known(self._api, self._decide)
            if self._has_written:
                self._await_operation()
        self._warn_of_kept_error()
        return self._describe()

    def _await_operation(self) -> None:
        if not self._options.wait:
            self._status = None
        elif self._operation == "deleted":
            self._await_removal()
        else:
            self._await_status()

    @contextmanager
    def _reporting_writes(self) -> Iterator[None]:
        """Report with a failure inside the block what was written before it, and the status."""
        try:
            yield
        except KeyringError as error:
            error.changed = error.changed or self._has_written
            if self._is_gone:
                error.args = (f"{error} Git repository {self._options.name} was deleted and is not created yet.",)
            error.facts = {**self._describe_status(), "request_id": self._request_id, **error.facts}
            raise

    def _decide(self) -> None:
        """Read the repository, and write what makes it as wanted."""
        options = self._options
        self._found = read_repository(self._api, options.name)
        if options.wanted is None:
            operation: RepositoryOperation = "deleted" if self._found else "unchanged"
        else:
            operation = plan_repository(
                options.wanted, self._found, options.update, recreate=options.recreate, is_unsure=self._has_written
            )
        if not self._has_written or self._operation == "updated":
            self._operation, self._before = operation, self._found
            self._status = self._found.status if self._found else None
        if not self._has_written:
            self._seen = []
        self._seen.append(self._found.status if self._found else None)
        self._is_gone = self._operation == "recreated" and self._has_written and self._found is None
        if operation == "created" and not self._has_written:
            self._check_quota()
        if options.wanted and operation in ("created", "recreated") and not self._has_written:
            refuse_taken_url(options.wanted, list_repositories(self._api))
        if options.verification and operation in ("created", "updated", "recreated"):
            options.verification.check()
        if not self._runtime.check_mode:
            self._apply(operation)

    def _check_quota(self) -> None:
        """Ask for the quota, once. Raises KeyringError if the tenant can have no further repository."""
        if self._quota is None:
            self._quota, warnings = read_sap_quota(self._api, "repositories", "Git repositories")
            self._runtime.warnings.extend(warnings)
            with facts_on_failure(quota=self._quota.describe()):
                refuse_full_quota(self._quota, "Git repositories")

    def _apply(self, operation: RepositoryOperation) -> None:
        wanted, name = self._options.wanted, self._options.name
        if operation in ("deleted", "recreated"):
            self._write(lambda: delete_repository(self._api, name))
        if operation == "recreated":
            self._await_removal()
            self._is_gone = True
        if wanted and operation in ("created", "recreated"):
            self._write(lambda: create_repository(self._api, wanted))
            self._is_gone = False
        if wanted and operation == "updated":
            self._write(lambda: update_repository(self._api, wanted))

    def _write(self, send: Callable[[], str | None]) -> None:
        """Send a write, and note whether it may have been applied."""
        try:
            self._request_id = send()
        except OutcomeUnknown:
            self._has_written = True
            raise
        self._has_written = True

    def _await_removal(self) -> None:
        """Wait until the repository does not exist any more."""
        seconds = self._options.wait_timeout

        def is_gone() -> bool:
            return read_repository(self._api, self._options.name) is None

        if not look_until(self._api.connection, is_gone, seconds):
            raise KeyringError(
                f"It is not known whether Git repository {self._options.name} will be deleted: it still exists after "
                f"{seconds} seconds.",
                "SAP AI Core accepted the request.",
                "Run the task again later, or set a larger wait_timeout.",
                failure="outcome_unknown",
            )

    def _await_status(self) -> None:
        """Wait until SAP AI Core has tried the credential that was written. Raises KeyringError unless it works."""
        begin = time.monotonic()

        def is_settled() -> bool:
            self._found = read_repository(self._api, self._options.name)
            self._status = self._found.status if self._found else None
            self._seen.append(self._status)
            return is_settled_status(self._status, has_moved=self._has_moved, waited=time.monotonic() - begin)

        is_done = look_until(self._api.connection, is_settled, self._options.wait_timeout)
        self._is_confirmed = is_done and self._has_moved
        if self._found is None:
            raise self._explain_missing()
        if self._status == "ERROR":
            raise self._explain_error_status()
        if self._status != "COMPLETED":
            raise self._explain_no_status()
        if not self._is_confirmed:
            self._runtime.warnings.append(
                f"The status of Git repository {self._options.name} did not change after the update, so "
                "it does not prove that SAP AI Core can use the new credential. "
                "Set verify=true to ask the Git server for it."
            )

    @property
    def _has_moved(self) -> bool:
        """Return whether the status is surely that of the credential of this task: of a repository that it created."""
        return self._operation != "updated" or has_status_moved(self._seen)

    def _explain_missing(self) -> KeyringError:
        return KeyringError(
            f"It is not known whether Git repository {self._options.name} was stored: SAP AI Core does not list it "
            f"after {self._options.wait_timeout} seconds.",
            "SAP AI Core accepted the request.",
            "Run the task again later, or set a larger wait_timeout.",
            failure="outcome_unknown",
        )

    def _explain_error_status(self) -> KeyringError:
        why = "The credential is stored. SAP AI Core does not state whether it, the URL or the network is the cause."
        if not self._is_confirmed:
            before = self._seen[0] or "not known"
            why += f" It was {before} before the update, so it may still be the status of the earlier credential."
        return KeyringError(
            f"The status of Git repository {self._options.name} in SAP AI Core is ERROR.",
            why,
            "Check that the token is valid and may read the repository, that the URL is right, and that the Git server "
            "can be reached from the internet.",
            failure="not_synchronized",
        )

    def _explain_no_status(self) -> KeyringError:
        return KeyringError(
            f"It is not known whether SAP AI Core can use Git repository {self._options.name}: its status is "
            f"{self._status or 'not known'} after {self._options.wait_timeout} seconds.",
            "The credential is stored.",
            "Read the status later with sap_ai_core_git_repository_info, or set a larger wait_timeout.",
            failure="outcome_unknown",
        )

    def _describe_status(self) -> dict[str, Any]:
        """Return the fields about the status, as results show them."""
        return {"status": self._status, "status_confirmed": self._is_confirmed}

    def _warn_of_kept_error(self) -> None:
        if self._operation == "kept" and self._status == "ERROR":
            self._runtime.warnings.append(
                f"The status of Git repository {self._options.name} is ERROR, and update_credentials=on_create keeps "
                "its credential. Set update_credentials=always to replace it."
            )

    def _describe(self) -> Result:
        options, wanted = self._options, self._options.wanted
        is_new = self._operation in ("created", "recreated")
        url = public_url(self._before.url) if self._before else None
        if wanted and (is_new or url is None):
            url = wanted.url
        result: Result = {
            "changed": self._operation not in ("kept", "unchanged"),
            "operation": self._operation,
            "name": options.name,
            "url": url,
            **self._describe_status(),
            "compared": False,
            "quota": self._quota.describe() if self._quota and self._operation == "created" else None,
            "verified": [options.verification.answer] if options.verification and options.verification.answer else [],
            "portal": options.tenant.describe(),
            "request_id": self._request_id,
        }
        if self._runtime.diff:
            result["diff"] = view_repository_diff(options.name, wanted, self._before, self._operation)
        return result


DEFINITION = TaskDefinition(run, OPTIONS, _CONSTRAINTS)
