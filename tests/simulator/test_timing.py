"""Waiting times and shares of a processor are computed as a person would by hand."""

from __future__ import annotations

import os
import time

from simulator.auditor.observed import LampWrite, Press
from simulator.timing import cpu_seconds, percentile, press_to_steady_ms, resident_bytes


def lit(at: float, lamp: str = "for", on: bool = True) -> LampWrite:
    return LampWrite(at, "s1", lamp, on, b"badge")


def test_the_wait_runs_from_the_finger_to_the_second_write_of_a_lamp() -> None:
    presses = [Press(1.0, "s1", b"badge", "for")]
    assert press_to_steady_ms(presses, [lit(1.01), lit(1.05)]) == [50.0] or (
        round(press_to_steady_ms(presses, [lit(1.01), lit(1.05)])[0]) == 50
    )


def test_a_press_that_was_overtaken_by_another_answer_has_no_wait_of_its_own() -> None:
    presses = [Press(1.0, "s1", b"badge", "for"), Press(1.02, "s1", b"badge", "against")]
    assert press_to_steady_ms(presses, [lit(1.05)]) == []


def test_a_receipt_that_is_shown_again_is_not_a_second_wait() -> None:
    presses = [Press(1.0, "s1", b"badge", "for")]
    waits = press_to_steady_ms(presses, [lit(1.05), lit(4.0, on=False), lit(6.0)])
    assert [round(wait) for wait in waits] == [50]


def test_percentiles_are_values_that_were_measured() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert (percentile(hundred, 50), percentile(hundred, 99), percentile(hundred, 100)) == (
        50.0,
        99.0,
        100.0,
    )
    assert percentile([7.0], 99) == 7.0
    assert percentile([], 99) == 0.0


def test_processor_time_and_memory_of_this_process_are_seen_and_of_no_process_are_nothing() -> None:
    before = cpu_seconds([os.getpid()])
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    assert cpu_seconds([os.getpid(), None]) - before >= 0.03
    assert resident_bytes([os.getpid()]) > 1_000_000
    assert cpu_seconds([2**22 - 1, None]) == resident_bytes([2**22 - 1, None]) == 0
