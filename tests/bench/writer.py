"""Events opened, admitted, decided and made durable per second: one process, one core, no broker.

The true intake, writer, views and SQLite ledger; only the broker is missing. Seats press again and
again, each press is signed and chained, arrives, becomes a row on the disk and is answered by a
sealed view. Hall time is made, so that no seat is too fast for the flood limits.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.clock import HallClock
from controller.core import commands as c
from controller.core.sitting import Sitting
from controller.hall import Hall
from controller.ledger.sqlite import SqliteLedger
from controller.seats.counts import RefusalCounts
from controller.seats.intake import Intake
from controller.seats.liveness import Liveness
from controller.seats.views import SeatViews
from controller.web.port import Accepted
from protocol import messages
from tests.controller.halls import badge, plan
from tests.controller.seats.seat_signer import SeatSigner, hello
from tests.controller.world import QuietLog, StandingClock

SEATS = 100
_STEP_MS = 150  # between two presses of one seat
_ANSWERS = (messages.FOR, messages.AGAINST, messages.ABSTAIN)


class Rate(msgspec.Struct, frozen=True):
    """Events in a second of wall time and in a second of processor time."""

    events: int
    group: int
    per_s: float
    per_cpu_s: float


class _Stage:
    """A hall whose messages are handed in directly."""

    def __init__(self, folder: Path) -> None:
        self.seats = [SeatSigner(f"s{number}", "h1") for number in range(1, SEATS + 1)]
        self.clock = StandingClock()
        self.answers = 0
        keys = {seat.terminal: seat.keys for seat in self.seats}
        self.counts = RefusalCounts(QuietLog(), self.clock.now_ms)
        self.sitting = Sitting()
        path = folder / "writer.sqlite3"
        self.ledger = SqliteLedger.create_or_open(
            path, "h1", "2026-11", Ed25519PrivateKey.generate()
        )
        self.hall = Hall(
            sitting=self.sitting,
            ledger=self.ledger,
            clock=cast(HallClock, self.clock),
            intake=Intake("h1", keys, self.counts),
            liveness=Liveness(),
            views=SeatViews("h1", keys, 1),
            counts=self.counts,
            publish=self._publish,
            revoke=lambda _terminal: None,
            seats_can_be_heard=lambda: True,
        )

    async def open_vote(self) -> bytes:
        """Everybody comes and a vote is opened; gives the ballot's hash."""
        prepare: list[c.ServiceCommand] = [c.StartController("bench")]
        prepare.append(c.PrepareSitting(plan(SEATS)))
        prepare += [c.EnrolTerminal(seat.terminal, seat.public_key) for seat in self.seats]
        _wanted(await self.hall.start(prepare) is None, "the sitting did not begin")
        for number, seat in enumerate(self.seats, 1):
            self.say(seat, seat.next_event(hello()))
            self.say(seat, seat.next_event(messages.BadgePresent(badge(number))))
        orders: tuple[c.ChairCommand, ...] = (
            c.OpenRegistration(),
            c.CloseRegistration(),
            c.AnnounceItem("i1"),
            c.OpenVote("i1", 600_000),
        )
        for number, order in enumerate(orders):
            answer = await self.hall.order(c.Order(f"order-{number}", "chair", order))
            _wanted(isinstance(answer, Accepted), f"{order} was answered by {answer}")
        vote = self.sitting.open_vote
        assert vote is not None, "it was opened just now"
        return vote.opened.ballot

    def say(self, seat: SeatSigner, data: bytes) -> None:
        self.hall.message_came(seat.up, data, self.clock.at_ms)

    async def play(self, rounds: list[list[tuple[SeatSigner, bytes]]], group: int) -> Rate:
        """All messages, so many at a time; the next come when these are on the disk."""
        count = sum(map(len, rounds))
        size, wall, cpu = self.ledger.size, time.perf_counter(), time.process_time()
        for messages_of_round in rounds:
            self.clock.at_ms += _STEP_MS
            for first in range(0, len(messages_of_round), group):
                some = messages_of_round[first : first + group]
                for seat, data in some:
                    self.say(seat, data)
                size += len(some)
                await self._durable(size)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Rate(count, group, count / wall, count / cpu)

    async def _durable(self, size: int) -> None:
        for _ in range(1000):
            if self.ledger.size >= size:
                return
            await asyncio.sleep(0)
        raise RuntimeError(f"only {self.ledger.size} of {size} entries: {self.counts.snapshot()}")

    def _publish(self, _terminal: str, _payload: bytes) -> bool:
        self.answers += 1
        return True


def measure(folder: Path, rounds: int) -> tuple[Rate, Rate]:
    """The rate when many wait at once (one commit for 100 events), and when each comes alone."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        return asyncio.run(_measure(folder, rounds))
    finally:
        os.sched_setaffinity(0, cores)


async def _measure(folder: Path, rounds: int) -> tuple[Rate, Rate]:
    stage = _Stage(folder)
    try:
        opening = asyncio.create_task(stage.open_vote())
        await asyncio.sleep(0)
        writer = asyncio.create_task(stage.hall.run())
        ballot = await opening
        many = await stage.play(_signed(stage, ballot, rounds, 0), SEATS)
        alone = await stage.play(_signed(stage, ballot, max(1, rounds // 5), 1), 1)
        stage.hall.stop()
        await writer
    finally:
        stage.ledger.close()
    return many, alone


def _signed(
    stage: _Stage, ballot: bytes, rounds: int, turn: int
) -> list[list[tuple[SeatSigner, bytes]]]:
    """In each round every seat presses once, another answer than before."""
    return [
        [
            (seat, seat.next_event(_press(ballot, number, turn + one)))
            for number, seat in enumerate(stage.seats, 1)
        ]
        for one in range(rounds)
    ]


def _press(ballot: bytes, number: int, turn: int) -> Any:
    return messages.Press(ballot, _ANSWERS[turn % len(_ANSWERS)], badge(number))


def _wanted(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise RuntimeError(otherwise)
