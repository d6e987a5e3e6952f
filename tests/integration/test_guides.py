# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides tell a reader to do, done on a cluster of its own; and what they say is printed, compared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from canary import find_leaks
from guides import Command, Reader, read_guide
from playbook import Playbook

from checkout import ROOT, cache_directory
from control_plane import ControlPlane
from kubectl import find_kubectl

GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst"))


@pytest.mark.slow
@pytest.mark.parametrize("guide", [pytest.param(path, id=path.stem) for path in GUIDES])
def test_a_guide_does_what_it_says(guide: Path, tmp_path: Path) -> None:
    steps = read_guide(guide)
    if not any(isinstance(step, Command) for step in steps):
        pytest.skip("it has no commands that are run")
    with ControlPlane(controller_manager=True) as control_plane:
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
        kubeconfig.write_text(control_plane.kubeconfig.read_text())
        (tmp_path / "work").mkdir()
        reader = Reader(tmp_path / "work", environment)
        reader.follow(steps)
    assert find_leaks({"what was printed": reader.printed.encode()}, reader.canaries) == []
