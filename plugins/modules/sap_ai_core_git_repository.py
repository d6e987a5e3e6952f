# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage Git repositories of SAP AI Core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sap_ai_core_git_repository
short_description: Manage Git repositories of SAP AI Core
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Add a Git repository to a tenant of SAP AI Core, replace its user name and personal access token, or remove it. This
    is what the page Git Repositories of SAP AI Launchpad does.
  - The task uses the API of SAP AI Core with a service key. It needs no kubeconfig.
  - After it has written a credential, the task waits until SAP AI Core has tried it, and fails if the status of the
    repository is C(ERROR).
  - Passwords and tokens are not shown in the result, neither as text nor in base64.
extends_documentation_fragment:
  - keyring.kubernetes.attributes.sap_ai_core
  - keyring.kubernetes.sap_ai_core
  - keyring.kubernetes.portal
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    details:
      - Sends only C(GET) requests, and the request for an access token. With O(verify=true), the Git server is asked,
        too. The result is that of a real run, except for RV(status), RV(status_confirmed), RV(request_id) and what only
        SAP AI Core knows, such as missing permissions.
  diff_mode:
    support: full
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    details:
      - Shows what SAP AI Core does not return as V(<not returned>), and the new password as V(<hidden>).
  idempotent:
    support: partial
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled/queried by the module has not changed in a relevant way.
    details:
      - SAP AI Core never returns the user name and the password. With O(update_credentials=always), the task therefore
        writes them in each run and reports V(updated). With O(update_credentials=on_create), the second run changes
        nothing.
