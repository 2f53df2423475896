"""A fact that cannot have happened stops the sitting, whoever wrote it."""

from __future__ import annotations

import msgspec
import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.sitting import InvariantBroken
from tests.controller.halls import Hall, plan


def voting() -> Hall:
    hall = Hall(plan(4)).voting(present=3)
    hall.press(1)
    return hall


def apply(hall: Hall, fact: f.Fact) -> None:
    hall.sitting.apply(fact, hall.now_ms, len(hall.entries))


IMPOSSIBLE = {
    "an epoch is skipped": f.ControllerStarted(7, "x"),
    "a terminal is enrolled twice": f.TerminalEnrolled("s1", bytes(32)),
    "an unknown terminal is lost": f.SeatLost("s99"),
    "a heard seat is restored": f.SeatRestored("s1"),
    "a badge is at two seats": f.BadgeSeated("s2", "d1"),
    "two badges are at one seat": f.BadgeSeated("s1", "d4"),
    "a badge is at a silent seat": f.BadgeSeated("s4", "d4"),
    "a stranger is seated": f.BadgeSeated("s1", "d99"),
    "somebody leaves another's seat": f.BadgeLeft("s1", "d2", "taken_away"),
    "a terminal is revoked under its deputy": f.TerminalRevoked("s1"),
    "a deputy is registered twice": f.DeputyRegistered("d1", True),
    "an absent deputy is registered": f.DeputyRegistered("d4", True),
    "an absent deputy votes": f.BallotCast("v1", "d4", "s4", "for"),
    "a deputy votes from another seat": f.BallotCast("v1", "d1", "s2", "for"),
    "a deputy votes in another vote": f.BallotCast("v2", "d1", "s1", "for"),
    "a vote is made shorter": f.VoteExtended("v1", 5, "chair"),
    "an absent deputy asks for the floor": f.FloorRequested("d4"),
    "somebody leaves the queue without being in it": f.FloorWithdrawn("d1", "deputy"),
    "an order is accepted twice": f.CommandAccepted("order-1", "x", "chair", bytes(32)),
}


@pytest.mark.parametrize("fact", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_the_sitting_stops_when(fact):
    with pytest.raises(InvariantBroken):
        apply(voting(), fact)


def closed_of(hall: Hall) -> f.VoteClosed:
    answer = hall.ask(c.Order("close", "chair", c.CloseVote("v1")))
    assert isinstance(answer, tuple) and isinstance(answer[1], f.VoteClosed)
    return answer[1]


@pytest.mark.parametrize("what", ["adopted", "tally", "votes", "present", "votes_needed"])
def test_a_close_with_another_count_stops_the_sitting(what):
    hall = voting()
    good = closed_of(hall)
    other = {
        "adopted": not good.adopted,
        "tally": msgspec.structs.replace(good.tally, votes_for=2, not_voted=1),
        "votes": tuple(reversed(good.votes)),
        "present": good.present + 1,
        "votes_needed": 1,
    }
    with pytest.raises(InvariantBroken):
        apply(hall, msgspec.structs.replace(good, **{what: other[what]}))
    apply(hall, good)
    assert hall.sitting.phase == "closed"


@pytest.mark.parametrize(
    "changes",
    [
        {"ballot": bytes(32)},
        {"item": "i2"},
        {"question": f.Text("x", "y", "z")},
        {"answers": ("for", "against")},
        {"checkpoint_size": 10_000},
        {"rule": "nothing"},
    ],
)
def test_a_vote_opened_on_another_ballot_stops_the_sitting(changes):
    hall = Hall(plan(4)).at_item()
    accepted, good = hall.ask(c.Order("open", "chair", c.OpenVote("i1")))
    apply(hall, accepted)
    with pytest.raises(InvariantBroken):
        hall.sitting.apply(
            msgspec.structs.replace(good, **changes), hall.now_ms, len(hall.entries) + 1
        )


@pytest.mark.parametrize(("position", "at_ms"), [(-1, 0), (1, 0), (0, -1)])
def test_entries_come_in_order_and_time_does_not_run_back(position, at_ms):
    hall = voting()
    with pytest.raises(InvariantBroken):
        hall.sitting.apply(
            f.EventRefused("s1", None, "seat_empty"),
            hall.now_ms + at_ms,
            len(hall.entries) + position,
        )
