# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds on loopback that give tokens: moto for AWS, and small servers that check what the SDKs of others send."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

StartResponse = Callable[..., Any]

# How long tokens of ECR last.
ECR_LIFE = timedelta(hours=12)


@dataclass
class Aws:
    """moto, which says that every token ended in 2015 and is the same: here each is new and lasts.

    moto has no ECR Public, which is answered here. ``asked`` are the operations with the access key that signed each,
    ``tokens`` those that were given. With ``refusal`` the next answers are errors with this code; ``life`` is that of
    the next token.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list, repr=False)
    assumed: list[str] = field(default_factory=list)
    refusal: str | None = None
    life: timedelta | None = ECR_LIFE
    url: str = ""

    def __post_init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        key = re.search(r"Credential=(\w+)/\d{8}/([a-z0-9-]+)/", request.headers.get("Authorization", ""))
        assert key, "the request is not signed"
        target = request.headers.get("X-Amz-Target", "")
        operation = target.rpartition(".")[2] or request.form["Action"]
        self.asked.append((operation, key[1]))
        if self.refusal:
            return self._refuse(request)(environ, start_response)
        if target == "SpencerFrontendService.GetAuthorizationToken":
            assert key[2] == "us-east-1"
            return _json({"authorizationData": self._token()})(environ, start_response)
        answer = Response.from_app(self._moto, environ)
        if operation == "AssumeRole":
            self.assumed += re.findall("<AccessKeyId>(\\w+)<", answer.get_data(as_text=True))
        elif self.life is not None:
            document = json.loads(answer.get_data())
            document["authorizationData"][0].update(self._token())
            answer = _json(document)
        return answer(environ, start_response)

    def _token(self) -> dict[str, Any]:
        assert self.life is not None
        self.tokens.append(f"aws-{uuid.uuid4().hex}")
        token = base64.b64encode(f"AWS:{self.tokens[-1]}".encode()).decode()
        return {"authorizationToken": token, "expiresAt": (datetime.now(timezone.utc) + self.life).timestamp()}

    def _refuse(self, request: Request) -> Response:
        """As AWS does, and with a message that quotes what was sent."""
        said = f"refused: {request.headers['Authorization']}"
        if "X-Amz-Target" in request.headers:
            return _json({"__type": self.refusal, "message": said}, 400)
        text = f"<ErrorResponse><Error><Code>{self.refusal}</Code><Message>{said}</Message></Error></ErrorResponse>"
        return Response(text, 403, content_type="text/xml")


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")


@contextlib.contextmanager
def serving(application: Any, **arguments: Any) -> Iterator[str]:
    """The URL of an application on loopback."""
    server = make_server("127.0.0.1", 0, application, threaded=True, **arguments)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if server.ssl_context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def aws() -> Iterator[Aws]:
    cloud = Aws()
    with serving(cloud) as cloud.url:
        yield cloud
