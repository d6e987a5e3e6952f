# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of the guide on failures: what each id means, its usual cause, and how to go on.

A new id of _errors.py needs a row. Run as a program, as ``make docs`` does, it writes the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import FailureId
from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_failures.rst"
_BEGIN, _END = ".. The table: make docs\n", ".. The end of the table\n"


class Row(NamedTuple):
    """What a page says of an id."""

    meaning: str
    cause: str
    remedy: str


ROWS: Mapping[FailureId, Row] = {
    "admission_denied": Row(
        "A webhook, a ValidatingAdmissionPolicy or another admission plugin of the cluster refuses the write.",
        "A rule of the cluster, such as a label that every object needs.",
        "Read the message: it names what refuses, and quotes its text unless that contains a secret of the request.",
    ),
    "being_deleted": Row(
        "The Secret, the ServiceAccount or the namespace is being deleted.",
        "A finalizer, or a namespace whose content is being removed.",
        "Run the task again when it is gone.",
    ),
    "conflict": Row(
        "Another client changes the object again and again.",
        "Two tools manage the same object.",
        "Run the task again. If it fails again, find the other client.",
    ),
    "credential_plugin_failed": Row(
        "The credential plugin of the kubeconfig gives no credentials.",
        "The plugin is not installed, or its own login has expired.",
        "Run the command of the plugin by hand on the machine that runs the task.",
    ),
    "denied_by_registry": Row(
        "The registry does not accept a credential.",
        "An expired, revoked or mistyped token. Reserved: no module raises it yet.",
        "Correct the credential. Do not repeat the task as it is: some registries lock the account.",
    ),
    "forbidden": Row(
        "The identity lacks a permission in Kubernetes.",
        "A Role or a binding is missing.",
        "Grant the permission that the message names.",
    ),
    "image_not_served": Row(
        "The Secret would not serve one of ``images``.",
        "An entry for another registry or path.",
        "Correct ``registries`` or ``images``, or set ``preflight: warn``.",
    ),
    "immutable": Row(
        "The Secret is immutable and would change.",
        "``immutable: true`` was set earlier.",
        "Set ``recreate: true``, or use another name.",
    ),
    "in_use": Row(
        "Something uses the Secret that would be deleted or recreated.",
        "A Pod, a workload or a ServiceAccount references it.",
        "Change what uses it, or set ``in_use: warn``.",
    ),
    "in_use_unknown": Row(
        "It is not known whether anything uses the Secret that would be deleted or recreated.",
        "The identity must not list some of the kinds that can use it.",
        "Grant the permissions, or set ``in_use: warn``.",
    ),
    "internal_error": Row(
        "The collection has a fault.",
        "A case that it does not handle.",
        "Report it with the message.",
    ),
    "invalid_kubeconfig": Row(
        "The kubeconfig cannot be used.",
        "It does not parse, or lacks the context, the cluster or the user.",
        "Correct the kubeconfig or ``context``.",
    ),
    "invalid_option": Row(
        "An option, or a combination of options, is not valid. ``failure.option`` is the name of the option.",
        "A typing error, or an empty variable.",
        "Correct the option. Nothing was sent to the cluster in most cases, and nothing was written.",
    ),
    "invalid_secret": Row(
        "A stored Secret, or a Secret to copy from, cannot be read.",
        "Another tool wrote a docker config or a key that does not parse.",
        "Correct or delete the Secret, or replace its content, such as with ``purge_registries: true``.",
    ),
    "managed_elsewhere": Row(
        "Another tool manages the Secret, such as Helm, Argo CD or External Secrets.",
        "The Secret has a label, an annotation or an owner reference of that tool.",
        "Change it there, or set ``take_ownership: true``.",
    ),
    "minting_failed": Row(
        "A cloud gives no token for its registry.",
        "Missing or expired credentials of the cloud, or a wrong clock.",
        "Correct the credentials on the machine that runs the task.",
    ),
    "missing_library": Row(
        "A Python package or a program is missing on the machine that runs the task.",
        "An execution environment without it.",
        "Install what the message names.",
    ),
    "not_a_string": Row(
        "A value that must be a string has another type.",
        "YAML makes a number or a boolean of a value without quotes, and templates make lists and mappings.",
        "Put the value in quotes, or end the template with ``| string``.",
    ),
    "not_found": Row(
        "An object that the task needs does not exist.",
        "A namespace, a ServiceAccount or the Secret of ``credentials_from`` is missing.",
        "Create it first, or correct the name.",
    ),
    "outcome_unknown": Row(
        "It is not known whether a write was done, because its answer was lost.",
        "The API server or a proxy failed in the middle of the request.",
        "Run the task again: it reads first, and writes only what is missing.",
    ),
    "prune_limit": Row(
        "``prune`` would delete more Secrets than ``prune_limit`` allows. Nothing was written.",
        "A selection of namespaces that has become too small.",
        "Check the selection. If it is right, raise ``prune_limit``.",
    ),
    "quota": Row(
        "A ResourceQuota of the namespace is exhausted.",
        "Too many Secrets in the namespace.",
        "Delete what is no longer needed, or raise the quota.",
    ),
    "rejected": Row(
        "The API server refuses the request or the object.",
        "A Secret that becomes larger than 1 MiB, for example.",
        "Read the message of the server.",
    ),
    "server_error": Row(
        "The API server is overloaded or fails, also after several attempts.",
        "Maintenance, or a control plane in trouble.",
        "Run the task again later.",
    ),
    "tls_failed": Row(
        "The certificate of the API server is not accepted, or TLS fails.",
        "A wrong ``ca_cert``, or a proxy that replaces certificates.",
        "Correct ``ca_cert``. Do not turn off the verification.",
    ),
    "unauthorized": Row(
        "The API server does not accept the credentials of the connection.",
        "An expired token or client certificate.",
        "Renew them, or check which kubeconfig and context are used.",
    ),
    "unexpected_server": Row(
        "The server is not the expected one.",
        "A kubeconfig that leads to another cluster than ``expect_server``, or a Git server with other host keys than "
        "``ssh.host_key_fingerprints``.",
        "Check the kubeconfig or the fingerprints. Another machine may have answered.",
    ),
    "unreachable": Row(
        "A server gives no answer: the API server, or the Git server whose host keys are fetched.",
        "A wrong address, a firewall, a proxy, or a server that is down.",
        "Check the address and the network, then run the task again.",
    ),
    "unreadable_file": Row(
        "A file that an option names cannot be read.",
        "A wrong path, or a vaulted file without its password.",
        "Correct the path. With ``remote_src: true`` it is a file of the machine that runs the task.",
    ),
    "wrong_owner": Row(
        "The Secret belongs to another ``owner``.",
        "Two playbooks use the same name.",
        "Use another name, or set ``take_ownership: true``.",
    ),
    "wrong_type": Row(
        "The Secret has another type.",
        "Another tool uses the name.",
        "Use another name, or set ``recreate: true``. The task does not delete a Secret of another type.",
    ),
}


def render_page(page: str) -> str:
    """Return the page with the table as the rows have it."""
    before, _begin, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n{_render_table(ROWS)}\n{_END}{after}"


def _render_table(rows: Mapping[FailureId, Row]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    lines += _lines(("``failure.id``", "Meaning", "Usual cause", "How to go on"))
    for name in sorted(rows):
        lines += _lines((f"``{name}``", *rows[name]))
    return "\n".join((*lines, ""))


def _lines(cells: Iterable[str]) -> list[str]:
    return [f"   {'  ' if column else '* '}- {cell}" for column, cell in enumerate(cells)]


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
