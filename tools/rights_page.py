# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Roles in the guide to permissions and in docs/rbac/, and the table of the kinds that can use a Secret.

The kinds come from the rows of the collection. Run as a program, as ``make docs`` does, it writes page and files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import IMAGE_KINDS, USER_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import (
    OTHER_TYPES,
    REGISTRY_TYPES,
    UserKind,
    group_resources,
)
from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_rights.rst"
FOLDER = ROOT / "docs" / "rbac"
_HEAD = """---
# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
_END = ".. The end of what make docs writes\n"

# What people call the program that brings a group.
PROGRAMS: Mapping[str, str] = {
    "": "Kubernetes",
    "apps": "Kubernetes",
    "batch": "Kubernetes",
    "primehub.io": "PrimeHub",
    "source.toolkit.fluxcd.io": "Flux",
    "image.toolkit.fluxcd.io": "Flux",
    "notification.toolkit.fluxcd.io": "Flux",
    "fleet.cattle.io": "Fleet",
    "configsync.gke.io": "Config Sync",
    "shipwright.io": "Shipwright",
    "build.openshift.io": "OpenShift",
    "apps.openshift.io": "OpenShift",
    "pipelinesascode.tekton.dev": "Pipelines-as-Code",
    "pkg.crossplane.io": "Crossplane",
    "argoproj.io": "Argo Rollouts",
    "serving.knative.dev": "Knative",
}


class Rule(NamedTuple):
    """A rule of RBAC, with a comment behind its first line."""

    resources: Sequence[str]
    verbs: Sequence[str]
    names: Sequence[str] = ()
    comment: str = ""
    group: str = ""


class Role(NamedTuple):
    """A Role or ClusterRole: its own rules, and the kinds that it may list to see who uses a Secret."""

    kind: str
    rules: Sequence[Rule]
    users: Callable[[UserKind], bool] = lambda kind: False


def _writes_one(kind: UserKind) -> bool:
    return kind.resource != "serviceaccounts" and not kind.home


def _writes_all(kind: UserKind) -> bool:
    return kind.resource != "serviceaccounts"


_ACCOUNTS = Rule(["serviceaccounts"], ["get", "list", "patch"], comment="service_accounts")
_MANY = "globs, selectors and more than 8 names"
ROLES: Mapping[str, Role] = {
    "pull-secret-writer": Role(
        "Role",
        (
            Rule(["secrets"], ["create"]),
            Rule(["secrets"], ["get", "patch", "delete"], ["registry"]),
            Rule(["namespaces"], ["get"]),
            _ACCOUNTS,
        ),
        _writes_one,
    ),
    "pull-secret-writer-all": Role(
        "ClusterRole",
        (
            Rule(["secrets"], ["create"]),
            Rule(["secrets"], ["get", "list", "patch", "delete"], ["registry"]),
            Rule(["namespaces"], ["get", "list"]),
            _ACCOUNTS,
        ),
        _writes_all,
    ),
    "secret-linker": Role("Role", (Rule(["serviceaccounts"], ["get", "patch"]),)),
    "secret-linker-all": Role(
        "ClusterRole",
        (Rule(["serviceaccounts"], ["get", "list", "patch"]), Rule(["namespaces"], ["list"])),
    ),
    "secrets-reader": Role(
        "ClusterRole",
        (Rule(["secrets"], ["list"]), Rule(["namespaces"], ["list"], comment=_MANY)),
        lambda kind: True,
    ),
    "image-access-reader": Role(
        "ClusterRole",
        (Rule(["secrets"], ["list"]), Rule(["namespaces"], ["list"], comment=_MANY)),
        lambda kind: kind in IMAGE_KINDS,
    ),
    "upgrade-auditor": Role(
        "ClusterRole",
        (
            Rule(["secrets"], ["list"]),
            Rule(["namespaces"], ["list"], comment=_MANY),
            Rule(["nodes"], ["list"], comment="their versions"),
        ),
        lambda kind: kind in IMAGE_KINDS,
    ),
    "namespace-watcher": Role("ClusterRole", (Rule(["namespaces"], ["list", "watch"]),)),
}


def render_role(name: str) -> str:
    """Return the manifest of a Role."""
    role = ROLES[name]
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", f"kind: {role.kind}", "metadata:", f"  name: {name}"]
    if role.kind == "Role":
        lines.append("  namespace: billing")
    lines.append("rules:")
    for rule in role.rules:
        lines += _render_rule(rule)
    users = [kind for kind in USER_KINDS if role.users(kind)]
    if users:
        lines.append("  # What can use a Secret. Leave out what is not installed.")
    for group, resources in group_resources(users).items():
        comment = "" if PROGRAMS[group] == "Kubernetes" else PROGRAMS[group]
        lines += _render_rule(Rule(resources, ["list"], group=group, comment=comment))
    return "\n".join(lines) + "\n"


def _render_rule(rule: Rule) -> Iterator[str]:
    comment = f" # {rule.comment}" if rule.comment else ""
    group = rule.group or '""'
    yield f"  - apiGroups: [{group}]{comment}"
    yield f"    resources: [{', '.join(rule.resources)}]"
    if rule.names:
        yield f"    resourceNames: [{', '.join(rule.names)}]"
    yield f"    verbs: [{', '.join(rule.verbs)}]"


def render_files() -> Mapping[Path, str]:
    """Return the files of docs/rbac/ with their content."""
    return {FOLDER / f"{name}.yml": _HEAD + render_role(name) for name in ROLES}


def render_page(page: str) -> str:
    """Return the page with the Roles and the table of kinds as they are here."""
    for name in ROLES:
        block = ["", ".. code-block:: yaml", f"   :caption: {name}.yml", ""]
        block += [f"   {line}" for line in render_role(name).splitlines()]
        page = _replace(page, f".. {name}: make docs\n", [*block, ""])
    return _replace(page, ".. The kinds: make docs\n", list(_render_kinds()))


def _replace(page: str, begin: str, lines: Sequence[str]) -> str:
    before, found, rest = page.partition(begin)
    if not found:
        raise ValueError(f"The page has no line {begin.strip()!r}.")
    after = rest.partition(_END)[2]
    return f"{before}{begin}" + "\n".join(lines) + f"\n{_END}{after}"


def _render_kinds() -> Iterator[str]:
    yield from ("", ".. list-table::", "   :header-rows: 1", "")
    yield from ("   * - Program", "     - Kinds", "     - API group", "     - Can use")
    rows: dict[tuple[str, str, str], list[str]] = {}
    for kind in USER_KINDS:
        row = (PROGRAMS[kind.group], kind.group or "core", _describe_types(kind))
        rows.setdefault(row, []).append(f"``{kind.kind}``")
    for (program, group, types), kinds in rows.items():
        yield from (f"   * - {program}", f"     - {', '.join(kinds)}", f"     - ``{group}``", f"     - {types}")
    yield ""


def _describe_types(kind: UserKind) -> str:
    if kind.holds == REGISTRY_TYPES:
        return "Pull secrets"
    return "Git credentials" if kind.holds == OTHER_TYPES else "Both"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in render_files().items():
        path.write_text(text)
    PAGE.write_text(render_page(PAGE.read_text()))
