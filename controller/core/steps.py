"""What the chair can do now: one primary step and all the others, each with a reason if it cannot.

Whether a step is allowed is not a second set of rules: the command is decided, and a refusal is
the reason. ``key`` and ``shows`` are message identifiers: the button's words, and what the hall
will see.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from controller.core import commands as c
from controller.core.chair import NO_ROOT, Checkpoint, decide_chair
from controller.core.limits import EXTENSION_STEP_MS, VOTES_PER_ITEM_MAX
from controller.core.refusals import RefusalReason, Refused
from controller.core.rules import votes_needed
from controller.core.state import Sitting


class Step(msgspec.Struct, frozen=True):
    """One command, whole and ready to be ordered, and whether it would be accepted now.

    Two steps only stand for a choice that the person has still to make: ``revoke_terminal`` with an
    empty terminal, and ``extend_vote``, whose ``by_ms`` may be changed.
    """

    command: c.ChairCommand
    allowed: bool
    reason: RefusalReason | None
    key: str
    shows: str
    values: dict[str, object]


class Steps(msgspec.Struct, frozen=True):
    """``primary`` is the next thing to do, allowed or not; None: nothing is left to do."""

    primary: Step | None
    others: tuple[Step, ...]


def next_steps(sitting: Sitting, now_ms: int) -> Steps:
    """Every command of the chair, the next one apart; items of the agenda each have their own."""
    primary = _primary(sitting)
    others = tuple(
        _step(sitting, command, now_ms) for command in _all(sitting) if command != primary
    )
    return Steps(None if primary is None else _step(sitting, primary, now_ms), others)


def _primary(sitting: Sitting) -> c.ChairCommand | None:
    match sitting.phase:
        case "prepared":
            return c.OpenRegistration()
        case "registration":
            return c.CloseRegistration() if sitting.registration_open else _next_item(sitting)
        case "item":
            item = sitting.agenda.current
            if item is None or len(sitting.agenda.votes(item)) >= VOTES_PER_ITEM_MAX:
                return _next_item(sitting)
            return c.OpenVote(item)
        case "voting":
            return c.CloseVote(_last_vote(sitting))
        case "closed":
            return c.ProclaimResult(_last_vote(sitting))
        case "proclaimed":
            return _next_item(sitting)
        case _:
            return None


def _next_item(sitting: Sitting) -> c.ChairCommand:
    item = sitting.agenda.next_pending()
    return c.EndSitting() if item is None else c.AnnounceItem(item.id)


def _all(sitting: Sitting) -> Iterator[c.ChairCommand]:
    """Every command, in the order in which a sitting comes to them."""
    yield c.OpenRegistration()
    yield c.CloseRegistration()
    for item in [item.id for item in sitting.agenda.items] or [""]:
        yield c.AnnounceItem(item)
    yield c.OpenVote(sitting.agenda.current or "")
    yield c.ExtendVote(_last_vote(sitting), EXTENSION_STEP_MS)
    yield c.CloseVote(_last_vote(sitting))
    yield c.ProclaimResult(_last_vote(sitting))
    yield c.EndSitting()
    yield c.RevokeTerminal("")


def _last_vote(sitting: Sitting) -> str:
    return sitting.last_vote.id if sitting.last_vote else ""


def _step(sitting: Sitting, command: c.ChairCommand, now_ms: int) -> Step:
    name = c.command_name(command)
    reason = _why_not(sitting, command, now_ms)
    repeat = (
        isinstance(command, c.OpenVote)
        and command.item in sitting.agenda
        and len(sitting.agenda.votes(command.item)) > 0
    )
    key = "repeat_vote" if repeat else name
    return Step(
        command=command,
        allowed=reason is None,
        reason=reason,
        key=f"step.{key}",
        shows=f"shows.{key}",
        values=_values(sitting, command),
    )


def _why_not(sitting: Sitting, command: c.ChairCommand, now_ms: int) -> RefusalReason | None:
    if isinstance(command, c.RevokeTerminal) and not command.terminal:
        living = any(seat.state != "revoked" for seat in sitting.attendance.seats.values())
        return None if living else RefusalReason.UNKNOWN_TERMINAL
    made = decide_chair(sitting, command, now_ms, Checkpoint(sitting.ledger_size, NO_ROOT))
    return made.reason if isinstance(made, Refused) else None


def _values(sitting: Sitting, command: c.ChairCommand) -> dict[str, object]:
    """What the step's words need: numbers and texts of the item or the vote."""
    match command:
        case c.OpenRegistration() | c.CloseRegistration():
            return _quorum(sitting)
        case c.AnnounceItem() | c.OpenVote():
            return _item(sitting, command)
        case c.ExtendVote():
            return {"vote": command.vote, "seconds": command.by_ms // 1_000}
        case c.CloseVote():
            vote = sitting.open_vote
            if vote is None:
                return {"vote": command.vote}
            entitled = vote.entitled_count(sitting.attendance.entitled())
            return {"vote": command.vote, "voted": vote.voted_count, "entitled": entitled}
        case c.ProclaimResult():
            last = sitting.last_vote
            if last is None or last.closed is None:
                return {"vote": command.vote}
            return {"vote": command.vote, "adopted": last.closed.adopted}
        case _:
            return {}


def _quorum(sitting: Sitting) -> dict[str, object]:
    rule = sitting.quorum_rule
    return {
        "present": sitting.attendance.present_count,
        "registered": sitting.attendance.registered_count,
        "needed": 0 if rule is None else sitting.quorum_needed(rule),
    }


def _item(sitting: Sitting, command: c.AnnounceItem | c.OpenVote) -> dict[str, object]:
    if command.item not in sitting.agenda:
        return {}
    item = sitting.agenda[command.item]
    values: dict[str, object] = {
        "item": item.id,
        "number": item.number,
        "title": msgspec.to_builtins(item.title),
    }
    if isinstance(command, c.OpenVote):
        rule = sitting.rules[item.rule]
        values["question"] = msgspec.to_builtins(item.question)
        values["seconds"] = item.duration_ms // 1_000
        values["votes_needed"] = votes_needed(rule.passes, sitting.numbers())
        values.update(_quorum(sitting), needed=sitting.quorum_needed(rule))
    return values
