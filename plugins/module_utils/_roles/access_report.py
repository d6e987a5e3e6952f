# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the report of the playbook image_access_report from the results of image_access_info.

``access_report`` makes the data of the report, which the JSON file and the page contain. The other functions write it
as CSV and as lines for the terminal. Names and messages in it were written by others: JSON and the page escape them,
and a cell of the CSV file that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._kubelet.images import normalise_image
from .._printable import make_line
from .next_step import next_step, to_plain, write_command
from .printed import printed

AccessResult = Mapping[str, Any]
ReportRow = dict[str, Any]

# The verdicts, most urgent first: id, sign, label, colour in the page, and meaning.
_VERDICT_COLUMNS = ("id", "sign", "label", "tone", "text")
_VERDICT_ROWS = (
    ("fails", "✗", "Pull fails", "fails", "The kubelet cannot pull the image now. The cause is in the row."),
    (
        "denied",
        "✗",
        "Refused",
        "fails",
        "The registry refused the credentials when this report asked it.",
    ),
    (
        "secret_malformed",
        "!",
        "Secret malformed",
        "bad",
        "A pull secret is not valid, so the kubelet refuses every image of the Pod.",
    ),
    (
        "missing",
        "!",
        "Credentials missing",
        "bad",
        "The registry asks for credentials, and no pull secret of the Pod has an entry for the image.",
    ),
    (
        "secret_missing",
        "M",
        "Secret missing",
        "bad",
        "A referenced Secret does not exist, and no other Secret has an entry for the image.",
    ),
    (
        "wrong_type",
        "T",
        "Wrong type",
        "bad",
        "A referenced Secret is not a pull secret, and no other Secret has an entry for the image.",
    ),
    (
        "borrowed",
        "B",
        "Borrowed",
        "open",
        "The Pod has no credentials for the image. It runs only because a Pod with another Secret pulled the same "
        "image to its node. Kubelets from 1.35 on can refuse this.",
    ),
    ("unknown", "?", "Unknown", "unsure", "Some objects that decide this cannot be read."),
    (
        "no_entry",
        "-",
        "No entry",
        "neutral",
        "No pull secret has an entry for the image. This is right for a public image, and for one that nodes pull with "
        "their own credentials. Otherwise credentials are missing.",
    ),
    ("public", "P", "Public", "node", "The registry serves the image to everyone. It needs no credentials."),
    (
        "by_node",
        "N",
        "By the node",
        "node",
        "No pull secret has an entry for the image. Nodes pull it with their own credentials.",
    ),
    (
        "matched",
        "✓",
        "Matched",
        "good",
        "A pull secret has an entry for the image. Only the registry knows whether it is valid.",
    ),
)
VERDICTS: Sequence[Mapping[str, str]] = tuple(dict(zip(_VERDICT_COLUMNS, row, strict=True)) for row in _VERDICT_ROWS)
_RANKS = {verdict["id"]: rank for rank, verdict in enumerate(VERDICTS)}
_LABELS = {verdict["id"]: verdict["label"] for verdict in VERDICTS}
# The verdict on an image whose status is no_entry, by the credentials that the upgrade audit found.
_VERDICT_OF_CREDENTIALS = {
    "public": "public",
    "node": "by_node",
    "borrowed": "borrowed",
    "missing": "missing",
}

# The verdicts that need no step.
_NOTHING_TO_DO = ("by_node", "matched", "public")

# When a pull will fail, as the upgrade audit reports it.
_WHEN = {
    "now": "now",
    "new_node_or_tag": "with a new node or tag",
    "node_upgrade": "when the nodes are upgraded",
}

