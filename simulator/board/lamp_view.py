"""What an eye sees of one lamp: off, on or blinking, derived from the writes to its pin.

Promises to keep every write with its monotonic time (the newest `WRITES_MAX`), so that a test can
ask when the lamp became steady, not only whether it is.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

WRITES_MAX = 256
# The slowest blink of the firmware toggles twice a second: a lamp that changed twice in this time
# and whose last change is younger than half of it is seen to blink.
_BLINK_WINDOW_S = 1.4
_FAST_GAP_S = 0.2  # the fast blink toggles every 125 ms; a gap longer than this is steady

LampState = Literal["off", "on", "blinking"]


@dataclass(frozen=True)
class LampView:
    """A lamp at one moment. Times are `time.monotonic()` seconds of the host."""

    state: LampState
    level: bool
    changed_at: float  # the newest edge
    written_at: float  # the newest write, also one that kept the level


class LampRecorder:
    """Collects the writes to one lamp's pin."""

    def __init__(self) -> None:
        self.writes: deque[tuple[float, bool]] = deque(maxlen=WRITES_MAX)

    def write(self, at: float, level: bool) -> None:
        self.writes.append((at, level))

    def go_dark(self, at: float) -> None:
        """The supply is gone: dark from this moment, whatever the lamp did before."""
        self.writes.append((at, False))
        self.writes.append((math.nextafter(at, math.inf), False))  # no blink: told twice

    def edges(self) -> list[tuple[float, bool]]:
        """The writes that changed the level, oldest first."""
        found: list[tuple[float, bool]] = []
        level = False
        for at, written in self.writes:
            if written != level:
                found.append((at, written))
                level = written
        return found

    def view(self, now: float) -> LampView:
        """The lamp as it is seen at `now`."""
        if not self.writes:
            return LampView("off", False, 0.0, 0.0)
        edges = self.edges()
        written_at, level = self.writes[-1]
        changed_at = edges[-1][0] if edges else written_at
        return LampView(self._state(edges, level, now), level, changed_at, written_at)

    def steady_since(self, now: float) -> float | None:
        """When the lamp was last told to be lit, if it stayed lit longer than a blink since.

        The firmware writes a lamp's pin at every change of its meaning, so the moment of a receipt
        is seen even when it falls into the lit half of a blink.
        """
        if not self.writes:
            return None
        at, level = self.writes[-1]
        return at if level and now - at > _FAST_GAP_S else None

    def _state(self, edges: list[tuple[float, bool]], level: bool, now: float) -> LampState:
        steady: LampState = "on" if level else "off"
        recent = [at for at, _ in edges if now - at <= _BLINK_WINDOW_S]
        if len(recent) < 2:
            return steady
        gap = recent[-1] - recent[-2]
        written_at = self.writes[-1][0]
        if written_at > recent[-1]:
            return steady  # written again without a change: the meaning changed to steady
        return "blinking" if now - recent[-1] <= 1.4 * gap + 0.05 else steady
