# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CustomResourceDefinitions of the consumers: their own where a Go module has them, else derived from the samples.

The modules are downloaded once, and checked with the digests below. Only the definitions are kept.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from kubernetes import client

from support import primehub
from support.cluster import Cluster
from support.consumers.samples import SAMPLES, Sample
from support.consumers.served import await_removed, await_served, list_served
from support.control_plane import go
from support.paths import cache_directory


class Module(NamedTuple):
    """A Go module with definitions: its version and digest, and the files."""

    path: str
    version: str
    digest: str
    files: tuple[str, ...]


_FLUX = "config/crd/bases/source.toolkit.fluxcd.io_{}.yaml"
_CROSSPLANE = "cluster/crds/pkg.crossplane.io_{}.yaml"
MODULES = (
    Module(
        "github.com/fluxcd/source-controller",
        "v1.9.0",
        "h1:5msg2yyjVYDULZos+2ve8MZzcSqTpusiXmrOeBhc9yY=",
        tuple(_FLUX.format(name) for name in ("buckets", "gitrepositories", "helmrepositories", "ocirepositories")),
    ),
    Module(
        "github.com/rancher/fleet",
        "v0.12.0",
        "h1:NR5FHZjzg37/DtqN8lvrGbQY8Z/Jst/RF4SuqDrQi9o=",
        ("charts/fleet-crd/templates/crds.yaml",),
    ),
    Module(
        "github.com/crossplane/crossplane/v2",
        "v2.3.0",
        "h1:QszqQ4J+Tb743NbozuXm5N1Zsy4Yc/5u1unkev6s6DQ=",
        tuple(_CROSSPLANE.format(name) for name in ("configurations", "functions", "imageconfigs", "providers")),
    ),
    Module(
        "github.com/argoproj/argo-rollouts",
        "v1.9.0",
        "h1:bXgBpwCByXyAUcgBnyP0fxkSW2CEot78InTFjFlag5g=",
        ("manifests/crds/rollout-crd.yaml",),
    ),
    Module(
        "knative.dev/serving",
        "v0.51.0",
        "h1:yN2Q7eYqJgoPfZkATjoBZyGbZ2P1Qhns9HIMU4mF+to=",
        tuple(f"config/core/300-resources/{name}.yaml" for name in ("configuration", "service")),
    ),
)


@cache
def find_definitions() -> Mapping[tuple[str, str], dict[str, Any]]:
    """Return the consumers' own definitions by group and kind. Download the modules when there are none (once)."""
    pins = hashlib.sha256(repr(MODULES).encode()).hexdigest()[:16]
    target = cache_directory() / "consumer-crds" / pins
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as work:
            _download(Path(work))
            try:
                Path(work, "definitions").replace(target)
            except OSError:
                if not target.is_dir():  # otherwise another worker was faster
                    raise
    found = {}
    for file in sorted(target.iterdir()):
        for document in yaml.safe_load_all(file.read_text()):
            if document and document["kind"] == "CustomResourceDefinition":
                spec = document["spec"]
                found[spec["group"], spec["names"]["kind"]] = document
    return found


def _download(work: Path) -> None:
    command = go.find_go("the definitions of consumers", work)
    environment = go.settings_of_the_user(command)
    environment |= {"GOMODCACHE": str(work / "modules"), "GOFLAGS": "-modcacherw -mod=mod"}
    kept = work / "definitions"
    kept.mkdir()
    for module in MODULES:
        target = f"{module.path}@{module.version}"
        done = subprocess.run(
            [command, "mod", "download", "-json", target],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        told = json.loads(done.stdout)
        assert told.get("Sum") == module.digest, f"{target}: {told.get('Error') or 'another digest'}"
        for file in module.files:
            shutil.copy(Path(told["Dir"], file), kept / f"{module.path.replace('/', '-')}-{Path(file).name}")


def define(sample: Sample) -> dict[str, Any]:
    """Return the definition of a kind: its own if it is had, else one that knows the fields of the sample."""
    own = find_definitions().get(sample.key)
    if own is not None:
        spec = {name: value for name, value in own["spec"].items() if name != "conversion"}  # its webhook does not run
        return {"metadata": {"name": own["metadata"]["name"]}, "spec": spec}
    kind = sample.kind
    schema = {"type": "object", "properties": {"spec": _schema(sample.spec)}}
    return {
        "metadata": {"name": f"{kind.resource}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.resource,
                "singular": kind.kind.lower(),
            },
            "scope": "Cluster" if kind.home else "Namespaced",
            "versions": [
                {"name": sample.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
            ],
        },
    }


def _schema(value: Any) -> dict[str, Any]:
    """Return the schema of a value: the API server drops every field that is not in it."""
    if isinstance(value, Mapping):
        return {"type": "object", "properties": {name: _schema(item) for name, item in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": _schema(value[0])}
    return {"type": "integer" if isinstance(value, int) else "string"}


@contextmanager
def installed(cluster: Cluster, samples: Iterable[Sample] = SAMPLES) -> Iterator[None]:
    """Serve these kinds on the cluster, and no longer at the end, but for those that were served before.

    The definitions stay: the API server takes seconds to remove each, and no time to stop serving it. Those of PrimeHub
    are served from then on.
    """
    primehub.install(cluster)
    served = list_served(cluster)
    before = {(group, plural) for group, _version, plural in served}
    added = [sample for sample in samples if (sample.kind.group, sample.kind.resource) not in before]
    resources = {(sample.kind.group, sample.version, sample.kind.resource) for sample in added}
    try:
        for sample in added:
            _serve(cluster, define(sample), is_served=True)
        await_served(cluster, resources)
        yield
    finally:
        for sample in added:
            _serve(cluster, define(sample), is_served=False)
        await_removed(cluster, {(sample.kind.group, sample.kind.resource) for sample in added})


def _serve(cluster: Cluster, definition: dict[str, Any], *, is_served: bool) -> None:
    api: Any = client.ApiextensionsV1Api(cluster.api.api_client)
    versions = [{**version, "served": version["served"] and is_served} for version in definition["spec"]["versions"]]
    body = {**definition, "spec": {**definition["spec"], "versions": versions}}
    try:
        api.create_custom_resource_definition(body)
    except client.ApiException as error:
        if error.status != 409:
            raise
        api.patch_custom_resource_definition(definition["metadata"]["name"], {"spec": {"versions": versions}})


def create_object(cluster: Cluster, namespace: str, sample: Sample, secret: str, note: str = "") -> None:
    """Create the object of a sample. Every field of it must be one of the kind."""
    api_client = cluster.api.api_client
    path = sample.kind.path(sample.version, namespace)
    request = api_client.param_serialize(
        "POST",
        path,
        query_params=[("fieldValidation", "Strict")],
        header_params={"Content-Type": "application/json", "Accept": "application/json"},
        body=sample.render(secret, note=note),
        auth_settings=["BearerToken"],
    )
    answer = api_client.call_api(*request)
    assert answer.status < 300, (sample.key, answer.read())