# The columns of the CSV file: the title, and the path of the field in a row.
CSV_COLUMNS: Sequence[tuple[str, Sequence[str]]] = (
    ("Host", ("host",)),
    ("API server", ("api_server",)),
    ("Namespace", ("namespace",)),
    ("Kind", ("kind",)),
    ("Name", ("name",)),
    ("Controller", ("controller",)),
    ("Image", ("image",)),
    ("Registry", ("registry",)),
    ("Verdict", ("label",)),
    ("Cause", ("cause", "text")),
    ("Secret", ("secret",)),
    ("Entry", ("server",)),
    ("User", ("username",)),
    ("Credentials", ("credentials",)),
    ("Borrowed from", ("borrowed",)),
    ("After an upgrade", ("after_upgrade",)),
    ("Next step", ("step", "text")),
)
NOT_READ = "Not read"
_NO_RESULT = "The task did not run on this host. See the output of the playbook."
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def access_report(
    results: Mapping[str, AccessResult], *, made: str = "", show_borrowed: bool = False, context: str = ""
) -> dict[str, Any]:
    """Return the report: ``clusters`` (one for each host), ``images``, ``problems``, ``restarts`` and ``unknown``.

    ``results`` are those of image_access_info by host. A host without images has the error in its cluster. With
    ``show_borrowed``, a row names the Secrets of other namespaces that its image depends on. ``context`` is the one
    that the user has set, for commands; with several hosts each has its own.
    """
    report: dict[str, Any] = {"made": made, "clusters": [], "images": [], "problems": [], "restarts": [], "unknown": []}
    for host, templated in results.items():
        result = to_plain(templated)
        cluster = _describe_cluster(host, result)
        report["clusters"].append(cluster)
        if cluster["error"] is not None:
            continue
        has_context = bool(cluster["context"]) and (bool(context) or len(results) > 1)
        of_host = cluster["context"] if has_context else ""
        restarts = [_add_context(host, restart, of_host) for restart in result.get("restarts", ())]
        restart_of = {(item["namespace"], item["kind"], item["name"]): item for item in restarts}
        for image in result["images"]:
            report["images"].append(_describe_row(cluster, image, restart_of, of_host, show_borrowed))
        report["restarts"] += restarts
        for problem in result["problems"]:
            if problem["id"] != "kubelet_will_refuse":  # the images have it, and it may name Secrets of others
                report["problems"].append({"host": host, **problem})
        report["unknown"] += [{"host": host, **place} for place in result["unknown"]]
    report["images"].sort(key=_row_urgency)
    return report


def access_report_page(results: Mapping[str, AccessResult], **options: Any) -> dict[str, Any]:
    """Return the data of the page: the report, what its verdicts mean, and the columns of an export."""
    columns = [{"title": title, "path": list(path)} for title, path in CSV_COLUMNS]
    return {**access_report(results, **options), "verdicts": VERDICTS, "columns": columns, "not_read": NOT_READ}


def access_report_json(results: Mapping[str, AccessResult], **options: Any) -> str:
    """Return the report as JSON in ASCII, with all other characters escaped."""
    return json.dumps(access_report(results, **options), indent=1)


def access_report_csv(results: Mapping[str, AccessResult], **options: Any) -> str:
    """Return the images as CSV, with a row for each host that could not be read."""
    report = access_report(results, **options)
    lines = [[title for title, _path in CSV_COLUMNS]]
    for cluster in report["clusters"]:
        if cluster["error"] is not None:
            row = {**cluster, "api_server": cluster["server"], "server": None, "label": NOT_READ}
            lines.append(_csv_cells({**row, "cause": {"text": cluster["error"]}}))
    lines += [_csv_cells(row) for row in report["images"]]
    return "".join(",".join(map(_quote_cell, cells)) + "\n" for cells in lines)


def access_report_lines(results: Mapping[str, AccessResult], *, most: int = 100, **options: Any) -> list[str]:
    """Return the report as lines for the terminal: at most ``most`` images, most urgent first, then the problems."""
    report = access_report(results, **options)
    images = report["images"]
    lines = _table_lines(images[:most], with_hosts=len(results) > 1)
    if len(images) > most:
        lines.append(f"and {len(images) - most} more, in the file")
    unread = [cluster for cluster in report["clusters"] if cluster["error"] is not None]
    errors = [{"host": cluster["host"], "namespace": None, "text": cluster["error"]} for cluster in unread]
    sections = (
        ("Restart, because Pods are older than the link of a Secret", report["restarts"]),
        ("Problems", report["problems"]),
        ("Not known", report["unknown"]),
        (NOT_READ, errors),
    )
    for title, items in sections:
        lines += _section_lines(title, items, most, with_hosts=len(results) > 1 or items is errors)
    return [*lines, " ", _summary_line(report)]


