"""How long people waited for their lamp, and what an idle hall costs."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from simulator.auditor.lamps import steady_lamps
from simulator.auditor.observed import LampWrite, Press

_LAG_INTERVAL_S = 0.05


def press_to_steady_ms(presses: Sequence[Press], lamps: Iterable[LampWrite]) -> list[float]:
    """Milliseconds from each press to its steady lamp, for the presses that got one."""
    by_seat: dict[str, list[Press]] = {}
    for press in presses:
        by_seat.setdefault(press.terminal, []).append(press)
    answered: set[Press] = set()
    waits: list[float] = []
    for steady in steady_lamps(lamps, time.monotonic()):
        before = [one for one in by_seat.get(steady.terminal, []) if one.at <= steady.at]
        if before and before[-1].answer == steady.answer and before[-1] not in answered:
            answered.add(before[-1])
            waits.append(1000 * (steady.at - before[-1].at))
    return sorted(waits)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` of all do not exceed; 0 for none."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


class LagMeter:
    """The longest time for which this program did not look: its times are as good as that."""

    def __init__(self) -> None:
        self.max_ms = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            begin = time.monotonic()
            await asyncio.sleep(_LAG_INTERVAL_S)
            lag_ms = 1000 * (time.monotonic() - begin - _LAG_INTERVAL_S)
            self.max_ms = max(self.max_ms, lag_ms)


def cpu_seconds(pids: Iterable[int | None]) -> float:
    """Processor time that these processes used so far; those that are gone count nothing."""
    ticks = 0
    for pid in pids:
        if pid is None:
            continue
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pids: Iterable[int | None]) -> int:
    """Memory of these processes that is in use now."""
    pages = 0
    for pid in pids:
        if pid is None:
            continue
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")
