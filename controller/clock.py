"""Where the service reads time: the hall's own monotonic milliseconds, and the wall's.

Hall time starts near zero with the first entry of the ledger and only grows, through every restart
of the controller. Within one run of the operating system it counts the time in which the
controller was down, too: the kernel's boot-time clock and its boot identifier are kept in a small
file. After a reboot hall time goes on from the ledger's last entry: durations never depend on the
wall clock.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class _Origin(msgspec.Struct, frozen=True):
    boot_id: str
    zero_ms: int


class HallClock:
    """Hall milliseconds (monotonic, from 0) and wall milliseconds (Unix time)."""

    def __init__(self, file: Path, last_entry_ms: int) -> None:
        """``file`` remembers the clock's zero; ``last_entry_ms`` is the ledger's newest time."""
        boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"
        origin = _read_origin(file)
        if origin is None or origin.boot_id != boot_id or boot_id == "unknown":
            zero_ms = machine_ms() - last_entry_ms
        else:
            # a file older than the ledger must not set the clock back
            zero_ms = min(origin.zero_ms, machine_ms() - last_entry_ms)
        self._zero_ms = zero_ms
        partial = file.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(_Origin(boot_id, zero_ms)))
        partial.replace(file)

    def now_ms(self) -> int:
        """Hall time."""
        return machine_ms() - self._zero_ms

    @staticmethod
    def wall_ms() -> int:
        """Unix time; recorded beside facts, never used to order or to close."""
        return time.time_ns() // 1_000_000


def machine_ms() -> int:
    """Milliseconds since this machine was switched on: monotonic, and no setting moves it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def _read_origin(file: Path) -> _Origin | None:
    """The remembered zero, or None where none can be read: the ledger then decides."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Origin)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