def _describe_cluster(host: str, result: AccessResult) -> ReportRow:
    cluster = result.get("cluster") or {}
    is_read = "images" in result
    return {
        "host": host,
        "server": cluster.get("server"),
        "context": cluster.get("context"),
        "error": None if is_read else make_line(str(result.get("msg") or _NO_RESULT)),
        "images": len(result["images"]) if is_read else None,
        "failing": result["summary"]["failing"] if is_read else None,
        "problems": len(result["problems"]) if is_read else None,
    }


def _describe_row(
    cluster: ReportRow,
    image: AccessResult,
    restart_of: Mapping[tuple[str, str, str], ReportRow],
    context: str,
    show_borrowed: bool,
) -> ReportRow:
    """Return an image as a row: the fields of the result, and what the report adds to them."""
    verdict = _find_verdict(image)
    name = normalise_image(image["image"])
    row = {
        **image,
        "host": cluster["host"],
        "api_server": cluster["server"],
        "registry": name.split("/")[0] if name else "not a valid image name",
        "verdict": verdict,
        "label": _LABELS[verdict],
        "group": _LABELS[verdict],
        "after_upgrade": _shorten_upgrade(image.get("upgrade")),
        "borrowed": ", ".join(_describe_lender(lender) for lender in image.get("borrowed_from") or ()),
    }
    if image["cause"]:
        row["group"] = f"{_LABELS[verdict]}: {image['cause']['id'].replace('_', ' ')}"
    if not show_borrowed and _find_namespaces(image) - {image["namespace"]}:
        # These fields name Secrets and users of other namespaces.
        row |= {"borrowed_from": [], "borrowed": "", "fix": None}
        row["upgrade"] = {**(row.get("upgrade") or {}), "text": row["after_upgrade"]}
    row["step"] = _find_step(row, restart_of, context)
    return row


def _find_namespaces(image: AccessResult) -> set[str]:
    """Return the namespaces of the Secrets that the lenders and the fix of an image name."""
    namespaces = {lender["namespace"] for lender in image.get("borrowed_from") or ()}
    task = (image.get("fix") or {}).get("task") or {}
    for arguments in task.values():
        source = arguments.get("credentials_from")
        if source:
            namespaces.add(source["namespace"])
    return namespaces


def _find_verdict(image: AccessResult) -> str:
    """Return the verdict on an image: its status, unless a pull, a registry or the upgrade audit says more."""
    verified = image.get("verified") or {}
    status: str = image["status"]
    if image["cause"]:
        return "fails"
    if verified.get("outcome") == "denied":
        return "denied"
    by_credentials = _VERDICT_OF_CREDENTIALS.get(image.get("credentials") or "")
    if by_credentials in _NOTHING_TO_DO and status in ("no_entry", "secret_missing", "wrong_type"):
        return by_credentials
    if status != "no_entry":
        return status
    if by_credentials:
        return by_credentials
    if image["by_node"]:
        return "by_node"
    if verified.get("outcome") == "pullable":
        return "public"
    return "no_entry"


def _shorten_upgrade(upgrade: AccessResult | None) -> str:
    """Return what the upgrade audit predicts, in a few words; an empty string if nothing is known to change."""
    if not upgrade or upgrade.get("outcome") == "ok":
        return ""
    if upgrade.get("outcome") != "fails":
        return "not known"
    when = _WHEN.get(upgrade.get("when") or "", "")
    return f"fails {when}".strip()


def _describe_lender(lender: AccessResult) -> str:
    user = f" as {lender['username']}" if lender.get("username") else ""
    return f"{lender['namespace']}/{lender['name']}: {lender['server']}{user}"


def _add_context(host: str, restart: AccessResult, context: str) -> ReportRow:
    """Return an object to restart, with the context in its command."""
    command = restart["command"]
    if command and context:
        command = f"{write_command(['kubectl', '--context', context])}{command.removeprefix('kubectl')}"
    return {"host": host, **restart, "command": command}


