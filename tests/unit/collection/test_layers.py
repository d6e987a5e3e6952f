# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data flows one way through the layers of the collection (CONTRIBUTING.md, "Map of the code").

Each row of LAYERS says what the files of a folder may import. What decides is pure: it touches no file,
network, process, environment, clock or random source, and knows neither Ansible nor the Kubernetes client.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from support.paths import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = ("ansible_collections", "keyring", "kubernetes", "plugins")

PURE_STANDARD_LIBRARY = frozenset((
    "__future__", "abc", "base64", "binascii", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "difflib", "enum", "fnmatch", "functools", "hashlib", "hmac", "ipaddress", "itertools", "json", "math", "operator",
    "re", "shlex", "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse",
))  # fmt: skip
EFFECTS_WITHOUT_IMPORT = frozenset({"__import__", "breakpoint", "eval", "exec", "input", "open", "print"})
CLOCKS = frozenset({"now", "today", "utcnow"})


@dataclass(frozen=True)
class Layer:
    """A folder or file under ``plugins/`` and what it may import beside its own files."""

    path: str
    layers: frozenset[str] = frozenset()
    libraries: frozenset[str] = field(default=frozenset(), kw_only=True)
    pure: bool = field(default=False, kw_only=True)


def layer(path: str, *layers: str, libraries: str = "", pure: bool = False) -> Layer:
    return Layer(path, frozenset(layers), libraries=frozenset(libraries.split()), pure=pure)


# As a file of the standard library: every layer may import it.
DATACLASSES = "module_utils/_dataclasses"
ERRORS = "module_utils/_errors"
PRINTABLE = "module_utils/_printable"
KUBELET = "module_utils/_kubelet"
CREDENTIALS = "module_utils/_credentials"
SECRET = "module_utils/_secret"
IMAGES = "module_utils/_images"
LIMIT = "module_utils/_cluster/limit"
SELECTION = "module_utils/_cluster/selection"
CLUSTER = "module_utils/_cluster"
RUNTIME = "module_utils/_runtime"
WATCH = "module_utils/_watch"
REGISTRY = "module_utils/_registry"
GIT = "module_utils/_git"
MINTING = "module_utils/_minting"
APPLY = "module_utils/_apply"
PORTALS = "module_utils/_portals"
ECP_ADDRESS = f"{PORTALS}/ecp_address"
SAP_NAMES = f"{PORTALS}/sap_names"
STRANGE_DOCUMENT = f"{PORTALS}/strange_document"
TASKS = "module_utils/_tasks"
ROLES = "module_utils/_roles"
FORMS = "module_utils/_forms"

LOCAL_FILE = f"{CLUSTER}/local_file"
BYTECODE = "plugin_utils/bytecode"

PURE = (ERRORS, PRINTABLE, KUBELET, CREDENTIALS, SECRET, IMAGES, SELECTION)

