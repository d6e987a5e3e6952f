# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of PrimeHub's page "Secret Management", and the Secrets that are stored for it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import field, replace
from typing import Any

from .._credentials.server import check_server
from .._credentials.ssh_key import has_passphrase, parse_private_key
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._roles.primehub import GIT_SYNC, IMAGE_PULL, LONGEST_PAGE_NAME, PageType, find_page_prefix, find_page_type
from .fields import (
    DISPLAY_NAME_FIELD,
    NAMESPACE_FIELD,
    OWNER_FIELD,
    PASSPHRASE_FIELD,
    PASSWORD_FIELD,
    PRIVATE_KEY_FIELD,
    USERNAME_FIELD,
    check_portal_name,
)
from .parts import ModuleResult, namespace_question, read, user_names
from .steps import Ask, ClusterPlace, Complain, FormAnswers, FormField, FormStep, Question, Rows, Run
from .stored_pull_secrets import NOT_KNOWN, NOTHING_FOUND
from .texts import complain, join_names, one_line

PRIMEHUB_NAMESPACE = "hub"
_MOST_USERS = 5

# The fields of the forms by the options of the modules.
PRIMEHUB_FIELDS: Mapping[str, str] = {
    "registries[0].server": "registry",
    "registries[0].username": USERNAME_FIELD.name,
    "registries[0].password": PASSWORD_FIELD.name,
    "ssh.private_key": PRIVATE_KEY_FIELD.name,
    "ssh.passphrase": PASSPHRASE_FIELD.name,
    "format_options.primehub_display_name": DISPLAY_NAME_FIELD.name,
}

HOST_KEYS_NOTE = "PrimeHub runs git-sync with GIT_KNOWN_HOSTS=0: it does not check the host keys of the Git server."
STORED_DECRYPTED = "This key has a passphrase. It is stored without it, because PrimeHub has no field for a passphrase."


def check_new_page_name(name: str, label: str) -> None:
    """Raise KeyringError for a new name that begins with a prefix, which PrimeHub's page adds itself."""
    prefix = find_page_prefix(name)
    if prefix:
        raise KeyringError(
            f"{label} begins with {prefix}.",
            "PrimeHub adds this prefix to the name in Kubernetes.",
            "Enter the name as PrimeHub's page shows it, without the prefix.",
            option=label,
        )


def check_page_type(text: str, label: str) -> None:
    """Raise KeyringError unless a string is one of the types of PrimeHub's page."""
    if find_page_type(text) is None:
        raise KeyringError(
            f"{label} is not a type of PrimeHub's page.",
            "",
            "Enter git_sync for a private SSH key, or image_pull for the login of a registry.",
            option=label,
        )


def check_page_key(text: str, label: str) -> None:
    """Raise KeyringError for a private key that ssh cannot use. One with a passphrase is opened later."""
    if not has_passphrase(text, label):
        parse_private_key(text, label)


PAGE_NAME_FIELD = FormField(
    "secret_name",
    "Name",
    "as on PrimeHub's page, without gitsync-secret- or image-",
    "models",
    check_portal_name,
    longest=LONGEST_PAGE_NAME,
    identifies=True,
)
PAGE_TYPE_FIELD = FormField(
    "secret_type",
    "Type",
    "git_sync (a private SSH key) or image_pull (the login of a registry)",
    "git_sync",
    check_page_type,
    identifies=True,
)
REGISTRY_HOST_FIELD = FormField("registry", "Registry host", "the registry as in image names", "ghcr.io", check_server)


@dataclass(frozen=True)
class PageSecret:
    """A Secret of PrimeHub's page. ``entry`` is its entry in the result of an info module."""

    namespace: str
    name: str
    page_type: PageType
    entry: Mapping[str, Any] = field(repr=False)

    @property
    def place(self) -> str:
        """Return the namespace and name in Kubernetes, as in ``hub/image-registry``."""
        return f"{self.namespace}/{self.page_type.prefix}{self.name}"

    @property
    def display_name(self) -> str:
        """Return the title on the page, which is the name if there is no other."""
        return str(self.entry.get("display_name") or self.name)

    @property
    def registries(self) -> tuple[Mapping[str, Any], ...]:
        """Return the registries of the type Image Pull, of which PrimeHub reads the first."""
        return tuple(entry for entry in self.entry.get("registries") or () if entry.get("server"))

    @property
    def server(self) -> str:
        """Return the first registry, the only one that PrimeHub reads; empty if there is none."""
        return str(self.registries[0]["server"]) if self.registries else ""

    @property
    def has_key(self) -> bool:
        """Return whether a private key is stored. PrimeHub's own page removes the key if the field is left empty."""
        return bool(self.entry.get("kind") or self.entry.get("fingerprint"))