def _find_step(row: ReportRow, restart_of: Mapping[tuple[str, str, str], ReportRow], context: str) -> ReportRow:
    """Return the next step for a row: ``text``, and ``lines`` to copy."""
    if row["cause"] and row["cause"]["id"] == "started_before_link":
        kind, _slash, name = (row["controller"] or "").partition("/")
        restart = restart_of.get((row["namespace"], kind, name))
        restart = restart or restart_of.get((row["namespace"], row["kind"], row["name"]))
        if restart:
            return {"text": restart["text"], "lines": [restart["command"]] if restart["command"] else []}
    if row["verdict"] in _NOTHING_TO_DO and not row.get("fix"):
        return {"text": "", "lines": []}
    return next_step(row, context=context)


def _row_urgency(row: ReportRow) -> tuple[Any, ...]:
    name = (row["host"], row["namespace"] or "", row["kind"] or "", row["name"] or "", row["image"])
    return _RANKS[row["verdict"]], row["after_upgrade"] == "", *name


def _csv_cells(row: ReportRow) -> list[str]:
    cells = []
    for _title, path in CSV_COLUMNS:
        value: Any = row
        for field in path:
            value = (value or {}).get(field)
        text = "" if value is None else str(value)
        is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
        cells.append(f"'{make_line(text)}" if is_formula else make_line(text))
    return cells


def _quote_cell(cell: str) -> str:
    """Return a cell of one line as it is written into a CSV file: RFC 4180."""
    if "," not in cell and '"' not in cell:
        return cell
    return '"' + cell.replace('"', '""') + '"'


def _table_lines(rows: Iterable[ReportRow], *, with_hosts: bool) -> list[str]:
    """Return a table with columns as wide as their longest cell."""
    titles = ["STATUS", "HOST", "NAMESPACE", "PULLED BY", "IMAGE", "SECRET: ENTRY, OR CAUSE"]
    table = [titles, *(_table_cells(row) for row in rows)]
    if len(table) == 1:
        return []
    if not with_hosts:
        table = [[cells[0], *cells[2:]] for cells in table]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]) - 1)]
    lines = []
    for cells in table:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        lines.append("  ".join([*padded, cells[-1]]).strip())
    return lines


def _table_cells(row: ReportRow) -> list[str]:
    image = printed(row["image"])
    name, at, digest = image.partition("@sha256:")
    image = f"{name}{at}{digest[:8]}…" if len(digest) > 8 else image
    last = ""
    if row["cause"]:
        last = row["cause"]["id"].replace("_", " ")
    elif row["secret"]:
        last = f"{row['secret']}: {printed(row['server'], longest=100)}"
    elif row["after_upgrade"]:
        last = f"after an upgrade: {row['after_upgrade']}"
    status = row["verdict"].replace("_", " ")
    puller = printed(f"{row['kind']}/{row['name']}")
    image = image if len(image) <= 60 else f"…{image[-59:]}"
    return [status, printed(row["host"]), printed(row["namespace"]), puller, image, printed(last)]


def _section_lines(title: str, items: Sequence[ReportRow], most: int, *, with_hosts: bool) -> list[str]:
    if not items:
        return []
    lines = [" ", title]
    for item in items[:most]:
        places = [item["host"] if with_hosts else "", item["namespace"] or ""]
        place = "".join(f"{printed(name)}: " for name in places if name)
        if item.get("command"):  # one line, to copy
            lines.append(f"  - {printed(item['host'])}: {item['command']}" if with_hosts else f"  - {item['command']}")
            continue
        text = printed(f"{place}{item['text']}", longest=1000)
        lines += textwrap.wrap(text, 111, initial_indent="  - ", subsequent_indent="    ", break_long_words=False)
    if len(items) > most:
        lines.append(f"  and {len(items) - most} more, in the file")
    return lines


def _summary_line(report: Mapping[str, Any]) -> str:
    images = report["images"]
    matched = sum(row["status"] == "matched" for row in images)
    failing = sum(row["cause"] is not None for row in images)
    hosts = len(report["clusters"])
    unread = sum(cluster["error"] is not None for cluster in report["clusters"])
    of_hosts = "" if hosts == 1 else f" on {hosts - unread} of {hosts} hosts"
    return (
        f"{len(images)} image{'' if len(images) == 1 else 's'}{of_hosts}: {matched} with a matching entry, "
        f"{len(images) - matched} without (including those that nodes or anyone can pull), {failing} failing now. "
        f"Problems: {len(report['problems'])}."
    )
