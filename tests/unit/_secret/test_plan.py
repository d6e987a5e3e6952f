# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is stored and what is wanted to what is to be done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.ownership import Mark
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import (
    Desired,
    Payload,
    Plan,
    merge_patch,
    plan_absent,
    plan_present,
    without_server_fields,
)
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, FixedPayload, refusal, stored_secret

TYPE = "kubernetes.io/dockerconfigjson"
KEY = ".dockerconfigjson"
MANAGED_BY = "app.kubernetes.io/managed-by"
OWNER = "keyring.kubernetes/owner"
ORIGIN = "keyring.kubernetes/origin"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
HELM: dict[str, Any] = {"labels": {MANAGED_BY: "Helm"}, "annotations": {"meta.helm.sh/release-name": "web"}}
BY_HELM = Mark('Helm release "web"', f"label {MANAGED_BY}", "change the release")
ARGO_CD = Mark("Argo CD", "label argocd.argoproj.io/instance", "change the application's source")
BY_CONFIG_MAP = Mark('ConfigMap "a"', "an owner reference", "change that ConfigMap")
OURS: dict[str, Any] = {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}

OLD = {KEY: "b2xk"}
NEW = {KEY: "bmV3"}


def desired(*, data: dict[str, str | None] | None = None, **fields: Any) -> Desired:
    """The wish that the Secret web/registry holds ``data``."""
    payload = Payload(NEW if data is None else data)
    return Desired("web", "registry", TYPE, FixedPayload(payload), **fields)


def created(**changes: Any) -> dict[str, Any]:
    """The Secret web/registry as it is sent to the API, with other ``metadata``."""
    metadata = {"namespace": "web", "name": "registry", "labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**metadata, **changes},
        "type": TYPE,
        "data": NEW,
    }


@pytest.mark.parametrize(
    ("wish", "after"),
    [
        pytest.param(desired(), created(), id="plain"),
        pytest.param(
            desired(labels={"app": "web", "x": None}, annotations={"note": "y", "z": None}),
            created(labels={"app": "web", **OUR_LABELS}, annotations={"note": "y", **OUR_ANNOTATIONS}),
            id="labels and annotations; null is not written",
        ),
        pytest.param(desired(owner="team-a"), created(labels={**OUR_LABELS, OWNER: "team-a"}), id="owner"),
        pytest.param(desired(immutable=True), {**created(), "immutable": True}, id="immutable"),
        pytest.param(desired(immutable=False), created(), id="not immutable"),
        pytest.param(desired(take_ownership=True, recreate=True), created(), id="permissions change nothing"),
        pytest.param(
            desired(data={"a": "YQ==", "b": None}),
            {**created(), "data": {"a": "YQ=="}},
            id="a key that goes is not there",
        ),
    ],
)
def test_created(wish: Desired, after: dict[str, Any]) -> None:
    assert plan_present(None, wish) == Plan("created", None, after)


@pytest.mark.parametrize(
    ("existing", "wish"),
    [
        pytest.param(stored_secret(NEW), desired(), id="not ours"),
        pytest.param(stored_secret(NEW, **OURS), desired(), id="ours"),
        pytest.param(stored_secret(NEW, **OURS), desired(take_ownership=True), id="ours already"),
        pytest.param(stored_secret(NEW, **HELM), desired(), id="managed by something else"),
        pytest.param(
            stored_secret(NEW, ownerReferences=[{"kind": "ConfigMap", "name": "a"}]), desired(), id="owner reference"
        ),
        pytest.param(stored_secret({**NEW, "other": "eA=="}), desired(), id="another key in the data"),
        pytest.param(stored_secret(NEW), desired(data={}), id="nothing wanted of the data"),
        pytest.param(stored_secret(NEW), desired(data={**NEW, "gone": None}), id="a key that is gone already"),
        pytest.param(
            stored_secret(NEW), desired(labels={"x": None}, annotations={"y": None}), id="nulls, nothing there"
        ),
        pytest.param(stored_secret(NEW, labels={}, annotations={}), desired(), id="empty maps"),
        pytest.param(stored_secret(NEW, labels=None, annotations=None), desired(), id="null maps"),
        pytest.param(
            stored_secret(NEW, labels={"x": "1", "y": "2"}), desired(labels={"x": "1"}), id="labels as wanted"
        ),
        pytest.param(stored_secret(NEW), desired(immutable=False), id="not immutable"),
        pytest.param(stored_secret(NEW, immutable=True), desired(immutable=True), id="immutable already"),
        pytest.param(stored_secret(NEW, immutable=True), desired(), id="immutable, not asked"),
        pytest.param(
            stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS),
            desired(owner="team-a"),
            id="the same owner",
        ),
    ],
)
def test_unchanged(existing: dict[str, Any], wish: Desired) -> None:
    plan = plan_present(existing, wish)
    assert plan == Plan("unchanged", existing, existing)
    assert merge_patch(existing, plan.after or {}) == {}


