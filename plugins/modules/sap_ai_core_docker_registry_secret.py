# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a Docker registry secret of SAP AI Core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sap_ai_core_docker_registry_secret
short_description: Manage Docker registry secrets of SAP AI Core
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Create, update or delete a Docker registry secret, with which SAP AI Core pulls the images of executions and
    deployments. The task uses the API of SAP AI Core with a service key, and needs no kubeconfig.
  - SAP AI Core replaces the whole value of a secret, and never returns it. So the task must list all registries of the
    secret, and it cannot compare. RV(compared) is always V(false). With O(update_credentials=always), every run writes
    an existing secret and reports V(changed). Use O(update_credentials=on_create) for runs that leave an existing
    secret as it is.
  - Only the name of the secret and the quota of the tenant are compared with the stored state. The servers, user names
    and passwords in the secret are not compared.
  - Passwords and tokens are not shown in results, diffs, warnings, errors or logs, neither as text nor in base64. The
    limits are in the guide R(What is never
    shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.sap_ai_core
  - keyring.kubernetes.sap_ai_core
  - keyring.kubernetes.portal
  - keyring.kubernetes.verify
  - keyring.kubernetes.verify.registries
attributes:
  check_mode:
    details:
      - Sends only C(GET) requests, and the request for an access token, which changes nothing. The result is that of a
        real run, except for what only SAP AI Core knows, such as missing write permissions.
  diff_mode:
    details:
      - Shows what is written, with secret data as V(<hidden>). What was stored before is not known, and is shown as
        V(<not returned>).
  idempotent:
    support: partial
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - With O(update_credentials=on_create) and with O(state=absent), the second run changes nothing.
      - With O(update_credentials=always), each run writes, because SAP AI Core does not return what is stored.
options:
  name:
    description:
      - The name of the secret. It has 2 to 63 lower-case letters, digits, V(-) and V(.), with a letter or digit at both
        ends.
    type: str
    required: true
  state:
    description:
      - V(present) creates or updates the secret. V(absent) deletes it, and needs O(in_use=ignore).
      - With V(absent), only O(name), O(in_use), O(wait), O(wait_timeout) and the options that select the tenant have an
        effect.
    type: str
    choices: [present, absent]
    default: present
  registries:
    description:
      - The credentials of all registries of the secret, one item per registry. They are combined with those of
        O(docker_config) or O(docker_config_file). Naming a registry twice is an error.
      - The registries must be reachable from the internet.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description:
          - The registry as in image names. This is a host with an optional port and path, such as V(ghcr.io) or
            V(registry.example.com:5000/team/). For Docker Hub, use V(https://index.docker.io/v1/).
            V(https://index.docker.io), as in the documentation of SAP, serves the same images.
          - Either this option or O(registries[].preset) is required.
        type: str
      preset:
        description:
          - A registry preset, used instead of O(registries[].server), as in
            O(keyring.kubernetes.image_pull_secret#module:registries[].preset).
          - The R(table of presets,ansible_collections.keyring.kubernetes.docsite.registries) lists their servers,
            options, user names and passwords.
        type: str
      preset_options:
        description:
          - Options of the preset, such as C(region) and C(account_id) for V(ecr), or how to mint a token.
          - C(refresh_secret) of V(harbor) is an error, because each run would make the stored secret of the robot
            account invalid.
        type: dict
      username:
        description:
          - The user name. It cannot contain C(:). Omit it if O(registries[].preset) sets it.
        type: str
      password:
        description:
          - Password or token. An empty string or a mask such as C(******) is an error.
          - If it is omitted, the presets V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) obtain ("mint")
            a short-lived token from the cloud provider, on the machine that runs the task, whenever the secret is
            written. Check mode mints nothing. Run the task again before RV(next_run_before), because SAP AI Core pulls
            images with the stored token.
        type: str
      email:
        description:
          - The e-mail address. SAP AI Core does not use it.
        type: str
      state:
        description:
          - V(absent) is an error. SAP AI Core replaces the whole value, so a registry is removed by not listing it.
        type: str
        choices: [present, absent]
        default: present
  docker_config:
    description:
      - A complete docker config, as a mapping, as JSON or YAML text, or as base64, in all forms that
        O(keyring.kubernetes.image_pull_secret#module:docker_config) accepts.
      - So you can pass what the form of SAP AI Launchpad takes. This is a JSON object with the key
        C(.dockerconfigjson), whose value is JSON in a string, or the JSON in that string, with or without the outer
        braces. You can also pass the whole request of the API with its C(data).
      - Only C(auths) is written. Each entry gets C(username), C(password) and C(auth). Entries without credentials and
        session tokens of C(docker login) are skipped with a warning.
    type: raw
  docker_config_file:
    description:
      - The path of a file with a docker config of at most 1 MiB, such as the C(.txt) or C(.json) file that the form of
        SAP AI Launchpad takes. It can be encrypted with Ansible Vault. See O(remote_src) for where it is searched.
    type: path
  docker_config_servers:
    description:
      - Import only these servers of O(docker_config) or O(docker_config_file). Each must have an entry with credentials
        there. The default is to import all servers.
    type: list
    elements: str
  update_credentials:
    description:
      - What to do with a secret that exists.
      - V(always) replaces its value in each run.
      - V(on_create) leaves it as it is (RV(operation) is V(kept)).
      - V(when_given) is an error, because SAP AI Core does not return the values that would be kept.
    type: str
    choices: [always, when_given, on_create]
    default: always
  purge_registries:
    description:
      - An error if it is given. SAP AI Core replaces the whole value, so registries that the task does not list are
        always removed.
    type: bool
  images:
    description:
      - Images that the secret must have credentials for, such as V(ghcr.io/acme/app:1.2).
      - Before it writes, and also in check mode, the task looks up each image in the docker config by the rules of
        Kubernetes. O(preflight) sets what happens if one has no match. The registry is not contacted.
    type: list
    elements: str
  preflight:
    description:
      - What to do if one of O(images) has no matching credentials. V(fail) fails before anything is written and names
        the closest entry. V(warn) writes the secret and warns.
    type: str
    choices: [fail, warn]
    default: fail
  verify:
    description:
      - Ask the registries about the credentials before they are written, as
        O(keyring.kubernetes.image_pull_secret#module:verify) does. If nothing would be written, no registry is
        contacted.
      - With O(update_credentials=always), the registries are asked in each run, because SAP AI Core does not return
        what is stored.
      - The requests come from the machine that runs the task, through the proxies of its environment. O(proxy) is only
        for SAP AI Core, which may be in another network.
    type: bool
    default: false
  in_use:
    description:
      - SAP AI Core does not list which executions and deployments use a secret, so it counts as in use. With
        O(state=absent), only V(ignore) is accepted. With O(state=present), this option has no effect.
    type: str
    choices: [refuse, warn, ignore]
    default: refuse
  wait:
    description:
      - Whether to wait until a created secret appears and a deleted one disappears. SAP AI Core accepts these requests
        and processes them later. When an update takes effect cannot be seen.
      - After an update, the task looks once whether the secret still exists. If an earlier deletion has removed it by
        then, the task creates it. SAP AI Core does not report a deletion that is still going on, so it may remove the
        secret later. Therefore, delete a secret with V(true) before you create one with the same name.
    type: bool
    default: true
  wait_timeout:
    description:
      - The maximum time to wait in seconds, from 1 to 3600. After it, the task fails (failure V(outcome_unknown)).
    type: int
    default: 60
notes:
  - The documentation of SAP names the roles C(aicore_admin_dockerregistrysecret_editor) and
    C(aicore_admin_dockerregistrysecret_viewer) for people who use SAP AI Launchpad. A task uses a service key instead,
    whose permissions come from its service instance. SAP does not document a narrower permission for it. If it may not
    read the quota, the task warns and continues.
  - A tenant can have 50 Docker registry secrets by default. The quota is asked for before a secret is created, also in
    check mode, and a full quota is an error (failure V(quota)).
  - The form of SAP AI Launchpad takes at most 10 KB. A larger docker config causes a warning, and one of more than 1
    MiB is an error.
  - A task sends a request for an access token and one C(GET) for the name. To create a secret, it also sends a C(GET)
    for the quota, a C(POST), and C(GET) requests until the secret appears. To update one, it sends a C(PATCH) and one
    C(GET). To delete one, it sends a C(DELETE), and C(GET) requests until the secret disappears.
seealso:
  - module: keyring.kubernetes.sap_ai_core_docker_registry_secret_info
  - module: keyring.kubernetes.image_pull_secret
    description: The same job in a cluster for which you have a kubeconfig.
  - ref: ansible_collections.keyring.kubernetes.docsite.registries
    description: The presets of registries.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_verify
    description: Ask the registries before credentials are written.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_sap_ai_core
    description: Manage registry secrets and Git repositories of SAP AI Core.
"""

EXAMPLES = r"""
- name: Create or replace a Docker registry secret
  keyring.kubernetes.sap_ai_core_docker_registry_secret:
    service_key_file: sap-ai-core-key.json
    name: registry-credentials
    registries:
      - server: ghcr.io
        username: octo
        password: "{{ ghcr_token }}"
      - server: https://index.docker.io/v1/
        username: acme
        password: "{{ docker_hub_token }}"

- name: Create it if it is missing, and leave it as it is otherwise
  keyring.kubernetes.sap_ai_core_docker_registry_secret:
    service_key: "{{ sap_ai_core_key }}"
    name: registry-credentials
    update_credentials: on_create
    docker_config_file: registry-credentials.json
    images:
      - ghcr.io/acme/training:1.2

- name: Store a token of Amazon ECR, in a playbook that runs every few hours
  keyring.kubernetes.sap_ai_core_docker_registry_secret:
    service_key_file: sap-ai-core-key.json
    expect_server: api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com
    name: ecr
    registries:
      - preset: ecr
        preset_options:
          account_id: "123456789012"
          region: eu-central-1

- name: Delete a secret that no execution or deployment needs
  keyring.kubernetes.sap_ai_core_docker_registry_secret:
    service_key_file: sap-ai-core-key.json
    name: old-credentials
    state: absent
    in_use: ignore
"""

RETURN = r"""
operation:
  description:
    - What was done, or would be done in check mode. V(kept) if the secret exists and O(update_credentials=on_create).
      V(unchanged) if a secret that must be absent does not exist.
  returned: always
  type: str
  sample: created
  choices: [created, updated, deleted, kept, unchanged, failed]
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
      sample: quota
    option:
      description:
        - The full name of the option that caused the failure, such as C(registries[2].password). Null if no option, or
          more than one, caused it.
      type: str
      sample: null
    namespace:
      description:
        - Always null. SAP AI Core has no namespaces.
      type: str
      sample: null
name:
  description: The name of the secret.
  returned: when the tenant was asked, also after a failure
  type: str
  sample: registry-credentials
compared:
  description:
    - Whether the stored value was compared with the wanted one. Always V(false), because SAP AI Core never returns it.
  returned: when the tenant was asked, also after a failure
  type: bool
  sample: false
quota:
  description:
    - How many Docker registry secrets the tenant has and may have, before the task. Null if it was not asked for,
      because no secret was to be created.
  returned: when the tenant was asked, also after a failure
  type: dict
  contains:
    used:
      description: The number of Docker registry secrets. Null if unknown.
      type: int
      sample: 3
    maximum:
      description: The number of Docker registry secrets that the tenant may have. Null if unknown.
      type: int
      sample: 50
request_id:
  description:
    - What identifies the last write in the logs of SAP AI Core, or after a failure the refused request. Null if nothing
      was written, or if the answer had no ID.
  returned: when the tenant was asked, also after a failure
  type: str
  sample: 3b1c9d5e-7a2f-4c8e-9b1d-2f6a8c4e0d71
registries:
  description:
    - The registries that were written, or would be written in check mode, sorted by server. Null if nothing is written.
  returned: when O(state=present) and the tenant was asked
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
        - When the credentials expire, for a minted token or from C(exp) of a JSON Web Token. Null if unknown. V(<known
          after apply>) in check mode for a token that would be minted.
      type: str
      sample: "2026-11-21T22:00:00Z"
minted:
  description: The servers for which a token was minted, or would be minted in check mode.
  returned: when O(state=present) and the tenant was asked
  type: list
  elements: str
  sample: [public.ecr.aws]
next_run_before:
  description:
    - When the first credential that was written expires; null if unknown. V(<known after apply>) in check mode if a
      token would be minted.
  returned: when O(state=present) and the tenant was asked
  type: str
  sample: "2026-11-21T22:00:00Z"
images:
  description:
    - The entry of the secret that serves each of O(images), in the given order. Null if nothing is written.
  returned: when O(images) is given, O(state=present) and the tenant was asked
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
      description: The user name of that entry, as in RV(registries). Null if there is none.
      type: str
      sample: octo
verified:
  description:
    - The answers of the registries about the credentials that the task writes, or would write in check mode. Empty if
      the task writes nothing.
  returned: with O(verify), O(state=present), when the tenant was asked
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
      description: The user name, as in RV(registries).
      type: str
      sample: octo
    image:
      description: The image of O(images) that the registry was asked about. Null if it was asked only for a login.
      type: str
      sample: ghcr.io/acme/app:1.2
    outcome:
      description:
        - One of V(pullable), V(authenticated), V(denied), V(not_found), V(unreachable) and V(unverifiable), as in
          RV(keyring.kubernetes.image_pull_secret#module:verified[].outcome).
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
diff:
  description:
    - What is written, or would be written in check mode. Secret data is V(<hidden>).
  returned: with C(--diff)
  type: dict
  contains:
    before:
      description:
        - Empty for a secret that did not exist, and if nothing is written. Otherwise V(<not returned>) in place of the
          registries.
      type: dict
    after:
      description: The registries that are written; empty if the secret was deleted or nothing is written.
      type: dict
    before_header:
      description: The secret, with a note if what is stored is not known.
      type: str
      sample: Docker registry secret web (SAP AI Core does not return what is stored)
    after_header:
      description: The secret.
      type: str
      sample: Docker registry secret web
portal:
  description: The tenant that was chosen.
  returned: when the options are valid, also after a failure
  type: dict
  contains:
    server:
      description: The URL of the API, from the service key.
      type: str
      sample: https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com
    account:
      description: The name of the tenant (C(identityzone) of the service key), or null if the key has none.
      type: str
      sample: acme-production
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.sap_ai_core_docker_registry_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
