# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a pull secret, as it is about to be, serves the images that it is for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Literal

from .._credentials.docker_config import TYPE
from .._errors import KeyringError
from .._kubelet.images import normalise_image
from .._secret.plan import Payload, Secret
from .verdict import Candidate, Reason, Verdict, judge, load_pull_secrets, public_image

Preflight = Literal["fail", "warn"]

# How many images, and reasons for each, are told.
MAX_LISTED_IMAGES = 5
TOLD_REASONS = 3


def check_images(images: Sequence[str]) -> None:
    """Raise KeyringError for a list without images, and with its index for an item that is none."""
    if not images:
        raise KeyringError("images is empty.", "", "Check the variable behind it, or leave it out.", option="images")
    for index, image in enumerate(images):
        if normalise_image(image) is None:
            raise KeyringError(
                f'images[{index}] is not the name of an image; got "{public_image(image)}".',
                "It has a registry, a path in lower case and a tag or a digest, and neither blanks nor https://.",
                "Write it like ghcr.io/acme/app:1.2.",
                option=f"images[{index}]",
            )


def check_served(existing: Secret | None, payload: Payload, images: Sequence[str], preflight: Preflight) -> Payload:
    """Return the payload of a pull secret with a note of what the kubelet would find in it for these images.

    The note ``images`` tells of each the entry that is tried first. For an image that finds none, KeyringError is
    raised, or with ``warn`` a warning given.
    """
    data = {**((existing or {}).get("data") or {}), **payload.data}
    pull_secrets = load_pull_secrets([Candidate("", "found", TYPE, {"type": TYPE, "data": data})])
    verdicts = [judge(pull_secrets, image) for image in images]
    missing = tuple(_tell(images, verdicts))
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


def _tell(images: Sequence[str], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A text on each of the first images that find no credentials, each reason once, and on how many more there are."""
    missing = [index for index, verdict in enumerate(verdicts) if verdict.status != "matched"]
    known: set[str] = set()
    for index in missing[:MAX_LISTED_IMAGES]:
        reasons = [text for text in map(_say, verdicts[index].why) if text not in known][:TOLD_REASONS]
        known.update(reasons)
        yield " ".join((f'images[{index}] ("{images[index]}") finds no credentials in the Secret.', *reasons))
    if len(missing) > MAX_LISTED_IMAGES:
        yield f"Of {len(images)} images {len(missing)} find none."


def _say(reason: Reason) -> str:
    named = reason.server is None or f'"{reason.server}"' in reason.text
    return reason.text if named else f'Entry "{reason.server}": {reason.text}'
