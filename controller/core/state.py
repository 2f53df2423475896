"""The state of one sitting: the result of its facts in order, and nothing else.

Only ``apply`` changes it. It knows no clock and no file; the time and the ledger position of a fact
come with the fact. A fact that cannot have happened raises ``InvariantBroken``: the sitting stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from controller.core import facts as f
from controller.core.agenda import Agenda
from controller.core.attendance import Attendance
from controller.core.ballot import Cast, Vote, ballot_hash, close_vote
from controller.core.floor import FloorQueue
from controller.core.invariants import demand
from controller.core.limits import HASH_BYTES, REMEMBERED_ORDERS_MAX, VOTES_PER_ITEM_MAX
from controller.core.roster import Roster
from controller.core.rules import Numbers, numbers_before, passes, votes_needed
from controller.core.transitions import FACTS, Phase


class AcceptedOrder(msgspec.Struct, frozen=True):
    """What is remembered of an order: enough to tell its repeat from a reuse of its id."""

    digest: bytes
    position: int


class Sitting:
    """One sitting. Read every attribute freely; change it by ``apply`` alone."""

    def __init__(self) -> None:
        self.phase: Phase = "none"
        self.plan: f.SittingPrepared | None = None
        self.epoch = 0
        self.ledger_size = 0
        self.at_ms = 0
        self.registration_open = False
        self.roster = Roster()
        self.attendance = Attendance()
        self.agenda = Agenda()
        self.rules: dict[str, f.Rule] = {}
        self.floor = FloorQueue()
        self.votes: dict[str, Vote] = {}
        self.last_vote: Vote | None = None
        self.current_vote: Vote | None = None
        self.orders: dict[str, AcceptedOrder] = {}

    # --- questions

    @property
    def open_vote(self) -> Vote | None:
        """The vote that is open now."""
        return self.last_vote if self.phase == "voting" else None

    def sitter(self, terminal: str) -> f.Deputy | None:
        """Who sits at this terminal by its own last word."""
        deputy = self.attendance.sitter(terminal)
        return None if deputy is None else self.roster[deputy]

    def rule_of(self, item: str) -> f.Rule:
        return self.rules[self.agenda[item].rule]

    @property
    def quorum_rule(self) -> f.Rule | None:
        """Whose quorum the hall is told: the current item's rule, else that of the first item."""
        if self.plan is None:
            return None
        return self.rule_of(self.agenda.current or self.agenda.items[0].id)

    def numbers(self) -> Numbers:
        """The bases of a decision at this moment, before a vote."""
        return numbers_before(
            self.roster.established, self.roster.elected, self.attendance.present_count
        )

    def quorum_needed(self, rule: f.Rule) -> int:
        return votes_needed(rule.quorum, self.numbers())

    def has_quorum(self, rule: f.Rule) -> bool:
        """Whether enough deputies are present, live, for this rule."""
        return passes(rule.quorum, self.attendance.present_count, self.numbers())

    def dump(self) -> dict[str, object]:
        """All of the state in plain values and in order: two equal sittings have equal dumps."""
        return {
            "phase": self.phase,
            "plan": msgspec.to_builtins(self.plan),
            "epoch": self.epoch,
            "ledger_size": self.ledger_size,
            "at_ms": self.at_ms,
            "registration_open": self.registration_open,
            "attendance": self.attendance.dump(),
            "agenda": self.agenda.dump(),
            "floor": list(self.floor.queue),
            "votes": [vote.dump() for vote in self.votes.values()],
            "last_vote": self.last_vote.id if self.last_vote else None,
            "current_vote": self.current_vote.id if self.current_vote else None,
            "orders": [[key, msgspec.to_builtins(one)] for key, one in self.orders.items()],
        }

    # --- the only way to change

    def apply(self, fact: f.Fact, at_ms: int, position: int) -> None:
        """Take a fact that is in the ledger at ``position`` since hall time ``at_ms``."""
        happens = FACTS.get(type(fact))
        if happens is None or self.phase not in happens.phases:
            demand(False, f"{type(fact).__name__} cannot happen in phase {self.phase}")
        if position != self.ledger_size or at_ms < self.at_ms:
            demand(False, f"entry {position} at {at_ms} ms follows {self.ledger_size} entries")
        self.at_ms = at_ms
        _APPLY[type(fact)](self, fact)
        self.ledger_size = position + 1
        if happens is not None and happens.to is not None:
            self.phase = happens.to

    def _controller_started(self, fact: f.ControllerStarted) -> None:
        demand(fact.epoch == self.epoch + 1, f"epoch {fact.epoch} follows {self.epoch}")
        self.epoch = fact.epoch

    def _prepared(self, fact: f.SittingPrepared) -> None:
        self.plan = fact
        self.roster = Roster(fact.deputies, fact.established)
        self.agenda = Agenda(fact.agenda)
        self.rules = {rule.id: rule for rule in fact.rules}

    def _command_accepted(self, fact: f.CommandAccepted) -> None:
        demand(fact.command not in self.orders, f"order {fact.command} is accepted twice")
        self.orders[fact.command] = AcceptedOrder(fact.digest, self.ledger_size)
        if len(self.orders) > REMEMBERED_ORDERS_MAX:
            del self.orders[next(iter(self.orders))]

    def _badge_seated(self, fact: f.BadgeSeated) -> None:
        demand(fact.deputy in self.roster, f"{fact.deputy} is seated and not of the roster")
        self.attendance.seat_badge(fact.terminal, fact.deputy)

    def _registration_opened(self, fact: f.RegistrationOpened) -> None:
        self.registration_open = True

    def _registration_closed(self, fact: f.RegistrationClosed) -> None:
        demand(self.registration_open, "the registration is closed twice")
        self.registration_open = False

    def _registered(self, fact: f.DeputyRegistered) -> None:
        demand(fact.late != self.registration_open, f"{fact.deputy}: late is {fact.late}")
        self.attendance.register(fact.deputy, fact.late)

    def _item_announced(self, fact: f.ItemAnnounced) -> None:
        demand(not self.registration_open, "an item is announced during the registration")
        self.agenda.announce(fact.item)
        self.current_vote = None

    def _vote_opened(self, fact: f.VoteOpened) -> None:
        assert self.plan is not None  # by the table: no vote is opened before the plan
        demand(fact.vote not in self.votes, f"vote {fact.vote} is opened twice")
        demand(fact.checkpoint_size <= self.ledger_size, "a checkpoint of what is not yet written")
        demand(fact.rule in self.rules, f"vote {fact.vote} by unknown rule {fact.rule}")
        expected = ballot_hash(
            hall=self.plan.hall,
            sitting=self.plan.sitting,
            vote=fact.vote,
            item=fact.item,
            question=fact.question,
            answers=fact.answers,
            rule=fact.rule,
            roster=self.roster.hash,
            checkpoint_size=fact.checkpoint_size,
            checkpoint_root=fact.checkpoint_root,
        )
        demand(fact.ballot == expected, f"vote {fact.vote} has a ballot of other contents")
        demand(len(fact.checkpoint_root) == HASH_BYTES, "a checkpoint root of another length")
        self.agenda.add_vote(fact.item, fact.vote)
        demand(len(self.agenda.votes(fact.item)) <= VOTES_PER_ITEM_MAX, "too many repeats")
        vote = Vote(fact, self.ledger_size)
        self.votes[fact.vote] = self.last_vote = self.current_vote = vote

    def _ballot_cast(self, fact: f.BallotCast) -> None:
        vote = self._the_vote(fact.vote)
        seat = self.attendance.seat_of(fact.deputy)
        demand(
            seat is not None
            and seat.terminal == fact.terminal
            and self.attendance.is_present(fact.deputy)
            and self.attendance.is_registered(fact.deputy),
            f"{fact.deputy} votes from {fact.terminal} without the right to",
        )
        demand(fact.answer in vote.opened.answers, f"{fact.answer} is not on the ballot")
        vote.cast(fact.deputy, Cast(fact.answer, fact.terminal, self.ledger_size, self.at_ms))

    def _vote_extended(self, fact: f.VoteExtended) -> None:
        vote = self._the_vote(fact.vote)
        demand(fact.deadline_ms > vote.deadline_ms, f"vote {vote.id} is made shorter")
        vote.deadline_ms = fact.deadline_ms

    def _vote_closed(self, fact: f.VoteClosed) -> None:
        vote = self._the_vote(fact.vote)
        rule = self.rules[vote.opened.rule]
        expected = close_vote(vote, fact.cause, self.roster, self.attendance.entitled(), rule)
        demand(fact == expected, f"vote {vote.id} is closed with another count")
        vote.closed = fact
        vote.closed_ms = self.at_ms
        vote.closed_position = self.ledger_size

    def _proclaimed(self, fact: f.ResultProclaimed) -> None:
        self._the_vote(fact.vote).proclaimed_position = self.ledger_size

    def _floor_requested(self, fact: f.FloorRequested) -> None:
        demand(self.attendance.is_present(fact.deputy), f"{fact.deputy} asks without being here")
        self.floor.request(fact.deputy)

    def _ended(self, fact: f.SittingEnded) -> None:
        demand(not self.registration_open, "the sitting ends during the registration")
        self.floor.clear()

    def _nothing(self, fact: f.EventRefused) -> None:
        """A refused event is kept in the ledger and changes nothing here."""

    def _the_vote(self, vote_id: str) -> Vote:
        vote = self.last_vote
        if vote is None or vote.id != vote_id:
            demand(False, f"vote {vote_id} is not the last vote")
        assert vote is not None
        return vote


