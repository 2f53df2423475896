"""A press, its receipt and its refusal; badges, the floor, and what the lamps say."""

from protocol import messages, refusal_codes
from protocol.limits import OUTBOX_EVENTS_MAX
from terminal_fw.core import seat as mind
from terminal_fw.core.seat import FAST, HINT_MS, OFF, ON, SILENCE_MS, SLOW
from terminal_fw.core.ticks import ticks_add, ticks_diff
from tests.shared.terminal_fw.seat_bench import BADGE, BALLOT, Bench, open_vote

FOR, AGAINST, ABSTAIN, FLOOR = 0, 1, 2, 3
OTHER_BADGE = b"\x09\x09\x09\x09"


def lamps(bench):
    return bench.seat.lamp_modes(bench.now)


def presses(bench):
    return [body for body in bench.bodies() if isinstance(body, messages.Press)]


def test_an_open_vote_asks_by_the_status_lamp():
    bench = Bench()
    bench.voting()
    assert lamps(bench) == (OFF, OFF, OFF, OFF, SLOW)


def test_a_press_blinks_until_its_receipt_and_is_steady_then():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    assert presses(bench) == [messages.Press(BALLOT, 1, BADGE)]
    assert lamps(bench)[0] == FAST
    bench.show(accept=False, **open_vote())
    assert lamps(bench)[0] == FAST
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    assert lamps(bench) == (ON, OFF, OFF, OFF, ON)
    assert bench.seat.pending is None


def test_only_a_settled_view_makes_a_lamp_steady():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    for _ in range(5):
        bench.step(after=2000)
        assert lamps(bench)[0] == FAST


def test_a_changed_mind_blinks_beside_the_receipted_answer():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.press(AGAINST)
    assert lamps(bench)[:3] == (ON, FAST, OFF)
    bench.show(**open_vote(receipt=messages.Receipt(2, 45)))
    assert lamps(bench)[:3] == (OFF, ON, OFF)


def test_the_newest_of_two_unsettled_presses_blinks():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.press(ABSTAIN)
    assert lamps(bench)[:3] == (OFF, OFF, FAST)
    assert len(presses(bench)) == 2


def test_the_same_press_again_says_nothing_new():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.press(FOR)
    assert len(presses(bench)) == 1


def test_going_back_to_the_receipted_answer_is_a_press():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.press(AGAINST)
    bench.press(FOR)
    assert [press.answer for press in presses(bench)] == [1, 2, 1]


def test_every_refusal_puts_the_lamp_off_buzzes_and_says_why():
    for name in refusal_codes.CODES:
        bench = Bench()
        bench.voting()
        bench.press(FOR)
        refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES[name])
        effects = bench.show(**open_vote(refusal=refusal))
        assert (mind.BUZZ,) in effects, name
        assert lamps(bench)[0] == OFF
        assert bench.seat.hint == name
        bench.step(after=HINT_MS)
        assert bench.seat.hint is None


def test_a_refusal_is_told_once():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES["vote_closed"])
    bench.show(**open_vote(refusal=refusal))
    assert (mind.BUZZ,) not in bench.show(**open_vote(refusal=refusal))


def test_an_event_that_was_not_judged_is_sent_again_and_not_called_refused():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES["broken_chain"])
    effects = bench.show(accept=False, **open_vote(refusal=refusal))
    assert effects == []
    assert lamps(bench)[0] == FAST
    assert len(bench.seat.outbox) == 1


def test_an_unknown_refusal_number_is_still_a_refusal():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(refusal=messages.Refusal(bench.events[-1].sequence, 250)))
    assert bench.seat.hint == "refused"


def test_what_the_seat_cannot_send_it_refuses_at_once():
    bench = Bench()
    assert (mind.BUZZ,) in bench.press(FOR)
    assert bench.seat.hint == "no_connection"
    bench.join()
    bench.press(FOR)
    assert bench.seat.hint == "put_badge"
    bench.step((mind.BADGE_IN, BADGE))
    bench.show(sitter=messages.Sitter("Asanov", True))
    bench.press(FOR)
    assert bench.seat.hint == "no_vote_open"
    bench.show(**open_vote(answers=3))
    bench.press(ABSTAIN)
    assert bench.seat.hint == "answer_not_allowed"
    assert presses(bench) == []


def test_a_late_press_goes_to_the_controller_that_writes_it_down():
    bench = Bench()
    bench.voting()
    fields = open_vote()
    fields["phase"] = "closed"
    bench.show(**fields)
    bench.press(FOR)
    assert len(presses(bench)) == 1


def test_a_full_outbox_refuses_a_press_and_takes_nothing():
    bench = Bench()
    bench.voting()
    answers = [FOR, AGAINST]
    for count in range(OUTBOX_EVENTS_MAX):
        bench.press(answers[count % 2])
    assert bench.seat.outbox.full
    signed = bench.chain.last_sequence
    assert (mind.BUZZ,) in bench.press(FOR)
    assert bench.seat.hint == "outbox_full"
    assert bench.chain.last_sequence == signed


def test_a_press_without_link_is_kept_and_sent_on_return():
    bench = Bench()
    bench.voting()
    bench.step((mind.LINK, False))
    bench.press(FOR)
    assert presses(bench) == []
    assert lamps(bench)[0] == FAST
    assert lamps(bench)[4] == OFF
    bench.step((mind.LINK, True), after=5000)
    assert len(presses(bench)) == 1


def test_a_receipted_vote_stays_lit_without_link():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
    bench.step((mind.LINK, False))
    assert lamps(bench)[0] == ON


