# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of a task: the whole task if possible, else the preparation of the ordinary module.

Importing this file also imports what a connection needs, and each action imports what its tasks usually need. Ansible
imports an action before it forks its workers, so that is loaded once and not by each task.
"""

from __future__ import annotations

import base64
import importlib
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ..module_utils._cluster import denial, namespaces, pool, timed_response
from ..module_utils._cluster.kubeconfig import kubeconfig_paths
from ..module_utils._errors import KeyringError
from ..module_utils._printable import make_line
from ..module_utils._runtime.edge import make_result_printable
from ..module_utils._runtime.execute import Runtime, TaskDefinition, failed_result
from ..module_utils._runtime.invocation import misplaced_secrets
from ..module_utils._runtime.options import FILES
from ..module_utils._runtime.public_errors import public_message
from ..module_utils._runtime.result_fields import scrub_result
from ..module_utils._runtime.scrub import Scrubber
from ..module_utils._runtime.string_options import refuse_dates
from .direct import collecting_only_what_is_new, ending_with_ansible, environment, plain, run_validated, validate
from .files import read_files, read_references
from .progress import show_progress

if TYPE_CHECKING:
    from ..module_utils._runtime.answer_store import AnswerStore

# The modules that a connection imports. Workers are forked later and need not import them again.
_LIBRARIES = ("ssl", "urllib3", "yaml")


def _find_missing_library() -> str | None:
    """Import what a connection needs. Return the name of the first module that is missing, or None."""
    for name in _LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            return name
    return None


_MISSING_LIBRARY = _find_missing_library()


def _prepare_tls() -> None:
    """Have OpenSSL load its algorithms, as it does with its first TLS context. Workers inherit them, and save 2 ms."""
    import ssl

    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


if _MISSING_LIBRARY != "ssl":
    _prepare_tls()

_MODES = ("auto", "always", "never")

# The variables of `environment:` that reach a task which runs in Ansible's own process.
_VARIABLES = ("k8s_auth_", "kube", "http_proxy", "https_proxy", "no_proxy", "all_proxy")

_LOCAL = ("localhost", "127.0.0.1", "::1")

# The choice of a cluster when nothing in the task or the inventory made it.
_SHARED_SOURCES = {
    "environment": "the environment",
    "kubeconfig": "the current context of the kubeconfig in the home directory",
    "in_cluster": "the Pod in which the task runs",
}


class KeyringAction(ActionBase):
    """An action that runs its task in this process if possible, else as an ordinary module.

    ``usual`` and ``usual_in_all`` are files that the task code imports where it needs them, as most tasks do.
    ``answers`` are shared by all tasks of a run of Ansible that run in this process or in its children.
    """

    _supports_check_mode = True
    _supports_async = True

    definition: TaskDefinition
    answers: AnswerStore | None = None
    usual: tuple[ModuleType, ...] = ()
    usual_in_all: tuple[ModuleType, ...] = (denial, namespaces, pool, timed_response)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        scrubber = Scrubber()
        try:
            with ending_with_ansible():
                result.update(self._perform(variables, scrubber))
        except KeyringError as error:
            refused = scrub_result(failed_result(error, public_message(error, scrubber)), scrubber)
            result.update(make_result_printable(refused))
        if not self._shows_arguments(variables):
            result.pop("invocation", None)
        warning = warn_shared_cluster(variables.get("inventory_hostname", "localhost"), result.get("cluster"))
        warnings = list(result.pop("warnings", ()))
        if warning:
            warnings.append(make_line(scrubber.clean(warning)))
        if warnings:
            result["warnings"] = warnings
        return result

    def _shows_arguments(self, variables: Mapping[str, Any]) -> bool:
        """Return whether results show the arguments: by a setting from ansible-core 2.21 on, and at -vvv before."""
        if hasattr(C, "INJECT_INVOCATION"):
            return bool(C.config.get_config_value("INJECT_INVOCATION", variables=variables))
        return bool(self._display.verbosity >= 3)

    def _perform(self, variables: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
        """Return the result of the task, and add the secrets in its arguments to the scrubber."""
        more_environment: dict[str, Any] = {}
        self._compute_environment_string(more_environment)  # type: ignore[no-untyped-call]
        obstacle = self._find_obstacle(variables, more_environment)
        refuse_dates(self._task.args, self.definition.options)
        arguments: dict[str, Any] = plain(self._task.args)
        files: dict[str, bytes] = {}
        validation = validate(self.definition, arguments)
        scrubber.add(*validation._no_log_values, *misplaced_secrets(arguments, self.definition.options))
        if not validation.error_messages and not validation.validated_parameters["remote_src"]:
            given = arguments
            arguments, files = read_files(
                given, self.definition.options, self._search_path(), self._loader._vault.decrypt
            )
            if arguments != given:
                validation = validate(self.definition, arguments)
        if obstacle:
            return self._run_module(obstacle, arguments, files, variables)
        with environment(plain(more_environment)) as environ, show_progress(self._display, variables) as progress:
            runtime = Runtime(
                check_mode=self._task.check_mode,
                scrubber=scrubber,
                diff=self._task.diff,
                environ=environ,
                files=files,
                progress=progress,
                answers=self.answers,
            )
            with collecting_only_what_is_new():
                return run_validated(self._task.action, self.definition, arguments, validation, runtime)

    def _run_module(
        self, reason: str, arguments: dict[str, Any], files: dict[str, bytes], variables: dict[str, Any]
    ) -> dict[str, Any]:
        self._display.v(f"{self._task.action} runs as an ordinary module: {reason}")
        if self._connection.transport != "local":
            kubeconfigs = {
                path: files[path] for path in kubeconfig_paths(str(arguments.get("kubeconfig"))) if path in files
            }
            files = {**read_references(kubeconfigs, self._loader._vault.decrypt), **files}
        contents = {path: base64.b64encode(content).decode() for path, content in files.items()}
        result: dict[str, Any] = self._execute_module(
            module_args={**arguments, FILES: contents} if contents else arguments,
            task_vars=variables,
            wrap_async=self._task.async_val,
        )
        return result

    def _search_path(self) -> list[str]:
        """Return the folders of relative paths: the role and its surroundings, then that of the playbook."""
        return [*self._task.get_search_path(), self._loader.get_basedir()]

    def _find_obstacle(self, variables: Mapping[str, Any], more_environment: Mapping[str, Any]) -> str | None:
        """Return the reason why the task does not run in this process, or None. Raise KeyringError if it must."""
        mode = str(self._templar.template(variables.get("keyring_direct", "auto")))
        if mode not in _MODES:
            raise KeyringError(
                f"keyring_direct must be one of {', '.join(_MODES)}.",
                "It says whether tasks of this collection run in Ansible's own process.",
                "Correct the variable, or leave it out for auto.",
                option="keyring_direct",
            )
        if mode == "never":
            return "keyring_direct is never"
        obstacle = self._find_real_obstacle(variables, more_environment)
        if obstacle and mode == "always":
            raise KeyringError(
                f"This task cannot run in Ansible's own process: {obstacle}.",
                "The variable keyring_direct is always.",
                "Set it to auto to run it as an ordinary module.",
                option="keyring_direct",
            )
        return obstacle

    def _find_real_obstacle(self, variables: Mapping[str, Any], more_environment: Mapping[str, Any]) -> str | None:
        """Return the first reason why the task cannot run in this process, or None."""
        of_host = variables
        if self._task.delegate_to:
            of_host = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to) or variables
        interpreter = self._interpreter(of_host)
        others = sorted(str(name) for name in more_environment if not str(name).lower().startswith(_VARIABLES))
        obstacles = (
            (_MISSING_LIBRARY, f"the Python package {_MISSING_LIBRARY} is not installed for {sys.executable}"),
            (self._connection.transport != "local", f"the connection is {self._connection.transport}"),
            (self._connection.become is not None, "become is set"),
            (self._task.async_val, "async is set"),
            (not is_own_interpreter(interpreter), f"the interpreter is {interpreter}"),
            (others, f"environment has {', '.join(others)}"),
        )
        for is_there, reason in obstacles:
            if is_there:
                return reason
        return None

    def _interpreter(self, variables: Mapping[str, Any]) -> str:
        configured = C.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(configured)).strip()


def is_own_interpreter(interpreter: str) -> bool:
    """Return whether a setting for the interpreter leaves the choice to Ansible, or is that of this process."""
    if interpreter.startswith("auto") or not interpreter:
        return True
    same_folder = os.path.dirname(interpreter) == os.path.dirname(sys.executable)
    return same_folder and os.path.realpath(interpreter) == os.path.realpath(sys.executable)


def warn_shared_cluster(host: str, cluster: Mapping[str, Any] | None) -> str | None:
    """Return a warning if something that all hosts of the inventory share chose the cluster."""
    if host in _LOCAL or not cluster or cluster["source"] not in _SHARED_SOURCES:
        return None
    return (
        f"Host {host} does not say which cluster it means; {cluster['server']} was chosen by "
        f"{_SHARED_SOURCES[cluster['source']]}, so every other such host means the same one. "
        "Set kubeconfig, context or host for each host."
    )
