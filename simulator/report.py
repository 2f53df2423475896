"""What a played scenario proved, as a document for programs and a few lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from simulator.auditor.observed import Violation

FORMAT = "dobush-scenario-report-1"
_SHOWN_MAX = 20


class Timings(msgspec.Struct, frozen=True):
    """Milliseconds and seconds by the monotonic clock of the machine that ran everything.

    ``press_to_steady_ms`` covers every press that a steady lamp confirmed, faults included.
    ``watch_lag_ms_max`` is how long the simulator itself once did not look.
    """

    boot_s: float
    play_s: float
    press_to_steady_ms_p50: float
    press_to_steady_ms_p99: float
    press_to_steady_ms_max: float
    watch_lag_ms_max: float


class Counts(msgspec.Struct, frozen=True):
    votes: int
    presses: int
    confirmed: int
    casts: int
    refused_events: int
    ledger_entries: int
    export_bytes: int
    seat_restarts: int


class Finding(msgspec.Struct, frozen=True):
    """One violation."""

    name: str
    where: str
    detail: str


class Report(msgspec.Struct, frozen=True):
    """``verdict`` is ``proven`` only when there is no violation."""

    format: str
    scenario: str
    title: str
    seats: int
    seed: int
    verdict: Literal["proven", "violated"]
    timings: Timings
    counts: Counts
    idle: dict[str, float]
    violations: tuple[Finding, ...]


def findings(violations: Sequence[Violation]) -> tuple[Finding, ...]:
    """The auditor's violations as they stand in a report."""
    return tuple(Finding(one.name, one.where, one.detail) for one in violations)


def write(report: Report, file: Path) -> None:
    """Write the report as indented JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def summary(report: Report) -> str:
    """A few lines for a person at a terminal."""
    counts, timings = report.counts, report.timings
    lines = [
        f"{report.title}: {report.seats} seats, seed {report.seed}",
        f"  {counts.presses} presses, {counts.confirmed} confirmed, {counts.casts} recorded, "
        f"{counts.refused_events} refused; {counts.ledger_entries} ledger entries",
        f"  press to steady lamp: p50 {timings.press_to_steady_ms_p50:.0f} ms, "
        f"p99 {timings.press_to_steady_ms_p99:.0f} ms, max {timings.press_to_steady_ms_max:.0f} ms",
        f"  seats up in {timings.boot_s:.1f} s, played in {timings.play_s:.1f} s",
    ]
    if report.idle:
        idle = ", ".join(f"{name} {value:g}" for name, value in report.idle.items())
        lines.append(f"  idle: {idle}")
    lines += [
        f"  VIOLATION {one.name} at {one.where}: {one.detail}"
        for one in report.violations[:_SHOWN_MAX]
    ]
    more = len(report.violations) - _SHOWN_MAX
    if more > 0:
        lines.append(f"  ... and {more} more")
    lines.append(f"  {report.verdict.upper()}")
    return "\n".join(lines)
