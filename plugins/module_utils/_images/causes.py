# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a Pod can not pull an image, from the words of the kubelet and from what its pull secrets hold.

Sources: kubernetes pkg/kubelet/images/types.go (the reasons), the messages of containerd, CRI-O and Docker's registry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .._kubelet.images import normalise_image
from .pullers import Waiting
from .verdict import PullSecrets, Verdict, public_image


@dataclass(frozen=True)
class Cause:
    """Why an image is not pulled: an id, a sentence, and that part of it which somebody else wrote."""

    id: str
    text: str
    quoted: str = ""


@dataclass(frozen=True)
class PullContext:
    """What is known of a Pod and one of its images. ``linked`` is a Secret of its ServiceAccount that would serve the
    image, and that the Pod does not have because it was made before."""

    account: str
    play: PullSecrets
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
REFUSED = "refused"
UNKNOWN = "unknown"

# A pattern in the reason and the message, the id of the cause, the sentence; the first row that fits counts. What is no
# matter of credentials comes before what a registry says of them, for of several attempts each leaves its message.
_ROWS: Sequence[tuple[str, str, str]] = (
    (
        r"illegal base64 data at input byte|unable to parse auth field|cannot unmarshal|"
        r"unexpected end of JSON input|invalid character .* (looking for|in literal|after)",
        MALFORMED,
        "",
    ),
    (
        r"^InvalidImageName|couldn't parse image name|invalid reference format",
        "invalid_image",
        "It is not the name of an image.",
    ),
    (
        r"^ErrImageNeverPull|pull policy of Never",
        "never_pulled",
        "It is never pulled (imagePullPolicy: Never), and the node does not have it or may not use it for this Pod.",
    ),
    (r"^SignatureValidationFailed", "signature", "The node does not accept its signature."),
    (
        r"toomanyrequests|too many requests|\b429\b|rate limit",
        "rate_limit",
        "The registry has had too many pulls (429, rate limit): not a wrong credential, but an account may have a "
        "higher limit.",
    ),
    (
        r"\bx509\b|certificate (is not|has expired|signed by)|tls: failed to verify",
        "certificate",
        "The node does not trust the certificate of the registry: not a credential at all.",
    ),
    (
        r"server gave HTTP response to HTTPS client",
        "plain_http",
        "The registry speaks plain HTTP where the node expects TLS: not a credential at all.",
    ),
    (
        r"proxy authentication required|\b407\b",
        "proxy",
        "The proxy of the node asks for credentials of its own: not a credential of the registry.",
    ),
    (
        r"no such host|server misbehaving|failure in name resolution|dial tcp: lookup",
        "dns",
        "The node can not find the host of the registry (DNS): not a credential at all.",
    ),
    (
        r"connection refused|i/o timeout|TLS handshake timeout|Client\.Timeout|deadline exceeded|no route to host|"
        r"network is unreachable|connection reset|unexpected EOF",
        "unreachable",
        "The node can not reach the registry: not a credential at all.",
    ),
    (
        r"no match for (current )?platform|no matching manifest|no image found in (manifest list|image index)|"
        r"no supported platform|does not match the specified platform",
        "platform",
        "There is no such image for the architecture of the node: not a credential at all.",
    ),
    (r"no space left on device", "disk_full", "The disk of the node is full: not a credential at all."),
    (
        r"\b50[0234]\b|internal server error|bad gateway|service unavailable|^RegistryUnavailable",
        "registry_error",
        "The registry itself fails: not a credential at all.",
    ),
    (
        r"\b40[13]\b|unauthorized|(?<!permission )\bdenied\b|forbidden|no basic auth credentials|authorization failed|"
        r"authentication required|invalid username/password|insufficient_scope|anonymous token",
        REFUSED,
        "",
    ),
    (
        r"manifest unknown|name unknown|not found|\b404\b",
        "not_found",
        "The registry has no such image or tag: not a credential at all.",
    ),
)
_TABLE = [(re.compile(pattern, re.IGNORECASE), id_, sentence) for pattern, id_, sentence in _ROWS]

# What a container runtime says that has sent no credentials.
_WITHOUT_CREDENTIALS = re.compile(r"no basic auth credentials|anonymous token", re.IGNORECASE)

_LONGEST_QUOTE = 500