@pytest.mark.parametrize(
    ("existing", "wish", "after"),
    [
        pytest.param(stored_secret(OLD), desired(), stored_secret(NEW), id="data; no mark of ours by a merge"),
        pytest.param(
            stored_secret({**OLD, "other": "eA==", "gone": "eA=="}),
            desired(data={**NEW, "gone": None}),
            stored_secret({**NEW, "other": "eA=="}),
            id="data keys merge",
        ),
        pytest.param(
            stored_secret(OLD, labels={"a": "1", "b": "2", "c": "3"}, annotations={"d": "4", "e": "5"}),
            desired(labels={"a": None, "b": "9", "n": "7"}, annotations={"d": None, "m": "8"}),
            stored_secret(NEW, labels={"b": "9", "c": "3", "n": "7"}, annotations={"e": "5", "m": "8"}),
            id="labels and annotations merge",
        ),
        pytest.param(
            stored_secret(NEW, labels={"a": "1"}),
            desired(labels={"a": None}),
            stored_secret(NEW, labels={}),
            id="the last label goes",
        ),
        pytest.param(
            stored_secret(NEW, finalizers=["a/b"], ownerReferences=[]),
            desired(immutable=True),
            stored_secret(NEW, immutable=True, finalizers=["a/b"], ownerReferences=[]),
            id="made immutable",
        ),
        pytest.param(
            stored_secret(OLD),
            desired(immutable=True),
            stored_secret(NEW, immutable=True),
            id="new data and made immutable",
        ),
        pytest.param(
            stored_secret(NEW, immutable=True),
            desired(labels={"a": "1"}),
            stored_secret(NEW, immutable=True, labels={"a": "1"}, annotations={}),
            id="a label of an immutable one",
        ),
        pytest.param(
            stored_secret(NEW), desired(take_ownership=True), stored_secret(NEW, **OURS), id="taken without a mark"
        ),
        pytest.param(
            stored_secret(NEW, labels={"a": "1"}),
            desired(take_ownership=True, owner="team-a"),
            stored_secret(NEW, labels={"a": "1", **OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS),
            id="taken with owner",
        ),
        pytest.param(
            stored_secret(NEW, **OURS),
            desired(owner="team-a"),
            stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS),
            id="ours gets its owner",
        ),
        pytest.param(
            stored_secret(OLD, labels={**OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS),
            desired(),
            stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS),
            id="an owner that the task does not name stays",
        ),
        pytest.param(
            stored_secret(OLD, labels=OUR_LABELS, annotations={ORIGIN: "ci/registry"}),
            desired(),
            stored_secret(NEW, labels=OUR_LABELS, annotations={ORIGIN: "ci/registry"}),
            id="a replicator's copy is not ours",
        ),
    ],
)
def test_updated(existing: dict[str, Any], wish: Desired, after: dict[str, Any]) -> None:
    given = json.dumps(existing)
    plan = plan_present(existing, wish)
    assert (plan.operation, plan.before, plan.warnings) == ("updated", existing, ())
    assert without_empty_maps(plan.after) == without_empty_maps(after)
    assert json.dumps(existing) == given, "the Secret that was given has changed"


def test_an_immutable_secret_without_data_takes_a_label() -> None:
    existing = {key: value for key, value in stored_secret({}, immutable=True).items() if key != "data"}
    assert plan_present(existing, desired(data={}, labels={"a": "1"})).operation == "updated"


def without_empty_maps(secret: Any) -> dict[str, Any]:
    """The API server does not keep empty labels or annotations, so they mean the same as none."""
    return {**secret, "metadata": {key: value for key, value in secret["metadata"].items() if value != {}}}


