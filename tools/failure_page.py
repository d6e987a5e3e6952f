# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of the guide on failures: of each id the meaning, the message as printed, the usual cause and the fix.

A new id of _errors.py needs an entry. Run as a program, as ``make docs`` does, it writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import FailureId
from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_failures.rst"
_BEGIN, _END = ".. The entries: make docs\n", ".. The end of the entries\n"


class Entry(NamedTuple):
    """What the page states about an id.

    ``message`` is a part of the printed message, with … for names; a test finds it in the code. It is empty where the
    message begins with the name of the option, or where there is none. ``portals`` is the cause and the fix in a task
    for the API of a portal, if they differ from those in a cluster.
    """

    meaning: str
    message: str
    cause: str
    fix: str
    portals: str = ""


ENTRIES: Mapping[FailureId, Entry] = {
    "admission_denied": Entry(
        "A webhook, a policy or another admission plugin of the cluster refuses the write.",
        "… refuses it (…).",
        "A rule of the cluster, such as a label that every object needs.",
        "Read the message. It names what refuses, and quotes its text unless that contains a secret of "
        "the request. Then set ``labels`` or ``annotations``, or ask the owner of the rule.",
    ),
    "being_deleted": Entry(
        "The Secret, the ServiceAccount or the namespace is being deleted.",
        "… is being deleted.",
        "A finalizer, or a namespace whose content is being removed.",
        "Run the task again after the deletion has finished. If it does not finish, find its finalizers: ``kubectl get "
        "secret NAME --output jsonpath='{.metadata.finalizers}'``.",
    ),
    "clock_skew": Entry(
        "The API of a portal refuses the signature of a request, because the clock of the machine is wrong.",
        "does not accept the signature (401), and the clock of this machine is wrong.",
        "The machine that runs the task does not synchronize its clock.",
        "Set the clock. The message has both times.",
    ),
    "conflict": Entry(
        "Another client changes the object again and again.",
        "the object was changed by another client (409)",
        "Two tools manage the same object.",
        "Run the task again. If it fails again, find the other client: ``kubectl get secret NAME "
        "--output jsonpath='{.metadata.managedFields[*].manager}'`` names the clients that write it.",
        "Another object has the name, the URL or the email address, or another client changed the object at the "
        "same time. Run the task again. If it fails again, use another value for the option that "
        "``failure.option`` names, or the existing object.",
    ),
    "credential_plugin_failed": Entry(
        "The credential plugin of the kubeconfig returned no credentials.",
        "The credential plugin of … …",
        "The plugin is not installed, or its own login has expired.",
        "Run the command under ``exec`` by hand, as the same user on the machine that runs the task.",
    ),
    "denied_by_git_server": Entry(
        "With ``verify: true``, a Git server denies a credential that would be written. Nothing was written.",
        "The Git server denies the credential for ….",
        "An expired, revoked or mistyped token, or an SSH key that is not registered at the server.",
        "Correct the credential. Do not run the task again before that, because some Git servers lock the account.",
    ),
    "denied_by_registry": Entry(
        "With ``verify: true``, a registry refuses credentials that would be written. Nothing was written.",
        "The registry refuses … (…)",
        "An expired, revoked or mistyped token, or one without the permission to pull the image.",
        "Correct the credentials. Do not run the task again before that, because some registries lock the account.",
    ),
    "forbidden": Entry(
        "The identity of the connection lacks a permission in Kubernetes.",
        "…: forbidden (403).",
        "A Role, a ClusterRole or a binding is missing.",
        "Grant the permission that the message names. :ref:`Permissions (RBAC) "
        "<ansible_collections.keyring.kubernetes.docsite.guide_rights>` has complete Roles.",
        "SAP AI Core lets a service key do what its service instance permits, and also answers so when a quota is "
        "reached. Use the service key of another service instance. In ECP, only the ``admin`` account changes "
        "registry users, and only a reseller may set ``account.on_behalf_of``.",
    ),
    "image_not_served": Entry(
        "The Secret would not serve one of ``images``. Nothing was written.",
        "has no matching credentials in the Secret",
        "An entry for another registry or path, or an image that needs no credentials.",
        "Correct ``registries`` or ``images``, or set ``preflight: warn``.",
    ),
    "immutable": Entry(
        "The Secret is immutable, and its data would change.",
        "is immutable, and its data would change",
        "``immutable: true`` was set earlier.",
        "Set ``recreate: true``, or use another name.",
        "A portal cannot change the URL of a Git repository, the registry of a pull secret, or the name of a "
        "registry user. Correct the option. For another URL or registry, ``recreate: true`` deletes the object "
        "and creates it again; SAP AI Core also needs ``in_use: ignore``. For another user name, create another "
        "registry user.",
    ),
    "in_use": Entry(
        "Something uses the Secret that would be deleted or recreated.",
        "… is in use by …",
        "A Pod, a workload, a ServiceAccount or a custom resource, such as a GitRepository of Flux, references it.",
        "Change what uses it. For links of ServiceAccounts, set ``service_accounts: ['*']``. To delete "
        "the Secret anyway, set ``in_use: warn``.",
        "ECP refuses to delete or recreate the pull secret of an application, and the registry user behind it. "
        "There is no option for that: remove the pull secret from the applications first.",
    ),
    "in_use_unknown": Entry(
        "It is not known whether anything uses the Secret that would be deleted or recreated.",
        "Whether … uses … is not known",
        "The identity has no permission to list some of the kinds that can use it.",
        "Add the rules in the message to the Role of the identity, or set ``in_use: warn``.",
        "SAP AI Core does not list what uses a secret or a repository. Check configurations, executions and "
        "deployments for a secret, and applications for a repository. Then set ``in_use: ignore``; no other value "
        "is accepted.",
    ),
    "internal_error": Entry(
        "The collection has a bug.",
        "",
        "A case that the collection does not handle.",
        "Report it with the message, which contains no secrets.",
    ),
    "invalid_kubeconfig": Entry(
        "The kubeconfig cannot be used.",
        "… is not a kubeconfig.",
        "It does not parse, or the context, the cluster or the user is missing.",
        "Correct the kubeconfig or ``context``. ``kubectl config view`` shows its content without secrets.",
    ),
    "invalid_option": Entry(
        "An option, or a combination of options, is not valid. ``failure.option`` is the name of the "
        "option. Nothing was written.",
        "",
        "A typing error, or an empty variable.",
        "Correct the option. The message states what is accepted.",
    ),
    "invalid_secret": Entry(
        "A stored Secret, or a Secret to copy from, cannot be read.",
        "The docker config in Secret …",
        "Another tool wrote a docker config or a key that does not parse.",
        "Correct or delete the Secret, or replace its content with ``purge_registries: true``.",
    ),
    "managed_elsewhere": Entry(
        "Another tool manages the Secret, such as Helm, Argo CD, External Secrets or OpenShift.",
        "… is managed by … (…).",
        "The Secret has a label, an annotation or an owner reference of that tool.",
        "Change it in that tool, use another name, or set ``take_ownership: true``.",
        "ECP manages the pull secrets of its registry users, and there is no ``take_ownership``. Change or delete "
        "the registry user with :ansplugin:`keyring.kubernetes.cdnetworks_ecp_registry_user#module`.",
    ),
    "minting_failed": Entry(
        "The cloud provider did not issue a token for its registry, GitHub none for an App, or Harbor did not refresh "
        "a secret.",
        "… (preset …) got no token.",
        "Missing or expired credentials of the cloud or Harbor, a robot account that expires soon, a wrong clock, or "
        "an App without this installation, repository or permission.",
        "Correct the credentials on the machine that runs the task. :ref:`Registry tokens that expire "
        "<ansible_collections.keyring.kubernetes.docsite.guide_expiring_tokens>` lists where they are "
        "looked up. For GitHub, correct the option that ``failure.option`` names.",
    ),
    "missing_library": Entry(
        "A Python package or a program is missing on the machine that runs the task.",
        "is missing on the machine that runs this task",
        "A virtual environment or execution environment without it.",
        "Install what the message names. :ref:`Install the collection "
        "<ansible_collections.keyring.kubernetes.docsite.guide_install>` lists all packages.",
    ),
    "not_a_string": Entry(
        "A value that must be a string has another type.",
        "… must be a string.",
        "YAML makes a number, a boolean or a date of a value without quotes. Templates can make lists and mappings.",
        "Put the value in quotes, or end the template with ``| string``. See :ref:`Quote passwords, "
        "names and labels <ansible_collections.keyring.kubernetes.docsite.guide_values>`.",
    ),
    "not_found": Entry(
        "An object that the task needs does not exist.",
        "… does not exist.",
        "A namespace, a ServiceAccount or the Secret of ``credentials_from`` is missing.",
        "Create it first, or correct the name.",
        "A project of the registry, or a registry user that ``username`` names, does not exist. Create the "
        "project in the portal, or correct the name. Otherwise, check the URL of the API.",
    ),
    "not_synchronized": Entry(
        "SAP AI Core reports the status ``ERROR`` for a Git repository whose credential the task has written. The "
        "credential is stored.",
        "The status of Git repository … in SAP AI Core is ERROR.",
        "An expired or mistyped token, a token without read access, a wrong URL, or a Git server that cannot be "
        "reached from the internet. SAP AI Core does not state which.",
        "Correct the credential, and run the task again. ``verify: true`` asks the Git server before the write.",
    ),
    "not_verified": Entry(
        "With ``verify_require: pullable``, nothing proved that the credentials work. Nothing was written.",
        "verify_require=pullable needs a registry that lets each new entry pull an image.",
        "A server that does not answer, an image or repository that does not exist, an entry without an image in "
        "``images``, or a credential that cannot be checked, such as a generated key.",
        "Read the field ``verified`` of the result. Correct what it names, or set ``verify_require: not_denied``.",
    ),
    "outcome_unknown": Entry(
        "It is not known whether a write was done, because its answer was lost.",
        "It is not known whether",
        "The API server, Harbor or a proxy failed in the middle of the request.",
        "Run the task again. It reads first, and writes only what is missing. For a secret of Harbor, set force_mint.",
        "An answer was lost, or SAP AI Core had not finished within ``wait_timeout``. Run the task again; it "
        "reads first. If it fails again, increase ``wait_timeout``.",
    ),
    "prune_limit": Entry(
        "``prune`` would delete more Secrets than ``prune_limit`` allows. Nothing was written.",
        "and prune_limit is",
        "The namespace selection matches fewer namespaces than before.",
        "Check the selection. If it is right, raise ``prune_limit``.",
    ),
    "quota": Entry(
        "A ResourceQuota of the namespace is exhausted.",
        'ResourceQuota "…"',
        "Too many Secrets in the namespace.",
        "Delete what is no longer needed, or raise the quota.",
        "The tenant of SAP AI Core has as many secrets or repositories as it may have. Nothing was written. "
        "Delete what is no longer needed, or ask SAP for a higher quota. ``quota`` in the result has both "
        "numbers.",
    ),
    "rejected": Entry(
        "The API server refuses the request or the object.",
        "the server refuses the object (422)",
        "For example, the Secret would become larger than 1 MiB.",
        "Read the text of the server, which the message quotes.",
        "The portal does not accept the request. The message quotes its code and its words. Correct the value "
        "that they name.",
    ),
    "server_error": Entry(
        "The API server is overloaded, or returns errors, even after several attempts.",
        "the server answers …",
        "Maintenance, or an overloaded control plane.",
        "Run the task again later.",
        "The portal answers 429 or 5xx, even after several attempts. Run the task again later. If it fails again, "
        "send the request ID in the message to the support of the portal.",
    ),
    "tls_failed": Entry(
        "The certificate of the API server is not accepted, or TLS fails.",
        "its certificate is not accepted (…)",
        "A wrong ``ca_cert``, or a proxy that replaces certificates.",
        "Correct ``ca_cert``. Do not turn off the verification.",
        "The certificate of the portal is not accepted. ``ca_cert`` of the task replaces the CA certificates of "
        "the machine.",
    ),
    "unauthorized": Entry(
        "The API server does not accept the credentials of the connection.",
        "…: not authenticated (401).",
        "An expired token or client certificate, or a kubeconfig of another cluster.",
        "Renew them, or check which kubeconfig and context are used. ``cluster`` in the result names both.",
        "The portal does not accept the service key, or the user and its API key. Create a new service key, or "
        "check ``account``. The result has ``portal`` in place of ``cluster``, with the server and the account "
        "that were used.",
    ),
    "unexpected_server": Entry(
        "The server is not the expected one. No credentials were sent.",
        'The connection leads to …, but expect_server is "…".',
        "A kubeconfig that leads to another cluster than ``expect_server``, or a Git server with other "
        "host keys than ``ssh.host_key_fingerprints``.",
        "Check the kubeconfig or the fingerprints. Another machine may have answered.",
        "The service key or ``account.url`` leads to another server than ``expect_server``. Check which service "
        "key or account the task uses.",
    ),
    "unreachable": Entry(
        "A server does not answer: the API server, or the Git server whose host keys are fetched.",
        "Cannot reach … …",
        "A wrong address, a firewall, a proxy, or a server that is down.",
        "Check the address and the network, then run the task again.",
        "The API does not answer, or something else answers in its place, such as a proxy. Check the URL in the "
        "service key or ``account.url``, and ``proxy``.",
    ),
    "unreadable_file": Entry(
        "A file that an option names cannot be read.",
        "… cannot be read: ….",
        "A wrong path, missing permissions, or a vaulted file without its password.",
        "Correct the path. The file is read on the control node; with ``remote_src: true``, on the target host.",
    ),
    "wrong_owner": Entry(
        "The Secret belongs to another ``owner``.",
        'the owner "…"',
        "Two playbooks use the same name.",
        "Use another name, or set ``take_ownership: true``.",
    ),
    "wrong_type": Entry(
        "The Secret has another type.",
        "… has the type …",
        "Another tool uses the name.",
        "Use another name, or set ``recreate: true`` to replace it. With ``state: absent``, the task never deletes a "
        "Secret of another type.",
    ),
}


def render_page(page: str) -> str:
    """Return the page with the entries as they are here."""
    before, _begin, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    entries = "\n".join(line for name in sorted(ENTRIES) for line in _render_entry(name, ENTRIES[name]))
    return f"{before}{_BEGIN}\n{entries}\n{_END}{after}"


def _render_entry(name: str, entry: Entry) -> Iterator[str]:
    yield from (name, "~" * len(name), "", entry.meaning, "")
    if entry.message:
        yield f"- Message: ``{entry.message}``"
    yield from (f"- Usual cause: {entry.cause}", f"- Fix: {entry.fix}", "")
    if entry.portals:
        yield from (f"**SAP AI Core and ECP:** {entry.portals}", "")


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
