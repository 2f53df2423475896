"""How a boot begins: the hello, the chain it continues, and who may not go on."""

from protocol import messages
from protocol.messages import NO_HASH
from terminal_fw.core import seat as mind
from terminal_fw.core.seat import HELLO_WAIT_MS
from tests.shared.terminal_fw.seat_bench import BADGE, OLD_HEAD, Bench


def test_nothing_is_signed_before_there_is_a_link():
    bench = Bench()
    bench.step(after=10000)
    assert bench.events == []


def test_the_hello_continues_the_chain_of_the_retained_view():
    bench = Bench()
    bench.step((mind.LINK, True))
    assert bench.events == []
    bench.show(boot=4, sequence=17, head=OLD_HEAD)
    assert len(bench.events) == 1
    hello = bench.events[0]
    assert isinstance(hello.body, messages.Hello)
    assert (hello.boot, hello.sequence, hello.previous) == (5, 0, OLD_HEAD)


def test_without_any_view_the_hello_begins_a_chain_after_a_while():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.step(after=HELLO_WAIT_MS - 1)
    assert bench.events == []
    assert bench.seat.next_deadline_ms(bench.now) == bench.now + 1
    bench.step(after=1)
    assert bench.events[0].previous == NO_HASH


def test_a_link_lost_while_waiting_starts_the_wait_again():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.step((mind.LINK, False), after=1000)
    bench.step(after=5000)
    bench.step((mind.LINK, True))
    bench.step(after=HELLO_WAIT_MS - 1)
    assert bench.events == []
    bench.step(after=1)
    assert len(bench.events) == 1


def test_a_hello_on_the_wrong_head_is_made_anew_with_the_next_sequence():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.step(after=HELLO_WAIT_MS)
    bench.show(accept=False, boot=4, sequence=17, head=OLD_HEAD)
    assert len(bench.events) == 2
    assert [(e.sequence, e.previous) for e in bench.events] == [(0, NO_HASH), (1, OLD_HEAD)]
    bench.show()
    assert bench.seat.joined


def test_the_same_head_again_makes_no_new_hello():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.show(boot=4, sequence=17, head=OLD_HEAD)
    bench.show(accept=False, boot=4, sequence=17, head=OLD_HEAD)
    assert len(bench.events) == 1


def test_an_earlier_hello_that_was_admitted_after_all_is_continued():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.step(after=HELLO_WAIT_MS)
    bench.show(accept=False, boot=4, sequence=17, head=OLD_HEAD)
    first = messages.event_hash(bench.data[0])
    bench.show(accept=False, boot=5, sequence=0, head=first)
    assert bench.seat.joined
    bench.step((mind.BADGE_IN, BADGE))
    assert bench.events[-1].previous == first
    assert bench.events[-1].sequence == 2


def test_every_event_names_the_one_before_it():
    bench = Bench()
    bench.join()
    bench.step((mind.BADGE_IN, BADGE))
    bench.step((mind.BADGE_OUT,))
    bench.step((mind.BADGE_IN, BADGE))
    for index in range(1, len(bench.events)):
        assert bench.events[index].previous == messages.event_hash(bench.data[index - 1])
        assert bench.events[index].sequence == bench.events[index - 1].sequence + 1


def test_a_boot_from_the_future_stops_the_seat():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.show(boot=6, sequence=0, head=OLD_HEAD)
    assert bench.seat.fault is not None
    assert bench.events == []
    bench.press(0)
    bench.step((mind.BADGE_IN, BADGE))
    assert bench.events == []
    assert bench.seat.lamp_modes(bench.now)[4] == mind.FAST


def test_our_boot_before_our_hello_is_a_clone():
    bench = Bench()
    bench.step((mind.LINK, True))
    bench.show(boot=5, sequence=0, head=OLD_HEAD)
    assert bench.seat.fault is not None


def test_a_controller_that_forgot_this_boot_makes_the_seat_start_again():
    bench = Bench()
    bench.join()
    effects = bench.show(boot=4, sequence=17, head=OLD_HEAD)
    assert [effect[0] for effect in effects] == [mind.RESTART]


def test_a_controller_that_lost_events_makes_the_seat_start_again():
    bench = Bench()
    bench.seated()
    hello_hash = messages.event_hash(bench.data[0])
    effects = bench.show(boot=5, sequence=0, head=hello_hash)
    assert [effect[0] for effect in effects] == [mind.RESTART]


def test_an_older_view_is_ignored():
    bench = Bench()
    bench.voting()
    bench.step((mind.VIEW, bench.view(revision=bench.seat.revision, phase="ended")))
    assert bench.seat.voting
    bench.step((mind.VIEW, bench.view(revision=1, phase="ended")))
    assert bench.seat.voting


def test_service_reports_wait_for_the_hello_and_are_bounded():
    bench = Bench()
    for _ in range(20):
        bench.step((mind.SERVICE, 2, "reader"))
    bench.join()
    reports = [body for body in bench.bodies() if isinstance(body, messages.ServiceReport)]
    assert len(reports) == mind.REPORTS_MAX