@pytest.mark.parametrize(
    ("metadata", "mark"),
    [
        pytest.param(HELM, BY_HELM, id="Helm"),
        pytest.param({"labels": {"argocd.argoproj.io/instance": "x"}}, ARGO_CD, id="Argo CD"),
        pytest.param({"ownerReferences": [{"kind": "ConfigMap", "name": "a"}]}, BY_CONFIG_MAP, id="owner reference"),
    ],
)
def test_take_ownership_changes_what_something_else_manages(metadata: dict[str, Any], mark: Mark) -> None:
    existing = stored_secret(OLD, **metadata)
    plan = plan_present(existing, desired(take_ownership=True))
    labels = {**metadata.get("labels", {}), **OUR_LABELS}
    annotations = {**metadata.get("annotations", {}), **OUR_ANNOTATIONS}
    after = stored_secret(NEW, **{**metadata, "labels": labels, "annotations": annotations})
    still = "if that still runs, it will write its own state back."
    warning = f"Secret web/registry was managed by {mark.manager}; {still}"
    assert plan == Plan("updated", existing, after, {}, (warning,), mark)


def test_take_ownership_from_another_owner() -> None:
    existing = stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-b"}, annotations=OUR_ANNOTATIONS)
    plan = plan_present(existing, desired(owner="team-a", take_ownership=True))
    after = stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-a"}, annotations=OUR_ANNOTATIONS)
    warning = (
        'Secret web/registry was managed by the owner "team-b"; if that still runs, it will write its own state back.'
    )
    mark = Mark('the owner "team-b"', f"label {OWNER}", "change it where that owner declares it", "wrong_owner")
    assert plan == Plan("updated", existing, after, {}, (warning,), mark)


NOT_MADE_BY_US = (
    "Secret web/registry was not made by this collection, so the owner is not written on it; "
    "set take_ownership=true to take it over."
)


@pytest.mark.parametrize(
    ("metadata", "fields", "label", "warnings"),
    [
        pytest.param(None, {"owner": "team-a"}, "team-a", (), id="created"),
        pytest.param(None, {}, None, (), id="created without"),
        pytest.param(OURS, {"owner": "team-a"}, "team-a", (), id="ours"),
        pytest.param(OURS, {}, None, (), id="ours, without"),
        pytest.param({}, {"owner": "team-a"}, None, (NOT_MADE_BY_US,), id="not ours"),
        pytest.param({}, {}, None, (), id="not ours, without"),
        pytest.param({}, {"owner": "team-a", "take_ownership": True}, "team-a", (), id="taken"),
        pytest.param({"labels": {OWNER: "team-a"}}, {"owner": "team-a"}, "team-a", (NOT_MADE_BY_US,), id="label alone"),
        pytest.param(
            {"labels": OUR_LABELS, "annotations": {ORIGIN: "ci/registry"}},
            {"owner": "team-a"},
            None,
            (NOT_MADE_BY_US,),
            id="a replicator's copy",
        ),
    ],
)
def test_the_label_of_the_owner(
    metadata: dict[str, Any] | None, fields: dict[str, Any], label: str | None, warnings: tuple[str, ...]
) -> None:
    plan = plan_present(None if metadata is None else stored_secret(OLD, **metadata), desired(**fields))
    assert plan.after is not None
    assert plan.after["metadata"].get("labels", {}).get(OWNER) == label
    assert plan.warnings == warnings


COPY = f"Secret web/registry has a copy of its credentials in the annotation {LAST_APPLIED}"
REMOVED = f"{COPY}, left by kubectl apply; it is removed."
STAYS = f"{COPY}; it stays, because the Secret is managed by something else."
TAKEN = 'Secret web/registry was managed by "pulumi"; if that still runs, it will write its own state back.'


