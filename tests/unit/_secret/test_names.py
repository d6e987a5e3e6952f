# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, labels and annotations that Kubernetes takes (apimachinery pkg/util/validation and pkg/api/validation)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import (
    check_annotations,
    check_labels,
    check_namespace,
    check_owner,
    check_secret_name,
    check_service_account,
)
from support.samples.secrets import refusal


@pytest.mark.parametrize(
    "name",
    ["a", "0", "registry", "registry-credentials", "a.b", "a-b.c-d.0", "a--b", "x" * 253, "x" * 100 + "." + "y" * 152],
)
def test_check_secret_name_takes(name: str) -> None:
    check_secret_name(name, "name")


def test_a_service_account_is_called_one() -> None:
    assert refusal(check_service_account, "Default", "service_account") == (
        "service_account is not a name that a ServiceAccount can have. Allowed are at most 253 lower-case letters, "
        "digits, - and ., with a letter or digit at both ends and around each dot; this one has capital letters. Write "
        "it like default."
    )


ENDS = "whitespace or a newline at one end"
OTHER = "other characters, or another one at an end"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("", "no character", id="empty"),
        pytest.param("x" * 254, "254 characters", id="254 characters"),
        pytest.param("registry\n", ENDS, id="trailing newline"),
        pytest.param("a.b\n", ENDS, id="trailing newline after a dot"),
        pytest.param(" registry", ENDS, id="leading blank"),
        pytest.param("\n", ENDS, id="newline alone"),
        pytest.param("Registry", "capital letters", id="capital"),
        pytest.param("X" * 253, "capital letters", id="253 capitals"),
        pytest.param("my_registry", OTHER, id="underscore"),
        pytest.param("my registry", OTHER, id="blank inside"),
        pytest.param("a\nb", OTHER, id="newline inside"),
        pytest.param("-a", OTHER, id="hyphen first"),
        pytest.param("a-", OTHER, id="hyphen last"),
        pytest.param("a.-b", OTHER, id="hyphen after a dot"),
        pytest.param("a-.b", OTHER, id="hyphen before a dot"),
        pytest.param("a..b", OTHER, id="two dots"),
        pytest.param(".a", OTHER, id="dot first"),
        pytest.param("a.", OTHER, id="dot last"),
        pytest.param("grüße", OTHER, id="umlaut"),
        pytest.param("a\u0663", OTHER, id="digit of another script"),
        pytest.param("web/registry", OTHER, id="slash"),
        pytest.param("a\0", OTHER, id="null character"),
    ],
)
def test_check_secret_name_refuses(name: str, fault: str) -> None:
    assert refusal(check_secret_name, name, "credentials_from.name") == (
        "credentials_from.name is not a name that a Secret can have. "
        "Allowed are at most 253 lower-case letters, digits, - and ., with a letter or digit at both ends "
        f"and around each dot; this one has {fault}. Write it like registry-credentials."
    )


@pytest.mark.parametrize("name", ["a", "web", "team-a-0", "x" * 63])
def test_check_namespace_takes(name: str) -> None:
    check_namespace(name, "namespace")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("", "no character", id="empty"),
        pytest.param("x" * 64, "64 characters", id="64 characters"),
        pytest.param("web\n", ENDS, id="trailing newline"),
        pytest.param("Web", "capital letters", id="capital"),
        pytest.param("X" * 63, "capital letters", id="63 capitals"),
        pytest.param("a.b", OTHER, id="dot"),
        pytest.param("a-", OTHER, id="hyphen last"),
    ],
)
def test_check_namespace_refuses(name: str, fault: str) -> None:
    assert refusal(check_namespace, name, "namespace") == (
        "namespace is not a name that a namespace can have. Allowed are at most 63 lower-case letters, digits and -, "
        f"with a letter or digit at both ends; this one has {fault}."
    )


@pytest.mark.parametrize("check", [check_secret_name, check_namespace])
@pytest.mark.parametrize("name", ["s3cret!", "s3cret\n", "S3cret", "-s3cret"])
def test_a_wrong_name_is_not_quoted(check: Callable[[str, str], None], name: str) -> None:
    assert "3cret" not in refusal(check, name, "name")


@pytest.mark.parametrize("check", [check_labels, check_annotations])
@pytest.mark.parametrize(
    "key",
    ["a", "A", "0", "a.b_c-D", "x" * 63, "example.com/a", "a/b", "x" * 253 + "/a", "keyring.kubernetes", "a.keyring/b"],
)
def test_keys_that_kubernetes_takes(check: Callable[[dict[str, object], str], None], key: str) -> None:
    check({key: "x"}, "labels")
    check({key: None}, "labels")


@pytest.mark.parametrize(("check", "option"), [(check_labels, "labels"), (check_annotations, "annotations")])
@pytest.mark.parametrize(
    "key",
    [
        "",
        "-a",
        "a-",
        "_",
        ".a",
        "a b",
        "a\n",
        "grüße",
        "x" * 64,
        "/a",
        "a/",
        "a/b/c",
        "a_b/c",
        "-a/b",
        "a../b",
        "x" * 254 + "/a",
        "a\n/b",
    ],
)
def test_keys_that_kubernetes_refuses(check: Callable[[dict[str, object], str], None], option: str, key: str) -> None:
    for value in ("x", None):
        assert refusal(check, {"a": "b", key: value}, option) == (
            f'{option}["{key}"] is not a key that Kubernetes allows. Write it like example.com/name.'
        )


