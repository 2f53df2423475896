"""Writes down what people do at the seats and what they see there, with one clock.

Knows nothing of the controller: it is the testimony that the auditor holds against the ledger.
"""

from __future__ import annotations

import time

from simulator.auditor.observed import LampWrite, Press
from simulator.board.seat_process import SeatProcess


class Witness:
    """Sees every write to every lamp and every finger on a button."""

    def __init__(self) -> None:
        self.presses: list[Press] = []
        self.lamps: list[LampWrite] = []
        self._seen: dict[tuple[str, str], tuple[float, bool]] = {}

    def changed(self, seat: SeatProcess, what: str) -> None:
        """Called by a seat when something about it changed."""
        if what not in ("lamp", "power"):
            return
        for lamp in seat.board["lamps"]:
            self._take(seat, lamp)

    def press(self, seat: SeatProcess, answer: str) -> None:
        """A finger goes down now."""
        self.presses.append(Press(time.monotonic(), seat.terminal, seat.badge, answer))

    def look_away(self, seat: SeatProcess) -> None:
        """The seat's processor stands still: its lamps say nothing until it goes on."""
        now = time.monotonic()
        for lamp in seat.board["lamps"]:
            self.lamps.append(LampWrite(now, seat.terminal, lamp, False, seat.badge))

    def look_again(self, seat: SeatProcess) -> None:
        """The seat goes on; a lamp that is lit is seen from now on."""
        now = time.monotonic()
        for lamp, view in seat.lamps.items():
            if view.level:
                self.lamps.append(LampWrite(now, seat.terminal, lamp, True, seat.badge))

    def last_answer(self, terminal: str) -> str:
        """The answer that was pressed last at this seat; empty: none."""
        pressed = [press.answer for press in self.presses if press.terminal == terminal]
        return pressed[-1] if pressed else ""

    def _take(self, seat: SeatProcess, lamp: str) -> None:
        """The writes of one lamp since the last look, oldest first."""
        last = self._seen.get((seat.terminal, lamp))
        fresh: list[tuple[float, bool]] = []
        for write in reversed(seat.lamp_recorder(lamp).writes):
            if write is last:
                break
            fresh.append(write)
        for write in reversed(fresh):
            self.lamps.append(LampWrite(write[0], seat.terminal, lamp, write[1], seat.badge))
        if fresh:
            self._seen[(seat.terminal, lamp)] = fresh[0]
