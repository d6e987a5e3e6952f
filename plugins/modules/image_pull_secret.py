# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a pull secret, in one namespace or in many."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pull_secret
short_description: Manage image pull secrets in Kubernetes namespaces
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Create, update or delete a Secret of type C(kubernetes.io/dockerconfigjson) that holds registry credentials. With
    O(format), write the same credentials for builds with kaniko and BuildKit, for Argo CD or for Kargo.
  - Registries that the task does not name stay in the Secret, unless O(purge_registries) is set. Other labels,
    annotations and keys stay too.
  - The Secret is read once, and written only if something changes. It is updated in place and keeps its UID. A change
    that another client makes in the meantime is not overwritten. The task reads again and decides again.
  - One task can manage the same Secret in many namespaces. If it fails in one namespace, it continues with the others
    and fails at the end. Run it again to complete the rest.
  - Passwords and tokens are not shown in results, diffs, warnings, errors or logs, neither as text nor in base64. This
    module cannot return a password. The limits are
    in the guide R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.namespaces_limit
  - keyring.kubernetes.secret
  - keyring.kubernetes.verify
  - keyring.kubernetes.verify.registries
options:
  state:
    description:
      - V(present) creates or updates the Secret. V(absent) deletes it.
      - With V(absent), only the connection options, those that select the Secret and its namespaces, O(owner),
        O(take_ownership), O(service_accounts), O(in_use), O(concurrency) and O(report) have an effect. O(prune) is an
        error.
    type: str
    choices: [present, absent]
    default: present
  registries:
    description:
      - Credentials, one item per registry. They are combined with those of O(docker_config), O(docker_config_file) and
        O(credentials_from). Naming a registry twice is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - The registry as in image names. This is a host with an optional port and path, such as V(ghcr.io) or
            V(registry.example.com:5000/team/). For Docker Hub, use V(https://index.docker.io/v1/).
          - V(*) matches one label of the host name, as in V(*.example.com), or a part of a label. A path without a
            trailing C(/) also matches names that merely begin with it; V(host/team) serves V(host/team-b/app).
          - Either this option or O(registries[].preset) is required.
        type: str
      preset:
        description:
          - A registry preset, used instead of O(registries[].server). It sets the server, and for some registries the
            user name. A preset with several servers creates one entry for each. The task fails for values that the
            registry is known to reject.
          - One of V(acr), V(alibaba), V(artifact_registry), V(artifactory), V(chainguard), V(cloudsmith),
            V(digitalocean), V(docker_hardened_images), V(docker_hub), V(ecr), V(ecr_public), V(forgejo), V(gcr),
            V(ghcr), V(gitea), V(gitlab), V(harbor), V(huawei), V(ibm_cloud), V(iron_bank), V(nexus), V(ngc),
            V(openshift_internal), V(oracle), V(quay), V(red_hat), V(replicated), V(scaleway),
            V(suse_application_collection), V(upbound) and V(yandex).
          - The R(table of presets,ansible_collections.keyring.kubernetes.docsite.registries) lists their servers,
            options, user names and passwords.
        type: str
      preset_options:
        description:
          - Options of the preset, such as C(region) and C(account_id) for V(ecr), C(location) for V(artifact_registry),
            C(name) for V(acr), C(host) for V(harbor) or C(regions) for V(ibm_cloud).
          - For V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr), they also include how to mint a token,
            such as C(role_arn), C(key_file) or C(client_secret). The minting options cannot be combined with
            O(registries[].password).
          - For V(harbor), C(refresh_secret=true) with C(robot_id), C(api_username) and C(api_password) sets a new
            secret of the robot account through the API of Harbor when the stored one is due. The old secret is invalid
            at once, wherever else it is stored, so the task must select one namespace. A secret counts as expired after
            C(refresh_days), 30 by default.
        type: dict
      username:
        description:
          - The user name. It cannot contain C(:). Omit it if O(registries[].preset) sets it.
        type: str
      password:
        description:
          - Password or token. An empty string or a mask such as C(******) is an error.
          - If it is omitted, the presets V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) obtain ("mint")
            a short-lived token from the cloud provider, once for all namespaces, on the machine that runs the task.
            Check mode mints nothing.
          - A stored token is kept, and no request is sent to the cloud provider, while it is valid for at least
            O(min_validity) more seconds.
          - Minting needs the Python package C(boto3), C(google-auth[requests]), C(azure-identity) or, for V(harbor),
            C(requests).
        type: str
      expires_at:
        description:
          - When the password expires, as a date, or a time with a time zone, such as V(2027-01-31) or
            V(2027-01-31T12:00:00Z). An unquoted YAML date is accepted. It is stored in the annotation
            C(keyring.kubernetes/expires-at) and returned in results. For a minted token it is set automatically.
          - If this option is omitted and the password is a signed JSON Web Token, its claim C(exp) is the expiry date.
            It is not stored in the annotation. A date that is given here wins, with a warning if it is later than
            C(exp).
          - If the password changes and this option is omitted, the stored expiry date is removed. A date in the past
            causes a warning, and so does an expired token.
        type: str
      email:
        description:
          - The e-mail address. Kubernetes does not use it. If omitted, a stored address is kept.
        type: str
      state:
        description:
          - V(absent) removes this registry from the Secret. Removing the last registry is an error; delete the Secret
            with O(state=absent) instead.
        type: str
        choices: [present, absent]
        default: present
  docker_config:
    description:
      - A complete docker config, as a mapping, as JSON or YAML text, or as base64. JSON is also accepted without its
        outer braces.
      - A Secret manifest, or its C(data), is also accepted. So you can pass the files that Quay and Red Hat offer for
        download, or the output of C(kubectl get secret -o yaml), unchanged. A List or multi-document YAML must contain
        exactly one Secret with a docker config. The older C(.dockercfg) format is accepted.
      - Only C(auths) is written. Field names are matched regardless of case.
      - Entries without credentials are skipped with a warning, such as C({}) of a credential helper. Session tokens of
        C(docker login) are skipped too, because they give access to the whole account and kubelets do not use them.
        These are C(identitytoken), C(registrytoken), and the entries C(https://index.docker.io/v1/access-token) and
        C(https://index.docker.io/v1/refresh-token).
      - If nothing is left, or an entry has a user name without a password or the reverse, the task fails. It also fails
        if C(auth) and the plain fields of an entry hold different credentials, of which the kubelet uses C(auth).
    type: raw
  docker_config_file:
    description:
      - The path of a file with a docker config of at most 1 MiB, in one of the forms of O(docker_config). It can be
        encrypted with Ansible Vault. See O(remote_src) for where it is searched.
      - The file is UTF-8, with or without a byte-order mark, or UTF-16 with one, as C(>) in Windows PowerShell writes
        it.
    type: path
  docker_config_servers:
    description:
      - Import only these servers of O(docker_config) or O(docker_config_file). Each must have an entry with credentials
        there. The default is to import all servers.
      - Different spellings of one registry are the same, such as V(ghcr.io) and V(https://ghcr.io/v2/).
    type: list
    elements: str
  credentials_from:
    description:
      - Copy the credentials of another pull secret, or of several. The module reads them from the cluster, so they
        never pass through variables or task arguments. Session tokens of C(docker login) are not copied.
      - A mapping stands for a list with one item. The registries of several Secrets are combined. If two Secrets have
        different credentials for the same registry, the task fails.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name of the source Secret.
        type: str
        required: true
      namespace:
        description:
          - Namespace of the source Secret. Defaults to the namespace that is written. Required with O(namespaces) or
            O(namespace_selectors).
        type: str
      servers:
        description:
          - Copy only these servers. Each must have an entry with credentials in the source Secret. The default is to
            copy all of them.
        type: list
        elements: str
  format:
    description:
      - The consumer that reads the Secret. Each Secret serves one format. Use a second Secret for a second consumer.
      - V(pull_secret) - The kubelet, which pulls the images of Pods. Also Flux, Tekton and other programs that read
        Secrets of type C(kubernetes.io/dockerconfigjson).
      - V(config_json) - Builds with kaniko and BuildKit. A Secret of type C(Opaque) with the key C(config.json). Mount
        it as C(/kaniko/.docker) or C(~/.docker). These programs compare only the host of an entry, and know no
        wildcards. A server with a path causes a warning, two servers on one host and a wildcard are errors. Docker Hub
        is written as C(https://index.docker.io/v1/), under which they look it up.
      - V(argocd_oci) - Argo CD, for OCI artifacts and Helm charts in a registry. Holds one registry. The Secret must be
        in the namespace in which Argo CD runs.
      - V(kargo_image) - Kargo, for the images that a Warehouse subscribes to. Holds one registry. The Secret must be in
        the namespace of the Kargo project.
      - With all formats but V(pull_secret), O(images) and O(service_accounts) are errors, because the kubelet does not
        read such a Secret. The credentials can still be checked with O(verify).
      - With V(argocd_oci) and V(kargo_image), O(registries), O(docker_config) and O(credentials_from) together must
        name exactly one registry. O(registries[].email) and O(registries[].state=absent) are errors, and
        O(purge_registries) has no effect. A stored user name or password is only kept for the same registry.
      - A Secret of type C(Opaque) that does not belong to the format is neither changed nor deleted.
    type: str
    choices: [pull_secret, config_json, argocd_oci, kargo_image]
    default: pull_secret
  format_options:
    description:
      - Options of one consumer. V(null) removes a value that was written earlier, or restores the default.
      - For V(argocd_oci), C(argocd_type) is V(oci) (the default, since Argo CD 3.1), or V(helm) for charts that
        applications reference with C(chart).
      - For V(argocd_oci), C(argocd_secret_type) is V(repository) (the default) for one repository, or V(repo-creds) for
        all repositories whose URL begins with C(argocd_url).
      - For V(argocd_oci), C(argocd_url) is the URL as in applications. With type V(oci), it is such as
        V(oci://ghcr.io/acme/app); with V(helm), it has no scheme, such as V(ghcr.io/acme/charts). The default is the
        server of the registry in this form, with a slash at the end for V(repo-creds). A repository of type V(oci) must
        have a path. The URL must be on the host of the registry.
      - For V(argocd_oci), C(argocd_insecure_oci_force_http) is a boolean. C(argocd_proxy) is the URL of a proxy, and
        C(argocd_no_proxy) lists the hosts to reach without it. With V(repository), C(argocd_name) is the name of the
        repository, C(argocd_project) its project, and C(argocd_insecure) is a boolean.
      - For V(kargo_image), C(kargo_url) is the image repository, such as V(ghcr.io/acme/app). The default is the server
        of the registry, if it has a path. C(kargo_url_is_regex) is a boolean. If it is V(true), C(kargo_url) is a
        regular expression of Go, such as V(^ghcr\\.io/acme/).
    type: dict
    default: {}
  update_credentials:
    description:
      - What to do with credentials that are already stored.
      - V(always) writes the given credentials; each registry needs a user name and a password.
      - V(when_given) keeps the stored value of a user name or password that is omitted.
      - V(on_create) writes a registry that is missing and never changes its credentials afterwards, for example because
        another tool rotates them.
      - With V(when_given) and V(on_create), a token is minted only if none is stored. With V(when_given), O(force_mint)
        overrides this.
    type: str
    choices: [always, when_given, on_create]
    default: always
  purge_registries:
    description:
      - Remove the registries that the task does not name. A stored docker config that cannot be parsed is replaced.
    type: bool
    default: false
  min_validity:
    description:
      - Replace a stored minted token that is valid for less than this many seconds. The default is a third of its
        lifetime, which is 4 hours for V(ecr), 20 minutes for V(artifact_registry) and 1 hour for V(acr).
      - Set it to more than the time between two runs.
    type: int
  force_mint:
    description:
      - Mint new tokens even if the stored ones are still valid, for example after a leak.
    type: bool
    default: false
  images:
    description:
      - Images that the Secret must have credentials for, such as V(ghcr.io/acme/app:1.2).
      - Before it writes, in every namespace and also in check mode, the task looks up each image in the resulting
        Secret by the kubelet's rules. O(preflight) sets what happens if one has no match.
      - The registry is not contacted, so wrong passwords are not detected. Set O(verify) to detect them.
    type: list
    elements: str
  preflight:
    description:
      - What to do if one of O(images) has no matching credentials. V(fail) fails before anything is written and names
        the closest entry. V(warn) writes the Secret and warns.
    type: str
    choices: [fail, warn]
    default: fail
  verify:
    description:
      - Ask the registries about the credentials that the task would write, before it writes anything. Credentials that
        are already stored in the Secret are not asked about. If nothing would be written, no registry is contacted.
      - For each of O(images), the registry of the image is asked whether the entry that the kubelet tries first can
        pull it. Nothing is pulled. The task sends a HEAD request for the manifest, which does not count as a pull on
        Docker Hub. Other entries are asked about as by C(docker login), on the host of their server.
      - Each combination of registry and credentials is sent once, regardless of the number of namespaces. If a registry
        refuses credentials, the task fails in all namespaces, and nothing is written. O(verify_require) sets what else
        is a failure.
      - To avoid locked accounts, credentials are not sent again after one 401, or after three 403, and a registry that
        has refused 5 different credentials of the task gets no others. A registry that does not answer, or answers 429,
        is not asked again. In Ansible's own process, the hosts of a play and the items of a loop share the answers, so
        that a wrong password on many hosts is one failed login.
      - Minted tokens are not asked about (V(unverifiable)).
      - Check mode sends the same requests, because they change nothing. The registry can log the user name, the image
        and the address of the machine that runs the task. It can issue tokens that expire after some minutes, which are
        kept in memory.
      - A password is sent only after the registry has asked for one. It is sent to the registry or to its token service
        (O(verify_realms)), and over TLS unless the registry is listed in O(verify_plain_http). Redirects are not
        followed.
      - The requests come from the machine that runs the task. Nodes may be in another network, and trust other
        certificates. The proxies of the environment (E(https_proxy), E(http_proxy), E(all_proxy), E(no_proxy)) are
        used. O(proxy) is only for the API server.
    type: bool
    default: false
seealso:
  - module: keyring.kubernetes.image_pull_secret_info
  - module: keyring.kubernetes.image_access_info
  - module: keyring.kubernetes.service_account_secrets
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_first_secret
    description: Create the first Secret, step by step.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_many
    description:
      Manage a Secret in every namespace of every cluster. The role P(keyring.kubernetes.pull_secrets#role) does this
      from variables.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_builders
    description: Write registry credentials for builds, Argo CD and Kargo.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_verify
    description: Ask the registries before credentials are written.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Create a pull secret for one registry
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Add a second registry to the same Secret
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: https://index.docker.io/v1/
        username: acme
        password: "{{ docker_hub_token }}"
        email: ops@example.com

- name: Change a label and an e-mail address, and keep the stored credentials
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    update_credentials: when_given
    labels:
      team: shop
    registries:
      - server: ghcr.io
      - server: https://index.docker.io/v1/
        email: platform@example.com

- name: Replace the whole content with the docker config of a machine user
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: registry
    docker_config: "{{ machine_docker_config }}"
    purge_registries: true
    owner: team-batch

- name: Copy a Secret that another tool manages
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: shared-registry
    credentials_from:
      namespace: shop
      name: registry

- name: Manage the same Secret in all shop namespaces except sandboxes
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*, '!*-sandbox']
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Copy one Secret to all namespaces with a label
  keyring.kubernetes.image_pull_secret:
    namespace_selectors: [registry=shared]
    name: shared-registry
    credentials_from:
      namespace: batch
      name: shared-registry

- name: Fail if the Secret has no credentials for these images
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    images:
      - ghcr.io/acme/app:1.2
      - ghcr.io/acme/worker:1.2

- name: Ask the registry whether the token can pull an image, and write nothing if it cannot
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    images:
      - ghcr.io/acme/app:1.2
    verify: true
    verify_require: pullable

- name: Link the Secret, so that Pods use it without naming it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    service_accounts: [default]

- name: Link the Secret to all ServiceAccounts that charts have created in a team's namespaces
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: chart-registry
    owner: team-shop-charts
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
    service_accounts: ['*']

- name: Manage the Secret in a team's namespaces, and delete it from those no longer selected
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: team-registry
    owner: team-shop
    prune: true
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Use presets instead of server names
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: cloud-registries
    registries:
      - preset: ecr
        preset_options:
          account_id: "123456789012"
          region: eu-central-1
        password: "{{ ecr_token }}"
      - preset: ngc
        password: "{{ ngc_api_key }}"

- name: Combine two Secrets, and take one registry of the second
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: combined-registry
    credentials_from:
      - namespace: shop
        name: registry
      - namespace: shop
        name: cloud-registries
        servers: [nvcr.io]

- name: Write a config.json for builds with kaniko
  keyring.kubernetes.image_pull_secret:
    namespace: batch
    name: kaniko-config
    format: config_json
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"

- name: Give Argo CD access to all OCI artifacts of an organization
  keyring.kubernetes.image_pull_secret:
    namespace: argocd
    name: ghcr-acme
    format: argocd_oci
    format_options:
      argocd_secret_type: repo-creds
      argocd_url: oci://ghcr.io/acme/
    registries:
      - preset: ghcr
        username: octo
        password: "{{ ghcr_token }}"

- name: Give Kargo the credentials of a pull secret
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: ghcr-app
    format: kargo_image
    format_options:
      kargo_url: ghcr.io/acme/app
    credentials_from:
      namespace: shop
      name: registry
      servers: [ghcr.io]

- name: Mint an ECR token with an IAM role when the stored one is about to expire
  keyring.kubernetes.image_pull_secret:
    namespaces: [shop-*]
    name: ecr
    registries:
      - preset: ecr
        preset_options:
          account_id: "123456789012"
          region: eu-central-1
          role_arn: arn:aws:iam::123456789012:role/pull

- name: Remove one registry
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    registries:
      - server: ghcr.io
        state: absent

- name: Unlink the Secret from all ServiceAccounts, and delete it unless something else uses it
  keyring.kubernetes.image_pull_secret:
    namespace: shop
    name: registry
    state: absent
    service_accounts: ['*']
"""

RETURN = r"""
failure:
  description:
    - Why the task failed. Unlike the message, these fields are stable, so a playbook can branch on them.
    - For many namespaces, RV(failure.id) and RV(failure.option) are those of the first failed namespace by name, unless
      one failure stopped the whole task.
  returned: when the task failed
  type: dict
  contains:
    id:
      description:
        - The ID of the failure. All of them are in the guide
          R(Look up and handle failures,ansible_collections.keyring.kubernetes.docsite.guide_failures).
      type: str
      sample: in_use
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
operation:
  description:
    - What was done, or would be done in check mode. V(updated) also if only a link changed, or if the namespaces that
      changed had different operations.
    - V(skipped) if O(namespaces_limit) does not contain the namespace of a task for one namespace. The other fields are
      then empty.
  returned: always
  type: str
  sample: updated
  choices: [created, updated, recreated, deleted, unchanged, skipped, failed]
secret:
  description: The Secret after the task, without secret data. Null if there is none, or if the namespace was skipped.
  returned: success, for one namespace
  type: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: web
    name:
      description: The name.
      type: str
      sample: registry
    type:
      description: The type.
      type: str
      sample: kubernetes.io/dockerconfigjson
    uid:
      description: The UID. Null in check mode for a Secret that would be created.
      type: str
      sample: 2c5f1c1e-8f0e-4a3e-9d0c-0a6f3c7b1d2e
    resource_version:
      description: The resource version. Null in check mode if it would change.
      type: str
      sample: "1234"
    immutable:
      description: Whether the data is immutable.
      type: bool
      sample: false
    labels:
      description: All labels.
      type: dict
      sample: {app.kubernetes.io/managed-by: keyring.kubernetes}
    annotations:
      description: The annotations that the task sets, and those of this collection. Others are not returned.
      type: dict
      sample: {keyring.kubernetes/origin: web/registry}
    registries:
      description:
        - The registries, sorted by server. With O(format=argocd_oci) and O(format=kargo_image), one item, whose
          C(server) is the URL in the Secret without C(oci://).
      type: list
      elements: dict
      contains:
        server:
          description: The server, without user information.
          type: str
          sample: ghcr.io
        username:
          description: The user name. V(<hidden>) if it looks like a token or equals the password.
          type: str
          sample: octo
        email:
          description: The e-mail address, or null.
          type: str
          sample: ops@example.com
        expires_at:
          description:
            - When the credentials expire, as recorded with O(registries[].expires_at), or from C(exp) of a JSON Web
              Token. Null if unknown. V(<known after apply>) in check mode for a token that would be minted.
          type: str
          sample: "2026-11-21T22:00:00Z"
minted:
  description: The servers for which a token was minted, or would be minted in check mode.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [public.ecr.aws]
next_run_before:
  description:
    - When the first credential of the task expires, in any namespace; null if unknown. V(<known after apply>) in check
      mode if a token would be minted.
    - For minted tokens, run the task again before then, in the last O(min_validity) seconds. Earlier runs keep the
      token.
  returned: when O(state=present)
  type: str
  sample: "2026-11-21T22:00:00Z"
secrets:
  description:
    - An item for each namespace that changed, sorted by name. O(report) selects more.
    - After a failure, an item for each failed namespace, unless O(report) selects more.
  returned: for many namespaces, also after a failure
  type: list
  elements: dict
  contains:
    namespace:
      description: The namespace.
      type: str
      sample: team-a
    operation:
      description: What was done. V(skipped) for a namespace that is being deleted, or that the task copies from.
      type: str
      sample: created
      choices: [created, updated, recreated, deleted, unchanged, skipped, failed]
    secret:
      description: The Secret, with the fields of RV(secret). Null if there is none.
      type: dict
    msg:
      description: Why the namespace failed or was skipped.
      type: str
      returned: when it failed or was skipped
    failure:
      description: Same as RV(failure), for this namespace.
      type: dict
      returned: when it failed
    links:
      description: Same as RV(links), for this namespace.
      type: list
      elements: dict
      returned: when O(service_accounts) is given and it did not fail
    credentials_kept:
      description: Same as RV(credentials_kept), for this namespace.
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
    next_run_before:
      description: Same as RV(next_run_before), for this namespace.
      type: str
      returned: when O(state=present) and it did not fail
    unmanaged_registries:
      description: Same as RV(unmanaged_registries), for this namespace.
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
    images:
      description: Same as RV(images), for this namespace.
      type: list
      elements: dict
      returned: when O(images) is given, O(state=present) and it did not fail
summary:
  description: Number of selected namespaces, and of those with each outcome.
  returned: for many namespaces, also after a failure
  type: dict
  contains:
    namespaces:
      description: Number of selected namespaces. With O(namespaces_limit), of those in the list.
      type: int
      sample: 500
    created:
      description: Number of namespaces in which the Secret was created.
      type: int
      sample: 2
    updated:
      description: Number of namespaces in which it was updated in place.
      type: int
      sample: 1
    recreated:
      description: Number of namespaces in which it was deleted and recreated.
      type: int
      sample: 0
    deleted:
      description: Number of namespaces in which it was deleted.
      type: int
      sample: 0
    unchanged:
      description: Number of namespaces in which nothing changed.
      type: int
      sample: 496
    skipped:
      description: Number of namespaces that were skipped.
      type: int
      sample: 1
    failed:
      description: Number of namespaces in which the task failed.
      type: int
      sample: 0
    not_tried:
      description: Number of namespaces that were not reached, because a failure stopped the task.
      type: int
      sample: 0
created:
  description: Names of the namespaces in which the Secret was created.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-a]
updated:
  description: Names of the namespaces in which the Secret was updated in place.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-b]
recreated:
  description: Names of the namespaces in which the Secret was deleted and recreated.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the namespaces in which the Secret was deleted.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: []
not_tried:
  description: Names of the namespaces that were not reached, because a failure stopped the task or the pruning.
  returned: for many namespaces, after a failure
  type: list
  elements: str
  sample: [team-c]
diff:
  description:
    - What changed, or would change in check mode. Secret data is V(<hidden>), or V(<hidden, changed>) where it changes.
    - For many namespaces, a list. A change that several namespaces share is one item, which has only the parts that
      change. V(<namespace>) in it stands for the name of each namespace.
  returned: with C(--diff)
  type: dict
  contains:
    before:
      description: The Secret before the task; empty if there was none.
      type: dict
    after:
      description: The Secret after the task; empty if it was deleted.
      type: dict
    before_header:
      description: The Secret, and in how many namespaces it changes.
      type: str
      sample: Secret registry in 300 namespaces
    after_header:
      description: The Secret, and the names of the first ten namespaces.
      type: str
      sample: Secret registry in team-a, team-b
    namespaces:
      description: The names of all namespaces that share the change.
      returned: for many namespaces
      type: list
      elements: str
      sample: [team-a, team-b]
unmatched:
  description:
    - The globs and label selectors that match no namespace. If there are any, O(prune) deletes nothing. Empty with
      O(namespaces_limit).
  returned: for many namespaces, also after a failure
  type: list
  elements: str
  sample: ['namespaces: "team-*"']
links:
  description:
    - What was done to each of O(service_accounts), in the given order, then to those that globs select, by name. With
      O(state=absent), a ServiceAccount that does not exist is left out, and one of a glob that did not reference the
      Secret.
  returned: when O(service_accounts) is given, for one namespace
  type: list
  elements: dict
  contains:
    service_account:
      description: The name.
      type: str
      sample: default
    operation:
      description: What was done, or would be done in check mode.
      type: str
      sample: linked
      choices: [linked, unlinked, unchanged]
credentials_kept:
  description: The servers whose stored credentials were kept because of O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ghcr.io]
unmanaged_registries:
  description: The servers in the Secret that the task does not name.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [quay.io]
images:
  description: The entry of the Secret that serves each of O(images), in the given order.
  returned: when O(images) is given and O(state=present), for one namespace
  type: list
  elements: dict
  contains:
    image:
      description: The image, as given.
      type: str
      sample: ghcr.io/acme/app:1.2
    server:
      description: The server of the entry whose credentials are tried first. Null if there is none.
      type: str
      sample: ghcr.io
    username:
      description: The user name of that entry, as in RV(secret). Null if there is none.
      type: str
      sample: octo
verified:
  description:
    - The answers of the registries about the credentials that the task writes, or would write in check mode. They are
      the same for all namespaces. Empty if the task writes no credentials.
  returned: with O(verify) and O(state=present), also after a failure
  type: list
  elements: dict
  contains:
    option:
      description: The option with the credentials.
      type: str
      sample: registries[0]
    server:
      description: The server of the entry, without user information.
      type: str
      sample: ghcr.io
    username:
      description: The user name, as in RV(secret).
      type: str
      sample: octo
    image:
      description: The image of O(images) that the registry was asked about. Null if it was asked only for a login.
      type: str
      sample: ghcr.io/acme/app:1.2
    outcome:
      description:
        - V(pullable) if the entry can pull the image. Also if the image is public, in which case the credentials are
          not checked.
        - V(authenticated) if the registry accepts the login. It was not asked about an image.
        - V(denied) if the registry refuses the credentials, or does not let them pull the image.
        - V(not_found) if the image or tag does not exist, or is hidden from this user.
        - V(unreachable) if the registry does not answer in time, or its certificate is not accepted.
        - V(unverifiable) if the registry was not asked, or its answer proves nothing, such as 429, 5xx or a redirect.
      type: str
      sample: pullable
    text:
      description: The outcome in a sentence. The refusal of a token service is quoted, without secrets.
      type: str
      sample: The registry lets user octo pull it.
    asked_from:
      description: The host name of the machine that ran the task and asked the registry.
      type: str
      sample: controller-1
cluster:
  description: The API server that was chosen, and how.
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
        from ..module_utils._tasks.image_pull_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
