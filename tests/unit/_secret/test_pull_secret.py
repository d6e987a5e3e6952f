# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a pull secret, and what may be seen of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    UpdateCredentials,
    parse_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import PossiblySecret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Payload
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    TYPES,
    describe_pull_secret,
    list_registries,
    merge_pull_secret,
    pull_secret_texts,
    read_docker_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import Hidden
from support.samples.secrets import decode, docker_secret, encode, refusal, stored_secret

KEY = ".dockerconfigjson"
LEGACY_KEY = ".dockercfg"
LEGACY_TYPE = "kubernetes.io/dockercfg"
ADA = {"username": "ada", "password": "s3cret"}
ADA_ENTRY = {**ADA, "auth": encode("ada:s3cret")}
EVE_ENTRY = {"username": "eve", "password": "0ther!", "auth": encode("eve:0ther!")}
PLACE = "The docker config in Secret web/registry"


def test_the_types_of_a_pull_secret() -> None:
    assert TYPES == ("kubernetes.io/dockerconfigjson", LEGACY_TYPE)


@pytest.mark.parametrize(
    ("secret", "config"),
    [
        pytest.param(
            docker_secret({"auths": {"a.io": {"x": 1}}, "y": 2}), {"auths": {"a.io": {"x": 1}}, "y": 2}, id="it"
        ),
        pytest.param(
            stored_secret({LEGACY_KEY: encode('{"a.io": {"x": 1}}')}, kind=LEGACY_TYPE),
            {"auths": {"a.io": {"x": 1}}},
            id="older form",
        ),
        pytest.param(
            stored_secret({LEGACY_KEY: encode('{"a.io": {}}'), KEY: encode('{"auths": {"b.io": {}}}')}),
            {"auths": {"b.io": {}}},
            id="both forms",
        ),
        pytest.param(docker_secret({"auths": {"a.io": {}}}, kind="Opaque"), {"auths": {"a.io": {}}}, id="any type"),
        pytest.param(stored_secret({"ssh": "eA=="}, kind="Opaque"), {"auths": {}}, id="neither"),
        pytest.param(docker_secret(""), {"auths": {}}, id="empty"),
        pytest.param({"metadata": {}} | {**stored_secret({}), "data": None}, {"auths": {}}, id="null data"),
    ],
)
def test_read_docker_config(secret: dict[str, Any], config: dict[str, Any]) -> None:
    assert read_docker_config(secret) == config


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[]", f"{PLACE} must be a mapping; it is a list.", id="list"),
        pytest.param(
            '{"s3cret', f"{PLACE} is not valid JSON (line 1, column 2). Check that it is complete.", id="not JSON"
        ),
        pytest.param(b"\xffs3cret", f"{PLACE} is not UTF-8 text. Save it as UTF-8.", id="not UTF-8"),
        pytest.param(
            '{"auths": "s3cret"}', f"{PLACE}.auths must be a mapping of server to entry; it is a string.", id="auths"
        ),
    ],
)
def test_a_stored_docker_config_that_does_not_parse(text: str | bytes, why: str) -> None:
    existing = docker_secret(text)
    registries = parse_registries([{"server": "ghcr.io", **ADA}], "always")
    assert refusal(read_docker_config, existing) == why
    assert refusal(merge_pull_secret, existing, registries, purge=False, update="always") == (
        f"{why} Nothing can be merged into it. Set purge_registries=true to replace it."
    )
    replaced = merge_pull_secret(existing, registries, purge=True, update="always")
    assert json.loads(decode(replaced.data[KEY] or "")) == {"auths": {"ghcr.io": ADA_ENTRY}}
    assert list_registries(existing) == []
    assert list(describe_pull_secret(existing)) == ["data"]


def payload_of(
    existing: dict[str, Any] | None,
    items: list[dict[str, Any]],
    *,
    purge: bool = False,
    update: UpdateCredentials = "always",
) -> Payload:
    return merge_pull_secret(existing, parse_registries(items, update), purge=purge, update=update)


