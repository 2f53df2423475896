"""Another deputy sits down while something of the one before is still shown or on its way."""

from protocol import messages
from terminal_fw.core import seat as mind
from terminal_fw.core.screens import Screens
from terminal_fw.core.seat import FAST, OFF, ON
from tests.shared.terminal_fw.seat_bench import BADGE, BALLOT, Bench, open_vote

FOR, AGAINST, ABSTAIN, FLOOR = 0, 1, 2, 3
OTHER_BADGE = b"\x09\x09\x09\x09"
OTHER = messages.Sitter("Other", True)


def lamps(bench):
    return bench.seat.lamp_modes(bench.now)


def swap(bench):
    bench.step((mind.BADGE_OUT,))
    bench.step((mind.BADGE_IN, OTHER_BADGE))


def test_a_receipt_is_shown_to_nobody_but_the_deputy_who_got_it():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.step((mind.LINK, False))
    swap(bench)
    assert lamps(bench)[:3] == (OFF, OFF, OFF)
    rows = Screens().rows(bench.seat, bench.now)
    assert len(rows) == 2 and "accepted" not in str(rows)
    bench.step((mind.LINK, True))
    bench.show(**open_vote(sitter=OTHER, receipt=messages.Receipt(2, 40)))
    assert lamps(bench)[:3] == (OFF, ON, OFF)  # voted at another seat before


def test_the_same_badge_put_back_shows_its_receipt_when_the_controller_knows_it_again():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.step((mind.BADGE_OUT,))
    bench.step((mind.BADGE_IN, BADGE))
    assert lamps(bench)[:3] == (OFF, OFF, OFF)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    assert lamps(bench)[:3] == (ON, OFF, OFF)


def test_a_press_is_signed_although_the_deputy_before_pressed_the_same():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    swap(bench)
    assert lamps(bench)[:3] == (OFF, OFF, OFF)
    bench.press(FOR)
    presses = [body for body in bench.bodies() if isinstance(body, messages.Press)]
    assert presses == [messages.Press(BALLOT, 1, BADGE), messages.Press(BALLOT, 1, OTHER_BADGE)]
    assert lamps(bench)[0] == FAST
    bench.show(**open_vote(sitter=OTHER, receipt=messages.Receipt(1, 47)))
    assert lamps(bench)[:3] == (ON, OFF, OFF)


def test_a_refusal_of_the_deputy_before_is_not_told_to_the_next():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    press = bench.events[-1].sequence
    swap(bench)
    refusal = messages.Refusal(press, 8)
    effects = bench.show(**open_vote(sitter=OTHER, refusal=refusal))
    assert (mind.BUZZ,) not in effects
    assert bench.seat.hint is None


def test_the_place_in_the_queue_is_the_next_deputys_own():
    bench = Bench()
    bench.seated(phase="item", floor_place=2)
    assert lamps(bench)[3] == ON
    swap(bench)
    assert lamps(bench)[3] == OFF
    bench.press(FLOOR)
    assert isinstance(bench.bodies()[-1], messages.FloorRequest)


def test_a_wish_of_the_deputy_before_does_not_swallow_the_next_ones():
    bench = Bench()
    bench.seated(phase="item")
    bench.press(FLOOR)
    swap(bench)
    assert lamps(bench)[3] == OFF
    bench.press(FLOOR)
    wishes = [body for body in bench.bodies() if isinstance(body, messages.FloorRequest)]
    assert len(wishes) == 2
    assert lamps(bench)[3] == FAST


def test_a_badge_that_the_controller_ties_to_no_seat_any_more_is_announced_again():
    # an event of another seat came late: the controller believes that the deputy went there
    bench = Bench()
    bench.seated()
    bench.show(sitter=None)
    assert bench.bodies()[-2:] == [messages.BadgePresent(BADGE), messages.BadgePresent(BADGE)]
    refusal = messages.Refusal(bench.events[-1].sequence, 2)
    bench.show(sitter=None, refusal=refusal)
    bench.show(sitter=None, refusal=refusal)
    assert bench.seat.badge_refusal == "badge_elsewhere"
    assert len(bench.events) == 3


def test_a_refusal_of_the_badge_that_a_later_one_hid_is_asked_for_again():
    bench = Bench()
    bench.join()
    bench.step((mind.BADGE_IN, BADGE))
    bench.press(FLOOR)
    bench.show(refusal=messages.Refusal(bench.events[-1].sequence, 4))
    assert bench.bodies()[-1] == messages.BadgePresent(BADGE)
    bench.show(refusal=messages.Refusal(bench.events[-1].sequence, 1))
    assert bench.seat.badge_refusal == "unknown_badge"
