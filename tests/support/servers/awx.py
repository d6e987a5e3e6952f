# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of AWX on loopback, as far as it keeps projects and job templates, and launches them.

It refuses what AWX 24 refuses: an unknown field, a playbook that the project does not have, and a survey that is not
valid. The rules are those of awx/api/views/__init__.py (JobTemplateSurveySpec), awx/main/models/mixins.py
(SurveyJobTemplateMixin) and awx/main/utils/safe_yaml.py.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from werkzeug.wrappers import Request, Response

from support.servers.wsgi import StartResponse, serving

TOKEN = "a-token-of-the-controller"
_API = "/api/v2/"

_SURVEY_TYPES: Mapping[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}
_PROJECT_FIELDS = {"name", "description", "organization", "scm_type", "scm_url", "scm_branch", "credential"}
_TEMPLATE_FIELDS = {
    "name",
    "description",
    "organization",
    "job_type",
    "inventory",
    "project",
    "playbook",
    "execution_environment",
    "extra_vars",
    "ask_variables_on_launch",
    "ask_limit_on_launch",
    "allow_simultaneous",
    "survey_enabled",
    "diff_mode",
}
_FIELDS = {"projects": _PROJECT_FIELDS, "job_templates": _TEMPLATE_FIELDS}

Item = dict[str, Any]


class Refused(Exception):
    """A request that AWX refuses with status 400; the argument is the body."""