@pytest.mark.parametrize(
    ("data", "labels", "wish", "operation", "warnings"),
    [
        pytest.param(NEW, {}, desired(), "updated", (REMOVED,), id="removed, a change by itself"),
        pytest.param(OLD, {}, desired(), "updated", (REMOVED,), id="removed together with a change"),
        pytest.param(OLD, {}, desired(annotations={"a": "b"}), "updated", (REMOVED,), id="beside another annotation"),
        pytest.param(NEW, {MANAGED_BY: "pulumi"}, desired(), "unchanged", (STAYS,), id="managed by something else"),
        pytest.param(
            NEW, {MANAGED_BY: "pulumi"}, desired(take_ownership=True), "updated", (REMOVED, TAKEN), id="taken over"
        ),
    ],
)
def test_last_applied(
    data: dict[str, str], labels: dict[str, str], wish: Desired, operation: str, warnings: tuple[str, ...]
) -> None:
    existing = stored_secret(data, labels=labels, annotations={LAST_APPLIED: "{}", "note": "x"})
    plan = plan_present(existing, wish)
    assert plan.after is not None
    annotations = plan.after["metadata"]["annotations"]
    assert (plan.operation, plan.warnings) == (operation, warnings)
    assert (LAST_APPLIED in annotations) is (operation == "unchanged")
    assert annotations["note"] == "x"


def test_last_applied_is_removed_on_the_wire() -> None:
    existing = stored_secret(NEW, annotations={LAST_APPLIED: "{}"})
    plan = plan_present(existing, desired())
    assert merge_patch(existing, plan.after or {}) == {"metadata": {"annotations": {LAST_APPLIED: None}}}


NOT_IN_PLACE = (
    "Kubernetes does not allow that change in place. Set recreate=true to delete and recreate it, or use another name."
)
OPAQUE = f"Secret web/registry has the type Opaque, and {TYPE} is needed"
IMMUTABLE = "Secret web/registry is immutable, and its data would change"
UNFREEZE = "Secret web/registry is immutable, and the task sets immutable=false"
BEING_DELETED = (
    "Secret web/registry is being deleted. A finalizer still holds it. Run the task again when it is deleted."
)
HELD = (
    ", and it cannot be recreated. It has finalizers, so it would still exist after the delete. "
    "Remove the finalizers, or use another name."
)
TERMINATING: dict[str, Any] = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]}


@pytest.mark.parametrize(
    ("existing", "wish", "message"),
    [
        pytest.param(stored_secret({}, kind="Opaque"), desired(), f"{OPAQUE}. {NOT_IN_PLACE}", id="another type"),
        pytest.param(
            stored_secret(NEW, kind="kubernetes.io/dockercfg"),
            desired(),
            f"Secret web/registry has the type kubernetes.io/dockercfg, and {TYPE} is needed. {NOT_IN_PLACE}",
            id="the older type",
        ),
        pytest.param(
            stored_secret(OLD, immutable=True), desired(), f"{IMMUTABLE}. {NOT_IN_PLACE}", id="data of an immutable one"
        ),
        pytest.param(
            stored_secret(OLD, immutable=True),
            desired(immutable=True),
            f"{IMMUTABLE}. {NOT_IN_PLACE}",
            id="data of an immutable one that stays so",
        ),
        pytest.param(
            stored_secret(NEW, immutable=True),
            desired(immutable=False),
            f"{UNFREEZE}. {NOT_IN_PLACE}",
            id="immutable from true to false",
        ),
        pytest.param(
            stored_secret(OLD, **HELM),
            desired(),
            'Secret web/registry is managed by Helm release "web" (label app.kubernetes.io/managed-by). '
            "Set take_ownership=true to change it here, or change the release.",
            id="managed by Helm",
        ),
        pytest.param(
            stored_secret(NEW, **HELM),
            desired(labels={"a": "b"}),
            'Secret web/registry is managed by Helm release "web" (label app.kubernetes.io/managed-by). '
            "Set take_ownership=true to change it here, or change the release.",
            id="managed by Helm, a label only",
        ),
        pytest.param(
            stored_secret(OLD, ownerReferences=[{"kind": "ExternalSecret", "name": "pull"}]),
            desired(recreate=True),
            'Secret web/registry is managed by ExternalSecret "pull" (an owner reference). '
            "Set take_ownership=true to change it here, or change that ExternalSecret.",
            id="owner reference; recreate does not help",
        ),
        pytest.param(
            stored_secret(NEW, labels={**OUR_LABELS, OWNER: "team-b"}, annotations=OUR_ANNOTATIONS),
            desired(owner="team-a"),
            'Secret web/registry is managed by the owner "team-b" (label keyring.kubernetes/owner). '
            "Set take_ownership=true to change it here, or change it where that owner declares it.",
            id="another owner",
        ),
        pytest.param(stored_secret(OLD, **TERMINATING), desired(), BEING_DELETED, id="terminating"),
        pytest.param(
            stored_secret(NEW, **TERMINATING), desired(), BEING_DELETED, id="terminating, though nothing would change"
        ),
        pytest.param(
            stored_secret(OLD, kind="Opaque", **HELM, **TERMINATING),
            desired(take_ownership=True, recreate=True),
            BEING_DELETED,
            id="terminating, whatever is allowed",
        ),
        pytest.param(
            stored_secret(OLD, kind="Opaque", finalizers=["a/b"]),
            desired(recreate=True),
            f"{OPAQUE}{HELD}",
            id="finalizers, another type",
        ),
        pytest.param(
            stored_secret(OLD, immutable=True, finalizers=["a/b"]),
            desired(recreate=True),
            f"{IMMUTABLE}{HELD}",
            id="finalizers, immutable",
        ),
        pytest.param(
            stored_secret(OLD, kind="Opaque", finalizers=["a/b"]),
            desired(),
            f"{OPAQUE}. {NOT_IN_PLACE}",
            id="finalizers are told when recreate is allowed",
        ),
        pytest.param(
            stored_secret(OLD, kind="Opaque", labels={MANAGED_BY: "pulumi"}),
            desired(recreate=True),
            'Secret web/registry is managed by "pulumi" (label app.kubernetes.io/managed-by). '
            "Set take_ownership=true to change it here, or change it there.",
            id="the manager is told before the type",
        ),
        pytest.param(
            stored_secret(OLD, kind="Opaque", labels={MANAGED_BY: "pulumi"}),
            desired(take_ownership=True),
            f"{OPAQUE}. {NOT_IN_PLACE}",
            id="take_ownership does not allow a new type",
        ),
    ],
)
def test_refused(existing: dict[str, Any], wish: Desired, message: str) -> None:
    assert refusal(plan_present, existing, wish) == message


