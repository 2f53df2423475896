"""The hall's board: all that everybody may see, as one JSON-ready dict made from the sitting.

While a vote is open it holds who has voted and no choice and no total. It is made anew each time;
nothing in it is remembered.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from controller.core.ballot import Vote
from controller.core.facts import SittingPrepared
from controller.core.state import Sitting
from controller.records.votes import vote_summary

VERSION = 1


class Checkpoint(TypedDict):
    """The newest signed checkpoint, as the board shows it; ``root`` in hexadecimal."""

    size: int
    root: str
    text: str


def board(
    sitting: Sitting, now_ms: int, wall_ms: int, checkpoint: Checkpoint | None = None
) -> dict[str, object]:
    """The shape of ``GET /api/sitting``; before a plan ``hall`` is None and the lists are empty."""
    plan = sitting.plan
    return {
        "version": VERSION,
        "revision": sitting.ledger_size,
        "hall": plan and {"id": plan.hall, "name": msgspec.to_builtins(plan.hall_name)},
        "sitting": {
            "id": plan and plan.sitting,
            "title": plan and msgspec.to_builtins(plan.title),
            "phase": sitting.phase,
        },
        "time": {"hall_ms": now_ms, "wall": wall_time(wall_ms, plan)},
        "established": sitting.roster.established,
        "vacant": sitting.roster.established - sitting.roster.elected,
        "quorum": _quorum(sitting),
        "registration": {"open": sitting.registration_open},
        "factions": msgspec.to_builtins(plan.factions) if plan else [],
        "deputies": _deputies(sitting),
        "seats": _seats(sitting),
        "agenda": _agenda(sitting),
        "item": sitting.agenda.current,
        "vote": _vote(sitting, now_ms),
        "floor": {"queue": list(sitting.floor.queue)},
        "checkpoint": checkpoint,
    }


def wall_time(wall_ms: int, plan: SittingPrepared | None) -> str:
    """ISO 8601 with the hall's offset; UTC where this machine does not know the hall's zone."""
    zone: tzinfo = UTC
    if plan is not None:
        try:
            zone = ZoneInfo(plan.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = UTC
    moment = datetime.fromtimestamp(wall_ms / 1_000, zone)
    return moment.isoformat(timespec="milliseconds")


def _quorum(sitting: Sitting) -> dict[str, object]:
    attendance, rule = sitting.attendance, sitting.quorum_rule
    return {
        "needed": 0 if rule is None else sitting.quorum_needed(rule),
        "present": attendance.present_count,
        "registered": attendance.registered_count,
        "no_connection": attendance.no_connection_count,
        "reached": rule is not None and sitting.has_quorum(rule),
    }


def _deputies(sitting: Sitting) -> list[dict[str, object]]:
    attendance, vote = sitting.attendance, sitting.current_vote
    casts = vote.casts if vote else {}
    values = {one.deputy: one.value for one in vote.closed.votes} if vote and vote.closed else {}
    rows: list[dict[str, object]] = []
    for deputy in sitting.roster.deputies:
        seat = attendance.seat_of(deputy.id)
        rows.append(
            {
                "id": deputy.id,
                "number": deputy.number,
                "name": msgspec.to_builtins(deputy.name),
                "faction": deputy.faction,
                "terminal": None if seat is None else seat.terminal,
                "presence": attendance.presence(deputy.id),
                "registered": attendance.is_registered(deputy.id),
                "voted": deputy.id in casts,
                "value": values.get(deputy.id),
            }
        )
    return rows


def _seats(sitting: Sitting) -> list[dict[str, object]]:
    known = sitting.attendance.seats
    rows: list[dict[str, object]] = []
    for place in sitting.plan.seats if sitting.plan else ():
        seat = known.get(place.terminal)
        rows.append(
            {
                "terminal": place.terminal,
                "label": place.label,
                "x": place.x,
                "y": place.y,
                "deputy": None if seat is None else seat.deputy,
                "state": "never" if seat is None else seat.state,
            }
        )
    return rows


def _agenda(sitting: Sitting) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for item in sitting.agenda.items:
        votes = sitting.agenda.votes(item.id)
        last = sitting.votes[votes[-1]] if votes else None
        rows.append(
            {
                "id": item.id,
                "number": item.number,
                "title": msgspec.to_builtins(item.title),
                "question": msgspec.to_builtins(item.question),
                "state": sitting.agenda.state(item.id),
                "vote": None if last is None else last.id,
                "adopted": last.closed.adopted if last and last.closed else None,
            }
        )
    return rows


def _vote(sitting: Sitting, now_ms: int) -> dict[str, object] | None:
    vote: Vote | None = sitting.current_vote
    return None if vote is None else vote_summary(sitting, vote, now_ms)
