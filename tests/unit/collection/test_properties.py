# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every input: nothing is lost, nothing changes twice, nothing leaks."""

from __future__ import annotations

import hashlib
import json
import re
import string
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
    TYPE,
    StoredLogin,
    decode_auth,
    encode_auth,
    parse_docker_config,
    parse_stored_config,
    render_docker_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    Registry,
    UpdateCredentials,
    parse_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.secret_config import UnreadableAuth
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import match_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import (
    LAST_APPLIED,
    MANAGED_BY,
    ORIGIN,
    OWNER,
    check_namespace,
    check_secret_name,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import (
    Desired,
    merge_patch,
    plan_absent,
    plan_present,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    TYPES,
    describe_pull_secret,
    list_registries,
    merge_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import view_diff, view_secret
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, FixedPayload, decode, encode, stored_secret

# Explicit, because hypothesis takes other defaults where the variable CI is set.
EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


# --- JSON ------------------------------------------------------------------------------------------------------------

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(), part, max_size=3), max_leaves=6
)


def same_json(one: object, other: object) -> bool:
    """Equal as JSON: key order does not count, and true is not 1 and 1.0 is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# --- auth ------------------------------------------------------------------------------------------------------------

USERNAMES = st.text().filter(lambda text: ":" not in text)
CREDENTIALS = st.builds(StoredLogin, USERNAMES, st.text())


@EXAMPLES
@given(CREDENTIALS)
def test_decode_auth_reads_what_encode_auth_wrote(credentials: StoredLogin) -> None:
    auth = encode_auth(credentials)
    assert decode_auth(auth) == credentials
    assert decode_auth(auth.rstrip("=")) == credentials
    assert decode_auth("\r\n".join(auth)) == credentials


PADDED = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
UNPADDED = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2,3})?")


def kubelet_reads(auth: str) -> tuple[str, str] | None:
    """decodeDockerConfigFieldAuth, and UTF-8: a line end inside does not count, a blank does."""
    text = re.sub(r"[\r\n]", "", auth)
    if not (PADDED if text.endswith("=") else UNPADDED).fullmatch(text):
        return None
    decoded = b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    try:
        username, colon, password = decoded.decode().partition(":")
    except UnicodeDecodeError:
        return None
    return (username, password) if colon else None


NEARLY_AUTHS = (
    st.builds(
        lambda auth, place, more: auth[:place] + more + auth[place:],
        st.builds(encode_auth, CREDENTIALS),
        st.integers(0, 40),
        st.sampled_from(["", "=", "==", "===", " ", "\n", "\r\n", "-", "_", "A", "ü", "\u00a0", "\t"]),
    )
    | st.text("AOmZg+/=-_\n ", max_size=12)
    | st.text(max_size=12)
)


@EXAMPLES
@given(NEARLY_AUTHS)
def test_decode_auth_agrees_with_the_kubelet(auth: str) -> None:
    try:
        credentials = decode_auth(auth)
        found = (credentials.username, credentials.password)
    except UnreadableAuth:
        found = None
    assert found == kubelet_reads(auth)


# --- servers ---------------------------------------------------------------------------------------------------------

HOSTS = st.sampled_from(["quay.io", "ghcr.io", "index.docker.io", "registry:5000", "*.example.com", "[::1]:5000"])
PATHS = st.sampled_from(["", "/team", "/team/", "/team/app/", "/v1", "/v2", "/version", "/team/v2/"])
SCHEMES = st.sampled_from(["", "https://", "http://"])
VERSIONS = st.sampled_from(["", "/v1", "/v2"])


@EXAMPLES
@given(HOSTS, PATHS, SCHEMES, VERSIONS)
def test_spellings_of_one_server_have_one_match_key(host: str, path: str, scheme: str, version: str) -> None:
    key = match_key(host + path)
    assert match_key(key) == key
    assert match_key(scheme + host + path) == key
    if path.startswith("/"):
        assert match_key(scheme + host + version + path) == (host + path if version else key)
    else:
        assert match_key(f"{scheme}{host}{version}/") == key
    assert match_key(f"{scheme}user:password@{host}{path}?query#fragment") == key


# --- docker configs --------------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=12)
# Half a surrogate pair is no text; the table of test_pull_secret.py has it.
STORED_AUTHS = (
    st.builds(encode_auth, CREDENTIALS)
    | st.builds(lambda credentials: encode_auth(credentials).rstrip("="), CREDENTIALS)
    | st.text("AOmZg+/=-_\n ", max_size=8)
    | st.sampled_from(["", None, 7, False])
)
FIELDS = TEXTS | st.sampled_from([None, 7, False])
STORED_ENTRIES = st.none() | st.builds(
    lambda more, known: {**more, **known},
    st.dictionaries(TEXTS, JSON, max_size=2),
    st.fixed_dictionaries(
        {},
        optional={
            "username": FIELDS,
            "password": FIELDS,
            "email": FIELDS,
            "auth": STORED_AUTHS,
            "identitytoken": TEXTS,
        },
    ),
)
# Few of them, so that what is stored and what is wanted often meet, in one spelling or another.
SERVERS = st.builds(
    "".join,
    st.tuples(SCHEMES, st.sampled_from(["quay.io", "registry:5000"]), st.sampled_from(["", "/", "/v1/", "/v2/team"])),
)
AUTHS = st.dictionaries(SERVERS | TEXTS, STORED_ENTRIES, max_size=4)
CONFIGS = st.builds(lambda more, auths: {**more, "auths": auths}, st.dictionaries(TEXTS, JSON, max_size=2), AUTHS)


@EXAMPLES
@given(CONFIGS)
def test_parsing_what_was_rendered_gives_the_same(config: dict[str, Any]) -> None:
    text = render_docker_config(config)
    assert same_json(parse_docker_config(text, "docker_config"), config)
    assert same_json(parse_docker_config(encode(text), "docker_config"), config)
    assert same_json(parse_stored_config(text.encode(), "docker_config", legacy=False), config)
    legacy = render_docker_config(config["auths"])
    assert same_json(parse_stored_config(legacy.encode(), "docker_config", legacy=True), {"auths": config["auths"]})


# --- plans -----------------------------------------------------------------------------------------------------------

LABELS = st.dictionaries(st.sampled_from(["app", "team", "example.com/x"]), st.sampled_from(["", "a", "b"]), max_size=2)
WANTED_LABELS = st.dictionaries(
    st.sampled_from(["app", "team", "example.com/x"]), st.sampled_from(["", "a", "b", None]), max_size=2
)
MARKS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS},
        {"labels": {**OUR_LABELS, OWNER: "team-b"}, "annotations": OUR_ANNOTATIONS},
        {"labels": OUR_LABELS, "annotations": {ORIGIN: "ci/registry"}},
        {"annotations": {LAST_APPLIED: "{}"}},
        {"labels": {MANAGED_BY: "Helm"}},
        {"labels": {"argocd.argoproj.io/instance": "x"}, "annotations": {LAST_APPLIED: "{}"}},
        {"ownerReferences": [{"kind": "ConfigMap", "name": "a", "uid": "1"}]},
        {"finalizers": ["a/b"]},
    ]
)


@st.composite
def stored_pull_secrets(draw: st.DrawFn) -> dict[str, Any]:
    """A Secret with a docker config of today's or the older form, or another Secret under that name."""
    config, form = draw(CONFIGS), draw(st.sampled_from([KEY, KEY, KEY, LEGACY_KEY, None]))
    text = json.dumps(
        config["auths"] if form == LEGACY_KEY else config,
        indent=draw(st.sampled_from([None, 2])),
        ensure_ascii=draw(st.booleans()),
    )
    data = {"other": encode("x")} if draw(st.booleans()) else {}
    metadata = dict(draw(MARKS))
    for field in ("labels", "annotations"):
        more = draw(LABELS)
        if more or field in metadata:
            metadata[field] = {**more, **metadata.get(field, {})}
    return stored_secret(
        {**data, form: encode(text)} if form else data,
        kind={KEY: TYPE, LEGACY_KEY: LEGACY_TYPE, None: "Opaque"}[form],
        immutable=draw(st.sampled_from([False, False, False, True])),
        **metadata,
    )


