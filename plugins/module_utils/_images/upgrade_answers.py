# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials of an image without an entry, by what its registry answers to a request without credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from .._dataclasses import dataclass
from .._kubelet.images import normalise_image
from .retired import find_retired
from .upgrade import ImageCredentials, Upgrade

# The reasons why it is not known who may pull an image.
UnknownReason = Literal["not_asked", "no_answer", "not_found", "retired", "node_credentials", "unreadable"]

UNKNOWN_TEXTS: Mapping[UnknownReason, str] = {
    "not_asked": "Not known whether the registry serves the image to everyone, because it was not asked (verify).",
    "no_answer": "The registry gave no clear answer about whether it serves the image to everyone.",
    "not_found": "The registry has no such image or tag, or hides it.",
    "node_credentials": "The nodes usually pull it with their own credentials, which the API does not show. Set "
    "node_providers to state it.",
    "unreadable": "Not known, because some Secrets or ServiceAccounts could not be read.",
}

_CONDITION = "If the registry does not serve it to everyone: "


@dataclass(frozen=True)
class OpenImage:
    """An image of which only the registry knows whether everyone may pull it.

    ``has_lender`` is whether another Pod's Secret has an entry for it, ``is_complete`` whether all Secrets were read,
    ``is_of_cloud`` whether the nodes usually pull it by themselves.
    """

    image: str
    has_lender: bool
    is_complete: bool = True
    is_of_cloud: bool = False


@dataclass(frozen=True)
class RegistryAnswers:
    """What registries answer to requests without credentials, as outcomes of a pull check.

    ``of_names`` holds for all tags of an image name, ``of_images`` only for the image that was asked for.
    """

    of_names: Mapping[str, str] = field(default_factory=dict)
    of_images: Mapping[str, str] = field(default_factory=dict)

    def find(self, image: str) -> str | None:
        """Return the answer for an image, None if there is none."""
        return self.of_images.get(image) or self.of_names.get(normalise_image(image) or "")


def read_answers(outcomes: Mapping[str, str]) -> RegistryAnswers:
    """Return the answers to questions for images: one tag that does not exist says nothing about the others."""
    of_names: dict[str, str] = {}
    of_images: dict[str, str] = {}
    for image, outcome in outcomes.items():
        name = normalise_image(image)
        if outcome == "not_found":
            of_images[image] = outcome
        elif name:
            of_names[name] = outcome
    return RegistryAnswers(of_names, of_images)


@dataclass(frozen=True)
class Settled:
    """Whose credentials pull an image, and the reason if that is not known."""

    credentials: ImageCredentials
    reason: UnknownReason | None = None


def settle_image(open_image: OpenImage, answer: str | None) -> Settled:
    """Return whose credentials pull an image. ``answer`` is the outcome of the pull check, None if there was none."""
    if answer == "pullable":
        return Settled("public")
    if answer in ("denied", "not_found") and find_retired(open_image.image):
        return Settled("unknown", "retired")
    if open_image.is_of_cloud:
        return Settled("unknown", "node_credentials")
    if answer is None:
        return Settled("unknown", "not_asked")
    if answer == "not_found":
        return Settled("unknown", "not_found")
    if answer != "denied":
        return Settled("unknown", "no_answer")
    if open_image.has_lender:
        return Settled("borrowed")
    return Settled("missing") if open_image.is_complete else Settled("unknown", "unreadable")


def explain_settled(settled: Settled, image: str, predicted: Upgrade) -> Upgrade:
    """Return the prediction for an image, with the reason if it is not known whose credentials pull it."""
    if settled.reason == "retired":
        retired = find_retired(image)
        what = f"{retired.what} {retired.remedy} " if retired else ""
        return Upgrade("fails", "new_node_or_tag", f"{what}The pull fails on a node without the image.")
    if settled.reason:
        return Upgrade("unknown", None, UNKNOWN_TEXTS[settled.reason])
    return predicted


def add_condition(fix: str) -> str:
    """Return the sentence of a fix for an image that may be public."""
    return f"{_CONDITION}{fix}"


def remove_condition(fix: str) -> str:
    """Return the sentence of a fix for an image that is known not to be public."""
    return fix.removeprefix(_CONDITION)


def describe_missing(image: str) -> str:
    """Return the fix for an image for which no pull secret is known."""
    host = (normalise_image(image) or "").partition("/")[0]
    return f"Add credentials for {host}: no pull secret of the cluster has them."