# A row names only rows above it. A file belongs to the row with the longest path.
LAYERS = (
    layer(DATACLASSES, pure=True),
    layer(ERRORS, pure=True),
    layer(PRINTABLE, pure=True),
    layer(KUBELET, ERRORS, pure=True),
    layer(CREDENTIALS, ERRORS, KUBELET, pure=True, libraries="cryptography yaml"),
    layer(SECRET, ERRORS, KUBELET, CREDENTIALS, pure=True),
    layer(IMAGES, ERRORS, KUBELET, CREDENTIALS, SECRET, pure=True),
    layer(LIMIT, ERRORS, SECRET, pure=True),
    layer(SELECTION, ERRORS, SECRET, LIMIT, pure=True),
    layer(LOCAL_FILE),
    layer(
        CLUSTER,
        *(ERRORS, PRINTABLE, KUBELET, CREDENTIALS, SECRET, SELECTION, LOCAL_FILE),
        libraries="urllib3 yaml",
    ),
    layer(RUNTIME, *PURE, CLUSTER, LOCAL_FILE, libraries="ansible cryptography"),
    layer(WATCH, ERRORS, CREDENTIALS, SECRET, SELECTION, pure=True),
    layer(f"{WATCH}/watcher", *PURE, CLUSTER, RUNTIME, WATCH),
    layer(f"{WATCH}/feed", *PURE, WATCH, f"{WATCH}/watcher"),
    layer(REGISTRY, ERRORS, KUBELET, CREDENTIALS, SECRET, IMAGES, pure=True),
    layer(f"{REGISTRY}/client", ERRORS, CLUSTER, libraries="urllib3"),
    layer(f"{REGISTRY}/verification", *PURE, CLUSTER, RUNTIME, REGISTRY, f"{REGISTRY}/client"),
    layer(f"{REGISTRY}/entry_verification", *PURE, RUNTIME, REGISTRY, f"{REGISTRY}/verification"),
    layer(GIT, ERRORS, PRINTABLE, CREDENTIALS, SECRET, pure=True),
    layer(f"{GIT}/ls_remote", *PURE, CLUSTER, LOCAL_FILE, GIT),
    layer(
        MINTING,
        *(*PURE, LOCAL_FILE, RUNTIME, f"{REGISTRY}/client"),
        libraries="azure boto3 botocore cryptography google requests",
    ),
    layer(STRANGE_DOCUMENT, pure=True),
    layer(ECP_ADDRESS, pure=True),
    layer(f"{PORTALS}/ecp_document", *PURE, STRANGE_DOCUMENT, pure=True),
    layer(f"{PORTALS}/ecp_pull_secret", *PURE, STRANGE_DOCUMENT, f"{PORTALS}/ecp_document", pure=True),
    layer(f"{PORTALS}/ecp_user", *PURE, STRANGE_DOCUMENT, f"{PORTALS}/ecp_document", pure=True),
    layer(f"{PORTALS}/ecp_user_rules", *PURE, f"{PORTALS}/ecp_user", pure=True),
    layer(f"{PORTALS}/sap_docker", ERRORS, KUBELET, CREDENTIALS, SECRET, STRANGE_DOCUMENT, pure=True),
    layer(f"{PORTALS}/sap_quota", ERRORS, pure=True),
    layer(SAP_NAMES, pure=True),
    layer(f"{PORTALS}/sap_repository", ERRORS, CREDENTIALS, SECRET, SAP_NAMES, STRANGE_DOCUMENT, pure=True),
    layer(
        PORTALS,
        *(*PURE, CLUSTER, LOCAL_FILE, RUNTIME),
        STRANGE_DOCUMENT,
        f"{PORTALS}/ecp_document",
        *(f"{PORTALS}/{name}" for name in ("ecp_pull_secret", "ecp_user", "sap_docker", "sap_quota", "sap_repository")),
        libraries="urllib3",
    ),
    layer(f"{APPLY}/options", *PURE, pure=True),
    layer(f"{APPLY}/prune", *PURE, pure=True),
    layer(f"{APPLY}/alike", pure=True),
    layer(f"{APPLY}/diffs", f"{APPLY}/alike", pure=True),
    layer(f"{APPLY}/sentences", f"{APPLY}/alike", pure=True),
    layer(
        APPLY,
        *(*PURE, CLUSTER, RUNTIME),
        *(f"{APPLY}/{name}" for name in ("options", "prune", "diffs", "sentences")),
    ),
    layer(
        TASKS,
        *PURE,
        CLUSTER,
        RUNTIME,
        REGISTRY,
        f"{REGISTRY}/verification",
        f"{REGISTRY}/entry_verification",
        GIT,
        f"{GIT}/ls_remote",
        MINTING,
        PORTALS,
        ECP_ADDRESS,
        f"{PORTALS}/ecp_pull_secret",
        f"{PORTALS}/ecp_user",
        f"{PORTALS}/ecp_user_rules",
        f"{PORTALS}/sap_docker",
        SAP_NAMES,
        f"{PORTALS}/sap_quota",
        f"{PORTALS}/sap_repository",
        APPLY,
        f"{APPLY}/options",
        libraries="yaml",
    ),
    layer(ROLES, ERRORS, PRINTABLE, KUBELET, CREDENTIALS, SECRET, IMAGES, pure=True, libraries="yaml"),
    layer(
        FORMS,
        *(ERRORS, PRINTABLE, KUBELET, CREDENTIALS, SECRET, ROLES, ECP_ADDRESS),
        *(f"{PORTALS}/{name}" for name in ("ecp_pull_secret", "sap_docker", "sap_quota")),
        pure=True,
    ),
    layer(BYTECODE),
    layer("modules", ERRORS, RUNTIME, TASKS, libraries="ansible"),
    layer(
        "plugin_utils",
        *(ERRORS, PRINTABLE, KUBELET, CREDENTIALS, SECRET, CLUSTER, LOCAL_FILE, RUNTIME, TASKS, FORMS),
        libraries="ansible",
    ),
    layer("action", KUBELET, CREDENTIALS, IMAGES, TASKS, BYTECODE, "plugin_utils"),
    layer("filter", ROLES, BYTECODE, libraries="ansible"),
    layer("doc_fragments"),
)


