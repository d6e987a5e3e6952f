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
        ("argocd_repository", "argocd_repo_creds"),
        "Argo CD, ``util/db``",
        "v3.5.0",
        "argocd",
        "github.com/argoproj/argo-cd/v3",
    ),
    Reading(
        ("flux",),
        "Flux, ``git`` and ``auth/githubapp`` of ``fluxcd/pkg``",
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
PULL_SECRETS = (
    Reading(
        ("pull_secret",),
        "go-containerregistry, ``authn/kubernetes``, the library of Flux, kpack, Kyverno and Tekton Chains",
        "v0.0.0-20260224031529-85f2bf5f7303",
        "registries",
        "github.com/google/go-containerregistry/pkg/authn/kubernetes",
    ),
)

# Read once, by hand: their code is in no module or package that the tests can install.
READ_ONCE = (
    Reading(
        ("tekton",),
        "Tekton, ``pkg/credentials``, and git with the files that it wrote",
        "v1.15.0-49-g3ee1745ae",
    ),
)

# Read by no code of the consumer. The tests clone with git and ssh and the keys that its documentation names.
_GIT = "git and ssh"
_NO_MODULE = "The code of the consumer is in no module or package that the tests can install."
_NO_CODE = "A Helm chart mounts the Secret; there is no code that reads it."
NOT_READ = (
    Reading(("airflow", "airflow_community"), _GIT, "", note=_NO_CODE),
    Reading(("config_sync", "git_sync", "kargo", "kpack", "openshift_build", "vendir"), _GIT, "", note=_NO_MODULE),
    Reading(("custom",), _GIT, "", note="The task itself names the keys."),
    Reading(("jenkins",), _GIT, "", note="Its plugin is in no registry of packages."),
    Reading(("primehub",), _GIT, "", note="Its code is not public."),
)


def render_page(page: str) -> str:
    """Return the page with the table as it is here."""
    before, _begin, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    rows = [_HEADING, *map(_row, (*TESTED, *READ_ONCE, *NOT_READ, *PULL_SECRETS))]
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
    if reading in READ_ONCE:
        return names, reader, f"Once, by hand, in November 2026. {reading.note}".rstrip()
    return names, reader, f"``make integration``. {reading.note}"


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
