"""The chair's next steps: one primary, all others with their reasons, none hidden."""

from __future__ import annotations

import typing

from controller.core import commands as c
from controller.core.refusals import Refused
from controller.core.sitting import decide
from controller.core.steps import Step, Steps, next_steps
from tests.controller.halls import Hall, plan

ALL = {member.__struct_config__.tag for member in typing.get_args(c.ChairCommand)}


def every(steps: Steps) -> list[Step]:
    return [*([steps.primary] if steps.primary else []), *steps.others]


def follow(hall: Hall) -> c.ChairCommand | None:
    """Order the primary step and say what it was."""
    primary = next_steps(hall.sitting, hall.now_ms).primary
    if primary is None:
        return None
    assert primary.allowed, primary
    assert isinstance(hall.order(primary.command), tuple)
    return primary.command


def test_following_the_primary_step_alone_holds_a_whole_sitting():
    hall = Hall(plan(3, items=2))
    hall.arrive(1, 2, 3)
    taken = []
    while (command := follow(hall)) is not None:
        taken.append(command)
    assert taken == [
        c.OpenRegistration(),
        c.CloseRegistration(),
        c.AnnounceItem("i1"),
        c.OpenVote("i1"),
        c.CloseVote("v1"),
        c.ProclaimResult("v1"),
        c.AnnounceItem("i2"),
        c.OpenVote("i2"),
        c.CloseVote("v2"),
        c.ProclaimResult("v2"),
        c.EndSitting(),
    ]
    assert hall.sitting.phase == "ended"


def test_in_every_phase_every_command_is_listed_and_is_as_allowed_as_its_order():
    hall = Hall(plan(3, items=2))
    hall.arrive(1, 2, 3)
    for _ in range(12):
        steps = every(next_steps(hall.sitting, hall.now_ms))
        assert {c.command_name(step.command) for step in steps} == ALL
        commands = [step.command for step in steps]
        assert len(commands) == len(set(commands)), "no step is listed twice"
        for step in steps:
            if step.command == c.RevokeTerminal(""):
                assert step.allowed
                continue
            answer = decide(
                hall.sitting,
                c.Order("try", "chair", step.command),
                hall.now_ms,
                ledger_size=0,
                ledger_root=bytes(32),
            )
            assert step.allowed is isinstance(answer, tuple)
            assert step.reason == (answer.reason if isinstance(answer, Refused) else None)
        follow(hall)
    assert hall.sitting.phase == "ended"


def test_before_a_plan_every_command_is_listed_and_refused():
    steps = next_steps(Hall().sitting, 0)
    assert steps.primary is None
    assert {c.command_name(step.command) for step in steps.others} == ALL
    assert not any(step.allowed for step in steps.others)


def test_without_a_quorum_the_vote_stays_the_primary_step_with_its_reason():
    hall = Hall(plan(5)).at_item(present=2)
    primary = next_steps(hall.sitting, hall.now_ms).primary
    assert (primary.command, primary.allowed, primary.reason) == (
        c.OpenVote("i1"),
        False,
        "no_quorum",
    )
    assert (primary.values["present"], primary.values["needed"]) == (2, 3)


def test_a_repeat_is_named_as_one_and_offered_beside_the_next_item():
    hall = Hall(plan(3, items=2)).voting()
    hall.order(c.CloseVote("v1"))
    hall.order(c.ProclaimResult("v1"))
    steps = next_steps(hall.sitting, hall.now_ms)
    assert steps.primary.command == c.AnnounceItem("i2")
    (repeat,) = [step for step in steps.others if isinstance(step.command, c.OpenVote)]
    assert (repeat.allowed, repeat.key, repeat.shows) == (
        True,
        "step.repeat_vote",
        "shows.repeat_vote",
    )


def test_an_item_that_had_its_repeat_is_passed_over():
    hall = Hall(plan(3, items=2)).voting()
    for command in (c.CloseVote("v1"), c.ProclaimResult("v1"), c.OpenVote("i1")):
        hall.order(command)
    for command in (c.CloseVote("v2"), c.ProclaimResult("v2"), c.AnnounceItem("i2")):
        hall.order(command)
    hall.order(c.AnnounceItem("i1"))
    assert next_steps(hall.sitting, hall.now_ms).primary.command == c.AnnounceItem("i2")


def test_the_open_vote_tells_how_many_voted_and_never_how():
    hall = Hall(plan(3)).voting()
    hall.press(1, "against")
    primary = next_steps(hall.sitting, hall.now_ms).primary
    assert primary.values == {"vote": "v1", "voted": 1, "entitled": 3}
