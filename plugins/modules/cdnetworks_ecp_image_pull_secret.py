# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage an image pull secret of the ECP platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cdnetworks_ecp_image_pull_secret
short_description: Manage image pull secrets of the CDNetworks Edge Computing Platform
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Create, update or delete an image pull secret through the API of the Edge Computing Platform (ECP). One pull secret
    serves all clusters in which the applications of the account run.
  - The pull secret is read once, and written only if something changes. It is updated in place, with the fields that
    change. Updating a pull secret that is in use can make pulls fail for a moment.
  - The name and the registry of a pull secret cannot change. The API ignores such a change silently, so the task fails
    instead (failure V(immutable)), unless O(recreate) is set.
  - Pull secrets that the platform makes for its registry users are neither changed nor deleted (failure
    V(managed_elsewhere)). Change the registry user instead, with M(keyring.kubernetes.cdnetworks_ecp_registry_user).
  - The platform refuses to delete a pull secret that applications use (failure V(in_use)), so there is no option for
    that.
  - Passwords and tokens are not shown in results, diffs, warnings, errors or logs, neither as text nor in base64. The
    API returns stored passwords; the task compares them in memory, and cannot return them. The limits are in the guide
    R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes.cdnetworks_ecp
  - keyring.kubernetes.cdnetworks_ecp
  - keyring.kubernetes.portal
  - keyring.kubernetes.verify
  - keyring.kubernetes.verify.registries
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - Sends only C(GET). The result is that of a real run, except for what only the platform knows, such as the ID of
        a new pull secret, and whether applications use one that would be deleted.
  diff_mode:
    support: full
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - Shows secret data as V(<hidden>), or as V(<hidden, changed>) if it changes.
  idempotent:
    support: full
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - The platform returns what it stores, so the password is compared too. Writes nothing if nothing would change.
      - A token that a preset mints is the exception. See O(registry.password).
