# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask AI Core with SAP's own client. Runs in an environment that has it, and never with what a user has in it.

A line of stdin is a service key, each further line a call: the client, the method and its arguments. Each call is
answered by a line: what the client made of the answer, or the status of an error.
"""

from __future__ import annotations

import json
import sys
from enum import Enum
from typing import Any

from ai_api_client_sdk.exception import AIAPIServerException
from ai_core_sdk.ai_core_v2_client import AICoreV2Client


def call(client: AICoreV2Client, resource: str, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = getattr(getattr(client, resource), method)(**arguments)
    except AIAPIServerException as error:
        return {"status": error.status_code}
    return {"answer": answer}


def plain(value: Any) -> Any:
    """Return what JSON has for an object of the client."""
    return value.value if isinstance(value, Enum) else vars(value)


def main() -> None:
    key = json.loads(sys.stdin.readline())
    client = AICoreV2Client(
        base_url=f"{key['serviceurls']['AI_API_URL']}/v2",
        auth_url=f"{key['url']}/oauth/token",
        client_id=key["clientid"],
        client_secret=key["clientsecret"],
        num_request_retries=0,
    )
    for line in sys.stdin:
        print(json.dumps(call(client, *json.loads(line)), default=plain))


if __name__ == "__main__":
    main()
