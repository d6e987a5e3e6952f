# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module gitsync_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._credentials.git_formats import FORMATS, find_format
from .._credentials.git_shapes import OPAQUE, Format
from .._credentials.key_opener import KeyOpener, NamespaceOpeners
from .._credentials.known_hosts import parse_fingerprints
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import STRINGS, Options
from .._runtime.shown import TEXT
from .._secret.git_secret import StoredParts, find_credentials
from .._secret.git_view import find_git_problems, git_fields, git_texts
from .._secret.ownership import is_ours
from .._secret.plan import Secret
from .._secret.users import identity_of
from .git_options import FORMAT_NAMES
from .info import INFO_OPTIONS, Tell, Told, check_info_options, look

# So many Secrets are named in a warning.
MAX_NAMED = 10

OPTIONS: Options = {
    **INFO_OPTIONS,
    "format": {"type": "str", "choices": FORMAT_NAMES},
    "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
    "fingerprint": {"type": "str", "context": TEXT},
}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Tell which Git credentials there are, and what is wrong with them. Only reads."""
    check_info_options(params)
    if params["fingerprint"] is not None:
        parse_fingerprints([params["fingerprint"]], "fingerprint")
    rows = tuple(FORMATS.values())
    if params["format"] or params["keys"]:
        rows = (find_format(params["format"] or "", params["keys"]),)
    unopened: list[str] = []
    types = tuple(dict.fromkeys(type_ for row in rows for type_ in row.types))
    result = look(params, runtime, types, teller(params, rows, unopened), describe_unreadable)
    return {**result, "warnings": [*result["warnings"], *_warn_unopened(unopened)]}


def teller(params: Mapping[str, Any], rows: Sequence[Format], unopened: list[str]) -> Tell:
    """Return what says of a Secret which Git credential it holds, as the options ask.

    ``unopened`` gets the Secrets whose key might have the fingerprint, but costs too much to open.
    """
    openers = NamespaceOpeners()

    def tell(secret: Secret) -> Told | None:
        found = find_credentials(secret, rows)
        if not params["name"] and (not found or (not params["format"] and is_common(secret, found))):
            return None
        row = max(found, key=_mark).row if found else rows[0]
        opener = openers.of(secret["metadata"]["namespace"])
        before = opener.left_unopened
        told = describe_credential(secret, row, found, opener)
        if params["fingerprint"] in (None, told.fields["fingerprint"]):
            return told
        if opener.left_unopened > before:
            unopened.append("/".join(identity_of(secret)))
        return None

    return tell


def describe_unreadable(secret: Secret, why: str) -> dict[str, Any]:
    """Return what is reported of a Secret that cannot be described."""
    unknown = dict.fromkeys(("kind", "url", "username", "known_hosts", "public_key", "fingerprint"))
    return {**unknown, "data_keys": sorted(secret.get("data") or {}), "formats": [], "problems": [why]}


def _warn_unopened(places: Sequence[str]) -> list[str]:
    """Return a warning about the Secrets whose key may be the one with the fingerprint, but was not opened."""
    if not places:
        return []
    more = len(places) - MAX_NAMED
    named = [*places[:MAX_NAMED], *([f"{more} more"] if more > 0 else [])]
    return [
        f"The private keys of these Secrets were not opened, because that takes too long: {', '.join(named)}. Whether "
        "they have the fingerprint is not known; without fingerprint, problems says why."
    ]


def is_common(secret: Secret, found: Sequence[StoredParts]) -> bool:
    """Whether the Secret may be for anything: a user name and a password, and no sign of what they open."""
    unmarked = all(item.row.shapes[item.kind].type == OPAQUE for item in found) and not is_ours(secret)
    return unmarked and all(item.kind == "https" and not item.row.shapes[item.kind].labels for item in found)


def _mark(found: StoredParts) -> int:
    """How plainly a Secret says that it is for this consumer: by labels more than by the names of its keys."""
    return len(found.row.shapes[found.kind].labels)


def describe_credential(secret: Secret, row: Format, found: Sequence[StoredParts], opener: KeyOpener) -> Told:
    """Return what is special of a Secret with a Git credential."""
    fields = git_fields(secret, row, opener)
    fields.pop("format")
    formats = sorted({item.row.name for item in found})
    special = {**fields, "formats": formats, "problems": find_git_problems(found, opener)}
    return Told(special, git_texts(secret, row, opener))


DEFINITION = TaskDefinition(run, OPTIONS)
