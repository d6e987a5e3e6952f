# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that verify credentials before they write them, and of those that ask registries."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  verify_require:
    description:
      - The outcomes of O(verify) that allow the credentials to be written.
      - With V(not_denied), the task fails if credentials are refused (V(denied)), and warns of V(not_found),
        V(unreachable) and V(unverifiable).
      - With V(pullable), the task also fails for these outcomes and for V(authenticated), because nothing proves that
        the credentials pull.
      - In both cases, it fails before anything is written.
    type: str
    choices: [not_denied, pullable]
    default: not_denied
"""

    REGISTRIES = r"""
options:
  verify_timeout:
    description:
      - The maximum time in seconds for all requests about one image, from 1 to 600.
    type: int
    default: 10
  verify_concurrency:
    description:
      - The number of images to verify at the same time, from 1 to 64.
    type: int
    default: 8
  verify_ca_cert:
    description:
      - The path of CA certificates (PEM) with which to verify registries, in addition to those that the machine trusts.
        See O(remote_src) for where it is searched.
    type: path
  verify_validate_certs:
    description:
      - Whether to verify the certificates of registries. With V(false), anyone on the network path can read the
        passwords.
    type: bool
    default: true
  verify_realms:
    description:
      - Hosts of token services, such as V(gitlab.example.com), to which credentials may be sent if a registry names
        them. An item with a port allows only that port.
      - By default, credentials are sent only to the host of the registry, on any port, and for Docker Hub, GitLab.com
        and DigitalOcean to C(auth.docker.io), C(gitlab.com) and C(api.digitalocean.com).
    type: list
    elements: str
    default: []
  verify_plain_http:
    description:
      - Registries without TLS, as written in images, such as V(registry.example.com:5000). C(http://) before a server
        in a Secret has no effect, as in the kubelet.
    type: list
    elements: str
    default: []
"""
