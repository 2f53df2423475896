"""Who is present, registered, moved, refused a seat; what a reboot and a silence do."""

from __future__ import annotations

import pytest

from controller.core import commands as c
from controller.core import facts as f
from controller.core.refusals import Refused
from tests.controller.halls import Hall, badge, plan


@pytest.fixture
def hall() -> Hall:
    return Hall(plan(3))


def presence(hall: Hall, number: int) -> str:
    return hall.sitting.attendance.presence(f"d{number}")


def present_badge(hall: Hall, terminal: str, number: int):
    return hall.do(c.PresentBadge(terminal, badge(number)))


def test_a_badge_at_a_heard_seat_is_a_deputy_present(hall):
    assert presence(hall, 1) == "absent"
    hall.arrive(1)
    assert presence(hall, 1) == "present"
    assert hall.sitting.sitter("s1").id == "d1"
    assert hall.do(c.TakeBadgeAway("s1")) == (f.BadgeLeft("s1", "d1", "taken_away"),)
    assert presence(hall, 1) == "absent"
    assert hall.sitting.sitter("s1") is None


def test_a_badge_of_nobody_is_refused_and_written(hall):
    answer = hall.do(c.PresentBadge("s1", b"\x00" * 7))
    assert answer == (f.SeatRestored("s1"), f.EventRefused("s1", None, "unknown_badge"))


def test_a_silent_seat_takes_the_deputy_from_the_quorum_and_any_event_gives_it_back(hall):
    hall.arrive(1, 2)
    assert hall.do(c.LoseSeat("s1")) == (f.SeatLost("s1"),)
    assert hall.do(c.LoseSeat("s1")) == ()
    assert presence(hall, 1) == "no_connection"
    assert hall.sitting.attendance.present_count == 1
    assert hall.sitting.attendance.no_connection_count == 1
    report = hall.do(c.ReportTerminal("s1", 3, "x"))
    assert report == (f.SeatRestored("s1"), f.TerminalReported("s1", 3, "x"))
    assert presence(hall, 1) == "present"
    hall.do(c.LoseSeat("s1"))
    assert hall.do(c.RestoreSeat("s1")) == (f.SeatRestored("s1"),)
    assert hall.do(c.RestoreSeat("s1")) == ()
    assert presence(hall, 1) == "present"


def test_after_a_hello_the_deputy_is_tied_and_not_present_until_the_badge_is_reported(hall):
    hall.arrive(1)
    assert hall.do(c.StartTerminal("s1", "1.1")) == (f.TerminalStarted("s1", "1.1"),)
    assert presence(hall, 1) == "no_connection"
    assert hall.sitting.sitter("s1") is None
    assert present_badge(hall, "s1", 1) == (f.BadgeSeated("s1", "d1"),)
    assert presence(hall, 1) == "present"


def test_a_hello_of_a_lost_seat_restores_it_and_confirms_nobody(hall):
    hall.arrive(1)
    hall.do(c.LoseSeat("s1"))
    answer = hall.do(c.StartTerminal("s1", "1.1"))
    assert answer == (f.SeatRestored("s1"), f.TerminalStarted("s1", "1.1"))
    assert presence(hall, 1) == "no_connection"


def test_another_badge_after_a_hello_means_that_the_former_deputy_left_in_the_dark(hall):
    hall.arrive(1)
    hall.do(c.StartTerminal("s1", "1.1"))
    assert present_badge(hall, "s1", 2) == (
        f.BadgeLeft("s1", "d1", "taken_away"),
        f.BadgeSeated("s1", "d2"),
    )
    hall.do(c.StartTerminal("s1", "1.1"))
    assert hall.do(c.PresentBadge("s1", b"\x00" * 7)) == (
        f.BadgeLeft("s1", "d2", "taken_away"),
        f.EventRefused("s1", None, "unknown_badge"),
    )


def test_a_badge_gone_after_a_hello_lets_the_former_deputy_leave(hall):
    hall.arrive(1)
    hall.do(c.StartTerminal("s1", "1.1"))
    assert hall.do(c.TakeBadgeAway("s1")) == (f.BadgeLeft("s1", "d1", "taken_away"),)


def test_a_second_badge_on_a_live_seat_is_refused(hall):
    hall.arrive(1)
    assert present_badge(hall, "s1", 2) == (f.EventRefused("s1", "d2", "seat_occupied"),)
    assert presence(hall, 1) == "present"


def test_one_badge_at_two_live_seats_is_refused_at_the_second(hall):
    hall.arrive(1, 2)
    hall.do(c.TakeBadgeAway("s2"))
    assert present_badge(hall, "s2", 1) == (f.EventRefused("s2", "d1", "badge_elsewhere"),)


@pytest.mark.parametrize("trouble", [c.LoseSeat("s1"), c.StartTerminal("s1", "1.1")])
def test_a_badge_moves_from_a_seat_that_is_lost_or_has_just_rebooted(hall, trouble):
    hall.arrive(1)
    hall.do(trouble)
    hall.do(c.StartTerminal("s2", "1.0"))
    assert present_badge(hall, "s2", 1) == (
        f.BadgeLeft("s1", "d1", "moved"),
        f.BadgeSeated("s2", "d1"),
    )
    assert hall.sitting.attendance.seat_of("d1").terminal == "s2"


