# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a form: what an empty answer means, and what may not be printed."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.answers import AnsweredQuestion
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.index import FORM_BY_NAME
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    FormField,
    FormOutcome,
    Question,
    Review,
    Run,
)
from support.paths import ROOT

FIELD = FormField("token", "Token", "an access token", masked=True)


@pytest.mark.parametrize(
    ("question", "required"),
    [
        (Question(FIELD), True),
        (Question(FIELD, default="web"), False),
        (Question(FIELD, keeps="the stored one"), False),
        (Question(FIELD, optional=True), False),
    ],
)
def test_questions_that_need_an_answer(question: Question, *, required: bool) -> None:
    assert question.required == required


def test_steps_do_not_print_secret_values() -> None:
    assert "s3cret" not in repr(Run("image_pull_secret", {"password": "s3cret"}, writes=True))
    assert "s3cret" not in repr(Review("New", [("Token", "s3cret")], "Store it"))
    assert "s3cret" not in repr(FormOutcome((), {"token": "s3cret"}))
    assert "s3cret" not in repr(AnsweredQuestion(Question(FIELD), "s3cret"))


def all_fields() -> list[FormField]:
    """Return the fields of all forms."""
    package = "ansible_collections.keyring.kubernetes.plugins.module_utils._forms"
    names = [path.stem for path in (ROOT / "plugins/module_utils/_forms").glob("*.py") if path.stem != "__init__"]
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if isinstance(value, FormField)]


def test_rules_of_fields() -> None:
    fields = all_fields()
    objects = {"target_namespace", "secret_name", "secret_type", "listed_secret", "account_user", "service_key"}
    assert objects <= {field.name for field in fields}
    for field in fields:
        assert field.masked or not field.lines, field.name
        assert field.identifies or field.name not in objects, field.name


def test_each_form_has_a_playbook() -> None:
    for name in FORM_BY_NAME:
        assert f"form: {name}\n" in (ROOT / "playbooks" / f"{name}.yml").read_text()
