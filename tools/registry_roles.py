# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry roles whose preset has no more than a host to set, made from a row for each.

Run as a program, as ``make docs`` does, it writes the files of these roles. The section of a README that explains where
the token is made is written by hand, and stays.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checkout import ROOT


@dataclass(frozen=True)
class Variable:
    """A variable of one role: its name without that of the role, and what it holds, in the markup of Ansible."""

    name: str
    text: str
    example: str = ""  # for the README, whose example leaves out a variable without one
    needed: bool = True


@dataclass(frozen=True)
class RegistryRow:
    """What differs between the roles. The last variable is the secret."""

    role: str
    registry: str
    preset: str
    variables: tuple[Variable, ...]


ROWS = (
    RegistryRow(
        "docker_hub",
        "Docker Hub",
        "docker_hub",
        (
            Variable(
                "username",
                "Docker ID, not the e-mail address. For an organization access token, the name of the organization",
                "acme",
            ),
            Variable("token", "access token"),
        ),
    ),
    RegistryRow(
        "ghcr",
        "GitHub's Container registry",
        "ghcr",
        (
            Variable(
                "host",
                "host of the registry of GitHub Enterprise, such as V(containers.github.example.com) or "
                "V(containers.acme.ghe.com). The default is V(ghcr.io)",
                needed=False,
            ),
            Variable("username", "GitHub login", "octo"),
            Variable("token", "personal access token (classic) with C(read:packages)"),
        ),
    ),
    RegistryRow(
        "gitlab_registry",
        "GitLab's container registry",
        "gitlab",
        (
            Variable(
                "host",
                "host of your own registry, with its port if it has one, without C(https://). "
                "The default is GitLab.com",
                needed=False,
            ),
            Variable(
                "username",
                "username of the deploy token, or the login for a personal access token",
                "gitlab+deploy-token-7",
            ),
            Variable("token", "deploy token or personal access token with C(read_registry)"),
        ),
    ),
    RegistryRow(
        "quay",
        "Quay",
        "quay",
        (
            Variable("host", "host of your own Quay, without C(https://). The default is V(quay.io)", needed=False),
            Variable("username", "robot account with its organization, such as V(acme+robot)", "acme+robot"),
            Variable("token", "token of the robot account"),
        ),
    ),
    RegistryRow(
        "artifactory",
        "Artifactory",
        "artifactory",
        (
            Variable("host", "host of Artifactory as in image names, without C(https://) and path", "acme.jfrog.io"),
            Variable("username", "login of the user to whom the token belongs", "puller"),
            Variable("token", "identity token or reference token"),
        ),
    ),
)

_LICENCE = """\
Copyright (c) 2026 The keyring.kubernetes authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
"""

_YAML_HEAD = f"---\n{textwrap.indent(_LICENCE, '# ')}\n# Written by make docs, from a row of {Path(__file__).name}.\n"

_DEFAULTS = """\
# Each is described in meta/argument_specs.yml.
@own@
@role@_namespaces: []
@role@_namespace_selectors: []
@role@_namespaces_limit: null
@role@_secret_name: @secret@
@role@_service_accounts: [default]
@role@_state: present
@role@_owner: null
@role@_prune: false
@role@_verify: false
@role@_options: {}
"""

_META = """
galaxy_info:
  author: The keyring.kubernetes authors
  description: Lets namespaces pull from @registry@
  license: GPL-3.0-or-later
  min_ansible_version: "2.16"

dependencies: []
"""

_TASKS = """
- name: Manage the pull secret for @registry@
  ansible.builtin.include_role:
    name: keyring.kubernetes.pull_secrets
    tasks_from: registry
  vars:
    pull_secrets_registry:
      role: @role@
      preset: @preset@
      preset_options: {@host@}
      login: {username: @role@_username, password: @password@}
      needs: [@role@_username, @password@]
"""