def primehub_namespace_question(cluster: ClusterPlace) -> Question:
    """Return the question for PrimeHub's namespace, which is usually ``hub``."""
    default = PRIMEHUB_NAMESPACE if PRIMEHUB_NAMESPACE in (cluster.namespaces or ()) else ""
    namespace = replace(NAMESPACE_FIELD, about="the namespace of PrimeHub", example=PRIMEHUB_NAMESPACE)
    return namespace_question(cluster, default, namespace)


def read_page_secrets(
    namespace: str, page_type: PageType, name: str = "", *, used_by: bool = False
) -> Generator[FormStep, Any, list[PageSecret]]:
    """Return the Secrets of a type, or the one with this name on the page."""
    result: ModuleResult = yield from read(
        f"{page_type.module}_info",
        namespace=namespace,
        name=page_type.prefix + name if name else None,
        format="primehub" if page_type is GIT_SYNC else None,
        used_by=used_by,
    )
    return [
        PageSecret(namespace, entry["name"].removeprefix(page_type.prefix), page_type, entry)
        for entry in result["secrets"]
        if entry["name"].startswith(page_type.prefix)
    ]


def choose_page_secret(cluster: ClusterPlace, heading: str) -> Generator[FormStep, Any, PageSecret]:
    """Ask for a stored Secret by its name on the page, and for its type if there is one of each. Read its users."""
    place = (primehub_namespace_question(cluster), Question(PAGE_NAME_FIELD))
    while True:
        named: FormAnswers = yield Ask(place, heading)
        namespace, name = str(named["target_namespace"]), str(named["secret_name"])
        stored: list[PageSecret] = []
        for page_type in (GIT_SYNC, IMAGE_PULL):
            stored += yield from read_page_secrets(namespace, page_type, name)
        notes: tuple[str, ...] = ()
        if len(stored) > 1:
            notes = (f"{namespace} has two Secrets with the name {name}, one of each type.",)
        type_question = Question(PAGE_TYPE_FIELD, notes=notes, asked=len(stored) > 1)
        typed: FormAnswers = yield Ask((*place, type_question))
        wanted = find_page_type(typed["secret_type"] or "")
        for secret in stored:
            if wanted in (None, secret.page_type):
                with_users = yield from read_page_secrets(namespace, secret.page_type, name, used_by=True)
                return with_users[0] if with_users else secret
        of_type = f" of the type {wanted.title}" if wanted else ""
        prefix = find_page_prefix(name)
        remedy = f"PrimeHub's page shows the name without {prefix}. " if prefix else ""
        yield Complain(
            f"{PAGE_NAME_FIELD.title}: there is no Secret {name}{of_type} in namespace {namespace} on "
            f"{cluster.server}. {remedy}To list the Secrets of PrimeHub, run: ansible-playbook "
            "keyring.kubernetes.primehub_list_secrets",
            ("target_namespace", PAGE_TYPE_FIELD.name, PAGE_NAME_FIELD.name),
            {"id": "not_found", "option": PAGE_NAME_FIELD.name, "namespace": namespace},
        )


def page_secret_rows(secret: PageSecret) -> Rows:
    """Return a stored Secret as rows, with its users."""
    rows = [
        ("Name", one_line(secret.name)),
        ("Display name", one_line(secret.display_name)),
        ("Type", secret.page_type.title),
        ("Secret", one_line(secret.place)),
    ]
    if secret.page_type is GIT_SYNC:
        rows.append(("SSH key", one_line(secret.entry.get("fingerprint") or ("stored" if secret.has_key else None))))
    for registry in secret.registries:
        rows += [("Registry host", one_line(registry["server"])), ("Username", one_line(registry.get("username")))]
    rows.append(("Used by", describe_page_users(secret)))
    for problem in secret.entry.get("problems") or ():
        sentences = problem["message"] if isinstance(problem, Mapping) else str(problem)
        rows.append(("Problem", f"{one_line(sentences).split('. ')[0].rstrip('.')}."))
    return rows


