# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that write Secrets to clone with: keys in every form, spoiled and not, and every format that has them.

Values are in variables, which make_variables has; the names of keys are those that the consumers document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from support.control_plane import pki
from support.git_world import make_ssh_key
from support.servers.git_http import HttpGitServer
from support.servers.git_ssh import SshGitServer

PASSPHRASE = "öpen sésame"

OPENSSH, PEM, PKCS8 = PrivateFormat.OpenSSH, PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


@dataclass(frozen=True)
class Case:
    """A task, and under which keys of its Secret the consumer finds what it clones with.

    ``keys`` are those of the private key and the host keys, or of user name, password and CA certificate; the last may
    be missing, where the consumer has that from elsewhere. ``inside`` is the key of a JSON object that has them.
    """

    name: str
    given: Mapping[str, Any]
    keys: Sequence[str] = ()
    inside: str = ""


# Formats that no repository is cloned with, or not with git alone: the login at a proxy, a key that signs, tokens of
# webhooks and of the API, and charts.
NOT_CLONED = ("flux_proxy", "flux_signing", "flux_receiver", "tekton_resolver", "fleet_helm")


def over_ssh(
    name: str, *keys: str, known_hosts: str | None = "{{ ssh.known_hosts }}", url: str = "{{ ssh.url }}", **given: Any
) -> Case:
    """A task with an SSH key, by default for git-sync. What is no option of the module is one of ``ssh``."""
    outer: dict[str, Any] = {option: given.pop(option) for option in ("format", "keys") if option in given}
    ssh = {**({"known_hosts": known_hosts} if known_hosts else {}), **given}
    return Case(name, {"url": url, **outer, "ssh": ssh}, keys or ("ssh", "known_hosts"))


def opened_by(form: str) -> dict[str, Any]:
    """A key with a passphrase, and that."""
    return {"private_key": f"{{{{ protected.{form} }}}}", "passphrase": "{{ passphrase }}"}


ED25519 = "{{ ed25519 }}"

