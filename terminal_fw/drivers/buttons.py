"""The four buttons: interrupts write edges into a ring, the main loop takes them out.

Promises that no edge is lost silently: when the ring is full, `overflowed` is raised and the
levels are read anew. The handlers allocate nothing and run in interrupt context; everything else
runs in the main loop. The ring is a stream that is readable while it holds something, so that a
press ends the main loop's sleep.
"""

import io
from array import array

from machine import Pin

from terminal_fw.drivers.clock import now_ms

RING_EDGES = 32
_MP_STREAM_POLL = 3
_POLLIN = 1


class Buttons(io.IOBase):
    """The ring. One writer (interrupts) moves `_head`, one reader (main loop) moves `_tail`."""

    def __init__(self, pins: tuple) -> None:
        self.overflowed = False
        self._keys = bytearray(RING_EDGES)
        self._levels = bytearray(RING_EDGES)
        self._times_ms = array("I", [0] * RING_EDGES)
        self._head = 0
        self._tail = 0
        self._pins = [Pin(number, Pin.IN, Pin.PULL_UP) for number in pins]
        for key in range(len(pins)):
            self._pins[key].irq(
                self._recorder(key), trigger=Pin.IRQ_FALLING | Pin.IRQ_RISING, hard=True
            )

    def _recorder(self, key: int):
        def record(pin) -> None:
            head = self._head
            following = (head + 1) % RING_EDGES
            if following == self._tail:
                self.overflowed = True
                return
            self._keys[head] = key
            self._levels[head] = pin.value()
            self._times_ms[head] = now_ms()
            self._head = following

        return record

    def drain(self, debounce, at_ms: int) -> None:
        """Moves every recorded edge into `debounce`; after an overflow also today's levels."""
        while self._tail != self._head:
            tail = self._tail
            debounce.edge(self._keys[tail], self._levels[tail], self._times_ms[tail])
            self._tail = (tail + 1) % RING_EDGES
        if self.overflowed:
            self.read_levels(debounce, at_ms)

    def read_levels(self, debounce, at_ms: int) -> None:
        """Tells `debounce` how the lines stand now: at the start and after an overflow."""
        for key in range(len(self._pins)):
            debounce.edge(key, self._pins[key].value(), at_ms)

    def ioctl(self, request: int, argument: int) -> int:
        """Readable while an edge waits (asked by select.poll)."""
        if request != _MP_STREAM_POLL:
            return -1
        return argument & _POLLIN if self._tail != self._head or self.overflowed else 0
