# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Web Tokens as registries and Git servers issue them, with a signature that means nothing."""

from __future__ import annotations

import base64
import json
from typing import Any

SIGNATURE = "c2lnbmF0dXJlLXMzY3JldC1zaWduYXR1cmU"
# The seconds of 2100-01-01T00:00:00Z.
IN_2100 = 4102444800


def encode_part(document: Any) -> str:
    """Return a part of a token, in base64url without padding."""
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def web_token(exp: Any, *, header: Any = None, signature: str = SIGNATURE) -> str:
    """Return a token that expires then, in seconds since 1970; ``exp`` may be anything that JSON has."""
    claims = {"iss": "https://issuer.example.com", "sub": "robot", "exp": exp}
    parts = ({"alg": "RS256", "typ": "JWT"} if header is None else header, claims)
    return ".".join([*map(encode_part, parts), signature])
