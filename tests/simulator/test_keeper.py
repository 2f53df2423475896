"""Nothing of a simulated hall outlives it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# A stand-in for a hall: a leader with two children, one of which listens to nobody.
HALL = """
import os, signal, subprocess, sys, time
from pathlib import Path
from simulator.keeper import die_with_parent
die_with_parent()
deaf = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"])
tied = __import__("simulator.keeper", fromlist=["x"]).tied_command(["/bin/sleep", "60"])
other = subprocess.Popen(tied)
time.sleep(0.3)
Path(sys.argv[1]).write_text(f"{os.getpid()} {deaf.pid} {other.pid}")
def stop(number, frame):
    sys.exit(7)
signal.signal(signal.SIGTERM, stop)
time.sleep(60)
"""
KEEPER = "import sys; from simulator.keeper import run_kept; sys.exit(run_kept(sys.argv[1:]))"


@pytest.fixture
def hall(tmp_path: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    notes = tmp_path / "pids"
    script = tmp_path / "hall.py"
    script.write_text(HALL)
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(script), str(notes)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    until(lambda: notes.exists() and len(notes.read_text().split()) == 3)
    return keeper, [int(pid) for pid in notes.read_text().split()]


def until(true: object, timeout_s: float = 20.0) -> None:
    assert callable(true)
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether the process ended; one that only waits to be buried has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_reaches_the_hall_and_then_everything_is_gone(
    hall: tuple[subprocess.Popen[bytes], list[int]], number: signal.Signals
) -> None:
    keeper, pids = hall
    keeper.send_signal(number)
    assert keeper.wait(20) == 7  # the hall's own status: it was asked, not killed
    until(lambda: all(gone(pid) for pid in pids))


def test_a_killed_hall_leaves_no_process(
    hall: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    keeper, pids = hall
    os.kill(pids[0], signal.SIGKILL)
    assert keeper.wait(20) == 128 + signal.SIGKILL
    until(lambda: all(gone(pid) for pid in pids))


def test_a_killed_keeper_takes_the_hall_and_what_is_tied_to_it_along(
    hall: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    keeper, (leader, deaf, tied) = hall
    keeper.kill()
    keeper.wait(20)
    until(lambda: gone(leader) and gone(tied))
    os.kill(deaf, signal.SIGKILL)  # only this test's own deaf child would stay
