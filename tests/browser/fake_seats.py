"""Seats without firmware for the virtual hall's page: what is touched is kept and shown at once."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Sequence

import msgspec

from simulator.demonstration.sitting import demonstration

LAMPS = ("for", "against", "abstain", "floor", "status")
_WIDTH, _HEIGHT = 128, 64


class FakeSeats:
    """Implements the port of the virtual hall; ``touches`` keeps every touch in its order."""

    def __init__(self, seats: int = 51) -> None:
        made = demonstration(seats)
        deputies = {deputy.id: deputy for deputy in made.plan.deputies}
        self.touches: list[tuple[object, ...]] = []
        self._watchers: set[_Watcher] = set()
        self._seats = {
            place.terminal: {
                "terminal": place.terminal,
                "label": place.label,
                "x": place.x,
                "y": place.y,
                "deputy": {
                    "id": made.usual_seats[place.terminal],
                    "name": msgspec.to_builtins(deputies[made.usual_seats[place.terminal]].name),
                },
                "badge_in": False,
                "powered": True,
                "lamps": dict.fromkeys(LAMPS, "off"),
                "screen_revision": 1,
            }
            for place in made.plan.seats
        }

    @property
    def terminals(self) -> Sequence[str]:
        return tuple(self._seats)

    def seat(self, terminal: str) -> dict[str, object]:
        return self._seats[terminal]

    def screen_png(self, terminal: str) -> bytes:
        """A frame and some bars, so that a scaled picture can be judged by eye."""
        rows = bytearray()
        for y in range(_HEIGHT):
            rows.append(0)
            for x in range(_WIDTH):
                edge = x in (0, _WIDTH - 1) or y in (0, _HEIGHT - 1)
                bar = 8 < x < 100 and y // 6 % 2 == 1 and 6 < y < 58 and (x // 3) % 4 != 0
                rows.append(255 if edge or bar else 0)
        head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in parts
        )

    def press(self, terminal: str, button: str) -> None:
        self._touch("press", terminal, button)
        lamps = self._lamps(terminal)
        for other in ("for", "against", "abstain"):
            if button != "floor":
                lamps[other] = "off"
        lamps[button] = "blinking"
        self._tell(terminal)

    def release(self, terminal: str, button: str) -> None:
        self._touch("release", terminal, button)
        self._lamps(terminal)[button] = "on"
        self._tell(terminal)

    def badge(self, terminal: str, is_in: bool) -> None:
        self._touch("badge", terminal, is_in)
        self._seats[terminal]["badge_in"] = is_in
        self._tell(terminal)

    async def power(self, terminal: str, is_on: bool) -> None:
        self._touch("power", terminal, is_on)
        self._seats[terminal]["powered"] = is_on
        self._tell(terminal)

    async def crowd(self, action: str) -> None:
        self._touch("crowd", action)
        for number, terminal in enumerate(self._seats):
            if action == "arrive_all":
                self._seats[terminal]["badge_in"] = True
            elif action == "leave_all":
                self._seats[terminal]["badge_in"] = False
            else:
                self._lamps(terminal)[LAMPS[number * 7 % 5 % 3]] = "on"
            self._tell(terminal)

    def watch(self) -> _Watcher:
        watcher = _Watcher(self._watchers)
        self._watchers.add(watcher)
        return watcher

    def _lamps(self, terminal: str) -> dict[str, str]:
        lamps = self._seats[terminal]["lamps"]
        assert isinstance(lamps, dict)
        return lamps

    def _touch(self, *what: object) -> None:
        self.touches.append(what)

    def _tell(self, terminal: str) -> None:
        for watcher in self._watchers:
            watcher.tell(terminal)


class _Watcher:
    def __init__(self, watchers: set[_Watcher]) -> None:
        self._watchers = watchers
        self._pending: set[str] = set()
        self._told = asyncio.Event()

    def tell(self, terminal: str) -> None:
        self._pending.add(terminal)
        self._told.set()

    async def next(self) -> frozenset[str]:
        await self._told.wait()
        self._told.clear()
        changed, self._pending = frozenset(self._pending), set()
        return changed

    def close(self) -> None:
        self._watchers.discard(self)
