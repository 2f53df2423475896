"""How soon a controller is ready again after a kill, with a long ledger.

The ledger is written by the controller's own ledger room: one sitting of 51 seats with one open
vote in which deputies change their minds, each entry a ballot cast with a signed event of its seat
beside it. The signed events repeat after 32 for each seat; nothing reads them but their length.
Checkpoints are signed every 10,000 entries, as closed votes would do.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import get_args

import apsw
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import Refused, Repeated
from controller.core.sitting import Sitting, decide
from controller.ledger.codec import draft_of, encode_fact, kind_of
from controller.ledger.port import Draft
from controller.ledger.sqlite import SqliteLedger
from controller.seats.provisioning import Enrolment, enrol_many, log_seed, prepare
from controller.service import LEDGER_FILE
from protocol import messages
from simulator.controller_process import ControllerProcess
from simulator.demonstration.sitting import demonstration, write_plan
from simulator.run import free_ports
from tests.controller.seats.seat_signer import SeatSigner, hello

SEATS = 51
_BATCH = 10_000
_EVENTS_OF_A_SEAT = 32
_WALL_MS = 1_700_000_000_000
_VOTE_MS = 600_000
_READY = b"event='ready'"
_READY_S = 180.0
_POLL_S = 0.02
_ANSWERS: tuple[f.Answer, ...] = get_args(f.Answer)


class Restart(msgspec.Struct, frozen=True):
    """Seconds of one length of ledger."""

    entries: int
    file_mb: float
    ready_s: list[float]
    pages_s: list[float]
    reading_floor_s: float


class _Writer:
    """Facts on their way into a ledger that no controller has open."""

    def __init__(self, data: Path, mqtt_port: int) -> None:
        made = demonstration(SEATS)
        self.plan = write_plan(data, made.plan)
        prepare(data, self.plan.hall, mqtt_port)
        self.seats = [SeatSigner(place.terminal, self.plan.hall) for place in self.plan.seats]
        enrolments = [
            Enrolment(seat.terminal, seat.public_key, data / "seats" / seat.terminal)
            for seat in self.seats
        ]
        enrol_many(data, enrolments)
        people = {deputy.id: deputy for deputy in self.plan.deputies}
        self.deputies = [people[made.usual_seats[seat.terminal]] for seat in self.seats]
        key = Ed25519PrivateKey.from_private_bytes(log_seed(data))
        self.ledger = SqliteLedger.create_or_open(
            data / LEDGER_FILE, self.plan.hall, self.plan.sitting, key
        )
        self.sitting = Sitting()
        self.at_ms = 1_000
        self._drafts: list[Draft] = []
        self._position = 0
        self._orders = 0

    def do(self, command: c.AnyCommand, evidence: bytes | None = None) -> None:
        """Decide, apply and draft one command."""
        self.at_ms += 1
        made = decide(
            self.sitting,
            command,
            self.at_ms,
            ledger_size=self.ledger.size,
            ledger_root=self.ledger.root(),
        )
        if isinstance(made, Refused | Repeated):
            raise RuntimeError(f"{command} was answered by {made}")
        for fact in made:
            self.sitting.apply(fact, self.at_ms, self._position)
            self._position += 1
            self._drafts.append(draft_of(fact, self.at_ms, _WALL_MS, evidence))
            evidence = None

    def order(self, command: c.ChairCommand) -> None:
        self.flush()
        self._orders += 1
        self.do(c.Order(f"order-{self._orders}", "chair", command))

    def flush(self) -> None:
        self.ledger.append(self._drafts)
        self._drafts = []

    def open_vote(self) -> str:
        """Everybody comes, registers, and the first vote is opened."""
        self.do(c.StartController("bench"))
        self.do(c.PrepareSitting(self.plan))
        for seat in self.seats:
            self.do(c.EnrolTerminal(seat.terminal, seat.public_key))
        for seat, deputy in zip(self.seats, self.deputies, strict=True):
            started = seat.next_event(hello())
            self.do(c.StartTerminal(seat.terminal, "1.0.0"), started)
            came = seat.next_event(messages.BadgePresent(deputy.badge))
            self.do(c.PresentBadge(seat.terminal, deputy.badge), came)
        item = self.plan.agenda[0].id
        self.order(c.OpenRegistration())
        self.order(c.CloseRegistration())
        self.order(c.AnnounceItem(item))
        self.order(c.OpenVote(item, _VOTE_MS))
        self.flush()
        vote = self.sitting.open_vote
        assert vote is not None, "it was opened just now"
        self._cast_facts(vote.opened.vote, vote.opened.ballot)
        return vote.opened.vote

    def _cast_facts(self, vote: str, ballot: bytes) -> None:
        """The bodies and signed events that the mass of entries is made of."""
        self._casts: list[tuple[str, bytes, bytes]] = []
        for turn in range(_EVENTS_OF_A_SEAT):
            for seat, deputy in zip(self.seats, self.deputies, strict=True):
                answer = _ANSWERS[turn % len(_ANSWERS)]
                fact = f.BallotCast(vote, deputy.id, seat.terminal, answer)
                press = messages.Press(ballot, 1 + turn % len(_ANSWERS), deputy.badge)
                self._casts.append((kind_of(fact), encode_fact(fact), seat.next_event(press)))

    def fill(self, entries: int) -> None:
        """Append ballot casts until the ledger has so many entries."""
        begin_ms, casts = self.at_ms, self._casts
        while self.ledger.size < entries:
            first = self.ledger.size
            end = min(first + _BATCH, entries)
            self.ledger.append(
                [
                    Draft(kind, body, begin_ms + 400_000 * at // entries, _WALL_MS, evidence)
                    for at in range(first, end)
                    for kind, body, evidence in (casts[at % len(casts)],)
                ]
            )
            self.ledger.sign_checkpoint()


def build(data: Path, entries: int, mqtt_port: int) -> None:
    """A hall's folder with a ledger of this length, ready for a controller."""
    data.mkdir(parents=True)
    writer = _Writer(data, mqtt_port)
    try:
        writer.open_vote()
        writer.fill(entries)
    finally:
        writer.ledger.close()