@pytest.mark.parametrize(
    ("existing", "config", "unmanaged"),
    [
        pytest.param(None, {"auths": {"ghcr.io": ADA_ENTRY}}, [], id="no Secret"),
        pytest.param(
            docker_secret({"auths": {"quay.io": {"x": 1}}, "y": 2}),
            {"auths": {"quay.io": {"x": 1}, "ghcr.io": ADA_ENTRY}, "y": 2},
            ["quay.io"],
            id="another registry",
        ),
        pytest.param(
            docker_secret({"auths": {"ghcr.io": EVE_ENTRY}}),
            {"auths": {"ghcr.io": ADA_ENTRY}},
            [],
            id="new credentials",
        ),
        pytest.param(
            docker_secret({"auths": {"https://ghcr.io": ADA_ENTRY}}),
            {"auths": {"ghcr.io": ADA_ENTRY}},
            [],
            id="another spelling",
        ),
        pytest.param(
            stored_secret({LEGACY_KEY: encode(json.dumps({"ghcr.io": ADA_ENTRY}))}, kind=LEGACY_TYPE),
            {"auths": {"ghcr.io": ADA_ENTRY}},
            [],
            id="older form, the same credentials",
        ),
        pytest.param(
            docker_secret({"auths": {"z.io": {}, "https://b.io/v2/": {}}}),
            {"auths": {"z.io": {}, "https://b.io/v2/": {}, "ghcr.io": ADA_ENTRY}},
            ["https://b.io/v2/", "z.io"],
            id="unmanaged registries are sorted",
        ),
    ],
)
def test_payload(existing: dict[str, Any] | None, config: dict[str, Any], unmanaged: list[str]) -> None:
    payload = payload_of(existing, [{"server": "ghcr.io", **ADA}])
    assert payload.notes == {"credentials_kept": [], "unmanaged_registries": unmanaged, "next_run_before": None}
    assert payload.warnings == ()
    assert set(payload.data) == {KEY, LEGACY_KEY}
    assert payload.data[LEGACY_KEY] is None
    assert json.loads(decode(payload.data[KEY] or "")) == config


# A Secret with the same meaning is left as it is, to the byte.
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps({"auths": {"ghcr.io": ADA_ENTRY}}), id="the same"),
        pytest.param(json.dumps({"auths": {"ghcr.io": ADA_ENTRY}}, indent=8) + "\n", id="other spacing"),
        pytest.param(json.dumps({"x": 1, "auths": {"ghcr.io": ADA_ENTRY}}, sort_keys=True), id="other order"),
        pytest.param(
            json.dumps({"auths": {"ghcr.io": {**ADA_ENTRY, "auth": ADA_ENTRY["auth"].rstrip("=")}}}), id="unpadded auth"
        ),
        pytest.param(
            json.dumps({"auths": {"ghcr.io": {**ADA_ENTRY, "auth": ADA_ENTRY["auth"] + "\n"}}}),
            id="auth with a line end",
        ),
        pytest.param(json.dumps({"auths": {"quay.io": None, "ghcr.io": ADA_ENTRY}}), id="null entry beside"),
    ],
)
def test_the_same_meaning_changes_nothing(text: str) -> None:
    assert payload_of(docker_secret(text), [{"server": "ghcr.io", **ADA}]).data == {}


def test_credentials_kept_are_noted_without_users() -> None:
    existing = docker_secret({"auths": {"z.io": EVE_ENTRY, "a.io": EVE_ENTRY}})
    payload = payload_of(existing, [{"server": "z.io"}, {"server": "https://a.io"}], update="when_given")
    kept = ["https://a.io", "z.io"]
    assert payload.notes == {"credentials_kept": kept, "unmanaged_registries": [], "next_run_before": None}