@pytest.mark.parametrize(
    ("existing", "wish"),
    [
        pytest.param(stored_secret({"a": "YQ=="}, kind="Opaque"), desired(recreate=True), id="another type"),
        pytest.param(stored_secret(OLD, immutable=True), desired(recreate=True), id="data of an immutable one"),
        pytest.param(
            stored_secret(NEW, immutable=True), desired(recreate=True, immutable=False), id="no longer immutable"
        ),
    ],
)
def test_recreated(existing: dict[str, Any], wish: Desired) -> None:
    plan = plan_present(existing, wish)
    assert plan.operation == "recreated"
    assert plan.before == existing
    assert plan.after is not None
    assert plan.after["type"] == TYPE
    assert plan.after["data"] == {**existing["data"], **NEW}
    assert plan.after.get("immutable", False) is (wish.immutable is None and existing.get("immutable", False))
    assert plan.after["metadata"] == {"namespace": "web", "name": "registry"}
    assert plan.warnings == ()


def test_recreated_keeps_what_is_not_ours() -> None:
    metadata: dict[str, Any] = {
        "labels": {"a": "1"},
        "annotations": {"b": "2"},
        "ownerReferences": [{"kind": "ConfigMap", "name": "c"}],
    }
    existing = stored_secret(OLD, kind="Opaque", generation=3, managedFields=[{}], creationTimestamp="x", **metadata)
    plan = plan_present(existing, desired(recreate=True, take_ownership=True, labels={"n": "3"}))
    assert plan.after is not None
    assert plan.after["metadata"] == {
        "namespace": "web",
        "name": "registry",
        "labels": {"a": "1", "n": "3", **OUR_LABELS},
        "annotations": {"b": "2", **OUR_ANNOTATIONS},
        "ownerReferences": [{"kind": "ConfigMap", "name": "c"}],
    }
    assert plan.warnings == (
        'Secret web/registry was managed by ConfigMap "c"; if that still runs, it will write its own state back.',
    )
    assert plan.taken == Mark('ConfigMap "c"', "an owner reference", "change that ConfigMap")


