# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of a result that are facts, and the scrubbing of all other strings in a result.

Anyone who may create a Secret chooses a password. If passwords were cut out of everything, one that equals a time, a
name or a status would change what is reported, and what a playbook does with it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from .._credentials.token_shapes import hide_tokens
from .scrub import SCRUBBED, NamespaceScrubbers, Scrubber

ResultT = TypeVar("ResultT")

# Fields whose strings are names, types, enums, times, versions and public halves of keys. They are built from values
# that cannot hold a secret, and are never scrubbed. A name means the same wherever it is in a result.
FACTS = frozenset(
    (
        # what was done, and where
        "operation",
        "namespace",
        "namespaces",
        "name",
        "kind",
        "type",
        "owner",
        "uid",
        "resource_version",
        "before_header",
        "after_header",
        "server",
        "context",
        "source",
        "unmatched",
        # the pull secret of OpenShift nodes, and their pools
        "target",
        "paused_pools",
        # failures and findings
        "id",
        "option",
        "severity",
        "command",
        # times
        "created",
        "updated",
        "deleted",
        "not_tried",
        "last_updated",
        "expires_at",
        "next_run_before",
        # registries, by their server
        "credentials_kept",
        "unmanaged_registries",
        "minted",
        # Git credentials
        "data_keys",
        "unmanaged_keys",
        "format",
        "formats",
        "public_key",
        "fingerprint",
        # names of Secrets and ServiceAccounts, and who uses them
        "secret",
        "secrets",
        "image_pull_secrets",
        "service_account",
        "api_version",
        "how",
        "takes_effect",
        # images
        "image",
        "containers",
        "controller",
        "status",
        "state",
        "outcome",
        # which machine asked a registry
        "asked_from",
        "pull_policy",
        "credentials",
        "unknown_because",
        "when",
        # in a task that a fix proposes
        "service_accounts",
    )
)

# In the name of an option: a key that a user has chosen, such as that of a label. It may be a secret by mistake.
_BRACKETED_KEY = re.compile(r'\["([^"]*)"\]')

# Mappings whose keys others have chosen, so that a key in them is not the name of a field: what is in them is kept, or
# scrubbed, as a whole.
_KEPT_MAPPINGS = frozenset(("service_accounts",))
_SCRUBBED_MAPPINGS = frozenset(("annotations", "data", "labels", "other_fields"))


def scrub_result(result: ResultT, scrubber: Scrubber) -> ResultT:
    """Return a result, or a part of one, with secrets and tokens removed from every string that is not a fact.

    A field without a row in a table of this file is scrubbed.
    """
    found: dict[str, str] = {}

    def note(text: str) -> str:
        found[text] = text
        return text

    _map_text(result, "", note)
    texts = list(found)
    clean_texts = _hide_all_tokens(scrubber.clean(texts))
    if clean_texts == texts:
        return result
    cleaned = dict(zip(texts, clean_texts, strict=True))
    return cast(ResultT, _map_text(result, "", cleaned.__getitem__))


def _hide_all_tokens(texts: list[str]) -> list[str]:
    """Return texts without the tokens that are recognised by their shape, regardless of their origin."""
    everything = "\0".join(texts)
    if hide_tokens(everything, SCRUBBED) == everything:
        return texts
    return [hide_tokens(text, SCRUBBED) for text in texts]


def scrub_entries(entries: Iterable[dict[str, Any]], scrubbers: NamespaceScrubbers) -> list[dict[str, Any]]:
    """Return entries, each scrubbed with the secrets of its own namespace and of no other."""
    scrubbed: list[dict[str, Any]] = []
    for namespace, group in itertools.groupby(entries, key=lambda entry: entry["namespace"]):
        scrubbed += scrub_result(list(group), scrubbers.of(namespace))
    return scrubbed


def _map_text(value: Any, field: str, change: Callable[[str], str]) -> Any:
    """Return the value of a field with every string changed that is not a fact, at any depth."""
    if isinstance(value, str) and field == "option":
        return _BRACKETED_KEY.sub(lambda key: f'["{change(key[1])}"]', value)
    if isinstance(value, str):
        return value if field in FACTS else change(value)
    if isinstance(value, (list, tuple)):
        return [_map_text(item, field, change) for item in value]
    if not isinstance(value, (dict, Mapping)) or field in _KEPT_MAPPINGS:
        return value
    if field in _SCRUBBED_MAPPINGS:
        return {key: _map_text(item, "", change) for key, item in value.items()}
    return {key: _map_text(item, key, change) for key, item in value.items()}