_ARGUMENT_SPECS = """
argument_specs:
  main:
    short_description: Let namespaces pull from @registry@
    version_added: 0.1.0
    author:
      - The keyring.kubernetes authors (@keyring-kubernetes)
    description:
@description@
    options:
@own@
      @role@_namespaces:
        description:
          - Namespaces to write the Secret to, by name or glob such as V(team-*). An item that begins with V(!)
            excludes what it matches.
          - Set this or O(@role@_namespace_selectors).
        type: list
        elements: str
        default: []
      @role@_namespace_selectors:
        description:
          - Label selectors, such as V(team=web). A namespace is selected if one of them matches.
        type: list
        elements: str
        default: []
      @role@_namespaces_limit:
        description:
          - Process only those selected namespaces that are in this list, for example the ones that were created since
            the last run. Names without wildcards. Nothing is pruned then.
        type: list
        elements: str
      @role@_secret_name:
        description:
          - Name of the Secret.
        type: str
        default: @secret@
      @role@_service_accounts:
        description:
          - ServiceAccounts to link the Secret to, so that their Pods pull with it. With V(absent), the
            ServiceAccounts to unlink.
          - V(*) selects all that exist when the role runs, globs such as V(ci-*) some of them.
        type: list
        elements: str
        default: [default]
      @role@_state:
        description:
          - Whether the Secret should exist.
        type: str
        choices: [present, absent]
        default: present
      @role@_owner:
        description:
          - The team or playbook that declares the Secret.
        type: str
      @role@_prune:
        description:
          - Delete the Secret from namespaces that are no longer selected, if this O(@role@_owner) created it.
        type: bool
        default: false
      @role@_verify:
        description:
          - Ask the registry about the credentials that would be written, once before any host of the play is written.
            See O(keyring.kubernetes.pull_secrets#role:main:pull_secrets_verify).
        type: bool
        default: false
      @role@_options:
        description:
          - Further options of the module M(keyring.kubernetes.image_pull_secret), such as C(images), C(labels) or
            C(in_use). No passwords.
        type: dict
        default: {}
      keyring_connection:
        description:
          - The connection to the cluster, for all roles of this collection. See the role
            P(keyring.kubernetes.pull_secrets#role).
        type: dict
        default: {}
"""

_README = """\
<!--
@licence@-->

# @role@

Lets namespaces pull from @registry@: manages the pull secret `@secret@` in them, and links it to their ServiceAccount \
`default`.

```yaml
- name: The namespace web can pull from @registry@
  hosts: localhost
  connection: local
  gather_facts: false
  roles:
    - role: keyring.kubernetes.@role@
      vars:
@example@
        @role@_namespaces: [web]
```

@by_hand@## Variables

| Variable | What it is | Default |
|---|---|---|
@own@
| `@role@_namespaces` | names and globs of namespaces; set this or the next variable | `[]` |
| `@role@_namespace_selectors` | label selectors of namespaces | `[]` |
| `@role@_namespaces_limit` | process only the selected namespaces in this list, and prune nothing |  |
| `@role@_secret_name` | name of the Secret | `@secret@` |
| `@role@_service_accounts` | ServiceAccounts that pull with it | `[default]` |
| `@role@_state` | `present` or `absent` | `present` |
| `@role@_owner` | the team or playbook that declares the Secret |  |
| `@role@_prune` | delete it in namespaces that are no longer selected, if the owner created it | `false` |
| `@role@_verify` | verify before writing, see [pull_secrets](../pull_secrets/README.md) | `false` |
| `@role@_options` | further options of `image_pull_secret`, such as `images` | `{}` |
| `keyring_connection` | the connection to the cluster, see [pull_secrets](../pull_secrets/README.md) | `{}` |

`pull_secrets_result.results[0]` has the fields that `image_pull_secret` returns for many namespaces, without secret \
data.
"""

_BY_HAND = re.compile(r"^## Create the .*?(?=^## Variables$)", re.MULTILINE | re.DOTALL)


