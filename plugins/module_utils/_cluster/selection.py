# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespaces that a task means: one, or names, globs, exclusions and label selectors against those that there are.

Label selectors are worked out by the API server; here they only say that it must be asked. A limit cuts what is
selected; it never adds a namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.globs import EVERY, NAMESPACES_BY_NAME, check_name_or_glob, is_glob, matches_any, means_many
from .._secret.names import check_namespace
from .limit import Limit, cut, parse_limit

NamespaceState = Literal["active", "terminating", "missing", "unknown"]

# Up to so many names are read one by one, which needs no permission to list.
MAX_SINGLE_READS = 8

# Up to so many names of a limit are read one by one also where, without a limit, everything would be listed. Above it
# lists are cheaper: each name costs up to three requests, for the namespace, the Secret and a ServiceAccount.
MAX_LIMITED_READS = 100

# Namespaces of the platform itself match only by their literal name.
_SYSTEM = ("kube-*", "openshift-*")


@dataclass(frozen=True)
class ContextNamespace:
    """The namespace that the context of the kubeconfig names: no option says where."""

    limit: Limit = None


@dataclass(frozen=True)
class OneNamespace:
    """One namespace, which is known by its name."""

    name: str
    limit: Limit = None

    @property
    def needs_list(self) -> bool:
        """Return False: one namespace is read by its name."""
        return False

    @property
    def is_skipped(self) -> bool:
        """Return whether the limit leaves out the namespace, so that the task is skipped."""
        return not self.limited_literals()

    def limited_literals(self) -> tuple[str, ...]:
        """Return the name if it is in the limit."""
        return cut([self.name], self.limit)


@dataclass(frozen=True)
class Selection:
    """Many namespaces. Literals and globs are united; what an exclusion matches is taken out.

    With a limit, only the namespaces in both are selected.
    """

    literals: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    limit: Limit = None

    @property
    def needs_list(self) -> bool:
        """Return whether the objects of all namespaces are listed, rather than those of each namespace by itself.

        With a limit, they are listed only if it is long. The other namespaces are then left alone.
        """
        if not (self.globs or self.selectors) and len(self.literals) <= MAX_SINGLE_READS:
            return False
        if self.limit is None:
            return True
        return len(self.limited_literals()) + len(self.limited_candidates()) > MAX_LIMITED_READS

    @property
    def is_skipped(self) -> bool:
        """Return whether the limit surely leaves out all namespaces, so that the task is skipped.

        A label selector is not worked out for that.
        """
        return self.limit is not None and not (self.limited_literals() or self.limited_candidates())

    def limited_literals(self) -> tuple[str, ...]:
        """Return the literal names in the limit that nothing excludes; all of these without a limit."""
        return tuple(name for name in cut(self.literals, self.limit) if not matches_any(name, self.exclusions))

    def limited_candidates(self) -> tuple[str, ...]:
        """Return the names in the limit that only globs or selectors select, sorted.

        A glob selects each of them, if it exists. A selector selects those that the API server finds with it.
        """
        candidates = []
        for name in sorted(self.limit or ()):
            if name in self.literals or matches_any(name, (*self.exclusions, *_SYSTEM)):
                continue
            if self.selectors or matches_any(name, self.globs):
                candidates.append(name)
        return tuple(candidates)


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

    ``void`` are the globs and selectors that match nothing, as the options have them. ``unread`` are those of the names
    that may not exist, because the cluster was not asked about them.
    """

    names: tuple[str, ...]
    terminating: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


def parse_targets(
    namespace: str | None,
    namespaces: Sequence[str] | None,
    namespace_selectors: Sequence[str] | None,
    namespaces_limit: Sequence[str] | None = None,
) -> GivenTargets:
    """Parse the options of these names.

    Raises KeyringError, with the index, for what can select nothing, for two ways to select at once, and for a name
    that no namespace can have.
    """
    limit = parse_limit(namespaces_limit)
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
        return ContextNamespace(limit) if namespace is None else OneNamespace(namespace, limit)
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
        limit=limit,
    )


def resolve_targets(given: GivenTargets, context_namespace: str | None) -> Targets:
    """Return where a task works. Raises KeyringError when neither the options nor the kubeconfig's context say it."""
    if not isinstance(given, ContextNamespace):
        return given
    name = resolve_namespace(None, context_namespace, "Give namespace, namespaces or namespace_selectors.")
    return OneNamespace(name, given.limit)


def resolve_namespace(given: str | None, context_namespace: str | None, remedy: str) -> str:
    """Return the option ``namespace``, else the one of the kubeconfig's context. Raises KeyringError without either."""
    namespace = given or context_namespace
    if not namespace:
        raise KeyringError(
            "namespace is missing.", "The context of the kubeconfig names none either.", remedy, option="namespace"
        )
    return namespace


def choose(selection: Selection, listed: Iterable[Listed]) -> Chosen:
    """Return the selected namespaces of those that exist, sorted.

    ``listed`` are all namespaces, or those that the selectors match. Without a limit, warnings say which parts of the
    selection match nothing.
    """
    known = {namespace.name: namespace for namespace in listed}
    names_in_limit = cut(known, selection.limit)
    names: list[str] = []
    terminating: list[str] = []
    for name in sorted(names_in_limit):
        if is_selected(selection, known[name]):
            (terminating if known[name].terminating else names).append(name)
    void = [] if selection.limit is not None else list(_void_parts(selection, list(known.values())))
    return Chosen(
        names=tuple(names),
        terminating=tuple(terminating),
        missing=tuple(name for name in selection.limited_literals() if name not in known),
        warnings=tuple(part.warning for part in void),
        void=tuple(part.part for part in void if not part.excludes),
    )


def is_selected(selection: Selection, namespace: Listed) -> bool:
    """Return whether a selection selects a namespace, regardless of its state and of the limit."""
    if matches_any(namespace.name, selection.exclusions):
        return False
    return namespace.name in selection.literals or _is_meant(selection, namespace)


def choose_by_name(targets: Targets, states: Mapping[str, NamespaceState]) -> Chosen:
    """Return one namespace, or those of a selection that needs no list, sorted. Without warnings: few were looked at.

    ``states`` are those of the limited candidates. A candidate that no longer exists is left out.
    """
    literals = targets.limited_literals()
    unknown = [name for name, state in states.items() if state == "unknown"]
    active = [name for name, state in states.items() if state == "active"]
    return Chosen(
        names=tuple(sorted((*literals, *active, *unknown))),
        terminating=tuple(sorted(name for name, state in states.items() if state == "terminating")),
        unread=frozenset((*literals, *unknown)),
    )


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
