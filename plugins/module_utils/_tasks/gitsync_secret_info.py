# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module gitsync_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import (
    FORMATS,
    find_format,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import (
    OPAQUE,
    Format,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import parse_fingerprints
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_secret import Found, find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_view import (
    find_problems,
    git_fields,
    git_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.ownership import is_ours
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.execute import Context, Result, TaskCode
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_options import FORMAT_NAMES
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import (
    INFO_OPTIONS,
    check_info_options,
    look,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.options import STRINGS, Options

OPTIONS: Options = {
    **INFO_OPTIONS,
    "format": {"type": "str", "choices": FORMAT_NAMES},
    "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
    "fingerprint": {"type": "str"},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    """Tell which Git credentials there are, and what is wrong with them. Only reads."""
    check_info_options(params)
    if params["fingerprint"] is not None:
        parse_fingerprints([params["fingerprint"]], "fingerprint")
    rows = tuple(FORMATS.values())
    if params["format"] or params["keys"]:
        rows = (find_format(params["format"] or "", params["keys"]),)
    types = tuple(dict.fromkeys(type_ for row in rows for type_ in row.types))

    def tell(secret: Secret) -> dict[str, Any] | None:
        found = find_credentials(secret, rows)
        if not params["name"] and (not found or (not params["format"] and is_common(secret, found))):
            return None
        row = max(found, key=_mark).row if found else rows[0]
        context.scrubber.add(*git_texts(secret, row))
        special = _describe_credential(secret, row, found)
        return special if params["fingerprint"] in (None, special["fingerprint"]) else None

    return look(params, context, types, tell)


def is_common(secret: Secret, found: Sequence[Found]) -> bool:
    """Whether the Secret may be for anything: a user name and a password, and no sign of what they open."""
    unmarked = all(item.row.shapes[item.kind].type == OPAQUE for item in found) and not is_ours(secret)
    return unmarked and all(item.kind == "https" and not item.row.shapes[item.kind].labels for item in found)


def _mark(found: Found) -> int:
    """How plainly a Secret says that it is for this consumer: by labels more than by the names of its keys."""
    return len(found.row.shapes[found.kind].labels)


def _describe_credential(secret: Secret, row: Format, found: Sequence[Found]) -> dict[str, Any]:
    fields = git_fields(secret, row)
    fields.pop("format")
    return {**fields, "formats": sorted({item.row.name for item in found}), "problems": find_problems(found)}


CODE = TaskCode(run, OPTIONS)