SSH_CASES: Sequence[Case] = (
    over_ssh("as-it-is", private_key=ED25519),
    over_ssh("rsa-in-pem", private_key="{{ rsa_pem }}"),
    over_ssh("rsa-in-pkcs8", private_key="{{ rsa_pkcs8 }}"),
    over_ssh("ecdsa-in-pem", private_key="{{ ecdsa_pem }}"),
    # Spoiled on the way
    over_ssh("from-lookup", private_key="{{ lookup('file', inputs ~ '/ed25519') }}"),
    over_ssh("without-line-end", private_key="{{ ed25519 | trim }}"),
    over_ssh("crlf", private_key=r"{{ ed25519 | replace('\n', '\r\n') }}"),
    over_ssh("literal", private_key=r"{{ ed25519 | replace('\n', '\\n') }}"),
    over_ssh("folded", private_key="{{ folded.ed25519 }}"),
    over_ssh("rsa-folded", private_key="{{ folded.rsa_pem }}"),
    over_ssh("file", private_key_file="{{ inputs }}/ed25519"),
    over_ssh("file-with-crlf", private_key_file="{{ inputs }}/crlf"),
    over_ssh(
        "known-hosts-with-crlf", private_key=ED25519, known_hosts=r"{{ ssh.known_hosts | replace('\n', '\r\n') }}"
    ),
    over_ssh("stored-without-line-end", private_key=ED25519),
    # Opened with the passphrase, as git-sync cannot ask for it
    over_ssh("protected", **opened_by("openssh")),
    over_ssh("protected-pem", **opened_by("pem")),
    over_ssh("protected-pkcs8", **opened_by("pkcs8")),
    over_ssh("protected-and-converted", convert=True, **opened_by("ed25519_pkcs8")),
    over_ssh("converted", private_key="{{ ed25519_pkcs8 }}", convert=True),
    *(over_ssh(f"generated-{kind}", generate=kind) for kind in ("ed25519", "ecdsa", "rsa")),
    over_ssh(
        "scanned",
        private_key=ED25519,
        known_hosts=None,
        scan_host_keys=True,
        host_key_fingerprints="{{ ssh.fingerprints }}",
    ),
    over_ssh(
        "scanned-one-of-two",
        private_key=ED25519,
        known_hosts=None,
        scan_host_keys=True,
        host_key_fingerprints="{{ ssh.fingerprints[:1] }}",
    ),
    over_ssh("scanned-on-trust", private_key=ED25519, known_hosts=None, scan_host_keys=True),
    Case(
        "copied-for-flux",
        {"format": "flux", "url": "{{ ssh.url }}", "credentials_from": {"name": "generated-ed25519"}},
        ("identity", "known_hosts"),
    ),
    # Each consumer's own keys, as it documents them
    over_ssh("config-sync", format="config_sync", private_key=ED25519),
    over_ssh("flux", "identity", "known_hosts", format="flux", private_key=ED25519),
    over_ssh("flux-pkcs8", "identity", "known_hosts", format="flux", private_key="{{ rsa_pkcs8 }}"),
    over_ssh("tekton", "ssh-privatekey", "known_hosts", format="tekton", private_key=ED25519),
    over_ssh("tekton-workspace", "id_rsa", "known_hosts", format="tekton_workspace", private_key=ED25519),
    over_ssh("fleet", "ssh-privatekey", "known_hosts", format="fleet", private_key="{{ rsa_pem }}"),
    over_ssh("fleet-converted", "ssh-privatekey", "known_hosts", format="fleet", private_key="{{ rsa }}", convert=True),
    over_ssh("fleet-generated", "ssh-privatekey", "known_hosts", format="fleet", generate="ecdsa"),
    over_ssh("openshift-build", "ssh-privatekey", "known_hosts", format="openshift_build", private_key=ED25519),
    over_ssh("kpack", "ssh-privatekey", "known_hosts", format="kpack", url="{{ ssh.host_url }}", private_key=ED25519),
    over_ssh("vendir", "ssh-privatekey", "ssh-knownhosts", format="vendir", private_key=ED25519),
    over_ssh("devworkspace-ssh", "dwo_ssh_key", "ssh_known_hosts", format="devworkspace_ssh", private_key=ED25519),
    over_ssh(
        "custom",
        "id_ed25519",
        "hosts",
        format="custom",
        keys={"private_key": "id_ed25519", "known_hosts": "hosts"},
        private_key=ED25519,
    ),
    # Those that have the host keys from elsewhere
    over_ssh("gitsync-secret-a", "ssh", format="primehub", known_hosts=None, private_key=ED25519),
    over_ssh("airflow", "gitSshKey", format="airflow", known_hosts=None, private_key=ED25519),
    over_ssh("airflow-community", "id_rsa", format="airflow_community", known_hosts=None, private_key=ED25519),
    Case(
        "airflow-connection",
        {"format": "airflow_connection", "url": "{{ ssh.url }}", "ssh": {"private_key": ED25519}},
        ("private_key",),
        inside="AIRFLOW_CONN_GIT_DEFAULT",
    ),
    over_ssh("argocd", "sshPrivateKey", format="argocd_repository", known_hosts=None, private_key=ED25519),
    over_ssh(
        "argocd-creds",
        "sshPrivateKey",
        format="argocd_repo_creds",
        url="{{ ssh.host_url }}/",
        known_hosts=None,
        private_key=ED25519,
    ),
    over_ssh("argocd-write", "sshPrivateKey", format="argocd_repository_write", known_hosts=None, private_key=ED25519),
    over_ssh(
        "argocd-creds-write",
        "sshPrivateKey",
        format="argocd_repo_creds_write",
        url="{{ ssh.host_url }}/",
        known_hosts=None,
        private_key=ED25519,
    ),
    over_ssh(
        "argocd-image-updater", "sshPrivateKey", format="argocd_image_updater", known_hosts=None, private_key=ED25519
    ),
    over_ssh("jenkins", "privateKey", format="jenkins", known_hosts=None, private_key=ED25519),
)

