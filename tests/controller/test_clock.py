"""Hall time: it only grows, through restarts, and no wall clock moves it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from controller import clock as module
from controller.clock import HallClock


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, int]:
    """A machine whose clock a test sets; its boot identifier is ``boot.id`` in the folder."""
    now = {"ms": 50_000}
    monkeypatch.setattr(module, "machine_ms", lambda: now["ms"])
    monkeypatch.setattr(module, "_BOOT_ID", tmp_path / "boot.id")
    (tmp_path / "boot.id").write_text("first\n")
    return now


def test_hall_time_starts_at_zero_and_runs_with_the_machine(
    machine: dict[str, int], tmp_path: Path
) -> None:
    clock = HallClock(tmp_path / "clock.json", 0)
    assert clock.now_ms() == 0
    machine["ms"] += 1_234
    assert clock.now_ms() == 1_234


def test_a_restart_of_the_controller_counts_the_time_in_which_it_was_down(
    machine: dict[str, int], tmp_path: Path
) -> None:
    HallClock(tmp_path / "clock.json", 0)
    machine["ms"] += 20_000
    assert HallClock(tmp_path / "clock.json", 5_000).now_ms() == 20_000


def test_a_reboot_of_the_machine_goes_on_from_the_ledgers_last_entry(
    machine: dict[str, int], tmp_path: Path
) -> None:
    HallClock(tmp_path / "clock.json", 0)
    (tmp_path / "boot.id").write_text("second\n")
    machine["ms"] = 3_000
    clock = HallClock(tmp_path / "clock.json", 77_000)
    assert clock.now_ms() == 77_000
    machine["ms"] += 500
    assert clock.now_ms() == 77_500


@pytest.mark.parametrize("content", [b"", b"{", b'{"boot_id":"first"}', b"[1]"])
def test_a_damaged_clock_file_is_as_good_as_none(
    machine: dict[str, int], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "clock.json").write_bytes(content)
    assert HallClock(tmp_path / "clock.json", 9_000).now_ms() == 9_000


def test_a_clock_file_of_another_ledger_never_sets_the_time_back(
    machine: dict[str, int], tmp_path: Path
) -> None:
    HallClock(tmp_path / "clock.json", 0)
    kept = msgspec.json.decode((tmp_path / "clock.json").read_bytes())
    assert kept["boot_id"] == "first"
    assert HallClock(tmp_path / "clock.json", 1_000_000).now_ms() == 1_000_000
