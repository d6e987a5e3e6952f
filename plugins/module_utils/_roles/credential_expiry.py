# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide which credentials the playbook credential_expiry lists: those of all clusters that expire within some time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from .._credentials.expiry import parse_time, render_time
from .._dataclasses import dataclass

# The results of both info modules for a host; an empty one, or one without secrets, was not read.
HostResults = tuple[str, Mapping[str, Any], Mapping[str, Any]]

_WITHIN = re.compile(r"([0-9]{1,4})(h|d|w)", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_BOOLEANS = ("true", "false", "yes", "no", "on", "off", "1", "0")


@dataclass(frozen=True)
class ListedCredential:
    """A credential in a Secret of a cluster, as a result describes it. ``end`` is None if its expiry is not known."""

    host: str
    kind: str
    namespace: str
    secret: str
    server: str | None
    username: str | None
    end: datetime | None


def expiry_faults(variables: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the variables of the playbook, in sentences."""
    faults: list[str] = []
    if not _WITHIN.fullmatch(str(variables["within"])):
        faults.append("expiry_within must be a number of hours, days or weeks, such as 12h, 30d or 8w.")
    if str(variables["fail"]).lower() not in _BOOLEANS:
        faults.append("expiry_fail must be true or false.")
    if variables["file"] and not str(variables["file"]).endswith(".json"):
        faults.append("expiry_file must be the path of a JSON file. Let it end with .json.")
    return faults


def expiring_credentials(results: Sequence[HostResults], *, within: str, now: float) -> dict[str, Any]:
    """Return the credentials that have expired or expire within a time such as ``30d``, the earliest first.

    Equal credentials in several namespaces of a host are one finding. ``hosts`` has the number of findings of each
    host, and why it was not read. ``undated`` is the number of credentials without a known expiry date.
    """
    moment = datetime.fromtimestamp(int(now), timezone.utc)
    latest = moment + _parse_within(within)
    findings: list[dict[str, Any]] = []
    hosts: dict[str, dict[str, Any]] = {}
    undated = 0
    for host, pull_secrets, git_secrets in results:
        credentials = [*_list_pull_secrets(host, pull_secrets), *_list_git_secrets(host, git_secrets)]
        undated += sum(credential.end is None for credential in credentials)
        found = _group_namespaces(credentials, latest, moment)
        findings += found
        hosts[host] = {"findings": len(found), **_describe_reading(pull_secrets, git_secrets)}
    findings.sort(key=_order)
    return {"made": render_time(moment), "within": within, "findings": findings, "hosts": hosts, "undated": undated}


def _order(finding: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("expires_at", "host", "kind", "secret", "server", "username")
    return (*(finding[name] or "" for name in names), *finding["namespaces"])


def _parse_within(text: str) -> timedelta:
    found = _WITHIN.fullmatch(str(text))
    if not found:  # expiry_faults has refused it
        return timedelta()
    return timedelta(hours=int(found[1]) * _HOURS[found[2]])


def _list_pull_secrets(host: str, result: Mapping[str, Any]) -> Iterator[ListedCredential]:
    """Yield the registry entries of pull secrets that this collection renews."""
    from .._secret.pull_secret import is_renewed_here

    for secret in result.get("secrets") or ():
        if not is_renewed_here(secret["ours"], secret["annotations"]):
            continue
        for entry in secret["registries"]:
            place = (secret["namespace"], secret["name"], entry["server"], entry["username"])
            yield ListedCredential(host, "pull secret", *place, parse_time(entry["expires_at"] or ""))


def _list_git_secrets(host: str, result: Mapping[str, Any]) -> Iterator[ListedCredential]:
    """Yield the Git credentials of this collection for HTTPS. SSH keys do not expire."""
    for secret in result.get("secrets") or ():
        if secret["ours"] and secret["kind"] == "https":
            place = (secret["namespace"], secret["name"], secret["url"], secret["username"])
            yield ListedCredential(host, "Git", *place, parse_time(secret["expires_at"] or ""))


def _group_namespaces(credentials: Iterable[ListedCredential], latest: datetime, now: datetime) -> list[dict[str, Any]]:
    """Return a finding for all credentials that expire until ``latest`` and differ only in their namespace."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for credential in credentials:
        if credential.end is None or credential.end > latest:
            continue
        key = (credential.kind, credential.secret, credential.server, credential.username, credential.end)
        finding = groups.setdefault(key, _describe_credential(credential, credential.end, now))
        finding["namespaces"].append(credential.namespace)
    return list(groups.values())


def _describe_credential(credential: ListedCredential, end: datetime, now: datetime) -> dict[str, Any]:
    return {
        "expires_at": render_time(end),
        "expired": end <= now,
        "left": _describe_left(end - now),
        "host": credential.host,
        "kind": credential.kind,
        "namespaces": [],
        "secret": credential.secret,
        "server": credential.server,
        "username": credential.username,
    }


def _describe_left(left: timedelta) -> str:
    if left <= timedelta():
        return "expired"
    if left < timedelta(days=2):
        return f"{left // timedelta(hours=1)} h"
    return f"{left.days} d"


def _describe_reading(pull_secrets: Mapping[str, Any], git_secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the API server of a host, why it was not read, and warnings about what was read in part."""
    reasons: dict[str, str] = {}
    warnings: list[str] = []
    server = None
    for what, result in (("pull secrets", pull_secrets), ("Git secrets", git_secrets)):
        if "secrets" not in result:
            reasons[what] = result.get("msg") or "The task did not run."
            continue
        server = result["cluster"]["server"]
        warnings += [text for text in result.get("warnings") or () if text not in warnings]
    not_read = [f"{what}: {why}" for what, why in reasons.items()]
    if len(reasons) == 2 and len(set(reasons.values())) == 1:
        not_read = list(reasons.values())[:1]
    return {"server": server, "not_read": not_read, "warnings": warnings}
