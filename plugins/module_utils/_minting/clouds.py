# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services that mint tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from .._credentials.preset_shapes import Cloud, Minting
from .aws import mint_aws
from .azure import mint_azure
from .google import mint_google
from .harbor import mint_harbor
from .token import Hide, Token

# What a service makes of a token to be minted, and the time until which a stored one would be kept.
CLOUDS: Mapping[Cloud, Callable[[Minting, datetime, Hide], Token]] = {
    "aws": mint_aws,
    "google": mint_google,
    "azure": mint_azure,
    "harbor": mint_harbor,
}
