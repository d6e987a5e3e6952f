# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that write one pull secret, with the fields of the Edge Computing Platform's page ImagePullSecret."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from .._errors import KeyringError
from .fields import (
    DESCRIPTION_FIELD,
    DISPLAY_NAME_FIELD,
    OWNER_FIELD,
    PASSWORD_FIELD,
    REGISTRY_FIELD,
    SECRET_NAME_FIELD,
    USERNAME_FIELD,
    check_known,
)
from .parts import (
    describe_write,
    fill_and_write,
    find_change,
    namespace_question,
    read,
    refuse_users,
    review_and_delete,
)
from .steps import (
    NOTHING_CHANGED,
    Ask,
    ClusterPlace,
    Complain,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    FormStep,
    Question,
    ReadCluster,
    Review,
    Run,
    Say,
    ShowRows,
)
from .stored_pull_secrets import ChosenPullSecret, choose_pull_secret, describe_pull_secret_rows, look_up_pull_secret
from .texts import answer_rows, join_names, one_line

# The fields of the form by the options of image_pull_secret.
PULL_SECRET_FIELDS: Mapping[str, str] = {
    "registries[0].server": REGISTRY_FIELD.name,
    "registries[0].username": USERNAME_FIELD.name,
    "registries[0].password": PASSWORD_FIELD.name,
    "namespace": "target_namespace",
    "name": SECRET_NAME_FIELD.name,
    "owner": OWNER_FIELD.name,
}
LINK_IT = (
    "Next: link the Secret to a ServiceAccount (module service_account_secrets), or list it in imagePullSecrets of a "
    "Pod. A link applies only to Pods that are created after it."
)
NOT_CHECKED = (
    "The credentials are not checked against the registry. A wrong password shows only when an image is pulled.",
)
OLD_PASSWORD = ("The user name changes, and the stored password is kept. Check that they belong together.",)
ONE_NAMESPACE = (
    "The Edge Computing Platform copies one definition to all clusters of an account. This form writes to one "
    "namespace of one cluster.",
)
RESERVED_NAMES = (
    "On the Edge Computing Platform, a registry user has a Secret of the same name, which only the platform changes.",
)
USED_IN_PLACE = (
    "The Secret is changed in place, never deleted and created again. While it changes, pulls can fail for a moment; "
    "the kubelet tries them again. Running containers are not affected."
)
REGISTRY_TO_CHANGE_FIELD = FormField("registry", "Registry", "the one to change, exactly as listed")
# The annotations that image_pull_secret_info reports as the description.
_DESCRIPTIONS = ("kubernetes.io/description", "description", "jenkins.io/credentials-description")


def add_image_pull_secret(check_mode: bool) -> FormFlow:
    """Create a pull secret for one registry. A name that exists is refused, and asked for again."""
    cluster: ClusterPlace = yield ReadCluster()
    place = (namespace_question(cluster), Question(SECRET_NAME_FIELD, notes=RESERVED_NAMES))
    questions = (
        Question(REGISTRY_FIELD),
        Question(USERNAME_FIELD),
        Question(PASSWORD_FIELD),
        Question(DISPLAY_NAME_FIELD, optional=True),
        Question(DESCRIPTION_FIELD, optional=True),
        Question(OWNER_FIELD, optional=True),
    )
    while True:
        chosen: FormAnswers = yield Ask(place, f"Add an image pull secret on {cluster.title}", later=questions)
        namespace, name = chosen["target_namespace"], chosen["secret_name"]
        stored = yield from read("image_pull_secret_info", namespace=namespace, name=name)
        if not stored["total"]:
            break
        yield Complain(
            f"{SECRET_NAME_FIELD.title}: the pull secret {namespace}/{name} already exists on {cluster.server}. "
            "Choose another name, or change it with: ansible-playbook keyring.kubernetes.update_image_pull_secret",
            (SECRET_NAME_FIELD.name,),
            {"id": "invalid_option", "option": SECRET_NAME_FIELD.name, "namespace": namespace},
        )

    def review(answers: FormAnswers) -> Review:
        rows = [("Cluster", cluster.title), *answer_rows((*place, *questions), {**chosen, **answers})]
        return Review("New pull secret", rows, "Create it", notes=(*ONE_NAMESPACE, *NOT_CHECKED))

    def write(answers: FormAnswers) -> Run:
        return Run("image_pull_secret", single_registry_options(namespace, name, answers), writes=True)

    def begin_again() -> Generator[FormStep, Any, FormOutcome | None]:
        stored = yield from read("image_pull_secret_info", namespace=namespace, name=name)
        return (yield from add_image_pull_secret(check_mode)) if stored["total"] else None

    written = yield from fill_and_write(questions, review, write, PULL_SECRET_FIELDS, begin_again=begin_again)
    if isinstance(written, FormOutcome):
        return written
    return describe_write(written, "Secret", f"{namespace}/{name}", check_mode=check_mode, next_steps=(LINK_IT,))


def update_image_pull_secret(check_mode: bool) -> FormFlow:
    """Change the user name, password and texts of a pull secret in place. Empty answers keep what is stored."""
    cluster: ClusterPlace = yield ReadCluster()
    stored = yield from choose_pull_secret(cluster, "Update an image pull secret")
    yield ShowRows(describe_pull_secret_rows(stored))
    return (yield from update_stored(cluster, stored, check_mode))


