# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of robot accounts of Harbor, refreshed in place: the old one is invalid at once.

The secret is made here and not by Harbor, so that a request whose answer is lost can be sent again: it sets the same
secret. Source: goharbor/harbor api/v2.0/swagger.yaml (GetRobotByID, RefreshSec), src/controller/robot/controller.go
(which secrets are valid).
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._cluster.local_file import read_regular_file
from .._credentials.docker_config import StoredLogin, encode_auth
from .._credentials.expiry import render_time
from .._credentials.preset_shapes import Minting
from .token import CONNECT_TIMEOUT, READ_TIMEOUT, Hide, NoTokenError, Token, missing_package

_LETTERS = string.ascii_letters + string.digits
_SECRET_LENGTH = 40
_NEVER = -1

# How often the secret is sent where no answer comes, or an error of the server.
_ATTEMPTS = 2

_HARBOR_ANSWERS: Mapping[int, tuple[str, str]] = {
    401: ("Harbor does not accept the login.", "Check preset_options.api_username and api_password."),
    403: (
        "The account of preset_options.api_username has no permission for that.",
        "It must be allowed to read and update the robot account.",
    ),
    404: ("Harbor has no such robot account.", "Check preset_options.robot_id."),
}


def mint_harbor(minting: Minting, needed_until: datetime, hide: Hide) -> Token:
    """Refresh the secret of a robot account. Raises NoTokenError without the words of Harbor.

    Nothing is changed unless the robot account has the username of the task, is enabled, and lasts until
    ``needed_until``: a refreshed secret lasts no longer than its account.
    """
    try:
        import requests  # noqa: F401
    except ImportError:
        raise missing_package("requests") from None
    settings = minting.settings
    if settings["api_username"] == minting.username:
        raise NoTokenError(
            "preset_options.api_username is the robot account itself, whose password the next run would not know.",
            "Give another account.",
        )
    _check_ca_file(settings["ca_file"])
    hide(encode_auth(StoredLogin(settings["api_username"], settings["api_password"])))
    end = _check_robot(_read_robot(settings), minting.username, needed_until)
    secret = _make_secret()
    hide(secret)
    _refresh(settings, secret)
    return Token(secret, end)


def _check_ca_file(path: str) -> None:
    """Raise NoTokenError for a file that cannot be read, or that would be read without an end."""
    if not path:
        return
    try:
        read_regular_file(path)
    except OSError as error:
        raise NoTokenError(
            f"preset_options.ca_file cannot be read: {error.strerror}.",
            "Give the path of a file on the machine that runs this task, which its user may read.",
        ) from None


def _ask_harbor(settings: Mapping[str, Any], method: str, body: Mapping[str, str] | None = None) -> Any:
    """Send a request about the robot account, and return the response. Raises RequestException of requests."""
    import requests

    base = (settings["endpoint_url"] or f"https://{settings['host']}").rstrip("/")
    return requests.request(
        method,
        f"{base}/api/v2.0/robots/{settings['robot_id']}",
        json=body,
        auth=(settings["api_username"].encode(), settings["api_password"].encode()),
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        allow_redirects=False,
        verify=settings["ca_file"] or True,
    )


def _read_robot(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    import requests

    try:
        answer = _ask_harbor(settings, "GET")
    except (requests.RequestException, OSError):
        raise NoTokenError(
            "Harbor cannot be reached from this machine.",
            "Check the network, the proxy, preset_options.ca_file and preset_options.endpoint_url.",
            "unreachable",
        ) from None
    if answer.status_code != 200:
        raise _explain_refusal(answer.status_code)
    try:
        robot = answer.json()
    except ValueError:
        robot = None
    if not isinstance(robot, dict) or not isinstance(robot.get("name"), str):
        raise NoTokenError(
            "The answer is not that of Harbor.", "Check preset_options.host and preset_options.endpoint_url."
        )
    return robot


def _check_robot(robot: Mapping[str, Any], username: str, needed_until: datetime) -> datetime:
    """Return when the robot account expires. Raises NoTokenError if its secret must not be refreshed."""
    if robot["name"] != username:
        raise NoTokenError(
            "The robot account with preset_options.robot_id has another name than username.",
            "Correct one of them. The name has the prefix that Harbor shows, such as robot$.",
        )
    if robot.get("disable"):
        raise NoTokenError("The robot account is deactivated.", "Activate it in Harbor.")
    end = _robot_end(robot.get("expires_at"))
    if end <= needed_until:
        raise NoTokenError(
            f"The robot account expires at {render_time(end)}, and a refreshed secret would not last longer.",
            "Extend the robot account in Harbor, or use a smaller min_validity.",
        )
    return end


def _robot_end(expires_at: object) -> datetime:
    if expires_at == _NEVER:
        return datetime.max.replace(tzinfo=timezone.utc)
    try:
        return datetime.fromtimestamp(int(str(expires_at)), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise NoTokenError(
            "Harbor does not state when the robot account expires.",
            "It must be a robot account of Harbor 2.2 or later.",
        ) from None


def _make_secret() -> str:
    """Return a random secret that Harbor accepts: with an upper and a lower case letter, and a digit."""
    while True:
        secret = "".join(secrets.choice(_LETTERS) for _position in range(_SECRET_LENGTH))
        if all(re.search(characters, secret) for characters in ("[a-z]", "[A-Z]", "[0-9]")):
            return secret


def _refresh(settings: Mapping[str, Any], secret: str) -> None:
    """Set the secret of the robot account. Raises NoTokenError if Harbor refuses, or if its answer is lost."""
    import requests

    for _attempt in range(_ATTEMPTS):
        try:
            answer = _ask_harbor(settings, "PATCH", {"secret": secret})
        except (requests.RequestException, OSError):
            continue
        if answer.status_code == 200:
            return
        if answer.status_code < 500:
            raise _explain_refusal(answer.status_code)
    raise NoTokenError(
        "It is not known whether Harbor refreshed the secret of the robot account. The old one may be invalid.",
        "Run the task again with force_mint=true.",
        "outcome_unknown",
    )


def _explain_refusal(status: int) -> NoTokenError:
    if status in _HARBOR_ANSWERS:
        return NoTokenError(*_HARBOR_ANSWERS[status])
    return NoTokenError(
        f"Harbor refuses the request ({status}).", "Check preset_options.host and preset_options.endpoint_url."
    )
