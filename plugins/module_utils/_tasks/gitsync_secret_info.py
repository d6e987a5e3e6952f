# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module gitsync_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .._credentials.git_formats import FORMAT_NAMES, FORMAT_ROWS, find_formats
from .._credentials.git_shapes import OPAQUE, Format
from .._credentials.key_opener import KeyOpener, NamespaceOpeners
from .._dataclasses import dataclass
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import STRINGS, Options
from .._runtime.shown import TEXT
from .._secret.git_stored import StoredParts, decode, find_credentials
from .._secret.git_view import find_git_problems, git_fields, git_texts
from .._secret.names import MINTED_FOR, identity_of
from .._secret.ownership import annotations_of, is_ours
from .info import DescribedSecret, report_secrets
from .info_options import INFO_OPTIONS, InfoOptions, parse_info_options

if TYPE_CHECKING:
    from .._secret.plan import Secret

# The number of Secrets that a warning names.
MAX_NAMED = 10

# Names of keys that a Secret for any program may have.
_COMMON_KEYS = frozenset(("username", "password", "token", "bearerToken", "ca.crt", "tls.crt", "tls.key"))

# A credential that expires within this time is a problem. A minted token lasts an hour, and a task that keeps it renews
# it in the last third.
SOON = timedelta(days=1)
SOON_IF_MINTED = timedelta(minutes=20)

OPTIONS: Options = {
    **INFO_OPTIONS,
    "format": {"type": "str", "choices": FORMAT_NAMES},
    "keys": {"type": "dict", "default": {}, "no_log": False, "context": STRINGS},
    "fingerprint": {"type": "str", "context": TEXT},
}


@dataclass(frozen=True)
class GitSecretInfoOptions:
    """The options of gitsync_secret_info, parsed.

    ``formats`` are the formats to search for: all of them without the option ``format``.
    """

    info: InfoOptions
    formats: tuple[Format, ...]
    has_format: bool = False
    fingerprint: str | None = None


