"""One measured number beside its floor and its budget, the machine it is from, and their table.

A floor is what the same machine needs, in the same minute, for the least work that any program
would have to do for the same purpose. A budget that is not met is a finding, never a failed test.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

FORMAT = "dobush-bench-1"
_BUSY_SAMPLE_S = 0.5


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` in ``unit``. ``ratio`` is value / floor; None where there is no floor.

    The budget limits the value, or the ratio where ``budget_on`` says so. ``busy_before`` is the
    share of the machine that was busy with something else just before: noise comes from there.
    """

    id: str
    what: str
    value: float
    unit: str
    floor: float | None = None
    floor_is: str = ""
    ratio: float | None = None
    budget: float | None = None
    budget_on: Literal["value", "ratio"] = "value"
    budget_is: Literal["at most", "at least"] = "at most"
    met: bool | None = None
    busy_before: float | None = None
    detail: dict[str, Any] = {}


class BenchReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one run. ``lost`` and ``failed`` have to be empty.

    ``not_measured``: what this machine has no program for.
    """

    format: str
    quick: bool
    took_s: float
    machine: dict[str, Any]
    measurements: tuple[Measurement, ...]
    not_measured: dict[str, str]
    failed: dict[str, str]
    lost: tuple[str, ...]


def measured(
    id: str,  # noqa: A002 - the field's name
    what: str,
    value: float,
    unit: str,
    *,
    floor: float | None = None,
    floor_is: str = "",
    budget: float | None = None,
    budget_on: Literal["value", "ratio"] = "value",
    budget_is: Literal["at most", "at least"] = "at most",
    busy_before: float | None = None,
    detail: dict[str, Any] | None = None,
) -> Measurement:
    """A measurement with its ratio and its verdict worked out."""
    ratio = value / floor if floor else None
    held = value if budget_on == "value" else ratio
    met: bool | None = None
    if budget is not None and held is not None:
        met = held <= budget if budget_is == "at most" else held >= budget
    return Measurement(
        id=id,
        what=what,
        value=rounded(value),
        unit=unit,
        floor=None if floor is None else rounded(floor),
        floor_is=floor_is,
        ratio=None if ratio is None else rounded(ratio),
        budget=budget,
        budget_on=budget_on,
        budget_is=budget_is,
        met=met,
        busy_before=busy_before,
        detail=detail or {},
    )


def rounded(value: float) -> float:
    """Four figures: more would be noise."""
    return float(f"{value:.4g}")


def table(measurements: Sequence[Measurement]) -> str:
    """The measurements for a person at a terminal."""
    rows = [("", "value", "floor", "ratio", "budget", "met")]
    rows += [_row(one) for one in measurements]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _row(one: Measurement) -> tuple[str, str, str, str, str, str]:
    budget = ""
    if one.budget is not None:
        unit = one.unit if one.budget_on == "value" else "of the floor"
        budget = f"{one.budget_is} {one.budget:g} {unit}"
    return (
        one.what,
        f"{one.value:g} {one.unit}",
        "" if one.floor is None else f"{one.floor:g}",
        "" if one.ratio is None else f"{one.ratio:.3g}",
        budget,
        {None: "", True: "yes", False: "NO"}[one.met],
    )


def busy_share() -> float:
    """The share of all cores that is busy now, measured for half a second."""
    before = _cpu_ticks()
    time.sleep(_BUSY_SAMPLE_S)
    after = _cpu_ticks()
    whole = sum(after) - sum(before)
    idle = (after[3] + after[4]) - (before[3] + before[4])
    return round(1 - idle / whole, 2) if whole else 0.0


def wait_until_quiet(patience_s: float, quiet: float = 0.15) -> float:
    """Wait until less than ``quiet`` of the machine is busy, or patience ends; the last share."""
    end = time.monotonic() + patience_s
    share = busy_share()
    while share > quiet and time.monotonic() < end:
        time.sleep(1.0)
        share = busy_share()
    return share


def machine(micropython: str) -> dict[str, Any]:
    """What the numbers depend on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    version = subprocess.run(
        [micropython, "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_mb": memory,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "micropython": version.stdout.strip(),
        "load_average_before": os.getloadavg()[0],
    }


def _cpu_ticks() -> list[int]:
    return [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
