# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of the page on consumers: for each format, whose code has read its Secrets, and in which version.

A new format needs a row. Run as a program, as ``make docs`` does, it writes the table. The tests in ``tests/oracles/``
read the formats of the first rows; what is in the second was read once, and by hand.
"""

from __future__ import annotations

from typing import NamedTuple

from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "consumers.rst"
_BEGIN, _END = ".. The table: make docs\n", ".. The end of the table\n"


class Reading(NamedTuple):
    """Whose code reads the Secrets of some formats.

    ``reader`` is the code. ``oracle`` is the file in ``tests/oracles/``, without ``test_``; ``pin`` is the module or
    package from which the program is built. ``note`` is what the code does not read, or why there is none.
    """

    formats: tuple[str, ...]
    reader: str
    version: str
    oracle: str = ""
    pin: str = ""
    note: str = ""


# Read by the tests: make oracles.
TESTED = (
    Reading(
        ("airflow_connection",),
        "Airflow 3, the hook of ``apache-airflow-providers-git``",
        "1.0.1",
        "airflow",
        "apache-airflow-providers-git",
    ),
    Reading(
        ("argocd_repository", "argocd_repository_write", "argocd_repo_creds", "argocd_repo_creds_write"),
        "Argo CD, ``util/db``",
        "v3.5.0",
        "argocd",
        "github.com/argoproj/argo-cd/v3",
    ),
    Reading(
        ("flux", "flux_proxy"),
        "Flux, ``git``, ``auth/githubapp`` and ``runtime/secrets`` of ``fluxcd/pkg``",
        "v0.52.0",
        "flux",
        "github.com/fluxcd/pkg/git",
    ),
    Reading(
        ("fleet",),
        "Fleet, ``pkg/git``",
        "v0.12.0",
        "fleet",
        "github.com/rancher/fleet",
        "GitHub Apps came with 0.13.",
    ),
)

# The same for the Secrets of image_pull_secret; the tests in tests/integration/kubelet/ are a second reader.
_CONTAINERREGISTRY = "github.com/google/go-containerregistry"
PULL_SECRETS = (
    Reading(
        ("pull_secret",),
        "go-containerregistry, ``authn/kubernetes``, the library of Flux, kpack, Kyverno and Tekton Chains",
        "v0.0.0-20260224031529-85f2bf5f7303",
        "registries",
        f"{_CONTAINERREGISTRY}/pkg/authn/kubernetes",
    ),
    Reading(
        ("config_json",),
        "go-containerregistry, ``authn``, the library of kaniko, crane and ko",
        "v0.22.1",
        "registries",
        _CONTAINERREGISTRY,
    ),
    Reading(
        ("config_json",),
        "docker/cli, ``cli/config``, the library of Docker and BuildKit",
        "v29.9.3+incompatible",
        "registries",
        "github.com/docker/cli",
    ),
    Reading(
        ("config_json",),
        "podman.io/image, ``pkg/docker/config``, the library of Podman and Buildah",
        "v5.42.1",
        "registries",
        "go.podman.io/image/v5",
    ),
    Reading(
        ("argocd_oci",),
        "Argo CD, ``util/db``",
        "v3.5.0",
        "argocd",
        "github.com/argoproj/argo-cd/v3",
    ),
    Reading(("kargo_image",), "Kargo, ``pkg/credentials``", "v1.11.0-rc.1-132-g1c764767a"),
)

# Read once, by hand: the modules of these programs could not be installed.
READ_ONCE = (
    Reading(
        ("actions_runner_controller",),
        "Actions Runner Controller, ``v1alpha1/appconfig``",
        "gha-runner-scale-set-0.14.2-11-g2ee6b3b8",
    ),
    Reading(("git_sync_env",), "git-sync itself", "v4.7.1-9-ge2be7fa", note="Not: GitHub Apps."),
    Reading(
        ("kargo",),
        "Kargo, ``pkg/credentials``",
        "v1.11.0-rc.1-132-g1c764767a",
        note="Not: keys of AWS and Google, and whether GitHub takes the App.",
    ),
    Reading(("kpack",), "kpack, ``pkg/git``", "v0.17.2"),
    Reading(("tekton",), "Tekton, ``pkg/credentials``, then git with its files", "v1.15.0-49-g3ee1745ae"),
    Reading(("vendir",), "vendir, ``pkg/vendir/fetch/git``", "v0.40.0-13-g58ff583"),
)

# Read by no code of the consumer. The tests clone with git and ssh and the keys that its documentation names.
GIT = "git and ssh"
_NO_MODULE = "The code of the consumer is in no module or package that the tests can install."
_NO_CODE = "A Helm chart mounts the Secret; there is no code that reads it."
_INTERNAL = "The code of the consumer is in a package that other programs cannot import."
NOT_READ = (
    Reading(("airflow", "airflow_community"), GIT, "", note=_NO_CODE),
    Reading(
        (
            "argocd_image_updater",
            "config_sync",
            "devworkspace_git",
            "devworkspace_ssh",
            "git_sync",
            "openshift_build",
            "pipelines_as_code",
        ),
        GIT,
        "",
        note=_NO_MODULE,
    ),
    Reading(("custom",), GIT, "", note="The task itself names the keys."),
    Reading(("git_credentials",), GIT, "", note="Git itself is the consumer."),
    Reading(("jenkins",), GIT, "", note="Its plugin is written in Java, which the tests do not run."),
    Reading(("primehub",), GIT, "", note="Its code is not public."),
    Reading(("tekton_workspace",), GIT, "", note="A task of Tekton mounts the Secret; no other code reads it."),
)

# Not for a clone: the tests compare the Secret with the documentation.
NOTHING = "no program"
COMPARED = (
    Reading(("argocd_scm_creds", "tekton_resolver"), NOTHING, "", note="Another object names the key of the token."),
    Reading(("fleet_helm", "flux_receiver", "flux_signing"), NOTHING, "", note=_INTERNAL),
)


def render_page(page: str) -> str:
    """Return the page with the table as it is here."""
    before, _begin, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    rows = [_HEADING, *map(_row, (*TESTED, *READ_ONCE, *NOT_READ, *COMPARED, *PULL_SECRETS))]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for format_names, reader, when in rows:
        lines += [f"   * - {format_names}", f"     - {reader}", f"     - {when}"]
    return f"{before}{_BEGIN}\n" + "\n".join(lines) + f"\n\n{_END}{after}"


_HEADING = ("Format", "Read by", "When")


def _row(reading: Reading) -> tuple[str, str, str]:
    names = ", ".join(f"``{name}``" for name in reading.formats)
    reader = f"{reading.reader}, version {reading.version}" if reading.version else reading.reader
    if reading.oracle:
        return names, reader, f"``make oracles``. {reading.note}".rstrip()
    if reading in (*READ_ONCE, *PULL_SECRETS):
        return names, reader, f"Once, by hand, in November 2026. {reading.note}".rstrip()
    if reading.reader == GIT:
        return names, reader, f"``make integration``. {reading.note}"
    return names, reader, reading.note


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
