"""Counting refusals and limiting rates, in bounded memory."""

from __future__ import annotations

from typing import Any

from controller.seats import counts as module
from controller.seats.buckets import Buckets
from controller.seats.counts import LOG_INTERVAL_MS, RefusalCounts


class Clock:
    now_ms = 0


class Lines:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, **fields})


def test_every_refusal_is_counted_but_a_source_is_logged_once_an_interval() -> None:
    clock, log = Clock(), Lines()
    counts = RefusalCounts(log, lambda: clock.now_ms)
    for _ in range(100):
        counts.count("bad_signature", "s01")
    counts.count("bad_signature", "s02")
    counts.count("old_boot", "s01")
    assert counts.snapshot() == {"bad_signature": 101, "old_boot": 1}
    assert len(log.lines) == 3
    clock.now_ms = LOG_INTERVAL_MS
    counts.count("bad_signature", "s01")
    assert log.lines[-1]["not_shown"] == 99


def test_a_million_sources_take_bounded_memory() -> None:
    counts = RefusalCounts(Lines(), lambda: 0)
    for number in range(3 * module._SOURCES_MAX):
        counts.count("unknown_terminal", f"s{number}")
    assert len(counts._shown) == module._SOURCES_MAX
    assert counts.snapshot() == {"unknown_terminal": 3 * module._SOURCES_MAX}


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = Buckets(burst=3, per_s=2)
    assert [buckets.take("a", 0) for _ in range(4)] == [True, True, True, False]
    assert buckets.take("b", 0)
    assert not buckets.take("a", 499)
    assert buckets.take("a", 500)
    assert not buckets.take("a", 500)
    assert [buckets.take("a", 100_000) for _ in range(4)] == [True, True, True, False]


def test_time_that_goes_back_refills_nothing() -> None:
    buckets = Buckets(burst=1, per_s=1)
    assert buckets.take("a", 10_000)
    assert not buckets.take("a", 0)
    assert not buckets.take("a", 10_500)
    assert buckets.take("a", 11_000)
