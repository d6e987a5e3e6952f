# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a Secret that exist only where they were installed, and the programs that find Secrets by a label.

Each row has the fields of all its versions, because a field that a version does not have is never set. A kind without
a row has no fields of its own for such Secrets (Tekton, kpack: ServiceAccounts), creates objects that are counted by
themselves (a Revision of Knative has a Deployment, a BuildRun and a TaskRun have Pods), cannot be listed (an
ImageStreamImport of OpenShift), or copies what another row has (the package revisions of Crossplane).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .._dataclasses import dataclass
from .users import (
    BUILT_IN_KINDS,
    OTHER_TYPES,
    POD_TEMPLATE,
    REGISTRY_TYPES,
    Effect,
    How,
    KubernetesObject,
    Named,
    Use,
    UserKind,
    get_field,
    get_items,
    makes_pods,
    names_in_pod,
)


def read_field(found: object, path: str) -> Iterator[str]:
    """Yield the names under a path such as ``spec.secretRef.name``. ``[]`` stands for each item of a list.

    A value of another type yields nothing: the schema of a custom resource may be any.
    """
    values = [found]
    for step in path.split("."):
        inner: list[object] = []
        for value in values:
            item = value.get(step.removesuffix("[]")) if isinstance(value, Mapping) else None
            if not step.endswith("[]"):
                inner.append(item)
            elif isinstance(item, (list, tuple)):
                inner.extend(item)
        values = inner
    for value in values:
        if isinstance(value, str) and value:
            yield value


def _by_fields(*paths: str) -> Callable[[KubernetesObject], Iterator[Named]]:
    def names(found: KubernetesObject) -> Iterator[Named]:
        for path in paths:
            for name in read_field(found, path):
                yield "reference", name, "next_use"

    return names


def _has_controller(found: KubernetesObject) -> bool:
    """Return whether an object belongs to one that is counted by itself."""
    return any(owner.get("controller") for owner in found["metadata"].get("ownerReferences") or ())


def _of_git_repo(repo: KubernetesObject) -> Iterator[Named]:
    """Yield the Secrets of a GitRepo of Fleet, which clones with one of a fixed name where it references none."""
    paths = (
        "helmSecretName",
        "helmSecretNameForPaths",
        "ociRegistrySecret",
        "ociRegistry.authSecretName",
        "webhookSecret",
    )
    yield "reference", get_field(repo, "spec").get("clientSecretName") or "gitcredential", "next_use"
    yield from _by_fields(*(f"spec.{path}" for path in paths))(repo)


def _of_image(image: KubernetesObject) -> Iterator[Named]:
    """Yield what Pods of an Image pull with, and what the Pod that builds it mounts."""
    spec = get_field(image, "spec")
    if spec.get("pullSecret"):
        yield "image_pull_secrets", spec["pullSecret"], "next_pull"
    build = get_field(spec, "imageSpec")
    if build.get("pullSecret"):
        yield "volume", build["pullSecret"], "restart"


def _of_dataset(dataset: KubernetesObject) -> Iterator[Named]:
    """Yield what the DaemonSet of a Git Dataset mounts."""
    gitsync = get_field(dataset, "spec", "gitsync")
    if gitsync.get("secret"):
        yield "volume", gitsync["secret"], "volume_refresh"


def _of_deployment(deployment: KubernetesObject) -> Iterator[Named]:
    for predictor in get_items(get_field(deployment, "spec"), "predictors"):
        if predictor.get("imagePullSecret"):
            yield "image_pull_secrets", predictor["imagePullSecret"], "next_pull"


def _consumer(
    kind: str,
    group: str,
    versions: tuple[str, ...],
    resource: str,
    names: Callable[[KubernetesObject], Iterator[Named]],
    holds: frozenset[str] | None = None,
    home: tuple[str, ...] = (),
) -> UserKind:
    return UserKind(kind, group, versions, resource, names, is_custom=True, holds=holds, home=home)


