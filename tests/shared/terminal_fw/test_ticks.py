"""Instants wrap, and comparing them never shows it."""

from terminal_fw.core.ticks import PERIOD_MS, is_due, ticks_add, ticks_diff


def test_a_difference_across_the_wrap_is_the_time_that_passed():
    before = PERIOD_MS - 10
    after = ticks_add(before, 25)
    assert after == 15
    assert ticks_diff(after, before) == 25
    assert ticks_diff(before, after) == -25


def test_a_deadline_is_due_at_its_instant_and_not_before():
    deadline = ticks_add(PERIOD_MS - 1, 100)
    assert not is_due(deadline, ticks_add(deadline, -1))
    assert is_due(deadline, deadline)
    assert is_due(deadline, ticks_add(deadline, 5))


def test_going_back_undoes_going_forward():
    for start in (0, 1, 500, PERIOD_MS - 1):
        assert ticks_add(ticks_add(start, 777), -777) == start
