"""The one writer of a sitting, and the sitting as its pages and seats see it.

Everybody else only puts something on the bounded queue: a seat's authentic message, a person's
order. The writer takes what waits, asks the pure core for facts, commits them as one group, and
then, never before, lets effects out: answers, the seats' views, the live feed. When a commit fails
nobody knows what the disk holds, so the writer ends and the process with it.
"""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, NamedTuple

import structlog

from controller.clock import HallClock
from controller.core import commands as c
from controller.core import facts as f
from controller.core.invariants import InvariantBroken
from controller.core.refusals import RefusalReason, Refused, Repeated
from controller.core.sitting import Sitting, decide
from controller.ledger.codec import draft_of
from controller.ledger.export import export
from controller.ledger.port import Draft, Ledger, LedgerError
from controller.records.board import Checkpoint, board, wall_time
from controller.records.chair import chair_steps
from controller.records.votes import vote_record
from controller.seats.counts import RefusalCounts
from controller.seats.intake import Admitted, Gone, Intake, Opened, OpenedEvent, Repeat, WireRefusal
from controller.seats.liveness import Liveness
from controller.seats.views import SeatViews
from controller.web.port import Accepted, HallTime

QUEUE_MAX = 8_192  # when full a seat's message is dropped and counted: the seat sends it again
BATCH_MAX = 512  # arrivals decided and committed as one group
WAIT_MS_MAX = 1_000  # the writer looks at its clocks at least this often
ORDER_WAIT_S = 10.0

# the fact that says what a seat's event said: the signed bytes stand beside it
_SAID: Final[dict[type[c.Command], tuple[type[f.Fact], ...]]] = {
    c.StartTerminal: (f.TerminalStarted, f.EventRefused),
    c.PresentBadge: (f.BadgeSeated, f.EventRefused),
    c.TakeBadgeAway: (f.BadgeLeft, f.EventRefused),
    c.PressAnswer: (f.BallotCast, f.EventRefused),
    c.RequestFloor: (f.FloorRequested, f.EventRefused),
    c.WithdrawFloor: (f.FloorWithdrawn, f.EventRefused),
    c.ReportTerminal: (f.TerminalReported, f.EventRefused),
}

_log = structlog.get_logger("hall")


class _Ask(NamedTuple):
    """A person's order that waits for its answer."""

    order: c.Order
    answer: asyncio.Future[Accepted | Refused]


