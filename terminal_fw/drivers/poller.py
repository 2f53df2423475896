"""The one place where the seat sleeps: until a stream is ready or the next deadline comes.

Promises `register`, `modify` and `unregister` as `select.poll` has them, and a bounded `wait`.
"""

import select

POLLIN = select.POLLIN
POLLOUT = select.POLLOUT


class Poller:
    """Streams that may wake the seat: sockets, the reader's UART, the ring of button edges."""

    def __init__(self) -> None:
        self._poll = select.poll()

    def register(self, stream, events: int = POLLIN) -> None:
        """Lets `stream` wake the seat."""
        self._poll.register(stream, events)

    def modify(self, stream, events: int) -> None:
        """Changes what of `stream` wakes the seat."""
        self._poll.modify(stream, events)

    def unregister(self, stream) -> None:
        """`stream` wakes the seat no more."""
        self._poll.unregister(stream)

    def wait(self, timeout_ms: int) -> None:
        """Sleeps at most this long. What woke it is found out by asking the drivers."""
        self._poll.poll(max(0, timeout_ms))
