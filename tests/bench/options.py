"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PARTS = ("press", "writer", "board", "restart", "idle", "large")


class Options(NamedTuple):
    """``wait_quiet_s``: how long each part may wait until the machine has nothing else to do."""

    into: Path
    image: Path
    quick: bool
    only: tuple[str, ...]
    wait_quiet_s: float


def parse(arguments: Sequence[str]) -> Options:
    """What is asked for; ends the program with status 2 where that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--into", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--image", type=Path, default=Path("build/seat_image"))
    parser.add_argument("--quick", action="store_true", help="within 90 seconds; less to rely on")
    parser.add_argument("--only", action="append", choices=PARTS, help="may be repeated")
    parser.add_argument("--wait-quiet", type=float, default=0.0, metavar="SECONDS")
    given = parser.parse_args(arguments)
    if not (given.image / "main.py").exists():
        parser.error(f"no firmware image in {given.image}; make it with: make image")
    only = tuple(given.only or PARTS)
    return Options(given.into, given.image, given.quick, only, given.wait_quiet)
