# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan for a Secret: from the current and the desired state to the operation. No request is sent here.

A Secret is the plain JSON object that the API returns. A plan holds the Secret before and after; the difference is
what gets written, so a plan without difference writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, Protocol

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .names import LAST_APPLIED, MANAGED_BY, ORIGIN, OWNER, US
from .ownership import Mark, annotations_of, foreign_mark, is_ours, labels_of

Secret = Mapping[str, Any]
# Returns the end of a sentence that begins with the Secret, and an empty string for none.
FindMisfit = Callable[["Secret"], str]
Operation = Literal["created", "updated", "recreated", "deleted", "unchanged"]

# The fields in the metadata of an object that only the API server writes.
_SERVER_FIELDS = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "selfLink",
)


@dataclass(frozen=True)
class Payload:
    """The desired data of a Secret: base64 by key, None for a key to remove. Other keys are kept.

    ``notes`` are further fields of the result, without secret data. ``labels`` and ``annotations`` belong to the data;
    those of the options win over them.
    """

    data: Mapping[str, str | None] = field(repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict)


class PayloadBuilder(Protocol):
    """The source of a Secret's data, for each namespace."""

    def build(self, existing: Secret | None) -> Payload:
        """Return the data for a namespace with this Secret, or with none. Raises KeyringError when there can be none.

        May be called several times, and by several threads.
        """


@dataclass(frozen=True)
class Desired:
    """The desired state of one Secret. ``payload`` builds its data from the stored Secret, or from none.

    ``find_misfit`` returns why a stored Secret of the right type is another kind of Secret; empty if it is not.
    """

    namespace: str
    name: str
    type: str
    payload: PayloadBuilder
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict)
    immutable: bool | None = None
    owner: str | None = None
    recreate: bool = False
    find_misfit: FindMisfit = lambda secret: ""
    take_ownership: bool = False

    @property
    def place(self) -> str:
        """Return what messages call the Secret."""
        return f"Secret {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Plan:
    """An operation on a Secret. ``before`` and ``after`` are None where there is no Secret.

    ``taken`` is the mark of another manager, from which the Secret is taken.
    """

    operation: Operation
    before: Secret | None = field(repr=False)
    after: Secret | None = field(repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    taken: Mark | None = None


def plan_present(existing: Secret | None, desired: Desired) -> Plan:
    """Plan how the Secret gets the desired state. Raises KeyringError for a change that needs an option to allow it."""
    _refuse_terminating(existing, desired.place)
    if existing and existing.get("type") == desired.type:
        _refuse_misfit(existing, desired)
    payload = desired.payload.build(existing)
    mark = foreign_mark(existing, desired.owner) if existing else None
    after, warnings = _build(existing, desired, payload, mark)
    warnings = (*payload.warnings, *warnings)
    if existing is None:
        return Plan("created", None, after, payload.notes, warnings)
    if after == existing:
        return Plan("unchanged", existing, existing, payload.notes, warnings)
    _refuse_foreign(mark, desired)
    reason = _recreate_reason(existing, after)
    if reason:
        _refuse_recreate(existing, desired, reason)
    if mark:
        warnings += (
            f"{desired.place} was managed by {mark.manager}; if that still runs, it will write its own state back.",
        )
    if reason:
        return Plan("recreated", existing, without_server_fields(after), payload.notes, warnings, mark)
    return Plan("updated", existing, after, payload.notes, warnings, mark)


def plan_absent(existing: Secret | None, desired: Desired, deletable_types: tuple[str, ...]) -> Plan:
    """Plan how the Secret becomes absent. Raises KeyringError if it has another type, or another manager."""
    if existing is None:
        return Plan("unchanged", None, None)
    if existing["metadata"].get("deletionTimestamp"):
        warning = f"{desired.place} is being deleted already; a finalizer still holds it."
        return Plan("unchanged", existing, existing, warnings=(warning,))
    if existing.get("type") not in deletable_types:
        raise KeyringError(
            f"{desired.place} has the type {existing.get('type')}.",
            f"This task deletes only {' and '.join(deletable_types)}.",
            "Check the name; a Secret of another type is deleted with kubernetes.core.k8s or kubectl.",
            failure="wrong_type",
        )
    _refuse_misfit(existing, desired)
    mark = foreign_mark(existing, desired.owner)
    _refuse_foreign(mark, desired)
    warnings: tuple[str, ...] = ()
    if mark:
        warnings = (f"{desired.place} was managed by {mark.manager}, which may make it again.",)
    return Plan("deleted", existing, None, warnings=warnings, taken=mark)


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7386) from ``before`` to ``after``; an empty one if they are equal."""
    patch: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            patch[key] = value
        elif isinstance(before[key], Mapping) and isinstance(value, Mapping):
            if before[key] != value:
                patch[key] = merge_patch(before[key], value)
        elif before[key] != value:
            patch[key] = value
    return patch


def without_server_fields(secret: Secret) -> dict[str, Any]:
    """Return the Secret as it can be created again: without the fields of the server and without kubectl's copy."""
    metadata = {key: value for key, value in secret["metadata"].items() if key not in _SERVER_FIELDS}
    return {**secret, "metadata": {**metadata, **_overlay("annotations", annotations_of(secret), {LAST_APPLIED: None})}}


