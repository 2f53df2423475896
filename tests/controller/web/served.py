"""Serves an application on a free port of this machine in a thread, and stops it again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

_START_S = 20.0


def free_socket(port: int = 0) -> socket.socket:
    """A socket that listens on a port nobody else has, or again on ``port``."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(128)
    return made


@contextmanager
def served(app: Callable[..., Any], on: socket.socket) -> Iterator[str]:
    """The address under which ``app`` answers."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    server = Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [on]}, daemon=True)
    thread.start()
    assert started.wait(_START_S), "the application did not start"
    try:
        yield f"http://127.0.0.1:{on.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_START_S)
        assert not thread.is_alive(), "the application did not stop"
