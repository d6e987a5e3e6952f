# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that select an API server and say how to reach it. Names and variables are those of kubernetes.core."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - The path of a kubeconfig, several paths separated by V(:), or the content as a mapping. See O(remote_src) for
        where paths are searched.
      - If it is omitted, E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), the ServiceAccount of the Pod in which the task runs
        and V(~/.kube/config) are tried in this order.
      - If this option or O(context) is set and O(host) is not, E(K8S_AUTH_HOST) is ignored, together with the
        credentials and certificates that the environment sets for it.
      - The file is read as C(kubectl) reads it. Credential plugins, proxies, impersonation and the few differences are
        described in the guide R(Connect to a
        cluster,ansible_collections.keyring.kubernetes.docsite.guide_connection).
    type: raw
  context:
    description:
      - The name of a context in the kubeconfig. The default is the current context.
      - Also from E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - The URL of the API server, such as V(https://cluster.example.com:6443), with its path if it has one. It
        overrides the server in the kubeconfig.
      - As with C(kubectl), no credentials are sent over V(http://); the task warns.
      - If O(api_key), O(username) or O(client_cert) is also set, no kubeconfig is read.
      - Also from E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - A bearer token, without the word C(Bearer).
      - Also from E(K8S_AUTH_API_KEY). The task fails if this variable is used and neither O(host) nor
        E(K8S_AUTH_HOST) is set, because the token could be sent to the wrong server.
    type: str
  username:
    description:
      - The user name for HTTP basic authentication, which some proxies in front of API servers require.
      - This is not the user of a registry or Git server. Use the options of the module for that.
      - Also from E(K8S_AUTH_USERNAME), with the same condition as E(K8S_AUTH_API_KEY).
    type: str
  password:
    description:
      - The password for O(username).
      - Also from E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - The path of a client certificate.
      - Also from E(K8S_AUTH_CLIENT_CERT) or E(K8S_AUTH_CERT_FILE), with the same condition as E(K8S_AUTH_API_KEY).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - The path of the private key for O(client_cert). It must not have a passphrase.
      - Also from E(K8S_AUTH_CLIENT_KEY) or E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - The path of the CA certificates with which to verify the API server.
      - Also from E(K8S_AUTH_CA_CERT) or E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether to verify the certificate of the API server. The default is the value in the kubeconfig, or V(true).
      - Also from E(K8S_AUTH_VALIDATE_CERTS) or E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - The URL of a proxy. It begins with V(http://), V(https://) or V(socks5://). The default is the proxy in the
        kubeconfig, or in the environment.
      - Also from E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks to reach without the proxy, separated by commas.
      - Also from E(K8S_AUTH_NO_PROXY).
    type: str
  impersonate_user:
    description:
      - The user to act as. It overrides C(as) in the kubeconfig.
      - Also from E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - The groups to act as. Requires O(impersonate_user).
      - Also from E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  expect_server:
    description:
      - The API server that the task must reach, as a URL, a host, or a host with port. V(*) and V(?) are wildcards.
        Upper and lower case of the host and the default port make no difference.
      - The task fails before its first request, and before a credential plugin runs, if the connection leads to a
        server that does not match.
      - If the URL of the server has a path, as behind Rancher, include it. Otherwise the task warns, because every
        cluster behind that host matches.
    type: str
  remote_src:
    description:
      - If V(true), file paths in options are read on the machine that runs the task.
      - If V(false), they are read on the controller, first in C(files) of the role and next to the playbook. Files that
        are encrypted with Ansible Vault are decrypted in memory.
      - Applies to O(kubeconfig), O(ca_cert), O(client_cert), O(client_key) and the file options of the module. Paths in
        the environment and C(~/.kube/config) are always read on the machine that runs the task.
    type: bool
    default: false
requirements:
  - PyYAML >= 6.0.1 (Python package, on the machine that runs the task)
  - urllib3 >= 1.26.18 (Python package, on the machine that runs the task)
notes:
  - String options do not accept numbers, booleans or dates, also inside lists and mappings (failure
    V(not_a_string)). Quote such values, for example C("1234") and C("yes"). See the guide
    R(Quote passwords and names,ansible_collections.keyring.kubernetes.docsite.guide_values).
  - The connection options (O(host), O(kubeconfig) and so on) and the C(K8S_AUTH_*) variables have the names of those of
    M(kubernetes.core.k8s), so one inventory works for both. The collection kubernetes.core is not needed.
  - With a local connection, the task normally runs in Ansible's own process, which is faster. With C(become), C(async),
    another C(ansible_python_interpreter), or other C(environment) variables than those of the connection, it runs as an
    ordinary module, with the same result. To control this, set the variable C(keyring_direct) to V(auto), V(always) or
    V(never). See the guide R(Choose where a task
    runs,ansible_collections.keyring.kubernetes.docsite.guide_execution).
"""