options:
  name:
    description:
      - The name of the pull secret. Allowed are at most 63 lower-case letters, digits, C(-) and C(.), with a letter or
        digit at both ends.
    type: str
    required: true
  state:
    description:
      - V(present) creates or updates the pull secret. V(absent) deletes it.
      - With V(absent), only O(name) and the options of the account and its API have an effect.
    type: str
    choices: [present, absent]
    default: present
  registry:
    description:
      - The registry and its credentials. Required with O(state=present).
    type: dict
    suboptions:
      server:
        description:
          - The registry as in image names. This is a host with an optional port and path, such as V(ghcr.io) or
            V(docker.io).
          - Spellings that are one registry to the kubelet are the same, such as V(ghcr.io) and V(https://ghcr.io/v2/).
            V(docker.io) and V(https://index.docker.io/v1/) are two.
          - Either this option or O(registry.preset) is required.
        type: str
      preset:
        description:
          - A registry preset, used instead of O(registry.server). It sets the server, and for some registries the user
            name. The task fails for values that the registry is known to reject, and for a preset that stands for
            several servers.
          - The R(table of presets,ansible_collections.keyring.kubernetes.docsite.registries) lists their names,
            servers, options, user names and passwords.
        type: str
      preset_options:
        description:
          - Options of the preset, such as C(region) and C(account_id) for V(ecr), or C(host) for V(harbor). They also
            include how to mint a token, except for V(harbor).
        type: dict
      username:
        description:
          - The user name. It cannot contain C(:). Omit it if O(registry.preset) sets it.
        type: str
      password:
        description:
          - Password or token. An empty string or a mask such as C(******) is an error.
          - If it is omitted, the presets V(ecr), V(ecr_public), V(artifact_registry), V(gcr) and V(acr) obtain ("mint")
            a short-lived token from the cloud provider, on the machine that runs the task. Check mode mints nothing.
          - The platform stores no expiry date. Only a stored token that contains its own is kept while it is valid, as
            with V(acr). With the other presets and O(update_credentials=always), each run mints a token and writes it.
        type: str
  description:
    description:
      - The description. An empty string removes it. If this option is omitted, a stored description is kept.
      - It cannot begin with C(Auto created for ECP registry user), which marks the pull secrets of registry users.
    type: str
  update_credentials:
    description:
      - What to do with credentials that are already stored.
      - V(always) writes the given user name and password if they differ.
      - V(when_given) keeps the stored value of a user name or password that is omitted.
      - V(on_create) never changes stored credentials, for example because another tool rotates them.
      - With V(when_given) and V(on_create), a token is minted only if none is stored.
    type: str
    choices: [always, when_given, on_create]
    default: always
  recreate:
    description:
      - Delete the pull secret and create it again if it is for another registry. Its ID changes. Stored credentials are
        not used for the other registry, so O(registry.username) and O(registry.password) are required.
      - The platform refuses this while applications use the pull secret (failure V(in_use)).
      - If the pull secret is deleted and the new one cannot be created, the task creates the previous one again, with
        another ID, and fails. The message says so. If that fails too, the message says that the pull secret was
        deleted.
    type: bool
    default: false
  images:
    description:
      - Images to ask the registry about, such as V(ghcr.io/acme/app:1.2). An image of another registry is not asked
        about. Requires O(verify).
    type: list
    elements: str
  verify:
    description:
      - Ask the registry about the credentials that the task would write, before it writes anything. The platform itself
        does not check them. If the credentials do not change, the registry is not contacted.
      - For each of O(images), the registry is asked whether the credentials can pull it. Nothing is pulled. Without
        images, it is asked whether it accepts them, as by C(docker login).
      - If the registry refuses the credentials, the task fails and nothing is written. O(verify_require) sets what else
        is a failure.
      - To avoid locked accounts, credentials are not sent again after one 401, or after three 403. In Ansible's own
        process, the hosts of a play and the items of a loop share the answers.
      - Minted tokens are not asked about (V(unverifiable)).
      - Check mode sends the same requests, because they change nothing.
      - A password is sent only after the registry has asked for one. It is sent to the registry or to its token service
        (O(verify_realms)), and over TLS unless the registry is listed in O(verify_plain_http). Redirects are not
        followed.
      - The requests come from the machine that runs the task. The proxies of the environment (E(https_proxy),
        E(http_proxy), E(all_proxy), E(no_proxy)) are used. O(proxy) is only for the API of the platform.
    type: bool
    default: false
notes:
  - Any API account may manage pull secrets. Only the admin account may manage registry users.
  - The registry, the user name, the password and the description are compared with what is stored.
  - A task that changes nothing sends two C(GET) requests, and one more request for each write.
seealso:
  - module: keyring.kubernetes.cdnetworks_ecp_image_pull_secret_info
  - module: keyring.kubernetes.cdnetworks_ecp_registry_user
  - module: keyring.kubernetes.image_pull_secret
    description: Manage pull secrets in a cluster that you have a kubeconfig for.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_cdnetworks_ecp
    description: Manage image pull secrets and registry users of the Edge Computing Platform.
"""

EXAMPLES = r"""
- name: Create or update a pull secret
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
    name: docker-hub
    description: Pulls the images of the shop
    registry:
      server: docker.io
      username: acme
      password: "{{ docker_hub_token }}"

- name: Ask the registry whether the token can pull an image, and write nothing if it cannot
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
    name: ghcr
    registry:
      preset: ghcr
      username: octo
      password: "{{ ghcr_token }}"
    images:
      - ghcr.io/acme/app:1.2
    verify: true
    verify_require: pullable

- name: Change only the description, for a customer of a reseller
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
      on_behalf_of: "10456"
    name: docker-hub
    description: Pulls the images of the shop and the blog
    update_credentials: when_given
    registry:
      server: docker.io

- name: Delete a pull secret, unless applications use it
  keyring.kubernetes.cdnetworks_ecp_image_pull_secret:
    account:
      user: acme-deploy
      api_key: "{{ ecp_api_key }}"
    name: docker-hub
    state: absent
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
      sample: managed_elsewhere
    option:
      description:
        - The full name of the option that caused the failure, such as C(registry.password). Null if no option, or more
          than one, caused it.
      type: str
      sample: name
    namespace:
      description: Always null.
      type: str
      sample: null
operation:
  description: What was done, or would be done in check mode.
  returned: always
  type: str
  sample: updated
  choices: [created, updated, recreated, deleted, unchanged, failed]
name:
  description: The name of the pull secret.
  returned: when the options are valid
  type: str
  sample: docker-hub
secret:
  description: The pull secret after the task, without the password. Null if there is none.
  returned: success
  type: dict
  contains:
    id:
      description:
        - The ID. Null in check mode if it would be created, and if the platform neither returns the ID of a new pull
          secret nor lists it yet.
      type: str
      sample: 32bd86d6312211eaae6398ac35ded775
    name:
      description: The name.
      type: str
      sample: registry
    registry:
      description: The registry, without user information.
      type: str
      sample: docker.io
    username:
      description:
        - The user name. V(<hidden>) if it is or contains a password, a token or a key.
      type: str
      sample: acme
    description:
      description: The description, which may be empty.
      type: str
      sample: Pulls the images of the shop
    created:
      description: When it was created. Null if the task creates it and does not read it afterwards, or if unknown.
      type: str
      sample: "2026-11-21T10:00:00Z"
    last_updated:
      description:
        - When it was last updated. Null if the task creates it and does not read it afterwards, in check mode if it
          would change, or if unknown.
      type: str
      sample: "2026-11-21T10:00:00Z"
    managed:
      description: Whether the platform manages it for a registry user.
      type: bool
      sample: false
minted:
  description: The server for which a token was minted, or would be minted in check mode.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [public.ecr.aws]
next_run_before:
  description:
    - When the password expires; null if unknown. V(<known after apply>) in check mode if a token would be minted.
  returned: when O(state=present)
  type: str
  sample: "2026-11-21T22:00:00Z"
verified:
  description:
    - The answers of the registry about the credentials that the task writes, or would write in check mode. Empty if the
      task writes no credentials.
  returned: with O(verify) and O(state=present), also after a failure
  type: list
  elements: dict
  contains:
    option:
      description: The option with the credentials.
      type: str
      sample: registry
    server:
      description: The registry, without user information.
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
        - V(pullable) if the credentials can pull the image. Also if the image is public, in which case the credentials
          are not checked.
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
portal:
  description: The API and the account that were used.
  returned: when the options of the account are valid
  type: dict
  contains:
    server:
      description: The URL of the API.
      type: str
      sample: https://ngapi.cdnetworks.com
    account:
      description: The name of the API account.
      type: str
      sample: acme-deploy
    on_behalf_of:
      description: The ID of the customer for whom the requests were made, or null.
      type: str
      sample: null
request_id:
  description:
    - The ID that the platform gave to the last write, or, after a failure, to the refused request. Quote it to the
      support of the platform. Null if nothing was written, or if the answer was lost.
  returned: success, or when the API refused a request
  type: str
  sample: 0c3e4c52f1de4a31
diff:
  description:
    - What changed, or would change in check mode. Secret data is V(<hidden>), or V(<hidden, changed>) where it changes.
  returned: with C(--diff), if something changed
  type: dict
  contains:
    before:
      description: The pull secret before the task; empty if there was none.
      type: dict
    after:
      description: The pull secret after the task; empty if it was deleted.
      type: dict
    before_header:
      description: The pull secret.
      type: str
      sample: Pull secret docker-hub
    after_header:
      description: The pull secret.
      type: str
      sample: Pull secret docker-hub
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.cdnetworks_ecp_image_pull_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
