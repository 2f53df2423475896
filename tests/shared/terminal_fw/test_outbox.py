"""Nothing in the outbox is lost, overtaken or changed until a view settles it."""

from protocol.limits import OUTBOX_EVENTS_MAX
from terminal_fw.core.backoff import Backoff
from terminal_fw.core.outbox import RESEND_FIRST_MS, RESEND_MOST_MS, Outbox


def no_jitter(_limit):
    return 0


def most_jitter(limit):
    return limit - 1


def send_all(outbox, now_ms):
    """Everything that leaves at this instant."""
    sent = []
    while outbox.next(now_ms) is not None:
        sent.append(outbox.next(now_ms))
        outbox.mark_sent(now_ms)
    return sent


def filled(count):
    outbox = Outbox(no_jitter)
    for sequence in range(count):
        outbox.add(sequence, b"event %d" % sequence)
    return outbox


def test_events_leave_in_order_and_at_once():
    assert send_all(filled(3), 0) == [b"event 0", b"event 1", b"event 2"]


def test_nothing_leaves_again_before_the_interval():
    outbox = filled(2)
    send_all(outbox, 0)
    assert send_all(outbox, RESEND_FIRST_MS - 1) == []
    assert send_all(outbox, RESEND_FIRST_MS) == [b"event 0", b"event 1"]


def test_intervals_grow_to_their_bound_and_never_end():
    outbox = filled(1)
    times = []
    now = 0
    while len(times) < 8:
        if send_all(outbox, now):
            times.append(now)
        now += 1
    gaps = [times[i + 1] - times[i] for i in range(len(times) - 1)]
    assert gaps == [250, 500, 1000, 2000, 2000, 2000, 2000]
    assert max(gaps) == RESEND_MOST_MS


def test_a_settled_event_leaves_the_outbox_with_all_before_it():
    outbox = filled(4)
    send_all(outbox, 0)
    outbox.settle(1)
    assert len(outbox) == 2
    outbox.next(10)
    assert send_all(outbox, 10 + RESEND_FIRST_MS) == [b"event 2", b"event 3"]
    outbox.settle(3)
    assert len(outbox) == 0
    assert outbox.next_deadline_ms(5000) is None


def test_an_event_added_behind_others_does_not_wait_for_their_interval():
    outbox = filled(1)
    send_all(outbox, 0)
    outbox.add(1, b"event 1")
    assert outbox.next_deadline_ms(20) == 20
    assert send_all(outbox, 20) == [b"event 1"]


def test_a_new_link_begins_at_the_head():
    outbox = filled(3)
    send_all(outbox, 0)
    outbox.rewind()
    assert send_all(outbox, 1) == [b"event 0", b"event 1", b"event 2"]


def test_a_refused_sending_is_tried_again_and_skips_nothing():
    outbox = filled(2)
    assert outbox.next(0) == b"event 0"
    assert outbox.next(1) == b"event 0"  # the link was full: it was not marked as sent
    outbox.mark_sent(1)
    assert outbox.next(1) == b"event 1"


def test_the_room_is_bounded_and_says_when_it_is_full():
    outbox = filled(OUTBOX_EVENTS_MAX)
    assert outbox.full
    try:
        outbox.add(99, b"one too many")
    except OverflowError:
        pass
    else:
        raise AssertionError("the outbox took more than it has room for")
    outbox.settle(0)
    assert not outbox.full


def test_waiting_is_counted_from_the_first_sending():
    outbox = filled(1)
    assert outbox.waited_ms(100) == 0
    send_all(outbox, 100)
    send_all(outbox, 100 + RESEND_FIRST_MS)
    assert outbox.waited_ms(1100) == 1000
    outbox.settle(0)
    assert outbox.waited_ms(2000) == 0


def test_a_settling_of_the_unknown_changes_nothing():
    outbox = filled(2)
    send_all(outbox, 0)
    outbox.settle(-1)
    assert len(outbox) == 2


def test_delays_are_jittered_within_their_bounds():
    backoff = Backoff(200, 3000, most_jitter)
    delays = [backoff.next_ms() for _ in range(8)]
    assert delays[0] == 300
    assert max(delays) == 3000
    backoff.reset()
    assert backoff.next_ms() == 300