# Those that ask for the passphrase: with the key of the Secret in which they find it
PROTECTED_CASES: Mapping[str, tuple[Case, str]] = {
    "git-ssh-key": (
        over_ssh("git-ssh-key", "dwo_ssh_key", "ssh_known_hosts", format="devworkspace_ssh", **opened_by("openssh")),
        "passphrase",
    ),
    **{
        case.name: (case, passphrase_key)
        for form in ("openssh", "pem")
        for case, passphrase_key in (
            (
                over_ssh(f"flux-with-passphrase-{form}", "identity", "known_hosts", format="flux", **opened_by(form)),
                "password",
            ),
            (
                over_ssh(
                    f"jenkins-with-passphrase-{form}",
                    "privateKey",
                    format="jenkins",
                    known_hosts=None,
                    **opened_by(form),
                ),
                "passphrase",
            ),
        )
    },
}

ANOTHER_HOST_KEY = over_ssh("another-host-key", private_key=ED25519, known_hosts="{{ ssh.wrong_known_hosts }}")
ANOTHER_FINGERPRINT = over_ssh(
    "another-fingerprint",
    private_key=ED25519,
    known_hosts=None,
    scan_host_keys=True,
    host_key_fingerprints=["{{ wrong_fingerprint }}"],
)
IN_CHECK_MODE = over_ssh("generated-in-check-mode", generate="ed25519")


def over_https(name: str, *keys: str, url: str = "{{ https.url }}", format_: str = "git_sync", **given: Any) -> Case:
    """A task with user name and password; ``keys`` are those of both, and of the certificate where it has one.

    A single key is that of a password for which the consumer has a user of its own.
    """
    outer = {"format": format_, **({"keys": given.pop("keys")} if "keys" in given else {})}
    username = {} if len(keys) == 1 else {"username": "{{ https.username }}"}
    https = {**username, "password": "{{ https.password }}", **given}
    return Case(name, {"url": url, **outer, "https": https}, keys or ("username", "password"))


