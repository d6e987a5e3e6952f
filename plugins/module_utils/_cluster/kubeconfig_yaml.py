# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML of a kubeconfig, parsed as kubectl parses it: the two changes to PyYAML are here.

PyYAML follows YAML 1.1 where kubectl does not, and its parser in C ends the process on a document that is nested too
deeply. PyYAML quotes the file in its messages, tokens included: none of them is passed on.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from .._errors import KeyringError


def parse_document(content: bytes, source: str) -> Any:
    """Parse the YAML or JSON of a kubeconfig. Raises KeyringError without a word of it."""
    import yaml

    try:
        if content.lstrip()[:1] == b"{":
            return json.loads(content)
    except (ValueError, RecursionError):
        pass  # flow style of YAML begins like JSON
    try:
        _check_shape(content)
        return _loader()(content).get_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KeyringError(
            f"{source} is not a kubeconfig.",
            str(error) if isinstance(error, _TooMuchYaml) else "It is not valid YAML.",
            "Check it with: kubectl config view --kubeconfig <path>.",
            failure="invalid_kubeconfig",
            option="kubeconfig",
        ) from None


# No kubeconfig has so many levels. From some ten thousand on PyYAML's parser in C ends the process.
_MAX_YAML_DEPTH = 100
# The nodes that aliases stand for, in all. A few aliases of aliases stand for more than any memory holds, and kubectl
# refuses such a kubeconfig, too.
_MAX_ALIASED = 10_000


class _TooMuchYaml(ValueError):
    """The error for a document that exceeds a limit of kubeconfigs. Its message quotes nothing of the document."""


def _check_shape(content: bytes) -> None:
    """Raise _TooMuchYaml for YAML that is nested too deeply, or in which aliases stand for too much.

    A level begins with a bracket, with a dash or a question mark, or on a line of its own. Where there are fewer of
    these than levels allowed, and no anchor, nothing more is counted.
    """
    import yaml

    if sum(map(content.count, (b"[", b"{", b"- ", b"? ", b"\n"))) <= _MAX_YAML_DEPTH and b"&" not in content:
        return
    sizes: dict[str, int] = {}  # of the nodes with an anchor
    opened: list[str | None] = []  # the anchors of the collections around
    begins: list[int] = []  # the number of nodes before each of them
    nodes = aliased = 0
    for event in yaml.parse(content, Loader=_loader()):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop(), begins.pop()
            sizes[anchor or ""] = nodes - before
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append(event.anchor)
            begins.append(nodes)
            nodes += 1
        elif isinstance(event, yaml.AliasEvent):
            size = sizes.get(event.anchor or "", _MAX_ALIASED)  # a node inside itself has no size yet
            nodes += size
            aliased += size
        elif isinstance(event, yaml.ScalarEvent):
            sizes[event.anchor or ""] = 1
            nodes += 1
        if len(opened) > _MAX_YAML_DEPTH:
            raise _TooMuchYaml(f"It has more than {_MAX_YAML_DEPTH} levels.")
        if aliased >= _MAX_ALIASED:
            raise _TooMuchYaml(f"Its aliases stand for more than {_MAX_ALIASED} values.")


@functools.lru_cache(maxsize=1)
def _loader() -> Any:
    """Return the loader for YAML, in C where PyYAML has it: that takes a tenth of the time.

    What is a boolean, a number or null is what kubectl takes for one: dates and times of day are strings, ``y`` is a
    boolean, ``1e3`` a number. Unknown tags do not count. Source: resolve.go in sigs.k8s.io/yaml/goyaml.v2.
    """
    import yaml

    loader: Any = type("Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
    loader.yaml_implicit_resolvers = {}
    for tag, pattern, firsts in _SCALARS:
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(firsts))
    loader.add_constructor("tag:yaml.org,2002:bool", lambda _loader, node: node.value.lower() in _TRUE)
    loader.add_constructor("tag:yaml.org,2002:int", lambda _loader, node: _integer(node.value))
    loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: float(node.value.replace("_", "")))
    loader.add_constructor(None, _untagged)
    return loader


_DIGITS = "+-0123456789"
# The scalars that are not strings: tag, form, and the characters that they begin with.
_SCALARS = (
    ("bool", r"(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$", "yYtToOnNfF"),
    ("null", r"(~|null|Null|NULL|)$", ("~", "n", "N", "")),
    ("int", r"[-+]?(0x[0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]*|[1-9][0-9_]*)$", _DIGITS),
    ("float", r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$", f"{_DIGITS}."),
    ("merge", r"<<$", "<"),
)
_TRUE = ("y", "yes", "true", "on")


# No number of a kubeconfig is so long, and Python before 3.10.7 takes time for long ones.
_MAX_YAML_DIGITS = 1000


def _integer(text: str) -> int:
    digits = text.replace("_", "").replace("0o", "0")
    if len(digits) > _MAX_YAML_DIGITS:
        raise ValueError
    if re.match(r"[-+]?0[0-7]", digits):
        return int(digits, 8)
    return int(digits, 0)


def _untagged(loader: Any, node: Any) -> Any:
    """Return the value of a node with an unknown tag, as if it had none."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)
