# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of image_pull_secret, parsed once, and the data of the Secret that come of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    CONFIG_JSON_KEY,
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting.minting import Tokens
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.string_options import (
    unwrap_mappings,
    wrap_mappings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import (
    OPTIONS,
    ImagePullSecretOptions,
    PullSecretPayload,
    PullSource,
    parse_options,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_format_options import make_shape
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.pull_shape import PULL_SECRET_PROFILE, PullShape
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.secret_options import CopySource
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, decode, docker_secret, encode, refusal, stored_secret

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
ADA = {"username": "ada", "password": "s3cret"}
GHCR = {"server": "ghcr.io", **ADA}


def parse(runtime: Runtime | None = None, **given: Any) -> ImagePullSecretOptions:
    result = ArgumentSpecValidator(OPTIONS).validate(wrap_mappings({"name": "registry", **given}, OPTIONS))
    assert not result.error_messages
    params = unwrap_mappings(given, result.validated_parameters, OPTIONS)
    return parse_options(params, runtime or Runtime(check_mode=False, environ={}), NOW)


def test_every_option_has_its_place() -> None:
    options = parse(
        registries=[GHCR],
        docker_config={"auths": {"quay.io": ADA}},
        purge_registries=True,
        min_validity=60,
        force_mint=True,
        images=["ghcr.io/acme/app"],
        preflight="warn",
        credentials_from={"name": "source", "namespace": "ops"},
        update_credentials="when_given",
    )
    assert [registry.server for registry in options.registries] == ["ghcr.io", "quay.io"]
    assert (options.purge, options.images, options.preflight) == (True, ("ghcr.io/acme/app",), "warn")
    assert (options.renewal.now, options.renewal.force) == (NOW, True)
    assert options.sources == (PullSource(CopySource("source", "ops")),)
    assert options.secret.update_credentials == "when_given"


def test_the_servers_of_a_docker_config_are_chosen() -> None:
    config = {"auths": {"https://quay.io/v1/": ADA, "ghcr.io": {}}}
    options = parse(docker_config=config, docker_config_servers=["quay.io"])
    assert [registry.server for registry in options.registries] == ["https://quay.io/v1/"]
    assert options.warnings == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"docker_config": {"auths": {"quay.io": ADA}}, "docker_config_servers": []},
            "docker_config_servers is empty. No registry would be imported. Check the variable behind it, or leave it "
            "out for all.",
        ),
        (
            {"registries": [GHCR], "docker_config_servers": ["ghcr.io"]},
            "docker_config_servers is given without a docker config. It chooses entries of docker_config or "
            "docker_config_file. Give one of them, or leave it out.",
        ),
        (
            {"docker_config": {"auths": {"quay.io": ADA}}, "docker_config_servers": ["quay.com"]},
            'docker_config_servers[0] is not a server of docker_config. It has "quay.io". Write the server as it is '
            "there.",
        ),
    ],
)
def test_a_choice_of_servers_that_can_not_be(given: dict[str, Any], message: str) -> None:
    assert refusal(parse, **given) == message


def test_of_an_absent_secret_nothing_but_its_place_is_parsed() -> None:
    options = parse(
        state="absent", registries=[{"server": ""}], images=[], docker_config="s3cret", credentials_from={"name": "A"}
    )
    assert (options.registries, options.images, options.sources) == ((), (), ())


def test_what_is_given_is_known_to_the_scrubber() -> None:
    runtime = Runtime(check_mode=False, environ={}, files={"/c": json.dumps({"auths": {"quay.io": ADA}}).encode()})
    parse(runtime, registries=[{**GHCR, "password": "0ther!"}], docker_config_file="/c")
    assert runtime.scrubber.clean("0ther! s3cret") == "******** ********"


def test_a_password_is_known_before_anything_is_refused() -> None:
    runtime = Runtime(check_mode=False, environ={})
    message = refusal(parse, runtime, registries=[GHCR, {"server": "s3cret", "username": "ada"}])
    assert message.startswith("registries[1].server must be a host with an optional port and path; got")
    assert "s3cret" not in runtime.scrubber.clean(message)


def payload_of(**given: Any) -> tuple[PullSecretPayload, Tokens]:
    options = parse(**given)
    tokens = Tokens(options.registries, options.renewal, "always", Runtime(check_mode=False, environ={}))
    shape = PullShape(PULL_SECRET_PROFILE, options.registries)
    if options.format:
        shape = make_shape(options.format, options.registries)
    return PullSecretPayload(options, shape, tokens), tokens


STORED = docker_secret({"auths": {"quay.io": ADA}})


@pytest.mark.parametrize("existing", [None, STORED], ids=["none", "one"])
def test_registries_are_merged_and_images_looked_up(existing: Mapping[str, Any] | None) -> None:
    payload, tokens = payload_of(registries=[{**GHCR, "expires_at": "2027-01-01"}], images=["ghcr.io/acme/app"])
    built = payload.build(existing)
    assert "ghcr.io" in json.loads(decode(built.data[KEY] or ""))["auths"]
    assert built.notes["images"] == [{"image": "ghcr.io/acme/app", "server": "ghcr.io", "username": "ada"}]
    assert tokens.describe()["next_run_before"] == built.notes["next_run_before"] == "2027-01-01T00:00:00Z"


def test_without_images_none_is_told() -> None:
    assert "images" not in payload_of(registries=[GHCR])[0].build(None).notes