# InfuseAI/primehub crds/, chart/hooks/gitsync; InfuseAI/primehub-controller api/v1alpha1, controllers, ee/controllers.
_PRIMEHUB, _PRIMEHUB_VERSIONS = "primehub.io", ("v1alpha1",)
PRIMEHUB_KINDS = (
    _consumer("Image", _PRIMEHUB, _PRIMEHUB_VERSIONS, "images", _of_image, REGISTRY_TYPES),
    _consumer("Dataset", _PRIMEHUB, _PRIMEHUB_VERSIONS, "datasets", _of_dataset, OTHER_TYPES),
    _consumer("PhDeployment", _PRIMEHUB, _PRIMEHUB_VERSIONS, "phdeployments", _of_deployment, REGISTRY_TYPES),
)

# fluxcd source-controller, image-reflector-controller, image-automation-controller and notification-controller:
# config/crd/bases.
_FLUX_VERSIONS = ("v1", "v1beta2", "v1beta1")
_FLUX_SOURCE, _FLUX_IMAGE = "source.toolkit.fluxcd.io", "image.toolkit.fluxcd.io"
_PROXY, _CERTIFICATE, _VERIFY = "spec.proxySecretRef.name", "spec.certSecretRef.name", "spec.verify.secretRef.name"
FLUX_KINDS = (
    _consumer(
        "GitRepository",
        _FLUX_SOURCE,
        _FLUX_VERSIONS,
        "gitrepositories",
        _by_fields("spec.secretRef.name", _PROXY, _VERIFY),
        OTHER_TYPES,
    ),
    _consumer(
        "HelmRepository",
        _FLUX_SOURCE,
        _FLUX_VERSIONS,
        "helmrepositories",
        _by_fields("spec.secretRef.name", _CERTIFICATE),
    ),
    _consumer(
        "OCIRepository",
        _FLUX_SOURCE,
        _FLUX_VERSIONS,
        "ocirepositories",
        _by_fields("spec.secretRef.name", _CERTIFICATE, _PROXY, _VERIFY, "spec.verify.trustedRootSecretRef.name"),
    ),
    _consumer(
        "Bucket",
        _FLUX_SOURCE,
        _FLUX_VERSIONS,
        "buckets",
        _by_fields(
            "spec.secretRef.name", _CERTIFICATE, _PROXY, "spec.sts.secretRef.name", "spec.sts.certSecretRef.name"
        ),
        OTHER_TYPES,
    ),
    _consumer(
        "ImageRepository",
        _FLUX_IMAGE,
        _FLUX_VERSIONS,
        "imagerepositories",
        _by_fields("spec.secretRef.name", _CERTIFICATE, _PROXY),
    ),
    _consumer(
        "ImageUpdateAutomation",
        _FLUX_IMAGE,
        _FLUX_VERSIONS,
        "imageupdateautomations",
        _by_fields("spec.git.commit.signingKey.secretRef.name"),
        OTHER_TYPES,
    ),
    _consumer(
        "Provider",
        "notification.toolkit.fluxcd.io",
        ("v1beta3", "v1beta2", "v1beta1"),
        "providers",
        _by_fields("spec.secretRef.name", _CERTIFICATE, _PROXY),
        OTHER_TYPES,
    ),
    _consumer(
        "Receiver",
        "notification.toolkit.fluxcd.io",
        _FLUX_VERSIONS,
        "receivers",
        _by_fields("spec.secretRef.name"),
        OTHER_TYPES,
    ),
)

# rancher/fleet charts/fleet-crd, internal/cmd/controller/gitops/reconciler/gitjob.go.
_FLEET, _FLEET_VERSIONS = "fleet.cattle.io", ("v1alpha1",)
FLEET_KINDS = (
    _consumer("GitRepo", _FLEET, _FLEET_VERSIONS, "gitrepos", _of_git_repo, OTHER_TYPES),
    _consumer("HelmOp", _FLEET, _FLEET_VERSIONS, "helmops", _by_fields("spec.helmSecretName"), OTHER_TYPES),
    _consumer("ImageScan", _FLEET, _FLEET_VERSIONS, "imagescans", _by_fields("spec.secretRef.name")),
)

