# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the Secret that serves each image."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_access_info
short_description: Find the Secret that serves each image, and why a pull fails
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - For each image of the Pods and workloads in one namespace or in many, returns which entry of which pull secret the
    kubelet would use, by the kubelet's own rules; where there is none, what nearly serves the image and why it does
    not; and where a pull fails now, the cause in a sentence.
  - A Pod that names pull secrets gets these alone. One that names none gets those of its ServiceAccount, as they were
    when it was made; a workload is judged as if its Pods were made now.
  - An image that finds credentials has the status V(matched). Whether they are good, only the registry knows; with
    O(verify) it is asked.
  - With O(docker_configs) and O(images) it answers without any cluster.
  - No password or token, and no base64 of them, appears in the result.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret_info.namespaces
options:
  pods:
    description:
      - Only Pods of these names. Each has an item of its own, even where it is like its workload.
    type: list
    elements: str
  workloads:
    description:
      - Only these workloads, such as V(deployment/web), and Pods of theirs that fail or differ from them. The
        kind is a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob.
      - With O(pods) both are returned.
    type: list
    elements: str
  node_providers:
    description:
      - Images for which nodes have credentials of their own, such as V(*.dkr.ecr.*.amazonaws.com), as in
        C(matchImages) of the nodes' credential providers. V(*) stands for one part of a host.
      - The cluster does not contain this information. Such images are marked with C(by_node).
    type: list
    elements: str
    default: []
  docker_configs:
    description:
      - Without a cluster. Docker configs in which to look up O(images), in order, as if a Pod had them as its pull
        secrets. Each may be a mapping, JSON or YAML text, base64 of that, a Secret with C(data) or C(stringData), or
        the content of its C(data), and of the older form C(.dockercfg).
      - Excludes the options that name namespaces, Pods and workloads. No connection is opened.
    type: raw
  images:
    description:
      - Without a cluster. The images to look up in O(docker_configs).
    type: list
    elements: str
  verify:
    description:
      - Whether the registries are asked if the entries that match do pull the images. Nothing is pulled;
        of each image only the head of its manifest is asked for, which does not count as a pull on Docker Hub.
      - A password is sent only after the registry has asked for one, to the registry itself or to its token service
        (O(verify_realms)), and over TLS unless the registry is one of O(verify_plain_http). No redirect is followed.
      - So that no account is locked, each pair of a registry and credentials is tried alone first, and not again in the
        task after a 401, or after three 403 that may be about the image. Nor is a registry asked again that gives no
        answer or has had too many requests.
      - It asks the same in check mode, for nothing is changed by it. A registry may keep a log of it, and gives a token
        that ends after some minutes; it is kept in memory alone.
      - The proxies of the environment (E(https_proxy), E(http_proxy), E(all_proxy), E(no_proxy)) are used, and not
        O(proxy), which is that of the API server.
      - It is the machine that runs the task which asks. Nodes may reach other registries, or trust others.
    type: bool
    default: false
  verify_scope:
    description:
      - V(ours) asks only with entries of Secrets that this collection made or took over; V(all) with
        those of every Secret.
      - V(ours) spares the credentials of others and is no protection from them. Labels and annotations say who made a
        Secret, and everyone who may write Secrets in a namespace can set them, and choose the registry in an image. The
        machine that runs the task then sends requests to that registry; limit with a firewall or proxy what it reaches.
      - O(docker_configs) are always asked with.
    type: str
    choices: [ours, all]
    default: ours
  verify_timeout:
    description:
      - The seconds within which all answers about one image must have come, from 1 to 600.
    type: int
    default: 10
  verify_concurrency:
    description:
      - How many images are asked for at a time, from 1 to 64.
    type: int
    default: 8
  verify_ca_cert:
    description:
      - Path of CA certificates in PEM that registries are checked against, beside those that the machine
        trusts. It is looked for on the controller, see O(remote_src).
    type: path
  verify_validate_certs:
    description:
      - Whether the certificates of registries are checked. Without it, anyone on the network path can read the
        passwords.
    type: bool
    default: true
  verify_realms:
    description:
      - Hosts of token services, such as V(gitlab.example.com), to which credentials may be sent when a
        registry names them; with a port only that port counts.
      - Without it they are sent to the registry's own host, on any port, and for Docker Hub, GitLab.com and
        DigitalOcean to V(auth.docker.io), V(gitlab.com) and V(api.digitalocean.com).
    type: list
    elements: str
    default: []
  verify_plain_http:
    description:
      - Registries that speak HTTP without TLS, as in images, such as V(registry.example.com:5000). That a
        server in a Secret begins with V(http://) does not count, as it does not for the kubelet.
    type: list
    elements: str
    default: []
notes:
  - A run needs the verb C(list) on C(secrets), C(pods), C(serviceaccounts), C(deployments), C(statefulsets),
    C(daemonsets), C(replicasets), C(jobs) and C(cronjobs), and for globs, selectors and more than 8 names on
    C(namespaces). What it may not list is in RV(unknown) and in a warning.
  - It sends one LIST for each kind, two for the pull secrets, and up to four for Secrets that are named and are no pull
    secrets, whose data is not read. For up to 8 names of namespaces these are sent for each, else once for all.
"""

EXAMPLES = r"""
- name: Which images of a namespace find credentials, and which do not
  keyring.kubernetes.image_access_info:
    namespace: web
  register: access

- name: What to look at
  ansible.builtin.debug:
    msg: >-
      {{ item.kind }} {{ item.name }}: {{ item.image }} {{ item.status }}
      {{ item.why | map(attribute='text') | join(' ') }}
  loop: "{{ access.images | rejectattr('status', 'eq', 'matched') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Why Pods of the teams fail now, where nodes pull from ECR by themselves
  keyring.kubernetes.image_access_info:
    namespaces: [team-*, '!team-sandbox']
    node_providers: ['*.dkr.ecr.*.amazonaws.com']
  register: access

- name: The causes
  ansible.builtin.debug:
    msg: "{{ item.namespace }}/{{ item.name }}: {{ item.cause.text }}"
  loop: "{{ access.images | selectattr('cause') }}"
  loop_control:
    label: "{{ item.name }}"

- name: One workload
  keyring.kubernetes.image_access_info:
    namespace: web
    workloads: [deployment/web]

- name: Whether the registries agree
  keyring.kubernetes.image_access_info:
    namespace: web
    verify: true
    verify_timeout: 5
  register: access

- name: What they refuse
  ansible.builtin.debug:
    msg: "{{ item.image }}: {{ item.verified.text }}"
  loop: "{{ access.images | selectattr('verified') | selectattr('verified.outcome', 'eq', 'denied') }}"
  loop_control:
    label: "{{ item.image }}"

- name: Check a docker config before it becomes a Secret, without a cluster
  keyring.kubernetes.image_access_info:
    docker_configs:
      - "{{ machine_docker_config }}"
    images:
      - ghcr.io/acme/app:1.2
      - nginx
"""

RETURN = r"""
failure:
  description:
    - Why the task failed. Unlike the message, these fields are stable, so that a playbook can branch on them.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The id of the failure. All of them are listed in
          R(Branch on failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: forbidden
    option:
      description:
        - The full name of the option that causes the failure, such as C(registries[2].password). Null where no option
          causes it, and where several do.
      type: str
      sample: null
    namespace:
      description:
        - The namespace in which the task failed. Null before a namespace is known, and where several failed.
      type: str
      sample: web
images:
  description:
    - The images, sorted by namespace, kind, name and image. A Pod is represented by its workload, unless a pull of it
      fails or it has other images or pull secrets.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace; null without a cluster, as everything up to C(service_account).
      type: str
      sample: web
    kind:
      description: The kind of what pulls the image, a Pod or what makes Pods.
      type: str
      sample: Deployment
    name:
      description: Its name.
      type: str
      sample: web
    controller:
      description:
        - What a Pod was made by, or null. Where owner references form a circle, each object in it counts alone.
      type: str
      sample: null
    service_account:
      description: Its ServiceAccount.
      type: str
      sample: default
    pods:
      description: How many Pods of the workload this item represents.
      type: int
      sample: 3
    image:
      description: The image, as it is written there.
      type: str
      sample: ghcr.io/acme/app:1.2
    containers:
      description: The containers with this image; an image volume as C(volume:) and its name.
      type: list
      elements: str
      sample: [app]
    status:
      description:
        - V(matched) when an entry matches, which does not say that the registry agrees.
        - V(no_entry) when none does, because the image is public, the node pulls it by itself, or credentials are
          missing.
        - V(secret_missing) and V(wrong_type) when none does and a Secret is not there, or is no pull secret.
        - V(secret_malformed) when one of the Secrets cannot be read, so that the kubelet refuses every image of the
          Pod.
        - V(unknown) when none does and not all could be listed that decides about it.
      type: str
      sample: matched
    secrets:
      description: The pull secrets of the Pod, in order.
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          type: str
          sample: registry
        state:
          description: V(found), V(missing), V(wrong_type), V(malformed) or V(unknown).
          type: str
          sample: found
        type:
          description: Its type, or null where it is not known.
          type: str
          sample: kubernetes.io/dockerconfigjson
    secret:
      description: The Secret whose credentials are tried first, or null.
      type: str
      sample: registry
    server:
      description: The server of the entry in it, without user information.
      type: str
      sample: ghcr.io
    username:
      description: Its user name; C(<hidden>) where it is a token or equals the password.
      type: str
      sample: octo
    entries:
      description: How many entries of these Secrets match, and have credentials. They are tried in turn.
      type: int
      sample: 1
    by_node:
      description: Whether one of O(node_providers) is for the image.
      type: bool
      sample: false
    why:
      description: Why the image finds no credentials, and what nearly serves it.
      type: list
      elements: dict
      contains:
        id:
          description: A word for the reason.
          type: str
          sample: final_slash
        secret:
          description: The Secret that it is about, or null.
          type: str
          sample: registry
        server:
          description: The server of the entry in it, or null.
          type: str
          sample: https://index.docker.io/v1
        text:
          description: The reason in a sentence.
          type: str
          sample: The key "https://index.docker.io/v1" lacks the final slash, so no image matches it.
    cause:
      description: Why the pull of the image fails now, or null where it does not.
      type: dict
      contains:
        id:
          description:
            - For credentials V(no_entry), V(wrong_credentials), V(credentials_added), V(secret_malformed),
              V(secret_missing), V(wrong_type), V(started_before_link), V(node_credentials).
            - Else V(rate_limit), V(certificate), V(plain_http), V(proxy), V(dns), V(unreachable), V(not_found),
              V(platform), V(registry_error), V(disk_full), V(never_pulled), V(invalid_image), V(signature), or
              V(unknown).
          type: str
          sample: wrong_credentials
        text:
          description: The cause in a sentence. What the kubelet says is quoted only for V(unknown).
          type: str
          sample: "The node cannot reach the registry: not a credential at all."
    verified:
      description: What the registry answers; null without O(verify), and for images that find no credentials.
      type: dict
      contains:
        outcome:
          description:
            - V(pullable) when it lets the entry, or everybody, pull the image.
            - V(denied) when it refuses the credentials.
            - V(not_found) when it has no such image or tag, or hides it from them.
            - V(unreachable) when it gives no answer in time, or its certificate is not accepted.
            - V(unverifiable) when it was not asked, or its answer says nothing about the entry.
          type: str
          sample: pullable
        text:
          description: The outcome in a sentence. What a token service says to a refusal is quoted, without secrets.
          type: str
          sample: The registry lets user octo pull it.
        secret:
          description:
            - The Secret of the entry that it was asked with, or null. Entries are tried in the kubelet's order until
              one is not refused; when all are, the first one is returned.
          type: str
          sample: registry
        server:
          description: The server of that entry.
          type: str
          sample: ghcr.io
        username:
          description: Its user name, as above.
          type: str
          sample: octo
problems:
  description: What else is wrong, sorted by namespace.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace; null without a cluster.
      type: str
      sample: web
    id:
      description:
        - V(started_before_link) for a Pod that lacks a Secret of its ServiceAccount which would serve its image.
        - V(duplicate_registry) for Secrets of one Pod with different credentials for the same registry, and
          V(duplicate_key) for a Secret with two entries that mean the same.
        - V(service_account_missing) for a workload that can make no Pods.
        - V(secret_missing) for a Secret that is referenced and does not exist, and V(unused_secret) for one without a
          reference, both without O(pods) and O(workloads). A custom resource may name it, which is not looked at.
      type: str
      sample: started_before_link
    kind:
      description: The kind of the object that it is about.
      type: str
      sample: Pod
    name:
      description: Its name.
      type: str
      sample: web-1
    text:
      description: The problem in a sentence.
      type: str
      sample: No Pod, workload or ServiceAccount of the namespace references Secret old.
summary:
  description: Counts of images by status, of those that are marked, and of problems; with O(verify) also by outcome.
  returned: success
  type: dict
  sample:
    images: 2
    matched: 1
    no_entry: 1
    secret_missing: 0
    secret_malformed: 0
    wrong_type: 0
    unknown: 0
    by_node: 0
    failing: 1
    problems: 0
unknown:
  description: What could not be listed. It is missing from the answer.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace; null when it was asked for all at once.
      type: str
      sample: web
    kind:
      description: The kind of object.
      type: str
      sample: Secret
    text:
      description: Why, and which right is missing.
      type: str
      sample: "Cannot list Secrets of all namespaces: forbidden (403)."
cluster:
  description: Which API server was meant, and how it was chosen; null with O(docker_configs).
  returned: when the connection could be set up
  type: dict
  contains:
    server:
      description: URL of the API server, without user information.
      type: str
      sample: https://cluster.example.com:6443
    context:
      description: Context of the kubeconfig, or null.
      type: str
      sample: production
    source:
      description: Where the choice came from; one of V(arguments), V(environment), V(kubeconfig), V(in_cluster).
      type: str
      sample: arguments
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.image_access_info import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
