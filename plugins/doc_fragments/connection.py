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
      - Path of a kubeconfig, several paths separated by V(:), or the content as a mapping. A path is looked
        for on the controller, see O(remote_src).
      - Without it, E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), the ServiceAccount of the Pod in which the task runs and
        V(~/.kube/config) are tried in this order.
      - Where this option or O(context) is given, a server that E(K8S_AUTH_HOST) names does not count, nor do the
        credentials and certificates that the environment has for it.
      - It is read as C(kubectl) reads it. See R(the
        guide,ansible_collections.keyring.kubernetes.docsite.guide_connection) for credential plugins, proxies,
        impersonation and the few differences.
    type: raw
  context:
    description:
      - Name of a context in the kubeconfig; without it, the current one.
      - Also from E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - URL of the API server, such as V(https://cluster.example.com:6443); a path is part of it. It wins
        over the server in the kubeconfig.
      - Over V(http://) no credentials are sent, as by C(kubectl), and the task warns.
      - Together with O(api_key), O(username) or O(client_cert) no kubeconfig is read.
      - Also from E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Bearer token, without the word C(Bearer).
      - Also from E(K8S_AUTH_API_KEY). The variable is refused when the server comes from a kubeconfig or from the Pod,
        because the token could reach a server that it is not for; with O(host) or E(K8S_AUTH_HOST) it is used.
    type: str
  username:
    description:
      - User name for HTTP basic authentication, as some proxies in front of an API server want it.
      - This is not the user of a registry or Git server; that one belongs to the module's own options.
      - Also from E(K8S_AUTH_USERNAME), with the same condition as E(K8S_AUTH_API_KEY).
    type: str
  password:
    description:
      - Password for O(username).
      - Also from E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - Path of a client certificate.
      - Also from E(K8S_AUTH_CLIENT_CERT) or E(K8S_AUTH_CERT_FILE), with the same condition as E(K8S_AUTH_API_KEY).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key that belongs to O(client_cert), without passphrase.
      - Also from E(K8S_AUTH_CLIENT_KEY) or E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of the CA certificates that the API server is checked against.
      - Also from E(K8S_AUTH_CA_CERT) or E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether the certificate of the API server is checked; V(true) unless the kubeconfig says otherwise.
      - Also from E(K8S_AUTH_VALIDATE_CERTS) or E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - URL of a proxy, which begins with V(http://), V(https://) or V(socks5://). Without it, the proxy of
        the kubeconfig or of the environment is used.
      - Also from E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks that are reached without the proxy, separated by commas.
      - Also from E(K8S_AUTH_NO_PROXY).
    type: str
  impersonate_user:
    description:
      - User to act as. It replaces the user of C(as) in the kubeconfig.
      - Also from E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups to act as, together with O(impersonate_user).
      - Also from E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  expect_server:
    description:
      - The API server that the task must reach, as URL, host, or host with port; V(*) and V(?) are wildcards.
      - It is compared before the first request, and before a credential plugin runs. The task fails when it does not
        fit.
      - Where the server's URL has a path, as behind Rancher, and this option has none, the task warns, because all
        clusters behind that host fit.
    type: str
  remote_src:
    description:
      - Whether the paths in options (O(kubeconfig), O(ca_cert) and others) are those of the machine that
        runs the task.
      - Without it they are looked for on the controller, in a role's C(files) and beside the playbook first. Files that
        are encrypted with Ansible Vault are decrypted in memory, and their content is handed to the task.
      - Paths in the environment and C(~/.kube/config) are always those of the machine that runs the task.
    type: bool
    default: false
requirements:
  - PyYAML >= 6.0.1 (Python package, on the machine that runs the task)
  - urllib3 >= 1.26.18 (Python package, on the machine that runs the task)
notes:
  - An option that is a string refuses numbers, booleans and dates with the failure C(not_a_string), because YAML and
    INI make these of values without quotes. This holds at any depth, and for the values of mappings of strings. See
    R(the guide to quoting, ansible_collections.keyring.kubernetes.docsite.guide_values).
  - The options of group I(Connection) are those of M(kubernetes.core.k8s), so inventories and C(K8S_AUTH_*) variables
    carry over; the collection kubernetes.core is not needed.
  - Where it can, a task runs in Ansible's own process on the controller, without a Python process and a file of its
    own. It runs as an ordinary module, with the same result, when the connection is not local, with C(become) or
    C(async), with an C(ansible_python_interpreter) other than Ansible's own, and when C(environment) sets other
    variables than C(K8S_AUTH_*), C(KUBE*) and proxies; at verbosity 1 the reason is shown. The variable
    C(keyring_direct) is V(auto) by default; V(always) makes it an error where it is not possible, V(never) always
    starts an ordinary module.
"""
