"""Runs the parts one after the other, prints their table and writes the report."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from simulator.board.seat_process import interpreter
from simulator.keeper import die_with_parent
from tests.bench import floors, parts
from tests.bench.measurement import FORMAT, BenchReport, machine, table
from tests.bench.options import Options, parse

Part = Callable[[parts.Bench], Awaitable[None]]
_PARTS: dict[str, Part] = {
    "writer": parts.writer_rate,
    "press": parts.small_hall,
    "large": parts.large_halls,
    "restart": parts.restarts,
}
# these are measured in the hall of another part
_HOSTS = {"board": "press", "idle": "press"}
_FAILURES = (RuntimeError, OSError, ValueError)


async def run(options: Options) -> BenchReport:
    """All parts that were asked for; a part that fails is named and the others go on."""
    begin = time.monotonic()
    about = machine(interpreter())
    failed: dict[str, str] = {}
    tell("the floors")
    with TemporaryDirectory(prefix="dobush-bench-") as folder:
        bench = parts.Bench(options, Path(folder), floors.measure(Path(folder)), tell)
        wanted = {_HOSTS.get(name, name) for name in options.only}
        for name, part in _PARTS.items():
            if name in wanted:
                try:
                    await part(bench)
                except _FAILURES as failure:
                    failed[name] = str(failure)
                    tell(f"{name}: {failure}")
    about["load_average_after"] = os.getloadavg()[0]
    about["floors"] = msgspec.to_builtins(bench.floors)
    return BenchReport(
        format=FORMAT,
        quick=options.quick,
        took_s=round(time.monotonic() - begin, 1),
        machine=about,
        measurements=tuple(bench.measurements),
        not_measured=bench.not_measured,
        failed=failed,
        lost=tuple(bench.lost),
    )


def tell(what: str) -> None:
    """One line of progress."""
    print(f"  {what}", file=sys.stderr, flush=True)


def main() -> int:
    die_with_parent()
    options = parse(sys.argv[1:])
    report = asyncio.run(run(options))
    options.into.parent.mkdir(parents=True, exist_ok=True)
    encoded = msgspec.json.format(msgspec.json.encode(report), indent=2)
    options.into.write_bytes(encoded + b"\n")
    print(table(report.measurements))
    for name, reason in report.not_measured.items():
        print(f"not measured: {name}: {reason}")
    for name, reason in report.failed.items():
        print(f"FAILED: {name}: {reason}")
    for one in report.lost:
        print(f"LOST: {one}")
    print(f"{report.took_s:.0f} s; all of it is in {options.into}")
    return int(bool(report.lost or report.failed))


if __name__ == "__main__":
    sys.exit(main())