def test_warnings_of_the_merge_come_along() -> None:
    existing = docker_secret({"auths": {"ghcr.io": EVE_ENTRY}})
    payload = payload_of(existing, [{"server": "ghcr.io", "username": "ada"}], update="when_given")
    assert payload.warnings == (
        "registries[0]: the username changes and the stored password is kept; check that they belong together.",
    )


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        pytest.param({"auth": "pants"}, "it is not base64", id="not base64"),
        pytest.param({"auth": "grüße"}, "it is not base64", id="not ASCII"),
        pytest.param({"auth": "cGFudHM="}, "its decoded text has no colon between user and password", id="no colon"),
        pytest.param({"auth": 7}, "it is not a string", id="number"),
        pytest.param({**ADA_ENTRY, "auth": False}, "it is not a string", id="false"),
    ],
)
def test_an_unmanaged_entry_that_fails_every_pod_is_a_warning(entry: dict[str, Any], fault: str) -> None:
    existing = docker_secret({"auths": {"https://u@bad.io": entry, "quay.io": None, "good.io": ADA}})
    payload = payload_of(existing, [{"server": "ghcr.io", **ADA}])
    assert payload.warnings == (
        f'Stored entry "https://bad.io": Its auth cannot be read ({fault}); '
        "the kubelet refuses every Pod that uses this Secret.",
    )


@pytest.mark.parametrize("field", ["username", "password", "email"])
def test_so_is_a_field_of_another_type(field: str) -> None:
    """An ``"email": false`` in any entry makes the kubelet refuse the Pod (pkg/credentialprovider/config.go)."""
    existing = docker_secret({"auths": {"bad.io": {**ADA_ENTRY, field: False}}})
    assert payload_of(existing, [{"server": "ghcr.io", **ADA}]).warnings == (
        f'Stored entry "bad.io": Its {field} cannot be read (it is not a string); '
        "the kubelet refuses every Pod that uses this Secret.",
    )


REFUSED = "the kubelet refuses every Pod that uses this Secret."


@pytest.mark.parametrize(
    ("config", "warnings"),
    [
        pytest.param(
            {"auths": {"https://index.docker.io/v1": ADA}},
            [
                'Stored entry "https://index.docker.io/v1": Without a final slash "/v1" is a path to the kubelet, and '
                'no image matches it. Write "https://index.docker.io/v1/".'
            ],
            id="a server that no image matches",
        ),
        pytest.param(
            {"auths": {}, "HttpHeaders": 1},
            [
                '"HttpHeaders" of the docker config cannot be read (it is not an object of the expected shape); '
                f"{REFUSED}"
            ],
            id="beside the entries",
        ),
        pytest.param(
            {"auths": {"https://u:s3cret@b.io/v2/": ADA}},
            [
                (
                    'Stored entry "https://b.io/v2/": A server must not contain a user name. Remove the user and '
                    'write "b.io".'
                )
            ],
            id="a user in a server",
        ),
        pytest.param({"auths": {"R.io/a": {"password": " "}}}, [], id="what is only doubtful"),
    ],
)
def test_errors_in_what_is_carried_over_are_warnings(config: dict[str, Any], warnings: list[str]) -> None:
    payload = payload_of(docker_secret(config), [{"server": "ghcr.io", **ADA}])
    assert list(payload.warnings) == warnings
    assert "s3cret" not in repr(payload)


@pytest.mark.parametrize(
    "entry", [{"auth": "pants"}, {"Email": 1}, {"USERNAME": 7, "username": "ada"}, {**ADA_ENTRY, "Auth": "pants"}]
)
def test_an_unreadable_entry_of_a_registry_that_the_task_names_is_repaired(entry: dict[str, Any]) -> None:
    payload = payload_of(docker_secret({"auths": {"ghcr.io": entry}}), [{"server": "ghcr.io", **ADA}])
    assert payload.warnings == ()
    assert json.loads(decode(payload.data[KEY] or "")) == {"auths": {"ghcr.io": ADA_ENTRY}}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"auths": {"quay.io": {"x": 1e3, "y": 12345678901234567890, "z": -0.0}}}', id="numbers"),
        pytest.param('{"auths": {"quay.io": {"x": "\\u00fc\\u2028\\ud83d\\ude00"}}}', id="escapes"),
        pytest.param('{"auths": {"quay.io": {"x": "\\ud800"}}}', id="half a surrogate pair"),
    ],
)
def test_json_values_are_carried_over(text: str) -> None:
    payload = payload_of(docker_secret(text), [{"server": "ghcr.io", **ADA}])
    carried = json.loads(decode(payload.data[KEY] or ""))["auths"]["quay.io"]
    assert json.dumps(carried) == json.dumps(json.loads(text)["auths"]["quay.io"])


