# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of the forms: it connects an interview with Ansible's variables, terminal and modules."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import Templar

from ..module_utils._credentials.secret_values import named_path
from ..module_utils._errors import KeyringError
from ..module_utils._forms.index import FORM_BY_NAME
from ..module_utils._forms.parts import FormFailed
from ..module_utils._forms.steps import ClusterPlace
from ..module_utils._forms.task_advice import advise_form, without_option
from ..module_utils._forms.texts import one_line
from ..module_utils._printable import make_printable
from ..module_utils._tasks import cluster_overview
from .action import KeyringAction
from .direct import ending_with_ansible, plain
from .files import read_named_file
from .form_terminal import FormTerminal, Stopped
from .form_variables import VariableSource
from .interview import Interview, Writing

_COLLECTION = "keyring.kubernetes."
# The modules of the portals' own APIs, which have no cluster.
_PORTAL_MODULES = ("sap_ai_core_", "cdnetworks_ecp_")
# Automation platforms set these for each job. A job has a pseudo-terminal, but no one who could answer.
_PLATFORM_VARIABLES = ("awx_job_id", "tower_job_id")

# The end of a message about a form that did not end as the person wanted, by what is known about its writing.
_ENDINGS: Mapping[Writing, str] = {
    "none": " Nothing was changed.",
    "done": " What was changed before stays changed.",
    "unknown": " It is not known whether the last change was made.",
}


class ClusterOverviewAction(KeyringAction):
    """The action that reads the cluster of a form, always in Ansible's own process: there is no module for it."""

    definition = cluster_overview.DEFINITION

    def _find_obstacle(self, variables: Mapping[str, Any], more_environment: Mapping[str, Any]) -> str | None:
        return None


class FormAction(ActionBase):
    """An action that fills in the form of the argument ``form``, from variables and at the terminal, and submits it."""

    _supports_check_mode = True
    BYPASS_HOST_LOOP = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the module that the form ran last, and as ``msg`` what was printed at the end."""
        self._variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, self._variables)
        with ending_with_ansible():
            result.update(self._fill_in())
        if self._warnings:
            result["warnings"] = list(dict.fromkeys(self._warnings))
        return result

    def _fill_in(self) -> dict[str, Any]:
        self._warnings: list[str] = []
        self._given = TemplatedVariables(self._variables, self._templar)
        try:
            terminal = FormTerminal(self._display, may_ask=self._may_ask())
        except KeyringError as error:
            return {**_describe_failure(error), "msg": make_printable(str(error))}
        source = VariableSource(self._given, os.environ, self._read_file, _is_file)
        interview = Interview(terminal, source, self._run_module, self._read_cluster)
        form = FORM_BY_NAME[self._task.args["form"]]
        try:
            outcome = interview.conduct(lambda: form(self._task.check_mode))
        except Stopped:
            return {"failed": True, "msg": f"Stopped.{self._ending(interview)}"}
        except FormFailed as error:
            return {**_failed(error.result), "msg": self._report(terminal, interview, str(error))}
        except KeyringError as error:
            return {**_describe_failure(error), "msg": self._report(terminal, interview, str(error))}
        for line in outcome.lines:
            terminal.say_wrapped(line)
        return {**outcome.result, "msg": "\n".join(outcome.lines)}

    def _may_ask(self) -> bool:
        is_job = any(name in self._variables for name in _PLATFORM_VARIABLES)
        answer = self._given.get("form_ask", not is_job)
        return str(answer).casefold() not in ("false", "no", "0")

    def _ending(self, interview: Interview) -> str:
        return _ENDINGS["none" if self._task.check_mode else interview.writing]

    def _report(self, terminal: FormTerminal, interview: Interview, message: str) -> str:
        """Print an error once for a person; Ansible prints the message of a failed task twice. Return the message."""
        message = make_printable(message)
        if not terminal.is_interactive():
            return message
        terminal.say_wrapped(message)
        return f"The form ended with this error.{self._ending(interview)}"

    def _read_file(self, option: str, path: str) -> str:
        try:
            content = read_named_file(option, _absolute(path), self._loader._vault.decrypt)
        except KeyringError as error:
            raise advise_form(error) from None
        return decode_file(option, path, content)

    def _read_cluster(self) -> ClusterPlace:
        result = self._run_action(ClusterOverviewAction, self._task.action, self._connection_options())
        if result.get("failed"):
            raise FormFailed(result)
        cluster = result["cluster"]
        context = f" (context {one_line(cluster['context'])})" if cluster.get("context") else ""
        names = result["namespaces"]
        return ClusterPlace(
            server=one_line(cluster["server"]),
            title=f"{one_line(cluster['server'])}{context}",
            namespaces=None if names is None else tuple(names),
            namespace=result["namespace"],
        )

    def _run_module(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        name = f"{_COLLECTION}{module}"
        action = self._shared_loader_obj.action_loader.get(name, class_only=True)
        connection = self._portal_options(module) if module.startswith(_PORTAL_MODULES) else self._connection_options()
        given = {option: value for option, value in options.items() if value is not None}
        return self._run_action(action, name, {**connection, **given})

    def _run_action(self, action: type[ActionBase], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        task = self._task.copy()
        task.action = name
        task.args = arguments
        instance = action(
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        result: dict[str, Any] = instance.run(task_vars=self._variables)
        self._warnings += map(without_option, result.pop("warnings", ()))
        return result

    def _portal_options(self, module: str) -> dict[str, Any]:
        """Return the connection options of the variable that the role for the same portal uses."""
        prefix = next(prefix for prefix in _PORTAL_MODULES if module.startswith(prefix))
        return read_connection_variable(self._given, f"{prefix}connection")

    def _connection_options(self) -> dict[str, Any]:
        """Return the connection options of the playbook's variables."""
        named = {name: self._given[name] for name in ("kubeconfig", "context") if name in self._given}
        return {**read_connection_variable(self._given, "keyring_connection"), **named}


class TemplatedVariables(Mapping[str, Any]):
    """The variables of the play, each templated when it is read."""

    def __init__(self, variables: Mapping[str, Any], templar: Templar) -> None:
        self._variables = variables
        self._templar = templar

    def __getitem__(self, name: str) -> Any:
        value = self._variables[name]
        try:
            return plain_value(self._templar.template(value))
        except AnsibleError as error:
            raise KeyringError(
                f"The variable {name} cannot be read: {make_printable(str(error))}", option=name
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> Any:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def plain_value(value: Any) -> Any:
    """Return a value without Ansible's own types. Dates stay: YAML makes them of strings without quotes."""
    return value if hasattr(value, "isoformat") else plain(value)


def decode_file(option: str, path: str, content: bytes) -> str:
    """Return the content of a file as text. Raise KeyringError unless it is UTF-8: other bytes would be lost."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise KeyringError(
            f"{named_path(option, path)} is not valid UTF-8.",
            "",
            "Save the file in UTF-8.",
            failure="unreadable_file",
            option=option,
        ) from None


def read_connection_variable(variables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the options of a connection in a variable. Raise KeyringError unless it is a mapping."""
    value = variables.get(name) or {}
    if not isinstance(value, Mapping):
        raise KeyringError(
            f"The variable {name} must be a mapping of options.", "", f"Write it like {name}: {{...}}.", option=name
        )
    return dict(value)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))


def _is_file(path: str) -> bool:
    return os.path.isfile(_absolute(path))


def _describe_failure(error: KeyringError) -> dict[str, Any]:
    return {"failed": True, "failure": dict(error.describe()), **error.facts}


def _failed(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"failed": True, **{key: value for key, value in result.items() if key != "exception"}}