def update_stored(cluster: ClusterPlace, stored: ChosenPullSecret, check_mode: bool) -> FormFlow:
    """Change a pull secret that was shown, with its users.

    Raise KeyringError if it has no registries, or is deleted in the meantime.
    """
    secret, servers = stored.secret, stored.servers
    if not servers:
        raise KeyringError(
            f"{stored.place} has no registries that can be read.",
            "",
            "Replace its content with: ansible-playbook keyring.kubernetes.import_docker_config",
            failure="invalid_secret",
            namespace=stored.namespace,
        )
    if stored.users != []:
        yield Say((USED_IN_PLACE,))
    chosen: FormAnswers = yield Ask((_registry_question(servers),))
    server = chosen["registry"] or servers[0]
    (entry,) = [entry for entry in secret["registries"] if entry["server"] == server]
    questions = (
        Question(USERNAME_FIELD, keeps=one_line(entry["username"] or "the stored one")),
        Question(PASSWORD_FIELD, keeps="the stored one"),
        _text_question(DISPLAY_NAME_FIELD, secret["display_name"]),
        _text_question(DESCRIPTION_FIELD, secret["description"]),
    )
    heading = "Press Enter to keep a value. Name, namespace and registry stay."

    def review(answers: FormAnswers) -> Review:
        rows = [
            ("Cluster", cluster.title),
            ("Namespace", one_line(stored.namespace)),
            ("Name", one_line(stored.name)),
            ("Registry", one_line(server)),
            *answer_rows(questions, answers),
        ]
        is_other_user = bool(answers["registry_username"]) and answers["registry_password"] is None
        notes = (*OLD_PASSWORD, *NOT_CHECKED) if is_other_user else NOT_CHECKED
        return Review("Changed pull secret", rows, "Change it", notes=notes)

    def write(answers: FormAnswers) -> Run:
        options = single_registry_options(stored.namespace, stored.name, {**answers, "registry": server})
        return Run("image_pull_secret", {**options, "update_credentials": "when_given"}, writes=True)

    def begin_again() -> Generator[FormStep, Any, FormOutcome | None]:
        now = yield from look_up_pull_secret(stored.namespace, stored.name)
        change = find_change(stored.place, stored.namespace, secret, now.secret if now else None)
        if change is None:
            return None
        if now is None:
            raise KeyringError(change.message, failure="not_found", namespace=stored.namespace)
        yield change
        yield ShowRows(describe_pull_secret_rows(now))
        return (yield from update_stored(cluster, now, check_mode))

    written = yield from fill_and_write(
        questions, review, write, PULL_SECRET_FIELDS, heading, needs_one=True, begin_again=begin_again
    )
    if isinstance(written, FormOutcome):
        return written
    return describe_write(written, "Secret", stored.place, check_mode=check_mode)


def _text_question(field: FormField, stored: str | None) -> Question:
    """Return the question for a stored text, which can be cleared, or for one that is not stored yet."""
    return Question(field, keeps=one_line(stored), clearable=True) if stored else Question(field, optional=True)


def _registry_question(servers: tuple[str, ...]) -> Question:
    return Question(
        REGISTRY_TO_CHANGE_FIELD,
        check=check_known(servers, "this registry of the Secret"),
        notes=(f"The Secret has {len(servers)} registries: {join_names(servers)}.",) if len(servers) > 1 else (),
        asked=len(servers) > 1,
    )


def delete_image_pull_secret(check_mode: bool) -> FormFlow:
    """Delete a pull secret after a confirmation. One that is in use, or may be, is refused before the question."""
    cluster: ClusterPlace = yield ReadCluster()
    stored = yield from choose_pull_secret(cluster, "Delete an image pull secret")
    return (yield from delete_stored(cluster, stored, check_mode))


def delete_stored(cluster: ClusterPlace, stored: ChosenPullSecret, check_mode: bool) -> FormFlow:
    """Show a pull secret, ask, and delete it. Raises KeyringError if it is in use, or its users are not known."""
    refuse_users(stored.place, stored.namespace, stored.users)
    rows = [("Cluster", cluster.title), *describe_pull_secret_rows(stored)]
    review = Review(
        "Delete this pull secret",
        rows,
        "Delete it",
        confirm=True,
        notes=("This cannot be undone. The password cannot be read back.",),
        changeable=False,
    )
    options = {"namespace": stored.namespace, "name": stored.name, "state": "absent"}
    delete = Run("image_pull_secret", options, writes=True)
    return (yield from review_and_delete(review, delete, stored.place, check_mode=check_mode)) or NOTHING_CHANGED


def single_registry_options(namespace: str | None, name: str | None, answers: FormAnswers) -> dict[str, Any]:
    """Return the options of image_pull_secret for one registry. Fields without an answer are left out."""
    registry = {
        "server": answers["registry"],
        "username": answers["registry_username"],
        "password": answers["registry_password"],
    }
    return {
        "namespace": namespace,
        "name": name,
        "registries": [{key: value for key, value in registry.items() if value is not None}],
        "annotations": text_annotations(answers),
        "owner": answers.get("owner"),
    }


def text_annotations(answers: FormAnswers) -> dict[str, str | None]:
    """Return the annotations of display name and description, None for one to remove. What is kept is left out."""
    annotations: dict[str, str | None] = {}
    display_name, description = answers.get("display_name"), answers.get("description")
    if display_name is not None:
        annotations["displayName"] = display_name or None
    if description:
        annotations["kubernetes.io/description"] = description
    elif description is not None:
        annotations |= dict.fromkeys(_DESCRIPTIONS)
    return annotations
