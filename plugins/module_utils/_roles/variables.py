# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables with the prefix of a role that the role does not read, such as a misspelt one.

Ansible checks the options of a module, and no variable of a role that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._credentials.suggestions import ask_for, find_near

# The variables of each role that users set, without its prefix.
ROLE_VARIABLES: Mapping[str, Sequence[str]] = {
    "pull_secrets": ("list", "defaults", "namespaces_limit", "owner", "prune", "prune_limit", "verify"),
    "git_credentials": (
        *("consumers", "url", "namespaces_limit", "owner", "state", "verify", "options"),
        *("ssh_private_key", "ssh_private_key_file", "ssh_generate", "ssh_passphrase", "ssh_known_hosts"),
        *("ssh_scan_host_keys", "ssh_host_key_fingerprints"),
        *("https_username", "https_password", "https_bearer_token"),
        *("github_app_id", "github_app_installation_id", "github_app_private_key", "github_app_base_url"),
        "github_app_token",
    ),
    "openshift_pull_secret": ("registries", "target", "verify", "options"),
    "primehub_secrets": ("list", "namespace", "keep_blank", "owner", "in_use"),
    "sap_ai_core": ("tenants", "docker_registry_secrets", "git_repositories", "connection"),
    "cdnetworks_ecp": ("accounts", "image_pull_secrets", "registry_users", "connection"),
    "control_plane": ("state", "directory", "controller_manager", "namespaces", "private_registry", "node"),
}
# The variables that its tasks set. They are not suggested.
INTERNAL_VARIABLES: Mapping[str, Sequence[str]] = {
    "pull_secrets": (
        "index",
        "items",
        "made",
        "one",
        "place",
        "plan",
        "pruned",
        "prunes",
        "registry",
        "result",
        "variables",
        "verified",
    ),
    "git_credentials": ("given", "index", "items", "public_key", "result", "stored", "verified"),
    "openshift_pull_secret": ("found", "plan"),
    "primehub_secrets": ("git", "number", "object", "plan", "pull", "result"),
    "sap_ai_core": ("docker", "failures", "git", "plan", "result", "step"),
    "cdnetworks_ecp": ("failures", "plan", "result", "secret", "step", "user"),
    "control_plane": (
        "_built",
        "_command",
        "_done",
        "_look",
        "_names",
        "_namespaces",
        "_not_string",
        "_parts",
        "_program",
        "_worker",
        "kubeconfig",
        "registry",
    ),
}

# Their prefixes are unlikely in variables for anything else. Of other roles only a name that is nearly right counts:
# harbor_admin_password is probably for another role.
_OWN_PREFIXES = ("pull_secrets", "git_credentials", "openshift_pull_secret", "primehub_secrets")
_NEARLY_THE_SAME = 0.8


def unknown_variables(
    names: Sequence[str], *, role: str, known: Sequence[str] = (), lists: Mapping[str, object] | None = None
) -> list[str]:
    """Return a warning for each name that begins like the variables of a role and is not one of them.

    ``known`` are the variables of a registry role, with the prefix; the others are in ROLE_VARIABLES. ``lists`` are
    variables of the role with their values: what is a little like an empty one is probably meant for it.
    """
    prefix = f"{role}_"
    suffixes = [name.removeprefix(prefix) for name in known] or list(ROLE_VARIABLES[role])
    internal = INTERNAL_VARIABLES.get(role, ())
    empty = [name for name, value in (lists or {}).items() if not value]
    warnings = []
    for name in sorted(names):
        word = name.removeprefix(prefix)
        if name.startswith(prefix) and (word in suffixes or word in internal):
            continue
        meant = find_near(name, empty, _NEARLY_THE_SAME)
        if meant:
            warnings.append(f"{name} is not a variable of the role {role}, and has no effect. {ask_for(meant)}")
            continue
        if not name.startswith(prefix):
            continue
        near = [prefix + suffix for suffix in find_near(word, suffixes, _NEARLY_THE_SAME)]
        if near or role in _OWN_PREFIXES:
            hint = ask_for(near) or f"Its variables are: {', '.join(prefix + suffix for suffix in sorted(suffixes))}."
            warnings.append(f"{name} is not a variable of the role {role}, and has no effect. {hint}")
    return warnings
