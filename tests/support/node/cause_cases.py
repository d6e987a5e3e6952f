# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods that cannot pull their image, each with the cause that explain_pull must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """The image of a Pod and its pull secrets, the id of the cause, and a part of its sentence.

    ``image`` begins with the name of a server of Servers.
    """

    image: str
    cause: str
    sentence: str
    secrets: tuple[str, ...] = ()
    policy: str = "IfNotPresent"
    account: str = "default"


NO_CREDENTIALS = "Credentials are not the cause."

# The Secrets are those of SECRETS. What begins with "later" is written when the node is gone, so that the kubelet
# cannot try again in the meantime.
CASES: Mapping[str, Case] = {
    # Credentials.
    "no Secret": Case("private/app:1", "no_entry", "the Pod has no pull secret"),
    "no Secret for an image on the node": Case("private/there:1", "no_entry", "the Pod has no pull secret"),
    "no Secret and a token service": Case("token/app:1", "no_entry", "the Pod has no pull secret"),
    "another server": Case("private/app:1", "no_entry", "no entry in Secret elsewhere matches", ("elsewhere",)),
    "another port": Case("private/app:1", "no_entry", "The entry is for port 1", ("other-port",)),
    "another path": Case("private/app:1", "no_entry", "serves only", ("other-path",)),
    "only a login session": Case("private/app:1", "no_entry", "login session", ("session",)),
    "no password": Case("private/app:1", "no_entry", "has no password", ("no-password",)),
    "no user": Case("private/app:1", "no_entry", "has no user name", ("no-user",)),
    "an empty Secret": Case("private/app:1", "no_entry", 'no entries under "auths"', ("empty",)),
    "a wrong password": Case("private/app:1", "wrong_credentials", "refuses user ada", ("wrong",)),
    "a wrong password for an image on the node": Case(
        "private/there:1", "wrong_credentials", "refuses user ada", ("wrong",)
    ),
    "two wrong passwords": Case("private/app:1", "wrong_credentials", "and those of 1 more", ("wrong", "unknown-user")),
    "a wrong password for a token service": Case("token/app:1", "wrong_credentials", "refuses user ada", ("wrong",)),
    "no access": Case("token/hidden:1", "wrong_credentials", "gives user ada", ("good",)),
    "a forbidden image": Case("forbidden/app:1", "wrong_credentials", "refuses user ada", ("good",)),
    "a Secret that is written later": Case(
        "private/app:1", "credentials_added", "had no credentials at its last attempt", ("later",)
    ),
    "a link that is made later": Case("private/app:1", "started_before_link", "Recreate the Pod", account="later"),
    "auth that is not base64": Case("private/app:1", "secret_malformed", "it is not base64", ("not-base64",)),
    "auth without a colon": Case("private/app:1", "secret_malformed", "Secret no-colon", ("no-colon",)),
    "a field that is a number": Case("private/app:1", "secret_malformed", "Secret number", ("good", "number")),
    "a malformed entry of another registry": Case("public/app:1", "secret_malformed", "elsewhere.test", ("malformed",)),
    "a malformed Secret that is fixed later": Case(
        "private/app:1", "secret_malformed", "Now all of them can be read", ("fixed-later",)
    ),
    "a missing Secret": Case("private/app:1", "secret_missing", "Secret gone, which does not exist", ("gone",)),
    "a Secret of another namespace": Case("private/app:1", "secret_missing", "Secret in-other", ("in-other",)),
    "a Secret of another type": Case("private/app:1", "wrong_type", "Secret opaque, which is not", ("opaque",)),
    "wrong credentials of the node": Case("node/app:1", "node_credentials", "with its own credentials"),
    # Everything else.
    "an image that does not exist": Case("private/none:1", "not_found", NO_CREDENTIALS, ("good",)),
    "a tag that does not exist": Case("private/app:none", "not_found", NO_CREDENTIALS, ("good",)),
    "a public image that does not exist": Case("public/none:1", "not_found", NO_CREDENTIALS),
    "no image for one of two users": Case("private/none:1", "not_found", NO_CREDENTIALS, ("wrong", "good")),
    "no image for the first of two users": Case("private/none:1", "not_found", NO_CREDENTIALS, ("good", "wrong")),
    "a retired image": Case("bitnami/redis:7", "retired", "Bitnami removed most of its images"),
    "a retired registry": Case("k8s.gcr.io/pause:1", "retired", "registry.k8s.io"),
    "another architecture": Case("public/platform:1", "platform", "architecture of the node"),
    "an old format": Case("old-format/app:1", "image_format", "old format"),
    "never pulled": Case("private/absent:1", "never_pulled", "does not have it", ("good",), "Never"),
    "never pulled and no Secret": Case("private/there:1", "never_pulled", "may not use it", (), "Never"),
    "an invalid name": Case("private/App:1", "invalid_image", "not valid", ("good",)),
    "an unknown authority": Case("authority/app:1", "certificate", "does not trust"),
    "an expired certificate": Case("expired/app:1", "certificate", "has expired"),
    "a certificate of another host": Case("host-name/app:1", "certificate", "another host name"),
    "plain HTTP": Case("plain-http/app:1", "plain_http", "plain HTTP"),
    "no server": Case("closed/app:1", "unreachable", "cannot reach"),
    "a server that closes the connection": Case("silent/app:1", "unreachable", "cannot reach"),
    "no token service": Case("token-closed/app:1", "unreachable", "cannot reach", ("good",)),
    "an unknown host": Case("registry.invalid/app:1", "dns", "(DNS)"),
    "an unknown host of the token service": Case("token-unknown/app:1", "dns", "(DNS)"),
    "a proxy that asks for credentials": Case("proxy/app:1", "proxy", "its own credentials"),
    "too many pulls": Case("limited/app:1", "rate_limit", "(429)"),
    "too many tokens": Case("token-limited/app:1", "rate_limit", "(429)", ("good",)),
    "an error of the registry": Case("error-500/app:1", "registry_error", "returns errors"),
    "an error of the token service": Case("token-error/app:1", "registry_error", "returns errors"),
    "an error before the registry": Case("error-520/app:1", "registry_error", "returns errors"),
    "a page": Case("page/app:1", "not_a_registry", "does not answer like a registry"),
    "a page in place of a token": Case("token-page/app:1", "not_a_registry", "token service", ("good",)),
    "a redirect to a login": Case("redirect/app:1", "not_a_registry", "login page"),
    "another protocol": Case("greeting/app:1", "not_a_registry", "another service"),
    "an answer that no one knows": Case("teapot/app:1", "unknown", "418 I'm a teapot"),
}
# It comes last, as nothing can be pulled afterwards.
FULL_DISK = Case("public/large:1", "disk_full", "The disk of the node is full")

# Causes that this node cannot produce, and why.
OTHER_CAUSES: Mapping[str, str] = {
    "pull_qps": "The node has no such limit: when a pull is refused would depend on how fast the machine is.",
    "signature": "CRI-O checks signatures. containerd asks an image verifier only without use_local_image_pull.",
}