def test_an_image_that_is_not_served_is_refused() -> None:
    payload, _tokens = payload_of(registries=[GHCR], images=["quay.io/a"])
    assert payload.build(STORED).notes["images"][0]["server"] == "quay.io"
    assert refusal(payload.build, None).startswith('images[0] ("quay.io/a") has no matching credentials in the Secret.')


def test_the_same_data_is_built_once() -> None:
    payload, _tokens = payload_of(registries=[GHCR])
    elsewhere = {**STORED, "metadata": {**STORED["metadata"], "namespace": "shop"}}
    assert payload.build(STORED) is payload.build(elsewhere)


BUILDER: dict[str, Any] = {"format": "config_json"}
APP = {"server": "ghcr.io/acme/app", **ADA}
IN_KARGO = {"username": encode("ada"), "password": encode("s3cret"), "repoURL": encode("ghcr.io/acme/app")}
OURS: dict[str, Any] = {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}
DOCKER = json.dumps({"auths": {"quay.io": ADA}})


@pytest.mark.parametrize(
    ("stored", "given", "gone", "left"),
    [
        pytest.param(
            docker_secret(DOCKER, **OURS), {"format": "kargo_image"}, {KEY}, IN_KARGO.keys(), id="to a plain login"
        ),
        pytest.param(docker_secret(DOCKER), {"format": "kargo_image"}, set(), {KEY, *IN_KARGO}, id="somebody's"),
        pytest.param(
            stored_secret({LEGACY_KEY: encode("{}"), "note": "eA=="}, kind=LEGACY_TYPE, **OURS),
            {"format": "kargo_image"},
            {LEGACY_KEY},
            {"note", *IN_KARGO},
            id="from the older form",
        ),
        pytest.param(docker_secret(DOCKER, **OURS), BUILDER, {KEY}, {CONFIG_JSON_KEY}, id="to a config.json"),
        pytest.param(
            stored_secret(IN_KARGO, kind="Opaque", **OURS), {}, IN_KARGO.keys(), {KEY}, id="from a plain login"
        ),
    ],
)
def test_another_format_removes_the_credentials_of_the_old_one(
    stored: dict[str, Any], given: dict[str, Any], gone: Collection[str], left: Collection[str]
) -> None:
    payload = payload_of(registries=[APP], **given)[0].build(stored)
    assert {key for key, value in payload.data.items() if value is None} >= set(gone)
    written = {key for key, value in {**stored["data"], **payload.data}.items() if value is not None}
    assert written == set(left)


NO_KUBELET = "Leave it out, or use a second task with format=pull_secret."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"registries": [GHCR], **BUILDER, "images": ["ghcr.io/a"]},
            "images has no effect with format config_json. The kubelet pulls no image with such a Secret; a build with "
            f"kaniko or BuildKit looks credentials up by other rules. {NO_KUBELET}",
        ),
        (
            {"registries": [GHCR], "format": "argocd_oci", "service_accounts": ["default"]},
            "service_accounts has no effect with format argocd_oci. A ServiceAccount lends its Secrets to the kubelet; "
            f"Argo CD does not look there. {NO_KUBELET}",
        ),
        (
            {"registries": [{**GHCR, "email": "a@b.c"}], "format": "kargo_image"},
            "registries[0].email has no effect with format kargo_image. Kargo reads no e-mail address. Leave it out.",
        ),
        (
            {"registries": [GHCR], "format": "kargo_image", "labels": {"kargo.akuity.io/cred-type": "git"}},
            'labels["kargo.akuity.io/cred-type"] is set by format kargo_image. Leave it out, or use format_options.',
        ),
        (
            {"registries": [GHCR], "format_options": {"argocd_type": "oci"}},
            "format_options.argocd_type is not known to format pull_secret. Leave it out, or set format.",
        ),
        (
            {"registries": [GHCR], **BUILDER, "format_options": {"argocd_type": "oci"}},
            "format_options.argocd_type is not known to format config_json. ",
        ),
        ({"credentials_from": []}, "credentials_from is empty. No Secret would be copied. Check the variable behind"),
        (
            {"credentials_from": [{"name": "a"}, {"name": "A"}]},
            "credentials_from[1].name is not a name that a Secret can have.",
        ),
        ({"credentials_from": {"name": "A"}}, "credentials_from.name is not a name that a Secret can have."),
        (
            {"credentials_from": [{"name": "a", "servers": []}]},
            "credentials_from[0].servers is empty. No registry would be imported.",
        ),
    ],
)
def test_what_a_format_or_a_source_does_not_take(given: dict[str, Any], message: str) -> None:
    assert refusal(parse, **given).startswith(message)


def test_of_an_absent_secret_the_format_alone_counts() -> None:
    options = parse(state="absent", **BUILDER, service_accounts=["*"], images=["a"], format_options={"x": 1})
    assert options.format
    assert (options.format.row.name, options.format.settings) == ("config_json", {})


def test_a_secret_setting_is_known_to_the_scrubber() -> None:
    runtime = Runtime(check_mode=False, environ={})
    settings = {"argocd_proxy": "http://octo:s3cret@proxy", "argocd_secret_type": "repo-creds"}
    parse(runtime, registries=[GHCR], format="argocd_oci", format_options=settings)
    assert runtime.scrubber.clean("http://octo:s3cret@proxy") == "http://octo:********@proxy"
