# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form that makes a pull secret of a docker config, as SAP AI Launchpad's page "Add a Secret" takes one."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from .._kubelet.url_match import match_key
from .fields import DOCKER_CONFIG_FIELD, LONGEST_UPLOAD, OWNER_FIELD, SECRET_NAME_FIELD, registry_text
from .parts import describe_write, fill_and_write, find_change, namespace_question
from .pasted_config import public_entry, read_pasted_registries
from .pull_secrets import LINK_IT, NOT_CHECKED, USED_IN_PLACE
from .steps import Ask, ClusterPlace, FormAnswers, FormFlow, FormOutcome, FormStep, Question, ReadCluster, Review, Run
from .stored_pull_secrets import ChosenPullSecret, look_up_pull_secret, title_list, users_rows
from .texts import answer_rows, one_line

# The fields of the form by the options of image_pull_secret.
IMPORT_FIELDS: Mapping[str, str] = {
    "docker_config": DOCKER_CONFIG_FIELD.name,
    "namespace": "target_namespace",
    "name": SECRET_NAME_FIELD.name,
    "owner": OWNER_FIELD.name,
}


def import_docker_config(check_mode: bool) -> FormFlow:
    """Create a pull secret of a docker config, or replace all registries of one that exists."""
    cluster: ClusterPlace = yield ReadCluster()
    place = (namespace_question(cluster), Question(SECRET_NAME_FIELD))
    later = (Question(DOCKER_CONFIG_FIELD, check=check_docker_config), Question(OWNER_FIELD, optional=True))
    chosen: FormAnswers = yield Ask(place, f"Import a docker config on {cluster.title}", later=later)
    namespace, name = str(chosen["target_namespace"]), str(chosen["secret_name"])
    stored = yield from look_up_pull_secret(namespace, name)
    owner = stored.secret["owner"] if stored else None
    questions = (
        Question(DOCKER_CONFIG_FIELD, check=check_docker_config, notes=_notes(stored)),
        Question(OWNER_FIELD, optional=True, keeps=one_line(owner) if owner else ""),
    )

    def review(answers: FormAnswers) -> Review:
        registries, left_out = read_pasted_registries(str(answers["docker_config"]), DOCKER_CONFIG_FIELD.title)
        found = [public_entry(registry) for registry in registries]
        notes = (*left_out, *NOT_CHECKED)
        rows = [
            ("Cluster", cluster.title),
            *answer_rows(place, chosen),
            *title_list("Registry", [registry_text(entry) for entry in found]),
            *answer_rows(questions[1:], answers),
        ]
        if stored is None:
            return Review("New pull secret", rows, "Create it", notes=notes)
        rows += [*title_list("Removed", _removed(stored, found)), *users_rows(stored)]
        warnings = ["All registries of the stored Secret are replaced. Old passwords cannot be read back."]
        if stored.users != []:
            warnings.append(USED_IN_PLACE)
        return Review("Replace a pull secret that exists", rows, "Replace it", confirm=True, notes=(*warnings, *notes))

    def write(answers: FormAnswers) -> Run:
        options = {
            "namespace": namespace,
            "name": name,
            "docker_config": answers["docker_config"],
            "purge_registries": True,
            "owner": answers["owner"],
        }
        return Run("image_pull_secret", options, writes=True)

    def begin_again() -> Generator[FormStep, Any, FormOutcome | None]:
        now = yield from look_up_pull_secret(namespace, name)
        place_name = one_line(f"{namespace}/{name}")
        change = find_change(place_name, namespace, stored.secret if stored else None, now.secret if now else None)
        if change is None:
            return None
        yield change
        return (yield from import_docker_config(check_mode))

    written = yield from fill_and_write(questions, review, write, IMPORT_FIELDS, begin_again=begin_again)
    if isinstance(written, FormOutcome):
        return written
    steps = (LINK_IT,) if stored is None else ()
    return describe_write(written, "Secret", f"{namespace}/{name}", check_mode=check_mode, next_steps=steps)


def _notes(stored: ChosenPullSecret | None) -> tuple[str, ...]:
    formats = (
        f"At most {LONGEST_UPLOAD} characters of JSON, with or without the outer braces, of base64, or of a Secret in "
        "YAML or JSON. Session tokens of docker login are left out."
    )
    return (f"{stored.place} exists. You see what changes before it is replaced.", formats) if stored else (formats,)


def check_docker_config(text: str, label: str) -> None:
    """Raise KeyringError unless a text is a docker config with usable credentials."""
    read_pasted_registries(text, label)


def _removed(stored: ChosenPullSecret, found: Sequence[Mapping[str, Any]]) -> list[str]:
    kept = {match_key(entry["server"]) for entry in found}
    return [one_line(server) for server in stored.servers if match_key(server) not in kept]
