"""All that two deputies, a stranger's badge and two seats can come to, enumerated to the end.

From every reachable attendance every event is tried: what is decided can be applied, at least one
fact is made for an event, one badge stays at one seat, and present deputies are registered.
"""

from __future__ import annotations

import copy
import json

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.sitting import Sitting, decide
from tests.controller.halls import Hall, badge, plan

TERMINALS = ("s1", "s2")
BADGES = (badge(1), badge(2), b"\x00" * 7)
SERVICE = [made(t) for t in TERMINALS for made in (c.LoseSeat, c.RestoreSeat)]
EVENTS = [
    *[c.StartTerminal(t, "1.0") for t in TERMINALS],
    *[c.PresentBadge(t, one) for t in TERMINALS for one in BADGES],
    *[c.TakeBadgeAway(t) for t in TERMINALS],
    *[c.PressAnswer(t, one, bytes(32), "for") for t in TERMINALS for one in BADGES],
    *[c.ReportTerminal(t, 1, "x") for t in TERMINALS],
    *[made(t) for t in TERMINALS for made in (c.RequestFloor, c.WithdrawFloor)],
]


def branch(sitting: Sitting) -> Sitting:
    """A copy that shares what no event of a seat changes."""
    other = copy.copy(sitting)
    other.attendance = copy.deepcopy(sitting.attendance)
    other.floor = copy.deepcopy(sitting.floor)
    return other


def signature(sitting: Sitting) -> str:
    seats = [
        [seat.state, seat.deputy, seat.confirmed] for seat in sitting.attendance.seats.values()
    ]
    return json.dumps([seats, sorted(sitting.attendance.registered), sorted(sitting.floor.queue)])


def check(sitting: Sitting, registering: bool) -> None:
    tied = [one.deputy for one in sitting.attendance.seats.values() if one.deputy]
    assert len(tied) == len(set(tied))
    for deputy in tied:
        seat = sitting.attendance.seat_of(deputy)
        assert seat is not None and seat.deputy == deputy
    assert set(sitting.floor.queue) <= set(tied)
    if registering:
        assert sitting.attendance.present() <= set(sitting.attendance.registered)
        assert sitting.attendance.entitled() == sitting.attendance.present()


@pytest.mark.parametrize("phase", ["prepared", "registration", "item", "ended"])
def test_every_event_from_every_reachable_attendance_keeps_the_invariants(phase):
    hall = Hall(plan(2), spare_seats=0)
    way = [c.OpenRegistration(), c.CloseRegistration(), c.AnnounceItem("i1"), c.EndSitting()]
    for command in way[: {"prepared": 0, "registration": 1, "item": 3, "ended": 4}[phase]]:
        hall.order(command)
    assert hall.sitting.phase == phase
    now_ms = hall.now_ms
    todo, seen = [hall.sitting], {signature(hall.sitting)}
    while todo:
        sitting = todo.pop()
        for command in (*EVENTS, *SERVICE):
            after = branch(sitting)
            made = decide(after, command, now_ms)
            assert isinstance(made, tuple)
            assert made or isinstance(command, c.LoseSeat | c.RestoreSeat)
            refused = [fact for fact in made if isinstance(fact, f.EventRefused)]
            assert len(refused) <= 1
            for fact in made:
                after.apply(fact, now_ms, after.ledger_size)
            check(after, registering=phase in ("registration", "item"))
            if signature(after) not in seen:
                seen.add(signature(after))
                todo.append(after)
    assert len(seen) >= 60, "the hall hardly moved"
