"""What an authentic event of a seat makes of a sitting: always facts, for its chain must go on.

An event that the rules refuse is the fact ``EventRefused``. An event from a seat that was thought
silent brings the seat back first. Nothing in this file changes the sitting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from controller.core import commands as c
from controller.core import facts as f
from controller.core.attendance import Seat
from controller.core.refusals import RefusalReason as Reason
from controller.core.refusals import Refused
from controller.core.state import Sitting
from controller.core.transitions import FLOOR_OPEN, REGISTERING

Facts = tuple[f.Fact, ...]


def decide_seat(sitting: Sitting, command: c.SeatCommand) -> Facts | Refused:
    """The facts of one event; refused only when the terminal is not enrolled or is revoked."""
    seat = sitting.attendance.seats.get(command.terminal)
    if seat is None:
        return Refused(Reason.UNKNOWN_TERMINAL, command.terminal)
    if seat.state == "revoked":
        return Refused(Reason.TERMINAL_REVOKED, command.terminal)
    match command:
        case c.StartTerminal():
            # the hello unseats nobody, but until the badge event nobody is confirmed here
            back: Facts = (f.SeatRestored(seat.terminal),) if seat.state == "lost" else ()
            return (*back, f.TerminalStarted(seat.terminal, command.firmware))
        case c.TakeBadgeAway():
            silent = seat.state != "online"
            back = (f.SeatRestored(seat.terminal),) if silent else ()
            return (*back, *_take_badge_away(sitting, seat))
        case c.PresentBadge():
            return (*heard_again(sitting, seat), *_present_badge(sitting, seat, command))
        case c.PressAnswer():
            return (*heard_again(sitting, seat), _press(sitting, seat, command))
        case c.RequestFloor():
            return (*heard_again(sitting, seat), _request_floor(sitting, seat))
        case c.WithdrawFloor():
            return (*heard_again(sitting, seat), _withdraw_floor(sitting, seat))
        case c.ReportTerminal():
            report = f.TerminalReported(seat.terminal, command.code, command.detail)
            return (*heard_again(sitting, seat), report)


def heard_again(sitting: Sitting, seat: Seat) -> Facts:
    """A silent seat is back, and with it its deputy; nothing for a seat that is heard."""
    if seat.state == "online":
        return ()
    back = f.SeatRestored(seat.terminal)
    if seat.deputy is None or not seat.confirmed:
        return (back,)
    return (back, *_registers(sitting, seat.deputy))


def leave(sitting: Sitting, seat: Seat, cause: Literal["taken_away", "moved", "revoked"]) -> Facts:
    """The deputy at the seat leaves it; who only moves keeps the place in the queue."""
    deputy = seat.deputy
    assert deputy is not None  # asked by the callers
    left = f.BadgeLeft(seat.terminal, deputy, cause)
    if cause == "moved" or deputy not in sitting.floor:
        return (left,)
    return (left, f.FloorWithdrawn(deputy, "left"))


def _registers(sitting: Sitting, deputy: str) -> Iterator[f.Fact]:
    """Who becomes present once the registration was opened is registered, late or not."""
    if sitting.phase in REGISTERING and not sitting.attendance.is_registered(deputy):
        yield f.DeputyRegistered(deputy, late=not sitting.registration_open)


def _take_badge_away(sitting: Sitting, seat: Seat) -> Facts:
    if seat.deputy is None:
        return (f.EventRefused(seat.terminal, None, Reason.SEAT_EMPTY),)
    return leave(sitting, seat, "taken_away")


def _present_badge(sitting: Sitting, seat: Seat, command: c.PresentBadge) -> Iterator[f.Fact]:
    deputy = sitting.roster.by_badge(command.badge)
    # after a hello the reader holds another badge: whoever was tied here had left in the dark
    stranger = seat.deputy is not None and (deputy is None or seat.deputy != deputy.id)
    if stranger and not seat.confirmed:
        yield from leave(sitting, seat, "taken_away")
    if deputy is None:
        yield f.EventRefused(seat.terminal, None, Reason.UNKNOWN_BADGE)
        return
    if stranger and seat.confirmed:
        yield f.EventRefused(seat.terminal, deputy.id, Reason.SEAT_OCCUPIED)
        return
    other = sitting.attendance.seat_of(deputy.id)
    if other is not None and other is not seat:
        if other.state == "online" and other.confirmed:
            yield f.EventRefused(seat.terminal, deputy.id, Reason.BADGE_ELSEWHERE)
            return
        yield from leave(sitting, other, "moved")
    yield f.BadgeSeated(seat.terminal, deputy.id)
    if not (other is seat and seat.confirmed and seat.state != "online"):  # see heard_again
        yield from _registers(sitting, deputy.id)


def _press(sitting: Sitting, seat: Seat, command: c.PressAnswer) -> f.Fact:
    deputy = sitting.roster.by_badge(command.badge)
    if deputy is None:
        return f.EventRefused(seat.terminal, None, Reason.UNKNOWN_BADGE)
    reason = _why_not_sitting(sitting, seat, deputy.id) or _why_not_voting(
        sitting, deputy.id, command
    )
    if reason is not None:
        return f.EventRefused(seat.terminal, deputy.id, reason)
    vote = sitting.open_vote
    assert vote is not None  # or there would be a reason
    for answer in vote.opened.answers:
        if answer == command.answer:
            return f.BallotCast(vote.id, deputy.id, seat.terminal, answer)
    return f.EventRefused(seat.terminal, deputy.id, Reason.ANSWER_NOT_ALLOWED)


def _why_not_sitting(sitting: Sitting, seat: Seat, deputy: str) -> Reason | None:
    """Why this deputy does not sit at this seat; None: sits here, confirmed."""
    other = sitting.attendance.seat_of(deputy)
    if other is not None and other is not seat:
        return Reason.BADGE_ELSEWHERE
    if seat.deputy is None:
        return Reason.SEAT_EMPTY
    if other is None or not seat.confirmed:
        return Reason.NOT_PRESENT
    return None


def _why_not_voting(sitting: Sitting, deputy: str, command: c.PressAnswer) -> Reason | None:
    """Why this ballot cannot be cast now; None: it can."""
    last = sitting.last_vote
    if last is None:
        return Reason.NO_VOTE_OPEN
    if command.ballot != last.opened.ballot:
        return Reason.OTHER_BALLOT
    if sitting.open_vote is None:
        return Reason.VOTE_CLOSED
    # who comes back with this very press is registered by the facts before it
    if not sitting.attendance.is_registered(deputy) and sitting.attendance.is_present(deputy):
        return Reason.NOT_REGISTERED
    return None


def _request_floor(sitting: Sitting, seat: Seat) -> f.Fact:
    deputy, reason = seat.deputy, _why_no_floor(sitting, seat)
    if reason is None and deputy is not None:
        if deputy in sitting.floor:
            reason = Reason.ALREADY_IN_QUEUE
        elif sitting.floor.is_full:
            reason = Reason.QUEUE_FULL
        else:
            return f.FloorRequested(deputy)
    return f.EventRefused(seat.terminal, deputy, reason or Reason.SEAT_EMPTY)


def _withdraw_floor(sitting: Sitting, seat: Seat) -> f.Fact:
    deputy, reason = seat.deputy, _why_no_floor(sitting, seat)
    if reason is None and deputy is not None:
        if deputy in sitting.floor:
            return f.FloorWithdrawn(deputy, "deputy")
        reason = Reason.NOT_IN_QUEUE
    return f.EventRefused(seat.terminal, deputy, reason or Reason.SEAT_EMPTY)


def _why_no_floor(sitting: Sitting, seat: Seat) -> Reason | None:
    if seat.deputy is None:
        return Reason.SEAT_EMPTY
    if not seat.confirmed:
        return Reason.NOT_PRESENT
    if sitting.phase not in FLOOR_OPEN:
        return Reason.FLOOR_NOT_OPEN
    return None
