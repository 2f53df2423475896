"""A hall without seats, ledger or clock: the real rules, moved by the test's own hand.

``FakeHall`` keeps a real sitting in memory, so that every state that a page shows is one that the
rules can reach. ``go(state)`` plays the sitting up to a state; ``now_ms`` stands still until the
test moves it. It implements the port of the pages.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from controller.core import commands as c
from controller.core.refusals import Refused, Repeated
from controller.core.sitting import Sitting, decide
from controller.records.board import Checkpoint, board, wall_time
from controller.records.chair import chair_steps
from controller.records.votes import vote_record
from controller.web.port import Accepted, HallTime
from simulator.demonstration.sitting import demonstration

STATES = (
    "prepared",
    "registration",
    "registered",
    "item",
    "voting",
    "closed",
    "proclaimed",
    "ended",
)
_WALL_MS = 1_795_420_800_000  # 2026-11-23 in the afternoon of Bishkek
_ROOT = bytes(range(32))


class FakeHall:
    """``answer`` is what the next orders get instead of being decided."""

    def __init__(self, seats: int = 51) -> None:
        self.sitting = Sitting()
        self.now_ms = 60_000
        self.clock: Callable[[], int] = lambda: self.now_ms
        self.orders: list[c.Order] = []
        self.refused: dict[str, int] = {}
        self.answer: Refused | None = None
        self._number = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed: asyncio.Event | None = None
        self.plan = demonstration(seats)
        self.give(c.PrepareSitting(self.plan.plan))
        for place in self.plan.plan.seats:
            key = hashlib.sha256(place.terminal.encode()).digest()
            self.give(c.EnrolTerminal(place.terminal, key))
            self.give(c.StartTerminal(place.terminal, "1.0"))

    # --- the test's hand

    def give(self, command: c.AnyCommand) -> Refused | None:
        """Decides and applies one command; answers a refusal."""
        size = self.sitting.ledger_size
        made = decide(self.sitting, command, self.clock(), ledger_size=size, ledger_root=_ROOT)
        if isinstance(made, Refused):
            return made
        if isinstance(made, Repeated):
            return None
        for fact in made:
            self.sitting.apply(fact, self.clock(), self.sitting.ledger_size)
        listening = self._loop is not None and not self._loop.is_closed()
        if made and listening and self._loop is not None and self._changed is not None:
            self._loop.call_soon_threadsafe(self._changed.set)
        return None

    def chair(self, command: c.ChairCommand) -> None:
        """The chair's command; a refusal is a mistake of the test."""
        self._number += 1
        refused = self.give(c.Order(f"test-{self._number}", "chair", command))
        assert refused is None, refused

    def arrive(self, share: float = 0.94, lost: int = 1) -> None:
        """A share of the deputies put their badges in; ``lost`` seats lose their connection."""
        count = round(len(self.deputies) * share)
        for terminal, deputy in list(self.plan.usual_seats.items()):
            if _draw("arrive", deputy) < count / len(self.deputies) or deputy == "d002":
                self.give(c.PresentBadge(terminal, self.badge(deputy)))
        for terminal in list(self.plan.usual_seats)[2 : 2 + lost]:
            self.give(c.PresentBadge(terminal, self.badge(self.plan.usual_seats[terminal])))
            self.give(c.LoseSeat(terminal))

    def press(self, deputy: str, answer: str) -> None:
        """A deputy presses at the seat where the deputy's badge is."""
        seat = self.sitting.attendance.seat_of(deputy)
        vote = self.sitting.last_vote
        if seat is not None and vote is not None:
            self.give(c.PressAnswer(seat.terminal, self.badge(deputy), vote.opened.ballot, answer))

    def vote_share(self, share: float, share_for: float = 0.7) -> None:
        """A share of those present press, at random but always the same."""
        for deputy in self.deputies:
            if _draw("pressed", deputy) < share:
                draw = _draw("answer", deputy)
                self.press(
                    deputy,
                    "for"
                    if draw < share_for
                    else "against"
                    if draw < share_for + 0.6 * (1 - share_for)
                    else "abstain",
                )

    def go(self, state: str, *, adopted: bool = True, voted: float = 0.95) -> FakeHall:
        """Plays the sitting up to ``state``, from wherever it is."""
        wanted = STATES.index(state)
        if wanted >= STATES.index("registration") and self.sitting.phase == "prepared":
            self.arrive(0.4, lost=0)
            self.chair(c.OpenRegistration())
            self.arrive(0.7 if state == "registration" else 0.94)
        elif state == "prepared":
            self.arrive(0.4, lost=0)
        if wanted >= STATES.index("registered") and self.sitting.registration_open:
            self.chair(c.CloseRegistration())
        if wanted >= STATES.index("item") and self.sitting.phase == "registration":
            self.chair(c.AnnounceItem(self.sitting.agenda.items[1].id))
            for terminal in list(self.plan.usual_seats)[5:7]:
                self.give(c.RequestFloor(terminal))
        if wanted >= STATES.index("voting") and self.sitting.phase == "item":
            self.chair(c.OpenVote(self.sitting.agenda.current or ""))
            self.now_ms += 7_000
            self.vote_share(0.6 if state == "voting" else voted, 0.7 if adopted else 0.4)
        if wanted >= STATES.index("closed") and self.sitting.phase == "voting":
            self.chair(c.CloseVote("v1"))
        if wanted >= STATES.index("proclaimed") and self.sitting.phase == "closed":
            self.chair(c.ProclaimResult("v1"))
        if state == "ended":
            self.chair(c.EndSitting())
        return self

    @property
    def deputies(self) -> list[str]:
        return [deputy.id for deputy in self.plan.plan.deputies]

    def badge(self, deputy: str) -> bytes:
        return self.sitting.roster[deputy].badge

    # --- the port

    async def order(self, order: c.Order) -> Accepted | Refused:
        if self.answer is not None:
            return self.answer
        known = self.sitting.orders.get(order.id)
        refused = self.give(order)
        if refused is not None:
            return refused
        if known is None:
            self.orders.append(order)
        return Accepted(self.sitting.orders[order.id].position, repeated=known is not None)

    def board(self) -> dict[str, Any]:
        checkpoint: Checkpoint | None = None
        if self.sitting.phase in ("closed", "proclaimed", "ended"):
            checkpoint = {"size": 412, "root": _ROOT.hex(), "text": self.checkpoint()}
        return board(self.sitting, self.clock(), _WALL_MS + self.clock(), checkpoint)

    def steps(self) -> dict[str, Any]:
        return chair_steps(self.sitting, self.clock())

    def time(self) -> HallTime:
        now = self.clock()
        return HallTime(now, wall_time(_WALL_MS + now, self.plan.plan))

    async def feed(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        while True:
            await self._changed.wait()
            self._changed.clear()
            yield "changed", {"revision": self.sitting.ledger_size}

    def health(self) -> dict[str, Any]:
        return {"status": "ok", "refused": dict(self.refused)}

    def vote(self, vote: str) -> dict[str, Any] | Refused:
        return vote_record(self.sitting, vote, self.clock())

    def checkpoint(self) -> str:
        return "dobush/demo/demo-51\n412\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

    def export(self) -> Iterator[bytes]:
        yield b"\xa1"
        yield b"\x01\x02"

    def count_refusal(self, name: str) -> None:
        self.refused[name] = self.refused.get(name, 0) + 1


def _draw(*parts: str) -> float:
    """A number from 0 to 1 that depends only on its parts."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
