"""What happened in a sitting. Facts are written once, in this order, and never edited.

The sitting's whole state is the result of applying its facts in order. Times inside facts are hall
milliseconds: the sitting's own monotonic clock, which goes on from where it was after a restart.
Texts for people are ``Text`` values in three languages. Identifiers are short ASCII strings.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Answer = Literal["for", "against", "abstain"]
VoteValue = Literal["for", "against", "abstain", "not_voted", "absent"]
Base = Literal["established", "elected", "present", "took_part", "cast"]
Comparison = Literal["gt", "ge"]


class Text(msgspec.Struct, frozen=True):
    """One text in the three languages of the hall."""

    ru: str
    ky: str
    en: str


class Name(msgspec.Struct, frozen=True):
    """A person's name in one language: no form is ever derived from another."""

    full: str
    short: str
    sort: str


class Names(msgspec.Struct, frozen=True):
    ru: Name
    ky: Name
    en: Name


class Faction(msgspec.Struct, frozen=True):
    id: str
    name: Text
    short: Text


class Deputy(msgspec.Struct, frozen=True):
    """One deputy of the roster. ``badge`` is the badge's identifier, 4 to 10 bytes."""

    id: str
    number: int
    name: Names
    faction: str | None
    badge: bytes
    language: Literal["ru", "ky", "en"]


class SeatPlace(msgspec.Struct, frozen=True):
    """Where a terminal stands in the hall: ``x``, ``y`` from 0 to 1000, the presidium at y = 0."""

    terminal: str
    label: str
    x: int
    y: int


class Fraction(msgspec.Struct, frozen=True):
    """``votes * denominator`` compared (gt or ge) with ``numerator * base``: integers only."""

    base: Base
    compare: Comparison
    numerator: int
    denominator: int


class Rule(msgspec.Struct, frozen=True):
    """A decision rule as data. ``source`` names the article that it comes from."""

    id: str
    name: Text
    source: Text
    passes: Fraction
    quorum: Fraction


class AgendaItem(msgspec.Struct, frozen=True):
    id: str
    number: str
    title: Text
    question: Text
    rule: str
    duration_ms: int


class Tally(msgspec.Struct, frozen=True):
    """Counts of the five values; their sum is the established number less the vacant seats."""

    votes_for: int
    votes_against: int
    votes_abstain: int
    not_voted: int
    absent: int


class DeputyVote(msgspec.Struct, frozen=True):
    deputy: str
    value: VoteValue


class Fact(msgspec.Struct, frozen=True, tag_field="kind"):
    """Base of all facts; the tag is the ledger entry's kind."""


class ControllerStarted(Fact, frozen=True, tag="controller_started"):
    """A controller process took up the sitting. ``epoch`` counts from 1 and only grows."""

    epoch: int
    software: str


class SittingPrepared(Fact, frozen=True, tag="sitting_prepared"):
    """Everything that is fixed before the sitting begins."""

    sitting: str
    hall: str
    hall_name: Text
    title: Text
    time_zone: str
    established: int
    vacant: int
    factions: tuple[Faction, ...]
    deputies: tuple[Deputy, ...]
    seats: tuple[SeatPlace, ...]
    agenda: tuple[AgendaItem, ...]
    rules: tuple[Rule, ...]


class TerminalEnrolled(Fact, frozen=True, tag="terminal_enrolled"):
    terminal: str
    public_key: bytes


class TerminalRevoked(Fact, frozen=True, tag="terminal_revoked"):
    terminal: str


class TerminalStarted(Fact, frozen=True, tag="terminal_started"):
    """A seat said hello after power-up; who sits there is unknown until its badge event."""

    terminal: str
    firmware: str


class TerminalReported(Fact, frozen=True, tag="terminal_reported"):
    """A seat's service report: a fault or its end, by code."""

    terminal: str
    code: int
    detail: str


class SeatLost(Fact, frozen=True, tag="seat_lost"):
    """Nothing authentic was heard from the seat for longer than the limit."""

    terminal: str