def plain(value: Any) -> Any:
    """A description with the text of each Hidden, so that it can be compared."""
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(
    ("secret", "description"),
    [
        pytest.param(
            docker_secret(
                {
                    "auths": {"https://u:s3cret@b.io": {**ADA_ENTRY, "email": "a@b", "identitytoken": "t"}},
                    "credsStore": "x",
                }
            ),
            {
                "registries": {
                    "https://b.io": {
                        "username": "ada",
                        "email": "a@b",
                        "password": "<hidden>",
                        "auth": "<hidden>",
                        "identitytoken": "<hidden>",
                    }
                },
                "other_fields": {"credsStore": "<hidden>"},
            },
            id="a whole docker config",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {**ADA_ENTRY, "username": "eve", "email": "e@b"}}}),
            {"registries": {"b.io": {"username": "eve", "password": "<hidden>", "email": "e@b", "auth": "<hidden>"}}},
            id="fields as they are stored",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {"username": 7, "email": False}}}),
            {"registries": {"b.io": {"username": "<not a string>", "email": "<not a string>"}}},
            id="fields of another type",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {**ADA_ENTRY, "email": ""}}}),
            {"registries": {"b.io": {"username": "ada", "password": "<hidden>", "email": "", "auth": "<hidden>"}}},
            id="an empty e-mail, as kubectl writes it",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {"username": "s3cret", "email": "s3cret", "auth": encode("a:s3cret")}}}),
            {"registries": {"b.io": {"username": "<hidden>", "email": "<hidden>", "auth": "<hidden>"}}},
            id="a password in other fields",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {"username": "0ld", "password": "0ld", "auth": ADA_ENTRY["auth"]}}}),
            {"registries": {"b.io": {"username": "<hidden>", "password": "<hidden>", "auth": "<hidden>"}}},
            id="a password that is not the one in auth",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {"auth": ADA_ENTRY["auth"]}, "a.io": None}}),
            {"registries": {"b.io": {"username": "ada", "auth": "<hidden>"}, "a.io": {}}},
            id="auth alone, and null",
        ),
        pytest.param(
            stored_secret({LEGACY_KEY: encode('{"b.io": {"username": "ada"}}'), "ssh": "eA=="}, kind=LEGACY_TYPE),
            {"registries": {"b.io": {"username": "ada"}}, "data": {"ssh": "<hidden>"}},
            id="older form and another key",
        ),
        pytest.param(docker_secret("s3cret"), {"data": {KEY: "<hidden>"}}, id="does not parse"),
        pytest.param(stored_secret({"ssh": "eA=="}, kind="Opaque"), {"data": {"ssh": "<hidden>"}}, id="Opaque"),
        pytest.param(stored_secret({}), {}, id="empty"),
    ],
)
def test_describe_pull_secret(secret: dict[str, Any], description: dict[str, Any]) -> None:
    assert plain(describe_pull_secret(secret)) == description


def test_hidden_values_are_compared() -> None:
    before = describe_pull_secret(docker_secret({"auths": {"b.io": ADA_ENTRY}}))["registries"]["b.io"]["password"]
    after = describe_pull_secret(docker_secret({"auths": {"b.io": EVE_ENTRY}}))["registries"]["b.io"]["password"]
    assert isinstance(before, Hidden)
    assert before.same_as(before)
    assert not before.same_as(after)


