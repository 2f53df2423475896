"""All pairs of phase and command, and of phase and fact, against a table written by hand."""

from __future__ import annotations

import typing

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import RefusalReason, Refused
from controller.core.sitting import PHASES, InvariantBroken
from controller.core.transitions import COMMANDS, FACTS
from tests.controller.halls import Hall, badge, plan

# what the chair hears in: none, prepared, registration, item, voting, closed, proclaimed, ended
EXPECTED = {
    "open_registration": "no_sitting yes wrong wrong wrong wrong wrong wrong",
    "close_registration": "no_sitting wrong yes wrong wrong wrong wrong wrong",
    "announce_item": "no_sitting wrong wrong yes wrong wrong yes wrong",
    "open_vote": "no_sitting wrong wrong yes wrong wrong yes wrong",
    "extend_vote": "no_sitting no_open no_open no_open yes vote_closed no_open no_open",
    "close_vote": "no_sitting no_open no_open no_open yes vote_closed no_open no_open",
    "proclaim_result": "no_sitting wrong wrong wrong wrong yes wrong wrong",
    "end_sitting": "no_sitting yes yes yes wrong wrong yes wrong",
    "revoke_terminal": "yes yes yes yes yes yes yes yes",
}
WORDS = {"wrong": "wrong_state", "no_open": "no_vote_open"}
ORDERS = [
    c.OpenRegistration(),
    c.CloseRegistration(),
    c.AnnounceItem("i2"),
    c.OpenVote("i1"),
    c.ExtendVote("v1", 10_000),
    c.CloseVote("v1"),
    c.ProclaimResult("v1"),
    c.EndSitting(),
    c.RevokeTerminal("s2"),
]


def hall_in(phase: str) -> Hall:
    """A hall of three in the phase; in ``registration`` it is still open."""
    if phase == "none":
        hall = Hall()
        hall.do(c.EnrolTerminal("s1", b"\x01" * 32))
        hall.do(c.EnrolTerminal("s2", b"\x02" * 32))
        return hall
    hall = Hall(plan(3))
    hall.arrive(1, 2, 3)
    way = {
        "registration": c.OpenRegistration(),
        "closing": c.CloseRegistration(),
        "item": c.AnnounceItem("i1"),
        "voting": c.OpenVote("i1"),
        "closed": c.CloseVote("v1"),
        "proclaimed": c.ProclaimResult("v1"),
        "ended": c.EndSitting(),
    }
    for reached, command in way.items():
        if hall.sitting.phase == phase:
            break
        hall.order(command)
        if reached == phase:
            break
    assert hall.sitting.phase == phase
    return hall


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", ORDERS, ids=c.command_name)
def test_each_order_in_each_phase_is_accepted_or_refused_as_the_table_says(command, phase):
    hall = hall_in(phase)
    expected = EXPECTED[c.command_name(command)].split()[PHASES.index(phase)]
    before = hall.sitting.dump()
    answer = hall.order(command)
    if expected == "yes":
        assert isinstance(answer, tuple) and answer
    else:
        assert isinstance(answer, Refused)
        assert answer.reason == WORDS.get(expected, expected)
        assert hall.sitting.dump() == before


SEAT_EVENTS = [
    c.StartTerminal("s1", "1.1"),
    c.PresentBadge("s1", badge(1)),
    c.TakeBadgeAway("s1"),
    c.PressAnswer("s1", badge(1), bytes(32), "for"),
    c.RequestFloor("s1"),
    c.WithdrawFloor("s1"),
    c.ReportTerminal("s1", 7, "buzzer"),
]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", SEAT_EVENTS, ids=c.command_name)
def test_each_event_of_an_enrolled_seat_makes_facts_in_each_phase(command, phase):
    hall = hall_in(phase)
    answer = hall.do(command)
    assert isinstance(answer, tuple) and answer, "the seat's chain of events must go on"


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", SEAT_EVENTS, ids=c.command_name)
def test_an_event_of_a_terminal_that_is_unknown_or_revoked_is_refused_in_each_phase(command, phase):
    hall = hall_in(phase)
    made = type(command)(**{**as_fields(command), "terminal": "s99"})
    assert hall.do(made) == Refused(RefusalReason.UNKNOWN_TERMINAL, "s99")
    hall.order(c.RevokeTerminal("s1"))
    assert hall.do(command) == Refused(RefusalReason.TERMINAL_REVOKED, "s1")
    assert hall.do(c.LoseSeat("s1")) == Refused(RefusalReason.TERMINAL_REVOKED, "s1")


def as_fields(command: c.Command) -> dict[str, object]:
    return {name: getattr(command, name) for name in command.__struct_fields__}


@pytest.mark.parametrize("phase", PHASES[1:])
def test_a_sitting_is_prepared_once(phase):
    answer = hall_in(phase).do(c.PrepareSitting(plan(3)))
    assert isinstance(answer, Refused)
    assert answer.reason == RefusalReason.SITTING_ALREADY_PREPARED


def test_the_table_has_every_command_and_every_phase():
    members = (
        *typing.get_args(c.ChairCommand),
        *typing.get_args(c.SeatCommand),
        *typing.get_args(c.ServiceCommand),
    )
    assert set(COMMANDS) == set(members)
    assert all(tuple(row) == PHASES for row in COMMANDS.values())
    assert set(FACTS) == set(typing.get_args(f.AnyFact))


def test_after_the_end_only_liveness_presence_refusals_and_terminals_can_happen():
    possible = {fact.__name__ for fact, happens in FACTS.items() if "ended" in happens.phases}
    assert possible == {
        "ControllerStarted",
        "CommandAccepted",
        "EventRefused",
        "TerminalEnrolled",
        "TerminalRevoked",
        "TerminalStarted",
        "TerminalReported",
        "SeatLost",
        "SeatRestored",
        "BadgeSeated",
        "BadgeLeft",
    }


# a fact in a phase where it cannot have happened; the phases are written out by hand
IMPOSSIBLE = [
    (f.RegistrationOpened(), "none registration item voting closed proclaimed ended"),
    (f.RegistrationClosed(0, 0, False), "none prepared item voting closed proclaimed ended"),
    (f.ItemAnnounced("i2"), "none prepared voting closed ended"),
    (f.BallotCast("v1", "d1", "s1", "for"), "none prepared registration item closed proclaimed"),
    (f.BallotCast("v1", "d1", "s1", "for"), "ended"),
    (f.ResultProclaimed("v1"), "none prepared registration item voting proclaimed ended"),
    (f.SittingEnded(), "none voting closed ended"),
    (f.FloorRequested("d1"), "none prepared registration ended"),
    (f.DeputyRegistered("d1", True), "none prepared ended"),
    (f.BadgeSeated("s1", "d1"), "none"),
]


@pytest.mark.parametrize(
    ("fact", "phase"), [(fact, phase) for fact, phases in IMPOSSIBLE for phase in phases.split()]
)
def test_a_fact_out_of_its_phase_stops_the_sitting(fact, phase):
    hall = hall_in(phase)
    with pytest.raises(InvariantBroken):
        hall.sitting.apply(fact, hall.now_ms, len(hall.entries))
