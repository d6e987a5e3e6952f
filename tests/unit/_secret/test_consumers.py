# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which fields of custom resources name a Secret, which types of Secrets they hold, and which labels are a use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import find_pullers
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import (
    CUSTOM_KINDS,
    LABEL_ROWS,
    USER_KINDS,
    find_label_uses,
    read_field,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import (
    BUILT_IN_KINDS,
    OTHER_TYPES,
    REGISTRY_TYPES,
    describe_use,
    find_uses,
    group_resources,
    render_rule,
)
from support.consumers.samples import SAMPLES, SECRET, SPECS, Sample

IDS = [f"{group}-{kind}" for group, kind in (sample.key for sample in SAMPLES)]


def test_every_row_has_a_sample() -> None:
    assert [sample.key for sample in SAMPLES] == [(kind.group, kind.kind) for kind in CUSTOM_KINDS]
    assert set(SPECS) == {sample.key for sample in SAMPLES}
    assert len(SPECS) == len(SAMPLES), "two rows are of one kind"


def test_what_was_installed_is_custom_and_nothing_else() -> None:
    assert (*BUILT_IN_KINDS, *CUSTOM_KINDS) == USER_KINDS
    assert [kind for kind in BUILT_IN_KINDS if kind.is_custom] == []
    assert [kind for kind in CUSTOM_KINDS if not kind.is_custom] == []


def count_names(value: Any, name: str) -> int:
    """Count the strings that are this name, however deep."""
    if isinstance(value, dict):
        return sum(count_names(item, name) for item in value.values())
    if isinstance(value, list):
        return sum(count_names(item, name) for item in value)
    return int(value == name)


ODD_VALUES: tuple[Any, ...] = (5, True, "x", ["x"], [["x"]], {"name": {}}, {"x": "y"}, None)


def replace_each(value: Any, odd: Any) -> Iterator[Any]:
    """Yield copies of a document, each with another one of its values replaced."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield {**value, name: odd}
            for changed in replace_each(item, odd):
                yield {**value, name: changed}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for changed in (odd, *replace_each(item, odd)):
                yield [*value[:index], changed, *value[index + 1 :]]


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_a_schema_may_allow_any_type(sample: Sample) -> None:
    found = sample.render("registry")
    for odd in ODD_VALUES:
        for spec in replace_each(found["spec"], odd):
            changed: dict[str, Any] = {"metadata": {"name": "a", "namespace": "web"}, "spec": spec}
            assert all(isinstance(use.secret, str) for use in find_uses(sample.kind, changed))
            if sample.kind.template:
                find_pullers({sample.kind.kind: [changed]})


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_every_field_that_names_a_secret_is_read(sample: Sample) -> None:
    found = sample.render("registry")
    found["metadata"]["namespace"] = "web"
    read = list(sample.kind.names(found))
    assert {name for _how, name, _effect in read} == {"registry"}
    assert len(read) == count_names(sample.spec, SECRET), "a field of the sample is not read"
    uses = [use for use in find_uses(sample.kind, found) if use.namespace in ("web", "crossplane-system")]
    assert [describe_use(use) for use in uses] == sample.used_by("web")


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
@pytest.mark.parametrize("spec", [None, {}], ids=["no spec", "an empty spec"])
def test_an_object_without_the_fields_names_nothing(sample: Sample, spec: Any) -> None:
    names = list(sample.kind.names({"metadata": {"namespace": "web", "name": "x"}, "spec": spec}))
    default = [("reference", "gitcredential", "next_use")] if sample.kind.kind == "GitRepo" else []
    assert names == default, "only Fleet clones with a Secret of a fixed name"


@pytest.mark.parametrize(
    "found",
    [
        None,
        "a",
        ["a"],
        {"a": "x"},
        {"a": {"b": "x"}},
        {"a": {"b": {"c": "x"}}},
        {"a": {"b": [{"c": ["x"]}, "x", None, {"c": 3}, {"c": ""}, {"c": None}]}},
    ],
)
def test_a_field_of_another_type_names_nothing(found: Any) -> None:
    assert list(read_field(found, "a.b[].c")) == []


def test_every_item_of_a_list_is_read() -> None:
    found = {"a": {"b": [{"c": "x"}, {"d": "no"}, {"c": "y"}]}}
    assert list(read_field(found, "a.b[].c")) == ["x", "y"]


@pytest.mark.parametrize(
    ("group", "kind", "registry", "other"),
    [
        ("source.toolkit.fluxcd.io", "GitRepository", False, True),
        ("source.toolkit.fluxcd.io", "OCIRepository", True, True),
        ("fleet.cattle.io", "GitRepo", False, True),
        ("configsync.gke.io", "RootSync", False, True),
        ("pkg.crossplane.io", "Provider", True, False),
        ("primehub.io", "Dataset", False, True),
        ("argoproj.io", "Rollout", True, True),
        ("apps", "Deployment", True, True),
    ],
)
def test_which_types_of_secrets_a_kind_can_hold(group: str, kind: str, registry: bool, other: bool) -> None:
    (row,) = (row for row in USER_KINDS if (row.group, row.kind) == (group, kind))
    assert {row.can_hold(type_) for type_ in REGISTRY_TYPES} == {registry}
    assert {row.can_hold(type_) for type_ in OTHER_TYPES} == {other}
    assert row.can_hold("example.com/credentials"), "every kind may hold a type that no row knows"


@pytest.mark.parametrize(
    ("labels", "programs"),
    [
        ({"argocd.argoproj.io/secret-type": "repository"}, ["Argo CD"]),
        ({"argocd.argoproj.io/secret-type": "repo-write-creds"}, ["Argo CD"]),
        ({"kargo.akuity.io/cred-type": "git"}, ["Kargo"]),
        ({"jenkins.io/credentials-type": "usernamePassword"}, ["Jenkins"]),
        ({"controller.devfile.io/git-credential": "true"}, ["DevWorkspace"]),
        ({"controller.devfile.io/devworkspace_pullsecret": "true"}, ["DevWorkspace"]),
        ({"controller.devfile.io/mount-to-devworkspace": "true"}, ["DevWorkspace"]),
        ({"controller.devfile.io/watch-secret": "true"}, []),
        ({"controller.devfile.io/git-credential": "false"}, []),
        ({"argocd.argoproj.io/secret-type": ""}, []),
        ({"app": "web"}, []),
        (None, []),
    ],
)
def test_a_label_is_a_use_that_does_not_block(labels: dict[str, str] | None, programs: list[str]) -> None:
    uses = list(find_label_uses({"metadata": {"namespace": "web", "name": "a", "labels": labels}}))
    assert [use.kind for use in uses] == programs
    for use in uses:
        assert (use.blocking, use.how, describe_use(use)["api_version"]) == (False, "label", None)
        assert use.name in (labels or {})


def test_every_label_is_of_one_program() -> None:
    assert Counter(row.label for row in LABEL_ROWS).most_common(1)[0][1] == 1


def test_rules_are_grouped() -> None:
    groups = group_resources(BUILT_IN_KINDS)
    assert list(groups) == ["", "apps", "batch"]
    assert render_rule("", ["pods", "secrets"]) == '{apiGroups: [""], resources: [pods, secrets], verbs: [list]}'
    assert render_rule("apps", groups["apps"]) == (
        "{apiGroups: [apps], resources: [deployments, statefulsets, daemonsets, replicasets], verbs: [list]}"
    )
