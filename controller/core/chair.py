"""What the chair's and the technician's commands make of a sitting: facts, or a refusal.

The phase was checked before by the table (``transitions``); here is what depends on the contents.
Nothing in this file changes the sitting.
"""

from __future__ import annotations

import hashlib
from typing import Final

import cbor2
import msgspec

from controller.core import commands as c
from controller.core import facts as f
from controller.core import limits
from controller.core.ballot import OPEN_NAMED_ANSWERS, ballot_hash, close_vote
from controller.core.plan import faults, is_identifier
from controller.core.refusals import RefusalReason as Reason
from controller.core.refusals import Refused
from controller.core.rules import votes_needed
from controller.core.seat_events import leave
from controller.core.state import Sitting
from controller.core.transitions import COMMANDS, CONSIDERED

Facts = tuple[f.Fact, ...]
NO_ROOT: Final = bytes(limits.HASH_BYTES)


class Checkpoint(msgspec.Struct, frozen=True):
    """The ledger's size and root when the command is decided: what a ballot is tied to."""

    size: int
    root: bytes


def decide_chair(
    sitting: Sitting, command: c.ChairCommand, now_ms: int, checkpoint: Checkpoint
) -> Facts | Refused:
    """The facts of one command of the chair, without its order."""
    verdict = COMMANDS[type(command)][sitting.phase]
    if verdict != CONSIDERED:
        return Refused(verdict, f"{c.command_name(command)} in phase {sitting.phase}")
    match command:
        case c.OpenRegistration():
            return _open_registration(sitting)
        case c.CloseRegistration():
            return _close_registration(sitting)
        case c.AnnounceItem():
            return _announce_item(sitting, command)
        case c.OpenVote():
            return _open_vote(sitting, command, now_ms, checkpoint)
        case c.ExtendVote():
            return _extend_vote(sitting, command, now_ms)
        case c.CloseVote():
            return _close_vote(sitting, command)
        case c.ProclaimResult():
            return _proclaim(sitting, command)
        case c.EndSitting():
            return _end(sitting)
        case c.RevokeTerminal():
            return _revoke(sitting, command)


def order_digest(order: c.Order) -> bytes:
    """SHA-256 of ``["dobush-order-v1", actor, command]``: an id stands for this order only."""
    form = ["dobush-order-v1", order.actor, msgspec.to_builtins(order.command)]
    return hashlib.sha256(cbor2.dumps(form, canonical=True)).digest()


def prepare(plan: f.SittingPrepared) -> Facts | Refused:
    """Take the plan whole, or name its first fault."""
    fault = next(faults(plan), None)
    if fault is not None:
        return Refused(Reason.INVALID_CONFIGURATION, fault)
    return (plan,)


def enrol(sitting: Sitting, command: c.EnrolTerminal) -> Facts | Refused:
    """A new terminal with its own public key; an identifier and a key are never used again."""
    seats = sitting.attendance.seats
    known = seats.get(command.terminal)
    if known is not None:
        revoked = known.state == "revoked"
        reason = Reason.TERMINAL_REVOKED if revoked else Reason.TERMINAL_ALREADY_ENROLLED
        return Refused(reason, command.terminal)
    if not is_identifier(command.terminal):
        return Refused(Reason.INVALID_CONFIGURATION, f"terminal: {command.terminal!r}")
    if len(command.public_key) != limits.PUBLIC_KEY_BYTES:
        return Refused(
            Reason.INVALID_CONFIGURATION, f"public_key: {len(command.public_key)} bytes, not 32"
        )
    if len(seats) >= limits.TERMINALS_MAX:
        return Refused(
            Reason.INVALID_CONFIGURATION, f"terminal: {limits.TERMINALS_MAX} are enrolled"
        )
    for seat in seats.values():
        if seat.public_key == command.public_key:
            return Refused(
                Reason.INVALID_CONFIGURATION, f"public_key: the same as of {seat.terminal}"
            )
    return (f.TerminalEnrolled(command.terminal, command.public_key),)


def closed_by(sitting: Sitting, cause: str) -> f.VoteClosed:
    """The fact that closes the open vote, by the chair or by the timer."""
    vote = sitting.open_vote
    assert vote is not None  # by the table
    return close_vote(
        vote,
        "timer" if cause == "timer" else "chair",
        sitting.roster,
        sitting.attendance.entitled(),
        sitting.rules[vote.opened.rule],
    )


def _open_registration(sitting: Sitting) -> Facts:
    present = sitting.attendance.present()
    registered = tuple(
        f.DeputyRegistered(one.id, late=False)
        for one in sitting.roster.deputies
        if one.id in present
    )
    return (f.RegistrationOpened(), *registered)


def _close_registration(sitting: Sitting) -> Facts | Refused:
    if not sitting.registration_open:
        return Refused(Reason.WRONG_STATE, "the registration is closed already")
    return (_registration_closed(sitting),)


def _registration_closed(sitting: Sitting) -> f.RegistrationClosed:
    rule = sitting.quorum_rule
    assert rule is not None  # by the table: there is a plan
    return f.RegistrationClosed(
        registered=sitting.attendance.registered_count,
        present=sitting.attendance.present_count,
        quorum=sitting.has_quorum(rule),
    )


