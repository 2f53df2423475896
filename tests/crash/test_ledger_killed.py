"""A real process, a real file, a real SIGKILL: what was acknowledged is there afterwards."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.ledger.sqlite import SqliteLedger

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CHILD = Path(__file__).with_name("appending_child.py")
ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("DOBUSH_KILLS", "12"))


def start(path: Path, seed: int, bytes_max: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(path), str(seed), str(bytes_max)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def check(path: Path, size: int, root: str) -> int:
    """The acknowledged entries are there under the acknowledged root; the size found."""
    with SqliteLedger.create_or_open(path, "hall", "s1", KEY) as ledger:
        assert ledger.size >= size
        assert ledger.root_at(size).hex() == root
        ledger.verify()
        return ledger.size


def test_killed_at_any_moment_every_acknowledged_entry_is_present(tmp_path: Path) -> None:
    """The same file is killed again and again; the child that follows recovers it itself."""
    path = tmp_path / "ledger.sqlite"
    dice = random.Random(1)
    acknowledged = 0
    for seed in range(KILLS):
        child = start(path, seed)
        assert child.stdout is not None
        word, size, root = child.stdout.readline().split()
        assert word == "open"
        assert int(size) >= acknowledged
        for _ in range(dice.randrange(60)):
            word, size, root = child.stdout.readline().split()
        child.kill()
        # what it still had said before it died counts as well
        complete = [
            line for line in child.stdout.read().splitlines(keepends=True) if line[-1] == "\n"
        ]
        child.wait()
        child.stdout.close()
        for line in complete:
            word, size, root = line.split()
        acknowledged = int(size)
        if seed % 2:
            acknowledged = check(path, acknowledged, root)
    check(path, acknowledged, root)


def test_the_kernel_refuses_a_write_and_the_process_ends_with_all_it_said(tmp_path: Path) -> None:
    """A real limit on the file's size, in place of a full card."""
    path = tmp_path / "ledger.sqlite"
    child = start(path, seed=7, bytes_max=600_000)
    output, _ = child.communicate()
    lines = [line.split() for line in output.splitlines()]
    assert child.returncode == 3
    assert lines[-1][0] == "failed"
    _, size, root = lines[-2]
    assert int(size) > 50
    check(path, int(size), root)


def test_a_second_process_is_refused_while_the_first_appends(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = start(path, seed=1)
    assert first.stdout is not None
    first.stdout.readline()
    second = subprocess.run(
        [sys.executable, str(CHILD), str(path), "2", "0"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    first.kill()
    first.communicate()
    assert second.returncode == 1
    assert "LedgerBusy: another controller has the ledger open" in second.stderr
    assert second.stdout == ""
