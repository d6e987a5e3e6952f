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
  - For each image of the Pods and workloads in one namespace or in many, return the entry of the pull secret that the
    kubelet would use, by the kubelet's rules. If there is none, the result has entries that nearly match, and why they
    do not. If a pull fails now, it has the cause in a sentence.
  - A Pod with C(imagePullSecrets) uses only these. A Pod without them uses those that its ServiceAccount had when the
    Pod was created. Workloads are checked as if their Pods were created now.
  - An image with matching credentials has the status V(matched). Only the registry knows whether they are valid. Set
    O(verify) to ask the registry.
  - Set O(upgrade_audit) before an upgrade to Kubernetes 1.35 or later, to find images that run only because another Pod
    has pulled them.
  - With O(docker_configs) and O(images), no cluster is needed.
  - Passwords and tokens are not shown in the result, neither as text nor in base64. The limits are
    in the guide R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes.info
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.secret_info.namespaces
  - keyring.kubernetes.verify.registries
options:
  pods:
    description:
      - Check only the Pods with these names. Each has its own item in the result, even if it is like its workload.
    type: list
    elements: str
  workloads:
    description:
      - Check only these workloads, such as V(deployment/web), and those of their Pods that fail or differ. The kind is
        Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob.
      - If O(pods) is also set, both are checked.
    type: list
    elements: str
  node_providers:
    description:
      - Images for which nodes have their own credentials, such as V(*.dkr.ecr.*.amazonaws.com), in the form of
        C(matchImages) of a credential provider. V(*) matches one label of the host name, or a part of a label.
      - The API does not contain this information. RV(images[].by_node) marks such images.
    type: list
    elements: str
    default: []
  docker_configs:
    description:
      - The docker configs in which to look up O(images), in order, as if a Pod had them as its pull secrets. Each is a
        mapping, JSON or YAML text, base64, a Secret manifest, or its C(data). The older C(.dockercfg) format is
        accepted.
      - No connection to a cluster is opened. Options that select namespaces, Pods and workloads cannot be used.
    type: raw
  images:
    description:
      - The images to look up in O(docker_configs).
    type: list
    elements: str
  upgrade_audit:
    description:
      - Also return for each image whose credentials pull it, and whether a kubelet will refuse it. Since Kubernetes
        1.35, the kubelet checks by default whether a Pod may use an image that is already on the node. An image that
        another Pod has pulled with its Secret is then refused to Pods without that Secret.
      - The task also lists C(nodes), and the pull secrets of all namespaces. It never uses C(nodes/proxy), which is a
        permission to execute commands in every container.
      - An image without a matching entry can be public. Only the registry knows, so it is V(unknown) unless O(verify)
        is set. The task then asks once for each image name, without credentials.
      - A prediction names an event, such as a new node. It never has a date.
    type: bool
    default: false
  kubelet_policy:
    description:
      - The value of C(imagePullCredentialsVerificationPolicy) in the configuration of the kubelets. The API does not
        show it without C(nodes/proxy).
    type: str
    choices: [NeverVerifyPreloadedImages, NeverVerify, AlwaysVerify, NeverVerifyAllowlistedImages]
    default: NeverVerifyPreloadedImages
  kubelet_allowlist:
    description:
      - The value of C(preloadedImagesVerificationAllowlist) in the configuration of the kubelets, for
        O(kubelet_policy=NeverVerifyAllowlistedImages). An item is an image with its registry and without a tag, such as
        V(ghcr.io/acme/app), or a prefix that ends with C(/*), such as V(ghcr.io/acme/*).
    type: list
    elements: str
  node_credentials:
    description:
      - The credentials and mirrors with which nodes pull images by themselves, in addition to O(node_providers). The
        API does not contain this information.
      - RV(images[].by_node) marks the images that they cover.
    type: dict
    suboptions:
      credential_provider_config:
        description:
          - A C(CredentialProviderConfig) of the kubelet, as a mapping or as YAML or JSON text, or a list of them.
          - A provider with C(requiredServiceAccountAnnotationKeys) covers only Pods whose ServiceAccount has these
            annotations.
        type: raw
      docker_configs:
        description:
          - The docker configs of the nodes, such as C(/var/lib/kubelet/config.json), in the forms of O(docker_configs).
        type: raw
      mirrors:
        description:
          - The C(registries.yaml) of RKE2 or K3s, as a mapping or as text, or a list of them. Registries with an
            endpoint or a login in it are covered.
        type: raw
  verify:
    description:
      - Ask the registries whether the matching entries can pull the images. Nothing is pulled. The task sends a HEAD
        request for the manifest of each image, which does not count as a pull on Docker Hub.
      - The requests come from the machine that runs the task. Nodes may be in another network, and trust other
        certificates.
      - A password is sent only after the registry has asked for one. It is sent to the registry or to its token service
        (O(verify_realms)), and over TLS unless the registry is listed in O(verify_plain_http). Redirects are not
        followed.
      - To avoid locked accounts, each combination of registry and credentials is first tried with one image. It is not
        tried again after one 401, or after three 403. A registry that does not answer, or answers 429, is not asked
        again.
      - Check mode sends the same requests, because they change nothing. The registry can log them. It issues tokens
        that expire after some minutes, which are kept in memory.
      - The proxies of the environment (E(https_proxy), E(http_proxy), E(all_proxy), E(no_proxy)) are used. O(proxy) is
        only for the API server.
    type: bool
    default: false
  verify_scope:
    description:
      - With V(ours), only entries of Secrets that this collection manages are verified. With V(all), those of every
        Secret.
      - V(ours) is not a security boundary. Anyone who can write Secrets in a namespace can set the labels and
        annotations of this collection, and choose the registry of an image. The machine that runs the task then sends
        requests to that registry. Use a firewall or a proxy to limit which hosts it can reach.
      - Entries of O(docker_configs) are always verified.
    type: str
    choices: [ours, all]
    default: ours
  verify_max_requests:
    description:
      - The maximum number of requests with which O(upgrade_audit) asks registries whether images are public, from 0 to
        100000. An image needs up to three. With V(0), there is no warning about registries that were not asked.
    type: int
    default: 500
notes:
  - With O(upgrade_audit), a task also needs C(list) on C(nodes), and on C(secrets) in all namespaces. Without them, the
    images that depend on them are V(unknown), and a warning has the missing rule. On OpenShift, the Secret
    C(pull-secret) of C(openshift-config) is read where permitted, because the nodes pull with it.
  - A task needs C(list) on C(secrets), C(serviceaccounts), C(pods) and the workloads of Kubernetes, on the custom
    resources of installed programs that can use a pull secret, and on C(namespaces) for globs, selectors and more than
    8 names. The ClusterRole C(image-access-reader) in the guide to permissions has all rules. RV(unknown) and a warning
    name the kinds that the task cannot list.
  - The task sends one LIST for each kind, two for the pull secrets, and up to four for referenced Secrets of other
    types, without their data. For up to 8 names of namespaces, these are sent for each namespace, otherwise once for
    all.
seealso:
  - module: keyring.kubernetes.image_pull_secret
  - module: keyring.kubernetes.image_pull_secret_info
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_image_pull_backoff
    description: Find the cause of ImagePullBackOff with a playbook.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
  - ref: ansible_collections.keyring.kubernetes.docsite.playbooks
    description: >-
      The playbooks C(explain_pull), C(image_access_report) and C(image_access_upgrade_check), which use this module.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_upgrade
    description: Check images before an upgrade.
"""

EXAMPLES = r"""
- name: Look up the credentials of all images of a namespace
  keyring.kubernetes.image_access_info:
    namespace: web
  register: access

- name: Show the images without credentials
  ansible.builtin.debug:
    msg: >-
      {{ item.kind }} {{ item.name }}: {{ item.image }} {{ item.status }}
      {{ item.why | map(attribute='text') | join(' ') }}
  loop: "{{ access.images | rejectattr('status', 'eq', 'matched') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Find the causes of failing pulls, if the nodes can pull from ECR themselves
  keyring.kubernetes.image_access_info:
    namespaces: [team-*, '!team-sandbox']
    node_providers: ['*.dkr.ecr.*.amazonaws.com']
  register: access

- name: Show the causes
  ansible.builtin.debug:
    msg: "{{ item.namespace }}/{{ item.name }}: {{ item.cause.text }}"
  loop: "{{ access.images | selectattr('cause') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Check one workload
  keyring.kubernetes.image_access_info:
    namespace: web
    workloads: [deployment/web]

- name: Ask the registries whether the credentials are valid
  keyring.kubernetes.image_access_info:
    namespace: web
    verify: true
    verify_timeout: 5
  register: access

- name: Show the credentials that a registry refused
  ansible.builtin.debug:
    msg: "{{ item.image }}: {{ item.verified.text }}"
  loop: "{{ access.images | selectattr('verified') }}"
  when: item.verified.outcome == 'denied'
  loop_control:
    label: "{{ item.image }}"

- name: Find the images that a kubelet will refuse after an upgrade
  keyring.kubernetes.image_access_info:
    namespaces: ['*']
    upgrade_audit: true
    verify: true
    verify_timeout: 5
    node_credentials:
      mirrors: # as in the registries.yaml of RKE2 or K3s
        mirrors:
          docker.io:
            endpoint: ['https://mirror.example.com']
  register: access

- name: Show them, with the way to fix each
  ansible.builtin.debug:
    msg: >-
      {{ item.namespace }}/{{ item.name }}: {{ item.image }}.
      {{ item.fix.text if item.fix else item.upgrade.text }}
  loop: "{{ access.images | selectattr('upgrade.outcome', 'eq', 'fails') }}"
  loop_control:
    label: "{{ item.name }}"

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
    - Why the task failed. Unlike the message, these fields are stable, so a playbook can branch on them.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The ID of the failure. All of them are in the guide
          R(Look up and handle failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: forbidden
    option:
      description:
        - The full name of the option that caused the failure, such as C(registries[2].password). Null if no option, or
          more than one, caused it.
      type: str
      sample: null
    namespace:
      description:
        - The namespace in which the task failed. Null if several failed, or if the task failed before it used one.
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
      description: The namespace. Null without a cluster, as is everything up to C(service_account).
      type: str
      sample: web
    kind:
      description: The kind of the object that pulls the image, a Pod or a workload.
      type: str
      sample: Deployment
    name:
      description: The name of the object.
      type: str
      sample: web
    controller:
      description:
        - The controller that created the Pod, or null. If owner references form a circle, each object in it is listed
          separately.
      type: str
      sample: null
    service_account:
      description: The ServiceAccount.
      type: str
      sample: default
    pods:
      description: Number of Pods of the workload that this item represents.
      type: int
      sample: 3
    image:
      description: The image, as written in the object.
      type: str
      sample: ghcr.io/acme/app:1.2
    containers:
      description: The containers with this image. An image volume is listed as C(volume:) and its name.
      type: list
      elements: str
      sample: [app]
    status:
      description:
        - V(matched) if an entry matches. Its credentials can still be wrong.
        - V(no_entry) if no entry matches. The image is public, the node pulls it with its own credentials, or
          credentials are missing.
        - V(secret_missing) and V(wrong_type) if no entry matches, and a Secret does not exist or is not a pull secret.
        - V(secret_malformed) if one of the Secrets cannot be read. The kubelet then refuses every image of the Pod.
        - V(unknown) if no entry matches, and some Secrets or ServiceAccounts could not be listed.
      type: str
      sample: matched
    secrets:
      description: The pull secrets of the Pod, in order.
      type: list
      elements: dict
      contains:
        name:
          description: The name of the Secret.
          type: str
          sample: registry
        state:
          description: V(found), V(missing), V(wrong_type), V(malformed) or V(unknown).
          type: str
          sample: found
        type:
          description: The type. Null if it is unknown.
          type: str
          sample: kubernetes.io/dockerconfigjson
    secret:
      description: The Secret whose credentials are tried first, or null.
      type: str
      sample: registry
    server:
      description: The server of that entry, without user information.
      type: str
      sample: ghcr.io
    username:
      description: The user name of that entry. V(<hidden>) if it looks like a token or equals the password.
      type: str
      sample: octo
    entries:
      description: Number of matching entries with credentials in these Secrets. They are tried in turn.
      type: int
      sample: 1
    by_node:
      description: Whether O(node_providers) or O(node_credentials) cover the image.
      type: bool
      sample: false
    why:
      description: Why the image has no credentials, and entries that nearly match.
      type: list
      elements: dict
      contains:
        id:
          description: The ID of the reason.
          type: str
          sample: final_slash
        secret:
          description: The Secret, or null.
          type: str
          sample: registry
        server:
          description: The server of the entry, or null.
          type: str
          sample: https://index.docker.io/v1
        text:
          description: The reason in a sentence.
          type: str
          sample: It lacks the final slash, so no image matches it.
    cause:
      description:
        - Why the pull of the image fails now. Null if it does not fail. With O(verify), also V(retired) for an image
          that runs in no Pod and that its registry does not have.
      type: dict
      contains:
        id:
          description:
            - If credentials are the cause, V(no_entry), V(wrong_credentials), V(credentials_added),
              V(secret_malformed), V(secret_missing), V(wrong_type), V(started_before_link), V(node_credentials).
            - Otherwise V(rate_limit), V(pull_qps), V(certificate), V(plain_http), V(proxy), V(dns), V(unreachable),
              V(not_a_registry), V(not_found), V(platform), V(image_format), V(registry_error), V(disk_full),
              V(never_pulled), V(invalid_image), V(signature), V(retired)
              for an image that its publisher has removed, or V(unknown).
          type: str
          sample: wrong_credentials
        text:
          description: The cause in a sentence. The message of the kubelet is quoted only for V(unknown).
          type: str
          sample: The node cannot reach the registry. Credentials are not the cause.
    pull_policy:
      description: The C(imagePullPolicy) of the containers, the strictest if they differ.
      returned: with O(upgrade_audit)
      type: str
      sample: IfNotPresent
    credentials:
      description:
        - V(own) if an entry of the Pod matches, and V(public) if the registry serves the image to everyone.
        - V(node) if nodes pull it with their own credentials or from a mirror.
        - V(borrowed) if the Pod has no credentials, and a Secret that it does not use has an entry for the image.
        - V(missing) if no known Secret has an entry and the registry asks for credentials, if the pull already fails
          for lack of credentials, or if a Secret of the Pod cannot be read.
        - V(unknown) if the registry was not asked or gave no clear answer, or something could not be read.
      returned: with O(upgrade_audit)
      type: str
      sample: borrowed
    unknown_because:
      description:
        - Why RV(images[].credentials) is V(unknown), otherwise null.
        - V(not_asked) if O(verify) is not set, the registry could no longer be asked, or it does not have the other tag
          of the image that it was asked for. V(no_answer) and V(not_found) are about its answer. V(retired) if the
          publisher has removed the image.
        - V(node_credentials) if the nodes of this cloud usually pull the image by themselves, and neither
          O(node_providers) nor O(node_credentials.credential_provider_config) is set.
        - V(unreadable) if Secrets or ServiceAccounts could not be read.
      returned: with O(upgrade_audit)
      type: str
      sample: null
    borrowed_from:
      description:
        - The first Secrets with an entry for an image that is V(borrowed), and for one that is V(unknown) and could be.
      returned: with O(upgrade_audit)
      type: list
      elements: dict
      contains:
        namespace:
          description: The namespace of the Secret.
          type: str
          sample: demo
        name:
          description: The name of the Secret.
          type: str
          sample: registry
        server:
          description: The server of the entry.
          type: str
          sample: ghcr.io
        username:
          description: The user name of the entry, as above.
          type: str
          sample: octo
    running:
      description: Whether a container with the image was started in one of the Pods.
      returned: with O(upgrade_audit)
      type: bool
      sample: true
    upgrade:
      description: The prediction for the image.
      returned: with O(upgrade_audit)
      type: dict
      contains:
        outcome:
          description: V(ok), V(fails) or V(unknown).
          type: str
          sample: fails
        when:
          description:
            - V(now) if a new Pod fails now. V(new_node_or_tag) if a new Pod fails on a node without the image, or with
              a new tag. V(node_upgrade) if it fails only after the nodes are upgraded. Null if it does not fail.
          type: str
          sample: new_node_or_tag
        nodes:
          description: Number of Nodes of the cluster by kubelet version. Empty if they could not be listed.
          type: dict
          sample: {"v1.34.6": 12, "v1.35.2": 3}
        text:
          description: The prediction in a sentence.
          type: str
          sample: The Pod has credentials of its own for the image.
    fix:
      description:
        - How to make the image pullable. Null if nothing needs to be done, as for images that nodes pull, and if no fix
          is known.
      returned: with O(upgrade_audit)
      type: dict
      contains:
        text:
          description: The fix in a sentence.
          type: str
          sample: Link Secret registry to ServiceAccount default. Then recreate the existing Pods.
        task:
          description: A task as data, with the name of a module and its options. Null if no task does it.
          type: dict
          sample:
            keyring.kubernetes.service_account_secrets:
              namespace: web
              service_account: default
              image_pull_secrets: [{name: registry}]
    verified:
      description: The answer of the registry. Null if O(verify) is not set, and for images without credentials.
      type: dict
      contains:
        outcome:
          description:
            - V(pullable) if the entry can pull the image. Also if the image is public, in which case the credentials
              are not checked.
            - V(denied) if the registry refuses the credentials, or does not let them pull the image.
            - V(not_found) if the image or tag does not exist, or is hidden from this user.
            - V(unreachable) if the registry does not answer in time, or its certificate is not accepted.
            - V(unverifiable) if the registry was not asked, or its answer proves nothing, such as 429, 5xx or a
              redirect.
          type: str
          sample: pullable
        text:
          description: The outcome in a sentence. The refusal of a token service is quoted, without secrets.
          type: str
          sample: The registry lets user octo pull it.
        secret:
          description:
            - The Secret of the entry that was used, or null. Entries are tried in the order of the kubelet until one is
              not refused. If all are refused, this is the first one.
          type: str
          sample: registry
        server:
          description: The server of that entry.
          type: str
          sample: ghcr.io
        username:
          description: The user name of that entry, as above.
          type: str
          sample: octo
problems:
  description: Other problems, sorted by namespace.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace. Null without a cluster.
      type: str
      sample: web
    id:
      description:
        - V(started_before_link) for a Pod that lacks a Secret of its ServiceAccount which would serve its image.
        - V(duplicate_registry) for Secrets of one Pod with different credentials for the same registry, and
          V(duplicate_key) for a Secret with two entries for the same registry.
        - V(service_account_missing) for a workload that cannot create Pods.
        - V(secret_missing) for a Secret that is referenced and does not exist, and V(unused_secret) for a Secret
          without a reference. Both are returned only without O(pods) and O(workloads). References in the custom
          resources of installed programs count; the guide
          R(Permissions,ansible_collections.keyring.kubernetes.docsite.guide_rights) lists them. If one of these kinds
          cannot be listed, V(unused_secret) is not returned.
        - V(kubelet_will_refuse) with O(upgrade_audit), for an image whose pull does not fail yet.
      type: str
      sample: started_before_link
    kind:
      description: The kind of the object.
      type: str
      sample: Pod
    name:
      description: The name of the object.
      type: str
      sample: web-1
    text:
      description: The problem in a sentence.
      type: str
      sample: No Pod, workload or ServiceAccount of the namespace references Secret old.
restarts:
  description:
    - What to restart because its Pods were created before a Secret was linked to their ServiceAccount. Only new Pods
      get the Secret. Each object is listed once, sorted by namespace.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web
    kind:
      description: The kind of the object. Deployment, DaemonSet, StatefulSet, Job or CronJob, otherwise the Pod itself.
      type: str
      sample: Deployment
    name:
      description: The name of the object.
      type: str
      sample: web
    secrets:
      description: The Secrets that the Pods lack.
      type: list
      elements: str
      sample: [registry]
    pods:
      description: The number of these Pods.
      type: int
      sample: 2
    command:
      description: The command that replaces the Pods, quoted for a shell. Null for a Job or CronJob.
      type: str
      sample: kubectl rollout restart deployment/web -n web
    text:
      description: The reason and the advice in sentences.
      type: str
      sample: >-
        2 Pods of Deployment web were created before Secret registry was linked to the ServiceAccount. Restart it.
summary:
  description:
    - Number of images with each status, of images that RV(images[].by_node) marks, of failing images, and of problems.
      With O(verify), also of images with each outcome. With O(upgrade_audit), also of images with each
      RV(images[].upgrade.outcome).
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
  description: The kinds that could not be listed. The result does not contain them.
  returned: success
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace. Null if all namespaces were listed at once.
      type: str
      sample: web
    kind:
      description: The kind of object.
      type: str
      sample: Secret
    text:
      description: The reason, with the missing permission.
      type: str
      sample: "Cannot list Secrets of all namespaces: forbidden (403)."
cluster:
  description: The API server that was chosen, and how. Null with O(docker_configs).
  returned: when the connection could be set up
  type: dict
  contains:
    server:
      description: The URL of the API server, without user information.
      type: str
      sample: https://cluster.example.com:6443
    context:
      description: The context of the kubeconfig, or null.
      type: str
      sample: production
    source:
      description: How it was chosen, one of V(arguments), V(environment), V(kubeconfig), V(in_cluster).
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
