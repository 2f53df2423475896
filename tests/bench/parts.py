"""What is measured, part by part, and against which budget of the architecture."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from controller.seats.counts import RefusalCounts
from controller.seats.intake import Intake
from simulator.board.seat_process import HEAP_BYTES
from simulator.timing import percentile
from tests.bench import board_watch, restart, writer
from tests.bench.floors import PRESS_FLOOR, Floors, verified_per_s
from tests.bench.heartbeats import Heartbeats
from tests.bench.measurement import Measurement, busy_share, measured, wait_until_quiet
from tests.bench.options import Options
from tests.bench.whole_hall import BenchHall, Burst, opened
from tests.controller.seats.seat_signer import SeatSigner

PRESS_P99_MS = 100.0
PRESS_LARGE_P99_MS = 500.0
LARGE = 500
WRITER_SHARE = 0.6
BOARD_P99_MS = 250.0
READY_S = 3.0
READY_ENTRIES = 1_000_000
HEAP_FREE_BYTES = 60 * 1024
CONTROLLER_BYTES = 150e6

_SEATS = 51
_SLOW_S = 8.0  # within one second 500 seats are more than two cores can play
_ROOT = Path(__file__).resolve().parents[2]
_BOARD_GAP_S = 0.2
_HEAP_PATIENCE_S = 20.0  # a seat measures its heap with every sixteenth heartbeat


class Bench:
    """What the parts share: the options, the floors, and everything measured so far."""

    def __init__(
        self, options: Options, folder: Path, floors: Floors, tell: Callable[[str], None]
    ) -> None:
        self.options = options
        self.folder = folder
        self.floors = floors
        self.tell = tell
        self.measurements: list[Measurement] = []
        self.not_measured: dict[str, str] = {}
        self.lost: list[str] = []

    def add(self, one: Measurement) -> None:
        self.measurements.append(one)

    async def quiet(self) -> float:
        """Wait for a quiet machine as long as was allowed; the share that is still busy."""
        if self.options.wait_quiet_s:
            return await asyncio.to_thread(wait_until_quiet, self.options.wait_quiet_s)
        return await asyncio.to_thread(busy_share)


async def writer_rate(bench: Bench) -> None:
    """Events that one core verifies, decides and makes durable."""
    busy = await bench.quiet()
    bench.tell("events verified, decided and made durable")
    rounds = 15 if bench.options.quick else 60
    many, alone = await asyncio.to_thread(writer.measure, bench.folder, rounds)
    floor = await asyncio.to_thread(verified_per_s)
    details = {
        "per_s_of_wall_time": round(many.per_s),
        "one_by_one_per_s_of_cpu": round(alone.per_cpu_s),
        "one_by_one_per_s_of_wall_time": round(alone.per_s),
        "events": many.events,
        "events_in_one_commit": many.group,
    }
    bench.add(
        measured(
            "votes_per_core_second",
            "votes verified and durable, per second of one core",
            many.per_cpu_s,
            "/s",
            floor=floor,
            floor_is="Ed25519 verifications per second of one core",
            budget=WRITER_SHARE,
            budget_on="ratio",
            budget_is="at least",
            busy_before=busy,
            detail=details,
        )
    )


async def small_hall(bench: Bench) -> None:
    """A council of 51: presses, board, heap, memory and rest in one hall."""
    options = bench.options
    async with opened(_SEATS, options.image, bench.tell) as hall:
        with contextlib.closing(Heartbeats(hall.data, "demo", hall.mqtt_port)) as heartbeats:
            began = time.monotonic()
            if "idle" in options.only:
                await _idle(bench, hall, 5.0 if options.quick else 15.0)
            await hall.open_vote()
            if "board" in options.only:
                await _board(bench, hall)
                await hall.close_vote()
                await hall.open_vote()
            if "press" in options.only:
                await _press(bench, hall, 3 if options.quick else 8)
            bench.add(_controller_memory(hall))
            bench.lost += [f"{_SEATS} seats: {one}" for one in await hall.lost()]
            await asyncio.sleep(max(0.0, _HEAP_PATIENCE_S - (time.monotonic() - began)))
            bench.add(_seat_heap(heartbeats))


async def large_halls(bench: Bench) -> None:
    """More seats than a council has, up to the largest hall of the budgets."""
    for seats in (101,) if bench.options.quick else (101, 200, LARGE):
        async with opened(seats, bench.options.image, bench.tell) as hall:
            if seats == 200 and "idle" in bench.options.only:
                await _idle(bench, hall, 10.0)
            await hall.open_vote()
            if seats == LARGE:
                await _press(bench, hall, 2, within_s=_SLOW_S)
            rounds = 1 if seats == LARGE else 2 if bench.options.quick else 3
            await _press(bench, hall, rounds)
            bench.lost += [f"{seats} seats: {one}" for one in await hall.lost()]


async def restarts(bench: Bench) -> None:
    """Ready after a kill, with a long ledger."""
    busy = await bench.quiet()
    quick = bench.options.quick
    bench.tell("a controller with a short ledger, killed and started")
    few = await restart.measure(bench.folder, 400, 2 if quick else 3)
    base_s = statistics.median(few.ready_s)
    for entries in (50_000,) if quick else (100_000, READY_ENTRIES):
        bench.tell(f"a ledger of {entries:,} entries, killed and started")
        many = await restart.measure(bench.folder, entries, 1 if entries == READY_ENTRIES else 3)
        ready_s, floor_s = statistics.median(many.ready_s), many.reading_floor_s
        bench.add(_ready(entries, ready_s, floor_s, base_s, busy, many))
        if quick:
            grown = READY_ENTRIES / entries
            # the fastest starts: what others took from the machine would be multiplied
            all_s = base_s + grown * max(0.0, min(many.ready_s) - min(few.ready_s))
            bench.add(_ready(READY_ENTRIES, all_s, floor_s * grown, base_s, busy, None))


def _ready(
    entries: int,
    ready_s: float,
    floor_s: float,
    base_s: float,
    busy: float,
    seen: restart.Restart | None,
) -> Measurement:
    detail: dict[str, object] = {
        "with_400_entries_s": round(base_s, 3),
        "microseconds_for_each_entry": round(1e6 * (ready_s - base_s) / entries, 2),
        "extrapolated": seen is None,
    }
    if seen is not None:
        detail["starts_s"] = [round(one, 2) for one in seen.ready_s]
        detail["file_mb"] = seen.file_mb
    return measured(
        f"ready_after_kill_{entries}",
        f"ready after a kill, {entries:,} entries" + ("" if seen else " (extrapolated)"),
        ready_s,
        "s",
        floor=floor_s,
        floor_is="SQLite reads the same rows",
        budget=READY_S if entries == READY_ENTRIES else None,
        busy_before=busy,
        detail=detail,
    )


async def _press(bench: Bench, hall: BenchHall, rounds: int, within_s: float = 1.0) -> None:
    seats = len(hall.hall.places)
    busy = await bench.quiet()
    bench.tell(f"{seats} seats press within {within_s:g} s, {rounds} times")
    burst = Burst(within_s)
    await burst.play(hall, rounds, bench.tell)
    budget = {_SEATS: PRESS_P99_MS, LARGE: PRESS_LARGE_P99_MS}.get(seats)
    if within_s > 1.0:
        budget = None
    for percent in (50, 99, 100):
        name = "max" if percent == 100 else f"p{percent}"
        bench.add(
            measured(
                f"press_to_lamp_{seats}_in_{within_s:g}_s_{name}",
                f"press to steady lamp, {seats} seats in {within_s:g} s, {name}",
                burst.percentile(percent),
                "ms",
                floor=bench.floors.press_ms,
                floor_is=PRESS_FLOOR,
                budget=budget if percent == 99 else None,
                busy_before=busy,
                detail=burst.detail() if percent == 99 else None,
            )
        )


async def _board(bench: Bench, hall: BenchHall) -> None:
    if board_watch.chromium() is None:
        bench.not_measured["board in a browser"] = "no chromium on this machine"
        return
    port = hall.hall.controller.port
    feed = board_watch.FeedWatch(port)
    async with board_watch.browser() as browser:
        watch = await board_watch.watching(browser, f"http://127.0.0.1:{port}/board?lang=en")
        busy = await bench.quiet()
        bench.tell("press to board: one seat after the other")
        pressed = await hall.press_one_by_one(_BOARD_GAP_S)
        seen = await watch.seen()
        await feed.close()
        bare_ms = await board_watch.bare_event_ms(browser, feed.snapshot_bytes)
    kinds = {
        "browser": ("press to board in a browser", seen, bare_ms, BOARD_P99_MS),
        "feed": ("press to a program on the live feed", feed.seen, 0.0, None),
    }
    for name, (what, shown, more_ms, budget) in kinds.items():
        waits = board_watch.waits_ms(pressed, shown)
        if len(waits) < len(pressed):
            bench.lost.append(f"{name}: {len(pressed) - len(waits)} presses were never shown")
        also = " + an event from a bare server to a bare page" if more_ms else ""
        detail = {"presses": len(pressed), "snapshot_bytes": feed.snapshot_bytes}
        detail |= {"clock_error_us": round(1000 * watch.clock_error_ms)} if more_ms else {}
        for percent in (50, 99):
            bench.add(
                measured(
                    f"press_to_{name}_p{percent}",
                    f"{what}, p{percent}",
                    percentile(waits, percent),
                    "ms",
                    floor=bench.floors.press_ms + more_ms,
                    floor_is=PRESS_FLOOR + also,
                    budget=budget if percent == 99 else None,
                    busy_before=busy,
                    detail=detail if percent == 99 else None,
                )
            )


async def _idle(bench: Bench, hall: BenchHall, for_s: float) -> None:
    seats = len(hall.hall.places)
    await asyncio.sleep(3.0)  # what the registration left to do
    busy = await bench.quiet()
    bench.tell(f"{seats} seats at rest for {for_s:g} s")
    shares = await hall.idle(for_s)
    hears_ms = await asyncio.to_thread(_hears_heartbeat_ms)
    floors = {
        "seats": seats * bench.floors.seat_heartbeat_ms / 1000,
        "controller": seats * hears_ms / 1000,
    }
    bench.add(
        measured(
            f"idle_{seats}",
            f"a hall of {seats} at rest",
            sum(shares.values()),
            "cores",
            floor=sum(floors.values()),
            floor_is="sealing and opening one heartbeat for each seat and second",
            busy_before=busy,
            detail={name: round(share, 4) for name, share in shares.items()},
        )
    )


def _hears_heartbeat_ms(count: int = 300) -> float:
    """What the controller's intake needs for one heartbeat."""
    seat = SeatSigner("s01")
    counts = RefusalCounts(_Quiet(), lambda: 0)
    intake = Intake("demo", {"s01": seat.keys}, counts)
    heartbeats = [seat.heartbeat() for _ in range(count)]
    begin = time.process_time()
    for number, data in enumerate(heartbeats):
        intake.open_event(seat.alive, data, 1000 * number)
    return 1000 * (time.process_time() - begin) / count


