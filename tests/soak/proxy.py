"""A TCP proxy between seat and broker that can cut connections, or swallow what they carry."""

from __future__ import annotations

import selectors
import socket
import struct
import threading

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes bytes between ``port`` and the target. Swallowed connections stay swallowed: to both
    ends they look alive and say nothing, as behind a switch that lost its memory."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._peers: dict[socket.socket, socket.socket] = {}
        self._held: list[socket.socket] = []
        self._orders: list[str] = []
        self._swallowing = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Reset every connection; new ones pass."""
        self._order("cut")

    def swallow(self) -> None:
        """Carry nothing any more, on old connections and on new ones, and keep them open."""
        self._order("swallow")

    def restore(self) -> None:
        """Let new connections pass again."""
        self._order("restore")

    def close(self) -> None:
        """End the proxy with all its connections."""
        self._order("close")
        self._thread.join(timeout=5)

    def _order(self, word: str) -> None:
        self._done.clear()
        self._orders.append(word)
        self._wake.send(b"!")
        if not self._done.wait(5):
            raise AssertionError("the proxy does not answer")

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    self._woken.recv(16)
                    if self._obey(self._orders.pop(0)):
                        return
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._peers:
                    self._pass(key.fileobj)  # type: ignore[arg-type]

    def _obey(self, word: str) -> bool:
        if word in ("cut", "close"):
            for end in [*self._peers, *(self._held if word == "close" else [])]:
                self._drop(end)
            self._peers.clear()
        elif word == "swallow":
            self._swallowing = True
            for end in self._peers:
                self._selector.unregister(end)
                self._held.append(end)
            self._peers.clear()
        else:
            self._swallowing = False
        if word == "close":
            self._selector.close()
            for end in (self._listener, self._wake, self._woken):
                end.close()
        self._done.set()
        return word == "close"

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self._swallowing:
            self._held.append(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._target_port), timeout=2)
        except OSError:
            near.close()
            return
        for end, other in ((near, far), (far, near)):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ)
            self._peers[end] = other

    def _pass(self, end: socket.socket) -> None:
        other = self._peers[end]
        try:
            data = end.recv(65536)
            if data:
                other.sendall(data)
                return
        except OSError:
            data = b""
        for closing in (end, other):
            self._peers.pop(closing, None)
            self._drop(closing)

    def _drop(self, end: socket.socket) -> None:
        if end in self._selector.get_map():
            self._selector.unregister(end)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        end.close()
