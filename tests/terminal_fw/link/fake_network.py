"""A network in memory for the link: sockets, TLS and polling that do what the test says.

The real ones are used by tests/soak; this one shows what a real network does too seldom.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16


class Poller:
    """Knows what is registered for what; ``ready`` is what the next ``poll`` of anybody gives."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.registered: dict[object, int] = {}

    def register(self, pollable: object, wanted: int) -> None:
        assert not getattr(pollable, "closed", False), "a closed socket was registered"
        self.registered[pollable] = wanted

    def unregister(self, pollable: object) -> None:
        del self.registered[pollable]

    def poll(self, timeout_ms: int) -> list[tuple[object, int]]:
        assert timeout_ms == 0, "the link waits"
        return [(one, self._network.ready) for one in self.registered if self._network.ready]


class Connection:
    """The socket; also, once wrapped, the TLS stream over it."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.closed = False
        self.blocking = True
        self.options: list[tuple[int, int, int]] = []

    def setblocking(self, blocking: bool) -> None:
        self.blocking = blocking

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)  # type: ignore[arg-type]

    def connect(self, address: object) -> None:
        assert not self.blocking, "a blocking connect"
        raise OSError(errno.EINPROGRESS, "in progress")

    def write(self, data: Sequence[int]) -> int | None:
        network = self._network
        network.offered.append(bytes(data))
        answer = network.writes.pop(0) if network.writes else len(data)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            answer = min(answer, len(data))
            network.written += bytes(data[:answer])
        return answer

    def readinto(self, buffer: memoryview) -> int | None:
        network = self._network
        network.reads_made += 1
        answer = network.reads.pop(0) if network.reads else None
        if answer is None:
            return None
        if isinstance(answer, Exception):
            raise answer
        count = min(len(answer), len(buffer))
        buffer[:count] = answer[:count]
        if answer[count:]:
            network.reads.insert(0, answer[count:])
        return count

    def close(self) -> None:
        self.closed = True
        if self._network.close_error is not None:
            raise self._network.close_error


class Network:
    """What the peer does: ``writes`` are the answers to the next writes (a count, None for would
    block, an exception), ``reads`` what the next reads find (bytes, b"" for the end, None)."""

    def __init__(self) -> None:
        self.ready = POLLOUT
        self.writes: list[int | None | Exception] = []
        self.reads: list[bytes | None | Exception] = []
        self.offered: list[bytes] = []
        self.written = b""
        self.reads_made = 0
        self.sockets: list[Connection] = []
        self.server_names: list[str] = []
        self.close_error: OSError | None = None

    # what mqtt_link calls ``socket``
    def socket(self) -> Connection:
        self.sockets.append(Connection(self))
        return self.sockets[-1]

    def getaddrinfo(self, host: str, port: int) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (host, port))]

    # what mqtt_link calls ``select``
    POLLIN, POLLOUT, POLLERR, POLLHUP = POLLIN, POLLOUT, POLLERR, POLLHUP

    def poll(self) -> Poller:
        return Poller(self)

    # the TLS context
    def wrap_socket(
        self, plain: Connection, *, server_hostname: str, do_handshake_on_connect: bool
    ) -> Connection:
        assert not do_handshake_on_connect, "a blocking handshake"
        self.server_names.append(server_hostname)
        return Connection(self)