def find_cause(waiting: Waiting, situation: PullContext) -> Cause | None:
    """Why a container waits for its image; None when it waits for something else."""
    text = _without_names(f"{waiting.reason}: {waiting.message}", waiting.image)
    row = next(((id_, sentence) for pattern, id_, sentence in _TABLE if pattern.search(text)), (UNKNOWN, ""))
    if (
        situation.play.faults and " " in waiting.reason
    ):  # where a Secret can not be read, the error itself is the reason
        row = (MALFORMED, "")
    if waiting.reason not in _REASONS and row[0] != MALFORMED:
        return None
    if row[0] == MALFORMED:
        return _malformed(situation)
    if row[0] == REFUSED:
        return _refused(text, situation)
    return Cause(*row) if row[1] else _unknown(waiting)


def _without_names(text: str, image: str) -> str:
    """A message without what anybody may have named: the image, and addresses with it."""
    for name in (image, normalise_image(image)):
        text = text.replace(name, " ") if name else text
    return re.sub(r"https?://[^\s\"]+|sha\d+:[0-9a-f]+", " ", text)


def _malformed(situation: PullContext) -> Cause:
    if situation.play.faults:
        return Cause(MALFORMED, f"{situation.play.faults[0]} So it refuses every image of the Pod.")
    return Cause(
        MALFORMED,
        "At its last try the kubelet could not read one of the Secrets; all that are there now can be read, so the "
        "next try may succeed.",
    )


def _unknown(waiting: Waiting) -> Cause:
    said = f"{waiting.reason}: {waiting.message}".removesuffix(": ")
    if waiting.image:
        said = said.replace(waiting.image, public_image(waiting.image))
    said = re.sub(r"//[^/\s\"@]+@", "//", said)
    quoted = said if len(said) <= _LONGEST_QUOTE else f"{said[:_LONGEST_QUOTE]}…"
    return Cause(UNKNOWN, f"Not known. The kubelet says: {quoted}", quoted)


def _refused(text: str, situation: PullContext) -> Cause:
    """The registry wants other credentials: the Secrets tell whether it got any."""
    verdict, play = situation.verdict, situation.play
    if verdict.status == "matched":
        return _refused_with_entry(text, verdict)
    if verdict.status == "unknown":
        return Cause(UNKNOWN, "The registry asks for credentials; which ones the Pod has could not be read.")
    if verdict.status == "secret_malformed":
        return _malformed(situation)
    if situation.linked:
        return Cause(
            "started_before_link",
            f"The Pod was made before ServiceAccount {situation.account} named Secret {situation.linked}, "
            "and does not get it any more: delete the Pod, so that it is made anew.",
        )
    missing, wrong = play.names("missing"), play.names("wrong_type")
    if missing:
        return Cause("secret_missing", f"The Pod names {_secrets(missing)}, which {_is_not(missing)} there.")
    if wrong:
        return Cause("wrong_type", f"The Pod names {_secrets(wrong)}, which {_is_not(wrong)} of a type for pulling.")
    if verdict.by_node:
        return Cause("node_credentials", "The node pulls it with credentials of its own, and these are refused.")
    if not play.candidates:
        return Cause("no_entry", "The registry asks for credentials, and the Pod has no pull secret.")
    why = f" {verdict.why[0]}" if verdict.why else ""
    names = [candidate.name for candidate in play.candidates]
    return Cause("no_entry", f"The registry asks for credentials, and no entry in {_secrets(names)} matches.{why}")


def _refused_with_entry(text: str, verdict: Verdict) -> Cause:
    entry = f'entry "{verdict.server}" of Secret {verdict.secret}'
    if _WITHOUT_CREDENTIALS.search(text):
        return Cause(
            "credentials_added",
            f"At its last try the kubelet had no credentials; now {entry} matches, so the next try uses it.",
        )
    who = f"user {verdict.username}" if verdict.username else "the credentials"
    others = f", and those of {verdict.entries - 1} more" if verdict.entries > 1 else ""
    return Cause(
        "wrong_credentials",
        f"The registry refuses {who} ({entry}){others}: the password is wrong or has ended, that user may not pull the "
        "image, or there is no such image.",
    )


def _secrets(names: Sequence[str]) -> str:
    return f"Secret{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _is_not(names: Sequence[str]) -> str:
    return "are not" if len(names) > 1 else "is not"
