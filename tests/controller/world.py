"""A whole hall in memory for tests: the real writer, intake and views, a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core import commands as c
from controller.core.refusals import Refused
from controller.core.sitting import Sitting
from controller.hall import Hall
from controller.ledger.codec import fact_of
from controller.ledger.memory import MemoryLedger
from controller.seats.counts import RefusalCounts
from controller.seats.intake import Intake
from controller.seats.liveness import Liveness
from controller.seats.views import SeatViews
from controller.web.port import Accepted
from protocol import messages, sealed
from tests.controller.halls import badge, plan
from tests.controller.seats.seat_signer import SeatSigner

SEATS = 3


class StandingClock:
    """Hall time that stands until a test moves it."""

    def __init__(self) -> None:
        self.at_ms = 1_000

    def now_ms(self) -> int:
        return self.at_ms

    def wall_ms(self) -> int:
        return 1_700_000_000_000 + self.at_ms


class QuietLog:
    """A log that nobody reads."""

    def warning(self, event: str, **fields: object) -> None:
        pass


class World:
    """A hall in memory with three seats; ``shown`` is what its seats were sent, by terminal."""

    def __init__(self, entries_max: int | None = None) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.ledger = MemoryLedger("h1", "2026-11", self.key, entries_max=entries_max)
        self.seats = [SeatSigner(f"s{n}", "h1") for n in range(1, SEATS + 1)]
        self.clock = StandingClock()
        self.shown: list[tuple[str, messages.View, int]] = []
        self.revoked: list[str] = []
        self.broker_there = True

    def build(self) -> Hall:
        """A controller's process: everything but the ledger is new."""
        keys = {seat.terminal: seat.keys for seat in self.seats}
        self.counts = RefusalCounts(QuietLog(), self.clock.now_ms)
        intake = Intake("h1", keys, self.counts)
        self.sitting = Sitting()
        for entry in self.ledger.entries():
            fact = fact_of(entry)
            self.sitting.apply(fact, entry.at_ms, entry.position)
            if entry.evidence is not None:
                intake.recall(entry.evidence, fact)
        views = SeatViews("h1", keys, self.sitting.epoch + 1)
        views.restore(intake.heads())
        self.hall = Hall(
            sitting=self.sitting,
            ledger=self.ledger,
            clock=self.clock,  # type: ignore[arg-type]
            intake=intake,
            liveness=Liveness(),
            views=views,
            counts=self.counts,
            publish=self._publish,
            revoke=self.revoked.append,
            seats_can_be_heard=lambda: self.broker_there,
        )
        return self.hall

    async def begin(self) -> None:
        commands: list[c.ServiceCommand] = [c.StartController("test")]
        if self.sitting.plan is None:
            commands.append(c.PrepareSitting(plan(SEATS)))
            commands += [c.EnrolTerminal(s.terminal, s.public_key) for s in self.seats]
        assert await self.hall.start(commands) is None

    def _publish(self, terminal: str, payload: bytes) -> bool:
        seat = self.seats[int(terminal[1:]) - 1]
        view = sealed.open_view(payload, seat.mac_key, seat.down)
        self.shown.append((terminal, view, self.ledger.size))
        return True

    def view(self, number: int) -> messages.View:
        return next(view for name, view, _ in reversed(self.shown) if name == f"s{number}")

    def kinds(self) -> list[str]:
        return [entry.fact_kind for entry in self.ledger.entries()]

    def send(self, number: int, body: Any) -> bytes:
        seat = self.seats[number - 1]
        data = seat.next_event(body)
        self.hall.message_came(seat.up, data, self.clock.at_ms)
        return data

    async def settle(self) -> None:
        """Let the writer take everything that waits."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def sit_down(self) -> None:
        for number in range(1, SEATS + 1):
            self.send(number, messages.Hello("1", "test", 0))
            self.send(number, messages.BadgePresent(badge(number)))
        await self.settle()

    async def chair(self, name: str, command: c.ChairCommand) -> Accepted | Refused:
        return await self.hall.order(c.Order(name, "chair", command))

    async def open_vote(self) -> None:
        await self.sit_down()
        for name, command in (
            ("o1", c.OpenRegistration()),
            ("o2", c.CloseRegistration()),
            ("o3", c.AnnounceItem("i1")),
            ("o4", c.OpenVote("i1")),
        ):
            assert isinstance(await self.chair(name, command), Accepted)


def play(
    scene: Callable[[World], Awaitable[None]], world: World | None = None
) -> World:
    """Run a scene beside the writer."""
    world = world or World()

    async def run() -> None:
        hall = world.build()
        await world.begin()
        writer = asyncio.create_task(hall.run())
        try:
            await scene(world)
        finally:
            hall.stop()
            await writer

    asyncio.run(run())
    return world


def press(world: World, number: int, answer: int) -> bytes:
    ballot = world.view(number).ballot
    assert ballot is not None
    return world.send(number, messages.Press(ballot.hash, answer, badge(number)))
