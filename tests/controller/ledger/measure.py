"""Times of durable commits and of opening, beside the disk's own floor on the same folder.

python -m tests.controller.ledger.measure 100000 --folder .
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core.facts import BallotCast
from controller.ledger.codec import draft_of, fact_of
from controller.ledger.sqlite import SqliteLedger

REPEATS = 300


def milliseconds(act: Callable[[], object], repeats: int = 1) -> list[float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def spread(times: list[float]) -> str:
    return f"median {times[len(times) // 2]:.2f} ms, p99 {times[int(len(times) * 0.99)]:.2f} ms"


def floor(folder: Path, size: int) -> str:
    """One write of so many bytes and one fdatasync, in a file that is already long enough."""
    descriptor = os.open(folder / "floor", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, bytes(size * REPEATS))
    os.fsync(descriptor)
    offsets = iter(range(0, size * REPEATS, size))

    def act() -> None:
        os.pwrite(descriptor, os.urandom(size), next(offsets))
        os.fdatasync(descriptor)

    times = milliseconds(act, REPEATS)
    os.close(descriptor)
    return spread(times)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", type=int)
    parser.add_argument("--folder", type=Path, default=Path())
    options = parser.parse_args()
    key = Ed25519PrivateKey.generate()
    draft = draft_of(BallotCast("v1", "d1", "s01", "for"), 5, 1_800_000_000_000, bytes(300))
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        path = folder / "ledger.sqlite"
        ledger = SqliteLedger.create_or_open(path, "hall", "s1", key)
        for count in (1, 50, 500):
            append = milliseconds(lambda count=count: ledger.append([draft] * count), REPEATS)
            print(
                f"commit of {count}: {spread(append)}; floor: {floor(folder, 4096 + count * 500)}"
            )
        while ledger.size < options.entries:
            ledger.append([draft] * min(5000, options.entries - ledger.size))
        print(f"checkpoint: {spread(milliseconds(ledger.sign_checkpoint))}")
        ledger.close()
        start = time.perf_counter()
        ledger = SqliteLedger.create_or_open(path, "hall", "s1", key)
        print(f"opening {ledger.size} entries: {(time.perf_counter() - start) * 1000:.1f} ms")
        read = milliseconds(lambda: [None for _ in ledger.entries()])
        print(f"reading and checking all: {read[0]:.0f} ms")
        facts = milliseconds(lambda: [None for entry in ledger.entries() if not fact_of(entry)])
        print(f"reading all as facts: {facts[0]:.0f} ms")
        print(f"verify: {milliseconds(ledger.verify)[0]:.0f} ms")
        ledger.close()


if __name__ == "__main__":
    main()
