# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts in results stay whatever passwords there are; what others wrote is scrubbed, by its own namespace alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, cast

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.engine import (
    _plan_observed,
    _settle_one_of_many,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.manage_secret import SecretSteps
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.observed import Observed, TargetNamespace
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.report import NamespaceReport
from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.secret_task import SecretTask, make_task
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import ClusterSnapshot, ImageAudit
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.problems import find_problems
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Result, Runtime, execute
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.result_fields import (
    FACTS,
    scrub_entries,
    scrub_result,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import (
    SCRUBBED,
    NamespaceScrubbers,
    Scrubber,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import merge_pull_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import Use
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    gitsync_secret_info,
    image_pull_secret,
    image_pull_secret_info,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import (
    describe_access,
    scrubbers_of,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import SecretReader, Uses, describe_secrets
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_shape import PULL_SECRET_PROFILE
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.secret_options import parse_secret_options
from support.paths import ROOT
from support.samples.access import APP, DATABASE, account, made, spec, template, waiting
from support.samples.git_secrets import ADA, HTTPS_URL, GitTask
from support.samples.keys import public_line
from support.samples.secrets import OUR_LABELS, FixedPayload, docker_secret, encode, stored_secret

# --- The table -------------------------------------------------------------------------------------------------------

# What the documentation of results names beside the facts: text that others wrote, numbers, booleans and containers.
TEXT = {
    "access_type",
    "account",
    "annotations",
    "created_by",
    "description",
    "display_name",
    "email",
    "known_hosts",
    "labels",
    "managed_by",
    "message",
    "msg",
    "on_behalf_of",
    "project",
    "pull_secret",
    "registry",
    "request_id",
    "text",
    "topology",
    "url",
    "username",
}
NO_STRINGS = {
    "blocking",
    "by_node",
    "compared",
    "entries",
    "exists",
    "failed",
    "holds",
    "immutable",
    "managed",
    "maximum",
    "ours",
    "pods",
    "running",
    "status_confirmed",
    "used",
}
NO_STRINGS |= {"recreated", "skipped", "total", "unchanged"}
CONTAINERS = {
    "after",
    "before",
    "cause",
    "cluster",
    "diff",
    "ends_next",
    "failure",
    "images",
    "links",
    "portal",
    "problems",
    "projects_access",
    "quota",
    "registries",
    "repositories",
    "restarts",
    "summary",
    "unknown",
    "user",
    "users",
}
CONTAINERS |= {"failure", "used_by", "verified", "why"}
CONTAINERS |= {"added_registries", "original_registries"}
CONTAINERS |= {"borrowed_from", "fix", "nodes", "task", "upgrade"}


def documented() -> Iterator[str]:
    """The names of all fields that the documentation of a module says of its result, however deep."""

    def names(fields: Mapping[str, Any]) -> Iterator[str]:
        for name, row in fields.items():
            yield name
            yield from names(row.get("contains") or {})

    for path in (ROOT / "plugins" / "modules").glob("*.py"):
        text = path.read_text().partition('RETURN = r"""')[2].partition('"""')[0]
        yield from names(yaml.safe_load(text))


def test_every_field_of_a_result_is_a_fact_or_text() -> None:
    """A new field is a new row: in FACTS only where no secret can be in it, else in a table of this test."""
    assert set(documented()) - FACTS == TEXT | NO_STRINGS | CONTAINERS
    assert not FACTS & (TEXT | CONTAINERS)


SECRET = "s3cret-text"
CLEANED: Mapping[str, tuple[Any, Any]] = {
    "a fact": ({"operation": SECRET}, {"operation": SECRET}),
    "facts in a list": ({"containers": [SECRET, SECRET]}, {"containers": [SECRET, SECRET]}),
    "text": ({"msg": f"x {SECRET}"}, {"msg": f"x {SCRUBBED}"}),
    "a list of texts": ({"warnings": [SECRET, "y"]}, {"warnings": [SCRUBBED, "y"]}),
    "a field that no table names": ({"new": {"deep": [SECRET]}}, {"new": {"deep": [SCRUBBED]}}),
    "a fact in a container": (
        {"cluster": {"server": SECRET, "note": SECRET}},
        {"cluster": {"server": SECRET, "note": SCRUBBED}},
    ),
    "a container with the name of a fact": (
        {"secret": {"name": SECRET, "username": SECRET}},
        {"secret": {"name": SECRET, "username": SCRUBBED}},
    ),
    "a key in the name of an option": (
        {"failure": {"option": f'labels["{SECRET}"]'}},
        {"failure": {"option": f'labels["{SCRUBBED}"]'}},
    ),
    "the name of an option": ({"failure": {"option": f"{SECRET}[2].x"}}, {"failure": {"option": f"{SECRET}[2].x"}}),
    "an annotation with the name of a fact": ({"annotations": {"name": SECRET}}, {"annotations": {"name": SCRUBBED}}),
    "a label with the name of a fact": ({"labels": {"kind": SECRET}}, {"labels": {"kind": SCRUBBED}}),
    "data with the name of a fact": ({"data": {"type": SECRET}}, {"data": {"type": SCRUBBED}}),
    "an account with the name of a text": (
        {"service_accounts": {"text": [SECRET]}},
        {"service_accounts": {"text": [SECRET]}},
    ),
    "keys": ({SECRET: 1, "data": {SECRET: 2}}, {SECRET: 1, "data": {SECRET: 2}}),
    "what is no text": ({"x": [1, 1.5, True, None]}, {"x": [1, 1.5, True, None]}),
    "a text alone": (SECRET, SCRUBBED),
    "a tuple": ({"problems": ({"id": SECRET, "text": SECRET},)}, {"problems": [{"id": SECRET, "text": SCRUBBED}]}),
    "an empty result": ({}, {}),
}


@pytest.mark.parametrize(("value", "scrubbed"), CLEANED.values(), ids=CLEANED)
def test_text_is_scrubbed_and_facts_are_not(value: Any, scrubbed: Any) -> None:
    scrubber = Scrubber()
    scrubber.add(SECRET)
    assert scrub_result(value, scrubber) == scrubbed


def test_entries_are_scrubbed_by_the_secrets_of_their_namespace() -> None:
    base = Scrubber()
    base.add("of-the-task")
    scrubbers = NamespaceScrubbers(base)
    scrubbers.of("a").add("of-a-alone")
    scrubbers.of("b").add("of-b-alone")
    text = "of-a-alone, of-b-alone, of-the-task"

    assert scrub_entries([{"namespace": space, "text": text} for space in ("a", "b", "c", None, "a")], scrubbers) == [
        {"namespace": "a", "text": f"{SCRUBBED}, of-b-alone, {SCRUBBED}"},
        {"namespace": "b", "text": f"of-a-alone, {SCRUBBED}, {SCRUBBED}"},
        {"namespace": "c", "text": f"of-a-alone, of-b-alone, {SCRUBBED}"},
        {"namespace": None, "text": f"of-a-alone, of-b-alone, {SCRUBBED}"},
        {"namespace": "a", "text": f"{SCRUBBED}, of-b-alone, {SCRUBBED}"},
    ]


# --- Whatever passwords there are in other namespaces ----------------------------------------------------------------

NOW = datetime(2026, 11, 28, tzinfo=timezone.utc)
CREATED, UPDATED = "2026-11-28T00:00:00Z", "2026-11-28T09:30:00Z"
# Passwords that are equal to something in the results about the namespace web.
HOSTILE = (
    *("web", "registry", "production", "Opaque", "ghcr.io", "octopus", "the registry of web", "app"),
    *("kubernetes.io/dockerconfigjson", "kubernetes.io/ssh-auth", "imagePullSecrets", "image_pull_secrets"),
    *(CREATED, UPDATED, "2026", "2027-01-31T00:00:00Z", "1000000", "5d2c0000-0000-4000-8000-000000000000"),
    *("matched", "no_entry", "failed", "created", "updated", "unchanged", "skipped", "secret_missing", "unknown"),
    *("null", "true", "True", "********", "<hidden>", "<hidden, changed>", "next_pull", "git_sync", "started_before"),
    *("Deployment", "ServiceAccount", APP, DATABASE, "username", "password", "namespace", "It does not exist."),
    *(HTTPS_URL, public_line("Ed25519"), "keyring.kubernetes", "web/registry", "team-web", "namespaces", "Secret"),
)
PASSWORDS = st.lists(
    st.sampled_from(HOSTILE) | st.text(min_size=1),
    min_size=1,
    max_size=4,
)
EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def secret_of(namespace: str, name: str, data: Mapping[str, str], kind: str, **metadata: Any) -> dict[str, Any]:
    return stored_secret(
        {key: encode(text.encode(errors="surrogatepass")) for key, text in data.items()},
        kind=kind,
        namespace=namespace,
        name=name,
        creationTimestamp=CREATED,
        uid="5d2c0000-0000-4000-8000-000000000000",
        resourceVersion="1000000",
        **metadata,
    )


def pull_secret_of(namespace: str, name: str, password: str, **metadata: Any) -> dict[str, Any]:
    """A docker config with the password wherever one can be."""
    auth = encode(f"octopus:{password}".encode(errors="surrogatepass"))
    config = {
        "auths": {
            "ghcr.io": {"auth": auth},
            "quay.io": {"username": "octopus", "password": password, "x": password},
            "third.example": {"identitytoken": password},
        },
        "HttpHeaders": {"X-Token": password},
    }
    return secret_of(
        namespace, name, {".dockerconfigjson": json.dumps(config)}, "kubernetes.io/dockerconfigjson", **metadata
    )


def git_secret_of(namespace: str, name: str, password: str) -> dict[str, Any]:
    return secret_of(
        namespace,
        name,
        {"username": "octopus", "password": password, "bearerToken": password, "url": HTTPS_URL, "type": "git"},
        "Opaque",
        labels={"argocd.argoproj.io/secret-type": "repository"},
    )


OURS = {**OUR_LABELS, "keyring.kubernetes/owner": "team-web", "stage": "production"}
MANAGED = [{"manager": "kubectl", "time": UPDATED}]
ANNOTATIONS = {
    "displayName": "the registry of web",
    "kubernetes.io/description": f"production, since {CREATED}",
    "keyring.kubernetes/origin": "web/registry",
    "keyring.kubernetes/expires-at": json.dumps({"ghcr.io": "2027-01-31T00:00:00Z"}),
}
WEB_PULL_SECRET = pull_secret_of(
    "web", "registry", "the-password-of-web", labels=OURS, annotations=ANNOTATIONS, managedFields=MANAGED
)
WEB_GIT_SECRET = git_secret_of("web", "repository", "the-password-of-web")
USE = Use("web", "Deployment", "app", "image_pull_secrets", "registry", "next_pull", "apps/v1")


def foreign_secrets(passwords: Sequence[str]) -> list[dict[str, Any]]:
    """Secrets of two other namespaces, before and behind web, with these passwords in every place."""
    secrets = []
    for number, password in enumerate(passwords):
        for namespace in ("evil", "zz-evil"):
            secrets += [
                pull_secret_of(namespace, f"registry-{number}", password),
                git_secret_of(namespace, f"repository-{number}", password),
                secret_of(
                    namespace, f"broken-{number}", {".dockerconfigjson": password}, "kubernetes.io/dockerconfigjson"
                ),
                secret_of(namespace, f"key-{number}", {"ssh-privatekey": password}, "kubernetes.io/ssh-auth"),
            ]
    return secrets


def finish(context: Runtime, result: Mapping[str, Any]) -> Result:
    """What the outermost function makes of the result of a task."""
    return execute(lambda _params, _context: dict(result), {}, context)


def new_context(*, check_mode: bool = False) -> Runtime:
    return Runtime(check_mode=check_mode, environ={})


def defaults(options: Options, **given: Any) -> dict[str, Any]:
    """The options as Ansible hands them over."""
    result = ArgumentSpecValidator(dict(options)).validate(given)
    assert not result.error_messages
    return cast("dict[str, Any]", result.validated_parameters)


class FailsOnUnreadable:
    def describe_unreadable(self, _secret: Mapping[str, Any], why: str) -> dict[str, Any]:
        raise AssertionError(why)


class PullSecretReader(FailsOnUnreadable, image_pull_secret_info.PullSecretReader):
    """The reader of image_pull_secret_info, for Secrets that can all be read."""


class GitSecretReader(FailsOnUnreadable, gitsync_secret_info.GitSecretReader):
    """The reader of gitsync_secret_info, for Secrets that can all be read."""


def info_of_web(
    reader: SecretReader, own: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The entries of web in the result of a task that looks at Secrets."""
    context = new_context()
    secrets = sorted([own, *others], key=lambda item: (item["metadata"]["namespace"], item["metadata"]["name"]))
    uses = Uses({("web", "registry"): [USE]})
    described = describe_secrets(secrets, uses, reader, context.scrubber)
    result = finish(context, {"secrets": described})
    return [entry for entry in result["secrets"] if entry["namespace"] == "web"]


def read_pull_secrets(holds: str | None = None) -> SecretReader:
    params = defaults(image_pull_secret_info.OPTIONS, holds=holds)
    return PullSecretReader(image_pull_secret_info.parse_options(params), NOW)


def read_git_secrets() -> SecretReader:
    params = defaults(gitsync_secret_info.OPTIONS, name="repository")
    return GitSecretReader(gitsync_secret_info.parse_options(params), NOW)


@EXAMPLES
@given(PASSWORDS)
def test_other_passwords_change_nothing_in_image_pull_secret_info(passwords: list[str]) -> None:
    reader = read_pull_secrets(holds="a-token-to-find")
    alone = info_of_web(reader, WEB_PULL_SECRET, ())
    assert SCRUBBED not in json.dumps(alone)
    assert info_of_web(reader, WEB_PULL_SECRET, foreign_secrets(passwords)) == alone


@EXAMPLES
@given(PASSWORDS)
def test_other_passwords_change_nothing_in_gitsync_secret_info(passwords: list[str]) -> None:
    alone = info_of_web(read_git_secrets(), WEB_GIT_SECRET, ())
    assert alone[0]["url"] == HTTPS_URL
    assert SCRUBBED not in json.dumps(alone)
    assert info_of_web(read_git_secrets(), WEB_GIT_SECRET, foreign_secrets(passwords)) == alone


WEB_OBJECTS: Mapping[str, Sequence[dict[str, Any]]] = {
    "Deployment": [
        made("app", template(spec(APP, secrets=["registry"]), replicas=1)),
        made("none", template(spec("nginx", "https://octo:in-a-name@ghcr.io/x", secrets=["gone"]), replicas=1)),
    ],
    "Pod": [
        made(
            "waits",
            spec(APP, secrets=["registry"]),
            status=waiting("ErrImagePull", f"no luck with registry of web: created {CREATED}, the-password-of-web"),
        ),
        made("before", spec(DATABASE), status=waiting("ErrImagePull", "401 Unauthorized")),
    ],
    "ServiceAccount": [account("default", "registry")],
}


def access_of_web(own: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What image_access_info says of web."""
    context = new_context()
    secrets = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in (own, *others)}
    world = ClusterSnapshot(WEB_OBJECTS, secrets, {}, frozenset())
    audit = ImageAudit(world)
    found = audit.find_images()
    problems = find_problems(found, audit, of_namespaces=True)
    result = finish(context, describe_access(found, problems, None, scrubbers_of(world, context.scrubber)))
    lists = ("images", "problems", "restarts")
    return {name: [entry for entry in result[name] if entry["namespace"] == "web"] for name in lists}


@EXAMPLES
@given(PASSWORDS)
def test_other_passwords_change_nothing_in_image_access_info(passwords: list[str]) -> None:
    alone = access_of_web(WEB_PULL_SECRET, ())
    causes = [item["cause"]["text"] for item in alone["images"] if item["cause"]]
    assert (
        f"Not known. The kubelet reports: ErrImagePull: no luck with registry of web: created {CREATED}, {SCRUBBED}"
        in causes
    )
    assert "in-a-name" not in json.dumps(alone)
    assert access_of_web(WEB_PULL_SECRET, foreign_secrets(passwords)) == alone


# --- The fan-out -----------------------------------------------------------------------------------------------------

BROKEN = secret_of("web", "registry", {".dockerconfigjson": "{"}, "kubernetes.io/dockerconfigjson", labels=OURS)
FOREIGN = pull_secret_of("web", "registry", "the-password-of-web", labels={"app.kubernetes.io/managed-by": "Helm"})
# What is stored in web, and what comes of it.
STORED: Mapping[str, Mapping[str, Any] | None] = {
    "created": None,
    "updated": WEB_PULL_SECRET,
    "failed": BROKEN,
    "failed, managed by another": FOREIGN,
}


def pull_secret_job(password: str = "the-password-of-the-task") -> SecretTask:
    """A task that gives a pull secret to many namespaces, in check mode."""
    context = new_context(check_mode=True)
    registries = [{"server": "ghcr.io", "username": "octopus", "password": password}]
    params = defaults(image_pull_secret.OPTIONS, name="registry", namespaces=["*"], registries=registries, report="all")
    context.scrubber.add(password)
    given = parse_registries(params["registries"], "always")
    payload = FixedPayload(lambda existing: merge_pull_secret(existing, given, purge=False, update="always"))
    connection = cast(Connection, None)  # nothing is asked in check mode
    options = parse_secret_options(params)
    targets = Selection(globs=("*",))
    return make_task(options, targets, context, connection, PULL_SECRET_PROFILE, payload)


def git_job() -> SecretTask:
    options: dict[str, Any] = {"format": "argocd_repository", "namespaces": ["*"], "report": "all"}
    return GitTask(check_mode=True, url=HTTPS_URL, https=ADA, **options).task


def fan_out_to_web(job: SecretTask, stored: Mapping[str, Any] | None, others: Sequence[Mapping[str, Any]]) -> Result:
    """The entry of web, its diff and its warnings, after others were worked on, with what is stored there."""

    def outcome(namespace: str, secret: Mapping[str, Any] | None) -> NamespaceReport:
        target = TargetNamespace(namespace, "active", Observed(secret, {}))
        planned = _plan_observed(SecretSteps(job), target)
        return (
            planned if isinstance(planned, NamespaceReport) else _settle_one_of_many(SecretSteps(job), target, planned)
        )

    for secret in others:
        outcome(secret["metadata"]["namespace"], secret)
    done = outcome("web", stored)
    return finish(job.runtime, {"secrets": [done.entry], "diff": [done.diff], "warnings": done.warnings})


@pytest.mark.parametrize(("stored"), STORED.values(), ids=STORED)
@EXAMPLES
@given(PASSWORDS)
def test_other_passwords_change_nothing_in_the_fan_out(stored: Mapping[str, Any] | None, passwords: list[str]) -> None:
    alone = fan_out_to_web(pull_secret_job(), stored, ())
    assert SCRUBBED not in json.dumps(alone)
    assert fan_out_to_web(pull_secret_job(), stored, foreign_secrets(passwords)) == alone


@EXAMPLES
@given(PASSWORDS)
def test_other_passwords_change_nothing_in_the_fan_out_of_git_credentials(passwords: list[str]) -> None:
    stored = git_secret_of("web", "registry", "the-password-of-web")
    alone = fan_out_to_web(git_job(), stored, ())
    assert SCRUBBED not in json.dumps(alone)
    assert fan_out_to_web(git_job(), stored, foreign_secrets(passwords)) == alone


# --- Whatever passwords there are in the namespace itself, and in the task -------------------------------------------


def facts(value: Any, field: str = "") -> Any:
    """A result without its text."""
    if isinstance(value, str):
        return value if field in FACTS else None
    if isinstance(value, Mapping):
        return {key: facts(item, key) for key, item in value.items()}
    return [facts(item, field) for item in value] if isinstance(value, list) else value


HARMLESS = "a-harmless-password"


def name_of(password: str) -> str:
    """Return the name of a password in the name of a test, which must be the same in each process."""
    return "public key" if password == public_line("Ed25519") else password


@pytest.mark.parametrize("password", HOSTILE, ids=name_of)
def test_a_password_of_the_same_namespace_changes_no_fact(password: str) -> None:
    def results(password: str) -> list[Any]:
        beside = [pull_secret_of("web", "beside", password), git_secret_of("web", "beside-git", password)]
        return [
            info_of_web(read_pull_secrets(), WEB_PULL_SECRET, beside[:1]),
            info_of_web(read_git_secrets(), WEB_GIT_SECRET, beside[1:]),
            access_of_web(WEB_PULL_SECRET, beside[:1]),
        ]

    assert facts(results(password)) == facts(results(HARMLESS))


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
@pytest.mark.parametrize(
    "password", [word for word in HOSTILE if word.strip("*") and not word.startswith("<")], ids=name_of
)
def test_a_password_of_the_task_changes_no_fact(password: str, stored: Mapping[str, Any] | None) -> None:
    ours, theirs = (fan_out_to_web(pull_secret_job(word), stored, ()) for word in (password, HARMLESS))
    assert facts(ours) == facts(theirs)


def test_what_others_wrote_in_the_same_namespace_is_scrubbed() -> None:
    secret = docker_secret(
        {"auths": {"ghcr.io": {"username": "octo", "password": "p4ssw0rd"}}},
        annotations={"displayName": "login octo p4ssw0rd", "description": encode("p4ssw0rd")},
        labels={"note": "p4ssw0rd"},
        creationTimestamp=CREATED,
    )

    (entry,) = info_of_web(read_pull_secrets(), secret, ())

    assert entry["display_name"] == f"login octo {SCRUBBED}"
    assert entry["description"] == SCRUBBED
    assert entry["labels"] == {"note": SCRUBBED}
    assert "p4ssw0rd" not in json.dumps(entry)
