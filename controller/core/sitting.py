"""The pure heart: a sitting, and what a command makes of it at one instant.

``decide`` answers with the facts that the command makes, or with a refusal, and changes nothing;
``Sitting.apply`` takes facts, in the ledger's order, and is the only thing that changes a sitting.
"""

from __future__ import annotations

from controller.core import commands as c
from controller.core import facts as f
from controller.core import limits
from controller.core.chair import (
    NO_ROOT,
    Checkpoint,
    closed_by,
    decide_chair,
    enrol,
    order_digest,
    prepare,
)
from controller.core.invariants import InvariantBroken
from controller.core.refusals import RefusalReason, Refused, Repeated
from controller.core.seat_events import decide_seat, heard_again
from controller.core.state import Sitting
from controller.core.transitions import COMMANDS, CONSIDERED, PHASES, Phase

__all__ = [
    "PHASES",
    "InvariantBroken",
    "Phase",
    "Refused",
    "Repeated",
    "Sitting",
    "decide",
]

Facts = tuple[f.Fact, ...]


def decide(
    sitting: Sitting,
    command: c.AnyCommand,
    now_ms: int,
    *,
    ledger_size: int | None = None,
    ledger_root: bytes | None = None,
) -> Facts | Refused | Repeated:
    """The facts of this command at ``now_ms``; an empty tuple: nothing is to be done.

    ``ledger_size`` and ``ledger_root`` are the ledger as it is now; an order to open a vote needs
    them and raises ``ValueError`` without. The facts are to be written and applied together, in
    their order, or not at all.
    """
    if isinstance(command, c.Order):
        checkpoint = Checkpoint(0, NO_ROOT)
        if ledger_size is not None and ledger_root is not None:
            checkpoint = Checkpoint(ledger_size, ledger_root)
        elif isinstance(command.command, c.OpenVote):
            raise ValueError("a vote is opened on a checkpoint: ledger_size and ledger_root")
        return _decide_order(sitting, command, now_ms, checkpoint)
    verdict = COMMANDS[type(command)][sitting.phase]
    if verdict != CONSIDERED:
        return Refused(verdict, f"{c.command_name(command)} in phase {sitting.phase}")
    match command:
        case c.Tick():
            return _tick(sitting, now_ms)
        case c.StartController():
            return _start_controller(sitting, command, now_ms)
        case c.PrepareSitting():
            return prepare(command.plan)
        case c.EnrolTerminal():
            return enrol(sitting, command)
        case c.LoseSeat() | c.RestoreSeat():
            return _liveness(sitting, command)
        case _:
            return decide_seat(sitting, command)


def _decide_order(
    sitting: Sitting, order: c.Order, now_ms: int, checkpoint: Checkpoint
) -> Facts | Refused | Repeated:
    for field, text, most in (
        ("id", order.id, limits.ORDER_ID_CHARACTERS_MAX),
        ("actor", order.actor, limits.ACTOR_CHARACTERS_MAX),
    ):
        if not 1 <= len(text) <= most:
            return Refused(RefusalReason.INVALID_CONFIGURATION, f"{field}: {len(text)} characters")
    digest = order_digest(order)
    before = sitting.orders.get(order.id)
    if before is not None:
        if before.digest == digest:
            return Repeated(before.position)
        return Refused(RefusalReason.COMMAND_ID_REUSED, order.id)
    made = decide_chair(sitting, order.command, now_ms, checkpoint)
    if isinstance(made, Refused):
        return made
    name = c.command_name(order.command)
    return (f.CommandAccepted(order.id, name, order.actor, digest), *made)


def _tick(sitting: Sitting, now_ms: int) -> Facts:
    vote = sitting.open_vote
    if vote is None or now_ms < vote.deadline_ms:
        return ()
    return (closed_by(sitting, "timer"),)


def _start_controller(sitting: Sitting, command: c.StartController, now_ms: int) -> Facts:
    started = f.ControllerStarted(sitting.epoch + 1, command.software)
    vote = sitting.open_vote
    deadline_ms = now_ms + limits.RESTART_REMAINING_MS_MIN
    if vote is None or vote.deadline_ms >= deadline_ms:
        return (started,)
    return (started, f.VoteExtended(vote.id, deadline_ms, "restart"))


def _liveness(sitting: Sitting, command: c.LoseSeat | c.RestoreSeat) -> Facts | Refused:
    seat = sitting.attendance.seats.get(command.terminal)
    if seat is None:
        return Refused(RefusalReason.UNKNOWN_TERMINAL, command.terminal)
    if seat.state == "revoked":
        return Refused(RefusalReason.TERMINAL_REVOKED, command.terminal)
    if isinstance(command, c.RestoreSeat):
        return heard_again(sitting, seat)
    return (f.SeatLost(seat.terminal),) if seat.state == "online" else ()
