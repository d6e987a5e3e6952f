# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around a task that runs as an ordinary module, which ends the process."""

from __future__ import annotations

import base64
import os
import select
import signal
import threading
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from .edge import make_result_printable
from .execute import Runtime, TaskDefinition, execute_definition
from .invocation import misplaced_secrets, public_arguments
from .options import FILES, Options
from .scrub import Scrubber, leaves, number_texts
from .string_options import unwrap_mappings, wrap_mappings


class KeyringModule(AnsibleModule):
    """A module that never shows an argument that may be secret, not even when Ansible refuses its arguments."""

    def __init__(self, options: Options, **constraints: Any) -> None:
        self._options = options
        self.scrubber = Scrubber()
        self._started = False
        self.given: dict[str, Any] = {}
        super().__init__(  # type: ignore[no-untyped-call]
            argument_spec=options, supports_check_mode=True, **constraints
        )
        self._started = True
        self._take_over_masking()

    def exit_json(self, **kwargs: Any) -> NoReturn:
        """Print the result with the public arguments, and end the process."""
        super().exit_json(**kwargs, **self._invocation())

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Print the failure with the public arguments, and end the process."""
        if not self._started:
            from .refusals import explain_refusal

            # Ansible refused the arguments. It may quote a whole item of a list, and a number in place of a list.
            self._take_over_masking()
            self.scrubber.add(*leaves(self._structured), *number_texts(self.given))
            errors = self.validation_result.errors.errors
            refusal = explain_refusal(self._name, self.given, self._options, errors, msg)
            kwargs.update(make_result_printable(self.scrubber.clean(refusal)))
            msg = kwargs.pop("msg")
        super().fail_json(msg, **kwargs, **self._invocation())

    def _take_over_masking(self) -> None:
        """Hide the secret arguments in place of Ansible, which would cut them out of names, times and booleans.

        A password "updated" would make "********" of the operation, and a password "1" would reveal itself.
        """
        self.scrubber.add(*self.no_log_values)
        self.no_log_values = set()

    def _load_params(self) -> None:
        """Keep the arguments as they were given, and take the files out of them.

        Ansible changes the arguments later, and drops one that it refuses.
        """
        super()._load_params()  # type: ignore[no-untyped-call]
        self.files = {path: base64.b64decode(content) for path, content in self.params.pop(FILES, {}).items()}
        self.scrubber.add(*misplaced_secrets(self.params, self._options))
        self.given = dict(self.params)
        self.params = wrap_mappings(self.params, self._options)
        self._structured = [value for value in self.params.values() if isinstance(value, (list, dict))]

    def _log_invocation(self) -> None:
        """Write nothing to the system's log, where Ansible would write free-form arguments as they are."""

    def _invocation(self) -> dict[str, Any]:
        arguments = unwrap_mappings(self.given, self.params, self._options)
        shown = {"invocation": {"module_args": public_arguments(arguments, self._options)}}
        return make_result_printable(self.scrubber.clean(shown))


# The descriptor from which Ansible reads the result of a module.
_STDOUT = 1


def end_with_reader() -> None:
    """End this process as soon as nothing reads its result any more.

    At the end of a task's ``timeout`` Ansible leaves the process of a module behind. It would continue alone, and write
    to the cluster after the task has failed. The signal ends it immediately.
    """
    watch = select.poll()
    watch.register(_STDOUT, 0)

    def end_without_reader() -> None:
        for _descriptor, event in watch.poll():
            if event & (select.POLLERR | select.POLLHUP):
                os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_without_reader, daemon=True).start()


def run_module(definition: TaskDefinition) -> None:
    """Run a task as an ordinary module, and end the process."""
    end_with_reader()
    module = KeyringModule(definition.options, **definition.constraints)
    runtime = Runtime(
        check_mode=module.check_mode,
        diff=module._diff,
        environ=os.environ,
        scrubber=module.scrubber,
        files=module.files,
    )
    result = execute_definition(definition, module.given, module.params, runtime)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