class _Quiet:
    def warning(self, event: str, **fields: object) -> None:
        """Nothing is refused here."""


def _controller_memory(hall: BenchHall) -> Measurement:
    script = (
        "import controller.service; print(open('/proc/self/statm').read().split()[1],"
        " __import__('os').sysconf('SC_PAGE_SIZE'))"
    )
    bare = subprocess.run(
        [sys.executable, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    pages, page_bytes = map(int, bare.stdout.split())
    return measured(
        "controller_memory",
        f"memory of the controller, {_SEATS} seats",
        hall.controller_bytes() / 1e6,
        "MB",
        floor=pages * page_bytes / 1e6,
        floor_is="Python with the same modules loaded and nothing running",
        budget=CONTROLLER_BYTES / 1e6,
    )


def _seat_heap(heartbeats: Heartbeats) -> Measurement:
    # the first values are from the start: only what was measured after a collection counts
    newest = [values[-1] for values in heartbeats.heap_free.values()]
    if not newest:
        raise RuntimeError("no heartbeat was heard")
    return measured(
        "seat_heap_free",
        "free heap of the seat that has least, of 180 KB",
        min(newest) / 1024,
        "KB",
        budget=HEAP_FREE_BYTES / 1024,
        budget_is="at least",
        detail={
            "heap_bytes": HEAP_BYTES,
            "seats": len(newest),
            "median_kb": round(statistics.median(newest) / 1024, 1),
            "least_of_all_heartbeats_kb": round(
                min(min(values) for values in heartbeats.heap_free.values()) / 1024, 1
            ),
        },
    )