async def measure(folder: Path, entries: int, starts: int) -> Restart:
    """Build, start, kill, and then start and kill again as often as asked."""
    port, mqtt_port = free_ports(2)
    data = folder / f"restart-{entries}"
    await asyncio.to_thread(build, data, entries, mqtt_port)
    floor_s = await asyncio.to_thread(_reading_s, data / LEDGER_FILE)
    controller = ControllerProcess(data, port, mqtt_port)
    ready, pages = [], []
    try:
        for _ in range(starts + 1):
            before = _times_ready(data)
            begin = time.monotonic()
            pages.append(await controller.start(_READY_S))
            while _times_ready(data) == before:
                if time.monotonic() - begin > _READY_S:
                    raise RuntimeError(f"not ready: {controller.last_words()}")
                await asyncio.sleep(_POLL_S)
            ready.append(time.monotonic() - begin)
            await controller.kill()
    finally:
        await controller.stop()
    size_mb = (data / LEDGER_FILE).stat().st_size / 1e6
    # the first start is no restart: it makes the password
    return Restart(entries, round(size_mb, 1), ready[1:], pages[1:], floor_s)


def _times_ready(data: Path) -> int:
    log = data / "controller.log"
    return log.read_bytes().count(_READY) if log.exists() else 0


def _reading_s(file: Path) -> float:
    """The floor: SQLite reads every column of every row, and nobody looks at them."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        begin = time.perf_counter()
        for _ in connection.execute("SELECT * FROM entry ORDER BY position"):
            pass
        return time.perf_counter() - begin
    finally:
        connection.close()
