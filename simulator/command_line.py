"""The simulator's command line: what may be asked, and clear words where it cannot be done."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.run import RunOptions
from simulator.scenario import SEATS_MAX, ScenarioError, find, load

IMAGE = Path("build/seat_image")
_PORTS_OF_A_HALL = 3  # pages, virtual hall, seats


class HallOptions(NamedTuple):
    """``port`` is the controller's pages, ``port + 1`` the virtual hall, ``port + 2`` the seats."""

    seats: int
    port: int
    data: Path
    image: Path
    browser: bool


class RunCommand(NamedTuple):
    options: RunOptions
    report: Path | None


def parse(arguments: Sequence[str]) -> HallOptions | RunCommand:
    """What is asked for; ends the program with status 2 and a reason where that is not possible."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A whole council hall on one machine: real firmware, broker and ledger.",
    )
    actions = parser.add_subparsers(dest="action", required=True, title="actions")
    hall = actions.add_parser("hall", help="a hall to look at and to play with; Ctrl-C ends it")
    hall.add_argument("--seats", type=_seats, default=51)
    hall.add_argument("--port", type=_port, default=8080, help="this one and the next two are used")
    hall.add_argument("--data", type=Path, required=True, help="the hall's folder; kept")
    hall.add_argument("--no-browser", action="store_true")
    play = actions.add_parser("run", help="play one scenario and prove its result")
    play.add_argument("scenario", help="a name out of simulator/scenarios, or a file")
    play.add_argument("--seats", type=_seats, help="another number than the scenario's own")
    play.add_argument("--report", type=Path, help="where to write the report (JSON)")
    play.add_argument("--data", type=Path, help="keep the hall in this new folder")
    play.add_argument("--seed", type=int, help="who does what; printed, so that it can be repeated")
    for action in (hall, play):
        action.add_argument("--image", type=Path, default=IMAGE, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if not (given.image / "main.py").exists() and not (given.image / "main.mpy").exists():
        parser.error(f"no firmware image in {given.image}; make it with: make image")
    if given.action == "hall":
        return HallOptions(given.seats, given.port, given.data, given.image, not given.no_browser)
    return _run_command(parser, given)


def _run_command(parser: argparse.ArgumentParser, given: argparse.Namespace) -> RunCommand:
    data: Path | None = given.data
    if data is not None and data.exists() and any(data.iterdir()):
        parser.error(f"{data} is not empty: a scenario begins with a new hall")
    try:
        file = find(given.scenario)
        scenario = load(file)
        seats: int = given.seats or scenario.seats
        scenario.sizes(seats)
    except ScenarioError as error:
        parser.error(str(error))
    seed = secrets.randbelow(1_000_000) if given.seed is None else int(given.seed)
    options = RunOptions(file.stem, scenario, seats, seed, given.image, data)
    return RunCommand(options, given.report)


def _seats(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= SEATS_MAX:
        raise argparse.ArgumentTypeError(f"a hall has 1 to {SEATS_MAX} seats, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= 65_536 - _PORTS_OF_A_HALL:
        raise argparse.ArgumentTypeError(f"a port from 1024 to 65533, not {text!r}")
    return int(text)