WITH_CA: Mapping[str, Any] = {"ca_certificate": r"{{ https.ca | replace('\n', '\r\n') }}"}
BASIC = ("username", "password")
HTTPS_CASES: Sequence[Case] = (
    over_https("https-git-sync"),
    over_https("https-git-sync-env", "GITSYNC_USERNAME", "GITSYNC_PASSWORD", format_="git_sync_env"),
    over_https("https-airflow", "GIT_SYNC_USERNAME", "GIT_SYNC_PASSWORD", format_="airflow"),
    over_https("https-airflow-v4", "GITSYNC_USERNAME", "GITSYNC_PASSWORD", format_="airflow"),
    over_https("https-airflow-community", format_="airflow_community"),
    Case(
        "https-airflow-connection",
        {
            "format": "airflow_connection",
            "url": "{{ https.url }}",
            "https": {"username": "{{ https.username }}", "password": "{{ https.password }}"},
        },
        ("login", "password"),
        inside="AIRFLOW_CONN_GIT_DEFAULT",
    ),
    over_https("https-config-sync", "username", "token", format_="config_sync"),
    over_https("https-flux", *BASIC, "ca.crt", format_="flux", **WITH_CA),
    over_https("https-argocd", format_="argocd_repository"),
    over_https("https-argocd-creds", format_="argocd_repo_creds"),
    over_https("https-argocd-write", format_="argocd_repository_write"),
    over_https("https-argocd-creds-write", format_="argocd_repo_creds_write"),
    over_https("https-argocd-image-updater", format_="argocd_image_updater"),
    over_https("https-tekton", format_="tekton"),
    over_https("https-fleet", format_="fleet"),
    over_https("https-openshift-build", *BASIC, "ca.crt", format_="openshift_build", **WITH_CA),
    over_https("https-jenkins", format_="jenkins"),
    over_https("https-kargo", format_="kargo"),
    over_https("https-kpack", url="{{ https.host_url }}", format_="kpack"),
    over_https("https-vendir", format_="vendir"),
    over_https("https-custom", "user", "token", format_="custom", keys={"username": "user", "password": "token"}),
    over_https("https-actions-runner-controller", "github_token", format_="actions_runner_controller"),
    over_https("https-pipelines-as-code", "provider.token", format_="pipelines_as_code"),
    Case(
        "https-copied-for-kargo",
        {"format": "kargo", "url": "{{ https.url }}", "credentials_from": {"name": "https-config-sync"}},
        BASIC,
    ),
)
# Those with a file for git-credential-store, by the key of that file
FILE_CASES: Sequence[Case] = (
    over_https("https-git-credentials", ".git-credentials", ".gitconfig", format_="git_credentials"),
    over_https("https-devworkspace-git", "credentials", "", format_="devworkspace_git"),
    Case(
        "https-copied-for-devworkspaces",
        {
            "format": "devworkspace_git",
            "url": "{{ https.url }}",
            "credentials_from": {"name": "https-git-credentials"},
        },
        ("credentials", ""),
    ),
)
WRONG_PASSWORD = over_https("https-wrong-password", password="{{ https.password }}x")
WRONG_CA = over_https("https-wrong-ca", *BASIC, "ca.crt", format_="flux", ca_certificate="{{ https.another_ca }}")

CASES: Sequence[Case] = (
    *SSH_CASES,
    *(case for case, _key in PROTECTED_CASES.values()),
    ANOTHER_HOST_KEY,
    ANOTHER_FINGERPRINT,
    IN_CHECK_MODE,
    *HTTPS_CASES,
    *FILE_CASES,
    WRONG_PASSWORD,
    WRONG_CA,
)


def make_variables(ssh: SshGitServer, https: HttpGitServer) -> dict[str, Any]:
    ed, ecdsa = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())
    rsa_key = rsa.generate_private_key(65537, 2048)
    return {
        "ed25519": private_text(ed, OPENSSH),
        "ed25519_pkcs8": private_text(ed, PKCS8),
        "ecdsa_pem": private_text(ecdsa, PEM),
        "rsa": private_text(rsa_key, OPENSSH),
        "rsa_pem": private_text(rsa_key, PEM),
        "rsa_pkcs8": private_text(rsa_key, PKCS8),
        "passphrase": PASSPHRASE,
        "protected": {
            "openssh": private_text(ed, OPENSSH, PASSPHRASE),
            "pem": private_text(rsa_key, PEM, PASSPHRASE),
            "pkcs8": private_text(ecdsa, PKCS8, PASSPHRASE),
            "ed25519_pkcs8": private_text(ed, PKCS8, PASSPHRASE),
        },
        "wrong_fingerprint": make_ssh_key().fingerprint,
        "ssh": {
            "url": ssh.url,
            "host_url": ssh.url.partition("/repo.git")[0].rpartition(f":{ssh.port}")[0] + f":{ssh.port}",
            "known_hosts": ssh.known_hosts,
            "wrong_known_hosts": f"[{ssh.host}]:{ssh.port} {make_ssh_key().public}\n",
            "fingerprints": list(ssh.fingerprints.values()),
        },
        "https": {
            "url": https.url,
            "host_url": f"https://{https.host}:{https.port}",
            "username": https.username,
            "password": https.password,
            "ca": (https.ca or b"").decode(),
            "another_ca": pki.make_authority("somebody else").certificate.decode(),
        },
    }


def private_text(
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    form: PrivateFormat,
    passphrase: str | None = None,
) -> str:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()
