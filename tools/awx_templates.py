# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job templates for AWX, and the playbooks that they start: one for each form, report, rulebook and role.

Run as a program, as ``make docs`` does, it writes ``extensions/awx/job_templates.yml`` and the playbooks of
``extensions/awx/project/``. A row lists the variables of a playbook that people fill in. The questions come from the
fields of the forms, the comments at the top of the playbooks, and the argument specs of the roles.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.primehub_page import (
    PAGE_NAME_FIELD,
    PAGE_TYPE_FIELD,
    PRIMEHUB_NAMESPACE,
    REGISTRY_HOST_FIELD,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.sap import REGISTRY_SECRET_FIELD, SAP_NAME_FIELD
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import FormField
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.primehub import GIT_SYNC, IMAGE_PULL
from checkout import ROOT

AWX = ROOT / "extensions" / "awx"
DATA = AWX / "job_templates.yml"
PROJECT = AWX / "project"

# The maximum length of an answer, or the largest number. AWX prints an answer that is too long in its error, so the
# limit of a password is longer than any.
LARGEST = {"text": 1024, "textarea": 16384, "password": 65536, "integer": 2147483647}

# The credential of the job and the inventory select the cluster or the portal, and a job never asks.
NOT_ASKED = {
    "kubeconfig",
    "context",
    "keyring_connection",
    "cdnetworks_ecp_connection",
    "sap_ai_core_connection",
    "form_ask",
}
# A job keeps no files that it writes.
FILES = {"report_file", "expiry_file", "upgrade_check_file"}

_LICENCE = """\
# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
_HEAD = f"---\n{_LICENCE}\n# Written by make docs, from {Path(__file__).name}.\n"

_ABOUT_DATA = """\
# The job templates of AWX. load.yml loads them; job_templates.schema.json describes them.
#
# writes: true   there is a second template of the job type check, which shows what would change and writes nothing.
#                Forms and reports that only read need none.
# prompts: true  the job asks for extra variables too. Lists of mappings and dictionaries have no type of question: set
#                them there or in the inventory. Lists of strings are questions of several lines, with an item in each
#                line. Their variables begin with survey_, and project/tasks/survey_lists.yml turns them into lists.
# limits: true   the job asks for a limit too, as a rulebook sets it. Jobs of different clusters run at the same time.
# No question of the type password has a default.
"""


@dataclass(frozen=True)
class PlaybookRow:
    """The variables of a playbook that a survey asks for.

    ``keeps`` are optional variables that keep the stored value when they are empty, and ``clears`` those of them that
    ``-`` clears. ``confirm`` is whether the form needs an answer before it writes. ``writes`` is false for what only
    reads. ``prompts`` is whether it has further variables of types for which there is no question. ``defaults`` are
    the values of optional variables, which a job sets in the survey: AWX sends the empty string for an answer that was
    cleared, so such a question has to be answered. ``fields`` are those of the form that the other forms do not share.
    """

    playbook: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    confirm: bool = False
    writes: bool = False
    prompts: bool = False
    limits: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FormField, ...] = ()


_SECRET = ("target_namespace", "secret_name")
_LOGIN = ("registry_username", "registry_password")
_NOTES = ("display_name", "description")
_KEY = ("private_key", "private_key_passphrase")
_ECP = ("account_user", "account_api_key")
_ECP_OPTIONAL = ("account_url", "on_behalf_of")
_SAP = ("service_key",)
_SAP_FIELDS = (SAP_NAME_FIELD, REGISTRY_SECRET_FIELD)
_PRIMEHUB_FIELDS = (PAGE_NAME_FIELD, PAGE_TYPE_FIELD, REGISTRY_HOST_FIELD)
_HUB = {"target_namespace": PRIMEHUB_NAMESPACE}

FORMS = (
    PlaybookRow("add_image_pull_secret", (*_SECRET, "registry", *_LOGIN), (*_NOTES, "owner"), writes=True),
    PlaybookRow(
        "update_image_pull_secret",
        _SECRET,
        ("registry", *_LOGIN, *_NOTES),
        keeps=(*_LOGIN, *_NOTES),
        clears=_NOTES,
        writes=True,
    ),
    PlaybookRow("view_image_pull_secret", _SECRET),
    PlaybookRow("list_image_pull_secrets", (), ("target_namespace", "filter"), defaults={"target_namespace": "*"}),
    PlaybookRow("delete_image_pull_secret", _SECRET, confirm=True, writes=True),
    PlaybookRow("import_docker_config", (*_SECRET, "docker_config"), ("owner",), confirm=True, writes=True),
    PlaybookRow("cleanup", ("target_namespace", "owner"), ("days",), confirm=True, writes=True),
    PlaybookRow(
        "add_git_secret",
        ("secret_name", "private_key"),
        ("target_namespace", "display_name", "private_key_passphrase", "owner"),
        writes=True,
        defaults=_HUB,
        fields=_PRIMEHUB_FIELDS,
    ),
    PlaybookRow(
        "primehub_add_secret",
        ("secret_name", "secret_type"),
        ("target_namespace", "display_name", *_KEY, "registry", *_LOGIN, "owner"),
        writes=True,
        defaults=_HUB,
        fields=_PRIMEHUB_FIELDS,
    ),
    PlaybookRow(
        "primehub_update_secret",
        ("secret_name",),
        ("target_namespace", "secret_type", "display_name", *_KEY, "registry", *_LOGIN),
        keeps=("private_key", "registry_password"),
        writes=True,
        defaults=_HUB,
        fields=_PRIMEHUB_FIELDS,
    ),
    PlaybookRow("primehub_list_secrets", (), ("target_namespace", "sort"), defaults={**_HUB, "sort": "name"}),
    PlaybookRow(
        "primehub_delete_secret",
        ("secret_name",),
        ("target_namespace", "secret_type"),
        confirm=True,
        writes=True,
        defaults=_HUB,
        fields=_PRIMEHUB_FIELDS,
    ),
    PlaybookRow(
        "cdnetworks_ecp_add_image_pull_secret",
        (*_ECP, "secret_name", "registry", *_LOGIN),
        ("description", *_ECP_OPTIONAL),
        writes=True,
    ),
    PlaybookRow(
        "cdnetworks_ecp_update_image_pull_secret",
        (*_ECP, "secret_name"),
        (*_LOGIN, "description", *_ECP_OPTIONAL),
        keeps=(*_LOGIN, "description"),
        writes=True,
    ),
    PlaybookRow("cdnetworks_ecp_view_image_pull_secret", (*_ECP, "secret_name"), _ECP_OPTIONAL),
    PlaybookRow("cdnetworks_ecp_list_image_pull_secrets", _ECP, ("filter", *_ECP_OPTIONAL)),
    PlaybookRow(
        "cdnetworks_ecp_delete_image_pull_secret", (*_ECP, "secret_name"), _ECP_OPTIONAL, confirm=True, writes=True
    ),
    PlaybookRow(
        "sap_ai_core_add_docker_registry_secret",
        (*_SAP, "secret_name", "docker_config"),
        writes=True,
        fields=_SAP_FIELDS,
    ),
    PlaybookRow(
        "sap_ai_core_update_docker_registry_secret",
        (*_SAP, "secret_name", "docker_config"),
        confirm=True,
        writes=True,
        fields=_SAP_FIELDS,
    ),
    PlaybookRow("sap_ai_core_list_docker_registry_secrets", _SAP, ("filter",)),
    PlaybookRow("sap_ai_core_delete_docker_registry_secret", (*_SAP, "secret_name"), confirm=True, writes=True),
)

REPORTS = (
    PlaybookRow("image_access_report", (), ("report_namespaces", "report_lines", "report_show_borrowed"), prompts=True),
    PlaybookRow(
        "image_access_upgrade_check",
        (),
        ("upgrade_namespaces", "verify", "verify_max_requests", "upgrade_check_lines", "upgrade_check_fail"),
        prompts=True,
    ),
    PlaybookRow("credential_expiry", (), ("expiry_within", "expiry_fail", "expiry_namespaces")),
    PlaybookRow("explain_pull", ("target_namespace",), ("pod", "workload", "upgrade_audit", "verify"), prompts=True),
    PlaybookRow("find_credential", ("token",), ("find_namespaces",)),
)

# What rulebooks launch. They set the variables, so there is no survey.
EVENTS = (PlaybookRow("new_namespaces", writes=True, prompts=True, limits=True),)

# Not for a platform: the role starts a control plane on its own machine, and the playbook shows the collection.
WITHOUT_TEMPLATE = {"control_plane", "demo"}
# These have no Kubernetes cluster, so the hosts of an inventory mean nothing to them.
PORTAL_ROLES = ("cdnetworks_ecp", "sap_ai_core")

# The types of variables that are in no form.
_INTEGERS = {"days", "report_lines", "verify_max_requests", "upgrade_check_lines"}
_BOOLEANS = {"report_show_borrowed", "verify", "upgrade_check_fail", "expiry_fail", "upgrade_audit"}
_SECRETS = {"token"}
_ACRONYMS = {"api", "arn", "ca", "fips", "https", "id", "ssh", "url"}
# What a form takes at a terminal may also be the path of a file.
_ABOUT = {
    "docker_config": "the JSON of a docker config or of the field on the portal's page, or its base64",
    "service_key": "the JSON of the service key of SAP AI Core",
}
_ONE_LINE = (
    " The question has one line: your browser joins the lines that you paste. Keys, JSON and base64 stay valid, YAML "
    "does not."
)
# Lists of namespaces, with the default of their playbooks.
_LISTS = dict.fromkeys(("report_namespaces", "upgrade_namespaces", "expiry_namespaces", "find_namespaces"), "*")
# A form takes the titles of the page, too. In a survey, only these.
_CHOICES = {"secret_type": (GIT_SYNC.name, IMAGE_PULL.name)}


# What playbooks say about themselves


@dataclass(frozen=True)
class PlaybookHead:
    """The name of a playbook, the first sentences of the comment at its top, and its variables.

    ``alone`` are the texts of the variables that have one of their own.
    """

    name: str
    about: str
    variables: frozenset[str]
    alone: Mapping[str, str]


def read_head(path: Path) -> PlaybookHead:
    """Read the comment at the top of a playbook, and the name of its last play."""
    _licence, comment, play = path.read_text().split("\n\n", 2)
    lines = [line.removeprefix("#").removeprefix(" ") for line in comment.splitlines()]
    about = " ".join(lines[: lines.index("")])
    begin = next((number for number, line in enumerate(lines) if line.startswith("Variables")), len(lines))
    rows = _read_rows(lines[begin:])
    variables = frozenset(
        name.removesuffix("_file") if name not in FILES else name for names, _text in rows for name in names
    )
    alone = {names[0]: text for names, text in rows if len(names) == 1}
    return PlaybookHead(yaml.safe_load(play)[-1]["name"], about, variables, alone)


def _read_rows(lines: Iterable[str]) -> list[tuple[list[str], str]]:
    """Return the variables of a comment, those with the same text together."""
    rows: list[tuple[list[str], str]] = []
    for line in lines:
        if line.startswith("   "):  # goes on with what the line before it says
            names, text = rows.pop()
            rows.append((names, f"{text} {line.strip()}".strip()))
        elif line.startswith("  "):
            heads, _gap, text = line.strip().partition("  ")
            rows.append(([name.strip() for name in heads.split(",") if name.strip()], text.strip()))
    return rows


@cache
def form_fields() -> Mapping[str, FormField]:
    """Return the fields of all forms by their variables, those of fields.py first. What one form masks is masked."""
    package = "ansible_collections.keyring.kubernetes.plugins.module_utils._forms"
    found: dict[str, FormField] = {}
    paths = (ROOT / "plugins" / "module_utils" / "_forms").glob("*.py")
    for path in sorted(paths, key=lambda path: (path.stem != "fields", path.stem)):
        module = importlib.import_module(f"{package}.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, FormField) and (value.name not in found or value.masked > found[value.name].masked):
                found[value.name] = value
    return found


# Questions


def _question(
    variable: str,
    title: str,
    about: str,
    kind: str,
    *,
    required: bool = False,
    default: Any = None,
    longest: int = 0,
    choices: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a question of a survey. One without a limit gets that of its type."""
    question: dict[str, Any] = {
        "variable": variable,
        "question_name": title,
        "question_description": about,
        "type": kind,
        "required": required,
    }
    if kind in LARGEST:
        question["min"] = int(required and kind != "integer")
        question["max"] = longest or LARGEST[kind]
    if choices:
        question["choices"] = list(choices)
    if default not in (None, ""):
        question["default"] = default
    return question


def _choice(
    variable: str, title: str, about: str, choices: Sequence[str], default: str, *, required: bool = False
) -> dict[str, Any]:
    return _question(variable, title, about, "multiplechoice", required=required, default=default, choices=choices)


_CONFIRM = _choice(
    "confirm",
    "Confirm",
    "yes writes what the form describes. With no, nothing is changed.",
    ("no", "yes"),
    "no",
    required=True,
)


def _ask(variable: str, row: PlaybookRow, head: PlaybookHead) -> dict[str, Any]:
    """Return the question for a variable of a form or report."""
    own = {field.name: field for field in row.fields}
    unknown = FormField(variable, _title(variable), "", masked=variable in _SECRETS)
    field = own.get(variable) or form_fields().get(variable, unknown)
    about = _about(variable, field, row, head)
    default = {**_LISTS, **row.defaults}.get(variable, "")
    required = variable in row.required or bool(default)
    choices = field.choices or _CHOICES.get(variable, ())
    if field.masked:
        return _question(variable, field.title, about, "password", required=required)
    if choices and required:  # an optional one is a text: the empty string is none of its choices
        return _choice(variable, field.title, about, choices, default, required=True)
    if variable in _BOOLEANS:
        return _choice(variable, field.title, about, ("false", "true"), "false", required=required)
    if variable in _INTEGERS:
        return _question(variable, field.title, about, "integer", required=required)
    return _question(variable, field.title, about, "text", required=required, default=default, longest=field.longest)


def _about(variable: str, field: FormField, row: PlaybookRow, head: PlaybookHead) -> str:
    """Return the description of a question: from the comment of the playbook if it is about this variable alone.

    That of a masked variable explains where to set it without a survey. Then, the field of the form is described.
    """
    text = re.sub(r"^(required|optional|not asked)[:.] ", "", head.alone.get(variable, ""))
    if field.about and (field.masked or not text):
        example = f", for example {field.example}" if field.example and not field.masked else ""
        text = _ABOUT.get(variable, f"{field.about}{example}")
    text = _sentence(text.split(". ")[0] if field.masked else text)
    if variable in row.required:
        text = text.replace(", which is the default,", "")
    if field.lines:
        text += _ONE_LINE
    if variable in row.keeps and "empty keeps" not in text.lower():
        text += " Empty keeps the stored value."
    if variable in row.clears and " - " not in text:
        text += " A hyphen (-) clears it."
    if variable in _LISTS:
        text = text.replace("['*']", "*") + " Separate several with commas, without spaces."
    return text


def _role_question(role: str, name: str, option: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the question for a variable of a role, or None for a type that a survey cannot ask for."""
    title = _title(name.removeprefix(f"{role}_"))
    about = _plain(option["description"][0])
    default = option.get("default")
    if option["type"] == "list" and option.get("elements") == "str":
        variable = f"survey_{name.removeprefix(f'{role}_')}"
        return _question(
            variable, title, f"{about} Write one in each line.", "textarea", default="\n".join(default or ())
        )
    if option["type"] == "bool":
        return _choice(name, title, about, ("false", "true"), "" if default is None else str(default).lower())
    if option["type"] == "int":
        return _question(name, title, about, "integer", default=default)
    if option["type"] != "str":
        return None
    if option.get("no_log"):
        return _question(name, title, about, "password")
    if "choices" in option:
        return _choice(name, title, about, option["choices"], default or "")
    # An answer that was cleared would replace the default by the empty string.
    return _question(name, title, about, "text", required=bool(default), default=default)


def _sentence(text: str) -> str:
    """Return a sentence with a period. One that begins with a value, such as git_sync, stays in lower case."""
    text = text.strip()
    if not re.match(r"[a-z]+_", text):
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!")) else f"{text}."


def _plain(text: str) -> str:
    """Return a description of Ansible's markup as plain text."""
    text = re.sub(r"\b[A-Z]\((?:[\w.]+#role:main:)?([^()]*?)(?:#role)?\)", r"\1", text)
    return _sentence(text)


def _title(name: str) -> str:
    """Return the name of a variable as a title, for example SSH private key."""
    words = [word.upper() if word in _ACRONYMS else word for word in name.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


# Templates


def read_options(role: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the variables of a role."""
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    options: Mapping[str, Mapping[str, Any]] = specs["argument_specs"]["main"]["options"]
    return {name: option for name, option in options.items() if name not in NOT_ASKED}


def roles() -> list[str]:
    """Return the names of the roles that have a job template."""
    names = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
    return sorted(names - WITHOUT_TEMPLATE)


def playbook_of(row: PlaybookRow) -> Path:
    """Return the playbook of the collection that a row describes."""
    return ROOT / "playbooks" / f"{row.playbook}.yml"


def build_templates() -> list[dict[str, Any]]:
    """Return all job templates."""
    forms = [_playbook_template("form", row) for row in FORMS]
    reports = [_playbook_template("report", row) for row in REPORTS]
    events = [_playbook_template("event", row) for row in EVENTS]
    return [*forms, *reports, *events, *(_role_template(role) for role in roles())]


def _playbook_template(kind: str, row: PlaybookRow) -> dict[str, Any]:
    head = read_head(playbook_of(row))
    questions = [_ask(variable, row, head) for variable in (*row.required, *row.optional)]
    questions += [_CONFIRM] if row.confirm else []
    template = _template(kind, head.name, head.about, f"{row.playbook}.yml", questions, row.writes, row.prompts)
    return {**template, "limits": True} if row.limits else template


def _role_template(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    asked = (_role_question(role, name, option) for name, option in read_options(role).items())
    questions = [question for question in asked if question]
    about = _plain(specs["main"]["short_description"])
    return _template("role", f"Role {role}", about, f"role_{role}.yml", questions, writes=True, prompts=True)


def _template(
    kind: str, name: str, about: str, playbook: str, questions: list[Any], writes: bool, prompts: bool
) -> dict[str, Any]:
    template = {
        "name": name,
        "kind": kind,
        "description": about,
        "playbook": playbook,
        "writes": writes,
        "prompts": prompts,
    }
    if questions:  # AWX refuses a survey without one
        template["survey"] = {"name": "", "description": "", "spec": questions}
    return template


# Files

_FORM_PLAYBOOK = """
- name: {name}
  ansible.builtin.import_playbook: keyring.kubernetes.{playbook}
"""

_ROLE_PLAYBOOK = """
- name: Apply the role {role}
  hosts: {hosts}
  connection: local
  gather_facts: false

  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
{lists}
  roles:
    - role: keyring.kubernetes.{role}
"""

_ROLE_LISTS = """\
    survey_role: {role}
    survey_lists: [{names}]

  pre_tasks:
    - name: Turn the answers of several lines into lists
      ansible.builtin.include_tasks: tasks/survey_lists.yml
"""


class _Dumper(yaml.SafeDumper):
    """Writes YAML as yamllint wants it: lists are indented, and what is the same twice is written twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def render_files() -> dict[Path, str]:
    """Return the content of all files that are written."""
    return dict(_render())


def _render() -> Iterator[tuple[Path, str]]:
    data = {"keyring_job_templates": build_templates()}
    content = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=68)
    yield DATA, f"{_HEAD}#\n{_ABOUT_DATA}\n{content}"
    for row in (*FORMS, *REPORTS, *EVENTS):
        name = read_head(playbook_of(row)).name
        yield (
            PROJECT / f"{row.playbook}.yml",
            _HEAD + _FORM_PLAYBOOK.format(name=name, playbook=row.playbook),
        )
    for role in roles():
        hosts = "localhost" if role in PORTAL_ROLES else "all"
        names = ", ".join(survey_lists(role))
        lists = _ROLE_LISTS.format(role=role, names=names) if names else ""
        yield PROJECT / f"role_{role}.yml", _HEAD + _ROLE_PLAYBOOK.format(role=role, hosts=hosts, lists=lists)


def survey_lists(role: str) -> list[str]:
    """Return the variables of a role that are lists of strings, without the name of the role."""
    options = read_options(role).items()
    return [
        name.removeprefix(f"{role}_")
        for name, option in options
        if option["type"] == "list" and option.get("elements") == "str"
    ]


def main() -> None:
    """Write the files, and remove the playbooks of rows that no longer exist."""
    files = render_files()
    PROJECT.mkdir(parents=True, exist_ok=True)
    for path in PROJECT.glob("*.yml"):
        if path not in files:
            path.unlink()
    for path, content in files.items():
        path.write_text(content)


if __name__ == "__main__":
    main()