def render_role(row: RegistryRow, readme: str) -> dict[str, str]:
    """Return the files of a role by their paths in it. The section that is written by hand comes from its README."""
    by_hand = _BY_HAND.search(readme)
    has_host = any(variable.name == "host" for variable in row.variables)
    words = {
        "role": row.role,
        "registry": row.registry,
        "preset": row.preset,
        "secret": row.role.replace("_", "-"),
        "password": f"{row.role}_{row.variables[-1].name}",
        "host": f"host: {row.role}_host" if has_host else "",
        "licence": _LICENCE,
        "by_hand": by_hand.group() if by_hand else "",
    }
    return {
        "README.md": _fill(_README, {**words, "example": _example_lines(row), "own": _readme_lines(row)}),
        "defaults/main.yml": _fill(f"{_YAML_HEAD}{_DEFAULTS}", {**words, "own": _default_lines(row)}),
        "meta/argument_specs.yml": _fill(
            f"{_YAML_HEAD}{_ARGUMENT_SPECS}", {**words, "description": _description_lines(row), "own": _spec_lines(row)}
        ),
        "meta/main.yml": _fill(f"{_YAML_HEAD}{_META}", words),
        "tasks/main.yml": _fill(f"{_YAML_HEAD}{_TASKS}", words),
    }


def _fill(template: str, words: Mapping[str, str]) -> str:
    for name, text in words.items():
        template = template.replace(f"@{name}@", text)
    return template


def _example_lines(row: RegistryRow) -> str:
    lines = [f"        {row.role}_{own.name}: {own.example}" for own in row.variables if own.example]
    secret = f"{row.role}_{row.variables[-1].name}"
    return "\n".join([*lines, f'        {secret}: "{{{{ vault_{secret} }}}}"'])


def _readme_lines(row: RegistryRow) -> str:
    lines = []
    for variable in row.variables:
        text = re.sub(r"\b[CV]\((.*?)\)", r"`\1`", variable.text)
        lines.append(f"| `{row.role}_{variable.name}` | {text} |  |")
    return "\n".join(lines)


def _default_lines(row: RegistryRow) -> str:
    return "\n".join(f"{row.role}_{variable.name}: null" for variable in row.variables)


def _description_lines(row: RegistryRow) -> str:
    kept = f"Manages a pull secret for {row.registry} in namespaces, and links it to their ServiceAccount C(default)."
    done = (
        f"The role uses P(keyring.kubernetes.pull_secrets#role) with the preset V({row.preset}). "
        "The result is in C(pull_secrets_result)."
    )
    return f"{_item(kept, 6)}\n{_item(done, 6)}"


def _spec_lines(row: RegistryRow) -> str:
    lines = []
    for variable in row.variables:
        sentence = f"{variable.text[0].upper()}{variable.text[1:]}."
        if variable.needed:
            sentence += " Required unless the Secret should be absent."
        lines += [f"      {row.role}_{variable.name}:", "        description:", _item(sentence, 10)]
        lines.append("        type: str")
    return "\n".join([*lines, "        no_log: true"])


def _item(text: str, indent: int) -> str:
    """Return an item of a YAML list, wrapped as yamllint wants it."""
    first, more = f"{' ' * indent}- ", " " * (indent + 2)
    return textwrap.fill(
        text, 120, initial_indent=first, subsequent_indent=more, break_long_words=False, break_on_hyphens=False
    )


def folder_of(row: RegistryRow) -> Path:
    """Return the folder of a role."""
    return ROOT / "roles" / row.role


def main() -> None:
    """Write the files of all rows, also of a row whose role does not exist yet."""
    for row in ROWS:
        readme = folder_of(row) / "README.md"
        files = render_role(row, readme.read_text() if readme.exists() else "")
        for path, content in files.items():
            target = folder_of(row) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)


if __name__ == "__main__":
    main()
