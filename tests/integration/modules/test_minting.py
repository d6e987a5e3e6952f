# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that a task mints, against a real API server and clouds on loopback that speak HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from support.canary import Canary, find_leaks, key_canary, read_below
from support.cluster import Cluster
from support.playbook import Playbook, role, task
from support.roles import example
from support.servers.clouds import AUDIENCE, ECR_LIFE, Aws, Azure, Google, aws, azure, google

AFTER_APPLY = "<known after apply>"
EXPIRES_AT = "keyring.kubernetes/expires-at"
ECR_SERVER = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role/pull"
PULL_SECRET = "kubernetes.io/dockerconfigjson"


@pytest.fixture
def cloud() -> Iterator[Aws]:
    with aws() as running:
        yield running


def ecr(cloud: Aws, **options: Any) -> dict[str, Any]:
    return {
        "preset": "ecr",
        "preset_options": {
            "account_id": "123456789012",
            "region": "eu-central-1",
            "endpoint_url": cloud.url,
            **options,
        },
    }


def of_aws(cloud: Aws, **more: str) -> dict[str, str]:
    """The environment of somebody with AWS credentials."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws-s3cret-of-somebody"}
    return {**keys, "AWS_ENDPOINT_URL_STS": cloud.url, "AWS_EC2_METADATA_DISABLED": "true", **more}


def mint(cluster: Cluster, namespace: str | list[str], *registries: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    place = {"namespace": namespace} if isinstance(namespace, str) else {"namespaces": namespace}
    given = {"name": "registry", "kubeconfig": str(cluster.kubeconfig), "registries": list(registries)}
    return task("image_pull_secret", **{**given, **place, **more})


def password(cluster: Cluster, namespace: str, server: str = ECR_SERVER) -> str:
    return str(cluster.read_auths(namespace, "registry")[server]["password"])


def expiries(cluster: Cluster, namespace: str) -> dict[str, str]:
    text = cluster.read_secret(namespace, "registry")["metadata"]["annotations"].get(EXPIRES_AT, "{}")
    found: dict[str, str] = json.loads(text)
    return found


def age(cluster: Cluster, namespace: str, left: timedelta, server: str = ECR_SERVER) -> str:
    """Let the stored token be near its end; returns that."""
    end = (datetime.now(timezone.utc) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"metadata": {"annotations": {EXPIRES_AT: json.dumps({server: end})}}}
    cluster.api.patch_namespaced_secret("registry", namespace, body)
    return end


def test_a_token_is_minted_when_it_must_be(cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws) -> None:
    given = mint(cluster, namespace, ecr(cloud))
    environment = of_aws(cloud)

    (foreseen,) = playbook.run([given], "--check", "--diff", environment=environment).results
    assert cloud.asked == []
    first, second = playbook.run([given, given], "--diff", environment=environment).results

    assert cloud.asked == [("GetAuthorizationToken", "AKIDEXAMPLE")]
    assert password(cluster, namespace) == cloud.tokens[0]
    end = expiries(cluster, namespace)[ECR_SERVER]
    assert timedelta(0) <= datetime.now(timezone.utc) + ECR_LIFE - datetime.fromisoformat(end) < timedelta(minutes=2)
    assert [result["operation"] for result in (foreseen, first, second)] == ["created", "created", "unchanged"]
    assert [result["minted"] for result in (foreseen, first, second)] == [[ECR_SERVER], [ECR_SERVER], []]
    assert [result["next_run_before"] for result in (foreseen, first, second)] == [AFTER_APPLY, end, end]
    entry = {"server": ECR_SERVER, "username": "AWS", "email": None}
    assert first["secret"]["registries"] == second["secret"]["registries"] == [{**entry, "expires_at": end}]
    assert foreseen["secret"]["registries"] == [{**entry, "expires_at": AFTER_APPLY}]
    assert second["credentials_kept"] == []
    unknown = json.loads(json.dumps(first).replace(end, AFTER_APPLY))
    unknown["secret"].update(uid=None, resource_version=None)
    assert foreseen == unknown

    age(cluster, namespace, timedelta(hours=4, minutes=1))
    (lasting,) = playbook.run([given], environment=environment).results
    age(cluster, namespace, timedelta(hours=3, minutes=59))
    (renewed,) = playbook.run([given], environment=environment).results
    assert [lasting["operation"], renewed["operation"]] == ["unchanged", "updated"]
    assert password(cluster, namespace) == cloud.tokens[1]

    forced, asked_for = playbook.run(
        [{**given, **mint(cluster, namespace, ecr(cloud), force_mint=True)}, mint(cluster, namespace, ecr(cloud))],
        environment=environment,
    ).results
    assert [forced["operation"], asked_for["operation"]] == ["updated", "unchanged"]
    assert password(cluster, namespace) == cloud.tokens[2]
    assert len(cloud.asked) == 3


@pytest.mark.parametrize(
    ("left", "more", "operation"),
    [
        pytest.param(timedelta(hours=13), {}, "updated", id="further ahead than a token can last"),
        pytest.param(timedelta(hours=12, minutes=2), {}, "unchanged", id="clocks that differ a little"),
        pytest.param(timedelta(hours=-1), {}, "updated", id="over"),
        pytest.param(timedelta(minutes=61), {"min_validity": 3600}, "unchanged", id="lasts as long as is asked for"),
        pytest.param(timedelta(minutes=59), {"min_validity": 3600}, "updated", id="does not last so long"),
        pytest.param(timedelta(minutes=1), {"update_credentials": "when_given"}, "unchanged", id="kept when not given"),
        pytest.param(timedelta(minutes=1), {"update_credentials": "on_create"}, "unchanged", id="rotated elsewhere"),
    ],
)
def test_what_counts(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    cloud: Aws,
    left: timedelta,
    more: Mapping[str, Any],
    operation: str,
) -> None:
    playbook.run([mint(cluster, namespace, ecr(cloud))], environment=of_aws(cloud))
    age(cluster, namespace, left)

    (result,) = playbook.run([mint(cluster, namespace, ecr(cloud), **more)], environment=of_aws(cloud)).results

    assert result["operation"] == operation
    assert len(cloud.tokens) == (2 if operation == "updated" else 1)
    assert password(cluster, namespace) == cloud.tokens[-1]
    assert result["credentials_kept"] == ([ECR_SERVER] if "update_credentials" in more else [])


def test_one_token_for_all_namespaces(cluster: Cluster, playbook: Playbook, cloud: Aws) -> None:
    """Also where each has something else beside it, so that one decision does not do for all."""
    names = sorted(cluster.create_namespace() for _number in range(12))
    for name in names[:6]:
        config = {"auths": {f"{name}.example": {"username": "octo", "password": "another-token"}}}
        cluster.create_secret(name, "registry", type=PULL_SECRET, string_data={".dockerconfigjson": json.dumps(config)})
    given = mint(cluster, names, ecr(cloud))

    (foreseen,) = playbook.run([given], "--check", environment=of_aws(cloud)).results
    assert cloud.asked == []
    (first,) = playbook.run([given], environment=of_aws(cloud)).results
    kept_end = age(cluster, names[0], timedelta(hours=5))
    age(cluster, names[1], timedelta(minutes=5))
    (second,) = playbook.run([given], environment=of_aws(cloud)).results

    assert foreseen["summary"] == first["summary"]
    assert [first["summary"][operation] for operation in ("created", "updated")] == [6, 6]
    assert [foreseen["minted"], first["minted"], second["minted"]] == [[ECR_SERVER]] * 3
    assert len(cloud.asked) == 2
    assert [password(cluster, name) == cloud.tokens[1] for name in names] == [False, True, *[False] * 10]
    assert second["summary"]["updated"] == 1
    assert [foreseen["next_run_before"], second["next_run_before"]] == [AFTER_APPLY, kept_end]
    for name in names:
        cluster.api.delete_namespace(name)


def test_a_role_and_ecr_public(cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws) -> None:
    public = {"preset": "ecr_public", "preset_options": {"endpoint_url": cloud.url}}
    registries = [ecr(cloud, role_arn=ROLE, external_id="acme-7"), public]

    (result,) = playbook.run([mint(cluster, namespace, *registries)], environment=of_aws(cloud)).results

    assert result["minted"] == [ECR_SERVER, "public.ecr.aws"]
    assert cloud.asked == [
        ("AssumeRole", "AKIDEXAMPLE"),
        ("GetAuthorizationToken", cloud.assumed[0]),
        ("GetAuthorizationToken", "AKIDEXAMPLE"),
    ]
    assert [password(cluster, namespace, server) for server in (ECR_SERVER, "public.ecr.aws")] == cloud.tokens


KEYS = "[profile pull]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = aws-s3cret\n"
CHAIN = f"{KEYS}[profile chain]\nsource_profile = pull\nrole_arn = {ROLE}\n"
ASKS = "GetAuthorizationToken"
GIVEN = "the access key that was given last"
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"}
WEB_IDENTITY = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{own}", "AWS_ROLE_ARN": ROLE, "AWS_ROLE_SESSION_NAME": "pull"}

# Where boto3 finds credentials: the environment, preset_options, and what is asked with which access key.
OF_AWS: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Sequence[tuple[str, str]]]] = {
    "a profile": ({"AWS_CONFIG_FILE": "{profiles}"}, {"profile": "pull"}, [(ASKS, "AKIDPROFILE")]),
    "a profile of the environment": (
        {"AWS_CONFIG_FILE": "{profiles}", "AWS_PROFILE": "pull"},
        {},
        [(ASKS, "AKIDPROFILE")],
    ),
    "a profile with a role": (
        {"AWS_CONFIG_FILE": "{profiles}"},
        {"profile": "chain"},
        [("AssumeRole", "AKIDPROFILE"), (ASKS, GIVEN)],
    ),
    "a container": (
        {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "{secret}"},
        {},
        [("/container", ""), (ASKS, GIVEN)],
    ),
    "a Pod": (
        {**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{own}"},
        {},
        [("/container", ""), (ASKS, GIVEN)],
    ),
    "an instance": (
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}", "AWS_EC2_METADATA_DISABLED": "false"},
        {},
        [("/latest/meta-data/iam/security-credentials/pull", ""), (ASKS, GIVEN)],
    ),
    "a ServiceAccount": (WEB_IDENTITY, {}, [("AssumeRoleWithWebIdentity", ""), (ASKS, GIVEN)]),
    "a ServiceAccount, and another role": (
        WEB_IDENTITY,
        {"role_arn": ROLE},
        [("AssumeRoleWithWebIdentity", ""), ("AssumeRole", GIVEN), (ASKS, GIVEN)],
    ),
}


def where(cluster: Cluster, namespace: str, number: int, registry: Mapping[str, Any], **known: str) -> dict[str, Any]:
    """A task for a Secret of its own that has this environment, and so runs as an ordinary module."""
    return {**mint(cluster, namespace, registry, name=f"from-{number}"), "environment": known}


@pytest.mark.parametrize("playbook", ["never"], indirect=True)
def test_where_the_credentials_of_aws_are(cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws) -> None:
    places = {"own": playbook.directory / "own-token", "profiles": playbook.directory / "profiles"}
    places["own"].write_text(cloud.secret)
    places["profiles"].write_text(CHAIN)
    known = {**{name: str(path) for name, path in places.items()}, "url": cloud.url, "secret": cloud.secret}
    without_keys = {name: text for name, text in of_aws(cloud).items() if "KEY" not in name}
    tasks = [
        where(
            cluster,
            namespace,
            number,
            ecr(cloud, **options),
            **{**without_keys, **{name: text.format(**known) for name, text in variables.items()}},
        )
        for number, (variables, options, _asked) in enumerate(OF_AWS.values())
    ]

    results = playbook.run(tasks).results
    cloud.refusal = "AccessDenied"
    denied = playbook.run([{**tasks[-1], **mint(cluster, namespace, ecr(cloud), force_mint=True)}]).results[0]

    assert [(result["operation"], result.get("msg")) for result in results] == [("created", None)] * len(OF_AWS)
    asked = [(source, *each) for source, (_variables, _options, expected) in OF_AWS.items() for each in expected]
    keys = iter(cloud.sessions)
    last = ""
    for (source, operation, key), (asked_for, signed_with) in zip(asked, cloud.asked, strict=False):
        assert (source, asked_for, signed_with) == (source, operation, last if key == GIVEN else key)
        last = last if operation == ASKS else next(keys)
    assert len(cloud.asked) == len(asked) + 1
    for number, token in enumerate(cloud.tokens):
        assert cluster.read_auths(namespace, f"from-{number}")[ECR_SERVER]["password"] == token
    assert "It needs sts:AssumeRoleWithWebIdentity; a role to assume must also trust it." in denied["msg"]


def test_a_token_that_is_refused_is_asked_for_once_and_nothing_is_written(
    cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws
) -> None:
    """Not in the namespaces either where something else would have been to do."""
    names = sorted([namespace, *(cluster.create_namespace() for _number in range(9))])
    stored = {"server": "quay.io", "username": "octo", "password": "quay-token"}
    playbook.run([mint(cluster, names[:2], stored)])
    before = [cluster.read_secret(name, "registry") for name in names[:2]]
    cloud.refusal = "AccessDeniedException"

    (result,) = playbook.run([mint(cluster, names, ecr(cloud), labels={"a": "b"})], environment=of_aws(cloud)).results

    assert result["failed"]
    assert not result["changed"]
    assert (result["summary"]["namespaces"], result["summary"]["not_tried"]) == (10, 10)
    assert result["not_tried"] == names
    assert cloud.asked == [("GetAuthorizationToken", "AKIDEXAMPLE")]
    assert [cluster.read_secret(name, "registry") for name in names[:2]] == before
    assert [name for name in names[2:] if cluster.api.list_namespaced_secret(name).items] == []
    for name in names:
        if name != namespace:
            cluster.api.delete_namespace(name)


def test_a_password_ends_what_was_known_of_another(
    cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws
) -> None:
    by_hand = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1", "expires_at": "2099-01-31"}
    pasted = {**ecr(cloud), "password": "ecr-token-by-hand"}
    del pasted["preset_options"]["endpoint_url"]
    steps = [
        mint(cluster, namespace, ecr(cloud), by_hand),
        mint(cluster, namespace, pasted),
        mint(cluster, namespace, {key: text for key, text in by_hand.items() if key != "expires_at"}),
        mint(cluster, namespace, {"server": "ghcr.io", "state": "absent"}),
    ]
    info = task("image_pull_secret_info", namespace=namespace, kubeconfig=str(cluster.kubeconfig))

    results = playbook.run([step for each in steps for step in (each, info)], environment=of_aws(cloud)).results

    assert [result["operation"] for result in results[::2]] == ["created", "updated", "unchanged", "updated"]
    minted, looked = results[:2]
    ends = {registry["server"]: registry["expires_at"] for registry in minted["secret"]["registries"]}
    assert ends["ghcr.io"] == "2099-01-31T00:00:00Z"
    place = {"namespace": namespace, "name": "registry"}
    assert looked["ends_next"] == {**place, "server": ECR_SERVER, "expires_at": ends[ECR_SERVER]}
    assert results[3]["ends_next"] == {**place, "server": "ghcr.io", "expires_at": ends["ghcr.io"]}
    assert results[5]["ends_next"] == results[3]["ends_next"]
    assert results[7]["ends_next"] is None
    assert EXPIRES_AT not in cluster.read_secret(namespace, "registry")["metadata"]["annotations"]


NO_TOKEN = "registries[0] (preset ecr) got no token. "


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ("ExpiredTokenException", "The AWS credentials of this machine have expired. Log in again"),
        ("UnrecognizedClientException", "AWS does not accept the credentials of this machine. Check"),
        ("RequestTimeTooSkewed", "AWS rejects the time of the request, because the clock of this machine is wrong."),
        ("AccessDeniedException", "The identity of this machine has no permission for that. It needs ecr:GetAuth"),
        ("LimitExceededException", "AWS refuses GetAuthorizationToken. Try the same call with"),
    ],
)
def test_what_aws_refuses(
    cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws, refusal: str, message: str
) -> None:
    cloud.refusal = refusal

    (result,) = playbook.run([mint(cluster, namespace, ecr(cloud))], environment=of_aws(cloud)).results

    assert result["failed"]
    assert result["msg"].startswith(NO_TOKEN + message)
    assert "Credential=" not in json.dumps(result)
    assert cluster.api.list_namespaced_secret(namespace).items == []


def test_a_clock_far_off(cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws) -> None:
    cloud.life = None  # the end is that of moto

    (result,) = playbook.run([mint(cluster, namespace, ecr(cloud))], environment=of_aws(cloud)).results

    said = "registries[0] (preset ecr) got an expired token. It expired at 2015-01-01T00:00:00Z, and the clock of "
    assert result["msg"].startswith(said)
    assert result["msg"].endswith("Set the clock.")


def test_what_the_machine_lacks(cluster: Cluster, namespace: str, playbook: Playbook, cloud: Aws) -> None:
    known = of_aws(cloud)
    nothing = {name: text for name, text in known.items() if "KEY" not in name}
    elsewhere = ecr(cloud, endpoint_url="http://127.0.0.1:1")
    cases = [
        (ecr(cloud), nothing, "This machine has no complete AWS credentials. Set AWS_ACCESS_KEY_ID"),
        (ecr(cloud, profile="no-such"), known, "The AWS configuration of this machine has no such profile."),
        (elsewhere, known, "AWS cannot be reached from this machine. Check the network, the proxy and preset_options"),
    ]
    for registry, environment, message in cases:
        (result,) = playbook.run([mint(cluster, namespace, registry)], environment=environment).results
        assert result["msg"].startswith(NO_TOKEN + message)
    assert cloud.asked == []


GOOGLE_SERVER = "europe-west4-docker.pkg.dev"
PULL_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
IAM_SCOPE = "https://www.googleapis.com/auth/iam"
CI = "ci@acme.iam.gserviceaccount.com"
PULL = "pull@acme.iam.gserviceaccount.com"


@pytest.fixture
def google_cloud() -> Iterator[Google]:
    with google() as running:
        yield running


def artifact_registry(**options: str) -> dict[str, Any]:
    return {"preset": "artifact_registry", "preset_options": {"location": "europe-west4", **options}}


def test_google(cluster: Cluster, namespace: str, playbook: Playbook, google_cloud: Google, tmp_path: Path) -> None:
    path = tmp_path / "google.json"
    path.write_text(json.dumps(google_cloud.key_file()))
    by_file = mint(cluster, namespace, artifact_registry(key_file=str(path)))
    as_another = artifact_registry(key_file=str(path), impersonate=PULL, endpoint_url=google_cloud.url)

    (foreseen,) = playbook.run([by_file], "--check").results
    assert google_cloud.asked == []
    first, second = playbook.run([by_file, by_file]).results
    assert [result["operation"] for result in (foreseen, first, second)] == ["created", "created", "unchanged"]
    assert google_cloud.asked == [("/token", {"iss": CI, "scope": PULL_SCOPE})]
    assert password(cluster, namespace, GOOGLE_SERVER) == google_cloud.tokens[0]
    left = datetime.fromisoformat(expiries(cluster, namespace)[GOOGLE_SERVER]) - datetime.now(timezone.utc)
    assert timedelta(minutes=57) < left <= timedelta(hours=1)

    (third,) = playbook.run(
        [mint(cluster, namespace, artifact_registry(), force_mint=True)],
        environment={"GOOGLE_APPLICATION_CREDENTIALS": str(path)},
    ).results
    (fourth,) = playbook.run([mint(cluster, namespace, as_another, force_mint=True)]).results
    assert [third["operation"], fourth["operation"]] == ["updated", "updated"]
    assert google_cloud.asked[1:] == [
        ("/token", {"iss": CI, "scope": PULL_SCOPE}),
        ("/token", {"iss": CI, "scope": IAM_SCOPE}),
        (f"/v1/projects/-/serviceAccounts/{PULL}:generateAccessToken", [PULL_SCOPE]),
    ]
    assert password(cluster, namespace, GOOGLE_SERVER) == google_cloud.tokens[-1]


INSTANCE = "/computeMetadata/v1/instance/service-accounts/default/token"


@pytest.mark.parametrize("playbook", ["never"], indirect=True)
def test_where_the_credentials_of_google_are(
    cluster: Cluster, namespace: str, playbook: Playbook, google_cloud: Google
) -> None:
    """A workload identity, with its own token in a file or at a URL, also as another account; the instance."""
    cloud = google_cloud
    own = playbook.directory / "own-token"
    own.write_text(cloud.secret)
    by_url = {
        "url": f"{cloud.url}/own",
        "headers": {"X-Workload": "pull"},
        "format": {"type": "json", "subject_token_field_name": "id_token"},
    }
    act = f"/v1/projects/-/serviceAccounts/{PULL}:generateAccessToken"
    acting = {"service_account_impersonation_url": f"{cloud.url}{act}"}
    configurations = {
        "file": cloud.federation_file({"file": str(own)}),
        "url": cloud.federation_file(by_url),
        "acting": cloud.federation_file({"file": str(own)}, **acting),
    }
    paths = {name: str(playbook.directory / f"{name}.json") for name in configurations}
    for name, content in configurations.items():
        Path(paths[name]).write_text(json.dumps(content))
    host = cloud.url.partition("//")[2]
    instance = {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}
    as_another = {"impersonate": PULL, "endpoint_url": cloud.url}
    exchanged = ("/sts", {"audience": AUDIENCE, "scope": PULL_SCOPE})
    exchanged_to_act = ("/sts", {"audience": AUDIENCE, "scope": IAM_SCOPE})
    acted = (act, [PULL_SCOPE])
    cases: list[tuple[dict[str, str], dict[str, str], list[tuple[str, Any]]]] = [
        ({"key_file": paths["file"]}, {}, [exchanged]),
        ({"key_file": paths["url"]}, {}, [exchanged]),
        ({"key_file": paths["acting"]}, {}, [exchanged_to_act, acted]),
        ({"key_file": paths["file"], **as_another}, {}, [exchanged_to_act, acted]),
        ({}, {"GOOGLE_APPLICATION_CREDENTIALS": paths["file"]}, [exchanged]),
        ({}, instance, [(INSTANCE, PULL_SCOPE)]),
        (as_another, instance, [(INSTANCE, IAM_SCOPE), acted]),
    ]

    results = playbook.run(
        [
            where(cluster, namespace, number, artifact_registry(**options), **environment)
            for number, (options, environment, _asked) in enumerate(cases)
        ]
    ).results

    assert [(result["operation"], result.get("msg")) for result in results] == [("created", None)] * len(cases)
    assert cloud.asked == [each for _options, _environment, asked in cases for each in asked]
    stored = [
        cluster.read_auths(namespace, f"from-{number}")[GOOGLE_SERVER]["password"] for number in range(len(cases))
    ]
    assert [token for token in cloud.tokens if token in stored] == stored
    assert stored[-1] == cloud.tokens[-1]


def test_what_google_refuses(
    cluster: Cluster, namespace: str, playbook: Playbook, google_cloud: Google, tmp_path: Path
) -> None:
    google_cloud.refuses = True
    good, bad = tmp_path / "google.json", tmp_path / "bad.json"
    good.write_text(json.dumps(google_cloud.key_file()))
    bad.write_text(json.dumps({"type": "service_account", "private_key": "x"}))
    cases = {
        str(good): "Google Cloud does not accept the credentials. They may be revoked",
        str(bad): "preset_options.key_file is not a file with Google Cloud credentials. Give",
        str(tmp_path / "none"): "preset_options.key_file cannot be read: No such file or directory. Give",
    }

    results = playbook.run([mint(cluster, namespace, artifact_registry(key_file=path)) for path in cases]).results

    for result, message in zip(results, cases.values(), strict=True):
        assert result["msg"].startswith(f"registries[0] (preset artifact_registry) got no token. {message}")


ACR_SERVER = "acmeregistry.azurecr.io"
TENANT, CLIENT = "acme.example.com", "11111111-0000-0000-0000-222222222222"
ENTRA_USER = "00000000-0000-0000-0000-000000000000"
ACR_SCOPE = "https://containerregistry.azure.net"
EXCHANGE = ("/oauth2/exchange", {"grant_type": "access_token", "service": ACR_SERVER})


@pytest.fixture
def azure_cloud(tmp_path: Path) -> Iterator[tuple[Azure, dict[str, str]]]:
    with azure(tmp_path) as running:
        yield running


def acr(cloud: Azure, **options: Any) -> dict[str, Any]:
    given = {"name": "acmeregistry", "endpoint_url": cloud.url, **options}
    return {"preset": "acr", "preset_options": given}


def principal(cloud: Azure) -> dict[str, Any]:
    return acr(cloud, tenant_id=TENANT, client_id=CLIENT, client_secret=cloud.secret)


def test_azure(cluster: Cluster, namespace: str, playbook: Playbook, azure_cloud: tuple[Azure, dict[str, str]]) -> None:
    cloud, environment = azure_cloud
    given = mint(cluster, namespace, principal(cloud))
    identity = {"IDENTITY_ENDPOINT": f"{cloud.url}/identity", "IDENTITY_HEADER": cloud.secret}

    (foreseen,) = playbook.run([given], "--check", environment=environment).results
    assert cloud.asked == []
    first, second = playbook.run([given, given], environment=environment).results
    assert [result["operation"] for result in (foreseen, first, second)] == ["created", "created", "unchanged"]
    asked = {"grant_type": "client_credentials", "client_id": CLIENT, "scope": f"{ACR_SCOPE}/.default"}
    assert cloud.asked == [(f"/{TENANT}/oauth2/v2.0/token", asked), EXCHANGE]
    assert first["secret"]["registries"][0]["username"] == ENTRA_USER
    assert password(cluster, namespace, ACR_SERVER) == cloud.tokens[0]
    left = datetime.fromisoformat(expiries(cluster, namespace)[ACR_SERVER]) - datetime.now(timezone.utc)
    assert timedelta(hours=2, minutes=57) < left <= timedelta(hours=3)

    (third,) = playbook.run(
        [mint(cluster, namespace, acr(cloud, managed_identity=True, client_id=CLIENT), force_mint=True)],
        environment={**environment, **identity},
    ).results
    assert third["operation"] == "updated"
    asked = {"api-version": "2019-08-01", "resource": ACR_SCOPE, "client_id": CLIENT}
    assert cloud.asked[2:] == [("/identity", asked), EXCHANGE]
    assert password(cluster, namespace, ACR_SERVER) == cloud.tokens[1]


@pytest.mark.parametrize("playbook", ["never"], indirect=True)
def test_where_the_credentials_of_azure_are(
    cluster: Cluster, namespace: str, playbook: Playbook, azure_cloud: tuple[Azure, dict[str, str]]
) -> None:
    """A managed identity, and what the default chain finds: a principal in the environment, a workload, an identity."""
    cloud, environment = azure_cloud
    own = playbook.directory / "own-token"
    own.write_text(cloud.secret)
    who = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}
    machine = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": cloud.url}
    app_service = {"IDENTITY_ENDPOINT": f"{cloud.url}/identity", "IDENTITY_HEADER": cloud.secret}
    logged_in = {"grant_type": "client_credentials", "client_id": CLIENT, "scope": f"{ACR_SCOPE}/.default"}
    entra = (f"/{TENANT}/oauth2/v2.0/token", logged_in)
    imds = ("/metadata/identity/oauth2/token", {"api-version": "2018-02-01", "resource": ACR_SCOPE})
    served = ("/identity", {"api-version": "2019-08-01", "resource": ACR_SCOPE, "client_id": CLIENT})
    cases: list[tuple[dict[str, Any], dict[str, str], tuple[str, Mapping[str, str]]]] = [
        ({"managed_identity": True}, machine, imds),
        ({"managed_identity": True, "client_id": CLIENT}, machine, (imds[0], {**imds[1], "client_id": CLIENT})),
        ({}, {**who, "AZURE_CLIENT_SECRET": cloud.secret}, entra),
        ({}, {**who, "AZURE_FEDERATED_TOKEN_FILE": str(own)}, entra),
        ({}, machine, imds),
        ({"client_id": CLIENT}, app_service, served),
    ]

    results = playbook.run(
        [
            where(cluster, namespace, number, acr(cloud, **options), **environment, **more)
            for number, (options, more, _asked) in enumerate(cases)
        ]
    ).results

    assert [(result["operation"], result.get("msg")) for result in results] == [("created", None)] * len(cases)
    assert cloud.asked == [each for _options, _more, asked in cases for each in (asked, EXCHANGE)]
    for number, token in enumerate(cloud.tokens):
        assert cluster.read_auths(namespace, f"from-{number}")[ACR_SERVER]["password"] == token


def test_what_azure_refuses(
    cluster: Cluster, namespace: str, playbook: Playbook, azure_cloud: tuple[Azure, dict[str, str]]
) -> None:
    cloud, environment = azure_cloud
    cases: list[tuple[dict[str, Any], str]] = [
        ({"error": "7000222"}, "The secret of the service principal has expired. Create a new one"),
        ({"error": "50034"}, "Entra does not accept the credentials (AADSTS50034). Look"),
        ({"error": None, "role": False}, f"The registry {ACR_SERVER} gives no token for the identity (401). It needs"),
    ]
    for fields, message in cases:
        for name, value in fields.items():
            setattr(cloud, name, value)
        (result,) = playbook.run([mint(cluster, namespace, principal(cloud))], environment=environment).results
        assert result["msg"].startswith(f"registries[0] (preset acr) got no token. {message}")
        assert cloud.secret not in json.dumps(result)


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_roles_mint(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    cloud: Aws,
    google_cloud: Google,
    azure_cloud: tuple[Azure, dict[str, str]],
) -> None:
    """As in the second example of each README, with the clouds on loopback; a second run asks nobody."""
    entra, environment = azure_cloud
    path = playbook.directory / "google.json"
    path.write_text(json.dumps(google_cloud.key_file()))
    common = {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}}
    changed: Mapping[str, Mapping[str, Any]] = {
        "ecr": {"endpoint_url": cloud.url},
        "artifact_registry": {"key_file": str(path)},
        "acr": {"endpoint_url": entra.url, "client_secret": entra.secret, "tenant_id": TENANT, "client_id": CLIENT},
    }

    def tasks(**more: Any) -> list[dict[str, Any]]:
        own = {"namespaces": [namespace], "service_accounts": [], **more}
        return [
            role(
                name,
                {
                    **example(name, 1)["roles"][0]["vars"],
                    **common,
                    **{f"{name}_{option}": value for option, value in {**fields, **own}.items()},
                },
            )
            for name, fields in changed.items()
        ]

    def run(stages: Sequence[Mapping[str, Any]], *arguments: str) -> list[tuple[str, int]]:
        """Of each role in each stage what it did, and how many tokens it minted."""
        given = [each for stage in stages for each in tasks(**stage)]
        results = playbook.run(given, *arguments, environment=of_aws(cloud, **environment)).results
        assert [result["msg"]["failure"] for result in results if "failure" in result["msg"]] == []
        told = [result["msg"]["results"][0] for result in results]
        return [(each["operation"], len(each["minted"])) for each in told]

    def asked() -> list[int]:
        return [len(each.asked) for each in (cloud, google_cloud, entra)]

    assert run([{}], "--check") == [("created", 1)] * 3
    assert asked() == [0, 0, 0]
    assert run([{}, {}]) == [("created", 1)] * 3 + [("unchanged", 0)] * 3
    assert asked() == [2, 1, 2]
    stored = {
        "ecr": (ECR_SERVER, cloud.tokens),
        "artifact-registry": (GOOGLE_SERVER, google_cloud.tokens),
        "acr": (ACR_SERVER, entra.tokens),
    }
    for name, (server, tokens) in stored.items():
        assert [cluster.read_auths(namespace, name)[server]["password"]] == tokens

    further = run([{"force_mint": True}, {"min_validity": 20 * 60}, {"min_validity": 2 * 3600}, {"state": "absent"}])
    lasting = [("unchanged", 0), ("updated", 1), ("unchanged", 0)]
    assert further == [*[("updated", 1)] * 3, *[("unchanged", 0)] * 3, *lasting, *[("deleted", 0)] * 3]
    assert asked() == [4, 3, 4]


PACKAGES = {"boto3": "boto3", "google": "google-auth[requests]", "azure": "azure-identity"}


def test_a_package_that_is_missing(cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path) -> None:
    folder = tmp_path / "without"
    folder.mkdir()
    for name in PACKAGES:
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module named {name}')\n")
    registries = [
        {"preset": "ecr_public"},
        artifact_registry(),
        {"preset": "acr", "preset_options": {"name": "acmeregistry"}},
    ]
    tasks = [mint(cluster, namespace, registry) for registry in registries]

    results = playbook.run(tasks, environment={"PYTHONPATH": str(folder)}).results
    foreseen = playbook.run(tasks, "--check", environment={"PYTHONPATH": str(folder)}).results

    for result, registry, package in zip(results, registries, PACKAGES.values(), strict=True):
        assert result["msg"] == (
            f"registries[0] (preset {registry['preset']}) got no token. The Python package {package} is missing on the "
            f"machine that runs this task. Install it there: pip install {package}. Or give password."
        )
    assert [result["operation"] for result in foreseen] == ["created"] * 3


LOGS_ALL = """
import logging, os
logging.basicConfig(level=logging.DEBUG, filename=os.environ["KEYRING_TEST_LOG"])
for name in ("boto3", "botocore", "azure", "msal", "google", "urllib3"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""


def test_nothing_secret_leaves_while_tokens_are_minted(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    cloud: Aws,
    google_cloud: Google,
    azure_cloud: tuple[Azure, dict[str, str]],
    tmp_path: Path,
) -> None:
    """Every library logs at the level of debugging, as somebody may have it who looks for a fault."""
    entra, environment = azure_cloud
    given, watched = tmp_path / "given", tmp_path / "watched"
    for folder in (given, watched):
        folder.mkdir()
    (given / "sitecustomize.py").write_text(LOGS_ALL)
    (given / "google.json").write_text(json.dumps(google_cloud.key_file()))
    path = str(given / "google.json")
    as_another = artifact_registry(key_file=path, impersonate=PULL, endpoint_url=google_cloud.url)
    registries = [ecr(cloud, role_arn=ROLE), as_another, principal(entra)]
    misplaced = acr(entra, tenant_id=TENANT, client_id=CLIENT, client_secret=entra.secret, nmae="x")
    wrong = {**principal(entra), "password": entra.secret}
    tasks = [
        mint(cluster, namespace, *registries),
        mint(cluster, namespace, *registries),
        mint(cluster, namespace, *registries, force_mint=True, labels={"x": "y"}),
        *(mint(cluster, namespace, registry) for registry in (misplaced, wrong)),
    ]
    more = {
        **environment,
        "PYTHONPATH": str(given),
        "KEYRING_TEST_LOG": str(watched / "libraries.log"),
        "ANSIBLE_LOG_PATH": str(watched / "ansible.log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }

    run = playbook.run(tasks, "-vvvvv", "--diff", environment=of_aws(cloud, **more))
    cloud.refusal, google_cloud.refuses, entra.error = "ExpiredTokenException", True, "7000215"
    refused = playbook.run(
        [mint(cluster, namespace, registry, force_mint=True) for registry in registries],
        *("-vvvvv", "--diff"),
        environment=of_aws(cloud, **more),
    )

    results = [*run.results, *refused.results]
    messages = [result.get("msg") for result in results]
    expected = ["created", "unchanged", "updated", *["failed"] * 5]
    assert [result["operation"] for result in results] == expected, messages
    secrets = [*cloud.tokens, *google_cloud.tokens, *entra.tokens, entra.secret, entra.entra]
    secrets += ["aws-s3cret-of-somebody", *(token.split(".")[1] for token in entra.tokens)]
    known = [Canary(f"secret {number}", text, (text,)) for number, text in enumerate(secrets)]
    known.append(key_canary("key of Google", google_cloud.key_file()["private_key"]))
    metadata = cluster.read_secret(namespace, "registry")["metadata"]
    places = {
        **read_below(watched),
        **read_below(tmp_path / "home"),
        **read_below(tmp_path / "tmp"),
        "output": f"{run.output}{refused.output}".encode(),
        "results": json.dumps([run.results, refused.results]).encode(),
        "metadata": json.dumps(metadata).encode(),
    }
    assert b"DEBUG" in places["libraries.log"]
    assert find_leaks(places, known) == []
