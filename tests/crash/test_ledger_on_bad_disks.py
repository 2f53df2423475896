"""What the ledger acknowledged stays, whatever the disk does: full, failing, cut off in a write."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.core.facts import BallotCast, SeatLost
from controller.ledger import sqlite
from controller.ledger.codec import draft_of
from controller.ledger.port import Draft, Entry, LedgerError, LedgerFailed
from controller.ledger.sqlite import SqliteLedger
from tests.crash.simulated_disk import SimulatedDisk

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PATH = Path("/ledger")
CUTS = int(os.environ.get("DOBUSH_POWER_CUTS", "400"))
_names = itertools.count()


@pytest.fixture
def disk() -> Iterator[SimulatedDisk]:
    simulated = SimulatedDisk(f"disk-{next(_names)}")
    yield simulated
    simulated.unregister()


def open_on(disk: SimulatedDisk) -> SqliteLedger:
    return SqliteLedger.create_or_open(PATH, "hall", "s1", KEY, vfs=disk.name)


def draft(number: int) -> Draft:
    fact = BallotCast("v1", f"d{number}", "s01", "for") if number % 3 else SeatLost(f"s{number}")
    return draft_of(fact, number, 1_700_000_000_000 + number, bytes([number % 256]) * 300)


def end_without_a_write(ledger: SqliteLedger, disk: SimulatedDisk) -> None:
    """The process is gone: its connection, which Python still holds, must not touch the disk."""

    def fail(_number: int, what: str) -> None:
        raise apsw.IOError(what)

    disk.before = fail
    with contextlib.suppress(LedgerError):
        ledger.close()


class Story:
    """A fixed series of batches, checkpoints and reopenings, and what of it was acknowledged."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.acknowledged: list[Entry] = []
        self.signed: list[str] = []
        self.begun: list[int] = []  # sizes at which a batch may end, the last one perhaps unknown

    def play(self) -> None:
        """Raises LedgerError where the disk fails."""
        for length in (1, 3, 270, 40):
            ledger = open_on(self.disk)
            try:
                self.append(ledger, length)
                self.append(ledger, 1)
                self.signed.append(ledger.sign_checkpoint())
                self.append(ledger, 2)
            finally:
                ledger.close()

    def append(self, ledger: SqliteLedger, length: int) -> None:
        first = ledger.size
        self.begun.append(first + length)
        entries = ledger.append([draft(first + index) for index in range(length)])
        del self.acknowledged[first:]
        self.acknowledged.extend(entries)

    def check(self) -> None:
        """Everything acknowledged is there; of the batch that failed, all or nothing."""
        ledger = open_on(self.disk)
        found = list(ledger.entries())
        assert found[: len(self.acknowledged)] == self.acknowledged
        assert len(found) in {0, len(self.acknowledged), *self.begun[-1:]}
        assert set(self.signed) <= set(ledger.checkpoints())
        assert ledger.verify().entries == len(found)
        ledger.close()


@pytest.mark.parametrize("fault", [apsw.IOError, apsw.FullError])
@pytest.mark.parametrize("power_cut", [False, True], ids=["killed", "power cut after"])
def test_each_single_disk_operation_fails_and_no_acknowledged_entry_is_lost(
    fault: type[apsw.Error], power_cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail write, sync, truncation, creation or deletion number 1, 2, 3 ... until none is left."""
    monkeypatch.setattr(sqlite, "WAL_PAGES_MAX", 20)
    monkeypatch.setattr(sqlite, "WAL_PAGES_AT_CHECKPOINT", 5)
    for number in itertools.count(1):
        disk = SimulatedDisk(f"disk-{next(_names)}")

        def fail(at: int, what: str, number: int = number) -> None:
            if at == number:
                raise fault(what)

        disk.before = fail
        story = Story(disk)
        try:
            story.play()
            failed = False
        except LedgerError:
            failed = True
        untouched = disk.operations < number
        disk.before = lambda _number, _what: None
        if power_cut:
            # first a restart that sees the unsynced bytes and tells of them, then the cut
            told = open_on(disk)
            story.acknowledged = list(told.entries())
            end_without_a_write(told, disk)
            disk.cut_power(random.Random(number))  # noqa: S311
        story.check()
        disk.unregister()
        if untouched:
            assert not failed
            break
    assert number > 50, "the story is too short to test anything"


def test_after_a_failed_sync_the_ledger_refuses_everything(disk: SimulatedDisk) -> None:
    ledger = open_on(disk)
    ledger.append([draft(0)])

    def fail(_number: int, what: str) -> None:
        if what.startswith("sync"):
            raise apsw.IOError("no")

    disk.before = fail
    with pytest.raises(LedgerFailed):
        ledger.append([draft(1)])
    disk.before = lambda _number, _what: None
    operations = disk.operations
    for refused in (
        lambda: ledger.append([draft(2)]),
        lambda: list(ledger.entries()),
        ledger.root,
        ledger.sign_checkpoint,
        ledger.checkpoints,
        ledger.verify,
    ):
        with pytest.raises(LedgerFailed):
            refused()
    ledger.close()
    assert disk.operations == operations, "a failed ledger wrote again"


def test_a_full_disk_fails_the_append_and_keeps_what_was_acknowledged() -> None:
    disk = SimulatedDisk(f"disk-{next(_names)}", capacity_bytes=1_000_000)
    ledger = open_on(disk)
    acknowledged: list[Entry] = []
    with pytest.raises(LedgerFailed, match="FullError"):
        while True:
            acknowledged += ledger.append([draft(ledger.size)])
    ledger.close()
    disk.capacity_bytes = None
    again = open_on(disk)
    assert len(acknowledged) > 100
    assert list(again.entries())[: len(acknowledged)] == acknowledged
    again.close()
    disk.unregister()


@pytest.mark.parametrize("seed", range(8))
def test_power_cuts_at_any_operation_lose_no_acknowledged_entry(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file lives through many cuts, also cuts while it recovers from the last one."""
    monkeypatch.setattr(sqlite, "WAL_PAGES_MAX", 60)
    monkeypatch.setattr(sqlite, "WAL_PAGES_AT_CHECKPOINT", 20)
    dice = random.Random(seed)  # noqa: S311
    cuts = 0
    while cuts < CUTS // 8:
        disk = SimulatedDisk(f"disk-{next(_names)}")
        story = Story(disk)
        for _ in range(dice.randrange(1, 12)):
            last = disk.operations + int(dice.expovariate(1 / 40)) + 1

            def fail(at: int, what: str, last: int = last) -> None:
                if at >= last:
                    raise apsw.IOError(what)

            disk.before = fail
            ledger = None
            try:
                ledger = open_on(disk)
                size = ledger.size
                assert size >= len(story.acknowledged)
                story.acknowledged.extend(ledger.entries(len(story.acknowledged)))
                while True:
                    story.append(ledger, dice.choice((1, 1, 2, 7, 60)))
                    if dice.random() < 0.2:
                        story.signed.append(ledger.sign_checkpoint())
            except LedgerError:
                cuts += 1
            if ledger is not None:
                end_without_a_write(ledger, disk)
            disk.cut_power(dice)
            story.check()
        disk.unregister()