@pytest.mark.parametrize(
    ("entry", "username", "email"),
    [
        pytest.param(ADA_ENTRY, "ada", None, id="three fields"),
        pytest.param({"auth": ADA_ENTRY["auth"]}, "ada", None, id="auth alone"),
        pytest.param({**EVE_ENTRY, "auth": ADA_ENTRY["auth"]}, "ada", None, id="auth wins"),
        pytest.param({**ADA, "auth": "pants"}, "ada", None, id="unreadable auth"),
        pytest.param({**ADA, "auth": "grüße"}, "ada", None, id="auth is not ASCII"),
        pytest.param({"email": "a@example.com"}, None, "a@example.com", id="e-mail alone"),
        pytest.param({"username": 7, "email": False}, None, None, id="other types"),
        pytest.param({"username": "s3cret", "password": "s3cret"}, "<hidden>", None, id="user is the password"),
        pytest.param({"auth": encode("s3cret:s3cret")}, "<hidden>", None, id="user is the password, in auth"),
        pytest.param({"username": "dop_v1_0f"}, "<hidden>", None, id="user is a token"),
        pytest.param(
            {"username": "s3cret", "password": "s3cret", "auth": "pants"},
            "<hidden>",
            None,
            id="user is the password, unreadable auth",
        ),
        pytest.param({**ADA, "email": "s3cret"}, "ada", None, id="e-mail is the password"),
        pytest.param({"auth": ADA_ENTRY["auth"], "email": "s3cret"}, "ada", None, id="e-mail is the password in auth"),
        pytest.param(None, None, None, id="null"),
    ],
)
def test_list_registries(entry: dict[str, Any] | None, username: str | None, email: str | None) -> None:
    secret = docker_secret({"auths": {"https://u:s3cret@b.io": entry}})
    told = {"server": "https://b.io", "username": username, "email": email, "expires_at": None}
    assert list_registries(secret) == [told]


def test_list_registries_is_sorted() -> None:
    secret = docker_secret({"auths": {"z@b.io": {}, "https://a.io": {}, "a@c.io": {}}})
    assert [registry["server"] for registry in list_registries(secret)] == ["b.io", "c.io", "https://a.io"]


@pytest.mark.parametrize(
    ("secret", "texts", "doubtful"),
    [
        pytest.param(
            docker_secret('{"auths":{"b.io":{"auth":"YWRhOnMzY3JldA==","x":"y","email":"e"}}}'),
            {
                encode('{"auths":{"b.io":{"auth":"YWRhOnMzY3JldA==","x":"y","email":"e"}}}'),
                "YWRhOnMzY3JldA==",
                "s3cret",
            },
            {"y"},
            id="docker config",
        ),
        pytest.param(
            docker_secret({"auths": {"b.io": {"password": "s3cret", "x": "s3cret"}}}),
            {encode('{"auths": {"b.io": {"password": "s3cret", "x": "s3cret"}}}'), "s3cret"},
            {"s3cret"},
            id="a password in an unknown field too",
        ),
        pytest.param(
            stored_secret({LEGACY_KEY: encode('{"b.io":{"password":"s3cret"}}'), KEY: encode('{"x":"y"}')}),
            {encode('{"b.io":{"password":"s3cret"}}'), encode('{"x":"y"}'), "s3cret"},
            {"y"},
            id="both forms",
        ),
        pytest.param(docker_secret("s3cret"), {"s3cret", encode("s3cret")}, set(), id="does not parse"),
        pytest.param(
            docker_secret('{"auths":{},"auths":{}}'),
            {'{"auths":{},"auths":{}}', encode('{"auths":{},"auths":{}}')},
            set(),
            id="a key twice, of which one value would not be seen",
        ),
        pytest.param(
            stored_secret({"a": encode("b"), "c": "/w=="}),
            {"b", encode("b"), "\ufffd", "/w=="},
            set(),
            id="other keys",
        ),
        pytest.param({**stored_secret({}), "data": None}, set(), set(), id="null data"),
    ],
)
def test_pull_secret_texts(secret: dict[str, Any], texts: set[str], doubtful: set[str]) -> None:
    found = pull_secret_texts(secret)
    assert {text for text in found if not isinstance(text, PossiblySecret)} == texts
    assert {text for text in found if isinstance(text, PossiblySecret)} - {""} == doubtful
