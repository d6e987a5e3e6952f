# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Causes of a failed pull, found in the message of the kubelet and in the pull secrets of the Pod.

Sources: kubernetes pkg/kubelet/images/types.go (the reasons), the messages of containerd, CRI-O and Docker's registry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._dataclasses import dataclass
from .._kubelet.images import normalise_image
from .pullers import Waiting
from .retired import RetiredImages, find_retired
from .verdict import PullSecrets, Verdict, public_image


@dataclass(frozen=True)
class Cause:
    """A cause: an id, a sentence, and the part of the sentence that comes from another program."""

    id: str
    text: str
    quoted: str = ""


@dataclass(frozen=True)
class PullContext:
    """The known facts about a Pod and one of its images.

    ``linked`` is a Secret of its ServiceAccount that would serve the image, and that the Pod does not have because it
    was created before the link.
    """

    account: str
    pull_secrets: PullSecrets
    verdict: Verdict
    linked: str | None = None


# The reasons with which a container waits for its image.
_REASONS = frozenset(
    (
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    )
)

MALFORMED = "secret_malformed"
NOT_FOUND = "not_found"
REFUSED = "refused"
RETIRED_IMAGE = "retired"
UNKNOWN = "unknown"

# A pattern in the reason and the message, the id of the cause, the sentence. No pattern has an unbounded wildcard, as
# others write the messages. The first row that matches counts. Causes other than credentials come before the answers of
# a registry about them, as each of several attempts adds a message.
_MESSAGE_ROWS: Sequence[tuple[str, str, str]] = (
    (
        r"unable to decode token response|unexpected media type|malformed (HTTP|MIME)|"
        r"stopped after \d{1,3} redirects",
        "not_a_registry",
        "The server of the image, or its token service, does not answer like a registry. It may be a login page, a "
        "proxy or another service. Credentials are not the cause.",
    ),
    (
        r"illegal base64 data at input byte|unable to parse auth field|cannot unmarshal|"
        r"unexpected end of JSON input|invalid character .{1,16} (looking for|in literal|after)",
        MALFORMED,
        "",
    ),
    (
        r"^InvalidImageName|couldn't parse image name|invalid reference format",
        "invalid_image",
        "The name of the image is not valid.",
    ),
    (
        r"^ErrImageNeverPull|pull policy of Never",
        "never_pulled",
        "The image is never pulled (imagePullPolicy: Never), and the node does not have it or may not use it for this "
        "Pod.",
    ),
    (
        r"^SignatureValidationFailed|image verifier \S{1,60} (blocked pull|returned error)",
        "signature",
        "The node does not accept the image: its signature is not valid, or an image verifier of the node blocks it.",
    ),
    (
        r"toomanyrequests|too many requests|\b429\b|rate limit",
        "rate_limit",
        "The registry limits the number of pulls (429). The credentials are not wrong, but logging in may raise the "
        "limit.",
    ),
    (
        r"pull QPS exceeded",
        "pull_qps",
        "The kubelet limits its own pulls (registryPullQPS), and tries again. Credentials are not the cause.",
    ),
    (
        r"certificate has expired",
        "certificate",
        "The certificate of the registry has expired or is not yet valid, or the clock of the node is wrong. "
        "Credentials are not the cause.",
    ),
    (
        r"cannot validate certificate for|certificate is (not )?valid for",
        "certificate",
        "The certificate of the registry is for another host name. Credentials are not the cause.",
    ),
    (
        r"\bx509\b|certificate (is not|signed by)|tls: failed to verify",
        "certificate",
        "The node does not trust the certificate of the registry. Credentials are not the cause.",
    ),
    (
        r"server gave HTTP response to HTTPS client",
        "plain_http",
        "The registry uses plain HTTP, but the node expects TLS. Credentials are not the cause.",
    ),
    (
        r"proxy authentication required|\b407\b",
        "proxy",
        "The proxy of the node asks for its own credentials. Credentials of the registry are not the cause.",
    ),
    (
        # A proxy that does not open a connection. The answer of a registry begins with a number.
        r'failed to do request: \w{3,7} "[^"]{0,20}": (forbidden|bad gateway|service unavailable|gateway timeout)',
        "proxy",
        "The proxy of the node does not connect it to the registry. Credentials of the registry are not the cause.",
    ),
    (
        r"no such host|server misbehaving|failure in name resolution|dial tcp: lookup",
        "dns",
        "The node cannot resolve the host name of the registry (DNS). Credentials are not the cause.",
    ),
    (
        r"connection refused|i/o timeout|TLS handshake timeout|Client\.Timeout|deadline exceeded|no route to host|"
        r"network is unreachable|connection reset|\bEOF\b",
        "unreachable",
        "The node cannot reach the registry. Credentials are not the cause.",
    ),
    (
        r"no match for (current )?platform|no matching manifest|no image found in (manifest list|image index)|"
        r"no supported platform|does not match the specified platform",
        "platform",
        "There is no such image for the architecture of the node. Credentials are not the cause.",
    ),
    (
        r"is no longer supported since containerd",
        "image_format",
        "The image has an old format that the node does not support. Build or push it again. Credentials are not the "
        "cause.",
    ),
    (r"no space left on device", "disk_full", "The disk of the node is full. Credentials are not the cause."),
    (
        r"\b50[0234]\b|unexpected status.{0,60}\b5\d\d\b|internal server error|bad gateway|service unavailable|"
        r"^RegistryUnavailable",
        "registry_error",
        "The registry returns errors. Credentials are not the cause.",
    ),
    (
        r"\b40[13]\b|unauthorized|(?<!permission )\bdenied\b|forbidden|no basic auth credentials|authorization failed|"
        r"authentication required|invalid username/password|insufficient_scope|anonymous token",
        REFUSED,
        "",
    ),
    (
        r"manifest unknown|name unknown|not found|\b404\b",
        NOT_FOUND,
        "The registry has no such image or tag. Credentials are not the cause.",
    ),
)
_MESSAGE_PATTERNS = [(re.compile(pattern, re.IGNORECASE), id_, sentence) for pattern, id_, sentence in _MESSAGE_ROWS]