def _build(
    existing: Secret | None, desired: Desired, payload: Payload, mark: Mark | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    stored = existing or _blank(desired)
    claim = existing is None or desired.take_ownership
    labels, annotations = _ownership(stored, desired, claim)
    may_write = mark is None or desired.take_ownership
    warnings: tuple[str, ...] = ()
    if LAST_APPLIED in annotations_of(stored):
        warnings = (_last_applied_warning(desired, may_write),)
        if may_write:
            annotations[LAST_APPLIED] = None
    if existing and desired.owner and not claim and not is_ours(existing):
        not_ours = f"{desired.place} was not made by this collection, so the owner is not written on it"
        warnings += (f"{not_ours}; set take_ownership=true to take it over.",)
    metadata = {
        **stored["metadata"],
        **_overlay("labels", labels_of(stored), {**payload.labels, **desired.labels, **labels}),
        **_overlay(
            "annotations", annotations_of(stored), {**payload.annotations, **desired.annotations, **annotations}
        ),
    }
    after = {**stored, "metadata": metadata, "type": desired.type}
    after["data"] = _merge(stored.get("data") or {}, payload.data)
    if desired.immutable is not None and desired.immutable != bool(stored.get("immutable")):
        after["immutable"] = desired.immutable
    return after, warnings


def _blank(desired: Desired) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": desired.namespace, "name": desired.name},
        "type": desired.type,
    }


def _ownership(stored: Secret, desired: Desired, claim: bool) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the labels and annotations of the owner; none for a Secret that this collection does not manage."""
    if not claim and not is_ours(stored):
        return {}, {}
    labels = {MANAGED_BY: US}
    if desired.owner:
        labels[OWNER] = desired.owner
    return labels, {ORIGIN: f"{desired.namespace}/{desired.name}"}


def _overlay(name: str, stored: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the field ``name`` with the merged map, or nothing if it would be new and empty."""
    merged = _merge(stored, wanted)
    return {name: merged} if merged or stored else {}


def _merge(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**stored, **wanted}.items() if value is not None}


def _last_applied_warning(desired: Desired, may_write: bool) -> str:
    copy = f"{desired.place} has a copy of its credentials in the annotation {LAST_APPLIED}"
    if may_write:
        return f"{copy}, left by kubectl apply; it is removed."
    return f"{copy}; it stays, because the Secret is managed by something else."


def _refuse_terminating(existing: Secret | None, place: str) -> None:
    if existing and existing["metadata"].get("deletionTimestamp"):
        raise KeyringError(
            f"{place} is being deleted.",
            "A finalizer still holds it.",
            "Run the task again when it is deleted.",
            failure="being_deleted",
        )


def _refuse_misfit(existing: Secret, desired: Desired) -> None:
    """Raise KeyringError for a Secret of another kind, which has the same type."""
    reason = desired.find_misfit(existing)
    if reason:
        raise KeyringError(
            f"{desired.place} {reason}.",
            "It is another kind of Secret, and stays as it is.",
            "Check the name and the format.",
            failure="wrong_type",
        )


def _refuse_foreign(mark: Mark | None, desired: Desired) -> None:
    if mark and not desired.take_ownership:
        raise KeyringError(
            f"{desired.place} is managed by {mark.manager} ({mark.sign}).",
            "",
            f"Set take_ownership=true to change it here, or {mark.instead}.",
            failure=mark.failure,
        )


def _refuse_recreate(existing: Secret, desired: Desired, reason: _Reason) -> None:
    if not desired.recreate:
        raise KeyringError(
            f"{desired.place} {reason.text}.",
            "Kubernetes does not allow that change in place.",
            "Set recreate=true to delete and recreate it, or use another name.",
            failure=reason.failure,
        )
    if existing["metadata"].get("finalizers"):
        raise KeyringError(
            f"{desired.place} {reason.text}, and it cannot be recreated.",
            "It has finalizers, so it would still exist after the delete.",
            "Remove the finalizers, or use another name.",
            failure=reason.failure,
        )


@dataclass(frozen=True)
class _Reason:
    """A reason for which Kubernetes does not change a Secret in place; ``text`` is the end of a sentence about it."""

    failure: FailureId
    text: str


def _recreate_reason(existing: Secret, after: Secret) -> _Reason | None:
    if existing.get("type") != after["type"]:
        return _Reason("wrong_type", f"has the type {existing.get('type')}, and {after['type']} is needed")
    if not existing.get("immutable"):
        return None
    if not after.get("immutable"):
        return _Reason("immutable", "is immutable, and the task sets immutable=false")
    if (existing.get("data") or {}) != after["data"]:
        return _Reason("immutable", "is immutable, and its data would change")
    return None
