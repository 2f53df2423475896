"""An order is carried out once, whatever its sender repeats."""

from __future__ import annotations

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.limits import REMEMBERED_ORDERS_MAX
from controller.core.refusals import Refused, Repeated
from tests.controller.halls import Hall, plan


def test_a_repeated_order_makes_no_fact_and_is_answered_with_its_first_position():
    hall = Hall(plan(3))
    order = c.Order("a1", "chair", c.OpenRegistration())
    position = len(hall.entries)
    first = hall.do(order)
    assert first[0].command == "a1"
    assert (first[0].name, first[0].actor) == ("open_registration", "chair")
    size = len(hall.entries)
    for _ in range(3):
        assert hall.do(order) == Repeated(position)
    assert len(hall.entries) == size


def test_a_repeat_is_known_long_after_it_would_be_refused_anew():
    hall = Hall(plan(3)).voting()
    order = c.Order("close", "chair", c.CloseVote("v1"))
    assert isinstance(hall.do(order), tuple)
    hall.order(c.ProclaimResult("v1"))
    assert isinstance(hall.do(order), Repeated)


@pytest.mark.parametrize(
    "other",
    [
        c.Order("a1", "chair", c.EndSitting()),
        c.Order("a1", "technician", c.OpenRegistration()),
    ],
)
def test_an_id_never_stands_for_another_order(other):
    hall = Hall(plan(3))
    hall.do(c.Order("a1", "chair", c.OpenRegistration()))
    answer = hall.do(other)
    assert isinstance(answer, Refused) and answer.reason == "command_id_reused"


def test_orders_with_other_fields_have_other_digests():
    hall = Hall(plan(3)).voting()
    hall.do(c.Order("x", "chair", c.ExtendVote("v1", 10_000)))
    answer = hall.do(c.Order("x", "chair", c.ExtendVote("v1", 11_000)))
    assert isinstance(answer, Refused) and answer.reason == "command_id_reused"


def test_a_refused_order_leaves_no_trace_and_may_succeed_later_under_its_id():
    hall = Hall(plan(3)).at_item(present=1)
    order = c.Order("vote", "chair", c.OpenVote("i1"))
    before = hall.sitting.dump()
    assert isinstance(hall.do(order), Refused)
    assert hall.sitting.dump() == before
    hall.arrive(2)
    assert isinstance(hall.do(order), tuple)
    assert isinstance(hall.do(order), Repeated)


@pytest.mark.parametrize(("id_", "actor"), [("", "chair"), ("x" * 65, "chair"), ("x", "")])
def test_an_order_without_a_usable_id_or_actor_is_refused(id_, actor):
    answer = Hall(plan(3)).do(c.Order(id_, actor, c.OpenRegistration()))
    assert isinstance(answer, Refused) and answer.reason == "invalid_configuration"


def test_when_the_memory_is_full_the_oldest_order_is_forgotten():
    hall = Hall(plan(3))
    for n in range(REMEMBERED_ORDERS_MAX + 1):
        fact = f.CommandAccepted(f"o{n}", "open_registration", "chair", bytes(32))
        hall.sitting.apply(fact, hall.now_ms, hall.sitting.ledger_size)
    assert len(hall.sitting.orders) == REMEMBERED_ORDERS_MAX
    assert "o0" not in hall.sitting.orders and "o1" in hall.sitting.orders