_SENTENCES = {id_: sentence for _pattern, id_, sentence in _MESSAGE_ROWS}
# The message of a container runtime whose credentials were accepted. Other credentials of the Pod may be refused.
_WITHOUT_IMAGE = re.compile(r"code = NotFound", re.IGNORECASE)
# The messages of a container runtime that has sent no credentials.
_WITHOUT_CREDENTIALS = re.compile(r"no basic auth credentials|anonymous token", re.IGNORECASE)

# The messages of a registry that knows who asks: a token without access, also one for everyone, and a wrong password.
_WITHOUT_ACCESS = re.compile(r"insufficient_scope", re.IGNORECASE)
_WRONG_PASSWORD = re.compile(r"\b401\b|invalid username/password", re.IGNORECASE)

_MAX_QUOTED = 500
# The part of a message that is looked at. A kubelet's own are shorter; anyone who writes the status of a Pod may write
# a MiB.
_MAX_MESSAGE = 32 * 1024


def find_cause(waiting: Waiting, pull_context: PullContext) -> Cause | None:
    """Return the cause for which a container waits for its image, or None if it waits for something else."""
    text = _remove_names(f"{waiting.reason}: {waiting.message}"[:_MAX_MESSAGE], waiting.image)
    id_, sentence = _match_message(text)
    # Where the kubelet cannot read a Secret, the error itself is the reason.
    if pull_context.pull_secrets.faults and " " in waiting.reason:
        id_ = MALFORMED
    if id_ == MALFORMED:
        return _explain_malformed(pull_context)
    if waiting.reason not in _REASONS:
        return None
    if id_ == REFUSED and _WITHOUT_IMAGE.search(text):
        id_, sentence = NOT_FOUND, _SENTENCES[NOT_FOUND]
    retired = find_retired(waiting.image)
    if retired and _is_gone(id_, text, pull_context):
        return explain_retired(retired)
    if id_ == REFUSED:
        return _explain_refused(text, pull_context)
    if id_ == UNKNOWN:
        return _quote_message(waiting)
    return Cause(id_, sentence)


# The messages of Docker Hub about a repository that does not exist, with a login that it accepts.
_NO_REPOSITORY = re.compile(r"insufficient_scope|repository does not exist", re.IGNORECASE)


def _is_gone(id_: str, text: str, pull_context: PullContext) -> bool:
    """Return whether the failed pull of a retired image can be because it was removed, and not for another cause."""
    if id_ != REFUSED:
        return id_ == NOT_FOUND
    return pull_context.verdict.status != "matched" or bool(_NO_REPOSITORY.search(text))


def explain_retired(retired: RetiredImages) -> Cause:
    """Return the cause for an image that its publisher has removed or no longer publishes."""
    return Cause(RETIRED_IMAGE, f"The image was retired. {retired.what} {retired.remedy}")


def _match_message(text: str) -> tuple[str, str]:
    """Return the id and the sentence of the first row that matches a message; UNKNOWN without a sentence if none."""
    for pattern, id_, sentence in _MESSAGE_PATTERNS:
        if pattern.search(text):
            return id_, sentence
    return UNKNOWN, ""


