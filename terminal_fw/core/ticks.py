"""Instants of the seat: milliseconds that wrap around, and the only ways to compare them.

Every `now_ms` in this room is such an instant. Two of them may be compared when they are less than
six days apart; nothing here waits that long.
"""

PERIOD_MS = 1 << 30
_HALF_MS = PERIOD_MS >> 1


def ticks_add(instant_ms: int, delay_ms: int) -> int:
    """The instant `delay_ms` later (or earlier, when negative)."""
    return (instant_ms + delay_ms) & (PERIOD_MS - 1)


def ticks_diff(later_ms: int, earlier_ms: int) -> int:
    """How many milliseconds `later_ms` is after `earlier_ms`; negative when it is before."""
    return ((later_ms - earlier_ms + _HALF_MS) & (PERIOD_MS - 1)) - _HALF_MS


def is_due(deadline_ms: int, now_ms: int) -> bool:
    """Whether the deadline has come."""
    return ticks_diff(now_ms, deadline_ms) >= 0