options:
  name:
    description:
      - The name of the repository in SAP AI Core. It has 1 to 51 characters, which are lower-case letters, digits and
        hyphens.
      - The API can choose a name. This module needs one, because the next run finds the repository by it.
    type: str
    required: true
  state:
    description:
      - V(present) adds the repository or updates its credential. V(absent) removes it, and needs O(in_use=ignore).
      - With V(absent), only O(name), O(in_use), O(wait), O(wait_timeout) and the options that select the tenant have an
        effect. O(update_credentials=when_given) is refused, and O(url) must not contain a password or token of the
        task.
    type: str
    choices: [present, absent]
    default: present
  url:
    description:
      - The URL of the repository. Required with O(state=present).
      - It begins with V(https://) and has a host name, not an IP address. SSH is not possible, because SAP AI Core
        takes only a user name and a token. A user or a token in the URL is refused.
      - The URL of a repository on C(gitlab.com) must end with V(.git). For another host with C(gitlab) in its name, the
        task warns if it does not.
      - SAP AI Core cannot change the URL of a repository. If the stored one differs, the task fails unless
        O(recreate=true). The case of scheme and host, the port 443 and a slash at the end are not a difference. The
        case of the path and V(.git) at the end are.
    type: str
  username:
    description:
      - The user whose token is used. Required with O(state=present).
    type: str
  password:
    description:
      - The personal access token, which needs read access to the repository. Required with O(state=present).
      - The task warns about a token that belongs to another Git server than that of O(url), as far as its beginning
        shows it.
    type: str
  update_credentials:
    description:
      - What to do with the credential of a repository that exists.
      - V(always) replaces the user name and the password in each run, because SAP AI Core does not return them for a
        comparison.
      - V(on_create) leaves them as they are. The task warns if the status of the repository is C(ERROR).
      - V(when_given) is refused, because SAP AI Core replaces both together and neither can be read.
    type: str
    choices: [always, when_given, on_create]
    default: always
  recreate:
    description:
      - If V(true), a repository with another URL is deleted and created. This needs O(in_use=ignore). Applications that
        use the repository fail in between.
      - If the create fails, the repository stays deleted, and the message says so.
    type: bool
    default: false
  in_use:
    description:
      - What to do about applications that use a repository before it is deleted. SAP AI Core does not list them, so
        O(state=absent) and O(recreate=true) work only with V(ignore). V(refuse) and V(warn) are refused there.
    type: str
    choices: [refuse, warn, ignore]
    default: refuse
  wait:
    description:
      - Whether to wait until SAP AI Core has tried a credential that was written, and until a repository that was
        deleted no longer exists.
      - The task fails if the status is C(ERROR) (failure V(not_synchronized)) or neither C(ERROR) nor C(COMPLETED) at
        the end of O(wait_timeout) (failure V(outcome_unknown)). The credential is stored in both cases.
    type: bool
    default: true
  wait_timeout:
    description:
      - The maximum time to wait in seconds, from 1 to 3600.
    type: int
    default: 120
  verify:
    description:
      - Whether to read the repository with the user name and the token before they are written, with C(git ls-remote)
        on the machine that runs the task. Nothing is fetched. The task fails and writes nothing if the Git server
        denies them (failure V(denied_by_git_server)).
      - SAP AI Core reads the repository from the internet. If this machine does not reach the Git server, the task
        warns and writes the credential.
    type: bool
    default: false
  verify_timeout:
    description:
      - The seconds in which the Git server must answer, at most 600.
    type: int
    default: 10
  verify_ca_cert:
    description:
      - The path of CA certificates with which O(verify=true) checks the Git server, in place of those of the machine.
        SAP AI Core does not use them.
    type: path
requirements:
  - git (on the machine that runs the task, only for O(verify=true))
notes:
  - The documentation of SAP names the roles C(aicore_admin_repositories_editor) and C(aicore_admin_repositories_viewer)
    for people who use SAP AI Launchpad. A task uses a service key instead, whose permissions come from its service
    instance. SAP does not document a narrower permission for it.
  - The URL is compared. The user name and the password are not, because SAP AI Core does not return them, and
    RV(compared) is always V(false).
  - All repositories are listed before one is created or recreated, also in check mode. If another repository has the
    same URL, the task fails and changes nothing (failure V(conflict)). The message names that repository.
  - The repository must not contain secrets. SAP AI Core does not synchronize one that does.
seealso:
  - module: keyring.kubernetes.sap_ai_core_git_repository_info
  - module: keyring.kubernetes.gitsync_secret
    description: Manages Git credentials in Kubernetes.
  - name: Add a Git Repository
    description: The documentation of SAP AI Core.
    link: https://help.sap.com/docs/sap-ai-core/sap-ai-core-service-guide/add-git-repository
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_sap_ai_core
    description: Manage registry secrets and Git repositories of SAP AI Core.
"""

EXAMPLES = r"""
- name: Add a Git repository, or replace its token
  keyring.kubernetes.sap_ai_core_git_repository:
    service_key_file: sap-service-key.json
    name: pipelines
    url: https://github.com/example/pipelines
    username: example-bot
    password: "{{ vault_github_token }}"

- name: Add it once, and leave its token as it is later
  keyring.kubernetes.sap_ai_core_git_repository:
    service_key: "{{ vault_sap_service_key }}"
    name: templates
    url: https://gitlab.com/example/templates.git
    username: example-bot
    password: "{{ vault_gitlab_token }}"
    update_credentials: on_create

- name: Read the repository with the token before it is written
  keyring.kubernetes.sap_ai_core_git_repository:
    service_key_file: sap-service-key.json
    name: pipelines
    url: https://github.com/example/pipelines
    username: example-bot
    password: "{{ vault_github_token }}"
    verify: true

- name: Move the repository to another URL
  keyring.kubernetes.sap_ai_core_git_repository:
    service_key_file: sap-service-key.json
    name: pipelines
    url: https://github.com/example-new/pipelines
    username: example-bot
    password: "{{ vault_github_token }}"
    recreate: true
    in_use: ignore

- name: Remove the repository
  keyring.kubernetes.sap_ai_core_git_repository:
    service_key_file: sap-service-key.json
    name: pipelines
    state: absent
    in_use: ignore
"""

RETURN = r"""
operation:
  description:
    - What the task did, or would do in check mode. V(kept) is a repository that exists, whose credential was not
      compared and not written. V(unchanged) is a repository that must be absent and was.
  returned: always
  type: str
  sample: created
  choices: [created, updated, recreated, kept, deleted, unchanged, failed]
name:
  description: The name of the repository.
  returned: when the options are valid
  type: str
  sample: pipelines
url:
  description:
    - The URL of the repository, without user information. Null if there was none to be deleted.
  returned: success
  type: str
  sample: https://github.com/example/pipelines
status:
  description:
    - The status that SAP AI Core last reported, one of V(ERROR), V(IN-PROGRESS) and V(COMPLETED). Null if there was
      none, or another one, or if the task wrote and did not wait for it. In check mode, it is the status before the
      change.
    - C(COMPLETED) after a create proves that SAP AI Core could use the credential. After an update, it proves that only
      if RV(status_confirmed) is V(true).
  returned: when the options are valid
  type: str
  sample: COMPLETED
status_confirmed:
  description:
    - Whether the status is surely the one of the credential that was written. Null if the task did not wait for it.
    - An answer of SAP AI Core has no time and no version. An update is confirmed if the status changed to
      C(IN-PROGRESS) after it, or from one of C(ERROR) and C(COMPLETED) to the other. If it was C(IN-PROGRESS) before
      the update, the end of that may be the result of the earlier credential, and does not count.
    - If nothing confirms C(COMPLETED), the task waits up to five seconds and then reports V(false). An C(ERROR) that
      nothing confirms is watched until the end of O(wait_timeout).
  returned: when the options are valid
  type: bool
  sample: true
compared:
  description:
    - Whether the stored credential was compared. Always V(false), because SAP AI Core does not return it.
  returned: success
  type: bool
  sample: false
quota:
  description:
    - How many repositories the tenant has and may have, as read before a create. Null if the task created none. A full
      quota is refused before anything is written (failure V(quota)). If the service key may not read the quota, the
      task warns and creates the repository.
  returned: success, or when the quota is exhausted
  type: dict
  contains:
    used:
      description: The number of repositories before the create. Null if SAP AI Core does not report it.
      type: int
      sample: 3
    maximum:
      description: The largest number of repositories. Null if SAP AI Core does not report it.
      type: int
      sample: 20
verified:
  description:
    - The answer of the Git server, with O(verify=true). Empty if it was not asked, because nothing would be written.
  returned: success, or when the Git server denies the credential
  type: list
  elements: dict
  contains:
    url:
      description: The URL of the repository.
      type: str
      sample: https://github.com/example/pipelines
    outcome:
      description: The outcome, one of V(readable), V(denied), V(not_found), V(unreachable), V(unverifiable).
      type: str
      sample: readable
    text:
      description: The outcome as a sentence.
      type: str
      sample: The repository can be read.
    asked_from:
      description: The name of the machine that asked.
      type: str
      sample: controller.example.com
request_id:
  description:
    - The ID of the last write in the logs of SAP AI Core. If the task failed, that of the refused request. Null if the
      answer had none.
  returned: when the options are valid
  type: str
  sample: 0b4f5a3e-2c1d-4f6a-9e8b-7a6c5d4e3f21
portal:
  description: The tenant that was selected.
  returned: when the service key is valid
  type: dict
  contains:
    server:
      description: The URL of the API.
      type: str
      sample: https://api.ai.prod.eu-central-1.aws.ml.hana.ondemand.com
    account:
      description: The identity zone in the service key, which is the subdomain of the subaccount. Null without one.
      type: str
      sample: example-tenant
diff:
  description:
    - The repository before and after the change. Both are empty if nothing is written.
  returned: in diff mode
  type: dict
  contains:
    before:
      description:
        - The URL, with V(<not returned>) as user name and V(<hidden>) as password. Empty for a repository that did not
          exist.
      type: dict
    after:
      description: The URL, the user name, and V(<hidden>) as password.
      type: dict
    before_header:
      description: The repository.
      type: str
      sample: Git repository pipelines
    after_header:
      description: The repository.
      type: str
      sample: Git repository pipelines
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
      sample: not_synchronized
    option:
      description: The full name of the option that caused the failure. Null if no option, or more than one, caused it.
      type: str
      sample: null
    namespace:
      description: Always null, because a tenant of SAP AI Core has no namespaces.
      type: str
      sample: null
"""

from ..module_utils._runtime.payload import importing


def main() -> None:
    """Run the module."""
    with importing():
        from ..module_utils._runtime.module import run_module
        from ..module_utils._tasks.sap_ai_core_git_repository import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