def _remove_names(text: str, image: str) -> str:
    """Return a message without the names that users choose: the image, and addresses, which include it."""
    for name in (image, normalise_image(image)):
        if name:
            text = text.replace(name, " ")
    return re.sub(r"https?://[^\s\"]+|sha\d+:[0-9a-f]+", " ", text)


def _explain_malformed(pull_context: PullContext) -> Cause:
    faults = pull_context.pull_secrets.faults
    if faults:
        return Cause(MALFORMED, f"{faults[0]} The kubelet therefore refuses every image of the Pod.")
    return Cause(
        MALFORMED,
        "The kubelet could not read one of the Secrets at its last attempt. Now all of them can be read, and the next "
        "attempt may succeed.",
    )


def _quote_message(waiting: Waiting) -> Cause:
    message = f"{waiting.reason}: {waiting.message}"[:_MAX_MESSAGE].removesuffix(": ")
    if waiting.image:
        message = message.replace(waiting.image, public_image(waiting.image))
    message = re.sub(r"//[^/\s\"@]+@", "//", message)
    if len(message) > _MAX_QUOTED:
        message = f"{message[:_MAX_QUOTED]}…"
    return Cause(UNKNOWN, f"Not known. The kubelet reports: {message}", message)


def _explain_refused(message: str, pull_context: PullContext) -> Cause:
    """Return the cause for a registry that wants other credentials: the Secrets show whether it got any."""
    verdict, pull_secrets = pull_context.verdict, pull_context.pull_secrets
    if verdict.status == "matched":
        return _explain_refused_entry(message, verdict)
    if verdict.status == "unknown":
        text = "The registry asks for credentials. Which ones the Pod has is not known, because they could not be read."
        return Cause(UNKNOWN, text)
    if verdict.status == "secret_malformed":
        return _explain_malformed(pull_context)
    if pull_context.linked:
        return Cause(
            "started_before_link",
            f"The Pod was created before Secret {pull_context.linked} was linked to ServiceAccount "
            f"{pull_context.account}, and an existing Pod does not pick up the link. Recreate the Pod.",
        )
    missing = pull_secrets.names("missing")
    if missing:
        return Cause("secret_missing", f"The Pod references {_list_secrets(missing)}, which {_do_not(missing)} exist.")
    wrong = pull_secrets.names("wrong_type")
    if wrong:
        text = f"The Pod references {_list_secrets(wrong)}, which {_is_not(wrong)} (wrong type)."
        return Cause("wrong_type", text)
    if verdict.by_node:
        return Cause(
            "node_credentials", "The node pulls the image with its own credentials, and the registry refuses them."
        )
    if not pull_secrets.candidates:
        return Cause("no_entry", "The registry asks for credentials, and the Pod has no pull secret.")
    names = [candidate.name for candidate in pull_secrets.candidates]
    if verdict.why:  # it names the Secret
        text = f"The registry asks for credentials, and no entry of the Pod's pull secrets matches. {verdict.why[0]}"
    else:
        text = f"The registry asks for credentials, and no entry in {_list_secrets(names)} matches."
    return Cause("no_entry", text)


def _explain_refused_entry(message: str, verdict: Verdict) -> Cause:
    entry = f'entry "{verdict.server}" of Secret {verdict.secret}'
    if _WITHOUT_CREDENTIALS.search(message):
        return Cause(
            "credentials_added",
            f"The kubelet had no credentials at its last attempt. Now {entry} matches, and the next attempt will use "
            "it.",
        )
    login = f"user {verdict.username}" if verdict.username else "the credentials"
    if _WITHOUT_ACCESS.search(message) and not _WRONG_PASSWORD.search(message):
        return Cause(
            "wrong_credentials",
            f"The registry gives {login} ({entry}) no access to the image, or the image does not exist. If the entry "
            "was written after the last attempt, the next attempt will use it.",
        )
    others = f", and those of {verdict.entries - 1} more" if verdict.entries > 1 else ""
    return Cause(
        "wrong_credentials",
        f"The registry refuses {login} ({entry}){others}: the password is wrong or has expired, the user has no "
        "access to the image, or the image does not exist.",
    )


def _list_secrets(names: Sequence[str]) -> str:
    return f"Secret{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _is_not(names: Sequence[str]) -> str:
    return "are not pull secrets" if len(names) > 1 else "is not a pull secret"


def _do_not(names: Sequence[str]) -> str:
    return "do not" if len(names) > 1 else "does not"