# GoogleContainerTools/kpt-config-sync manifests/. The field oci has no secretRef.
_CONFIG_SYNC, _CONFIG_SYNC_VERSIONS = "configsync.gke.io", ("v1beta1", "v1alpha1")
_CONFIG_SYNC_FIELDS = _by_fields(
    "spec.git.secretRef.name",
    "spec.git.caCertSecretRef.name",
    "spec.oci.caCertSecretRef.name",
    "spec.helm.secretRef.name",
    "spec.helm.caCertSecretRef.name",
)
CONFIG_SYNC_KINDS = (
    _consumer("RootSync", _CONFIG_SYNC, _CONFIG_SYNC_VERSIONS, "rootsyncs", _CONFIG_SYNC_FIELDS, OTHER_TYPES),
    _consumer("RepoSync", _CONFIG_SYNC, _CONFIG_SYNC_VERSIONS, "reposyncs", _CONFIG_SYNC_FIELDS, OTHER_TYPES),
)

# shipwright-io/build deploy/crds, openshift/api build/v1, tektoncd/pipelines-as-code config/300-repositories.yaml.
_STRATEGIES = tuple(f"spec.strategy.{name}Strategy" for name in ("docker", "source", "custom"))
_TRIGGERS = tuple(
    f"spec.triggers[].{name}.secretReference.name" for name in ("github", "gitlab", "bitbucket", "generic")
)
BUILD_KINDS = (
    _consumer(
        "Build",
        "shipwright.io",
        ("v1beta1", "v1alpha1"),
        "builds",
        _by_fields(
            "spec.source.git.cloneSecret",
            "spec.source.ociArtifact.pullSecret",
            "spec.output.pushSecret",
            "spec.trigger.triggerSecret",
            "spec.source.credentials.name",
            "spec.builder.credentials.name",
            "spec.output.credentials.name",
            "spec.trigger.secretRef.name",
        ),
    ),
    _consumer(
        "BuildConfig",
        "build.openshift.io",
        ("v1",),
        "buildconfigs",
        _by_fields(
            "spec.source.sourceSecret.name",
            "spec.source.secrets[].secret.name",
            "spec.source.images[].pullSecret.name",
            "spec.output.pushSecret.name",
            *(f"{strategy}.pullSecret.name" for strategy in _STRATEGIES),
            *(f"{strategy}.env[].valueFrom.secretKeyRef.name" for strategy in _STRATEGIES),
            "spec.strategy.customStrategy.secrets[].secretSource.name",
            *_TRIGGERS,
        ),
    ),
    _consumer(
        "Repository",
        "pipelinesascode.tekton.dev",
        ("v1alpha1",),
        "repositories",
        _by_fields(
            "spec.git_provider.secret.name",
            "spec.git_provider.webhook_secret.name",
            "spec.incoming[].secret.name",
            "spec.params[].secret_ref.name",
        ),
        OTHER_TYPES,
    ),
)

# crossplane/crossplane cluster/crds, apis/pkg. These objects have no namespace. Their Secrets are in the namespace in
# which Crossplane runs, which no object names: by default the first one, in Upbound's distribution the second one.
_CROSSPLANE, _CROSSPLANE_HOME = "pkg.crossplane.io", ("crossplane-system", "upbound-system")
_PACKAGE = _by_fields("spec.packagePullSecrets[].name")
CROSSPLANE_KINDS = (
    _consumer(
        "ImageConfig",
        _CROSSPLANE,
        ("v1beta1",),
        "imageconfigs",
        _by_fields("spec.registry.authentication.pullSecretRef.name"),
        REGISTRY_TYPES,
        _CROSSPLANE_HOME,
    ),
    _consumer("Configuration", _CROSSPLANE, ("v1",), "configurations", _PACKAGE, REGISTRY_TYPES, _CROSSPLANE_HOME),
    _consumer("Function", _CROSSPLANE, ("v1", "v1beta1"), "functions", _PACKAGE, REGISTRY_TYPES, _CROSSPLANE_HOME),
    _consumer("Provider", _CROSSPLANE, ("v1",), "providers", _PACKAGE, REGISTRY_TYPES, _CROSSPLANE_HOME),
)

