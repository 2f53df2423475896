"""Runs the whole soak test and prints what it measured: ``python -m tests.soak``; see README.md."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.soak.brokers import program
from tests.soak.scenarios import (
    BADNESSES,
    FULL,
    SHORT,
    Effort,
    Measured,
    Stage,
    frozen_and_killed,
    half_open_and_cut,
    refused,
)


def main() -> int:
    """Run what was asked for; the exit status says whether every limit was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--broker", choices=("nats", "mosquitto"), action="append")
    parser.add_argument("--reconnects", type=int, help="how many cuts (full: 1000)")
    parser.add_argument("--short", action="store_true", help="the effort of the pytest version")
    parser.add_argument("--only", help="only the scenarios whose name contains this")
    parser.add_argument("--report", type=Path, help="write the measurements as JSON")
    chosen = parser.parse_args()
    effort = SHORT if chosen.short else FULL
    if chosen.reconnects is not None:
        effort = dataclasses.replace(effort, reconnects=chosen.reconnects)
    results: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="dobush-soak-") as folder:
        stage = Stage(Path(folder))
        for kind in chosen.broker or ["nats", "mosquitto"]:
            if program({"nats": "nats-server", "mosquitto": "mosquitto"}[kind]) is None:
                print(f"NOTE: {kind} is not installed: left out", flush=True)
                continue
            for name, run in _scenarios(stage, kind, effort).items():
                if chosen.only is not None and chosen.only not in name:
                    continue
                measured = run()
                results.append(measured)
                print(json.dumps(measured.as_dict()), flush=True)
    if chosen.report is not None:
        chosen.report.write_text(json.dumps([one.as_dict() for one in results], indent=1))
    return int(not results or any(one.faults for one in results))


def _scenarios(stage: Stage, kind: str, effort: Effort) -> dict[str, Callable[[], Measured]]:
    runs: dict[str, Callable[[], Measured]] = {
        f"refused_{bad}": functools.partial(refused, stage, kind, bad, effort) for bad in BADNESSES
    }
    runs["frozen_and_killed"] = functools.partial(frozen_and_killed, stage, kind, effort)
    runs["half_open_and_cut"] = functools.partial(half_open_and_cut, stage, kind, effort)
    return runs


if __name__ == "__main__":
    sys.exit(main())
