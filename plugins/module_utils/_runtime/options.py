# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option tables that modules share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .shown import ADDRESS, NAME, NAME_OR_GLOB, PATH, TEXT, USERNAME

Options = Mapping[str, Mapping[str, Any]]

# Ansible leaves the key ``context`` of a row to the collection: shown.py describes how a value may be shown,
# string_options.py which of its parts are strings.
#
# A mapping of strings whose keys users choose. The usual mistake in a Kubernetes label is an unquoted true.
STRINGS_BY_NAME: Mapping[str, Any] = {"others": (), "named_by_users": True}
STRINGS: Mapping[str, Any] = {"others": ()}
# A list of mappings that may also be given as one mapping, which is then one item.
ONE_OR_MANY: Mapping[str, Any] = {"takes_mapping": True}
# The fields of an entry of a docker config: DockerConfigEntry in k8s.io/kubernetes, and those that Docker adds.
DOCKER_CONFIG: Mapping[str, Any] = {
    "strings": ("username", "password", "auth", "email", "identitytoken", "registrytoken")
}
# All fields of a kubeconfig but these are strings: Config in k8s.io/client-go/tools/clientcmd/api/v1.
_KUBECONFIG: Mapping[str, Any] = {
    **PATH,
    "others": ("insecure-skip-tls-verify", "disable-compression", "provideClusterInfo", "preferences", "extensions"),
}

# Documented in doc_fragments/connection.py. _cluster/settings.py reads the variables, so that an option wins over a
# variable of another option; a fallback here could not do that.
CONNECTION: Options = {
    "host": {"type": "str", "context": ADDRESS},
    "api_key": {"type": "str", "no_log": True},
    # Not no_log: Ansible would then hide every text in it, names of contexts included, from all output.
    "kubeconfig": {"type": "raw", "context": _KUBECONFIG},
    "context": {"type": "str", "context": TEXT},
    "username": {"type": "str", "context": USERNAME},
    "password": {"type": "str", "no_log": True},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "proxy": {"type": "str", "context": ADDRESS},
    "no_proxy": {"type": "str", "context": TEXT},
    "impersonate_user": {"type": "str", "context": TEXT},
    "impersonate_groups": {"type": "list", "elements": "str", "context": TEXT},
    "expect_server": {"type": "str", "context": ADDRESS},
}
# The selected namespaces, checked by _cluster/selection.py.
NAMESPACES: Options = {
    "namespace": {"type": "str", "context": NAME},
    "namespaces": {"type": "list", "elements": "str", "context": NAME_OR_GLOB},
    "namespace_selectors": {"type": "list", "elements": "str", "context": TEXT},
}
# The same for a module that writes: cut to some of them where only these are to be processed.
LIMITED_NAMESPACES: Options = {**NAMESPACES, "namespaces_limit": {"type": "list", "elements": "str", "context": NAME}}
# The options of every task beside its own.
COMMON: Options = {**CONNECTION, "remote_src": {"type": "bool", "default": False}}

# An argument that the controller hands to a module: the content of files by absolute path, as base64.
FILES = "_files"
