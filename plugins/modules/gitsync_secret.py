# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manage a Git credential for one consumer, in one namespace or in many."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gitsync_secret
short_description: Manage Git credentials in the Secrets that their consumers read
version_added: 0.1.0
author:
  - The keyring.kubernetes authors (@keyring-kubernetes)
description:
  - Create, update or delete a Secret that holds one Git credential, with the type, keys, labels and annotations that
    its consumer reads. The consumer is the program that uses the credential, such as Flux or Argo CD.
  - The credential is checked before anything is written. Unambiguous damage to a private key, such as CRLF or a missing
    newline, is fixed. The task refuses what the consumer could not use, and says how to fix it.
  - A change from one kind of credential to another removes the keys of the old one. A change of O(format) also removes
    the keys, labels and annotations of the old consumer, if this collection created the Secret. Keys that no format
    knows stay, as do other labels and annotations.
  - The Secret is read once, and written only if something changes. It is updated in place and keeps its UID. A change
    that another client makes in the meantime is not overwritten. The task reads again and decides again.
  - One task can manage the same Secret in many namespaces. If it fails in one namespace, it continues with the others
    and fails at the end. Run it again to complete the rest.
  - Private keys, passwords and tokens are not shown in results, diffs, warnings, errors or logs, neither as text nor in
    base64. The module never returns a private key, only the SSH public key. The limits are
    in the guide R(What is never shown,ansible_collections.keyring.kubernetes.docsite.guide_what_is_never_shown).
extends_documentation_fragment:
  - keyring.kubernetes.attributes
  - keyring.kubernetes.attributes.shared
  - keyring.kubernetes.connection
  - keyring.kubernetes.namespaces_limit
  - keyring.kubernetes.secret
requirements:
  - cryptography >= 38 on the machine that runs the task
  - "with O(verify): git on the machine that runs the task, and for SSH the OpenSSH client"