def parse_options(params: Mapping[str, Any]) -> GitSecretInfoOptions:
    """Parse the options of the module. Raises KeyringError for one that can match nothing."""
    info = parse_info_options(params)
    if params["fingerprint"] is not None:
        from .._credentials.known_hosts import parse_fingerprints

        parse_fingerprints([params["fingerprint"]], "fingerprint")
    formats = FORMAT_ROWS
    if params["format"] or params["keys"]:
        formats = find_formats(params["format"] or "", params["keys"])
    return GitSecretInfoOptions(info, formats, bool(params["format"]), params["fingerprint"])


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the Git credentials and their problems. Only reads."""
    options = parse_options(params)
    types: dict[str, None] = {}
    for row in options.formats:
        types |= dict.fromkeys(row.types)
    reader = GitSecretReader(options, datetime.now(timezone.utc))
    result = report_secrets(options.info, runtime, tuple(types), reader)
    _add_same_urls(result["secrets"], reader.by_url)
    return {**result, "warnings": [*result["warnings"], *_warn_unopened(reader.unopened)]}


@dataclass(frozen=True)
class _SameUrl:
    """What several Secrets have in common, of which the consumer then uses only one. ``outcome`` says which."""

    namespace: str
    format: str
    url: str = field(repr=False)
    beside: str = field(repr=False)
    outcome: str = ""


def _add_same_urls(entries: Sequence[dict[str, Any]], by_url: Mapping[_SameUrl, Sequence[str]]) -> None:
    """Add a problem to the entries of Secrets that their consumer finds by the same URL."""
    problems = {(entry["namespace"], entry["name"]): entry["problems"] for entry in entries}
    for same, names in by_url.items():
        for name in names if len(names) > 1 else ():
            others = [other for other in names if other != name]
            text = f"The URL is also that of {_some_names(others)}. {same.outcome} Keep one of these Secrets."
            problems[same.namespace, name].append(text)


class GitSecretReader:
    """A reader of Secrets with Git credentials, which leaves out those that the options do not select.

    ``unopened`` are the Secrets whose key might have the fingerprint, but costs too much to open. ``by_url`` are those
    that a consumer finds by the same URL, for consumers that use one of them.
    """

    def __init__(self, options: GitSecretInfoOptions, now: datetime) -> None:
        self._options = options
        self._now = now
        self._openers = NamespaceOpeners()
        self.unopened: list[str] = []
        self.by_url: dict[_SameUrl, list[str]] = {}

    def describe(self, secret: Secret) -> DescribedSecret | None:
        """Return the fields of a Git credential; None for a Secret that is not selected."""
        found = find_credentials(secret, self._options.formats)
        if not self._options.info.name and not self._is_credential(secret, found):
            return None
        row = max(found, key=_count_labels).row if found else self._options.formats[0]
        opener = self._openers.of(secret["metadata"]["namespace"])
        before = opener.left_unopened
        described = describe_credential(secret, row, found, opener, self._now)
        if self._options.fingerprint in (None, described.fields["fingerprint"]):
            self._note_url(secret, row)
            return described
        if opener.left_unopened > before:
            self.unopened.append("/".join(identity_of(secret)))
        return None

    def describe_unreadable(self, secret: Secret, why: str) -> dict[str, Any]:
        """Return the fields of a Secret that cannot be described."""
        unknown = dict.fromkeys(("kind", "url", "username", "known_hosts", "expires_at", "public_key", "fingerprint"))
        return {**unknown, "data_keys": sorted(secret.get("data") or {}), "formats": [], "problems": [why]}

    def _note_url(self, secret: Secret, row: Format) -> None:
        data = secret.get("data") or {}
        url = decode(data.get(row.url_key, "")) if row.same_url else None
        if not url:
            return
        from .._credentials.git_url import compared_url

        beside = decode(data.get(row.same_url_key, "")) or ""
        found = _SameUrl(secret["metadata"]["namespace"], row.name, compared_url(url), beside, row.same_url)
        self.by_url.setdefault(found, []).append(secret["metadata"]["name"])

    def _is_credential(self, secret: Secret, found: Sequence[StoredParts]) -> bool:
        """Return whether the Secret is surely for Git, or has the format of the options."""
        return bool(found) and (self._options.has_format or not is_common(secret, found))


def _some_names(names: Sequence[str]) -> str:
    shown = list(names[:MAX_NAMED])
    more = len(names) - MAX_NAMED
    if more > 0:
        shown.append(f"{more} more")
    return ", ".join(shown)


def _warn_unopened(places: Sequence[str]) -> list[str]:
    """Return a warning about the Secrets whose key may be the one with the fingerprint, but was not opened."""
    if not places:
        return []
    return [
        f"The private keys of these Secrets were not opened, because that takes too long: {_some_names(places)}. "
        "Whether they have the fingerprint is not known; without fingerprint, problems says why."
    ]


def is_common(secret: Secret, found: Sequence[StoredParts]) -> bool:
    """Return whether the Secret may be for anything: a user name and a password, without a mark of a consumer."""
    if is_ours(secret):
        return False
    for item in found:
        shape = item.row.shapes[item.kind]
        if shape.is_general:
            continue
        keys = {shape.keys[part][0] for part in item.parts}
        if item.kind != "https" or shape.type != OPAQUE or shape.labels or not keys <= _COMMON_KEYS:
            return False
    return True


def _count_labels(found: StoredParts) -> int:
    """Return the number of labels that mark a Secret for its consumer, which is a surer sign than names of keys."""
    return len(found.row.shapes[found.kind].labels)


def describe_credential(
    secret: Secret, row: Format, found: Sequence[StoredParts], opener: KeyOpener, now: datetime
) -> DescribedSecret:
    """Return the fields of a Secret with a Git credential, and its secret texts."""
    fields = git_fields(secret, row, opener)
    fields.pop("format")
    formats = sorted({item.row.name for item in found})
    problems = [*find_git_problems(found, opener), *_find_expiry_problems(secret, fields["expires_at"], now)]
    special = {**fields, "formats": formats, "problems": problems}
    return DescribedSecret(special, git_texts(secret, row, opener))


def _find_expiry_problems(secret: Secret, end: str | None, now: datetime) -> list[str]:
    """Return a sentence about a password or token that has expired or expires soon.

    One that another program renews is reported after its expiry only.
    """
    if end is None:
        return []
    from .._credentials.expiry import render_time

    soon = SOON_IF_MINTED if MINTED_FOR in annotations_of(secret) else SOON
    if end <= render_time(now):
        return [f"The token expired at {end}."]
    if end <= render_time(now + soon) and is_ours(secret):
        return [f"The token expires at {end}."]
    return []


DEFINITION = TaskDefinition(run, OPTIONS)
