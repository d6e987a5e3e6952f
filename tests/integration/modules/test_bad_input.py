# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input gets a sentence that says what, why and how to go on; nothing is written, and no secret value is quoted."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.cluster import Cluster, writes
from support.playbook import Playbook, task
from support.rbac import documented_rules
from support.samples.git import HOST, HOST_KEY, HOSTS, HTTPS_URL, KEY, SSH_URL, locked, pkcs8, private, ssh

NAME = "registry"
OCCUPIED = "occupied"  # by a Secret of another type
SECRET = "s3cret-token"
SECRETS = (SECRET, *private(KEY).splitlines()[1:-1])  # in no message
SERVICE_ACCOUNT = json.dumps({"type": "service_account", "private_key": SECRET, "client_email": "a@example.com"})
GHCR = {"server": "ghcr.io", "username": "octo", "password": SECRET}
SERVER_MUST = "must be a host with an optional port and path; got"


def registry(**changes: Any) -> dict[str, Any]:
    """Arguments with one registry that differs from a good one; a change to None leaves the field out."""
    item = {key: value for key, value in {**GHCR, **changes}.items() if value is not None}
    return {"registries": [{"server": "quay.io", "username": "a", "password": "another-token"}, item]}


def preset(name: str, options: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Arguments with one registry of a preset; a change to None leaves the field out."""
    return registry(**{"server": None, "username": None, "preset": name, "preset_options": options, **changes})


def many(*names: str) -> dict[str, Any]:
    """Arguments for many namespaces."""
    return {**registry(), "namespace": None, "namespaces": list(names)}


PRUNE = {**many("web"), "prune": True, "owner": "team-a"}


def config(text: str | bytes) -> dict[str, Any]:
    """Arguments with a file of this content as docker config; written by the test."""
    return {"docker_config_file": text}


# What is given, and how the message begins.
REFUSALS: dict[str, tuple[Mapping[str, Any], str]] = {
    "empty-server": (registry(server=""), f'registries[1].server {SERVER_MUST} "". It is empty. Write the host of'),
    "blank-server": (registry(server=" "), f'registries[1].server {SERVER_MUST} " ". It is empty.'),
    "user-in-server": (
        registry(server=f"https://octo:{SECRET}@ghcr.io/v2"),
        f'registries[1].server {SERVER_MUST} "https://…@ghcr.io/v2". A server must not contain a user name. '
        'Remove the user and write "ghcr.io".',
    ),
    "colon-in-username": (
        registry(username=f"octo:{SECRET}"),
        'registries[1].username must not contain ":". Readers of a docker config split user and password',
    ),
    "empty-password": (registry(password=""), "registries[1].password is empty. An empty value would replace"),
    "password-in-a-list": (
        registry(password=[SECRET]),
        "registries[1].password must be a string; it is a list. Give a single string, without brackets.",
    ),
    "password-in-a-mapping": (
        registry(password={"value": SECRET}),
        "registries[1].password must be a string; it is a mapping. Some versions of Ansible turn a template",
    ),
    "username-in-a-list": (
        registry(username=[SECRET]),
        "registries[1].username must be a string; it is a list. Give a single string, without brackets.",
    ),
    "config-with-a-password-in-a-list": (
        {"docker_config": {"auths": {"ghcr.io": {"username": "octo", "password": [SECRET]}}}},
        'docker_config.auths["ghcr.io"] has no credentials. Its password is a list, not a string. Give username and',
    ),
    "masked-password": (registry(password="******"), "registries[1].password holds a mask instead of a value."),
    "ansible-mask": (
        registry(password="VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"),
        "registries[1].password holds a mask instead of a value.",
    ),
    "no-password": (
        registry(password=None),
        "registries[1].password is missing. With update_credentials=always each registry needs both username and "
        "password. Give it, or set update_credentials=when_given to keep what is stored.",
    ),
    "same-server-twice": (
        registry(server="quay.io"),
        'registries[1] is the same registry as registries[0] ("quay.io").',
    ),
    "same-server-for-the-kubelet": (
        registry(server="https://quay.io"),
        'registries[1] is the same registry as registries[0] ("quay.io"). The kubelet reads both as "quay.io".',
    ),
    "no-server": (
        registry(server=None),
        "registries[1] names no registry. Give server, or preset for one that is known by name.",
    ),
    "server-and-preset": (
        registry(preset="ghcr"),
        "registries[1].server and registries[1].preset exclude each other. A preset gives the server. Keep one",
    ),
    "unknown-preset": (
        preset("artefact_registry"),
        "registries[1].preset is not the name of a preset. Did you mean artifact_registry",
    ),
    "unknown-preset-option": (
        preset("ecr", {"account": "123456789012", "region": "eu-central-1"}),
        "registries[1].preset_options.account is not known to preset ecr. Did you mean account_id?",
    ),
    "eleven-digits": (
        preset("ecr", {"account_id": "12345678901", "region": "eu-central-1"}),
        "registries[1].preset_options.account_id must be 12 digits in quotes.",
    ),
    "unknown-region": (
        preset("ecr", {"account_id": "123456789012", "region": "eucentral1"}),
        "registries[1].preset_options.region must be a region such as eu-central-1. Did you mean eu-central-1 or",
    ),
    "secret-in-preset-options": (
        preset("ecr", {"account_id": SECRET, "region": SECRET}),
        "registries[1].preset_options.account_id must be 12 digits in quotes.",
    ),
    "fine-grained-token": (
        preset("ghcr", username="octo", password=f"github_pat_{SECRET}"),
        "registries[1].password is a fine-grained token. GitHub Packages takes only personal access tokens (classic).",
    ),
    "cut-json-key": (
        preset("gcr", password=f'{{"type": "service_account", "private_key": "{SECRET}"'),
        "registries[1].password begins like a JSON key and is not JSON. It may have been cut. If it comes from",
    ),
    "json-key-as-base64": (
        preset("gcr", username="_json_key_base64", password=SERVICE_ACCOUNT),
        "registries[1].password is a key as JSON, and not base64 of it. The user _json_key_base64 has base64 of",
    ),
    "json-of-another-kind": (
        preset("gcr", password=json.dumps({"type": "authorized_user", "refresh_token": SECRET})),
        "registries[1].password is JSON, and not a service-account key.",
    ),
    "entra-user-without-a-token": (
        preset("acr", {"name": "acmeregistry"}, username="00000000-0000-0000-0000-000000000000", password=""),
        "registries[1].password is empty. The user 00000000-0000-0000-0000-000000000000 has an access token as",
    ),
    "user-without-namespace": (
        preset("oracle", {"region": "fra"}, username="ada@example.com"),
        "registries[1].username has no tenancy namespace. Oracle's registry knows a user as namespace/user or",
    ),
    "user-that-the-shell-ate": (
        preset("ngc", username=""),
        "registries[1].username is not $oauthtoken. A shell takes that for a variable, which is empty. Leave",
    ),
    "docker-hub-by-another-name": (
        registry(server="registry-1.docker.io"),
        f'registries[1].server {SERVER_MUST} "registry-1.docker.io". No image of Docker Hub is looked up under that',
    ),
    "capitals-in-name": ({**registry(), "name": "Registry"}, "name is not a name that a Secret can have."),
    "line-end-in-name": ({**registry(), "name": "registry\n"}, "name is not a name that a Secret can have."),
    "long-name": ({**registry(), "name": "a" * 254}, "name is not a name that a Secret can have."),
    "no-registry": ({}, "No registry would be left in the Secret."),
    "list-as-config": ({"docker_config": [1]}, "docker_config must be a docker config; it is a list."),
    "config-without-auths": ({"docker_config": {"registries": {}}}, 'docker_config has no "auths".'),
    "config-with-a-store-only": (
        {"docker_config": {"auths": {"ghcr.io": {}}, "credsStore": "desktop"}},
        'docker_config.auths["ghcr.io"] has no credentials. They are in a credential store of the machine where',
    ),
    "empty-auths": ({"docker_config": {"auths": {}}}, "docker_config names no registry: its auths are empty."),
    "two-configs": (
        {"docker_config": {"auths": {"ghcr.io": GHCR}}, "docker_config_file": "/tmp/x"},
        "parameters are mutually exclusive: docker_config|docker_config_file",
    ),
    "large-config": (
        config(json.dumps({"auths": {"ghcr.io": {"x": "x" * 1024 * 1024}}})),
        "docker_config_file is larger than 1 MiB.",
    ),
    "latin-1": (config('{"auths": {"ü": {}}}'.encode("latin-1")), "docker_config_file is not UTF-8 text."),
    "utf-16": (config('{"auths": {}}'.encode("utf-16-le")), "docker_config_file is not UTF-8 text. It looks like"),
    "cut-config": (config('{"auths": {'), "docker_config_file is not valid JSON (line 1, column 12). Check that it is"),
    "noise": (config(f"{SECRET} ~~~"), "docker_config_file is neither JSON, YAML nor base64 of these."),
    "url-safe-auth": (
        config(json.dumps({"auths": {"ghcr.io": {"auth": base64.urlsafe_b64encode(b"octo:???>>>").decode()}}})),
        'docker_config_file.auths["ghcr.io"].auth cannot be read: it is URL-safe base64, and only standard base64',
    ),
    "missing-file": (
        {"docker_config_file": "/does/not/exist"},
        "docker_config_file /does/not/exist does not exist on the controller. Give the path of a file on the",
    ),
    "missing-remote-file": (
        {"docker_config_file": "/does/not/exist", "remote_src": True},
        "docker_config_file /does/not/exist cannot be read: No such",
    ),
    "directory": ({"docker_config_file": "/"}, "docker_config_file / cannot be read: Is a directory."),
    "missing-source": (
        {"credentials_from": {"name": "nowhere"}},
        "credentials_from (Secret {namespace}/nowhere) does not exist.",
    ),
    "own-source": (
        {"credentials_from": {"name": NAME}},
        "credentials_from (Secret {namespace}/registry) is the Secret",
    ),
    "number-as-label": ({**registry(), "labels": {"tier": 1}}, 'labels["tier"] must be a string; it is an integer.'),
    "our-label": (
        {**registry(), "labels": {"app.kubernetes.io/managed-by": "me"}},
        'labels["app.kubernetes.io/managed-by"] is managed by this collection and cannot be set.',
    ),
    "secret-as-annotation": (
        {**registry(), "annotations": {"example.com/note": f"it is {SECRET}"}},
        "annotations contains a password or token of this task.",
    ),
    "misspelt-option": (
        {**registry(), "registry": "x"},
        "registry is not an option of keyring.kubernetes.image_pull_secret. Did you mean registries?",
    ),
    "misspelt-suboption": (
        {"registries": [{"server": "ghcr.io", "username": "x", "pasword": SECRET}]},
        "registries[0].pasword is not an option of keyring.kubernetes.image_pull_secret. Did you mean password?",
    ),
    "misplaced-option": (
        {**registry(), "server": "ghcr.io"},
        "server is not an option of keyring.kubernetes.image_pull_secret. Did you mean registries[].server?",
    ),
    "string-as-registry": (
        {"registries": ["ghcr.io"]},
        "registries[0] must be a mapping of its options; it is a string. Write each item with keys, for example",
    ),
    "bad-namespace": ({**registry(), "namespace": "Web"}, "namespace is not a name that a namespace can have."),
    "missing-namespace": (
        {**registry(), "namespace": "does-not-exist"},
        "Cannot read Secret does-not-exist/registry: forbidden (403).",
    ),
    "zero-concurrency": (
        {**many("*"), "concurrency": 0},
        "concurrency must be from 1 to 64; it is 0. It is the number of namespaces that are written at the same time.",
    ),
    "concurrency-in-words": ({**many("*"), "concurrency": "all"}, "argument 'concurrency' is of type"),
    "no-namespaces": (
        many(),
        "namespaces is empty. It would select no namespace. Check the variable behind it; for all",
    ),
    "two-ways": (
        {**registry(), "namespaces": ["web"]},
        "namespace and namespaces select namespaces in different ways.",
    ),
    "names-and-selectors": (
        {**many("web"), "namespace_selectors": ["team=web"]},
        "namespaces and namespace_selectors select namespaces in different ways. With namespace_selectors,",
    ),
    "only-exclusions": (
        many("!web"),
        "namespaces has only exclusions. They need a selection to exclude from. Add the namespaces to select, such",
    ),
    "no-limit": (
        {**many("web"), "namespaces_limit": []},
        "namespaces_limit is empty. It would leave out every namespace. Check the variable behind it; to process",
    ),
    "glob-in-a-limit": (
        {**many("web"), "namespaces_limit": ["web", "team-*"]},
        "namespaces_limit[1] is not a name that a namespace can have. The limit takes names, without globs and",
    ),
    "number-in-a-limit": (
        {**many("web"), "namespaces_limit": ["web", 42]},
        "namespaces_limit[1] must be a string; it is an integer.",
    ),
    "capitals-in-a-limit-of-another-namespace": (
        {**registry(), "namespaces_limit": ["Shop"]},
        "namespaces_limit[0] is not a name that a namespace can have.",
    ),
    "number-as-password-in-a-namespace-that-is-left-out": (
        {**registry(password=42), "namespaces_limit": ["shop"]},
        "registries[1].password must be a string; it is an integer.",
    ),
    "prune-without-owner-and-with-a-limit": (
        {**PRUNE, "owner": None, "namespaces_limit": ["web"]},
        "prune needs owner. Only Secrets of the same owner are removed.",
    ),
    "empty-selector": (
        {**many(), "namespaces": None, "namespace_selectors": ["a", ""]},
        "namespace_selectors[1] is empty. To Kubernetes an empty selector means every namespace. Check the variable",
    ),
    "prune-and-absent": (
        {**PRUNE, "registries": [], "state": "absent"},
        "prune and state=absent exclude each other. prune removes the Secret from namespaces that the task "
        "no longer selects.",
    ),
    "prune-without-owner": (
        {**PRUNE, "owner": None},
        "prune needs owner. Only Secrets of the same owner are removed.",
    ),
    "prune-for-one-namespace": (
        {**registry(), "prune": True, "owner": "team-a"},
        "prune needs namespaces or namespace_selectors. The Secret would be removed from all namespaces but one.",
    ),
    "prune-for-no-namespaces": ({**PRUNE, "namespaces": []}, "namespaces is empty. It would select no namespace."),
    "prune-of-nothing": ({**PRUNE, "prune_limit": 0}, "prune_limit must be at least 1; it is 0. Leave out prune."),
    "prune-where-listing-is-forbidden": (
        PRUNE,
        "Cannot list Secrets registry of all namespaces: forbidden (403). The identity {user} needs the verb list on "
        "secrets named registry in all namespaces. Bind it to a ClusterRole with that rule; the guide to "
        "permissions shows the",
    ),
    "capitals-in-a-service-account": (
        {**registry(), "service_accounts": ["default", "Builder"]},
        "service_accounts[1] is not a name that a ServiceAccount can have.",
    ),
    "capitals-in-a-glob-of-service-accounts": (
        {**registry(), "service_accounts": ["default", "CI-*"]},
        "service_accounts[1] is not a glob that a ServiceAccount can match.",
    ),
    "only-exclusions-of-service-accounts": (
        {"state": "absent", "service_accounts": ["!default"]},
        "service_accounts has only exclusions. They need a selection to exclude from. Add the ServiceAccounts to",
    ),
    "long-wait": (
        {**registry(), "wait_timeout": 3601},
        "wait_timeout must be from 0 to 3600 seconds; it is 3601.",
    ),
    "unknown-in-use": (
        {**registry(), "in_use": "warning"},
        "value of in_use must be one of: refuse, warn, ignore, got: warning. Did you mean warn?",
    ),
    "listing-forbidden": (
        many("*"),
        "Cannot list namespaces: forbidden (403). The identity {user} needs the verb list on namespaces in all "
        "namespaces. Bind it to a ClusterRole with that rule; the guide to permissions shows the whole ClusterRole.",
    ),
    "no-images": ({**registry(), "images": []}, "images is empty. Check the variable behind it, or leave it out."),
    "url-as-image": (
        {**registry(), "images": ["nginx", f"https://octo:{SECRET}@ghcr.io/app"]},
        'images[1] is not the name of an image; got "https://ghcr.io/app". It has a registry, a path in lower case and '
        "a tag or a digest, and neither whitespace nor https://. Write it like ghcr.io/acme/app:1.2.",
    ),
    "image-before-the-cluster": (
        {**registry(), "images": ["Nginx"], "expect_server": "*.example.com"},
        "images[0] is not the name of an image",
    ),
    "unserved-image": (
        {**registry(server="ghcr.io/team/"), "images": ["ghcr.io/other/app"]},
        'images[0] ("ghcr.io/other/app") has no matching credentials in the Secret. "ghcr.io/team/" serves only '
        '"ghcr.io/team/…", and the image is "ghcr.io/other/app".',
    ),
    "other-server": (
        {**registry(), "expect_server": "*.example.com"},
        'The connection leads to {server}, but expect_server is "*.example.com". Nothing was sent.',
    ),
}


# 8 KiB of it, as a wrong file would give.
NOISE = "".join(chr(33 + number * 7 % 90) for number in range(8192))
BASIC = {"username": "octo", "password": SECRET}

# What is given, and the whole message.
GIT_REFUSALS: dict[str, tuple[Mapping[str, Any], str]] = {
    "two-kinds": (
        {"ssh": ssh(), "https": BASIC},
        "ssh and https are 2 kinds of credential. A Secret holds one. Keep one of them, and use another "
        "Secret for the other.",
    ),
    "no-credential": (
        {},
        "The credential is missing. Give one of ssh, https, cookie_file, github_app_token and credentials_from; "
        "with update_credentials=when_given it may be empty.",
    ),
    "nothing-to-keep": (
        {"update_credentials": "when_given", "ssh": {}},
        "ssh.private_key is missing. Format git_sync needs ssh.private_key. Give what is missing; with "
        "update_credentials=when_given a stored value is kept.",
    ),
    "cookie-for-flux": (
        {"format": "flux", "cookie_file": SECRET},
        "Format flux does not know cookie_file. It knows ssh, https and github_app.",
    ),
    "ssh-for-kargo": (
        {"format": "kargo", "url": HTTPS_URL, "ssh": ssh()},
        "Format kargo does not know ssh. Kargo drops SSH in 1.13. It knows https and github_app.",
    ),
    "bearer-for-git-sync": (
        {"https": {"bearer_token": SECRET}},
        "https.bearer_token is not read by format git_sync. It reads https.username and https.password.",
    ),
    "known-hosts-for-argo-cd": (
        {"format": "argocd_repository", "url": SSH_URL, "ssh": ssh()},
        "ssh.known_hosts is not read by format argocd_repository. Argo CD reads host keys from the "
        "ConfigMap argocd-ssh-known-hosts-cm; argocd cert add-ssh --batch adds them there. It reads ssh.private_key.",
    ),
    "argo-cd-without-url": (
        {"format": "argocd_repository", "https": BASIC},
        "url is missing; format argocd_repository needs it. It is how the consumer knows what the "
        "credential is for. Give the URL of the repository.",
    ),
    "https-url-with-a-key": (
        {"url": HTTPS_URL, "ssh": ssh()},
        "url begins with https://, and the credential is ssh. One does not work with the other. Write the "
        "URL like ssh://git@host/path or git@host:path, or give another credential.",
    ),
    "ssh-url-with-a-password": (
        {"url": SSH_URL, "https": BASIC},
        "url begins with ssh://, and the credential is https. One does not work with the other. Write the "
        "URL like https://host/path, or give another credential.",
    ),
    "password-in-url": (
        {"url": f"https://octo:{SECRET}@{HOST}/app.git", "https": BASIC},
        "url must be the URL of a Git repository over ssh or https. A password or token in the URL is "
        "visible wherever the URL is shown. Remove everything before the @, and give it as username and "
        "password; "
        "write an @ in a path as %40.",
    ),
    "password-in-ssh-url": (
        {"url": f"ssh://git:{SECRET}@{HOST}/app.git", "ssh": ssh()},
        "url must be the URL of a Git repository over ssh or https. There is more than a user name before "
        "the @, perhaps a password, and ssh takes no password from a URL. Write only the user there, as "
        "in git@github.com.",
    ),
    "scp-for-flux": (
        {"format": "flux", "url": f"git@{HOST}:team/app.git", "ssh": ssh()},
        "url has the form git@host:path, which format flux refuses. Write it as "
        "ssh://git@git.example.com/team/app.git.",
    ),
    "username-alone-for-argo-cd": (
        {"format": "argocd_repository", "url": HTTPS_URL, "https": {"username": "octo"}},
        "https.password is missing. Format argocd_repository needs https.username with https.password, or "
        "https.password, or https.bearer_token. Give what is missing; with update_credentials=when_given "
        "a stored value is kept.",
    ),
    "flux-without-host-keys": (
        {"format": "flux", "url": SSH_URL, "ssh": {"private_key": private(KEY)}},
        "ssh.known_hosts is missing. Format flux needs ssh.private_key with ssh.known_hosts. Give what is "
        "missing; with update_credentials=when_given a stored value is kept.",
    ),
    "line-end-in-tekton-username": (
        {"format": "tekton", "url": HTTPS_URL, "https": {**BASIC, "username": "octo\n"}},
        "https.username contains a newline or another control character. It would be a part of the "
        "credential. Remove it; the filter trim removes one at the end.",
    ),
    "line-end-in-tekton-password": (
        {"format": "tekton", "url": HTTPS_URL, "https": {**BASIC, "password": f"{SECRET}\n"}},
        "https.password contains a newline or another control character. It would be a part of the "
        "credential. Remove it; the filter trim removes one at the end.",
    ),
    "quote-in-tekton-username": (
        {"format": "tekton", "url": HTTPS_URL, "https": {**BASIC, "username": 'oc"to'}},
        'https.username has a character that breaks the file which tekton writes. It must not contain ".',
    ),
    "colon-in-git-username": (
        {"https": {**BASIC, "username": f"octo:{SECRET}"}},
        'https.username must not contain ":". HTTP splits user and password at the first colon (RFC '
        "7617). Write the part before the colon, and the rest as https.password.",
    ),
    "empty-git-password": (
        {"https": {**BASIC, "password": ""}},
        "https.password is empty. An empty value would replace a working credential. Check the variable "
        "behind it, or leave the option out together with update_credentials=when_given.",
    ),
    "masked-key": (
        {"ssh": {"private_key": "********"}},
        "ssh.private_key holds a mask instead of a value. Asterisks and strings such as "
        "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. Give the real value, "
        "or leave the option out together with update_credentials=when_given.",
    ),
    "two-ways-of-https": (
        {"format": "flux", "https": {**BASIC, "bearer_token": SECRET}},
        "https.bearer_token and https.username exclude each other. Both set the same value. Keep one of them.",
    ),
    "path-for-kpack": (
        {"format": "kpack", "url": HTTPS_URL, "https": BASIC},
        "url has a path, and format kpack takes only a host. The credential serves every repository on "
        "it. Write https://git.example.com.",
    ),
    "garbage-as-ca": (
        {"format": "flux", "https": {**BASIC, "ca_certificate": f"garbage {SECRET}"}},
        "https.ca_certificate must be one or more certificates in PEM form; got something else. Check the "
        "file or the variable behind it.",
    ),
    "wrong-passphrase": (
        {"ssh": ssh(private_key=locked(KEY), passphrase=SECRET)},
        "ssh.passphrase does not open ssh.private_key. The passphrase is not that of this key, or the key "
        "is damaged. Try them: ssh-keygen -y -f key.",
    ),
    "missing-passphrase": (
        {"ssh": ssh(private_key=locked(KEY))},
        "ssh.private_key is protected by a passphrase. Without it the key cannot be checked. Give ssh.passphrase.",
    ),
    "noise-as-key": (
        {"ssh": {"private_key": NOISE}},
        "ssh.private_key must be one private key; got something else. Check the file or the variable behind it.",
    ),
    "noise-in-a-key": (
        {"ssh": {"private_key": private(KEY).replace("\nb3BlbnNzaC1r", f"\n{NOISE}b3BlbnNzaC1r")}},
        "ssh.private_key is damaged: the text between its BEGIN and END lines is not base64. A part "
        "was cut off or replaced. Copy the whole text again.",
    ),
    "public-key": (
        {"ssh": ssh(private_key=KEY.public)},
        "ssh.private_key must be one private key; got a public key. Give the private key, which is the "
        "file without .pub.",
    ),
    "cut-key": (
        {"ssh": ssh(private_key=private(KEY)[:200])},
        "ssh.private_key is cut: it has a BEGIN line without its END line. Copy the whole text, from the "
        "first -----BEGIN to the last -----END line.",
    ),
    "double-base64": (
        {"ssh": ssh(private_key=base64.b64encode(KEY.private).decode())},
        "ssh.private_key must be one private key; got base64 of a PEM text. Give the text itself: the "
        "module encodes it for the Secret.",
    ),
    "pkcs8-for-openssh": (
        {"ssh": ssh(private_key=pkcs8(KEY))},
        "ssh.private_key is an Ed25519 key in the format PKCS#8, which format git_sync does not read. The "
        "consumer passes the key to OpenSSH, and many versions of it do not read that format. Set "
        "ssh.convert=true.",
    ),
    "directory-as-key-file": (
        {"ssh": {"private_key_file": "/"}},
        "ssh.private_key_file / cannot be read: Is a directory. Give the path of a file on the "
        "controller; with remote_src=true it is one on the machine that runs the task.",
    ),
    "missing-key-file": (
        {"ssh": {"private_key_file": "/does/not/exist"}},
        "ssh.private_key_file /does/not/exist does not exist on the controller. Give the path of a file "
        "on the controller; with remote_src=true it is one on the machine that runs the task.",
    ),
    "key-as-file": (
        {"ssh": {"private_key_file": private(KEY)}},
        "ssh.private_key_file does not exist on the controller. Give the path of a file on the "
        "controller; with remote_src=true it is one on the machine that runs the task.",
    ),
    "key-and-key-file": (
        {"ssh": ssh(private_key_file="/")},
        "parameters are mutually exclusive: private_key|private_key_file|generate found in ssh",
    ),
    "unknown-algorithm-in-known-hosts": (
        {"ssh": ssh(known_hosts=HOSTS.replace("ssh-ed25519", "ssh-ed448"))},
        "ssh.known_hosts, line 1: its second word is not an algorithm that ssh supports. Write it as "
        "ssh-keyscan prints it.",
    ),
    "private-key-as-known-hosts": (
        {"ssh": ssh(known_hosts=private(KEY))},
        "ssh.known_hosts is a private key. Only the public keys of servers belong here, and anyone may read "
        "them. Give the lines that ssh-keyscan prints, and the key as ssh.private_key.",
    ),
    "another-port": (
        {"url": f"ssh://git@{HOST}:2222/app.git", "ssh": ssh()},
        'ssh.known_hosts has no key for "[git.example.com]:2222". A port other than 22 is a part of the '
        'name, as in "[host]:port". It has keys for "git.example.com". Add what ssh-keyscan -p 2222 '
        "git.example.com prints, after you have compared its fingerprints with a trusted source.",
    ),
    "hashed-without-url": (
        {"ssh": ssh(known_hosts=f"|1|{'A' * 27}=|{'A' * 27}= {HOST_KEY.public}")},
        "ssh.known_hosts has hashed lines, whose hosts cannot be read. Without url, it cannot be checked "
        "whether they cover the repository. Give url, or lines with the host's name, as "
        "ssh-keyscan prints them.",
    ),
    "scan-without-url": (
        {"ssh": {"private_key": private(KEY), "scan_host_keys": True}},
        "ssh.scan_host_keys needs url. The host keys of its server are fetched. Give url.",
    ),
    "fingerprints-without-scan": (
        {"ssh": ssh(host_key_fingerprints=[KEY.fingerprint])},
        "ssh.host_key_fingerprints is given without ssh.scan_host_keys. It lists which of the scanned host "
        "keys are accepted. Set ssh.scan_host_keys=true, or leave it out.",
    ),
    "generate-with-passphrase": (
        {"ssh": {"generate": "rsa", "passphrase": SECRET}},
        "ssh.passphrase belongs to a key that is given; ssh.generate makes one without.",
    ),
    "generate-and-copy": (
        {"ssh": {"generate": "rsa"}, "credentials_from": {"name": "nowhere"}},
        "ssh.generate and credentials_from exclude each other. Both say where the key comes from. Keep one.",
    ),
    "near-option": (
        {"ssh": {"private_key": private(KEY)}, "format": "jenkins", "format_options": {"description": "x"}},
        "format_options.description is not known to format jenkins. Did you mean jenkins_description?",
    ),
    "option-of-another-type": (
        {
            "ssh": {"private_key": private(KEY)},
            "format": "argocd_repository",
            "url": SSH_URL,
            "format_options": {"argocd_insecure": "maybe"},
        },
        "format_options.argocd_insecure must be true or false.",
    ),
    "label-of-the-format": (
        {"format": "kargo", "url": HTTPS_URL, "https": BASIC, "labels": {"kargo.akuity.io/cred-type": "x"}},
        'labels["kargo.akuity.io/cred-type"] is set by format kargo. Leave it out, or use format_options.',
    ),
    "keys-without-custom": (
        {"ssh": ssh(), "keys": {"private_key": "id"}},
        "keys cannot be used with format=git_sync. Only format=custom takes key names of your own. Leave it out.",
    ),
    "unknown-part": (
        {"ssh": ssh(), "format": "custom", "keys": {"private-key": "id"}},
        'keys has "private-key", which is not a part of a credential. Did you mean private_key?',
    ),
    "one-key-for-two-parts": (
        {"https": BASIC, "format": "custom", "keys": {"username": "login", "password": "login"}},
        "keys.password and keys.username are both login. One would overwrite the other. Give each a name of its own.",
    ),
    "no-name-of-a-key": (
        {"https": BASIC, "format": "custom", "keys": {"username": "user", "password": None}},
        "keys.password must be the name of a key in a Secret. Such a name has up to 253 letters, digits, dots, - and "
        "_, and does not begin with two dots. Write it like id_ed25519.",
    ),
    "name-for-primehub": (
        {"ssh": {"private_key": private(KEY)}, "format": "primehub"},
        "name must begin with gitsync-secret-. Format primehub finds its Secrets by that. Write "
        "gitsync-secret-registry.",
    ),
    "ed25519-app-key": (
        {"format": "flux", "github_app": {"id": "1", "installation_id": "2", "private_key": private(KEY)}},
        "github_app.private_key is an Ed25519 key. GitHub makes RSA keys for its Apps. Give the file that "
        "GitHub offered for download.",
    ),
    "path-as-cookie-file": (
        {"cookie_file": "/home/octo/.gitcookies"},
        "cookie_file is not the content of a cookie file. Each line has seven fields with tabs between "
        "them; a path is not followed, and YAML may fold tabs. Read the file, such as with lookup('file', "
        "'~/.gitcookies').",
    ),
    "git-secret-as-annotation": (
        {"https": BASIC, "annotations": {"example.com/note": f"it is {SECRET}"}},
        "annotations contains a password or token of this task. Anyone who may list Secrets can read "
        "it there. Check which variable is used where.",
    ),
    "another-type-under-the-name": (
        {"name": OCCUPIED, "https": BASIC},
        "Secret {namespace}/occupied has the type example.com/other, and Opaque is needed. Kubernetes "
        "does not allow that change in place. Set recreate=true to delete and recreate it, or use another name.",
    ),
}


# The id and the option of the failure, where they are not invalid_option and the option that begins the message.
FAILURES: Mapping[str, tuple[str, str | None]] = {
    "number-as-label": ("not_a_string", 'labels["tier"]'),
    "other-server": ("unexpected_server", "expect_server"),
    "password-in-a-list": ("not_a_string", "registries[1].password"),
    "password-in-a-mapping": ("not_a_string", "registries[1].password"),
    "username-in-a-list": ("not_a_string", "registries[1].username"),
    "no-server": ("invalid_option", "registries[1].server"),
    "server-and-preset": ("invalid_option", "registries[1].preset"),
    "no-registry": ("invalid_option", "registries"),
    "two-configs": ("invalid_option", None),
    "missing-file": ("unreadable_file", "docker_config_file"),
    "missing-remote-file": ("unreadable_file", "docker_config_file"),
    "directory": ("unreadable_file", "docker_config_file"),
    "missing-source": ("not_found", "credentials_from.name"),
    "own-source": ("invalid_option", "credentials_from.name"),
    "unknown-option": ("invalid_option", "registry"),
    "missing-namespace": ("forbidden", None),
    "concurrency-in-words": ("invalid_option", "concurrency"),
    "two-ways": ("invalid_option", "namespaces"),
    "names-and-selectors": ("invalid_option", "namespace_selectors"),
    "prune-without-owner": ("invalid_option", "owner"),
    "prune-for-one-namespace": ("invalid_option", "namespaces"),
    "number-in-a-limit": ("not_a_string", "namespaces_limit[1]"),
    "number-as-password-in-a-namespace-that-is-left-out": ("not_a_string", "registries[1].password"),
    "prune-without-owner-and-with-a-limit": ("invalid_option", "owner"),
    "prune-where-listing-is-forbidden": ("forbidden", None),
    "unknown-in-use": ("invalid_option", "in_use"),
    "listing-forbidden": ("forbidden", None),
    "unserved-image": ("image_not_served", "images"),
    "two-kinds": ("invalid_option", "https"),
    "no-credential": ("invalid_option", "credentials_from"),
    "cookie-for-flux": ("invalid_option", "cookie_file"),
    "ssh-for-kargo": ("invalid_option", "ssh"),
    "missing-passphrase": ("invalid_option", "ssh.passphrase"),
    "directory-as-key-file": ("unreadable_file", "ssh.private_key_file"),
    "missing-key-file": ("unreadable_file", "ssh.private_key_file"),
    "key-as-file": ("unreadable_file", "ssh.private_key_file"),
    "key-and-key-file": ("invalid_option", None),
    "scan-without-url": ("invalid_option", "url"),
    "one-key-for-two-parts": ("invalid_option", "keys.username"),
    "another-type-under-the-name": ("wrong_type", None),
}
_OPTION = re.compile(r"""[a-z]\w*(\[\d+\]|\["[^"]*"\]|\.[\w-]+)*""")


def expected_failure(name: str, message: str) -> tuple[str, str | None]:
    option = _OPTION.match(message)
    return FAILURES.get(name, ("invalid_option", option[0] if option else None))


def test_bad_input_is_refused_with_a_sentence(
    cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path
) -> None:
    refusals = {}
    for name, (arguments, message) in REFUSALS.items():
        content = arguments.get("docker_config_file")
        path = tmp_path / f"{name}.json"
        if isinstance(content, bytes) or (isinstance(content, str) and not content.startswith("/")):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            arguments = {**arguments, "docker_config_file": str(path)}
        refusals[name] = (arguments, message)
    refuse_all(cluster, namespace, playbook, "image_pull_secret", refusals)


def test_bad_git_credentials_are_refused_with_a_sentence(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    cluster.create_secret(namespace, OCCUPIED, type="example.com/other")
    refuse_all(cluster, namespace, playbook, "gitsync_secret", GIT_REFUSALS, whole=True)


def refuse_all(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    module: str,
    refusals: Mapping[str, tuple[Mapping[str, Any], str]],
    *,
    whole: bool = False,
) -> None:
    """Run a task for each case, and fail unless it is refused as the case says and nothing is written.

    The id and the option of the failure are compared, and no message quotes a secret. Messages are compared from
    their beginning, or ``whole``.
    """
    others = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["nowhere", OCCUPIED], "verbs": ["get"]}
    writer = cluster.identity(namespace, [*documented_rules(NAME), others])
    common = {"name": NAME, "namespace": namespace, **writer.connection}

    run = playbook.run([task(module, **{**common, **arguments}) for arguments, _message in refusals.values()])

    wrong = {}
    for (name, (_arguments, message)), result in zip(refusals.items(), run.results, strict=True):
        expected = (
            message.replace("{namespace}", namespace).replace("{user}", writer.user).replace("{server}", cluster.server)
        )
        told = result["msg"] if whole else result["msg"][: len(expected)]
        quoted = [secret for secret in SECRETS if secret in json.dumps(result)]
        failure = (result["failure"]["id"], result["failure"]["option"])
        if result["changed"] or quoted or told != expected or failure != expected_failure(name, message):
            wrong[name] = (expected, result)
    assert not wrong
    if cluster.audit_log:
        assert writes(cluster.audit(writer)) == []


def test_a_missing_namespace_is_an_error_and_in_check_mode_a_warning(cluster: Cluster, playbook: Playbook) -> None:
    arguments = {"name": NAME, "namespace": "not-made-yet", "kubeconfig": str(cluster.kubeconfig), "registries": [GHCR]}
    check, real = playbook.run(
        [{**task("image_pull_secret", **arguments), "check_mode": True}, task("image_pull_secret", **arguments)]
    ).results

    assert (check["operation"], check["warnings"]) == (
        "created",
        ["Namespace not-made-yet does not exist yet; without it the real run fails."],
    )
    assert real["msg"] == "Namespace not-made-yet does not exist. Create it first, or correct namespace."


def test_a_selector_that_is_none(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    writer = cluster.cluster_identity(namespace, documented_rules(NAME, "ClusterRole"))
    arguments = {**many(), "namespaces": None, "name": NAME, "namespace_selectors": ["team=web", "team in web"]}

    (result,) = playbook.run([task("image_pull_secret", **arguments, **writer.connection)]).results

    assert result["msg"].startswith('namespace_selectors: "team in web" is not a label selector. The server says: ')
    assert result["msg"].endswith("Write it like team=web, 'tier in (a, b)' or !temporary.")
    if cluster.audit_log:
        assert writes(cluster.audit(writer)) == []