@pytest.mark.parametrize("existing", [None, stored_secret(NEW), stored_secret(OLD), stored_secret(OLD, kind="Opaque")])
def test_notes_and_warnings_of_the_payload_come_along(existing: dict[str, Any] | None) -> None:
    payload = Payload(NEW, {"credentials_kept": ["ghcr.io"]}, ("Mind the gap.",))
    plan = plan_present(existing, Desired("web", "registry", TYPE, FixedPayload(payload), recreate=True))
    assert plan.notes == {"credentials_kept": ["ghcr.io"]}
    assert plan.warnings == ("Mind the gap.",)


@pytest.mark.parametrize("existing", [None, stored_secret(OLD)])
def test_the_payload_is_worked_out_against_what_is_stored(existing: dict[str, Any] | None) -> None:
    seen = []

    def payload(secret: Any) -> Payload:
        seen.append(secret)
        return Payload(NEW)

    plan_present(existing, Desired("web", "registry", TYPE, FixedPayload(payload)))
    assert seen == [existing]


def test_nothing_prints_the_data() -> None:
    payload = Payload({KEY: "czNjcmV0"})
    plan = plan_present(stored_secret(OLD), Desired("web", "registry", TYPE, FixedPayload(payload)))
    assert "czNjcmV0" not in repr(payload) + repr(plan)


TYPES = (TYPE, "kubernetes.io/dockercfg")


@pytest.mark.parametrize(
    ("existing", "wish", "plan"),
    [
        pytest.param(None, desired(), Plan("unchanged", None, None), id="absent already"),
        *(
            pytest.param(
                stored_secret(OLD, **TERMINATING, **metadata),
                desired(),
                Plan(
                    "unchanged",
                    stored_secret(OLD, **TERMINATING, **metadata),
                    stored_secret(OLD, **TERMINATING, **metadata),
                    {},
                    ("Secret web/registry is being deleted already; a finalizer still holds it.",),
                ),
                id=f"being deleted already{more}",
            )
            for metadata, more in (({}, ""), (HELM, ", and managed by Helm"))
        ),
        pytest.param(stored_secret(OLD), desired(), Plan("deleted", stored_secret(OLD), None), id="by name, no mark"),
        pytest.param(
            stored_secret(OLD, **OURS), desired(owner="a"), Plan("deleted", stored_secret(OLD, **OURS), None), id="ours"
        ),
        pytest.param(
            stored_secret({}, kind=TYPES[1]),
            desired(),
            Plan("deleted", stored_secret({}, kind=TYPES[1]), None),
            id="the older type",
        ),
        pytest.param(
            stored_secret(OLD, immutable=True),
            desired(),
            Plan("deleted", stored_secret(OLD, immutable=True), None),
            id="immutable",
        ),
        pytest.param(
            stored_secret(OLD, **HELM),
            desired(take_ownership=True),
            Plan(
                "deleted",
                stored_secret(OLD, **HELM),
                None,
                {},
                ('Secret web/registry was managed by Helm release "web", which may make it again.',),
                BY_HELM,
            ),
            id="managed by Helm, allowed",
        ),
    ],
)
def test_absent(existing: dict[str, Any] | None, wish: Desired, plan: Plan) -> None:
    assert plan_absent(existing, wish, TYPES) == plan