def find_layer(path: str) -> Layer | None:
    """Return the layer of a file or module, given relative to ``plugins`` and with slashes."""
    stem = path.removesuffix(".py")
    rows = [row for row in LAYERS if stem == row.path or stem.startswith(row.path + "/")]
    return max(rows, key=lambda row: len(row.path), default=None)


def find_imports(tree: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything imported anywhere in a file of a package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*parent, *filter(None, [node.module])))
            yield from ((node.lineno, f"{module}.{name.name}") for name in node.names)


def is_within(name: str, allowed: frozenset[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in allowed)


def explain_import(name: str, row: Layer) -> str | None:
    """Return why a layer may not import a name, or None."""
    ours = ".".join(PACKAGE) + "."
    if name.startswith(ours):
        target = find_layer(name.removeprefix(ours).replace(".", "/"))
        if target is None:
            return f"imports {name}, which belongs to no layer"
        if target is not row and target.path not in (*row.layers, DATACLASSES):
            return f"imports {target.path}, against the flow"
        return None
    if is_within(name, row.libraries):
        return None
    if name.split(".")[0] not in sys.stdlib_module_names:
        return f"imports {name}, a library of another layer"
    if row.pure and not is_within(name, PURE_STANDARD_LIBRARY):
        return f"imports {name}, but is pure"
    return None


def find_effects(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of calls that need no import, or an innocent one, to have an effect."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in EFFECTS_WITHOUT_IMPORT:
            yield node.lineno, node.func.id
        elif isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield node.lineno, node.func.attr


def check(path: str, source: str) -> list[str]:
    """Return what is wrong with a file of the collection; the path is relative to ``plugins``."""
    row = find_layer(path)
    if row is None:
        return [f"{path} belongs to no layer: give it a row in LAYERS"]
    tree = ast.parse(source)
    package = (*PACKAGE, *path.split("/")[:-1])
    found = [(line, explain_import(name, row)) for line, name in find_imports(tree, package)]
    if row.pure:
        found += [(line, f"calls {name}(), but is pure") for line, name in find_effects(tree)]
    return [f"{path}:{line} {complaint}" for line, complaint in sorted(found, key=str) if complaint]


def test_every_file_keeps_to_its_layer() -> None:
    files = sorted(PLUGINS.rglob("*.py"))
    assert files, f"no Python file under {PLUGINS}"
    complaints = [
        complaint
        for file in files
        for complaint in check(file.relative_to(PLUGINS).as_posix(), file.read_text(encoding="utf-8"))
    ]
    assert complaints == []


def test_the_collection_imports_itself_relatively() -> None:
    """An absolute import of our own is five times as long and names the collection in every file."""
    absolute = [
        f"{file.relative_to(PLUGINS)}:{node.lineno}"
        for file in sorted(PLUGINS.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "ansible_collections.keyring" in ast.unparse(node)
    ]
    assert absolute == []


# Where the parameters of a task arrive; everything else gets options as types.
DOORS = (RUNTIME, TASKS)


def find_parameter_reads(source: str) -> Iterator[int]:
    """Yield the lines that read a parameter of a task by its name."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.Subscript, ast.Attribute)):
            continue
        if isinstance(node, ast.Attribute) and node.attr != "get":
            continue
        if ast.unparse(node.value).rpartition(".")[2] == "params":
            yield node.lineno


def test_parameters_are_read_at_the_door_alone() -> None:
    reads: list[str] = []
    for file in sorted((PLUGINS / "module_utils").rglob("*.py")):
        path = file.relative_to(PLUGINS).as_posix()
        if not path.startswith(DOORS):
            reads += [f"{path}:{line}" for line in find_parameter_reads(file.read_text(encoding="utf-8"))]
    assert reads == []


@pytest.mark.parametrize("source", ["params['a']", "task.params['a']", "params.get('a')", "x = {**params['a']}"])
def test_a_read_of_a_parameter_is_found(source: str) -> None:
    assert list(find_parameter_reads(source)) == [1]


def test_rows_name_only_rows_above() -> None:
    above: set[str] = set()
    for row in LAYERS:
        assert row.layers <= above, row.path
        above.add(row.path)


OURS = ".".join(PACKAGE)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("module_utils/_errors.py", "from dataclasses import dataclass"),
        ("module_utils/_credentials/ssh_key.py", "from cryptography.hazmat.primitives import serialization"),
        ("module_utils/_credentials/ssh_key.py", f"from {OURS}.module_utils._errors import KeyringError"),
        ("module_utils/_credentials/ssh_key.py", "from .._errors import KeyringError"),
        ("module_utils/_credentials/ssh_key.py", "from . import docker_config"),
        ("module_utils/_secret/plan.py", "from urllib.parse import urlsplit"),
        ("module_utils/_cluster/client.py", "import os\nfrom urllib3 import PoolManager"),
        ("module_utils/_tasks/image_pull_secret.py", "from .._cluster import client"),
        ("modules/image_pull_secret.py", "from ansible.module_utils.basic import AnsibleModule"),
    ],
)
def test_allowed(path: str, source: str) -> None:
    assert check(path, source) == []


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("module_utils/_secret/plan.py", "import ansible", "imports ansible, a library of another layer"),
        (
            "module_utils/_secret/plan.py",
            "def plan():\n    from kubernetes import client",
            "imports kubernetes.client, a library of another layer",
        ),
        ("module_utils/_kubelet/image.py", "import os.path", "imports os.path, but is pure"),
        (
            "module_utils/_kubelet/image.py",
            "from urllib import request",
            "imports urllib.request, but is pure",
        ),
        ("module_utils/_kubelet/image.py", "from pathlib import Path", "imports pathlib.Path, but is pure"),
        ("module_utils/_kubelet/image.py", "open('/etc/hosts')", "calls open(), but is pure"),
        ("module_utils/_secret/view.py", "datetime.now(tz=UTC)", "calls now(), but is pure"),
        (
            "module_utils/_credentials/ssh_key.py",
            "from .._secret import plan",
            "imports module_utils/_secret, against the flow",
        ),
        (
            "module_utils/_secret/plan.py",
            f"import {OURS}.module_utils._cluster.client",
            "imports module_utils/_cluster, against the flow",
        ),
        (
            "module_utils/_cluster/client.py",
            "from ..  import _tasks",
            "imports module_utils/_tasks, against the flow",
        ),
        (
            "module_utils/_cluster/client.py",
            "from ansible.module_utils.basic import env_fallback",
            "imports ansible.module_utils.basic.env_fallback, a library of another layer",
        ),
        ("module_utils/_tasks/info.py", "import urllib3", "imports urllib3, a library of another layer"),
        (
            "modules/image_pull_secret.py",
            f"from {OURS}.module_utils._cluster.client import Client",
            "imports module_utils/_cluster, against the flow",
        ),
        (
            "modules/image_pull_secret.py",
            "from ..module_utils._helpers import x",
            f"imports {OURS}.module_utils._helpers.x, which belongs to no layer",
        ),
    ],
)
def test_refused(path: str, source: str, complaint: str) -> None:
    (found,) = check(path, source)
    assert found.partition(" ")[2] == complaint


def test_a_file_outside_the_layers_is_refused() -> None:
    assert check("module_utils/helpers.py", "") == [
        "module_utils/helpers.py belongs to no layer: give it a row in LAYERS"
    ]