options:
  state:
    description:
      - V(present) creates or updates the Secret. V(absent) deletes it.
      - With V(absent), only the connection options, those that select the Secret and its namespaces, O(owner),
        O(take_ownership), O(service_accounts), O(in_use), O(concurrency) and O(report) have an effect. O(prune) is an
        error.
      - To delete a Secret of a custom type, also set O(format=custom) and C(custom_type) in O(format_options).
    type: str
    choices: [present, absent]
    default: present
  format:
    description:
      - The consumer that reads the Secret. Each Secret serves one format. Use a second Secret for a second consumer.
      - The default is V(git_sync). Set this option for Flux, Argo CD and all others.
      - V(git_sync) - git-sync, which reads files of the Secret. SSH, HTTPS or cookie file.
      - V(git_sync_env) - git-sync, with the Secret in C(envFrom) of its container. HTTPS or GitHub App.
      - V(primehub) - PrimeHub. SSH. O(name) must begin with C(gitsync-secret-).
      - V(airflow) - The official Helm chart of Apache Airflow. SSH or HTTPS.
      - V(airflow_community) - The community Helm chart of Apache Airflow. SSH or HTTPS.
      - V(airflow_connection) - A connection of Apache Airflow 3, as the variable C(AIRFLOW_CONN_GIT_DEFAULT). SSH,
        HTTPS or GitHub App. Needs O(url).
      - V(config_sync) - Config Sync. SSH, HTTPS, cookie file or GitHub App.
      - V(flux) - A GitRepository of Flux. SSH with host keys, HTTPS or GitHub App.
      - V(flux_proxy) - C(proxySecretRef) of Flux. HTTPS, which is here the login at the proxy, or an empty mapping.
        Needs O(url), the URL of the proxy.
      - V(flux_signing) - C(signingKey) of an ImageUpdateAutomation of Flux. SSH (C(type=ssh), a key in the OpenSSH
        format) or GPG (C(type=gpg)).
      - V(flux_receiver) - A Receiver of Flux. HTTPS, where O(https.password) is the token of the webhook.
      - V(argocd_repository) - A repository of Argo CD. SSH, HTTPS, GitHub App or cloud identity. Needs O(url). The
        Secret must be in the namespace in which Argo CD runs, as with all formats of Argo CD.
      - V(argocd_repo_creds) - A credential template of Argo CD. SSH, HTTPS, GitHub App or cloud identity. Needs O(url),
        the prefix of the URLs of its repositories.
      - V(argocd_repository_write) - A repository to which the source hydrator of Argo CD pushes. It never pushes with
        the Secret that it pulls with. SSH, HTTPS, GitHub App or cloud identity. Needs O(url).
      - V(argocd_repo_creds_write) - A credential template for pushing. SSH, HTTPS, GitHub App or cloud identity. Needs
        O(url), the prefix of the URLs of its repositories.
      - V(argocd_scm_creds) - A token that an ApplicationSet references in C(tokenRef), under the key C(token). HTTPS,
        with O(https.password) alone. The label is required if Argo CD runs with the strict mode for C(tokenRef).
      - V(argocd_image_updater) - Argo CD Image Updater, with C(git:secret:NAME) as the write-back method. SSH, HTTPS or
        GitHub App. The Secret must be in the namespace of the ImageUpdater. With SSH and HTTPS, Image Updater does not
        verify the server. To have it verified, use V(argocd_repository) and C(git:repocreds).
      - V(tekton) - Tekton Pipelines. SSH or HTTPS. Needs O(url).
      - V(tekton_workspace) - The workspace C(ssh-directory) of the task C(git-clone) of Tekton. SSH.
      - V(tekton_resolver) - The Git resolver of Tekton. HTTPS, where O(https.password) is the token.
      - V(fleet) - A GitRepo of Fleet. SSH, HTTPS or GitHub App. Fleet 0.14 and later accept O(https.password) alone.
      - V(fleet_helm) - C(helmSecretName) of Fleet. HTTPS.
      - V(openshift_build) - Builds of OpenShift. SSH or HTTPS.
      - V(jenkins) - The Kubernetes Credentials Provider of Jenkins. SSH, HTTPS, cookie file or GitHub App. A cookie
        file needs C(jenkins_type) in O(format_options).
      - V(kargo) - Kargo. HTTPS, GitHub App or cloud identity. Needs O(url), except with C(kargo_type=generic) in
        O(format_options).
      - V(kpack) - kpack. SSH or HTTPS. Needs O(url), which must be the host only.
      - V(vendir) - vendir of Carvel. SSH or HTTPS. The task fails if the Secret has keys that vendir does not know.
      - V(actions_runner_controller) - The Actions Runner Controller of GitHub. A token as O(https.password) without
        O(https.username), or GitHub App.
      - V(git_credentials) - A file C(.git-credentials) for C(git-credential-store), and a C(.gitconfig) that uses it
        for the server in O(url). HTTPS. Needs O(url). Tekton's task git-clone, Crossplane's provider-terraform and
        images for CI read such files.
      - V(devworkspace_git) - DevWorkspaces of Eclipse Che and OpenShift Dev Spaces. HTTPS. Needs O(url).
      - V(devworkspace_ssh) - The same DevWorkspaces. SSH. A key with a passphrase needs O(name=git-ssh-key).
      - V(pipelines_as_code) - Pipelines-as-Code. A token as O(https.password) without O(https.username), for the Secret
        of a C(Repository), or GitHub App, for the Secret C(pipelines-as-code-secret) of the controller.
      - V(custom) - Any other consumer. Needs O(keys).
      - The file of V(git_credentials) and V(devworkspace_git) has one line, for every repository of the server in
        O(url). User name and password are percent-encoded in it. A file with several lines is not read, and the task
        fails where another client stored one.
    type: str
    choices:
      - git_sync
      - git_sync_env
      - primehub
      - airflow
      - airflow_community
      - airflow_connection
      - config_sync
      - flux
      - flux_proxy
      - flux_signing
      - flux_receiver
      - argocd_repository
      - argocd_repo_creds
      - argocd_repository_write
      - argocd_repo_creds_write
      - argocd_scm_creds
      - argocd_image_updater
      - tekton
      - tekton_workspace
      - tekton_resolver
      - fleet
      - fleet_helm
      - openshift_build
      - jenkins
      - kargo
      - kpack
      - vendir
      - actions_runner_controller
      - git_credentials
      - devworkspace_git
      - devworkspace_ssh
      - pipelines_as_code
      - custom
    default: git_sync
  keys:
    description:
      - >-
        For O(format=custom). Maps each part of the credential to a key of the Secret, such as
        V({private_key: id_ed25519}). Parts have the names of the options, such as C(private_key), C(known_hosts),
        C(username), C(password), C(cookie_file) or C(url).
      - The result then shows no values except host keys and public keys, because the module cannot know which other
        values are harmless.
    type: dict
    default: {}
  format_options:
    description:
      - Options of one consumer. V(null) removes a value that was written earlier. An item that O(format) does not have
        is an error.
      - The R(options of each format,ansible_collections.keyring.kubernetes.docsite.git_format_options) are described in
        the guide. This is a list of their names.
      - V(airflow_connection) - C(airflow_known_hosts_file) and C(airflow_strict_host_key_checking), both with O(ssh).
      - V(argocd_repository) and V(argocd_repository_write) - C(argocd_name), C(argocd_project), C(argocd_insecure),
        C(argocd_insecure_ignore_host_key), C(argocd_enable_lfs) and C(argocd_depth).
      - V(argocd_repository) and V(argocd_repo_creds) - C(argocd_type), which is V(git) (the default), V(helm) or
        V(oci), and for the latter two C(argocd_enable_oci) and C(argocd_insecure_oci_force_http).
      - V(argocd_repository), V(argocd_repo_creds), V(argocd_repository_write) and V(argocd_repo_creds_write) -
        C(argocd_force_http_basic_auth), C(argocd_proxy) and C(argocd_no_proxy). In place of O(ssh), O(https) and
        O(github_app), they take a cloud identity. These are C(argocd_azure_service_principal_client_id),
        C(argocd_azure_service_principal_tenant_id), C(argocd_azure_service_principal_client_secret) and
        C(argocd_azure_active_directory_endpoint), or C(argocd_use_azure_workload_identity), or
        C(argocd_gcp_service_account_key).
      - V(argocd_image_updater) - C(argocd_insecure) and C(argocd_proxy), both with O(github_app).
      - V(config_sync) - C(config_sync_https_proxy).
      - V(custom) - C(custom_type), C(custom_secrets) and C(custom_empty_keys).
      - V(devworkspace_git) and V(devworkspace_ssh) - C(devworkspace_mount_on_start), C(devworkspace_include) and
        C(devworkspace_exclude).
      - V(fleet_helm) - C(fleet_insecure_skip_verify) and C(fleet_basic_http).
      - V(git_sync_env) - C(git_sync_credentials), a list of mappings with C(url), C(username) and C(password).
      - V(jenkins) - C(jenkins_type), which is V(secretText), V(secretFile) or V(githubApp), and C(jenkins_description),
        C(jenkins_scope), C(jenkins_username), C(jenkins_filename) and C(jenkins_keys).
      - V(kargo) - C(kargo_type), which is V(git) (the default), V(image), V(helm) or V(generic), and
        C(kargo_url_is_regex). Images and charts take a cloud identity in place of O(https). This is C(kargo_aws_region)
        with C(kargo_aws_access_key_id) and C(kargo_aws_secret_access_key), or C(kargo_gcp_service_account_key).
      - V(openshift_build) - C(openshift_match_uris) and C(openshift_gitconfig).
      - V(pipelines_as_code) - C(pipelines_as_code_webhook_secret).
      - V(primehub) - C(primehub_display_name).
      - V(tekton) - C(tekton_index), C(tekton_urls) and C(tekton_path).
      - V(tekton_workspace) - C(tekton_ssh_config).
    type: dict
    default: {}
  url:
    description:
      - The URL of the repository, such as V(ssh://git@github.com/acme/app.git), V(git@github.com:acme/app.git) or
        V(https://github.com/acme/app.git), without a password.
      - Formats that also read charts or images accept their URLs with the type in O(format_options).
      - All formats with SSH accept the form V(git@host:path), except V(flux).
      - For V(flux_proxy), this is the URL of the proxy, with C(http), C(https) or C(socks5).
      - Written to the Secret if the consumer reads it from there. The task fails if the credential or the host keys do
        not match it.
      - A user name before the host, as in the clone URLs of Azure DevOps and Bitbucket, is kept. A password or token
        there is an error.
    type: str
  ssh:
    description:
      - An SSH key. Exactly one of O(ssh), O(https), O(cookie_file), O(github_app), O(gpg) and O(github_app_token) is
        required, unless O(credentials_from) or a cloud identity in O(format_options) is set.
    type: dict
    suboptions:
      private_key:
        description:
          - The private key (RSA, ECDSA or Ed25519), in the OpenSSH format or as PEM.
          - A key that takes too long to open is an error. The limits are 8192 bits, 512 rounds of bcrypt
            (C(ssh-keygen -a)), and 2,000,000 iterations of another key derivation function.
        type: str
      private_key_file:
        description:
          - The path of a file with the private key. It can be encrypted with Ansible Vault. See O(remote_src) for where
            it is searched.
        type: path
      generate:
        description:
          - Generate a key of this type, on the machine that runs the task. A key that is already stored is kept, even
            if it is of another type. All namespaces without a key get the same one. RV(public_key) is its public key.
          - With O(namespaces_limit), the task reads the Secrets of all selected namespaces, to write their key where
            there is none.
          - A type that the server in O(url) does not accept is an error. Azure DevOps and AWS CodeCommit accept only
            RSA keys.
        type: str
        choices: [ed25519, ecdsa, rsa]
      passphrase:
        description:
          - The passphrase of the private key.
          - V(flux), V(flux_signing), V(airflow_connection), V(jenkins) and V(devworkspace_ssh) receive the encrypted
            key and the passphrase, as does V(custom) if O(keys) has C(passphrase). For all other formats, the key is
            stored decrypted.
        type: str
      known_hosts:
        description:
          - The host keys, as lines of a C(known_hosts) file. They must include the host and port of O(url).
          - Lines that no SSH client uses, such as those with a DSA key, and damaged lines for other hosts than that of
            O(url), are left out with a warning. Flux and Fleet, for example, would otherwise reject the whole file.
          - Host keys that a provider has retired, such as GitHub's RSA key from before March 2023, are not accepted as
            a match.
        type: str
      scan_host_keys:
        description:
          - Fetch the host keys of the server in O(url) with C(ssh-keyscan) if the Secret holds no matching ones.
          - Set O(ssh.host_key_fingerprints) too. Otherwise any server that answers is trusted, and the task warns.
        type: bool
        default: false
      host_key_fingerprints:
        description:
          - The fingerprints of the host keys that O(ssh.scan_host_keys) accepts, such as V(SHA256:…). Copy them from
            the documentation of the provider.
        type: list
        elements: str
      convert:
        description:
          - Convert the key to a format that the consumer reads if necessary. For V(fleet), that is PEM, and for
            V(flux_signing), the OpenSSH format.
        type: bool
        default: false
  https:
    description:
      - A credential for HTTPS.
    type: dict
    suboptions:
      username:
        description:
          - The user name. It cannot contain C(:).
        type: str
      password:
        description:
          - The password or token.
        type: str
      bearer_token:
        description:
          - A token to send instead of a user name and password. GitHub, GitLab and Bitbucket refuse one for Git, and
            the task warns. Give their tokens as O(https.password).
        type: str
      ca_certificate:
        description:
          - The CA certificates with which to verify the server, as PEM.
        type: str
      client_certificate:
        description:
          - A client certificate, as PEM. Requires O(https.client_key).
        type: str
      client_key:
        description:
          - The private key for O(https.client_certificate), as PEM. It must not have a passphrase.
        type: str
      expires_at:
        description:
          - When the password or bearer token expires, as a date or a time with its zone, such as V(2027-01-31). It is
            stored in the annotation C(keyring.kubernetes/expires-at) and returned in results.
          - If the password changes and this option is omitted, the stored expiry date is removed. A date in the past
            causes a warning.
        type: str
  cookie_file:
    description:
      - The content of a cookie file as git reads it, such as C(.gitcookies).
    type: str
  github_app:
    description:
      - A GitHub App.
    type: dict
    suboptions:
      id:
        description:
          - The ID of the App, a number. Give exactly one of O(github_app.id) and O(github_app.client_id).
        type: str
      client_id:
        description:
          - The client ID of the App. Only V(actions_runner_controller), V(airflow_connection), V(config_sync),
            V(git_sync_env), V(kargo) and V(custom) read it.
        type: str
      installation_id:
        description:
          - The ID of the installation, a number. V(flux) needs exactly one of O(github_app.installation_id) and
            O(github_app.owner). V(jenkins) and V(pipelines_as_code) do not read the ID. V(custom) needs neither. The
            formats of repositories and templates of Argo CD do not need it since Argo CD 3.3, which finds the
            installation by the URL. All other formats need the ID.
        type: str
      owner:
        description:
          - The organization or user that has installed the App. Only V(flux), V(jenkins) and V(custom) read it.
        type: str
      private_key:
        description:
          - The private key as downloaded from GitHub (PEM).
        type: str
      base_url:
        description:
          - The URL of the API of a GitHub Enterprise Server, such as V(https://github.example.com/api/v3).
        type: str
      ca_certificate:
        description:
          - The CA certificates with which to verify that server, as PEM. Only V(flux) and V(custom) read them.
        type: str
  gpg:
    description:
      - An OpenPGP key, for programs that sign commits. Only V(flux_signing) and V(custom) read it.
    type: dict
    suboptions:
      private_key:
        description:
          - The private key in ASCII armor, as printed by C(gpg --armor --export-secret-keys KEY-ID).
        type: str
      passphrase:
        description:
          - The passphrase of the private key. It is stored next to the key. Whether it opens the key is not checked.
        type: str
  github_app_token:
    description:
      - A GitHub App with which the task mints a token. The Secret gets the user name V(x-access-token), and the token
        as password. This works with every O(format) for Git repositories that reads a password.
      - A token is valid for one hour. Run the task again before RV(next_run_before). A consumer that takes the App
        itself, such as Flux or Argo CD, needs no such runs. Use O(github_app) for it; the task warns.
      - The task asks GitHub from the machine that runs it, once for all namespaces, and never in check mode. A stored
        token is kept while it is valid for at least O(min_validity) seconds, was minted for the same App,
        repositories and permissions, and O(force_mint) is not set.
      - A token that may do more than was asked for is not written. The task revokes it and fails.
      - Redirects are not followed. Proxies come from variables such as C(https_proxy). The certificate of the server is
        checked with the CA certificates of the machine, or with those of the variable C(SSL_CERT_FILE).
    type: dict
    suboptions:
      client_id:
        description:
          - The client ID of the App, such as V(Iv23liAbCdEf). Exactly one of O(github_app_token.client_id) and
            O(github_app_token.app_id) is required.
        type: str
      app_id:
        description:
          - The ID of the App, a number.
        type: str
      owner:
        description:
          - The organization or user that has installed the App. The task looks up its installation. Exactly one of
            O(github_app_token.owner) and O(github_app_token.installation_id) is required.
        type: str
      installation_id:
        description:
          - The ID of the installation, a number. It is not the client ID.
        type: str
      private_key:
        description:
          - The private key as downloaded from GitHub (PEM). Exactly one of O(github_app_token.private_key) and
            O(github_app_token.private_key_file) is required. The key is not written to the cluster.
        type: str
      private_key_file:
        description:
          - The path of a file with the private key. It can be encrypted with Ansible Vault. See O(remote_src) for where
            it is searched.
        type: path
      repositories:
        description:
          - The names of the repositories that the token is for, without the owner, at most 500.
          - V(['*']) stands for all repositories of the installation.
        type: list
        elements: str
        required: true
      permissions:
        description:
          - The permissions of the token. The keys are names from GitHub's API, such as V(contents) or
            V(pull_requests). The values are V(read), V(write) or V(admin). GitHub adds V(metadata=read).
        type: dict
        default: {contents: read}
      base_url:
        description:
          - The URL of GitHub's API, if it is not V(https://api.github.com). That of an Enterprise Server is
            V(https://github.example.com/api/v3), that of an enterprise on ghe.com is V(https://api.octo.ghe.com).
        type: str
  min_validity:
    description:
      - Replace a stored token of O(github_app_token) that is valid for less than this many seconds. The default is
        1200, a third of its lifetime.
      - Set it to more than the time between two runs.
    type: int
  force_mint:
    description:
      - Mint a new token even if the stored one is still valid, for example after a leak.
    type: bool
    default: false
  credentials_from:
    description:
      - Copy the credential of another Secret, also from another format, or of several Secrets. The module reads them
        from the cluster, so a credential never passes through variables or task arguments.
      - A mapping stands for a list with one item. The parts of several Secrets are combined, for example the key in one
        and the host keys in another. If two Secrets have the same part, the task fails.
      - Values given in O(ssh), O(https) and O(github_app) override the copied ones.
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
      format:
        description:
          - The format of the source Secret. By default, it is derived from its type, keys and labels.
        type: str
        choices:
          - git_sync
          - git_sync_env
          - primehub
          - airflow
          - airflow_community
          - airflow_connection
          - config_sync
          - flux
          - flux_proxy
          - flux_signing
          - flux_receiver
          - argocd_repository
          - argocd_repo_creds
          - argocd_repository_write
          - argocd_repo_creds_write
          - argocd_scm_creds
          - argocd_image_updater
          - tekton
          - tekton_workspace
          - tekton_resolver
          - fleet
          - fleet_helm
          - openshift_build
          - jenkins
          - kargo
          - kpack
          - vendir
          - actions_runner_controller
          - git_credentials
          - devworkspace_git
          - devworkspace_ssh
          - pipelines_as_code
          - custom
      keys:
        description:
          - Key names in that Secret, as in O(keys). For O(credentials_from[].format=custom).
        type: dict
        default: {}
  update_credentials:
    description:
      - What to do with a credential that is already stored.
      - V(always) replaces the whole credential; parts that you leave out are removed.
      - V(when_given) keeps the stored value of parts that are omitted; an empty mapping, such as O(ssh={}), keeps
        everything.
      - V(on_create) writes a credential that is missing and never changes its stored parts afterwards, for example
        because another tool rotates them.
      - With V(when_given) and V(on_create), O(github_app_token) mints a token only if no credential is stored. With
        V(when_given), O(force_mint) overrides this.
    type: str
    choices: [always, when_given, on_create]
    default: always
  verify:
    description:
      - Ask the Git server whether the credential can read the repository before it is written. The task runs
        C(git ls-remote) on the machine that runs the task, and fails if the server denies the credential.
      - The server is asked only if the task would write the credential, once for all namespaces, and in check mode too.
        The answer is in RV(verified).
      - The settings, keys and logins of the user who runs the task are not used. Redirects are not followed. The
        secret is in no file, argument or environment variable. The password goes only to the host of the repository.
        Proxies come from variables such as C(https_proxy); one with a password is not used.
      - The outcome is V(unverifiable) for a key that the task generates, a token that it mints, a cookie file, a GitHub
        App, a bearer token, a client certificate, and for a repository that everyone can read. It is also
        V(unverifiable) without host keys.
      - This proves that git and OpenSSH can use the credential. The consumer may use another library or network.
    type: bool
    default: false
  verify_require:
    description:
      - The outcomes of O(verify) that allow the credential to be written.
      - With V(not_denied), the task fails if the credential is refused (V(denied)), and warns of V(not_found),
        V(unreachable) and V(unverifiable).
      - With V(pullable), the task fails unless the repository was read (V(readable)). In check mode, it does not fail
        for O(ssh.scan_host_keys), because the host keys are not known yet. It cannot be used with
        O(github_app_token).
      - In both cases, it fails before anything is written.
    type: str
    choices: [not_denied, pullable]
    default: not_denied
  verify_timeout:
    description:
      - The maximum time in seconds to ask about one credential, from 1 to 600.
    type: int
    default: 10
  verify_url:
    description:
      - The URL of a repository to read for O(verify), on the host of O(url). The default is O(url).
      - Required if O(url) is missing, is only a server, is a prefix (V(argocd_repo_creds)) or a regular expression
        (V(kargo)).
    type: str
  verify_known_hosts:
    description:
      - The host keys for O(verify), as lines of a C(known_hosts) file, if the format does not store them, as with
        V(argocd_repository) and V(primehub). They are not written.
    type: str
  verify_ca_cert:
    description:
      - The path of CA certificates (PEM) for O(verify), if the format does not store them. See O(remote_src) for where
        it is searched.
    type: path
seealso:
  - module: keyring.kubernetes.gitsync_secret_info
  - module: keyring.kubernetes.service_account_secrets
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_git
    description:
      Provide Git credentials for Flux, Argo CD, Tekton and others. The role P(keyring.kubernetes.git_credentials#role)
      provides one credential to several of them.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_git_tools
    description:
      A task for GitHub's runners, DevWorkspaces, Pipelines-as-Code and GitLab Runner, and for programs whose objects
      name the keys.
  - ref: ansible_collections.keyring.kubernetes.docsite.guide_rights
    description: The permissions that each kind of task needs.
"""

EXAMPLES = r"""
- name: Write an SSH key for git-sync, with the host keys of the server
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-credential
    url: ssh://git@git.example.com/team/app.git
    ssh:
      private_key: "{{ deploy_key }}"
      known_hosts: "{{ git_host_keys }}"

- name: Generate a deploy key once, and store it only in the Secret
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: flux-app
    format: flux
    url: ssh://git@git.example.com/team/app.git
    ssh:
      generate: ed25519
      known_hosts: "{{ git_host_keys }}"
  register: flux_credential

- name: Show the public key to register at the Git provider
  ansible.builtin.debug:
    var: flux_credential.public_key

- name: Copy the key of Flux for Argo CD
  keyring.kubernetes.gitsync_secret:
    namespace: argocd
    name: web-app
    format: argocd_repository
    url: ssh://git@git.example.com/team/app.git
    credentials_from:
      namespace: web
      name: flux-app
    format_options:
      argocd_project: web

- name: Manage a token for Tekton in all team namespaces except sandboxes
  keyring.kubernetes.gitsync_secret:
    namespaces: [team-*, '!*-sandbox']
    name: tekton-git
    format: tekton
    url: https://git.example.com
    https:
      username: octo
      password: "{{ git_token }}"

- name: Write a key for PrimeHub from a file that is encrypted with Ansible Vault
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: gitsync-secret-models
    format: primehub
    ssh:
      private_key_file: "{{ deploy_key_file }}"
    format_options:
      primehub_display_name: Models

- name: Write a token unless the Git server denies it
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: app-token
    format: flux
    url: https://git.example.com/team/app.git
    https:
      username: octo
      password: "{{ git_token }}"
    verify: true

- name: Mint a token of a GitHub App for Tekton, which takes only user name and password
  keyring.kubernetes.gitsync_secret:
    namespaces: [team-*]
    name: tekton-github
    format: tekton
    url: https://github.com
    github_app_token:
      client_id: Iv23liAbCdEfGhIjKlMn
      owner: acme
      private_key: "{{ github_app_key }}"
      repositories: [app, charts]
      permissions: {contents: read}

- name: Write the credential under key names of another consumer
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: build-git
    format: custom
    keys: {private_key: id_ed25519, known_hosts: hosts}
    ssh:
      private_key: "{{ deploy_key }}"
      known_hosts: "{{ git_host_keys }}"

- name: Write a file .git-credentials, in which the token is percent-encoded
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-login
    format: git_credentials
    url: https://git.example.com
    https:
      username: octo
      password: "{{ git_token }}"

- name: Let Argo CD authenticate at Azure DevOps with its workload identity
  keyring.kubernetes.gitsync_secret:
    namespace: argocd
    name: azure-repositories
    format: argocd_repo_creds
    url: https://dev.azure.com/acme/
    format_options:
      argocd_use_azure_workload_identity: true

- name: Write a credential for Helm charts in a registry
  keyring.kubernetes.gitsync_secret:
    namespace: argocd
    name: charts
    format: argocd_repository
    url: registry.example.com/charts
    https:
      username: octo
      password: "{{ registry_password }}"
    format_options:
      argocd_type: helm
      argocd_name: charts

- name: Delete the Secret
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: git-credential
    state: absent

- name: Combine the key of one Secret and the host keys of another
  keyring.kubernetes.gitsync_secret:
    namespace: web
    name: flux-combined
    format: flux
    url: ssh://git@git.example.com/team/app.git
    credentials_from:
      - namespace: web
        name: build-git
        format: custom
        keys: {private_key: id_ed25519}
      - namespace: web
        name: flux-app
        format: custom
        keys: {known_hosts: known_hosts}
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
      sample: git-credential
    type:
      description: The type.
      type: str
      sample: Opaque
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
      sample: {keyring.kubernetes/origin: web/git-credential}
    format:
      description: The format, as in O(format).
      type: str
      sample: flux
    kind:
      description:
        - The kind of credential, V(ssh), V(https), V(cookie_file), V(github_app), V(gpg) or V(cloud_identity). Null if
          its consumer would find none.
      type: str
      sample: ssh
    data_keys:
      description: The names of all keys in the data.
      type: list
      elements: str
      sample: [identity, identity.pub, known_hosts]
    url:
      description: The stored URL, without user information. Null if the format stores none.
      type: str
      sample: https://git.example.com/team/app.git
    username:
      description: The user name. V(<hidden>) if it looks like a token. Null if there is none.
      type: str
      sample: octo
    known_hosts:
      description: The host keys, each with hosts, algorithm and fingerprint. Null if there are none.
      type: list
      elements: str
      sample: ["git.example.com ssh-ed25519 SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY"]
    expires_at:
      description:
        - When the password or bearer token expires, from the annotation C(keyring.kubernetes/expires-at). Without one,
          from C(exp) if it is a signed JSON Web Token. Null if unknown. V(<known after apply>) in check mode for a
          token that would be minted.
      type: str
      sample: "2026-11-21T22:00:00Z"
    public_key:
      description: The SSH public key, or null.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
    fingerprint:
      description: Fingerprint of the SSH public key, or null.
      type: str
      sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
minted:
  description: The Git server for which a token was minted, or would be minted in check mode.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [github.com]
next_run_before:
  description:
    - When the first credential of the task expires, in any namespace; null if unknown. V(<known after apply>) in check
      mode if a token would be minted.
    - With O(github_app_token), run the task again before then, in the last O(min_validity) seconds. Earlier runs keep
      the token.
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
    unmanaged_keys:
      description: Same as RV(unmanaged_keys), for this namespace.
      type: list
      elements: str
      returned: when O(state=present) and it did not fail
    next_run_before:
      description: Same as RV(next_run_before), for this namespace.
      type: str
      returned: when O(state=present) and it did not fail
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
public_key:
  description:
    - The SSH public key, to register as a deploy key. Null without an SSH key, and if namespaces have different keys.
      V(<known after apply>) in check mode for a key that would be generated.
  returned: when O(state=present) and the task succeeded
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam
fingerprint:
  description: Fingerprint of the SSH public key, as printed by C(ssh-keygen -l).
  returned: when O(state=present) and the task succeeded
  type: str
  sample: SHA256:qz0mRcg1PZ7PmuGl1sOPFHTyCJW2GmmrMGvbbZkXoaY
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
verified:
  description:
    - The answers of the Git server about the credential. Empty if the task writes no credential.
    - An item for each different credential. There are several only if O(update_credentials) keeps different parts in
      several namespaces. At most five of them are sent.
  returned: when O(verify) is true and O(state=present), also after a failure
  type: list
  elements: dict
  contains:
    url:
      description: The URL of the repository, without a token. Null if there is none.
      type: str
      sample: https://git.example.com/team/app.git
    outcome:
      description:
        - V(readable) - the repository can be read.
        - V(denied) - the server denies the credential.
        - V(not_found) - there is no such repository, or the credential may not see it.
        - V(unreachable) - the server cannot be reached, did not answer in time, answered with 429 or 5xx, or has a
          certificate that is not trusted.
        - V(unverifiable) - nothing is proven. RV(verified[].text) has the reason.
      type: str
      sample: readable
      choices: [readable, denied, not_found, unreachable, unverifiable]
    text:
      description: The outcome in a sentence.
      type: str
      sample: The repository can be read.
    asked_from:
      description: The name of the machine that asked. The network of the consumer may differ.
      type: str
      sample: controller.example.com
credentials_kept:
  description: Parts of the stored credential that were kept because of O(update_credentials).
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [ssh.private_key]
unmanaged_keys:
  description: The keys in the Secret that no format knows. They stay.
  returned: when O(state=present), for one namespace
  type: list
  elements: str
  sample: [notes]
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
        from ..module_utils._tasks.gitsync_secret import DEFINITION

    run_module(DEFINITION)


if __name__ == "__main__":
    main()