def test_capitals_before_the_slash_are_for_annotations_only() -> None:
    """ValidateAnnotations looks at the lower-case key, ValidateLabels at the key as it is."""
    check_annotations({"Example.com/a": "x"}, "annotations")
    assert refusal(check_labels, {"Example.com/a": "x"}, "labels") == (
        'labels["Example.com/a"] is not a key that Kubernetes allows. Write it like example.com/name.'
    )


def test_annotations_are_checked_and_quoted_as_they_are_written() -> None:
    assert refusal(check_annotations, {"Example..com/a": "x"}, "annotations").startswith(
        'annotations["Example..com/a"]'
    )
    assert refusal(check_annotations, {"Note": 7, "note": "x"}, "annotations").startswith('annotations["Note"] must')


@pytest.mark.parametrize(("check", "option"), [(check_labels, "labels"), (check_annotations, "annotations")])
@pytest.mark.parametrize(
    "key",
    [
        "app.kubernetes.io/managed-by",
        "keyring.kubernetes/owner",
        "keyring.kubernetes/origin",
        "keyring.kubernetes/anything",
    ],
)
def test_our_own_keys_can_not_be_set(check: Callable[[dict[str, object], str], None], option: str, key: str) -> None:
    for value in ("x", None):
        assert refusal(check, {key: value}, option) == (
            f'{option}["{key}"] is managed by this collection and cannot be set. Use owner or take_ownership instead.'
        )


@pytest.mark.parametrize(("check", "option"), [(check_labels, "labels"), (check_annotations, "annotations")])
@pytest.mark.parametrize("value", ["x", None])
def test_the_copy_of_kubectl_is_never_written(
    check: Callable[[dict[str, object], str], None], option: str, value: str | None
) -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    assert refusal(check, {key: value}, option) == (
        f'{option}["{key}"] is never written by this collection. It would be a copy of the credentials. '
        "Leave it out; a stored one is removed automatically."
    )


@pytest.mark.parametrize("value", ["", "a", "A.b_c-0", "x" * 63, None])
def test_label_values_that_kubernetes_takes(value: object) -> None:
    check_labels({"team": value}, "labels")


@pytest.mark.parametrize(
    "value", ["x" * 64, "-a", "a-", "a b", "a\n", "a/b", "grüße", " ", 7, True, 1.5, ["a"], {"a": "b"}]
)
def test_label_values_that_kubernetes_refuses(value: object) -> None:
    assert refusal(check_labels, {"team": value}, "labels") == (
        'labels["team"] must be a string of at most 63 letters, digits, dots, - and _. '
        "Put numbers and booleans in quotes; null removes the key."
    )


@pytest.mark.parametrize("value", ["", "any text\n" * 100, "grüße", None])
def test_annotation_values_that_kubernetes_takes(value: object) -> None:
    check_annotations({"note": value}, "annotations")


@pytest.mark.parametrize("value", [7, True, 1.5, ["a"], {"a": "b"}])
def test_annotation_values_that_kubernetes_refuses(value: object) -> None:
    assert refusal(check_annotations, {"note": value}, "annotations") == (
        'annotations["note"] must be a string. Put numbers and booleans in quotes; null removes the key.'
    )


@pytest.mark.parametrize("owner", ["a", "team-web", "Team_1.x", "x" * 63])
def test_check_owner_takes(owner: str) -> None:
    check_owner(owner)


@pytest.mark.parametrize("owner", ["", " ", "team web", "team/web", "-a", "a-", "a\n", "grüße", "x" * 64])
def test_check_owner_refuses(owner: str) -> None:
    assert refusal(check_owner, owner) == (
        "owner cannot be written as a label. "
        "Allowed are at most 63 letters, digits, -, _ and ., with a letter or digit at both ends. "
        "Write it like team-web."
    )


MEGABYTE = 1_000_000


# There is no clock in this test: a pattern that backtracks would never come to an end on one of these.
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * MEGABYTE + "!", id="letters"),
        pytest.param("-" * MEGABYTE, id="hyphens"),
        pytest.param("a" + "-" * MEGABYTE, id="hyphens after a letter"),
        pytest.param("a-" * (MEGABYTE // 2), id="letters and hyphens"),
        pytest.param("a." * (MEGABYTE // 2) + "!", id="letters and dots"),
        pytest.param("." * MEGABYTE + "!", id="dots"),
        pytest.param("a.-" * (MEGABYTE // 3), id="letters, dots and hyphens"),
        pytest.param("/" * MEGABYTE + "!", id="slashes"),
        pytest.param("\n" * MEGABYTE + "!", id="line ends"),
    ],
)
def test_long_hostile_texts_are_refused_in_linear_time(text: str) -> None:
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_secret_name(text, "name"),
        lambda: check_namespace(text, "namespace"),
        lambda: check_owner(text),
        lambda: check_labels({text: "x"}, "labels"),
        lambda: check_labels({f"{text}/x": "x"}, "labels"),
        lambda: check_labels({"x": text}, "labels"),
        lambda: check_annotations({text: "x"}, "annotations"),
    )
    for check in checks:
        with pytest.raises(KeyringError):
            check()
