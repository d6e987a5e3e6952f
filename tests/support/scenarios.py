# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps on one Secret after another, each first in check mode with read-only rights, then for real.

The check must foresee the real run, and send nothing but reads; the real run gets the documented permissions,
and writes only what its operation needs. What both modules that keep a Secret must do alike is in shared_scenarios.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import US
from support.cluster import Cluster, Identity, verbs, writes
from support.playbook import Playbook, task
from support.rbac import READ_ONLY, documented_rules

# The requests that write, for each operation.
WRITES = {
    "created": ["create"],
    "updated": ["patch"],
    "recreated": ["create?dryRun", "delete", "create"],
    "deleted": ["delete"],
    "unchanged": [],
    "failed": [],
}
AFTER_APPLY = "<known after apply>"

OURS = {"app.kubernetes.io/managed-by", "keyring.kubernetes/origin"}

OF_HELM = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "web"},
}

Result = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One task: its arguments, what it does, and for a refusal what its message says.

    ``told`` are fields that its result or the Secret in it must have. ``makes_key`` marks that it makes an SSH key.
    ``taken`` says whose the Secret was, and that the diff tells so.
    ``writes`` are the requests that write, where they are not those of the operation. ``only_links`` marks that the
    Secret itself stays as it is.
    """

    operation: str
    arguments: Mapping[str, Any]
    message: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    makes_key: bool = False
    taken: str | None = None
    writes: Sequence[str] | None = None
    only_links: bool = False

    @property
    def requests(self) -> Sequence[str]:
        return WRITES[self.operation] if self.writes is None else self.writes


@dataclass(frozen=True)
class Scenario:
    """Steps on one Secret, the Secret that is there before, and what must be stored at the end.

    ``left`` is compared with what stored_view tells, item by item. ``source`` is another Secret, which credentials_from
    of each step names. With ``terminating``, the existing Secret is being deleted. ``accounts`` are the lists of
    ServiceAccounts by name, where {name} stands for that of the Secret, and ``left_accounts`` those at the end.
    ``both_ways`` marks what runs in both ways of execution: each operation once, and what comes to a task or from it
    in a special form. What else a scenario is about is decided behind execute_definition, which gets the same in both.
    """

    steps: tuple[Step, ...]
    existing: Mapping[str, Any] | None = None
    left: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] | None = None
    terminating: bool = False
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    both_ways: bool = False


@dataclass(frozen=True)
class Subject:
    """A module that keeps a Secret, and what the shared scenarios need of it.

    ``given`` and ``rotated`` are arguments with the same credential before and after a rotation, ``kept`` those that
    keep a stored one with update_credentials=when_given. ``stored`` and ``changed`` are the data of a Secret with these
    credentials, in plain text. ``linkable`` makes a Secret that ServiceAccounts hand over in their ``link_list``.
    """

    module: str
    type: str
    given: Mapping[str, Any]
    rotated: Mapping[str, Any]
    kept: Mapping[str, Any]
    stored: Mapping[str, str]
    changed: Mapping[str, str]
    linkable: Mapping[str, Any]
    link_list: str


def shared_scenarios(subject: Subject) -> dict[str, Scenario]:
    """What both modules must do alike, whatever the credential is."""
    given, rotated = subject.given, subject.rotated
    existing = {"type": subject.type, "string_data": dict(subject.stored)}
    absent = {"state": "absent"}
    note = {"labels": {"team": None}, "annotations": {"example.com/note": "rotated"}}
    return {
        "twelve-steps": Scenario(
            (
                Step("created", {**given, "labels": {"team": "web"}}),
                Step("unchanged", {**given, "labels": {"team": "web"}}),
                Step("updated", {**rotated, **note}),
                Step("unchanged", {**rotated, **note}),
                Step("deleted", absent),
                Step("unchanged", absent),
            ),
            both_ways=True,
        ),
        "credentials-are-kept-when-not-given": Scenario(
            (
                Step("created", given),
                Step("unchanged", {**subject.kept, "update_credentials": "when_given"}),
                Step("updated", {**rotated, "update_credentials": "when_given"}),
            ),
            left={"data": subject.changed},
        ),
        "written-once-and-left-alone": Scenario(
            (
                Step("created", {**given, "update_credentials": "on_create"}),
                Step("unchanged", {**rotated, "update_credentials": "on_create"}),
                Step("updated", {**rotated, "update_credentials": "on_create", "labels": {"team": "web"}}),
            ),
            left={"data": subject.stored, "labels": {"team": "web"}},
        ),
        "a-copy-of-another-secret": Scenario(
            (
                Step("created", {"credentials_from": {}}),
                Step("unchanged", {"credentials_from": {}}),
                Step("unchanged", given),
                Step("updated", rotated),
                Step("updated", {"credentials_from": {}}),
            ),
            source=existing,
            left={"data": subject.stored},
            both_ways=True,
        ),
        "immutable": Scenario(
            (
                Step("created", {**given, "immutable": True}),
                Step("unchanged", {**given, "immutable": True}),
                Step("updated", {**given, "labels": {"team": "web"}}),
                Step("failed", rotated, "is immutable, and its data would change. Kubernetes does not allow"),
                Step("failed", {**given, "immutable": False}, "is immutable, and the task sets immutable=false."),
                Step("recreated", {**rotated, "recreate": True}),
                Step("recreated", {**rotated, "recreate": True, "immutable": False}),
                Step("unchanged", {**rotated, "recreate": True, "immutable": False}),
            ),
            left={"data": subject.changed, "labels": {"team": "web"}},
        ),
        "another-type": Scenario(
            (
                Step("failed", given, f"has the type example.com/other, and {subject.type} is needed."),
                Step("failed", absent, "has the type example.com/other. This task deletes only"),
                Step("recreated", {**given, "recreate": True}),
                Step("unchanged", given),
            ),
            existing={**existing, "type": "example.com/other"},
            left={"data": subject.stored, "type": subject.type},
            both_ways=True,
        ),
        "managed-by-helm": Scenario(
            (
                Step(
                    "failed",
                    rotated,
                    'is managed by Helm release "web" (label app.kubernetes.io/managed-by). Set take_ownership=true',
                ),
                Step("unchanged", given),
                Step("failed", absent, 'is managed by Helm release "web"'),
                Step("updated", {**rotated, "take_ownership": True}, taken='Helm release "web"'),
            ),
            existing={**existing, "metadata": dict(OF_HELM)},
            left={"data": subject.changed},
        ),
        "taken-and-made-anew-or-deleted": Scenario(
            (
                Step("recreated", {**given, "take_ownership": True, "recreate": True}, taken='Helm release "web"'),
                Step("failed", absent, 'is managed by Helm release "web" (annotation meta.helm.sh/release-name).'),
                Step("deleted", {**absent, "take_ownership": True}, taken='Helm release "web"'),
            ),
            existing={**existing, "type": "example.com/other", "metadata": dict(OF_HELM)},
        ),
        "somebody-elses-with-a-copy": Scenario(
            (
                Step("updated", given),
                Step("unchanged", given),
                Step("updated", {**given, "take_ownership": True, "owner": "team-web"}),
            ),
            existing={
                **existing,
                "metadata": {
                    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data": "old-secret"}'}
                },
            },
            left={"data": subject.stored, "annotations": {}, "labels": {"keyring.kubernetes/owner": "team-web"}},
        ),
        "owners": Scenario(
            (
                Step("created", {**given, "owner": "team-web"}),
                Step("unchanged", given),
                Step("failed", {**rotated, "owner": "team-batch"}, 'is managed by the owner "team-web"'),
                Step(
                    "updated",
                    {**rotated, "owner": "team-batch", "take_ownership": True},
                    taken='the owner "team-web"',
                ),
            )
        ),
        "foreign-keys-stay": Scenario(
            (Step("updated", rotated), Step("unchanged", rotated)),
            existing={
                "type": subject.type,
                "string_data": {**subject.stored, "extra": "kept"},
                "metadata": {"labels": {"foreign": "kept"}, "annotations": {"foreign.io/a": "kept"}},
            },
            left={
                "data": {**subject.changed, "extra": "kept"},
                "labels": {"foreign": "kept"},
                "annotations": {"foreign.io/a": "kept"},
            },
        ),
        "linked": Scenario(
            (
                links("created", ["create", "patch"], subject.linkable, new="linked"),
                links("unchanged", [], subject.linkable, new="unchanged"),
                links("unchanged", [], subject.linkable, old="unchanged"),
                links("updated", ["patch"], subject.linkable, old="unchanged", other="linked", new="unchanged"),
                Step("unchanged", subject.linkable),
                Step("failed", absent, "is in use by ServiceAccount new, ServiceAccount old, ServiceAccount other."),
                Step(
                    "failed",
                    {**absent, "service_accounts": ["new", "old", "none"]},
                    "is in use by ServiceAccount other. Remove these references first.",
                ),
                links(
                    "deleted",
                    ["patch", "patch", "delete"],
                    {**absent, "in_use": "warn"},
                    new="unlinked",
                    old="unlinked",
                ),
                links("updated", ["patch"], absent, ["*"], other="unlinked"),
                links("unchanged", [], absent, ["*"]),
            ),
            accounts={
                "new": {},
                "old": {subject.link_list: [{"name": "foreign-1"}, {"name": "{name}"}, {"name": "foreign-2"}]},
                "other": {name: [{"name": "foreign-1"}] for name in ("secrets", "imagePullSecrets")},
            },
            left_accounts={
                "new": {},
                "old": {subject.link_list: [{"name": "foreign-1"}, {"name": "foreign-2"}]},
                "other": {name: [{"name": "foreign-1"}] for name in ("secrets", "imagePullSecrets")},
            },
            both_ways=True,
        ),
        "being-deleted": Scenario(
            (
                Step("failed", given, "is being deleted. A finalizer still holds it. Run the task again when it is"),
                Step("unchanged", absent),
            ),
            existing={**existing, "metadata": {"finalizers": ["example.com/held"]}},
            terminating=True,
        ),
    }


def links(
    operation: str,
    writes: Sequence[str],
    arguments: Mapping[str, Any],
    names: Sequence[str] | None = None,
    **links: str,
) -> Step:
    """A step with ServiceAccounts: the given ``names``, else those of which it says what is done to their links."""
    told = [{"service_account": name, "operation": done} for name, done in links.items()]
    accounts = list(links) if names is None else names
    given = {**arguments, "service_accounts": accounts}
    return Step(operation, given, told={"links": told}, writes=writes, only_links=operation == "updated")


@dataclass(frozen=True)
class Stage:
    """A scenario that is ready to run, on a Secret and with identities of its own."""

    scenario: Scenario
    name: str
    reader: Identity
    writer: Identity


def chosen(scenarios: Mapping[str, Scenario], *, both_ways: bool) -> dict[str, Scenario]:
    """The scenarios that run in both ways of execution, or the others."""
    return {title: scenario for title, scenario in scenarios.items() if scenario.both_ways is both_ways}


def run_scenarios(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    module: str,
    scenarios: Mapping[str, Scenario],
    *,
    prefix: str = "",
) -> dict[str, list[Result]]:
    """Run all scenarios in one playbook; the results of their real steps. Fails with all that is not as it must be.

    The Secrets are named as their scenarios, behind ``prefix``.
    """
    stages = {title: _set_up(cluster, namespace, scenario, f"{prefix}{title}") for title, scenario in scenarios.items()}
    tasks = [given for stage in stages.values() for given in _tasks(module, namespace, stage)]

    results = iter(playbook.run(tasks).results)

    wrong: dict[str, Any] = {}
    told: dict[str, list[Result]] = {}
    for title, stage in stages.items():
        pairs = [(next(results), next(results)) for _step in stage.scenario.steps]
        for number, (step, (check, real)) in enumerate(zip(stage.scenario.steps, pairs, strict=True), 1):
            wrong.update({f"{title}, step {number}: {what}": why for what, why in _judge(step, check, real)})
        told[title] = [real for _check, real in pairs]
        wrong.update({f"{title}: {what}": why for what, why in _judge_rest(cluster, namespace, stage)})
        if stage.scenario.terminating:
            cluster.api.patch_namespaced_secret(stage.name, namespace, {"metadata": {"finalizers": None}})
    assert not wrong, json.dumps(wrong, indent=2)
    return told


def _set_up(cluster: Cluster, namespace: str, scenario: Scenario, name: str) -> Stage:
    if scenario.existing:
        cluster.create_secret(namespace, name, **scenario.existing)
    if scenario.terminating:
        cluster.api.delete_namespaced_secret(name, namespace)
    for account, lists in scenario.accounts.items():
        named = json.loads(json.dumps(lists).replace("{name}", name))
        cluster.api.create_namespaced_service_account(namespace, {"metadata": {"name": account}, **named})
    rights = documented_rules(name)
    if scenario.source:
        cluster.create_secret(namespace, _source(name), **scenario.source)
        rights += [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": [_source(name)], "verbs": ["get"]}]
    return Stage(scenario, name, cluster.identity(namespace, READ_ONLY), cluster.identity(namespace, rights))


def _source(name: str) -> str:
    return f"{name}-source"


def _tasks(module: str, namespace: str, stage: Stage) -> Iterator[dict[str, Any]]:
    for step in stage.scenario.steps:
        arguments = {"name": stage.name, "namespace": namespace, **step.arguments}
        if "credentials_from" in arguments:
            arguments["credentials_from"] = {"name": _source(stage.name), **arguments["credentials_from"]}
        yield {**task(module, **arguments, **stage.reader.connection), "check_mode": True, "diff": True}
        yield {**task(module, **arguments, **stage.writer.connection), "diff": True}


def _judge(step: Step, check: Result, real: Result) -> Iterator[tuple[str, Any]]:
    """What is not as the step says, and where check mode foresaw another thing."""
    if real["operation"] != step.operation or real["changed"] != bool(step.requests):
        yield f"is not {step.operation}", real
    if step.message not in real.get("msg", ""):
        yield f"does not say {step.message}", real
    fields = {**(real.get("secret") or {}), **real}
    for name, value in step.told.items():
        if fields.get(name) != value:
            yield f"{name} is not {value}", fields.get(name)
    diff = real.get("diff") or {}
    managers = [(diff.get(side) or {}).get("managed_by") for side in ("before", "after")]
    if managers != [step.taken, US if step.taken and step.operation != "deleted" else None]:
        yield f"the diff does not say that it was managed by {step.taken}", managers
    foreseen = foreseeable(real, makes_key=step.makes_key, only_links=step.only_links)
    for name in check.keys() | foreseen.keys():
        if check.get(name) != foreseen.get(name):
            yield f"check mode has another {name}", [check.get(name), foreseen.get(name)]


def _judge_rest(cluster: Cluster, namespace: str, stage: Stage) -> Iterator[tuple[str, Any]]:
    """What is not as it must be in the requests of all steps, and in the Secret at the end."""
    if cluster.audit_log:
        read = set(verbs(cluster.audit(stage.reader)))
        if not read <= {"get", "list"}:
            yield "check mode sends more than reads", sorted(read)
        expected = [verb for step in stage.scenario.steps for verb in step.requests]
        written = writes(cluster.audit(stage.writer))
        if written != expected:
            yield "other requests write", [written, expected]
    for account, lists in stage.scenario.left_accounts.items():
        answer = cluster.api.read_namespaced_service_account(account, namespace, _preload_content=False)
        stored = {
            name: value for name, value in json.loads(answer.data).items() if name in ("secrets", "imagePullSecrets")
        }
        if stored != lists:
            yield f"ServiceAccount {account} is another", [stored, lists]
    if stage.scenario.left:
        view = stored_view(cluster.read_secret(namespace, stage.name))
        for name, value in stage.scenario.left.items():
            if view[name] != value:
                yield f"another {name} is stored", [view[name], value]


def stored_view(secret: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret in plain text, without what this collection marks it with; ``auths`` are those of its docker config."""
    data = {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
    marks = {
        name: {key: value for key, value in (secret["metadata"].get(name) or {}).items() if key not in OURS}
        for name in ("labels", "annotations")
    }
    auths = json.loads(data[".dockerconfigjson"])["auths"] if ".dockerconfigjson" in data else None
    return {"type": secret["type"], "data": data, "auths": auths, **marks}


def foreseeable(real: Mapping[str, Any], *, makes_key: bool = False, only_links: bool = False) -> Result:
    """What check mode can know of the result of a real run: all but what the server, or the run itself, makes up."""
    text = json.dumps(real)
    if makes_key:
        for name in ("public_key", "fingerprint"):
            text = text.replace(real[name], AFTER_APPLY)
    result: Result = json.loads(text)
    names = ("secret", "service_account") if result["changed"] and not only_links else ()
    for told in filter(None, map(result.get, names)):
        told["resource_version"] = None
        if result["operation"] in ("created", "recreated"):
            told["uid"] = None
    return result