class SeatRestored(Fact, frozen=True, tag="seat_restored"):
    terminal: str


class BadgeSeated(Fact, frozen=True, tag="badge_seated"):
    """A deputy's badge is at a seat: the deputy is present while that seat is heard."""

    terminal: str
    deputy: str


class BadgeLeft(Fact, frozen=True, tag="badge_left"):
    """A deputy's badge was taken away, or moved from a seat that was lost."""

    terminal: str
    deputy: str
    cause: Literal["taken_away", "moved", "revoked"]


class RegistrationOpened(Fact, frozen=True, tag="registration_opened"):
    pass


class DeputyRegistered(Fact, frozen=True, tag="deputy_registered"):
    """``late``: the badge came after the registration was closed."""

    deputy: str
    late: bool


class RegistrationClosed(Fact, frozen=True, tag="registration_closed"):
    registered: int
    present: int
    quorum: bool


class ItemAnnounced(Fact, frozen=True, tag="item_announced"):
    item: str


class VoteOpened(Fact, frozen=True, tag="vote_opened"):
    """A named open vote began. ``ballot`` is the ballot's hash, 32 bytes; a press must name it.

    ``checkpoint_size`` and ``checkpoint_root`` are the ledger before the order that opened it.
    ``votes_needed`` is what is needed if all who are ``present`` take part.
    """

    vote: str
    item: str
    question: Text
    answers: tuple[Answer, ...]
    rule: str
    ballot: bytes
    opened_ms: int
    deadline_ms: int
    present: int
    votes_needed: int
    checkpoint_size: int
    checkpoint_root: bytes


class BallotCast(Fact, frozen=True, tag="ballot_cast"):
    """A deputy's press while the vote is open; the last one counts."""

    vote: str
    deputy: str
    terminal: str
    answer: Answer


class VoteExtended(Fact, frozen=True, tag="vote_extended"):
    """``cause`` is ``restart`` when a controller that was down gives the lost seconds back."""

    vote: str
    deadline_ms: int
    cause: Literal["chair", "restart"]


class VoteClosed(Fact, frozen=True, tag="vote_closed"):
    """The count, the five values by deputy (in roster order) and the decision by the rule.

    ``present`` counts everybody who is not ``absent``: the base of a rule of those present.
    """

    vote: str
    cause: Literal["timer", "chair"]
    tally: Tally
    votes: tuple[DeputyVote, ...]
    present: int
    votes_needed: int
    adopted: bool


class ResultProclaimed(Fact, frozen=True, tag="result_proclaimed"):
    vote: str


class FloorRequested(Fact, frozen=True, tag="floor_requested"):
    deputy: str


class FloorWithdrawn(Fact, frozen=True, tag="floor_withdrawn"):
    deputy: str
    cause: Literal["deputy", "left", "item"]


class SittingEnded(Fact, frozen=True, tag="sitting_ended"):
    pass


class EventRefused(Fact, frozen=True, tag="event_refused"):
    """An authentic event of a seat that the rules refuse; kept with its reason, without effect."""

    terminal: str
    deputy: str | None
    reason: str


class CommandAccepted(Fact, frozen=True, tag="command_accepted"):
    """Who gave which order. First of the facts that the order made; makes the order idempotent.

    ``digest`` is the SHA-256 of the order's canonical form: an id is never used for two orders.
    """

    command: str
    name: str
    actor: str
    digest: bytes


AnyFact = (
    ControllerStarted
    | SittingPrepared
    | TerminalEnrolled
    | TerminalRevoked
    | TerminalStarted
    | TerminalReported
    | SeatLost
    | SeatRestored
    | BadgeSeated
    | BadgeLeft
    | RegistrationOpened
    | DeputyRegistered
    | RegistrationClosed
    | ItemAnnounced
    | VoteOpened
    | BallotCast
    | VoteExtended
    | VoteClosed
    | ResultProclaimed
    | FloorRequested
    | FloorWithdrawn
    | SittingEnded
    | EventRefused
    | CommandAccepted
)
