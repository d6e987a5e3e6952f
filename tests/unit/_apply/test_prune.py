# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an owner has left behind, and each way in which prune could take more than that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.prune import (
    check_prune_limit,
    find_prunable,
    is_prunable,
    why_not_prune,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import Chosen
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import MANAGED_BY, ORIGIN, OWNER, US
from support.samples.secrets import refusal, stored_secret

CONFIG, OLD_CONFIG = TYPES = ("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg")


def ours(
    namespace: str = "web",
    *,
    kind: str = CONFIG,
    labels: Mapping[str, str | None] | None = None,
    annotations: Mapping[str, str | None] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A Secret that the owner team-a has made. A label or annotation that is None is left out."""
    given = {
        "labels": {MANAGED_BY: US, OWNER: "team-a", **(labels or {})},
        "annotations": {ORIGIN: f"{namespace}/registry", **(annotations or {})},
    }
    metadata: dict[str, Any] = {
        name: {key: value for key, value in values.items() if value is not None} for name, values in given.items()
    }
    return stored_secret({}, kind=kind, namespace=namespace, **metadata, **more)


GOES: Mapping[str, dict[str, Any]] = {
    "what the owner has made": ours(),
    "in the old type": ours(kind=OLD_CONFIG),
    "with labels and annotations of others": ours(labels={"team": "web"}, annotations={"example.com/note": "x"}),
    "with a finalizer": ours(finalizers=["example.com/held"]),
}
STAYS: Mapping[str, dict[str, Any]] = {
    "no labels at all": stored_secret({}),
    "no managed-by": ours(labels={MANAGED_BY: None}),
    "another managed-by": ours(labels={MANAGED_BY: "pulumi"}),
    "managed-by Helm": ours(labels={MANAGED_BY: "Helm"}),
    "another owner": ours(labels={OWNER: "team-b"}),
    "an owner that begins alike": ours(labels={OWNER: "team-a-2"}),
    "an owner in capitals": ours(labels={OWNER: "Team-A"}),
    "no owner": ours(labels={OWNER: None}),
    "an empty owner": ours(labels={OWNER: ""}),
    "no origin": ours(annotations={ORIGIN: None}),
    "a replicator's copy": ours(annotations={ORIGIN: "source/registry"}),
    "a copy under another name": ours(annotations={ORIGIN: "web/other"}),
    "an owner reference": ours(ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}]),
    "Helm's mark beside ours": ours(annotations={"meta.helm.sh/release-name": "web"}),
    "Argo CD's mark beside ours": ours(annotations={"argocd.argoproj.io/tracking-id": "x"}),
    "Argo CD's label beside ours": ours(labels={"argocd.argoproj.io/instance": "x"}),
    "Flux' mark beside ours": ours(labels={"kustomize.toolkit.fluxcd.io/name": "x"}),
    "a Flux release's mark beside ours": ours(labels={"helm.toolkit.fluxcd.io/name": "x"}),
    "External Secrets' mark beside ours": ours(labels={"reconcile.external-secrets.io/managed": "true"}),
    "Sealed Secrets' mark beside ours": ours(annotations={"sealedsecrets.bitnami.com/managed": "true"}),
    "OpenShift's mark beside ours": ours(annotations={"openshift.io/token-secret.name": "x"}),
    "another type": ours(kind="Opaque"),
    "being deleted": ours(deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["example.com/held"]),
}


@pytest.mark.parametrize("secret", GOES.values(), ids=GOES)
def test_what_goes(secret: dict[str, Any]) -> None:
    assert is_prunable(secret, "team-a", TYPES)


@pytest.mark.parametrize("secret", STAYS.values(), ids=STAYS)
def test_what_stays(secret: dict[str, Any]) -> None:
    assert not is_prunable(secret, "team-a", TYPES)


EVERYWHERE = {name: ours(name) for name in ("c", "b", "a")}

FOUND: Mapping[str, tuple[Chosen, str | None, list[str]]] = {
    "all but the selection": (Chosen(("b",)), None, ["a", "c"]),
    "nothing outside the selection": (Chosen(("a", "b", "c")), None, []),
    "not where the namespace is being deleted": (Chosen(("b",), terminating=("a",)), None, ["c"]),
    "not where a name was missing a moment ago": (Chosen(("b",), missing=("c",)), None, ["a"]),
    "not what is copied": (Chosen(("b",)), "a", ["c"]),
    "what is copied is in the selection": (Chosen(("a", "b")), "a", ["c"]),
}


@pytest.mark.parametrize(("chosen", "spared", "found"), FOUND.values(), ids=FOUND)
def test_where_it_goes(chosen: Chosen, spared: str | None, found: list[str]) -> None:
    assert find_prunable(EVERYWHERE, chosen, "team-a", TYPES, {spared} if spared else ()) == found


def test_only_what_is_surely_this_owners_is_found() -> None:
    stored = {f"{number:02}": secret for number, secret in enumerate([*GOES.values(), *STAYS.values()])}

    assert find_prunable(stored, Chosen(("x",)), "team-a", TYPES, ()) == ["00", "01", "02", "03"]
    assert find_prunable(stored, Chosen(("x",)), "team-c", TYPES, ()) == []


NOBODY = "Nothing is pruned, because no namespace is selected."
VOID = (
    "Nothing is pruned, because no namespace matches {}. "
    "Otherwise the Secret would be deleted from the namespaces that matched before."
)
GLOB, SELECTOR = 'namespaces: "prod-*"', 'namespace_selectors: "tier=gold"'

REASONS: Mapping[str, tuple[Chosen, str | None]] = {
    "some are meant": (Chosen(("a",)), None),
    "one is missing yet": (Chosen((), missing=("a",)), None),
    "an exclusion that excludes nothing": (Chosen(("a",), warnings=("…",)), None),
    "what is copied, and another": (Chosen(("a", "source")), None),
    "what is copied, and one that is missing yet": (Chosen(("source",), missing=("a",)), None),
    "only what is copied": (
        Chosen(("source",)),
        "Nothing is pruned, because the Secret would be left only where it is copied from.",
    ),
    "none is meant": (Chosen(()), NOBODY),
    "only one that is being deleted": (Chosen((), terminating=("a",)), NOBODY),
    "none, because a glob is void": (Chosen((), void=(GLOB,)), NOBODY),
    "a void glob beside others": (Chosen(("a",), void=(GLOB,)), VOID.format(GLOB)),
    "two void parts": (Chosen(("a",), void=(GLOB, SELECTOR)), VOID.format(f"{GLOB} or {SELECTOR}")),
}


@pytest.mark.parametrize(("chosen", "reason"), REASONS.values(), ids=REASONS)
def test_why_nothing_may_go(chosen: Chosen, reason: str | None) -> None:
    assert why_not_prune(chosen, {"source"}) == reason


@pytest.mark.parametrize(("namespaces", "limit"), [([], 1), (["a"], 1), (["a", "b"], 2), (["a"], 10)])
def test_within_the_limit(namespaces: list[str], limit: int) -> None:
    check_prune_limit("registry", namespaces, limit)


def test_over_the_limit() -> None:
    assert refusal(check_prune_limit, "registry", ["a", "b", "c"], 2) == (
        "prune would delete Secret registry from 3 namespaces, and prune_limit is 2: a, b, c. Nothing was written. "
        "Check the selected namespaces. If this is intended, set prune_limit to at least that number."
    )
