"""From bouncing contacts to presses: a level is believed when it has held for a while.

Promises one press for one push, however the contact bounces, and none for a spike shorter than
`STABLE_MS`: a spike on the wire must not become a vote.
"""

from terminal_fw.core.ticks import ticks_add, ticks_diff

STABLE_MS = 10
PRESSED = 0  # the contact pulls the line down
RELEASED = 1


class Debounce:
    """The believed and the newest level of each key; all keys begin released."""

    def __init__(self, keys: int) -> None:
        self._believed = bytearray([RELEASED] * keys)
        self._newest = bytearray([RELEASED] * keys)
        self._changed_ms = [0] * keys

    def edge(self, key: int, level: int, at_ms: int) -> None:
        """The line of `key` moved to `level` at `at_ms`. Also for a level that was read anew."""
        if self._newest[key] != level or self._newest[key] != self._believed[key]:
            self._newest[key] = level
            self._changed_ms[key] = at_ms

    def step(self, now_ms: int) -> list:
        """The keys whose press is believed now, in order of their numbers."""
        pressed = []
        for key in range(len(self._newest)):
            if self._newest[key] == self._believed[key]:
                continue
            if ticks_diff(now_ms, self._changed_ms[key]) >= STABLE_MS:
                self._believed[key] = self._newest[key]
                if self._newest[key] == PRESSED:
                    pressed.append(key)
        return pressed

    def next_deadline_ms(self):
        """When the next level will have held long enough; None when all is quiet."""
        nearest = None
        for key in range(len(self._newest)):
            if self._newest[key] != self._believed[key]:
                deadline_ms = ticks_add(self._changed_ms[key], STABLE_MS)
                if nearest is None or ticks_diff(deadline_ms, nearest) < 0:
                    nearest = deadline_ms
        return nearest