_APPLY: Final[dict[type[f.Fact], Callable[[Sitting, Any], None]]] = {
    f.ControllerStarted: Sitting._controller_started,
    f.SittingPrepared: Sitting._prepared,
    f.CommandAccepted: Sitting._command_accepted,
    f.EventRefused: Sitting._nothing,
    f.TerminalEnrolled: lambda s, x: s.attendance.enrol(x.terminal, x.public_key),
    f.TerminalRevoked: lambda s, x: s.attendance.revoke(x.terminal),
    f.TerminalStarted: lambda s, x: s.attendance.start(x.terminal, x.firmware),
    f.TerminalReported: lambda s, x: s.attendance.report(x.terminal, x.code, x.detail),
    f.SeatLost: lambda s, x: s.attendance.lose(x.terminal),
    f.SeatRestored: lambda s, x: s.attendance.restore(x.terminal),
    f.BadgeSeated: Sitting._badge_seated,
    f.BadgeLeft: lambda s, x: s.attendance.take_badge(x.terminal, x.deputy),
    f.RegistrationOpened: Sitting._registration_opened,
    f.RegistrationClosed: Sitting._registration_closed,
    f.DeputyRegistered: Sitting._registered,
    f.ItemAnnounced: Sitting._item_announced,
    f.VoteOpened: Sitting._vote_opened,
    f.BallotCast: Sitting._ballot_cast,
    f.VoteExtended: Sitting._vote_extended,
    f.VoteClosed: Sitting._vote_closed,
    f.ResultProclaimed: Sitting._proclaimed,
    f.FloorRequested: Sitting._floor_requested,
    f.FloorWithdrawn: lambda s, x: s.floor.withdraw(x.deputy),
    f.SittingEnded: Sitting._ended,
}
assert _APPLY.keys() == FACTS.keys()