@pytest.mark.parametrize(
    ("existing", "wish", "message"),
    [
        pytest.param(
            stored_secret(OLD, kind="Opaque"),
            desired(take_ownership=True, recreate=True),
            "Secret web/registry has the type Opaque. "
            "This task deletes only kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg. "
            "Check the name; a Secret of another type is deleted with kubernetes.core.k8s or kubectl.",
            id="another type",
        ),
        pytest.param(
            stored_secret(OLD, **HELM),
            desired(recreate=True),
            'Secret web/registry is managed by Helm release "web" (label app.kubernetes.io/managed-by). '
            "Set take_ownership=true to change it here, or change the release.",
            id="managed by Helm",
        ),
        pytest.param(
            stored_secret(OLD, labels={**OUR_LABELS, OWNER: "team-b"}, annotations=OUR_ANNOTATIONS),
            desired(owner="team-a"),
            'Secret web/registry is managed by the owner "team-b" (label keyring.kubernetes/owner). '
            "Set take_ownership=true to change it here, or change it where that owner declares it.",
            id="another owner",
        ),
    ],
)
def test_absent_refused(existing: dict[str, Any], wish: Desired, message: str) -> None:
    assert refusal(plan_absent, existing, wish, TYPES) == message


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({}, {}, {}),
        ({"a": "b"}, {"a": "b"}, {}),
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"a": "b", "c": "d"}, {"c": "d"}),
        ({"a": "b", "c": "d"}, {"a": "b"}, {"c": None}),
        ({"a": {"b": "c", "d": "e"}}, {"a": {"b": "c", "d": "f"}}, {"a": {"d": "f"}}),
        ({"a": {"b": "c", "d": "e"}}, {"a": {"b": "c"}}, {"a": {"d": None}}),
        ({"a": {"b": "c"}}, {"a": {}}, {"a": {"b": None}}),
        ({"a": {"b": "c"}}, {}, {"a": None}),
        ({"a": ["b"]}, {"a": ["b", "c"]}, {"a": ["b", "c"]}),
        ({"a": ["b"]}, {"a": {"b": "c"}}, {"a": {"b": "c"}}),
        ({"a": {"b": "c"}}, {"a": "d"}, {"a": "d"}),
        ({"a": None}, {"a": {"b": "c"}}, {"a": {"b": "c"}}),
    ],
)
def test_merge_patch(before: dict[str, Any], after: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merge_patch(before, after) == patch


def test_without_server_fields() -> None:
    server_fields = {
        "uid": "1",
        "resourceVersion": "2",
        "creationTimestamp": "3",
        "deletionTimestamp": "4",
        "deletionGracePeriodSeconds": 5,
        "generation": 6,
        "managedFields": [],
        "selfLink": "7",
    }
    kept = {"namespace": "web", "name": "registry", "labels": {"a": "b"}, "finalizers": ["c/d"], "ownerReferences": []}
    secret = {**created(), "metadata": {**kept, **server_fields}}
    assert without_server_fields(secret) == {**created(), "metadata": kept}


def test_without_server_fields_leaves_no_copy_of_the_credentials() -> None:
    metadata = {"namespace": "web", "name": "registry", "annotations": {LAST_APPLIED: "{}", "note": "x"}}
    left = without_server_fields({**created(), "metadata": metadata})
    assert left["metadata"]["annotations"] == {"note": "x"}


# --- labels and annotations that go with the data ---------------------------------------------------------------------


def with_marks(of_labels: dict[str, str | None], of_annotations: dict[str, str | None], **fields: Any) -> Desired:
    """A wish whose data brings labels and annotations of its own."""
    payload = Payload(NEW, labels=of_labels, annotations=of_annotations)
    return Desired("web", "registry", TYPE, FixedPayload(payload), **fields)


@pytest.mark.parametrize(
    ("wish", "after"),
    [
        pytest.param(
            with_marks({"a": "1", "b": None}, {"c": "2", "d": None}),
            created(labels={"a": "1", **OUR_LABELS}, annotations={"c": "2", **OUR_ANNOTATIONS}),
            id="they are written",
        ),
        pytest.param(
            with_marks({"a": "1"}, {"c": "2"}, labels={"a": "8"}, annotations={"c": "9"}),
            created(labels={"a": "8", **OUR_LABELS}, annotations={"c": "9", **OUR_ANNOTATIONS}),
            id="the task has the last word",
        ),
        pytest.param(
            with_marks({"a": "1"}, {"c": "2"}, labels={"a": None}, annotations={"c": None}),
            created(),
            id="also with null",
        ),
        pytest.param(
            with_marks({MANAGED_BY: "x"}, {ORIGIN: "x"}),
            created(),
            id="ours are never theirs",
        ),
    ],
)
def test_marks_of_the_data(wish: Desired, after: dict[str, Any]) -> None:
    assert plan_present(None, wish) == Plan("created", None, after)


def test_marks_of_the_data_are_taken_away() -> None:
    existing = stored_secret(NEW, labels={"a": "1", "b": "2"}, annotations={"c": "3", "d": "4"})
    plan = plan_present(existing, with_marks({"a": None}, {"c": None}))
    assert plan == Plan("updated", existing, stored_secret(NEW, labels={"b": "2"}, annotations={"d": "4"}))
