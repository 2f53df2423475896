"""A whole hall: one controller, its broker, and a real MicroPython process for every seat.

Promises: ``start`` returns when every seat is online or says which are not; ``close`` leaves no
process behind; the same data folder gives the same hall again, with its keys and its ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from controller.core.facts import Deputy, SeatPlace, SittingPrepared
from simulator.board.seat_process import SeatProcess
from simulator.chair import Chair, HallSilent
from simulator.controller_process import ControllerProcess
from simulator.demonstration.sitting import demonstration, write_plan
from simulator.enrolment import enrol_seats, flash_folder
from simulator.witness import Witness

BOOTING_MAX = 8  # seats that boot at the same time
_POLL_S = 0.1
_BOOT_PATIENCE_S = 20.0  # without a further seat online
_CLOSING_MAX = 32
_HOLD_S_MIN, _HOLD_S_MAX = 0.1, 0.8

Progress = Callable[[str, int, int], None]
Watcher = Callable[[str, str], None]


class HallFailed(RuntimeError):  # noqa: N818 - it says what happened
    """The hall did not come up; the message says how far it came."""


class Place(NamedTuple):
    """One seat of the plan and who likes to sit there."""

    seat: SeatPlace
    deputy: Deputy


class SimulatedHall:
    """Make it, ``start`` it, and ``close`` it whatever happened."""

    def __init__(
        self,
        data: Path,
        seats: int,
        image: Path,
        port: int,
        mqtt_port: int,
        *,
        virtual_hall: str = "",
        watcher: Watcher | None = None,
    ) -> None:
        """Raises ValueError where the folder holds a hall of another size."""
        made = demonstration(seats)
        self.plan: SittingPrepared = write_plan(data, made.plan)
        deputies = {deputy.id: deputy for deputy in self.plan.deputies}
        self.places = {
            place.terminal: Place(place, deputies[made.usual_seats[place.terminal]])
            for place in self.plan.seats
        }
        self.witness = Witness()
        self.controller = ControllerProcess(data, port, mqtt_port, virtual_hall)
        self.chair = Chair(port)
        self.seats: dict[str, SeatProcess] = {}
        self.seat_keys: dict[str, bytes] = {}
        self.boot_s = 0.0
        self._data, self._image, self._mqtt_port = data, image, mqtt_port
        self._watcher = watcher

    async def start(self, progress: Progress) -> None:
        """Keys, controller, seats. Raises HallFailed, ControllerFailed or RuntimeError."""
        total = len(self.places)
        terminals = [(name, place.deputy.language) for name, place in self.places.items()]
        self.seat_keys = await enrol_seats(
            self._data,
            self._image,
            terminals,
            hall=self.plan.hall,
            mqtt_port=self._mqtt_port,
            progress=lambda done, count: progress("keys", done, count),
        )
        progress("controller", 0, 1)
        await self.controller.start()
        progress("controller", 1, 1)
        begin = time.monotonic()
        await self._start_seats(lambda online: progress("seats", online, total))
        self.boot_s = time.monotonic() - begin

    async def close(self) -> None:
        """Stop the seats, then the controller with its broker. May be called at any time."""
        slots = asyncio.Semaphore(_CLOSING_MAX)

        async def close_seat(seat: SeatProcess) -> None:
            async with slots:
                await seat.close()

        await asyncio.gather(*(close_seat(seat) for seat in self.seats.values()))
        await self.controller.stop()
        self._keep_logs()

    # --- people

    def insert_badge(self, terminal: str) -> None:
        """The deputy who likes this seat sits down."""
        self.seats[terminal].insert_badge(self.places[terminal].deputy.badge)

    def remove_badge(self, terminal: str) -> None:
        """Whoever sits there leaves."""
        self.seats[terminal].remove_badge()

    def press(self, terminal: str, button: str) -> None:
        """A finger goes down on a button."""
        seat = self.seats[terminal]
        if button != "floor":
            self.witness.press(seat, button)
        seat.press(button)

    async def tap(self, terminal: str, button: str) -> None:
        """A finger holds a button until the lamp above it answers, as people do, and lets it go."""
        lamp = self.seats[terminal].lamp_recorder(button)
        newest = lamp.writes[-1] if lamp.writes else None
        begin = time.monotonic()
        self.press(terminal, button)
        while time.monotonic() - begin < _HOLD_S_MAX:
            await asyncio.sleep(_HOLD_S_MIN)
            if lamp.writes and lamp.writes[-1] is not newest:
                break
        self.seats[terminal].release(button)

    def freeze(self, terminal: str) -> None:
        """The seat's processor stands still."""
        self.witness.look_away(self.seats[terminal])
        self.seats[terminal].freeze()

    def thaw(self, terminal: str) -> None:
        """The seat's processor goes on."""
        self.seats[terminal].thaw()
        self.witness.look_again(self.seats[terminal])

    # --- what everybody can read

    async def board(self) -> dict[str, Any]:
        """The hall's board; raises HallSilent."""
        board: dict[str, Any] = await self.chair.get_json("/api/sitting")
        return board

    async def online(self) -> int:
        """How many seats are heard; 0 when the controller does not answer."""
        try:
            return int((await self.chair.get_json("/api/health"))["seats_online"])
        except HallSilent:
            return 0

    async def _start_seats(self, tell: Callable[[int], None]) -> None:
        waiting = list(self.places)
        online, heard_at = 0, time.monotonic()
        while online < len(self.places):
            while waiting and len(self.seats) - online < BOOTING_MAX:
                await self._start_seat(waiting.pop(0))
            await asyncio.sleep(_POLL_S)
            count = await self.online()
            if count > online:
                heard_at = time.monotonic()
                tell(count)
            online = count
            if time.monotonic() - heard_at > _BOOT_PATIENCE_S:
                raise HallFailed(
                    f"{online} of {len(self.places)} seats came online; {self._complaint()}"
                )

    async def _start_seat(self, terminal: str) -> None:
        self.seats[terminal] = await SeatProcess.start(
            terminal,
            self._image,
            flash_folder(self._data, terminal),
            on_change=self._changed,
        )

    def _changed(self, seat: SeatProcess, what: str) -> None:
        self.witness.changed(seat, what)
        if self._watcher is not None:
            self._watcher(seat.terminal, what)

    def _keep_logs(self) -> None:
        """What the seats that started again by themselves said, for who looks for the reason."""
        folder = self._data / "seat-logs"
        for terminal, seat in self.seats.items():
            if seat.restarts:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{terminal}.log").write_text("\n".join(seat.log_tail) + "\n")

    def _complaint(self) -> str:
        """The last line that any seat wrote in its log."""
        lines = [
            f"{name}: {seat.log_tail[-1]}" for name, seat in self.seats.items() if seat.log_tail
        ]
        return lines[-1] if lines else "no seat said anything"
