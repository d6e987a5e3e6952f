# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution of a task in Ansible's own process, with everything that AnsibleModule does around a task."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult

from ..module_utils._errors import KeyringError
from ..module_utils._runtime.edge import make_result_printable
from ..module_utils._runtime.execute import Result, Runtime, TaskDefinition, execute_definition, failed_result
from ..module_utils._runtime.invocation import misplaced_secrets, public_arguments
from ..module_utils._runtime.scrub import leaves, number_texts
from ..module_utils._runtime.string_options import refuse_values_for_mappings, unwrap_mappings, wrap_mappings


def validate(definition: TaskDefinition, arguments: Mapping[str, Any]) -> ValidationResult:
    """Check and complete the arguments as AnsibleModule does.

    Raises KeyringError for what makes Ansible's own check fail with an error in its code.
    """
    refuse_values_for_mappings(arguments, definition.options)
    validator = ArgumentSpecValidator(dict(definition.options), **definition.constraints)
    result: ValidationResult = validator.validate(wrap_mappings(arguments, definition.options))
    return result


def run_direct(name: str, definition: TaskDefinition, arguments: Mapping[str, Any], runtime: Runtime) -> Result:
    """Return the result that the module ``name`` would return for these arguments."""
    try:
        validation = validate(definition, arguments)
    except KeyringError as error:
        return make_result_printable(failed_result(error, str(error)))
    return run_validated(name, definition, arguments, validation, runtime)


def run_validated(
    name: str, definition: TaskDefinition, arguments: Mapping[str, Any], validation: ValidationResult, runtime: Runtime
) -> Result:
    """Return the result that the module ``name`` would return for these arguments, which ``validate`` has checked."""
    runtime.scrubber.add(*validation._no_log_values, *misplaced_secrets(arguments, definition.options))
    if validation.error_messages:
        from ..module_utils._runtime.refusals import explain_refusal

        # Ansible may quote a whole item of a list, and a number in place of a list.
        runtime.scrubber.add(*number_texts(dict(arguments)))
        runtime.scrubber.add(*leaves([value for value in arguments.values() if isinstance(value, (list, dict))]))
        errors = validation.errors
        refusal = explain_refusal(name, arguments, definition.options, errors.errors, errors.msg)
        refused: Result = {"failed": True, **refusal}
        result = make_result_printable(runtime.scrubber.clean(refused))
    else:
        result = execute_definition(definition, arguments, validation.validated_parameters, runtime)
    twice = [f"Both option {both['option']} and its alias {both['alias']} are set." for both in validation._warnings]
    result["warnings"] = [*twice, *result.get("warnings", ())]
    validated = unwrap_mappings(arguments, validation.validated_parameters, definition.options)
    shown = public_arguments(validated, definition.options)
    return {**result, "invocation": {"module_args": make_result_printable(runtime.scrubber.clean(shown))}}


def plain(value: Any) -> Any:
    """Return a value as JSON would hand it over: Ansible's own strings and containers become Python's.

    A string that is still encrypted is decrypted by this.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return str.__str__(str(value))


# The seconds between two checks whether Ansible's main process is still there.
_WATCH_INTERVAL = 0.5


@contextmanager
def ending_with_ansible() -> Iterator[None]:
    """End this worker process when Ansible's main process ends before the block does.

    With ansible-core 2.16 a worker outlives a main process that gets SIGTERM, and with every version one that is
    killed. It would continue alone and write to the cluster. The process of an ordinary module ends with its worker.
    """
    main = multiprocessing.parent_process()
    if main is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_INTERVAL):
            if os.getppid() != main.pid:
                # The handler of a worker would pass the signal on to its process group.
                os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


@contextmanager
def collecting_only_what_is_new() -> Iterator[None]:
    """Keep the garbage collector from visiting everything that Ansible has loaded again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def environment(more: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Yield the environment of this process with these variables, which are restored at the end of the block.

    Values other than strings are written as Ansible writes them for a module.
    """
    before = {name: os.environ.get(name) for name in more}
    try:
        os.environ.update({name: str(value) for name, value in more.items()})
        yield os.environ
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