@dataclass
class Awx:
    """A controller with an organization, an inventory, credentials and an execution environment.

    ``playbooks`` are those of every project. ``asked`` are the requests: method and path. ``surveys`` are the surveys
    by the ids of their job templates. ``launched`` are the jobs with what they were really given. ``outcomes`` are the
    states in which the next jobs end; without one, they are successful.
    """

    playbooks: Sequence[str]
    asked: list[tuple[str, str]] = field(default_factory=list)
    items: dict[str, list[Item]] = field(default_factory=dict)
    surveys: dict[int, Any] = field(default_factory=dict)
    credentials: dict[int, list[int]] = field(default_factory=dict)
    launched: list[Item] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, names in {
            "organizations": ["Default", "Shop"],
            "inventories": ["clusters"],
            "credentials": ["Cluster lisbon", "Git"],
            "execution_environments": ["keyring"],
            "projects": [],
            "job_templates": [],
            "jobs": [],
        }.items():
            self.items[kind] = []
            for name in names:
                self.create(kind, {"name": name})

    def template(self, name: str) -> Item:
        """Return the job template with this name."""
        (found,) = (item for item in self.items["job_templates"] if item["name"] == name)
        return found

    def survey_of(self, name: str) -> Any:
        """Return the survey of the job template with this name; None without one."""
        return self.surveys.get(self.template(name)["id"])

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append((request.method, request.path))
        answer = self._respond(request)
        answer.headers["X-API-Product-Name"] = "AWX"
        answer.headers["X-API-Product-Version"] = "24.6.1"
        return answer(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _reply({"detail": "Authentication credentials were not provided."}, 401)
        kind, *rest = request.path.removeprefix(_API).strip("/").split("/")
        body = json.loads(request.get_data() or "{}")
        if kind == "config":
            return _reply({"version": "24.6.1"})
        if kind == "unified_job_templates":
            kind = "job_templates"
        if kind not in self.items:
            return _reply({"detail": "Not found."}, 404)
        try:
            if not rest:
                return self._list(kind, request) if request.method == "GET" else _reply(self.create(kind, body), 201)
            return self._respond_about(self._find(kind, int(rest[0])), rest[1:], request.method, body)
        except Refused as refused:
            return _reply(refused.args[0], 400)

    def _list(self, kind: str, request: Request) -> Response:
        wanted = {name: value for name, value in request.args.items() if name not in ("id__in", "page_size")}
        found = [
            item
            for item in self.items[kind]
            if all(str(item.get(name)) == value for name, value in wanted.items())
            and ("id__in" not in request.args or str(item["id"]) in request.args["id__in"].split(","))
        ]
        return _reply({"count": len(found), "next": None, "previous": None, "results": found})

    def _respond_about(self, item: Item, rest: Sequence[str], method: str, body: Any) -> Response:
        match method, *rest:
            case "GET", "survey_spec":
                return _reply(self.surveys.get(item["id"], {}))
            case "POST", "survey_spec":
                check_survey(body)
                self.surveys[item["id"]] = body
                return _reply({})
            case "GET", "credentials":
                ids = self.credentials.get(item["id"], [])
                return _reply({"count": len(ids), "next": None, "results": [{"id": number} for number in ids]})
            case "POST", "credentials":
                self.credentials.setdefault(item["id"], []).append(body["id"])
                return Response(status=204)
            case "POST", "launch":
                return _reply(self._launch(item, body), 201)
            case ("GET",):
                return _reply(item)
            case ("PATCH",):
                self._check(item["type"] + "s", body)
                item.update(body)
                return _reply(item)
        return _reply({"detail": f'Method "{method}" not allowed.'}, 405)

    def _launch(self, template: Item, body: Item) -> Item:
        """Start a job, which ends at once. What the template does not ask for is ignored, as AWX does."""
        asked = {"limit": template["ask_limit_on_launch"], "extra_vars": template["ask_variables_on_launch"]}
        given = {name: value for name, value in body.items() if asked.get(name)}
        status = self.outcomes.pop(0) if self.outcomes else "successful"
        job = self.create("jobs", {"name": template["name"], "status": status, "created": "2026-01-01T00:00:00Z"})
        self.launched.append({"template": template["name"], "status": status, **given})
        return {**job, "job": job["id"], "ignored_fields": {name: body[name] for name in body.keys() - given.keys()}}

    def create(self, kind: str, body: Item) -> Item:
        """Create an item. Raise Refused for one that AWX does not take."""
        if kind in _FIELDS:
            self._check(kind, body)
        number = 1 + sum(map(len, self.items.values()))
        url = f"{_API}{kind}/{number}/"
        item = {"id": number, "url": url, "type": kind.removesuffix("s"), "summary_fields": {}, **body}
        if kind == "projects":
            item |= {"scm_revision": "", "status": "successful"}
        if kind == "job_templates":
            item["related"] = {"survey_spec": f"{url}survey_spec/", "launch": f"{url}launch/"}
            for name in ("limit", "labels", "inventory", "variables"):
                item.setdefault(f"ask_{name}_on_launch", False)
            organizations = {found["id"]: found["name"] for found in self.items["organizations"]}
            item["summary_fields"] = {"organization": {"name": organizations.get(body.get("organization"), "")}}
        self.items[kind].append(item)
        return item

    def _check(self, kind: str, body: Item) -> None:
        """Raise Refused for fields and values that AWX does not take."""
        if unknown := sorted(body.keys() - _FIELDS[kind]):
            raise Refused({name: ["This field is not known."] for name in unknown})
        if "playbook" in body and body["playbook"] not in self.playbooks:
            raise Refused({"playbook": ["Playbook not found for project."]})
        for name, related in (("project", "projects"), ("inventory", "inventories"), ("organization", "organizations")):
            if name in body:
                self._find(related, body[name])

    def _find(self, kind: str, number: int) -> Item:
        found = [item for item in self.items[kind] if item["id"] == number]
        if not found:
            raise Refused({kind: [f'Invalid pk "{number}" - object does not exist.']})
        return found[0]


def check_survey(survey: Any) -> None:
    """Raise Refused for a survey that AWX does not take."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(name), kind):
            raise Refused({"error": f"Field '{name}' is missing from survey spec, or of another type."})
    if not survey["spec"]:
        raise Refused({"error": "'spec' doesn't contain any items."})
    variables = [question.get("variable") for question in survey["spec"]]
    if len(set(variables)) < len(variables):
        raise Refused({"error": "'variable' duplicated in survey."})
    for question in survey["spec"]:
        _check_question(question)


def _check_question(question: Item) -> None:
    for name, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(name), kind):
            raise Refused({"error": f"'{name}' in survey question {question} expected to be {kind.__name__}."})
    if question["type"] not in _SURVEY_TYPES:
        raise Refused({"error": f"'{question['type']}' is not one of the allowed question types."})
    for limit in ("min", "max"):
        if not isinstance(question.get(limit), (int, type(None))):
            raise Refused({"error": f"The {limit} limit in survey question {question} expected to be integer."})
    is_choice = question["type"] in ("multiplechoice", "multiselect")
    if is_choice and "choices" not in question:
        raise Refused({"error": f"Survey question {question} must specify choices."})
    default = question.get("default", "")
    if default != "" and not isinstance(default, _SURVEY_TYPES[question["type"]]):
        raise Refused({"error": f"Default value in survey question {question} is of another type."})
    if default != "" and is_choice and default not in question["choices"]:
        raise Refused({"error": "Default choice must be answered from the choices listed."})


def start_job(survey: Mapping[str, Any], answers: Mapping[str, Any], *, prompts: bool = False) -> str:
    """Return the file of extra variables that a job gets for a survey that was filled in. Raise Refused for a fault.

    Every answer is marked as unsafe, so that Ansible does not template it. With ``prompts``, the template takes more
    variables than those of the survey.
    """
    given: dict[str, Any] = {}
    for question in survey["spec"]:
        variable = question["variable"]
        if variable in answers:
            _check_answer(question, answers[variable])
            given[variable] = answers[variable]
        elif "default" in question:
            given[variable] = question["default"]
        elif question["required"]:
            raise Refused({"variables_needed_to_start": [f"'{variable}' value missing"]})
    more = {name: value for name, value in answers.items() if name not in given}
    if more and not prompts:
        raise Refused({"extra_vars": [f"Variables {', '.join(sorted(more))} are not allowed on launch."]})
    own = {"job_id": 4711, "job_launch_type": "manual"}
    of_the_job = {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in own.items()}
    return yaml.safe_dump(of_the_job) + yaml.dump({**given, **more}, Dumper=_UnsafeDumper)


def _check_answer(question: Item, answer: Any) -> None:
    kind = _SURVEY_TYPES[question["type"]]
    size = answer if isinstance(answer, int) else len(answer)
    if not isinstance(answer, kind) or isinstance(answer, bool):
        raise Refused({"variables_needed_to_start": [f"'{question['variable']}' expected to be {kind.__name__}."]})
    if question["type"] == "multiplechoice":
        if answer not in question["choices"]:
            raise Refused({"variables_needed_to_start": [f"'{question['variable']}' expected to be a choice."]})
        return
    if not question["min"] <= size <= question["max"]:
        raise Refused({"variables_needed_to_start": [f"'{question['variable']}' is too small or too large."]})


class _UnsafeDumper(yaml.SafeDumper):
    """Writes strings with the tag of Ansible that makes them unsafe."""

    def represent_data(self, data: Any) -> Any:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


def _reply(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")


@contextlib.contextmanager
def awx_server(playbooks: Sequence[str]) -> Iterator[tuple[Awx, dict[str, str]]]:
    """A controller, and the environment with which awx.awx finds it."""
    controller = Awx(playbooks)
    with serving(controller) as url:
        yield controller, {"CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
