# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendors' OpenAPI documents, which are not in this repository (CONTRIBUTING.md, "The APIs of the portals")."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.paths import ROOT

SAP_AI_CORE = "sap-ai-core.openapi.json"
ECP = "ecp.openapi.json"

VARIABLE = "PORTAL_DOCUMENTS"

# SAP's pattern for the names of Docker registry secrets takes exponential time where an engine goes back and forth.
# The other accepts the same names.
SLOW = r"^[a-z0-9](?:_?[a-z0-9\.\-]+)*[a-z0-9]$"
FAST = r"^[a-z0-9](?:[a-z0-9.\-]|_(?=[a-z0-9.\-].))*[a-z0-9]$"


def documents_folder(environment: Mapping[str, str], checkout: Path) -> Path:
    """Return the folder of the documents: the one of the variable, else ``shared/specs`` beside the checkout."""
    return Path(environment.get(VARIABLE) or checkout.parent / "shared" / "specs")


def must_be_there(environment: Mapping[str, str], checkout: Path) -> bool:
    """Return whether missing documents are a failure: where they were promised."""
    in_ci = environment.get("CI") == "true"
    return bool(environment.get(VARIABLE)) or (in_ci and (checkout.parent / "shared").is_dir())


def find_document(name: str) -> Path:
    """Return the path of a document. Skip or fail the test if it is not there."""
    folder = documents_folder(os.environ, ROOT)
    path = folder / name
    if path.is_file():
        return path
    reason = f"The vendor's document {name} is not in {folder}. Put it there, or set {VARIABLE} to its folder."
    if must_be_there(os.environ, ROOT):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def read_document(name: str) -> dict[str, Any]:
    """Return a document as the vendor wrote it. Skip or fail the test if it is not there."""
    document: dict[str, Any] = json.loads(find_document(name).read_text(encoding="utf-8"))
    return document


def write_document(name: str, directory: Path, *, closed: bool) -> Path:
    """Write a document for tools, with the paths that clients send; if closed, undeclared fields are violations."""
    document = read_document(name)
    prefix = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
    document["servers"] = [{"url": "/"}]
    document["paths"] = {prefix + path: operations for path, operations in document["paths"].items()}
    if closed:
        close_objects(document, open_names=names_of_parts(document))
    written = directory / name
    written.write_text(json.dumps(document).replace(json.dumps(SLOW), json.dumps(FAST)), encoding="utf-8")
    return written


def names_of_parts(node: Any) -> set[str]:
    """Return the schemas that are one of several in an ``allOf``, and that must let the fields of the others be."""
    found = set()
    if isinstance(node, dict):
        for part in node.get("allOf", ()):
            found.add(part.get("$ref", "").rpartition("/")[2])
        for value in node.values():
            found |= names_of_parts(value)
    elif isinstance(node, list):
        for value in node:
            found |= names_of_parts(value)
    return found


def close_objects(node: Any, *, open_names: set[str]) -> None:
    """Forbid undeclared fields in the objects of a document, except in parts of an ``allOf``."""
    if isinstance(node, list):
        for value in node:
            close_objects(value, open_names=open_names)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("properties"), dict):
        node.setdefault("additionalProperties", False)
    for name, value in node.items():
        if name != "allOf" and name not in open_names:
            close_objects(value, open_names=open_names)
