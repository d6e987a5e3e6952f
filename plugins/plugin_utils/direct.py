# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a task in Ansible's own process: what AnsibleModule does around a task, without a process for it."""

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
from ansible.module_utils.errors import UnsupportedError

from ..module_utils._runtime.execute import Result, Runtime, TaskDefinition, execute_definition
from ..module_utils._runtime.invocation import misplaced_keys, public_arguments
from ..module_utils._runtime.refusals import describe_refusal
from ..module_utils._runtime.scrub import leaves, number_texts


def validate(code: TaskDefinition, arguments: Mapping[str, Any]) -> ValidationResult:
    """The arguments checked and completed as AnsibleModule does it."""
    result: ValidationResult = ArgumentSpecValidator(dict(code.options), **code.constraints).validate(dict(arguments))
    return result


def run_direct(name: str, code: TaskDefinition, arguments: Mapping[str, Any], runtime: Runtime) -> Result:
    """The result that the module ``name`` would have given for these arguments."""
    validation = validate(code, arguments)
    runtime.scrubber.add(*validation._no_log_values, *misplaced_keys(arguments, code.options))
    if validation.error_messages:
        # Ansible may quote a whole item of a list, and a number in place of a list.
        runtime.scrubber.add(*number_texts(dict(arguments)))
        runtime.scrubber.add(*leaves([value for value in arguments.values() if isinstance(value, (list, dict))]))
        unsupported = isinstance(validation.errors[0], UnsupportedError)
        prefix = f"Unsupported parameters for ({name}) module: " if unsupported else ""
        refusal = {"failure": describe_refusal(validation.errors.errors)}
        result: Result = runtime.scrubber.clean({"failed": True, "msg": f"{prefix}{validation.errors.msg}", **refusal})
    else:
        result = execute_definition(code, arguments, validation.validated_parameters, runtime)
    twice = [f"Both option {both['option']} and its alias {both['alias']} are set." for both in validation._warnings]
    result["warnings"] = [*twice, *result.get("warnings", ())]
    shown = public_arguments(validation.validated_parameters, code.options)
    return {**result, "invocation": {"module_args": runtime.scrubber.clean(shown)}}


def plain(value: Any) -> Any:
    """A value as it is after a way through JSON: Ansible's own kinds of texts and containers become Python's.

    A text that is still encrypted is decrypted by becoming a text.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str.__str__(str(value))


# Seconds between two looks at whether Ansible's main process is still there.
_INTERVAL = 0.5


@contextmanager
def ending_with_ansible() -> Iterator[None]:
    """End this worker process when Ansible's main process ends before the block does.

    With ansible-core 2.16 a worker outlives a main process that gets SIGTERM, and with every version one that is
    killed. It would go on alone, and write to the cluster. The process of an ordinary module ends with its worker.
    """
    main = multiprocessing.parent_process()
    if main is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_INTERVAL):
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
    """Keep the garbage collector from looking at all that Ansible has loaded, again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def environment(more: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """The environment of this process with these variables in it, until the end of the block.

    Values that are no texts are written as Ansible writes them for a module.
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
