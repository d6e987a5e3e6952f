# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution of a task function to a plain result, in Ansible's own process or in that of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._cluster.retries import RetryBudget
from .._dataclasses import dataclass
from .._errors import KeyringError
from .edge import make_result_printable
from .options import Options
from .public_errors import public_message, unexpected_error
from .result_fields import scrub_result
from .scrub import Scrubber
from .string_options import check_strings, unwrap_mappings

if TYPE_CHECKING:
    from .answer_store import AnswerStore

Result = dict[str, Any]


@dataclass(frozen=True)
class Runtime:
    """The surroundings of a task function, which it gets beside its options.

    The task adds its own secrets to ``scrubber``: those of its options, of the connection, and of the one Secret that
    it writes. Secrets of many namespaces go to a scrubber for each, so that no tenant changes what is reported of
    another. ``files`` is the content of the files that options name, by absolute path, as it was read beforehand.
    ``diff`` is whether the diff will be shown. ``progress`` is called with the numbers of finished and of all
    namespaces. ``retry_budget`` limits the waiting for an API server in trouble. ``warnings`` are sentences for the
    result, whether the task succeeds or fails. ``answers`` are those of registries to other tasks of the same run of
    Ansible, None where tasks share nothing.
    """

    check_mode: bool
    environ: Mapping[str, str] = field(repr=False)
    scrubber: Scrubber = field(default_factory=Scrubber, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    diff: bool = True
    progress: Callable[[int, int], None] = lambda done, total: None
    retry_budget: RetryBudget = field(default_factory=RetryBudget)
    warnings: list[str] = field(default_factory=list)
    answers: AnswerStore | None = field(default=None, repr=False)


Task = Callable[[Mapping[str, Any], Runtime], Result]


@dataclass(frozen=True)
class TaskDefinition:
    """A task: its function, its options, and the rules between these in the form of Ansible."""

    run: Task
    options: Options
    constraints: Mapping[str, Any] = field(default_factory=dict)


def execute_definition(
    definition: TaskDefinition, given: Mapping[str, Any], params: Mapping[str, Any], runtime: Runtime
) -> Result:
    """Check the given arguments and return the result of the task; ``params`` is what Ansible made of the arguments.

    Never raises.
    """
    warnings: list[str] = []

    def check_and_run(params: Mapping[str, Any], runtime: Runtime) -> Result:
        warnings.extend(check_strings(given, definition.options, runtime.scrubber))
        return definition.run(unwrap_mappings(given, params, definition.options), runtime)

    result = execute(check_and_run, params, runtime)
    early = make_result_printable({"warnings": runtime.scrubber.clean(warnings)})
    return {**result, "warnings": [*early["warnings"], *result.get("warnings", ())]}


def execute(task: Task, params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Return the result of a task. Never raises.

    A failed task has ``failed``, ``msg`` and the facts that were known by then. Strings that others wrote are scrubbed,
    then all are made printable.
    """
    try:
        result = task(params, runtime)
    except KeyringError as error:
        result = failed_result(error, public_message(error, runtime.scrubber))
    except Exception as error:  # noqa: BLE001  (the outermost; anything else would print the raw text)
        refusal = unexpected_error(error)
        result = failed_result(refusal, str(refusal))
    if result.get("request_id"):  # a server chose it that has seen the secrets, and messages quote it as well
        result["request_id"] = runtime.scrubber.clean_parts(result["request_id"])
    if runtime.warnings:
        result["warnings"] = [*dict.fromkeys(runtime.warnings), *result.get("warnings", ())]
    return make_result_printable(scrub_result(result, runtime.scrubber))


@contextmanager
def facts_on_failure(**facts: Any) -> Iterator[None]:
    """Add these facts to the result of a task that fails inside the block."""
    try:
        yield
    except KeyringError as error:
        error.facts.update(facts)
        raise


def failed_result(error: KeyringError, message: str) -> Result:
    """Return the result of a task that failed with this error; ``message`` is its text as it may be shown."""
    return {
        "failed": True,
        "msg": message,
        "failure": error.describe(),
        "changed": error.changed,
        "operation": "failed",
        **error.facts,
    }
