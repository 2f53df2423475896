"""The buzzer: two short tones that say "no".

Promises silence by itself after the tones; a second refusal begins them again.
"""

from machine import Pin

from terminal_fw.core.ticks import is_due, ticks_add

TONES_MS = (120, 80, 120)  # on, off, on


class Buzzer:
    """An active buzzer on one pin."""

    def __init__(self, pin: int) -> None:
        self._pin = Pin(pin, Pin.OUT, value=0)
        self._part = len(TONES_MS)
        self._until_ms = 0

    def refuse(self, now_ms: int) -> None:
        """Begins the tones."""
        self._begin(0, now_ms)

    def step(self, now_ms: int) -> None:
        """Goes on with the tones."""
        while self._part < len(TONES_MS) and is_due(self._until_ms, now_ms):
            self._begin(self._part + 1, self._until_ms)

    def next_deadline_ms(self, _now_ms: int):
        """When the next tone begins or ends; None in silence."""
        return self._until_ms if self._part < len(TONES_MS) else None

    def _begin(self, part: int, at_ms: int) -> None:
        self._part = part
        sounding = part < len(TONES_MS) and part % 2 == 0
        self._pin.value(1 if sounding else 0)
        if part < len(TONES_MS):
            self._until_ms = ticks_add(at_ms, TONES_MS[part])
