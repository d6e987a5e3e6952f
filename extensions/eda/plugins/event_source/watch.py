# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source keyring.kubernetes.watch, which announces new namespaces of Kubernetes clusters."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import Any

try:
    importlib.import_module("ansible_collections.keyring.kubernetes")
except ImportError:
    # ansible-rulebook runs this file without Ansible's loader of collections.
    sys.path.append(str(Path(__file__).absolute().parents[7]))

from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.feed import watch_clusters
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.options import parse_watch_options

DOCUMENTATION = r"""
---
short_description: Watch Kubernetes clusters for new namespaces
description:
  - Sends an event for namespaces that are created, so that a rulebook can give them their image pull secrets and Git
    credentials. One event carries a list of namespaces.
  - At the start all selected namespaces are sent once. Nothing is stored, so this happens again after a restart.
  - The event has the keys C(kind) (always V(namespaces_created)), C(cluster) (the name of the item of O(clusters)),
    C(server) (the URL of the API server), C(namespaces) (the sorted names) and C(more).
  - C(more) is true if the event was delayed by O(max_events_per_minute). Its list holds all namespaces that were
    created meanwhile.
  - A namespace is also sent when it gets a label and then matches O(namespace_selectors), and when it was deleted and
    created again. Namespaces that are being deleted are not sent.
  - An API server that cannot be reached is asked again until it answers, after at most 30 seconds, even if it asks for
    a longer pause (C(Retry-After)). The other clusters are not affected.
  - The identity needs the permission to V(list) and V(watch) namespaces, and nothing else.
requirements:
  - urllib3
  - PyYAML
options:
  clusters:
    description:
      - The clusters to watch. No option holds a secret, because ansible-rulebook logs the arguments of sources at -vv.
        Credentials come from kubeconfig files, from the environment (E(K8S_AUTH_API_KEY) and others) or from the Pod.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the cluster in events. Use the name of the inventory host.
        type: str
        required: true
      kubeconfig:
        description:
          - The path of a kubeconfig file. Without it E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), the ServiceAccount of the
            Pod or C(~/.kube/config) is used.
        type: path
      context:
        description:
          - The context of the kubeconfig.
        type: str
      host:
        description:
          - The URL of the API server, instead of a kubeconfig.
        type: str
      expect_server:
        description:
          - The URL, the host, or the host and the port of the API server, with wildcards. If the connection leads to
            another server, nothing is sent, and the source ends with an error. Without this option, the source ends if
            its kubeconfig leads to another server than at the start.
        type: str
      ca_cert:
        description:
          - The path of a file with CA certificates.
        type: path
      validate_certs:
        description:
          - Whether to check the certificate of the API server.
        type: bool
      proxy:
        description:
          - The URL of a proxy, without a user name and a password.
        type: str
      no_proxy:
        description:
          - Hosts that are reached without the proxy.
        type: str
      impersonate_user:
        description:
          - The user to act as.
        type: str
      impersonate_groups:
        description:
          - The groups to act as.
        type: list
        elements: str
  namespaces:
    description:
      - Names and globs of namespaces, as in the modules. C(!name) excludes. Names that begin with C(kube-) or
        C(openshift-) match only if they are listed without a glob.
    type: list
    elements: str
  namespace_selectors:
    description:
      - Label selectors of namespaces, as in the modules. One of O(namespaces) and O(namespace_selectors) is required.
    type: list
    elements: str
  settle:
    description:
      - The seconds from the first new namespace to the event that carries it and all that follow meanwhile, from V(0)
        to V(3600).
    type: int
    default: 10
  max_events_per_minute:
    description:
      - The most events in a minute for each cluster, from V(1) to V(60). Namespaces beyond it wait, and are sent in one
        event.
    type: int
    default: 6
"""

EXAMPLES = r"""
- name: Give new namespaces their credentials
  hosts: all
  gather_facts: false
  execution_strategy: parallel
  sources:
    - keyring.kubernetes.watch:
        clusters:
          - name: prod
            kubeconfig: /etc/keyring/prod.kubeconfig
            expect_server: https://api.prod.example.com:6443
        namespaces: ['team-*', '!team-sandbox']
  rules:
    - name: Give new namespaces their Secrets
      condition: event.kind == "namespaces_created"
      action:
        run_playbook:
          name: keyring.kubernetes.new_namespaces
          lock: "cluster {{ event.cluster }}"
          extra_vars:
            new_namespaces_cluster: "{{ event.cluster | tojson }}"
            new_namespaces_limit: "{{ event.namespaces }}"
            new_namespaces_server: "{{ event.server | tojson }}"
          retries: 1
          delay: 10
"""


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Put an event for each batch of new namespaces into the queue, until cancelled.

    Raises KeyringError for invalid arguments.
    """
    await watch_clusters(queue, parse_watch_options(args), os.environ)


if __name__ == "__main__":
    # A trial on the cluster of the environment: prints the events.
    class _Printer(asyncio.Queue[Any]):
        async def put(self, event: dict[str, Any]) -> None:
            print(event)  # noqa: T201

    with_all = {"clusters": [{"name": "trial"}], "namespaces": ["*"], "settle": 1}
    asyncio.run(main(_Printer(), with_all))
