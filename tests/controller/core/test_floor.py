"""Asking for the floor: in order, once each, bounded, gone with the deputy or the item."""

from __future__ import annotations

from controller.core import commands as c
from controller.core import facts as f
from controller.core.limits import FLOOR_QUEUE_DEPUTIES_MAX
from tests.controller.halls import Hall, plan


def refused(answer) -> str:
    assert isinstance(answer[-1], f.EventRefused), answer
    return str(answer[-1].reason)


def test_deputies_stand_in_the_order_of_asking():
    hall = Hall(plan(3)).at_item()
    for number in (2, 3, 1):
        assert hall.do(c.RequestFloor(f"s{number}")) == (f.FloorRequested(f"d{number}"),)
    assert hall.sitting.floor.queue == ("d2", "d3", "d1")
    assert [hall.sitting.floor.place(f"d{n}") for n in (1, 2, 3)] == [3, 1, 2]
    assert hall.do(c.WithdrawFloor("s3")) == (f.FloorWithdrawn("d3", "deputy"),)
    assert hall.sitting.floor.queue == ("d2", "d1")
    assert hall.sitting.floor.place("d3") is None


def test_each_deputy_asks_once_and_withdraws_only_what_was_asked():
    hall = Hall(plan(3)).at_item()
    hall.do(c.RequestFloor("s1"))
    assert refused(hall.do(c.RequestFloor("s1"))) == "already_in_queue"
    assert refused(hall.do(c.WithdrawFloor("s2"))) == "not_in_queue"


def test_the_floor_is_open_only_with_an_item_and_only_to_who_sits():
    hall = Hall(plan(3))
    hall.arrive(1, 2, 3)
    assert refused(hall.do(c.RequestFloor("s1"))) == "floor_not_open"
    assert refused(hall.do(c.RequestFloor("s4"))) == "seat_empty"
    hall.do(c.StartTerminal("s2", "1.1"))
    assert refused(hall.do(c.RequestFloor("s2"))) == "not_present"


def test_who_leaves_leaves_the_queue_and_who_moves_does_not():
    hall = Hall(plan(3)).at_item()
    hall.do(c.RequestFloor("s1"))
    hall.do(c.RequestFloor("s2"))
    assert hall.do(c.TakeBadgeAway("s1")) == (
        f.BadgeLeft("s1", "d1", "taken_away"),
        f.FloorWithdrawn("d1", "left"),
    )
    hall.do(c.LoseSeat("s2"))
    hall.do(c.StartTerminal("s4", "1.0"))
    hall.do(c.PresentBadge("s4", hall.sitting.roster["d2"].badge))
    assert hall.sitting.floor.queue == ("d2",)


def test_a_new_item_begins_with_an_empty_queue():
    hall = Hall(plan(3)).at_item()
    hall.do(c.RequestFloor("s2"))
    hall.do(c.RequestFloor("s1"))
    assert hall.order(c.AnnounceItem("i2")) == (
        f.FloorWithdrawn("d2", "item"),
        f.FloorWithdrawn("d1", "item"),
        f.ItemAnnounced("i2"),
    )
    assert hall.sitting.floor.queue == ()


def test_a_full_queue_refuses_the_newest_request():
    hall = Hall(plan(FLOOR_QUEUE_DEPUTIES_MAX + 1)).at_item()
    for number in range(1, FLOOR_QUEUE_DEPUTIES_MAX + 1):
        hall.do(c.RequestFloor(f"s{number}"))
    last = f"s{FLOOR_QUEUE_DEPUTIES_MAX + 1}"
    assert refused(hall.do(c.RequestFloor(last))) == "queue_full"
    hall.do(c.WithdrawFloor("s1"))
    assert isinstance(hall.do(c.RequestFloor(last))[-1], f.FloorRequested)
