# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node of the role ``control_plane``, for tests: it joins the API server that they started."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from support.control_plane import node_programs, nodes, registries

T = TypeVar("T")

NAME = nodes.NAME
Node = nodes.Node
_SECONDS_TO_START = 60


@contextlib.contextmanager
def running_node(
    kubeconfig: Mapping[str, Any],
    trusted: Sequence[registries.Registry],
    settings: Mapping[str, Any],
    credentials: str = "",
) -> Iterator[Node]:
    """Run a node that trusts these registries, for as long as the context lasts.

    ``kubeconfig`` is that of an administrator: rights of a node are not what is tested. ``settings`` are added to the
    configuration of the kubelet. ``credentials`` is a docker config of the node.
    """
    programs = node_programs.find_node_programs()
    with nodes.running_node(Path(tempfile.gettempdir()), programs, kubeconfig, trusted, settings, credentials) as node:
        yield node


def wait_for(what: str, ask: Callable[[], T | None], node: Node, seconds: float = _SECONDS_TO_START) -> T:
    """Return the first answer that is not None. Raise AssertionError after the time, or when the node has ended."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        reason = node.why_ended()
        assert reason is None, reason
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(0.1)
    return answer
