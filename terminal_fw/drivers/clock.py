"""The seat's clock: wrapping milliseconds, the same on every port of MicroPython.

Promises instants as terminal_fw.core.ticks compares them. Ports wrap at different powers of two;
all of them are multiples of this one.
"""

import time

from terminal_fw.core.ticks import PERIOD_MS, ticks_diff

_MASK = PERIOD_MS - 1


def now_ms() -> int:
    """The present instant."""
    return time.ticks_ms() & _MASK


class Uptime:
    """Time since the start that never wraps; needs to be asked at least once in six days."""

    def __init__(self, at_ms: int) -> None:
        self._last_ms = at_ms
        self.milliseconds = 0

    def step(self, at_ms: int) -> int:
        """Milliseconds from the start to this instant."""
        self.milliseconds += ticks_diff(at_ms, self._last_ms)
        self._last_ms = at_ms
        return self.milliseconds
