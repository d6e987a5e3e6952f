# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespaces that a task means: one, or names, globs, exclusions and label selectors against those that there are.

Label selectors are worked out by the API server; here they only say that it must be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.globs import EVERY, NAMESPACES_BY_NAME, check_name_or_glob, is_glob, matches_any, means_many
from .._secret.names import check_namespace

# Up to so many names are read one by one, which needs no right to list.
MAX_SINGLE_READS = 8

# Namespaces of the platform itself match only by their literal name.
_SYSTEM = ("kube-*", "openshift-*")


@dataclass(frozen=True)
class ContextNamespace:
    """The namespace that the context of the kubeconfig names: no option says where."""


@dataclass(frozen=True)
class OneNamespace:
    """One namespace, which is known by its name."""

    name: str

    @property
    def needs_list(self) -> bool:
        """Return False: one namespace is read by its name."""
        return False


@dataclass(frozen=True)
class Selection:
    """Many namespaces. Literals and globs are united; what an exclusion matches is taken out."""

    literals: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()

    @property
    def needs_list(self) -> bool:
        """Return whether the namespaces of the cluster must be listed to know which ones are selected."""
        return bool(self.globs or self.selectors) or len(self.literals) > MAX_SINGLE_READS


# Where a task works. What the options say may leave it to the kubeconfig, until that has been read.
Targets: TypeAlias = "OneNamespace | Selection"
GivenTargets: TypeAlias = "ContextNamespace | Targets"


@dataclass(frozen=True)
class Listed:
    """A namespace of the cluster; ``selectors`` are those of the selection that it matches."""

    name: str
    terminating: bool = False
    selectors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """The result of a selection: namespaces to work on, those to skip, literal names that do not exist.

    ``void`` are the globs and selectors that match nothing, as the options have them.
    """

    names: tuple[str, ...]
    terminating: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    void: tuple[str, ...] = ()


def parse_targets(
    namespace: str | None, namespaces: Sequence[str] | None, namespace_selectors: Sequence[str] | None
) -> GivenTargets:
    """Parse the options of these names.

    Raises KeyringError, with the index, for what can select nothing, for two ways to select at once, and for a name
    that no namespace can have.
    """
    if namespace is not None:
        if means_many(namespace):
            raise KeyringError(
                "namespace is not a name that a namespace can have.",
                "It selects one namespace by its name.",
                "For several names or a glob, use namespaces: ['team-a', 'web-*'].",
                option="namespace",
            )
        check_namespace(namespace, "namespace")
    if namespaces is None and namespace_selectors is None:
        return ContextNamespace() if namespace is None else OneNamespace(namespace)
    for option, items in (("namespaces", namespaces), ("namespace_selectors", namespace_selectors)):
        if items is not None and not items:
            raise KeyringError(
                f"{option} is empty.",
                "It would select no namespace.",
                f"Check the variable behind it; for all namespaces write namespaces: ['{EVERY}'].",
                option=option,
            )
    names = tuple(namespaces or ())
    selectors = tuple(namespace_selectors or ())
    for index, name in enumerate(names):
        check_name_or_glob(name, f"namespaces[{index}]", NAMESPACES_BY_NAME)
    for index, selector in enumerate(selectors):
        if not selector.strip():
            raise KeyringError(
                f"namespace_selectors[{index}] is empty.",
                "To Kubernetes an empty selector means every namespace.",
                f"Check the variable behind it; to select every namespace, write '{EVERY}'.",
                option=f"namespace_selectors[{index}]",
            )
    exclusions = tuple(name[1:] for name in names if name.startswith("!"))
    included = [name for name in names if not name.startswith("!")]
    given = {"namespace": namespace, "namespaces": namespaces, "namespace_selectors": namespace_selectors}
    _check_ways([option for option, value in given.items() if value is not None], included, exclusions)
    return Selection(
        literals=tuple(dict.fromkeys(name for name in included if not is_glob(name))),
        globs=tuple(dict.fromkeys(name for name in included if is_glob(name))),
        exclusions=exclusions,
        selectors=tuple(dict.fromkeys(selectors)),
    )