# Mostly there is one.
STORED_OR_NONE = st.sampled_from([True, True, True, False]).flatmap(
    lambda there: stored_pull_secrets() if there else st.none()
)

# Without what masks are made of.
# Without a byte-order mark, which no task may begin with.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*<$\ufeff"), max_size=12).filter(str.strip)
GIVEN_USERNAMES = WORDS.filter(lambda text: ":" not in text)
PRESENT_ITEMS = st.fixed_dictionaries(
    {"server": SERVERS, "username": GIVEN_USERNAMES, "password": WORDS}, optional={"email": WORDS}
)
ABSENT_ITEMS = st.fixed_dictionaries({"server": SERVERS, "state": st.just("absent")})
# What may be left out under when_given and on_create.
SPARSE_ITEMS = st.fixed_dictionaries(
    {"server": SERVERS}, optional={"username": GIVEN_USERNAMES, "password": WORDS, "email": WORDS}
)


def item_lists(more: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """One registry that is there afterwards, and others; none twice."""
    return st.builds(lambda first, rest: [first, *rest], PRESENT_ITEMS, st.lists(more, max_size=2)).filter(
        lambda items: len({match_key(item["server"]) for item in items}) == len(items)
    )


UPDATES: st.SearchStrategy[UpdateCredentials] = st.sampled_from(["always", "when_given", "on_create"])


def merged_payload(registries: Sequence[Registry], *, purge: bool, update: UpdateCredentials) -> FixedPayload:
    """The payload of a task that gives these registries."""
    return FixedPayload(lambda existing: merge_pull_secret(existing, registries, purge=purge, update=update))


@st.composite
def wishes(draw: st.DrawFn, *, everything_allowed: bool = False) -> Desired:
    """What a task may want of the Secret web/registry."""
    update = draw(UPDATES)
    others = PRESENT_ITEMS | ABSENT_ITEMS if update == "always" else ABSENT_ITEMS | SPARSE_ITEMS
    wanted = draw(item_lists(others))
    allowed = st.just(True) if everything_allowed else st.booleans()
    return Desired(
        "web",
        "registry",
        TYPE,
        merged_payload(parse_registries(wanted, update), purge=draw(st.booleans()), update=update),
        labels=draw(WANTED_LABELS),
        annotations=draw(WANTED_LABELS),
        immutable=draw(st.sampled_from([None, None, True, False])),
        owner=draw(st.sampled_from([None, None, "team-a", "team-b"])),
        recreate=draw(allowed),
        take_ownership=draw(allowed),
    )


def as_stored(secret: Mapping[str, Any]) -> dict[str, Any]:
    """The Secret as the API server has it after the write."""
    result: dict[str, Any] = json.loads(json.dumps(secret))
    result["metadata"].update(uid="7a1e", resourceVersion="42")
    return result


@EXAMPLES
@given(STORED_OR_NONE, wishes() | wishes(everything_allowed=True))
def test_a_plan_applied_twice_changes_nothing(existing: dict[str, Any] | None, wish: Desired) -> None:
    before = json.dumps(existing)
    try:
        first = plan_present(existing, wish)
    except KeyringError:
        return
    assert json.dumps(existing) == before, "the Secret that was given has changed"
    assert first.after is not None
    stored = as_stored(first.after)
    second = plan_present(stored, wish)
    assert second.operation == "unchanged"
    assert merge_patch(stored, second.after or {}) == {}


def permuted(draw: st.DrawFn, value: Any) -> Any:
    """The same JSON value with its keys in another order."""
    if isinstance(value, dict):
        return {key: permuted(draw, value[key]) for key in draw(st.permutations(list(value)))}
    return [permuted(draw, item) for item in value] if isinstance(value, list) else value


@st.composite
def respelled(draw: st.DrawFn, secret: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret of the same meaning: other order, spacing and escapes, and auth with or without padding."""
    config = permuted(draw, json.loads(decode(secret["data"][KEY])))
    for entry in config["auths"].values():
        if draw(st.booleans()) and isinstance(entry, dict) and isinstance(entry.get("auth"), str):
            entry["auth"] = entry["auth"].rstrip("=") + draw(st.sampled_from(["", "\n", "\r\n"]))
    text = json.dumps(
        config,
        indent=draw(st.sampled_from([None, 0, 4, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":"), (" ,\r\n", "  : ")])),
        ensure_ascii=draw(st.booleans()),
    )
    text = draw(st.sampled_from(["", " ", "\n"])) + text + draw(st.sampled_from(["", "\n", "\r\n\t"]))
    return {**permuted(draw, as_stored(secret)), "data": {**secret["data"], KEY: encode(text)}}


@EXAMPLES
@given(st.data(), STORED_OR_NONE, wishes(everything_allowed=True))
def test_equal_meaning_is_never_a_change(data: st.DataObject, existing: dict[str, Any] | None, wish: Desired) -> None:
    try:
        after = plan_present(existing, wish).after
    except KeyringError:
        return
    assert after is not None
    stored = data.draw(respelled(after))
    assert plan_present(stored, wish).operation == "unchanged"


@EXAMPLES
@given(
    st.builds(
        lambda secret, config: {**secret, "data": {**secret["data"], KEY: encode(json.dumps(config))}, "type": TYPE},
        stored_pull_secrets().filter(lambda secret: not secret.get("immutable")),
        CONFIGS,
    ),
    item_lists(PRESENT_ITEMS | ABSENT_ITEMS),
)
def test_what_the_task_does_not_name_is_carried_over(existing: dict[str, Any], items: list[dict[str, Any]]) -> None:
    registries = parse_registries(items, "always")
    wish = Desired(
        "web",
        "registry",
        TYPE,
        merged_payload(registries, purge=False, update="always"),
        labels={"app": "a", "team": None},
        take_ownership=True,
    )
    after = plan_present(existing, wish).after
    assert after is not None
    old, new = (json.loads(decode(secret["data"][KEY])) for secret in (existing, after))
    named = {match_key(registry.server): registry for registry in registries}
    foreign = {server: entry for server, entry in old["auths"].items() if match_key(server) not in named}
    present = {registry.server for registry in registries if not registry.absent}

    assert set(new["auths"]) == {*foreign, *present}
    assert same_json({server: new["auths"][server] for server in foreign}, foreign)
    assert same_json({**new, "auths": 0}, {**old, "auths": 0})
    for server in present & set(old["auths"]):
        unknown = {
            name: value
            for name, value in (old["auths"][server] or {}).items()
            if name not in ("username", "password", "auth", "email")
        }
        assert same_json({name: new["auths"][server].get(name) for name in unknown}, unknown)
    for key in set(existing["data"]) - {KEY, LEGACY_KEY}:
        assert after["data"][key] == existing["data"][key]
    assert after["metadata"].get("ownerReferences") == existing["metadata"].get("ownerReferences")
    for field, ours in (("labels", {"app", "team", MANAGED_BY, OWNER}), ("annotations", {ORIGIN, LAST_APPLIED})):
        kept = {key: value for key, value in (existing["metadata"].get(field) or {}).items() if key not in ours}
        assert {key: after["metadata"][field].get(key) for key in kept} == kept


# --- merge patch -----------------------------------------------------------------------------------------------------


def apply_merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply_merge_patch(result.get(name), value)
    return result


# Without null, which a merge patch cannot write, and numbers: no field of a Secret is sometimes true and sometimes 1.
OBJECT_KEYS = st.sampled_from("abcd")
OBJECTS = st.dictionaries(
    OBJECT_KEYS,
    st.recursive(
        st.booleans() | st.text(max_size=2) | st.lists(st.none() | st.text(max_size=2), max_size=2),
        lambda part: st.dictionaries(OBJECT_KEYS, part, max_size=4),
        max_leaves=8,
    ),
    max_size=4,
)


@EXAMPLES
@given(OBJECTS, OBJECTS)
def test_a_merge_patch_turns_before_into_after(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch = merge_patch(before, after)
    assert apply_merge_patch(before, patch) == after
    assert (patch == {}) == (before == after)
    assert not any(before.get(key, Ellipsis) == after.get(key, Ellipsis) for key in patch), "more than the difference"


# --- names -----------------------------------------------------------------------------------------------------------

ALPHANUMERIC = frozenset(string.ascii_lowercase + string.digits)


def is_label(text: str) -> bool:
    return bool(text) and set(text) <= ALPHANUMERIC | {"-"} and text[0] in ALPHANUMERIC and text[-1] in ALPHANUMERIC


NEARLY_NAMES = (
    st.text("az09-.", max_size=12)
    | st.text("az09-.A_\n /ä\u0663", max_size=12)
    | st.builds(lambda length, end: "a" * length + end, st.integers(50, 260), st.sampled_from(["", "\n", "-", ".b"]))
    | st.text()
)


def accepts(check: Any, name: str) -> bool:
    try:
        check(name, "name")
    except KeyringError:
        return False
    return True


@EXAMPLES
@given(NEARLY_NAMES)
def test_names_are_those_of_kubernetes(name: str) -> None:
    assert accepts(check_secret_name, name) == (len(name) <= 253 and all(map(is_label, name.split("."))))
    assert accepts(check_namespace, name) == (len(name) <= 63 and is_label(name))


# --- nothing leaks ---------------------------------------------------------------------------------------------------

# Usernames, servers and texts of JSON have none of these in a row of eight.
PASSWORDS = st.text("\"'%&<>äöüßÄ \\/+:$€0123456789", min_size=8, max_size=24).filter(str.strip)
NAMES = st.text("abcdefgh", min_size=1, max_size=8)
EMAILS = st.builds("{}@example.com".format, NAMES)


def base64_pieces(data: bytes) -> set[str]:
    """What is the same in the base64 of every text that holds ``data``, by its place in a group of three bytes."""
    pieces = set()
    for offset in range(3):
        full = b64encode(bytes(offset) + data).decode()
        pieces.add(full[(8 * offset + 5) // 6 : 8 * (offset + len(data)) // 6])
    return pieces


def forms_of(password: str) -> set[str]:
    data = password.encode()
    pieces = base64_pieces(data)
    return {
        password,
        json.dumps(password)[1:-1],
        json.dumps(password, ensure_ascii=False)[1:-1],
        repr(password)[1:-1],
        quote(password, safe=""),
        quote_plus(password),
        quote(password, safe="").lower(),
        *pieces,
        *(piece.replace("+", "-").replace("/", "_") for piece in pieces),
        data.hex(),
        *(hashlib.new(digest, data).hexdigest() for digest in ("md5", "sha1", "sha256")),
    }


@st.composite
def secrets_with(draw: st.DrawFn, password: str) -> dict[str, Any]:
    """A Secret that holds the password in any of the places where it may be."""
    username, email = draw(NAMES | st.just(password)), draw(EMAILS)
    auth = encode(f"{username}:{password}")
    entry = draw(
        st.sampled_from(
            [
                {"username": username, "password": password, "auth": auth},
                {"auth": auth},
                {"auth": auth, "email": email},
                {"auth": auth.rstrip("="), "username": "x"},
                {"username": username, "password": password, "email": email},
                {"username": draw(NAMES), "password": password, "auth": password},
                {"username": draw(NAMES), "auth": encode(password.replace(":", ""))},
                {"identitytoken": password, "username": draw(NAMES)},
                {"unknown": {"deep": [password]}, "auth": auth},
            ]
        )
    )
    config = {"auths": {draw(st.sampled_from(["quay.io", "ghcr.io", "https://b.io/v1/"])): entry}}
    config |= draw(st.sampled_from([{}, {"HttpHeaders": {"X-Token": password}}, {"credsStore": password}]))
    text = draw(
        st.sampled_from([json.dumps(config), json.dumps(config, ensure_ascii=False), f"{{{password}", password])
    )
    annotations = draw(
        st.sampled_from(
            [
                {},
                {LAST_APPLIED: json.dumps({"stringData": {KEY: json.dumps(config)}})},
                {LAST_APPLIED: json.dumps({"data": {KEY: encode(json.dumps(config))}}), "own": "shown"},
                {"foreign": password, "own": "shown"},
            ]
        )
    )
    more = draw(st.sampled_from([{}, {"token": encode(password)}]))
    secret = stored_secret({KEY: encode(text), **more}, annotations=annotations, labels={"app": "web"})
    if draw(st.booleans()):
        secret = {**secret, "data": {LEGACY_KEY: encode(json.dumps(config["auths"])), **more}, "type": LEGACY_TYPE}
    return secret


@EXAMPLES
@given(st.data(), PASSWORDS, PASSWORDS, st.booleans())
def test_no_view_holds_a_password(data: st.DataObject, old: str, new: str, purge: bool) -> None:
    assume(old.strip() not in new and new.strip() not in old)
    existing = data.draw(st.none() | secrets_with(old))
    username = data.draw(NAMES | st.just(new.replace(":", "|")))
    item = {"server": data.draw(st.sampled_from(["ghcr.io", "https://quay.io"])), "username": username, "password": new}
    # A user name that is the password but for a colon is not recognised, and need not be.
    assume(username == new or username.replace("|", ":") != new)
    registries = parse_registries([item], "always")
    wish = Desired(
        "web",
        "registry",
        TYPE,
        merged_payload(registries, purge=purge, update="always"),
        annotations={"own": "shown"},
        recreate=True,
    )
    shown: list[Any] = [registries, wish]
    try:
        plans = [plan_present(existing, wish), plan_absent(existing, wish, TYPES)]
    except KeyringError as error:
        shown.append(str(error))
        plans = []
    for plan in plans:
        shown += [repr(plan), plan.warnings, plan.notes]
        for secret in filter(None, (plan.before, plan.after)):
            shown += [list_registries(secret), view_secret(secret, wish.annotations)]
        if plan.before or plan.after:
            shown.append(view_diff(plan, describe_pull_secret, wish.annotations))
    for text in (json.dumps(shown, default=repr), json.dumps(shown, default=repr, ensure_ascii=False), repr(shown)):
        for password in (old, new):
            assert not {form for form in forms_of(password) if form in text}


# An asterisk is left out: the mask is made of it.
SECRET_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=6, max_size=24
).filter(lambda text: len(text.strip()) >= 6)


@EXAMPLES
@given(SECRET_TEXTS, st.text(), st.text())
def test_the_scrubber_leaves_no_written_form(secret: str, before: str, after: str) -> None:
    data = secret.encode()
    forms = {
        secret,
        secret.strip(),
        b64encode(data).decode(),
        b64encode(data).decode().rstrip("="),
        urlsafe_b64encode(data).decode(),
        urlsafe_b64encode(data).decode().rstrip("="),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }
    scrubber = Scrubber()
    scrubber.add(secret)
    for form in forms:
        cleaned = scrubber.clean({"msg": [f"{before}{form}{after}"]})["msg"][0]
        assert not {other for other in forms if other in cleaned}


@EXAMPLES
@given(SECRET_TEXTS, st.text("abcXYZ019 \n", max_size=40))
def test_the_scrubber_leaves_everything_else(secret: str, text: str) -> None:
    assume(not any(character in "abcXYZ019 \n" for character in secret))
    assume(secret.strip() == secret)
    text = text.replace("\n", "")
    scrubber = Scrubber()
    scrubber.add(secret)
    pieces = scrubber.clean(f"{text}{secret}{text}")
    assert pieces == f"{text}********{text}"
