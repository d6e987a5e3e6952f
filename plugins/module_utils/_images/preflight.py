# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pre-flight check: a pull secret, as it is about to be written, must serve the images that it is for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Literal

from .._credentials.docker_config import TYPE
from .._credentials.server_suggestions import list_servers
from .._errors import KeyringError
from .._kubelet.images import normalise_image
from .._kubelet.keyring import Keyring
from .._secret.plan import Payload, Secret
from .verdict import Candidate, Reason, Verdict, judge, load_pull_secrets, public_image

Preflight = Literal["fail", "warn"]

# The images that a message lists, and the reasons for each.
MAX_LISTED_IMAGES = 5
MAX_LISTED_REASONS = 3


def check_images(images: Sequence[str]) -> None:
    """Raise KeyringError if the list is empty, or for an item that is not an image name, with its index."""
    if not images:
        raise KeyringError("images is empty.", "", "Check the variable behind it, or leave it out.", option="images")
    for index, image in enumerate(images):
        if normalise_image(image) is None:
            raise KeyringError(
                f'images[{index}] is not the name of an image; got "{public_image(image)}".',
                "It has a registry, a path in lower case and a tag or a digest, and neither whitespace nor https://.",
                "Write it like ghcr.io/acme/app:1.2.",
                option=f"images[{index}]",
            )


def check_served(existing: Secret | None, payload: Payload, images: Sequence[str], preflight: Preflight) -> Payload:
    """Return the payload of a pull secret with a note of what the kubelet would find in it for these images.

    The note ``images`` holds for each image the entry that is tried first. An image that finds none raises
    KeyringError, or adds a warning with ``warn``.
    """
    data = {**((existing or {}).get("data") or {}), **payload.data}
    pull_secrets = load_pull_secrets([Candidate("", "found", TYPE, {"type": TYPE, "data": data})])
    verdicts = [judge(pull_secrets, image) for image in images]
    missing = tuple(_describe_unserved(images, verdicts, pull_secrets.keyring))
    if missing and preflight == "fail":
        remedy = "Correct the registry or the image; leave out images that need no credentials."
        raise KeyringError(
            " ".join(missing),
            "",
            f"{remedy} With preflight=warn this is a warning.",
            failure="image_not_served",
            option="images",
        )
    served = [
        {"image": image, "server": verdict.server, "username": verdict.username}
        for image, verdict in zip(images, verdicts, strict=True)
    ]
    return dataclasses.replace(
        payload, notes={**payload.notes, "images": served}, warnings=(*payload.warnings, *missing)
    )


def _describe_unserved(images: Sequence[str], verdicts: Sequence[Verdict], keyring: Keyring) -> Iterator[str]:
    """Yield a sentence for each of the first images without credentials, each reason once, and the number of all.

    Where no entry nearly serves an image, the text has the servers of the Secret.
    """
    servers = keyring.servers()
    missing = [index for index, verdict in enumerate(verdicts) if verdict.status != "matched"]
    known: set[str] = set()
    for index in missing[:MAX_LISTED_IMAGES]:
        why = verdicts[index].why
        texts = [_describe_reason(reason) for reason in why]
        if not any(reason.server for reason in why):
            texts.append(list_servers(normalise_image(images[index]) or "", servers, "It has"))
        reasons = [text for text in texts if text and text not in known][:MAX_LISTED_REASONS]
        known.update(reasons)
        yield " ".join((f'images[{index}] ("{images[index]}") has no matching credentials in the Secret.', *reasons))
    if len(missing) > MAX_LISTED_IMAGES:
        yield f"{len(missing)} of {len(images)} images have no matching credentials."


def _describe_reason(reason: Reason) -> str:
    """Return the sentence of a reason, with its server where the sentence does not have it."""
    if reason.server is None or f'"{reason.server}"' in reason.text:
        return reason.text
    return f'Entry "{reason.server}": {reason.text}'