class _Group:
    """What one commit will make durable, and what may be told once it is."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.facts: list[f.Fact] = []
        self.answers: list[tuple[asyncio.Future[Accepted | Refused], Accepted | Refused]] = []


class Hall:
    """One sitting in one process; ``web.port.HallPort`` for the pages."""

    def __init__(
        self,
        *,
        sitting: Sitting,
        ledger: Ledger,
        clock: HallClock,
        intake: Intake,
        liveness: Liveness,
        views: SeatViews,
        counts: RefusalCounts,
        publish: Callable[[str, bytes], bool],
        revoke: Callable[[str], None],
        seats_can_be_heard: Callable[[], bool],
    ) -> None:
        """``sitting`` was rebuilt from ``ledger``. ``revoke`` blocks for a short, bounded time."""
        self._sitting = sitting
        self._ledger = ledger
        self._clock = clock
        self._intake = intake
        self._liveness = liveness
        self._views = views
        self._counts = counts
        self._publish = publish
        self._revoke = revoke
        self._seats_can_be_heard = seats_can_be_heard
        self._queue: deque[Opened | _Ask] = deque()
        self._unanswered: set[asyncio.Future[Accepted | Refused]] = set()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._watchers: set[asyncio.Event] = set()
        notes = ledger.checkpoints()
        self._checkpoint = notes[-1] if notes else ""
        self._loop = asyncio.get_running_loop()

    # --- from other threads

    def message_came(self, topic: str, payload: bytes, arrival_ms: int) -> None:
        """A message from the broker, on the bridge's thread: opened here, judged by the writer."""
        opened = self._intake.open_event(topic, payload, arrival_ms)
        if not isinstance(opened, WireRefusal):
            self._loop.call_soon_threadsafe(self._put, opened)

    def broker_connected(self) -> None:
        """The broker may have lost every retained view: all of them are published again."""
        self._loop.call_soon_threadsafe(self._ask_for_all_views)

    # --- the service's own commands, before the writer runs

    async def start(self, commands: list[c.ServiceCommand]) -> Refused | None:
        """Take up the sitting in one commit; the first refusal, or None when all were carried out.

        After a refusal nothing is written and this hall must not be used.
        """
        group = _Group()
        now_ms = self._clock.now_ms()
        for command in commands:
            refused = self._decide(command, now_ms, group)
            if refused is not None:
                return refused
        await self._commit(group)
        for seat in self._sitting.attendance.seats.values():
            if seat.state == "online":
                self._liveness.expect(seat.terminal, self._clock.now_ms())
            elif seat.state == "revoked":
                self._intake.revoke(seat.terminal)
        self._sign_what_a_kill_left()
        return None

    def _sign_what_a_kill_left(self) -> None:
        """A close is durable before its checkpoint is: the controller before may lie between."""
        parts = _checkpoint_parts(self._checkpoint)
        signed = parts["size"] if parts is not None else 0
        closes = [vote.closed_position for vote in self._sitting.votes.values()]
        unsigned = any(position is not None and position >= signed for position in closes)
        if unsigned or self._sitting.phase == "ended":
            self._checkpoint = self._ledger.sign_checkpoint()

    def stop(self) -> None:
        """Let the writer finish what it holds and return."""
        self._stopping = True
        self._arrived.set()

    # --- the writer

    async def run(self) -> None:
        """Write until ``stop``. Raises what the ledger raises: the process must then end."""
        try:
            while not self._stopping:
                await self._wait()
                await self._write()
        finally:
            self._stopping = True
            self._refuse_waiting()
            self._tell_watchers()

    async def _wait(self) -> None:
        now_ms = self._clock.now_ms()
        wake_ms = now_ms + WAIT_MS_MAX
        vote = self._sitting.open_vote
        if vote is not None:
            wake_ms = min(wake_ms, vote.deadline_ms)
        silent_ms = self._liveness.next_deadline_ms()
        if silent_ms is not None:
            wake_ms = min(wake_ms, silent_ms)
        if self._queue or wake_ms <= now_ms:
            return
        try:
            async with asyncio.timeout((wake_ms - now_ms) / 1_000):
                await self._arrived.wait()
        except TimeoutError:
            return

    async def _write(self) -> None:
        self._arrived.clear()
        now_ms = self._clock.now_ms()
        group = _Group()
        # all that waits, however much: silence and the timer are judged after it
        for number in range(len(self._queue)):
            arrival = self._queue.popleft()
            # a ballot is tied to the ledger as it is on disk
            opens = isinstance(arrival, _Ask) and isinstance(arrival.order.command, c.OpenVote)
            if (number and number % BATCH_MAX == 0) or (opens and group.drafts):
                await self._commit(group)
                group = _Group()
            if isinstance(arrival, _Ask):
                self._order(arrival, now_ms, group)
            else:
                self._hear(arrival, now_ms, group)
        for silent in self._liveness.due(now_ms):
            self._decide(silent, now_ms, group)
        # last: what waited in the queue came before the timer's end
        self._decide(c.Tick(), now_ms, group)
        await self._commit(group)

    def _hear(self, arrival: Opened, now_ms: int, group: _Group) -> None:
        if isinstance(arrival, Gone):
            self._liveness.gone(arrival.terminal, now_ms)
            return
        if isinstance(arrival, OpenedEvent):
            self._hear_event(arrival, now_ms, group)
            return
        heartbeat = self._intake.admit_heartbeat(arrival)
        if isinstance(heartbeat, WireRefusal):
            return
        self._views.heard(arrival.terminal, heartbeat.view_revision, now_ms)
        if heartbeat.boot == self._intake.boot(arrival.terminal):
            # a seat that rebooted speaks for nobody before its hello
            back = self._liveness.heard(arrival.terminal, now_ms)
            if back is not None:
                self._decide(back, now_ms, group)

    def _hear_event(self, arrival: OpenedEvent, now_ms: int, group: _Group) -> None:
        verdict = self._intake.admit(arrival, now_ms)
        if isinstance(verdict, WireRefusal):
            self._views.refused(verdict)
        elif isinstance(verdict, Repeat):
            self._views.request(verdict.terminal)
        else:
            # the event itself says that the seat is heard; the core restores it
            self._liveness.heard(arrival.terminal, now_ms)
            self._decide_event(verdict, now_ms, group)

    def _decide_event(self, admitted: Admitted, now_ms: int, group: _Group) -> None:
        first = len(group.facts)
        refused = self._decide(admitted.command, now_ms, group, admitted.evidence)
        if refused is not None:
            # the chain needs a row for every admitted event
            row = f.EventRefused(admitted.terminal, None, str(refused.reason))
            self._take((row,), now_ms, group, admitted.evidence, (f.EventRefused,))
        made = group.facts[first:]
        for fact in made:
            if isinstance(fact, f.EventRefused):
                self._counts.count(fact.reason, admitted.terminal)
        self._views.admitted(admitted, made)

    def _order(self, ask: _Ask, now_ms: int, group: _Group) -> None:
        position = self._ledger.size + len(group.drafts)
        made = decide(
            self._sitting,
            ask.order,
            now_ms,
            ledger_size=self._ledger.size,
            ledger_root=self._ledger.root(),
        )
        if isinstance(made, Refused):
            self._counts.count(str(made.reason), "order", made.detail)
            group.answers.append((ask.answer, made))
        elif isinstance(made, Repeated):
            group.answers.append((ask.answer, Accepted(made.position, repeated=True)))
        else:
            self._take(made, now_ms, group)
            group.answers.append((ask.answer, Accepted(position, repeated=False)))

    def _decide(
        self,
        command: c.SeatCommand | c.ServiceCommand,
        now_ms: int,
        group: _Group,
        evidence: bytes | None = None,
    ) -> Refused | None:
        made = decide(self._sitting, command, now_ms)
        if isinstance(made, Refused):
            return made
        if isinstance(made, Repeated):
            raise AssertionError("only a person's order is ever repeated")
        self._take(made, now_ms, group, evidence, _SAID.get(type(command), ()))
        return None

    def _take(
        self,
        facts: tuple[f.Fact, ...],
        now_ms: int,
        group: _Group,
        evidence: bytes | None = None,
        said: tuple[type[f.Fact], ...] = (),
    ) -> None:
        """Apply the facts and draft their entries.

        The evidence stands beside what the event said, not beside what followed from it: a seat
        that is heard again, a badge that left another seat, a late registration.
        """
        for fact in facts:
            beside = evidence if isinstance(fact, said) else None
            if beside is not None:
                evidence = None
            position = self._ledger.size + len(group.drafts)
            group.drafts.append(draft_of(fact, now_ms, self._clock.wall_ms(), beside))
            group.facts.append(fact)
            self._sitting.apply(fact, now_ms, position)
            if isinstance(fact, f.TerminalRevoked):
                # at once: what this seat sent behind the order is refused at the door
                self._intake.revoke(fact.terminal)
        if evidence is not None:
            raise InvariantBroken("an admitted event made no fact of its own")

    async def _commit(self, group: _Group) -> None:
        """Make the group durable, then let its effects out."""
        if group.drafts:
            try:
                # in the loop on purpose: nobody may look at the sitting between applied and durable
                self._ledger.append(group.drafts)
                if any(isinstance(fact, f.VoteClosed | f.SittingEnded) for fact in group.facts):
                    self._checkpoint = self._ledger.sign_checkpoint()
            except LedgerError:
                _log.critical("the ledger failed: the hall stops, nothing of this was announced")
                raise
        for answer, outcome in group.answers:
            if not answer.done():
                answer.set_result(outcome)
        self._views.touched(self._sitting, group.facts)
        for terminal, payload in self._views.due(
            self._sitting, self._clock.now_ms(), self._clock.wall_ms()
        ):
            self._publish(terminal, payload)
        if group.facts:
            self._tell_watchers()
        for fact in group.facts:
            if isinstance(fact, f.TerminalRevoked):
                self._liveness.forget(fact.terminal)
                await asyncio.to_thread(self._revoke, fact.terminal)

    # --- the queue

    def _put(self, opened: Opened) -> None:
        if len(self._queue) >= QUEUE_MAX:
            self._counts.count("queue_full", opened.terminal)
            return
        self._queue.append(opened)
        self._arrived.set()

    def _ask_for_all_views(self) -> None:
        self._views.request_all()
        self._arrived.set()

    def _refuse_waiting(self) -> None:
        """Nobody knows of these orders whether they are on disk: the next controller will."""
        for answer in self._unanswered:
            if not answer.done():
                answer.set_result(Refused(RefusalReason.HALL_STOPPING))
        self._queue.clear()

    def _tell_watchers(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    # --- the hall as its pages see it (web.port.HallPort)

    async def order(self, order: c.Order) -> Accepted | Refused:
        """Carry out a person's order; answered when its facts are on disk."""
        if self._stopping:
            return Refused(RefusalReason.HALL_STOPPING)
        if len(self._queue) >= QUEUE_MAX:
            self._counts.count("queue_full", "order")
            return Refused(RefusalReason.HALL_BUSY)
        answer: asyncio.Future[Accepted | Refused] = self._loop.create_future()
        self._unanswered.add(answer)
        self._queue.append(_Ask(order, answer))
        self._arrived.set()
        try:
            async with asyncio.timeout(ORDER_WAIT_S):
                return await answer
        except TimeoutError:
            # it may yet be carried out: the same id sent again tells
            return Refused(RefusalReason.HALL_BUSY)
        finally:
            self._unanswered.discard(answer)

    def board(self) -> dict[str, Any]:
        """The public snapshot, with the newest checkpoint."""
        return board(
            self._sitting,
            self._clock.now_ms(),
            self._clock.wall_ms(),
            _checkpoint_parts(self._checkpoint),
        )

    def steps(self) -> dict[str, Any]:
        """What the chair can do now."""
        return chair_steps(self._sitting, self._clock.now_ms())

    def time(self) -> HallTime:
        """Hall time, and the wall's in the hall's zone."""
        wall = wall_time(self._clock.wall_ms(), self._sitting.plan)
        return HallTime(self._clock.now_ms(), wall)

    async def feed(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """One hint for every change, until the hall stops; changes in between are one."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while not self._stopping:
                await changed.wait()
                changed.clear()
                yield ("sitting", {})
        finally:
            self._watchers.discard(changed)

    def health(self) -> dict[str, Any]:
        """What a technician's monitor reads."""
        seats = self._sitting.attendance.seats.values()
        hears = self._seats_can_be_heard()
        return {
            "status": "stopping" if self._stopping else "ok" if hears else "no_broker",
            "seats_online": sum(seat.state == "online" for seat in seats),
            "seats": len(seats),
            "ledger": {"size": self._ledger.size},
            "epoch": self._sitting.epoch,
            "queue": len(self._queue),
            "refused": self._counts.snapshot(),
        }

    def vote(self, vote: str) -> dict[str, Any] | Refused:
        """The record of one vote."""
        return vote_record(self._sitting, vote, self._clock.now_ms())

    def checkpoint(self) -> str:
        """The newest signed checkpoint, or nothing before the first."""
        return self._checkpoint

    def export(self) -> Iterator[bytes]:
        """The whole ledger, in pieces."""
        return export(self._ledger)

    def count_refusal(self, name: str) -> None:
        """A refused request of the pages or the API."""
        self._counts.count(name, "http")


def _checkpoint_parts(note: str) -> Checkpoint | None:
    """The note for the board; None before the first one."""
    if not note:
        return None
    _, size, root, *_ = note.split("\n")
    return {"size": int(size), "root": base64.b64decode(root).hex(), "text": note}
