"""What runs inside the kept process group: one scenario or one hall. See ``keeper``."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Coroutine

from simulator import report as reports
from simulator.chair import HallSilent
from simulator.command_line import HallOptions, RunCommand, parse
from simulator.controller_process import ControllerFailed
from simulator.hall_command import run_hall
from simulator.hall_process import HallFailed
from simulator.keeper import die_with_parent
from simulator.run import run

EXIT_VIOLATED = 1
EXIT_NOT_POSSIBLE = 2
_FAILURES = (HallFailed, ControllerFailed, HallSilent, RuntimeError, ValueError, OSError)


def main() -> int:
    die_with_parent()
    command = parse(sys.argv[1:])
    try:
        if isinstance(command, HallOptions):
            return asyncio.run(_until_stopped(run_hall(command)))
        return asyncio.run(_until_stopped(_play(command)))
    except asyncio.CancelledError:
        return 0
    except _FAILURES as failure:
        print(f"simulator: {failure}", file=sys.stderr)
        return EXIT_NOT_POSSIBLE


async def _until_stopped(work: Coroutine[None, None, int]) -> int:
    """Run ``work``; a signal cancels it, so that it closes everything it opened."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task


async def _play(command: RunCommand) -> int:
    print(f"scenario {command.options.name}, {command.options.seats} seats", file=sys.stderr)
    last = [0.0]

    def tell(progress: str) -> None:
        if time.monotonic() - last[0] > 1.0:
            last[0] = time.monotonic()
            print(f"  {progress}", file=sys.stderr)

    report = await run(command.options, tell)
    if command.report is not None:
        reports.write(report, command.report)
    print(reports.summary(report))
    return 0 if report.verdict == "proven" else EXIT_VIOLATED


if __name__ == "__main__":
    sys.exit(main())
