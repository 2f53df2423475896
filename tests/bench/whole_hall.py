"""Whole halls: real firmware under MicroPython, mutual TLS, the real broker and ledger.

A hall is started as ``make run`` starts it. People press by the simulator's clock; a lamp's times
are those at which the simulator read the pin. At the end the auditor, which shares no code with the
controller, judges the ledger: a press that a steady lamp confirmed and that is not there is lost.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.seats.provisioning import log_seed
from simulator.auditor.audit import audit
from simulator.auditor.observed import Observed, Press, Shown, Window
from simulator.hall_process import SimulatedHall
from simulator.run import free_ports
from simulator.timing import LagMeter, cpu_seconds, percentile, press_to_steady_ms, resident_bytes
from tests.bench.board_watch import Seen

ANSWERS = ("for", "against", "abstain")
_ITEMS = ("budget", "school")
_VALUES = ("for", "against", "abstain", "not_voted", "absent")
_VOTE_MS = 600_000
_STEADY_S = 1.2  # a lamp counts as steady after 0.7 s
_LOST_S = 15.0  # a press without a steady lamp until then
_SETTLE_PATIENCE_S = 15.0
_AT_REST = 0.6  # cores; a hall of 500 at rest takes about so much
_POLL_S = 0.1
_PATIENCE_S = 60.0

Tell = Callable[[str], None]


class BenchHall:
    """A hall in which everybody sits and is registered; make it with ``opened``."""

    def __init__(self, hall: SimulatedHall, data: Path, mqtt_port: int, lag: LagMeter) -> None:
        self.hall = hall
        self.data = data
        self.mqtt_port = mqtt_port
        self.lag = lag
        self.vote = ""
        self._random = random.Random(1)
        self._windows: list[Window] = []
        self._votes: list[str] = []
        self._began = 0.0
        self._turn = 0

    async def register(self) -> None:
        """All badges go in within two seconds; registration opens and closes."""
        await self.order("open_registration")
        for terminal in self.hall.places:
            self.hall.insert_badge(terminal)
            await asyncio.sleep(2.0 / len(self.hall.places))
        await self._until(lambda board: board["quorum"]["registered"] == len(self.hall.places))
        await self.order("close_registration")

    async def open_vote(self) -> None:
        """The next item's vote; it stays open for ten minutes."""
        item = _ITEMS[len(self._votes)]
        await self.order("announce_item", item=item)
        self._end_window()
        self._began = time.monotonic()
        await self.order("open_vote", item=item, duration_ms=_VOTE_MS)
        self.vote = (await self.hall.board())["vote"]["id"]
        self._votes.append(self.vote)
        await self.settle()

    async def close_vote(self) -> None:
        await self.order("close_vote", vote=self.vote)
        await self.order("proclaim_result", vote=self.vote)

    async def press_all(self, within_s: float) -> list[float]:
        """Every seat presses within this time, in random order; milliseconds to steady lamps."""
        first = len(self.hall.witness.presses)
        terminals = list(self.hall.places)
        self._random.shuffle(terminals)
        answer = ANSWERS[self._turn % len(ANSWERS)]
        self._turn += 1
        begin = time.monotonic()

        async def press_at(after_s: float, terminal: str) -> None:
            await asyncio.sleep(max(0.0, begin + after_s - time.monotonic()))
            await self.hall.tap(terminal, answer)

        gap_s = within_s / len(terminals)
        await asyncio.gather(*(press_at(gap_s * at, one) for at, one in enumerate(terminals)))
        return await self._steady(first, begin)

    async def press_one_by_one(self, gap_s: float) -> Seen:
        """Every seat presses alone; when the finger of the n-th went down."""
        pressed: Seen = {}
        first, begin = len(self.hall.witness.presses), time.monotonic()
        for number, terminal in enumerate(self.hall.places, 1):
            pressed[number] = time.monotonic()
            await self.hall.tap(terminal, "for")
            # not in step with the interval of the snapshots
            await asyncio.sleep(gap_s * self._random.uniform(0.5, 1.5))
        self._turn = 1
        await self._steady(first, begin)
        return pressed

    async def idle(self, for_s: float) -> dict[str, float]:
        """Shares of one core that nothing costs."""
        pids = self._pids()
        begin, before = time.monotonic(), {name: cpu_seconds(them) for name, them in pids.items()}
        await asyncio.sleep(for_s)
        passed = time.monotonic() - begin
        return {name: (cpu_seconds(them) - before[name]) / passed for name, them in pids.items()}

    async def settle(self) -> None:
        """Wait until every seat has drawn what is new and the hall is at rest, or patience ends."""
        await asyncio.sleep(1.0)
        end = time.monotonic() + _SETTLE_PATIENCE_S
        while sum((await self.idle(0.5)).values()) > _AT_REST and time.monotonic() < end:
            continue

    def restarts(self) -> int:
        """How often seats started again by themselves: a watchdog bites where time is short."""
        return sum(seat.restarts for seat in self.hall.seats.values())

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far of seats, broker and controller, and of the people (this one)."""
        used = {name: cpu_seconds(them) for name, them in self._pids().items()}
        return {**used, "people": time.process_time()}

    def controller_bytes(self) -> int:
        return resident_bytes([self.hall.controller.pid])

    async def order(self, name: str, **fields: Any) -> None:
        refused = await self.hall.chair.order(name, fields)
        if refused:
            raise RuntimeError(f"{name} was refused: {refused}")

    async def lost(self) -> list[str]:
        """What the auditor finds, and presses that no steady lamp answered; ends the votes."""
        await self.close_vote()
        self._end_window()
        witness, chair = self.hall.witness, self.hall.chair
        shown = [await self._shown(vote) for vote in self._votes]
        checkpoint = (await chair.get("/api/ledger/checkpoint")).decode()
        export = await chair.get("/api/ledger/export")
        log_key = Ed25519PrivateKey.from_private_bytes(log_seed(self.data)).public_key()
        observed = Observed(
            log_key.public_bytes_raw(),
            self.hall.seat_keys,
            witness.presses,
            witness.lamps,
            self._windows,
            shown,
        )
        found = [
            f"{one.name} at {one.where}: {one.detail}"
            for one in audit(export, checkpoint, observed)
        ]
        unanswered = len(witness.presses) - len(press_to_steady_ms(witness.presses, witness.lamps))
        if unanswered:
            found.append(f"{unanswered} of {len(witness.presses)} presses without a steady lamp")
        return found

    def _pids(self) -> dict[str, list[int | None]]:
        controller = self.hall.controller
        return {
            "seats": [seat.pid for seat in self.hall.seats.values()],
            "broker": [controller.broker_pid],
            "controller": [controller.pid],
        }

    async def _steady(self, first: int, begin: float) -> list[float]:
        """The waits of the presses since ``first``, when all are answered or lost."""
        witness = self.hall.witness
        presses: list[Press] = witness.presses[first:]
        end = time.monotonic() + _LOST_S
        waits: list[float] = []
        while len(waits) < len(presses) and time.monotonic() < end:
            await asyncio.sleep(_STEADY_S)
            lamps = [write for write in witness.lamps if write.at >= begin]
            waits = press_to_steady_ms(presses, lamps)
        return waits

    def _end_window(self) -> None:
        if self._votes and len(self._windows) < len(self._votes):
            self._windows.append(Window(self._votes[-1], self._began, time.monotonic()))

    async def _shown(self, vote: str) -> Shown:
        result = (await self.hall.chair.get_json(f"/api/votes/{vote}"))["vote"]["result"]
        by_deputy = {one["deputy"]: one["value"] for one in result["by_deputy"]}
        return Shown(
            vote, {value: result[value] for value in _VALUES}, by_deputy, result["adopted"]
        )

    async def _until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not condition(await self.hall.board()):
            if time.monotonic() > end:
                raise RuntimeError("the hall did not come together")
            await asyncio.sleep(_POLL_S)


@asynccontextmanager
async def opened(seats: int, image: Path, tell: Tell) -> AsyncIterator[BenchHall]:
    """A running hall in a folder that is removed afterwards; everybody is registered."""
    with TemporaryDirectory(prefix="dobush-bench-") as folder:
        port, mqtt_port = free_ports(2)
        hall = SimulatedHall(Path(folder), seats, image, port, mqtt_port)
        lag = LagMeter()
        measuring = asyncio.create_task(lag.run())
        try:
            await hall.start(_progress(tell, seats))
            await hall.chair.sign_in(hall.controller.password)
            one = BenchHall(hall, Path(folder), mqtt_port, lag)
            await one.register()
            yield one
        finally:
            measuring.cancel()
            await hall.close()


class Burst:
    """All seats press within one second (or another time), several times over."""

    def __init__(self, within_s: float = 1.0) -> None:
        self.within_s = within_s
        self.rounds: list[list[float]] = []
        self.cpu_s: list[dict[str, float]] = []
        self.lag_ms = 0.0
        self.restarts = 0

    async def play(self, hall: BenchHall, rounds: int, tell: Tell) -> None:
        hall.lag.max_ms = 0.0
        for number in range(1, rounds + 1):
            await hall.settle()
            before = hall.cpu_seconds()
            waits = await hall.press_all(self.within_s)
            after = hall.cpu_seconds()
            self.rounds.append(waits)
            self.cpu_s.append({name: after[name] - before[name] for name in after})
            tell(f"round {number}/{rounds}: p50 {percentile(waits, 50):.0f} ms, "
                 f"p99 {percentile(waits, 99):.0f} ms")  # fmt: skip
        self.lag_ms = hall.lag.max_ms
        self.restarts = hall.restarts()

    def percentile(self, percent: float) -> float:
        """Over the presses of all rounds together."""
        return percentile(sorted(wait for waits in self.rounds for wait in waits), percent)

    def detail(self) -> dict[str, Any]:
        """What explains the numbers: rounds apart, and whose processor time a round takes."""
        names = self.cpu_s[0]
        return {
            "presses": sum(map(len, self.rounds)),
            "p50_ms": round(self.percentile(50), 1),
            "p99_ms": round(self.percentile(99), 1),
            "max_ms": round(self.percentile(100), 1),
            "p99_ms_by_round": [round(percentile(waits, 99), 1) for waits in self.rounds],
            "cpu_s_by_round": {
                name: round(statistics.median(one[name] for one in self.cpu_s), 3) for name in names
            },
            "people_lag_ms_max": round(self.lag_ms, 1),
            "seat_restarts": self.restarts,
        }


def _progress(tell: Tell, seats: int) -> Callable[[str, int, int], None]:
    last = [0.0]

    def progress(what: str, done: int, total: int) -> None:
        if done == total or time.monotonic() - last[0] > 2.0:
            last[0] = time.monotonic()
            tell(f"{seats} seats: {what} {done}/{total}")

    return progress
