"""Liveness: silence loses a seat once, a fresh message brings it back, a last will only hastens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.core.commands import LoseSeat, RestoreSeat
from controller.seats.liveness import GONE_LIMIT_MS, SILENT_LIMIT_MS, START_GRACE_MS, Liveness
from terminal_fw.app import HEARTBEAT_MS


def test_a_seat_is_lost_once_when_its_silence_reaches_the_limit() -> None:
    liveness = Liveness()
    assert liveness.heard("s01", 0) == RestoreSeat("s01")
    assert liveness.heard("s01", 1_000) is None
    assert liveness.due(1_000 + SILENT_LIMIT_MS - 1) == ()
    assert liveness.due(1_000 + SILENT_LIMIT_MS) == (LoseSeat("s01"),)
    assert liveness.due(99_000) == ()
    assert liveness.heard("s01", 99_000) == RestoreSeat("s01")


def test_a_last_will_hastens_the_loss_and_a_fresh_message_takes_it_back() -> None:
    liveness = Liveness()
    liveness.heard("s01", 0)
    liveness.gone("s01", 100)
    assert liveness.due(100 + GONE_LIMIT_MS) == (LoseSeat("s01"),)
    liveness.heard("s01", 2_000)
    liveness.gone("s01", 2_100)
    liveness.heard("s01", 2_200)
    assert liveness.due(2_100 + GONE_LIMIT_MS) == ()
    assert liveness.due(2_200 + SILENT_LIMIT_MS) == (LoseSeat("s01"),)


def test_a_last_will_never_gives_more_time_and_says_nothing_of_a_lost_seat() -> None:
    liveness = Liveness()
    liveness.gone("s01", 0)
    liveness.heard("s01", 0)
    liveness.gone("s01", SILENT_LIMIT_MS - 1)
    assert liveness.due(SILENT_LIMIT_MS) == (LoseSeat("s01"),)
    assert liveness.next_deadline_ms() is None


def test_the_late_will_of_a_dead_connection_does_not_lose_a_seat_that_is_back() -> None:
    # the broker publishes it when the new connection takes the old one's place
    liveness = Liveness()
    liveness.heard("s01", 0)
    liveness.gone("s01", 1)
    next_heartbeat_ms = HEARTBEAT_MS + 100
    assert liveness.due(next_heartbeat_ms) == ()
    assert liveness.heard("s01", next_heartbeat_ms) is None


def test_after_a_start_seats_have_time_to_find_the_broker() -> None:
    liveness = Liveness()
    liveness.expect("s01", 0)
    assert liveness.due(START_GRACE_MS - 1) == ()
    assert liveness.due(START_GRACE_MS) == (LoseSeat("s01"),)


def test_a_forgotten_seat_is_never_lost() -> None:
    liveness = Liveness()
    liveness.heard("s01", 0)
    liveness.forget("s01")
    assert liveness.due(99_000) == ()
    assert not liveness.is_heard("s01")


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["heard", "gone", "forget", "due", "expect"]),
            st.sampled_from(["a", "b"]),
            st.integers(0, 1_500),
        ),
        max_size=60,
    )
)
def test_it_agrees_with_a_plain_table_of_deadlines(steps: list[tuple[str, str, int]]) -> None:
    liveness, table, now_ms = Liveness(), dict[str, int](), 0
    for action, seat, later_ms in steps:
        now_ms += later_ms
        if action == "heard":
            assert (liveness.heard(seat, now_ms) is None) == (seat in table)
            table[seat] = now_ms + SILENT_LIMIT_MS
        elif action == "gone":
            liveness.gone(seat, now_ms)
            if seat in table:
                table[seat] = min(table[seat], now_ms + GONE_LIMIT_MS)
        elif action == "forget":
            liveness.forget(seat)
            table.pop(seat, None)
        elif action == "expect":
            liveness.expect(seat, now_ms)
            table[seat] = now_ms + START_GRACE_MS
        else:
            lost = {one for one, deadline in table.items() if deadline <= now_ms}
            assert {one.terminal for one in liveness.due(now_ms)} == lost
            for one in lost:
                del table[one]
        if table:
            next_ms = liveness.next_deadline_ms()
            assert next_ms is not None
            assert next_ms <= min(table.values())
    assert len(liveness._heap) <= len(steps)