def describe_page_users(secret: PageSecret) -> str:
    """Return what uses a Secret as a phrase, such as ``Image pytorch, Pod web``."""
    users = secret.entry.get("used_by")
    if users is None:
        return NOT_KNOWN
    return join_names(user_names(users), _MOST_USERS) if users else NOTHING_FOUND


def ask_private_key(
    before: tuple[Question, ...],
    question: Question,
    after: tuple[Question, ...] = (),
    heading: str = "",
    *,
    needs_one: bool = False,
) -> Generator[FormStep, Any, FormAnswers]:
    """Ask for a private key, and for its passphrase only if it has one.

    ``before`` and ``after`` are the other questions. ``needs_one`` is that of Ask.
    """
    questions = (*before, question)
    notes: tuple[str, ...] = (STORED_DECRYPTED,)
    while True:
        given: FormAnswers = yield Ask(questions, heading)
        key = given["private_key"]
        if key is None or not has_passphrase(key, PRIVATE_KEY_FIELD.title):
            break
        opened = (*questions, Question(PASSPHRASE_FIELD, notes=notes))
        notes = ()
        given = yield Ask(opened)
        fault = _find_passphrase_fault(key, given["private_key_passphrase"])
        if fault is None:
            questions = opened
            break
        is_of_passphrase = fault.option == PASSPHRASE_FIELD.name
        yield complain(fault, *(() if is_of_passphrase else (PRIVATE_KEY_FIELD.name,)), PASSPHRASE_FIELD.name)
    answers: FormAnswers = yield Ask((*questions, *after), needs_one=needs_one)
    return answers


def _find_passphrase_fault(key: str, passphrase: str | None) -> KeyringError | None:
    """Return why a passphrase does not open a key. None, too, where this machine cannot open it: the module checks."""
    try:
        parse_private_key(key, PRIVATE_KEY_FIELD.name, passphrase)
    except KeyringError as error:
        if error.failure == "missing_library":
            return None
        if error.option == PRIVATE_KEY_FIELD.name:
            return error
        return KeyringError(
            f"{PASSPHRASE_FIELD.name} ({PASSPHRASE_FIELD.title}) does not open the private key.",
            "It is not the passphrase of this key, or the key is damaged.",
            "Enter the passphrase again.",
            option=PASSPHRASE_FIELD.name,
        )
    return None


def write_page_secret(namespace: str, page_type: PageType, answers: FormAnswers, *, keeps_blank: bool) -> Run:
    """Return the step that writes a Secret as the role primehub_secrets does.

    ``answers`` are by the names of the fields. With ``keeps_blank``, those that are None keep the stored value.
    """
    name = str(answers["secret_name"])
    display_name = answers["display_name"]
    if not (keeps_blank and display_name is None):
        display_name = display_name or name
    options: dict[str, Any] = {
        "namespace": namespace,
        "name": page_type.prefix + name,
        "update_credentials": "when_given" if keeps_blank else "always",
        "owner": answers.get(OWNER_FIELD.name),
    }
    if page_type is IMAGE_PULL:
        registry = {
            "server": answers.get("registry"),
            "username": answers.get("registry_username"),
            "password": answers.get("registry_password"),
        }
        options |= {
            "registries": [_without_none(registry)],
            "purge_registries": True,
            "annotations": {"displayName": display_name} if display_name else None,
        }
    else:
        ssh = {"private_key": answers.get("private_key"), "passphrase": answers.get(PASSPHRASE_FIELD.name)}
        options |= {
            "format": "primehub",
            "ssh": _without_none(ssh),
            "format_options": {"primehub_display_name": display_name} if display_name else None,
        }
    return Run(page_type.module, options, writes=True)


def _without_none(answers: FormAnswers) -> dict[str, Any]:
    return {name: answer for name, answer in answers.items() if answer is not None}