def _announce_item(sitting: Sitting, command: c.AnnounceItem) -> Facts | Refused:
    if command.item not in sitting.agenda:
        return Refused(Reason.UNKNOWN_ITEM, command.item)
    if sitting.registration_open:
        return Refused(Reason.WRONG_STATE, "the registration is open")
    if command.item == sitting.agenda.current:
        return Refused(Reason.WRONG_STATE, f"item {command.item} is the current one already")
    withdrawn = tuple(f.FloorWithdrawn(one, "item") for one in sitting.floor.queue)
    return (*withdrawn, f.ItemAnnounced(command.item))


def _open_vote(
    sitting: Sitting, command: c.OpenVote, now_ms: int, checkpoint: Checkpoint
) -> Facts | Refused:
    if command.item not in sitting.agenda:
        return Refused(Reason.UNKNOWN_ITEM, command.item)
    if command.item != sitting.agenda.current:
        return Refused(Reason.WRONG_STATE, f"item {command.item} is not the current one")
    if len(sitting.agenda.votes(command.item)) >= limits.VOTES_PER_ITEM_MAX:
        return Refused(Reason.WRONG_STATE, f"item {command.item} had its vote and its repeat")
    item = sitting.agenda[command.item]
    duration_ms = item.duration_ms if command.duration_ms is None else command.duration_ms
    if not limits.VOTE_DURATION_MS_MIN <= duration_ms <= limits.VOTE_DURATION_MS_MAX:
        return Refused(Reason.DURATION_OUT_OF_RANGE, f"{duration_ms} ms")
    rule = sitting.rules[item.rule]
    present = sitting.attendance.present_count
    if not sitting.has_quorum(rule):
        return Refused(Reason.NO_QUORUM, f"{present} present, {sitting.quorum_needed(rule)} needed")
    return (_vote_opened(sitting, item, rule, now_ms, duration_ms, checkpoint),)


def _vote_opened(
    sitting: Sitting,
    item: f.AgendaItem,
    rule: f.Rule,
    now_ms: int,
    duration_ms: int,
    checkpoint: Checkpoint,
) -> f.VoteOpened:
    plan = sitting.plan
    assert plan is not None  # by the table
    vote = f"v{len(sitting.votes) + 1}"
    return f.VoteOpened(
        vote=vote,
        item=item.id,
        question=item.question,
        answers=OPEN_NAMED_ANSWERS,
        rule=rule.id,
        ballot=ballot_hash(
            hall=plan.hall,
            sitting=plan.sitting,
            vote=vote,
            item=item.id,
            question=item.question,
            answers=OPEN_NAMED_ANSWERS,
            rule=rule.id,
            roster=sitting.roster.hash,
            checkpoint_size=checkpoint.size,
            checkpoint_root=checkpoint.root,
        ),
        opened_ms=now_ms,
        deadline_ms=now_ms + duration_ms,
        present=sitting.attendance.present_count,
        votes_needed=votes_needed(rule.passes, sitting.numbers()),
        checkpoint_size=checkpoint.size,
        checkpoint_root=checkpoint.root,
    )


def _extend_vote(sitting: Sitting, command: c.ExtendVote, now_ms: int) -> Facts | Refused:
    vote = sitting.open_vote
    assert vote is not None  # by the table
    if command.vote != vote.id:
        return _other_vote(sitting, command.vote)
    # a deadline that has just passed is not yet a close: the extension counts from now
    deadline_ms = max(vote.deadline_ms, now_ms) + command.by_ms
    if (
        not limits.EXTENSION_MS_MIN <= command.by_ms <= limits.EXTENSION_MS_MAX
        or deadline_ms - vote.opened.opened_ms > limits.VOTE_WHOLE_MS_MAX
    ):
        return Refused(Reason.DURATION_OUT_OF_RANGE, f"by {command.by_ms} ms")
    return (f.VoteExtended(vote.id, deadline_ms, "chair"),)


def _close_vote(sitting: Sitting, command: c.CloseVote) -> Facts | Refused:
    vote = sitting.open_vote
    assert vote is not None  # by the table
    if command.vote != vote.id:
        return _other_vote(sitting, command.vote)
    return (closed_by(sitting, "chair"),)


def _proclaim(sitting: Sitting, command: c.ProclaimResult) -> Facts | Refused:
    vote = sitting.last_vote
    assert vote is not None  # by the table
    if command.vote != vote.id:
        return _other_vote(sitting, command.vote)
    return (f.ResultProclaimed(vote.id),)


def _other_vote(sitting: Sitting, vote: str) -> Refused:
    known = vote in sitting.votes
    return Refused(Reason.VOTE_CLOSED if known else Reason.UNKNOWN_VOTE, vote)


def _end(sitting: Sitting) -> Facts:
    ended = f.SittingEnded()
    return (_registration_closed(sitting), ended) if sitting.registration_open else (ended,)


def _revoke(sitting: Sitting, command: c.RevokeTerminal) -> Facts | Refused:
    seat = sitting.attendance.seats.get(command.terminal)
    if seat is None:
        return Refused(Reason.UNKNOWN_TERMINAL, command.terminal)
    if seat.state == "revoked":
        return Refused(Reason.TERMINAL_REVOKED, command.terminal)
    left = leave(sitting, seat, "revoked") if seat.deputy is not None else ()
    return (*left, f.TerminalRevoked(command.terminal))
