"""The lamps: each is off, on, or blinks fast or slowly.

Promises that a lamp that begins to blink is lit at once, and that a lamp's pin is written whenever
its meaning changes, also when its level stays.
"""

from machine import Pin

from terminal_fw.core.seat import FAST, OFF, ON
from terminal_fw.core.ticks import ticks_add, ticks_diff

FAST_HALF_MS = 125
SLOW_HALF_MS = 500


class Lamps:
    """One output pin for each lamp."""

    def __init__(self, pins: tuple) -> None:
        self._pins = [Pin(number, Pin.OUT, value=0) for number in pins]
        self._modes = [OFF] * len(pins)
        self._since_ms = [0] * len(pins)
        self._levels = [0] * len(pins)

    def set(self, modes: tuple, now_ms: int) -> None:
        """The lamps mean something else from now on."""
        for index in range(len(modes)):
            if modes[index] != self._modes[index]:
                self._modes[index] = modes[index]
                self._since_ms[index] = now_ms
                self._write(index, 0 if modes[index] == OFF else 1)

    def step(self, now_ms: int) -> None:
        """Turns the blinking lamps over."""
        for index in range(len(self._modes)):
            half_ms = self._half_ms(index)
            if half_ms:
                turns = ticks_diff(now_ms, self._since_ms[index]) // half_ms
                level = 1 - turns % 2
                if level != self._levels[index]:
                    self._write(index, level)

    def next_deadline_ms(self, now_ms: int):
        """When the next blinking lamp turns over; None when none blinks."""
        nearest = None
        for index in range(len(self._modes)):
            half_ms = self._half_ms(index)
            if half_ms:
                into_ms = ticks_diff(now_ms, self._since_ms[index]) % half_ms
                deadline_ms = ticks_add(now_ms, half_ms - into_ms)
                if nearest is None or ticks_diff(deadline_ms, nearest) < 0:
                    nearest = deadline_ms
        return nearest

    def _half_ms(self, index: int) -> int:
        mode = self._modes[index]
        if mode in (OFF, ON):
            return 0
        return FAST_HALF_MS if mode == FAST else SLOW_HALF_MS

    def _write(self, index: int, level: int) -> None:
        self._levels[index] = level
        self._pins[index].value(level)
