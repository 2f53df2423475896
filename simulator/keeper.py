"""Keeps a whole simulated hall in one process group, so that nothing of it is left behind.

Ctrl-C at a terminal goes to every process of the foreground group at once: seats and broker would
die before the hall could say goodbye. So the hall runs in a group of its own; this program stays in
front, passes a stop on to the hall alone, and ends what is left of the group when the hall is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_S = 20.0  # a hall that was asked to stop and does not is killed
_PR_SET_PDEATHSIG = 1

# Becomes a program that is told to stop when the process that started it ends for any reason.
_TIED = """\
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, int(sys.argv[2]), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the simulator is gone")
os.execv(sys.argv[3], sys.argv[3:])
"""


def run_kept(arguments: Sequence[str]) -> int:
    """Run this Python with ``arguments`` as the leader of a group; gives its exit status."""
    child = subprocess.Popen([sys.executable, *arguments], process_group=0)
    asked = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if not asked.is_set():
            asked.set()
            killer = threading.Timer(_PATIENCE_S, child.kill)
            killer.daemon = True
            killer.start()
        child.terminate()

    for number in _STOPS:
        signal.signal(number, stop)
    try:
        status = child.wait()
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    return status if status >= 0 else 128 - status


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the process that started this one ends."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the program that keeps this hall is gone")


def tied_command(command: Sequence[str]) -> list[str]:
    """The command that runs ``command`` so that it gets SIGTERM when this process ends."""
    stop = str(int(signal.SIGTERM))
    return [sys.executable, "-c", _TIED, str(os.getpid()), stop, *command]
