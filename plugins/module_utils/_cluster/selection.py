# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which namespaces a task means: names, globs, exclusions and label selectors, against those that there are.

Label selectors are worked out by the API server; here they only say that it must be asked.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import KeyringError
from .._secret.names import check_namespace

# Up to so many names are read one by one, which needs no right to list.
MAX_SINGLE_READS = 8

EVERY = "*"

# Namespaces of the platform itself match only by their literal name.
_SYSTEM = ("kube-*", "openshift-*")
_GLOB = re.compile(r"[-a-z0-9*?\[\]!]+")
_GLOB_SIGNS = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Selection:
    """The namespaces that a task means. Literals and globs are united; what an exclusion matches is taken out."""

    literals: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()

    @property
    def needs_list(self) -> bool:
        """Whether the namespaces of the cluster must be listed to know which ones are meant."""
        return bool(self.globs or self.selectors) or len(self.literals) > MAX_SINGLE_READS


@dataclass(frozen=True)
class Listed:
    """A namespace of the cluster; ``selectors`` are those of the selection that it matches."""

    name: str
    terminating: bool = False
    selectors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """What a selection comes to: namespaces to work on, those to skip, literal names that do not exist.

    ``void`` are the globs and selectors that match nothing, as the options have them.
    """

    names: tuple[str, ...]
    terminating: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    void: tuple[str, ...] = ()


def parse_selection(params: Mapping[str, Any]) -> Selection | None:
    """The options ``namespaces`` and ``namespace_selectors``; None where neither is given.

    Raises KeyringError, with the index, for what can select nothing, and for two ways to select at once; also for a
    ``namespace`` that none can have.
    """
    if params["namespace"] is not None:
        check_namespace(params["namespace"], "namespace")
    names, selectors = params["namespaces"], params["namespace_selectors"]
    if names is None and selectors is None:
        return None
    for option in ("namespaces", "namespace_selectors"):
        if params[option] is not None and not params[option]:
            raise KeyringError(
                f"{option} is empty.",
                "It would select no namespace.",
                f"Check the variable behind it; for all namespaces write namespaces: ['{EVERY}'].",
                option=option,
            )
    for index, name in enumerate(names or ()):
        _check_name(name, f"namespaces[{index}]")
    for index, selector in enumerate(selectors or ()):
        if not selector.strip():
            raise KeyringError(
                f"namespace_selectors[{index}] is empty.",
                "To Kubernetes an empty selector means every namespace.",
                f"Write '{EVERY}' if that is meant, or check the variable behind it.",
                option=f"namespace_selectors[{index}]",
            )
    exclusions = tuple(name[1:] for name in names or () if name.startswith("!"))
    included = [name for name in names or () if not name.startswith("!")]
    _check_ways(params, included, exclusions)
    return Selection(
        literals=tuple(dict.fromkeys(name for name in included if not _GLOB_SIGNS.search(name))),
        globs=tuple(dict.fromkeys(name for name in included if _GLOB_SIGNS.search(name))),
        exclusions=exclusions,
        selectors=tuple(dict.fromkeys(selectors or ())),
    )


def choose(selection: Selection, listed: Iterable[Listed]) -> Chosen:
    """The namespaces that a selection means among those of the cluster, sorted, with warnings where a part is void."""
    known = {namespace.name: namespace for namespace in listed}
    matched = [name for name in known if name in selection.literals or _is_meant(selection, known[name])]
    names = sorted(name for name in matched if not _matches(name, selection.exclusions))
    void = list(_void_parts(selection, list(known.values())))
    return Chosen(
        names=tuple(name for name in names if not known[name].terminating),
        terminating=tuple(name for name in names if known[name].terminating),
        missing=tuple(
            name for name in selection.literals if name not in known and not _matches(name, selection.exclusions)
        ),
        warnings=tuple(part.warning for part in void),
        void=tuple(part.part for part in void if not part.excludes),
    )


def choose_literals(selection: Selection) -> Chosen:
    """The namespaces of a selection of few literal names, without a look at the cluster."""
    return Chosen(tuple(name for name in selection.literals if not _matches(name, selection.exclusions)))


def _is_meant(selection: Selection, namespace: Listed) -> bool:
    by_rule = namespace.selectors & set(selection.selectors) or _matches(namespace.name, selection.globs)
    return bool(by_rule) and not _matches(namespace.name, _SYSTEM)


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


@dataclass(frozen=True)
class _Void:
    """A part of a selection that matches no namespace, most likely because it is misspelt, with a sentence about it."""

    part: str
    warning: str
    excludes: bool = False


def _void_parts(selection: Selection, listed: Sequence[Listed]) -> Iterator[_Void]:
    for glob in selection.globs:
        found = [namespace.name for namespace in listed if _matches(namespace.name, [glob])]
        yield from _void_part(f'namespaces: "{glob}"', found)
    for glob in selection.exclusions:
        if not any(_matches(namespace.name, [glob]) for namespace in listed):
            part = f'namespaces: "!{glob}"'
            yield _Void(part, f"{part} matches no namespace, so it excludes nothing.", excludes=True)
    for selector in selection.selectors:
        found = [namespace.name for namespace in listed if selector in namespace.selectors]
        yield from _void_part(f'namespace_selectors: "{selector}"', found)


def _void_part(part: str, found: Sequence[str]) -> Iterator[_Void]:
    if not any(not _matches(name, _SYSTEM) for name in found):
        system = f" Namespaces {' and '.join(_SYSTEM)} match only by their literal name." if found else ""
        yield _Void(part, f"{part} matches no namespace.{system}")


def _check_name(name: str, option: str) -> None:
    text = name[1:] if name.startswith("!") else name
    if not _GLOB_SIGNS.search(text):
        check_namespace(text, option)
    elif not _GLOB.fullmatch(text):
        raise KeyringError(
            f"{option} is not a glob that a namespace can match.",
            "Names of namespaces have lower-case letters, digits and -; *, ? and [a-z] stand for some of them.",
            "Write it like team-*.",
            option=option,
        )


def _check_ways(params: Mapping[str, Any], included: Sequence[str], exclusions: Sequence[str]) -> None:
    given = [option for option in ("namespace", "namespaces", "namespace_selectors") if params[option] is not None]
    if (given != ["namespaces", "namespace_selectors"] and len(given) > 1) or (included and len(given) > 1):
        raise KeyringError(
            f"{' and '.join(given)} select namespaces in different ways.",
            "Beside namespace_selectors, namespaces may only exclude (!name or !glob).",
            "Use one of them, or one task for each.",
            option=given[1],
        )
    if exclusions and given == ["namespaces"] and not included:
        raise KeyringError(
            "namespaces only excludes.",
            "Nothing is left to exclude from.",
            f"Name what is meant, such as '{EVERY}', before the exclusions.",
            option="namespaces",
        )
