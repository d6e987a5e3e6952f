# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications of WSGI on loopback, such as clouds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.serving import make_server

StartResponse = Callable[..., Any]

# The seconds after which a server notices that it is to end.
_POLL_INTERVAL = 0.02


@contextlib.contextmanager
def serving(application: Any, **arguments: Any) -> Iterator[str]:
    """The URL of an application on loopback."""
    server = make_server("127.0.0.1", 0, application, threaded=True, **arguments)
    threading.Thread(target=server.serve_forever, args=(_POLL_INTERVAL,), daemon=True).start()
    try:
        yield f"{'https' if server.ssl_context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
