# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity`` on a copy of the checkout. Arguments are passed on to it.

ansible-test makes a virtual environment for each of its tests, and for the first step of that downloads a
script from a host that is no package registry. It looks for the script in its home first, so here it gets a
home of its own (in the user's cache, which also keeps the environments) with a script that asks this
Python's pip.
"""

from __future__ import annotations

import ast
import configparser
import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_test._internal.constants import SUPPORTED_PYTHON_VERSIONS
from ansible_test._internal.host_configs import VirtualPythonConfig
from ansible_test._internal.python_requirements import get_venv_packages

from checkout import cache_directory, copy_to
from environments import find_python

OLDEST_PYTHON = (3, 10)  # that of tests/config.yml

# The Python of the new environment runs this with the arguments
# --disable-pip-version-check pip==24.2 --no-setuptools --no-wheel
# (ansible_test/_util/target/setup/requirements.py, bootstrap). This pip does not know the last two.
BOOTSTRAP = """\
import subprocess
import sys

options = [option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]
pip = [{python!r}, "-m", "pip", "--python", sys.executable]
sys.exit(subprocess.call([*pip, "install", "--quiet", *options]))
"""


def write_bootstrap(home: Path) -> None:
    """Put the script where ansible-test looks for it, under the name of each pip version that it may want."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in SUPPORTED_PYTHON_VERSIONS:
        pip = get_venv_packages(VirtualPythonConfig(version=version))["pip"]
        script = cache / f"get_pip_{pip.replace('.', '_')}.py"
        script.write_text(BOOTSTRAP.format(python=sys.executable), encoding="utf-8")


def read_pip_settings() -> configparser.RawConfigParser:
    """Return what this environment passes to pip, which ansible-test would not pass on: files and variables."""
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    settings.set("global", "quiet", "1")
    for option, variable in (
        ("cert", "SSL_CERT_FILE"),
        ("cert", "REQUESTS_CA_BUNDLE"),
        ("proxy", "HTTPS_PROXY"),
        ("proxy", "https_proxy"),
    ):
        if os.environ.get(variable):
            settings.set("global", option, os.environ[variable])
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in listing.splitlines():  # global.index-url='https://…', :env:.cert='/…'
        name, _equals, value = line.partition("=")
        section, _dot, option = name.replace(":env:", "global").partition(".")
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, ast.literal_eval(value))
    return settings


def find_pythons() -> dict[str, str]:
    """Return the Pythons of this machine that ansible-test and the modules support."""
    versions = [
        version for version in SUPPORTED_PYTHON_VERSIONS if tuple(map(int, version.split("."))) >= OLDEST_PYTHON
    ]
    return {version: python for version in versions if (python := find_python(version))}


def run_sanity(home: Path, checkout: Path, arguments: list[str]) -> int:
    """Run ansible-test and return its exit code."""
    write_bootstrap(home)
    pythons = find_pythons()
    targets = [f"--target-python={version}@{path}" for version, path in pythons.items()]
    # ansible-test makes environments with the Pythons that it finds on PATH.
    folders = [str(Path(path).parent) for path in pythons.values()]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    pip_conf = home / ".config" / "pip" / "pip.conf"
    pip_conf.parent.mkdir(parents=True, exist_ok=True)
    pip_conf.touch(mode=0o600)
    try:
        with pip_conf.open("w", encoding="utf-8") as stream:
            read_pip_settings().write(stream)
        return subprocess.call(
            [Path(sys.executable).with_name("ansible-test"), "sanity", "--color=no", *targets, *arguments],
            cwd=checkout,
            env={**os.environ, "HOME": str(home), "PATH": path},
        )
    finally:
        pip_conf.unlink()  # it may hold a registry's token


def main() -> int:
    """Run the tests and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="keyring-sanity-") as temporary:
        checkout = copy_to(Path(temporary).resolve())
        # Without a repository of its own, ansible-test would take one further up for it.
        subprocess.run(["git", "init", "--quiet"], cwd=checkout, check=True)
        home = cache_directory() / "ansible-test"
        home.mkdir(parents=True, exist_ok=True)
        with (home / "lock").open("w", encoding="utf-8") as lock:  # two runs would make the same environments
            fcntl.flock(lock, fcntl.LOCK_EX)
            return run_sanity(home, checkout, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