def test_a_badge_taken_from_an_empty_seat_still_makes_a_fact(hall):
    hall.do(c.StartTerminal("s1", "1.0"))
    assert hall.do(c.TakeBadgeAway("s1")) == (f.EventRefused("s1", None, "seat_empty"),)


def test_a_repeated_badge_of_who_sits_here_is_written_and_changes_nothing(hall):
    hall.arrive(1)
    assert present_badge(hall, "s1", 1) == (f.BadgeSeated("s1", "d1"),)
    assert presence(hall, 1) == "present"


def test_a_revoked_terminal_unseats_its_deputy_who_may_sit_elsewhere(hall):
    hall.at_item()
    hall.do(c.RequestFloor("s1"))
    assert hall.order(c.RevokeTerminal("s1")) == (
        f.BadgeLeft("s1", "d1", "revoked"),
        f.FloorWithdrawn("d1", "left"),
        f.TerminalRevoked("s1"),
    )
    hall.do(c.StartTerminal("s4", "1.0"))
    assert present_badge(hall, "s4", 1) == (f.BadgeSeated("s4", "d1"),)
    again = hall.order(c.RevokeTerminal("s1"))
    assert isinstance(again, Refused) and again.reason == "terminal_revoked"
    enrolled = hall.do(c.EnrolTerminal("s1", b"\x07" * 32))
    assert isinstance(enrolled, Refused) and enrolled.reason == "terminal_revoked"


def test_whoever_is_present_when_the_registration_opens_is_registered(hall):
    hall.arrive(2, 1)
    hall.arrive(3)
    hall.do(c.LoseSeat("s3"))
    assert hall.order(c.OpenRegistration()) == (
        f.RegistrationOpened(),
        f.DeputyRegistered("d1", False),
        f.DeputyRegistered("d2", False),
    )
    # the third comes back while it is open, and is not late
    assert hall.do(c.RestoreSeat("s3")) == (
        f.SeatRestored("s3"),
        f.DeputyRegistered("d3", False),
    )


def test_whoever_comes_after_the_registration_is_registered_late(hall):
    hall.arrive(1)
    hall.order(c.OpenRegistration())
    assert hall.order(c.CloseRegistration()) == (f.RegistrationClosed(1, 1, False),)
    hall.do(c.StartTerminal("s2", "1.0"))
    assert present_badge(hall, "s2", 2) == (
        f.BadgeSeated("s2", "d2"),
        f.DeputyRegistered("d2", True),
    )
    hall.do(c.TakeBadgeAway("s2"))
    assert present_badge(hall, "s2", 2) == (f.BadgeSeated("s2", "d2"),), "registered once"


def test_leaving_does_not_undo_the_registration_and_does_lower_the_quorum(hall):
    hall.at_item()
    hall.do(c.TakeBadgeAway("s1"))
    attendance = hall.sitting.attendance
    assert (attendance.registered_count, attendance.present_count) == (3, 2)


def test_who_left_in_the_dark_is_not_registered_by_the_seats_return(hall):
    hall.arrive(1)
    hall.do(c.LoseSeat("s1"))
    hall.order(c.OpenRegistration())
    assert hall.do(c.TakeBadgeAway("s1")) == (
        f.SeatRestored("s1"),
        f.BadgeLeft("s1", "d1", "taken_away"),
    )
    assert not hall.sitting.attendance.is_registered("d1")


def test_a_lost_seat_that_reports_its_badge_registers_its_deputy_once(hall):
    hall.arrive(1)
    hall.do(c.LoseSeat("s1"))
    hall.order(c.OpenRegistration())
    made = present_badge(hall, "s1", 1)
    assert made.count(f.DeputyRegistered("d1", False)) == 1
    assert presence(hall, 1) == "present"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.EnrolTerminal("s1", b"\x05" * 32), "terminal_already_enrolled"),
        (c.EnrolTerminal("S 9", b"\x05" * 32), "invalid_configuration"),
        (c.EnrolTerminal("s9", b"\x05" * 31), "invalid_configuration"),
        (c.LoseSeat("s9"), "unknown_terminal"),
        (c.RestoreSeat("s9"), "unknown_terminal"),
    ],
)
def test_a_terminal_that_cannot_be_is_refused(hall, command, reason):
    answer = hall.do(command)
    assert isinstance(answer, Refused) and answer.reason == reason


def test_one_public_key_serves_one_terminal(hall):
    key = hall.sitting.attendance.seats["s1"].public_key
    answer = hall.do(c.EnrolTerminal("s9", key))
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.detail) == (
        "invalid_configuration",
        "public_key: the same as of s1",
    )


def test_no_more_terminals_than_the_limit_are_enrolled():
    hall = Hall()
    for n in range(1_000):
        assert hall.do(c.EnrolTerminal(f"s{n}", n.to_bytes(32, "big")))
    answer = hall.do(c.EnrolTerminal("one-more", b"\xff" * 32))
    assert isinstance(answer, Refused) and answer.reason == "invalid_configuration"