def test_a_badge_taken_away_puts_the_receipt_out_and_says_so_in_order():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    bench.step((mind.BADGE_OUT,))
    kinds = [type(body).__name__ for body in bench.bodies()]
    assert kinds == ["Hello", "BadgePresent", "Press", "BadgeGone"]
    assert lamps(bench)[0] == FAST
    fields = open_vote()
    fields["sitter"] = None
    effects = bench.show(**fields)
    assert (mind.BUZZ,) not in effects
    assert lamps(bench)[0] == OFF


def test_a_swapped_badge_is_two_events_and_the_old_name_is_not_trusted():
    bench = Bench()
    bench.seated()
    bench.step((mind.BADGE_OUT,), (mind.BADGE_IN, OTHER_BADGE))
    assert bench.bodies()[-2:] == [messages.BadgeGone(), messages.BadgePresent(OTHER_BADGE)]
    assert not bench.seat.badge_settled
    bench.show(sitter=messages.Sitter("Other", True))
    assert bench.seat.badge_settled


def test_a_refused_badge_is_remembered_until_it_is_taken_away():
    bench = Bench()
    bench.join()
    bench.step((mind.BADGE_IN, BADGE))
    refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES["unknown_badge"])
    bench.show(refusal=refusal)
    bench.step(after=60000)
    assert bench.seat.badge_refusal == "unknown_badge"
    bench.press(FLOOR)
    assert bench.seat.hint == "unknown_badge"
    bench.step((mind.BADGE_OUT,))
    assert bench.seat.badge_refusal is None


def test_the_floor_button_asks_and_takes_back():
    bench = Bench()
    bench.seated()
    bench.press(FLOOR)
    assert isinstance(bench.bodies()[-1], messages.FloorRequest)
    assert lamps(bench)[3] == FAST
    bench.press(FLOOR)
    assert len(bench.events) == 3  # one wish at a time
    bench.show(sitter=messages.Sitter("Asanov", True), floor_place=2)
    assert lamps(bench)[3] == ON
    bench.press(FLOOR)
    assert isinstance(bench.bodies()[-1], messages.FloorWithdraw)
    bench.show(sitter=messages.Sitter("Asanov", True))
    assert lamps(bench)[3] == OFF


def test_a_refused_wish_says_why():
    bench = Bench()
    bench.seated()
    bench.press(FLOOR)
    refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES["queue_full"])
    bench.show(sitter=messages.Sitter("Asanov", True), refusal=refusal)
    assert bench.seat.hint == "queue_full"
    assert lamps(bench)[3] == OFF


def test_the_time_counts_down_by_itself():
    bench = Bench()
    bench.voting(remaining_ms=10000)
    bench.step(after=3500)
    assert bench.seat.vote_left_ms(bench.now) == 6500
    assert bench.seat.next_deadline_ms(bench.now) == bench.now + 500
    bench.step(after=20000)
    assert bench.seat.vote_left_ms(bench.now) == 0
    assert lamps(bench)[4] == ON  # nothing is asked any more


def test_silence_is_noticed():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    assert not bench.seat.silent(bench.now)
    bench.step(after=SILENCE_MS)
    assert bench.seat.silent(bench.now)


def test_the_lamps_are_told_only_when_they_change():
    bench = Bench()
    bench.voting()
    assert bench.step() == []
    assert [effect[0] for effect in bench.press(FOR)] == [mind.LAMPS]


def test_a_refusal_after_a_repeat_that_was_not_judged_is_still_told():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    sequence = bench.events[-1].sequence
    not_judged = messages.Refusal(sequence, refusal_codes.CODES["broken_chain"])
    bench.show(accept=False, **open_vote(refusal=not_judged))
    judged = messages.Refusal(sequence, refusal_codes.CODES["vote_closed"])
    assert (mind.BUZZ,) in bench.show(**open_vote(refusal=judged))
    assert bench.seat.hint == "vote_closed"


def test_a_new_link_gets_the_unsettled_press_at_once():
    bench = Bench()
    bench.voting()
    bench.press(FOR)
    assert bench.seat.outbox.next(bench.now) is None  # it is on its way
    bench.seat.step([(mind.LINK, False)], bench.now)
    bench.seat.step([(mind.LINK, True)], bench.now)
    assert bench.seat.outbox.next(bench.now) == bench.data[-1]


def test_a_vote_that_runs_while_the_clock_wraps_is_an_ordinary_vote():
    for before_ms in (0, 1, 500, 2500, 3500, 9999):
        bench = Bench(now=ticks_add(0, -before_ms))
        bench.voting(remaining_ms=10000)
        bench.step(after=1000)
        assert bench.seat.vote_left_ms(bench.now) == 9000
        assert ticks_diff(bench.seat.next_deadline_ms(bench.now), bench.now) == 1000
        bench.press(FOR)
        sent = len(bench.data)
        assert not bench.seat.silent(bench.now)
        bench.step(after=SILENCE_MS)
        assert bench.seat.silent(bench.now)
        assert len(bench.data) == sent  # the same bytes again, no new event
        bench.show(**open_vote(receipt=messages.Receipt(1, 44)))
        assert lamps(bench)[0] == ON
        bench.press(FLOOR)
        refusal = messages.Refusal(bench.events[-1].sequence, refusal_codes.CODES["queue_full"])
        bench.show(**open_vote(refusal=refusal))
        assert bench.seat.hint == "queue_full"
        bench.step(after=HINT_MS)
        assert bench.seat.hint is None
