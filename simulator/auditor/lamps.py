"""When a lamp was steady to the eye: lit, and not dark again for longer than any blink."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.auditor.observed import LampWrite

STEADY_S = 0.7  # the lit half of the slowest blink is 0.5 s; a busy machine may stretch it
HALF_BLINK_S = 0.2  # the lit half of the fast blink is 0.125 s
ANSWERS = ("for", "against", "abstain")


@dataclass(frozen=True)
class Steady:
    """An answer lamp became steady for the person whose badge was in the seat."""

    at: float
    terminal: str
    badge: bytes
    answer: str


def steady_lamps(writes: Iterable[LampWrite], end: float) -> list[Steady]:
    """Every steady answer lamp until ``end``, in order of time.

    A receipt that falls into the lit half of a blink writes the lamp again without a dark moment:
    the lamp is steady from that second write on.
    """
    by_lamp: dict[tuple[str, str], list[LampWrite]] = {}
    for write in writes:
        if write.lamp in ANSWERS:
            by_lamp.setdefault((write.terminal, write.lamp), []).append(write)
    found: list[Steady] = []
    for lamp_writes in by_lamp.values():
        run: list[LampWrite] = []
        for write in lamp_writes:
            if write.lit:
                run.append(write)
            else:
                found.extend(_steady(run, write.at))
                run = []
        found.extend(_steady(run, end))
    return sorted(found, key=lambda steady: steady.at)


def _steady(run: list[LampWrite], end: float) -> list[Steady]:
    if not run or end - run[0].at < STEADY_S:
        return []
    first = run[0]
    begin = max(write.at for write in run if write.at - first.at <= HALF_BLINK_S)
    return [Steady(begin, first.terminal, first.badge, first.lamp)]
