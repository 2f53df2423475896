"""What each seat must show: one authenticated snapshot for each terminal, sent when it changes.

Promises: a view is made from the sitting after its facts are in the ledger, so nothing is shown
that is not written; no view is larger than the wire allows, whatever the texts; revisions only
grow, across restarts too (the controller's epoch is their upper half). What a lost message took
away is sent again when the seat's heartbeat shows an old revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from controller.core import facts as f
from controller.core.state import Sitting
from controller.seats.intake import Admitted, Head, WireRefusal
from controller.seats.provisioning import TerminalKeys
from controller.seats.translate import (
    ANSWER_NUMBERS,
    LANGUAGE_NUMBERS,
    PHASE_NUMBERS,
    answers_mask,
)
from protocol import limits, messages, notice_codes, refusal_codes, sealed, topics
from protocol.fields import fit_text

DEFAULT_LANGUAGE = "ru"
# a seat whose heartbeat names an older view is given this long to receive the newest one
RESEND_AFTER_MS = 800

_BALLOT_PHASES = ("voting", "closed", "proclaimed")
_FOR_EVERYBODY = (
    f.ControllerStarted,
    f.SittingPrepared,
    f.RegistrationOpened,
    f.RegistrationClosed,
    f.ItemAnnounced,
    f.VoteOpened,
    f.VoteExtended,
    f.VoteClosed,
    f.ResultProclaimed,
    f.SittingEnded,
)


class _Content(msgspec.Struct, frozen=True):
    """All of a view that makes it another view; times that only run on are left out."""

    head: Head
    language: int
    sitter: messages.Sitter | None
    phase: int
    ballot: tuple[bytes, str, int, int] | None  # hash, title, answers, deadline
    receipt: messages.Receipt | None
    refusal: messages.Refusal | None
    floor_place: int | None
    notices: tuple[int, ...]
    result: messages.ShownResult | None


class _Seat:
    """What is remembered of one terminal between views."""

    def __init__(self, keys: TerminalKeys, topic: str) -> None:
        self.mac_key = keys.mac_key
        self.topic = topic
        self.head = Head(0, 0, messages.NO_HASH)
        self.refusal: messages.Refusal | None = None
        self.content: _Content | None = None
        self.revision = 0
        self.sent_ms = 0
        self.away = False  # what it will find in the broker's store was made some time ago


class SeatViews:
    """The views of all terminals of one hall. Not thread-safe: the writer's own."""

    def __init__(self, hall: str, terminals: Mapping[str, TerminalKeys], epoch: int) -> None:
        """``epoch`` is that of this controller's ``ControllerStarted``, from 1."""
        self._hall = hall
        self._seats: dict[str, _Seat] = {}
        self._revision = epoch << 32
        self._asked: dict[str, None] = {}
        self._touched: dict[str, None] = {}
        for keys in terminals.values():
            self.enrol(keys)

    def enrol(self, keys: TerminalKeys) -> None:
        """A terminal more; its first view goes out with the next ``due``."""
        if not keys.revoked and keys.terminal not in self._seats:
            topic = topics.build(self._hall, keys.terminal, topics.DOWN)
            self._seats[keys.terminal] = _Seat(keys, topic)
            self._asked[keys.terminal] = None

    def restore(self, heads: Mapping[str, Head]) -> None:
        """The heads of the terminals' chains, as the ledger had them at the start."""
        for terminal, head in heads.items():
            if terminal in self._seats:
                self._move_head(self._seats[terminal], head)

    def admitted(self, admitted: Admitted, facts: Iterable[f.Fact]) -> None:
        """These facts of a seat's event were committed and applied: the seat is answered."""
        seat = self._seats.get(admitted.terminal)
        if seat is not None:
            refused = next((one.reason for one in facts if isinstance(one, f.EventRefused)), None)
            event = admitted.event
            self._move_head(seat, Head(event.boot, event.sequence, admitted.hash, refused))
            seat.away = False
            self.request(admitted.terminal)

    def refused(self, refusal: WireRefusal) -> None:
        """An authentic event was refused before the rules saw it: the seat is told its head."""
        seat = self._seats.get(refusal.terminal)
        if seat is None or refusal.sequence < 0:
            return
        code = refusal_codes.CODES.get(refusal.reason)
        if code is not None and refusal.boot == seat.head.boot:
            seat.refusal = messages.Refusal(refusal.sequence, code)
        self.request(refusal.terminal)

    def heard(self, terminal: str, view_revision: int, now_ms: int) -> None:
        """The seat's heartbeat says which view it has: an old one is answered by the newest.

        A seat that was away is answered in any case: a stored view tells the time left of long ago.
        """
        seat = self._seats.get(terminal)
        if seat is None:
            return
        old = view_revision < seat.revision and now_ms - seat.sent_ms >= RESEND_AFTER_MS
        if old or seat.away:
            seat.away = False
            self.request(terminal)

    def request(self, terminal: str) -> None:
        """Send this terminal's view with the next ``due``, changed or not."""
        if terminal in self._seats:
            self._asked[terminal] = None

    def request_all(self) -> None:
        """Send every view: the broker is new and holds none. Each seat finds it in its own time."""
        self._asked.update(dict.fromkeys(self._seats))
        for seat in self._seats.values():
            seat.away = True

    def touched(self, sitting: Sitting, facts: Iterable[f.Fact]) -> None:
        """These facts were committed and applied: note whose views may be others now."""
        for fact in facts:
            if isinstance(fact, _FOR_EVERYBODY):
                self._touched.update(dict.fromkeys(self._seats))
            else:
                self._touched.update(dict.fromkeys(_terminals_of(sitting, fact)))
            if isinstance(fact, f.SeatLost) and fact.terminal in self._seats:
                self._seats[fact.terminal].away = True

    def due(self, sitting: Sitting, now_ms: int, wall_ms: int) -> Iterator[tuple[str, bytes]]:
        """(terminal, sealed view) of all that were asked for or changed; who waits comes first."""
        asked, self._asked = self._asked, {}
        touched, self._touched = self._touched, {}
        for terminal in [*asked, *(one for one in touched if one not in asked)]:
            seat = self._seats.get(terminal)
            if seat is None:
                continue
            content = _content(sitting, terminal, seat)
            if terminal in asked or content != seat.content:
                seat.content = content
                self._revision += 1
                seat.revision = self._revision
                seat.sent_ms = now_ms
                view = _view(terminal, seat.revision, content, now_ms, wall_ms)
                yield terminal, sealed.seal_view(seat.mac_key, view, seat.topic)

    @staticmethod
    def _move_head(seat: _Seat, head: Head) -> None:
        if head.refused is not None:
            reason = refusal_codes.CODES[head.refused]
            seat.refusal = messages.Refusal(head.sequence, reason)
        elif head.boot != seat.head.boot:
            seat.refusal = None
        elif seat.refusal is not None and seat.refusal.sequence == head.sequence:
            seat.refusal = None  # refused for its rate or chain before, and admitted now
        seat.head = head


