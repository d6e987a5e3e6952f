# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents tell a reader to do, done in their order in one cluster.

What the guides say is printed is compared, and no document may damage what an earlier one has made: see SharedCluster.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.canary import find_leaks
from support.cluster import Cluster
from support.control_plane import ControlPlane
from support.documents import PAGES, read_documents
from support.guides import Command, Reader, read_guide
from support.kubectl import find_kubectl
from support.paths import cache_directory
from support.playbook import Playbook
from support.portals.guide_world import portals
from support.servers.clouds import Aws, aws
from support.typed_examples import NOT_TYPED, ROLE_VARIABLES, VARIABLES, SharedCluster, plays_of, type_plays

# The example of the role leaves its control plane running, for the steps of Molecule.
STOP = {
    "hosts": "localhost",
    "gather_facts": False,
    "roles": [{"role": "keyring.kubernetes.control_plane", "vars": {"control_plane_state": "stopped"}}],
}
GUIDES = sorted(PAGES.glob("guide_*.rst"))
DOCUMENTS = read_documents()


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedCluster]:
    with ControlPlane(controller_manager=True) as control_plane:
        yield SharedCluster(Cluster(control_plane.kubeconfig))


@pytest.fixture(scope="module")
def cloud() -> Iterator[Aws]:
    with aws() as cloud:
        yield cloud


def type_document(name: str, shared: SharedCluster, cloud: Aws, directory: Path) -> None:
    plays = plays_of(DOCUMENTS[name])
    if not plays:
        (reason,) = {reason for example, reason in NOT_TYPED.items() if example in str(DOCUMENTS[name])}
        pytest.skip(reason)
    variables = ROLE_VARIABLES if name.startswith("roles/") else VARIABLES
    if any(word in name for word in ("sap_ai_core", "cdnetworks_ecp")):
        type_portal_document(plays, variables, shared, directory)
        return
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "aws-s3cret-of-somebody",
        "AWS_ENDPOINT_URL": cloud.url,
        # Without it the role control_plane would build its programs again, for ten minutes.
        "XDG_CACHE_HOME": str(cache_directory().parent),
    }
    try:
        with shared.typing():
            type_plays(plays, variables, shared.cluster, directory, **environment)
    finally:
        if name == "roles/control_plane":
            type_plays([STOP], {}, shared.cluster, directory, **environment)


def type_portal_document(
    plays: Sequence[Mapping[str, Any]], variables: Mapping[str, Any], shared: SharedCluster, directory: Path
) -> None:
    """Type a document about the API of a portal, which is as new for each of them."""
    certificates = directory / "portals"
    certificates.mkdir()
    with portals(certificates) as served:
        served.write_files(directory)
        type_plays(plays, {**variables, **served.variables()}, shared.cluster, directory, **served.environment)


@pytest.mark.slow
def test_the_readme(shared: SharedCluster, cloud: Aws, tmp_path: Path) -> None:
    shared.prepare()
    type_document("README.md", shared, cloud, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("guide", [pytest.param(path, id=path.stem) for path in GUIDES])
def test_a_guide_does_what_it_says(guide: Path, shared: SharedCluster, tmp_path: Path) -> None:
    steps = read_guide(guide)
    if not any(isinstance(step, Command) for step in steps):
        pytest.skip("it has no commands that are run")
    path = [Path(sys.executable).parent, "/usr/bin", "/bin"]
    if "kubectl " in guide.read_text():
        path.insert(0, find_kubectl().parent)
    environment = Playbook(tmp_path).environment(
        PATH=":".join(map(str, path)),
        ANSIBLE_HOME=str(tmp_path / "home" / ".ansible"),
        XDG_CACHE_HOME=str(cache_directory().parent),
    )
    kubeconfig = tmp_path / "home" / ".kube" / "config"
    kubeconfig.parent.mkdir()
    kubeconfig.write_text(shared.cluster.kubeconfig.read_text())
    (tmp_path / "work").mkdir()
    reader = Reader(tmp_path / "work", environment)
    with shared.typing():
        reader.follow(steps)
    assert find_leaks({"what was printed": reader.printed.encode()}, reader.canaries) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.startswith(("plugins/", "roles/"))])
def test_modules_and_roles(name: str, shared: SharedCluster, cloud: Aws, tmp_path: Path) -> None:
    shared.prepare("argocd", "hub")
    type_document(name, shared, cloud, tmp_path)
