# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that say how to reach the API of a portal."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ca_cert:
    description:
      - The path of the CA certificates with which to verify the portal, in place of those of the machine.
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether to verify the certificate of the portal.
    type: bool
    default: true
    aliases: [verify_ssl]
  proxy:
    description:
      - The URL of a proxy. It begins with V(http://), V(https://) or V(socks5://). The default is the proxy in the
        environment (E(HTTPS_PROXY), E(NO_PROXY)).
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks to reach without the proxy, separated by commas.
    type: str
  expect_server:
    description:
      - The server of the API that the task must reach, as a URL, a host, or a host with port. V(*) and V(?) are
        wildcards. Upper and lower case of the host and the default port make no difference.
      - The task fails before its first request if the credentials lead to a server that does not match.
    type: str
  remote_src:
    description:
      - If V(true), file paths in options are read on the machine that runs the task.
      - If V(false), they are read on the controller, first in C(files) of the role and next to the playbook. Files that
        are encrypted with Ansible Vault are decrypted in memory.
    type: bool
    default: false
requirements:
  - PyYAML >= 6.0.1 (Python package, on the machine that runs the task)
  - urllib3 >= 1.26.18 (Python package, on the machine that runs the task)
notes:
  - No kubeconfig is needed, and C(K8S_AUTH_*) variables have no effect.
  - String options do not accept numbers, booleans or dates, also inside lists and mappings (failure
    V(not_a_string)). Quote such values, for example C("1234") and C("yes"). See the guide
    R(Quote passwords and names,ansible_collections.keyring.kubernetes.docsite.guide_values).
  - With a local connection, the task normally runs in Ansible's own process, which is faster. With C(become), C(async),
    another C(ansible_python_interpreter), or other C(environment) variables than those of proxies, it runs as an
    ordinary module, with the same result. To control this, set the variable C(keyring_direct) to V(auto), V(always) or
    V(never). See the guide R(Choose where a task
    runs,ansible_collections.keyring.kubernetes.docsite.guide_execution).
"""