def _terminals_of(sitting: Sitting, fact: f.Fact) -> Iterator[str]:
    """Whose view the fact may change."""
    match fact:
        case f.DeputyRegistered() | f.BallotCast():
            yield from _seat_of(sitting, fact.deputy)
        case f.FloorRequested() | f.FloorWithdrawn():
            yield from _seat_of(sitting, fact.deputy)
            for deputy in sitting.floor.queue:
                yield from _seat_of(sitting, deputy)
        case (
            f.TerminalEnrolled()
            | f.TerminalRevoked()
            | f.TerminalStarted()
            | f.TerminalReported()
            | f.SeatLost()
            | f.SeatRestored()
            | f.BadgeSeated()
            | f.BadgeLeft()
            | f.EventRefused()
        ):
            yield fact.terminal


def _seat_of(sitting: Sitting, deputy: str) -> Iterator[str]:
    seat = sitting.attendance.seat_of(deputy)
    if seat is not None:
        yield seat.terminal


def _content(sitting: Sitting, terminal: str, seat: _Seat) -> _Content:
    deputy = sitting.sitter(terminal)
    language = deputy.language if deputy is not None else DEFAULT_LANGUAGE
    sitter: messages.Sitter | None = None
    place: int | None = None
    if deputy is not None:
        name = getattr(deputy.name, language).short
        registered = sitting.attendance.is_registered(deputy.id)
        sitter = messages.Sitter(fit_text(name, limits.SITTER_NAME_BYTES_MAX), registered)
        place = sitting.floor.place(deputy.id)
    vote = sitting.current_vote if sitting.phase in _BALLOT_PHASES else None
    ballot: tuple[bytes, str, int, int] | None = None
    receipt: messages.Receipt | None = None
    result: messages.ShownResult | None = None
    if vote is not None:
        title = getattr(sitting.agenda[vote.item].title, language)
        ballot = (
            vote.opened.ballot,
            fit_text(title, limits.TITLE_BYTES_MAX),
            answers_mask(vote.opened.answers),
            vote.deadline_ms,
        )
        cast = vote.casts.get(deputy.id) if deputy is not None else None
        if cast is not None:
            receipt = messages.Receipt(ANSWER_NUMBERS[cast.answer], cast.position)
        if vote.closed is not None:
            tally = vote.closed.tally
            result = messages.ShownResult(
                vote.closed.adopted, tally.votes_for, tally.votes_against, tally.votes_abstain
            )
    return _Content(
        seat.head,
        LANGUAGE_NUMBERS[language],
        sitter,
        PHASE_NUMBERS[sitting.phase],
        ballot,
        receipt,
        seat.refusal,
        place,
        _notices(sitting, terminal),
        result,
    )


def _notices(sitting: Sitting, terminal: str) -> tuple[int, ...]:
    notices: list[int] = []
    vote = sitting.open_vote
    if vote is not None and vote.deadline_ms != vote.opened.deadline_ms:
        notices.append(notice_codes.CODES["vote_extended"])
    seat = sitting.attendance.seats.get(terminal)
    if seat is not None and seat.state == "revoked":
        notices.append(notice_codes.CODES["seat_revoked"])
    return tuple(notices)


def _view(
    terminal: str, revision: int, content: _Content, now_ms: int, wall_ms: int
) -> messages.View:
    ballot: messages.ShownBallot | None = None
    if content.ballot is not None:
        ballot_hash, title, answers, deadline_ms = content.ballot
        open_now = content.phase == PHASE_NUMBERS["voting"]
        remaining_ms = max(0, deadline_ms - now_ms) if open_now else 0
        ballot = messages.ShownBallot(ballot_hash, title, answers, remaining_ms)
    return messages.View(
        terminal,
        revision,
        content.head.boot,
        content.head.sequence,
        content.head.hash,
        wall_ms,
        content.language,
        content.sitter,
        content.phase,
        ballot,
        content.receipt,
        content.refusal,
        content.floor_place,
        False,  # the hall has no microphones yet
        None,
        content.notices,
        content.result,
    )
