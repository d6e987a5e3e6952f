# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frozen dataclasses whose classes are created quickly.

``dataclasses`` generates and compiles six methods for each frozen class. A task of this collection creates about 85
such classes, which took 36 ms of its start (Python 3.11). Here only ``__init__`` is generated, and all classes share
the other five.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Return a decorator that does what ``dataclasses.dataclass(frozen=True)`` does.

        ``frozen`` is here for type checkers, which read the line as one of ``dataclasses``. Raises ValueError if it
        is false.
        """
        if not frozen:
            raise ValueError("only frozen classes can be created quickly")

        def create(cls: type) -> type:
            for name, method in _SHARED.items():
                setattr(cls, name, method)
            made = dataclasses.dataclass(eq=False, repr=False, kw_only=kw_only)(cls)
            made._compared = tuple(field.name for field in dataclasses.fields(made) if field.compare)
            return made

        return create


def _set_once(self: Any, name: str, value: Any) -> None:
    """Set a field, as ``__init__`` does. Raise FrozenInstanceError if it is set already, or is not a field."""
    if name in self.__dict__ or name not in self.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _refuse_deletion(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in self._compared)


def _hash(self: Any) -> int:
    return hash(tuple([getattr(self, name) for name in self._compared]))


def _represent(self: Any) -> str:
    """Return the fields as text, without those that must not be shown."""
    shown = [f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


_SHARED = {
    "__setattr__": _set_once,
    "__delattr__": _refuse_deletion,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _represent,
}
