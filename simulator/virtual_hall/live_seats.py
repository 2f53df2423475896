"""The seats of a running simulated hall, for the virtual hall's server (``port.SeatsPort``)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import msgspec

from simulator.hall_process import SimulatedHall
from simulator.player import ANSWERS
from simulator.virtual_hall.port import Button, CrowdAction

_LAMPS = ("for", "against", "abstain", "floor", "status")
_CROWD_SPREAD_S = 3.0
_BLINK_SETTLES_S = 1.5  # when the last edge of a lamp is this old, its look is final


class LiveSeats:
    """One running hall. ``changed`` is told of every change of a seat."""

    def __init__(self, seed: int = 1) -> None:
        self._hall: SimulatedHall | None = None
        self._random = random.Random(seed)
        self._shown: dict[str, dict[str, object]] = {}
        self._watchers: set[_Watcher] = set()
        self._settling: dict[str, asyncio.TimerHandle] = {}

    def attach(self, hall: SimulatedHall) -> None:
        """Which hall this is; comes before anything else is asked."""
        self._hall = hall

    @property
    def hall(self) -> SimulatedHall:
        assert self._hall is not None, "a hall is attached first"
        return self._hall

    def changed(self, terminal: str, _what: str) -> None:
        """A lamp, the screen or the supply of a seat changed; called by the hall."""
        self._tell(terminal)
        loop = asyncio.get_running_loop()
        settling = self._settling.pop(terminal, None)
        if settling is not None:
            settling.cancel()
        # whether a lamp blinks or is steady shows only some time after its last edge
        self._settling[terminal] = loop.call_later(_BLINK_SETTLES_S, self._tell, terminal)

    @property
    def terminals(self) -> Sequence[str]:
        return tuple(self.hall.places)

    def seat(self, terminal: str) -> dict[str, object]:
        place, deputy = self.hall.places[terminal]
        seat = self.hall.seats.get(terminal)
        lamps = seat.lamps if seat is not None else {}
        return {
            "terminal": terminal,
            "label": place.label,
            "x": place.x,
            "y": place.y,
            "deputy": {"id": deputy.id, "name": msgspec.to_builtins(deputy.name)},
            "badge_in": seat is not None and bool(seat.badge),
            "powered": seat is not None and seat.alive,
            "lamps": {name: lamps[name].state if name in lamps else "off" for name in _LAMPS},
            "screen_revision": seat.screen_revision if seat is not None else 0,
        }

    def screen_png(self, terminal: str) -> bytes:
        return self.hall.seats[terminal].screen_png()

    def press(self, terminal: str, button: Button) -> None:
        self.hall.press(terminal, button)

    def release(self, terminal: str, button: Button) -> None:
        self.hall.seats[terminal].release(button)

    def badge(self, terminal: str, is_in: bool) -> None:
        if is_in:
            self.hall.insert_badge(terminal)
        else:
            self.hall.remove_badge(terminal)
        self._tell(terminal)

    async def power(self, terminal: str, is_on: bool) -> None:
        seat = self.hall.seats[terminal]
        if is_on:
            await seat.power_on()
        else:
            await seat.power_cut()
        self._tell(terminal)

    async def crowd(self, action: CrowdAction) -> None:
        terminals = list(self.hall.seats)
        self._random.shuffle(terminals)
        gap_s = _CROWD_SPREAD_S / len(terminals)
        await asyncio.gather(
            *(self._act(action, one, gap_s * place) for place, one in enumerate(terminals))
        )

    def watch(self) -> _Watcher:
        watcher = _Watcher(self._watchers)
        self._watchers.add(watcher)
        return watcher

    async def _act(self, action: CrowdAction, terminal: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        seat = self.hall.seats[terminal]
        if action == "arrive_all" and not seat.badge:
            self.badge(terminal, True)
        elif action == "leave_all" and seat.badge:
            self.badge(terminal, False)
        elif action == "vote_random" and seat.badge and seat.alive:
            await self.hall.tap(terminal, self._random.choice(ANSWERS))

    def _tell(self, terminal: str) -> None:
        """Tell those who wait, if the seat does not look as it did when they were told last."""
        now = self.seat(terminal)
        if self._shown.get(terminal) == now:
            return
        self._shown[terminal] = now
        for watcher in self._watchers:
            watcher.tell(terminal)


class _Watcher:
    """Collects the names of changed seats until its page asks."""

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
        changed = frozenset(self._pending)
        self._pending.clear()
        return changed

    def close(self) -> None:
        self._watchers.discard(self)