def resolve_targets(given: GivenTargets, context_namespace: str | None) -> Targets:
    """Return where a task works. Raises KeyringError when neither the options nor the kubeconfig's context say it."""
    if not isinstance(given, ContextNamespace):
        return given
    return OneNamespace(
        resolve_namespace(None, context_namespace, "Give namespace, namespaces or namespace_selectors.")
    )


def resolve_namespace(given: str | None, context_namespace: str | None, remedy: str) -> str:
    """Return the option ``namespace``, else the one of the kubeconfig's context. Raises KeyringError without either."""
    namespace = given or context_namespace
    if not namespace:
        raise KeyringError(
            "namespace is missing.", "The context of the kubeconfig names none either.", remedy, option="namespace"
        )
    return namespace


def choose(selection: Selection, listed: Iterable[Listed]) -> Chosen:
    """Return the namespaces of the cluster that a selection means, sorted, with warnings where a part is void."""
    known = {namespace.name: namespace for namespace in listed}
    names: list[str] = []
    terminating: list[str] = []
    for name in sorted(known):
        if matches_any(name, selection.exclusions):
            continue
        if name in selection.literals or _is_meant(selection, known[name]):
            (terminating if known[name].terminating else names).append(name)
    absent = [name for name in selection.literals if name not in known]
    void = list(_void_parts(selection, list(known.values())))
    return Chosen(
        names=tuple(names),
        terminating=tuple(terminating),
        missing=tuple(name for name in absent if not matches_any(name, selection.exclusions)),
        warnings=tuple(part.warning for part in void),
        void=tuple(part.part for part in void if not part.excludes),
    )


def choose_literals(targets: Targets) -> Chosen:
    """Return one namespace, or a selection of few literal names, without a look at the cluster."""
    if isinstance(targets, OneNamespace):
        return Chosen((targets.name,))
    return Chosen(tuple(name for name in targets.literals if not matches_any(name, targets.exclusions)))


def _is_meant(selection: Selection, namespace: Listed) -> bool:
    """Return whether a glob or a selector selects a namespace; those of the platform are selected by name alone."""
    if matches_any(namespace.name, _SYSTEM):
        return False
    return matches_any(namespace.name, selection.globs) or not namespace.selectors.isdisjoint(selection.selectors)


@dataclass(frozen=True)
class _Void:
    """A part of a selection that matches no namespace, most likely because it is misspelt, with a sentence about it."""

    part: str
    warning: str
    excludes: bool = False


def _void_parts(selection: Selection, listed: Sequence[Listed]) -> Iterator[_Void]:
    for glob in selection.globs:
        found = [namespace.name for namespace in listed if matches_any(namespace.name, [glob])]
        yield from _void_part(f'namespaces: "{glob}"', found)
    for glob in selection.exclusions:
        if not any(matches_any(namespace.name, [glob]) for namespace in listed):
            part = f'namespaces: "!{glob}"'
            yield _Void(part, f"{part} matches no namespace, so it excludes nothing.", excludes=True)
    for selector in selection.selectors:
        found = [namespace.name for namespace in listed if selector in namespace.selectors]
        yield from _void_part(f'namespace_selectors: "{selector}"', found)


def _void_part(part: str, found: Sequence[str]) -> Iterator[_Void]:
    if all(matches_any(name, _SYSTEM) for name in found):
        system = f" Namespaces {' and '.join(_SYSTEM)} match only by their literal name." if found else ""
        yield _Void(part, f"{part} matches no namespace.{system}")


def _check_ways(given: Sequence[str], included: Sequence[str], exclusions: Sequence[str]) -> None:
    """Raise KeyringError when the given options select in different ways, or only exclude."""
    if (given != ["namespaces", "namespace_selectors"] and len(given) > 1) or (included and len(given) > 1):
        raise KeyringError(
            f"{' and '.join(given)} select namespaces in different ways.",
            "With namespace_selectors, namespaces may only exclude (!name or !glob).",
            "Use one of them, or one task for each.",
            option=given[1],
        )
    if exclusions and given == ["namespaces"] and not included:
        raise KeyringError(
            "namespaces has only exclusions.",
            "They need a selection to exclude from.",
            f"Add the namespaces to select, such as '{EVERY}', before the exclusions.",
            option="namespaces",
        )