# argoproj/argo-rollouts manifests/crds, openshift/api apps/v1, knative/serving config/core/300-resources. Knative makes
# a Deployment of each Revision, so its own objects have no ``template``: their images are those of the Deployments.
_KNATIVE = "serving.knative.dev"
WORKLOAD_KINDS = (
    makes_pods("Rollout", "argoproj.io", ("v1alpha1",), "rollouts", POD_TEMPLATE, is_custom=True),
    makes_pods("DeploymentConfig", "apps.openshift.io", ("v1",), "deploymentconfigs", POD_TEMPLATE, is_custom=True),
    UserKind("Service", _KNATIVE, ("v1",), "services", names_in_pod(*POD_TEMPLATE), is_custom=True),
    UserKind(
        "Configuration",
        _KNATIVE,
        ("v1",),
        "configurations",
        names_in_pod(*POD_TEMPLATE),
        is_finished=_has_controller,
        is_custom=True,
    ),
)

CUSTOM_KINDS = (
    *PRIMEHUB_KINDS,
    *FLUX_KINDS,
    *FLEET_KINDS,
    *CONFIG_SYNC_KINDS,
    *BUILD_KINDS,
    *CROSSPLANE_KINDS,
    *WORKLOAD_KINDS,
)
USER_KINDS = (*BUILT_IN_KINDS, *CUSTOM_KINDS)
# The kinds that can use a pull secret, and among them those that are or create Pods.
IMAGE_KINDS = tuple(kind for kind in USER_KINDS if any(kind.can_hold(type_) for type_ in REGISTRY_TYPES))
PULLER_KINDS = tuple(kind for kind in USER_KINDS if kind.template)


@dataclass(frozen=True)
class LabelRow:
    """A program that uses every Secret with a label. An empty ``value`` stands for any value."""

    program: str
    label: str
    value: str = ""


# argoproj/argo-cd common/common.go, akuity/kargo api/v1alpha1/labels.go, jenkinsci/kubernetes-credentials-provider,
# devfile/devworkspace-operator pkg/constants/metadata.go.
LABEL_ROWS = (
    LabelRow("Argo CD", "argocd.argoproj.io/secret-type"),
    LabelRow("Kargo", "kargo.akuity.io/cred-type"),
    LabelRow("Jenkins", "jenkins.io/credentials-type"),
    LabelRow("DevWorkspace", "controller.devfile.io/git-credential", "true"),
    LabelRow("DevWorkspace", "controller.devfile.io/devworkspace_pullsecret", "true"),
    LabelRow("DevWorkspace", "controller.devfile.io/mount-to-devworkspace", "true"),
)

_LABEL_HOW: How = "label"
_LABEL_EFFECT: Effect = "next_use"


def find_label_uses(secret: KubernetesObject) -> Iterator[Use]:
    """Yield the programs that find a Secret by its labels. They are shown, and do not block a deletion."""
    metadata = secret["metadata"]
    labels = metadata.get("labels") or {}
    for row in LABEL_ROWS:
        value = labels.get(row.label)
        if value and row.value in ("", value):
            yield Use(
                metadata["namespace"],
                row.program,
                row.label,
                _LABEL_HOW,
                metadata["name"],
                _LABEL_EFFECT,
                blocking=False,
            )
